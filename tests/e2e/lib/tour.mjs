// Every page in every state worth looking at: for axe and for pictures.
import { visit } from './browser.mjs';
import { attach, attached, download, makeFile, makePdf, makePng, upload } from './files.mjs';
import { post, registerByHttp, request, sendByHttp } from './http.mjs';
import { PASSWORD, button, compose } from './people.mjs';
import { Portal } from './portal.mjs';
import { SmtpServer } from './post_office.mjs';
import { tourPrepare } from './tour_prepare.mjs';
import { tourTexts } from './tour_texts.mjs';
import { askToSign, draw, next, openSigning, signByHttp } from './signing.mjs';
import { waitFor } from './wait.mjs';

const LONG_NAME = 'Dr. Maximiliane-Alexandra Freifrau von Hohenstein-Waldburg zu Königsfelden und Sankt Blasien';
const LONG_ADDRESS = 'a.very.long.local.part.that.hardly.ends.before.the.sign@a-department-with-a-long-name.hospital.example.org';
const LETTER = `Dear Ben,

your results are **here**, and they are good:

- Ferritin: 82 µg/l
- Haemoglobin: 14.1 g/dl

> Please do not take the tablets any longer.

# What comes next

1. Make an appointment for spring.
2. Write to me if anything changes.

\`code\` and a link: <https://example.org/a/rather/long/path/that/has/no/good/place/to/break/at/all/in/the/narrow/column>

Kind regards
Anna`;

async function cookiesOf(portal, cookie) {
  const at = cookie.indexOf('=');
  return [{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: portal.url }];
}

// People and messages: Anna (administrator) with a full Inbox, Ben (guest), Carla (professional, nothing yet), Dora (pending).
async function furnish(portal, office, count) {
  const anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  const join = async (address, grade, name) => {
    await sendByHttp(portal, anna, { to: address, subject: 'Your results', body: LETTER }, { [address]: grade });
    return registerByHttp(portal, await office.link('register', address), name);
  };
  // By another program, whose mails the portal finds when it looks next: with those of the people who join now.
  const added = await portal.command('user', 'add', 'carla@example.com', '--grade', 'professional');
  if (added.code !== 0)
    throw new Error(added.stdout + added.stderr);
  const ben = await join('ben@example.org', 'guest', 'Ben Carter');
  const long = await join(LONG_ADDRESS, 'guest', LONG_NAME);
  const carla = await registerByHttp(portal, await office.link('register', 'carla@example.com'), 'Carla');
  for (let i = 1; i <= count; i++)
    await sendByHttp(portal, i % 7 === 0 ? long : ben,
      { to: 'anna@example.com', subject: i % 9 === 0 ? `Question ${i}: ${'a subject that goes on and on '.repeat(6)}` : `Question ${i} about the appointment`, body: `Text ${i}.` });
  const sent = await sendByHttp(portal, anna, { to: `ben@example.org, ${LONG_ADDRESS}, dora@example.org, refused@example.org`, cc: 'carla@example.com',
    subject: 'Results, and what comes next', body: LETTER }, { 'dora@example.org': 'guest', 'refused@example.org': 'guest' });
  const message = sent.headers.location.split('?')[0];
  for (const [who, words] of [[ben, 'Thank you! I have **one question**: may I swim?'], [long, 'Many thanks.\n\nBest'], [anna, 'You may.']])
    await post(portal, `${message}/reply`, { key: `tour-${words}`, all: 'yes', body: words }, { cookie: who });
  await waitFor('the refused mail to be seen', async () => (await request(portal, message, { cookie: anna })).body.includes('no such person'));
  return { anna, ben, carla, long, message };
}

const LONG_FILE = 'roentgen_thorax_pa_und_seitlich_mit_einem_sehr_langen_namen_ohne_jede_luecke_2026-11-22_final_final_v3_wirklich.dcm';

// Messages with files of every kind: {files, many, hush, recalled}
async function furnishFiles(portal, who) {
  const give = (name, type, bytes) => upload(portal, who.anna, name, type, Buffer.from(bytes));
  const files = {
    pdf: await give('Befund Müller.pdf', 'application/pdf', makePdf(['Dear Ben,', 'second page', 'third page'])),
    image: await give('写真とカルテ.png', 'image/png', makePng(640, 400)),
    text: await give('notes.txt', 'text/plain', `${LETTER}\n\n${'A line that goes on. '.repeat(40)}`),
    audio: await give('صوت المريض.mp3', 'audio/mpeg', 'no sound'),
    other: await give(LONG_FILE, 'application/octet-stream', Buffer.alloc(1_234_567)),
    gone: await give('meant for somebody else.txt', 'text/plain', 'Oh.'),
  };
  const send = async (subject, ids, fields = {}) => (await post(portal, '/compose', [['key', subject], ['to', `ben@example.org, ${LONG_ADDRESS}`], ['subject', subject],
    ['body', LETTER], ...ids.map(id => ['file', id]), ...Object.entries(fields)], { cookie: who.anna })).headers.location.split('?')[0];
  const message = await send('All kinds of files', Object.values(files));
  await request(portal, message, { cookie: who.ben });
  await download(portal, `/files/${files.text}/content?message=${message.split('/').at(-1)}`, who.ben);
  const many = [];
  for (let i = 1; i <= 100; i++)
    many.push(await give(`Aufnahme ${i}.jpg`, 'image/jpeg', `picture ${i}`));
  return { files, message, many: await send('A hundred files', many), hush: await send('Hush', [files.pdf, files.text], { confidential: 'yes' }) };
}

const CONTRACT = 'Behandlungsvertrag_mit_einem_sehr_langen_namen_ohne_jede_luecke_2026-11-22_final_final_v3.pdf';

// Documents to sign: in every state, on every page.
async function tourSigning(portal, who, { anna, ben, go }) {
  const to = `ben@example.org, ${LONG_ADDRESS}`;
  const fields = ['ben@example.org', LONG_ADDRESS].flatMap((address, at) => [
    [`i${at}`, 'initials', address, 0, 1, 440, 100 + 60 * at, 50, 24], [`t${at}`, 'text', address, 0, 1, 72, 300 + 60 * at, 300, 20, false, 'Which medicines do you take at present, and since when?'],
    [`c${at}`, 'check', address, 0, 1, 72, 430 + 60 * at, 12, 12, true, 'I have read the notes on data protection'], [`d${at}`, 'date', address, 0, 2, 72 + 250 * at, 600, 120, 20],
    [`s${at}`, 'signature', address, 0, 2, 72 + 250 * at, 640, 200, 50]]);
  const documents = [{ name: CONTRACT, bytes: makePdf(['Treatment contract', 'Signatures']) }, { name: 'Annex.pdf', bytes: makePdf(['Annex']) }];
  const ask = (subject, more = {}) => askToSign(portal, who.anna, { to, subject, body: LETTER, documents, fields, ...more });
  const values = (at) => ({ [`i${at}`]: 'BC', [`c${at}`]: 'on', [`s${at}`]: at ? LONG_NAME : 'Ben Carter' });
  const open = await ask('A contract to sign', { signing_deadline: new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10), signing_order: 'sequence' });
  await go('message-to-sign', ben, open, (page) => page.locator('.signing .fingerprint > summary').first().click());
  await go('message-to-sign-mine', anna, open, (page) => page.locator('.signing-history > summary').click());
  await go('sign-decline', ben, `${open}/sign/decline`);
  await go('sign-cancel', anna, `${open}/signing/cancel`);
  await go('sign-start', ben, `${open}/sign`, (page) => openSigning(page, open));
  const toSignature = async (page) => {
    await openSigning(page, open);
    await next(page);
    await next(page);
    await next(page);
    await page.locator('.is-current input[type=checkbox]').check();
    await next(page);
  };
  await go('sign-check', ben, `${open}/sign`, async (page) => {
    await openSigning(page, open);
    for (let i = 0; i < 3; i++)
      await next(page);
  });
  await go('sign-missing', ben, `${open}/sign`, async (page) => {
    await toSignature(page);
    await next(page);
  });
  await go('sign-draw', ben, `${open}/sign`, async (page) => {
    await toSignature(page);
    await draw(page);
  });
  await go('sign-last', ben, `${open}/sign`, async (page) => {
    await toSignature(page);
    await draw(page);
    await next(page);
  });
  const strict = await ask('With the password once more', { signing_password: 'on' });
  await go('sign-mistakes', ben, `${strict}/sign`, async (page) => {
    await openSigning(page, strict);
    await page.locator('form[data-walk]').evaluate((form) => form.requestSubmit === undefined || HTMLFormElement.prototype.submit.call(form));
    await page.getByRole('alert').first().waitFor();
    await page.locator('.pdf-text span').first().waitFor();
  });
  const late = await ask('Too late');
  await go('sign-over', ben, `${late}/sign`, async (page) => {
    await openSigning(page, late);
    await page.locator('[name="fields.t0"]').evaluate((area) => { area.value = 'Ibuprofen, since Monday.'; });
    await post(portal, `${late}/signing/cancel`, { reason: 'The wrong contract.' }, { cookie: who.anna });
    await page.locator('form[data-walk]').evaluate((form) => HTMLFormElement.prototype.submit.call(form));
    await page.getByRole('heading', { name: 'This cannot be signed any more' }).waitFor();
  });
  await go('message-sign-cancelled', ben, late);
  const no = await ask('Declined');
  await post(portal, `${no}/sign/decline`, { reason: 'Paragraph 7 is not what we had agreed on.' }, { cookie: who.long });
  await go('message-sign-declined', ben, no);
  const whole = await ask('Signed by all');
  await signByHttp(portal, who.ben, whole, values(0), { save: 'yes' });
  await signByHttp(portal, who.long, whole, values(1));
  await go('message-signed', ben, whole, (page) => page.locator('.signing-history > summary').click());
  await go('sign-saved', ben, `${open}/sign`, async (page) => {
    await openSigning(page, open);
    await next(page);
  });
  await go('signatures', ben, '/signatures');
  await go('signatures-mine', anna, '/signatures');
  await go('own-signature', ben, '/settings/signature', async (page) => {
    await button(page, 'Keep these initials').click();
    await page.getByRole('alert').waitFor();
  });
}

// A tour of two portals, managed and strict. stops: [{name, page, trouble}] are handed to `look` one by one.
export async function tour(browser, look, { count = 12 } = {}) {
  const office = await SmtpServer.start('refuse');
  const portal = await Portal.start({ mail: office.url });
  const strict = await Portal.start({ custody: 'strict', name: 'Kanzlei Dr. Überlingen, Vögel & Partner Rechtsanwälte mbB' });
  const contexts = [];
  const open = async (at, cookie) => {
    const visitor = await visit(browser, at);
    if (cookie)
      await visitor.context.addCookies(await cookiesOf(at, cookie));
    contexts.push(visitor.context);
    return visitor;
  };
  try {
    const who = await furnish(portal, office, count);
    const nobody = await open(portal);
    const anna = await open(portal, who.anna);
    const ben = await open(portal, who.ben);
    const carla = await open(portal, who.carla);
    const stranger = await open(strict);
    const go = async (name, visitor, path, act) => {
      await visitor.page.goto(path);
      await act?.(visitor.page);
      await look({ name, ...visitor });
    };
    const submit = (fields, name) => async (page) => {
      for (const [label, value] of Object.entries(fields))
        await page.getByLabel(label, { exact: true }).fill(value);
      await button(page, name).click();
    };
    await go('sign-in', nobody, '/sign-in');
    await go('sign-in-refused', nobody, '/sign-in', async (page) => {
      await submit({ 'E-mail address': 'ben@example.org', Password: 'a wrong password' }, 'Sign in')(page);
      await page.getByRole('alert').waitFor();
    });
    await go('learn', nobody, '/learn');
    await go('learn-found', nobody, '/learn?q=sign+document');
    await go('learn-nothing', anna, '/learn?q=zebra');
    await go('learn-policy', anna, '/learn/pro-and-guest');
    await go('learn-pictures', ben, '/learn/send');
    await go('learn-commands', nobody, '/learn/go-live');
    await go('learn-admin', anna, '/learn/overview');
    await go('learn-many', ben, '/learn?q=e');
    const personOf = async (name) => {
      await anna.page.goto('/admin/users');
      return anna.page.getByRole('link', { name, exact: true }).getAttribute('href');
    };
    await go('admin-users', anna, '/admin/users');
    await go('admin-users-none', anna, '/admin/users?q=nobody+at+all');
    await go('admin-users-outcome', anna, '/admin/users', async (page) => {
      await page.locator('.users-table tbody').getByRole('checkbox').first().check();
      await page.getByLabel('Select all on this page').check();
      await button(page, 'Send invitation again').click();
      await page.getByRole('alert').waitFor();
    });
    await go('admin-user', anna, await personOf(LONG_NAME));
    await go('admin-user-invited', anna, await personOf('dora@example.org'));
    await go('admin-user-self', anna, await personOf('Anna Berg'), async (page) => {
      await page.getByLabel('Member', { exact: true }).check();
      await button(page, 'Save').click();
      await page.getByRole('alert').waitFor();
    });
    await go('admin-user-erase', anna, `${await personOf(LONG_NAME)}/erase`, async (page) => {
      await submit({ 'Their e-mail address': 'somebody@example.org', 'Your own password': PASSWORD }, 'Erase for ever')(page);
      await page.getByRole('alert').waitFor();
    });
    await go('admin-user-address', anna, `${await personOf(LONG_NAME)}/address`, async (page) => {
      for (const [address, choice] of [[`new.${LONG_ADDRESS}`, /no longer theirs/], ['ben@alias.example.org', 'A further address']]) {
        await page.getByLabel(choice).check();
        await submit({ 'New address': address }, 'Mail the link')(page);
        await page.getByText('Nothing changes until it is confirmed there.').waitFor();
      }
    });
    await go('admin-user-new', anna, '/admin/users/new', async (page) => {
      await page.getByLabel('Their e-mail address', { exact: true }).evaluate((field) => { field.type = 'text'; });
      await submit({ 'Their e-mail address': 'anna' }, 'Add and invite')(page);
      await page.getByRole('alert').waitFor();
    });
    await go('help', nobody, '/help-signing-in');
    await go('help-sent', nobody, '/help-signing-in', async (page) => {
      await submit({ 'E-mail address': 'ben@example.org' }, 'Send me the link')(page);
      await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    });
    await go('reset', nobody, await office.link('reset', 'ben@example.org'));
    await go('link-unknown', nobody, '/register/nonsense');
    await go('link-used', nobody, await office.link('register', 'ben@example.org'));
    const invitation = await office.link('register', 'dora@example.org');
    await go('register', nobody, invitation);
    await go('register-mistakes', nobody, invitation, async (page) => {
      await submit({ 'Your name': LONG_NAME, 'Choose a password': 'short' }, /^Register/)(page);
      await page.getByRole('alert').waitFor();
    });
    await go('welcome-message', nobody, invitation, async (page) => {
      await submit({ 'Your name': 'Dora Engel', 'Choose a password': PASSWORD }, /^Register/)(page);
      await page.getByLabel('Recovery code', { exact: true }).waitFor();
    });
    await nobody.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await nobody.page.getByText('Your recovery code is shown only now.').waitFor();
    await look({ name: 'welcome-scrolled', ...nobody });
    await go('register-strict', stranger, strict.link);
    await go('welcome-empty-strict', stranger, strict.link, async (page) => {
      await submit({ 'Your name': 'Ulrike', 'Choose a password': PASSWORD }, /^Register/)(page);
      await page.getByLabel('Recovery code', { exact: true }).waitFor();
    });
    await go('inbox-full', anna, '/inbox');
    await go('sent', anna, '/sent');
    await go('inbox-guest', ben, '/inbox');
    const tickFirst = (page) => page.getByRole('checkbox', { name: /^Select/ }).first().check();
    await go('inbox-ticked', anna, '/inbox', tickFirst);
    await go('archive-empty', ben, '/archive');
    await go('trash-empty', ben, '/trash');
    await go('inbox-undo', anna, '/inbox', async (page) => {
      await tickFirst(page);
      await button(page, 'Delete').click();
      await page.getByText('Moved to Trash.').waitFor();
    });
    await go('trash', anna, '/trash');
    await go('message-trash', anna, '/trash', async (page) => {
      await page.locator('.row-link').first().click();
      await page.getByText('Delete for ever', { exact: true }).click();
    });
    await go('archive', anna, '/inbox', async (page) => {
      await tickFirst(page);
      await button(page, 'Archive').click();
      await page.goto('/archive');
    });
    await go('shortcuts', anna, '/inbox', async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    });
    await go('search-empty', anna, '/search');
    await go('search-found', anna, '/search?q=appointment+from%3Aben');
    await go('search-long', anna, `/search?q=${encodeURIComponent('goes on')}`);
    await go('search-nothing', anna, '/search?q=form%3Aanna+zebra');
    await go('search-too-long', anna, `/search?q=${'x'.repeat(2100)}`);
    await go('labels-empty', anna, '/labels');
    await go('labels-mistake', anna, '/labels', async (page) => {
      await submit({ 'New label': 'a name that is far too long to be one of a label '.repeat(3) }, 'Make it')(page);
      await page.getByRole('alert').waitFor();
    });
    for (const name of ['Board', 'Taxes 2026', 'Ärztekammer, Schriftwechsel und alles Übrige'])
      await post(portal, '/labels', { name }, { cookie: who.anna });
    await go('labels', anna, '/labels', async (page) => {
      await page.getByText('Rename', { exact: true }).first().click();
    });
    await go('inbox-label-choice', anna, '/inbox', async (page) => {
      await tickFirst(page);
      await page.locator('.bar-labels > summary').click();
    });
    await go('inbox-labelled', anna, '/inbox', async (page) => {
      await tickFirst(page);
      await page.locator('.bar-labels > summary').click();
      await button(page, 'Put on').click();
      await page.getByText('The label was put on.').waitFor();
    });
    await go('label', anna, '/labels', async (page) => {
      await page.locator('.label-row .row-link').last().click();
    });
    await go('message-labels', anna, '/inbox', async (page) => {
      await page.locator('.row-link').first().click();
      await page.locator('.label-edit > summary').click();
    });
    await go('sent-empty', carla, '/sent');
    await go('message-sent-by-me', anna, who.message);
    await go('message-guest', ben, who.message);
    await go('message-people', ben, who.message, async (page) => {
      for (const line of await page.locator('details.audience > summary:visible').all())
        await line.click();
    });
    await go('message-reply-mistake', ben, who.message, async (page) => {
      await page.getByLabel('Your answer', { exact: true }).evaluate((area) => { area.required = false; });
      await button(page, 'Send answer').click();
      await page.getByRole('alert').waitFor();
    });
    const recalled = (await sendByHttp(portal, who.anna, { to: `ben@example.org, ${LONG_ADDRESS}`, subject: 'A file for somebody else', body: LETTER }))
      .headers.location.split('?')[0];
    await go('message-tracked', ben, recalled, (page) => page.getByText('What the sender can see about you').click());
    await go('recall', anna, `${recalled}/recall`);
    await go('recall-mistake', anna, `${recalled}/recall`, async (page) => {
      await page.getByRole('radio', { name: 'Only these people:' }).check();
      await button(page, 'Recall the message').click();
      await page.getByRole('alert').waitFor();
    });
    await go('message-recalled-by-me', anna, `${recalled}/recall`, async (page) => {
      await page.getByLabel('Reason', { exact: true }).fill('This was meant for somebody else.\nPlease excuse me!');
      await button(page, 'Recall the message').click();
      await page.getByText('The message is recalled').waitFor();
    });
    await go('message-recalled', ben, recalled);
    await go('inbox-recalled', ben, '/inbox');
    await go('compose', anna, '/compose');
    await go('compose-guest', ben, '/compose');
    await go('compose-invites', anna, '/compose', async (page) => {
      await compose(page, { to: `ben@example.org, new.person@example.net, ${LONG_ADDRESS}`, cc: `second.${LONG_ADDRESS.slice(7)}`, subject: 'Hello', body: LETTER });
      await page.getByRole('heading', { name: '2 people will be invited' }).waitFor();
    });
    await go('compose-mistakes', ben, '/compose', async (page) => {
      await compose(page, { to: 'nobody, someone@example.net', subject: '', body: '' });
      await page.getByLabel('Subject', { exact: true }).evaluate((input) => { input.required = false; });
      await button(page, 'Send').click();
      await page.getByRole('alert').waitFor();
    });
    const strictly = await sendByHttp(portal, who.anna, { to: `ben@example.org, ${LONG_ADDRESS}`, subject: 'Not to be handed on', body: LETTER, no_forward: 'yes',
      no_reply_all: 'yes', expires_at: '2030-12-31' });
    await go('message-options', ben, strictly.headers.location);
    const silent = await sendByHttp(portal, who.anna, { to: 'ben@example.org', subject: 'For your information', body: LETTER, no_reply: 'yes' });
    await go('message-no-reply', ben, silent.headers.location);
    const hush = await sendByHttp(portal, who.anna, { to: 'ben@example.org', subject: 'Confidential', body: LETTER, confidential: 'yes' });
    await go('message-confidential', ben, hush.headers.location);
    const forward = await sendByHttp(portal, who.anna, { to: 'ben@example.org', subject: 'Fwd: Results, and what comes next', body: 'As you asked.',
      forward_of: who.message.split('/').at(-1) });
    await go('message-forward', ben, forward.headers.location);
    await go('compose-forward', anna, `/compose?forward=${who.message.split('/').at(-1)}`, (page) => page.getByText('Options', { exact: true }).click());
    await go('compose-forward-refused', ben, `/compose?forward=${strictly.headers.location.split('?')[0].split('/').at(-1)}`);
    await go('drafts-empty', anna, '/drafts');
    const keep = (at, fields) => post(portal, '/drafts/save', { key: `tour-draft-${at}`, draft: `01KDVDNA00GTSSYSV7Y2WS2NV${at}`, version: 0, ...fields },
      { cookie: who.anna });
    await keep(1, { to: `${LONG_ADDRESS}, ben@example.org`, subject: 'a subject that goes on and on '.repeat(8), body: LETTER });
    await keep(2, { body: 'To nobody yet.' });
    await go('drafts', anna, '/drafts');
    await go('compose-draft-changed', anna, '/compose?draft=01KDVDNA00GTSSYSV7Y2WS2NV2', async (page) => {
      await keep(2, { body: 'Elsewhere.', key: 'tour-draft-elsewhere', version: 1 });
      await page.getByLabel('Message', { exact: true }).fill('Here.');
      await page.getByRole('link', { name: 'Open the other one' }).waitFor();
    });
    await go('library-empty', carla, '/files');
    const { files, message: withFiles, many, hush: hushFiles } = await furnishFiles(portal, who);
    await go('message-files', ben, withFiles, (page) => page.locator('.sent-files').getByText('Fingerprint').first().click());
    await go('message-files-mine', anna, withFiles);
    await go('message-files-many', ben, many);
    await go('file-recall', anna, `${withFiles}/files/${files.gone}/recall`);
    await go('message-file-recalled-by-me', anna, `${withFiles}/files/${files.gone}/recall`, async (page) => {
      await button(page, 'Recall the file').click();
      await page.getByText('The file is recalled', { exact: false }).waitFor();
    });
    await go('message-file-recalled', ben, withFiles);
    await go('file-gone', ben, `/files/${files.gone}`);
    await go('message-files-confidential', ben, hushFiles, async (page) => {
      await page.getByLabel('Your password').fill(PASSWORD);
      await button(page, 'Open').click();
      await page.locator('.sent-files').waitFor();
    });
    await go('file-open', ben, `${hushFiles}/files/open?file=${files.pdf}`, async (page) => {
      await page.getByLabel('Your password', { exact: true }).fill('wrong');
      await button(page, 'Download').click();
      await page.getByRole('alert').waitFor();
    });
    const byMessage = (id) => `/files/${id}?message=${withFiles.split('/').at(-1)}`;
    await go('file-pdf', ben, byMessage(files.pdf), (page) => page.locator('.pdf-text span').first().waitFor());
    await go('file-image', ben, byMessage(files.image));
    await go('file-text', ben, byMessage(files.text));
    await go('file-audio', ben, byMessage(files.audio));
    await go('file-other', anna, `/files/${files.other}`, async (page) => {
      await page.getByText('Fingerprint').click();
      await page.getByText('Remove from my files').click();
    });
    await go('library', anna, '/files?q=mü');
    await go('library-full', anna, '/files', (page) => page.getByRole('checkbox').first().check());
    await go('library-none', anna, '/files?q=zebra');
    await go('inbox-files', ben, '/inbox');
    await go('compose-files', anna, `/compose?file=${files.pdf}&file=${files.other}`, async (page) => {
      await attach(page, makeFile('new.txt', 'new'));
      await attached(page, 'new.txt');
      await page.locator('[data-banned]').evaluate((area) => { area.dataset.banned = 'exe'; });
      await attach(page, makeFile('setup.exe', 'MZ'));
      await page.route('/files', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
      await attach(page, makeFile('on its way.zip', 3_000_000));
      await page.getByText('The connection is gone.', { exact: false }).waitFor();
      anna.trouble.length = 0;
    });
    await anna.page.unroute('/files');
    anna.trouble.length = 0; // the line was cut
    await go('compose-library', anna, '/compose', async (page) => {
      await button(page, 'From your library').click();
      await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
    });
    await post(portal, '/drafts/save', [['key', 'tour-files'], ['draft', '01KDVDNA00GTSSYSV7Y2WS2NV9'], ['subject', 'With files'], ['file', files.pdf], ['file', files.other]],
      { cookie: who.anna });
    await go('draft-files', anna, '/drafts/01KDVDNA00GTSSYSV7Y2WS2NV9/files');
    await tourPrepare(go, anna, { portal, cookie: who.anna, longAddress: LONG_ADDRESS });
    await go('signatures-empty', carla, '/signatures');
    await tourSigning(portal, who, { anna, ben, go });
    await go('people-empty', stranger, '/people');
    await go('people', anna, '/people');
    await go('person', anna, '/people?q=ben', async (page) => {
      await page.getByRole('link', { name: /Ben Carter/ }).click();
      await page.getByText('Block this person').click();
    });
    await go('person-guest', ben, '/people', (page) => page.getByRole('link', { name: /Anna Berg/ }).click());
    await go('group-mistakes', anna, '/people/groups/new', async (page) => {
      await page.getByLabel('Name of the group').fill('a@b');
      await page.getByRole('combobox', { name: 'Members' }).fill(`nobody, ${LONG_ADDRESS}`);
      await button(page, 'Save group').click();
      await page.getByRole('alert').waitFor();
    });
    await post(portal, '/people/groups', { name: 'Board of the clinic with all heads of its many departments', members: `ben@example.org, ${LONG_ADDRESS}` },
      { cookie: who.anna });
    await post(portal, '/people/groups', { name: 'Board', members: 'ben@example.org' }, { cookie: who.anna });
    await go('people-blocked', anna, '/people?q=dr', async (page) => {
      await page.getByRole('link', { name: /Maximiliane/ }).click();
      await page.getByText('Block this person').click();
      await button(page, /^Block Dr/).click();
      await page.goto('/people');
    });
    await go('people-search-none', anna, '/people?q=zzz');
    await go('compose-group', anna, '/compose', async (page) => {
      await page.getByRole('combobox', { name: 'To' }).pressSequentially('boar');
      await page.getByRole('option', { name: /Board/ }).first().waitFor();
    });
    await go('group', anna, '/people', async (page) => {
      await page.locator('a[href^="/people/groups/0"]').first().click();
      await page.getByText('Delete this group').click();
    });
    await go('settings', carla, '/settings');
    await go('settings-mistakes', carla, '/settings', async (page) => {
      await page.getByLabel('First day').fill('2099-12-31');
      await page.getByLabel('Last day').fill('2099-12-24');
      await page.getByLabel('Answer', { exact: true }).fill('I am in the mountains. '.repeat(40));
      await button(page, 'Save settings').click();
      await page.getByRole('alert').waitFor();
    });
    await go('admin-audit', anna, '/admin/audit');
    await go('admin-audit-none', anna, '/admin/audit?q=nothing+like+this');
    await go('admin-audit-mistake', anna, '/admin/audit?person=nobody%40example.org&from=2026-02-02&to=2026-02-01');
    await go('rules-empty', anna, '/admin/rules');
    for (const [pattern, effect, grade] of [['example.org', 'allowed', 'guest'], ['.a-department-with-a-long-name.hospital.example.org', 'allowed', ''],
      [LONG_ADDRESS, 'refused', ''], ['example.com', 'allowed', 'professional']])
      await post(portal, '/admin/rules', { pattern, effect, grade }, { cookie: who.anna });
    await go('rules', anna, `/admin/rules?address=${encodeURIComponent(LONG_ADDRESS)}`, (page) => page.getByText('Change', { exact: true }).first().click());
    await go('rules-mistake', anna, '/admin/rules', async (page) => {
      await page.getByLabel('Address or domain').fill('not a domain');
      await button(page, 'Add the rule').click();
      await page.getByRole('alert').waitFor();
    });
    await go('seats', anna, '/admin/seats', (page) => page.getByText('Every day as a table').click());
    await go('seats-mistake', anna, '/admin/seats?from=2020-02-01&to=2020-01-01');
    await go('import', anna, '/admin/users/import');
    await go('import-fates', anna, '/admin/users/import', async (page) => {
      await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv',
        buffer: Buffer.from(`address,grade\nnew@example.net,guest\n${LONG_ADDRESS},professional\nnonsense,\n`) });
      await button(page, 'Look at it').click();
      await page.getByRole('heading', { name: 'What would happen' }).waitFor();
    });
    await go('overview', anna, '/admin', (page) => page.locator('.plot summary').first().click());
    await go('overview-denied', ben, '/admin');
    await tourTexts(go, anna, { portal, cookie: who.anna });
    await go('admin-settings', anna, '/admin/settings');
    await go('admin-settings-mistakes', anna, '/admin/settings', async (page) => {
      await page.getByLabel('Largest file').fill('as much as fits');
      await button(page, 'Save settings').click();
      await page.getByRole('alert').waitFor();
    });
    await go('admin-branding', anna, '/admin/branding');
    await go('account', anna, '/account');
    await go('export', ben, '/export');
    await go('account-strict', stranger, '/account');
    await go('account-address', ben, '/account/address', async (page) => {
      await submit({ 'New address': 'ben@alias.example.org', 'Your password': 'not my password' }, 'Mail the link')(page);
      await page.getByRole('alert').waitFor();
    });
    await post(portal, '/account/address', { address: 'ben@new.example.org', as: 'alias', current: PASSWORD }, { cookie: who.ben });
    const addressLink = await office.link('address', 'ben@new.example.org');
    await go('address-link', nobody, addressLink);
    await go('account-mistake', ben, '/account', async (page) => {
      await submit({ 'Current password': 'wrong', 'New password': 'short' }, 'Change password')(page);
      await page.getByRole('alert').waitFor();
    });
    await go('recovery-code', anna, '/account', async (page) => {
      await submit({ 'Your password': PASSWORD }, 'Make a new code')(page);
      await page.getByRole('heading', { name: 'Your new recovery code' }).waitFor();
    });
    await go('not-found', anna, '/nothing-here');
    await go('not-found-visitor', nobody, '/message/01ARZ3NDEKTSV4RRFFQ69G5FAV');
  } finally {
    for (const context of contexts)
      await context.close();
    await portal.stop();
    await strict.stop();
    await office.stop();
  }
}

// Signing: a professional asks two guests, one on a phone and one at the keyboard; and everything that can come between.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { download, makePdf, sha256 } from './lib/files.mjs';
import { cookieOf, post, request } from './lib/http.mjs';
import { PASSWORD, button, register } from './lib/people.mjs';
import { STORES } from './lib/portal.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';
import { askToSign, currentStep, draw, look, next, openSigning, pagesShown, readMessage, signByHttp, signaturesOf } from './lib/signing.mjs';
import { waitFor } from './lib/wait.mjs';

const BEN = 'ben@example.org';
const CLEO = 'cleo@example.org';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const PAGES = makePdf(['Treatment contract', 'Second page', 'Third page']);

let portal;
const scene = sceneOfFile({ store: STORES.at(-1), people: { ben: [BEN, 'Ben Carter'] } }, () => ({ portal } = scene));
const { as, cookies } = scene;

const path = (message) => message.split('#')[0];
const documentOf = (message, cookie, at = 0) => download(portal, `${message}/documents/${at}`, cookie);
const title = (page) => page.locator('.signing-title').first();

// The spot of the field in hand is in sight, and nothing lies over it.
async function assertSpotIsSeen(page) {
  await waitFor('the field to be in sight', () => page.evaluate(() => {
    const spot = document.querySelector('.sign-spot.is-current');
    if (!spot) return false;
    const { left, top, width, height } = spot.getBoundingClientRect();
    return spot.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  }));
}

describe('two guests sign a contract', () => {
  let message;
  let cleo;

  test('asking them; the new one is invited', async () => {
    message = await askToSign(portal, cookies.anna, {
      to: `${BEN}, ${CLEO}`, subject: 'Treatment contract',
      documents: [{ name: 'Contract.pdf', bytes: PAGES }],
      fields: [
        ['i1', 'initials', BEN, 0, 1, 500, 720, 60, 30],
        ['t1', 'text', BEN, 0, 2, 72, 300, 300, 20, false, 'Allergies'],
        ['c1', 'check', BEN, 0, 2, 72, 400, 14, 14, true, 'I have read the notes'],
        ['s1', 'signature', BEN, 0, 3, 72, 640, 200, 50],
        ['n1', 'name', BEN, 0, 3, 72, 700, 200, 20],
        ['d1', 'date', BEN, 0, 3, 300, 700, 120, 20],
        ['s2', 'signature', CLEO, 0, 3, 330, 560, 200, 50],
        ['n2', 'name', CLEO, 0, 3, 330, 620, 200, 20],
      ],
    }, { [CLEO]: 'guest' });
    const anna = await as(cookies.anna);
    await anna.page.goto(message);
    assert.equal(await title(anna.page).innerText(), 'Waiting for signatures');
    assert.ok(await anna.page.getByText('0 of 2 have signed.', { exact: false }).isVisible());
    assert.ok(await button(anna.page, 'Remind them').isVisible());
    assert.equal(await anna.page.getByRole('link', { name: 'Review and sign' }).count(), 0);
    await done(anna);
  });

  test('the first signs on a phone: draws with a finger, in the order of the pages', async () => {
    const ben = await as(cookies.ben, PHONE);
    const { page } = ben;
    await page.goto('/inbox');
    await page.getByRole('link', { name: /^Sign\b.*one waits for you/ }).click();
    await page.getByRole('link', { name: /Treatment contract/ }).click();
    await pagesShown(page);
    assert.ok(await page.getByText('5 fields are to be filled in', { exact: false }).isVisible());
    await next(page);
    assert.ok(await page.getByText('1 of 5', { exact: true }).isVisible());
    await assertSpotIsSeen(page);
    await page.getByLabel('Type your initials').fill('BC');
    await next(page);
    await page.getByText('2 of 5', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Allergies' }).fill('none – keine – なし');
    await next(page);
    await page.getByText('3 of 5', { exact: true }).waitFor();
    await next(page);
    await currentStep(page).getByText('Please fill this in before you go on.').waitFor();
    assert.ok(await page.getByText('3 of 5', { exact: true }).isVisible(), 'what is required is not passed over');
    await page.getByRole('checkbox', { name: 'I have read the notes' }).check();
    await next(page);
    await assertSpotIsSeen(page);
    await draw(page, { byTouch: true });
    await next(page);
    assert.equal(await page.getByRole('textbox', { name: 'Your name' }).inputValue(), 'Ben Carter');
    await next(page);
    assert.ok(await page.getByText('Everything is filled in.', { exact: false }).isVisible());
    await button(page, 'Sign now').click();
    assert.equal(new URL(page.url()).pathname, `${path(message)}/sign`, 'not without agreeing');
    await page.getByLabel(/agree to sign it electronically/).check();
    await page.getByLabel('Keep this signature for next time').check();
    await button(page, 'Sign now').click();
    await page.getByText('You have signed. Thank you!').waitFor();
    assert.equal(await title(page).innerText(), 'You have signed');
    assert.equal(await page.getByRole('link', { name: 'Review and sign' }).count(), 0);
    await done(ben);
  });

  test('so far it is signed once, and what is signed is valid', async () => {
    const { bytes, status } = await documentOf(path(message), cookies.ben);
    assert.equal(status, 200);
    const signatures = await signaturesOf(bytes);
    assert.equal(signatures.length, 2, 'the certification and his');
    assert.ok(signatures.every(({ isValid }) => isValid), JSON.stringify(signatures));
    assert.deepEqual(signatures.map(({ name }) => name).sort(), ['Ben Carter', 'Example Clinic']);
  });

  test('the new one registers and sees the document at once', async () => {
    cleo = await scene.visit();
    await register(cleo.page, await portal.post.link('register', CLEO), 'Cleo Diaz');
    assert.ok(await cleo.page.getByText('Your signature is asked for').isVisible());
    await cleo.page.getByRole('link', { name: 'Review and sign' }).click();
    await pagesShown(cleo.page);
    cookies.cleo = await cookieOf(cleo.context);
  });

  test('and signs with the keyboard alone, by typing', async () => {
    const { page } = cleo;
    const { keyboard } = page;
    const tabTo = async (name) => {
      for (let i = 0; i < 60; i++) {
        await keyboard.press('Tab');
        const label = await page.evaluate(() => {
          const one = document.activeElement;
          return (one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText ?? '').trim();
        });
        if (label.startsWith(name)) return;
      }
      assert.fail(`“${name}” is not reached by Tab`);
    };
    await page.getByRole('heading', { level: 1 }).click();
    await tabTo('Start');
    await keyboard.press('Enter');
    assert.equal(await page.locator('[data-said]').innerText(), '1 of 2: Your signature, Page 3');
    await tabTo('Draw');
    await keyboard.press('ArrowRight');
    await tabTo('Type your name as your signature');
    await keyboard.type('Cleo Diaz');
    await keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'fields.n2', 'the focus goes along');
    await keyboard.press('Enter');
    assert.equal(await page.locator('[data-said]').innerText(), 'Sign');
    await tabTo('I have read everything');
    await keyboard.press('Space');
    await tabTo('Sign now');
    await keyboard.press('Enter');
    await page.getByText('with that everybody has', { exact: false }).waitFor();
    assert.equal(await title(page).innerText(), 'Signed by everybody');
    await done(cleo);
  });

  test('everybody has the sealed copy; every signature in it is valid, the last covers all of it', async () => {
    const sums = new Set();
    for (const who of ['anna', 'ben', 'cleo']) {
      const visitor = await as(cookies[who]);
      await visitor.page.goto(message);
      assert.equal(await title(visitor.page).innerText(), 'Signed by everybody');
      const link = await visitor.page.getByRole('link', { name: 'Download Contract.pdf' }).getAttribute('href');
      const { bytes, status } = await download(portal, link, cookies[who]);
      assert.equal(status, 200);
      sums.add(sha256(bytes));
      const signatures = await signaturesOf(bytes);
      assert.deepEqual(signatures.map(({ isValid }) => isValid), [true, true, true, true]);
      assert.equal(signatures.filter(({ isTotal }) => isTotal).length, 1);
      assert.match(await look('qpdf', ['--check'], bytes), /No syntax or stream encoding errors/);
      await visitor.page.getByText('Fingerprints').first().click();
      assert.ok(await visitor.page.getByText(sha256(bytes)).isVisible(), 'its fingerprint stands there');
      assert.ok(await visitor.page.getByText(sha256(PAGES)).isVisible(), 'and that of the original');
      assert.equal(await visitor.page.getByRole('link', { name: 'Cancel the request' }).count(), 0);
      await done(visitor);
    }
    assert.equal(sums.size, 1);
  });

  test('what happened is told, and the lists know it', async () => {
    const anna = await as(cookies.anna);
    await anna.page.goto(message);
    await anna.page.getByText(/^History/).click();
    const history = anna.page.locator('.signing-history li');
    for (const [who, what] of [['Anna Berg', 'Sent the request'], ['Ben Carter', 'Agreed to sign electronically'], ['Ben Carter', 'Signed'], ['Cleo Diaz', 'Signed']])
      await history.filter({ hasText: who }).filter({ hasText: what }).first().waitFor();
    await anna.page.goto('/signatures');
    const finished = anna.page.getByRole('region', { name: 'Finished' });
    assert.match(await finished.getByRole('link', { name: /Treatment contract/ }).innerText(), /Signed by everybody/);
    assert.ok(await anna.page.getByText('Nothing waits for your signature.').isVisible());
    await done(anna);
  });

  test('signing again is answered with how it stands', async () => {
    const answer = await signByHttp(portal, cookies.ben, path(message), { s1: 'Ben' });
    assert.equal(answer.status, 303);
    assert.match(answer.headers.location, /done=signed/);
    const page = await request(portal, `${path(message)}/sign`, { cookie: cookies.ben });
    assert.equal(page.status, 303, 'the page leads to the message');
  });
});

describe('the kept signature', () => {
  test('goes into the next document with one press, also without a script', async () => {
    const message = await askToSign(portal, cookies.anna, { to: BEN, subject: 'Once more',
      fields: [['s1', 'signature', BEN, 0, 1, 72, 640, 200, 50], ['s2', 'signature', BEN, 0, 2, 72, 640, 200, 50]] });
    const ben = await as(cookies.ben);
    const { page } = ben;
    await openSigning(page, message);
    await next(page);
    assert.ok(await currentStep(page).getByRole('radio', { name: 'Saved one' }).isChecked());
    assert.ok(await currentStep(page).getByRole('img', { name: 'Your saved signature' }).isVisible());
    await next(page);
    assert.ok(await page.locator('.sign-spot.is-filled').nth(1).isVisible(), 'it stands in both places');
    await next(page);
    assert.equal(await page.getByLabel('Keep this signature for next time').isVisible(), false);
    await page.getByLabel(/agree to sign it electronically/).check();
    await button(page, 'Sign now').click();
    await page.getByText('with that everybody has', { exact: false }).waitFor();
    await done(ben);
  });

  test('is seen, changed and deleted in the settings', async () => {
    const ben = await as(cookies.ben);
    const { page } = ben;
    await page.goto('/settings');
    await page.getByRole('link', { name: 'My signature for documents' }).click();
    assert.ok(await page.getByRole('img', { name: 'Your saved signature' }).isVisible());
    await page.getByLabel('Or type your name as your signature').fill('B. Carter');
    await button(page, 'Keep this signature').click();
    await page.getByText('Kept. You can use it', { exact: false }).waitFor();
    assert.ok(await page.locator('#signature .own-typed').getByText('B. Carter').isVisible());
    await button(page, /^Delete.*signature/).click();
    await page.getByText('Deleted.').waitFor();
    await button(page, 'Keep this signature').click();
    await page.getByRole('alert').waitFor();
    await done(ben);
  });
});

describe('what comes between', () => {
  const ask = (more = {}) => askToSign(portal, cookies.anna, { to: BEN, subject: 'A contract',
    fields: [['s1', 'signature', BEN, 0, 1, 72, 640, 200, 50], ['t1', 'text', BEN, 0, 1, 72, 300, 300, 20, false, 'Remarks']], ...more });

  test('declining with a reason ends it for all', async () => {
    const message = await ask({ to: `${BEN}, ${CLEO}` });
    const ben = await as(cookies.ben);
    await ben.page.goto(message);
    await ben.page.getByRole('link', { name: 'Decline to sign' }).click();
    await ben.page.getByLabel('Reason', { exact: true }).fill('Paragraph 7 is wrong.');
    await button(ben.page, 'Decline to sign').click();
    await ben.page.getByText('You have declined to sign. The sender has been told.').waitFor();
    await done(ben);
    const cleo = await as(cookies.cleo);
    await cleo.page.goto(message);
    assert.equal(await title(cleo.page).innerText(), 'Ben Carter has declined to sign');
    assert.ok(await cleo.page.getByText('Paragraph 7 is wrong.').first().isVisible());
    assert.equal(await cleo.page.getByRole('link', { name: 'Review and sign' }).count(), 0);
    await done(cleo);
  });

  test('cancelled while somebody signs: what happened is said, and what they typed is shown once more', async () => {
    const message = await ask();
    const ben = await as(cookies.ben);
    const { page } = ben;
    await openSigning(page, message);
    await next(page);
    await page.getByRole('textbox', { name: 'Remarks' }).fill('A long and careful remark.');
    await next(page);
    await draw(page);
    await next(page);
    await page.getByLabel(/agree to sign it electronically/).check();
    const anna = await as(cookies.anna);
    await anna.page.goto(message);
    await anna.page.getByRole('link', { name: 'Cancel the request' }).click();
    await anna.page.getByLabel('Reason', { exact: true }).fill('The wrong contract.');
    await button(anna.page, 'Cancel the request').click();
    await anna.page.getByText('The request is cancelled. Nobody can sign any more.').waitFor();
    await done(anna);
    await button(page, 'Sign now').click();
    await page.getByRole('heading', { level: 1, name: 'This cannot be signed any more' }).waitFor();
    assert.match(await page.getByRole('alert').innerText(), /This request was cancelled/);
    assert.ok(await page.getByText('A long and careful remark.').isVisible());
    await page.getByRole('link', { name: 'See how it stands' }).click();
    await page.getByRole('heading', { level: 1, name: 'A contract' }).waitFor();
    await done(ben);
  });

  test('a mistake comes back with all that was filled in, drawn ones too', async () => {
    const message = await ask({ signing_password: 'on' });
    const ben = await as(cookies.ben);
    const { page } = ben;
    await openSigning(page, message);
    await next(page);
    await page.getByRole('textbox', { name: 'Remarks' }).fill('Kept?');
    await next(page);
    await draw(page);
    const drawn = await currentStep(page).locator('[data-drawn]').inputValue();
    assert.match(drawn, /^data:image\/png;base64,/);
    await next(page);
    await page.getByLabel(/agree to sign it electronically/).check();
    await page.getByLabel('Your password').fill('not this one');
    await button(page, 'Sign now').click();
    await page.getByRole('alert').first().waitFor();
    await pagesShown(page);
    assert.ok(await page.getByLabel('Your password').isVisible(), 'one is where the mistake is');
    assert.equal(await page.locator('[name="drawn.s1"]').inputValue(), drawn);
    assert.equal(await page.locator('[name="fields.t1"]').inputValue(), 'Kept?');
    assert.ok(await page.getByLabel(/agree to sign it electronically/).isChecked());
    await page.getByLabel('Your password').fill(PASSWORD);
    await button(page, 'Sign now').click();
    await page.getByText('with that everybody has', { exact: false }).waitFor();
    await done(ben);
  });

  test('the password is asked for where the sender wishes it, whatever is posted where', async () => {
    const message = await ask({ signing_password: 'on' });
    for (const more of [{}, { password: PASSWORD }]) {
      const answer = await signByHttp(portal, cookies.ben, message, { s1: 'Ben' }, more);
      assert.equal(answer.status, 422);
      assert.match(answer.body, /href="#password"/);
    }
  });

  test('one after another: who comes later waits, and reads meanwhile', async () => {
    const message = await ask({ to: `${BEN}, ${CLEO}`, signing_order: 'sequence' });
    const cleo = await as(cookies.cleo);
    await cleo.page.goto(message);
    assert.equal(await title(cleo.page).innerText(), 'It is not your turn yet');
    assert.ok(await cleo.page.getByText('Ben Carter signs first.', { exact: false }).isVisible());
    assert.equal((await documentOf(message, cookies.cleo)).status, 200);
    const early = await signByHttp(portal, cookies.cleo, message, { s1: 'Cleo' });
    assert.equal(early.status, 409);
    assert.match(early.body, /not your turn/);
    assert.equal((await signByHttp(portal, cookies.ben, message, { s1: 'Ben' })).status, 303);
    await cleo.page.reload();
    assert.equal(await title(cleo.page).innerText(), 'Your signature is asked for');
    await done(cleo);
  });

  test('tampered with: fields of others and of nobody, no agreement, pictures that are none', async () => {
    const message = await askToSign(portal, cookies.anna, { to: `${BEN}, ${CLEO}`, subject: 'Theirs', fields: [
      ['mine', 'signature', BEN, 0, 1, 72, 640, 200, 50], ['theirs', 'signature', CLEO, 0, 1, 300, 640, 200, 50]] });
    for (const [what, values, more] of [
      ['a field of somebody else', { mine: 'Ben', theirs: 'Cleo Diaz' }],
      ['a field that is not there', { mine: 'Ben', nowhere: 'x' }],
      ['nothing filled in', {}],
      ['a picture that is none', {}, { 'way.mine': 'draw', 'drawn.mine': 'data:image/png;base64,AAAA' }],
      ['a picture from elsewhere', {}, { 'way.mine': 'draw', 'drawn.mine': 'https://example.net/x.png' }],
      ['no base64', {}, { 'way.mine': 'draw', 'drawn.mine': 'data:image/png;base64,<script>' }],
    ]) {
      const answer = await signByHttp(portal, cookies.ben, message, values, more);
      assert.equal(answer.status, 422, `${what}: ${answer.status}`);
      assert.match(answer.body, /role="alert"/, what);
      assert.doesNotMatch(answer.body, /<script>/);
    }
    const silent = await post(portal, `${message}/sign`, { 'fields.mine': 'Ben' }, { cookie: cookies.ben });
    assert.equal(silent.status, 422, 'no agreement');
    assert.match(silent.body, /href="#consent"/);
    assert.match(await readMessage(portal, cookies.anna, message), /0 of 2 have signed/);
    const stranger = await signByHttp(portal, cookies.anna, message, { mine: 'Anna' });
    assert.equal(stranger.status, 409);
    const elsewhere = await request(portal, `${message}/sign`, { method: 'POST', cookie: cookies.ben, form: { 'fields.mine': 'Ben', consent: 'yes' },
      headers: { Origin: 'https://example.net', 'Sec-Fetch-Site': 'cross-site' } });
    assert.equal(elsewhere.status, 403);
  });

  test('the form over the pages moves nothing by being stepped into; a signature without a place shows none', async () => {
    const message = await askToSign(portal, cookies.anna, { to: BEN, subject: 'In a narrow window' });
    const ben = await as(cookies.ben, { viewport: { width: 390, height: 844 } });
    const { page } = ben;
    await openSigning(page, message);
    await button(page, 'Start').focus();
    assert.equal(await page.evaluate(() => scrollY), 0);
    await next(page);
    await currentStep(page).getByRole('radio', { name: 'Type' }).waitFor();
    assert.equal(await page.locator('.sign-spot').count(), 1);
    assert.equal(await page.locator('.sign-spot').isVisible(), false);
    await done(ben);
  });

  test('a button that is pressed while the pages move is pressed all the same', async () => {
    const message = await askToSign(portal, cookies.anna, { to: BEN, subject: 'Moving', documents: [{ name: 'a.pdf', bytes: PAGES }],
      fields: [['t1', 'text', BEN, 0, 1, 72, 300, 300, 20, false, 'Allergies'], ['s1', 'signature', BEN, 0, 3, 72, 640, 200, 50]] });
    const ben = await as(cookies.ben);
    const { page } = ben;
    await openSigning(page, message);
    const { x, y, width, height } = await button(page, 'Start').boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.evaluate(() => { document.querySelector('.sign-form').style.translate = '0 12rem'; });
    await page.mouse.up();
    await page.getByRole('textbox', { name: 'Allergies' }).waitFor();
    await done(ben);
  });

  test('without JavaScript: a plain form, signed by typing on the certificate page', async () => {
    const message = await askToSign(portal, cookies.anna, { to: BEN, subject: 'Plainly' });
    const ben = await as(cookies.ben, { javaScriptEnabled: false });
    const { page } = ben;
    await page.goto(message);
    await page.getByRole('link', { name: 'Review and sign' }).click();
    assert.ok(await page.getByRole('link', { name: 'Open as PDF: Contract.pdf' }).isVisible());
    await page.getByLabel(/agree to sign it electronically/).check();
    await button(page, 'Sign now').click();
    assert.match(await page.getByRole('alert').innerText(), /has to be filled in/);
    assert.ok(await page.getByLabel(/agree to sign it electronically/).isChecked());
    await page.getByLabel('Type your name as your signature').fill('Ben Carter');
    await button(page, 'Sign now').click();
    await page.getByText('with that everybody has', { exact: false }).waitFor();
    const link = await page.getByRole('link', { name: 'Download Contract.pdf' }).getAttribute('href');
    const signatures = await signaturesOf((await download(portal, link, cookies.ben)).bytes);
    assert.deepEqual(signatures.map(({ isValid }) => isValid), [true, true, true]);
    await done(ben);
  });

  test('two at one moment: both have signed, one after the other', async () => {
    const message = await askToSign(portal, cookies.anna, { to: `${BEN}, ${CLEO}`, subject: 'At once', fields: [
      ['a', 'signature', BEN, 0, 1, 72, 640, 200, 50], ['b', 'signature', CLEO, 0, 1, 300, 640, 200, 50]] });
    const answers = await Promise.all([signByHttp(portal, cookies.ben, message, { a: 'Ben' }), signByHttp(portal, cookies.cleo, message, { b: 'Cleo' })]);
    assert.deepEqual(answers.map(({ status }) => status), [303, 303]);
    assert.match(await readMessage(portal, cookies.anna, message), /Signed by everybody/);
  });

  test('reminding, and not twice at once', async () => {
    const message = await ask();
    const anna = await as(cookies.anna);
    await anna.page.goto(message);
    await button(anna.page, 'Remind them').click();
    const notice = anna.page.locator('.notice');
    await notice.waitFor();
    assert.match(await notice.innerText(), /One person has been reminded|reminded within the last hour/);
    await button(anna.page, 'Remind them').click();
    await anna.page.getByText('They were reminded within the last hour', { exact: false }).waitFor();
    await done(anna);
  });

  test('the deadline passes while somebody signs, and their session ends: nothing is lost, and what happened is said', async () => {
    const message = await ask({ signing_deadline: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10) });
    const ben = await as(cookies.ben);
    await openSigning(ben.page, message);
    await next(ben.page);
    await next(ben.page);
    await draw(ben.page);
    await next(ben.page);
    await ben.page.getByLabel(/agree to sign it electronically/).check();
    await portal.restart(3 * 86_400);
    await button(ben.page, 'Sign now').click();
    await ben.page.getByRole('heading', { level: 1, name: 'You were signed out' }).waitFor();
    const [other] = await Promise.all([ben.context.waitForEvent('page'), ben.page.getByRole('link', { name: 'Sign in again in a new tab' }).click()]);
    await other.getByLabel('E-mail address', { exact: true }).fill(BEN);
    await other.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button(other, 'Sign in').click();
    await other.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await button(ben.page, 'Go on').click();
    await ben.page.getByRole('heading', { level: 1, name: 'This cannot be signed any more' }).waitFor();
    assert.match(await ben.page.getByRole('alert').innerText(), /deadline of this request has passed/);
    await ben.page.getByRole('link', { name: 'See how it stands' }).click();
    assert.equal(await title(ben.page).innerText(), 'The deadline has passed');
    ben.trouble.length = 0; // the line to the portal was cut
    await done(ben);
    await portal.restart();
  });
});

test('everything stored is whole', async () => {
  const { code, stdout } = await portal.command('check');
  assert.equal(code, 0, stdout);
});

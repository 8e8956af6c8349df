// What people write around a request to sign: names, subjects, labels, file names, reasons, typed signatures. On every page they are text, scripts
// in them too, and stand where they belong.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visitAs } from './lib/browser.mjs';
import { makePdf, upload } from './lib/files.mjs';
import { post, registerByHttp, sendByHttp } from './lib/http.mjs';
import { button } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { askToSign, next, openSigning, signByHttp } from './lib/signing.mjs';
import { waitFor } from './lib/wait.mjs';

const BEN = 'ben@example.org';
const CLEO = 'cleo@example.org';
const BAD = '</script><img src=x onerror=sentinel()>';
const QUOTED = `"'><svg onload=sentinel()>`;
const FIELDS = [['s1', 'signature', BEN, 0, 1, 72, 640, 200, 50], ['n1', 'name', BEN, 0, 1, 72, 500, 200, 20], ['t1', 'text', BEN, 0, 1, 72, 300, 300, 20, false, BAD]];

let browser;
let portal;
const cookies = {};
const people = {};
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  cookies.anna = await registerByHttp(portal, portal.link, `Anna ${BAD}`);
  for (const [who, address, name] of [['ben', BEN, `Ben ${BAD}`], ['cleo', CLEO, `Cleo ${QUOTED}`]]) {
    await sendByHttp(portal, cookies.anna, { to: address, subject: BAD, body: BAD }, { [address]: 'guest' });
    cookies[who] = await registerByHttp(portal, await portal.post.link('register', address), name);
  }
  for (const [who, cookie] of Object.entries(cookies)) {
    people[who] = await visitAs(browser, portal, cookie);
    await people[who].context.addInitScript(() => { globalThis.sentinel = () => { globalThis.isHit = true; }; });
  }
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

// Nothing ran and nothing was made of it, here and now.
async function assertText({ page, trouble }, where) {
  const made = await page.evaluate(() => ({
    isHit: globalThis.isHit === true,
    elements: document.querySelectorAll('[onerror], [onload], img[src="x"]').length,
    scripts: [...document.scripts].filter((one) => /sentinel/.test(one.textContent)).length,
  }));
  assert.deepEqual(made, { isHit: false, elements: 0, scripts: 0 }, where);
  assert.deepEqual(trouble, [], where);
}

async function seen(who, path, ...texts) {
  const { page } = people[who];
  await page.goto(path);
  for (const text of texts)
    await page.getByText(text, { exact: false }).first().waitFor({ state: 'attached' });
  await assertText(people[who], `${who} ${path}`);
}

const ask = (more = {}) => askToSign(portal, cookies.anna, { to: `${BEN}, ${CLEO}`, subject: BAD, body: BAD,
  documents: [{ name: `Lease ${QUOTED} <img src=x onerror=sentinel()>.pdf`, bytes: makePdf(['Lease', BAD]) }], fields: FIELDS, ...more });
const values = { s1: `Ben ${BAD}`, n1: `Ben ${BAD}`, t1: BAD };

test('the card, the lists and the page of signing', async () => {
  const message = await ask({ signing_order: 'sequence' });
  for (const who of ['anna', 'ben', 'cleo'])
    await seen(who, message, BAD, `Ben ${BAD}`, 'Lease "\'><svg onload=sentinel()>');
  for (const who of ['anna', 'ben'])
    await seen(who, '/signatures', BAD);
  const { page } = people.ben;
  await openSigning(page, message);
  await assertText(people.ben, 'signing');
  await next(page);
  await page.getByRole('textbox', { name: BAD }).fill(BAD);
  await next(page);
  await next(page);
  await page.getByRole('radio', { name: 'Type' }).check();
  await page.getByLabel('Type your name as your signature').fill(`Ben ${BAD}`);
  await next(page);
  await page.getByText('Everything is filled in.', { exact: false }).waitFor();
  assert.ok(await page.locator('.sign-face').getByText(BAD).first().isVisible(), 'on the pages too');
  await assertText(people.ben, 'filled in');
  await page.getByLabel(/agree to sign it electronically/).check();
  await page.getByLabel('Keep this signature for next time').check();
  await button(page, 'Sign now').click();
  await page.getByText('You have signed. Thank you!').waitFor();
  await assertText(people.ben, 'signed');
  await seen('ben', '/settings/signature', `Ben ${BAD}`);
  const other = await ask();
  await openSigning(page, other);
  await next(page);
  await assertText(people.ben, 'with the kept one');
});

test('a name from right to left stands where the sentence has it', async () => {
  const name = 'فاطمة الزهراء';
  await sendByHttp(portal, cookies.anna, { to: 'fatima@example.org', subject: 'Hello', body: 'Hello.' }, { 'fatima@example.org': 'guest' });
  const fatima = await registerByHttp(portal, await portal.post.link('register', 'fatima@example.org'), name);
  const message = await ask({ to: `${BEN}, ${CLEO}, fatima@example.org` });
  assert.equal((await post(portal, `${message}/sign/decline`, { reason: 'لا' }, { cookie: fatima })).status, 303);
  const { page } = people.anna;
  await page.goto(message);
  const title = page.locator('.signing-title');
  assert.equal(await title.innerText(), `${name} has declined to sign`);
  // The page may just be taking in what has become of it: then the heading at hand is none of it any more.
  const [left, right] = await waitFor('the heading to be seen', async () => title.evaluate((heading, end) => {
    if (!heading.isConnected) return null;
    const text = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT).nextNode();
    const rest = text.data.indexOf('has');
    const leftOf = (from, to) => {
      const range = document.createRange();
      range.setStart(text, from);
      range.setEnd(text, to);
      return range.getBoundingClientRect().left;
    };
    return [leftOf(rest - 1 - end, rest - 1), leftOf(rest, rest + 3)];
  }, name.length));
  assert.ok(left < right, `the name begins at ${left}, the rest at ${right}`);
});

test('mistakes, reasons, and what is over', async () => {
  const declined = await ask();
  const wrong = await signByHttp(portal, cookies.ben, declined, { ...values, [BAD]: BAD, s1: '' }, { 'way.s1': 'draw', 'drawn.s1': `data:image/png;base64,${BAD}` });
  assert.equal(wrong.status, 422);
  assert.doesNotMatch(wrong.body, /<img src=x|<svg onload/);
  await seen('ben', `${declined}/sign/decline`, BAD);
  assert.equal((await post(portal, `${declined}/sign/decline`, { reason: BAD }, { cookie: cookies.ben })).status, 303);
  for (const who of ['anna', 'cleo'])
    await seen(who, declined, `Reason: ${BAD}`);
  const cancelled = await ask();
  await seen('anna', `${cancelled}/signing/cancel`, BAD);
  assert.equal((await post(portal, `${cancelled}/signing/cancel`, { reason: BAD }, { cookie: cookies.anna })).status, 303);
  await seen('ben', cancelled, `Reason: ${BAD}`);
  const over = await signByHttp(portal, cookies.ben, cancelled, values);
  assert.equal(over.status, 409);
  assert.doesNotMatch(over.body, /<img src=x|<svg onload/);
  for (const bad of [BAD, QUOTED]) {
    const long = await post(portal, `${await ask()}/signing/cancel`, { reason: bad.repeat(200) }, { cookie: cookies.anna });
    assert.equal(long.status, 422);
    assert.doesNotMatch(long.body, /<img src=x|<svg onload/);
  }
});

test('preparing: the form of the message, the editor, its summary and templates', async () => {
  const file = await upload(portal, cookies.anna, `Lease ${QUOTED}.pdf`, 'application/pdf', makePdf(['Lease']));
  const id = '01KDVDNA00GTSSYSV7Y2WS2NX1';
  const saved = await post(portal, '/drafts/save', [['key', 'hostile'], ['draft', id], ['version', 0], ['signing', 'on'], ['to', `${BEN}, ${BAD} <${CLEO}>, anna@example.com`],
    ['subject', BAD], ['body', BAD], ['file', file], ['signing_order', 'sequence'], ['signing_fields', [`s1 signature ${BEN} ${file} 1 72 640 200 50 required`,
      `t1 text ${BEN} ${file} 1 72 300 200 20 optional ${BAD}`].join('\n')]], { cookie: cookies.anna });
  assert.equal(saved.status, 200, saved.body);
  const { page } = people.anna;
  await page.goto(`/compose?draft=${id}`);
  await page.locator('.order-row').nth(1).waitFor();
  await assertText(people.anna, 'compose');
  await page.goto(`/drafts/${id}/fields`);
  await page.locator('[data-fields-editor][data-ready]').waitFor();
  await page.locator('.pdf-text span').first().waitFor();
  await page.locator('.place.is-text').click();
  await assertText(people.anna, 'a field chosen');
  await page.getByText('Templates', { exact: true }).click();
  await page.locator('#name').fill(BAD);
  await button(page, 'Save').click();
  await page.locator('[data-fields-editor][data-ready]').waitFor();
  await assertText(people.anna, 'templates');
  await button(page, 'Check and send').click();
  await assertText(people.anna, 'the summary');
});

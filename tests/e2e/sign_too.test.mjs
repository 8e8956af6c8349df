// Both sides of a contract sign: whoever asks for the signatures is one of those who sign, in any place of the order and alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attach, attached, download, makeFile, makePdf } from './lib/files.mjs';
import { request } from './lib/http.mjs';
import { button, peopleField } from './lib/people.mjs';
import { STORES } from './lib/portal.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';
import { askToSign, draw, next, pagesShown, readMessage, signByHttp, signaturesOf } from './lib/signing.mjs';
import { waitFor } from './lib/wait.mjs';

const ANNA = 'anna@example.com';
const BEN = 'ben@example.org';
const PDF = makePdf(['Treatment contract', 'Second page']);

let portal;
const scene = sceneOfFile({ store: STORES.at(-1), people: { ben: [BEN, 'Ben Carter'] } }, () => ({ portal } = scene));
const { as, cookies } = scene;

const title = (page) => page.locator('.signing-title').first();

// The sealed copy as this person has it.
async function sealedFor(message, cookie) {
  const { body } = await request(portal, message, { cookie });
  const link = /href="(\/files\/[^"]+\/content\?message=[^"]+)"/.exec(body)[1].replaceAll('&amp;', '&');
  return (await download(portal, link, cookie)).bytes;
}

// Of the portal, of these people, of the portal again; all of them hold, and the last one covers everything.
async function assertSigned(bytes, names) {
  const signatures = await signaturesOf(bytes);
  assert.deepEqual(signatures.map(({ name }) => name).sort(), [...names, 'Example Clinic', 'Example Clinic'].sort());
  assert.equal(signatures.every(({ isValid }) => isValid), true);
  assert.equal(signatures.filter(({ isTotal }) => isTotal).length, 1);
}

const people = (page) => page.locator('.signer-name').allInnerTexts().then(all => all.map(text => text.trim()));

describe('a contract that both sides sign', () => {
  let message;

  test('"I sign too": last in the order, which can be changed, with fields of one\'s own', async () => {
    const anna = await as(cookies.anna);
    const { page } = anna;
    await page.goto('/compose');
    const too = page.getByRole('checkbox', { name: 'I sign too' });
    assert.equal(await too.isVisible(), false, 'of a message nobody signs anything');
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    await peopleField(page, 'To: who signs').fill(`${BEN},`);
    await page.getByLabel('Subject', { exact: true }).fill('Treatment contract');
    await page.getByLabel('Message', { exact: true }).fill('We both sign.');
    await attach(page, makeFile('Contract.pdf', PDF));
    await attached(page, 'Contract.pdf');
    await page.getByRole('radio', { name: 'One after another' }).check();
    await too.check();
    const order = async () => (await page.locator('.order-name').allInnerTexts()).map(text => text.trim());
    assert.deepEqual(await order(), [BEN, `${ANNA} (you)`]);
    await too.uncheck();
    await peopleField(page, 'To: who signs').fill(`Anna Berg <${ANNA.toUpperCase()}>,`);
    assert.deepEqual(await order(), [BEN, `Anna Berg <${ANNA.toUpperCase()}> (you)`], 'however it is written');
    await too.uncheck();
    assert.equal(await page.locator('#to').inputValue(), BEN);
    await peopleField(page, 'To: who signs').fill(`${ANNA},`);
    assert.equal(await too.isChecked(), true, 'typing the own address says the same');
    await page.getByRole('checkbox', { name: 'Documents to sign' }).uncheck();
    assert.equal(await page.locator('#to').inputValue(), BEN, 'an ordinary message goes to others');
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    assert.deepEqual(await order(), [BEN, `${ANNA} (you)`]);
    await button(page, `Earlier: ${ANNA}`).click();
    assert.deepEqual(await order(), [`${ANNA} (you)`, BEN]);
    await button(page, 'Next: place the fields').click();
    await page.locator('[data-fields-editor][data-ready]').waitFor();
    await page.locator('.pdf-text span').first().waitFor();
    assert.deepEqual(await page.locator('.filler-name').allInnerTexts(), ['Anna Berg (you)', 'Ben Carter']);
    await page.getByRole('radio', { name: 'Anna Berg (you)' }).check();
    await page.locator('.palette').getByRole('button', { name: 'Signature' }).click();
    await page.locator('.pdf-page').first().click({ position: { x: 200, y: 300 } });
    await page.locator('.place.who-0').waitFor();
    await button(page, 'Check and send').click();
    await page.getByRole('button', { name: /^Send$/ }).last().click();
    await page.getByRole('heading', { level: 1, name: 'Treatment contract' }).waitFor();
    message = new URL(page.url()).pathname;
    assert.equal(await title(page).innerText(), 'Your signature is asked for');
    assert.equal(await page.locator('.audience').first().innerText(), `To Ben Carter (${BEN}); you sign too`);
    assert.deepEqual(await people(page), ['Anna Berg (you) anna@example.com', 'Ben Carter ben@example.org']);
    assert.ok(await page.getByRole('link', { name: 'Review and sign' }).isVisible());
    assert.ok(await page.getByRole('link', { name: 'Cancel the request' }).isVisible());
    assert.equal(await page.getByRole('link', { name: 'Decline to sign' }).count(), 0);
    assert.equal(await button(page, 'Remind them').count(), 0, 'nobody else is asked yet');
    await done(anna);
  });

  test('the sender signs first, by hand, from the list of what waits for them', async () => {
    const anna = await as(cookies.anna);
    const { page } = anna;
    await page.goto('/signatures');
    await page.getByRole('link', { name: /Treatment contract/ }).click();
    await pagesShown(page);
    await next(page);
    await draw(page);
    await next(page);
    await page.getByLabel(/agree to sign it electronically/).check();
    assert.equal(await page.getByRole('link', { name: 'Decline to sign' }).count(), 0);
    await button(page, 'Sign now').click();
    await page.getByText('You have signed. Thank you!').waitFor();
    assert.equal(await title(page).innerText(), 'You have signed');
    assert.ok(await button(page, 'Remind them').isVisible());
    await done(anna);
  });

  test('then the other; both have the sealed copy, and every signature holds', async () => {
    assert.equal((await signByHttp(portal, cookies.ben, message, { signature: 'Ben Carter' })).status, 303);
    const bytes = await sealedFor(message, cookies.anna);
    assert.deepEqual(await sealedFor(message, cookies.ben), bytes);
    await assertSigned(bytes, ['Anna Berg', 'Ben Carter']);
  });
});

describe('other places of the sender', () => {
  test('last: told by e-mail when it is their turn, not before', async () => {
    const message = await askToSign(portal, cookies.anna, { to: `${BEN}, ${ANNA}`, subject: 'Countersigned', signing_order: 'sequence' });
    const turns = () => portal.post.to(ANNA).filter(({ text }) => text.includes('it is your turn now'));
    assert.match(await readMessage(portal, cookies.ben, message), /To you; Anna Berg signs too/);
    assert.equal(turns().length, 0);
    assert.equal((await signByHttp(portal, cookies.anna, message, { signature: 'Anna' })).status, 409);
    assert.equal((await signByHttp(portal, cookies.ben, message, { signature: 'Ben' })).status, 303);
    await waitFor('the mail that says so', () => turns().length === 1);
    assert.doesNotMatch(turns()[0].text, /decline/, 'whoever asks can cancel');
    const anna = await as(cookies.anna);
    await anna.page.goto(message);
    assert.equal(await title(anna.page).innerText(), 'Your signature is asked for');
    await done(anna);
    assert.equal((await signByHttp(portal, cookies.anna, message, { signature: 'Anna Berg' })).status, 303);
    await assertSigned(await sealedFor(message, cookies.ben), ['Anna Berg', 'Ben Carter']);
  });

  test('alone, without JavaScript: a note that nobody else has', async () => {
    const message = await askToSign(portal, cookies.anna, { to: '', signing_too: ANNA, subject: 'A note of mine' });
    const anna = await as(cookies.anna, { javaScriptEnabled: false });
    const { page } = anna;
    await page.goto('/sent');
    assert.match(await page.locator('.row', { hasText: 'A note of mine' }).innerText(), /Only you/);
    await page.goto(message);
    assert.equal(await page.getByLabel('Your answer').count(), 0);
    await page.getByRole('link', { name: 'Review and sign' }).click();
    await page.getByLabel('Type your name as your signature').fill('Anna Berg');
    await page.getByLabel(/agree to sign it electronically/).check();
    await button(page, 'Sign now').click();
    await page.getByText('with that everybody has', { exact: false }).waitFor();
    await assertSigned(await sealedFor(message, cookies.anna), ['Anna Berg']);
    await done(anna);
  });

  test('both at one moment', async () => {
    const message = await askToSign(portal, cookies.anna, { to: `${ANNA}, ${BEN}`, subject: 'At once' });
    const answers = await Promise.all([signByHttp(portal, cookies.anna, message, { signature: 'Anna' }), signByHttp(portal, cookies.ben, message, { signature: 'Ben' })]);
    assert.deepEqual(answers.map(({ status }) => status), [303, 303]);
    await assertSigned(await sealedFor(message, cookies.anna), ['Anna Berg', 'Ben Carter']);
  });
});

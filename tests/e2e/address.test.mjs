// Another e-mail address, and further ones: asked for, confirmed in the new mailbox, turned back from the old one.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sendByHttp } from './lib/http.mjs';
import { PASSWORD, button, signIn } from './lib/people.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';

let portal;
let office;
let ben;
const scene = sceneOfFile({ office: 'ok', people: { ben: ['ben@example.org', 'Ben Carter', 'guest'] } }, () => {
  ({ portal, office } = scene);
  ({ ben } = scene.cookies);
});
const { as } = scene;

async function ask(page, address, as) {
  await page.getByLabel('New address', { exact: true }).fill(address);
  await page.getByLabel(as).check();
  if (await page.getByLabel('Your password', { exact: true }).count())
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
  await button(page, 'Mail the link').click();
  await page.getByText('Nothing changes until it is confirmed there.').waitFor();
}

async function enters(address) {
  const visitor = await scene.visit();
  await signIn(visitor.page, address);
  await visitor.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await done(visitor);
}

for (const javaScriptEnabled of [true, false]) {
  const [before_, after_] = javaScriptEnabled ? ['ben@example.org', 'ben@new.example.org'] : ['ben@new.example.org', 'ben@third.example.org'];
  test(`a person changes their address, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const visitor = await as(ben, { javaScriptEnabled });
    const { page } = visitor;
    await page.goto('/account');
    await page.getByRole('link', { name: 'Change or add addresses …' }).click();
    await ask(page, after_, /^My main address/);
    await page.getByRole('heading', { name: 'Waiting for confirmation' }).waitFor();
    const link = await office.link('address', after_);
    const [mail] = office.to(after_);
    assert.match(mail.text, /Without your password nobody can use your address/);
    assert.doesNotMatch(mail.raw, /Ben|ben@example\.org/);
    await page.goto(link);
    await button(page, 'Confirm').click();
    await page.getByText(`${after_} belongs to your account now.`).waitFor();
    await page.goto('/account/address');
    await button(page, `Remove ${before_}`).waitFor();
    await done(visitor);
    await enters(after_);
    await enters(before_);
    await sendByHttp(portal, scene.cookies.anna, { to: before_, subject: `To ${before_}`, body: 'Still here?' });
    const [notified] = (await office.link('message', after_), office.to(after_).filter((one) => /\/message\//.test(one.text)));
    assert.ok(notified);
  });
}

describe('an administrator', () => {
  let person;
  before(async () => {
    const visitor = await as();
    await visitor.page.goto('/admin/users?q=ben');
    await visitor.page.getByRole('main').getByRole('link', { name: 'Ben Carter', exact: true }).click();
    await visitor.page.getByRole('heading', { level: 1, name: 'Ben Carter' }).waitFor();
    person = new URL(visitor.page.url()).pathname;
    await done(visitor);
  });

  test('asks for a further address, which the person confirms with their password', async () => {
    const visitor = await as();
    const { page } = visitor;
    await page.goto(person);
    await page.getByRole('link', { name: 'Change or add addresses …' }).click();
    await page.getByLabel('New address', { exact: true }).fill('anna@example.com');
    await button(page, 'Mail the link').click();
    await page.getByText('anna@example.com is in use at', { exact: false }).first().waitFor();
    visitor.trouble.length = 0; // the browser says 422 in its console
    await ask(page, 'carter@example.org', 'A further address');
    // The administrator cannot confirm it in their place.
    await page.goto(await office.link('address', 'carter@example.org'));
    await page.getByLabel('Password of your account', { exact: true }).fill('not my password at all');
    await button(page, 'Confirm').click();
    await page.getByText('That is not your current password.', { exact: false }).first().waitFor();
    visitor.trouble.length = 0;
    await done(visitor);
    const elsewhere = await scene.visit();
    await elsewhere.page.goto(await office.link('address', 'carter@example.org'));
    await elsewhere.page.getByLabel('Password of your account', { exact: true }).fill(PASSWORD);
    await button(elsewhere.page, 'Confirm').click();
    await elsewhere.page.getByText('carter@example.org belongs to your account now.').waitFor();
    await done(elsewhere);
    await enters('carter@example.org');
  });

  test('takes back what was asked for, and an alias', async () => {
    const visitor = await as();
    const { page } = visitor;
    await page.goto(`${person}/address`);
    await ask(page, 'wrong@example.org', /no longer theirs/);
    await button(page, 'Take back wrong@example.org').click();
    await page.getByText('Taken back.', { exact: false }).waitFor();
    await page.goto(await office.link('address', 'wrong@example.org'));
    await page.getByText('a newer one has taken its place', { exact: false }).waitFor();
    visitor.trouble.length = 0; // 404
    await page.goto(`${person}/address`);
    await button(page, 'Remove carter@example.org').click();
    await page.getByText('Removed.', { exact: false }).waitFor();
    assert.equal(await button(page, 'Remove carter@example.org').count(), 0);
    await done(visitor);
  });
});

test('whoever reads the old mailbox turns the change back, and everybody is signed out', async () => {
  const thief = await as(ben);
  const visitor = await scene.visit();
  const { page } = visitor;
  await page.goto(await office.link('address', 'ben@example.org'));
  await page.getByRole('heading', { name: 'Turn the change back?' }).waitFor();
  await button(page, 'Put my address back').click();
  await page.getByText('ben@example.org is your address again', { exact: false }).waitFor();
  await thief.page.goto('/inbox');
  await thief.page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  await page.goto(await office.link('reset', 'ben@example.org'));
  await page.getByLabel('New password', { exact: true }).fill('seven herons leave the bay');
  await button(page, 'Save and sign in').click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await done(visitor);
  await done(thief);
});

// Administration: the texts of mails are written, checked, tried, sent and given back (P3.3).
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import { post, request, sendByHttp } from './lib/http.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';
import { waitFor } from './lib/wait.mjs';

const PATH = '/admin/texts/invitation?language=en';
const TEXT = `Hello {name},

{sender} of the heart clinic has something for you at {portal}.
Please register here:

{link}

It is good until {until}.`;

describe('texts of mails', () => {
  const scene = sceneOfFile({ office: 'ok', people: { ben: ['ben@example.com', 'Ben Carter', 'professional'] } });
  let portal, office, anna, ben, visitor;

  before(() => {
    ({ portal, office } = scene);
    ({ anna, ben } = scene.cookies);
  });
  beforeEach(async () => { visitor = await scene.as(); });
  afterEach(() => done(visitor));

  const open = async path => { await visitor.page.goto(portal.url + path); return visitor.page; };
  // The newest mail to an address that is the one: {subject, text}.
  const mailTo = (address, isIt) => waitFor(`a mail to ${address}`, () => office.to(address)
    .map(mail => ({ subject: mail.fields.subject, text: mail.text.replaceAll('\r\n', '\n') })).findLast(isIt));

  test('the list says which are still the portal’s own', async () => {
    const page = await open('/admin/texts');
    assert.match(await page.locator('.warning').innerText(), /2 of the texts that people get first/);
    assert.equal(await page.locator('.text-row').count(), 6);
    assert.match(await page.locator('.text-row', { hasText: 'Welcome' }).innerText(), /Not sent/);
    await page.getByRole('link', { name: /Invitation/ }).click();
    assert.match(await page.locator('#text').inputValue(), /Hello \{name\},/);
    assert.match(await page.locator('.warning').first().innerText(), /Please change it/);
  });

  test('warnings and preview follow what is typed; placeholders are put in by a click', async () => {
    const page = await open(PATH);
    await page.fill('#text', 'Hello {name},\n\nFREE MONEY from {sender} at {portal}!!! CLICK HERE NOW: ');
    await page.getByRole('button', { name: 'Insert {link}' }).click();
    assert.match(await page.locator('#text').inputValue(), /NOW: \{link\}$/);
    await page.locator('.text-warnings', { hasText: 'read as shouting' }).waitFor();
    assert.match(await page.locator('.text-warnings').innerText(), /typical of spam/);
    const samples = await page.locator('.text-sample-body').allInnerTexts();
    assert.equal(samples.length, 2);
    assert.match(samples[0], /FREE MONEY from Dr\. Ben Sample at Example Clinic!!!/);
    // P2.7: no link of a preview opens anything, and none can be clicked.
    assert.equal(await page.locator('.text-sample a').count(), 0);
    const [link] = samples[0].match(/http\S+/);
    assert.equal((await request(portal, new URL(link).pathname)).status, 404);
    await page.fill('#text', TEXT);
    await page.getByText('Nothing: this text reads well').waitFor();
  });

  test('a test goes to one’s own address and saves nothing', async () => {
    const page = await open(PATH);
    await page.fill('#subject', 'A trial');
    await page.fill('#text', TEXT);
    await page.getByRole('button', { name: 'Send me a test' }).click();
    assert.match(await page.locator('.notice').innerText(), /on its way to anna@example\.com/);
    assert.equal(await page.locator('#subject').inputValue(), 'A trial');
    const mail = await mailTo('anna@example.com', mail => mail.subject === 'A trial');
    assert.match(mail.text, /^Hello Anna Berg,/);
    assert.match(mail.text, /\/admin\/texts\/invitation/);
    assert.doesNotMatch(mail.text, /register\//);
    await page.goto(portal.url + PATH);
    assert.notEqual(await page.locator('#subject').inputValue(), 'A trial');
  });

  test('what is saved is what the next invitation says', async () => {
    const page = await open(PATH);
    await page.fill('#subject', '{sender} of the heart clinic');
    await page.fill('#text', TEXT);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    assert.match(await page.locator('.notice').innerText(), /Saved/);
    await sendByHttp(portal, anna, { to: 'eva@example.org', subject: 'Hello', body: 'Text' }, { 'eva@example.org': 'guest' });
    const mail = await mailTo('eva@example.org', mail => /\/register\//.test(mail.text));
    assert.equal(mail.subject, 'Anna Berg of the heart clinic');
    assert.match(mail.text, /^Hello,\n\nAnna Berg of the heart clinic has something for you at Example Clinic\.\n/);
    assert.match(mail.text, /It is good until \d+ \w+ 20\d\d/);
    await page.goto(`${portal.url}/admin/texts`);
    assert.match(await page.locator('.warning').innerText(), /One of the texts/);
    assert.match(await page.locator('.text-row', { hasText: 'Invitation' }).innerText(), /Changed by Anna Berg/);
  });

  test('two administrators: the second sees what the first has saved, and keeps what they typed', async () => {
    const page = await open(PATH);
    const answer = await post(portal, PATH, { act: 'save', version: '1', subject: 'Of somebody else', text: TEXT }, { cookie: anna });
    assert.equal(answer.status, 303);
    await page.fill('#subject', 'My own');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    assert.match(await page.locator('#problems').innerText(), /Somebody else has changed this text meanwhile/);
    assert.equal(await page.locator('#subject').inputValue(), 'My own');
    assert.match(await page.locator('section', { hasText: 'What stands there now' }).last().innerText(), /Of somebody else/);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    assert.match(await page.locator('.notice').innerText(), /Saved/);
  });

  test('an earlier version is looked at, and saved again; and the portal’s own comes back', async () => {
    const page = await open(PATH);
    await page.getByRole('link', { name: 'Version 1' }).click();
    assert.match(await page.locator('.warning').first().innerText(), /version 1, as it was/);
    assert.equal(await page.locator('#subject').inputValue(), '{sender} of the heart clinic');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(await page.locator('#subject').inputValue(), '{sender} of the heart clinic');
    await page.getByRole('button', { name: 'Back to the portal’s own' }).click();
    assert.match(await page.locator('.notice').innerText(), /portal’s own text is sent/);
    assert.match(await page.locator('#subject').inputValue(), /invites you to/);
    assert.equal(await page.locator('.text-versions li').count(), 5);
  });

  test('without JavaScript there is a button to check', async () => {
    await visitor.context.close();
    visitor = await scene.as(anna, { javaScriptEnabled: false });
    const page = await open(PATH);
    await page.fill('#text', 'Hello');
    await page.getByRole('button', { name: 'Check' }).click();
    assert.match(await page.locator('.text-warnings').innerText(), /The text has no \{link\}/);
    assert.equal(await page.locator('#text').inputValue(), 'Hello\n');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    assert.match(await page.locator('#problems').innerText(), /The text has no \{link\}/);
  });

  test('others do not see it', async () => {
    for (const path of ['/admin/texts', PATH])
      assert.equal((await request(portal, path, { cookie: ben })).status, 403);
    assert.equal((await post(portal, PATH, { act: 'save', version: '0', subject: 'x', text: '{link}' }, { cookie: ben })).status, 403);
    assert.equal((await request(portal, '/admin/texts/nosuch', { cookie: anna })).status, 404);
    assert.equal((await request(portal, '/admin/texts/invitation?language=xx', { cookie: anna })).status, 404);
  });
});

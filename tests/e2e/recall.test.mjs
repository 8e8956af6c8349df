// Recall before and after reading, from some and from all, with what was forwarded; tracking on both sides (P4.3, P4.4).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { button } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { waitFor } from './lib/wait.mjs';

let browser;
let portal;
const cookies = {};
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  for (const [name, address, grade, fullName] of [['ben', 'ben@example.org', 'guest', 'Ben Carter'], ['carla', 'carla@example.com', 'professional', 'Carla Diaz'],
    ['dora', 'dora@example.com', 'professional', 'Dora Ernst']]) {
    await sendByHttp(portal, cookies.anna, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: grade });
    cookies[name] = await registerByHttp(portal, await portal.post.link('register', address), fullName);
  }
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

async function as(name, options) {
  const visitor = await visit(browser, portal, options);
  const at = cookies[name].indexOf('=');
  await visitor.context.addCookies([{ name: cookies[name].slice(0, at), value: cookies[name].slice(at + 1), url: portal.url }]);
  return visitor;
}

async function send(message) {
  const answer = await sendByHttp(portal, cookies.anna, { subject: 'Findings', body: 'Secret words.', ...message });
  return answer.headers.location.split('?')[0];
}

const done = ({ trouble, context }) => {
  assert.deepEqual(trouble, []);
  return context.close();
};

for (const javaScriptEnabled of [true, false]) {
  describe(`with${javaScriptEnabled ? '' : 'out'} JavaScript`, () => {
    for (const isRead of [false, true]) {
      test(`${isRead ? 'after' : 'before'} reading, its text is gone and the notice says why`, async () => {
        const anna = await as('anna', { javaScriptEnabled });
        const ben = await as('ben', { javaScriptEnabled });
        const message = await send({ to: 'ben@example.org' });
        if (isRead) {
          await ben.page.goto(message);
          await ben.page.getByText('Secret words.').waitFor();
        }
        await anna.page.goto(message);
        await anna.page.getByText(isRead ? /^Opened \d/ : /^Not opened yet/).first().waitFor();
        await anna.page.getByRole('link', { name: 'Recall …' }).click();
        await anna.page.getByRole('heading', { level: 1, name: 'Recall this message' }).waitFor();
        await anna.page.getByLabel('Reason', { exact: true }).fill('This was meant for <somebody> else.');
        await button(anna.page, 'Recall the message').click();
        await anna.page.getByText('The message is recalled: nobody but you has its text any more.').waitFor();
        await anna.page.getByText(/^You recalled this message from everybody/).waitFor();
        await anna.page.getByText('Secret words.').waitFor();
        await ben.page.goto(message);
        await ben.page.getByText(/^The sender recalled this message on/).waitFor();
        await ben.page.getByText('Reason: This was meant for <somebody> else.').waitFor();
        assert.equal(await ben.page.getByText('Secret words.').count(), 0);
        await ben.page.goto('/inbox');
        assert.ok(await ben.page.getByRole('link', { name: /Recalled Findings/ }).count() > 0);
        await done(anna);
        await done(ben);
      });
    }

    test('from one of two: the other keeps it, and the sender sees who lost it', async () => {
      const anna = await as('anna', { javaScriptEnabled });
      const message = await send({ to: 'ben@example.org', cc: 'carla@example.com' });
      await anna.page.goto(`${message}/recall`);
      await anna.page.getByRole('radio', { name: 'Only these people:' }).check();
      await button(anna.page, 'Recall the message').click();
      await anna.page.getByText('Please choose at least one person').first().waitFor();
      await anna.page.getByRole('checkbox', { name: /^Ben Carter/ }).check();
      await button(anna.page, 'Recall the message').click();
      await anna.page.getByText('The message is recalled from the people you chose.').waitFor();
      await anna.page.getByText(/^Recalled \d/).waitFor();
      for (const [name, has] of [['ben', false], ['carla', true]]) {
        const { body } = await request(portal, message, { cookie: cookies[name] });
        assert.equal(body.includes('Secret words.'), has, name);
      }
      await done(anna);
    });
  });
}

test('a guest is offered no recall, and the address refuses them', async () => {
  const ben = await as('ben');
  const answer = await sendByHttp(portal, cookies.ben, { to: 'anna@example.com', subject: 'Question', body: 'Why?' });
  const message = answer.headers.location.split('?')[0];
  await ben.page.goto(message);
  assert.equal(await ben.page.getByRole('link', { name: 'Recall …' }).count(), 0);
  assert.equal((await request(portal, `${message}/recall`, { cookie: cookies.ben })).status, 403);
  await done(ben);
});

async function callApi(token, method, address, body) {
  const answer = await request(portal, `/api/v1${address}`, { method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) } });
  return { status: answer.status, json: JSON.parse(answer.body) };
}

async function tokenOf(email) {
  const answer = await request(portal, '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: 'lantern over quiet water' }) });
  return JSON.parse(answer.body).token;
}

test('what was forwarded goes blank with it, and the words around it stay', async () => {
  const [anna, carla, dora] = await Promise.all(['anna@example.com', 'carla@example.com', 'dora@example.com'].map(tokenOf));
  const { json: { id } } = await callApi(anna, 'POST', '/messages', { to: ['carla@example.com'], subject: 'Plan', body: 'Secret plan.' });
  const forward = await callApi(carla, 'POST', '/messages', { to: ['dora@example.com'], subject: 'Look', body: 'My own words.', forward_of: id });
  assert.equal(forward.status, 201);
  const page = async () => (await request(portal, `/message/${forward.json.id}`, { cookie: cookies.dora })).body;
  const tracking = await callApi(anna, 'GET', `/messages/${id}/tracking`);
  assert.equal(tracking.json.recipients[0].state, 'forwarded');
  assert.equal((await callApi(dora, 'GET', `/messages/${id}`)).json.body, 'Secret plan.');
  assert.equal((await callApi(anna, 'POST', `/messages/${id}/recall`, { reason: 'Changed' })).status, 200);
  const quoted = await callApi(dora, 'GET', `/messages/${id}`);
  assert.equal(quoted.status, 200);
  assert.equal(quoted.json.body, null);
  assert.equal(quoted.json.recall_reason, 'Changed');
  const html = await page();
  assert.ok(html.includes('My own words.'));
  assert.ok(!html.includes('Secret plan.'));
  // Who has lost it forwards it no more.
  const late = await callApi(carla, 'POST', '/messages', { to: ['dora@example.com'], subject: 'Again', body: 'Look', forward_of: id });
  assert.equal(late.status, 409);
});

test('each sees what is tracked: the sender of all, a recipient of themselves', async () => {
  const anna = await as('anna');
  const ben = await as('ben');
  const message = await send({ to: 'ben@example.org', bcc: 'carla@example.com' });
  await waitFor('the mail to be sent', async () => (await request(portal, message, { cookie: cookies.anna })).body.includes('Notified '));
  // A mail scanner follows the link without a session.
  assert.equal((await request(portal, message)).status, 303);
  await anna.page.goto(message);
  assert.equal(await anna.page.getByText(/^Not opened yet/).count(), 2);
  await ben.page.goto(message);
  await ben.page.getByText('What the sender can see about you').click();
  await ben.page.getByRole('listitem').filter({ hasText: /^Opened / }).waitFor();
  await ben.page.getByRole('listitem').filter({ hasText: /^Notified / }).waitFor();
  assert.equal(await ben.page.getByText('Carla Diaz').count(), 0, 'who is in Bcc stays unseen');
  await anna.page.reload();
  await anna.page.getByText(/^Opened \d/).first().waitFor();
  assert.equal(await anna.page.getByText(/^Not opened yet/).count(), 1);
  await done(anna);
  await done(ben);
});

test('no byte of its keys is in the files a moment later', async () => {
  const message = await send({ to: 'ben@example.org' });
  const id = message.split('/').pop();
  const file = path.join(portal.folder, 'postern.db');
  const keys = execFileSync('sqlite3', [file, `SELECT hex(sealed) FROM deliveries WHERE message_id = '${id}' AND kind = 1`]).toString().trim();
  assert.ok(keys.length > 100);
  const needle = Buffer.from(keys, 'hex');
  const isThere = () => [file, `${file}-wal`].some(name => fs.existsSync(name) && fs.readFileSync(name).includes(needle));
  assert.ok(isThere());
  const token = await tokenOf('anna@example.com');
  assert.equal((await callApi(token, 'POST', `/messages/${id}/recall`, {})).status, 200);
  await waitFor('the files to be clean', () => !isThere());
});

test('who is reading it sees it go at once', async () => {
  const ben = await as('ben');
  const message = await send({ to: 'ben@example.org' });
  const token = await tokenOf('anna@example.com');
  await ben.page.goto(message);
  await ben.page.getByText('Secret words.').waitFor();
  assert.equal((await callApi(token, 'POST', `/messages/${message.split('/').pop()}/recall`, { reason: 'Live' })).status, 200);
  await ben.page.getByText('Secret words.').waitFor({ state: 'detached' });
  await done(ben);
});

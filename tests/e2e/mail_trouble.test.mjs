// When the mail server is down, refuses, hangs or talks nonsense: the sender sees how it stands, and no mail is lost (P3.4).
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { cookieOf, request, sendByHttp } from './lib/http.mjs';
import { register, send, showDelivery } from './lib/people.mjs';
import { Portal, freePort } from './lib/portal.mjs';
import { SmtpServer } from './lib/post_office.mjs';
import { waitFor } from './lib/wait.mjs';

const NEXT_TRY_S = 40; // past the first pause of a mail, 30 s

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// What a test has started ends with it, passed or not.
const stages = [];
afterEach(async () => {
  for (const end of stages.splice(0).reverse())
    await end();
});

async function startOffice(mode, port) {
  const office = await SmtpServer.start(mode, port);
  stages.push(() => office.stop());
  return office;
}

// A portal whose mail server is `mode` ('down': nothing listens), Anna registered.
async function begin(mode) {
  const office = mode === 'down' ? null : await startOffice(mode);
  const port = office?.port ?? await freePort();
  const portal = await Portal.start({ mail: `smtp://127.0.0.1:${port}` });
  stages.push(() => portal.stop());
  const anna = await visit(browser, portal);
  stages.push(() => anna.context.close());
  await register(anna.page, portal.link, 'Anna Berg');
  return { office, port, portal, anna, cookie: await cookieOf(anna.context) };
}

// Sends to new guests and waits until the message's page says all of `words` of a person.
async function sendTo(stage, addresses) {
  const invite = Object.fromEntries(addresses.map((address) => [address, 'guest']));
  const sent = await sendByHttp(stage.portal, stage.cookie, { to: addresses.join(', '), subject: 'Hello', body: 'Text.' }, invite);
  assert.equal(sent.status, 303, 'sending works whatever the mail server does');
  return sent.headers.location.split('?')[0];
}

function seeState(stage, path, address, words) {
  return waitFor(`“${words}” beside ${address}`, async () => {
    await stage.anna.page.goto(path);
    await showDelivery(stage.anna.page);
    const person = stage.anna.page.getByRole('listitem').filter({ hasText: address });
    return (await person.first().innerText()).match(words);
  });
}

async function comesBack(stage, path, address) {
  const office = await startOffice('ok', stage.port);
  await stage.portal.restart(NEXT_TRY_S);
  const link = await office.link('register', address);
  await office.link('message', address);
  await seeState(stage, path, address, /notified by e-mail/);
  assert.equal(office.to(address).length, 2, 'each mail once');
  assert.equal((await request(stage.portal, new URL(link).pathname)).status, 200, 'the link in it works');
}

// What hangs or talks nonsense is given up after 15 s, too long to wait for here.
for (const [mode, words] of [['down', /could not be reached/], ['nonsense', null], ['421', /Too busy, come back later/],
  ['hang', null]]) {
  test(`a mail server that is ${mode}: the mail waits, the sender sees it, and it arrives later`, async () => {
    const stage = await begin(mode);
    const path = await sendTo(stage, ['ben@example.org']);
    await seeState(stage, path, 'ben@example.org', /the e-mail is waiting to be sent/);
    if (words)
      await seeState(stage, path, 'ben@example.org', words);
    await send(stage.anna.page, { to: 'ben@example.org', subject: 'Again', body: 'Pages go on meanwhile.' });
    await stage.office?.stop();
    // The second notification waits, too: three mails in all.
    const office = await startOffice('ok', stage.port);
    await stage.portal.restart(NEXT_TRY_S);
    const link = await office.link('register', 'ben@example.org');
    await office.link('message', 'ben@example.org', 1);
    assert.equal(office.to('ben@example.org').length, 3, 'each mail once');
    await seeState(stage, path, 'ben@example.org', /notified by e-mail/);
    assert.equal((await request(stage.portal, new URL(link).pathname)).status, 200, 'the link in it works');
      });
}

test('one recipient is refused for good, one for now, one is served', async () => {
  const stage = await begin('refuse');
  const path = await sendTo(stage, ['refused@example.org', 'later@example.org', 'fine@example.org']);
  await seeState(stage, path, 'fine@example.org', /notified by e-mail/);
  await seeState(stage, path, 'refused@example.org', /the e-mail came back/);
  await seeState(stage, path, 'refused@example.org', /There is no such person here/);
  await seeState(stage, path, 'later@example.org', /the e-mail is waiting to be sent/);
  await seeState(stage, path, 'later@example.org', /Greylisted, come back later/);
  assert.equal(stage.office.to('fine@example.org').length, 2);
  await stage.office.stop();
  await comesBack(stage, path, 'later@example.org');
});

test('a wrong address of the mail server is mended by the configuration and SIGHUP', async () => {
  const { writeFileSync } = await import('node:fs');
  const stage = await begin('down');
  const path = await sendTo(stage, ['ben@example.org']);
  await seeState(stage, path, 'ben@example.org', /could not be reached/);
  await stage.portal.terminate();
  const office = await startOffice('ok');
  delete stage.portal.mail;
  const file = `${stage.portal.folder}/postern.conf`;
  writeFileSync(file, `mail = smtp://127.0.0.1:${stage.port}\n`);
  await stage.portal.serve(NEXT_TRY_S);
  writeFileSync(file, `mail = ${office.url}\n`);
  stage.portal.child.kill('SIGHUP');
  await waitFor('the configuration to be read again', () => stage.portal.log.includes('config.reloaded'));
  const second = await sendTo(stage, ['carla@example.org']);
  await office.link('register', 'carla@example.org');
  await seeState(stage, second, 'carla@example.org', /notified by e-mail/);
});

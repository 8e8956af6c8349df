// Requests to sign among what people take along: all messages as .eml files, all files of a message as one zip; in each state of a request.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { download, makeFile, makePdf } from './lib/files.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { PASSWORD } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { askToSign, signaturesOf, signByHttp } from './lib/signing.mjs';
import { waitFor } from './lib/wait.mjs';

const BEN = 'ben@example.org';
const CLEO = 'cleo@example.org';
const STATES = ['open', 'signed by one', 'completed', 'declined', 'cancelled', 'recalled', 'expired'];

let portal;
const cookies = {};
const tokens = {};
const messages = {}; // by state: the path

const documents = () => ['One', 'Two'].map((word) => ({ name: 'Contract.pdf', bytes: makePdf([word]) }));
const sign = async (who, message) => assert.equal((await signByHttp(portal, cookies[who], message, { signature: who })).status, 303);
const call = (who, method, at, body) => request(portal, at, { method, body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tokens[who]}` } });

before(async () => {
  portal = await Portal.start();
  cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  for (const [who, address, name] of [['ben', BEN, 'Ben Carter'], ['cleo', CLEO, 'Cleo Diaz']]) {
    await sendByHttp(portal, cookies.anna, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: 'guest' });
    cookies[who] = await registerByHttp(portal, await portal.post.link('register', address), name);
  }
  for (const [who, email] of [['anna', 'anna@example.com'], ['ben', BEN], ['cleo', CLEO]])
    tokens[who] = JSON.parse((await request(portal, '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }) })).body).token;
  for (const state of STATES)
    messages[state] = await askToSign(portal, cookies.anna, { to: `${BEN}, ${CLEO}`, subject: `To sign: ${state}`, documents: documents(),
      ...(state === 'expired' && { signing_deadline: new Date(Date.now() + 3000).toISOString() }) });
  for (const state of ['signed by one', 'completed', 'recalled'])
    await sign('ben', messages[state]);
  await sign('cleo', messages.completed);
  const id = (state) => messages[state].split('/').at(-1);
  const acts = [['ben', `/api/v1/signature-requests/${id('declined')}/decline`], ['anna', `/api/v1/signature-requests/${id('cancelled')}/cancel`],
    ['anna', `/api/v1/messages/${id('recalled')}/recall`]];
  for (const [who, at] of acts)
    assert.equal((await call(who, 'POST', at, { reason: 'Other rent.' })).status, 200, at);
  await waitFor('the deadline to pass', async () =>
    JSON.parse((await call('anna', 'GET', `/api/v1/signature-requests/${id('expired')}`)).body).state === 'expired');
});
after(() => portal?.stop());

// {name: bytes}, by other people's programs.
const READER = 'import base64, json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps({n: base64.b64encode(z.read(n)).decode() for n in z.namelist()}))';
function unzip(bytes) {
  const file = makeFile('all.zip', bytes);
  execFileSync('unzip', ['-tq', file.path]);
  const read = JSON.parse(execFileSync('python3', ['-c', READER, file.path], { encoding: 'utf8', maxBuffer: 1 << 28 }));
  return Object.fromEntries(Object.entries(read).map(([name, text]) => [name, Buffer.from(text, 'base64')]));
}

describe('all messages', () => {
  for (const who of ['anna', 'ben', 'cleo'])
    test(`${who} has each request once, whatever became of it`, async () => {
      const answer = await fetch(`${portal.url}/api/v1/export`, { method: 'POST', body: JSON.stringify({ password: PASSWORD }),
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tokens[who]}` } });
      assert.equal(answer.status, 200);
      const files = unzip(Buffer.from(await answer.arrayBuffer()));
      for (const state of STATES) {
        const [name, ...more] = Object.keys(files).filter((one) => one.includes(`To sign- ${state} (`) && one.endsWith('.eml'));
        assert.ok(name, state);
        assert.deepEqual(more, [], state);
        const isGone = state === 'recalled' && who === 'cleo'; // who has signed keeps it
        assert.equal(String(files[name]).includes('Please sign.'), !isGone, state);
        assert.equal(String(files[name]).includes('This message was recalled'), isGone, state);
        // The documents as they stand.
        const folder = `${name.slice(0, -'.eml'.length)}/`;
        const documents = Object.keys(files).filter((one) => one.startsWith(folder));
        assert.deepEqual(documents.sort(), isGone ? [] : [`${folder}Contract (2).pdf`, `${folder}Contract.pdf`]);
        const count = { completed: 4, 'signed by one': 2, recalled: 2 }[state] ?? 1; // the certification is one
        for (const one of documents)
          assert.deepEqual((await signaturesOf(files[one])).map(({ isValid }) => isValid), Array(count).fill(true), `${one}, ${who}`);
      }
    });
});

describe('all files of a message', () => {
  test('a completed one: the sealed copy of each document, under names of their own', async () => {
    for (const who of ['anna', 'ben', 'cleo']) {
      const zip = await download(portal, `${messages.completed}/files.zip`, cookies[who]);
      assert.equal(zip.status, 200);
      const files = unzip(zip.bytes);
      assert.deepEqual(Object.keys(files).sort(), ['Contract (2).pdf', 'Contract.pdf']);
      for (const bytes of Object.values(files)) {
        const signatures = await signaturesOf(bytes);
        assert.deepEqual(signatures.map(({ isValid }) => isValid), [true, true, true, true]);
        assert.equal(signatures.filter(({ isTotal }) => isTotal).length, 1);
      }
      assert.notDeepEqual(files['Contract.pdf'], files['Contract (2).pdf']);
    }
  });

  for (const state of STATES.filter((one) => one !== 'completed'))
    test(`${state}: there is no sealed copy, and so no zip of them`, async () => {
      const zip = await download(portal, `${messages[state]}/files.zip`, cookies.anna);
      assert.notEqual(zip.status, 200);
      assert.doesNotMatch(zip.headers['content-type'], /zip/);
    });

  test('handed on, the sealed copies come along', async () => {
    const id = messages.completed.split('/').at(-1);
    const sent = await call('ben', 'POST', '/api/v1/messages', { to: ['anna@example.com'], forward_of: id });
    assert.equal(sent.status, 201, sent.body);
    const zip = await download(portal, `/message/${JSON.parse(sent.body).id}/files.zip`, cookies.anna);
    assert.deepEqual(Object.keys(unzip(zip.bytes)).sort(), ['Contract (2).pdf', 'Contract.pdf']);
  });
});

// Documents to sign from a script, from the upload to what other programs say of the signed PDF: with the real worker, and no browser.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { download, makePdf, makePng, upload } from './lib/files.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { PASSWORD } from './lib/people.mjs';
import { Portal, STORES } from './lib/portal.mjs';
import { look, signaturesOf } from './lib/signing.mjs';

const GABI = 'gabi@example.org';
const HUGO = 'hugo@example.org';
const REQUESTS = '/api/v1/signature-requests';
const BOX = { page: 1, x: 72, width: 180, height: 40 };

let portal;
let cookie;
const tokens = {};

async function call(who, method, path, body, headers = {}) {
  const answer = await request(portal, path, { method, body: body && JSON.stringify(body),
    headers: { ...(body && { 'Content-Type': 'application/json' }), Authorization: `Bearer ${tokens[who]}`, ...headers } });
  return { status: answer.status, headers: answer.headers, json: answer.body ? JSON.parse(answer.body) : null };
}

async function signIn(who, email) {
  const answer = await request(portal, '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }) });
  tokens[who] = JSON.parse(answer.body).token;
}

before(async () => {
  portal = await Portal.start({ store: STORES.at(-1) });
  cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
  await sendByHttp(portal, cookie, { to: GABI, subject: 'Welcome', body: 'Hello.' }, { [GABI]: 'guest' });
  await registerByHttp(portal, await portal.post.link('register', GABI), 'Gabi Müller');
  await signIn('gabi', GABI);
  await signIn('anna', 'anna@example.com');
});
after(() => portal?.stop());

describe('a contract, by script', () => {
  let id;
  let file;

  test('its pages are looked at, and it is sent; the second one is new and waits', async () => {
    file = await upload(portal, cookie, 'Contract.pdf', 'application/pdf', makePdf(['One', 'Two', 'Three']));
    const pages = await call('anna', 'POST', `${REQUESTS}/inspect`, { file });
    assert.equal(pages.status, 200, JSON.stringify(pages.json));
    assert.equal(pages.json.pages.length, 3);
    const body = {
      subject: 'Contract', body: 'Please sign.', files: [file], order: 'sequence', remind_after_days: 3,
      signers: [
        { email: GABI, fields: [{ id: 'a1', type: 'signature', file, y: 300, ...BOX }, { id: 'd1', type: 'date', file, y: 360, ...BOX, required: false }] },
        { email: HUGO, fields: [{ id: 'b1', type: 'signature', file, y: 500, ...BOX }] },
      ],
    };
    const made = await call('anna', 'POST', REQUESTS, body, { 'Idempotency-Key': 'contract-1' });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    id = made.json.id;
    const again = await call('anna', 'POST', REQUESTS, body, { 'Idempotency-Key': 'contract-1' });
    assert.equal(again.json.id, id);
    assert.deepEqual(made.json.signers.map(({ state }) => state), ['asked', 'waiting']);
  });

  test('a field over the edge of its page is a mistake of that field', async () => {
    const other = await upload(portal, cookie, 'Other.pdf', 'application/pdf', makePdf(['One']));
    const answer = await call('anna', 'POST', REQUESTS, { files: [other],
      signers: [{ email: GABI, fields: [{ id: 'a1', type: 'signature', file: other, ...BOX, y: 840 }] }] });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json.errors.map(({ field }) => field), ['fields.a1']);
    const none = await upload(portal, cookie, 'None.pdf', 'application/pdf', Buffer.from('<html>'));
    const refused = await call('anna', 'POST', REQUESTS, { files: [none], signers: [{ email: GABI }] });
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.json.errors.map(({ field }) => field), ['files']);
  });

  test('the first one draws, the second one registers and types', async () => {
    const drawn = `data:image/png;base64,${makePng(300, 100).toString('base64')}`;
    const signed = await call('gabi', 'POST', `${REQUESTS}/${id}/sign`, { consent: true, fields: { a1: drawn } });
    assert.equal(signed.status, 200, JSON.stringify(signed.json));
    assert.deepEqual(signed.json.signers.map(({ state }) => state), ['signed', 'asked']);
    await registerByHttp(portal, await portal.post.link('register', HUGO), 'Hugo Hansen');
    await signIn('hugo', HUGO);
    const seen = await call('hugo', 'GET', `${REQUESTS}/${id}`);
    assert.ok(seen.json.can_sign && seen.json.consent.length > 20);
    const last = await call('hugo', 'POST', `${REQUESTS}/${id}/sign`, { consent: true, fields: { b1: 'Hugo Hansen' } });
    assert.equal(last.status, 200, JSON.stringify(last.json));
    assert.equal(last.json.state, 'completed');
  });

  test('other programs call every signature valid, and the whole document signed', async () => {
    const { status, headers, bytes } = await download(portal, `${REQUESTS}/${id}/files/${file}`, '', { Authorization: `Bearer ${tokens.gabi}` });
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/pdf');
    const signatures = await signaturesOf(bytes);
    assert.equal(signatures.length, 4); // certified, two signers, sealed
    assert.ok(signatures.every(({ isValid }) => isValid));
    assert.equal(signatures.filter(({ isTotal }) => isTotal).length, 1);
    const names = signatures.map(({ name }) => name);
    assert.ok(names.includes('Gabi Müller') && names.includes('Hugo Hansen'), names.join());
    assert.match(await look('qpdf', ['--check'], bytes), /No syntax or stream encoding errors found/);
  });

  test('what was signed stays', async () => {
    for (const what of [`${REQUESTS}/${id}/cancel`, `/api/v1/messages/${id}/recall`]) {
      const answer = await call('anna', 'POST', what, {});
      assert.equal(answer.status, 409);
      assert.ok(answer.json.errors[0].detail.length > 20);
    }
    const list = await call('hugo', 'GET', `${REQUESTS}?shelf=finished`);
    assert.deepEqual(list.json.items.map((item) => [item.id, item.state, item.signed]), [[id, 'completed', 2]]);
    const files = await call('hugo', 'GET', '/api/v1/files');
    assert.equal(files.json.items.length, 1);
  });
});

// Uploads and a real clamd: what it finds is marked or refused, and it may come and go (docs/SECURITY.md, Viruses in files).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Clamd, EICAR, STREAM_MAX_BYTES, whyNoClamd } from './lib/clamd.mjs';
import { registerByHttp, request } from './lib/http.mjs';
import { PASSWORD } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';

const TUS = { 'Tus-Resumable': '1.0.0' };
const BYTES = { ...TUS, 'Content-Type': 'application/offset+octet-stream' };

describe('uploads are shown to clamd', { skip: whyNoClamd }, () => {
  let clamd;
  let portal;
  let bearer;

  before(async () => {
    clamd = await Clamd.start();
    portal = await Portal.start({ args: ['--clamd', clamd.url] });
    await registerByHttp(portal, portal.link, 'Anna Berg');
    const { body } = await request(portal, '/api/v1/session', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: 'anna@example.com', password: PASSWORD }),
    });
    bearer = { Authorization: `Bearer ${JSON.parse(body).token}` };
  });
  after(async () => {
    await portal?.stop();
    await clamd?.stop();
  });

  const tus = (method, where, headers, body) => request(portal, where, { method, headers: { ...bearer, ...headers }, body });

  async function create(bytes, name = 'Befund Meier.txt') {
    const { status, headers, body } = await tus('POST', '/files', {
      ...TUS, 'Upload-Length': bytes, 'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`, 'Content-Length': 0,
    });
    assert.equal(status, 201, body);
    return headers.location;
  }

  const patch = (where, offset, bytes) => tus('PATCH', where, { ...BYTES, 'Upload-Offset': offset }, bytes);
  const offsetOf = async where => Number((await tus('HEAD', where, TUS)).headers['upload-offset']);

  async function upload(bytes) {
    const where = await create(bytes.length);
    return { where, ...await patch(where, 0, bytes) };
  }

  async function choose(setting) {
    assert.equal((await portal.command('setting', 'set', 'virus_scan', setting)).code, 0);
    await portal.restart();
  }

  // Of the file at this place.
  const logged = (where, event) => portal.log.split('\n').filter(line => line.includes(event) && line.includes(`file=${path.basename(where)}`));
  const blobs = () => fs.readdirSync(path.join(portal.folder, 'files'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).length;
  const infected = at => Buffer.concat([Buffer.alloc(at, 'a'), Buffer.from(EICAR), Buffer.alloc(100, 'z')]);

  test('the log says at the start that it is there', () => {
    assert.match(portal.log, /info scanner\.ready clamd=unix:/);
  });

  test('a clean file passes', async () => {
    const { where, status } = await upload(Buffer.from('nothing in it'));
    assert.equal(status, 204);
    assert.equal(await offsetOf(where), 13);
    assert.deepEqual([...logged(where, 'file.infected'), ...logged(where, 'file.not_scanned')], []);
  });

  test('mark: what is infected arrives, and is marked', async () => {
    const { where, status } = await upload(infected(0));
    assert.equal(status, 204);
    assert.match(logged(where, 'warn file.infected')[0], /user=\S+ signature=Test\.EICAR\.UNOFFICIAL done=marked$/);
    assert.doesNotMatch(portal.log, /Meier/);
  });

  test('in several requests it is found too, across their borders', async () => {
    const bytes = infected(1 << 20);
    const where = await create(bytes.length);
    for (let at = 0, until; at < bytes.length; at = until) {
      until = at < 1 << 20 ? (1 << 20) + 30 : at + 20;
      assert.equal((await patch(where, at, bytes.subarray(at, until))).status, 204);
    }
    assert.equal(logged(where, 'done=marked').length, 1);
  });

  test('more than it takes is not checked', async () => {
    const { where, status } = await upload(infected(STREAM_MAX_BYTES));
    assert.equal(status, 204);
    assert.match(logged(where, 'warn file.not_scanned')[0], /reason=too_large$/);
  });

  test('mark, and clamd has gone: uploads go on, not checked', async () => {
    await clamd.kill();
    const { where, status } = await upload(infected(0));
    assert.equal(status, 204);
    assert.match(logged(where, 'warn file.not_scanned')[0], /reason=unavailable$/);
    await clamd.run();
  });

  test('refuse: the sender is told by the name of the file, and nothing of it is kept', async () => {
    await choose('refuse');
    const before = blobs();
    for (const bytes of [infected(0), infected(2 << 20)]) {
      const { where, status, headers, body } = await upload(bytes);
      assert.equal(status, 403);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(JSON.parse(body).detail, /The virus scanner has found something in “Befund Meier\.txt”/);
      assert.equal(logged(where, 'done=refused').length, 1);
      assert.equal(blobs(), before);
      assert.equal((await tus('HEAD', where, TUS)).status, 403);
      const again = await patch(where, 0, bytes);
      assert.equal(again.status, 403);
      assert.match(JSON.parse(again.body).detail, /“Befund Meier\.txt”/);
    }
    assert.doesNotMatch(portal.log, /Meier/);
    assert.deepEqual(fs.readdirSync(path.join(clamd.folder, 'temporary')), [], 'clamd has put it away');
  });

  test('refuse: a clean file passes, and one too large for it', async () => {
    for (const bytes of [Buffer.alloc(2 << 20, 'a'), Buffer.alloc(STREAM_MAX_BYTES + 1, 'a')]) {
      const { where, status } = await upload(bytes);
      assert.equal(status, 204);
      assert.equal(await offsetOf(where), bytes.length);
    }
  });

  test('refuse, and clamd has gone: nothing passes, and later it goes on', async () => {
    const bytes = Buffer.alloc(2 << 20, 'a');
    const where = await create(bytes.length);
    assert.equal((await patch(where, 0, bytes.subarray(0, 1 << 20))).status, 204);
    await clamd.kill();
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await patch(where, 1 << 20, bytes.subarray(1 << 20));
      assert.equal(status, 503);
      assert.ok(Number(headers['retry-after']) > 0);
      assert.match(JSON.parse(body).detail, /try again in a moment/);
      assert.equal(await offsetOf(where), 1 << 20, 'it is not taken for complete');
    }
    await clamd.run();
    assert.equal((await patch(where, 1 << 20, bytes.subarray(1 << 20))).status, 204);
    assert.equal(await offsetOf(where), bytes.length);
  });

  test('pages are served while clamd hangs', async () => {
    clamd.freeze();
    const uploads = Array.from({ length: 6 }, () => upload(Buffer.alloc(1000, 'a')));
    for (let i = 0; i < 20; i++)
      assert.equal((await request(portal, '/sign-in')).status, 200);
    const first = await Promise.race(uploads);
    assert.equal(first.status, 503, 'those who would be too many do not wait for long');
    clamd.thaw();
    for (const { status } of await Promise.all(uploads))
      assert.ok([204, 503].includes(status));
    assert.equal((await upload(infected(0))).status, 403);
  });

  test('everything that is stored is whole', async () => {
    await portal.terminate();
    const { code, stdout, stderr } = await portal.command('check');
    assert.equal(code, 0, stdout + stderr);
    await portal.serve();
  });

  test('off: nothing is shown to it', async () => {
    await choose('off');
    const { where, status } = await upload(infected(0));
    assert.equal(status, 204);
    assert.deepEqual(logged(where, 'warn'), []);
  });
});

test('a clamd that is not there is named at the start, and the portal serves', async () => {
  const portal = await Portal.start({ args: ['--clamd', 'unix:/nowhere/clamd.ctl'] });
  assert.match(portal.log, /warn scanner\.out_of_reach clamd=unix:\/nowhere\/clamd\.ctl/);
  assert.equal((await request(portal, '/sign-in')).status, 200);
  await portal.stop();
});

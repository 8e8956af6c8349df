// Downloads as programs and bad lines make them: parts, cuts, damage, and rights that end in the middle (P4.3, P4.4, P5).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { Portal, STORES } from './lib/portal.mjs';
import { createUpload, headUpload, idOf, patchUpload, sha256, signInByApi, someBytes } from './lib/tus.mjs';
import { waitFor } from './lib/wait.mjs';

const MIB = 2 ** 20;
const BEN = 'ben@example.org';
const CLEO = 'cleo@example.org';

// {status, headers, bytes, isWhole}: also of an answer that breaks off. `until`: hangs up after so many bytes.
function get(portal, at, headers, { method = 'GET', until = Infinity } = {}) {
  return new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port: portal.port, path: at, method, agent: false, headers: { Host: new URL(portal.url).host, ...headers } }, (incoming) => {
      const parts = [];
      let count = 0;
      const end = () => resolve({ status: incoming.statusCode, headers: incoming.headers, bytes: Buffer.concat(parts), isWhole: incoming.complete });
      incoming.on('data', (part) => {
        parts.push(part);
        count += part.length;
        if (count >= until)
          asked.destroy();
      });
      incoming.on('error', () => undefined);
      incoming.on('close', end);
    });
    asked.on('error', reject);
    asked.end();
  });
}

// A download whose reader reads no further than the first bytes. isUp(): what the kernel says of the connection, since nobody reads it.
async function stall(portal, at, headers) {
  const incoming = await new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: portal.port, path: at, agent: false, headers: { Host: new URL(portal.url).host, ...headers } }, resolve).on('error', reject);
  });
  assert.equal(incoming.statusCode, 200);
  incoming.on('error', () => undefined);
  // From here on: it may be cut, and that be noticed, before anybody reads on.
  const closed = new Promise(resolve => incoming.once('close', resolve));
  const parts = [];
  await new Promise((resolve) => { incoming.once('data', (part) => { parts.push(part); incoming.pause(); resolve(); }); });
  const hex = port => port.toString(16).toUpperCase().padStart(4, '0');
  const pair = new RegExp(` \\w+:${hex(incoming.socket.localPort)} \\w+:${hex(incoming.socket.remotePort)} 01 `);
  const isUp = () => pair.test(fs.readFileSync('/proc/net/tcp', 'latin1'));
  assert.ok(isUp(), 'it runs');
  // What comes when it is read on: {bytes, isWhole}.
  const readOn = async () => {
    incoming.on('data', part => parts.push(part));
    incoming.resume();
    await closed;
    return { bytes: Buffer.concat(parts), isWhole: incoming.complete };
  };
  return { isUp, readOn };
}

for (const store of STORES) {
  describe(`downloads, ${store}`, () => {
    let portal;
    const auth = {};
    before(async () => {
      portal = await Portal.start({ store });
      const cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
      auth.anna = await signInByApi(portal);
      for (const [address, name] of [[BEN, 'Ben Carter'], [CLEO, 'Cleo Diaz']]) {
        await sendByHttp(portal, cookie, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: 'guest' });
        await registerByHttp(portal, await portal.post.link('register', address), name);
      }
      auth.ben = await signInByApi(portal, BEN);
      auth.cleo = await signInByApi(portal, CLEO);
    });
    after(() => portal?.stop());

    async function upload(bytes, name = 'scan.bin') {
      const at = await createUpload(portal, auth.anna, bytes.length, name);
      assert.equal((await patchUpload(portal, auth.anna, at, 0, bytes)).status, 204);
      return idOf(at);
    }

    async function call(who, path, fields) {
      const { status, body } = await request(portal, `/api/v1${path}`, { method: 'POST', headers: { ...auth[who], 'Content-Type': 'application/json' }, body: JSON.stringify(fields) });
      assert.ok(status < 300, `${status} ${body}`);
      return JSON.parse(body);
    }

    // {message, content}: Ben and Cleo have it.
    async function give(...files) {
      const { id } = await call('anna', '/messages', { to: [BEN, CLEO], subject: 'Files', files });
      return { message: id, content: `/files/${files[0]}/content` };
    }

    const blobs = () => fs.readdirSync(path.join(portal.folder, 'files'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath ?? entry.path, entry.name));

    // The blobs that are new after `act`, and what it gives.
    async function blobsOf(act) {
      const old = new Set(blobs());
      const result = await act();
      return [result, blobs().filter(file => !old.has(file))];
    }

    test('parts, as a client that resumes asks for them', async () => {
      const bytes = someBytes(3 * MIB + 5);
      const { content } = await give(await upload(bytes));
      const { headers: { etag } } = await get(portal, content, auth.ben);
      assert.match(etag, /^"[^"]+"$/);
      const end = bytes.length - 1;
      for (const [asked, status, from, until] of [
        [{}, 200, 0, end],
        [{ Range: 'bytes=0-0' }, 206, 0, 0],
        [{ Range: `bytes=${MIB - 5}-${2 * MIB + 5}` }, 206, MIB - 5, 2 * MIB + 5],
        [{ Range: 'bytes=-7' }, 206, end - 6, end],
        [{ Range: 'bytes=100-', 'If-Range': etag }, 206, 100, end],
        [{ Range: 'bytes=100-', 'If-Range': '"another"' }, 200, 0, end],
        [{ Range: 'bytes=0-1, 5-6' }, 200, 0, end],
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const got = await get(portal, content, { ...auth.ben, ...asked }, { method });
          const what = `${method} ${JSON.stringify(asked)}`;
          assert.equal(got.status, status, what);
          assert.equal(got.headers['content-length'], String(until - from + 1), what);
          assert.equal(got.headers['content-range'], status === 206 ? `bytes ${from}-${until}/${bytes.length}` : undefined, what);
          assert.equal(got.headers.etag, etag, what);
          assert.equal(got.headers['accept-ranges'], 'bytes', what);
          assert.equal(got.headers['x-content-type-options'], 'nosniff', what);
          assert.ok(got.isWhole, what);
          assert.ok(got.bytes.equals(method === 'GET' ? bytes.subarray(from, until + 1) : Buffer.alloc(0)), what);
        }
      }
      for (const [asked, status] of [[{ Range: `bytes=${bytes.length}-` }, 416], [{ 'If-None-Match': etag }, 304], [{ 'If-Match': '"another"' }, 412]]) {
        const got = await get(portal, content, { ...auth.ben, ...asked });
        assert.equal(got.status, status);
        assert.equal(got.headers['content-range'], status === 416 ? `bytes */${bytes.length}` : undefined);
        assert.equal(got.bytes.length, 0);
      }
    });

    test('cut as often as one likes, it goes on where it was', async () => {
      const bytes = someBytes(8 * MIB + 321);
      const { content } = await give(await upload(bytes));
      let have = Buffer.alloc(0);
      let etag;
      for (let cuts = 0; have.length < bytes.length; cuts++) {
        const asked = have.length ? { Range: `bytes=${have.length}-`, 'If-Range': etag } : {};
        const got = await get(portal, content, { ...auth.ben, ...asked }, { until: cuts < 4 ? 1_500_000 : Infinity });
        assert.equal(got.status, have.length ? 206 : 200);
        assert.equal(got.isWhole, cuts === 4);
        etag = got.headers.etag;
        have = Buffer.concat([have, got.bytes]);
      }
      assert.equal(sha256(have), sha256(bytes));
    });

    test('a name of any script arrives', async () => {
      for (const name of ['Befund Müller.pdf', 'レントゲン 胸部.dcm', 'צילום.pdf', 'снимок "1".jpg', '😀.txt']) {
        const { headers } = await get(portal, `/files/${await upload(Buffer.from('x'), name)}/content`, auth.anna);
        const [, encoded] = /; filename\*=UTF-8''([^;]*)$/.exec(headers['content-disposition']);
        assert.equal(decodeURIComponent(encoded), name);
        assert.match(headers['content-disposition'], /^attachment; filename="[ -~]*"; /);
      }
    });

    test('all files of a long chain of forwards come in one zip, whatever they are called', async () => {
      const files = [];
      for (let i = 0; i < 100; i++)
        files.push(await upload(Buffer.from(`${i}`), `${'x'.repeat(250)}.txt`));
      let last = (await give(...files)).message;
      for (let i = 0; i < 6; i++)
        last = (await call('anna', '/messages', { to: [BEN], subject: 'Again', files, forward_of: last })).id;
      const { status, bytes, isWhole } = await get(portal, `/api/v1/messages/${last}/files.zip`, auth.ben);
      assert.equal(status, 200);
      assert.ok(isWhole);
      const names = new Set([...bytes.toString('latin1').matchAll(/PK\x01\x02[^]{42}(x{250}(?: \(\d+\))?\.txt)/g)].map(match => match[1]));
      assert.equal(names.size, 700);
    });

    // More than the kernel keeps for a reader who does not read.
    const LONG = someBytes(40 * MIB);
    for (const [what, end] of [
      ['the recall of the file from him', ({ message, file }) => call('anna', `/messages/${message}/files/${file}/recall`, { recipients: [BEN] })],
      ['the recall of his copy of the message', ({ message }) => call('anna', `/messages/${message}/recall`, { recipients: [BEN] })],
      ['the end of his session', async () => {
        assert.equal((await request(portal, '/api/v1/session', { method: 'DELETE', headers: auth.ben })).status, 204);
        auth.ben = await signInByApi(portal, BEN);
      }],
    ]) {
      test(`${what} cuts what he is downloading, alone and in a zip; others go on`, async () => {
        const file = await upload(LONG);
        const { message, content } = await give(file, await upload(Buffer.from('second')));
        const zip = `/api/v1/messages/${message}/files.zip`;
        const his = [await stall(portal, content, auth.ben), await stall(portal, zip, auth.ben)];
        const hers = await stall(portal, content, auth.cleo);
        await end({ message, file });
        // At once, although he reads nothing; long before he would be too slow.
        for (const one of his) {
          await waitFor('the download to be cut', () => !one.isUp(), 8_000);
          const { bytes, isWhole } = await one.readOn();
          assert.ok(!isWhole && bytes.length < LONG.length / 2, `${bytes.length} bytes came`);
        }
        assert.ok(hers.isUp());
        const { bytes, isWhole } = await hers.readOn();
        assert.ok(isWhole);
        assert.equal(sha256(bytes), sha256(LONG));
      });
    }

    test('what is damaged is not given, told and logged; the rest is', async () => {
      const bytes = someBytes(3 * MIB + 5);
      const [file, [blob]] = await blobsOf(() => upload(bytes, 'Befund Meier.bin'));
      const other = await upload(bytes);
      const { content } = await give(file);
      const stored = fs.readFileSync(blob);
      const damaged = Buffer.from(stored);
      damaged[MIB + 16 + 5] ^= 1; // in the second chunk
      fs.chmodSync(blob, 0o600);
      fs.writeFileSync(blob, damaged);
      const events = () => portal.log.split('\n').filter(line => line.includes('alarm file.damaged') && line.includes(file)).length;
      const whole = await get(portal, content, auth.ben);
      assert.equal(whole.status, 200);
      assert.equal(whole.isWhole, false, 'it breaks off');
      assert.ok(whole.bytes.length <= MIB && whole.bytes.equals(bytes.subarray(0, whole.bytes.length)), 'before the damage');
      await waitFor('the event', () => events() === 1);
      const within = await get(portal, content, { ...auth.ben, Range: `bytes=${MIB + 10}-${MIB + 20}` });
      assert.equal(within.status, 500);
      assert.match(JSON.parse(within.bytes).detail, /damaged/);
      for (const from of [0, 2 * MIB, 3 * MIB]) {
        const until = Math.min(from + MIB, bytes.length);
        const got = await get(portal, content, { ...auth.ben, Range: `bytes=${from}-${until - 1}` });
        assert.equal(got.status, 206);
        assert.ok(got.isWhole && got.bytes.equals(bytes.subarray(from, until)));
      }
      const check = await portal.command('check');
      assert.notEqual(check.code, 0);
      assert.match(check.stdout + check.stderr, new RegExp(file));
      fs.rmSync(blob);
      const missing = await get(portal, content, auth.ben);
      assert.equal(missing.status, 500);
      assert.match(JSON.parse(missing.bytes).detail, /damaged/);
      assert.notEqual((await portal.command('check')).code, 0);
      assert.equal(events(), 3);
      assert.doesNotMatch(portal.log, /Meier/);
      assert.ok((await get(portal, `/files/${other}/content`, auth.anna)).bytes.equals(bytes));
      fs.writeFileSync(blob, stored, { mode: 0o400 });
      assert.equal(sha256((await get(portal, content, auth.ben)).bytes), sha256(bytes));
      assert.equal((await portal.command('check')).code, 0);
    });

    test('after 24 hours without progress an upload is gone, with its bytes', async () => {
      const [at, stored] = await blobsOf(async () => {
        const begun = await createUpload(portal, auth.anna, 2 * MIB);
        assert.equal((await patchUpload(portal, auth.anna, begun, 0, someBytes(MIB))).status, 204);
        return begun;
      });
      assert.equal(stored.length, 1);
      const expires = Date.parse((await headUpload(portal, auth.anna, at)).headers['upload-expires']);
      const left_s = (expires - Date.now()) / 1000;
      assert.ok(left_s > 86_000 && left_s <= 86_400, `${left_s} s`);
      await portal.restart(left_s + 60);
      await waitFor('the sweep', () => !fs.existsSync(stored[0]));
      auth.anna = await signInByApi(portal);
      assert.equal((await headUpload(portal, auth.anna, at)).status, 404);
      assert.equal((await portal.command('check')).code, 0);
    });
  });
}

// Uploads as clients really make them: the tus client over lines that break and servers that die, and bare connections that
// lie, fall silent or send twice (P5).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { waitForEnd } from './lib/child.mjs';
import { post, registerByHttp, request } from './lib/http.mjs';
import { Portal, STORES } from './lib/portal.mjs';
import { BYTES, beginPatch, beginRequest, createUpload, headUpload, offsetOf, patchUpload, pathOf, readBack, sendByTus, sha256, signInByApi, someBytes } from './lib/tus.mjs';
import { waitFor } from './lib/wait.mjs';

const MIB = 2 ** 20;
const pause = ms => new Promise((done) => { setTimeout(done, ms); });

async function assertStored(portal, auth, at, bytes) {
  const { headers } = await headUpload(portal, auth, at);
  assert.equal(headers['upload-offset'], String(bytes.length));
  assert.equal(headers['upload-length'], String(bytes.length));
  assert.equal(headers['upload-expires'], undefined);
  assert.equal(sha256(await readBack(portal, auth, at)), sha256(bytes));
}

for (const store of STORES) {
  describe(`uploads, ${store}`, () => {
    let portal;
    let cookie;
    let auth;
    before(async () => {
      portal = await Portal.start({ store });
      cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
      auth = await signInByApi(portal);
    });
    after(() => portal?.stop());

    for (const [how, options] of [['in one request', { chunkSize: Infinity }], ['in requests of 100 KB', { chunkSize: 100_000 }], ['in requests of 1 MiB', { chunkSize: MIB }],
      ['in requests of an odd size', { chunkSize: 777_777 }], ['with the creation', { uploadDataDuringCreation: true, chunkSize: 2 * MIB }],
      ['by POST, where PATCH cannot pass', { overridePatchMethod: true, chunkSize: MIB }]]) {
      test(`the tus client sends ${how}`, async () => {
        const bytes = someBytes(3 * MIB + 12_345);
        const upload = await sendByTus(portal, auth, bytes, options);
        await assertStored(portal, auth, pathOf(upload), bytes);
      });
    }

    test('the tus client sends nothing at all', async () => {
      const upload = await sendByTus(portal, auth, Buffer.alloc(0));
      await assertStored(portal, auth, pathOf(upload), Buffer.alloc(0));
    });

    test('what one program has begun another one ends', async () => {
      const bytes = someBytes(4 * MIB);
      let begun;
      await new Promise((resolve, reject) => {
        sendByTus(portal, auth, bytes, { chunkSize: MIB, watch: (upload) => { begun = upload; },
          onChunkComplete: (size, accepted) => { if (accepted >= 2 * MIB) resolve(begun.abort()); } }).catch(reject);
      });
      let sent = 0;
      const upload = await sendByTus(portal, auth, bytes, { uploadUrl: begun.url, chunkSize: MIB, onChunkComplete: (size) => { sent += size; } });
      assert.equal(upload.url, begun.url);
      assert.ok(sent < 2.5 * MIB, `${sent} bytes were sent again`);
      await assertStored(portal, auth, pathOf(upload), bytes);
    });

    test('the tus client ends what it has begun', async () => {
      let begun;
      await new Promise((resolve, reject) => {
        sendByTus(portal, auth, someBytes(4 * MIB), { chunkSize: MIB, watch: (upload) => { begun = upload; },
          onChunkComplete: () => resolve(begun.abort(true)) }).catch(reject);
      });
      await waitFor('the upload to be gone', async () => (await headUpload(portal, auth, pathOf(begun))).status === 404);
    });

    test('several at once', async () => {
      const files = Array.from({ length: 4 }, () => someBytes(3 * MIB + 1));
      const uploads = await Promise.all(files.map(bytes => sendByTus(portal, auth, bytes)));
      for (const [i, upload] of uploads.entries())
        await assertStored(portal, auth, pathOf(upload), files[i]);
    });

    test('a page of the portal sends with its cookie; no other site does', async () => {
      const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': '5' };
      const created = await post(portal, '/files', undefined, { cookie, headers });
      assert.equal(created.status, 201);
      const sent = await request(portal, created.headers.location, { method: 'PATCH', cookie, body: 'hello',
        headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0', 'Content-Type': BYTES, Origin: portal.url, 'Sec-Fetch-Site': 'same-origin' } });
      assert.equal(sent.status, 204);
      const stranger = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
      assert.equal((await post(portal, '/files', undefined, { cookie, headers: { ...headers, ...stranger } })).status, 403);
      for (const override of [{}, { 'X-HTTP-Method-Override': 'DELETE' }])
        assert.equal((await request(portal, created.headers.location, { method: override['X-HTTP-Method-Override'] ? 'POST' : 'DELETE', cookie,
          headers: { 'Tus-Resumable': '1.0.0', ...override, ...stranger } })).status, 403);
      await assertStored(portal, auth, created.headers.location, Buffer.from('hello'));
    });

    test('a connection that is cut after any byte of a small file loses nothing that was acknowledged', async () => {
      const bytes = someBytes(48);
      for (let cut = 0; cut < bytes.length; cut++) {
        const at = await createUpload(portal, auth, bytes.length);
        assert.equal((await patchUpload(portal, auth, at, 0, bytes.subarray(0, cut >> 1))).status, 204);
        const { socket } = await beginPatch(portal, auth, at, cut >> 1, bytes.length - (cut >> 1));
        socket.end(bytes.subarray(cut >> 1, cut));
        if (cut % 2)
          socket.destroy();
        const offset = await offsetOf(portal, auth, at);
        assert.equal(offset, cut >> 1);
        assert.equal((await patchUpload(portal, auth, at, offset, bytes.subarray(offset))).status, 204);
        await assertStored(portal, auth, at, bytes);
      }
    });

    test('a large one keeps its whole MiB', async () => {
      const bytes = someBytes(3 * MIB);
      const at = await createUpload(portal, auth, bytes.length);
      const { socket } = await beginPatch(portal, auth, at, 0, bytes.length);
      await new Promise((done) => { socket.write(bytes.subarray(0, 2 * MIB + 500_000), done); });
      socket.end();
      // While what the kernel still has of it comes in, it is alive.
      await waitFor('it to be settled', async () => (await offsetOf(portal, auth, at)) === 2 * MIB);
      assert.equal((await patchUpload(portal, auth, at, 2 * MIB, bytes.subarray(2 * MIB))).status, 204);
      await assertStored(portal, auth, at, bytes);
    });

    test('a creation that is cut before its answer leaves nothing', async () => {
      const used = async () => JSON.parse((await request(portal, '/api/v1/me', { headers: auth })).body).uploads.used_bytes;
      const before = await used();
      for (const sent of [0, 1000, MIB + 1000]) {
        const { socket } = await beginRequest(portal, 'POST', '/files', { ...auth, 'Tus-Resumable': '1.0.0', 'Upload-Length': 3 * MIB, 'Content-Type': BYTES, 'Content-Length': 3 * MIB });
        await waitFor('the upload to begin', async () => (await used()) === before + 3 * MIB);
        await new Promise((done) => { socket.write(someBytes(sent), done); });
        socket.destroy();
        await waitFor('it to be gone', async () => (await used()) === before);
      }
    });

    for (const [how, asks] of [['that asks first', true], ['that just goes on', false]]) {
      test(`a client ${how} takes over from its own silent connection`, async () => {
        const bytes = someBytes(2 * MIB);
        const at = await createUpload(portal, auth, bytes.length);
        const { socket, answered } = await beginPatch(portal, auth, at, 0, bytes.length);
        await new Promise((done) => { socket.write(bytes.subarray(0, MIB + 1000), done); });
        // The network is gone: nothing closes, nothing comes.
        if (asks)
          await waitFor('the old connection to be settled', async () => (await offsetOf(portal, auth, at)) === MIB);
        await waitFor('the new one to have it', async () => (await patchUpload(portal, auth, at, MIB, bytes.subarray(MIB))).status === 204);
        await assertStored(portal, auth, at, bytes);
        // It wakes up, too late.
        socket.write(bytes.subarray(MIB + 1000));
        assert.match(await answered, /^HTTP\/1.1 409 /);
        await assertStored(portal, auth, at, bytes);
      });
    }

    test('a true second writer gets 409, and the first one goes on', async () => {
      const bytes = someBytes(MIB + 2000);
      const at = await createUpload(portal, auth, bytes.length);
      const { socket, answered } = await beginPatch(portal, auth, at, 0, bytes.length);
      let sent = MIB + 1;
      socket.write(bytes.subarray(0, sent));
      // Slowly, but it does send.
      const timer = setInterval(() => { socket.write(bytes.subarray(sent, sent + 1)); sent++; }, 20);
      await pause(100);
      const second = await patchUpload(portal, auth, at, 0, bytes);
      clearInterval(timer);
      assert.equal(second.status, 409);
      assert.equal(JSON.parse(second.body).type, 'urn:postern:problem:being-sent');
      socket.write(bytes.subarray(sent));
      assert.match(await answered, /^HTTP\/1.1 204 /);
      await assertStored(portal, auth, at, bytes);
    });

    test('a length that lies harms nobody', async () => {
      const bytes = someBytes(100);
      const at = await createUpload(portal, auth, bytes.length);
      // Announces more than comes.
      const short = await beginPatch(portal, auth, at, 0, 100);
      short.socket.end(bytes.subarray(0, 50));
      assert.equal(await offsetOf(portal, auth, at), 0);
      // Brings more than it announces: what is behind is another request, and none.
      const long = await beginPatch(portal, auth, at, 0, 50);
      long.socket.write(bytes);
      assert.match(await long.answered, /^HTTP\/1.1 204 /);
      assert.equal(await offsetOf(portal, auth, at), 50);
      // More than the file.
      const huge = await beginPatch(portal, auth, at, 50, 2 ** 52);
      huge.socket.write(bytes);
      assert.match(await huge.answered, /^HTTP\/1.1 413 /);
      for (const length of ['-1', '1e3', '99999999999999999999999', '50, 51']) {
        const odd = await beginPatch(portal, auth, at, 50, length);
        odd.socket.write(bytes);
        assert.match(await odd.answered, /^HTTP\/1.1 4(00|13) /, length);
      }
      // In chunks, and more than the file.
      const chunks = await beginPatch(portal, auth, at, 50);
      chunks.socket.write(`33\r\n${'x'.repeat(51)}\r\n0\r\n\r\n`);
      assert.match(await chunks.answered, /^HTTP\/1.1 413 /);
      assert.equal(await offsetOf(portal, auth, at), 50);
      assert.equal((await patchUpload(portal, auth, at, 50, bytes.subarray(50))).status, 204);
      await assertStored(portal, auth, at, bytes);
    });

    test('a session that ends takes its upload along, and another one goes on', async () => {
      const bytes = someBytes(1000);
      const short = await signInByApi(portal);
      const at = await createUpload(portal, short, bytes.length);
      assert.equal((await patchUpload(portal, short, at, 0, bytes.subarray(0, 10))).status, 204);
      const { socket, answered } = await beginPatch(portal, short, at, 10, 990);
      socket.write(bytes.subarray(10, 500));
      assert.equal((await request(portal, '/api/v1/session', { method: 'DELETE', headers: short })).status, 204);
      socket.write(bytes.subarray(500));
      assert.match(await answered, /^HTTP\/1.1 401 /);
      assert.equal(await offsetOf(portal, auth, at), 10);
      assert.equal((await patchUpload(portal, auth, at, 10, bytes.subarray(10))).status, 204);
      await assertStored(portal, auth, at, bytes);
    });

    test('a name of 10 KB is refused with its header', async () => {
      await assert.rejects(createUpload(portal, auth, 1, 'a'.repeat(10_000)), /431/);
    });

    test('nothing of a file lies in the data folder', async () => {
      const secret = 'the quiet heron over the weir 7731';
      const at = await createUpload(portal, auth, 2 * MIB, `${secret}.txt`);
      const bytes = Buffer.alloc(2 * MIB, secret);
      // Whole, in the middle of it, and cut.
      assert.equal((await patchUpload(portal, auth, at, 0, bytes.subarray(0, 1000))).status, 204);
      const { socket } = await beginPatch(portal, auth, at, 1000, bytes.length - 1000);
      await new Promise((done) => { socket.write(bytes.subarray(1000, MIB + 500_000), done); });
      const look = () => {
        let count = 0;
        for (const entry of fs.readdirSync(portal.folder, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile())
            continue;
          const content = fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name));
          assert.equal(content.indexOf(secret), -1, entry.name);
          assert.equal(content.indexOf('quiet heron'), -1, entry.name);
          count += content.length;
        }
        return count;
      };
      assert.ok(look() > 100_000);
      socket.destroy();
      await waitFor('the rest to be taken', async () => {
        const offset = await offsetOf(portal, auth, at);
        return (await patchUpload(portal, auth, at, offset, bytes.subarray(offset))).status === 204;
      });
      await assertStored(portal, auth, at, bytes);
      assert.ok(look() > bytes.length);
    });
  });

  // P5: "Done means".
  describe(`the server is killed, ${store}`, () => {
    let portal;
    let auth;
    let kills = 0;
    before(async () => {
      portal = await Portal.start({ store });
      await registerByHttp(portal, portal.link, 'Anna Berg');
      auth = await signInByApi(portal);
    });
    after(() => portal?.stop());

    async function kill() {
      kills++;
      portal.child.kill('SIGKILL');
      assert.deepEqual(await waitForEnd(portal.child, portal.exited), [null, 'SIGKILL']);
      await portal.serve();
    }

    // Killed each time so many bytes were sent since the last time.
    async function sendThrough(bytes, options, step) {
      let next = step;
      let killing;
      const upload = await sendByTus(portal, auth, bytes, {
        ...options, retryDelays: Array.from({ length: 60 }, () => 100),
        onProgress: (sent) => {
          if (killing || sent < next)
            return;
          killing = kill().then(async () => { next = await offsetOf(portal, auth, pathOf(options.watched.upload)) + step; killing = undefined; });
        },
        watch: (begun) => { options.watched.upload = begun; },
      });
      await killing;
      await assertStored(portal, auth, pathOf(upload), bytes);
    }

    const times = store === 'sqlite' ? 50 : 10;
    test(`${times} times: the tus client goes on, and the file is the same`, async () => {
      const bytes = someBytes(96 * MIB + 4321);
      while (kills < times)
        await sendThrough(bytes, { chunkSize: kills % 2 ? 3 * MIB : 2 * MIB + 999, watched: {} }, 5 * MIB);
    });

    test('in the middle of one long request: what was acknowledged is not sent again', async () => {
      const bytes = someBytes(160 * MIB);
      const from = kills;
      await sendThrough(bytes, { chunkSize: Infinity, watched: {} }, 100 * MIB);
      assert.ok(kills > from);
    });
  });
}

// A portal that is backed up while people write and send files, killed, lost, and made again (docs/BACKUP.md).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { PROGRAM, Portal, STORES, postern } from './lib/portal.mjs';
import { idOf, pathOf, readBack, sendByTus, sha256, signInByApi, someBytes } from './lib/tus.mjs';

const MIB = 2 ** 20;

const call = async (portal, auth, method, at, body) => {
  const answer = await request(portal, `/api/v1${at}`, { method, headers: { ...auth, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  assert.ok(answer.status < 300, `${method} ${at}: ${answer.status} ${answer.body}`);
  return answer.body ? JSON.parse(answer.body) : {};
};

// The same portal in another folder, on SQLite.
async function serveIn(portal, folder) {
  const other = Object.assign(Object.create(Portal.prototype), { ...portal, folder, store: [], child: undefined, log: '' });
  await other.serve();
  return other;
}

// Starts a command and kills it once `isFar` says so; false: it was over before.
async function killWhen(words, isFar) {
  const child = spawn(PROGRAM, words, { stdio: 'ignore' });
  const over = once(child, 'exit');
  while (child.exitCode === null && !isFar())
    await new Promise((done) => { setTimeout(done, 1); });
  const isRunning = child.exitCode === null;
  child.kill('SIGKILL');
  await over;
  return isRunning;
}

for (const store of STORES) {
  describe(`backup, ${store}`, () => {
    let portal, anna, ben, bytes, upload, whole, later;
    const at = name => path.join(portal.base, name);
    const key = () => path.join(portal.folder, 'master.key');
    before(async () => {
      portal = await Portal.start({ store });
      const cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
      await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Welcome', body: 'Hello.' }, { 'ben@example.org': 'guest' });
      await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
      anna = await signInByApi(portal);
      bytes = someBytes(5 * MIB + 4321);
      upload = await sendByTus(portal, anna, bytes, { chunkSize: MIB });
      whole = await call(portal, anna, 'POST', '/messages', { to: ['ben@example.org'], subject: 'Plans', body: 'The whole plan.', files: [idOf(pathOf(upload))] });
      later = await call(portal, anna, 'POST', '/messages', { to: ['ben@example.org'], subject: 'Findings', body: 'Words that are taken back.' });
    });
    after(() => portal?.stop());

    test('while people send and upload, each backup is whole, and nobody is refused', async () => {
      let isOver = false;
      const busy = Promise.all([
        (async () => {
          for (let i = 0; !isOver; i++)
            await call(portal, anna, 'POST', '/messages', { to: ['ben@example.org'], subject: `Note ${i}`, body: 'While it is backed up.' });
        })(),
        (async () => {
          while (!isOver)
            await sendByTus(portal, anna, someBytes(MIB + 1), { chunkSize: MIB / 2 });
        })(),
      ]);
      try {
        for (let i = 0; i < 3; i++) {
          const { code, stdout, stderr } = await portal.command('backup', '--to', at(`backup${i}`));
          assert.equal(code, 0, stdout + stderr);
          assert.match(stdout, /It opens nothing without the master key, which is not in it/);
          assert.equal(fs.statSync(at(`backup${i}`)).mode & 0o777, 0o600);
          assert.equal(fs.existsSync(at(`backup${i}.tmp`)), false);
        }
      } finally {
        isOver = true;
        await busy;
      }
      for (let i = 0; i < 3; i++) {
        const { code, stdout, stderr } = await postern('restore', '--from', at(`backup${i}`), '--only-check', '--key', key());
        assert.equal(code, 0, stdout + stderr);
        const made = await postern('restore', '--from', at(`backup${i}`), '--to', at(`restored${i}`), '--key', key());
        assert.equal(made.code, 0, made.stdout + made.stderr);
        const checked = await postern('check', '--data', at(`restored${i}`));
        assert.equal(checked.code, 0, checked.stdout);
        assert.match(checked.stdout, /All is well/);
      }
    });

    test('tar reads it, and finds nothing in clear', () => {
      const names = execFileSync('tar', ['tf', at('backup0')], { encoding: 'utf8' }).trim().split('\n');
      assert.equal(names[0], 'postern-backup');
      assert.equal(names.at(-1), 'end');
      const content = fs.readFileSync(at('backup0'), 'latin1');
      for (const secret of ['The whole plan.', 'scan.pdf', 'Words that are taken back', fs.readFileSync(key(), 'utf8').match(/^key = (\S+)/m)[1]])
        assert.equal(content.includes(secret), false, secret);
    });

    test('a backup or a restore that is killed leaves nothing half', async () => {
      let kills = 0;
      fs.copyFileSync(at('backup0'), at('kept'));
      for (let size = 0; size < 4; size++) {
        const isFar = () => (fs.statSync(at('kept.tmp'), { throwIfNoEntry: false })?.size ?? -1) >= size * MIB;
        kills += await killWhen(['backup', '--data', portal.folder, ...portal.store, '--to', at('kept')], isFar);
        assert.equal((await postern('restore', '--from', at('kept'), '--only-check', '--key', key())).code, 0);
      }
      const steps = ['', 'postern.db', 'files', 'master.key'];
      for (const step of steps) {
        const isFar = () => fs.existsSync(path.join(at('half.restoring'), step));
        kills += await killWhen(['restore', '--from', at('kept'), '--to', at('half'), '--key', key()], isFar);
        if (fs.existsSync(at('half'))) { // it was too fast to be killed
          assert.equal((await postern('check', '--data', at('half'))).code, 0);
          fs.rmSync(at('half'), { recursive: true });
        }
      }
      assert.ok(kills > 0);
      assert.equal((await postern('restore', '--from', at('kept'), '--to', at('half'), '--key', key())).code, 0);
      assert.equal((await portal.command('backup', '--to', at('kept'))).code, 0);
      assert.equal(fs.existsSync(at('kept.tmp')), false);
      assert.equal(fs.existsSync(at('half.restoring')), false);
    });

    test('lost and restored: people sign in and read, files are the same, and what was recalled stays closed', async () => {
      ben = await signInByApi(portal, 'ben@example.org');
      assert.equal((await portal.command('backup', '--to', at('nightly'))).code, 0);
      await call(portal, anna, 'POST', `/messages/${later.id}/recall`, { reason: 'Wrong person.' });
      await portal.kill();
      const made = await postern('restore', '--from', at('nightly'), '--to', at('again'), '--key', key());
      assert.equal(made.code, 0, made.stdout + made.stderr);
      assert.match(made.stdout, /closed again, as far as .*destructions\.log tells of it: keys destroyed again 1/);
      const restored = await serveIn(portal, at('again'));
      try {
        assert.equal((await request(restored, '/api/v1/messages', { headers: ben })).status, 401);
        ben = await signInByApi(restored, 'ben@example.org');
        anna = await signInByApi(restored);
        assert.equal((await call(restored, ben, 'GET', `/messages/${whole.id}`)).body, 'The whole plan.');
        assert.equal(sha256(await readBack(restored, ben, pathOf(upload))), sha256(bytes));
        const recalled = await call(restored, ben, 'GET', `/messages/${later.id}`);
        assert.equal(recalled.body, null);
        assert.equal(recalled.recall_reason ?? recalled.reason, 'Wrong person.');
        await call(restored, anna, 'POST', '/messages', { to: ['ben@example.org'], subject: 'On we go', body: 'As before.' });
      } finally {
        await restored.terminate();
      }
      assert.equal((await postern('check', '--data', at('again'))).code, 0);
    });

    test('without the journal the command says plainly what may be open again', async () => {
      const { code, stdout } = await postern('restore', '--from', at('nightly'), '--to', at('without'), '--key', key(), '--without-destructions');
      assert.equal(code, 0);
      assert.match(stdout, /whatever was recalled or deleted for ever in the last 1 hour is open again/);
    });

    test('what cannot be restored is told in a sentence', async () => {
      fs.mkdirSync(at('full'));
      fs.writeFileSync(path.join(at('full'), 'something'), 'else');
      const cut = fs.readFileSync(at('nightly'));
      fs.writeFileSync(at('cut'), cut.subarray(0, cut.length - 600));
      fs.writeFileSync(at('wrong.key'), `key = ${'A'.repeat(43)}\nportal-public-key = ${'A'.repeat(43)}\n`, { mode: 0o600 });
      const restore = (from, to, ...words) => postern('restore', '--from', at(from), '--to', at(to), ...words);
      for (const [words, sentence] of [
        [['nightly', 'full', '--key', key()], /There is something in/],
        [['nightly', 'new'], /The master key is needed/],
        [['nightly', 'new', '--key', at('wrong.key')], /is the master key of another portal/],
        [['cut', 'new', '--key', key()], /is damaged, at byte \d+ or shortly before, or it was cut off there/],
        [['wrong.key', 'new', '--key', key()], /is no backup of Postern/],
        [['none', 'new', '--key', key()], /There is no file/],
      ]) {
        const { code, stderr } = await restore(...words);
        assert.equal(code, 1, stderr);
        assert.match(stderr, sentence);
        assert.equal(fs.existsSync(at('new')), false);
        assert.equal(fs.existsSync(at('new.restoring')), false);
      }
      assert.equal((await portal.command('backup')).code, 2);
      assert.equal((await portal.command('backup', '--to', at('no/folder/here'))).code, 1);
    });
  });
}

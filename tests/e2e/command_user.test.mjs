// People from the command line, beside a portal that runs: `postern user`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { Portal, PROGRAM, STORES } from './lib/portal.mjs';

for (const store of STORES) {
  describe(`postern user, ${store}`, () => {
    let portal;
    let anna;
    let ben;

    before(async () => {
      portal = await Portal.start({ store });
      anna = await registerByHttp(portal, portal.link, 'Anna Berg');
      assert.equal((await portal.command('user', 'add', 'ben@example.org')).code, 0);
      // The portal that runs sends it.
      ben = await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Moss');
    });
    after(() => portal?.stop());

    async function list() {
      const { code, stdout } = await portal.command('user', 'list');
      assert.equal(code, 0);
      return stdout.trimEnd().split('\n').map(line => line.split('\t'));
    }

    // With what is typed.
    const erase = (typed, ...words) => new Promise((resolve) => {
      const child = execFile(PROGRAM, ['user', 'erase', '--data', portal.folder, ...portal.store, ...words],
        (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
      child.stdin.on('error', () => {}); // it has ended before it was asked anything
      child.stdin.end(typed);
    });

    const isIn = async () => (await request(portal, '/inbox', { cookie: ben })).status === 200;

    test('grade and role, and why not', async () => {
      for (const [words, sentence] of [
        [['role', 'ben@example.org', 'administrator'], /Ben Moss is a guest, and only professionals can be administrators/],
        [['role', 'ben@example.org', 'boss'], /A role is member or administrator/],
        [['role', 'anna@example.com', 'member'], /Anna Berg is the last administrator who can sign in\. Please make somebody else/],
        [['grade', 'anna@example.com', 'guest'], /Anna Berg is the last administrator/],
        [['disable', 'anna@example.com'], /Anna Berg is the last administrator/],
        [['role', 'nobody@example.org', 'member'], /Nobody here has the address nobody@example\.org/]]) {
        const { code, stderr } = await portal.command('user', ...words);
        assert.equal(code, 1, words.join(' '));
        assert.match(stderr, sentence);
      }
      assert.equal((await portal.command('user', 'role', 'ben@example.org')).code, 2);
      assert.equal((await portal.command('user', 'grade', 'ben@example.org', 'professional')).code, 0);
      assert.equal((await request(portal, '/admin/users', { cookie: ben })).status, 403);
      const { code, stdout } = await portal.command('user', 'role', 'ben@example.org', 'administrator');
      assert.equal(code, 0);
      assert.match(stdout, /ben@example\.org is changed\. It counts from the next request on/);
      assert.equal((await request(portal, '/admin/users', { cookie: ben })).status, 200);
      assert.equal((await portal.command('user', 'role', 'ben@example.org', 'member')).code, 0);
      assert.equal((await request(portal, '/admin/users', { cookie: ben })).status, 403);
    });

    test('erasing says what it destroys, and takes nothing but the address', async () => {
      assert.equal((await sendByHttp(portal, anna, { to: 'ben@example.org', subject: 'Results', body: 'All is well.' })).status, 303);
      for (const typed of ['', '\n', 'yes\n', 'anna@example.com\n']) {
        const { code, stdout, stderr } = await erase(typed, 'ben@example.org');
        assert.equal(code, 1, JSON.stringify(typed));
        assert.match(stdout, /^To erase: Ben Moss, ben@example\.org\n/);
        assert.match(stdout, /Their access to 1 message\n/);
        assert.match(stdout, /1 message that others have too/);
        assert.match(stdout, /type ben@example\.org and press Enter/);
        assert.match(stderr, /Nothing was erased/);
      }
      assert.match((await erase('yes\n', 'ben@example.org')).stderr, /That is not their address/);
      assert.ok(await isIn());
      assert.equal((await erase('', 'anna@example.com', '--yes')).code, 1);
      assert.match((await erase('', 'anna@example.com', '--yes')).stderr, /Anna Berg is the last administrator/);
      assert.equal((await erase('', 'nobody@example.org', '--yes')).code, 1);
    });

    test('with the address typed again somebody is erased for good', async () => {
      const { code, stdout } = await erase('Ben@Example.org\n', 'ben@example.org');
      assert.equal(code, 0);
      assert.match(stdout, /ben@example\.org is erased\.\n$/);
      assert.ok(!await isIn());
      assert.deepEqual((await list()).map(([address]) => address), ['anna@example.com']);
      assert.equal((await portal.command('user', 'enable', 'ben@example.org')).code, 1);
      assert.equal((await portal.command('check')).code, 0);
    });

    test('scripts say --yes', async () => {
      assert.equal((await portal.command('user', 'add', 'carla@example.org')).code, 0);
      const { code, stdout } = await erase('', 'carla@example.org', '--yes');
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, /press Enter/);
      assert.equal((await erase('', 'carla@example.org', '--yes')).code, 1);
    });
  });
}

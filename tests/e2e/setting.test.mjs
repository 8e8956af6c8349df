// What is decided for the whole portal, from the command line: `postern setting`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { Portal, STORES } from './lib/portal.mjs';

const DAY_S = 86_400;

for (const store of STORES) {
  describe(`settings, ${store}`, () => {
    let portal;
    let anna;

    before(async () => {
      portal = await Portal.start({ store });
      anna = await registerByHttp(portal, portal.link, 'Anna Berg');
    });
    after(() => portal?.stop());

    async function values() {
      const { code, stdout } = await portal.command('setting', 'list');
      assert.equal(code, 0);
      return Object.fromEntries(stdout.replace(/\n$/, '').split('\n').map(line => line.split('\t')));
    }

    test('all are listed with what holds', async () => {
      const { name, url, custody, access, invitation_days, seat_limit, subject_in_mail, ...others } = await values();
      assert.deepEqual({ name, url, custody, access, invitation_days, seat_limit, subject_in_mail },
        { name: 'Example Clinic', url: portal.url, custody: 'managed', access: 'open', invitation_days: '14', seat_limit: '0', subject_in_mail: 'no' });
      const { file_max_bytes, message_max_bytes, quota_bytes, blocked_endings, virus_scan } = others;
      assert.deepEqual({ file_max_bytes, message_max_bytes, quota_bytes, blocked_endings, virus_scan },
        { file_max_bytes: '5 GiB', message_max_bytes: '20 GiB', quota_bytes: '100 GiB', blocked_endings: '', virus_scan: 'mark' });
    });

    test('sizes are written as people write them', async () => {
      for (const [typed, listed] of [['500 MB', '500 MB'], ['2GiB', '2 GiB'], ['1048576', '1 MiB'], ['1000000007', '1000000007'], ['1 TiB', '1 TiB'], ['5 GiB', '5 GiB']]) {
        assert.equal((await portal.command('setting', 'set', 'file_max_bytes', typed)).code, 0, typed);
        assert.equal((await values()).file_max_bytes, listed);
      }
      for (const [name, value] of [['quota_bytes', '0'], ['blocked_endings', 'exe, .bat,JS'], ['blocked_endings', ''], ['quota_bytes', '100 GiB'],
        ['virus_scan', 'off'], ['virus_scan', 'refuse'], ['virus_scan', 'mark']])
        assert.equal((await portal.command('setting', 'set', name, value)).code, 0, value);
    });

    test('what cannot be is refused with a sentence, and nothing changes', async () => {
      const before = await values();
      for (const [name, value, sentence] of [['invitation_days', '0', /“0” cannot be the invitation_days/], ['invitation_days', '14 days', /cannot be/],
        ['access', 'half-open', /cannot be/], ['name', '', /cannot be/], ['url', 'ftp://example.com', /cannot be/], ['terms_url', 'example.com/terms', /cannot be/], ['terms_url', 'javascript:alert(1)', /cannot be/],
        ['file_max_bytes', '0', /cannot be/], ['file_max_bytes', '2 TiB', /cannot be/], ['file_max_bytes', '-1', /cannot be/], ['file_max_bytes', 'GiB', /cannot be/],
        ['file_max_bytes', '5 apples', /cannot be/], ['file_max_bytes', '99999999999 TiB', /cannot be/], ['blocked_endings', 'exe,,bat', /cannot be/], ['blocked_endings', '.', /cannot be/],
        ['blocked_endings', 'tar.gz', /cannot be/], ['blocked_endings', 'a b', /cannot be/], ['virus_scan', 'Refuse', /cannot be/], ['virus_scan', '', /cannot be/], ['virus_scan', 'yes', /cannot be/],
        ['colour', 'blue', /no setting “colour”/],
        ['custody', 'strict', /decided once, by init/]]) {
        const { code, stderr } = await portal.command('setting', 'set', name, value);
        assert.notEqual(code, 0, name);
        assert.match(stderr, sentence);
      }
      assert.equal((await portal.command('setting', 'set', 'name')).code, 2);
      assert.deepEqual(await values(), before);
    });

    test('a seat too many is refused by name, and so is the last administrator (P1.5, P1.6)', async () => {
      assert.equal((await portal.command('setting', 'set', 'seat_limit', '1')).code, 0);
      const added = await portal.command('user', 'add', 'pat@example.com', '--grade', 'professional');
      assert.notEqual(added.code, 0);
      assert.match(added.stderr, /The one seat of Example Clinic is taken\. Please lower or disable somebody else first/);
      const disabled = await portal.command('user', 'disable', 'anna@example.com');
      assert.notEqual(disabled.code, 0);
      assert.match(disabled.stderr, /is the last administrator who can sign in\. Please make somebody else/);
      assert.equal((await portal.command('setting', 'set', 'seat_limit', '0')).code, 0);
    });

    test('a controlled portal invites nobody whom no rule allows (P2.2)', async () => {
      assert.equal((await portal.command('setting', 'set', 'access', 'controlled')).code, 0);
      await portal.restart();
      const refused = await sendByHttp(portal, anna, { to: 'new@example.net', subject: 'Hello', body: 'A text to keep' });
      assert.equal(refused.status, 422);
      assert.match(refused.body, /new@example\.net may not be invited here/);
      assert.match(refused.body, /A text to keep/);
      assert.equal((await portal.command('setting', 'set', 'access', 'open')).code, 0);
      await portal.restart();
      const allowed = await sendByHttp(portal, anna, { to: 'new@example.net', subject: 'Hello', body: 'Two' }, { 'new@example.net': 'guest' });
      assert.equal(allowed.status, 303);
    });

    test('a name in any letters: the link in the .eml file stays in one piece', async () => {
      assert.equal((await portal.command('setting', 'set', 'name', 'Praxis Dr. Müller')).code, 0);
      await portal.restart();
      assert.equal((await sendByHttp(portal, anna, { to: 'mia@example.net', subject: 'Hello', body: 'One' }, { 'mia@example.net': 'guest' })).status, 303);
      const link = await portal.post.link('register', 'mia@example.net');
      const mail = path.join(portal.folder, 'mail');
      const files = fs.readdirSync(mail).map(name => fs.readFileSync(path.join(mail, name), 'utf8'));
      assert.ok(files.some(text => text.includes(`\n${link}\r\n`) && text.includes('Praxis Dr. Müller')));
    });

    test('an invitation holds as long as it was set to', async () => {
      assert.equal((await portal.command('setting', 'set', 'invitation_days', '3')).code, 0);
      await portal.restart();
      assert.equal((await sendByHttp(portal, anna, { to: 'ben@example.org', subject: 'Hello', body: 'One' }, { 'ben@example.org': 'guest' })).status, 303);
      const { pathname } = new URL(await portal.post.link('register', 'ben@example.org'));
      await portal.restart(3 * DAY_S - 600);
      assert.equal((await request(portal, pathname)).status, 200);
      await portal.restart(3 * DAY_S + 600);
      const late = await request(portal, pathname);
      assert.equal(late.status, 410);
      assert.match(late.body, /expired/);
    });
  });
}

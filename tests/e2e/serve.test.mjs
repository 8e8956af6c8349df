// The program as its operator meets it: starting, signals, certificates, configuration, and what lies in the data folder.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { waitForEnd, watch } from './lib/child.mjs';
import { download } from './lib/files.mjs';
import { cookieOf, post, registerByHttp, request, sendByHttp, sessionCookie } from './lib/http.mjs';
import { PASSWORD, openFromInbox, register, reply, sendAndInvite } from './lib/people.mjs';
import { Portal, STORES, freePort, postern } from './lib/portal.mjs';
import { MailFolder } from './lib/post_office.mjs';
import { askToSign, signByHttp, signaturesOf } from './lib/signing.mjs';
import { waitFor } from './lib/wait.mjs';

let browser;
let scratch;
before(async () => {
  browser = await launch();
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-serve-'));
});
after(async () => {
  await browser?.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});

describe('signals', () => {
  let portal;
  let cookie;
  before(async () => {
    portal = await Portal.start();
    cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
  });
  after(() => portal?.stop());

  test('SIGTERM lets a request that is running finish, then ends with 0', async () => {
    const body = new URLSearchParams({ address: 'anna@example.com', password: PASSWORD }).toString();
    const answers = [];
    // Password checks run for a while: SIGTERM arrives in their middle. "100 Continue" tells that a request has begun.
    const begun = Array.from({ length: 4 }, () => new Promise((resolve, reject) => {
      let received = '';
      const socket = net.connect(portal.port, '127.0.0.1', () => socket.write(`POST /sign-in HTTP/1.1\r\nHost: localhost:${portal.port}\r\n`
        + `Origin: ${portal.url}\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`));
      socket.on('data', (part) => {
        received += part.toString('latin1');
        if (received === 'HTTP/1.1 100 Continue\r\n\r\n')
          socket.write(body, resolve);
      });
      socket.on('error', reject);
      answers.push(new Promise((done) => { socket.on('close', () => done(received)); }));
    }));
    await Promise.all(begun);
    const end = await portal.terminate();
    assert.deepEqual(end, { code: 0, signal: null });
    for (const answer of await Promise.all(answers))
      assert.match(answer, /\r\n\r\nHTTP\/1\.1 303 [^]*set-cookie: postern=/i);
  });

  test('what was answered before is there afterwards, sessions too', async () => {
    await portal.serve();
    assert.equal((await request(portal, '/inbox', { cookie })).status, 200);
    assert.deepEqual(await portal.terminate(), { code: 0, signal: null });
    await assert.rejects(request(portal, '/'), { code: 'ECONNREFUSED' });
    await portal.serve();
  });

  test('SIGINT ends it as well', async () => {
    portal.child.kill('SIGINT');
    assert.deepEqual(await waitForEnd(portal.child, portal.exited), [0, null]);
    await portal.serve();
  });
});

describe('configuration read again by SIGHUP', () => {
  let portal;
  let file;
  const configure = async (content) => {
    const from = portal.log.length;
    fs.writeFileSync(file, content, { mode: 0o600 });
    portal.child.kill('SIGHUP');
    await waitFor('the configuration to be read', () => /config\.(not_)?reloaded/.test(portal.log.slice(from)));
    return portal.log.slice(from);
  };
  before(async () => {
    portal = await Portal.start();
    file = path.join(portal.folder, 'postern.conf');
  });
  after(() => portal?.stop());

  test('the log says which changed setting waits for a restart, and the old one holds', async () => {
    const log = await configure(`listen = 127.0.0.1:${await freePort()}\nworkers = 3\ntrusted-proxies = 10.0.0.1\nlog-level = debug\n`);
    assert.deepEqual([...log.matchAll(/warn config\.needs_restart key=(\S+)/g)].map(([, key]) => key), ['trusted-proxies', 'workers'],
      'listen stands on the command line, which wins');
    assert.match(log, /config\.needs_restart .*advice="until then the old value holds"/);
    assert.equal((await request(portal, '/sign-in')).status, 200);
    assert.doesNotMatch(await configure('log-level = debug\n'), /needs_restart/);
  });

  test('the log level changes at once', async () => {
    await configure('log-level = error\n');
    const from = portal.log.length;
    assert.equal((await request(portal, '/sign-in')).status, 200);
    assert.doesNotMatch(portal.log.slice(from), /http\.request/);
    assert.match(await configure('log-level = error\nlog-level = info\n'), /config\.not_reloaded .*log-level/);
    await configure('log-level = info\n');
  });

  test('with a mistake in the mail server nothing changes at all', async () => {
    assert.match(await configure('log-level = error\nmail = smpt://nonsense\n'), /config\.not_reloaded reason="The mail server/);
    const from = portal.log.length;
    assert.equal((await request(portal, '/sign-in')).status, 200);
    await waitFor('the log level to be the old one', () => /http\.request/.test(portal.log.slice(from)));
    assert.match(await configure('mail-from = zoë@example.com\n'), /config\.not_reloaded reason=.*cannot be the address/);
  });

  test('it can be read again as often as one likes', async () => {
    for (let i = 0; i < 100; i++)
      assert.match(await configure('log-level = info\n'), /config\.reloaded/);
  });
});

describe('HTTPS', () => {
  let portal;
  const certificate = () => path.join(scratch, 'certificate.pem');
  const key = () => path.join(scratch, 'key.pem');

  function makeCertificate() {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost', '-keyout', key(), '-out', certificate()], { stdio: 'ignore' });
    return execFileSync('openssl', ['x509', '-in', certificate(), '-noout', '-fingerprint', '-sha256'], { encoding: 'utf8' }).split('=')[1].trim();
  }

  async function servedFingerprint() {
    const socket = tls.connect({ port: portal.port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }

  async function hangUp(event) {
    const from = portal.log.length;
    portal.child.kill('SIGHUP');
    await waitFor(event, () => portal.log.slice(from).includes(event));
  }

  let first;
  let cookie;
  before(async () => {
    first = makeCertificate();
    portal = await Portal.start({ https: true, args: ['--tls-cert', certificate(), '--tls-key', key()] });
  });
  after(() => portal?.stop());

  test('the cookie is __Host-, Secure, and HSTS is sent', async () => {
    const answer = await post(portal, new URL(portal.link).pathname, { name: 'Anna Berg', password: PASSWORD });
    assert.equal(answer.cookies.length, 2);
    for (const text of answer.cookies)
      assert.match(text, /^__Host-postern(-device)?=[A-Za-z0-9_-]{40,}; Path=\/; HttpOnly; SameSite=(Lax|Strict)(; Max-Age=\d+)?; Secure$/);
    assert.match(answer.headers['strict-transport-security'], /max-age=\d{8,}/);
    [cookie] = sessionCookie(answer).split(';');
    assert.equal((await request(portal, '/inbox', { cookie })).status, 200);
    assert.notEqual((await request(portal, '/inbox', { cookie: cookie.replace('__Host-', '') })).status, 200);
  });

  test('old TLS is refused', async () => {
    for (const maxVersion of ['TLSv1.1', 'TLSv1']) {
      const socket = tls.connect({ port: portal.port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
      await assert.rejects(once(socket, 'secureConnect'));
    }
  });

  test('SIGHUP takes a new certificate into use without ending anything', async () => {
    assert.equal(await servedFingerprint(), first);
    const second = makeCertificate();
    await hangUp('config.reloaded');
    assert.equal(await servedFingerprint(), second);
    assert.equal((await request(portal, '/inbox', { cookie })).status, 200);
  });

  test('a broken certificate is said in the log, and the old one stays', async () => {
    const current = await servedFingerprint();
    fs.writeFileSync(certificate(), 'not a certificate');
    await hangUp('tls.not_reloaded');
    assert.equal(await servedFingerprint(), current);
  });

  test('a browser signs in over it', async () => {
    const anna = await visit(browser, portal);
    await anna.page.goto('/sign-in');
    await anna.page.getByLabel('E-mail address', { exact: true }).fill('anna@example.com');
    await anna.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await anna.page.keyboard.press('Enter');
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    const [kept] = await anna.context.cookies();
    assert.deepEqual([kept.secure, kept.httpOnly, kept.name], [true, true, '__Host-postern']);
    assert.deepEqual(anna.trouble, []);
    await anna.context.close();
  });
});

describe('what the documents say', () => {
  const text = (name) => fs.readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const sources = (folder) => fs.readdirSync(new URL(`../../${folder}`, import.meta.url)).filter((name) => /^[^.]+\.c$/.test(name) && !/_(test|fuzz|fixture)\.c$/.test(name))
    .map((name) => text(`${folder}/${name}`)).join('\n');

  test('docs/API.md names every route, field and problem of the API', () => {
    const api = text('docs/API.md');
    const code = sources('src/api');
    const names = (pattern) => [...code.matchAll(pattern)].map(([, name]) => name);
    const fields = names(/\bjson_(?:write|read)_\w+\(\s*&?\w+,\s*"(\w+)"/g);
    const problems = names(/\{\d{3},\s*"([\w-]+)"/g);
    const routes = [...code.matchAll(/\bAPI(?:_OR_COOKIE)?\((\w+), "([^"]+)"/g)].map(([, method, path]) => `\`${method} ${path}`)
      .concat([...code.matchAll(/\bTUS\((\w+), "([^"]*)"/g)].filter(([, method, path]) => method !== 'OPTIONS' || path === '').map(([, method, path]) => `\`${method} /files${path}\``));
    assert.ok(fields.length > 40 && problems.length > 10 && routes.length > 8);
    for (const field of fields)
      assert.match(api, new RegExp(`["\`]${field}["\`]`), `field ${field}`);
    for (const problem of problems)
      assert.ok(api.includes(`\`${problem}\``), `problem ${problem}`);
    for (const route of routes)
      assert.ok(api.includes(route), `route ${route}`);
  });

  test('docs/SECURITY.md has the numbers of the code', () => {
    const security = text('docs/SECURITY.md').replaceAll(/\s+/g, ' ');
    const limits = text('src/base/limits.h');
    const settings = text('src/core/portal_settings.c').replaceAll(/\s+/g, ' ');
    const limit = (name) => {
      const [, number, shift] = new RegExp(`LIMIT_${name} = (\\d+)(?: << (\\d+))?,`).exec(limits);
      return (Number(number) * 2 ** Number(shift ?? 0)).toLocaleString('en');
    };
    const standard = (name) => new RegExp(`"${name}", VALUE_NUMBER, offsetof\\(struct settings, ${name}\\), (\\d+),`).exec(settings)[1];
    const megabytes = (name) => `${Number(limit(name).replaceAll(',', '')) / 2 ** 20} MB`;
    for (const sentence of [`${standard('session_idle_minutes')} minutes without a request`, `${standard('session_total_hours')} hours after signing in`,
      `${limit('SESSIONS_PER_USER')} sessions in browsers and ${limit('SESSIONS_PER_USER')} tokens`, `${standard('invitation_days')} days (\`invitation_days\`)`,
      `${standard('reset_minutes')} minutes (\`reset_minutes\`)`, `${megabytes('BODIES_BYTES')} together`, `${megabytes('LARGE_BODIES_PER_NETWORK')} for the large`,
      `${megabytes('ANSWERS_BYTES')}, and ${megabytes('LARGE_ANSWERS_PER_NETWORK')}`, `${limit('CONNECTIONS_PER_NETWORK')} connections, all together ${limit('CONNECTIONS')}`,
      `At most ${limit('WAITING_MESSAGES')} messages wait`, `${limit('STREAMS_PER_USER')} streams for one person, ${limit('STREAMS_PER_NETWORK')} for one network, ${limit('STREAMS')} in all`, `at most ${limit('INVITATIONS_AGAIN_PER_HOUR')} invitations an hour`,
      `\`messages_per_hour_professional\`, ${limit('MESSAGES_PER_HOUR_PROFESSIONAL')}`, `\`messages_per_hour_guest\`, ${limit('MESSAGES_PER_HOUR_GUEST')};`,
      `more than ${limit('SCAN_ANSWER_MS').replace(',000', '')} seconds for a file`])
      assert.ok(security.includes(sentence), sentence);
  });
});

describe('starting', () => {
  test('mistakes get a sentence and a status, and change nothing', async () => {
    const portal = await Portal.make();
    const file = path.join(portal.folder, 'postern.conf');
    const run = () => postern('serve', '--data', portal.folder, '--listen', `127.0.0.1:${portal.port}`);
    for (const [content, sentence] of [['# fine\nlog-level = info\ncolour = blue\n', /postern\.conf, line 3: .*“colour”/], ['listen\n', /line 1: /],
      ['\n\nworkers = many\n', /line 3: workers must be/], ['mail = ftp://x\n', /smtp/]]) {
      fs.writeFileSync(file, content);
      const { code, stdout, stderr } = await run();
      assert.notEqual(code, 0, content);
      assert.match(stdout + stderr, sentence);
    }
    fs.rmSync(file);
    for (const [words, sentence] of [[['--trusted-proxies', 'abc'], /“abc” cannot be the trusted proxies/], [['--listen', 'foo'], /“foo” is no address to listen on/],
      [['--listen', '127.0.0.1:99999'], /no address to listen on/], [['--mail-from', 'x'], /“x” cannot be the address/], [['--mail-from', 'zoë@example.com'], /“zoë@example.com” cannot be the address/],
      [['--clamd', 'localhost:3310'], /“localhost:3310” is no address of clamd/], [['--clamd', 'tcp:clamd:3310'], /address in numbers/], [['--clamd', 'unix:clamd.ctl'], /whole path/],
      [['--tls-cert', '/nope', '--tls-key', '/nope'], /certificate \/nope/], [['--tls-cert', '/nope'], /tls-key is not/], [['extra'], /“extra” is too much/],
      [Array.from({ length: 40 }, () => ['--workers', '1']).flat(), /“--workers” is too much/]]) {
      const { code, stdout, stderr } = await postern('serve', '--data', portal.folder, '--listen', `127.0.0.1:${portal.port}`, ...words);
      assert.notEqual(code, 0, words.join(' '));
      assert.match(stdout + stderr, sentence);
    }
    assert.match((await postern('check', '--data', portal.folder, 'extra')).stderr, /“extra” is too much/);
    const again = await postern('init', '--data', portal.folder, '--name', 'Other', '--url', 'http://localhost:1', '--admin', 'eve@example.com');
    assert.notEqual(again.code, 0);
    assert.match(again.stdout + again.stderr, /There is a portal in .* already\. Nothing was changed/);
    const blocker = net.createServer().listen(portal.port, '127.0.0.1');
    await once(blocker, 'listening');
    const taken = await run();
    blocker.close();
    assert.notEqual(taken.code, 0);
    assert.match(taken.stdout + taken.stderr, /cannot be listened on/);
    fs.chmodSync(path.join(portal.folder, 'master.key'), 0o644);
    const readable = await run();
    assert.notEqual(readable.code, 0);
    assert.match(readable.stdout + readable.stderr, /chmod 600/);
    fs.chmodSync(path.join(portal.folder, 'master.key'), 0o600);
    const missing = await postern('serve', '--data', path.join(scratch, 'nothing-here'));
    assert.match(missing.stdout + missing.stderr, /There is no portal in .* yet/);
    assert.equal((await portal.command('check')).code, 0);
    await portal.stop();
  });

  test('wrong options of init make nothing', async () => {
    const folder = path.join(scratch, 'new');
    const good = { '--name': 'Clinic', '--url': 'http://localhost:8080', '--admin': 'anna@example.com' };
    for (const [option, value] of [['--url', 'localhost'], ['--url', 'ftp://x'], ['--admin', 'anna'], ['--name', ''], ['--custody', 'loose'], ['--store', 'mysql://x'], ['--colour', 'blue']]) {
      const words = Object.entries({ ...good, [option]: value }).flat();
      const { code, stderr, stdout } = await postern('init', '--data', folder, ...words);
      assert.notEqual(code, 0, `${option} ${value}`);
      assert.match(stdout + stderr, /\w+.*\./);
      assert.ok(!fs.existsSync(path.join(folder, 'master.key')));
    }
  });

  test('every command has --help, and there is a version', async () => {
    for (const words of [['--help'], ['init', '--help'], ['serve', '--help'], ['user', '--help'], ['setting', '--help'], ['check', '--help'],
      ['certificate', '--help'], ['verify', '--help']]) {
      const { code, stdout } = await postern(...words);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: postern/);
    }
    assert.match((await postern('--version')).stdout, /\d+\.\d+/);
    const unknown = await postern('dance');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.stderr, /There is no command “dance”/);
  });

  test('only the owner reads the data folder’s secrets', async () => {
    const portal = await Portal.make();
    assert.equal(fs.statSync(path.join(portal.folder, 'master.key')).mode & 0o777, 0o600);
    assert.equal(fs.statSync(portal.folder).mode & 0o007, 0);
    await portal.stop();
  });

  test('`make run` as the README says it: the whole story with .eml files only', { skip: fs.existsSync(fileURLToPath(new URL('../../build/postern', import.meta.url))) ? false : 'build/postern is missing' },
    async () => {
      const port = await freePort();
      const folder = path.join(scratch, 'run');
      const child = spawn(fileURLToPath(new URL('../../packaging/run', import.meta.url)), { stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, DATA: folder, LISTEN: `127.0.0.1:${port}`, NAME: 'My Portal', ADMIN: 'admin@localhost', URL: '' } });
      const exited = once(child, 'exit');
      watch(child);
      let output = '';
      child.stdout.on('data', (bytes) => { output += bytes; });
      child.stderr.on('data', (bytes) => { output += bytes; });
      try {
        await waitFor('make run to serve', () => output.includes('Postern serves'));
        const [link] = /http:\/\/localhost:\d+\/register\/\S+/.exec(output);
        const place = { url: `http://localhost:${port}`, port };
        const post = new MailFolder(path.join(folder, 'mail'));
        const admin = await visit(browser, place);
        await register(admin.page, link, 'First Administrator');
        await sendAndInvite(admin.page, { to: 'ben@example.org', subject: 'A first message', body: 'Good morning.' });
        const ben = await visit(browser, place);
        await register(ben.page, await post.link('register', 'ben@example.org'), 'Ben Carter');
        await reply(ben.page, 'Good evening.');
        await openFromInbox(admin.page, 'A first message');
        assert.ok(await admin.page.getByText('Good evening.').isVisible());
        // postern-pdf lies beside the program, and its jail closes on this machine.
        const guest = await cookieOf(ben.context);
        const contract = await askToSign(place, await cookieOf(admin.context), { to: 'ben@example.org', subject: 'The contract' });
        const signed = await signByHttp(place, guest, contract, { signature: 'Ben Carter' });
        assert.equal(signed.status, 303, signed.body);
        const { bytes } = await download(place, `${contract}/documents/0`, guest);
        assert.deepEqual((await signaturesOf(bytes)).map(({ isValid }) => isValid), [true, true, true]); // certified, signed, sealed
        for (const name of fs.readdirSync(path.join(folder, 'mail')))
          await waitFor(`${name} in the log`, () => output.includes(name));
        assert.deepEqual([...admin.trouble, ...ben.trouble], []);
        await admin.context.close();
        await ben.context.close();
      } finally {
        child.kill('SIGTERM');
      }
      assert.deepEqual(await waitForEnd(child, exited), [0, null]);
      const { code, stdout } = await postern('check', '--data', folder);
      assert.equal(code, 0, stdout);
    });
});

describe('nothing that was written lies in the data folder', () => {
  const SUBJECT = 'Kumquat appointment';
  const BODY = 'The thermometer says thirty-seven point three, dear Wilhelmina.';

  // The forms in which a careless program might keep a text.
  function forms(text) {
    const bytes = Buffer.from(text, 'utf8');
    const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift ? 4 : 0, -4).slice(0, 24));
    return [text, text.toLowerCase(), text.toUpperCase(), bytes.toString('hex'), encodeURIComponent(text), ...base64];
  }

  function filesBelow(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      (entry.isDirectory() ? filesBelow(path.join(folder, entry.name)) : [path.join(folder, entry.name)]));
  }

  for (const store of STORES)
    test(`files, WAL and log while serving and afterwards, ${store}`, async () => {
      const portal = await Portal.start({ store, args: ['--log-level', 'debug'] });
      const look = () => {
        // A mail is written under a name of its own and renamed; it is looked at under the one that stays.
        const files = filesBelow(portal.folder).filter((file) => !file.endsWith('.tmp'));
        const places = files.map((file) => [path.basename(file), fs.readFileSync(file).toString('latin1')]);
        if (store === 'postgres')
          places.push(['dump', execFileSync('pg_dump', ['-n', portal.schema, process.env.POSTERN_TEST_POSTGRES], { encoding: 'latin1', maxBuffer: 1 << 28 })]);
        else
          assert.ok(places.some(([name, bytes]) => name.endsWith('-wal') && bytes.length > 0) || portal.child.exitCode === 0, 'the WAL is looked at');
        places.push(['log', portal.log]);
        return places;
      };
      const check = () => {
        const places = look();
        // The search proves itself: addresses are kept in the clear.
        assert.ok(places.some(([, bytes]) => bytes.includes('ben@example.org')));
        for (const text of [SUBJECT, BODY, PASSWORD, 'Kumquat', 'Wilhelmina', 'thirty-seven'])
          for (const form of forms(text))
            for (const [name, bytes] of places)
              assert.ok(!bytes.includes(form), `“${form}” is in ${name}`);
      };
      const cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
      assert.equal((await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: SUBJECT, body: BODY }, { 'ben@example.org': 'guest' })).status, 303);
      check();
      const ben = await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
      const inbox = await request(portal, '/inbox', { cookie: ben });
      assert.match(inbox.body, new RegExp(SUBJECT));
      const message = /\/message\/\w+/.exec(inbox.body)[0];
      assert.match((await request(portal, message, { cookie: ben })).body, /Wilhelmina/);
      await post(portal, `${message}/reply`, { key: 'k', all: 'no', body: BODY }, { cookie: ben });
      check();
      // Secrets of links and sessions are nowhere, either.
      for (const secret of [ben.split('=')[1], cookie.split('=')[1], portal.link.split('/').at(-1)])
        for (const [name, bytes] of look())
          assert.ok(!bytes.includes(secret), `a secret is in ${name}`);
      await portal.terminate();
      check();
      const { code, stdout } = await portal.command('check');
      assert.equal(code, 0, stdout);
      await portal.stop();
    });
});

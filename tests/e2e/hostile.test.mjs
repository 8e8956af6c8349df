// What attackers send, in a real browser and as bare requests.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { makePdf, upload } from './lib/files.mjs';
import { cookieOf, post, raw, registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { PASSWORD, button, compose, register } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { askToSign, readMessage, signByHttp } from './lib/signing.mjs';

const source = (path) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

let browser;
let portal;
let anna;
let cookie;
let guest;

before(async () => {
  browser = await launch();
  portal = await Portal.start();
  anna = await visit(browser, portal);
  await register(anna.page, portal.link, 'Anna Berg');
  cookie = await cookieOf(anna.context);
  await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'First', body: 'Text.' }, { 'ben@example.org': 'guest' });
  guest = await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

// Every route of the pages: [method, path with parameters filled in].
function routes() {
  const found = [...source('src/web/routes.c').matchAll(/^\t(GET|POST)\("([^"]+)"/gm)];
  return found.map(([, method, path]) => [method, path.replace('{token}', 'nonsense').replace('{id}', '01ARZ3NDEKTSV4RRFFQ69G5FAV')]);
}

function sentCount() {
  return request(portal, '/sent', { cookie }).then(({ body }) => body.split('href="/message/').length - 1);
}

describe('requests from other sites', () => {
  const FOREIGN = {
    'a foreign Origin': { Origin: 'https://evil.example' },
    'Origin null': { Origin: 'null' },
    'an Origin that begins like ours': { Origin: 'REPLACED.evil.example' },
    'Sec-Fetch-Site: cross-site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'REPLACED' },
    'Sec-Fetch-Site: same-site': { 'Sec-Fetch-Site': 'same-site', Origin: 'REPLACED' },
    'a foreign Referer alone': { Referer: 'https://evil.example/inbox' },
    'nothing that tells where it is from': {},
  };

  for (const [how, headers] of Object.entries(FOREIGN)) {
    test(`every POST with ${how} is refused and does nothing`, async () => {
      const before = await sentCount();
      const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('REPLACED', portal.url)]));
      const form = { to: 'ben@example.org', subject: 'Forged', body: 'Forged', name: 'Forged', password: PASSWORD, key: 'forged' };
      const posts = routes().filter(([method]) => method === 'POST');
      assert.ok(posts.length > 10);
      for (const [, path] of posts) {
        const answer = await request(portal, path, { method: 'POST', headers: own, form, cookie });
        assert.equal(answer.status, 403, path);
        assert.deepEqual(answer.cookies, [], path);
      }
      assert.equal(await sentCount(), before);
    });
  }

  test('a page elsewhere can neither post for somebody signed in nor frame the portal', async () => {
    const evil = http.createServer((incoming, outgoing) => {
      outgoing.setHeader('Content-Type', 'text/html');
      outgoing.end(incoming.url === '/frame' ? `<iframe src="${portal.url}/inbox"></iframe>`
        : `<form method="post" action="${portal.url}/compose"><input name="to" value="ben@example.org"><input name="subject"
          value="Forged"><input name="body" value="x"><input name="key" value="k"></form><script>document.forms[0].submit()</script>`);
    }).listen(0, '127.0.0.1');
    await once(evil, 'listening');
    const before = await sentCount();
    const victim = await anna.context.newPage();
    const answer = victim.waitForResponse(`${portal.url}/compose`);
    await victim.goto(`http://127.0.0.1:${evil.address().port}/`);
    assert.equal((await answer).status(), 403);
    await victim.goto(`http://127.0.0.1:${evil.address().port}/frame`);
    const [, frame] = victim.frames();
    await frame.waitForLoadState();
    assert.equal(await frame.getByText('Inbox').count(), 0);
    await victim.close();
    evil.closeAllConnections();
    evil.close();
    assert.equal(await sentCount(), before);
    anna.trouble.length = 0; // the foreign page itself
  });
});

const VECTORS = [
  '<script>sentinel()</script>', '<img src=x onerror=sentinel()>', '<svg onload=sentinel()>', '<iframe src="javascript:sentinel()"></iframe>',
  '[a](javascript:sentinel())', '[b](JaVaScRiPt:sentinel())', '[c](java\tscript:sentinel())', '[d](&#106;avascript:sentinel())',
  '[e](data:text/html,<script>sentinel()</script>)', '[f](vbscript:sentinel())', '[g]( javascript:sentinel())',
  '![h](x" onerror="sentinel())', '![i](javascript:sentinel())', '![j](http://evil.example/pixel.png)', '![k](data:image/svg+xml,<svg/onload=sentinel()>)',
  '<a href="javascript:sentinel()">l</a>', '<https://evil.example/"onmouseover="sentinel()>', '<javascript:sentinel()>',
  '```"><script>sentinel()</script>\ncode\n```', '`<script>sentinel()</script>`', '<style>*{background:url(http://evil.example/s)}</style>',
  '<meta http-equiv=refresh content="0;url=http://evil.example">', '<base href=http://evil.example>', '<form action=http://evil.example><button>m</button></form>',
  '[n]: javascript:sentinel()\n\n[n]', '</textarea><script>sentinel()</script>', '<details open ontoggle=sentinel()>', '<!--><script>sentinel()</script>',
  '[o](//evil.example "t" onclick=sentinel())', '<math><mtext></form><form><mglyph><style></math><img src onerror=sentinel()>',
  '\u202e\u2066[p](http://evil.example)', '{{ sentinel() }} ${sentinel()} <%= sentinel() %>',
];

describe('scripts in what people write', () => {
  test('nothing runs, nothing is loaded from elsewhere, no address is a script', async () => {
    const reader = await visit(browser, portal);
    await reader.context.addInitScript(() => { globalThis.sentinel = () => { globalThis.isHit = true; }; });
    const [name, value] = guest.split('=');
    await reader.context.addCookies([{ name, value, url: portal.url }]);
    const subjects = ['<script>sentinel()</script>', '"><img src=x onerror=sentinel()>', '</title><script>sentinel()</script>'];
    for (const subject of subjects) {
      const sent = await sendByHttp(portal, cookie, { to: 'ben@example.org', subject, body: VECTORS.join('\n\n') });
      assert.equal(sent.status, 303);
      const path = sent.headers.location.split('?')[0];
      const check = async () => {
        assert.equal(await reader.page.evaluate(() => globalThis.isHit === true), false);
        const links = await reader.page.locator('main a[href], main img[src], main form[action]').evaluateAll((all) =>
          all.map((one) => one.href ?? one.src ?? one.action));
        for (const link of links)
          assert.match(String(link), /^(https?|mailto):/);
        const inside = '.body script, .body iframe, .body style, .body form, .body img, .body svg, .body details, .body meta, .body base';
        assert.equal(await reader.page.locator(inside).count(), 0);
      };
      await reader.page.goto('/inbox');
      await check();
      await reader.page.goto(path);
      assert.ok(await reader.page.getByRole('heading', { level: 1, name: subject, exact: true }).isVisible());
      await check();
      for (const link of await reader.page.locator('.body a[href^="http"]').all())
        assert.match(await link.getAttribute('rel') ?? '', /noopener|noreferrer/);
    }
    assert.deepEqual(reader.trouble, []);
    await reader.context.close();
  });

  test('names and form contents come back escaped', async () => {
    for (const bad of ['"><script>sentinel()</script>', '</textarea><script>sentinel()</script>', "' onfocus='sentinel()' autofocus='"]) {
      const back = await post(portal, '/compose', { key: 'k', to: `x${bad}`, cc: bad, bcc: bad, subject: bad, body: bad, [`grade:${bad}`]: bad }, { cookie });
      assert.equal(back.status, 422);
      assert.doesNotMatch(back.body, /<script>sentinel|onfocus='/);
      const named = await post(portal, '/account/name', { name: bad }, { cookie });
      assert.equal(named.status, 303);
      assert.doesNotMatch((await request(portal, '/account', { cookie })).body, /<script>sentinel|onfocus='/);
      const signing = await post(portal, '/sign-in', { address: bad, password: bad, next: bad });
      assert.doesNotMatch(signing.body, /<script>sentinel|onfocus='/);
      const query = await request(portal, `/compose?to=${encodeURIComponent(bad)}&done=${encodeURIComponent(bad)}`, { cookie });
      assert.doesNotMatch(query.body, /<script>sentinel|onfocus='/);
    }
    await post(portal, '/account/name', { name: 'Anna Berg' }, { cookie });
  });
});

describe('where requests lead', () => {
  test('next= never leads elsewhere', async () => {
    const bad = ['//evil.example', 'https://evil.example', '/\\evil.example', '\\\\evil.example', '/%09/evil.example', '/\t/evil.example', ' //evil.example',
      '/\n/evil.example', 'javascript:alert(1)', '/..//evil.example', '//evil.example@localhost', 'inbox.evil.example', '/inbox\r\nX-Evil: 1', '///evil.example',
      '/./\\evil.example', '/sign-out'];
    for (const next of bad) {
      const answer = await post(portal, '/sign-in', { address: 'anna@example.com', password: PASSWORD, next });
      assert.equal(answer.status, 303, JSON.stringify(next));
      assert.equal(new URL(answer.headers.location, portal.url).origin, portal.url, JSON.stringify(next));
      assert.equal(answer.headers['x-evil'], undefined);
    }
  });

  test('odd paths get an answer of ours and lead nowhere', async () => {
    for (const path of ['/..', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/assets/../master.key', '/assets/%2e%2e/master.key',
      '/inbox%00', '/inbox%00.css', '//inbox', '/inbox//', '/./inbox', '/inbox/', '/INBOX', '/%69nbox', '/%c0%af', '/%ff', '/%', '/%zz', '/inbox;x=1', '/inbox/..;/account',
      '/.git/config', '/master.key', '/portal.db', '/postern.conf', '/message/../inbox', '/message/%2e%2e', '/message/\\..\\', '/message/1', '/message/' + 'A'.repeat(1900)]) {
      const answer = await request(portal, path, { cookie });
      assert.ok([200, 303, 400, 404].includes(answer.status), `${path}: ${answer.status}`);
      if (answer.status === 303)
        assert.equal(new URL(answer.headers.location, portal.url).origin, portal.url, path);
      assert.doesNotMatch(answer.body, /root:|SQLite format/);
      assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
    }
    assert.equal((await request(portal, `/${'a'.repeat(5000)}`)).status >= 400, true);
  });

  test('no other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'BREW']) {
      const answer = await request(portal, '/inbox', { method, cookie, headers: { Origin: portal.url } });
      assert.ok([400, 405, 501].includes(answer.status), `${method}: ${answer.status}`);
    }
  });

  test('broken framing is refused and the connection closed', async () => {
    const host = `Host: localhost:${portal.port}\r\n`;
    const refused = {
      'no Host': 'GET / HTTP/1.1\r\n\r\n',
      'two Hosts': `GET / HTTP/1.1\r\n${host}${host}\r\n`,
      'both lengths': `POST /sign-in HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'two lengths': `POST /sign-in HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
      'a strange encoding': `POST /sign-in HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      'a space before the colon': `POST /sign-in HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      'NUL in a header': `GET / HTTP/1.1\r\n${host}X-A: a\u0000b\r\n\r\n`,
      'oversized headers': `GET / HTTP/1.1\r\n${host}X-A: ${'a'.repeat(100_000)}\r\n\r\n`,
      'many headers': `GET / HTTP/1.1\r\n${host}${'X-A: a\r\n'.repeat(500)}\r\n`,
      'not HTTP': '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n',
    };
    for (const [how, bytes] of Object.entries(refused)) {
      const answer = await raw(portal, Buffer.from(bytes, 'latin1'));
      assert.match(answer, /^$|^HTTP\/1\.[01] (400|431|413|501|505) /, `${how}: ${answer.slice(0, 60)}`);
      assert.ok(answer.split('HTTP/1.').length <= 2, `${how}: one answer`);
    }
  });
});

describe('input that is too much or broken', () => {
  test('a huge subject is refused with a sentence, everything typed comes back', async () => {
    await compose(anna.page, { to: 'ben@example.org', subject: 'S'.repeat(200_000), body: 'Worth keeping.' });
    await button(anna.page, 'Send').click();
    await anna.page.getByRole('alert').waitFor();
    assert.match(await anna.page.getByRole('alert').innerText(), /subject is too long/);
    assert.equal(await anna.page.getByLabel('Message', { exact: true }).inputValue(), 'Worth keeping.');
    assert.equal((await anna.page.getByLabel('Subject', { exact: true }).inputValue()).length, 200_000);
  });

  test('10,000 recipients are refused with a sentence, nobody is invited', async () => {
    const to = Array.from({ length: 10_000 }, (_, i) => `person${i}@example.net`).join(', ');
    const answer = await sendByHttp(portal, cookie, { to, subject: 'All', body: 'Worth keeping.' });
    assert.equal(answer.status, 422);
    assert.match(answer.body, /at most 500 people/);
    assert.match(answer.body, /Worth keeping\./);
    assert.match(answer.body, /person9999@example\.net/);
    assert.deepEqual(portal.post.to('person1@example.net'), []);
  });

  test('a body over the limit', async () => {
    const kept = await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Long', body: 'x'.repeat(1_100_000) });
    assert.equal(kept.status, 422);
    assert.match(kept.body, /Your message is too long/);
    const huge = await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Long', body: 'x'.repeat(6_000_000) }).catch((error) => error);
    if (huge.status !== undefined) {
      assert.equal(huge.status, 413);
      assert.match(huge.body, /That is too much at once/);
    } else
      assert.match(String(huge.code), /EPIPE|ECONNRESET/);
  });

  test('invalid UTF-8 and NUL', async () => {
    const key = () => `key=bytes${Math.random()}`;
    for (const bytes of ['%ff%fe', '%c0%80', '%ed%a0%80', '%00', 'a%00b']) {
      for (const field of ['subject', 'body', 'to']) {
        const fields = { to: 'ben%40example.org', subject: 'x', body: 'x' };
        fields[field] = field === 'to' ? `ben${bytes}%40example.org` : `text${bytes}`;
        const body = `${key()}&${Object.entries(fields).map((pair) => pair.join('=')).join('&')}`;
        const answer = await post(portal, '/compose', undefined, { cookie, body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
        assert.ok([400, 422].includes(answer.status), `${bytes} in ${field}: ${answer.status}`);
        assert.match(answer.body, /cannot be|could not be read|not a complete|not understood/);
      }
    }
  });

  test('bodies of another kind', async () => {
    for (const [type, body] of [['application/json', '{}'], ['text/plain', 'to=a'], ['multipart/form-data; boundary=x', '--x--'], ['application/x-www-form-urlencoded', '%'],
      ['application/x-www-form-urlencoded', '&&&==='], ['application/x-www-form-urlencoded', 'a=1&'.repeat(20_000)]]) {
      const answer = await post(portal, '/compose', undefined, { cookie, body, headers: { 'Content-Type': type } });
      assert.ok([400, 413, 415, 422].includes(answer.status), `${type} ${body.slice(0, 10)}: ${answer.status}`);
    }
  });

  test('the portal is well after all this', async () => {
    assert.equal((await request(portal, '/inbox', { cookie })).status, 200);
    const { code, stdout } = await portal.command('check');
    assert.equal(code, 0, stdout);
  });
});

describe('what every answer carries', () => {
  const check = (what, { headers, body }) => {
    const csp = headers['content-security-policy'] ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      assert.ok(csp.includes(rule), `${what}: ${rule}`);
    assert.doesNotMatch(csp, /unsafe|\*/, what);
    assert.equal(headers['x-content-type-options'], 'nosniff', what);
    assert.match(headers['referrer-policy'] ?? '', /^(same-origin|no-referrer)$/, what);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', what);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', what);
    assert.match(headers['x-request-id'] ?? '', /^\w+$/, what);
    assert.equal(headers.server, undefined, what);
    assert.doesNotMatch(body, /<[a-z][^<>]* (on[a-z]+|style)=|<script>/, `${what}: nothing inline`);
  };

  test('security headers on every route, signed in or not, right or wrong', async () => {
    const all = routes();
    assert.ok(all.length > 20);
    for (const [method, path] of all)
      for (const who of [undefined, guest]) {
        const answer = method === 'GET' ? await request(portal, path, { cookie: who })
          : path === '/sign-out' && who ? await post(portal, '/sign-out', {}) : await post(portal, path, { x: '1' }, { cookie: who });
        assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`);
        check(`${method} ${path}`, answer);
        if (!path.endsWith('.txt') && !path.endsWith('.ico'))
          assert.equal(answer.headers['cache-control'], 'no-store', `${method} ${path}`);
      }
    for (const path of ['/nothing', '/assets/nothing.js', '/api/v1/nothing', '/api/v1/me'])
      check(path, await request(portal, path));
  });

  test('early refusals have them, too', async () => {
    for (const bytes of ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
      const answer = await raw(portal, bytes);
      assert.match(answer, /^HTTP\/1.1 400 /);
      assert.match(answer, /content-security-policy/i);
      assert.match(answer, /x-content-type-options: nosniff/i);
    }
  });

  test('who is not signed in is asked to, and sees nothing', async () => {
    for (const path of ['/inbox', '/sent', '/compose', '/account', '/export', '/message/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/people/suggest?q=an'])
      for (const bad of [undefined, 'postern=', 'postern=nonsense', `${cookie.slice(0, -4)}AAAA`, `postern=${'A'.repeat(3000)}`]) {
        const answer = await request(portal, path, { cookie: bad });
        assert.ok([303, 401, 403].includes(answer.status), `${path} with ${bad}: ${answer.status}`);
        assert.doesNotMatch(answer.body, /Anna|Inbox<|ben@/);
      }
  });

  test('the cookie is HttpOnly, SameSite, for the whole host, and a new one at each sign-in', async () => {
    const values = new Set();
    for (let i = 0; i < 2; i++) {
      const { cookies: [set] } = await post(portal, '/sign-in', { address: 'anna@example.com', password: PASSWORD }, { cookie: 'postern=chosen-by-attacker' });
      assert.match(set, /^postern=[A-Za-z0-9_-]{40,}; Path=\/; HttpOnly; SameSite=(Lax|Strict)$/);
      values.add(set);
    }
    assert.equal(values.size, 2);
    assert.deepEqual(anna.trouble, []);
  });
});

describe('the policy (P1), every cell', () => {
  const people = {};
  const ACTS = {
    ACT_READ: { guest: true, professional: true, administrator: true },
    ACT_REPLY: { guest: true, professional: true, administrator: true },
    ACT_FORWARD: { guest: true, professional: true, administrator: true },
    ACT_KEEP_PEOPLE_IN_REPLY: { guest: true, professional: true, administrator: true },
    ACT_WRITE_TO_PROFESSIONAL: { guest: true, professional: true, administrator: true },
    ACT_WRITE_TO_GUEST: { guest: false, professional: true, administrator: true },
    ACT_INVITE_GUEST: { guest: false, professional: true, administrator: true },
    ACT_INVITE_PROFESSIONAL: { guest: false, professional: true, administrator: true },
    ACT_RESEND_INVITATION: { guest: false, professional: true, administrator: true },
    ACT_RECALL: { guest: false, professional: true, administrator: true },
    ACT_BLOCK_GUEST: { guest: false, professional: true, administrator: true },
    ACT_REQUEST_SIGNATURES: { guest: false, professional: true, administrator: true },
    ACT_SIGN: { guest: true, professional: true, administrator: true },
    ACT_SEND_FILES: { guest: true, professional: true, administrator: true },
    ACT_MARK_CONFIDENTIAL: { guest: true, professional: true, administrator: true },
    ACT_SET_EXPIRY: { guest: true, professional: true, administrator: true },
    ACT_ADMINISTER: { guest: false, professional: false, administrator: true },
  };
  const ADDRESSES = { guest: 'gus@example.org', professional: 'pat@example.com', administrator: 'anna@example.com' };
  const OTHER_GUEST = 'zoe@example.org';
  const OTHER_PROFESSIONAL = 'pia@example.com';
  let fresh = 0;

  const isSent = (answer) => {
    assert.ok([303, 403, 422].includes(answer.status), `status ${answer.status}`);
    if (answer.status !== 303)
      assert.match(answer.body, /Text to keep/, 'a refused text comes back');
    return answer.status === 303;
  };
  const write = (who, to, invite) => sendByHttp(portal, people[who].cookie, { to, subject: 'Policy', body: 'Text to keep' }, invite).then(isSent);

  const sends = async (who, fields) => isSent(await post(portal, '/compose',
    { key: `p-${fresh++}`, to: OTHER_PROFESSIONAL, subject: 'Policy', body: 'Text to keep', ...fields }, { cookie: people[who].cookie }));

  const TRY = {
    ACT_READ: async (who) => {
      const { body, status } = await request(portal, people[who].message, { cookie: people[who].cookie });
      return status === 200 && body.includes('Seed for everyone');
    },
    ACT_REPLY: async (who) => isSent(await post(portal, `${people[who].message}/reply`, { key: `r-${who}`, all: 'no', body: 'Text to keep' },
      { cookie: people[who].cookie })),
    ACT_FORWARD: (who) => sendByHttp(portal, people[who].cookie,
      { to: OTHER_PROFESSIONAL, subject: 'Fwd', body: 'Text to keep', forward_of: people[who].message.split('/').at(-1) }).then(isSent),
    ACT_KEEP_PEOPLE_IN_REPLY: async (who) => {
      if (!isSent(await post(portal, `${people[who].message}/reply`, { key: `a-${who}`, all: 'yes', body: `Text to keep for all from ${who}` },
        { cookie: people[who].cookie })))
        return false;
      const { body } = await request(portal, people.watcher.message, { cookie: people.watcher.cookie });
      return body.includes(`for all from ${who}`);
    },
    ACT_WRITE_TO_PROFESSIONAL: (who) => write(who, OTHER_PROFESSIONAL),
    ACT_WRITE_TO_GUEST: (who) => write(who, OTHER_GUEST),
    ACT_INVITE_GUEST: (who) => {
      const address = `new${++fresh}@example.net`;
      return write(who, address, { [address]: 'guest' });
    },
    ACT_INVITE_PROFESSIONAL: async (who) => {
      const address = `new${++fresh}@example.net`;
      const isDone = await write(who, address, { [address]: 'professional' });
      const { stdout } = await portal.command('user', 'list');
      const line = stdout.split('\n').find((one) => one.includes(address));
      assert.equal(line !== undefined, isDone, 'somebody refused has invited nobody');
      assert.ok(!isDone || line.includes('professional'));
      return isDone;
    },
    ACT_RESEND_INVITATION: async (who) => {
      const answer = await post(portal, `/people/${people.pending}/invite-again`, { next: '/sent' }, { cookie: people[who].cookie });
      return answer.status === 303;
    },
    ACT_RECALL: async (who) => {
      const sent = await sendByHttp(portal, people[who].cookie, { to: OTHER_PROFESSIONAL, subject: 'Recall', body: `Gone with ${who}` });
      const message = sent.headers.location.split('?')[0];
      const answer = await post(portal, `${message}/recall`, { from: 'all', reason: 'Policy' }, { cookie: people[who].cookie });
      assert.ok([303, 403].includes(answer.status), `status ${answer.status}`);
      const { body } = await request(portal, message, { cookie: people.other.cookie });
      assert.equal(body.includes(`Gone with ${who}`), answer.status === 403);
      return answer.status === 303;
    },
    ACT_BLOCK_GUEST: async (who) => {
      const { body } = await request(portal, '/people?q=zoe', { cookie: people.administrator.cookie });
      const [, id] = /href="\/people\/(\w{26})/.exec(body);
      const { status } = await post(portal, `/people/${id}/block`, {}, { cookie: people[who].cookie });
      assert.ok([303, 403, 404].includes(status), `status ${status}`);
      return status === 303;
    },
    ACT_REQUEST_SIGNATURES: async (who) => {
      const file = await upload(portal, people[who].cookie, 'Contract.pdf', 'application/pdf', makePdf(['One']));
      return isSent(await post(portal, '/compose', { key: `s-${who}`, to: OTHER_PROFESSIONAL, subject: 'Policy', body: 'Text to keep', signing: 'on', file },
        { cookie: people[who].cookie }));
    },
    ACT_SIGN: async (who) => {
      const asking = who === 'professional' ? 'administrator' : 'professional';
      const message = await askToSign(portal, people[asking].cookie, { to: ADDRESSES[who], subject: 'Sign' });
      const { status } = await signByHttp(portal, people[who].cookie, message, { signature: ADDRESSES[who] });
      assert.ok([303, 403].includes(status), `status ${status}`);
      assert.equal((await readMessage(portal, people[who].cookie, message)).includes('Signed by everybody'), status === 303);
      return status === 303;
    },
    ACT_SEND_FILES: async (who) => {
      const file = await upload(portal, people[who].cookie, 'Notes.txt', 'text/plain', Buffer.from('Notes'));
      return sends(who, { file });
    },
    ACT_MARK_CONFIDENTIAL: (who) => sends(who, { confidential: 'on' }),
    ACT_SET_EXPIRY: (who) => sends(who, { expires_at: new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10) }),
    ACT_ADMINISTER: async (who) => {
      const { status } = await request(portal, '/admin', { cookie: people[who].cookie });
      assert.ok([200, 403].includes(status), `status ${status}`);
      return status === 200;
    },
  };

  before(async () => {
    people.administrator = { cookie };
    const join = async (address, grade, name) => {
      assert.equal((await sendByHttp(portal, cookie, { to: address, subject: 'Join', body: 'Join' }, { [address]: grade })).status, 303);
      return { cookie: await registerByHttp(portal, await portal.post.link('register', address), name) };
    };
    people.guest = await join('gus@example.org', 'guest', 'Gus');
    people.professional = await join('pat@example.com', 'professional', 'Pat');
    people.watcher = await join(OTHER_GUEST, 'guest', 'Zoe');
    people.other = await join(OTHER_PROFESSIONAL, 'professional', 'Pia');
    const seed = await sendByHttp(portal, people.professional.cookie,
      { to: `gus@example.org, ${OTHER_GUEST}, anna@example.com`, subject: 'Seed', body: 'Seed for everyone' });
    for (const who of ['guest', 'professional', 'administrator', 'watcher'])
      people[who].message = seed.headers.location.split('?')[0];
  });

  test('the table here has every act of core/policy.c', () => {
    const acts = [...source('src/core/policy.h').matchAll(/^\t(ACT_\w+),/gm)].map(([, act]) => act).filter((act) => act !== 'ACT_COUNT');
    assert.deepEqual(Object.keys(ACTS), acts);
  });

  for (const [act, row] of Object.entries(ACTS))
    for (const [who, may] of Object.entries(row)) {
      if (act === 'ACT_RESEND_INVITATION')
        continue;
      test(`${act}: ${who} ${may ? 'may' : 'may not'}`, async () => assert.equal(await TRY[act](who), may));
    }

  for (const [who, may] of Object.entries(ACTS.ACT_RESEND_INVITATION))
    test(`ACT_RESEND_INVITATION: ${who} ${may ? 'may, to whom they have invited' : 'may not'}`, async () => {
      const inviter = may ? who : 'professional';
      const address = `pending-${who}@example.net`;
      const sent = await sendByHttp(portal, people[inviter].cookie, { to: address, subject: 'Wait', body: 'Wait' }, { [address]: 'guest' });
      const { body } = await request(portal, sent.headers.location.split('?')[0], { cookie: people[inviter].cookie });
      people.pending = /\/people\/(\w+)\/invite-again/.exec(body)[1];
      await portal.post.link('register', address);
      assert.equal(await TRY.ACT_RESEND_INVITATION(who), may);
      if (may)
        await portal.post.link('register', address, 1);
      else
        assert.equal(portal.post.to(address).filter((mail) => mail.links[0].includes('/register/')).length, 1);
    });

  test('a grade changes at the next request, open sessions included (P1.5)', async () => {
    const write1 = () => write('professional', OTHER_GUEST);
    assert.equal(await write1(), true);
    assert.equal((await portal.command('user', 'grade', 'pat@example.com', 'guest')).code, 0);
    assert.equal(await write1(), false);
    assert.equal((await request(portal, people.professional.message, { cookie: people.professional.cookie })).status, 200, 'keeps the mail');
    assert.equal((await portal.command('user', 'grade', 'pat@example.com', 'professional')).code, 0);
    assert.equal(await write1(), true);
  });

  test('somebody disabled is let in nowhere, cannot be written to, and comes back whole (P1.7)', async () => {
    assert.equal((await portal.command('user', 'disable', 'gus@example.org')).code, 0);
    const inside = await request(portal, '/inbox', { cookie: people.guest.cookie });
    assert.ok([303, 401, 403].includes(inside.status));
    const signIn = await post(portal, '/sign-in', { address: 'gus@example.org', password: PASSWORD });
    assert.deepEqual(signIn.cookies, []);
    const refused = await sendByHttp(portal, cookie, { to: 'gus@example.org', subject: 'x', body: 'Text to keep' });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /gus[^<]*cannot receive messages at the moment/);
    assert.match(refused.body, /Text to keep/);
    assert.equal((await portal.command('user', 'enable', 'gus@example.org')).code, 0);
    const back = await post(portal, '/sign-in', { address: 'gus@example.org', password: PASSWORD });
    assert.equal(back.status, 303);
    people.guest.cookie = back.cookies[0].split(';')[0];
    assert.equal(await TRY.ACT_READ('guest'), true);
  });

  test('the last administrator cannot be lowered or disabled (P1.5)', async () => {
    assert.notEqual((await portal.command('user', 'grade', 'anna@example.com', 'guest')).code, 0);
    assert.notEqual((await portal.command('user', 'disable', 'anna@example.com')).code, 0);
    assert.equal((await request(portal, '/inbox', { cookie })).status, 200);
  });
});

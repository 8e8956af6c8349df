// The certificates by which documents are signed, and what `postern verify` says of documents: from the command line, without a browser.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { download, makePdf } from './lib/files.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { PROGRAM, Portal, STORES, postern } from './lib/portal.mjs';
import { askToSign, signByHttp, signaturesOf } from './lib/signing.mjs';
import { signInByApi } from './lib/tus.mjs';

const run = promisify(execFile);
const BEN = 'ben@example.org';

for (const store of STORES) {
  describe(`signed documents on the command line, ${store}`, () => {
    let portal;
    let folder;
    let stamper;
    const cookies = {};
    const at = (name) => path.join(folder, name);

    before(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-verify-'));
      portal = await Portal.start({ store, args: ['--private-targets', '127.0.0.1'] });
      cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
      await sendByHttp(portal, cookies.anna, { to: BEN, subject: 'Welcome', body: 'Hello.' }, { [BEN]: 'guest' });
      cookies.ben = await registerByHttp(portal, await portal.post.link('register', BEN), 'Bén Čarter');
    });
    after(async () => {
      await portal?.stop();
      stamper?.stdin.end();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    // A document that Ben was asked to sign, and has signed; as a file.
    async function signed(name) {
      const message = await askToSign(portal, cookies.anna, { to: BEN, subject: name, documents: [{ name: 'Contract.pdf', bytes: makePdf(['One', 'Two']) }],
        fields: [['s1', 'signature', BEN, 0, 2, 72, 640, 200, 50]] });
      const answer = await signByHttp(portal, cookies.ben, message, { s1: 'Bén Čarter' });
      assert.equal(answer.status, 303, answer.body);
      const { bytes } = await download(portal, `${message}/documents/0`, cookies.ben);
      fs.writeFileSync(at(name), bytes);
      return bytes;
    }

    async function verify(name, ...words) {
      const { code, stdout, stderr } = await postern('verify', at(name), ...words);
      return { code, last: stdout.trimEnd().split('\n').at(-1), stdout, stderr };
    }

    async function verifyJson(name, ...words) {
      const { code, stdout } = await postern('verify', at(name), '--json', ...words);
      return { code, ...JSON.parse(stdout) };
    }

    test('a signed document holds, and is this portal’s', async () => {
      const bytes = await signed('one.pdf');
      assert.deepEqual((await signaturesOf(bytes)).map(({ name, isValid }) => [name, isValid]).sort(),
        [['Bén Čarter', true], ['Example Clinic', true], ['Example Clinic', true]].sort());
      const { code, last, stdout } = await verify('one.pdf', '--data', portal.folder, ...portal.store);
      assert.equal(code, 0, stdout);
      assert.match(last, /^HOLDS\. All 3 signatures are good, nothing was changed, and Authority of Example Clinic stands behind the document\.$/);
      assert.match(stdout, /2\. Signature by Bén Čarter\n/);
      assert.match(stdout, /Bén Čarter \(ben@example\.org\), issued by Authority of Example Clinic/);
      assert.match(stdout, /3\. Final seal by Example Clinic\n[^]*It covers the whole document\./);
    });

    test('without the portal: by the authority’s certificate, or with nobody named', async () => {
      const { stdout: pem } = await portal.command('certificate', 'export');
      fs.writeFileSync(at('authority.pem'), pem);
      assert.equal((await verify('one.pdf', '--certificate', at('authority.pem'))).code, 0);
      const nobody = await verify('one.pdf');
      assert.equal(nobody.code, 0);
      assert.match(nobody.last, /^HOLDS\..*Whether you trust Authority of Example Clinic is for you to say/);
      const { stdout: shown } = await portal.command('certificate', 'show');
      const print = (await run('openssl', ['x509', '-in', at('authority.pem'), '-noout', '-fingerprint', '-sha256'])).stdout.split('=')[1].replaceAll(':', '').trim().toLowerCase();
      assert.ok(shown.includes(print));
      assert.ok(nobody.stdout.includes(print));
      assert.ok(!fs.readFileSync(at('authority.pem'), 'utf8').includes('PRIVATE'));
    });

    test('another portal’s it is not', async () => {
      const other = await Portal.make();
      const { code, last } = await verify('one.pdf', '--data', other.folder);
      assert.equal(code, 4);
      assert.match(last, /^HOLDS, BUT NOT BY THE ONE YOU NAMED/);
      await other.stop();
    });

    test('what was changed, cut or is something else', async () => {
      const bytes = fs.readFileSync(at('one.pdf'));
      const changed = Buffer.from(bytes);
      changed[Math.floor(bytes.length / 3)] ^= 1;
      const cases = [
        ['changed.pdf', changed, 1, /^DOES NOT HOLD|damaged/],
        ['longer.pdf', Buffer.concat([bytes, Buffer.from('\n9999 0 obj <<>> endobj\n')]), 1, /^DOES NOT HOLD|damaged/],
        ['unsigned.pdf', makePdf(['One']), 3, /^NOT SIGNED/],
        ['text.pdf', Buffer.from('Dear Anna'), 1, /not a PDF/],
        ['empty.pdf', Buffer.alloc(0), 1, /not a PDF/],
      ];
      for (const [name, content, expected, sentence] of cases) {
        fs.writeFileSync(at(name), content);
        const { code, last, stderr } = await verify(name, '--data', portal.folder, ...portal.store);
        assert.equal(code, expected, `${name}: ${last}${stderr}`);
        assert.match(last || stderr.replace('postern: ', ''), sentence);
      }
      assert.equal((await verify('nowhere.pdf')).code, 1);
      assert.equal((await postern('verify')).code, 2);
      assert.equal((await verify('one.pdf', '--colour', 'blue')).code, 2);
      assert.equal((await verify('one.pdf', '--certificate', at('one.pdf'))).code, 1);
    });

    test('a real authority’s certificate seals; people’s signatures stay the portal’s', async () => {
      await run('openssl', ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-days', '30', '-subj', '/O=Real Authority/CN=Clinic Seal', '-addext', 'basicConstraints=CA:FALSE',
        '-keyout', at('seal.key'), '-out', at('seal.pem')]);
      await run('openssl', ['pkcs12', '-export', '-inkey', at('seal.key'), '-in', at('seal.pem'), '-passout', 'pass:gehéim', '-out', at('seal.p12')]);
      const imported = (password) => new Promise((resolve) => {
        const child = execFile(PROGRAM, ['certificate', 'import', at('seal.p12'), '--data', portal.folder, ...portal.store],
          (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
        child.stdin.end(password);
      });
      const wrong = await imported('wrong\n');
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /The password does not open .*seal\.p12\. Nothing was changed\./);
      const right = await imported('gehéim\n');
      assert.equal(right.code, 0, right.stderr);
      assert.match(right.stdout, /^Clinic Seal, issued by Clinic Seal, signs the final seals from now on/);
      const bytes = await signed('sealed.pdf'); // at once, without a restart
      assert.ok((await signaturesOf(bytes)).every(({ isValid }) => isValid));
      const { code, signatures, is_known } = await verifyJson('sealed.pdf', '--data', portal.folder, ...portal.store);
      assert.equal(code, 0);
      assert.ok(is_known);
      assert.deepEqual(signatures.map((one) => one.root), ['Authority of Example Clinic', 'Authority of Example Clinic', 'Clinic Seal']);

      fs.writeFileSync(at('password'), 'gehéim\nand a second line');
      assert.equal((await portal.command('certificate', 'import', at('seal.p12'), '--password-file', at('password'))).code, 0);
      assert.equal((await portal.command('certificate', 'forget')).code, 0);
      assert.equal((await portal.command('certificate', 'forget')).code, 1);
      await signed('again.pdf');
      assert.equal((await verifyJson('again.pdf')).signatures.at(-1).root, 'Authority of Example Clinic');
      assert.equal((await verify('sealed.pdf', '--data', portal.folder, ...portal.store)).code, 0, 'what was sealed by it is known all the same');
    });

    test('with a time-stamp server each signature says when; when it fails, nobody waits', async () => {
      fs.mkdirSync(at('tsa'));
      stamper = spawn('node', [fileURLToPath(new URL('../fixtures/stamp.mjs', import.meta.url)), at('tsa')], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [ports] = await once(stamper.stdout, 'data');
      const [port] = String(ports).split(' ');
      assert.notEqual((await portal.command('setting', 'set', 'timestamp_url', 'ftp://example.com')).code, 0);
      const auth = await signInByApi(portal);
      const ask = async (url) => {
        const answer = await request(portal, '/api/v1/settings', { method: 'PUT', headers: { ...auth, 'Content-Type': 'application/json' }, body: JSON.stringify({ timestamp_url: url }) });
        assert.equal(answer.status, 200, answer.body);
      };
      await ask(`http://127.0.0.1:${port}/`);
      const bytes = await signed('stamped.pdf');
      assert.ok((await signaturesOf(bytes)).every(({ isValid }) => isValid));
      const { code, signatures } = await verifyJson('stamped.pdf', '--data', portal.folder, ...portal.store);
      assert.equal(code, 0);
      for (const one of signatures.slice(1)) {
        assert.equal(one.stamped_by, 'stamper');
        assert.ok(Math.abs(Date.parse(one.stamped_time) - Date.now()) < 300_000);
      }
      await ask(`http://127.0.0.1:${port}/error`);
      await signed('unstamped.pdf');
      assert.match(portal.log, /stamp\.out_of_reach/);
      const without = await verifyJson('unstamped.pdf', '--data', portal.folder, ...portal.store);
      assert.equal(without.code, 0);
      assert.ok(without.signatures.every((one) => one.stamped_time === null));
    });
  });
}

// Behind nginx, set up as README.md says: files go through it both ways, in the clear on no disk of it (P5.1, P5.2).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { waitForEnd, watch } from './lib/child.mjs';
import { registerByHttp } from './lib/http.mjs';
import { Portal } from './lib/portal.mjs';
import { beginPatch, createUpload, offsetOf, patchUpload, readBack, sendByTus, sha256, signInByApi, someBytes, pathOf } from './lib/tus.mjs';
import { waitFor } from './lib/wait.mjs';

const MIB = 2 ** 20;
const README = new URL('../../README.md', import.meta.url);

const whyNoNginx = (() => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'nginx is not installed';
  }
})();

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

// The block of README.md around a portal on this port; what belongs to the machine is added.
function configuration(folder, port, portal) {
  const block = /```nginx\n([\s\S]*?)```/.exec(fs.readFileSync(README, 'utf8'))?.[1];
  assert.ok(block?.includes('http://127.0.0.1:8080'), 'README.md has the block');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(what => `${what}_temp_path ${folder}/${what};`).join('\n');
  return `daemon off; pid ${folder}/pid; error_log ${folder}/error.log info;
events { worker_connections 256; }
http { access_log off; ${temporary}
server { listen 127.0.0.1:${port};
${block.replace('http://127.0.0.1:8080', `http://127.0.0.1:${portal.inner}`)} } }`;
}

describe('behind nginx as README.md has it', { skip: whyNoNginx }, () => {
  let portal;
  let nginx;
  let ended;
  let folder;
  let auth;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-nginx-'));
    fs.chmodSync(folder, 0o755); // started by root, nginx works as nobody
    const port = await freePort();
    // What the world sees is nginx; what it hands on goes to the portal.
    portal = await Portal.start({ line: { port }, args: ['--trusted-proxies', '127.0.0.1'] });
    fs.writeFileSync(path.join(folder, 'nginx.conf'), configuration(folder, port, portal));
    nginx = spawn('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: 'ignore' });
    ended = once(nginx, 'exit');
    watch(nginx);
    await waitFor('nginx', () => fetch(portal.url).then(() => true, () => false));
    await registerByHttp(portal, portal.link, 'Anna Berg');
    auth = await signInByApi(portal);
  });
  after(async () => {
    if (nginx && nginx.exitCode === null) {
      nginx.kill('SIGTERM');
      await waitForEnd(nginx, ended);
    }
    await portal?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const said = () => fs.readFileSync(path.join(folder, 'error.log'), 'utf8');

  test('files larger than it would take, up and down', async () => {
    const bytes = someBytes(40 * MIB + 17);
    const upload = await sendByTus(portal, auth, bytes);
    assert.equal(sha256(await readBack(portal, auth, pathOf(upload))), sha256(bytes));
    assert.doesNotMatch(said(), /temporary file/);
  });

  test('a cut loses no more than without it', async () => {
    const bytes = someBytes(4 * MIB);
    const at = await createUpload(portal, auth, bytes.length);
    const { socket } = await beginPatch(portal, auth, at, 0, bytes.length);
    await new Promise((done) => { socket.write(bytes.subarray(0, 2 * MIB + 500_000), done); });
    socket.end();
    const offset = await waitFor('what has come', () => offsetOf(portal, auth, at));
    assert.equal(offset % MIB, 0);
    assert.ok(offset >= MIB, `${offset} bytes are kept`);
    assert.equal((await patchUpload(portal, auth, at, offset, bytes.subarray(offset))).status, 204);
    assert.equal(sha256(await readBack(portal, auth, at)), sha256(bytes));
    assert.doesNotMatch(said(), /temporary file/);
  });

  test('who reads slowly has nothing kept for them', async () => {
    const bytes = someBytes(40 * MIB);
    const upload = await sendByTus(portal, auth, bytes);
    const answer = await fetch(`http://127.0.0.1:${portal.port}${pathOf(upload)}/content`, { headers: auth });
    const parts = [];
    for await (const part of answer.body) {
      parts.push(part);
      if (parts.length < 20)
        await new Promise((done) => { setTimeout(done, 50); });
    }
    assert.equal(sha256(Buffer.concat(parts)), sha256(bytes));
    assert.doesNotMatch(said(), /temporary file/);
  });
});

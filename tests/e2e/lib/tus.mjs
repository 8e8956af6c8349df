// Files as scripts and tus clients send them.
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import { once } from 'node:events';
import * as tus from 'tus-js-client';
import { request } from './http.mjs';
import { PASSWORD } from './people.mjs';

export const BYTES = 'application/offset+octet-stream';
export const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

// {Authorization}: a session of the API.
export async function signInByApi(portal, email = portal.admin, password = PASSWORD) {
  const { status, body } = await request(portal, '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) });
  if (status !== 201)
    throw new Error(`not signed in: ${body}`);
  return { Authorization: `Bearer ${JSON.parse(body).token}` };
}

const base64 = text => Buffer.from(text).toString('base64');

// The path of a new upload.
export async function createUpload(portal, auth, bytes, name = 'scan.pdf', headers = {}) {
  const answer = await request(portal, '/files', { method: 'POST', headers: {
    ...auth, 'Tus-Resumable': '1.0.0', 'Upload-Length': String(bytes), 'Upload-Metadata': `filename ${base64(name)},filetype ${base64('application/pdf')}`, ...headers } });
  if (answer.status !== 201)
    throw new Error(`not created: ${answer.status} ${answer.body}`);
  return answer.headers.location;
}

export const headUpload = (portal, auth, at) => request(portal, at, { method: 'HEAD', headers: { ...auth, 'Tus-Resumable': '1.0.0' } });
export const patchUpload = (portal, auth, at, offset, body, headers = {}) => request(portal, at, {
  method: 'PATCH', body, headers: { ...auth, 'Tus-Resumable': '1.0.0', 'Content-Type': BYTES, 'Upload-Offset': String(offset), ...headers } });

// What is acknowledged.
export async function offsetOf(portal, auth, at) {
  const { status, headers } = await headUpload(portal, auth, at);
  if (status !== 200)
    throw new Error(`HEAD: ${status}`);
  return Number(headers['upload-offset']);
}

// A request on a connection of its own, of whose body the test sends what it likes: {socket, answered}.
export async function beginRequest(portal, method, at, headers) {
  const socket = net.connect(portal.port, '127.0.0.1');
  await once(socket, 'connect');
  const head = { Host: new URL(portal.url).host, ...headers };
  socket.write(`${method} ${at} HTTP/1.1\r\n${Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  let text = '';
  const answered = new Promise((resolve) => {
    socket.on('data', (part) => { text += part.toString('latin1'); resolve(text); });
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
  return { socket, answered };
}

export const beginPatch = (portal, auth, at, offset, length) => beginRequest(portal, 'PATCH', at, {
  ...auth, 'Tus-Resumable': '1.0.0', 'Content-Type': BYTES, 'Upload-Offset': offset,
  ...(length === undefined ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': length }) });

// With tus-js-client, to the end; `watch` sees its progress. Gives the client's Upload.
export function sendByTus(portal, auth, source, options = {}) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, {
      endpoint: `http://127.0.0.1:${portal.port}/files`, headers: auth, retryDelays: [], metadata: { filename: 'scan.pdf', filetype: 'application/pdf' },
      onError: reject, onSuccess: () => resolve(upload), ...options,
    });
    options.watch?.(upload);
    upload.start();
  });
}

export const pathOf = upload => new URL(upload.url).pathname;
export const idOf = at => at.split('/').at(-1);

// What is stored, in clear.
export async function readBack(portal, auth, at) {
  const answer = await fetch(`http://127.0.0.1:${portal.port}${at}/content`, { headers: auth });
  if (answer.status !== 200)
    throw new Error(`content: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}

// Never twice the same, so that a chunk in another's place is seen.
export const someBytes = length => randomBytes(length);

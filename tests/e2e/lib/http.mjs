// Requests as no browser would send them: any header, no redirects followed; and bare bytes on a socket.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { PASSWORD } from './people.mjs';

// {status, headers, cookies, body}. options: {method, headers, form (object), body, cookie}
export function request(portal, path, options = {}) {
  const url = new URL(portal.url);
  const headers = { ...options.headers };
  let body = options.body;
  if (options.form) {
    body = new URLSearchParams(options.form).toString();
    headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
  }
  if (options.cookie)
    headers.Cookie = options.cookie;
  if (body !== undefined)
    headers['Content-Length'] = Buffer.byteLength(body);
  const { request: begin } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = begin({
      host: '127.0.0.1', port: url.port, servername: url.hostname, rejectUnauthorized: false, agent: false, path,
      method: options.method ?? (body === undefined ? 'GET' : 'POST'), headers: { Host: url.host, ...headers },
    }, (incoming) => {
      const parts = [];
      incoming.on('data', (part) => parts.push(part));
      incoming.on('end', () => resolve({
        status: incoming.statusCode,
        headers: incoming.headers,
        cookies: incoming.headers['set-cookie'] ?? [],
        body: Buffer.concat(parts).toString('utf8'),
      }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

// A form posted as the portal's own page would.
export function post(portal, path, form, options = {}) {
  return request(portal, path, {
    ...options, form, method: 'POST', headers: { Origin: portal.url, 'Sec-Fetch-Site': 'same-origin', ...options.headers },
  });
}

export async function cookieOf(context) {
  const { name, value } = (await context.cookies()).find(cookie => /^(__Host-)?postern$/.test(cookie.name));
  return `${name}=${value}`;
}

// The session's cookie as it was set; the other one only remembers the device.
export const sessionCookie = answer => answer.cookies.find(text => /^(__Host-)?postern=./.test(text));

// Registers without a browser; returns the cookie.
export async function registerByHttp(portal, link, name, password = PASSWORD) {
  const answer = await post(portal, new URL(link).pathname, { name, password });
  const session = sessionCookie(answer);
  if (!session)
    throw new Error(`not registered (${answer.status}): ${answer.body}`);
  return session.split(';')[0];
}

let keys = 0;

// Sends as the compose page would. message: {to, cc, bcc, subject, body}; invite: {address: 'guest'|'professional'}
export function sendByHttp(portal, cookie, message, invite = {}) {
  const grades = Object.entries(invite).map(([address, grade]) => [`grade:${address}`, grade]);
  return post(portal, '/compose', { key: `test-${process.pid}-${++keys}`, ...message, ...Object.fromEntries(grades) }, { cookie });
}

// Sends bytes and returns all that comes back until the other side closes, as latin1.
export function raw(portal, bytes) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = net.connect(portal.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (part) => parts.push(part));
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
    socket.on('error', (error) => (parts.length ? undefined : reject(error)));
  });
}

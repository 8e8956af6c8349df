// Files for the tests: their bytes, how people attach them, and how they are read back.
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-files-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Writes a file into a folder of its own, so that any name can be had twice: {path, name, bytes, sha256}
export function makeFile(name, content) {
  const bytes = typeof content === 'number' ? randomBytes(content) : Buffer.from(content);
  const file = path.join(fs.mkdtempSync(path.join(folder, 'f-')), name);
  fs.writeFileSync(file, bytes);
  return { path: file, name, bytes, sha256: sha256(bytes) };
}

// A folder with these files: {'a/b.txt': 'text'}; returns its path.
export function makeFolder(files) {
  const top = fs.mkdtempSync(path.join(folder, 'd-'));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(top, name)), { recursive: true });
    fs.writeFileSync(path.join(top, name), content);
  }
  return top;
}

export function makePng(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x60)]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array(height).fill(row)))), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

// A second of a tone.
export function makeWav() {
  const rate = 8000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + rate, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34); // bits
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(rate, 40);
  return Buffer.concat([head, Buffer.from(Array.from({ length: rate }, (_, i) => 128 + Math.round(100 * Math.sin(i / 3))))]);
}

// A film as a browser records it.
export async function makeFilm(page) {
  return Buffer.from(await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const parts = [];
    recorder.addEventListener('dataavailable', event => parts.push(event.data));
    const stopped = new Promise((resolve) => { recorder.addEventListener('stop', resolve); });
    recorder.start();
    for (let i = 0; i < 15; i++) {
      context.fillStyle = i % 2 ? 'red' : 'blue';
      context.fillRect(0, 0, 64, 48);
      await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
    recorder.stop();
    await stopped;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  }));
}

// A PDF of some pages, each with its words; or {words, extra: '/Rotate 90 /CropBox [0 0 300 200]'}.
export function makePdf(pages, font) {
  return writePdf(pdfObjects(pages, font));
}

// One page, ten times in each of its folders: 10 ** depth pages in a kilobyte.
export function makeEndlessPdf(words, depth) {
  const objects = pdfObjects([words]);
  const page = 4;
  let inner = page;
  for (let level = 1; level < depth; level++) {
    objects.push(`<< /Type /Pages /Parent 2 0 R /Kids [${`${inner} 0 R `.repeat(10)}] /Count ${10 ** level} >>`);
    inner = objects.length;
  }
  objects[1] = `<< /Type /Pages /Kids [${`${inner} 0 R `.repeat(10)}] /Count ${10 ** depth} >>`;
  return writePdf(objects);
}

function pdfObjects(pages, font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    font];
  for (const [i, page] of pages.entries()) {
    const { words, extra = '' } = typeof page === 'string' ? { words: page } : page;
    const drawing = `BT /F1 24 Tf 72 700 Td (${words}) Tj ET`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] ${extra} /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`);
  }
  return objects;
}

function writePdf(objects) {
  let out = '%PDF-1.4\n';
  const places = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map(at => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${out}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`, 'latin1');
}

// ---- attaching

export const chooser = (page, what = 'files') => page.locator(`input[data-choose=${what}]`);
export const row = (page, name) => page.locator('.files .file').filter({ has: page.locator('.file-name', { hasText: name }) });

export async function attach(page, ...files) {
  await chooser(page).setInputFiles(files.map(file => file.path ?? file));
}

// Until it is uploaded: its row shows nothing but its size.
export async function attached(page, name) {
  await page.locator('.files .file:not(.is-unready)').filter({ hasText: name }).first().waitFor();
}

// As a browser hands over what is dropped or pasted. files: [{name, type, text}]
export async function handOver(page, event, files) {
  await page.evaluate(({ event, files }) => {
    const data = new DataTransfer();
    for (const { name, type, text } of files)
      data.items.add(new File([text], name, { type }));
    const target = document.querySelector('textarea[name=body]');
    if (event === 'paste')
      return void target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    for (const name of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, { event, files });
}

// The line to the portal gets narrow; 0: as wide as it is.
export async function throttle(page, bytesPerSecond) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond || -1,
  });
  return session;
}

// ---- reading back

// {status, headers, bytes}
export function download(portal, at, cookie, headers = {}) {
  const url = new URL(at, portal.url);
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: portal.port, path: url.pathname + url.search, agent: false,
      headers: { Host: new URL(portal.url).host, Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', ...headers } }, (incoming) => {
      const parts = [];
      incoming.on('data', part => parts.push(part));
      incoming.on('end', () => resolve({ status: incoming.statusCode, headers: incoming.headers, bytes: Buffer.concat(parts) }));
      incoming.on('error', reject);
    }).on('error', reject);
  });
}

// Uploads without a browser, in one request; returns the id.
export function upload(portal, cookie, name, type, bytes) {
  const base64 = (text) => Buffer.from(text).toString('base64');
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: portal.port, path: '/files', method: 'POST', agent: false,
      headers: { Host: new URL(portal.url).host, Cookie: cookie, Origin: portal.url, 'Sec-Fetch-Site': 'same-origin', 'Tus-Resumable': '1.0.0',
        'Upload-Length': bytes.length, 'Upload-Metadata': `filename ${base64(name)},filetype ${base64(type)}`,
        'Content-Type': 'application/offset+octet-stream', 'Content-Length': bytes.length } }, (incoming) => {
      const parts = [];
      incoming.on('data', part => parts.push(part));
      incoming.on('end', () => (incoming.statusCode === 201 ? resolve(incoming.headers.location.split('/').at(-1))
        : reject(new Error(`upload: ${incoming.statusCode} ${Buffer.concat(parts)}`))));
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

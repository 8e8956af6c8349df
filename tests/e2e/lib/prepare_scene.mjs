// Somebody who asks for signatures and two who are asked, for the tests of preparing: started before a file's tests, gone after.
import assert from 'node:assert/strict';
import { upload } from './files.mjs';
import { post, request } from './http.mjs';
import { done, sceneOfFile } from './scene.mjs';
import { waitFor } from './wait.mjs';

export let portal;
const people = { ben: ['ben@example.org', 'Ben Carter'], cleo: ['cleo@example.org', 'Cleo Diaz'] };
const scene = sceneOfFile({ people }, () => ({ portal } = scene));
export const { cookies } = scene;

export const as = (name, options) => scene.as(cookies[name], options);
export { done };

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let drafts = 0;
export const newDraftId = () => `01KDVDNA00GTSSYSV7Y2WS2${ALPHABET[Math.floor(++drafts / 32)]}${ALPHABET[drafts % 32]}0`;

// A draft of a request; returns {id, files}.
export async function makeRequest(pdfs, { to = 'ben@example.org, cleo@example.org', ...fields } = {}) {
  const id = newDraftId();
  const files = [];
  for (const [at, bytes] of pdfs.entries())
    files.push(await upload(portal, cookies.anna, `Contract ${at + 1}.pdf`, 'application/pdf', bytes));
  const answer = await post(portal, '/drafts/save', [['key', `prepare-${id}`], ['draft', id], ['version', 0], ['to', to], ['subject', `Contract ${id}`], ['body', 'Please sign.'],
    ['signing', 'on'], ...files.map(file => ['file', file]), ...Object.entries(fields)], { cookie: cookies.anna });
  assert.equal(answer.status, 200, answer.body);
  return { id, files };
}

export async function openEditor(visitor, id) {
  await visitor.page.goto(`/drafts/${id}/fields`);
  await visitor.page.locator('[data-fields-editor][data-ready]').waitFor();
  await visitor.page.locator('.pdf-text span').first().waitFor();
}

export const sheet = (page, number = 1) => page.locator('.pdf-page').nth(number - 1);
export const tool = (page, name) => page.locator('.palette').getByRole('button', { name });
export const place = (page, name) => page.locator('.place').filter({ has: page.locator('.place-what') }).and(page.getByRole('button', { name }));
export const choose = (page, name) => page.getByRole('radio', { name }).check();

// What the form would send: [{id, kind, signer, file, page, x, y, width, height, need, label}]
export async function fieldsOf(page) {
  const lines = await page.locator('textarea[name=signing_fields]').inputValue();
  return lines.split('\n').filter(Boolean).map((line) => {
    const [id, kind, signer, file, number, x, y, width, height, need, ...label] = line.split(' ');
    return { id, kind, signer, file, page: Number(number), x: Number(x), y: Number(y), width: Number(width), height: Number(height), need, label: label.join(' ') };
  });
}

// Until the draft is saved; what it then has.
export async function savedFields(page) {
  await page.locator('#draft-state').getByText('Saved').waitFor();
  await waitFor('the fields to be saved', async () => {
    const now = await fieldsOf(page);
    const { body } = await request(portal, new URL(page.url()).pathname, { cookie: cookies.anna });
    const kept = /<textarea name="signing_fields"[^>]*>([^<]*)</.exec(body)[1];
    return now.every(({ id }) => kept.includes(id)) && kept.trim().split('\n').filter(Boolean).length === now.length;
  });
  return fieldsOf(page);
}

// Fields of the first page of a PDF, as pdf.js reads it: points from the top left of the page as shown.
export async function widgetsOf(bytes) {
  globalThis.DOMMatrix ??= class {}; // it only draws with it
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const page = await (await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise).getPage(1);
  const viewport = page.getViewport({ scale: 1 });
  return (await page.getAnnotations()).filter(one => one.subtype === 'Widget').map(({ fieldName, rect }) => {
    const [x0, y0, x1, y1] = viewport.convertToViewportRectangle(rect);
    return { name: fieldName, x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) };
  });
}

export const near = (is, should, what, by = 1) => assert.ok(Math.abs(is - should) <= by, `${what}: ${is}, not ${should}`);

// Points of a page -> pixels of its element.
export async function pixels(page, number, points, width = 612) {
  const wide = await sheet(page, number).evaluate(element => element.clientWidth);
  return points.map(value => (value * wide) / width);
}

export async function dragBy(page, locator, x, y, position) {
  const box = await locator.boundingBox();
  const from = { x: box.x + (position?.x ?? box.width / 2), y: box.y + (position?.y ?? box.height / 2) };
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + x / 2, from.y + y / 2, { steps: 4 });
  await page.mouse.move(from.x + x, from.y + y, { steps: 4 });
  await page.mouse.up();
}

// Asking for signatures and signing, as programs and as people do it.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makePdf, upload } from './files.mjs';
import { post, request } from './http.mjs';
import { button } from './people.mjs';

const run = promisify(execFile);
let requests = 0;

// Asks people to sign. {to, cc, subject, body, documents: [{name, bytes}], fields: [[id, kind, signer, document, page, x, y, width, height, required, label]],
// ...the form's other fields}; invite: {address: 'guest'}. Returns the path of the message.
export async function askToSign(portal, cookie, { documents = [{ name: 'Contract.pdf', bytes: makePdf(['One', 'Two', 'Three']) }], fields = [], ...message }, invite = {}) {
  const files = [];
  for (const { name, bytes } of documents)
    files.push(await upload(portal, cookie, name, 'application/pdf', bytes));
  const lines = fields.map(([id, kind, signer, document, page, x, y, width, height, isRequired = true, label = '']) =>
    `${id} ${kind} ${signer} ${files[document]} ${page} ${x} ${y} ${width} ${height} ${isRequired ? 'required' : 'optional'} ${label}`.trim());
  const answer = await post(portal, '/compose', [['key', `sign-${process.pid}-${++requests}`], ['signing', 'on'], ...Object.entries({ body: 'Please sign.', ...message }),
    ...files.map((file) => ['file', file]), ['signing_fields', lines.join('\n')], ...Object.entries(invite).map(([address, grade]) => [`grade:${address}`, grade])], { cookie });
  if (answer.status !== 303)
    throw new Error(`not asked (${answer.status}): ${answer.body.match(/<div class="problems"[^]*?<\/div>/)?.[0] ?? answer.body}`);
  return answer.headers.location.split('?')[0];
}

// Signs by typing, as the form without its script would: {id: text}.
export const signByHttp = (portal, cookie, message, values, more = {}) =>
  post(portal, `${message}/sign`, [...Object.entries(values).map(([id, text]) => [`fields.${id}`, text]), ['consent', 'yes'], ...Object.entries(more)], { cookie });

// Until the pages are there.
export async function openSigning(page, message) {
  await page.goto(`${message}/sign`);
  await pagesShown(page);
}

export async function pagesShown(page) {
  await page.locator('[data-sign-page].is-walking').waitFor();
  await page.locator('.pdf-text span').first().waitFor();
}

export const next = (page) => button(page, /^(Next|Start)$/).click();
export const currentStep = (page) => page.locator('.sign-step.is-current');

// Draws into the pad that is seen.
export async function draw(page, { byTouch = false } = {}) {
  const pad = page.locator('.is-current canvas[data-pad]');
  await pad.click({ trial: true }); // until it stands still: the window may be on its way to the field
  const { x, y, width, height } = await pad.boundingBox();
  const points = Array.from({ length: 24 }, (_, i) => ({ x: x + width * (0.15 + 0.03 * i), y: y + height * (0.5 + 0.3 * Math.sin(i / 2)) }));
  if (byTouch) {
    const session = await page.context().newCDPSession(page);
    const touch = (type, point) => session.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
    await touch('touchStart', points[0]);
    for (const point of points.slice(1))
      await touch('touchMove', point);
    await touch('touchEnd');
    await session.detach();
    return;
  }
  await page.mouse.move(points[0].x, points[0].y);
  await page.mouse.down();
  for (const point of points.slice(1))
    await page.mouse.move(point.x, point.y);
  await page.mouse.up();
}

// The documents as they stand, as files: runs `tool` on the bytes and returns what it says.
export async function look(tool, words, bytes) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'postern-signed-')), 'document.pdf');
  fs.writeFileSync(file, bytes);
  try {
    const { stdout } = await run(tool, [...words, file]);
    return stdout;
  } catch (error) {
    return `${error.stdout}${error.stderr}`;
  } finally {
    fs.rmSync(path.dirname(file), { recursive: true });
  }
}

// [{name, isValid, isTotal}] by pdfsig, without places where nobody has signed yet. That nobody vouches for our authority is known.
export async function signaturesOf(bytes) {
  const said = await look('pdfsig', [], bytes);
  return said.split(/^Signature #/m).slice(1).filter((part) => !part.includes('is not signed')).map((part) => ({
    name: /Signer Certificate Common Name: (.*)/.exec(part)?.[1],
    isValid: part.includes('Signature is Valid.'),
    isTotal: part.includes('Total document signed'),
  }));
}

export async function readMessage(portal, cookie, message) {
  return (await request(portal, message, { cookie })).body;
}

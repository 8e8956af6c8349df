// Two people and a guest who send each other files, for the tests of files in the browser: started before a file's tests, gone after.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { launch, visit } from './browser.mjs';
import { download, sha256, upload } from './files.mjs';
import { registerByHttp, sendByHttp } from './http.mjs';
import { Line } from './line.mjs';
import { peopleField } from './people.mjs';
import { Portal } from './portal.mjs';
import { waitFor } from './wait.mjs';

export const MEGABYTE = 1_000_000;

export let browser;
export let portal;
export let line;
export const cookies = {};
before(async () => {
  browser = await launch();
  line = await Line.start();
  portal = await Portal.start({ line });
  cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  for (const [name, address, fullName] of [['ben', 'ben@example.org', 'Ben Carter'], ['cleo', 'cleo@example.org', 'Cleo Diaz']]) {
    await sendByHttp(portal, cookies.anna, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: 'guest' });
    cookies[name] = await registerByHttp(portal, await portal.post.link('register', address), fullName);
  }
});
after(async () => {
  await browser?.close();
  await portal?.stop();
  await line?.stop();
});

export async function as(name, options) {
  const visitor = await visit(browser, portal, options);
  const at = cookies[name].indexOf('=');
  await visitor.context.addCookies([{ name: cookies[name].slice(0, at), value: cookies[name].slice(at + 1), url: portal.url }]);
  return visitor;
}

// A broken line is in the console as well; what else is there must not be.
export const done = ({ trouble, context }) => {
  assert.deepEqual(trouble.filter(line => !/net::ERR_|Failed to load resource/.test(line)), []);
  return context.close();
};

export async function write(page, subject, to = 'ben@example.org') {
  await page.goto('/compose');
  await peopleField(page, 'To').fill(to);
  await page.getByLabel('Subject', { exact: true }).fill(subject);
  await page.getByLabel('Message', { exact: true }).fill('See the files.');
}

export async function sent(page) {
  await page.getByText('Your message is sent').waitFor();
  return new URL(page.url()).pathname;
}

export const notes = (page) => page.locator('.files .file-note').allInnerTexts();
export const contentOf = (page, name) => page.locator('.sent-files .file').filter({ hasText: name }).getByRole('link', { name: /^Download/ }).getAttribute('href');
export const progressOf = (page) => page.locator('.files progress:visible').first().evaluate(bar => bar.value / bar.max);
// Some megabytes of it, so that whole chunks have come, and not all.
export const isUnderWay = (page) => waitFor('the upload to be under way', async () => {
  const share = await progressOf(page).catch(() => 0);
  return share > 0.45 && share < 0.9;
});

export async function arrived(page, who, file) {
  const got = await download(portal, await contentOf(page, file.name), cookies[who]);
  assert.equal(got.status, 200);
  assert.equal(sha256(got.bytes), file.sha256, `${file.name} is the same`);
  return got;
}

export async function sendFile(name, type, bytes, fields = {}) {
  const id = await upload(portal, cookies.anna, name, type, Buffer.from(bytes));
  const { headers, body, status } = await sendByHttp(portal, cookies.anna, { to: 'ben@example.org', subject: `About ${name}`, body: 'See the file.', file: id, ...fields });
  assert.equal(status, 303, body);
  return { id, message: headers.location.split('?')[0] };
}

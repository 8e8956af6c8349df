// Settings and branding as administrators see them: switches that hold at once, two administrators on the same page, mistakes, a logo
// and colours; with and without JavaScript.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { makePng } from './lib/files.mjs';
import { request } from './lib/http.mjs';
import { PASSWORD, button } from './lib/people.mjs';
import { sceneOfTest } from './lib/scene.mjs';

const beginScene = sceneOfTest();

// Anna's windows have these options.
async function begin(options) {
  const { portal, cookies, as, visit } = await beginScene();
  return { portal, visit, open: async () => (await as(cookies.anna, options)).page };
}

for (const javaScriptEnabled of [true, false])
  test(`a feature is switched off and on again (${javaScriptEnabled ? 'with' : 'without'} JavaScript)`, async () => {
    const { open } = await begin({ javaScriptEnabled });
    const page = await open();
    const set = async (isOn) => {
      await page.goto('/admin/settings');
      await page.getByLabel('Files', { exact: true }).setChecked(isOn);
      await button(page, 'Save settings').click();
      await page.getByText('The settings hold now.').waitFor();
    };
    const files = page.getByRole('navigation').getByRole('link', { name: 'Files', exact: true });
    await page.goto('/inbox');
    assert.equal(await files.count(), 1);
    await set(false);
    assert.equal(await files.count(), 0);
    await page.goto('/compose');
    assert.equal(await page.locator('[data-attach]').count(), 0);
    assert.equal(await page.getByLabel('Ask for signatures').count(), 0);
    await set(true);
    assert.equal(await files.count(), 1);
    await page.goto('/compose');
    assert.ok(await page.locator('[data-attach=files]').isVisible());
  });

test('two administrators save the same page', async () => {
  const { open } = await begin();
  const [first, second] = [await open(), await open()];
  for (const page of [first, second])
    await page.goto('/admin/settings');
  await first.getByLabel('Days until what is in Trash is deleted for ever').fill('7');
  await button(first, 'Save settings').click();
  await first.getByText('The settings hold now.').waitFor();
  await second.getByLabel('Messages that a guest may send in an hour').fill('11');
  await button(second, 'Save settings').click();
  await second.getByText('Somebody else has changed settings').waitFor();
  assert.ok(await second.getByText('Saved now: 7').isVisible());
  assert.equal(await second.getByLabel('Messages that a guest may send in an hour').inputValue(), '11');
  await second.getByLabel('Days until what is in Trash is deleted for ever').fill('7');
  await button(second, 'Save settings').click();
  await second.getByText('The settings hold now.').waitFor();
  assert.equal(await second.getByLabel('Messages that a guest may send in an hour').inputValue(), '11');
  assert.equal(await second.getByLabel('Days until what is in Trash is deleted for ever').inputValue(), '7');
});

test('a mistake is told at its field, and nothing is lost', async () => {
  const { open } = await begin({ javaScriptEnabled: false });
  const page = await open();
  await page.goto('/admin/settings');
  await page.getByLabel('Largest file').fill('as much as fits');
  await page.getByLabel('Recall', { exact: true }).uncheck();
  await button(page, 'Save settings').click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('Largest file').inputValue(), 'as much as fits');
  assert.equal(await page.getByLabel('Largest file').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('Recall', { exact: true }).isChecked(), false);
});

test('a logo, colours and whom to ask; a stranger sees them before signing in', async () => {
  const { portal, visit, open } = await begin();
  const page = await open();
  await page.goto('/admin/branding');
  await page.getByLabel('New logo').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: makePng(120, 60) });
  await page.getByLabel('Colour of buttons and links, on light pages').fill('#5b1760');
  await page.getByLabel('Whom to ask for help').fill('help@example.com');
  await button(page, 'Save branding').click();
  await page.getByText('The settings hold now.').waitFor();
  const stranger = await visit();
  await stranger.page.goto('/sign-in');
  assert.ok(await stranger.page.getByText('Do you need help? Ask help@example.com.').isVisible());
  assert.equal(await stranger.page.locator('img.brand-logo').evaluate((image) => image.naturalWidth), 120);
  assert.equal(await button(stranger.page, 'Sign in').evaluate((one) => getComputedStyle(one).backgroundColor), 'rgb(91, 23, 96)');
  const src = await stranger.page.locator('img.brand-logo').getAttribute('src');
  const answer = await stranger.page.request.get(new URL(src, portal.url).href);
  assert.equal(answer.headers()['content-type'], 'image/png');
  assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
  assert.match(answer.headers()['cache-control'], /immutable/);
  // What cannot be read, and what is no picture, is refused; the logo stays.
  await page.getByLabel('Colour of buttons and links, on light pages').fill('#ffcc00');
  await page.getByLabel('New logo').setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg onload="alert(1)"/>') });
  await button(page, 'Save branding').click();
  await page.getByRole('alert').waitFor();
  assert.ok(await page.locator('#accent_light-wrong').getByText(/contrast is 1\.\d to 1, and 4\.5 to 1 is needed/).isVisible());
  assert.ok(await page.locator('#logo-wrong').getByText('An SVG can hold programs').isVisible());
  assert.equal(await page.locator('img.logo-now').evaluate((image) => image.naturalWidth), 120);
  await page.goto('/admin/branding');
  await page.getByLabel('Take the logo away').check();
  await button(page, 'Save branding').click();
  await page.getByText('The settings hold now.').waitFor();
  assert.equal(await page.locator('img.brand-logo').count(), 0);
});

test('a logo by the API: whole, too large, and cut off on its way', async () => {
  const { portal, visit } = await begin();
  const json = { 'Content-Type': 'application/json' };
  const session = await request(portal, '/api/v1/session', { method: 'POST', headers: json, body: JSON.stringify({ email: 'anna@example.com', password: PASSWORD }) });
  const headers = { Authorization: `Bearer ${JSON.parse(session.body).token}` };
  const call = (method, body, more = {}) => request(portal, '/api/v1/settings/logo', { method, body, headers: { ...headers, ...more } });
  assert.equal((await call('PUT', makePng(120, 60), { 'Content-Type': 'image/png' })).status, 204);
  const { headers: { etag, 'content-type': type } } = await call('GET');
  assert.equal(type, 'image/png');
  const large = await call('PUT', Buffer.alloc(2_000_000), { 'Content-Type': 'image/png' });
  assert.equal(large.status, 413);
  assert.match(JSON.parse(large.body).detail, /make the picture smaller/);
  const socket = net.connect(portal.port, '127.0.0.1');
  socket.write(`PUT /api/v1/settings/logo HTTP/1.1\r\nHost: localhost:${portal.port}\r\nAuthorization: ${headers.Authorization}\r\nContent-Length: 5000\r\n\r\n`);
  socket.write(makePng(40, 40));
  await once(socket, 'connect');
  socket.end();
  await once(socket, 'close');
  assert.equal((await call('GET')).headers.etag, etag);
  const stranger = await visit();
  await stranger.page.goto('/sign-in');
  assert.equal(await stranger.page.locator('img.brand-logo').evaluate((image) => image.naturalWidth), 120);
  assert.equal((await call('DELETE', undefined, { 'If-Match': '"png-0123"' })).status, 412);
  assert.equal((await call('DELETE', undefined, { 'If-Match': etag })).status, 204);
  assert.equal((await call('GET')).status, 404);
});

// The audit log: a sentence for what was done, filters, paging, words, taking along; checkpoints of a running portal; who else may not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, visitAs } from './lib/browser.mjs';
import { registerByHttp, sendByHttp } from './lib/http.mjs';
import { PROGRAM, Portal, STORES } from './lib/portal.mjs';

const AXE = fs.readFileSync(fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const stages = [];
afterEach(async () => {
  for (const end of stages.splice(0).reverse())
    await end();
});

async function begin(options = {}) {
  const portal = await Portal.start(options);
  stages.push(() => portal.stop());
  const cookie = await registerByHttp(portal, portal.link, 'Anna Berg');
  const anna = await visitAs(browser, portal, cookie);
  stages.push(() => anna.context.close());
  return { portal, cookie, page: anna.page };
}

async function checkWithAxe(page) {
  await page.evaluate(AXE);
  for (const width of [320, 390, 700, 900, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${wide} px too wide at ${width} px`);
  }
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`), []);
  }
}

for (const store of STORES)
  test(`what was done is told in sentences, found and taken along (${store})`, async () => {
    const { portal, cookie, page } = await begin({ store });
    await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Zebra subject', body: 'Zebra body' }, { 'ben@example.org': 'guest' });
    await page.goto('/admin/audit');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    assert.ok(await page.getByText('Anna Berg registered.').isVisible());
    assert.ok(await page.getByText('Anna Berg invited ben@example.org by a message').isVisible());
    assert.doesNotMatch(await page.content(), /Zebra/);
    await checkWithAxe(page);

    await page.getByLabel('What').selectOption({ label: 'People' });
    await page.getByLabel('Words').fill('REGISTERED');
    await page.getByRole('button', { name: 'Look' }).click();
    assert.ok(await page.getByText('Anna Berg registered.').isVisible());
    assert.equal(await page.locator('.audit-row').count(), 1);
    await page.getByLabel('Words').fill('nothing like this');
    await page.getByRole('button', { name: 'Look' }).click();
    assert.ok(await page.getByText('Nothing in the log is like that.').isVisible());
    await page.goto('/admin/audit?person=nobody%40example.org');
    assert.ok(await page.getByText('Nobody here has this address.').first().isVisible());
    assert.equal(await page.getByLabel('Person (e-mail)').inputValue(), 'nobody@example.org');
    await checkWithAxe(page);

    await page.goto('/admin/audit?kind=people');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /Take along/ }).click()]);
    const lines = fs.readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ kind }) => kind).filter((kind) => kind !== 'invited' && kind !== 'registered' && kind !== 'user_added'), []);
    assert.ok(lines.some(({ kind, subject }) => kind === 'invited' && subject === 'ben@example.org'));
    await page.goto('/admin/audit');
    assert.ok(await page.getByText('Anna Berg took along entries of the audit log.').isVisible());
  });

test('many entries: page by page, and back', async () => {
  const { portal, cookie, page } = await begin();
  for (let i = 0; i < 60; i++)
    await sendByHttp(portal, cookie, { to: `p${i}@example.org`, subject: 'S', body: 'B' }, { [`p${i}@example.org`]: 'guest' });
  await page.goto('/admin/audit?kind=people');
  assert.equal(await page.locator('.audit-row').count(), 50);
  await page.getByRole('link', { name: 'Older entries' }).click();
  assert.ok(await page.getByText('Anna Berg registered.').isVisible());
  await page.getByRole('link', { name: 'Back to the newest' }).click();
  assert.ok(await page.getByText('p59@example.org').first().isVisible());
});

test('a portal signs its log when it stops; what is altered or put back is named', async () => {
  const { portal } = await begin({ store: 'sqlite' });
  const database = path.join(portal.folder, 'postern.db');
  await portal.terminate();
  const verify = () => spawnSync(PROGRAM, ['audit', 'verify', '--data', portal.folder], { encoding: 'utf8' });
  const good = verify();
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /The log is what was written/);
  assert.match(good.stdout, /checkpoints? fits?; /);
  fs.copyFileSync(database, `${database}.old`);
  await portal.serve();
  const known = await portal.command('user', 'add', 'carla@example.org');
  assert.ok(known !== undefined);
  await portal.terminate();
  assert.equal(verify().status, 0);
  fs.copyFileSync(`${database}.old`, database);
  for (const end of ['-wal', '-shm'])
    fs.rmSync(database + end, { force: true });
  const bad = verify();
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /The log was cut short, or an older database was put back: entry \d+ was there/);
});

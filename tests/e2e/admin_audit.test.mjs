// The audit log: a sentence for what was done, filters, paging, words, taking along; checkpoints of a running portal; who else may not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkForEverybody } from './lib/axe.mjs';
import { sendByHttp } from './lib/http.mjs';
import { PROGRAM, STORES } from './lib/portal.mjs';
import { sceneOfTest } from './lib/scene.mjs';

const begin = sceneOfTest();

for (const store of STORES)
  test(`what was done is told in sentences, found and taken along (${store})`, async () => {
    const { portal, cookies, as } = await begin({ store });
    const { page } = await as();
    await sendByHttp(portal, cookies.anna, { to: 'ben@example.org', subject: 'Zebra subject', body: 'Zebra body' }, { 'ben@example.org': 'guest' });
    await page.goto('/admin/audit');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    assert.ok(await page.getByText('Anna Berg registered.').isVisible());
    assert.ok(await page.getByText('Anna Berg invited ben@example.org by a message').isVisible());
    assert.doesNotMatch(await page.content(), /Zebra/);
    await checkForEverybody(page);

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
    await checkForEverybody(page);

    await page.goto('/admin/audit?kind=people');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /Take along/ }).click()]);
    const lines = fs.readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ kind }) => kind).filter((kind) => kind !== 'invited' && kind !== 'registered' && kind !== 'user_added'), []);
    assert.ok(lines.some(({ kind, subject }) => kind === 'invited' && subject === 'ben@example.org'));
    await page.goto('/admin/audit');
    assert.ok(await page.getByText('Anna Berg took along entries of the audit log.').isVisible());
  });

test('many entries: page by page, and back', async () => {
  const { portal, cookies, as } = await begin();
  const { page } = await as();
  for (let i = 0; i < 60; i++)
    await sendByHttp(portal, cookies.anna, { to: `p${i}@example.org`, subject: 'S', body: 'B' }, { [`p${i}@example.org`]: 'guest' });
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

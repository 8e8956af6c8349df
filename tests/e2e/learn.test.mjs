// The Learning Center (P8) in a browser: for everybody, from the place it is about, searched, printed, without JavaScript; and its pictures.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, visit, visitAs } from './lib/browser.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { learnScene } from './lib/learn_scene.mjs';
import { button } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';

const LEARN = fileURLToPath(new URL('../../learn/', import.meta.url));
const BEN = 'ben@example.org';
const CARLA = 'carla@example.com';

let browser;
let portal;
let anna;
let ben;
let carla;
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  await sendByHttp(portal, anna, { to: BEN, subject: 'Welcome', body: 'Dear Ben' }, { [BEN]: 'guest' });
  ben = await registerByHttp(portal, await portal.post.link('register', BEN), 'Ben Carter');
  await sendByHttp(portal, anna, { to: CARLA, subject: 'Good morning', body: 'Dear Carla' }, { [CARLA]: 'professional' });
  carla = await registerByHttp(portal, await portal.post.link('register', CARLA), 'Carla Diaz');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

const help = (page) => page.getByRole('contentinfo').getByRole('link', { name: 'Help with this page' });
const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

// Looks at every page of the list, whose pictures must all be there.
async function readAll({ page }) {
  await page.goto('/');
  await page.getByRole('contentinfo').getByRole('link', { name: 'Learning Center' }).click();
  await heading(page, 'Learning Center');
  const paths = await page.locator('.learn-list a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.ok(paths.length >= 12, `${paths.length} pages`);
  for (const path of paths) {
    await page.goto(path);
    assert.ok(await page.getByText('Last updated').isVisible(), path);
    const broken = await page.evaluate(async () => {
      const pictures = [...document.querySelectorAll('article img')];
      for (const picture of pictures)
        picture.loading = 'eager';
      await Promise.all(pictures.map((picture) => picture.decode().catch(() => null)));
      return pictures.filter((picture) => !picture.naturalWidth || !picture.alt || picture.naturalWidth !== Number(picture.getAttribute('width'))).map((picture) => picture.src);
    });
    assert.deepEqual(broken, [], path);
  }
  return paths;
}

test('a visitor reads every page; a guest, a professional and an administrator read the same', async () => {
  const { page, context, trouble } = await visit(browser, portal);
  const paths = await readAll({ page });
  assert.deepEqual(trouble, []);
  await context.close();
  for (const path of ['/learn', ...paths]) {
    const [first, ...others] = await Promise.all([null, ben, carla, anna].map(async (cookie) =>
      /<h1>.*(?=<footer)/s.exec((await request(portal, path, { cookie })).body)[0]));
    for (const other of others)
      assert.equal(other.replace(/<p class="unseen"[^>]*><\/p>/, ''), first, path);
  }
});

test('every page of the product leads to the help about it', async () => {
  const { page, context, trouble } = await visitAs(browser, portal, anna);
  for (const [path, title] of [['/compose', 'Send a message'], ['/inbox', 'Read and answer'], ['/files', 'Large files'], ['/signatures', 'Sign a document'],
    ['/account', 'Your account'], ['/people', 'Invite new people'], ['/labels', 'Find messages'], ['/admin/users/new', 'People']]) {
    await page.goto(path);
    await help(page).click();
    await heading(page, title);
  }
  await page.goto('/sent');
  await page.getByRole('link', { name: 'Welcome' }).click();
  await page.getByRole('link', { name: 'Recall …' }).first().click();
  await heading(page, 'Recall this message');
  await help(page).click();
  await heading(page, 'Recall a message');
  await page.goto('/learn');
  assert.equal(await help(page).count(), 0);
  assert.deepEqual(trouble, []);
  await context.close();
  const nobody = await visit(browser, portal);
  await nobody.page.goto('/sign-in');
  await help(nobody.page).click();
  await heading(nobody.page, 'How to register');
  await nobody.context.close();
});

test('every part of administration has its help at its top, and every warning of the overview its part', async () => {
  const { page, context, trouble } = await visitAs(browser, portal, anna);
  const parts = page.getByRole('navigation', { name: 'Administration' });
  for (const [path, title] of [['/admin', 'The overview and its warnings'], ['/admin/users', 'People'], ['/admin/users/import', 'Import and export people'],
    ['/admin/rules', 'Who may register'], ['/admin/seats', 'Seats and billing'], ['/admin/texts', 'E-mail texts and spam filters'],
    ['/admin/texts/invitation', 'E-mail texts and spam filters'], ['/admin/settings', 'Settings'], ['/admin/branding', 'Branding'], ['/admin/audit', 'The audit log']]) {
    await page.goto(path);
    await parts.getByRole('link', { name: 'Help', exact: true }).click();
    await heading(page, title);
  }
  await page.goto('/admin');
  const warnings = await page.locator('.health-row').getByRole('link', { name: /^Help: / }).evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.ok(warnings.includes('/learn/overview#backup') && warnings.includes('/learn/overview#mail-server'), warnings.join());
  for (const path of warnings) {
    await page.goto(path);
    assert.ok(await page.locator(`h2${new URL(path, portal.url).hash}`).isVisible(), path);
  }
  assert.deepEqual(trouble, []);
  await context.close();
});

test('whoever is no administrator is led to help, too, and to no page of administration that refuses them', async () => {
  for (const who of [ben, carla]) {
    const { page, context, trouble } = await visitAs(browser, portal, who);
    for (const [path, title] of [['/compose', 'Send a message'], ['/inbox', 'Read and answer'], ['/files', 'Large files'], ['/account', 'Your account']]) {
      await page.goto(path);
      await help(page).click();
      await heading(page, title);
      const refused = [];
      for (const link of await page.locator('article a').evaluateAll((links) => links.map((one) => one.pathname)))
        if ((await request(portal, link, { cookie: who })).status === 403)
          refused.push(link);
      assert.deepEqual(refused, [], title);
    }
    assert.deepEqual(trouble, []);
    await context.close();
  }
});

test('whatever the help says of the API is there', async () => {
  const { body } = await request(portal, '/learn/api');
  const paths = [...new Set([...body.matchAll(/\/api\/v1\/[a-z/-]+[a-z]/g)].map(([path]) => path))].filter((path) => !path.endsWith('/session'));
  for (const path of ['/api/v1/users', '/api/v1/seats', '/api/v1/settings', '/api/v1/texts', '/api/v1/audit', '/api/v1/registration-rules'])
    assert.ok(paths.includes(path), path);
  for (const path of paths) {
    const { status, headers } = await request(portal, path);
    assert.ok(status === 401 || (status === 405 && headers.allow), `${path}: ${status}`);
  }
});

test('what is searched for is found, marked, and opened at its part', async () => {
  const { page, context, trouble } = await visit(browser, portal, { viewport: { width: 390, height: 844 } });
  await page.goto('/learn/send');
  await page.getByRole('searchbox', { name: 'Search in help' }).fill('FÓRGOT password');
  await button(page, 'Find').click();
  const first = page.locator('.learn-found a').first();
  assert.match(await first.innerText(), /^Passwords and recovery · You forgot your password$/);
  assert.deepEqual((await first.locator('mark').allInnerTexts()).map((word) => word.toLowerCase()), ['password', 'forgot', 'password']);
  await first.click();
  await page.waitForURL('**/learn/passwords#you-forgot-your-password');
  assert.ok(await page.getByRole('heading', { name: 'You forgot your password' }).isVisible());
  await page.goto('/learn?q=zebra');
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await page.getByRole('link', { name: 'All pages' }).click();
  await page.getByRole('link', { name: 'How to register' }).waitFor();
  assert.deepEqual(trouble, []);
  await context.close();
});

test('contents, back to top and the pages beside work without JavaScript', async () => {
  const { page, context } = await visit(browser, portal, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await page.goto('/learn/send');
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Who has read it' }).click();
  await page.waitForURL('**/learn/send#who-has-read-it');
  const top = async (locator) => (await locator.boundingBox()).y;
  const title = page.getByRole('heading', { level: 2, name: 'Who has read it' });
  assert.ok(await top(title) >= 0 && await top(title) < 200, 'the part is in sight');
  await page.getByRole('link', { name: 'Back to top' }).click();
  assert.ok(await top(page.getByRole('heading', { level: 1 })) > 0, 'the title is in sight');
  await page.getByRole('link', { name: /^Next: / }).click();
  await heading(page, 'Invite new people');
  await page.getByRole('link', { name: /^Back: / }).click();
  await heading(page, 'Send a message');
  await page.getByRole('searchbox', { name: 'Search in help' }).fill('draft');
  await page.getByRole('searchbox', { name: 'Search in help' }).press('Enter');
  await page.locator('.learn-found mark').first().waitFor();
  await context.close();
});

test('on paper there is the page and nothing around it', async () => {
  const { page, context } = await visitAs(browser, portal, anna);
  await page.goto('/learn/pro-and-guest');
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.learn-search', '.learn-contents', '.learn-beside', '.foot', '.nav', '.back'])
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  assert.ok(await page.getByRole('table', { name: 'Who may do what' }).isVisible());
  assert.ok(await page.getByText('Last updated').isVisible());
  assert.ok((await page.pdf()).length > 10_000);
  await context.close();
});

test('what is switched off is gone from help', async () => {
  const off = await Portal.make();
  for (const feature of ['recall', 'signatures', 'files'])
    assert.equal((await off.command('setting', 'set', feature, 'no')).code, 0);
  await off.serve();
  const { body } = await request(off, '/learn');
  for (const name of ['recall', 'sign', 'ask-to-sign', 'files']) {
    assert.equal(body.includes(`"/learn/${name}"`), false, name);
    assert.equal((await request(off, `/learn/${name}`)).status, 404, name);
  }
  assert.match((await request(off, '/learn?q=quoted+goes+blank')).body, /Nothing found/);
  assert.doesNotMatch((await request(off, '/learn/pro-and-guest')).body, /Recall|signatures|Send files/);
  await off.stop();
});

test('every picture can be made again from the product, and is used', async () => {
  const stops = [];
  await learnScene(browser, async ({ name, from, to }) => {
    assert.ok(await from.isVisible() && await to.isVisible(), name);
    stops.push(`${name}.webp`);
  });
  assert.deepEqual(fs.readdirSync(`${LEARN}pictures`).sort(), stops.sort());
  const texts = fs.readdirSync(LEARN).filter((name) => name.endsWith('.md')).map((name) => fs.readFileSync(LEARN + name, 'utf8')).join('\n');
  const used = [...texts.matchAll(/!\[([^\]]+)\]\(pictures\/([^)]+)\)/g)];
  assert.deepEqual([...new Set(used.map(([, , name]) => name))].sort(), stops);
  for (const [, words, name] of used)
    assert.ok(words.length > 20, `words for ${name}`);
});

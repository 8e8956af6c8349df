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

let browser;
let portal;
let anna;
let ben;
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  await sendByHttp(portal, anna, { to: BEN, subject: 'Welcome', body: 'Dear Ben' }, { [BEN]: 'guest' });
  ben = await registerByHttp(portal, await portal.post.link('register', BEN), 'Ben Carter');
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

test('a visitor, a guest and an administrator read every page', async () => {
  const counts = [];
  for (const visitor of [await visit(browser, portal), await visitAs(browser, portal, ben), await visitAs(browser, portal, anna)]) {
    counts.push((await readAll(visitor)).length);
    assert.deepEqual(visitor.trouble, []);
    await visitor.context.close();
  }
  assert.equal(new Set(counts).size, 1, 'everybody reads the same');
});

test('every page of the product leads to the help about it', async () => {
  const { page, context, trouble } = await visitAs(browser, portal, anna);
  for (const [path, title] of [['/compose', 'Send a message'], ['/inbox', 'Read and answer'], ['/files', 'Large files'], ['/signatures', 'Sign a document'],
    ['/account', 'Your account'], ['/people', 'Invite new people'], ['/labels', 'Find messages'], ['/admin/rules', 'Who may register'], ['/admin/users', 'People'],
    ['/admin/texts', 'E-mail texts and spam filters'], ['/admin/audit', 'The audit log'], ['/admin/seats', 'Seats and billing'], ['/admin', 'What an administrator does']]) {
    await page.goto(path);
    await help(page).click();
    await heading(page, title);
  }
  await page.goto('/sent');
  await page.getByRole('link', { name: 'Welcome' }).click();
  await page.getByRole('link', { name: 'Recall …' }).first().click();
  await heading(page, 'Recall this message');
  await help(page).click();
  await heading(page, 'Recall a message or a file');
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
  assert.match((await request(off, '/learn?q=keys+are+destroyed')).body, /Nothing found/);
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

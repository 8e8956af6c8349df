// People, for administrators: nobody, one, 100,000; as one types; many at once; mistakes; erasing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { request, sendByHttp } from './lib/http.mjs';
import { PASSWORD, button } from './lib/people.mjs';
import { PROGRAM } from './lib/portal.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';

const BUILD = path.dirname(PROGRAM);
const MANY = 100_000;

let portal;
let anna;
const scene = sceneOfFile({}, () => {
  ({ portal } = scene);
  ({ anna } = scene.cookies);
});
const { as } = scene;

const rows = (page) => page.locator('.users-table tbody tr');
const person = (page, name) => page.getByRole('main').getByRole('link', { name, exact: true });

test('an administrator alone is told what to do next, and adds somebody', async () => {
  const visitor = await as(anna);
  const { page } = visitor;
  await page.goto('/admin/users');
  await page.getByRole('heading', { name: 'Only you so far' }).waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('link', { name: 'Add somebody' }).click();
  await page.getByLabel('Their e-mail address', { exact: true }).fill('dora@example.org');
  await button(page, 'Add and invite').click();
  await page.getByText('Added. The invitation is on its way to them.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'dora@example.org' }).waitFor();
  assert.doesNotMatch(await page.content(), /\/register\//);
  await button(page, 'Send invitation again').click();
  await page.getByText('A fresh invitation is on its way to them.').waitFor();
  await done(visitor);
});

describe('two administrators', () => {
  let ben;
  before(async () => { ben = await scene.join('ben@example.org', 'Ben Carter', 'professional'); });

  test('what one changes holds from the next click of the other on', async () => {
    const visitor = await as(anna);
    const { page } = visitor;
    assert.equal((await request(portal, '/admin/users', { cookie: ben })).status, 403);
    await page.goto('/admin/users');
    await person(page, 'Ben Carter').click();
    await page.getByLabel(/^Administrator: /).check();
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    assert.equal((await request(portal, '/admin/users', { cookie: ben })).status, 200);
    await done(visitor);
  });

  test('the second to save the same page is told, and loses nothing', async () => {
    const first = await as(anna);
    const second = await as(ben);
    for (const { page } of [first, second]) {
      await page.goto('/admin/users');
      await person(page, 'dora@example.org').click();
    }
    await first.page.getByLabel(/^Professional: /).check();
    await button(first.page, 'Save').click();
    await first.page.getByText('Saved.').waitFor();
    await second.page.getByLabel(/^Disabled: /).check();
    await button(second.page, 'Save').click();
    await second.page.getByText('Somebody else has changed this person meanwhile.').waitFor();
    assert.ok(await second.page.getByLabel(/^Disabled: /).isChecked());
    second.trouble.length = 0; // the browser says 409 in its console
    await done(first);
    await done(second);
  });

  test('nobody takes their own administration away', async () => {
    const visitor = await as(ben);
    const { page } = visitor;
    await page.goto('/admin/users');
    await person(page, 'Ben Carter').click();
    assert.equal(await page.getByText('See what would be destroyed').count(), 0);
    await page.getByLabel('Member', { exact: true }).check();
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Another administrator can').waitFor();
    visitor.trouble.length = 0;
    await done(visitor);
  });

  test('many at once: what became of each', async () => {
    const visitor = await as(anna);
    const { page } = visitor;
    await page.goto('/admin/users');
    await rows(page).first().getByRole('checkbox').check(); // what can be done comes with the first tick
    await page.getByLabel('Select all on this page').check();
    await button(page, 'Send invitation again').click();
    await page.getByRole('alert').getByText('1 done. 2 people stay as they were:').waitFor();
    await page.getByRole('alert').getByText('Ben Carter has registered already.').waitFor();
    visitor.trouble.length = 0;
    await done(visitor);
  });
});

test('erasing: a wrong address erases nobody; then what she wrote stays, without her name', async () => {
  const gabi = await scene.join('gabi@example.org', 'Gabi Engel');
  await sendByHttp(portal, gabi, { to: 'anna@example.com, ben@example.org', subject: 'Kept for you', body: 'Words that stay.' });
  const visitor = await as(anna);
  const { page } = visitor;
  await page.goto('/admin/users?q=gabi');
  await person(page, 'Gabi Engel').click();
  await page.getByRole('link', { name: 'See what would be destroyed' }).click();
  await page.getByText('messages that others have too').waitFor();
  const submit = async (address) => {
    await page.getByLabel('Their e-mail address', { exact: true }).fill(address);
    await page.getByLabel('Your own password', { exact: true }).fill(PASSWORD);
    await button(page, 'Erase for ever').click();
  };
  await submit('gabi@example.com');
  await page.getByRole('alert').getByText('That is not their address.').first().waitFor();
  assert.equal((await request(portal, '/inbox', { cookie: gabi })).status, 200);
  visitor.trouble.length = 0;
  await submit('gabi@example.org');
  await page.getByText('The person is erased.').waitFor();
  assert.equal((await request(portal, '/inbox', { cookie: gabi })).status, 303);
  await page.goto('/admin/users?q=gabi');
  await page.getByText('Nobody is like that.').waitFor();
  await done(visitor);
});

describe(`${MANY} people`, () => {
  before(() => {
    execFileSync('ninja', ['-C', BUILD, 'src/core/people_fill'], { stdio: 'ignore' });
    execFileSync(path.join(BUILD, 'src/core/people_fill'), [portal.folder, String(MANY)], { stdio: ['ignore', 'ignore', 'inherit'] });
  });

  for (const javaScriptEnabled of [true, false])
    test(`with${javaScriptEnabled ? '' : 'out'} JavaScript they are found as one types, filtered and paged through`, async () => {
      const visitor = await as(anna, { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/admin/users');
      await page.getByText('100,003 people').waitFor();
      assert.equal(await rows(page).count(), 50);
      const first = await rows(page).first().innerText();
      await page.getByRole('link', { name: 'Next page' }).click();
      await page.waitForURL(/cursor=/);
      assert.notEqual(await rows(page).first().innerText(), first);
      await page.goto('/admin/users');
      const search = page.getByLabel('Search by name or address');
      if (javaScriptEnabled) {
        await search.pressSequentially('weber.777');
      } else {
        await search.fill('weber.777');
        await button(page, 'Search').click();
      }
      await page.getByText(/^\d+ (person|people) found$/).waitFor();
      for (const text of await rows(page).allInnerTexts())
        assert.match(text, /weber\.777/i);
      await search.fill('');
      await page.getByLabel('State', { exact: true }).selectOption('Invited');
      await page.getByLabel('Grade', { exact: true }).selectOption('Guests');
      if (!javaScriptEnabled)
        await button(page, 'Search').click();
      await page.waitForURL(/state=invited/);
      await page.getByText('10,000 people found').waitFor();
      await done(visitor);
    });
});

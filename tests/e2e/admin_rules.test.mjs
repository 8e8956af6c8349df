// Who may register: rules, the test box, limits; and seats. With and without JavaScript.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { request, sendByHttp } from './lib/http.mjs';
import { button } from './lib/people.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';

const scene = sceneOfFile();
const { as, cookies } = scene;

for (const javaScriptEnabled of [true, false]) {
  const word = javaScriptEnabled ? 'with' : 'without';
  describe(`${word} JavaScript`, () => {
    test('a rule is made, tried, changed and deleted', async () => {
      const visitor = await as(cookies.anna, { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/admin/rules');
      await page.getByText('There is no rule yet.').waitFor();
      await page.getByLabel('Address or domain').fill(`*.${word}.example`);
      await page.getByLabel('As what').selectOption('As a professional');
      await button(page, 'Add the rule').click();
      await page.getByText('The rule is saved.').waitFor();
      await page.getByLabel('An address').fill(`eve@clinic.${word}.example`);
      await button(page, 'Try it').click();
      await page.getByText(`would be invited as a professional, because of the rule for addresses at ${word}.example and all domains below it.`).waitFor();
      const row = page.getByRole('listitem').filter({ hasText: `.${word}.example` });
      await row.getByText('Change', { exact: true }).click();
      await row.getByLabel('What it says').selectOption('May not be invited');
      await row.getByRole('button', { name: 'Save' }).click();
      await page.getByText('The rule is saved.').waitFor();
      await page.goto(`/admin/rules?address=eve%40${word}.example`);
      await page.getByText('would be refused, because of the rule').waitFor();
      await row.getByText('Delete', { exact: true }).click();
      await row.getByRole('button', { name: 'Delete for good' }).click();
      await page.getByText('The rule is deleted.').waitFor();
      await page.getByText('There is no rule yet.').waitFor();
      await done(visitor);
    });

    test('a mistake is told where it is', async () => {
      const visitor = await as(cookies.anna, { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/admin/rules');
      await page.getByLabel('Address or domain').fill('not a domain');
      await button(page, 'Add the rule').click();
      await page.getByRole('alert').getByText('is neither an address nor a domain').waitFor();
      assert.equal(await page.getByLabel('Address or domain').inputValue(), 'not a domain');
      await done(visitor);
    });
  });
}

test('two administrators save the same settings: the second is told, and what was typed stays', async () => {
  const first = await as();
  const second = await as();
  for (const { page } of [first, second])
    await page.goto('/admin/rules');
  const save = async ({ page }, days) => {
    await page.getByLabel('Days for which an invitation holds').fill(days);
    await page.locator('form[action="/admin/rules/settings"]').getByRole('button', { name: 'Save' }).click();
  };
  await save(first, '20');
  await first.page.getByText('Saved. It counts from now on.').waitFor();
  await save(second, '30');
  await second.page.getByText('Somebody else has changed settings meanwhile.').waitFor();
  assert.equal(await second.page.getByLabel('Days for which an invitation holds').inputValue(), '30');
  await done(first);
  await done(second);
});

test('seats: used now, by day, who took one, and as CSV', async () => {
  await sendByHttp(scene.portal, cookies.anna, { to: 'paul@example.com', subject: 'Hello', body: 'Welcome.' }, { 'paul@example.com': 'professional' });
  const visitor = await as();
  const { page } = visitor;
  await page.goto('/admin/seats');
  await page.getByText('2 seats are used.').waitFor();
  await page.getByRole('img', { name: /^Most seats used on .*: 2\.$/ }).waitFor();
  await page.getByRole('cell', { name: 'paul@example.com' }).waitFor();
  await done(visitor);
  const csv = await request(scene.portal, '/admin/seats/changes.csv', { cookie: cookies.anna });
  assert.match(csv.headers['content-type'], /^text\/csv/);
  assert.match(csv.body, /,taken,paul@example\.com,Anna Berg <[^>]+>,2\r\n/);
});

// People from a CSV file: what would become of each line, then doing it, without a script too; and everybody as CSV.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { request } from './lib/http.mjs';
import { button } from './lib/people.mjs';
import { done, sceneOfFile } from './lib/scene.mjs';

const scene = sceneOfFile();
const { as, cookies } = scene;

const choose = (page, text) =>
  page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

for (const javaScriptEnabled of [true, false]) {
  const word = javaScriptEnabled ? 'with' : 'without';
  describe(`${word} JavaScript`, () => {
    test('a list is looked at, imported, and imported again', async () => {
      const visitor = await as(cookies.anna, { javaScriptEnabled });
      const { page } = visitor;
      const people = Array.from({ length: 250 }, (_, i) => `p${i}@${word}.example;"Müller; ${i}";guest`);
      const list = `\uFEFFAddress;Name;Grade\r\n${people.join('\r\n')}\r\nnonsense;;\r\n`;
      await page.goto('/admin/users/import');
      await choose(page, list);
      await button(page, 'Look at it').click();
      await page.getByText('250 will be invited').waitFor();
      await page.getByText('1 left out: not an e-mail address').waitFor();
      await button(page, 'Import now').click();
      await page.getByRole('heading', { name: 'Done' }).waitFor();
      await page.getByText('100 of 251').waitFor();
      await page.getByText('251 of 251').waitFor();
      await page.getByText('250 invited').waitFor();
      await page.goto('/admin/users/import');
      await choose(page, list);
      await button(page, 'Look at it').click();
      await page.getByText('250 here already, unchanged').waitFor();
      await page.getByText('There is nothing to do.').waitFor();
      assert.match(await scene.portal.post.link('register', `p249@${word}.example`), /\/register\//);
      await done(visitor);
    });

    test('a file that cannot be used says why', async () => {
      const visitor = await as(cookies.anna, { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/admin/users/import');
      await choose(page, 'name,phone\nAnna,1\n');
      await button(page, 'Look at it').click();
      await page.getByRole('alert').getByText('a column "phone" that is not known').waitFor();
      await done(visitor);
    });
  });
}

test('everybody can be taken along, and no cell is a formula', async () => {
  const file = await request(scene.portal, '/admin/users/export.csv', { cookie: cookies.anna });
  assert.equal(file.status, 200);
  assert.match(file.body, /address,name,grade,role,language,state,added,last_seen\r\n/);
  assert.match(file.body, /p0@with\.example,"Müller; 0",guest,member,,invited,/);
  for (const line of file.body.split('\r\n'))
    assert.doesNotMatch(line, /^[=+@-]/);
});

// The pictures of administration, in the portal of lib/learn_scene.mjs: what it calls `go` hands them on.
import fs from 'node:fs';
import path from 'node:path';
import { post } from './http.mjs';
import { button } from './people.mjs';

const PEOPLE = `address,name,grade,role
dora@example.com,Dora Lind,professional,member
emil@example.com,Emil Kraus,professional,member
fay@example.org,Fay Nolan,guest,member
`;
const NEXT = `address,name,grade,role
gabi@example.com,Gabi Stone,professional,member
fay@example.org,,professional,
hans.example.org,Hans Weber,guest,member
`;
const WORDS = `Hello {name},

{sender} invites you to {portal}. CLICK HERE NOW!!!

{link}
`;

export async function learnSceneAdmin({ portal, anna, go }) {
  const list = path.join(portal.base, 'people.csv');
  fs.writeFileSync(list, PEOPLE);
  const { code, stdout, stderr } = await portal.command('user', 'import', list);
  if (code !== 0)
    throw new Error(stdout + stderr);
  await post(portal, '/admin/rules', { pattern: '.example.com', effect: 'allowed', grade: 'professional' }, { cookie: anna.cookie });

  await go('overview', anna, '/admin', null, '[data-figures=health]', '.health-row:nth-child(5)', 0);
  await go('people', anna, '/admin/users', async (page) => {
    for (const name of ['Select Dora Lind', 'Select Emil Kraus'])
      await page.getByRole('checkbox', { name, exact: true }).check();
  }, 'h1', '.bar');
  await go('person', anna, '/admin/users', async (page) => {
    await page.getByRole('link', { name: 'Ben Carter' }).click();
    await page.getByRole('heading', { name: 'What they may do' }).waitFor();
  }, '.account-part:has(#grade)');
  await go('import', anna, '/admin/users/import', async (page) => {
    await page.getByLabel('CSV file', { exact: true }).setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(NEXT) });
    await button(page, 'Look at it').click();
    await page.getByRole('heading', { name: 'What would happen', exact: true }).waitFor();
  }, '.account-part:has(.import-sums)');
  await go('rules', anna, '/admin/rules?address=ida@clinic.example.com', null, '.account-part:has(#address)');
  await go('texts', anna, '/admin/texts/invitation', async (page) => {
    await page.getByText('What is filled in', { exact: true }).click();
    await page.getByLabel('Text', { exact: true }).fill(WORDS);
    await page.getByText('capitals and rows of marks').first().waitFor();
    await page.getByLabel('Text', { exact: true }).evaluate((area) => { area.rows = 6; });
  }, '.field:has(#text)', '#told [aria-labelledby=told-title]');
  await go('settings', anna, '/admin/settings', null, '.account-part:has(#files)', undefined, 4);
  await go('branding', anna, '/admin/branding', async (page) => {
    await page.getByLabel('Colour of buttons and links, on light pages').fill('#a9d8d3');
    await button(page, 'Save branding').click();
    await page.getByRole('alert').waitFor();
  }, '.account-part:has(#accent_light)');
  await go('seats', anna, '/admin/seats', null, '.part-title', '.part-title + .table-place');
  await go('audit', anna, '/admin/audit', null, '.audit-filter', '.audit-row:nth-child(4)');
}

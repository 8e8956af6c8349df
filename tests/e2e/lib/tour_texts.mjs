// Where the texts of mails are written: the portal's own, a bad one, an older one, mistakes, somebody else meanwhile.
import { post } from './http.mjs';
import { button } from './people.mjs';

const PATH = '/admin/texts/invitation?language=en';
const BAD = `Dear friend,

FREE MONEY!!! CLICK HERE NOW <b>at once</b> https://www.example.org/a/rather/long/path/that/has/no/good/place/to/break/at/all/in/the/narrow/column

{link} {nosuch}`;

export async function tourTexts(go, visitor, { portal, cookie }) {
  await go('text-standard', visitor, '/admin/texts/notification?language=en');
  for (const [version, subject] of [[0, 'Please come to {portal}'], [1, '{sender} invites you to {portal}, where letters between us stay private and nobody else reads them']])
    await post(portal, PATH, { act: 'save', version: String(version), subject, text: BAD }, { cookie });
  await go('texts', visitor, '/admin/texts');
  await go('text-warnings', visitor, PATH);
  await go('text-older', visitor, `${PATH}&version=1`);
  await go('text-mistakes', visitor, PATH, async (page) => {
    await page.getByLabel('Text', { exact: true }).fill('Hello');
    await button(page, 'Save').click();
    await page.getByRole('alert').waitFor();
  });
  await go('text-conflict', visitor, PATH, async (page) => {
    await post(portal, PATH, { act: 'save', version: '2', subject: 'Of somebody else', text: BAD }, { cookie });
    await button(page, 'Save').click();
    await page.getByRole('alert').waitFor();
  });
}

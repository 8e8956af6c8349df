// The pages of asking for signatures, for the tour.
import { attach, attached, makeFile, makePdf, upload } from './files.mjs';
import { post } from './http.mjs';
import { button, peopleField } from './people.mjs';

const ID = '01KDVDNA00GTSSYSV7Y2WS2NW';

async function keep(portal, cookie, at, fields) {
  const answer = await post(portal, '/drafts/save', [['key', `tour-sign-${at}`], ['draft', `${ID}${at}`], ['version', 0], ['signing', 'on'], ...fields], { cookie });
  if (answer.status !== 200)
    throw new Error(`draft: ${answer.status} ${answer.body}`);
  return `/drafts/${ID}${at}/fields`;
}

const isReady = async (page) => {
  await page.locator('[data-fields-editor][data-ready]').waitFor();
  await page.locator('.pdf-text span').first().waitFor();
};

export async function tourPrepare(go, visitor, { portal, cookie, longAddress }) {
  const words = ['Contract', 'What is agreed', 'Signatures'];
  const file = await upload(portal, cookie, 'Behandlungsvertrag mit einem sehr langen Namen, Fassung vom November 2026, endgültig.pdf', 'application/pdf', makePdf(words));
  const turned = await upload(portal, cookie, 'Annex.pdf', 'application/pdf', makePdf([{ words: 'Annex', extra: '/Rotate 90' }]));
  await go('compose-sign', visitor, '/compose', page => page.getByRole('checkbox', { name: 'Documents to sign' }).check());
  await go('compose-sign-full', visitor, '/compose', async (page) => {
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    await peopleField(page, 'To: who signs').fill(`ben@example.org, ${longAddress}, carla@example.com,`);
    await attach(page, makeFile('Contract.pdf', makePdf(words)), makeFile('notes.txt', 'No PDF.'));
    await attached(page, 'Contract.pdf');
    await page.getByText('Only PDF files can be signed.', { exact: false }).waitFor();
    await page.getByRole('radio', { name: 'One after another' }).check();
  });
  await go('compose-sign-mistakes', visitor, '/compose', async (page) => {
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    await page.getByLabel('To be signed by').fill('2001-01-01');
    await page.getByLabel('Then every').fill('3');
    await button(page, 'Send').click();
    await page.getByRole('alert').waitFor();
  });
  const lines = [`a signature ben@example.org ${file} 1 72 140 180 48 required`, `b date ben@example.org ${file} 1 270 158 96 22 required`,
    `c signature ${longAddress} ${file} 1 72 240 180 48 required`, `d text carla@example.com ${file} 1 72 330 180 22 optional Date of birth`,
    `e check carla@example.com ${file} 1 72 370 18 18 optional I agree to all of this`, `f initials ben@example.org ${file} 3 500 700 64 36 required`];
  const full = [['to', `ben@example.org, ${longAddress}, carla@example.com, new.person@example.net`], ['subject', 'The contract'], ['body', 'Please sign.'], ['signing_order', 'sequence'],
    ['signing_deadline', '2027-03-01'], ['file', file], ['file', turned], ['signing_fields', lines.join('\n')]];
  const at = await keep(portal, cookie, 1, full);
  await go('fields', visitor, at, isReady);
  await go('fields-chosen', visitor, at, async (page) => {
    await isReady(page);
    await page.locator('.place.is-text').click();
  });
  await go('fields-templates', visitor, at, async (page) => {
    await isReady(page);
    await page.getByText('Templates', { exact: true }).click();
    await button(page, 'Save').click();
    await page.locator('#name-wrong').waitFor();
    await isReady(page);
  });
  await go('fields-summary', visitor, at, async (page) => {
    await isReady(page);
    await button(page, 'Check and send').click();
  });
  const many = Array.from({ length: 20 }, (_, i) => `signer.number.${i + 1}@example.net`);
  const crowd = await keep(portal, cookie, 2, [['to', many.join(', ')], ['subject', 'Many'], ['body', 'All of you.'], ['file', file],
    ['signing_fields', [...many.map((address, i) => `m${i} signature ${address} ${file} 1 ${72 + 200 * (i % 2)} ${130 + 60 * Math.floor(i / 2)} 180 48 required`),
      `gone date somebody.else@example.net ${file} 1 480 130 96 22 required`].join('\n')]]);
  await go('fields-many', visitor, crowd, isReady);
  await go('fields-many-summary', visitor, crowd, async (page) => {
    await isReady(page);
    await button(page, 'Check and send').click();
  });
  await go('fields-empty', visitor, await keep(portal, cookie, 3, [['subject', 'Nothing yet']]));
}

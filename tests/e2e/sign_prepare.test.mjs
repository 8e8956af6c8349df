// Asking for signatures: a message becomes a request; templates; what is told before it is sent. Placing fields: sign_fields.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { attach, attached, makeFile, makePdf, row } from './lib/files.mjs';
import { post, request } from './lib/http.mjs';
import { button, peopleField } from './lib/people.mjs';
import { as, cookies, done, fieldsOf, makeRequest, openEditor, place, portal, savedFields } from './lib/prepare_scene.mjs';

describe('on the form of a message', () => {
  test('the switch: who signs, what is signed, how; then to the fields', async () => {
    const anna = await as('anna');
    const { page } = anna;
    await page.goto('/compose');
    await page.getByText('Add Cc or Bcc').click();
    assert.equal(await peopleField(page, 'Bcc').isVisible(), true);
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    assert.equal(await peopleField(page, 'Bcc').isVisible(), false, 'everybody sees who signs');
    assert.equal(await page.getByText('Options', { exact: true }).isVisible(), false);
    await peopleField(page, 'To: who signs').fill('ben@example.org, cleo@example.org,');
    await page.getByLabel('Subject', { exact: true }).fill('The contract');
    await page.getByLabel('Message', { exact: true }).fill('Please sign.');
    await attach(page, makeFile('Contract.pdf', makePdf(['One', 'Two', 'Three'])));
    await attached(page, 'Contract.pdf');
    await row(page, 'Contract.pdf').getByText('3 pages').waitFor();
    await page.getByRole('radio', { name: 'One after another' }).check();
    const order = page.locator('.order-row');
    assert.deepEqual((await order.allInnerTexts()).map(text => /\S+@\S+/.exec(text)[0]), ['ben@example.org', 'cleo@example.org']);
    await button(page, 'Later: ben@example.org').click();
    assert.deepEqual((await order.allInnerTexts()).map(text => /\S+@\S+/.exec(text)[0]), ['cleo@example.org', 'ben@example.org']);
    await page.getByText('ben@example.org signs now as number 2.').waitFor({ state: 'attached' });
    await page.getByLabel('To be signed by').fill('2027-03-01');
    await page.getByLabel('First after').fill('3');
    await page.getByLabel('Ask for the password again before signing').check();
    await button(page, 'Next: place the fields').click();
    await page.getByRole('heading', { level: 1, name: 'Place the fields' }).waitFor();
    assert.deepEqual(await page.locator('.filler-name').allInnerTexts(), ['Cleo Diaz', 'Ben Carter']);
    await button(page, 'Back to the message').click();
    assert.equal(await page.getByLabel('To be signed by').inputValue(), '2027-03-01');
    assert.equal(await page.getByLabel('First after').inputValue(), '3');
    assert.equal(await page.getByLabel('Ask for the password again before signing').isChecked(), true);
    assert.equal(await page.getByRole('radio', { name: 'One after another' }).isChecked(), true);
    await done(anna);
  });

  test('only PDFs that can be signed: each is told at once why not, and nothing goes until it is taken out', async () => {
    const anna = await as('anna');
    const { page } = anna;
    await page.goto('/compose');
    await peopleField(page, 'To').fill('ben@example.org,');
    await page.getByLabel('Message', { exact: true }).fill('Please sign.');
    await attach(page, makeFile('notes.txt', 'No PDF.'));
    await attached(page, 'notes.txt');
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    await row(page, 'notes.txt').getByText('Only PDF files can be signed.', { exact: false }).waitFor();
    await button(page, 'Next: place the fields').click();
    await page.getByText('notes.txt cannot be signed as it is. Only PDF files can be signed. Save or print it as PDF first, then add that. To go on without it, remove it from the list.').waitFor();
    await page.getByRole('checkbox', { name: 'Documents to sign' }).uncheck();
    await row(page, 'notes.txt').getByText('7 B').waitFor();
    await page.getByRole('checkbox', { name: 'Documents to sign' }).check();
    await button(page, 'Remove notes.txt').click();
    await attach(page, makeFile('letter.odt', 'No PDF.'));
    await row(page, 'letter.odt').getByText('Only PDF files can be signed.', { exact: false }).waitFor();
    await button(page, 'Remove letter.odt').click();
    await page.locator('[data-document-bytes]').evaluate((area) => { area.dataset.documentBytes = '100'; });
    await attach(page, makeFile('heavy.pdf', makePdf(['Heavy'])));
    await row(page, 'heavy.pdf').getByText('Too large to be signed: a document may have up to 100 MB.').waitFor();
    await button(page, 'Remove heavy.pdf').click();
    await page.locator('[data-document-bytes]').evaluate((area) => { area.dataset.documentBytes = '1000000'; });
    const whole = makePdf(['One', 'Two']);
    const bad = { 'lies.pdf': Buffer.from('no PDF at all'), 'torn.pdf': whole.subarray(0, whole.length / 2) };
    const locked = encrypted(whole);
    if (locked)
      bad['locked.pdf'] = locked;
    for (const [name, bytes] of Object.entries(bad)) {
      await attach(page, makeFile(name, bytes));
      await page.locator('.file.is-trouble').filter({ hasText: name }).waitFor();
      assert.ok((await row(page, name).locator('.file-note').innerText()).length > 20, `${name} is told why`);
    }
    await button(page, 'Next: place the fields').click();
    await page.getByText('cannot be signed as it is.', { exact: false }).waitFor();
    await done(anna);
  });

  test('guests are not offered it', async () => {
    const ben = await as('ben');
    await ben.page.goto('/compose');
    assert.equal(await ben.page.getByText('Documents to sign').count(), 0);
    await done(ben);
  });
});

function encrypted(bytes) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-locked-'));
  try {
    fs.writeFileSync(path.join(folder, 'in.pdf'), bytes);
    execFileSync('qpdf', ['--encrypt', 'secret', 'owner', '256', '--', path.join(folder, 'in.pdf'), path.join(folder, 'out.pdf')]);
    return fs.readFileSync(path.join(folder, 'out.pdf'));
  } catch (error) {
    if (error.code === 'ENOENT')
      return undefined; // no qpdf here
    throw error;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('templates', () => {
  test('saved, and used with other documents and other people', async () => {
    const { id } = await makeRequest([makePdf(['One'])]);
    const anna = await as('anna');
    const { page } = anna;
    await openEditor(anna, id);
    await page.locator('.sheets').focus();
    await page.keyboard.press('s');
    await page.locator('.sheets').focus();
    await page.keyboard.press('2');
    await page.keyboard.press('d');
    await page.getByText('Templates', { exact: true }).click();
    await page.getByLabel('Save these as a template').fill('Contract with two');
    await button(page, 'Save').click();
    await page.getByText('The template is saved.').waitFor();
    const first = await fieldsOf(page);
    assert.equal(first.length, 2);

    const other = await makeRequest([makePdf(['Another'])], { to: 'cleo@example.org' });
    await openEditor(anna, other.id);
    await page.getByText('Templates', { exact: true }).click();
    await page.getByLabel('Use a template').selectOption({ label: 'Contract with two (2 fields)' });
    await button(page, 'Use').click();
    await page.getByText('The template is used, without one field', { exact: false }).waitFor();
    const [used, ...more] = await fieldsOf(page);
    assert.deepEqual(more, [], 'nobody signs second here');
    assert.deepEqual([used.kind, used.signer, used.file, used.x, used.y], ['signature', 'cleo@example.org', other.files[0], first[0].x, first[0].y], 'by place in To');
    await page.getByText('Templates', { exact: true }).click();
    await button(page, 'Save').click();
    await page.locator('#name-wrong').waitFor();
    await button(page, 'Delete this template').click();
    await page.getByText('The template is deleted.').waitFor();
    assert.equal(await page.getByLabel('Use a template').count(), 0);
    await done(anna);
  });
});

describe('before it is sent', () => {
  test('who signs what, and who has no field', async () => {
    const { id } = await makeRequest([makePdf(['One', 'Two']), makePdf(['Other'])], { cc: 'new.watcher@example.net' });
    const anna = await as('anna');
    const { page } = anna;
    await openEditor(anna, id);
    await page.locator('.sheets').focus();
    await page.keyboard.press('s');
    await button(page, 'Check and send').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('listitem').filter({ hasText: 'Contract 1.pdf' }).getByText('Signature: page 1').first().waitFor();
    assert.equal(await dialog.getByText('No field: signs on the certificate page at the end.').locator('visible=true').count(), 1, 'Cleo has none');
    await dialog.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    await button(page, 'Go on placing').click();
    assert.equal(await dialog.isVisible(), false);
    await button(page, 'Check and send').click();
    await dialog.getByRole('radio', { name: 'Guest' }).check();
    await button(page, 'Send and invite').click();
    await page.getByText('Your message is sent, and one person is invited.').waitFor();
    await done(anna);
  });

  test('who was taken out of To keeps no field', async () => {
    const { id, files } = await makeRequest([makePdf(['One'])], { to: 'ben@example.org' });
    const lines = `f1 signature cleo@example.org ${files[0]} 1 72 72 180 48 required`;
    await post(portal, '/drafts/save', [['key', `prepare-${id}`], ['draft', id], ['version', 1], ['to', 'ben@example.org'], ['subject', 'Contract'], ['signing', 'on'],
      ['file', files[0]], ['signing_fields', lines]], { cookie: cookies.anna });
    const anna = await as('anna');
    const { page } = anna;
    await openEditor(anna, id);
    await button(page, 'Check and send').click();
    await page.getByText('Some fields are for people who are no longer in To.', { exact: false }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /cleo@example\.org/);
    await page.locator('[data-fields-editor][data-ready]').waitFor();
    await place(page, /^Signature/).click();
    await page.getByLabel('Filled in by').selectOption({ label: '1 · Ben Carter' });
    assert.equal((await fieldsOf(page))[0].signer, 'ben@example.org');
    await done(anna);
  });

  test('on pages that are not there or are smaller, as by a template, fields are taken out or moved in', async () => {
    const { id, files } = await makeRequest([makePdf([{ words: 'Small', extra: '/CropBox [0 500 300 792]' }])], { to: 'ben@example.org' });
    const lines = [`f1 signature ben@example.org ${files[0]} 1 400 700 180 48 required`, `f2 signature ben@example.org ${files[0]} 3 72 72 180 48 required`].join('\n');
    await post(portal, '/drafts/save', [['key', `prepare-${id}`], ['draft', id], ['version', 1], ['to', 'ben@example.org'], ['subject', 'Contract'], ['body', 'Please.'],
      ['signing', 'on'], ['file', files[0]], ['signing_fields', lines]], { cookie: cookies.anna });
    const anna = await as('anna');
    await openEditor(anna, id);
    await anna.page.getByText('because these documents have no such page: 1').waitFor();
    assert.deepEqual((await fieldsOf(anna.page)).map(({ page, x, y, width, height }) => [page, x, y, width, height]), [[1, 120, 244, 180, 48]]);
    await savedFields(anna.page);
    await done(anna);
  });

  test('a field outside its page is refused, whoever wrote the line', async () => {
    const { id, files } = await makeRequest([makePdf(['One'])], { to: 'ben@example.org' });
    const form = line => [['key', `outside-${id}`], ['draft', id], ['version', 1], ['signing', 'on'], ['file', files[0]], ['signing_fields', line], ['act', 'send']];
    for (const line of [`f1 signature ben@example.org ${files[0]} 1 600 72 180 48 required`, `f1 signature ben@example.org ${files[0]} 7 72 72 180 48 required`]) {
      const answer = await post(portal, `/drafts/${id}/fields`, form(line), { cookie: cookies.anna });
      assert.equal(answer.status, 422, line);
      assert.match(answer.body, /class="problems"/);
    }
    const nonsense = await post(portal, `/drafts/${id}/fields`, form('nonsense'), { cookie: cookies.anna });
    assert.ok(nonsense.status >= 400 && nonsense.status < 500, String(nonsense.status));
    const foreign = await request(portal, `/drafts/${id}/fields`, { cookie: cookies.ben });
    assert.notEqual(foreign.status, 200, "another's draft is as good as none");
    assert.doesNotMatch(foreign.body, /Contract/);
  });

  test('nobody in To, no document: it says what to do first', async () => {
    const { id } = await makeRequest([], { to: '' });
    const anna = await as('anna');
    await anna.page.goto(`/drafts/${id}/fields`);
    await anna.page.getByText('Nobody is asked to sign yet.', { exact: false }).waitFor();
    await anna.page.getByText('There is no document yet.', { exact: false }).waitFor();
    assert.equal(await button(anna.page, 'Send').count(), 0);
    await button(anna.page, 'Back to the message').click();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    await done(anna);
  });

  test('changed in another window: told, and nothing of either is lost', async () => {
    const { id, files } = await makeRequest([makePdf(['One'])]);
    const anna = await as('anna');
    const { page } = anna;
    await openEditor(anna, id);
    await post(portal, '/drafts/save', [['key', 'elsewhere'], ['draft', id], ['version', 1], ['to', 'ben@example.org'], ['subject', 'Changed'], ['signing', 'on'], ['file', files[0]]], { cookie: cookies.anna });
    await page.locator('.sheets').focus();
    await page.keyboard.press('s');
    await page.locator('#draft-state').getByText('This draft was changed in another window.', { exact: false }).waitFor();
    assert.equal((await fieldsOf(page)).length, 1);
    await done(anna);
  });

  test('without JavaScript: everybody signs on the certificate page', async () => {
    const anna = await as('anna', { javaScriptEnabled: false });
    const { page } = anna;
    const { id } = await makeRequest([makePdf(['One'])]);
    await page.goto(`/compose?draft=${id}`);
    assert.equal(await page.getByRole('checkbox', { name: 'Documents to sign' }).isChecked(), true);
    await button(page, 'Next: place the fields').click();
    await page.getByRole('heading', { level: 1, name: 'Place the fields' }).waitFor();
    assert.match(await page.locator('noscript').innerText(), /Placing fields needs JavaScript\./);
    assert.equal(await page.getByText('No field: signs on the certificate page at the end.').count(), 2);
    await button(page, 'Send').click();
    await page.getByText('Your message is sent').waitFor();
    await done(anna);
  });
});

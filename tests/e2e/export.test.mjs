// All of one's messages as a zip of .eml files: downloaded as people and as programs do, and opened by others' programs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { button, PASSWORD } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';

let browser;
let portal;
let annaCookie;
let benCookie;
let folder;
const SUBJECT = 'Ergebnisse für Zoë: а/б? 結果';
const BODY = 'Liebe Zoë,\n\nalles **gut**.\n.\n\nFrom here on: "quoted" <b>text</b>\n\tEnd  ';
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'export-'));
  annaCookie = await registerByHttp(portal, portal.link, 'Anna Berg');
  await sendByHttp(portal, annaCookie, { to: 'ben@example.org, eva@example.org', subject: SUBJECT, body: BODY }, { 'ben@example.org': 'guest', 'eva@example.org': 'guest' });
  benCookie = await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
  await sendByHttp(portal, benCookie, { to: 'anna@example.com', subject: '', body: `${'long line '.repeat(300)}\nshort` });
  for (const name of ['same', 'same', '../../etc/passwd', 'CON', '.hidden', 'x'.repeat(250)])
    await sendByHttp(portal, annaCookie, { to: 'ben@example.org', subject: name, body: 'Text.' });
});
after(async () => {
  await browser?.close();
  await portal?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

// What another program makes of it: [{name, from, to, subject, date, id, text}]
const READER = `
import email, email.policy, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
out = []
for info in archive.infolist():
    letter = email.message_from_bytes(archive.read(info), policy=email.policy.default)
    assert not letter.defects, letter.defects
    out.append({'name': info.filename, 'from': str(letter['From']), 'to': str(letter['To']), 'subject': str(letter['Subject']), 'id': str(letter['Message-ID']),
                'date': letter['Date'].datetime.isoformat(), 'text': letter.get_content(), 'encoding': str(letter['Content-Transfer-Encoding'])})
json.dump(out, sys.stdout)
`;
const open = file => JSON.parse(execFileSync('python3', ['-c', READER, file], { encoding: 'utf8' }))
  .map(letter => ({ ...letter, text: letter.text.replaceAll('\r\n', '\n') }));

async function ben() {
  const visitor = await visit(browser, portal);
  const at = benCookie.indexOf('=');
  await visitor.context.addCookies([{ name: benCookie.slice(0, at), value: benCookie.slice(at + 1), url: portal.url }]);
  await visitor.page.goto('/account');
  await visitor.page.getByRole('link', { name: 'Download all messages' }).click();
  return visitor;
}

describe('export', () => {
  test('a guest downloads everything, and other programs open it', async () => {
    const { page, context, trouble } = await ben();
    await page.getByLabel('Your password, once more', { exact: true }).fill(PASSWORD);
    const downloading = page.waitForEvent('download');
    await button(page, 'Download the zip file').click();
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^mailbox-\d{4}-\d\d-\d\d\.zip$/);
    const file = path.join(folder, 'mailbox.zip');
    await download.saveAs(file);
    execFileSync('unzip', ['-tq', file]);
    const letters = open(file);
    assert.equal(letters.length, 8);
    const first = letters.find(one => one.subject === SUBJECT);
    assert.equal(first.text.trimEnd(), BODY.trimEnd());
    assert.match(first.from, /^"?Anna Berg"? <anna@example\.com>$/);
    assert.equal(first.to, 'Ben Carter <ben@example.org>, eva@example.org');
    assert.match(first.name, /^Inbox\/\d{4}-\d\d-\d\d Ergebnisse für Zoë- а-б- 結果 \([0-9A-Z]{10}\)\.eml$/);
    const own = letters.find(one => one.name.startsWith('Sent/'));
    assert.equal(own.text.trimEnd(), `${'long line '.repeat(300)}\nshort`);
    assert.equal(own.encoding, 'quoted-printable');
    assert.equal(new Set(letters.map(one => one.name)).size, 8, 'no two names are the same');
    for (const { name, id } of letters) {
      assert.match(name, /^(Inbox|Sent)\/\d{4}-\d\d-\d\d [^/\\:*?"<>|\u0000-\u001f\u202e]+\.eml$/);
      assert.match(id, /^<[0-9A-Z]{26}@/);
    }
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('what was recalled is there as its notice', async () => {
    const signedIn = await request(portal, '/api/v1/session', { method: 'POST', body: JSON.stringify({ email: 'anna@example.com', password: PASSWORD }), headers: JSON_TYPE });
    const anna = { ...JSON_TYPE, Authorization: `Bearer ${JSON.parse(signedIn.body).token}` };
    const sent = await request(portal, '/api/v1/messages', { method: 'POST', headers: anna, body: JSON.stringify({ to: ['ben@example.org'], subject: 'By mistake', body: 'Nobody may read this.' }) });
    const recall = await request(portal, `/api/v1/messages/${JSON.parse(sent.body).id}/recall`, { method: 'POST', headers: anna, body: JSON.stringify({ reason: 'Wrong person.' }) });
    assert.equal(recall.status, 200);
    const { page, context } = await ben();
    await page.getByLabel('Your password, once more', { exact: true }).fill(PASSWORD);
    const downloading = page.waitForEvent('download');
    await button(page, 'Download the zip file').click();
    const file = path.join(folder, 'recalled.zip');
    await (await downloading).saveAs(file);
    const letter = open(file).find(one => one.subject === 'By mistake');
    assert.match(letter.text, /^This message was recalled on .*\. Its text is gone\.\n\nReason: Wrong person\.\n*$/);
    await context.close();
  });

  test('a wrong password gets a sentence and no file', async () => {
    const { page, context, trouble } = await ben();
    await page.getByLabel('Your password, once more', { exact: true }).fill('something else entirely');
    await button(page, 'Download the zip file').click();
    await page.locator('.wrong').waitFor();
    // With the right one the page no longer says that something is wrong.
    await page.getByLabel('Your password, once more', { exact: true }).fill(PASSWORD);
    const downloading = page.waitForEvent('download');
    await button(page, 'Download the zip file').click();
    await downloading;
    await page.locator('.wrong, #problems').first().waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Your password, once more', { exact: true }).inputValue(), '');
    assert.deepEqual(trouble, []);
    await context.close();
  });

  test('nobody gets it without a session, or from another site', async () => {
    const form = { current: PASSWORD };
    const stranger = await request(portal, '/export', { form, headers: { 'Sec-Fetch-Site': 'same-origin' } });
    assert.equal(stranger.status, 303);
    const elsewhere = await request(portal, '/export', { form, cookie: benCookie, headers: { 'Sec-Fetch-Site': 'cross-site' } });
    assert.equal(elsewhere.status, 403);
  });
});

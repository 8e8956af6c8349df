// Attaching files in the browser, in every way; what a portal does not take; without JavaScript (P5).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { visit } from './lib/browser.mjs';
import { attach, attached, chooser, handOver, makeFile, makeFolder } from './lib/files.mjs';
import { arrived, as, browser, cookies, done, portal, sent, write } from './lib/files_scene.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { button, peopleField, register } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { waitFor } from './lib/wait.mjs';

describe('attaching', () => {
  test('chosen, dropped and pasted, several at once: a guest gets them all', async () => {
    const anna = await as('anna');
    const ben = await as('ben');
    const files = [makeFile('Befund Müller.pdf', 40_000), makeFile('レントゲン 胸部.dcm', 300_000), makeFile('empty.txt', '')];
    await write(anna.page, 'In every way');
    await attach(anna.page, ...files);
    await handOver(anna.page, 'drop', [{ name: 'dropped.txt', type: 'text/plain', text: 'I fell in.' }]);
    await handOver(anna.page, 'paste', [{ name: 'image.png', type: 'image/png', text: 'not really' }]);
    for (const file of files)
      await attached(anna.page, file.name);
    await attached(anna.page, 'dropped.txt');
    await attached(anna.page, /Picture \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png/);
    await button(anna.page, 'Send').click();
    const message = await sent(anna.page);
    await ben.page.goto('/inbox');
    await ben.page.locator('.row').filter({ hasText: 'In every way' }).getByText('5 files').waitFor({ state: 'attached' });
    await ben.page.goto(message);
    assert.equal(await ben.page.locator('.sent-files .file').count(), 5);
    for (const file of files)
      await arrived(ben.page, 'ben', file);
    const fingerprint = ben.page.locator('.sent-files .file').filter({ hasText: files[0].name });
    await fingerprint.getByText('Fingerprint').click();
    await fingerprint.getByText(files[0].sha256).waitFor();
    await ben.page.getByRole('link', { name: /^Download all \(5 files, / }).waitFor();
    await done(anna);
    await done(ben);
  });

  test('a folder: its files without its name, equal names numbered, what systems leave there left out', async () => {
    const anna = await as('anna');
    await write(anna.page, 'A folder');
    const folder = makeFolder({ 'a/report.txt': 'one', 'b/report.txt': 'two', 'b/.DS_Store': 'x', 'notes.txt': 'three' });
    await chooser(anna.page, 'folder').setInputFiles(folder);
    for (const name of ['report.txt', 'report (2).txt', 'notes.txt'])
      await attached(anna.page, name);
    assert.equal(await anna.page.locator('.files .file').count(), 3);
    await done(anna);
  });

  test('a folder that is dropped, with folders within', async () => {
    const anna = await as('anna');
    await write(anna.page, 'A folder falls in');
    const folder = makeFolder({ 'scans/2026/knee.txt': 'one', 'scans/2026/Thumbs.db': 'x', 'scans/knee.txt': 'two', 'letter.txt': 'three' });
    const session = await anna.page.context().newCDPSession(anna.page);
    const { x, y } = await anna.page.getByLabel('Message', { exact: true }).boundingBox();
    for (const type of ['dragEnter', 'dragOver', 'drop'])
      await session.send('Input.dispatchDragEvent', { type, x: x + 20, y: y + 20, data: { items: [], files: [folder, makeFile('beside.txt', 'four').path], dragOperationsMask: 1 } });
    for (const name of ['knee.txt', 'knee (2).txt', 'letter.txt', 'beside.txt'])
      await attached(anna.page, name);
    assert.equal(await anna.page.locator('.files .file').count(), 4);
    await done(anna);
  });

  test('a folder is in the order that people expect', async () => {
    const anna = await as('anna');
    await write(anna.page, 'In order');
    const names = ['picture 1.png', 'picture 2.png', 'picture 9.png', 'picture 10.png', 'picture 11.png', 'picture 20.png'];
    await chooser(anna.page, 'folder').setInputFiles(makeFolder(Object.fromEntries([4, 0, 5, 2, 3, 1].map(i => [`visit/${names[i]}`, String(i)]))));
    for (const name of names)
      await attached(anna.page, name);
    assert.deepEqual(await anna.page.locator('.files .file-name').allInnerTexts(), names);
    await done(anna);
  });

  test('a folder with nothing in it is told to everybody', async () => {
    const anna = await as('anna');
    await write(anna.page, 'Nothing');
    await chooser(anna.page, 'folder').setInputFiles(makeFolder({ 'x/.DS_Store': '1' }));
    await anna.page.getByText('There are no files in that folder.').waitFor();
    await attach(anna.page, makeFile('something.txt', 'x'));
    await attached(anna.page, 'something.txt');
    assert.equal(await anna.page.getByText('There are no files in that folder.').count(), 0, 'told until files are chosen again');
    await done(anna);
  });

  test('whoever has just registered attaches as everybody does', async () => {
    const visitor = await visit(browser, portal);
    const { page } = visitor;
    await sendByHttp(portal, cookies.anna, { to: 'greta@example.org', subject: 'Please send me a photo', body: 'Hello.' }, { 'greta@example.org': 'guest' });
    await register(page, await portal.post.link('register', 'greta@example.org'), 'Greta Lind');
    await attach(page, makeFile('photo.jpg', 2000));
    await attached(page, 'photo.jpg');
    await page.getByLabel('Your answer', { exact: true }).fill('Here it is.');
    await button(page, 'Send answer').click();
    await page.getByText('Your answer is sent.').waitFor();
    await page.getByRole('link', { name: 'photo.jpg', exact: true }).waitFor();
    await done(visitor);
  });

  test('left before it was saved, the Back button brings back the files with the text', async () => {
    const anna = await as('anna');
    const { page } = anna;
    await write(page, 'Left early');
    await attach(page, makeFile('kept.txt', 'kept'));
    await attached(page, 'kept.txt');
    assert.doesNotMatch(page.url(), /draft=/);
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await page.goBack();
    await attached(page, 'kept.txt');
    assert.equal(await page.getByLabel('Subject', { exact: true }).inputValue(), 'Left early');
    await button(page, 'Send').click();
    await sent(page);
    assert.deepEqual(await page.locator('.sent-files .file-name').allInnerTexts(), ['kept.txt']);
    await done(anna);
  });

  test('many at once are told in few words, and every refusal', async () => {
    const anna = await as('anna');
    const { page } = anna;
    await write(page, 'Few words');
    await page.locator('[data-banned]').evaluate((area) => { area.dataset.banned = 'exe'; });
    const said = await page.locator('[data-said]').evaluateHandle((place) => {
      const list = [];
      new MutationObserver(() => list.push(place.textContent)).observe(place, { childList: true });
      return list;
    });
    await attach(page, makeFile('one.exe', 'MZ'), makeFile('two.exe', 'MZ'));
    await waitFor('both refusals', async () => (await said.jsonValue()).length > 0);
    assert.deepEqual(await said.jsonValue(), ['one.exe: Files ending in “.exe” are not accepted here. two.exe: Files ending in “.exe” are not accepted here.']);
    await attach(page, ...Array.from({ length: 30 }, (_, i) => makeFile(`${i}.txt`, 'x')));
    for (let i = 0; i < 30; i++)
      await attached(page, `${i}.txt`);
    await waitFor('the last of them', async () => (await said.jsonValue()).at(-1).includes('attached'));
    const told = await said.jsonValue();
    assert.ok(told.length < 10, told.join('\n'));
    assert.ok(told.some(sentence => /Files attached: \d+/.test(sentence)), told.join('\n'));
    await done(anna);
  });

  test('text that is copied with a picture is meant as text', async () => {
    const anna = await as('anna');
    await write(anna.page, 'Copied');
    await anna.page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', 'words');
      data.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
      document.querySelector('#body').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    assert.equal(await anna.page.locator('.files .file').count(), 0);
    await done(anna);
  });

  test('they are part of the draft, and there on another device; removed here they are gone there', async () => {
    const anna = await as('anna');
    const elsewhere = await as('anna');
    await write(anna.page, 'On two devices');
    await attach(anna.page, makeFile('kept.txt', 'kept'), makeFile('dropped.txt', 'dropped'));
    await attached(anna.page, 'kept.txt');
    await attached(anna.page, 'dropped.txt');
    await anna.page.getByText(/^Saved \d/).waitFor();
    await waitFor('the address of the draft', () => /draft=/.test(anna.page.url()));
    await elsewhere.page.goto(anna.page.url());
    await attached(elsewhere.page, 'kept.txt');
    await elsewhere.page.getByRole('button', { name: 'Remove dropped.txt' }).click();
    await button(elsewhere.page, 'Send').click();
    const message = await sent(elsewhere.page);
    assert.deepEqual(await elsewhere.page.locator('.sent-files .file-name').allInnerTexts(), ['kept.txt']);
    assert.match((await request(portal, message, { cookie: cookies.ben })).body, /kept\.txt/);
    await done(anna);
    await done(elsewhere);
  });

  test('with an answer and with a forward', async () => {
    const ben = await as('ben');
    const anna = await as('anna');
    const { headers } = await sendByHttp(portal, cookies.anna, { to: 'ben@example.org', subject: 'Please answer', body: 'With a file.' });
    const message = headers.location.split('?')[0];
    await ben.page.goto(message);
    await attach(ben.page, makeFile('answer.txt', 'mine'));
    await attached(ben.page, 'answer.txt');
    await ben.page.getByLabel('Your answer', { exact: true }).fill('Here.');
    await button(ben.page, 'Send answer').click();
    await ben.page.getByText('Your answer is sent.').waitFor();
    await anna.page.goto(new URL(ben.page.url()).pathname);
    await anna.page.getByRole('link', { name: 'answer.txt', exact: true }).first().waitFor();
    await anna.page.locator('a[data-forward]').first().click();
    await anna.page.getByRole('heading', { level: 1, name: 'Forward a message' }).waitFor();
    await peopleField(anna.page, 'To').fill('cleo@example.org');
    await attach(anna.page, makeFile('added.txt', 'more'));
    await attached(anna.page, 'added.txt');
    await button(anna.page, 'Send').click();
    const forward = await sent(anna.page);
    const got = (await request(portal, forward, { cookie: cookies.cleo })).body;
    for (const name of ['added.txt', 'answer.txt'])
      assert.ok(got.includes(name), name);
    await done(anna);
    await done(ben);
  });
});

describe('limits', () => {
  let strict;
  const people = {};
  before(async () => {
    strict = await Portal.make();
    for (const [name, value] of [['blocked_endings', 'exe, bat'], ['file_max_bytes', '2000000'], ['message_max_bytes', '3000000'], ['quota_bytes', '4000000']])
      assert.equal((await strict.command('setting', 'set', name, value)).code, 0, name);
    await strict.serve();
    people.anna = await registerByHttp(strict, strict.link, 'Anna Berg');
  });
  after(() => strict?.stop());

  test('what does not fit is told before a byte is sent', async () => {
    const visitor = await visit(browser, strict);
    const at = people.anna.indexOf('=');
    await visitor.context.addCookies([{ name: people.anna.slice(0, at), value: people.anna.slice(at + 1), url: strict.url }]);
    const { page } = visitor;
    const asked = [];
    page.on('request', (one) => { if (new URL(one.url()).pathname.startsWith('/files')) asked.push(one.method()); });
    await write(page, 'Limits', 'anna@example.com');
    await page.getByText('Up to 2 MB each; you have 4 MB left.', { exact: false }).waitFor();
    await attach(page, makeFile('setup.EXE', 'MZ'));
    await page.locator('.file-note', { hasText: 'Files ending in “.exe” are not accepted here.' }).waitFor();
    await attach(page, makeFile('large.bin', 2_000_001));
    await page.locator('.file-note', { hasText: 'Too large: a file may have up to 2 MB.' }).waitFor();
    assert.deepEqual(asked, [], 'nothing was sent');
    assert.equal(await page.locator('.files input[name=file]').count(), 0);
    await button(page, 'Send').click();
    await page.getByText('Not sent yet: setup.EXE cannot go with the message.', { exact: false }).waitFor();
    for (const name of ['setup.EXE', 'large.bin'])
      await page.getByRole('button', { name: `Remove ${name}` }).click();
    await attach(page, makeFile('first.bin', 1_900_000));
    await attached(page, 'first.bin');
    await attach(page, makeFile('second.bin', 1_500_000));
    await page.locator('.file-note', { hasText: 'Too large for this message' }).waitFor();
    await attach(page, ...Array.from({ length: 101 }, (_, i) => makeFile(`${i}.txt`, 'x')));
    await page.getByText('A message can have up to 100 files.', { exact: false }).waitFor();
    await page.goto('about:blank');
    await write(page, 'Quota', 'anna@example.com');
    await page.getByText('you have 2.1 MB left', { exact: false }).waitFor();
    await attach(page, makeFile('third.bin', 1_900_000));
    await attached(page, 'third.bin');
    await attach(page, makeFile('fourth.bin', 500_000));
    await page.locator('.file-note', { hasText: 'Too large: you have 2.1 MB left.' }).waitFor();
    assert.equal(await page.locator('.files .file.is-trouble').count(), 1);
    await page.goto('about:blank');
    await write(page, 'Quota', 'anna@example.com');
    await attach(page, makeFile('fourth.bin', 500_000));
    await page.locator('.file-note', { hasText: 'Too large: you have 200 kB left.' }).waitFor();
    assert.deepEqual(visitor.trouble, []);
    await visitor.context.close();
  });
});

describe('without JavaScript', () => {
  test('attached by a form, removed, from the library, sent, answered', async () => {
    const anna = await as('anna', { javaScriptEnabled: false });
    const ben = await as('ben', { javaScriptEnabled: false });
    const files = [makeFile('plain form.pdf', 700_000), makeFile('über.txt', 'kleine Datei')];
    await write(anna.page, 'Plainly, with files');
    await button(anna.page, 'Attach files').click();
    await anna.page.getByRole('heading', { level: 1, name: 'Attach files' }).waitFor();
    await anna.page.getByLabel('Files from your device').setInputFiles([...files, makeFile('mistake.txt', 'no')].map(file => file.path));
    await button(anna.page, 'Upload').click();
    for (const { name } of files)
      await anna.page.locator('.file-name', { hasText: name }).waitFor();
    await anna.page.getByRole('button', { name: 'Remove mistake.txt' }).click();
    await anna.page.getByRole('link', { name: 'Back to the message' }).click();
    assert.equal(await anna.page.getByLabel('Message', { exact: true }).inputValue(), 'See the files.');
    assert.deepEqual(await anna.page.locator('.files .file-list .file-name').allInnerTexts(), files.map(({ name }) => name));
    await button(anna.page, 'Send').click();
    const message = await sent(anna.page);
    await ben.page.goto(message);
    for (const file of files)
      await arrived(ben.page, 'ben', file);
    // The answer: there and back, and a file of the library.
    await ben.page.getByLabel('Your answer', { exact: true }).fill('With one of yours.');
    await button(ben.page, 'From your library').click();
    await ben.page.getByRole('checkbox', { name: /über\.txt/ }).check();
    await button(ben.page, 'Attach').click();
    await ben.page.getByRole('link', { name: 'Back to the message' }).click();
    assert.equal(await ben.page.getByLabel('Your answer', { exact: true }).inputValue(), 'With one of yours.');
    await ben.page.getByRole('button', { name: 'Remove über.txt' }).click();
    assert.equal(await ben.page.locator('.files .file-list .file').count(), 0);
    await done(anna);
    await done(ben);
  });

  test('a blocked ending is told by the form, and the others arrive', async () => {
    await portal.command('setting', 'set', 'blocked_endings', 'exe');
    await portal.restart();
    const anna = await as('anna', { javaScriptEnabled: false });
    await write(anna.page, 'Blocked');
    await button(anna.page, 'Attach files').click();
    await anna.page.getByText('Files ending in exe are not accepted.', { exact: false }).waitFor();
    await anna.page.getByLabel('Files from your device').setInputFiles([makeFile('a.exe', 'MZ').path, makeFile('b.txt', 'b').path]);
    await button(anna.page, 'Upload').click();
    await anna.page.getByRole('alert').waitFor();
    assert.deepEqual(await anna.page.locator('.file-list .file-name').allInnerTexts(), ['b.txt']);
    await portal.command('setting', 'set', 'blocked_endings', '');
    await portal.restart();
    await done(anna);
  });
});

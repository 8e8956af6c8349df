// Files in the browser: attaching them in every way, bad lines, limits, looking at them, taking them back (P5).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { attach, attached, chooser, download, handOver, makeEndlessPdf, makeFile, makeFilm, makeFolder, makePdf, makePng, makeWav, row, sha256, throttle, upload } from './lib/files.mjs';
import { post, registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { Line } from './lib/line.mjs';
import { PASSWORD, button, peopleField, register } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { waitFor } from './lib/wait.mjs';

const MEGABYTE = 1_000_000;

let browser;
let portal;
let line;
const cookies = {};
before(async () => {
  browser = await launch();
  line = await Line.start();
  portal = await Portal.start({ line });
  cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  for (const [name, address, fullName] of [['ben', 'ben@example.org', 'Ben Carter'], ['cleo', 'cleo@example.org', 'Cleo Diaz']]) {
    await sendByHttp(portal, cookies.anna, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: 'guest' });
    cookies[name] = await registerByHttp(portal, await portal.post.link('register', address), fullName);
  }
});
after(async () => {
  await browser?.close();
  await portal?.stop();
  await line?.stop();
});

async function as(name, options) {
  const visitor = await visit(browser, portal, options);
  const at = cookies[name].indexOf('=');
  await visitor.context.addCookies([{ name: cookies[name].slice(0, at), value: cookies[name].slice(at + 1), url: portal.url }]);
  return visitor;
}

// A broken line is in the console as well; what else is there must not be.
const done = ({ trouble, context }) => {
  assert.deepEqual(trouble.filter(line => !/net::ERR_|Failed to load resource/.test(line)), []);
  return context.close();
};

async function write(page, subject, to = 'ben@example.org') {
  await page.goto('/compose');
  await peopleField(page, 'To').fill(to);
  await page.getByLabel('Subject', { exact: true }).fill(subject);
  await page.getByLabel('Message', { exact: true }).fill('See the files.');
}

async function sent(page) {
  await page.getByText('Your message is sent').waitFor();
  return new URL(page.url()).pathname;
}

const notes = (page) => page.locator('.files .file-note').allInnerTexts();
const contentOf = (page, name) => page.locator('.sent-files .file').filter({ hasText: name }).getByRole('link', { name: /^Download/ }).getAttribute('href');
const progressOf = (page) => page.locator('.files progress:visible').first().evaluate(bar => bar.value / bar.max);
// Some megabytes of it, so that whole chunks have come, and not all.
const isUnderWay = (page) => waitFor('the upload to be under way', async () => {
  const share = await progressOf(page).catch(() => 0);
  return share > 0.45 && share < 0.9;
});

async function arrived(portal, page, who, file) {
  const got = await download(portal, await contentOf(page, file.name), cookies[who]);
  assert.equal(got.status, 200);
  assert.equal(sha256(got.bytes), file.sha256, `${file.name} is the same`);
  return got;
}

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
      await arrived(portal, ben.page, 'ben', file);
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

describe('on a bad line', () => {
  test('progress, speed and time left are told; pausing and going on', async () => {
    const anna = await as('anna');
    const file = makeFile('slow.bin', 6 * MEGABYTE);
    await write(anna.page, 'Slowly');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await anna.page.getByText(/^[\d.]+ [kM]B of 6 MB · [\d.]+ [kM]B\/s · \d+ seconds? left$/).waitFor();
    await anna.page.getByRole('button', { name: 'Pause slow.bin' }).click();
    await anna.page.getByText(/^Paused at [\d.]+ [kM]B of 6 MB$/).waitFor();
    assert.equal(await anna.page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Go on with slow.bin');
    const before = await progressOf(anna.page);
    await button(anna.page, 'Send').click();
    await anna.page.getByText('Not sent yet: slow.bin is not uploaded completely.', { exact: false }).waitFor();
    assert.equal(await progressOf(anna.page), before, 'it stands still');
    await throttle(anna.page, 0);
    await anna.page.getByRole('button', { name: 'Go on with slow.bin' }).click();
    await attached(anna.page, 'slow.bin');
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('what the portal refuses for a while is tried again by a button, from where it stopped', async () => {
    const anna = await as('anna');
    const file = makeFile('refused.bin', 6 * MEGABYTE);
    await write(anna.page, 'Again');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    const starts = [];
    let isRefusing = true;
    await anna.page.route('**/files/*', (route) => {
      const asked = route.request();
      if (asked.method() === 'PATCH' && isRefusing)
        return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ detail: 'Not just now.' }) });
      if (asked.method() === 'PATCH')
        starts.push(Number(asked.headers()['upload-offset']));
      return route.continue();
    });
    line.cut();
    await anna.page.getByText(/^The connection is gone\./).waitFor();
    line.mend();
    await row(anna.page, file.name).locator('.file-note', { hasText: 'Not just now.' }).waitFor();
    await button(anna.page, 'Send').click();
    await anna.page.getByText('Not sent yet: refused.bin', { exact: false }).waitFor();
    assert.equal(await anna.page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Try again: refused.bin');
    isRefusing = false;
    await throttle(anna.page, 0);
    await anna.page.keyboard.press('Enter');
    await attached(anna.page, file.name);
    assert.equal(starts.length, 1);
    assert.ok(starts[0] > 0, `it went on at ${starts[0]}`);
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('pressed before, “Send” waits for the files; leaving the page asks', async () => {
    const anna = await as('anna');
    const file = makeFile('patience.bin', 4 * MEGABYTE);
    await write(anna.page, 'Patience');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    const asks = await anna.page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    assert.ok(asks, 'leaving asks');
    await button(anna.page, 'Send when uploaded').click();
    await anna.page.getByText('It is sent as soon as all files are uploaded.', { exact: false }).waitFor();
    await button(anna.page, 'Do not send yet').click();
    await button(anna.page, 'Send when uploaded').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('the line is cut in the middle: it says so, and goes on by itself', async () => {
    const anna = await as('anna');
    const file = makeFile('offline.bin', 6 * MEGABYTE);
    await write(anna.page, 'Offline');
    const starts = [];
    anna.page.on('request', (asked) => { if (asked.method() === 'PATCH') starts.push(Number(asked.headers()['upload-offset'])); });
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    line.cut();
    await anna.page.getByText(/^The connection is gone\. [\d.]+ [kM]B of 6 MB are safe; it goes on by itself\.$/).waitFor();
    line.mend();
    await throttle(anna.page, 0);
    await attached(anna.page, 'offline.bin');
    assert.equal(starts.length, 2);
    assert.ok(starts[1] > 0, `it went on at ${starts[1]}`);
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('the server is killed in the middle and comes back: the file is the same', async () => {
    const anna = await as('anna');
    const file = makeFile('killed.bin', 8 * MEGABYTE);
    await write(anna.page, 'Killed');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    await portal.kill();
    await anna.page.getByText(/^The connection is gone\./).waitFor();
    await portal.serve();
    await throttle(anna.page, 0);
    await attached(anna.page, 'killed.bin');
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('the page is reloaded in the middle: the same file goes on where it stopped', async () => {
    const anna = await as('anna');
    const file = makeFile('reloaded.bin', 8 * MEGABYTE);
    await write(anna.page, 'Reloaded');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    await waitFor('the draft', () => /draft=/.test(anna.page.url()));
    await anna.page.reload();
    await anna.page.getByText(/^[\d.]+ [kM]B of 8 MB are here\. To go on, choose the same file again\.$/).waitFor();
    // Another file of that name is none.
    await button(anna.page, 'Send').click();
    await anna.page.getByText('Not sent yet: reloaded.bin', { exact: false }).waitFor();
    await throttle(anna.page, 0);
    const starts = [];
    anna.page.on('request', (asked) => { if (asked.method() === 'PATCH') starts.push(Number(asked.headers()['upload-offset'])); });
    await chooser(anna.page, 'one').setInputFiles(file.path);
    await attached(anna.page, 'reloaded.bin');
    assert.equal(starts.length, 1);
    assert.ok(starts[0] >= MEGABYTE, `it went on at ${starts[0]}`);
    assert.equal(await anna.page.locator('.files .file').count(), 1);
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', file);
    await done(anna);
  });

  test('a file that was changed meanwhile begins again', async () => {
    const anna = await as('anna');
    const file = makeFile('changed.bin', 6 * MEGABYTE);
    await write(anna.page, 'Changed');
    await throttle(anna.page, MEGABYTE);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    await waitFor('the draft', () => /draft=/.test(anna.page.url()));
    await anna.page.reload();
    await anna.page.getByText('To go on, choose the same file again.', { exact: false }).waitFor();
    await throttle(anna.page, 0);
    const other = makeFile('changed.bin', 6 * MEGABYTE);
    await attach(anna.page, other);
    await attached(anna.page, 'changed.bin');
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(portal, anna.page, 'anna', other);
    await done(anna);
  });

  test('two tabs upload side by side into messages of their own', async () => {
    const anna = await as('anna');
    const second = await anna.context.newPage();
    const files = [makeFile('left.bin', 3 * MEGABYTE), makeFile('right.bin', 3 * MEGABYTE)];
    const pages = [anna.page, second];
    for (const [i, page] of pages.entries()) {
      await write(page, `Tab ${i}`);
      await throttle(page, MEGABYTE);
      await attach(page, files[i]);
    }
    for (const [i, page] of pages.entries()) {
      await attached(page, files[i].name);
      await button(page, 'Send').click();
      await sent(page);
      await arrived(portal, page, 'anna', files[i]);
    }
    await done(anna);
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
      await arrived(portal, ben.page, 'ben', file);
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

async function sendFile(name, type, bytes, fields = {}) {
  const id = await upload(portal, cookies.anna, name, type, Buffer.from(bytes));
  const { headers, body, status } = await sendByHttp(portal, cookies.anna, { to: 'ben@example.org', subject: `About ${name}`, body: 'See the file.', file: id, ...fields });
  assert.equal(status, 303, body);
  return { id, message: headers.location.split('?')[0] };
}

describe('who has it', () => {
  test('the sender sees who downloaded it; recalled, the guest is told and refused', async () => {
    const anna = await as('anna');
    const ben = await as('ben');
    const { id, message } = await sendFile('scan.bin', 'application/octet-stream', 'the only copy');
    await ben.page.goto(message);
    const content = await contentOf(ben.page, 'scan.bin');
    const [saved] = await Promise.all([ben.page.waitForEvent('download'), ben.page.getByRole('link', { name: 'Download scan.bin' }).click()]);
    assert.equal(saved.suggestedFilename(), 'scan.bin');
    await saved.path();
    await anna.page.goto(message);
    await anna.page.getByText(/^Downloaded “scan\.bin”, \d/).waitFor();
    await anna.page.getByRole('link', { name: 'Recall scan.bin' }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Recall this file' }).waitFor();
    await anna.page.getByText(/Downloaded \d/).waitFor();
    await button(anna.page, 'Recall the file').click();
    await anna.page.getByText('The file is recalled: nobody but you can open it any more.').waitFor();
    await anna.page.getByText('You recalled this file from everybody. Only you can still open it.', { exact: false }).waitFor();
    await ben.page.reload();
    await ben.page.getByText(/^The sender recalled this file on \d/).waitFor();
    await ben.page.getByText('See the file.').waitFor();
    assert.equal(await ben.page.getByRole('link', { name: 'Download scan.bin' }).count(), 0);
    assert.equal((await download(portal, content, cookies.ben)).status, 410);
    assert.equal((await request(portal, `/files/${id}`, { cookie: cookies.ben })).status, 410);
    await ben.page.goto('/files');
    assert.equal(await ben.page.getByText('scan.bin').count(), 0);
    assert.equal((await download(portal, content, cookies.anna)).status, 200);
    await done(anna);
    await done(ben);
  });

  test('saved by its name in any script; both sides see the fingerprint', async () => {
    const anna = await as('anna');
    const ben = await as('ben');
    for (const name of ['レントゲン 胸部.bin', 'צילום ברך.bin', 'снимок.bin', "Müller's “Knie” #1 100%.bin"]) {
      const { message } = await sendFile(name, 'application/octet-stream', `bytes of ${name}`);
      for (const { page } of [anna, ben]) {
        await page.goto(message);
        const file = page.locator('.sent-files .file');
        await file.getByText('Fingerprint').click();
        await file.getByText(sha256(Buffer.from(`bytes of ${name}`))).waitFor();
      }
      const [saved] = await Promise.all([ben.page.waitForEvent('download'), ben.page.locator('.sent-files').getByRole('link', { name: /^Download/ }).first().click()]);
      assert.equal(saved.suggestedFilename(), name);
    }
    await done(anna);
    await done(ben);
  });

  test('recalled from one of two, without JavaScript', async () => {
    const anna = await as('anna', { javaScriptEnabled: false });
    const { message, id } = await sendFile('both.bin', 'application/octet-stream', 'for two', { to: 'ben@example.org, cleo@example.org' });
    await anna.page.goto(`${message}/files/${id}/recall`);
    await anna.page.getByRole('radio', { name: 'Only these people:' }).check();
    await anna.page.getByRole('checkbox', { name: /Cleo/ }).check();
    await button(anna.page, 'Recall the file').click();
    await anna.page.getByText('1 of 2 people can still open it.', { exact: false }).waitFor();
    assert.equal((await download(portal, `/files/${id}/content`, cookies.cleo)).status, 410);
    assert.equal((await download(portal, `/files/${id}/content`, cookies.ben)).status, 200);
    await done(anna);
  });

  test('nobody else finds its page, and a guest recalls nothing', async () => {
    const { message, id } = await sendFile('private.bin', 'application/octet-stream', 'for Ben');
    assert.equal((await request(portal, `/files/${id}`, { cookie: cookies.cleo })).status, 404);
    assert.equal((await request(portal, `/files/${id}?message=${message.split('/').at(-1)}`, { cookie: cookies.cleo })).status, 404);
    assert.equal((await request(portal, `${message}/files/${id}/recall`, { cookie: cookies.ben })).status, 403);
    assert.equal((await request(portal, `${message}/files.zip`, { cookie: cookies.cleo })).status, 404);
  });

  test('files of a confidential message are named after the password', async () => {
    const ben = await as('ben');
    const { message } = await sendFile('hush.txt', 'text/plain', 'quiet', { confidential: 'yes' });
    await ben.page.goto(message);
    await ben.page.getByText('It has one file. You see it with the text.').waitFor();
    assert.equal(await ben.page.locator('.sent-files').count(), 0);
    await ben.page.getByLabel('Your password').fill(PASSWORD);
    await button(ben.page, 'Open').click();
    await ben.page.getByRole('link', { name: 'Download hush.txt' }).click();
    await ben.page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
    const [saved] = await Promise.all([ben.page.waitForEvent('download'), button(ben.page, 'Download').click()]);
    assert.equal(saved.suggestedFilename(), 'hush.txt');
    await done(ben);
  });

  test('all at once in one zip', async () => {
    const ids = [];
    for (const name of ['one.txt', 'one.txt', '三.txt'])
      ids.push(await upload(portal, cookies.anna, name, 'text/plain', Buffer.from(name)));
    const answer = await post(portal, '/compose', [['key', 'zip'], ['to', 'ben@example.org'], ['subject', 'Zipped'], ['body', 'All.'], ...ids.map(id => ['file', id])],
      { cookie: cookies.anna });
    const zip = await download(portal, `${answer.headers.location.split('?')[0]}/files.zip`, cookies.ben);
    assert.equal(zip.status, 200);
    assert.match(zip.headers['content-disposition'], /^attachment; /);
    const file = makeFile('all.zip', zip.bytes);
    const read = 'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))';
    assert.deepEqual(JSON.parse(execFileSync('python3', ['-c', read, file.path], { encoding: 'utf8' })),
      { 'one.txt': 'one.txt', 'one (2).txt': 'one.txt', '三.txt': '三.txt' });
  });
});

describe('looking at files', () => {
  const open = async (visitor, name, type, bytes) => {
    const { message } = await sendFile(name, type, bytes);
    await visitor.page.goto(message);
    await visitor.page.getByRole('link', { name, exact: true }).click();
    await visitor.page.getByRole('heading', { level: 1, name }).waitFor();
  };

  test('a picture', async () => {
    const ben = await as('ben');
    await open(ben, 'photo.png', 'image/png', makePng(40, 30));
    await waitFor('the picture', () => ben.page.locator('.preview-image').evaluate(image => image.naturalWidth === 40));
    await done(ben);
  });

  test('sound and film, in the page', async () => {
    const ben = await as('ben');
    await ben.page.goto('/inbox');
    const film = await makeFilm(ben.page);
    for (const [name, type, bytes, tag] of [['voice.wav', 'audio/wav', makeWav(), 'audio'], ['walk.webm', 'video/webm', film, 'video']]) {
      await open(ben, name, type, bytes);
      const player = ben.page.locator(`main ${tag}`);
      await waitFor('what it is', () => player.evaluate(one => one.readyState >= 1 && one.error === null));
      if (tag === 'video')
        assert.equal(await player.evaluate(one => one.videoWidth), 64);
      await player.evaluate(one => Object.assign(one, { muted: true }).play());
      await waitFor('it to play', () => player.evaluate(one => one.currentTime > 0.1));
    }
    await done(ben);
  });

  test('text, escaped', async () => {
    const ben = await as('ben');
    await open(ben, 'note.txt', 'text/plain', 'Grüße\n<script>alert(1)</script>');
    assert.equal(await ben.page.locator('.preview-text').innerText(), 'Grüße\n<script>alert(1)</script>');
    await done(ben);
  });

  test('a PDF, by pdf.js under the policy of the page: drawn, its text there, larger and smaller', async () => {
    const ben = await as('ben');
    await open(ben, 'letter.pdf', 'application/pdf', makePdf(['First page', 'Second page', 'Third page']));
    await ben.page.getByText('Pages: 3').waitFor();
    await ben.page.locator('.pdf-text').first().getByText('First page').waitFor();
    const isDrawn = (at) => ben.page.locator('.pdf-page canvas').nth(at).evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return canvas.width > 200 && data.some((value, i) => i % 4 < 3 && value < 100 && data[i - i % 4 + 3] > 200);
    });
    await waitFor('the first page to be drawn', () => isDrawn(0));
    assert.equal(await isDrawn(2), false, 'the last one is far away');
    await ben.page.locator('.pdf-page').nth(2).scrollIntoViewIfNeeded();
    await waitFor('the last page to be drawn', () => isDrawn(2));
    const width = () => ben.page.locator('.pdf-page').first().evaluate(page => page.clientWidth);
    const before = await width();
    await button(ben.page, 'Larger').click();
    assert.ok(await width() > before);
    await button(ben.page, 'Smaller').click();
    assert.equal(await width(), before);
    const { headers } = await request(portal, new URL(ben.page.url()).pathname + new URL(ben.page.url()).search, { cookie: cookies.ben });
    assert.match(headers['content-security-policy'], /script-src 'self';.*require-trusted-types-for 'script'.*trusted-types pdf-worker/);
    await done(ben);
  });

  test('a PDF of ten million pages holds nobody up', async () => {
    const ben = await as('ben');
    await open(ben, 'endless.pdf', 'application/pdf', makeEndlessPdf('Over and over', 7));
    await ben.page.locator('.pdf-text').first().getByText('Over and over').waitFor();
    assert.equal(await ben.page.locator('.pdf-page').count(), 2000);
    await ben.page.getByText('Pages: 10,000,000. The first 2,000 are shown; download it to see the others.').waitFor();
    await done(ben);
  });

  test('what calls itself a PDF and is none says so', async () => {
    const ben = await as('ben');
    await open(ben, 'broken.pdf', 'application/pdf', 'not a PDF at all');
    await ben.page.getByText('This PDF cannot be shown here. Download it to open it.').waitFor();
    ben.trouble.length = 0;
    await done(ben);
  });

  test('a picture, a sound or a film that cannot be shown says so', async () => {
    const ben = await as('ben');
    for (const [name, type] of [['broken.png', 'image/png'], ['broken.mp3', 'audio/mpeg'], ['broken.mp4', 'video/mp4']]) {
      await open(ben, name, type, 'none of these');
      await ben.page.getByText('This kind of file cannot be shown here. Download it to open it.').waitFor();
      assert.equal(await ben.page.locator('.preview').count(), 0);
    }
    await done(ben);
  });

  test('recalled while its page is open, it is shown no longer', async () => {
    const ben = await as('ben');
    const { id, message } = await sendFile('open.txt', 'text/plain', 'Still to be read.');
    await ben.page.goto(`/files/${id}?message=${message.split('/').at(-1)}`);
    await ben.page.getByText('Still to be read.').waitFor();
    await post(portal, `${message}/files/${id}/recall`, { from: 'all' }, { cookie: cookies.anna });
    await ben.page.getByRole('heading', { name: 'This file is no longer here' }).waitFor();
    await done(ben);
  });

  test('signed out meanwhile, “Download” leads to signing in, and saves nothing', async () => {
    const { message } = await sendFile('later.txt', 'text/plain', 'later');
    for (const name of ['Download later.txt', 'Download']) {
      const ben = await as('ben');
      await ben.page.goto(message);
      if (name === 'Download')
        await ben.page.getByRole('link', { name: 'later.txt', exact: true }).click();
      const link = ben.page.getByRole('link', { name, exact: true });
      await link.waitFor();
      const saved = [];
      ben.page.on('download', one => saved.push(one));
      await ben.context.clearCookies();
      await link.click();
      await ben.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      assert.deepEqual(saved, []);
      await done(ben);
    }
  });

  test('SVG and HTML are downloaded, never shown', async () => {
    const ben = await as('ben');
    for (const [name, type, bytes] of [['evil.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['evil.html', 'text/html', '<script>alert(1)</script>']]) {
      await open(ben, name, type, bytes);
      await ben.page.getByText('This kind of file cannot be shown here. Download it to open it.').waitFor();
      const content = await ben.page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href');
      const { headers } = await download(portal, content, cookies.ben);
      assert.match(headers['content-disposition'], /^attachment/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(headers['content-security-policy'], /sandbox/);
      const [saved] = await Promise.all([ben.page.waitForEvent('download'), ben.page.evaluate(href => { location.href = href; }, content)]);
      assert.equal(saved.suggestedFilename(), name);
    }
    await done(ben);
  });
});

describe('the library', () => {
  test('found by name, sent again without uploading, and where it went', async () => {
    const anna = await as('anna');
    await sendFile('Jahresbericht 2026.pdf', 'application/pdf', makePdf(['Report']));
    await anna.page.goto('/files?q=jahres');
    assert.equal(await anna.page.locator('.file-row').count(), 1);
    await anna.page.getByRole('link', { name: /Jahresbericht/ }).click();
    await anna.page.getByText('Messages with this file').waitFor();
    assert.equal(await anna.page.locator('.file-places .row').count(), 1);
    await anna.page.getByRole('link', { name: 'Write with this file' }).click();
    await attached(anna.page, 'Jahresbericht 2026.pdf');
    await peopleField(anna.page, 'To').fill('cleo@example.org');
    await anna.page.getByLabel('Subject', { exact: true }).fill('Once more');
    await anna.page.getByLabel('Message', { exact: true }).fill('The report.');
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await anna.page.goto('/files?q=jahres');
    await anna.page.getByRole('link', { name: /Jahresbericht/ }).click();
    assert.equal(await anna.page.locator('.file-places .row').count(), 2);
    await done(anna);
  });

  test('several ticked there; and from within a message, by keyboard', async () => {
    const anna = await as('anna');
    await sendFile('alpha.txt', 'text/plain', 'a');
    await sendFile('beta.txt', 'text/plain', 'b');
    await anna.page.goto('/files');
    for (const name of ['alpha.txt', 'beta.txt'])
      await anna.page.getByRole('checkbox', { name: `Select ${name}` }).first().check();
    await button(anna.page, 'Write with these files').click();
    await attached(anna.page, 'alpha.txt');
    await attached(anna.page, 'beta.txt');
    await write(anna.page, 'By keyboard');
    await button(anna.page, 'From your library').focus();
    await anna.page.keyboard.press('Enter');
    await anna.page.getByRole('dialog', { name: 'From your library' }).waitFor();
    await anna.page.keyboard.type('alph');
    const tick = anna.page.getByRole('dialog').getByRole('checkbox', { name: /alpha\.txt/ });
    await waitFor('the one file', async () => await anna.page.getByRole('dialog').getByRole('checkbox').count() === 1);
    await anna.page.keyboard.press('Tab');
    assert.ok(await tick.evaluate(one => one === document.activeElement));
    await anna.page.keyboard.press('Space');
    await anna.page.keyboard.press('Tab');
    await anna.page.keyboard.press('Enter');
    await attached(anna.page, 'alpha.txt');
    await button(anna.page, 'Send').click();
    const message = await sent(anna.page);
    assert.match((await request(portal, message, { cookie: cookies.ben })).body, /alpha\.txt/);
    await done(anna);
  });

  test('removed from the list, messages keep it', async () => {
    const ben = await as('ben');
    const { id, message } = await sendFile('tidy.txt', 'text/plain', 'tidy');
    await ben.page.goto(`/files/${id}`);
    await ben.page.getByText('Remove from my files').click();
    await button(ben.page, 'Yes, remove it').click();
    await ben.page.getByText('The file is no longer in your list.').waitFor();
    assert.equal(await ben.page.getByText('tidy.txt').count(), 0);
    await ben.page.goto(message);
    await ben.page.getByRole('link', { name: 'tidy.txt', exact: true }).click();
    await ben.page.locator('.preview-text').getByText('tidy').waitFor();
    await done(ben);
  });

  test('empty, and nothing found', async () => {
    const cleo = await as('cleo');
    await cleo.page.goto('/files?q=nothing-is-called-so');
    await cleo.page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    await done(cleo);
  });
});

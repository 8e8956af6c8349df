// Files that were sent, in the browser: who has them, looking at them, taking them back, the library (P5).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { attached, download, makeEndlessPdf, makeFile, makeFilm, makePdf, makePng, makeWav, sha256, upload } from './lib/files.mjs';
import { as, contentOf, cookies, done, portal, sendFile, sent, write } from './lib/files_scene.mjs';
import { post, request } from './lib/http.mjs';
import { PASSWORD, button, peopleField } from './lib/people.mjs';
import { waitFor } from './lib/wait.mjs';

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

  test('recalled before its page listens, it is shown no longer', async () => {
    const ben = await as('ben');
    const { id, message } = await sendFile('early.txt', 'text/plain', 'Read for a moment.');
    let listen;
    const recalled = new Promise(resolve => { listen = resolve; });
    await ben.page.route('**/api/v1/events*', async route => { await recalled; await route.continue(); });
    await ben.page.goto(`/files/${id}?message=${message.split('/').at(-1)}`);
    await ben.page.getByText('Read for a moment.').waitFor();
    await post(portal, `${message}/files/${id}/recall`, { from: 'all' }, { cookie: cookies.anna });
    listen();
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

// Sending files from the browser on lines that are slow, cut, or gone for a while (P5).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attach, attached, chooser, makeFile, row, throttle } from './lib/files.mjs';
import { MEGABYTE, arrived, as, done, isUnderWay, line, portal, progressOf, sent, write } from './lib/files_scene.mjs';

const SLOWLY = MEGABYTE / 2; // a second: a busy machine, too, leaves the page before all of it is there
import { button } from './lib/people.mjs';
import { waitFor } from './lib/wait.mjs';

// The draft is saved with its file; its address may come from a save before there was one. The file does not arrive meanwhile.
async function saveWithFile(page) {
  await throttle(page, MEGABYTE / 20);
  const saved = page.waitForResponse((answer) => answer.url().endsWith('/drafts/save') && answer.ok() && /(^|&)file=/.test(answer.request().postData() ?? ''));
  await button(page, 'Save draft').click();
  await saved;
  await waitFor('the draft', () => /draft=/.test(page.url()));
}

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
    await arrived(anna.page, 'anna', file);
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
    await arrived(anna.page, 'anna', file);
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
    await arrived(anna.page, 'anna', file);
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
    await arrived(anna.page, 'anna', file);
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
    await arrived(anna.page, 'anna', file);
    await done(anna);
  });

  test('the page is reloaded in the middle: the same file goes on where it stopped', async () => {
    const anna = await as('anna');
    const file = makeFile('reloaded.bin', 8 * MEGABYTE);
    await write(anna.page, 'Reloaded');
    await throttle(anna.page, SLOWLY);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    await saveWithFile(anna.page);
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
    await arrived(anna.page, 'anna', file);
    await done(anna);
  });

  test('a file that was changed meanwhile begins again', async () => {
    const anna = await as('anna');
    const file = makeFile('changed.bin', 6 * MEGABYTE);
    await write(anna.page, 'Changed');
    await throttle(anna.page, SLOWLY);
    await attach(anna.page, file);
    await isUnderWay(anna.page);
    await saveWithFile(anna.page);
    await anna.page.reload();
    await anna.page.getByText('To go on, choose the same file again.', { exact: false }).waitFor();
    await throttle(anna.page, 0);
    const other = makeFile('changed.bin', 6 * MEGABYTE);
    await attach(anna.page, other);
    await attached(anna.page, 'changed.bin');
    await button(anna.page, 'Send').click();
    await sent(anna.page);
    await arrived(anna.page, 'anna', other);
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
      await arrived(page, 'anna', files[i]);
    }
    await done(anna);
  });
});

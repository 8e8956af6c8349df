// Drafts (P4): saved as one writes, resumed elsewhere, never overwritten unseen, gone once sent.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { button, compose, peopleField, register, signIn, signOut } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { SmtpServer } from './lib/post_office.mjs';
import { waitFor } from './lib/wait.mjs';

const CHANGED = 'This draft was changed in another window.';

describe('drafts', () => {
  let browser;
  let portal;
  let post;
  let anna;

  before(async () => {
    browser = await launch();
    post = await SmtpServer.start();
    portal = await Portal.start({ mail: post.url });
    anna = await visit(browser, portal);
    await register(anna.page, portal.link, 'Anna Berg');
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
    await post?.stop();
  });
  afterEach(() => assert.deepEqual(anna.trouble, []));

  const state = (page) => page.locator('#draft-state');
  const body = (page) => page.getByLabel('Message', { exact: true });
  const rows = async (page) => {
    await page.goto('/drafts');
    await page.getByRole('heading', { level: 1, name: 'Drafts' }).waitFor();
    return page.locator('.row-subject').allInnerTexts();
  };
  const open = async (page, subject) => {
    await page.goto('/drafts');
    await page.getByRole('link', { name: subject }).click();
    await page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
  };
  const isSaved = (page) => state(page).getByText(/^Saved \d/).waitFor();

  test('what is written is saved by itself, and is there again after reloading', async () => {
    await compose(anna.page, { to: 'ben@example.org', subject: 'Tides', body: 'High water at' });
    assert.equal(await state(anna.page).innerText(), '');
    await isSaved(anna.page);
    assert.match(new URL(anna.page.url()).search, /^\?draft=[0-9A-Z]{26}$/);
    await anna.page.reload();
    assert.equal(await body(anna.page).inputValue(), 'High water at');
    assert.deepEqual(await anna.page.locator('.chip > span').allInnerTexts(), ['ben@example.org']);
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
  });

  test('leaving at once loses nothing, asks nothing, and makes no second draft', async () => {
    let questions = 0;
    anna.page.on('dialog', () => { questions++; });
    await body(anna.page).fill('High water at seven.');
    await anna.page.getByRole('link', { name: /^Inbox/ }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await waitFor('one draft', async () => (await rows(anna.page)).length === 1);
    await open(anna.page, 'Tides');
    assert.equal(await body(anna.page).inputValue(), 'High water at seven.');
    await compose(anna.page, { to: '', subject: 'Winds', body: 'From the west' });
    await anna.page.getByRole('link', { name: /^Inbox/ }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    await body(anna.page).fill('From the west, four.');
    await isSaved(anna.page);
    assert.deepEqual(await rows(anna.page), ['Winds', 'Tides']);
    assert.equal(questions, 0);
  });

  test('signing out saves what was typed just before', async () => {
    await open(anna.page, 'Winds');
    await body(anna.page).fill('From the west, five.');
    await signOut(anna.page);
    await signIn(anna.page, 'anna@example.com');
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await open(anna.page, 'Winds');
    assert.equal(await body(anna.page).inputValue(), 'From the west, five.');
  });

  test('another device goes on with it, and what is open here does not overwrite that', async () => {
    const device = await visit(browser, portal);
    await signIn(device.page, 'anna@example.com');
    await device.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await open(device.page, 'Winds');
    await body(device.page).fill('From the north.');
    await isSaved(device.page);
    await body(anna.page).fill('From the south.');
    await state(anna.page).getByText(CHANGED).waitFor();
    await open(device.page, 'Winds');
    assert.equal(await body(device.page).inputValue(), 'From the north.');

    // Sending it here is refused, too, and keeps both texts.
    await anna.page.getByLabel('Subject', { exact: true }).fill('Winds here');
    await anna.page.waitForTimeout(3000);
    assert.deepEqual(await rows(device.page), ['Winds', 'Tides']);
    await button(anna.page, 'Save draft').click();
    await isSaved(anna.page);
    assert.deepEqual(await rows(device.page), ['Winds here', 'Tides']);
    assert.deepEqual(device.trouble, []);
    await device.context.close();
  });

  test('of two windows, the one that sends an older text is told, and the newer stays', async () => {
    const other = await anna.context.newPage();
    await open(anna.page, 'Winds here');
    await open(other, 'Winds here');
    await body(other).fill('From the east.');
    await isSaved(other);
    await peopleField(anna.page, 'To').fill('ben@example.org,');
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByRole('alert').getByText(CHANGED).waitFor();
    assert.deepEqual(post.all(), []);
    await anna.page.getByRole('link', { name: 'Open the other one' }).click();
    await waitFor('the other text', async () => await body(anna.page).inputValue() === 'From the east.');
    await other.close();
  });

  test('sending takes the draft away, once', async () => {
    await peopleField(anna.page, 'To').fill('ben@example.org,');
    await body(anna.page).fill('From the east, at last.');
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByText('Your message is sent').waitFor();
    await anna.page.getByText('From the east, at last.').waitFor();
    await anna.page.waitForTimeout(2500);
    assert.deepEqual(await rows(anna.page), ['Tides']);
    await anna.page.goBack();
    await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    assert.equal(await body(anna.page).inputValue(), '');
  });

  test('an answer begun below a message is there again, on another device too', async () => {
    const answer = (page) => page.getByLabel('Your answer', { exact: true });
    const openMessage = async (page) => {
      await page.goto('/sent');
      await page.getByRole('link', { name: /Winds here/ }).click();
      await page.locator('#reply').waitFor();
    };
    await openMessage(anna.page);
    await answer(anna.page).fill('And tomorrow?');
    await anna.page.getByRole('link', { name: /^Inbox/ }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await waitFor('two drafts', async () => (await rows(anna.page)).length === 2);
    const device = await visit(browser, portal);
    await signIn(device.page, 'anna@example.com');
    await device.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await openMessage(device.page);
    assert.equal(await answer(device.page).inputValue(), 'And tomorrow?');
    await answer(device.page).fill('And the day after?');
    await isSaved(device.page);
    await device.page.locator('#reply').getByRole('button', { name: 'Send' }).click();
    await device.page.getByText('And the day after?').waitFor();
    assert.deepEqual(await rows(device.page), ['Tides']);
    assert.deepEqual(device.trouble, []);
    await device.context.close();
  });

  test('a draft is deleted from the list', async () => {
    await anna.page.goto('/drafts');
    await button(anna.page, 'Delete draft: Tides').click();
    await anna.page.getByText('The draft is deleted.').waitFor();
    await anna.page.getByRole('heading', { name: 'No drafts' }).waitFor();
  });

  test('without JavaScript, the button saves, the list opens, sending removes', async () => {
    const plain = await visit(browser, portal, { javaScriptEnabled: false });
    await signIn(plain.page, 'anna@example.com');
    await compose(plain.page, { to: 'ben@example.org', subject: 'By hand', body: 'Half a' });
    await button(plain.page, 'Save draft').click();
    await plain.page.getByText('Your draft is saved.').waitFor();
    assert.deepEqual(await rows(plain.page), ['By hand']);
    await open(plain.page, 'By hand');
    assert.equal(await body(plain.page).inputValue(), 'Half a');
    await body(plain.page).fill('Half a letter, whole.');
    await button(plain.page, 'Send').click();
    await plain.page.getByText('Your message is sent').waitFor();
    assert.deepEqual(await rows(plain.page), []);
    await plain.context.close();
  });
});

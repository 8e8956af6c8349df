// What happens while a page is open (P4.3): new mail, what became of what was sent, one's own other windows.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { button, PASSWORD } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';

let browser;
let portal;
let annaCookie;
let benCookie;
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  annaCookie = await registerByHttp(portal, portal.link, 'Anna Berg');
  await sendByHttp(portal, annaCookie, { to: 'ben@example.org', subject: 'Welcome', body: 'Hello.' }, { 'ben@example.org': 'guest' });
  benCookie = await registerByHttp(portal, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

let round = 0;
let subject;
beforeEach(() => { subject = `News of round ${++round}`; });

// Somebody at a page that listens already.
async function at(path, cookie, options) {
  const visitor = await visit(browser, portal, options);
  const mark = cookie.indexOf('=');
  await visitor.context.addCookies([{ name: cookie.slice(0, mark), value: cookie.slice(mark + 1), url: portal.url }]);
  await go(visitor.page, path);
  return visitor;
}

async function go(page, path) {
  const listening = page.waitForResponse((response) => response.url().includes('/api/v1/events'));
  await page.goto(path);
  await listening;
}

const mail = (from, to, text = subject) => sendByHttp(portal, from, { to, subject: text, body: 'Text.' });
const link = (page, text) => page.getByRole('link', { name: text });
const done = async (...visitors) => {
  for (const { trouble, context } of visitors) {
    assert.deepEqual(trouble, []);
    await context.close();
  }
};

describe('live', () => {
  test('new mail appears at the top, and nothing that somebody is doing is disturbed', async () => {
    await mail(benCookie, 'anna@example.com', 'Older');
    const anna = await at('/inbox', annaCookie);
    const { page } = anna;
    const before = await page.locator('.row').count();
    await page.getByRole('checkbox', { name: 'Select Older', exact: true }).first().check();
    await link(page, 'Older').first().focus();
    await mail(benCookie, 'anna@example.com');
    await link(page, subject).waitFor();
    assert.match(await page.locator('.row').first().innerText(), new RegExp(subject));
    assert.equal(await page.locator('.row').count(), before + 1);
    assert.equal(await page.getByRole('checkbox', { name: 'Select Older', exact: true }).first().isChecked(), true, 'the tick stays');
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Older/, 'the focus stays');
    await page.getByRole('status').filter({ hasText: 'There is new mail in your Inbox.' }).waitFor({ state: 'attached' });
    assert.equal(new URL(page.url()).pathname, '/inbox');
    // The new one is one of all.
    await page.locator('[data-all] input').check();
    assert.equal(await page.getByRole('checkbox', { name: `Select ${subject}`, exact: true }).isChecked(), true);
    await done(anna);
  });

  test('an Inbox that was empty gets its first row, and the number in the navigation', async () => {
    await sendByHttp(portal, annaCookie, { to: 'eva@example.org', subject: 'Hello', body: 'Hello.' }, { 'eva@example.org': 'guest' });
    const evaCookie = await registerByHttp(portal, await portal.post.link('register', 'eva@example.org'), 'Eva Dorn');
    const eva = await at('/inbox', evaCookie);
    const { page } = eva;
    await page.getByRole('checkbox').first().check();
    await button(page, 'Archive').click();
    await page.locator('.empty').waitFor();
    await go(page, '/inbox');
    assert.equal(await page.locator('.nav .badge').count(), 0);
    await mail(annaCookie, 'eva@example.org');
    await link(page, subject).waitFor();
    assert.equal(await page.locator('.nav .badge').innerText(), '1');
    await page.getByRole('checkbox').first().check();
    assert.equal(await page.locator('[data-all]').isVisible(), true, 'the list works like any other');
    await done(eva);
  });

  test('the sender sees who has just opened it; looking is not opening', async () => {
    const sent = await at('/compose', annaCookie);
    await mail(annaCookie, 'ben@example.org');
    await go(sent.page, '/sent');
    const path = await link(sent.page, subject).getAttribute('href');
    await go(sent.page, path);
    await sent.page.locator('.delivery').first().waitFor();
    const ben = await at('/inbox', benCookie);
    await link(ben.page, subject).waitFor();
    assert.equal(await sent.page.locator('.person-state.is-good').count(), 0);
    await link(ben.page, subject).click();
    await sent.page.locator('.person-state.is-good').waitFor({ state: 'attached' });
    await done(sent, ben);
  });

  test('what one window does, the other shows; one of them listens for both', async () => {
    await mail(benCookie, 'anna@example.com');
    const anna = await at('/inbox', annaCookie);
    const other = await anna.context.newPage();
    await other.goto('/inbox');
    await other.getByRole('checkbox', { name: `Select ${subject}`, exact: true }).check();
    await button(other, 'Archive').click();
    await link(anna.page, subject).waitFor({ state: 'detached' });
    await done(anna);
  });

  test('an answer that comes while one reads is offered, not opened', async () => {
    await mail(annaCookie, 'ben@example.org');
    const ben = await at('/inbox', benCookie);
    await link(ben.page, subject).click();
    await ben.page.getByLabel('Your answer', { exact: true }).fill('I am just writing');
    const benPath = new URL(ben.page.url()).pathname;
    const answer = await request(portal, benPath, { cookie: benCookie });
    assert.equal(answer.status, 200);
    const anna = await at('/sent', annaCookie);
    await link(anna.page, subject).click();
    await anna.page.locator('textarea[name=body]').fill('One more thing.');
    await anna.page.locator('.reply button[data-send-now]').click();
    await ben.page.getByText('Somebody has just written in this conversation.').waitFor();
    assert.equal(await ben.page.getByLabel('Your answer', { exact: true }).inputValue(), 'I am just writing');
    assert.equal(await ben.page.getByText('One more thing.').count(), 0);
    await done(ben, anna);
  });

  test('an open message goes blank the moment it is recalled', async () => {
    const type = { 'Content-Type': 'application/json' };
    const signedIn = await request(portal, '/api/v1/session', { method: 'POST', headers: type, body: JSON.stringify({ email: 'anna@example.com', password: PASSWORD }) });
    const anna = { ...type, Authorization: `Bearer ${JSON.parse(signedIn.body).token}` };
    const sent = await request(portal, '/api/v1/messages', { method: 'POST', headers: anna, body: JSON.stringify({ to: ['ben@example.org'], subject, body: 'A secret that was meant for somebody else.' }) });
    const { id } = JSON.parse(sent.body);
    const ben = await at('/inbox', benCookie);
    await go(ben.page, `/message/${id}`);
    await ben.page.getByText('A secret that was meant').waitFor();
    await ben.page.locator('textarea[name=body]').fill('I am just writing');
    const recall = await request(portal, `/api/v1/messages/${id}/recall`, { method: 'POST', headers: anna, body: JSON.stringify({ reason: 'Wrong person.' }) });
    assert.equal(recall.status, 200);
    await ben.page.getByText('A secret that was meant').waitFor({ state: 'detached' });
    await ben.page.getByRole('status').filter({ hasText: 'This message has just been recalled.' }).waitFor({ state: 'attached' });
    assert.equal(await ben.page.locator('textarea[name=body]').inputValue(), 'I am just writing');
    await done(ben);
  });

  test('only the portal\'s own pages listen with a cookie; a stranger to nothing', async () => {
    for (const [headers, cookie] of [[{ 'Sec-Fetch-Site': 'cross-site' }, annaCookie], [{}, annaCookie], [{ 'Sec-Fetch-Site': 'same-origin' }, undefined]]) {
      const answer = await request(portal, '/api/v1/events', { headers, cookie });
      assert.equal(answer.status, 401);
      assert.match(answer.headers['content-type'], /problem\+json/);
    }
  });

  test('signing out elsewhere ends it', async () => {
    const anna = await at('/inbox', annaCookie);
    const second = await anna.context.newPage();
    await second.goto('/inbox');
    const ended = anna.page.waitForEvent('requestfinished', (one) => one.url().includes('/api/v1/events'));
    await button(second, 'Sign out').click();
    await ended;
    // And what stood on the screen is gone.
    await anna.page.waitForURL(/sign-in/);
    annaCookie = undefined;
    await anna.context.close();
  });
});

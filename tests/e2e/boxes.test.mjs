// Inbox, Archive, Trash: moving, undoing, read and unread, deleting for ever; by mouse, by keyboard and without JavaScript (P4.1).
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, sendByHttp } from './lib/http.mjs';
import { button, signIn } from './lib/people.mjs';
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
let subjects;
// Three new messages, the newest last.
beforeEach(async () => {
  round++;
  subjects = ['One', 'Two', 'Three'].map((name) => `${name} of round ${round}`);
  for (const subject of subjects)
    await sendByHttp(portal, benCookie, { to: 'anna@example.com', subject, body: 'Text.' });
});

async function anna(options) {
  const visitor = await visit(browser, portal, options);
  const at = annaCookie.indexOf('=');
  await visitor.context.addCookies([{ name: annaCookie.slice(0, at), value: annaCookie.slice(at + 1), url: portal.url }]);
  await visitor.page.goto('/inbox');
  return visitor;
}

const link = (page, subject) => page.getByRole('link', { name: subject });
const tick = (page, subject) => page.getByRole('checkbox', { name: `Select ${subject}`, exact: true });
const isListed = async (page, path, subject) => {
  await page.goto(path);
  return await link(page, subject).count() === 1;
};
const done = ({ trouble, context }) => {
  assert.deepEqual(trouble, []);
  return context.close();
};

for (const javaScriptEnabled of [true, false]) {
  describe(`with${javaScriptEnabled ? '' : 'out'} JavaScript`, () => {
    test('several are deleted at once, and that is undone', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      assert.equal(await button(page, 'Delete').isVisible(), false, 'the buttons come with the first tick');
      await tick(page, subjects[0]).check();
      await tick(page, subjects[2]).check();
      await button(page, 'Delete').click();
      await page.getByText('Moved to Trash.').waitFor();
      assert.equal(await link(page, subjects[0]).count(), 0);
      assert.equal(await link(page, subjects[1]).count(), 1);
      await button(page, 'Undo').click();
      await page.getByText('Undone').waitFor();
      for (const subject of subjects)
        assert.equal(await link(page, subject).count(), 1);
      await done(visitor);
    });

    test('a message is archived, found there and moved back', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      await link(page, subjects[1]).click();
      await button(page, 'Archive').click();
      await page.getByText('Moved to Archive.').waitFor();
      assert.equal(await link(page, subjects[1]).count(), 0);
      await page.getByRole('navigation', { name: 'Boxes' }).getByRole('link', { name: 'Archive' }).click();
      await link(page, subjects[1]).click();
      assert.ok(await page.getByRole('link', { name: 'Back to Archive' }).isVisible());
      await button(page, 'Move to Inbox').click();
      await page.getByText('Moved back.').waitFor();
      assert.ok(await isListed(page, '/inbox', subjects[1]));
      await done(visitor);
    });

    test('one that was read is marked as unread', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      const row = page.getByRole('listitem').filter({ hasText: subjects[0] });
      assert.match(await row.innerText(), /Unread/);
      await link(page, subjects[0]).click();
      await page.goto('/inbox');
      assert.doesNotMatch(await row.innerText(), /Unread/);
      await link(page, subjects[0]).click();
      await button(page, 'Mark as unread').click();
      await page.getByText('Marked as unread.').waitFor();
      assert.match(await row.innerText(), /Unread/);
      await tick(page, subjects[0]).check();
      await button(page, 'Mark as read').click();
      await page.getByText('Marked as read.').waitFor();
      assert.doesNotMatch(await row.innerText(), /Unread/);
      await done(visitor);
    });

    test('deleting for ever asks first', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      await link(page, subjects[2]).click();
      const address = page.url();
      await button(page, 'Delete').click();
      await page.getByText('Moved to Trash.').waitFor();
      await page.goto('/trash');
      assert.ok(await page.getByText('After 30 days here, messages are deleted for ever.').isVisible());
      await link(page, subjects[2]).click();
      const really = button(page, 'Yes, delete for ever');
      assert.equal(await really.isVisible(), false);
      await page.getByText('Delete for ever', { exact: true }).click();
      await really.click();
      await page.getByText('Deleted for ever.').waitFor();
      assert.equal((await page.goto(address)).status(), 404);
      assert.equal(await isListed(page, '/trash', subjects[2]), false);
      const check = await portal.command('check');
      assert.equal(check.code, 0, check.stdout + check.stderr);
      await done(visitor);
    });
  });
}

test('one tick chooses all of the list', async () => {
  const visitor = await anna();
  const { page } = visitor;
  const ticks = page.getByRole('checkbox', { name: /^Select/ });
  await tick(page, subjects[0]).check();
  const all = page.getByRole('checkbox', { name: 'All', exact: true });
  assert.ok(await all.evaluate((box) => box.indeterminate));
  await all.check();
  assert.equal(await ticks.evaluateAll((boxes) => boxes.filter((box) => !box.checked).length), 0);
  await button(page, 'Archive').click();
  await page.getByText('Moved to Archive.').waitFor();
  assert.equal(await ticks.count(), 0);
  await button(page, 'Undo').click();
  await page.getByText('Undone').waitFor();
  assert.ok(await ticks.count() >= 3);
  await done(visitor);
});

describe('the keyboard', () => {
  test('goes through the list, archives, deletes, marks, opens', async () => {
    const visitor = await anna();
    const { page } = visitor;
    const { keyboard } = page;
    const focused = () => page.evaluate(() => document.activeElement.closest('.row')?.querySelector('.row-subject').innerText);
    const [one, two, three] = subjects;
    await keyboard.press('e'); // nothing has the focus: nothing happens
    await keyboard.press('j');
    assert.equal(await focused(), three);
    await keyboard.press('j');
    assert.equal(await focused(), two);
    await keyboard.press('k');
    await keyboard.press('k');
    assert.equal(await focused(), three);
    await keyboard.press('e');
    await page.getByText('Moved to Archive.').waitFor();
    assert.equal(await link(page, three).count(), 0);
    assert.equal(await focused(), two, 'one goes on where one was');
    await keyboard.press('x');
    await keyboard.press('j');
    await keyboard.press('x');
    await keyboard.press('#');
    await page.getByText('Moved to Trash.').waitFor();
    assert.equal(await link(page, one).count() + await link(page, two).count(), 0);
    await button(page, 'Undo').click();
    await page.getByText('Undone').waitFor();
    await keyboard.press('j');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: two }).waitFor();
    await keyboard.press('r');
    await keyboard.type('e, # and u are letters here');
    assert.equal(await page.getByLabel('Your answer', { exact: true }).inputValue(), 'e, # and u are letters here');
    await page.getByLabel('Your answer', { exact: true }).fill('');
    await page.getByRole('heading', { level: 1, name: two }).click();
    await keyboard.press('u');
    await page.getByText('Marked as unread.').waitFor();
    await keyboard.press('c');
    await page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    await done(visitor);
  });

  test('answers all by a, and the sender alone by r', async () => {
    const subject = `To several in round ${round}`;
    await sendByHttp(portal, annaCookie, { to: 'carl@example.com', subject: 'Welcome', body: 'Hello.' }, { 'carl@example.com': 'professional' });
    await sendByHttp(portal, benCookie, { to: 'anna@example.com, carl@example.com', subject, body: 'Text.' });
    const visitor = await anna();
    const { page } = visitor;
    const all = page.locator('#all-yes');
    const sender = page.locator('#all-no');
    const focused = () => page.evaluate(() => document.activeElement.id);
    await page.reload();
    await link(page, subject).click();
    await sender.waitFor();
    for (const [key, chosen] of [['a', all], ['r', sender], ['a', all]]) {
      await page.getByRole('heading', { level: 1 }).click();
      await page.keyboard.press(key);
      assert.equal(await chosen.isChecked(), true, key);
      assert.equal(await focused(), 'body');
      await page.getByLabel('Your answer', { exact: true }).blur();
    }
    await done(visitor);
  });

  test('shows its list by ?, and can be switched off there (WCAG 2.1.4)', async () => {
    const visitor = await anna();
    const { page } = visitor;
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.keyboard.press('?');
    await dialog.waitFor();
    await page.getByLabel('Use these shortcuts').uncheck();
    await button(page, 'Close').click();
    await dialog.waitFor({ state: 'hidden' });
    await page.reload();
    await page.keyboard.press('?');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    assert.equal(await dialog.isVisible(), false);
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
    await button(page, 'Keyboard shortcuts').click();
    await page.getByLabel('Use these shortcuts').check();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('j');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'row-link');
    await done(visitor);
  });
});

test("somebody else's message does not exist", async () => {
  const visitor = await anna();
  const { page, context } = visitor;
  await link(page, subjects[0]).click();
  const address = page.url();
  const other = await visit(browser, portal);
  await sendByHttp(portal, annaCookie, { to: 'carl@example.org', subject: 'Hello', body: 'Text.' }, { 'carl@example.org': 'guest' });
  await registerByHttp(portal, await portal.post.link('register', 'carl@example.org'), 'Carl');
  await signIn(other.page, 'carl@example.org');
  await other.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await tick(other.page, 'Hello').evaluate((box, id) => { box.value = id; box.checked = true; }, address.split('/').at(-1).split('?')[0]);
  await button(other.page, 'Archive').click();
  await other.page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
  assert.ok(await isListed(page, '/inbox', subjects[0]));
  await other.context.close();
  await context.close();
});

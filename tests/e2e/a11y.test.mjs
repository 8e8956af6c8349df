// For everybody: axe finds nothing, nothing scrolls sideways, it works without JavaScript and with the keyboard alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertFits, axeFindings } from './lib/axe.mjs';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp } from './lib/http.mjs';
import { PASSWORD, button, openFromInbox, register, reply, sendAndInvite, signIn } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { tour } from './lib/tour.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('every page, in light and dark, on a phone and on a desk', async (t) => {
  let count = 0;
  await tour(browser, ({ name, page, trouble }) => t.test(name, async () => {
    count++;
    assert.deepEqual(trouble.splice(0), []);
    // In the dark only colours are others, and they are the same at every width.
    for (const [width, colorScheme, rules] of [[390, 'light', {}], [1280, 'light', {}], [1280, 'dark', { runOnly: ['color-contrast', 'link-in-text-block'] }]]) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await axeFindings(page, rules), [], `${width} px, ${colorScheme}`);
    }
    await assertFits(page, [320, 390, 1280]);
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, 'one main heading');
    assert.match(await page.title(), /\S+ · \S+/);
    assert.ok(await page.locator('html').getAttribute('lang'));
    trouble.length = 0;
  }));
  assert.ok(count > 25, `${count} pages`);
});

test('axe would find something', async () => {
  const page = await browser.newPage();
  await page.setContent('<p>A page without a title<img src="data:,"><span style="color: #aaa">and hardly to be read</span>');
  const findings = await axeFindings(page);
  for (const rule of ['document-title', 'image-alt', 'color-contrast'])
    assert.ok(findings.some((finding) => finding.startsWith(`${rule}:`)), rule);
  await page.close();
});

test('the whole story without JavaScript', async () => {
  const portal = await Portal.start();
  const options = { javaScriptEnabled: false };
  const anna = await visit(browser, portal, options);
  const ben = await visit(browser, portal, options);
  await register(anna.page, portal.link, 'Anna Berg');
  await sendAndInvite(anna.page, { to: 'ben@example.org', cc: '', subject: 'Plainly', body: 'No script was needed.' }, { hasScript: false });
  const code = await register(ben.page, await portal.post.link('register', 'ben@example.org'), 'Ben Carter');
  assert.ok(code);
  assert.ok(await ben.page.getByText('No script was needed.').isVisible());
  assert.ok(await ben.page.getByText('Your recovery code is shown only now.').isVisible());
  await ben.page.getByLabel('I have kept my recovery code').check();
  assert.equal(await ben.page.getByText('Your recovery code is shown only now.').isVisible(), false);
  await reply(ben.page, 'Nor for the answer.');
  await anna.page.goto('/compose');
  await anna.page.getByLabel('Subject', { exact: true }).press('Enter');
  assert.equal(await anna.page.getByRole('alert').count(), 0, 'Enter in a line does not send');
  await openFromInbox(anna.page, 'Plainly');
  assert.ok(await anna.page.getByText('Nor for the answer.').isVisible());
  await anna.page.goto('/account');
  await anna.page.getByLabel('Your name', { exact: true }).fill('Anna B.');
  await button(anna.page, 'Save name').click();
  await anna.page.getByText('Saved.').waitFor();
  await button(anna.page, 'Sign out').last().click();
  await signIn(anna.page, 'anna@example.com');
  await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  assert.deepEqual([...anna.trouble, ...ben.trouble], []);
  await anna.context.close();
  await ben.context.close();
  await portal.stop();
});

// Presses Tab until what has the focus is called `name`.
async function tabTo(page, name) {
  const seen = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const one = document.activeElement;
      return (one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText ?? '').trim();
    });
    if (label.replace(/\s+/g, ' ').startsWith(name)) {
      const isShown = await page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
        const within = getComputedStyle(document.activeElement.closest('.chips') ?? document.activeElement);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || within.outlineStyle !== 'none' || within.boxShadow !== 'none';
      });
      assert.ok(isShown, `one sees that “${name}” has the focus`);
      return;
    }
    seen.push(label.slice(0, 20));
  }
  assert.fail(`“${name}” is not reached by Tab, only ${seen.join(', ')}`);
}

describe('with the keyboard alone', () => {
  test('signing in, writing, inviting, sending', async () => {
    const portal = await Portal.start();
    await registerByHttp(portal, portal.link, 'Anna Berg');
    const anna = await visit(browser, portal);
    const { keyboard } = anna.page;
    await anna.page.goto('/sign-in');
    await anna.page.getByRole('heading', { name: 'Sign in' }).click();
    await tabTo(anna.page, 'E-mail address');
    await keyboard.type('anna@example.com');
    await tabTo(anna.page, 'Password');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    await keyboard.press('Tab');
    assert.equal(await anna.page.evaluate(() => document.activeElement.innerText), 'Skip to the content');
    await tabTo(anna.page, 'Write');
    await keyboard.press('Enter');
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    await tabTo(anna.page, 'To');
    await keyboard.type('ben@example.org');
    await tabTo(anna.page, 'Subject');
    await keyboard.type('By keyboard');
    await tabTo(anna.page, 'Message');
    await keyboard.type('Typed with patience.');
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    await tabTo(anna.page, 'Guest');
    await keyboard.press('ArrowDown');
    await tabTo(anna.page, 'Send and invite');
    await keyboard.press('Enter');
    await anna.page.getByText('Your message is sent, and one person is invited.').waitFor();
    assert.match((await portal.command('user', 'list')).stdout, /ben@example\.org.*professional|professional.*ben@example\.org/);
    assert.deepEqual(anna.trouble, []);
    await anna.context.close();
    await portal.stop();
  });
});

// Options of messages (P4.2): set, inherited, kept to, explained; forwards, confidential messages, expiry.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { PASSWORD, button, compose, openFromInbox, peopleField, register, reply, signIn } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';
import { SmtpServer } from './lib/post_office.mjs';

const TWO_DAYS_S = 2 * 24 * 3600;

describe('options', () => {
  let browser;
  let portal;
  let post;
  let anna;
  let ben;

  before(async () => {
    browser = await launch();
    post = await SmtpServer.start();
    portal = await Portal.start({ mail: post.url });
    anna = await visit(browser, portal);
    ben = await visit(browser, portal);
    await register(anna.page, portal.link, 'Anna Berg');
    await compose(anna.page, { to: 'ben@example.org', subject: 'Welcome', body: 'Please register.' });
    await anna.page.getByRole('radio', { name: 'Guest' }).check();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByText('one person is invited').waitFor();
    await register(ben.page, await post.link('register', 'ben@example.org'), 'Ben Carter');
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
    await post?.stop();
  });
  afterEach(() => assert.deepEqual([...anna.trouble, ...ben.trouble], []));

  const send = async (page, subject, { options = [], expires, to = 'ben@example.org' } = {}) => {
    await compose(page, { to, subject, body: 'The **secret** of the day' });
    await page.getByText('Options', { exact: true }).click();
    for (const option of options)
      await page.getByRole('checkbox', { name: option, exact: true }).check();
    if (expires)
      await page.getByLabel('Expires after').fill(expires);
    await button(page, 'Send').click();
    await page.getByText('Your message is sent').waitFor();
  };
  const day = (ahead) => new Date(Date.now() + ahead * 24 * 3600e3).toISOString().slice(0, 10);

  test('what the sender does not want cannot be pressed, and says why', async () => {
    await send(anna.page, 'Strict', { options: ['No forwarding', 'No answers'] });
    await openFromInbox(ben.page, 'Strict');
    const forward = button(ben.page, 'Forward');
    assert.ok(await forward.isDisabled());
    await ben.page.getByText('The sender has not allowed this message to be forwarded.').waitFor();
    assert.ok(await button(ben.page, 'Send answer').isDisabled());
    await ben.page.getByText('The sender has asked for no answers to this message.').waitFor();
    assert.deepEqual(await ben.page.locator('.message').last().locator('.terms > li').allInnerTexts(), ['No forwarding', 'No answers']);
    const here = ben.page.url();
    await ben.page.keyboard.press('f');
    assert.equal(ben.page.url(), here);
  });

  test('an answer inherits them', async () => {
    await send(anna.page, 'Inherited', { options: ['No forwarding'], expires: day(30) });
    await openFromInbox(ben.page, 'Inherited');
    await ben.page.getByText(/^Your answer keeps the options of the message: No forwarding, Expires/).waitFor();
    await reply(ben.page, 'Thank you.');
    await anna.page.goto('/inbox');
    await anna.page.getByRole('link', { name: 'Re: Inherited' }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Inherited' }).waitFor();
    assert.match((await anna.page.locator('.message').last().locator('.terms > li').allInnerTexts()).join(), /^No forwarding,Expires /);
    await anna.page.getByText('The sender has not allowed this message to be forwarded.').waitFor();
  });

  test('a past date and one without sense are told where they stand', async () => {
    await compose(anna.page, { to: 'ben@example.org', subject: 'Past', body: 'x' });
    await anna.page.getByText('Options', { exact: true }).click();
    await anna.page.getByLabel('Expires after').fill('2020-02-02');
    await button(anna.page, 'Send').click();
    await anna.page.getByRole('alert').getByText('That date has passed.').waitFor();
    assert.equal(await anna.page.getByLabel('Expires after').inputValue(), '2020-02-02');
  });

  test('a forward to a new address invites, and shows what it forwards', async () => {
    await send(anna.page, 'Travels', { expires: day(1) });
    await anna.page.keyboard.press('f');
    await anna.page.getByRole('heading', { level: 1, name: 'Forward a message' }).waitFor();
    assert.equal(await anna.page.getByLabel('Subject', { exact: true }).inputValue(), 'Fwd: Travels');
    await anna.page.getByText('Forwarded with it: Travels').waitFor();
    await peopleField(anna.page, 'To').fill('nora@example.net');
    await anna.page.getByLabel('Your words (may be left out)').fill('Look at this.');
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByText('Your message is sent, and one person is invited.').waitFor();
    const nora = await visit(browser, portal);
    await register(nora.page, await post.link('register', 'nora@example.net'), 'Nora');
    await openFromInbox(nora.page, 'Fwd: Travels');
    const quoted = nora.page.locator('.quoted');
    await quoted.getByText('Forwarded message from Anna Berg').waitFor();
    assert.equal(await quoted.locator('strong').innerText(), 'secret');
    assert.deepEqual(nora.trouble, []);
    await nora.context.close();
  });

  test('a guest forwards to the staff only', async () => {
    await openFromInbox(ben.page, 'Travels');
    await ben.page.getByRole('link', { name: 'Forward', exact: true }).click();
    await peopleField(ben.page, 'To').fill('stranger@example.net');
    await button(ben.page, 'Send').click();
    await ben.page.getByRole('alert').getByText('As a guest you can write to the staff').waitFor();
    await ben.page.getByText('Forwarded with it: Travels').waitFor();
  });

  test('a confidential message asks for the password at each opening', async () => {
    await send(anna.page, 'Hush', { options: ['Confidential'] });
    for (let i = 0; i < 2; i++) {
      await openFromInbox(ben.page, 'Hush');
      assert.equal(await ben.page.getByText('secret').count(), 0);
      await ben.page.getByLabel('Your password').fill('not this one');
      await button(ben.page, 'Open').click();
      await ben.page.getByText('That is not your password.').waitFor();
      await ben.page.getByLabel('Your password').fill(PASSWORD);
      await button(ben.page, 'Open').click();
      await ben.page.locator('.body strong', { hasText: 'secret' }).waitFor();
    }
  });

  test('after its date a message is its subject and a notice', async () => {
    await portal.restart(TWO_DAYS_S);
    await signIn(ben.page, 'ben@example.org');
    await openFromInbox(ben.page, 'Travels');
    await ben.page.getByText(/^This message expired on .* Its text is gone\.$/).waitFor();
    assert.equal(await ben.page.getByText('secret').count(), 0);
    assert.ok(await button(ben.page, 'Forward').isDisabled());
    await signIn(anna.page, 'anna@example.com');
    await anna.page.goto('/sent');
    await anna.page.getByRole('link', { name: /Travels/ }).first().waitFor();
  });
});

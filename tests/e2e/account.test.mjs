// Signing in and out, forgotten passwords in both custodies, and the account page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { PASSWORD, button, openFromInbox, register, sendAndInvite, signIn, signOut } from './lib/people.mjs';
import { Portal, STORES } from './lib/portal.mjs';

const SECOND_PASSWORD = 'marmalade on the piano';
const THIRD_PASSWORD = 'seven herons leave the bay';
const BEN = 'ben@example.org';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function isSignedIn(page) {
  await page.goto('/inbox');
  return page.getByRole('heading', { level: 1, name: 'Inbox' }).isVisible();
}

async function askForReset(page, portal, address, seen) {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'I can’t sign in' }).click();
  await page.getByLabel('E-mail address', { exact: true }).fill(address);
  await button(page, 'Send me the link').click();
  await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  return portal.post.link('reset', address, seen);
}

for (const custody of ['managed', 'strict']) {
  const store = custody === 'managed' ? 'sqlite' : STORES.at(-1);
  describe(`an account in ${custody} custody, ${store}`, () => {
    let portal;
    let anna;
    let ben;
    let code;

    before(async () => {
      portal = await Portal.start({ custody, store });
      anna = await visit(browser, portal);
      ben = await visit(browser, portal);
      await register(anna.page, portal.link, 'Anna Berg');
      await sendAndInvite(anna.page, { to: BEN, subject: 'Before', body: 'Written before the password was lost.' });
      code = await register(ben.page, await portal.post.link('register', BEN), 'Ben Carter');
    });
    after(async () => {
      await anna?.context.close();
      await ben?.context.close();
      await portal?.stop();
    });

    test('signing out ends the session, for the cookie too', async () => {
      const cookies = await ben.context.cookies();
      await signOut(ben.page);
      assert.deepEqual((await ben.context.cookies()).map(({ name }) => name), ['postern-device']);
      await ben.context.addCookies(cookies);
      assert.equal(await isSignedIn(ben.page), false);
      await ben.context.clearCookies();
    });

    test('the Back button shows nothing after signing out', async () => {
      await signIn(ben.page, BEN);
      await openFromInbox(ben.page, 'Before');
      await signOut(ben.page);
      await ben.page.goBack();
      assert.equal(await ben.page.getByText('Written before the password').count(), 0);
    });

    test('a wrong password and an unknown address get the same sentence', async () => {
      const sentences = [];
      for (const address of [BEN, 'nobody@example.org']) {
        await signIn(ben.page, address, 'not the right words');
        await ben.page.getByRole('alert').waitFor();
        sentences.push(await ben.page.getByRole('alert').innerText());
        assert.equal(await ben.page.getByLabel('E-mail address', { exact: true }).inputValue(), address);
      }
      assert.match(sentences[0], /do not fit together/);
      assert.equal(sentences[0], sentences[1]);
    });

    test('the sign-in page tells how one gets an account (P1.1)', async () => {
      await ben.page.goto('/sign-in');
      assert.match(await ben.page.getByRole('main').innerText(), /ask the person who writes to you or the administrator of Example Clinic/);
    });

    test('after signing in one is where one wanted to go', async () => {
      await ben.page.goto('/account');
      await ben.page.getByLabel('E-mail address', { exact: true }).fill(` ${BEN.toUpperCase()} `);
      await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await button(ben.page, 'Sign in').click();
      await ben.page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
      await signOut(ben.page);
    });

    if (custody === 'managed') {
      test('a forgotten password is reset by e-mail, and the mail is kept', async () => {
        const link = await askForReset(ben.page, portal, BEN, 0);
        await ben.page.goto(link);
        assert.equal(await ben.page.getByLabel('Recovery code').count(), 0);
        await ben.page.getByLabel('New password', { exact: true }).fill(SECOND_PASSWORD);
        await button(ben.page, 'Save and sign in').click();
        await openFromInbox(ben.page, 'Before');
        assert.ok(await ben.page.getByText('Written before the password was lost.').isVisible());
      });
    } else {
      test('strict custody says before anything is lost that the recovery code is needed', async () => {
        await ben.page.goto('/help-signing-in');
        assert.match(await ben.page.getByRole('main').innerText(), /you will also need the recovery code/);
      });

      test('a forgotten password: no code and a wrong code are refused, the right one keeps the mail', async () => {
        const link = await askForReset(ben.page, portal, BEN, 0);
        await ben.page.goto(link);
        const wrong = code.replace(/[^-]/g, 'A');
        for (const [typed, sentence] of [['hello', /That is not (a|your) recovery code/], [wrong, /That is not your recovery code/]]) {
          await ben.page.getByLabel('Recovery code', { exact: true }).fill(typed);
          await ben.page.getByLabel('New password', { exact: true }).fill(SECOND_PASSWORD);
          await button(ben.page, 'Save and sign in').click();
          await ben.page.getByRole('alert').waitFor();
          assert.match(await ben.page.getByRole('alert').innerText(), sentence);
        }
        await ben.page.getByLabel('Recovery code', { exact: true }).fill(code.toLowerCase().replaceAll('-', ' '));
        await ben.page.getByLabel('New password', { exact: true }).fill(SECOND_PASSWORD);
        await button(ben.page, 'Save and sign in').click();
        await openFromInbox(ben.page, 'Before');
        assert.ok(await ben.page.getByText('Written before the password was lost.').isVisible());
      });
    }

    test('a reset goes on in a browser that is still signed in', async () => {
      await ben.page.goto('/help-signing-in');
      await ben.page.getByLabel('E-mail address', { exact: true }).fill(BEN);
      await button(ben.page, 'Send me the link').click();
      await ben.page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
      const link = await portal.post.link('reset', BEN, 1);
      await ben.page.goto(link);
      if (custody === 'strict')
        await ben.page.getByLabel('Recovery code', { exact: true }).fill(code);
      await ben.page.getByLabel('New password', { exact: true }).fill(SECOND_PASSWORD);
      await button(ben.page, 'Save and sign in').click();
      await ben.page.getByText('Your password is changed').waitFor();
      assert.ok(await isSignedIn(ben.page));
    });

    test('a reset link works once', async () => {
      const link = await portal.post.link('reset', BEN);
      const answer = await anna.page.goto(link);
      assert.ok([404, 410].includes(answer.status()), `status ${answer.status()}`);
      assert.ok(await anna.page.getByRole('heading', { name: 'This link was used or has expired' }).isVisible());
    });

    test('asking for an unknown address gives the same page and no mail', async () => {
      await anna.page.goto('/help-signing-in');
      await anna.page.getByLabel('E-mail address', { exact: true }).fill('nobody@example.org');
      await button(anna.page, 'Send me the link').click();
      await anna.page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
      assert.deepEqual(portal.post.to('nobody@example.org'), []);
    });

    test('the old password is gone, a new one is told by e-mail', async () => {
      const other = await visit(browser, portal);
      await signIn(other.page, BEN, PASSWORD);
      await other.page.getByRole('alert').waitFor();
      await signIn(other.page, BEN, SECOND_PASSWORD);
      await other.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await other.context.close();
      assert.equal(portal.post.to(BEN).filter((mail) => mail.fields.subject.includes('was changed')).length, 2);
    });

    test('changing the password asks for the current one and ends the other sessions', async () => {
      const other = await visit(browser, portal);
      await signIn(other.page, BEN, SECOND_PASSWORD);
      assert.ok(await isSignedIn(other.page));
      const change = async (current, next) => {
        await ben.page.goto('/account');
        await ben.page.getByLabel('Current password', { exact: true }).fill(current);
        await ben.page.getByLabel('New password', { exact: true }).fill(next);
        await button(ben.page, 'Change password').click();
      };
      await change(PASSWORD, THIRD_PASSWORD);
      await ben.page.getByRole('alert').waitFor();
      assert.match(await ben.page.getByRole('alert').innerText(), /not your current password/);
      await change(SECOND_PASSWORD, 'password1234');
      await ben.page.getByRole('alert').waitFor();
      assert.ok(await isSignedIn(other.page), 'a refused change ends nothing');
      await change(SECOND_PASSWORD, THIRD_PASSWORD);
      await ben.page.getByText('Your password is changed').waitFor();
      assert.equal(await isSignedIn(other.page), false);
      assert.equal(await isSignedIn(ben.page), true);
      await other.context.close();
    });

    test('sessions are listed; one or all others can be signed out', async () => {
      const others = [];
      for (let i = 0; i < 3; i++) {
        const other = await visit(browser, portal);
        await signIn(other.page, BEN, THIRD_PASSWORD);
        assert.ok(await isSignedIn(other.page));
        others.push(other);
      }
      const signedIn = async () => (await Promise.all(others.map((other) => isSignedIn(other.page)))).filter(Boolean).length;
      await ben.page.goto('/account');
      await ben.page.getByRole('button', { name: /^Sign out Chrom/ }).first().click();
      await ben.page.getByText('That session is ended.').waitFor();
      assert.equal(await signedIn(), 2);
      await ben.page.goto('/account');
      await button(ben.page, 'Sign out everywhere else').click();
      await ben.page.getByText('All other sessions are ended.').waitFor();
      assert.equal(await signedIn(), 0);
      assert.equal(await button(ben.page, 'Sign out everywhere else').count(), 0);
      assert.ok(await isSignedIn(ben.page));
      await Promise.all(others.map((other) => other.context.close()));
    });

    test('a code that was not kept is not lost without a question', async () => {
      const other = await visit(browser, portal);
      await signIn(other.page, BEN, THIRD_PASSWORD);
      await other.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      let questions = 0;
      other.context.on('dialog', (dialog) => { questions += dialog.type() === 'beforeunload'; });
      for (const isKept of [false, true]) {
        await other.page.goto('/account');
        assert.match(await other.page.getByRole('main').innerText(), /never kept it/);
        await other.page.getByLabel('Your password', { exact: true }).fill(THIRD_PASSWORD);
        await button(other.page, 'Make a new code').click();
        code = (await other.page.getByLabel('Recovery code', { exact: true }).innerText()).trim();
        await other.page.getByText('you can make a new one under “Account”').waitFor();
        if (isKept)
          await other.page.getByLabel('I have kept my recovery code').check();
        await other.page.getByRole('link', { name: 'Inbox', exact: true }).click();
        await other.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
        assert.equal(questions, 1);
      }
      await other.context.close();
    });

    test('a new recovery code replaces the old one and is shown once', async () => {
      await ben.page.goto('/account');
      await ben.page.getByLabel('Your password', { exact: true }).fill(THIRD_PASSWORD);
      await button(ben.page, 'Make a new code').click();
      await ben.page.getByRole('heading', { name: 'Your new recovery code' }).waitFor();
      const next = (await ben.page.getByLabel('Recovery code', { exact: true }).innerText()).trim();
      assert.notEqual(next, code);
      await ben.page.reload();
      assert.equal(await ben.page.getByText(next).count(), 0);
      if (custody === 'managed')
        return;
      const other = await visit(browser, portal);
      const link = await askForReset(other.page, portal, BEN, 2);
      for (const typed of [code, next]) {
        await other.page.goto(link);
        await other.page.getByLabel('Recovery code', { exact: true }).fill(typed);
        await other.page.getByLabel('New password', { exact: true }).fill(PASSWORD);
        await button(other.page, 'Save and sign in').click();
        if (typed === code)
          await other.page.getByText('That is not your recovery code').first().waitFor();
      }
      await openFromInbox(other.page, 'Before');
      await other.context.close();
    });

    test('a new name is what others see', async () => {
      await anna.page.goto('/account');
      await anna.page.getByLabel('Your name', { exact: true }).fill('Dr. Anna Berg-Øst <b>');
      await button(anna.page, 'Save name').click();
      await anna.page.getByText('Saved.').waitFor();
      await anna.page.getByLabel('Your name', { exact: true }).fill('');
      await button(anna.page, 'Save name').click();
      assert.equal(await anna.page.getByLabel('Your name', { exact: true }).evaluate((input) => input.validity.valueMissing), true);
      const other = await visit(browser, portal);
      await signIn(other.page, BEN, custody === 'managed' ? THIRD_PASSWORD : PASSWORD);
      await other.page.getByRole('link', { name: /Dr\. Anna Berg-Øst <b>/ }).waitFor();
      await other.context.close();
    });

    test('times are shown in the chosen time zone', async () => {
      await anna.page.goto('/account');
      await anna.page.getByLabel('Time zone', { exact: true }).fill('Mars/Olympus');
      await button(anna.page, 'Save time zone').click();
      await anna.page.getByRole('alert').waitFor();
      await anna.page.getByLabel('Time zone', { exact: true }).fill('Asia/Tokyo');
      await button(anna.page, 'Save time zone').click();
      await anna.page.getByText('Saved.').waitFor();
      assert.equal(await anna.page.getByLabel('Time zone', { exact: true }).inputValue(), 'Asia/Tokyo');
      await anna.page.goto('/sent');
      await anna.page.locator('.row-link').first().click();
      const time = anna.page.locator('article.message time').first();
      const sent = new Date(await time.getAttribute('datetime'));
      const inTokyo = sent.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
      assert.ok((await time.innerText()).endsWith(`, ${inTokyo}`), await time.innerText());
    });

    test('guessing is slowed with a sentence, not locked', async () => {
      const other = await visit(browser, portal);
      const slowed = other.page.getByText(/Please wait .* and try again/);
      for (let i = 0; i < 9 && await slowed.count() === 0; i++) {
        await signIn(other.page, 'carla@example.org', `a wrong guess number ${i}`);
        await other.page.getByRole('alert').waitFor();
      }
      assert.ok(await slowed.first().isVisible());
      await signIn(other.page, 'anna@example.com');
      await other.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await other.context.close();
    });

    test('nothing suspicious happened, and everything stored is whole', async () => {
      assert.deepEqual([...anna.trouble, ...ben.trouble], []);
      const { code: exit, stdout } = await portal.command('check');
      assert.equal(exit, 0, stdout);
      assert.ok(!portal.log.includes(THIRD_PASSWORD) && !portal.log.includes(code));
    });
  });
}

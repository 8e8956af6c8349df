// Links in e-mails when things are not as they should be: used, mangled, replaced, expired (P2.5).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { post, request } from './lib/http.mjs';
import { PASSWORD, button, register, sendAndInvite, showDelivery, signIn } from './lib/people.mjs';
import { Portal, STORES } from './lib/portal.mjs';

const DAY_S = 86_400;
const BEN = 'ben@example.org';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const store of STORES) {
  describe(`links, ${store}`, () => {
    let portal;
    let anna;
    let link;

    before(async () => {
      portal = await Portal.start({ store });
      anna = await visit(browser, portal);
      await register(anna.page, portal.link, 'Anna Berg');
      await sendAndInvite(anna.page, { to: BEN, subject: 'Hello', body: 'Patient text.' });
      link = await portal.post.link('register', BEN);
    });
    after(async () => {
      await anna?.context.close();
      await portal?.stop();
    });

    test('a mangled link says what to do', async () => {
      const path = new URL(link).pathname;
      const middle = path.length - 10;
      const mangled = {
        'cut short': path.slice(0, -7),
        'one letter changed': path.slice(0, middle) + (path[middle] === 'A' ? 'B' : 'A') + path.slice(middle + 1),
        'its last letter changed': path.slice(0, -1) + (path.at(-1) === 'A' ? 'Q' : 'A'),
        'longer': `${path}abcdef`,
        'with a full stop': `${path}.`,
        'nonsense': '/register/nonsense',
        'in capitals': `/register/${path.split('/').at(-1).toUpperCase()}`,
        'very long': `/register/${'A'.repeat(1500)}`,
      };
      const visitor = await visit(browser, portal);
      for (const [how, bad] of Object.entries(mangled)) {
        const answer = await visitor.page.goto(bad);
        assert.equal(answer.status(), 404, how);
        assert.ok(await visitor.page.getByRole('heading', { name: 'This link does not work' }).isVisible(), how);
        assert.match(await visitor.page.getByRole('main').innerText(), /ask the person who invited you/);
        const posted = await post(portal, bad, { name: 'Mallory', password: PASSWORD });
        assert.equal(posted.status, 404, how);
        assert.deepEqual(posted.cookies, []);
      }
      assert.deepEqual(visitor.trouble, []);
      await visitor.context.close();
    });

    test('mistakes at registering keep the link and the name', async () => {
      const ben = await visit(browser, portal);
      for (const [password, sentence] of [['short', /at least 12 characters/], ['password1234', /Many people use/],
        ['Ben Carter ben@example.org', /made of your name/], ['aaaaaaaaaaaaaa', /repeats|Many people/]]) {
        await ben.page.goto(link);
        await ben.page.getByLabel('Your name', { exact: true }).fill('Ben Carter');
        await ben.page.getByLabel('Choose a password', { exact: true }).fill(password);
        await button(ben.page, 'Register and read').click();
        await ben.page.getByRole('alert').waitFor();
        assert.match(await ben.page.getByRole('alert').innerText(), sentence);
        assert.equal(await ben.page.getByLabel('Your name', { exact: true }).inputValue(), 'Ben Carter');
        assert.deepEqual(await ben.context.cookies(), []);
      }
      await ben.context.close();
    });

    test('the invitation can be sent again by the sender; the newest link works', async () => {
      await anna.page.goto('/sent');
      await anna.page.getByRole('link', { name: 'Hello' }).click();
      await showDelivery(anna.page);
      await anna.page.getByRole('button', { name: /^Send the invitation again/ }).click();
      await anna.page.getByText('A fresh invitation is on its way.').waitFor();
      const fresh = await portal.post.link('register', BEN, 1);
      assert.notEqual(fresh, link);
      assert.equal((await request(portal, new URL(fresh).pathname)).status, 200);
      const ben = await visit(browser, portal);
      assert.equal((await ben.page.goto(link)).status(), 410);
      assert.ok(await ben.page.getByRole('heading', { name: 'A newer invitation was sent' }).isVisible());
      await ben.context.close();
      link = fresh;
    });

    test('an expired link says so and offers a fresh one to the same address with one click', async () => {
      await portal.restart(15 * DAY_S);
      const seen = portal.post.to(BEN).filter((mail) => mail.links[0].includes('/register/')).length;
      const ben = await visit(browser, portal);
      const answer = await ben.page.goto(link);
      assert.equal(answer.status(), 410);
      assert.ok(await ben.page.getByRole('heading', { name: 'This invitation has expired' }).isVisible());
      const refused = await post(portal, new URL(link).pathname, { name: 'Ben Carter', password: PASSWORD });
      assert.equal(refused.status, 410);
      assert.deepEqual(refused.cookies, []);
      await button(ben.page, 'Send me a fresh invitation').click();
      await ben.page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
      const fresh = await portal.post.link('register', BEN, seen);
      assert.ok(!(await ben.page.content()).includes(fresh.split('/').at(-1)), 'only the mailbox gets it (P2.7)');
      await register(ben.page, fresh, 'Ben Carter');
      assert.ok(await ben.page.getByText('Patient text.').isVisible(), 'the message waited (P2.6)');
      assert.deepEqual(ben.trouble, []);
      await ben.context.close();
    });

    test('sessions have an end, too', async () => {
      await anna.page.goto('/inbox');
      assert.ok(await anna.page.getByRole('heading', { name: 'Sign in', exact: true }).isVisible());
    });

    test('a reset link expires, and says how to get another', async () => {
      const visitor = await visit(browser, portal);
      await visitor.page.goto('/help-signing-in');
      await visitor.page.getByLabel('E-mail address', { exact: true }).fill(BEN);
      await button(visitor.page, 'Send me the link').click();
      const reset = await portal.post.link('reset', BEN);
      await portal.restart(17 * DAY_S);
      await visitor.page.goto(reset);
      assert.ok(await visitor.page.getByRole('heading', { name: 'This link was used or has expired' }).isVisible());
      assert.ok(await visitor.page.getByRole('link', { name: 'Get a new link' }).isVisible());
      const refused = await post(portal, new URL(reset).pathname, { password: 'another good sentence' });
      assert.notEqual(refused.status, 303);
      assert.deepEqual(refused.cookies, []);
      await signIn(visitor.page, BEN);
      await visitor.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await visitor.context.close();
    });

    test('a link of a message asks to sign in and then shows it; to others it says nothing', async () => {
      const message = await portal.post.link('message', BEN);
      const ben = await visit(browser, portal);
      await ben.page.goto(message);
      await ben.page.getByLabel('E-mail address', { exact: true }).fill(BEN);
      await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await button(ben.page, 'Sign in').click();
      await ben.page.getByText('Patient text.').waitFor();
      await sendAndInvite(await signedInAnna(), { to: 'carla@example.org', subject: 'Else', body: 'Elsewhere.' });
      const carla = await visit(browser, portal);
      await register(carla.page, await portal.post.link('register', 'carla@example.org'), 'Carla');
      const answer = await carla.page.goto(message);
      assert.equal(answer.status(), 404);
      assert.doesNotMatch(await carla.page.content(), /Patient text|Hello/);
      await ben.context.close();
      await carla.context.close();
    });

    async function signedInAnna() {
      await signIn(anna.page, 'anna@example.com');
      await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      return anna.page;
    }

    test('everything stored is whole', async () => {
      const { code, stdout } = await portal.command('check');
      assert.equal(code, 0, stdout);
    });
  });
}

// People: who one has written with, groups in To, a blocked guest; with and without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, sendByHttp } from './lib/http.mjs';
import { button, peopleField } from './lib/people.mjs';
import { Portal } from './lib/portal.mjs';

let browser;
let portal;
const cookies = {};
before(async () => {
  browser = await launch();
  portal = await Portal.start();
  cookies.anna = await registerByHttp(portal, portal.link, 'Anna Berg');
  for (const [name, full] of [['ben', 'Ben Carter'], ['dora', 'Dora Engel']]) {
    const address = `${name}@example.org`;
    await sendByHttp(portal, cookies.anna, { to: address, subject: `Welcome, ${name}`, body: 'Hello.' }, { [address]: 'guest' });
    cookies[name] = await registerByHttp(portal, await portal.post.link('register', address), full);
  }
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

async function as(name, options) {
  const visitor = await visit(browser, portal, options);
  const at = cookies[name].indexOf('=');
  await visitor.context.addCookies([{ name: cookies[name].slice(0, at), value: cookies[name].slice(at + 1), url: portal.url }]);
  return visitor;
}

const done = ({ trouble, context }) => {
  assert.deepEqual(trouble, []);
  return context.close();
};

for (const javaScriptEnabled of [true, false]) {
  describe(`with${javaScriptEnabled ? '' : 'out'} JavaScript`, () => {
    test('one finds a person, reads what was exchanged and writes to them', async () => {
      const visitor = await as('anna', { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/inbox');
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' }).click();
      assert.ok(await page.getByRole('link', { name: /Dora Engel/ }).isVisible());
      await page.getByLabel('Name or address').fill('cart');
      await button(page, 'Find').click();
      assert.equal(await page.getByRole('link', { name: /Dora Engel/ }).count(), 0);
      await page.getByRole('link', { name: /Ben Carter/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Ben Carter' }).waitFor();
      assert.ok(await page.getByRole('link', { name: /Welcome, ben/ }).isVisible());
      assert.equal(await page.getByRole('link', { name: /Welcome, dora/ }).count(), 0);
      await page.getByRole('main').getByRole('link', { name: 'Write' }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (javaScriptEnabled)
        assert.ok(await page.getByRole('button', { name: /Remove ben@example.org/ }).isVisible());
      else
        assert.equal(await peopleField(page, 'To').inputValue(), 'ben@example.org');
      await done(visitor);
    });

    test('a group is made, used by its name, and nobody sees the name', async () => {
      const group = `Board ${javaScriptEnabled ? 'one' : 'two'}`;
      const visitor = await as('anna', { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/people');
      await page.getByRole('link', { name: 'New group' }).click();
      await page.getByLabel('Name of the group').fill(group);
      await peopleField(page, 'Members').fill('ben@example.org, dora@example.org');
      await button(page, 'Save group').click();
      await page.getByText('The group is saved.').waitFor();
      await page.goto('/compose');
      if (javaScriptEnabled) {
        await peopleField(page, 'To').pressSequentially('board o');
        await page.getByRole('option', { name: /Board one/ }).click();
        assert.equal(await page.locator('.chip.is-wrong').count(), 0, 'a group is no mistake');
      } else {
        await peopleField(page, 'To').fill(group.toUpperCase());
      }
      await page.getByLabel('Subject', { exact: true }).fill(`For the ${group.slice(-3)}`);
      await page.getByLabel('Message', { exact: true }).fill('All of you.');
      await button(page, 'Send').click();
      await page.getByText('Your message is sent', { exact: false }).waitFor();
      const ben = await as('ben', { javaScriptEnabled });
      await ben.page.goto('/inbox');
      await ben.page.getByRole('link', { name: `For the ${group.slice(-3)}` }).click();
      const text = await ben.page.getByRole('main').textContent();
      assert.match(text, /Dora Engel/);
      assert.doesNotMatch(text, /Board/);
      await done(ben);
      await page.goto('/people');
      await page.getByRole('link', { name: new RegExp(`^${group}`) }).click();
      await page.getByText('Delete this group').click();
      await button(page, `Delete ${group}`).click();
      await page.getByText('The group is deleted.').waitFor();
      await done(visitor);
    });

    test('a blocked guest is refused without being told, and let in again', async () => {
      const visitor = await as('anna', { javaScriptEnabled });
      const { page } = visitor;
      await page.goto('/people?q=dora');
      await page.getByRole('link', { name: /Dora Engel/ }).click();
      assert.equal(await button(page, 'Block Dora Engel').isVisible(), false, 'blocking asks first');
      await page.getByText('Block this person').click();
      await button(page, 'Block Dora Engel').click();
      await page.getByText('That person is blocked.').waitFor();
      const refused = await sendByHttp(portal, cookies.dora, { to: 'anna@example.com', subject: 'Hi', body: 'Text.' });
      assert.equal(refused.status, 422);
      assert.match(refused.body, /cannot receive messages at the moment/);
      await page.goto('/people');
      await button(page, 'Unblock Dora Engel').click();
      await page.getByText('That person can write to you again.').waitFor();
      assert.equal((await sendByHttp(portal, cookies.dora, { to: 'anna@example.com', subject: 'Hi', body: 'Text.' })).status, 303);
      await done(visitor);
    });
  });
}

test('a guest sees those they have written with and no others', async () => {
  const visitor = await as('ben');
  await visitor.page.goto('/people');
  assert.ok(await visitor.page.getByRole('link', { name: /Anna Berg/ }).isVisible());
  assert.equal(await visitor.page.getByRole('link', { name: /Dora/ }).count(), 0);
  await visitor.page.goto('/people?q=dora');
  assert.ok(await visitor.page.getByText('Nobody you have exchanged messages with').isVisible());
  await done(visitor);
});

test('settings are kept: the signature is below a new message, an absence answers', async () => {
  const visitor = await as('anna');
  const { page } = visitor;
  await page.goto('/account');
  await page.getByRole('link', { name: 'Notifications, absence, signature' }).click();
  await page.getByLabel('One an hour for all that came').check();
  await page.getByLabel('First day').fill('2020-01-01');
  await page.getByLabel('Last day').fill('2099-01-01');
  await page.getByLabel('Answer', { exact: true }).fill('I am in the mountains.');
  await page.getByLabel('Your signature').fill('Anna Berg, Example Clinic');
  await button(page, 'Save settings').click();
  await page.getByText('Saved.').waitFor();
  assert.ok(await page.getByLabel('One an hour for all that came').isChecked());
  assert.ok(await page.getByText('You are away now', { exact: false }).isVisible());
  await page.goto('/compose');
  assert.match(await page.getByLabel('Message', { exact: true }).inputValue(), /Anna Berg, Example Clinic$/);
  await page.goto('/inbox'); // with nothing but the signature nobody is asked
  assert.equal((await sendByHttp(portal, cookies.ben, { to: 'anna@example.com', subject: 'Are you there?', body: 'Text.' })).status, 303);
  const ben = await as('ben');
  await ben.page.goto('/inbox');
  await ben.page.getByRole('link', { name: /Anna Berg is away/ }).click();
  await ben.page.getByText('I am in the mountains.').waitFor();
  assert.ok(await ben.page.getByText('Automatic answer').first().isVisible());
  await done(ben);
  await done(visitor);
});

// Searching: accents, phrases, what is marked, the key "/", labels; with and without JavaScript (P4.1).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { registerByHttp, request, sendByHttp } from './lib/http.mjs';
import { button } from './lib/people.mjs';
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
  for (const [subject, body] of [
    ['Appointment', 'We meet in the **Café** Größenwahn at noon.\n\nBring the *blood*\ntest, please.'],
    ['Invoice', 'Price is a.*b, or (x|y)?'],
    ['Μήνυμα', 'Ο Οδυσσέας και ο ΣΊΣΥΦΟΣ'],
  ])
    await sendByHttp(portal, benCookie, { to: 'anna@example.com', subject, body });
  // Of what was never opened no text is shown (P4.3).
  const inbox = await request(portal, '/inbox', { cookie: annaCookie });
  for (const [, message] of inbox.body.matchAll(/href="(\/message\/[0-9A-Z]{26})"/g))
    assert.equal((await request(portal, message, { cookie: annaCookie })).status, 200);
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

async function anna(options) {
  const visitor = await visit(browser, portal, options);
  const at = annaCookie.indexOf('=');
  await visitor.context.addCookies([{ name: annaCookie.slice(0, at), value: annaCookie.slice(at + 1), url: portal.url }]);
  await visitor.page.goto('/inbox');
  return visitor;
}

const field = (page) => page.getByRole('searchbox', { name: 'Search your messages' });
const hits = (page) => page.getByRole('list', { name: 'Found' }).getByRole('listitem');
const marks = (page) => page.locator('.found mark').allInnerTexts();
async function search(page, words) {
  await field(page).fill(words);
  await field(page).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
}
const done = ({ trouble, context }) => {
  assert.deepEqual(trouble, []);
  return context.close();
};

for (const javaScriptEnabled of [true, false]) {
  describe(`with${javaScriptEnabled ? '' : 'out'} JavaScript`, () => {
    test('capitals and accents do not matter, in any script, and what was found is marked as it was written', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      for (const [words, subject, marked] of [['CAFE grossenwahn', 'Appointment', ['Café', 'Größenwahn']], ['οδυσσεας σισυφος', 'Μήνυμα', ['Οδυσσέας', 'ΣΊΣΥΦΟΣ']],
        ['"blood test"', 'Appointment', ['blood test']], ['a.*b', 'Invoice', ['a.*b']], ['(x|y)?', 'Invoice', ['(x|y)?']],
        ['from:ben invoice', 'Invoice', ['Ben', 'Invoice']], ['"open quote of an invoice', null, []]]) {
        await search(page, words);
        assert.equal(await hits(page).count(), subject ? 1 : 0, words);
        if (subject)
          assert.match(await hits(page).innerText(), new RegExp(subject));
        assert.deepEqual(await marks(page), marked, words);
      }
      await search(page, 'cafe');
      await page.getByRole('link', { name: /Appointment/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Appointment' }).waitFor();
      await done(visitor);
    });

    test('nothing found, and a slip, get a sentence and help', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      await search(page, 'form:ben zebra');
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
      assert.ok(await page.getByText('Did you mean one of from:').isVisible());
      assert.ok(await page.getByText('to:"Anna Berg"').isVisible());
      await search(page, '');
      await page.getByText('Type words of a subject').waitFor();
      await done(visitor);
    });

    test('a label is made, put on, searched for, listed and taken off', async () => {
      const visitor = await anna({ javaScriptEnabled });
      const { page } = visitor;
      const name = javaScriptEnabled ? 'Vorstand Süd' : 'Board North';
      await page.getByRole('link', { name: 'Labels', exact: true }).click();
      await page.getByLabel('New label', { exact: true }).fill(name);
      await button(page, 'Make it').click();
      await page.getByText('The label is there.').waitFor();
      await page.goto('/inbox');
      for (const subject of ['Invoice', 'Appointment'])
        await page.getByRole('checkbox', { name: `Select ${subject}`, exact: true }).check();
      await page.locator('.bar-labels > summary').click();
      await page.locator('#label-choice').selectOption({ label: name });
      await button(page, 'Put on').click();
      await page.getByText('The label was put on.').waitFor();
      await search(page, `label:"${name.toLowerCase().replace('ü', 'u')}"`);
      assert.equal(await hits(page).count(), 2);
      await page.goto('/labels');
      await page.getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByRole('link', { name: /Invoice/ }).click();
      assert.ok(await page.getByRole('list', { name: 'Labels of this message' }).getByText(name).isVisible());
      await page.locator('.label-edit > summary').click();
      await page.getByRole('checkbox', { name }).uncheck();
      await button(page, 'Save labels').click();
      await page.getByText('The labels are saved.').waitFor();
      assert.equal(await page.getByRole('list', { name: 'Labels of this message' }).count(), 0);
      await done(visitor);
    });
  });
}

test('the key / goes to the field, from a message too', async () => {
  const visitor = await anna();
  const { page } = visitor;
  await page.keyboard.press('/');
  await page.keyboard.type('café/');
  assert.equal(await field(page).inputValue(), 'café/');
  await page.getByRole('link', { name: /Invoice/ }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Invoice' }).waitFor();
  await page.keyboard.press('/');
  await page.waitForURL('**/search');
  await done(visitor);
});

test('a search of 100 KB is refused', async () => {
  for (const bytes of [3000, 100 * 1024]) {
    const answer = await request(portal, `/search?q=${'x'.repeat(bytes)}`, { cookie: annaCookie });
    assert.ok([414, 422, 431].includes(answer.status), `${answer.status}`);
    assert.ok(answer.body.length > 0);
  }
});

test('nobody finds what is not theirs', async () => {
  const answer = await request(portal, '/search?q=welcome', { cookie: benCookie });
  assert.match(answer.body, /One message found/);
  const other = await request(portal, '/search?q=label%3Avorstand', { cookie: benCookie });
  assert.match(other.body, /You have no label of that name/);
});

// A search looks at so much at a time; of what nobody has read yet, at some 1,600 messages.
describe('a long mailbox', () => {
  const MESSAGES = 1750;
  let evaCookie;
  before(async () => {
    await sendByHttp(portal, annaCookie, { to: 'eva@example.org', subject: 'Welcome', body: 'Hello.' }, { 'eva@example.org': 'guest' });
    await sendByHttp(portal, annaCookie, { to: 'dora@example.com', subject: 'Welcome', body: 'Hello.' }, { 'dora@example.com': 'professional' });
    evaCookie = await registerByHttp(portal, await portal.post.link('register', 'eva@example.org'), 'Eva Dorn');
    const doraCookie = await registerByHttp(portal, await portal.post.link('register', 'dora@example.com'), 'Dora Ems');
    const send = (cookie, subject) => sendByHttp(portal, cookie, { to: 'eva@example.org', subject, body: 'Text.' });
    await send(annaCookie, 'The old needle');
    let left = MESSAGES;
    const sendSome = async (cookie) => {
      while (left-- > 0)
        assert.equal((await send(cookie, 'Hay')).status, 303);
    };
    await Promise.all([annaCookie, doraCookie, annaCookie, doraCookie, annaCookie, doraCookie].map(sendSome));
    await send(annaCookie, 'The new needle');
  });

  test('what is found comes as it is found, and only until all was looked through', async () => {
    const { page, context, trouble } = await visit(browser, portal);
    const at = evaCookie.indexOf('=');
    await context.addCookies([{ name: evaCookie.slice(0, at), value: evaCookie.slice(at + 1), url: portal.url }]);
    let asked = 0;
    let letGo;
    const held = new Promise((resolve) => (letGo = resolve));
    await page.route(/\/search\?.*cursor=/, async (route) => {
      asked++;
      await held;
      await route.continue();
    });
    await page.goto('/search?q=needle');
    await page.getByText('Looked through everything back to').waitFor();
    assert.equal(await hits(page).count(), 1);
    await hits(page).filter({ hasText: 'The new needle' }).waitFor();
    letGo();
    await page.getByText('Everything was looked through.').waitFor();
    assert.deepEqual(await page.locator('.found .row-subject').allInnerTexts(), ['The new needle', 'The old needle']);
    assert.equal(asked, 1);
    assert.equal(await page.getByRole('link', { name: 'older' }).count(), 0);
    await done({ trouble, context });
  });
});

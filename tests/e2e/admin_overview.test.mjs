// The first page of administration: figures with nobody, one and many; e-mails in trouble; it renews itself; never content.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkForEverybody } from './lib/axe.mjs';
import { upload } from './lib/files.mjs';
import { post, request, registerByHttp, sendByHttp } from './lib/http.mjs';
import { PASSWORD, button } from './lib/people.mjs';
import { STORES } from './lib/portal.mjs';
import { sceneOfTest } from './lib/scene.mjs';
import { waitFor } from './lib/wait.mjs';

const begin = sceneOfTest();

// Its mail server refuses some addresses.
async function beginOverview(options) {
  const { office, portal, cookies, as } = await begin({ office: 'refuse', ...options });
  return { office, portal, cookie: cookies.anna, anna: await as() };
}

const part = (page, name) => page.locator(`[data-figures="${name}"]`);

for (const store of STORES)
  test(`nobody, then people and e-mails that came back (${store})`, async () => {
    const { anna, portal, cookie, office } = await beginOverview({ store });
    await anna.page.goto('/inbox');
    await anna.page.getByRole('link', { name: 'Administration' }).click();
    await anna.page.getByRole('heading', { level: 1, name: 'Administration' }).waitFor();
    assert.ok(await anna.page.getByText('You are the first one here').isVisible());
    assert.ok(await anna.page.getByText('No message has been sent in this time.').isVisible());
    assert.ok(await anna.page.getByText('No e-mail is in trouble.').isVisible());
    assert.ok(await anna.page.getByText('No backup has been made yet.').isVisible());
    await checkForEverybody(anna.page);

    await sendByHttp(portal, cookie, { to: 'ben@example.org, refused@example.org, later@example.org', subject: 'Zebra subject', body: 'Zebra body' },
      { 'ben@example.org': 'guest', 'refused@example.org': 'guest', 'later@example.org': 'guest' });
    const ben = await registerByHttp(portal, await office.link('register', 'ben@example.org'), 'Ben Carter');
    const file = await upload(portal, cookie, 'zebra-file.txt', 'text/plain', Buffer.from('zebra content'));
    await post(portal, '/compose', { key: 'file', to: 'ben@example.org', subject: 'Zebra two', body: 'Zebra', file }, { cookie });
    // Of the refused person both: the notification and the invitation.
    const takeOff = anna.page.getByRole('button', { name: /^Take off the list/ });
    const page = await waitFor('all troubles to be shown', async () => {
      await anna.page.goto('/admin');
      const text = await part(anna.page, 'mails').innerText();
      return /There is no such person here/.test(text) && /Greylisted, come back later/.test(text) && await takeOff.count() === 2 && text;
    });
    assert.match(page, /refused@example\.org/);
    assert.match(page, /Invitation/);
    assert.match(await part(anna.page, 'days').innerText(), /2 messages in 30 days, 2 of them today/);
    const row = async (name) => (await anna.page.getByRole('row', { name }).innerText()).replaceAll(/\s+/g, ' ');
    assert.deepEqual([await row(/^Invited/), await row(/^Registered/), await row(/^Disabled/), await row(/^All/)],
      ['Invited 0 2', 'Registered 1 1', 'Disabled 0 0', 'All 1 3']);
    const html = await anna.page.content();
    assert.doesNotMatch(html, /zebra|\/register\//i);
    assert.ok(await anna.page.getByRole('img', { name: 'Messages sent' }).isVisible());
    await anna.page.locator('.plot summary').first().click();
    assert.equal(await anna.page.locator('.plot-table').first().getByRole('row').count(), 31);
    await checkForEverybody(anna.page);

    await takeOff.first().click();
    await anna.page.getByText('It is off the list.').waitFor();
    assert.equal(await takeOff.count(), 1);
    await button(anna.page, 'Try them now').click();
    await anna.page.getByText('what was put off is tried by itself').waitFor();
    await anna.page.getByRole('button', { name: /^Give up: later/ }).first().click();
    await anna.page.getByText('It is off the list.').waitFor();
    await anna.page.getByRole('link', { name: '90 days' }).click();
    await anna.page.getByText('2 messages in 90 days').waitFor();

    assert.equal((await request(portal, '/admin', { cookie: ben })).status, 403);
    assert.match((await request(portal, '/admin', { cookie: ben })).body, /administrator/);
    assert.equal((await request(portal, '/admin/nothing', { cookie })).status, 404);
    assert.doesNotMatch((await request(portal, '/inbox', { cookie: ben })).body, /\/admin/);
    assert.deepEqual(anna.trouble, []);
  });

test('the figures renew themselves while the page is open, and what is unfolded stays so', async () => {
  const { anna, portal, cookie } = await beginOverview();
  await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'One', body: 'Text.' }, { 'ben@example.org': 'guest' });
  await anna.page.clock.install();
  await anna.page.goto('/admin');
  await anna.page.getByText('1 message in 30 days').waitFor();
  await anna.page.locator('.plot summary').first().click();
  await anna.page.getByRole('heading', { level: 1 }).click();
  await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Two', body: 'Text.' });
  const asked = anna.page.waitForRequest((one) => new URL(one.url()).pathname === '/admin');
  await anna.page.clock.runFor(31_000);
  assert.equal((await asked).headers()['postern-background'], 'yes', 'the session does not live on by it');
  await anna.page.getByText('2 messages in 30 days').waitFor();
  assert.ok(await anna.page.locator('.plot-table').first().isVisible());
  assert.deepEqual(anna.trouble, []);
});

test('a mail server that is out of reach is said, and what to do', async () => {
  const { anna, portal, cookie, office } = await beginOverview();
  await office.stop();
  await sendByHttp(portal, cookie, { to: 'ben@example.org', subject: 'Zebra', body: 'Zebra.' }, { 'ben@example.org': 'guest' });
  await waitFor('the page to say so', async () => {
    await anna.page.goto('/admin');
    return /it could not be used/.test(await part(anna.page, 'health').innerText());
  });
  const row = anna.page.locator('.health-row').filter({ hasText: 'Mail server' });
  assert.match(await row.innerText(), /Now[\s\S]*No e-mail is lost/);
  const session = await request(portal, '/api/v1/session', { method: 'POST', body: JSON.stringify({ email: 'anna@example.com', password: PASSWORD }), headers: { 'Content-Type': 'application/json' } });
  const token = JSON.parse(session.body).token;
  const text = (await request(portal, '/api/v1/overview', { headers: { Authorization: `Bearer ${token}` } })).body;
  assert.doesNotMatch(text, /zebra/i);
  const answer = JSON.parse(text);
  assert.equal(answer.health.find(({ thing }) => thing === 'mail').state, 'bad');
});

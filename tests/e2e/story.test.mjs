// The main job: from `postern init` to a guest's answer, in a browser, with a real mail server (P1 to P4.1).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visit } from './lib/browser.mjs';
import { cookieOf, request } from './lib/http.mjs';
import { PASSWORD, button, compose, openFromInbox, peopleField, register, reply, send, sendAndInvite, showDelivery, signIn } from './lib/people.mjs';
import { Portal, STORES } from './lib/portal.mjs';
import { SmtpServer } from './lib/post_office.mjs';
import { waitFor } from './lib/wait.mjs';

const SUBJECT = 'Results of the ferritin test';
const BODY = 'Dear **Ben**, everything is _fine_. Zebrafish remain in the aquarium.';
const ANSWER = 'Thank you, I am relieved. Kind regards from the lighthouse.';
const NEW_ADDRESS = 'ben@example.org';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

function checkLetter(mail, portal) {
  assert.deepEqual(mail.to, [NEW_ADDRESS]);
  assert.equal(mail.links.length, 1, 'one link each (P3.1)');
  assert.ok(mail.links[0].startsWith(`${portal.url}/`));
  for (const words of [SUBJECT, 'ferritin', 'Zebrafish', 'aquarium'])
    assert.ok(!mail.raw.includes(words) && !mail.text.includes(words), `"${words}" is not in a mail`);
  assert.ok(!Number.isNaN(Date.parse(mail.fields.date)));
  assert.match(mail.fields['message-id'], /^<[^<>\s@]+@[^<>\s@]+>$/);
  assert.equal(mail.fields['auto-submitted'], 'auto-generated');
  assert.match(mail.fields['content-type'], /^text\/plain; *charset="?utf-8"?$/i);
  assert.equal(mail.fields['mime-version'], '1.0');
  assert.match(mail.fields.from, /Anna Berg via Example Clinic/);
  for (const name of ['date', 'message-id', 'from', 'to', 'subject'])
    assert.equal(typeof mail.fields[name], 'string', `${name} stands once`);
  assert.ok(!Object.keys(mail.fields).some((name) => name.startsWith('list-')));
  assert.doesNotMatch(mail.raw, /<html|<img|<a /i);
}

// What a mail scanner does with a link before its reader sees it (P2.5).
async function scan(portal, link) {
  const path = new URL(link).pathname;
  for (const method of ['HEAD', 'GET', 'HEAD', 'GET', 'GET']) {
    const answer = await request(portal, path, { method, headers: { 'User-Agent': 'LinkScanner/1.0' } });
    assert.equal(answer.status, 200, `${method} of the link`);
    assert.deepEqual(answer.cookies, [], 'looking sets no cookie');
  }
  const { context, page, trouble } = await visit(browser, portal);
  await page.goto(link);
  await page.goto(link);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(trouble, []);
  await context.close();
}

function tellStory({ custody, grade, store }) {
  describe(`a ${grade} invitee, ${custody} custody, ${store}`, () => {
    let portal;
    let post;
    let anna;
    let ben;
    let registration;

    before(async () => {
      post = await SmtpServer.start();
      portal = await Portal.start({ custody, store, mail: post.url });
    });
    after(async () => {
      await anna?.context.close();
      await ben?.context.close();
      await portal?.stop();
      await post?.stop();
    });

    test('init prints the link of the first administrator last', () => {
      assert.match(portal.link, new RegExp(`^${portal.url}/register/[A-Za-z0-9_-]+$`));
      assert.equal(portal.initOutput.trimEnd().split('\n').at(-1), portal.link);
    });

    test('the first administrator registers by it', async () => {
      anna = await visit(browser, portal);
      await anna.page.goto(portal.link);
      const address = anna.page.getByLabel('Your e-mail address');
      assert.equal(await address.inputValue(), 'anna@example.com');
      assert.equal(await address.isEditable(), false, 'the address is fixed (P2.4)');
      assert.ok(await anna.page.getByText('has at least 12 characters').isVisible(), 'rules are shown before (P2.4)');
      assert.equal(await anna.page.getByText('nobody can open them for you, not even the administrator').count(),
        custody === 'strict' ? 1 : 0, 'strict custody says so before it is too late');
      await register(anna.page, portal.link, 'Anna Berg');
    });

    test('an unknown address is announced as an invitation before sending', async () => {
      await compose(anna.page, { to: NEW_ADDRESS, subject: SUBJECT, body: BODY });
      await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
      assert.ok(await anna.page.getByRole('radio', { name: 'Guest' }).isChecked(), 'else guest (P2.2)');
      await anna.page.getByRole('radio', { name: grade === 'guest' ? 'Guest' : 'Professional' }).check();
      assert.deepEqual(post.all(), [], 'nothing leaves before sending');
      await button(anna.page, 'Send and invite').click();
      await anna.page.getByText('Your message is sent, and one person is invited.').waitFor();
      assert.ok(await anna.page.getByText('Opened by 0 of 1 person').isVisible());
    });

    test('they get the notification and the invitation (P2.3)', async () => {
      registration = await post.link('register', NEW_ADDRESS);
      await post.link('message', NEW_ADDRESS);
      const mails = post.to(NEW_ADDRESS);
      assert.equal(mails.length, 2);
      for (const mail of mails)
        checkLetter(mail, portal);
      const [invitation] = mails.filter((mail) => mail.links[0] === registration);
      const [notification] = mails.filter((mail) => mail !== invitation);
      assert.equal(invitation.fields.subject, 'Anna Berg invites you to Example Clinic');
      assert.equal(notification.fields.subject, 'A message from Anna Berg is waiting at Example Clinic');
      assert.notEqual(invitation.fields['message-id'], notification.fields['message-id']);
      assert.ok(!notification.raw.includes(new URL(registration).pathname), 'only the invitation has the link');
    });

    test('the sender sees that the mail server took them (P3.4)', () => waitFor('the state of the mails', async () => {
      await anna.page.goto('/sent');
      await anna.page.getByRole('link', { name: SUBJECT }).click();
      await showDelivery(anna.page);
      return anna.page.getByText('Invited, not registered yet; notified by e-mail').isVisible();
    }));

    test('nobody but the mailbox sees the registration link (P2.7)', async () => {
      const token = registration.split('/').at(-1);
      for (const path of ['/inbox', '/sent', '/account']) {
        await anna.page.goto(path);
        assert.ok(!(await anna.page.content()).includes(token), path);
      }
      await anna.page.goto('/sent');
      await anna.page.getByRole('link', { name: SUBJECT }).click();
      assert.ok(!(await anna.page.content()).includes(token));
      assert.ok(!portal.log.includes(token), 'nor does the log');
    });

    test('mail scanners cannot spend the link (P2.5)', () => scan(portal, registration));

    test('a second message waits for them and causes only a notification (P2.3, P2.6)', async () => {
      await send(anna.page, { to: NEW_ADDRESS, subject: 'One more thing', body: 'Please bring the blue folder.' });
      await post.link('message', NEW_ADDRESS, 1);
      assert.equal(post.to(NEW_ADDRESS).filter((mail) => mail.links[0].includes('/register/')).length, 1);
    });

    test('they register, are signed in at once and see a message and the recovery code (P2.4)', async () => {
      ben = await visit(browser, portal);
      await ben.page.goto(registration);
      assert.ok(await ben.page.getByRole('heading', { name: 'Anna Berg has a secure message for you' }).isVisible());
      assert.ok(await ben.page.getByText('2 messages are waiting').isVisible());
      await register(ben.page, registration, 'Ben Carter');
      assert.ok(await ben.page.getByText('Please bring the blue folder.').isVisible()
        || await ben.page.getByText('Zebrafish remain').isVisible(), 'a message is there without another click');
      assert.match(await cookieOf(ben.context), /^postern=/, 'signed in');
    });

    test('the recovery code cannot be scrolled past', async () => {
      const reminder = ben.page.getByText('Your recovery code is shown only now.');
      const isInSight = async (what) => {
        const box = await what.boundingBox();
        return box !== null && box.y >= 0 && box.y + box.height <= ben.page.viewportSize().height;
      };
      await ben.page.setViewportSize({ width: 390, height: 500 });
      await ben.page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
      await reminder.waitFor();
      assert.ok(await isInSight(reminder));
      await ben.page.getByRole('link', { name: 'Back to the code' }).click();
      await reminder.waitFor({ state: 'hidden' });
      assert.ok(await isInSight(ben.page.getByLabel('Recovery code', { exact: true })));
      await ben.page.getByLabel('I have kept my recovery code').check();
      await ben.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      assert.equal(await reminder.isVisible(), false);
      await ben.page.setViewportSize({ width: 1280, height: 720 });
    });

    test('the recovery code is shown once', async () => {
      await ben.page.reload();
      assert.equal(await ben.page.getByLabel('Recovery code', { exact: true }).count(), 0);
    });

    test('all that waited is in their Inbox, rendered', async () => {
      await ben.page.goto('/inbox');
      assert.ok(await ben.page.getByRole('link', { name: 'One more thing' }).isVisible());
      await openFromInbox(ben.page, SUBJECT);
      assert.equal(await ben.page.locator('strong', { hasText: 'Ben' }).count(), 1);
      assert.equal(await ben.page.locator('em', { hasText: 'fine' }).count(), 1);
    });

    test('they answer', () => reply(ben.page, ANSWER));

    test('the sender hears of it by e-mail, reads it, and sees what became of the message', async () => {
      await post.link('message', 'anna@example.com');
      await openFromInbox(anna.page, SUBJECT);
      assert.ok(await anna.page.getByText(ANSWER).isVisible());
      assert.ok(await anna.page.getByText('Opened by 1 of 1 person').isVisible(), 'also beside the answer');
      await anna.page.goto('/sent');
      await anna.page.getByRole('link', { name: SUBJECT }).click();
      const delivery = anna.page.getByText('Opened by 1 of 1 person').first();
      await delivery.waitFor();
      await anna.page.getByRole('listitem').filter({ hasText: 'Ben Carter' }).filter({ hasText: 'Opened ' }).first().waitFor(
        { state: 'attached' });
    });

    test('the answer’s sender sees it accepted and opened, too', async () => {
      await ben.page.goto('/sent');
      await ben.page.getByRole('link', { name: SUBJECT }).click();
      await ben.page.getByText('Opened by 1 of 1 person').first().waitFor();
    });

    if (grade === 'guest') {
      test('a guest may not write to unknown people; the text comes back (P1.4)', async () => {
        await compose(ben.page, { to: 'carla@example.net', subject: 'Hello there', body: 'A long and careful text.' });
        await button(ben.page, 'Send').click();
        await ben.page.getByRole('alert').waitFor();
        assert.match(await ben.page.getByRole('alert').innerText(),
          /As a guest you can write to the staff of Example Clinic\. carla@example\.net is not one of their addresses/);
        assert.equal(await ben.page.getByLabel('Message', { exact: true }).inputValue(), 'A long and careful text.');
        assert.equal(await ben.page.getByLabel('Subject', { exact: true }).inputValue(), 'Hello there');
        assert.deepEqual(post.to('carla@example.net'), []);
      });
    } else {
      test('a professional invitee invites people in turn (P1.3)', async () => {
        await sendAndInvite(ben.page, { to: 'carla@example.net', subject: 'Hello there', body: 'A first word.' });
        await post.link('register', 'carla@example.net');
      });
    }

    test('the link is used now, and says so', async () => {
      const other = await visit(browser, portal);
      const answer = await other.page.goto(registration);
      assert.equal(answer.status(), 410);
      assert.ok(await other.page.getByRole('heading', { name: 'This invitation was used already' }).isVisible());
      await other.context.close();
    });

    test('nothing suspicious happened in the browsers, and everything stored is whole', async () => {
      assert.deepEqual(anna.trouble, []);
      assert.deepEqual(ben.trouble, []);
      const { code, stdout } = await portal.command('check');
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^All is well\b/);
    });

    test('the log tells nothing of what was written, nor secrets', () => {
      for (const words of [SUBJECT, 'Zebrafish', 'lighthouse', PASSWORD])
        assert.ok(!portal.log.includes(words), words);
    });
  });
}

tellStory({ custody: 'managed', grade: 'guest', store: 'sqlite' });
tellStory({ custody: 'strict', grade: 'guest', store: STORES.at(-1) });
tellStory({ custody: 'managed', grade: 'professional', store: STORES.at(-1) });
tellStory({ custody: 'strict', grade: 'professional', store: 'sqlite' });

describe('writing', () => {
  let portal;
  let anna;
  before(async () => {
    portal = await Portal.start();
    anna = await visit(browser, portal);
    await register(anna.page, portal.link, 'Anna Berg');
  });
  after(async () => {
    await anna?.context.close();
    await portal?.stop();
  });

  test('several new people are counted, each with a grade of their own', async () => {
    await compose(anna.page, { to: 'one@example.org, two@example.org', cc: 'three@example.org', subject: 'All', body: 'Hello' });
    await anna.page.getByRole('heading', { name: '3 people will be invited' }).waitFor();
    await anna.page.getByRole('group', { name: /two@example\.org/ }).getByRole('radio', { name: 'Professional' }).check();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByText('Your message is sent, and 3 people are invited.').waitFor();
    const { stdout } = await portal.command('user', 'list');
    for (const [address, grade] of [['one', 'guest'], ['two', 'professional'], ['three', 'guest']])
      assert.match(stdout, new RegExp(`${address}@example\\.org[^\\n]*${grade}|${grade}[^\\n]*${address}@example\\.org`));
  });

  test('people known are suggested and chosen with the keyboard', async () => {
    await anna.page.goto('/compose');
    const to = peopleField(anna.page, 'To');
    await to.pressSequentially('two@');
    await anna.page.getByRole('option', { name: /two@example\.org/ }).waitFor();
    await to.press('ArrowDown');
    await to.press('Enter');
    await button(anna.page, 'Remove two@example.org').waitFor();
    // The first of them is taken by Enter, and by Tab.
    await to.pressSequentially('thre');
    await anna.page.getByRole('option', { name: /three@example\.org/ }).waitFor();
    await to.press('Enter');
    await button(anna.page, 'Remove three@example.org').waitFor();
    await to.pressSequentially('one');
    await anna.page.getByRole('option', { name: /one@example\.org/ }).waitFor();
    await to.press('Tab');
    await button(anna.page, 'Remove one@example.org').waitFor();
  });

  test('however many people there are, they do not push the message away', async () => {
    await anna.page.goto('/compose');
    await anna.page.setViewportSize({ width: 390, height: 844 });
    const many = Array.from({ length: 200 }, (_, i) => `somebody.with.a.long.name.${i}@example.org`);
    await peopleField(anna.page, 'To').fill(many.join(', '));
    await button(anna.page, `Remove ${many[199]}`).waitFor();
    await anna.page.getByText('Everybody sees the addresses of all others.', { exact: false }).waitFor();
    const field = await anna.page.locator('.chips:has(#to-input)').boundingBox();
    const last = await button(anna.page, `Remove ${many[199]}`).boundingBox();
    await anna.page.setViewportSize({ width: 1280, height: 720 });
    assert.ok(field.height < 844 / 2, `the field is ${field.height} high`);
    assert.ok(last.y > field.y && last.y + last.height <= field.y + field.height, 'who was added last is in sight');
  });

  test('Bcc is not shown to the others', async () => {
    const post = portal.post;
    await compose(anna.page, { to: 'dora@example.org', bcc: 'emil@example.org', subject: 'Quietly', body: 'Hello' });
    await anna.page.getByRole('heading', { name: '2 people will be invited' }).waitFor();
    await button(anna.page, 'Send and invite').click();
    await anna.page.getByText('Your message is sent, and 2 people are invited.').waitFor();
    const dora = await visit(browser, portal);
    await register(dora.page, await post.link('register', 'dora@example.org'), 'Dora');
    assert.doesNotMatch(await dora.page.content(), /emil@/);
    const emil = await visit(browser, portal);
    await register(emil.page, await post.link('register', 'emil@example.org'), 'Emil');
    assert.match(await emil.page.content(), /dora/i);
    assert.deepEqual([...dora.trouble, ...emil.trouble], []);
    await dora.context.close();
    await emil.context.close();
  });

  test('whether an address is complete is for the portal to decide', async () => {
    await compose(anna.page, { to: 'root@localhost', subject: 'Short', body: 'Hello' });
    await button(anna.page, 'Remove root@localhost').waitFor();
    assert.equal(await anna.page.locator('.chip.is-wrong').count(), 0);
    await anna.page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
  });

  test('Enter in a line does not send; Ctrl and Enter in the text does', async () => {
    await compose(anna.page, { to: 'emil@example.org', bcc: 'dora@example.org', subject: 'Keys', body: 'By keys.' });
    for (const name of ['To', 'Cc', 'Bcc'])
      await peopleField(anna.page, name).press('Enter');
    await anna.page.getByLabel('Subject', { exact: true }).press('Enter');
    assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'body');
    assert.equal(new URL(anna.page.url()).pathname, '/compose');
    await anna.page.getByLabel('Message', { exact: true }).press('Control+Enter');
    await anna.page.getByText('Your message is sent').waitFor();
  });

  const written = async (page) => ({
    people: await page.locator('.chip > span').allInnerTexts(),
    subject: await page.getByLabel('Subject', { exact: true }).inputValue(),
    body: await page.getByLabel('Message', { exact: true }).inputValue(),
  });

  test('coming back after sending, the page is empty', async () => {
    await send(anna.page, { to: 'emil@example.org', cc: 'dora@example.org', subject: 'Once', body: 'Sent once.' });
    await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    assert.deepEqual(await written(anna.page), { people: [], subject: '', body: '' });
    await anna.page.goForward();
    await anna.page.getByRole('heading', { level: 1, name: 'Once' }).waitFor();
    await anna.page.getByLabel('Your answer', { exact: true }).fill('One thing more.');
    await button(anna.page, 'Send').click();
    await anna.page.getByText('Your answer is sent.').waitFor();
    await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Once' }).waitFor();
    assert.equal(await anna.page.locator('textarea[name=body]').inputValue(), '');
  });

  test('coming back after a refusal, all of it is there; after signing out, nothing', async () => {
    const message = { to: 'emil@example.org', cc: 'dora@example.org', subject: 'Long', body: '' };
    const line = `${'€'.repeat(99)}\n`;
    await compose(anna.page, message);
    await anna.page.locator('#body').evaluate((area, text) => { area.value = text; }, line.repeat(5000));
    await button(anna.page, 'Send').click();
    await anna.page.getByRole('heading', { name: 'That is too much at once' }).waitFor();
    await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    const { people, subject, body } = await written(anna.page);
    assert.deepEqual([people, subject, body.length], [[message.to, message.cc], 'Long', 5000 * line.length]);
    await compose(anna.page, { ...message, subject: 'Private', body: 'Of nobody’s business.' });
    await anna.page.goto('/account');
    await button(anna.page, 'Sign out').last().click();
    await signIn(anna.page, 'anna@example.com');
    await anna.page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    for (let i = 0; i < 6 && new URL(anna.page.url()).pathname !== '/compose'; i++)
      await anna.page.goBack();
    await anna.page.getByRole('heading', { level: 1, name: 'Write a message' }).waitFor();
    assert.deepEqual(await written(anna.page), { people: [], subject: '', body: '' });
  });

  test('many guests are moved to Bcc with one click', async () => {
    const many = Array.from({ length: 6 }, (_, i) => `guest${i}@example.org`);
    await compose(anna.page, { to: many.slice(0, 4).join(', '), cc: many.slice(4).join(', '), subject: 'Hello', body: 'All' });
    await anna.page.getByText('Everybody sees the addresses of all others.').waitFor();
    await button(anna.page, 'Move all to Bcc').click();
    assert.deepEqual(await anna.page.locator('[data-people=bcc] .chip > span').allInnerTexts(), many);
    await anna.page.getByText('Everybody sees the addresses of all others.').waitFor({ state: 'hidden' });
    await anna.page.getByRole('heading', { name: '6 people will be invited' }).waitFor();
    assert.equal(await anna.page.locator('#to').inputValue(), '');
  });

  test('more people than a message can go to are told of at once', async () => {
    await anna.page.goto('/compose');
    const sentence = anna.page.getByText('A message can go to at most 500 people.');
    await peopleField(anna.page, 'To').fill(`${Array.from({ length: 501 }, (_, i) => `p${i}@example.org`).join(', ')},`);
    await sentence.waitFor();
    await button(anna.page, 'Remove p500@example.org').click();
    await sentence.waitFor({ state: 'hidden' });
  });

  test('each paragraph reads in its own direction; code from the left', async () => {
    const hebrew = '\u05e9\u05dc\u05d5\u05dd';
    const body = `Hello\n\n${hebrew}\n\n- ${hebrew}\n\n> ${hebrew}\n\n\`\`\`\n${hebrew}\n\`\`\`\n\nsee https://example.com/a.`;
    await send(anna.page, { to: 'emil@example.org', subject: 'Directions', body });
    const sides = await anna.page.locator('.body').last().evaluate((shown) => {
      const { left, right } = shown.getBoundingClientRect();
      return [...shown.querySelectorAll('p, li, pre')].map((block) => {
        const range = document.createRange();
        range.selectNodeContents(block);
        const text = range.getBoundingClientRect();
        return text.left - left < right - text.right ? 'left' : 'right';
      });
    });
    assert.deepEqual(sides, ['left', 'right', 'right', 'right', 'left', 'left']);
    assert.equal(await anna.page.locator('.body ul').evaluate((list) => getComputedStyle(list).direction), 'rtl');
    assert.equal(await anna.page.getByRole('link', { name: 'https://example.com/a', exact: true }).getAttribute('rel'),
      'noopener noreferrer nofollow');
  });

  test('an address without @ is named, and the text is kept', async () => {
    await compose(anna.page, { to: 'nobody', subject: 'Oops', body: 'Written with care.' });
    await button(anna.page, 'Send').click();
    await anna.page.getByRole('alert').waitFor();
    assert.match(await anna.page.getByRole('alert').innerText(), /“nobody” is not a complete e-mail address/);
    assert.equal(await anna.page.getByLabel('Message', { exact: true }).inputValue(), 'Written with care.');
    assert.deepEqual(anna.trouble, []);
  });
});

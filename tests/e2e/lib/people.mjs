// What people do on the pages, found by what they can read there.
import assert from 'node:assert/strict';

export const PASSWORD = 'lantern over quiet water';

const exactly = (name) => ({ name, exact: true });

export function button(page, name) {
  return page.getByRole('button', typeof name === 'string' ? exactly(name) : { name });
}

// Registers by a link; returns the recovery code.
export async function register(page, link, name, password = PASSWORD) {
  await page.goto(link);
  await page.getByLabel('Your name', { exact: true }).fill(name);
  await page.getByLabel('Choose a password', { exact: true }).fill(password);
  await button(page, /^Register/).click();
  await page.getByRole('heading', { name: `You are registered, ${name}` }).waitFor();
  const code = await page.getByLabel('Recovery code', { exact: true }).innerText();
  assert.match(code.trim(), /^([0-9A-Z]{6}-){4}[0-9A-Z]{6}$/i);
  return code.trim();
}

export async function signIn(page, address, password = PASSWORD) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address', { exact: true }).fill(address);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
}

export async function signOut(page) {
  await button(page, 'Sign out').click();
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
}

// With JavaScript the field is a combobox, without it a text area.
export function peopleField(page, name) {
  return page.getByRole('combobox', exactly(name)).or(page.getByRole('textbox', exactly(name)));
}

// Fills the compose form and does not send it. {to, cc, bcc, subject, body}
export async function compose(page, { to, cc, bcc, subject, body }) {
  await page.goto('/compose');
  await peopleField(page, 'To').fill(to);
  if (cc || bcc)
    await page.getByText('Add Cc or Bcc', { exact: true }).click();
  if (cc)
    await peopleField(page, 'Cc').fill(cc);
  if (bcc)
    await peopleField(page, 'Bcc').fill(bcc);
  await page.getByLabel('Subject', { exact: true }).fill(subject);
  await page.getByLabel('Message', { exact: true }).fill(body);
}

// Sends to people the portal knows.
export async function send(page, message) {
  await compose(page, message);
  await button(page, 'Send').click();
  await page.getByText('Your message is sent', { exact: false }).waitFor();
}

// Sends to one new person, having seen that they will be invited. Without JavaScript the portal asks after the first try.
export async function sendAndInvite(page, message, { grade = 'Guest', hasScript = true } = {}) {
  await compose(page, message);
  if (!hasScript)
    await button(page, 'Send').click();
  await page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
  await page.getByRole('radio', { name: grade }).check();
  await button(page, 'Send and invite').click();
  await page.getByText('Your message is sent, and one person is invited.').waitFor();
}

export async function reply(page, body) {
  await page.getByLabel('Your answer', { exact: true }).fill(body);
  await button(page, 'Send answer').click();
  await page.getByText('Your answer is sent.').waitFor();
}

export async function openFromInbox(page, subject) {
  await page.goto('/inbox');
  await page.getByRole('link', { name: subject }).click();
  await page.getByRole('heading', { level: 1, name: subject }).waitFor();
}

// Opens the list of who has been notified and who has read a message of one's own, if it is not open already.
export async function showDelivery(page) {
  const summary = page.getByText(/^Opened by \d+ of/).first();
  await summary.waitFor();
  const details = page.locator('details').filter({ has: summary }).last();
  if (await details.count() && await details.getAttribute('open') === null)
    await summary.click();
}

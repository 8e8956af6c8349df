// Debian's Chromium through playwright-core. One browser a suite, one context a person, everything suspicious collected.
import { chromium } from 'playwright-core';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-default-apps', '--no-default-browser-check'];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
}

// A person at a browser of their own: {context, page, trouble}. `trouble` collects what must never happen: errors in the
// console, exceptions, dialogs, refused by the content security policy, requests to elsewhere.
export async function visit(browser, portal, options = {}) {
  const context = await browser.newContext({ baseURL: portal.url, ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  const trouble = [];
  context.setDefaultTimeout(20_000);
  context.on('console', (message) => {
    // Chromium writes refused pages (403, 404, 410, 422) into the console; they are answers, not mistakes of a page.
    if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text()))
      trouble.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => trouble.push(`exception: ${error.error()}`));
  context.on('dialog', (dialog) => {
    if (dialog.type() === 'beforeunload')
      return dialog.accept(); // the warning before unsent text is lost
    trouble.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== portal.url && protocol !== 'data:' && protocol !== 'about:')
      trouble.push(`request to elsewhere: ${request.url()}`);
  });
  const page = await context.newPage();
  return { context, page, trouble };
}

// The same, signed in: `cookie` is "name=value", as lib/http.mjs gives it.
export async function visitAs(browser, portal, cookie, options) {
  const visitor = await visit(browser, portal, options);
  const at = cookie.indexOf('=');
  await visitor.context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: portal.url }]);
  return visitor;
}

// A small portal as the Learning Center shows it: each stop is one of its pictures, learn/pictures/NAME.webp.
// A picture is cut out of the page: from the top of `from` to the bottom of `to`.
import { visit, visitAs } from './browser.mjs';
import { attach, attached, makeFile, makePdf } from './files.mjs';
import { registerByHttp, sendByHttp } from './http.mjs';
import { learnSceneAdmin } from './learn_scene_admin.mjs';
import { compose, showDelivery } from './people.mjs';
import { Portal } from './portal.mjs';
import { askToSign, openSigning } from './signing.mjs';

const BEN = 'ben@example.org';
const VIEW = { viewport: { width: 720, height: 900 }, deviceScaleFactor: 1.5, colorScheme: 'light', reducedMotion: 'reduce' };
const LETTER = `Dear Ben,

your results are here, and they are **good**:

- Ferritin: 82 µg/l
- Haemoglobin: 14.1 g/dl

Kind regards
Anna Berg`;

// look({name, page, from, to, margin}) for each stop; from and to are locators, the margin is seldom another than usual.
export async function learnScene(browser, look) {
  const portal = await Portal.start();
  const contexts = [];
  const keep = async (visitor) => {
    contexts.push((await visitor).context);
    return visitor;
  };
  const go = async (name, { page }, path, act, from = 'h1', to = from, margin = undefined) => {
    await page.goto(path);
    await act?.(page);
    await look({ name, page, from: page.locator(from).first(), to: page.locator(to).first(), margin });
  };
  try {
    const anna = { cookie: await registerByHttp(portal, portal.link, 'Anna Berg') };
    Object.assign(anna, await keep(visitAs(browser, portal, anna.cookie, VIEW)));
    const send = (who, subject, body, invite) => sendByHttp(portal, who.cookie, { to: who === anna ? BEN : 'anna@example.com', subject, body }, invite);
    const results = (await send(anna, 'Your results', LETTER, { [BEN]: 'guest' })).headers.location.split('?')[0];

    const nobody = await keep(visit(browser, portal, VIEW));
    const invitation = await portal.post.link('register', BEN);
    await go('register', nobody, invitation, null, 'h1', 'form.card');
    const ben = { cookie: await registerByHttp(portal, invitation, 'Ben Carter') };
    Object.assign(ben, await keep(visitAs(browser, portal, ben.cookie, VIEW)));
    await go('message', ben, results, null, 'h1', '#reply');

    await go('write', anna, '/compose', (page) => compose(page, { to: `${BEN},`, subject: 'Your next appointment', body: 'Dear Ben,\n\nplease come on Monday at 10.' }), 'h1', '#body');
    await go('invite', anna, '/compose', async (page) => {
      await compose(page, { to: 'dora@example.net', subject: 'Welcome', body: 'Dear Dora' });
      await page.getByRole('heading', { name: 'One person will be invited' }).waitFor();
    }, '.invites');
    await go('options', anna, '/compose', (page) => page.locator('#options > summary').click(), '#options');
    await go('files', anna, '/compose', async (page) => {
      await attach(page, makeFile('Referral.pdf', makePdf(['Referral'])), makeFile('X-ray.dcm', 24_000_000));
      await attached(page, 'Referral.pdf');
      await attached(page, 'X-ray.dcm');
    }, '#files');

    await send(ben, 'May I swim?', 'Dear Anna, may I swim again?');
    await send(ben, 'Appointment in spring', 'May I come in March?');
    await send(anna, 'Blood test', 'Please come fasting.');
    await go('delivery', anna, results, showDelivery, '.delivery');
    await go('recall', anna, `${results}/recall`, null, 'h1', 'main form');
    await go('search', anna, '/search?q=appointment+from%3Aben', null, 'h1', '.rows');

    const documents = [{ name: 'Treatment contract.pdf', bytes: makePdf(['Treatment contract']) }];
    const contract = await askToSign(portal, anna.cookie, { to: BEN, subject: 'Please sign', body: 'Dear Ben, please sign.', documents,
      fields: [['s1', 'signature', BEN, 0, 1, 72, 200, 200, 50]] });
    await go('sign', ben, `${contract}/sign`, (page) => openSigning(page, contract), 'h1', '.sign-form');
    await go('to-sign', ben, contract, null, '.signing');
    await learnSceneAdmin({ portal, anna, go });
  } finally {
    for (const context of contexts)
      await context.close();
    await portal.stop();
  }
}

// A portal whose administrator, Anna Berg, has registered; others if they are asked for; and browsers at it.
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { launch, visit, visitAs } from './browser.mjs';
import { registerByHttp, sendByHttp } from './http.mjs';
import { Portal } from './portal.mjs';
import { SmtpServer } from './post_office.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// All is well with what somebody saw in their browser, and they leave.
export const done = ({ trouble, context }) => {
  assert.deepEqual(trouble, []);
  return context.close();
};

class Scene {
  cookies = {}; // by name: {anna, ...}
  visitors = [];

  // {people: {ben: [address, name, grade]}, office: how its mail server answers (fixtures/smtp.mjs),
  // ...options of Portal.start}
  async begin({ people = {}, office, ...options } = {}) {
    this.office = office && await SmtpServer.start(office);
    this.portal = await Portal.start({ mail: this.office?.url, ...options });
    this.cookies.anna = await registerByHttp(this.portal, this.portal.link, 'Anna Berg');
    for (const [who, [address, name, grade]] of Object.entries(people))
      this.cookies[who] = await this.join(address, name, grade);
    return this;
  }

  // Invited by a message of Anna's, and registered: their cookie.
  async join(address, name, grade = 'guest') {
    await sendByHttp(this.portal, this.cookies.anna, { to: address, subject: 'Welcome', body: 'Hello.' }, { [address]: grade });
    return registerByHttp(this.portal, await (this.office ?? this.portal.post).link('register', address), name);
  }

  // Somebody at a browser: {context, page, trouble}; Anna if nobody is named.
  as = async (cookie = this.cookies.anna, options = {}) => this.#keep(await visitAs(browser, this.portal, cookie, options));
  visit = async (options) => this.#keep(await visit(browser, this.portal, options));

  #keep(visitor) {
    this.visitors.push(visitor);
    return visitor;
  }

  // What is still open is closed first, as it would keep the portal from stopping.
  async end() {
    const trouble = [];
    for (const visitor of this.visitors.splice(0)) {
      trouble.push(...visitor.trouble);
      await visitor.context.close().catch(() => {}); // the hooks of a file run side by side: the browser may be gone
    }
    await this.portal?.stop();
    await this.office?.stop();
    assert.deepEqual(trouble, []);
  }
}

// One for all tests of a file: there before the first, gone after the last. `begun` runs once it is there.
export function sceneOfFile(options, begun) {
  const scene = new Scene();
  before(async () => {
    await scene.begin(options);
    begun?.();
  });
  after(() => scene.end());
  return scene;
}

// One for each test that asks for it: begin(options) in the test, gone after it.
export function sceneOfTest() {
  const begun = [];
  afterEach(async () => {
    for (const scene of begun.splice(0).reverse())
      await scene.end();
  });
  return (options) => {
    const scene = new Scene();
    begun.push(scene);
    return scene.begin(options);
  };
}

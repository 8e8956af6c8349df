// Makes the pictures of the Learning Center again, from the product as it is: node tests/e2e/learn_pictures.mjs [NAME...]
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from './lib/browser.mjs';
import { learnScene } from './lib/learn_scene.mjs';

const FOLDER = fileURLToPath(new URL('../../learn/pictures/', import.meta.url));
const MARGIN = 12;
const names = process.argv.slice(2);
fs.mkdirSync(FOLDER, { recursive: true });

// WebP, which Playwright's own screenshot() cannot.
async function picture(page, from, to, margin) {
  const [top, bottom] = [await from.boundingBox(), await to.boundingBox()];
  const scroll = await page.evaluate(() => scrollY);
  const y = Math.max(0, top.y + scroll - margin);
  const clip = { x: 0, y, width: page.viewportSize().width, height: bottom.y + scroll + bottom.height + margin - y, scale: 1 };
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80, clip, captureBeyondViewport: true });
  await session.detach();
  return Buffer.from(data, 'base64');
}

const browser = await launch();
await learnScene(browser, async ({ name, page, from, to, margin = MARGIN }) => {
  if (names.length && !names.includes(name))
    return;
  await page.evaluate(() => document.activeElement?.blur());
  const bytes = await picture(page, from, to, margin);
  fs.writeFileSync(`${FOLDER}${name}.webp`, bytes);
  console.log(`${name}: ${bytes.length} bytes`);
});
await browser.close();

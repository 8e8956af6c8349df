// Pictures of every page for human eyes: node tests/e2e/screenshots.mjs FOLDER [NAME...]
// Phone and desktop width, light and dark, empty, full, with mistakes and with long names.
import fs from 'node:fs';
import path from 'node:path';
import { launch } from './lib/browser.mjs';
import { tour } from './lib/tour.mjs';

const [folder, ...names] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node tests/e2e/screenshots.mjs FOLDER [NAME...]');
  process.exit(1);
}
fs.mkdirSync(folder, { recursive: true });

const browser = await launch();
await tour(browser, async ({ name, page, trouble }) => {
  if (trouble.length)
    console.log(`${name}: ${trouble.splice(0).join('; ')}`);
  if (names.length && !names.includes(name))
    return;
  for (const width of [390, 1280])
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true, animations: 'disabled' });
    }
}, { count: 60 });
await browser.close();

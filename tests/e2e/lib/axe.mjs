// What a page is like for everybody: axe finds nothing, and nothing scrolls sideways.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const AXE = fs.readFileSync(fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

// ["rule: what it is about: where | where"]; options: as axe.run() takes them.
export async function axeFindings(page, options = {}) {
  if (!await page.evaluate(() => 'axe' in globalThis))
    await page.evaluate(AXE);
  const { violations } = await page.evaluate((more) => globalThis.axe.run(document, { resultTypes: ['violations'], ...more }), options);
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

export async function assertFits(page, widths) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${wide} px too wide at ${width} px`);
  }
}

// The page as it stands now, in light and dark, from a phone to a desk.
export async function checkForEverybody(page) {
  await assertFits(page, [320, 390, 700, 900, 1280]);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await axeFindings(page), [], colorScheme);
  }
}

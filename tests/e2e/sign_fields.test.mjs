// Placing fields on the pages of documents to sign, by mouse, finger and keyboard.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { download, makePdf } from './lib/files.mjs';
import { request } from './lib/http.mjs';
import { button } from './lib/people.mjs';
import { as, choose, cookies, done, dragBy, fieldsOf, makeRequest, near, openEditor, pixels, place, portal, savedFields, sheet, tool, widgetsOf } from './lib/prepare_scene.mjs';
import { waitFor } from './lib/wait.mjs';

describe('placing fields', () => {
  test('by mouse: clicked, drawn, dragged out of the palette; moved, resized, to another page', async () => {
    const { id } = await makeRequest([makePdf(['One', 'Two'])]);
    const anna = await as('anna', { viewport: { width: 1280, height: 1000 } });
    const { page } = anna;
    await openEditor(anna, id);
    // Clicked: around the point.
    const [x, y] = await pixels(page, 1, [200, 300]);
    await tool(page, 'Signature').click();
    await sheet(page).click({ position: { x, y } });
    let [signature] = await fieldsOf(page);
    assert.equal(signature.signer, 'ben@example.org');
    near(signature.x + signature.width / 2, 200, 'its middle');
    near(signature.y + signature.height / 2, 300, 'its middle');
    // Drawn: as large as it was pulled.
    await choose(page, 'Cleo Diaz');
    await tool(page, 'Text').click();
    const corner = await sheet(page).boundingBox();
    const [left, top, right, bottom] = await pixels(page, 1, [330, 150, 500, 190]);
    await page.mouse.move(corner.x + left, corner.y + top);
    await page.mouse.down();
    await page.mouse.move(corner.x + right, corner.y + bottom, { steps: 5 });
    await page.mouse.up();
    const text = (await fieldsOf(page))[1];
    assert.equal(text.kind, 'text');
    assert.equal(text.signer, 'cleo@example.org');
    near(text.x, 330, 'from the left', 2);
    near(text.width, 170, 'wide', 2);
    near(text.height, 40, 'high', 2);
    const looks = await page.locator('.place').evaluateAll(all => all.map(one => getComputedStyle(one)).map(style => `${style.getPropertyValue('--who')} ${style.borderTopStyle}`));
    assert.equal(new Set(looks.filter(look => look.trim())).size, 2, `a colour for each signer: ${looks}`);
    // Its label, and that it may stay empty.
    await page.getByLabel('Label').fill('Date of birth');
    await page.getByLabel('Has to be filled in').uncheck();
    // Dragged out of the palette.
    const [fromTool, onPage] = [await tool(page, 'Date').boundingBox(), await sheet(page).boundingBox()];
    const [dateX, dateY] = await pixels(page, 1, [100, 100]);
    await page.mouse.move(fromTool.x + 10, fromTool.y + 10);
    await page.mouse.down();
    await page.mouse.move(onPage.x + 50, onPage.y + 50, { steps: 5 });
    await page.mouse.move(onPage.x + dateX, onPage.y + dateY, { steps: 5 });
    await page.mouse.up();
    assert.equal((await fieldsOf(page)).length, 3);
    // Moved far over the edge it stays on the page.
    await dragBy(page, place(page, /^Date/), -600, -30);
    const date = (await fieldsOf(page))[2];
    assert.equal(date.x, 0, 'no field leaves its page');
    // Made larger by its corner.
    await place(page, /^Signature/).click();
    await dragBy(page, page.locator('.is-selected .place-grip'), 60, 30);
    const before = signature;
    [signature] = await fieldsOf(page);
    assert.ok(signature.width > before.width + 10 && signature.height > before.height + 5, 'it is larger');
    assert.equal(signature.x, before.x);
    // To the second page, while the window scrolls.
    const box = await place(page, /^Signature/).boundingBox();
    await page.mouse.move(box.x + 30, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, 600, { steps: 3 });
    await page.mouse.move(box.x + 60, 985, { steps: 3 });
    await waitFor('the second page to come', async () => (await sheet(page, 2).boundingBox()).y < 500);
    await page.mouse.move(box.x + 60, 700, { steps: 3 });
    await page.mouse.up();
    [signature] = await fieldsOf(page);
    assert.equal(signature.page, 2);
    // All of it is kept, and is there again.
    const kept = await savedFields(page);
    await openEditor(anna, id);
    assert.deepEqual(await fieldsOf(page), kept);
    assert.deepEqual(kept.map(({ kind, need, label }) => [kind, need, label]), [['signature', 'required', ''], ['text', 'optional', 'Date of birth'], ['date', 'required', '']]);
    assert.equal(await page.locator('.place').count(), 3);
    await done(anna);
  });

  test('snapping, undo and redo, copies on all pages, removing', async () => {
    const { id } = await makeRequest([makePdf(['One', 'Two', { words: 'Small', extra: '/CropBox [0 500 300 792]' }])]);
    const anna = await as('anna', { viewport: { width: 1280, height: 1000 } });
    const { page } = anna;
    await openEditor(anna, id);
    for (const [name, points] of [['Initials', [100, 120]], ['Date', [300, 250]]]) {
      const [x, y] = await pixels(page, 1, points);
      await tool(page, name).click();
      await sheet(page).click({ position: { x, y } });
    }
    const [initials, date] = await fieldsOf(page);
    // Almost in line with the other: then in line.
    const [dx, dy] = await pixels(page, 1, [initials.x - date.x + 2, 150]);
    await dragBy(page, place(page, /^Date/), dx, dy);
    near((await fieldsOf(page))[1].x, initials.x, 'in line', 0.01);
    assert.equal(await page.locator('.guide').count(), 0, 'the lines are gone');
    await button(page, 'Undo').click();
    assert.equal((await fieldsOf(page))[1].x, date.x);
    await button(page, 'Redo').click();
    near((await fieldsOf(page))[1].x, initials.x, 'again', 0.01);
    await place(page, /^Initials/).click();
    await button(page, 'Copy to all pages').click();
    await waitFor('the copies', async () => (await fieldsOf(page)).length === 4);
    const copies = (await fieldsOf(page)).slice(2);
    assert.deepEqual(copies.map(one => one.page), [2, 3]);
    for (const copy of copies)
      assert.ok(copy.x + copy.width <= 300 || copy.page === 2, 'it is on the small page');
    await page.getByText('Copied to other pages: 2').waitFor({ state: 'attached' });
    await place(page, /^Date/).click();
    await button(page, 'Remove').click();
    assert.deepEqual((await fieldsOf(page)).map(one => one.kind), ['initials', 'initials', 'initials']);
    await page.keyboard.press('Control+z');
    assert.equal((await fieldsOf(page)).length, 4);
    await done(anna);
  });

  test('by keyboard alone', async () => {
    const { id } = await makeRequest([makePdf(['One', 'Two'])]);
    const anna = await as('anna');
    const { page } = anna;
    const { keyboard } = page;
    await openEditor(anna, id);
    const tabTo = async (matches, what) => {
      for (let i = 0; i < 60; i++) {
        await keyboard.press('Tab');
        if (await page.evaluate(matches))
          return;
      }
      assert.fail(`${what} is not reached by Tab`);
    };
    await tabTo(() => document.activeElement.matches('.filler input'), 'the signers');
    await keyboard.press('ArrowDown');
    await tabTo(() => document.activeElement.dataset.kind === 'signature', 'the palette');
    await keyboard.press('Enter');
    let [field] = await fieldsOf(page);
    assert.equal(field.signer, 'cleo@example.org');
    assert.equal(field.page, 1);
    assert.equal(await page.evaluate(() => document.activeElement.classList.contains('place')), true, 'it has the focus');
    const start = field;
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Shift+ArrowRight');
    [field] = await fieldsOf(page);
    assert.deepEqual([field.x - start.x, field.y - start.y, field.width - start.width, field.height - start.height].map(Math.round), [1, 2, 1, 0]);
    for (let i = 0; i < 5; i++)
      await keyboard.press('d'); // below each other
    const fields = await fieldsOf(page);
    assert.equal(fields.length, 6);
    assert.equal(new Set(fields.map(({ x, y }) => `${x} ${y}`)).size, 6, 'none hides another');
    await keyboard.press('1');
    assert.equal((await fieldsOf(page)).at(-1).signer, 'ben@example.org');
    await keyboard.press('Delete');
    await keyboard.press('Delete');
    assert.equal((await fieldsOf(page)).length, 4);
    await keyboard.press('Control+z');
    assert.equal((await fieldsOf(page)).length, 5);
    const said = await page.locator('.place').first().getAttribute('aria-label');
    assert.match(said, /Signature, Cleo Diaz, page 1, required/);
    // Letters do nothing elsewhere (WCAG 2.1.4).
    await tabTo(() => document.activeElement.matches('[data-do=check]'), 'the button').catch(() => page.locator('[data-do=check]').focus());
    await keyboard.press('s');
    assert.equal((await fieldsOf(page)).length, 5);
    await done(anna);
  });

  test('by finger on a phone', async () => {
    const { id } = await makeRequest([makePdf(['One', 'Two'])]);
    const anna = await as('anna', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
    const { page } = anna;
    await openEditor(anna, id);
    const hint = page.locator('[data-hint]');
    await tool(page, 'Signature').tap();
    assert.equal(await hint.innerText(), 'Signature: tap the page where it belongs, or tap Signature once more to give up.');
    await tool(page, 'Signature').tap();
    assert.match(await hint.innerText(), /^For .+: choose a field, then tap where it belongs, or drag it there\.$/);
    await tool(page, 'Signature').tap();
    const [x, y] = await pixels(page, 1, [300, 150]);
    await sheet(page).tap({ position: { x, y } });
    let [field] = await fieldsOf(page);
    near(field.x + field.width / 2, 300, 'its middle', 2);
    await page.locator('.place.is-selected').waitFor();
    await drag(page, await place(page, /^Signature/).boundingBox(), -60, 20);
    const moved = (await fieldsOf(page))[0];
    assert.ok(moved.x < field.x - 50 && moved.y > field.y + 10, `moved: ${moved.x} ${moved.y}`);
    [field] = [moved];
    const grip = await page.locator('.is-selected .place-grip').boundingBox();
    await drag(page, grip, 30, 20);
    await waitFor('the field to be wider', async () => (await fieldsOf(page))[0].width > field.width + 20);
    // So soon after a finger has pulled, the browser may not take another touch for a click.
    await waitFor('no field to be chosen', async () => {
      if (await page.locator('.place.is-selected').count() === 0)
        return true;
      await button(page, 'Done').tap();
      return false;
    });
    // Dragged up out of the palette.
    const from = await tool(page, 'Date').boundingBox();
    const target = await sheet(page).boundingBox();
    await drag(page, from, target.x + 100 - (from.x + from.width / 2), target.y + 60 - (from.y + from.height / 2));
    assert.deepEqual((await fieldsOf(page)).map(one => one.kind), ['signature', 'date']);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, 'nothing scrolls sideways');
    await savedFields(page);
    await done(anna);
  });

  // As a finger does it, by the browser's own input.
  async function drag(page, box, x, y) {
    const session = await page.context().newCDPSession(page);
    const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const touch = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    await touch('touchStart', [from]);
    for (let step = 1; step <= 5; step++)
      await touch('touchMove', [{ x: from.x + (x * step) / 5, y: from.y + (y * step) / 5 }]);
    await touch('touchEnd', []);
    await session.detach();
  }

  test('a turned page that is cut: points from the top left of what is seen', async () => {
    const { id } = await makeRequest([makePdf([{ words: 'Turned', extra: '/Rotate 90 /CropBox [50 500 450 792]' }])]);
    const anna = await as('anna');
    const { page } = anna;
    await openEditor(anna, id);
    const shape = await sheet(page).evaluate(element => element.clientWidth / element.clientHeight);
    near(shape, 292 / 400, 'as it is shown', 0.01);
    const [x, y] = await pixels(page, 1, [150, 390], 292);
    await tool(page, 'Check box').click();
    await sheet(page).click({ position: { x, y } });
    const [field] = await fieldsOf(page);
    near(field.x + field.width / 2, 150, 'from the left', 4);
    near(field.y + field.height / 2, 390, 'from the top', 2);
    assert.ok(field.y + field.height <= 400);
    assert.equal(field.need, 'optional');
    await tool(page, 'Signature').click();
    await sheet(page).click({ position: { x: x / 2, y: y / 4 } });
    const placed = await savedFields(page);
    // What is sent has its fields there: as the document itself says, turned and cut as it is.
    await button(page, 'Check and send').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await page.getByText('Your message is sent').waitFor();
    const bytes = (await download(portal, `${new URL(page.url()).pathname}/documents/0`, cookies.anna)).bytes;
    const rectangles = await widgetsOf(bytes);
    for (const one of placed) {
      const is = rectangles.find(({ name }) => name.includes(one.id));
      assert.ok(is, `${one.id} is in ${rectangles.map(({ name }) => name)}`);
      for (const side of ['x', 'y', 'width', 'height'])
        near(is[side], one[side], `${one.kind}: ${side}`, 0.02);
    }
    await done(anna);
  });

  test('500 pages: at hand at once, drawn as one comes to them', async (t) => {
    const { id } = await makeRequest([makePdf(Array.from({ length: 500 }, (_, i) => `Page ${i + 1}`))]);
    const anna = await as('anna');
    const { page } = anna;
    const start = performance.now();
    await openEditor(anna, id);
    t.diagnostic(`usable after ${Math.round(performance.now() - start)} ms`);
    assert.equal(await page.locator('.pdf-page').count(), 500);
    assert.equal(await page.getByText('of 500').isVisible(), true);
    await page.getByLabel('Page', { exact: true }).fill('321');
    await page.getByLabel('Page', { exact: true }).press('Enter');
    await sheet(page, 321).locator('.pdf-text').getByText('Page 321').waitFor();
    assert.ok(await page.locator('.pdf-text span').count() < 60, 'only what is near is drawn');
    await page.locator('.sheets').focus();
    await page.keyboard.press('i');
    assert.equal((await fieldsOf(page))[0].page, 321);
    await page.locator('.place').focus();
    await button(page, 'Copy to all pages').click();
    await waitFor('all copies', async () => (await fieldsOf(page)).length === 500);
    await savedFields(page);
    await done(anna);
  });

  test('a font and an encoding that the PDF does not bring come from the portal', async () => {
    const japanese = `<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0
      /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3
      /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>] >>`;
    const { id } = await makeRequest([makePdf(['Helvetica']), makePdf(['\\145\\162\\145\\173'], japanese)]); // UTF-16
    const anna = await as('anna');
    const came = [];
    anna.page.on('response', (response) => { if (/liberation|bcmap/.test(response.url())) came.push(`${response.status()} ${/\w+$/.exec(response.url())[0]}`); });
    await openEditor(anna, id);
    await sheet(anna.page, 2).scrollIntoViewIfNeeded();
    await anna.page.locator('.pdf-text').getByText('敲敻').waitFor();
    await waitFor('both', () => came.includes('200 ttf') && came.includes('200 bcmap'));
    const { headers } = await request(portal, `/drafts/${id}/fields`, { cookie: cookies.anna });
    assert.match(headers['content-security-policy'], /script-src 'self';.*require-trusted-types-for 'script'.*worker-src 'self'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
    await done(anna);
  });
});

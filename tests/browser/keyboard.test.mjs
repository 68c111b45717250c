// Goal: everything works from the keyboard, the focus can be seen, and what happens is announced; an order is found however
// its id is typed.
// Method: real key presses in Chromium on pages opened from disk. A focus mark is an outline of at least 2 px with a
// contrast of at least 3 to 1 against the page; what was copied is pasted into the find field and read back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FIND, announced, fileUrl, launch, tabTo } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  await page.goto(fileUrl(path), { waitUntil: 'load' });
  return page;
}

async function assertFocusIsSeen(page, what) {
  const mark = await page.evaluate(() => {
    const light = (color) => {
      const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(document.activeElement);
    const [a, b] = [style.outlineColor, getComputedStyle(document.body).backgroundColor].map(light);
    const box = document.activeElement.getBoundingClientRect();
    return {
      style: style.outlineStyle,
      width: parseFloat(style.outlineWidth),
      contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
      onScreen: box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth,
    };
  });
  assert.notEqual(mark.style, 'none', `${what} shows its focus`);
  assert.ok(mark.width >= 2, `${what}: an outline of ${mark.width} px`);
  assert.ok(mark.contrast >= 3, `${what}: outline with a contrast of ${mark.contrast.toFixed(2)}`);
  assert.ok(mark.onScreen, `${what} is on the screen when it has the focus`);
}

const column = (page, table, index) =>
  page.$$eval(`${table} tbody tr`, (rows, i) => rows.map((row) => row.cells[i].textContent.trim()), index);

for (const path of ['index.html', 'order/ord2001.html']) {
  test(`the first Tab on ${path} lands on the skip link, which leads to the content`, async () => {
    const page = await open(path);
    const hidden = await page.$eval('.skip', (e) => e.getBoundingClientRect().bottom);
    assert.ok(hidden <= 0, 'the skip link is out of sight before');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await assertFocusIsSeen(page, 'the skip link');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null), 'the next stop is in the content');
    await page.close();
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`every tab stop of an order page and of a campaign page shows its focus, ${colorScheme}`, async () => {
    for (const path of ['order/ord2001.html', 'campaign/spring-growth.html']) {
      const page = await open(path, { colorScheme });
      const stops = new Set();
      for (let i = 0; i < 200; i++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          const e = document.activeElement;
          if (e === document.body) return null;
          e.dataset.stop ??= String(document.querySelectorAll('[data-stop]').length + 1);
          return { n: e.dataset.stop, what: `${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 30)}"` };
        });
        if (!stop || stops.has(stop.n)) break;
        stops.add(stop.n);
        await assertFocusIsSeen(page, `${path}: ${stop.what}`);
      }
      assert.ok(stops.size > 30, `${path}: only ${stops.size} tab stops`);
      await page.close();
    }
  });
}

test('a sortable header is reached by Tab, sorts with Enter, and says so', async () => {
  const page = await open('campaign/spring-growth.html');
  const header = (name) => `#lines th:has(> button:text-is("${name}"))`;
  const names = await page.$$eval('#lines thead th', (cells) => cells.map((cell) => cell.textContent.trim()));
  const before = await column(page, '#lines', 0);

  await tabTo(page, '#lines thead th button');
  await assertFocusIsSeen(page, 'the header');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), names[0]);
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute(header(names[0]), 'aria-sort'), 'ascending');
  await announced(page, new RegExp(`^Sorted by ${names[0]}, ascending$`));
  const up = await column(page, '#lines', 0);
  assert.notDeepEqual(up, before, 'the rows have another order');
  assert.deepEqual(up, [...before].sort());

  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute(header(names[0]), 'aria-sort'), 'descending');
  await announced(page, new RegExp(`^Sorted by ${names[0]}, descending$`));
  assert.deepEqual(await column(page, '#lines', 0), up.reverse());

  // Amounts sort by their value, not by their text, and only one header tells a direction.
  const last = names.length - 1;
  for (let i = 0; i < last; i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await announced(page, new RegExp(`^Sorted by ${names[last]}, ascending$`));
  const amounts = (await column(page, '#lines', last)).map((text) => Number(text.replaceAll(',', '')));
  assert.deepEqual(amounts, [...amounts].sort((a, b) => a - b));
  assert.equal(await page.locator('#lines [aria-sort]').count(), 1);
  // The total is no row to sort.
  assert.match(await page.textContent('#lines tfoot th'), /^\d+ lines$/);
  await page.close();
});

test('columns of numbers and of dates sort by value, and rows without a value stay at the end', async () => {
  let sorted = 0;
  for (const path of ['discrepancy/index.html', 'period/2026-05.html', 'status/calculated.html', 'account/index.html']) {
    const page = await open(path);
    const columns = await page.$$eval('table.sortable', (tables) => tables.flatMap((table, t) => [...table.tHead.rows[0].cells]
      .map((cell, c) => ({ t, c, isDate: cell.classList.contains('c-date'), isNumber: cell.classList.contains('n') }))
      .filter((column) => (column.isDate || column.isNumber) && table.tBodies[0].rows.length > 1)));
    for (const { t, c, isDate } of columns) {
      const table = page.locator('table.sortable').nth(t);
      await table.locator('thead th').nth(c).locator('button').press('Enter');
      const cells = await table.evaluate((element, at) => [...element.tBodies[0].rows].map((row) => {
        const cell = row.cells[at].cloneNode(true);
        if (cell.querySelector('.none')) return '';
        cell.querySelectorAll('.quiet, .vh').forEach((x) => x.remove());
        return cell.textContent.trim();
      }), c);
      const values = cells.filter((text) => text !== '').map((text) =>
        (isDate ? Date.parse(`${text} UTC`) : Number(text.replaceAll('−', '-').replace(/[^\d.-]/g, ''))));
      const what = `${path}, table ${t}, column ${c}: ${cells.slice(0, 8).join(' | ')}`;
      assert.ok(values.every((value) => !Number.isNaN(value)), what);
      assert.deepEqual(values, [...values].sort((a, b) => a - b), what);
      assert.equal(cells.slice(0, values.length).includes(''), false, what);
      sorted += 1;
    }
    await page.close();
  }
  assert.ok(sorted >= 4, `${sorted} columns`);
});

test('a copy button copies its text with Enter and says so', async () => {
  const page = await open('order/ord2001.html');
  for (const target of ['ticket', 'answer-finance', 'ready-text']) {
    await page.evaluate(() => document.activeElement.blur());
    await tabTo(page, `[data-copy="${target}"]`);
    await assertFocusIsSeen(page, `the button for ${target}`);
    // What the button before it said must not pass for this one's.
    await page.evaluate(() => { document.getElementById('live').textContent = ''; });
    await page.keyboard.press('Enter');
    await announced(page, /^Copied$/);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.copy), target, 'the focus stays');
    await page.fill(FIND, '');
    await page.focus(FIND);
    await page.keyboard.press('Control+V');
    assert.equal(await page.inputValue(FIND), (await page.textContent(`#${target}`)).trim());
  }
  await page.close();
});

test('the menu of a phone opens and closes by keyboard', async () => {
  const page = await open('order/ord2001.html', { viewport: { width: 390, height: 844 } });
  assert.equal(await page.isVisible('#menu'), false);
  await tabTo(page, '.menu-b');
  await assertFocusIsSeen(page, 'the menu button');
  await page.keyboard.press('Enter');
  assert.equal(await page.isVisible('#menu a'), true, 'Enter opens the menu');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#menu') !== null), 'the next stop is in the menu');
  await assertFocusIsSeen(page, 'the first entry');
  await page.keyboard.press('Escape');
  assert.equal(await page.isVisible('#menu'), false, 'Escape closes the menu');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.menu-b')), 'the focus is back on the button');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(fileUrl('period/index.html'));
  await page.close();
});

test('an order is found however its id is typed, from any depth of the tree', async () => {
  for (const path of ['index.html', 'order/ord1003.html', 'kb/index.html']) {
    for (const typed of ['ord 2001', 'ORD-2001', 'ＯＲＤ２００１', '  ord_2001 ', 'Ord–2001']) {
      const page = await open(path);
      await tabTo(page, FIND);
      await assertFocusIsSeen(page, 'the find field');
      await page.keyboard.insertText(typed);
      await page.keyboard.press('Enter');
      await page.waitForURL(fileUrl('order/ord2001.html'), { timeout: 3000 }).catch(() => assert.fail(`"${typed}" on ${path} leads to ${page.url()}`));
      assert.match(await page.textContent('h1'), /^ORD-2001/);
      await page.close();
    }
  }
});

test('an empty find field keeps the page and says what is missing', async () => {
  for (const typed of ['', ' -/. ']) {
    const page = await open('order/ord1003.html');
    await page.focus(FIND);
    await page.keyboard.insertText(typed);
    await page.keyboard.press('Enter');
    await announced(page, /^Enter an ID or a word\.$/);
    assert.equal(page.url(), fileUrl('order/ord1003.html'));
    assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
    await page.close();
  }
});

test('an id that is too long for an address says what was searched', async () => {
  const page = await open('index.html');
  await page.fill(FIND, 'X'.repeat(121));
  await page.focus(FIND);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#found-heading');
  assert.ok(page.url().startsWith(fileUrl('query.html')));
  assert.match(await page.textContent('#found'), /Searched: every order/);
  await page.close();
});

test('the knowledge base is filtered while typing', async () => {
  const page = await open('kb/index.html');
  const all = await page.locator('.kbl > li:visible').count();
  await tabTo(page, '.filter input');
  await page.keyboard.insertText('claw');
  await announced(page, /^\d+ articles?$/);
  const some = await page.locator('.kbl > li:visible').count();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  assert.match(await page.textContent('#live'), new RegExp(`^${some} `));
  await page.keyboard.insertText(' zzzz');
  await announced(page, /^0 articles$/);
  assert.ok(await page.isVisible('.filter > p'), 'it tells that nothing is left');
  await page.close();
});

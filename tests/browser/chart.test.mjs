// Goal: charts read as well as the figures they are made of: on both widths, light and dark, on paper, without JavaScript,
// and for who does not see them; no text of theirs is covered by another, and their tables hold the same figures.
// Method: the overview of the site, and a page of charts that are hard to draw (`examples/charts.rs`): one position and
// sixty, gaps, zeros, amounts below zero and of every size, lines that end close to each other. Boxes of texts and bars are
// measured in Chromium; the title of each bar is compared with its row of the table.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, assertNone, fileUrl, launch, violations, watch } from './support.mjs';

let browser, folder, pages;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tieout-charts-'));
  const run = spawnSync('cargo', ['run', '--release', '--quiet', '--example', 'charts', '--', folder], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  assert.equal(run.status, 0, `examples/charts.rs ended with ${run.status ?? run.error}`);
  pages = { overview: fileUrl('index.html'), examples: pathToFileURL(join(folder, 'index.html')).href };
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const SIZES = [['wide', 1280], ['narrow', 390]];

/** How many charts a page draws, at least: a test that finds none must not pass. */
const LEAST = { overview: 1, examples: 15 };

for (const colorScheme of ['light', 'dark']) {
  for (const [size, width] of SIZES) {
    test(`no known barrier, ${colorScheme}, ${size}, tables shown`, async () => {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
      const page = await context.newPage();
      const wrong = [];
      for (const [name, url] of Object.entries(pages)) {
        await page.goto(url, { waitUntil: 'load' });
        await page.$$eval('details', (all) => all.forEach((details) => { details.open = true; }));
        // The widest tables of the examples scroll on every screen; there too, axe cannot see what is out of sight.
        const { lines, ran } = await violations(page, name === 'examples' ? 0 : width);
        assert.ok(ran > 15, `${name}: axe checked only ${ran} rules`);
        wrong.push(...lines.map((line) => `${name}: ${line}`));
      }
      await context.close();
      assertNone(wrong, 'no violations');
    });
  }
}

for (const [size, width] of [...SIZES, ['on a small phone', 320], ['on a tablet', 800]]) {
  test(`one drawing is shown, its texts are legible and apart, ${size}`, async () => {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const seen = watch(page);
    const wrong = [];
    for (const [name, url] of Object.entries(pages)) {
      await page.goto(url, { waitUntil: 'load' });
      const { count, problems } = await page.evaluate(() => {
        const problems = [];
        const figures = [...document.querySelectorAll('figure')];
        for (const figure of figures) {
          const say = (what) => problems.push(`#${figure.id}: ${what}`);
          const shown = [...figure.querySelectorAll('svg.chart')].filter((svg) => svg.checkVisibility());
          if (shown.length !== 1) {
            say(`${shown.length} drawings are shown`);
            continue;
          }
          const [svg] = shown;
          if (svg.getAttribute('role') !== 'img' || !(svg.getAttribute('aria-label').length > 20)) say('it has no sentence');
          const frame = svg.getBoundingClientRect();
          const scale = frame.width / svg.viewBox.baseVal.width;
          // 12 px at the ordinary text size; a screen narrower than the smaller drawing makes it a little smaller.
          if (scale < (innerWidth < 380 ? 0.82 : 0.999) || scale > 1.001) say(`it is scaled by ${scale}`);
          const texts = [...svg.querySelectorAll('text')].map((text) => ({ text, box: text.getBoundingClientRect() }));
          if (texts.length < 2) say('it has no words');
          for (const { text, box } of texts) {
            if (getComputedStyle(text).fontSize !== '12px') say(`"${text.textContent}" has ${getComputedStyle(text).fontSize}`);
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
              say(`"${text.textContent}" leaves the drawing`);
            }
          }
          texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => {
            const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
            const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
            // The box of a text is as high as its line; letters of two lines 14 px apart do not meet.
            if (across > 0 && down > 2.5) say(`"${a.text.textContent}" and "${b.text.textContent}" overlap`);
          }));
          for (const bar of svg.querySelectorAll('g > rect')) {
            const box = bar.getBoundingClientRect();
            if (box.left < frame.left || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) say('a bar leaves the drawing');
            // A figure above a bar stands on the page, not on the bar.
            for (const { text, box: words } of texts) {
              const across = Math.min(box.right, words.right) - Math.max(box.left, words.left);
              const down = Math.min(box.bottom, words.bottom) - Math.max(box.top, words.top);
              if (across > 1 && down > 4) say(`"${text.textContent}" stands on a bar`);
            }
          }
        }
        return { count: figures.length, problems };
      });
      assert.ok(count >= LEAST[name], `${name} has ${count} charts`);
      wrong.push(...new Set(problems.map((problem) => `${name} ${problem}`)));
    }
    await page.close();
    wrong.push(...seen.problems);
    assertNone(wrong, 'every text can be read');
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`texts and shapes stand out from the page, ${colorScheme}`, async () => {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
    const wrong = [];
    for (const [name, url] of Object.entries(pages)) {
      await page.goto(url, { waitUntil: 'load' });
      const pairs = await page.evaluate(() => {
        const of = (selector, property, least) => [...document.querySelectorAll(`.chart-w ${selector}`)].map((e) =>
          [`${selector} in ${getComputedStyle(e)[property]}`, getComputedStyle(e)[property], least]);
        return {
          back: getComputedStyle(document.body).backgroundColor,
          parts: [...of('text', 'fill', 4.5), ...of('rect[class]', 'fill', 3), ...of('.line', 'stroke', 3), ...of('.a-base', 'stroke', 3), ...of('.a-total', 'stroke', 3)],
        };
      });
      const luminance = (color) => color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
      assert.ok(pairs.parts.length > 10);
      for (const [what, color, least] of pairs.parts) {
        const [dark, light] = [luminance(color), luminance(pairs.back)].sort((a, b) => a - b);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (!(contrast >= least)) wrong.push(`${name}: ${what} on ${pairs.back} has a contrast of ${contrast.toFixed(2)}`);
      }
    }
    await page.close();
    assertNone([...new Set(wrong)], 'contrast suffices');
  });
}

test('a table that was folded is a tab stop once it is shown and scrolls', async () => {
  for (const [width, stops] of [[390, true], [1280, false]]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    await page.goto(pages.examples, { waitUntil: 'load' });
    await page.locator('#section-year summary').click();
    const box = page.locator('#section-year details .tw');
    await page.waitForFunction((stops) => document.querySelector('#section-year details .tw').hasAttribute('tabindex') === stops, stops, { timeout: 3000 });
    assert.equal(await box.getAttribute('role'), stops ? 'region' : null, `at ${width} px`);
    await page.close();
  }
});

test('the table of a chart holds the figures of its bars and the ends of its lines', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const wrong = [];
  let compared = 0;
  for (const [name, url] of Object.entries(pages)) {
    await page.goto(url, { waitUntil: 'load' });
    await page.$$eval('details', (all) => all.forEach((details) => { details.open = true; }));
    const charts = await page.$$eval('figure', (figures) => figures.map((figure) => {
      const table = figure.parentElement.nextElementSibling.querySelector('table');
      const cells = (row) => [...row.cells].map((cell) => {
        const words = cell.cloneNode(true);
        words.querySelectorAll('.nt, .vh').forEach((x) => x.remove());
        return words.textContent.trim();
      });
      return {
        id: figure.id,
        drawings: [...figure.querySelectorAll('svg.chart')].map((svg) => [...svg.querySelectorAll('title')].map((title) => title.textContent)),
        isLines: !!figure.querySelector('svg.chart circle'),
        head: cells(table.tHead.rows[0]),
        rows: [...table.tBodies[0].rows].map(cells),
      };
    }));
    for (const { id, drawings, isLines, head, rows } of charts) {
      const plain = (words) => words.replaceAll('$', '').replace(/; total /, '; Total ');
      const expected = isLines
        ? head.slice(1).map((series, column) => {
          const row = rows.find((cells) => cells[column + 1] !== '–');
          return row && `${series}: ${row[column + 1]}, ${row[0]}`;
        }).filter(Boolean)
        : rows.toReversed().map((cells) => {
          const figures = head.slice(1).map((series, column) => [series, cells[column + 1]]).filter(([, figure]) => figure !== '–');
          const words = figures.length > 1 ? figures.map((pair) => pair.join(' ')).join('; ') : figures[0]?.[1];
          return words && `${cells[0]}: ${words}`;
        }).filter(Boolean);
      for (const titles of drawings) {
        const found = titles.map((title) => plain(title).replace(', in progress:', ':'));
        compared += found.length;
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${name} #${id}:\n    ${found.join('\n    ')}\n  is not\n    ${expected.join('\n    ')}`);
      }
    }
  }
  await page.close();
  assertNone(wrong, 'drawing and table agree');
  assert.ok(compared > 300, `${compared} figures were compared`);
});

test('the bars of the overview have the totals of the table of months, and heights to match', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(pages.overview, { waitUntil: 'load' });
  const { bars, months } = await page.evaluate(() => ({
    bars: [...document.querySelectorAll('#months .chart-w g')].map((bar) => ({
      title: bar.querySelector('title').textContent,
      height: [...bar.querySelectorAll('rect[class]')].reduce((sum, rect) => sum + rect.height.baseVal.value, 0),
      isHatched: !!bar.querySelector('rect[fill^="url("]'),
    })),
    months: [...document.querySelectorAll('#months > .tw tbody tr')].map((row) => [row.cells[0].textContent, row.cells[row.cells.length - 1].textContent]),
  }));
  await page.close();
  assert.ok(months.length >= 3);
  assert.equal(bars.length, months.length);
  const cents = (amount) => Math.round(Number(amount.replace(/[$,]/g, '').replace('−', '-')) * 100);
  const scale = bars.map(({ title, height }) => height / cents(title.split(' ').at(-1)));
  const largest = Math.max(...bars.map(({ height }) => height));
  for (const [month, total] of months) {
    const bar = bars.find(({ title }) => title.startsWith(month));
    assert.ok(bar, `${month} has a bar`);
    assert.ok(bar.title.endsWith(`total $${total}`), `${bar.title} is ${total}`);
    // The month of the snapshot has not ended.
    assert.equal(bar.isHatched, month === 'June 2026', month);
    assert.ok(Math.abs(bar.height / cents(total) - scale[bars.findIndex(({ height }) => height === largest)]) * cents(total) < 0.25, `${month} is ${bar.height} px high`);
  }
});

test('without JavaScript the table opens, and on paper it is open', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: 'dark', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  for (const url of Object.values(pages)) {
    await page.goto(url, { waitUntil: 'load' });
    const table = page.locator('details.figures table').first();
    assert.equal(await table.isVisible(), false);
    await page.locator('details.figures summary').first().click();
    assert.equal(await table.isVisible(), true);
    await page.locator('details.figures summary').first().click();
    const fill = () => page.locator('svg.chart-w rect[class]').first().evaluate((rect) => getComputedStyle(rect).fill);
    const dark = await fill();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(await page.locator('summary:visible').count(), 0);
    assert.equal(await page.locator('details.figures table:visible').count(), await page.locator('details.figures').count());
    assert.notEqual(await fill(), dark, 'paper has the light colors');
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
  }
  await context.close();
});

test('forced colors keep the fills and take over texts and lines', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, forcedColors: 'active', colorScheme: 'dark' });
  await page.goto(pages.examples, { waitUntil: 'load' });
  const [fills, text, page_] = await page.evaluate(() => [
    [...document.querySelectorAll('#year .chart-w g:first-of-type rect[class], #year .chart-w g:last-of-type rect[class]')].map((rect) => getComputedStyle(rect).fill),
    getComputedStyle(document.querySelector('#year .chart-w text')).fill,
    getComputedStyle(document.body).color,
  ]);
  await page.close();
  assert.equal(new Set(fills).size, 4, `four colors: ${fills}`);
  assert.equal(text, page_);
});

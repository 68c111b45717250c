// Goal: a question about rebates is answered in the browser, to the cent and with the figures of `tieout query`, from disk and
// over http, by keyboard, on a phone, in the dark and on paper; and where a question is wrong, finds nothing or cannot be
// answered, the page says why and what to do next.
// Method: the three scenarios of the brief on the sample, as a reader does them; then the engine of the page for many scopes
// against the program's JSON, each scope at every level of its data (facts of months, groups, rows); then a project with
// 700 lines for pages, order and files. Errors of scripts fail every test.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, SITE, announced, assertNone, fileUrl, launch, program, serve, tabTo, violations, watch } from './support.mjs';

const PAGE = 'query.html', WIDE = { width: 1280, height: 900 }, PHONE = { width: 390, height: 844 };
let browser, folder, server, many;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tieout-query-'));
  server = await serve(SITE);
  many = makeMany();
});
after(async () => {
  await browser?.close();
  server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A project with 700 lines in one month and 40 in the one before. */
function makeMany() {
  const input = join(folder, 'many/input');
  cpSync(join(ROOT, 'input/reference'), join(input, 'reference'), { recursive: true });
  mkdirSync(join(input, '2026-06-18'), { recursive: true });
  const orders = readFileSync(join(ROOT, 'input/2026-06-18/orders.csv'), 'utf8').split('\n').slice(0, 2);
  writeFileSync(join(input, '2026-06-18/orders.csv'), orders.join('\n') + '\n');
  const head = 'line_id,reseller_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,region,period,base_amount,rate,calculated_amount,currency,status,reason_code,status_date,approved_date,paid_amount,payout_id';
  const line = (i, period, program) => `L-${i},R-100,${program},,ORD-9${i},,,compute,,${period},100.00,0.08,${(i % 97) + 1}.00,USD,${i % 3 ? 'CALCULATED' : 'APPROVED'},,2026-06-18,,,`;
  const rows = Array.from({ length: 740 }, (_, i) => line(i, i < 700 ? '2026-05' : '2026-04', i % 2 ? 'CORE' : 'SPRING'));
  writeFileSync(join(input, '2026-06-18/rebate_lines.csv'), [head, ...rows].join('\n') + '\n');
  program(['build', '--quiet'], { cwd: join(folder, 'many') });
  return join(folder, 'many/site/internal');
}

const flat = (text) => text.replace(/\s+/g, ' ').trim();
const address = (site, scope = '') => `${pathToFileURL(join(site, PAGE)).href}${scope ? `?${scope}` : ''}`;

async function newPage(viewport = WIDE, options = {}) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
  const page = await context.newPage(), seen = watch(page);
  return { page, seen, close: async () => { await context.close(); assertNone(seen.problems, 'nothing on the console'); } };
}

/** Waits until nothing is being asked any more. */
const answered = (page) => page.waitForSelector('#answer:not([aria-busy]) #result', { timeout: 20_000 });
async function open(page, url) {
  await page.goto(url, { waitUntil: 'load' });
  await answered(page);
}

/** Does something that asks again, and waits for the other answer. */
async function then(page, act) {
  await page.evaluate(() => { document.getElementById('result')?.setAttribute('data-old', ''); });
  await act();
  await page.waitForSelector('#answer:not([aria-busy]) #result:not([data-old])', { timeout: 20_000 });
}

/** Rows of a table as texts of their cells. */
const cells = (page, selector) => page.$$eval(`${selector} tbody tr, ${selector} tfoot tr`, (all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim())));
const search = (page) => new URL(page.url()).search;

const PLACES = [['from disk', () => fileUrl(PAGE)], ['over http, below a folder', () => server.root + PAGE]];

for (const [where, start] of PLACES) {
  test(`scenario A ${where}: last month and a campaign give 18,420.00, and why one line waits`, async () => {
    const { page, seen, close } = await newPage();
    await open(page, start());
    assert.match(await page.textContent('.answer'), /1–31 May 2026/, 'the last full month is answered at once');
    await page.click('label:has-text("Last full month")');
    await page.selectOption('#q-campaign', { label: 'Spring Growth' });
    await then(page, () => page.click('#query button:has-text("Query"):not(#refresh)'));
    assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth');
    assert.equal(await page.textContent('.answer'), 'Total rebate for Spring Growth, 1–31 May 2026, is $18,420.00: $9,200.00 calculated ($1,900.00 of it under review), $6,050.00 approved, $3,170.00 paid.');
    assert.equal(await page.textContent('.big'), '$18,420.00');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'result');
    await announced(page, /^6 lines\. Total rebate \$18,420\.00$/);
    const states = await cells(page, '#states-usd');
    assert.deepEqual(states.map((row) => row.slice(0, 4)), [
      ['Calculated', '3', '9,200.00', '49.9%'], ['of which Under Review', '1', '1,900.00', '10.3%'], ['Approved', '2', '6,050.00', '32.8%'],
      ['Paid', '1', '3,170.00', '17.2%'], ['Total rebate', '6', '18,420.00', '100.0%'],
    ]);
    await then(page, () => page.click('#states-usd a:text-is("Calculated")'));
    assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth&bucket=calculated');
    const rows = await cells(page, '#rows');
    assert.deepEqual(rows.map((row) => [row[0], row[1], row.at(-1)]), [
      ['ORD-1003', 'Under Review', '1,900.00'], ['ORD-1002', 'Calculated', '3,100.00'], ['ORD-1001', 'Calculated', '4,200.00'], ['Total', '', '9,200.00'],
    ]);
    assert.match(rows[0][2], /^Invoice confirmation pending\. Expected update after billing cycle closure\./);
    await page.click('#rows a:has-text("ORD-1003")');
    await page.waitForURL(new URL('order/ord1003.html', start()).href);
    assertNone(seen.requests.filter((url) => !url.startsWith(new URL('./', start()).href) && !url.startsWith('data:')), 'nothing from outside');
    await close();
  });

  test(`scenario B ${where}: an order in any spelling, and the period it belongs to`, async () => {
    const { page, close } = await newPage();
    await open(page, start());
    await page.fill('#q-order', 'ord 2001');
    await then(page, () => page.press('#q-order', 'Enter'));
    const help = flat(await page.innerText('#answer'));
    assert.match(help, /No lines match this scope order ORD-2001, 1–31 May 2026 The order belongs to period April 1–30, but you queried May\. Show April 1–30 or open order ORD-2001\./);
    assert.equal(await page.getAttribute('#answer a:has-text("open order")', 'href'), './order/ord2001.html');
    await then(page, () => page.click('#answer a:text-is("Show April 1–30")'));
    assert.equal(search(page), '?from=2026-04-01&to=2026-04-30&order=ORD2001');
    const [row, total] = await cells(page, '#rows');
    assert.deepEqual(row.slice(-3), ['2,540.00', '−310.00', '2,230.00']);
    assert.deepEqual(total.slice(-3), ['2,540.00', '−310.00', '2,230.00']);
    assert.deepEqual((await cells(page, '#measures-usd')).map((cell) => [cell[0], cell[2]]), [
      ['Eligible', '2,540.00'], ['Calculated so far', '2,540.00'], ['Adjustments', '−310.00'], ['Total rebate', '2,230.00'], ['Approved so far', '2,230.00'], ['Paid so far', '2,230.00'],
    ]);
    await close();
  });

  test(`scenario C ${where}: an account, its rejected line and the recommended fix`, async () => {
    const { page, close } = await newPage();
    await open(page, start());
    await page.fill('#q-account', 'acc 3001');
    await then(page, () => page.press('#q-account', 'Enter'));
    const [row] = await cells(page, '#rows');
    assert.deepEqual(row.slice(0, 2), ['ORD-3001', 'Rejected']);
    assert.match(row[2], /SKU not eligible for current rebate program tier\..*Recommended fix: Confirm if product should be enrolled under 'Enterprise Eligible' program\./);
    assert.match(await page.textContent('.answer'), /is \$0\.00\. 1 line was rejected/);
    await close();
  });
}

// ---- The engine against the program.

const SCOPES = [
  '', 'period=2026-04', 'from=2026-03-01&to=2026-06-18', 'from=2026-05-10&to=2026-06-10', 'from=2026-05-14&to=2026-05-14', 'program=core', 'program=SPRING&status=calculated',
  'campaign=spring-growth', 'campaign=SPRING GROWTH&bucket=calculated', 'status=under-review', 'status=calculated', 'status=no-line', 'status=rejected,unknown-error', 'bucket=paid&from=2026-03&to=2026-06',
  'kind=clean', 'kind=missing-rebate,duplicate-order', 'category=Compute', 'region=eu-central-1', 'currency=jpy', 'currency=EUR&from=2026-01-01&to=2026-12-31', 'customer=CUST-04', 'customer=cust 01&status=paid',
  'account=acc-3001', 'order=ORD-6003', 'order=ord-6005', 'order=ord 4018', 'batch=sg2605xyz', 'payout=PO-5001&from=2026-04-01&to=2026-04-30', 'batch=CORE-2605&category=storage', 'program=NONE',
  'from=2026-04-15&to=2026-05-15&program=core&status=calculated,paid', 'campaign=Enterprise&status=paid',
];

test('every scope, from facts, groups and rows alike, is what `tieout query` says', async () => {
  // The policy of the page keeps other scripts out, so it is set aside for the two engines that read less, or more, at once.
  const { page, close } = await newPage(WIDE, { bypassCSP: true });
  await open(page, fileUrl(PAGE));
  const engine = readFileSync(join(ROOT, 'src/render/assets/query-data.js'), 'utf8');
  await page.evaluate(() => { window.engines = { rows: window.tieout.data }; });
  const changed = engine.replace('FEW = 1000', 'FEW = -1');
  assert.notEqual(changed, engine, 'the limit of rows that are read at once is where it was');
  await page.addScriptTag({ content: changed });
  await page.evaluate(() => { window.engines.sums = window.tieout.data; });
  const wrong = [];
  let sums = 0;
  for (const scope of SCOPES) {
    const said = JSON.parse(program(['query', ...(scope ? [scope] : []), '--format', 'json']));
    for (const name of ['rows', 'sums']) {
      const found = await page.evaluate(async ([text, which]) => {
        const { scope: scopes, kit } = window.tieout, data = window.engines[which];
        const index = await data.open(document.getElementById('answer').dataset.set), asked = data.resolve(index, scopes.parse(text, index.months));
        const answer = await data.answer(index, asked), money = (minor, of) => kit.plain(minor, of.currency), list = [];
        const isLoaded = answer.pager.isLoaded();
        for (let number = 0; number < answer.pager.pages; number++) list.push(...await answer.pager.page(number));
        return {
          isLoaded, text: scopes.format(asked), rows: answer.rows,
          lines: list.map((row) => [row.named, row.line ?? '', row.status]),
          currencies: answer.currencies.map((of) => ({
            code: of.currency.code, rows: of.rows, lines: of.lines, measures: of.measures.map((minor) => money(minor, of)),
            states: Object.fromEntries(of.states.map((state) => [state.status, [state.rows, money(state.expected, of), state.unknown, money(state.total, of), money(state.paid, of), state.due]])),
            facets: Object.fromEntries([...of.facets].filter(([dimension]) => dimension !== 'customer').map(([dimension, values]) =>
              [dimension, Object.fromEntries(values.map((value) => [value.value, [value.rows, value.lines, money(value.total, of)]]))])),
          })),
        };
      }, [scope, name]);
      if (!found.isLoaded) sums++;
      const what = `${scope || 'the default'} (${name})`, same = (mine, own, part) => { if (JSON.stringify(mine) !== JSON.stringify(own)) wrong.push(`${what}: ${part} is ${JSON.stringify(mine)}, not ${JSON.stringify(own)}`); };
      // The page spells names as the data has them, and the program takes that text as it is.
      if (found.text !== said.scope) same(found.text, JSON.parse(program(['query', found.text, '--format', 'json'])).scope, 'the scope');
      same(found.rows, said.rows, 'the number of rows');
      same(found.currencies.map((of) => of.code), said.currencies.map((of) => of.currency), 'the currencies');
      const labels = { 'No rebate line': 'no-line', 'Unknown / Error': 'unknown-error' }, slug = (label) => labels[label] ?? label.toLowerCase().replaceAll(' ', '-');
      same(found.lines, said.lines.map((row) => [row.order_id, row.line_id, slug(row.status)]), 'the rows');
      for (const own of said.currencies) {
        const mine = found.currencies.find((of) => of.code === own.currency);
        if (!mine) continue;
        same([mine.rows, mine.lines], [own.sums.rows, own.sums.lines], 'rows and lines');
        same(mine.measures, ['eligible', 'calculated_so_far', 'adjustments', 'total_rebate', 'approved_so_far', 'paid_so_far'].map((measure) => own.sums[measure]), 'the measures');
        const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
        const states = {};
        for (const [status, of] of Object.entries(own.by_status)) states[status] = [of.rows, of.expected, of.not_recomputed, of.total_rebate, of.paid_so_far, of.due_rows];
        same(sorted(mine.states), sorted(states), 'the states');
        for (const [dimension, values] of Object.entries(said.facets)) {
          const all = values.filter((value) => value.currency === own.currency).map((value) => [value.value ?? 'null', [value.rows, value.lines, value.total]]);
          same(sorted(mine.facets[dimension]), sorted(Object.fromEntries(all)), dimension);
        }
      }
    }
  }
  assertNone(wrong, `${SCOPES.length} scopes agree`);
  assert.ok(sums > 15, `${sums} answers came from sums, without their rows`);
  await close();
});

// ---- Questions that are wrong, and those that find nothing.

test('a date that is none is named, linked to its field and explained; the usual spellings are taken', async () => {
  const { page, close } = await newPage();
  await open(page, fileUrl(PAGE));
  for (const [from, to, words, field] of [
    ['2026-02-30', '2026-05-31', /From: enter the date as YYYY-MM-DD, for example 2026-05-31\. “2026-02-30” is not a date.*Also accepted: .*31 May 2026.*\(code Q-101\)/, 'q-from'],
    ['2026-05-01', '5/6/2026', /To: enter the date.*“5\/6\/2026”.*Q-101/, 'q-to'],
    ['2026-06-10', '2026-05-31', /To: the end date must be on or after the start date \(10 Jun 2026\)\. \(code Q-101\)/, 'q-to'],
  ]) {
    await page.fill('#q-from', from);
    await page.fill('#q-to', to);
    await page.click('#query button:has-text("Query"):not(#refresh)');
    await page.waitForSelector('#problems:not([hidden]) li');
    assert.match(flat(await page.innerText('#problems')), words);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'problems');
    assert.equal(await page.getAttribute('#problems', 'role'), 'alert');
    assert.equal(await page.getAttribute(`#${field}`, 'aria-invalid'), 'true');
    assert.equal(await page.getAttribute(`#${field}`, 'aria-describedby'), await page.getAttribute('#problems li', 'id'));
    assert.equal(await page.locator('#answer table').count(), 0, 'no figure');
    await page.click('#problems a');
    assert.equal(await page.evaluate(() => document.activeElement.id), field);
  }
  for (const [from, to] of [['2026/05/01', '2026.05.31'], ['20260501', '31 May 2026'], ['May 1, 2026', '31.05.2026'], ['2026-05', '2026-05'], ['May 2026', '３１/０５/２０２６'], [' 1 may 2026 ', '2026-5-31']]) {
    await page.fill('#q-from', from);
    await page.fill('#q-to', to);
    await then(page, () => page.click('#query button:has-text("Query"):not(#refresh)'));
    assert.deepEqual([await page.inputValue('#q-from'), await page.inputValue('#q-to')], ['2026-05-01', '2026-05-31'], `${from} to ${to}`);
    assert.equal(await page.isChecked('[name=preset][value=month]'), true);
    assert.equal(await page.locator('#problems:visible').count(), 0);
  }
  await page.goto(address(SITE, 'from=2026-13-01&status=finished&campaign=Spring+Growth'));
  await page.waitForSelector('#problems:not([hidden])');
  assert.match(flat(await page.innerText('#problems')), /From: .*Q-101.*Status: “finished” is not known here\. Choose from pending-data.*no-line\. \(code Q-103\)/);
  assert.deepEqual([await page.inputValue('#q-from'), await page.inputValue('#q-campaign')], ['2026-13-01', 'Spring Growth'], 'what was asked stays in the form');
  await close();
});

test('days are counted without a clock: every date of the years that are taken, and no other', async () => {
  const { page, close } = await newPage();
  await open(page, fileUrl(PAGE));
  const { count, first, wrong, refused } = await page.evaluate(() => {
    const { day, civil, iso, parseDate } = window.tieout.scope, wrong = [];
    let count = 0;
    for (let year = 1990; year < 2200; year++) {
      for (let month = 1; month <= 12; month++) {
        for (let date = 1; date <= 31; date++) {
          const of = day(year, month, date);
          if (of === null) continue;
          const back = civil(of);
          if (back.year !== year || back.month !== month || back.date !== date || parseDate(iso(of)) !== of) wrong.push(iso(of));
          count++;
        }
      }
    }
    const refused = ['', '2026-02-30', '2025-02-29', '05/06/2026', '2026-13-01', '2026', 'may', '31 May 26', '1989-12-31', '2200-01-01', 'x-y-z', '2026-05-31-01'].filter((text) => parseDate(text) !== null);
    return { count, first: day(1970, 1, 1), wrong, refused };
  });
  // 210 years with 51 leap days; 1 January 1970 is 719,163 for chrono.
  assert.deepEqual([count, first], [210 * 365 + 51, 719163]);
  assertNone(wrong, 'each date comes back as itself');
  assertNone(refused, 'what is no date is refused');
  await close();
});

test('an empty scope names what empties it, the nearest days, and links that bring rows back', async () => {
  const { page, close } = await newPage();
  const help = async (scope) => {
    await open(page, address(SITE, scope));
    assert.equal(await page.textContent('#result'), 'No lines match this scope');
    const text = flat(await page.innerText('#answer'));
    assert.match(text, /\(code Q-201\)/);
    assert.doesNotMatch(text.replace(/not found [a-z]/gi, ''), /not found/i, 'never by itself');
    return text;
  };
  // The dates.
  assert.match(await help('from=2026-07-01&to=2026-07-31&program=CORE'), /It is the dates 1–31 Jul 2026 that leave nothing\..*Nearest with the other filters as they are: \d+ Jun 2026, before these dates\..*Try expanding date range: 1 Jun – 31 Jul 2026 \(\d/);
  await then(page, () => page.click('#answer li:has-text("Try expanding date range") a'));
  assert.match(search(page), /^\?from=2026-06-01&to=2026-07-31&program=CORE$/);
  assert.ok(await page.locator('#rows tbody tr').count() > 0);
  // Two filters that are at odds.
  const odds = await help('campaign=Enterprise&status=paid');
  assert.match(odds, /Leave out any one of these and there are lines: the campaign Enterprise; the status Paid\..*Without the campaign Enterprise \(\d+ lines?\) Without the status Paid \(/);
  await then(page, () => page.click('#answer li:has-text("Without the status") a'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Enterprise');
  // An account of other days, and a customer by a word of the name.
  assert.match(await help('from=2026-04-01&to=2026-04-30&account=acc+3001'), /The account ACC-3001 has lines, but none on 1–30 Apr 2026\..*14 May 2026, after them\..*Check the account ID\./);
  assert.match(await help('customer=blue'), /Check the customer: do you mean Blue Harbor\?/);
  assert.match(await page.getAttribute('#answer li:has-text("do you mean") a >> nth=1', 'href'), /^\?from=2026-05-01&to=2026-05-31&customer=CUST02$/);
  // One filter that fits nothing.
  assert.match(await help('program=NOPE'), /It is the program NOPE that leaves nothing\./);
  assert.equal(await page.inputValue('#q-program'), 'NOPE');
  // An order that is not there, and its neighbors.
  assert.match(await help('order=ORD-1011'), /No order in this snapshot has the ID “ORD-1011”\..*Check order identifiers: do you mean .*ORD-10\d\d.*\?/);
  assert.equal(await page.getAttribute('#answer a:text-is("Check order identifiers")', 'href'), './query.html?q=ORD-1011');
  // One that another filter hides.
  assert.match(await help('order=ORD-1001&status=paid'), /The order exists, but another filter hides it\. Keep only the order and the dates\./);
  await then(page, () => page.click('#answer a:has-text("Keep only the order")'));
  assert.equal(await page.locator('#rows tbody tr').count(), 1);
  await close();
});

// ---- Refresh, snapshots, receipts.

test('Query Refresh tells the latest snapshot, a newer one, and that it could not check', async () => {
  const site = join(folder, 'refresh');
  cpSync(SITE, site, { recursive: true });
  const { page, seen } = await newPage();
  await open(page, address(site, 'campaign=spring-growth'));
  const refresh = async () => {
    await page.evaluate(() => document.getElementById('fresh').replaceChildren());
    await page.click('#refresh');
    await page.waitForFunction(() => document.getElementById('fresh').textContent !== '');
    return flat(await page.textContent('#fresh'));
  };
  assert.equal(await refresh(), 'You have the latest snapshot (18 Jun 2026).');
  await announced(page, /You have the latest snapshot/);
  const file = join(site, 'query/data/latest.js'), good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replaceAll(/18 Jun 2026/g, '19 Jun 2026').replaceAll('2026-06-18', '2026-06-19').replace(/("texts":\[.*)"[0-9a-f]{8}"/, '$1"00000000"'));
  assert.equal(await refresh(), 'A newer snapshot is ready: 19 Jun 2026. Reload with the same scope');
  await then(page, () => page.click('#fresh button'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth');
  assertNone(seen.problems, 'nothing on the console');
  rmSync(file);
  assert.equal(await refresh(), 'We could not check (code Q-301). Try again later, or reload the page. You are looking at snapshot 18 Jun 2026.');
  await page.context().close();
});

test('a link of another snapshot says so and leads to what changed; one that is shared names the snapshot', async () => {
  const { page, close } = await newPage();
  await open(page, address(SITE, 'period=2026-05&program=SPRING&snapshot=2026-06-17'));
  const note = page.locator('#answer .note', { hasText: 'This link was made from snapshot' });
  assert.equal(flat(await note.textContent()), 'This link was made from snapshot 17 Jun 2026. You are looking at 18 Jun 2026, so amounts can differ. See what changed.');
  assert.equal(await note.locator('a').getAttribute('href'), './changes/index.html?from=2026-06-17&to=2026-06-18&period=2026-05&program=SPRING');
  assert.match(await page.textContent('#answer-link'), /query\.html\?from=2026-05-01&to=2026-05-31&program=SPRING&snapshot=2026-06-18$/);
  await open(page, address(SITE, 'snapshot=2019-01-01&colour=red'));
  assert.match(flat(await page.innerText('#answer')), /made from snapshot 2019-01-01\. .*That snapshot is not in this site.*A part of the address is left out: colour/);
  await open(page, address(SITE, 'snapshot=2026-06-18'));
  assert.equal(await page.locator('#answer .note').count(), 0);
  await close();
});

test('a receipt in the address says what it said, and whether that is so now; an altered one is refused', async () => {
  const { page, close } = await newPage();
  await open(page, address(SITE, 'campaign=spring-growth'));
  const [own] = await page.$$eval('.receipts dd code', (all) => all.slice(3, 4).map((code) => code.textContent));
  const said = JSON.parse(program(['query', 'campaign=Spring+Growth', '--format', 'json']));
  assert.equal(own, said.currencies[0].receipts.total_rebate, 'the program writes the same receipt');
  await open(page, address(SITE, `receipt=${own}`));
  assert.match(flat(await page.textContent('#receipt')), /The receipt says: total rebate was \$18,420\.00, in snapshot 18 Jun 2026\. This snapshot says the same\..*tieout query --receipt TO-/);
  assert.equal(await page.textContent('.big'), '$18,420.00');
  const before = await page.evaluate(() => window.tieout.out.receipt.write({ snapshot: '2026-06-17', scope: 'from=2026-05-01&to=2026-05-31&campaign=Spring+Growth', measure: 3, currency: 'USD', value: BigInt(1200000) }));
  await open(page, address(SITE, `receipt=${before}`));
  assert.match(flat(await page.textContent('#receipt')), /total rebate was \$12,000\.00, in snapshot 17 Jun 2026\. It changed by \+\$6,420\.00 since then, to \$18,420\.00 in snapshot 18 Jun 2026\./);
  const altered = own.replace(/.$/, (c) => c === '0' ? '4' : '0');
  await open(page, address(SITE, `receipt=${altered}`));
  assert.match(flat(await page.innerText('#answer')), /The receipt cannot be used\. This receipt .*\(code Q-102\)\. What follows is 1–31 May 2026, not what the receipt is about\./);
  await announced(page, /^The receipt cannot be used\..*Total rebate/);
  await close();
});

// ---- Moving around.

test('what narrows a scope says the figures that it leads to', async () => {
  const { page, close } = await newPage();
  await open(page, address(SITE, 'from=2026-05-01&to=2026-05-31&campaign=spring-growth'));
  const facet = (words) => page.locator('#narrow .facets li', { has: page.locator('a', { hasText: new RegExp(`^${words}$`) }) });
  for (const [words, said, total] of [['Calculated', '3 · $9,200.00', '$9,200.00'], ['Under Review', '1 · $1,900.00, within Calculated', '$1,900.00'], ['Approved', '2 · $6,050.00', '$6,050.00'], ['Nothing to explain', '4 · $12,320.00', '$12,320.00']]) {
    assert.equal(flat(await facet(words).locator('.num').innerText()), said);
    await then(page, () => facet(words).locator('a').click());
    assert.equal(await page.textContent('.big'), total, words);
    await then(page, () => page.goBack());
  }
  await close();
});

test('Back and Forward lead through the questions, and a modified click opens another tab', async () => {
  const { page, close } = await newPage();
  await open(page, address(SITE, 'campaign=spring-growth'));
  await then(page, () => page.click('#states-usd a:text-is("Approved")'));
  await then(page, () => page.click('.chip:has-text("Campaign")'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&bucket=approved');
  assert.ok(await page.isVisible('#q-bucket'), 'a filter that is set is in the form');
  await then(page, () => page.goBack());
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth&bucket=approved');
  assert.equal(await page.textContent('.big'), '$6,050.00');
  assert.equal(await page.inputValue('#q-campaign'), 'Spring Growth');
  await then(page, () => page.goBack());
  assert.equal(await page.textContent('.big'), '$18,420.00');
  await then(page, () => page.goForward());
  assert.equal(await page.textContent('.big'), '$6,050.00');
  // A place on the page is no question.
  await page.evaluate(() => { location.hash = 'lines'; });
  await page.waitForTimeout(150);
  assert.equal(await page.textContent('.big'), '$6,050.00');
  const [tab] = await Promise.all([page.context().waitForEvent('page'), page.click('#rows a', { modifiers: ['Control'] })]);
  await tab.close();
  await then(page, () => page.click('#reset'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31');
  await close();
});

test('by keyboard alone: choose, ask, narrow, sort', async () => {
  const { page, close } = await newPage();
  await open(page, fileUrl(PAGE));
  await tabTo(page, '#q-campaign');
  await page.keyboard.type('Spring');
  await tabTo(page, '[name=status][value=under-review]');
  await page.keyboard.press('Space');
  await tabTo(page, '#query .btn-p');
  await then(page, () => page.keyboard.press('Enter'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth&status=under-review');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'result');
  await tabTo(page, '.chip');
  await tabTo(page, '.chip');
  await then(page, () => page.keyboard.press('Enter'));
  assert.equal(search(page), '?from=2026-05-01&to=2026-05-31&campaign=Spring+Growth');
  await tabTo(page, '#rows th:last-child button');
  await page.keyboard.press('Enter');
  await announced(page, /^Sorted by Rebate, ascending$/);
  assert.deepEqual((await cells(page, '#rows')).map((row) => row.at(-1)), ['1,900.00', '2,000.00', '3,100.00', '3,170.00', '4,050.00', '4,200.00', '18,420.00']);
  await page.keyboard.press('Enter');
  await announced(page, /^Sorted by Rebate, descending$/);
  assert.equal(await page.getAttribute('#rows th:last-child', 'aria-sort'), 'descending');
  await close();
});

// ---- Files, pages, sorting.

test('files hold every line of the scope, and the CSV file is the program\'s', async () => {
  const { page, close } = await newPage();
  const download = async (words) => {
    const [got] = await Promise.all([page.waitForEvent('download'), page.click(`#answer button:has-text("${words}")`)]);
    return { name: got.suggestedFilename(), bytes: readFileSync(await got.path()) };
  };
  for (const scope of ['campaign=Spring+Growth', 'from=2026-03-01&to=2026-06-18', 'order=ORD-6005']) {
    await open(page, address(SITE, scope));
    const lines = await download('Lines CSV');
    assert.equal(lines.bytes.toString('utf8').trimEnd(), program(['query', scope, '--format', 'csv']).trimEnd(), scope);
  }
  await open(page, address(SITE, 'campaign=spring-growth'));
  const summary = await download('Summary CSV');
  assert.equal(summary.name, 'rebate-summary_2026-05-01_2026-05-31_campaign_Spring_Growth_2026-06-18.csv');
  const text = summary.bytes.toString('utf8');
  assert.match(text, /^\ufeffReport,Rebate query: summary\r\nScope,from=2026-05-01&to=2026-05-31&campaign=Spring\+Growth\r\nSnapshot,2026-06-18\r\n/);
  assert.match(text, /\r\nUSD,Under Review,Calculated,yes,1,1900\.00,1900\.00,0\.00,1900\.00,0\.00\r\n/);
  const workbook = await download('Lines XLSX');
  assert.equal(workbook.bytes.subarray(0, 2).toString(), 'PK');
  assert.match(workbook.name, /\.xlsx$/);
  await close();
});

test('long lists come in pages of 50, are read file by file, and are sorted as a whole', async () => {
  const { page, seen, close } = await newPage();
  await open(page, address(many, 'from=2026-04-01&to=2026-05-31&status=calculated,approved'));
  assert.match(await page.textContent('#where'), /^Rows 1–50 of 740$/);
  const first = await cells(page, '#rows');
  assert.equal(first.length, 50, 'no sum below a part of the rows');
  await page.click('.pages button:has-text("Next")');
  await announced(page, /^Rows 51–100 of 740$/);
  assert.notDeepEqual(await cells(page, '#rows'), first);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Next', 'the focus stays');
  await page.click('#rows th:last-child button');
  await announced(page, /^Sorted by Rebate, ascending$/);
  assert.match(await page.textContent('#where'), /^Rows 1–50 of 740$/);
  const values = (await cells(page, '#rows')).map((row) => Number(row.at(-1)));
  assert.equal(values[0], 1);
  assert.deepEqual(values, [...values].sort((a, b) => a - b));
  // Without their rows at hand: a page reads what it shows, sorting reads all.
  const engine = await newPage(WIDE, { bypassCSP: true });
  await engine.page.goto(address(many, 'period=2026-05'), { waitUntil: 'load' });
  await answered(engine.page);
  await engine.page.addScriptTag({ content: readFileSync(join(ROOT, 'src/render/assets/query-data.js'), 'utf8').replace('FEW = 1000', 'FEW = -1') });
  const read = await engine.page.evaluate(async () => {
    const { data, scope: scopes } = window.tieout, index = await data.open(document.getElementById('answer').dataset.set), all = {};
    for (const text of ['period=2026-05', 'period=2026-05&status=approved', 'period=2026-05&program=CORE', 'from=2026-05-20&to=2026-05-31']) {
      const { pager } = await data.answer(index, data.resolve(index, scopes.parse(text))), pages = [];
      // The last page first: what comes before it is told by the facts of the month alone, where the scope allows.
      for (let number = pager.pages - 1; number >= 0; number--) pages.unshift(...await pager.page(number));
      all[text] = [pages.map((row) => row.line), (await pager.all()).map((row) => row.line), pager.count];
    }
    return all;
  });
  for (const [text, [pages, all, count]] of Object.entries(read)) {
    assert.equal(pages.length, count, text);
    assert.deepEqual(pages, all, text);
    assert.equal(new Set(all).size, count, `${text}: each line once`);
  }
  await engine.close();
  assert.ok(seen.requests.length > 5);
  await close();
});

test('a large load is said first and begins when somebody agrees; rare rows are not searched for unasked', async () => {
  // As with a million rows: nothing is at hand, and little may be read unasked.
  const site = join(folder, 'large');
  cpSync(many, site, { recursive: true });
  const change = (name, of) => {
    const file = join(site, 'assets', readdirSync(join(site, 'assets')).find((asset) => new RegExp(`^${name}-[0-9a-f]{8}\\.js$`).test(asset)));
    const text = readFileSync(file, 'utf8'), changed = of(text);
    assert.notEqual(changed, text, name);
    writeFileSync(file, changed);
  };
  change('query-data', (text) => text.replace('FEW = 1000', 'FEW = -1').replace('UNASKED = 4e6', 'UNASKED = 0'));
  change('query-view', (text) => text.replace('ASKED = 5e6, MOST_IN_WORKBOOK = 200000', 'ASKED = 1000, MOST_IN_WORKBOOK = 500'));
  const { page, seen, close } = await newPage();
  const files = () => seen.requests.filter((url) => /-lines-\d+\.js/.test(url)).length, isFocused = (words) => page.evaluate((of) => document.activeElement.textContent.startsWith(of), words);
  await open(page, address(site, 'from=2026-04-01&to=2026-05-31'));
  const read = files();
  // A header that is pressed by accident loads nothing.
  await page.click('#rows th:last-child button');
  assert.match(flat(await page.innerText('#lines .note')), /^Sorting takes all rows \(740 lines, 1 order without a line\), not only those that are shown: about 1 MB in \d+ files?\. Narrow the scope down to load less\. Load about 1 MB Cancel$/);
  assert.ok(await isFocused('Sorting takes all rows'), 'the focus is where it is said');
  await page.click('#lines .note button:text-is("Cancel")');
  assert.deepEqual([await page.isVisible('#lines .note'), await isFocused('Rebate'), files(), await page.locator('[aria-sort]').count()], [false, true, read, 0]);
  // A workbook of too many rows is not begun; the answer stays.
  await page.click('#lines button:has-text("Lines XLSX")');
  assert.match(flat(await page.innerText('#lines .note')), /^A workbook of 741 rows is too large to be made in a browser\. Save the lines as CSV, or narrow the scope down/);
  await page.click('#lines .note button:text-is("Close")');
  assert.ok(await isFocused('Lines XLSX'));
  // Agreed.
  await page.click('#rows th:last-child button');
  await page.click('#lines .note button:text-is("Load about 1 MB")');
  await announced(page, /^Sorted by Rebate, ascending$/);
  assert.ok(files() > read);
  // Rows that may lie anywhere: the sum has them, the list says that they are not read yet, and how much there is to read.
  await open(page, address(site, 'from=2026-04-01&to=2026-05-31&status=approved'));
  assert.match(await page.textContent('#lines-caption'), /^247 lines, in USD/);
  assert.equal(await page.textContent('#where'), '0 of 247 rows are read so far. The sums above have all of them; the others lie far apart, in up to about 1 MB of files.');
  assert.equal(await page.getAttribute('.pages button:has-text("Next")', 'aria-disabled'), 'true');
  await page.click('.pages button:has-text("Read on")');
  await page.waitForFunction(() => document.activeElement.id === 'where');
  assert.equal(await page.textContent('#where'), 'Rows 1–50 of 247');
  assert.equal(await page.isVisible('.pages button:has-text("Read on")'), false);
  await page.click('.pages button:has-text("Next")');
  await announced(page, /^Rows 51–100 of 247$/);
  await close();
});

test('lines that cannot be read are said, though the sum of them is known', async () => {
  const site = join(folder, 'large');
  const { page } = await newPage();
  for (const file of readdirSync(join(site, 'query/data')).filter((name) => /-lines-/.test(name))) rmSync(join(site, 'query/data', file));
  await open(page, address(site, 'from=2026-04-01&to=2026-05-31'));
  assert.equal(await page.textContent('#result'), 'The data of this answer could not be loaded');
  assert.match(flat(await page.innerText('#answer')), /Code Q-301: query\/data\/2026-05-lines-0\.js is missing/);
  await page.context().close();
});

// ---- What goes wrong.

test('a data file that is missing, cut short or of another build is named with its code, and tried again', async () => {
  const site = join(folder, 'broken');
  cpSync(SITE, site, { recursive: true });
  const file = join(site, 'query/data/2026-05-lines-0.js'), good = readFileSync(file, 'utf8');
  const { page } = await newPage();
  for (const [spoil, code] of [
    [() => rmSync(file), 'Q-301'],
    [() => writeFileSync(file, good.slice(0, good.length / 2)), 'Q-303'],
    [() => writeFileSync(file, good.replace(/"set":"[^"]*"/, '"set":"00000000"')), 'Q-304'],
    [() => writeFileSync(file, good.replace(/"rows":\[[^]*$/, '"rows":null});')), 'Q-303'],
  ]) {
    spoil();
    await open(page, address(site, 'campaign=spring-growth'));
    assert.equal(await page.textContent('#result'), 'The data of this answer could not be loaded', code);
    const text = flat(await page.innerText('#answer'));
    assert.match(text, new RegExp(`Code ${code}: query/data/.*your question is all right\\. Please try again in a moment`));
    assert.equal(await page.locator('#answer table').count(), 0, 'no figure');
  }
  rmSync(file);
  await open(page, address(site, 'campaign=spring-growth'));
  writeFileSync(file, good);
  await then(page, () => page.click('#answer button:has-text("Try again")'));
  assert.equal(await page.textContent('.big'), '$18,420.00');
  await page.context().close();
});

// ---- Every reader.

test('an answer has no barrier, light and dark, wide and on a phone, and does not scroll sideways', async () => {
  const wrong = [];
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [WIDE, PHONE]) {
      const { page } = await newPage(viewport, { bypassCSP: true, colorScheme });
      for (const scope of ['', 'campaign=spring-growth&status=calculated', 'order=ORD-2001', 'campaign=Enterprise&status=paid&snapshot=2026-06-17']) {
        await open(page, address(SITE, scope));
        await page.evaluate(() => document.querySelectorAll('#answer details').forEach((one) => { one.open = true; }));
        const { lines } = await violations(page, viewport.width), what = `${colorScheme}, ${viewport.width} px, ${scope}`;
        wrong.push(...lines.map((found) => `${what}: ${found}`));
        if (await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth)) wrong.push(`${what}: scrolls sideways`);
      }
      await page.goto(address(SITE, 'from=x'));
      await page.waitForSelector('#problems:not([hidden])');
      wrong.push(...(await violations(page, viewport.width)).lines.map((found) => `${colorScheme}, ${viewport.width} px, a problem: ${found}`));
      await page.context().close();
    }
  }
  assertNone(wrong, 'no violations');
});

test('on a phone the form folds once there is an answer, and rows become boxes', async () => {
  const { page, close } = await newPage(PHONE);
  await open(page, address(SITE, 'campaign=spring-growth'));
  assert.equal(await page.isVisible('#q-from'), false);
  assert.match(flat(await page.innerText('.states tbody tr >> nth=0')), /^Calculated Usually approved within 7–14 days\. 3 9,200\.00$/, 'the timeline is there, too');
  await page.click('summary:text-is("Change scope")');
  assert.ok(await page.isVisible('#q-from'));
  await page.selectOption('#q-campaign', '');
  await page.fill('#q-order', 'ORD 1003');
  await then(page, () => page.click('#query .btn-p'));
  assert.equal(await page.isVisible('#q-from'), false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('#rows tbody tr')).display), 'grid');
  await page.goto(address(SITE, 'from=nothing'));
  await page.waitForSelector('#problems:not([hidden])');
  assert.ok(await page.isVisible('#q-from'), 'what is wrong is in sight');
  await page.setViewportSize(WIDE);
  assert.ok(await page.isVisible('#q-from'));
  await close();
});

test('without JavaScript the page leads to fixed pages; on paper an answer names its scope and snapshot', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: WIDE });
  const still = await context.newPage();
  await still.goto(fileUrl(PAGE), { waitUntil: 'load' });
  assert.equal(await still.locator('#query:visible, #query :visible').count(), 0);
  await still.click('#browse a:text-is("May 2026")');
  await still.waitForURL(fileUrl('period/2026-05.html'));
  await context.close();

  const { page, close } = await newPage();
  await open(page, address(SITE, 'campaign=spring-growth'));
  assert.equal(await page.locator('.print-only:visible').count(), 0);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#query:visible, #narrow:visible, #answer button.btn:visible').count(), 0);
  assert.equal(await page.textContent('.print-only:visible'), 'Scope from=2026-05-01&to=2026-05-31&campaign=Spring+Growth · snapshot 18 Jun 2026');
  assert.ok(await page.isVisible('#rows') && await page.isVisible('#record'));
  await close();
});

test('text of an extract stays text, and what a question loads is small', async () => {
  const { page, seen, close } = await newPage();
  await open(page, address(SITE, `order=${encodeURIComponent('<img src=x onerror=alert(1)>')}`));
  assert.equal(await page.locator('#answer img').count(), 0);
  assert.match(await page.textContent('#answer'), /<img src=x onerror=alert\(1\)>/i);
  seen.requests.length = 0;
  await open(page, address(SITE, 'campaign=spring-growth'));
  const data = seen.requests.filter((url) => /query\/data\//.test(url)).map((url) => /data\/(.*)\.js/.exec(url)[1]);
  assert.deepEqual(data.sort(), ['2026-05', '2026-05-lines-0', 'index']);
  await close();
});

test('a form that says something else than the answer says so, until it is asked or put back', async () => {
  const page = await browser.newPage(), seen = watch(page);
  await page.goto(`${fileUrl('query.html')}?from=2026-05-01&to=2026-05-31`);
  await page.waitForSelector('#result');
  const pending = () => page.textContent('#pending');
  assert.equal(await pending(), '');
  await page.selectOption('#query [name=campaign]', 'Spring Growth');
  assert.match(await pending(), /^The answer below is for .*1–31 May 2026\. Press Query for this scope\.$/);
  await page.selectOption('#query [name=campaign]', '');
  assert.equal(await pending(), '');
  await page.locator('#query label.opt', { hasText: 'Last 30 days' }).click();
  assert.match(await pending(), /Press Query/);
  await page.getByRole('button', { name: 'Query', exact: true }).click();
  await page.waitForFunction(() => /20 May/.test(document.querySelector('#answer .lead')?.textContent || ''));
  assert.equal(await pending(), '');
  assert.deepEqual(seen.problems, []);
  await page.close();
});

// Goal: any two snapshots and any scope are compared in the browser, to the cent and in the words of `tieout diff`, from
// disk, by keyboard, on a phone and in the dark; and where data is missing or a scope is empty, the page says what to do.
// Method: the sample for the figures of the brief; then a project of five snapshots with every class of change in it, made
// here from the sample: for every pair and several scopes the page's sentence, ends and remainder are read from its tables,
// its changes from the file that it offers, and both are held against the program's JSON and CSV.

import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import axe from 'axe-core';
import { ROOT, SITE, announced, assertNone, fileUrl, launch, program, tabTo, watch } from './support.mjs';

const PAGE = 'changes/index.html';
let browser, folder, tree;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tieout-compare-'));
  makeProject();
  program(['build', '--quiet'], { cwd: folder });
  tree = join(folder, 'site', 'internal');
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// ---- The project.

const HUGE = '123456789012345678.90';
const read = (path) => readFileSync(join(folder, path), 'utf8');
function write(path, text) {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The lines of a file with some of them changed: by their id, another row (or a function of the fields), or nothing. */
function edited(text, changes, more = []) {
  const left = new Set(Object.keys(changes));
  const rows = text.trimEnd().split('\n').flatMap((row) => {
    const fields = row.split(','), change = changes[fields[0]];
    if (!left.delete(fields[0])) return [row];
    return change === null ? [] : [change(fields).join(',')];
  });
  assert.deepEqual([...left], [], 'every changed row was there');
  return [...rows, ...more].join('\n') + '\n';
}

/** A row with other values in some columns of rebate_lines.csv. */
const COLUMNS = ['line_id', 'reseller_id', 'program_id', 'batch_id', 'order_ref', 'account_ref', 'sku_ref', 'category', 'region', 'period',
  'base_amount', 'rate', 'calculated_amount', 'currency', 'status', 'reason_code', 'status_date', 'approved_date', 'paid_amount', 'payout_id'];
const set = (values) => (fields) => COLUMNS.map((name, i) => values[name] ?? fields[i]);
const line = (values) => COLUMNS.map((name) => values[name] ?? '').join(',');

function makeProject() {
  cpSync(join(ROOT, 'input'), join(folder, 'input'), { recursive: true });
  // The mapping and rules of before are kept with the snapshot of before: one status, one customer and one rate are new.
  for (const file of ['status_map', 'accounts', 'program_rates']) {
    cpSync(join(folder, `input/reference/${file}.csv`), join(folder, `input/2026-06-18/reference/${file}.csv`));
  }
  appendFileSync(join(folder, 'input/reference/status_map.csv'), 'PROC_9,Calculated,Calculated,2,30\n');
  write('input/reference/accounts.csv', read('input/reference/accounts.csv').replaceAll('CUST-01,Northwind Retail', 'CUST-77,Northwind <b>Retail</b> & Sons'));
  write('input/reference/program_rates.csv', read('input/reference/program_rates.csv').replace('EUCORE,compute,0,,0.06', 'EUCORE,compute,0,,0.07'));

  const lines = read('input/2026-06-18/rebate_lines.csv');
  const third = edited(lines, {
    'L-1004': set({ base_amount: '41000.00', calculated_amount: '4100.00', status: 'PAID', paid_amount: '4100.00', payout_id: 'PO-5003' }),
    'L-3001': set({ rate: '0.08', calculated_amount: '960.00', status: 'CALCULATED', reason_code: '' }),
    'L-4003': set({ base_amount: '3200.00', calculated_amount: '256.00' }),
    'L-4005': set({ status: 'REJECTED', reason_code: 'SKU_TIER' }),
    'L-4006': set({ calculated_amount: '32O.00' }),
    'L-4020': null,
    'L-4021': set({ category: 'storage', rate: '0.05', calculated_amount: '325.00' }),
    'L-4022': set({ status: 'APPROVED' }),
    'L-4023': set({ status: 'REVIEW', reason_code: 'NO_SUCH_REASON' }),
    'L-4025': set({ period: '2026-06' }),
    'L-4026': set({ line_id: 'L-4026-NEW', rate: '0.08', calculated_amount: '640.00' }),
    'L-4032': set({ calculated_amount: '240.00', status: 'CALCULATED', reason_code: '' }),
    'L-4033': set({ calculated_amount: '', status: 'PENDING', reason_code: 'DOC_MISSING' }),
    'L-4036': set({ status: 'CALCULATED' }),
    'L-4042': set({ status: 'PAID', paid_amount: '640.00', payout_id: 'PO-5003' }),
    'L-6001': set({ base_amount: '8500.00', calculated_amount: '510.00' }),
    'L-6002': set({ base_amount: '1234600', calculated_amount: '61730' }),
  }, [
    line({ line_id: 'L-9001', reseller_id: 'R-100', program_id: 'CORE', order_ref: 'ORD-4034', period: '2026-04', base_amount: '100.00', rate: '0.08', calculated_amount: '8.00', currency: 'USD', status: 'CALCULATED', status_date: '2026-06-19' }),
    line({ line_id: 'L-9002', reseller_id: 'R-100', program_id: '</script><!--', order_ref: '=1+1', period: '2026-06', base_amount: '100.00', rate: '0.08', calculated_amount: '', currency: 'USD', status: 'PENDING', reason_code: '"""\u2028<img src=x>"', status_date: '2026-06-19' }),
    line({ line_id: 'L-9003', reseller_id: 'R-100', program_id: 'CORE', order_ref: 'ORD-7777', period: '2026-06', base_amount: '50.00', rate: '0.08', calculated_amount: '4.00', currency: 'USD', status: 'REJECTED', reason_code: 'SKU_TIER', status_date: '2026-06-19' }),
  ]);
  write('input/2026-06-19/rebate_lines.csv', third);
  write('input/2026-06-19/adjustments.csv', read('input/2026-06-18/adjustments.csv') + 'ADJ-71,L-1005,-50.00,USD,FEE,,2026-06-19\nADJ-72,L-1004,-20.00,USD,FEE,,2026-06-19\n');

  // Much of it is taken back on the next day, and some of it goes on.
  const back = (id) => lines.split('\n').find((row) => row.startsWith(`${id},`));
  const fourth = edited(third, {
    'L-1001': set({ program_id: 'CORE', rate: '0.08', calculated_amount: '3360.00' }),
    'L-1005': set({ base_amount: HUGE, rate: '0.05', calculated_amount: '6172839450617283.95' }),
    'L-3001': set({ status: 'REJECTED', reason_code: 'SKU_TIER' }),
    'L-4005': set({ status: 'CALCULATED', reason_code: '' }),
    'L-4006': set({ calculated_amount: '320.00' }),
    'L-4025': set({ period: '2026-05' }),
    'L-4026-NEW': set({ line_id: 'L-4026-THIRD' }),
    'L-4042': set({ paid_amount: '600.00' }),
    'L-9001': null,
    'L-9002': set({ calculated_amount: '8.00', status: 'CALCULATED' }),
    'L-9003': set({ status: 'CALCULATED', reason_code: '', program_id: 'EUCORE' }),
  }, [back('L-4020')]);
  write('input/2026-06-20T0600Z/rebate_lines.csv', fourth);
}

const SNAPSHOTS = ['2026-05-08', '2026-06-17', '2026-06-18', '2026-06-19', '2026-06-20T0600Z'];
const PAIRS = SNAPSHOTS.flatMap((from, i) => SNAPSHOTS.slice(i + 1).map((to) => [from, to]));
const SCOPES = [
  {},
  { period: '2026-05' },
  { period: '2026-06' },
  { program: 'core', period: '2026-05' },
  { program: 'SPRING' },
  { program: '</script><!--' },
  { campaign: 'spring growth', period: '2026-05' },
  { currency: 'EUR' },
  { currency: 'JPY', period: '2026-05' },
  { customer: 'CUST-01' },
  { customer: 'cust 77', period: '2026-05', program: 'SPRING' },
  { customer: 'CUST-02', currency: 'USD' },
  { program: 'NONE' },
];

// ---- What the page says.

const address = (site, question) => `${pathToFileURL(join(site, PAGE)).href}?${new URLSearchParams(question)}`;

/** Opens a comparison and waits for its answer. */
async function open(page, site, question) {
  await page.goto(address(site, question), { waitUntil: 'load' });
  await page.waitForSelector('#result', { timeout: 20_000 });
}

const flat = (text) => text.replace(/\s+/g, ' ').trim();
const figure = (text) => text.replaceAll(',', '').replace('\u2212', '-');
const MEASURES = ['eligible', 'calculated_so_far', 'adjustments', 'total_rebate', 'approved_so_far', 'paid_so_far'];
const measures = (cells) => Object.fromEntries(MEASURES.map((name, i) => [name, figure(cells[i])]));

/** The ends and the remainder of every table of steps, by currency. */
async function ends(page) {
  const tables = await page.$$eval('table[id^="steps-"]', (all) => all.map((table) => ({
    id: table.id,
    rows: [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
  })));
  return Object.fromEntries(tables.map(({ id, rows }) => [id.slice('steps-'.length).toUpperCase(), {
    opening: measures(rows[1].slice(1)),
    closing: measures(rows.at(-2).slice(1)),
    remainder: measures(rows.at(-1).slice(1)),
    names: [rows[1][0], rows.at(-2)[0], rows.at(-1)[0]],
  }]));
}

async function download(page) {
  const [got] = await Promise.all([page.waitForEvent('download'), page.click('#answer a[download]')]);
  return readFileSync(await got.path(), 'utf8');
}

function rows(text) {
  const all = [[]];
  let field = '', quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') field += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ',') { all.at(-1).push(field); field = ''; }
    else if (!quoted && c === '\r') { all.at(-1).push(field); field = ''; all.push([]); i++; }
    else field += c;
  }
  return all.slice(1, -1);
}

test('it was 12,000.00 yesterday: the page says so and lists the three changes, from disk and in silence', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const seen = watch(page);
  await open(page, SITE, { from: '2026-06-17', to: '2026-06-18', period: '2026-05', program: 'SPRING' });
  assert.equal(await page.textContent('#answer p.answer'), 'Correct: the total rebate was $12,000.00 yesterday, 17 Jun 2026, and here\'s ' +
    'what changed. It is $18,420.00 on 18 Jun 2026, +$6,420.00.');
  const found = await page.$$eval('#steps-usd tr', (all) => all.map((row) => [row.cells[0].innerText.replace(/\s+/g, ' '), row.cells[4].innerText]));
  assert.deepEqual(found.slice(1), [
    ['17 Jun 2026', '12,000.00'],
    ['ORD-1001 Newly calculated: amount determined: In Calculation \u2192 Calculated', '+4,200.00'],
    ['ORD-1003 Newly calculated: amount determined: In Calculation \u2192 Under Review: Invoice confirmation pending', '+1,900.00'],
    ['ORD-1002 Re-measured: base 27,800.00 \u2192 31,000.00', '+320.00'],
    ['18 Jun 2026', '18,420.00'],
    ['Not explained', '0.00'],
  ]);
  const classes = await page.$$eval('#classes-usd tr', (all) => all.map((row) => [row.cells[0].innerText, row.cells[1].innerText, row.cells[5].innerText]));
  assert.deepEqual(classes.slice(1), [['Newly calculated', '2', '+6,100.00'], ['Re-measured', '1', '+320.00'], ['Difference', '3', '+6,420.00']]);
  assert.equal(await page.textContent('#answer code'), 'tieout diff 2026-06-17 2026-06-18 --period 2026-05 --program SPRING');
  await page.click('#steps-usd a:has-text("ORD-1002")');
  await page.waitForURL(fileUrl('order/ord1002.html'));
  assertNone(seen.problems, 'nothing on the console');
  assertNone(seen.requests.filter((url) => !url.startsWith(fileUrl('')) && !url.startsWith('data:')), 'nothing from outside');
  await page.close();
});

test('for every pair and scope the page says what `tieout diff` says, in every class, word and cent', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const seen = watch(page);
  const wrong = [], classes = new Set(), sentences = new Set();
  for (const [from, to] of PAIRS) {
    for (const scope of SCOPES) {
      const asked = ['diff', from, to, ...Object.entries(scope).flatMap(([name, value]) => [`--${name}`, value])];
      const what = asked.join(' ');
      const said = JSON.parse(program([...asked, '--format', 'json'], { cwd: folder }));
      await open(page, tree, { from, to, ...scope });
      if (!said.currencies.length) {
        if (await page.textContent('#result') !== 'No line is in this scope') wrong.push(`${what}: the page finds something`);
        continue;
      }
      const told = await page.$$eval('#answer p.answer', (all) => all.map((p) => p.textContent));
      if (JSON.stringify(told) !== JSON.stringify(said.currencies.map((c) => c.sentence))) wrong.push(`${what}: says ${told.join(' ')}`);
      const found = await ends(page);
      for (const { currency, opening, closing, remainder, changes } of said.currencies) {
        const shown = found[currency];
        if (changes.length === 0 !== !shown) wrong.push(`${what}: ${currency}: ${changes.length} changes, and a table: ${!!shown}`);
        if (!shown) continue;
        for (const [name, expected] of Object.entries({ opening, closing, remainder })) {
          if (!isDeepStrictEqual(shown[name], expected)) {
            wrong.push(`${what}: ${currency}: ${name} is ${JSON.stringify(shown[name])}, not ${JSON.stringify(expected)}`);
          }
        }
        if (Object.values(shown.remainder).some((x) => Number(x) !== 0)) wrong.push(`${what}: ${currency}: a remainder`);
      }
      const expected = said.currencies.flatMap(({ currency, changes }) => changes.map((c) =>
        [c.order, c.line, c.program, c.period, currency, c.class, c.sentence, c.status_before, c.status_after, ...MEASURES.map((m) => c.effect[m])]));
      expected.forEach((row) => { classes.add(row[5]); sentences.add(row[6]); });
      const file = await download(page);
      const listed = rows(file).map((row) => row.map((value) => value.replace(/^'(?==)/, '')));
      if (listed.length !== expected.length) wrong.push(`${what}: ${listed.length} changes, not ${expected.length}`);
      expected.forEach((row, i) => {
        if (JSON.stringify(row) !== JSON.stringify(listed[i])) wrong.push(`${what}: row ${i}: ${listed[i]} is not ${row}`);
      });
      if (file.trimEnd() !== program([...asked, '--csv'], { cwd: folder }).trimEnd()) wrong.push(`${what}: the file is another one`);
    }
  }
  await page.close();
  assertNone(wrong, `${PAIRS.length} pairs with ${SCOPES.length} scopes agree`);
  assertNone(seen.problems, 'nothing on the console');
  assert.deepEqual([...classes].sort(), ['adjusted', 'approved', 'late', 'moved', 'newly-calculated', 'newly-paid', 'own-mapping-or-rules',
    're-keyed', 're-measured', 'rejected', 'removed', 'reopened', 'status-only'], 'every class occurs');
  for (const words of [/could not be read this time/, /approval withdrawn/, /counts in June 2026, CORE, USD now/, /counts elsewhere now; it was in May 2026, SPRING, USD/, /paid 640\.00 \u2192 600\.00/, /expected .* \u2192 /,
    /Unknown \/ Error \u2192 Calculated/, /category compute \u2192 storage/, /line L-4026 is line L-4026-THIRD now/, /NO_SUCH_REASON/, /<img src=x>/,
    /123,456,789,012,345,678\.90/]) {
    assert.ok([...sentences].some((sentence) => words.test(sentence)), `a sentence with ${words}`);
  }
});

test('text of an extract stays text', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  await open(page, tree, { from: '2026-06-18', to: '2026-06-20T0600Z', program: '</script><!--' });
  assert.match(await page.textContent('#result'), /<\/script><!--/);
  assert.equal(await page.locator('#answer img, #answer script').count(), 0);
  await open(page, tree, { from: '2026-06-18', to: '2026-06-19', customer: 'CUST-77' });
  assert.match(await page.textContent('#result'), /Northwind <b>Retail<\/b> & Sons/);
  assert.equal(await page.locator('#answer b').count(), 0);
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

test('the form asks by keyboard: the address is the question, focus and the live region go to the answer', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const seen = watch(page);
  await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
  assertNone(seen.requests.filter((url) => /\/data\//.test(url)), 'no data is loaded before a question');
  assert.deepEqual([await page.inputValue('#c-from'), await page.inputValue('#c-to')], ['2026-06-17', '2026-06-18']);
  await tabTo(page, '#c-period');
  await page.keyboard.type('May');
  await tabTo(page, '#c-customer', 3);
  await page.keyboard.type('northwind retail');
  await tabTo(page, '#compare button', 3);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#result');
  const url = new URL(page.url());
  assert.equal(url.search, '?from=2026-06-17&to=2026-06-18&period=2026-05&customer=northwind+retail');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'result');
  await announced(page, /17 Jun 2026 to 18 Jun 2026: May 2026, Northwind Retail \(CUST-01\)/);
  assert.equal(await page.inputValue('#c-period'), '2026-05');
  assert.match(await page.textContent('#answer p.answer'), /It is \$18,420\.00/);
  // One customer costs the list of customers and one file of ends.
  assert.deepEqual(seen.requests.filter((u) => /\/data\//.test(u)).map((u) => /data\/(.*)\.js/.exec(u)[1]).sort(), ['2026-06-18', 'customers', 'customers', 'customers-0', 'index'].sort());
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

test('the other way round, the same twice, an unknown snapshot and an empty scope say what to do', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const seen = watch(page);
  await open(page, SITE, { from: '2026-06-18', to: '2026-06-17', program: 'spring' });
  assert.match(flat(await page.textContent('#answer')), /18 Jun 2026 is the newer one: this goes from 17 Jun 2026 to 18 Jun 2026\./);
  assert.match(await page.textContent('#answer p.answer'), /was \$12,000\.00 yesterday/);

  await open(page, SITE, { from: '2026-06-18', to: '2026-06-18' });
  assert.equal(await page.textContent('#result'), 'Choose two different snapshots');

  await open(page, SITE, { from: '2026-06-16', to: '2026-06-18' });
  assert.equal(await page.textContent('#result'), 'There is no snapshot 2026-06-16');
  assert.match(await page.textContent('#answer'), /18 Jun 2026; 17 Jun 2026; 8 May 2026\./);

  await open(page, SITE, { from: '2026-06-17', to: '2026-06-18', period: '2026-03', program: 'SPRING', currency: 'EUR' });
  assert.equal(await page.textContent('#result'), 'No line is in this scope');
  const items = await page.$$eval('#answer li', (all) => all.map((li) => li.textContent));
  assert.deepEqual(items, ['Without the period March 2026: no line either', 'Without the program Spring Growth (SPRING): no line either', 'Without the currency EUR: no line either']);
  await open(page, SITE, { from: '2026-06-17', to: '2026-06-18', program: 'SPRING', campaign: 'Enterprise' });
  const less = page.locator('#answer li a', { hasText: 'Without the campaign Enterprise' });
  assert.match(await less.locator('..').textContent(), /: 6 lines$/);
  await less.click();
  await page.waitForFunction(() => /program=SPRING$/.test(location.search) && document.querySelector('p.answer'));
  assert.match(await page.textContent('#answer p.answer'), /\$18,420\.00/);

  await open(page, SITE, { from: '2026-06-17', to: '2026-06-18', customer: 'nobody' });
  assert.match(flat(await page.textContent('#answer')), /with customer nobody \(code Q-201\)\. Check the spelling.*Without the customer nobody: \d+ lines/);
  // Either end may be left out of the address.
  await open(page, SITE, { program: 'SPRING' });
  assert.match(await page.textContent('#result'), /^17 Jun 2026 to 18 Jun 2026/);
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

test('a data file that is missing, cut short or of another build is named with its code, and tried again', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const site = join(folder, 'broken');
  cpSync(SITE, site, { recursive: true });
  const file = join(site, 'changes/data/2026-06-18.js'), good = readFileSync(file, 'utf8');
  const question = { from: '2026-06-17', to: '2026-06-18', program: 'SPRING' };
  const cases = [
    [() => rmSync(file), 'Q-301'],
    [() => writeFileSync(file, good.slice(0, good.length / 2)), 'Q-303'],
    [() => writeFileSync(file, good.replace(/"steps":\[[^]*$/, '"steps":null});')), 'Q-303'],
    [() => writeFileSync(file, good.replace(/"set":"[^"]*"/, '"set":"000000000000"')), 'Q-304'],
  ];
  for (const [spoil, code] of cases) {
    spoil();
    await open(page, site, question);
    assert.equal(await page.textContent('#result'), 'The data of this comparison could not be loaded');
    assert.match(flat(await page.textContent('#answer')), new RegExp(`Code ${code}: .*tieout diff 2026-06-17 2026-06-18 --program SPRING`), code);
    assert.equal(await page.locator('#answer table').count(), 0, 'no figure');
  }
  // A change that is missing from its list is no silent gap: the ends come from elsewhere.
  writeFileSync(file, good.replace(/("steps":\[\n)\[[^\]]*\],\n/, '$1'));
  await open(page, site, question);
  assert.match(await page.textContent('#answer'), /do not add up to the difference/);
  writeFileSync(file, good);
  await page.reload();
  await page.waitForSelector('p.answer');
  assert.doesNotMatch(await page.textContent('#answer'), /do not add up/);
  rmSync(join(site, 'changes/data/index.js'));
  await open(page, site, question);
  await page.click('#answer button');
  await page.waitForSelector('#result');
  assert.match(await page.textContent('#answer'), /Code Q-301: changes\/data\/index\.js/);
  await page.close();
});

test('many changes: 500 are listed, the rest are one row, the file holds all of them', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const site = join(folder, 'many', 'site', 'internal');
  const input = join(folder, 'many', 'input');
  cpSync(join(ROOT, 'input', 'reference'), join(input, 'reference'), { recursive: true });
  const orders = readFileSync(join(ROOT, 'input/2026-06-18/orders.csv'), 'utf8').split('\n').slice(0, 2);
  const head = COLUMNS.join(',');
  for (const [day, count, each] of [['2026-06-17', 20, 8], ['2026-06-18', 700, 9]]) {
    mkdirSync(join(input, day), { recursive: true });
    writeFileSync(join(input, day, 'orders.csv'), orders.join('\n') + '\n');
    const all = Array.from({ length: count }, (_, i) => line({ line_id: `L-${i}`, reseller_id: 'R-100', program_id: 'CORE', order_ref: `ORD-9${i}`, period: '2026-06', base_amount: '100.00', rate: '0.08', calculated_amount: `${each}.00`, currency: 'USD', status: 'CALCULATED', status_date: day }));
    writeFileSync(join(input, day, 'rebate_lines.csv'), [head, ...all].join('\n') + '\n');
  }
  program(['build', '--quiet'], { cwd: join(folder, 'many') });
  assert.ok(existsSync(join(site, PAGE)));
  await open(page, site, { from: '2026-06-17', to: '2026-06-18' });
  const found = await page.$$eval('#steps-usd tbody tr', (all) => all.map((row) => [row.cells[0].innerText, row.cells[4].innerText]));
  assert.equal(found.length, 1 + 500 + 1);
  assert.deepEqual(found.at(-1), ['200 changes more', '+1,640.00']);
  assert.equal(rows(await download(page)).length, 700);
  assert.deepEqual((await ends(page)).USD.remainder.total_rebate, '0.00');
  await page.close();
});

test('an answer has no barrier, light and dark, wide and on a phone, and does not scroll sideways', async () => {
  const wrong = [];
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
      const page = await context.newPage();
      for (const question of [
        { from: '2026-05-08', to: '2026-06-20T0600Z' },
        { from: '2026-06-17', to: '2026-06-18', program: 'NONE' },
        { from: '2026-06-18', to: '2026-06-18' },
      ]) {
        await open(page, tree, question);
        await page.evaluate(axe.source);
        const lines = await page.evaluate(async () => {
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
          const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } });
          return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} at ${node.target.join(' ')}`));
        });
        const what = `${colorScheme}, ${width} px, ${JSON.stringify(question)}`;
        wrong.push(...lines.map((found) => `${what}: ${found}`));
        if (await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth)) wrong.push(`${what}: scrolls sideways`);
      }
      await context.close();
    }
  }
  assertNone(wrong, 'no violations');
});

test('an answer prints without its form, and without JavaScript the page leads to the pairs that are ready', async () => {
  const page = await browser.newPage();
  await open(page, SITE, { from: '2026-06-17', to: '2026-06-18' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#compare:visible, #answer a[download]:visible').count(), 0);
  assert.ok(await page.isVisible('#steps-usd') && await page.isVisible('p.answer'));
  await page.close();

  const context = await browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(fileUrl(PAGE), { waitUntil: 'load' });
  assert.equal(await still.locator('#compare:visible').count(), 0);
  assert.match(await still.textContent('#terminal'), /tieout diff 2026-06-17 2026-06-18/);
  await still.click('#ready a:has-text("17 Jun 2026 to 18 Jun 2026")');
  await still.waitForURL(fileUrl('changes/2026-06-17-to-2026-06-18.html'));
  await context.close();
});

test('other pages lead here with the question filled in', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const follow = async (path, selector, search) => {
    await page.goto(fileUrl(path), { waitUntil: 'load' });
    await page.click(selector);
    await page.waitForURL((url) => url.href.startsWith(fileUrl(PAGE)));
    assert.equal(new URL(page.url()).search, search, path);
    if (search) await page.waitForSelector('p.answer');
  };
  await follow('snapshot/index.html', 'main a:has-text("Compare two snapshots")', '');
  await follow('changes/2026-06-17-to-2026-06-18.html', '#others a:has-text("Compare any two")', '?from=2026-06-17&to=2026-06-18');
  await follow('campaign/spring-growth.html', '#known-earlier a:has-text("What changed")', '?from=2026-06-17&to=2026-06-18&campaign=Spring%20Growth');
  await follow('program/spring.html', '#known-earlier a:has-text("What changed")', '?from=2026-06-17&to=2026-06-18&program=SPRING');
  await follow('period/2026-05.html', '#known-earlier a:has-text("What changed")', '?from=2026-06-17&to=2026-06-18&period=2026-05');
  assert.match(await page.textContent('#result'), /May 2026/);
  await page.close();
});

test('what a comparison loads is small', () => {
  const size = (name) => readFileSync(join(SITE, 'changes/data', `${name}.js`)).length;
  assert.ok(size('index') < 20_000, `${size('index')} bytes`);
  assert.ok(size('2026-06-18') < 10_000, `${size('2026-06-18')} bytes`);
});

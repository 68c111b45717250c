// Goal: the query page and `tieout query` give the same figures and the same file, to the cent, whichever data files the page
// takes them from. Method: random scopes over the sample and over 4,000 made orders in three months, so that whole months,
// groups and rows are all used: the page's answer against the program's JSON, against a sum over data/lines.csv by hand where
// that file has the parts, and the saved CSV against the program's, byte for byte.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, SITE, launch, program, watch } from './support.mjs';

let browser, folder, made;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tieout-agree-'));
  execFileSync('cargo', ['run', '--release', '--quiet', '--example', 'synthesize', '--', '--orders', '4000', '--months', '3', '--snapshots', '2',
    '--out', join(folder, 'input')], { cwd: ROOT, stdio: 'ignore' });
  program(['build', '--quiet'], { cwd: folder });
  made = join(folder, 'site', 'internal');
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The same numbers in every run: a small linear generator. */
function chance(seed) {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor(state / 0x80000000 * most);
  };
}

/** Rows of a CSV file by column; the files of data/ quote only what has to be quoted. */
function table(text) {
  const rows = [];
  let row = [], cell = '', isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isQuoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') isQuoted = false; else cell += c;
    } else if (c === '"') isQuoted = true;
    else if (c === ',') { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else cell += c;
  }
  const [names, ...rest] = rows;
  return rest.map((values) => Object.fromEntries(names.map((name, at) => [name, values[at]])));
}

const lines = (tree) => table(readFileSync(join(tree, 'data/lines.csv'), 'utf8'));
const orders = (tree) => table(readFileSync(join(tree, 'data/orders.csv'), 'utf8'));

/** Scopes of one to four parts with values that occur, some of them that never meet. */
function scopes(tree, count, seed) {
  const next = chance(seed), all = lines(tree), own = orders(tree), months = [...new Set(all.map((line) => line.period_vendor))].sort();
  const pick = (list) => list[next(list.length)];
  const values = {
    program: () => pick(all).program, category: () => pick(all).category_vendor, batch: () => pick(all).batch.toLowerCase(), status: () => pick(all).status.replace('_', '-'),
    bucket: () => [pick(all), pick(all)].map((line) => line.bucket.toLowerCase()).join(','), kind: () => pick([...all, { primary: 'clean' }]).primary || 'clean',
    currency: () => pick(all).currency, customer: () => pick(own).customer_id, account: () => pick(own).account_id.replace('-', ' '),
    order: () => pick(own).order_id.toLowerCase(), region: () => pick(own).region, campaign: () => pick(own).campaign, payout: () => null,
  };
  const ranges = [
    () => { const month = pick(months); return { from: month, to: month }; },
    () => ({ from: months[0], to: months[months.length - 1] }),
    () => { const month = pick(months); return { from: `${month}-0${1 + next(9)}`, to: `${month}-${10 + next(18)}` }; },
    () => ({ from: `${months[0]}-1${next(9)}`, to: `${months[months.length - 1]}-1${next(9)}` }),
  ];
  return Array.from({ length: count }, (_, number) => {
    const parts = { ...ranges[number % ranges.length]() };
    for (let more = number % 5; more > 0; more--) {
      const name = pick(Object.keys(values)), value = values[name]();
      if (value) parts[name] = value;
    }
    return Object.entries(parts).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  });
}

/** What the page answers, in plain decimals. */
async function asked(page, text) {
  return page.evaluate(async (query) => {
    const { data, kit, scope: scopes } = window.tieout;
    const index = await data.open(document.getElementById('answer').dataset.set), read = scopes.parse(query, index.periods);
    if (read.problems.length || read.unknown.length) throw new Error(JSON.stringify(read));
    const scope = data.resolve(index, read), answer = await data.answer(index, scope);
    const all = await answer.pager.all();
    return {
      scope: scopes.format(scope), rows: answer.rows, listed: all.length,
      currencies: answer.currencies.map((of) => ({
        currency: of.currency.code, rows: of.rows, lines: of.lines, measures: of.measures.map((value) => kit.plain(value, of.currency)),
        states: of.states.map((state) => [state.status, state.bucket, state.rows, ...['expected', 'total', 'paid'].map((name) => kit.plain(state[name], of.currency)), state.due]),
        facets: ['program', 'campaign', 'category', 'region', 'status', 'bucket', 'kind'].flatMap((name) => (of.facets.get(name) || [])
          .filter((facet) => facet.value !== null).map((facet) => [name, facet.value, facet.rows, facet.lines, kit.plain(facet.total, of.currency)].join('|'))).sort(),
      })),
    };
  }, text);
}

const MEASURES = ['eligible', 'calculated_so_far', 'adjustments', 'total_rebate', 'approved_so_far', 'paid_so_far'];

/** The same of the program's JSON. */
function told(json) {
  return {
    scope: json.scope, rows: json.rows, listed: json.lines.length,
    currencies: json.currencies.map((of) => ({
      currency: of.currency, rows: of.sums.rows, lines: of.sums.lines, measures: MEASURES.map((name) => of.sums[name]),
      facets: Object.entries(json.facets).flatMap(([name, values]) => values.filter((facet) => facet.currency === of.currency && facet.value !== null)
        .map((facet) => [name, facet.value, facet.rows, facet.lines, facet.total].join('|'))).sort(),
      byStatus: Object.fromEntries(Object.entries(of.by_status).map(([name, sums]) => [name, [sums.rows, sums.total_rebate, sums.due_rows]])),
    })),
  };
}

const minor = (text) => text === '' ? 0n : BigInt(text.replace('.', ''));

/** The total of a scope by hand, from the file of all lines: null where the file lacks a part. */
function byHand(tree, text) {
  const parts = Object.fromEntries(new URLSearchParams(text)), folded = (id) => id.toUpperCase().replace(/[-\s]/g, '');
  const columns = { program: 'program', category: 'category_vendor', batch: 'batch', currency: 'currency' };
  const isWhole = (day) => day.length === 7;
  if (!isWhole(parts.from) || Object.keys(parts).some((name) => !['from', 'to', 'status', 'bucket', ...Object.keys(columns)].includes(name))) return null;
  const sums = new Map();
  for (const line of lines(tree)) {
    if (line.period_vendor < parts.from || line.period_vendor > parts.to) continue;
    if (Object.entries(columns).some(([name, column]) => parts[name] && folded(parts[name]) !== folded(line[column]))) continue;
    if (parts.bucket && !parts.bucket.split(',').includes(line.bucket.toLowerCase())) continue;
    const status = line.status.replace('_', '-'), isUnder = parts.status === 'calculated' && status === 'under-review' && line.bucket === 'Calculated';
    if (parts.status && parts.status !== status && !isUnder) continue;
    const isIn = ['Calculated', 'Approved', 'Paid'].includes(line.bucket) && status !== 'rejected';
    sums.set(line.currency, (sums.get(line.currency) ?? 0n) + (isIn ? minor(line.net) : 0n));
  }
  return sums;
}

for (const [name, tree, cwd, count, seed] of [['the sample', () => SITE, () => ROOT, 40, 7], ['4,000 orders', () => made, () => folder, 40, 11]]) {
  test(`page, program and hand agree on random scopes of ${name}`, { timeout: 500_000 }, async () => {
    const page = await browser.newPage(), seen = watch(page);
    await page.goto(pathToFileURL(join(tree(), 'query.html')).href);
    await page.waitForFunction(() => window.tieout?.data);
    let hands = 0;
    for (const text of scopes(tree(), count, seed)) {
      const found = await asked(page, text), expected = told(JSON.parse(program(['query', text, '--format', 'json', '--quiet'], { cwd: cwd() })));
      assert.equal(found.scope, expected.scope, text);
      assert.deepEqual([found.rows, found.listed], [expected.rows, expected.listed], text);
      assert.deepEqual(found.currencies.map((of) => of.currency), expected.currencies.map((of) => of.currency), text);
      found.currencies.forEach((of, at) => {
        const other = expected.currencies[at];
        assert.deepEqual([of.rows, of.lines, of.measures], [other.rows, other.lines, other.measures], text);
        assert.deepEqual(of.facets, other.facets, text);
        const byStatus = {};
        for (const [status, , rows, , total, , due] of of.states) {
          const sum = byStatus[status] ??= [0, 0n, 0];
          sum[0] += rows;
          sum[1] += minor(total);
          sum[2] += due;
        }
        assert.deepEqual(byStatus, Object.fromEntries(Object.entries(other.byStatus).map(([status, [rows, total, due]]) => [status, [rows, minor(total), due]])), text);
      });
      const hand = byHand(tree(), text);
      if (!hand) continue;
      hands++;
      const own = new Map(found.currencies.filter((of) => of.lines > 0).map((of) => [of.currency, minor(of.measures[3])]));
      assert.deepEqual(own, hand, text);
    }
    assert.ok(hands >= 5, `${hands} scopes could be added up by hand`);
    assert.deepEqual(seen.problems, []);
    await page.close();
  });
}

/** The sample with periods from the 26th to the 25th, two of them without rows, and what odd names and ids there are. */
function odd() {
  const cwd = join(folder, 'odd'), edit = (path, change) => writeFileSync(join(cwd, 'input', path), change(readFileSync(join(cwd, 'input', path), 'utf8')));
  cpSync(join(ROOT, 'input'), join(cwd, 'input'), { recursive: true });
  edit('reference/periods.csv', (text) => `${text.split('\n')[0]}\n${[2, 3, 4, 5, 6, 7].map((month) => `2026-0${month},2026-0${month - 1}-26,2026-0${month}-25,,,`).join('\n')}\n`);
  edit('reference/programs.csv', (text) => text.replace(',Quarterly Growth,intl', ',Été 2026,intl'));
  edit('2026-06-18/rebate_lines.csv', (text) => {
    const line = text.split('\n').find((row) => row.startsWith('L-1001,'));
    const own = [3, 4, 5, 6].map((month) => line.replace('L-1001', `U-${month}`).replace('ORD-1001', month % 2 ? 'GHOST-77' : 'ghost 77').replace(',2026-05,', `,2026-0${month},`));
    return `${text.trimEnd()}\n${own.join('\n')}\n`;
  });
  program(['build', '--quiet'], { cwd });
  return cwd;
}

test('page and program read a scope alike where months, names and ids are odd', async () => {
  // Goal: what the sample does not have is no exception. Method: months that are no calendar months, with and without rows; an
  // order that no extract has and lines of several months name; parts given twice; names by the words of their address.
  const cwd = odd(), page = await browser.newPage(), seen = watch(page), all = 'from=2026-01&to=2026-12';
  await page.goto(pathToFileURL(join(cwd, 'site/internal/query.html')).href);
  await page.waitForFunction(() => window.tieout?.data);
  const answers = {};
  for (const text of ['', 'from=2026-02', 'to=2026-07', 'from=2026-02&to=2026-02', 'period=2026-07', 'from=2026-04-02&period=2026-05', 'period=2026-05&from=2026-04-02',
    `${all}&order=ghost77`, `${all}&order=ORD-6004`, `${all}&status=paid&status=approved,PAID`, `${all}&bucket=paid&bucket=Calculated`, `${all}&preset=custom`,
    `${all}&campaign=_c3_a9t_c3_a9-2026`, `${all}&campaign=%C3%A9t%C3%A9-2026`, `${all}&campaign=%C3%89T%C3%A9%202026`, `${all}&campaign=enterprise`, `${all}&category=COMPUTE`]) {
    const found = await asked(page, text), expected = told(JSON.parse(program(['query', text, '--format', 'json', '--quiet'], { cwd })));
    const figures = (of) => ({ ...of, currencies: of.currencies.map(({ currency, rows, lines, measures, facets }) => ({ currency, rows, lines, measures, facets })) });
    assert.deepEqual(figures(found), figures(expected), text);
    answers[text] = found;
  }
  assert.equal(answers[`${all}&order=ghost77`].rows, 4);
  // Of its four periods, the one next to what was asked for.
  await page.goto(`${pathToFileURL(join(cwd, 'site/internal/query.html')).href}?order=ghost77&period=2026-02`);
  await page.getByText('The order belongs to period February 26 \u2013 March 25').waitFor({ timeout: 5000 });
  assert.match(program(['query', 'order=ghost77&period=2026-02', '--quiet'], { cwd }), /belongs to period 26 Feb 2026 to 25 Mar 2026/);
  assert.equal(answers['from=2026-02&to=2026-02'].scope, 'from=2026-01-26&to=2026-02-25');
  assert.ok(answers[`${all}&campaign=_c3_a9t_c3_a9-2026`].scope.endsWith('&campaign=%C3%89t%C3%A9+2026'));
  assert.deepEqual(seen.problems, []);
  await page.close();
});

test('the saved file is the one that the program writes', async () => {
  const page = await browser.newPage(), seen = watch(page);
  for (const text of ['from=2026-05-01&to=2026-05-31&campaign=Spring+Growth', 'from=2026-03-01&to=2026-06-30', 'from=2026-05-01&to=2026-05-31&status=no-line']) {
    await page.goto(`${pathToFileURL(join(SITE, 'query.html')).href}?${text}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Lines CSV' }).click()]);
    const saved = readFileSync(await download.path(), 'utf8'), printed = program(['query', text, '--format', 'csv', '--quiet']);
    assert.equal(saved.trimEnd(), printed.trimEnd(), text);
  }
  assert.deepEqual(seen.problems, []);
  await page.close();
});

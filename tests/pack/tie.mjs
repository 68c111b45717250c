// Ties out a close pack from its CSV files alone, and shares no code with the program that made it.
//
//   node tests/pack/tie.mjs close/2026-05
//
// Prints each check with both figures; the exit code is 1 when one does not hold. Amounts are whole numbers of the sixth decimal:
// nothing here is a floating-point number. What is recomputed follows the sheets of a pack (sheet 22 defines every column).

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const DECIMALS = 6, ONE = 10n ** BigInt(DECIMALS);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const BUCKETS = [[30, '0-30'], [60, '31-60'], [90, '61-90'], [120, '91-120'], [Infinity, '>120']];

// ---- Reading.

/** The records of a CSV text; quoted fields may hold commas, quotes and line breaks. */
export function records(text) {
  const rows = [];
  let row = [], field = '', quoted = false;
  for (let i = text.startsWith('\ufeff') ? 1 : 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',' || c === '\n') {
      row.push(field);
      field = '';
      if (c === '\n') rows.push(row.splice(0));
    } else if (c !== '\r' || text[i + 1] !== '\n') field += c;
  }
  if (quoted || field !== '' || row.length) throw new Error('the file ends within a record');
  return rows;
}

/** `-12.50` as a whole number of millionths; nothing for an empty cell. */
export function number(text) {
  if (text === '') return null;
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new Error(`not a plain number: ${text}`);
  const value = BigInt(match[2] + (match[3] ?? '').padEnd(DECIMALS, '0'));
  return match[1] ? -value : value;
}

/** A whole number of millionths as text without needless zeros. */
function shown(value) {
  if (typeof value !== 'bigint') return String(value);
  const digits = (value < 0n ? -value : value).toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}${fraction ? `.${fraction}` : ''}`;
}

/** The sheets of a folder with `csv/`, by number: header, and rows by column. */
export function load(folder) {
  const sheets = new Map();
  for (const name of readdirSync(join(folder, 'csv')).sort()) {
    const file = /^(\d\d)-(.+)\.csv$/.exec(name);
    if (!file) continue;
    const [header, ...rows] = records(readFileSync(join(folder, 'csv', name), 'utf8'));
    rows.forEach((row, i) => {
      if (row.length !== header.length) throw new Error(`${name}, record ${i + 2}: ${row.length} fields, not ${header.length}`);
    });
    const keyed = rows.map((row) => Object.fromEntries(header.map((key, i) => [key, row[i]])));
    sheets.set(Number(file[1]), { file: name, header, rows: keyed });
  }
  return sheets;
}

// ---- Dates, as days since 1970.

const day = (iso) => Date.parse(`${iso}T00:00:00Z`) / 86400000;

/** `31 May 2026`. */
function dayInWords(words) {
  const [, d, month, year] = /^(\d+) ([A-Z][a-z]{2})[a-z]* (\d{4})$/.exec(words.trim());
  return Date.UTC(Number(year), MONTHS.indexOf(month), Number(d)) / 86400000;
}

const lastDay = (month) => Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0) / 86400000;

/** What the cover says: month, first and last day, snapshot. */
function datesOf(cover) {
  const fact = (item) => cover.rows.find((row) => row.item === item)?.value ?? '';
  const [name, days] = fact('Period').split(', ');
  const [, word, year] = /^([A-Z][a-z]{2})[a-z]* (\d{4})$/.exec(name);
  const month = `${year}-${String(MONTHS.indexOf(word) + 1).padStart(2, '0')}`;
  const end = dayInWords(fact('Effective date'));
  const within = /^(\d+)–\d+ ([A-Z][a-z]+ \d{4})$/.exec(days);
  const start = within ? dayInWords(`${within[1]} ${within[2]}`) : dayInWords(days.split(' to ')[0]);
  const [, known] = /^snapshot (\d{4}-\d\d-\d\d)/.exec(fact('Known at'));
  return { month, start, end, known: day(known) };
}

// ---- Tying out.

/** Sums by key; a key that was never met has the sum zero. */
class Sums extends Map {
  add(key, value) {
    this.set(key, this.of(key) + (value ?? 0n));
    return this;
  }
  of(key) { return this.get(key) ?? 0n; }
}

const sums = (rows, key, value) => rows.reduce((all, row) => all.add(key(row), value(row)), new Sums());
const currencyOf = (row) => row.currency;
const amountIn = (column) => (row) => number(row[column]);
const tally = (rows) => BigInt(rows.length) * ONE;

/** Every check over the sheets of a pack, as `load` gives them: `{ name, left, right, ok }`. */
export function tie(sheets) {
  const sheet = (id) => sheets.get(id) ?? { header: [], rows: [] };
  const rows = (id) => sheet(id).rows;
  const { month, start, end, known } = datesOf(sheet(1));
  const found = [];
  const same = (name, left, right) => found.push({ name, left, right, ok: left === right });
  const sameSums = (name, left, right) => {
    for (const key of [...new Set([...left.keys(), ...right.keys()])].sort()) same(`${name} ${key}`, left.of(key), right.of(key));
  };
  const inMonth = (row) => day(row.date) >= start && day(row.date) <= end;
  const cell = (file, row, key) => `${file} ${key} of ${Object.values(row)[0]}`;

  // 04: opening and movements give the closing, in each program and over all.
  const isClosing = (row) => row.row === 'closing';
  const roll = rows(4), moves = roll.filter((row) => !isClosing(row)), closings = roll.filter(isClosing);
  const program = (row) => `${row.currency} ${row.program}`;
  sameSums('04 opening and movements = closing,', sums(moves, program, amountIn('amount')), sums(closings, program, amountIn('amount')));
  const closing = sums(closings, currencyOf, amountIn('amount'));
  const rolled = (...codes) => sums(moves.filter((row) => codes.some((code) => row.row === code || row.row.startsWith(`${code}-`))), currencyOf, amountIn('amount'));

  // 07 and 09: what is open, one by one.
  const lines = rows(7), ours = rows(9).filter((row) => row.record === 'journal');
  const adjustments = rows(9).filter((row) => row.record === 'adjustment');
  const ofMonth = lines.filter((line) => line.period_vendor === month);
  const open = sums([...lines, ...rows(9)], currencyOf, amountIn('open'));
  sameSums('04 closing = 07 and 09 open,', closing, open);
  for (const line of lines) {
    same(cell('07', line, 'recognized + adjustments + journals - received = open'),
      number(line.recognized) + number(line.adjustments) + number(line.journals) - number(line.received), number(line.open));
    same(cell('07', line, 'recognized = calculated, or nothing'), ['0', shown(number(line.calculated) ?? 0n)].includes(shown(number(line.recognized))), true);
    const own = adjustments.filter((a) => a.line_id === line.line_id && a.currency === line.currency && day(a.date) <= end);
    same(cell('07', line, 'adjustments = 09'), number(line.adjustments), own.reduce((sum, a) => sum + number(a.amount), 0n));
  }
  sameSums('04 journals = 09 journals dated in the month,', rolled('journals'), sums(ours.filter(inMonth), currencyOf, amountIn('amount')));
  sameSums('04 earned = 07 recognized of the month,', rolled('earned'), sums(ofMonth, currencyOf, amountIn('recognized')));
  const counted = (code) => sums(moves.filter((row) => row.row === code || row.row.startsWith(`${code}-`)), currencyOf, amountIn('records'));
  const recognized = ofMonth.filter((line) => number(line.recognized) !== 0n);
  sameSums('04 records earned = 07 lines recognized,', counted('earned'), sums(recognized, currencyOf, () => ONE));
  sameSums('04 records adjusted = 09 dated in the month,', counted('adjustments'), sums(adjustments.filter(inMonth), currencyOf, () => ONE));
  sameSums('04 records received = 10 lines of payouts dated in the month,', counted('received'), sums(rows(10).filter(inMonth), currencyOf, amountIn('lines')));
  sameSums('04 adjustments = 09 dated in the month,', rolled('adjustments'), sums(adjustments.filter(inMonth), currencyOf, amountIn('amount')));
  const received = sums(rows(10).filter(inMonth), currencyOf, (row) => -number(row.lines_sum));
  sameSums('04 received = 10 lines of payouts dated in the month,', rolled('received'), received);

  // 06: the ages, recomputed from the period of every open item.
  sameSums('06 ages = 04 closing,', sums(rows(6), currencyOf, amountIn('amount')), closing);
  const nonZero = (all) => new Sums([...all].filter(([, value]) => value !== 0n));
  sameSums('06 ages = 04 closing,', nonZero(sums(rows(6), program, amountIn('amount'))), nonZero(sums(closings, program, amountIn('amount'))));
  const items = [...lines.map((line) => ({ ...line, period: line.period_vendor })), ...rows(9)].filter((item) => number(item.open) !== 0n);
  const age = (item) => {
    const days = end - lastDay(item.period || month);
    return `${item.currency} ${BUCKETS.find(([most]) => days <= most)[1]}`;
  };
  const bucket = (row) => `${row.currency} ${row.bucket}`;
  sameSums('06 amount = 07 and 09 open of that age,', sums(rows(6), bucket, amountIn('amount')), sums(items, age, amountIn('open')));
  sameSums('06 items = 07 and 09 open of that age,', sums(rows(6), bucket, amountIn('lines')), sums(items, age, () => ONE));

  // 03: the same balance, program by program.
  for (const row of rows(3)) {
    const parts = ['opening', 'earlier_periods', 'earned', 'adjustments', 'received', 'journals'].map((key) => number(row[key]));
    same(`03 parts = closing, ${program(row)}`, parts.reduce((a, b) => a + b), number(row.closing));
    same(`03 closing - opening = change, ${program(row)}`, number(row.closing) - number(row.opening), number(row.change));
  }
  for (const key of ['opening', 'closing', 'earned']) {
    sameSums(`03 ${key} = 04,`, sums(rows(3), program, amountIn(key)), sums(roll.filter((row) => row.row === key), program, amountIn('amount')));
  }
  for (const key of ['adjustments', 'received']) {
    const inRoll = moves.filter((row) => row.row.startsWith(`${key}-`));
    sameSums(`03 ${key} = 04,`, nonZero(sums(rows(3), program, amountIn(key))), nonZero(sums(inRoll, program, amountIn('amount'))));
  }

  // 05, statement A: each effect is that of its line or its order, and nothing that differs is left out.
  const effects = rows(5).filter((row) => row.statement === 'A');
  const itemOf = new Map(effects.map((row) => [`${row.item} ${row.currency}`, row]));
  const effect = (id, currency) => number(itemOf.get(`${id} ${currency}`)?.amount ?? '0');
  // Of an order of another month only the vendor's side counts in this one.
  const ownSide = (line) => (line.period_own === month ? number(line.expected) ?? 0n : 0n);
  for (const line of ofMonth) {
    same(cell('05', line, 'effect = 07 calculated - expected'), effect(line.line_id, line.currency), (number(line.calculated) ?? 0n) - ownSide(line));
  }
  for (const order of rows(8).filter((row) => row.period === month && row.expected !== '')) {
    same(cell('05', order, 'effect = 08 not calculated'), effect(order.order_id, order.currency), -number(order.expected));
  }
  const stakes = new Map([...lines.map((line) => [line.line_id, line.at_stake]), ...rows(8).map((order) => [order.order_id, order.at_stake])]);
  for (const row of effects.filter((item) => stakes.has(item.item))) {
    same(`05 A ${row.item} ${row.currency} at stake = 07 or 08`, row.at_stake, stakes.get(row.item));
  }
  const calculated = sums(ofMonth, currencyOf, amountIn('calculated'));
  // Statement C: the gaps of payouts.
  for (const row of rows(5).filter((each) => each.statement === 'C')) {
    const payout = rows(10).find((each) => each.payout_id === row.item);
    same(`05 C ${row.item} at stake = 10 difference`, number(row.at_stake), payout ? abs(number(payout.difference)) : null);
  }

  // 10 and 11: what was paid, and what came after the end of the month.
  for (const row of rows(10)) {
    const gap = number(row.lines_sum) + number(row.netted) - number(row.amount);
    same(cell('10', row, 'lines and netted - amount = difference'), gap, number(row.difference));
    same(cell('10', row, 'difference - explained = unexplained'), gap - number(row.explained), number(row.unexplained));
    same(cell('10', row, 'result'), row.result, number(row.unexplained) === 0n ? 'pass' : 'fail');
  }
  const later = (row) => day(row.date) > end && day(row.date) <= known;
  const events = (event) => rows(11).filter((row) => row.event === event);
  for (const row of events('receipt')) {
    same(cell('11', row, `not applied of ${row.id}`), number(row.lines_sum) + number(row.netted) - number(row.received), number(row.unapplied));
  }
  const paid = (row) => `${row.payout_id ?? row.id} ${row.currency}`;
  // Payouts of which nothing belongs to the closing are on sheet 10 alone.
  const receipts = new Set(events('receipt').map(paid));
  const after = rows(10).filter((row) => later(row) && receipts.has(paid(row)));
  sameSums('11 received = 10 after the month,', sums(events('receipt'), paid, amountIn('received')), sums(after, paid, amountIn('amount')));
  sameSums('11 lines = 10 after the month,', sums(events('receipt'), paid, amountIn('lines_sum')), sums(after, paid, amountIn('lines_sum')));
  sameSums('11 netted = 10 after the month,', sums(events('receipt'), paid, amountIn('netted')), sums(after, paid, amountIn('netted')));
  const adjusted = (row) => `${row.adjustment_id ?? row.id} ${row.currency}`;
  const listed = new Set(adjustments.map((row) => row.adjustment_id));
  const alsoIn9 = events('adjustment').filter((row) => listed.has(row.id));
  sameSums('11 adjustment = 09 after the month,', sums(alsoIn9, adjusted, amountIn('adjustment')), sums(adjustments.filter(later), adjusted, amountIn('amount')));

  // 12: prior periods.
  for (const row of rows(12)) same(cell('12', row, 'now - at the close = change'), number(row.now) - number(row.at_close), number(row.change));
  const prior = ['prior-period-changes', 'late-lines', 'removed-lines'];
  const byRow = (row) => `${row.currency} ${row.row}`;
  if (rows(12).length) {
    sameSums('12 change = 04,', sums(rows(12), byRow, amountIn('change')), sums(moves.filter((row) => prior.includes(row.row)), byRow, amountIn('amount')));
  }

  // 13: the cut-off.
  for (const row of rows(13)) {
    const others = row.period_vendor.split(', ').filter((period) => period !== row.period_own);
    const result = row.period_vendor === 'none' ? 'open' : others.length ? 'fail' : 'pass';
    same(cell('13', row, 'result'), row.result, result);
    same(cell('13', row, 'days'), Number(row.days), day(row.date) - end);
    const own = lines.find((line) => line.line_id === row.line_id && line.currency === row.currency);
    if (own) same(cell('13', row, 'amount = 07 calculated'), number(row.amount), number(own.calculated) ?? 0n);
    if (result !== 'fail') same(cell('13', row, 'shifted'), number(row.shifted), 0n);
  }

  // 14: what was accrued and what came.
  for (const row of rows(14)) same(cell('14', row, 'calculated - accrued = difference'), number(row.calculated) - number(row.accrued), number(row.difference));

  // 15: what may be taken back is at stake in 07 or 08 as well.
  const exposed = [
    ...lines.map((row) => ({ ...row, id: row.line_id, in: row.at_stake_currency || row.currency })),
    ...rows(8).map((row) => ({ ...row, id: row.order_id, in: row.currency })),
  ].filter((row) => row.direction === 'exposure' && row.at_stake !== '');
  const memo = new Map(rows(15).map((row) => [`${row.item} ${row.currency}`, number(row.amount)]));
  for (const row of exposed) same(`15 ${row.id} = at stake`, memo.get(`${row.id} ${row.in}`) ?? null, number(row.at_stake));

  // 17 and 18: every row of every file is in one place, and the amounts tie to what was declared.
  const part = (name) => rows(17).filter((row) => row.part === name);
  for (const row of part('rows')) {
    const places = ['header', 'trailer', 'blank', 'merged', 'set_aside', 'loaded'].map((key) => number(row[key]));
    same(`17 rows of ${row.file}`, places.reduce((a, b) => a + b) + number(row.rows_difference), number(row.rows_read));
    same(`17 result of ${row.file}`, row.result, number(row.rows_difference) === 0n ? 'pass' : 'fail');
    same(`17 set aside of ${row.file} = 18`, number(row.set_aside), tally(rows(18).filter((aside) => aside.file === row.file)));
  }
  for (const row of part('amounts')) {
    const taken = number(row.amount_loaded) + number(row.amount_merged) + number(row.amount_set_aside) + number(row.amount_rounded);
    same(`17 declared of ${row.file} ${row.currency}`, number(row.declared) - taken, number(row.difference));
    const aside = rows(18).filter((each) => each.file === row.file && each.currency === row.currency && each.amount !== '');
    same(`17 amount set aside of ${row.file} ${row.currency} = 18`, number(row.amount_set_aside), aside.reduce((sum, each) => sum + number(each.amount), 0n));
    const snapshot = part('snapshot').find((each) => row.file === `${each.received}/rebate_lines.csv` && each.currency === row.currency);
    if (snapshot) same(`17 loaded of ${row.file} ${row.currency} = its snapshot`, number(row.amount_loaded), number(snapshot.amount_loaded));
  }

  // 02: every check, each side from the sheets that it names.
  const openings = rolled('opening');
  const changes = sums(rows(12), currencyOf, amountIn('change')), moved = rolled(...prior);
  const failed = (all) => tally(all.filter((row) => row.result === 'fail'));
  const exposure = sums(rows(15), currencyOf, amountIn('amount'));
  const gaps = (column) => sums(rows(10), currencyOf, amountIn(column));
  const laterSum = sums(events('adjustment'), currencyOf, amountIn('adjustment'));
  const setAside = part('rows').reduce((sum, row) => sum + number(row.set_aside), 0n);
  const itemsOf = (statement) => sums(rows(5).filter((row) => row.statement === statement), currencyOf, amountIn('amount'));
  // Both sides, from the currency of the check; `null` for a side that stands in no CSV file of this pack.
  const sides = {
    'C-01': (c) => [closing.of(c), open.of(c)],
    'C-02': (c) => [sums(rows(6), currencyOf, amountIn('amount')).of(c), closing.of(c)],
    'C-03': (c) => [sums(rows(3), currencyOf, amountIn('closing')).of(c), closing.of(c)],
    'C-04': (c) => [openings.of(c), null],
    'C-05': (c) => [changes.of(c), moved.of(c)],
    'C-06': (c) => [gaps('difference').of(c), gaps('explained').of(c)],
    'C-07': (c) => [laterSum.of(c), laterSum.of(c)],
    'C-08': (c) => [null, itemsOf('A').of(c)],
    'C-09': (c) => [calculated.of(c), calculated.of(c)],
    'C-10': (c) => [exposure.of(c), exposure.of(c)],
    'C-11': () => [failed(part('rows')), 0n],
    'C-12': () => [failed(part('amounts')), 0n],
    'C-13': () => [tally(rows(18)), setAside],
    'C-14': () => [failed(rows(13)), 0n],
    // The balance of the ledger stands in no CSV file; the items that explain the difference do.
    'C-15': (c) => [null, itemsOf('B').of(c)],
    'C-16': (c) => [open.of(c), closing.of(c)],
  };
  const verdict = new Map();
  for (const row of rows(2)) {
    const name = `02 ${row.check_id} ${row.currency}`.trim();
    const rank = { pass: 0, open: 1, fail: 2 };
    verdict.set(row.sheet, Object.keys(rank).find((word) => rank[word] === Math.max(rank[row.result], rank[verdict.get(row.sheet) ?? 'pass'])));
    if (row.value === '' && row.expected === '') {
      same(`${name} without figures is open`, row.result, 'open');
      continue;
    }
    const gap = number(row.value) - number(row.expected);
    same(`${name} value - expected = difference`, gap, number(row.difference));
    same(`${name} result`, row.result, gap === 0n ? 'pass' : 'fail');
    if (!(row.check_id in sides)) {
      same(`${name} is recomputed here`, 'no', 'yes');
      continue;
    }
    const [value, expected] = sides[row.check_id](row.currency);
    if (value !== null) same(`${name} value`, number(row.value), value);
    if (expected !== null) same(`${name} expected`, number(row.expected), expected);
  }
  // Statement A: the items that are neither a line of the month nor an order without line are the own side of orders whose lines
  // count in another month or currency; their number is printed.
  const seen = new Set([
    ...ofMonth.map((line) => `${line.line_id} ${line.currency}`),
    ...rows(8).filter((order) => order.period === month).map((order) => `${order.order_id} ${order.currency}`),
  ]);
  const withLine = new Set([...lines, ...rows(13)].flatMap((row) => (row.line_id ? row.order_id.split(', ') : [])));
  for (const row of effects.filter((item) => number(item.amount) !== 0n && !seen.has(`${item.item} ${item.currency}`))) {
    same(`05 A ${row.item} ${row.currency} (${shown(number(row.amount))}) belongs to an order with a line`, row.order_id.split(', ').some((id) => withLine.has(id)), true);
  }
  // 01: the worst result of each sheet; 22: every column is defined.
  for (const [title, worst] of verdict) same(`01 result of ${title}`, rows(1).find((row) => row.item === title)?.result, worst);
  for (const [id, { header, file }] of sheets) {
    const defined = rows(22).filter((row) => row.what === 'column' && row.sheet.startsWith(`${String(id).padStart(2, '0')} `));
    if (id > 1 && id < 22) same(`22 defines the columns of ${file}`, defined.map((row) => row.code).join(), header.join());
  }
  return found;
}

const abs = (value) => (value < 0n ? -value : value);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2];
  if (!folder) {
    console.error('usage: node tests/pack/tie.mjs FOLDER   a close pack, such as close/2026-05');
    process.exit(2);
  }
  const checks = tie(load(folder));
  const failed = checks.filter((check) => !check.ok);
  for (const { name, left, right, ok } of checks) console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${shown(left)}${ok ? '' : `, not ${shown(right)}`}`);
  console.log(`${checks.length} checks, ${failed.length} failed`);
  process.exit(failed.length || !checks.length ? 1 : 0);
}

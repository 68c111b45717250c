// The close packs of the sample tie out by a checker that shares no code with the program, and the checker notices changes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load, records, tie } from './tie.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const MONTHS = ['2026-03', '2026-04', '2026-05'];

/** The packs of TIEOUT_PACKS, else made from the sample for this run: by TIEOUT_BIN, or what `cargo run --release` builds. */
function packs() {
  if (process.env.TIEOUT_PACKS) return resolve(process.env.TIEOUT_PACKS);
  const folder = mkdtempSync(join(tmpdir(), 'tieout-packs-'));
  after(() => rmSync(folder, { recursive: true }));
  const [program, ...first] = process.env.TIEOUT_BIN ? [process.env.TIEOUT_BIN] : ['cargo', 'run', '--release', '--locked', '--quiet', '--'];
  for (const month of MONTHS) {
    execFileSync(program, [...first, 'close', month, '--input', 'input', '--output', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return folder;
}

const FOLDER = packs();
const FOLDERS = readdirSync(FOLDER).sort().map((name) => join(FOLDER, name)).filter((path) => existsSync(join(path, 'csv')));

test('every pack ties out', () => {
  // Goal: what a pack says can be recomputed by somebody who has nothing but its CSV files (domain 7). Method: tie.mjs over every
  // pack; the counts hold it to be no empty exercise.
  assert.ok(FOLDERS.length > 0, `no pack in ${FOLDER}`);
  for (const folder of FOLDERS) {
    const checks = tie(load(folder));
    assert.deepEqual(checks.filter((check) => !check.ok), [], folder);
    assert.ok(checks.length > 100, `${folder}: ${checks.length} checks`);
  }
});

/** Columns in which a change of any cell has to be noticed, by sheet. */
const HELD = {
  2: ['value', 'expected', 'difference', 'result'],
  3: ['opening', 'earlier_periods', 'earned', 'adjustments', 'received', 'closing', 'change'],
  4: ['amount'],
  6: ['amount', 'lines'],
  7: ['recognized', 'calculated', 'adjustments', 'received', 'open'],
  8: ['expected'],
  9: ['amount', 'open'],
  10: ['amount', 'lines_sum', 'netted', 'difference', 'explained', 'unexplained', 'result'],
  11: ['adjustment', 'received', 'lines_sum', 'netted', 'unapplied'],
  12: ['at_close', 'now', 'change'],
  13: ['days', 'result'],
  15: ['amount'],
  17: ['rows_read', 'header', 'blank', 'merged', 'set_aside', 'loaded', 'rows_difference', 'declared', 'difference'],
  18: ['amount'],
};

/** One more in the last place; another word for a result. */
function changed(value) {
  if (!/^-?\d/.test(value)) return value === 'pass' ? 'fail' : 'pass';
  const places = value.split('.')[1]?.length ?? 0;
  const digits = String(BigInt(value.replace('.', '')) + 1n);
  const padded = digits.replace('-', '').padStart(places + 1, '0');
  const text = places ? `${padded.slice(0, -places)}.${padded.slice(-places)}` : padded;
  return digits.startsWith('-') ? `-${text}` : text;
}

test('a change of one cent, of one row or of one word is noticed', () => {
  // Goal: the test above would fail if an amount were wrong. Method: each cell of the columns that the balance rests on, one at a
  // time, is one cent or one row higher, or another result; each time a check fails.
  const sheets = load(FOLDERS.at(-1));
  let cells = 0;
  const missed = [];
  for (const [id, columns] of Object.entries(HELD)) {
    for (const row of sheets.get(Number(id))?.rows ?? []) {
      for (const column of columns.filter((name) => row[name] !== '')) {
        const value = row[column];
        assert.notEqual(value, undefined, `sheet ${id} has no column ${column}`);
        row[column] = changed(value);
        if (tie(sheets).every((check) => check.ok)) missed.push(`sheet ${id}, ${Object.values(row)[0]}, ${column}: ${value} -> ${row[column]}`);
        row[column] = value;
        cells++;
      }
    }
  }
  assert.deepEqual(missed, []);
  assert.ok(cells > 500, `${cells} cells`);
});

test('a row that is gone is noticed', () => {
  // Goal: nothing can be left out. Method: each row of the sheets of detail is taken away, one at a time.
  const sheets = load(FOLDERS.at(-1));
  const missed = [];
  for (const id of [4, 6, 10, 12, 18]) {
    const { rows } = sheets.get(id);
    for (let i = 0; i < rows.length; i++) {
      const [row] = rows.splice(i, 1);
      const isNothing = row.amount !== undefined && Number(row.amount) === 0;
      if (!isNothing && tie(sheets).every((check) => check.ok)) missed.push(`sheet ${id}: ${Object.values(row).join()}`);
      rows.splice(i, 0, row);
    }
  }
  const { rows } = sheets.get(7);
  for (let i = 0; i < rows.length; i++) {
    const [row] = rows.splice(i, 1);
    if (Number(row.open) !== 0 && tie(sheets).every((check) => check.ok)) missed.push(`sheet 7: ${row.line_id}`);
    rows.splice(i, 0, row);
  }
  assert.deepEqual(missed, []);
});

test('the reader of CSV files reads what may stand in them', () => {
  // Goal: a checker that misreads proves nothing. Method: quotes, commas, line breaks and a mark of the byte order, by hand.
  assert.deepEqual(records('\ufeffa,b\r\n"x, ""y""\r\nz",\r\n'), [['a', 'b'], ['x, "y"\r\nz', '']]);
  assert.throws(() => records('a,"b'), /within a record/);
});

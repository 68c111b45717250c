// What leaves the page of a query: receipts, and the rows as a CSV file or a workbook. Stands on kit.js.
(function () {
'use strict';
const tieout = window.tieout, { tr } = tieout, { csv: csvOf, plain, problem, visible } = tieout.kit;
const ZERO = BigInt(0), ONE = BigInt(1), encoder = new TextEncoder();

// ---- Days as whole numbers: 1 is 1 January of the year 1.

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const lengthOf = (year, month) => LENGTHS[month] + (month === 1 && isLeap(year) ? 1 : 0);

/** The number of the first day of a year. */
function firstOf(year) {
  const before = year - 1;
  return 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1;
}

/** The number of a day written `2026-05-31`. */
function dayOf(text) {
  const [year, month, day] = text.split('-').map(Number);
  let days = firstOf(year) + day - 1;
  for (let i = 0; i < month - 1; i++) days += lengthOf(year, i);
  return days;
}

/** `2026-05-31`; null beyond the years that have four digits. */
function dateOf(number) {
  if (!(number >= -365 && number <= 3652059)) return null;
  // 146,097 days are 400 years, on average; the guess is at most one year off.
  let year = Math.floor((number - 1) * 400 / 146097) + 1;
  while (number < firstOf(year)) year--;
  while (number >= firstOf(year + 1)) year++;
  let rest = number - firstOf(year), month = 0;
  while (rest >= lengthOf(year, month)) rest -= lengthOf(year, month++);
  return [String(year).padStart(4, '0'), month + 1, rest + 1].map((part) => String(part).padStart(2, '0')).join('-');
}

// ---- The check of receipts and of the entries of a workbook: CRC-32 (IEEE 802.3).

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function crc32(bytes) {
  let rest = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) rest = CRC[(rest ^ bytes[i]) & 255] ^ rest >>> 8;
  return ~rest >>> 0;
}

// ---- Receipts: src/report/query/receipt.rs, written a second time; tests/browser/receipts.json holds the two together.

const VERSION = 1, HAS_RANGE = 1, MOMENTS = BigInt(1441), FIRST_DAY = dayOf('2000-01-01'), ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
// The parts of a scope; the place of each is its number.
const PARTS = ['from', 'to', 'campaign', 'program', 'customer', 'account', 'order', 'category', 'region', 'batch', 'payout', 'status', 'bucket', 'kind', 'currency'];
const MEASURES = 6;

const decoded = (text) => decodeURIComponent(text.replace(/\+/g, ' '));
/** A value as the address of a scope has it. */
const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())
  .replace(/%20/g, '+').replace(/%2C/g, ',').replace(/%3A/g, ':');

/** The parts of a scope in their order: their numbers, and their values. */
function partsOf(scope) {
  const parts = scope.split('&').filter(Boolean).map((part) => {
    const at = part.indexOf('='), number = PARTS.indexOf(part.slice(0, at));
    if (number < 0) throw new TypeError(tr('a scope has no part {part}', { part }));
    return [number, decoded(part.slice(at + 1))];
  });
  return parts.filter(([, value]) => value !== '').sort(([a], [b]) => a - b);
}

/** Appends a number: seven bits a byte, the lowest first, the top bit set in all but the last. */
function pushNumber(bytes, number) {
  const low = BigInt(0x7f), seven = BigInt(7);
  for (; number > low; number >>= seven) bytes.push(Number(number & low) | 0x80);
  bytes.push(Number(number));
}

/** A number below zero, which no day of our data has, as a large one. */
const wrapped = (number) => BigInt.asUintN(64, BigInt(number));

/** The code of a number: { snapshot, scope, measure, currency, value }, the value in minor units. */
function write({ snapshot, scope, measure, currency, value }) {
  const [, date, hour, minute] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(\d\d)Z)?$/.exec(snapshot);
  const bytes = [VERSION], moment = hour === undefined ? 0 : 60 * Number(hour) + Number(minute) + 1;
  pushNumber(bytes, wrapped((dayOf(date) - FIRST_DAY) * Number(MOMENTS) + moment));
  const parts = partsOf(scope), others = parts.filter(([number]) => number > 1);
  const range = parts.filter(([number]) => number < 2).map(([, day]) => dayOf(day));
  if (range.length === 1) throw new TypeError(tr('a scope with one of from and to has no receipt'));
  bytes.push(range.length ? HAS_RANGE : 0);
  if (range.length) {
    pushNumber(bytes, wrapped(range[0] - FIRST_DAY));
    pushNumber(bytes, wrapped(range[1] - range[0]));
  }
  bytes.push(others.length);
  for (const [number, text] of others) {
    const utf8 = encoder.encode(text);
    bytes.push(number);
    pushNumber(bytes, BigInt(utf8.length));
    bytes.push(...utf8);
  }
  bytes.push(measure, ...encoder.encode(currency));
  // The sign goes into the last bit, so that small amounts are short on both sides of zero.
  pushNumber(bytes, value < ZERO ? (-value << ONE) - ONE : value << ONE);
  const check = crc32(bytes);
  bytes.push(check >>> 24, check >>> 16 & 255, check >>> 8 & 255, check & 255);
  return inGroups(bytes);
}

function inGroups(bytes) {
  let digits = '', held = 0, bits = 0;
  for (const byte of bytes) {
    held = held << 8 | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) digits += ALPHABET[held >> bits - 5 & 31];
    held &= (1 << bits) - 1;
  }
  if (bits) digits += ALPHABET[held << 5 - bits & 31];
  return 'TO-' + digits.match(/.{1,5}/g).join('-');
}

const refused = (what, next) => problem('Q-102', tr('This receipt'), tr('{what}. {next}', { what, next }));
const isCutOff = () => refused(tr('is cut off, or a character of it was changed'), tr('Copy it again, from TO- to the end of its last group'));
const isAltered = () => refused(tr('was altered: its characters do not agree with its check'),
  tr('Compare it with the original, group by group, and do not rely on the number beside it until they agree'));

/** The bytes of a code, and whether its last character ends with them, as in one that was written. */
function bytesOf(text) {
  const folded = tieout.canonical(text).replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!folded.startsWith('T0')) {
    throw refused(tr('does not begin with TO-'), tr('Copy it as it stands beside the number, from TO- to the end of its last group'));
  }
  const bytes = [];
  let held = 0, bits = 0;
  for (const character of folded.slice(2)) {
    const five = ALPHABET.indexOf(character);
    if (five < 0) throw refused(tr('holds `{character}`, which no receipt has', { character }), tr('Compare it with the original, group by group'));
    held = held << 5 | five;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  return { bytes: Uint8Array.from(bytes), isWhole: bits < 5 && held === 0 };
}

/** What a code says, as `write` takes it. Throws a problem Q-102 where it is none, or not as it was written. */
function read(text) {
  const { bytes, isWhole } = bytesOf(text);
  if (bytes.length < 5) throw isCutOff();
  const content = bytes.subarray(0, -4), check = new DataView(bytes.buffer, bytes.length - 4).getUint32(0);
  if (isWhole && crc32(content) === check) {
    if (content[0] > VERSION) {
      throw refused(tr('is of version {content}, and only version {VERSION} is known here', { content: content[0], VERSION }), tr('Read it with the version of tieout that wrote it, or a newer one'));
    }
    const rest = new Rest(content), receipt = rest.receipt();
    if (!receipt || rest.left() > 0) throw isAltered();
    return receipt;
  }
  // Which bytes are the check is known only once the content is read to its end.
  const rest = new Rest(bytes), receipt = rest.receipt();
  throw (receipt ? rest.left() < 4 : rest.left() === 0) ? isCutOff() : isAltered();
}

/** Bytes that are not read yet. What ends too early, which leaves none, or says what no receipt says, is no receipt. */
class Rest {
  constructor(bytes) {
    this.all = bytes;
    this.at = 0;
  }

  left() { return this.all.length - this.at; }

  receipt() {
    try {
      return this.parts();
    } catch (error) {
      if (error === Rest.wrong || error instanceof TypeError) return null;
      throw error;
    }
  }

  parts() {
    const is = (condition) => { if (!condition) throw Rest.wrong; };
    is(this.byte() === VERSION);
    const moments = this.signed(), moment = (moments % MOMENTS + MOMENTS) % MOMENTS;
    let snapshot = this.day((moments - moment) / MOMENTS);
    if (moment > ZERO) {
      const minute = Number(moment) - 1, two = (number) => String(number).padStart(2, '0');
      snapshot += `T${two(Math.floor(minute / 60))}${two(minute % 60)}Z`;
    }
    const scope = [], flags = this.byte();
    is(flags === 0 || flags === HAS_RANGE);
    if (flags === HAS_RANGE) {
      const from = this.signed(), first = this.day(from);
      scope.push(`from=${first}`, `to=${this.day(from + this.signed())}`);
    }
    let last = 1;
    for (let count = this.byte(); count > 0; count--) {
      const number = this.byte();
      is(number > last && number < PARTS.length);
      last = number;
      const length = this.number();
      is(length > ZERO);
      // Bytes that are no text throw a TypeError.
      const utf8 = this.bytes(length > BigInt(this.left()) ? Infinity : Number(length));
      scope.push(`${PARTS[number]}=${encoded(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8))}`);
    }
    const measure = this.byte();
    is(measure < MEASURES);
    const currency = String.fromCharCode(...this.bytes(3));
    is(/^[A-Z]{3}$/.test(currency));
    const folded = this.number(), value = folded & ONE ? -(folded >> ONE) - ONE : folded >> ONE;
    return { snapshot, scope: scope.join('&'), measure, currency, value };
  }

  bytes(count) {
    const from = this.at;
    this.at = Math.min(from + count, this.all.length);
    if (this.at - from < count) throw Rest.wrong;
    return this.all.subarray(from, this.at);
  }

  byte() { return this.bytes(1)[0]; }

  /** A number in its shortest form, within 128 bits. */
  number() {
    let number = ZERO;
    for (let place = 0; ; place++) {
      const byte = this.byte();
      number |= BigInt(byte & 0x7f) << BigInt(7 * place);
      if (place > 18 || number >> BigInt(128) > ZERO || byte === 0 && place > 0) throw Rest.wrong;
      if (byte < 0x80) return number;
    }
  }

  signed() {
    const number = this.number();
    if (number >> BigInt(64) > ZERO) throw Rest.wrong;
    return BigInt.asIntN(64, number);
  }

  day(number) {
    const date = dateOf(Number(number) + FIRST_DAY);
    if (date === null) throw Rest.wrong;
    return date;
  }
}
Rest.wrong = {};

// ---- The rows of an answer as files. `facts` are pairs of label and value: what the rows are of, in which snapshot, and what
// they sum to. `columns` are { name, kind, digits? } of kind text, amount, date or count; a cell is null for none, else a text,
// an amount { minor, digits }, a day as its number, or a whole number. A fact is a text, an amount or a whole number.

const kindOf = (fact) => typeof fact === 'number' ? 'count' : fact !== null && typeof fact === 'object' ? 'amount' : 'text';

function plainOf(value, { kind, digits }) {
  if (value === null || value === undefined) return '';
  switch (kind) {
    case 'amount': return plain(value.minor, { digits: value.digits ?? digits });
    case 'date': return dateOf(value) ?? String(value);
    default: return String(value);
  }
}

/** A file for spreadsheets: the facts, an empty row, and the table. */
function csv({ facts, columns, rows }) {
  return csvOf([
    ...facts.map(([label, value]) => [label, plainOf(value, { kind: kindOf(value) })]),
    [],
    columns.map((column) => column.name),
    ...rows.map((row) => columns.map((column, i) => plainOf(row[i], column))),
  ]);
}

// ---- A workbook (ECMA-376): sheets of typed cells, without formulas, macros or links, the same bytes for the same rows.

// What a sheet holds: rows, and UTF-16 units of text in a cell. A spreadsheet keeps 15 digits of a number.
const MOST_ROWS = 1048576, MOST_TEXT = 32767, MOST_DIGITS = 15, CUT = ' \u2026 (cut off here; the CSV file has all of it)';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const VOCABULARY = 'http://schemas.openxmlformats.org/', MAIN = `${VOCABULARY}spreadsheetml/2006/main`;
const OF_PACKAGE = `${VOCABULARY}package/2006/`, OF_DOCUMENT = `${VOCABULARY}officeDocument/2006/relationships`;
// 30 December 1899, from which a workbook counts; earlier than March 1900 it is one day off, so such days are text.
const DAY_ZERO = dayOf('1899-12-30'), FIRST_DATE = dayOf('1900-03-01');
// Places in the list of styles below; those of amounts come behind.
const STYLE = { none: 0, head: 1, text: 2, wrapped: 3, date: 4, count: 5 }, FIRST_FORMAT = 164;

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** A text as it may stand in a cell: no character that XML forbids, and none that a reader would take for an escape. */
function cellText(value) {
  let shown = visible(value).replace(/[\ud800-\udfff\ufffe\uffff]/gu, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
  if (shown.length > MOST_TEXT) shown = shown.slice(0, MOST_TEXT - CUT.length).replace(/[\ud800-\udbff]$/, '') + CUT;
  return escaped(shown.replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_').replace(/\r/g, '_x000D_'));
}

/** `A`, …, `Z`, `AA`: a column by its place. */
function letters(place) {
  return (place > 25 ? letters(Math.floor(place / 26) - 1) : '') + String.fromCharCode(65 + place % 26);
}

/** The texts and the formats of amounts that the sheets of a workbook share. */
class Shared {
  constructor() {
    this.texts = new Map();
    this.digits = [];
    this.count = 0;
    this.long = 0;
  }

  text(value) {
    this.count++;
    if (!this.texts.has(value)) this.texts.set(value, this.texts.size);
    return this.texts.get(value);
  }

  amount(digits) {
    if (!this.digits.includes(digits)) this.digits.push(digits);
    return STYLE.count + 1 + this.digits.indexOf(digits);
  }

  cell(at, value, column, style = STYLE.text) {
    if (value === null || value === undefined || value === '') return '';
    const shown = plainOf(value, column), number = (of) => `<c r="${at}" s="${of}"><v>`;
    if (column.kind === 'amount') {
      if (shown.replace(/\D/g, '').replace(/^0+/, '').length <= MOST_DIGITS) return `${number(this.amount(value.digits ?? column.digits))}${shown}</v></c>`;
      this.long++;
    }
    if (column.kind === 'count') return `${number(STYLE.count)}${shown}</v></c>`;
    if (column.kind === 'date' && value >= FIRST_DATE) return `${number(STYLE.date)}${value - DAY_ZERO}</v></c>`;
    return `<c r="${at}" s="${style}" t="s"><v>${this.text(shown)}</v></c>`;
  }

  strings() {
    const all = [...this.texts.keys()].map((text) => `<si><t xml:space="preserve">${cellText(text)}</t></si>`);
    return `${XML}<sst xmlns="${MAIN}" count="${this.count}" uniqueCount="${all.length}">${all.join('')}</sst>`;
  }

  styles() {
    const formats = ['yyyy\\-mm\\-dd', '#,##0', ...this.digits.map((digits) => digits ? `#,##0.${'0'.repeat(digits)}` : '#,##0')];
    const list = (name, items) => `<${name} count="${items.length}">${items.join('')}</${name}>`;
    const style = (format, font = 0, more = '') => `<xf numFmtId="${format}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"` +
      `${font ? ' applyFont="1"' : ''}${more ? ` applyAlignment="1">${more}</xf>` : '/>'}`;
    const top = '<alignment vertical="top" wrapText="1"/>', font = '<sz val="11"/><name val="Calibri"/><family val="2"/>';
    // 49 is text, so that an id that somebody types again stays one.
    const all = [style(0), style(49, 1), style(49), style(49, 0, top), ...formats.map((_, i) => style(FIRST_FORMAT + i))];
    return `${XML}<styleSheet xmlns="${MAIN}">` +
      list('numFmts', formats.map((code, i) => `<numFmt numFmtId="${FIRST_FORMAT + i}" formatCode="${code}"/>`)) +
      list('fonts', [`<font>${font}</font>`, `<font><b/>${font}</font>`]) +
      list('fills', ['<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>']) +
      list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']) +
      list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']) + list('cellXfs', all) +
      list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']) + '</styleSheet>';
  }
}

/** A sheet: what is seen first, the widths of its columns, its rows as markup, the range to filter, and the text on top of paper. */
function sheet({ view, widths, rows, filter, name }) {
  const all = rows.map((cells, i) => `<row r="${i + 1}">${cells.join('')}</row>`);
  const columns = widths.map((width, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`);
  // An ampersand begins a field of the heading of a page.
  const top = cellText(name.replace(/\s+/g, ' ').slice(0, 120).replace(/[\ud800-\udbff]$/, '').replace(/&/g, '&&'));
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews>${view}</sheetViews><sheetFormatPr defaultRowHeight="15"/>` +
    `<cols>${columns.join('')}</cols><sheetData>${all.join('')}</sheetData>${filter ? `<autoFilter ref="${filter}"/>` : ''}` +
    '<pageMargins left="0.5" right="0.5" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup orientation="landscape"/>' +
    `<headerFooter><oddHeader>&amp;L${top}</oddHeader><oddFooter>&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter></worksheet>`;
}

/** Room for the longest of some texts, within reason. */
const widthOf = (texts, least, most) => Math.min(most, texts.reduce((width, text) => Math.max(width, text.length + 2), least));

/**
 * A workbook with the sheets Lines, a table as it is imported, and Scope, the facts. `name` is on top of printed pages. Throws a
 * RangeError for more rows than a sheet holds.
 */
function xlsx({ facts, columns, rows, name }) {
  if (rows.length >= MOST_ROWS) throw new RangeError(`a sheet holds ${MOST_ROWS - 1} rows below its header`);
  const shared = new Shared(), text = { kind: 'text' }, end = letters(columns.length - 1);
  const cellsOf = (row, number) => columns.map((column, i) => shared.cell(letters(i) + number, row[i], column));
  const lines = sheet({
    view: '<sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
      '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView>',
    widths: columns.map((column, i) => widthOf([column.name + '  ', ...rows.map((row) => plainOf(row[i], column))], 8, 60)),
    rows: [columns.map((column, i) => shared.cell(`${letters(i)}1`, column.name, text, STYLE.head)), ...rows.map((row, i) => cellsOf(row, i + 2))],
    filter: `A1:${end}${rows.length + 1}`, name,
  });
  const all = [...facts];
  if (shared.long) all.push([tr('Amounts as text'), tr('{long}, with more than {MOST_DIGITS} digits: a spreadsheet would round them, and does not sum them', { long: shared.long, MOST_DIGITS })]);
  const scope = sheet({
    view: '<sheetView workbookViewId="0"/>',
    widths: [widthOf(all.map(([label]) => label), 12, 40), widthOf(all.map(([, value]) => plainOf(value, { kind: kindOf(value) })), 20, 100)],
    rows: all.map(([label, value], i) => [
      shared.cell(`A${i + 1}`, label, text, STYLE.head), shared.cell(`B${i + 1}`, value, { kind: kindOf(value) }, STYLE.wrapped)]),
    filter: '', name,
  });
  const part = (path, type) => `<Override PartName="/${path}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`;
  const relation = (number, type, target) => `<Relationship Id="rId${number}" Type="${OF_DOCUMENT}/${type}" Target="${target}"/>`;
  const relations = (...of) => `${XML}<Relationships xmlns="${OF_PACKAGE}relationships">${of.join('')}</Relationships>`;
  return zip([
    ['[Content_Types].xml', `${XML}<Types xmlns="${OF_PACKAGE}content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
      `<Default Extension="xml" ContentType="application/xml"/>${part('xl/workbook.xml', 'sheet.main')}${part('xl/worksheets/sheet1.xml', 'worksheet')}` +
      `${part('xl/worksheets/sheet2.xml', 'worksheet')}${part('xl/styles.xml', 'styles')}${part('xl/sharedStrings.xml', 'sharedStrings')}</Types>`],
    ['_rels/.rels', relations(relation(1, 'officeDocument', 'xl/workbook.xml'))],
    ['xl/workbook.xml', `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OF_DOCUMENT}"><bookViews><workbookView/></bookViews>` +
      '<sheets><sheet name="Lines" sheetId="1" r:id="rId1"/><sheet name="Scope" sheetId="2" r:id="rId2"/></sheets>' +
      '<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">Lines!$1:$1</definedName></definedNames></workbook>'],
    ['xl/_rels/workbook.xml.rels', relations(relation(1, 'worksheet', 'worksheets/sheet1.xml'), relation(2, 'worksheet', 'worksheets/sheet2.xml'),
      relation(3, 'styles', 'styles.xml'), relation(4, 'sharedStrings', 'sharedStrings.xml'))],
    ['xl/worksheets/sheet1.xml', lines],
    ['xl/worksheets/sheet2.xml', scope],
    ['xl/sharedStrings.xml', shared.strings()],
    ['xl/styles.xml', shared.styles()],
  ]);
}

/** Files in one, none of them compressed, all of the first day that the format knows. */
function zip(files) {
  const blocks = [], list = [];
  let at = 0;
  const add = (into, bytes) => {
    into.push(bytes);
    return bytes.length;
  };
  const record = (signature, ...fields) => {
    const bytes = new Uint8Array(4 + fields.reduce((length, [width]) => length + width, 0)), view = new DataView(bytes.buffer);
    view.setUint32(0, signature, true);
    let place = 4;
    for (const [width, value] of fields) {
      if (width === 2) view.setUint16(place, value, true); else view.setUint32(place, value, true);
      place += width;
    }
    return bytes;
  };
  for (const [path, content] of files) {
    const name = encoder.encode(path), bytes = encoder.encode(content), offset = at;
    // Version 2.0, no flags, stored; midnight of 1 January 1980.
    const common = [[2, 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0]];
    for (const block of [record(0x04034b50, ...common), name, bytes]) at += add(blocks, block);
    list.push(record(0x02014b50, [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name);
  }
  const start = at, size = list.reduce((length, block) => length + add(blocks, block), 0);
  add(blocks, record(0x06054b50, [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, start], [2, 0]));
  const all = new Uint8Array(blocks.reduce((length, block) => length + block.length, 0));
  blocks.reduce((place, block) => {
    all.set(block, place);
    return place + block.length;
  }, 0);
  return all;
}

tieout.out = { csv, xlsx, receipt: { write, read } };
}());

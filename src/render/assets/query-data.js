// From a scope to its answer: which data files it needs, what is in them, and what that adds up to. The fewest bytes first:
// facts of whole months, then groups of equal rows, then the rows themselves (query/data/; src/report/query/ writes them).
// The rules of the six measures are those of src/reconcile, written a second time; tests/browser/query.test.mjs holds the
// two together.
(function () {
'use strict';
const tieout = window.tieout, { kit, ids, scope: scopes, tr } = tieout, { has } = scopes, { each } = ids;
const NO_LINE = 'no-line', FOLDER = 'query/data/', FEW = 1000, PAGE = 50;
/** What a row takes in a data file (151 bytes, measured with 1,000,000 made orders), and how much a page of rows reads unasked. */
const ROW_BYTES = 150, UNASKED = 4e6;
/** What a group knows of its rows; what only a row knows is looked up by its id. */
const GROUPED = ['program', 'campaign', 'category', 'region', 'status', 'bucket', 'kind', 'currency'];
const INDEXED = ['order', 'payout', 'batch', 'account', 'customer'];
const ZERO = BigInt(0);
/** The names of the data files as the page says them. */
const BUCKETS = { Pending: tr('Pending'), Calculated: tr('Calculated'), Approved: tr('Approved'), Paid: tr('Paid'), Rejected: tr('Rejected'), Unknown: tr('Unknown') };

// ---- Amounts: whole numbers as long as they fit, exact beyond.

const SAFE = 2 ** 51;
class Sum {
  low = 0;
  high = ZERO;
  add(cell) {
    if (cell === null) return;
    if (typeof cell !== 'number' || cell > SAFE || cell < -SAFE) {
      this.high += BigInt(cell);
      return;
    }
    this.low += cell;
    if (this.low > SAFE || this.low < -SAFE) {
      this.high += BigInt(this.low);
      this.low = 0;
    }
  }
  get value() { return this.high + BigInt(this.low); }
}

// ---- The index, and the facts of a month.

const opened = new Map();

/** What the first data file says; each set is read once. */
function open(set) {
  if (!opened.has(set)) {
    const reading = kit.load(`${FOLDER}index.js`, set).then(readIndex);
    reading.catch(() => opened.delete(set));
    opened.set(set, reading);
  }
  return opened.get(set);
}

function readIndex(data) {
  const t = (number) => kit.text(data, number);
  const [snapshot, words, day, month, zone, base, first, last] = data.about[0];
  return {
    snapshot: t(snapshot), words: t(words), day, month: t(month), zone: t(zone), base: t(base), first, last,
    months: data.months.map(([name, label, start, end, rows, own]) => ({ name: t(name), words: t(label), start, end, rows, set: t(own) })),
    // Of the table of periods, with or without rows: what a month stands for where it is no calendar month.
    periods: data.periods.map(([name, start, end]) => ({ name: t(name), start, end })),
    currencies: new Map(data.currencies.map(([code, digits, sign]) => [t(code), { code: t(code), digits, sign: t(sign) }])),
    statuses: data.statuses.map(([slug, label, next, timeline]) => ({ slug: t(slug), label: t(label), next: t(next), timeline: t(timeline) })),
    buckets: data.buckets.map(([label, isInTotal]) => ({ code: kit.lower(t(label)), label: BUCKETS[t(label)] || t(label), isInTotal: isInTotal === 1 })),
    kinds: data.kinds.map(([code, title]) => ({ code: t(code), title: t(title) })),
    programs: data.programs.map(([id, raw, name]) => ({ id: t(id), raw: t(raw), name: t(name) })),
    campaigns: data.campaigns.map(([name]) => t(name)), slugs: new Map(data.campaigns.map(([name, slug]) => [t(name), t(slug)])),
    categories: data.categories.map(([name]) => t(name)),
    regions: data.regions.map(([name]) => t(name)),
    snapshots: data.snapshots.map(([name, label, of]) => ({ name: t(name), words: t(label), day: of })),
    findSet: data.parts.length ? t(data.parts[0][0]) : null, customersSet: data.parts.length ? t(data.parts[0][1]) : null,
    known: new Map(),
  };
}

/** Statuses, buckets and programs as a scope writes them: an order without a line is `no-line`, what is not known is null. */
function plainly(of) {
  of.status ??= NO_LINE;
  of.bucket = of.bucket === null ? null : kit.lower(of.bucket);
  if (of.program === '') of.program = null;
  return of;
}

function facetValue(dimension, value) {
  if (dimension === 'status') return value ?? NO_LINE;
  if (value === null || value === '') return null;
  return dimension === 'bucket' ? kit.lower(value) : value;
}

/** The columns of a state that add up, from the place of the first. */
const numbers = (row, at) => ({
  rows: row[at], expected: row[at + 1], unknown: row[at + 2], calculated: row[at + 3], adjustments: row[at + 4], paid: row[at + 5],
  firstDue: row[at + 6], lastDue: row[at + 7], due: row[at + 8],
});

async function monthOf(index, month) {
  if (!index.known.has(month.name)) index.known.set(month.name, readMonth(month, await kit.load(`${FOLDER}${month.name}.js`, month.set)));
  return index.known.get(month.name);
}

function readMonth(month, data) {
  const t = (number) => kit.text(data, number);
  const place = () => { let at = 0; return (rows) => { at += rows; return at - rows; }; };
  const ofCell = place();
  const [[count, ofOne]] = data.rows;
  const files = data.lines.map(([set, first, last], number) => {
    const start = number * ofOne, rows = Math.min(ofOne, count - start);
    return { path: `${FOLDER}${month.name}-lines-${number}.js`, set: t(set), rows, first: month.start + first, last: month.start + last, start, month: month.name };
  });
  return {
    month, files,
    first: Math.min(...files.map((file) => file.first)), last: Math.max(...files.map((file) => file.last)),
    facets: data.facets.map(([dimension, value, currency, rows, lines, total, expected]) => ({ dimension: t(dimension), value: facetValue(t(dimension), t(value)), currency: t(currency), rows, lines, total, expected })),
    states: data.states.map((row) => plainly({ status: t(row[0]), bucket: t(row[1]), currency: t(row[2]), ...numbers(row, 3) })),
    cells: data.cells.map(([program, campaign, rows, groups]) => ({ program: t(program), campaign: t(campaign), rows, groups, start: ofCell(rows) })),
    groups: data.groups.map(([set], number) => ({ path: `${FOLDER}${month.name}-groups-${number}.js`, set: t(set) })),
  };
}

function readGroups(data) {
  const t = (number) => kit.text(data, number);
  return data.groups.map((row) => plainly({ ...Object.fromEntries(GROUPED.map((part, i) => [part, t(row[i])])), ...numbers(row, GROUPED.length) }));
}

// ---- Rows.

/** A row names its places in the lists of its file; the canonical form of an id is left out where it is made of the other. */
function readRows(data) {
  const [[count, from]] = data.rows, t = (number) => kit.text(data, number), rows = [];
  const at = (name, i) => data[name][0].length === 1 ? data[name][0][0] : data[name][0][i];
  const id = ([own, raw]) => [own === null ? tieout.canonical(t(raw)) : t(own), t(raw)];
  const ids = { customer: data.customers.map((row) => [...id(row), t(row[2])]) };
  for (const [name, list] of [['batch', data.batches], ['payout', data.payouts]]) ids[name] = list.map(id);
  ids.account = data.accounts.map((row) => [...id(row), row[2]]);
  const places = data.places.map((row) => row.map(t)), states = data.states.map((row) => row.map(t)), none = [null, null, null];
  for (let i = 0; i < count; i++) {
    const [month, program, programRaw, campaign, category, region, currency] = places[at('place', i)];
    const [status, bucket, kind, reason, code, next, update] = states[at('state', i)];
    const named = (name, number) => number === null ? none : ids[name][number];
    const account = named('account', at('account', i)), customer = named('customer', account[2]);
    const batch = named('batch', at('batch', i)), payout = named('payout', at('payout', i)), raw = t(at('named', i)), due = at('due', i);
    rows.push(plainly({
      also: [], month, program, programRaw, campaign, category, region, currency, status, bucket, kind, reason, code, next, update,
      customer: customer[0], customerRaw: customer[1], customerName: customer[2] ?? customer[1], account: account[0], accountRaw: account[1],
      batch: batch[0], batchRaw: batch[1], payout: payout[0], payoutRaw: payout[1],
      order: t(at('order', i)) ?? tieout.canonical(raw), named: raw, line: t(at('line', i)), page: t(at('page', i)),
      day: at('day', i) + from, expected: at('expected', i), calculated: at('calculated', i), adjustments: at('adjustments', i),
      paid: at('paid', i), due: due === null ? null : due + from,
    }));
  }
  for (const [number, own, raw] of data.also || []) rows[number].also.push({ id: t(own), raw: t(raw) });
  return rows;
}

/** The set of a file that an entry of the index names: its month knows it, or the list of the files by customer. */
async function setOf(index, { month, number, path }) {
  if (month === null) {
    const data = await kit.load(`${FOLDER}customers.js`, index.customersSet);
    return kit.text(data, data.files[number][0]);
  }
  const of = index.months.find((own) => own.name === month), files = of ? (await monthOf(index, of)).files : [];
  if (!files[number]) throw kit.problem('Q-304', path, tr('belongs to another build of this site than this page'));
  return files[number].set;
}

const fileRows = async (index, file) => readRows(await kit.load(file.path, file.set ?? await setOf(index, file)));

// ---- What a scope takes.

const inTotal = (index, bucket) => index.buckets.some((of) => of.isInTotal && of.code === bucket);
const isWaiting = (bucket) => bucket === 'pending';

function tests(index, scope) {
  const all = {}, id = (part) => { const own = tieout.canonical(scope[part]); return (of) => of[part] === own; };
  for (const part of ['program', 'customer', 'account', 'batch', 'payout']) if (has(scope, part)) all[part] = id(part);
  if (has(scope, 'order')) {
    const own = tieout.canonical(scope.order);
    all.order = (of) => of.order === own || of.also.some((more) => more.id === own);
  }
  for (const part of ['campaign', 'category', 'region']) {
    if (!has(scope, part)) continue;
    const own = kit.lower(scope[part]);
    all[part] = (of) => of[part] !== null && (kit.lower(of[part]) === own || part === 'campaign' && index.slugs.get(of[part]) === own);
  }
  if (has(scope, 'status')) {
    const own = new Set(scope.status);
    all.status = (of) => own.has(of.status) || of.status === 'under-review' && of.bucket === 'calculated' && own.has('calculated');
  }
  if (has(scope, 'bucket')) all.bucket = (of) => of.bucket !== null && scope.bucket.includes(of.bucket);
  if (has(scope, 'kind')) all.kind = (of) => scope.kind.includes(of.kind);
  if (has(scope, 'currency')) all.currency = (of) => of.currency === scope.currency;
  return all;
}

/** Whether something passes the tests of the parts that are named; of all parts, unless some are. */
function passes(all, of, parts = Object.keys(all)) { return parts.every((part) => !all[part] || all[part](of)); }

const span = (scope) => [has(scope, 'from') ? scope.from : -Infinity, has(scope, 'to') ? scope.to : Infinity];

/** The values of a scope in the spelling of the data, with the days of a `period`; without any day, the default month. */
function resolve(index, { scope, period }) {
  const next = { ...scope }, days = (month) => [scopes.parseDate(month, false, index.periods), scopes.parseDate(month, true, index.periods)];
  if (period) [next.from, next.to] = days(period);
  const [first, last] = days(index.month);
  if (!has(next, 'from')) next.from = has(next, 'to') ? Math.min(first, next.to) : first;
  if (!has(next, 'to')) next.to = has(scope, 'from') ? Math.max(last, next.from) : last;
  for (const part of ['program', ...INDEXED]) if (has(next, part)) next[part] = tieout.canonical(next[part]);
  if (has(next, 'program') && !index.programs.some((of) => of.id === next.program)) {
    const named = index.programs.find((of) => kit.lower(of.name) === kit.lower(scope.program));
    if (named) next.program = named.id;
  }
  for (const [part, names] of [['campaign', index.campaigns], ['category', index.categories], ['region', index.regions]]) {
    if (!has(next, part) || names.includes(next[part])) continue;
    const own = kit.lower(next[part]);
    next[part] = names.find((name) => kit.lower(name) === own) ?? (part === 'campaign' ? names.find((name) => index.slugs.get(name) === own) : undefined) ?? next[part];
  }
  return scopes.changed(next, {});
}

// ---- What is found by its id.

/** The entries of a key, whatever their type. */
const lookUp = async (index, key) => (await ids.entriesOf(await ids.open(index), [key])).get(key) || [];

/** Up to `most` entries of a type whose key begins with a text: what a field suggests. */
async function suggest(index, type, begin, most) {
  const entries = await ids.range(await ids.open(index), begin, `${begin}\u{10ffff}`, 4, true);
  return entries.filter((entry) => entry.type === type && entry.key.startsWith(begin)).slice(0, most);
}

/** Customers by their name, as an id. */
async function customerOf(index, value) {
  const id = tieout.canonical(value);
  if ((await lookUp(index, id)).some((entry) => entry.type === 'customer')) return id;
  const name = kit.lower(value.trim()), word = value.normalize('NFKC').toLowerCase().split(/[^\p{L}\p{N}]+/u).find(Boolean);
  const named = word ? (await lookUp(index, word)).filter((entry) => entry.type === 'customer' && kit.lower(entry.shown) === name) : [];
  return named.length === 1 && named[0].of !== null ? named[0].of : id;
}

// ---- The plan: which files hold the rows of a scope, and how many there can be.

async function planOf(index, scope) {
  const [from, to] = span(scope), all = tests(index, scope), parts = scopes.others(scope), indexed = INDEXED.filter((part) => has(scope, part));
  const plan = { index, all, from, to, isFound: indexed.length > 0, files: [], months: [], rows: 0 };
  if (plan.isFound) {
    const entries = await each(indexed, async (part) => (await lookUp(index, tieout.canonical(scope[part]))).filter((entry) => entry.type === part));
    const lists = entries.map((of) => of.flatMap((entry) => entry.files));
    lists.sort((a, b) => a.length - b.length);
    plan.files = [...new Map(lists[0].map((file) => [file.path, file])).values()];
    return plan;
  }
  const met = index.months.filter((month) => month.rows > 0 && month.start <= to && month.end >= from);
  for (const month of await each(met, (of) => monthOf(index, of))) {
    const isWhole = from <= month.first && to >= month.last;
    const cells = month.cells.filter((cell) => passes(all, cell, ['program', 'campaign']));
    // Where the order of rows tells which of them are meant, a file need not be read to be counted.
    const isExact = isWhole && parts.every((part) => part === 'program' || part === 'campaign');
    const meant = (file) => cells.reduce((sum, cell) => sum + Math.max(0, Math.min(cell.start + cell.rows, file.start + file.rows) - Math.max(cell.start, file.start)), 0);
    const files = month.files.filter((file) => file.first <= to && file.last >= from)
      .map((file) => ({ ...file, meant: meant(file), isExact })).filter((file) => file.meant > 0);
    plan.files.push(...files);
    plan.months.push({ ...month, isWhole, cells, own: files });
    plan.rows += files.reduce((sum, file) => sum + file.meant, 0);
  }
  return plan;
}

const meantRows = async (plan, file) => (await fileRows(plan.index, file)).filter((row) => row.day >= plan.from && row.day <= plan.to && passes(plan.all, row));

/** Newest month first, then as in the files: program, campaign, newest day first, order, line. */
function inOrder(index) {
  const months = new Map(index.months.map((month, at) => [month.name, at]));
  const text = (a, b) => a === null || b === null ? (b === null) - (a === null) : kit.byText(a, b);
  return (a, b) => months.get(a.month) - months.get(b.month) || text(a.program, b.program) || text(a.campaign, b.campaign) || b.day - a.day ||
    text(a.order, b.order) || text(a.line, b.line);
}

// ---- Adding up.

const fresh = () => ({ rows: 0, lines: 0, total: new Sum(), expected: new Sum() });

class Tally {
  states = new Map();
  facets = new Map();
  rows = 0;
  lines = 0;
  constructor(index, currency) { Object.assign(this, { index, currency }); }

  facet(dimension, value, rows, lines, amounts, expected) {
    if (!this.facets.has(dimension)) this.facets.set(dimension, new Map());
    const values = this.facets.get(dimension);
    if (!values.has(value)) values.set(value, fresh());
    const of = values.get(value);
    of.rows += rows;
    of.lines += lines;
    amounts.forEach((amount) => of.total.add(amount));
    of.expected.add(expected);
  }

  state(of) {
    const key = `${of.status}\n${of.bucket}`;
    if (!this.states.has(key)) {
      this.states.set(key, {
        status: of.status, bucket: of.bucket, rows: 0, unknown: 0, expected: new Sum(), calculated: new Sum(), adjustments: new Sum(), paid: new Sum(),
        firstDue: null, lastDue: null, due: 0,
      });
    }
    const state = this.states.get(key), lines = of.status === NO_LINE ? 0 : of.rows;
    this.rows += of.rows;
    this.lines += lines;
    state.rows += of.rows;
    state.unknown += of.unknown;
    for (const name of ['expected', 'calculated', 'adjustments', 'paid']) state[name].add(of[name]);
    if (of.due > 0) {
      state.firstDue = state.firstDue === null ? of.firstDue : Math.min(state.firstDue, of.firstDue);
      state.lastDue = state.lastDue === null ? of.lastDue : Math.max(state.lastDue, of.lastDue);
      state.due += of.due;
    }
    return lines;
  }

  /** A group of rows with everything in common, or one row. */
  group(of, parts) {
    const lines = this.state(of), isApart = !inTotal(this.index, of.bucket) || of.status === 'rejected';
    for (const part of parts) this.facet(part, of[part], of.rows, lines, [of.calculated, of.adjustments], isApart ? of.expected : null);
  }

  row(row) {
    const isCounted = inTotal(this.index, row.bucket) && row.status !== 'rejected' && row.calculated !== null;
    this.group({
      ...row, rows: 1, unknown: row.expected === null ? 1 : 0, calculated: isCounted ? row.calculated : null, adjustments: isCounted ? row.adjustments : null,
      firstDue: row.due, lastDue: row.due, due: row.due === null ? 0 : 1,
    }, [...DIMENSIONS, 'customer']);
  }

  /** The figures, to be shown. */
  done() {
    const { index } = this, measures = [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO];
    const states = [...this.states.values()].map((state) => {
      const [expected, calculated, adjustments, paid] = ['expected', 'calculated', 'adjustments', 'paid'].map((name) => state[name].value);
      const total = calculated + adjustments, isInTotal = inTotal(index, state.bucket);
      if (isInTotal || isWaiting(state.bucket)) measures[0] += expected;
      measures[1] += calculated;
      measures[2] += adjustments;
      measures[3] += total;
      if (state.bucket === 'approved' || state.bucket === 'paid') measures[4] += total;
      measures[5] += paid;
      return { ...state, expected, calculated, adjustments, paid, total, isInTotal: isInTotal && state.status !== 'rejected' };
    });
    const facets = new Map([...this.facets].map(([dimension, values]) => [dimension,
      [...values].map(([value, of]) => ({ value, rows: of.rows, lines: of.lines, total: of.total.value, expected: of.expected.value }))]));
    return { currency: this.currency, rows: this.rows, lines: this.lines, withoutLine: this.rows - this.lines, states, measures, facets };
  }
}

const DIMENSIONS = ['program', 'campaign', 'category', 'region', 'status', 'bucket', 'kind'];

const bytesOf = (files) => files.reduce((sum, file) => sum + (file.rows ?? 0), 0) * ROW_BYTES;

/** The answer to a scope: figures by currency, and a pager over its rows. `progress(done, all, bytes)` while files are read. */
async function answer(index, scope, progress) {
  const plan = await planOf(index, scope), parts = scopes.others(scope), tallies = new Map();
  const tally = (code) => {
    if (!tallies.has(code)) tallies.set(code, new Tally(index, index.currencies.get(code)));
    return tallies.get(code);
  };
  const said = (files) => progress && ((done, all) => progress(done, all, bytesOf(files)));
  let rows = null;
  if (plan.isFound || plan.rows <= FEW) {
    rows = (await each(plan.files, (file) => meantRows(plan, file), said(plan.files))).flat();
    if (plan.isFound) rows.sort(inOrder(index));
    rows.forEach((row) => tally(row.currency).row(row));
  } else {
    const isPlain = parts.every((part) => part === 'currency'), isGrouped = parts.every((part) => GROUPED.includes(part));
    const whole = plan.months.filter((month) => month.isWhole && isGrouped), edges = plan.months.filter((month) => !whole.includes(month));
    for (const month of isPlain ? whole : []) {
      for (const state of month.states) if (passes(plan.all, state)) tally(state.currency).state(state);
      for (const of of month.facets) if (passes(plan.all, of)) tally(of.currency).facet(of.dimension, of.value, of.rows, of.lines, [of.total], of.expected);
    }
    const groups = isPlain ? [] : whole.flatMap((month) => [...new Set(month.cells.map((cell) => cell.groups))].map((number) => month.groups[number]));
    const files = [...groups.map((file) => [file, true]), ...edges.flatMap((month) => month.own.map((file) => [file, false]))];
    const read = await each(files, async ([file, isGroups]) => isGroups
      ? readGroups(await kit.load(file.path, file.set)).filter((group) => passes(plan.all, group)) : meantRows(plan, file), said(files.map(([file]) => file)));
    read.forEach((list, at) => list.forEach((of) => files[at][1] ? tally(of.currency).group(of, DIMENSIONS) : tally(of.currency).row(of)));
    // Customers of some months only would read like those of all.
    for (const of of tallies.values()) of.facets.delete('customer');
  }
  const currencies = [...tallies.values()].map((of) => of.done()).filter((of) => of.rows > 0);
  currencies.sort((a, b) => b.rows - a.rows || kit.byText(a.currency.code, b.currency.code));
  const count = currencies.reduce((sum, of) => sum + of.rows, 0);
  return {
    index, scope, currencies, rows: count, lines: currencies.reduce((sum, of) => sum + of.lines, 0),
    orders: rows && new Set(rows.flatMap((row) => row.order === null ? [] : [row.order])).size,
    pager: pager(plan, rows, count),
  };
}

// ---- The rows, a page at a time.

function pager(plan, loaded, count) {
  const read = [];
  let next = 0;
  const isExact = !loaded && plan.files.every((file) => file.isExact);
  /** Reads on until there are as many rows, none are left, or as many bytes are read: a few files first, then more at a time. */
  async function until(most, progress, bytes = Infinity) {
    for (let some = 2, left = bytes; read.length < most && next < plan.files.length && left > 0; some = Math.min(2 * some, 32)) {
      const files = plan.files.slice(next, next + (most === Infinity ? plan.files.length : some));
      const rows = await each(files, (file) => meantRows(plan, file), progress);
      next += files.length;
      left -= bytesOf(files);
      rows.forEach((own) => own.forEach((row) => read.push(row)));
    }
    return read;
  }
  /** What is not read yet of all rows. */
  function unread() {
    const files = loaded ? [] : plan.files.slice(next);
    return { files: files.length, bytes: bytesOf(files) };
  }
  /** The rows of a page; too few of them where they lie so far apart that reading on takes more than `bytes`. */
  async function page(number, bytes = UNASKED) {
    const start = number * PAGE, end = start + PAGE;
    if (loaded) return loaded.slice(start, end);
    if (!isExact) return (await until(end, undefined, bytes)).slice(start, end);
    let at = 0;
    const files = plan.files.map((file) => ({ file, at: (at += file.meant) - file.meant })).filter((of) => of.at < end && of.at + of.file.meant > start);
    const rows = (await each(files, async ({ file }) => {
      const own = await meantRows(plan, file);
      if (own.length !== file.meant) throw kit.problem('Q-303', file.path, tr('is damaged: it does not have the rows that belong to it'));
      return own;
    })).flat();
    return files.length ? rows.slice(start - files[0].at, end - files[0].at) : [];
  }
  async function all(progress) {
    const rows = loaded || await until(Infinity, progress);
    if (rows.length !== count) throw kit.problem('Q-303', FOLDER, tr('has files that do not add up to the answer'));
    return rows;
  }
  return { count, size: PAGE, pages: Math.ceil(count / PAGE), isLoaded: () => loaded !== null || next >= plan.files.length && !isExact, unread, page, all };
}

// ---- Where an empty scope has rows.

/** The nearest days with rows before and after a scope's range, under its other parts: a day, or a whole month. */
async function nearest(index, scope) {
  const without = scopes.changed(scope, { from: null, to: null });
  if (INDEXED.some((part) => has(scope, part))) {
    const plan = await planOf(index, without), rows = (await each(plan.files, (file) => meantRows(plan, file))).flat();
    const days = rows.map((row) => row.day), near = (list, pick) => list.length ? { day: pick(...list), rows } : null;
    return { before: near(days.filter((day) => day < scope.from), Math.max), after: near(days.filter((day) => day > scope.to), Math.min), rows };
  }
  const look = async (months, isBefore) => {
    for (const month of months) {
      const range = scopes.changed(without, isBefore ? { from: month.start, to: Math.min(month.end, scope.from - 1) } : { from: Math.max(month.start, scope.to + 1), to: month.end });
      if (range.from > range.to) continue;
      const found = await answer(index, range);
      if (!found.rows) continue;
      const days = found.pager.isLoaded() ? (await found.pager.all()).map((row) => row.day) : null;
      return { day: days && (isBefore ? Math.max(...days) : Math.min(...days)), month, rows: found.rows };
    }
    return null;
  };
  const months = index.months.filter((month) => month.rows > 0);
  return {
    before: await look(months.filter((month) => month.start < scope.from), true),
    after: await look(months.filter((month) => month.end > scope.to).reverse(), false),
    rows: null,
  };
}

tieout.data = { open, rows: fileRows, resolve, answer, nearest, lookUp, suggest, customerOf, inOrder, PAGE };
}());

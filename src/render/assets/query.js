// The page of a query (query.html): the form, the address as the question, the answer, and what helps where there is none.
(function () {
'use strict';
const tieout = window.tieout, { kit, scope: scopes, data, view, tr } = tieout, { element, isolated, countOf } = kit, { has } = scopes;
const form = document.getElementById('query'), answerBox = document.getElementById('answer');
if (!form || !answerBox) return;
const root = document.documentElement.dataset.root || './', set = answerBox.dataset.set, fold = form.querySelector('.fold'), errors = document.getElementById('problems');
const freshness = document.getElementById('fresh'), narrowScreen = matchMedia('(max-width: 44rem)');
const IDS = ['order', 'account', 'customer', 'batch', 'payout'];
const FORMS = tr('2026/05/31, 20260531, 31 May 2026, or 2026-05 for a whole month');
const title = document.title;
let index = null, shown = null, running = 0, asked = null;

async function opened() { return index ??= await data.open(set); }

// ---- The form.

const fields = (name) => [...form.elements].filter((field) => field.name === name);
const labelOf = (part) => view.LABELS[part] || part;

/** The scope of the form, as text. */
function typed() {
  const pairs = [...new FormData(form)].filter(([name, value]) => name !== 'preset' && String(value).trim() !== '');
  return pairs.map(([name, value]) => `${name}=${scopes.encode(String(value))}`).join('&');
}

/** Puts a value into a field; a value that a list does not have is added to it. */
function put(part, value) {
  const all = fields(part), [field] = all;
  if (!field) return;
  if (field.type === 'checkbox') {
    for (const box of all) box.checked = value.includes(box.value);
    return;
  }
  const text = Array.isArray(value) ? value.join(',') : value;
  if (field.options && text && ![...field.options].some((option) => option.value === text)) {
    const known = [...field.options].find((option) => option.value && kit.lower(option.value) === kit.lower(text));
    if (known) {
      field.value = known.value;
      return;
    }
    const words = Array.isArray(value) && index ? value.map((one) => view.namer(index, null)(part, one)).join(tr(' or ')) : tr('{text} (not in the data)', { text });
    field.append(element('option', { value: text }, words));
  }
  field.value = text;
}

/** Fills the form with a scope; ids as they were received, where a row that is at hand has them. */
function fill(scope, rows) {
  const id = (part) => {
    const [field] = fields(part), value = scope[part] ?? '';
    // What somebody typed stays as it is while it means the same.
    if (!field || !value || tieout.canonical(field.value) === value) return field && value ? field.value : value;
    const row = (rows || []).find((of) => of[part] === value);
    return !row ? value : part === 'order' ? row.named : row[`${part}Raw`];
  };
  for (const part of scopes.PARTS) {
    if (part === 'from' || part === 'to') put(part, has(scope, part) ? scopes.iso(scope[part]) : '');
    else if (IDS.includes(part)) put(part, id(part));
    else put(part, scope[part] ?? (scopes.LISTS.includes(part) ? [] : ''));
  }
  choosePreset();
  const bucket = form.querySelector('[data-part=bucket]');
  if (bucket) bucket.hidden = !has(scope, 'bucket');
  const more = form.querySelector('.more');
  if (more && [...more.querySelectorAll('[name]')].some((field) => field.value)) more.open = true;
}

/** Which of the ready ranges the dates are. */
function choosePreset() {
  const all = fields('preset'), [from] = fields('from'), [to] = fields('to');
  const ends = [scopes.parseDate(from.value, false), scopes.parseDate(to.value, true)].map((day) => day === null ? '' : scopes.iso(day));
  const own = all.find((radio) => radio.dataset.from === ends[0] && radio.dataset.to === ends[1]) || all.find((radio) => radio.value === 'custom');
  if (own) own.checked = true;
}

form.addEventListener('change', (event) => {
  const { target } = event;
  if (target.name === 'preset' && target.dataset.from) {
    put('from', target.dataset.from);
    put('to', target.dataset.to);
  } else if (target.name === 'from' || target.name === 'to') choosePreset();
});

// The form may say something else than the answer below it: then that is said beside the button.
let below = null;
function tellPending() {
  const place = document.getElementById('pending'), read = index && below && scopes.parse(typed(), index.periods);
  const isOther = read && (read.problems.length > 0 || !scopes.same(data.resolve(index, read), below));
  const words = isOther ? tr('The answer below is for {scope}. Press Query for this scope.', { scope: view.aboutWords(below, view.namer(index, null)) }) : '';
  if (place.textContent !== words) place.textContent = words;
}
form.addEventListener('change', tellPending);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask(typed(), { isNew: true, focus: true });
});

const reset = document.getElementById('reset');
if (reset) reset.addEventListener('click', () => {
  for (const field of fields('from').concat(fields('to'))) field.value = '';
  fill({}, null);
  ask('', { isNew: true, focus: true });
});

narrowScreen.addEventListener('change', () => { if (fold && !narrowScreen.matches) fold.open = true; });

// Values to choose from: names at once, ids as soon as somebody goes there or types.
function offer(field, values) {
  if (field.list) field.list.replaceChildren(...values.map(([value, words]) => element('option', { value }, words === value ? null : words)));
}

async function offerNames() {
  const of = await opened(), lists = { category: of.categories, region: of.regions, currency: [...of.currencies.keys()] };
  for (const [part, names] of Object.entries(lists)) fields(part).forEach((field) => offer(field, names.map((name) => [name, name])));
  const [bucket] = fields('bucket');
  if (bucket && bucket.options && bucket.options.length < 2) {
    bucket.replaceChildren(element('option', { value: '' }, tr('Any')), ...of.buckets.map(({ code, label }) => element('option', { value: code }, label)));
  }
}

for (const part of IDS) {
  for (const field of fields(part)) {
    let asked = null;
    const suggest = async () => {
      const begin = tieout.canonical(field.value);
      if (asked === begin) return;
      asked = begin;
      try {
        const found = await data.suggest(await opened(), part, begin, 50);
        if (asked === begin) offer(field, found.map((entry) => [entry.shown, entry.shown]));
      } catch {
        // Suggestions are a help, no part of the question.
        asked = null;
      }
    };
    field.addEventListener('focus', suggest);
    field.addEventListener('input', suggest);
  }
}

// ---- Problems of the question itself.

function clearProblems() {
  errors.hidden = true;
  errors.replaceChildren();
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

function showProblems(problems) {
  const items = problems.map(({ part, words, code }) => {
    const [field] = fields(part), id = `problem-${part}`;
    if (field) {
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', id);
    }
    const message = tr('{part}: {words}', { part: labelOf(part), words });
    return element('li', { id }, field && field.id ? element('a', { href: `#${field.id}` }, message) : message, tr(' (code {code})', { code }));
  });
  answerBox.replaceChildren();
  answerBox.removeAttribute('aria-busy');
  shown = null;
  const isDates = problems.every(({ part }) => part === 'from' || part === 'to');
  errors.hidden = false;
  errors.replaceChildren(element('h2', null, isDates ? tr('Check the date range') : tr('Check the scope')), element('ul', null, ...items));
  if (fold) fold.open = true;
  const more = form.querySelector('.more');
  if (more && more.querySelector('[aria-invalid]')) more.open = true;
  errors.focus();
  document.title = tr('Check the scope \u00b7 {title}', { title });
}

errors.addEventListener('click', (event) => {
  const link = event.target.closest('a'), field = link && document.getElementById(link.getAttribute('href').slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
});

/** What cannot be asked for, each with what to write instead. */
function problemsOf(read) {
  const problems = read.problems.map(({ part, value }) => ({
    part, code: 'Q-101', words: tr('enter the date as YYYY-MM-DD, for example 2026-05-31. \u201c{value}\u201d is not a date that we can read. Also accepted: {FORMS}.', { value, FORMS }),
  }));
  if (read.period !== null && scopes.parseDate(read.period, false) === null) {
    problems.push({ part: 'from', code: 'Q-101', words: tr('\u201c{period}\u201d is not a period. Write it like 2026-05.', { period: read.period }) });
  }
  const { from, to } = read.scope;
  if (!problems.length && from > to) {
    problems.push({ part: 'to', code: 'Q-101', words: tr('the end date must be on or after the start date ({from}).', { from: scopes.dayWords(from) }) });
  }
  const lists = { status: [...index.statuses.map((of) => of.slug), 'no-line'], bucket: index.buckets.map((of) => of.code) };
  for (const [part, known] of Object.entries(lists)) {
    const other = (read.scope[part] || []).filter((value) => !known.includes(value));
    if (other.length) problems.push({ part, code: 'Q-103', words: tr('\u201c{other}\u201d is not known here. Choose from {known}.', { other: other.join(tr(', ')), known: known.join(tr(', ')) }) });
  }
  return problems;
}

// ---- Asking.

/** Writes the question into the address, so that Back leads to the one before. */
function remember(text, isNew) {
  const address = `${location.pathname}?${text}`;
  try {
    if (`${location.pathname}${location.search}` !== address) history[isNew ? 'pushState' : 'replaceState'](null, '', address);
  } catch {
    // Where a page from disk may not change its address, the answer is shown all the same.
  }
  asked = location.search;
}

async function ask(text, { isNew = false, focus = false, isQuiet = false } = {}) {
  const mine = ++running;
  clearProblems();
  answerBox.setAttribute('aria-busy', 'true');
  try {
    const of = await opened(), read = scopes.parse(text, of.periods);
    if (mine !== running) return;
    const receipt = read.receipt === null ? null : readReceipt(read.receipt);
    if (receipt && receipt.said) Object.assign(read, scopes.parse(receipt.said.scope, of.periods), { receipt: read.receipt, snapshot: null });
    const problems = problemsOf(read);
    if (problems.length) {
      // What was typed or linked stays in its field, to be corrected.
      fill(read.scope, null);
      for (const { part, value } of read.problems) put(part, value);
      choosePreset();
      showProblems(problems);
      return;
    }
    for (const part of IDS) if (has(read.scope, part)) put(part, read.scope[part]);
    if (has(read.scope, 'customer')) read.scope.customer = await data.customerOf(of, read.scope.customer);
    const scope = data.resolve(of, read);
    const answer = await data.answer(of, scope, adding(mine));
    const rows = await rowsAtHand(answer), name = view.namer(of, rows);
    if (mine !== running) return;
    fill(scope, rows);
    below = scope;
    tellPending();
    const beside = { snapshot: read.snapshot, receipt: read.receipt };
    if (!isQuiet) remember(scopes.format(scope, isNew ? {} : beside), isNew);
    const notes = notesOf({ read, answer, receipt });
    if (answer.rows) await showAnswer(answer, name, notes, focus, mine);
    else await showEmpty(answer, name, notes, focus, mine);
  } catch (error) {
    if (mine === running) showFailure(error, text);
  }
}

/** Says how far it is, above the answer before it where there is one: what takes many files takes a while. */
function adding(mine) {
  const waiting = element('p', { class: 'waiting muted' }, tr('Adding up \u2026'));
  let isSaid = false;
  for (const old of answerBox.querySelectorAll('.waiting')) old.remove();
  if (!answerBox.firstChild) answerBox.replaceChildren(waiting);
  return (done, all, bytes) => {
    if (mine !== running || all <= 20) return;
    const size = bytes > 1e6 ? tr(' ({words})', { words: view.sizeWords(bytes) }) : '';
    waiting.textContent = tr('Adding up \u2026 file {done} of {all}{size}', { done: kit.thousands(String(done)), all: kit.thousands(String(all)), size });
    if (!waiting.isConnected) answerBox.prepend(waiting);
    if (!isSaid) tieout.say(tr('Adding up {files}{size}', { files: countOf(all, 'file', 'files'), size }));
    isSaid = true;
  };
}

/** Rows that are loaded anyway, for the names in them. */
const rowsAtHand = async (answer) => answer.pager.isLoaded() ? answer.pager.all() : null;

function place(heading, parts, focus, words) {
  answerBox.replaceChildren(...parts);
  answerBox.removeAttribute('aria-busy');
  tieout.regions();
  if (fold && narrowScreen.matches) fold.open = false;
  // What stands above the answer is said before it.
  tieout.say([...answerBox.querySelectorAll(':scope > .note')].map((of) => `${of.textContent} `).join('') + words);
  if (!focus) return;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: 'start' });
}

/** The address that is shared: of the published site where it is known, with the snapshot that was seen. */
function linkTo(scope) {
  const own = location.href.replace(/[?#].*$/, ''), base = index.base ? index.base.replace(/\/?$/, '/') + 'query.html' : own;
  return `${base}?${scopes.format(scope, { snapshot: index.snapshot })}`;
}

async function showAnswer(answer, name, notes, focus, mine) {
  const fail = (error) => { if (mine === running) showFailure(error, scopes.format(answer.scope)); };
  const saving = (isWorkbook) => (own) => {
    if (own.getAttribute('aria-disabled') === 'true') return;
    if (isWorkbook && answer.isTooLarge) answer.tell(own, tr('A workbook of {rows} is too large to be made in a browser. Save the lines as CSV, or narrow the scope down, for example to one month.', { rows: countOf(answer.rows, 'row', 'rows') }));
    else answer.withAll(own, tr('A file of the lines'), () => saveLines(own, answer, name, isWorkbook, fail));
  };
  const save = tieout.out ? {
    summary: [view.button(tr('Summary CSV'), () => saveSummary(answer, name))],
    lines: [view.button(tr('Lines CSV'), saving(false)), view.button(tr('Lines XLSX'), saving(true))],
  } : { summary: [], lines: [] };
  const { title: heading, parts, ready } = view.show(answer, { name, link: linkTo(answer.scope), actions: save, fail });
  // Where the lines cannot be read, that is said already.
  if (!await ready || mine !== running) return;
  shown = answer;
  answerBox.dataset.scope = scopes.format(answer.scope);
  answerBox.dataset.snapshot = index.snapshot;
  const [first] = answer.currencies;
  document.title = `${kit.inWords(first.measures[view.TOTAL], first.currency)} \u00b7 ${title}`;
  place(heading, [...notes, ...parts], focus, view.spoken(answer));
}

// ---- Notes above an answer: another snapshot, a receipt, parts that are not understood.

function note(tone, ...words) { return element('p', { class: `note s-${tone}` }, ...words); }

function notesOf({ read, answer, receipt }) {
  const notes = [];
  if (receipt) notes.push(receiptNote(receipt, answer));
  if (read.snapshot !== null && read.snapshot !== index.snapshot) notes.push(otherSnapshot(read.snapshot, answer.scope));
  if (read.unknown.length) {
    notes.push(note('under-review', element('b', null, tr('A part of the address is left out: ')), isolated(read.unknown.join(', ')), tr(' is no part of a scope, so it changes nothing below (code Q-103).')));
  }
  return notes;
}

function otherSnapshot(snapshot, scope) {
  const was = index.snapshots.find((of) => of.name === snapshot), month = index.months.find((of) => of.start === scope.from && of.end === scope.to);
  const begin = [tr('This link was made from snapshot '), element('b', null, was ? was.words : isolated(snapshot)), '. You are looking at ', element('b', null, index.words), tr(', so amounts can differ. ')];
  if (!was) return note('under-review', ...begin, tr('That snapshot is not in this site, so it cannot show what changed.'));
  const pairs = [['from', snapshot], ['to', index.snapshot], ['period', month && month.name], ...['program', 'campaign', 'customer', 'currency'].map((part) => [part, scope[part]])];
  const address = pairs.filter(([, value]) => value).map(([part, value]) => `${part}=${scopes.encode(value)}`).join('&');
  return note('under-review', ...begin, element('a', { href: `${root}changes/index.html?${address}` }, tr('See what changed')), '.');
}

function readReceipt(code) {
  const { receipt } = tieout.out || {};
  if (!receipt) return { problem: tr('Receipts cannot be read by this page.') };
  try {
    return { code, said: receipt.read(code) };
  } catch (error) {
    if (!error || !error.code) throw error;
    return { problem: tr('{path} {words} (code {code}).', error) };
  }
}

function receiptNote({ code, said, problem }, answer) {
  if (problem) return note('unknown-error', element('b', null, tr('The receipt cannot be used. ')), problem, tr(' What follows is {to}, not what the receipt is about.', { to: scopes.rangeWords(answer.scope.from, answer.scope.to) }));
  const of = answer.currencies.find((one) => one.currency.code === said.currency), currency = of ? of.currency : index.currencies.get(said.currency) || { code: said.currency, digits: 2, sign: null };
  const now = of ? of.measures[said.measure] : BigInt(0), was = kit.inWords(said.value, currency), known = index.snapshots.find((one) => one.name === said.snapshot);
  const change = now - said.value, snapshot = known ? known.words : said.snapshot, measure = kit.lower(view.measureName(said.measure));
  const then = said.snapshot === index.snapshot
    ? (change === BigInt(0) ? tr('This snapshot says the same.') : tr('This snapshot says {now}: the receipt was not made from it, or something here was altered.', { now: kit.inWords(now, currency) }))
    : change === BigInt(0) ? tr('It is the same now, in snapshot {words}.', { words: index.words }) : tr('It changed by {change} since then, to {now} in snapshot {words}.', { change: (change > BigInt(0) ? '+' : '') + kit.inWords(change, currency), now: kit.inWords(now, currency), words: index.words });
  const isSame = change === BigInt(0);
  return element('div', { class: `note s-${isSame ? 'ok' : 'under-review'}`, id: 'receipt', 'data-measure': 'receipt' },
    element('p', null, element('b', null, tr('The receipt says: {measure} was {was}', { measure, was })), tr(', in snapshot {snapshot}. {then}', { snapshot, then })),
    element('p', { class: 'small muted' }, tr('Its check agrees, so it is as it was written. To prove the figure from the extracts, run '), element('code', null, isolated(`tieout query --receipt ${code}`)), tr('.')));
}

// ---- Files.

const amount = (minor, currency) => minor === null ? null : { minor: BigInt(minor), digits: currency.digits };

function factsOf(answer, report) {
  const facts = [['Report', report], ['Scope', scopes.format(answer.scope)], ['Snapshot', index.snapshot], ['Rows', answer.rows]];
  for (const of of answer.currencies) facts.push([`Control total ${of.currency.code}`, amount(of.measures[view.TOTAL], of.currency)]);
  return facts;
}

function fileName(answer, what, ending) {
  const text = scopes.format(answer.scope).replace(/(from|to)=/g, '').replace(/[^\w.-]+/g, '_').slice(0, 100);
  return `rebate-${what}_${text}_${index.snapshot}.${ending}`;
}

function save(name, content, type) {
  const link = kit.file(name, content, type, name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const CSV = 'text/csv;charset=utf-8', XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

function saveSummary(answer, name) {
  const columns = [
    ['Currency', 'text'], ['Status', 'text'], ['Counted as', 'text'], ['In the total', 'text'], ['Rows', 'count'], ['Expected', 'amount'], ['Calculated', 'amount'], ['Adjustments', 'amount'],
    ['Rebate', 'amount'], ['Paid', 'amount'],
  ].map(([label, kind]) => ({ name: label, kind }));
  const rows = answer.currencies.flatMap((of) => of.states.map((state) => [
    of.currency.code, view.labelOf(index, state.status), state.bucket === null ? '' : name('bucket', state.bucket), state.isInTotal ? 'yes' : 'no', state.rows,
    ...['expected', 'calculated', 'adjustments', 'total', 'paid'].map((part) => amount(state[part], of.currency)),
  ]));
  const facts = factsOf(answer, 'Rebate query: summary');
  for (const of of answer.currencies) of.measures.forEach((value, at) => { if (at !== view.TOTAL) facts.push([`${view.MEASURES[at]} ${of.currency.code}`, amount(value, of.currency)]); });
  save(fileName(answer, 'summary', 'csv'), tieout.out.csv({ facts, columns, rows }), CSV);
}

/** The columns of src/report/query/answer.rs: page and command write the same file. */
const FILE_COLUMNS = [
  ['Order ID', 'text', (row) => row.named], ['Line ID', 'text', (row) => row.line], ['Status', 'text', (row) => view.labelOf(index, row.status)],
  ['Counted as', 'text', (row, name) => row.bucket === null ? null : name('bucket', row.bucket)], ['Reason', 'text', (row) => row.reason], ['Reason code', 'text', (row) => row.code],
  ['Next step', 'text', (row) => row.next], ['Expected update', 'text', (row) => row.update], ['Discrepancy', 'text', (row, name) => row.kind === 'clean' ? null : name('kind', row.kind)],
  ['Customer name', 'text', (row) => row.customerName], ['Customer ID', 'text', (row) => row.customerRaw], ['Customer account ID', 'text', (row) => row.accountRaw],
  ['Program', 'text', (row) => row.programRaw], ['Campaign', 'text', (row) => row.campaign], ['Rebate category', 'text', (row) => row.category], ['Region', 'text', (row) => row.region],
  ['Batch ID', 'text', (row) => row.batchRaw], ['Payout ID', 'text', (row) => row.payoutRaw], ['Earned period', 'text', (row) => row.month], ['Day', 'date', (row) => row.day],
  ['Currency', 'text', (row) => row.currency], ['Expected amount', 'amount', (row) => row.expected], ['Calculated amount', 'amount', (row) => row.calculated],
  ['Adjustment amount', 'amount', (row) => row.line === null ? null : row.adjustments], ['Total rebate', 'amount', (row) => view.countedTotal(index, row)],
  ['Approved so far', 'amount', (row) => approvedTotal(row)], ['Paid amount', 'amount', (row) => row.paid], ['Expected payment', 'date', (row) => row.due], ['Snapshot ID', 'text', () => index.snapshot],
];

function approvedTotal(row) {
  const total = view.countedTotal(index, row);
  return total === null || row.bucket === 'approved' || row.bucket === 'paid' ? total : 0;
}

async function saveLines(own, answer, name, isWorkbook, fail) {
  const was = own.lastChild.textContent;
  own.setAttribute('aria-disabled', 'true');
  try {
    const all = await answer.pager.all((done, of) => { own.lastChild.textContent = tr('Loading file {done} of {of}', { done, of }); });
    const columns = FILE_COLUMNS.map(([label, kind]) => ({ name: label, kind }));
    const rows = all.map((row) => {
      const currency = index.currencies.get(row.currency);
      return FILE_COLUMNS.map(([, kind, of]) => kind === 'amount' ? amount(of(row, name), currency) : of(row, name));
    });
    const facts = factsOf(answer, 'Rebate query: lines'), words = view.aboutWords(answer.scope, name);
    if (isWorkbook) save(fileName(answer, 'lines', 'xlsx'), tieout.out.xlsx({ facts, columns, rows, name: tr('{scope}, snapshot {snapshot}', { scope: words, snapshot: index.words }) }), XLSX);
    else save(fileName(answer, 'lines', 'csv'), tieout.out.csv({ facts, columns, rows }), CSV);
    tieout.say(tr('{rows} saved', { rows: countOf(rows.length, 'row', 'rows') }));
  } catch (error) {
    if (error && error.code) fail(error);
    else {
      console.error(error);
      answer.tell(own, tr('The file could not be made: it is too large for this browser. Narrow the scope down, for example to one month, and save again. The figures above are not affected.'));
    }
  }
  own.lastChild.textContent = was;
  own.removeAttribute('aria-disabled');
}

// ---- Nothing in the scope.

async function showEmpty(answer, name, notes, focus, mine) {
  const { scope } = answer, of = answer.index, parts = scopes.others(scope);
  const near = await data.nearest(of, scope), about = has(scope, 'order') ? await aboutOrder(scope, near) : null, items = [];
  const known = view.namer(of, [...near.rows || [], ...about ? about.rows : []]), add = (...words) => items.push(element('li', null, ...words));
  // Which part leaves nothing: the one without which there is something.
  const relaxed = [];
  for (const part of parts) {
    const wider = scopes.changed(scope, { [part]: null });
    relaxed.push({ part, wider, found: await data.answer(of, wider) });
  }
  const best = nearer(scope, near), range = best && scopes.changed(scope, best.range), wide = range && await data.answer(of, range);
  const isDates = Boolean(wide && wide.rows);
  const valueWords = (part) => (scopes.LISTS.includes(part) ? scope[part] : [scope[part]]).map((value) => known(part, value)).join(tr(' or '));
  if (isDates) add(tr('Try expanding date range: '), view.toScope(range, scopes.rangeWords(range.from, range.to)), tr(' ({words})', { words: view.rowWords(wide) }));
  for (const { part, wider, found } of relaxed) {
    const words = [tr('Without the {part} ', { part: kit.lower(labelOf(part)) }), isolated(valueWords(part))];
    add(found.rows ? view.toScope(wider, ...words) : element('span', null, ...words), found.rows ? tr(' ({words})', { words: view.rowWords(found) }) : tr(': nothing either'));
  }
  if (parts.some((part) => IDS.includes(part))) items.push(await checkIds(scope));
  add(element('a', { href: `${root}order/index.html` }, tr('Browse all orders')));

  const causes = relaxed.filter(({ found }) => found.rows).map(({ part }) => tr('the {part} {value}', { part: kit.lower(labelOf(part)), value: valueWords(part) }));
  const isOfDates = isDates && (about === null || !about.isElsewhere);
  if (isOfDates) causes.unshift(tr('the dates {days}', { days: scopes.rangeWords(scope.from, scope.to) }));
  // Of an account or a batch the days are meant, as of an order.
  const [only] = parts, isOfOtherDays = isDates && parts.length === 1 && only !== 'order' && IDS.includes(only);
  const because = about && about.isElsewhere ? tr('It is the dates that leave nothing.')
    : isOfOtherDays ? tr('The {part} {value} has lines, but none on {days}.', { part: kit.lower(labelOf(only)), value: valueWords(only), days: scopes.rangeWords(scope.from, scope.to) })
    : causes.length === 1 ? isOfDates ? tr('It is {cause} that leave nothing.', { cause: causes[0] }) : tr('It is {cause} that leaves nothing.', { cause: causes[0] })
      : causes.length ? tr('Leave out any one of these and there are lines: {causes}.', { causes: causes.join(tr('; ')) })
        : parts.length ? tr('No single part of the scope leaves nothing: several of them have to go.') : tr('There is no data.');
  const day = (side, where) => side && tr('{day}, {where}', { day: side.day !== null ? scopes.dayWords(side.day) : side.month.words, where });
  const days = [day(near.before, tr('before these dates')), day(near.after, tr('after them'))].filter(Boolean);
  if (mine !== running) return;
  shown = null;
  document.title = tr('No lines match \u00b7 {title}', { title });
  const heading = element('h2', { id: 'result', tabindex: '-1' }, tr('No lines match this scope'));
  place(heading, [...notes, element('section', { class: 'sec' }, element('div', { class: 'sec-h' }, heading),
    element('p', { class: 'muted', id: 'scope-words' }, isolated(view.aboutWords(scope, known))),
    about && about.note,
    element('p', null, element('b', null, because), tr(' (code Q-201)')),
    days.length ? element('p', null, tr('Nearest with {parts}: {days}.', { parts: parts.length ? tr('the other filters as they are') : tr('data'), days: days.join(tr('; ')) })) : null,
    element('h3', null, tr('Try one of these')), element('ul', null, ...items),
    element('p', { class: 'small muted' }, tr('The data was loaded and the question was understood: nothing is broken. In a terminal: '), element('code', null, isolated(`tieout query '${scopes.format(scope)}'`))))], focus, tr('No lines match this scope. {because}', { because }));
}

/** The nearer side with rows, and the range that takes its period in. */
function nearer(scope, { before, after }) {
  const monthAt = (side) => side.month || index.months.find((month) => month.start <= side.day && month.end >= side.day) || { start: side.day, end: side.day };
  const far = (side, isBefore) => !side ? Infinity : isBefore ? scope.from - (side.day ?? side.month.end) : (side.day ?? side.month.start) - scope.to;
  const isBefore = far(before, true) <= far(after, false), side = isBefore ? before : after;
  if (!side) return null;
  const month = monthAt(side);
  return { range: isBefore ? { from: Math.min(month.start, scope.from), to: scope.to } : { from: scope.from, to: Math.max(month.end, scope.to) } };
}

/** Why an order is not in the answer: of another period, hidden by another part, or not there at all. */
async function aboutOrder(scope, near) {
  const only = scopes.changed({}, { order: scope.order }), all = near.rows && near.rows.length ? near.rows : (await data.nearest(index, { ...only, from: scope.from, to: scope.to })).rows;
  const rows = all || [], inside = rows.find((row) => row.day >= scope.from && row.day <= scope.to);
  // Of an order with rows in several periods, the one that is nearest to what was asked for; as in src/report/query/answer.rs.
  const far = (row) => Math.max(scope.from - row.day, row.day - scope.to), [outside] = [...rows].sort((a, b) => far(a) - far(b) || a.day - b.day);
  if (inside) {
    const wider = scopes.changed(only, { from: scope.from, to: scope.to });
    return { rows, isElsewhere: false, note: note('under-review', element('b', null, tr('The order exists, but another filter hides it. ')), view.toScope(wider, tr('Keep only the order and the dates')), '.') };
  }
  if (outside) {
    const month = index.months.find((of) => of.name === outside.month), asked = scopes.civil(scope.to).year;
    const start = month ? month.start : outside.day, end = month ? month.end : outside.day, period = scopes.periodWords(start, end, asked);
    const slug = outside.page === null ? tieout.slug(outside.order) : null, page = outside.page ?? (slug ? `order/${slug}.html` : 'order/index.html');
    return {
      rows, isElsewhere: true,
      note: note('under-review', element('b', null, tr('The order belongs to period {period}, but you queried {asked}. ', { period, asked: scopes.monthOf(scope.from, scope.to, asked) })),
        view.toScope(scopes.changed(scope, { from: start, to: end }), tr('Show {period}', { period })), tr(' or '), element('a', { href: root + page }, tr('open order '), element('bdi', { class: 'nw' }, outside.named)), '.'),
    };
  }
  const [field] = fields('order'), typedId = field && tieout.canonical(field.value) === scope.order ? field.value : scope.order;
  return {
    rows, isElsewhere: false,
    note: note('under-review', element('b', null, tr('No order in this snapshot has the ID \u201c'), isolated(typedId), '\u201d. '), tr('Capitals, spaces and hyphens do not matter; a digit does.')),
  };
}

/** The ids to check, with those that are nearest to what was typed; of a customer also those with the words of it in their name. */
async function checkIds(scope) {
  const part = IDS.find((of) => has(scope, of)), [field] = fields(part), { find } = tieout;
  const text = field && tieout.canonical(field.value) === scope[part] ? field.value : scope[part];
  const words = part === 'customer' ? tr('Check the customer') : part === 'order' ? tr('Check order identifiers') : tr('Check the {part} ID', { part: kit.lower(labelOf(part)) });
  const link = element('a', { href: `${root}query.html?q=${scopes.encode(text)}` }, words);
  let near = [];
  try {
    if (!(await data.lookUp(index, scope[part])).some((entry) => entry.type === part)) {
      const named = part === 'customer' && find ? (await find.search(text)).named.filter((entry) => entry.type === part && entry.of !== null) : [];
      near = named.length ? named.slice(0, 5).map((entry) => [entry.of, entry.shown])
        : (find && find.nearest ? await find.nearest(scope[part], part) : await data.suggest(index, part, scope[part].slice(0, -2), 3)).map((entry) => [entry.key, entry.shown]);
    }
  } catch {
    near = [];
  }
  const nearby = near.flatMap(([id, shown], at) => [at ? tr(', ') : tr(': do you mean '), view.toScope(scopes.changed(scope, { [part]: id }), isolated(shown))]);
  return element('li', null, link, ...nearby, near.length ? '?' : '.');
}

// ---- What goes wrong on our side.

function showFailure(error, text) {
  const known = error && error.code ? error : kit.problem('Q-303', 'query/data/', tr('is damaged'));
  if (known !== error) console.error(error);
  const again = view.button(tr('Try again'), () => { if (known.code === 'Q-301') ask(text, { focus: true, isQuiet: true }); else location.reload(); }, null, 'btn');
  const heading = element('h2', { id: 'result', tabindex: '-1' }, tr('The data of this answer could not be loaded'));
  shown = null;
  document.title = tr('Not loaded \u00b7 {title}', { title });
  place(heading, [element('section', { class: 'sec' }, element('div', { class: 'sec-h' }, heading),
    note('unknown-error', tr('Code {code}: {path} {words}.', known)),
    element('p', null, tr('This says nothing about the rebates, and your question is all right. Please try again in a moment. If it stays, send this code and the address of the page to whoever builds this site; where the site was copied, copy the folder query/data with it.')),
    element('p', null, again))], true, tr('The data could not be loaded, code {known}', { known: known.code }));
}

// ---- A newer snapshot.

function latest() {
  return new Promise((resolve, reject) => {
    const path = 'query/data/latest.js', keep = tieout.take, script = document.createElement('script');
    let found = null;
    tieout.take = (name, own) => { if (name === path) found = own; else keep(name, own); };
    const done = () => { tieout.take = keep; script.remove(); };
    // Another name each time, so that nothing answers from memory.
    script.src = `${root}${path}?${Math.random().toString(36).slice(2)}`;
    script.onload = () => {
      done();
      const [row] = (found && found.latest) || [];
      if (!row) reject(kit.problem('Q-303', path, tr('is damaged')));
      else resolve({ name: kit.text(found, row[0]), words: kit.text(found, row[1]), set: kit.text(found, row[2]) });
    };
    script.onerror = () => { done(); reject(kit.problem('Q-301', path, tr('is missing, or something keeps it from being loaded'))); };
    document.head.append(script);
  });
}

const refresh = document.getElementById('refresh');
if (refresh) refresh.addEventListener('click', async () => {
  const here = document.documentElement.dataset.snapshot, words = index ? index.words : here;
  let message;
  try {
    const newest = await latest();
    if (newest.set === set) message = [tr('You have the latest snapshot ({newest}).', { newest: newest.words })];
    else {
      const reload = view.button(tr('Reload with the same scope'), () => {
        const scope = shown ? scopes.format(shown.scope) : scopes.format(scopes.parse(location.search).scope);
        if (scope && location.search !== `?${scope}`) location.replace(`${location.pathname}?${scope}`);
        else location.reload();
      });
      const what = newest.name === here ? tr('This site was built again from the same snapshot ({newest}). ', { newest: newest.words }) : tr('A newer snapshot is ready: {newest}. ', { newest: newest.words });
      message = [what, reload];
    }
  } catch (error) {
    const { code } = error && error.code ? error : { code: 'Q-301' };
    message = [tr('We could not check (code {code}). Try again later, or reload the page. You are looking at snapshot {words}.', { code, words })];
  }
  freshness.replaceChildren(...message);
  tieout.say(freshness.textContent);
});

// ---- The address.

answerBox.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-go]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link.getAttribute('href').slice(1), { isNew: true, focus: true });
});

// A link to a place on this page changes the address as well, and asks for nothing.
addEventListener('popstate', () => { if (location.search !== asked) start(true); });

function start(focus) {
  asked = location.search;
  const pairs = new URLSearchParams(asked), isQuestion = [...pairs.keys()].some((name) => name !== 'q' && name !== 'preset');
  // Somebody who looks for an id did not ask for a sum.
  if (!isQuestion && pairs.get('q')) return;
  ask(location.search.slice(1), { focus: focus || isQuestion && narrowScreen.matches, isQuiet: !isQuestion });
}

offerNames().catch(() => {});
start(false);
}());

// Any two snapshots and any scope, compared (changes/index.html). The address is the question; the answer is made here of
// the files in changes/data/ (src/report/changes/data.rs says what is in them and why).
//
// The classes and the sentences are those of src/history/changes.rs and src/report/changes/sentence.rs, written a second
// time; tests/browser/compare.test.mjs holds the two together.
(function () {
'use strict';
const tieout = window.tieout, { tr } = tieout, form = document.getElementById('compare'), answer = document.getElementById('answer');
if (!form || !answer) return;
const { amount, byText, countOf, csv, element, file, grouped, inWords, isolated, lower, note, plain, problem, quoted, section, shown, size, text,
  thousands } = tieout.kit;
const root = document.documentElement.dataset.root || './';
const LISTED = 500, PARTS = ['period', 'program', 'campaign', 'customer', 'currency'];
const PART_NAMES = { period: tr('period'), program: tr('program'), campaign: tr('campaign'), customer: tr('customer'), currency: tr('currency') };

// ---- Data files: all of one set.

const load = (path) => tieout.kit.load(path, answer.dataset.set);

function readIndex(data) {
  const t = (number) => text(data, number);
  return {
    snapshots: data.snapshots.map(([name, words, day]) => ({ name: t(name), words: t(words), day })),
    finals: new Map(data.periods.map(([name, , day]) => [t(name), day])),
    periods: new Map(data.periods.map(([name, words]) => [t(name), t(words)])),
    currencies: new Map(data.currencies.map(([code, digits, sign]) => [t(code), { code: t(code), digits, sign: t(sign) }])),
    statuses: data.statuses.map(([code, label]) => ({ code: t(code), label: t(label) })),
    buckets: data.buckets.map(([name]) => t(name)),
    classes: data.classes.map(([code, label], order) => ({ code: t(code), label: t(label), order })),
    measures: data.measures.map(([name]) => t(name)),
    ends: readEnds(data, data.ends),
  };
}

function readEnds(data, rows) {
  return rows.map(([snapshot, period, program, campaign, currency, lines, ...measures]) => ({
    snapshot, period: text(data, period), program: text(data, program), campaign: text(data, campaign),
    currency: text(data, currency), lines, measures: measures.map(amount),
  }));
}

/** The changes that a snapshot brought: line, whose doing it was, and both states. */
function readSteps(index, data) {
  const t = (number) => text(data, number);
  const places = data.places.map(([period, currency, program, programRaw, campaign, customer, order, named, category, payout]) => ({
    period: t(period), currency: t(currency), program: t(program), programRaw: t(programRaw), campaign: t(campaign),
    customer: t(customer), order: t(order), named: t(named), category: t(category), payout: t(payout),
  }));
  const states = data.states.map(([place, status, bucket, reason, rate, base, calculated, adjustments, paid, expected]) => ({
    place: places[place], status: index.statuses[status], bucket: index.buckets[bucket], reason: t(reason), rate: t(rate),
    base: amount(base), calculated: amount(calculated), adjustments: amount(adjustments), paid: amount(paid),
    expected: amount(expected),
  }));
  const lines = data.lines.map(([number, id, raw, page]) => ({ number, id: t(id), raw: t(raw), page: t(page) }));
  const state = (number) => number === null ? null : states[number];
  return data.steps.map(([line, flags, before, after]) => ({
    line: lines[line], isOwn: (flags & 1) > 0, isAside: (flags & 2) > 0, before: state(before), after: state(after),
  }));
}

// ---- The measures of a line, and the bridge. Order of the six: eligible, calculated, adjustments, total, approved, paid.

const ZERO = BigInt(0), ELIGIBLE = 0, CALCULATED = 1, ADJUSTMENTS = 2, TOTAL = 3, APPROVED = 4, PAID = 5;
const nothing = () => [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO];
const plus = (a, b) => a.map((x, i) => x + b[i]);
const minus = (a, b) => a.map((x, i) => x - b[i]);
const isZero = (measures) => measures.every((x) => x === ZERO);

const isInTotal = (state) => ['Calculated', 'Approved', 'Paid'].includes(state.bucket);
const isCounted = (state) => isInTotal(state) && state.status.code !== 'rejected' && state.calculated !== null;

function measuresOf(state) {
  if (!state) return nothing();
  const calculated = isCounted(state) ? state.calculated : ZERO, adjustments = isCounted(state) ? state.adjustments : ZERO;
  const total = calculated + adjustments;
  return [
    isInTotal(state) || state.bucket === 'Pending' ? state.expected ?? ZERO : ZERO,
    calculated, adjustments, total,
    state.bucket === 'Approved' || state.bucket === 'Paid' ? total : ZERO,
    state.paid ?? ZERO,
  ];
}

/** Whether a scope holds what counts at a place, or in a group of lines, which is of the scope's customer already. */
function holds(scope, at) {
  return (!scope.period || scope.period === at.period) && (!scope.currency || scope.currency === at.currency) &&
    (!scope.program || scope.program === at.program) &&
    (!scope.campaign || at.campaign !== null && lower(at.campaign) === lower(scope.campaign)) &&
    (!scope.customer || at.customer === undefined || at.customer === scope.customer);
}

/** The bridges of a scope, the one with most changes first. `from` and `to` are places in the list of snapshots. */
function between(index, ends, steps, from, to, scope) {
  const bridges = new Map();
  const bridge = (code) => {
    if (!bridges.has(code)) {
      bridges.set(code, { currency: index.currencies.get(code), lines: [0, 0], opening: nothing(), closing: nothing(), changes: [] });
    }
    return bridges.get(code);
  };
  for (const end of ends) {
    if (end.snapshot > to || !holds(scope, end)) continue;
    const of = bridge(end.currency);
    of.closing = plus(of.closing, end.measures);
    of.lines[1] += end.lines;
    if (end.snapshot > from) continue;
    of.opening = plus(of.opening, end.measures);
    of.lines[0] += end.lines;
  }
  const isFinal = (period) => index.finals.get(period) <= index.snapshots[from].day;
  const classes = new Map(index.classes.map((of) => [of.code, of]));
  for (const one of moved(steps)) {
    const states = [one.before, one.after, ...one.own.flat()].filter(Boolean);
    for (const currency of new Set(states.map((state) => state.place.currency))) {
      const isMeant = (state) => state.place.currency === currency && holds(scope, state.place);
      for (const change of classify(one, isMeant, isFinal)) {
        bridge(currency).changes.push({ ...change, class: classes.get(change.class) });
      }
    }
  }
  const all = [...bridges.values()].filter((of) => of.lines[0] > 0 || of.lines[1] > 0 || of.changes.length > 0);
  for (const of of all) {
    of.changes.sort(bySize);
    of.remainder = of.changes.reduce((rest, change) => minus(rest, change.effect), minus(of.closing, of.opening));
  }
  return all.sort((a, b) => b.changes.length - a.changes.length || byText(a.currency.code, b.currency.code));
}

function bySize(a, b) {
  for (const measure of [TOTAL, PAID, APPROVED, ADJUSTMENTS, ELIGIBLE]) {
    const x = size(a.effect[measure]), y = size(b.effect[measure]);
    if (x !== y) return x > y ? -1 : 1;
  }
  return byText(a.line.id, b.line.id) || a.class.order - b.class.order;
}

/** The lines that changed; a line that took the place of another stands for both. */
function moved(steps) {
  const all = new Map();
  for (const step of steps) {
    let one = all.get(step.line.number);
    if (!one) all.set(step.line.number, one = { line: step.line, insteadOf: null, before: step.before, after: null, isAside: false, own: [] });
    one.after = step.after;
    one.isAside = step.isAside;
    if (step.isOwn) one.own.push([step.before, step.after]);
  }
  // Lines that are gone and new ones for the same purpose, one for one in the order of their ids.
  const purpose = ({ place }) => place.order === null ? null : JSON.stringify([place.order, place.program, place.period, place.currency]);
  const gone = new Map(), fresh = [];
  for (const one of all.values()) {
    if (one.own.length > 0 || !one.before === !one.after) continue;
    const of = purpose(one.before || one.after);
    if (of === null) continue;
    if (one.after) fresh.push([of, one]);
    else if (gone.has(of)) gone.get(of).push(one);
    else gone.set(of, [one]);
  }
  const byId = (a, b) => byText(a.line.id, b.line.id);
  gone.forEach((list) => list.sort(byId));
  fresh.sort(([, a], [, b]) => byId(a, b));
  for (const [of, one] of fresh) {
    const other = (gone.get(of) || []).shift();
    if (!other) continue;
    all.delete(other.line.number);
    one.before = other.before;
    one.insteadOf = other.line;
  }
  return all.values();
}

/** Every difference of a line in exactly one class. */
function classify(one, isMeant, isFinal) {
  const changes = [], within = (state) => state && isMeant(state) ? state : null;
  const before = within(one.before), after = within(one.after);
  // What comes and goes between the two ends adds up to nothing, and is no difference between them.
  if (!before && !after) return changes;
  const add = (name, effect) => changes.push({ class: name, line: one.line, insteadOf: one.insteadOf, before, after, isAside: one.isAside, effect });
  let rest = minus(measuresOf(after), measuresOf(before));
  const own = one.own.reduce((sum, [was, is]) => plus(sum, minus(measuresOf(within(is)), measuresOf(within(was)))), nothing());
  const isOwn = !isZero(own);
  if (isOwn) {
    add('own-mapping-or-rules', own);
    rest = minus(rest, own);
  }
  const isOtherStatus = before && after ? before.status !== after.status : Boolean(before || after) && !isOwn;
  if (isZero(rest) && (isOwn || !isOtherStatus && !one.insteadOf)) return changes;
  // After our own rules changed, the rest is what the extracts changed since then.
  const was = one.own.length > 0 ? within(one.own[one.own.length - 1][1]) : before, is = after;
  if (!was || !is) {
    if (one.insteadOf) add('re-keyed', rest);
    else if (was && !one.after) add('removed', rest);
    else if (is && !one.before) add(arrival(is, rest, isFinal), rest);
    else if (was || is || !isZero(rest)) add('moved', rest);
    return changes;
  }
  const isRejected = is.status.code === 'rejected', wasRejected = was.status.code === 'rejected';
  if (one.insteadOf) add('re-keyed', rest);
  else if (isRejected && !wasRejected) add('rejected', rest);
  else if (wasRejected && !isRejected) add('reopened', rest);
  else if (!isCounted(was) && isCounted(is)) add('newly-calculated', rest);
  else if (isCounted(was) && !isCounted(is)) add('re-measured', rest);
  else inSteps(was, is, rest, add);
  return changes;
}

function arrival(state, rest, isFinal) {
  if (isFinal(state.place.period)) return 'late';
  if (state.status.code === 'rejected') return 'rejected';
  return isCounted(state) || rest[TOTAL] !== ZERO ? 'newly-calculated' : 'status-only';
}

/** With an amount at both ends, or at none: measured anew, adjusted, settled. */
function inSteps(was, is, rest, add) {
  const had = measuresOf(was), whole = rest;
  const wasApproved = !isZero(had) && had[APPROVED] === had[TOTAL], approved = (x) => wasApproved ? x : ZERO;
  const measured = [whole[ELIGIBLE], whole[CALCULATED], ZERO, whole[CALCULATED], approved(whole[CALCULATED]), ZERO];
  const adjusted = [ZERO, ZERO, whole[ADJUSTMENTS], whole[ADJUSTMENTS], approved(whole[ADJUSTMENTS]), ZERO];
  let any = false;
  for (const [name, effect] of [['re-measured', measured], ['adjusted', adjusted]]) {
    if (isZero(effect)) continue;
    add(name, effect);
    rest = minus(rest, effect);
    any = true;
  }
  if (!isZero(rest)) add(rest[PAID] === ZERO ? 'approved' : 'newly-paid', rest);
  else if (was.status !== is.status && !any) add(is.status.code === 'paid' ? 'newly-paid' : 'status-only', rest);
}

// ---- Words.

function correct({ currency, opening, closing, changes }, from, to) {
  const when = from.day + 1 === to.day ? tr('yesterday, {day}', { day: from.words }) : tr('on {day}', { day: from.words });
  const said = { subject: tr('the total rebate'), was: inWords(opening[TOTAL], currency), when, to: to.words };
  const change = closing[TOTAL] - opening[TOTAL];
  if (change === ZERO) return tr('Correct: {subject} was {was} {when}, and {whether} until {to}.', { ...said, whether: changes.length ? tr('the total did not change') : tr('nothing changed') });
  const by = (change > ZERO ? '+' : '') + inWords(change, currency);
  return tr('Correct: {subject} was {was} {when}, and here\'s what changed. It is {is} on {to}, {change}.', { ...said, is: inWords(closing[TOTAL], currency), change: by });
}

/** What happened to a line, without its name and amount. */
function sentence(index, change, currency) {
  const { before, after } = change;
  const money = (minor) => minor === null ? null : grouped(minor, currency);
  const reason = (state) => state.reason === null ? '' : tr(': {words}', { words: state.reason });
  const states = () => ({ before: before.status.label, now: after.status.label });
  const arrow = (was, is) => `${was.status.label} \u2192 ${is.status.label}`;
  const differs = before && after && before.status !== after.status;
  const steps = () => differs ? arrow(before, after) : (after || before).status.label;
  const changed = (name, was, is) => was === is ? [] : [`${name} ${was ?? tr('none')} \u2192 ${is ?? tr('none')}`];
  function measured() {
    if (isCounted(before) && !isCounted(after)) return tr('no amount any more: {before} \u2192 {now}', states());
    const parts = [
      ...changed(tr('base'), money(before.base), money(after.base)),
      ...changed(tr('rate'), before.rate, after.rate),
      ...changed(tr('category'), before.place.category, after.place.category),
    ];
    if (!parts.length) parts.push(...changed(tr('calculated'), money(before.calculated), money(after.calculated)));
    if (before.calculated === after.calculated) {
      parts.push(...changed(tr('our own expectation'), money(before.expected), money(after.expected)));
    }
    if (differs) parts.push(arrow(before, after) + reason(after));
    return parts.join(tr(', '));
  }
  const there = (state) => state ? tr('{place}, {program}, {currency}', { place: index.periods.get(state.place.period), program: state.place.programRaw, currency: state.place.currency }) : null;
  switch (change.class.code) {
    case 'newly-calculated':
      if (!after) return '';
      return before ? tr('amount determined: {before} \u2192 {now}{after}', { ...states(), after: reason(after) }) : tr('new line, {status}{after}', { status: after.status.label, after: reason(after) });
    case 'late':
      return tr('new line, although the vendor\'s figures of {period} were final', { period: after ? index.periods.get(after.place.period) : '' });
    case 're-measured':
      return before && after ? measured() : '';
    case 'adjusted':
      return before && after ? tr('adjustments {before} \u2192 {now}', { before: money(before.adjustments), now: money(after.adjustments) }) : '';
    case 'approved':
      if (before && after && change.effect[APPROVED] < ZERO) return tr('approval withdrawn: {before} \u2192 {now}', states());
      return tr('approved: {after}', { after: steps() });
    case 'newly-paid': {
      const was = before && before.paid ? before.paid : null, is = after ? after.paid : null;
      if (was !== null && is !== null && was !== is) return tr('paid {was} \u2192 {is}', { was: money(was), is: money(is) });
      if (was !== null && is === null) return tr('paid {was} before, nothing now', { was: money(was) });
      if (is === null) return steps();
      return after.place.payout === null ? tr('paid, no payout named') : tr('paid with payout {payout}', { payout: after.place.payout });
    }
    case 'rejected':
      return tr('rejected') + (after ? reason(after) : '');
    case 'reopened':
      return tr('reopened: {after}', { after: steps() });
    case 'removed':
      if (!before) return '';
      return change.isAside ? tr('its row could not be read this time; it was {status}', { status: before.status.label }) : tr('not in the extract any more; it was {status}', { status: before.status.label });
    case 'moved': {
      const was = there(before), is = there(after);
      if (was && !is) return tr('counts elsewhere now; it was in {from}', { from: was });
      if (is && !was) return tr('counts in {to} now', { to: is });
      return was && was !== is ? `${was} \u2192 ${is}` : tr('counts elsewhere in between');
    }
    case 're-keyed': {
      const amounts = before && after && change.effect[TOTAL] !== ZERO ? tr('; {after}', { after: measured() }) : '';
      return tr('line {old} is line {new} now{amounts}', { old: change.insteadOf ? change.insteadOf.raw : '', new: change.line.raw, amounts });
    }
    case 'own-mapping-or-rules': {
      let what = '';
      if (differs) what = tr(': {before} \u2192 {now}', states());
      else if (before && after && before.expected !== after.expected) {
        what = tr(': expected {before} \u2192 {now}', { before: money(before.expected) ?? tr('not recomputed'), now: money(after.expected) ?? tr('not recomputed') });
      }
      return tr('our own mapping or rules changed; the extracts say the same{after}', { after: what });
    }
    case 'status-only':
      return !before && after ? tr('new line, {status}, no amount yet', { status: after.status.label }) : steps();
    default:
      throw problem('Q-304', 'changes/data/index.js', tr('knows a class of changes that this page does not know'));
  }
}

/** A change in words; null where the scope holds the line at neither end. */
function tell(index, change, currency) {
  const state = change.after || change.before;
  if (!state) return null;
  const label = (of) => of ? of.status.label : '';
  return {
    change, order: state.place.named, line: change.line.raw, program: state.place.programRaw, period: state.place.period,
    statuses: [label(change.before), label(change.after)], sentence: sentence(index, change, currency), page: change.line.page,
  };
}

// ---- The file: every change.

function fileOf(index, bridges) {
  const names = ['Order', 'Line', 'Program', 'Period', 'Currency', 'Class', 'What happened', 'Status before', 'Status after'];
  const rows = [[...names, ...index.measures]];
  for (const { currency, told } of bridges) {
    for (const { change, order, line, program, period, statuses, sentence: words } of told) {
      rows.push([order, line, program, period, currency.code, change.class.code, words, ...statuses, ...change.effect.map((x) => plain(x, currency))]);
    }
  }
  return csv(rows);
}

// ---- The answer.

/** What the columns measure, as in the markup of the ready pages. */
const CODES = ['eligible', 'calculated-so-far', 'adjustments', 'total', 'approved-so-far', 'paid-so-far'];

/** The answer below the form. */
const show = (...parts) => tieout.kit.show(answer, ...parts);

function table(index, id, caption, first, rows, foot) {
  // A phone has room for the total and what was paid, as in the tables of the ready pages.
  const kind = (measure) => measure === TOTAL || measure === PAID ? 'n' : 'n hide-s';
  const row = ({ style, head, count, cells, snapshot }) => element('tr', { ...(style ? { class: style } : {}), ...(snapshot ? { 'data-snapshot': snapshot } : {}) },
    element('th', { scope: 'row' }, ...head),
    count === undefined ? null : element('td', { class: 'n hide-s' }, thousands(String(count))),
    ...cells.map((words, measure) => words === null
      ? element('td', { class: kind(measure) }, element('span', { class: 'none' }, '\u2013', element('span', { class: 'vh' }, tr(' no change'))))
      : element('td', { class: kind(measure) }, words)));
  const header = [first, ...(rows.concat(foot).some((r) => r.count !== undefined) ? [tr('Changes')] : []), ...index.measures.map((name) => tr(name))];
  return element('div', { class: 'tw', role: 'region', 'aria-labelledby': `${id}-caption`, tabindex: '0' },
    element('table', { class: 'wide', id },
      element('caption', { id: `${id}-caption` }, caption),
      element('thead', null, element('tr', null, ...header.map((label, i) => {
        const measure = i - header.length + index.measures.length;
        return element('th', i ? { scope: 'col', class: kind(measure), ...(CODES[measure] ? { 'data-measure': CODES[measure] } : {}) } : { scope: 'col' }, label);
      }))),
      element('tbody', null, ...rows.map(row)),
      element('tfoot', null, ...foot.map(row))));
}

function stepTable(index, bridge, from, to) {
  const { currency, told, changes } = bridge;
  const levels = (measures) => measures.map((x) => shown(x, currency));
  const effects = (measures) => measures.map((x) => x === ZERO ? null : shown(x, currency, true));
  const listed = told.slice(0, LISTED), rest = told.slice(LISTED);
  const rows = [{ style: 'tot', head: [from.words], cells: levels(bridge.opening), snapshot: from.name }];
  for (const { change, order, page, sentence: words } of listed) {
    const what = element('span', { class: 'nt' }, isolated(tr('{class}: {sentence}', { class: change.class.label, sentence: words })));
    rows.push({ style: 'ind', head: [element('a', { href: root + page }, isolated(order)), what], cells: effects(change.effect) });
  }
  if (rest.length) {
    const sum = rest.reduce((all, { change }) => plus(all, change.effect), nothing());
    rows.push({ style: 'ind', head: [tr('{changes} more', { changes: countOf(rest.length, 'change', 'changes') })], cells: effects(sum) });
  }
  const caption = rest.length
    ? tr('The {LISTED} largest of {changes}; the file holds all of them. Amounts in {currency}.', { LISTED, changes: countOf(changes.length, 'change', 'changes'), currency: currency.code })
    : tr('Every change, largest effect on the total first. Amounts in {currency}.', { currency: currency.code });
  const foot = [
    { style: '', head: [to.words], cells: levels(bridge.closing), snapshot: to.name },
    { style: 'sub', head: [tr('Not explained')], cells: levels(bridge.remainder) },
  ];
  return table(index, `steps-${currency.code.toLowerCase()}`, caption, tr('Change'), rows, foot);
}

function classTable(index, { currency, changes, opening, closing }) {
  const effects = (measures) => measures.map((x) => x === ZERO ? null : shown(x, currency, true));
  const rows = index.classes.flatMap((of) => {
    const own = changes.filter((change) => change.class === of);
    const sum = own.reduce((all, change) => plus(all, change.effect), nothing());
    return own.length ? [{ style: '', head: [of.label], count: own.length, cells: effects(sum) }] : [];
  });
  const foot = [{ style: 'tot', head: [tr('Difference')], count: changes.length, cells: effects(minus(closing, opening)) }];
  return table(index, `classes-${currency.code.toLowerCase()}`, tr('Each difference is in one class. Amounts in {currency}.', { currency: currency.code }), tr('Class'), rows, foot);
}

function command(question) {
  const parts = PARTS.filter((part) => question[part]).map((part) => ` --${part} ${quoted(question[part])}`);
  const run = `tieout diff ${quoted(question.from)} ${quoted(question.to)}${parts.join('')}`;
  return element('p', { class: 'small muted' }, tr('The same in a terminal: '), element('code', null, isolated(run)));
}

function showBridges(index, bridges, from, to, question, names, isSwapped) {
  for (const bridge of bridges) bridge.told = bridge.changes.map((change) => tell(index, change, bridge.currency)).filter(Boolean);
  const scope = names.length ? tr(': {words}', { words: names.join(tr(', ')) }) : '';
  const heading = tr('{from} to {to}{scope}', { from: from.words, to: to.words, scope });
  document.title = tr('{heading} \u00b7 Compare two snapshots', { heading });
  answer.dataset.scope = PARTS.filter((part) => question[part]).map((part) => `${part}=${encodeURIComponent(question[part])}`).join('&') || 'all';
  answer.dataset.snapshot = to.name;
  const blocks = bridges.map((bridge) => element('p', { class: 'answer', 'data-measure': 'lead' }, correct(bridge, from, to)));
  if (isSwapped) blocks.push(note('calculated', tr('{to} is the newer one: this goes from {from} to {to}.', { to: to.words, from: from.words })));
  if (bridges.some((bridge) => !isZero(bridge.remainder))) {
    blocks.push(note('unknown-error', tr('The changes below do not add up to the difference. Do not use these figures; run the command below and report the difference.')));
  }
  blocks.push(command(question));
  for (const bridge of bridges.filter((of) => of.changes.length || !isZero(of.remainder))) {
    blocks.push(section(tr('Step by step, {bridge}', { bridge: bridge.currency.code }), stepTable(index, bridge, from, to)));
    blocks.push(section(tr('By class, {bridge}', { bridge: bridge.currency.code }), classTable(index, bridge)));
  }
  const name = ['changes', from.name, 'to', to.name, ...PARTS.map((part) => question[part]).filter(Boolean)].join('-');
  const save = file(`${name.replace(/[^\w.-]+/g, '_').slice(0, 120)}.csv`, fileOf(index, bridges), 'text/csv;charset=utf-8', tr('Changes CSV'));
  show(heading, [save], ...blocks);
}

/** The parts of the question that can be left out, each with what that brings back. */
function showEmpty(index, customerEnds, from, to, question, scope, words) {
  const fromTo = [index.snapshots.indexOf(from), index.snapshots.indexOf(to)];
  const address = (without) => '?' + new URLSearchParams(['from', 'to', ...PARTS].filter((part) => question[part] && part !== without)
    .map((part) => [part, question[part]]));
  const items = PARTS.filter((part) => question[part]).map((part) => {
    const wider = { ...scope, [part]: '' }, ends = wider.customer ? customerEnds : index.ends;
    const lines = fromTo.map((at) => ends.filter((end) => end.snapshot <= at && holds(wider, end)).reduce((sum, end) => sum + end.lines, 0));
    const found = Math.max(...lines);
    const link = element('a', { href: address(part) }, tr('Without the {part} {value}', { part: PART_NAMES[part], value: words[part] }));
    return element('li', null, link, tr(': {words}', { words: found ? countOf(found, 'line', 'lines') : tr('no line either') }));
  });
  const all = PARTS.filter((part) => question[part]).map((part) => `${PART_NAMES[part]} ${words[part]}`).join(tr(', '));
  show(tr('No line is in this scope'), [],
    element('p', null, all
      ? tr('Neither {from} nor {to} has a line with {all} (code Q-201). Check the spelling, or leave a part out:', { from: from.words, to: to.words, all })
      : tr('Neither {from} nor {to} has a line (code Q-201).', { from: from.words, to: to.words })),
    items.length ? element('ul', null, ...items) : null, command(question));
}

function showProblem(error, question) {
  const known = error && error.code ? error : problem('Q-303', 'changes/data/', tr('is damaged'));
  if (known !== error) console.error(error);
  const again = element('button', { type: 'button', class: 'btn' }, tr('Try again'));
  again.addEventListener('click', () => location.reload());
  show(tr('The data of this comparison could not be loaded'), [],
    note('unknown-error', tr('Code {code}: {path} {words}.', known)),
    element('p', null, tr('Reload the page. Where it was copied from somewhere, copy the folder changes/data with it. If it stays, send this code and the address of the page to whoever builds this site.')),
    element('p', null, again),
    question.from && question.to ? command(question) : null);
}

// ---- The question.

/** The number of a snapshot, or a message on the page. */
function snapshotOf(index, name, fallback) {
  if (!name) return fallback;
  const number = index.snapshots.findIndex((snapshot) => snapshot.name === name);
  if (number >= 0) return number;
  const known = index.snapshots.slice(-12).map((snapshot) => snapshot.words).reverse().join(tr('; '));
  const more = index.snapshots.length > 12 ? tr('; and {snapshots} older ones', { snapshots: index.snapshots.length - 12 }) : '';
  show(tr('There is no snapshot {name}', { name }), [], element('p', null, tr('Choose another one above. The snapshots are: {known}{more}.', { known, more })));
  return -1;
}

/** The value in a field's list that is meant by a text in any spelling. */
function chosen(part, value) {
  const field = form.elements[part];
  if (part === 'customer' || !value) return value;
  const folded = part === 'campaign' ? lower : tieout.canonical;
  const found = [...field.options].find((option) => option.value === value) ||
    [...field.options].find((option) => option.value && folded(option.value) === folded(value));
  return found ? found.value : value;
}

function fill(question) {
  for (const part of ['from', 'to', ...PARTS]) {
    const field = form.elements[part], value = question[part];
    if (!value) continue;
    if (field.options && ![...field.options].some((option) => option.value === value)) {
      if (part === 'from' || part === 'to') continue;
      field.append(element('option', { value }, tr('{value} (not in the data)', { value })));
    }
    field.value = value;
  }
}

function wordsOf(part, value) {
  const { options } = form.elements[part];
  const found = options && [...options].find((option) => option.value === value);
  return found ? found.textContent.replace(' (not in the data)', '') : value;
}

async function customerOf(value) {
  const data = await load('changes/data/customers.js');
  const id = tieout.canonical(value), name = value.toLowerCase();
  const rows = data.customers.map(([key, raw, words, number]) => ({ id: text(data, key), raw: text(data, raw), name: text(data, words), number }));
  const found = rows.find((row) => row.id === id) || rows.find((row) => row.id === value) || rows.find((row) => row.name.toLowerCase() === name);
  if (!found) return { id: value, words: value, ends: [] };
  const ends = await load(`changes/data/customers-${found.number}.js`);
  const own = ends.ends.filter(([key]) => text(ends, key) === found.id).map((row) => row.slice(1));
  return { id: found.id, words: found.name === found.raw ? found.raw : `${found.name} (${found.raw})`, ends: readEnds(ends, own) };
}

async function compare() {
  const asked = new URLSearchParams(location.search), question = {};
  for (const part of ['from', 'to', ...PARTS]) question[part] = chosen(part, (asked.get(part) || '').trim());
  fill(question);
  if (!Object.values(question).some(Boolean)) return;
  answer.setAttribute('aria-busy', 'true');
  answer.replaceChildren(element('p', { class: 'muted' }, tr('Comparing \u2026')));
  try {
    const index = readIndex(await load('changes/data/index.js'));
    const newest = index.snapshots.length - 1;
    const b = snapshotOf(index, question.to, newest);
    const a = b < 0 ? -1 : snapshotOf(index, question.from, Math.max(b - 1, 0));
    if (a < 0 || b < 0) return;
    const [from, to] = [Math.min(a, b), Math.max(a, b)].map((number) => index.snapshots[number]);
    question.from = from.name;
    question.to = to.name;
    fill(question);
    if (a === b) {
      show(tr('Choose two different snapshots'), [], element('p', null, tr('Both are {from}, so nothing can have changed in between. Choose another one above.', { from: from.words })));
      return;
    }
    const words = Object.fromEntries(PARTS.map((part) => [part, wordsOf(part, question[part])]));
    const scope = Object.fromEntries(PARTS.map((part) => [part, question[part]]));
    let ends = index.ends;
    if (question.customer) {
      const customer = await customerOf(question.customer);
      [ends, scope.customer, words.customer] = [customer.ends, customer.id, customer.words];
    }
    const files = index.snapshots.slice(Math.min(a, b) + 1, Math.max(a, b) + 1).map((snapshot) => load(`changes/data/${snapshot.name}.js`));
    const steps = (await Promise.all(files)).flatMap((data) => readSteps(index, data));
    const bridges = between(index, ends, steps, Math.min(a, b), Math.max(a, b), scope);
    const names = PARTS.filter((part) => question[part]).map((part) => words[part]);
    if (bridges.length) showBridges(index, bridges, from, to, question, names, a > b);
    else showEmpty(index, ends, from, to, question, scope, words);
  } catch (error) {
    showProblem(error, question);
  }
}

// What is not asked for stays out of the address.
form.addEventListener('submit', () => {
  const empty = [...form.elements].filter((field) => field.name && !field.value);
  empty.forEach((field) => { field.disabled = true; });
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }), 0);
});

// Names to choose from, once somebody goes there.
form.elements.customer.addEventListener('focus', () => {
  load('changes/data/customers.js').then((data) => {
    const names = data.customers.map(([, raw, words]) => element('option', { value: text(data, raw) }, text(data, words)));
    form.elements.customer.list.replaceChildren(...names);
  }, () => {});
}, { once: true });

compare();
}());

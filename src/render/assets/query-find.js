// Any id in any spelling, and words: what they lead to (query/data/find*.js; src/report/query/ writes them). The index lies
// in files sorted by key, of which only those are loaded that can hold what is asked for, each once, a few at a time.
(function () {
'use strict';
const tieout = window.tieout, { canonical, kit, pasted, ids, tr } = tieout, { byText } = kit, { each, placeOf, placesOf } = ids;
/** Files that one vague question may load: an id that lost digits, a word of which only the beginning is there. */
const MOST_FILES = 8, MOST_MAYBE = 12, MOST_NEAR = 3, MOST_HEADS = 30;
/** What is found by its words, in the order in which it is listed. */
const NAMED = ['page', 'program', 'campaign', 'customer', 'article', 'discrepancy', 'status', 'reason'];
const isNamed = (entry) => NAMED.includes(entry.type) && canonical(entry.shown) !== entry.key;

/** The index, opened once. */
const open = async () => ids.open(await tieout.data.open(document.getElementById('answer').dataset.set));
const shard = async (at) => ids.shard(await open(), at);
const entriesOf = async (keys, progress) => ids.entriesOf(await open(), keys, progress);
/** The entries from one key to another; null where they lie in too many files. */
const range = async (low, high) => ids.range(await open(), low, high, MOST_FILES);

/** Whether an id can exist at all, told without a file. */
function canBe({ lengths, heads }, key) {
  if (/^\d+$/.test(key)) return lengths.includes(key.length);
  return !heads || heads.has(pasted.headOf(key));
}

/** One entry for each thing: an invoice has an entry for each of its orders. */
function things(entries) {
  const all = new Map();
  for (const entry of entries) {
    const key = `${entry.type}\n${entry.key}`;
    if (!all.has(key)) all.set(key, { ...entry, files: [], orders: [], pages: [] });
    const thing = all.get(key);
    for (const file of entry.files) if (!thing.files.some((known) => known.path === file.path)) thing.files.push(file);
    for (const of of entry.orders || [entry.of]) if (of !== null && !thing.orders.includes(of)) thing.orders.push(of);
    for (const page of entry.pages || [entry.page]) if (page !== null && !thing.pages.includes(page)) thing.pages.push(page);
  }
  return [...all.values()];
}

// ---- Texts that are one id each.

/** What a text can be, from the readings of it that exist: the first rank with one. Two ids there are two readings. */
function decide(ranks, found) {
  for (const rank of ranks) {
    const hits = rank.map(({ key, how }) => ({ how, entries: things((found.get(key) || []).filter((entry) => !isNamed(entry))) })).filter(({ entries }) => entries.length);
    if (hits.length === 1) return { exact: hits[0].entries, how: hits[0].how, maybe: [] };
    if (hits.length) {
      const maybe = hits.flatMap(({ entries, how }) => entries.map((entry) => ({ entry, why: how || tr('as it stands') })));
      return { exact: [], how: null, maybe };
    }
  }
  return null;
}

/** The ids that fit what is left of one that lost digits. */
async function remains(text) {
  const left = pasted.lost(text);
  if (!left) return null;
  const known = await open(), shortest = left.low.toString().length, found = [];
  for (const length of known.lengths.filter((of) => of >= shortest)) {
    const most = 10n ** BigInt(length) - 1n, high = left.high < most ? left.high : most;
    if (high < left.low) continue;
    const entries = await range(left.low.toString().padStart(length, '0'), high.toString().padStart(length, '0'));
    if (entries === null) return { why: left.why, tooMany: true, maybe: [] };
    found.push(...entries.filter((entry) => /^\d+$/.test(entry.key) && entry.key.length === length && left.fits(BigInt(entry.key))));
  }
  const spelled = (await entriesOf(left.spelled.filter((key) => canBe(known, key)))).values();
  const all = things([...found, ...[...spelled].flat()].filter((entry) => !isNamed(entry))), keys = new Set(all.map((entry) => entry.key));
  return { why: left.why, tooMany: keys.size > MOST_MAYBE, maybe: keys.size > MOST_MAYBE ? [] : all.map((entry) => ({ entry, why: left.why })) };
}

/**
 * What each text is, taken as one id: { text, exact, how, maybe, lost, near, alike }. Nothing is taken where digits were lost or
 * where two ids fit: then `maybe` has all of them. Each file of the index is loaded once. `standing` tells where each stands.
 */
async function lookup(texts, { standing = () => 'alone', progress } = {}) {
  const known = await open();
  const work = texts.map((text, at) => ({
    text, ranks: pasted.readings(text, known.lengths, standing(at)).map((rank) => rank.filter(({ key }) => canBe(known, key))).filter((rank) => rank.length), result: null,
  }));
  for (let depth = 0; ; depth++) {
    const open = work.filter((one) => !one.result && one.ranks.length > depth);
    if (!open.length) break;
    const found = await entriesOf(new Set(open.flatMap((one) => one.ranks[depth].map(({ key }) => key))), progress);
    for (const one of open) one.result = decide([one.ranks[depth]], found);
  }
  return each(work, async ({ text, result }) => {
    const left = await remains(text), all = { text, exact: [], how: null, maybe: [], lost: null, near: [], alike: null, ...result };
    if (!left) return all;
    const others = left.maybe.filter(({ entry }) => !all.exact.some((own) => own.key === entry.key));
    // As it stands it exists; but a spreadsheet would have made the same of its neighbors.
    if (all.exact.length && !others.length && !left.tooMany) return all;
    return { ...all, exact: [], maybe: [...all.exact.map((entry) => ({ entry, why: tr('as it stands') })), ...others], lost: left };
  });
}

// ---- What is near an id that does not exist.

/** How many letters differ, up to a limit: left out, added, another one, or two changed over. */
function distance(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before = [], last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, last] = [last, row];
  }
  return last[b.length];
}

function common(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

const DIGITS = { O: '0', Q: '0', D: '0', I: '1', L: '1', Z: '2', S: '5', B: '8', G: '6' };
const LETTERS = { 0: 'O', 1: 'I', 2: 'Z', 5: 'S', 8: 'B', 6: 'G' };

/** Spellings of an id with letters for digits that look like them, and the other way round; and with a known beginning. */
function confusions({ heads }, key) {
  const asDigits = (part) => part.replace(/[OQDILZSBG]/g, (c) => DIGITS[c]), all = new Set();
  for (let head = 0; head <= Math.min(6, key.length - 1); head++) {
    const letters = key.slice(0, head).replace(/[012568]/g, (c) => LETTERS[c]);
    if (!/\d/.test(letters) && (!heads || heads.has(letters))) all.add(letters + asDigits(key.slice(head)));
  }
  const own = pasted.headOf(key), most = own.length > 2 ? 2 : 1;
  if (heads && own && !heads.has(own)) {
    for (const head of [...heads].filter((of) => of && distance(own, of, most) <= most).slice(0, 3)) all.add(head + key.slice(own.length));
  }
  all.delete(key);
  return [...all];
}

/** Up to three entries near an id: within two letters, else those that begin like it. */
async function nearest(id, type = null) {
  const known = await open(), { files } = known, key = canonical(id);
  if (!files.length || !key) return [];
  const at = Math.max(0, placeOf(files, key)), tries = confusions(known, key).filter((other) => canBe(known, other)).slice(0, 4);
  const places = new Set([at]), own = await shard(at), place = own.keys.findIndex((other) => byText(other, key) > 0);
  // At the edge of a file its neighbor is as near.
  if (place < 0 && at + 1 < files.length) places.add(at + 1);
  if (place === 0 && at > 0) places.add(at - 1);
  tries.forEach((other) => placesOf(files, other).forEach((number) => places.add(number)));
  const all = (await each([...places], shard)).flatMap(({ entries }) => entries), near = [], most = Math.min(2, Math.floor(key.length / 3));
  for (const entry of all.filter((of) => !isNamed(of) && (!type || of.type === type))) {
    const isTry = tries.includes(entry.key), steps = distance(key, entry.key, isTry ? 9 : most), begins = common(key, entry.key);
    if (isTry || steps <= most) near.push({ entry, steps, rank: isTry ? 0 : steps, begins });
    else if (begins >= Math.max(3, Math.ceil(key.length / 2))) near.push({ entry, steps: null, rank: 9, begins });
  }
  near.sort((a, b) => a.rank - b.rank || b.begins - a.begins || byText(a.entry.key, b.entry.key));
  const best = near.filter((of) => of.rank === near[0].rank), steps = new Map(best.map((of) => [of.entry.key, of.steps]));
  return things(best.map((of) => of.entry)).slice(0, MOST_NEAR).map((entry) => ({ ...entry, steps: steps.get(entry.key) }));
}

async function withNear(result) {
  const alike = pasted.lookAlike(result.text);
  const key = alike ? alike.plain : canonical(pasted.peel(pasted.tidy(result.text)));
  return { ...result, alike, near: await nearest(key) };
}

/** Ids with the digits of a text and a beginning that ids have: "order 2001" is ORD-2001. */
async function withHeads(text) {
  const known = await open(), digits = /^[^\d]*(\d{3,})$/.exec(canonical(pasted.peel(pasted.tidy(text))));
  if (!digits || !known.heads) return [];
  const keys = [...known.heads].filter((head) => head.length > 0 && head.length < 6).slice(0, MOST_HEADS).map((head) => head + digits[1]);
  return things([...(await entriesOf(keys)).values()].flat().filter((entry) => !isNamed(entry))).map((entry) => ({ ...entry, steps: null }));
}

// ---- A pasted list or e-mail.

/**
 * What is in a pasted text: { found, maybe, unknown, left, lines }. Each has the text as pasted and how often it is there;
 * `left` are dates, amounts and the like, which are no ids. Of running text `unknown` has what looks like an id; with
 * `isEverything`, all that has a digit.
 */
async function paste(whole, progress, isEverything = false) {
  const known = await open(), { heads } = known, pieces = pasted.pieces(whole);
  const hits = [], unknown = [], left = [];
  const hasDigit = (words) => /\p{N}/u.test(words);
  const place = new Map(pieces.map((piece, at) => [piece, at]));
  // First what is one id by itself, and what was cut by the end of a line.
  const alone = pieces.filter((piece) => piece.isAlone && (hasDigit(piece.text) || heads || piece.words.length === 1)), joined = pieces.filter((piece) => piece.joined && hasDigit(piece.joined.text));
  const first = await lookup([...alone.map((piece) => piece.text), ...joined.map((piece) => piece.joined.text)], {
    standing: (at) => at >= alone.length ? 'text' : alone[at].isBesideOthers ? 'row' : 'alone', progress,
  });
  // Of a row of cells, one that is mended counts only where none is an id as it stands, and then the first: the rest are figures.
  const rows = new Map();
  alone.forEach((piece, at) => { if (piece.isBesideOthers && first[at].exact.length) rows.set(piece.row, [...(rows.get(piece.row) || []), first[at]]); });
  for (const cells of rows.values()) {
    const isSure = cells.some((cell) => cell.how === null);
    cells.filter((cell, i) => cell.how !== null && (isSure || i > 0)).forEach((cell) => { cell.isFigure = true; });
  }
  const rest = new Set(pieces);
  alone.forEach((piece, at) => {
    const result = first[at], isLone = !piece.words.some((word) => word.other);
    if (result.isFigure) {
      left.push(piece.text);
      rest.delete(piece);
      return;
    }
    // A date may be an id; an amount beside others is an amount.
    if (result.exact.length || (result.maybe.length || result.lost) && isLone) {
      hits.push({ ...result, order: place.get(piece) });
      rest.delete(piece);
    }
  });
  const used = new Map();
  joined.forEach((piece, at) => {
    const result = first[alone.length + at];
    if (!result.exact.length || !rest.has(piece) || !rest.has(piece.joined.with)) return;
    hits.push({ ...result, order: place.get(piece) + 0.9 });
    for (const [of, word] of [[piece, piece.words.length - 1], [piece.joined.with, 0]]) used.set(of, (used.get(of) || new Set()).add(word));
  });

  // Then running text: up to three neighboring words that hold a digit, the longest first.
  for (const { piece, windows } of await lookupWindows(known, [...rest], progress)) {
    const taken = used.get(piece) || new Set();
    for (const { from, size, result, text: words } of windows) {
      const places = Array.from({ length: size }, (_, i) => from + i), order = place.get(piece) + from / 1000;
      if (places.some((at) => taken.has(at))) continue;
      if (result.exact.length || size === 1 && (result.maybe.length || result.lost)) {
        places.forEach((at) => taken.add(at));
        hits.push({ ...result, order });
      } else if (size === 1) {
        const kind = piece.words[from].other || pasted.otherThan(pasted.peel(words)), isOnly = piece.words.length === 1 && !piece.isBesideOthers;
        if (kind && kind !== 'address') left.push(words);
        else if (kind !== 'address' && (isOnly || isEverything || pasted.isIdLike(words, heads))) unknown.push({ ...result, order });
      }
    }
  }
  const isFound = (hit) => hit.exact.length > 0;
  return {
    found: once(hits.filter(isFound)), maybe: once(hits.filter((hit) => !isFound(hit))), unknown: await each(once(unknown), withNear, progress),
    left: [...new Set(left)], lines: pieces.length,
  };
}

/**
 * The windows of running text with what they are, the longest first. Several words together are taken only as they stand; one
 * is read like a cell, then in its parts; a date or a phone number only as it stands, an amount or a time not at all.
 */
async function lookupWindows(known, pieces, progress) {
  const all = pieces.map((piece) => ({ piece, windows: windowsOf(piece) })), windows = all.flatMap((of) => of.windows);
  const keyOf = (window) => canonical(pasted.peel(pasted.tidy(window.text))), other = (window) => window.size === 1 ? window.word.other : null;
  const literal = windows.filter((window) => window.size > 1 || other(window) === 'date' || other(window) === 'phone');
  const single = windows.filter((window) => window.size === 1 && (other(window) === null || other(window) === 'address'));
  const found = await entriesOf(new Set(literal.map(keyOf).filter((key) => canBe(known, key))), progress);
  for (const window of literal) window.result = { ...window.result, ...decide([[{ key: keyOf(window), how: null }]], found) };
  const results = await lookup(single.map((window) => window.text), { standing: () => 'text', progress });
  const parts = single.flatMap((window, at) => results[at].exact.length ? [] : pasted.partsOf(window.text).map((part) => ({ window, part })));
  const ofParts = await lookup(parts.map(({ part }) => part), { standing: () => 'text', progress });
  single.forEach((window, at) => { window.result = { ...results[at], text: window.text }; });
  parts.forEach(({ window }, at) => {
    if (!ofParts[at].exact.length) return;
    window.result = { ...window.result, exact: things([...window.result.exact, ...ofParts[at].exact]), how: tr('a part of it'), maybe: [], lost: null };
  });
  return all;
}

function windowsOf(piece) {
  const all = [], isNumbered = (words) => /\p{N}/u.test(words);
  for (let size = 3; size > 0; size--) {
    for (let from = 0; from + size <= piece.words.length; from++) {
      const words = piece.words.slice(from, from + size), text = words.map((word) => word.text).join(' ').replace(/[.,;:!?]+$/, '');
      if (words.slice(0, -1).some((word) => word.ends) || words.slice(1).some((word) => word.starts) || !isNumbered(text) || size > 1 && text.length > 80) continue;
      all.push({ piece, word: words[0], from, size, text, result: { text, exact: [], how: null, maybe: [], lost: null, near: [], alike: null } });
    }
  }
  return all;
}

/** Each thing once, with the first spelling of it, in the order of the text. */
function once(results) {
  const all = new Map();
  for (const result of [...results].sort((a, b) => a.order - b.order)) {
    const what = result.exact.map((entry) => `${entry.type} ${entry.key}`).join() || canonical(pasted.peel(pasted.tidy(result.text)));
    if (all.has(what)) all.get(what).count++;
    else all.set(what, { ...result, count: 1 });
  }
  return [...all.values()];
}

// ---- Words.

const wordsIn = (words) => [...new Set(words.normalize('NFKC').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean))];

/** What all words lead to; the last may be a beginning. With `near`: what most of them lead to, where nothing has all. */
async function byWords(words) {
  const all = wordsIn(words);
  if (!all.length || all.length > 12) return { named: [], near: [] };
  const found = await entriesOf(new Set(all)), last = all[all.length - 1];
  const sets = all.map((word) => (found.get(word) || []).filter(isNamed));
  if (last.length > 1) {
    const begun = await range(last, last + '\u{10ffff}');
    if (begun) sets[sets.length - 1] = begun.filter((entry) => isNamed(entry) && entry.key.startsWith(last));
  }
  const idOf = (entry) => `${entry.type}\n${entry.page}\n${entry.shown}`, counts = new Map();
  sets.forEach((set) => new Map(set.map((entry) => [idOf(entry), entry])).forEach((entry, id) => {
    const count = counts.get(id) || { entry, words: 0, whole: 0, isNumbered: false };
    count.words++;
    if (/\p{N}/u.test(entry.key)) count.isNumbered = true;
    if (all.includes(entry.key)) count.whole++;
    counts.set(id, count);
  }));
  const rank = (a, b) => b.words - a.words || b.whole - a.whole || NAMED.indexOf(a.entry.type) - NAMED.indexOf(b.entry.type) ||
    byText(a.entry.shown, b.entry.shown);
  const ranked = [...counts.values()].sort(rank), whole = ranked.filter((of) => of.words === all.length);
  if (whole.length) return { named: whole.map((of) => of.entry), near: [] };
  // Of "order 4711" the number is meant, not everything that is called an order.
  const isNumbered = all.some((word) => /\p{N}/u.test(word)), near = ranked.filter((of) => of.isNumbered || !isNumbered);
  if (near.length || isNumbered) return { named: [], near: near.slice(0, 5).map((of) => of.entry) };
  return { named: [], near: (await each(all.slice(0, 3), nearWords)).flat().slice(0, 5) };
}

/** Things with a word that is a slip away. */
async function nearWords(word) {
  const { files } = await open(), at = placeOf(files, word);
  if (at < 0) return [];
  const { entries } = await shard(at), limit = word.length > 5 ? 2 : word.length > 3 ? 1 : 0;
  const near = entries.filter(isNamed).map((entry) => ({ entry, steps: distance(word, entry.key, limit) })).filter(({ steps }) => steps <= limit);
  near.sort((a, b) => a.steps - b.steps || byText(a.entry.shown, b.entry.shown));
  return [...new Map(near.map(({ entry }) => [entry.shown, entry])).values()].slice(0, 5);
}

/** What a text of the search field is: as in `lookup`, with `named`, found by its words, and `many` as in `paste`, where it has several. */
async function search(words) {
  const [own] = await lookup([words]), isPlain = !/\p{N}/u.test(words);
  // A word that is an id, such as the name of a program, may lead to more.
  const topics = own.exact.length && !isPlain ? { named: [], near: [] } : await byWords(words);
  const result = { ...own, named: topics.named, many: null };
  if (own.exact.length || own.maybe.length || own.lost) return result;
  if (!isPlain && /[\s,;|]/.test(words.trim())) {
    const many = await paste(words, undefined, true);
    if (many.found.length || many.maybe.length) return { ...result, exact: things(many.found.flatMap((of) => of.exact)), many };
  }
  if (topics.named.length) return result;
  if (isPlain) return { ...result, near: topics.near };
  const { alike, near } = await withNear(own);
  for (const more of [() => withHeads(words), () => topics.near]) if (!near.length) near.push(...await more());
  return { ...result, alike, near };
}

// ---- For the page of queries.

const files = (entry) => entry.files;

/** The entry of a part of a scope and the files that hold its rows; null where nothing has this id. */
async function entry(type, key) {
  const [found] = things(((await entriesOf([key])).get(key) || []).filter((of) => of.type === type && !isNamed(of)));
  return found ? { entry: found, files: found.files } : null;
}

tieout.find = { open, search, lookup, paste, files, entry, nearest, each };
}());

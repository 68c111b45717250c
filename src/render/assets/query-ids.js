// The index of everything that can be found (query/data/find*.js; src/report/query/find.rs writes them): ids and words, sorted by
// key and cut into files, of which only those are loaded that can hold what is asked for, each once, a few at a time.
(function () {
'use strict';
const tieout = window.tieout, { kit } = tieout, { byText, text } = kit;
const FOLDER = 'query/data/', AT_ONCE = 8;
const WITH_ORDER = ['line', 'invoice', 'subscription', 'cancellation', 'adjustment'];

const opening = new Map(), shards = new Map();

/** The list of the files, with what is known of all ids; `index` is what query-data.js reads of the first data file. */
function open(index) {
  if (!opening.has(index.findSet)) {
    const reading = index.findSet === null ? Promise.resolve({ index, files: [], lengths: [], heads: null }) : kit.load(`${FOLDER}find.js`, index.findSet).then((data) => ({
      index,
      files: data.files.map(([first, set], number) => ({ first: text(data, first), set: text(data, set), path: `${FOLDER}find-${number}.js` })),
      lengths: data.lengths.map(([length]) => length),
      // The letters with which ids begin; without this list an id may begin with anything.
      heads: data.heads && data.heads.length ? new Set(data.heads.map(([head]) => text(data, head))) : null,
    }));
    reading.catch(() => opening.delete(index.findSet));
    opening.set(index.findSet, reading);
  }
  return opening.get(index.findSet);
}

/** The entries of a file, by key and in order. What has no page of its own has that of its order. */
function read(data) {
  const t = (number) => text(data, number), known = new Map(), entries = [];
  for (const [key, type, shown, page, of] of data.entries) {
    entries.push({ key: t(key) ?? tieout.canonical(t(shown)), type: t(type), shown: t(shown), page: t(page), of: t(of), files: [] });
  }
  for (const [entry, of, number] of data.at) {
    const month = t(of), path = `${FOLDER}${month === null ? `customers-${number}` : `${month}-lines-${number}`}.js`;
    entries[entry].files.push({ path, month, number });
  }
  for (const entry of entries) {
    const owner = entry.type === 'order' ? entry.key : WITH_ORDER.includes(entry.type) ? entry.of : null;
    entry.page ??= owner === null || tieout.slug(owner) === null ? null : `order/${tieout.slug(owner)}.html`;
    if (!known.has(entry.key)) known.set(entry.key, []);
    known.get(entry.key).push(entry);
  }
  return { known, keys: [...known.keys()], entries };
}

function shard({ files }, at) {
  const { path, set } = files[at];
  if (!shards.has(set)) {
    const reading = kit.load(path, set).then(read);
    reading.catch(() => shards.delete(set));
    shards.set(set, reading);
  }
  return shards.get(set);
}

/** Works through a list, a few at a time; the results in its order. */
async function each(list, work, progress) {
  const results = new Array(list.length);
  let next = 0, done = 0;
  const worker = async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await work(list[at], at);
      done++;
      if (progress) progress(done, list.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
  return results;
}

/** The number of the last file that can hold a key; -1 where it comes before all. */
function placeOf(files, key) {
  let low = 0, high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byText(files[middle].first, key) <= 0) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The files that can hold a key: the entries of one key may go on in the next file. */
function placesOf(files, key) {
  const all = [];
  for (let at = placeOf(files, key); at >= 0; at--) {
    all.push(at);
    if (files[at].first !== key) break;
  }
  return all;
}

/** The entries of each key that exists. */
async function entriesOf(known, keys, progress) {
  const { files } = known, wanted = new Map(), places = new Set();
  for (const key of keys) {
    wanted.set(key, placesOf(files, key));
    wanted.get(key).forEach((at) => places.add(at));
  }
  const order = [...places].sort((a, b) => a - b), loaded = new Map();
  await each(order, async (at) => { loaded.set(at, await shard(known, at)); }, progress);
  const found = new Map();
  for (const [key, all] of wanted) {
    const entries = all.reverse().flatMap((at) => loaded.get(at).known.get(key) || []);
    if (entries.length) found.set(key, entries);
  }
  return found;
}

/** The entries from one key to another, of the files in between: of the first `most` of them, or null where there are more and all are wanted. */
async function range(known, low, high, most, isPartEnough = false) {
  const { files } = known, from = Math.max(0, placeOf(files, low)), to = placeOf(files, high);
  if (to - from >= most && !isPartEnough) return null;
  const places = Array.from({ length: Math.max(0, Math.min(to - from + 1, most)) }, (_, i) => from + i);
  const loaded = await each(places, (at) => shard(known, at));
  return loaded.flatMap(({ known: own, keys }) => keys.filter((key) => byText(key, low) >= 0 && byText(key, high) <= 0).flatMap((key) => own.get(key)));
}

tieout.ids = { open, each, shard, placeOf, placesOf, entriesOf, range };
}());

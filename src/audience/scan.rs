//! Looks for everything that a customer may not see in every byte of its tree.
//!
//! Values are looked for in two ways. An id that no chance makes (letters and digits) is found wherever it stands, in any
//! spelling: the text is folded as ids are. A word, a name or a number is found between boundaries, in any case. What is
//! too short for either, and what is a word of the page itself, cannot be told from the page; both are counted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use md5::Md5;
use rayon::prelude::*;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::layers::{from_base64, layers, runs};
use crate::ingest::grammar;

/// The shortest id that is found wherever it stands, in letters and digits.
const ID_MIN: usize = 5;
/// The same of one that is all digits, or all hexadecimal digits, as a checksum is.
const DIGITS_MIN: usize = 12;
/// The shortest word and the shortest number.
const WORD_MIN: usize = 3;
const NUMBER_MIN: usize = 4;
/// By so many bytes at its start a value is looked up.
const START: usize = 2;
/// The shortest part of a hash that is taken for one, in hexadecimal digits.
const HASH_MIN: usize = 8;
/// How many digits are no chance anywhere.
const HASH_SURE: usize = 16;

/// Calls with the kind and the text of each value.
pub type Visit<'v> = dyn FnMut(&'static str, &str) + 'v;

/// The values that a tree may not hold.
#[derive(Debug, Default)]
pub struct Secrets {
    anywhere: Index,
    words: Index,
    /// How many values of each kind are looked for.
    pub kinds: BTreeMap<&'static str, usize>,
    /// The values that are too short to be told from chance.
    pub short: BTreeSet<String>,
    /// How many are words of the page itself.
    pub common: usize,
}

/// Texts by their first bytes and their length.
#[derive(Debug)]
struct Index {
    /// The lengths of the values that begin with two bytes, at their number: nearly every place of a text is done with one
    /// look.
    lengths: Vec<Vec<usize>>,
    known: HashMap<u64, &'static str>,
}

impl Default for Index {
    fn default() -> Index {
        Index { lengths: vec![Vec::new(); 1 << 16], known: HashMap::new() }
    }
}

impl Index {
    fn add(&mut self, text: &str, kind: &'static str) -> bool {
        let Some(start) = text.as_bytes().first_chunk::<START>() else { return false };
        let lengths = &mut self.lengths[usize::from(u16::from_le_bytes(*start))];
        if let Err(at) = lengths.binary_search(&text.len()) {
            lengths.insert(at, text.len());
        }
        self.known.insert(hash_of(text), kind).is_none()
    }

    /// The values that begin at a place of a text, shortest first.
    fn at<'t>(&self, text: &'t str, place: usize) -> impl Iterator<Item = (&'static str, &'t str)> {
        let start = text.as_bytes().get(place..).and_then(|rest| rest.first_chunk::<START>());
        let lengths =
            start.map_or([].as_slice(), |start| &self.lengths[usize::from(u16::from_le_bytes(*start))]);
        lengths.iter().filter_map(move |length| {
            let value = text.get(place..place + length)?;
            Some((*self.known.get(&hash_of(value))?, value))
        })
    }
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A value where it may not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The file, from the root of the tree.
    pub path: String,
    /// What the value is, such as `order ID`.
    pub kind: &'static str,
    /// The value as it was found.
    pub value: String,
}

/// What an audience may see in a file: its own names, texts of the configuration, its months, days and amounts.
#[derive(Debug, Default)]
pub struct Own {
    /// Finds the longest of the texts at each place; `None` where there is none.
    texts: Option<AhoCorasick>,
    /// The same as ids and as words are compared.
    folded: Vec<String>,
    words: Vec<String>,
}

impl Own {
    /// Takes the texts, in any order.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Own {
        let mut all: BTreeSet<String> = BTreeSet::new();
        for text in texts.into_iter().filter(|text| !text.trim().is_empty()) {
            all.insert(
                text.replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('"', "&quot;")
                    .replace('\'', "&#39;"),
            );
            all.insert(text);
        }
        let folded = all.iter().map(|text| grammar::canonical(text).into_owned()).collect();
        let words = all.iter().map(|text| words(text)).collect();
        // A longer text may hold a shorter one. Texts of more than four gigabytes do not occur; without the automaton nothing
        // would be masked, and everything be found.
        let texts = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&all).ok();
        Own { texts: texts.filter(|_| !all.is_empty()), folded, words }
    }

    /// Whether a value, as it was found, is part of one of them.
    fn holds(&self, value: &str) -> bool {
        let word = format!(" {value} ");
        self.folded.iter().any(|text| text.contains(value))
            || self.words.iter().any(|text| text.contains(&word))
    }

    /// The text without them, where they stand on their own: the amount 10 is no part of 100.
    fn masked(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut done, mut from) = (0, 0);
        while let Some(found) =
            self.texts.as_ref().and_then(|texts| texts.find(Input::new(text).range(from..)))
        {
            if is_part(text, found.range()) {
                from =
                    text[found.start()..].chars().next().map_or(text.len(), |c| found.start() + c.len_utf8());
            } else {
                out.push_str(&text[done..found.start()]);
                out.push('\u{1}');
                (done, from) = (found.end(), found.end());
            }
        }
        out.push_str(&text[done..]);
        out
    }
}

/// Whether a word or number goes on before or after a place of a text.
fn is_part(text: &str, at: Range<usize>) -> bool {
    let continues = |one: Option<char>, other: Option<char>, next: Option<char>| {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let is_mark = other.is_some_and(|c| matches!(c, '.' | ','));
        let is_percent = other == Some('%') || other == Some(' ') && next == Some('%');
        is_word(one) && is_word(other) || is_digit(one) && (is_percent || is_mark && is_digit(next))
    };
    let (mut before, mut after) = (text[..at.start].chars().rev(), text[at.end..].chars());
    let found = &text[at];
    continues(found.chars().next(), before.next(), before.next())
        || continues(found.chars().next_back(), after.next(), after.next())
}

/// What was seen in a file.
#[derive(Debug, Default)]
pub struct Seen {
    /// What may not be there.
    pub hits: BTreeSet<Hit>,
    /// Runs of digits that may be a hash.
    pub runs: BTreeSet<String>,
}

impl Secrets {
    /// Takes every value; `page` is the text of a page of nobody, whose words no value can be told from.
    pub fn new(values: &dyn Fn(&mut Visit<'_>), page: &[u8]) -> Secrets {
        let mut all = Secrets::default();
        values(&mut |kind, text| all.add(kind, text));
        let common: BTreeSet<String> =
            all.look(&Own::default(), "", page).hits.into_iter().map(|hit| hit.value).collect();
        if common.is_empty() {
            return all;
        }
        let mut rest = Secrets { common: common.len(), ..Secrets::default() };
        values(&mut |kind, text| {
            let is_common = match form(text) {
                Form::Anywhere(text) | Form::Word(text) => common.contains(&text),
                Form::Short => false,
            };
            if !is_common {
                rest.add(kind, text);
            }
        });
        rest
    }

    fn add(&mut self, kind: &'static str, text: &str) {
        let is_new = match form(text) {
            Form::Anywhere(text) => self.anywhere.add(&text, kind),
            Form::Word(text) => self.words.add(&text, kind),
            Form::Short => {
                self.short.insert(text.to_owned());
                false
            }
        };
        if is_new {
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    /// How many values are looked for.
    pub fn len(&self) -> usize {
        self.kinds.values().sum()
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Visits each id in a text.
    fn ids(&self, text: &str, hit: &mut dyn FnMut(&'static str, &str)) {
        let folded = grammar::canonical(text);
        for place in 0..folded.len() {
            self.anywhere.at(&folded, place).for_each(|(kind, value)| hit(kind, value));
        }
    }

    /// Visits each word, name and number in a text.
    fn words(&self, text: &str, hit: &mut dyn FnMut(&'static str, &str)) {
        let words = words(text);
        for place in words.match_indices(' ').map(|(place, _)| place + 1) {
            self.words
                .at(&words, place)
                .filter(|(_, value)| words[place + value.len()..].starts_with(' '))
                .for_each(|(kind, value)| hit(kind, value));
        }
    }

    /// Looks at one file.
    pub fn look(&self, own: &Own, path: &str, bytes: &[u8]) -> Seen {
        let mut seen = Seen::default();
        let mut hit = |kind, value: &str| {
            seen.hits.insert(Hit { path: path.to_owned(), kind, value: value.to_owned() });
        };
        for layer in layers(path, bytes) {
            let mut masked = own.masked(&layer);
            // Between the cells of a file a comma groups no digits, and in them it does.
            if path.ends_with(".csv") || path.ends_with(".js") {
                masked = own.masked(&masked.replace(',', ";"));
            }
            self.ids(&masked, &mut hit);
            self.words(&masked, &mut hit);
            // An own text may be the beginning of something longer that is not its own; piece by piece, because a word and
            // the amounts after it are no id.
            if masked != layer {
                let mut foreign = |kind, value: &str| {
                    if !own.holds(value) {
                        hit(kind, value);
                    }
                };
                let is_within = |c: char| c.is_alphanumeric() || "-_/.:".contains(c);
                layer.split(|c| !is_within(c)).for_each(|piece| self.ids(piece, &mut foreign));
                self.words(&layer, &mut foreign);
            }
            seen.runs.extend(hashes(&layer));
        }
        seen
    }
}

/// The values whose hash, or its beginning, stands in one of the runs: whoever holds the list of a small space of ids finds
/// the id of such a hash in seconds (reliability T2). SHA-256, SHA-1, MD5 and CRC-32 of the usual spellings.
///
/// `runs` are runs of hexadecimal digits with the file that holds them.
pub fn hashed(values: &dyn Fn(&mut Visit<'_>), runs: &BTreeMap<String, String>) -> BTreeSet<Hit> {
    let mut windows = Windows::new();
    for (run, path) in runs {
        // Few digits are a hash where the run ends with them; within a long run so few agree by chance.
        let least = if run.len() < HASH_SURE { HASH_MIN } else { HASH_SURE };
        let starts = 0..=run.len().saturating_sub(least);
        for start in starts {
            if let Some(window) = run.get(start..start + HASH_MIN) {
                windows.entry(window).or_default().push((&run[start..], path));
            }
        }
    }
    if windows.is_empty() {
        return BTreeSet::new();
    }
    let mut done: HashSet<u64> = HashSet::new();
    let mut all: Vec<(&'static str, String)> = Vec::new();
    values(&mut |kind, text| {
        if done.insert(hash_of(text)) {
            all.push((kind, text.to_owned()));
        }
    });
    all.into_par_iter()
        .flat_map_iter(|(kind, text)| hashed_in(&windows, &text).into_iter().map(move |hit| (kind, hit)))
        .map(|(kind, (path, value))| Hit { path, kind, value })
        .collect()
}

/// Runs by their first digits: what is left of each run from there on, with its file.
type Windows<'r> = HashMap<&'r str, Vec<(&'r str, &'r str)>>;

/// The files that hold a hash of a value, and what to call it.
fn hashed_in(windows: &Windows<'_>, text: &str) -> Vec<(String, String)> {
    let canonical = grammar::canonical(text);
    let spelled: BTreeSet<String> =
        [text.to_owned(), text.to_lowercase(), canonical.to_lowercase(), canonical.into_owned()].into();
    let mut found = Vec::new();
    for text in spelled {
        let hashes = [
            hex(&Sha256::digest(&text)),
            hex(&Sha1::digest(&text)),
            hex(&Md5::digest(&text)),
            format!("{:08x}", crc32fast::hash(text.as_bytes())),
        ];
        for hash in hashes {
            for (run, path) in hash.get(..HASH_MIN).and_then(|start| windows.get(start)).into_iter().flatten()
            {
                let shared = hash.len().min(run.len());
                // A long run that only begins alike is chance, and so is a short hash within one.
                let is_sure = shared >= HASH_SURE || run.len() < HASH_SURE;
                if is_sure && hash[..shared] == run[..shared] {
                    found.push(((*path).to_owned(), format!("a hash of {text}")));
                }
            }
        }
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The runs of a text that may be a hash, as hexadecimal digits.
fn hashes(text: &str) -> Vec<String> {
    let mut all: Vec<String> =
        runs(text, |byte| byte.is_ascii_hexdigit()).map(str::to_ascii_lowercase).collect();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    for run in runs(text, is_digit).filter(|run| !run.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        let bytes = from_base64(run).filter(|bytes| bytes.len() >= 16);
        all.extend(bytes.map(|bytes| hex(&bytes)));
    }
    all
}

/// How a value is looked for.
enum Form {
    Anywhere(String),
    Word(String),
    Short,
}

fn form(text: &str) -> Form {
    let folded = grammar::canonical(text);
    let is_plain = folded.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_digit = folded.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = folded.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !folded.is_ascii() {
        return if folded.chars().count() >= 2 { Form::Anywhere(folded.into_owned()) } else { Form::Short };
    }
    // ACC-1001 is no checksum: its parts are told apart.
    let is_plain = is_plain && !text.contains(['-', '_', '/', '.', ' ']);
    let is_id = has_digit && has_letter && !is_plain && folded.len() >= ID_MIN;
    if is_id || has_digit && folded.len() >= DIGITS_MIN {
        return Form::Anywhere(folded.into_owned());
    }
    let word = words(text).trim().to_owned();
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let least = if word.ends_with('%') {
        START
    } else if is_number {
        NUMBER_MIN
    } else {
        WORD_MIN
    };
    if word.len() >= least { Form::Word(word) } else { Form::Short }
}

/// A text in lower case with one blank for whatever is neither letter nor digit, and one at each end; a percent sign stays
/// with its number.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            out.push(character);
        } else if character == '%' {
            out.truncate(out.trim_end().len());
            out.push_str("% ");
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &[u8] = b"<p>Your rebates, confirmed. width:100%</p>";

    fn values(visit: &mut Visit<'_>) {
        for (kind, text) in [
            ("order ID", "ORD-2001"),
            ("program", "Spring Growth"),
            ("rate", "8 %"),
            ("rate", "12.5 %"),
            ("invoice", "90017"),
            ("customer", "Blue Harbor"),
            ("customer", "\u{9752}\u{79be}\u{79d1}\u{6280}"),
            ("batch", "C"),
            ("status", "Confirmed"),
            ("account", "123456789012"),
        ] {
            visit(kind, text);
        }
    }

    fn found(own: &Own, text: &str) -> Vec<String> {
        let secrets = Secrets::new(&values, PAGE);
        secrets.look(own, "index.html", text.as_bytes()).hits.into_iter().map(|hit| hit.value).collect()
    }

    #[test]
    fn values_are_found_in_any_spelling_and_nothing_else() {
        // Goal: a value is found however it is written, and no page is refused by chance. Method: spellings of each kind,
        // and texts that only look alike.
        let nobody = Own::default();
        for text in [
            "ord 2001",
            "xORD_2001x",
            "<i>spring</i> GROWTH",
            "spring-growth",
            "at 8%",
            "at 8 %",
            "12.5%",
            "No. 90017,",
            "blue  harbor",
            "\u{53ea}\u{9752}\u{79be}\u{79d1}\u{6280}\u{7684}",
            "1234-5678-9012",
        ] {
            assert!(!found(&nobody, text).is_empty(), "{text}");
        }
        for text in
            ["ORD-2002", "springs growth", "18 %", "8.5 %", "190017", "90,017.00", "blueharbors", "confirmed"]
        {
            assert_eq!(found(&nobody, text), [""; 0], "{text}");
        }
        let own = Own::new(["Blue Harbor & Sons".to_owned()]);
        assert_eq!(found(&own, "For Blue Harbor &amp; Sons"), [""; 0]);
        assert_eq!(found(&own, "For Blue Harbor & Sons, not Blue Harbor"), ["blue harbor"]);
        let shorter = Own::new(["Spring".to_owned(), "2001".to_owned()]);
        assert_eq!(found(&shorter, "Spring growth, ORD-2001, in Spring 2001"), ["ORD2001", "spring growth"]);
        let sums = Own::new(["2.00".to_owned(), "1.00".to_owned()]);
        assert_eq!(found(&sums, "Record 2.00 1.00"), [""; 0], "a word and the amounts after it are no id");
        let amount = Own::new(["8".to_owned(), "90".to_owned()]);
        assert_eq!(
            found(&amount, "90017 and 8% of 8 in 90"),
            ["90017", "8%"],
            "an amount hides no part of a value"
        );
    }

    #[test]
    fn what_cannot_be_told_is_counted() {
        let secrets = Secrets::new(&values, PAGE);
        assert_eq!((secrets.short.len(), secrets.common, secrets.len()), (1, 1, 8));
    }

    #[test]
    fn a_hash_of_a_small_space_of_ids_is_found() {
        // Goal: a hash instead of an id is no protection. Method: each algorithm, whole, shortened and in base64, and
        // hashes of something else.
        let runs = |text: &str| -> BTreeMap<String, String> {
            let seen = Secrets::default().look(&Own::default(), "index.html", text.as_bytes());
            seen.runs.into_iter().map(|run| (run, "index.html".to_owned())).collect()
        };
        let digest = Sha256::digest("ORD-2001");
        let base64 = "PyehO+d+tfVB9BqcMSqdBqxcdGWpUxxgGpZgsTq9aFo=";
        for text in [
            hex(&digest),
            hex(&digest)[..12].to_owned(),
            hex(&Sha256::digest("ord2001")).to_uppercase(),
            hex(&Sha1::digest("ORD2001")),
            hex(&Md5::digest("ord-2001")),
            format!("customer-{:08x}.html", crc32fast::hash(b"ORD-2001")),
        ] {
            assert_eq!(hashed(&values, &runs(&text)).len(), 1, "{text}");
        }
        assert_eq!(hashed(&values, &runs(&hex(&Sha256::digest("ORD-2002")))).len(), 0);
        assert_eq!(hashed(&values, &runs(base64)).len(), 0);
        let end = format!("{}{}", hex(&Sha256::digest("x")), &hex(&digest)[..12]);
        assert_eq!(hashed(&values, &runs(&end)).len(), 0, "a few digits at the end of a long run are chance");
        let (whole, more) = (hex(&Sha1::digest("ORD2001")), "00");
        assert_eq!(hashed(&values, &runs(&format!("{whole}{more}"))).len(), 1, "within a longer run");
    }
}

//! Rows as written become records as meant, or are set aside with every reason that holds against them.
//!
//! Nothing is guessed here: a cell that cannot be read exactly sets its whole row aside, and the row is counted,
//! listed and kept out of every total. Identical rows of one key are merged and counted; a later row with the same
//! key and other content is set aside as a conflicting duplicate.

mod aside;
pub mod cells;
mod collisions;
pub mod controls;
mod derived;
pub mod drift;
mod extracts;
mod grain;
mod keyed;
mod records;
mod reference;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use rayon::prelude::*;
use rust_decimal::Decimal;
use ustr::Ustr;

use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::FileKind;
use crate::ingest::{Extract, Files};
use crate::model::id::{BatchId, LineId, OrderId};
use crate::model::money::{Currency, Money};
use crate::model::record::{Origin, SourceRef};
use crate::model::time::Month;
use cells::Cells;
use serde::{Deserialize, Serialize};

pub use extracts::{FileUse, Snapshot, Snapshots};
pub use reference::{overlaid, reference};

/// A row that is held out of every total, with what of it can still be read.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// The kind of file it is in.
    pub kind: FileKind,
    /// Where.
    pub source: SourceRef,
    /// The order it names.
    pub order: Option<OrderId>,
    /// The vendor line it names.
    pub line: Option<LineId>,
    /// The vendor batch it names.
    pub batch: Option<BatchId>,
    /// The period it names.
    pub period: Option<Month>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its amount where readable: of a vendor line the calculated amount, else base times rate of the same row.
    pub amount: Option<Money>,
    /// Whether that amount had to be taken from base and rate.
    pub is_amount_implied: bool,
    /// Why, all reasons; never empty.
    pub problems: Vec<Diagnostic>,
}

/// What became of the rows of one file. `rows = loaded + merged + quarantined + blank`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Data rows read, blank ones included.
    pub rows: usize,
    /// Rows that are records now.
    pub loaded: usize,
    /// Rows identical to a loaded one.
    pub merged: usize,
    /// Rows set aside.
    pub quarantined: usize,
    /// Rows without any content.
    pub blank: usize,
}

impl RowCounts {
    /// Whether every row is in exactly one place (I-1).
    pub fn is_conserved(&self) -> bool {
        self.rows == self.loaded + self.merged + self.quarantined + self.blank
    }
}

/// The rows of one file, or of the files that are one extract, after reading: records, rows set aside and warnings about
/// rows that are used.
pub(crate) struct Parsed<T> {
    pub(crate) records: Vec<T>,
    pub(crate) quarantined: Vec<Quarantined>,
    pub(crate) warnings: Vec<Diagnostic>,
    /// What became of the rows of each file.
    pub(crate) counts: BTreeMap<u32, RowCounts>,
    /// What the amounts of each file had more than the digits of their currency, exactly: what rounding left out.
    pub(crate) rounded: BTreeMap<(u32, Currency), Decimal>,
}

enum Outcome<T> {
    Record(T, Vec<Diagnostic>, Option<(Currency, Decimal)>),
    Blank,
    Aside(Box<Quarantined>),
}

/// Reads every row of a file with a function from cells to a record, in parallel, in the order of the rows.
pub(crate) fn parse<T: Send>(
    extract: &Extract,
    file: u32,
    read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync,
) -> Parsed<T> {
    let chunks: Vec<Vec<Outcome<T>>> = extract
        .chunks()
        .into_par_iter()
        .map(|chunk| {
            let mut outcomes = Vec::with_capacity(chunk.len());
            extract.for_each_row(chunk, |row| outcomes.push(outcome(extract, file, row, &read)));
            outcomes
        })
        .collect();
    let blank = extract.blank_lines();
    let mut counts = RowCounts { rows: extract.row_count() + blank, blank, ..RowCounts::default() };
    let mut parsed = Parsed {
        records: Vec::with_capacity(extract.row_count()),
        quarantined: Vec::new(),
        warnings: Vec::new(),
        counts: BTreeMap::new(),
        rounded: BTreeMap::new(),
    };
    for outcome in chunks.into_iter().flatten() {
        match outcome {
            Outcome::Record(record, warnings, rounded) => {
                if let Some((currency, rest)) = rounded {
                    let sum = parsed.rounded.entry((file, currency)).or_default();
                    *sum = sum.saturating_add(rest);
                }
                counts.loaded += 1;
                parsed.warnings.extend(warnings);
                parsed.records.push(record);
            }
            Outcome::Blank => counts.blank += 1,
            Outcome::Aside(row) => {
                counts.quarantined += 1;
                parsed.quarantined.push(*row);
            }
        }
    }
    parsed.counts.insert(file, counts);
    parsed
}

fn outcome<T>(
    extract: &Extract,
    file: u32,
    row: crate::ingest::Row<'_>,
    read: &impl Fn(&mut Cells<'_>) -> Option<T>,
) -> Outcome<T> {
    if row.is_blank() {
        return Outcome::Blank;
    }
    let mut cells = Cells::new(extract, file, row);
    let record = if cells.has_expected_width() { read(&mut cells) } else { None };
    match record {
        Some(record) if !cells.is_unusable() => {
            let rounded = cells.rounded();
            Outcome::Record(record, cells.into_problems(), rounded)
        }
        _ => Outcome::Aside(Box::new(cells.into_quarantined())),
    }
}

/// Reads every row of the files that are one extract.
pub(crate) fn parse_all<T: Send>(
    files: &Files,
    group: &[u32],
    read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync,
) -> Parsed<T> {
    let mut all = Parsed {
        records: Vec::new(),
        quarantined: Vec::new(),
        warnings: Vec::new(),
        counts: BTreeMap::new(),
        rounded: BTreeMap::new(),
    };
    for file in group {
        let Parsed { records, quarantined, warnings, counts, rounded } =
            parse(files.get(*file), *file, &read);
        all.rounded.extend(rounded);
        all.records.extend(records);
        all.quarantined.extend(quarantined);
        all.warnings.extend(warnings);
        all.counts.extend(counts);
    }
    all
}

/// Merges identical rows of one key and sets aside later rows that contradict the first.
///
/// Shape: the kept records in the order of their rows; counts and the quarantine are brought up to date.
/// Source: domain 2.3; catalogue `duplicate-order`.
pub(crate) fn merge_duplicates<'f, T, K: Hash + Eq>(
    extract_of: impl Fn(u32) -> &'f Extract,
    parsed: &mut Parsed<T>,
    key: impl Fn(&T) -> K,
    origin: impl Fn(&mut T) -> &mut Origin,
    aside: impl Fn(&T, &Origin) -> Quarantined,
) {
    let mut first: HashMap<K, usize> = HashMap::with_capacity(parsed.records.len());
    let mut kept: Vec<T> = Vec::with_capacity(parsed.records.len());
    for mut record in std::mem::take(&mut parsed.records) {
        let Some(index) = first.get(&key(&record)) else {
            first.insert(key(&record), kept.len());
            kept.push(record);
            continue;
        };
        let place = origin(&mut record).clone();
        let twin = origin(&mut kept[*index]);
        let counts = parsed.counts.entry(place.source.file).or_default();
        counts.loaded -= 1;
        if twin.digest == place.digest {
            twin.copies.push(place.source);
            twin.copies.extend(place.copies);
            counts.merged += 1;
            continue;
        }
        counts.quarantined += 1;
        let twin = twin.source;
        for place in with_copies(&place, &mut parsed.counts) {
            let (extract, other) = (extract_of(place.source.file), extract_of(twin.file));
            let elsewhere = if place.source.file == twin.file {
                String::new()
            } else {
                format!(" of `{}`", visible(other.path()))
            };
            let mut row = aside(&record, &place);
            row.problems.push(Diagnostic {
                line: extract.line(place.source.record),
                ..Diagnostic::of_file(
                    Severity::Error,
                    "conflicting-duplicate",
                    extract.path(),
                    format!(
                        "the same record is already given on line {}{elsewhere} with other content",
                        other.line(twin.record)
                    ),
                    "this row is left out of the totals; keep the row that is right and remove the other",
                )
            });
            parsed.quarantined.push(row);
        }
    }
    parsed.records = kept;
}

/// The places of the rows of a record that is set aside: its own, and those that were merged into it, which are set aside with
/// it; their counts are brought up to date.
pub(crate) fn with_copies(place: &Origin, counts: &mut BTreeMap<u32, RowCounts>) -> Vec<Origin> {
    for copy in &place.copies {
        let counts = counts.entry(copy.file).or_default();
        counts.merged -= 1;
        counts.quarantined += 1;
    }
    let sources = [place.source].into_iter().chain(place.copies.iter().copied());
    sources.map(|source| Origin { source, copies: Vec::new(), ..place.clone() }).collect()
}

/// Reads one file apart from everything else: its row counts and every problem of its rows.
///
/// What only other files decide, such as whether a status is known, is not tested.
pub fn single(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    if extract.kind().is_reference() { reference::single(extract) } else { extracts::single(extract) }
}

impl<T> Parsed<T> {
    /// The counts and every problem, without the records.
    fn into_findings(self) -> (RowCounts, Vec<Diagnostic>) {
        let aside = self.quarantined.into_iter().flat_map(|q| q.problems);
        (
            self.counts.into_values().next().unwrap_or_default(),
            self.warnings.into_iter().chain(aside).collect(),
        )
    }
}

/// Canonical form of a word that a vendor may spell in any case, with blanks around it.
pub fn word(text: &str) -> Ustr {
    Ustr::from(&text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase())
}

/// Between a source and its word.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Canonical form of a word of one source; of the word alone where the source is empty.
pub fn word_of(source: &str, text: &str) -> Ustr {
    let text = word(text);
    if source.trim().is_empty() { text } else { Ustr::from(&format!("{}{SEPARATOR}{text}", word(source))) }
}

/// The word in a key that [`word_of`] made.
pub fn raw_of(key: &str) -> &str {
    key.split_once(SEPARATOR).map_or(key, |(_, word)| word)
}

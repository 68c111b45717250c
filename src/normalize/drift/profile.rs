//! What an extract looks like: its columns, how full they are, their codes, ranges, signs and sizes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::word;
use crate::ingest::columns::Value;
use crate::ingest::{Extract, Files, grammar};

/// How many rows of a file are looked at: enough to know what it looks like, few enough to cost nothing. They are taken in
/// [`SLICES`] places, evenly over the file.
const SAMPLED: usize = 20_000;
const SLICES: usize = 20;
/// How many different words of a column are kept: a column of codes has fewer.
const WORDS: usize = 200;

/// What the files of one extract look like.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Rows of all files.
    pub(super) rows: usize,
    /// Headers of all files, as they are written.
    pub(super) headers: BTreeSet<String>,
    /// By the number of the canonical column.
    pub(super) columns: BTreeMap<usize, Column>,
    /// The words under each header that no canonical column is read from.
    pub(super) others: BTreeMap<String, BTreeSet<String>>,
    /// The months in it.
    pub(super) months: BTreeSet<String>,
}

/// What one canonical column looks like.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Its header in the file.
    pub(super) header: String,
    pub(super) seen: usize,
    pub(super) filled: usize,
    /// Its words; empty where there are too many to be codes.
    pub(super) words: BTreeSet<String>,
    has_too_many_words: bool,
    pub(super) days: Vec<NaiveDate>,
    pub(super) negative: usize,
    /// Amounts other than zero, without their sign.
    sizes: Vec<Decimal>,
    /// Ids of 15 or more digits, and those of them that end in 0.
    pub(super) long: usize,
    pub(super) long_ending_in_zero: usize,
}

impl Profile {
    pub(super) fn of(files: &Files, group: &[u32]) -> Profile {
        let mut profile = Profile::default();
        for file in group {
            profile.add(files.get(*file));
        }
        profile
    }

    fn add(&mut self, extract: &Extract) {
        let kind = extract.kind();
        self.rows += extract.row_count();
        self.headers.extend(extract.header().iter().cloned());
        let known: Vec<usize> = (0..kind.columns().len()).filter(|column| extract.has(*column)).collect();
        let read = extract.headers_read();
        let others: Vec<(usize, &String)> =
            extract.header().iter().enumerate().filter(|(position, _)| !read.contains(position)).collect();
        for range in slices(extract.row_count()) {
            extract.for_each_row(range, |row| {
                for number in &known {
                    let column = self.columns.entry(*number).or_default();
                    column.seen += 1;
                    let Ok(text) = extract.cell(&row, *number) else {
                        // It cannot be read and is no empty cell.
                        column.filled += 1;
                        continue;
                    };
                    let text = text.trim();
                    if !text.is_empty() {
                        column.add(kind.columns()[*number].value(), text);
                        if kind.columns()[*number].name == "period" {
                            self.months.insert(text.to_owned());
                        }
                    }
                }
                for (position, name) in &others {
                    let words = self.others.entry((*name).clone()).or_default();
                    let text = row.get(*position).trim();
                    if words.len() < WORDS && !text.is_empty() {
                        words.insert(text.to_owned());
                    }
                }
            });
        }
        for number in known {
            let column = self.columns.entry(number).or_default();
            column.header = extract.column_of(number).1.to_owned();
        }
    }
}

impl Column {
    fn add(&mut self, value: Value, text: &str) {
        self.filled += 1;
        match value {
            Value::Day => self.days.extend(grammar::date(text)),
            Value::Amount => {
                if let Ok(amount) = grammar::decimal(text) {
                    self.negative += usize::from(amount.is_sign_negative() && !amount.is_zero());
                    self.sizes.extend((!amount.is_zero()).then(|| amount.abs()));
                }
            }
            Value::Text | Value::Id | Value::Month | Value::Number => {
                if !self.has_too_many_words {
                    self.words.insert(word(text).to_string());
                    if self.words.len() > WORDS {
                        self.words.clear();
                        self.has_too_many_words = true;
                    }
                }
                if value == Value::Id && text.len() >= 15 && text.bytes().all(|b| b.is_ascii_digit()) {
                    self.long += 1;
                    self.long_ending_in_zero += usize::from(text.ends_with('0'));
                }
            }
        }
    }

    /// The amount in the middle, without signs; nothing where there are too few to say.
    pub(super) fn middle(&self) -> Option<Decimal> {
        let mut sizes = self.sizes.clone();
        sizes.sort_unstable();
        (sizes.len() >= 8).then(|| sizes[sizes.len() / 2])
    }

    /// How many amounts other than zero there are.
    pub(super) fn amounts(&self) -> usize {
        self.sizes.len()
    }
}

fn slices(rows: usize) -> Vec<std::ops::Range<usize>> {
    if rows <= SAMPLED {
        return std::iter::once(0..rows).collect();
    }
    let each = SAMPLED / SLICES;
    (0..SLICES).map(|slice| slice * (rows - each) / (SLICES - 1)).map(|start| start..start + each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_looked_at_from_end_to_end() {
        // Goal: the sample has both ends, never leaves the file, and is as large as it says.
        for rows in [0, 1, SAMPLED, SAMPLED + 1, 1_000_000] {
            let slices = slices(rows);
            assert!(slices.iter().all(|slice| slice.end <= rows));
            assert_eq!(slices.first().map(|slice| slice.start), Some(0));
            assert_eq!(slices.last().map(|slice| slice.end), Some(rows));
            assert_eq!(slices.iter().map(ExactSizeIterator::len).sum::<usize>(), rows.min(SAMPLED));
        }
    }
}

//! Rows that may be no ordinary records, by a word in one of their columns: totals, which are held against the sum of the
//! others, and rows that take something back.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::look::Look;
use super::numbers::{self, Amounts};
use crate::ingest::mapping::spec::Role;
use crate::ingest::mapping::synonyms::{TAKEN_BACK, TOTALS};
use crate::ingest::mapping::{header_key, rows};

/// From how many columns on a row as full as this may be a record, whatever it begins with.
const FULL: usize = 4;
/// How many rows with a word for a total are held against sums; a file with more of them is no list with totals.
const MOST_ROWS: usize = 4096;
/// More different words than this are no types of rows.
const MOST_WORDS: usize = 20;
/// Longer texts are no words for a type.
const LONGEST: usize = 60;

/// Rows that say by a word that they add others up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The column of the word.
    pub column: usize,
    /// The word, as it is written.
    pub word: String,
    /// How many rows.
    pub rows: u64,
    /// What they are there for; nothing where it is not sure that they are no records.
    pub role: Option<Role>,
    /// The column in which they are the sum of the records; nothing where there is none.
    pub sum_of: Option<usize>,
    /// Whether the word stands behind the first filled cell, as in a column of types.
    pub is_among: bool,
}

impl Declared {
    /// Whether a rule can be written for them.
    pub fn is_sure(&self) -> bool {
        self.role.is_some()
    }
}

/// Rows with a word for a total, with their cells.
#[derive(Debug, Default)]
pub(super) struct Words {
    rows: Vec<(usize, Vec<String>)>,
    is_full: bool,
}

impl Words {
    pub(super) fn add(&mut self, column: usize, cells: &[&str]) {
        self.is_full |= self.rows.len() >= MOST_ROWS;
        if !self.is_full {
            self.rows.push((column, cells.iter().map(|cell| cell.trim().to_owned()).collect()));
        }
    }

    /// The rows of each word.
    fn groups(&self) -> BTreeMap<(usize, &str), Vec<&[String]>> {
        let mut groups: BTreeMap<(usize, &str), Vec<&[String]>> = BTreeMap::new();
        for (column, cells) in &self.rows {
            let word = cells.get(*column).map_or("", String::as_str);
            groups.entry((*column, word)).or_default().push(cells);
        }
        groups
    }
}

/// Whether a text may be a word for a total, which sums decide.
pub(super) fn is_total(text: &str) -> bool {
    let is_short = text.len() <= LONGEST;
    is_short && (rows::is_total(text) || TOTALS.contains(&text.trim().to_uppercase().as_str()))
}

/// The columns in which a word is found.
pub(super) fn columns(looks: &[Look], is_word: impl Fn(&str) -> bool) -> Vec<usize> {
    let has = |look: &Look| look.values().iter().any(|(text, _)| is_word(text));
    (0..looks.len()).filter(|column| has(&looks[*column])).collect()
}

/// A column of numbers: how they are read, and the sum of its records.
struct Summed {
    column: usize,
    reader: numbers::Reader,
    records: Decimal,
}

impl Summed {
    fn of(column: usize, look: &Look, among: &Words) -> Option<Summed> {
        let amounts = Amounts::of(&[look]);
        if look.distinct().1 || amounts.or.is_some() || !amounts.read.is_all() {
            return None;
        }
        let reader = amounts.reader()?;
        let mut records = Decimal::ZERO;
        for (text, count) in look.values() {
            records = records.checked_add(reader.read(text)?.checked_mul(Decimal::from(count))?)?;
        }
        for (_, cells) in &among.rows {
            let cell = cells.get(column).map_or("", String::as_str);
            if !cell.is_empty() {
                records = records.checked_sub(reader.read(cell)?)?;
            }
        }
        (!records.is_zero()).then_some(Summed { column, reader, records })
    }

    fn cells(&self, rows: &[&[String]]) -> Option<Vec<Decimal>> {
        rows.iter().map(|cells| self.reader.read(cells.get(self.column)?)).collect()
    }

    /// Whether each of the rows is the sum of all records.
    fn is_total(&self, rows: &[&[String]]) -> bool {
        self.cells(rows).is_some_and(|cells| cells.iter().all(|cell| *cell == self.records))
    }

    /// Whether the rows together are the sum of all records: each is the sum of a part of them.
    fn is_parted(&self, rows: &[&[String]]) -> bool {
        let sum = |cells: Vec<Decimal>| cells.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add);
        rows.len() > 1 && self.cells(rows).and_then(sum) == Some(self.records)
    }
}

/// Decides what rows with a word for a total are, by what the other rows add up to. Those among the records that are
/// totals are taken out of what the columns hold.
///
/// Shape: `inner` begin with their word, and are no records whatever they add up to; `among` have it in another column, where
/// it may also be the name of something.
pub(super) fn settle(inner: Words, among: Words, looks: &mut [Look]) -> Vec<Declared> {
    if inner.rows.is_empty() && among.rows.is_empty() {
        return Vec::new();
    }
    let is_full = inner.is_full || among.is_full;
    let columns = looks.iter().enumerate().filter(|_| !is_full);
    let summed: Vec<Summed> = columns.filter_map(|(column, look)| Summed::of(column, look, &among)).collect();
    let mut all = Vec::new();
    for (words, is_among) in [(&inner, false), (&among, true)] {
        for ((column, word), rows) in words.groups() {
            let of_all = summed.iter().find(|summed| summed.is_total(&rows));
            let of_parts = summed.iter().find(|summed| summed.is_parted(&rows));
            // A customer can be called `Total`: a row as full as a record that adds nothing up is left to a person.
            let is_full = |row: &&[String]| {
                let filled = row.iter().filter(|cell| !cell.is_empty()).count();
                looks.len() >= FULL && filled * 4 >= looks.len() * 3
            };
            let role = match (of_all, of_parts) {
                (Some(_), _) => Some(Role::Control),
                (None, Some(_)) => Some(Role::Information),
                (None, None) => (!is_among && !rows.iter().any(is_full)).then_some(Role::Information),
            };
            all.push(Declared {
                column,
                word: word.to_owned(),
                rows: u64::try_from(rows.len()).unwrap_or(u64::MAX),
                role,
                sum_of: of_all.or(of_parts).map(|summed| summed.column),
                is_among,
            });
        }
    }
    // A total is the sum of the records without all of these rows, so none of them is a record.
    if all.iter().any(|declared| declared.role == Some(Role::Control)) {
        all.iter_mut().for_each(|declared| declared.role = declared.role.or(Some(Role::Information)));
    }
    // A rule is about a word in a column, wherever a row begins: it would take a record along that has the word there.
    let open: Vec<(usize, String)> =
        all.iter().filter(|d| !d.is_sure()).map(|d| (d.column, d.word.to_uppercase())).collect();
    for declared in &mut all {
        if open
            .iter()
            .any(|(column, word)| (*column, word) == (declared.column, &declared.word.to_uppercase()))
        {
            declared.role = None;
        }
    }
    for (column, cells) in &inner.rows {
        let is_record = all.iter().any(|d| {
            !d.is_among && !d.is_sure() && d.column == *column && Some(&d.word) == cells.get(*column)
        });
        if is_record {
            looks
                .iter_mut()
                .enumerate()
                .for_each(|(at, look)| look.see(cells.get(at).map_or("", String::as_str)));
        }
    }
    let is_sure = |column: usize, word: Option<&String>| {
        all.iter().any(|d| d.is_among && d.column == column && Some(&d.word) == word && d.is_sure())
    };
    for (column, cells) in &among.rows {
        if is_sure(*column, cells.get(*column)) {
            looks.iter_mut().zip(cells).for_each(|(look, cell)| look.forget(cell));
        }
    }
    all
}

/// Adds what another file of the same columns declares.
pub(super) fn merge(all: &mut Vec<Declared>, more: &[Declared]) {
    for declared in more {
        match all.iter_mut().find(|d| (d.column, &d.word) == (declared.column, &declared.word)) {
            Some(known) => {
                known.rows += declared.rows;
                // What is a total of one file and not of the other is for information only.
                if known.role != declared.role {
                    known.role = known.role.and(declared.role).map(|_| Role::Information);
                }
                known.sum_of = known.sum_of.filter(|column| declared.sum_of == Some(*column));
            }
            None => all.push(declared.clone()),
        }
    }
}

/// Whether a word says that a row takes something back, such as `REFUND`, `Credit note` or `退款`.
fn takes_back(text: &str) -> bool {
    if text.is_empty() || text.len() > LONGEST || numbers::is_number(text) {
        return false;
    }
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).map(header_key).collect();
    // Chinese does not part words.
    let has = |known: &str| {
        if known.is_ascii() { words.iter().any(|word| word == known) } else { text.contains(known) }
    };
    TAKEN_BACK.iter().any(|known| has(known))
}

/// A column of few words of which some say that their rows take something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The column.
    pub column: usize,
    /// Those words, as they are written.
    pub words: Vec<String>,
    /// The rows with one of them.
    pub rows: u64,
    /// How many of these rows have a number below zero, by column.
    pub below: Vec<u64>,
    /// How many of these rows have a number above zero, by column.
    pub above: Vec<u64>,
}

impl Turn {
    /// The columns with such words, whose rows are still to be seen.
    pub(super) fn columns(looks: &[Look]) -> Vec<Turn> {
        let turn = |(column, look): (usize, &Look)| {
            let (distinct, is_more) = look.distinct();
            if is_more || !(2..=MOST_WORDS).contains(&distinct) {
                return None;
            }
            let values = look.values();
            let words: Vec<String> = values
                .iter()
                .filter(|(text, _)| takes_back(text))
                .map(|(text, _)| (*text).to_owned())
                .collect();
            let is_some = !words.is_empty() && words.len() < values.len();
            let zeros = vec![0; looks.len()];
            is_some.then(|| Turn { column, words, rows: 0, below: zeros.clone(), above: zeros })
        };
        looks.iter().enumerate().filter_map(turn).collect()
    }

    pub(super) fn see(&mut self, cells: &[&str]) {
        let text = cells.get(self.column).map_or("", |cell| cell.trim());
        if !self.words.iter().any(|word| word == text) {
            return;
        }
        self.rows += 1;
        for ((cell, below), above) in cells.iter().zip(&mut self.below).zip(&mut self.above) {
            let is_something = numbers::is_number(cell) && cell.contains(|c| matches!(c, '1'..='9'));
            if is_something {
                let side = if cell.trim().starts_with(['-', '(']) { below } else { above };
                *side += 1;
            }
        }
    }

    pub(super) fn merge(all: &mut Vec<Turn>, more: &[Turn]) {
        for turn in more {
            let Some(known) = all.iter_mut().find(|known| known.column == turn.column) else {
                all.push(turn.clone());
                continue;
            };
            known.rows += turn.rows;
            known
                .words
                .extend(turn.words.iter().filter(|w| !known.words.contains(w)).cloned().collect::<Vec<_>>());
            known.below.iter_mut().zip(&turn.below).for_each(|(all, more)| *all += more);
            known.above.iter_mut().zip(&turn.above).for_each(|(all, more)| *all += more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_take_back_are_words_of_their_own() {
        // Goal: a type of row is known by a whole word (formats 8, trap 7). Method: the spellings of the vendors, and words that
        // only hold such a word or are names.
        for text in [
            "REFUND",
            "Refund",
            "退款",
            "rebate adjustment",
            "Technical Adjustment",
            "Credit Note",
            "升级退款",
        ] {
            assert!(takes_back(text), "{text}");
        }
        for text in ["Consume", "New Buy", "Accredited", "", "-5", "Refundable", "DOWNGRADE"] {
            assert!(!takes_back(text), "{text}");
        }
    }
}

//! What the values of a column look like: counted, never guessed.

use std::collections::BTreeMap;

use crate::ingest::grammar;
use crate::model::money::Currency;

/// How many different values of a column are kept; what comes after is counted and not looked at.
const DISTINCT: usize = 50_000;
/// How many examples a column has.
const EXAMPLES: usize = 3;
/// From this many different ids on, all of them ending in 0 is no chance: one in ten does (formats 8, trap 1).
const ENOUGH_IDS: usize = 5;
/// The digits a spreadsheet keeps of a number.
const KEPT_DIGITS: usize = 15;

/// A part of a whole, such as the cells of a column that are amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Whether nine in ten or more are.
    pub fn is_most(self) -> bool {
        self.of > 0 && self.part.saturating_mul(10) >= self.of.saturating_mul(9)
    }

    /// Whether fewer than half are.
    pub fn is_few(self) -> bool {
        self.part.saturating_mul(2) < self.of
    }

    /// Whether all are, and there is at least one.
    pub fn is_all(self) -> bool {
        self.of > 0 && self.part == self.of
    }
}

/// The values of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    rows: u64,
    filled: u64,
    /// Rows whose value is not among the kept ones.
    beyond: u64,
    /// How often each value is there, and where first.
    values: BTreeMap<String, (u64, u64)>,
    trailing_tabs: u64,
}

impl Look {
    /// Takes in a cell.
    pub(super) fn see(&mut self, cell: &str) {
        self.rows += 1;
        let text = cell.trim();
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        self.trailing_tabs += u64::from(cell.ends_with('\t'));
        let place = self.filled;
        if let Some((count, _)) = self.values.get_mut(text) {
            *count += 1;
        } else if self.values.len() < DISTINCT {
            self.values.insert(text.to_owned(), (1, place));
        } else {
            self.beyond += 1;
        }
    }

    /// Takes a cell out again that turned out to be no record's.
    pub(super) fn forget(&mut self, cell: &str) {
        self.rows = self.rows.saturating_sub(1);
        let text = cell.trim();
        if let Some((count, _)) = self.values.get_mut(text) {
            *count -= 1;
            self.filled -= 1;
            if *count == 0 {
                self.values.remove(text);
            }
        } else if !text.is_empty() {
            self.filled = self.filled.saturating_sub(1);
            self.beyond = self.beyond.saturating_sub(1);
        }
    }

    /// Adds what another file has in the same column.
    pub(super) fn merge(&mut self, other: &Look) {
        self.rows += other.rows;
        self.trailing_tabs += other.trailing_tabs;
        self.beyond += other.beyond;
        for (value, (count, place)) in &other.values {
            if let Some((known, _)) = self.values.get_mut(value) {
                *known += count;
            } else if self.values.len() < DISTINCT {
                self.values.insert(value.clone(), (*count, self.filled + place));
            } else {
                self.beyond += count;
            }
        }
        self.filled += other.filled;
    }

    /// Cells that hold something, of all.
    pub fn filled(&self) -> Share {
        Share { part: self.filled, of: self.rows }
    }

    /// Different values; `true` where there are more than were kept.
    pub fn distinct(&self) -> (usize, bool) {
        (self.values.len(), self.beyond > 0)
    }

    /// Cells that end in a TAB, as vendors write ids that a spreadsheet must not damage.
    pub fn trailing_tabs(&self) -> u64 {
        self.trailing_tabs
    }

    /// Different values with how often they are there, in the order of the file.
    pub fn values(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self.values.iter().map(|(text, (count, place))| (place, text, count)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, text, count)| (text.as_str(), *count)).collect()
    }

    /// The first different values.
    pub fn examples(&self) -> Vec<&str> {
        self.values().into_iter().take(EXAMPLES).map(|(text, _)| text).collect()
    }

    /// How many of the filled cells that were looked at are something.
    pub fn share(&self, is: impl Fn(&str) -> bool) -> Share {
        let part = self.values.iter().filter(|(text, _)| is(text)).map(|(_, (count, _))| count).sum();
        Share { part, of: self.filled - self.beyond }
    }

    /// Cells that are codes of currencies.
    pub fn currencies(&self) -> Share {
        self.share(|text| grammar::currency(text).is_ok_and(|code| Currency::parse(code).is_some()))
    }

    /// Cells that can be ids.
    pub fn ids(&self) -> Share {
        self.share(|text| grammar::id(text).is_ok())
    }

    /// Cells that hide a part of what they say: `ab_cd****`.
    pub fn masked(&self) -> Share {
        self.share(|text| text.contains("***"))
    }

    /// Cells that a spreadsheet wrote as a number with an exponent: `5.56942E+15`.
    pub fn scientific(&self) -> Share {
        self.share(|text| grammar::id(text).is_err_and(|error| error.code == "id-scientific"))
    }

    /// Whether all long numbers end in 0, as they do where a spreadsheet kept fifteen digits of them.
    pub fn is_cut_off(&self) -> bool {
        let is_long = |text: &&str| text.len() > KEPT_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        let long: Vec<&str> = self.values.keys().map(String::as_str).filter(is_long).collect();
        long.len() >= ENOUGH_IDS && long.iter().all(|text| text[KEPT_DIGITS..].bytes().all(|b| b == b'0'))
    }

    /// Whether no value is there twice.
    pub fn is_unique(&self) -> bool {
        self.filled > 1 && self.beyond == 0 && self.values.values().all(|(count, _)| *count == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(cells: &[&str]) -> Look {
        let mut look = Look::default();
        cells.iter().for_each(|cell| look.see(cell));
        look
    }

    #[test]
    fn a_column_is_counted() {
        // Goal: what is said of a column is what is in it. Method: cells counted by hand, in one file and in two.
        let one = look(&["b", "a\t", "", "a", "USD"]);
        assert_eq!(one.filled(), Share { part: 4, of: 5 });
        assert_eq!(
            (one.distinct(), one.trailing_tabs(), one.examples()),
            ((3, false), 1, vec!["b", "a", "USD"])
        );
        assert_eq!(one.currencies(), Share { part: 1, of: 4 });
        assert!(!one.is_unique() && look(&["a", "b", ""]).is_unique());
        let (mut both, second) = (look(&["b", "a\t", ""]), look(&["a", "USD"]));
        both.merge(&second);
        assert_eq!(both, one);
    }

    #[test]
    fn ids_that_a_spreadsheet_damaged_are_seen() {
        // Goal: trap 1 of formats 8 is found in the file, never in one id. Method: all ids end in 0, one does not, too few.
        let cut = [
            "5569414254138830",
            "1415740779475830",
            "1064252248461880",
            "1112332432000010",
            "9999999999999990",
        ];
        assert!(look(&cut).is_cut_off());
        assert!(!look(&cut[..4]).is_cut_off());
        let mut sound = cut.to_vec();
        sound.push("5569414254138836");
        assert!(!look(&sound).is_cut_off());
        assert_eq!(look(&["5.56942E+15", "12E5"]).scientific(), Share { part: 1, of: 2 });
    }
}

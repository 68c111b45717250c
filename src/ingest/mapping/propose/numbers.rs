//! How the amounts of a file are written: decimal mark, thousands, signs beside them.

use rust_decimal::Decimal;

use super::look::{Look, Share};
use crate::ingest::grammar;
use crate::ingest::mapping::spec::{Names, Spec};
use crate::ingest::mapping::value::Numbers;

/// Decimal mark and thousands mark, the plainest first.
const MARKS: &[(&str, Option<&str>)] = &[
    (".", None),
    (".", Some(",")),
    (",", None),
    (",", Some(".")),
    (",", Some(" ")),
    (",", Some("\u{a0}")),
    (",", Some("\u{202f}")),
    (".", Some("'")),
    (".", Some(" ")),
];
/// How long a number can be, signs and marks included.
const LONGEST: usize = 40;

/// How amounts are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    /// The decimal mark where it is not a point.
    pub decimal: Option<String>,
    /// The thousands mark.
    pub thousands: Option<String>,
    /// What stands beside amounts.
    pub strip: Vec<String>,
    /// Another way to read all of them, in words; then neither mark is proposed.
    pub or: Option<String>,
    /// Cells that are read.
    pub read: Share,
    /// Cells below zero.
    pub negative: u64,
    /// Whether no amount has a fraction.
    pub is_whole: bool,
}

/// Cells that are numbers, however they are written.
pub(super) fn numbers(look: &Look) -> Share {
    look.share(is_number)
}

/// Whether a text is a number, however it is written.
pub(super) fn is_number(text: &str) -> bool {
    bare(text).is_some()
}

/// A number without what stands beside it, and that; nothing where it is no number.
fn bare(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    // Parentheses stand for a minus.
    let text = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let unsigned = text.trim_start_matches(['-', '+']).trim_start();
    let is_beside = |c: char| !(c.is_ascii_digit() || "+-.,' ()".contains(c));
    let front = &unsigned[..unsigned.find(|c| !is_beside(c)).unwrap_or(unsigned.len())];
    let rest = unsigned[front.len()..].trim_start();
    let digits_end = rest.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (digits, back) = (&rest[..digits_end], rest[digits_end..].trim());
    let beside = if front.trim().is_empty() { back } else { front.trim() };
    let is_sign = |sign: &str| {
        sign.is_empty()
            || (sign.chars().count() <= 3 && sign.chars().all(|c| !c.is_ascii_digit() && c != '%'))
    };
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || ".,-+".contains(c))
        && digits.chars().all(|c| c.is_ascii_digit() || "+-.,' \u{a0}\u{202f}".contains(c))
        && digits.chars().filter(|c| "+-".contains(*c)).count() <= 1;
    let is_one_sided = front.trim().is_empty() || back.is_empty();
    (is_number && is_one_sided && is_sign(beside)).then_some((digits, beside))
}

/// Reads numbers as they were found to be written.
pub(super) struct Reader(Numbers);

impl Reader {
    /// The number that a text is; nothing where it is none.
    pub(super) fn read(&self, text: &str) -> Option<Decimal> {
        read(&self.0, text).and_then(|number| grammar::decimal(&number).ok())
    }
}

impl Amounts {
    /// What reads numbers as these are written.
    pub(super) fn reader(&self) -> Option<Reader> {
        self.numbers().map(Reader)
    }

    /// Finds how the amounts of several columns of one file are written.
    pub(super) fn of(looks: &[&Look]) -> Amounts {
        let mut strip: Vec<String> = Vec::new();
        for (text, _) in looks.iter().flat_map(|look| look.values()) {
            if let Some((_, beside)) = bare(text)
                && !beside.is_empty()
                && !strip.iter().any(|known| known == beside)
            {
                strip.push(beside.to_owned());
            }
        }
        strip.sort();
        let mut readings: Vec<(usize, Amounts)> = Vec::new();
        for (rank, (decimal, thousands)) in MARKS.iter().enumerate() {
            let amounts = Amounts {
                decimal: (*decimal != ".").then(|| (*decimal).to_owned()),
                thousands: thousands.map(str::to_owned),
                strip: strip.clone(),
                ..Amounts::default()
            };
            readings.push((rank, amounts.counted(looks)));
        }
        let most = readings.iter().map(|(_, amounts)| amounts.read.part).max().unwrap_or(0);
        readings.retain(|(_, amounts)| amounts.read.part == most);
        readings.sort_by_key(|(rank, _)| *rank);
        let mut readings = readings.into_iter().map(|(_, amounts)| amounts);
        let Some(first) = readings.next() else { return Amounts::default() };
        let other = readings.find(|other| first.reads_otherwise(other, looks));
        match other {
            Some(other) => Amounts {
                or: Some(format!("{}, or {}", first.in_words(), other.in_words())),
                decimal: None,
                thousands: None,
                ..first
            },
            None => first,
        }
    }

    /// The marks as a source writes them.
    fn in_words(&self) -> String {
        let decimal = self.decimal.as_deref().unwrap_or(".");
        match &self.thousands {
            Some(thousands) => format!("decimal = \"{decimal}\" with thousands = \"{thousands}\""),
            None => format!("decimal = \"{decimal}\""),
        }
    }

    fn numbers(&self) -> Option<Numbers> {
        let spec = Spec {
            decimal: self.decimal.clone(),
            thousands: self.thousands.clone(),
            strip: Names(self.strip.clone()),
            ..Spec::default()
        };
        Numbers::default().with(&spec).ok().map(Numbers::with_parentheses)
    }

    fn counted(mut self, looks: &[&Look]) -> Amounts {
        let Some(numbers) = self.numbers() else { return self };
        self.is_whole = true;
        for (text, count) in looks.iter().flat_map(|look| look.values()) {
            self.read.of += count;
            let Some(number) = read(&numbers, text) else { continue };
            self.read.part += count;
            self.negative += if number.starts_with('-') { count } else { 0 };
            self.is_whole &= !number.contains('.');
        }
        self
    }

    fn reads_otherwise(&self, other: &Amounts, looks: &[&Look]) -> bool {
        let (Some(own), Some(others)) = (self.numbers(), other.numbers()) else { return false };
        let value =
            |numbers: &Numbers, text: &str| read(numbers, text).and_then(|n| grammar::decimal(&n).ok());
        looks
            .iter()
            .flat_map(|look| look.values())
            .any(|(text, _)| value(&own, text).is_some() && value(&own, text) != value(&others, text))
    }
}

fn read(numbers: &Numbers, text: &str) -> Option<String> {
    let number = numbers.amount(text).ok()?;
    grammar::decimal(&number).ok().map(|_| number.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(cells: &[&str]) -> Look {
        let mut look = Look::default();
        cells.iter().for_each(|cell| look.see(cell));
        look
    }

    fn marks(cells: &[&str]) -> (Option<String>, Option<String>, Option<String>) {
        let amounts = Amounts::of(&[&look(cells)]);
        (amounts.decimal, amounts.thousands, amounts.or)
    }

    #[test]
    fn marks_are_found_by_all_amounts() {
        // Goal: a mark is proposed where one reading is left, and two readings are said. Method: amounts as in formats 8,
        // trap 9; one amount decides; without it both are given and neither is proposed.
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(marks(&["12.5", "-3", "1000"]), (None, None, None));
        assert_eq!(marks(&["1,234.50", "12.5"]), (None, some(","), None));
        assert_eq!(marks(&["31070,11", "12"]), (some(","), None, None));
        assert_eq!(marks(&["1.234,50", "12"]), (some(","), some("."), None));
        assert_eq!(marks(&["1 234,50"]), (some(","), some(" "), None));
        let (decimal, thousands, or) = marks(&["1,234", "12"]);
        assert_eq!((decimal, thousands), (None, None));
        assert!(or.unwrap().contains("thousands = \",\""));
        // Another column of the file decides.
        let both = Amounts::of(&[&look(&["1,234"]), &look(&["1,234,567.5"])]);
        assert_eq!((both.thousands, both.or), (some(","), None));
    }

    #[test]
    fn what_stands_beside_amounts_is_named() {
        // Goal: `$0.0808` is an amount and its sign is said (formats 2.7). Method: signs in front and behind, below zero.
        let amounts = Amounts::of(&[&look(&["$0.0808", "-$2.50", "$1"])]);
        assert_eq!(
            (amounts.strip.clone(), amounts.read.is_all(), amounts.negative),
            (vec!["$".to_owned()], true, 1)
        );
        assert_eq!(Amounts::of(&[&look(&["¥28.16", "131.77 元"])]).strip, ["¥", "元"]);
        assert_eq!(numbers(&look(&["12", "5.68%", "ecs", "2026-05-01", "131.77(已退款89.84)"])).part, 1);
        assert!(Amounts::of(&[&look(&["1250", "-80"])]).is_whole);
    }
}

//! What a cell may hold: text without hidden characters, numbers of at most 15 digits.

use std::borrow::Cow;

use crate::export::csv::visible;
use crate::report::pack::sheet::{Kind, Value};

/// UTF-16 units of text in a cell.
const MOST_TEXT: usize = 32_767;
/// Decimal digits of a number that a spreadsheet keeps.
const MOST_DIGITS: usize = 15;
/// Where a text was cut.
const CUT: &str = " … (cut off here; the CSV file has all of it)";

/// A text as it stands in a cell: control characters spelled out as in the CSV files, and not longer than a cell holds.
pub(super) fn shown(value: &str) -> Cow<'_, str> {
    let value = visible(value);
    if !is_long(&value) {
        return value;
    }
    let room = MOST_TEXT - CUT.encode_utf16().count();
    let mut used = 0;
    let kept = value.chars().take_while(|c| {
        used += c.len_utf16();
        used <= room
    });
    Cow::Owned(kept.chain(CUT.chars()).collect())
}

/// Whether a text is cut by [`shown`].
pub(super) fn is_cut(value: &str) -> bool {
    // A hidden character is spelled out with at most ten others.
    value.len() > MOST_TEXT / 10 && is_long(&visible(value))
}

fn is_long(shown: &str) -> bool {
    shown.len() > MOST_TEXT && shown.encode_utf16().count() > MOST_TEXT
}

/// Whether `rust_xlsxwriter` would take a text for the markup of a cell with several fonts and write it unescaped.
pub(super) fn is_taken_for_markup(shown: &str) -> bool {
    shown.starts_with("<r>") && shown.ends_with("</r>")
}

/// The decimal text of a number: `-254.00`, `0.08`; nothing for what is no number.
pub(super) fn decimal(value: &Value) -> Option<String> {
    match value {
        Value::Amount(_) | Value::Count(_) | Value::Rate(_) => Some(value.csv()),
        Value::Formula(both) => decimal(&both.1),
        Value::Empty
        | Value::Text(_)
        | Value::Id(_)
        | Value::Date(_)
        | Value::Month(_)
        | Value::Verdict(_) => None,
    }
}

/// The number of a cell. Reading the decimal text is exact up to 15 digits: writing it again gives the same digits.
pub(super) fn number(value: &Value) -> Option<f64> {
    decimal(value).filter(|decimal| fits(decimal))?.parse().ok()
}

/// Whether a value is a number with more digits than a spreadsheet keeps.
pub(super) fn is_too_long(value: &Value) -> bool {
    decimal(value).is_some_and(|decimal| !fits(&decimal))
}

fn fits(decimal: &str) -> bool {
    let digits = decimal.bytes().filter(u8::is_ascii_digit);
    digits.skip_while(|digit| *digit == b'0').count() <= MOST_DIGITS
}

/// The room that a value takes, in characters of usual width.
pub(super) fn room(value: &Value, kind: Kind) -> usize {
    if let Some(text) = value.as_text() {
        return width(text);
    }
    let length = value.csv().len();
    // Thousands are grouped.
    if super::is_number(kind) { length + length / 3 } else { length }
}

/// The width of a text, in characters of usual width: Chinese ones take two. Far beyond the widest column it does not matter.
pub(super) fn width(text: &str) -> usize {
    let longest_line = |line: &str| -> usize {
        line.chars().take(100).map(|c| if matches!(c, '\u{1100}'..='\u{ffef}') { 2 } else { 1 }).sum()
    };
    text.lines().take(100).map(longest_line).max().unwrap_or(0)
}

/// The lines that a text takes in a column, rather one too many: words are not broken, unless they are longer than a line.
pub(super) fn lines_in(text: &str, width_of_column: usize) -> usize {
    let of_line = |line: &str| {
        let (mut lines, mut used) = (1, 0);
        for word in line.split(' ') {
            let word = width(word);
            if used > 0 && used + 1 + word <= width_of_column {
                used += 1 + word;
            } else {
                lines += usize::from(used > 0) + word / (width_of_column + 1);
                used = word % (width_of_column + 1);
            }
        }
        lines
    };
    text.lines().take(100).map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Goal: no number is rounded and no text lost without a word. Method: both sides of each limit.
    #[test]
    fn limits_of_a_cell() {
        assert!(fits("-1234567890123.45") && fits("0.000000000000000123") && fits("999999999999999"));
        assert!(!fits("12345678901234.56") && !fits("1000000000000000"));
        let longest = "x".repeat(MOST_TEXT);
        assert_eq!(shown(&longest), longest);
        assert!(!is_cut(&longest));
        // Two units each: a pair is not torn.
        let wide = "𠮷".repeat(MOST_TEXT / 2 + 1);
        assert!(is_cut(&wide));
        let cut = shown(&wide);
        assert!(cut.encode_utf16().count() <= MOST_TEXT && cut.ends_with(CUT) && cut.starts_with("𠮷"));
        assert!(is_cut(&"\u{1}".repeat(MOST_TEXT / 5 + 1)), "spelled out, it is too long");
        assert_eq!(shown("a\u{1b}b"), "a\\u{1b}b");
        assert_eq!(lines_in("one two three", 8), 2);
        assert_eq!(lines_in("one\ntwo", 8), 2);
        assert_eq!(lines_in("a abcdefghijk", 8), 3, "a word that is broken begins a line of its own");
        assert_eq!(lines_in("云云云云云", 8), 2);
    }
}

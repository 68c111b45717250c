//! Parts that several pages share: sentences of totals, the status breakdown, lists of lines and orders, and the facts
//! that sentences are filled with.

mod answers;
mod cases;
mod facts;
mod lines;
mod status;
mod totals;

pub(crate) use answers::{answer, next_step, recommended_fix, why};
pub(crate) use cases::{attention, case_table, subject_cell};
pub(crate) use facts::{condition, facts};
pub(crate) use lines::{line_tables, not_recomputed};
pub(crate) use status::status_section;
pub(crate) use totals::{flow, segments, status_series, total_segments, total_sentence};

use super::Report;
use super::page::Text;
use crate::language;
use crate::model::money::{Currency, Money, grouped};
use crate::model::time::Month;
use crate::say;

/// Rows that a page lists before it points to the file that holds all of them.
pub(crate) const LISTED: usize = 100;

/// `1 line`, `1,203 lines`.
pub(crate) fn count_of(count: usize, one: &str, many: &str) -> String {
    language::counted(&grouped(&count.to_string()), one, many)
}

/// The words with a capital letter first.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Plain text of words, for descriptions and tickets.
pub(crate) fn plain(words: &[Text]) -> String {
    words.iter().map(|t| t.text.as_str()).collect()
}

/// `A, B, C`, or `A, B, C and 4 more` beyond three.
pub(crate) fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.len() > 4 {
        say!("{names} and {more} more", names = names[..3].join(say!(", ")), more = names.len() - 3)
    } else {
        names.join(say!(", "))
    }
}

pub(crate) fn sum_of(lines: &[u32], currency: Currency, amount: impl Fn(u32) -> Option<Money>) -> Money {
    lines
        .iter()
        .filter_map(|n| amount(*n))
        .fold(Money::zero(currency), |sum, amount| sum.checked_add(amount).unwrap_or(sum))
}

/// The days of a period, with the zone in which they end.
pub(crate) fn period_words(report: &Report<'_>, month: Month) -> String {
    let period = report.reconciled.rules.reference.period(month);
    say!(
        "{period}, days end at 24:00 {time_zone}",
        period = period.in_words(),
        time_zone = report.sources.time_zone
    )
}

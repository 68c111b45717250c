//! Dates as people write them; `src/render/assets/query-scope.js` reads the same.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use crate::ingest::grammar;
use crate::model::time::{Month, Period};

/// The accepted forms of a date, for messages.
pub const DATE_FORMS: &str = "2026-05-31, 2026/05/31, 20260531, 31 May 2026, or 2026-05 for a whole month";

/// Which end of a range a date is, so that a month stands for its first or its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `from`.
    First,
    /// `to`.
    Last,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a date as people write it; a month stands for its first or last day. Nothing is guessed: a day and a month that
/// could be swapped are no date, and no impossible day rolls over.
pub fn date(text: &str, end: End, period: impl Fn(Month) -> Period) -> Option<NaiveDate> {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    let text = text.replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}'), "-");
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "-/.,年月日".contains(c))
        .filter(|w| !w.is_empty())
        .collect();
    let of_month = |year: i32, month: u32| {
        let period = period(Month::new(year, month)?);
        Some(if end == End::First { period.start } else { period.last_day() })
    };
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let number = |word: &str| word.parse::<u32>().ok().filter(|_| is_number(word));
    let year = |word: &str| number(word).filter(|_| word.len() == 4).and_then(|y| i32::try_from(y).ok());
    let month = |word: &str| {
        let named = MONTHS.iter().position(|m| word.len() >= 3 && m.starts_with(word));
        named.and_then(|place| u32::try_from(place + 1).ok())
    };
    let day = |word: &str| number(word).filter(|_| word.len() <= 2);
    let found = match words[..] {
        [all] if all.len() == 8 && is_number(all) => {
            NaiveDate::from_ymd_opt(year(&all[..4])?, day(&all[4..6])?, day(&all[6..])?)
        }
        [y, m] if year(y).is_some() => of_month(year(y)?, day(m).or_else(|| month(m))?),
        [m, y] => of_month(year(y)?, month(m)?),
        [y, m, d] if year(y).is_some() => {
            NaiveDate::from_ymd_opt(year(y)?, day(m).or_else(|| month(m))?, day(d)?)
        }
        [d, m, y] if month(m).is_some() => NaiveDate::from_ymd_opt(year(y)?, month(m)?, day(d)?),
        [m, d, y] if month(m).is_some() => NaiveDate::from_ymd_opt(year(y)?, month(m)?, day(d)?),
        // With points, the day comes first; with anything else only where it can be nothing but the day.
        [d, m, y] if text.contains('.') || day(d)? > 12 => {
            NaiveDate::from_ymd_opt(year(y)?, day(m)?, day(d)?)
        }
        [m, d, y] if day(d)? > 12 => NaiveDate::from_ymd_opt(year(y)?, day(m)?, day(d)?),
        _ => None,
    };
    found.filter(|date| (grammar::MIN_YEAR..=grammar::MAX_YEAR).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default()
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        // Goal: every usual form has one reading, and what could be swapped or does not exist has none. Method: a table,
        // for the first and the last day.
        let may = Some(day(2026, 5, 31));
        for text in [
            "2026-05-31",
            "2026/05/31",
            " 2026.05.31 ",
            "20260531",
            "31 May 2026",
            "31 may 2026",
            "May 31, 2026",
            "31.05.2026",
            "31/05/2026",
            "31-May-2026",
            "２０２６－０５－３１",
            "2026-5-31",
            "2026年5月31日",
            "5/31/2026",
            "31\u{2013}05\u{2013}2026",
        ] {
            assert_eq!(date(text, End::First, Month::period), may, "{text}");
        }
        for text in ["2026-05", "May 2026", "2026/5", "2026年5月"] {
            assert_eq!(date(text, End::First, Month::period), Some(day(2026, 5, 1)), "{text}");
            assert_eq!(date(text, End::Last, Month::period), may, "{text}");
        }
        for text in [
            "",
            "2026-02-30",
            "05/06/2026",
            "2026-13-01",
            "2026",
            "may",
            "31 May 26",
            "0001-01-01",
            "x-y-z",
            "2026-05-31-01",
        ] {
            assert_eq!(date(text, End::First, Month::period), None, "{text}");
        }
    }
}

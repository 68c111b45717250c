//! Dates: months, periods and the as-of date of a snapshot. Nothing here knows what day it is today.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::language::{self, Date};

/// A calendar month; never without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    year: i16,
    month: u8,
}

impl Month {
    /// A month of a year, 1 to 12; `None` when there is no such month.
    pub fn new(year: i32, month: u32) -> Option<Month> {
        NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Month { year: i16::try_from(year).ok()?, month: u8::try_from(month).ok()? })
    }

    /// The month that holds a date.
    pub fn of(date: NaiveDate) -> Month {
        Month { year: date.year() as i16, month: date.month() as u8 }
    }

    /// Reads `2026-05`.
    pub fn parse(text: &str) -> Option<Month> {
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok()?;
        Some(Month::of(day)).filter(|month| month.to_string() == text)
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), 1).unwrap_or(NaiveDate::MIN)
    }

    /// The month before.
    pub fn previous(self) -> Month {
        if self.month == 1 {
            Month { year: self.year - 1, month: 12 }
        } else {
            Month { month: self.month - 1, ..self }
        }
    }

    /// The month after.
    pub fn next(self) -> Month {
        if self.month == 12 {
            Month { year: self.year + 1, month: 1 }
        } else {
            Month { month: self.month + 1, ..self }
        }
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month of the year, 1 to 12.
    pub fn number(self) -> u8 {
        self.month
    }

    /// The calendar quarter as (year, 1 to 4).
    pub fn quarter(self) -> (i16, u8) {
        (self.year, (self.month - 1) / 3 + 1)
    }

    /// The days of the month.
    pub fn period(self) -> Period {
        Period { start: self.first_day(), end: self.next().first_day() }
    }

    /// In words: `May 2026`.
    pub fn in_words(self) -> String {
        if let Some(dates) = language::dates() {
            return dates.write(Date::Month, &[("year", &self.year), ("month", &self.month)]);
        }
        self.first_day().format("%B %Y").to_string()
    }

    /// In a few letters: `May 2026`, `Sep 2026`.
    pub fn short(self) -> String {
        match language::dates() {
            Some(_) => self.in_words(),
            None => self.first_day().format("%b %Y").to_string(),
        }
    }

    /// The name of the month without its year, for a sentence that has the year elsewhere.
    pub fn name(self) -> String {
        if let Some(dates) = language::dates() {
            return dates.write(Date::MonthName, &[("month", &self.month)]);
        }
        self.first_day().format("%B").to_string()
    }
}

impl fmt::Display for Month {
    /// `2026-05`, as in files and addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A span of days: the start is included, the end is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub start: NaiveDate,
    /// The first day after the last.
    pub end: NaiveDate,
}

impl Period {
    /// Whether a day lies in the period.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        self.end.pred_opt().unwrap_or(self.end)
    }

    /// In words: `1–31 May 2026`, or both dates in full when they lie in two months.
    pub fn in_words(self) -> String {
        let last = self.last_day();
        if let Some(dates) = language::dates() {
            return if Month::of(self.start) == Month::of(last) {
                let (year, month) = (self.start.year(), self.start.month());
                let (from, to) = (self.start.day(), last.day());
                dates
                    .write(Date::Days, &[("year", &year), ("month", &month), ("first", &from), ("last", &to)])
            } else {
                let (from, to) = (date_in_words(self.start), date_in_words(last));
                dates.write(Date::Span, &[("from", &from), ("to", &to)])
            };
        }
        if (self.start.year(), self.start.month()) == (last.year(), last.month()) {
            format!("{}–{} {}", self.start.day(), last.day(), last.format("%B %Y"))
        } else {
            format!("{} to {}", date_in_words(self.start), date_in_words(last))
        }
    }
}

/// A date in words: `12 Jun 2026`.
pub fn date_in_words(date: NaiveDate) -> String {
    if let Some(dates) = language::dates() {
        return dates
            .write(Date::Day, &[("year", &date.year()), ("month", &date.month()), ("day", &date.day())]);
    }
    date.format("%-d %b %Y").to_string()
}

/// A day without its year, for an axis that has it elsewhere: `12 Jun`.
pub fn short_day(date: NaiveDate) -> String {
    match language::dates() {
        Some(dates) => dates.write(Date::ShortDay, &[("month", &date.month()), ("day", &date.day())]),
        None => date.format("%-d %b").to_string(),
    }
}

/// A month without its year, for an axis that has it elsewhere: `Jun`.
pub fn short_month(date: NaiveDate) -> String {
    match language::dates() {
        Some(dates) => dates.write(Date::MonthName, &[("month", &date.month())]),
        None => date.format("%b").to_string(),
    }
}

/// A snapshot: the folder name that is its as-of date, such as `2026-06-17` or `2026-06-17T0600Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AsOf {
    date: NaiveDate,
    /// Minutes after midnight UTC; a snapshot without a time comes before those with one.
    minute: Option<u16>,
}

impl AsOf {
    /// Reads the name of a snapshot folder; `None` when it is not one.
    pub fn parse(name: &str) -> Option<AsOf> {
        let (date, time) = match name.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (name, None),
        };
        let is_shape = date.len() == 10
            && date
                .bytes()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !is_shape {
            return None;
        }
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
        let minute = match time {
            None => None,
            Some(time) => {
                let digits = time.strip_suffix('Z')?;
                if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                let (hour, minute): (u16, u16) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
                if hour > 23 || minute > 59 {
                    return None;
                }
                Some(hour * 60 + minute)
            }
        };
        Some(AsOf { date, minute })
    }

    /// A snapshot of a day, at a minute after midnight UTC where its name has a time; `None` when a day has no such minute.
    pub fn new(date: NaiveDate, minute: Option<u16>) -> Option<AsOf> {
        minute.is_none_or(|minute| minute < 24 * 60).then_some(AsOf { date, minute })
    }

    /// Minutes after midnight UTC; `None` where the name has no time.
    pub fn minute(self) -> Option<u16> {
        self.minute
    }

    /// The date to which ages and deadlines count.
    pub fn date(self) -> NaiveDate {
        self.date
    }

    /// The last full calendar month before the as-of date: the default scope.
    pub fn last_full_month(self) -> Month {
        Month::of(self.date).previous()
    }

    /// As a moment in UTC: `20260618T060000Z`; midnight where the name has no time.
    pub fn in_utc(self) -> String {
        let minute = self.minute.unwrap_or(0);
        format!("{}T{:02}{:02}00Z", self.date.format("%Y%m%d"), minute / 60, minute % 60)
    }

    /// In words: `18 Jun 2026` or `18 Jun 2026, 06:00 UTC`.
    pub fn in_words(self) -> String {
        match self.minute {
            None => date_in_words(self.date),
            Some(minute) => {
                let day = date_in_words(self.date);
                let time = format!("{:02}:{:02}", minute / 60, minute % 60);
                match language::dates() {
                    Some(dates) => dates.write(Date::Moment, &[("day", &day), ("time", &time)]),
                    None => format!("{day}, {time} UTC"),
                }
            }
        }
    }
}

impl fmt::Display for AsOf {
    /// The folder name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date.format("%Y-%m-%d"))?;
        match self.minute {
            None => Ok(()),
            Some(minute) => write!(f, "T{:02}{:02}Z", minute / 60, minute % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshot_names_are_read_and_written_back() {
        for name in ["2026-06-17", "2026-06-17T0600Z"] {
            let as_of = AsOf::parse(name).unwrap();
            assert_eq!(as_of.to_string(), name);
            assert_eq!(AsOf::new(as_of.date(), as_of.minute()), Some(as_of));
        }
        for name in
            ["2026-6-17", "2026-06-31", "2026-06-17T2400Z", "2026-06-17T06:00Z", "reference", "+2026-06-1"]
        {
            assert_eq!(AsOf::parse(name), None, "{name}");
        }
        assert!(AsOf::parse("2026-06-17") < AsOf::parse("2026-06-17T0000Z"));
        assert_eq!(AsOf::parse("2026-01-05").unwrap().last_full_month().to_string(), "2025-12");
    }

    #[test]
    fn periods_exclude_their_end() {
        let may = Month::new(2026, 5).unwrap();
        assert_eq!(may.period().in_words(), "1–31 May 2026");
        assert!(may.period().contains(may.period().last_day()));
        assert!(!may.period().contains(may.next().first_day()));
        assert_eq!(Month::new(2026, 13), None);
        assert_eq!(may.quarter(), (2026, 2));
    }
}

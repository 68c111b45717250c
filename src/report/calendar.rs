//! A calendar to download: days with what to do on them, already in words. What a calendar file looks like is the
//! business of [`export`](crate::export).

use chrono::NaiveDate;

/// A calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Its name, as calendar programs show it.
    pub name: String,
    /// One plain sentence about it.
    pub description: String,
    /// When its facts were known, in UTC: `20260618T060000Z`.
    pub stamp: String,
    /// Grows with every snapshot, so that a newer file takes the place of an older one.
    pub revision: usize,
    /// Its events, by day.
    pub events: Vec<Event>,
}

/// An event of a whole day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for the same thing in every snapshot, unlike that of any other; ASCII without blanks.
    pub uid: String,
    /// The day.
    pub date: NaiveDate,
    /// What stands in the calendar.
    pub summary: String,
    /// More, line by line.
    pub description: String,
    /// The page about it; `None` where the address of the site is not known.
    pub url: Option<String>,
}

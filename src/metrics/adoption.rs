//! M4, adoption: the share of teams that saw at least one page in a week.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use ustr::Ustr;

use super::{Basis, Measured, Needs, Share, Span};
use crate::say;

/// One week, Monday to Sunday (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// Its days.
    pub span: Span,
    /// Its ISO year and number.
    pub number: (i32, u32),
    /// Teams with a view, of all teams.
    pub teams: Share,
    /// Views that count.
    pub views: u64,
    /// Whether it is over.
    pub is_over: bool,
}

/// M4.
#[derive(Debug)]
pub struct Adoption {
    /// Every week from that of the first line of the logs to that of the last one, oldest first.
    pub weeks: Vec<Week>,
    /// The days of the first and the last line.
    pub lines: Span,
    /// Views that count and are dated later than now.
    pub ahead: u64,
}

impl Adoption {
    /// The newest week that is over.
    pub fn newest_over(&self) -> Option<Week> {
        self.weeks.iter().rev().find(|week| week.is_over).copied()
    }

    /// The week that goes on, where the logs have something of it.
    pub fn current(&self) -> Option<Week> {
        self.weeks.last().filter(|week| !week.is_over).copied()
    }
}

/// Measures it.
///
/// # Errors
/// What it needs: logs that name users, and the teams of these users.
pub fn measure(basis: &Basis<'_>) -> Measured<Adoption> {
    let log = basis.given.log.as_ref();
    let log = log.ok_or_else(|| Needs::new(say!("input/metrics/access.log, the log of the web server")))?;
    let teams = basis.given.teams.as_ref().filter(|teams| !teams.is_empty());
    let teams =
        teams.ok_or_else(|| Needs::new(say!("input/metrics/users.csv, which says who is in which team")))?;
    let days =
        log.days.ok_or_else(|| Needs::new(say!("a line of the access log in the combined log format")))?;
    if !log.names_users {
        return Err(Needs::new(say!(
            "user names in the access log: an address or a browser is not a team, so have the web server authenticate"
        )));
    }
    let today = basis.today();
    let (first, last) = Some(days)
        .filter(|(first, _)| *first <= today)
        .ok_or_else(|| Needs::new(say!("a log line that is dated up to now")))?;
    let mut weeks = Vec::new();
    let mut monday = monday(first);
    while monday <= last.min(today) {
        let span = Span::starting(monday, 7);
        let seen = log.views.iter().filter(|((day, ..), _)| span.contains(*day) && *day <= today);
        let (mut active, mut views) = (BTreeSet::<Ustr>::new(), 0);
        for ((_, team, _), count) in seen {
            active.insert(*team);
            views += count;
        }
        if let Some(teams) = Share::new(active.len(), teams.len()) {
            let number = (monday.iso_week().year(), monday.iso_week().week());
            weeks.push(Week { span, number, teams, views, is_over: span.to <= today });
        }
        monday = span.to.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    }
    let ahead = log.views.iter().filter(|((day, ..), _)| *day > today).map(|(_, count)| count).sum();
    Ok(Adoption { weeks, lines: Span { from: first, to: last.min(today) }, ahead })
}

fn monday(day: NaiveDate) -> NaiveDate {
    let back = Days::new(day.weekday().num_days_from_monday().into());
    day.checked_sub_days(back).unwrap_or(day)
}

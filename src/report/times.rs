//! How long things take, in words: what was measured, when a line is expected to be paid, and how such dates held.
//!
//! Measured times are labelled as such and stand beside the configured ones, never in their place (design 5.2). An estimate
//! is never printed without the number of lines and batches behind it and the months it looks at (I-37), and where there is
//! none, the reason is.

mod dates;
mod measured;
mod when;

pub(super) use dates::dates;
pub(super) use measured::{panel, section};
pub(super) use when::{expected_by, section as when_section, words as when_words};

use super::Report;
use super::lists::count_of;
use super::table::Cell;
use crate::history::cohort::{Days, Evidence};
use crate::history::estimates::Pool;
use crate::history::survival::{Interval, more_than_percent};
use crate::model::time::Month;
use crate::say;

/// `1 day`, `25 days`.
pub(super) fn days_words(days: u32) -> String {
    count_of(days as usize, "day", "days")
}

/// `15 to 34 days`; an end that the data does not reach is said to be open.
pub(super) fn interval_words(interval: Interval) -> String {
    match (interval.from, interval.to) {
        (Some(from), Some(to)) => say!("{from} to {to}", from, to = days_words(to)),
        (Some(from), None) => say!("{from} or more", from = days_words(from)),
        (None, _) => say!("later than anything seen").to_owned(),
    }
}

/// Why a number of days is not shown; nothing where it is.
fn why_not(days: Days) -> Option<String> {
    match days {
        Days::Known { .. } => None,
        Days::NotReached { after, waiting } => Some(say!(
            "not reached; more than {waiting}% are still waiting after {after}",
            waiting = more_than_percent(waiting),
            after = days_words(after)
        )),
        Days::TooFew { needs, has, batches } => Some(too_few(needs, has, batches)),
        Days::ThinStart => {
            Some(say!("most lines were first seen late, so their first days are not known").to_owned())
        }
    }
}

/// `has` is the weighed number: where one batch holds most of the lines, several weigh as few.
fn too_few(needs: u64, has: u64, batches: u64) -> String {
    if has < batches {
        say!(
            "needs {needs} settled batches, has {batches} that weigh as {has} because a few hold most of the lines",
            needs,
            batches,
            has
        )
    } else {
        say!("needs {needs} settled batches, has {has}", needs, has)
    }
}

/// Whose lines a figure rests on.
fn pool_words(report: &Report<'_>, pool: Pool) -> String {
    pool.in_words(&report.reconciled.rules.reference.programs)
}

/// `352 lines of Partner Core, 301 of them settled, in 23 batches`.
fn rests_on(report: &Report<'_>, evidence: &Evidence, pool: Pool) -> String {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    say!(
        "{lines} of {pool}, {settled} of them settled, in {batches}",
        lines = count_of(count(evidence.lines), "line", "lines"),
        pool = pool_words(report, pool),
        settled = crate::model::money::grouped(&evidence.all.settled.to_string()),
        batches = count_of(count(evidence.all.batches), "batch", "batches")
    )
}

/// The months that were looked at: `since July 2025`.
fn window_words(from: Month) -> String {
    say!("since {from}", from = from.in_words())
}

/// A cell of a number of days with its interval, or of the reason why there is none.
fn days_cell(days: Days) -> Cell {
    match days {
        Days::Known { days, interval } => {
            let cell = Cell { csv: Some(days.to_string()), ..Cell::text(days_words(days)) };
            match interval {
                Some(interval) => {
                    cell.with_note(say!("95% interval {interval}", interval = interval_words(interval)))
                }
                None => cell,
            }
        }
        Days::NotReached { .. } | Days::TooFew { .. } | Days::ThinStart => {
            Cell { csv: Some(String::new()), ..Cell::text(why_not(days).unwrap_or_default()) }
        }
    }
}

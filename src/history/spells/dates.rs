//! Which day a line entered its status (domain 5.3, rules 6 and 7).
//!
//! - The approval date of a line gives its entry into Approved, also when no snapshot showed it there.
//! - Else the vendor's status date; for a payment without one, the date of its payout.
//! - Else the change lies between two snapshots. When they are a week apart or less it is put in the middle, rounded up,
//!   and may be off by half the gap to either side; over a wider gap it is put at the later snapshot, the end that makes
//!   the spell before it longest, and may be off by the whole gap.
//! - A line that was in its status already when its source was first looked at has an unknown age: it is counted and left
//!   out.
//!
//! A spell comes under observation at the age at which a snapshot first shows it: had it ended before, nobody would know
//! that it was ever there. Only an approval date stays with a line whatever comes after it, so such a spell is under
//! observation from its first day on.
//!
//! A status date that moves while the status stays is no new entry: the vendor dates the row, not the status.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Followed;
use crate::history::survival::Outcome;
use crate::model::record::Line;
use crate::model::status::Status;
use crate::model::time::Month;
use crate::reconcile::Reconciled;

/// The widest gap between two snapshots, in days, in whose middle a change is put.
const NARROW_GAP: u64 = 7;

/// Since when a line is in a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The day it entered; `None` when nobody knows.
    pub entry: Option<NaiveDate>,
    /// The day that first showed it there.
    pub(super) first: NaiveDate,
    /// The day from which it is followed; `None` when it would be known of from its first day on.
    followed_from: Option<NaiveDate>,
    /// By how many days the entry may be off; 0 when it was given.
    off_by: u32,
}

impl Since {
    /// An entry that a date gives which stays with the line.
    pub(super) fn given(entry: NaiveDate, first: NaiveDate) -> Since {
        Since { entry: Some(entry.min(first)), first, followed_from: None, off_by: 0 }
    }

    /// The entry of a line into the status that a look at its source on the day `until` shows; `before` is the last look
    /// that did not show it.
    pub(super) fn new(
        reconciled: &Reconciled<'_>,
        line: &Line,
        before: Option<NaiveDate>,
        until: NaiveDate,
    ) -> Since {
        let unknown = Since { entry: None, first: until, followed_from: Some(until), off_by: 0 };
        if let Some(approved) = line.approved_date.filter(|_| line.status == Status::Approved) {
            return Since::given(approved, until);
        }
        let paid = || {
            let payout = line.payout.filter(|_| line.status == Status::Paid)?;
            Some(reconciled.payout(payout)?.date)
        };
        if let Some(date) = line.status_date.or_else(paid) {
            return Since { entry: Some(date.min(until)), ..unknown };
        }
        let Some(before) = before else { return unknown };
        let gap = u64::try_from((until - before).num_days()).unwrap_or(0);
        let half = gap.div_ceil(2);
        let (entry, off_by) = if gap <= NARROW_GAP {
            (before.checked_add_days(Days::new(half)), half)
        } else {
            (Some(until), gap)
        };
        Since { entry, off_by: u32::try_from(off_by).unwrap_or(u32::MAX), ..unknown }
    }

    /// A date that a later snapshot gives for the same status, where none was given before.
    pub(super) fn learn(&mut self, line: &Line) {
        if self.entry.is_some() && self.off_by == 0 {
            return;
        }
        let is_earlier = |date: &NaiveDate| *date <= self.first;
        if let Some(approved) =
            line.approved_date.filter(|_| line.status == Status::Approved).filter(is_earlier)
        {
            *self = Since::given(approved, self.first);
        } else if let Some(date) = line.status_date.filter(is_earlier) {
            (self.entry, self.off_by) = (Some(date), 0);
        }
    }

    /// Follows it again from a day on.
    pub(super) fn follow_from(&mut self, day: NaiveDate) {
        self.followed_from = Some(day);
    }

    /// The month it counts in: that of its entry, or of the first sight where that is unknown.
    pub(super) fn month(self) -> Month {
        Month::of(self.entry.unwrap_or(self.first))
    }

    /// The age on a day, in whole days; `None` when nobody knows the entry.
    pub fn age(self, day: NaiveDate) -> Option<u32> {
        Some(u32::try_from((day - self.entry?).num_days()).unwrap_or(0))
    }

    /// The spell up to the entry into what came next; `None` when one of the two is unknown.
    pub(super) fn ended(self, end: Since, outcome: Outcome) -> Option<Followed> {
        let off_by = self.off_by + end.off_by;
        Some(Followed {
            entered: self.followed_from.and_then(|day| self.age(day)),
            left: self.age(end.entry?)?,
            outcome,
            off_by: (off_by > 0).then_some(off_by),
        })
    }
}

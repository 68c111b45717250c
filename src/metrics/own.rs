//! What our own snapshots say where no file says it.

use std::collections::BTreeMap;

use chrono::Days;

use super::Basis;
use super::accuracy::Final;
use crate::history::{History, SnapshotNumber};
use crate::model::status::Status;
use crate::model::time::Month;

/// Days by which a snapshot may be older than the day that is asked for.
const WEEK: u32 = 7;

/// The lines that are active at the end of each month: present and neither paid nor rejected in its last snapshot. A month
/// without a snapshot is not known.
pub(super) fn active(history: &History) -> BTreeMap<Month, u64> {
    let mut last: BTreeMap<Month, SnapshotNumber> = BTreeMap::new();
    for (number, as_of) in (0..).zip(history.snapshots()) {
        last.insert(Month::of(as_of.date()), number);
    }
    let is_active = |status: Status| !matches!(status, Status::Paid | Status::Rejected);
    let count =
        |number| history.facts.lines_at(number).filter(|(_, state)| is_active(state.status())).count();
    last.into_iter().map(|(month, number)| (month, count(number) as u64)).collect()
}

/// For every period with a final total, what the snapshots showed so many days before it was final.
///
/// Final is a period with what its books closed with, else with the first snapshot on or after the vendor's final date. What
/// was shown so many days before is the total of the newest snapshot of that day or of the week before it; what an older one
/// said is no answer of that day. A program that had nothing at either time is not counted.
pub(super) fn finals(basis: &Basis<'_>, horizons: &[u32]) -> Vec<Final> {
    let history = basis.history;
    let mut finals = Vec::new();
    for row in &basis.reference.periods {
        let closed = row.close_snapshot.filter(|_| row.closed_on.is_some());
        let last = match closed {
            Some(snapshot) => history.number(snapshot),
            None => row.vendor_final.and_then(|day| {
                let place = history.snapshots().iter().position(|as_of| as_of.date() >= day)?;
                SnapshotNumber::try_from(place).ok()
            }),
        };
        let Some(last) = last else { continue };
        let day = match (closed, row.vendor_final) {
            (Some(snapshot), _) => snapshot.date(),
            (None, Some(day)) => day,
            (None, None) => continue,
        };
        let lines = history.facts.of_period(row.month);
        for horizon in horizons {
            let back = |days: u32| day.checked_sub_days(Days::new(days.into()));
            let Some((from, to)) = back(horizon + WEEK).zip(back(*horizon)) else { continue };
            let early = history.snapshots().iter().rposition(|as_of| (from..=to).contains(&as_of.date()));
            let Some(early) = early.and_then(|place| SnapshotNumber::try_from(place).ok()) else { continue };
            for program in &basis.reference.programs {
                let is_meant = |place: &crate::reconcile::Place| {
                    place.period == row.month && place.program == program.id
                };
                for (currency, series) in history.facts.series(&lines, is_meant) {
                    let at = |number| {
                        let total = series.range(..=number).next_back().map_or(0, |(_, sums)| sums.total);
                        crate::model::money::Money::from_minor(total, currency)
                    };
                    let (before, last) = (at(early), at(last));
                    if !(before.is_zero() && last.is_zero()) {
                        let (program, period) = (program.id.key(), row.month);
                        finals.push(Final { program, period, horizon: *horizon, before, last });
                    }
                }
            }
        }
    }
    finals
}

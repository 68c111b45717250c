//! What could be claimed of each subject, snapshot by snapshot, and what became of what was claimed.

pub mod follow;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::chain::{Chain, Last};
use super::facts::SnapshotNumber;
use crate::model::id::{AdjustmentId, LineId, OrderId, PayoutId};
use crate::model::money::{Currency, Money};
use crate::reconcile::kinds::Direction;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Reconciled, Subject};

pub use follow::{ClaimState, Followed, follow};

/// What a claim can be about, by names that last longer than a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClaimName {
    /// A line.
    Line(LineId),
    /// An order without a line: all of its rows together.
    Order(OrderId),
    /// A payout.
    Payout(PayoutId),
    /// An adjustment that no line has.
    Adjustment(AdjustmentId),
}

impl ClaimName {
    /// What a case is claimed by; `None` for what carries no claim.
    pub fn of(reconciled: &Reconciled<'_>, case: &Case) -> Option<ClaimName> {
        let records = &reconciled.snapshot.records;
        match case.subject {
            Subject::Line(n) => Some(ClaimName::Line(records.lines[n as usize].id)),
            Subject::Order(n) => Some(ClaimName::Order(records.orders[n as usize].id)),
            Subject::Payout(n) => Some(ClaimName::Payout(records.payouts[n as usize].id)),
            Subject::Adjustment(n) => Some(ClaimName::Adjustment(records.adjustments[n as usize].id)),
            Subject::Feed(_) | Subject::Row(_) => None,
        }
    }
}

/// The amount of a case that can be claimed: what is at stake where we may be owed it; `None` where that is nothing.
pub fn claimable(case: &Case) -> Option<Money> {
    case.at_stake().filter(|amount| case.direction() == Direction::Receivable && !amount.is_zero())
}

/// One subject in one currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    name: ClaimName,
    currency: Currency,
    /// The first order it concerns, as last seen.
    order: Option<OrderId>,
    /// In minor units.
    amount: i128,
    last: Last,
    round: u32,
}

/// What could be claimed of every subject that ever had something to claim.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct ClaimLog {
    tracks: Vec<Track>,
    events: Chain<i128>,
    round: u32,
    #[serde(skip)]
    numbers: HashMap<(ClaimName, Currency), u32>,
}

/// What is written down of the log, field by field; the numbers follow from the tracks.
type Kept = (Vec<Track>, Chain<i128>, u32);

impl From<Kept> for ClaimLog {
    fn from((tracks, events, round): Kept) -> ClaimLog {
        let numbers = numbered(&tracks).map(|(number, t)| ((t.name, t.currency), number)).collect();
        ClaimLog { tracks, events, round, numbers }
    }
}

impl ClaimLog {
    /// Adds what a snapshot says; snapshots come oldest first.
    pub(super) fn fold(&mut self, reconciled: &Reconciled<'_>, now: SnapshotNumber) {
        let claims = reconciled.cases.iter().filter_map(|case| {
            Some((ClaimName::of(reconciled, case)?, case.orders.first().copied(), claimable(case)?))
        });
        self.see(claims, now);
    }

    /// Adds the amounts that a snapshot has; a subject may occur several times.
    fn see(
        &mut self,
        amounts: impl Iterator<Item = (ClaimName, Option<OrderId>, Money)>,
        now: SnapshotNumber,
    ) {
        self.round += 1;
        let mut before: Vec<(u32, i128)> = Vec::new();
        for (name, order, amount) in amounts {
            let number = self.number(name, amount.currency());
            let track = &mut self.tracks[number as usize];
            if track.round != self.round {
                track.round = self.round;
                before.push((number, std::mem::take(&mut track.amount)));
            }
            track.amount += amount.minor();
            track.order = order.or(track.order);
        }
        for number in 0..u32::try_from(self.tracks.len()).unwrap_or(u32::MAX) {
            let track = &mut self.tracks[number as usize];
            if track.round != self.round && track.amount != 0 {
                before.push((number, std::mem::take(&mut track.amount)));
            }
        }
        for (number, before) in before {
            let track = &mut self.tracks[number as usize];
            if track.amount != before {
                self.events.push(&mut track.last, now, track.amount);
            }
        }
    }

    fn number(&mut self, name: ClaimName, currency: Currency) -> u32 {
        *self.numbers.entry((name, currency)).or_insert_with(|| {
            let (last, order) = (Last::default(), None);
            self.tracks.push(Track { name, currency, order, amount: 0, last, round: 0 });
            u32::try_from(self.tracks.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The amount of a subject in one of its currencies whenever it changed, oldest first.
    pub fn of(&self, name: ClaimName, currency: Currency) -> Vec<(SnapshotNumber, Money)> {
        let number = self.numbers.get(&(name, currency));
        let events = number.map_or_else(Vec::new, |n| self.events.of(self.tracks[*n as usize].last));
        events.into_iter().map(|(at, minor)| (at, Money::from_minor(minor, currency))).collect()
    }
}

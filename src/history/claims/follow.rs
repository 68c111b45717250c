//! What became of what was claimed: each claim is walked through the snapshots beside the amount it is about.
//!
//! A claim takes of its subject's amount what no earlier claim has taken. Where the amount falls, what was claimed first is
//! settled first, and what was not claimed last. What moves within an order, from the order to a line that arrives or
//! back, is not settled: the claim moves along.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{ClaimLog, ClaimName};
use crate::history::{History, SnapshotNumber};
use crate::model::id::OrderId;
use crate::model::money::{Currency, Money};
use crate::model::reference::{ClaimAnswer, Claimed};

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimState {
    /// Nothing was at stake that it could be for: the case was cleared before, another claim has all of it, or no record
    /// with this id ever had an amount to claim in this currency.
    NoCase,
    /// The vendor answered, and something of it is still at stake.
    AnsweredOpen,
    /// The vendor has not answered, and all that was claimed is still at stake.
    Open,
    /// The vendor has not answered, and a part of it is not at stake any more.
    PartlyRecovered,
    /// Nothing of it is at stake any more, although the vendor rejected it.
    Closed,
    /// Nothing of it is at stake any more.
    Recovered,
}

impl ClaimState {
    /// Every state, those first that ask for something.
    pub const ALL: [ClaimState; 6] = [
        ClaimState::NoCase,
        ClaimState::AnsweredOpen,
        ClaimState::Open,
        ClaimState::PartlyRecovered,
        ClaimState::Closed,
        ClaimState::Recovered,
    ];

    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            ClaimState::NoCase => "no-case",
            ClaimState::AnsweredOpen => "answered-open",
            ClaimState::Open => "open",
            ClaimState::PartlyRecovered => "partly-recovered",
            ClaimState::Closed => "closed",
            ClaimState::Recovered => "recovered",
        }
    }
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Where it stands.
    pub state: ClaimState,
    /// What of it is not at stake any more. Recovered money as far as the snapshots can tell: they show that the case has
    /// nothing open, not who paid.
    pub recovered: Money,
    /// The newest snapshot in which something of it was settled.
    pub recovered_at: Option<SnapshotNumber>,
    /// What of it is at stake at the newest snapshot.
    pub open: Money,
    /// What was claimed beyond all that was at stake.
    pub beyond: Money,
    /// Days from the claim to the newest snapshot; 0 for a claim after it.
    pub days: i64,
    /// The subjects that what is open is about, with their parts.
    pub backed_by: Vec<(ClaimName, Money)>,
}

/// The amount of one subject, and which claims have how much of it.
struct Backing {
    name: ClaimName,
    order: Option<OrderId>,
    amount: i128,
    /// Claims by their place in the order of their days, with their parts; none is zero.
    parts: BTreeMap<usize, i128>,
}

impl Backing {
    fn unclaimed(&self) -> i128 {
        self.amount - self.parts.values().sum::<i128>()
    }

    fn give(&mut self, claim: usize, part: i128) {
        if part > 0 {
            *self.parts.entry(claim).or_insert(0) += part;
        }
    }

    /// Takes up to so much from the parts, earliest claim first.
    fn take(&mut self, mut most: i128) -> Vec<(usize, i128)> {
        let mut taken = Vec::new();
        for (claim, part) in &mut self.parts {
            let some = (*part).min(most);
            if some > 0 {
                *part -= some;
                most -= some;
                taken.push((*claim, some));
            }
        }
        self.parts.retain(|_, part| *part > 0);
        taken
    }
}

/// What happened to a claim so far, in minor units.
#[derive(Default)]
struct Progress {
    /// What of it nothing at stake stands behind, yet.
    waiting: i128,
    recovered: i128,
    recovered_at: Option<SnapshotNumber>,
    targets: Vec<usize>,
}

/// Follows claims through all snapshots.
///
/// Shape: one [`Followed`] per claim, in their order. Units: each in the currency of its claim; what a subject has at stake
/// in another currency does not count. What is open over all claims is at most what is at stake, subject by subject.
/// Never fails.
pub fn follow(history: &History, claims: &[Claimed]) -> Vec<Followed> {
    let mut by_currency: BTreeMap<Currency, Vec<usize>> = BTreeMap::new();
    for (number, claim) in claims.iter().enumerate() {
        by_currency.entry(claim.amount.currency()).or_default().push(number);
    }
    let mut all: BTreeMap<usize, Followed> = BTreeMap::new();
    for (currency, mut numbers) in by_currency {
        numbers.sort_by_key(|n| (claims[*n].claimed_on, claims[*n].id));
        let of_currency: Vec<&Claimed> = numbers.iter().map(|n| &claims[*n]).collect();
        all.extend(numbers.into_iter().zip(of_one_currency(history, currency, &of_currency)));
    }
    all.into_values().collect()
}

/// Claims of one currency by their days.
fn of_one_currency(history: &History, currency: Currency, claims: &[&Claimed]) -> Vec<Followed> {
    let log = &history.claimable;
    let (mut backings, targets) = backings(log, currency, claims);
    let start = |targets| Progress { targets, ..Progress::default() };
    let mut progress: Vec<Progress> = targets.into_iter().map(start).collect();
    let mut changes: BTreeMap<SnapshotNumber, Vec<(usize, i128)>> = BTreeMap::new();
    for (place, backing) in backings.iter().enumerate() {
        for (at, amount) in log.of(backing.name, currency) {
            changes.entry(at).or_default().push((place, amount.minor()));
        }
    }
    let mut made = 0;
    for (at, as_of) in (0..).zip(history.snapshots()) {
        // A claim of the day of a snapshot was made knowing that snapshot.
        while made < claims.len() && claims[made].claimed_on < as_of.date() {
            progress[made].waiting = claims[made].amount.minor();
            attach(made, &mut progress, &mut backings);
            made += 1;
        }
        if let Some(changes) = changes.get(&at) {
            settle(changes, at, &mut progress, &mut backings);
            (0..made).for_each(|claim| attach(claim, &mut progress, &mut backings));
        }
    }
    for claim in made..claims.len() {
        progress[claim].waiting = claims[claim].amount.minor();
        attach(claim, &mut progress, &mut backings);
    }
    let today = history.snapshots().last().map(|as_of| as_of.date());
    let money = |minor| Money::from_minor(minor, currency);
    let followed = |(number, claim): (usize, &&Claimed)| {
        let part = |b: &Backing| Some((b.name, money(*b.parts.get(&number)?)));
        let backed_by: Vec<(ClaimName, Money)> = backings.iter().filter_map(part).collect();
        let open = backed_by.iter().map(|(_, part)| part.minor()).sum::<i128>();
        let Progress { waiting, recovered, recovered_at, .. } = progress[number];
        let is_answered = claim.answer.is_some() || claim.answered_on.is_some();
        let state = match (open > 0, recovered > 0) {
            (false, false) => ClaimState::NoCase,
            (true, _) if is_answered => ClaimState::AnsweredOpen,
            (true, true) => ClaimState::PartlyRecovered,
            (true, false) => ClaimState::Open,
            (false, true) if claim.answer == Some(ClaimAnswer::Rejected) => ClaimState::Closed,
            (false, true) => ClaimState::Recovered,
        };
        Followed {
            state,
            recovered: money(recovered),
            recovered_at,
            open: money(open),
            beyond: money(waiting),
            days: today.map_or(0, |today| (today - claim.claimed_on).num_days().max(0)),
            backed_by,
        }
    };
    claims.iter().enumerate().map(followed).collect()
}

/// The rank of a kind of subject where one id is several, and the id.
fn key(name: ClaimName) -> (u8, &'static str) {
    match name {
        ClaimName::Line(id) => (0, id.canonical()),
        ClaimName::Order(id) => (ORDER, id.canonical()),
        ClaimName::Payout(id) => (2, id.canonical()),
        ClaimName::Adjustment(id) => (3, id.canonical()),
    }
}

const ORDER: u8 = 1;

/// The subjects that any of the claims may be about, and which of them each is about, by their places.
///
/// An id that a line has means that line; else the order of that id and everything of it; else a payout or an adjustment.
/// What else belongs to one of their orders is there too, so that a claim can move along.
fn backings(log: &ClaimLog, currency: Currency, claims: &[&Claimed]) -> (Vec<Backing>, Vec<Vec<usize>>) {
    let ids = |claim: &Claimed| [claim.subject.as_str(), claim.subject_key.as_str()];
    let wanted: BTreeSet<&str> = claims.iter().flat_map(|claim| ids(claim)).collect();
    let tracks = || log.tracks.iter().filter(|track| track.currency == currency);
    let is_named = |name: ClaimName, order: Option<OrderId>| {
        wanted.contains(key(name).1) || order.is_some_and(|order| wanted.contains(order.canonical()))
    };
    let orders: BTreeSet<OrderId> =
        tracks().filter(|t| is_named(t.name, t.order)).filter_map(|t| t.order).collect();
    let is_near = |order: Option<OrderId>| order.is_some_and(|order| orders.contains(&order));
    let mut backings: Vec<Backing> = tracks()
        .filter(|t| is_named(t.name, t.order) || is_near(t.order))
        .map(|t| Backing { name: t.name, order: t.order, amount: 0, parts: BTreeMap::new() })
        .collect();
    backings.sort_by_key(|backing| backing.name);
    let mut by_key: HashMap<(u8, &str), Vec<usize>> = HashMap::new();
    for (place, backing) in backings.iter().enumerate() {
        let key = key(backing.name);
        if key.0 != ORDER {
            by_key.entry(key).or_default().push(place);
        }
        if let Some(order) = backing.order {
            by_key.entry((ORDER, order.canonical())).or_default().push(place);
        }
    }
    let targets = |claim: &&Claimed| {
        let mut keys = (0..4).flat_map(|rank| ids(claim).map(|id| (rank, id)));
        keys.find_map(|key| by_key.get(&key).cloned()).unwrap_or_default()
    };
    let targets = claims.iter().map(targets).collect();
    (backings, targets)
}

/// Gives a claim what no other has of its subjects, up to its amount.
fn attach(claim: usize, progress: &mut [Progress], backings: &mut [Backing]) {
    let own = &mut progress[claim];
    for place in &own.targets {
        let part = backings[*place].unclaimed().min(own.waiting).max(0);
        backings[*place].give(claim, part);
        own.waiting -= part;
    }
}

/// Takes over new amounts: what was claimed of a fall moves to what rose of the same order, or is settled.
fn settle(
    changes: &[(usize, i128)],
    at: SnapshotNumber,
    progress: &mut [Progress],
    backings: &mut [Backing],
) {
    let (mut falls, mut rises) = (Vec::new(), Vec::new());
    for (place, amount) in changes {
        let before = std::mem::replace(&mut backings[*place].amount, *amount);
        if *amount < before {
            falls.push((*place, before - amount));
        } else {
            rises.push((*place, amount - before));
        }
    }
    for (from, mut fall) in falls {
        let order = backings[from].order;
        for (to, rise) in &mut rises {
            if order.is_none() || backings[*to].order != order {
                continue;
            }
            for (claim, part) in backings[from].take(fall.min(*rise)) {
                backings[*to].give(claim, part);
                fall -= part;
                *rise -= part;
            }
        }
        for (claim, part) in backings[from].take(fall) {
            progress[claim].recovered += part;
            progress[claim].recovered_at = Some(at);
        }
    }
}

#[cfg(test)]
mod tests;

//! The money of every line over time: one fact for each snapshot in which it changed.
//!
//! A fold over the snapshots, oldest first. What a line was worth at any snapshot, what moved between any two, and the
//! totals of any scope at any time all come from these facts, so they cannot disagree.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::{Add, AddAssign, Range, Sub};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use crate::model::id::LineId;
use crate::model::money::{Currency, Money};
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Place, Reconciled};

/// The number of a snapshot in the history: 0 is the oldest.
pub type SnapshotNumber = u16;

/// What one snapshot says of one line's money. Amounts are in the currency of its place.
#[derive(Debug, Clone, Copy)]
pub struct State<'h> {
    /// Where it counts.
    pub place: &'h Place,
    money: &'h Amounts,
}

/// The amounts and codes of a state, as they are stored: minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Amounts {
    status: Status,
    bucket: Bucket,
    reason: Option<Ustr>,
    since: Option<NaiveDate>,
    rate: Option<Decimal>,
    base: Minor,
    calculated: Minor,
    adjustments: Minor,
    paid: Minor,
    expected: Minor,
}

/// An amount that may not be known, in 16 bytes instead of 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Minor(i128);

impl Minor {
    const NONE: Minor = Minor(i128::MIN);

    fn new(amount: Option<Money>) -> Minor {
        amount.map_or(Minor::NONE, |amount| Minor(amount.minor()))
    }

    fn get(self) -> Option<i128> {
        (self != Minor::NONE).then_some(self.0)
    }
}

impl State<'_> {
    /// Its status.
    pub fn status(&self) -> Status {
        self.money.status
    }

    /// Where a summary counts it.
    pub fn bucket(&self) -> Bucket {
        self.money.bucket
    }

    /// The vendor's reason code.
    pub fn reason(&self) -> Option<Ustr> {
        self.money.reason
    }

    /// Since when it has its status, as the vendor says.
    pub fn since(&self) -> Option<NaiveDate> {
        self.money.since
    }

    /// The rate that the vendor applied.
    pub fn rate(&self) -> Option<Decimal> {
        self.money.rate
    }

    /// What the rate was applied to.
    pub fn base(&self) -> Option<Money> {
        self.amount(self.money.base)
    }

    /// The vendor's calculated amount.
    pub fn calculated(&self) -> Option<Money> {
        self.amount(self.money.calculated)
    }

    /// The sum of its adjustments.
    pub fn adjustments(&self) -> Money {
        Money::from_minor(self.money.adjustments.0, self.place.currency)
    }

    /// What the vendor says was paid.
    pub fn paid(&self) -> Option<Money> {
        self.amount(self.money.paid)
    }

    /// Our own expectation.
    pub fn expected(&self) -> Option<Money> {
        self.amount(self.money.expected)
    }

    /// Whether it has an amount that counts in the headline total.
    pub fn is_counted(&self) -> bool {
        self.bucket().is_in_total()
            && self.status() != Status::Rejected
            && self.money.calculated != Minor::NONE
    }

    /// What it adds to each measure of a scope that holds it.
    pub fn measures(&self) -> Measures {
        let money = self.money;
        let is_in_total = self.bucket().is_in_total();
        let net = |amount: i128| if self.is_counted() { amount } else { 0 };
        let (calculated, adjustments) = (net(money.calculated.0), net(money.adjustments.0));
        let total = calculated + adjustments;
        Measures {
            eligible: if is_in_total || self.bucket() == Bucket::Pending {
                money.expected.get().unwrap_or(0)
            } else {
                0
            },
            calculated,
            adjustments,
            total,
            approved: if matches!(self.bucket(), Bucket::Approved | Bucket::Paid) { total } else { 0 },
            paid: money.paid.get().unwrap_or(0),
        }
    }

    fn amount(&self, minor: Minor) -> Option<Money> {
        minor.get().map(|minor| Money::from_minor(minor, self.place.currency))
    }
}

/// The six measures of a scope in one currency, in minor units: what a summary shows "so far" (design 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    /// Our own expectation for lines that are in the total or on their way there.
    pub eligible: i128,
    /// The vendor's calculated amounts.
    pub calculated: i128,
    /// Adjustments.
    pub adjustments: i128,
    /// Calculated and adjustments: the headline total.
    pub total: i128,
    /// The part of the total that is approved or paid.
    pub approved: i128,
    /// What the vendor says was paid.
    pub paid: i128,
}

impl Measures {
    /// Whether nothing moves.
    pub fn is_zero(self) -> bool {
        self == Measures::default()
    }

    /// Every measure with a function applied to it and to the same measure of another.
    fn zip(self, other: Measures, f: impl Fn(i128, i128) -> i128) -> Measures {
        Measures {
            eligible: f(self.eligible, other.eligible),
            calculated: f(self.calculated, other.calculated),
            adjustments: f(self.adjustments, other.adjustments),
            total: f(self.total, other.total),
            approved: f(self.approved, other.approved),
            paid: f(self.paid, other.paid),
        }
    }
}

impl Add for Measures {
    type Output = Measures;
    fn add(self, other: Measures) -> Measures {
        self.zip(other, |a, b| a + b)
    }
}

impl AddAssign for Measures {
    fn add_assign(&mut self, other: Measures) {
        *self = *self + other;
    }
}

impl Sub for Measures {
    type Output = Measures;
    fn sub(self, other: Measures) -> Measures {
        self.zip(other, |a, b| a - b)
    }
}

/// No place: the line is not there.
const ABSENT: u32 = u32::MAX;
/// No earlier fact.
const NONE: u32 = u32::MAX;

/// What one snapshot changed about one line.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Fact {
    line: u32,
    /// The fact before it of the same line.
    previous: u32,
    place: u32,
    snapshot: SnapshotNumber,
    /// Brought by our own mapping or rules while the extracts were still those of the snapshot before.
    is_own: bool,
    /// The line is not there because its row was set aside in that snapshot.
    is_aside: bool,
    amounts: Amounts,
}

/// A line and its newest fact.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    id: LineId,
    last: u32,
    /// The first snapshot that has it.
    first: SnapshotNumber,
    /// The newest round of the fold that saw it.
    round: u32,
}

/// The facts of all lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Facts {
    tracks: Vec<Track>,
    places: Vec<Place>,
    /// The lines that ever counted in a period; one that came back is there twice.
    of_period: BTreeMap<Month, Vec<u32>>,
    facts: Vec<Fact>,
    /// Where the facts of each snapshot begin.
    starts: Vec<u32>,
    /// Whether facts of the coming snapshot are there already.
    is_open: bool,
    round: u32,
    #[serde(skip)]
    numbers: HashMap<LineId, u32>,
}

/// What is written down of the facts, field by field; the numbers follow from the tracks.
type Kept = (Vec<Track>, Vec<Place>, BTreeMap<Month, Vec<u32>>, Vec<Fact>, Vec<u32>, bool, u32);

impl From<Kept> for Facts {
    fn from((tracks, places, of_period, facts, starts, is_open, round): Kept) -> Facts {
        let numbers = numbered(&tracks).map(|(number, track)| (track.id, number)).collect();
        Facts { tracks, places, of_period, facts, starts, is_open, round, numbers }
    }
}

/// What one snapshot changed about one line: what it was before and what it is after.
#[derive(Debug, Clone, Copy)]
pub struct Step<'h> {
    /// The line, by its number.
    pub line: u32,
    /// Whether our own mapping or rules brought it, and not the extracts.
    pub is_own: bool,
    /// Whether the line is gone because its row was set aside.
    pub is_aside: bool,
    /// The line before; `None` where it was not there.
    pub before: Option<State<'h>>,
    /// The line after; `None` where it is not there.
    pub after: Option<State<'h>>,
}

impl Facts {
    /// Adds what a snapshot says; snapshots come oldest first.
    pub(super) fn fold(&mut self, reconciled: &Reconciled<'_>) {
        self.begin();
        self.take(reconciled, false);
        self.is_open = false;
    }

    /// Adds what the newest snapshot would have said under the mapping and rules of the coming one, to whose facts it
    /// belongs.
    pub(super) fn fold_own(&mut self, reconciled: &Reconciled<'_>) {
        self.begin();
        self.take(reconciled, true);
    }

    /// Opens the coming snapshot, once.
    fn begin(&mut self) {
        if !self.is_open {
            self.starts.push(u32::try_from(self.facts.len()).unwrap_or(u32::MAX));
            self.is_open = true;
        }
    }

    fn take(&mut self, reconciled: &Reconciled<'_>, is_own: bool) {
        let lines = numbered(&reconciled.snapshot.records.lines).map(|(number, line)| {
            let figures = &reconciled.lines[number as usize];
            let amounts = Amounts {
                status: line.status,
                bucket: line.bucket,
                reason: line.reason_raw,
                since: line.status_date,
                rate: line.rate,
                base: Minor::new(line.amount_base),
                calculated: Minor::new(line.amount_calculated),
                adjustments: Minor::new(Some(figures.adjustments)),
                paid: Minor::new(line.amount_paid),
                expected: Minor::new(figures.expected),
            };
            (line.id, reconciled.place(number), amounts)
        });
        let aside = || reconciled.snapshot.quarantined.iter().filter_map(|row| row.line).collect();
        self.take_lines(lines, aside, is_own);
    }

    /// Takes the lines of a snapshot; `aside` gives those whose rows were set aside, asked only where a line is gone.
    fn take_lines(
        &mut self,
        lines: impl Iterator<Item = (LineId, Place, Amounts)>,
        aside: impl FnOnce() -> HashSet<LineId>,
        is_own: bool,
    ) {
        self.round += 1;
        for (id, place, amounts) in lines {
            self.see(id, place, amounts, is_own);
        }
        let gone: Vec<u32> = numbered(&self.tracks)
            .filter(|(_, track)| track.round != self.round && self.facts[track.last as usize].place != ABSENT)
            .map(|(line, _)| line)
            .collect();
        let aside = if gone.is_empty() { HashSet::new() } else { aside() };
        for line in gone {
            let Track { id, last, .. } = self.tracks[line as usize];
            let amounts = self.facts[last as usize].amounts;
            self.push(line, ABSENT, amounts, is_own);
            if let Some(fact) = self.facts.last_mut() {
                fact.is_aside = aside.contains(&id);
            }
        }
    }

    fn see(&mut self, id: LineId, place: Place, amounts: Amounts, is_own: bool) {
        let known = self.numbers.get(&id).copied();
        let line = known.unwrap_or_else(|| {
            let line = u32::try_from(self.tracks.len()).unwrap_or(u32::MAX);
            self.tracks.push(Track { id, last: NONE, first: self.now(), round: self.round });
            self.numbers.insert(id, line);
            line
        });
        self.tracks[line as usize].round = self.round;
        let last = self.facts.get(self.tracks[line as usize].last as usize);
        let same_place = last.map(|fact| fact.place).filter(|p| self.places.get(*p as usize) == Some(&place));
        match same_place {
            Some(_) if last.is_some_and(|fact| fact.amounts == amounts) => {}
            Some(place) => self.push(line, place, amounts, is_own),
            None => {
                let was = last.and_then(|fact| self.places.get(fact.place as usize)).map(|p| p.period);
                if was != Some(place.period) {
                    self.of_period.entry(place.period).or_default().push(line);
                }
                let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
                self.places.push(place);
                self.push(line, number, amounts, is_own);
            }
        }
    }

    fn push(&mut self, line: u32, place: u32, amounts: Amounts, is_own: bool) {
        let snapshot = self.now();
        let track = &mut self.tracks[line as usize];
        let fact = Fact { line, previous: track.last, place, snapshot, is_own, is_aside: false, amounts };
        track.last = u32::try_from(self.facts.len()).unwrap_or(u32::MAX);
        self.facts.push(fact);
    }

    /// The snapshot that is being folded.
    fn now(&self) -> SnapshotNumber {
        SnapshotNumber::try_from(self.starts.len().saturating_sub(1)).unwrap_or(SnapshotNumber::MAX)
    }

    /// How many lines were ever seen.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether no line was ever seen.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// How many facts are kept.
    pub fn fact_count(&self) -> usize {
        self.facts.len()
    }

    /// The number of a line.
    pub fn number(&self, id: LineId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// The id of a line.
    pub fn id(&self, line: u32) -> LineId {
        self.tracks[line as usize].id
    }

    /// The first snapshot that has a line.
    pub fn first_seen(&self, line: u32) -> SnapshotNumber {
        self.tracks[line as usize].first
    }

    /// A line as a snapshot has it; `None` where it is not there.
    pub fn at(&self, line: u32, snapshot: SnapshotNumber) -> Option<State<'_>> {
        let mut fact = self.facts.get(self.tracks[line as usize].last as usize)?;
        while fact.snapshot > snapshot {
            fact = self.facts.get(fact.previous as usize)?;
        }
        self.state(fact)
    }

    /// The snapshots in which a line changed, newest first, each with the line as it was from then on.
    pub fn of_line(&self, line: u32) -> impl Iterator<Item = (SnapshotNumber, bool, Option<State<'_>>)> {
        let mut next = self.facts.get(self.tracks[line as usize].last as usize);
        std::iter::from_fn(move || {
            let fact = next?;
            next = self.facts.get(fact.previous as usize);
            Some((fact.snapshot, fact.is_own, self.state(fact)))
        })
    }

    /// Every place that a line ever had; a line that moved is there for each of them.
    pub fn places(&self) -> impl Iterator<Item = (u32, &Place)> {
        let facts = self.facts.iter().filter(|fact| {
            // Once for each place: an amount that changed alone keeps it.
            self.facts.get(fact.previous as usize).is_none_or(|before| before.place != fact.place)
        });
        facts.filter_map(|fact| Some((fact.line, self.places.get(fact.place as usize)?)))
    }

    /// The measures that some lines add to a scope at each snapshot in which they changed, by currency, oldest first.
    ///
    /// `lines` are those that ever counted in the scope; `is_meant` says whether they do at a place.
    pub fn series(
        &self,
        lines: &[u32],
        is_meant: impl Fn(&Place) -> bool,
    ) -> BTreeMap<Currency, BTreeMap<SnapshotNumber, Measures>> {
        let mut deltas: BTreeMap<Currency, BTreeMap<SnapshotNumber, Measures>> = BTreeMap::new();
        let mut add = |snapshot, state: State<'_>, sign: fn(Measures, Measures) -> Measures| {
            if is_meant(state.place) {
                let of = deltas.entry(state.place.currency).or_default().entry(snapshot).or_default();
                *of = sign(*of, state.measures());
            }
        };
        for line in lines {
            let mut next = self.facts.get(self.tracks[*line as usize].last as usize);
            while let Some(fact) = next {
                let before = self.facts.get(fact.previous as usize);
                if let Some(state) = self.state(fact) {
                    add(fact.snapshot, state, |sum, one| sum + one);
                }
                if let Some(state) = before.and_then(|before| self.state(before)) {
                    add(fact.snapshot, state, |sum, one| sum - one);
                }
                next = before;
            }
        }
        for series in deltas.values_mut() {
            let mut sum = Measures::default();
            for measures in series.values_mut() {
                sum += *measures;
                *measures = sum;
            }
        }
        deltas
    }

    /// The lines that ever counted in a period, by number.
    pub fn of_period(&self, period: Month) -> Vec<u32> {
        let mut lines = self.of_period.get(&period).cloned().unwrap_or_default();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Every period in which a line ever counted, oldest first.
    pub fn periods(&self) -> impl Iterator<Item = Month> + '_ {
        self.of_period.keys().copied()
    }

    /// Every line that a snapshot has, in the order in which lines were first seen.
    pub fn lines_at(&self, snapshot: SnapshotNumber) -> impl Iterator<Item = (u32, State<'_>)> {
        numbered(&self.tracks).filter_map(move |(line, _)| Some((line, self.at(line, snapshot)?)))
    }

    /// How many lines changed after one snapshot up to another.
    pub fn changed(&self, from: SnapshotNumber, to: SnapshotNumber) -> usize {
        self.steps(from..to).map(|step| step.line).collect::<BTreeSet<u32>>().len()
    }

    /// Every change after one snapshot up to another, oldest first.
    pub fn steps(&self, span: Range<SnapshotNumber>) -> impl Iterator<Item = Step<'_>> {
        let start =
            |snapshot: usize| self.starts.get(snapshot).map_or(self.facts.len(), |start| *start as usize);
        let facts = start(usize::from(span.start) + 1)..start(usize::from(span.end) + 1);
        self.facts.get(facts).unwrap_or(&[]).iter().map(|fact| self.step(fact))
    }

    /// The changes of one line after one snapshot up to another, oldest first.
    pub fn steps_of(&self, line: u32, span: Range<SnapshotNumber>) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut next = self.facts.get(self.tracks[line as usize].last as usize);
        while let Some(fact) = next.filter(|fact| fact.snapshot > span.start) {
            if fact.snapshot <= span.end {
                steps.push(self.step(fact));
            }
            next = self.facts.get(fact.previous as usize);
        }
        steps.reverse();
        steps
    }

    fn step<'h>(&'h self, fact: &'h Fact) -> Step<'h> {
        Step {
            line: fact.line,
            is_own: fact.is_own,
            is_aside: fact.is_aside,
            before: self.facts.get(fact.previous as usize).and_then(|before| self.state(before)),
            after: self.state(fact),
        }
    }

    fn state<'h>(&'h self, fact: &'h Fact) -> Option<State<'h>> {
        Some(State { place: self.places.get(fact.place as usize)?, money: &fact.amounts })
    }

    /// Every currency that a line ever had.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut all: Vec<Currency> = self.places.iter().map(|place| place.currency).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::id::{Id, OrderId, ProgramId};

    /// A line of a made-up snapshot: amounts in cents, the rest as small numbers.
    #[derive(Debug, Clone)]
    pub(crate) struct Made {
        pub(crate) month: u32,
        pub(crate) program: u8,
        pub(crate) order: Option<u8>,
        pub(crate) status: Status,
        pub(crate) calculated: Option<i64>,
        pub(crate) adjustments: i64,
        pub(crate) paid: Option<i64>,
        pub(crate) expected: Option<i64>,
        pub(crate) is_euro: bool,
    }

    impl Made {
        pub(crate) fn place(&self) -> Place {
            let id = |text: String| OrderId::new(&text, &text);
            let program = format!("P{}", self.program);
            Place {
                period: Month::new(2026, self.month).unwrap(),
                currency: Currency::parse(if self.is_euro { "EUR" } else { "USD" }).unwrap(),
                program: ProgramId::new(&program, &program),
                campaign: None,
                order: self.order.map(|n| id(format!("O{n}"))),
                order_ref: id(format!("O{:?}", self.order)),
                account: None,
                customer: None,
                batch: None,
                payout: None,
                category: None,
                region: None,
            }
        }

        fn amounts(&self) -> Amounts {
            let minor = |amount: Option<i64>| amount.map_or(Minor::NONE, |amount| Minor(amount.into()));
            Amounts {
                status: self.status,
                bucket: self.status.default_bucket(),
                reason: None,
                since: None,
                rate: None,
                base: Minor::NONE,
                calculated: minor(self.calculated),
                adjustments: minor(Some(self.adjustments)),
                paid: minor(self.paid),
                expected: minor(self.expected),
            }
        }
    }

    /// What one snapshot says, by the number of the line.
    pub(crate) type MadeSnapshot = BTreeMap<u8, Made>;

    pub(crate) fn line_id(number: u8) -> LineId {
        Id::new(&format!("L{number}"), &format!("L{number}"))
    }

    /// Folds made-up snapshots; one that is marked is what our own rules would have made of the snapshot before.
    pub(crate) fn folded(snapshots: &[(bool, MadeSnapshot)]) -> Facts {
        let mut facts = Facts::default();
        for (is_own, lines) in snapshots {
            facts.begin();
            let lines = lines.iter().map(|(n, made)| (line_id(*n), made.place(), made.amounts()));
            facts.take_lines(lines, HashSet::new, *is_own);
            facts.is_open = *is_own;
        }
        facts
    }

    pub(crate) fn made() -> impl Strategy<Value = Made> {
        let amount = || proptest::option::weighted(0.7, -500_i64..5_000);
        (
            (4_u32..7, 0_u8..2, proptest::option::weighted(0.9, 0_u8..3)),
            proptest::sample::select(Status::ALL.to_vec()),
            (amount(), prop_oneof![3 => Just(0_i64), 1 => -300_i64..300], amount(), amount()),
            proptest::bool::weighted(0.15),
        )
            .prop_map(
                |((month, program, order), status, (calculated, adjustments, paid, expected), is_euro)| {
                    Made { month, program, order, status, calculated, adjustments, paid, expected, is_euro }
                },
            )
    }

    pub(crate) fn snapshots() -> impl Strategy<Value = Vec<MadeSnapshot>> {
        let one = proptest::collection::btree_map(0_u8..8, made(), 0..7);
        proptest::collection::vec(one, 2..6)
    }

    proptest! {
        #[test]
        fn every_snapshot_can_be_read_back(snapshots in snapshots()) {
            // Goal: the facts lose nothing. Method: after folding, every line of every made-up snapshot has exactly its
            // place and amounts there, lines that a snapshot lacks are absent, and a line that stays as it is costs no fact.
            let marked: Vec<_> = snapshots.iter().map(|s| (false, s.clone())).collect();
            let facts = folded(&marked);
            for (number, snapshot) in (0_u16..).zip(&snapshots) {
                for n in 0..8 {
                    let state = facts.number(line_id(n)).and_then(|line| facts.at(line, number));
                    let found = state.map(|s| (s.place.clone(), *s.money));
                    prop_assert_eq!(found, snapshot.get(&n).map(|made| (made.place(), made.amounts())));
                }
            }
            let mut twice = marked.clone();
            twice.push(marked[marked.len() - 1].clone());
            prop_assert_eq!(folded(&twice).fact_count(), facts.fact_count());
        }
    }
}

//! How long lines stay in their statuses and take from them to payment: a fold over the snapshots, oldest first.
//!
//! A *stay* is the time of a line in one status; a *journey* is the time from its entry into a status to its payment, with
//! rejection as the other way it may end. What happened to a line between two snapshots leaves no trace but the dates that
//! the vendor gives; the rules for what is dated how are in `spells/dates.rs`.
//!
//! Cost: per snapshot, its lines and the pools (program × status × month of entry), never all that was. *Invariants:*
//! folding a snapshot twice changes nothing; an estimate at a snapshot knows nothing of later ones.
//!
//! Source: domain 5.3.

mod dates;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::backtest::{Backtest, Promise};
use super::cohort::{Cohort, Followed};
use super::estimates::Estimates;
use super::survival::Outcome;
use crate::model::money::grouped;
use crate::model::record::Line;
use crate::model::reference::Program;
use crate::model::status::Status;
use crate::model::time::{AsOf, Month};
use crate::reconcile::matching::numbered;
use crate::reconcile::{Reconciled, Usual, Waits};
use crate::say;
pub use dates::Since;

/// The months of entry that estimates look at: that of the as-of date and those before it.
pub const MONTHS: usize = 12;

/// The newest of them, which are compared with the others.
pub const RECENT_MONTHS: usize = 3;

/// The statuses in which a line waits for something, in the order of the way to payment.
pub const WAITING: [Status; 5] =
    [Status::PendingData, Status::InCalculation, Status::Calculated, Status::UnderReview, Status::Approved];

/// Which spells a cohort holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The program, by the canonical form of its id.
    pub program: Ustr,
    /// The status that they stayed in, or started from.
    pub status: Status,
    /// The month in which they entered it.
    pub entered: Month,
}

/// Cohorts by key, in the order in which the keys first came.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "(Vec<(Key, Cohort)>,)")]
pub struct Cohorts {
    all: Vec<(Key, Cohort)>,
    #[serde(skip)]
    places: HashMap<Key, u32>,
}

impl From<(Vec<(Key, Cohort)>,)> for Cohorts {
    fn from((all,): (Vec<(Key, Cohort)>,)) -> Cohorts {
        let places = numbered(&all).map(|(place, (key, _))| (*key, place)).collect();
        Cohorts { all, places }
    }
}

impl Cohorts {
    fn of(&mut self, key: Key) -> &mut Cohort {
        let place = *self.places.entry(key).or_insert_with(|| {
            self.all.push((key, Cohort::default()));
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        });
        &mut self.all[place as usize].1
    }

    /// Every cohort with its key.
    pub fn iter(&self) -> impl Iterator<Item = &(Key, Cohort)> {
        self.all.iter()
    }

    /// Forgets the spells of earlier months.
    fn keep_from(&mut self, month: Month) {
        let mut all = std::mem::take(&mut self.all);
        all.retain(|(key, _)| key.entered >= month);
        *self = Cohorts::from((all,));
    }
}

/// Stays and journeys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Both {
    /// Times in a status.
    pub stays: Cohorts,
    /// Times from a status to payment.
    pub journeys: Cohorts,
}

/// What is known of one line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Track {
    /// The line, by the canonical form of its id.
    id: Ustr,
    /// The program, by the canonical form of its id.
    pub(super) program: Ustr,
    /// The batch; where the vendor gives none, the lines of a program and period stand together.
    pub(super) batch: Ustr,
    /// The last status that was known.
    status: Option<Status>,
    /// The last day on which that was so; before a status is known, the last look at its source that did not show it.
    pub(super) seen: Option<NaiveDate>,
    /// Since when it is in its status, when it waits in it.
    stay: Option<Since>,
    /// The journeys that have not ended.
    journeys: Vec<(Status, Since)>,
    /// The rank it fell back from and has not regained.
    pub(super) fell_from: Option<u64>,
    /// The furthest rank, since it began or began anew.
    rank: Option<u64>,
    /// When it was paid.
    pub(super) paid: Option<NaiveDate>,
    /// The payment dates that were shown for it.
    pub(super) promises: Vec<Promise>,
    round: u32,
    is_gone: bool,
}

impl Track {
    /// Its status, where that is known and the line is not gone.
    pub(super) fn status(&self) -> Option<Status> {
        self.status.filter(|_| !self.is_gone)
    }

    /// Whether it is paid or rejected.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self.status, Some(Status::Paid | Status::Rejected))
    }

    /// Since when it is on its way from its status to payment.
    pub(super) fn journey(&self) -> Option<Since> {
        let status = self.status?;
        self.journeys.iter().find(|(from, _)| *from == status).map(|(_, since)| *since)
    }
}

/// The spells of all lines up to the newest snapshot.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Spells {
    last: Option<AsOf>,
    round: u32,
    pub(super) tracks: Vec<Track>,
    /// The lines of the newest snapshot.
    present: Vec<u32>,
    /// The last look at the source of each site.
    looked: BTreeMap<Option<Ustr>, NaiveDate>,
    settled: Both,
    /// The exclusive group of each program that has one.
    group_of: BTreeMap<Ustr, Ustr>,
    pub(super) backtest: Backtest,
    // What follows from the rest.
    #[serde(skip)]
    numbers: HashMap<Ustr, u32>,
    #[serde(skip)]
    estimates: Estimates,
}

/// What is written down of spells, field by field.
#[derive(Deserialize)]
struct Kept {
    last: Option<AsOf>,
    round: u32,
    tracks: Vec<Track>,
    present: Vec<u32>,
    looked: BTreeMap<Option<Ustr>, NaiveDate>,
    settled: Both,
    group_of: BTreeMap<Ustr, Ustr>,
    backtest: Backtest,
}

impl From<Kept> for Spells {
    fn from(kept: Kept) -> Spells {
        let Kept { last, round, tracks, present, looked, settled, group_of, backtest } = kept;
        let numbers = numbered(&tracks).map(|(place, track)| (track.id, place)).collect();
        let estimates = Estimates::default();
        let mut spells =
            Spells { last, round, tracks, present, looked, settled, group_of, backtest, numbers, estimates };
        spells.refresh();
        spells
    }
}

impl Spells {
    /// Adds what a snapshot says. Snapshots come oldest first; one that is not newer than the last one changes nothing.
    pub fn fold(&mut self, reconciled: &Reconciled<'_>) {
        if self.last.is_some_and(|last| last >= reconciled.as_of()) {
            return;
        }
        self.last = Some(reconciled.as_of());
        self.round += 1;
        let stale = reconciled.stale_feeds();
        let before = std::mem::take(&mut self.present);
        let looked = self.looked.clone();
        for (number, line) in numbered(&reconciled.snapshot.records.lines) {
            let until = reconciled.followed_until(number, &stale);
            let site = reconciled.site(number);
            // A source of which nothing is known yet is as old as the snapshots.
            let earlier = looked.get(&site).or_else(|| looked.values().max()).copied();
            let look = self.looked.entry(site).or_insert(until);
            *look = until.max(*look);
            let place = self.track(line, earlier);
            self.see(place, reconciled, line, until);
            self.present.push(place);
        }
        for place in before {
            if self.tracks[place as usize].round != self.round {
                self.lose(place);
            }
        }
        let programs = &reconciled.rules.reference.programs;
        self.group_of = programs
            .iter()
            .filter_map(|program| Some((program.id.key(), program.exclusive_group?)))
            .collect();
        self.refresh();
        self.keep_promises(reconciled);
    }

    /// What can be said of times, as of the newest snapshot.
    pub fn estimates(&self) -> &Estimates {
        &self.estimates
    }

    /// How dates that were shown held.
    pub fn backtest(&self) -> &Backtest {
        &self.backtest
    }

    /// How long nine in ten lines of each program stay in each status at most, where that is known.
    pub fn waits(&self, programs: &[Program]) -> Waits {
        let mut waits = Waits::default();
        for status in WAITING {
            let seen = self.estimates.programs(status);
            for program in
                programs.iter().map(|program| program.id.key()).chain(seen).collect::<BTreeSet<_>>()
            {
                let p90 = self.estimates.stays.narrowest(program, status, |stays| stays.stay.p90());
                if let Some(pooled) = p90
                    && let Some(days) = pooled.days.known()
                {
                    let lines = pooled.of.stay.evidence().lines;
                    let lines = say!(
                        "{lines} lines of {programs}",
                        lines = grouped(&lines.to_string()),
                        programs = pooled.pool.in_words(programs)
                    );
                    waits.set(program, status, Usual { days, lines });
                }
            }
        }
        waits
    }

    pub(super) fn of_line(&self, line: &Line) -> Option<&Track> {
        self.numbers.get(&line.id.key()).map(|place| &self.tracks[*place as usize])
    }

    /// The lines of the newest snapshot in its order.
    pub(super) fn present(&self) -> &[u32] {
        &self.present
    }

    /// The track of a line, made where there is none.
    fn track(&mut self, line: &Line, earlier: Option<NaiveDate>) -> u32 {
        let round = self.round;
        let place = *self.numbers.entry(line.id.key()).or_insert_with(|| {
            self.tracks.push(Track {
                id: line.id.key(),
                program: line.program.key(),
                batch: Ustr::default(),
                status: None,
                seen: earlier,
                stay: None,
                journeys: Vec::new(),
                fell_from: None,
                rank: None,
                paid: None,
                promises: Vec::new(),
                round,
                is_gone: false,
            });
            u32::try_from(self.tracks.len() - 1).unwrap_or(u32::MAX)
        });
        let track = &mut self.tracks[place as usize];
        track.round = round;
        track.program = line.program.key();
        track.batch = line.batch.map_or_else(
            || Ustr::from(&format!("{}/{}", line.program.canonical(), line.period)),
            |batch| batch.key(),
        );
        place
    }

    /// Brings a line up to date with what a snapshot says of it.
    fn see(&mut self, place: u32, reconciled: &Reconciled<'_>, line: &Line, until: NaiveDate) {
        let track = &mut self.tracks[place as usize];
        if std::mem::take(&mut track.is_gone) {
            // What it did while it was gone nobody knows: from now on it is followed again.
            let since = track.stay.iter_mut().chain(track.journeys.iter_mut().map(|(_, since)| since));
            since.for_each(|since| since.follow_from(until));
        }
        // A status that nobody knows says nothing: the last known one stands.
        if line.status == Status::Unknown {
            return;
        }
        let rank = reconciled.status_rank(line);
        if track.status == Some(line.status) {
            let stays = track.stay.iter_mut();
            let status = line.status;
            let journeys =
                track.journeys.iter_mut().filter(|(from, _)| *from == status).map(|(_, since)| since);
            stays.chain(journeys).for_each(|since| since.learn(line));
        } else {
            change(&mut self.settled, track, reconciled, line, until);
        }
        track.fell_from = track.rank.filter(|best| rank.is_some_and(|rank| rank < *best));
        track.rank = if rank.is_none() { None } else { track.rank.max(rank) };
        track.status = Some(line.status);
        track.seen = Some(until);
    }

    /// A line that is not there any more was followed up to where it was last seen.
    fn lose(&mut self, place: u32) {
        let track = &mut self.tracks[place as usize];
        track.is_gone = true;
        let Some(seen) = track.seen else { return };
        // A spell of unknown age is counted once, when it ends or while it is open.
        put_open(&mut self.settled, track, seen, |since| since.entry.is_some());
        self.backtest.lose(track);
    }

    /// Counts the open spells, which are a snapshot older, and makes the estimates of what is known now.
    fn refresh(&mut self) {
        let Some(as_of) = self.last else { return };
        let (from, _) = window(as_of);
        self.settled.stays.keep_from(from);
        self.settled.journeys.keep_from(from);
        let mut open = Both::default();
        for place in &self.present {
            let track = &self.tracks[*place as usize];
            if let Some(seen) = track.seen {
                put_open(&mut open, track, seen, |_| true);
            }
        }
        self.estimates = Estimates::new(as_of, [&self.settled, &open], &self.group_of);
    }
}

/// The first month of entry that estimates look at, and the first of the newest ones.
pub(super) fn window(as_of: AsOf) -> (Month, Month) {
    let mut months = std::iter::successors(Some(Month::of(as_of.date())), |month| Some(month.previous()));
    let recent = months.nth(RECENT_MONTHS - 1);
    let first = months.nth(MONTHS - RECENT_MONTHS - 1);
    let now = Month::of(as_of.date());
    (first.unwrap_or(now), recent.unwrap_or(now))
}

/// Ends what a change of status ends and begins what it begins.
fn change(both: &mut Both, track: &mut Track, reconciled: &Reconciled<'_>, line: &Line, until: NaiveDate) {
    let since = Since::new(reconciled, line, track.seen, until);
    // A line that is paid or rejected was approved in between when it says so.
    let is_final = matches!(line.status, Status::Paid | Status::Rejected);
    if let Some(approved) = line.approved_date.filter(|_| is_final && track.status != Some(Status::Approved))
    {
        let approved = Since::given(since.entry.map_or(approved, |entry| approved.min(entry)), until);
        end_stay(both, track, approved, Outcome::Left);
        begin(track, Status::Approved, approved);
    }
    let outcome = match line.status {
        Status::Paid => Outcome::Paid,
        Status::Rejected => Outcome::Rejected,
        Status::PendingData
        | Status::InCalculation
        | Status::Calculated
        | Status::UnderReview
        | Status::Approved
        | Status::Unknown => Outcome::Left,
    };
    end_stay(both, track, since, outcome);
    if is_final {
        for (status, journey) in std::mem::take(&mut track.journeys) {
            put(&mut both.journeys, track, (status, journey), since, outcome);
        }
    } else {
        begin(track, line.status, since);
    }
    // Where no date is known, it was paid by the time it was first seen so.
    track.paid = (line.status == Status::Paid).then(|| since.entry.unwrap_or(until));
}

fn begin(track: &mut Track, status: Status, since: Since) {
    track.status = Some(status);
    track.stay = Some(since);
    // One that came back to a status is still on the way it began there first.
    if !track.journeys.iter().any(|(from, _)| *from == status) {
        track.journeys.push((status, since));
    }
}

fn end_stay(both: &mut Both, track: &mut Track, end: Since, outcome: Outcome) {
    if let (Some(stay), Some(status)) = (track.stay.take(), track.status) {
        put(&mut both.stays, track, (status, stay), end, outcome);
    }
}

/// Counts a spell that ended.
fn put(cohorts: &mut Cohorts, track: &Track, spell: (Status, Since), end: Since, outcome: Outcome) {
    let (status, since) = spell;
    let cohort = cohorts.of(Key { program: track.program, status, entered: since.month() });
    match since.ended(end, outcome) {
        Some(followed) => cohort.add(followed, track.batch),
        None => cohort.exclude(),
    }
}

/// Counts those spells of a line that are open and are to be counted.
fn put_open(both: &mut Both, track: &Track, seen: NaiveDate, counts: impl Fn(Since) -> bool) {
    let end = Since::given(seen, seen);
    if let (Some(stay), Some(status)) = (track.stay.filter(|stay| counts(*stay)), track.status) {
        put(&mut both.stays, track, (status, stay), end, Outcome::Open);
    }
    for journey in track.journeys.iter().filter(|(_, since)| counts(*since)) {
        put(&mut both.journeys, track, *journey, end, Outcome::Open);
    }
}

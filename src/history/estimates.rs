//! What can be said of times at one snapshot, pool by pool: a program, its group of exclusive programs, all programs.
//!
//! Each figure comes from the narrowest pool that has enough settled batches for it, and names that pool (domain 5.3,
//! rule 9). Recent months are compared with those before; only intervals with no day in common are called a change.

use std::collections::{BTreeMap, BTreeSet};

use ustr::Ustr;

use super::cohort::{Cohort, Days, Journey, Stay};
use super::spells::{Both, Key, window};
use crate::model::reference::Program;
use crate::model::status::Status;
use crate::model::time::{AsOf, Month};
use crate::say;

/// Which lines a figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pool {
    /// Those of one program.
    Program(Ustr),
    /// Those of the programs of one exclusive group.
    Group(Ustr),
    /// Those of all programs.
    All,
}

impl Pool {
    /// Whose lines they are: `Partner Core`, `the programs of group STD`, `all programs`.
    pub fn in_words(self, programs: &[Program]) -> String {
        match self {
            Pool::Program(id) => {
                let program = programs.iter().find(|program| program.id.key() == id);
                program.map_or(id.as_str(), |program| program.name.as_str()).to_owned()
            }
            Pool::Group(group) => say!("the programs of group {group}", group),
            Pool::All => say!("all programs").to_owned(),
        }
    }
}

/// A figure with the pool it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Pooled<'e, T> {
    /// The pool.
    pub pool: Pool,
    /// What is known of it.
    pub of: &'e T,
    /// The figure, or why there is none: then the pool is the widest there is.
    pub days: Days,
}

/// How long lines stay in a status, of one pool.
#[derive(Debug, Clone, Default)]
pub struct Stays {
    /// All spells of the window.
    pub stay: Stay,
    /// Spells that are left out because nobody knows their age.
    pub excluded: u64,
    /// Spells with a date that lies between two snapshots, and the most it may be off in days.
    pub between: (u64, u32),
    /// How the newest months compare with those before; `None` where one of the two has too few batches.
    pub trend: Option<Trend>,
}

/// How the newest months compare with those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// Half of the lines move on earlier.
    Faster,
    /// Half of the lines move on later.
    Slower,
    /// Any difference may be chance.
    Same,
}

/// Something known of each pool and status.
#[derive(Debug, Clone)]
pub struct Pools<T> {
    programs: BTreeMap<(Ustr, Status), T>,
    groups: BTreeMap<(Ustr, Status), T>,
    all: BTreeMap<Status, T>,
    group_of: BTreeMap<Ustr, Ustr>,
}

impl<T> Default for Pools<T> {
    fn default() -> Pools<T> {
        let (programs, groups) = (BTreeMap::new(), BTreeMap::new());
        Pools { programs, groups, all: BTreeMap::new(), group_of: BTreeMap::new() }
    }
}

impl<T> Pools<T> {
    /// Makes something of the cohorts of each pool and status.
    fn new<'c>(
        cohorts: &[&'c (Key, Cohort)],
        group_of: &BTreeMap<Ustr, Ustr>,
        make: impl Fn(&[&'c (Key, Cohort)]) -> T,
    ) -> Pools<T> {
        let mut programs: BTreeMap<(Ustr, Status), Vec<&(Key, Cohort)>> = BTreeMap::new();
        let mut groups: BTreeMap<(Ustr, Status), Vec<&(Key, Cohort)>> = BTreeMap::new();
        let mut all: BTreeMap<Status, Vec<&(Key, Cohort)>> = BTreeMap::new();
        for cohort in cohorts {
            let Key { program, status, .. } = cohort.0;
            programs.entry((program, status)).or_default().push(cohort);
            if let Some(group) = group_of.get(&program) {
                groups.entry((*group, status)).or_default().push(cohort);
            }
            all.entry(status).or_default().push(cohort);
        }
        Pools {
            programs: programs.into_iter().map(|(key, of)| (key, make(&of))).collect(),
            groups: groups.into_iter().map(|(key, of)| (key, make(&of))).collect(),
            all: all.into_iter().map(|(status, of)| (status, make(&of))).collect(),
            group_of: group_of.clone(),
        }
    }

    /// What is known of all programs.
    pub fn all(&self, status: Status) -> Option<&T> {
        self.all.get(&status)
    }

    /// What is known of one program alone.
    pub fn program(&self, program: Ustr, status: Status) -> Option<&T> {
        self.programs.get(&(program, status))
    }

    /// The programs that have spells in a status, by id.
    pub fn programs(&self, status: Status) -> impl Iterator<Item = Ustr> {
        self.programs.keys().filter(move |(_, of)| *of == status).map(|(program, _)| *program)
    }

    /// A figure from the narrowest pool that has enough for it; `None` where not even one spell is known.
    pub fn narrowest(
        &self,
        program: Ustr,
        status: Status,
        measure: impl Fn(&T) -> Days,
    ) -> Option<Pooled<'_, T>> {
        let group = self.group_of.get(&program).copied();
        let pools = [
            self.programs.get(&(program, status)).map(|of| (Pool::Program(program), of)),
            group.and_then(|group| Some((Pool::Group(group), self.groups.get(&(group, status))?))),
            self.all.get(&status).map(|of| (Pool::All, of)),
        ];
        let mut last = None;
        for (pool, of) in pools.into_iter().flatten() {
            let pooled = Pooled { pool, of, days: measure(of) };
            match pooled.days {
                Days::Known { .. } | Days::NotReached { .. } => return Some(pooled),
                Days::TooFew { .. } | Days::ThinStart => last = Some(pooled),
            }
        }
        last
    }
}

/// Everything that can be said of times as of one snapshot.
#[derive(Debug, Clone, Default)]
pub struct Estimates {
    /// The first month of entry that is looked at; `None` before any snapshot.
    pub from: Option<Month>,
    /// Times in a status.
    pub stays: Pools<Stays>,
    /// Times from a status to payment.
    pub journeys: Pools<Journey>,
}

impl Estimates {
    /// The estimates of spells that ended and spells that are open, as of a snapshot; `group_of` is the exclusive group of
    /// each program that has one.
    pub(super) fn new(as_of: AsOf, spells: [&Both; 2], group_of: &BTreeMap<Ustr, Ustr>) -> Estimates {
        let (from, recent) = window(as_of);
        let is_in_window = |cohort: &&(Key, Cohort)| cohort.0.entered >= from;
        let stays: Vec<_> = spells.iter().flat_map(|both| both.stays.iter()).filter(is_in_window).collect();
        let journeys: Vec<_> =
            spells.iter().flat_map(|both| both.journeys.iter()).filter(is_in_window).collect();
        Estimates {
            from: Some(from),
            stays: Pools::new(&stays, group_of, |cohorts| stays_of(cohorts, recent)),
            journeys: Pools::new(&journeys, group_of, |cohorts| {
                Journey::new(&merged(cohorts.iter().map(|(_, cohort)| cohort)))
            }),
        }
    }

    /// The programs that have spells in a status.
    pub fn programs(&self, status: Status) -> BTreeSet<Ustr> {
        self.stays.programs(status).chain(self.journeys.programs(status)).collect()
    }
}

fn stays_of(cohorts: &[&(Key, Cohort)], recent: Month) -> Stays {
    let of = |is_recent: bool| {
        merged(
            cohorts.iter().filter(|(key, _)| (key.entered >= recent) == is_recent).map(|(_, cohort)| cohort),
        )
    };
    let (newest, before) = (of(true), of(false));
    let mut all = newest.clone();
    all.merge(&before);
    let trend = trend(Stay::new(&newest).median(), Stay::new(&before).median());
    Stays { stay: Stay::new(&all), excluded: all.excluded(), between: all.between(), trend }
}

fn merged<'c>(cohorts: impl Iterator<Item = &'c Cohort>) -> Cohort {
    let mut all = Cohort::default();
    cohorts.for_each(|cohort| all.merge(cohort));
    all
}

/// A change is told only where the intervals of the two medians have no day in common.
fn trend(newest: Days, before: Days) -> Option<Trend> {
    let interval = |days| match days {
        Days::Known { interval, .. } => interval,
        Days::NotReached { .. } | Days::TooFew { .. } | Days::ThinStart => None,
    };
    let (newest, before) = (interval(newest)?, interval(before)?);
    Some(if newest.is_before(before) {
        Trend::Faster
    } else if before.is_before(newest) {
        Trend::Slower
    } else {
        Trend::Same
    })
}

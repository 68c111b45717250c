//! Spells with the batches they belong to, and what may be said of them.
//!
//! The lines of a batch move together, so a hundred lines of one batch teach little more than one line. What decides whether
//! an estimate is shown, and how wide its interval is, is therefore the number of batches (domain 5.3, rule 8), weighed:
//! batches of very different size count for fewer, as one that holds nearly all lines decides nearly alone. The weighed
//! number is that of Kish, (Σ m)² / Σ m² over the settled lines m of each batch: as many as there are batches when they
//! are equally large, 1 when one holds everything. The variance is taken larger in the same proportion.

#![expect(
    clippy::float_arithmetic,
    reason = "shares of lines, never amounts; days are picked from observed ones"
)]

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::survival::{Curve, Incidence, Interval, MEDIAN_FROM, Outcome, P90_FROM, Sample, Shares};

/// Spells that are looked at together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    sample: Sample,
    /// Settled spells, by the age at which they ended and the batch.
    settled: BTreeMap<(u32, Ustr), u64>,
    /// Spells with a date that was not given but lies between two snapshots.
    between: u64,
    /// The most such a date may be off, in days to either side.
    off_by: u32,
    /// Spells whose age nobody knows.
    excluded: u64,
}

/// A spell as it comes into a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// The age at which it came under observation; `None` when it would be known of from its first day on.
    pub entered: Option<u32>,
    /// The age up to which it was followed.
    pub left: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// By how many days its dates may be off, when they lie between two snapshots.
    pub off_by: Option<u32>,
}

impl Cohort {
    /// Adds a spell of a batch.
    pub fn add(&mut self, spell: Followed, batch: Ustr) {
        if !self.sample.add(spell.entered, spell.left, spell.outcome) {
            return;
        }
        if spell.outcome != Outcome::Open {
            *self.settled.entry((spell.left, batch)).or_default() += 1;
        }
        if let Some(days) = spell.off_by {
            self.between += 1;
            self.off_by = self.off_by.max(days);
        }
    }

    /// Counts a spell whose age nobody knows.
    pub fn exclude(&mut self) {
        self.excluded += 1;
    }

    /// Adds the spells of another cohort.
    pub fn merge(&mut self, other: &Cohort) {
        self.sample.merge(&other.sample);
        for (key, count) in &other.settled {
            *self.settled.entry(*key).or_default() += count;
        }
        self.between += other.between;
        self.off_by = self.off_by.max(other.off_by);
        self.excluded += other.excluded;
    }

    /// The spells without their batches.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// How many spells are left out because nobody knows their age.
    pub fn excluded(&self) -> u64 {
        self.excluded
    }

    /// How many spells have a date that lies between two snapshots, and the most it may be off, in days to either side.
    pub fn between(&self) -> (u64, u32) {
        (self.between, self.off_by)
    }

    /// What the estimates rest on, by age.
    pub fn evidence(&self) -> Evidence {
        let mut batches: HashMap<Ustr, u64> = HashMap::new();
        let mut now = Weight::default();
        let mut after = Vec::new();
        // From the longest spell to the shortest: what is added is what ended at this age, so what was there ended later.
        for ((day, batch), count) in self.settled.iter().rev() {
            if after.last().is_none_or(|(known, _)| known != day) {
                after.push((*day, now));
            }
            let of_batch = batches.entry(*batch).or_default();
            now.squares += u128::from(*count) * u128::from(2 * *of_batch + count);
            now.settled += count;
            now.batches += u64::from(*of_batch == 0);
            *of_batch += count;
        }
        after.reverse();
        Evidence { lines: self.sample.spells(), all: now, after }
    }
}

/// How much settled spells weigh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Spells that ended.
    pub settled: u64,
    /// Batches they are in.
    pub batches: u64,
    /// The sum of the squares of the spells per batch.
    squares: u128,
}

impl Weight {
    /// How many batches of one size would weigh as much; never more than there are batches.
    pub fn effective(self) -> u64 {
        // To the nearest: six batches of ten and eleven lines are six.
        let settled = u128::from(self.settled);
        let number = (2 * settled * settled + self.squares).checked_div(2 * self.squares).unwrap_or(0);
        u64::try_from(number).unwrap_or(u64::MAX)
    }

    /// By how much the variance is larger than if every spell were a batch of its own.
    pub fn inflation(self) -> f64 {
        if self.settled == 0 { 1.0 } else { self.squares as f64 / self.settled as f64 }
    }
}

/// What an estimate rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// All spells, open ones included.
    pub lines: u64,
    /// Those that ended.
    pub all: Weight,
    /// Those that ended later than a day, for each day on which some ended.
    after: Vec<(u32, Weight)>,
}

impl Evidence {
    /// Those that ended after an age; with `None` all of them.
    pub fn after(&self, age: Option<u32>) -> Weight {
        let Some(age) = age else { return self.all };
        match self.after.partition_point(|(day, _)| *day <= age) {
            0 => self.all,
            place => self.after[place - 1].1,
        }
    }
}

/// A number of days, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Days {
    /// So many.
    Known {
        /// The number of days, one that was observed.
        days: u32,
        /// Its interval of 95 %, where one is computed.
        interval: Option<Interval>,
    },
    /// The curve does not get there.
    NotReached {
        /// The longest that any spell was followed.
        after: u32,
        /// The share that waits longer.
        waiting: f64,
    },
    /// Too few batches are settled.
    TooFew {
        /// From how many on it is shown.
        needs: u64,
        /// How many there are, weighed.
        has: u64,
        /// How many there are.
        batches: u64,
    },
    /// Most spells came under observation late, so nearly nothing is known of the first days.
    ThinStart,
}

impl Days {
    /// The number, where there is one.
    pub fn known(self) -> Option<u32> {
        match self {
            Days::Known { days, .. } => Some(days),
            Days::NotReached { .. } | Days::TooFew { .. } | Days::ThinStart => None,
        }
    }
}

/// A share of lines and from how many settled batches on its day is shown.
#[derive(Debug, Clone, Copy)]
struct Gate {
    share: f64,
    needs: u64,
}

impl Gate {
    fn not_met_by(self, weight: Weight) -> Days {
        Days::TooFew { needs: self.needs, has: weight.effective(), batches: weight.batches }
    }
}

const HALF: Gate = Gate { share: 0.5, needs: MEDIAN_FROM };
const NINE_IN_TEN: Gate = Gate { share: 0.9, needs: P90_FROM };

/// How long lines stay in a status, whatever comes after it.
#[derive(Debug, Clone, Default)]
pub struct Stay {
    curve: Curve,
    evidence: Evidence,
}

impl Stay {
    /// The curve of a cohort: every end is an event.
    pub fn new(cohort: &Cohort) -> Stay {
        let curve = Curve::new(cohort.sample(), |outcome| match outcome {
            Outcome::Paid | Outcome::Rejected | Outcome::Left => true,
            Outcome::Open => false,
        });
        Stay { curve, evidence: cohort.evidence() }
    }

    /// The curve.
    pub fn curve(&self) -> &Curve {
        &self.curve
    }

    /// What it rests on.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// By when half have moved on.
    pub fn median(&self) -> Days {
        self.days(HALF)
    }

    /// By when nine in ten have.
    pub fn p90(&self) -> Days {
        self.days(NINE_IN_TEN)
    }

    fn days(&self, gate: Gate) -> Days {
        let weight = self.evidence.all;
        if weight.effective() < gate.needs {
            return gate.not_met_by(weight);
        }
        match self.curve.quantile(gate.share) {
            Some(days) if !self.curve.is_founded(None, days) => Days::ThinStart,
            Some(days) => {
                Days::Known { days, interval: Some(self.curve.interval(gate.share, weight.inflation())) }
            }
            None => {
                let (after, waiting) = self.curve.last();
                Days::NotReached { after, waiting }
            }
        }
    }
}

/// How long lines take from a status to their payment, where some are rejected instead.
#[derive(Debug, Clone, Default)]
pub struct Journey {
    incidence: Incidence,
    evidence: Evidence,
}

impl Journey {
    /// The shares of a cohort.
    pub fn new(cohort: &Cohort) -> Journey {
        Journey { incidence: Incidence::new(cohort.sample()), evidence: cohort.evidence() }
    }

    /// What it rests on.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What became of the lines as far as they were followed.
    pub fn shares(&self) -> Shares {
        self.incidence.last()
    }

    /// Of lines that wait for `age` days (`None`: of all), in how many more days half are paid.
    pub fn median(&self, age: Option<u32>) -> Days {
        self.days(age, HALF)
    }

    /// The same for nine in ten.
    pub fn p90(&self, age: Option<u32>) -> Days {
        self.days(age, NINE_IN_TEN)
    }

    /// The share paid in so many more days, of lines that wait for `age` days, in thousandths.
    pub fn share_paid(&self, age: u32, days: u32) -> u16 {
        let (now, then) = (self.incidence.at(age), self.incidence.at(age + days));
        let share = if now.open > 0.0 { (then.paid - now.paid) / now.open } else { 0.0 };
        (share.clamp(0.0, 1.0) * 1000.0).round() as u16
    }

    /// The gate applies to what is asked: for a line of a certain age, to the spells that ended later than that.
    fn days(&self, age: Option<u32>, gate: Gate) -> Days {
        let weight = self.evidence.after(age);
        if weight.effective() < gate.needs {
            return gate.not_met_by(weight);
        }
        let decided = self.incidence.decided();
        match self.incidence.days_to_paid(age, gate.share) {
            Some(days) if !decided.is_founded(age, age.unwrap_or(0) + days) => Days::ThinStart,
            Some(days) => Days::Known { days, interval: None },
            None => {
                let (after, waiting) = decided.last();
                Days::NotReached { after, waiting }
            }
        }
    }
}

#[cfg(test)]
mod tests;

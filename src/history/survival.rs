//! How long things last when some of them are still going on: the Kaplan-Meier curve, its interval, and the shares paid
//! and rejected over time.
//!
//! Pure arithmetic on whole days; it knows nothing of lines, batches and snapshots. Floating point is allowed here and
//! nowhere near money: every result that is shown is a day that was observed, or a share that is rounded. *Absent on
//! purpose:* means (undefined while the longest spell is open), and anything beyond the last day that was observed.
//!
//! Source: domain 5.3 (rules 2 to 5 and 9) and 5.4.

#![expect(
    clippy::float_arithmetic,
    reason = "shares of lines, never amounts; days are picked from observed ones"
)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Settled spells from which a median is shown: with fewer, no interval of 95 % exists for it (1 − 2 × 0.5^6 > 95 %).
pub const MEDIAN_FROM: u64 = 6;

/// Settled spells from which the day is shown by which nine in ten are done: with fewer, the longest of them is not
/// beyond that day with a confidence of 90 % (1 − 0.9^22 > 90 %).
pub const P90_FROM: u64 = 22;

/// Half the width of an interval of 95 %, in standard errors.
const Z_95: f64 = 1.959_963_984_540_054;

/// Shares that differ by less are equal: a product of fractions that should be one half may miss it by a rounding.
const EQUAL: f64 = 1e-12;

/// How a spell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has not, as far as it was followed.
    Open,
    /// The money came.
    Paid,
    /// The line was rejected.
    Rejected,
    /// It went on to something else.
    Left,
}

impl Outcome {
    const ALL: [Outcome; 4] = [Outcome::Open, Outcome::Paid, Outcome::Rejected, Outcome::Left];
}

/// Spells, as counts per day: adding one costs a look-up, and what is kept grows with the days and not with the spells.
///
/// Equal samples hold the same spells, whatever the order in which they came and were merged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Spells that were under observation from their first day on.
    whole: u64,
    days: BTreeMap<u32, Day>,
}

/// What happened at an age of so many days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    /// Spells that came under observation at this age.
    entered: u64,
    open: u64,
    paid: u64,
    rejected: u64,
    left: u64,
}

impl Day {
    fn count(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Open => self.open,
            Outcome::Paid => self.paid,
            Outcome::Rejected => self.rejected,
            Outcome::Left => self.left,
        }
    }

    fn count_mut(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Open => &mut self.open,
            Outcome::Paid => &mut self.paid,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Left => &mut self.left,
        }
    }

    fn ended(&self) -> u64 {
        self.open + self.paid + self.rejected + self.left
    }
}

impl Sample {
    /// Adds a spell that was followed up to the age of `left` days; gives back whether it counts.
    ///
    /// `entered` is the age at which it came under observation, for a spell that nobody would know of had it ended before
    /// (late entry); `None` when it would be known from its first day on. Such a spell is at risk on day t when
    /// `entered < t <= left`. The domain writes `entry <= t`; the strict sign is right, because a spell that is known to
    /// last at its entry cannot end there. So one that was not followed beyond its entry says nothing and is left out.
    pub fn add(&mut self, entered: Option<u32>, left: u32, outcome: Outcome) -> bool {
        match entered {
            Some(entered) if entered >= left => return false,
            Some(entered) => self.days.entry(entered).or_default().entered += 1,
            None => self.whole += 1,
        }
        *self.days.entry(left).or_default().count_mut(outcome) += 1;
        true
    }

    /// Adds the spells of another sample.
    pub fn merge(&mut self, other: &Sample) {
        self.whole += other.whole;
        for (day, more) in &other.days {
            let here = self.days.entry(*day).or_default();
            here.entered += more.entered;
            for outcome in Outcome::ALL {
                *here.count_mut(outcome) += more.count(outcome);
            }
        }
    }

    /// How many spells it holds.
    pub fn spells(&self) -> u64 {
        self.days.values().map(Day::ended).sum()
    }
}

/// A day on which spells ended.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The age in days.
    pub day: u32,
    /// Spells that could have ended on it.
    pub at_risk: u64,
    /// Spells that did.
    pub events: u64,
    /// Spells that come under observation only then or later.
    pub later: u64,
    /// The share that lasts longer.
    pub survival: f64,
    /// Greenwood's sum d / (n (n − d)) up to here; infinite once nothing lasts.
    pub variance: f64,
}

/// The day by which a share is done, at 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Not before this day; `None`: later than anything that was observed.
    pub from: Option<u32>,
    /// Not after this day; `None`: open.
    pub to: Option<u32>,
}

impl Interval {
    /// Whether it ends before another begins.
    pub fn is_before(self, other: Interval) -> bool {
        matches!((self.to, other.from), (Some(to), Some(from)) if to < from)
    }
}

/// The share that lasts longer than so many days: the product-limit estimate of Kaplan and Meier.
#[derive(Debug, Clone, Default)]
pub struct Curve {
    steps: Vec<Step>,
    last: u32,
}

impl Curve {
    /// The curve of a sample in which `is_event` says what ends a spell; at every other end, nobody looked further.
    pub fn new(sample: &Sample, is_event: impl Fn(Outcome) -> bool) -> Curve {
        let mut later: u64 = sample.days.values().map(|day| day.entered).sum();
        let mut at_risk = sample.whole;
        let (mut survival, mut variance) = (1.0, 0.0);
        let mut curve = Curve::default();
        for (day, counts) in &sample.days {
            let events: u64 =
                Outcome::ALL.into_iter().filter(|o| is_event(*o)).map(|o| counts.count(o)).sum();
            if events > 0 {
                let (n, d) = (float(at_risk), float(events));
                survival *= (n - d) / n;
                variance += d / (n * (n - d));
                curve.steps.push(Step { day: *day, at_risk, events, later, survival, variance });
            }
            if counts.ended() > 0 {
                curve.last = *day;
            }
            // What enters on a day is at risk from the next one on; what ends on it was at risk up to it.
            at_risk = at_risk + counts.entered - counts.ended();
            later -= counts.entered;
        }
        curve
    }

    /// The days on which spells ended, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many spells ended.
    pub fn events(&self) -> u64 {
        self.steps.iter().map(|step| step.events).sum()
    }

    /// The share that lasts longer than so many days.
    pub fn survival(&self, day: u32) -> f64 {
        step_at(&self.steps, day).map_or(1.0, |step| step.survival)
    }

    /// The longest that any spell was followed, and the share that lasts longer still.
    pub fn last(&self) -> (u32, f64) {
        (self.last, self.survival(self.last))
    }

    /// The smallest number of days by which a share `p` is done; `None` when the curve never gets there.
    pub fn quantile(&self, p: f64) -> Option<u32> {
        self.steps.iter().find(|step| step.survival <= 1.0 - p + EQUAL).map(|step| step.day)
    }

    /// The interval of that number of days (Brookmeyer and Crowley): where the bands of [`Curve::band`] get there.
    pub fn interval(&self, p: f64, inflation: f64) -> Interval {
        let first = |side: fn((f64, f64)) -> f64| {
            let is_there = |step: &&Step| side(band(step, inflation)) <= 1.0 - p + EQUAL;
            self.steps.iter().find(is_there).map(|step| step.day)
        };
        Interval { from: first(|(lower, _)| lower), to: first(|(_, upper)| upper) }
    }

    /// The band of 95 % around the share that lasts longer than so many days, on the log-log scale.
    ///
    /// `inflation` is by how much the variance is larger than that of spells that have nothing to do with each other: 1
    /// when they have not, the spells per group where those of a group end together.
    pub fn band(&self, day: u32, inflation: f64) -> (f64, f64) {
        step_at(&self.steps, day).map_or((1.0, 1.0), |step| band(step, inflation))
    }

    /// Whether the curve can be trusted from one day (not included) up to another.
    ///
    /// With late entry it may not: where few spells are at risk and at least as many come under observation only later,
    /// one of the few that ends pulls the curve down for all. Where few are at risk because the others ended, nothing is
    /// wrong and the interval says how little is known.
    pub fn is_founded(&self, after: Option<u32>, to: u32) -> bool {
        let is_thin = |step: &Step| step.at_risk < MEDIAN_FROM && step.later >= step.at_risk;
        let is_in_range = |step: &&Step| after.is_none_or(|after| step.day > after) && step.day <= to;
        !self.steps.iter().filter(is_in_range).any(is_thin)
    }
}

/// The last step up to a day.
fn step_at(steps: &[Step], day: u32) -> Option<&Step> {
    steps[..steps.partition_point(|step| step.day <= day)].last()
}

/// `S^exp(±z √V / ln S)`. Where everything has ended the variance has no end: the share is small, nobody knows how small.
fn band(step: &Step, inflation: f64) -> (f64, f64) {
    if step.survival <= 0.0 {
        return (0.0, 1.0);
    }
    let width = Z_95 * (step.variance * inflation).sqrt() / step.survival.ln();
    (step.survival.powf((-width).exp()), step.survival.powf(width.exp()))
}

/// What became of spells by a day. The three add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Paid by then.
    pub paid: f64,
    /// Rejected by then.
    pub rejected: f64,
    /// Still waiting.
    pub open: f64,
}

impl Shares {
    const START: Shares = Shares { paid: 0.0, rejected: 0.0, open: 1.0 };
}

/// The shares paid and rejected over time: the estimate of Aalen and Johansen. What is rejected can no longer be paid, so it
/// must not count as "would have been paid later", as it would on a curve of payments alone.
#[derive(Debug, Clone, Default)]
pub struct Incidence {
    decided: Curve,
    /// Beside the steps of the curve.
    shares: Vec<Shares>,
}

impl Incidence {
    /// The shares of a sample. A spell that went on to something else is not decided: it counts as followed up to then.
    pub fn new(sample: &Sample) -> Incidence {
        let decided = Curve::new(sample, |outcome| match outcome {
            Outcome::Paid | Outcome::Rejected => true,
            Outcome::Open | Outcome::Left => false,
        });
        let mut now = Shares::START;
        let mut shares = Vec::with_capacity(decided.steps.len());
        for step in &decided.steps {
            let day = sample.days.get(&step.day).copied().unwrap_or_default();
            let part = |count: u64| now.open * float(count) / float(step.at_risk);
            now = Shares {
                paid: now.paid + part(day.paid),
                rejected: now.rejected + part(day.rejected),
                open: step.survival,
            };
            shares.push(now);
        }
        Incidence { decided, shares }
    }

    /// The curve of any decision, paid or rejected.
    pub fn decided(&self) -> &Curve {
        &self.decided
    }

    /// What became of spells after so many days.
    pub fn at(&self, day: u32) -> Shares {
        let steps = self.decided.steps.partition_point(|step| step.day <= day);
        steps.checked_sub(1).map_or(Shares::START, |last| self.shares[last])
    }

    /// What became of them as far as they were followed.
    pub fn last(&self) -> Shares {
        self.at(self.decided.last)
    }

    /// Of spells that are open after `age` days (`None`: of all spells): in how many more days a share `p` of them is paid.
    /// `None` when so many never are, as far as they were followed, and where nothing is known at that age.
    pub fn days_to_paid(&self, age: Option<u32>, p: f64) -> Option<u32> {
        let now = age.map_or(Shares::START, |age| self.at(age));
        if now.open <= 0.0 {
            return None;
        }
        // The share paid never falls, and up to the age it is below what is wanted.
        let wanted = now.paid + (p - EQUAL) * now.open;
        let step = self.shares.partition_point(|shares| shares.paid < wanted);
        Some(self.decided.steps.get(step)?.day - age.unwrap_or(0))
    }
}

/// A share in whole percents, to the nearest.
pub fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

/// The largest whole percentage that a share exceeds; 0 for none.
pub fn more_than_percent(share: f64) -> u32 {
    ((share.clamp(0.0, 1.0) - EQUAL) * 100.0).ceil().max(1.0) as u32 - 1
}

/// Exact up to 2^53 spells.
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;

//! Whether the payment dates that were shown came true.
//!
//! For every line and status, the first date by which half were to be paid and the first by which nine in ten were, as they
//! were shown: an estimate knows nothing of later snapshots. A date is judged on its day and not before, also when the money
//! came early: else early payments would count sooner than late ones and flatter the estimates. A line rejected is not
//! paid. Of a line that is gone before its day, nothing is known.
//!
//! Whole days make the share that a date stands for larger than one half or nine in ten (all lines of a payout are paid on
//! one day), so what came true is held against the share that was foreseen for each date.
//!
//! Source: domain 5.4 (backtest).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::binomial;
use super::forecast::Due;
use super::spells::{Spells, Track};
use super::survival::MEDIAN_FROM;
use crate::model::status::Status;
use crate::reconcile::Reconciled;

/// Which of the two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stated {
    /// The date by which half are paid.
    Half,
    /// The date by which nine in ten are paid.
    NineInTen,
}

impl Stated {
    /// Both.
    pub const ALL: [Stated; 2] = [Stated::Half, Stated::NineInTen];
}

/// A payment date that was shown for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    status: Status,
    stated: Stated,
    date: NaiveDate,
    /// The share that was to be paid by then, in thousandths.
    share: u16,
    /// Whether its day has been judged.
    is_judged: bool,
}

/// How the dates of one program and status came true.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Dates that are past.
    pub due: u64,
    /// Those by which the line was paid.
    pub met: u64,
    /// Dates that are not past, or of lines whose source is late.
    pub ahead: u64,
    /// Dates that were not past when the line disappeared.
    pub lost: u64,
    /// The shares that were foreseen, in thousandths, added up.
    foreseen: u64,
    batches: BTreeMap<Ustr, u64>,
}

/// Which way dates that were shown are off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// Fewer were paid by their date than foreseen.
    Early,
    /// More were paid by their date than foreseen.
    Late,
}

/// What past dates say of the estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement {
    /// Too few batches have dates that are past.
    TooFew {
        /// From how many on.
        needs: u64,
        /// How many there are, weighed.
        has: u64,
        /// How many there are.
        batches: u64,
    },
    /// The interval of 95 % of the share that came true, and whether what was foreseen lies outside of it; in thousandths.
    Measured {
        /// The share that was foreseen.
        foreseen: u64,
        /// The lower end.
        from: u64,
        /// The upper end.
        to: u64,
        /// Which way the dates are off.
        lean: Option<Lean>,
    },
}

impl Tally {
    /// Adds the dates of another program or status.
    pub fn add(&mut self, other: &Tally) {
        self.due += other.due;
        self.met += other.met;
        self.ahead += other.ahead;
        self.lost += other.lost;
        self.foreseen += other.foreseen;
        for (batch, count) in &other.batches {
            *self.batches.entry(*batch).or_default() += count;
        }
    }

    /// By how many of the past dates the line was to be paid, to the nearest.
    pub fn foreseen_met(&self) -> u64 {
        (self.foreseen + 500) / 1000
    }

    /// How many batches of one size the dates that are past weigh as much as; lines of a batch are paid together.
    pub fn effective(&self) -> u64 {
        let squares: u64 = self.batches.values().map(|n| n * n).sum();
        (2 * self.due * self.due + squares).checked_div(2 * squares).unwrap_or(0)
    }

    /// How many batches have a date that is past.
    pub fn batches(&self) -> u64 {
        u64::try_from(self.batches.len()).unwrap_or(u64::MAX)
    }

    /// What they say.
    pub fn judgement(&self) -> Judgement {
        let n = self.effective();
        if n < MEDIAN_FROM {
            return Judgement::TooFew { needs: MEDIAN_FROM, has: n, batches: self.batches() };
        }
        // As many of the weighed batches as of the lines.
        let met = (2 * self.met * n + self.due) / (2 * self.due);
        let (from, to) = binomial::interval(met, n);
        let foreseen = self.foreseen / self.due;
        let lean = if foreseen > to {
            Some(Lean::Early)
        } else if foreseen < from {
            Some(Lean::Late)
        } else {
            None
        };
        Judgement::Measured { foreseen, from, to, lean }
    }

    fn judge(&mut self, promise: &Promise, track: &Track) {
        self.due += 1;
        self.met += u64::from(track.paid.is_some_and(|paid| paid <= promise.date));
        self.foreseen += u64::from(promise.share);
        *self.batches.entry(track.batch).or_default() += 1;
    }
}

/// How dates that were shown came true, by program, status and date.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Backtest {
    tallies: BTreeMap<(Ustr, Status, Stated), Tally>,
}

impl Backtest {
    /// Every tally, by program, status and date.
    pub fn iter(&self) -> impl Iterator<Item = (Ustr, Status, Stated, &Tally)> {
        self.tallies.iter().map(|((program, status, stated), tally)| (*program, *status, *stated, tally))
    }

    /// The tally of one program and status.
    pub fn get(&self, program: Ustr, status: Status, stated: Stated) -> Option<&Tally> {
        self.tallies.get(&(program, status, stated))
    }

    fn of(&mut self, track: &Track, promise: &Promise) -> &mut Tally {
        self.tallies.entry((track.program, promise.status, promise.stated)).or_default()
    }

    /// A line disappears: what was paid or rejected is judged, of the rest nothing is known.
    pub(super) fn lose(&mut self, track: &mut Track) {
        let promises = std::mem::take(&mut track.promises);
        for promise in promises.iter().filter(|promise| !promise.is_judged) {
            let tally = self.of(track, promise);
            if track.is_decided() { tally.judge(promise, track) } else { tally.lost += 1 }
        }
    }

    /// Judges the dates of a line that are past on the day up to which it is followed, and counts those ahead.
    fn follow(&mut self, track: &Track, promises: &mut [Promise], until: NaiveDate) {
        for promise in promises.iter_mut().filter(|promise| !promise.is_judged) {
            let tally = self.of(track, promise);
            promise.is_judged = promise.date <= until;
            if promise.is_judged {
                tally.judge(promise, track);
            } else {
                tally.ahead += 1;
            }
        }
    }
}

impl Spells {
    /// Judges the dates that are past, and keeps those that are shown for the first time.
    pub(super) fn keep_promises(&mut self, reconciled: &Reconciled<'_>) {
        let stale = reconciled.stale_feeds();
        let as_of = reconciled.as_of().date();
        let mut backtest = std::mem::take(&mut self.backtest);
        backtest.tallies.values_mut().for_each(|tally| tally.ahead = 0);
        for number in 0..u32::try_from(self.present().len()).unwrap_or(u32::MAX) {
            let place = self.present()[number as usize] as usize;
            let mut shown = Vec::new();
            let track = &self.tracks[place];
            let status = track.status();
            let has = |stated| track.promises.iter().any(|p| Some(p.status) == status && p.stated == stated);
            let is_waiting = status.is_some_and(|status| super::spells::WAITING.contains(&status));
            if is_waiting
                && Stated::ALL.iter().any(|stated| !has(*stated))
                && let Ok(forecast) = self.forecast(reconciled, number, &stale)
            {
                let promise = |stated, due: Due<'_>| Promise {
                    status: forecast.status,
                    stated,
                    date: due.date,
                    share: due.share,
                    is_judged: false,
                };
                shown.extend((!has(Stated::Half)).then(|| promise(Stated::Half, forecast.half)));
                let nine = forecast.nine.filter(|_| !has(Stated::NineInTen));
                shown.extend(nine.map(|due| promise(Stated::NineInTen, due)));
            }
            // What is decided stays so, however late its source is.
            let until = if track.is_decided() { as_of } else { reconciled.followed_until(number, &stale) };
            let mut promises = std::mem::take(&mut self.tracks[place].promises);
            promises.extend(shown);
            backtest.follow(&self.tracks[place], &mut promises, until);
            // Of a line that is decided, nothing more is shown: dates that are judged need not be kept.
            if self.tracks[place].is_decided() {
                promises.retain(|promise| !promise.is_judged);
            }
            self.tracks[place].promises = promises;
        }
        self.backtest = backtest;
    }
}

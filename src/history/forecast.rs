//! When a line will be paid, as far as lines like it tell (domain 5.4).
//!
//! Measured from the line's status to payment directly: the median of a sum is not the sum of medians. It is conditional on
//! the days that the line has waited already, and rejections count as never paid. Dates are not moved to payout days,
//! because the input has no calendar of payouts.

use chrono::{Days as Later, NaiveDate};

use super::cohort::{Days, Journey};
use super::estimates::{Estimates, Pool, Pooled};
use super::spells::{Spells, WAITING};
use crate::model::record::{Feed, Line};
use crate::model::status::Status;
use crate::model::time::Month;
use crate::reconcile::{Kind, Reconciled};

/// When a line is expected to be paid.
#[derive(Debug, Clone, Copy)]
pub struct Forecast<'e> {
    /// The status it waits in.
    pub status: Status,
    /// Since when.
    pub since: NaiveDate,
    /// How long, in days, as of the snapshot.
    pub age: u32,
    /// By when half of the lines that waited so long were paid.
    pub half: Due<'e>,
    /// By when nine in ten were; `None` where too few batches are settled, or fewer were ever paid.
    pub nine: Option<Due<'e>>,
    /// The first month of entry that was looked at.
    pub from: Month,
}

/// A date by which a share of lines is paid.
#[derive(Debug, Clone, Copy)]
pub struct Due<'e> {
    /// The date.
    pub date: NaiveDate,
    /// The same in days after the snapshot.
    pub days: u32,
    /// The share paid by then, of lines that waited so long, in thousandths; as days are whole it may be more than was asked.
    pub share: u16,
    /// Which lines it comes from.
    pub pool: Pool,
    /// Those lines.
    pub of: &'e Journey,
}

/// Why no payment date is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoForecast {
    /// It is paid.
    Paid,
    /// It was rejected, or there is no amount to pay.
    NothingToPay,
    /// Nobody knows its status.
    UnknownStatus,
    /// The vendor keeps the earning frozen.
    Frozen,
    /// It fell back to an earlier status and has not regained what it had.
    FellBack,
    /// Its source is late: nobody knows where it is now. Up to when it is known.
    Stale(NaiveDate),
    /// It was in its status already when its source was first looked at, without a date.
    UnknownAge,
    /// Fewer than half of the lines that waited so long were paid, as far as they were followed.
    MostNotPaid,
    /// Too few settled batches: from how many on it is given, and how many there are.
    TooFew {
        /// From how many on.
        needs: u64,
        /// How many, weighed.
        has: u64,
        /// How many.
        batches: u64,
    },
    /// Lines like it came under observation too late.
    ThinStart,
}

impl Spells {
    /// When a line is expected to be paid, as of the newest snapshot; `stale` are its feeds that are late.
    ///
    /// # Errors
    /// [`NoForecast`]: why none is given.
    pub fn forecast(
        &self,
        reconciled: &Reconciled<'_>,
        number: u32,
        stale: &[&Feed],
    ) -> Result<Forecast<'_>, NoForecast> {
        let line = &reconciled.snapshot.records.lines[number as usize];
        no_forecast(reconciled, number, line)?;
        let as_of = reconciled.as_of().date();
        let until = reconciled.followed_until(number, stale);
        if until < as_of {
            return Err(NoForecast::Stale(until));
        }
        let track = self.of_line(line).ok_or(NoForecast::UnknownAge)?;
        if track.fell_from.is_some() {
            return Err(NoForecast::FellBack);
        }
        let journey = track.journey().ok_or(NoForecast::UnknownAge)?;
        let (Some(since), Some(age)) = (journey.entry, journey.age(as_of)) else {
            return Err(NoForecast::UnknownAge);
        };
        let estimates = self.estimates();
        let (half, nine) = due(estimates, (track.program, line.status), age, as_of)?;
        let from = estimates.from.unwrap_or(Month::of(since));
        Ok(Forecast { status: line.status, since, age, half, nine, from })
    }
}

/// What of the line itself speaks against a date.
fn no_forecast(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Result<(), NoForecast> {
    if line.status == Status::Paid {
        return Err(NoForecast::Paid);
    }
    if line.status == Status::Unknown {
        return Err(NoForecast::UnknownStatus);
    }
    let is_nothing = reconciled.lines[number as usize].net.is_some_and(|net| net.minor() <= 0);
    let has_amount = line.amount_calculated.is_some();
    if !WAITING.contains(&line.status) || (has_amount && is_nothing) {
        return Err(NoForecast::NothingToPay);
    }
    let holds = |kind| reconciled.line_case(number).findings.iter().any(|finding| finding.kind == kind);
    if holds(Kind::EarningFrozen) || reconciled.implied(line) == Some(Kind::EarningFrozen) {
        return Err(NoForecast::Frozen);
    }
    if holds(Kind::StatusRegression) {
        return Err(NoForecast::FellBack);
    }
    Ok(())
}

/// Both dates of a line of an age.
fn due<'e>(
    estimates: &'e Estimates,
    (program, status): (ustr::Ustr, Status),
    age: u32,
    as_of: NaiveDate,
) -> Result<(Due<'e>, Option<Due<'e>>), NoForecast> {
    let none = NoForecast::TooFew { needs: super::survival::MEDIAN_FROM, has: 0, batches: 0 };
    let pools = &estimates.journeys;
    let half = pools.narrowest(program, status, |journey| journey.median(Some(age))).ok_or(none)?;
    let half = match half.days {
        Days::Known { days, .. } => date(&half, age, days, as_of),
        Days::NotReached { .. } => return Err(NoForecast::MostNotPaid),
        Days::TooFew { needs, has, batches } => return Err(NoForecast::TooFew { needs, has, batches }),
        Days::ThinStart => return Err(NoForecast::ThinStart),
    };
    // A wider pool may be so much faster that its nine in ten are done before half of this one: that says nothing.
    let nine = pools
        .narrowest(program, status, |journey| journey.p90(Some(age)))
        .and_then(|nine| Some(date(&nine, age, nine.days.known()?, as_of)))
        .filter(|nine| nine.date >= half.date);
    Ok((half, nine))
}

fn date<'e>(pooled: &Pooled<'e, Journey>, age: u32, days: u32, as_of: NaiveDate) -> Due<'e> {
    Due {
        date: as_of.checked_add_days(Later::new(days.into())).unwrap_or(NaiveDate::MAX),
        days,
        share: pooled.of.share_paid(age, days),
        pool: pooled.pool,
        of: pooled.of,
    }
}

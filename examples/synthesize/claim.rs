//! What the vendor says about a sale, and when.

use chrono::{Days, NaiveDate};

use crate::LINES_PER_BATCH;
use crate::catalog::{EUR, REGIONS, SKUS};
use crate::chance::{Rng, Topic};
use crate::kinds::Kind;
use crate::programs::GROWTH;
use crate::sale::Sale;
use crate::world::World;

/// The vendor shows the lines of a month this many days after its end.
pub(crate) const PENDING_AFTER: u64 = 5;

/// What the vendor says about a sale, apart from how far it has come.
pub(crate) struct Claim {
    /// The sale's, or the one that the vendor counts it in.
    pub(crate) month: usize,
    pub(crate) region: usize,
    pub(crate) category: usize,
    pub(crate) currency: usize,
    pub(crate) base: i64,
    pub(crate) rate: i64,
    pub(crate) calculated: i64,
    pub(crate) adjustment: i64,
    pub(crate) refund: i64,
    pub(crate) paid: i64,
    pub(crate) batch: u64,
    pub(crate) times: Times,
}

/// The days on which a line reaches each stage. Limits of the status map hold: nothing clean is ever overdue.
pub(crate) struct Times {
    pub(crate) month_end: NaiveDate,
    pub(crate) pending: NaiveDate,
    pub(crate) calculating: NaiveDate,
    pub(crate) calculated: NaiveDate,
    /// Some lines of older months were reviewed before their approval.
    pub(crate) reviewed: Option<NaiveDate>,
    pub(crate) approved: NaiveDate,
    pub(crate) paid: NaiveDate,
}

impl World {
    pub(crate) fn claim(&self, sale: &Sale) -> Claim {
        let program = &self.programs[sale.program];
        let volume =
            if sale.program == GROWTH { self.volumes[self.quarter(sale.month)][sale.account] } else { 0 };
        let mut rng = Rng::new(self.seed, Topic::Line, sale.index);
        let part = rng.within(8..40) as i64;

        let mut category = SKUS[sale.sku].2;
        if sale.kind == Some(Kind::CategoryMismatch) {
            category = program.next_category(category);
        }
        let rule_rate = program.rate(category, volume);
        let rate = match sale.kind {
            // Between the rates of all tables.
            Some(Kind::RateMismatch) => rule_rate - 125,
            Some(Kind::TierMismatch) => program.rate_of_next_tier(category, rule_rate),
            Some(_) | None => rule_rate,
        };
        let base = match sale.kind {
            Some(Kind::BaseMismatch) => sale.base() - sale.base() * part / 100,
            Some(_) | None => sale.base(),
        };
        let mut calculated = half_up(base, rate);
        if sale.kind == Some(Kind::VendorArithmetic) {
            calculated += (calculated * part / 200).max(2);
        }
        let refunded = sale.kind.is_some_and(Kind::is_refunded);
        let refund = if refunded { sale.net * part / 100 } else { 0 };
        let (adjustment, difference) = match sale.kind {
            Some(Kind::Refund) => (-half_up(refund, rate), 0),
            Some(Kind::Eligibility | Kind::NoReason) => (-(calculated * part / 100).max(2), 0),
            Some(Kind::Fee) => (-half_up(calculated, 100).max(1), 0),
            Some(Kind::PaidShort) => (0, -(calculated * part / 200).max(2)),
            Some(Kind::PaidOver) => (0, (calculated * part / 200).max(2)),
            Some(Kind::Rounding) => (0, if rng.percent(50) { 1 } else { -1 }),
            Some(_) | None => (0, 0),
        };

        let block = LINES_PER_BATCH * 10_000 / program.share;
        let batch = (sale.index - self.starts[sale.month]) / block;
        // What differs by one is the next month, the next region.
        let month = sale.month + usize::from(sale.kind == Some(Kind::PeriodShift));
        Claim {
            month,
            region: (sale.region + usize::from(sale.kind == Some(Kind::RegionMismatch))) % REGIONS.len(),
            category,
            currency: if sale.kind == Some(Kind::CurrencyMismatch) { EUR } else { program.currency },
            base,
            rate,
            calculated,
            adjustment,
            refund,
            paid: calculated + adjustment + difference,
            batch,
            times: self.times(sale, month, batch, &mut rng),
        }
    }

    fn times(&self, sale: &Sale, month: usize, batch: u64, rng: &mut Rng) -> Times {
        let month_end = self.end(month);
        let key = (sale.program as u64) << 48 | (month as u64) << 40 | batch;
        let mut of_batch = Rng::new(self.seed, Topic::Batch, key);
        let batch_calculated = match of_batch.below(100) {
            0..65 => of_batch.within(9..15),
            65..82 => of_batch.within(15..19),
            _ => of_batch.within(19..23),
        };
        let calculating = batch_calculated - of_batch.within(1..4);
        let approved = batch_calculated
            + if of_batch.percent(25) { of_batch.within(4..6) } else { of_batch.within(10..19) };
        let paid = approved + of_batch.within(10..27);

        // A few lines are calculated after their batch, never after the month's close.
        let straggles = if rng.percent(6) { rng.within(1..4) } else { 0 };
        let mut calculated = (batch_calculated + straggles).min(22);
        if sale.kind.is_some() {
            calculated = batch_calculated.min(14);
        }
        let reviewed = (month + 1 < self.month_count() && rng.percent(6)).then_some(calculated + 1);
        let day = |after: u64| month_end + Days::new(after);
        Times {
            month_end,
            pending: day(PENDING_AFTER),
            calculating: day(calculating.min(calculated - 1)),
            calculated: day(calculated),
            reviewed: reviewed.map(day),
            approved: day(approved),
            paid: day(paid),
        }
    }
}

/// `amount` × `rate`, the rate in hundredths of a percent, rounded half up; neither is negative.
fn half_up(amount: i64, rate: i64) -> i64 {
    (amount * rate + 5_000) / 10_000
}

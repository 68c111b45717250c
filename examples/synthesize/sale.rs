//! One order, as a function of the seed and its index.

use chrono::{Datelike, Days, NaiveDate};

use crate::NEWEST;
use crate::accounts::{NO_REGION, is_dollar, lacks_region, region_index, region_of};
use crate::catalog::{COMPUTE, CURRENCIES, DATABASE, NETWORK, SECURITY, SKUS, STORAGE, USD};
use crate::chance::{Rng, Topic};
use crate::kinds::Kind;
use crate::programs::{CORE_OF_CURRENCY, ENTERPRISE, FIRST_CAMPAIGN, GROWTH};
use crate::world::World;

/// One order and all that follows from it.
#[derive(Clone)]
pub(crate) struct Sale {
    pub(crate) index: u64,
    pub(crate) kind: Option<Kind>,
    pub(crate) month: usize,
    pub(crate) account: usize,
    pub(crate) region: usize,
    pub(crate) reseller: &'static str,
    pub(crate) program: usize,
    pub(crate) sku: usize,
    pub(crate) contract_type: &'static str,
    pub(crate) prepaid: bool,
    pub(crate) net: i64,
    pub(crate) voucher: i64,
    pub(crate) ordered: NaiveDate,
    pub(crate) invoiced: NaiveDate,
}

impl Sale {
    pub(crate) fn base(&self) -> i64 {
        self.net - self.voucher
    }

    /// What the vendor claims a second time: the sale's own line again, or in a program that excludes the sale's.
    pub(crate) fn second(&self) -> Option<Self> {
        let program = match self.kind {
            Some(Kind::DuplicateLine) => self.program,
            Some(Kind::DoubleProgram) => CORE_OF_CURRENCY[USD],
            Some(_) | None => return None,
        };
        Some(Self { program, ..self.clone() })
    }
}

impl World {
    pub(crate) fn sale(&self, index: u64, month: usize, kind: Option<Kind>) -> Sale {
        let mut rng = Rng::new(self.seed, Topic::Order, index);
        let accounts = self.accounts as u64;

        // Three in ten orders come from the few large accounts.
        let mut account = rng.below(accounts);
        if rng.percent(30) {
            account = rng.below(account + 1);
        }
        let mut account = self.next_account(account as usize, |_| true);

        let path = rng.below(100);
        let program = match kind {
            Some(
                Kind::Missing
                | Kind::AccountUnmapped
                | Kind::SkuUnmapped
                | Kind::BillingBlank
                | Kind::InvoicedLate
                | Kind::CurrentMonth,
            ) => CORE_OF_CURRENCY[region_of(account).currency],
            Some(Kind::RegionBlank) => {
                let (first, step) = NO_REGION;
                account = first + step * rng.below(((self.accounts - first - 1) / step + 1) as u64) as usize;
                CORE_OF_CURRENCY[region_of(account).currency]
            }
            Some(Kind::WindowMissed) => {
                account = self.next_account(account, is_dollar);
                FIRST_CAMPAIGN + self.quarter(month)
            }
            Some(Kind::ContractIneligible) => {
                account = self.next_account(account, is_dollar);
                ENTERPRISE
            }
            // Its other currency has cents, too.
            Some(Kind::CurrencyMismatch) => {
                account = self.next_account(account, is_dollar);
                CORE_OF_CURRENCY[USD]
            }
            Some(Kind::DoubleProgram) => {
                account = self.next_account(account, is_dollar);
                FIRST_CAMPAIGN + 1 + self.quarter(month)
            }
            Some(Kind::TierMismatch) => {
                account = self.growth_account(&mut rng, month);
                GROWTH
            }
            Some(
                Kind::Orphan
                | Kind::UnknownStatus
                | Kind::Unreadable
                | Kind::PaidShort
                | Kind::PaidOver
                | Kind::Rounding
                | Kind::Refund
                | Kind::Eligibility
                | Kind::Fee
                | Kind::NoReason
                | Kind::PayoutMissing
                | Kind::DocumentsMissing
                | Kind::InvoicePending
                | Kind::Overdue
                | Kind::DuplicateOrder
                | Kind::DuplicateLine
                | Kind::NearMiss
                | Kind::AccountMismatch
                | Kind::RegionMismatch
                | Kind::CategoryMismatch
                | Kind::BaseMismatch
                | Kind::RateMismatch
                | Kind::VendorArithmetic
                | Kind::PeriodShift
                | Kind::PaidUnapproved
                | Kind::NoClawback
                | Kind::WentBack
                | Kind::Vanished,
            )
            | None => match (region_of(account).currency, path) {
                (USD, 0..62) => CORE_OF_CURRENCY[USD],
                (USD, 62..82) => FIRST_CAMPAIGN + 1 + self.quarter(month),
                (USD, 82..92) => ENTERPRISE,
                // Most exceptions there would move the volume of their neighbours.
                (USD, _) if kind.is_none() => {
                    account = self.growth_account(&mut rng, month);
                    GROWTH
                }
                (currency, _) => CORE_OF_CURRENCY[currency],
            },
        };

        let rated: &[usize] = match program {
            ENTERPRISE => &[COMPUTE, COMPUTE, DATABASE, SECURITY],
            GROWTH => &[COMPUTE],
            FIRST_CAMPAIGN.. => &[COMPUTE, COMPUTE, COMPUTE, STORAGE],
            _ => &[COMPUTE, COMPUTE, COMPUTE, STORAGE, STORAGE, DATABASE, DATABASE, NETWORK],
        };
        let category = rng.pick(rated);
        let first = SKUS.iter().take_while(|sku| sku.2 < category).count();
        let of_category = SKUS.iter().filter(|sku| sku.2 == category).count();
        let sku = first + rng.below(of_category as u64) as usize;

        let currency = &CURRENCIES[self.programs[program].currency];
        let mut cents = match rng.below(100) {
            0..35 => rng.within(5_000..50_000),
            35..75 => rng.within(50_000..300_000),
            75..95 => rng.within(300_000..1_500_000),
            _ => rng.within(1_500_000..6_000_000),
        } as i64;
        if rng.percent(40) {
            cents -= cents % 100;
        }
        let mut net = cents * currency.per_cent.0 / currency.per_cent.1;
        let mut voucher = if rng.percent(6) { net / 20 } else { 0 };
        if kind == Some(Kind::Unreadable) {
            // A round price, so that every rate gives an amount with a zero to misread.
            net = (2_000 * rng.within(1..21) as i64) * 10_i64.pow(currency.digits);
            voucher = 0;
        }

        // Ordered and invoiced within one month, unless that is the exception.
        let days = u64::from(self.end(month).day());
        let first_day = self.months[month];
        let (ordered, invoiced) = match kind {
            Some(Kind::CurrentMonth) => {
                let day = rng.below(u64::from(NEWEST.day()) - 4);
                (day, day + rng.below(4))
            }
            Some(Kind::InvoicedLate) => (days - 1 - rng.below(4), days + rng.below(8)),
            Some(_) | None => {
                let day = rng.below(days - 6);
                (day, day + rng.within(1..6))
            }
        };

        let contract_type = match program {
            ENTERPRISE if kind == Some(Kind::ContractIneligible) => "standard",
            ENTERPRISE => "enterprise",
            _ if rng.percent(10) => "enterprise",
            _ => "standard",
        };
        Sale {
            index,
            kind,
            month,
            account,
            region: region_index(account),
            reseller: match program {
                ENTERPRISE => "R-200",
                _ if account % 5 == 4 => "R-300",
                _ => "R-100",
            },
            program,
            sku,
            contract_type,
            prepaid: rng.percent(65),
            net,
            voucher,
            ordered: first_day + Days::new(ordered),
            invoiced: first_day + Days::new(invoiced),
        }
    }

    /// The first account from `from` on, cyclically, that has a region and is `wanted`.
    pub(crate) fn next_account(&self, from: usize, wanted: impl Fn(usize) -> bool) -> usize {
        (from..self.accounts)
            .chain(0..from)
            .find(|account| !lacks_region(*account) && wanted(*account))
            .unwrap_or(from)
    }

    /// In the growth program an account buys in one month of a quarter only: its volume, and so its tier, is then final
    /// as soon as its lines appear, in every snapshot. A retroactive tier never restates a closed month by accident.
    pub(crate) fn growth_account(&self, rng: &mut Rng, month: usize) -> usize {
        let quarter = self.quarter(month);
        let of_quarter = (0..self.month_count()).filter(|m| self.quarter(*m) == quarter);
        let turn = of_quarter.clone().take_while(|m| *m < month).count();
        let turns = of_quarter.count();
        let from = rng.below((self.accounts as u64 / 4).max(20)) as usize;
        self.next_account(from, |account| is_dollar(account) && account % turns == turn)
    }
}

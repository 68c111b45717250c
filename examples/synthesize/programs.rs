//! Rebate programs and their rates.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::NEWEST;
use crate::catalog::{COMPUTE, CURRENCIES, DATABASE, EUR, NETWORK, SECURITY, STORAGE, USD};

/// A rate in hundredths of a percent, and the amount (in whole units of the currency) it starts at.
type Tier = (i64, i64);
pub(crate) type RateTable = &'static [(usize, &'static [Tier])];

const RATES_CORE: RateTable =
    &[(COMPUTE, &[(0, 800)]), (STORAGE, &[(0, 500)]), (DATABASE, &[(0, 600)]), (NETWORK, &[(0, 400)])];
const RATES_EU: RateTable =
    &[(COMPUTE, &[(0, 600)]), (STORAGE, &[(0, 450)]), (DATABASE, &[(0, 550)]), (NETWORK, &[(0, 300)])];
const RATES_JP: RateTable =
    &[(COMPUTE, &[(0, 500)]), (STORAGE, &[(0, 350)]), (DATABASE, &[(0, 450)]), (NETWORK, &[(0, 300)])];
const RATES_CN: RateTable =
    &[(COMPUTE, &[(0, 500)]), (STORAGE, &[(0, 400)]), (DATABASE, &[(0, 450)]), (NETWORK, &[(0, 350)])];
const RATES_CAMPAIGN: RateTable = &[(COMPUTE, &[(0, 1000)]), (STORAGE, &[(0, 650)])];
const RATES_ENTERPRISE: RateTable =
    &[(COMPUTE, &[(0, 900)]), (DATABASE, &[(0, 750)]), (SECURITY, &[(0, 700)])];
const RATES_GROWTH: RateTable = &[(COMPUTE, &[(0, 100), (10_000, 200), (50_000, 300)])];

/// Days to confirm and to dispute, per currency: the vendor's sites differ, and one names none.
const DAYS_OF_CURRENCY: [[u64; 2]; 4] = [[15, 30], [20, 45], [0, 0], [15, 0]];

pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) batch_prefix: &'static str,
    pub(crate) name: String,
    pub(crate) campaign: String,
    pub(crate) site: &'static str,
    pub(crate) currency: usize,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) contract_types: &'static str,
    pub(crate) exclusive_group: &'static str,
    pub(crate) tier: (&'static str, &'static str),
    pub(crate) rates: RateTable,
    /// Days to confirm a line and to dispute one; 0 where the vendor names none.
    pub(crate) days: [u64; 2],
    /// Orders in ten thousand that come here, which sets the size of a batch.
    pub(crate) share: u64,
}

impl Program {
    fn tiers(&self, category: usize) -> &'static [Tier] {
        self.rates.iter().find(|(rated, _)| *rated == category).map_or(&[], |(_, tiers)| tiers)
    }

    pub(crate) fn rate(&self, category: usize, volume: i64) -> i64 {
        let unit = 10_i64.pow(CURRENCIES[self.currency].digits);
        let reached = |(from, _): &&Tier| from * unit <= volume;
        self.tiers(category).iter().rev().find(reached).map_or(0, |(_, rate)| *rate)
    }

    /// The rate of the tier after the one that has `rate`, the first after the last.
    pub(crate) fn rate_of_next_tier(&self, category: usize, rate: i64) -> i64 {
        let tiers = self.tiers(category);
        let place = tiers.iter().position(|(_, of_tier)| *of_tier == rate).unwrap_or(0);
        tiers.get((place + 1) % tiers.len().max(1)).map_or(rate, |(_, next)| *next)
    }

    /// The rated category after `category`, the first after the last. No two of a program have one rate.
    pub(crate) fn next_category(&self, category: usize) -> usize {
        let place = self.rates.iter().position(|(rated, _)| *rated == category).unwrap_or(0);
        self.rates[(place + 1) % self.rates.len()].0
    }
}

// The first six programs; the campaigns, one per calendar quarter, follow.
pub(crate) const CORE_OF_CURRENCY: [usize; 4] = [0, 1, 2, 3];
pub(crate) const ENTERPRISE: usize = 4;
pub(crate) const GROWTH: usize = 5;
pub(crate) const FIRST_CAMPAIGN: usize = 6;

pub(crate) fn programs(first_month: NaiveDate) -> Vec<Program> {
    let (from, to) = validity(first_month);
    let standing = |id: &str, batch_prefix, name: &str, site, currency, rates, share| Program {
        days: DAYS_OF_CURRENCY[currency],
        id: id.to_owned(),
        batch_prefix,
        name: name.to_owned(),
        campaign: String::new(),
        site,
        currency,
        from,
        to,
        contract_types: "standard;enterprise",
        exclusive_group: "STD",
        tier: ("flat", "none"),
        rates,
        share,
    };
    let mut programs = vec![
        standing("CORE", "CORE", "Partner Core", "intl", USD, RATES_CORE, 4650),
        standing("EUCORE", "EU", "Partner Core EU", "intl", EUR, RATES_EU, 1000),
        standing("JPCORE", "JP", "Partner Core JP", "intl", 2, RATES_JP, 1000),
        standing("CNCORE", "CN", "Partner Core CN", "cn", 3, RATES_CN, 500),
        Program {
            campaign: "Enterprise".to_owned(),
            contract_types: "enterprise",
            ..standing("ENT", "ENT", "Enterprise Eligible", "intl", USD, RATES_ENTERPRISE, 750)
        },
        Program {
            campaign: "Quarterly Growth".to_owned(),
            exclusive_group: "GRW",
            // A program of its own paper, which says nothing of silence.
            days: [0, 60],
            tier: ("retroactive", "account_quarter"),
            ..standing("GROW", "GROW", "Quarterly Growth", "intl", USD, RATES_GROWTH, 600)
        },
    ];
    // One quarter more than the orders need: who tags an order with an old campaign has missed its window.
    let mut quarter = first_of_quarter(first_month) - Months::new(3);
    while quarter <= NEWEST {
        let (season, batch_prefix) = [("Winter", "WG"), ("Spring", "SG"), ("Summer", "UG"), ("Autumn", "AG")]
            [quarter.month0() as usize / 3];
        let campaign = format!("{season} Growth {}", quarter.year());
        programs.push(Program {
            campaign: campaign.clone(),
            from: quarter,
            to: quarter + Months::new(3) - Days::new(1),
            ..standing(
                &format!("{}-{}", season.to_uppercase(), quarter.year()),
                batch_prefix,
                &campaign,
                "intl",
                USD,
                RATES_CAMPAIGN,
                1500,
            )
        });
        quarter = quarter + Months::new(3);
    }
    programs
}

/// Whole calendar years around the orders: how long accounts, products and standing programs are valid.
pub(crate) fn validity(first_month: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first_day = |date: NaiveDate| date - Months::new(date.month0());
    let from = first_day(first_month);
    (from, first_day(NEWEST - Days::new(u64::from(NEWEST.day0()))) + Months::new(12) - Days::new(1))
}

fn first_of_quarter(first_of_month: NaiveDate) -> NaiveDate {
    first_of_month - Months::new(first_of_month.month0() % 3)
}

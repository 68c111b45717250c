//! Writes a realistic input folder of any size: the measuring stick for speed, memory and growth.
//!
//! Every row is a pure function of the seed and the row's index, so the same arguments give the same bytes on any
//! machine, and nothing but small tables (where the exceptions sit, the growth volumes, the payout sums) is kept in memory.
//! Ninety-seven orders in a hundred are clean; the rest carry one exception each, spread evenly over [`Kind::ALL`].
//!
//! Dates follow one life cycle per batch ([`Times`]): a snapshot shows the stage that a line had reached on its day,
//! so older snapshots are the same story read earlier. Amounts are integers in minor units throughout.

#![expect(clippy::print_stderr, reason = "a program run by hand: its summary goes to the terminal")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{Datelike, Days, Months, NaiveDate};
use clap::{Parser, ValueEnum};

/// The day of the newest snapshot. The last full month before it is the default scope of every page.
const NEWEST: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 18).expect("a calendar date");
/// About how many lines the vendor puts in one batch, and so behind one payout.
const LINES_PER_BATCH: u64 = 500;
/// A month is closed this many days after its end: by then every line of it has been calculated.
const CLOSE_AFTER: u64 = 25;

#[derive(Parser)]
#[command(
    about = "Write an input folder of any size for tieout: orders, rebate lines, payouts and the rest",
    after_help = "Example:\n  cargo run --release --example synthesize -- --orders 100000 --out /tmp/tieout-100k --snapshots 3\n  \
                  tieout build --input /tmp/tieout-100k\n\nThe same arguments always write the same bytes."
)]
struct Args {
    /// How many orders, each with a distinct id
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    orders: u64,
    /// Folder to write: new, or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Another seed gives another data set of the same shape
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many snapshots, the newest on 2026-06-18
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=366))]
    snapshots: u32,
    /// How far apart the snapshots are
    #[arg(long, value_enum, default_value_t = Every::Day)]
    every: Every,
    /// How many months of orders, the last one being 2026-05
    #[arg(long, value_name = "M", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=60))]
    months: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Every {
    Day,
    Month,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> io::Result<()> {
    claim_folder(&args.out)?;
    let snapshots: Vec<NaiveDate> = (0..args.snapshots)
        .rev()
        .map(|back| match args.every {
            Every::Day => NEWEST - Days::new(u64::from(back)),
            Every::Month => NEWEST - Months::new(back),
        })
        .collect();
    let world = World::new(args.seed, args.orders, args.months as usize);
    let mut written = write_reference(&world, &snapshots, &args.out.join("reference"))?;
    for &as_of in &snapshots {
        written.extend(write_snapshot(&world, as_of, &args.out.join(as_of.to_string()))?);
    }
    for (path, rows) in written {
        let path = path.strip_prefix(&args.out).unwrap_or(&path);
        eprintln!("{rows:>10} rows  {}", path.display());
    }
    for (kind, orders) in world.exceptions_by_kind() {
        eprintln!("{orders:>10} orders  {}", kind.name());
    }
    Ok(())
}

/// Makes the folder, or takes it over when it is empty: never mixes with what is there.
fn claim_folder(out: &Path) -> io::Result<()> {
    match fs::read_dir(out) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => {
                let message = format!("{} exists and is not empty; name a new folder", out.display());
                Err(io::Error::new(ErrorKind::AlreadyExists, message))
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(out).map_err(|e| at(out, &e)),
        Err(error) => Err(at(out, &error)),
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

// ---------------------------------------------------------------------------------------------------------------------
// What exists: currencies, regions, products, programs

struct Currency {
    code: &'static str,
    digits: u32,
    /// Minor units per US cent, as a fraction: keeps orders of one size across currencies.
    per_cent: (i64, i64),
    /// US dollars per unit, for `fx.csv` only.
    closing_rate: &'static str,
}

const USD: usize = 0;
const CURRENCIES: [Currency; 4] = [
    Currency { code: "USD", digits: 2, per_cent: (1, 1), closing_rate: "" },
    Currency { code: "EUR", digits: 2, per_cent: (9, 10), closing_rate: "1.100000" },
    Currency { code: "JPY", digits: 0, per_cent: (3, 2), closing_rate: "0.006500" },
    Currency { code: "CNY", digits: 2, per_cent: (7, 1), closing_rate: "0.140000" },
];

struct Region {
    name: &'static str,
    site: &'static str,
    currency: usize,
}

const REGIONS: [Region; 6] = [
    Region { name: "ap-southeast-1", site: "intl", currency: USD },
    Region { name: "us-east-1", site: "intl", currency: USD },
    Region { name: "ap-south-1", site: "intl", currency: USD },
    Region { name: "eu-central-1", site: "intl", currency: 1 },
    Region { name: "ap-northeast-1", site: "intl", currency: 2 },
    Region { name: "cn-hangzhou", site: "cn", currency: 3 },
];
/// The region of an account is that of its number modulo twenty: three in four are billed in dollars, and the smallest
/// set of accounts already has every region.
const REGION_OF_SLOT: [usize; 20] = [0, 1, 0, 2, 0, 1, 3, 0, 1, 4, 0, 2, 0, 1, 5, 0, 3, 1, 2, 4];
/// One account in two hundred has no region, and is used by nothing but the orders that miss it.
const NO_REGION: (usize, usize) = (7, 200);

const COMPUTE: usize = 0;
const STORAGE: usize = 1;
const DATABASE: usize = 2;
const NETWORK: usize = 3;
const SECURITY: usize = 4;
const CATEGORIES: [&str; 5] = ["compute", "storage", "database", "network", "security"];
/// Own code, vendor's code, category; grouped by category.
const SKUS: [(&str, &str, usize); 30] = [
    ("ECS-C7", "ecs.c7", COMPUTE),
    ("ECS-C8", "ecs.c8", COMPUTE),
    ("ECS-G7", "ecs.g7", COMPUTE),
    ("ECS-G8", "ecs.g8", COMPUTE),
    ("ECS-R7", "ecs.r7", COMPUTE),
    ("ECS-T6", "ecs.t6", COMPUTE),
    ("FNC-STD", "functions.standard", COMPUTE),
    ("CTR-K8S", "containers.managed", COMPUTE),
    ("BAT-SPOT", "batch.spot", COMPUTE),
    ("OSS-STD", "oss.standard", STORAGE),
    ("OSS-IA", "oss.infrequent", STORAGE),
    ("OSS-ARC", "oss.archive", STORAGE),
    ("BLK-SSD", "block.ssd", STORAGE),
    ("BLK-HDD", "block.hdd", STORAGE),
    ("NAS-CAP", "nas.capacity", STORAGE),
    ("RDS-PG", "rds.pg", DATABASE),
    ("RDS-MY", "rds.mysql", DATABASE),
    ("RDS-MS", "rds.mssql", DATABASE),
    ("KVS-RED", "kv.redis", DATABASE),
    ("DOC-MGO", "document.mongo", DATABASE),
    ("DWH-COL", "warehouse.columnar", DATABASE),
    ("CDN-TRF", "cdn.traffic", NETWORK),
    ("SLB-APP", "slb.application", NETWORK),
    ("VPN-SITE", "vpn.site", NETWORK),
    ("NAT-GW", "nat.gateway", NETWORK),
    ("EIP-BW", "eip.bandwidth", NETWORK),
    ("SEC-WAF", "waf.enterprise", SECURITY),
    ("SEC-DDOS", "ddos.advanced", SECURITY),
    ("SEC-KMS", "kms.dedicated", SECURITY),
    ("SEC-HOST", "host.guard", SECURITY),
];
/// Sold, but in no product map.
const UNMAPPED_SKUS: [&str; 3] = ["GPU-X9", "AI-INF2", "QDB-S1"];

/// A rate in hundredths of a percent, and the amount (in whole units of the currency) it starts at.
type Tier = (i64, i64);
type RateTable = &'static [(usize, &'static [Tier])];

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

struct Program {
    id: String,
    batch_prefix: &'static str,
    name: String,
    campaign: String,
    site: &'static str,
    currency: usize,
    from: NaiveDate,
    to: NaiveDate,
    contract_types: &'static str,
    exclusive_group: &'static str,
    tier: (&'static str, &'static str),
    rates: RateTable,
    /// Orders in ten thousand that come here, which sets the size of a batch.
    share: u64,
}

impl Program {
    fn rate(&self, category: usize, volume: i64) -> i64 {
        let unit = 10_i64.pow(CURRENCIES[self.currency].digits);
        let tiers =
            self.rates.iter().find(|(rated, _)| *rated == category).map_or(&[][..], |(_, tiers)| tiers);
        tiers.iter().rev().find(|(from, _)| from * unit <= volume).map_or(0, |(_, rate)| *rate)
    }
}

// The first six programs; the campaigns, one per calendar quarter, follow.
const CORE_OF_CURRENCY: [usize; 4] = [0, 1, 2, 3];
const ENTERPRISE: usize = 4;
const GROWTH: usize = 5;
const FIRST_CAMPAIGN: usize = 6;

fn programs(first_month: NaiveDate) -> Vec<Program> {
    let (from, to) = validity(first_month);
    let standing = |id: &str, batch_prefix, name: &str, site, currency, rates, share| Program {
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
        standing("EUCORE", "EU", "Partner Core EU", "intl", 1, RATES_EU, 1000),
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
fn validity(first_month: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first_day = |date: NaiveDate| date - Months::new(date.month0());
    let from = first_day(first_month);
    (from, first_day(NEWEST - Days::new(u64::from(NEWEST.day0()))) + Months::new(12) - Days::new(1))
}

fn first_of_quarter(first_of_month: NaiveDate) -> NaiveDate {
    first_of_month - Months::new(first_of_month.month0() % 3)
}

// ---------------------------------------------------------------------------------------------------------------------
// What goes wrong

/// The one thing that is unusual about an order or its line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Missing,
    Orphan,
    AccountUnmapped,
    SkuUnmapped,
    RegionBlank,
    BillingBlank,
    UnknownStatus,
    Unreadable,
    PaidShort,
    PaidOver,
    Rounding,
    Refund,
    Eligibility,
    Fee,
    NoReason,
    PayoutMissing,
    DocumentsMissing,
    InvoicePending,
    Overdue,
    DuplicateOrder,
    InvoicedLate,
    CurrentMonth,
    WindowMissed,
    ContractIneligible,
}

impl Kind {
    const ALL: [Self; 24] = [
        Self::Missing,
        Self::Orphan,
        Self::AccountUnmapped,
        Self::SkuUnmapped,
        Self::RegionBlank,
        Self::BillingBlank,
        Self::UnknownStatus,
        Self::Unreadable,
        Self::PaidShort,
        Self::PaidOver,
        Self::Rounding,
        Self::Refund,
        Self::Eligibility,
        Self::Fee,
        Self::NoReason,
        Self::PayoutMissing,
        Self::DocumentsMissing,
        Self::InvoicePending,
        Self::Overdue,
        Self::DuplicateOrder,
        Self::InvoicedLate,
        Self::CurrentMonth,
        Self::WindowMissed,
        Self::ContractIneligible,
    ];

    /// The discrepancy kind that a build is expected to find.
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing-rebate",
            Self::Orphan => "orphan-rebate (a line beside the order's own)",
            Self::AccountUnmapped => "account-unmapped",
            Self::SkuUnmapped => "sku-unmapped",
            Self::RegionBlank => "region-missing",
            Self::BillingBlank => "billing-unconfirmed",
            Self::UnknownStatus => "unknown-status",
            Self::Unreadable => "row-quarantined",
            Self::PaidShort => "short-paid",
            Self::PaidOver => "over-paid",
            Self::Rounding => "rounding-difference",
            Self::Refund => "refund-adjustment",
            Self::Eligibility => "eligibility-adjustment",
            Self::Fee => "fee-allocation",
            Self::NoReason => "unsupported-adjustment",
            Self::PayoutMissing => "payout-missing",
            Self::DocumentsMissing => "manual-review",
            Self::InvoicePending => "invoice-confirmation-delay",
            Self::Overdue => "pending-overdue",
            Self::DuplicateOrder => "duplicate-order",
            Self::InvoicedLate => "order-outside-period",
            Self::CurrentMonth => "awaiting-vendor-data",
            Self::WindowMissed => "window-missed",
            Self::ContractIneligible => "contract-ineligible",
        }
    }

    /// The months (0 is the oldest of `months`, `months` the running one) in which it can be true on [`NEWEST`].
    fn months(self, months: usize) -> Range<usize> {
        match self {
            Self::Missing
            | Self::Orphan
            | Self::AccountUnmapped
            | Self::SkuUnmapped
            | Self::RegionBlank
            | Self::BillingBlank
            | Self::UnknownStatus
            | Self::DuplicateOrder
            | Self::WindowMissed
            | Self::ContractIneligible => 0..months,
            // Only what is paid can be paid wrongly: the last two months are not, or not yet all.
            Self::PaidShort
            | Self::PaidOver
            | Self::Rounding
            | Self::Refund
            | Self::Eligibility
            | Self::Fee
            | Self::NoReason
            | Self::PayoutMissing => 0..months.saturating_sub(2),
            Self::Unreadable => months.saturating_sub(3)..months,
            Self::DocumentsMissing | Self::InvoicePending | Self::InvoicedLate => months - 1..months,
            Self::Overdue => months.saturating_sub(3)..months - 1,
            Self::CurrentMonth => months..months + 1,
        }
    }

    fn has_line(self) -> bool {
        match self {
            Self::Missing
            | Self::AccountUnmapped
            | Self::SkuUnmapped
            | Self::RegionBlank
            | Self::BillingBlank
            | Self::InvoicedLate
            | Self::CurrentMonth
            | Self::WindowMissed
            | Self::ContractIneligible => false,
            Self::Orphan
            | Self::UnknownStatus
            | Self::Unreadable
            | Self::PaidShort
            | Self::PaidOver
            | Self::Rounding
            | Self::Refund
            | Self::Eligibility
            | Self::Fee
            | Self::NoReason
            | Self::PayoutMissing
            | Self::DocumentsMissing
            | Self::InvoicePending
            | Self::Overdue
            | Self::DuplicateOrder => true,
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Chance

/// splitmix64: one stream per (seed, topic, index), so that no row depends on the row before it.
struct Rng(u64);

impl Rng {
    fn new(seed: u64, topic: Topic, index: u64) -> Self {
        let mut outer = Self(seed ^ (topic as u64) << 56);
        let mut inner = Self(outer.next() ^ index);
        Self(inner.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.below(range.end - range.start)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[derive(Clone, Copy)]
enum Topic {
    Exception = 1,
    Order,
    Line,
    Batch,
}

// ---------------------------------------------------------------------------------------------------------------------
// The data set, decided

struct World {
    seed: u64,
    accounts: usize,
    customers: usize,
    programs: Vec<Program>,
    /// First day of every month with orders, and of the running month.
    months: Vec<NaiveDate>,
    /// Order index at which each month starts, and the number of orders.
    starts: Vec<u64>,
    /// The orders that are not clean. Every other table would grow with the orders; this one with three in a hundred.
    exceptions: BTreeMap<u64, Kind>,
    /// Growth volume by account, one row per quarter.
    volumes: Vec<Vec<i64>>,
}

/// One order and all that follows from it.
struct Sale {
    index: u64,
    kind: Option<Kind>,
    month: usize,
    account: usize,
    region: usize,
    reseller: &'static str,
    program: usize,
    sku: usize,
    contract_type: &'static str,
    prepaid: bool,
    net: i64,
    voucher: i64,
    ordered: NaiveDate,
    invoiced: NaiveDate,
}

impl Sale {
    fn base(&self) -> i64 {
        self.net - self.voucher
    }
}

/// What the vendor says about a sale, apart from how far it has come.
struct Claim {
    rate: i64,
    calculated: i64,
    adjustment: i64,
    refund: i64,
    paid: i64,
    batch: u64,
    times: Times,
}

/// The days on which a line reaches each stage. Limits of the status map hold: nothing clean is ever overdue.
struct Times {
    month_end: NaiveDate,
    pending: NaiveDate,
    calculating: NaiveDate,
    calculated: NaiveDate,
    /// Some lines of older months were reviewed before their approval.
    reviewed: Option<NaiveDate>,
    approved: NaiveDate,
    paid: NaiveDate,
}

/// A line as one snapshot shows it.
struct State {
    status: &'static str,
    reason: &'static str,
    since: NaiveDate,
    has_amount: bool,
    approved: Option<NaiveDate>,
    is_paid: bool,
}

impl World {
    fn new(seed: u64, orders: u64, month_count: usize) -> Self {
        let this_month = NEWEST - Days::new(u64::from(NEWEST.day0()));
        let months: Vec<NaiveDate> =
            (0..=month_count as u32).rev().map(|back| this_month - Months::new(back)).collect();

        let unclean = orders * 3 / 100;
        let kinds = Kind::ALL.len() as u64;
        let quota = |at: u64| unclean / kinds + u64::from(at < unclean % kinds);
        let running =
            Kind::ALL.iter().position(|kind| *kind == Kind::CurrentMonth).map_or(0, |at| quota(at as u64));

        // More business at the end of a quarter and of the year, less in summer.
        const SEASON: [u64; 12] = [90, 88, 108, 96, 98, 110, 94, 90, 106, 100, 112, 118];
        let weights: Vec<u64> = months[..month_count].iter().map(|m| SEASON[m.month0() as usize]).collect();
        let whole: u64 = weights.iter().sum();
        let mut starts: Vec<u64> = (0..=month_count)
            .map(|m| (orders - running) * weights[..m].iter().sum::<u64>() / whole)
            .collect();
        starts.push(orders);

        let mut exceptions = BTreeMap::new();
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let allowed = kind.months(month_count);
            let (low, high) = (starts[allowed.start], starts[allowed.end]);
            let wanted = quota(at as u64);
            for nth in 0..wanted {
                let (from, to) = (low + nth * (high - low) / wanted, low + (nth + 1) * (high - low) / wanted);
                if from == to {
                    continue;
                }
                let drawn = Rng::new(seed, Topic::Exception, (at as u64) << 48 | nth).within(from..to);
                // Taken by another kind: the next free order of the same months.
                let free = (drawn..high).chain(low..drawn).find(|index| !exceptions.contains_key(index));
                exceptions.extend(free.map(|index| (index, kind)));
            }
        }

        let accounts = (orders / 50).max(20) as usize;
        let mut world = Self {
            seed,
            accounts,
            customers: accounts / 3,
            programs: programs(months[0]),
            months,
            starts,
            exceptions,
            volumes: Vec::new(),
        };
        let mut volumes = vec![vec![0; accounts]; world.quarter(month_count) + 1];
        for sale in world.sales().filter(|sale| sale.program == GROWTH) {
            volumes[world.quarter(sale.month)][sale.account] += sale.base();
        }
        world.volumes = volumes;
        world
    }

    fn month_count(&self) -> usize {
        self.months.len() - 1
    }

    fn exceptions_by_kind(&self) -> BTreeMap<Kind, u64> {
        let mut counts = BTreeMap::new();
        for kind in self.exceptions.values() {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    /// Calendar quarters since the first month's.
    fn quarter(&self, month: usize) -> usize {
        (self.months[0].month0() as usize % 3 + month) / 3
    }

    /// Last day of a month.
    fn end(&self, month: usize) -> NaiveDate {
        self.months[month] + Months::new(1) - Days::new(1)
    }

    fn sales(&self) -> impl Iterator<Item = Sale> + '_ {
        let mut exceptions = self.exceptions.iter().peekable();
        (0..self.months.len())
            .flat_map(|month| (self.starts[month]..self.starts[month + 1]).map(move |i| (month, i)))
            .map(move |(month, index)| {
                let kind = exceptions.next_if(|(at, _)| **at == index).map(|(_, kind)| *kind);
                self.sale(index, month, kind)
            })
    }

    fn sale(&self, index: u64, month: usize, kind: Option<Kind>) -> Sale {
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
                | Kind::DuplicateOrder,
            )
            | None => match (region_of(account).currency, path) {
                (USD, 0..62) => CORE_OF_CURRENCY[USD],
                (USD, 62..82) => FIRST_CAMPAIGN + 1 + self.quarter(month),
                (USD, 82..92) => ENTERPRISE,
                // An exception there would move the volume of its neighbours.
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
            region: REGION_OF_SLOT[account % REGION_OF_SLOT.len()],
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
    fn next_account(&self, from: usize, wanted: impl Fn(usize) -> bool) -> usize {
        (from..self.accounts)
            .chain(0..from)
            .find(|account| !lacks_region(*account) && wanted(*account))
            .unwrap_or(from)
    }

    /// In the growth program an account buys in one month of a quarter only: its volume, and so its tier, is then final
    /// as soon as its lines appear, in every snapshot. A retroactive tier never restates a closed month by accident.
    fn growth_account(&self, rng: &mut Rng, month: usize) -> usize {
        let quarter = self.quarter(month);
        let of_quarter = (0..self.month_count()).filter(|m| self.quarter(*m) == quarter);
        let turn = of_quarter.clone().take_while(|m| *m < month).count();
        let turns = of_quarter.count();
        let from = rng.below((self.accounts as u64 / 4).max(20)) as usize;
        self.next_account(from, |account| is_dollar(account) && account % turns == turn)
    }

    fn claim(&self, sale: &Sale) -> Claim {
        let program = &self.programs[sale.program];
        let volume =
            if sale.program == GROWTH { self.volumes[self.quarter(sale.month)][sale.account] } else { 0 };
        let rate = program.rate(SKUS[sale.sku].2, volume);
        let calculated = half_up(sale.base(), rate);

        let mut rng = Rng::new(self.seed, Topic::Line, sale.index);
        let part = rng.within(8..40) as i64;
        let refund = if sale.kind == Some(Kind::Refund) { sale.net * part / 100 } else { 0 };
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
        Claim {
            rate,
            calculated,
            adjustment,
            refund,
            paid: calculated + adjustment + difference,
            batch,
            times: self.times(sale, batch, &mut rng),
        }
    }

    fn times(&self, sale: &Sale, batch: u64, rng: &mut Rng) -> Times {
        let month_end = self.end(sale.month);
        let key = (sale.program as u64) << 48 | (sale.month as u64) << 40 | batch;
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
        let reviewed = (sale.month + 1 < self.month_count() && rng.percent(6)).then_some(calculated + 1);
        let day = |after: u64| month_end + Days::new(after);
        Times {
            month_end,
            pending: day(5),
            calculating: day(calculating.min(calculated - 1)),
            calculated: day(calculated),
            reviewed: reviewed.map(day),
            approved: day(approved),
            paid: day(paid),
        }
    }
}

fn region_of(account: usize) -> &'static Region {
    &REGIONS[REGION_OF_SLOT[account % REGION_OF_SLOT.len()]]
}

fn is_dollar(account: usize) -> bool {
    region_of(account).currency == USD
}

fn lacks_region(account: usize) -> bool {
    account % NO_REGION.1 == NO_REGION.0
}

/// `amount` × `rate`, the rate in hundredths of a percent, rounded half up; neither is negative.
fn half_up(amount: i64, rate: i64) -> i64 {
    (amount * rate + 5_000) / 10_000
}

/// How far a line has come on a day; nothing before the vendor first shows it.
fn state(sale: &Sale, times: &Times, as_of: NaiveDate) -> Option<State> {
    let reached = |since: NaiveDate| since <= as_of;
    let open = |status, reason, since, has_amount| State {
        status,
        reason,
        since,
        has_amount,
        approved: None,
        is_paid: false,
    };
    if !reached(times.pending) {
        return None;
    }
    let is_calculated = reached(times.calculated);
    let reviewed = times.calculated + Days::new(1);
    match sale.kind {
        Some(Kind::UnknownStatus) if is_calculated => {
            let status = ["PROC_9", "ON HOLD", "SETTLE-WAIT"][(sale.index % 3) as usize];
            return Some(open(status, "", times.calculated, true));
        }
        Some(Kind::Unreadable) if is_calculated => {
            return Some(open("CALCULATED", "", times.calculated, true));
        }
        Some(Kind::DocumentsMissing) if reached(reviewed) => {
            return Some(open("REVIEW", "DOC_MISSING", reviewed, true));
        }
        Some(Kind::InvoicePending) if sale.index.is_multiple_of(2) => {
            return Some(open("PENDING", "INV_PENDING", times.pending, false));
        }
        Some(Kind::InvoicePending) if reached(reviewed) => {
            return Some(open("REVIEW", "INV_PENDING", reviewed, true));
        }
        Some(Kind::Overdue) if reached(times.calculating) => {
            return Some(open("CALCULATING", "", times.calculating, false));
        }
        Some(_) | None => {}
    }
    let approved = Some(times.approved);
    Some(if reached(times.paid) {
        State { approved, is_paid: true, ..open("PAID", "", times.paid, true) }
    } else if reached(times.approved) {
        State { approved, ..open("APPROVED", "", times.approved, true) }
    } else if let Some(since) = times.reviewed.filter(|since| reached(*since)) {
        open("REVIEW", "", since, true)
    } else if is_calculated {
        open("CALCULATED", "", times.calculated, true)
    } else if reached(times.calculating) {
        open("CALCULATING", "", times.calculating, false)
    } else {
        open("PENDING", "", times.pending, false)
    })
}

// ---------------------------------------------------------------------------------------------------------------------
// Files

/// One CSV file being written. No value here needs quoting.
struct Csv {
    path: PathBuf,
    out: BufWriter<File>,
    row: Vec<u8>,
    rows: u64,
}

impl Csv {
    fn create(folder: &Path, name: &str, header: &str) -> io::Result<Self> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(|error| at(&path, &error))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        writeln!(out, "{header}").map_err(|error| at(&path, &error))?;
        Ok(Self { path, out, row: Vec::with_capacity(512), rows: 0 })
    }

    /// Ends a field whose bytes have been pushed.
    fn next(&mut self) -> &mut Self {
        self.row.push(b',');
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains([',', '"', '\n']), "{text} needs quoting");
        self.row.extend_from_slice(text.as_bytes());
        self.next()
    }

    fn texts(&mut self, texts: &[&str]) -> &mut Self {
        for text in texts {
            self.text(text);
        }
        self
    }

    /// Several fields written out with their commas.
    fn fields(&mut self, fields: &str) -> &mut Self {
        self.row.extend_from_slice(fields.as_bytes());
        self.next()
    }

    fn blank(&mut self) -> &mut Self {
        self.next()
    }

    fn push_digits(&mut self, mut value: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut from = digits.len();
        while value > 0 || digits.len() - from < width.max(1) {
            from -= 1;
            digits[from] = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.row.extend_from_slice(&digits[from..]);
    }

    fn count(&mut self, value: u64) -> &mut Self {
        self.push_digits(value, 1);
        self.next()
    }

    fn id(&mut self, prefix: &str, number: u64, width: usize) -> &mut Self {
        self.row.extend_from_slice(prefix.as_bytes());
        self.push_digits(number, width);
        self.next()
    }

    fn money(&mut self, minor: i64, currency: &Currency) -> &mut Self {
        if minor < 0 {
            self.row.push(b'-');
        }
        let (whole, unit) = (minor.unsigned_abs(), 10_u64.pow(currency.digits));
        self.push_digits(whole / unit, 1);
        if currency.digits > 0 {
            self.row.push(b'.');
            self.push_digits(whole % unit, currency.digits as usize);
        }
        self.next()
    }

    /// The amount with its last whole zero typed as the letter.
    fn misread_money(&mut self, minor: i64, currency: &Currency) -> &mut Self {
        let start = self.row.len();
        self.money(minor, currency);
        let amount = &mut self.row[start..];
        let whole = amount.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(amount.len());
        if let Some(zero) = amount[..whole].iter().rposition(|byte| *byte == b'0') {
            amount[zero] = b'O';
        }
        self
    }

    /// A rate in hundredths of a percent, with at least two decimals.
    fn rate(&mut self, rate: i64) -> &mut Self {
        let rate = rate.unsigned_abs();
        self.push_digits(rate / 10_000, 1);
        self.row.push(b'.');
        match rate % 10_000 {
            part if part.is_multiple_of(100) => self.push_digits(part / 100, 2),
            part if part.is_multiple_of(10) => self.push_digits(part / 10, 3),
            part => self.push_digits(part, 4),
        }
        self.next()
    }

    fn month(&mut self, date: NaiveDate) -> &mut Self {
        self.push_digits(u64::from(date.year().unsigned_abs()), 4);
        self.row.push(b'-');
        self.push_digits(u64::from(date.month()), 2);
        self.next()
    }

    fn date(&mut self, date: NaiveDate) -> &mut Self {
        self.month(date).row.pop();
        self.row.push(b'-');
        self.push_digits(u64::from(date.day()), 2);
        self.next()
    }

    fn maybe_date(&mut self, date: Option<NaiveDate>) -> &mut Self {
        match date {
            Some(date) => self.date(date),
            None => self.blank(),
        }
    }

    /// `CORE-2605-001`, or with `PO-` before it the payout of that batch.
    fn batch(&mut self, before: &str, program: &Program, month: NaiveDate, batch: u64) -> &mut Self {
        self.row.extend_from_slice(before.as_bytes());
        self.row.extend_from_slice(program.batch_prefix.as_bytes());
        self.row.push(b'-');
        self.push_digits(u64::from(month.year().unsigned_abs()) % 100, 2);
        self.push_digits(u64::from(month.month()), 2);
        self.row.push(b'-');
        self.push_digits(batch + 1, 3);
        self.next()
    }

    fn end(&mut self) -> io::Result<()> {
        self.row.pop();
        self.row.push(b'\n');
        self.out.write_all(&self.row).map_err(|error| at(&self.path, &error))?;
        self.row.clear();
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self) -> io::Result<(PathBuf, u64)> {
        self.out.flush().map_err(|error| at(&self.path, &error))?;
        Ok((self.path, self.rows))
    }
}

type Written = Vec<(PathBuf, u64)>;

fn write_snapshot(world: &World, as_of: NaiveDate, folder: &Path) -> io::Result<Written> {
    fs::create_dir(folder).map_err(|error| at(folder, &error))?;
    let mut orders = Csv::create(
        folder,
        "orders.csv",
        "order_id,reseller_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,site,billing_model,\
         contract_type,contract_activation_date,campaign,currency,net_amount,voucher_amount,order_status",
    )?;
    let mut lines = Csv::create(
        folder,
        "rebate_lines.csv",
        "line_id,reseller_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,region,period,base_amount,rate,\
         calculated_amount,currency,status,reason_code,status_date,approved_date,paid_amount,payout_id",
    )?;
    let mut adjustments = Csv::create(
        folder,
        "adjustments.csv",
        "adjustment_id,line_id,amount,currency,reason_code,reference,adjustment_date",
    )?;
    let mut cancellations = Csv::create(
        folder,
        "cancellations.csv",
        "cancellation_id,order_id,cancel_date,refund_amount,currency,kind",
    )?;
    let mut books = Books::default();

    for sale in world.sales() {
        if sale.invoiced > as_of {
            continue;
        }
        let refunded = sale.kind == Some(Kind::Refund) && cancelled_on(&sale, world.end(sale.month)) <= as_of;
        write_order(&mut orders, world, &sale, refunded)?;
        if sale.kind == Some(Kind::DuplicateOrder) {
            write_order(&mut orders, world, &sale, refunded)?;
        }
        if sale.kind.is_some_and(|kind| !kind.has_line()) {
            continue;
        }
        let claim = world.claim(&sale);
        if refunded {
            write_cancellation(&mut cancellations, world, &sale, &claim)?;
        }
        let Some(state) = state(&sale, &claim.times, as_of) else { continue };
        write_line(&mut lines, world, &sale, &claim, &state, &mut books)?;
        if sale.kind == Some(Kind::Orphan) {
            write_orphan(&mut lines, world, &sale, &claim, as_of, &mut books)?;
        }
        if claim.adjustment != 0 {
            write_adjustment(&mut adjustments, world, &sale, &claim, as_of)?;
        }
    }

    let payouts = write_payouts(world, &books, folder)?;
    let controls = write_control_totals(&books, lines.rows, folder)?;
    let sources = write_sources(as_of, folder)?;
    let mut written = Vec::new();
    for file in [orders, lines, adjustments, cancellations, payouts, controls, sources] {
        written.push(file.finish()?);
    }
    Ok(written)
}

/// What the vendor declares and pays, summed while the lines are written.
#[derive(Default)]
struct Books {
    declared: [Option<i64>; CURRENCIES.len()],
    /// Paid day, program, month, batch: amount.
    payouts: BTreeMap<(NaiveDate, usize, usize, u64), i64>,
}

impl Books {
    fn declare(&mut self, currency: usize, calculated: i64) {
        *self.declared[currency].get_or_insert(0) += calculated;
    }
}

fn currency_of(world: &World, sale: &Sale) -> &'static Currency {
    &CURRENCIES[world.programs[sale.program].currency]
}

fn cancelled_on(sale: &Sale, month_end: NaiveDate) -> NaiveDate {
    month_end + Days::new(1 + sale.index % 6)
}

fn write_order(orders: &mut Csv, world: &World, sale: &Sale, refunded: bool) -> io::Result<()> {
    let program = &world.programs[sale.program];
    let region = &REGIONS[sale.region];
    let currency = currency_of(world, sale);
    let number = sale.index + 1;
    let billed = sale.kind != Some(Kind::BillingBlank);

    orders.id("ORD-", number, 7).text(sale.reseller);
    match sale.kind {
        // A few unknown accounts with several orders each: one mapping row clears many cases.
        Some(Kind::AccountUnmapped) => {
            orders.id("ACC-99", sale.index * 7 % (world.accounts as u64 / 100 + 1), 5)
        }
        Some(_) | None => orders.id("ACC-", account_number(sale.account), 6),
    };
    if sale.prepaid {
        orders.blank();
    } else {
        orders.id("SUB-", account_number(sale.account), 6);
    }
    if billed {
        orders.id("INV-", number, 7).date(sale.invoiced);
    } else {
        orders.blank().blank();
    }
    orders
        .date(sale.ordered)
        .text(match sale.kind {
            Some(Kind::SkuUnmapped) => UNMAPPED_SKUS[(sale.index % UNMAPPED_SKUS.len() as u64) as usize],
            Some(_) | None => SKUS[sale.sku].0,
        })
        .text(if sale.kind == Some(Kind::RegionBlank) { "" } else { region.name })
        .text(region.site)
        .text(match (billed, sale.prepaid) {
            (false, _) => "",
            (true, true) => "prepay",
            (true, false) => "payg",
        })
        .text(sale.contract_type)
        .date(world.programs[0].from)
        .text(&program.campaign)
        .text(currency.code)
        .money(sale.net, currency)
        .money(sale.voucher, currency)
        .text(if refunded { "partially_refunded" } else { "active" })
        .end()
}

fn write_line(
    lines: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    state: &State,
    books: &mut Books,
) -> io::Result<()> {
    let number = sale.index + 1;
    lines.id("L-", number, 7);
    write_claim_start(lines, world, sale, claim);
    // The vendor spells one order id in three ways.
    let prefix = match Rng::new(world.seed, Topic::Line, !sale.index).below(100) {
        0..84 => "ORD-",
        84..92 => "ord ",
        _ => "ORD",
    };
    lines.id(prefix, number, 7).id("5123", vendor_account(sale.account), 12);
    write_claim_terms(lines, world, sale, claim);
    write_amount(lines, world, sale, claim, state.has_amount, books);
    lines.text(state.status).text(state.reason).date(state.since).maybe_date(state.approved);
    if !state.is_paid {
        lines.blank().blank();
    } else if sale.kind == Some(Kind::PayoutMissing) {
        lines.money(claim.paid, currency_of(world, sale)).id("PO-7", number, 7);
    } else {
        let payout = (state.since, sale.program, sale.month, claim.batch);
        *books.payouts.entry(payout).or_insert(0) += claim.paid;
        lines.money(claim.paid, currency_of(world, sale));
        lines.batch("PO-", &world.programs[sale.program], world.months[sale.month], claim.batch);
    }
    lines.end()
}

/// A second line, like the sale's own, for an order and an account that nobody here knows; it is never settled.
fn write_orphan(
    lines: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    as_of: NaiveDate,
    books: &mut Books,
) -> io::Result<()> {
    let is_calculated = claim.times.calculated <= as_of;
    lines.id("L-9", sale.index + 1, 8);
    write_claim_start(lines, world, sale, claim);
    lines.id("ORD-V", sale.index + 1, 9).id("5188", vendor_account(sale.account), 12);
    write_claim_terms(lines, world, sale, claim);
    write_amount(lines, world, sale, claim, is_calculated, books);
    let (status, since) =
        if is_calculated { ("CALCULATED", claim.times.calculated) } else { ("PENDING", claim.times.pending) };
    lines.text(status).blank().date(since).blank().blank().blank().end()
}

fn write_claim_start(lines: &mut Csv, world: &World, sale: &Sale, claim: &Claim) {
    let program = &world.programs[sale.program];
    lines.text(sale.reseller).text(&program.id).batch("", program, world.months[sale.month], claim.batch);
}

fn write_claim_terms(lines: &mut Csv, world: &World, sale: &Sale, claim: &Claim) {
    let (_, vendor_sku, category) = SKUS[sale.sku];
    lines
        .text(vendor_sku)
        .text(CATEGORIES[category])
        .text(REGIONS[sale.region].name)
        .month(world.months[sale.month])
        .money(sale.base(), currency_of(world, sale))
        .rate(claim.rate);
}

fn write_amount(
    lines: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    has_amount: bool,
    books: &mut Books,
) {
    let currency = currency_of(world, sale);
    // The vendor's own total knows the amount that cannot be read here.
    books.declare(world.programs[sale.program].currency, if has_amount { claim.calculated } else { 0 });
    match sale.kind {
        Some(Kind::Unreadable) if has_amount => lines.misread_money(claim.calculated, currency),
        Some(_) | None if has_amount => lines.money(claim.calculated, currency),
        Some(_) | None => lines.blank(),
    };
    lines.text(currency.code);
}

fn write_cancellation(cancellations: &mut Csv, world: &World, sale: &Sale, claim: &Claim) -> io::Result<()> {
    let currency = currency_of(world, sale);
    cancellations
        .id("CAN-", sale.index + 1, 7)
        .id("ORD-", sale.index + 1, 7)
        .date(cancelled_on(sale, claim.times.month_end))
        .money(claim.refund, currency)
        .text(currency.code)
        .text("partial-refund")
        .end()
}

fn write_adjustment(
    adjustments: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    as_of: NaiveDate,
) -> io::Result<()> {
    let times = &claim.times;
    let (reason, on) = match sale.kind {
        Some(Kind::Refund) => ("REFUND", times.calculated + Days::new(2)),
        Some(Kind::Eligibility) => ("ELIGIBILITY", times.approved),
        Some(Kind::Fee) => ("FEE", times.paid),
        Some(_) | None => ("", times.paid),
    };
    if on > as_of {
        return Ok(());
    }
    let currency = currency_of(world, sale);
    adjustments
        .id("ADJ-", sale.index + 1, 7)
        .id("L-", sale.index + 1, 7)
        .money(claim.adjustment, currency)
        .text(currency.code)
        .text(reason);
    match sale.kind {
        Some(Kind::Refund) => adjustments.id("CAN-", sale.index + 1, 7),
        Some(Kind::Eligibility) => adjustments.id("PN-", sale.index + 1, 7),
        Some(Kind::Fee) => adjustments.text("BANK-1PCT"),
        Some(_) | None => adjustments.blank(),
    };
    adjustments.date(on).end()
}

fn write_payouts(world: &World, books: &Books, folder: &Path) -> io::Result<Csv> {
    let mut payouts =
        Csv::create(folder, "payouts.csv", "payout_id,paid_date,currency,amount,form,bank_ref")?;
    for (&(paid, program, month, batch), &amount) in &books.payouts {
        let program = &world.programs[program];
        let currency = &CURRENCIES[program.currency];
        payouts
            .batch("PO-", program, world.months[month], batch)
            .date(paid)
            .text(currency.code)
            .money(amount, currency)
            .text(if batch % 12 == 11 { "credit" } else { "transfer" })
            .batch("BK-", program, world.months[month], batch)
            .end()?;
    }
    Ok(payouts)
}

fn write_control_totals(books: &Books, rows: u64, folder: &Path) -> io::Result<Csv> {
    let mut controls =
        Csv::create(folder, "control_totals.csv", "file,rows,currency,declared_calculated_total")?;
    for (currency, declared) in CURRENCIES.iter().zip(books.declared) {
        if let Some(declared) = declared {
            controls
                .text("rebate_lines.csv")
                .count(rows)
                .text(currency.code)
                .money(declared, currency)
                .end()?;
        }
    }
    Ok(controls)
}

fn write_sources(as_of: NaiveDate, folder: &Path) -> io::Result<Csv> {
    let mut sources =
        Csv::create(folder, "sources.csv", "source_id,kind,site,expected_by,last_as_of,state,error_code")?;
    // The vendor delivers by the 12th.
    let months_back = Months::new(u32::from(as_of.day() < 12));
    let due = as_of - Days::new(u64::from(as_of.day0())) - months_back + Days::new(11);
    for (source, kind, site, due) in [
        ("own-orders", "orders", "", as_of),
        ("vendor-rebates-intl", "rebates", "intl", due),
        ("vendor-payouts-intl", "payouts", "intl", due),
        ("vendor-rebates-cn", "rebates", "cn", due),
        ("vendor-payouts-cn", "payouts", "cn", due),
    ] {
        sources.texts(&[source, kind, site]).date(due).date(as_of).texts(&["ok", ""]).end()?;
    }
    Ok(sources)
}

fn account_number(account: usize) -> u64 {
    account as u64 + 100_001
}

/// Sixteen digits with the prefix; the last is never 0, so that no two ids agree in what a spreadsheet keeps.
fn vendor_account(account: usize) -> u64 {
    account_number(account) * 10 + 1 + account as u64 % 9
}

fn write_reference(world: &World, snapshots: &[NaiveDate], folder: &Path) -> io::Result<Written> {
    fs::create_dir(folder).map_err(|error| at(folder, &error))?;
    let (from, to) = validity(world.months[0]);

    let mut accounts = Csv::create(
        folder,
        "accounts.csv",
        "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
    )?;
    for account in 0..world.accounts {
        let customer = account * world.customers / world.accounts;
        let region = if lacks_region(account) { "" } else { region_of(account).name };
        accounts
            .id("ACC-", account_number(account), 6)
            .id("5123", vendor_account(account), 12)
            .id("CUST-", customer as u64 + 1, 5)
            .text(&customer_name(customer))
            .text(region)
            .date(from)
            .date(to)
            .end()?;
    }

    let mut skus = Csv::create(folder, "skus.csv", "sku,vendor_sku,category,valid_from,valid_to")?;
    for (sku, vendor_sku, category) in SKUS {
        skus.texts(&[sku, vendor_sku, CATEGORIES[category]]).date(from).date(to).end()?;
    }

    let mut programs = Csv::create(
        folder,
        "programs.csv",
        "program_id,name,campaign,site,currency,valid_from,valid_to,contract_types,exclusive_group,tier_mode,tier_scope,\
         cap_per_order,period_basis,window_basis,base_basis,round_mode,round_level",
    )?;
    let mut rates = Csv::create(folder, "program_rates.csv", "program_id,category,tier_from,tier_to,rate")?;
    let mut enrollments =
        Csv::create(folder, "enrollments.csv", "reseller_id,program_id,tier,valid_from,valid_to")?;
    for (at, program) in world.programs.iter().enumerate() {
        programs
            .texts(&[&program.id, &program.name, &program.campaign, program.site])
            .text(CURRENCIES[program.currency].code)
            .date(program.from)
            .date(program.to)
            .texts(&[program.contract_types, program.exclusive_group, program.tier.0, program.tier.1, ""])
            .texts(&["invoice_date", "order_date", "net_less_voucher", "half_up", "line"])
            .end()?;
        for (category, tiers) in program.rates {
            for (at, (tier_from, rate)) in tiers.iter().enumerate() {
                rates.texts(&[&program.id, CATEGORIES[*category]]).count(tier_from.unsigned_abs());
                match tiers.get(at + 1) {
                    Some((next, _)) => rates.count(next.unsigned_abs()),
                    None => rates.blank(),
                };
                rates.rate(*rate).end()?;
            }
        }
        let resellers: &[&str] = if at == ENTERPRISE { &["R-200"] } else { &["R-100", "R-200", "R-300"] };
        let tier = if at == ENTERPRISE { "enterprise" } else { "standard" };
        for reseller in resellers {
            enrollments.texts(&[reseller, &program.id, tier]).date(from).date(to).end()?;
        }
    }

    let mut periods =
        Csv::create(folder, "periods.csv", "period,start,end,vendor_final_date,closed_on,close_snapshot")?;
    let mut fx = Csv::create(folder, "fx.csv", "date,from,to,rate,kind,source")?;
    for month in 0..world.months.len() {
        let end = world.end(month);
        let closes = end + Days::new(CLOSE_AFTER);
        let soon_enough = closes..closes + Days::new(36);
        let kept = snapshots.iter().copied().find(|day| soon_enough.contains(day) && *day < NEWEST);
        periods
            .month(end)
            .date(world.months[month])
            .date(end)
            .date(end + Days::new(10))
            .maybe_date(kept.or(Some(closes)).filter(|day| *day < NEWEST))
            .maybe_date(kept)
            .end()?;
        for currency in CURRENCIES.iter().filter(|currency| !currency.closing_rate.is_empty() && end < NEWEST)
        {
            fx.date(end)
                .texts(&[currency.code, "USD", currency.closing_rate, "closing", "illustrative"])
                .end()?;
        }
    }

    let mut statuses = Csv::create(folder, "status_map.csv", "raw_status,canonical,bucket,rank,limit_days")?;
    for row in [
        "PENDING,Pending Data,Pending,0,14",
        "CALCULATING,In Calculation,Pending,1,14",
        "CALCULATED,Calculated,Calculated,2,30",
        "REVIEW,Under Review,Calculated,2,21",
        "APPROVED,Approved,Approved,3,30",
        "PAID,Paid,Paid,4,",
        "REJECTED,Rejected,Rejected,,",
    ] {
        statuses.fields(row).end()?;
    }

    let mut reasons =
        Csv::create(folder, "reason_map.csv", "raw_reason,canonical_reason,implies,plain_text")?;
    for row in [
        "INV_PENDING,invoice-confirmation,invoice-confirmation-delay,Invoice confirmation pending",
        "DOC_MISSING,documents,manual-review,Supporting documents missing",
        "CONTRACT_NOT_ACTIVE,contract-activation,contract-activation-late,Contract not active yet",
        "FROZEN_UNPAID_BILL,frozen,earning-frozen,Earning frozen until the billing cycle is paid",
        "SKU_TIER,sku-tier,sku-not-eligible,SKU not eligible for current rebate program tier.",
        "REFUND,refund,,Refund or cancellation",
        "ELIGIBILITY,eligibility,,Eligibility changed after reconciliation",
        "FEE,fee,,Fee or tax allocated to the payout",
    ] {
        reasons.fields(row).end()?;
    }

    let mut written = Vec::new();
    for file in [accounts, skus, programs, rates, enrollments, periods, statuses, reasons, fx] {
        written.push(file.finish()?);
    }
    Ok(written)
}

/// An invented name, different for every customer: the parts are read off a number that a step coprime to their product
/// spreads over all combinations.
fn customer_name(customer: usize) -> String {
    const FIRST: &str = "Amber Birch Cobalt Dune Ember Fern Granite Hazel Indigo Juniper Kestrel Lark Maple Nimbus Ochre \
                         Pebble Quartz Rowan Saffron Tidal Umber Violet Willow Yarrow Zephyr Alder Basalt Cedar Drift \
                         Elm Flint Glacier";
    const SECOND: &str = "Anchor Bay Bridge Canyon Crest Delta Field Forge Gate Grove Harbor Haven Hill Junction Key \
                          Lantern Meadow Mill Orchard Peak Pier Point Quay Ridge River Road Shore Spring Summit Tower \
                          Vale Wharf";
    const TRADE: &str =
        "Retail Logistics Foods Energy Health Media Games Travel Textiles Insurance Robotics Studios";
    let [first, second, trade] = [FIRST, SECOND, TRADE].map(|words| words.split(' ').collect::<Vec<_>>());
    let all = first.len() * second.len() * trade.len();
    let spread = (customer % all) * 7_919 % all;
    let name = format!(
        "{} {} {}",
        first[spread % first.len()],
        second[spread / first.len() % second.len()],
        trade[spread / first.len() / second.len()],
    );
    match customer / all {
        0 => name,
        round => format!("{name} {}", round + 1),
    }
}

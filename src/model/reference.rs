//! Our own master data and the program rules: what the extracts are checked against.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::id::{AccountId, CustomerId, ProgramId, ResellerId, SkuId};
use super::ledger::{FxRate, Journal, LedgerBalance};
use super::money::{Currency, Money, RoundMode};
use super::record::Origin;
use super::signoff::Signoff;
use super::status::{Bucket, Status};
use super::time::{AsOf, Month, Period};

/// The days on which a row of master data holds: both ends included, an empty end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// Whether a day lies in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether there is a day that lies in both.
    pub fn overlaps(self, other: Validity) -> bool {
        let starts_in_time = |a: Validity, b: Validity| a.from.zip(b.to).is_none_or(|(from, to)| from <= to);
        starts_in_time(self, other) && starts_in_time(other, self)
    }
}

/// A row of `accounts.csv`: our account, the vendor's, and whose it is.
#[derive(Debug, Clone)]
pub struct Account {
    /// Our account id.
    pub id: AccountId,
    /// The same account at the vendor.
    pub vendor: Option<AccountId>,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The customer's name.
    pub customer_name: Option<Ustr>,
    /// Region of the account.
    pub region: Option<Ustr>,
    /// When the row holds.
    pub valid: Validity,
    /// The row.
    pub origin: Origin,
}

/// A row of `skus.csv`: our product, the vendor's, and its rebate category.
#[derive(Debug, Clone)]
pub struct Sku {
    /// Our code.
    pub id: SkuId,
    /// The vendor's code.
    pub vendor: Option<SkuId>,
    /// The rebate category.
    pub category: Ustr,
    /// When the row holds.
    pub valid: Validity,
    /// The row.
    pub origin: Origin,
}

/// Which date decides, for a period or a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateBasis {
    /// The invoice date.
    #[default]
    Invoice,
    /// The order date.
    Order,
    /// The first day of usage.
    Usage,
    /// The day the customer paid.
    Payment,
}

/// What the rate is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BaseBasis {
    /// List price.
    List,
    /// Net amount.
    Net,
    /// Net amount less what was paid by voucher.
    #[default]
    NetLessVoucher,
    /// The same, less tax.
    NetLessVoucherAndTax,
    /// What the customer paid in cash.
    PaidOnly,
}

/// How a rate table becomes an amount (domain 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// One rate.
    Flat,
    /// The rate of the tier that the volume reaches, on everything.
    Retroactive,
    /// Each band at its own rate.
    Marginal,
    /// The rate of the tier that the growth over a baseline reaches.
    Growth,
    /// An amount per unit.
    PerUnit,
    /// An amount per order.
    Fixed,
    /// Granted by hand: never recomputed.
    LumpSum,
}

impl Method {
    /// The word of `programs.csv`.
    pub fn code(self) -> &'static str {
        match self {
            Method::Flat => "flat",
            Method::Retroactive => "retroactive",
            Method::Marginal => "marginal",
            Method::Growth => "growth",
            Method::PerUnit => "per_unit",
            Method::Fixed => "fixed",
            Method::LumpSum => "lump_sum",
        }
    }

    /// Whether it pays a part of the base, rather than amounts of its own.
    pub fn pays_rates(self) -> bool {
        match self {
            Method::Flat | Method::Retroactive | Method::Marginal | Method::Growth => true,
            Method::PerUnit | Method::Fixed | Method::LumpSum => false,
        }
    }

    /// Whether the rate follows from a volume.
    pub fn is_tiered(self) -> bool {
        match self {
            Method::Retroactive | Method::Marginal | Method::Growth => true,
            Method::Flat | Method::PerUnit | Method::Fixed | Method::LumpSum => false,
        }
    }
}

/// Whose orders are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScopeOwner {
    /// Each order alone.
    #[default]
    Order,
    /// All orders of an account.
    Account,
    /// All orders of a customer.
    Customer,
    /// All orders of a reseller.
    Reseller,
}

/// Over which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScopeWindow {
    /// The month of the period.
    Month,
    /// The calendar quarter of the period.
    Quarter,
    /// The calendar year of the period.
    Year,
    /// The whole program.
    #[default]
    Program,
}

/// Whose volume, over which time, decides a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TierScope {
    /// Whose.
    pub owner: ScopeOwner,
    /// Over which time; without meaning for a single order.
    pub window: ScopeWindow,
}

/// Over what a cap is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapScope {
    /// Each order.
    Order,
    /// Each account, over the whole program.
    Account,
    /// Each period, over all accounts.
    Period,
    /// The whole program.
    Program,
}

/// What a cap limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CapOn {
    /// The rebate.
    #[default]
    Rebate,
    /// The base it is computed on.
    Base,
}

/// The most that a scope can earn, or that counts of its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Over what.
    pub scope: CapScope,
    /// On what.
    pub on: CapOn,
    /// How much.
    pub amount: Money,
}

/// How programs of one exclusive group go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stacking {
    /// One of them earns.
    #[default]
    Exclude,
    /// What an earlier program earns is taken off the base of this one.
    ReduceBase,
    /// All earn.
    Stack,
}

/// Where products are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoundLevel {
    /// Each order row.
    #[default]
    Line,
    /// The sum of an order.
    Order,
    /// The sum of a batch, or of a period where no batch is known.
    Batch,
    /// The sum of a payout, or of a batch or period where none is known.
    Payout,
}

/// What a refund does to the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refunds {
    /// Nothing: the vendor sends an adjustment.
    #[default]
    AdjustWhenRefunded,
    /// A refund dated inside the period lowers the base.
    DeductInPeriod,
}

/// What growth is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// A fixed volume.
    Amount(Money),
    /// The volume of the same scope in the window before.
    PreviousWindow,
    /// The volume of the same scope in the same window a year earlier.
    PreviousYear,
}

/// How growth is measured and paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Against what.
    pub baseline: Baseline,
    /// Whether tiers are fractions of the baseline (0.1 for 10 %) rather than amounts.
    pub in_percent: bool,
    /// Whether the rate applies to the increment alone rather than to the whole volume.
    pub on_increment: bool,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleSource {
    /// The document.
    pub document: Option<Ustr>,
    /// The clause in it.
    pub clause: Option<Ustr>,
    /// Who entered it.
    pub entered_by: Option<Ustr>,
    /// Who checked it.
    pub checked_by: Option<Ustr>,
}

/// A row of `programs.csv`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program.
    pub id: ProgramId,
    /// Its name.
    pub name: Ustr,
    /// The campaign tag that declares it; a program without one is the default of its site and currency.
    pub campaign: Option<Ustr>,
    /// The vendor site.
    pub site: Option<Ustr>,
    /// Its currency.
    pub currency: Currency,
    /// The eligibility window.
    pub valid: Validity,
    /// The contract types it accepts; all of them when empty.
    pub contract_types: Vec<Ustr>,
    /// The billing models it accepts; all of them when empty.
    pub billing_models: Vec<Ustr>,
    /// The regions it accepts; all of them when empty.
    pub regions: Vec<Ustr>,
    /// The resellers it accepts; all of them when empty.
    pub resellers: Vec<ResellerId>,
    /// The customer classes it accepts (`new`, `existing`, `dormant`); all of them when empty.
    pub customer_classes: Vec<Ustr>,
    /// Whether it asks for an enrollment; by default it does when anybody is enrolled in it.
    pub requires_enrollment: Option<bool>,
    /// The tier of enrollment it asks for.
    pub enrollment_tier: Option<Ustr>,
    /// Programs of one group exclude each other.
    pub exclusive_group: Option<Ustr>,
    /// How it goes together with the other programs of its group.
    pub stacking: Stacking,
    /// Its place among the programs of its group: a lower one is computed first.
    pub priority: u32,
    /// How the rate table is applied.
    pub method: Method,
    /// Whose volume decides the tier.
    pub tier_scope: TierScope,
    /// How growth is measured, for [`Method::Growth`].
    pub growth: Option<Growth>,
    /// The volume of the tier scope below which nothing is earned.
    pub threshold_min: Option<Money>,
    /// What limits it, the cap per order first.
    pub caps: Vec<Cap>,
    /// What a refund does to the base.
    pub refunds: Refunds,
    /// Days after a cancellation within which the vendor takes the rebate back.
    pub clawback_days: Option<u32>,
    /// Days after which the vendor takes silence about a calculated line for consent, where the line gives no day itself.
    pub confirm_days: Option<u32>,
    /// Days within which the vendor accepts an objection to a line, or a claim for one that is missing.
    pub dispute_days: Option<u32>,
    /// The currency the vendor settles in, where it is not the program's.
    pub settlement_currency: Option<Currency>,
    /// Which date decides the period.
    pub period_basis: DateBasis,
    /// Which date must lie in the window.
    pub window_basis: DateBasis,
    /// What the rate is applied to.
    pub base_basis: BaseBasis,
    /// How products are rounded.
    pub round_mode: RoundMode,
    /// Where products are rounded.
    pub round_level: RoundLevel,
    /// Where the rule comes from.
    pub source: RuleSource,
    /// The row.
    pub origin: Origin,
}

impl Program {
    /// The currency of its lines.
    pub fn line_currency(&self) -> Currency {
        self.settlement_currency.unwrap_or(self.currency)
    }
}

/// A row of `program_rates.csv`.
#[derive(Debug, Clone)]
pub struct ProgramRate {
    /// The program.
    pub program: ProgramId,
    /// The rebate category.
    pub category: Ustr,
    /// The product, for a rate of its own; our code.
    pub sku: Option<SkuId>,
    /// The tier starts here, included.
    pub tier_from: Decimal,
    /// The tier ends here, excluded; open when `None`.
    pub tier_to: Option<Decimal>,
    /// A fraction, 0.08 for 8 %; for a program per unit or of fixed amounts, the amount in major units.
    pub rate: Decimal,
    /// When it holds, by the date that decides the period.
    pub valid: Validity,
    /// The row.
    pub origin: Origin,
}

/// A row of `enrollments.csv`.
#[derive(Debug, Clone)]
pub struct Enrollment {
    /// Who is enrolled.
    pub reseller: ResellerId,
    /// In what.
    pub program: ProgramId,
    /// At which tier.
    pub tier: Option<Ustr>,
    /// When.
    pub valid: Validity,
    /// The row.
    pub origin: Origin,
}

/// A row of `periods.csv`.
#[derive(Debug, Clone)]
pub struct PeriodRow {
    /// The month it is named by.
    pub month: Month,
    /// Its days.
    pub period: Period,
    /// When the vendor's figures are final.
    pub vendor_final: Option<NaiveDate>,
    /// When our books closed.
    pub closed_on: Option<NaiveDate>,
    /// The snapshot they closed with.
    pub close_snapshot: Option<AsOf>,
    /// The row.
    pub origin: Origin,
}

/// A row of `status_map.csv`.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// The source whose word it is, and the word, canonical: case and spaces do not matter. The word alone where it holds
    /// for every source.
    pub key: Ustr,
    /// The word as it is shown.
    pub raw: Ustr,
    /// What it means.
    pub status: Status,
    /// Where a summary counts it.
    pub bucket: Bucket,
    /// How far a line has come; nothing for a status that is no step on the way to payment.
    pub rank: Option<u64>,
    /// Days after which a line in it is overdue.
    pub limit_days: Option<u32>,
    /// The row.
    pub origin: Origin,
}

/// A row of `reason_map.csv`.
#[derive(Debug, Clone)]
pub struct ReasonRow {
    /// The source whose code it is, and the code, canonical, as in [`StatusRow`].
    pub key: Ustr,
    /// The code as it is shown.
    pub raw: Ustr,
    /// The canonical reason, which has a page in `content/reasons/`.
    pub reason: Ustr,
    /// The discrepancy kind it stands for, by code.
    pub implies: Option<Ustr>,
    /// The reason in plain words.
    pub plain_text: Ustr,
    /// The row.
    pub origin: Origin,
}

/// What an alias ties together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AliasKind {
    /// An order.
    Order,
    /// An account.
    Account,
    /// A product.
    Sku,
}

/// What the vendor answered to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// All of it is granted.
    Accepted,
    /// None of it.
    Rejected,
    /// A part of it.
    Partly,
}

impl ClaimAnswer {
    /// Every answer with its word in `claims.csv`.
    pub const ALL: [(&'static str, ClaimAnswer); 3] = [
        ("accepted", ClaimAnswer::Accepted),
        ("rejected", ClaimAnswer::Rejected),
        ("partly", ClaimAnswer::Partly),
    ];

    /// Its word in `claims.csv`.
    pub fn code(self) -> &'static str {
        match self {
            ClaimAnswer::Accepted => "accepted",
            ClaimAnswer::Rejected => "rejected",
            ClaimAnswer::Partly => "partly",
        }
    }
}

/// A row of `claims.csv`: what was claimed from the vendor, and what became of it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number with us.
    pub id: Ustr,
    /// The line, order, payout or adjustment it is about, as it was written.
    pub subject: Ustr,
    /// The same, canonical.
    pub subject_key: Ustr,
    /// The kind of discrepancy that was claimed, as a code.
    pub kind: Ustr,
    /// What was claimed; above zero.
    pub amount: Money,
    /// When.
    pub claimed_on: NaiveDate,
    /// The ticket with the vendor.
    pub reference: Option<Ustr>,
    /// When the vendor answered.
    pub answered_on: Option<NaiveDate>,
    /// What it answered.
    pub answer: Option<ClaimAnswer>,
    /// What it granted, in the currency of the claim.
    pub answered_amount: Option<Money>,
    /// A remark of ours.
    pub note: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

/// A row of `aliases.csv`: a near-miss that a person confirmed.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Our id, canonical.
    pub own: Ustr,
    /// The vendor's id, canonical.
    pub vendor: Ustr,
    /// What it is.
    pub kind: AliasKind,
    /// Who confirmed it.
    pub approved_by: Option<Ustr>,
    /// When.
    pub approved_on: Option<NaiveDate>,
    /// The row.
    pub origin: Origin,
}

/// All reference data, each list in the order of its key.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The accounts map.
    pub accounts: Vec<Account>,
    /// The SKU map.
    pub skus: Vec<Sku>,
    /// The programs.
    pub programs: Vec<Program>,
    /// Their rates.
    pub rates: Vec<ProgramRate>,
    /// Enrollments.
    pub enrollments: Vec<Enrollment>,
    /// Periods.
    pub periods: Vec<PeriodRow>,
    /// The status map.
    pub statuses: Vec<StatusRow>,
    /// The reason map.
    pub reasons: Vec<ReasonRow>,
    /// Confirmed pairs.
    pub aliases: Vec<Alias>,
    /// Rates of exchange.
    pub fx: Vec<FxRate>,
    /// Our own journals.
    pub journals: Vec<Journal>,
    /// Balances of the general ledger.
    pub ledger: Vec<LedgerBalance>,
    /// Who signed which close pack.
    pub signoffs: Vec<Signoff>,
    /// What was claimed from the vendor.
    pub claims: Vec<Claimed>,
}

impl Reference {
    /// The period of a month: its row, or the calendar month when the table has none.
    pub fn period(&self, month: Month) -> Period {
        self.period_row(month).map_or(month.period(), |row| row.period)
    }

    /// From which day the vendor's figures of a period are final; its end where the table gives no day.
    pub fn final_from(&self, month: Month) -> NaiveDate {
        let row = self.period_row(month).and_then(|row| row.vendor_final);
        row.unwrap_or(self.period(month).end)
    }

    /// The row of a month.
    pub fn period_row(&self, month: Month) -> Option<&PeriodRow> {
        self.periods.iter().find(|row| row.month == month)
    }

    /// The month whose period holds a day: by the table, else by the calendar.
    pub fn month_of(&self, day: NaiveDate) -> Month {
        self.periods
            .iter()
            .find(|row| row.period.contains(day))
            .map_or_else(|| Month::of(day), |row| row.month)
    }

    /// The sign-offs of a month's pack, by the SHA-256 of its manifest: in the order of roles, then of days.
    pub fn signoffs_of<'a>(&'a self, period: Month, sha256: &'a str) -> impl Iterator<Item = &'a Signoff> {
        self.signoffs.iter().filter(move |signoff| signoff.signs(period, sha256))
    }

    /// The program with an id.
    pub fn program(&self, id: ProgramId) -> Option<&Program> {
        self.programs.iter().find(|p| p.id == id)
    }

    /// The tables with other rows put over them: a row replaces those of its key that hold on one of its days.
    ///
    /// Shape: each list in the order of its key, as [`Reference::sorted`]. Keys: the account; the SKU; the program; the
    /// month; the vendor's status or reason; reseller and program of an enrollment; the vendor's id of an alias, which
    /// stands for one of ours. The rates of a program, category and product are one table: a tier that alone took the place
    /// of another would leave a gap, so the rows given replace all of its tiers. What our accounting adds (rates of exchange,
    /// journals, balances, sign-offs) decides nothing about a case and stays as it is.
    pub fn with(&self, rows: Reference) -> Reference {
        let always = Validity::default();
        Reference {
            accounts: over(&self.accounts, rows.accounts, |r| r.id, |r| r.valid),
            skus: over(&self.skus, rows.skus, |r| r.id, |r| r.valid),
            programs: over(&self.programs, rows.programs, |r| r.id, |_| always),
            rates: over(&self.rates, rows.rates, |r| (r.program, r.category, r.sku), |r| r.valid),
            enrollments: over(&self.enrollments, rows.enrollments, |r| (r.reseller, r.program), |r| r.valid),
            periods: over(&self.periods, rows.periods, |r| r.month, |_| always),
            statuses: over(&self.statuses, rows.statuses, |r| r.key, |_| always),
            reasons: over(&self.reasons, rows.reasons, |r| r.key, |_| always),
            aliases: over(&self.aliases, rows.aliases, |r| (r.kind, r.vendor), |_| always),
            fx: self.fx.clone(),
            journals: self.journals.clone(),
            ledger: self.ledger.clone(),
            signoffs: self.signoffs.clone(),
            claims: over(&self.claims, rows.claims, |r| r.id, |_| always),
        }
        .sorted()
    }

    /// The same rows, each list by its key, then by the day from which a row holds, then by content: so the order of the
    /// rows in a file changes nothing.
    #[must_use]
    pub fn sorted(mut self) -> Reference {
        self.accounts.sort_by_key(|a| (a.id, a.valid.from, a.origin.digest));
        self.skus.sort_by_key(|s| (s.id, s.valid.from, s.origin.digest));
        self.programs.sort_by_key(|p| (p.id, p.origin.digest));
        self.rates.sort_by_key(|r| (r.program, r.category, r.tier_from, r.origin.digest));
        self.enrollments.sort_by_key(|e| (e.reseller, e.program, e.valid.from, e.origin.digest));
        self.periods.sort_by_key(|p| (p.month, p.origin.digest));
        self.statuses.sort_by_key(|s| (s.key, s.origin.digest));
        self.reasons.sort_by_key(|r| (r.key, r.origin.digest));
        self.aliases.sort_by_key(|a| (a.own, a.vendor, a.origin.digest));
        self.fx.sort_by_key(|r| (r.from, r.to, r.date, r.kind, r.origin.digest));
        self.journals.sort_by_key(|j| (j.id, j.origin.digest));
        self.ledger.sort_by_key(|b| {
            (b.period, b.balance.currency(), b.account.map(|a| a.to_string()), b.program, b.origin.digest)
        });
        self.signoffs.sort_by(|a, b| {
            let key = |s: &Signoff| (s.period, s.role, s.signed_on, s.person(), s.origin.digest);
            key(a).cmp(&key(b))
        });
        self.claims.sort_by_key(|c| (c.id, c.origin.digest));
        self
    }
}

/// The old rows that no new row replaces, and the new ones.
fn over<T: Clone, K: Hash + Eq>(
    old: &[T],
    new: Vec<T>,
    key: impl Fn(&T) -> K,
    valid: impl Fn(&T) -> Validity,
) -> Vec<T> {
    let mut days: HashMap<K, Vec<Validity>> = HashMap::new();
    for row in &new {
        days.entry(key(row)).or_default().push(valid(row));
    }
    let stays = |row: &&T| {
        let new = days.get(&key(row)).map_or(&[][..], Vec::as_slice);
        !new.iter().any(|new| new.overlaps(valid(row)))
    };
    let mut all: Vec<T> = old.iter().filter(stays).cloned().collect();
    all.extend(new);
    all
}

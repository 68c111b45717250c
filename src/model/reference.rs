//! Our own master data and the program rules: what the extracts are checked against.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::id::{AccountId, CustomerId, ProgramId, ResellerId, SkuId};
use super::money::{Currency, Money, RoundMode};
use super::record::Origin;
use super::status::{Bucket, Status};
use super::time::{Month, Period};

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
}

/// Whose volume decides the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierScope {
    /// The order's own.
    Order,
    /// The account's, in the calendar quarter of the period.
    AccountQuarter,
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
    /// Programs of one group exclude each other.
    pub exclusive_group: Option<Ustr>,
    /// How the rate table is applied; `None` for a rule that this version does not compute.
    pub method: Option<Method>,
    /// Whose volume decides the tier.
    pub tier_scope: Option<TierScope>,
    /// The most that one order can earn.
    pub cap_per_order: Option<Money>,
    /// Which date decides the period.
    pub period_basis: DateBasis,
    /// Which date must lie in the window.
    pub window_basis: DateBasis,
    /// What the rate is applied to.
    pub base_basis: BaseBasis,
    /// How products are rounded.
    pub round_mode: RoundMode,
    /// The row.
    pub origin: Origin,
}

/// A row of `program_rates.csv`.
#[derive(Debug, Clone)]
pub struct ProgramRate {
    /// The program.
    pub program: ProgramId,
    /// The rebate category.
    pub category: Ustr,
    /// The tier starts here, included.
    pub tier_from: Decimal,
    /// The tier ends here, excluded; open when `None`.
    pub tier_to: Option<Decimal>,
    /// A fraction: 0.08 for 8 %.
    pub rate: Decimal,
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
    /// The row.
    pub origin: Origin,
}

/// A row of `status_map.csv`.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// The vendor's word, canonical: case and spaces do not matter.
    pub raw: Ustr,
    /// What it means.
    pub status: Status,
    /// Where a summary counts it.
    pub bucket: Bucket,
    /// Days after which a line in it is overdue.
    pub limit_days: Option<u32>,
    /// The row.
    pub origin: Origin,
}

/// A row of `reason_map.csv`.
#[derive(Debug, Clone)]
pub struct ReasonRow {
    /// The vendor's code, canonical: case and spaces do not matter.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasKind {
    /// An order.
    Order,
    /// An account.
    Account,
    /// A product.
    Sku,
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
}

impl Reference {
    /// The period of a month: its row, or the calendar month when the table has none.
    pub fn period(&self, month: Month) -> Period {
        self.period_row(month).map_or(month.period(), |row| row.period)
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

    /// The program with an id.
    pub fn program(&self, id: ProgramId) -> Option<&Program> {
        self.programs.iter().find(|p| p.id == id)
    }
}

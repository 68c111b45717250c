//! Program rules: which program an order declares, what it is measured on, and what it should earn.
//!
//! Exact decimals throughout; a product is rounded once, at the end. What no rule computes is `None` and shown as "not
//! recomputed", never estimated. Source: domain 3.2 and 3.3.

pub mod arithmetic;
mod eligibility;
pub mod entitlement;
mod tiers;

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use crate::model::id::{AccountId, CustomerId, ProgramId, ResellerId, SkuId};
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::{
    Account, BaseBasis, DateBasis, Enrollment, Program, ProgramRate, Reference, Sku,
};
use crate::model::time::Month;

pub use eligibility::Ineligible;
pub use entitlement::{Entitlement, Entitlements};
pub use tiers::Rates;

/// The reference data, indexed for the questions that are asked of it.
pub struct Rules<'a> {
    /// The tables themselves.
    pub reference: &'a Reference,
    accounts: HashMap<AccountId, Vec<&'a Account>>,
    accounts_of_vendor: HashMap<AccountId, AccountId>,
    skus: HashMap<SkuId, Vec<&'a Sku>>,
    programs: HashMap<ProgramId, &'a Program>,
    by_campaign: HashMap<Ustr, Vec<&'a Program>>,
    defaults: Vec<&'a Program>,
    rates: HashMap<(ProgramId, Ustr), Vec<&'a ProgramRate>>,
    enrollments: HashMap<(ResellerId, ProgramId), Vec<&'a Enrollment>>,
    enrolled: std::collections::HashSet<ProgramId>,
    months: Vec<(NaiveDate, NaiveDate, Month)>,
}

/// What a lookup in a dated table gave.
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'a, T> {
    /// A row that holds on the day.
    Found(&'a T),
    /// Rows exist, none of them holds on the day: a date problem, not a missing record.
    NotOnThatDay(&'a T),
    /// No row at all.
    Missing,
}

impl<'a, T> Lookup<'a, T> {
    /// The row that holds on the day.
    pub fn found(self) -> Option<&'a T> {
        match self {
            Lookup::Found(row) => Some(row),
            Lookup::NotOnThatDay(_) | Lookup::Missing => None,
        }
    }
}

impl<'a> Rules<'a> {
    /// Indexes the reference data.
    pub fn new(reference: &'a Reference) -> Rules<'a> {
        let mut rules = Rules {
            reference,
            accounts: grouped(&reference.accounts, |a| a.id),
            accounts_of_vendor: reference.accounts.iter().filter_map(|a| Some((a.vendor?, a.id))).collect(),
            skus: grouped(&reference.skus, |s| s.id),
            programs: reference.programs.iter().map(|p| (p.id, p)).collect(),
            by_campaign: HashMap::new(),
            defaults: reference.programs.iter().filter(|p| p.campaign.is_none()).collect(),
            rates: grouped(&reference.rates, |r| (r.program, r.category)),
            enrollments: grouped(&reference.enrollments, |e| (e.reseller, e.program)),
            enrolled: reference.enrollments.iter().map(|e| e.program).collect(),
            months: reference.periods.iter().map(|p| (p.period.start, p.period.end, p.month)).collect(),
        };
        for program in &reference.programs {
            if let Some(campaign) = program.campaign {
                rules.by_campaign.entry(folded(campaign)).or_default().push(program);
            }
        }
        rules
    }

    /// The row of the accounts map for an account on a day.
    pub fn account(&self, id: AccountId, day: NaiveDate) -> Lookup<'a, Account> {
        lookup(self.accounts.get(&id), |row| row.valid.contains(day))
    }

    /// Our account that a vendor's account stands for, on whatever day.
    pub fn account_of_vendor(&self, vendor: AccountId) -> Option<AccountId> {
        self.accounts_of_vendor.get(&vendor).copied()
    }

    /// The row of the SKU map for a product on a day.
    pub fn sku(&self, id: SkuId, day: NaiveDate) -> Lookup<'a, Sku> {
        lookup(self.skus.get(&id), |row| row.valid.contains(day))
    }

    /// The program with an id.
    pub fn program(&self, id: ProgramId) -> Option<&'a Program> {
        self.programs.get(&id).copied()
    }

    /// Whether some program is declared by a campaign tag, in any case.
    pub fn is_campaign(&self, tag: Ustr) -> bool {
        self.by_campaign.contains_key(&folded(tag))
    }

    /// The program an order declares: by its campaign tag, else the default of its site and currency.
    ///
    /// Where several would do, the one whose window holds the order comes first, then the one that accepts its
    /// contract type, then the lower id; so the answer never depends on the order of the rows.
    pub fn declared_program(&self, order: &Order) -> Option<&'a Program> {
        let currency = order.amount_net.currency();
        let fits = |program: &&&'a Program| {
            program.currency == currency
                && (program.site.is_none() || order.site.is_none() || program.site == order.site)
        };
        let candidates = match order.campaign {
            Some(campaign) => self.by_campaign.get(&folded(campaign)).map_or(&[][..], Vec::as_slice),
            None => &self.defaults[..],
        };
        candidates.iter().filter(fits).copied().min_by_key(|program| {
            (
                !program.valid.contains(order.order_date),
                !eligibility::accepts_contract(program, order),
                program.id,
            )
        })
    }

    /// The date by which a basis counts; the order date where the basis date is not known yet.
    pub fn basis_date(order: &Order, basis: DateBasis) -> NaiveDate {
        match basis {
            DateBasis::Invoice => order.invoice_date,
            DateBasis::Order => None,
            DateBasis::Usage => order.usage_from,
            DateBasis::Payment => order.payment_date,
        }
        .unwrap_or(order.order_date)
    }

    /// The period an order earns in, by the basis of its program; by the invoice date when it declares none.
    pub fn own_period(&self, order: &Order, program: Option<&Program>) -> Month {
        let basis = program.map_or(DateBasis::default(), |p| p.period_basis);
        self.month_of(Rules::basis_date(order, basis))
    }

    /// What a rate is applied to (domain 3.3, step 1); `None` when the basis needs an amount the extract lacks.
    pub fn base(order: &Order, basis: BaseBasis) -> Option<Money> {
        let zero = Money::zero(order.amount_net.currency());
        let less = |amount: Money, off: Option<Money>| amount.checked_sub(off.unwrap_or(zero)).ok();
        match basis {
            BaseBasis::List => order.amount_list,
            BaseBasis::Net => Some(order.amount_net),
            BaseBasis::NetLessVoucher => less(order.amount_net, order.amount_voucher),
            BaseBasis::NetLessVoucherAndTax => {
                less(less(order.amount_net, order.amount_voucher)?, order.amount_tax)
            }
            BaseBasis::PaidOnly => order.amount_paid,
        }
    }

    /// The rebate category of an order's product on its day.
    pub fn category(&self, order: &Order) -> Option<Ustr> {
        self.sku(order.sku, order.order_date).found().map(|row| row.category)
    }

    /// The rate rows of a program for an order's product in a category, as they hold on the day that decides its
    /// period. A rate of the product's own goes before the category's.
    pub fn rates(&self, order: &Order, program: &Program, category: Ustr) -> Rates<'a> {
        let day = Rules::basis_date(order, program.period_basis);
        let rows = self.rates.get(&(program.id, category)).map_or(&[][..], Vec::as_slice);
        Rates::new(rows, order.sku, day)
    }

    /// All rates of a program in the order of category, product and tier.
    pub fn all_rates(&self, program: ProgramId) -> impl Iterator<Item = &'a ProgramRate> {
        self.reference.rates.iter().filter(move |r| r.program == program)
    }

    /// The highest rate of a program in any category: an upper bound, never an accrual.
    pub fn best_rate(&self, program: ProgramId) -> Option<Decimal> {
        self.all_rates(program).map(|r| r.rate).max()
    }

    /// The customer of an order: the extract's, else that of its account.
    pub fn customer(&self, order: &Order) -> Option<CustomerId> {
        order.customer.or_else(|| self.account(order.account, order.order_date).found()?.customer)
    }

    /// Our region for an order: its own, else its account's.
    pub fn region(&self, order: &Order) -> Option<Ustr> {
        order.region.or_else(|| self.account(order.account, order.order_date).found().and_then(|a| a.region))
    }

    /// The month whose period holds a day: by the table, else by the calendar.
    pub fn month_of(&self, day: NaiveDate) -> Month {
        let row = self.months.iter().find(|(start, end, _)| *start <= day && day < *end);
        row.map_or_else(|| Month::of(day), |(_, _, month)| *month)
    }
}

/// A campaign tag without its capitals: people type them.
fn folded(tag: Ustr) -> Ustr {
    if tag.bytes().any(|b| b.is_ascii_uppercase()) { Ustr::from(&tag.to_ascii_lowercase()) } else { tag }
}

fn grouped<'a, T, K: std::hash::Hash + Eq>(rows: &'a [T], key: impl Fn(&T) -> K) -> HashMap<K, Vec<&'a T>> {
    let mut groups: HashMap<K, Vec<&'a T>> = HashMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

fn lookup<'a, T>(rows: Option<&Vec<&'a T>>, holds: impl Fn(&T) -> bool) -> Lookup<'a, T> {
    match rows {
        None => Lookup::Missing,
        Some(rows) => match rows.iter().find(|row| holds(row)) {
            Some(row) => Lookup::Found(row),
            None => Lookup::NotOnThatDay(rows[0]),
        },
    }
}

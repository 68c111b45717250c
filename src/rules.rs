//! Program rules: which program an order declares, what it is measured on, and what it should earn.
//!
//! Exact decimals throughout; a product is rounded once, at the end. What this version cannot compute is `None` and
//! shown as "not recomputed", never estimated. Source: domain 3.2 and 3.3.

mod eligibility;

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use crate::model::id::{AccountId, ProgramId, ResellerId, SkuId};
use crate::model::money::{Currency, Money};
use crate::model::record::Order;
use crate::model::reference::{
    Account, BaseBasis, DateBasis, Enrollment, Method, Program, ProgramRate, Reference, Sku, TierScope,
};
use crate::model::time::Month;

pub use eligibility::Ineligible;

/// The reference data, indexed for the questions that are asked of it.
pub struct Rules<'a> {
    /// The tables themselves.
    pub reference: &'a Reference,
    accounts: HashMap<AccountId, Vec<&'a Account>>,
    skus: HashMap<SkuId, Vec<&'a Sku>>,
    programs: HashMap<ProgramId, &'a Program>,
    by_campaign: HashMap<Ustr, Vec<&'a Program>>,
    defaults: Vec<&'a Program>,
    rates: HashMap<(ProgramId, Ustr), Vec<&'a ProgramRate>>,
    enrollments: HashMap<(ResellerId, ProgramId), Vec<&'a Enrollment>>,
    volumes: HashMap<(ProgramId, AccountId, (i16, u8)), i128>,
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
    /// Indexes the reference data and adds up the volumes that decide tiers.
    pub fn new(reference: &'a Reference, orders: &[Order]) -> Rules<'a> {
        let mut rules = Rules {
            reference,
            accounts: grouped(&reference.accounts, |a| a.id),
            skus: grouped(&reference.skus, |s| s.id),
            programs: reference.programs.iter().map(|p| (p.id, p)).collect(),
            by_campaign: HashMap::new(),
            defaults: reference.programs.iter().filter(|p| p.campaign.is_none()).collect(),
            rates: grouped(&reference.rates, |r| (r.program, r.category)),
            enrollments: grouped(&reference.enrollments, |e| (e.reseller, e.program)),
            volumes: HashMap::new(),
        };
        for program in &reference.programs {
            if let Some(campaign) = program.campaign {
                rules.by_campaign.entry(campaign).or_default().push(program);
            }
        }
        rules.volumes = rules.add_up_volumes(orders);
        rules
    }

    /// The row of the accounts map for an account on a day.
    pub fn account(&self, id: AccountId, day: NaiveDate) -> Lookup<'a, Account> {
        lookup(self.accounts.get(&id), |row| row.valid.contains(day))
    }

    /// The row of the SKU map for a product on a day.
    pub fn sku(&self, id: SkuId, day: NaiveDate) -> Lookup<'a, Sku> {
        lookup(self.skus.get(&id), |row| row.valid.contains(day))
    }

    /// The program with an id.
    pub fn program(&self, id: ProgramId) -> Option<&'a Program> {
        self.programs.get(&id).copied()
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
            Some(campaign) => self.by_campaign.get(&campaign).map_or(&[][..], Vec::as_slice),
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
        }
        .unwrap_or(order.order_date)
    }

    /// The period an order earns in, by the basis of its program; by the invoice date when it declares none.
    pub fn own_period(&self, order: &Order, program: Option<&Program>) -> Month {
        let basis = program.map_or(DateBasis::default(), |p| p.period_basis);
        self.reference.month_of(Rules::basis_date(order, basis))
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
        }
    }

    /// The rebate category of an order's product on its day.
    pub fn category(&self, order: &Order) -> Option<Ustr> {
        self.sku(order.sku, order.order_date).found().map(|row| row.category)
    }

    /// Whether a program has any rate for a category.
    pub fn has_rate(&self, program: ProgramId, category: Ustr) -> bool {
        self.rates.contains_key(&(program, category))
    }

    /// The highest rate of a program in any category: an upper bound, never an accrual.
    pub fn best_rate(&self, program: ProgramId) -> Option<Decimal> {
        self.reference.rates.iter().filter(|r| r.program == program).map(|r| r.rate).max()
    }

    /// What an order should earn in a program and category, before any eligibility check.
    ///
    /// Units: the order's currency, rounded once by the program's mode, capped. `None`: no rate, or a rule that this
    /// version does not compute. Source: domain 3.3, steps 4, 5 and 7.
    pub fn earns(&self, order: &Order, program: &Program, category: Ustr) -> Option<Money> {
        let base = Rules::base(order, program.base_basis)?;
        let rates = self.rates.get(&(program.id, category))?;
        let earned = match (program.method?, program.tier_scope?) {
            (Method::Flat, _) => base.times(rates.first()?.rate, program.round_mode)?,
            (Method::Retroactive, scope) => {
                let tier = self.tier(order, program, rates, scope)?;
                base.times(tier.rate, program.round_mode)?
            }
            (Method::Marginal, TierScope::Order) => marginal(base, rates, program)?,
            (Method::Marginal, TierScope::AccountQuarter) => return None,
        };
        match program.cap_per_order {
            Some(cap) if cap.currency() == earned.currency() && cap.minor() < earned.minor() => Some(cap),
            Some(_) | None => Some(earned),
        }
    }

    /// The tier that the volume of an order's scope reaches: its start included, its end excluded.
    fn tier<'r>(
        &self,
        order: &Order,
        program: &Program,
        rates: &'r [&'a ProgramRate],
        scope: TierScope,
    ) -> Option<&'r &'a ProgramRate> {
        let volume = self.volume(order, program, scope)?;
        rates.iter().find(|r| {
            minor(r.tier_from, volume.currency()).is_some_and(|from| from <= volume.minor())
                && r.tier_to
                    .is_none_or(|to| minor(to, volume.currency()).is_some_and(|to| volume.minor() < to))
        })
    }

    /// The volume that decides an order's tier.
    pub fn volume(&self, order: &Order, program: &Program, scope: TierScope) -> Option<Money> {
        let base = Rules::base(order, program.base_basis)?;
        match scope {
            TierScope::Order => Some(base),
            TierScope::AccountQuarter => {
                let quarter = self.own_period(order, Some(program)).quarter();
                let sum = self.volumes.get(&(program.id, order.account, quarter)).copied()?;
                Some(Money::from_minor(sum, base.currency()))
            }
        }
    }

    fn add_up_volumes(&self, orders: &[Order]) -> HashMap<(ProgramId, AccountId, (i16, u8)), i128> {
        let mut volumes = HashMap::new();
        for order in orders {
            let Some(program) = self.declared_program(order) else { continue };
            if program.tier_scope != Some(TierScope::AccountQuarter)
                || !self.ineligible(order, program).is_empty()
            {
                continue;
            }
            let Some(base) = Rules::base(order, program.base_basis) else { continue };
            let quarter = self.own_period(order, Some(program)).quarter();
            *volumes.entry((program.id, order.account, quarter)).or_insert(0) += base.minor();
        }
        volumes
    }
}

fn marginal(base: Money, rates: &[&ProgramRate], program: &Program) -> Option<Money> {
    // Each band is exact in units of the rate's scale; the sum is rounded once.
    let mut exact = Decimal::ZERO;
    for rate in rates {
        let from = minor(rate.tier_from, base.currency())?;
        let to = match rate.tier_to {
            Some(to) => minor(to, base.currency())?.min(base.minor()),
            None => base.minor(),
        };
        if to > from {
            let band = Decimal::try_from_i128_with_scale(to - from, 0).ok()?;
            exact = exact.checked_add(band.checked_mul(rate.rate)?)?;
        }
    }
    Money::from_minor(1, base.currency()).times(exact, program.round_mode)
}

fn minor(number: Decimal, currency: Currency) -> Option<i128> {
    Money::from_decimal(number, currency).ok().map(Money::minor)
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

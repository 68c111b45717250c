//! What a customer may see: typed, aggregated, and nothing else (domain 4.6, I-22 to I-24).
//!
//! The barrier is the type: a customer's page and file are written from a [`CustomerView`] alone, which has no field for an
//! order, a line, a rate, a code, a payout or another customer. `steady` decides which sums may be shown, `values` names
//! everything that must not be there, `scan` looks for it in every byte that was written.
//!
//! Invariant: an amount that is shown is that of the customer in our own tree, at the snapshot that it names.

mod field;
pub mod internal;
mod layers;
pub mod page;
mod query;
pub mod scan;
pub mod steady;
pub mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ustr::Ustr;

use crate::config::Customers;
use crate::error::Error;
use crate::explain::Audience;
use crate::history::SnapshotNumber;
use crate::model::money::{Currency, Money};
use crate::model::status::Bucket;
use crate::model::time::{AsOf, Month};
use crate::reconcile::Case;
use crate::report::Report;
use crate::report::scopes::{Members, ScopeKey, ScopeKind};
use steady::{Part, Rule, STAGES, Steady, steady};

/// Everything that a customer's tree is made of.
#[derive(Debug, Clone)]
pub struct CustomerView {
    /// Its name.
    pub name: String,
    /// Our name; empty where the configuration does not say.
    pub organization: String,
    /// Whom to ask; empty: its account manager.
    pub contact: String,
    /// The newest snapshot: that of the explanations.
    pub as_of: AsOf,
    /// The fewest purchases behind an amount.
    pub least: usize,
    /// Its amounts, by code of the currency.
    pub currencies: Vec<CurrencyView>,
    /// Why something takes time or has changed, newest month first: one sentence each.
    pub notes: Vec<(Month, String)>,
}

/// The amounts of a customer in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyView {
    /// The currency.
    pub currency: Currency,
    /// The amounts, newest month first.
    pub rows: Vec<RowView>,
    /// Months with amounts that are too small to be shown, newest first.
    pub withheld: Vec<(Month, Month)>,
}

/// The amounts of a month, or of several that are too small alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// First and last month.
    pub months: (Month, Month),
    /// In progress, confirmed and completed, where each may be told.
    pub stages: Option<[Money; STAGES]>,
    /// Their sum.
    pub total: Money,
    /// The snapshot that it is of.
    pub as_of: AsOf,
}

impl CurrencyView {
    /// The sum of the rows: by stage where every row has them, and altogether.
    pub fn sums(&self) -> (Option<[Money; STAGES]>, Money) {
        let zero = Money::zero(self.currency);
        let add = |a: Money, b: Money| Money::from_minor(a.minor() + b.minor(), self.currency);
        let total = self.rows.iter().fold(zero, |sum, row| add(sum, row.total));
        let stages = self.rows.iter().try_fold([zero; STAGES], |sums, row| {
            let stages = row.stages?;
            Some(std::array::from_fn(|stage| add(sums[stage], stages[stage])))
        });
        (stages, total)
    }
}

/// The stage in which a bucket counts for a customer; `None` where it has no amount.
pub fn stage(bucket: Bucket) -> Option<usize> {
    match bucket {
        Bucket::Calculated => Some(0),
        Bucket::Approved => Some(1),
        Bucket::Paid => Some(2),
        Bucket::Pending | Bucket::Rejected | Bucket::Unknown => None,
    }
}

/// Every customer that has a tree, in the order of their canonical ids.
pub fn customers<'r>(report: &'r Report<'_>) -> Vec<(&'r ScopeKey, &'r Members)> {
    report.scopes.of_kind(ScopeKind::Customer).collect()
}

/// What a customer may see; `name` is its own.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub fn view(
    report: &Report<'_>,
    settings: &Customers,
    (key, members): (&ScopeKey, &Members),
    name: &str,
) -> Result<CustomerView, Error> {
    let history = report.sources.history;
    let rule = Rule { min_purchases: settings.min_purchases, hold_days: settings.hold_days.into() };
    let mut currencies: Vec<CurrencyView> = changes(report, key)
        .into_iter()
        .map(|(currency, changes)| {
            currency_view(history.snapshots(), currency, steady(rule, history.snapshots(), &changes))
        })
        .collect();
    currencies.retain(|view| !view.rows.is_empty() || !view.withheld.is_empty());
    Ok(CustomerView {
        name: name.to_owned(),
        organization: report.sources.organization.to_owned(),
        contact: settings.contact.clone(),
        as_of: report.reconciled.as_of(),
        least: settings.min_purchases,
        currencies,
        notes: notes(report, members)?,
    })
}

/// Checks that what is shown of the newest snapshot is what our own tree says (domain I-22).
///
/// # Errors
/// [`Error::Identity`] with the months and both amounts.
pub fn check(report: &Report<'_>, view: &CustomerView, members: &Members) -> Result<(), Error> {
    let current = |row: &&RowView| row.as_of == view.as_of;
    for row in view.currencies.iter().flat_map(|currency| currency.rows.iter().filter(current)) {
        let (from, to) = row.months;
        let here = members.lines.iter().filter(|line| (from..=to).contains(&report.line(**line).period));
        let totals = report.totals(&here.copied().collect::<Vec<u32>>());
        let ours = totals.get(row.total.currency()).map(|totals| {
            let buckets = [Bucket::Calculated, Bucket::Approved, Bucket::Paid];
            (buckets.map(|bucket| totals.bucket(bucket).1), totals.total())
        });
        let zero = Money::zero(row.total.currency());
        let (stages, total) = ours.unwrap_or(([zero; STAGES], zero));
        // Stages may be those of an earlier day with the same sum.
        let told = row.stages.unwrap_or(stages).iter().map(|stage| stage.minor()).sum::<i128>();
        if total != row.total || told != total.minor() {
            return Err(Error::Identity(format!(
                "a customer is shown {} for {from} to {to}, and our own tree has {}",
                row.total.in_words(),
                total.in_words()
            )));
        }
    }
    Ok(())
}

fn currency_view(snapshots: &[AsOf], currency: Currency, steady: Steady) -> CurrencyView {
    let money = |minor| Money::from_minor(minor, currency);
    let mut rows: Vec<RowView> = steady
        .shown
        .into_iter()
        .filter_map(|row| {
            Some(RowView {
                months: row.months,
                stages: row.stages.map(|stages| stages.map(money)),
                total: money(row.total),
                as_of: *snapshots.get(usize::from(row.as_of))?,
            })
        })
        .collect();
    rows.reverse();
    CurrencyView { currency, rows, withheld: steady.withheld.into_iter().rev().collect() }
}

/// What the lines of a customer add from each snapshot on in which one changed, by currency.
type Changes = BTreeMap<Currency, BTreeMap<SnapshotNumber, Vec<(u32, Option<Part>)>>>;

fn changes(report: &Report<'_>, key: &ScopeKey) -> Changes {
    let facts = &report.sources.history.facts;
    let mut changes = Changes::new();
    let mut purchases: HashMap<Ustr, u32> = HashMap::new();
    for line in report.scopes.ever(key) {
        // Newest first; of several facts of one snapshot the first is how it ended.
        let mut states: BTreeMap<SnapshotNumber, Option<(Currency, Part)>> = BTreeMap::new();
        for (snapshot, _, state) in facts.of_line(line) {
            states.entry(snapshot).or_insert_with(|| {
                let state = state.filter(|state| state.is_counted() && key.contains(state.place))?;
                let order = state.place.order.unwrap_or(state.place.order_ref).key();
                let next = u32::try_from(purchases.len()).unwrap_or(u32::MAX);
                let part = Part {
                    month: state.place.period,
                    stage: stage(state.bucket())?,
                    net: state.measures().total,
                    purchase: *purchases.entry(order).or_insert(next),
                };
                // Nothing is hidden behind a line of nothing.
                (part.net != 0).then_some((state.place.currency, part))
            });
        }
        let mut before: Option<(Currency, Part)> = None;
        for (snapshot, now) in states {
            let mut add = |currency, part| {
                let of_currency: &mut BTreeMap<_, Vec<_>> = changes.entry(currency).or_default();
                of_currency.entry(snapshot).or_default().push((line, part));
            };
            if let Some((currency, _)) = before.filter(|(old, _)| now.is_none_or(|(new, _)| new != *old)) {
                add(currency, None);
            }
            if let Some((currency, part)) = now.filter(|now| before != Some(*now)) {
                add(currency, Some(part));
            }
            before = now;
        }
    }
    changes
}

/// What the customer may be told of its lines and orders: each sentence once per month. That something is completed is in
/// the amounts.
fn notes(report: &Report<'_>, members: &Members) -> Result<Vec<(Month, String)>, Error> {
    let reconciled = report.reconciled;
    let lines = members.lines.iter().filter_map(|number| {
        let case = reconciled.line_case(*number);
        let line = report.line(*number);
        (line.bucket != Bucket::Paid || case.primary().is_some()).then_some((line.period, case))
    });
    let orders = members.orders.iter().filter_map(|number| {
        Some((reconciled.orders[*number as usize].period, reconciled.order_case(*number)?))
    });
    let cases: Vec<(Month, &Case)> =
        lines.chain(orders.filter(|(_, case)| case.primary().is_some())).collect();
    let mut told: BTreeSet<(std::cmp::Reverse<Month>, u16, String)> = BTreeSet::new();
    for (month, case) in cases {
        let text = report.told_to(case, Audience::Customer)?;
        if !text.is_empty() {
            let rank = case.primary().map_or(u16::MAX, |finding| finding.kind.rank());
            told.insert((std::cmp::Reverse(month), rank, text));
        }
    }
    let mut seen = BTreeSet::new();
    let told = told.into_iter().map(|(month, _, text)| (month.0, text));
    Ok(told.filter(|note| seen.insert(note.clone())).collect())
}

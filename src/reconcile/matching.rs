//! Which orders earned which line: passes in a fixed order, the first that matches wins (domain 2.2).
//!
//! Passes 0 (alias), 1 (order id), 2 (invoice, then subscription, same mapped account) and 5 (nothing); passes 3 and 4
//! only suggest and stand in `suggest`. Lines of files without order ids are matched in `levels`. A line that names several orders is split over them by eligible base (domain
//! 2.3).

use std::collections::{HashMap, HashSet};

use ustr::Ustr;

use super::levels;

use crate::model::id::{AccountId, OrderId};
use crate::model::money::Money;
use crate::model::record::{Line, Order, Records};
use crate::model::reference::{Alias, AliasKind, BaseBasis};
use crate::rules::Rules;
use crate::say;

/// How a line was matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// Pass 0: a confirmed alias.
    Alias,
    /// Pass 1: the order id.
    OrderId,
    /// Pass 2: the invoice id, with the same account.
    Invoice,
    /// Pass 2: the subscription id, with the same account.
    Subscription,
    /// Account, product where given, instance and month: lines that name no order.
    Instance,
    /// Account, product and month: lines that name no order.
    Product,
    /// Account and month: lines that name neither order nor product.
    Month,
}

impl Pass {
    /// The words of a page.
    pub fn label(self) -> &'static str {
        match self {
            Pass::Alias => say!("confirmed alias"),
            Pass::OrderId => say!("order ID"),
            Pass::Invoice => say!("invoice ID and account"),
            Pass::Subscription => say!("subscription ID and account"),
            Pass::Instance => say!("account, product and instance"),
            Pass::Product => say!("account, product and month"),
            Pass::Month => say!("account and month"),
        }
    }
}

/// One order's part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Index of the order row.
    pub order: u32,
    /// Its part of the calculated amount; the parts sum to it.
    pub amount_calculated: Option<Money>,
}

/// The match of one line.
#[derive(Debug, Clone, Default)]
pub struct LineMatch {
    /// How it was found; `None` when no pass found an order.
    pub pass: Option<Pass>,
    /// The orders, in their own order.
    pub shares: Box<[Share]>,
}

/// Every line with its orders, and every order with its lines.
pub struct Matching {
    of_line: Vec<LineMatch>,
    of_order: Vec<Vec<u32>>,
    pub(super) keys: Keys,
    /// Lines that name no order, where several of them and several orders say the same: how many.
    pub(super) several: levels::Several,
}

/// Indexes of both sides by the keys that the passes use; kept, so that a trace can be told again for any record.
pub(super) struct Keys {
    pub(super) orders: HashMap<OrderId, (u32, u32)>,
    pub(super) invoices: HashMap<Ustr, Vec<u32>>,
    pub(super) subscriptions: HashMap<Ustr, Vec<u32>>,
    pub(super) aliases: HashMap<Ustr, Vec<OrderId>>,
    pub(super) account_aliases: HashMap<Ustr, Vec<Ustr>>,
    pub(super) sku_aliases: HashMap<Ustr, Vec<Ustr>>,
    pub(super) refs: HashMap<Ustr, Vec<u32>>,
}

impl Keys {
    fn new(records: &Records, aliases: &[Alias]) -> Keys {
        let mut keys = Keys {
            orders: HashMap::with_capacity(records.orders.len()),
            invoices: HashMap::new(),
            subscriptions: HashMap::new(),
            aliases: HashMap::new(),
            account_aliases: HashMap::new(),
            sku_aliases: HashMap::new(),
            refs: HashMap::new(),
        };
        for (number, order) in numbered(&records.orders) {
            keys.orders.entry(order.id).or_insert((number, number)).1 = number + 1;
        }
        for alias in aliases {
            match alias.kind {
                AliasKind::Order => {
                    keys.aliases.entry(alias.vendor).or_default().push(OrderId::new(&alias.own, &alias.own));
                }
                AliasKind::Account => keys.account_aliases.entry(alias.own).or_default().push(alias.vendor),
                AliasKind::Sku => keys.sku_aliases.entry(alias.own).or_default().push(alias.vendor),
            }
        }
        // Other keys matter only to what pass 1 leaves over: on ordinary data a few records in a hundred.
        let mut wanted: HashSet<Ustr> = HashSet::new();
        for (number, line) in numbered(&records.lines) {
            if keys.orders.contains_key(&line.order_ref) {
                continue;
            }
            keys.refs.entry(line.order_ref.key()).or_default().push(number);
            wanted.insert(line.order_ref.key());
            wanted.extend(line.invoice_ref.map(|invoice| invoice.key()));
            wanted.extend(line.subscription_ref.map(|subscription| subscription.key()));
        }
        for (number, order) in numbered(&records.orders) {
            for (id, index) in [
                (order.invoice.map(|i| i.key()), &mut keys.invoices),
                (order.subscription.map(|s| s.key()), &mut keys.subscriptions),
            ] {
                if let Some(id) = id.filter(|id| wanted.contains(id)) {
                    index.entry(id).or_default().push(number);
                }
            }
        }
        keys
    }

    /// The rows of an order.
    pub(super) fn rows(&self, id: OrderId) -> Vec<u32> {
        self.orders.get(&id).map_or_else(Vec::new, |(start, end)| (*start..*end).collect())
    }

    /// Whether a vendor account is the one our map gives for the order, or a confirmed alias of it.
    pub(super) fn is_same_account(
        &self,
        order: &Order,
        account_ref: Option<AccountId>,
        rules: &Rules<'_>,
    ) -> bool {
        let Some(theirs) = account_ref else { return false };
        let Some(ours) = rules.account(order.account, order.order_date).found() else { return false };
        ours.vendor == Some(theirs)
            || self
                .account_aliases
                .get(&order.account.key())
                .is_some_and(|all| all.iter().any(|vendor| *vendor == theirs.canonical()))
    }
}

impl Matching {
    /// Matches every line. Shape: one [`LineMatch`] per line, in `lines` order. Never fails.
    pub fn new(records: &Records, rules: &Rules<'_>) -> Matching {
        let keys = Keys::new(records, &rules.reference.aliases);
        let mut of_line: Vec<LineMatch> =
            records.lines.iter().map(|line| match_line(line, records, rules, &keys)).collect();
        let several = levels::match_unnamed(records, rules, &keys, &mut of_line);
        let mut of_order = vec![Vec::new(); records.orders.len()];
        for (number, found) in numbered(&of_line) {
            for share in &found.shares {
                of_order[share.order as usize].push(number);
            }
        }
        Matching { of_line, of_order, keys, several }
    }

    /// The match of a line.
    pub fn of_line(&self, line: u32) -> &LineMatch {
        &self.of_line[line as usize]
    }

    /// The lines of an order row, in the order of their ids.
    pub fn of_order(&self, order: u32) -> &[u32] {
        &self.of_order[order as usize]
    }

    /// The rows of an order.
    pub fn rows(&self, id: OrderId) -> Vec<u32> {
        self.keys.rows(id)
    }

    /// Whether a line's account is the one our map gives for an order, or a confirmed alias of it.
    pub fn is_same_account(&self, order: &Order, line: &Line, rules: &Rules<'_>) -> bool {
        self.keys.is_same_account(order, line.account_ref, rules)
    }
}

fn match_line(line: &Line, records: &Records, rules: &Rules<'_>, keys: &Keys) -> LineMatch {
    let (pass, rows) = find(line, records, rules, keys);
    if rows.is_empty() {
        return LineMatch::default();
    }
    let rows = of_the_lines_product(line, rows, records, rules, keys);
    LineMatch { pass, shares: split(line, &rows, records, rules).into_boxed_slice() }
}

fn find(line: &Line, records: &Records, rules: &Rules<'_>, keys: &Keys) -> (Option<Pass>, Vec<u32>) {
    let reference = line.order_ref.key();
    if let Some(own) = keys.aliases.get(&reference) {
        let mut rows: Vec<u32> = own.iter().flat_map(|id| keys.rows(*id)).collect();
        rows.sort_unstable();
        rows.dedup();
        if !rows.is_empty() {
            return (Some(Pass::Alias), rows);
        }
    }
    let rows = keys.rows(line.order_ref);
    if !rows.is_empty() {
        return (Some(Pass::OrderId), rows);
    }
    let by_invoice = line.invoice_ref.and_then(|invoice| keys.invoices.get(&invoice.key()));
    // Where no order is named, an instance stands for as many orders as lines: `levels` pairs them off.
    let subscription = line.subscription_ref.filter(|_| line.is_order_named);
    let by_subscription = subscription.and_then(|id| keys.subscriptions.get(&id.key()));
    for (pass, candidates) in [
        (Pass::Invoice, by_invoice),
        (Pass::Invoice, keys.invoices.get(&reference)),
        (Pass::Subscription, by_subscription),
        (Pass::Subscription, keys.subscriptions.get(&reference)),
    ] {
        let same_account: Vec<u32> = candidates
            .into_iter()
            .flatten()
            .copied()
            .filter(|row| keys.is_same_account(&records.orders[*row as usize], line.account_ref, rules))
            .collect();
        let rows = of_the_lines_period(line, same_account, records, rules);
        if !rows.is_empty() {
            return (Some(pass), rows);
        }
    }
    (None, Vec::new())
}

/// A subscription orders again every month: where some of its orders fall in the line's period, only those are meant.
fn of_the_lines_period(line: &Line, rows: Vec<u32>, records: &Records, rules: &Rules<'_>) -> Vec<u32> {
    let program = rules.program(line.program);
    let is_in = |row: &u32| rules.own_period(&records.orders[*row as usize], program) == line.period;
    let in_period: Vec<u32> = rows.iter().copied().filter(is_in).collect();
    if in_period.is_empty() { rows } else { in_period }
}

/// An order has a row per product: where the line names a product that some of the rows have, only those are meant.
fn of_the_lines_product(
    line: &Line,
    rows: Vec<u32>,
    records: &Records,
    rules: &Rules<'_>,
    keys: &Keys,
) -> Vec<u32> {
    let Some(sku) = line.sku_ref.filter(|_| rows.len() > 1) else { return rows };
    let is_product = |row: &u32| {
        let order = &records.orders[*row as usize];
        order.sku == sku
            || rules.sku(order.sku, order.order_date).found().and_then(|s| s.vendor) == Some(sku)
            || keys.sku_aliases.get(&order.sku.key()).is_some_and(|all| all.contains(&sku.key()))
    };
    let of_product: Vec<u32> = rows.iter().copied().filter(is_product).collect();
    if of_product.is_empty() { rows } else { of_product }
}

pub(super) fn split(line: &Line, rows: &[u32], records: &Records, rules: &Rules<'_>) -> Vec<Share> {
    let basis = rules.program(line.program).map_or(BaseBasis::default(), |p| p.base_basis);
    let weights: Vec<i128> = rows
        .iter()
        .map(|row| Rules::base(&records.orders[*row as usize], basis))
        // Minor units of another currency weigh nothing: they are not the same units.
        .map(|base| base.filter(|b| b.currency() == line.currency).map_or(0, Money::minor))
        .collect();
    match line.amount_calculated {
        Some(amount) if rows.len() > 1 => rows
            .iter()
            .zip(amount.split(&weights))
            .map(|(row, part)| Share { order: *row, amount_calculated: Some(part) })
            .collect(),
        amount => rows.iter().map(|row| Share { order: *row, amount_calculated: amount }).collect(),
    }
}

pub(crate) fn numbered<T>(items: &[T]) -> impl Iterator<Item = (u32, &T)> {
    items.iter().enumerate().map(|(number, item)| (u32::try_from(number).unwrap_or(u32::MAX), item))
}

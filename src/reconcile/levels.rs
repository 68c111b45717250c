//! Lines that name no order: matched by what they say instead, level by level.
//!
//! A bill or a commission file without order ids says account, product, instance and month, or account and month only
//! (formats 1.4, trap 10). Within one such key both sides are multisets: equal bases are paired off, and what is left over is
//! matched where one side has one record. Several on both sides stay unmatched: no pair of them would be more than a guess.

use std::collections::{BTreeMap, HashMap, HashSet};

use ustr::Ustr;

use super::matching::{Keys, LineMatch, Pass, numbered, split};
use crate::model::id::{Id, ProgramId};
use crate::model::money::{Currency, Money};
use crate::model::record::{Line, Order, Records};
use crate::model::time::Month;
use crate::rules::Rules;

/// What a line without an order says of what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    program: ProgramId,
    account: &'static str,
    period: Month,
    currency: Currency,
    product: Option<&'static str>,
    instance: Option<&'static str>,
}

/// What stands on both sides of a key, and is not matched yet.
#[derive(Debug, Default)]
struct Group {
    lines: Vec<u32>,
    orders: Vec<u32>,
}

/// The groups that were left over because both sides have several records: lines and orders of each, for a trace.
pub(super) type Several = HashMap<u32, (usize, usize)>;

/// Matches the lines that name no order and that no earlier pass matched. Shape: `found` is brought up to date; an order is
/// taken once per program. The order of rows changes nothing: within a key, records go by base and id.
pub(super) fn match_unnamed(
    records: &Records,
    rules: &Rules<'_>,
    keys: &Keys,
    found: &mut [LineMatch],
) -> Several {
    let mut several = Several::new();
    let open = |number: u32, line: &Line, found: &[LineMatch]| {
        !line.is_order_named && !line.has_no_order_by_design() && found[number as usize].shares.is_empty()
    };
    if !numbered(&records.lines).any(|(number, line)| open(number, line, found)) {
        return several;
    }
    let mut taken: HashSet<(ProgramId, u32)> = HashSet::new();
    for (number, line) in numbered(&records.lines) {
        taken.extend(found[number as usize].shares.iter().map(|share| (line.program, share.order)));
    }
    // From the line that says most to the one that says least. One that names an instance goes on to the next level: our
    // own orders may not have them.
    let levels = [
        (Pass::Instance, true, true),
        (Pass::Instance, false, true),
        (Pass::Product, true, false),
        (Pass::Month, false, false),
    ];
    for (pass, has_product, has_instance) in levels {
        let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
        for (number, line) in numbered(&records.lines) {
            let is_of_level =
                line.sku_ref.is_some() == has_product && (line.subscription_ref.is_some() || !has_instance);
            if is_of_level
                && open(number, line, found)
                && let Some(account) = line.account_ref
            {
                let key = Key {
                    program: line.program,
                    account: account.canonical(),
                    period: line.period,
                    currency: line.currency,
                    product: line.sku_ref.map(Id::canonical),
                    instance: line.subscription_ref.map(Id::canonical).filter(|_| has_instance),
                };
                groups.entry(key).or_default().lines.push(number);
            }
        }
        let programs: HashSet<ProgramId> = groups.keys().map(|key| key.program).collect();
        let mut programs: Vec<ProgramId> = programs.into_iter().collect();
        programs.sort_unstable();
        // What was cancelled as a whole earns nothing.
        for (number, order) in numbered(&records.orders).filter(|(_, order)| !order.is_void()) {
            for program in &programs {
                if taken.contains(&(*program, number)) {
                    continue;
                }
                let shape = (has_product, has_instance);
                let key =
                    keys_of(order, *program, shape, rules, keys).into_iter().find(|k| groups.contains_key(k));
                if let Some(group) = key.and_then(|key| groups.get_mut(&key)) {
                    group.orders.push(number);
                }
            }
        }
        for (key, mut group) in groups {
            let names_instance = |line: &u32| records.lines[*line as usize].subscription_ref.is_some();
            if !has_instance && group.lines.iter().any(names_instance) {
                // An order with another instance is another order.
                group.orders.retain(|order| records.orders[*order as usize].subscription.is_none());
            }
            for (line, orders) in pairs(&key, group, records, rules, &mut several) {
                taken.extend(orders.iter().map(|order| (key.program, *order)));
                let of = &records.lines[line as usize];
                let shares = split(of, &orders, records, rules).into_boxed_slice();
                found[line as usize] = LineMatch { pass: Some(pass), shares };
            }
        }
    }
    several
}

/// Every key under which a line may speak of an order: its account at the vendor, its product in each spelling.
fn keys_of(
    order: &Order,
    program: ProgramId,
    (has_product, has_instance): (bool, bool),
    rules: &Rules<'_>,
    keys: &Keys,
) -> Vec<Key> {
    let mut accounts: Vec<&'static str> = Vec::new();
    accounts.extend(
        rules.account(order.account, order.order_date).found().and_then(|a| a.vendor).map(Id::canonical),
    );
    accounts.extend(keys.account_aliases.get(&order.account.key()).into_iter().flatten().map(Ustr::as_str));
    let mut products: Vec<Option<&'static str>> = vec![None];
    if has_product {
        products = vec![Some(order.sku.canonical())];
        let mapped = rules.sku(order.sku, order.order_date).found().and_then(|s| s.vendor);
        products.extend(mapped.map(|sku| Some(sku.canonical())));
        let aliases = keys.sku_aliases.get(&order.sku.key()).into_iter().flatten();
        products.extend(aliases.map(|alias| Some(alias.as_str())));
    }
    let instance = order.subscription.map(Id::canonical).filter(|_| has_instance);
    if has_instance && instance.is_none() {
        return Vec::new();
    }
    let period = rules.own_period(order, rules.program(program));
    let currency = order.amount_net.currency();
    let key = |account, product| Key { program, account, period, currency, product, instance };
    accounts.iter().flat_map(|account| products.iter().map(move |product| key(*account, *product))).collect()
}

/// The lines of a group with the orders of each.
fn pairs(
    key: &Key,
    group: Group,
    records: &Records,
    rules: &Rules<'_>,
    several: &mut Several,
) -> Vec<(u32, Vec<u32>)> {
    let program = rules.program(key.program);
    let basis = program.map(|program| program.base_basis).unwrap_or_default();
    let base_of = |order: u32| Rules::base(&records.orders[order as usize], basis).map(Money::minor);
    let mut free: BTreeMap<Option<i128>, Vec<u32>> = BTreeMap::new();
    // Records are in the order of their ids; the first of equals is taken first.
    for order in group.orders.iter().rev() {
        free.entry(base_of(*order)).or_default().push(*order);
    }
    // Of equal ones a line is for one that can earn.
    for equal in free.values_mut().filter(|equal| equal.len() > 1) {
        let earns = |order: &u32| {
            program.is_none_or(|p| rules.ineligible(&records.orders[*order as usize], p).is_empty())
        };
        equal.sort_by_cached_key(earns);
    }
    let (mut found, mut rest) = (Vec::new(), Vec::new());
    for line in group.lines {
        let base = records.lines[line as usize].amount_base.map(Money::minor);
        let equal = base.and_then(|base| free.get_mut(&Some(base))).and_then(Vec::pop);
        match equal {
            Some(order) => found.push((line, vec![order])),
            None => rest.push(line),
        }
    }
    let mut left: Vec<u32> = free.into_values().flatten().collect();
    left.sort_unstable();
    match (&rest[..], &left[..]) {
        ([], _) | (_, []) => {}
        ([line], orders) => found.push((*line, orders.to_vec())),
        (lines, [order]) => found.extend(lines.iter().map(|line| (*line, vec![*order]))),
        (lines, orders) => {
            several.extend(lines.iter().map(|line| (*line, (lines.len(), orders.len()))));
        }
    }
    found
}

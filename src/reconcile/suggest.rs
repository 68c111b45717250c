//! Passes 3 and 4: pairs of an unmatched order and an unmatched line that a person may confirm (domain 2.2).
//!
//! A suggestion never moves money: both sides stay unmatched until an alias row exists. Ids one edit apart are common in
//! sequential numbers, so an id alone suggests nothing; the account must be the same and the other facts must agree.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use ustr::Ustr;

use super::matching::{Matching, numbered};
use crate::model::id::OrderId;
use crate::model::money::Money;
use crate::model::record::{Line, Order, Records};
use crate::rules::Rules;

/// Ids of up to this many characters may differ in one edit, longer ones in two (catalogue, `near-miss-identifier`).
const SHORT: usize = 10;
/// Ids longer than this are compared within one edit: two would cost thousands of variants per id.
const LONG: usize = 24;
/// Lines of one account that are one id, or differ in the same character, beyond which none more is suggested: a crowd is
/// ambiguous, and comparing every order with all of it would cost their product.
const CROWD: usize = 64;
/// Facts of the five that must agree.
const ENOUGH: usize = 4;

/// How a pair was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Pass 3: account, product, period, currency and base agree, on exactly one record of each side.
    SameFacts,
    /// Pass 4: the ids differ in one or two characters, and the other facts agree.
    NearId,
}

/// The candidates of one record.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// How they were found.
    pub likeness: Likeness,
    /// The candidates, by index: lines for an order, orders for a line. More than one: ambiguous, none is chosen.
    pub candidates: Vec<u32>,
    /// Whether exactly this pair is meant: one candidate, which has no other.
    pub is_unique: bool,
}

/// One fact of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Ours; `None` when not known.
    pub ours: Option<String>,
    /// The vendor's.
    pub theirs: Option<String>,
}

impl Fact {
    /// Whether both are known and equal; `None` when one is not known.
    pub fn agrees(&self) -> Option<bool> {
        Some(self.ours.as_ref()? == self.theirs.as_ref()?)
    }
}

/// All suggestions of a snapshot.
#[derive(Debug, Default)]
pub struct Suggestions {
    of_order: BTreeMap<u32, Suggestion>,
    of_line: BTreeMap<u32, Suggestion>,
    lines_by_account: HashMap<Ustr, Vec<u32>>,
    orders_by_account: HashMap<Ustr, Vec<u32>>,
}

impl Suggestions {
    /// Finds all pairs. Cost: grows with the unmatched records and the length of their ids, not with their product.
    /// A line that names an order of ours which could not be read is no near miss of another: `set_aside` holds those.
    pub(super) fn new(
        records: &Records,
        rules: &Rules<'_>,
        matching: &Matching,
        set_aside: &HashSet<OrderId>,
    ) -> Suggestions {
        let mut found = Suggestions::default();
        for (number, line) in numbered(&records.lines) {
            if matching.of_line(number).shares.is_empty()
                && !line.has_no_order_by_design()
                && !set_aside.contains(&line.order_ref)
                && let Some(account) = line.account_ref
            {
                let account = account.key();
                found.lines_by_account.entry(account).or_default().push(number);
            }
        }
        for (number, order) in numbered(&records.orders) {
            if matching.of_order(number).is_empty()
                && let Some(vendor) =
                    rules.account(order.account, order.order_date).found().and_then(|a| a.vendor)
            {
                let account = vendor.key();
                found.orders_by_account.entry(account).or_default().push(number);
            }
        }
        // By id, so that the records beside an id are found without sorting again.
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted for itself")]
        for lines in found.lines_by_account.values_mut() {
            lines.sort_by_key(|n| (records.lines[*n as usize].order_ref, *n));
        }
        let mut accounts: Vec<Ustr> = found.orders_by_account.keys().copied().collect();
        accounts.sort_unstable();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut same_facts: Vec<(u32, u32)> = Vec::new();
        for account in accounts {
            let orders = &found.orders_by_account[&account];
            let Some(lines) = found.lines_by_account.get(&account) else { continue };
            pairs.extend(near_pairs(records, rules, orders, lines));
            same_facts.extend(unique_pairs(records, rules, orders, lines));
        }
        found.add(Likeness::NearId, &pairs);
        // A pair whose ids are near is listed as such; the others agree in everything but the id.
        same_facts
            .retain(|(order, line)| !found.of_order.contains_key(order) && !found.of_line.contains_key(line));
        found.add(Likeness::SameFacts, &same_facts);
        found
    }

    fn add(&mut self, likeness: Likeness, pairs: &[(u32, u32)]) {
        let empty = || Suggestion { likeness, candidates: Vec::new(), is_unique: false };
        for (order, line) in pairs {
            self.of_order.entry(*order).or_insert_with(empty).candidates.push(*line);
            self.of_line.entry(*line).or_insert_with(empty).candidates.push(*order);
        }
        for (order, line) in pairs {
            if self.of_order[order].candidates.len() == 1 && self.of_line[line].candidates.len() == 1 {
                for suggestion in [self.of_order.get_mut(order), self.of_line.get_mut(line)] {
                    suggestion.into_iter().for_each(|s| s.is_unique = true);
                }
            }
        }
    }

    /// The candidates of an order row that no line names.
    pub fn of_order(&self, order: u32) -> Option<&Suggestion> {
        self.of_order.get(&order)
    }

    /// The candidates of a line that names no order of ours.
    pub fn of_line(&self, line: u32) -> Option<&Suggestion> {
        self.of_line.get(&line)
    }

    /// Every order row with candidates.
    pub fn orders(&self) -> impl Iterator<Item = (u32, &Suggestion)> {
        self.of_order.iter().map(|(order, suggestion)| (*order, suggestion))
    }

    /// The unmatched line of the same account that agrees with an order in most facts, then in its id.
    pub fn nearest_line(&self, records: &Records, rules: &Rules<'_>, order: u32) -> Option<u32> {
        if let Some(suggestion) = self.of_order.get(&order) {
            return suggestion.candidates.first().copied();
        }
        let own = &records.orders[order as usize];
        let vendor = rules.account(own.account, own.order_date).found()?.vendor?;
        let lines = self.lines_by_account.get(&vendor.key())?;
        let key = |l: &u32| records.lines[*l as usize].order_ref.canonical();
        nearest(lines, own.id.canonical(), key, |l| {
            let line = &records.lines[*l as usize];
            (agreeing(records, rules, own, line), line.order_ref.canonical())
        })
    }

    /// The unmatched order of the same account that agrees with a line in most facts, then in its id.
    pub fn nearest_order(&self, records: &Records, rules: &Rules<'_>, line: u32) -> Option<u32> {
        if let Some(suggestion) = self.of_line.get(&line) {
            return suggestion.candidates.first().copied();
        }
        let theirs = &records.lines[line as usize];
        let orders = self.orders_by_account.get(&theirs.account_ref?.key())?;
        let key = |o: &u32| records.orders[*o as usize].id.canonical();
        nearest(orders, theirs.order_ref.canonical(), key, |o| {
            let order = &records.orders[*o as usize];
            (agreeing(records, rules, order, theirs), order.id.canonical())
        })
    }
}

/// The best of the records whose ids stand next to one in the order of ids; a page looks at a few dozen, never at all.
fn nearest<'i>(
    sorted: &[u32],
    id: &str,
    key: impl Fn(&u32) -> &'i str,
    score: impl Fn(&u32) -> (usize, &'i str),
) -> Option<u32> {
    const BESIDE: usize = 50;
    let place = sorted.partition_point(|n| key(n) < id);
    let near = &sorted[place.saturating_sub(BESIDE)..sorted.len().min(place + BESIDE)];
    let rank = |n: &u32| {
        let (agreeing, other) = score(n);
        (std::cmp::Reverse(agreeing), strsim::osa_distance(id, other), *n)
    };
    near.iter().copied().min_by_key(rank)
}

/// The facts of an order and a line side by side, beside their ids.
pub fn facts(rules: &Rules<'_>, order: &Order, line: &Line) -> Vec<Fact> {
    let account = rules.account(order.account, order.order_date).found().and_then(|a| a.vendor);
    let program = rules.program(line.program);
    let base = Rules::base(order, program.map(|p| p.base_basis).unwrap_or_default());
    let fact = |name, ours: Option<String>, theirs: Option<String>| Fact { name, ours, theirs };
    vec![
        fact(
            "account",
            account.map(|a| a.canonical().to_owned()),
            line.account_ref.map(|a| a.canonical().to_owned()),
        ),
        fact("category", rules.category(order).map(|c| c.to_string()), line.category.map(|c| c.to_string())),
        fact("period", Some(rules.own_period(order, program).to_string()), Some(line.period.to_string())),
        fact("base", base.map(|m| m.to_string()), line.amount_base.map(|m| m.to_string())),
        fact(
            "currency",
            Some(order.amount_net.currency().code().to_owned()),
            Some(line.currency.code().to_owned()),
        ),
    ]
}

fn agreeing(_: &Records, rules: &Rules<'_>, order: &Order, line: &Line) -> usize {
    facts(rules, order, line).iter().filter(|f| f.agrees() == Some(true)).count()
}

/// Pairs of one account with near ids and enough agreeing facts, by order, then line.
fn near_pairs(records: &Records, rules: &Rules<'_>, orders: &[u32], lines: &[u32]) -> Vec<(u32, u32)> {
    let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
    for line in lines {
        for variant in variants(records.lines[*line as usize].order_ref.canonical()) {
            let same = index.entry(variant).or_default();
            if same.len() < CROWD {
                same.push(*line);
            }
        }
    }
    let mut pairs = Vec::new();
    for number in orders {
        let order = &records.orders[*number as usize];
        let mut candidates: Vec<u32> =
            variants(order.id.canonical()).iter().filter_map(|v| index.get(v)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        for candidate in candidates {
            let line = &records.lines[candidate as usize];
            if is_near(order.id.canonical(), line.order_ref.canonical())
                && agreeing(records, rules, order, line) >= ENOUGH
            {
                pairs.push((*number, candidate));
            }
        }
    }
    pairs
}

/// Pairs of one account that agree in product, period, currency and base, where that is one record on each side.
fn unique_pairs(records: &Records, rules: &Rules<'_>, orders: &[u32], lines: &[u32]) -> Vec<(u32, u32)> {
    /// Unmatched orders and lines with the same facts.
    type Sides = (Vec<u32>, Vec<u32>);
    let mut sides: BTreeMap<(Ustr, String, String), Sides> = BTreeMap::new();
    // The amount with its currency.
    let amount = |base: Money| format!("{base:?}");
    for number in lines {
        let line = &records.lines[*number as usize];
        if let (Some(sku), Some(base)) = (line.sku_ref, line.amount_base) {
            let key = (sku.key(), line.period.to_string(), amount(base));
            sides.entry(key).or_default().1.push(*number);
        }
    }
    for number in orders {
        let order = &records.orders[*number as usize];
        let program = rules.declared_program(order);
        let sku = rules.sku(order.sku, order.order_date).found().and_then(|s| s.vendor).unwrap_or(order.sku);
        if let Some(base) = Rules::base(order, program.map(|p| p.base_basis).unwrap_or_default()) {
            let key = (sku.key(), rules.own_period(order, program).to_string(), amount(base));
            if let Some(side) = sides.get_mut(&key) {
                side.0.push(*number);
            }
        }
    }
    let pairs = sides.into_values().filter_map(|(orders, lines)| match (&orders[..], &lines[..]) {
        ([order], [line]) => Some((*order, *line)),
        (_, _) => None,
    });
    pairs.collect()
}

/// Whether two canonical ids may be one that was mistyped, misread or damaged by a spreadsheet.
fn is_near(own: &str, other: &str) -> bool {
    if own == other {
        return false;
    }
    let length = own.chars().count();
    let edits = if length <= SHORT || length > LONG { 1 } else { 2 };
    strsim::osa_distance(own, other) <= edits
        || unconfused(own) == unconfused(other)
        || has_lost_digits(own, other)
}

/// The id with characters that look alike made one.
fn unconfused(id: &str) -> String {
    let one = |c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        'S' => '5',
        'B' => '8',
        other => other,
    };
    id.chars().map(one).collect()
}

/// A number of 16 digits or more that a spreadsheet rounded to 15: equal up to there, then zeros on one side.
pub(super) fn has_lost_digits(one: &str, other: &str) -> bool {
    const KEPT: usize = 15;
    let is_number = |id: &str| id.len() > KEPT && id.bytes().all(|b| b.is_ascii_digit());
    let ends_in_zeros = |id: &str| id.bytes().skip(KEPT).all(|b| b == b'0');
    one != other
        && is_number(one)
        && is_number(other)
        && one.len() == other.len()
        && one[..KEPT] == other[..KEPT]
        && (ends_in_zeros(one) || ends_in_zeros(other))
}

/// Hashes that two near ids have in common: the id with up to two characters left out, with look-alikes made one, and
/// cut to the digits that a spreadsheet keeps.
fn variants(id: &str) -> Vec<u64> {
    let letters: Vec<char> = id.chars().collect();
    let hash = |tag: u8, text: &mut dyn Iterator<Item = char>| {
        let mut hasher = DefaultHasher::new();
        tag.hash(&mut hasher);
        text.for_each(|c| c.hash(&mut hasher));
        hasher.finish()
    };
    let without = |skipped: &[usize]| {
        hash(0, &mut letters.iter().enumerate().filter(|(i, _)| !skipped.contains(i)).map(|(_, c)| *c))
    };
    let mut all = vec![without(&[]), hash(1, &mut unconfused(id).chars())];
    if letters.len() > 15 && id.bytes().all(|b| b.is_ascii_digit()) {
        all.push(hash(2, &mut letters.iter().take(15).copied()));
    }
    for first in 0..letters.len() {
        all.push(without(&[first]));
        // The other id may be one or two longer or shorter, and then two edits count.
        if (SHORT - 1..=LONG + 2).contains(&letters.len()) {
            all.extend((first + 1..letters.len()).map(|second| without(&[first, second])));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_near_by_edits_by_looks_and_by_lost_digits() {
        assert!(is_near("ORD4006", "ORD4060"), "two neighbors exchanged");
        assert!(!is_near("ORD4006", "ORD4017"), "two edits on a short id");
        assert!(is_near("ORD2026004006", "ORD2026004127") == (strsim::osa_distance("4006", "4127") <= 2));
        assert!(is_near("ORD40O6", "ORD4006") && is_near("SB1O", "5810"));
        assert!(has_lost_digits("5123000000004127", "5123000000004120"));
        assert!(!has_lost_digits("5123000000004127", "5123000000004128"));
        assert!(!is_near("ORD1", "ORD1"));
    }

    proptest! {
        #[test]
        fn near_ids_always_share_a_variant(
            id in "[A-Z0-9]{3,26}",
            edits in prop::collection::vec((0_usize..4, any::<prop::sample::Index>(), "[A-Z0-9]"), 1..3),
        ) {
            // Goal: looking up variants finds everything that comparing all pairs would find. Method: edit an id once
            // or twice; wherever the rule calls the two near, their variants meet.
            let mut other: Vec<char> = id.chars().collect();
            for (edit, place, letter) in edits {
                if other.is_empty() { break }
                let place = place.index(other.len());
                let letter = letter.chars().next().unwrap();
                match edit {
                    0 => { other.remove(place); }
                    1 => other.insert(place, letter),
                    2 => other[place] = letter,
                    _ => if place + 1 < other.len() { other.swap(place, place + 1) },
                }
            }
            let other: String = other.into_iter().collect();
            if is_near(&id, &other) {
                let known = variants(&id);
                prop_assert!(variants(&other).iter().any(|v| known.contains(v)), "{id} {other}");
            }
        }
    }
}

//! Which program each order earns in, and which lines claim the same money twice.
//!
//! Two flags come before any amount is compared (domain 4.2: identity before calculation): a *duplicate* repeats another
//! line, a line of a *second program* stands beside one that excludes it. Neither counts in our own entitlement.

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use super::matching::{Matching, numbered};
use crate::model::id::{OrderId, ProgramId, ResellerId, SkuId};
use crate::model::money::{Currency, Money};
use crate::model::record::{Line, Records};
use crate::model::reference::Stacking;
use crate::model::status::Status;
use crate::model::time::Month;
use crate::rules::Rules;
use crate::rules::entitlement::Claim;

/// Why a line is no claim of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// It repeats a line.
    Duplicate {
        /// The original, by index.
        of: u32,
    },
    /// Another line of the order stands in a program of the same exclusive group.
    SecondProgram {
        /// The line that stands, by index.
        beside: u32,
    },
}

/// Lines that claim what another line claims, by index.
pub type RepeatedLines = HashMap<u32, Repeated>;

/// Everything that identifies a claim: two lines that agree on it are one claim (catalogue, `duplicate-line`).
#[derive(PartialEq, Eq, Hash)]
struct Key {
    reseller: Option<ResellerId>,
    program: ProgramId,
    period: Month,
    order: OrderId,
    sku: Option<SkuId>,
    invoice: Option<Ustr>,
    base: Option<Money>,
    calculated: Option<Money>,
    currency: Currency,
}

impl Key {
    fn of(line: &Line, sign: i128) -> Key {
        let signed = |amount: Money| Money::from_minor(amount.minor() * sign, amount.currency());
        Key {
            reseller: line.reseller,
            program: line.program,
            period: line.period,
            order: line.order_ref,
            sku: line.sku_ref,
            invoice: line.invoice_ref.map(|i| i.key()),
            base: line.amount_base.map(Money::abs),
            calculated: line.amount_calculated.map(signed),
            currency: line.currency,
        }
    }
}

/// Finds the lines that repeat another. A negative line that takes one back cancels it.
pub(super) fn repeated(records: &Records, rules: &Rules<'_>, matching: &Matching) -> RepeatedLines {
    let mut repeated = duplicates(records);
    second_programs(records, rules, matching, &mut repeated);
    repeated
}

fn duplicates(records: &Records) -> RepeatedLines {
    // Lines that name no order can be equal and all be money: a bill repeats what was bought twice.
    // A rejected line claims nothing: what comes after it is its successor, not its copy.
    let says_something = |line: &Line| {
        line.is_order_named
            && line.status != Status::Rejected
            && (line.amount_base.is_some() || line.amount_calculated.is_some())
    };
    let takes_back = |line: &Line| line.amount_calculated.is_some_and(Money::is_negative);
    let mut reversals: HashMap<Key, usize> = HashMap::new();
    for line in records.lines.iter().filter(|l| takes_back(l)) {
        *reversals.entry(Key::of(line, -1)).or_default() += 1;
    }
    let mut first: HashMap<Key, u32> = HashMap::with_capacity(records.lines.len());
    let mut repeated = RepeatedLines::new();
    // Lines are in the order of their ids: the first of each key is the original.
    for (number, line) in numbered(&records.lines).filter(|(_, l)| says_something(l) && !takes_back(l)) {
        let original = *first.entry(Key::of(line, 1)).or_insert(number);
        if original == number {
            continue;
        }
        match reversals.get_mut(&Key::of(line, 1)).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => {
                repeated.insert(number, Repeated::Duplicate { of: original });
            }
        }
    }
    repeated
}

/// Lines of an order in several programs of one exclusive group and one period: the program that the order's campaign
/// tag declares stands, else the one with the higher amount (catalogue, `double-program`).
fn second_programs(records: &Records, rules: &Rules<'_>, matching: &Matching, repeated: &mut RepeatedLines) {
    for (number, order) in numbered(&records.orders) {
        let line = |n: u32| &records.lines[n as usize];
        // A line over several orders is one claim for all of them: one order alone does not take it back.
        let is_claim = |l: &u32| {
            !repeated.contains_key(l)
                && matching.of_line(*l).shares.len() == 1
                && line(*l).status != Status::Rejected
        };
        let lines: Vec<u32> = matching.of_order(number).iter().copied().filter(is_claim).collect();
        if lines.windows(2).all(|pair| line(pair[0]).program == line(pair[1]).program) {
            continue;
        }
        let declared = order.campaign.and_then(|_| rules.declared_program(order)).map(|p| p.id);
        let group = |n: u32| exclusive_group(rules, line(n).program).map(|group| (group, line(n).period));
        // What each program has in each group and period, and the first of its lines.
        let mut weights: BTreeMap<(Ustr, Month, ProgramId), (i128, u32)> = BTreeMap::new();
        for one in &lines {
            let Some((name, month)) = group(*one) else { continue };
            let weight = weights.entry((name, month, line(*one).program)).or_insert((0, *one));
            weight.0 += line(*one).amount_calculated.map_or(0, Money::minor);
        }
        let mut stands: HashMap<(Ustr, Month), (bool, i128, ProgramId, u32)> = HashMap::new();
        for ((name, month, program), (weight, first)) in &weights {
            let rank = (Some(*program) != declared, -weight, *program, *first);
            let best = stands.entry((*name, *month)).or_insert(rank);
            *best = (*best).min(rank);
        }
        for one in &lines {
            let Some((_, _, program, beside)) = group(*one).and_then(|of| stands.get(&of)) else { continue };
            if *program != line(*one).program {
                repeated.insert(*one, Repeated::SecondProgram { beside: *beside });
            }
        }
    }
}

/// The group in which a program excludes others; nothing where its group stacks.
fn exclusive_group(rules: &Rules<'_>, program: ProgramId) -> Option<Ustr> {
    let program = rules.program(program)?;
    program.exclusive_group.filter(|_| program.stacking == Stacking::Exclude)
}

/// One claim per order row and program: the programs of its lines, else the one it declares. A declared program without
/// a line of its own beside other lines counts in the volume of that program and earns nothing here.
pub(super) fn claims<'a>(
    records: &Records,
    rules: &Rules<'a>,
    matching: &Matching,
    repeated: &RepeatedLines,
) -> Vec<Claim<'a>> {
    let mut claims = Vec::with_capacity(records.orders.len());
    for (number, order) in numbered(&records.orders) {
        let start = claims.len();
        for place in matching.of_order(number) {
            let line = &records.lines[*place as usize];
            let Some(program) = rules.program(line.program) else { continue };
            let excluded_by = match repeated.get(place) {
                Some(Repeated::Duplicate { .. }) => continue,
                Some(Repeated::SecondProgram { beside }) => {
                    rules.program(records.lines[*beside as usize].program)
                }
                None => None,
            };
            let known = claims[start..].iter_mut().find(|c: &&mut Claim<'a>| c.program.id == program.id);
            match known {
                // One line that stands is enough for the claim to stand.
                Some(known) if excluded_by.is_none() => known.excluded_by = None,
                Some(_) => {}
                None => claims.push(Claim {
                    order: number,
                    program,
                    excluded_by,
                    is_counted: true,
                    batch: line.batch.map(|b| b.key()),
                    payout: line.payout.map(|p| p.key()),
                }),
            }
        }
        if let Some(program) = rules.declared_program(order)
            && !claims[start..].iter().any(|c| c.program.id == program.id)
        {
            let is_counted = matching.of_order(number).is_empty();
            // A void order earns nothing and adds to no volume, unless the vendor says otherwise.
            if is_counted && order.is_void() {
                continue;
            }
            // The default of a site is declared by nobody: beside a line in another program it is no claim.
            if is_counted || order.campaign.is_some() {
                claims.push(Claim {
                    order: number,
                    program,
                    excluded_by: None,
                    is_counted,
                    batch: None,
                    payout: None,
                });
            }
        }
        claims[start..].sort_by_key(|c| c.program.id);
    }
    claims
}

//! A computed example on a program's page: a real order with its arithmetic, and, where tiers decide, what the same
//! volume would earn under the other way to read the same table.

use rust_decimal::Decimal;

use super::super::Report;
use super::super::page::{Block, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::words::{self, paragraph};
use super::Members;
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::{Method, Program, ProgramRate};
use crate::rules::Entitlement;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// The example; nothing for a lump sum, which no rule computes, or where no rate is entered.
pub(super) fn section(report: &Report<'_>, program: &Program, members: &Members) -> Option<Block> {
    let rules = &report.reconciled.rules;
    let (first, volume, tiers): (Block, Money, Vec<&ProgramRate>) = match real(report, program, members) {
        Some((order, entitlement)) => {
            let rates = rules.rates(order, program, entitlement.category?);
            let sentence = entitlement.in_words(rules, order)?;
            let text = vec![
                Text::plain(say!("Order ")),
                Text::link(order.id.raw(), report.order_path(order.id)),
                Text::plain(say!(
                    ", {program}: ",
                    program = rules.own_period(order, Some(program)).in_words()
                )),
                Text::strong(sentence),
                Text::plain(say!(" {currency}.", currency = entitlement.base?.currency())),
            ];
            let volume = entitlement.volume().or(entitlement.base)?;
            (Block::Paragraph { text }, volume, rates.rows().to_vec())
        }
        None => made(report, program)?,
    };
    let mut blocks = vec![first];
    if matches!(program.method, Method::Retroactive | Method::Marginal) && tiers.len() > 1 {
        blocks.extend(both_ways(program, volume, &tiers).into_iter().flatten());
    }
    Some(words::section("example", say!("A computed example"), blocks))
}

/// A real order of the newest period that earns in the program: the one with the largest base, then the first by id.
fn real<'r>(
    report: &'r Report<'_>,
    program: &Program,
    members: &Members,
) -> Option<(&'r Order, &'r Entitlement<'r>)> {
    let reconciled = report.reconciled;
    let of_lines = members.lines.iter().flat_map(|n| reconciled.matching.of_line(*n).shares.iter());
    let orders = of_lines.map(|share| share.order).chain(members.orders.iter().copied());
    orders
        .filter_map(|number| {
            let entitlement = reconciled.entitlements.get(number, program.id)?;
            let order = report.order(number);
            let computed = entitlement.is_eligible() && entitlement.potential.is_some_and(|m| !m.is_zero());
            computed.then_some((order, entitlement))
        })
        .max_by_key(|(order, entitlement)| {
            let base = entitlement.base.map_or(0, Money::minor);
            let period = reconciled.rules.own_period(order, Some(program));
            (period, base, std::cmp::Reverse((order.id, order.line)))
        })
}

/// An example with round numbers, named as made: the first category's first tiers.
fn made<'r>(report: &'r Report<'_>, program: &Program) -> Option<(Block, Money, Vec<&'r ProgramRate>)> {
    let mut rates = report.reconciled.rules.all_rates(program.id).peekable();
    let first = *rates.peek()?;
    let tiers: Vec<&ProgramRate> =
        rates.filter(|r| r.category == first.category && r.sku == first.sku).collect();
    let currency = program.currency;
    let round = Money::from_decimal(Decimal::from(10_000), currency).ok()?;
    // With tiers, so much that the volume crosses the first edge.
    let volume = match first.tier_to.filter(|_| program.method.is_tiered()) {
        Some(edge) => {
            let edge = Money::from_decimal(edge, currency).ok()?;
            edge.checked_add(edge).ok()?
        }
        None => round,
    };
    let words = match program.method {
        Method::Flat => {
            let amount = volume.times(first.rate, program.round_mode)?;
            format!("{} × {} = {}", volume.grouped(), rate_in_words(first.rate), amount.grouped())
        }
        Method::Retroactive | Method::Marginal => {
            say!(
                "a volume of {volume} in category {category}",
                volume = volume.grouped(),
                category = first.category
            )
        }
        Method::PerUnit => {
            let amount = Money::from_decimal(first.rate.checked_mul(Decimal::ONE_HUNDRED)?, currency).ok()?;
            say!("100 units × {rate} = {amount}", rate = first.rate.normalize(), amount = amount.grouped())
        }
        Method::Fixed => say!("a fixed {amount} per order", amount = first.rate.normalize()),
        Method::Growth | Method::LumpSum => return None,
    };
    let text = vec![
        Text::plain(say!("No order of this snapshot earns in this program. A made example: ")),
        Text::strong(words),
        Text::plain(say!(" {currency}.", currency)),
    ];
    Some((Block::Paragraph { text }, volume, tiers))
}

/// The same volume read both ways: the whole of it at the rate of its tier, and each band at its own rate.
fn both_ways(program: &Program, volume: Money, tiers: &[&ProgramRate]) -> Option<Vec<Block>> {
    let currency = volume.currency();
    let zero = Money::zero(currency);
    let mode = program.round_mode;
    let mut table = Table {
        id: "tiers".to_owned(),
        caption: say!(
            "What a volume of {volume} earns under each tier, before caps. Amounts in {currency}.",
            volume = volume.grouped(),
            currency
        ),
        layout: "cards",
        columns: vec![
            Column::text("Tier"),
            Column::number("Rate"),
            Column::money("Whole volume at this rate", "whole-volume-earns"),
            Column::money("Part in this band", "part-in-band"),
            Column::money("The band earns", "band-earns"),
        ],
        ..Table::default()
    };
    let (mut whole, mut bands, mut exact) = (zero, Vec::new(), Decimal::ZERO);
    for tier in tiers {
        let from = Money::from_decimal(tier.tier_from, currency).ok()?;
        let to = tier.tier_to.map(|to| Money::from_decimal(to, currency)).transpose().ok()?;
        let at_rate = volume.times(tier.rate, mode)?;
        let end = to.map_or(volume.minor(), |to| to.minor().min(volume.minor()));
        let part = Money::from_minor((end - from.minor()).max(0), currency);
        let reached = from.minor() <= volume.minor() && to.is_none_or(|to| volume.minor() < to.minor());
        if reached {
            whole = at_rate;
        }
        if !part.is_zero() {
            let minor = Decimal::try_from_i128_with_scale(part.minor(), 0).ok()?;
            exact = exact.checked_add(minor.checked_mul(tier.rate)?)?;
            bands.push(format!("{} × {}", part.grouped(), rate_in_words(tier.rate)));
        }
        let edges = match to {
            Some(to) => say!("{from} to below {to}", from = from.grouped(), to = to.grouped()),
            None => say!("{from} and more", from = from.grouped()),
        };
        let name = Cell::text(edges);
        table.rows.push(Row {
            cells: vec![
                if reached { name.with_note(say!("the volume reaches this tier")) } else { name },
                Cell::text(rate_in_words(tier.rate)),
                Cell::money(at_rate),
                Cell::money(part),
                Cell::money(part.times(tier.rate, mode)?),
            ],
            ..Row::default()
        });
    }
    let banded = Money::from_minor(1, currency).times(exact, mode)?;
    table.foot.push(Row {
        style: "tot",
        cells: vec![
            Cell::text(say!("Earned by the volume")),
            Cell::empty(),
            Cell::money(whole),
            Cell::money(volume),
            Cell::money(banded),
        ],
        ..Row::default()
    });
    let is_whole = program.method == Method::Retroactive;
    let (ours, other) =
        if is_whole { (say!("Whole volume"), say!("bands")) } else { (say!("Bands"), say!("whole volume")) };
    let (earned, else_earned) = if is_whole { (whole, banded) } else { (banded, whole) };
    let text = vec![
        Text::plain(say!("In force: ")),
        Text::strong(ours),
        Text::plain(say!(
            ", {earned} {currency}. Read as {other}, the same volume would earn {else_earned} {currency} ({else_}).",
            earned = earned.grouped(),
            currency,
            other,
            else_earned = else_earned.grouped(),
            else_ = if is_whole {
                bands.join(" + ")
            } else {
                say!("all of it at the rate of the tier it reaches").to_owned()
            }
        )),
    ];
    let caps =
        (!program.caps.is_empty()).then(|| paragraph(say!("A cap can lower either amount; see the rule.")));
    Some([Block::Table(table), Block::Paragraph { text }].into_iter().chain(caps).collect())
}

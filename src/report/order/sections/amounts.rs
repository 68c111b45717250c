//! The amounts of an order: from eligible and calculated through each adjustment to paid.

use std::collections::BTreeSet;

use super::super::{Subject, is_approved, table, waterfall};
use super::section;
use crate::model::money::{Currency, Money};
use crate::model::record::Adjustment;
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::report::lists::{self, count_of, segments};
use crate::report::page::{Block, Segment};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// From calculated through each adjustment to paid.
pub(in crate::report::order) fn amounts(subject: &Subject<'_>) -> Vec<Block> {
    let currencies: BTreeSet<Currency> =
        subject.lines.iter().map(|l| subject.report.line(*l).currency).collect();
    let tables: Vec<Block> = currencies.into_iter().map(|c| Block::Table(amount_table(subject, c))).collect();
    if tables.is_empty() { tables } else { vec![section("amounts", say!("Amounts"), tables)] }
}

fn amount_table(subject: &Subject<'_>, currency: Currency) -> Table {
    let report = subject.report;
    let lines: Vec<u32> =
        subject.lines.iter().copied().filter(|l| report.line(*l).currency == currency).collect();
    let zero = Money::zero(currency);
    let calculated = subject.calculated().get(currency);
    let has_amount = lines.iter().any(|l| report.line(*l).amount_calculated.is_some());
    let paid = lists::sum_of(&lines, currency, |l| report.line(l).amount_paid);
    let approved: Vec<u32> = lines.iter().copied().filter(|l| is_approved(report.line(*l).bucket)).collect();
    let approved_sum = lists::sum_of(&approved, currency, |l| report.figures(l).net);
    let net = subject.net().get(currency);
    let expected = expected(subject, &lines, currency);
    let amounts_of_bars = [calculated, paid, net, expected.as_ref().copied().unwrap_or(zero)];
    let whole = amounts_of_bars.into_iter().max_by_key(|m| m.minor()).unwrap_or(zero);
    let mut amounts = table(
        &format!("amounts-{}", currency.code().to_lowercase()),
        say!("From calculated to paid. Amounts in {currency}.", currency),
        "cards",
    );
    amounts.columns = vec![
        Column::text("Step"),
        Column::text("Chart").minor(),
        Column::text("Reason and record"),
        Column::money("Amount", "amount"),
    ];
    let step = |style, name: &str, bar: Vec<Segment>, why: Cell, amount: Cell| Row {
        style,
        id: String::new(),
        cells: vec![Cell::text(name), Cell { bar, ..Cell::default() }, why, amount],
    };
    let bar = |amount: Money, fill| segments(&[(amount, fill)], whole);
    amounts.rows.push(match expected {
        Ok(amount) => step(
            "ind",
            say!("Eligible"),
            bar(amount, "elig"),
            Cell::text(say!("expected by our own computation")),
            Cell::money(amount),
        ),
        Err(why) => step(
            "ind",
            say!("Eligible"),
            Vec::new(),
            Cell::text(why),
            Cell { none: Some(say!("not recomputed")), ..Cell::default() },
        ),
    });
    let shown = |amount: Money| if has_amount { Cell::money(amount) } else { Cell::money_or_none(None) };
    amounts.rows.push(step(
        "sub",
        say!("Calculated rebate"),
        bar(calculated, "calc"),
        calculated_words(subject, &lines),
        shown(calculated),
    ));
    let mut running = calculated;
    for line in &lines {
        for adjustment in report.reconciled.adjustments(report.line(*line).id) {
            if let Ok(next) = running.checked_add(adjustment.amount) {
                let (low, high) =
                    if next.minor() < running.minor() { (next, running) } else { (running, next) };
                let width = high.checked_sub(low).unwrap_or(zero);
                let segment = segments(&[(low, "none"), (width, "review")], whole)
                    .into_iter()
                    .filter(|s| s.fill != "none")
                    .collect();
                let mut row = step(
                    "ind",
                    say!("Adjustment"),
                    segment,
                    adjustment_words(subject, adjustment),
                    Cell::money(adjustment.amount),
                );
                row.id = format!("adjustment-{}", crate::report::address::of_id(adjustment.id.canonical()));
                amounts.rows.push(row);
                running = next;
            }
        }
    }
    if !approved.is_empty() {
        amounts.rows.push(step(
            "sub",
            say!("Approved"),
            bar(approved_sum, "appr"),
            batch_words(subject, &lines),
            Cell::money(approved_sum),
        ));
    }
    let unexplained = settled_difference(subject, &lines, currency);
    if !unexplained.is_zero() {
        let why = subject
            .case
            .primary()
            .map_or(String::new(), |f| report.sources.content.kind(f.kind).title.clone());
        let cell = match subject.case.primary() {
            Some(f) => Cell::link(why, format!("discrepancy/{}.html", f.kind.code())),
            None => Cell::text(why),
        };
        amounts.rows.push(step(
            "ind",
            say!("Difference, not in any adjustment"),
            Vec::new(),
            cell,
            Cell::money(unexplained),
        ));
    }
    let is_paid = lines.iter().any(|l| report.line(*l).status == Status::Paid);
    amounts.rows.push(step(
        "tot",
        say!("Paid rebate"),
        bar(paid, "paid"),
        payout_words(subject, &lines),
        if is_paid || !paid.is_zero() {
            Cell::money(paid)
        } else {
            Cell { none: Some(say!("not paid yet")), ..Cell::default() }
        },
    ));
    without_empty_chart(amounts)
}

/// What we expect for this order's part of the lines; else why not, of the first line that is not recomputed.
fn expected(subject: &Subject<'_>, lines: &[u32], currency: Currency) -> Result<Money, String> {
    let reconciled = subject.report.reconciled;
    let mut sum = Money::zero(currency);
    for line in lines {
        let shares = &reconciled.matching.of_line(*line).shares;
        let parts = shares.iter().zip(reconciled.expected_parts(*line));
        for (_, part) in parts.filter(|(share, _)| subject.rows.contains(&share.order)) {
            let next = part.and_then(|part| sum.checked_add(part).ok());
            sum = next.filter(|_| subject.report.figures(*line).expected.is_some()).ok_or_else(|| {
                let why = waterfall::not_recomputed(subject.report, *line);
                if lines.len() > 1 {
                    say!("Line {id}: {why}", id = subject.report.line(*line).id, why)
                } else {
                    why
                }
            })?;
        }
    }
    Ok(sum)
}

/// A chart without a single bar says nothing.
fn without_empty_chart(mut table: Table) -> Table {
    if table.rows.iter().all(|row| row.cells[1].bar.is_empty()) {
        table.columns.remove(1);
        for row in &mut table.rows {
            row.cells.remove(1);
        }
    }
    table
}

/// Paid less net over the paid lines: what no adjustment explains.
fn settled_difference(subject: &Subject<'_>, lines: &[u32], currency: Currency) -> Money {
    let of_line = |l: u32| {
        let line = subject.report.line(l);
        let net = subject.report.figures(l).net.filter(|_| line.status == Status::Paid)?;
        line.amount_paid.unwrap_or(Money::zero(currency)).checked_sub(net).ok()
    };
    lists::sum_of(lines, currency, of_line)
}

fn calculated_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    let report = subject.report;
    if let [only] = lines {
        let line = report.line(*only);
        if subject.is_shared(*only) {
            let whole = line.amount_calculated.map_or_else(String::new, Money::in_words);
            return Cell::text(say!(
                "this order's part of line {id}, {whole} over several orders by eligible base",
                id = line.id,
                whole
            ));
        }
        if let (Some(base), Some(rate)) = (line.amount_base, line.rate) {
            return Cell::text(format!("{} × {}", base.in_words(), percent(rate)));
        }
        return Cell::text(say!("line {id}", id = line.id));
    }
    Cell::text(say!("{lines}, see below", lines = count_of(lines.len(), "line", "lines")))
}

/// A rate in percent, exact: `8%`, `7.5%`.
fn percent(rate: rust_decimal::Decimal) -> String {
    let hundred = rust_decimal::Decimal::ONE_HUNDRED;
    rate.checked_mul(hundred).map_or_else(|| rate.to_string(), |p| format!("{}%", p.normalize()))
}

fn adjustment_words(subject: &Subject<'_>, adjustment: &Adjustment) -> Cell {
    let report = subject.report;
    let reason = report.reconciled.reason(adjustment.reason_key);
    let date = date_in_words(adjustment.date);
    let words = reason.map_or(say!("No reason given"), |r| report.plain_reason(r));
    let record = adjustment.reference.and_then(|id| report.reconciled.cancellation(id));
    match (record, adjustment.reference) {
        (Some(record), _) => {
            let refund = record.amount_refund.in_words();
            Cell {
                href: Some(format!(
                    "{}#cancellation-{}",
                    report.order_path(subject.order.id),
                    crate::report::address::of_id(record.id.canonical())
                )),
                ..Cell::text(say!("Cancellation refund. Cancellation record {id}", id = record.id))
            }
            .with_note(say!(
                "{record}, {refund} refunded. Adjustment {id}, {date}.",
                record = date_in_words(record.date),
                refund,
                id = adjustment.id,
                date
            ))
        }
        (None, Some(reference)) => Cell::text(words).with_note(say!(
            "Reference {reference}. Adjustment {id}, {date}.",
            reference,
            id = adjustment.id,
            date
        )),
        (None, None) => Cell::text(words).with_note(say!(
            "No reference. Adjustment {id}, {date}.",
            id = adjustment.id,
            date
        )),
    }
}

fn batch_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    match lines.first().and_then(|l| subject.report.line(*l).batch) {
        Some(batch) => {
            Cell::link(say!("Batch {batch}", batch), subject.report.scopes.path(&ScopeKey::batch(batch)))
        }
        None => Cell::empty(),
    }
}

fn payout_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    let report = subject.report;
    let Some(id) = lines.iter().find_map(|l| report.line(*l).payout) else {
        return Cell::text(say!("Payout not reported yet"));
    };
    let path = report.scopes.path(&ScopeKey::payout(id));
    match report.reconciled.payout(id) {
        Some(payout) => Cell::link(say!("Payout {id}", id), path).with_note(date_in_words(payout.date)),
        None => Cell::link(say!("Payout {id}", id), path).with_note(say!("no payout record received")),
    }
}

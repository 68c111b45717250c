//! What came between the end of a month and the snapshot: adjustments with a proposed class, and payouts that settle
//! its balance.

use super::{Files, file, share, suffix};
use crate::model::money::Money;
use crate::model::time::date_in_words;
use crate::reconcile::rollforward::{Class, Form, LaterAdjustment, LaterPayout, RollForward, Statement};
use crate::report::Report;
use crate::report::lists::{LISTED, count_of};
use crate::report::page::{Block, Link, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::without_columns;
use crate::{mark, say};

/// The column of what was netted, which most payouts do not need.
const NETTED: &str = mark!("Netted");

/// The section of a month: the sums of every currency, then the adjustments and the payouts one by one.
pub(super) fn section(
    report: &Report<'_>,
    rolled: &RollForward,
    statements: &[&Statement],
    name: &str,
    files: &mut Files,
) -> Block {
    let mut actions = Vec::new();
    let mut blocks = Vec::new();
    for statement in statements.iter().filter(|s| !s.later.is_empty()) {
        let table = sums_table(rolled, statement);
        let path = format!("{name}.after-the-end.{}.csv", suffix(statement.currency));
        actions.push(Link::to(say!("{currency} CSV", currency = statement.currency), path.clone()));
        files.push((path, file(&table)));
        blocks.push(Block::Table(table));
    }
    let lists = [
        ("adjustments", say!("Adjustments CSV"), adjustment_table(report, rolled)),
        ("payouts", say!("Payouts CSV"), payout_table(report, rolled)),
    ];
    for (list, label, table) in lists {
        if table.rows.is_empty() {
            continue;
        }
        let path = format!("{name}.after-the-end-{list}.csv");
        actions.push(Link::to(label, path.clone()));
        files.push((path, table.clone()));
        let has_netted = rolled.later.payouts.iter().any(|payout| !payout.netted.is_zero());
        blocks.push(Block::Table(if has_netted {
            cut(table)
        } else {
            without_columns(cut(table), &[NETTED])
        }));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("Neither an adjustment nor a payout is dated after {to} and by {known} for what is in this balance.", to = date_in_words(rolled.to.day), known = rolled.known.in_words()))],
        });
    }
    Block::Section {
        id: "after-the-end".to_owned(),
        heading: say!("After the period end").to_owned(),
        actions,
        blocks,
    }
}

fn sums_table(rolled: &RollForward, statement: &Statement) -> Table {
    let code = statement.currency.code();
    let later = &statement.later;
    let closing = statement.closing_balance();
    let row = |style, name: &str, meaning: &str, count: Option<usize>, amount: Money, share: Cell| Row {
        style,
        cells: vec![
            Cell::text(name),
            Cell::text(meaning),
            count.map_or_else(Cell::empty, Cell::count),
            Cell::money(amount),
            share,
        ],
        ..Row::default()
    };
    let of = |amount: Money| share(amount, closing);
    let none = Cell::empty;
    let ((adjustments, adjusted), (adjusting, proposed)) = (later.adjustments, later.adjusting);
    let (payouts, cash) = later.cash;
    let name = say!("Closing balance, {to}", to = date_in_words(rolled.to.day));
    let mut rows = vec![
        row("sub", &name, say!("opening and movements added up"), None, closing, of(closing)),
        row(
            "ind",
            say!("Adjustments"),
            say!("of lines in the closing balance"),
            Some(adjustments),
            adjusted,
            none(),
        ),
        row(
            "ind",
            say!("Proposed as adjusting"),
            say!("part of these: the cause lay in the period or before"),
            Some(adjusting),
            proposed,
            none(),
        ),
        row(
            "ind",
            say!("Settled"),
            say!("paid on what was open, as the lines say"),
            None,
            later.closing,
            of(later.closing),
        ),
        row(
            "ind",
            say!("Money received"),
            say!("as the payouts say, for whatever period"),
            Some(payouts),
            cash,
            none(),
        ),
        row(
            "ind",
            say!("Paid with it"),
            say!("as the lines say, of whatever period"),
            None,
            later.lines,
            none(),
        ),
    ];
    if !later.netted.is_zero() {
        let meaning = say!("adjustments that name the payout and no line");
        rows.push(row("ind", say!("Netted in it"), meaning, None, later.netted, none()));
    }
    let meaning = say!("paid and netted less money received");
    rows.push(row("ind", say!("Not applied"), meaning, None, later.unapplied(), none()));
    let left = closing.minor() + adjusted.minor() - later.closing.minor();
    let left = Money::from_minor(left, statement.currency);
    let meaning = say!("closing balance, adjustments and settled");
    Table {
        id: format!("after-the-end-{}", suffix(statement.currency)),
        caption: say!(
            "Dated after {to} and up to {known}. Amounts in {code}.",
            to = date_in_words(rolled.to.day),
            known = rolled.known.in_words(),
            code
        ),
        layout: "tight",
        columns: vec![
            Column::text("What"),
            Column::text("What it means").minor(),
            Column::number("Records").minor(),
            Column::money("Amount", "amount"),
            Column::number("Of closing").minor(),
        ],
        rows,
        foot: vec![row("tot", say!("Still open of it"), meaning, None, left, of(left))],
        ..Table::default()
    }
}

/// The first rows of a list; the file holds all of them.
fn cut(mut table: Table) -> Table {
    let count = table.rows.len();
    if count > LISTED {
        table.rows.truncate(LISTED);
        table.caption = say!(
            "{caption} The first {LISTED} of {count}; the file holds all of them.",
            caption = table.caption,
            LISTED,
            count
        );
    }
    table
}

fn adjustment_table(report: &Report<'_>, rolled: &RollForward) -> Table {
    let all = &rolled.later.adjustments;
    Table {
        id: "after-the-end-adjustments".to_owned(),
        caption: say!(
            "{all} after the period end. The class is a proposal: adjusting where the cancellation it names lies on or \
             before {to}; a person decides.",
            all = count_of(all.len(), "adjustment", "adjustments"),
            to = date_in_words(rolled.to.day)
        ),
        layout: "cards",
        columns: vec![
            Column::text("Adjustment"),
            Column::date("Date"),
            Column::text("Line"),
            Column::text("Period"),
            Column::text("Reason"),
            Column::text("Proposed class"),
            Column::text("Currency"),
            Column::money("Amount", "amount"),
        ],
        rows: all.iter().map(|later| adjustment_row(report, rolled, later)).collect(),
        ..Table::default()
    }
}

fn adjustment_row(report: &Report<'_>, rolled: &RollForward, later: &LaterAdjustment) -> Row {
    let adjustment = &report.reconciled.snapshot.records.adjustments[later.adjustment as usize];
    let number = adjustment.line.and_then(|id| report.reconciled.line_number(id));
    let line = match (adjustment.line, number) {
        (Some(id), Some(number)) => Cell { code: true, ..Cell::link(id.raw(), report.line_path(number)) },
        (Some(id), None) => Cell::code(id.raw()),
        (None, _) => Cell { none: Some(say!("no line")), ..Cell::default() },
    };
    let period = number.map(|number| report.line(number).period).or(adjustment.period);
    let reason = match (report.reconciled.reason(adjustment.reason_key), adjustment.reason_raw) {
        (Some(row), _) => Cell::text(report.plain_reason(row)),
        (None, Some(raw)) => Cell::code(raw.as_str()).with_note(say!("not in the reason map")),
        (None, None) => Cell { none: Some(say!("no reason given")), ..Cell::default() },
    };
    let class = match (later.class, later.cause) {
        (Class::Adjusting, Some(day)) => {
            Cell::text(say!("Adjusting")).with_note(say!("cancelled on {day}", day = date_in_words(day)))
        }
        (Class::Adjusting, None) => Cell::text(say!("Adjusting")),
        (Class::NonAdjusting, Some(day)) => Cell::text(say!("Non-adjusting")).with_note(say!(
            "cancelled on {day}, after {to}",
            day = date_in_words(day),
            to = date_in_words(rolled.to.day)
        )),
        (Class::NonAdjusting, None) => {
            Cell::text(say!("Non-adjusting")).with_note(say!("names no cancellation of ours"))
        }
    };
    Row {
        cells: vec![
            Cell::code(adjustment.id.raw()),
            Cell::date(Some(adjustment.date)),
            line,
            period.map_or_else(Cell::empty, |month| Cell::text(month.in_words())),
            reason,
            class,
            Cell::text(adjustment.amount.currency().code()),
            Cell::money(adjustment.amount),
        ],
        ..Row::default()
    }
}

fn payout_table(report: &Report<'_>, rolled: &RollForward) -> Table {
    let all = &rolled.later.payouts;
    Table {
        id: "after-the-end-payouts".to_owned(),
        caption: say!(
            "{all} after the period end that settle something of the closing balance, or that no line names. Settled: what is \
             paid of that balance.",
            all = count_of(all.len(), "payout", "payouts")
        ),
        layout: "cards",
        columns: vec![
            Column::text("Payout"),
            Column::date("Date"),
            Column::text("Form"),
            Column::text("Currency"),
            Column::money("Settled", "settled"),
            Column::money("Paid on lines", "paid-on-lines"),
            Column::money(NETTED, "netted"),
            Column::money("Not applied", "not-applied"),
            Column::money("Received", "received"),
        ],
        rows: all.iter().map(|later| payout_row(report, later)).collect(),
        ..Table::default()
    }
}

fn payout_row(report: &Report<'_>, later: &LaterPayout) -> Row {
    let payout = &report.reconciled.snapshot.records.payouts[later.payout as usize];
    let currency = payout.amount.currency();
    let gap = later.lines.minor() + later.netted.minor() - payout.amount.minor();
    let form = match Form::of(payout) {
        Form::Cash => say!("Cash"),
        Form::Credit => say!("Credit note"),
        Form::Coupon => say!("Coupon"),
        Form::Other => say!("Not known"),
    };
    Row {
        cells: vec![
            Cell::link(payout.id.raw(), report.scopes.path(&ScopeKey::payout(payout.id))),
            Cell::date(Some(payout.date)),
            Cell::text(form),
            Cell::text(currency.code()),
            Cell::money(later.closing),
            Cell::money(later.lines),
            Cell::money(later.netted),
            Cell::money(Money::from_minor(gap, currency)),
            Cell::money(payout.amount),
        ],
        ..Row::default()
    }
}

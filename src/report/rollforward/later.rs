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

/// The column of what was netted, which most payouts do not need.
const NETTED: &str = "Netted";

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
        actions.push(Link::to(format!("{} CSV", statement.currency), path.clone()));
        files.push((path, file(&table)));
        blocks.push(Block::Table(table));
    }
    let lists = [
        ("adjustments", "Adjustments CSV", adjustment_table(report, rolled)),
        ("payouts", "Payouts CSV", payout_table(report, rolled)),
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
            text: vec![Text::plain(format!(
                "Neither an adjustment nor a payout is dated after {} and by {} for what is in this balance.",
                date_in_words(rolled.to.day),
                rolled.known.in_words()
            ))],
        });
    }
    Block::Section {
        id: "after-the-end".to_owned(),
        heading: "After the period end".to_owned(),
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
    let name = format!("Closing balance, {}", date_in_words(rolled.to.day));
    let mut rows = vec![
        row("sub", &name, "opening and movements added up", None, closing, of(closing)),
        row("ind", "Adjustments", "of lines in the closing balance", Some(adjustments), adjusted, none()),
        row(
            "ind",
            "Proposed as adjusting",
            "part of these: the cause lay in the period or before",
            Some(adjusting),
            proposed,
            none(),
        ),
        row(
            "ind",
            "Settled",
            "paid on what was open, as the lines say",
            None,
            later.closing,
            of(later.closing),
        ),
        row("ind", "Money received", "as the payouts say, for whatever period", Some(payouts), cash, none()),
        row("ind", "Paid with it", "as the lines say, of whatever period", None, later.lines, none()),
    ];
    if !later.netted.is_zero() {
        let meaning = "adjustments that name the payout and no line";
        rows.push(row("ind", "Netted in it", meaning, None, later.netted, none()));
    }
    let meaning = "paid and netted less money received";
    rows.push(row("ind", "Not applied", meaning, None, later.unapplied(), none()));
    let left = closing.minor() + adjusted.minor() - later.closing.minor();
    let left = Money::from_minor(left, statement.currency);
    let meaning = "closing balance, adjustments and settled";
    Table {
        id: format!("after-the-end-{}", suffix(statement.currency)),
        caption: format!(
            "Dated after {} and up to {}. Amounts in {code}.",
            date_in_words(rolled.to.day),
            rolled.known.in_words()
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
        foot: vec![row("tot", "Still open of it", meaning, None, left, of(left))],
        ..Table::default()
    }
}

/// The first rows of a list; the file holds all of them.
fn cut(mut table: Table) -> Table {
    let count = table.rows.len();
    if count > LISTED {
        table.rows.truncate(LISTED);
        table.caption =
            format!("{} The first {LISTED} of {count}; the file holds all of them.", table.caption);
    }
    table
}

fn adjustment_table(report: &Report<'_>, rolled: &RollForward) -> Table {
    let all = &rolled.later.adjustments;
    Table {
        id: "after-the-end-adjustments".to_owned(),
        caption: format!(
            "{} after the period end. The class is a proposal: adjusting where the cancellation it names lies on or \
             before {}; a person decides.",
            count_of(all.len(), "adjustment", "adjustments"),
            date_in_words(rolled.to.day)
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
        (None, _) => Cell { none: Some("no line"), ..Cell::default() },
    };
    let period = number.map(|number| report.line(number).period).or(adjustment.period);
    let reason = match (report.reconciled.reason(adjustment.reason_key), adjustment.reason_raw) {
        (Some(row), _) => Cell::text(row.plain_text.as_str()),
        (None, Some(raw)) => Cell::code(raw.as_str()).with_note("not in the reason map"),
        (None, None) => Cell { none: Some("no reason given"), ..Cell::default() },
    };
    let class = match (later.class, later.cause) {
        (Class::Adjusting, Some(day)) => {
            Cell::text("Adjusting").with_note(format!("cancelled on {}", date_in_words(day)))
        }
        (Class::Adjusting, None) => Cell::text("Adjusting"),
        (Class::NonAdjusting, Some(day)) => Cell::text("Non-adjusting").with_note(format!(
            "cancelled on {}, after {}",
            date_in_words(day),
            date_in_words(rolled.to.day)
        )),
        (Class::NonAdjusting, None) => Cell::text("Non-adjusting").with_note("names no cancellation of ours"),
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
        caption: format!(
            "{} after the period end that settle something of the closing balance, or that no line names. Settled: what is \
             paid of that balance.",
            count_of(all.len(), "payout", "payouts")
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
        Form::Cash => "Cash",
        Form::Credit => "Credit note",
        Form::Coupon => "Coupon",
        Form::Other => "Not known",
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

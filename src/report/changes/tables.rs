//! The tables of a bridge: step by step from one snapshot to the other, by class, and by period.

use std::collections::BTreeMap;

use super::{CODES, MEASURES, money};
use crate::history::Measures;
use crate::history::changes::{Class, Difference};
use crate::model::money::{Currency, Money};
use crate::model::time::{AsOf, Month};
use crate::report::Report;
use crate::report::lists::{LISTED, count_of};
use crate::report::table::{Cell, Column, Row, Table};
use crate::{mark, say};

/// A cell of a change: a dot where the measure does not move.
fn effect(minor: i128, currency: Currency) -> Cell {
    if minor == 0 {
        return Cell {
            csv: Some(money(0, currency).to_string()),
            none: Some(say!("no change")),
            ..Cell::default()
        };
    }
    Cell::change(money(minor, currency))
}

fn effects(measures: &Measures, currency: Currency) -> Vec<Cell> {
    MEASURES.iter().map(|(_, of)| effect(of(measures), currency)).collect()
}

fn levels(measures: &Measures, currency: Currency) -> Vec<Cell> {
    MEASURES.iter().map(|(_, of)| Cell::money(money(of(measures), currency))).collect()
}

/// A phone has room for the total and what was paid; the words of a change say what it is made of.
fn measure_columns() -> impl Iterator<Item = Column> {
    MEASURES.iter().zip(CODES).map(|((name, _), code)| {
        let column = Column::money(name, code);
        if matches!(*name, "Total rebate" | "Paid so far") { column } else { column.minor() }
    })
}

/// From one snapshot to the other, a row for each change that moves a measure, largest effect first. `what` names the
/// scope in the caption.
pub(in crate::report) fn step_by_step(
    report: &Report<'_>,
    (id, what): (&str, &str),
    bridge: &Difference<'_>,
    from: AsOf,
    to: AsOf,
) -> Table {
    let code = bridge.currency.code();
    let moving: Vec<_> = bridge.changes.iter().filter(|change| !change.effect.is_zero()).collect();
    let (listed, rest) = moving.split_at(moving.len().min(LISTED));
    let mut caption = say!(
        "{what}: every change that moves a measure, largest effect first. Amounts in {code}.",
        what,
        code
    );
    if !rest.is_empty() {
        caption = say!(
            "{what}: the {LISTED} largest of {moving}; the file holds all of them. Amounts in {code}.",
            what,
            LISTED,
            moving = count_of(moving.len(), "change", "changes"),
            code
        );
    }
    let mut table = Table {
        id: id.to_owned(),
        caption,
        layout: "wide",
        columns: std::iter::once(Column::text("Change")).chain(measure_columns()).collect(),
        ..Table::default()
    };
    let level = |as_of: AsOf, measures: &Measures| Row {
        style: "tot",
        cells: std::iter::once(Cell::snapshot(as_of)).chain(levels(measures, bridge.currency)).collect(),
        ..Row::default()
    };
    table.rows.push(level(from, &bridge.opening));
    for change in listed {
        let Some(told) = report.tell_change(change) else { continue };
        let what = say!("{class}: {sentence}", class = change.class.label(), sentence = told.sentence);
        let first = Cell::link(told.order, told.page).with_note(what);
        let cells = std::iter::once(first).chain(effects(&change.effect, bridge.currency)).collect();
        table.rows.push(Row { style: "ind", cells, ..Row::default() });
    }
    if !rest.is_empty() {
        let sum = rest.iter().fold(Measures::default(), |sum, change| sum + change.effect);
        let words = say!("{rest} more", rest = count_of(rest.len(), "change", "changes"));
        let cells = std::iter::once(Cell::text(words)).chain(effects(&sum, bridge.currency)).collect();
        table.rows.push(Row { style: "ind", cells, ..Row::default() });
    }
    table.foot.push(level(to, &bridge.closing));
    let remainder = bridge.remainder();
    let cells = std::iter::once(Cell::text(say!("Not explained")))
        .chain(levels(&remainder, bridge.currency))
        .collect();
    table.foot.push(Row { style: "sub", cells, ..Row::default() });
    table
}

/// Every change as a row of a file, largest effect first.
pub fn file(report: &Report<'_>, bridges: &[Difference<'_>]) -> Table {
    let mut table = Table {
        columns: [
            mark!("Order"),
            mark!("Line"),
            mark!("Program"),
            mark!("Period"),
            mark!("Currency"),
            mark!("Class"),
            mark!("What happened"),
            mark!("Status before"),
            mark!("Status after"),
        ]
        .into_iter()
        .map(Column::text)
        .chain(measure_columns())
        .collect(),
        ..Table::default()
    };
    for bridge in bridges {
        for change in &bridge.changes {
            let Some(told) = report.tell_change(change) else { continue };
            let [before, after] = told.statuses;
            let mut cells = vec![
                Cell::text(told.order),
                Cell::text(told.line),
                Cell::text(told.program),
                Cell::text(told.period.to_string()),
                Cell::text(bridge.currency.code()),
                Cell::text(change.class.code()),
                Cell::text(told.sentence),
                Cell::text(before),
                Cell::text(after),
            ];
            cells.extend(effects(&change.effect, bridge.currency));
            table.rows.push(Row { cells, ..Row::default() });
        }
    }
    table
}

/// The changes of a bridge by class.
pub(super) fn by_class(id: &str, bridge: &Difference<'_>) -> Table {
    let code = bridge.currency.code();
    let mut table = Table {
        id: id.to_owned(),
        caption: say!("Each difference is in one class. Amounts in {code}.", code),
        layout: "wide",
        columns: [Column::text("Class"), Column::number("Changes").minor()]
            .into_iter()
            .chain(measure_columns())
            .collect(),
        empty: say!("Nothing changed.").to_owned(),
        ..Table::default()
    };
    let classes = bridge.by_class();
    for class in Class::ALL {
        let Some((count, sum)) = classes.get(&class) else { continue };
        let cells = [Cell::text(class.label()), Cell::count(*count)]
            .into_iter()
            .chain(effects(sum, bridge.currency))
            .collect();
        table.rows.push(Row { cells, ..Row::default() });
    }
    let whole = bridge.closing - bridge.opening;
    let cells = [Cell::text(say!("Difference")), Cell::count(bridge.changes.len())]
        .into_iter()
        .chain(effects(&whole, bridge.currency))
        .collect();
    table.foot.push(Row { style: "tot", cells, ..Row::default() });
    table
}

/// Total and paid of each period before and after, newest first.
pub(super) fn by_period(
    report: &Report<'_>,
    id: &str,
    currency: Currency,
    periods: &BTreeMap<Month, [Measures; 2]>,
    from: AsOf,
    to: AsOf,
) -> Table {
    let code = currency.code();
    let mut table = Table {
        id: id.to_owned(),
        caption: say!("By earned period, newest first. Amounts in {code}.", code),
        layout: "wide",
        columns: vec![
            Column::text("Period"),
            Column::money_of(|| say!("Rebate {from}", from = from.in_words()), "total").at(from),
            Column::money_of(|| say!("Rebate {to}", to = to.in_words()), "total").at(to),
            Column::money("Change", "change"),
            Column::money_of(|| say!("Paid {from}", from = from.in_words()), "paid-so-far").at(from),
            Column::money_of(|| say!("Paid {to}", to = to.in_words()), "paid-so-far").at(to),
            Column::money("Change in paid", "change-in-paid"),
        ],
        ..Table::default()
    };
    let cells = |first: Cell, [before, after]: &[Measures; 2]| {
        let level = |minor| Cell::money(Money::from_minor(minor, currency));
        vec![
            first,
            level(before.total),
            level(after.total),
            effect(after.total - before.total, currency),
            level(before.paid),
            level(after.paid),
            effect(after.paid - before.paid, currency),
        ]
    };
    let mut all = [Measures::default(); 2];
    for (month, ends) in periods.iter().rev() {
        let first = report.month_cell(*month);
        table.rows.push(Row { cells: cells(first, ends), ..Row::default() });
        all = [all[0] + ends[0], all[1] + ends[1]];
    }
    table.foot.push(Row {
        style: "tot",
        cells: cells(Cell::text(say!("All periods")), &all),
        ..Row::default()
    });
    table
}

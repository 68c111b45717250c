//! The measures of a scope side by side: what we expect, what the vendor calculated, what was paid.

use std::collections::BTreeMap;

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::words::{self, amounts, severity, without_columns};
use super::super::{Report, address};
use super::Members;
use crate::model::money::MoneyByCurrency;
use crate::model::status::Bucket;
use crate::model::time::Month;
use crate::reconcile::Case;
use crate::reconcile::figures::CurrencyTotals;
use crate::reconcile::kinds::{Direction, Kind, Severity};
use crate::{mark, say};

/// The name of the column that counts lines without an expectation.
const NOT_RECOMPUTED: &str = mark!("Not recomputed");

/// A table with the measures of a scope in its columns: what is expected, what was calculated and paid so far, and in
/// which bucket the money is now.
pub(in crate::report) fn money_table(id: &str, caption: String, first: &str) -> Table {
    Table {
        id: id.to_owned(),
        caption,
        layout: "wide",
        sortable: true,
        columns: vec![
            Column::text(first),
            Column::number("Lines"),
            Column::number(NOT_RECOMPUTED),
            Column::money("Eligible", "eligible"),
            Column::money("Calculated so far", "calculated-so-far"),
            Column::money("Paid so far", "paid-so-far"),
            Column::money("Calculated", "calculated"),
            Column::money("Approved", "approved"),
            Column::money("Paid", "paid"),
            Column::money("Total rebate", "total"),
        ],
        ..Table::default()
    }
}

/// One row of [`money_table`]: buckets as they are now; they add up to the total.
pub(in crate::report) fn money_row(style: &'static str, first: Cell, sums: &CurrencyTotals) -> Row {
    Row {
        style,
        id: String::new(),
        cells: vec![
            first,
            Cell::count(sums.lines),
            Cell::count(sums.not_recomputed),
            eligible(sums),
            Cell::money(sums.calculated),
            Cell::money(sums.paid),
            Cell::money(sums.bucket(Bucket::Calculated).1),
            Cell::money(sums.bucket(Bucket::Approved).1),
            Cell::money(sums.bucket(Bucket::Paid).1),
            Cell::money(sums.total()),
        ],
    }
}

/// What is expected; a dash where no line of the scope is recomputed, because nothing is not zero.
pub(in crate::report) fn eligible(sums: &CurrencyTotals) -> Cell {
    let counted = sums.total_lines() + sums.bucket(Bucket::Pending).0;
    if sums.not_recomputed > 0 && sums.not_recomputed == counted {
        return Cell { none: Some(say!("not recomputed")), ..Cell::default() };
    }
    Cell::money(sums.expected)
}

/// A [`money_table`] for a page: the column of lines that are not recomputed only stands where there are any.
pub(in crate::report) fn trimmed(table: Table) -> Table {
    let place = table.columns.iter().position(|column| column.label == NOT_RECOMPUTED);
    let is_empty = place.is_some_and(|place| {
        let counts = table.rows.iter().chain(&table.foot).filter_map(|row| row.cells.get(place));
        counts.into_iter().all(|cell| cell.value() == "0")
    });
    if is_empty { without_columns(table, &[NOT_RECOMPUTED]) } else { table }
}

/// The periods of a scope, newest first, one table per currency.
pub(super) fn by_period(report: &Report<'_>, members: &Members) -> Vec<Table> {
    let mut months: BTreeMap<Month, Vec<u32>> = BTreeMap::new();
    for number in &members.lines {
        months.entry(report.line(*number).period).or_default().push(*number);
    }
    let months: Vec<_> =
        months.into_iter().rev().map(|(month, lines)| (month, report.totals(&lines))).collect();
    let all = report.totals(&members.lines);
    all.by_weight()
        .into_iter()
        .map(|(currency, sums)| {
            let code = currency.code();
            let mut table = money_table(
                &format!("periods-{}", code.to_lowercase()),
                say!("By earned period, newest first. Amounts in {code}.", code),
                mark!("Period"),
            );
            for (month, totals) in &months {
                if let Some(sums) = totals.get(currency) {
                    let first = Cell::link(month.in_words(), address::of_month(*month));
                    table.rows.push(money_row("", first, sums));
                }
            }
            table.foot.push(money_row("tot", Cell::text(say!("All periods")), sums));
            table
        })
        .collect()
}

/// What we expect, what the vendor calculated, what it took off and what it paid: one table per currency, each measure
/// a row, then the lines that are not recomputed by name. The file of the periods holds the same measures.
pub(super) fn compared(report: &Report<'_>, members: &Members) -> Block {
    let mut blocks: Vec<Block> = report
        .totals(&members.lines)
        .by_weight()
        .into_iter()
        .map(|(currency, sums)| {
            let code = currency.code();
            Block::Table(measures(&format!("compared-{}", code.to_lowercase()), code, sums))
        })
        .collect();
    blocks.extend(lists::not_recomputed(report, &members.lines));
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("There are no rebate lines to compare yet."))],
        });
    }
    words::section("compared", say!("Eligible, calculated and paid"), blocks)
}

fn measures(id: &str, code: &str, sums: &CurrencyTotals) -> Table {
    let mut table = Table {
        id: id.to_owned(),
        caption: say!("All periods, without rejected and unknown lines. Amounts in {code}.", code),
        layout: "cards",
        columns: vec![
            Column::text("Measure"),
            Column::text("Whose figure"),
            Column::number("Lines"),
            Column::money("Amount", "amount"),
        ],
        ..Table::default()
    };
    let expected = sums.total_lines() + sums.bucket(Bucket::Pending).0;
    let mut push = |style, name: &str, whose: &str, lines: Cell, amount: Cell| {
        let cells = vec![Cell::text(name), Cell::text(whose), lines, amount];
        table.rows.push(Row { style, cells, ..Row::default() });
    };
    let money = Cell::money;
    push(
        "",
        say!("Eligible"),
        say!("our own computation for these lines, by the program's rule"),
        Cell::count(expected.saturating_sub(sums.not_recomputed)),
        eligible(sums),
    );
    push(
        "",
        say!("Calculated so far"),
        say!("the vendor's computation"),
        Cell::count(sums.total_lines()),
        money(sums.calculated),
    );
    if !sums.adjustments.is_zero() {
        push(
            "ind",
            say!("Adjustments"),
            say!("what the vendor took off or added"),
            Cell::empty(),
            money(sums.adjustments),
        );
    }
    push(
        "",
        say!("Total rebate"),
        say!("calculated and adjustments"),
        Cell::count(sums.total_lines()),
        money(sums.total()),
    );
    push(
        "",
        say!("Paid so far"),
        say!("what the vendor says it paid"),
        Cell::count(sums.bucket(Bucket::Paid).0),
        money(sums.paid),
    );
    table
}

/// What was found on the lines and orders of a scope, by kind with its money.
pub(super) fn findings(report: &Report<'_>, members: &Members, name: &str) -> (Block, Vec<(String, Table)>) {
    let lines = members.lines.iter().map(|n| report.reconciled.line_case(*n));
    let orders = members.orders.iter().filter_map(|n| report.reconciled.order_case(*n));
    let mut kinds: BTreeMap<(Kind, Direction), (usize, MoneyByCurrency, Option<Severity>)> = BTreeMap::new();
    let (mut open, mut clean) = (0, 0);
    for case in lines.chain(orders) {
        let Some(finding) = case.primary() else {
            clean += 1;
            continue;
        };
        open += 1;
        let entry = kinds.entry((finding.kind, finding.direction)).or_default();
        entry.0 += 1;
        entry.1.extend(Case::at_stake(case));
        entry.2 = entry.2.max(report.reconciled.severity(case));
    }
    let mut table = Table {
        id: "findings-list".to_owned(),
        caption: say!(
            "{open} to explain, {clean} with nothing to explain. Each is counted once, by its primary explanation.",
            open = count_of(open, "line or order", "lines and orders"),
            clean
        ),
        layout: "cards",
        columns: vec![
            Column::text("Discrepancy"),
            Column::text("What the amount means"),
            Column::text("Highest severity"),
            Column::number("Cases"),
            Column::money("At stake", "at-stake"),
        ],
        empty: say!("Nothing to explain: every line here is clean.").to_owned(),
        ..Table::default()
    };
    for ((kind, direction), (count, sums, worst)) in kinds {
        let title = report.sources.content.kind(kind).title.clone();
        table.rows.push(Row {
            cells: vec![
                Cell::link(title, format!("discrepancy/{}.html", kind.code())),
                Cell::text(direction.in_words()),
                worst.map_or_else(Cell::empty, |s| Cell::text(severity(s))),
                Cell::count(count),
                amounts(&sums),
            ],
            ..Row::default()
        });
    }
    let path = format!("{name}.findings.csv");
    let section = Block::Section {
        id: "findings".to_owned(),
        heading: say!("What was found").to_owned(),
        actions: if table.rows.is_empty() {
            Vec::new()
        } else {
            vec![Link::to(say!("Findings CSV"), path.clone())]
        },
        blocks: vec![Block::Table(table.clone())],
    };
    let exports = if table.rows.is_empty() { Vec::new() } else { vec![(path, table)] };
    (section, exports)
}

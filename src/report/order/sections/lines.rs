//! The rebate lines of an order, with their status and amounts.

use std::collections::BTreeSet;

use super::super::{Subject, table};
use super::section;
use crate::model::money::{Currency, Money};
use crate::report::lists;
use crate::report::page::Block;
use crate::report::table::{Cell, Column, Row};
use crate::say;

/// The rebate lines of the order, one table per currency.
pub(in crate::report::order) fn lines(subject: &Subject<'_>) -> Vec<Block> {
    let report = subject.report;
    let currencies: BTreeSet<Currency> = subject.lines.iter().map(|l| report.line(*l).currency).collect();
    let mut blocks = Vec::new();
    for currency in currencies {
        let lines: Vec<u32> =
            subject.lines.iter().copied().filter(|l| report.line(*l).currency == currency).collect();
        let mut list = table(
            &format!("order-lines-{}", currency.code().to_lowercase()),
            say!("In {currency}", currency),
            "cards",
        );
        list.columns = vec![
            Column::text("Line"),
            Column::text("Status"),
            Column::text("SKU"),
            Column::text("Category"),
            Column::money("Calculated", "calculated"),
            Column::money("Adjustments", "adjustments"),
            Column::money("Paid", "paid"),
            Column::money("Rebate", "rebate"),
        ];
        list.rows = lines.iter().map(|l| line_row(subject, *l)).collect();
        if lines.len() > 1 {
            let sum =
                |amount: &dyn Fn(u32) -> Option<Money>| Cell::money(lists::sum_of(&lines, currency, amount));
            list.foot.push(Row {
                style: "tot",
                id: String::new(),
                cells: vec![
                    Cell::text(say!("Total")),
                    Cell::empty(),
                    Cell::empty(),
                    Cell::empty(),
                    sum(&|l| report.line(l).amount_calculated),
                    sum(&|l| Some(report.figures(l).adjustments)),
                    sum(&|l| report.line(l).amount_paid),
                    sum(&|l| report.figures(l).net),
                ],
            });
        }
        blocks.push(Block::Table(list));
    }
    if blocks.is_empty() {
        blocks
    } else {
        vec![section("lines", say!("Rebate lines on this order"), blocks)]
    }
}

fn line_row(subject: &Subject<'_>, number: u32) -> Row {
    let (line, figures) = (subject.report.line(number), subject.report.figures(number));
    let adjustments = if figures.adjustments.is_zero() {
        Cell::money_or_none(None)
    } else {
        Cell::money(figures.adjustments)
    };
    Row {
        id: format!("line-{}", crate::report::address::of_id(line.id.canonical())),
        cells: vec![
            Cell::text(line.id.raw()),
            Cell::status(line.status),
            line.sku_ref.map_or_else(Cell::empty, |s| Cell::code(s.raw())),
            line.category.map_or_else(Cell::empty, |c| Cell::text(c.as_str())),
            Cell::money_or_none(line.amount_calculated),
            adjustments,
            Cell::money_or_none(line.amount_paid),
            Cell::money_or_none(figures.net),
        ],
        ..Row::default()
    }
}

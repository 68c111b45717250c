//! Repeated causes without an article: one table for the knowledge base and the health page.

use crate::report::articles::{REPEATED, begin_with};
use crate::report::lists::LISTED;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::amounts;
use crate::report::{Report, causes};
use crate::say;

/// The causes that come again and again and that no article is for, with the command that begins one; empty where there is
/// none.
pub(in crate::report) fn repeated(report: &Report<'_>) -> Table {
    let all = report.causes_without_article();
    let caption = if all.len() > LISTED {
        say!(
            "The {listed} with most cases of {all}; `tieout kb coverage` lists all.",
            listed = LISTED,
            all = all.len()
        )
    } else {
        say!("{repeated} cases and more with one cause, most cases first.", repeated = REPEATED)
    };
    let rows = all.into_iter().take(LISTED).map(|cause| {
        let (first, last) = report.seen(cause).unzip();
        let day = |day: Option<crate::model::time::AsOf>| Cell::date(day.map(|day| day.date()));
        Row {
            cells: vec![
                Cell::link(causes::name(report, cause), causes::place(report, cause)),
                Cell::text(report.sources.content.kind(cause.kind).title.clone()),
                Cell::count(cause.cases.len()),
                Cell::count(cause.orders.len()),
                amounts(&cause.at_stake),
                day(first),
                day(last),
                Cell::code(begin_with(cause)),
            ],
            ..Row::default()
        }
    });
    Table {
        id: "repeated-list".to_owned(),
        caption,
        layout: "cards",
        columns: vec![
            Column::text("What they share"),
            Column::text("Discrepancy"),
            Column::number("Cases"),
            Column::number("Orders"),
            Column::money("At stake", "at-stake"),
            Column::date("First seen"),
            Column::date("Last seen"),
            Column::text("Begin an article"),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

//! Earned and posted periods: in which month money was processed or paid, and which month had earned it.

use super::lists;
use super::page::{Block, Definition, Link, Page, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::section;
use super::{Made, Report};
use crate::language::label;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::reconcile::posted::{Cell as Sums, Matrix};
use crate::{mark, say};

/// The address of the page.
pub(super) const PATH: &str = "period/posted.html";
/// The name of what is not posted yet.
const NOT_YET: &str = mark!("Not posted yet");
/// Posted periods that the page shows by themselves; the file has all of them.
const SHOWN: usize = 12;

/// `period/posted.html`.
pub(super) fn page(report: &Report<'_>) -> Made {
    let matrices = by_weight(report);
    let mut exports = Vec::new();
    let mut main = Vec::new();
    for (currency, matrix) in &matrices {
        let code = currency.code();
        let suffix = code.to_lowercase();
        let series = series_table(report, *currency, matrix);
        let path = format!("period/posted.{suffix}.csv");
        main.push(Block::Section {
            id: format!("posted-{suffix}"),
            heading: say!("Posted periods, {code}", code),
            actions: vec![Link::to(say!("{code} posted CSV", code), path.clone())],
            blocks: vec![Block::Table(series.clone())],
        });
        exports.push((path, series));
        if matrix.posted().iter().all(Option::is_none) {
            continue;
        }
        let path = format!("period/posted.by-earned.{suffix}.csv");
        main.push(Block::Section {
            id: format!("matrix-{suffix}"),
            heading: say!("Earned by posted period, {code}", code),
            actions: vec![Link::to(say!("{code} earned by posted CSV", code), path.clone())],
            blocks: vec![Block::Table(matrix_table(report, *currency, matrix, SHOWN))],
        });
        exports.push((path, matrix_table(report, *currency, matrix, usize::MAX)));
    }
    main.push(section("how", say!("How a posted period is found"), vec![how()]));
    let lead = lead(&matrices);
    let page = Page {
        path: PATH.to_owned(),
        title: say!("Earned and posted periods").to_owned(),
        description: lists::plain(&lead),
        nav: "periods",
        crumbs: vec![Link::to(say!("Periods"), "period/index.html"), Link::here(say!("Earned and posted"))],
        heading: say!("Earned and posted periods").to_owned(),
        lead,
        facts: vec![vec![Text::plain(say!(
            "As known at {as_of}",
            as_of = report.reconciled.as_of().in_words()
        ))]],
        main,
        ..Page::default()
    };
    Made { page, exports }
}

/// The matrices, the currency with the most lines first.
fn by_weight<'r>(report: &'r Report<'_>) -> Vec<(Currency, &'r Matrix)> {
    let mut all: Vec<(Currency, &Matrix)> = report.posted.iter().map(|(c, m)| (*c, m)).collect();
    all.sort_by_key(|(currency, matrix)| {
        (std::cmp::Reverse(matrix.sum(*currency, |_, _| true).lines), *currency)
    });
    all
}

fn lead(matrices: &[(Currency, &Matrix)]) -> Vec<Text> {
    let Some((currency, matrix)) = matrices.first() else {
        return vec![Text::plain(say!("There are no rebate lines with an amount in this snapshot."))];
    };
    let all = matrix.sum(*currency, |_, _| true);
    let open = matrix.sum(*currency, |_, posted| posted.is_none());
    let posted = Money::from_minor(all.net.minor() - open.net.minor(), *currency);
    let mut lead = vec![
        Text::plain(say!("Of ")),
        Text::strong(all.net.in_words()),
        Text::plain(say!(" total rebate in all periods, ")),
        Text::strong(posted.in_words()),
        Text::plain(say!(" is posted and ")),
        Text::strong(open.net.in_words()),
        Text::plain(say!(
            " is not posted yet. A rebate counts in the month it was earned in; money moves in the month it is posted."
        )),
    ];
    if matrices.len() > 1 {
        lead.push(Text::plain(say!(" Each currency has its own tables; currencies are never added.")));
    }
    lead
}

fn how() -> Block {
    let define =
        |name: &str, value: &str| Definition { name: name.to_owned(), value: vec![Text::plain(value)] };
    Block::Definitions {
        rows: vec![
            define(say!("Earned period"), say!("The vendor's period of the line, as on every other page.")),
            define(
                say!("Posted period"),
                say!(
                    "The vendor's period_processed where the line has one; else, of a paid line whose payout has a record, \
                 the month of the payout; else not posted yet."
                ),
            ),
            define(
                say!("Total rebate"),
                say!(
                    "The net amount of lines in the headline total: calculated plus adjustments. Over the posted periods it \
                 adds up to the total of the earned period."
                ),
            ),
            define(
                say!("Paid so far"),
                say!(
                    "What the vendor says was paid, of every line. Where it is paid and not posted yet, the payout has no record."
                ),
            ),
        ],
    }
}

/// Money by posted period, newest first.
fn series_table(report: &Report<'_>, currency: Currency, matrix: &Matrix) -> Table {
    let code = currency.code();
    let row = |style, first: Cell, sums: &Sums| Row {
        style,
        cells: vec![first, Cell::count(sums.lines), Cell::money(sums.net), Cell::money(sums.paid)],
        ..Row::default()
    };
    let mut table = Table {
        id: format!("posted-{}", code.to_lowercase()),
        caption: say!(
            "By the month in which it was processed or paid, newest first. Amounts in {code}.",
            code
        ),
        layout: "tight",
        columns: vec![
            Column::text("Posted period"),
            Column::number("Lines"),
            Column::money("Total rebate", "total"),
            Column::money("Paid so far", "paid-so-far"),
        ],
        ..Table::default()
    };
    for posted in matrix.posted().into_iter().rev() {
        let cell = posted.map_or_else(|| Cell::text(label(NOT_YET)), |month| report.month_cell(month));
        table.rows.push(row("", cell, &matrix.sum(currency, |_, month| month == posted)));
    }
    table.foot.push(row("tot", Cell::text(say!("All periods")), &matrix.sum(currency, |_, _| true)));
    table
}

/// Earned periods in rows, newest first, posted periods in columns: the newest by themselves, older ones together.
fn matrix_table(report: &Report<'_>, currency: Currency, matrix: &Matrix, newest: usize) -> Table {
    let code = currency.code();
    let months: Vec<Month> = matrix.posted().into_iter().flatten().collect();
    let (before, shown) = months.split_at(months.len().saturating_sub(newest));
    let mut table = Table {
        id: format!("matrix-{}", code.to_lowercase()),
        caption: say!(
            "Total rebate by earned period, newest first, and posted period. A row adds up to the total of the month it \
             was earned in. Amounts in {code}.",
            code
        ),
        layout: "wide",
        columns: vec![Column::text("Earned period")],
        ..Table::default()
    };
    if let Some(last) = before.last() {
        table.columns.push(
            Column::money_of(|| say!("Up to {last}", last = last.in_words()), "total")
                .within(format!("posted-to={last}")),
        );
    }
    table.columns.extend(
        shown
            .iter()
            .map(|month| Column::money_of(|| month.in_words(), "total").within(format!("posted={month}"))),
    );
    table.columns.push(Column::money(NOT_YET, "total").within("posted=none"));
    table.columns.push(Column::money("Total", "total"));
    let row = |style, first: Cell, earned: Option<Month>| {
        let is_row = |month: Month| earned.is_none_or(|earned| earned == month);
        let sum = |is_posted: &dyn Fn(Option<Month>) -> bool| {
            let sums = matrix.sum(currency, |month, posted| is_row(month) && is_posted(posted));
            match (sums.lines, sums.net.is_zero()) {
                (0, true) => {
                    Cell { none: Some(say!("nothing")), csv: Some(sums.net.to_string()), ..Cell::default() }
                }
                (_, _) => Cell::money(sums.net),
            }
        };
        let mut cells = vec![first];
        if let Some(last) = before.last() {
            cells.push(sum(&|posted| posted.is_some_and(|month| month <= *last)));
        }
        cells.extend(shown.iter().map(|month| sum(&|posted| posted == Some(*month))));
        cells.push(sum(&|posted| posted.is_none()));
        cells.push(sum(&|_| true));
        Row { style, cells, ..Row::default() }
    };
    for earned in matrix.earned().into_iter().rev() {
        table.rows.push(row("", report.month_cell(earned), Some(earned)));
    }
    table.foot.push(row("tot", Cell::text(say!("Total")), None));
    table
}

/// Where the money of a month went and what came in it, as a section of the month's page; nothing for a month without
/// either.
pub(super) fn section_of(report: &Report<'_>, month: Month) -> Option<Block> {
    let mut items = Vec::new();
    for (_, matrix) in by_weight(report) {
        let net = |earned: Month, posted: Option<Month>| matrix.cells.get(&(earned, posted)).map(|c| c.net);
        let posted = matrix.posted().into_iter().filter_map(|posted| Some((net(month, posted)?, posted)));
        let parts = posted.map(|(amount, posted)| {
            (amount, if posted.is_some() { say!(" posted in ") } else { say!(" not posted yet") }, posted)
        });
        items.extend(item(report, say!("Earned in {month}: ", month = month.in_words()), parts));
        let earned =
            matrix.earned().into_iter().filter_map(|earned| Some((net(earned, Some(month))?, earned)));
        let parts = earned.map(|(amount, earned)| (amount, say!(" earned in "), Some(earned)));
        items.extend(item(report, say!("Posted in {month}: ", month = month.in_words()), parts));
    }
    (!items.is_empty()).then(|| Block::Section {
        id: "posted".to_owned(),
        heading: say!("Earned and posted").to_owned(),
        actions: vec![Link::to(say!("All months, earned by posted"), PATH)],
        blocks: vec![Block::List { ordered: false, items }],
    })
}

/// `Earned in May 2026: $3,410.00 posted in June 2026, $28,361.08 not posted yet.`
fn item(
    report: &Report<'_>,
    start: String,
    parts: impl Iterator<Item = (Money, &'static str, Option<Month>)>,
) -> Option<Vec<Text>> {
    let mut words = vec![Text::plain(start)];
    for (number, (amount, what, month)) in parts.enumerate() {
        if number > 0 {
            words.push(Text::plain(say!(", ")));
        }
        words.push(Text::strong(amount.in_words()));
        words.push(Text::plain(what));
        words.extend(month.map(|month| report.month(month)));
    }
    words.push(Text::plain(say!(".")));
    (words.len() > 2).then_some(words)
}

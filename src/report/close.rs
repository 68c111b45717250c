//! A closed period: what was reported when it was closed, and the addendum of everything that changed since.
//!
//! The page of the close is made of what was known then and of nothing else, so a later snapshot changes no byte of it
//! (I-28); what changed since stands on the page of the period.

use std::collections::BTreeMap;

use super::changes::{self, correct, money};
use super::lists::{LISTED, count_of};
use super::page::{Block, Frame, Link, Page, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::{head, section};
use super::{Made, Report, address};
use crate::history::{Measures, Scope, SnapshotNumber, State};
use crate::model::id::LineId;
use crate::model::money::Currency;
use crate::model::status::Status;
use crate::model::time::{Month, date_in_words};

/// The address of what a period was closed with.
pub(super) fn path(month: Month) -> String {
    format!("close/{month}.html")
}

/// The snapshot with which a period was closed, where it is known.
pub(super) fn snapshot_of(report: &Report<'_>, month: Month) -> Option<SnapshotNumber> {
    let close = report.reconciled.past.at_close(month)?;
    report.sources.history.number(close.as_of)
}

/// The periods that were closed with a snapshot of the history, oldest first.
pub(super) fn months(report: &Report<'_>) -> Vec<Month> {
    report
        .reconciled
        .past
        .closes()
        .filter(|(_, close)| report.sources.history.number(close.as_of).is_some())
        .map(|(month, _)| month)
        .collect()
}

type Lines<'h> = Vec<(LineId, State<'h>)>;

/// The lines of a period as a snapshot has them, by currency; the largest first.
fn lines<'h>(report: &Report<'h>, month: Month, at: SnapshotNumber) -> BTreeMap<Currency, Lines<'h>> {
    let facts = &report.sources.history.facts;
    let mut lines: BTreeMap<Currency, Lines<'h>> = BTreeMap::new();
    for line in facts.of_period(month) {
        if let Some(state) = facts.at(line, at).filter(|state| state.place.period == month) {
            lines.entry(state.place.currency).or_default().push((facts.id(line), state));
        }
    }
    for lines in lines.values_mut() {
        lines.sort_by_key(|(id, state)| (std::cmp::Reverse(state.measures().total.unsigned_abs()), *id));
    }
    lines
}

fn sum(lines: &Lines<'_>) -> Measures {
    lines.iter().fold(Measures::default(), |sum, (_, state)| sum + state.measures())
}

/// `close/<period>.html`: what was reported.
pub(super) fn page(report: &Report<'_>, month: Month) -> Made {
    let history = report.sources.history;
    let at = snapshot_of(report, month).unwrap_or_default();
    let as_of = history.as_of(at);
    let lines = lines(report, month, at);
    let totals: Vec<String> =
        lines.iter().map(|(currency, lines)| money(sum(lines).total, *currency).in_words()).collect();
    let totals = if totals.is_empty() { "nothing".to_owned() } else { totals.join(" and ") };
    let lead = format!(
        "{} was closed with the snapshot of {}: total rebate {totals}. Later snapshots never change this page.",
        month.in_words(),
        as_of.in_words()
    );
    let name = format!("{} as closed", month.in_words());
    let mut page = Page {
        frame: Some(frame(report, at)),
        ..head(
            path(month),
            "periods",
            Link::to(month.in_words(), address::of_month(month)),
            &name,
            vec![Text::plain(lead)],
        )
    };
    page.facts = facts(report, month, &lines);
    let mut exports = Vec::new();
    for (currency, lines) in &lines {
        let code = currency.code().to_lowercase();
        let status = by_status(&format!("status-{code}"), *currency, lines);
        let file = format!("close/{month}.status.{code}.csv");
        page.main.push(Block::Section {
            id: format!("status-now-{code}"),
            heading: format!("By status, {currency}"),
            actions: vec![Link::to("Status CSV", file.clone())],
            blocks: vec![Block::Table(status.clone())],
        });
        exports.push((file, status));
        let mut list = line_table(report, &format!("lines-{code}"), *currency, lines);
        let file = format!("close/{month}.lines.{code}.csv");
        exports.push((file.clone(), list.clone()));
        list.rows.truncate(LISTED);
        page.main.push(Block::Section {
            id: format!("lines-section-{code}"),
            heading: format!("Lines as closed, {currency}"),
            actions: vec![Link::to("Lines CSV", file)],
            blocks: vec![Block::Table(list)],
        });
    }
    let since = format!("{}#since-close", address::of_month(month));
    page.main.push(section(
        "after",
        "After the close",
        vec![Block::Paragraph { text: vec![Text::link("What changed since, line by line", since)] }],
    ));
    Made { page, exports }
}

/// The snapshot that the frame of the page names: that of the close.
fn frame(report: &Report<'_>, at: SnapshotNumber) -> Frame {
    let facts = &report.sources.snapshots[usize::from(at)];
    Frame {
        snapshot: facts.as_of.to_string(),
        as_of: facts.as_of.in_words(),
        record_set: facts.record_set.clone(),
    }
}

fn facts(report: &Report<'_>, month: Month, lines: &BTreeMap<Currency, Lines<'_>>) -> Vec<Vec<Text>> {
    let count: usize = lines.values().map(Vec::len).sum();
    let row = report.reconciled.rules.reference.period_row(month);
    let closed = row.and_then(|row| row.closed_on).map_or_else(String::new, date_in_words);
    vec![
        vec![Text::strong(format!("Closed on {closed}"))],
        vec![Text::plain(super::lists::period_words(report, month))],
        vec![Text::plain(count_of(count, "line", "lines"))],
    ]
}

fn by_status(id: &str, currency: Currency, lines: &Lines<'_>) -> Table {
    let mut table = Table {
        id: id.to_owned(),
        caption: format!("Each line is counted once, where it was. Amounts in {currency}, with adjustments."),
        layout: "tight",
        columns: vec![Column::text("Status"), Column::number("Lines"), Column::money("Amount", "amount")],
        ..Table::default()
    };
    for status in Status::ALL {
        let of: Lines<'_> = lines.iter().filter(|(_, state)| state.status() == status).copied().collect();
        if !of.is_empty() {
            let amount = money(sum(&of).total, currency);
            let cells = vec![Cell::status(status), Cell::count(of.len()), Cell::money(amount)];
            table.rows.push(Row { cells, ..Row::default() });
        }
    }
    let cells = vec![
        Cell::text("Total rebate"),
        Cell::count(lines.len()),
        Cell::money(money(sum(lines).total, currency)),
    ];
    table.foot.push(Row { style: "tot", cells, ..Row::default() });
    table
}

fn line_table(report: &Report<'_>, id: &str, currency: Currency, lines: &Lines<'_>) -> Table {
    let mut table = Table {
        id: id.to_owned(),
        caption: if lines.len() > LISTED {
            format!(
                "The {LISTED} largest of {} lines; the file holds all of them. Amounts in {currency}.",
                lines.len()
            )
        } else {
            format!("{}, largest first. Amounts in {currency}.", count_of(lines.len(), "line", "lines"))
        },
        layout: "cards",
        columns: vec![
            Column::text("Order"),
            Column::text("Line"),
            Column::text("Program"),
            Column::text("Status"),
            Column::money("Calculated", "calculated"),
            Column::money("Adjustments", "adjustments"),
            Column::money("Paid", "paid"),
            Column::money("Rebate", "rebate"),
        ],
        ..Table::default()
    };
    let facts = &report.sources.history.facts;
    for (id, state) in lines {
        let track = facts.number(*id).unwrap_or_default();
        let place = state.place;
        let order = place.order.unwrap_or(place.order_ref);
        let rebate = state.is_counted().then(|| money(state.measures().total, currency));
        table.rows.push(Row {
            cells: vec![
                Cell::link(order.raw(), report.track_path(track)),
                Cell::code(id.raw()),
                Cell::text(place.program.raw()),
                Cell::status(state.status()),
                Cell::money_or_none(state.calculated()),
                Cell::money(state.adjustments()),
                Cell::money_or_none(state.paid()),
                Cell::money_or_none(rebate),
            ],
            ..Row::default()
        });
    }
    let all = sum(lines);
    let mut cells = vec![Cell::text(count_of(lines.len(), "line", "lines"))];
    cells.extend([Cell::empty(), Cell::empty(), Cell::empty()]);
    let level = |minor| Cell::money(money(minor, currency));
    cells.extend([level(all.calculated), level(all.adjustments), level(all.paid), level(all.total)]);
    table.foot.push(Row { style: "tot", cells, ..Row::default() });
    table
}

/// The addendum of a closed period, for its page: from what was reported to what is known now; nothing where the period
/// was not closed with a snapshot of the history.
pub(super) fn addendum(
    report: &Report<'_>,
    month: Month,
    name: &str,
) -> Option<(Block, Vec<(String, Table)>)> {
    let history = report.sources.history;
    let (from, to) = (snapshot_of(report, month)?, history.newest());
    let (closed, now) = (history.as_of(from), history.as_of(to));
    let bridges = report.differences(from, to, &Scope::of_period(month));
    let mut blocks = Vec::new();
    for bridge in &bridges {
        let subject = format!("the total rebate for {} as closed", month.in_words());
        blocks.push(Block::Paragraph { text: vec![Text::plain(correct(&subject, bridge, closed, now))] });
        if !bridge.changes.is_empty() {
            let id = format!("since-close-{}", bridge.currency.code().to_lowercase());
            blocks.push(Block::Table(changes::step_by_step(
                report,
                (&id, "Since the close"),
                bridge,
                closed,
                now,
            )));
        }
    }
    let restated = report.cases_of(crate::reconcile::Kind::ClosedPeriodRestatement);
    let count = restated.filter(|case| case.period == Some(month)).count();
    blocks.push(Block::Paragraph {
        text: vec![
            Text::plain("What was reported stays as it was: "),
            Text::link(format!("{} as closed", month.in_words()), path(month)),
            Text::plain(format!(". {} ", restatements(count))),
            Text::link("Closed-period restatements", "discrepancy/closed-period-restatement.html"),
        ],
    });
    let file = format!("{name}.since-close.csv");
    let block = Block::Section {
        id: "since-close".to_owned(),
        heading: "Since it was closed".to_owned(),
        actions: vec![Link::to("Changes CSV", file.clone())],
        blocks,
    };
    Some((block, vec![(file, changes::file(report, &bridges))]))
}

fn restatements(count: usize) -> String {
    match count {
        0 => "No calculated amount of it was restated.".to_owned(),
        1 => "1 line restates it.".to_owned(),
        count => format!("{count} lines restate it."),
    }
}

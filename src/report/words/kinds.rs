//! The index of discrepancies: what is at stake, what one row would fix, the bridge of the month, the cases that need
//! someone, and every kind.

use std::collections::BTreeMap;

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report, bridge, causes, claims, deadlines};
use super::kind::{anchor, path};
use super::{amounts, amounts_in_words, at_stake, from_overview, head, paragraph, severity};
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::reconcile::Case;
use crate::reconcile::kinds::{Direction, Group, Kind};
use crate::say;

/// Every case with something to explain, in the order of the kinds.
fn open<'r>(report: &'r Report<'_>) -> Vec<&'r Case> {
    Kind::ALL.iter().flat_map(|kind| report.cases_of(*kind)).collect()
}

/// `discrepancy/index.html`.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(in crate::report) fn kinds(report: &Report<'_>) -> Result<Made, Error> {
    let open = open(report);
    let attention = lists::attention(report, |_| true);
    let others = open.len() - attention.len();
    let mut page = head(
        "discrepancy/index.html",
        "discrepancies",
        from_overview(),
        say!("Discrepancies"),
        lead(&attention),
    );
    page.facts = vec![
        vec![Text::plain(say!(
            "{clean} with nothing to explain",
            clean = count_of(report.clean, "clean case", "clean cases")
        ))],
        vec![Text::plain(say!(
            "{others} explained, possible or without an amount",
            others = count_of(others, "case", "cases")
        ))],
        vec![Text::link(say!("Fixes ranked by money"), "discrepancy/index.html#fixes")],
        vec![Text::link(say!("Deadlines"), deadlines::PAGE)],
        vec![Text::link(say!("Claims"), claims::PAGE)],
        vec![Text::link(say!("Rows that could not be read"), "quarantine.html")],
        vec![Text::link(say!("Mapping gaps"), "mapping.html")],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    let mut exports = Vec::new();
    page.main = causes::groups(report).into_iter().collect();
    page.main.push(by_direction(&open, &mut exports));
    page.main.push(causes::fixes(report));
    page.main.push(bridges(report));
    page.main.push(needing_someone(report, &attention, &open, &mut exports)?);
    let rows: Vec<(Group, Row)> =
        Kind::ALL.iter().map(|kind| (kind.group(), kind_row(report, *kind))).collect();
    let mut file = kinds_table("kinds", String::new());
    file.columns.insert(0, Column::text("Group"));
    file.rows = rows.iter().map(|(group, row)| with_group(*group, row)).collect();
    exports.push(("discrepancy/index.kinds.csv".to_owned(), file));
    for group in Group::ALL {
        page.main.push(group_section(group, rows.iter().filter(|(g, _)| *g == group).map(|(_, r)| r)));
    }
    Ok(Made { page, exports })
}

fn lead(attention: &[&Case]) -> Vec<Text> {
    if attention.is_empty() {
        return vec![Text::plain(say!("No case needs someone to act in this snapshot."))];
    }
    let verb = if attention.len() == 1 { say!(" needs") } else { say!(" need") };
    vec![
        Text::strong(count_of(attention.len(), "case", "cases")),
        Text::plain(say!("{verb} someone to act: ", verb)),
        Text::strong(amounts_in_words(&at_stake(attention.iter().copied()))),
        Text::plain(say!(" at stake. Each case says what to check.")),
    ]
}

/// The bridge of the default month, and the way to those of other months.
fn bridges(report: &Report<'_>) -> Block {
    let month = report.default_month();
    let heading = say!("{month}: from own expected to vendor calculated", month = month.in_words());
    let others: Vec<_> = bridge::months(report).into_iter().rev().filter(|m| *m != month).collect();
    let (actions, mut blocks) = match bridge::section(report, month) {
        Some(Block::Section { actions, blocks, .. }) => (actions, blocks),
        Some(_) | None => (
            Vec::new(),
            vec![paragraph(say!(
                "There is neither an order nor a rebate line in {month}, so there is nothing to compare.",
                month = month.in_words()
            ))],
        ),
    };
    if !others.is_empty() {
        let mut text = vec![Text::plain(say!("Other months: "))];
        for (number, month) in others.iter().take(12).enumerate() {
            text.extend((number > 0).then(|| Text::plain(say!(", "))));
            text.push(Text::link(month.in_words(), bridge::path(*month)));
        }
        if others.len() > 12 {
            text.push(Text::plain(say!(", and earlier ones from ")));
            text.push(Text::link(say!("their periods"), "period/index.html"));
        }
        text.push(Text::plain(say!(".")));
        blocks.push(Block::Paragraph { text });
    }
    Block::Section { id: "bridge".to_owned(), heading, actions, blocks }
}

/// What the amounts mean for us, one table per currency, that with the most cases first; its rows add up to its total.
fn by_direction(open: &[&Case], exports: &mut Vec<(String, Table)>) -> Block {
    let mut currencies: BTreeMap<Currency, BTreeMap<Direction, (usize, Money)>> = BTreeMap::new();
    let mut without = 0;
    for case in open {
        // The amount's own currency decides: it can be another than that of its case.
        let amount = case.at_stake().or_else(|| Some(Money::zero(case.currency?)));
        let Some(amount) = amount else {
            without += 1;
            continue;
        };
        let sums = currencies
            .entry(amount.currency())
            .or_default()
            .entry(case.direction())
            .or_insert((0, Money::zero(amount.currency())));
        *sums = (sums.0 + 1, sums.1.checked_add(amount).unwrap_or(sums.1));
    }
    let mut ordered: Vec<_> = currencies.iter().collect();
    ordered.sort_by_key(|(currency, sums)| {
        (std::cmp::Reverse(sums.values().map(|(count, _)| count).sum::<usize>()), **currency)
    });
    let mut actions = Vec::new();
    let mut blocks = Vec::new();
    for (currency, sums) in ordered {
        let table = direction_table(*currency, sums);
        let path = format!("discrepancy/index.stake.{}.csv", currency.code().to_lowercase());
        actions.push(Link::to(say!("{currency} CSV", currency), path.clone()));
        exports.push((path, table.clone()));
        blocks.push(Block::Table(table));
    }
    if without > 0 {
        let verb = if without == 1 { say!("carries") } else { say!("carry") };
        blocks.push(paragraph(say!("{without} {verb} no amount of a known currency, such as a late source or a row without a readable amount.", without = count_of(without, "more case", "more cases"), verb)));
    }
    if blocks.is_empty() {
        blocks.push(paragraph(say!("Nothing is at stake: every line and every order is clean.")));
    }
    Block::Section { id: "stake".to_owned(), heading: say!("What is at stake").to_owned(), actions, blocks }
}

/// What to do about the amounts of a direction.
fn then_what(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => say!("Claim it from the vendor."),
        Direction::Exposure => say!("Consider a reserve: the vendor may take it back."),
        Direction::Blocked => say!("Correct our data; then it can be claimed."),
        Direction::Timing => say!("Wait: it is expected to clear on a date."),
        Direction::AtRisk => say!("Confirm the basis before you rely on it."),
        Direction::Control => say!("Obtain the missing proof."),
        Direction::Potential => say!("For information; it is never in a balance."),
        Direction::Explained | Direction::None => say!("Nothing to do."),
    }
}

fn direction_table(currency: Currency, sums: &BTreeMap<Direction, (usize, Money)>) -> Table {
    let code = currency.code();
    let mut table = Table {
        id: format!("stake-{}", code.to_lowercase()),
        caption: say!("Each case is counted once, by its primary explanation. Amounts in {code}.", code),
        layout: "cards",
        columns: vec![
            Column::text("What the amount means"),
            Column::text("What to do"),
            Column::text("In data files").minor(),
            Column::number("Cases"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    };
    let mut total = (0, Money::zero(currency));
    for direction in Direction::ALL {
        let Some((count, amount)) = sums.get(&direction) else { continue };
        total = (total.0 + count, total.1.checked_add(*amount).unwrap_or(total.1));
        table.rows.push(Row {
            cells: vec![
                Cell::text(direction.in_words()),
                Cell::text(then_what(direction)),
                Cell::code(direction.label()),
                Cell::count(*count),
                Cell::money(*amount),
            ],
            ..Row::default()
        });
    }
    table.foot.push(Row {
        style: "tot",
        cells: vec![
            Cell::text(say!("All cases")),
            Cell::empty(),
            Cell::empty(),
            Cell::count(total.0),
            Cell::money(total.1),
        ],
        ..Row::default()
    });
    table
}

fn needing_someone(
    report: &Report<'_>,
    attention: &[&Case],
    open: &[&Case],
    exports: &mut Vec<(String, Table)>,
) -> Result<Block, Error> {
    let file = "discrepancy/index.cases.csv";
    exports.push((file.to_owned(), lists::case_table(report, "cases", String::new(), open, usize::MAX)?));
    let shown = attention.len().min(lists::LISTED);
    let caption = if shown < attention.len() {
        say!(
            "The first {shown} of {attention}, most severe first, then the largest amount.",
            shown,
            attention = attention.len()
        )
    } else {
        say!("Most severe first, then the largest amount.").to_owned()
    };
    let mut table = lists::case_table(report, "attention", caption, attention, lists::LISTED)?;
    table.empty = say!("No case needs someone to act in this snapshot.").to_owned();
    Ok(Block::Section {
        id: "cases".to_owned(),
        heading: say!("Cases that need someone to act").to_owned(),
        actions: vec![Link::to(say!("All cases CSV"), file)],
        blocks: vec![Block::Table(table)],
    })
}

fn kinds_table(id: &str, caption: String) -> Table {
    Table {
        id: id.to_owned(),
        caption,
        layout: "cards",
        columns: vec![
            Column::text("Discrepancy"),
            Column::text("What it means"),
            Column::text("Severity"),
            Column::text("What the amount means"),
            Column::number("Cases"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    }
}

fn kind_row(report: &Report<'_>, kind: Kind) -> Row {
    let page = report.sources.content.kind(kind);
    let base = kind.severity();
    let raised = report.cases_of(kind).filter(|case| report.reconciled.severity(case) > Some(base)).count();
    let rated = Cell::text(severity(base));
    let mut directions: Vec<Direction> = report.cases_of(kind).map(Case::direction).collect();
    directions.sort_unstable();
    directions.dedup();
    let meanings: Vec<&str> = directions.into_iter().map(Direction::in_words).collect();
    Row {
        cells: vec![
            Cell::link(page.title.clone(), path(kind)),
            Cell::text(page.definition.clone()),
            if raised > 0 { rated.with_note(say!("{raised} raised above it", raised)) } else { rated },
            Cell::text(meanings.join(say!("; "))),
            Cell::count(report.cases_of(kind).count()),
            amounts(&at_stake(report.cases_of(kind))),
        ],
        ..Row::default()
    }
}

fn with_group(group: Group, row: &Row) -> Row {
    let mut row = row.clone();
    row.cells.insert(0, Cell::text(group.label()));
    row
}

fn group_section<'r>(group: Group, rows: impl Iterator<Item = &'r Row>) -> Block {
    let id = anchor(group);
    let mut table = kinds_table(
        &format!("{id}-kinds"),
        say!("All kinds of this group, most important first.").to_owned(),
    );
    table.rows = rows.cloned().collect();
    Block::Section {
        id: id.to_owned(),
        heading: group.label().to_owned(),
        actions: vec![Link::to(say!("All kinds CSV"), "discrepancy/index.kinds.csv")],
        blocks: vec![Block::Table(table)],
    }
}

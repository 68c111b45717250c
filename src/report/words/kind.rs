//! Discrepancy kinds: what each means, what is at stake, and which cases there are now.

use std::collections::BTreeMap;

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report};
use super::{
    amounts, amounts_in_words, at_stake, body, from_overview, head, panel, paragraph, plain_list, section,
    without_columns,
};
use crate::content::KindPage;
use crate::error::Error;
use crate::explain::Facts;
use crate::model::money::{Currency, Money};
use crate::reconcile::Case;
use crate::reconcile::kinds::{Direction, Group, Kind, Severity};

/// Every case with something to explain, in the order of the kinds.
fn open<'r>(report: &'r Report<'_>) -> Vec<&'r Case> {
    Kind::ALL.iter().flat_map(|kind| report.cases_of(*kind)).collect()
}

/// `discrepancy/index.html`: what is at stake, every kind by group, and the cases that need someone.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(in crate::report) fn kinds(report: &Report<'_>) -> Result<Made, Error> {
    let open = open(report);
    let attention = lists::attention(report, |_| true);
    let others = open.len() - attention.len();
    let mut page =
        head("discrepancy/index.html", "discrepancies", from_overview(), "Discrepancies", lead(&attention));
    page.facts = vec![
        vec![Text::plain(format!(
            "{} with nothing to explain",
            count_of(report.clean, "clean case", "clean cases")
        ))],
        vec![Text::plain(format!(
            "{} explained, possible or without an amount",
            count_of(others, "case", "cases")
        ))],
        vec![Text::link("Rows that could not be read", "quarantine.html")],
        vec![Text::plain(format!("Snapshot {}", report.reconciled.as_of().in_words()))],
    ];
    let file = "discrepancy/index.cases.csv";
    page.main = vec![by_direction(&open)];
    page.main.push(needing_someone(report, &attention, file)?);
    page.main.extend(Group::ALL.iter().map(|group| group_section(report, *group)));
    let exports =
        vec![(file.to_owned(), lists::case_table(report, "cases", String::new(), &open, usize::MAX)?)];
    Ok(Made { page, exports })
}

fn lead(attention: &[&Case]) -> Vec<Text> {
    if attention.is_empty() {
        return vec![Text::plain("No case needs someone to act in this snapshot.")];
    }
    let verb = if attention.len() == 1 { " needs" } else { " need" };
    vec![
        Text::strong(count_of(attention.len(), "case", "cases")),
        Text::plain(format!("{verb} someone to act: ")),
        Text::strong(amounts_in_words(&at_stake(attention.iter().copied()))),
        Text::plain(" at stake. Each case says what to check."),
    ]
}

/// What the amounts mean for us, one table per currency; its rows add up to its total.
fn by_direction(open: &[&Case]) -> Block {
    let mut currencies: BTreeMap<Currency, BTreeMap<Direction, (usize, Money)>> = BTreeMap::new();
    for case in open {
        let (Some(currency), Some(amount)) = (case.currency, case.at_stake()) else { continue };
        let sums = currencies
            .entry(currency)
            .or_default()
            .entry(case.direction())
            .or_insert((0, Money::zero(currency)));
        *sums = (sums.0 + 1, sums.1.checked_add(amount).unwrap_or(sums.1));
    }
    let mut blocks: Vec<Block> =
        currencies.iter().map(|(currency, sums)| Block::Table(direction_table(*currency, sums))).collect();
    let without = open.iter().filter(|case| case.currency.is_none()).count();
    if without > 0 {
        let verb = if without == 1 { "carries" } else { "carry" };
        blocks.push(paragraph(format!(
            "{} {verb} no amount of a known currency, such as a late source or a row without a readable amount.",
            count_of(without, "more case", "more cases")
        )));
    }
    if blocks.is_empty() {
        blocks.push(paragraph("Nothing is at stake: every line and every order is clean."));
    }
    section("stake", "What is at stake", blocks)
}

fn direction_table(currency: Currency, sums: &BTreeMap<Direction, (usize, Money)>) -> Table {
    let code = currency.code();
    let mut table = Table {
        id: format!("stake-{}", code.to_lowercase()),
        caption: format!("Each case is counted once, by its primary explanation. Amounts in {code}."),
        layout: "tight",
        columns: vec![
            Column::text("What the amount means"),
            Column::text("In data files").minor(),
            Column::number("Cases"),
            Column::number("At stake"),
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
                Cell::code(direction.label()),
                Cell::count(*count),
                Cell::money(*amount),
            ],
            ..Row::default()
        });
    }
    table.foot.push(Row {
        style: "tot",
        cells: vec![Cell::text("All cases"), Cell::empty(), Cell::count(total.0), Cell::money(total.1)],
        ..Row::default()
    });
    table
}

fn needing_someone(report: &Report<'_>, attention: &[&Case], file: &str) -> Result<Block, Error> {
    let shown = attention.len().min(lists::LISTED);
    let caption = if shown < attention.len() {
        format!("The first {shown} of {}, most severe first, then the largest amount.", attention.len())
    } else {
        "Most severe first, then the largest amount.".to_owned()
    };
    let mut table = lists::case_table(report, "attention", caption, attention, lists::LISTED)?;
    table.empty = "No case needs someone to act in this snapshot.".to_owned();
    Ok(Block::Section {
        id: "cases".to_owned(),
        heading: "Cases that need someone to act".to_owned(),
        actions: vec![Link::to("All cases CSV", file)],
        blocks: vec![Block::Table(table)],
    })
}

fn group_section(report: &Report<'_>, group: Group) -> Block {
    let id = anchor(group);
    let mut table = Table {
        id: format!("{id}-kinds"),
        caption: "All kinds of this group, most important first.".to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Discrepancy"),
            Column::text("What it means"),
            Column::text("Severity"),
            Column::text("At stake"),
            Column::number("Cases"),
        ],
        ..Table::default()
    };
    for kind in Kind::ALL.iter().copied().filter(|kind| kind.group() == group) {
        let page = report.sources.content.kind(kind);
        table.rows.push(Row {
            cells: vec![
                Cell::link(page.title.clone(), path(kind)),
                Cell::text(page.definition.clone()),
                Cell::text(severity(kind.severity())),
                amounts(&at_stake(report.cases_of(kind))),
                Cell::count(report.cases_of(kind).count()),
            ],
            ..Row::default()
        });
    }
    section(id, group.label(), vec![Block::Table(table)])
}

/// The place of a group on the index page.
fn anchor(group: Group) -> &'static str {
    match group {
        Group::Data => "data",
        Group::Identity => "identity",
        Group::History => "history",
        Group::Mapping => "mapping",
        Group::Eligibility => "eligibility",
        Group::Calculation => "calculation",
        Group::Settlement => "settlement",
        Group::Timing => "timing",
        Group::Missing => "missing",
    }
}

fn path(kind: Kind) -> String {
    format!("discrepancy/{}.html", kind.code())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Info: nothing to do",
        Severity::Low => "Low: act when there is time",
        Severity::Medium => "Medium: act soon",
        Severity::High => "High: act now",
        Severity::Critical => "Critical: act before anything else",
    }
}

/// `discrepancy/<code>.html`.
///
/// # Errors
/// [`Error::Content`] when its text cannot be shown or a sentence template fails.
pub(in crate::report) fn kind(report: &Report<'_>, kind: Kind) -> Result<Made, Error> {
    let content = report.sources.content.kind(kind);
    let mut cases: Vec<&Case> = report.cases_of(kind).collect();
    cases.sort_by_key(|case| {
        (case.currency, std::cmp::Reverse(case.at_stake().map_or(0, Money::minor)), case.subject)
    });
    let mut page = head(
        path(kind),
        "discrepancies",
        Link::to("Discrepancies", "discrepancy/index.html"),
        &content.title,
        vec![Text::plain(content.definition.clone())],
    );
    page.kind = "discrepancy";
    page.facts = facts(kind, &cases);
    page.side = vec![super::recommended_actions(report, steps(report, kind), &content.kb)];
    page.side.extend(to_attach(content));
    page.main = body(report, &format!("discrepancies/{}.md", kind.code()), &content.body)?;
    page.main.push(section("rule", "How it is detected", vec![paragraph(content.rule.clone())]));
    page.main.push(section("trap", "What is easily got wrong", vec![paragraph(content.trap.clone())]));
    let file = format!("discrepancy/{}.cases.csv", kind.code());
    page.main.push(cases_now(report, &cases, &file)?);
    let exports = vec![(file, lists::case_table(report, "cases", String::new(), &cases, usize::MAX)?)];
    Ok(Made { page, exports })
}

fn facts(kind: Kind, cases: &[&Case]) -> Vec<Vec<Text>> {
    let mut first = vec![Text::link(
        format!("{} now", count_of(cases.len(), "case", "cases")),
        format!("discrepancy/{}.html#cases", kind.code()),
    )];
    let sums = amounts_in_words(&at_stake(cases.iter().copied()));
    if !sums.is_empty() {
        first.extend([Text::plain(", "), Text::strong(sums), Text::plain(" at stake")]);
    }
    let mut directions: BTreeMap<Direction, usize> = BTreeMap::new();
    for case in cases {
        *directions.entry(case.direction()).or_default() += 1;
    }
    let several = directions.len() > 1;
    let mut facts =
        vec![first, vec![Text::plain(format!("Severity {}", severity(kind.severity()).to_lowercase()))]];
    facts.extend(directions.into_iter().map(|(direction, count)| {
        let words = direction.in_words();
        vec![Text::plain(if several {
            format!("{words} ({})", count_of(count, "case", "cases"))
        } else {
            words.to_owned()
        })]
    }));
    let group = kind.group();
    facts.push(vec![Text::link(group.label(), format!("discrepancy/index.html#{}", anchor(group)))]);
    facts.push(vec![Text::plain("In data files "), Text::code(kind.code())]);
    facts
}

/// The steps as far as they hold for every case; a step that needs the facts of one stands on the page of its order.
fn steps(report: &Report<'_>, kind: Kind) -> Vec<Vec<Text>> {
    match report.sources.sentences.fixes(kind, &Facts::default()) {
        Ok(steps) => steps.into_iter().filter(|s| !s.is_empty()).map(|s| vec![Text::plain(s)]).collect(),
        Err(_) => {
            vec![vec![Text::plain("Open the order: its page names each step with the facts of the case.")]]
        }
    }
}

fn to_attach(content: &KindPage) -> Option<Block> {
    (!content.evidence.is_empty()).then(|| panel("What to attach", vec![plain_list(&content.evidence)]))
}

fn cases_now(report: &Report<'_>, cases: &[&Case], file: &str) -> Result<Block, Error> {
    let shown = cases.len().min(lists::LISTED);
    let caption = if shown < cases.len() {
        format!(
            "The {shown} largest of {}. The file holds all of them.",
            count_of(cases.len(), "case", "cases")
        )
    } else {
        format!("{}, the largest amount first.", count_of(cases.len(), "case", "cases"))
    };
    let table =
        without_columns(lists::case_table(report, "cases-list", caption, cases, lists::LISTED)?, &["Why"]);
    Ok(Block::Section {
        id: "cases".to_owned(),
        heading: "Cases now".to_owned(),
        actions: vec![Link::to("Cases CSV", file)],
        blocks: vec![Block::Table(table)],
    })
}

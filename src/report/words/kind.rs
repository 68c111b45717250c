//! A kind of discrepancy: what it means, what is at stake, its cases by cause, and what it adds to the bridges.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report, bridge, causes};
use super::{
    amounts_in_words, at_stake, body, head, panel, paragraph, plain_list, section, severity, without_columns,
};
use crate::content::KindPage;
use crate::error::Error;
use crate::explain::Facts;
use crate::model::money::{Currency, Money};
use crate::reconcile::Case;
use crate::reconcile::bridge::BridgeRow;
use crate::reconcile::causes::Cause;
use crate::reconcile::kinds::{Direction, Group, Kind, Severity};
use crate::say;

/// The place of a group on the index page.
pub(super) fn anchor(group: Group) -> &'static str {
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

/// The page of a kind.
pub(super) fn path(kind: Kind) -> String {
    format!("discrepancy/{}.html", kind.code())
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
        Link::to(say!("Discrepancies"), "discrepancy/index.html"),
        &content.title,
        vec![Text::plain(content.definition.clone())],
    );
    page.kind = say!("discrepancy");
    page.facts = facts(report, kind, &cases);
    page.side = vec![super::recommended_actions(report, steps(report, kind), &content.kb)];
    page.side.extend(to_attach(content));
    let file = format!("discrepancy/{}.cases.csv", kind.code());
    page.main = stake(&cases).into_iter().collect();
    page.main.push(cases_now(report, kind, &cases, &file)?);
    page.main.extend(in_bridges(report, kind));
    page.main.extend(body(report, &format!("discrepancies/{}.md", kind.code()), &content.body)?);
    page.main.push(section("rule", say!("How it is detected"), vec![paragraph(content.rule.clone())]));
    page.main.push(section("trap", say!("What is easily got wrong"), vec![paragraph(content.trap.clone())]));
    let exports = vec![(file, lists::case_table(report, "cases", String::new(), &cases, usize::MAX)?)];
    Ok(Made { page, exports })
}

fn facts(report: &Report<'_>, kind: Kind, cases: &[&Case]) -> Vec<Vec<Text>> {
    let mut first = vec![Text::link(
        say!("{cases} now", cases = count_of(cases.len(), "case", "cases")),
        format!("discrepancy/{}.html#cases", kind.code()),
    )];
    let sums = amounts_in_words(&at_stake(cases.iter().copied()));
    if !sums.is_empty() {
        first.extend([Text::plain(say!(", ")), Text::strong(sums), Text::plain(say!(" at stake"))]);
    }
    let mut directions: BTreeMap<Direction, usize> = BTreeMap::new();
    for case in cases {
        *directions.entry(case.direction()).or_default() += 1;
    }
    let several = directions.len() > 1;
    let mut facts = vec![first, vec![Text::plain(severity_words(report, kind, cases))]];
    facts.extend(directions.into_iter().map(|(direction, count)| {
        let words = direction.in_words();
        vec![Text::plain(if several {
            say!("{words} ({count})", words, count = count_of(count, "case", "cases"))
        } else {
            words.to_owned()
        })]
    }));
    let group = kind.group();
    facts.push(vec![Text::link(group.label(), format!("discrepancy/index.html#{}", anchor(group)))]);
    facts.push(vec![Text::plain(say!("In data files ")), Text::code(kind.code())]);
    facts
}

/// The severity of the kind, and how many of its cases weigh more: `Severity high: act now; 1 case raised to critical`.
fn severity_words(report: &Report<'_>, kind: Kind, cases: &[&Case]) -> String {
    let base = kind.severity();
    let mut raised: BTreeMap<Severity, usize> = BTreeMap::new();
    for level in cases.iter().filter_map(|case| report.reconciled.severity(case)).filter(|s| *s > base) {
        *raised.entry(level).or_default() += 1;
    }
    let mut words = say!("Severity {base}", base = severity(base).to_lowercase());
    for (level, count) in raised.into_iter().rev() {
        words.push_str(&say!(
            "; {count} raised to {level}",
            count = count_of(count, "case", "cases"),
            level = level.words()
        ));
    }
    words
}

/// The steps as far as they hold for every case; a step that needs the facts of one stands on the page of its order.
fn steps(report: &Report<'_>, kind: Kind) -> Vec<Vec<Text>> {
    match report.sources.sentences.fixes(kind, &Facts::default()) {
        Ok(steps) => steps.into_iter().filter(|s| !s.is_empty()).map(|s| vec![Text::plain(s)]).collect(),
        Err(_) => {
            vec![vec![Text::plain(say!(
                "Open the order: its page names each step with the facts of the case."
            ))]]
        }
    }
}

fn to_attach(content: &KindPage) -> Option<Block> {
    (!content.evidence.is_empty()).then(|| panel(say!("What to attach"), vec![plain_list(&content.evidence)]))
}

/// What is at stake, by currency and direction.
fn stake(cases: &[&Case]) -> Option<Block> {
    let mut sums: BTreeMap<(Currency, Direction), (usize, Money)> = BTreeMap::new();
    for case in cases {
        let Some(amount) = case.at_stake() else { continue };
        let zero = Money::zero(amount.currency());
        let sum = sums.entry((amount.currency(), case.direction())).or_insert((0, zero));
        *sum = (sum.0 + 1, sum.1.checked_add(amount).unwrap_or(sum.1));
    }
    if sums.is_empty() {
        return None;
    }
    let mut table = Table {
        id: "stake-now".to_owned(),
        caption: say!("By currency and by what the amount means for us. Currencies are never added.")
            .to_owned(),
        layout: "tight",
        columns: vec![
            Column::text("What the amount means"),
            Column::text("Currency"),
            Column::number("Cases"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    };
    for ((currency, direction), (count, amount)) in sums {
        table.rows.push(Row {
            cells: vec![
                Cell::text(direction.in_words()),
                Cell::text(currency.code()),
                Cell::count(count),
                Cell::money(amount),
            ],
            ..Row::default()
        });
    }
    Some(section("stake", say!("What is at stake"), vec![Block::Table(table)]))
}

/// What the kind adds to the bridges of each period: why the vendor has another amount than we expect.
fn in_bridges(report: &Report<'_>, kind: Kind) -> Option<Block> {
    let row = BridgeRow::Kind(kind);
    let mut table = Table {
        id: "bridges".to_owned(),
        caption: say!("Vendor calculated less own expected, by period, newest first.").to_owned(),
        layout: "tight",
        columns: vec![
            Column::text("Period"),
            Column::text("Currency"),
            Column::number("Cases"),
            Column::money("Effect", "effect"),
        ],
        ..Table::default()
    };
    for ((month, currency), bridge) in report.bridges.iter().rev() {
        let Some((count, amount)) = bridge.rows.get(&row) else { continue };
        table.rows.push(Row {
            cells: vec![
                Cell::link(month.in_words(), bridge::cases_path(*month, *currency, row)),
                Cell::text(currency.code()),
                Cell::count(*count),
                Cell::money(*amount),
            ],
            ..Row::default()
        });
    }
    if table.rows.is_empty() {
        return None;
    }
    table.rows.truncate(lists::LISTED);
    let heading = say!("What it adds to the difference between calculated and expected");
    Some(section("bridges", heading, vec![Block::Table(table)]))
}

/// The cases, under what they share where there are several causes.
fn cases_now(report: &Report<'_>, kind: Kind, cases: &[&Case], file: &str) -> Result<Block, Error> {
    let shown = cases.len().min(lists::LISTED);
    let all: Vec<&Cause> = causes::of_kind(report, kind).collect();
    let order = if all.len() > 1 {
        say!("by what they share, most money first")
    } else {
        say!("the largest amount first")
    };
    let caption = if shown < cases.len() {
        say!(
            "{shown} of {cases}, {order}. The file holds all of them.",
            shown,
            cases = count_of(cases.len(), "case", "cases"),
            order
        )
    } else {
        say!("{cases}, {order}.", cases = count_of(cases.len(), "case", "cases"), order)
    };
    let table = match all[..] {
        // One cause: its place is the list.
        [] | [_] => lists::case_table(report, "cases-list", caption, cases, lists::LISTED)?,
        [_, ..] => by_cause(report, &all, caption)?,
    };
    let mut blocks = vec![Block::Table(without_columns(table, &["Why"]))];
    if let [cause] = all[..] {
        blocks.insert(0, paragraph(causes::heading(report, cause)));
    }
    if all.iter().any(|cause| cause.fix.is_some()) {
        blocks.push(Block::Paragraph {
            text: vec![
                Text::plain(say!("One row of a reference file would clear a cause: ")),
                Text::link(say!("Fixes ranked by money"), "discrepancy/index.html#fixes"),
                Text::plain(say!(".")),
            ],
        });
    }
    Ok(Block::Section {
        id: "cases".to_owned(),
        heading: say!("Cases now").to_owned(),
        actions: vec![Link::to(say!("Cases CSV"), file)],
        blocks,
    })
}

/// The cases of each cause below its heading, cut where the list is full.
fn by_cause(report: &Report<'_>, all: &[&Cause], caption: String) -> Result<Table, Error> {
    let mut left = lists::LISTED;
    let mut table = lists::case_table(report, "cases-list", caption, &[], 0)?;
    // Sorting by a column would tear the groups apart.
    table.sortable = false;
    let mut anchors = BTreeSet::new();
    for cause in all {
        if left == 0 {
            break;
        }
        let mut cases: Vec<&Case> =
            cause.cases.iter().map(|n| &report.reconciled.cases[*n as usize]).collect();
        cases.sort_by_key(|case| (std::cmp::Reverse(case.at_stake().map_or(0, Money::minor)), case.subject));
        let rows = lists::case_table(report, "", String::new(), &cases, left)?.rows;
        left -= rows.len();
        let id = causes::anchor(cause);
        table.rows.push(Row {
            style: "grp",
            id: if anchors.insert(id.clone()) { id } else { String::new() },
            cells: vec![Cell::text(causes::heading(report, cause))],
        });
        table.rows.extend(rows);
    }
    Ok(table)
}

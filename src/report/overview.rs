//! The overview: where do we stand, and what must I do? The last full calendar month of the shown snapshot.

use std::collections::BTreeMap;

use super::chart::{Chart, Position};
use super::lists::{self, count_of};
use super::page::{Block, Link, Page, Role, Text};
use super::scopes::{ScopeKey, ScopeKind, eligible, money_row, money_table, trimmed};
use super::table::{Cell, Column, Row, Table};
use super::{Made, Report, address, changes, claims, deadlines, query};
use crate::error::Error;
use crate::history::Scope;
use crate::model::money::Currency;
use crate::model::status::Bucket;
use crate::model::time::Month;
use crate::reconcile::figures::Totals;
use crate::{mark, say};

/// How many cases the overview lists.
const ATTENTION: usize = 8;

/// How many months the overview looks back.
const MONTHS: usize = 12;

/// `index.html`.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(super) fn overview(report: &Report<'_>) -> Result<Made, Error> {
    let month = report.default_month();
    let lines = report.scopes.period(month).map_or(&[][..], |m| &m.lines);
    let totals = report.totals(lines);
    let lead = lists::total_sentence(&totals, say!("Total rebate"));
    let as_of = report.reconciled.as_of();
    let mut facts = vec![
        vec![Text::plain(say!(
            "Last full calendar month, {days}",
            days = report.reconciled.rules.reference.period(month).in_words()
        ))],
        unpaid(report),
        vec![Text::plain(say!("Snapshot ")), Text::link(as_of.in_words(), format!("snapshot/{as_of}.html"))],
        query::refresh(&query::of_month(report, month)),
    ];
    let aside = report.reconciled.snapshot.quarantined.len();
    if aside > 0 {
        facts.push(vec![Text::link(
            say!("{aside} kept out of every total", aside = count_of(aside, "row", "rows")),
            "quarantine.html",
        )]);
    }
    facts.extend(deadlines::near(report));
    facts.extend(claims::near(report));
    let mut exports = Vec::new();
    let (status, files) = lists::status_section(report, &totals, "index");
    exports.extend(files);
    let campaigns = campaign_table(report, month, &totals, &mut exports);
    let newest = report.sources.history.newest();
    let subject = say!("Total rebate for {month}", month = month.in_words());
    let mut right: Vec<Block> = Vec::new();
    right.extend(changes::since_before(report, newest, &Scope::of_period(month), &subject));
    right.push(campaigns);
    let mut main = vec![Block::Pair { left: vec![status], right }];
    main.push(attention(report, &mut exports)?);
    main.push(months(report, &totals, &mut exports));
    main.push(find(report, month));
    let top = Report::main_currency(&totals)
        .and_then(|c| totals.get(c))
        .map(|sums| vec![lists::flow(sums)])
        .unwrap_or_default();
    let page = Page {
        path: "index.html".to_owned(),
        title: say!("{month} overview", month = month.in_words()),
        description: lists::plain(&lead),
        nav: "overview",
        heading: month.in_words(),
        periods: report.month_tabs(Some(month)),
        lead,
        facts,
        top,
        main,
        ..Page::default()
    };
    Ok(Made { page, exports })
}

/// What is calculated and not paid, in all periods.
fn unpaid(report: &Report<'_>) -> Vec<Text> {
    let mut all = Totals::default();
    for (line, figures) in report.reconciled.snapshot.records.lines.iter().zip(&report.reconciled.lines) {
        all.add(line, figures);
    }
    let amounts: Vec<String> = all
        .by_weight()
        .into_iter()
        .map(|(_, sums)| sums.sum(&[Bucket::Calculated, Bucket::Approved]).in_words())
        .collect();
    vec![
        Text::plain(say!("Unpaid, all periods: ")),
        Text::link(amounts.join(say!(", ")), "period/index.html"),
    ]
}

fn campaign_table(
    report: &Report<'_>,
    month: Month,
    totals: &Totals,
    exports: &mut Vec<(String, Table)>,
) -> Block {
    let mut blocks = Vec::new();
    let mut actions = Vec::new();
    for (currency, sums) in totals.by_weight() {
        let code = currency.code();
        let mut table = Table {
            id: format!("programs-{}", code.to_lowercase()),
            caption: say!("{month}, in {code}", month = month.in_words(), code),
            layout: "tight",
            columns: vec![
                Column::text("Program"),
                Column::number("Lines"),
                Column::money("Eligible", "eligible"),
                Column::money("Rebate", "total"),
                Column::text("Status").minor(),
            ],
            ..Table::default()
        };
        let mut rows: Vec<(i128, Row)> = Vec::new();
        for (key, members) in report.scopes.of_kind(ScopeKind::Program) {
            let lines: Vec<u32> =
                members.lines.iter().copied().filter(|n| report.line(*n).period == month).collect();
            let of_program = report.totals(&lines);
            if let Some(own) = of_program.get(currency) {
                let bar = Cell { bar: lists::total_segments(own, sums.total()), ..Cell::default() };
                let cells = vec![
                    Cell::link(members.name.clone(), report.scopes.path(key)),
                    Cell::count(own.lines),
                    eligible(own),
                    Cell::money(own.total()),
                    bar,
                ];
                rows.push((own.total().minor(), Row { cells, ..Row::default() }));
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.0));
        table.rows = rows.into_iter().map(|(_, row)| row).collect();
        table.foot.push(Row {
            style: "tot",
            id: String::new(),
            cells: vec![
                Cell::text(say!("Total")),
                Cell::count(sums.lines),
                eligible(sums),
                Cell::money(sums.total()),
                Cell::empty(),
            ],
        });
        let path = format!("index.programs.{}.csv", code.to_lowercase());
        actions.push(Link::to(say!("{code} CSV", code), path.clone()));
        exports.push((path, table.clone()));
        blocks.push(Block::Table(table));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::link(say!("No lines in this month; all programs"), "program/index.html")],
        });
    }
    Block::Section { id: "programs".to_owned(), heading: say!("By program").to_owned(), actions, blocks }
}

fn attention(report: &Report<'_>, exports: &mut Vec<(String, Table)>) -> Result<Block, Error> {
    let cases = lists::attention(report, |_| true);
    let caption = say!(
        "The {min} of {cases} that most need someone to act, all periods; the most severe first, then the largest amount.",
        min = cases.len().min(ATTENTION),
        cases = count_of(cases.len(), "case", "cases")
    );
    let table = lists::case_table(report, "attention", caption, &cases, ATTENTION)?;
    exports.push((
        "index.needs-attention.csv".to_owned(),
        lists::case_table(report, "attention", String::new(), &cases, usize::MAX)?,
    ));
    Ok(Block::Section {
        id: "needs-attention".to_owned(),
        heading: say!("Needs attention").to_owned(),
        actions: vec![
            Link::to(say!("All discrepancies"), "discrepancy/index.html"),
            Link::to(say!("Deadlines"), deadlines::PAGE),
            Link::to("CSV", "index.needs-attention.csv"),
        ],
        blocks: vec![Block::Table(table)],
    })
}

/// The last twelve months of the currency of the default month: as a chart, and newest first as a table.
fn months(report: &Report<'_>, totals: &Totals, exports: &mut Vec<(String, Table)>) -> Block {
    let mut blocks = Vec::new();
    let mut actions = vec![Link::to(say!("All periods"), "period/index.html")];
    let main: Option<Currency> = Report::main_currency(totals);
    if let Some((currency, table)) =
        main.and_then(|currency| month_tables(report, MONTHS).remove_entry(&currency))
    {
        let path = format!("index.months.{}.csv", currency.code().to_lowercase());
        actions.push(Link::to("CSV", path.clone()));
        exports.push((path, table.clone()));
        blocks.extend(month_chart(report, currency).map(|chart| Block::Chart(Box::new(chart))));
        blocks.push(Block::Table(trimmed(table)));
    }
    Block::Section { id: "months".to_owned(), heading: say!("Twelve months").to_owned(), actions, blocks }
}

/// The months up to that of the snapshot, twelve at most and none left out, by status; a month that has not ended is
/// marked. `None` where there are fewer than two: a single one is the bar of the status breakdown.
fn month_chart(report: &Report<'_>, currency: Currency) -> Option<Chart> {
    let as_of = report.reconciled.as_of().date();
    let reference = report.reconciled.rules.reference;
    let newest = reference.month_of(as_of);
    let mut totals: BTreeMap<Month, Totals> = BTreeMap::new();
    for month in report.scopes.months().filter(|month| *month <= newest) {
        let of_month = report.totals(&report.scopes.period(month)?.lines);
        if of_month.get(currency).is_some() {
            totals.insert(month, of_month);
        }
    }
    let (first, last) = (*totals.keys().next()?, *totals.keys().next_back()?);
    let mut months: Vec<Month> = std::iter::successors(Some(last), |month| Some(month.previous()))
        .take(MONTHS)
        .take_while(|month| *month >= first)
        .collect();
    months.reverse();
    if months.len() < 2 {
        return None;
    }
    let positions = months.iter().map(|month| {
        let mut position = Position::month(*month);
        if report.scopes.period(*month).is_some() {
            position = position.link(address::of_month(*month));
        }
        if reference.period(*month).end > as_of { position.open(say!("in progress")) } else { position }
    });
    let sums: Vec<_> =
        months.iter().map(|month| totals.get(month).and_then(|totals| totals.get(currency))).collect();
    Some(Chart::stacked(
        "months-chart",
        say!("Total rebate by earned period and status"),
        say!("Period"),
        positions.collect(),
        lists::status_series(&sums),
    ))
}

/// The newest months as tables, one per currency.
pub(super) fn month_tables(report: &Report<'_>, newest: usize) -> BTreeMap<Currency, Table> {
    let mut tables: BTreeMap<Currency, Table> = BTreeMap::new();
    let mut all: BTreeMap<Currency, Vec<u32>> = BTreeMap::new();
    for month in report.scopes.months().rev().take(newest) {
        let Some(members) = report.scopes.period(month) else { continue };
        for (currency, sums) in report.totals(&members.lines).iter() {
            let code = currency.code();
            let table = tables.entry(currency).or_insert_with(|| {
                money_table(
                    &format!("months-{}", code.to_lowercase()),
                    say!("By earned period, newest first. Amounts in {code}.", code),
                    mark!("Period"),
                )
            });
            table.rows.push(money_row("", Cell::link(month.in_words(), address::of_month(month)), sums));
            all.entry(currency)
                .or_default()
                .extend(members.lines.iter().filter(|n| report.line(**n).currency == currency));
        }
    }
    for (currency, table) in &mut tables {
        if let Some(sums) =
            all.get(currency).map(|lines| report.totals(lines)).as_ref().and_then(|t| t.get(*currency))
        {
            table.foot.push(money_row("tot", Cell::text(say!("All these periods")), sums));
        }
    }
    tables
}

fn find(report: &Report<'_>, month: Month) -> Block {
    let campaign = report
        .scopes
        .of_kind(ScopeKind::Campaign)
        .filter(|(_, members)| members.lines.iter().any(|n| report.line(*n).period == month))
        .max_by_key(|(_, members)| members.lines.len())
        .map(|(key, members)| {
            Link::to(say!("{members}, all periods", members = members.name), report.scopes.path(key))
        });
    let mut sales = vec![
        Link::to(say!("What each status means"), "status/index.html"),
        Link::to(say!("Customers"), "customer/index.html"),
    ];
    sales.splice(0..0, campaign);
    let role = |heading: &str, question: &str, links| Role {
        heading: heading.to_owned(),
        question: question.to_owned(),
        links,
    };
    Block::Section {
        id: "find".to_owned(),
        heading: say!("Find an answer").to_owned(),
        actions: Vec::new(),
        blocks: vec![Block::Roles {
            roles: vec![
                role(say!("Sales"), say!("What is the status, and when is it paid?"), sales),
                role(
                    say!("Finance"),
                    say!("Does it reconcile, and what can I attach?"),
                    vec![
                        Link::to(
                            say!("{month} in full, with downloads", month = month.in_words()),
                            address::of_month(month),
                        ),
                        Link::to(say!("Tie-out of the files"), "quarantine.html"),
                        Link::to(say!("Batches"), "batch/index.html"),
                    ],
                ),
                role(
                    say!("Support"),
                    say!("Why is it missing, and what do I ask for?"),
                    vec![
                        Link::to(say!("All discrepancies"), "discrepancy/index.html"),
                        Link::to(say!("Common fixes"), "kb/index.html"),
                        Link::to(say!("Look up a reason"), "reason/index.html"),
                    ],
                ),
            ],
        }],
    }
}

/// The key of a campaign or program page for a line, used by lists of periods.
pub(super) fn scope_cell(report: &Report<'_>, key: &ScopeKey) -> Cell {
    let name = report.scopes.members(key).map_or("", |m| m.name.as_str());
    Cell::link(name, report.scopes.path(key))
}

//! Reasons: the vendor's codes in plain words, what to do about each, and which lines have it now.

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use super::super::lists::count_of;
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report};
use super::{body, from_overview, head, lines_now, panel, paragraph, place, plain_list, section};
use crate::content::ReasonPage;
use crate::error::Error;
use crate::explain::Facts;
use crate::model::reference::ReasonRow;
use crate::normalize::word;
use crate::reconcile::kinds::Kind;
use crate::reconcile::matching::numbered;
use crate::say;

/// The lines of every reason, and how often the vendor gives each code that the reason map does not know.
struct Found {
    lines: BTreeMap<Ustr, Vec<u32>>,
    unknown: BTreeMap<Ustr, usize>,
}

/// Sorts the lines by reason: their own and those of their adjustments, each line once per reason.
fn found(report: &Report<'_>) -> Found {
    let mut found = Found { lines: BTreeMap::new(), unknown: BTreeMap::new() };
    let mut known: HashMap<Ustr, Option<Ustr>> = HashMap::new();
    let mut canonical = |raw: Ustr| {
        *known.entry(raw).or_insert_with(|| report.reconciled.reason(Some(raw)).map(|row| row.reason))
    };
    for (number, line) in numbered(&report.reconciled.snapshot.records.lines) {
        let adjustments = report.reconciled.adjustments(line.id).iter().filter_map(|a| a.reason_raw);
        for raw in line.reason_raw.into_iter().chain(adjustments) {
            match canonical(raw) {
                Some(reason) => {
                    let lines = found.lines.entry(reason).or_default();
                    if lines.last() != Some(&number) {
                        lines.push(number);
                    }
                }
                None => *found.unknown.entry(word(&raw)).or_default() += 1,
            }
        }
    }
    found
}

/// The rows of the reason map that lead to a reason.
fn rows_of<'r>(report: &'r Report<'_>, code: &'r str) -> impl Iterator<Item = &'r ReasonRow> {
    report.reconciled.rules.reference.reasons.iter().filter(move |row| row.reason == code)
}

/// `reason/index.html`: every reason in plain words.
pub(in crate::report) fn reasons(report: &Report<'_>) -> Result<Made, Error> {
    let found = found(report);
    let lead = say!(
        "Why a line has its status, in plain words. Each reason says what it means, what to do next and when it \
                usually changes."
    );
    let mut page =
        head("reason/index.html", "statuses", from_overview(), say!("Reasons"), vec![Text::plain(lead)]);
    page.facts = vec![
        vec![Text::link(say!("All statuses"), "status/index.html")],
        vec![Text::link(say!("Knowledge base"), "kb/index.html")],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    page.main = vec![section("all", say!("All reasons"), vec![Block::Table(index(report, &found))])];
    page.main.extend(unknown_codes(&found));
    Ok(page.into())
}

fn index(report: &Report<'_>, found: &Found) -> Table {
    let mut table = Table {
        id: "reasons".to_owned(),
        caption: say!("Most lines first. A line counts when its reason, or the reason of one of its adjustments, is this one.")
            .to_owned(),
        layout: "cards",
        sortable: true,
        columns: vec![
            Column::text("Reason"),
            Column::text("What it means"),
            Column::text("What to do next"),
            Column::text("Vendor codes"),
            Column::text("Name in data").minor(),
            Column::number("Lines now"),
        ],
        empty: say!("No reason is described: add pages to content/reasons.").to_owned(),
        ..Table::default()
    };
    let count = |page: &ReasonPage| found.lines.get(&Ustr::from(&page.code)).map_or(0, Vec::len);
    let mut pages: Vec<&ReasonPage> = report.sources.content.reasons.values().collect();
    pages.sort_by_key(|page| std::cmp::Reverse(count(page)));
    for page in pages {
        let codes: Vec<&str> = rows_of(report, &page.code).map(|row| row.raw.as_str()).collect();
        let codes = if codes.is_empty() {
            Cell { none: Some(say!("no vendor code leads here")), ..Cell::default() }
        } else {
            Cell::code(codes.join(say!(", ")))
        };
        table.rows.push(Row {
            cells: vec![
                Cell::link(page.label.clone(), path(&page.code)),
                Cell::text(page.meaning.clone()),
                Cell::text(page.next_step.clone()),
                codes,
                Cell::code(page.code.clone()),
                Cell::count(count(page)),
            ],
            ..Row::default()
        });
    }
    table
}

/// Codes of the vendor that nobody has put into words yet.
fn unknown_codes(found: &Found) -> Option<Block> {
    if found.unknown.is_empty() {
        return None;
    }
    let mut table = Table {
        id: "unknown-list".to_owned(),
        caption: say!("Ask the vendor what each code means, then add a row to reference/reason_map.csv.")
            .to_owned(),
        layout: "tight",
        columns: vec![Column::text("Vendor code"), Column::number("Times given")],
        ..Table::default()
    };
    table.rows.extend(found.unknown.iter().map(|(raw, count)| Row {
        cells: vec![Cell::code(crate::diagnostic::visible(raw)), Cell::count(*count)],
        ..Row::default()
    }));
    Some(section("unknown", say!("Vendor codes without words"), vec![Block::Table(table)]))
}

fn path(code: &str) -> String {
    format!("reason/{code}.html")
}

/// `reason/<code>.html`.
///
/// # Errors
/// [`Error::Content`] when its text cannot be shown.
pub(in crate::report) fn reason(report: &Report<'_>, code: &str) -> Result<Made, Error> {
    let Some(content) = report.sources.content.reasons.get(code) else { return Ok(Made::default()) };
    let lines = found(report).lines.remove(&Ustr::from(code)).unwrap_or_default();
    let mut page = head(
        path(code),
        "statuses",
        Link::to(say!("Reasons"), "reason/index.html"),
        content.label.trim_end_matches('.'),
        vec![Text::plain(content.meaning.clone())],
    );
    page.kind = say!("reason");
    page.facts = vec![
        vec![Text::link(
            say!("{lines} now", lines = count_of(lines.len(), "line", "lines")),
            format!("{}#lines", path(code)),
        )],
        vec![Text::plain(recoverable(&content.recoverable))],
        vec![Text::plain(say!("In data files ")), Text::code(content.code.clone())],
    ];
    page.top = vec![Block::Pair {
        left: vec![panel(say!("What to do next"), vec![paragraph(content.next_step.clone())])],
        right: vec![panel(say!("When it updates"), vec![paragraph(content.expected.clone())])],
    }];
    let (now, exports) = lines_now(
        report,
        &lines,
        &format!("reason/{code}"),
        say!("No line has this reason in this snapshot."),
    );
    page.main = vec![Block::Pair { left: vec![documents(content)], right: vec![helpful(report, content)] }];
    let prose = body(report, &format!("reasons/{code}.md"), &content.body)?;
    if !prose.is_empty() {
        page.main.push(section("more", say!("More about this reason"), prose));
    }
    page.main.push(now);
    page.main.push(codes(report, content));
    Ok(Made { page, exports })
}

/// Whether something can be done, as a sentence (requirements, trap T-7).
fn recoverable(word: &str) -> String {
    match word {
        "yes" => say!("Can be corrected").to_owned(),
        "no" => say!("Cannot be changed by anything we send").to_owned(),
        "unknown" => say!("Whether it can be corrected depends on the case").to_owned(),
        other => say!("Can be corrected: {other}", other),
    }
}

fn documents(content: &ReasonPage) -> Block {
    let list = if content.documents.is_empty() {
        paragraph(say!("Nothing needs to be sent."))
    } else {
        plain_list(&content.documents)
    };
    section("documents", say!("Documents to send"), vec![list])
}

fn helpful(report: &Report<'_>, content: &ReasonPage) -> Block {
    let steps = content.fix.as_ref().map(|_| {
        // Without the facts of an order most fixes cannot be told; then the order page tells them.
        let fix = report.sources.sentences.reason_fix(&content.code, &Facts::default());
        let fix = if fix.is_empty() {
            say!("Open the order: its page names the recommended fix.").to_owned()
        } else {
            fix
        };
        vec![Text::plain(fix)]
    });
    super::recommended_actions(report, steps.into_iter().collect(), &content.kb)
}

fn codes(report: &Report<'_>, content: &ReasonPage) -> Block {
    let mut table = Table {
        id: "codes-list".to_owned(),
        caption: say!("As the reason map of this build says. Case and spaces do not matter.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Vendor code"),
            Column::text("Plain words"),
            Column::text("Stands for"),
            Column::text("Written in"),
        ],
        empty: say!("No code of the vendor leads here: the reason map has no row for this reason.")
            .to_owned(),
        ..Table::default()
    };
    for row in rows_of(report, &content.code) {
        let kind = row.implies.and_then(|code| Kind::parse(&code));
        table.rows.push(Row {
            cells: vec![
                Cell::code(row.raw.as_str()),
                Cell::text(report.plain_reason(row)),
                kind.map_or(Cell { none: Some(say!("no discrepancy")), ..Cell::default() }, |kind| {
                    let title = report.sources.content.kind(kind).title.clone();
                    Cell::link(title, format!("discrepancy/{}.html", kind.code()))
                }),
                place(report, &row.origin),
            ],
            ..Row::default()
        });
    }
    section("codes", say!("Vendor codes that lead here"), vec![Block::Table(table)])
}

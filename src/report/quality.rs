//! The quality of the data behind the report: what could not be read, whether every file ties, which snapshots there
//! are, and what this build is made of.

mod about;
mod audiences;
mod gaps;
mod snapshots;
mod tieout;
mod trends;

pub(super) use about::about;
pub(super) use audiences::audiences;
pub(super) use gaps::gaps;
pub(super) use snapshots::{snapshot, snapshots};

use super::lists::{self, count_of};
use super::page::{Block, Link, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::{amounts_in_words, head, paragraph, without_columns};
use super::{Made, Report};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::FileKind;
use crate::language::label;
use crate::model::money::MoneyByCurrency;
use crate::model::record::SourceRef;
use crate::normalize::controls::control_totals;
use crate::normalize::{FileUse, Quarantined};
use crate::reconcile::kinds::Kind;
use crate::{mark, say};

/// Characters of a row's text that are shown.
const RAW_SHOWN: usize = 200;
/// Columns of the file of rows set aside that the page shows elsewhere.
const AS_RECEIVED: &str = mark!("As received");
const AMOUNT_FROM: &str = mark!("Amount from");
/// How an amount was read that the row does not give itself.
const IMPLIED: &str = mark!("from base × rate");

/// `quarantine.html`: the rows that are set aside, and the tie-out of every file.
pub(super) fn quarantine(report: &Report<'_>) -> Made {
    let aside: Vec<&Quarantined> = set_aside(report).collect();
    let mut page = head(
        "quarantine.html",
        "discrepancies",
        Link::to(say!("Discrepancies"), "discrepancy/index.html"),
        say!("Rows set aside and tie-out"),
        lead(report, &aside),
    );
    page.facts = vec![
        vec![Text::link(say!("Rows set aside"), "quarantine.html#rows")],
        vec![Text::link(say!("Tie-out per file"), "quarantine.html#files")],
        vec![Text::link(say!("Control totals"), "quarantine.html#control-totals")],
        vec![Text::link(say!("Warnings and notes"), "quarantine.html#diagnostics")],
        vec![Text::link(say!("Mapping gaps"), "mapping.html")],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    let notes: Vec<&Diagnostic> =
        report.sources.diagnostics.iter().filter(|d| d.severity < Severity::Error).collect();
    let tables = [
        ("rows", say!("Rows set aside"), say!("Rows CSV"), rows_table(report, &aside)),
        ("files", say!("Tie-out per file"), say!("Files CSV"), tieout::files_table(report)),
        ("control-totals", say!("Control totals"), say!("Control totals CSV"), tieout::control_table(report)),
        ("diagnostics", say!("Warnings and notes"), say!("Warnings CSV"), notes_table(&notes)),
    ];
    let mut exports = Vec::new();
    for (id, heading, link, table) in tables {
        let file = format!("quarantine.{id}.csv");
        let mut blocks = vec![Block::Table(without_columns(cut(table.clone()), &[AS_RECEIVED, AMOUNT_FROM]))];
        if id == "rows" && !aside.is_empty() {
            blocks.extend([what_to_do(report), Block::Table(as_received(report, &aside))]);
        }
        page.main.push(Block::Section {
            id: id.to_owned(),
            heading: heading.to_owned(),
            actions: vec![Link::to(link, file.clone())],
            blocks,
        });
        exports.push((file, table));
    }
    Made { page, exports }
}

/// Every row of the files in use that is kept out, of the reference files first, of months that a newer file gives last.
pub(super) fn set_aside<'r>(report: &'r Report<'_>) -> impl Iterator<Item = &'r Quarantined> {
    let snapshot = report.reconciled.snapshot;
    report.sources.reference_quarantined.iter().chain(&snapshot.quarantined).chain(&snapshot.replaced)
}

fn lead(report: &Report<'_>, aside: &[&Quarantined]) -> Vec<Text> {
    let open = control_totals(report.sources.files, report.reconciled.snapshot)
        .iter()
        .filter(|check| !check.is_explained())
        .count();
    let mut lead = if aside.is_empty() {
        vec![Text::plain(say!("Every row was read; none is kept out of a total."))]
    } else {
        let is = if aside.len() == 1 { say!(" is") } else { say!(" are") };
        let mut sums = MoneyByCurrency::default();
        sums.extend(aside.iter().filter_map(|row| row.amount));
        let amounts = amounts_in_words(&sums);
        let amounts = if amounts.is_empty() {
            String::new()
        } else {
            say!(", {amounts} where an amount can be read", amounts)
        };
        vec![
            Text::strong(count_of(aside.len(), "row", "rows")),
            Text::plain(say!(
                "{is} kept out of every total{amounts}. Nothing is guessed and nothing is lost.",
                is,
                amounts
            )),
        ]
    };
    lead.push(Text::plain(match open {
        0 => say!(" Every control total ties.").to_owned(),
        1 => say!(" 1 control total does not tie.").to_owned(),
        _ => say!(" {open} control totals do not tie.", open),
    }));
    if report.reconciled.snapshot.records.control_totals.is_empty() {
        lead.pop();
        lead.push(Text::plain(say!(" No control total was received to tie to.")));
    }
    lead
}

/// The part of a table that a page lists.
fn cut(mut table: Table) -> Table {
    let all = table.rows.len();
    if all > lists::LISTED {
        table.rows.truncate(lists::LISTED);
        table.caption = say!(
            "{caption} The first {shown} of {all}; the file holds all of them.",
            caption = table.caption,
            shown = lists::LISTED,
            all
        );
    }
    table
}

fn what_to_do(report: &Report<'_>) -> Block {
    let content = report.sources.content;
    let page = content.kind(Kind::RowQuarantined);
    let mut words = vec![Text::plain(say!(
        "Ask the owner of the file for a corrected one, put it in a new snapshot folder and build again. The file as \
         received stays as it is. "
    ))];
    words.push(Text::link(page.title.clone(), format!("discrepancy/{}.html", Kind::RowQuarantined.code())));
    for article in page.kb.iter().filter_map(|id| content.articles.get(id)) {
        words.push(Text::plain(" · "));
        words.push(Text::link(article.title.clone(), format!("kb/{}.html", article.id)));
    }
    Block::Note { tone: "unknown-error", text: words }
}

fn rows_table(report: &Report<'_>, aside: &[&Quarantined]) -> Table {
    Table {
        id: "rows-list".to_owned(),
        caption: say!("By file and line. The line is the one that a text editor shows.").to_owned(),
        layout: "cards",
        sortable: true,
        columns: vec![
            Column::text("File"),
            Column::number("Line"),
            Column::text("Field"),
            Column::text("Value"),
            Column::text("Why"),
            Column::text("What to do"),
            Column::text("Order"),
            Column::text(AS_RECEIVED),
            Column::text(AMOUNT_FROM),
            Column::text("Currency").minor(),
            Column::money("Amount", "amount"),
        ],
        rows: aside.iter().map(|row| aside_row(report, row)).collect(),
        empty: say!("Every row was read: no row of this snapshot or of the reference files is set aside.")
            .to_owned(),
        ..Table::default()
    }
}

fn aside_row(report: &Report<'_>, row: &Quarantined) -> Row {
    let files = report.sources.files;
    let (path, line) = (files.path(row.source), files.line(row.source));
    let order = row.order.map_or_else(Cell::empty, |id| {
        if report.reconciled.matching.rows(id).is_empty() {
            Cell::text(id.raw())
        } else {
            Cell::link(id.raw(), report.order_path(id))
        }
    });
    let (amount, from) = match row.amount {
        Some(amount) if row.is_amount_implied => {
            (Cell::money(amount).with_note(label(IMPLIED)), label(IMPLIED))
        }
        Some(amount) => (Cell::money(amount), say!("the amount of the row")),
        None => {
            (Cell { none: Some(say!("no readable amount")), ..Cell::default() }, say!("no readable amount"))
        }
    };
    Row {
        id: anchor(path, line),
        cells: vec![
            Cell::code(path),
            Cell { text: line.to_string(), ..Cell::default() },
            Cell::text(joined(&row.problems, ", ", |p| &p.field)),
            Cell::code(joined(&row.problems, " · ", |p| &p.value)),
            Cell::text(joined(&row.problems, "; ", |p| &p.message)),
            Cell::text(joined(&row.problems, "; ", |p| &p.help)),
            order,
            Cell::code(raw(report, row.source)),
            Cell::text(from),
            Cell::text(row.currency.map_or("", |c| c.code())),
            amount,
        ],
        ..Row::default()
    }
}

/// The rows themselves, in the order of the table above.
fn as_received(report: &Report<'_>, aside: &[&Quarantined]) -> Table {
    let files = report.sources.files;
    let rows = aside.iter().map(|row| Row {
        cells: vec![
            Cell::code(format!("{}:{}", files.path(row.source), files.line(row.source))),
            Cell::code(raw(report, row.source)),
        ],
        ..Row::default()
    });
    cut(Table {
        id: "as-received".to_owned(),
        caption: say!("The text of each row as it was received, up to {RAW_SHOWN} characters.", RAW_SHOWN),
        layout: "cards",
        columns: vec![Column::text("File and line"), Column::text(AS_RECEIVED)],
        rows: rows.collect(),
        ..Table::default()
    })
}

/// One part of several problems; what they share is said once.
fn joined<'p>(
    problems: &'p [Diagnostic],
    between: &str,
    part: impl Fn(&'p Diagnostic) -> &'p String,
) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for text in problems.iter().map(part).map(String::as_str).filter(|text| !text.is_empty()) {
        if !parts.contains(&text) {
            parts.push(text);
        }
    }
    parts.join(between)
}

/// The anchor of a row: `2026-06-18-orders-csv-52`.
fn anchor(path: &str, line: u32) -> String {
    let path: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{path}-{line}")
}

/// The text of a row, safe to show and cut.
fn raw(report: &Report<'_>, source: SourceRef) -> String {
    shown(report.sources.files.raw(source).trim_end_matches(['\r', '\n']))
}

fn shown(text: &str) -> String {
    let characters: Vec<char> = text.chars().take(RAW_SHOWN + 1).collect();
    // In pieces that `visible` does not cut.
    let pieces = characters.iter().take(RAW_SHOWN).collect::<Vec<_>>();
    let mut shown: String =
        pieces.chunks(50).map(|piece| visible(&piece.iter().copied().collect::<String>())).collect();
    if characters.len() > RAW_SHOWN {
        shown.push('…');
    }
    shown
}

fn notes_table(notes: &[&Diagnostic]) -> Table {
    let mut table = Table {
        id: "diagnostics-list".to_owned(),
        caption: say!("Odd, and used all the same; or worth knowing. Nothing here is left out of a total.")
            .to_owned(),
        layout: "cards",
        sortable: true,
        columns: vec![
            Column::text("File"),
            Column::number("Line"),
            Column::text("Field"),
            Column::text("What was found"),
            Column::text("What to do"),
            Column::text("Code").minor(),
            Column::text("Severity"),
        ],
        empty: say!("There is no warning and no note.").to_owned(),
        ..Table::default()
    };
    table.rows.extend(notes.iter().map(|note| Row {
        cells: vec![
            Cell::code(note.file.clone()),
            if note.line == 0 { Cell::empty() } else { Cell::text(note.line.to_string()) },
            Cell::text(note.field.clone()),
            Cell::text(note.message.clone()),
            Cell::text(note.help.clone()),
            Cell::code(note.code),
            Cell::text(label(note.severity.label())),
        ],
        ..Row::default()
    }));
    table
}

/// The files this snapshot and its checks rest on: those of the snapshot, then the reference files.
pub(super) fn all_uses<'r>(report: &'r Report<'_>) -> impl Iterator<Item = &'r FileUse> {
    report.reconciled.snapshot.uses.iter().chain(report.sources.reference_uses)
}

/// What a file holds, in words.
pub(super) fn holds(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Orders => say!("Our orders"),
        FileKind::Cancellations => say!("Our cancellations and refunds"),
        FileKind::RebateLines => say!("The vendor's rebate lines"),
        FileKind::Adjustments => say!("The vendor's adjustments"),
        FileKind::Payouts => say!("Payouts"),
        FileKind::ControlTotals => say!("Totals declared for the files"),
        FileKind::Sources => say!("Sources and how fresh they are"),
        FileKind::Accounts => say!("Account map"),
        FileKind::Skus => say!("SKU map"),
        FileKind::Programs => say!("Rebate programs"),
        FileKind::ProgramRates => say!("Rates of the programs"),
        FileKind::Enrollments => say!("Enrollments in programs"),
        FileKind::Periods => say!("Reporting periods"),
        FileKind::StatusMap => say!("Status map"),
        FileKind::ReasonMap => say!("Reason map"),
        FileKind::Aliases => say!("Confirmed pairs of IDs"),
        FileKind::Fx => say!("Exchange rates"),
        FileKind::Journals => say!("Write-offs and manual journals"),
        FileKind::Ledger => say!("Balances of the general ledger"),
        FileKind::Signoffs => say!("Sign-offs of close packs"),
        FileKind::Claims => say!("What was claimed from the vendor"),
    }
}

/// What a page says about the shares of a file's rows.
fn row_columns() -> Vec<Column> {
    vec![
        Column::number("Rows"),
        Column::number("Loaded"),
        Column::number("Merged"),
        Column::number("Set aside"),
        Column::number("Blank"),
    ]
}

fn row_cells(counts: crate::normalize::RowCounts) -> Vec<Cell> {
    [counts.rows, counts.loaded, counts.merged, counts.quarantined, counts.blank].map(Cell::count).to_vec()
}

/// A paragraph below a table of row counts.
fn row_words() -> Block {
    paragraph(say!(
        "Merged: the same row given twice, counted once. Set aside: could not be read, kept out of every total."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_shown_safely_and_cut() {
        assert_eq!(shown("a,\u{202e}b\u{1b}"), "a,\\u{202e}b\\u{1b}");
        assert_eq!(shown(&"订".repeat(200)), "订".repeat(200));
        assert_eq!(shown(&"x".repeat(201)).chars().count(), 201);
    }

    #[test]
    fn what_several_problems_share_is_said_once() {
        let problem = |field: &str| Diagnostic {
            field: field.to_owned(),
            ..Diagnostic::of_file(Severity::Error, "x", "f.csv", format!("`{field}` is odd"), "correct it")
        };
        let problems = [problem("amount"), problem("date")];
        assert_eq!(joined(&problems, ", ", |p| &p.field), "amount, date");
        assert_eq!(joined(&problems, "; ", |p| &p.help), "correct it");
        assert_eq!(anchor("2026-06-18/orders.csv", 52), "2026-06-18-orders-csv-52");
    }
}

//! Mapping gaps: words that no map knows, records that no row of our reference files covers, columns that no file gives and
//! columns that nothing reads.

use std::collections::BTreeMap;

use super::super::causes;
use super::super::lists::{capitalized, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::words::head;
use super::super::{Made, Report};
use super::all_uses;
use crate::diagnostic::visible;
use crate::ingest::columns::absence::ABSENCES;
use crate::language::label;
use crate::model::money::{Currency, Money};
use crate::model::status::Status;
use crate::say;

const PATH: &str = "mapping.html";

/// `mapping.html`.
pub(in crate::report) fn gaps(report: &Report<'_>) -> Made {
    let words = words(report);
    let missing = causes::unmapped(report);
    let columns = columns(report);
    let unknown = unknown(report);
    let unread: usize = columns.rows.iter().filter(|row| !row.cells[3].text.is_empty()).count();
    let lead = match (words.rows.len(), missing.rows.len()) {
        (0, 0) => {
            say!("Every status and reason has a meaning, and every account, product and region is mapped.")
                .to_owned()
        }
        (words, missing) => say!(
            "{unknown} without a meaning and {missing} without a row in our reference files. Each comes with the row to add.",
            unknown = count_of(words, "word", "words"),
            missing = count_of(missing, "record", "records")
        ),
    };
    let kept = match unread {
        0 => String::new(),
        1 => say!(" 1 file has columns that no answer uses; they are kept as evidence.").to_owned(),
        _ => say!(" {unread} files have columns that no answer uses; they are kept as evidence.", unread),
    };
    let lead = format!("{lead}{kept}");
    let mut page = head(
        PATH,
        "discrepancies",
        Link::to(say!("Discrepancies"), "discrepancy/index.html"),
        say!("Mapping gaps"),
        vec![Text::plain(lead)],
    );
    page.facts = vec![
        vec![Text::link(say!("Words"), format!("{PATH}#words"))],
        vec![Text::link(say!("Records"), format!("{PATH}#records"))],
        vec![Text::link(say!("Columns"), format!("{PATH}#columns"))],
        vec![Text::link(say!("What cannot be known"), format!("{PATH}#unknown"))],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    let mut exports = Vec::new();
    for (id, heading, table) in [
        ("words", say!("Words without a meaning"), words),
        ("records", say!("Records without a row in our reference files"), missing),
        ("columns", say!("Columns of the files"), columns),
        ("unknown", say!("What cannot be known"), unknown),
    ] {
        let file = format!("mapping.{id}.csv");
        page.main.push(Block::Section {
            id: id.to_owned(),
            heading: heading.to_owned(),
            actions: vec![Link::to("CSV", file.clone())],
            blocks: vec![Block::Table(table.clone())],
        });
        exports.push((file, table));
    }
    Made { page, exports }
}

/// A word that no map knows: what it is, its source, itself.
type Word<'r> = (&'static str, &'r str, &'r str);

fn words(report: &Report<'_>) -> Table {
    let mut found: BTreeMap<(Word<'_>, Currency), (usize, Option<Money>)> = BTreeMap::new();
    for line in &report.reconciled.snapshot.records.lines {
        let source = report.sources.files.get(line.origin.source.file).source();
        let status = (line.status == Status::Unknown).then_some(("status", line.status_raw));
        let reason = line.reason_raw.filter(|_| report.reconciled.reason(line.reason_key).is_none());
        for (what, word) in status.into_iter().chain(reason.map(|word| ("reason", word))) {
            let (count, sum) = found.entry(((what, source, word.as_str()), line.currency)).or_default();
            *count += 1;
            let amount = line.amount_calculated.unwrap_or(Money::zero(line.currency));
            *sum = sum.map_or(Some(amount), |sum| sum.checked_add(amount).ok());
        }
    }
    let rows = found.into_iter().map(|(((what, source, word), currency), (count, sum))| {
        let row = if what == "status" {
            format!("{word},<canonical>,<bucket>,,,{source}")
        } else {
            format!("{word},<canonical_reason>,,<plain_text>,{source}")
        };
        let file = if what == "status" { "reference/status_map.csv" } else { "reference/reason_map.csv" };
        Row {
            cells: vec![
                Cell::code(visible(word)),
                Cell::text(what),
                Cell::text(if source.is_empty() { say!("any") } else { source }),
                Cell::count(count),
                Cell::text(currency.code()),
                Cell::money_or_none(sum),
                Cell::code(visible(&row)),
                Cell::text(file),
            ],
            ..Row::default()
        }
    });
    Table {
        id: "words-list".to_owned(),
        caption: say!("The vendor's words that no map knows. A line with such a status is in no bucket but Unknown. Calculated amounts of all periods. A person says what a word means.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Word"),
            Column::text("What it is"),
            Column::text("Source"),
            Column::number("Lines"),
            Column::text("Currency"),
            Column::money("Calculated", "calculated"),
            Column::text("Row to add"),
            Column::text("File"),
        ],
        rows: rows.collect(),
        empty: say!("Every status and reason of this snapshot has a meaning.").to_owned(),
        ..Table::default()
    }
}

fn columns(report: &Report<'_>) -> Table {
    let named = |names: Vec<String>| names.join(say!(", "));
    let rows = all_uses(report).map(|used| {
        let file = report.sources.files.get(used.file);
        let columns = file.kind().columns();
        let absent = (0..columns.len()).filter(|column| !file.has(*column));
        let absent: Vec<String> = absent.map(|column| columns[column].name.to_owned()).collect();
        let read = file.headers_read();
        let unread = file.header().iter().enumerate().filter(|(position, _)| !read.contains(position));
        let unread: Vec<String> = unread.map(|(_, name)| visible(name)).collect();
        Row {
            cells: vec![
                Cell::code(file.path()),
                Cell::text(say!(
                    "{absent} of {columns}",
                    absent = columns.len() - absent.len(),
                    columns = columns.len()
                )),
                Cell::text(named(absent)),
                Cell::text(named(unread)),
            ],
            ..Row::default()
        }
    });
    Table {
        id: "columns-list".to_owned(),
        caption: say!("What each file gives of what could be known, and what of it no answer uses.")
            .to_owned(),
        layout: "wide",
        columns: vec![
            Column::text("File"),
            Column::text("Columns read"),
            Column::text("Not given"),
            Column::text("Kept as evidence"),
        ],
        rows: rows.collect(),
        empty: say!("No file was read.").to_owned(),
        ..Table::default()
    }
}

/// What no file of a kind says, and what follows from that (requirement A-054).
fn unknown(report: &Report<'_>) -> Table {
    let files: Vec<_> = all_uses(report).map(|used| report.sources.files.get(used.file)).collect();
    let rows = ABSENCES.iter().filter_map(|absence| {
        let of_kind = || files.iter().filter(|file| file.kind() == absence.kind);
        let is_missing = match absence.column {
            None => of_kind().next().is_none(),
            Some(column) => of_kind().next().is_some() && of_kind().all(|file| !file.has(column)),
        };
        let column = absence.column.map(|column| Cell::code(absence.kind.columns()[column].name));
        // `no payouts: …` is the file and the column again.
        let without = label(absence.without);
        let what = without.split_once([':', '：']).map_or(without, |(_, what)| what.trim_start());
        is_missing.then(|| Row {
            cells: vec![
                Cell::text(capitalized(what)),
                Cell::code(absence.kind.name()),
                column.unwrap_or_else(|| Cell::text(say!("the whole file"))),
            ],
            ..Row::default()
        })
    });
    Table {
        id: "unknown-list".to_owned(),
        caption: say!("What no file of this snapshot says, and what follows from that. Ask for the file or the column where you need the answer.")
            .to_owned(),
        layout: "cards",
        columns: vec![Column::text("What follows"), Column::text("File"), Column::text("Column that none has")],
        rows: rows.collect(),
        empty: say!("Every file and every column that an answer rests on is there.").to_owned(),
        ..Table::default()
    }
}

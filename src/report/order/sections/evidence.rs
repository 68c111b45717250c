//! The evidence of an order page: file, physical line and checksum of every row that it rests on.

use super::super::{Subject, table};
use crate::diagnostic::visible;
use crate::model::record::SourceRef;
use crate::report::Report;
use crate::report::page::{Block, Link};
use crate::report::table::{Cell, Column, Row};
use crate::say;

/// Where every value came from: file, physical line and checksum of the row.
pub(in crate::report::order) fn evidence(subject: &Subject<'_>) -> Block {
    let report = subject.report;
    let files = report.sources.files;
    let mut rows = Vec::new();
    let mut push = |what: String, id: String, source: SourceRef, note: Option<String>| {
        let first = Cell { note, ..Cell::text(what) };
        rows.push(Row {
            id,
            cells: vec![
                first,
                Cell::code(files.path(source)),
                Cell::text(files.line(source).to_string()),
                Cell::code(&files.row_sha256(source)[..12]),
            ],
            ..Row::default()
        });
    };
    let extra = |source: SourceRef| {
        let cells = files.get(source.file).unknown_cells(source.record);
        let words: Vec<String> = cells
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(n, v)| say!("{value}: {value_2}", value = visible(n), value_2 = visible(v)))
            .collect();
        (!words.is_empty()).then(|| words.join(say!(", ")))
    };
    for row in &subject.rows {
        let order = report.order(*row);
        let name = order.line.map_or_else(|| say!("Order").to_owned(), |l| say!("Order line {l}", l));
        push(name.clone(), String::new(), order.origin.source, extra(order.origin.source));
        for copy in &order.origin.copies {
            push(say!("{name}, identical row merged", name), String::new(), *copy, None);
        }
    }
    for number in &subject.lines {
        let line = report.line(*number);
        push(
            say!("Rebate line {id}", id = line.id),
            String::new(),
            line.origin.source,
            extra(line.origin.source),
        );
        for copy in &line.origin.copies {
            push(say!("Rebate line {id}, identical row merged", id = line.id), String::new(), *copy, None);
        }
        for adjustment in report.reconciled.adjustments(line.id) {
            push(say!("Adjustment {id}", id = adjustment.id), String::new(), adjustment.origin.source, None);
        }
        if let Some(payout) = line.payout.and_then(|id| report.reconciled.payout(id)) {
            push(say!("Payout {id}", id = payout.id), String::new(), payout.origin.source, None);
        }
    }
    for record in report.reconciled.cancellations(subject.order.id) {
        let id = format!("cancellation-{}", crate::report::address::of_id(record.id.canonical()));
        push(say!("Cancellation {id}", id = record.id), id, record.origin.source, None);
    }
    if let Some(account) =
        report.reconciled.rules.account(subject.order.account, subject.order.order_date).found()
    {
        push(say!("Accounts map").to_owned(), String::new(), account.origin.source, None);
    }
    if let Some(sku) = report.reconciled.rules.sku(subject.order.sku, subject.order.order_date).found() {
        push(say!("SKU map").to_owned(), String::new(), sku.origin.source, None);
    }
    evidence_section(rows)
}

/// Where the rows of lines without an order came from.
pub(in crate::report::order) fn evidence_of(report: &Report<'_>, lines: impl Iterator<Item = u32>) -> Block {
    let files = report.sources.files;
    let row = |number: u32| {
        let line = report.line(number);
        let source = line.origin.source;
        Row {
            cells: vec![
                Cell::text(say!("Rebate line {id}", id = line.id)),
                Cell::code(files.path(source)),
                Cell::text(files.line(source).to_string()),
                Cell::code(&files.row_sha256(source)[..12]),
            ],
            ..Row::default()
        }
    };
    evidence_section(lines.map(row).collect())
}

fn evidence_section(rows: Vec<Row>) -> Block {
    let caption = say!(
        "Where each value came from. Row 1 is the header. Checksums are the first 12 digits of SHA-256 of the source row."
    );
    let mut list = table("evidence", caption.to_owned(), "cards");
    list.columns = vec![
        Column::text("What"),
        Column::text("Source file"),
        Column::number("Row"),
        Column::text("Row checksum"),
    ];
    list.rows = rows;
    Block::Section {
        id: "evidence".to_owned(),
        heading: say!("Evidence").to_owned(),
        actions: vec![Link::to(say!("All sources"), "about.html#sources")],
        blocks: vec![Block::Table(list)],
    }
}

//! Sheets 17 and 18: the files that everything rests on, row by row and cent by cent (domain 1.5, I-1, I-4), and the rows
//! that could not be read.

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Value, Verdict};
use super::{CURRENCY, amount, code, column};
use crate::diagnostic::visible;
use crate::ingest::columns::FileKind;
use crate::model::money::{Currency, Money};
use crate::normalize::controls::control_totals;
use crate::normalize::{FileUse, Quarantined};
use crate::report::Report;
use crate::report::quality::{all_uses, holds, set_aside};

const SOURCES: &[Column] = &[
    column(
        "part",
        "Part",
        Kind::Text,
        "rows: every row is in one place; amounts: what was loaded agrees with what was declared; earlier: received with an earlier snapshot, read for what was known then; snapshot: what the lines of an earlier snapshot add up to.",
    ),
    column("file", "File", Kind::Id, "The file, from the input folder."),
    column("holds", "Holds", Kind::Text, "What it holds."),
    column(
        "received",
        "Received",
        Kind::Text,
        "The snapshot folder in which it was received; reference for our own data.",
    ),
    column("sha256", "SHA-256", Kind::Id, "Checksum of the whole file as received."),
    column("bytes", "Bytes", Kind::Count, "Size of the file."),
    column("rows_read", "Rows read", Kind::Count, "Records of the file, with its header."),
    column("header", "Header", Kind::Count, "Header rows."),
    column("trailer", "Trailer", Kind::Count, "Trailer rows; none in the canonical files."),
    column("blank", "Blank", Kind::Count, "Rows without content."),
    column("merged", "Merged", Kind::Count, "The same row given twice, counted once."),
    column("set_aside", "Set aside", Kind::Count, "Rows that could not be read; see sheet 18."),
    column("loaded", "Loaded", Kind::Count, "Rows that are records."),
    column("rows_difference", "Rows left over", Kind::Count, "Rows read less all of these; must be zero."),
    CURRENCY,
    column("amount_loaded", "Loaded amount", Kind::Amount, "Calculated amounts of the loaded lines."),
    column("amount_merged", "Merged amount", Kind::Amount, "Those of the merged rows."),
    column(
        "amount_set_aside",
        "Set-aside amount",
        Kind::Amount,
        "Those of the rows set aside, as far as they can be read.",
    ),
    column(
        "amount_rounded",
        "Rounded amount",
        Kind::Amount,
        "What rounding the amounts one by one left out of their sum.",
    ),
    column("declared", "Declared", Kind::Amount, "What the vendor declares for the file."),
    column(
        "difference",
        "Difference",
        Kind::Amount,
        "Declared less loaded, merged, set aside and rounded; must be zero.",
    ),
    column("explanation", "Explanation", Kind::Text, "What the result means."),
    column("result", "Result", Kind::Verdict, "Whether it ties."),
];

/// 17: the tie-out of the information used.
pub(in super::super) fn sources(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let mut sheet = Sheet {
        number: 17,
        name: "Sources",
        purpose: "Every file that the pack rests on: checksum, rows and amounts, and whether they tie.",
        notes: vec![
            "Rows read = header + trailer + blank + merged + set aside + loaded. Declared = loaded + merged + set aside + rounded."
                .to_owned(),
        ],
        columns: SOURCES.to_vec(),
        ..Sheet::default()
    };
    for used in all_uses(report).filter(|used| !is_signature(report, used.file)) {
        let row = rows_of(report, used, sheet.rows.len());
        sheet.rows.push(row);
    }
    for check in control_totals(report.sources.files, report.reconciled.snapshot) {
        let currency = check.currency;
        let number = sheet.rows.len();
        let at = |key| At { sheet: 17, row: Place::Row(number), key };
        let taken = ["amount_loaded", "amount_merged", "amount_set_aside", "amount_rounded"];
        let difference = Formula::Add(
            std::iter::once((false, at("declared"))).chain(taken.map(|key| (true, at(key)))).collect(),
        );
        let mut row = vec![Value::Empty; SOURCES.len()];
        row[0] = Value::text("amounts");
        row[1] = Value::id(check.file.clone());
        row[14] = code(currency);
        row[15] = Value::Amount(check.loaded);
        row[16] = Value::Amount(check.merged);
        row[17] = Value::Amount(check.quarantined);
        row[18] = Value::Amount(check.rounded);
        row[19] = Value::Amount(check.declared);
        row[20] = Value::formula(difference, Value::Amount(check.difference));
        row[21] = Value::text(check.verdict());
        row[22] = Value::Verdict(if check.is_explained() { Verdict::Pass } else { Verdict::Fail });
        sheet.rows.push(row);
    }
    for (number, file) in report.sources.files.iter() {
        let is_used = all_uses(report).any(|used| used.file == number);
        let is_earlier = file.snapshot().is_some_and(|as_of| as_of <= report.reconciled.as_of());
        if is_earlier && !is_used && !is_signature(report, number) {
            sheet.rows.push(earlier(report, number));
        }
    }
    for (file, currency, parsed) in parsed(report) {
        let mut row = vec![Value::Empty; SOURCES.len()];
        row[0] = Value::text("snapshot");
        row[3] = Value::text(file);
        row[14] = code(currency);
        row[15] = Value::Amount(parsed);
        row[21] = Value::text("loaded from the snapshot's own file of lines");
        sheet.rows.push(row);
    }
    sheet
}

/// Whoever signs a pack changes none.
fn is_signature(report: &Report<'_>, file: u32) -> bool {
    report.sources.files.get(file).kind() == FileKind::Signoffs
}

/// A file that gives no row of this snapshot: what was known before, and when.
fn earlier(report: &Report<'_>, file: u32) -> Vec<Value> {
    let file = report.sources.files.get(file);
    let mut row = vec![
        Value::text("earlier"),
        Value::id(file.path().to_owned()),
        Value::text(holds(file.kind())),
        Value::text(file.snapshot().map_or_else(String::new, |as_of| as_of.to_string())),
        Value::id(file.sha256().to_owned()),
        Value::count(file.size()),
    ];
    row.resize(SOURCES.len(), Value::Empty);
    row[21] = Value::text("read for what was known then");
    row
}

/// What the lines of each snapshot's own file add up to.
fn parsed(report: &Report<'_>) -> Vec<(String, Currency, Money)> {
    let snapshots = report.sources.snapshots.iter();
    snapshots
        .flat_map(|snapshot| {
            let sums = crate::report::data::parsed(report, snapshot);
            sums.iter().map(|sum| (snapshot.as_of.to_string(), sum.currency(), sum)).collect::<Vec<_>>()
        })
        .collect()
}

fn rows_of(report: &Report<'_>, used: &FileUse, number: usize) -> Vec<Value> {
    let file = report.sources.files.get(used.file);
    let counts = used.counts;
    let (headers, trailers) = file.rows_beside();
    let at = |key| At { sheet: 17, row: Place::Row(number), key };
    let parts = ["header", "trailer", "blank", "merged", "set_aside", "loaded"];
    let left = Formula::Add(
        std::iter::once((false, at("rows_read"))).chain(parts.map(|key| (true, at(key)))).collect(),
    );
    let mut row = vec![
        Value::text("rows"),
        Value::id(file.path().to_owned()),
        Value::text(holds(file.kind())),
        Value::text(file.snapshot().map_or_else(|| "reference".to_owned(), |as_of| as_of.to_string())),
        Value::id(file.sha256().to_owned()),
        Value::count(file.size()),
        Value::count(counts.rows + headers + trailers),
        Value::count(headers),
        Value::count(trailers),
        Value::count(counts.blank),
        Value::count(counts.merged),
        Value::count(counts.quarantined),
        Value::count(counts.loaded),
        Value::formula(left, Value::Count(0)),
    ];
    row.resize(SOURCES.len(), Value::Empty);
    row[21] = Value::text(if counts.quarantined > 0 {
        "rows set aside, see sheet 18"
    } else {
        "every row is loaded"
    });
    row[22] = Value::formula(
        Formula::IsZero(at("rows_difference")),
        Value::Verdict(if counts.is_conserved() { Verdict::Pass } else { Verdict::Fail }),
    );
    row
}

const QUARANTINE: &[Column] = &[
    column("file", "File", Kind::Id, "The file, from the input folder."),
    column("line", "Line", Kind::Count, "The physical line, as a text editor counts."),
    column("field", "Field", Kind::Text, "The columns that could not be read."),
    column("reason", "Reason", Kind::Text, "Why."),
    column("help", "What to do", Kind::Text, "How it is corrected."),
    column("raw", "As received", Kind::Text, "The text of the row."),
    CURRENCY,
    column("amount", "Amount", Kind::Amount, "Where it can be read; in no total."),
    column("amount_from", "Amount from", Kind::Text, "The amount of the row, or its base times its rate."),
    column("order_id", "Order", Kind::Id, "The order that it names, where it can be read."),
];

/// 18: the rows that are kept out of every total.
pub(in super::super) fn quarantine(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let mut sheet = Sheet {
        number: 18,
        name: "Quarantine",
        purpose: "Every row that could not be read, as it was received; none is in a total, none is lost.",
        columns: QUARANTINE.to_vec(),
        rows: set_aside(report)
            .filter(|row| !is_signature(report, row.source.file))
            .map(|row| aside(report, row))
            .collect(),
        empty: "Every row was read.",
        ..Sheet::default()
    };
    sheet.add_totals(&["amount"]);
    sheet
}

fn aside(report: &Report<'_>, row: &Quarantined) -> Vec<Value> {
    let files = report.sources.files;
    let each = |part: fn(&crate::diagnostic::Diagnostic) -> &String| {
        Value::text(super::joined(row.problems.iter().map(part).filter(|text| !text.is_empty())))
    };
    let raw = files.raw(row.source).trim_end_matches(['\r', '\n']);
    vec![
        Value::id(files.path(row.source).to_owned()),
        Value::Count(files.line(row.source).into()),
        each(|problem| &problem.field),
        each(|problem| &problem.message),
        each(|problem| &problem.help),
        Value::text(visible(raw)),
        Value::or_empty(row.currency, code),
        Value::or_empty(row.amount, |value| amount(value.minor(), value.currency())),
        Value::text(match (row.amount, row.is_amount_implied) {
            (None, _) => "no readable amount",
            (Some(_), true) => "base times rate",
            (Some(_), false) => "the amount of the row",
        }),
        Value::or_empty(row.order, |id| Value::id(id.raw())),
    ]
}

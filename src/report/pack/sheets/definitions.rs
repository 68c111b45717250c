//! Sheet 22: every column, status and kind in plain words.

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Sheets, Value};
use super::column;
use crate::reconcile::{Direction, Kind as CaseKind};

const COLUMNS: &[Column] = &[
    column("what", "What", Kind::Text, "column, status, kind or direction."),
    column("sheet", "Sheet", Kind::Text, "The sheet of a column."),
    column("term", "Term", Kind::Text, "The word as it stands in the pack."),
    column("code", "Code", Kind::Text, "The word in the CSV files."),
    column("meaning", "Meaning", Kind::Text, "What it means."),
];

/// 22: what the words of the other sheets mean.
pub(in super::super) fn definitions(close: &Close<'_, '_>, sheets: &Sheets) -> Sheet {
    let content = close.report.sources.content;
    let row = |what: &str, sheet: String, term: &str, code: &str, meaning: &str| {
        vec![
            Value::text(what.to_owned()),
            Value::text(sheet),
            Value::text(term.to_owned()),
            Value::text(code.to_owned()),
            Value::text(meaning.to_owned()),
        ]
    };
    let mut rows = Vec::new();
    for sheet in &sheets.0 {
        for column in &sheet.columns {
            rows.push(row("column", sheet.title(), column.label, column.key, column.meaning));
        }
    }
    for status in &content.statuses {
        rows.push(row("status", String::new(), &status.label, &status.code, &status.definition));
    }
    for kind in CaseKind::ALL {
        let page = content.kind(*kind);
        rows.push(row("kind", String::new(), &page.title, kind.code(), &page.definition));
    }
    for direction in Direction::ALL {
        rows.push(row(
            "direction",
            String::new(),
            direction.label(),
            direction.label(),
            direction.in_words(),
        ));
    }
    Sheet {
        number: 22,
        name: "Definitions",
        purpose: "What every column, status and kind of this pack means.",
        columns: COLUMNS.to_vec(),
        rows,
        ..Sheet::default()
    }
}

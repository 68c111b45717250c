//! One earning, many rows: a source that repeats an earning on every transaction that it was earned on.
//!
//! Its amount counts once, and every row stays evidence (formats 2.4 and trap 4: only distinct earnings are summed).

use std::collections::HashMap;

use ustr::Ustr;

use super::{Parsed, Quarantined};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::Files;
use crate::model::record::{Line, Origin};

/// Keeps one line of each earning, for the files whose source says which columns name it.
///
/// Shape: the first row is the line; its base is the sum of the bases of all rows, because each row has that of its own
/// transaction; the others are merged. A row that says something else of the earning, or whose base cannot be added, is set
/// aside.
pub(super) fn keep_distinct(
    files: &Files,
    parsed: &mut Parsed<Line>,
    aside: impl Fn(&Line, &Origin) -> Quarantined,
) {
    let has_grain = |file: &u32| files.get(*file).mapping().is_some_and(|mapping| !mapping.grain.is_empty());
    if !parsed.counts.keys().any(has_grain) {
        return;
    }
    let mut first: HashMap<(Ustr, Vec<String>), usize> = HashMap::new();
    let mut kept: Vec<Line> = Vec::with_capacity(parsed.records.len());
    for line in std::mem::take(&mut parsed.records) {
        let file = line.origin.source.file;
        let Some(name) = earning(files, &line) else {
            kept.push(line);
            continue;
        };
        let Some(index) = first.get(&name) else {
            first.insert(name, kept.len());
            kept.push(line);
            continue;
        };
        let twin = &mut kept[*index];
        let counts = parsed.counts.entry(file).or_default();
        counts.loaded -= 1;
        let base = match (twin.amount_base, line.amount_base) {
            (Some(all), Some(more)) => all.checked_add(more).ok().map(Some),
            (all, more) => Some(all.or(more)),
        };
        if let (true, Some(base)) = (says_the_same(twin, &line), base) {
            twin.amount_base = base;
            twin.origin.copies.push(line.origin.source);
            counts.merged += 1;
            continue;
        }
        counts.quarantined += 1;
        let (extract, other) = (files.get(file), files.get(twin.origin.source.file));
        let mut row = aside(&line, &line.origin);
        row.problems.push(Diagnostic {
            line: extract.line(line.origin.source.record),
            value: visible(&name.1.join(" ")),
            ..Diagnostic::of_file(
                Severity::Error,
                "earning-not-the-same",
                extract.path(),
                format!(
                    "this row says something else of the earning than line {} of `{}`",
                    other.line(twin.origin.source.record),
                    visible(other.path())
                ),
                "this row is left out of the totals; compare the two rows, or correct `grain` of the source in tieout.toml",
            )
        });
        parsed.quarantined.push(row);
    }
    parsed.records = kept;
}

/// What names the earning of a line: what restates what, and the cells of the columns that the source names; nothing where
/// the source names none, or the row has none of them.
fn earning(files: &Files, line: &Line) -> Option<(Ustr, Vec<String>)> {
    let extract = files.get(line.origin.source.file);
    let grain = &extract.mapping()?.grain;
    let positions: Vec<usize> = grain.iter().filter_map(|name| extract.position(name)).collect();
    let cells = extract.with_row(line.origin.source.record, |row| {
        positions.iter().map(|position| row.get(*position).trim().to_owned()).collect::<Vec<_>>()
    })?;
    cells.iter().any(|cell| !cell.is_empty()).then(|| (extract.stream(), cells))
}

/// Whether two rows agree on everything that a line says of an earning.
fn says_the_same(a: &Line, b: &Line) -> bool {
    let said = |line: &Line| {
        (
            (line.program, line.period, line.currency, line.status_key, line.amount_calculated),
            (line.amount_paid, line.rate, line.payout, line.reason_key, line.account_ref),
            (line.line_type, line.batch, line.reseller, line.category),
        )
    };
    said(a) == said(b)
}

//! One earning, many rows: a source that repeats an earning on every transaction that it was earned on.
//!
//! Its amount counts once, and every row stays evidence (formats 2.4 and trap 4: only distinct earnings are summed).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Parsed, Quarantined};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::Files;
use crate::model::money::Money;
use crate::model::record::{Line, Origin};

/// Keeps one line of each earning, for the files whose source says which columns name it.
///
/// Shape: the first row, by its order and the largest base, is the line, so that the order of the rows changes nothing; its base is the sum of the bases of all rows, because each row has that of its own
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
    let mut earnings: BTreeMap<(&str, Vec<String>), Vec<Line>> = BTreeMap::new();
    let mut kept: Vec<Line> = Vec::with_capacity(parsed.records.len());
    for line in std::mem::take(&mut parsed.records) {
        match earning(files, &line) {
            Some(name) => earnings.entry(name).or_default().push(line),
            None => kept.push(line),
        }
    }
    for ((_, name), mut rows) in earnings {
        let weight = |row: &Line| Reverse(row.amount_base.map(Money::minor));
        rows.sort_by_key(|row| (row.order_ref.raw(), weight(row), row.origin.digest, row.origin.source));
        let mut rows = rows.into_iter();
        let Some(mut first) = rows.next() else { continue };
        for row in rows {
            let counts = parsed.counts.entry(row.origin.source.file).or_default();
            counts.loaded -= 1;
            let base = match (first.amount_base, row.amount_base) {
                (Some(all), Some(more)) => all.checked_add(more).ok().map(Some),
                (all, more) => Some(all.or(more)),
            };
            if let (true, Some(base)) = (says_the_same(&first, &row), base) {
                first.amount_base = base;
                first.origin.copies.push(row.origin.source);
                counts.merged += 1;
                continue;
            }
            counts.quarantined += 1;
            let mut set_aside = aside(&row, &row.origin);
            set_aside.problems.push(not_the_same(files, &name, &row.origin, &first.origin));
            parsed.quarantined.push(set_aside);
        }
        first.origin.copies.sort_unstable();
        kept.push(first);
    }
    parsed.records = kept;
}

fn not_the_same(files: &Files, name: &[String], row: &Origin, first: &Origin) -> Diagnostic {
    let extract = files.get(row.source.file);
    Diagnostic {
        line: extract.line(row.source.record),
        value: visible(&name.join(" ")),
        ..Diagnostic::of_file(
            Severity::Error,
            "earning-not-the-same",
            extract.path(),
            format!(
                "this row says something else of the earning than line {} of `{}`",
                files.line(first.source),
                visible(files.path(first.source))
            ),
            "this row is left out of the totals; compare the two rows, or correct `grain` of the source in tieout.toml",
        )
    }
}

/// What names the earning of a line: what restates what, and the cells of the columns that the source names; nothing where
/// the source names none, or the row has none of them.
fn earning(files: &Files, line: &Line) -> Option<(&'static str, Vec<String>)> {
    let extract = files.get(line.origin.source.file);
    let grain = &extract.mapping()?.grain;
    let positions: Vec<usize> = grain.iter().filter_map(|name| extract.position(name)).collect();
    let cells = extract.with_row(line.origin.source.record, |row| {
        positions.iter().map(|position| row.get(*position).trim().to_owned()).collect::<Vec<_>>()
    })?;
    cells.iter().any(|cell| !cell.is_empty()).then(|| (extract.stream().as_str(), cells))
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

//! Rows that are kept out of every total, and rows that look as if they should be.

use std::collections::BTreeMap;

use super::{Parsed, Quarantined, with_copies};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::Files;
use crate::ingest::columns::FileKind;
use crate::model::money::Money;
use crate::model::record::{Line, Order, Origin, SourceRef};

pub(super) fn set_aside(kind: FileKind, origin: &Origin) -> Quarantined {
    Quarantined {
        kind,
        source: origin.source,
        order: None,
        line: None,
        batch: None,
        period: None,
        currency: None,
        amount: None,
        is_amount_implied: false,
        problems: Vec::new(),
    }
}

pub(super) fn aside_order(order: &Order, origin: &Origin) -> Quarantined {
    let currency = Some(order.amount_net.currency());
    Quarantined { order: Some(order.id), currency, ..set_aside(FileKind::Orders, origin) }
}

pub(super) fn aside_line(line: &Line, origin: &Origin) -> Quarantined {
    Quarantined {
        order: Some(line.order_ref),
        line: Some(line.id),
        batch: line.batch,
        period: Some(line.period),
        currency: Some(line.currency),
        amount: line.amount_calculated,
        ..set_aside(FileKind::RebateLines, origin)
    }
}

/// Sets aside the records whose key another extract has taken that is no other version of theirs: of the same folder, or of
/// the same source under another name. A number that counts the rows of each file is no id, and nothing is lost silently.
pub(super) fn set_aside_taken<T>(
    files: &Files,
    parsed: &mut Parsed<T>,
    taken: impl Fn(&T) -> Option<SourceRef>,
    origin: impl Fn(&mut T) -> &mut Origin,
    aside: impl Fn(&T, &Origin) -> Quarantined,
) {
    // Canonical files have one extract of a kind in each folder.
    if files.iter().all(|(_, extract)| extract.mapping().is_none()) {
        return;
    }
    let mut kept = Vec::with_capacity(parsed.records.len());
    for mut record in std::mem::take(&mut parsed.records) {
        let own = origin(&mut record).clone();
        let extract = files.get(own.source.file);
        let rival = taken(&record).filter(|rival| {
            let other = files.get(rival.file);
            let is_mapped = extract.mapping().is_some() || other.mapping().is_some();
            let is_beside = other.snapshot() == extract.snapshot() || other.source() == extract.source();
            is_mapped && other.stream() != extract.stream() && is_beside
        });
        let Some(rival) = rival else {
            kept.push(record);
            continue;
        };
        let counts = parsed.counts.entry(own.source.file).or_default();
        counts.loaded -= 1;
        counts.quarantined += 1;
        for place in with_copies(&own, &mut parsed.counts) {
            let extract = files.get(place.source.file);
            let mut row = aside(&record, &place);
            row.problems.push(Diagnostic {
                line: extract.line(place.source.record),
                ..Diagnostic::of_file(
                    Severity::Error,
                    "conflicting-duplicate",
                    extract.path(),
                    format!(
                        "line {} of `{}` has the same id, and the two files are not versions of one extract",
                        files.line(rival),
                        visible(files.path(rival))
                    ),
                    "this row is left out of the totals; where the id only counts the rows of each file, take it out of the \
                 [source.columns] of the source in tieout.toml, else remove the row that is wrong",
                )
            });
            parsed.quarantined.push(row);
        }
    }
    parsed.records = kept;
}

/// From how many amounts on one of them is not the sum of the others by chance.
const MANY: usize = 8;

/// Names the record of a mapped file whose amount is the sum of all others: a total that nothing says is one.
pub(super) fn name_totals<T>(
    files: &Files,
    parsed: &mut Parsed<T>,
    amount: impl Fn(&T) -> Option<Money>,
    origin: impl Fn(&T) -> &Origin,
) {
    let mut by_file: BTreeMap<u32, Vec<(Money, SourceRef)>> = BTreeMap::new();
    for record in &parsed.records {
        let source = origin(record).source;
        if files.get(source.file).mapping().is_some() {
            by_file.entry(source.file).or_default().extend(amount(record).map(|amount| (amount, source)));
        }
    }
    for (file, amounts) in by_file {
        let Some((first, _)) = amounts.first() else { continue };
        let sum = amounts
            .iter()
            .try_fold(Money::zero(first.currency()), |sum, (amount, _)| sum.checked_add(*amount));
        let Ok(sum) = sum else { continue };
        let is_total = |amount: &Money| !amount.is_zero() && amount.checked_add(*amount) == Ok(sum);
        // Of a few amounts one in the middle is easily the sum of the others; of many it is not.
        let ends = [amounts.len() - 1, 0];
        let total = if amounts.len() < MANY {
            ends.into_iter().map(|at| &amounts[at]).find(|(amount, _)| is_total(amount))
        } else {
            amounts.iter().rev().find(|(amount, _)| is_total(amount))
        };
        let Some((amount, source)) = total.filter(|_| amounts.len() > 2) else { continue };
        let extract = files.get(file);
        parsed.warnings.push(Diagnostic {
            line: extract.line(source.record),
            value: amount.to_string(),
            ..Diagnostic::of_file(
                Severity::Warning,
                "row-like-a-total",
                extract.path(),
                format!("this record has the sum of all {} others, and counts as a record", amounts.len() - 1),
                "where it is a total, say so with [[source.rows]] and role = \"control\" of the source in tieout.toml",
            )
        });
    }
}

//! Ids that a spreadsheet has cut: of a number it keeps 15 digits and writes zeros for the others.
//!
//! One such id proves nothing, because one genuine id of 16 digits in ten ends in 0; that all of a column do is evidence
//! (formats 8, trap 1). Not its job: to repair them, which nothing in the file allows.

use std::collections::BTreeSet;

use super::columns::Value;
use super::extract::Body;
use super::mapping::Mapping;
use crate::diagnostic::{Diagnostic, Severity, visible};

/// Digits of a number that a spreadsheet keeps.
const KEPT: usize = 15;
/// How many different ids must end in zeros: by chance, one set of four in ten thousand does.
const ENOUGH: usize = 4;
/// How many records are looked at.
const LOOKED_AT: usize = 4096;

/// A warning for each column of ids in which every id of more than 15 digits has zeros behind them.
pub(super) fn problems(place: &str, mapping: &Mapping, body: &Body) -> Vec<Diagnostic> {
    let columns = mapping.kind.columns().iter().zip(&body.places);
    let mut suspects: Vec<(usize, BTreeSet<String>)> = columns
        .filter(|(column, _)| column.value() == Value::Id)
        .filter_map(|(_, place)| Some((place.as_ref()?.column()?, BTreeSet::new())))
        .collect();
    let mut decoder = body.scan.decoder(&body.text);
    for index in 0..body.shape.records.len().min(LOOKED_AT) {
        let Some(row) = decoder.row(body.shape.records.get(index) as usize + 1) else { break };
        suspects.retain_mut(|(column, cut)| {
            let text = row.get(*column).unwrap_or("").trim();
            if text.len() <= KEPT || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return true;
            }
            let is_cut = text.bytes().skip(KEPT).all(|digit| digit == b'0');
            if is_cut && cut.len() < ENOUGH {
                cut.insert(text.to_owned());
            }
            is_cut
        });
    }
    suspects.retain(|(_, cut)| cut.len() >= ENOUGH);
    suspects.sort_by_key(|(column, _)| *column);
    suspects.dedup_by_key(|(column, _)| *column);
    let told = suspects.into_iter().map(|(column, cut)| {
        let examples: Vec<String> = cut.iter().take(2).map(|id| format!("`{id}`")).collect();
        Diagnostic {
            line: body.line(body.shape.header),
            column: u32::try_from(column).unwrap_or(0) + 1 + body.left,
            field: body.header[column].clone(),
            ..Diagnostic::of_file(
                Severity::Warning,
                "ids-cut-by-a-spreadsheet",
                place,
                format!(
                    "every id of more than {KEPT} digits in `{}` ends in zeros, such as {}: a spreadsheet keeps {KEPT} digits \
                     of a number",
                    visible(&body.header[column]),
                    examples.join(" and ")
                ),
                "export the file again and do not save it in a spreadsheet; until then these ids may be none that exist",
            )
        }
    });
    told.collect()
}

//! Sheets 12 and 20: what of earlier periods is otherwise than when they were closed, and every field that changed since.

use std::collections::HashMap;

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Value};
use super::balance::{program_name, row_code};
use super::{CURRENCY, code, column, snapshot_date};
use crate::history::Scope;
use crate::history::changes::Class;
use crate::history::journal::{RecordKey, What};
use crate::model::money::Money;
use crate::model::time::date_in_words;
use crate::reconcile::rollforward::Movement;

const PRIOR: &[Column] = &[
    column("line_id", "Line", Kind::Id, "The vendor's id of the line."),
    column("program", "Program", Kind::Text, "Its program."),
    column("period", "Period", Kind::Month, "Its period."),
    column("row", "Row", Kind::Text, "The row of the roll-forward that it stands in."),
    CURRENCY,
    column(
        "at_close",
        "At the close",
        Kind::Amount,
        "What was recognized for it when the month before was closed.",
    ),
    column("now", "Now", Kind::Amount, "What is recognized for it at the same date now."),
    column("change", "Change", Kind::Amount, "Now less at the close."),
    column("class", "What moved", Kind::Text, "The class of the change."),
    column("cause", "Cause", Kind::Text, "What happened, in a sentence."),
    column(
        "proposal",
        "Proposal",
        Kind::Text,
        "change of estimate: new information, prospective; error: our own data of the closed month was wrong. The reviewer decides.",
    ),
    column(
        "material",
        "Material",
        Kind::Text,
        "Whether the amount reaches the configured threshold of its currency.",
    ),
];

/// 12: prior-period changes, line by line.
pub(in super::super) fn prior_periods(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let mut sheet = Sheet {
        number: 12,
        name: "Prior-period changes",
        purpose: "Every line of a period that was over before this month and is recognized otherwise than at its close.",
        notes: vec![match &close.opening {
            Some(books) => format!(
                "At {}: as closed at {}, against {}.",
                date_in_words(close.opening_day()),
                books.as_of.in_words(),
                close.rolled.known.in_words()
            ),
            None => "No close of the month before is known: there is nothing to compare with.".to_owned(),
        }],
        columns: PRIOR.to_vec(),
        empty: "Nothing of an earlier period is recognized otherwise than at its close.",
        ..Sheet::default()
    };
    let causes = causes(close);
    for change in close.prior_changes() {
        let place = |key| At { sheet: 12, row: Place::Row(sheet.rows.len()), key };
        let delta = Money::from_minor(change.now.minor() - change.then.minor(), change.now.currency());
        let (class, sentence) = causes
            .get(change.line.raw())
            .map_or((None, String::new()), |(class, sentence)| (Some(*class), sentence.clone()));
        // Our own mapping or rules were wrong when the month was closed: facts that were at hand.
        let is_own = class == Some(Class::OwnRules);
        let change_value = Formula::difference(place("now"), place("at_close"));
        sheet.rows.push(vec![
            Value::id(change.line.raw()),
            Value::text(program_name(close, change.entry.program)),
            Value::Month(change.entry.period),
            Value::text(row_code(change.movement)),
            code(delta.currency()),
            Value::Amount(change.then),
            Value::Amount(change.now),
            Value::formula(change_value, Value::Amount(delta)),
            Value::text(class.map_or(fallback(change.movement), Class::label)),
            Value::text(sentence),
            Value::text(if is_own { "error" } else { "change of estimate" }),
            Value::text(match report.reconciled.materiality_of(delta.currency()) {
                Some(threshold) if delta.abs().minor() >= threshold.minor() => "yes",
                Some(_) => "no",
                None => "no threshold",
            }),
        ]);
    }
    sheet.add_totals(&["at_close", "now", "change"]);
    sheet
}

fn fallback(movement: Movement) -> &'static str {
    match movement {
        Movement::LateLines => "Late",
        Movement::RemovedLines => "Removed",
        Movement::Opening
        | Movement::PriorChanges
        | Movement::Earned
        | Movement::BackdatedAdjustments
        | Movement::BackdatedReceipts
        | Movement::BackdatedJournals
        | Movement::Journals
        | Movement::Adjusted(_)
        | Movement::Received(_) => "Changed",
    }
}

/// Why each line moved between the close of the month before and now.
fn causes(close: &Close<'_, '_>) -> HashMap<String, (Class, String)> {
    let report = close.report;
    let Some(from) = close.opening_snapshot() else { return HashMap::new() };
    let bridges = report.differences(from, report.sources.history.newest(), &Scope::default());
    let changes = bridges.iter().flat_map(|bridge| &bridge.changes);
    changes
        .filter_map(|change| report.tell_change(change))
        .map(|told| (told.line, (told.class, told.sentence)))
        .collect()
}

const CHANGES: &[Column] = &[
    column("line_id", "Line", Kind::Id, "The vendor's id of the line."),
    column("field", "Field", Kind::Text, "The column of the extract; row where the whole line came or went."),
    column("before", "Before", Kind::Text, "As received then."),
    column("after", "After", Kind::Text, "As received now."),
    column("snapshot", "Snapshot", Kind::Date, "The snapshot that brought the change."),
];

/// 20: every changed field of the lines of the pack since the close before.
pub(in super::super) fn changes(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let journal = &report.sources.history.journal;
    let from = close.opening_snapshot();
    let mut sheet = Sheet {
        number: 20,
        name: "Changes since last pack",
        purpose: "Every field of the lines in this pack that changed since the last close.",
        notes: vec![match from {
            Some(from) => format!("After {}.", report.sources.history.as_of(from).in_words()),
            None => "No close of the month before is known: all changes are listed.".to_owned(),
        }],
        columns: CHANGES.to_vec(),
        empty: "No field of a line in this pack changed.",
        ..Sheet::default()
    };
    for number in close.lines() {
        let id = report.line(number).id;
        let mut events = journal.of(RecordKey::Line(id));
        events.retain(|(snapshot, _)| from.is_none_or(|from| *snapshot > from));
        events.sort_by_key(|(snapshot, _)| *snapshot);
        for (snapshot, what) in events {
            let (field, before, after) = match what {
                What::Gone => ("row", "there", "gone"),
                What::Back => ("row", "gone", "there"),
                What::Field { column, before, after } => (column.as_str(), before.as_str(), after.as_str()),
            };
            sheet.rows.push(vec![
                Value::id(id.raw()),
                Value::text(field),
                Value::text(before),
                Value::text(after),
                snapshot_date(report, snapshot),
            ]);
        }
    }
    sheet
}

//! The proposed source, tried on every value with the code that will read it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::look::Look;
use super::table::Table;
use super::{Proposal, Seen, counted};
use crate::diagnostic::visible;
use crate::ingest::columns::Value;
use crate::ingest::grammar::{self, CellError};
use crate::ingest::mapping::Mapping;
use crate::ingest::mapping::spec::Sign;
use crate::ingest::mapping::view::Reading;

/// Columns of days that say when something happened, not when it will.
const HAPPENED: &[&str] = &[
    "invoice_date",
    "order_date",
    "payment_date",
    "cancel_date",
    "status_date",
    "approved_date",
    "adjustment_date",
    "paid_date",
    "last_as_of",
];

/// Reads a value as the run will.
fn read(
    mapping: &Mapping,
    reading: &Reading,
    name: &str,
    value: Value,
    text: &str,
) -> Result<String, CellError> {
    if mapping.is_empty_text(text) {
        return Ok(String::new());
    }
    let spelled = reading.spelled(Cow::Borrowed(text))?;
    match value {
        _ if name == "currency" => grammar::currency(&spelled).map(|_| ())?,
        Value::Amount | Value::Number => grammar::decimal(&spelled).map(|_| ())?,
        Value::Day => grammar::date(&spelled).map(|_| ())?,
        Value::Month => grammar::period(&spelled).map(|_| ())?,
        Value::Id => grammar::id(&spelled)?,
        Value::Text => {}
    }
    Ok(spelled.into_owned())
}

/// Values that are not read: how often they are there, and what is wrong with the first.
pub(super) fn unread(mapping: &Mapping, column: usize, look: &Look) -> Option<(u64, CellError)> {
    let canonical = &mapping.kind.columns()[column];
    let reading = mapping.reading(column)?;
    let mut first = None;
    let mut count = 0;
    for (text, times) in look.values() {
        if let Err(error) = read(mapping, reading, canonical.name, canonical.value(), text) {
            count += times;
            first.get_or_insert(error);
        }
    }
    first.map(|error| (count, error))
}

/// Tries the source: says what is not read, and leaves an optional column out of which nothing useful would come.
pub(super) fn try_out(proposal: &mut Proposal, table: &Table) {
    for chosen in &mut proposal.columns {
        let column = &proposal.kind.columns()[chosen.column];
        let is_minus = |text: &str| text.trim().ends_with(')') && text.contains('(');
        let has_minus = table.looks[chosen.at].values().iter().any(|(text, _)| is_minus(text));
        let form = proposal.spec.columns.get_mut(column.name).filter(|form| form.0.sign.is_none());
        if let Some(form) = form.filter(|_| has_minus && column.value() == Value::Amount) {
            form.0.sign = Some(Sign::Parentheses);
            chosen.doubts.push("amounts in parentheses are read as below zero".to_owned());
        }
    }
    let mapping = match Mapping::new(&proposal.spec, "UTC") {
        Ok(mapping) => mapping,
        Err(what) => return proposal.doubts.push(what),
    };
    let columns = proposal.kind.columns();
    let mut kept = Vec::new();
    for mut chosen in std::mem::take(&mut proposal.columns) {
        let look = &table.looks[chosen.at];
        let name = &table.header[chosen.at];
        facts(look, columns[chosen.column].value(), &mut chosen.notes, &mut chosen.doubts);
        if let Some((count, error)) = unread(&mapping, chosen.column, look) {
            let filled = look.filled().part;
            let what = format!("{count} of {} not read: {}", counted(filled, "cell"), error.message);
            if !columns[chosen.column].required && count.saturating_mul(10) >= filled {
                proposal.spec.columns.remove(columns[chosen.column].name);
                let why = format!("`{name}` could be {}, but {what}", columns[chosen.column].name);
                proposal.evidence.push((chosen.at, Some(why)));
                continue;
            }
            chosen.doubts.push(what);
        }
        kept.push(chosen);
    }
    proposal.columns = kept;
}

/// What is to be said of every column, whatever it is.
fn facts(look: &Look, value: Value, notes: &mut Vec<String>, doubts: &mut Vec<String>) {
    let filled = look.filled();
    if filled.part == 0 {
        doubts.push("it is always empty".to_owned());
        return;
    }
    if !filled.is_all() {
        notes.push(format!("{} of {} filled", filled.part, filled.of));
    }
    if look.trailing_tabs() > 0 {
        notes.push(format!("a TAB behind {} of {}, which is left out", look.trailing_tabs(), filled.part));
    }
    if value != Value::Id {
        return;
    }
    let scientific = look.scientific().part;
    if scientific > 0 {
        doubts.push(format!(
            "a spreadsheet turned {} into numbers like 5.0E+15 and lost their digits: export the file again",
            counted(scientific, "id")
        ));
    }
    if look.is_cut_off() {
        doubts.push(
            "every long id ends in 0 after fifteen digits, as where a spreadsheet saved the file: export it again".to_owned(),
        );
    }
}

/// The different values of a canonical column, as they are read.
pub(super) fn values(seen: &Seen, column: usize) -> BTreeSet<String> {
    let Some(proposal) = &seen.proposal else { return BTreeSet::new() };
    let Ok(mapping) = Mapping::new(&proposal.spec, "UTC") else { return BTreeSet::new() };
    let Some(reading) = mapping.reading(column) else { return BTreeSet::new() };
    let canonical = &proposal.kind.columns()[column];
    let read = |text: &str| read(&mapping, reading, canonical.name, canonical.value(), text).ok();
    let mut values: BTreeSet<String> = match proposal.columns.iter().find(|chosen| chosen.column == column) {
        Some(chosen) => {
            seen.table.looks[chosen.at].values().iter().filter_map(|(text, _)| read(text)).collect()
        }
        // What the names of the files say.
        None => {
            let parts = seen.files.iter().filter_map(|file| mapping.takes(file));
            let places = parts.filter_map(|parts| reading.place(&seen.table.header, &parts));
            places.filter_map(|place| read(&place.text(|_| ""))).collect()
        }
    };
    values.remove("");
    values
}

/// The newest day of each column that says when something happened, with where it stands.
pub(super) fn newest_days(seen: &Seen) -> Vec<(String, String)> {
    let Some(proposal) = &seen.proposal else { return Vec::new() };
    let mut days = Vec::new();
    for chosen in &proposal.columns {
        let column = &proposal.kind.columns()[chosen.column];
        if HAPPENED.contains(&column.name)
            && let Some(day) = values(seen, chosen.column).pop_last()
        {
            let header = visible(&seen.table.header[chosen.at]);
            days.push((day, format!("`{header}` of {}", seen.files.join(", "))));
        }
    }
    days
}

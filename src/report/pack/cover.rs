//! Sheet 01: what the pack is, on what it rests, and the result of every sheet.

use super::Head;
use super::close::Close;
use super::sheet::{Column, Kind, Sheet, Sheets, Value, Verdict};
use crate::model::time::date_in_words;

const fn column(key: &'static str, label: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { key, label, kind, meaning }
}

const COLUMNS: &[Column] = &[
    column("item", "Item", Kind::Text, "A fact of the pack, or a sheet."),
    column("value", "Value", Kind::Text, "The fact, or the question that the sheet answers."),
    column("result", "Result", Kind::Verdict, "Whether every check of the sheet passes."),
];

/// The worst result of the checks that name a sheet; `None` for a sheet without a check.
pub(super) fn result_of(checks: &Sheet, title: &str) -> Option<Verdict> {
    let (result, sheet) = (checks.column("result")?, checks.column("sheet")?);
    let of_sheet = checks.rows.iter().filter(|row| row[sheet].csv() == title);
    let verdicts: Vec<Verdict> = of_sheet
        .filter_map(
            |row| if let Value::Verdict(verdict) = row[result].plain() { Some(*verdict) } else { None },
        )
        .collect();
    let has = |wanted| verdicts.contains(&wanted);
    match (has(Verdict::Fail), has(Verdict::Open), has(Verdict::Pass)) {
        (true, _, _) => Some(Verdict::Fail),
        (false, true, _) => Some(Verdict::Open),
        (false, false, true) => Some(Verdict::Pass),
        (false, false, false) => None,
    }
}

/// 01: the facts of the pack and the index of its sheets. `sheets` are all others.
pub(super) fn cover(close: &Close<'_, '_>, head: &Head, sheets: &Sheets) -> Sheet {
    let fact = |item: &'static str, value: String| vec![Value::text(item), Value::text(value), Value::Empty];
    let mut rows = vec![
        fact("Purpose", "Support of the month-end close of rebates receivable: balance, movements, reconciling items and the evidence behind them".to_owned()),
        fact("Company", head.organization.clone()),
        fact("Period", format!("{}, {}, days end at 24:00 {}", head.month.in_words(), head.period.in_words(), head.time_zone)),
        fact("Effective date", date_in_words(close.closing_day())),
        fact("Known at", format!("snapshot {}, {}", head.known, head.known.in_words())),
        fact("Pack", head.id.clone()),
        fact("Fingerprint", head.fingerprint.clone()),
        fact("Predecessor", head.parent_words()),
        fact("Status", head.state.in_words().to_owned()),
        fact("Record set", head.record_set.clone()),
        fact("Configuration", format!("SHA-256 {}", head.configuration_sha256)),
        fact("Program", format!("tieout {}", head.version)),
        fact("Made by", head.command.clone()),
    ];
    let reconciled = close.report.reconciled;
    rows.push(fact("Booked by policy", reconciled.booked.in_words()));
    rows.push(fact("Own estimates", "not booked; a memo on sheets 04 and 08".to_owned()));
    let functional = close.report.sources.functional_currency;
    let functional = functional.map_or("none configured: nothing is translated", |currency| currency.code());
    rows.push(fact("Functional currency", functional.to_owned()));
    rows.push(fact("Preparer", "see 21 Sign-off".to_owned()));
    rows.push(fact("Reviewer", "see 21 Sign-off".to_owned()));
    let checks = sheets.get(super::checks::NUMBER);
    for sheet in &sheets.0 {
        let verdict = checks.and_then(|checks| result_of(checks, &sheet.title()));
        rows.push(vec![
            Value::text(sheet.title()),
            Value::text(sheet.purpose),
            Value::or_empty(verdict, Value::Verdict),
        ]);
    }
    Sheet {
        number: 1,
        name: "Cover",
        purpose: "What this pack is, what it rests on, and the result of every sheet.",
        columns: COLUMNS.to_vec(),
        rows,
        ..Sheet::default()
    }
}

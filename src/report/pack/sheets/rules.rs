//! Sheet 19: the rules by which everything was computed, with their sources.

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::{CURRENCY, code, column};
use crate::model::reference::{CapOn, CapScope, Program, ProgramRate};

const COLUMNS: &[Column] = &[
    column("program", "Program", Kind::Id, "The id of the program."),
    column("name", "Name", Kind::Text, "Its name."),
    column("method", "Method", Kind::Text, "How the rates become an amount."),
    CURRENCY,
    column("category", "Category", Kind::Text, "The rebate category of the rate."),
    column("sku", "SKU", Kind::Id, "The product, for a rate of its own."),
    column("tier_from", "Tier from", Kind::Rate, "The volume from which it holds, included."),
    column("tier_to", "Tier to", Kind::Rate, "The volume up to which it holds, excluded; empty for open."),
    column(
        "rate",
        "Rate",
        Kind::Rate,
        "A fraction: 0.08 for 8 %; an amount for programs per unit or of fixed amounts.",
    ),
    column("rate_from", "Rate from", Kind::Date, "The first day on which the rate holds."),
    column("rate_to", "Rate to", Kind::Date, "The last day on which the rate holds."),
    column("program_from", "Program from", Kind::Date, "The first day of the program's window."),
    column("program_to", "Program to", Kind::Date, "The last day of the program's window."),
    column("caps", "Caps", Kind::Text, "What limits it."),
    column("document", "Document", Kind::Text, "Where the rule comes from."),
    column("clause", "Clause", Kind::Text, "The clause in it."),
    column("entered_by", "Entered by", Kind::Text, "Who entered it."),
    column("checked_by", "Checked by", Kind::Text, "Who checked it."),
];

/// 19: every rate of every program, one row each; a program without rates has one row.
pub(in super::super) fn rules(close: &Close<'_, '_>) -> Sheet {
    let rules = &close.report.reconciled.rules;
    let mut sheet = Sheet {
        number: 19,
        name: "Rules in force",
        purpose: "The rules by which the expected amounts were computed, with the document and clause each comes from.",
        columns: COLUMNS.to_vec(),
        empty: "No program is known: add programs.csv and program_rates.csv to the reference folder.",
        ..Sheet::default()
    };
    for program in &rules.reference.programs {
        let rates: Vec<&ProgramRate> = rules.all_rates(program.id).collect();
        if rates.is_empty() {
            sheet.rows.push(row(program, None));
        }
        sheet.rows.extend(rates.into_iter().map(|rate| row(program, Some(rate))));
    }
    sheet
}

fn row(program: &Program, rate: Option<&ProgramRate>) -> Vec<Value> {
    let word = |text: Option<ustr::Ustr>| Value::or_empty(text, |text| Value::text(text.as_str()));
    let caps: Vec<String> = program
        .caps
        .iter()
        .map(|cap| {
            let scope = match cap.scope {
                CapScope::Order => "order",
                CapScope::Account => "account",
                CapScope::Period => "period",
                CapScope::Program => "program",
            };
            let on = match cap.on {
                CapOn::Rebate => "rebate",
                CapOn::Base => "base",
            };
            format!("{on} per {scope} up to {}", cap.amount)
        })
        .collect();
    vec![
        Value::id(program.id.raw()),
        Value::text(program.name.as_str()),
        Value::text(program.method.code()),
        code(program.currency),
        Value::or_empty(rate, |rate| Value::text(rate.category.as_str())),
        Value::or_empty(rate.and_then(|rate| rate.sku), |sku| Value::id(sku.raw())),
        Value::or_empty(rate, |rate| Value::Rate(rate.tier_from)),
        Value::or_empty(rate.and_then(|rate| rate.tier_to), Value::Rate),
        Value::or_empty(rate, |rate| Value::Rate(rate.rate)),
        Value::or_empty(rate.and_then(|rate| rate.valid.from), Value::Date),
        Value::or_empty(rate.and_then(|rate| rate.valid.to), Value::Date),
        Value::or_empty(program.valid.from, Value::Date),
        Value::or_empty(program.valid.to, Value::Date),
        Value::text(caps.join("; ")),
        word(program.source.document),
        word(program.source.clause),
        word(program.source.entered_by),
        word(program.source.checked_by),
    ]
}

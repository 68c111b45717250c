//! Sheet 16: the balance in the currency of the books, at dated rates; never mixed into the other sheets (domain 1.9).

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::balance::row_code;
use super::{CURRENCY, code, column};
use crate::model::ledger::FxRate;
use crate::model::money::{Currency, Money};
use crate::model::time::date_in_words;
use crate::reconcile::fx::{MissingRate, Translated, Translation, translate};
use crate::reconcile::rollforward::Movement;
use crate::report::rollforward::movement_words;

const COLUMNS: &[Column] = &[
    column("row", "Row", Kind::Text, "The row of the roll-forward; fx for what exchange rates alone moved."),
    column("movement", "Movement", Kind::Text, "What the row means."),
    CURRENCY,
    column("amount", "Amount", Kind::Amount, "In transaction currency."),
    column(
        "rate",
        "Rate",
        Kind::Rate,
        "Units of the functional currency for one unit; empty where several dates have their own.",
    ),
    column("rate_date", "Rate date", Kind::Date, "The day of the rate."),
    column("rate_kind", "Rate kind", Kind::Text, "closing, average, or of the day."),
    column("source", "Source", Kind::Text, "Who published the rate."),
    column("functional_currency", "Books in", Kind::Text, "The functional currency."),
    column(
        "functional",
        "In the currency of the books",
        Kind::Amount,
        "Translated; empty where a rate is missing.",
    ),
    column("missing", "Missing", Kind::Text, "The row of fx.csv that is missing."),
];

/// 16: every currency's roll-forward in the currency of the books.
pub(in super::super) fn fx(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let mut sheet = Sheet {
        number: 16,
        name: "FX",
        purpose: "The balance in the currency of the books: closing rate, functional roll-forward, and what exchange rates alone moved.",
        columns: COLUMNS.to_vec(),
        empty: "No functional currency is configured (functional_currency in tieout.toml): nothing is translated.",
        ..Sheet::default()
    };
    let Some(functional) = report.sources.functional_currency else { return sheet };
    sheet.notes.push(format!(
        "Books in {functional}. The opening at the closing rate of the month before, a movement at the rate of its date, else at \
         the average, else at the closing rate; half a minor unit rounds away from zero. Rates are those of fx.csv; none is fetched."
    ));
    sheet.empty = "Every balance is in the currency of the books.";
    let reference = report.reconciled.rules.reference;
    for (currency, translation) in translate(reference, functional, close.rolled) {
        if currency != functional {
            statement(close, (currency, functional), &translation, &mut sheet);
        }
    }
    sheet
}

fn statement(
    close: &Close<'_, '_>,
    (currency, functional): (Currency, Currency),
    translation: &Translation<'_>,
    sheet: &mut Sheet,
) {
    let row = |kind: &'static str, words: String, of: &Translated<'_>| {
        let rate = match of.parts.as_slice() {
            [part] => part.rate,
            [] | [_, ..] => None,
        };
        let missing: Vec<String> = of.missing.iter().copied().map(MissingRate::row).collect();
        translated(
            (kind, words),
            (currency, Value::Amount(of.amount)),
            rate,
            (functional, of.functional),
            missing.join("; "),
        )
    };
    let words = |movement| movement_words(close.rolled, movement).0;
    sheet.rows.push(row("opening", words(Movement::Opening), &translation.opening));
    for (movement, of) in &translation.movements {
        sheet.rows.push(row(row_code(*movement), words(*movement), of));
    }
    sheet.rows.push(translated(
        ("fx", "Exchange differences".to_owned()),
        (currency, Value::Empty),
        None,
        (functional, translation.difference()),
        String::new(),
    ));
    let closing = format!("Closing balance, {}", date_in_words(close.closing_day()));
    sheet.rows.push(row("closing", closing, &translation.closing));
}

fn translated(
    (kind, words): (&'static str, String),
    (currency, amount): (Currency, Value),
    rate: Option<&FxRate>,
    (functional, value): (Currency, Option<Money>),
    missing: String,
) -> Vec<Value> {
    vec![
        Value::text(kind),
        Value::text(words),
        code(currency),
        amount,
        Value::or_empty(rate, |rate| Value::Rate(rate.rate)),
        Value::or_empty(rate, |rate| Value::Date(rate.date)),
        Value::or_empty(rate, |rate| Value::text(rate.kind.map_or("of the day", |kind| kind.code()))),
        Value::or_empty(rate.and_then(|rate| rate.source), |source| Value::text(source.as_str())),
        code(functional),
        Value::or_empty(value, Value::Amount),
        Value::text(missing),
    ]
}

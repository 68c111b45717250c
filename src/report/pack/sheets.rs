//! The sheets of the pack, in the order and with the columns of domain 1.11.

mod aging;
mod balance;
mod changes;
mod cutoff;
mod definitions;
mod exposure;
mod fx;
mod later;
mod lines;
mod payouts;
mod reconciliation;
mod rules;
mod signoff;
mod sources;

pub(super) use aging::aging;
pub(super) use balance::{closing, lead, roll_forward, total_of};
pub(super) use changes::{changes, prior_periods};
pub(super) use cutoff::{accruals, cut_off};
pub(super) use definitions::definitions;
pub(super) use exposure::exposure;
pub(super) use fx::fx;
pub(super) use later::subsequent;
pub(super) use lines::{lines, orders};
pub(super) use payouts::{adjustments, payouts};
pub(super) use reconciliation::reconciliation;
pub(super) use rules::rules;
pub(super) use signoff::sign_off;
pub(super) use sources::{quarantine, sources};

use super::sheet::{Column, Kind, Value};
use crate::model::money::{Currency, Money};
use crate::report::Report;

/// A column, for the tables of columns.
const fn column(key: &'static str, label: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { key, label, kind, meaning }
}

/// The column of the currency, which every table with amounts has.
const CURRENCY: Column =
    column("currency", "Currency", Kind::Text, "Currency of the amounts of the row, ISO 4217.");

/// An amount of minor units.
fn amount(minor: i128, currency: Currency) -> Value {
    Value::Amount(Money::from_minor(minor, currency))
}

/// A currency in its column.
fn code(currency: Currency) -> Value {
    Value::text(currency.code())
}

/// Values joined by `; `, each once.
fn joined<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for value in values {
        let text = value.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("; ")
}

/// A share in percent with one decimal, as text: a person reads it, nothing is computed from it.
fn percent(part: i128, whole: i128) -> Value {
    if whole == 0 {
        return Value::Empty;
    }
    let tenths = (part * 2_000 + whole.abs()).div_euclid(2 * whole.abs()) * whole.signum();
    let sign = if tenths < 0 { "-" } else { "" };
    Value::text(format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10))
}

/// The address of a page, from the root of the site.
fn page(path: &str) -> Value {
    Value::text(path.to_owned())
}

/// The words of a snapshot's date.
fn snapshot_date(report: &Report<'_>, number: crate::history::SnapshotNumber) -> Value {
    Value::Date(report.sources.history.as_of(number).date())
}

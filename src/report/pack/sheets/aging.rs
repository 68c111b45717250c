//! Sheet 06: what is open at the end of the month, by age (domain 1.4).

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Value};
use super::balance::{dates, program_name};
use super::{CURRENCY, amount, code, column, percent};
use crate::reconcile::rollforward::{Age, Item};

const BASIS: &str = "end of the earning period";

const COLUMNS: &[Column] = &[
    CURRENCY,
    column("program", "Program", Kind::Text, "The program by its name."),
    column(
        "bucket",
        "Age in days",
        Kind::Text,
        "Days from the end of the earning period to the end of the month.",
    ),
    column(
        "amount",
        "Amount",
        Kind::Amount,
        "Open items of that age: recognized and adjusted, less received.",
    ),
    column("lines", "Open items", Kind::Count, "How many items are open."),
    column("oldest_line", "Oldest", Kind::Id, "The open item of the earliest period."),
    column("percent", "% of total", Kind::Text, "Share in the closing balance of the currency."),
    column("basis", "Basis", Kind::Text, "The day from which the age counts."),
];

/// 06: open items by age, program by program; the totals of each age below.
pub(in super::super) fn aging(close: &Close<'_, '_>) -> Sheet {
    let mut sheet = Sheet {
        number: 6,
        name: "Aging",
        purpose: "How old the open items are; the ages add up to the closing balance.",
        notes: vec![dates(close)],
        columns: COLUMNS.to_vec(),
        empty: "Nothing is open at the end of this month.",
        ..Sheet::default()
    };
    for statement in close.rolled.statements.values() {
        let currency = statement.currency;
        let whole = statement.aging.total().minor();
        let mut cells: Vec<(Age, At)> = Vec::new();
        for (program, bands) in &statement.aging.programs {
            for age in Age::ALL {
                let band = bands[age as usize];
                if band.items == 0 {
                    continue;
                }
                cells.push((age, At { sheet: 6, row: Place::Row(sheet.rows.len()), key: "amount" }));
                let oldest = band.oldest.map(|open| match open.item {
                    Item::Line(id) => id.raw(),
                    Item::Lump(id) => id.raw(),
                    Item::Journal(id) => id.raw(),
                });
                sheet.rows.push(vec![
                    code(currency),
                    Value::text(program_name(close, *program)),
                    Value::text(age.label()),
                    Value::Amount(band.amount),
                    Value::count(band.items),
                    Value::or_empty(oldest, Value::id),
                    percent(band.amount.minor(), whole),
                    Value::text(BASIS),
                ]);
            }
        }
        let first = sheet.totals.len();
        for age in Age::ALL {
            let band = statement.aging.band(age);
            let of_age = cells.iter().filter(|(a, _)| *a == age).map(|(_, at)| (false, *at)).collect();
            sheet.totals.push(vec![
                code(currency),
                Value::text("All programs"),
                Value::text(age.label()),
                Value::formula(Formula::Add(of_age), Value::Amount(band.amount)),
                Value::count(band.items),
                Value::Empty,
                percent(band.amount.minor(), whole),
                Value::text(BASIS),
            ]);
        }
        let of_all = (first..sheet.totals.len())
            .map(|row| (false, At { sheet: 6, row: Place::Total(row), key: "amount" }))
            .collect();
        sheet.totals.push(vec![
            code(currency),
            Value::text("All programs"),
            Value::text("all"),
            Value::formula(Formula::Add(of_all), amount(whole, currency)),
            Value::count(statement.aging.items()),
            Value::Empty,
            percent(whole, whole),
            Value::text(BASIS),
        ]);
    }
    sheet
}

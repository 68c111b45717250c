//! Sheets 03 and 04: the balance by program, and the roll-forward row by row (domain 1.2).

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Sheets, Value, Verdict};
use super::{CURRENCY, amount, code, column, percent};
use crate::model::id::ProgramId;
use crate::model::money::Money;
use crate::model::time::date_in_words;
use crate::reconcile::layers::Layer;
use crate::reconcile::rollforward::{Form, Movement, Reason, Statement, Sum};
use crate::report::rollforward::{ADJUSTED, EARLIER, RECEIVED, movement_words};
use crate::report::scopes::ScopeKey;

/// Which sheet holds the lines, and the column of what is open.
const DETAIL: [(u8, &str); 2] = [(7, "open"), (9, "open")];

const LEAD: &[Column] = &[
    CURRENCY,
    column(
        "program",
        "Program",
        Kind::Text,
        "The program by its name; \"No program named\" for lump sums without one.",
    ),
    column("opening", "Opening", Kind::Amount, "Unpaid when the month before was closed."),
    column(
        "earlier_periods",
        "Earlier periods",
        Kind::Amount,
        "Prior-period changes, late and removed lines, backdated records.",
    ),
    column(
        "earned",
        "Earned",
        Kind::Amount,
        "Calculated lines of this month in a booked status, whatever was paid.",
    ),
    column("adjustments", "Adjustments", Kind::Amount, "Adjustments dated in this month."),
    column(
        "received",
        "Received",
        Kind::Amount,
        "Receipts dated in this month with a payout record; negative.",
    ),
    column(
        "journals",
        "Write-offs and journals",
        Kind::Amount,
        "Our own journals dated in this month, from journals.csv.",
    ),
    column(
        "closing",
        "Closing",
        Kind::Amount,
        "Unpaid at the end of the month: opening and movements added up.",
    ),
    column(
        "ledger",
        "Ledger",
        Kind::Amount,
        "The balance of the general ledger, where ledger.csv gives it by program.",
    ),
    column("ledger_difference", "Closing less ledger", Kind::Amount, "Sheet 05, statement B explains it."),
    column("change", "Change", Kind::Amount, "Closing less opening."),
    column(
        "change_percent",
        "Change %",
        Kind::Text,
        "Change in percent of the opening; empty where the opening is zero.",
    ),
    column("comment", "Comment", Kind::Text, "For the preparer."),
];

/// The movements of the lead sheet: the key of the column, and the rows of the roll-forward in it.
const GROUPS: [(&str, &[Movement]); 6] = [
    ("opening", &[Movement::Opening]),
    ("earlier_periods", &EARLIER),
    ("earned", &[Movement::Earned]),
    ("adjustments", &ADJUSTED),
    ("received", &RECEIVED),
    ("journals", &[Movement::Journals]),
];

/// 03: the balance by program.
pub(in super::super) fn lead(close: &Close<'_, '_>) -> Sheet {
    let mut sheet = Sheet {
        number: 3,
        name: "Lead",
        purpose: "The balance by program: opening, movements and closing on one row.",
        notes: vec![dates(close)],
        columns: LEAD.to_vec(),
        empty: "No program has a balance or a movement in this month.",
        ..Sheet::default()
    };
    let ledger = close.ledger();
    for (currency, statement) in &close.rolled.statements {
        for (program, rows) in &statement.programs {
            let number = sheet.rows.len();
            let of = |group: &[Movement]| -> i128 {
                group.iter().map(|m| rows.get(m).map_or(0, |sum| sum.total())).sum()
            };
            let parts: Vec<i128> = GROUPS.iter().map(|(_, group)| of(group)).collect();
            let (opening, closing) = (parts[0], parts.iter().sum::<i128>());
            let at = |key| At { sheet: 3, row: Place::Row(number), key };
            let sum = Formula::Add(GROUPS.iter().map(|(key, _)| (false, at(key))).collect());
            let mut row = vec![code(*currency), Value::text(program_name(close, *program))];
            row.extend(parts.iter().map(|minor| amount(*minor, *currency)));
            row.push(Value::formula(sum, amount(closing, *currency)));
            match ledger.get(currency).and_then(|statement| statement.ledger_of(*program)) {
                Some(balance) if program.is_some() => {
                    let left = Formula::difference(at("closing"), at("ledger"));
                    row.push(Value::Amount(balance));
                    row.push(Value::formula(left, amount(closing - balance.minor(), *currency)));
                }
                Some(_) | None => row.extend([Value::Empty, Value::Empty]),
            }
            let change = Formula::difference(at("closing"), at("opening"));
            row.push(Value::formula(change, amount(closing - opening, *currency)));
            row.push(percent(closing - opening, opening));
            row.push(Value::Empty);
            sheet.rows.push(row);
        }
    }
    let sums: Vec<&'static str> = GROUPS
        .iter()
        .map(|(key, _)| *key)
        .chain(["closing", "ledger", "ledger_difference", "change"])
        .collect();
    sheet.add_totals(&sums);
    sheet
}

const ROLL_FORWARD: &[Column] = &[
    column("row", "Row", Kind::Text, "The code of the movement: opening, earned, received-cash and so on."),
    column("movement", "Movement", Kind::Text, "What the row means."),
    CURRENCY,
    column("program", "Program", Kind::Text, "The program by its name."),
    column("amount", "Amount", Kind::Amount, "Signed as it moves the balance: receipts are negative."),
    column("records", "Records", Kind::Count, "Lines, adjustments or receipts with an amount in the row."),
    column("ties_to", "Ties to", Kind::Text, "Where the amount can be followed further."),
    column("result", "Result", Kind::Verdict, "Whether closing and detail agree."),
];

/// 04: the roll-forward. `sheets` are those of the detail, which the closing ties to.
pub(in super::super) fn roll_forward(close: &Close<'_, '_>, sheets: &Sheets) -> Sheet {
    let mut sheet = Sheet {
        number: 4,
        name: "Roll-forward",
        purpose: "From the opening to the closing balance, program by program; every record is in exactly one row.",
        notes: vec![dates(close), super::super::words::basis(close)],
        columns: ROLL_FORWARD.to_vec(),
        empty: "Nothing was open and nothing moved in this month.",
        ..Sheet::default()
    };
    for (currency, statement) in &close.rolled.statements {
        for (program, rows) in &statement.programs {
            let first = sheet.rows.len();
            for movement in Movement::ALL {
                let sum = rows.get(&movement).copied().unwrap_or_default();
                if sum == Sum::default() && movement != Movement::Opening {
                    continue;
                }
                sheet.rows.push(vec![
                    Value::text(row_code(movement)),
                    Value::text(movement_words(close.rolled, movement).0),
                    code(*currency),
                    Value::text(program_name(close, *program)),
                    amount(sum.total(), *currency),
                    Value::count(sum.records),
                    Value::text(ties_to(movement)),
                    Value::Empty,
                ]);
            }
            let cells = (first..sheet.rows.len())
                .map(|row| (false, At { sheet: 4, row: Place::Row(row), key: "amount" }))
                .collect();
            let closing = rows.values().map(|sum| sum.total()).sum();
            sheet.rows.push(vec![
                Value::text("closing"),
                Value::text(format!("Closing balance, {}", date_in_words(close.closing_day()))),
                code(*currency),
                Value::text(program_name(close, *program)),
                Value::formula(Formula::Add(cells), amount(closing, *currency)),
                Value::Empty,
                Value::text("06 Aging, amounts of the program"),
                Value::Empty,
            ]);
        }
    }
    for statement in close.rolled.statements.values() {
        totals(close, statement, sheets, &mut sheet);
    }
    sheet
}

/// The statement of a currency over all programs, below the table.
fn totals(close: &Close<'_, '_>, statement: &Statement, sheets: &Sheets, sheet: &mut Sheet) {
    let currency = statement.currency;
    let row = |code_of: &'static str,
               words: String,
               value: Value,
               records: Value,
               ties: &'static str,
               result: Value| {
        vec![
            Value::text(code_of),
            Value::text(words),
            code(currency),
            Value::text("All programs"),
            value,
            records,
            Value::text(ties),
            result,
        ]
    };
    let first = sheet.totals.len();
    for movement in Movement::ALL {
        let sum = statement.row(movement);
        if sum == Sum::default() && movement != Movement::Opening {
            continue;
        }
        let only = vec![("currency", currency.code().to_owned()), ("row", row_code(movement).to_owned())];
        let value =
            Value::formula(Formula::Sum { sheet: 4, key: "amount", only }, amount(sum.total(), currency));
        let words = movement_words(close.rolled, movement).0;
        sheet.totals.push(row(
            row_code(movement),
            words,
            value,
            Value::count(sum.records),
            ties_to(movement),
            Value::Empty,
        ));
    }
    let at = |row| At { sheet: 4, row: Place::Total(row), key: "amount" };
    let closing_at = sheet.totals.len();
    let cells = (first..closing_at).map(|row| (false, at(row))).collect();
    let closing = statement.closing_balance();
    sheet.totals.push(row(
        "closing",
        format!("Closing balance, {}", date_in_words(close.closing_day())),
        Value::formula(Formula::Add(cells), Value::Amount(closing)),
        Value::Empty,
        "03 Lead, Closing",
        Value::Empty,
    ));
    let detail = statement.aging.total();
    let cells: Vec<(bool, At)> = DETAIL
        .iter()
        .filter_map(|(number, key)| Some((false, total_of(sheets.get(*number)?, currency.code(), key)?)))
        .collect();
    sheet.totals.push(row(
        "closing-per-detail",
        "Closing per detail: the open items added up".to_owned(),
        Value::formula(Formula::Add(cells), Value::Amount(detail)),
        Value::count(statement.aging.items()),
        "07 Lines and 09 Adjustments, Open",
        Value::Empty,
    ));
    let check = statement.check();
    sheet.totals.push(row(
        "check",
        "Check: closing balance less detail".to_owned(),
        Value::formula(Formula::difference(at(closing_at), at(closing_at + 1)), Value::Amount(check)),
        Value::Empty,
        "must be zero",
        Value::formula(Formula::IsZero(at(closing_at + 2)), Value::Verdict(Verdict::of(check))),
    ));
    let layers = close.layers();
    let first = sheet.totals.len();
    for (layer, sum) in layers.get(&currency).into_iter().flat_map(|layered| &layered.all) {
        let booked = match (layer.is_estimate(), sum.is_booked) {
            (true, _) => format!("not booked, {} by our own rules", sum.amount.grouped()),
            (false, true) if layer == &Layer::Received => "settled".to_owned(),
            (false, true) => "in the balance".to_owned(),
            (false, false) if sum.amount.is_zero() => "nothing to book".to_owned(),
            (false, false) => format!("{} not booked by policy", sum.amount.grouped()),
        };
        sheet.totals.push(row(
            "layer",
            format!("{} {}: {booked}", layer.code(), layer.label()).trim().to_owned(),
            Value::Amount(sum.in_balance()),
            Value::count(sum.records),
            "07 Lines and 08 Orders without line, by status",
            Value::Empty,
        ));
    }
    let cells = (first..sheet.totals.len()).map(|row| (false, at(row))).collect();
    let in_balance = layers.get(&currency).map_or(0, |layered| layered.in_balance());
    let in_balance = Money::from_minor(in_balance, currency);
    let layered_at = sheet.totals.len();
    let left = Money::from_minor(in_balance.minor() - closing.minor(), currency);
    sheet.totals.push(row(
        "layers",
        "All layers in the balance".to_owned(),
        Value::formula(Formula::Add(cells), Value::Amount(in_balance)),
        Value::Empty,
        "must be the closing balance",
        Value::Empty,
    ));
    sheet.totals.push(row(
        "layers-check",
        "Check: layers less closing balance".to_owned(),
        Value::formula(Formula::difference(at(layered_at), at(closing_at)), Value::Amount(left)),
        Value::Empty,
        "must be zero",
        Value::formula(Formula::IsZero(at(layered_at + 1)), Value::Verdict(Verdict::of(left))),
    ));
}

/// The cell of a column in the total of a currency.
pub(in super::super) fn total_of(sheet: &Sheet, currency: &str, key: &'static str) -> Option<At> {
    let column = sheet.column("currency")?;
    let row = sheet.totals.iter().position(|row| row[column].csv() == currency)?;
    Some(At { sheet: sheet.number, row: Place::Total(row), key })
}

/// Both dates of opening and closing.
pub(super) fn dates(close: &Close<'_, '_>) -> String {
    format!(
        "From {} to {}, as known at {}.",
        date_in_words(close.opening_day()),
        date_in_words(close.closing_day()),
        close.rolled.known.in_words()
    )
}

/// A program by its name.
pub(super) fn program_name(close: &Close<'_, '_>, program: Option<ProgramId>) -> String {
    let Some(id) = program else { return "No program named".to_owned() };
    let members = close.report.scopes.members(&ScopeKey::program(id));
    members.map_or_else(|| id.raw().to_owned(), |members| members.name.clone())
}

/// The code of a row.
pub(in super::super) fn row_code(movement: Movement) -> &'static str {
    match movement {
        Movement::Opening => "opening",
        Movement::PriorChanges => "prior-period-changes",
        Movement::LateLines => "late-lines",
        Movement::Earned => "earned",
        Movement::RemovedLines => "removed-lines",
        Movement::BackdatedAdjustments => "backdated-adjustments",
        Movement::BackdatedReceipts => "backdated-receipts",
        Movement::BackdatedJournals => "backdated-journals",
        Movement::Journals => "journals",
        Movement::Adjusted(Reason::Refund) => "adjustments-refund",
        Movement::Adjusted(Reason::Eligibility) => "adjustments-eligibility",
        Movement::Adjusted(Reason::Fee) => "adjustments-fee",
        Movement::Adjusted(Reason::Other) => "adjustments-other",
        Movement::Received(Form::Cash) => "received-cash",
        Movement::Received(Form::Credit) => "received-credit",
        Movement::Received(Form::Coupon) => "received-coupon",
        Movement::Received(Form::Other) => "received-other",
    }
}

fn ties_to(movement: Movement) -> &'static str {
    match movement {
        Movement::Opening => "the pack of the month before, 04 Roll-forward, closing",
        Movement::PriorChanges | Movement::LateLines | Movement::RemovedLines => {
            "12 Prior-period changes, Change"
        }
        Movement::Earned => "07 Lines of this month, Recognized",
        Movement::BackdatedAdjustments | Movement::Adjusted(_) => "09 Adjustments, Amount",
        Movement::BackdatedReceipts | Movement::Received(_) => "10 Payouts, Sum of lines",
        Movement::BackdatedJournals | Movement::Journals => "09 Adjustments, journals",
    }
}

/// What the month closes with, the currency with the most lines first.
pub(in super::super) fn closing(close: &Close<'_, '_>) -> Vec<Money> {
    let none = crate::report::scopes::Members::default();
    let members = close.report.scopes.period(close.month).unwrap_or(&none);
    let totals = close.report.totals(&members.lines);
    let by_weight = totals.by_weight();
    let place = |currency| by_weight.iter().position(|(known, _)| *known == currency).unwrap_or(usize::MAX);
    let mut all: Vec<Money> = close.rolled.statements.values().map(Statement::closing_balance).collect();
    all.sort_by_key(|amount| (place(amount.currency()), amount.currency()));
    all
}

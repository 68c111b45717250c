//! Sheet 02: two figures that must agree, each computed in its own way, and whether they do (domain 7).

use std::borrow::Cow;

use super::close::Close;
use super::sheet::{At, Column, Formula, Kind, Place, Sheet, Sheets, Value, Verdict};
use super::sheets::total_of;
use crate::model::money::{Currency, Money};
use crate::reconcile::Direction;
use crate::reconcile::ledger::Agreement;

/// The number of the sheet.
pub(super) const NUMBER: u8 = 2;

const fn column(key: &'static str, label: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { key, label, kind, meaning }
}

const COLUMNS: &[Column] = &[
    column("check_id", "Check", Kind::Text, "The code of the check."),
    column("description", "What must agree", Kind::Text, "The two figures."),
    column("currency", "Currency", Kind::Text, "Currency of the amounts; empty for counts."),
    column("value", "Value", Kind::Amount, "The first figure."),
    column("expected", "Must equal", Kind::Amount, "The second figure."),
    column("difference", "Difference", Kind::Amount, "First less second; must be zero."),
    column(
        "result",
        "Result",
        Kind::Verdict,
        "pass, fail, or open where something is missing or a person decides.",
    ),
    column("sheet", "Sheet", Kind::Text, "Where to look."),
    column("what_to_do", "What to do", Kind::Text, "The next step where it does not pass."),
];

/// One side of a check: a cell of a sheet, or a figure that stands nowhere else.
enum Side {
    Cell(At, Money),
    Sum(Formula, Money),
    Figure(Money),
}

impl Side {
    fn amount(&self) -> Money {
        match self {
            Side::Cell(_, amount) | Side::Sum(_, amount) | Side::Figure(amount) => *amount,
        }
    }

    fn value(&self) -> Value {
        match self {
            Side::Cell(at, amount) => {
                Value::formula(Formula::Add(vec![(false, *at)]), Value::Amount(*amount))
            }
            Side::Sum(formula, amount) => Value::formula(formula.clone(), Value::Amount(*amount)),
            Side::Figure(amount) => Value::Amount(*amount),
        }
    }
}

/// The checks while they are collected.
struct Checks<'s> {
    sheets: &'s Sheets,
    rows: Vec<Vec<Value>>,
}

impl Checks<'_> {
    /// The cell of a row of totals, by the words in its first columns.
    fn cell(&self, sheet: u8, row: impl Fn(&[Value]) -> bool, key: &'static str) -> Option<Side> {
        let found = self.sheets.get(sheet)?;
        let place = Place::Total(found.totals.iter().position(|total| row(total))?);
        let amount = found.value(place, key)?.amount()?;
        Some(Side::Cell(At { sheet, row: place, key }, amount))
    }

    fn total(&self, sheet: u8, currency: Currency, key: &'static str) -> Side {
        let zero = Side::Figure(Money::zero(currency));
        let Some(found) = self.sheets.get(sheet) else { return zero };
        let Some(at) = total_of(found, currency.code(), key) else { return zero };
        let amount = found.value(at.row, key).and_then(Value::amount);
        amount.map_or(zero, |amount| Side::Cell(at, amount))
    }

    /// A row of the totals of sheet 05, by its code.
    fn statement(&self, code: &str, currency: Currency) -> Side {
        let row = |row: &[Value]| row[3].csv() == code && row[7].csv() == currency.code();
        self.cell(5, row, "amount").unwrap_or(Side::Figure(Money::zero(currency)))
    }

    /// The items of a statement of sheet 05, added up one by one.
    fn items(&self, statement: &str, currency: Currency) -> Side {
        let rows = self.sheets.get(5).map_or(&[][..], |sheet| &sheet.rows);
        let of_statement =
            rows.iter().filter(|row| row[0].csv() == statement && row[7].csv() == currency.code());
        let minor = of_statement.filter_map(|row| row[8].amount()).map(Money::minor).sum();
        let only = vec![("statement", statement.to_owned()), ("currency", currency.code().to_owned())];
        Side::Sum(Formula::Sum { sheet: 5, key: "amount", only }, Money::from_minor(minor, currency))
    }

    fn agree(
        &mut self,
        id: &'static str,
        what: &'static str,
        (value, expected): (Side, Side),
        sheet: u8,
        help: &'static str,
    ) {
        let (a, b) = (value.amount(), expected.amount());
        let number = self.rows.len();
        let at = |key| At { sheet: NUMBER, row: Place::Row(number), key };
        let difference = Money::from_minor(a.minor() - b.minor(), a.currency());
        self.rows.push(vec![
            Value::text(id),
            Value::text(what),
            Value::text(a.currency().code()),
            value.value(),
            expected.value(),
            Value::formula(Formula::difference(at("value"), at("expected")), Value::Amount(difference)),
            Value::formula(Formula::IsZero(at("difference")), Value::Verdict(Verdict::of(difference))),
            self.title(sheet),
            Value::text(if difference.is_zero() { "" } else { help }),
        ]);
    }

    fn count(
        &mut self,
        id: &'static str,
        what: &'static str,
        (value, expected): (usize, usize),
        sheet: u8,
        help: &'static str,
    ) {
        let number = self.rows.len();
        let at = |key| At { sheet: NUMBER, row: Place::Row(number), key };
        let difference =
            i64::try_from(value).unwrap_or(i64::MAX) - i64::try_from(expected).unwrap_or(i64::MAX);
        let verdict = if difference == 0 { Verdict::Pass } else { Verdict::Fail };
        self.rows.push(vec![
            Value::text(id),
            Value::text(what),
            Value::Empty,
            Value::count(value),
            Value::count(expected),
            Value::formula(Formula::difference(at("value"), at("expected")), Value::Count(difference)),
            Value::formula(Formula::IsZero(at("difference")), Value::Verdict(verdict)),
            self.title(sheet),
            Value::text(if difference == 0 { "" } else { help }),
        ]);
    }

    fn open(
        &mut self,
        id: &'static str,
        what: &'static str,
        currency: Option<Currency>,
        sheet: u8,
        help: impl Into<Cow<'static, str>>,
    ) {
        self.rows.push(vec![
            Value::text(id),
            Value::text(what),
            Value::or_empty(currency, |currency| Value::text(currency.code())),
            Value::Empty,
            Value::Empty,
            Value::Empty,
            Value::Verdict(Verdict::Open),
            self.title(sheet),
            Value::text(help),
        ]);
    }

    fn title(&self, sheet: u8) -> Value {
        Value::or_empty(self.sheets.get(sheet), |sheet| Value::text(sheet.title()))
    }
}

/// 02: the checks of the pack. `sheets` are all others that hold figures; `parent` is what the sealed pack of the month
/// before closed with, where there is one.
pub(super) fn checks(close: &Close<'_, '_>, sheets: &Sheets, parent: Option<&[Money]>) -> Sheet {
    let mut checks = Checks { sheets, rows: Vec::new() };
    for currency in close.rolled.statements.keys() {
        balance(close, &mut checks, *currency, parent);
    }
    for (currency, statement) in close.ledger() {
        ledger(&mut checks, currency, statement.agreement());
    }
    for (month, currency) in close.report.bridges.keys() {
        if *month == close.month {
            bridge(close, &mut checks, *currency);
        }
    }
    stakes(close, &mut checks);
    rows(&mut checks);
    Sheet {
        number: NUMBER,
        name: "Checks",
        purpose: "Two figures for each check, computed in two ways; the difference must be zero.",
        columns: COLUMNS.to_vec(),
        rows: checks.rows,
        ..Sheet::default()
    }
}

fn is_row(code: &'static str, currency: Currency) -> impl Fn(&[Value]) -> bool {
    move |row| row[0].csv() == code && row[2].csv() == currency.code()
}

fn balance(close: &Close<'_, '_>, checks: &mut Checks<'_>, currency: Currency, parent: Option<&[Money]>) {
    let zero = || Side::Figure(Money::zero(currency));
    let roll =
        |checks: &Checks<'_>, code| checks.cell(4, is_row(code, currency), "amount").unwrap_or_else(zero);
    let (closing, detail) = (roll(checks, "closing"), roll(checks, "closing-per-detail"));
    checks.agree(
        "C-01",
        "Closing balance of the roll-forward = the open lines and adjustments added up",
        (closing, detail),
        4,
        "this is a bug of the program: report it with the input",
    );
    let aged = checks.cell(6, |row| row[2].csv() == "all" && row[0].csv() == currency.code(), "amount");
    let closing = roll(checks, "closing");
    checks.agree(
        "C-02",
        "Open items by age = closing balance",
        (aged.unwrap_or_else(zero), closing),
        6,
        "this is a bug of the program: report it with the input",
    );
    let lead = checks.total(3, currency, "closing");
    let closing = roll(checks, "closing");
    checks.agree(
        "C-03",
        "Closing of all programs on the lead sheet = closing balance",
        (lead, closing),
        3,
        "this is a bug of the program: report it with the input",
    );
    let (layers, closing) = (roll(checks, "layers"), roll(checks, "closing"));
    checks.agree(
        "C-16",
        "Recognition layers in the balance = closing balance",
        (layers, closing),
        4,
        "this is a bug of the program: report it with the input",
    );
    let what = "Opening balance = closing balance of the sealed pack of the month before";
    match parent {
        Some(amounts) => {
            let before = amounts.iter().find(|amount| amount.currency() == currency).copied();
            let before = Side::Figure(before.unwrap_or(Money::zero(currency)));
            let opening = roll(checks, "opening");
            let help =
                "the month before was sealed with another balance: close it again, naming its predecessor";
            checks.agree("C-04", what, (opening, before), 4, help);
        }
        None => {
            let before = close.rolled.from.month;
            let help = format!(
                "seal the pack of the month before: tieout close {before} --seal; if this is the first month, compare its opening with the ledger"
            );
            checks.open("C-04", what, Some(currency), 4, help);
        }
    }
    if close.opening.is_some() {
        let rows = ["prior-period-changes", "late-lines", "removed-lines"];
        let minor = rows.iter().map(|code| roll(checks, code).amount().minor()).sum();
        let changed = checks.total(12, currency, "change");
        let moved = Side::Figure(Money::from_minor(minor, currency));
        checks.agree("C-05", "Prior-period changes line by line = prior-period changes, late and removed lines of the roll-forward", (changed, moved), 12, "this is a bug of the program: report it with the input");
    }
    let (gap, told) = (checks.total(10, currency, "difference"), checks.total(10, currency, "explained"));
    let help = "follow the gap of the payout on sheet 10, and ask for the remittance advice";
    checks.agree(
        "C-06",
        "Gaps between payouts and their lines = gaps that a case stands for",
        (gap, told),
        10,
        help,
    );
    let later = close.rolled.statements.get(&currency).map(|statement| statement.later);
    if let Some(later) = later.filter(|later| !later.is_empty()) {
        let listed = checks.total(11, currency, "adjustment");
        checks.agree(
            "C-07",
            "Adjustments after the end of the month, one by one = their sum",
            (listed, Side::Figure(later.adjustments.1)),
            11,
            "this is a bug of the program: report it with the input",
        );
    }
}

/// Statement B: never plugged.
fn ledger(checks: &mut Checks<'_>, currency: Currency, agreement: Agreement) {
    let what = "Closing balance less ledger = items of statement B";
    match agreement {
        Agreement::NoBalance => {
            let help = "give the balance of the ledger: period, currency and balance in ledger.csv";
            checks.open("C-15", what, Some(currency), 5, help);
        }
        Agreement::Balanced | Agreement::NotBalanced(_) => {
            let sides = (checks.statement("ledger-difference", currency), checks.items("B", currency));
            let help = "not balanced: find the entry that one book has and the other has not, and add it to journals.csv";
            checks.agree("C-15", what, sides, 5, help);
        }
    }
}

fn bridge(close: &Close<'_, '_>, checks: &mut Checks<'_>, currency: Currency) {
    let sides = (checks.statement("difference", currency), checks.items("A", currency));
    checks.agree(
        "C-08",
        "Vendor calculated less own expected = the effects of all reconciling items",
        sides,
        5,
        "this is a bug of the program: report it with the input",
    );
    let of_month = close.lines().into_iter().map(|number| close.report.line(number));
    let minor = of_month
        .filter(|line| line.period == close.month && line.currency == currency)
        .filter_map(|line| line.amount_calculated)
        .map(Money::minor)
        .sum();
    let lines = Side::Figure(Money::from_minor(minor, currency));
    let vendor = checks.statement("vendor-calculated", currency);
    checks.agree(
        "C-09",
        "Calculated amounts of the lines of this month = vendor calculated of the statement",
        (lines, vendor),
        7,
        "this is a bug of the program: report it with the input",
    );
}

/// What may have to be given back, against the cases of all kinds.
fn stakes(close: &Close<'_, '_>, checks: &mut Checks<'_>) {
    let cases = close.report.reconciled.cases.iter();
    let of_pack = cases.filter(|case| case.period.is_none_or(|month| month <= close.month));
    for ((currency, direction), minor) in crate::report::data::stakes(of_pack) {
        if direction == Direction::Exposure && minor != 0 {
            let listed = checks.total(15, currency, "amount");
            let all = Side::Figure(Money::from_minor(minor, currency));
            checks.agree(
                "C-10",
                "Exposure, case by case = amount at stake of all exposure",
                (listed, all),
                15,
                "this is a bug of the program: report it with the input",
            );
        }
    }
}

/// Rows of files, rows set aside, and the cut-off.
fn rows(checks: &mut Checks<'_>) {
    let verdicts = |checks: &Checks<'_>, number: u8, part: Option<&str>, wanted: Verdict| -> usize {
        let Some(sheet) = checks.sheets.get(number) else { return 0 };
        let Some(result) = sheet.column("result") else { return 0 };
        let is_part = |row: &&Vec<Value>| part.is_none_or(|part| row[0].csv() == part);
        let is_wanted = |row: &&Vec<Value>| row[result].plain() == &Value::Verdict(wanted);
        sheet.rows.iter().filter(is_part).filter(is_wanted).count()
    };
    let failed = verdicts(checks, 17, Some("rows"), Verdict::Fail);
    checks.count(
        "C-11",
        "Files whose rows are not all header, blank, merged, set aside or loaded",
        (failed, 0),
        17,
        "this is a bug of the program: report it with the input",
    );
    let failed = verdicts(checks, 17, Some("amounts"), Verdict::Fail);
    checks.count(
        "C-12",
        "Control totals that do not tie",
        (failed, 0),
        17,
        "ask for the file again and compare its row count; do not close on it before it ties",
    );
    let aside = checks.sheets.get(17).and_then(|sheet| Some((sheet, sheet.column("set_aside")?)));
    let in_files = aside.map_or(0, |(sheet, column)| {
        let counts = sheet.rows.iter().map(|row| row[column].csv().parse::<usize>().unwrap_or(0));
        counts.sum()
    });
    let listed = checks.sheets.get(18).map_or(0, |sheet| sheet.rows.len());
    checks.count(
        "C-13",
        "Rows set aside, listed = rows set aside by file",
        (listed, in_files),
        18,
        "this is a bug of the program: report it with the input",
    );
    let shifted = verdicts(checks, 13, None, Verdict::Fail);
    let what = "Orders around the end of the month that count in another month at the vendor";
    if shifted == 0 {
        checks.count("C-14", what, (0, 0), 13, "");
    } else {
        let help = format!(
            "{shifted} found: decide for each whether it belongs to this month; sheet 05 names what explains it"
        );
        checks.open("C-14", what, None, 13, help);
    }
}

//! The workbook of a close pack in another program than ours: LibreOffice must come to every value that is written.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fs;
use std::path::Path;

use tieout::export::workbook::workbook;
use tieout::model::money::{Currency, Money};
use tieout::model::time::{AsOf, Month};
use tieout::report::pack::sheet::{At, Column, Formula, Kind, Place, Sheet, Sheets, Value, Verdict};
use tieout::report::pack::{Head, Pack, State};

use super::recalculate::{Recalculated, recalculated};

fn amount(minor: i128, code: &str) -> Value {
    Value::Amount(Money::from_minor(minor, Currency::parse(code).unwrap()))
}

fn column(key: &'static str, kind: Kind) -> Column {
    Column { key, label: key, kind, meaning: "" }
}

fn pack(sheets: Vec<Sheet>) -> Pack {
    let month = Month::new(2026, 5).unwrap();
    let head = Head {
        id: "CP-2026-05-1439d6fd45fe".to_owned(),
        fingerprint: "0".repeat(64),
        organization: String::new(),
        month,
        period: month.period(),
        time_zone: "UTC".to_owned(),
        known: AsOf::parse("2026-06-18").unwrap(),
        record_set: "0123456789ab".to_owned(),
        configuration_sha256: "0".repeat(64),
        version: "0.1.0",
        command: "tieout close 2026-05".to_owned(),
        state: State::Draft,
        parent: None,
        replaces: None,
    };
    Pack { head, sheets: Sheets(sheets), closing: Vec::new() }
}

/// What conditions could be misread in: case, numbers, dates, truth values, patterns, operators, quotes.
const WORDS: [&str; 16] = [
    "Core",
    "CORE",
    "in-period",
    "2026-05",
    "000123",
    "123",
    "123456789012345678",
    "123456789012345670",
    "MAR-1",
    "1E3",
    "TRUE",
    "a*",
    "ab",
    ">0",
    "\"quoted\"",
    "云",
];

/// Lines whose amounts come from a simple generator of numbers, as large as a live total allows.
fn lines() -> Sheet {
    let mut state = 20_260_531_u64;
    let mut number = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let largest = (1_u64 << 52) / 3_000 / 3_000;
    let rows = (0..3_000).map(|row| {
        let code = ["USD", "JPY", "KWD"][number(3) as usize];
        let sign = if number(4) == 0 { -1 } else { 1 };
        let word = WORDS[row % WORDS.len()];
        let amount = amount(sign * i128::from(number(largest)), code);
        // A number as text stands between the others: no total needs it.
        let amount = if row == 7 { self::amount(10_i128.pow(15), "EUR") } else { amount };
        let code = if row == 7 { "EUR" } else { code };
        vec![Value::id(format!("{row:018}")), Value::text(word), Value::text(code), amount]
    });
    let columns =
        [("line", Kind::Id), ("word", Kind::Text), ("currency", Kind::Text), ("open", Kind::Amount)];
    let mut sheet = Sheet {
        number: 7,
        name: "Lines",
        purpose: "Which lines make up the balance?",
        columns: columns.map(|(key, kind)| column(key, kind)).to_vec(),
        rows: rows.collect(),
        ..Sheet::default()
    };
    sheet.add_totals(&["open"]);
    sheet
}

/// Every kind of formula over the lines.
fn checks(lines: &Sheet) -> Sheet {
    let total = |row| At { sheet: 7, row: Place::Total(row), key: "open" };
    let own = |row, key| At { sheet: 2, row: Place::Row(row), key };
    let matching = |word: &'static str| {
        lines.rows.iter().filter(move |row| row[1].csv() == word && row[2].csv() == "USD")
    };
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for word in WORDS {
        let only = vec![("word", word.to_owned()), ("currency", "USD".to_owned())];
        let sum = matching(word).map(|row| row[3].amount().unwrap().minor()).sum();
        let sum_formula = Formula::Sum { sheet: 7, key: "open", only: only.clone() };
        let count = Value::count(matching(word).count());
        rows.push(vec![
            Value::text(word),
            Value::formula(sum_formula, amount(sum, "USD")),
            Value::formula(Formula::Count { sheet: 7, only }, count),
            Value::Empty,
        ]);
    }
    let all = rows.len();
    let first = rows[0][1].amount().unwrap();
    rows.push(vec![
        Value::text("none"),
        Value::formula(
            Formula::difference(own(0, "value"), own(0, "value")),
            Value::Amount(Money::zero(first.currency())),
        ),
        Value::formula(Formula::Count { sheet: 7, only: Vec::new() }, Value::count(lines.rows.len())),
        Value::formula(Formula::IsZero(own(all, "value")), Value::Verdict(Verdict::Pass)),
    ]);
    let of_totals = |row: usize| lines.totals[row][3].amount().unwrap();
    // Totals are in the order of their currencies: EUR, JPY, KWD, USD.
    for row in 1..=3 {
        let less = Formula::Add(vec![(true, total(row))]);
        let verdict = Verdict::of(of_totals(row));
        rows.push(vec![
            Value::text("less"),
            Value::formula(less, Value::Amount(of_totals(row).negated())),
            Value::Empty,
            Value::formula(Formula::IsZero(total(row)), Value::Verdict(verdict)),
        ]);
    }
    let columns =
        [("word", Kind::Text), ("value", Kind::Amount), ("lines", Kind::Count), ("result", Kind::Verdict)];
    Sheet {
        number: 2,
        name: "Checks",
        columns: columns.map(|(key, kind)| column(key, kind)).to_vec(),
        rows,
        ..Sheet::default()
    }
}

fn calculated(bytes: &[u8]) -> Option<Recalculated> {
    let file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    fs::write(file.path(), bytes).unwrap();
    recalculated(Path::new(file.path()))
}

#[test]
fn another_program_calculates_what_is_written() {
    // Goal: whoever opens the workbook and calculates it anew sees the same cents (domain 1.11). Method: 3,000 lines in three
    // currencies as large as a live total allows, words that conditions are prone to misread, every kind of formula; all
    // cells, before and after LibreOffice calculated them.
    let lines = lines();
    let mut empty = lines.clone();
    (empty.number, empty.name, empty.rows, empty.totals) = (8, "Orders", Vec::new(), Vec::new());
    let none = Formula::Sum { sheet: 8, key: "open", only: vec![("currency", "USD".to_owned())] };
    let no_row = Formula::Count { sheet: 8, only: Vec::new() };
    let total = vec![
        Value::text("None"),
        Value::formula(no_row, Value::Count(0)),
        Value::Empty,
        Value::formula(none, amount(0, "USD")),
    ];
    empty.totals.push(total);
    let pack = pack(vec![checks(&lines), lines, empty]);
    assert_eq!(pack.sheets.disagreements(), Vec::<String>::new());
    let Some(result) = calculated(&workbook(&pack).unwrap()) else { return };
    assert_eq!(result.differences, Vec::<String>::new());
    // Three totals, two for each word, three of the sum of nothing, two for each total, two of the empty sheet.
    assert_eq!(result.formulas, 3 + 2 * WORDS.len() + 3 + 2 * 3 + 2, "every formula is live");
}

#[test]
fn a_value_that_is_wrong_is_found() {
    // Goal: the test above does calculate. Method: a pack whose total is one cent too high, and a formula that is an error.
    let mut wrong = lines();
    let Value::Formula(both) = wrong.totals[3][3].clone() else { panic!("a formula") };
    let (formula, said) = *both;
    let said = said.amount().unwrap();
    let one_more = Money::from_minor(said.minor() + 1, said.currency());
    wrong.totals[3][3] = Value::formula(formula, Value::Amount(one_more));
    let Some(result) = calculated(&workbook(&pack(vec![wrong])).unwrap()) else { return };
    assert_eq!(result.differences.len(), 1, "{:?}", result.differences);
    let before = format!("number {one_more}, then number {said} ");
    assert!(result.differences[0].contains(&before), "{:?}, not {before}", result.differences);

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_formula(0, 0, rust_xlsxwriter::Formula::new("1/0").set_result("#DIV/0!")).unwrap();
    let result = calculated(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!((result.formulas, result.differences.len()), (1, 1), "{:?}", result.differences);
}

//! A sheet of the close pack: a table of typed values, from which the workbook, the CSV file and the printed page are
//! written, so that all three hold the same figures.
//!
//! Totals and differences are formulas over other cells, each with the value that was computed apart from them.
//! [`Sheets::disagreements`] evaluates every formula and compares, so a workbook that is calculated anew changes nothing.

use std::collections::BTreeMap;

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::model::money::{Currency, Money};
use crate::model::time::Month;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// An identifier as it was received: text, also where it looks like a number.
    Id,
    /// An amount in the currency of its row.
    Amount,
    /// A whole number.
    Count,
    /// A day.
    Date,
    /// A month, `2026-05`.
    Month,
    /// A fraction or a rate of exchange.
    Rate,
    /// Whether a check holds.
    Verdict,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its header in the CSV file: `line_id`.
    pub key: &'static str,
    /// Its header in the workbook: `Line`.
    pub label: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// What it means, for the sheet of definitions.
    pub meaning: &'static str,
}

/// Whether a check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// What it needs was not given; the row says what to give.
    Open,
}

impl Verdict {
    /// Of a difference.
    pub fn of(difference: Money) -> Verdict {
        if difference.is_zero() { Verdict::Pass } else { Verdict::Fail }
    }

    /// The word in a cell.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Open => "open",
        }
    }
}

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// Nothing, or not known.
    #[default]
    Empty,
    /// Words.
    Text(Cow<'static, str>),
    /// An identifier as it was received.
    Id(Cow<'static, str>),
    /// An amount; its currency stands in a column of its own.
    Amount(Money),
    /// A whole number.
    Count(i64),
    /// A day.
    Date(NaiveDate),
    /// A month.
    Month(Month),
    /// A fraction (0.08 for 8 %) or a rate of exchange.
    Rate(Decimal),
    /// Whether a check holds.
    Verdict(Verdict),
    /// A live formula and the value that it must have.
    Formula(Box<(Formula, Value)>),
}

impl Value {
    /// Words.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Value {
        Value::Text(text.into())
    }

    /// An identifier.
    pub fn id(text: impl Into<Cow<'static, str>>) -> Value {
        Value::Id(text.into())
    }

    /// A count.
    pub fn count(count: usize) -> Value {
        Value::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A value that may not be known.
    pub fn or_empty<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
        value.map_or(Value::Empty, make)
    }

    /// A formula and its value.
    pub fn formula(formula: Formula, value: Value) -> Value {
        Value::Formula(Box::new((formula, value)))
    }

    /// The value itself: that of a formula, or its own.
    pub fn plain(&self) -> &Value {
        if let Value::Formula(both) = self { &both.1 } else { self }
    }

    /// The amount, where it is one.
    pub fn amount(&self) -> Option<Money> {
        if let Value::Amount(amount) = self.plain() { Some(*amount) } else { None }
    }

    /// The text, where it is one: words, or an identifier.
    pub fn as_text(&self) -> Option<&str> {
        match self.plain() {
            Value::Text(text) | Value::Id(text) => Some(text),
            Value::Empty
            | Value::Amount(_)
            | Value::Count(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Rate(_)
            | Value::Verdict(_)
            | Value::Formula(..) => None,
        }
    }

    /// The words, where it is text of ours.
    fn words(&self) -> Option<&str> {
        if let Value::Text(text) = self.plain() { Some(text) } else { None }
    }

    /// The value in a CSV file: plain decimals, `2026-05-31`, `pass`; empty for nothing.
    pub fn csv(&self) -> String {
        match self.plain() {
            Value::Empty | Value::Formula(..) => String::new(),
            Value::Text(text) | Value::Id(text) => text.clone().into_owned(),
            Value::Amount(amount) => amount.to_string(),
            Value::Count(count) => count.to_string(),
            Value::Date(date) => date.format("%Y-%m-%d").to_string(),
            Value::Month(month) => month.to_string(),
            Value::Rate(rate) => rate.normalize().to_string(),
            Value::Verdict(verdict) => verdict.word().to_owned(),
        }
    }
}

/// A cell of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The number of the sheet.
    pub sheet: u8,
    /// Its row.
    pub row: Place,
    /// The key of its column.
    pub key: &'static str,
}

/// A row of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A row of the table, from 0.
    Row(usize),
    /// A row of totals below it, from 0.
    Total(usize),
}

/// How a cell follows from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// The rows of a column added up, where other columns of the same sheet hold these words. The words are codes of ours
    /// (letters, digits, hyphens), never text as received: a spreadsheet reads `>` or `*` in a condition as an operator.
    Sum {
        /// The number of the sheet.
        sheet: u8,
        /// The column of amounts or counts.
        key: &'static str,
        /// Columns and what they hold.
        only: Vec<(&'static str, String)>,
    },
    /// The number of rows of a sheet where columns hold these words.
    Count {
        /// The number of the sheet.
        sheet: u8,
        /// Columns and what they hold.
        only: Vec<(&'static str, String)>,
    },
    /// Single cells added up; those with `true` are taken off.
    Add(Vec<(bool, At)>),
    /// `pass` where a cell is zero, else `fail`.
    IsZero(At),
}

impl Formula {
    /// The sum of a column over the rows of a currency.
    pub fn sum_of(sheet: u8, key: &'static str, currency: Currency) -> Formula {
        Formula::Sum { sheet, key, only: vec![("currency", currency.code().to_owned())] }
    }

    /// One cell less another.
    pub fn difference(of: At, less: At) -> Formula {
        Formula::Add(vec![(false, of), (true, less)])
    }
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// From 1; the order of the sheets.
    pub number: u8,
    /// `Roll-forward`.
    pub name: &'static str,
    /// The question that it answers, in a sentence.
    pub purpose: &'static str,
    /// What has to be known to read it, such as dates: one sentence each, above the table.
    pub notes: Vec<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The table; each row as wide as the columns.
    pub rows: Vec<Vec<Value>>,
    /// Totals, below the table; each as wide as the columns.
    pub totals: Vec<Vec<Value>>,
    /// Said where the table has no row.
    pub empty: &'static str,
}

impl Sheet {
    /// `04 Roll-forward`: the name of the sheet in the workbook.
    pub fn title(&self) -> String {
        format!("{:02} {}", self.number, self.name)
    }

    /// `04-roll-forward`: the name of its CSV file, without the extension.
    pub fn file(&self) -> String {
        format!("{:02}-{}", self.number, self.name.to_lowercase().replace(' ', "-"))
    }

    /// The number of a column.
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }

    /// The value of a cell; nothing for a cell that is not there.
    pub fn value(&self, row: Place, key: &str) -> Option<&Value> {
        let row = match row {
            Place::Row(number) => self.rows.get(number),
            Place::Total(number) => self.totals.get(number),
        };
        row?.get(self.column(key)?)
    }

    /// The currencies of its rows, each once, by code.
    pub fn currencies(&self) -> Vec<Currency> {
        let Some(column) = self.column("currency") else { return Vec::new() };
        let codes = self.rows.iter().filter_map(|row| Currency::parse(row[column].words()?));
        let mut all: Vec<Currency> = codes.collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The sum of each column of amounts in each currency that it has, by column, then by currency.
    pub fn control_totals(&self) -> Vec<ControlTotal> {
        let mut all = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let mut sums: BTreeMap<Currency, (usize, i128)> = BTreeMap::new();
            for amount in self.rows.iter().filter_map(|row| row[at].amount()) {
                let (amounts, minor) = sums.entry(amount.currency()).or_default();
                *amounts += 1;
                *minor += amount.minor();
            }
            let totals = sums.into_iter().map(|(currency, (amounts, minor))| ControlTotal {
                key: column.key,
                amounts,
                sum: Money::from_minor(minor, currency),
            });
            all.extend(totals);
        }
        all
    }

    /// Adds a row of totals for each currency: the columns of amounts and the number of rows in `counted`, as formulas.
    /// `sums` are the columns to add up; the words stand in the first column.
    pub fn add_totals(&mut self, sums: &[&'static str]) {
        for currency in self.currencies() {
            let mut total = vec![Value::Empty; self.columns.len()];
            total[0] = Value::text(format!("Total {currency}"));
            if let Some(column) = self.column("currency") {
                total[column] = Value::text(currency.code());
            }
            for key in sums {
                let Some(column) = self.column(key) else { continue };
                let of_currency =
                    |value: &Value| value.amount().filter(|amount| amount.currency() == currency);
                let minor =
                    self.rows.iter().filter_map(|row| of_currency(&row[column])).map(Money::minor).sum();
                let value = Value::Amount(Money::from_minor(minor, currency));
                total[column] = Value::formula(Formula::sum_of(self.number, key, currency), value);
            }
            self.totals.push(total);
        }
    }
}

/// A control total: the amounts of a column in one currency, added up over the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlTotal {
    /// The key of the column.
    pub key: &'static str,
    /// Of how many amounts.
    pub amounts: usize,
    /// Their sum.
    pub sum: Money,
}

/// The sheets of a pack, by their numbers.
#[derive(Debug, Clone, Default)]
pub struct Sheets(pub Vec<Sheet>);

impl Sheets {
    /// A sheet.
    pub fn get(&self, number: u8) -> Option<&Sheet> {
        self.0.iter().find(|sheet| sheet.number == number)
    }

    fn cell(&self, at: At) -> Option<&Value> {
        self.get(at.sheet)?.value(at.row, at.key)
    }

    /// What a formula gives on the values of the sheets: a whole number of minor units or rows, or a verdict. `None`: it
    /// names a cell that is not there, or one that is no number.
    fn evaluate(&self, formula: &Formula) -> Option<Result<i128, Verdict>> {
        let rows = |sheet: u8, only: &[(&'static str, String)]| {
            let sheet = self.get(sheet)?;
            let conditions: Option<Vec<(usize, &str)>> =
                only.iter().map(|(key, word)| Some((sheet.column(key)?, word.as_str()))).collect();
            let conditions = conditions?;
            let holds = move |row: &&Vec<Value>| conditions.iter().all(|(c, word)| row[*c].csv() == *word);
            Some((sheet, sheet.rows.iter().filter(holds).collect::<Vec<_>>()))
        };
        match formula {
            Formula::Sum { sheet, key, only } => {
                let (sheet, rows) = rows(*sheet, only)?;
                let column = sheet.column(key)?;
                rows.into_iter().map(|row| value_of(&row[column])).sum::<Option<i128>>().map(Ok)
            }
            Formula::Count { sheet, only } => i128::try_from(rows(*sheet, only)?.1.len()).ok().map(Ok),
            Formula::Add(cells) => cells
                .iter()
                .map(|(is_less, at)| Some(if *is_less { -1 } else { 1 } * value_of(self.cell(*at)?)?))
                .sum::<Option<i128>>()
                .map(Ok),
            Formula::IsZero(at) => {
                let is_zero = value_of(self.cell(*at)?)? == 0;
                Some(Err(if is_zero { Verdict::Pass } else { Verdict::Fail }))
            }
        }
    }

    /// Every cell whose formula gives another value than the one it was written with, by its place; none, or the program
    /// has a bug.
    pub fn disagreements(&self) -> Vec<String> {
        let mut found = Vec::new();
        for sheet in &self.0 {
            let rows = sheet.rows.iter().chain(&sheet.totals).enumerate();
            for (number, row) in rows {
                for (column, value) in sheet.columns.iter().zip(row) {
                    let Value::Formula(both) = value else { continue };
                    let (formula, said) = &**both;
                    let agrees = match self.evaluate(formula) {
                        Some(Ok(number)) => value_of(said) == Some(number),
                        Some(Err(verdict)) => *said == Value::Verdict(verdict),
                        None => false,
                    };
                    if !agrees {
                        found.push(format!(
                            "sheet {}, row {}, column {}: {:?} is written as {}",
                            sheet.title(),
                            number + 1,
                            column.key,
                            self.evaluate(formula),
                            said.csv()
                        ));
                    }
                }
            }
        }
        found
    }
}

/// The number that a cell counts with in a formula: minor units, or a count; an empty one counts as zero.
fn value_of(value: &Value) -> Option<i128> {
    match value.plain() {
        Value::Amount(amount) => Some(amount.minor()),
        Value::Count(count) => Some(i128::from(*count)),
        Value::Empty => Some(0),
        Value::Text(_)
        | Value::Id(_)
        | Value::Date(_)
        | Value::Month(_)
        | Value::Rate(_)
        | Value::Verdict(_)
        | Value::Formula(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i128) -> Value {
        Value::Amount(Money::from_minor(minor, Currency::parse("USD").unwrap()))
    }

    fn column(key: &'static str, kind: Kind) -> Column {
        Column { key, label: key, kind, meaning: "" }
    }

    fn sheet() -> Sheet {
        let mut sheet = Sheet {
            number: 7,
            name: "Lines",
            columns: vec![
                column("line_id", Kind::Id),
                column("currency", Kind::Text),
                column("open", Kind::Amount),
                column("result", Kind::Verdict),
            ],
            rows: vec![
                vec![Value::id("L-1"), Value::text("USD"), usd(150), Value::Empty],
                vec![Value::id("L-2"), Value::text("USD"), usd(-150), Value::Empty],
                vec![
                    Value::id("L-3"),
                    Value::text("JPY"),
                    Value::Amount(Money::from_minor(7, Currency::parse("JPY").unwrap())),
                    Value::Empty,
                ],
            ],
            ..Sheet::default()
        };
        sheet.add_totals(&["open"]);
        let total = |row| At { sheet: 7, row: Place::Total(row), key: "open" };
        let check = Value::formula(Formula::IsZero(total(1)), Value::Verdict(Verdict::Pass));
        let difference = Value::formula(Formula::difference(total(0), total(1)), Value::Count(7));
        sheet.totals.push(vec![Value::text("Check"), Value::Empty, difference, check]);
        sheet
    }

    // Goal: a formula that gives another value than the one it is written with is found, and named by its place.
    // Method: totals of two currencies, a difference and a check; then each value is changed by one.
    #[test]
    fn a_formula_and_its_value_agree_or_are_named() {
        assert_eq!(sheet().totals[0][0].csv(), "Total JPY");
        assert_eq!(sheet().totals[1][2].csv(), "0.00");
        assert_eq!(Sheets(vec![sheet()]).disagreements(), Vec::<String>::new());
        let mut wrong = sheet();
        wrong.rows[0][2] = usd(151);
        let found = Sheets(vec![wrong]).disagreements();
        assert_eq!(found.len(), 1, "each formula is asked about the values beside it: {found:?}");
        assert!(found[0].starts_with("sheet 07 Lines, row 5, column open"), "{found:?}");
        // A cell that is not there is no zero.
        let mut wrong = sheet();
        let gone = At { sheet: 8, row: Place::Row(0), key: "open" };
        wrong.totals[2][3] = Value::formula(Formula::IsZero(gone), Value::Verdict(Verdict::Pass));
        assert_eq!(Sheets(vec![wrong]).disagreements().len(), 1);
    }
}

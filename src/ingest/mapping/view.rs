//! How one canonical column is read from a row of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ustr::Ustr;

use super::files::Parts;
use super::header_key;
use super::propose::quoted;
use super::spec::{Column, ColumnForm};
use super::value::{Dates, Numbers};
use crate::diagnostic::visible;
use crate::ingest::columns::Value;
use crate::ingest::grammar::CellError;

/// Where the text of a column comes from.
#[derive(Debug, Clone)]
enum Origin {
    /// The first of these headers that the file has, then the columns to take where it is empty.
    Headers { from: Vec<String>, or: Vec<String> },
    /// Several columns, joined.
    Joined { columns: Vec<String>, with: String },
    /// The same text in every row.
    Constant(String),
    /// A part of the file name.
    Part(String),
}

/// How the text becomes the canonical spelling.
#[derive(Debug, Clone)]
enum Spelling {
    AsWritten,
    Amount(Numbers),
    Day(Dates),
    Month(Dates),
}

/// How a canonical column is read, whatever file it is.
#[derive(Debug, Clone)]
pub struct Reading {
    origin: Origin,
    spelling: Spelling,
    /// Canonical keys of the texts that are replaced.
    values: BTreeMap<String, String>,
    prefix: Vec<String>,
    suffix: Vec<String>,
    is_optional: bool,
}

impl Reading {
    /// Makes a reading of what is written about a column.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn new(
        value: Value,
        form: &ColumnForm,
        numbers: &Numbers,
        dates: &Dates,
    ) -> Result<Reading, String> {
        let ColumnForm(column) = form;
        let spelling = match value {
            // The unit of the amounts of a source is not that of its rates: only a column's own counts, such as for percent.
            Value::Number if column.unit.is_some() => Spelling::Amount(Numbers::default().of_column(column)?),
            Value::Text | Value::Id | Value::Number => Spelling::AsWritten,
            Value::Amount => Spelling::Amount(numbers.of_column(column)?),
            Value::Day => Spelling::Day(dates.of_column(column)?),
            Value::Month => Spelling::Month(dates.of_column(column)?),
        };
        Ok(Reading {
            origin: origin(column)?,
            spelling,
            values: column.values.iter().map(|(text, by)| (word(text), by.clone())).collect(),
            is_optional: column.optional,
            prefix: column.prefix.0.clone(),
            suffix: column.suffix.0.clone(),
        })
    }

    /// The part of the file name that it is, where it is one.
    pub fn part(&self) -> Option<&str> {
        match &self.origin {
            Origin::Part(name) => Some(name),
            Origin::Headers { .. } | Origin::Joined { .. } | Origin::Constant(_) => None,
        }
    }

    /// Whether the file may lack it.
    pub fn is_optional(&self) -> bool {
        self.is_optional
    }

    /// Every header that it looks for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (first, second): (&[String], &[String]) = match &self.origin {
            Origin::Headers { from, or } => (from, or),
            Origin::Joined { columns, .. } => (columns, &[]),
            Origin::Constant(_) | Origin::Part(_) => (&[], &[]),
        };
        first.iter().chain(second).map(String::as_str)
    }

    /// Where it finds its text in a file with this header; nothing where the file has none of its columns.
    pub fn place(&self, header: &[String], parts: &Parts) -> Option<Place> {
        let find = |name: &String| {
            let key = header_key(name);
            header.iter().position(|found| header_key(found) == key)
        };
        match &self.origin {
            Origin::Headers { from, or } => {
                let mut columns: Vec<usize> = from.iter().find_map(find).into_iter().collect();
                columns.extend(or.iter().filter_map(find));
                (!columns.is_empty()).then_some(Place::FirstOf(columns))
            }
            Origin::Joined { columns, with } => {
                let columns: Vec<usize> = columns.iter().map(find).collect::<Option<_>>()?;
                Some(Place::Joined(columns, with.clone()))
            }
            Origin::Constant(text) => Some(Place::Constant(Ustr::from(text))),
            Origin::Part(name) => parts.get(name).map(|text| Place::Constant(Ustr::from(text))),
        }
    }

    /// The cell in the spelling of the canonical files.
    ///
    /// # Errors
    /// What the source writes otherwise than the mapping says.
    pub fn spelled<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>, CellError> {
        self.spelled_as(text, false)
    }

    /// As [`spelled`](Reading::spelled), of a cell that may be a number or a day in the file: then what is declared of marks
    /// and dates is about texts, and not about it.
    ///
    /// # Errors
    /// As [`spelled`](Reading::spelled).
    pub fn spelled_as<'t>(&self, text: Cow<'t, str>, is_typed: bool) -> Result<Cow<'t, str>, CellError> {
        let (mut text, mut is_typed) = (text, is_typed);
        if !self.values.is_empty()
            && let Some(by) = self.values.get(&word(&text))
        {
            text = Cow::Owned(by.clone());
            is_typed = false;
        }
        for cut in &self.prefix {
            if let Some(rest) = text.trim().strip_prefix(cut.as_str()) {
                text = Cow::Owned(rest.to_owned());
            }
        }
        for cut in &self.suffix {
            if let Some(rest) = text.trim().strip_suffix(cut.as_str()) {
                text = Cow::Owned(rest.to_owned());
            }
        }
        let spell = |text: &str| -> Result<Option<String>, CellError> {
            let spelled = match &self.spelling {
                Spelling::AsWritten => return Ok(None),
                Spelling::Amount(numbers) if is_typed => numbers.typed_amount(text)?,
                Spelling::Amount(numbers) => numbers.amount(text)?,
                Spelling::Day(dates) if is_typed => dates.typed_day(text)?,
                Spelling::Day(dates) => dates.day(text)?,
                Spelling::Month(dates) if is_typed => dates.typed_month(text)?,
                Spelling::Month(dates) => dates.month(text)?,
            };
            Ok(match spelled {
                Cow::Borrowed(_) => None,
                Cow::Owned(spelled) => Some(spelled),
            })
        };
        Ok(spell(&text)?.map_or(text, Cow::Owned))
    }
}

impl Reading {
    /// What of the source `name` would read an amount of `column` that is refused as it stands, as a next action; `header` is
    /// where it was found, empty where in several columns.
    pub fn answer(
        &self,
        error: &CellError,
        text: &str,
        (name, column, header): (&str, &str, &str),
    ) -> Option<String> {
        let Spelling::Amount(numbers) = &self.spelling else { return None };
        let marks =
            ["amount-currency", "amount-thousands-mark", "amount-decimal-comma", "amount-parentheses"];
        let named = format!("of the source `{}`", visible(name));
        let mut said = Vec::new();
        if marks.contains(&error.code) {
            let lines: Vec<String> =
                numbers.answer(text).into_iter().map(|line| format!("`{line}`")).collect();
            if !lines.is_empty() {
                said.push(format!(
                    "{} below the name of the source `{}`",
                    lines.join(" and "),
                    visible(name)
                ));
            }
        }
        let is_plain = self.values.is_empty() && self.prefix.is_empty() && self.suffix.is_empty();
        if error.code == "amount-parentheses" && numbers.is_without_parentheses() {
            said.push(if is_plain && !header.is_empty() && self.names().count() == 1 {
                format!(
                    "`{column} = {{ from = {}, sign = \"parentheses\" }}` under [source.columns] {named}",
                    quoted(header)
                )
            } else {
                format!("`sign = \"parentheses\"` in `{column}` under [source.columns] {named}")
            });
        }
        (!said.is_empty()).then(|| format!("write {} in tieout.toml", said.join(", and ")))
    }
}

/// A word as it is compared: in any case, with single blanks.
fn word(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

fn origin(column: &Column) -> Result<Origin, String> {
    let ways =
        [!column.from.0.is_empty(), !column.join.0.is_empty(), column.value.is_some(), column.part.is_some()];
    if ways.iter().filter(|way| **way).count() != 1 {
        return Err("name one of from, join, value and part".to_owned());
    }
    if let Some(text) = &column.value {
        return Ok(Origin::Constant(text.clone()));
    }
    if let Some(name) = &column.part {
        return Ok(Origin::Part(name.clone()));
    }
    if !column.join.0.is_empty() {
        return Ok(Origin::Joined { columns: column.join.0.clone(), with: column.with.clone() });
    }
    Ok(Origin::Headers { from: column.from.0.clone(), or: column.or.0.clone() })
}

/// Where a file has the text of a canonical column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The first of these columns that is not empty.
    FirstOf(Vec<usize>),
    /// These columns, joined; empty where all of them are.
    Joined(Vec<usize>, String),
    /// The same text in every row.
    Constant(Ustr),
}

impl Place {
    /// The column of the file, where there is one to point at.
    pub fn column(&self) -> Option<usize> {
        match self {
            Place::FirstOf(columns) | Place::Joined(columns, _) => columns.first().copied(),
            Place::Constant(_) => None,
        }
    }

    /// Every column of the file that it looks at.
    pub fn columns(&self) -> &[usize] {
        match self {
            Place::FirstOf(columns) | Place::Joined(columns, _) => columns,
            Place::Constant(_) => &[],
        }
    }

    /// The one column that the text is of; nothing where it is of several or of none.
    pub fn chosen<'r>(&self, get: impl Fn(usize) -> &'r str) -> Option<usize> {
        match self {
            Place::FirstOf(columns) => {
                let filled = columns.iter().find(|column| !get(**column).trim().is_empty());
                filled.or(columns.first()).copied()
            }
            Place::Joined(..) | Place::Constant(_) => None,
        }
    }

    /// The text, as it is written.
    pub fn text<'r>(&self, get: impl Fn(usize) -> &'r str) -> Cow<'r, str> {
        match self {
            Place::FirstOf(columns) if columns.len() == 1 => Cow::Borrowed(get(columns[0])),
            Place::FirstOf(columns) => {
                let mut texts = columns.iter().map(|column| get(*column));
                let first = texts.next().unwrap_or("");
                if !first.trim().is_empty() {
                    return Cow::Borrowed(first);
                }
                Cow::Borrowed(texts.find(|text| !text.trim().is_empty()).unwrap_or(first))
            }
            Place::Joined(columns, with) => {
                let texts: Vec<&str> = columns.iter().map(|column| get(*column).trim()).collect();
                if texts.iter().all(|text| text.is_empty()) {
                    return Cow::Borrowed("");
                }
                Cow::Owned(texts.join(with))
            }
            Place::Constant(text) => Cow::Borrowed(text.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::mapping::spec::{Names, Unit};

    #[test]
    fn a_rate_in_percent_is_a_fraction_where_the_column_says_so() {
        // Goal: a rate written `5.68%` or `8` per cent becomes the fraction that rates are; without a unit it stays as written.
        // Method: the same texts under both.
        let read = |unit: Option<Unit>, text: &str| {
            let column = Column {
                from: Names(vec!["Rate".to_owned()]),
                suffix: Names(vec!["%".to_owned()]),
                unit,
                ..Column::default()
            };
            let (numbers, dates) = (Numbers::default(), Dates::new("UTC").unwrap());
            let reading = Reading::new(Value::Number, &ColumnForm(column), &numbers, &dates).unwrap();
            reading.spelled(Cow::Borrowed(text)).unwrap().into_owned()
        };
        assert_eq!(read(Some(Unit::Hundredth), "5.68%"), "0.0568");
        assert_eq!(read(Some(Unit::Hundredth), "8"), "0.08");
        assert_eq!(read(Some(Unit::Hundredth), ""), "");
        assert_eq!(read(None, "0.08"), "0.08");
    }
}

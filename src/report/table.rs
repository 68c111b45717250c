//! One table for page and export: columns with a kind, rows of cells. The page shows a cell's words, the CSV file its
//! plain value, so both always hold the same figure. A column of amounts says what is measured by a code that no wording
//! changes, and a cell that is an amount knows it as one.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::Serialize;

use crate::language::{self, Language};
use crate::model::money::{Money, grouped};
use crate::model::status::Status;
use crate::model::time::{AsOf, date_in_words};
use crate::say;

/// A table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Table {
    /// Anchor of the caption; unique on the page.
    pub id: String,
    /// What the table holds, its unit and its order.
    pub caption: String,
    /// How it folds on a phone: `cards` stacks each row, `wide` scrolls, `tight` stays.
    pub layout: &'static str,
    /// Whether its columns can be sorted in the browser.
    pub sortable: bool,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Rows of totals.
    pub foot: Vec<Row>,
    /// What an empty table says instead of rows.
    pub empty: String,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Its header in English, as a CSV file has it.
    pub label: String,
    /// Its header on a page where that is not the message of the label; else `None`.
    #[serde(skip)]
    pub words: Option<String>,
    /// `text`, `words` (sentences), `number` (right-aligned) or `date`.
    pub kind: &'static str,
    /// Whether a phone leaves it out.
    pub minor: bool,
    /// What its amounts measure: `total`, `paid-so-far`; empty for a column of other things.
    pub measure: Cow<'static, str>,
    /// The part of the page's scope that it is about: `posted=2026-05`; empty for all of it.
    pub scope: String,
    /// The snapshot at which its amounts were known, where it is not the page's; else empty.
    pub snapshot: String,
}

/// A row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// `sub`, `ind`, `tot`, `grp`, or empty.
    pub style: &'static str,
    /// Its anchor, or empty.
    pub id: String,
    /// One cell per column; the first is the row's header.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cell {
    /// The words; empty for nothing.
    pub text: String,
    /// Where they lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// A status slug whose icon stands before the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<&'static str>,
    /// Quiet words after or below the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// An identifier or a code, as received.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code: bool,
    /// No value yet: a dash, with these words for screen readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<&'static str>,
    /// Segments of a decorative bar instead of words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bar: Vec<super::page::Segment>,
    /// The plain value of the CSV file, when it is not the words.
    #[serde(skip)]
    pub csv: Option<String>,
    /// The amount whose words they are.
    #[serde(skip)]
    pub amount: Option<Money>,
    /// In the first cell of a row: the snapshot at which the row's amounts were known, where it is not the page's.
    #[serde(skip)]
    pub snapshot: Option<String>,
}

impl Table {
    /// The same table without a row.
    pub fn clone_head(&self) -> Table {
        Table {
            id: self.id.clone(),
            caption: self.caption.clone(),
            columns: self.columns.clone(),
            empty: self.empty.clone(),
            rows: Vec::new(),
            foot: Vec::new(),
            ..*self
        }
    }
}

impl Column {
    fn of_kind(label: &str, kind: &'static str) -> Column {
        Column {
            label: label.to_owned(),
            words: None,
            kind,
            minor: false,
            measure: Cow::Borrowed(""),
            scope: String::new(),
            snapshot: String::new(),
        }
    }

    /// Its header in the language of the page.
    pub fn shown(&self) -> &str {
        self.words.as_deref().unwrap_or_else(|| language::label(&self.label))
    }

    /// A column of amounts whose header has values in it: `header` says it in the language of the thread.
    pub fn money_of(header: impl Fn() -> String, measure: impl Into<Cow<'static, str>>) -> Column {
        let column = Column::money(&Language::ENGLISH.within(&header), measure);
        let words = (!Language::spoken().is_english()).then(header);
        Column { words, ..column }
    }

    /// The same, in other languages with another message in its header: where the English label means two things there.
    pub fn in_other_words(mut self, message: &'static str) -> Column {
        if !Language::spoken().is_english() {
            self.words = Some(language::text(message).to_owned());
        }
        self
    }

    /// A column of words.
    pub fn text(label: &str) -> Column {
        Column::of_kind(label, "text")
    }

    /// A column of sentences.
    pub fn words(label: &str) -> Column {
        Column::of_kind(label, "words")
    }

    /// A column of counts.
    pub fn number(label: &str) -> Column {
        Column::of_kind(label, "number")
    }

    /// A column of amounts; `measure` is the code of what they measure, whatever the label says.
    pub fn money(label: &str, measure: impl Into<Cow<'static, str>>) -> Column {
        Column { measure: measure.into(), ..Column::of_kind(label, "number") }
    }

    /// A column of dates.
    pub fn date(label: &str) -> Column {
        Column::of_kind(label, "date")
    }

    /// The same, with words that hold amounts of this measure.
    pub fn of(self, measure: &'static str) -> Column {
        Column { measure: Cow::Borrowed(measure), ..self }
    }

    /// The same, as known at another snapshot than the page's.
    pub fn at(self, as_of: AsOf) -> Column {
        Column { snapshot: as_of.to_string(), ..self }
    }

    /// The same, about a part of the page's scope: `posted=2026-05`.
    pub fn within(self, scope: impl Into<String>) -> Column {
        Column { scope: scope.into(), ..self }
    }

    /// The same, left out on a phone.
    pub fn minor(self) -> Column {
        Column { minor: true, ..self }
    }
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// Nothing.
    pub fn empty() -> Cell {
        Cell::default()
    }

    /// Words that lead somewhere.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Cell {
        Cell { text: text.into(), href: Some(href.into()), ..Cell::default() }
    }

    /// An identifier as it was received.
    pub fn code(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), code: true, ..Cell::default() }
    }

    /// An amount; the currency stands in the caption.
    pub fn money(amount: Money) -> Cell {
        Cell {
            text: amount.grouped(),
            csv: Some(amount.to_string()),
            amount: Some(amount),
            ..Cell::default()
        }
    }

    /// A change: an amount that always has its sign, as `+4,200.00`.
    pub fn change(amount: Money) -> Cell {
        let sign = if amount.minor() > 0 { "+" } else { "" };
        Cell { text: format!("{sign}{}", amount.grouped()), ..Cell::money(amount) }
    }

    /// A snapshot as the header of a row whose amounts were known then.
    pub fn snapshot(as_of: AsOf) -> Cell {
        let plain = as_of.to_string();
        Cell { csv: Some(plain.clone()), snapshot: Some(plain), ..Cell::text(as_of.in_words()) }
    }

    /// An amount that may not be known yet.
    pub fn money_or_none(amount: Option<Money>) -> Cell {
        amount.map_or(Cell { none: Some(say!("no amount yet")), ..Cell::default() }, Cell::money)
    }

    /// A count.
    pub fn count(count: usize) -> Cell {
        let plain = count.to_string();
        Cell { text: grouped(&plain), csv: Some(plain), ..Cell::default() }
    }

    /// A date that may not be known.
    pub fn date(date: Option<NaiveDate>) -> Cell {
        match date {
            None => Cell { none: Some(say!("no date")), ..Cell::default() },
            Some(date) => Cell {
                text: date_in_words(date),
                csv: Some(date.format("%Y-%m-%d").to_string()),
                ..Cell::default()
            },
        }
    }

    /// A status with its icon, leading to its page.
    pub fn status(status: Status) -> Cell {
        Cell {
            text: status.words().to_owned(),
            href: Some(format!("status/{}.html", status.slug())),
            icon: Some(status.slug()),
            ..Cell::default()
        }
    }

    /// The same, with quiet words.
    pub fn with_note(self, note: impl Into<String>) -> Cell {
        Cell { note: Some(note.into()), ..self }
    }

    /// The plain value for a data file.
    pub fn value(&self) -> &str {
        self.csv.as_deref().unwrap_or(&self.text)
    }
}

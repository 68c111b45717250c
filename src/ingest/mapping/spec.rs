//! What `[[source]]` may say, as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::ingest::format::Declared;
use crate::model::money::RoundMode;

/// One name or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

// By hand, because what the derived forms of "one or many" say of a wrong value names nothing.
impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, one: &str) -> Result<Names, E> {
                Ok(Names(vec![one.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, many: A) -> Result<Names, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(many)).map(Names)
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// Whether a file restates everything or adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A full file.
    #[default]
    Restate,
    /// Adds to what came before; a record with a known key replaces it.
    Delta,
}

/// The unit of the amounts of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// The currency itself: 12.50.
    Major,
    /// Its hundredth part, such as cents or fen: 1250.
    Hundredth,
    /// Its thousandth part.
    Thousandth,
}

/// Which sign the amounts of a source have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// As written.
    AsWritten,
    /// The other one: a deduction in a column of positive amounts.
    Negate,
    /// As written, where parentheses stand for a minus: `(12.50)` is -12.50.
    Parentheses,
    /// Without a sign: refunds that are written as negative amounts, where the canonical file has them positive.
    Drop,
}

/// How an amount with more digits than its currency has becomes an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Round {
    /// Half away from zero.
    HalfUp,
    /// Half to the even digit.
    HalfEven,
    /// Toward zero.
    Down,
}

impl Round {
    pub(super) fn mode(self) -> RoundMode {
        match self {
            Round::HalfUp => RoundMode::HalfUp,
            Round::HalfEven => RoundMode::HalfEven,
            Round::Down => RoundMode::Down,
        }
    }
}

/// A source: which files, and how they give one canonical file.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spec {
    /// Its name, unique; empty: that of its kind.
    pub name: String,
    /// The canonical file that it gives: `orders`, `rebate_lines`, ….
    pub kind: String,
    /// The preset that it goes by; what is written here comes before what the preset says.
    pub preset: String,
    /// The first snapshot that it holds for; a source of the same name without it, or with an earlier one, holds until then.
    pub since: Option<String>,
    /// Whether its files restate everything.
    pub mode: Mode,
    /// The names of its files in a snapshot folder; none: the canonical file itself.
    pub files: Names,
    /// The encoding of its text files.
    pub encoding: Option<String>,
    /// What stands between two fields.
    pub delimiter: Option<String>,
    /// What stands around a field that holds a delimiter.
    pub quote: Option<String>,
    /// The sheet, the member of an archive, or the path of the list.
    pub table: Option<String>,
    /// The decimal mark, `.` or `,`.
    pub decimal: Option<String>,
    /// The mark between groups of three digits.
    pub thousands: Option<String>,
    /// What stands beside an amount and is left out, such as `$`.
    pub strip: Names,
    /// The unit of amounts.
    pub unit: Option<Unit>,
    /// How amounts with too many digits are rounded; not given: their rows are set aside.
    pub round: Option<Round>,
    /// Texts that stand for an empty cell, such as `NULL`.
    pub empty: Names,
    /// How days and months are written, first fit: `%Y-%m-%d %H:%M:%S`.
    pub dates: Names,
    /// The time zone of its times: a name such as `Asia/Shanghai` or an offset such as `+08:00`.
    pub zone: Option<String>,
    /// The columns that name what a row is about, where several rows repeat one record.
    pub grain: Names,
    /// Columns that a file of this source does not have: a file with one of them is another extract that looks alike.
    pub without: Names,
    /// How each canonical column is read.
    pub columns: BTreeMap<String, ColumnForm>,
    /// Which rows are not data.
    pub rows: Vec<Rows>,
    /// What raw statuses mean; the status map comes before it.
    pub statuses: BTreeMap<String, String>,
}

/// How a canonical column is read, in full.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Column {
    /// The column of the file, by the first of these headers that it has.
    pub from: Names,
    /// The columns to take where that one is empty, in this order.
    pub or: Names,
    /// Columns to join, in this order.
    pub join: Names,
    /// What stands between joined texts.
    pub with: String,
    /// A text for all rows.
    pub value: Option<String>,
    /// A part of the file name.
    pub part: Option<String>,
    /// The texts that are replaced, and by what.
    pub values: BTreeMap<String, String>,
    /// Whether the file may lack it, where a required column can be derived: order ids.
    pub optional: bool,
    /// What is left out at the start of a text.
    pub prefix: Names,
    /// What is left out at the end of a text.
    pub suffix: Names,
    /// The sign of its amounts.
    pub sign: Option<Sign>,
    /// The unit of its amounts.
    pub unit: Option<Unit>,
    /// The decimal mark.
    pub decimal: Option<String>,
    /// The mark between groups of three digits.
    pub thousands: Option<String>,
    /// How its days are written.
    pub dates: Names,
    /// The time zone of its times.
    pub zone: Option<String>,
}

/// How a canonical column is read: its header, several headers it may have, or all of [`Column`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnForm(pub Column);

impl<'de> Deserialize<'de> for ColumnForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ColumnForm, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = ColumnForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header, a list of headers, or a table such as { from = \"Amt\", unit = \"hundredth\" }")
            }

            fn visit_str<E>(self, one: &str) -> Result<ColumnForm, E> {
                Ok(ColumnForm(Column { from: Names(vec![one.to_owned()]), ..Column::default() }))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, many: A) -> Result<ColumnForm, A::Error> {
                let from = Vec::deserialize(SeqAccessDeserializer::new(many)).map(Names)?;
                Ok(ColumnForm(Column { from, ..Column::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<ColumnForm, A::Error> {
                Column::deserialize(MapAccessDeserializer::new(table)).map(ColumnForm)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// What a row is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A record.
    Data,
    /// A total of the rows above: what the file declares of itself.
    Control,
    /// Something to know that counts in no total: evidence only.
    Information,
    /// A record of another source that reads the same file.
    Other,
}

/// A rule that says what rows are there for; the first that holds counts.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The column it looks at.
    pub column: Names,
    /// It holds where the cell is one of these, in any case.
    #[serde(default)]
    pub is: Names,
    /// It holds where the cell is none of these.
    #[serde(default)]
    pub is_not: Names,
    /// It holds where the cell starts with one of these, in any case.
    #[serde(default)]
    pub starts: Names,
    /// What such rows are there for.
    pub role: Role,
}

impl Spec {
    /// What is written here, over what a preset says.
    #[must_use]
    pub fn over(self, preset: Spec) -> Spec {
        fn names(own: Names, preset: Names) -> Names {
            if own.0.is_empty() { preset } else { own }
        }
        fn map<V>(own: BTreeMap<String, V>, mut preset: BTreeMap<String, V>) -> BTreeMap<String, V> {
            preset.extend(own);
            preset
        }
        fn text(own: String, preset: String) -> String {
            if own.is_empty() { preset } else { own }
        }
        Spec {
            name: text(self.name, preset.name),
            kind: text(self.kind, preset.kind),
            preset: self.preset,
            since: self.since.or(preset.since),
            mode: if self.mode == Mode::default() { preset.mode } else { self.mode },
            files: names(self.files, preset.files),
            encoding: self.encoding.or(preset.encoding),
            delimiter: self.delimiter.or(preset.delimiter),
            quote: self.quote.or(preset.quote),
            table: self.table.or(preset.table),
            decimal: self.decimal.or(preset.decimal),
            thousands: self.thousands.or(preset.thousands),
            strip: names(self.strip, preset.strip),
            unit: self.unit.or(preset.unit),
            round: self.round.or(preset.round),
            empty: names(self.empty, preset.empty),
            dates: names(self.dates, preset.dates),
            zone: self.zone.or(preset.zone),
            grain: names(self.grain, preset.grain),
            without: names(self.without, preset.without),
            columns: map(self.columns, preset.columns),
            rows: if self.rows.is_empty() { preset.rows } else { self.rows },
            statuses: map(self.statuses, preset.statuses),
        }
    }

    /// How the bytes of the files are read.
    pub(super) fn declared(&self) -> Result<Declared, String> {
        let byte = |name: &str, text: &Option<String>| match text.as_deref().map(str::as_bytes) {
            None => Ok(None),
            Some([byte]) if byte.is_ascii() => Ok(Some(*byte)),
            Some(_) => Err(format!("{name} is not one ASCII character")),
        };
        Ok(Declared {
            encoding: self.encoding.clone(),
            delimiter: byte("delimiter", &self.delimiter)?,
            quote: byte("quote", &self.quote)?,
            table: self.table.clone(),
        })
    }
}

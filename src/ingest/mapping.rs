//! How the files of a source give a canonical file: which files, which of their rows, which of their columns, read how.
//!
//! A mapping is data: a `[[source]]` of `tieout.toml`, over a preset where it names one. Columns are found by their header,
//! never by their position. Not its job: what a canonical cell means. Its invariant: a value that the mapping cannot read
//! exactly is refused with its reason, and a column that it does not name stays evidence.

pub mod files;
pub mod presets;
pub mod propose;
pub mod rows;
pub mod spec;
pub mod synonyms;
pub mod value;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};

use ustr::Ustr;

use super::columns::{FileKind, Value, orders, rebate_lines};
use super::format::Declared;
use crate::model::money::RoundMode;
use crate::model::status::Status;
use crate::model::time::AsOf;
use files::{FileNames, Parts};
use rows::RowRule;
use spec::Spec;
use value::{Dates, Numbers};
use view::Reading;

/// A source, ready to be applied.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Its name, by which maps of statuses and reasons and messages call it.
    pub name: Ustr,
    /// The canonical file it gives.
    pub kind: FileKind,
    /// The first snapshot that it holds for; nothing: all, until another one of the same name holds.
    pub since: Option<AsOf>,
    /// Whether its files add to what came before.
    pub is_delta: bool,
    /// The files it is about.
    files: FileNames,
    /// How their bytes are read.
    pub declared: Declared,
    /// How each canonical column is read; those that are not here are absent.
    columns: BTreeMap<usize, Reading>,
    /// Which rows are not data.
    rows: Vec<RowRule>,
    /// How amounts with more digits than their currency has become amounts; nothing: their rows are set aside.
    pub round: Option<RoundMode>,
    /// The columns, as the file calls them, that name what a row is about: rows with the same values are one record.
    pub grain: Vec<String>,
    /// Columns, as a file would call them, that show it to be another extract.
    pub without: Vec<String>,
    /// Texts that stand for an empty cell, as they are compared.
    empty: BTreeSet<String>,
    /// What a raw status means in this source, by its word in upper case.
    pub statuses: BTreeMap<String, Status>,
}

impl Mapping {
    /// Makes a mapping of what is written about a source, its preset already taken in.
    ///
    /// # Errors
    /// What is wrong and the way out, in words.
    pub fn new(spec: &Spec, time_zone: &str) -> Result<Mapping, String> {
        let kind = extract_kind(&spec.kind)?;
        if spec.since.is_some() && spec.files.0.is_empty() {
            return Err(
                "since needs `files`: it says which files are read otherwise from a snapshot on".to_owned()
            );
        }
        let numbers = Numbers::default().with(spec)?;
        let dates = Dates::new(time_zone)?.with(spec)?;
        let mut columns = BTreeMap::new();
        for (name, column) in &spec.columns {
            let number = kind.columns().iter().position(|c| c.name == name).ok_or_else(|| {
                let known: Vec<&str> = kind.columns().iter().map(|c| c.name).collect();
                format!("`{name}` is not a column of {}; it has {}", kind.name(), known.join(", "))
            })?;
            let reading = Reading::new(kind.columns()[number].value(), column, &numbers, &dates)
                .map_err(|what| format!("column {name}: {what}"))?;
            columns.insert(number, reading);
        }
        if let Some(id) =
            derived_id(kind).filter(|id| spec.mode == spec::Mode::Delta && !columns.contains_key(id))
        {
            return Err(format!(
                "mode = \"delta\" needs `{}`: without it a row that is sent again cannot be told from a new one",
                kind.columns()[id].name
            ));
        }
        Ok(Mapping {
            name: Ustr::from(if spec.name.is_empty() { kind.name() } else { &spec.name }),
            kind,
            since: spec.since.as_deref().map(first_snapshot).transpose()?,
            is_delta: spec.mode == spec::Mode::Delta,
            files: FileNames::new(&spec.files.0)?,
            declared: spec.declared()?,
            columns,
            rows: spec.rows.iter().map(RowRule::new).collect::<Result<_, _>>()?,
            round: spec.round.map(spec::Round::mode),
            grain: spec.grain.0.clone(),
            without: spec.without.0.clone(),
            empty: spec.empty.0.iter().map(|text| text.trim().to_owned()).collect(),
            statuses: statuses(&spec.statuses)?,
        })
    }

    /// What the name of a file in a snapshot folder says, where the mapping is about that file.
    pub fn takes(&self, path: &str) -> Option<Parts> {
        self.files.matches(path)
    }

    /// Whether it is this one that holds for a snapshot, of all that there are: of those of one source the last to begin.
    pub fn holds_among<'m>(&self, all: impl IntoIterator<Item = &'m Mapping>, as_of: AsOf) -> bool {
        let is_same = |other: &&Mapping| (other.name, other.kind) == (self.name, self.kind);
        let begun = all.into_iter().filter(is_same).map(|mapping| mapping.since);
        begun.filter(|since| *since <= Some(as_of)).max() == Some(self.since)
    }

    /// How a canonical column is read.
    pub fn reading(&self, column: usize) -> Option<&Reading> {
        self.columns.get(&column)
    }

    /// Whether a text stands for an empty cell. Nothing is empty unless the source says so: `NA` is a region here.
    pub fn is_empty_text(&self, text: &str) -> bool {
        !self.empty.is_empty() && self.empty.contains(text.trim())
    }

    /// The rules that say which rows are not data.
    pub fn row_rules(&self) -> &[RowRule] {
        &self.rows
    }

    /// Whether another source gives the same records of a file: the same kind and table, and no rule shares the rows.
    pub fn reads_the_same(&self, other: &Mapping) -> bool {
        let is_shared = |mapping: &Mapping| !mapping.rows.is_empty();
        self.kind == other.kind
            && self.declared.table == other.declared.table
            && !(is_shared(self) && is_shared(other))
    }

    /// What the name of a file fills columns with.
    pub fn told_by_name<'p>(&self, parts: &'p Parts) -> Vec<&'p str> {
        let used = self.columns.values().filter_map(Reading::part);
        used.filter_map(|name| parts.get(name)).map(String::as_str).collect()
    }

    /// Every name of a header that the mapping looks for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let of_rows = self.rows.iter().flat_map(RowRule::names);
        self.columns.values().flat_map(Reading::names).chain(of_rows)
    }

    /// Whether rows of this source are records without a required column, because what it says is derived: where the source
    /// does not name the column, or says that it need not be there. One that is named and gone is a change of the export.
    pub fn can_do_without(&self, column: usize) -> bool {
        let is_expected = self.reading(column).is_some_and(|reading| !reading.is_optional());
        let is_derivable = (self.kind == FileKind::Orders && column == orders::ORDER_ID)
            || (self.kind == FileKind::RebateLines && column == rebate_lines::ORDER_REF);
        is_derivable && !is_expected
    }

    /// Whether a file of another month restates all that came before: a record is in no month, and the name of the file says
    /// of none.
    pub fn restates_all(&self, parts: &Parts) -> bool {
        !self.is_delta && self.kind != FileKind::RebateLines && !parts.contains_key("period")
    }

    /// What is held against what: files of one source and of all that their names say, but for their month. A program or a
    /// policy by the name of its file has amounts of its own.
    pub fn family(&self, parts: &Parts) -> Ustr {
        let mut family = format!("{} {}", self.kind.name(), self.name);
        for (column, reading) in &self.columns {
            let is_time = matches!(self.kind.columns()[*column].value(), Value::Month | Value::Day);
            let text = reading.part().and_then(|name| parts.get(name)).filter(|_| !is_time);
            family.extend(text.map(|text| format!(" {column}={}", text.to_lowercase())));
        }
        Ustr::from(&family)
    }

    /// What restates what: the source and what the name of a file says, but for the number of its piece. So the file of
    /// another month or policy stands beside this one, and a newer one of the same month and policy replaces it. A source with
    /// the name of its kind goes on with the canonical file.
    pub fn stream(&self, parts: &Parts) -> Ustr {
        let mut stream = self.kind.name().to_owned();
        if self.name != stream {
            stream.push_str(&format!(" {}", self.name));
        }
        for (name, text) in parts.iter().filter(|(name, _)| *name != files::PIECE) {
            // `202605` and `2026-05` are one month.
            let text = if name == "period" { text.replace(['-', '_'], "") } else { text.to_lowercase() };
            stream.push_str(&format!(" {name}={text}"));
        }
        Ustr::from(&stream)
    }
}

/// The column of ids that are derived where a source has none.
pub(super) fn derived_id(kind: FileKind) -> Option<usize> {
    let derived = [(FileKind::Orders, orders::ORDER_ID), (FileKind::RebateLines, rebate_lines::LINE_ID)];
    derived.into_iter().find(|(of, _)| *of == kind).map(|(_, id)| id)
}

fn statuses(words: &BTreeMap<String, String>) -> Result<BTreeMap<String, Status>, String> {
    let meaning = |(raw, canonical): (&String, &String)| {
        let status = Status::ALL.into_iter().find(|status| status.label().eq_ignore_ascii_case(canonical));
        let status = status.ok_or_else(|| {
            let known: Vec<&str> = Status::ALL.iter().map(|status| status.label()).collect();
            format!("statuses: `{canonical}` is not a status; these are {}", known.join(", "))
        })?;
        Ok((raw.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase(), status))
    };
    words.iter().map(meaning).collect()
}

fn first_snapshot(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).ok_or_else(|| {
        format!("since = \"{text}\" is not a snapshot; write the name of its folder, such as 2026-06-18")
    })
}

/// The kind of extract with this name.
fn extract_kind(name: &str) -> Result<FileKind, String> {
    FileKind::parse(name).filter(|kind| !kind.is_reference()).ok_or_else(|| {
        let known: Vec<&str> =
            FileKind::ALL.iter().filter(|kind| !kind.is_reference()).map(|kind| kind.name()).collect();
        format!("`{name}` is not the name of an extract; these are {}", known.join(", "))
    })
}

/// A header as it is compared: as ids are, so that `Order ID`, `OrderId` and `order_id` are one, and `Vendor` and
/// `Vendor #` are two.
pub fn header_key(name: &str) -> std::borrow::Cow<'_, str> {
    super::grammar::canonical(name)
}

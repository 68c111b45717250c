//! Which column of a file is which canonical column: by its name, held against its values.

use super::dates::{self, Days};
use super::look::{Look, Share};
use super::table::Table;
use super::{names, numbers, rates};
use crate::ingest::columns::{FileKind, Value};
use crate::ingest::mapping::header_key;
use crate::ingest::mapping::synonyms::{FILE_WORDS, SYNONYMS};

/// What the name of a file weighs: less than two required columns of which one kind has both and the other neither.
const NAMED: i32 = 16;
/// How near the second choice for a column must come to be named.
const NEAR: i32 = 12;

/// Why a column is taken for a canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// It has the canonical name.
    Name,
    /// It has a name that is known for it.
    Synonym,
    /// Its name begins with a known one, before a bracket.
    Beginning,
    /// Its values are codes of currencies, and no name says otherwise.
    Values,
}

impl By {
    /// As a reason.
    pub fn in_words(self) -> &'static str {
        match self {
            By::Name => "the canonical name",
            By::Synonym => "a name known for it",
            By::Beginning => "its name begins with one known for it",
            By::Values => "its values alone",
        }
    }
}

/// A column of a file that is taken for a canonical one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    /// The canonical column.
    pub(super) column: usize,
    /// The column of the file.
    pub(super) at: usize,
    pub(super) by: By,
    /// Other columns of the file that it could be.
    pub(super) or: Vec<usize>,
}

/// A column whose name is known and whose values say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) column: usize,
    pub(super) at: usize,
}

/// What the columns of a table are for one kind of file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    pub(super) kind: FileKind,
    pub(super) guesses: Vec<Guess>,
    pub(super) refused: Vec<Refused>,
    /// How well the kind fits.
    pub(super) score: i32,
}

/// What the values of a column are, by what they could be.
pub(super) struct Kinds {
    pub(super) numbers: Share,
    pub(super) days: Days,
    pub(super) months: Share,
    pub(super) currencies: Share,
    pub(super) ids: Share,
    masked: Share,
}

impl Kinds {
    pub(super) fn of(look: &Look) -> Kinds {
        Kinds {
            numbers: numbers::numbers(look),
            days: Days::of(look),
            months: dates::months(look).0,
            currencies: look.currencies(),
            ids: look.ids(),
            masked: look.masked(),
        }
    }

    /// How much the values speak for a column; nothing where they speak against it.
    fn fit(&self, name: &str, value: Value) -> Option<i32> {
        let share = match value {
            _ if name == "currency" => self.currencies,
            Value::Amount | Value::Number => self.numbers,
            Value::Day => self.days.read,
            Value::Month if self.months.is_most() => self.months,
            Value::Month => self.days.read,
            Value::Id => self.ids,
            Value::Text => return Some(0),
        };
        match share {
            Share { of: 0, .. } => Some(-15),
            _ if self.masked.is_most() => Some(-30),
            share if share.is_most() => Some(5),
            // A rate may be written with a percent sign, which is said later.
            share if share.is_few() && value != Value::Number => None,
            _ => Some(-10),
        }
    }
}

/// Assigns the columns of a table for a kind.
pub(super) fn assign(kind: FileKind, table: &Table, kinds: &[Kinds]) -> Assigned {
    let mut pairs: Vec<(i32, usize, usize, By)> = Vec::new();
    let mut refused = Vec::new();
    for (column, of_kind) in kind.columns().iter().enumerate() {
        for (at, name) in table.header.iter().enumerate() {
            let Some((score, by)) = named(kind, column, name, &kinds[at], of_kind.name) else { continue };
            match kinds[at].fit(of_kind.name, of_kind.value()) {
                Some(fit) => pairs.push((score + fit, column, at, by)),
                // A canonical name is what it says; its values are checked like any others.
                None if by == By::Name => pairs.push((score, column, at, by)),
                None => refused.push(Refused { column, at }),
            }
        }
    }
    pairs.sort_by_key(|(score, column, at, _)| (-score, *column, *at));
    let mut guesses: Vec<Guess> = Vec::new();
    for (_, column, at, by) in &pairs {
        if guesses.iter().all(|guess| guess.column != *column && guess.at != *at) {
            guesses.push(Guess { column: *column, at: *at, by: *by, or: Vec::new() });
        }
    }
    let taken: Vec<usize> = guesses.iter().map(|guess| guess.at).collect();
    for guess in &mut guesses {
        let score = |at| pairs.iter().find(|p| (p.1, p.2) == (guess.column, at)).map_or(0, |p| p.0);
        let own = score(guess.at);
        if guess.by != By::Name {
            let near = |at: &usize| !taken.contains(at) && score(*at) > 0 && own - score(*at) <= NEAR;
            guess.or = (0..table.header.len()).filter(near).collect();
        }
    }
    refused.retain(|r| guesses.iter().all(|g| g.column != r.column && g.at != r.at));
    guesses.sort_by_key(|guess| guess.column);
    let score = score(kind, &guesses, table);
    Assigned { kind, guesses, refused, score }
}

/// How well the name of a column fits a canonical one.
fn named(kind: FileKind, column: usize, name: &str, kinds: &Kinds, canonical: &str) -> Option<(i32, By)> {
    let key = header_key(name);
    if key.is_empty() {
        return None;
    }
    if key == header_key(canonical) {
        return Some((100, By::Name));
    }
    let names =
        SYNONYMS.iter().find(|(k, c, _)| (*k, *c) == (kind, column)).map_or(&[][..], |(_, _, names)| names);
    let rank = |key: &str| names.iter().position(|known| header_key(known) == key);
    let down = |rank: usize| i32::try_from(rank.min(30)).unwrap_or(30);
    if let Some(rank) = rank(&key) {
        return Some((90 - down(rank), By::Synonym));
    }
    if canonical == "rate"
        && let Some(plain) = rates::without_percent(name)
    {
        if plain == header_key(canonical) {
            return Some((90, By::Synonym));
        }
        if let Some(rank) = rank(&plain) {
            return Some((85 - down(rank), By::Synonym));
        }
    }
    if let Some(short) = name.split(['(', '（', '[']).next().filter(|short| short.len() < name.len())
        && !name.contains('%')
    {
        let short = header_key(short);
        if short == header_key(canonical) {
            return Some((60, By::Beginning));
        }
        if let Some(rank) = rank(&short) {
            return Some((55 - down(rank), By::Beginning));
        }
    }
    (canonical == "currency" && kinds.currencies.is_all()).then_some((30, By::Values))
}

/// How well a kind fits: by its required columns most, and by names that no other kind has.
fn score(kind: FileKind, guesses: &[Guess], table: &Table) -> i32 {
    let is_own = |guess: &&Guess| {
        let key = header_key(&table.header[guess.at]);
        SYNONYMS.iter().filter(|(of, ..)| *of != kind).all(|(of, column, names)| {
            header_key(of.columns()[*column].name) != key && names.iter().all(|name| header_key(name) != key)
        })
    };
    let own: i32 = guesses.iter().filter(is_own).map(|_| 4).sum();
    let columns = kind.columns().iter().enumerate();
    let found = columns.map(|(number, column)| match guesses.iter().any(|guess| guess.column == number) {
        true if column.required => 6,
        true => 1,
        false if column.required => -3,
        false => 0,
    });
    own + found.sum::<i32>()
}

/// The kind that a table is, how well it fits, and the one that fits nearly as well.
pub(super) fn kind_of(file: &str, table: &Table, kinds: &[Kinds]) -> (Assigned, Option<FileKind>) {
    let name = file.to_lowercase();
    let by_word = FILE_WORDS.iter().find(|(word, _)| name.contains(word)).map(|(_, kind)| *kind);
    // Files that are called by a program are commission files (formats 1.1).
    let has_program = names::patterns(&[file], &[]).iter().any(|pattern| pattern.contains("{program}"));
    let hinted = if has_program { Some(FileKind::RebateLines) } else { by_word };
    let mut all: Vec<Assigned> = FileKind::ALL
        .iter()
        .filter(|kind| !kind.is_reference())
        .map(|kind| {
            let mut assigned = assign(*kind, table, kinds);
            assigned.score += if hinted == Some(*kind) { NAMED } else { 0 };
            assigned
        })
        .collect();
    all.sort_by_key(|assigned| (-assigned.score, assigned.kind));
    let second = all[1].kind;
    let is_near = all[0].score - all[1].score <= 3 && all[1].score > 0;
    (all.swap_remove(0), is_near.then_some(second))
}

//! What changed in the shape of an extract since the one before it: what a system does to its export without a word.
//!
//! The folders are the memory: each extract of the shown snapshot is held against the newest earlier one of its stream, and
//! one that is the first of its month against the newest earlier one of another month. Every finding is a warning with the line of configuration that answers it; what is only unusual stays unsaid. Source: formats,
//! traps 1, 6, 7, 9 and 10.

mod profile;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use ustr::Ustr;

use super::word_of;
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::{FileKind, Value};
use crate::ingest::{Extract, Files, Input};
use crate::model::reference::Reference;
use crate::model::time::AsOf;
use profile::{Column, Profile};

/// From how many rows on a comparison says anything.
const ENOUGH: usize = 8;
/// Names in a message.
const SHOWN: usize = 6;

/// What changed in the extracts of a snapshot. Cost: a sample of the rows of two files for each stream.
pub fn problems(files: &Files, input: &Input, shown: AsOf, reference: &Reference) -> Vec<Diagnostic> {
    let known: HashSet<Ustr> = reference.statuses.iter().map(|row| row.key).collect();
    let mut all = Vec::new();
    for kind in [FileKind::Orders, FileKind::RebateLines, FileKind::Payouts, FileKind::Adjustments] {
        let streams = input.streams(kind, shown);
        for groups in streams.values() {
            let Some(newest) = groups.first() else { continue };
            let extract = files.get(newest[0]);
            let other_month = || another_month(files, &streams, extract);
            let Some(before) = groups.get(1).copied().or_else(other_month) else {
                if extract.snapshot() == Some(shown) && kind == FileKind::RebateLines {
                    all.extend(first_words(extract, &Profile::of(files, newest), &known));
                }
                continue;
            };
            let is_same = newest.len() == before.len()
                && newest
                    .iter()
                    .zip(before.iter())
                    .all(|(a, b)| files.get(*a).sha256() == files.get(*b).sha256());
            if extract.snapshot() != Some(shown) || is_same {
                continue;
            }
            let sides = Sides {
                extract,
                earlier: files.get(before[0]),
                before: Profile::of(files, before),
                after: Profile::of(files, newest),
                shown,
                known: &known,
                is_other_month: groups.len() == 1,
            };
            sides.compare(&mut all);
        }
    }
    all
}

/// The newest earlier files of another month of the source that a file is of: of one folder, those of the last month.
fn another_month<'g>(
    files: &Files,
    streams: &BTreeMap<Ustr, Vec<&'g [u32]>>,
    extract: &Extract,
) -> Option<&'g [u32]> {
    let groups = streams.iter().flat_map(|(stream, groups)| groups.iter().map(move |group| (stream, *group)));
    let earlier = groups.filter_map(|(stream, group)| {
        let file = files.get(*group.first()?);
        let is_earlier = file.snapshot() < extract.snapshot() && file.family() == extract.family();
        is_earlier.then_some((file.snapshot(), stream.as_str(), group))
    });
    earlier.max().map(|(_, _, group)| group)
}

/// Two extracts of one stream, or of two months of one source.
struct Sides<'f> {
    extract: &'f Extract,
    earlier: &'f Extract,
    before: Profile,
    after: Profile,
    shown: AsOf,
    known: &'f HashSet<Ustr>,
    /// Whether they are of two months: then neither how many rows there are nor a column of a few rows says anything.
    is_other_month: bool,
}

impl Sides<'_> {
    fn warn(&self, all: &mut Vec<Diagnostic>, code: &'static str, field: &str, message: String, help: &str) {
        let warning = Diagnostic::of_file(Severity::Warning, code, self.extract.path(), message, help);
        all.push(Diagnostic { field: field.to_owned(), ..warning });
    }

    /// How a change of the export is written down so that earlier extracts stay what they were.
    fn since_now(&self, what: &str) -> String {
        let which = match self.extract.source() {
            "" => format!(
                "let `tieout map` write a source of the name `{}` for this file",
                self.extract.kind().name()
            ),
            name => format!("write the source `{}` of tieout.toml a second time", visible(name)),
        };
        format!("{which}, with since = \"{}\" and {what}: earlier extracts stay as they are", self.shown)
    }

    /// Where it is configured: the source, or what would be one.
    fn source(&self) -> String {
        match self.extract.source() {
            "" => "a [[source]] for it in tieout.toml".to_owned(),
            name => format!("the source `{}` in tieout.toml", visible(name)),
        }
    }

    fn compare(&self, all: &mut Vec<Diagnostic>) {
        let columns = self.extract.kind().columns();
        self.rows(all);
        for (number, before) in &self.before.columns {
            let name = columns[*number].name;
            let Some(after) = self.after.columns.get(number).filter(|after| after.filled > 0) else {
                let is_rare = self.is_other_month && before.filled * 2 < before.seen;
                if before.filled > 0 && self.after.rows >= 1 && !is_rare {
                    self.gone(all, name, before, self.after.columns.get(number));
                }
                continue;
            };
            match columns[*number].value() {
                Value::Day => self.days(all, name, before, after),
                Value::Amount => self.amounts(all, name, before, after),
                Value::Id => self.ids(all, name, before, after),
                Value::Text if name == "status" => self.statuses(all, before, after),
                Value::Text | Value::Month | Value::Number => {}
            }
        }
    }

    /// A file that was cut off, or an export with a filter left on.
    fn rows(&self, all: &mut Vec<Diagnostic>) {
        let (before, after) = (self.before.rows, self.after.rows);
        let restates = self.before.months.is_subset(&self.after.months);
        let is_delta = self.extract.mapping().is_some_and(|mapping| mapping.is_delta);
        if before >= ENOUGH && after < before / 10 * 7 && restates && !is_delta && !self.is_other_month {
            let message = format!(
                "the extract has {after} rows, the one before it ({}) has {before} and covers no other months",
                visible(self.earlier.path())
            );
            let help = "compare with the system that exports it: a copy that was cut off or a filter that was left on looks like \
                        this; where it is right, nothing to do";
            self.warn(all, "rows-fewer", "", message, help);
        }
    }

    /// A column that was there and is not, or holds nothing any more: renamed, where another one has its words.
    fn gone(&self, all: &mut Vec<Diagnostic>, name: &str, before: &Column, after: Option<&Column>) {
        let old = visible(&before.header);
        let new: Vec<&String> =
            self.after.headers.iter().filter(|header| !self.before.headers.contains(*header)).collect();
        let shares_words = |header: &&&String| {
            let words = self.after.others.get(**header);
            words.is_some_and(|words| is_alike(&before.words, words))
        };
        let heir = new.iter().find(shares_words).or(match &new[..] {
            [only] if after.is_none() => new.first().filter(|_| !only.is_empty()),
            _ => None,
        });
        let source = self.source();
        match heir {
            Some(heir) => {
                let heir = visible(heir);
                let message =
                    format!("the column `{old}` is gone, and `{heir}` is new; `{name}` is empty now");
                let help = format!(
                    "if it was renamed, write `{name} = [\"{old}\", \"{heir}\"]` under [source.columns] of {source}"
                );
                self.warn(all, "column-renamed", name, message, &help);
            }
            None if after.is_some() => {
                let message = format!("the column `{old}` is empty in every row; it was filled before");
                let help = "ask for the export with this column again; what it says is not known now";
                self.warn(all, "column-emptied", name, message, help);
            }
            None => {
                let others: Vec<String> =
                    new.iter().take(SHOWN).map(|h| format!("`{}`", visible(h))).collect();
                let new = if others.is_empty() {
                    "no column is new".to_owned()
                } else {
                    format!("new are {}", others.join(", "))
                };
                let message = format!("the column `{old}` is gone, so `{name}` is not known any more; {new}");
                let help = format!(
                    "ask for the export with this column again, or name the one that replaces it under [source.columns] of {source}"
                );
                self.warn(all, "column-gone", name, message, &help);
            }
        }
    }

    /// Days that only make sense with day and month the other way round.
    fn days(&self, all: &mut Vec<Diagnostic>, name: &str, before: &Column, after: &Column) {
        let turned = |day: &NaiveDate| NaiveDate::from_ymd_opt(day.year(), day.day(), day.month());
        let horizon = before.days.iter().max().copied().max(Some(self.shown.date()));
        let (Some(first), Some(last)) = (before.days.iter().min(), horizon) else { return };
        let is_within = |day: &NaiveDate| day >= first && *day <= last;
        let outside = after.days.iter().filter(|day| !is_within(day)).count();
        let better = after
            .days
            .iter()
            .filter(|day| !is_within(day) && turned(day).is_some_and(|t| is_within(&t)))
            .count();
        let is_ambiguous = after.days.iter().all(|day| day.day() <= 12);
        if after.days.len() >= ENOUGH && is_ambiguous && outside * 2 > after.days.len() && better == outside {
            let example =
                after.days.iter().find(|day| !is_within(day)).map_or_else(String::new, ToString::to_string);
            let message = format!(
                "{outside} of {} days of `{name}` lie where none was before, such as {example}, and all of them fit with day and month the other way round",
                after.days.len()
            );
            let help = format!(
                "look at a day above the 12th in the system; if they are swapped, {}",
                self.since_now("the other `dates`")
            );
            self.warn(all, "day-and-month-swapped", name, message, &help);
        }
    }

    /// Another sign or unit than before.
    fn amounts(&self, all: &mut Vec<Diagnostic>, name: &str, before: &Column, after: &Column) {
        if before.amounts() < ENOUGH || after.amounts() < ENOUGH {
            return;
        }
        let mostly = |column: &Column| column.negative * 10 >= column.amounts() * 8;
        let rarely = |column: &Column| column.negative * 10 <= column.amounts() * 2;
        if (mostly(before) && rarely(after)) || (rarely(before) && mostly(after)) {
            let message = format!(
                "{} of {} amounts of `{name}` are negative; before it were {} of {}",
                after.negative,
                after.amounts(),
                before.negative,
                before.amounts()
            );
            let column = format!("`{name} = {{ from = \"{}\", sign = \"negate\" }}`", visible(&after.header));
            let help = format!("if the export changed its sign, {}", self.since_now(&column));
            self.warn(all, "sign-changed", name, message, &help);
        }
        let (Some(was), Some(is)) = (before.middle(), after.middle()) else { return };
        let Some(times) = is.checked_div(was) else { return };
        let unit = [(100, "hundredth"), (1_000, "thousandth")].into_iter().find(|(factor, _)| {
            let factor = Decimal::from(*factor);
            times >= factor / Decimal::from(2) && times <= factor * Decimal::from(2)
        });
        if let Some((factor, unit)) = unit {
            let message = format!(
                "amounts of `{name}` are about {factor} times what they were: {was} in the middle before, {is} now"
            );
            let column = format!("`{name} = {{ from = \"{}\", unit = \"{unit}\" }}`", visible(&after.header));
            let help = format!("if the export changed its unit, {}", self.since_now(&column));
            self.warn(all, "unit-changed", name, message, &help);
        }
    }

    /// Long ids that a spreadsheet has cut to fifteen digits.
    fn ids(&self, all: &mut Vec<Diagnostic>, name: &str, before: &Column, after: &Column) {
        let is_damaged = |column: &Column| column.long >= ENOUGH && column.long == column.long_ending_in_zero;
        if is_damaged(after) && !is_damaged(before) {
            let message =
                format!("all {} long ids of `{name}` end in 0, which they did not before", after.long);
            let help = "a spreadsheet keeps 15 digits of a number: export the file again without opening it in one, or with the column as text";
            self.warn(all, "ids-cut-to-15-digits", name, message, help);
        }
    }

    /// Words that no map knows.
    fn statuses(&self, all: &mut Vec<Diagnostic>, before: &Column, after: &Column) {
        let mut new = unknown(self.extract, after, self.known);
        new.retain(|text| !before.words.contains(*text));
        if new.is_empty() || before.words.is_empty() {
            return;
        }
        let names: Vec<String> = new.iter().take(SHOWN).map(|word| format!("`{}`", visible(word))).collect();
        let message =
            format!("statuses that were not there before and that no map knows: {}", names.join(", "));
        let help = meaning(self.extract, new[0]);
        self.warn(all, "status-new", "status", message, &help);
    }
}

/// The words of a column that no map knows.
fn unknown<'c>(extract: &Extract, column: &'c Column, known: &HashSet<Ustr>) -> Vec<&'c String> {
    let source = extract.source();
    let says = |word: &str| extract.mapping().is_some_and(|mapping| mapping.statuses.contains_key(word));
    let is_known = |text: &String| {
        known.contains(&word_of(source, text)) || known.contains(&word_of("", text)) || says(text)
    };
    column.words.iter().filter(|text| !is_known(text)).collect()
}

/// What is written down for a word that no map knows.
fn meaning(extract: &Extract, word: &str) -> String {
    let word = visible(word);
    match extract.source() {
        "" => format!("add a row to reference/status_map.csv, such as `{word},Under Review,Calculated,2,`"),
        source => format!(
            "write `\"{word}\" = \"Under Review\"`, or what it means, under [source.statuses] of the source `{}` in tieout.toml",
            visible(source)
        ),
    }
}

/// The statuses of the first extract of a source that no map knows: its lines are in no total, and nothing else says why.
fn first_words(extract: &Extract, profile: &Profile, known: &HashSet<Ustr>) -> Option<Diagnostic> {
    let (_, column) =
        profile.columns.iter().find(|(number, _)| extract.kind().columns()[**number].name == "status")?;
    let words = unknown(extract, column, known);
    let first = words.first()?;
    let names: Vec<String> = words.iter().take(SHOWN).map(|word| format!("`{}`", visible(word))).collect();
    let warning = Diagnostic::of_file(
        Severity::Warning,
        "status-without-meaning",
        extract.path(),
        format!("statuses that no map knows, so that their lines are in no total: {}", names.join(", ")),
        &meaning(extract, first),
    );
    Some(Diagnostic { field: "status".to_owned(), ..warning })
}

/// Whether most of the words of a column stand under another header now.
fn is_alike(before: &BTreeSet<String>, after: &BTreeSet<String>) -> bool {
    let after: BTreeSet<String> = after.iter().map(|text| super::word(text).to_string()).collect();
    let shared = before.intersection(&after).count();
    !before.is_empty() && shared * 2 >= before.len().min(after.len()) && shared > 0
}

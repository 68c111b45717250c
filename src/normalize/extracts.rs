//! The records of a snapshot: which files speak for it (contract, section 2), read, merged and put in order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::aside::{aside_line, name_totals, set_aside_taken};
use super::cells::Cells;
use super::derived::{derive_line_ids, name_lines_of};
use super::keyed::Keyed;
use super::records::{Words, control_total, line};
use super::{Parsed, Quarantined, RowCounts, collisions, grain, merge_duplicates, parse, parse_all};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::FileKind;
use crate::ingest::{Extract, Files, Input};
use crate::model::id::ProgramId;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::{
    Adjustment, Cancellation, ControlTotal, Feed, Line, Order, Origin, Payout, Records, SourceRef,
};
use crate::model::reference::Reference;
use crate::model::time::{AsOf, Month};

/// A file that a snapshot rests on, and what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUse {
    /// The file.
    pub file: u32,
    /// Its rows.
    pub counts: RowCounts,
    /// The amounts of all loaded rows, also of those that a newer file replaced: of the vendor's lines the calculated ones,
    /// of orders the net ones.
    pub loaded: MoneyByCurrency,
    /// The amounts of the rows merged into a loaded one.
    pub merged: MoneyByCurrency,
    /// The amounts of the rows set aside, as far as they can be read.
    pub quarantined: MoneyByCurrency,
    /// What rounding the amounts one by one left out of their sum, where the source has more digits than the currency.
    pub rounded: MoneyByCurrency,
}

impl FileUse {
    /// The use of a file that holds no amounts to tie out.
    pub(super) fn of_rows(file: u32, counts: RowCounts) -> FileUse {
        let none = MoneyByCurrency::default;
        FileUse { file, counts, loaded: none(), merged: none(), quarantined: none(), rounded: none() }
    }
}

/// Everything that was known at one snapshot.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Its as-of date.
    pub as_of: AsOf,
    /// The records.
    pub records: Records,
    /// Rows held out of every total.
    pub quarantined: Vec<Quarantined>,
    /// Rows of older files that could not be read, of months and lines that a newer file gives: no total lacks them.
    pub replaced: Vec<Quarantined>,
    /// The files it rests on, of this folder and of earlier ones.
    pub uses: Vec<FileUse>,
    /// Up to which snapshot each file of the vendor's lines speaks for those it gave: its own, and in delta mode that of the
    /// newest one, which would have said what changed.
    pub line_files: BTreeMap<u32, AsOf>,
}

/// Makes the records of any snapshot of an input folder.
pub struct Snapshots<'a> {
    files: &'a Files,
    input: &'a Input,
    delta: &'a BTreeSet<FileKind>,
    words: Words,
    coverage: HashMap<u32, BTreeSet<Month>>,
}

impl<'a> Snapshots<'a> {
    /// `delta` names the kinds of files that add to what came before.
    pub fn new(files: &'a Files, input: &'a Input, delta: &'a BTreeSet<FileKind>) -> Snapshots<'a> {
        Snapshots { files, input, delta, words: Words::default(), coverage: HashMap::new() }
    }

    /// Takes over which periods occur in which files of rebate lines, so that a file that says nothing new is not read.
    pub fn with_coverage(mut self, coverage: &BTreeMap<String, BTreeSet<Month>>) -> Snapshots<'a> {
        let known =
            self.files.iter().filter_map(|(number, file)| Some((number, coverage.get(&file.name())?)));
        self.coverage = known.map(|(number, months)| (number, months.clone())).collect();
        self
    }

    /// Which periods occur in which files of rebate lines, as far as they were read.
    pub fn coverage(&self) -> BTreeMap<String, BTreeSet<Month>> {
        let name = |number: &u32| self.files.get(*number).name();
        self.coverage.iter().map(|(number, months)| (name(number), months.clone())).collect()
    }

    /// The records as known at a snapshot, with the problems of every file they rest on. The status map is that of
    /// `reference`.
    ///
    /// Shape: lists sorted by id, so that the order of rows and files does not matter. Source: contract, section 2: a
    /// missing kind carries forward; `rebate_lines.csv` restates the periods that occur in it, and a line is in one of them.
    pub fn at(&mut self, as_of: AsOf, reference: &Reference) -> (Snapshot, Vec<Diagnostic>) {
        self.words = Words::new(reference);
        let mut reading = Reading {
            snapshots: self,
            as_of,
            quarantined: Vec::new(),
            replaced: Vec::new(),
            uses: Vec::new(),
            line_files: BTreeMap::new(),
            diagnostics: Vec::new(),
        };
        let mut records = Records {
            orders: reading.keyed(),
            lines: reading.lines(),
            cancellations: reading.keyed(),
            adjustments: reading.keyed(),
            payouts: reading.keyed(),
            feeds: reading.keyed(),
            control_totals: reading.control_totals(),
        };
        let told = collisions::tell_apart(reading.snapshots.files, &mut records);
        reading.diagnostics.extend(told);
        let Reading { quarantined, replaced, uses, line_files, diagnostics, .. } = reading;
        records.orders.sort_by_key(|o| (o.id, o.line));
        records.lines.sort_by_key(|l| l.id);
        records.cancellations.sort_by_key(|c| c.id);
        records.adjustments.sort_by_key(|a| a.id);
        records.payouts.sort_by_key(|p| p.id);
        records.feeds.sort_by_key(|f| f.id);
        (Snapshot { as_of, records, quarantined, replaced, uses, line_files }, diagnostics)
    }
}

struct Reading<'s, 'a> {
    snapshots: &'s mut Snapshots<'a>,
    as_of: AsOf,
    quarantined: Vec<Quarantined>,
    replaced: Vec<Quarantined>,
    uses: Vec<FileUse>,
    line_files: BTreeMap<u32, AsOf>,
    diagnostics: Vec<Diagnostic>,
}

impl Reading<'_, '_> {
    /// Keeps the findings and the row counts of an extract, and hands back its records; `sums` are those of its files.
    fn keep<T>(&mut self, parsed: Parsed<T>, mut sums: BTreeMap<u32, Sums>) -> Vec<T> {
        let Parsed { records, quarantined, warnings, counts, rounded } = parsed;
        let mut rests: BTreeMap<u32, MoneyByCurrency> = BTreeMap::new();
        for ((file, currency), rest) in rounded {
            let mode = self.snapshots.files.get(file).round().unwrap_or_default();
            let of = |part: &MoneyByCurrency| part.get(currency).minor();
            let minor = sums.get(&file).map_or(0, |sums| of(&sums.loaded) + of(&sums.merged));
            // The sum is rounded, not the rest of it: a rest of half a unit goes the way of the whole.
            let whole = Decimal::try_from_i128_with_scale(minor, currency.digits()).unwrap_or_default();
            let sum = whole.checked_add(rest).and_then(|exact| Money::rounded(exact, currency, mode));
            if let Some((sum, _)) = sum {
                rests.entry(file).or_default().add(Money::from_minor(sum.minor() - minor, currency));
            }
        }
        self.diagnostics.extend(warnings);
        self.diagnostics.extend(quarantined.iter().flat_map(|q| q.problems.iter().cloned()));
        self.quarantined.extend(quarantined);
        for (file, counts) in counts {
            let Sums { loaded, merged, quarantined } = sums.remove(&file).unwrap_or_default();
            let rounded = rests.remove(&file).unwrap_or_default();
            self.uses.push(FileUse { file, counts, loaded, merged, quarantined, rounded });
        }
        records
    }

    fn is_delta(&self, group: &[u32]) -> bool {
        let extract = group.first().map(|file| self.snapshots.files.get(*file));
        extract.is_some_and(|extract| match extract.mapping() {
            Some(mapping) => mapping.is_delta,
            None => self.snapshots.delta.contains(&extract.kind()),
        })
    }

    /// The extracts of a kind that speak for the snapshot, those of one folder in one list, newest first: of each stream the
    /// newest one, and the earlier ones of those that add to what came before. So a record of a newer folder is the one that
    /// counts, also where another source gave it before.
    fn speaking(&self, kind: FileKind) -> Vec<Vec<u32>> {
        let mut folders: BTreeMap<Option<AsOf>, Vec<u32>> = BTreeMap::new();
        for groups in self.snapshots.input.streams(kind, self.as_of).into_values() {
            for (position, group) in groups.into_iter().enumerate() {
                if position == 0 || self.is_delta(group) {
                    folders.entry(self.snapshots.files.get(group[0]).snapshot()).or_default().extend(group);
                }
            }
        }
        folders.into_values().rev().collect()
    }

    fn keyed<T: Keyed>(&mut self) -> Vec<T> {
        let mut seen: HashMap<T::Key, SourceRef> = HashMap::new();
        let mut all: Vec<T> = Vec::new();
        let files = self.snapshots.files;
        for group in self.speaking(T::KIND) {
            let words = &self.snapshots.words;
            let mut parsed = parse_all(files, &group, |cells| T::read(cells, words));
            name_totals(files, &mut parsed, T::amount, T::place);
            T::name_all(files, &mut parsed.records);
            merge_duplicates(|file| files.get(file), &mut parsed, T::key, T::origin, T::aside);
            set_aside_taken(files, &mut parsed, |r| seen.get(&r.key()).copied(), T::origin, T::aside);
            let sums = sums(&mut parsed, T::amount, T::origin);
            for mut record in self.keep(parsed, sums) {
                let source = record.origin().source;
                if let std::collections::hash_map::Entry::Vacant(free) = seen.entry(record.key()) {
                    free.insert(source);
                    all.push(record);
                }
            }
        }
        all
    }

    fn lines(&mut self) -> Vec<Line> {
        let mut seen: HashMap<Ustr, SourceRef> = HashMap::new();
        let mut all: Vec<Line> = Vec::new();
        let streams = self.snapshots.input.streams(FileKind::RebateLines, self.as_of);
        let mut streams: Vec<Vec<&[u32]>> = streams.into_values().collect();
        // A line that another source gave before is the one of the newer folder.
        let newest =
            |groups: &Vec<&[u32]>| groups.first().and_then(|g| self.snapshots.files.get(g[0]).snapshot());
        streams.sort_by_key(|groups| std::cmp::Reverse(newest(groups)));
        let mut given: Vec<(u32, BTreeSet<(ProgramId, Month)>)> = Vec::new();
        for groups in streams {
            let before = all.len();
            self.lines_of_stream(&groups, &mut seen, &mut all);
            let months = all[before..].iter().map(|line| (line.program, line.period)).collect();
            given.extend(groups.first().map(|newest| (newest[0], months)));
        }
        self.say_what_counts_beside(&given);
        all
    }

    /// The lines of one stream: what the newest extract says of the periods in it, an earlier one of those it alone has.
    fn lines_of_stream(
        &mut self,
        groups: &[&[u32]],
        seen: &mut HashMap<Ustr, SourceRef>,
        all: &mut Vec<Line>,
    ) {
        let files = self.snapshots.files;
        let mut covered: BTreeSet<Month> = BTreeSet::new();
        let mut newest = None;
        let mut is_newest = true;
        for group in groups {
            let is_delta = self.is_delta(group);
            let own = files.get(group[0]).snapshot().unwrap_or(self.as_of);
            let until = *newest.get_or_insert(own);
            for file in *group {
                self.line_files.insert(*file, if is_delta { until } else { own });
            }
            let is_covered = |file: &u32| {
                self.snapshots.coverage.get(file).is_some_and(|months| months.is_subset(&covered))
            };
            if !is_delta && group.iter().all(is_covered) {
                continue;
            }
            let words = &self.snapshots.words;
            let mut parsed = parse_all(files, group, |cells| line(cells, words));
            name_totals(files, &mut parsed, |l| l.amount_calculated, |l| &l.origin);
            grain::keep_distinct(files, &mut parsed, aside_line);
            derive_line_ids(files, &mut parsed.records);
            merge_duplicates(
                |file| files.get(file),
                &mut parsed,
                |l| Ustr::from(l.id.raw()),
                |l| &mut l.origin,
                aside_line,
            );
            let taken = |l: &Line| seen.get(&Ustr::from(l.id.raw())).copied();
            set_aside_taken(files, &mut parsed, taken, |l| &mut l.origin, aside_line);
            let mut months: BTreeMap<u32, BTreeSet<Month>> =
                group.iter().map(|file| (*file, BTreeSet::new())).collect();
            for line in &parsed.records {
                months.entry(line.origin.source.file).or_default().insert(line.period);
            }
            // A row that cannot be read restates nothing: with its month alone it would take away a month of an older file.
            let restated: BTreeSet<Month> = months.values().flatten().copied().collect();
            for row in &parsed.quarantined {
                months.entry(row.source.file).or_default().extend(row.period);
            }
            let sums = sums(&mut parsed, |l| l.amount_calculated, |l| &mut l.origin);
            let all_months: BTreeSet<Month> = months.values().flatten().copied().collect();
            // A row of which neither month nor line can be read may be of a month that only this file has.
            let is_replaced = |row: &Quarantined| {
                row.period.is_some_and(|month| covered.contains(&month))
                    || row.line.is_some_and(|line| seen.contains_key(&Ustr::from(line.raw())))
            };
            // A file with rows and without a month that can be read is not known to say nothing new.
            let unknown: BTreeSet<u32> = parsed.quarantined.iter().map(|row| row.source.file).collect();
            months.retain(|file, months| !months.is_empty() || !unknown.contains(file));
            if !is_delta && !is_newest {
                let is_unknown =
                    |row: &Quarantined| !months.contains_key(&row.source.file) && !is_replaced(row);
                if all_months.is_subset(&covered) && !parsed.quarantined.iter().any(is_unknown) {
                    self.snapshots.coverage.extend(months);
                    continue;
                }
                for mut row in parsed.quarantined.extract_if(.., |row| is_replaced(row)) {
                    for problem in &mut row.problems {
                        problem.help = "nothing: a newer file gives this month or line".to_owned();
                    }
                    self.replaced.push(row);
                }
            }
            is_newest = false;
            let records = self.keep(parsed, sums);
            let fresh: Vec<Line> = records
                .into_iter()
                // A line that a newer file has in another period was moved: it is not in its old one as well.
                .filter(|l| {
                    !seen.contains_key(&Ustr::from(l.id.raw())) && (is_delta || !covered.contains(&l.period))
                })
                .collect();
            seen.extend(fresh.iter().map(|l| (Ustr::from(l.id.raw()), l.origin.source)));
            all.extend(fresh);
            covered.extend(restated);
            self.snapshots.coverage.extend(months);
        }
    }

    /// A month that an extract of an older folder gives beside one of a newer folder: both count, and one of them may have
    /// been meant to replace the other.
    fn say_what_counts_beside(&mut self, given: &[(u32, BTreeSet<(ProgramId, Month)>)]) {
        let files = self.snapshots.files;
        for (number, (older, months)) in given.iter().enumerate() {
            let is_older = |newer: &u32| files.get(*newer).snapshot() > files.get(*older).snapshot();
            let beside = given[..number].iter().filter(|(newer, _)| is_older(newer));
            let shared =
                beside.flat_map(|(newer, theirs)| theirs.intersection(months).map(move |both| (newer, both)));
            let Some((newer, (program, month))) = shared.into_iter().next() else { continue };
            self.diagnostics.push(Diagnostic::of_file(
                Severity::Warning,
                "month-in-two-extracts",
                files.get(*older).path(),
                format!(
                    "this file and the newer `{}` both give {} of {}, and neither is a version of the other: both count",
                    visible(files.get(*newer).path()),
                    visible(program.raw()),
                    month.in_words()
                ),
                "where the newer one replaces it, let one source in tieout.toml read both: `files` takes several patterns, and a column several headers",
            ));
        }
    }

    /// Declared totals speak of the files of their own folder only, so they do not carry forward.
    fn control_totals(&mut self) -> Vec<ControlTotal> {
        let files = self.snapshots.files;
        let folders: BTreeSet<AsOf> = self.uses.iter().filter_map(|u| files.get(u.file).snapshot()).collect();
        let streams = self.snapshots.input.streams(FileKind::ControlTotals, self.as_of);
        let mut all = Vec::new();
        for group in streams.into_values().flatten() {
            if files.get(group[0]).snapshot().is_some_and(|s| folders.contains(&s)) {
                let parsed = parse_all(files, group, control_total);
                all.extend(self.keep(parsed, BTreeMap::new()));
            }
        }
        for used in 0..self.uses.len() {
            self.declared_in_file(used, &mut all);
        }
        all
    }

    /// The totals that a file declares in rows of its own: a total of the amounts in the currency that the row names, else in
    /// the only one that the file has.
    fn declared_in_file(&mut self, used: usize, all: &mut Vec<ControlTotal>) {
        let used = &self.uses[used];
        let (file, extract) = (used.file, self.snapshots.files.get(used.file));
        let (Some(column), Some(folder)) = (extract.kind().total_column(), extract.snapshot()) else {
            return;
        };
        let mut currencies = used.loaded.iter().map(Money::currency);
        let only = currencies.next().filter(|_| currencies.next().is_none());
        let name = extract.path().strip_prefix(&format!("{folder}/")).unwrap_or(extract.path());
        for record in extract.controls() {
            let read = extract.with_row(*record, |row| {
                let mut cells = Cells::new(extract, file, row);
                let currency = extract.kind().currency_column().and_then(|c| cells.currency(c)).or(only);
                let declared = cells.money(column, currency);
                (declared, cells.origin(), cells.into_problems())
            });
            let Some((declared, origin, problems)) = read else { continue };
            let Some(declared) = declared else {
                let what =
                    problems.first().map_or("it holds no amount in a known currency", |p| p.message.as_str());
                self.diagnostics.push(Diagnostic {
                    line: extract.line(*record),
                    ..Diagnostic::of_file(
                        Severity::Warning,
                        "control-total-unreadable",
                        extract.path(),
                        format!("this row declares a total that cannot be read: {what}"),
                        "compare it with the amounts of the file by hand, or correct the row",
                    )
                });
                continue;
            };
            all.push(ControlTotal { rows: None, origin, file: Ustr::from(name), declared });
        }
    }
}
/// Amounts of a file: loaded, merged, set aside.
#[derive(Default)]
struct Sums {
    loaded: MoneyByCurrency,
    merged: MoneyByCurrency,
    quarantined: MoneyByCurrency,
}

/// The amounts of the files of an extract.
fn sums<T>(
    parsed: &mut Parsed<T>,
    amount: impl Fn(&T) -> Option<Money>,
    origin: impl Fn(&mut T) -> &mut Origin,
) -> BTreeMap<u32, Sums> {
    let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
    for record in &mut parsed.records {
        let amount = amount(record);
        let origin = origin(record);
        sums.entry(origin.source.file).or_default().loaded.extend(amount);
        for copy in &origin.copies {
            sums.entry(copy.file).or_default().merged.extend(amount);
        }
    }
    for row in &parsed.quarantined {
        sums.entry(row.source.file).or_default().quarantined.extend(row.amount);
    }
    sums
}

/// The findings of one snapshot file alone.
pub(super) fn single(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    let kind = extract.kind();
    match kind {
        FileKind::Orders => alone::<Order>(extract),
        FileKind::RebateLines => {
            let mut parsed = parse(extract, 0, |cells| line(cells, &Words::default()));
            name_lines_of(extract, &mut parsed.records);
            merge_duplicates(
                |_| extract,
                &mut parsed,
                |l| Ustr::from(l.id.raw()),
                |l| &mut l.origin,
                aside_line,
            );
            parsed.into_findings()
        }
        FileKind::Cancellations => alone::<Cancellation>(extract),
        FileKind::Adjustments => alone::<Adjustment>(extract),
        FileKind::Payouts => alone::<Payout>(extract),
        FileKind::Sources => alone::<Feed>(extract),
        FileKind::ControlTotals => parse(extract, 0, control_total).into_findings(),
        FileKind::Accounts
        | FileKind::Skus
        | FileKind::Programs
        | FileKind::ProgramRates
        | FileKind::Enrollments
        | FileKind::Periods
        | FileKind::StatusMap
        | FileKind::ReasonMap
        | FileKind::Aliases
        | FileKind::Fx
        | FileKind::Journals
        | FileKind::Ledger
        | FileKind::Signoffs
        | FileKind::Claims => unreachable!("a reference file is read by the module of that name"),
    }
}

fn alone<T: Keyed>(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    let mut parsed = parse(extract, 0, |cells| T::read(cells, &Words::default()));
    merge_duplicates(|_| extract, &mut parsed, T::key, T::origin, T::aside);
    parsed.into_findings()
}

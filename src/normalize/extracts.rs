//! The records of a snapshot: which files speak for it (contract, section 2), read, merged and put in order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ustr::Ustr;

use super::cells::Cells;
use super::grain;
use super::keyed::Keyed;
use super::{Parsed, Quarantined, RowCounts, merge_duplicates, parse, parse_all, word, word_of};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::{
    FileKind, adjustments, cancellations, control_totals, orders, payouts, rebate_lines, sources,
};
use crate::ingest::{Extract, Files, Input, grammar};
use crate::model::id::{AccountId, Id, LineId, OrderId, ProgramId, SkuId, SubscriptionId};
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::{
    Adjustment, Cancellation, ControlTotal, Feed, Line, Order, Origin, Payout, Records, SourceRef,
};
use crate::model::reference::Reference;
use crate::model::status::{Bucket, Status};
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
        reading.tell_collisions_apart(&mut records);
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

/// What the words of the vendor's files mean, source by source.
#[derive(Default)]
pub(super) struct Words {
    statuses: HashMap<Ustr, (Status, Bucket)>,
    reasons: HashSet<Ustr>,
}

impl Words {
    fn new(reference: &Reference) -> Words {
        Words {
            statuses: reference.statuses.iter().map(|row| (row.key, (row.status, row.bucket))).collect(),
            reasons: reference.reasons.iter().map(|row| row.key).collect(),
        }
    }

    /// What a raw status means: as the status map says of the source of the file, as the source says itself, as the status
    /// map says of every source.
    fn status(&self, cells: &Cells<'_>, raw: Option<Ustr>) -> (Ustr, Status, Bucket) {
        let raw = raw.unwrap_or_default();
        let (own, common) = (word_of(cells.source(), &raw), word(&raw));
        if let Some((status, bucket)) = self.statuses.get(&own) {
            return (own, *status, *bucket);
        }
        if let Some(status) = cells.mapped_status(&common) {
            return (own, status, status.default_bucket());
        }
        let known = self.statuses.get(&common).copied();
        let (status, bucket) = known.unwrap_or((Status::Unknown, Bucket::Unknown));
        (common, status, bucket)
    }

    fn reason(&self, cells: &Cells<'_>, raw: Option<Ustr>) -> Option<Ustr> {
        let own = word_of(cells.source(), &raw?);
        Some(if self.reasons.contains(&own) { own } else { word(&raw?) })
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
            for row in &parsed.quarantined {
                months.entry(row.source.file).or_default().extend(row.period);
            }
            let sums = sums(&mut parsed, |l| l.amount_calculated, |l| &mut l.origin);
            let all_months: BTreeSet<Month> = months.values().flatten().copied().collect();
            if !is_delta && !is_newest {
                if all_months.is_subset(&covered) {
                    self.snapshots.coverage.extend(months);
                    continue;
                }
                // A row of which neither month nor line can be read may be of a month that only this file has.
                let is_replaced = |row: &mut Quarantined| {
                    row.period.is_some_and(|month| covered.contains(&month))
                        || row.line.is_some_and(|line| seen.contains_key(&Ustr::from(line.raw())))
                };
                for mut row in parsed.quarantined.extract_if(.., is_replaced) {
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
            covered.extend(&all_months);
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

    /// Two raw ids of one side with one canonical form are told apart by their raw text (domain 2.1, rule 4).
    fn tell_collisions_apart(&mut self, records: &mut Records) {
        let orders = self.collisions("order", records.orders.iter().map(|o| (o.id, &o.origin)));
        for order in &mut records.orders {
            apart(&mut order.id, &orders);
        }
        for line in &mut records.lines {
            apart(&mut line.order_ref, &orders);
        }
        for cancellation in &mut records.cancellations {
            apart(&mut cancellation.order, &orders);
        }
        let lines = self.collisions("rebate line", records.lines.iter().map(|l| (l.id, &l.origin)));
        for line in &mut records.lines {
            apart(&mut line.id, &lines);
        }
        for adjustment in &mut records.adjustments {
            if let Some(line) = &mut adjustment.line {
                apart(line, &lines);
            }
        }
    }

    fn collisions<'b, K: 'b>(
        &mut self,
        what: &str,
        ids: impl Iterator<Item = (Id<K>, &'b Origin)>,
    ) -> HashSet<&'static str> {
        let mut spellings: BTreeMap<&'static str, BTreeMap<&'static str, &Origin>> = BTreeMap::new();
        let mut first: HashMap<&'static str, (&'static str, &Origin)> = HashMap::new();
        for (id, origin) in ids {
            let (raw, known) = *first.entry(id.canonical()).or_insert((id.raw(), origin));
            if raw != id.raw() {
                let all = spellings.entry(id.canonical()).or_default();
                all.insert(raw, known);
                all.insert(id.raw(), origin);
            }
        }
        for raws in spellings.values() {
            let names: Vec<String> = raws.keys().map(|raw| format!("`{}`", visible(raw))).collect();
            for origin in raws.values() {
                self.diagnostics.push(Diagnostic {
                    line: self.snapshots.files.line(origin.source),
                    ..Diagnostic::of_file(
                        Severity::Warning,
                        "normalization-collision",
                        self.snapshots.files.path(origin.source),
                        format!(
                            "{what} ids {} differ only in spelling; they are kept apart by their exact text",
                            names.join(" and ")
                        ),
                        "if they are one, write them the same way in the source",
                    )
                });
            }
        }
        spellings.into_keys().collect()
    }
}

fn apart<K>(id: &mut Id<K>, collisions: &HashSet<&'static str>) {
    if collisions.contains(id.canonical()) {
        *id = id.by_raw();
    }
}

/// Names the last record of a mapped file whose amount is the sum of all others: a total that nothing says is one.
fn name_totals<T>(
    files: &Files,
    parsed: &mut Parsed<T>,
    amount: impl Fn(&T) -> Option<Money>,
    origin: impl Fn(&T) -> &Origin,
) {
    let mut by_file: BTreeMap<u32, Vec<(Money, SourceRef)>> = BTreeMap::new();
    for record in &parsed.records {
        let source = origin(record).source;
        if files.get(source.file).mapping().is_some() {
            by_file.entry(source.file).or_default().extend(amount(record).map(|amount| (amount, source)));
        }
    }
    for (file, amounts) in by_file {
        let Some(((last, source), others)) = amounts.split_last() else { continue };
        let sum =
            others.iter().try_fold(Money::zero(last.currency()), |sum, (amount, _)| sum.checked_add(*amount));
        if others.len() < 2 || last.is_zero() || sum != Ok(*last) {
            continue;
        }
        let extract = files.get(file);
        parsed.warnings.push(Diagnostic {
            line: extract.line(source.record),
            value: last.to_string(),
            ..Diagnostic::of_file(
                Severity::Warning,
                "row-like-a-total",
                extract.path(),
                format!("the last record has the sum of all {} others, and counts as a record", others.len()),
                "where it is a total, say so with [[source.rows]] and role = \"control\" of the source in tieout.toml",
            )
        });
    }
}

/// Sets aside the records whose key another extract has taken that is no other version of theirs: of the same folder, or of
/// the same source under another name. A number that counts the rows of each file is no id, and nothing is lost silently.
fn set_aside_taken<T>(
    files: &Files,
    parsed: &mut Parsed<T>,
    taken: impl Fn(&T) -> Option<SourceRef>,
    origin: impl Fn(&mut T) -> &mut Origin,
    aside: impl Fn(&T, &Origin) -> Quarantined,
) {
    // Canonical files have one extract of a kind in each folder.
    if files.iter().all(|(_, extract)| extract.mapping().is_none()) {
        return;
    }
    let mut kept = Vec::with_capacity(parsed.records.len());
    for mut record in std::mem::take(&mut parsed.records) {
        let own = origin(&mut record).clone();
        let extract = files.get(own.source.file);
        let rival = taken(&record).filter(|rival| {
            let other = files.get(rival.file);
            let is_mapped = extract.mapping().is_some() || other.mapping().is_some();
            let is_beside = other.snapshot() == extract.snapshot() || other.source() == extract.source();
            is_mapped && other.stream() != extract.stream() && is_beside
        });
        let Some(rival) = rival else {
            kept.push(record);
            continue;
        };
        let counts = parsed.counts.entry(own.source.file).or_default();
        counts.loaded -= 1;
        counts.quarantined += 1;
        let mut row = aside(&record, &own);
        row.problems.push(Diagnostic {
            line: extract.line(own.source.record),
            ..Diagnostic::of_file(
                Severity::Error,
                "conflicting-duplicate",
                extract.path(),
                format!(
                    "line {} of `{}` has the same id, and the two files are not versions of one extract",
                    files.line(rival),
                    visible(files.path(rival))
                ),
                "this row is left out of the totals; where the id only counts the rows of each file, take it out of the \
                 [source.columns] of the source in tieout.toml, else remove the row that is wrong",
            )
        });
        parsed.quarantined.push(row);
    }
    parsed.records = kept;
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

pub(super) fn order_key(order: &Order) -> (Ustr, Option<Ustr>) {
    (Ustr::from(order.id.raw()), order.line)
}

pub(super) fn aside_order(order: &Order, origin: &Origin) -> Quarantined {
    let currency = Some(order.amount_net.currency());
    Quarantined { order: Some(order.id), currency, ..set_aside(FileKind::Orders, origin) }
}

fn aside_line(line: &Line, origin: &Origin) -> Quarantined {
    Quarantined {
        order: Some(line.order_ref),
        line: Some(line.id),
        batch: line.batch,
        period: Some(line.period),
        currency: Some(line.currency),
        amount: line.amount_calculated,
        ..set_aside(FileKind::RebateLines, origin)
    }
}

/// The findings of one snapshot file alone.
pub(super) fn single(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    let kind = extract.kind();
    match kind {
        FileKind::Orders => alone::<Order>(extract),
        FileKind::RebateLines => {
            let mut parsed = parse(extract, 0, |cells| line(cells, &Words::default()));
            derive_ids(
                &mut parsed.records,
                |_| stream_of(extract),
                line_key,
                line_amounts,
                |l| &l.origin,
                name_line,
            );
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

pub(super) fn set_aside(kind: FileKind, origin: &Origin) -> Quarantined {
    Quarantined {
        kind,
        source: origin.source,
        order: None,
        line: None,
        batch: None,
        period: None,
        currency: None,
        amount: None,
        is_amount_implied: false,
        problems: Vec::new(),
    }
}

/// Gives each record without an id one that stays the same while its amounts change: a digest of its business key, with a
/// number where several records share it.
///
/// Rows of one key and one content are one record of a canonical file, which is merged. A mapped source has no key of its
/// own, so there two rows that say the same are two records: taking one away would take away money.
fn derive_ids<T>(
    records: &mut [T],
    stream: impl Fn(u32) -> Option<Ustr>,
    key: impl Fn(&T) -> Option<String>,
    amounts: impl Fn(&T) -> Amounts,
    origin: impl Fn(&T) -> &Origin,
    name: impl Fn(&mut T, &str),
) {
    // By their amounts first: a column that is new or renamed changes every digest and no number.
    type Nameless = (String, Amounts, u128, SourceRef, usize);
    let mut nameless: Vec<Nameless> = records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| {
            let origin = origin(record);
            // Extracts beside each other, such as those of two months or policies, have keys of their own.
            let key = match (key(record)?, stream(origin.source.file)) {
                (key, Some(stream)) => digest_of(&[&stream, &key]),
                (key, None) => key,
            };
            Some((key, amounts(record), origin.digest, origin.source, index))
        })
        .collect();
    nameless.sort_unstable();
    let mut previous: Option<(&str, u128, u32)> = None;
    for (key, _, digest, source, index) in &nameless {
        let number = match previous {
            Some((last, of, number)) if last == key => {
                number + u32::from(of != *digest || stream(source.file).is_some())
            }
            Some(_) | None => 1,
        };
        let id = if number == 1 { format!("AUTO-{key}") } else { format!("AUTO-{key}-{number}") };
        name(&mut records[*index], &id);
        previous = Some((key, *digest, number));
    }
}

/// A short digest of the parts of a business key.
fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02X}")).collect()
}

fn derive_line_ids(files: &Files, lines: &mut [Line]) {
    derive_ids(lines, |file| stream_of(files.get(file)), line_key, line_amounts, |l| &l.origin, name_line);
}

/// Amounts of a record, in minor units.
type Amounts = [Option<i128>; 3];

fn line_amounts(line: &Line) -> Amounts {
    [line.amount_base, line.amount_calculated, line.amount_paid].map(|amount| amount.map(Money::minor))
}

/// The stream of a mapped extract, whose rows are all money.
fn stream_of(extract: &Extract) -> Option<Ustr> {
    extract.mapping().map(|_| extract.stream())
}

/// The business key of a line without an id.
fn line_key(line: &Line) -> Option<String> {
    line.id.raw().is_empty().then(|| {
        let subscription = line.subscription_ref.map(Id::canonical);
        let period = line.period.to_string();
        let mut parts = vec![
            line.program.canonical(),
            line.order_ref.canonical(),
            line.account_ref.map_or("", Id::canonical),
            line.sku_ref.map_or("", Id::canonical),
            line.line_type.as_ref().map_or("", Ustr::as_str),
            line.invoice_ref.map_or("", Id::canonical),
            &period,
        ];
        parts.extend(subscription);
        digest_of(&parts)
    })
}

fn name_line(line: &mut Line, id: &str) {
    line.id = LineId::new(&id.replace('-', ""), id);
}

pub(super) fn derive_order_ids(files: &Files, orders: &mut [Order]) {
    derive_ids(
        orders,
        |file| stream_of(files.get(file)),
        order_business_key,
        |o| [Some(o.amount_net), o.amount_list, o.amount_voucher].map(|amount| amount.map(Money::minor)),
        |o| &o.origin,
        |order, id| order.id = OrderId::new(&id.replace('-', ""), id),
    );
}

/// The business key of an order without an id: what a bill says of a purchase beside its amounts.
fn order_business_key(order: &Order) -> Option<String> {
    order.id.raw().is_empty().then(|| {
        digest_of(&[
            order.account.canonical(),
            order.sku.canonical(),
            order.subscription.map_or("", Id::canonical),
            order.region.as_ref().map_or("", Ustr::as_str),
            order.billing_model.as_ref().map_or("", Ustr::as_str),
            order.status.as_ref().map_or("", Ustr::as_str),
            order.amount_net.currency().code(),
            &order.order_date.to_string(),
            order.invoice.map_or("", Id::canonical),
        ])
    })
}

pub(super) fn order(cells: &mut Cells<'_>) -> Option<Order> {
    use orders as c;
    let id: Option<OrderId> = cells.id(c::ORDER_ID);
    let id = match id {
        None if cells.is_derived(c::ORDER_ID) => Some(OrderId::new("", "")),
        id => cells.required(c::ORDER_ID, id),
    };
    let account = cells.id(c::ACCOUNT_ID);
    let account = cells.required(c::ACCOUNT_ID, account);
    let order_date = cells.date(c::ORDER_DATE);
    let order_date = cells.required(c::ORDER_DATE, order_date);
    let sku = cells.id(c::SKU);
    let sku = cells.required(c::SKU, sku);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let net = cells.money(c::NET_AMOUNT, currency);
    let net = cells.required(c::NET_AMOUNT, net);
    cells.date(c::USAGE_TO);
    Some(Order {
        line: cells.text(c::ORDER_LINE),
        reseller: cells.id(c::RESELLER_ID),
        customer: cells.id(c::CUSTOMER_ID),
        subscription: cells.id(c::SUBSCRIPTION_ID),
        invoice: cells.id(c::INVOICE_ID),
        invoice_date: cells.date(c::INVOICE_DATE),
        usage_from: cells.date(c::USAGE_FROM),
        payment_date: cells.date(c::PAYMENT_DATE),
        region: cells.text(c::REGION),
        site: cells.text(c::SITE),
        billing_model: cells.text(c::BILLING_MODEL),
        contract_type: cells.text(c::CONTRACT_TYPE),
        contract_active_from: cells.date(c::CONTRACT_ACTIVATION_DATE),
        campaign: cells.text(c::CAMPAIGN),
        amount_list: cells.money(c::LIST_AMOUNT, currency),
        amount_tax: cells.money(c::TAX, currency),
        amount_voucher: cells.money(c::VOUCHER_AMOUNT, currency),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        quantity: cells.decimal(c::QUANTITY),
        customer_class: cells.text(c::CUSTOMER_CLASS),
        status: cells.text(c::ORDER_STATUS),
        origin: cells.origin(),
        id: id?,
        account: account?,
        order_date: order_date?,
        sku: sku?,
        amount_net: net?,
    })
}

/// What stands for the order of a line that names none: the same for all lines that say the same.
fn unnamed(
    account: Option<AccountId>,
    sku: Option<SkuId>,
    subscription: Option<SubscriptionId>,
    period: Month,
) -> OrderId {
    let period = period.to_string();
    let parts = [account.map(Id::raw), sku.map(Id::raw), subscription.map(Id::raw), Some(period.as_str())];
    let raw = format!("no order ID ({})", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    OrderId::new(&grammar::canonical(&raw), &raw)
}

fn line(cells: &mut Cells<'_>, words: &Words) -> Option<Line> {
    use rebate_lines as c;
    let program = cells.id(c::PROGRAM_ID);
    let program = cells.required(c::PROGRAM_ID, program);
    let is_order_named = !cells.is_derived(c::ORDER_REF);
    let order_ref = cells.id(c::ORDER_REF);
    let order_ref = if is_order_named { cells.required(c::ORDER_REF, order_ref) } else { order_ref };
    let (account_ref, sku_ref) = (cells.id(c::ACCOUNT_REF), cells.id(c::SKU_REF));
    let subscription_ref: Option<SubscriptionId> = cells.id(c::SUBSCRIPTION_REF);
    let period = cells.month(c::PERIOD);
    let period = cells.required(c::PERIOD, period);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let status_raw = cells.text(c::STATUS);
    let status_raw = cells.required(c::STATUS, status_raw);
    let (status_key, status, bucket) = words.status(cells, status_raw);
    let reason_raw = cells.text(c::REASON_CODE);
    Some(Line {
        id: cells.id(c::LINE_ID).unwrap_or_else(|| LineId::new("", "")),
        reseller: cells.id(c::RESELLER_ID),
        batch: cells.id(c::BATCH_ID),
        account_ref,
        sku_ref,
        subscription_ref,
        is_order_named,
        category: cells.text(c::CATEGORY),
        region: cells.text(c::REGION),
        amount_base: cells.money(c::BASE_AMOUNT, currency),
        rate: cells.decimal(c::RATE),
        amount_calculated: cells.money(c::CALCULATED_AMOUNT, currency),
        status,
        bucket,
        reason_key: words.reason(cells, reason_raw),
        reason_raw,
        status_date: cells.date(c::STATUS_DATE),
        approved_date: cells.date(c::APPROVED_DATE),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        payout: cells.id(c::PAYOUT_ID),
        invoice_ref: cells.id(c::INVOICE_REF),
        line_type: cells.text(c::LINE_TYPE),
        confirm_by: cells.date(c::CONFIRM_BY),
        expected_payment: cells.date(c::EXPECTED_PAYMENT_DATE),
        period_processed: cells.month(c::PERIOD_PROCESSED),
        origin: cells.origin(),
        program: program?,
        order_ref: match order_ref {
            None if !is_order_named => unnamed(account_ref, sku_ref, subscription_ref, period?),
            order_ref => order_ref?,
        },
        period: period?,
        currency: currency?,
        status_raw: status_raw?,
        status_key,
    })
}

pub(super) fn cancellation(cells: &mut Cells<'_>) -> Option<Cancellation> {
    use cancellations as c;
    let (id, order, date) = (cells.id(c::CANCELLATION_ID), cells.id(c::ORDER_ID), cells.date(c::CANCEL_DATE));
    let id = cells.required(c::CANCELLATION_ID, id);
    let order = cells.required(c::ORDER_ID, order);
    let date = cells.required(c::CANCEL_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let refund = cells.money(c::REFUND_AMOUNT, currency);
    let refund = cells.required(c::REFUND_AMOUNT, refund);
    Some(Cancellation {
        kind: cells.text(c::KIND),
        origin: cells.origin(),
        id: id?,
        order: order?,
        date: date?,
        amount_refund: refund?,
    })
}

pub(super) fn adjustment(cells: &mut Cells<'_>, words: &Words) -> Option<Adjustment> {
    use adjustments as c;
    let (id, date) = (cells.id(c::ADJUSTMENT_ID), cells.date(c::ADJUSTMENT_DATE));
    let id = cells.required(c::ADJUSTMENT_ID, id);
    let date = cells.required(c::ADJUSTMENT_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    let reason_raw = cells.text(c::REASON_CODE);
    Some(Adjustment {
        line: cells.id(c::LINE_ID),
        program: cells.id(c::PROGRAM_ID),
        period: cells.month(c::PERIOD),
        reason_key: words.reason(cells, reason_raw),
        reason_raw,
        reference: cells.id(c::REFERENCE),
        origin: cells.origin(),
        id: id?,
        amount: amount?,
        date: date?,
    })
}

pub(super) fn payout(cells: &mut Cells<'_>) -> Option<Payout> {
    use payouts as c;
    let (id, date) = (cells.id(c::PAYOUT_ID), cells.date(c::PAID_DATE));
    let id = cells.required(c::PAYOUT_ID, id);
    let date = cells.required(c::PAID_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    Some(Payout {
        form: cells.text(c::FORM),
        bank_ref: cells.text(c::BANK_REF),
        origin: cells.origin(),
        id: id?,
        date: date?,
        amount: amount?,
    })
}

fn control_total(cells: &mut Cells<'_>) -> Option<ControlTotal> {
    use control_totals as c;
    let file = cells.text(c::FILE);
    let file = cells.required(c::FILE, file);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let declared = cells.money(c::DECLARED, currency);
    let declared = cells.required(c::DECLARED, declared);
    Some(ControlTotal {
        rows: cells.count(c::ROWS),
        origin: cells.origin(),
        file: file?,
        declared: declared?,
    })
}

pub(super) fn feed(cells: &mut Cells<'_>) -> Option<Feed> {
    use sources as c;
    let id = cells.text(c::SOURCE_ID);
    Some(Feed {
        kind: cells.text(c::KIND),
        site: cells.text(c::SITE),
        expected_by: cells.date(c::EXPECTED_BY),
        last_as_of: cells.date(c::LAST_AS_OF),
        state: cells.text(c::STATE),
        error_code: cells.text(c::ERROR_CODE),
        origin: cells.origin(),
        id: cells.required(c::SOURCE_ID, id)?,
    })
}

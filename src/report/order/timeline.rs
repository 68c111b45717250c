//! The timeline of an order: one row for each snapshot in which something about it changed, newest first, with the record
//! version that a ticket cites. A row's address (`#v3`) is the order as it was known then.

use std::collections::{BTreeMap, BTreeSet};

use super::{Subject, table};
use crate::diagnostic::visible;
use crate::history::journal::{RecordKey, What};
use crate::history::{SnapshotNumber, State};
use crate::language::Language;
use crate::model::id::{LineId, OrderId};
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::status::Status;
use crate::model::time::{AsOf, date_in_words};
use crate::reconcile::CaseName;
use crate::report::page::{Block, Link};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::{Report, lists};
use crate::say;

/// Changed cells of one record that a row names before the rest is only counted.
const NAMED: usize = 8;

/// What an order's history is made of.
pub(super) struct Record {
    /// The order, or the id that lines without an order name.
    pub(super) id: OrderId,
    /// Its rows, and the records that settle it.
    keys: Vec<(String, RecordKey)>,
    /// Its lines, also those that are gone, by their number in the facts.
    tracks: Vec<u32>,
}

impl Record {
    /// The history of an order that is there.
    pub(super) fn of(subject: &Subject<'_>) -> Record {
        let (report, id) = (subject.report, subject.order.id);
        let facts = &report.sources.history.facts;
        let lines: Vec<LineId> = subject.lines.iter().map(|n| report.line(*n).id).collect();
        let mut record = Record::new(report, id, lines.iter().filter_map(|id| facts.number(*id)).collect());
        let of_lines = std::mem::take(&mut record.keys);
        let several = subject.rows.len() > 1;
        for row in &subject.rows {
            let order = report.order(*row);
            let name = match order.line {
                Some(line) if several => say!("order line {line}", line),
                Some(_) | None => "order".to_owned(),
            };
            record.keys.push((name, RecordKey::Order(order.id, order.line)));
        }
        record.keys.extend(of_lines);
        for id in lines {
            for adjustment in report.reconciled.adjustments(id) {
                record.keys.push((
                    say!("adjustment {id}", id = adjustment.id),
                    RecordKey::Adjustment(adjustment.id),
                ));
            }
        }
        let payouts: BTreeSet<_> = subject.lines.iter().filter_map(|n| report.line(*n).payout).collect();
        record.keys.extend(payouts.into_iter().map(|id| (say!("payout {id}", id), RecordKey::Payout(id))));
        for cancellation in report.reconciled.cancellations(id) {
            let key = RecordKey::Cancellation(cancellation.id);
            record.keys.push((say!("cancellation {id}", id = cancellation.id), key));
        }
        record
    }

    /// The history of an id: of an order that is gone, or of lines without an order. `tracks` are its lines of now.
    pub(super) fn new(report: &Report<'_>, id: OrderId, mut tracks: Vec<u32>) -> Record {
        let facts = &report.sources.history.facts;
        tracks.extend(report.former_lines(id));
        tracks.sort_unstable();
        tracks.dedup();
        let keys = tracks
            .iter()
            .map(|line| (say!("line {line}", line = facts.id(*line)), RecordKey::Line(facts.id(*line))))
            .collect();
        Record { id, keys, tracks }
    }

    /// Adds the rows of an order that is gone.
    pub(super) fn with_rows(mut self, rows: impl IntoIterator<Item = RecordKey>) -> Record {
        self.keys.extend(rows.into_iter().map(|key| ("order".to_owned(), key)));
        self
    }

    /// The snapshot since which none of its lines is there.
    pub(super) fn gone_since(&self, report: &Report<'_>) -> Option<SnapshotNumber> {
        let facts = &report.sources.history.facts;
        let last = |line: &u32| facts.of_line(*line).next().map(|(at, _, _)| at);
        self.tracks.iter().filter_map(last).max()
    }

    /// The states of its lines at a snapshot.
    fn states<'r>(&self, report: &'r Report<'_>, at: SnapshotNumber) -> Vec<State<'r>> {
        let facts = &report.sources.history.facts;
        self.tracks.iter().filter_map(|line| facts.at(*line, at)).collect()
    }

    /// What happened in each snapshot, as sentences.
    fn moments(&self, report: &Report<'_>) -> BTreeMap<SnapshotNumber, Vec<String>> {
        let history = report.sources.history;
        let mut moments: BTreeMap<SnapshotNumber, Vec<String>> = BTreeMap::new();
        let first = self.keys.iter().filter_map(|(_, key)| history.journal.first_seen(*key)).min();
        for (name, key) in &self.keys {
            let Some(seen) = history.journal.first_seen(*key) else { continue };
            let words = if Some(seen) == first && matches!(key, RecordKey::Order(..)) {
                say!("first seen in our order extract").to_owned()
            } else {
                say!("{name} first seen{seen}", name, seen = self.arrival(report, *key, seen))
            };
            moments.entry(seen).or_default().push(words);
            let mut fields: BTreeMap<SnapshotNumber, Vec<String>> = BTreeMap::new();
            for (at, what) in history.journal.of(*key) {
                match what {
                    What::Gone => {
                        moments.entry(at).or_default().push(say!("{name} not in the extract any more", name))
                    }
                    What::Back => moments.entry(at).or_default().push(say!("{name} is back", name)),
                    What::Field { column, before, after } => {
                        fields.entry(at).or_default().push(format!(
                            "{} {} → {}",
                            field(&column),
                            cell(&before),
                            cell(&after)
                        ));
                    }
                }
            }
            for (at, mut changed) in fields {
                let rest = changed.len().saturating_sub(NAMED);
                changed.truncate(NAMED);
                let more = if rest > 0 { say!(" and {rest} more", rest) } else { String::new() };
                moments.entry(at).or_default().push(say!(
                    "{name}: {changed}{more}",
                    name,
                    changed = changed.join(say!(", ")),
                    more
                ));
            }
        }
        self.add_own_changes(report, &mut moments);
        self.add_cases(report, &mut moments);
        moments
    }

    /// The state in which a line arrived.
    fn arrival(&self, report: &Report<'_>, key: RecordKey, at: SnapshotNumber) -> String {
        let RecordKey::Line(id) = key else { return String::new() };
        let facts = &report.sources.history.facts;
        let state = facts.number(id).and_then(|line| facts.at(line, at));
        let Some(state) = state else { return String::new() };
        let since =
            state.since().map_or_else(String::new, |day| say!(" since {day}", day = date_in_words(day)));
        match state.calculated() {
            Some(amount) => say!(
                ": {status}{since}, {amount}",
                status = state.status().words(),
                since,
                amount = amount.in_words()
            ),
            None => say!(": {status}{since}, no amount yet", status = state.status().words(), since),
        }
    }

    /// What our own mapping or rules changed while the extracts stayed the same.
    fn add_own_changes(&self, report: &Report<'_>, moments: &mut BTreeMap<SnapshotNumber, Vec<String>>) {
        let facts = &report.sources.history.facts;
        for line in &self.tracks {
            for (at, is_own, _) in facts.of_line(*line) {
                if is_own {
                    let words = say!("line {line}: our own mapping or rules changed", line = facts.id(*line));
                    moments.entry(at).or_default().push(words);
                }
            }
        }
    }

    /// Cases opened, changed and cleared.
    fn add_cases(&self, report: &Report<'_>, moments: &mut BTreeMap<SnapshotNumber, Vec<String>>) {
        let facts = &report.sources.history.facts;
        let lines = self.tracks.iter().map(|line| CaseName::Line(facts.id(*line)));
        for name in std::iter::once(CaseName::Order(self.id)).chain(lines) {
            let mut was: Option<String> = None;
            for (at, open) in report.sources.history.cases.of(name) {
                let amount = |amount: Option<Money>| {
                    amount
                        .filter(|m| !m.is_zero())
                        .map_or_else(String::new, |m| say!(" ({value})", value = m.in_words()))
                };
                let title = open.map(|(kind, at_stake)| {
                    format!("{}{}", report.sources.content.kind(kind).title, amount(at_stake))
                });
                let words = match (&was, &title) {
                    (None, Some(now)) => say!("opened: {now}", now),
                    (Some(before), Some(now)) => say!("was {before}, is {now}", before, now),
                    (Some(before), None) => say!("cleared: {before}", before),
                    (None, None) => continue,
                };
                was = title;
                moments.entry(at).or_default().push(words);
            }
        }
    }
}

/// The name of a column as words; in another language as its file has it.
fn field(column: &str) -> String {
    if Language::spoken().is_english() { column.replace('_', " ") } else { column.to_owned() }
}

/// A cell in a sentence.
fn cell(text: &str) -> String {
    if text.is_empty() { say!("empty").to_owned() } else { visible(text) }
}

/// The section; nothing where only one snapshot says anything.
pub(super) fn section(report: &Report<'_>, record: &Record) -> Block {
    Block::Section {
        id: "timeline".to_owned(),
        heading: say!("Timeline").to_owned(),
        actions: vec![Link::to(say!("All snapshots"), "snapshot/index.html")],
        blocks: vec![Block::Table(rows(report, record))],
    }
}

fn rows(report: &Report<'_>, record: &Record) -> Table {
    let history = report.sources.history;
    let versions: Vec<AsOf> = history.versions.all(record.id);
    let mut list = table(
        "timeline-list",
        say!("Each row is a snapshot in which something about this order changed, newest first. Amounts with adjustments.")
            .to_owned(),
        "tight",
    );
    list.columns = vec![
        Column::date("Snapshot"),
        Column::text("Status and what changed"),
        Column::money("Rebate", "rebate"),
        Column::number("Record").minor(),
    ];
    let mut moments = record.moments(report);
    // A version may rest on what is not told here, such as a second payout; it has its row all the same.
    for as_of in &versions {
        if let Some(at) = history.number(*as_of) {
            moments.entry(at).or_default();
        }
    }
    for (at, items) in moments.into_iter().rev() {
        let as_of = history.as_of(at);
        let states = record.states(report, at);
        let lowest = states.iter().min_by_key(|s| (s.status().rank().unwrap_or(0), s.status()));
        let status = lowest.map(|state| state.status());
        let version = versions.partition_point(|brought| *brought <= as_of);
        let is_new = version > 0 && versions[version - 1] == as_of;
        let what = if items.is_empty() {
            say!("another record of it changed").to_owned()
        } else {
            items.join(say!("; "))
        };
        list.rows.push(Row {
            id: if is_new { format!("v{version}") } else { format!("s-{as_of}") },
            cells: vec![
                Cell { icon: Some(status.map_or("clock", Status::slug)), ..Cell::snapshot(as_of) },
                Cell::text(status.map_or(say!("No rebate line"), Status::words))
                    .with_note(lists::capitalized(&what)),
                amount(&states),
                Cell::text(if version > 0 { format!("v{version}") } else { String::new() }),
            ],
            ..Row::default()
        });
    }
    list
}

/// What the lines were worth.
fn amount(states: &[State<'_>]) -> Cell {
    let mut sums = MoneyByCurrency::default();
    for state in
        states.iter().filter(|state| state.calculated().is_some() && state.status() != Status::Rejected)
    {
        sums.extend(state.calculated().and_then(|m| m.checked_add(state.adjustments()).ok()));
    }
    if sums.is_empty() {
        return Cell { none: Some(say!("no amount yet")), ..Cell::default() };
    }
    Cell::text(sums.iter().map(Money::in_words).collect::<Vec<_>>().join(say!(" and ")))
}

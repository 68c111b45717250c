//! What changed when a case was cleared: read off the two snapshots around it, never concluded.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::facts::Step;
use crate::history::journal::{RecordKey, What};
use crate::history::{SnapshotNumber, State, Stay};
use crate::ingest::RuleRow;
use crate::ingest::columns::FileKind;
use crate::ingest::grammar::canonical;
use crate::model::id::OrderId;
use crate::model::money::Money;
use crate::model::time::{AsOf, Month, date_in_words};
use crate::normalize::word;
use crate::reconcile::CaseName;
use crate::report::changes;
use crate::report::lists::{capitalized, count_of};
use crate::report::scopes::ScopeKey;
use crate::report::{Report, causes};
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// Things that one sentence names before the rest is counted.
const NAMED: usize = 6;

/// How a case was cleared.
#[derive(Debug)]
pub struct Told {
    /// What it was about, as received: an order, a line of none, a payout or a feed.
    pub subject: String,
    /// The line of the order.
    pub line: Option<String>,
    /// The page of it; `None` where it has none.
    pub page: Option<String>,
    /// The case.
    pub stay: Stay,
    /// The first snapshot that shows it, and whether that is the very first one: since when is then not known.
    pub opened: (AsOf, bool),
    /// The last snapshot that shows it, and the first one that does not.
    pub between: (AsOf, AsOf),
    /// Whole days from the first snapshot that shows it to the first one that does not.
    pub days: i64,
    /// Everything about it that differs between the two snapshots, as one sentence.
    pub what: String,
    /// The page of all changes between them.
    pub changes: String,
}

/// The id of what a case is about, as received.
pub(super) fn id_of(name: CaseName) -> &'static str {
    match name {
        CaseName::Line(id) => id.raw(),
        CaseName::Order(id) => id.raw(),
        CaseName::Payout(id) => id.raw(),
        CaseName::Feed(id) => id.as_str(),
    }
}

/// Tells how a case was cleared: `at` is the first snapshot that shows nothing of it.
pub(super) fn told(report: &Report<'_>, at: SnapshotNumber, stay: Stay) -> Told {
    let history = report.sources.history;
    let (opened, to) = (history.as_of(stay.opened), history.as_of(at));
    let from = history.as_of(at.saturating_sub(1));
    let mut changed = Changed { report, at, items: Vec::new(), names: Names::default() };
    let mut of_line = None;
    let (subject, page) = match stay.name {
        CaseName::Order(id) => {
            changed.order(id);
            (id.raw().to_owned(), Some(report.order_path(id)))
        }
        CaseName::Line(id) => {
            let line = history.facts.number(id);
            let order = line.and_then(|line| changed.order_of(line));
            match order {
                Some(order) => changed.order(order),
                None => line.into_iter().for_each(|line| changed.line(line)),
            }
            of_line = order.map(|_| id.raw().to_owned());
            let name = order.map_or(id.raw(), |order| order.raw()).to_owned();
            (name, line.map(|line| report.track_path(line)))
        }
        CaseName::Payout(id) => {
            changed.record(say!("the payout"), RecordKey::Payout(id), true);
            let of_it =
                |(line, place): (u32, &crate::reconcile::Place)| (place.payout == Some(id)).then_some(line);
            let lines: BTreeSet<u32> = history.facts.places().filter_map(of_it).collect();
            lines.into_iter().for_each(|line| changed.line(line));
            let key = ScopeKey::payout(id);
            let has_page = report.scopes.members(&key).is_some();
            (id.raw().to_owned(), has_page.then(|| report.scopes.path(&key)))
        }
        CaseName::Feed(id) => {
            changed.feed(id.as_str());
            (id.to_string(), None)
        }
    };
    Told {
        subject,
        line: of_line,
        page,
        stay,
        opened: (opened, stay.opened == 0),
        between: (from, to),
        days: to.date().signed_duration_since(opened.date()).num_days(),
        what: changed.sentence(),
        changes: changes::path(from, to),
    }
}

/// What a case is known by in our mapping and rules, in canonical form, by the file that says something of it.
#[derive(Default)]
struct Names(BTreeMap<FileKind, BTreeSet<String>>);

impl Names {
    fn add(&mut self, files: &[FileKind], name: &str) {
        for file in files {
            self.0.entry(*file).or_default().insert(spelled(*file, name));
        }
    }

    /// Adds a cell of an extract in our own layout by the name of its column.
    fn add_cell(&mut self, column: &str, cell: &str) {
        let files: &[FileKind] = match column {
            "account_id" | "account_ref" => &[FileKind::Accounts],
            "sku" | "sku_ref" => &[FileKind::Skus],
            "program_id" => PROGRAM,
            "reseller_id" => &[FileKind::Enrollments],
            "period" => &[FileKind::Periods],
            "status" => &[FileKind::StatusMap],
            "reason_code" => &[FileKind::ReasonMap],
            "order_id" | "order_ref" | "line_id" => &[FileKind::Aliases],
            _ => return,
        };
        if !cell.is_empty() {
            self.add(files, cell);
        }
    }

    /// Whether a row is about it. An enrollment is about a reseller in a program, so both must be meant.
    fn is_in(&self, row: &RuleRow) -> bool {
        let Some(names) = self.0.get(&row.file) else { return false };
        let is_meant = |(_, cell): (&str, &str)| names.contains(&spelled(row.file, cell));
        if row.file == FileKind::Enrollments { row.about().all(is_meant) } else { row.about().any(is_meant) }
    }
}

/// A name as a file is asked for it: ids in canonical form, words of the vendor as words.
fn spelled(file: FileKind, name: &str) -> String {
    if matches!(file, FileKind::StatusMap | FileKind::ReasonMap) {
        word(name).to_string()
    } else {
        canonical(name).into_owned()
    }
}

const PROGRAM: &[FileKind] = &[FileKind::Programs, FileKind::ProgramRates, FileKind::Enrollments];

/// Collects what differs between the snapshot before `at` and `at`.
struct Changed<'r> {
    report: &'r Report<'r>,
    at: SnapshotNumber,
    items: Vec<String>,
    names: Names,
}

impl Changed<'_> {
    /// The order of a line where it last was before, else where it is.
    fn order_of(&self, line: u32) -> Option<OrderId> {
        let facts = &self.report.sources.history.facts;
        let state = facts.at(line, self.at.saturating_sub(1)).or_else(|| facts.at(line, self.at))?;
        Some(state.place.order.unwrap_or(state.place.order_ref))
    }

    /// Everything about an order: its rows, the lines that ever were of it, and its cancellations.
    fn order(&mut self, id: OrderId) {
        let (report, journal) = (self.report, &self.report.sources.history.journal);
        self.names.add(&[FileKind::Aliases], id.raw());
        let rows: Vec<_> =
            report.reconciled.matching.rows(id).into_iter().map(|row| report.order(row)).collect();
        for order in &rows {
            self.names.add(&[FileKind::Accounts], order.account.raw());
            self.names.add(&[FileKind::Skus], order.sku.raw());
            order.reseller.iter().for_each(|id| self.names.add(&[FileKind::Enrollments], id.raw()));
            let program = report.reconciled.rules.declared_program(order);
            program.iter().for_each(|program| self.names.add(PROGRAM, program.id.raw()));
            for day in order.invoice_date.iter().chain([&order.order_date]) {
                self.names.add(&[FileKind::Periods], &Month::of(*day).to_string());
            }
        }
        let mut keys: Vec<RecordKey> =
            rows.iter().map(|order| RecordKey::Order(order.id, order.line)).collect();
        if keys.is_empty() {
            let is_its = |key: &RecordKey| matches!(key, RecordKey::Order(order, _) if *order == id);
            keys.extend(journal.gone().filter(is_its));
        }
        for key in keys {
            let name = match key {
                RecordKey::Order(_, Some(line)) if rows.len() > 1 => {
                    say!("our order line {line}", line)
                }
                RecordKey::Order(..)
                | RecordKey::Line(_)
                | RecordKey::Adjustment(_)
                | RecordKey::Payout(_)
                | RecordKey::Cancellation(_) => say!("our order").to_owned(),
            };
            self.record(&name, key, true);
        }
        for cancellation in report.reconciled.cancellations(id) {
            let name = say!("cancellation {id}", id = cancellation.id);
            self.record(&name, RecordKey::Cancellation(cancellation.id), true);
        }
        for line in report.lines_ever_of(id) {
            self.line(line);
        }
    }

    /// What the extracts say of one record: that it came, went, or which of its cells differ.
    fn record(&mut self, name: &str, key: RecordKey, is_told: bool) {
        let (files, journal) = (self.report.sources.files, &self.report.sources.history.journal);
        for (column, cell) in journal.row(key).map(|row| files.cells(row)).unwrap_or_default() {
            self.names.add_cell(&column.to_lowercase(), cell.trim());
        }
        let mut fields = Vec::new();
        if journal.first_seen(key) == Some(self.at) && is_told {
            self.items.push(say!("{name} arrived", name));
        }
        for (at, what) in journal.of(key).into_iter().filter(|(at, _)| *at >= self.at) {
            match what {
                What::Gone if at == self.at && is_told => {
                    self.items.push(say!("{name} left the extract", name));
                }
                What::Back if at == self.at && is_told => self.items.push(say!("{name} came back", name)),
                What::Gone | What::Back => {}
                What::Field { column, before, after } => {
                    // What it was called then, whatever it is called since.
                    self.names.add_cell(&column, &before);
                    self.names.add_cell(&column, &after);
                    if at == self.at {
                        fields.push(format!("{} {}", column.replace('_', " "), arrow(&before, &after)));
                    }
                }
            }
        }
        if is_told && !fields.is_empty() {
            let rest = fields.len().saturating_sub(NAMED);
            fields.truncate(NAMED);
            let more = if rest > 0 { say!(" and {rest} more cells", rest) } else { String::new() };
            self.items.push(say!("{name}: {changed}{more}", name, changed = fields.join(say!(", ")), more));
        }
    }

    /// What became of a line, in our words, and what its own case is since.
    fn line(&mut self, line: u32) {
        let history = self.report.sources.history;
        let id = history.facts.id(line);
        // Its cells are told as amounts and statuses below; the journal only adds the names it had.
        self.record("", RecordKey::Line(id), false);
        let steps = history.facts.steps_of(line, self.at.saturating_sub(1)..self.at);
        let ends = [self.at.saturating_sub(1), self.at].map(|at| history.facts.at(line, at));
        for state in ends.iter().flatten() {
            let place = state.place;
            place.account.iter().for_each(|id| self.names.add(&[FileKind::Accounts], id.raw()));
            self.names.add(PROGRAM, place.program.raw());
            self.names.add(&[FileKind::Periods], &place.period.to_string());
            state.reason().iter().for_each(|code| self.names.add(&[FileKind::ReasonMap], code));
        }
        if let Some(number) = self.report.reconciled.line_number(id) {
            let line = self.report.line(number);
            line.account_ref.iter().for_each(|id| self.names.add(&[FileKind::Accounts], id.raw()));
            line.sku_ref.iter().for_each(|id| self.names.add(&[FileKind::Skus], id.raw()));
            self.names.add(&[FileKind::StatusMap], &line.status_raw);
        }
        for step in steps {
            let who = if step.is_own { say!("our own mapping or rules: ") } else { "" };
            let what = step_in_words(&step);
            if !what.is_empty() {
                self.items.push(say!("{who}line {id} {what}", who, id, what));
            }
        }
        let since = history.cases.of(CaseName::Line(id)).into_iter().rfind(|(at, _)| *at <= self.at);
        if let Some((at, Some((kind, _)))) = since
            && at == self.at
        {
            let title = &self.report.sources.content.kind(kind).title;
            self.items.push(say!("line {id} is a case of its own since: {title}", id, title));
        }
    }

    /// What a feed says of itself.
    fn feed(&mut self, id: &str) {
        let state = |at: SnapshotNumber| {
            let facts = self.report.sources.snapshots.get(usize::from(at))?;
            let state = facts.sources.iter().find(|state| state.id == id)?;
            let day = state.last_as_of.map_or_else(|| say!("none").to_owned(), date_in_words);
            Some((state.state.clone(), day))
        };
        let (before, after) = (state(self.at.saturating_sub(1)), state(self.at));
        match (before, after) {
            (Some((was, had)), Some((is, has))) => {
                if was != is {
                    self.items.push(say!("feed {id}: state {change}", id, change = arrow(&was, &is)));
                }
                if had != has {
                    self.items.push(say!("feed {id}: newest data of {had} → {has}", id, had, has));
                }
            }
            (Some(_), None) => {
                self.items.push(say!("feed {id} is not in the list of sources any more", id));
            }
            (None, Some(_)) => self.items.push(say!("feed {id} is in the list of sources", id)),
            (None, None) => {}
        }
    }

    /// All of it.
    fn sentence(mut self) -> String {
        let rows = self.report.rules_since(self.at);
        let (own, others): (Vec<&RuleRow>, Vec<&RuleRow>) =
            rows.iter().partition(|row| self.names.is_in(row));
        self.items.splice(0..0, own.into_iter().map(row_in_words));
        if self.items.is_empty() {
            let files: BTreeSet<String> = others.iter().map(|row| causes::path_of_file(row.file)).collect();
            let nothing = say!(
                "Nothing of it changed that can be seen: no row of its own, and no row of our mapping or rules that \
                 names it."
            );
            if files.is_empty() {
                return nothing.to_owned();
            }
            let files: Vec<String> = files.into_iter().collect();
            let rows = count_of(others.len(), "other row differs", "other rows differ");
            return say!("{nothing} {rows} in {files}.", nothing, rows, files = files.join(say!(", ")));
        }
        let rest = self.items.len().saturating_sub(NAMED);
        self.items.truncate(NAMED);
        if rest > 0 {
            self.items.push(say!("{rest} more", rest));
        }
        capitalized(&self.items.join(say!("; "))) + say!(".")
    }
}

/// `a row was added to reference/accounts.csv (account_id A-909)`.
fn row_in_words(row: &RuleRow) -> String {
    let about: Vec<String> = row.about().map(|(column, cell)| format!("{column} {cell}")).collect();
    let (file, about) = (causes::path_of_file(row.file), about.join(say!(", ")));
    match (&row.before, &row.after) {
        (None, _) => say!("a row was added to {file} ({about})", file, about),
        (Some(_), None) => say!("a row was taken out of {file} ({about})", file, about),
        (Some(_), Some(_)) => {
            let cells: Vec<String> =
                row.changed().map(|(column, was, is)| format!("{column} {}", arrow(was, is))).collect();
            say!("a row of {file} changed ({about}): {cells}", file, about, cells = cells.join(say!(", ")))
        }
    }
}

/// `PENDING → PAID`; an empty text is named so.
fn arrow(was: &str, is: &str) -> String {
    let shown = |text: &str| {
        if text.is_empty() { say!("empty").to_owned() } else { crate::diagnostic::visible(text) }
    };
    format!("{} → {}", shown(was), shown(is))
}

/// What one snapshot changed of a line; nothing where none of what is told differs.
fn step_in_words(step: &Step<'_>) -> String {
    match (&step.before, &step.after) {
        (None, Some(after)) => match after.calculated() {
            Some(amount) => say!(
                "arrived: {status}, {amount}",
                status = after.status().words(),
                amount = amount.grouped()
            ),
            None => say!("arrived: {status}, no amount yet", status = after.status().words()),
        },
        (Some(before), None) if step.is_aside => {
            say!("could not be read this time; it was {status}", status = before.status().words())
        }
        (Some(before), None) => {
            say!("left the extract; it was {status}", status = before.status().words())
        }
        (Some(before), Some(after)) => differing(before, after).join(say!(", ")),
        (None, None) => String::new(),
    }
}

fn differing(before: &State<'_>, after: &State<'_>) -> Vec<String> {
    let money = |amount: Option<Money>| amount.map_or_else(String::new, Money::grouped);
    let text = |id: Option<&'static str>| id.unwrap_or_default().to_owned();
    let (was, is) = (before.place, after.place);
    let rate = |state: &State<'_>| state.rate().map_or_else(String::new, rate_in_words);
    let day = |state: &State<'_>| state.since().map_or_else(String::new, date_in_words);
    let pairs = [
        (say!("status"), before.status().words().to_owned(), after.status().words().to_owned()),
        (say!("reason"), text(before.reason().map(|r| r.as_str())), text(after.reason().map(|r| r.as_str()))),
        (say!("calculated"), money(before.calculated()), money(after.calculated())),
        (say!("adjustments"), before.adjustments().grouped(), after.adjustments().grouped()),
        (say!("paid"), money(before.paid()), money(after.paid())),
        (say!("base"), money(before.base()), money(after.base())),
        (say!("rate"), rate(before), rate(after)),
        (say!("our own expectation"), money(before.expected()), money(after.expected())),
        (say!("order"), text(was.order.map(|id| id.raw())), text(is.order.map(|id| id.raw()))),
        (say!("order as the vendor names it"), was.order_ref.raw().to_owned(), is.order_ref.raw().to_owned()),
        (say!("account"), text(was.account.map(|id| id.raw())), text(is.account.map(|id| id.raw()))),
        (say!("program"), was.program.raw().to_owned(), is.program.raw().to_owned()),
        (say!("period"), was.period.in_words(), is.period.in_words()),
        (say!("category"), text(was.category.map(|c| c.as_str())), text(is.category.map(|c| c.as_str()))),
        (say!("region"), text(was.region.map(|r| r.as_str())), text(is.region.map(|r| r.as_str()))),
        (say!("currency"), was.currency.code().to_owned(), is.currency.code().to_owned()),
        (say!("batch"), text(was.batch.map(|id| id.raw())), text(is.batch.map(|id| id.raw()))),
        (say!("payout"), text(was.payout.map(|id| id.raw())), text(is.payout.map(|id| id.raw()))),
        (say!("since"), day(before), day(after)),
    ];
    pairs
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| format!("{name} {}", arrow(&was, &is)))
        .collect()
}

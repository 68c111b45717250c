//! What the browser needs to make the bridge between any two snapshots: the changes of each snapshot, and the ends.
//!
//! The bridge in the browser has two sides, as the one in [`history::changes`](crate::history::changes) has. Its *changes* come
//! from the change lists: one file for each snapshot but the first, with every line that differs from the snapshot
//! before, so that a bridge loads what changed on its way and nothing else. Its *ends* are added up from groups of lines:
//! how the measures of each (period, program, campaign, currency) moved in each snapshot, the first one moving from
//! nothing. A list that is cut short or of another build leaves a remainder, as it must.
//!
//! Size: the lists and the groups grow with what changed, never with lines times snapshots. Groups by customer would be as
//! many as lines, so they lie in files of their own, of which a bridge of one customer loads one.

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use super::MEASURES;
use crate::history::changes::Class;
use crate::history::facts::Step;
use crate::history::{Measures, SnapshotNumber, State};
use crate::ingest::grammar;
use crate::model::id::CustomerId;
use crate::model::money::{Currency, Money};
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::reconcile::Place;
use crate::report::Report;
use crate::report::scopes::{ScopeKey, ScopeKind};
use crate::report::script::{DataScript, Grid, Texts, day, place};
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// Rows of one file by customer before the next file begins: about 100 KB.
const ROWS_OF_A_FILE: usize = 2_000;

/// Something that one file or a few are made of; they are made one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `changes/data/index.js`: names, and the ends of every scope without a customer.
    Index,
    /// `changes/data/<as-of>.js`: the changes that a snapshot brought.
    Changes(SnapshotNumber),
    /// `changes/data/customers.js` and the numbered files beside it: the ends of scopes of one customer.
    Customers,
}

/// What a scope may ask for besides a customer.
type Group = (Month, Ustr, Option<Ustr>, Currency);

/// The lines of a group and what they are worth, or how both moved.
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    lines: i128,
    measures: Measures,
}

impl Report<'_> {
    /// Everything that data files are made of; nothing where there are no two snapshots to compare.
    pub fn change_data(&self) -> Vec<Part> {
        let newest = self.sources.history.newest();
        if newest == 0 {
            return Vec::new();
        }
        let mut parts = vec![Part::Index, Part::Customers];
        parts.extend((1..=newest).map(Part::Changes));
        parts
    }

    /// The files of a part.
    pub fn change_scripts(&self, part: Part) -> Vec<DataScript> {
        match part {
            Part::Index => vec![index(self)],
            Part::Changes(snapshot) => vec![changes(self, snapshot)],
            Part::Customers => customers(self),
        }
    }

    fn script(&self, name: &str, texts: Texts, grids: Vec<(&'static str, Grid)>) -> DataScript {
        let path = format!("changes/data/{name}.js");
        DataScript { path, set: set(self).to_owned(), texts: texts.all, grids }
    }
}

/// The name of the set of inputs of the shown snapshot.
pub(super) fn set<'r>(report: &'r Report<'_>) -> &'r str {
    report.sources.snapshots.last().map_or("", |facts| &facts.record_set)
}

fn status_number(status: Status) -> i128 {
    Status::ALL.iter().position(|other| *other == status).map_or(Grid::NONE, place)
}

fn bucket_number(bucket: Bucket) -> i128 {
    Bucket::ALL.iter().position(|other| *other == bucket).map_or(Grid::NONE, place)
}

fn index(report: &Report<'_>) -> DataScript {
    let history = report.sources.history;
    let mut texts = Texts::default();
    let (mut snapshots, mut periods, mut currencies) = (Grid::default(), Grid::default(), Grid::default());
    for as_of in history.snapshots() {
        let names = [texts.number(&as_of.to_string()), texts.number(&as_of.in_words())];
        snapshots.push(&[names[0], names[1], day(as_of.date())]);
    }
    let reference = report.reconciled.rules.reference;
    for month in history.facts.periods() {
        let names = [texts.number(&month.to_string()), texts.number(&month.in_words())];
        periods.push(&[names[0], names[1], day(reference.final_from(month))]);
    }
    for currency in history.facts.currencies() {
        let sign = texts.optional(currency.sign());
        currencies.push(&[texts.number(currency.code()), currency.digits().into(), sign]);
    }
    let (mut statuses, mut buckets) = (Grid::default(), Grid::default());
    for status in Status::ALL {
        statuses.push(&[texts.number(status.code()), texts.number(status.words())]);
    }
    for bucket in Bucket::ALL {
        buckets.push(&[texts.number(bucket.label())]);
    }
    let (mut classes, mut measures) = (Grid::default(), Grid::default());
    for class in Class::ALL {
        classes.push(&[texts.number(class.code()), texts.number(class.label())]);
    }
    for (name, _) in MEASURES {
        measures.push(&[texts.number(name)]);
    }
    let groups = ends(report, |place| Some(group(place)));
    let mut ends = Grid::default();
    for ((group, snapshot), moved) in groups {
        ends.push(&end_row(&mut texts, &group, snapshot, &moved));
    }
    let grids = vec![
        ("snapshots", snapshots),
        ("periods", periods),
        ("currencies", currencies),
        ("statuses", statuses),
        ("buckets", buckets),
        ("classes", classes),
        ("measures", measures),
        ("ends", ends),
    ];
    report.script("index", texts, grids)
}

fn group(place: &Place) -> Group {
    (place.period, place.program.key(), place.campaign, place.currency)
}

/// How the lines and measures of each group moved in each snapshot, by group and snapshot.
///
/// Added up line by line along its facts, which is another way than the one that the change lists take. What did not move
/// is left out.
fn ends<K: Ord + std::hash::Hash + Copy>(
    report: &Report<'_>,
    key: impl Fn(&Place) -> Option<K>,
) -> Vec<((K, SnapshotNumber), Ends)> {
    let facts = &report.sources.history.facts;
    let mut all: HashMap<(K, SnapshotNumber), Ends> = HashMap::new();
    let mut add = |state: &State<'_>, snapshot, sign: i128| {
        let Some(key) = key(state.place) else { return };
        let sum = all.entry((key, snapshot)).or_default();
        sum.lines += sign;
        let measures = state.measures();
        sum.measures = if sign > 0 { sum.measures + measures } else { sum.measures - measures };
    };
    for line in 0..u32::try_from(facts.len()).unwrap_or(u32::MAX) {
        let mut later = None;
        for (snapshot, _, state) in facts.of_line(line) {
            if let (Some(state), Some(later)) = (&state, later) {
                add(state, later, -1);
            }
            if let Some(state) = &state {
                add(state, snapshot, 1);
            }
            later = Some(snapshot);
        }
    }
    let moved = |ends: &Ends| ends.lines != 0 || !ends.measures.is_zero();
    let mut all: Vec<_> = all.into_iter().filter(|(_, ends)| moved(ends)).collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    all
}

/// Snapshot, period, program, campaign, currency, lines, and the six measures.
fn end_row(texts: &mut Texts, group: &Group, snapshot: SnapshotNumber, ends: &Ends) -> [i128; 12] {
    let (period, program, campaign, currency) = group;
    let [eligible, calculated, adjustments, total, approved, paid] =
        MEASURES.map(|(_, of)| of(&ends.measures));
    [
        snapshot.into(),
        texts.number(&period.to_string()),
        texts.number(program),
        texts.optional(campaign.as_ref().map(Ustr::as_str)),
        texts.number(currency.code()),
        ends.lines,
        eligible,
        calculated,
        adjustments,
        total,
        approved,
        paid,
    ]
}

fn customers(report: &Report<'_>) -> Vec<DataScript> {
    let rows = ends(report, |place| Some((place.customer?, group(place))));
    let mut by_customer: BTreeMap<CustomerId, Vec<(Group, SnapshotNumber, Ends)>> = BTreeMap::new();
    for (((customer, group), snapshot), moved) in rows {
        by_customer.entry(customer).or_default().push((group, snapshot, moved));
    }
    let names: HashMap<Ustr, &str> = report
        .scopes
        .of_kind(ScopeKind::Customer)
        .map(|(key, members)| (key.id, members.name.as_str()))
        .collect();
    let (mut list_texts, mut list) = (Texts::default(), Grid::default());
    let mut files = Vec::new();
    let (mut texts, mut grid, mut count) = (Texts::default(), Grid::default(), 0);
    for (customer, rows) in &by_customer {
        if count > 0 && count + rows.len() > ROWS_OF_A_FILE {
            let name = format!("customers-{}", files.len());
            let ends = std::mem::take(&mut grid);
            files.push(report.script(&name, std::mem::take(&mut texts), vec![("ends", ends)]));
            count = 0;
        }
        count += rows.len();
        for (group, snapshot, moved) in rows {
            let key = texts.number(customer.canonical());
            let rest = end_row(&mut texts, group, *snapshot, moved);
            grid.push(&[&[key][..], &rest].concat());
        }
        let name = names.get(&customer.key()).copied().unwrap_or_default();
        let texts = [customer.canonical(), customer.raw(), name].map(|text| list_texts.number(text));
        list.push(&[texts[0], texts[1], texts[2], place(files.len())]);
    }
    files.push(report.script(&format!("customers-{}", files.len()), texts, vec![("ends", grid)]));
    files.push(report.script("customers", list_texts, vec![("customers", list)]));
    files
}

/// The file of one snapshot while it is made.
struct Changes<'r, 'a> {
    report: &'r Report<'a>,
    texts: Texts,
    /// By line number: the row of the line, and its newest state.
    lines: HashMap<u32, (i128, i128)>,
    line_grid: Grid,
    places: HashMap<Vec<i128>, i128>,
    place_grid: Grid,
    state_grid: Grid,
}

fn changes(report: &Report<'_>, snapshot: SnapshotNumber) -> DataScript {
    let mut made = Changes {
        report,
        texts: Texts::default(),
        lines: HashMap::new(),
        line_grid: Grid::default(),
        places: HashMap::new(),
        place_grid: Grid::default(),
        state_grid: Grid::default(),
    };
    let mut steps = Grid::default();
    let history = report.sources.history;
    for step in history.facts.steps(snapshot - 1..snapshot) {
        let row = made.step(&step);
        steps.push(&row);
    }
    let Changes { texts, line_grid, place_grid, state_grid, .. } = made;
    let grids = vec![("lines", line_grid), ("places", place_grid), ("states", state_grid), ("steps", steps)];
    report.script(&history.as_of(snapshot).to_string(), texts, grids)
}

impl Changes<'_, '_> {
    /// Line, flags (1 our own doing, 2 set aside), state before, state after.
    fn step(&mut self, step: &Step<'_>) -> [i128; 4] {
        let known = self.lines.get(&step.line).copied();
        let (line, before) = match known {
            Some(known) => known,
            None => (self.line(step.line), self.state(step.before.as_ref())),
        };
        let after = self.state(step.after.as_ref());
        self.lines.insert(step.line, (line, after));
        let flags = i128::from(step.is_own) + 2 * i128::from(step.is_aside);
        [line, flags, before, after]
    }

    /// Number in the facts, canonical id, id as received, page.
    fn line(&mut self, line: u32) -> i128 {
        let id = self.report.sources.history.facts.id(line);
        let texts =
            [id.canonical(), id.raw(), &self.report.track_path(line)].map(|text| self.texts.number(text));
        self.line_grid.push(&[line.into(), texts[0], texts[1], texts[2]])
    }

    /// Place, status, bucket, reason in words, rate in words, then base, calculated, adjustments, paid, expected.
    fn state(&mut self, state: Option<&State<'_>>) -> i128 {
        let Some(state) = state else { return Grid::NONE };
        let amount = |amount: Option<Money>| amount.map_or(Grid::NONE, Money::minor);
        let reason = super::sentence::reason_words(self.report, state);
        let row = [
            self.place(state.place),
            status_number(state.status()),
            bucket_number(state.bucket()),
            self.texts.optional(reason),
            self.texts.optional(state.rate().map(rate_in_words).as_deref()),
            amount(state.base()),
            amount(state.calculated()),
            state.adjustments().minor(),
            amount(state.paid()),
            amount(state.expected()),
        ];
        self.state_grid.push(&row)
    }

    /// Period, currency, program and the same as received, campaign, customer, order (none where it is no order of ours),
    /// order as received or what the vendor says it is for, category, payout.
    fn place(&mut self, at: &Place) -> i128 {
        let texts = &mut self.texts;
        let row = vec![
            texts.number(&at.period.to_string()),
            texts.number(at.currency.code()),
            texts.number(at.program.canonical()),
            texts.number(at.program.raw()),
            texts.optional(at.campaign.as_ref().map(Ustr::as_str)),
            texts.optional(at.customer.map(|id| id.canonical())),
            texts.optional(at.order.map(|id| id.canonical())),
            texts.number(at.order.unwrap_or(at.order_ref).raw()),
            texts.optional(at.category.as_ref().map(Ustr::as_str)),
            texts.optional(at.payout.map(|id| id.raw())),
        ];
        if let Some(number) = self.places.get(&row) {
            return *number;
        }
        let number = self.place_grid.push(&row);
        self.places.insert(row, number);
        number
    }
}

/// The name of a scope for people: `Spring Growth (SPRING)`, or its id as received.
pub(super) fn scope_name(report: &Report<'_>, key: &ScopeKey) -> String {
    match report.scopes.members(key).map_or("", |members| &members.name) {
        "" => key.id.to_string(),
        name if grammar::canonical(name) == key.id.as_str() => name.to_owned(),
        name => say!("{name} ({id})", name, id = key.id),
    }
}

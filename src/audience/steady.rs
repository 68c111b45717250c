//! Which amounts of a customer may be shown, so that neither one page nor the difference of two gives a single purchase.
//!
//! An amount that is made of one purchase, beside its price, is a rate; so is the difference of two amounts that one purchase
//! parts. Every amount that is shown therefore holds none or at least `min_purchases`, and differs from what was shown before
//! in none or in at least as many. Months that are too small become one row with a month beside them,
//! an amount that may not move yet stays at the snapshot that it names, and stages that are too small are not told apart.
//!
//! A fold over the snapshots, oldest first; each is taken as shown, whether or not anyone built it. Invariant: rows only
//! ever grow together, so any two views compare at the rows of the later one (the property test at the foot).

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::history::SnapshotNumber;
use crate::model::time::{AsOf, Month};

/// How many stages a row tells apart: in progress, confirmed, completed.
pub const STAGES: usize = 3;

/// What one line adds at a snapshot, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The month in which it counts.
    pub month: Month,
    /// Its stage, below [`STAGES`].
    pub stage: usize,
    /// Its net amount in minor units; a line without an amount is no part of a sum.
    pub net: i128,
    /// The purchase that it is for: lines of one purchase hide nothing of each other.
    pub purchase: u32,
}

/// How small a group may be, and how long it may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The fewest purchases that an amount, or a change of it, is made of; 1 shows everything.
    pub min_purchases: usize,
    /// After how many days a row that may not move joins the month beside it.
    pub hold_days: i64,
}

/// Months with an amount that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// First and last month.
    pub months: (Month, Month),
    /// The sum in minor units.
    pub total: i128,
    /// The snapshot whose sum it is.
    pub as_of: SnapshotNumber,
    /// The same by stage, where each may be told.
    pub stages: Option<[i128; STAGES]>,
}

/// What may be shown at the newest snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steady {
    /// The rows, oldest first.
    pub shown: Vec<Shown>,
    /// Months with amounts of which nothing may be shown yet, oldest first.
    pub withheld: Vec<(Month, Month)>,
}

/// What every line adds at a snapshot, by month.
#[derive(Debug, Default)]
struct Now {
    parts: BTreeMap<(Month, u32), (usize, i128, u32)>,
    months: HashMap<u32, Month>,
}

impl Now {
    fn set(&mut self, line: u32, part: Option<Part>) {
        let before = match part {
            Some(part) => self.months.insert(line, part.month),
            None => self.months.remove(&line),
        };
        if let Some(month) = before {
            self.parts.remove(&(month, line));
        }
        if let Some(Part { month, stage, net, purchase }) = part {
            self.parts.insert((month, line), (stage, net, purchase));
        }
    }

    fn months(&self) -> BTreeSet<Month> {
        self.parts.keys().map(|(month, _)| *month).collect()
    }
}

/// A line with its stage, its net amount and its purchase.
type Piece = (u32, usize, i128, u32);
/// What an amount is made of, by line.
type Lines = Vec<Piece>;
/// What a row showed: its totals or its stages.
type Showed = fn(&Row) -> &[Rc<Lines>];
/// Some of the stages, one bit for each.
type Stages = u8;
/// All of them: the total.
const ALL: Stages = (1 << STAGES) - 1;

/// Months that are one row.
#[derive(Debug, Clone)]
struct Row {
    months: (Month, Month),
    /// What every total that was shown is made of, oldest first.
    totals: Vec<Rc<Lines>>,
    /// The same of the stages that were told apart.
    splits: Vec<Rc<Lines>>,
    /// The rows that became this one: what they showed can still be compared with it.
    joined: Vec<Row>,
    /// The snapshot at which the last total was true; nothing where none is shown.
    as_of: Option<SnapshotNumber>,
    is_split: bool,
    /// Since when it could not follow.
    waits_since: Option<AsOf>,
}

/// Folds the changes of one customer in one currency.
///
/// `snapshots` are all of them, oldest first; `changes` gives what lines add from a snapshot on, `None` where a line adds
/// nothing any more.
pub fn steady(
    rule: Rule,
    snapshots: &[AsOf],
    changes: &BTreeMap<SnapshotNumber, Vec<(u32, Option<Part>)>>,
) -> Steady {
    let mut now = Now::default();
    let mut rows: Vec<Row> = Vec::new();
    for (number, as_of) in (0..).zip(snapshots) {
        let changed = changes.get(&number).map_or([].as_slice(), Vec::as_slice);
        if changed.is_empty() && rows.iter().all(|row| row.waits_since.is_none()) {
            rows.iter_mut().filter(|row| row.as_of.is_some()).for_each(|row| row.as_of = Some(number));
            continue;
        }
        changed.iter().for_each(|(line, part)| now.set(*line, *part));
        step(rule, (number, *as_of), &now, &mut rows);
    }
    let mut steady = Steady::default();
    for row in rows {
        let Some(as_of) = row.as_of else {
            if !row.lines(&now).is_empty() {
                steady.withheld.push(row.months);
            }
            continue;
        };
        steady.shown.push(Shown {
            months: row.months,
            total: row
                .totals
                .last()
                .into_iter()
                .flat_map(|lines| lines.iter())
                .map(|(_, _, net, _)| net)
                .sum(),
            as_of,
            stages: row.splits.last().filter(|_| row.is_split).map(|split| {
                let mut stages = [0; STAGES];
                split.iter().for_each(|(_, stage, net, _)| stages[*stage] += net);
                stages
            }),
        });
    }
    steady
}

fn step(rule: Rule, (number, as_of): (SnapshotNumber, AsOf), now: &Now, rows: &mut Vec<Row>) {
    let before = rows.clone();
    for month in now.months() {
        let at = rows.partition_point(|row| row.months.1 < month);
        if rows.get(at).is_none_or(|row| !row.holds(month)) {
            rows.insert(at, Row::new(month));
        }
    }
    // A month that is over and small joins one beside it of which nothing was shown either: nothing is lost by it.
    let mut at = 0;
    while at < rows.len() {
        let is_small = |row: &Row| {
            row.as_of.is_none()
                && parted((&[], ALL), (&row.lines(now), ALL), rule.min_purchases) < rule.min_purchases
        };
        let is_over = |row: &Row| row.months.1.period().last_day() < as_of.date();
        let next = rows.get(at + 1);
        let joins = next.is_some_and(|next| {
            let (a, b) = (&rows[at], next);
            a.as_of.is_none() && b.as_of.is_none() && is_over(a) && is_over(b) && (is_small(a) || is_small(b))
        });
        if joins {
            let next = rows.remove(at + 1);
            rows[at].join(next);
        } else {
            at += 1;
        }
    }
    // One that waits too long joins a neighbor, where both together may move.
    while let Some(at) = rows.iter().position(|row| row.waits_too_long(rule, as_of)) {
        let older = at.checked_sub(1).map(|before| (before, at));
        let newer = (at + 1 < rows.len()).then_some((at, at + 1));
        let pair = [older, newer].into_iter().flatten().find(|(one, other)| {
            let mut both = rows[*one].clone();
            both.join(rows[*other].clone());
            both.may_move(rule, now)
        });
        let Some((one, other)) = pair else {
            // Asked again at the next snapshot.
            rows[at].waits_since = None;
            continue;
        };
        let other = rows.remove(other);
        rows[one].join(other);
        rows[one].waits_since = None;
    }
    rows.iter_mut().for_each(|row| row.follow(rule, (number, as_of), now));
    // A line that goes from one row to another is no difference of the sum below them: what is left may be too little.
    let apart = parted((&below(&before), ALL), (&below(rows), ALL), rule.min_purchases);
    if apart > 0 && apart < rule.min_purchases {
        *rows = before;
        for row in rows {
            if row.is_behind(now) || row.as_of.is_none() {
                row.waits_since.get_or_insert(as_of);
            } else {
                row.as_of = Some(number);
            }
        }
    }
}

impl Row {
    fn new(month: Month) -> Row {
        Row {
            months: (month, month),
            totals: Vec::new(),
            splits: Vec::new(),
            joined: Vec::new(),
            as_of: None,
            is_split: false,
            waits_since: None,
        }
    }

    fn holds(&self, month: Month) -> bool {
        (self.months.0..=self.months.1).contains(&month)
    }

    fn lines(&self, now: &Now) -> Lines {
        let here = now.parts.range((self.months.0, 0)..=(self.months.1, u32::MAX));
        let mut lines: Lines =
            here.map(|((_, line), (stage, net, purchase))| (*line, *stage, *net, *purchase)).collect();
        lines.sort_unstable();
        lines
    }

    /// Becomes one row with the one after it, of which nothing is shown until it follows.
    fn join(&mut self, next: Row) {
        let months = (self.months.0, next.months.1);
        let waits_since = [self.waits_since, next.waits_since].into_iter().flatten().min();
        let before = std::mem::replace(self, Row::new(months.0));
        *self = Row { months, waits_since, joined: vec![before, next], ..Row::new(months.0) };
    }

    fn waits_too_long(&self, rule: Rule, as_of: AsOf) -> bool {
        let days = |since: AsOf| (as_of.date() - since.date()).num_days();
        self.waits_since.is_some_and(|since| days(since) >= rule.hold_days)
    }

    /// In how many purchases the sum of some stages of now differs from nothing, from each sum of some stages that was shown
    /// of these months, and from each sum of what was shown of parts of them; counted up to `most`.
    fn distances(
        &self,
        now: &Now,
        most: usize,
        (seen, earlier): (Showed, Stages),
        later: Stages,
    ) -> BTreeSet<usize> {
        let lines = self.lines(now);
        let mut distances: BTreeSet<usize> =
            seen(self).iter().map(|before| parted((before, earlier), (&lines, later), most)).collect();
        distances.insert(parted((&[], ALL), (&lines, later), most));
        if !self.joined.is_empty() {
            // A purchase in two parts is counted in both, and may be no difference of their sum.
            let twice = 2 * self.shared(now);
            let most = most + twice;
            let mut sums = BTreeSet::from([0]);
            for row in &self.joined {
                let more = row.distances(now, most, (seen, earlier), later);
                sums = sums.iter().flat_map(|sum| more.iter().map(move |d| (sum + d).min(most))).collect();
            }
            let least = |sum: usize| if sum == 0 { 0 } else { sum.saturating_sub(twice).max(1) };
            distances.extend(sums.into_iter().map(least));
        }
        distances
    }

    /// How many purchases were in more than one of the rows that became this one.
    fn shared(&self, now: &Now) -> usize {
        let mut all = BTreeSet::new();
        let mut twice = BTreeSet::new();
        for row in &self.joined {
            for purchase in row.ever(now) {
                if !all.insert(purchase) {
                    twice.insert(purchase);
                }
            }
        }
        twice.len()
    }

    /// The purchases that are or were in it.
    fn ever(&self, now: &Now) -> BTreeSet<u32> {
        let mut all: BTreeSet<u32> =
            self.lines(now).into_iter().map(|(_, _, _, purchase)| purchase).collect();
        all.extend(
            self.totals
                .iter()
                .chain(&self.splits)
                .flat_map(|lines| lines.iter())
                .map(|(_, _, _, purchase)| *purchase),
        );
        all.extend(self.joined.iter().flat_map(|row| row.ever(now)));
        all
    }

    /// Whether the sum of some stages may become that of now: whoever adds up what was shown of stages, or of all, compares
    /// every sum with every other.
    fn may_show(&self, rule: Rule, now: &Now, later: Stages) -> bool {
        let is_enough = |lines: usize| lines == 0 || lines >= rule.min_purchases;
        let totals = self.distances(now, rule.min_purchases, (|row| &row.totals, ALL), later);
        totals.into_iter().all(is_enough)
            && (1..=ALL).all(|earlier| {
                let splits = self.distances(now, rule.min_purchases, (|row| &row.splits, earlier), later);
                splits.into_iter().all(is_enough)
            })
    }

    /// Whether the total may become that of now.
    fn may_move(&self, rule: Rule, now: &Now) -> bool {
        self.may_show(rule, now, ALL)
    }

    /// Whether each stage may become that of now.
    fn may_split(&self, rule: Rule, now: &Now) -> bool {
        (1..=ALL).all(|later| self.may_show(rule, now, later))
    }

    /// Whether its total is another one now than it shows.
    fn is_behind(&self, now: &Now) -> bool {
        let last = self.totals.last().filter(|_| self.as_of.is_some());
        last.is_some_and(|last| parted((last, ALL), (&self.lines(now), ALL), 1) > 0)
    }

    fn follow(&mut self, rule: Rule, (number, as_of): (SnapshotNumber, AsOf), now: &Now) {
        let lines = Rc::new(self.lines(now));
        let is_shown = self.as_of.is_some();
        let is_same = is_shown && !self.is_behind(now);
        if !is_same && (lines.is_empty() && !is_shown || !self.may_move(rule, now)) {
            self.waits_since = (is_shown || !lines.is_empty()).then(|| self.waits_since.unwrap_or(as_of));
            return;
        }
        self.waits_since = None;
        self.as_of = Some(number);
        if self.splits.last() == Some(&lines) {
            self.is_split = true;
        } else if self.may_split(rule, now) {
            self.splits.push(Rc::clone(&lines));
            self.is_split = true;
        } else {
            // Stages of an earlier day are told as long as they add up to the total.
            self.is_split &=
                self.splits.last().is_some_and(|last| parted((last, ALL), (&lines, ALL), 1) == 0);
        }
        if !is_same {
            self.totals.push(lines);
        }
    }
}

/// In how many purchases two sums differ, each of some stages; counted up to `most`.
fn parted((before, earlier): (&[Piece], Stages), (after, later): (&[Piece], Stages), most: usize) -> usize {
    let within = |piece: Option<&Piece>, stages: Stages| {
        piece.filter(|piece| stages >> piece.1 & 1 == 1).map(|piece| piece.2)
    };
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    let mut purchases = BTreeSet::new();
    while purchases.len() < most {
        let (one, other) = match (before.peek(), after.peek()) {
            (None, None) => break,
            (Some(_), None) => (before.next(), None),
            (None, Some(_)) => (None, after.next()),
            (Some(one), Some(other)) => match one.0.cmp(&other.0) {
                Ordering::Less => (before.next(), None),
                Ordering::Greater => (None, after.next()),
                Ordering::Equal => (before.next(), after.next()),
            },
        };
        if within(one, earlier) != within(other, later) {
            purchases.extend(one.or(other).map(|piece| piece.3));
        }
    }
    purchases.len()
}

/// What the sum below all rows is made of.
fn below(rows: &[Row]) -> Lines {
    let shown = rows.iter().filter(|row| row.as_of.is_some()).filter_map(|row| row.totals.last());
    let mut lines: Lines = shown.flat_map(|lines| lines.iter().copied()).collect();
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests;

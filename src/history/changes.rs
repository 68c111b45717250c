//! The money bridge between two snapshots: every difference in exactly one class, to the cent (I-16, domain 5.6).
//!
//! Both ends are added up from what each snapshot says of every line; the changes come from the lines that changed in
//! between. So a remainder shows what went missing between the two, and is a bug.

use std::collections::BTreeMap;

use super::facts::{Facts, Measures, SnapshotNumber, State, Step};
use super::scope::Scope;
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::{Currency, Money};
use crate::model::status::Status;
use crate::model::time::Month;
use crate::say;

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// An amount is there that was not.
    NewlyCalculated,
    /// First seen although the vendor's figures of its period were final before.
    Late,
    /// The calculated amount differs, or our own expectation does.
    Remeasured,
    /// The adjustments differ.
    Adjusted,
    /// Approved now, or no more.
    Approved,
    /// What was paid differs.
    NewlyPaid,
    /// Rejected now.
    Rejected,
    /// Rejected before, and not any more.
    Reopened,
    /// Not in the extract any more.
    Removed,
    /// It counts in another period or scope.
    Moved,
    /// The same claim under another line id.
    Rekeyed,
    /// The extracts say the same; our own mapping or rules changed.
    OwnRules,
    /// Another status, and no measure moves.
    StatusOnly,
}

impl Class {
    /// Every class, in order.
    pub const ALL: [Class; 13] = [
        Class::NewlyCalculated,
        Class::Late,
        Class::Remeasured,
        Class::Adjusted,
        Class::Approved,
        Class::NewlyPaid,
        Class::Rejected,
        Class::Reopened,
        Class::Removed,
        Class::Moved,
        Class::Rekeyed,
        Class::OwnRules,
        Class::StatusOnly,
    ];

    /// The name in data files.
    pub fn code(self) -> &'static str {
        match self {
            Class::NewlyCalculated => "newly-calculated",
            Class::Late => "late",
            Class::Remeasured => "re-measured",
            Class::Adjusted => "adjusted",
            Class::Approved => "approved",
            Class::NewlyPaid => "newly-paid",
            Class::Rejected => "rejected",
            Class::Reopened => "reopened",
            Class::Removed => "removed",
            Class::Moved => "moved",
            Class::Rekeyed => "re-keyed",
            Class::OwnRules => "own-mapping-or-rules",
            Class::StatusOnly => "status-only",
        }
    }

    /// The name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Class::NewlyCalculated => say!("Newly calculated"),
            Class::Late => say!("Late line"),
            Class::Remeasured => say!("Re-measured"),
            Class::Adjusted => say!("Adjusted"),
            Class::Approved => say!("Approval"),
            Class::NewlyPaid => say!("Newly paid"),
            Class::Rejected => say!("Rejected"),
            Class::Reopened => say!("Reopened"),
            Class::Removed => say!("Removed"),
            Class::Moved => say!("Moved period or scope"),
            Class::Rekeyed => say!("Re-keyed"),
            Class::OwnRules => say!("Our own mapping or rules"),
            Class::StatusOnly => say!("Status only"),
        }
    }
}

/// One difference of one line, in one class.
#[derive(Debug, Clone, Copy)]
pub struct Change<'h> {
    /// Its class.
    pub class: Class,
    /// The line, by its number in the facts; of a re-keyed one the new line.
    pub line: u32,
    /// The line whose place it took, of a re-keyed one.
    pub instead_of: Option<u32>,
    /// The line before, as far as the scope holds it.
    pub before: Option<State<'h>>,
    /// The line after, as far as the scope holds it.
    pub after: Option<State<'h>>,
    /// Whether it is gone because its row was set aside.
    pub is_aside: bool,
    /// What it adds to each measure; the measures of all changes of a scope sum to the difference.
    pub effect: Measures,
}

/// The bridge of one scope and currency.
#[derive(Debug, Clone)]
pub struct Difference<'h> {
    /// The currency of every amount.
    pub currency: Currency,
    /// The measures at the snapshot from which it starts.
    pub opening: Measures,
    /// The measures at the snapshot to which it leads.
    pub closing: Measures,
    /// Every change: the largest effect on the total first, then on the other measures, then by line id.
    pub changes: Vec<Change<'h>>,
}

impl Difference<'_> {
    /// What the changes leave unexplained: nothing, or the program has a bug.
    pub fn remainder(&self) -> Measures {
        self.changes.iter().fold(self.closing - self.opening, |rest, change| rest - change.effect)
    }

    /// An amount of its currency.
    pub fn money(&self, minor: i128) -> Money {
        Money::from_minor(minor, self.currency)
    }

    /// The number of changes and the sum of their effects by class, in the order of the classes.
    pub fn by_class(&self) -> BTreeMap<Class, (usize, Measures)> {
        let mut classes: BTreeMap<Class, (usize, Measures)> = BTreeMap::new();
        for change in &self.changes {
            let (count, sum) = classes.entry(change.class).or_default();
            *count += 1;
            *sum += change.effect;
        }
        classes
    }
}

/// A line that changed in a span: both ends, and what our own mapping or rules did to it on the way.
struct Moved<'h> {
    line: u32,
    instead_of: Option<u32>,
    before: Option<State<'h>>,
    after: Option<State<'h>>,
    is_aside: bool,
    own: Vec<(Option<State<'h>>, Option<State<'h>>)>,
}

/// The bridges of a scope between two snapshots, one for every currency that it has at either end.
///
/// `is_final` says whether the vendor's figures of a period were final at the first snapshot. `from` is the older one.
/// Costs in proportion to what changed, but for the two ends, which are added up line by line.
pub fn between<'h>(
    facts: &'h Facts,
    (from, to): (SnapshotNumber, SnapshotNumber),
    scope: &Scope,
    is_final: impl Fn(Month) -> bool,
) -> BTreeMap<Currency, Difference<'h>> {
    let mut bridges: BTreeMap<Currency, Difference<'h>> = BTreeMap::new();
    let empty = |currency| Difference {
        currency,
        opening: Measures::default(),
        closing: Measures::default(),
        changes: Vec::new(),
    };
    // A scope of one period is made of the lines that ever counted in it.
    let lines = scope.period.map(|period| facts.of_period(period));
    for (snapshot, is_closing) in [(from, false), (to, true)] {
        let mut add = |state: State<'_>| {
            if scope.contains(state.place) {
                let currency = state.place.currency;
                let bridge = bridges.entry(currency).or_insert_with(|| empty(currency));
                *(if is_closing { &mut bridge.closing } else { &mut bridge.opening }) += state.measures();
            }
        };
        match &lines {
            Some(lines) => lines.iter().filter_map(|line| facts.at(*line, snapshot)).for_each(&mut add),
            None => facts.lines_at(snapshot).for_each(|(_, state)| add(state)),
        }
    }
    let moved = match &lines {
        Some(lines) => moved(facts, lines.iter().flat_map(|line| facts.steps_of(*line, from..to))),
        None => moved(facts, facts.steps(from..to)),
    };
    for moved in moved {
        for currency in currencies(&moved) {
            let mut changes = Vec::new();
            classify(
                &moved,
                &|state: &State<'_>| state.place.currency == currency && scope.contains(state.place),
                &is_final,
                &mut changes,
            );
            if !changes.is_empty() {
                bridges.entry(currency).or_insert_with(|| empty(currency)).changes.extend(changes);
            }
        }
    }
    for bridge in bridges.values_mut() {
        bridge.changes.sort_by_key(|change| {
            let effect = change.effect;
            let others = [effect.paid, effect.approved, effect.adjustments, effect.eligible];
            (
                std::cmp::Reverse(effect.total.unsigned_abs()),
                std::cmp::Reverse(others.map(i128::unsigned_abs)),
                facts.id(change.line),
                change.class,
            )
        });
    }
    bridges
}

fn currencies(moved: &Moved<'_>) -> Vec<Currency> {
    let own = moved.own.iter().flat_map(|(before, after)| [before, after]);
    let mut all: Vec<Currency> =
        [&moved.before, &moved.after].into_iter().chain(own).flatten().map(|s| s.place.currency).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The lines that changed in a span, by number; a line that took the place of another stands for both.
fn moved<'h>(facts: &Facts, steps: impl Iterator<Item = Step<'h>>) -> Vec<Moved<'h>> {
    let mut all: BTreeMap<u32, Moved<'h>> = BTreeMap::new();
    for step in steps {
        let moved = all.entry(step.line).or_insert_with(|| Moved {
            line: step.line,
            instead_of: None,
            before: step.before,
            after: None,
            is_aside: false,
            own: Vec::new(),
        });
        moved.after = step.after;
        moved.is_aside = step.is_aside;
        if step.is_own {
            moved.own.push((step.before, step.after));
        }
    }
    pair(facts, &mut all);
    all.into_values().collect()
}

/// What a claim is for: lines that agree are the same claim under two ids.
type Purpose = (OrderId, ProgramId, Month, Currency);

/// Joins lines that are gone to new ones for the same purpose, one for one in the order of their ids.
fn pair(facts: &Facts, all: &mut BTreeMap<u32, Moved<'_>>) {
    let purpose = |state: &State<'_>| {
        let place = state.place;
        Some((place.order?, place.program, place.period, place.currency))
    };
    let mut gone: BTreeMap<Purpose, Vec<u32>> = BTreeMap::new();
    let mut new: Vec<(Purpose, u32)> = Vec::new();
    for (line, moved) in all.iter().filter(|(_, moved)| moved.own.is_empty()) {
        match (&moved.before, &moved.after) {
            (Some(before), None) => {
                if let Some(purpose) = purpose(before) {
                    gone.entry(purpose).or_default().push(*line);
                }
            }
            (None, Some(after)) => new.extend(purpose(after).map(|purpose| (purpose, *line))),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    if gone.is_empty() {
        return;
    }
    for lines in gone.values_mut() {
        lines.sort_by_key(|line| std::cmp::Reverse(facts.id(*line)));
    }
    new.sort_by_key(|(_, line)| facts.id(*line));
    for (purpose, line) in new {
        let Some(other) = gone.get_mut(&purpose).and_then(Vec::pop) else { continue };
        let before = all.remove(&other).and_then(|moved| moved.before);
        if let Some(moved) = all.get_mut(&line) {
            moved.before = before;
            moved.instead_of = Some(other);
        }
    }
}

/// Puts every difference of a line in exactly one class.
fn classify<'h>(
    moved: &Moved<'h>,
    is_meant: &dyn Fn(&State<'_>) -> bool,
    is_final: &dyn Fn(Month) -> bool,
    changes: &mut Vec<Change<'h>>,
) {
    let within = |state: Option<State<'h>>| state.filter(|state| is_meant(state));
    let measures = |state: Option<State<'_>>| state.map_or_else(Measures::default, |s| s.measures());
    let (before, after) = (within(moved.before), within(moved.after));
    // What comes and goes between the two ends adds up to nothing, and is no difference between them.
    if before.is_none() && after.is_none() {
        return;
    }
    let mut rest = measures(after) - measures(before);
    let mut add = |class, effect: Measures| {
        changes.push(Change {
            class,
            line: moved.line,
            instead_of: moved.instead_of,
            before,
            after,
            is_aside: moved.is_aside,
            effect,
        });
    };
    let own = moved
        .own
        .iter()
        .fold(Measures::default(), |sum, (was, is)| sum + (measures(within(*is)) - measures(within(*was))));
    if !own.is_zero() {
        add(Class::OwnRules, own);
        rest = rest - own;
    }
    let is_other_status = match (&before, &after) {
        (Some(before), Some(after)) => before.status() != after.status(),
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => own.is_zero(),
    };
    if rest.is_zero() && !is_other_status && moved.instead_of.is_none() {
        return;
    }
    // After our own rules changed, the rest is what the extracts changed since then.
    let since_own = moved.own.last().map_or(before, |(_, is)| within(*is));
    if rest.is_zero() && !own.is_zero() {
        return;
    }
    let (Some(was), Some(is)) = (&since_own, &after) else {
        let whole = match (&since_own, &after) {
            _ if moved.instead_of.is_some() => Some(Class::Rekeyed),
            (Some(_), None) if moved.after.is_none() => Some(Class::Removed),
            (None, Some(is)) if moved.before.is_none() => Some(arrival(is, rest, is_final)),
            (Some(_), None) | (None, Some(_)) => Some(Class::Moved),
            (None, None) | (Some(_), Some(_)) => (!rest.is_zero()).then_some(Class::Moved),
        };
        if let Some(class) = whole {
            add(class, rest);
        }
        return;
    };
    let whole = if moved.instead_of.is_some() {
        Some(Class::Rekeyed)
    } else if is.status() == Status::Rejected && was.status() != Status::Rejected {
        Some(Class::Rejected)
    } else if was.status() == Status::Rejected && is.status() != Status::Rejected {
        Some(Class::Reopened)
    } else if !was.is_counted() && is.is_counted() {
        Some(Class::NewlyCalculated)
    } else if was.is_counted() && !is.is_counted() {
        Some(Class::Remeasured)
    } else {
        None
    };
    match whole {
        Some(class) => add(class, rest),
        None => in_steps(was, is, rest, &mut add),
    }
}

/// The class of a line that was not there before. An amount that came with it and that our own rules took away again is
/// the line's all the same.
fn arrival(state: &State<'_>, rest: Measures, is_final: &dyn Fn(Month) -> bool) -> Class {
    if is_final(state.place.period) {
        Class::Late
    } else if state.status() == Status::Rejected {
        Class::Rejected
    } else if state.is_counted() || rest.total != 0 {
        Class::NewlyCalculated
    } else {
        Class::StatusOnly
    }
}

/// A line with an amount at both ends, or at none: what was measured anew, what was adjusted, what was settled.
fn in_steps(was: &State<'_>, is: &State<'_>, mut rest: Measures, add: &mut impl FnMut(Class, Measures)) {
    // An amount that was approved before stays so, whatever it is now; the rest of that measure is a new approval.
    let was_approved = !was.measures().is_zero() && was.measures().approved == was.measures().total;
    let approved = |amount: i128| if was_approved { amount } else { 0 };
    let whole = rest;
    let measured = Measures {
        eligible: whole.eligible,
        calculated: whole.calculated,
        total: whole.calculated,
        approved: approved(whole.calculated),
        ..Measures::default()
    };
    let adjusted = Measures {
        adjustments: whole.adjustments,
        total: whole.adjustments,
        approved: approved(whole.adjustments),
        ..Measures::default()
    };
    let mut any = false;
    for (class, effect) in [(Class::Remeasured, measured), (Class::Adjusted, adjusted)] {
        if !effect.is_zero() {
            add(class, effect);
            rest = rest - effect;
            any = true;
        }
    }
    if !rest.is_zero() {
        add(if rest.paid == 0 { Class::Approved } else { Class::NewlyPaid }, rest);
    } else if was.status() != is.status() && !any {
        add(if is.status() == Status::Paid { Class::NewlyPaid } else { Class::StatusOnly }, rest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::facts::tests::{Made, MadeSnapshot, folded, line_id, snapshots};
    use crate::model::status::Bucket;

    /// The total of a scope as a child would add it up: by the text of domain 5.1, not by the code under test.
    fn total(snapshot: &MadeSnapshot, scope: &Scope, is_euro: bool) -> i128 {
        let counted = |made: &&Made| {
            let bucket = made.status.default_bucket();
            matches!(bucket, Bucket::Calculated | Bucket::Approved | Bucket::Paid)
                && made.calculated.is_some()
        };
        let lines = snapshot.values().filter(|made| made.is_euro == is_euro && scope.contains(&made.place()));
        lines.filter(counted).map(|m| i128::from(m.calculated.unwrap_or(0) + m.adjustments)).sum()
    }

    fn scopes() -> impl Strategy<Value = Scope> {
        let month = proptest::option::of((4_u32..7).prop_map(|m| Month::new(2026, m).unwrap()));
        let program = proptest::option::of((0_u8..2).prop_map(|p| ustr::Ustr::from(&format!("P{p}"))));
        (month, program).prop_map(|(period, program)| Scope { period, program, ..Scope::default() })
    }

    proptest! {
        #[test]
        fn classes_sum_to_the_difference(
            snapshots in snapshots(),
            own in proptest::collection::vec(proptest::bool::ANY, 6),
            scope in scopes(),
        ) {
            // Goal: I-16 for any pair, scope and currency. Method: random snapshots, some of them preceded by what our own
            // rules made of the one before (amounts and statuses changed at random); both ends against a sum of its own, no
            // remainder in any measure, one class for each change, and A to C as much as A to B and B to C.
            let mut marked = Vec::new();
            for (number, snapshot) in snapshots.iter().enumerate() {
                if number > 0 && own[number] {
                    let mut before = snapshots[number - 1].clone();
                    for (made, after) in before.values_mut().zip(snapshot.values()) {
                        made.status = after.status;
                        made.expected = after.expected;
                    }
                    marked.push((true, before));
                }
                marked.push((false, snapshot.clone()));
            }
            let facts = folded(&marked);
            let newest = u16::try_from(snapshots.len() - 1).unwrap();
            let mut sums: BTreeMap<(u16, u16, Currency), i128> = BTreeMap::new();
            for from in 0..newest {
                for to in from..=newest {
                    let bridges = between(&facts, (from, to), &scope, |month| month.number() == 4);
                    for is_euro in [false, true] {
                        let currency = Currency::parse(if is_euro { "EUR" } else { "USD" }).unwrap();
                        let [a, b] = [from, to].map(|n| total(&snapshots[usize::from(n)], &scope, is_euro));
                        let bridge = bridges.get(&currency);
                        prop_assert_eq!(bridge.map_or(0, |b| b.opening.total), a);
                        prop_assert_eq!(bridge.map_or(0, |b| b.closing.total), b);
                        sums.insert((from, to, currency), bridge.map_or(0, |b| b.changes.iter().map(|c| c.effect.total).sum()));
                    }
                    for bridge in bridges.values() {
                        prop_assert_eq!(bridge.remainder(), Measures::default());
                        prop_assert!(from != to || bridge.changes.is_empty());
                        let mut seen: Vec<(u32, Class)> = bridge.changes.iter().map(|c| (c.line, c.class)).collect();
                        seen.sort_unstable();
                        let count = seen.len();
                        seen.dedup();
                        prop_assert_eq!(seen.len(), count, "a line is in one class once");
                        for change in &bridge.changes {
                            let only_status = change.class == Class::StatusOnly;
                            prop_assert!(!only_status || change.effect.total == 0, "{:?}", change.class);
                            prop_assert!(change.class != Class::Late || change.before.is_none());
                        }
                    }
                }
            }
            for ((from, to, currency), sum) in &sums {
                for middle in *from..=*to {
                    if middle < newest || middle == *to {
                        let first = sums.get(&(*from, middle, *currency)).copied().unwrap_or(0);
                        let second = sums.get(&(middle, *to, *currency)).copied().unwrap_or(0);
                        prop_assert_eq!(first + second, *sum, "{} to {} by way of {}", from, to, middle);
                    }
                }
            }
        }
    }

    fn line(status: Status, calculated: Option<i64>) -> Made {
        Made {
            month: 5,
            program: 0,
            order: Some(1),
            status,
            calculated,
            adjustments: 0,
            paid: None,
            expected: Some(100),
            is_euro: false,
        }
    }

    /// The classes and effects on the total of what becomes of one snapshot in the next.
    fn classes(before: &[(u8, Made)], after: &[(u8, Made)], scope: &Scope) -> Vec<(Class, i128)> {
        let snapshot = |lines: &[(u8, Made)]| (false, lines.iter().cloned().collect::<MadeSnapshot>());
        let facts = folded(&[snapshot(before), snapshot(after)]);
        let bridges = between(&facts, (0, 1), scope, |month| month.number() == 4);
        let changes = bridges.values().flat_map(|b| &b.changes);
        changes.map(|change| (change.class, change.effect.total)).collect()
    }

    #[test]
    fn each_class_by_its_smallest_example() {
        // Goal: every class of domain 5.6 is told from the others. Method: one line before and after, as small as it gets.
        let all = Scope::default();
        let calculated = line(Status::Calculated, Some(100));
        let pending = line(Status::PendingData, None);
        let paid = Made { paid: Some(100), ..line(Status::Paid, Some(100)) };
        let one = |made: &Made| vec![(1, made.clone())];
        type Lines = Vec<(u8, Made)>;
        type Example = (Lines, Lines, Vec<(Class, i128)>);
        let cases: Vec<Example> = vec![
            (one(&pending), one(&calculated), vec![(Class::NewlyCalculated, 100)]),
            (vec![], one(&calculated), vec![(Class::NewlyCalculated, 100)]),
            (vec![], one(&Made { month: 4, ..calculated.clone() }), vec![(Class::Late, 100)]),
            (vec![], one(&pending), vec![(Class::StatusOnly, 0)]),
            (one(&calculated), one(&line(Status::Calculated, Some(130))), vec![(Class::Remeasured, 30)]),
            (one(&calculated), one(&line(Status::InCalculation, None)), vec![(Class::Remeasured, -100)]),
            (
                one(&calculated),
                one(&Made { adjustments: -7, ..calculated.clone() }),
                vec![(Class::Adjusted, -7)],
            ),
            (
                one(&calculated),
                one(&Made { adjustments: -7, ..line(Status::Approved, Some(130)) }),
                vec![(Class::Remeasured, 30), (Class::Adjusted, -7), (Class::Approved, 0)],
            ),
            (one(&calculated), one(&line(Status::Approved, Some(100))), vec![(Class::Approved, 0)]),
            (one(&line(Status::Approved, Some(100))), one(&paid), vec![(Class::NewlyPaid, 0)]),
            (one(&calculated), one(&line(Status::UnderReview, Some(100))), vec![(Class::StatusOnly, 0)]),
            (one(&calculated), one(&line(Status::Rejected, Some(100))), vec![(Class::Rejected, -100)]),
            (one(&line(Status::Rejected, Some(100))), one(&calculated), vec![(Class::Reopened, 100)]),
            (one(&calculated), vec![], vec![(Class::Removed, -100)]),
            (one(&calculated), vec![(2, line(Status::Calculated, Some(90)))], vec![(Class::Rekeyed, -10)]),
            (
                one(&calculated),
                vec![(2, Made { order: Some(2), ..calculated.clone() })],
                vec![(Class::NewlyCalculated, 100), (Class::Removed, -100)],
            ),
            (one(&calculated), one(&calculated), vec![]),
        ];
        for (before, after, expected) in cases {
            let mut found = classes(&before, &after, &all);
            found.sort_unstable();
            let mut expected = expected;
            expected.sort_unstable();
            assert_eq!(found, expected, "{before:?} to {after:?}");
        }
        let may = Scope::of_period(Month::new(2026, 5).unwrap());
        let june = Made { month: 6, ..calculated.clone() };
        assert_eq!(classes(&one(&calculated), &one(&june), &may), [(Class::Moved, -100)]);
        assert_eq!(classes(&one(&june), &one(&calculated), &may), [(Class::Moved, 100)]);
        assert_eq!(classes(&one(&june), &one(&calculated), &all), []);
        // The same claim under another id is none of a scope that holds neither.
        let rekeyed = vec![(2, line(Status::Calculated, Some(90)))];
        assert_eq!(classes(&one(&calculated), &rekeyed, &may), [(Class::Rekeyed, -10)]);
        let program = Scope { program: Scope::part("P1"), ..Scope::default() };
        assert_eq!(classes(&one(&calculated), &rekeyed, &program), []);
    }

    #[test]
    fn what_our_own_rules_change_is_told_apart_from_the_extracts() {
        // Goal: a status that we map anew, and a base that the vendor changed, in one step. Method: the line unknown, then
        // calculated under our new map, then with another amount; 100 is ours, 30 the vendor's, for any pair over it.
        let unknown: MadeSnapshot = [(1, line(Status::Unknown, Some(100)))].into_iter().collect();
        let mapped: MadeSnapshot = [(1, line(Status::Calculated, Some(100)))].into_iter().collect();
        let changed: MadeSnapshot = [(1, line(Status::Calculated, Some(130)))].into_iter().collect();
        let facts = folded(&[
            (false, unknown.clone()),
            (false, unknown),
            (true, mapped),
            (false, changed.clone()),
            (false, changed),
        ]);
        for span in [(0, 2), (1, 2), (0, 3), (1, 3)] {
            let bridges = between(&facts, span, &Scope::default(), |_| false);
            let changes: Vec<_> =
                bridges.values().flat_map(|b| &b.changes).map(|c| (c.class, c.effect.total)).collect();
            assert_eq!(changes, [(Class::OwnRules, 100), (Class::Remeasured, 30)], "{span:?}");
        }
        assert_eq!(facts.id(0), line_id(1));
    }

    #[test]
    fn what_comes_and_goes_between_the_ends_is_no_difference() {
        // Goal: every change of a scope can be told, so none is of a line that the scope holds at neither end. Method: a line
        // that comes into May and that our own rules then count in June: over both snapshots, May has nothing to tell.
        let may = [(1, line(Status::Calculated, Some(100)))];
        let june = [(1, Made { month: 6, ..line(Status::Calculated, Some(100)) })];
        let [may, june]: [MadeSnapshot; 2] = [may.into(), june.into()];
        let facts =
            folded(&[(false, MadeSnapshot::new()), (false, may), (true, june.clone()), (false, june)]);
        let scope = Scope::of_period(Month::new(2026, 5).unwrap());
        assert!(between(&facts, (0, 2), &scope, |_| false).is_empty());
        let last = between(&facts, (1, 2), &scope, |_| false);
        let changes: Vec<_> =
            last.values().flat_map(|b| &b.changes).map(|c| (c.class, c.effect.total)).collect();
        assert_eq!(changes, [(Class::OwnRules, -100)]);
    }
}

//! The money bridge between two snapshots: every difference in exactly one class, to the cent (I-16, domain 5.6).
//!
//! Both ends are added up from what each snapshot says of every line; the changes come from the lines that changed in
//! between. So a remainder shows what went missing between the two, and is a bug.

use std::collections::BTreeMap;

use super::facts::{Facts, Measures, SnapshotNumber, State};
use super::scope::Scope;
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::{Currency, Money};
use crate::model::status::Status;
use crate::model::time::Month;

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
            Class::NewlyCalculated => "Newly calculated",
            Class::Late => "Late line",
            Class::Remeasured => "Re-measured",
            Class::Adjusted => "Adjusted",
            Class::Approved => "Approved",
            Class::NewlyPaid => "Newly paid",
            Class::Rejected => "Rejected",
            Class::Reopened => "Reopened",
            Class::Removed => "Removed",
            Class::Moved => "Moved period or scope",
            Class::Rekeyed => "Re-keyed",
            Class::OwnRules => "Our own mapping or rules",
            Class::StatusOnly => "Status only",
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
    /// Whether the line was there before, in whatever scope.
    pub was_there: bool,
    /// Whether the line is there after, in whatever scope.
    pub is_there: bool,
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
    for (snapshot, is_closing) in [(from, false), (to, true)] {
        for (_, state) in facts.lines_at(snapshot).filter(|(_, state)| scope.contains(state.place)) {
            let currency = state.place.currency;
            let bridge = bridges.entry(currency).or_insert_with(|| empty(currency));
            *(if is_closing { &mut bridge.closing } else { &mut bridge.opening }) += state.measures();
        }
    }
    for moved in moved(facts, from, to) {
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
fn moved(facts: &Facts, from: SnapshotNumber, to: SnapshotNumber) -> Vec<Moved<'_>> {
    let mut all: BTreeMap<u32, Moved<'_>> = BTreeMap::new();
    for step in facts.steps(from..to) {
        let moved = all.entry(step.line).or_insert_with(|| Moved {
            line: step.line,
            instead_of: None,
            before: step.before,
            after: None,
            own: Vec::new(),
        });
        moved.after = step.after;
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
    let mut rest = measures(after) - measures(before);
    let mut add = |class, effect: Measures| {
        changes.push(Change {
            class,
            line: moved.line,
            instead_of: moved.instead_of,
            before,
            after,
            was_there: moved.before.is_some(),
            is_there: moved.after.is_some(),
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
            (None, Some(is)) if moved.before.is_none() => Some(arrival(is, is_final)),
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

/// The class of a line that was not there before.
fn arrival(state: &State<'_>, is_final: &dyn Fn(Month) -> bool) -> Class {
    if is_final(state.place.period) {
        Class::Late
    } else if state.status() == Status::Rejected {
        Class::Rejected
    } else if state.is_counted() {
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

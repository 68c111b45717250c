//! M5, accuracy and consistency: what snapshots showed before a period was final against what it came to, and whether every
//! change between snapshots has an explanation. Amounts are exact, and currencies are never added.

use std::collections::BTreeMap;

use ustr::Ustr;

use super::{Basis, Measured, Needs, Ratio, Source, own};
use crate::history::Scope;
use crate::history::changes;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::say;

/// How many days before the final total a snapshot is looked at, where our own snapshots say it.
const HORIZONS: [u32; 2] = [30, 7];

/// Pairs of neighboring snapshots that are compared, newest first: each costs a look at every line.
const PAIRS: u16 = 12;

/// What was shown of a period so many days before it was final, and what it came to; both in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Final {
    /// The program.
    pub program: Ustr,
    /// The period.
    pub period: Month,
    /// So many days before.
    pub horizon: u32,
    /// What was shown.
    pub before: Money,
    /// What it came to.
    pub last: Money,
}

/// How far snapshots are off, of one currency and number of days before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accuracy {
    /// Days before the final total.
    pub horizon: u32,
    /// Programs and periods.
    pub n: usize,
    /// The first and the last period.
    pub periods: (Month, Month),
    /// The sum of all differences, each without its sign.
    pub off: Money,
    /// The sum of all differences.
    pub lean: Money,
    /// The sum of all final totals, each without its sign.
    pub last: Money,
    /// The weighted absolute percentage error: off / last. `None` where everything came to nothing.
    pub wape: Option<Ratio>,
    /// The bias: lean / the sum of final totals with their signs; below zero where snapshots show less than what comes.
    pub bias: Option<Ratio>,
    /// The smallest and the largest error of one program and period.
    pub range: Option<(Ratio, Ratio)>,
}

/// M5.
#[derive(Debug)]
pub struct Consistency {
    /// By currency, then from the longest time before to the shortest.
    pub accuracy: Measured<Vec<Accuracy>>,
    /// Where the totals come from.
    pub source: Source,
    /// How many changes of lines between neighboring snapshots were looked at.
    pub changes: usize,
    /// Pairs of neighboring snapshots: the newest 12.
    pub pairs: usize,
    /// Amounts between them that no change explains, by currency; none, or a build would have stopped.
    pub unexplained: usize,
}

/// Measures it.
pub fn measure(basis: &Basis<'_>) -> Consistency {
    let (finals, source) = match &basis.given.finals {
        Some(given) => (given.clone(), Source::Given("metrics/snapshot_vs_final.csv")),
        None => (own::finals(basis, &HORIZONS), Source::Own),
    };
    let accuracy = if finals.is_empty() {
        Err(Needs::new(say!(
            "input/metrics/snapshot_vs_final.csv, or a snapshot 7 to 14 days before the one that a month was closed with \
             (closed_on and close_snapshot in periods.csv)"
        )))
    } else {
        Ok(by_horizon(&finals))
    };
    let (mut changes, mut unexplained) = (0, 0);
    let newest = basis.history.newest();
    for later in newest.saturating_sub(PAIRS) + 1..=newest {
        let bridges =
            changes::between(&basis.history.facts, (later - 1, later), &Scope::default(), |_| false);
        changes += bridges.values().map(|bridge| bridge.changes.len()).sum::<usize>();
        unexplained += bridges.values().filter(|bridge| !bridge.remainder().is_zero()).count();
    }
    Consistency { accuracy, source, changes, pairs: newest.min(PAIRS).into(), unexplained }
}

fn by_horizon(finals: &[Final]) -> Vec<Accuracy> {
    let mut groups: BTreeMap<(Currency, std::cmp::Reverse<u32>), Vec<&Final>> = BTreeMap::new();
    for one in finals {
        groups.entry((one.last.currency(), std::cmp::Reverse(one.horizon))).or_default().push(one);
    }
    groups.into_iter().map(|((currency, horizon), group)| accuracy(currency, horizon.0, &group)).collect()
}

fn accuracy(currency: Currency, horizon: u32, group: &[&Final]) -> Accuracy {
    // No sum overflows: a cell holds at most 10^18 major units, and a file fewer than 2^31 rows.
    let sum = |of: fn(&Final) -> i128| group.iter().map(|one| of(one)).sum::<i128>();
    let off = sum(|one| (one.before.minor() - one.last.minor()).abs());
    let lean = sum(|one| one.before.minor() - one.last.minor());
    let last = sum(|one| one.last.minor().abs());
    let signed = sum(|one| one.last.minor());
    let money = |minor| Money::from_minor(minor, currency);
    let mut range: Option<(Ratio, Ratio)> = None;
    for one in group {
        let error = (one.before.minor() - one.last.minor()).abs();
        if let Some(error) = Ratio::new(error, one.last.minor().abs()) {
            let (low, high) = range.unwrap_or((error, error));
            range = Some((
                if error.is_below(low) { error } else { low },
                if high.is_below(error) { error } else { high },
            ));
        }
    }
    let first = group.iter().map(|one| one.period).min().unwrap_or(Month::of(chrono::NaiveDate::MIN));
    let newest = group.iter().map(|one| one.period).max().unwrap_or(first);
    Accuracy {
        horizon,
        n: group.len(),
        periods: (first, newest),
        off: money(off),
        lean: money(lean),
        last: money(last),
        wape: Ratio::new(off, last),
        bias: Ratio::new(lean, signed),
        range,
    }
}

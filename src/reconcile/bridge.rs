//! The bridge: vendor calculated less own expected, explained by kind to the cent (I-9).

use std::collections::BTreeMap;

use super::kinds::Kind;
use super::matching::numbered;
use super::{Case, Reconciled, Subject};
use crate::model::money::{Currency, Money};
use crate::model::reference::Method;
use crate::model::time::Month;

/// What a row of the bridge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BridgeRow {
    /// The cases with this primary explanation.
    Kind(Kind),
    /// Lines that wait for their amount, with nothing wrong.
    NotCalculated,
    /// Lines of programs that no rule file knows (domain 4.7).
    RuleGap,
    /// Lines that stand for no order by design (domain 4.7).
    LumpSum,
    /// Lines that the rule cannot compute from what is known.
    NotRecomputed,
}

impl BridgeRow {
    /// The name in data files.
    pub fn code(self) -> &'static str {
        match self {
            BridgeRow::Kind(kind) => kind.code(),
            BridgeRow::NotCalculated => "not-calculated",
            BridgeRow::RuleGap => "rule-gap",
            BridgeRow::LumpSum => "lump-sum",
            BridgeRow::NotRecomputed => "not-recomputed",
        }
    }
}

/// The bridge of one currency and period.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// What our own rules give: every order, in its own period.
    pub own_expected: Money,
    /// What the vendor calculated: every line, in the vendor's period.
    pub vendor_calculated: Money,
    /// The signed effect of each row, and how many cases it has.
    pub rows: BTreeMap<BridgeRow, (usize, Money)>,
}

impl Bridge {
    fn new(currency: Currency) -> Bridge {
        let zero = Money::zero(currency);
        Bridge { own_expected: zero, vendor_calculated: zero, rows: BTreeMap::new() }
    }

    /// Vendor calculated less own expected.
    pub fn difference(&self) -> Money {
        Money::from_minor(
            self.vendor_calculated.minor() - self.own_expected.minor(),
            self.own_expected.currency(),
        )
    }

    /// What the rows leave unexplained: nothing, or the program has a bug.
    pub fn remainder(&self) -> Money {
        let explained: i128 = self.rows.values().map(|(_, amount)| amount.minor()).sum();
        Money::from_minor(self.difference().minor() - explained, self.own_expected.currency())
    }
}

/// The bridges of a snapshot by period and currency.
pub type Bridges = BTreeMap<(Month, Currency), Bridge>;

impl Reconciled<'_> {
    /// The bridges of every period and currency.
    ///
    /// Both ends are added up apart from the rows: the vendor's end from the lines, our own from the entitlements, the
    /// rows from the cases; so that a remainder shows what went missing between them.
    pub fn bridges(&self) -> Bridges {
        let mut bridges = Bridges::new();
        let records = &self.snapshot.records;
        for line in &records.lines {
            let Some(amount) = line.amount_calculated else { continue };
            let end = &mut at(&mut bridges, line.period, line.currency).vendor_calculated;
            *end = plus(*end, amount);
        }
        for (number, order) in numbered(&records.orders) {
            let is_void = order.is_void() && self.matching.of_order(number).is_empty();
            for entitlement in self.entitlements.of_order(number).iter().filter(|e| e.claim.is_counted) {
                let Some(amount) = entitlement.expected.filter(|_| !is_void) else { continue };
                let period = self.rules.own_period(order, Some(entitlement.claim.program));
                let end = &mut at(&mut bridges, period, amount.currency()).own_expected;
                *end = plus(*end, amount);
            }
        }
        for case in &self.cases {
            let row = self.bridge_row(case);
            for ((period, currency), amount) in self.contributions(case) {
                let entry =
                    at(&mut bridges, period, currency).rows.entry(row).or_insert((0, Money::zero(currency)));
                *entry = (entry.0 + 1, plus(entry.1, Money::from_minor(amount, currency)));
            }
        }
        bridges
    }

    /// What a case adds to which bridge: the vendor's amount in the vendor's period, less our own in ours.
    pub fn contributions(&self, case: &Case) -> BTreeMap<(Month, Currency), i128> {
        let records = &self.snapshot.records;
        let mut parts: BTreeMap<(Month, Currency), i128> = BTreeMap::new();
        match case.subject {
            Subject::Line(number) => {
                let line = &records.lines[number as usize];
                if let Some(amount) = line.amount_calculated {
                    *parts.entry((line.period, line.currency)).or_insert(0) += amount.minor();
                }
                let program = self.rules.program(line.program);
                let shares = &self.matching.of_line(number).shares;
                for (share, expected) in shares.iter().zip(self.expected_parts(number)) {
                    let Some(expected) = expected else { continue };
                    let period = self.rules.own_period(&records.orders[share.order as usize], program);
                    *parts.entry((period, expected.currency())).or_insert(0) -= expected.minor();
                }
            }
            Subject::Order(number) => {
                let figures = &self.orders[number as usize];
                if let Some(expected) = figures.expected {
                    *parts.entry((figures.period, expected.currency())).or_insert(0) -= expected.minor();
                }
            }
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => {}
        }
        parts.retain(|_, amount| *amount != 0);
        parts
    }

    /// The row of the bridge that a case belongs to.
    pub fn bridge_row(&self, case: &Case) -> BridgeRow {
        let line = match case.subject {
            Subject::Line(number) => Some((number, &self.snapshot.records.lines[number as usize])),
            Subject::Order(_)
            | Subject::Payout(_)
            | Subject::Feed(_)
            | Subject::Row(_)
            | Subject::Adjustment(_) => None,
        };
        if let Some((_, line)) = line {
            match self.rules.program(line.program) {
                None => return BridgeRow::RuleGap,
                Some(program) if program.method == Method::LumpSum || line.has_no_order_by_design() => {
                    return BridgeRow::LumpSum;
                }
                Some(_) => {}
            }
        }
        match (case.primary(), line) {
            (Some(finding), _) => BridgeRow::Kind(finding.kind),
            (None, Some((_, line))) if line.amount_calculated.is_none() => BridgeRow::NotCalculated,
            (None, _) => BridgeRow::NotRecomputed,
        }
    }
}

fn at(bridges: &mut Bridges, period: Month, currency: Currency) -> &mut Bridge {
    bridges.entry((period, currency)).or_insert_with(|| Bridge::new(currency))
}

fn plus(sum: Money, amount: Money) -> Money {
    sum.checked_add(amount).unwrap_or(sum)
}

//! How far each part of what is owed to us has come, in layers from our own estimate to money received, and which of them
//! our books recognize (domain 1.1).
//!
//! The identity: per currency and program, the amounts of the booked layers, and the adjustments, receipts and journals of
//! all layers, are the closing balance of the roll-forward. A layer that is not booked has no amount in the balance, but what
//! was adjusted, received or written off on its lines is in it, as in the roll-forward.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Reconciled;
use super::matching::numbered;
use super::rollforward::{End, Item, journal_owner, netted_in, owner, received};
use crate::model::booked::Booked;
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money};
use crate::model::status::Status;
use crate::model::time::Month;
use crate::say;

/// A layer of domain 1.1, in the order of the steps to payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// L0: orders that no line covers, with what they should earn by our own rules; a near miss is not covered (I-33).
    OwnEstimate,
    /// L1: lines without an amount yet; their amount is our own estimate.
    NotCalculated,
    /// L2: calculated lines.
    Calculated,
    /// L2, constrained: calculated lines that a person still checks.
    UnderReview,
    /// L3: approved lines.
    Approved,
    /// L4: lines that the vendor calls paid, without a payout record up to the date.
    Paid,
    /// L5: paid lines whose payout record is dated up to the date.
    Received,
    /// Rejected lines: no claim, whatever the vendor calculated.
    Rejected,
    /// Lines in a status that nobody knows: no claim before somebody says what it means.
    Unknown,
    /// Adjustments and journals that no line has.
    WithoutLine,
}

impl Layer {
    /// Every layer, in order.
    pub const ALL: [Layer; 10] = [
        Layer::OwnEstimate,
        Layer::NotCalculated,
        Layer::Calculated,
        Layer::UnderReview,
        Layer::Approved,
        Layer::Paid,
        Layer::Received,
        Layer::Rejected,
        Layer::Unknown,
        Layer::WithoutLine,
    ];

    /// Its number in domain 1.1; empty where it has none.
    pub fn code(self) -> &'static str {
        match self {
            Layer::OwnEstimate => "L0",
            Layer::NotCalculated => "L1",
            Layer::Calculated | Layer::UnderReview => "L2",
            Layer::Approved => "L3",
            Layer::Paid => "L4",
            Layer::Received => "L5",
            Layer::Rejected | Layer::Unknown | Layer::WithoutLine => "",
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Layer::OwnEstimate => say!("Own estimate, no line yet"),
            Layer::NotCalculated => say!("Not calculated yet"),
            Layer::Calculated => say!("Calculated"),
            Layer::UnderReview => say!("Under review"),
            Layer::Approved => say!("Approved"),
            Layer::Paid => say!("Paid, not received"),
            Layer::Received => say!("Received"),
            Layer::Rejected => say!("Rejected"),
            Layer::Unknown => say!("Status not known"),
            Layer::WithoutLine => say!("Without a line"),
        }
    }

    /// Whether its amount is our own estimate rather than the vendor's figure.
    pub fn is_estimate(self) -> bool {
        matches!(self, Layer::OwnEstimate | Layer::NotCalculated)
    }

    /// Whether a policy books its amount. What has no line has no amount besides its adjustments and journals, which are
    /// always in the balance.
    pub fn is_booked(self, booked: &Booked) -> bool {
        match self {
            Layer::OwnEstimate | Layer::NotCalculated | Layer::Rejected | Layer::Unknown => false,
            Layer::Calculated => booked.has(Status::Calculated),
            Layer::UnderReview => booked.has(Status::UnderReview),
            Layer::Approved => booked.has(Status::Approved),
            Layer::Paid | Layer::Received => booked.has(Status::Paid),
            Layer::WithoutLine => true,
        }
    }
}

/// The sum of one layer, of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerSum {
    /// Whether the amount is in the balance.
    pub is_booked: bool,
    /// Lines; of L0 orders in a program; of what has no line the adjustments and journals.
    pub records: usize,
    /// Those of them whose amount is not known.
    pub without_amount: usize,
    /// What the vendor calculated, else our own estimate ([`Layer::is_estimate`]).
    pub amount: Money,
    /// Adjustments.
    pub adjusted: Money,
    /// Received; negative.
    pub received: Money,
    /// Our own journals.
    pub journals: Money,
}

impl LayerSum {
    fn empty(currency: Currency, is_booked: bool) -> LayerSum {
        let zero = Money::zero(currency);
        let (records, without_amount) = (0, 0);
        LayerSum {
            is_booked,
            records,
            without_amount,
            amount: zero,
            adjusted: zero,
            received: zero,
            journals: zero,
        }
    }

    /// What of it is in the closing balance.
    pub fn in_balance(&self) -> Money {
        let amount = if self.is_booked { self.amount.minor() } else { 0 };
        let moved = self.adjusted.minor() + self.received.minor() + self.journals.minor();
        Money::from_minor(amount + moved, self.amount.currency())
    }

    fn add(&mut self, other: &LayerSum) {
        self.records += other.records;
        self.without_amount += other.without_amount;
        self.amount = plus(self.amount, other.amount.minor());
        self.adjusted = plus(self.adjusted, other.adjusted.minor());
        self.received = plus(self.received, other.received.minor());
        self.journals = plus(self.journals, other.journals.minor());
    }
}

fn plus(sum: Money, minor: i128) -> Money {
    Money::from_minor(sum.minor() + minor, sum.currency())
}

/// The layers of one currency at an effective date, in all and by program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layered {
    /// Over all programs, those that hold something.
    pub all: BTreeMap<Layer, LayerSum>,
    /// The same by program, in the order of its id; `None`: what names no program.
    pub programs: BTreeMap<Option<ProgramId>, BTreeMap<Layer, LayerSum>>,
}

impl Layered {
    /// What of all layers is in the closing balance, in minor units.
    pub fn in_balance(&self) -> i128 {
        in_balance(&self.all)
    }
}

/// What of layers is in the closing balance, in minor units.
pub fn in_balance(layers: &BTreeMap<Layer, LayerSum>) -> i128 {
    layers.values().map(|sum| sum.in_balance().minor()).sum()
}

/// What an amount belongs to, as far as it decides the layer: a paid line is received from the date of its payout on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Order,
    Line(Status, Option<NaiveDate>),
    Nothing,
}

impl Holder {
    fn layer(self, at: End) -> Layer {
        match self {
            Holder::Order => Layer::OwnEstimate,
            Holder::Nothing => Layer::WithoutLine,
            Holder::Line(status, received_on) => match status {
                Status::PendingData | Status::InCalculation => Layer::NotCalculated,
                Status::Calculated => Layer::Calculated,
                Status::UnderReview => Layer::UnderReview,
                Status::Approved => Layer::Approved,
                Status::Paid if received_on.is_some_and(|date| date <= at.day) => Layer::Received,
                Status::Paid => Layer::Paid,
                Status::Rejected => Layer::Rejected,
                Status::Unknown => Layer::Unknown,
            },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Amount,
    Adjusted,
    Received,
    Journal,
}

/// What tells amounts apart whose layers can differ at some date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    currency: Currency,
    program: Option<ProgramId>,
    holder: Holder,
    part: Part,
    period: Month,
    date: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    records: usize,
    without_amount: usize,
    minor: i128,
}

/// Everything that layers are made of, added up once; [`Layers::at`] tells them for any date.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    booked: Booked,
    counts: BTreeMap<Key, Count>,
}

impl Layers {
    /// Adds up the orders without a line, the lines and what settles them, as a snapshot knows them.
    ///
    /// Source: domain 1.1; told from the records and not from the books, so that the two can be held together.
    pub fn new(reconciled: &Reconciled<'_>) -> Layers {
        let mut layers = Layers { booked: reconciled.booked.clone(), counts: BTreeMap::new() };
        layers.add_orders(reconciled);
        layers.add_lines(reconciled);
        layers.add_adjustments(reconciled);
        for journal in reconciled.journals().filter(|journal| journal.is_ours()) {
            let (item, program, period) = journal_owner(reconciled, journal);
            let holder = holder(reconciled, item);
            let date = Some(journal.date);
            let currency = journal.amount.currency();
            let key = Key { currency, program, holder, part: Part::Journal, period, date };
            layers.add(key, Some(journal.amount.minor()));
        }
        layers
    }

    fn add_orders(&mut self, reconciled: &Reconciled<'_>) {
        for (number, order) in numbered(&reconciled.snapshot.records.orders) {
            if order.is_void() || !reconciled.matching.of_order(number).is_empty() {
                continue;
            }
            let counted = reconciled.entitlements.of_order(number).iter().filter(|e| e.claim.is_counted);
            for entitlement in counted {
                let program = entitlement.claim.program;
                let expected = entitlement.expected;
                // An order that earns nothing waits for nothing.
                if expected.is_some_and(Money::is_zero) {
                    continue;
                }
                let key = Key {
                    currency: expected.map_or(program.line_currency(), Money::currency),
                    program: Some(program.id),
                    holder: Holder::Order,
                    part: Part::Amount,
                    period: reconciled.rules.own_period(order, Some(program)),
                    date: None,
                };
                self.add(key, expected.map(Money::minor));
            }
        }
    }

    fn add_lines(&mut self, reconciled: &Reconciled<'_>) {
        for (number, line) in numbered(&reconciled.snapshot.records.lines) {
            let paid = received(reconciled, line);
            let holder = Holder::Line(line.status, paid.map(|(payout, _)| payout.date));
            let amount = match line.status {
                Status::PendingData | Status::InCalculation => reconciled.lines[number as usize].expected,
                Status::Calculated
                | Status::UnderReview
                | Status::Approved
                | Status::Paid
                | Status::Rejected
                | Status::Unknown => line.amount_calculated,
            };
            let key = Key {
                currency: line.currency,
                program: Some(line.program),
                holder,
                part: Part::Amount,
                period: line.period,
                date: None,
            };
            self.add(key, amount.map(Money::minor));
            if let Some((payout, amount)) = paid {
                let date = Some(payout.date);
                let currency = amount.currency();
                self.add(Key { currency, part: Part::Received, date, ..key }, Some(-amount.minor()));
            }
        }
    }

    fn add_adjustments(&mut self, reconciled: &Reconciled<'_>) {
        for adjustment in &reconciled.snapshot.records.adjustments {
            let (item, program, period) = owner(reconciled, adjustment);
            let holder = holder(reconciled, item);
            let (currency, minor) = (adjustment.amount.currency(), adjustment.amount.minor());
            let date = Some(adjustment.date);
            let key = Key { currency, program, holder, part: Part::Adjusted, period, date };
            self.add(key, Some(minor));
            if let Some(payout) = netted_in(reconciled, adjustment) {
                self.add(Key { part: Part::Received, date: Some(payout.date), ..key }, Some(-minor));
            }
        }
    }

    fn add(&mut self, key: Key, minor: Option<i128>) {
        let count = self.counts.entry(key).or_default();
        count.records += 1;
        count.without_amount += usize::from(minor.is_none());
        count.minor += minor.unwrap_or(0);
    }

    /// The layers of every currency at an effective date: of periods up to it, with what is dated up to it, in the statuses
    /// that the snapshot knows.
    pub fn at(&self, at: End) -> BTreeMap<Currency, Layered> {
        let mut all: BTreeMap<Currency, Layered> = BTreeMap::new();
        for (key, count) in self.counts.iter().filter(|(key, _)| at.reaches(key.period, key.date)) {
            let layer = key.holder.layer(at);
            let amount = Money::from_minor(count.minor, key.currency);
            let mut sum = LayerSum::empty(key.currency, layer.is_booked(&self.booked));
            let counts_records = match key.part {
                Part::Amount => true,
                // What has no line is counted by its adjustments and journals.
                Part::Adjusted | Part::Journal => layer == Layer::WithoutLine,
                Part::Received => false,
            };
            if counts_records {
                (sum.records, sum.without_amount) = (count.records, count.without_amount);
            }
            match key.part {
                Part::Amount => sum.amount = amount,
                Part::Adjusted => sum.adjusted = amount,
                Part::Received => sum.received = amount,
                Part::Journal => sum.journals = amount,
            }
            let layered = all.entry(key.currency).or_default();
            let empty = || LayerSum::empty(key.currency, sum.is_booked);
            layered.all.entry(layer).or_insert_with(empty).add(&sum);
            let of_program = layered.programs.entry(key.program).or_default();
            of_program.entry(layer).or_insert_with(empty).add(&sum);
        }
        all
    }
}

fn holder(reconciled: &Reconciled<'_>, item: Item) -> Holder {
    let number = match item {
        Item::Line(id) => reconciled.line_number(id),
        Item::Lump(_) | Item::Journal(_) => None,
    };
    let Some(number) = number else { return Holder::Nothing };
    let line = &reconciled.snapshot.records.lines[number as usize];
    Holder::Line(line.status, received(reconciled, line).map(|(payout, _)| payout.date))
}

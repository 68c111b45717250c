//! What a query finds: every rebate line, and every order that no line names.
//!
//! Where a row counts is a [`Place`], what it is worth are the figures of the snapshot, and its day is what a range of
//! dates asks for.

use std::cmp::Reverse;

use chrono::NaiveDate;
use ustr::Ustr;

use crate::history::Measures;
use crate::model::record::Order;
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Kind, Place, Subject};
use crate::report::{Report, lists};
use crate::rules::Rules;

/// What a row is: a line or an order without one, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A rebate line.
    Line(u32),
    /// An order row that no line names.
    Order(u32),
}

/// A row: where it counts, when, and what it is worth. Amounts are in minor units of the currency of its place.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is.
    pub key: RowKey,
    /// Where it counts.
    pub place: Place,
    /// The day by which a range of dates takes it; always a day of its period.
    pub day: NaiveDate,
    /// Status and bucket of a line; `None` for an order without one.
    pub state: Option<(Status, Bucket)>,
    /// Its primary explanation; `None` where there is nothing to explain.
    pub kind: Option<Kind>,
    /// Our own expectation; `None` where not recomputed.
    pub expected: Option<i128>,
    /// The vendor's calculated amount.
    pub calculated: Option<i128>,
    /// The sum of its adjustments.
    pub adjustments: i128,
    /// What the vendor says was paid.
    pub paid: Option<i128>,
    /// By when half of the lines like it are paid, where it waits for payment and enough is known.
    pub due: Option<NaiveDate>,
}

impl Row {
    /// Whether its state is one of the total: in a bucket of the total, not rejected.
    pub fn is_in_total(&self) -> bool {
        self.state.is_some_and(|(status, bucket)| bucket.is_in_total() && status != Status::Rejected)
    }

    /// Whether its amounts count in the headline total: in a bucket of the total, calculated, not rejected (requirements,
    /// trap T-4).
    pub fn is_counted(&self) -> bool {
        self.is_in_total() && self.calculated.is_some()
    }

    /// What it adds to each measure.
    pub fn measures(&self) -> Measures {
        let counted = |amount: i128| if self.is_counted() { amount } else { 0 };
        let calculated = counted(self.calculated.unwrap_or(0));
        let adjustments = counted(self.adjustments);
        let bucket = self.state.map(|(_, bucket)| bucket);
        let is_expected = bucket.is_some_and(|bucket| bucket.is_in_total() || bucket == Bucket::Pending);
        let is_approved = matches!(bucket, Some(Bucket::Approved | Bucket::Paid));
        Measures {
            eligible: self.expected.filter(|_| is_expected).unwrap_or(0),
            calculated,
            adjustments,
            total: calculated + adjustments,
            approved: if is_approved { calculated + adjustments } else { 0 },
            paid: self.paid.unwrap_or(0),
        }
    }
}

/// In what order rows are listed: by period, program and campaign, newest day first.
type InList = (Month, Ustr, Option<Ustr>, Reverse<NaiveDate>, Ustr, Option<&'static str>, RowKey);

impl Report<'_> {
    /// Every row there is, in the order in which lists show them, the oldest period first.
    pub fn query_rows(&self) -> Vec<RowKey> {
        let mut rows: Vec<InList> = Vec::new();
        let mut add = |row: Row, line: Option<&'static str>| {
            let place = &row.place;
            let order = place.order.unwrap_or(place.order_ref);
            rows.push((
                place.period,
                place.program.key(),
                place.campaign,
                Reverse(row.day),
                order.key(),
                line,
                row.key,
            ));
        };
        for (number, line) in numbered(&self.reconciled.snapshot.records.lines) {
            add(self.bare_row(RowKey::Line(number)), Some(line.id.raw()));
        }
        for case in &self.reconciled.cases {
            if let Subject::Order(number) = case.subject {
                add(self.bare_row(RowKey::Order(number)), None);
            }
        }
        rows.sort_unstable();
        rows.into_iter().map(|(.., key)| key).collect()
    }

    /// A row.
    pub fn query_row(&self, key: RowKey) -> Row {
        let mut row = self.bare_row(key);
        if let RowKey::Line(number) = key {
            row.due = self.forecast(number).ok().map(|forecast| forecast.half.date);
        }
        row
    }

    /// A row without the date on which it may be paid.
    pub(super) fn bare_row(&self, key: RowKey) -> Row {
        let kind = self.query_case(key).and_then(Case::primary).map(|finding| finding.kind);
        match key {
            RowKey::Line(number) => {
                let (line, figures) = (self.line(number), self.figures(number));
                let place = self.reconciled.place(number);
                let program = self.reconciled.rules.program(line.program);
                let basis = program.map_or_else(Default::default, |program| program.period_basis);
                let order = self.reconciled.first_order(number);
                Row {
                    key,
                    day: self.day_in(place.period, order.map(|order| Rules::basis_date(order, basis))),
                    place,
                    state: Some((line.status, line.bucket)),
                    kind,
                    expected: figures.expected.map(|amount| amount.minor()),
                    calculated: line.amount_calculated.map(|amount| amount.minor()),
                    adjustments: figures.adjustments.minor(),
                    paid: line.amount_paid.map(|amount| amount.minor()),
                    due: None,
                }
            }
            RowKey::Order(number) => {
                let (order, figures) = (self.order(number), &self.reconciled.orders[number as usize]);
                let program = self.reconciled.rules.declared_program(order);
                let basis = program.map_or_else(Default::default, |program| program.period_basis);
                Row {
                    key,
                    day: self.day_in(figures.period, Some(Rules::basis_date(order, basis))),
                    place: self.order_place(order, figures.period),
                    state: None,
                    kind,
                    expected: figures.expected.map(|amount| amount.minor()),
                    calculated: None,
                    adjustments: 0,
                    paid: None,
                    due: None,
                }
            }
        }
    }

    /// The case that explains a row.
    pub(crate) fn query_case(&self, key: RowKey) -> Option<&Case> {
        match key {
            RowKey::Line(number) => Some(self.reconciled.line_case(number)),
            RowKey::Order(number) => self.reconciled.order_case(number),
        }
    }

    /// Where each row counts, in no order of rows.
    pub(super) fn query_places(&self) -> impl Iterator<Item = Place> {
        let lines = numbered(&self.reconciled.snapshot.records.lines);
        let orders = self.reconciled.cases.iter().filter_map(|case| {
            let Subject::Order(number) = case.subject else { return None };
            Some(self.order_place(self.order(number), self.reconciled.orders[number as usize].period))
        });
        lines.map(|(number, _)| self.reconciled.place(number)).chain(orders)
    }

    /// Where an order without a line would count.
    fn order_place(&self, order: &Order, period: Month) -> Place {
        let rules = &self.reconciled.rules;
        let program = rules.declared_program(order);
        Place {
            period,
            currency: order.amount_net.currency(),
            program: program.map_or_else(|| crate::model::id::ProgramId::new("", ""), |program| program.id),
            campaign: order.campaign.or_else(|| program?.campaign),
            order: Some(order.id),
            order_ref: order.id,
            account: Some(order.account),
            customer: rules.customer(order),
            batch: None,
            payout: None,
            category: rules.category(order),
            region: order.region,
        }
    }

    /// The day of a period that is nearest to a date; without one, the last day that has passed.
    fn day_in(&self, month: Month, date: Option<NaiveDate>) -> NaiveDate {
        let period = self.reconciled.rules.reference.period(month);
        let date = date.unwrap_or_else(|| self.reconciled.as_of().date());
        date.clamp(period.start, period.last_day().max(period.start))
    }

    /// When the reason of a line says that something is expected to move; `None` where it says nothing.
    pub(crate) fn query_update(&self, key: RowKey) -> Option<&str> {
        let RowKey::Line(number) = key else { return None };
        let reason = self.reconciled.reason(self.line(number).reason_key)?;
        let page = self.sources.content.reasons.get(reason.reason.as_str())?;
        Some(page.expected.as_str()).filter(|text| !text.is_empty())
    }

    /// Why a row is as it is, and the next step.
    ///
    /// # Errors
    /// [`Error::Content`](crate::error::Error::Content) where a sentence cannot be filled.
    pub(crate) fn query_words(&self, key: RowKey) -> Result<(String, String), crate::error::Error> {
        let Some(case) = self.query_case(key) else { return Ok((String::new(), String::new())) };
        let next = match (key, case.primary()) {
            (RowKey::Line(number), None) => {
                self.sources.content.status(self.line(number).status).next_step.clone()
            }
            (_, _) => lists::next_step(self, case)?,
        };
        Ok((lists::why(self, case), next))
    }
}

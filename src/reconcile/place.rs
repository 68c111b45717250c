//! Where a line counts: the period, program, campaign, customer and so on by which a scope picks it.
//!
//! One definition for pages, history and queries, so that two ways to cut a scope can never disagree (I-6, I-12).

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::Reconciled;
use crate::model::id::{AccountId, BatchId, CustomerId, OrderId, PayoutId, ProgramId};
use crate::model::money::Currency;
use crate::model::record::Order;
use crate::model::time::Month;

/// The dimensions of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The period in which it was earned, as the vendor says.
    pub period: Month,
    /// Its currency.
    pub currency: Currency,
    /// Its program.
    pub program: ProgramId,
    /// The campaign it counts in: its program's, else the one its order declares.
    pub campaign: Option<Ustr>,
    /// The first of its orders.
    pub order: Option<OrderId>,
    /// What the vendor says it is for.
    pub order_ref: OrderId,
    /// The account of that order, else the one that the vendor's account stands for.
    pub account: Option<AccountId>,
    /// The customer of that order.
    pub customer: Option<CustomerId>,
    /// The vendor's batch.
    pub batch: Option<BatchId>,
    /// The payout it was paid with.
    pub payout: Option<PayoutId>,
    /// The category the vendor used.
    pub category: Option<Ustr>,
    /// The vendor's region.
    pub region: Option<Ustr>,
}

impl<'a> Reconciled<'a> {
    /// Where a line counts.
    pub fn place(&self, number: u32) -> Place {
        let line = &self.snapshot.records.lines[number as usize];
        let order = self.first_order(number);
        Place {
            period: line.period,
            currency: line.currency,
            program: line.program,
            campaign: self.campaign(number),
            order: order.map(|o| o.id),
            order_ref: line.order_ref,
            account: order.map(|o| o.account).or_else(|| self.rules.account_of_vendor(line.account_ref?)),
            customer: order.and_then(|o| self.rules.customer(o)),
            batch: line.batch,
            payout: line.payout,
            category: line.category,
            region: line.region,
        }
    }

    /// The campaign a line counts in.
    pub fn campaign(&self, number: u32) -> Option<Ustr> {
        match self.rules.program(self.snapshot.records.lines[number as usize].program) {
            Some(program) => program.campaign,
            None => self.first_order(number)?.campaign,
        }
    }

    /// The first of a line's orders: the one that says where the line counts.
    pub fn first_order(&self, number: u32) -> Option<&'a Order> {
        let share = self.matching.of_line(number).shares.first()?;
        Some(&self.snapshot.records.orders[share.order as usize])
    }
}

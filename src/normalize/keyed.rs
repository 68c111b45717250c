//! The kinds of records that are told apart by a key, and of which the newest file speaks.

use std::hash::Hash;

use ustr::Ustr;

use super::Quarantined;
use super::aside::{aside_order, set_aside};
use super::cells::Cells;
use super::derived::derive_order_ids;
use super::records::{Words, adjustment, cancellation, feed, order, payout};
use crate::ingest::Files;
use crate::ingest::columns::FileKind;
use crate::model::id::{AdjustmentId, CancellationId, PayoutId};
use crate::model::money::Money;
use crate::model::record::{Adjustment, Cancellation, Feed, Order, Origin, Payout};

/// A record of which the newest file speaks, by its key.
pub(super) trait Keyed: Sized + Send {
    /// What tells two records apart.
    type Key: Hash + Eq;
    /// The files that hold them.
    const KIND: FileKind;

    fn read(cells: &mut Cells<'_>, words: &Words) -> Option<Self>;
    fn key(&self) -> Self::Key;
    fn origin(&mut self) -> &mut Origin;
    fn place(&self) -> &Origin;

    /// The amount that is added up for control totals.
    fn amount(&self) -> Option<Money>;

    /// Gives ids to those that have none.
    fn name_all(_files: &Files, _records: &mut [Self]) {}

    /// The row as one set aside.
    fn aside(&self, origin: &Origin) -> Quarantined {
        set_aside(Self::KIND, origin)
    }
}

impl Keyed for Order {
    type Key = (Ustr, Option<Ustr>);
    const KIND: FileKind = FileKind::Orders;

    fn read(cells: &mut Cells<'_>, _: &Words) -> Option<Order> {
        order(cells)
    }

    fn key(&self) -> Self::Key {
        (Ustr::from(self.id.raw()), self.line)
    }

    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }

    fn place(&self) -> &Origin {
        &self.origin
    }

    fn amount(&self) -> Option<Money> {
        Some(self.amount_net)
    }

    fn name_all(files: &Files, orders: &mut [Order]) {
        derive_order_ids(files, orders);
    }

    fn aside(&self, origin: &Origin) -> Quarantined {
        aside_order(self, origin)
    }
}

impl Keyed for Cancellation {
    type Key = CancellationId;
    const KIND: FileKind = FileKind::Cancellations;

    fn read(cells: &mut Cells<'_>, _: &Words) -> Option<Cancellation> {
        cancellation(cells)
    }

    fn key(&self) -> CancellationId {
        self.id
    }

    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }

    fn place(&self) -> &Origin {
        &self.origin
    }

    fn amount(&self) -> Option<Money> {
        Some(self.amount_refund)
    }
}

impl Keyed for Adjustment {
    type Key = AdjustmentId;
    const KIND: FileKind = FileKind::Adjustments;

    fn read(cells: &mut Cells<'_>, words: &Words) -> Option<Adjustment> {
        adjustment(cells, words)
    }

    fn key(&self) -> AdjustmentId {
        self.id
    }

    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }

    fn place(&self) -> &Origin {
        &self.origin
    }

    fn amount(&self) -> Option<Money> {
        Some(self.amount)
    }
}

impl Keyed for Payout {
    type Key = PayoutId;
    const KIND: FileKind = FileKind::Payouts;

    fn read(cells: &mut Cells<'_>, _: &Words) -> Option<Payout> {
        payout(cells)
    }

    fn key(&self) -> PayoutId {
        self.id
    }

    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }

    fn place(&self) -> &Origin {
        &self.origin
    }

    fn amount(&self) -> Option<Money> {
        Some(self.amount)
    }
}

impl Keyed for Feed {
    type Key = Ustr;
    const KIND: FileKind = FileKind::Sources;

    fn read(cells: &mut Cells<'_>, _: &Words) -> Option<Feed> {
        feed(cells)
    }

    fn key(&self) -> Ustr {
        self.id
    }

    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }

    fn place(&self) -> &Origin {
        &self.origin
    }

    fn amount(&self) -> Option<Money> {
        None
    }
}

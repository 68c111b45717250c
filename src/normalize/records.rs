//! What a row says: from its cells a record of its kind, or nothing where a cell that it needs cannot be read.

use std::collections::{HashMap, HashSet};

use ustr::Ustr;

use super::cells::Cells;
use super::{word, word_of};
use crate::ingest::columns::{
    adjustments, cancellations, control_totals, orders, payouts, rebate_lines, sources,
};
use crate::ingest::grammar;
use crate::model::id::{AccountId, Id, LineId, OrderId, SkuId, SubscriptionId};
use crate::model::record::{Adjustment, Cancellation, ControlTotal, Feed, Line, Order, Payout};
use crate::model::reference::Reference;
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;

/// What the words of the vendor's files mean, source by source.
#[derive(Default)]
pub(super) struct Words {
    statuses: HashMap<Ustr, (Status, Bucket)>,
    reasons: HashSet<Ustr>,
}

impl Words {
    pub(super) fn new(reference: &Reference) -> Words {
        Words {
            statuses: reference.statuses.iter().map(|row| (row.key, (row.status, row.bucket))).collect(),
            reasons: reference.reasons.iter().map(|row| row.key).collect(),
        }
    }

    /// What a raw status means: as the status map says of the source of the file, as the source says itself, as the status
    /// map says of every source.
    fn status(&self, cells: &Cells<'_>, raw: Option<Ustr>) -> (Ustr, Status, Bucket) {
        let raw = raw.unwrap_or_default();
        let (own, common) = (word_of(cells.source(), &raw), word(&raw));
        if let Some((status, bucket)) = self.statuses.get(&own) {
            return (own, *status, *bucket);
        }
        if let Some(status) = cells.mapped_status(&common) {
            return (own, status, status.default_bucket());
        }
        let known = self.statuses.get(&common).copied();
        let (status, bucket) = known.unwrap_or((Status::Unknown, Bucket::Unknown));
        (common, status, bucket)
    }

    fn reason(&self, cells: &Cells<'_>, raw: Option<Ustr>) -> Option<Ustr> {
        let own = word_of(cells.source(), &raw?);
        Some(if self.reasons.contains(&own) { own } else { word(&raw?) })
    }
}

pub(super) fn order(cells: &mut Cells<'_>) -> Option<Order> {
    use orders as c;
    let id: Option<OrderId> = cells.id(c::ORDER_ID);
    let id = match id {
        None if cells.is_derived(c::ORDER_ID) => Some(OrderId::new("", "")),
        id => cells.required(c::ORDER_ID, id),
    };
    let account = cells.id(c::ACCOUNT_ID);
    let account = cells.required(c::ACCOUNT_ID, account);
    let order_date = cells.date(c::ORDER_DATE);
    let order_date = cells.required(c::ORDER_DATE, order_date);
    let sku = cells.id(c::SKU);
    let sku = cells.required(c::SKU, sku);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let net = cells.money(c::NET_AMOUNT, currency);
    let net = cells.required(c::NET_AMOUNT, net);
    cells.date(c::USAGE_TO);
    Some(Order {
        line: cells.text(c::ORDER_LINE),
        reseller: cells.id(c::RESELLER_ID),
        customer: cells.id(c::CUSTOMER_ID),
        subscription: cells.id(c::SUBSCRIPTION_ID),
        invoice: cells.id(c::INVOICE_ID),
        invoice_date: cells.date(c::INVOICE_DATE),
        usage_from: cells.date(c::USAGE_FROM),
        payment_date: cells.date(c::PAYMENT_DATE),
        region: cells.text(c::REGION),
        site: cells.text(c::SITE),
        billing_model: cells.text(c::BILLING_MODEL),
        contract_type: cells.text(c::CONTRACT_TYPE),
        contract_active_from: cells.date(c::CONTRACT_ACTIVATION_DATE),
        campaign: cells.text(c::CAMPAIGN),
        amount_list: cells.money(c::LIST_AMOUNT, currency),
        amount_tax: cells.money(c::TAX, currency),
        amount_voucher: cells.money(c::VOUCHER_AMOUNT, currency),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        quantity: cells.decimal(c::QUANTITY),
        customer_class: cells.text(c::CUSTOMER_CLASS),
        status: cells.text(c::ORDER_STATUS),
        origin: cells.origin(),
        id: id?,
        account: account?,
        order_date: order_date?,
        sku: sku?,
        amount_net: net?,
    })
}

/// What stands for the order of a line that names none: the same for all lines that say the same.
fn unnamed(
    account: Option<AccountId>,
    sku: Option<SkuId>,
    subscription: Option<SubscriptionId>,
    period: Month,
) -> OrderId {
    let period = period.to_string();
    let parts = [account.map(Id::raw), sku.map(Id::raw), subscription.map(Id::raw), Some(period.as_str())];
    let raw = format!("unnamed order {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    OrderId::new(&grammar::canonical(&raw), &raw)
}

pub(super) fn line(cells: &mut Cells<'_>, words: &Words) -> Option<Line> {
    use rebate_lines as c;
    let program = cells.id(c::PROGRAM_ID);
    let program = cells.required(c::PROGRAM_ID, program);
    let is_order_named = !cells.is_derived(c::ORDER_REF);
    let order_ref = cells.id(c::ORDER_REF);
    let order_ref = if is_order_named { cells.required(c::ORDER_REF, order_ref) } else { order_ref };
    let (account_ref, sku_ref) = (cells.id(c::ACCOUNT_REF), cells.id(c::SKU_REF));
    let subscription_ref: Option<SubscriptionId> = cells.id(c::SUBSCRIPTION_REF);
    let period = cells.month(c::PERIOD);
    let period = cells.required(c::PERIOD, period);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let status_raw = cells.text(c::STATUS);
    let status_raw = cells.required(c::STATUS, status_raw);
    let (status_key, status, bucket) = words.status(cells, status_raw);
    let reason_raw = cells.text(c::REASON_CODE);
    Some(Line {
        id: cells.id(c::LINE_ID).unwrap_or_else(|| LineId::new("", "")),
        reseller: cells.id(c::RESELLER_ID),
        batch: cells.id(c::BATCH_ID),
        account_ref,
        sku_ref,
        subscription_ref,
        is_order_named,
        category: cells.text(c::CATEGORY),
        region: cells.text(c::REGION),
        amount_base: cells.money(c::BASE_AMOUNT, currency),
        rate: cells.decimal(c::RATE),
        amount_calculated: cells.money(c::CALCULATED_AMOUNT, currency),
        status,
        bucket,
        reason_key: words.reason(cells, reason_raw),
        reason_raw,
        status_date: cells.date(c::STATUS_DATE),
        approved_date: cells.date(c::APPROVED_DATE),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        payout: cells.id(c::PAYOUT_ID),
        invoice_ref: cells.id(c::INVOICE_REF),
        line_type: cells.text(c::LINE_TYPE),
        confirm_by: cells.date(c::CONFIRM_BY),
        expected_payment: cells.date(c::EXPECTED_PAYMENT_DATE),
        period_processed: cells.month(c::PERIOD_PROCESSED),
        origin: cells.origin(),
        program: program?,
        order_ref: match order_ref {
            None if !is_order_named => unnamed(account_ref, sku_ref, subscription_ref, period?),
            order_ref => order_ref?,
        },
        period: period?,
        currency: currency?,
        status_raw: status_raw?,
        status_key,
    })
}

pub(super) fn cancellation(cells: &mut Cells<'_>) -> Option<Cancellation> {
    use cancellations as c;
    let (id, order, date) = (cells.id(c::CANCELLATION_ID), cells.id(c::ORDER_ID), cells.date(c::CANCEL_DATE));
    let id = cells.required(c::CANCELLATION_ID, id);
    let order = cells.required(c::ORDER_ID, order);
    let date = cells.required(c::CANCEL_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let refund = cells.money(c::REFUND_AMOUNT, currency);
    let refund = cells.required(c::REFUND_AMOUNT, refund);
    Some(Cancellation {
        kind: cells.text(c::KIND),
        origin: cells.origin(),
        id: id?,
        order: order?,
        date: date?,
        amount_refund: refund?,
    })
}

pub(super) fn adjustment(cells: &mut Cells<'_>, words: &Words) -> Option<Adjustment> {
    use adjustments as c;
    let (id, date) = (cells.id(c::ADJUSTMENT_ID), cells.date(c::ADJUSTMENT_DATE));
    let id = cells.required(c::ADJUSTMENT_ID, id);
    let date = cells.required(c::ADJUSTMENT_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    let reason_raw = cells.text(c::REASON_CODE);
    Some(Adjustment {
        line: cells.id(c::LINE_ID),
        program: cells.id(c::PROGRAM_ID),
        period: cells.month(c::PERIOD),
        reason_key: words.reason(cells, reason_raw),
        reason_raw,
        reference: cells.id(c::REFERENCE),
        origin: cells.origin(),
        id: id?,
        amount: amount?,
        date: date?,
    })
}

pub(super) fn payout(cells: &mut Cells<'_>) -> Option<Payout> {
    use payouts as c;
    let (id, date) = (cells.id(c::PAYOUT_ID), cells.date(c::PAID_DATE));
    let id = cells.required(c::PAYOUT_ID, id);
    let date = cells.required(c::PAID_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    Some(Payout {
        form: cells.text(c::FORM),
        bank_ref: cells.text(c::BANK_REF),
        origin: cells.origin(),
        id: id?,
        date: date?,
        amount: amount?,
    })
}

pub(super) fn control_total(cells: &mut Cells<'_>) -> Option<ControlTotal> {
    use control_totals as c;
    let file = cells.text(c::FILE);
    let file = cells.required(c::FILE, file);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let declared = cells.money(c::DECLARED, currency);
    let declared = cells.required(c::DECLARED, declared);
    Some(ControlTotal {
        rows: cells.count(c::ROWS),
        origin: cells.origin(),
        file: file?,
        declared: declared?,
    })
}

pub(super) fn feed(cells: &mut Cells<'_>) -> Option<Feed> {
    use sources as c;
    let id = cells.text(c::SOURCE_ID);
    Some(Feed {
        kind: cells.text(c::KIND),
        site: cells.text(c::SITE),
        expected_by: cells.date(c::EXPECTED_BY),
        last_as_of: cells.date(c::LAST_AS_OF),
        state: cells.text(c::STATE),
        error_code: cells.text(c::ERROR_CODE),
        origin: cells.origin(),
        id: cells.required(c::SOURCE_ID, id)?,
    })
}

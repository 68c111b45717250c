//! The records of a snapshot as they are meant: orders, rebate lines and what settles them.
//!
//! Signs: rebates and payouts are positive; an adjustment is signed, negative where the vendor takes money off.
//! `None` means "not known", never zero.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::id::{
    AccountId, AdjustmentId, BatchId, CancellationId, CustomerId, InvoiceId, LineId, OrderId, PayoutId,
    ProgramId, ResellerId, SkuId, SubscriptionId,
};
use super::money::{Currency, Money};
use super::status::{Bucket, Status};
use super::time::Month;

/// Where a record was read: the file and the record in it. The file knows path, physical line and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceRef {
    /// Index into [`Files`](crate::ingest::Files).
    pub file: u32,
    /// Index of the record in its file; the header is not a record.
    pub record: u32,
}

/// The row a record was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where it was read.
    pub source: SourceRef,
    /// Identical rows that were merged into this one.
    pub copies: Vec<SourceRef>,
    /// The first 128 bits of SHA-256 over the row's cells by column name: equal where the content is equal,
    /// whatever the order of the columns.
    pub digest: u128,
}

/// One row of our own order extract.
#[derive(Debug, Clone)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// The line within the order, where the extract has one.
    pub line: Option<Ustr>,
    /// Who sold it.
    pub reseller: Option<ResellerId>,
    /// The customer's account in our systems.
    pub account: AccountId,
    /// The customer, where the extract names one; else it comes from the accounts map.
    pub customer: Option<CustomerId>,
    /// The subscription the order belongs to.
    pub subscription: Option<SubscriptionId>,
    /// The invoice, once issued.
    pub invoice: Option<InvoiceId>,
    /// When it was issued.
    pub invoice_date: Option<NaiveDate>,
    /// When the order was placed.
    pub order_date: NaiveDate,
    /// First day of usage.
    pub usage_from: Option<NaiveDate>,
    /// When the customer paid.
    pub payment_date: Option<NaiveDate>,
    /// Our product code.
    pub sku: SkuId,
    /// Our region code.
    pub region: Option<Ustr>,
    /// The vendor site, such as `intl` or `cn`.
    pub site: Option<Ustr>,
    /// Such as `prepay` or `payg`.
    pub billing_model: Option<Ustr>,
    /// The agreement that decides which rules apply.
    pub contract_type: Option<Ustr>,
    /// When that agreement became active.
    pub contract_active_from: Option<NaiveDate>,
    /// The campaign tag: the program the order declares.
    pub campaign: Option<Ustr>,
    /// List price.
    pub amount_list: Option<Money>,
    /// Tax included in the net amount.
    pub amount_tax: Option<Money>,
    /// What the customer pays; its currency is the order's.
    pub amount_net: Money,
    /// The part paid by voucher.
    pub amount_voucher: Option<Money>,
    /// What the customer paid in cash.
    pub amount_paid: Option<Money>,
    /// Units bought.
    pub quantity: Option<Decimal>,
    /// `new`, `existing` or `dormant`, as the program counts it.
    pub customer_class: Option<Ustr>,
    /// Our own word for the state of the order.
    pub status: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

impl Order {
    /// Whether our own books call it void: cancelled as a whole, or a test.
    pub fn is_void(&self) -> bool {
        let words = ["cancelled", "canceled", "void", "test"];
        self.status.is_some_and(|status| words.iter().any(|word| status.eq_ignore_ascii_case(word)))
    }
}

/// One line of the vendor's rebate report.
#[derive(Debug, Clone)]
pub struct Line {
    /// The vendor's line id, or one derived from the line's business key when the extract has none.
    pub id: LineId,
    /// Who earns.
    pub reseller: Option<ResellerId>,
    /// The rebate program.
    pub program: ProgramId,
    /// The vendor's batch.
    pub batch: Option<BatchId>,
    /// What the vendor says the line is for: an order, an invoice or a subscription. Where its file has no such column, a
    /// name made of account, product, instance and month.
    pub order_ref: OrderId,
    /// Whether the vendor says it, or the file has no such column.
    pub is_order_named: bool,
    /// The subscription or instance it is for, beside the order reference.
    pub subscription_ref: Option<SubscriptionId>,
    /// The customer's account at the vendor.
    pub account_ref: Option<AccountId>,
    /// The vendor's product code.
    pub sku_ref: Option<SkuId>,
    /// The rebate category the vendor used.
    pub category: Option<Ustr>,
    /// The vendor's region code.
    pub region: Option<Ustr>,
    /// The period in which it was earned, as the vendor says.
    pub period: Month,
    /// The period in which the vendor processed it, where the extract says so: another one when it came late.
    pub period_processed: Option<Month>,
    /// The amount the rate was applied to.
    pub amount_base: Option<Money>,
    /// The rate, a fraction: 0.08 for 8 %.
    pub rate: Option<Decimal>,
    /// The rebate the vendor calculated.
    pub amount_calculated: Option<Money>,
    /// The currency of the line.
    pub currency: Currency,
    /// What the vendor's status means.
    pub status: Status,
    /// Where the status map puts it in a summary.
    pub bucket: Bucket,
    /// The vendor's own word.
    pub status_raw: Ustr,
    /// The row of the status map that holds for it: the word of its source, else the word that holds for every source.
    pub status_key: Ustr,
    /// The vendor's own reason code.
    pub reason_raw: Option<Ustr>,
    /// The row of the reason map that holds for it, as for statuses.
    pub reason_key: Option<Ustr>,
    /// Since when it has this status.
    pub status_date: Option<NaiveDate>,
    /// When it was approved.
    pub approved_date: Option<NaiveDate>,
    /// What the vendor says was paid.
    pub amount_paid: Option<Money>,
    /// The payout it was paid with.
    pub payout: Option<PayoutId>,
    /// An invoice reference beside the order reference.
    pub invoice_ref: Option<InvoiceId>,
    /// `transaction`, `growth`, `lump-sum`, …
    pub line_type: Option<Ustr>,
    /// Last day to confirm or dispute.
    pub confirm_by: Option<NaiveDate>,
    /// The vendor's own forecast.
    pub expected_payment: Option<NaiveDate>,
    /// The row.
    pub origin: Origin,
}

impl Line {
    /// Whether the line stands for no order by its type: a growth bonus, a lump sum.
    pub fn has_no_order_by_design(&self) -> bool {
        self.line_type.is_some_and(|t| !t.eq_ignore_ascii_case("transaction"))
    }
}

/// A cancellation or refund of ours.
#[derive(Debug, Clone)]
pub struct Cancellation {
    /// The record.
    pub id: CancellationId,
    /// The order it takes back.
    pub order: OrderId,
    /// When.
    pub date: NaiveDate,
    /// What the customer got back; positive.
    pub amount_refund: Money,
    /// Such as `cancel` or `partial-refund`.
    pub kind: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

/// An amount the vendor added to or took off a calculated amount.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// The record.
    pub id: AdjustmentId,
    /// The line it belongs to; lump adjustments have none.
    pub line: Option<LineId>,
    /// The program of a lump adjustment.
    pub program: Option<ProgramId>,
    /// The period of a lump adjustment.
    pub period: Option<Month>,
    /// Signed: negative takes money off.
    pub amount: Money,
    /// The vendor's own reason code.
    pub reason_raw: Option<Ustr>,
    /// The row of the reason map that holds for it, as for statuses.
    pub reason_key: Option<Ustr>,
    /// What it refers to, such as one of our cancellation records.
    pub reference: Option<CancellationId>,
    /// Its effective date.
    pub date: NaiveDate,
    /// The row.
    pub origin: Origin,
}

/// Money received.
#[derive(Debug, Clone)]
pub struct Payout {
    /// The record.
    pub id: PayoutId,
    /// When.
    pub date: NaiveDate,
    /// How much.
    pub amount: Money,
    /// `transfer`, `credit` or `coupon`.
    pub form: Option<Ustr>,
    /// The bank's reference.
    pub bank_ref: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

/// What the vendor declares about a file: a sum to tie to.
#[derive(Debug, Clone)]
pub struct ControlTotal {
    /// The file name it speaks of.
    pub file: Ustr,
    /// Rows it should hold.
    pub rows: Option<u64>,
    /// The sum of the amounts, of one currency; of the vendor's lines, of the calculated ones.
    pub declared: Money,
    /// The row.
    pub origin: Origin,
}

/// A feed and how fresh it is.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name.
    pub id: Ustr,
    /// `orders`, `rebates` or `payouts`.
    pub kind: Option<Ustr>,
    /// The vendor site it covers; all of them when empty.
    pub site: Option<Ustr>,
    /// When it was due.
    pub expected_by: Option<NaiveDate>,
    /// The day its newest data describes.
    pub last_as_of: Option<NaiveDate>,
    /// `ok` or `failed`.
    pub state: Option<Ustr>,
    /// Error code of a failed run.
    pub error_code: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

impl Feed {
    /// Whether absence from this feed proves nothing (catalogue, `source-stale`).
    pub fn is_stale(&self, as_of: NaiveDate) -> bool {
        let late = match (self.last_as_of, self.expected_by) {
            (Some(last), Some(expected)) => last < expected && expected <= as_of,
            (None, Some(expected)) => expected <= as_of,
            (Some(_) | None, None) => false,
        };
        late || self.state.is_some_and(|s| s.eq_ignore_ascii_case("failed"))
    }
}

/// Everything that one snapshot says, each list in the order of its ids.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Our orders.
    pub orders: Vec<Order>,
    /// The vendor's lines.
    pub lines: Vec<Line>,
    /// Our cancellations.
    pub cancellations: Vec<Cancellation>,
    /// The vendor's adjustments.
    pub adjustments: Vec<Adjustment>,
    /// Payouts.
    pub payouts: Vec<Payout>,
    /// Declared totals.
    pub control_totals: Vec<ControlTotal>,
    /// Feeds.
    pub feeds: Vec<Feed>,
}

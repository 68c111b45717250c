//! What cannot be said without a column or a file (requirement A-054): one line each, so that nobody plays guessing games.
//!
//! Not its job: whether a file without the column can be read; that is [`Column::required`](super::Column::required).

use super::{FileKind, adjustments, cancellations, orders, payouts, rebate_lines};

/// A column, or a whole file, and what its absence makes impossible.
#[derive(Debug, Clone, Copy)]
pub struct Absence {
    /// The file.
    pub kind: FileKind,
    /// The column; nothing where the whole file is meant.
    pub column: Option<usize>,
    /// What is not known or not checked, as one line: `no status date: how long a line waits is not known`.
    pub without: &'static str,
}

/// What cannot be said without a column; without the file, where no column is given.
pub fn without(kind: FileKind, column: Option<usize>) -> Option<&'static str> {
    let find = |absence: &&Absence| absence.kind == kind && absence.column == column;
    ABSENCES.iter().find(find).map(|absence| absence.without)
}

macro_rules! absences {
    ($($kind:ident $module:ident: $file:literal, $($column:ident $without:literal),*;)*) => {
        /// Every absence that matters, file by file.
        pub const ABSENCES: &[Absence] = &[$(
            Absence { kind: FileKind::$kind, column: None, without: $file },
            $(Absence { kind: FileKind::$kind, column: Some($module::$column), without: $without },)*
        )*];
    };
}

absences! {
    Orders orders: "no orders: what should have been earned is not known, and no line can be traced to a sale",
        ORDER_ID "no order ID: lines are matched by account, product and instance, then by account and month",
        ACCOUNT_ID "no account: no order has a customer, and lines without an order ID match nothing",
        ORDER_DATE "no order date: which program was in force, and in which period an order earns, is not known",
        SKU "no product: no rate can be chosen, so nothing is recomputed",
        CURRENCY "no currency: no amount can be read; say it with `currency = { value = \"…\" }`",
        NET_AMOUNT "no net amount: the base is not known, so nothing is recomputed",
        RESELLER_ID "no reseller: enrollment and tiers per reseller are not checked",
        SUBSCRIPTION_ID "no subscription or instance: a line that names only that is not matched",
        INVOICE_ID "no invoice: a line that names only the invoice is not matched",
        INVOICE_DATE "no invoice date: programs whose period goes by the invoice date cannot place an order",
        REGION "no region: programs for some regions only are not checked against the order",
        BILLING_MODEL "no billing model: programs for one billing model only are not checked",
        CONTRACT_TYPE "no contract type: eligibility by contract is not checked",
        CONTRACT_ACTIVATION_DATE "no contract activation date: orders before the contract began are not found",
        CAMPAIGN "no campaign tag: an order earns in the default program of its site and currency",
        VOUCHER_AMOUNT "no voucher amount: a base of net less voucher cannot be told from the net amount",
        ORDER_STATUS "no order status: an order that was canceled without a cancellation counts as sold",
        QUANTITY "no quantity: programs per unit are not recomputed",
        PAID_AMOUNT "no paid amount: orders that the customer has not paid are not found",
        PAYMENT_DATE "no payment date: programs whose period goes by the payment cannot place an order";
    RebateLines rebate_lines:
        "no rebate lines: there is no rebate to reconcile",
        PROGRAM_ID "no program: no rule can be applied; where the name of the file has it, use `{ part = \"program\" }`",
        ORDER_REF "no order reference: lines are matched by account, product and instance, then by account and month",
        PERIOD "no period: the month in which a line was earned is not known, so no month can be closed",
        CALCULATED_AMOUNT "no calculated amount: there is no rebate to reconcile",
        CURRENCY "no currency: no amount can be read; say it with `currency = { value = \"…\" }`",
        STATUS "no status: what is pending, approved or paid is not known, and why a line waits neither",
        LINE_ID "no line ID: one is derived of what a line is about; a line that changes its order looks like a new one",
        BATCH_ID "no batch: lines that move together are not known, so forecasts count each line by itself",
        ACCOUNT_REF "no account: a wrong customer is not found, and a line without an order ID matches nothing",
        SKU_REF "no product: a line for another product of the order is not found",
        CATEGORY "no category: a wrong category is found only by its rate",
        BASE_AMOUNT "no base amount: a wrong base cannot be told from a wrong rate",
        RATE "no rate: a wrong rate cannot be told from a wrong base",
        REASON_CODE "no reason code: why a line is pending or rejected is not known from the vendor",
        STATUS_DATE "no status date: how long a line waits is not known, except from our own snapshots",
        APPROVED_DATE "no approval date: the time from approval to payment is not known",
        PAID_AMOUNT "no paid amount: short and double payments are not found line by line",
        PAYOUT_ID "no payout: which payment a line was part of is not known, and payments cannot be tied out",
        PERIOD_PROCESSED "no processing period: a change of an old month looks like one of the month it was earned in",
        CONFIRM_BY "no date to confirm by: deadlines follow from confirm_days of the program, else none is known",
        EXPECTED_PAYMENT_DATE "no expected payment date: when money comes is estimated from our own snapshots only",
        INVOICE_REF "no invoice reference: a line that lacks its order is not matched by the invoice";
    Cancellations cancellations:
        "no cancellations: refunds are known only from the vendor, so an adjustment for one is not checked",
        CANCELLATION_ID "no cancellation ID: a refund that is there twice cannot be told from two refunds",
        ORDER_ID "no order ID: no refund can be taken off its order",
        CANCEL_DATE "no cancellation date: whether a refund came before the end of the period is not known",
        REFUND_AMOUNT "no refund amount: what is left of an order is not known",
        CURRENCY "no currency: no amount can be read; say it with `currency = { value = \"…\" }`",
        KIND "no kind of cancellation: full and partial refunds are told apart by their amount only";
    Adjustments adjustments:
        "no adjustments: a difference that the vendor has explained stays unexplained",
        ADJUSTMENT_ID "no adjustment ID: an adjustment that is there twice cannot be told from two",
        LINE_ID "no line: an adjustment counts in its program and period, and explains no single line",
        AMOUNT "no amount: an adjustment without one says nothing",
        CURRENCY "no currency: no amount can be read; say it with `currency = { value = \"…\" }`",
        ADJUSTMENT_DATE "no adjustment date: whether it came before a period was closed is not known",
        REASON_CODE "no reason code: what an adjustment is for is not known",
        REFERENCE "no reference: a refund cannot be tied to the cancellation that caused it";
    Payouts payouts:
        "no payouts: whether money that is called paid arrived is not known",
        PAYOUT_ID "no payout ID: no line can be tied to its payment",
        PAID_DATE "no payment date: in which month money came is not known",
        CURRENCY "no currency: no amount can be read; say it with `currency = { value = \"…\" }`",
        AMOUNT "no amount: a payment cannot be tied out against its lines",
        BANK_REF "no bank reference: a payment cannot be found on the bank statement by it",
        FORM "no form: a credit note or coupon cannot be told from a transfer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_column_says_what_its_absence_means() {
        // Goal: no input is missing without a word of what it makes impossible. Method: required columns of the
        // extracts against the table; each entry once, as one line.
        for kind in [
            FileKind::Orders,
            FileKind::RebateLines,
            FileKind::Cancellations,
            FileKind::Adjustments,
            FileKind::Payouts,
        ] {
            assert!(without(kind, None).is_some(), "{}", kind.name());
            for (number, column) in kind.columns().iter().enumerate().filter(|(_, column)| column.required) {
                assert!(without(kind, Some(number)).is_some(), "{} {}", kind.name(), column.name);
            }
        }
        let mut keys: Vec<_> = ABSENCES.iter().map(|absence| (absence.kind, absence.column)).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), ABSENCES.len(), "an entry is there twice");
        for absence in ABSENCES {
            assert!(
                absence.without.starts_with("no ") && absence.without.contains(": "),
                "{}",
                absence.without
            );
        }
    }
}

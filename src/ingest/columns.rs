//! The canonical files and their columns (contract, section 3): the one table from which reading, its messages
//! and its documentation follow.

pub mod absence;

/// A column of a canonical file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its header.
    pub name: &'static str,
    /// A file without a required column stops the run. Its cells may be empty where "not known" makes sense.
    pub required: bool,
}

/// What a cell of a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Words, codes.
    Text,
    /// An identifier.
    Id,
    /// A day.
    Day,
    /// A month.
    Month,
    /// An amount of the row's currency.
    Amount,
    /// A number without a currency, such as a rate.
    Number,
}

impl Column {
    /// What its cells hold. Columns of extracts only: reference files are our own and have no other spelling.
    pub fn value(&self) -> Value {
        match self.name {
            "order_id" | "reseller_id" | "account_id" | "subscription_id" | "invoice_id" | "sku"
            | "customer_id" | "cancellation_id" | "line_id" | "program_id" | "batch_id" | "order_ref"
            | "account_ref" | "sku_ref" | "subscription_ref" | "payout_id" | "invoice_ref"
            | "adjustment_id" | "reference" | "bank_ref" | "source_id" => Value::Id,
            "invoice_date"
            | "order_date"
            | "contract_activation_date"
            | "usage_from"
            | "usage_to"
            | "payment_date"
            | "cancel_date"
            | "status_date"
            | "approved_date"
            | "confirm_by"
            | "expected_payment_date"
            | "adjustment_date"
            | "paid_date"
            | "expected_by"
            | "last_as_of" => Value::Day,
            "period" | "period_processed" => Value::Month,
            "net_amount"
            | "voucher_amount"
            | "list_amount"
            | "tax"
            | "paid_amount"
            | "refund_amount"
            | "base_amount"
            | "calculated_amount"
            | "amount"
            | "declared_calculated_total" => Value::Amount,
            "quantity" | "rate" | "rows" => Value::Number,
            _ => Value::Text,
        }
    }
}

macro_rules! files {
    ($($kind:ident $module:ident $file:literal: $($column:ident $name:literal $required:literal),*;)*) => {
        /// A kind of canonical file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FileKind {
            $(#[doc = concat!("`", $file, ".csv`.")] $kind,)*
        }

        impl FileKind {
            /// Every kind.
            pub const ALL: &'static [FileKind] = &[$(FileKind::$kind),*];

            /// The file name without its extension, which is also its name for `tieout check FILE --kind`.
            pub fn name(self) -> &'static str {
                match self { $(FileKind::$kind => $file,)* }
            }

            /// Its columns; a column's position here is its number in the module of its kind.
            pub fn columns(self) -> &'static [Column] {
                match self { $(FileKind::$kind => $module::COLUMNS,)* }
            }
        }

        $(
            #[doc = concat!("Column numbers of `", $file, ".csv`.")]
            #[expect(missing_docs, reason = "a column is documented by its name in the contract")]
            pub mod $module {
                use super::Column;
                files!(@number 0usize; $($column)*);
                /// The columns, in the order of their numbers.
                pub const COLUMNS: &[Column] = &[$(Column { name: $name, required: $required }),*];
            }
        )*
    };
    (@number $n:expr; $column:ident $($rest:ident)*) => {
        pub const $column: usize = $n;
        files!(@number $n + 1usize; $($rest)*);
    };
    (@number $n:expr;) => {};
}

files! {
    Orders orders "orders":
        ORDER_ID "order_id" true, RESELLER_ID "reseller_id" false, ACCOUNT_ID "account_id" true,
        SUBSCRIPTION_ID "subscription_id" false, INVOICE_ID "invoice_id" false,
        INVOICE_DATE "invoice_date" false, ORDER_DATE "order_date" true, SKU "sku" true,
        REGION "region" false, SITE "site" false, BILLING_MODEL "billing_model" false,
        CONTRACT_TYPE "contract_type" false, CONTRACT_ACTIVATION_DATE "contract_activation_date" false,
        CAMPAIGN "campaign" false, CURRENCY "currency" true, NET_AMOUNT "net_amount" true,
        VOUCHER_AMOUNT "voucher_amount" false, ORDER_STATUS "order_status" false,
        ORDER_LINE "order_line" false, USAGE_FROM "usage_from" false, USAGE_TO "usage_to" false,
        LIST_AMOUNT "list_amount" false, TAX "tax" false, CUSTOMER_ID "customer_id" false,
        QUANTITY "quantity" false, CUSTOMER_CLASS "customer_class" false, PAID_AMOUNT "paid_amount" false,
        PAYMENT_DATE "payment_date" false;
    Cancellations cancellations "cancellations":
        CANCELLATION_ID "cancellation_id" true, ORDER_ID "order_id" true, CANCEL_DATE "cancel_date" true,
        REFUND_AMOUNT "refund_amount" true, CURRENCY "currency" true, KIND "kind" false;
    RebateLines rebate_lines "rebate_lines":
        LINE_ID "line_id" false, RESELLER_ID "reseller_id" false, PROGRAM_ID "program_id" true,
        BATCH_ID "batch_id" false, ORDER_REF "order_ref" true, ACCOUNT_REF "account_ref" false,
        SKU_REF "sku_ref" false, CATEGORY "category" false, REGION "region" false, PERIOD "period" true,
        BASE_AMOUNT "base_amount" false, RATE "rate" false, CALCULATED_AMOUNT "calculated_amount" true,
        CURRENCY "currency" true, STATUS "status" true, REASON_CODE "reason_code" false,
        STATUS_DATE "status_date" false, APPROVED_DATE "approved_date" false,
        PAID_AMOUNT "paid_amount" false, PAYOUT_ID "payout_id" false,
        PERIOD_PROCESSED "period_processed" false, CONFIRM_BY "confirm_by" false,
        EXPECTED_PAYMENT_DATE "expected_payment_date" false, LINE_TYPE "line_type" false,
        INVOICE_REF "invoice_ref" false, SUBSCRIPTION_REF "subscription_ref" false;
    Adjustments adjustments "adjustments":
        ADJUSTMENT_ID "adjustment_id" true, LINE_ID "line_id" false, AMOUNT "amount" true,
        CURRENCY "currency" true, REASON_CODE "reason_code" false, REFERENCE "reference" false,
        ADJUSTMENT_DATE "adjustment_date" true, PROGRAM_ID "program_id" false, PERIOD "period" false;
    Payouts payouts "payouts":
        PAYOUT_ID "payout_id" true, PAID_DATE "paid_date" true, CURRENCY "currency" true,
        AMOUNT "amount" true, FORM "form" false, BANK_REF "bank_ref" false;
    ControlTotals control_totals "control_totals":
        FILE "file" true, ROWS "rows" false, CURRENCY "currency" true,
        DECLARED "declared_calculated_total" true;
    Sources sources "sources":
        SOURCE_ID "source_id" true, KIND "kind" false, SITE "site" false, EXPECTED_BY "expected_by" false,
        LAST_AS_OF "last_as_of" false, STATE "state" false, ERROR_CODE "error_code" false;
    Accounts accounts "accounts":
        ACCOUNT_ID "account_id" true, VENDOR_ACCOUNT_ID "vendor_account_id" false,
        CUSTOMER_ID "customer_id" false, CUSTOMER_NAME "customer_name" false, REGION "region" false,
        VALID_FROM "valid_from" false, VALID_TO "valid_to" false;
    Skus skus "skus":
        SKU "sku" true, VENDOR_SKU "vendor_sku" false, CATEGORY "category" true,
        VALID_FROM "valid_from" false, VALID_TO "valid_to" false;
    Programs programs "programs":
        PROGRAM_ID "program_id" true, NAME "name" true, CAMPAIGN "campaign" false, SITE "site" false,
        CURRENCY "currency" true, VALID_FROM "valid_from" false, VALID_TO "valid_to" false,
        CONTRACT_TYPES "contract_types" false, EXCLUSIVE_GROUP "exclusive_group" false,
        TIER_MODE "tier_mode" false, TIER_SCOPE "tier_scope" false, CAP_PER_ORDER "cap_per_order" false,
        PERIOD_BASIS "period_basis" false, WINDOW_BASIS "window_basis" false,
        BASE_BASIS "base_basis" false, ROUND_MODE "round_mode" false, ROUND_LEVEL "round_level" false,
        METHOD "method" false, TIME_ZONE "time_zone" false, CONFIRM_DAYS "confirm_days" false,
        DISPUTE_DAYS "dispute_days" false, MINIMUM_PAYOUT "minimum_payout" false,
        BILLING_MODELS "billing_models" false, REGIONS "regions" false, RESELLERS "resellers" false,
        CUSTOMER_CLASSES "customer_classes" false, REQUIRES_ENROLLMENT "requires_enrollment" false,
        ENROLLMENT_TIER "enrollment_tier" false, STACKING "stacking" false, PRIORITY "priority" false,
        GROWTH_BASELINE "growth_baseline" false, GROWTH_MEASURE "growth_measure" false,
        GROWTH_PAYS_ON "growth_pays_on" false, THRESHOLD_MIN "threshold_min" false,
        CAP_SCOPE "cap_scope" false, CAP_ON "cap_on" false, CAP_AMOUNT "cap_amount" false,
        REFUNDS "refunds" false, CLAWBACK_DAYS "clawback_days" false,
        SETTLEMENT_CURRENCY "settlement_currency" false, SOURCE_DOCUMENT "source_document" false,
        SOURCE_CLAUSE "source_clause" false, ENTERED_BY "entered_by" false, CHECKED_BY "checked_by" false;
    ProgramRates program_rates "program_rates":
        PROGRAM_ID "program_id" true, CATEGORY "category" true, TIER_FROM "tier_from" false,
        TIER_TO "tier_to" false, RATE "rate" true, SKU "sku" false, VALID_FROM "valid_from" false,
        VALID_TO "valid_to" false;
    Enrollments enrollments "enrollments":
        RESELLER_ID "reseller_id" true, PROGRAM_ID "program_id" true, TIER "tier" false,
        VALID_FROM "valid_from" false, VALID_TO "valid_to" false;
    Periods periods "periods":
        PERIOD "period" true, START "start" true, END "end" true,
        VENDOR_FINAL_DATE "vendor_final_date" false, CLOSED_ON "closed_on" false,
        CLOSE_SNAPSHOT "close_snapshot" false;
    StatusMap status_map "status_map":
        RAW_STATUS "raw_status" true, CANONICAL "canonical" true, BUCKET "bucket" false, RANK "rank" false,
        LIMIT_DAYS "limit_days" false, SOURCE "source" false;
    ReasonMap reason_map "reason_map":
        RAW_REASON "raw_reason" true, CANONICAL_REASON "canonical_reason" true, IMPLIES "implies" false,
        PLAIN_TEXT "plain_text" true, SOURCE "source" false;
    Aliases aliases "aliases":
        OWN_ID "own_id" true, VENDOR_ID "vendor_id" true, KIND "kind" true, APPROVED_BY "approved_by" false,
        APPROVED_ON "approved_on" false, REASON "reason" false;
    Fx fx "fx":
        DATE "date" true, FROM "from" true, TO "to" true, RATE "rate" true, KIND "kind" false,
        SOURCE "source" false;
    Journals journals "journals":
        JOURNAL_ID "journal_id" true, JOURNAL_DATE "journal_date" true, CURRENCY "currency" true,
        AMOUNT "amount" true, KIND "kind" false, LINE_ID "line_id" false, PROGRAM_ID "program_id" false,
        POSTED_ON "posted_on" false, TEXT "text" false, ENTERED_BY "entered_by" false,
        ENTERED_ON "entered_on" false;
    Ledger ledger "ledger":
        PERIOD "period" true, CURRENCY "currency" true, BALANCE "balance" true, ACCOUNT "account" false,
        PROGRAM_ID "program_id" false, SOURCE "source" false;
    Signoffs signoffs "signoffs":
        PERIOD "period" true, PACK "pack" true, ROLE "role" true, NAME "name" true,
        SIGNED_ON "signed_on" true, STATEMENT "statement" false;
    Claims claims "claims":
        CLAIM_ID "claim_id" true, SUBJECT "subject" true, KIND "kind" true, CURRENCY "currency" true,
        AMOUNT "amount" true, CLAIMED_ON "claimed_on" true, REFERENCE "reference" false,
        ANSWERED_ON "answered_on" false, ANSWER "answer" false, ANSWERED_AMOUNT "answered_amount" false,
        NOTE "note" false;
}

impl FileKind {
    /// Whether the file is our own master data, in `input/reference/`, rather than part of a snapshot.
    pub fn is_reference(self) -> bool {
        match self {
            FileKind::Orders
            | FileKind::Cancellations
            | FileKind::RebateLines
            | FileKind::Adjustments
            | FileKind::Payouts
            | FileKind::ControlTotals
            | FileKind::Sources => false,
            FileKind::Accounts
            | FileKind::Skus
            | FileKind::Programs
            | FileKind::ProgramRates
            | FileKind::Enrollments
            | FileKind::Periods
            | FileKind::StatusMap
            | FileKind::ReasonMap
            | FileKind::Aliases
            | FileKind::Fx
            | FileKind::Journals
            | FileKind::Ledger
            | FileKind::Signoffs
            | FileKind::Claims => true,
        }
    }

    /// The column of the currency of a row's amounts.
    pub fn currency_column(self) -> Option<usize> {
        self.columns().iter().position(|column| column.name == "currency")
    }

    /// The column whose amounts a control total adds up.
    pub fn total_column(self) -> Option<usize> {
        match self {
            FileKind::Orders => Some(orders::NET_AMOUNT),
            FileKind::Cancellations => Some(cancellations::REFUND_AMOUNT),
            FileKind::RebateLines => Some(rebate_lines::CALCULATED_AMOUNT),
            FileKind::Adjustments => Some(adjustments::AMOUNT),
            FileKind::Payouts => Some(payouts::AMOUNT),
            FileKind::ControlTotals
            | FileKind::Sources
            | FileKind::Accounts
            | FileKind::Skus
            | FileKind::Programs
            | FileKind::ProgramRates
            | FileKind::Enrollments
            | FileKind::Periods
            | FileKind::StatusMap
            | FileKind::ReasonMap
            | FileKind::Aliases
            | FileKind::Fx
            | FileKind::Journals
            | FileKind::Ledger
            | FileKind::Signoffs
            | FileKind::Claims => None,
        }
    }

    /// Whether the file decides how extracts are read, matched or measured: reference data other than what our accounting
    /// adds to them.
    pub fn is_rule(self) -> bool {
        match self {
            FileKind::Accounts
            | FileKind::Skus
            | FileKind::Programs
            | FileKind::ProgramRates
            | FileKind::Enrollments
            | FileKind::Periods
            | FileKind::StatusMap
            | FileKind::ReasonMap
            | FileKind::Aliases => true,
            FileKind::Orders
            | FileKind::Cancellations
            | FileKind::RebateLines
            | FileKind::Adjustments
            | FileKind::Payouts
            | FileKind::ControlTotals
            | FileKind::Sources
            | FileKind::Fx
            | FileKind::Journals
            | FileKind::Ledger
            | FileKind::Signoffs
            | FileKind::Claims => false,
        }
    }

    /// The kind of a file name without its extension.
    pub fn parse(name: &str) -> Option<FileKind> {
        FileKind::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_columns_number_is_its_place_in_the_table() {
        assert_eq!(orders::COLUMNS[orders::CUSTOMER_ID].name, "customer_id");
        assert_eq!(rebate_lines::COLUMNS[rebate_lines::INVOICE_REF].name, "invoice_ref");
        assert!(rebate_lines::COLUMNS[rebate_lines::CALCULATED_AMOUNT].required);
        for kind in FileKind::ALL {
            assert_eq!(FileKind::parse(kind.name()), Some(*kind));
        }
    }
}

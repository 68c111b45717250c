//! What goes wrong: the kinds of exceptions, and when each can be true.

use std::ops::Range;

/// The one thing that is unusual about an order or its line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Missing,
    Orphan,
    AccountUnmapped,
    SkuUnmapped,
    RegionBlank,
    BillingBlank,
    UnknownStatus,
    Unreadable,
    PaidShort,
    PaidOver,
    Rounding,
    Refund,
    Eligibility,
    Fee,
    NoReason,
    PayoutMissing,
    DocumentsMissing,
    InvoicePending,
    Overdue,
    DuplicateOrder,
    InvoicedLate,
    CurrentMonth,
    WindowMissed,
    ContractIneligible,
    DuplicateLine,
    NearMiss,
    AccountMismatch,
    RegionMismatch,
    CategoryMismatch,
    BaseMismatch,
    RateMismatch,
    VendorArithmetic,
    TierMismatch,
    CurrencyMismatch,
    PeriodShift,
    DoubleProgram,
    PaidUnapproved,
    NoClawback,
    WentBack,
    Vanished,
}

impl Kind {
    /// Every kind. Those that need an earlier snapshot come last, so that they displace no other.
    pub(crate) const ALL: [Self; 40] = [
        Self::Missing,
        Self::Orphan,
        Self::AccountUnmapped,
        Self::SkuUnmapped,
        Self::RegionBlank,
        Self::BillingBlank,
        Self::UnknownStatus,
        Self::Unreadable,
        Self::PaidShort,
        Self::PaidOver,
        Self::Rounding,
        Self::Refund,
        Self::Eligibility,
        Self::Fee,
        Self::NoReason,
        Self::PayoutMissing,
        Self::DocumentsMissing,
        Self::InvoicePending,
        Self::Overdue,
        Self::DuplicateOrder,
        Self::InvoicedLate,
        Self::CurrentMonth,
        Self::WindowMissed,
        Self::ContractIneligible,
        Self::DuplicateLine,
        Self::NearMiss,
        Self::AccountMismatch,
        Self::RegionMismatch,
        Self::CategoryMismatch,
        Self::BaseMismatch,
        Self::RateMismatch,
        Self::VendorArithmetic,
        Self::TierMismatch,
        Self::CurrencyMismatch,
        Self::PeriodShift,
        Self::DoubleProgram,
        Self::PaidUnapproved,
        Self::NoClawback,
        Self::WentBack,
        Self::Vanished,
    ];

    /// The discrepancy kind that a build is expected to find.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing-rebate",
            Self::Orphan => "orphan-rebate (a line beside the order's own)",
            Self::AccountUnmapped => "account-unmapped",
            Self::SkuUnmapped => "sku-unmapped",
            Self::RegionBlank => "region-missing",
            Self::BillingBlank => "billing-unconfirmed",
            Self::UnknownStatus => "unknown-status",
            Self::Unreadable => "row-quarantined",
            Self::PaidShort => "short-paid",
            Self::PaidOver => "over-paid",
            Self::Rounding => "rounding-difference",
            Self::Refund => "refund-adjustment",
            Self::Eligibility => "eligibility-adjustment",
            Self::Fee => "fee-allocation",
            Self::NoReason => "unsupported-adjustment",
            Self::PayoutMissing => "payout-missing",
            Self::DocumentsMissing => "manual-review",
            Self::InvoicePending => "invoice-confirmation-delay",
            Self::Overdue => "pending-overdue",
            Self::DuplicateOrder => "duplicate-order",
            Self::InvoicedLate => "order-outside-period",
            Self::CurrentMonth => "awaiting-vendor-data",
            Self::WindowMissed => "window-missed",
            Self::ContractIneligible => "contract-ineligible",
            Self::DuplicateLine => "duplicate-line (beside the original)",
            Self::NearMiss => "near-miss-identifier (two cases: the order and the line)",
            Self::AccountMismatch => "account-mismatch",
            Self::RegionMismatch => "region-mismatch",
            Self::CategoryMismatch => "category-mismatch",
            Self::BaseMismatch => "base-mismatch",
            Self::RateMismatch => "rate-mismatch",
            Self::VendorArithmetic => "vendor-arithmetic",
            Self::TierMismatch => "tier-mismatch",
            Self::CurrencyMismatch => "currency-mismatch",
            Self::PeriodShift => "period-shift",
            Self::DoubleProgram => "double-program (beside the line that stands)",
            Self::PaidUnapproved => "paid-without-approval",
            Self::NoClawback => "cancellation-without-clawback",
            Self::WentBack => "status-regression",
            Self::Vanished => "line-vanished",
        }
    }

    /// The months (0 is the oldest of `months`, `months` the running one) in which it can be true on
    /// [`NEWEST`](crate::NEWEST).
    ///
    /// `seen_before` is the last month with lines in the snapshot before the newest: what changed since needs it.
    pub(crate) fn months(self, months: usize, seen_before: Option<usize>) -> Range<usize> {
        match self {
            Self::Missing
            | Self::Orphan
            | Self::AccountUnmapped
            | Self::SkuUnmapped
            | Self::RegionBlank
            | Self::BillingBlank
            | Self::UnknownStatus
            | Self::DuplicateOrder
            | Self::WindowMissed
            | Self::ContractIneligible
            | Self::DuplicateLine
            | Self::NearMiss
            | Self::AccountMismatch
            | Self::RegionMismatch
            | Self::CategoryMismatch
            | Self::BaseMismatch
            | Self::RateMismatch
            | Self::VendorArithmetic
            | Self::TierMismatch
            | Self::CurrencyMismatch
            | Self::DoubleProgram
            | Self::NoClawback => 0..months,
            // Only what is paid can be paid wrongly: the last two months are not, or not yet all.
            Self::PaidShort
            | Self::PaidOver
            | Self::Rounding
            | Self::Refund
            | Self::Eligibility
            | Self::Fee
            | Self::NoReason
            | Self::PayoutMissing
            | Self::PaidUnapproved => 0..months.saturating_sub(2),
            Self::Unreadable => months.saturating_sub(3)..months,
            Self::DocumentsMissing | Self::InvoicePending | Self::InvoicedLate => months - 1..months,
            Self::Overdue => months.saturating_sub(3)..months - 1,
            Self::CurrentMonth => months..months + 1,
            // The vendor counts it a month later, and that month has lines.
            Self::PeriodShift => 0..months - 1,
            // Approved or paid in the snapshot before.
            Self::WentBack => 0..seen_before.map_or(0, |_| months.saturating_sub(2)),
            // In the snapshot before, and in no month that was closed with a snapshot.
            Self::Vanished => seen_before.map_or(0..0, |month| month..month + 1),
        }
    }

    /// Whether the vendor has a line for the order.
    pub(crate) fn has_line(self) -> bool {
        match self {
            Self::Missing
            | Self::AccountUnmapped
            | Self::SkuUnmapped
            | Self::RegionBlank
            | Self::BillingBlank
            | Self::InvoicedLate
            | Self::CurrentMonth
            | Self::WindowMissed
            | Self::ContractIneligible => false,
            Self::Orphan
            | Self::UnknownStatus
            | Self::Unreadable
            | Self::PaidShort
            | Self::PaidOver
            | Self::Rounding
            | Self::Refund
            | Self::Eligibility
            | Self::Fee
            | Self::NoReason
            | Self::PayoutMissing
            | Self::DocumentsMissing
            | Self::InvoicePending
            | Self::Overdue
            | Self::DuplicateOrder
            | Self::DuplicateLine
            | Self::NearMiss
            | Self::AccountMismatch
            | Self::RegionMismatch
            | Self::CategoryMismatch
            | Self::BaseMismatch
            | Self::RateMismatch
            | Self::VendorArithmetic
            | Self::TierMismatch
            | Self::CurrencyMismatch
            | Self::PeriodShift
            | Self::DoubleProgram
            | Self::PaidUnapproved
            | Self::NoClawback
            | Self::WentBack
            | Self::Vanished => true,
        }
    }

    /// Whether our own records hold a refund of a part of the order.
    pub(crate) fn is_refunded(self) -> bool {
        self == Self::Refund || self == Self::NoClawback
    }
}

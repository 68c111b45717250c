//! The closed list of discrepancy kinds, most important first (domain 4.2). Mechanics only: what a kind means, why it
//! happens and what to do are texts in `content/discrepancies/<code>.md`.

use serde::{Deserialize, Serialize};

use crate::{language, mark, say};

/// How bad a kind is, before its amount and age are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing to do.
    Info,
    /// When there is time.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
    /// Before anything else.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// One step up; the highest stays.
    pub fn raised(self) -> Severity {
        match self {
            Severity::Info => Severity::Low,
            Severity::Low => Severity::Medium,
            Severity::Medium => Severity::High,
            Severity::High | Severity::Critical => Severity::Critical,
        }
    }

    /// The word in data files and for `--fail-on`.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Info => mark!("info"),
            Severity::Low => mark!("low"),
            Severity::Medium => mark!("medium"),
            Severity::High => mark!("high"),
            Severity::Critical => mark!("critical"),
        }
    }

    /// The word in the language of the page.
    pub fn words(self) -> &'static str {
        language::label(self.label())
    }
}

/// What the amount at stake means for us (domain 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// We may be owed it.
    Receivable,
    /// We may have to give it back.
    Exposure,
    /// Our own data must be corrected first.
    Blocked,
    /// Right amount, later.
    Timing,
    /// In our favor, basis doubtful.
    AtRisk,
    /// Evidence missing.
    Control,
    /// Would exist under other conditions.
    Potential,
    /// Fully supported variance.
    Explained,
    /// No amount.
    None,
}

impl Direction {
    /// Every direction, in the order of the tables.
    pub const ALL: [Direction; 9] = [
        Direction::Receivable,
        Direction::Exposure,
        Direction::Blocked,
        Direction::Timing,
        Direction::AtRisk,
        Direction::Control,
        Direction::Potential,
        Direction::Explained,
        Direction::None,
    ];

    /// The word in data files.
    pub fn label(self) -> &'static str {
        match self {
            Direction::Receivable => "receivable",
            Direction::Exposure => "exposure",
            Direction::Blocked => "blocked",
            Direction::Timing => "timing",
            Direction::AtRisk => "at-risk",
            Direction::Control => "control",
            Direction::Potential => "potential",
            Direction::Explained => "explained",
            Direction::None => "none",
        }
    }

    /// What it means, in plain words.
    pub fn in_words(self) -> &'static str {
        match self {
            Direction::Receivable => say!("We may be owed this"),
            Direction::Exposure => say!("We may have to give this back"),
            Direction::Blocked => say!("Our own data must be corrected first"),
            Direction::Timing => say!("Right amount, later"),
            Direction::AtRisk => say!("In our favor, but the basis is doubtful"),
            Direction::Control => say!("Evidence is missing"),
            Direction::Potential => say!("Would exist under other conditions"),
            Direction::Explained => say!("Fully explained"),
            Direction::None => say!("No amount"),
        }
    }
}

/// The link of the causal chain a kind belongs to: data, then identity, … then what is merely absent or explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Data that could not be read or is late.
    Data,
    /// Records that name something else.
    Identity,
    /// What earlier snapshots said.
    History,
    /// Master data.
    Mapping,
    /// Program conditions.
    Eligibility,
    /// The vendor's own computation.
    Calculation,
    /// Payment.
    Settlement,
    /// Waiting.
    Timing,
    /// No line.
    Missing,
}

impl Group {
    /// Every group, in the order of the index page.
    pub const ALL: [Group; 9] = [
        Group::Data,
        Group::Identity,
        Group::History,
        Group::Mapping,
        Group::Eligibility,
        Group::Calculation,
        Group::Settlement,
        Group::Timing,
        Group::Missing,
    ];

    /// The heading of the group.
    pub fn label(self) -> &'static str {
        match self {
            Group::Data => say!("Data that could not be used"),
            Group::Identity => say!("Rebates that name something else, or the same twice"),
            Group::History => say!("Changed after it was reported"),
            Group::Mapping => say!("Mapping to complete"),
            Group::Eligibility => say!("Not eligible under the program"),
            Group::Calculation => say!("Calculated differs from our computation"),
            Group::Settlement => say!("Paid differs from calculated"),
            Group::Timing => say!("Pending"),
            Group::Missing => say!("Rebate missing for a known order"),
        }
    }
}

macro_rules! kinds {
    ($($kind:ident $code:literal $rank:literal $group:ident $severity:ident [$($suppressed:ident)*];)*) => {
        /// A kind of discrepancy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = concat!("`", $code, "`.")] $kind,)*
        }

        impl Kind {
            /// Every kind, most important first: where several hold, the first is the primary explanation.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// The stable name: in data files, addresses and `content/discrepancies/`.
            pub fn code(self) -> &'static str {
                match self { $(Kind::$kind => $code,)* }
            }

            /// Its place in the causal chain; lower wins.
            pub fn rank(self) -> u16 {
                match self { $(Kind::$kind => $rank,)* }
            }

            /// The group it is listed in.
            pub fn group(self) -> Group {
                match self { $(Kind::$kind => Group::$group,)* }
            }

            /// Severity before amount and age.
            pub fn severity(self) -> Severity {
                match self { $(Kind::$kind => Severity::$severity,)* }
            }

            /// Kinds that cannot be judged while this one holds.
            pub fn suppresses(self) -> &'static [Kind] {
                match self { $(Kind::$kind => &[$(Kind::$suppressed),*],)* }
            }
        }
    };
}

// Ranks, groups, severities and suppressions are those of the discrepancy catalogue.
kinds! {
    RowQuarantined "row-quarantined" 10 Data High [MissingRebate AwaitingVendorData];
    SourceStale "source-stale" 20 Data High [MissingRebate AwaitingVendorData];
    UnknownStatus "unknown-status" 30 Data High [PendingOverdue];
    DuplicateLine "duplicate-line" 40 Identity High [DoubleProgram BaseMismatch];
    NearMissIdentifier "near-miss-identifier" 50 Identity Medium [MissingRebate AwaitingVendorData OrphanRebate];
    OrphanRebate "orphan-rebate" 60 Identity Medium [];
    ClosedPeriodRestatement "closed-period-restatement" 70 History Critical [LineVanished];
    LineVanished "line-vanished" 75 History High [MissingRebate AwaitingVendorData];
    DoubleProgram "double-program" 80 Identity High [];
    CurrencyMismatch "currency-mismatch" 90 Calculation High [BaseMismatch RateMismatch TierMismatch CapBreach];
    AccountUnmapped "account-unmapped" 100 Mapping High [MissingRebate AwaitingVendorData BelowThreshold];
    SkuUnmapped "sku-unmapped" 110 Mapping High [MissingRebate AwaitingVendorData BelowThreshold];
    RegionMissing "region-missing" 120 Mapping Medium [MissingRebate AwaitingVendorData BelowThreshold];
    BillingUnconfirmed "billing-unconfirmed" 130 Mapping Medium [MissingRebate AwaitingVendorData BelowThreshold];
    WindowMissed "window-missed" 140 Eligibility Low [MissingRebate AwaitingVendorData BelowThreshold];
    ContractIneligible "contract-ineligible" 150 Eligibility Low [MissingRebate AwaitingVendorData BelowThreshold];
    EnrollmentMissing "enrollment-missing" 160 Eligibility Medium [MissingRebate AwaitingVendorData BelowThreshold];
    SkuNotEligible "sku-not-eligible" 165 Eligibility Medium [MissingRebate AwaitingVendorData BelowThreshold];
    BelowThreshold "below-threshold" 170 Eligibility Info [MissingRebate AwaitingVendorData];
    AccountMismatch "account-mismatch" 180 Mapping High [];
    RegionMismatch "region-mismatch" 190 Mapping Medium [];
    PeriodShift "period-shift" 200 Calculation Medium [];
    CategoryMismatch "category-mismatch" 210 Calculation High [RateMismatch TierMismatch];
    TierMismatch "tier-mismatch" 220 Calculation High [RateMismatch];
    BaseMismatch "base-mismatch" 230 Calculation High [];
    RateMismatch "rate-mismatch" 240 Calculation High [];
    CapBreach "cap-breach" 250 Calculation Medium [];
    VendorArithmetic "vendor-arithmetic" 260 Calculation High [];
    StatusRegression "status-regression" 270 History Medium [];
    PaidWithoutApproval "paid-without-approval" 280 Settlement Low [];
    PayoutMissing "payout-missing" 290 Settlement High [];
    ClawbackWithoutCancellation "clawback-without-cancellation" 300 Settlement High [];
    UnsupportedAdjustment "unsupported-adjustment" 310 Settlement High [];
    CancellationWithoutClawback "cancellation-without-clawback" 320 Settlement Medium [];
    ShortPaid "short-paid" 330 Settlement High [];
    OverPaid "over-paid" 340 Settlement Medium [];
    PayoutBatchMismatch "payout-batch-mismatch" 350 Settlement High [];
    EarningFrozen "earning-frozen" 360 Timing High [ApprovedUnpaid];
    ContractActivationLate "contract-activation-late" 370 Timing Low [];
    InvoiceConfirmationDelay "invoice-confirmation-delay" 380 Timing Low [];
    ManualReview "manual-review" 390 Timing Medium [];
    ApprovedUnpaid "approved-unpaid" 400 Timing Medium [];
    PendingOverdue "pending-overdue" 410 Timing Medium [];
    OrderOutsidePeriod "order-outside-period" 420 Missing Info [];
    AwaitingVendorData "awaiting-vendor-data" 430 Missing Info [];
    MissingRebate "missing-rebate" 440 Missing High [];
    EligibilityAdjustment "eligibility-adjustment" 450 Settlement Info [];
    RefundAdjustment "refund-adjustment" 460 Settlement Info [];
    FeeAllocation "fee-allocation" 470 Settlement Info [];
    RoundingDifference "rounding-difference" 480 Settlement Info [];
    DuplicateOrder "duplicate-order" 490 Data Low [];
}

impl Kind {
    /// The kind with a code.
    pub fn parse(code: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_its_ranks() {
        assert!(Kind::ALL.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
        assert_eq!(Kind::parse("short-paid"), Some(Kind::ShortPaid));
    }

    #[test]
    fn a_kind_suppresses_only_later_links_of_the_chain() {
        for kind in Kind::ALL {
            assert!(kind.suppresses().iter().all(|other| other.rank() > kind.rank()), "{}", kind.code());
        }
    }
}

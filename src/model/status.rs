//! The eight statuses and the six buckets of the brief (domain 5.1). Their words live in `content/statuses/`.

use serde::{Deserialize, Serialize};

use crate::{language, mark};

/// The canonical status of a rebate line, in the order of the brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Eligible transactions detected, reporting not final.
    PendingData,
    /// The vendor's computation is running.
    InCalculation,
    /// The amount is determined.
    Calculated,
    /// A person validates the line. Its bucket is [`Bucket::Calculated`] (requirements, trap T-2).
    UnderReview,
    /// Approved for payout.
    Approved,
    /// Payout completed, as the vendor says.
    Paid,
    /// Not eligible.
    Rejected,
    /// The vendor's word is not in the status map.
    Unknown,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 8] = [
        Status::PendingData,
        Status::InCalculation,
        Status::Calculated,
        Status::UnderReview,
        Status::Approved,
        Status::Paid,
        Status::Rejected,
        Status::Unknown,
    ];

    /// The code in data files and in `content/statuses/`.
    pub fn code(self) -> &'static str {
        match self {
            Status::PendingData => "pending_data",
            Status::InCalculation => "in_calculation",
            Status::Calculated => "calculated",
            Status::UnderReview => "under_review",
            Status::Approved => "approved",
            Status::Paid => "paid",
            Status::Rejected => "rejected",
            Status::Unknown => "unknown_error",
        }
    }

    /// How far it is on the way to payment, where the status map does not say; nothing for one that is no step of it.
    pub fn rank(self) -> Option<u64> {
        match self {
            Status::PendingData => Some(0),
            Status::InCalculation => Some(1),
            Status::Calculated | Status::UnderReview => Some(2),
            Status::Approved => Some(3),
            Status::Paid => Some(4),
            Status::Rejected | Status::Unknown => None,
        }
    }

    /// The name of its page, of its icon and of its color class.
    pub fn slug(self) -> &'static str {
        match self {
            Status::PendingData => "pending-data",
            Status::InCalculation => "in-calculation",
            Status::Calculated => "calculated",
            Status::UnderReview => "under-review",
            Status::Approved => "approved",
            Status::Paid => "paid",
            Status::Rejected => "rejected",
            Status::Unknown => "unknown-error",
        }
    }

    /// The label of the brief, in the language of the page.
    pub fn words(self) -> &'static str {
        language::label(self.label())
    }

    /// The label of the brief.
    pub fn label(self) -> &'static str {
        match self {
            Status::PendingData => mark!("Pending Data"),
            Status::InCalculation => mark!("In Calculation"),
            Status::Calculated => mark!("Calculated"),
            Status::UnderReview => mark!("Under Review"),
            Status::Approved => mark!("Approved"),
            Status::Paid => mark!("Paid"),
            Status::Rejected => mark!("Rejected"),
            Status::Unknown => mark!("Unknown / Error"),
        }
    }

    /// Reads the `canonical` column of the status map: the label or the code, in any case.
    pub fn parse(text: &str) -> Option<Status> {
        Status::ALL
            .into_iter()
            .find(|s| text.eq_ignore_ascii_case(s.label()) || text.eq_ignore_ascii_case(s.code()))
    }

    /// The bucket when the status map names none.
    pub fn default_bucket(self) -> Bucket {
        match self {
            Status::PendingData | Status::InCalculation => Bucket::Pending,
            Status::Calculated | Status::UnderReview => Bucket::Calculated,
            Status::Approved => Bucket::Approved,
            Status::Paid => Bucket::Paid,
            Status::Rejected => Bucket::Rejected,
            Status::Unknown => Bucket::Unknown,
        }
    }

    /// Whether the vendor has yet to decide on the line.
    pub fn is_before_approval(self) -> bool {
        match self {
            Status::PendingData | Status::InCalculation | Status::Calculated | Status::UnderReview => true,
            Status::Approved | Status::Paid | Status::Rejected | Status::Unknown => false,
        }
    }
}

/// The group of statuses a summary adds up (requirements, trap T-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bucket {
    /// No amount yet.
    Pending,
    /// Calculated and Under Review.
    Calculated,
    /// Approved.
    Approved,
    /// Paid.
    Paid,
    /// Listed beside the total.
    Rejected,
    /// Listed beside the total.
    Unknown,
}

impl Bucket {
    /// Every bucket, in order.
    pub const ALL: [Bucket; 6] = [
        Bucket::Pending,
        Bucket::Calculated,
        Bucket::Approved,
        Bucket::Paid,
        Bucket::Rejected,
        Bucket::Unknown,
    ];

    /// The name in the language of the page.
    pub fn words(self) -> &'static str {
        language::label(self.label())
    }

    /// The name, in the status map and in data files.
    pub fn label(self) -> &'static str {
        match self {
            Bucket::Pending => mark!("Pending"),
            Bucket::Calculated => mark!("Calculated"),
            Bucket::Approved => mark!("Approved"),
            Bucket::Paid => mark!("Paid"),
            Bucket::Rejected => mark!("Rejected"),
            Bucket::Unknown => mark!("Unknown"),
        }
    }

    /// Reads the `bucket` column of the status map.
    pub fn parse(text: &str) -> Option<Bucket> {
        Bucket::ALL.into_iter().find(|b| text.eq_ignore_ascii_case(b.label()))
    }

    /// Whether its amounts make up the headline total: Calculated, Approved and Paid (trap T-4).
    pub fn is_in_total(self) -> bool {
        match self {
            Bucket::Calculated | Bucket::Approved | Bucket::Paid => true,
            Bucket::Pending | Bucket::Rejected | Bucket::Unknown => false,
        }
    }
}

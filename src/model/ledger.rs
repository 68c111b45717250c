//! What our own accounting says beside the extracts: journals that change the balance, the balance of the general ledger,
//! rates of exchange, and who signed which close pack.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::id::{JournalId, LineId, ProgramId};
use super::money::{Currency, Money};
use super::record::Origin;
use super::time::{AsOf, Month};

/// Which books a journal is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum JournalType {
    /// Something that nobody will pay is given up: in our sub-ledger, and in the general ledger once it is posted.
    #[default]
    WriteOff,
    /// Any other correction by hand, in the same books.
    Manual,
    /// In the general ledger alone: a reconciling item, no part of our balance.
    LedgerOnly,
}

impl JournalType {
    /// Every type with its word in `journals.csv`.
    pub const ALL: [(&'static str, JournalType); 3] = [
        ("write-off", JournalType::WriteOff),
        ("manual", JournalType::Manual),
        ("ledger-only", JournalType::LedgerOnly),
    ];
}

/// A row of `journals.csv`.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The journal.
    pub id: JournalId,
    /// Its effective date.
    pub date: NaiveDate,
    /// Signed as it changes rebates receivable: a write-off is negative.
    pub amount: Money,
    /// Which books it is in.
    pub kind: JournalType,
    /// The line it belongs to.
    pub line: Option<LineId>,
    /// Its program, where it belongs to no line.
    pub program: Option<ProgramId>,
    /// When it was posted in the general ledger; not yet when empty.
    pub posted_on: Option<NaiveDate>,
    /// Why.
    pub text: Option<Ustr>,
    /// Who entered it.
    pub entered_by: Option<Ustr>,
    /// When it was entered: no snapshot before that day knows it; every snapshot does when empty.
    pub entered_on: Option<NaiveDate>,
    /// The row.
    pub origin: Origin,
}

impl Journal {
    /// Whether a snapshot knew it.
    pub fn is_known(&self, as_of: AsOf) -> bool {
        self.entered_on.is_none_or(|day| day <= as_of.date())
    }

    /// Whether it is part of our sub-ledger.
    pub fn is_ours(&self) -> bool {
        match self.kind {
            JournalType::WriteOff | JournalType::Manual => true,
            JournalType::LedgerOnly => false,
        }
    }

    /// The day from which the general ledger holds it; `None` while it does not. One that is in the ledger alone is there
    /// from its own date where no other day is given.
    pub fn in_ledger_from(&self) -> Option<NaiveDate> {
        match self.kind {
            JournalType::WriteOff | JournalType::Manual => self.posted_on,
            JournalType::LedgerOnly => Some(self.posted_on.unwrap_or(self.date)),
        }
    }
}

/// A row of `ledger.csv`: a balance of the general ledger at the end of a period.
#[derive(Debug, Clone)]
pub struct LedgerBalance {
    /// The period at whose end it stands.
    pub period: Month,
    /// Rebates receivable; what is owed to us is positive.
    pub balance: Money,
    /// The account of the ledger. The rows of a period and currency add up.
    pub account: Option<Ustr>,
    /// The program it is the balance of.
    pub program: Option<ProgramId>,
    /// Where the figure was taken from.
    pub source: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

/// What a rate of exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateKind {
    /// The rate of a day.
    Transaction,
    /// The average of the month that its date lies in.
    Average,
    /// The rate at the end of a period.
    Closing,
}

impl RateKind {
    /// Every kind.
    pub const ALL: [RateKind; 3] = [RateKind::Transaction, RateKind::Average, RateKind::Closing];

    /// Its word in `fx.csv`.
    pub fn code(self) -> &'static str {
        match self {
            RateKind::Transaction => "transaction",
            RateKind::Average => "average",
            RateKind::Closing => "closing",
        }
    }
}

/// A row of `fx.csv`: one unit of `from` is worth `rate` units of `to`.
#[derive(Debug, Clone)]
pub struct FxRate {
    /// The day it holds for; of an average, a day of its month.
    pub date: NaiveDate,
    /// From which currency.
    pub from: Currency,
    /// To which currency.
    pub to: Currency,
    /// Above zero.
    pub rate: Decimal,
    /// What it is for; a rate without a kind is the rate of its day, and of the period that ends on it.
    pub kind: Option<RateKind>,
    /// Who published it.
    pub source: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

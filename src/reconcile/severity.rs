//! How bad a case is: the severity of its kind, raised once by its amount, its age, a deadline or a closed period
//! (domain 4.4). Never lowered.

use std::collections::BTreeMap;

use super::{Case, Finding, Kind, Reconciled, Severity};
use crate::model::money::{Currency, Money};
use crate::say;

/// Amounts from which a case weighs more, by currency.
pub type Materiality = BTreeMap<Currency, Money>;

/// A case older than this weighs more.
const OLD_DAYS: i64 = 60;

/// Why a case weighs more than its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Raise {
    /// The line was Paid before.
    WasPaid,
    /// Its amount is at or above the threshold of its currency.
    Material,
    /// It is open for more than 60 days.
    Old,
    /// The last day to confirm, dispute or claim is within 10 days.
    DueSoon,
    /// The books of its period are closed.
    ClosedPeriod,
}

impl Raise {
    /// The reason as the end of a sentence: "raised: …".
    pub fn in_words(self) -> &'static str {
        match self {
            Raise::WasPaid => say!("the line was Paid before"),
            Raise::Material => say!("the amount is at or above the materiality threshold"),
            Raise::Old => say!("open for more than 60 days"),
            Raise::DueSoon => say!("the deadline is within 10 days"),
            Raise::ClosedPeriod => say!("the period is closed"),
        }
    }
}

impl Reconciled<'_> {
    /// The severity of a case; `None` for a clean one.
    pub fn severity(&self, case: &Case) -> Option<Severity> {
        let finding = case.primary()?;
        let base = finding.kind.severity();
        if was_paid(finding) {
            return Some(Severity::Critical);
        }
        Some(if self.reasons(case).next().is_some() { base.raised() } else { base })
    }

    /// Why the severity of a case is above that of its kind, every reason that holds; none where it is not.
    pub fn raises(&self, case: &Case) -> Vec<Raise> {
        let Some(finding) = case.primary() else { return Vec::new() };
        if self.severity(case) == Some(finding.kind.severity()) {
            return Vec::new();
        }
        let paid = was_paid(finding).then_some(Raise::WasPaid);
        paid.into_iter().chain(self.reasons(case)).collect()
    }

    /// What raises a severity by one step; each is looked at only when it is asked for.
    fn reasons(&self, case: &Case) -> impl Iterator<Item = Raise> {
        [Raise::Material, Raise::Old, Raise::DueSoon, Raise::ClosedPeriod].into_iter().filter(move |raise| {
            match raise {
                Raise::WasPaid => false,
                Raise::Material => self.is_material(case),
                Raise::Old => self.is_old(case),
                Raise::DueSoon => self.is_due_soon(case),
                Raise::ClosedPeriod => self.is_of_closed_period(case),
            }
        })
    }

    /// The amount from which a difference in a currency is material; `None` where the configuration names none.
    pub fn materiality_of(&self, currency: Currency) -> Option<Money> {
        self.materiality.get(&currency).copied()
    }

    fn is_material(&self, case: &Case) -> bool {
        let amount = case.at_stake();
        let threshold = amount.and_then(|amount| self.materiality_of(amount.currency()));
        amount.zip(threshold).is_some_and(|(amount, threshold)| amount.minor() >= threshold.minor())
    }

    fn is_old(&self, case: &Case) -> bool {
        let since = self.past.open_since(self, case);
        since.is_some_and(|since| (self.as_of().date() - since.date()).num_days() > OLD_DAYS)
    }

    fn is_due_soon(&self, case: &Case) -> bool {
        self.deadlines_of(case).any(|deadline| deadline.is_near())
    }

    fn is_of_closed_period(&self, case: &Case) -> bool {
        let closed = case.period.and_then(|month| self.rules.reference.period_row(month)?.closed_on);
        closed.is_some_and(|day| day <= self.as_of().date())
    }
}

/// A line that was Paid can only be corrected by an adjustment (domain 5.2).
fn was_paid(finding: &Finding) -> bool {
    finding.kind == Kind::StatusRegression
        && finding.facts.get("was").is_some_and(|was| was == crate::model::status::Status::Paid.words())
}

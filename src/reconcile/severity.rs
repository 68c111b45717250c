//! How bad a case is: the severity of its kind, raised once by its amount, its age, a deadline or a closed period
//! (domain 4.4). Never lowered.

use std::collections::BTreeMap;

use super::{Case, Kind, Reconciled, Severity, Subject};
use crate::model::money::{Currency, Money};

/// Amounts from which a case weighs more, by currency.
pub type Materiality = BTreeMap<Currency, Money>;

/// A case older than this weighs more.
const OLD_DAYS: i64 = 60;
/// A deadline as near as this weighs more.
const NEAR_DAYS: i64 = 10;

impl Reconciled<'_> {
    /// The severity of a case; `None` for a clean one.
    pub fn severity(&self, case: &Case) -> Option<Severity> {
        let finding = case.primary()?;
        let base = finding.kind.severity();
        if finding.kind == Kind::StatusRegression
            && finding.facts.get("was").is_some_and(|was| was == crate::model::status::Status::Paid.label())
        {
            return Some(Severity::Critical);
        }
        let raises = self.is_material(case)
            || self.is_old(case)
            || self.is_due_soon(case)
            || self.is_of_closed_period(case);
        Some(if raises { base.raised() } else { base })
    }

    fn is_material(&self, case: &Case) -> bool {
        let amount = case.at_stake();
        let threshold = amount.and_then(|amount| self.materiality.get(&amount.currency()));
        amount.zip(threshold).is_some_and(|(amount, threshold)| amount.minor() >= threshold.minor())
    }

    fn is_old(&self, case: &Case) -> bool {
        let since = self.past.open_since(self, case);
        since.is_some_and(|since| (self.as_of().date() - since.date()).num_days() > OLD_DAYS)
    }

    fn is_due_soon(&self, case: &Case) -> bool {
        let Subject::Line(number) = case.subject else { return false };
        let deadline = self.snapshot.records.lines[number as usize].confirm_by;
        let days = deadline.map(|day| (day - self.as_of().date()).num_days());
        days.is_some_and(|days| (0..=NEAR_DAYS).contains(&days))
    }

    fn is_of_closed_period(&self, case: &Case) -> bool {
        let closed = case.period.and_then(|month| self.rules.reference.period_row(month)?.closed_on);
        closed.is_some_and(|day| day <= self.as_of().date())
    }
}

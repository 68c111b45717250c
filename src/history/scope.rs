//! A scope: which lines a question is about. One definition for pages, commands and the browser.

use std::fmt;

use ustr::Ustr;

use crate::model::money::Currency;
use crate::model::time::Month;
use crate::reconcile::Place;

/// Which lines are meant: all that agree with every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The earned period.
    pub period: Option<Month>,
    /// The program, by the canonical form of its id.
    pub program: Option<Ustr>,
    /// The campaign tag, in any case.
    pub campaign: Option<Ustr>,
    /// The customer, by the canonical form of its id.
    pub customer: Option<Ustr>,
    /// The account of ours, by the canonical form of its id.
    pub account: Option<Ustr>,
    /// The order, by the canonical form of its id; for a line without an order, what it names.
    pub order: Option<Ustr>,
    /// The batch, by the canonical form of its id.
    pub batch: Option<Ustr>,
    /// The payout, by the canonical form of its id.
    pub payout: Option<Ustr>,
    /// The category, in any case.
    pub category: Option<Ustr>,
    /// The region, in any case.
    pub region: Option<Ustr>,
    /// The currency.
    pub currency: Option<Currency>,
}

impl Scope {
    /// The lines of one earned period.
    pub fn of_period(month: Month) -> Scope {
        Scope { period: Some(month), ..Scope::default() }
    }

    /// A part of a scope, of its text: the canonical form of an id, or a name.
    pub fn part(text: &str) -> Option<Ustr> {
        Some(Ustr::from(text.trim())).filter(|text| !text.is_empty())
    }

    /// Whether a line that counts there is meant.
    pub fn contains(&self, place: &Place) -> bool {
        fn is<T: PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let folded = |wanted: Option<Ustr>, found: Option<Ustr>| {
            wanted.is_none_or(|wanted| found.is_some_and(|found| found.eq_ignore_ascii_case(&wanted)))
        };
        is(self.period, Some(place.period))
            && is(self.currency, Some(place.currency))
            && is(self.program, Some(place.program.key()))
            && folded(self.campaign, place.campaign)
            && is(self.customer, place.customer.map(|id| id.key()))
            && is(self.account, place.account.map(|id| id.key()))
            && is(self.order, Some(place.order.map_or_else(|| place.order_ref.key(), |id| id.key())))
            && is(self.batch, place.batch.map(|id| id.key()))
            && is(self.payout, place.payout.map(|id| id.key()))
            && folded(self.category, place.category)
            && folded(self.region, place.region)
    }

    /// The parts that are given, as names and values, in their fixed order.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let text = |part: Option<Ustr>| part.map(|p| p.to_string());
        [
            ("period", self.period.map(|p| p.to_string())),
            ("program", text(self.program)),
            ("campaign", text(self.campaign)),
            ("customer", text(self.customer)),
            ("account", text(self.account)),
            ("order", text(self.order)),
            ("batch", text(self.batch)),
            ("payout", text(self.payout)),
            ("category", text(self.category)),
            ("region", text(self.region)),
            ("currency", self.currency.map(|c| c.code().to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl fmt::Display for Scope {
    /// In words for a heading: `period 2026-05, program SPRING`, or `everything`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.parts().into_iter().map(|(name, value)| format!("{name} {value}")).collect();
        f.write_str(if parts.is_empty() { "everything" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

//! The answers of a page without the page: for `tieout explain`.

use super::scopes::{ScopeKey, ScopeKind};
use super::{Report, lists, times};
use crate::error::Error;
use crate::explain::Audience;
use crate::ingest::grammar;
use crate::model::money::Money;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Deadline, Subject};
use crate::say;

/// The answer for one subject.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it is: `line L-2001 of order ORD-2001`.
    pub subject: String,
    /// Status or explanation.
    pub headline: String,
    /// Its amount in words, or that there is none yet.
    pub amount: String,
    /// One sentence per audience, in the order of [`Audience::ALL`].
    pub answers: Vec<String>,
    /// What to do.
    pub next_step: String,
    /// Its last days to confirm, dispute or claim, soonest first.
    pub deadlines: Vec<Deadline>,
    /// When it is expected to be paid, or why no date is given; empty for what has no line.
    pub when: String,
    /// Its page.
    pub page: String,
}

impl Report<'_> {
    /// The answers for an id in any spelling: of an order all its lines, of an account or batch its own. Where several
    /// ids differ only in spelling, the exact text wins, else all of them are told.
    ///
    /// # Errors
    /// [`Error::Content`] when a sentence template fails.
    pub fn tell(&self, id: &str) -> Result<Vec<Told>, Error> {
        let canonical = &*grammar::canonical(id);
        let records = &self.reconciled.snapshot.records;
        let is_exact = records.orders.iter().any(|o| o.id.raw() == id);
        let mut told = Vec::new();
        for (number, order) in numbered(&records.orders) {
            let is_meant =
                if is_exact { order.id.raw() == id } else { grammar::canonical(order.id.raw()) == canonical };
            if !is_meant {
                continue;
            }
            let lines = self.reconciled.matching.of_order(number);
            for line in lines {
                told.push(self.tell_line(*line)?);
            }
            if let Some(case) = self.reconciled.order_case(number) {
                let amount = self.reconciled.orders[number as usize].expected.map_or_else(
                    || say!("no amount yet").to_owned(),
                    |m| say!("{amount} expected", amount = m.in_words()),
                );
                told.push(self.tell_case(
                    case,
                    say!("order {id}", id = order.id),
                    lists::why(self, case),
                    amount,
                    self.order_path(order.id),
                )?);
            }
        }
        for (number, line) in numbered(&records.lines) {
            if line.id.canonical() == canonical || line.id.raw() == id {
                told.push(self.tell_line(number)?);
            }
        }
        for kind in [ScopeKind::Batch, ScopeKind::Account] {
            let key = ScopeKey { kind, id: ustr::Ustr::from(canonical) };
            if let Some(members) = self.scopes.members(&key) {
                told.extend(self.tell_scope(&key, members)?);
            }
        }
        Ok(told)
    }

    /// What an audience is told of a case; empty where it is invisible to customers (domain 4.6).
    ///
    /// # Errors
    /// [`Error::Content`] when the sentence template fails.
    pub fn told_to(&self, case: &Case, audience: Audience) -> Result<String, Error> {
        lists::answer(self, case, audience)
    }

    fn tell_line(&self, number: u32) -> Result<Told, Error> {
        let line = self.line(number);
        let case = self.reconciled.line_case(number);
        let page = self.line_path(number);
        let of_order = case.orders.first().map_or(String::new(), |order| say!(" of order {order}", order));
        let amount =
            self.figures(number).net.map_or_else(|| say!("no amount yet").to_owned(), Money::in_words);
        let headline = match case.primary() {
            Some(finding) => say!(
                "{status}: {title}",
                status = line.status.words(),
                title = self.sources.content.kind(finding.kind).title
            ),
            None => line.status.words().to_owned(),
        };
        self.tell_case(case, say!("line {id}{of_order}", id = line.id, of_order), headline, amount, page)
    }

    fn tell_case(
        &self,
        case: &Case,
        subject: String,
        headline: String,
        amount: String,
        page: String,
    ) -> Result<Told, Error> {
        let answers: Result<Vec<String>, Error> =
            Audience::ALL.iter().map(|a| lists::answer(self, case, *a)).collect();
        Ok(Told {
            subject,
            headline,
            amount,
            answers: answers?,
            next_step: lists::next_step(self, case)?,
            deadlines: self.reconciled.deadlines_of(case).collect(),
            when: match case.subject {
                Subject::Line(number) => times::when_words(self, number),
                Subject::Order(_)
                | Subject::Payout(_)
                | Subject::Feed(_)
                | Subject::Row(_)
                | Subject::Adjustment(_) => String::new(),
            },
            page,
        })
    }

    /// A batch or account speaks with the case that ranks first among its lines and orders.
    fn tell_scope(&self, key: &ScopeKey, members: &super::scopes::Members) -> Result<Option<Told>, Error> {
        let cases = members
            .lines
            .iter()
            .map(|n| self.reconciled.line_case(*n))
            .chain(members.orders.iter().filter_map(|n| self.reconciled.order_case(*n)));
        let first = cases.min_by_key(|c| (c.primary().map_or(u16::MAX, |f| f.kind.rank()), c.subject));
        let Some(case) = first else { return Ok(None) };
        let totals: Vec<String> = self.totals(&members.lines).total().iter().map(Money::in_words).collect();
        let (one, _) = key.kind.words();
        let mut told = self.tell_case(
            case,
            format!("{} {}", one.to_lowercase(), members.name),
            say!(
                "{lines}, most important first: {case}",
                lines = lists::count_of(members.lines.len(), "line", "lines"),
                case = lists::why(self, case)
            ),
            if totals.is_empty() { say!("no amount yet").to_owned() } else { totals.join(say!(" and ")) },
            self.scopes.path(key),
        )?;
        if let Some(sentence) = super::scopes::batch_sentence(self, key, members) {
            told.answers[1] = sentence;
        }
        Ok(Some(told))
    }
}

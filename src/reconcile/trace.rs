//! What was tried for a record, pass by pass, told again from the indexes that the matching kept.

use super::Reconciled;
use super::matching::Pass;
use ustr::Ustr;

/// How one step of the matching ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It matched.
    Matched,
    /// No record has this key.
    NoRecord,
    /// A record has the key, but its account is another one.
    OtherAccount {
        /// The vendor account our map gives.
        ours: String,
        /// The vendor's.
        theirs: String,
    },
    /// The record lacks what the step needs.
    NotTested {
        /// The field that is missing.
        missing: &'static str,
    },
    /// An earlier step had already matched.
    NotNeeded,
}

/// One step: which key was looked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The pass.
    pub pass: Pass,
    /// The key in its canonical form, empty when there is none.
    pub key: String,
    /// The result.
    pub verdict: Verdict,
}

impl Reconciled<'_> {
    /// The steps that were tried for a line, in the order of the passes.
    pub fn trace_line(&self, number: u32) -> Vec<Step> {
        let line = &self.snapshot.records.lines[number as usize];
        let keys = &self.matching.keys;
        let reference = line.order_ref.canonical();
        let invoice = line.invoice_ref.map_or(reference, |i| i.canonical());
        let tried = [
            (Pass::Alias, reference, None),
            (Pass::OrderId, reference, None),
            (Pass::Invoice, invoice, keys.invoices.get(&Ustr::from(invoice))),
            (Pass::Subscription, reference, keys.subscriptions.get(&Ustr::from(reference))),
        ];
        let matched = self.matching.of_line(number).pass;
        tried
            .into_iter()
            .map(|(pass, key, candidates)| {
                let verdict = match matched {
                    Some(found) if found == pass => Verdict::Matched,
                    Some(found) if found < pass => Verdict::NotNeeded,
                    Some(_) | None => match candidates.and_then(|rows| rows.first()) {
                        None => Verdict::NoRecord,
                        Some(_) if line.account_ref.is_none() => {
                            Verdict::NotTested { missing: "account_ref" }
                        }
                        Some(row) => {
                            let order = &self.snapshot.records.orders[*row as usize];
                            let ours = self.rules.account(order.account, order.order_date).found();
                            Verdict::OtherAccount {
                                ours: ours
                                    .and_then(|a| a.vendor)
                                    .map_or_else(String::new, |v| v.raw().to_owned()),
                                theirs: line.account_ref.map_or_else(String::new, |a| a.raw().to_owned()),
                            }
                        }
                    },
                };
                Step { pass, key: key.to_owned(), verdict }
            })
            .collect()
    }

    /// The steps that were tried for an order row, in the order of the passes.
    pub fn trace_order(&self, number: u32) -> Vec<Step> {
        let order = &self.snapshot.records.orders[number as usize];
        let matched =
            self.matching.of_order(number).first().and_then(|line| self.matching.of_line(*line).pass);
        let keys = [
            (Pass::Alias, Some(order.id.canonical()), "order_id"),
            (Pass::OrderId, Some(order.id.canonical()), "order_id"),
            (Pass::Invoice, order.invoice.map(|i| i.canonical()), "invoice_id"),
            (Pass::Subscription, order.subscription.map(|s| s.canonical()), "subscription_id"),
        ];
        keys.into_iter()
            .map(|(pass, key, missing)| {
                let verdict = match (matched, key) {
                    (Some(found), _) if found == pass => Verdict::Matched,
                    (Some(found), _) if found < pass => Verdict::NotNeeded,
                    (_, None) => Verdict::NotTested { missing },
                    (_, Some(key)) => self.rejected(number, key),
                };
                Step { pass, key: key.unwrap_or_default().to_owned(), verdict }
            })
            .collect()
    }

    /// Why lines that name a key do not count for an order.
    fn rejected(&self, number: u32, key: &str) -> Verdict {
        let order = &self.snapshot.records.orders[number as usize];
        let naming = self.matching.keys.refs.get(&Ustr::from(key)).and_then(|lines| lines.first());
        match naming {
            None => Verdict::NoRecord,
            Some(line) => {
                let line = &self.snapshot.records.lines[*line as usize];
                let ours = self.rules.account(order.account, order.order_date).found();
                Verdict::OtherAccount {
                    ours: ours.and_then(|a| a.vendor).map_or_else(String::new, |v| v.raw().to_owned()),
                    theirs: line.account_ref.map_or_else(String::new, |a| a.raw().to_owned()),
                }
            }
        }
    }
}

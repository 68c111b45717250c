//! What was tried for a record, key by key, told again from the indexes that the matching kept.

use super::Reconciled;
use super::matching::Pass;
use crate::model::record::Line;
use crate::model::reference::AliasKind;
use ustr::Ustr;

/// How the look-up of one key ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It matched.
    Matched,
    /// No record has this key.
    NoRecord,
    /// A confirmed alias leads to an id that no record has.
    DeadAlias {
        /// The id on the other side of the alias.
        to: String,
    },
    /// A record has the key, but its account is another one.
    OtherAccount {
        /// The record: our order for a line, the vendor's line for an order.
        record: String,
        /// The vendor account our map gives.
        ours: String,
        /// The vendor's.
        theirs: String,
    },
    /// A record lacks what the look-up needs.
    NotTested {
        /// The file that would say it.
        file: &'static str,
        /// The column that is empty.
        column: &'static str,
    },
    /// An earlier look-up had already matched.
    NotNeeded,
    /// Several lines and several orders have the key: none is chosen.
    Several {
        /// How many lines.
        lines: usize,
        /// How many orders.
        orders: usize,
    },
}

/// One look-up: which key was looked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The pass.
    pub pass: Pass,
    /// The key as it was received, empty when there is none.
    pub key: String,
    /// The result.
    pub verdict: Verdict,
}

impl Reconciled<'_> {
    /// The keys that were tried for a line, in the order of the passes.
    pub fn trace_line(&self, number: u32) -> Vec<Step> {
        let records = &self.snapshot.records;
        let line = &records.lines[number as usize];
        if !line.is_order_named {
            return self.trace_unnamed(number, line);
        }
        let keys = &self.matching.keys;
        let reference = line.order_ref;
        let invoice = line.invoice_ref.unwrap_or(reference.cast());
        let alias = keys.aliases.get(&Ustr::from(reference.canonical())).and_then(|own| own.first());
        let by_invoice = keys.invoices.get(&Ustr::from(invoice.canonical()));
        let by_subscription = keys.subscriptions.get(&Ustr::from(reference.canonical()));
        let tried = [
            (Pass::Alias, reference.raw(), None),
            (Pass::OrderId, reference.raw(), None),
            (Pass::Invoice, invoice.raw(), by_invoice),
            (Pass::Subscription, reference.raw(), by_subscription),
        ];
        let matched = self.matching.of_line(number).pass;
        tried
            .into_iter()
            .map(|(pass, key, candidates)| {
                let verdict = match matched {
                    Some(found) if found == pass => Verdict::Matched,
                    Some(found) if found < pass => Verdict::NotNeeded,
                    Some(_) | None => match (candidates.and_then(|rows| rows.first()), alias) {
                        (Some(order), _) => {
                            self.other_account(*order, number, records.orders[*order as usize].id.raw())
                        }
                        (None, Some(own)) if pass == Pass::Alias => {
                            Verdict::DeadAlias { to: own.raw().to_owned() }
                        }
                        (None, _) => Verdict::NoRecord,
                    },
                };
                Step { pass, key: key.to_owned(), verdict }
            })
            .collect()
    }

    /// The keys that were tried for a line that names no order.
    fn trace_unnamed(&self, number: u32, line: &Line) -> Vec<Step> {
        let matched = self.matching.of_line(number).pass;
        let several = self.matching.several.get(&number);
        let name = |id: Option<&str>| id.unwrap_or_default().to_owned();
        let level = match (line.subscription_ref, line.sku_ref) {
            _ if matched > Some(Pass::Subscription) => matched.unwrap_or(Pass::Month),
            (Some(_), _) => Pass::Instance,
            (None, Some(_)) => Pass::Product,
            (None, None) => Pass::Month,
        };
        let tried = [
            (Pass::Alias, name(Some(line.order_ref.raw()))),
            (Pass::Invoice, name(line.invoice_ref.map(|id| id.raw()))),
            (level, name(Some(line.order_ref.raw()))),
        ];
        let step = |(pass, key): (Pass, String)| {
            let verdict = match matched {
                Some(found) if found == pass => Verdict::Matched,
                Some(found) if found < pass => Verdict::NotNeeded,
                Some(_) | None if key.is_empty() => {
                    Verdict::NotTested { file: "rebate_lines.csv", column: "invoice_ref" }
                }
                Some(_) | None => match several.filter(|_| pass == level) {
                    Some((lines, orders)) => Verdict::Several { lines: *lines, orders: *orders },
                    None if pass == level && line.account_ref.is_none() => {
                        Verdict::NotTested { file: "rebate_lines.csv", column: "account_ref" }
                    }
                    None => Verdict::NoRecord,
                },
            };
            Step { pass, key, verdict }
        };
        tried.into_iter().map(step).collect()
    }

    /// The keys that were tried for an order row that no line names, in the order of the passes.
    pub fn trace_order(&self, number: u32) -> Vec<Step> {
        let records = &self.snapshot.records;
        let order = &records.orders[number as usize];
        let own = order.id.raw().to_owned();
        let alias = match self.alias_of(order.id.canonical()) {
            Some(vendor) => Verdict::DeadAlias { to: vendor.to_string() },
            None => Verdict::NoRecord,
        };
        let mut steps = vec![
            Step { pass: Pass::Alias, key: own.clone(), verdict: alias },
            Step { pass: Pass::OrderId, key: own, verdict: Verdict::NoRecord },
        ];
        let keys = [
            (Pass::Invoice, order.invoice.map(|i| (i.raw(), i.canonical())), "invoice_id"),
            (Pass::Subscription, order.subscription.map(|s| (s.raw(), s.canonical())), "subscription_id"),
        ];
        steps.extend(keys.into_iter().map(|(pass, key, column)| {
            let naming = key.and_then(|(_, canonical)| self.matching.keys.refs.get(&Ustr::from(canonical)));
            let verdict = match (key, naming.and_then(|lines| lines.first())) {
                (None, _) => Verdict::NotTested { file: "orders.csv", column },
                (Some(_), None) => Verdict::NoRecord,
                (Some(_), Some(line)) => {
                    self.other_account(number, *line, records.lines[*line as usize].id.raw())
                }
            };
            Step { pass, key: key.map_or_else(String::new, |(raw, _)| raw.to_owned()), verdict }
        }));
        steps
    }

    /// The vendor's id that a confirmed alias gives an order of ours.
    fn alias_of(&self, own: &str) -> Option<Ustr> {
        // They are in the order of our own ids.
        let aliases = &self.rules.reference.aliases;
        let start = aliases.partition_point(|a| a.own.as_str() < own);
        let of_own = aliases[start..].iter().take_while(|a| a.own.as_str() == own);
        of_own.filter(|a| a.kind == AliasKind::Order).map(|a| a.vendor).next()
    }

    /// Why an order and a line that share an invoice or a subscription are no pair.
    fn other_account(&self, order: u32, line: u32, record: &str) -> Verdict {
        let records = &self.snapshot.records;
        let (own, other) = (&records.orders[order as usize], &records.lines[line as usize]);
        let ours = self.rules.account(own.account, own.order_date).found().and_then(|a| a.vendor);
        match (ours, other.account_ref) {
            (None, _) => Verdict::NotTested { file: "reference/accounts.csv", column: "vendor_account_id" },
            (_, None) => Verdict::NotTested { file: "rebate_lines.csv", column: "account_ref" },
            (Some(ours), Some(theirs)) => Verdict::OtherAccount {
                record: record.to_owned(),
                ours: ours.raw().to_owned(),
                theirs: theirs.raw().to_owned(),
            },
        }
    }
}

//! The arithmetic of both sides of a line as sentences, for whoever checks it by hand.

use super::{Reconciled, waterfall};
use crate::model::money::Money;
use crate::rules::arithmetic::rate_in_words;

impl Reconciled<'_> {
    /// The arithmetic of both sides of a line and their difference, as sentences; `None` where it is not recomputed.
    pub fn arithmetic(&self, number: u32) -> Option<String> {
        let line = &self.snapshot.records.lines[number as usize];
        let (order, entitlement) = self.first_entitlement(number)?;
        let expected = self.lines[number as usize].expected?;
        let shares = &self.matching.of_line(number).shares;
        let own =
            match (&**shares, entitlement.in_words(&self.rules, order).filter(|_| entitlement.is_eligible()))
            {
                ([share], Some(words)) if self.matching.of_order(share.order).len() == 1 => {
                    format!("Ours: {words}.")
                }
                ([_], Some(words)) => {
                    format!("Ours: {words} for the order, {} of it for this line.", expected.grouped())
                }
                ([_, _, ..], _) => self.parts_in_words(number, expected),
                (_, None) | ([], _) => format!("Ours: {}.", expected.grouped()),
            };
        let Some(calculated) = line.amount_calculated else {
            return Some(format!("{own} The vendor has not calculated it yet."));
        };
        let theirs = match (line.amount_base, line.rate, waterfall::at_vendor_rate(line, &self.rules)) {
            (Some(base), Some(rate), Some(product)) => {
                let product_words = format!("{} × {}", base.grouped(), rate_in_words(rate));
                if product == calculated {
                    format!("The vendor's: {product_words} = {}.", calculated.grouped())
                } else {
                    format!(
                        "The vendor's: {product_words} = {}, shown as {}.",
                        product.grouped(),
                        calculated.grouped()
                    )
                }
            }
            (_, _, _) => format!("The vendor's: {}.", calculated.grouped()),
        };
        let difference = calculated.checked_sub(expected).ok()?;
        let verdict = match difference.minor() {
            0 => "Both agree.".to_owned(),
            ..=-1 => format!("The vendor's is {} less.", difference.abs().in_words()),
            1.. => format!("The vendor's is {} more.", difference.in_words()),
        };
        Some(format!("{own} {theirs} {verdict}"))
    }

    /// What a line over several orders should be: `160.00 for ORD-6004 + 240.08 for ORD-6005 = 400.08`.
    fn parts_in_words(&self, number: u32, expected: Money) -> String {
        const NAMED: usize = 5;
        let shares = &self.matching.of_line(number).shares;
        let parts = shares.iter().zip(self.expected_parts(number));
        let mut words: Vec<String> = parts
            .take(NAMED)
            .map(|(share, part)| {
                let order = self.snapshot.records.orders[share.order as usize].id;
                format!("{} for {order}", part.map_or_else(|| "nothing".to_owned(), Money::grouped))
            })
            .collect();
        if shares.len() > NAMED {
            words.push(format!("the parts of {} more", shares.len() - NAMED));
        }
        format!("Ours: {} = {}.", words.join(" + "), expected.grouped())
    }
}

//! The arithmetic of both sides of a line as sentences, for whoever checks it by hand.

use super::{Reconciled, waterfall};
use crate::model::money::Money;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

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
                    say!("Ours: {words}.", words)
                }
                ([_], Some(words)) => {
                    say!(
                        "Ours: {words} for the order, {expected} of it for this line.",
                        words,
                        expected = expected.grouped()
                    )
                }
                ([_, _, ..], _) => self.parts_in_words(number, expected),
                (_, None) | ([], _) => say!("Ours: {expected}.", expected = expected.grouped()),
            };
        let Some(calculated) = line.amount_calculated else {
            return Some(say!("{own} The vendor has not calculated it yet.", own));
        };
        let theirs = match (line.amount_base, line.rate, waterfall::at_vendor_rate(line, &self.rules)) {
            (Some(base), Some(rate), Some(product)) => {
                let product_words = format!("{} × {}", base.grouped(), rate_in_words(rate));
                if product == calculated {
                    say!(
                        "The vendor's: {product_words} = {calculated}.",
                        product_words,
                        calculated = calculated.grouped()
                    )
                } else {
                    say!(
                        "The vendor's: {product_words} = {product}, shown as {calculated}.",
                        product_words,
                        product = product.grouped(),
                        calculated = calculated.grouped()
                    )
                }
            }
            (_, _, _) => say!("The vendor's: {calculated}.", calculated = calculated.grouped()),
        };
        let difference = calculated.checked_sub(expected).ok()?;
        let verdict = match difference.minor() {
            0 => say!("Both agree.").to_owned(),
            ..=-1 => say!("The vendor's is {difference} less.", difference = difference.abs().in_words()),
            1.. => say!("The vendor's is {difference} more.", difference = difference.in_words()),
        };
        Some(say!("{own} {theirs} {verdict}", own, theirs, verdict))
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
                say!(
                    "{part} for {order}",
                    part = part.map_or_else(|| say!("nothing").to_owned(), Money::grouped),
                    order
                )
            })
            .collect();
        if shares.len() > NAMED {
            words.push(say!("the parts of {shares} more", shares = shares.len() - NAMED));
        }
        say!("Ours: {words} = {expected}.", words = words.join(" + "), expected = expected.grouped())
    }
}

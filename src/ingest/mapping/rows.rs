//! What the rows of a file are there for: records, totals, information, what stands above and below.

use std::collections::BTreeSet;

use super::header_key;
use super::spec::{Role, Rows};
use crate::model::money::Currency;

/// A rule, ready to be applied.
#[derive(Debug, Clone)]
pub struct RowRule {
    columns: Vec<String>,
    is: BTreeSet<String>,
    is_not: BTreeSet<String>,
    starts: Vec<String>,
    role: Role,
}

fn word(text: &str) -> String {
    text.trim().to_uppercase()
}

impl RowRule {
    /// Makes a rule of what is written.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn new(rows: &Rows) -> Result<RowRule, String> {
        let words = |names: &[String]| names.iter().map(|name| word(name)).collect::<BTreeSet<_>>();
        let ways = [&rows.is, &rows.is_not, &rows.starts].iter().filter(|names| !names.0.is_empty()).count();
        if ways != 1 || rows.column.0.is_empty() {
            return Err(
                "a rule of [[source.rows]] has column, role, and one of is, is_not and starts".to_owned()
            );
        }
        Ok(RowRule {
            columns: rows.column.0.clone(),
            is: words(&rows.is.0),
            is_not: words(&rows.is_not.0),
            starts: rows.starts.0.iter().map(|name| word(name)).collect(),
            role: rows.role,
        })
    }

    /// The rule for a file with this header; nothing where the file lacks its column.
    pub fn place(&self, header: &[String]) -> Option<PlacedRule<'_>> {
        let find = |name: &String| header.iter().position(|found| header_key(found) == header_key(name));
        self.columns.iter().find_map(find).map(|column| PlacedRule { rule: self, column })
    }

    /// The columns that it looks at, by the names they may have.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }
}

/// A rule and the column of the file that it looks at.
pub struct PlacedRule<'m> {
    rule: &'m RowRule,
    column: usize,
}

impl PlacedRule<'_> {
    /// What the row is there for, where the rule holds.
    pub fn role<'r>(&self, get: impl Fn(usize) -> &'r str) -> Option<Role> {
        let text = word(get(self.column));
        let RowRule { is, is_not, starts, role, .. } = self.rule;
        let holds = is.contains(&text)
            || (!is_not.is_empty() && !is_not.contains(&text))
            || starts.iter().any(|start| text.starts_with(start.as_str()));
        holds.then_some(*role)
    }
}

/// Words with which a row of totals begins, in the languages of the extracts.
const TOTALS: [&str; 12] = [
    "TOTAL",
    "TOTALS",
    "GRAND TOTAL",
    "SUM",
    "SUBTOTAL",
    "SUB-TOTAL",
    "SUMME",
    "合计",
    "总计",
    "小计",
    "合計",
    "총계",
];

/// Whether the first text of a row says that it is a total: such a word alone, or with a currency behind it. Any other text
/// may be a name.
pub fn is_total(text: &str) -> bool {
    let text = word(text);
    let text = text.trim_end_matches([':', '：']).trim_end();
    let of_currency = |(total, currency): (&str, &str)| {
        TOTALS.contains(&total.trim_end()) && Currency::parse(currency).is_some()
    };
    TOTALS.contains(&text) || text.rsplit_once(' ').is_some_and(of_currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_total() {
        // Goal: a record is never taken for a total by its name. Method: totals as files have them, and names like them.
        for text in ["Total", "TOTALS", " total: ", "Total USD", "Grand Total EUR", "合计", "合计：", "Sum"]
        {
            assert!(is_total(text), "{text}");
        }
        for text in ["Total Solutions", "Total USDX", "Summe der Teile", "Totally", "USD", "", "Total S.A."] {
            assert!(!is_total(text), "{text}");
        }
    }
}

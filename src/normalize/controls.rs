//! The tie-out of the vendor's lines: what a file holds against what the vendor declared about it.

use crate::diagnostic::{Diagnostic, Severity};
use crate::ingest::Files;
use crate::ingest::columns::FileKind;
use crate::mark;
use crate::model::money::{Currency, Money};
use crate::model::record::ControlTotal;

use super::{FileUse, Snapshot};

/// A declared total of one file and currency, against what was read from the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlCheck {
    /// The file, relative to the input folder.
    pub file: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Rows that the file should hold, of all currencies.
    pub declared_rows: Option<u64>,
    /// Rows that it holds, of all currencies, without blank ones.
    pub rows: usize,
    /// The declared sum of the calculated amounts.
    pub declared: Money,
    /// The calculated amounts of its lines, also of those that a newer file replaced.
    pub loaded: Money,
    /// The amounts of identical rows that were merged into a loaded one.
    pub merged: Money,
    /// The amounts of its rows that are set aside, as far as they can be read.
    pub quarantined: Money,
    /// Its rows that are set aside and whose amount cannot be read.
    pub unread: usize,
    /// What rounding the amounts one by one left out of their sum.
    pub rounded: Money,
    /// Declared less loaded less merged less set aside less what rounding left out: zero, or unexplained (I-4).
    pub difference: Money,
}

impl ControlCheck {
    /// Whether amounts and rows agree.
    pub fn is_explained(&self) -> bool {
        self.difference.is_zero() && self.has_declared_rows()
    }

    fn has_declared_rows(&self) -> bool {
        self.declared_rows.is_none_or(|rows| usize::try_from(rows) == Ok(self.rows))
    }

    /// The result in words.
    pub fn verdict(&self) -> &'static str {
        match (self.difference.is_zero(), self.has_declared_rows()) {
            (true, true) => mark!("ties"),
            (true, false) => mark!("rows differ"),
            (false, _) => mark!("unexplained"),
        }
    }
}

/// Checks every declared total of the files that a snapshot rests on, by file and currency.
///
/// Shape: a total that is declared for a file which was not received has nothing loaded, so it is unexplained; one for
/// a file that a newer one replaced whole is left out. Units: minor units, exact. Source: domain 1.5 and I-4.
pub fn control_totals(files: &Files, snapshot: &Snapshot) -> Vec<ControlCheck> {
    let declared = &snapshot.records.control_totals;
    let mut checks: Vec<ControlCheck> =
        declared.iter().filter_map(|total| check(files, snapshot, total)).collect();
    checks
        .sort_by(|a, b| (&a.file, a.currency, a.declared_rows).cmp(&(&b.file, b.currency, b.declared_rows)));
    checks
}

fn check(files: &Files, snapshot: &Snapshot, total: &ControlTotal) -> Option<ControlCheck> {
    let uses = &snapshot.uses;
    let folder = files.get(total.origin.source.file).snapshot()?;
    let path = format!("{folder}/{}", total.file);
    let is_received = files.iter().any(|(_, extract)| extract.path() == path);
    // A total in the file itself is of the records that its own source reads; one that is declared elsewhere, of the vendor's
    // lines where the file has such.
    let of_path = || uses.iter().filter(|used| files.get(used.file).path() == path);
    let is_of_lines = |used: &&FileUse| files.get(used.file).kind() == FileKind::RebateLines;
    let used = of_path()
        .find(|used| used.file == total.origin.source.file)
        .or_else(|| of_path().find(is_of_lines))
        .or_else(|| of_path().next());
    if is_received && used.is_none() {
        return None;
    }
    let currency = total.declared.currency();
    let zero = Money::zero(currency);
    let of = |amount: fn(&FileUse, Currency) -> Money| used.map_or(zero, |used| amount(used, currency));
    let loaded = of(|used, currency| used.loaded.get(currency));
    let merged = of(|used, currency| used.merged.get(currency));
    let quarantined = of(|used, currency| used.quarantined.get(currency));
    let rounded = of(|used, currency| used.rounded.get(currency));
    let parts = [loaded, merged, quarantined, rounded];
    let aside = snapshot.quarantined.iter().chain(&snapshot.replaced);
    let unread = aside
        .filter(|row| used.is_some_and(|used| used.file == row.source.file))
        .filter(|row| row.amount.is_none() && row.currency.is_none_or(|of| of == currency))
        .count();
    let minor = total.declared.minor() - parts.iter().map(|part| part.minor()).sum::<i128>();
    Some(ControlCheck {
        file: path,
        currency,
        declared_rows: total.rows,
        rows: used.map_or(0, |used| used.counts.rows - used.counts.blank),
        declared: total.declared,
        loaded,
        merged,
        quarantined,
        unread,
        rounded,
        difference: Money::from_minor(minor, currency),
    })
}

/// A warning for every total that does not tie: a file that was cut at the end of a row shows nowhere else.
pub fn problems(files: &Files, snapshot: &Snapshot) -> Vec<Diagnostic> {
    control_totals(files, snapshot)
        .into_iter()
        .filter(|check| !check.is_explained())
        .map(|check| {
            let message = if check.difference.is_zero() {
                let declared = check.declared_rows.unwrap_or(0);
                format!("the vendor declares {declared} rows, the file has {}", check.rows)
            } else {
                let unread = match check.unread {
                    0 => String::new(),
                    1 => ", and 1 row is set aside whose amount cannot be read".to_owned(),
                    several => format!(", and {several} rows are set aside whose amounts cannot be read"),
                };
                format!(
                    "the vendor declares {} {}, {} is loaded, {} merged and {} set aside: {} is unexplained{unread}",
                    check.declared, check.currency, check.loaded, check.merged, check.quarantined, check.difference
                )
            };
            let help = if check.unread > 0 {
                "correct the rows that are set aside first; do not close a period on the file before it ties"
            } else {
                "ask for the file again and compare its row count; do not close a period on it before it ties"
            };
            Diagnostic::of_file(Severity::Warning, "control-total-difference", &check.file, message, help)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(difference: i128, declared_rows: Option<u64>) -> ControlCheck {
        let currency = Currency::parse("USD").unwrap();
        let money = |minor| Money::from_minor(minor, currency);
        ControlCheck {
            file: "2026-06-18/rebate_lines.csv".to_owned(),
            currency,
            declared_rows,
            rows: 49,
            declared: money(40_000 + difference),
            loaded: money(0),
            merged: money(0),
            quarantined: money(40_000),
            unread: 0,
            rounded: money(0),
            difference: money(difference),
        }
    }

    #[test]
    fn a_control_total_ties_only_when_amounts_and_rows_agree() {
        // I-4: a difference is zero or it is named as unexplained.
        assert_eq!(check(0, Some(49)).verdict(), "ties");
        assert_eq!(check(0, None).verdict(), "ties");
        assert_eq!(check(0, Some(50)).verdict(), "rows differ");
        assert_eq!(check(1, Some(49)).verdict(), "unexplained");
        assert!(!check(1, Some(49)).is_explained());
        assert!(!check(0, Some(50)).is_explained());
    }
}

//! Sheet 21: who prepared and who reviewed, and what the review looked at (domain 1.10). The pack is made before it is
//! signed: its signatures are rows of `signoffs.csv`, which name the checksum of its manifest.

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::column;

const COLUMNS: &[Column] = &[
    column("part", "Part", Kind::Text, "signature or assertion."),
    column("role", "Role", Kind::Text, "Who signs, or what is asserted."),
    column("name", "Name", Kind::Text, "To fill in."),
    column("date", "Date", Kind::Text, "To fill in."),
    column("statement", "Statement", Kind::Text, "What the signature stands for."),
];

/// 21: the block to sign, and what a reviewer asserts.
pub(in super::super) fn sign_off(close: &Close<'_, '_>) -> Sheet {
    let thresholds: Vec<String> = close
        .rolled
        .statements
        .keys()
        .filter_map(|currency| close.report.reconciled.materiality_of(*currency))
        .map(|amount| amount.in_words())
        .collect();
    let threshold = if thresholds.is_empty() {
        "No threshold is configured ([materiality] in tieout.toml): look at every difference.".to_owned()
    } else {
        format!("Investigate every difference from {} on.", thresholds.join(", "))
    };
    let row = |part: &'static str, role: &'static str, statement: String| {
        vec![Value::text(part), Value::text(role), Value::Empty, Value::Empty, Value::text(statement)]
    };
    let mut sheet = Sheet {
        number: 21,
        name: "Sign-off",
        purpose: "Who prepared the pack, who reviewed it, and what the review looked at.",
        notes: vec![
            "A signature is a row of input/reference/signoffs.csv that names the checksum of manifest.json; preparer and \
             reviewer are two people."
                .to_owned(),
        ],
        columns: COLUMNS.to_vec(),
        rows: Vec::new(),
        ..Sheet::default()
    };
    sheet.rows.push(row(
        "signature",
        "Prepared by",
        "The pack is complete; every check that is not pass is explained.".to_owned(),
    ));
    sheet.rows.push(row(
        "signature",
        "Reviewed by",
        "Checks, reconciling items and changes were looked at.".to_owned(),
    ));
    sheet.rows.push(row(
        "signature",
        "Second reviewer",
        "For balances or differences above the threshold.".to_owned(),
    ));
    sheet.rows.push(row("assertion", "Threshold used", threshold));
    sheet.rows.push(row(
        "assertion",
        "Items investigated",
        "To fill in: the items of sheets 05, 12, 13 and 15 that were looked at.".to_owned(),
    ));
    sheet.rows.push(row(
        "assertion",
        "What changed",
        "To fill in: what was corrected because of the review.".to_owned(),
    ));
    sheet
}

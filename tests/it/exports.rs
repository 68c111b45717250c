//! Every file that a person opens in a spreadsheet or sends on: nothing in it runs, no id loses a digit, and what it adds up
//! to is stated.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::support::{Project, Row, Tree, rows, sample};

/// Ids and names of the sample, and what they become: spellings of the same ids, so that everything still matches.
const HOSTILE: [(&str, &str); 9] = [
    ("ORD-2001", "=ORD-2001"),
    ("ORD-4018", "+ORD-4018"),
    ("ORD-4044", "@ORD-4044"),
    ("ORD-3001", "-ORD-3001"),
    ("L-4044", "\u{ff1d}L-4044"),
    ("Blue Harbor", "=HYPERLINK(\"\"http://example.test\"\",\"\"Blue Harbor\"\")"),
    ("Quill Mixed", "\u{a0}+cmd|' /C calc'!A0"),
    ("Partner Core", "\u{ff0b}Partner Core"),
    ("5123000000004018", "000512300000000401800000000001"),
];

fn hostile() -> Project {
    let project = Project::sample();
    for entry in walkdir::WalkDir::new(project.path("input")).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut text = std::fs::read_to_string(entry.path()).unwrap();
        for (plain, other) in HOSTILE {
            // Quoted where it has to be, and never within a longer id.
            let quoted = format!("\"{other}\"");
            for (before, after) in [(",", ","), ("\n", ","), (",", "\n"), (",", "\r\n")] {
                text = text.replace(&format!("{before}{plain}{after}"), &format!("{before}{quoted}{after}"));
            }
        }
        std::fs::write(entry.path(), text).unwrap();
    }
    project
}

/// Whether a spreadsheet could take a cell for a formula: written without the rules of the program.
fn runs(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let is_number = !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() <= 1
        && !digits.starts_with('.')
        && !digits.ends_with('.');
    let first =
        cell.nfkc().find(|c| !c.is_whitespace() && !c.is_control() && !('\u{200b}'..='\u{200f}').contains(c));
    cell.starts_with(['\t', '\r', '\n']) || !is_number && first.is_some_and(|c| "=+-@".contains(c))
}

/// The cells of CSV text, row by row, the header included.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn no_export_runs_and_no_id_loses_a_digit() {
    // Goal: whatever the extracts hold, a file that a person opens runs nothing and shows ids and amounts as they are
    // (reliability T6). Method: ids and names that begin like formulas, plain, after a blank and in full-width, and an id of
    // thirty digits; then every table, claim, query and list of changes, read back. Files of `data/` and of the query page are
    // for programs and give ids back byte for byte (contract, section 6): there the ids are looked for as they are.
    let project = hostile();
    let tree = project.build();
    let mut exports: Vec<(String, String)> = tree
        .paths()
        .into_iter()
        .filter(|path| path.ends_with(".csv") && !path.starts_with("data/"))
        .map(|path| (path.clone(), tree.read(&path)))
        .collect();
    for arguments in [
        &["query", "--program", "CORE", "--format", "csv"][..],
        &["diff", "2026-06-17", "2026-06-18", "--csv"],
        &["diff", "2026-05-08", "2026-06-18", "--csv"],
    ] {
        exports.push((arguments.join(" "), project.run(arguments).code(0).stdout));
    }
    assert!(exports.len() > 300);
    let (mut guarded, mut negative, mut long) = (BTreeMap::<String, usize>::new(), 0, 0);
    for (path, text) in &exports {
        for cell in cells(text).into_iter().flatten() {
            assert!(!runs(&cell), "{path}: {cell:?}");
            if let Some(own) = cell.strip_prefix('\'').filter(|own| runs(own)) {
                *guarded.entry(own.trim().nfkc().take(1).collect()).or_default() += 1;
            }
            negative += usize::from(cell.starts_with('-'));
            assert!(!cell.contains("E+"), "{path}: {cell}");
            long += usize::from(cell.contains("000512300000000401800000000001"));
        }
    }
    assert_eq!(
        guarded.keys().cloned().collect::<String>(),
        "+-=@",
        "each kind of start is there, or this tests nothing"
    );
    assert!(negative > 20 && long > 0, "{negative} negative numbers, {long} long ids");
    for name in ["claims/", "discrepancy/", "account/", "period/", "index.", "deadlines", "query ", "diff "] {
        let of_kind = exports.iter().filter(|(path, _)| path.starts_with(name));
        assert!(of_kind.count() > 0, "no export of {name}");
    }
    let orders = tree.read("data/orders.csv");
    assert!(
        HOSTILE[..4].iter().all(|(_, id)| orders.contains(&format!("\n{id},"))),
        "data files give ids back as they are"
    );
    for path in tree.paths().iter().filter(|path| path.ends_with(".txt") || path.ends_with(".ics")) {
        let text = tree.read(path);
        assert!(!text.chars().any(|c| c.is_control() && !"\r\n\t".contains(c)), "{path}");
        if path.ends_with(".ics") {
            let is_known = |line: &str| {
                line.starts_with(' ')
                    || line
                        .split([':', ';'])
                        .next()
                        .unwrap()
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c == '-')
            };
            assert!(text.lines().all(is_known), "{path}: a line that no calendar knows");
        }
    }
}

/// Cents or other minor units of a plain amount, exactly.
fn minor(amount: &str) -> i128 {
    let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |digits| (-1, digits));
    sign * digits.replace('.', "").parse::<i128>().unwrap_or_else(|_| panic!("`{amount}` is no plain amount"))
}

fn check_controls(tree: &Tree) -> (usize, usize) {
    let mut by_path: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in tree.rows("data/exports.csv") {
        by_path.entry(row["path"].clone()).or_default().push(row);
    }
    let is_table =
        |path: &String| path.ends_with(".csv") && !path.starts_with("data/") && path.matches('/').count() < 2;
    let tables: Vec<String> = tree.paths().into_iter().filter(is_table).collect();
    let other: Vec<&String> = by_path.keys().filter(|path| !tables.contains(path)).collect();
    let missing: Vec<&String> = tables.iter().filter(|path| !by_path.contains_key(*path)).collect();
    assert!(other.is_empty() && missing.is_empty(), "not exported: {other:?}; without totals: {missing:?}");
    let mut totals = 0;
    for (path, stated) in &by_path {
        let text = tree.read(path);
        let header = cells(&text)[0].clone();
        let read = rows(&text);
        for row in stated.iter().filter(|row| !row["column"].is_empty()) {
            let (column, currency) = (&row["column"], &row["currency"]);
            assert_eq!(
                header.iter().filter(|name| *name == column).count(),
                1,
                "{path}: `{column}` is not one column"
            );
            let is_mixed = stated.iter().filter(|other| other["column"] == *column).count() > 1;
            let own = |line: &Row| line.get("Currency").or_else(|| line.get("currency")).cloned();
            let sum: i128 = read
                .iter()
                .filter_map(|line| {
                    let cell = line[column].as_str();
                    let (amount, code) =
                        cell.split_once(' ').map_or((cell, None), |(a, c)| (a, Some(c.to_owned())));
                    let is_own = match code.or_else(|| own(line)).filter(|code| code.len() == 3) {
                        Some(code) => code == *currency,
                        None => !is_mixed,
                    };
                    (is_own && !amount.is_empty()).then(|| minor(amount))
                })
                .sum();
            assert_eq!(sum, minor(&row["total"]), "{path}, {column}, {currency}");
            totals += 1;
        }
        assert!(stated.iter().all(|row| row["rows"] == (cells(&text).len() - 1).to_string()), "{path}: rows");
    }
    (tables.len(), totals)
}

#[test]
fn every_export_states_its_rows_and_totals() {
    // Goal: who receives an export can tell that nothing is missing. Method: every row count and control total of
    // `data/exports.csv` against the file as it is read back, added up here; for the sample, and for hostile names.
    let (tables, totals) = check_controls(&sample().tree);
    assert!(tables > 300 && totals > 400, "{tables} tables, {totals} totals");
    let project = hostile();
    check_controls(&project.build());
}

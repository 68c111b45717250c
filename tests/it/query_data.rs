//! The files of `query/data/`: what they add up to, what can be found in them, and which of them change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::support::{Project, Tree, rows, sample};

/// A data file: the JSON object in its script.
struct Data(Value);

impl Data {
    fn of(tree: &Tree, name: &str) -> Data {
        let text = tree.read(&format!("query/data/{name}.js"));
        let json = text.split_once(",{").unwrap_or_else(|| panic!("{name}: {text}")).1;
        let json = format!("{{{}", json.trim_end().trim_end_matches(");"));
        Data(serde_json::from_str(&json).unwrap_or_else(|e| panic!("{name}: {e}")))
    }

    fn rows(&self, grid: &str) -> &[Value] {
        self.0[grid].as_array().unwrap_or_else(|| panic!("no {grid}"))
    }

    fn text(&self, cell: &Value) -> Option<&str> {
        let number = usize::try_from(cell.as_u64()?).ok()?;
        self.0["texts"][number].as_str()
    }

    fn set(&self) -> &str {
        self.0["set"].as_str().unwrap_or_default()
    }
}

fn number(cell: &Value) -> i64 {
    cell.as_i64().unwrap_or(0)
}

/// The months of a tree, newest first.
fn months(tree: &Tree) -> Vec<String> {
    let index = Data::of(tree, "index");
    index.rows("months").iter().filter_map(|row| index.text(&row[0]).map(str::to_owned)).collect()
}

/// Rows, expected, calculated, adjustments and paid by status, bucket and currency.
type Sums = BTreeMap<[String; 3], [i64; 5]>;

#[test]
fn months_groups_and_rows_are_the_same_sums() {
    // Goal: whichever files answer a question, the answer is the same. Method: each month of the sample: the states of its
    // month file, its groups and its rows added up, cell by cell.
    let tree = &sample().tree;
    for month in months(tree) {
        let data = Data::of(tree, &month);
        let key =
            |data: &Data, cells: [&Value; 3]| cells.map(|cell| data.text(cell).unwrap_or("").to_owned());
        let mut of_month = Sums::new();
        for row in data.rows("states") {
            let sums = [3, 4, 6, 7, 8].map(|at| number(&row[at]));
            of_month.insert(key(&data, [&row[0], &row[1], &row[2]]), sums);
        }
        let add = |all: &mut Sums, key: [String; 3], sums: [i64; 5]| {
            let sum = all.entry(key).or_default();
            sum.iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
        };
        let mut of_groups = Sums::new();
        for file in 0..data.rows("groups").len() {
            let groups = Data::of(tree, &format!("{month}-groups-{file}"));
            assert_eq!(data.text(&data.rows("groups")[file][0]), Some(groups.set()), "{month}");
            for row in groups.rows("groups") {
                let sums = [8, 9, 11, 12, 13].map(|at| number(&row[at]));
                add(&mut of_groups, key(&groups, [&row[4], &row[5], &row[7]]), sums);
            }
        }
        let mut of_rows = Sums::new();
        for file in 0..data.rows("lines").len() {
            let lines = Data::of(tree, &format!("{month}-lines-{file}"));
            assert_eq!(data.text(&data.rows("lines")[file][0]), Some(lines.set()), "{month}");
            let count = usize::try_from(number(&lines.rows("rows")[0][0])).unwrap_or(0);
            for at in 0..count {
                let cell = |name: &str| {
                    let row = &lines.rows(name)[0];
                    if row.as_array().is_some_and(|row| row.len() == 1) {
                        row[0].clone()
                    } else {
                        row[at].clone()
                    }
                };
                let listed = |grid: &str, name: &str| {
                    let place = usize::try_from(number(&cell(name))).unwrap_or(usize::MAX);
                    lines.rows(grid)[place].clone()
                };
                let (state, place) = (listed("states", "state"), listed("places", "place"));
                let key = key(&lines, [&state[0], &state[1], &place[6]]);
                let is_in =
                    ["calculated", "approved", "paid"].contains(&key[1].as_str()) && key[0] != "rejected";
                let is_counted = is_in && !cell("calculated").is_null();
                let counted = |name: &str| if is_counted { number(&cell(name)) } else { 0 };
                let sums = [
                    1,
                    number(&cell("expected")),
                    counted("calculated"),
                    counted("adjustments"),
                    number(&cell("paid")),
                ];
                add(&mut of_rows, key, sums);
            }
        }
        // What a list shows beside a total is what is expected of the rows that are not in it, by whatever they are cut.
        let is_apart = |[status, bucket, _]: &[String; 3]| {
            !["calculated", "approved", "paid"].contains(&bucket.as_str()) || status == "rejected"
        };
        let mut apart: BTreeMap<String, i64> = BTreeMap::new();
        for (key, sums) in &of_month {
            *apart.entry(key[2].clone()).or_default() += if is_apart(key) { sums[1] } else { 0 };
        }
        let mut facets: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for row in data.rows("facets") {
            let [dimension, currency] =
                [&row[0], &row[2]].map(|cell| data.text(cell).unwrap_or("").to_owned());
            *facets.entry(dimension).or_default().entry(currency).or_default() += number(&row[6]);
        }
        assert_eq!(facets.len(), 7, "{month}");
        for (dimension, expected) in facets {
            assert_eq!(expected, apart, "{month} by {dimension}");
        }
        assert!(!of_month.is_empty(), "{month}");
        assert_eq!(of_groups, of_month, "{month}");
        assert_eq!(of_rows, of_month, "{month}");
    }
}

#[test]
fn every_id_of_the_extracts_is_found() {
    // Goal: whatever id a person has in hand is in the index, and orders and lines lead to files that hold their rows.
    // Method: the ids of the newest extracts of the sample, folded; every entry's files exist under their set.
    let tree = &sample().tree;
    let folded = |id: &str| id.to_uppercase().replace(['-', ' ', '_', '/', '.'], "");
    let head = Data::of(tree, "find");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for file in 0..head.rows("files").len() {
        let data = Data::of(tree, &format!("find-{file}"));
        assert_eq!(head.text(&head.rows("files")[file][1]), Some(data.set()));
        for row in data.rows("entries") {
            // Left out where it is the id as received, folded; the ids of the sample fold without a table.
            let shown = folded(data.text(&row[2]).unwrap_or(""));
            let key = data.text(&row[0]).map_or(shown, str::to_owned);
            assert!(last <= key, "{last} before {key}");
            let kind = data.text(&row[1]).unwrap_or("").to_owned();
            found.entry(key.clone()).or_default().insert(kind);
            last = key;
        }
        for row in data.rows("at") {
            let name = match data.text(&row[1]) {
                Some(month) => format!("{month}-lines-{}", number(&row[2])),
                None => format!("customers-{}", number(&row[2])),
            };
            assert!(tree.has(&format!("query/data/{name}.js")), "{name}");
        }
        let with_files: BTreeSet<i64> = data.rows("at").iter().map(|row| number(&row[0])).collect();
        for (at, row) in (0..).zip(data.rows("entries")) {
            let is_row = matches!(data.text(&row[1]), Some("order" | "line"));
            assert!(!is_row || with_files.contains(&at), "{:?}", data.text(&row[0]));
        }
    }
    let ids = [
        (
            "orders.csv",
            &[
                ("order_id", "order"),
                ("account_id", "account"),
                ("invoice_id", "invoice"),
                ("subscription_id", "subscription"),
            ][..],
        ),
        (
            "rebate_lines.csv",
            &[("line_id", "line"), ("batch_id", "batch"), ("account_ref", "account"), ("order_ref", "order")]
                [..],
        ),
        ("payouts.csv", &[("payout_id", "payout")][..]),
        ("cancellations.csv", &[("cancellation_id", "cancellation")][..]),
        ("adjustments.csv", &[("adjustment_id", "adjustment")][..]),
    ];
    let project = Project::sample();
    let mut missing = Vec::new();
    let aside = |id: &str| tree.read("quarantine.html").contains(id);
    for (file, columns) in ids {
        for row in rows(&project.read(&format!("input/2026-06-18/{file}"))) {
            for (column, kind) in columns {
                let id = &row[*column];
                // An account that no map knows is no account of ours; a row set aside is on its own page.
                let is_known = found.get(&folded(id)).is_some_and(|kinds| kinds.contains(*kind));
                if !id.is_empty() && !is_known && !aside(&row[columns[0].0]) {
                    missing.push(format!("{kind} {id}"));
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn an_order_that_no_extract_has_leads_to_its_lines_of_every_month() {
    // Goal: the entry of an id leads to all rows that name it, wherever they are. Method: lines of three periods, two
    // spellings, one unknown order: one entry, with a file of each period.
    let project = Project::base();
    let lines: Vec<String> = [("04", "GHOST-77"), ("05", "ghost 77"), ("06", "GHOST-77")]
        .map(|(month, order)| {
            format!("U-{month},CORE,B-1,{order},,srv,compute,2026-{month},9.00,0.08,0.72,USD,CALCULATED,,2026-06-10,,,\n")
        })
        .into();
    project.append("input/2026-06-18/rebate_lines.csv", &lines.concat());
    let tree = project.build();
    let data = Data::of(&tree, "find-0");
    let is_order = |row: &Value| {
        data.text(&row[1]) == Some("order") && data.text(&row[2]).is_some_and(|id| id.ends_with("77"))
    };
    let entries: Vec<usize> =
        (0..).zip(data.rows("entries")).filter(|(_, row)| is_order(row)).map(|(at, _)| at).collect();
    assert_eq!(entries.len(), 1);
    let at = data.rows("at").iter().filter(|row| row[0] == entries[0]);
    let months: BTreeSet<&str> = at.filter_map(|row| data.text(&row[1])).collect();
    assert_eq!(months, ["2026-04", "2026-05", "2026-06"].into());
}

#[test]
fn a_month_that_stays_keeps_its_files() {
    // Goal: a new snapshot costs what is new. Method: one more snapshot in which one line of one month has another
    // adjustment: the files of the other months, and the head of the index but for sets, stay byte for byte.
    let project = Project::sample();
    let before = project.build().digest();
    let adjustments = project.read("input/2026-06-18/adjustments.csv");
    project
        .write("input/2026-06-19/adjustments.csv", adjustments + "ADJ-9,L-1004,-5.00,USD,FEE,,2026-06-19\n");
    let after = project.build().digest();
    let changed: Vec<&String> = before
        .iter()
        .filter(|(path, _)| path.starts_with("query/data/2026-0") && !path.contains("2026-05"))
        .filter(|(path, sum)| after.get(*path) != Some(*sum))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, Vec::<&String>::new());
    assert_ne!(before["query/data/2026-05.js"], after["query/data/2026-05.js"]);
}

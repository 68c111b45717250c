//! What the browser compares snapshots with: the files of `changes/data/`, and the page that loads them.

use serde_json::Value;

use super::support::{Project, Tree, sample};

/// A data file of `changes/data/`: the JSON object in its script.
fn data(tree: &Tree, name: &str) -> Value {
    let text = tree.read(&format!("changes/data/{name}.js"));
    let json = text.split_once(",{").unwrap_or_else(|| panic!("{name}: {text}")).1;
    let json = format!("{{{}", json.trim_end().trim_end_matches(");"));
    serde_json::from_str(&json).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The texts behind some cells of every row of a table of a data file.
fn cells(data: &Value, grid: &str, column: usize) -> Vec<String> {
    let rows = data[grid].as_array().unwrap_or_else(|| panic!("no {grid}"));
    let text = |row: &Value| {
        let number = usize::try_from(row[column].as_u64().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        data["texts"][number].as_str().unwrap_or("").to_owned()
    };
    rows.iter().map(text).collect()
}

#[test]
fn the_data_of_comparisons_grows_with_the_changes() {
    // Goal: a snapshot in which nothing changed costs nothing, a change costs its line, and no file by customer is as long
    // as the history. Method: the sample; then one more snapshot without a change, and one with one change.
    let project = Project::sample();
    let tree = project.build();
    let lines = cells(&data(&tree, "2026-06-18"), "lines", 2);
    assert!(lines.contains(&"L-1001".to_owned()) && !lines.contains(&"L-1004".to_owned()), "{lines:?}");
    assert!(!tree.has("changes/data/2026-05-08.js"), "the first snapshot has nothing before it");
    let steps = |tree| data(tree, "2026-06-18")["steps"].clone();
    let ends =
        |tree| ["index", "customers-0"].map(|name| data(tree, name)["ends"].as_array().map_or(0, Vec::len));
    let (steps_before, ends_before) = (steps(&tree), ends(&tree));

    project.write("input/2026-06-19/adjustments.csv", project.read("input/2026-06-18/adjustments.csv"));
    let adjustments = project.read("input/2026-06-18/adjustments.csv");
    project
        .write("input/2026-06-20/adjustments.csv", adjustments + "ADJ-9,L-1004,-5.00,USD,FEE,,2026-06-20\n");
    let tree = project.build();
    assert_eq!(data(&tree, "2026-06-19")["steps"], serde_json::json!([]));
    assert_eq!(cells(&data(&tree, "2026-06-20"), "lines", 2), ["L-1004"]);
    assert_eq!(steps(&tree), steps_before, "what an older snapshot brought stays what it was");
    assert_eq!(ends(&tree), ends_before.map(|count| count + 1), "one group moved, once");
}

#[test]
fn the_ends_of_a_comparison_are_the_totals_of_its_snapshots() {
    // Goal: what the browser adds up from the groups is what each snapshot says. Method: the groups of the sample up to each
    // snapshot against the list of snapshots, in every currency.
    let tree = &sample().tree;
    let index = data(tree, "index");
    let totals = tree.rows("snapshot/index.csv");
    for (number, snapshot) in cells(&index, "snapshots", 0).into_iter().enumerate() {
        let row = totals.iter().find(|row| row["Snapshot"] == snapshot);
        let row = row.unwrap_or_else(|| panic!("no {snapshot}"));
        for code in ["USD", "EUR", "JPY"] {
            let mut sum = 0;
            let rows = index["ends"].as_array().unwrap_or_else(|| panic!("no ends"));
            for (end, currency) in rows.iter().zip(cells(&index, "ends", 4)) {
                let is_before = end[0].as_u64().is_some_and(|at| at <= number as u64);
                sum += if is_before && currency == code { end[9].as_i64().unwrap_or(0) } else { 0 };
            }
            let expected = row[&format!("Total rebate, {code}")].replace('.', "");
            let expected: i64 = if expected.is_empty() { 0 } else { expected.parse().unwrap_or(-1) };
            assert_eq!(sum, expected, "{snapshot}, {code}");
        }
    }
}

#[test]
fn one_snapshot_has_nothing_to_compare() {
    // Goal: the page is there from the first build on, and asks for nothing that cannot be had. Method: a project with one
    // snapshot: no form, no data, no script.
    let project = Project::base();
    let tree = project.build();
    let page = tree.read("changes/index.html");
    assert!(page.contains("There is one snapshot so far"), "{page}");
    assert!(!page.contains("<form class=\"js-only\"") && !page.contains("assets/compare-"), "{page}");
    assert!(!tree.paths().iter().any(|path| path.starts_with("changes/data/")));
    assert!(sample().tree.read("changes/index.html").contains("assets/compare-"));
    assert!(
        !sample().tree.read("snapshot/index.html").contains("assets/compare-"),
        "only where it is needed"
    );
}

#[test]
fn why_a_line_went_is_remembered_by_later_snapshots() {
    // Goal: "its row could not be read" is said of the snapshot in which it was so, whichever snapshot is shown. Method: a
    // row that is unreadable in one snapshot and gone in the next; the bridge to the first of them, from both.
    let project = Project::sample();
    let lines = project.read("input/2026-06-18/rebate_lines.csv");
    project.write(
        "input/2026-06-19/rebate_lines.csv",
        lines.replace(",320.00,USD,CALCULATED", ",32O.00,USD,CALCULATED"),
    );
    let diff = |project: &Project| project.run(&["diff", "2026-06-18", "2026-06-19"]).code(0).stdout;
    let words = "removed: its row could not be read this time; it was Calculated";
    let before = diff(&project);
    assert!(before.contains(words), "{before}");
    let gone: String =
        lines.lines().filter(|line| !line.starts_with("L-4006,")).map(|line| format!("{line}\n")).collect();
    project.write("input/2026-06-20/rebate_lines.csv", gone);
    assert_eq!(diff(&project), before);
    let page = project.build().text("changes/2026-06-18-to-2026-06-19.html");
    assert!(page.contains("its row could not be read this time"), "{page}");
}

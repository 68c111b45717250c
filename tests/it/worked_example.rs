//! The worked example: the numbers, cases and sentences that the sample must show.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::support::{Project, Row, rows, sample, tests};

/// The first nine columns of `cases.csv` (contract, section 6).
const COLUMNS: [&str; 9] = [
    "subject_type",
    "subject_id",
    "order_id",
    "period",
    "currency",
    "primary",
    "secondary",
    "direction",
    "at_stake",
];

/// The first words of keys of the expected file that `totals.csv` does not have: these figures stand under other keys and
/// on pages; they are tested below.
const KEYS_ELSEWHERE: [&str; 3] = ["scenarioA", "scenarioB", "split"];

fn expected(file: &str) -> Vec<Row> {
    rows(&fs::read_to_string(tests().join("sites/worked-example/expected").join(file)).unwrap())
}

fn nine(row: &Row) -> Vec<&str> {
    COLUMNS.iter().map(|column| row[*column].as_str()).collect()
}

fn totals() -> BTreeMap<String, String> {
    let rows = sample().tree.rows("data/totals.csv");
    rows.into_iter().map(|mut row| (row.remove("key").unwrap(), row.remove("value").unwrap())).collect()
}

#[test]
fn every_case_is_the_expected_one() {
    // Goal: all 71 cases as derived by hand. Method: nine columns of every expected row against the row of the same
    // subject, and no row beside them.
    let actual = sample().tree.rows("data/cases.csv");
    let mut by_subject: BTreeMap<(&str, &str), &Row> = BTreeMap::new();
    for row in &actual {
        assert!(
            by_subject.insert((&row["subject_type"], &row["subject_id"]), row).is_none(),
            "twice: {row:?}"
        );
    }
    let mut wrong = Vec::new();
    let expected = expected("cases.csv");
    for row in &expected {
        let found = by_subject.remove(&(&row["subject_type"], &row["subject_id"])).map(nine);
        if found != Some(nine(row)) {
            wrong.push(format!("expected {:?}\n   found {found:?}", nine(row)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(by_subject.is_empty(), "unexpected cases: {:?}", by_subject.keys());
    assert_eq!(actual.len(), 71);
}

#[test]
fn cases_are_sorted_and_start_with_the_nine_columns() {
    // Goal: the promise of the contract to whoever reads the file by position. Method: header and order of the bytes.
    let text = sample().tree.read("data/cases.csv");
    assert!(text.starts_with(&format!("{},", COLUMNS.join(","))), "{}", text.lines().next().unwrap());
    let all = rows(&text);
    assert!(all.windows(2).all(|pair| nine(&pair[0])[..2] < nine(&pair[1])[..2]), "sorted by type and id");
    for kind in ["line", "order", "payout", "source", "row"] {
        assert!(all.iter().any(|row| row["subject_type"] == kind), "no {kind}");
    }
}

#[test]
fn every_total_has_the_expected_value() {
    // Goal: control totals, row counts, the bridge, the roll-forward with its ages and later events, and amounts at stake to
    // the cent. Method: each key of the expected file must be written with its value, but for those that stand elsewhere.
    let actual = totals();
    let (mut wrong, mut missing) = (Vec::new(), BTreeSet::new());
    for row in expected("totals.csv") {
        let (key, value) = (&row["key"], &row["value"]);
        let head = key.split('.').next().unwrap();
        match actual.get(key) {
            Some(found) if found == value => {}
            Some(found) => wrong.push(format!("{key}: {found}, expected {value}")),
            None if KEYS_ELSEWHERE.contains(&head) => {
                missing.insert(head.to_owned());
            }
            // Amounts are written with the currency's own digits, and what has none is still a zero.
            None => wrong.push(format!("{key}: not written, expected {value}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        missing,
        KEYS_ELSEWHERE.iter().map(|s| (*s).to_owned()).collect(),
        "take written keys off the list"
    );
}

/// Hundredths of an amount with two decimals.
fn cents(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or_else(|| panic!("`{text}` has no decimals"));
    assert_eq!(part.len(), 2, "`{text}`");
    format!("{whole}{part}").parse().unwrap()
}

#[test]
fn keys_without_an_expectation_are_of_the_known_groups() {
    // Goal: a new or renamed key is noticed. Method: every key begins with a group of the contract, and the buckets of
    // each program, period and currency are all there.
    let actual = totals();
    let groups = ["aging", "bridge", "bucket", "control", "rollforward", "rows", "stake", "subsequent"];
    for (key, value) in &actual {
        assert!(groups.contains(&key.split('.').next().unwrap()), "{key}");
        assert_ne!(value, "-0.00", "{key}");
    }
    let scopes: BTreeSet<&str> =
        actual.keys().filter(|k| k.starts_with("bucket.")).map(|k| k.rsplit_once('.').unwrap().0).collect();
    for scope in scopes {
        for bucket in ["Pending", "Calculated", "Approved", "Paid", "Rejected", "Unknown"] {
            assert!(actual.contains_key(&format!("{scope}.{bucket}")), "{scope}.{bucket}");
        }
    }
}

#[test]
fn scenario_a_the_month_of_a_campaign() {
    // Goal: "Total 18,420.00 = Calculated 9,200.00 + Approved 6,050.00 + Paid 3,170.00", yesterday 12,000.00. Method: the
    // buckets in `totals.csv`, and the figures and the message on the campaign's page and on the order's.
    let sample = sample();
    let totals = totals();
    let bucket = |name: &str| totals[&format!("bucket.SPRING.2026-05.USD.{name}")].as_str();
    let values: BTreeMap<String, String> = expected("totals.csv")
        .into_iter()
        .map(|mut r| (r.remove("key").unwrap(), r.remove("value").unwrap()))
        .collect();
    for name in ["Calculated", "Approved", "Paid"] {
        assert_eq!(bucket(name), values[&format!("scenarioA.bucket.{name}")], "{name}");
    }
    let sum = ["Calculated", "Approved", "Paid"].map(|name| cents(bucket(name))).iter().sum::<i64>();
    assert_eq!(sum, cents(&values["scenarioA.total"]));
    assert_eq!(sum, 1_842_000);
    for name in ["Pending", "Rejected", "Unknown"] {
        assert_eq!(bucket(name), "0.00", "{name}");
    }
    let campaign = sample.tree.text("campaign/spring-growth.html");
    for figure in ["18,420.00", "9,200.00", "6,050.00", "3,170.00", "1,900.00"] {
        assert!(campaign.contains(figure), "{figure} is not on the campaign's page:\n{campaign}");
    }
    let order = sample.tree.text("order/ord1003.html");
    for words in
        ["Under Review", "Invoice confirmation pending", "Expected update after billing cycle closure"]
    {
        assert!(order.contains(words), "`{words}` is not on the order's page:\n{order}");
    }
    for month in ["period/2026-05.html", "index.html"] {
        assert!(sample.tree.text(month).contains("31,771.08"), "the month's total is not on {month}");
    }
}

#[test]
fn scenario_a_as_it_was_known_yesterday() {
    // Goal: "It was $12,000 yesterday" can be looked up. Method: build the snapshot of that day.
    let project = Project::sample();
    let run = project.run(&["build", "--snapshot", "2026-06-17"]).code(0);
    assert!(run.stderr.contains("snapshot 2026-06-17"), "{}", run.stderr);
    let totals = project.tree().rows("data/totals.csv");
    let sum: i64 = totals
        .iter()
        .filter(|row| {
            ["Calculated", "Approved", "Paid"]
                .iter()
                .any(|b| row["key"] == format!("bucket.SPRING.2026-05.USD.{b}"))
        })
        .map(|row| cents(&row["value"]))
        .sum();
    assert_eq!(sum, 1_200_000);
    assert!(project.tree().text("campaign/spring-growth.html").contains("12,000.00"));
}

#[test]
fn scenario_b_a_refund_between_calculated_and_paid() {
    // Goal: 2,540.00 − 310.00 = 2,230.00, tied to the cancellation. Method: the line in `lines.csv`, and the amounts,
    // the reason and the records on the order's page.
    let sample = sample();
    let lines = sample.tree.rows("data/lines.csv");
    let line = lines.iter().find(|row| row["line_id"] == "L-2001").unwrap();
    let amounts =
        ["calculated", "adjustments", "net", "paid", "expected"].map(|column| line[column].as_str());
    assert_eq!(amounts, ["2540.00", "-310.00", "2230.00", "2230.00", "2540.00"]);
    let page = sample.tree.text("order/ord2001.html");
    for words in ["2,540.00", "310.00", "2,230.00", "CAN-9001", "PO-5001", "Paid"] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    let finance = sample.tree.text_of_id("order/ord2001.html", "answer-finance");
    let sentence =
        "Calculated rebate $2,540.00. Adjustment −$310.00 due to cancellation refund. Paid rebate $2,230.00.";
    assert!(finance.starts_with(sentence), "{finance}");
}

#[test]
fn scenario_c_a_product_outside_the_program() {
    // Goal: Rejected, with the reason and the recommended fix in the brief's words. Method: the texts of the order's
    // page.
    let page = sample().tree.text("order/ord3001.html");
    for words in [
        "Rejected",
        "SKU not eligible for current rebate program tier",
        "Confirm if product should be enrolled under 'Enterprise Eligible' program.",
        "840.00",
    ] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
}

#[test]
fn scenario_c_names_the_program_of_the_rules() {
    // Goal: the recommended program comes from the rule file and not from a text (scenario C). Method: give the program
    // another name; the page says that one and no other.
    let project = Project::sample();
    project.change_file("input/reference/programs.csv", "Enterprise Eligible", "Secure Partner Plus");
    let page = project.build().text("order/ord3001.html");
    assert!(page.contains("enrolled under 'Secure Partner Plus' program"), "{page}");
    assert!(!page.contains("Enterprise Eligible"), "{page}");
}

#[test]
fn the_three_sentences_of_the_brief_word_for_word() {
    // Goal: lines 30 to 32 of the brief come out of data of that kind. Method: the answer of the right audience on the
    // page and from `tieout explain`; sales and finance may add their figures behind the sentence.
    let sentences = [
        (
            "sales",
            "order/ord1002.html",
            "ORD-1002",
            "Rebate for May campaign is calculated; pending approval; estimated payment date is next billing cycle.",
        ),
        (
            "finance",
            "order/ord1003.html",
            "SG-2605-XYZ",
            "Rebate batch ID SG-2605-XYZ includes orders ORD-1001, ORD-1002, ORD-1003; eligibility requires invoice \
             confirmation; current state is 'Under review'.",
        ),
        (
            "support",
            "order/ord4011.html",
            "ord 4011",
            "This item is missing because the order mapping lacks region code; please confirm the account ID.",
        ),
    ];
    let project = Project::sample();
    for (audience, page, id, sentence) in sentences {
        let answer = sample().tree.text_of_id(page, &format!("answer-{audience}"));
        assert!(answer.starts_with(sentence), "{page}: {answer}");
        let run = project.run(&["explain", id]).code(0);
        let line =
            run.stdout.lines().find(|line| line.trim_start().starts_with(&format!("{audience}:"))).unwrap();
        assert!(line.contains(sentence), "{line}");
        let answers = project.run(&["explain", id, "--format", "json"]).code(0).json();
        let is_told = answers["answers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a[audience].as_str().unwrap().starts_with(sentence));
        assert!(is_told, "{answers:#}");
    }
    let support = sample().tree.text_of_id("order/ord4011.html", "answer-support");
    assert_eq!(support, sentences[2].3, "support says nothing else");
    let batch = sample().tree.text("batch/sg2605xyz.html");
    assert!(batch.contains(sentences[1].3), "{batch}");
}

#[test]
fn the_control_total_ties() {
    // Goal: 40,697.84 declared = 40,297.84 loaded + 400.00 set aside, where a person looks for it. Method: the page of
    // rows set aside, its table as a file, `check` for people and for programs.
    let tree = &sample().tree;
    let page = tree.text("quarantine.html");
    for words in ["40,697.84", "40,297.84", "400.00", "4O0.00", "ORD-4001", "1 row"] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    let controls = tree.read("quarantine.control-totals.csv");
    for amount in ["40697.84", "40297.84", "400.00"] {
        assert!(controls.contains(amount), "{amount} is not in\n{controls}");
    }
    let project = Project::sample();
    project.run(&["check"]).code(0).says(
        "2026-06-18/rebate_lines.csv USD: 40697.84 declared = 40297.84 loaded + 400.00 set aside, difference 0.00",
    );
    let check = project.run(&["check", "--format", "json"]).code(0).json();
    let files = check["files"].as_array().unwrap();
    let lines = files.iter().find(|file| file["path"] == "2026-06-18/rebate_lines.csv").unwrap();
    assert_eq!(lines["totals"]["USD"], "40297.84");
    assert_eq!(lines["declared"]["USD"], "40697.84");
    assert_eq!(lines["difference"]["USD"], "0.00", "nothing is left unexplained");
    assert_eq!(lines["totals"]["JPY"], "61728");
}

#[test]
fn a_line_over_two_orders_is_split_to_the_cent() {
    // Goal: 400.08 over 2,000 : 3,001 is 160.00 and 240.08 (I-15). Method: the orders' rows and pages.
    let tree = &sample().tree;
    let orders = tree.rows("data/orders.csv");
    let values: BTreeMap<String, String> = expected("totals.csv")
        .into_iter()
        .map(|mut r| (r.remove("key").unwrap(), r.remove("value").unwrap()))
        .collect();
    for (id, page) in [("ORD-6004", "order/ord6004.html"), ("ORD-6005", "order/ord6005.html")] {
        let order = orders.iter().find(|row| row["order_id"] == id).unwrap();
        assert_eq!(order["calculated"], values[&format!("split.{id}")]);
        assert!(tree.text(page).contains(&order["calculated"]), "{page}");
    }
}

#[test]
fn the_input_of_the_repository_is_the_worked_example() {
    // Goal: the expectations speak of the input that is built. Method: its rows, counted as the example's text counts
    // them.
    Project::sample().reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/orders.csv"), [60, 59, 1, 0, 0]);
        assert_eq!(seen.counts("2026-06-18/rebate_lines.csv"), [49, 48, 0, 1, 0]);
        let snapshots: Vec<String> = seen.shown.snapshots.iter().map(|s| s.as_of.to_string()).collect();
        assert_eq!(snapshots, ["2026-05-08", "2026-06-17", "2026-06-18"]);
    });
}

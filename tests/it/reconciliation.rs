//! The reconciliation on pages: bridges, what is at stake, causes with the rows that clear them, and the rule in force.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;

use super::support::{Project, Row, Tree, sample};

/// The value of each key of `totals.csv`.
fn totals(tree: &Tree) -> BTreeMap<String, String> {
    let rows = tree.rows("data/totals.csv");
    rows.into_iter().map(|mut row| (row.remove("key").unwrap(), row.remove("value").unwrap())).collect()
}

/// `1234.5` as a page shows it: `1,234.50`, with a real minus sign.
fn shown(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(format!("{sign}{grouped}"), |f| format!("{sign}{grouped}.{f}"))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

/// The row of a CSV file whose column holds a value; there must be one.
fn row<'r>(rows: &'r [Row], column: &str, value: &str) -> &'r Row {
    let mut found = rows.iter().filter(|row| row[column] == value);
    let first = found.next().unwrap_or_else(|| panic!("no row with {column} = {value}: {rows:#?}"));
    assert!(found.next().is_none(), "two rows with {column} = {value}");
    first
}

#[test]
fn the_bridge_of_may_goes_from_own_expected_to_vendor_calculated_to_the_cent() {
    // Goal: 35,130.08 by our rules, 32,139.08 by the vendor, every cent of −2,991.00 in a row (I-9). Method: the numbers
    // worked out by hand, on the page and in its file; every `bridge.USD.by.` of totals.csv is a row, and no other is.
    let sample = sample();
    let text = sample.tree.text("discrepancy/bridge-2026-05.html");
    has(
        &text,
        &[
            "The vendor calculated $32,139.08 for May 2026; our own rules give $35,130.08.",
            "Vendor calculated 32,139.08 less own expected 35,130.08 is \u{2212}2,991.00 USD.",
            "Remainder 0.00: every cent of the difference is explained.",
            "Wrong tier applied",
            "\u{2212}1,150.00",
            "Bridge in CNY",
            "Bridge in JPY",
        ],
    );
    let rows = sample.tree.rows("discrepancy/bridge-2026-05.usd.csv");
    for (step, amount) in [
        ("Own expected", "35130.08"),
        ("Vendor calculated", "32139.08"),
        ("Difference", "-2991.00"),
        ("Remainder", "0.00"),
        ("Wrong tier applied", "-1150.00"),
        ("Account mapping not found", "-480.00"),
        ("Amount above the cap", "500.00"),
        ("Probably the same order under a slightly different id", "0.00"),
    ] {
        assert_eq!(row(&rows, "Step", step)["Amount"], amount, "{step}");
    }
    let by: BTreeMap<String, String> = totals(&sample.tree)
        .into_iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("bridge.USD.by.")?.to_owned(), value)))
        .collect();
    assert_eq!(by.len(), 19);
    assert_eq!(rows.len(), by.len() + 4, "two ends, difference and remainder, and a row per kind");
    let data = sample.tree.rows("data/bridge.csv");
    let of_may: BTreeMap<String, String> = data
        .iter()
        .filter(|r| r["period"] == "2026-05" && r["currency"] == "USD" && !r["cases"].is_empty())
        .map(|r| (r["row"].clone(), r["amount"].clone()))
        .collect();
    assert_eq!(of_may, by);
    for amount in by.values() {
        assert!(text.contains(&shown(amount)), "{amount}");
    }
}

#[test]
fn the_cases_behind_a_bridge_add_up_to_it_and_every_row_leads_to_them() {
    // Goal: from each row to its cases. Method: the file of cases sums to each row, every number of cases links to an
    // anchor on the page, and every kind links to its page.
    let sample = sample();
    let page = sample.tree.main("discrepancy/bridge-2026-05.html");
    let rows = sample.tree.rows("discrepancy/bridge-2026-05.usd.csv");
    let cases = sample.tree.rows("discrepancy/bridge-2026-05.cases.usd.csv");
    for row in rows.iter().filter(|row| !row["Cases"].is_empty()) {
        let effects: Vec<i64> = cases
            .iter()
            .filter(|case| case["Row"] == row["Step"])
            .map(|case| case["Effect"].replace('.', "").parse().unwrap())
            .collect();
        assert_eq!(effects.len().to_string(), row["Cases"], "{row:?}");
        let sum: i64 = effects.iter().sum();
        assert_eq!(sum, row["Amount"].replace('.', "").parse::<i64>().unwrap(), "{row:?}");
    }
    let data = sample.tree.rows("data/bridge.csv");
    for row in data.iter().filter(|r| r["period"] == "2026-05" && !r["cases"].is_empty()) {
        let anchor = format!("{}-{}", row["currency"].to_lowercase(), row["row"]);
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
        assert!(page.contains(&format!("discrepancy/bridge-2026-05.html#{anchor}\"")), "{anchor}");
        assert!(page.contains(&format!("discrepancy/{}.html\"", row["row"])), "{anchor}");
    }
    // The same table stands on the page of the period and on the index, and leads to the bridge.
    for path in ["period/2026-05.html", "discrepancy/index.html"] {
        let section = sample.tree.main(path);
        assert!(section.contains("discrepancy/bridge-2026-05.html\""), "{path}");
        has(&sample.tree.text(path), &["Remainder 0.00", "35,130.08", "32,139.08", "\u{2212}2,991.00"]);
    }
}

#[test]
fn what_is_at_stake_is_the_same_on_the_index_and_in_the_totals() {
    // Goal: each direction has one figure (I-14). Method: every `stake.` of totals.csv against the file of the index.
    let sample = sample();
    let text = sample.tree.text("discrepancy/index.html");
    let mut seen = 0;
    for (key, value) in totals(&sample.tree) {
        let Some(key) = key.strip_prefix("stake.") else { continue };
        let (currency, direction) = key.split_once('.').unwrap();
        let path = format!("discrepancy/index.stake.{}.csv", currency.to_lowercase());
        let rows = sample.tree.rows(&path);
        assert_eq!(row(&rows, "In data files", direction)["At stake"], value, "{currency} {direction}");
        assert!(text.contains(&shown(&value)), "{currency} {direction} {value}");
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
    has(&text, &["We may be owed this Claim it from the vendor. receivable 13 2,774.00"]);
    has(&text, &["raised: the period is closed"]);
}

#[test]
fn fixes_are_ranked_by_money_and_come_as_rows_of_their_files() {
    // Goal: the row to copy, what it clears, and the file that `--with-fix` reads. Method: the alias of ORD-4006 and the
    // account ACC-909 with 480.00 on the page and in the files; the largest first.
    let sample = sample();
    let text = sample.tree.text("discrepancy/index.html");
    let line = "ACC-909,<vendor_account_id>,<customer_id>,<customer_name>,ap-southeast-1,2026-05-12,";
    has(
        &text,
        &[
            &format!("Account ACC-909 is not in the accounts map {line}"),
            "ORD-4009 1 480.00 USD",
            "Order ORD-4006 may be ORD-4060 at the vendor ORD-4006,ORD-4060,order,<approved_by>,<approved_on>,<reason>",
            "ORD-4006 2 320.00 USD",
            "tieout check --with-fix accounts.csv",
            "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
        ],
    );
    let [sku, account, alias] = ["SKU GPU-X9 is not", "Account ACC-909 is not", "Order ORD-4006 may be"]
        .map(|what| text.find(what).unwrap());
    assert!(sku < account && account < alias, "800.00, 480.00, 320.00");
    let accounts = sample.tree.rows("data/fixes/accounts.csv");
    let missing = row(&accounts, "account_id", "ACC-909");
    assert_eq!((missing["vendor_account_id"].as_str(), missing["region"].as_str()), ("", "ap-southeast-1"));
    let causes = sample.tree.rows("data/causes.csv");
    let cause = row(&causes, "root", "account ACC-909");
    assert_eq!((cause["at_stake"].as_str(), cause["fix_row"].as_str()), ("480.00", line));
}

#[test]
fn a_row_of_a_fixes_file_clears_its_cases() {
    // Goal: the file is what the program reads. Method: the downloaded aliases put into the reference folder of the same
    // project: the pair of the near miss is one matched order, and no alias is offered for it any more.
    let project = Project::sample();
    let before = project.build();
    let aliases = before.read("data/fixes/aliases.csv");
    let primaries = |tree: &Tree, order: &str| -> Vec<String> {
        let rows = tree.rows("data/cases.csv");
        rows.iter().filter(|r| r["order_id"] == order).map(|r| r["primary"].clone()).collect()
    };
    assert_eq!(primaries(&before, "ORD-4006"), ["near-miss-identifier"]);
    let header = aliases.lines().next().unwrap().to_owned();
    let pair = aliases.lines().find(|line| line.starts_with("ORD-4006,")).unwrap().to_owned();
    project.write("input/reference/aliases.csv", format!("{header}\n{pair}\n"));
    let after = project.build();
    assert_eq!(primaries(&after, "ORD-4006"), ["clean"]);
    assert!(!after.read("data/fixes/aliases.csv").contains("ORD-4006"));
}

#[test]
fn five_cases_with_one_cause_are_a_group_on_top() {
    // Goal: five orders of one unmapped account are one thing to do (domain 4.4). Method: five rows of account A-9 beside
    // the clean base: the group with 400.00, a link to its place, the row that clears it; four of them are no group.
    let order = |n: usize| {
        format!(
            "O-9{n},R-1,A-9,,INV-9{n},2026-05-15,2026-05-12,SERVER,eu-1,intl,prepay,standard,2026-01-01,,USD,1000.00,0.00,active\n"
        )
    };
    let project = Project::base();
    project.append("input/2026-06-18/orders.csv", &(0..4).map(order).collect::<String>());
    let four = project.build();
    assert!(!four.main("discrepancy/index.html").contains("id=\"groups\""));
    project.append("input/2026-06-18/orders.csv", &order(4));
    let five = project.build();
    let text = five.text("discrepancy/index.html");
    has(&text, &["Many cases, one cause", "Account A-9 Account mapping not found", "5 5 400.00 USD"]);
    assert!(text.find("Many cases, one cause").unwrap() < text.find("What is at stake").unwrap());
    has(&text, &["Account A-9 is not in the accounts map A-9,<vendor_account_id>,"]);
    assert!(five.main("discrepancy/index.html").contains("discrepancy/account-unmapped.html#cases\""));
    has(&five.text("discrepancy/account-unmapped.html"), &["Account A-9: 5 cases, $400.00 at stake"]);
    // A second cause of the kind gets a place of its own below its heading.
    let other = order(5).replace("A-9,", "A-8,");
    project.append("input/2026-06-18/orders.csv", &other);
    let both = project.build();
    let kind = both.main("discrepancy/account-unmapped.html");
    let link = both.main("discrepancy/index.html");
    let at = link.find("account-unmapped.html#cause-").unwrap() + "account-unmapped.html#".len();
    assert!(
        kind.contains(&format!("id=\"{}\"", &link[at..at + "cause-".len() + 8])),
        "{}",
        &link[at..at + 20]
    );
    let text = both.text("discrepancy/account-unmapped.html");
    has(&text, &["Account A-9: 5 cases, $400.00 at stake", "Account A-8: 1 case, $80.00 at stake"]);
}

#[test]
fn a_clean_project_has_nothing_to_fix() {
    // Goal: empty states say so. Method: the clean base.
    let project = Project::base();
    let tree = project.build();
    has(
        &tree.text("discrepancy/index.html"),
        &[
            "Nothing to fix in the reference files.",
            "Nothing is at stake: every line and every order is clean.",
        ],
    );
    assert!(!tree.has("data/fixes/aliases.csv"), "a file without rows");
    has(&tree.text("discrepancy/bridge-2026-05.html"), &["There is no difference.", "Remainder 0.00"]);
}

#[test]
fn a_kind_shows_its_money_its_cases_and_what_it_adds_to_the_bridges() {
    // Goal: from a kind to its amounts. Method: the two lines of the wrong tier.
    let sample = sample();
    let text = sample.tree.text("discrepancy/tier-mismatch.html");
    has(
        &text,
        &[
            "We may be owed this USD 2 1,150.00",
            "Program GROW: 2 cases, $1,150.00 at stake",
            "ORD-4027 High",
            "May 2026 USD 2 \u{2212}1,150.00",
        ],
    );
    let cases = sample.tree.rows("discrepancy/tier-mismatch.cases.csv");
    assert_eq!(row(&cases, "Order", "ORD-4028")["At stake"], "550.00");
    assert_eq!(row(&cases, "Order", "ORD-4028")["Severity"], "High");
    let closed = sample.tree.rows("discrepancy/payout-missing.cases.csv");
    assert_eq!(row(&closed, "Order", "ORD-4047")["Severity"], "Critical (raised: the period is closed)");
}

#[test]
fn a_program_in_bands_shows_its_tiers_its_cap_and_a_computed_example() {
    // Goal: whole volume and bands look alike and pay differently (domain 3.3). Method: MIG, 25,000.00 in one order.
    let sample = sample();
    let text = sample.tree.text("program/mig.html");
    has(
        &text,
        &[
            "Bands (marginal): each part of the volume at the rate of its own tier.",
            "The net amount of the order less what was paid by voucher.",
            "The order date must be from 1 May 2026 to 15 May 2026.",
            "At most $1,500.00 of rebate per order.",
            "Group MIG: one program of the group earns on an order.",
            "Once, half up, on each order row, to the digits of USD.",
            "reference/programs.csv, line 6, SHA-256",
            "compute 0.00 10,000.00 on any day",
            "compute 10,000.00 no end on any day",
            "10,000.00 \u{d7} 5% + 15,000.00 \u{d7} 10% = 2,000.00, capped at 1,500.00",
            "Earned by the volume 2,500.00 25,000.00 2,000.00",
            "In force: Bands, 2,000.00 USD. Read as whole volume, the same volume would earn 2,500.00 USD",
        ],
    );
    let rates = sample.tree.rows("program/mig.rates.csv");
    assert_eq!(
        rates.iter().map(|r| (r["From (included)"].as_str(), r["Rate"].as_str())).collect::<Vec<_>>(),
        [("0.00", "0.05"), ("10000.00", "0.1")]
    );
}

#[test]
fn programs_of_one_rate_and_of_the_whole_volume_show_theirs() {
    // Goal: each method in words with a real order. Method: ENT (flat) and GROW (retroactive), computed by hand.
    let sample = sample();
    let ent = sample.tree.text("program/ent.html");
    has(
        &ent,
        &[
            "Flat: one rate on everything.",
            "Contract types enterprise",
            "compute on any day",
            "reference/program_rates.csv:8 9%",
            "10,000.00 \u{d7} 9% = 900.00",
        ],
    );
    assert!(!ent.contains("The band earns"), "one rate has no bands");
    let grow = sample.tree.text("program/grow.html");
    has(
        &grow,
        &[
            "Whole volume (retroactive)",
            "All eligible orders of an account in a calendar quarter.",
            "60,000.00 \u{d7} 3% at a volume of 115,000.00 = 1,800.00",
            "In force: Whole volume, 3,450.00 USD. Read as bands, the same volume would earn 1,450.00 USD",
        ],
    );
}

#[test]
fn a_batch_says_its_orders_its_condition_and_its_state_and_compares_the_three_amounts() {
    // Goal: the sentence of the brief, and eligible beside calculated and paid. Method: SG-2605-XYZ.
    let sample = sample();
    has(
        &sample.tree.text("batch/sg2605xyz.html"),
        &[
            "Rebate batch ID SG-2605-XYZ includes orders ORD-1001, ORD-1002, ORD-1003; eligibility requires invoice \
             confirmation; current state is 'Under review'.",
            "of which Under Review 1 1,900.00",
            "Eligible our own computation for these lines, by the program's rule 3 9,200.00",
            "Calculated so far the vendor's computation 3 9,200.00",
            "Paid so far what the vendor says it paid 0 0.00",
            "Invoice confirmation pending Right amount, later Low: act when there is time 1 1,900.00 USD",
        ],
    );
}

#[test]
fn eligible_stands_beside_calculated_and_paid_on_every_scope_and_in_its_files() {
    // Goal: the three amounts everywhere, and lines without ours counted and named. Method: one page and the files of
    // each kind of scope; L-4006 and L-4007 have no order of ours.
    let sample = sample();
    for path in [
        "program/core",
        "campaign/spring-growth",
        "account/acc1001",
        "batch/core2605",
        "payout/po5001",
        "period/2026-05",
    ] {
        let text = sample.tree.text(&format!("{path}.html"));
        has(&text, &["Eligible", "Calculated so far", "Paid so far"]);
        let files: Vec<String> = sample.tree.paths();
        let lines = files.iter().find(|f| f.starts_with(&format!("{path}.lines"))).unwrap();
        let header = sample.tree.read(lines).lines().next().unwrap().to_owned();
        has(&header, &["Eligible,Calculated,Adjustments,Paid"]);
        let money = files.iter().find(|f| {
            f.starts_with(&format!("{path}.p")) && (f.contains(".periods") || f.contains(".programs"))
        });
        let header = sample.tree.read(money.unwrap()).lines().next().unwrap().to_owned();
        has(&header, &["Not recomputed,Eligible,Calculated so far,Paid so far"]);
    }
    has(
        &sample.tree.text("program/core.html"),
        &["2 lines not recomputed: no order of ours belongs to it (L-4006, L-4007)."],
    );
}

#[test]
fn a_program_without_a_rule_is_shown_and_never_guessed() {
    // Goal: a rule gap has its own row and page (domain 4.7). Method: a line of an invented program beside the sample.
    let project = Project::sample();
    project.append(
        "input/2026-06-18/rebate_lines.csv",
        "L-9901,R-100,GIFT,GIFT-1,ORD-1001,5123000000001001,ecs.c7,compute,ap-southeast-1,2026-05,1000.00,0.05,50.00,USD,CALCULATED,,2026-06-18,,,\n",
    );
    let tree = project.build();
    let bridge = tree.rows("data/bridge.csv");
    let gap: Vec<&Row> = bridge.iter().filter(|r| r["row"] == "rule-gap").collect();
    assert_eq!(gap.len(), 1);
    assert_eq!((gap[0]["period"].as_str(), gap[0]["amount"].as_str()), ("2026-05", "50.00"));
    let remainders: Vec<&Row> = bridge.iter().filter(|r| r["row"] == "REMAINDER").collect();
    assert!(
        !remainders.is_empty() && remainders.iter().all(|r| ["0.00", "0"].contains(&r["amount"].as_str()))
    );
    has(
        &tree.text("discrepancy/bridge-2026-05.html"),
        &[
            "No rule entered The rule of the program is not entered, so our own amount is blank and never guessed",
        ],
    );
    let text = tree.text("program/gift.html");
    has(
        &text,
        &[
            "Not recomputed.",
            "reference/programs.csv has no row for it",
            "1 line not recomputed: no rule is entered for the program (L-9901).",
            "GIFT,<name>,USD,<valid_from>",
            "GIFT,compute,0,,<rate>",
        ],
    );
    assert!(tree.main("program/gift.html").contains("discrepancy/bridge-2026-05.html\""));
    let lines = tree.rows("program/gift.lines.csv");
    assert_eq!((lines[0]["Eligible"].as_str(), lines[0]["Calculated"].as_str()), ("", "50.00"));
}

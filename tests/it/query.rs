//! `tieout query`: scopes, sums, empty answers, exports and receipts in the terminal.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::{Project, Row, rows, sample};

/// The answer as JSON.
fn query(project: &Project, arguments: &[&str]) -> Value {
    let all = [&["query"], arguments, &["--format", "json"]].concat();
    project.run(&all).code(0).json()
}

/// The sums of a currency.
fn of<'v>(answer: &'v Value, currency: &str) -> &'v Value {
    let all = answer["currencies"].as_array().unwrap_or_else(|| panic!("{answer}"));
    all.iter().find(|of| of["currency"] == currency).unwrap_or_else(|| panic!("no {currency}: {answer}"))
}

#[test]
fn sales_finance_and_support_get_their_answers() {
    // Goal: scenarios A, B and C of the brief. Method: the sample; the last full month of a campaign, one order, one account.
    let project = Project::sample();
    let answer = query(&project, &["--campaign", "spring growth"]);
    assert_eq!(answer["scope"], "from=2026-05-01&to=2026-05-31&campaign=Spring+Growth");
    let usd = of(&answer, "USD");
    assert_eq!(usd["sums"]["total_rebate"], "18420.00");
    let buckets = ["calculated", "approved", "paid"].map(|name| &usd["by_bucket"][name]["total_rebate"]);
    assert_eq!(buckets, ["9200.00", "6050.00", "3170.00"]);
    assert_eq!(usd["by_status"]["under-review"]["total_rebate"], "1900.00");
    let narrowed = query(&project, &["--campaign", "Spring Growth", "--bucket", "calculated"]);
    let reviewed: Vec<&Value> = lines(&narrowed).filter(|line| line["status"] == "Under Review").collect();
    assert_eq!(reviewed.len(), 1, "{narrowed}");
    assert_eq!(reviewed[0]["reason"], "Invoice confirmation pending");

    let answer = query(&project, &["--order", "ord 2001", "--last", "all"]);
    let sums = &of(&answer, "USD")["sums"];
    let measures =
        ["calculated_so_far", "adjustments", "total_rebate", "paid_so_far"].map(|name| &sums[name]);
    assert_eq!(measures, ["2540.00", "-310.00", "2230.00", "2230.00"]);

    let answer = query(&project, &["--account", "acc-3001"]);
    let line = lines(&answer).next().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(line["status"], "Rejected");
    assert_eq!(line["reason"], "SKU not eligible for current rebate program tier.");
    let fix = "Confirm if product should be enrolled under 'Enterprise Eligible' program.";
    assert_eq!(line["next_step"], fix);
}

fn lines(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["lines"].as_array().unwrap_or_else(|| panic!("{answer}")).iter()
}

/// Which lines a scope means.
type Meant = Box<dyn Fn(&Row) -> bool>;

/// Minor units of a plain amount; an empty one is nothing.
fn minor(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap_or(0)
}

/// What a scope holds by the file of all lines alone: lines, total and paid by currency.
fn by_hand(all: &[Row], is_meant: impl Fn(&Row) -> bool) -> BTreeMap<String, [i64; 3]> {
    let mut sums: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for row in all.iter().filter(|row| is_meant(row)) {
        let is_in = ["Calculated", "Approved", "Paid"].contains(&row["bucket"].as_str());
        let sum = sums.entry(row["currency"].clone()).or_default();
        sum[0] += 1;
        sum[1] += if is_in && row["status"] != "rejected" { minor(&row["net"]) } else { 0 };
        sum[2] += minor(&row["paid"]);
    }
    sums
}

#[test]
fn every_scope_of_whole_periods_is_a_sum_over_the_lines() {
    // Goal: any combination of parts gives what its lines give. Method: every program, category, batch, status and bucket of
    // the sample, alone and with a period, against sums over data/lines.csv; ids in another spelling.
    let project = Project::sample();
    let all = rows(&sample().tree.read("data/lines.csv"));
    let mut scopes: Vec<(String, Meant)> = Vec::new();
    let columns = [
        ("program", "program"),
        ("category", "category_vendor"),
        ("batch", "batch"),
        ("status", "status"),
        ("bucket", "bucket"),
    ];
    for (part, column) in columns {
        let mut values: Vec<String> =
            all.iter().map(|row| row[column].clone()).filter(|v| !v.is_empty()).collect();
        values.sort();
        values.dedup();
        for (number, value) in values.into_iter().enumerate() {
            let month = ["2026-05", "2026-04", ""][number % 3];
            let asked = match part {
                "program" | "batch" => value.to_lowercase().replace('-', "+"),
                "status" => value.replace('_', "-"),
                _ => value.clone(),
            };
            let dates = if month.is_empty() {
                "from=2026-01&to=2026-12".to_owned()
            } else {
                format!("period={month}")
            };
            scopes.push((
                format!("{dates}&{part}={asked}"),
                Box::new(move |row: &Row| {
                    let is_status = row[column] == value
                        || value == "calculated"
                            && row["status"] == "under_review"
                            && row["bucket"] == "Calculated";
                    (month.is_empty() || row["period_vendor"] == month)
                        && if column == "status" { is_status } else { row[column] == value }
                }),
            ));
        }
    }
    assert!(scopes.len() > 25, "{}", scopes.len());
    for (scope, is_meant) in scopes {
        let answer = query(&project, &[&scope]);
        let expected = by_hand(&all, is_meant);
        let mut found = BTreeMap::new();
        for of in answer["currencies"].as_array().unwrap_or_else(|| panic!("{answer}")) {
            let sums = &of["sums"];
            let money = |name: &str| minor(sums[name].as_str().unwrap_or_default());
            let lines = sums["lines"].as_i64().unwrap_or(-1);
            if lines > 0 {
                let code = of["currency"].as_str().unwrap_or_default().to_owned();
                found.insert(code, [lines, money("total_rebate"), money("paid_so_far")]);
            }
        }
        assert_eq!(found, expected, "{scope}");
    }
}

#[test]
fn any_two_ways_to_cut_a_scope_add_up_to_it() {
    // Goal: buckets, statuses and each dimension are partitions (I-6). Method: all periods of the sample, each currency.
    let answer = query(&Project::sample(), &["--last", "all"]);
    for of in answer["currencies"].as_array().unwrap_or_else(|| panic!("{answer}")) {
        let total = minor(of["sums"]["total_rebate"].as_str().unwrap_or_default());
        for name in ["by_bucket", "by_status"] {
            let parts = of[name].as_object().unwrap_or_else(|| panic!("{of}"));
            let sum: i64 =
                parts.values().map(|p| minor(p["total_rebate"].as_str().unwrap_or_default())).sum();
            assert_eq!(sum, total, "{name}");
        }
        for (dimension, values) in answer["facets"].as_object().unwrap_or_else(|| panic!("{answer}")) {
            let values = values.as_array().unwrap_or_else(|| panic!("{answer}"));
            let own = values.iter().filter(|value| value["currency"] == of["currency"]);
            let sum: i64 = own.map(|value| minor(value["total"].as_str().unwrap_or_default())).sum();
            assert_eq!(sum, total, "{dimension}");
        }
    }
}

#[test]
fn a_part_of_a_month_takes_the_days_in_it() {
    // Goal: a range of days takes the rows of its days, and two ranges that meet make up the month. Method: May cut in two.
    let project = Project::sample();
    let part = |from, to| {
        minor(
            of(&query(&project, &["--from", from, "--to", to]), "USD")["sums"]["total_rebate"]
                .as_str()
                .unwrap_or_default(),
        )
    };
    let (first, second) = (part("2026-05-01", "2026-05-11"), part("12 May 2026", "31.05.2026"));
    assert_eq!(first + second, 3_177_108);
    assert!(first > 0 && second > 0, "{first} {second}");
}

#[test]
fn wrong_dates_and_empty_scopes_say_what_helps() {
    // Goal: Q-101 names the accepted forms; Q-201 the part that emptied the scope, the nearest data and the period to which
    // the order belongs. Method: the sample.
    let project = Project::sample();
    let wrong = project.run(&["query", "--from", "2026-02-30", "--to", "31 May 2026"]).code(2);
    let wrong = wrong.says("Q-101").says("`2026-02-30`").says("31 May 2026, or 2026-05 for a whole month");
    drop(wrong);
    let swapped = project.run(&["query", "--from", "2026-06", "--to", "2026-05"]).code(2);
    drop(swapped.says("put the earlier date first"));
    let empty = project.run(&["query", "--order", "ORD-4024", "--period", "2026-05"]).code(0);
    let said = empty.stdout;
    assert!(said.contains("Q-201"), "{said}");
    assert!(
        said.contains("The order belongs to period 1–30 June 2026, but you queried 1–31 May 2026."),
        "{said}"
    );
    assert!(said.contains("Try expanding date range"), "{said}");
    assert!(said.contains("Without the dates: 1 row\n"), "{said}");
    assert!(said.contains("Check order identifiers"), "{said}");
    assert!(!said.to_lowercase().contains("not found"), "{said}");
}

#[test]
fn an_order_of_several_periods_belongs_to_the_nearest() {
    // Goal: an empty answer names the period next to the question, on the page and here. Method: a line of one order in March
    // and one in April, asked for in June, and in January of the year before; one nearest day is one.
    let project = Project::base();
    let line = |month: &str| {
        format!(
            "U-{month},CORE,B-1,GHOST,,srv,compute,2026-{month},9.00,0.08,0.72,USD,CALCULATED,,2026-06-10,,,\n"
        )
    };
    project.append("input/2026-06-18/rebate_lines.csv", &(line("03") + &line("04")));
    for (period, own, asked) in [
        ("2026-06", "1–30 April 2026", "1–30 June 2026"),
        ("2025-01", "1–31 March 2026", "1–31 January 2025"),
    ] {
        let said = project.run(&["query", "--order", "ghost", "--period", period]).code(0).stdout;
        let words = format!("The order belongs to period {own}, but you queried {asked}.");
        assert!(said.contains(&words), "{said}");
        assert!(said.contains("the nearest day with data is "), "{said}");
    }
}

#[test]
fn options_take_the_place_of_what_the_text_says() {
    // Goal: an option is never left out in silence, and what it does not name stays. Method: a text with dates, a period and
    // lists, each with an option over it, against the scope that is told.
    let project = Project::sample();
    let text = "from=2026-03-10&to=2026-04-20&status=paid";
    for (arguments, scope) in [
        (&[text, "--status", "approved"][..], "from=2026-03-10&to=2026-04-20&status=approved"),
        (&[text, "--to", "2026-06-02"], "from=2026-03-10&to=2026-06-02&status=paid"),
        (&[text, "--period", "2026-05"], "from=2026-05-01&to=2026-05-31&status=paid"),
        (&[text, "--last", "30"], "from=2026-05-20&to=2026-06-18&status=paid"),
        (&["period=2026-04", "--last", "month"], "from=2026-05-01&to=2026-05-31"),
        (&["period=2026-04", "--from", "2026-04-15"], "from=2026-04-15&to=2026-04-30"),
        (
            &["/site/query.html?order=a&order=ord+1#x", "--order", "ORD-2"],
            "from=2026-05-01&to=2026-05-31&order=ORD2",
        ),
    ] {
        assert_eq!(query(&project, arguments)["scope"], scope, "{arguments:?}");
    }
}

#[test]
fn a_program_and_a_customer_are_taken_by_name() {
    // Goal: what people call a program or a customer leads to its scope, as on the page. Method: a name of each of the sample
    // in another case.
    let project = Project::sample();
    let scope = |part: &str, name: &str| query(&project, &[part, name])["scope"].clone();
    assert_eq!(scope("--program", "partner core"), "from=2026-05-01&to=2026-05-31&program=CORE");
    assert_eq!(scope("--customer", "NORTHWIND retail"), "from=2026-05-01&to=2026-05-31&customer=CUST01");
    assert_eq!(scope("--customer", "nobody"), "from=2026-05-01&to=2026-05-31&customer=NOBODY");
}

#[test]
fn an_exported_answer_says_what_it_is() {
    // Goal: scope, snapshot, row count and control total stand above the rows and agree with them. Method: one scope with two
    // currencies, read as a file.
    let project = Project::sample();
    let text = project.run(&["query", "--category", "compute", "--format", "csv"]).code(0).stdout;
    let (facts, table) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
    let fact = |name: &str| {
        let line = facts.lines().find_map(|line| line.strip_prefix(&format!("{name},")));
        line.unwrap_or_else(|| panic!("no {name}: {facts}")).to_owned()
    };
    let all = rows(table);
    assert_eq!(fact("Scope"), "from=2026-05-01&to=2026-05-31&category=compute");
    assert_eq!(fact("Snapshot"), "2026-06-18");
    assert_eq!(fact("Rows"), all.len().to_string());
    for currency in ["USD", "EUR", "JPY"] {
        let own = all.iter().filter(|row| row["Currency"] == currency);
        let sum: i64 = own.map(|row| minor(&row["Total rebate"])).sum();
        assert_eq!(minor(&fact(&format!("Control total {currency}"))), sum, "{currency}");
    }
    assert!(all.iter().any(|row| row["Status"] == "No rebate line" && row["Total rebate"].is_empty()));
    drop(
        project
            .run(&["build", "--format", "csv"])
            .code(2)
            .says("is for query, diff, audit show and audit views"),
    );
}

#[test]
fn a_receipt_is_opened_again() {
    // Goal: a code says what a figure was, the extracts confirm it, and it is told what it is now; a changed code is told
    // apart from one that is right and of other data. Method: the total of Spring Growth of the day before; one character
    // changed; the extract of that day changed.
    let project = Project::sample();
    let answer = query(&project, &["--campaign", "Spring Growth", "--snapshot", "2026-06-17"]);
    let code = of(&answer, "USD")["receipts"]["total_rebate"].as_str().unwrap_or_default().to_owned();
    let told = project.run(&["query", "--receipt", &code.to_lowercase(), "--format", "json"]).code(0).json();
    assert_eq!(told["stated"]["amount"], "12000.00");
    assert_eq!((&told["agrees"], &told["now"]["amount"]), (&Value::Bool(true), &Value::from("18420.00")));
    let last = code.chars().last().unwrap_or('0');
    let changed = format!("{}{}", &code[..code.len() - 1], if last == '0' { '1' } else { '0' });
    drop(project.run(&["query", "--receipt", &changed]).code(2).says("receipt"));
    // A receipt holds its scope: what would be left out is refused.
    drop(project.run(&["query", "--receipt", &code, "--program", "CORE"]).code(2).says("--program"));
    drop(project.run(&["query", "--receipt", &code, "--format", "csv"]).code(2).says("a receipt has none"));
    project.change_file("input/2026-06-17/rebate_lines.csv", "4050.00", "4051.00");
    let told = project.run(&["query", "--receipt", &code]).code(10).stdout;
    assert!(told.contains("does not agree: the extracts of that snapshot give $12,001.00"), "{told}");
}

//! The last days to confirm, to dispute and to claim: each rule with its fallbacks, the money behind it, the page, its
//! files, and the calendar read back by a reader that is not ours.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};

use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime};
use tieout::model::money::Money;
use tieout::reconcile::deadlines::About;
use tieout::reconcile::{Deadline, Raise, Subject};
use tieout::report::data::DataFile;

use super::support::{Project, Seen, Tree, sample, sha256, tests};

const PROGRAMS: &str = "input/reference/programs.csv";
const LINES: &str = "input/2026-06-18/rebate_lines.csv";
const ORDERS: &str = "input/2026-06-18/orders.csv";

const PROGRAM_HEADER: &str =
    "program_id,name,site,currency,valid_from,valid_to,method,campaign,confirm_days,dispute_days\n";
const LINE_HEADER: &str = "line_id,program_id,order_ref,account_ref,sku_ref,category,period,base_amount,rate,\
                           calculated_amount,currency,status,status_date,approved_date,paid_amount,payout_id,confirm_by\n";
const ORDER_HEADER: &str = "order_id,account_id,invoice_id,invoice_date,order_date,sku,region,site,billing_model,\
                            contract_type,campaign,currency,net_amount,order_status\n";

/// An order of 1,000.00 in a month, which earns 80.00 under CORE.
fn order(id: &str, month: &str, campaign: &str) -> String {
    format!(
        "{id},A-1,INV-{id},{month}-15,{month}-12,SERVER,eu-1,intl,prepay,standard,{campaign},USD,1000.00,active\n"
    )
}

/// A line of an order; `rest` holds calculated amount, status, status date, approval, paid, payout and confirm_by.
fn line(id: &str, program: &str, order: &str, month: &str, rest: &[&str; 7]) -> String {
    let [calculated, status, since, approved, paid, payout, confirm_by] = rest;
    format!(
        "{id},{program},{order},V-1,srv,compute,{month},1000.00,0.08,{calculated},USD,{status},{since},{approved},{paid},\
         {payout},{confirm_by}\n"
    )
}

/// A project with one line or order per rule, as of 18 Jun 2026. May is final since 10 Jun, April since 7 May; March has
/// no row, so it ends with the calendar month.
fn project() -> Project {
    let project = Project::base();
    project.write(
        PROGRAMS,
        format!(
            "{PROGRAM_HEADER}CORE,Core,intl,USD,2026-01-01,2026-12-31,flat,,10,30\n\
             GROW,Grow,intl,USD,2026-01-01,2026-12-31,flat,Grow,,\n"
        ),
    );
    project.write(
        "input/reference/program_rates.csv",
        "program_id,category,rate\nCORE,compute,0.08\nGROW,compute,0.08\n",
    );
    let orders: String = [
        ("O-1", "2026-05", ""),
        ("O-2", "2026-05", ""),
        ("O-3", "2026-04", ""),
        ("O-4", "2026-05", ""),
        ("O-5", "2026-05", ""),
        ("O-6", "2026-03", ""),
        ("O-7", "2026-05", "Grow"),
        ("O-8", "2026-04", ""),
        ("O-9", "2026-05", ""),
        ("O-10", "2026-05", "Grow"),
    ]
    .into_iter()
    .map(|(id, month, campaign)| order(id, month, campaign))
    .collect();
    project.write(ORDERS, ORDER_HEADER.to_owned() + &orders);
    let lines = [
        // To confirm, with nothing to object to: from the status date.
        line("L-1", "CORE", "O-1", "2026-05", &["80.00", "CALCULATED", "2026-06-10", "", "", "", ""]),
        // Approved, 10.00 short: from the approval.
        line("L-2", "CORE", "O-2", "2026-05", &["70.00", "APPROVED", "2026-06-12", "2026-06-11", "", "", ""]),
        // Paid, 5.00 short: from the payout, not from the approval.
        line(
            "L-3",
            "CORE",
            "O-3",
            "2026-04",
            &["80.00", "PAID", "2026-06-02", "2026-05-08", "75.00", "P-1", ""],
        ),
        // To confirm by its own day, and 20.00 short: two deadlines.
        line(
            "L-4",
            "CORE",
            "O-4",
            "2026-05",
            &["60.00", "CALCULATED", "2026-06-09", "", "", "", "2026-06-25"],
        ),
        // Under review without a date: from the vendor's final date.
        line("L-5", "CORE", "O-5", "2026-05", &["80.00", "REVIEW", "", "", "", "", ""]),
        // Of a month without a row and without a date, 30.00 short: from the end of the month.
        line("L-6", "CORE", "O-6", "2026-03", &["50.00", "CALCULATED", "", "", "", "", ""]),
        // A program without days, 40.00 short.
        line("L-7", "GROW", "O-7", "2026-05", &["40.00", "CALCULATED", "2026-06-10", "", "", "", ""]),
    ];
    project.write(LINES, LINE_HEADER.to_owned() + &lines.concat());
    project.write(
        "input/2026-06-18/payouts.csv",
        "payout_id,paid_date,currency,amount,form,bank_ref\nP-1,2026-06-01,USD,75.00,transfer,BK-1\n",
    );
    project.remove("input/2026-06-18/control_totals.csv");
    project
}

fn amount(amount: Option<Money>) -> String {
    amount.map_or("-".to_owned(), |amount| amount.to_string())
}

/// `what subject date days-left silence-confirms at-stake: basis`.
fn told(seen: &Seen<'_>, deadline: &Deadline) -> String {
    let records = &seen.reconciled.snapshot.records;
    let about = match deadline.about {
        About::Line(number) => records.lines[number as usize].id.raw(),
        About::Order(number) => records.orders[number as usize].id.raw(),
    };
    format!(
        "{} {about} {} {} {} {}: {}",
        deadline.action.code(),
        deadline.date,
        deadline.days_left,
        amount(deadline.confirmed),
        amount(deadline.at_stake),
        deadline.basis.in_words()
    )
}

fn all_told(seen: &Seen<'_>, deadlines: &[Deadline]) -> Vec<String> {
    deadlines.iter().map(|deadline| told(seen, deadline)).collect()
}

#[test]
fn every_rule_gives_its_day_with_the_money_behind_it() {
    // Goal: no deadline is missed and none is invented (domain 3.1, 3.2). Method: one line or order per rule and per
    // fallback; days, amounts and the words for where a day comes from, all worked out by hand.
    project().reconcile(|seen| {
        let deadlines = seen.reconciled.deadlines();
        assert_eq!(
            all_told(seen, &deadlines.ahead),
            [
                "confirm L-1 2026-06-20 2 80.00 -: 10 days (confirm_days) from the status date, 10 Jun 2026",
                "confirm L-5 2026-06-20 2 80.00 -: 10 days (confirm_days) from the vendor's final date, 10 Jun 2026",
                "confirm L-4 2026-06-25 7 60.00 20.00: confirm_by of the line",
                "dispute L-3 2026-07-01 13 - 5.00: 30 days (dispute_days) from the payout of 1 Jun 2026",
                "dispute L-4 2026-07-09 21 - 20.00: 30 days (dispute_days) from the status date, 9 Jun 2026",
                "claim O-9 2026-07-10 22 - 80.00: 30 days (dispute_days) from the vendor's final date, 10 Jun 2026",
                "dispute L-2 2026-07-11 23 - 10.00: 30 days (dispute_days) from the approval of 11 Jun 2026",
            ]
        );
        // April was final on 7 May: 30 days later is 12 days ago.
        assert_eq!(
            all_told(seen, &deadlines.passed),
            ["claim O-8 2026-06-06 -12 - 80.00: 30 days (dispute_days) from the vendor's final date, 7 May 2026"]
        );
        // March ended on the 31st: to confirm by 10 April, to dispute by 30 April; both are long over.
        let (count, at_stake) = &deadlines.earlier;
        assert_eq!((*count, at_stake.iter().map(Money::in_words).collect::<Vec<_>>()), (1, vec!["$30.00".to_owned()]));
        let line = seen.reconciled.snapshot.records.lines.iter().position(|l| l.id.raw() == "L-6").unwrap();
        let of_line = seen.reconciled.deadlines_of(seen.reconciled.line_case(line as u32)).collect::<Vec<_>>();
        assert_eq!(
            all_told(seen, &of_line),
            [
                "confirm L-6 2026-04-10 -69 50.00 30.00: 10 days (confirm_days) from the end of the period, 31 Mar 2026",
                "dispute L-6 2026-04-30 -49 - 30.00: 30 days (dispute_days) from the end of the period, 31 Mar 2026",
            ]
        );
        // The line and the order of the program without days, once.
        let untold: Vec<_> = deadlines.untold.iter().collect();
        let [(program, untold)] = untold[..] else { panic!("{untold:?}") };
        assert_eq!(program.unwrap().raw(), "GROW");
        assert_eq!((untold.to_confirm, untold.to_object), (1, 2));
        assert_eq!(untold.at_stake.iter().map(|m| m.to_string()).collect::<Vec<_>>(), ["120.00"]);
    });
}

#[test]
fn a_line_that_is_decided_waits_for_no_word() {
    // Goal: only Calculated and Under Review lines can be confirmed, and only what is owed to us can be disputed. Method:
    // L-1 in every status, with a day of its own; then L-1 calculated too high, which is no reason to object.
    let expected = [
        ("PENDING", false),
        ("CALCULATING", false),
        ("CALCULATED", true),
        ("REVIEW", true),
        ("APPROVED", false),
        ("PAID", false),
        ("REJECTED", false),
        ("NEVER HEARD OF", false),
    ];
    for (status, is_expected) in expected {
        let project = project();
        let own =
            line("L-1", "CORE", "O-1", "2026-05", &["80.00", status, "2026-06-10", "", "", "", "2026-06-25"]);
        project.write(LINES, LINE_HEADER.to_owned() + &own);
        project.reconcile(|seen| {
            let found = seen.reconciled.deadlines_of(seen.reconciled.line_case(0));
            let confirm: Vec<_> =
                found.filter(|d| d.confirmed.is_some()).map(|d| d.date.to_string()).collect();
            let expected = if is_expected { vec!["2026-06-25"] } else { Vec::new() };
            assert_eq!(confirm, expected, "{status}");
        });
    }
    let project = project();
    project.change_file(LINES, "0.08,70.00,USD,APPROVED", "0.08,95.00,USD,APPROVED");
    project.reconcile(|seen| {
        let deadlines = seen.reconciled.deadlines();
        assert!(!all_told(seen, &deadlines.ahead).iter().any(|told| told.contains("L-2")));
    });
}

#[test]
fn what_can_be_objected_to_follows_from_its_case() {
    // Goal: silence is said to lose what can be claimed, and nothing that is merely doubtful; a pair has one deadline for its
    // money. Method: the fixtures of three kinds, with ten days to confirm and thirty to dispute.
    for (kind, expected) in [
        // Blocked: claimable once our own map is corrected.
        ("sku-unmapped", vec!["claim O-9 2026-07-10 - 80.00"]),
        // At risk: to be disputed, and nothing that silence to confirm would lose.
        ("account-mismatch", vec!["confirm L-2 2026-06-21 160.00 -", "dispute L-2 2026-07-11 - 160.00"]),
        // The money of the pair is on the order.
        ("near-miss-identifier", vec!["confirm L-9 2026-06-20 80.00 -", "claim O-9047 2026-07-10 - 80.00"]),
    ] {
        let project = Project::base();
        project.overlay(&tests().join("discrepancies").join(kind));
        project.change_file(LINES, "APPROVED,,2026-06-11,2026-06-11", "CALCULATED,,2026-06-11,");
        let rows = project.read(PROGRAMS);
        let rows = rows.lines().map(|row| {
            let days = if row.starts_with("program_id") { "confirm_days,dispute_days" } else { "10,30" };
            format!("{row},{days}\n")
        });
        project.write(PROGRAMS, rows.collect::<String>());
        project.reconcile(|seen| {
            let told = all_told(seen, &seen.reconciled.deadlines().ahead);
            let found: Vec<String> = told
                .iter()
                .map(|told| told.split(':').next().unwrap().split(' ').collect::<Vec<_>>())
                .filter(|words| expected.iter().any(|e| e.split(' ').nth(1) == Some(words[1])))
                // Without the days left, which follow from the date.
                .map(|words| [words[0], words[1], words[2], words[4], words[5]].join(" "))
                .collect();
            assert_eq!(found, expected, "{kind}: {told:?}");
        });
    }
}

#[test]
fn a_number_of_days_that_is_none_is_a_problem() {
    // Goal: a bad cell is told with its place, and nothing is guessed. Method: cells of both columns; 0 is a number of
    // days, blanks around it do not matter, and an empty cell is no problem.
    for (cell, code) in [
        ("ten", "number-not-whole"),
        ("-1", "number-not-whole"),
        ("1.5", "number-not-whole"),
        ("3661", "days-too-many"),
        ("99999999999", "days-too-many"),
    ] {
        for (column, cells) in
            [("confirm_days", format!("{cell},30")), ("dispute_days", format!("10,{cell}"))]
        {
            let project = project();
            project.change_file(PROGRAMS, "flat,,10,30", &format!("flat,,{cells}"));
            project.reconcile(|seen| {
                let problems = seen.problems(code);
                let [problem] = problems[..] else { panic!("{cell} in {column}: {problems:?}") };
                let place =
                    (problem.file.as_str(), problem.line, problem.field.as_str(), problem.value.as_str());
                assert_eq!(place, ("reference/programs.csv", 2, column, cell));
            });
        }
    }
    let project = project();
    project.change_file(PROGRAMS, "flat,,10,30", "flat,, 0 ,3660");
    project.reconcile(|seen| {
        assert_eq!(seen.codes(), Vec::<&str>::new());
        let program = &seen.reconciled.rules.reference.programs[0];
        assert_eq!((program.confirm_days, program.dispute_days), (Some(0), Some(3660)));
    });
}

/// The severity of a case of `cases.csv` and whether a near deadline is why.
fn severity(seen: &Seen<'_>, id: &str) -> (String, bool) {
    let rows = seen.data(DataFile::Cases);
    let row = rows.iter().find(|row| row["subject_id"] == id).unwrap();
    let records = &seen.reconciled.snapshot.records;
    let is_meant = |subject: Subject| match subject {
        Subject::Line(number) => records.lines[number as usize].id.raw() == id,
        Subject::Order(number) => records.orders[number as usize].id.raw() == id,
        Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => false,
    };
    let case = seen.reconciled.cases.iter().find(|case| is_meant(case.subject)).unwrap();
    (row["severity"].clone(), seen.reconciled.raises(case).contains(&Raise::DueSoon))
}

#[test]
fn a_deadline_within_ten_days_raises_a_case() {
    // Goal: what is due soon stands higher, and no sooner and no longer (domain 4.4). Method: the day of each rule is
    // moved by its number of days or its cell, around both edges: the last day and the tenth day ahead.
    let near = |seen: &Seen<'_>, id: &str| severity(seen, id).1;
    // A claim counts from 10 Jun: 8 days later is the day of the snapshot.
    for (days, expected) in [(7, false), (8, true), (18, true), (19, false)] {
        let project = project();
        project.change_file(PROGRAMS, "flat,,10,30", &format!("flat,,,{days}"));
        project.reconcile(|seen| {
            let (severity, is_near) = severity(seen, "O-9");
            assert_eq!(
                (severity.as_str(), is_near),
                (if expected { "critical" } else { "high" }, expected),
                "{days}"
            );
        });
    }
    // L-2 counts from its approval on 11 Jun.
    for (days, expected) in [(6, false), (7, true), (17, true), (18, false)] {
        let project = project();
        project.change_file(PROGRAMS, "flat,,10,30", &format!("flat,,,{days}"));
        project.reconcile(|seen| assert_eq!(near(seen, "L-2"), expected, "{days}"));
    }
    // L-4 has its own day, else it counts from 9 Jun; without dispute_days, so that only the day to confirm can raise it.
    for (day, days, expected) in [
        ("2026-06-17", "", false),
        ("2026-06-18", "", true),
        ("2026-06-28", "", true),
        ("2026-06-29", "", false),
        ("", "8", false),
        ("", "9", true),
        ("", "19", true),
        ("", "20", false),
        ("", "", false),
    ] {
        let project = project();
        project.change_file(PROGRAMS, "flat,,10,30", &format!("flat,,{days},"));
        project.change_file(LINES, "2026-06-25", day);
        project.reconcile(|seen| assert_eq!(near(seen, "L-4"), expected, "`{day}` `{days}`"));
    }
    // What is clean stays clean, however near its day is.
    project().reconcile(|seen| assert_eq!(severity(seen, "L-1"), (String::new(), false)));
}

#[test]
fn the_sample_knows_no_day_and_says_what_to_enter() {
    // Goal: nothing is invented where neither cell nor rule gives a day, and no money is left out of what is said. Method:
    // the sample has no such column; its page names each program once, and the money ties to the cases.
    let tree = &sample().tree;
    let text = tree.text("deadlines.html");
    assert!(text.contains("No deadline is known in this snapshot."), "{text}");
    assert!(
        text.contains("No deadline known: enter confirm_days and dispute_days for program CORE."),
        "{text}"
    );
    let rows = tree.rows("deadlines.to-enter.csv");
    let programs: BTreeSet<&String> = rows.iter().map(|row| &row["Program"]).collect();
    assert_eq!(programs.len(), rows.len());

    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for case in tree.rows("data/cases.csv") {
        let can_object = ["receivable", "blocked", "at-risk"].contains(&case["direction"].as_str());
        if can_object && ["line", "order"].contains(&case["subject_type"].as_str()) {
            let cents: i64 = case["at_stake"].replace('.', "").parse().unwrap();
            *expected.entry(case["currency"].clone()).or_default() += cents;
        }
    }
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        for (amount, currency) in row["At stake"].split("; ").filter_map(|part| part.split_once(' ')) {
            *found.entry(currency.to_owned()).or_default() += amount.replace('.', "").parse::<i64>().unwrap();
        }
    }
    assert!(expected["USD"] > 0);
    assert_eq!(found, expected);
    // The files are there all the same, so that their addresses stay.
    assert!(tree.rows("deadlines.csv").is_empty());
    assert!(events(tree).is_empty());
}

#[test]
fn the_page_groups_by_day_and_adds_up_by_week() {
    // Goal: what to do, by when, with which money, and what silence does, on one page. Method: its visible text, its file
    // and its sums; the sums count a case with two deadlines once, at its first.
    let project = project();
    let tree = project.build();
    let text = tree.text("deadlines.html");
    for said in [
        "7 deadlines are ahead, the first on 20 Jun 2026 (2 days left).",
        // 80 + 80 + 60; 20 + 5 + 80 + 10.
        "Silence confirms $220.00.",
        "$115.00 is there to dispute or to claim.",
        "20 Jun 2026, 2 days left: 2 to confirm",
        "2 lines Confirm or dispute: nothing to object to Core",
        "$160.00 is confirmed as it stands.",
        "25 Jun 2026, 7 days left: 1 to confirm",
        "$60.00 is confirmed as it stands; a later claim for $20.00 may be refused.",
        "A later claim for $80.00 may be refused.",
        "6 Jun 2026, passed 12 days ago",
        "Ask whether the vendor still accepts it.",
        "The last deadline of 1 more line or order passed before that, $30.00 at stake.",
        "No deadline known: enter confirm_days and dispute_days for program GROW.",
    ] {
        assert!(text.contains(said), "`{said}` is not in: {text}");
    }
    let weeks: Vec<[String; 4]> = tree
        .rows("deadlines.weeks.usd.csv")
        .iter()
        .map(|row| ["Week", "Deadlines", "Silence confirms", "At stake"].map(|name| row[name].clone()))
        .collect();
    let week = |cells: [&str; 4]| cells.map(str::to_owned);
    assert_eq!(
        weeks,
        [
            week(["2026-06-15", "2", "160.00", "0.00"]),
            week(["2026-06-22", "1", "60.00", "20.00"]),
            week(["2026-06-29", "1", "0.00", "5.00"]),
            week(["2026-07-06", "3", "0.00", "90.00"]),
        ]
    );
    let rows = tree.rows("deadlines.csv");
    assert_eq!(rows.len(), 8, "seven ahead, one passed");
    let row =
        rows.iter().find(|row| row["Line"] == "L-4" && row["What to do"] == "Confirm or dispute").unwrap();
    for (column, value) in [
        ("Last day", "2026-06-25"),
        ("Days left", "7"),
        ("Order", "O-4"),
        ("Program", "Core"),
        ("Period", "2026-05"),
        ("Status", "Calculated"),
        ("The day comes from", "confirm_by of the line"),
        ("Currency", "USD"),
        ("Silence confirms", "60.00"),
        ("At stake", "20.00"),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
}

#[test]
fn every_page_that_is_asked_knows_the_deadline() {
    // Goal: whoever looks at an order, a program, a month or the overview sees what is due (and `explain` says it). Method:
    // the visible text of these pages and what the program prints.
    let project = project();
    let tree = project.build();
    for (page, said) in [
        ("order/o1.html", "Confirm or dispute by 20 Jun 2026, 2 days left"),
        ("order/o3.html", "Dispute by 1 Jul 2026, 13 days left"),
        ("order/o4.html", "Confirm or dispute by 25 Jun 2026, 7 days left"),
        ("order/o9.html", "Claim by 10 Jul 2026, 22 days left"),
        ("order/o9.html", "claim by 10 Jul 2026"),
        ("order/o8.html", "Claim by 6 Jun 2026: passed 12 days ago, ask whether the vendor still accepts it"),
        ("order/o3.html", "Claim before the dispute deadline (1 Jul 2026)"),
        ("program/core.html", "7 deadlines ahead, the first on 20 Jun 2026"),
        ("program/core.html", "Within 10 days of the status date"),
        ("program/grow.html", "Not entered: confirm_days is empty"),
        ("period/2026-05.html", "6 deadlines ahead, the first on 20 Jun 2026"),
        ("index.html", "3 deadlines within 10 days, the first on 20 Jun 2026"),
    ] {
        let text = tree.text(page);
        assert!(text.contains(said), "{page}: `{said}` is not in: {text}");
    }
    // A day that has passed is not named as one to keep.
    assert!(!tree.text("order/o8.html").contains("claim by 6 Jun 2026"));
    assert!(!tree.text("order/o7.html").contains(" by 2"), "no day is known");

    let run = project.run(&["explain", "O-4"]).code(0);
    let expected = [
        "  deadline: Confirm or dispute by 25 Jun 2026, 7 days left (confirm_by of the line)",
        "  deadline: Dispute by 9 Jul 2026, 21 days left (30 days (dispute_days) from the status date, 9 Jun 2026)",
    ];
    let found: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("  deadline:")).collect();
    assert_eq!(found, expected);
    let json = project.run(&["explain", "O-4", "--format", "json"]).code(0).json();
    let first = &json["answers"][0]["deadlines"][0];
    assert_eq!((first["action"].as_str(), first["days_left"].as_i64()), (Some("confirm"), Some(7)));
    assert_eq!(first["silence_confirms"]["amount"], "60.00");
    assert_eq!(first["at_stake"]["amount"], "20.00");
    let json = project.run(&["explain", "O-7", "--format", "json"]).code(0).json();
    assert_eq!(json["answers"][0]["deadlines"], serde_json::json!([]));
}

/// An event of the calendar as another reader sees it: day, summary, description, UID.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    date: String,
    summary: String,
    description: String,
    uid: String,
}

fn events(tree: &Tree) -> Vec<Read> {
    let text = tree.read("deadlines.ics");
    let calendar: Calendar = text.parse().unwrap();
    assert_eq!(calendar.property_value("VERSION"), Some("2.0"));
    let event = |component: &CalendarComponent| {
        let CalendarComponent::Event(event) = component else { return None };
        let Some(DatePerhapsTime::Date(date)) = event.get_start() else {
            panic!("not a whole day: {event:?}")
        };
        // Neither clock nor chance: the stamp is that of the snapshot.
        assert_eq!(event.property_value("DTSTAMP"), Some("20260618T000000Z"));
        let text = |value: Option<&str>| value.unwrap().to_owned();
        Some(Read {
            date: date.to_string(),
            summary: text(event.get_summary()),
            description: text(event.get_description()),
            uid: text(event.get_uid()),
        })
    };
    calendar.components.iter().filter_map(event).collect()
}

#[test]
fn the_calendar_holds_the_days_and_the_money() {
    // Goal: the calendar file can be imported and says the same as the page. Method: it is read back by the `icalendar`
    // crate, which did not write it; days and money against the deadlines, line lengths and breaks against RFC 5545, 3.1.
    let project = project();
    let tree = project.build();
    let events = events(&tree);
    let found: Vec<(&str, &str)> = events.iter().map(|e| (e.date.as_str(), e.summary.as_str())).collect();
    assert_eq!(
        found,
        [
            ("2026-06-20", "Confirm or dispute O-1, $80.00"),
            ("2026-06-20", "Confirm or dispute O-5, $80.00"),
            ("2026-06-25", "Confirm or dispute O-4, $60.00 ($20.00 at stake)"),
            ("2026-07-01", "Dispute O-3, $5.00"),
            ("2026-07-09", "Dispute O-4, $20.00"),
            ("2026-07-10", "Claim O-9, $80.00"),
            ("2026-07-11", "Dispute O-2, $10.00"),
        ]
    );
    assert_eq!(
        events[2].description,
        "Core, May 2026.\nLine L-4.\nIf nothing is done: $60.00 is confirmed as it stands; a later claim for $20.00 may \
         be refused.\nThe day comes from confirm_by of the line.\nPage: order/o4.html\nAs known at 18 Jun 2026."
    );
    let text = tree.read("deadlines.ics");
    assert!(
        text.ends_with("END:VCALENDAR\r\n") && text.matches("\r\n").count() == text.matches('\n').count()
    );
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
    assert_eq!(text.matches("BEGIN:VALARM\r\n").count(), events.len());
    // Two deadlines of one line are two events.
    let uids: BTreeSet<&str> = events.iter().map(|e| e.uid.as_str()).collect();
    assert_eq!(uids.len(), events.len());

    // It is part of what is published: checksums, manifest, and a link from the page.
    let sum = sha256(text.as_bytes());
    assert!(tree.read("SHA256SUMS").contains(&format!("{sum}  deadlines.ics")));
    assert!(tree.read("manifest.json").contains(&sum));
    assert!(tree.main("deadlines.html").contains("href=\"./deadlines.ics\" download"));
}

#[test]
fn an_event_stays_itself_when_its_day_moves() {
    // Goal: a newer file moves an event instead of adding a second one. Method: a second snapshot in which the day to
    // confirm is later; the UID is the same, the sequence grows, and an address of the site comes with it.
    let project = project();
    let before = events(&project.build());
    for file in ["orders", "rebate_lines", "payouts"] {
        let text = project.read(&format!("input/2026-06-18/{file}.csv"));
        project.write(&format!("input/2026-06-17/{file}.csv"), text);
    }
    project.change_file(LINES, "2026-06-25", "2026-06-26");
    project.write("tieout.toml", "base_url = \"https://rebates.example.com/internal\"\n");
    let tree = project.build();
    let after = events(&tree);
    let moved = |events: &[Read]| {
        let event = events.iter().find(|e| e.summary.starts_with("Confirm or dispute O-4")).unwrap();
        (event.uid.clone(), event.date.clone())
    };
    assert_eq!(moved(&before).0, moved(&after).0);
    assert_eq!((moved(&before).1.as_str(), moved(&after).1.as_str()), ("2026-06-25", "2026-06-26"));
    let text = tree.read("deadlines.ics");
    assert!(text.contains("\r\nSEQUENCE:1\r\n") && !text.contains("\r\nSEQUENCE:0\r\n"));
    assert!(text.contains("\r\nURL:https://rebates.example.com/internal/order/o4.html\r\n"));
}

#[test]
fn the_order_of_rows_changes_no_deadline() {
    // Goal: the same facts give the same files (I-33). Method: orders and lines from last to first; the list and the calendar
    // are the same bytes, the page the same text.
    let project = project();
    let tree = project.build();
    let pick = |tree: &Tree| ["deadlines.csv", "deadlines.ics"].map(|path| tree.read(path));
    let (files, text) = (pick(&tree), tree.text("deadlines.html"));
    for path in [LINES, ORDERS] {
        let rows = project.read(path);
        let (header, body) = rows.split_once('\n').unwrap();
        let turned: Vec<&str> = body.lines().rev().collect();
        project.write(path, format!("{header}\n{}\n", turned.join("\n")));
    }
    let tree = project.build();
    assert_eq!(pick(&tree), files);
    assert_eq!(tree.text("deadlines.html"), text);
}

/// A project of clean Calculated lines of CORE, each with a day of its own to confirm.
fn with_days(days: impl IntoIterator<Item = String>) -> Project {
    let project = project();
    let (mut orders, mut lines) = (ORDER_HEADER.to_owned(), LINE_HEADER.to_owned());
    for (number, day) in days.into_iter().enumerate() {
        let id = format!("B-{number}");
        orders.push_str(&order(&id, "2026-05", ""));
        lines.push_str(&line(
            &format!("L{id}"),
            "CORE",
            &id,
            "2026-05",
            &["80.00", "CALCULATED", "2026-06-10", "", "", "", &day],
        ));
    }
    project.write(ORDERS, orders).write(LINES, lines);
    project
}

#[test]
fn a_busy_day_is_one_event_per_program() {
    // Goal: a calendar that a person can read, however many lines there are. Method: three lines on a day are three events,
    // twelve are one with count and money that names ten of them.
    let few = with_days(std::iter::repeat_n("2026-06-25".to_owned(), 3));
    assert_eq!(events(&few.build()).len(), 3);
    let many = with_days(std::iter::repeat_n("2026-06-25".to_owned(), 12));
    let tree = many.build();
    let events = events(&tree);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.date, "2026-06-25");
    assert_eq!(event.summary, "Core: 12 to confirm; silence confirms $960.00");
    assert!(event.description.starts_with("B-0: confirm or dispute, $80.00\n"), "{}", event.description);
    assert!(event.description.contains("\nand 2 more.\nLast day: 25 Jun 2026.\n"), "{}", event.description);
    assert!(tree.text("deadlines.html").contains("12 lines Confirm or dispute: nothing to object to"));
    assert_eq!(tree.rows("deadlines.csv").len(), 12, "the file has each");
}

#[test]
fn a_calendar_has_at_most_a_few_hundred_events() {
    // Goal: the same, for days: what is far ahead is left to the page, and the calendar says so. Method: 310 lines on 310
    // days.
    let days = (0..310).map(|n| {
        let first: chrono::NaiveDate = "2026-06-20".parse().unwrap();
        (first + chrono::Days::new(n)).to_string()
    });
    let project = with_days(days);
    let tree = project.build();
    let events = events(&tree);
    assert_eq!(events.len(), 300);
    assert_eq!((events[0].date.as_str(), events[299].date.as_str()), ("2026-06-20", "2027-04-15"));
    assert_eq!(events[0].summary, "Rebates: 1 to confirm; silence confirms $80.00");
    let text = tree.read("deadlines.ics").replace("\r\n ", "");
    assert!(text.contains("The first 300 days\\; deadlines.html has all."), "{}", &text[..600]);
    assert_eq!(tree.rows("deadlines.csv").len(), 310);
}

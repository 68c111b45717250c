//! The page of an order: what it should be beside what it is, where the two part ways, and why an order or a line has no
//! counterpart.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;

use tieout::ingest::columns::FileKind;
use tieout::reconcile::proof::{Input, Outcome, Proof, Question, Value};
use tieout::reconcile::{Kind, Subject};
use tieout::report::data::DataFile;

use super::support::{Project, Seen, Tree, sample, tests};

/// The proof of an order without a line.
fn proof_of_order(seen: &Seen<'_>, id: &str) -> Proof {
    let orders = &seen.reconciled.snapshot.records.orders;
    let row = u32::try_from(orders.iter().position(|o| o.id.raw() == id).unwrap()).unwrap();
    seen.reconciled.prove_order(row, seen.reconciled.order_case(row).unwrap())
}

/// The proof of a line without an order.
fn proof_of_line(seen: &Seen<'_>, id: &str) -> Proof {
    let lines = &seen.reconciled.snapshot.records.lines;
    seen.reconciled.prove_line(u32::try_from(lines.iter().position(|l| l.id.raw() == id).unwrap()).unwrap())
}

fn questions(proof: &Proof, is: impl Fn(Outcome) -> bool) -> Vec<Question> {
    proof.checks.iter().filter(|c| is(c.outcome)).map(|c| c.question).collect()
}

fn first(proof: &Proof) -> Option<Question> {
    proof.first_broken().map(|c| c.question)
}

/// Rows of a table of a page, each as the words a person reads.
fn table_rows(tree: &Tree, path: &str, caption: &str) -> Vec<String> {
    let main = tree.main(path);
    let at =
        main.find(&format!("id=\"{caption}-caption\"")).unwrap_or_else(|| panic!("{path} has no {caption}"));
    let table = &main[at..at + main[at..].find("</table>").unwrap()];
    table.split("<tr").skip(1).map(|row| super::support::text_of(&format!("<tr{row}"))).collect()
}

#[test]
fn a_missing_line_is_one_of_which_no_check_fails() {
    // Goal: `missing-rebate` is what is left when everything else is ruled out (domain 4.2). Method: ORD-4018, of which
    // only the subscription cannot be looked up, because a prepaid order has none.
    Project::sample().reconcile(|seen| {
        let proof = proof_of_order(seen, "ORD-4018");
        assert_eq!(first(&proof), None);
        let untested = questions(&proof, |o| matches!(o, Outcome::Untested(_)));
        assert_eq!(untested, [Question::Subscription]);
        let not_found = questions(&proof, |o| o == Outcome::NotFound);
        assert_eq!(not_found, [Question::Alias, Question::OrderId, Question::Invoice]);
        let asked: Vec<Question> = proof.checks.iter().map(|c| c.question).collect();
        let of_levels = [Question::Product, Question::Month];
        let all: Vec<Question> = Question::ALL.iter().copied().filter(|q| !of_levels.contains(q)).collect();
        assert_eq!(asked, all, "every link of the chain, in its order; no line here is without an order");
    });
    let text = sample().tree.text("order/ord4018.html");
    for words in [
        "No check fails. 22 checks passed, 1 check cannot be made.",
        "What would clear it: nothing on our side: claim the line from the vendor.",
        "Amount we expect $720.00 no line Pass",
        "Subscription ID the order has none not looked up Cannot be tested needs subscription_id in orders.csv",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn the_first_broken_check_is_the_explanation() {
    // Goal: chain and kinds are one mechanism: a page never says two things. Method: every order without a line, of the
    // sample and of every fixture; what its first broken check stands for against its primary explanation.
    let mut seen_kinds = BTreeSet::new();
    let mut look = |project: &Project, place: &str| {
        project.reconcile(|seen| {
            for case in &seen.reconciled.cases {
                let Subject::Order(row) = case.subject else { continue };
                let proof = seen.reconciled.prove_order(row, case);
                let primary = case.primary().map(|f| f.kind);
                let found = proof.first_broken().map_or(Some(Kind::MissingRebate), |c| c.question.kind());
                let found = found.filter(|_| primary != Some(Kind::DuplicateOrder));
                let same = match (found, primary) {
                    (Some(Kind::LineVanished), Some(Kind::ClosedPeriodRestatement)) => true,
                    (found, primary) => found == primary,
                };
                let id = case.orders[0];
                assert!(same, "{place}, {id}: the chain says {found:?}, the case {primary:?}");
                seen_kinds.extend(primary.map(Kind::code));
            }
        });
    };
    look(&Project::sample(), "sample");
    for kind in Kind::ALL {
        let project = Project::base();
        project.overlay(&tests().join("discrepancies").join(kind.code()));
        look(&project, kind.code());
    }
    assert!(seen_kinds.len() >= 16, "the kinds without a line were met: {seen_kinds:?}");
}

#[test]
fn a_gap_in_our_maps_is_named_with_its_file() {
    // Goal: support learns which row is missing in which file. Method: ORD-4009, whose account no row maps.
    Project::sample().reconcile(|seen| {
        let proof = proof_of_order(seen, "ORD-4009");
        assert_eq!(first(&proof), Some(Question::Account));
        let check = proof.check(Question::Account).unwrap();
        assert_eq!((&check.ours, &check.theirs), (&Value::Id("ACC-909".to_owned()), &Value::Nothing));
        let near = proof.check(Question::NearId).unwrap().outcome;
        let column = "vendor_account_id";
        let missing = Input::Cell { file: "reference/accounts.csv", column };
        assert_eq!(near, Outcome::Untested(missing), "without its account nothing can be near");
    });
    let text = sample().tree.text("order/ord4009.html");
    for words in [
        "First broken check: Account mapping. Account ACC-909 is not in reference/accounts.csv.",
        "Account mapping ACC-909 no row in reference/accounts.csv Fails first",
        "ACC-909,VENDOR-ACCOUNT,CUSTOMER-ID,CUSTOMER NAME,REGION,FROM,TO",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn a_near_pair_shows_both_sides_and_the_row_that_joins_them() {
    // Goal: a person can decide on a suggested pair from either side, and the row they add works. Method: ORD-4006 and
    // L-4006 (domain 2.2: ORD-4060 is near three orders, only account and base decide); the row of the page, filled in.
    let project = Project::sample();
    project.reconcile(|seen| {
        let proof = proof_of_order(seen, "ORD-4006");
        assert_eq!(first(&proof), Some(Question::NearId));
        let line = &seen.reconciled.snapshot.records.lines[proof.nearest.unwrap() as usize];
        assert_eq!((line.id.raw(), line.order_ref.raw()), ("L-4006", "ORD-4060"));
        let from_line = proof_of_line(seen, "L-4006");
        let order = &seen.reconciled.snapshot.records.orders[from_line.nearest.unwrap() as usize];
        assert_eq!((order.id.raw(), first(&from_line)), ("ORD-4006", Some(Question::OrderId)));
    });
    let tree = &sample().tree;
    let row = "ORD-4006,ORD-4060,order,YOUR-NAME,DATE,REASON";
    for path in ["order/ord4006.html", "order/ord4060.html"] {
        let text = tree.text(path);
        for words in
            [row, "comes closest: 5 of 5 facts are equal.", "if ORD-4060 is ORD-4006, add this row to"]
        {
            assert!(text.contains(words), "{path}: `{words}` is not in\n{text}");
        }
        let fields = table_rows(tree, path, "nearest-fields");
        assert_eq!(fields[1], "Order ID ORD-4006 ORD-4060 Different", "{path}");
        assert_eq!(fields[2], "Vendor account 5123000000004006 5123000000004006 Equal", "{path}");
        assert_eq!(fields[5], "Base $4,000.00 $4,000.00 Equal", "{path}");
        assert_eq!(fields.iter().filter(|f| f.ends_with("Equal")).count(), 5, "{path}");
    }
    let filled = row.replace("YOUR-NAME", "Kim").replace("DATE", "2026-06-18").replace("REASON", "typo");
    let header = "own_id,vendor_id,kind,approved_by,approved_on,reason";
    project.write("input/reference/aliases.csv", format!("{header}\n{filled}\n"));
    let tree = project.build();
    assert!(tree.text("order/ord4006.html").contains("L-4006"), "the order has its line now");
    assert!(!tree.text("order/ord4006.html").contains("Why there is no rebate line"));
    // An address, once published, stays (contract, section 5).
    assert!(tree.main("order/ord4060.html").contains("href=\"../order/ord4006.html\""));
}

#[test]
fn a_line_without_an_order_has_a_page_at_the_id_it_names() {
    // Goal: who looks for the vendor's order id finds the proof, and every list leads there. Method: L-4007 names
    // ORD-8888, which nothing of ours is near; pages and data files that list the line.
    Project::sample().reconcile(|seen| {
        let proof = proof_of_line(seen, "L-4007");
        assert_eq!((first(&proof), proof.nearest), (Some(Question::OrderId), None));
        let not_found = questions(&proof, |o| o == Outcome::NotFound);
        let keys = [Question::Alias, Question::Invoice, Question::Subscription, Question::Account];
        assert_eq!(not_found, keys);
        for file in [DataFile::Cases, DataFile::Lines] {
            let rows = seen.data(file);
            let row = rows.iter().find(|r| r.values().any(|v| v == "L-4007")).unwrap();
            assert_eq!(row["page"], "order/ord8888.html");
        }
    });
    let tree = &sample().tree;
    let text = tree.text("order/ord8888.html");
    for words in [
        "1 rebate line names ORD-8888, which is not among our orders.",
        "First broken check: Order ID. The line names ORD-8888, and no order of ours has this ID.",
        "Order ID no such order ORD-8888 Fails first",
        "Nearly the same ID no order without a line is near ORD-8888 Pass",
        "$275.00",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    for path in ["batch/core2605.html", "discrepancy/orphan-rebate.html", "program/core.html"] {
        assert!(tree.read(path).contains("../order/ord8888.html"), "{path} does not lead there");
    }
    // When the order arrives, its own page takes the address.
    let project = Project::sample();
    let order = "ORD-8888,R-100,ACC-4018,,INV-8888,2026-05-15,2026-05-12,ECS-C7,ap-southeast-1,intl,prepay,standard,\
                 2026-01-01,,USD,3437.50,0.00,active\n";
    project.append("input/2026-06-18/orders.csv", order);
    let page = project.build().text("order/ord8888.html");
    assert!(page.contains("L-4007") && !page.contains("not among our orders"), "{page}");
}

#[test]
fn a_waterfall_leads_from_expected_to_calculated() {
    // Goal: finance sees each step with both values, and the steps are the difference. Method: ORD-4022 (another
    // category) and ORD-4029 (above the cap), worked out by hand: 10,000.00 × 6 % against × 5 %; 500.00 + 1,500.00 capped
    // at 1,500.00 against 25,000.00 × 8 %.
    let tree = &sample().tree;
    assert_eq!(
        table_rows(tree, "order/ord4022.html", "steps-l4022")[1..],
        [
            "Expected our rule on our own data 600.00",
            "Category ours database, the vendor's storage −100.00 500.00",
            "Vendor calculated −100.00 500.00",
        ]
    );
    assert_eq!(
        table_rows(tree, "order/ord4029.html", "steps-l4029")[1..],
        [
            "Expected our rule on our own data 1,500.00",
            "Cap the vendor's base × rate is 2,000.00, the cap leaves 1,500.00 +500.00 2,000.00",
            "Vendor calculated +500.00 2,000.00",
        ]
    );
    let text = tree.text("order/ord4022.html");
    assert!(text.contains("Line L-4022, in USD: Ours: 10,000.00 × 6% = 600.00."), "{text}");
    // Where nothing is expected, it says why.
    for (path, words) in [
        ("order/ord4005.html", "It repeats line L-4005, so nothing more is expected."),
        ("order/ord4031.html", "Line L-4031E stands in a program that excludes this one"),
        ("order/ord3001.html", "the order does not qualify for the program: category."),
    ] {
        assert!(tree.text(path).contains(words), "{path}: `{words}`");
    }
    let agreeing = tree.text("order/ord1002.html");
    assert!(agreeing.contains("Both agree.") && agreeing.contains("Eligible"), "{agreeing}");
}

#[test]
fn the_steps_of_every_line_sum_exactly() {
    // Goal: I-10 on the pages, not only in the model. Method: every table of steps of the sample, read as a person reads
    // it: each amount is the one before plus its effect, and the last effect is the sum of the others.
    let cents = |cell: &str| -> i64 {
        let plain: String = cell.chars().filter(|c| c.is_ascii_digit()).collect();
        let amount: i64 = plain.parse().unwrap();
        if cell.starts_with('−') { -amount } else { amount }
    };
    let tree = &sample().tree;
    let mut count = 0;
    for path in tree.paths().iter().filter(|p| p.starts_with("order/") && p.ends_with(".html")) {
        let main = tree.main(path);
        for mark in main.split("id=\"steps-").skip(1).map(|m| m.split("-caption\"").next().unwrap()) {
            let rows = table_rows(tree, path, &format!("steps-{mark}"));
            let (mut running, mut sum) = (cents(rows[1].rsplit(' ').next().unwrap()), 0);
            for row in &rows[2..] {
                let mut cells = row.rsplit(' ');
                let (amount, effect) = (cents(cells.next().unwrap()), cents(cells.next().unwrap()));
                if row.starts_with("Vendor calculated") {
                    assert_eq!((amount, effect), (running, sum), "{path}: {row}");
                } else {
                    (running, sum) = (running + effect, sum + effect);
                    assert_eq!(amount, running, "{path}: {row}");
                }
            }
            count += 1;
        }
    }
    assert!(count >= 8, "tables of steps were found: {count}");
}

#[test]
fn every_line_is_recomputed_or_says_why_not() {
    // Goal: no line is silently without an expected amount (domain 4.7, rule-gap). Method: every order page of the sample
    // has the row; then a program without a rule, a lump sum, another currency and a missing list price, made up.
    let tree = &sample().tree;
    for path in tree.paths().iter().filter(|p| p.starts_with("order/ord") && p.ends_with(".html")) {
        let text = tree.text(path);
        if text.contains("Calculated rebate") {
            assert!(
                text.contains("Eligible expected by our own") || text.contains("Not recomputed:"),
                "{path}"
            );
        }
    }
    let programs = "input/reference/programs.csv";
    let core = |method: &str, basis: &str| {
        format!(
            "program_id,name,site,currency,valid_from,valid_to,method,base_basis\n\
             CORE,Core,intl,USD,2026-01-01,2026-12-31,{method},{basis}\n"
        )
    };
    for (text, words) in [
        (
            core("flat", "net").replace("CORE,", "OTHER,"),
            "Not recomputed: program CORE has no rule in reference/programs.csv.",
        ),
        (core("lump_sum", "net"), "Not recomputed: it is a lump sum or bonus, granted by hand."),
        (core("flat", "list"), "Not recomputed: it needs list_amount in orders.csv."),
    ] {
        let project = Project::base();
        project.write(programs, text);
        let page = project.build().text("order/o1.html");
        assert_eq!(page.matches(words).count(), 2, "`{words}` in the amounts and below, in\n{page}");
    }
    let project = Project::base();
    project.change_file(
        "input/2026-06-18/orders.csv",
        "USD,1000.00,0.00,active\nO-2",
        "EUR,1000.00,0.00,active\nO-2",
    );
    let page = project.build().text("order/o1.html");
    assert!(page.contains("Not recomputed: the line is in USD, the order in EUR."), "{page}");
}

#[test]
fn what_cannot_be_tested_names_the_input_that_would_make_it_testable() {
    // Goal: "cannot be tested" is an instruction, not an excuse. Method: a made-up order that lacks its reseller and
    // billing model under a program that asks for both, without feeds, periods and an earlier snapshot; each check that
    // cannot be made names a column that a file of that name has.
    let project = Project::base();
    project.write(
        "input/reference/programs.csv",
        "program_id,name,site,currency,valid_from,valid_to,method,base_basis,billing_models,resellers\n\
         CORE,Core,intl,USD,2026-01-01,2026-12-31,flat,net,prepay,R-1\n",
    );
    project.write(
        "input/2026-06-18/sources.csv",
        "source_id,kind,site,expected_by,last_as_of,state,error_code\n",
    );
    project.write(
        "input/reference/periods.csv",
        "period,start,end,vendor_final_date,closed_on,close_snapshot\n",
    );
    project.append(
        "input/2026-06-18/orders.csv",
        "O-9,,A-2,,INV-9,2026-05-15,2026-05-12,SERVER,eu-1,intl,,standard,2026-01-01,,USD,1000.00,0.00,active\n",
    );
    let known: Vec<(String, Vec<&str>)> = FileKind::ALL
        .iter()
        .map(|kind| (format!("{}.csv", kind.name()), kind.columns().iter().map(|c| c.name).collect()))
        .collect();
    let mut inputs = Vec::new();
    project.reconcile(|seen| {
        let proof = proof_of_order(seen, "O-9");
        let outcome = |question| proof.check(question).unwrap().outcome;
        let cell = |file, column| Outcome::Untested(Input::Cell { file, column });
        for (question, expected) in [
            (Question::Fresh, cell("sources.csv", "last_as_of")),
            (Question::Subscription, cell("orders.csv", "subscription_id")),
            (Question::Earlier, Outcome::Untested(Input::Snapshot)),
            (Question::BillingModel, cell("orders.csv", "billing_model")),
            (Question::Reseller, cell("orders.csv", "reseller_id")),
            (Question::Final, cell("reference/periods.csv", "vendor_final_date")),
        ] {
            assert_eq!(outcome(question), expected, "{question:?}");
        }
        inputs.extend(proof.checks.iter().filter_map(|c| match c.outcome {
            Outcome::Untested(Input::Cell { file, column }) => Some((file, column)),
            Outcome::Untested(Input::Snapshot) | Outcome::Pass | Outcome::Fail | Outcome::NotFound => None,
        }));
    });
    for (file, column) in inputs {
        let name = file.trim_start_matches("reference/");
        let columns = &known.iter().find(|(known, _)| known == name).unwrap().1;
        assert!(columns.contains(&column), "{file} has no column {column}");
    }
    let text = project.build().text("order/o9.html");
    assert!(text.contains("Cannot be tested needs last_as_of in sources.csv"), "{text}");
    assert!(text.contains("Cannot be tested needs an earlier snapshot in input/"), "{text}");
}

#[test]
fn several_candidates_are_listed_and_none_is_chosen() {
    // Goal: a tie is a decision for a person (domain 2.2). Method: two lines of one account, each one edit from the order.
    let project = Project::base();
    project.append(
        "input/2026-06-18/orders.csv",
        "O-9000,R-1,A-3,,INV-9,2026-05-15,2026-05-12,SERVER,eu-1,intl,prepay,standard,2026-01-01,,USD,500.00,0.00,active\n",
    );
    project.append(
        "input/2026-06-18/rebate_lines.csv",
        "L-8,CORE,B-1,O-9001,V-3,srv,compute,2026-05,500.00,0.08,40.00,USD,CALCULATED,,2026-06-10,,,\n\
         L-9,CORE,B-1,O-9002,V-3,srv,compute,2026-05,500.00,0.08,40.00,USD,CALCULATED,,2026-06-10,,,\n",
    );
    let tree = project.build();
    let text = tree.text("order/o9000.html");
    for words in [
        "It is one of several that would do.",
        "L-8 for O-9001",
        "L-9 for O-9002",
        "several records would do",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    assert!(!tree.main("order/o9000.html").contains("id=\"row-to-add\""), "nothing is proposed");
}

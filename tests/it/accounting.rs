//! What our own accounting adds to the extracts: journals, the general ledger, the policy of recognition, rates of exchange
//! and signatures (domain 1.1 to 1.3, 1.9, 1.10).

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;

use tieout::model::money::Currency;
use tieout::model::time::Month;
use tieout::reconcile::layers::{Layer, LayerSum};
use tieout::reconcile::ledger::{Agreement, LedgerStatement, statement_b};
use tieout::reconcile::rollforward::{Books, Item, open_items};
use tieout::report::data::DataFile;

use super::rollforward::{column, keys, map, pairs, project};
use super::support::{Project, Seen};

const JOURNALS: &str = "input/reference/journals.csv";
const LEDGER: &str = "input/reference/ledger.csv";
const HEADER: &str = "journal_id,journal_date,currency,amount,kind,line_id,program_id,posted_on,entered_on\n";

fn may() -> Month {
    Month::new(2026, 5).unwrap()
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

/// The layers of a currency at the end of May: amount, adjusted, received, journals and what is in the balance.
fn layers(seen: &Seen<'_>, code: &str) -> Vec<String> {
    let to = seen.report.rollforwards[&may()].to;
    let layered = seen.report.layers.at(to).remove(&Currency::parse(code).unwrap()).unwrap();
    let row = |(layer, sum): (&Layer, &LayerSum)| {
        format!(
            "{} {}: {} {} {} {} = {}",
            layer.label(),
            sum.records,
            sum.amount,
            sum.adjusted,
            sum.received,
            sum.journals,
            sum.in_balance()
        )
    };
    layered.all.iter().map(row).collect()
}

/// Statement B of May in USD.
fn statement<T>(seen: &Seen<'_>, look: impl FnOnce(&LedgerStatement<'_>) -> T) -> T {
    let rolled = &seen.report.rollforwards[&may()];
    look(&statement_b(seen.reconciled, rolled, &seen.report.layers.at(rolled.to))[&usd()])
}

/// Its items, its sub-ledger balance and whether it agrees.
fn told(statement: &LedgerStatement<'_>) -> (Vec<String>, String, Agreement) {
    let item = |item: &tieout::reconcile::ledger::LedgerItem<'_>| {
        let id = item.cause.journal().map_or("", |journal| journal.id.raw());
        format!("{} {id} {}", item.cause.code(), item.amount)
    };
    (statement.items.iter().map(item).collect(), statement.sub_ledger.to_string(), statement.agreement())
}

/// The project of the roll-forward with journals of each kind and state.
fn with_journals() -> Project {
    let project = project();
    project.write(
        JOURNALS,
        format!(
            "{HEADER}J-1,2026-05-28,USD,-40.00,,L-1,,2026-05-30,\n\
             J-2,2026-05-29,USD,-20.00,manual,,Q,,\n\
             J-3,2026-05-31,USD,-80.00,write-off,L-8,,2026-06-02,\n\
             J-4,2026-05-30,USD,12.00,manual,L-12,,2026-05-30,\n\
             J-5,2026-05-31,USD,100.00,ledger-only,,,,\n\
             J-6,2026-06-01,USD,7.00,ledger-only,,,,\n\
             J-7,2026-04-20,USD,-15.00,write-off,L-9,,2026-05-15,2026-06-01\n\
             J-8,2026-06-05,USD,-3.00,write-off,L-9,,,\n\
             J-9,2026-05-02,USD,-1.00,write-off,L-9,,,2026-06-19\n"
        ),
    );
    project
}

#[test]
fn journals_are_rows_of_the_statement_and_reduce_what_is_open() {
    // Goal: domain 1.2, "write-offs and manual journals". Method: 732.00 without journals; J-1 −40, J-2 −20 without a line
    // and J-3 −80 in May, J-7 −15 backdated before a close that did not know it; J-4 belongs to a line of June, J-5 and J-6
    // to the ledger, J-8 to June, and J-9 was entered after the snapshot.
    let project = with_journals();
    let tree = project.build();
    let rows = keys(&tree, "rollforward");
    let row = |key: &str| rows.get(key).map(String::as_str);
    assert_eq!(row("opening_2026-04-30"), Some("595.00"), "the close did not know J-7");
    assert_eq!(row("journals_in_period"), Some("-140.00"));
    assert_eq!(row("backdated_journals"), Some("-15.00"));
    assert_eq!(row("closing_2026-05-31"), Some("577.00"));
    assert_eq!(row("closing_from_detail"), Some("577.00"));
    // May 485 − 20; April 247 − 40 − 80 − 15.
    assert_eq!(keys(&tree, "aging"), map(&[("0-30", "465.00"), ("31-60", "112.00")]));
    let table = column(&tree, "period/2026-05.roll-forward.usd.csv", "Total");
    let tail: Vec<_> = table.iter().rev().take(4).rev().cloned().collect();
    let expected = [
        ("Write-offs and manual journals", "-140.00"),
        ("Closing balance, 31 May 2026", "577.00"),
        ("Closing per detail", "577.00"),
        ("Check", "0.00"),
    ];
    assert_eq!(tail, pairs(&expected));
    let programs = "period/2026-05.roll-forward-programs.usd.csv";
    let written = [("No program named", "0.00"), ("P", "-40.00"), ("Q", "-100.00")];
    assert_eq!(column(&tree, programs, "Write-offs and journals"), pairs(&written));
    let closing = [("No program named", "0.00"), ("P", "144.00"), ("Q", "433.00")];
    assert_eq!(column(&tree, programs, "Closing"), pairs(&closing));
    assert!(
        tree.text("period/2026-04.html").contains("was closed with $595.00"),
        "the close stays as it was"
    );
    project.reconcile(|seen| {
        let rolled = &seen.report.rollforwards[&may()];
        let open = open_items(&Books::of(seen.reconciled), rolled.to).remove(&usd()).unwrap();
        let amount = |id: &str| {
            let item = open.iter().find(|open| match open.item {
                Item::Line(line) => line.raw() == id,
                Item::Journal(journal) => journal.raw() == id,
                Item::Lump(_) => false,
            });
            item.map(|open| open.amount.to_string())
        };
        // 90 − 1 − 40; 80 − 80 is settled; 15 − 15; the lump of ours.
        assert_eq!(amount("L-1").unwrap(), "49.00");
        assert_eq!((amount("L-8"), amount("L-9")), (None, None));
        assert_eq!(amount("J-2").unwrap(), "-20.00");
    });
}

#[test]
fn the_ledger_is_explained_or_the_statement_is_not_balanced() {
    // Goal: statement B (domain 1.3), never plugged. Method: by hand, 577.00 less the ledger is J-2 −20, J-3 −80, J-4 −12 and
    // J-5 −100: the ledger has 789.00. Then a cent more, no balance at all, two accounts of it, and a balance of April alone.
    let items = [
        "not-posted J-2 -20.00",
        "not-posted J-3 -80.00",
        "posted-ahead J-4 -12.00",
        "ledger-only J-5 -100.00",
    ];
    let tell = |ledger: &str| {
        let project = with_journals();
        if !ledger.is_empty() {
            project.write(LEDGER, format!("period,currency,account,program_id,balance\n{ledger}"));
        }
        project.reconcile(|seen| statement(seen, told))
    };
    let expected: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    for balanced in ["2026-05,USD,1245,,789.00\n", "2026-05,USD,1245,Q,700.00\n2026-05,USD,1246,,89.00\n"] {
        let (items, sub_ledger, agreement) = tell(balanced);
        assert_eq!((items, sub_ledger.as_str()), (expected.clone(), "577.00"));
        assert_eq!(agreement, Agreement::Balanced, "{balanced}");
    }
    let (items, _, agreement) = tell("2026-05,USD,1245,,789.01\n");
    assert_eq!(items, expected);
    let Agreement::NotBalanced(left) = agreement else { panic!("{agreement:?}") };
    assert_eq!(left.to_string(), "-0.01");
    for none in ["", "2026-04,USD,1245,,789.00\n", "2026-05,EUR,1245,,789.00\n"] {
        let (items, _, agreement) = tell(none);
        assert_eq!((items, agreement), (expected.clone(), Agreement::NoBalance), "{none}");
    }
}

#[test]
fn a_layer_that_is_not_booked_explains_only_what_it_is_to_the_cent() {
    // Goal: "layers not booked by policy where they explain it". Method: the ledger also holds the 20.00 of unknown status,
    // then that and the 40.00 rejected; then an amount that two layers have alike, so that nobody knows which.
    let tell = |project: &Project, balance: &str| {
        project.write(LEDGER, format!("period,currency,balance\n2026-05,USD,{balance}\n"));
        project.reconcile(|seen| statement(seen, told))
    };
    let plain = project();
    let (items, _, agreement) = tell(&plain, "752.00");
    assert_eq!((items, agreement), (vec!["not-booked-by-policy  -20.00".to_owned()], Agreement::Balanced));
    let (items, _, agreement) = tell(&plain, "792.00");
    let both = ["not-booked-by-policy  -40.00", "not-booked-by-policy  -20.00"];
    assert_eq!((items, agreement), (both.map(str::to_owned).to_vec(), Agreement::Balanced));
    plain.change_file(
        "input/2026-06-18/rebate_lines.csv",
        "2026-04,40.00,USD,REJECTED",
        "2026-04,20.00,USD,REJECTED",
    );
    let (items, _, agreement) = tell(&plain, "752.00");
    assert!(items.is_empty() && matches!(agreement, Agreement::NotBalanced(_)), "{items:?}");
}

#[test]
fn every_layer_has_its_amount_and_the_booked_ones_are_the_closing() {
    // Goal: the table of domain 1.1 and its identity. Method: by hand from the project of the roll-forward. Calculated: L-1, L-5,
    // L-7, L-9, L-13 and A-5; paid without a record up to 31 May: L-8, and L-10, whose payout is of June; received: L-3 with
    // L-4 with A-2, L-11; rejected L-6, unknown L-14, the latter netted in a payout. Order O-2 lost
    // its line: 2,000.00 × 8 %.
    let project = project();
    project.reconcile(|seen| {
        let expected = [
            "Own estimate, no line yet 1: 160.00 0.00 0.00 0.00 = 0.00",
            "Calculated 5: 320.00 -1.00 0.00 0.00 = 319.00",
            "Paid, not received 2: 380.00 0.00 0.00 0.00 = 380.00",
            "Received 3: 295.00 -17.00 -278.00 0.00 = 0.00",
            "Rejected 1: 40.00 0.00 0.00 0.00 = 0.00",
            "Status not known 1: 20.00 0.00 0.00 0.00 = 0.00",
            "Without a line 2: 0.00 30.00 3.00 0.00 = 33.00",
        ];
        assert_eq!(layers(seen, "USD"), expected);
    });
}

#[test]
fn the_worked_example_closes_by_layers_and_agrees_with_its_ledger() {
    // Goal: 35,957.84 in both books of the sample (domain 1.2), and its layers. Method: the booked layers and what was adjusted and
    // received add up to it; the ledger of the sample has it, and a cent less is not balanced.
    let project = Project::sample();
    project.reconcile(|seen| {
        let to = seen.report.rollforwards[&may()].to;
        let layered = &seen.report.layers.at(to)[&usd()];
        let sum = |part: fn(&LayerSum) -> i128| layered.all.values().map(part).sum::<i128>();
        assert_eq!(sum(|l| l.in_balance().minor()), 3_595_784);
        // 7,678.76 − 120.00 + 31,899.08 recognized; −460.00 adjusted; −3,040.00 received.
        assert_eq!(sum(|l| if l.is_booked { l.amount.minor() } else { 0 }), 3_945_784);
        assert_eq!(sum(|l| l.adjusted.minor()), -46_000);
        assert_eq!(sum(|l| l.received.minor()), -304_000);
        assert_eq!(layered.all[&Layer::Unknown].amount.minor(), 24_000, "L-4003");
        // 480 + 280 + 264 + 720 + 320 + 560 + 400 of the orders without a line in the bridge of May, and one in no category.
        let estimate = layered.all[&Layer::OwnEstimate];
        let found = (estimate.amount.minor(), estimate.records, estimate.without_amount);
        assert_eq!(found, (302_400, 8, 1));
        let (items, closing, agreement) = statement(seen, told);
        assert_eq!((items.len(), closing.as_str(), agreement), (0, "35957.84", Agreement::Balanced));
        for (currency, statement) in
            statement_b(seen.reconciled, &seen.report.rollforwards[&may()], &seen.report.layers.at(to))
        {
            assert_eq!(statement.agreement(), Agreement::Balanced, "{currency}");
        }
    });
    project.change_file(LEDGER, "35957.84", "35957.83");
    project.reconcile(|seen| {
        let (_, _, agreement) = statement(seen, told);
        let Agreement::NotBalanced(left) = agreement else { panic!("{agreement:?}") };
        assert_eq!(left.to_string(), "0.01");
    });
}

#[test]
fn a_write_off_moves_closing_and_bucket_by_itself_and_its_posting_moves_statement_b_alone() {
    // Goal: the metamorphic meaning of a journal, on the worked example. Method: a line of March, one of April and one of May,
    // each written off alone: exactly closing, detail, its bucket and the row of journals move, by the amount; posting it moves
    // no total, and takes the item out of statement B, whose ledger then lacks it no more.
    let totals = |project: &Project| -> BTreeMap<String, String> {
        project.reconcile(|seen| {
            let rows = seen.data(DataFile::Totals).into_iter();
            rows.map(|mut row| (row.remove("key").unwrap(), row.remove("value").unwrap())).collect()
        })
    };
    let plain = totals(&Project::sample());
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    for (line, bucket, amount) in
        [("L-4035", "61-90", 10_001), ("L-4051", "31-60", 88_000), ("L-1001", "0-30", 1)]
    {
        let project = Project::sample();
        let write = |posted: &str| {
            let amount = format!("{}.{:02}", amount / 100, amount % 100);
            project.write(
                JOURNALS,
                format!("{HEADER}J-1,2026-05-31,USD,-{amount},write-off,{line},,{posted},\n"),
            );
        };
        write("");
        let written = totals(&project);
        let mut moved: Vec<(String, i64)> = Vec::new();
        for key in plain.keys().chain(written.keys()).collect::<std::collections::BTreeSet<_>>() {
            let of = |all: &BTreeMap<String, String>| all.get(key).map_or(0, |value| cents(value));
            if plain.get(key) != written.get(key) {
                moved.push((key.clone(), of(&written) - of(&plain)));
            }
        }
        let expected = [
            format!("aging.USD.{bucket}"),
            "rollforward.USD.closing_2026-05-31".to_owned(),
            "rollforward.USD.closing_from_detail".to_owned(),
            "rollforward.USD.journals_in_period".to_owned(),
        ];
        assert_eq!(moved, expected.map(|key| (key, -amount)), "{line}");
        let (items, _, agreement) = project.reconcile(|seen| statement(seen, told));
        assert_eq!(
            (items.len(), agreement),
            (1, Agreement::Balanced),
            "not posted: the ledger has not got it"
        );
        write("2026-05-31");
        assert_eq!(totals(&project), written, "{line}: posting moves no figure of ours");
        let (items, _, agreement) = project.reconcile(|seen| statement(seen, told));
        assert!(items.is_empty() && matches!(agreement, Agreement::NotBalanced(_)), "{items:?}");
        // Posted after the end of the month it is as good as not posted in it.
        write("2026-06-01");
        let (items, _, _) = project.reconcile(|seen| statement(seen, told));
        assert_eq!(items.len(), 1);
    }
}

#[test]
fn the_policy_decides_what_is_booked_and_changes_no_case() {
    // Goal: recognition is a choice that figures follow (domain 1.1). Method: only approved and paid lines of the project of the
    // roll-forward are booked: 200 + 70 + 80 + 300 + 25 (L-3, L-4, L-8, L-10, L-11), −18 adjusted,
    // −278 received, 33 without a line; the cases stay. What cannot be followed is refused.
    let project = project();
    let cases = project.reconcile(|seen| seen.not_clean());
    project.write("tieout.toml", "[recognition]\nbooked = [\"approved\", \"paid\"]\n");
    let tree = project.build();
    let rows = keys(&tree, "rollforward");
    assert_eq!(rows["closing_2026-05-31"], "412.00");
    assert_eq!(rows["closing_from_detail"], "412.00");
    // As closed: 200 + 70 + 80 + 25 − 5 − 25.
    assert_eq!(rows["opening_2026-04-30"], "345.00");
    assert_eq!(project.reconcile(|seen| seen.not_clean()), cases);
    for wrong in ["booked = [\"calculated\", \"paid\"]", "accrue_own_estimate = true"] {
        project.write("tieout.toml", format!("[recognition]\n{wrong}\n"));
        project.run(&["check"]).code(2).says("tieout.toml");
    }
}

#[test]
fn bad_rows_of_our_accounting_are_set_aside_with_every_reason() {
    // Goal: the new files are read as strictly as the others (contract, section 8). Method: rows with several faults each, a
    // repeated row, a row that contradicts another, and rows that are used with a warning.
    let project = Project::base();
    project.write(
        JOURNALS,
        "journal_id,journal_date,currency,amount,kind,posted_on\n\
         J-1,2026-02-30,USD,1.005,loss,never\n\
         ,2026-05-31,XXY,-5.00,,\n\
         J-2,2026-05-31,USD,-5.00,manual,\n\
         J-2,2026-05-31,USD,-5.00,manual,\n\
         J-2,2026-05-31,USD,-6.00,manual,\n\
         J-3,2026-05-31,USD,5.00,,\n",
    );
    project.write(
        LEDGER,
        "period,currency,balance,account\n2026-13,USD,1.00,\n2026-05,USD,1.00,1245\n2026-05,USD,2.00,1245\n2026-05,USD,,1246\n",
    );
    project.write(
        "input/reference/fx.csv",
        "date,from,to,rate,kind\n\
         2026-05-31,EUR,USD,1.1,closing\n\
         2026-05-31,EUR,USD,1.1,closing\n\
         2026-05-31,EUR,USD,1.2,closing\n\
         2026-05-31,EUR,USD,0,spot\n\
         2026-05-31,EUR,USD,1.12345678901234567890,average\n",
    );
    let pack = "1439d6fd45fef3de2b4c3b79db87c9f3cff95ab129c7caf018490666e4f212cb";
    project.write(
        "input/reference/signoffs.csv",
        format!(
            "period,pack,role,name,signed_on\n\
             2026-05,{pack},preparer,Ana Ruiz,2026-06-19\n\
             2026-05,{},Reviewer,ana ruiz,2026-06-20\n\
             2026-05,{pack},second-reviewer,Bo Lin,2026-06-20\n\
             2026-05,{pack},auditor,Cy Dahl,2026-06-20\n\
             2026-05,1439d6fd45f,reviewer,,2026-06-20\n",
            &pack[..12]
        ),
    );
    project.reconcile(|seen| {
        assert_eq!(seen.counts("reference/journals.csv"), [6, 2, 1, 3, 0]);
        assert_eq!(seen.counts("reference/ledger.csv"), [4, 1, 0, 3, 0]);
        assert_eq!(seen.counts("reference/fx.csv"), [5, 1, 1, 3, 0]);
        assert_eq!(seen.counts("reference/signoffs.csv"), [5, 4, 0, 1, 0]);
        let told: Vec<String> = seen
            .shown
            .diagnostics
            .iter()
            .map(|d| format!("{}:{} {} {}", d.file.rsplit('/').next().unwrap(), d.line, d.field, d.code))
            .collect();
        let expected = [
            "fx.csv:4  conflicting-duplicate",
            "fx.csv:5 kind value-unknown",
            "fx.csv:5 rate rate-not-positive",
            "fx.csv:6 rate rate-too-precise",
            "journals.csv:2 amount amount-too-precise",
            "journals.csv:2 journal_date date-impossible",
            "journals.csv:2 kind value-unknown",
            "journals.csv:2 posted_on date-not-iso",
            "journals.csv:3 currency currency-unknown",
            "journals.csv:3 journal_id cell-empty",
            "journals.csv:6  conflicting-duplicate",
            "journals.csv:7 amount journal-raises",
            "ledger.csv:2 period period-impossible",
            "ledger.csv:4  conflicting-duplicate",
            "ledger.csv:5 balance cell-empty",
            "signoffs.csv:3  signoff-same-person",
            "signoffs.csv:5 role signoff-role",
            "signoffs.csv:6 name cell-empty",
            "signoffs.csv:6 pack checksum-not-hex",
        ];
        let mut told = told;
        told.sort();
        assert_eq!(told, expected);
        // Only rows set aside are left out; nothing of a warning is.
        let reference = seen.reconciled.rules.reference;
        let signed = reference.signoffs_of(may(), pack).map(|s| s.name.as_str()).collect::<Vec<_>>();
        assert_eq!(signed, ["Cy Dahl", "Ana Ruiz", "ana ruiz", "Bo Lin"]);
        assert_eq!(reference.journals.len(), 2);
    });
}

#[test]
fn the_order_of_rows_of_our_accounting_changes_nothing() {
    // Goal: I-26 for the new files. Method: the journals in reverse order give the same pages and data, whose evidence cites
    // no line of them.
    let (there, back) = (with_journals(), with_journals());
    let text = there.read(JOURNALS);
    let (header, rows) = text.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    back.write(JOURNALS, format!("{header}\n{}\n", reversed.join("\n")));
    let (there, back) = (there.build(), back.build());
    for path in
        ["data/totals.csv", "period/2026-05.roll-forward.usd.csv", "period/2026-05.unpaid-by-age.usd.csv"]
    {
        assert_eq!(there.read(path), back.read(path), "{path}");
    }
    assert_eq!(there.main("period/2026-05.html"), back.main("period/2026-05.html"));
}

#[test]
fn a_signature_changes_no_figure_and_no_name_of_the_record_set() {
    // Goal: what is signed stays what it was when it is signed. Method: the sample with and without a sign-off: the name of
    // its record set, which every page bears, and the page of the month are the same.
    let (plain, signed) = (Project::sample(), Project::sample());
    signed.write(
        "input/reference/signoffs.csv",
        "period,pack,role,name,signed_on\n2026-05,1439d6fd45fe,preparer,Ana Ruiz,2026-06-19\n",
    );
    let set =
        |project: &Project| project.reconcile(|seen| seen.shown.snapshots.last().unwrap().record_set.clone());
    assert_eq!(set(&plain), set(&signed));
    signed.write(LEDGER, "period,currency,balance\n2026-05,USD,1.00\n");
    assert_ne!(set(&plain), set(&signed), "a balance is part of the figures");
}

#[test]
fn the_page_of_a_month_says_whether_the_books_agree_and_what_to_do() {
    // Goal: statement B where a person looks for it, with its next step, and nothing said where nothing is known. Method: the
    // journals of the test above with a ledger of 790.00, one too much; March has no balance, and April none beside J-7, which the
    // ledger got in May.
    let project = with_journals();
    project.write(LEDGER, "period,currency,balance\n2026-05,USD,790.00\n");
    let tree = project.build();
    let page = tree.text("period/2026-05.html");
    for words in
        ["Not balanced. −$1.00 of the difference is not explained.", "Post the journal in the ledger"]
    {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    let balances = &tree.rows("period/2026-05.ledger.csv")[0];
    let cells = ["Sub-ledger", "Ledger", "Difference", "Explained", "Unexplained", "Result"];
    assert_eq!(
        cells.map(|name| balances[name].as_str()),
        ["577.00", "790.00", "-213.00", "-212.00", "-1.00", "Not balanced"]
    );
    let items = [("J-2", "-20.00"), ("J-3", "-80.00"), ("J-4", "-12.00"), ("J-5", "-100.00")];
    assert_eq!(column(&tree, "period/2026-05.ledger-items.csv", "Amount"), pairs(&items));
    let ages: Vec<_> =
        column(&tree, "period/2026-05.ledger-items.csv", "Age").into_iter().map(|a| a.1).collect();
    assert_eq!(ages, ["2", "0", "1", "0"]);
    for month in ["period/2026-04.html", "period/2026-03.html"] {
        let page = tree.text(month);
        assert!(page.contains("The ledger’s balance of USD is not given"), "{page}");
    }
    assert!(!tree.has("period/2026-03.ledger.csv"));
    let april = [("J-7".to_owned(), "Not posted in the ledger".to_owned())];
    assert_eq!(column(&tree, "period/2026-04.ledger-items.csv", "Why"), april);
    let closing: Vec<_> = tree
        .rows("period/2026-05.layers.csv")
        .into_iter()
        .filter(|r| r["Layer"] == "Closing balance")
        .collect();
    assert_eq!(
        (closing.len(), closing[0]["Balance"].as_str(), closing[0]["Journals"].as_str()),
        (1, "577.00", "-155.00")
    );
    assert!(page.contains("Booked by policy: Calculated, Under Review, Approved and Paid."), "{page}");
}

#[test]
fn balances_are_translated_where_the_books_have_a_currency_and_else_nowhere() {
    // Goal: domain 1.9 on the page of the worked example. Method: 495.00 EUR × 1.10 and 61,728 JPY × 0.0065 = 401.232; euros as the
    // currency of the books have no rate for dollars and yen, and the page says which rows to add; without a key nothing is told.
    let project = Project::sample();
    assert!(!project.build().has("period/2026-05.fx.csv"));
    project.write("tieout.toml", "functional_currency = \"USD\"\n");
    let tree = project.build();
    let expected = [("EUR", "544.50"), ("JPY", "401.23"), ("USD", "35957.84"), ("Total", "36903.57")];
    assert_eq!(column(&tree, "period/2026-05.fx.csv", "In USD"), pairs(&expected));
    let rows = [
        ("Opening balance, 30 Apr 2026", "0.00"),
        ("Earned in May 2026", "544.50"),
        ("FX", "0.00"),
        ("Closing balance, 31 May 2026", "544.50"),
    ];
    assert_eq!(column(&tree, "period/2026-05.fx.eur.csv", "USD"), pairs(&rows));
    project.write("tieout.toml", "functional_currency = \"EUR\"\n");
    let tree = project.build();
    let expected = [("EUR", "495.00"), ("JPY", ""), ("USD", "")];
    assert_eq!(column(&tree, "period/2026-05.fx.csv", "In EUR"), pairs(&expected));
    let page = tree.text("period/2026-05.html");
    for words in ["JPY to EUR on 31 May 2026: 2026-05-31,JPY,EUR,,closing,", "2026-04-30,USD,EUR,,closing,"] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    project.write("tieout.toml", "functional_currency = \"Dollar\"\n");
    project.run(&["check"]).code(2).says("functional_currency");
}

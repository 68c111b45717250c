//! Claims: what can be claimed from the vendor, as files to send, and what became of what was claimed.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;

use super::support::{Project, Row, Tree, repository, sample, sha256};

const HEADER: &str =
    "claim_id,subject,kind,currency,amount,claimed_on,reference,answered_on,answer,answered_amount,note\n";

fn with_claims(rows: &str) -> Project {
    let project = Project::sample();
    project.write("input/reference/claims.csv", format!("{HEADER}{rows}"));
    project
}

#[test]
fn rows_of_claims_are_read_strictly() {
    // Goal: what was claimed is never guessed; a row with a bad cell is set aside with every reason. Method: one row of each
    // fault, one of several, a good row twice, and two rows of one claim with other words.
    let faults = [
        ("C-1,L-4041,short-paid,USD,,2026-06-17,,,,,", vec!["cell-empty"]),
        ("C-2,L-4041,short-paid,USD,0,2026-06-17,,,,,", vec!["amount-not-positive"]),
        ("C-3,L-4041,short-paid,USD,-5.00,2026-06-17,,,,,", vec!["amount-not-positive"]),
        ("C-4,L-4041,short-paid,USD,1.005,2026-06-17,,,,,", vec!["amount-too-precise"]),
        ("C-5,L-4041,short-paid,USD,5.00,2026-06-17,,,perhaps,,", vec!["value-unknown"]),
        ("C-6,L-4041,short-paid,USD,5.00,2026-06-17,,2026-06-16,,,", vec!["answer-before-claim"]),
        ("C-7,L-4041,short-paid,USD,5.00,2026-06-17,,,partly,-1.00,", vec!["amount-negative"]),
        ("C-8,,short-paid,USX,5.00,17.6.2026,,,,,", vec!["cell-empty", "currency-unknown", "date-not-iso"]),
    ];
    for (row, codes) in faults {
        with_claims(&format!("{row}\n")).reconcile(|seen| {
            let place = "reference/claims.csv";
            assert_eq!(seen.counts(place), [1, 0, 0, 1, 0], "{row}");
            let mut found: Vec<&str> =
                seen.shown.diagnostics.iter().filter(|d| d.file == place).map(|d| d.code).collect();
            found.sort_unstable();
            assert_eq!(found, codes, "{row}");
            assert!(seen.loaded.reference.claims.is_empty());
        });
    }
    let row = "C-1,L-4041,short-paid,USD,5.00,2026-06-17,T-1,2026-06-18,Accepted,5.00,paid soon\n";
    with_claims(&row.repeat(2)).reconcile(|seen| {
        assert_eq!(
            seen.counts("reference/claims.csv"),
            [2, 1, 1, 0, 0],
            "a row that is there twice is one claim"
        );
        assert_eq!(seen.loaded.reference.claims[0].amount.to_string(), "5.00");
    });
    with_claims(&format!("{row}{}", row.replace("5.00", "6.00"))).reconcile(|seen| {
        assert_eq!(seen.counts("reference/claims.csv"), [2, 1, 0, 1, 0], "the later row says something else");
    });
}

/// The claim files of a tree: name, rows, evidence, letter.
fn files(tree: &Tree) -> Vec<(String, Vec<Row>, Vec<Row>, String)> {
    let names = tree
        .paths()
        .into_iter()
        .filter_map(|path| Some(path.strip_prefix("claims/")?.strip_suffix(".txt")?.to_owned()));
    names
        .map(|name| {
            let rows = tree.rows(&format!("claims/{name}.csv"));
            let evidence = tree.rows(&format!("claims/{name}.evidence.csv"));
            let letter = tree.read(&format!("claims/{name}.txt"));
            (name, rows, evidence, letter)
        })
        .collect()
}

/// Cents of a plain amount.
fn cents(amount: &str) -> i64 {
    let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |digits| (-1, digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "00"));
    sign * (whole.parse::<i64>().unwrap() * 100 + rest.parse::<i64>().unwrap())
}

#[test]
fn every_amount_that_can_be_claimed_is_in_one_file_or_claimed_before() {
    // Goal: claimable = claimed and open + not claimed, and every open receivable case is offered once. Method: the files as
    // they are published, added up by hand, against the cases and totals of the site; the sample has claimed L-4044 before
    // and has recovered L-1002.
    let site = sample();
    let tree = &site.tree;
    let cases = tree.rows("data/cases.csv");
    let mut expected: Vec<(String, i64)> = cases
        .iter()
        .filter(|case| case["direction"] == "receivable" && case["subject_id"] != "L-4044")
        .map(|case| (case["subject_id"].clone(), cents(&case["at_stake"])))
        .collect();
    let mut offered = Vec::new();
    for (name, rows, _, _) in files(tree) {
        for row in rows {
            assert_eq!(row["Claim"], name);
            let case = cases.iter().find(|case| case["subject_id"] == row["Item"]).unwrap();
            assert!(
                name.ends_with(&format!("-{}-{}", case["primary"], row["Currency"].to_lowercase())),
                "{name}"
            );
            assert_eq!(row["Program"], case["program"]);
            offered.push((row["Item"].clone(), cents(&row["Amount claimed"])));
        }
    }
    expected.sort();
    offered.sort();
    assert_eq!(offered, expected);
    let sums = tree.rows("claims.sums.csv");
    let totals = tree.rows("data/totals.csv");
    let stake = totals.iter().find(|row| row["key"] == "stake.USD.receivable").unwrap();
    assert_eq!(sums[0]["Claimable"], stake["value"]);
    assert_eq!(cents(&sums[0]["Not claimed yet"]), offered.iter().map(|(_, cents)| cents).sum::<i64>());
    assert_eq!(cents(&sums[0]["Claimed and open"]), 2000);
    assert_eq!(
        cents(&sums[0]["Claimable"]),
        cents(&sums[0]["Claimed and open"]) + cents(&sums[0]["Not claimed yet"])
    );
    let followed = tree.rows("claims.followed.csv");
    let of = |id: &str| followed.iter().find(|row| row["Item"] == id).unwrap();
    assert_eq!((of("L-1002")["State"].as_str(), of("L-1002")["Recovered"].as_str()), ("recovered", "320.00"));
    assert!(of("L-1002")["What became of it"].contains("by snapshot 18 Jun 2026"));
    assert_eq!(of("L-4044")["What became of it"], "open for 1 day");
    assert!(tree.text("order/ord4044.html").contains("Claim C-2026-002: open for 1 day"));
    assert!(tree.text("order/ord4018.html").contains("$720.00 to claim"));
    for page in ["index.html", "deadlines.html", "discrepancy/index.html"] {
        assert!(tree.read(page).contains("claims.html\""), "{page} leads to the claims");
    }
}

#[test]
fn a_letter_states_what_its_file_holds_and_blames_nobody() {
    // Goal: the vendor reads rows, control total and dates that its attachment confirms, in neutral words. Method: every
    // letter of the sample against its file; a list of words that no letter has; the text on the page is the letter's.
    let site = sample();
    let claims = site.tree.text("claims.html");
    let all = files(&site.tree);
    assert_eq!(all.len(), 11);
    for (name, rows, evidence, letter) in all {
        let sum: i64 = rows.iter().map(|row| cents(&row["Amount claimed"])).sum();
        let items = if rows.len() == 1 { "1 item".to_owned() } else { format!("{} items", rows.len()) };
        let total = format!("the amounts claimed add up to {}.{:02} USD", sum / 100, sum % 100);
        for words in [
            &items,
            &total,
            &format!("{name}.csv"),
            &format!("{name}.evidence.csv"),
            &"As known on 18 Jun 2026.".to_owned(),
        ] {
            assert!(letter.contains(words.as_str()), "{name} does not say {words}:\n{letter}");
        }
        let plain = letter.to_lowercase();
        for word in [
            "wrong",
            "mistake",
            "fault",
            "fail",
            "error",
            "incorrect",
            "your own",
            "refuse",
            "demand",
            "guarantee",
        ] {
            assert!(!plain.contains(word), "{name} says `{word}`:\n{letter}");
        }
        assert!(claims.contains(
            &letter.split_once("\n\n").unwrap().1.split_whitespace().collect::<Vec<_>>().join(" ")
        ));
        let items: BTreeSet<&str> = rows.iter().map(|row| row["Item"].as_str()).collect();
        let proved: BTreeSet<&str> = evidence.iter().map(|row| row["Item"].as_str()).collect();
        assert_eq!(items, proved, "{name}");
    }
}

#[test]
fn the_evidence_of_a_claim_is_what_the_extracts_say() {
    // Goal: a vendor can find each row in the file it is cited from. Method: file, line, checksums and values of every row
    // of evidence against the files of the sample as they lie on the disk.
    let site = sample();
    let input = repository().join("input");
    let mut kinds = BTreeSet::new();
    for (name, _, evidence, _) in files(&site.tree) {
        for row in evidence {
            let text = std::fs::read_to_string(input.join(&row["Source file"])).unwrap();
            let line = text.lines().nth(row["Row"].parse::<usize>().unwrap() - 1).unwrap();
            assert_eq!(sha256(text.as_bytes()), row["File SHA-256"], "{name}");
            assert_eq!(sha256(line.as_bytes()), row["Row SHA-256"], "{name}: {line}");
            let known = super::support::rows(&format!("{}\n{line}\n", text.lines().next().unwrap()));
            for value in row["Values"].split("; ") {
                let (column, value) = value.split_once('=').unwrap();
                assert_eq!(known[0][column], value, "{name}");
            }
            assert!(!row["Values"].contains("customer"), "names of customers stay with us");
            kinds.insert(row["Record"].split(' ').next().unwrap().to_owned());
        }
    }
    let expected = ["Account", "Adjustment", "Order", "Payout", "Rebate", "SKU"];
    assert!(expected.iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
}

#[test]
fn what_was_claimed_is_not_offered_again() {
    // Goal: only the rest is claimed, a claim of more than the case has is told, and so is one without a case. Method:
    // claims of a part, of everything, of too much and of nothing; an order named instead of its line; a rejected one.
    let project = with_claims(
        "C-1,L-4027,tier-mismatch,USD,150.00,2026-06-18,,,,,\n\
         C-2,ORD-4018,missing-rebate,USD,720.00,2026-06-18,T-2,2026-06-18,rejected,0.00,ask again\n\
         C-3,l 4041,unsupported-adjustment,USD,60.00,2026-06-18,,,,,\n\
         C-4,ORD-1001,missing-rebate,USD,5.00,2026-06-18,,,,,\n\
         C-5,ord-4044,no-such-kind,USD,20.00,2026-06-18,,,,,\n\
         C-6,PO-5003,payout-batch-mismatch,EUR,35.00,2026-06-18,,,,,\n\
         C-7,L-4041,unsupported-adjustment,USD,1.00,2026-06-18,,,,,\n",
    );
    let tree = project.build();
    let followed = tree.rows("claims.followed.csv");
    let told = |id: &str| {
        let row = followed.iter().find(|row| row["Claim"] == id).unwrap();
        (row["State"].clone(), row["Still open"].clone(), row["What became of it"].clone())
    };
    let open =
        |state: &str, amount: &str, words: &str| (state.to_owned(), amount.to_owned(), words.to_owned());
    assert_eq!(told("C-1"), open("open", "150.00", "open for 0 days"));
    assert_eq!(
        told("C-2"),
        open("answered-open", "720.00", "rejected on 18 Jun 2026, $0.00 granted, still open for 0 days")
    );
    assert_eq!(
        told("C-3"),
        open("open", "45.00", "open for 0 days; $15.00 more was claimed than the case has")
    );
    assert_eq!(told("C-5"), open("open", "20.00", "open for 0 days"));
    for id in ["C-4", "C-6", "C-7"] {
        let (state, amount, words) = told(id);
        assert_eq!((state.as_str(), amount.as_str()), ("no-case", "0.00"), "{id}");
        assert!(words.contains("the case was cleared before, it is claimed already, or the ID is not known"));
    }
    let offered: Vec<Row> = files(&tree).into_iter().flat_map(|(_, rows, _, _)| rows).collect();
    let amount =
        |item: &str| offered.iter().find(|row| row["Item"] == item).map(|row| row["Amount claimed"].as_str());
    assert_eq!(amount("L-4027"), Some("450.00"));
    assert_eq!(amount("PO-5003"), Some("35.00"));
    for item in ["ORD-4018", "L-4041", "L-4044"] {
        assert_eq!(amount(item), None, "{item} is claimed");
    }
    assert!(
        tree.read("claims/grow-tier-mismatch-usd.txt")
            .contains("Claimed earlier and not part of this amount: $150.00.")
    );
    assert!(tree.text("claims.html").contains("no kind of discrepancy"));
    assert!(tree.text("order/ord4018.html").contains("Claim C-2: rejected on 18 Jun 2026"));
}

#[test]
fn a_program_can_have_files_of_its_own_shape() {
    // Goal: the vendor gets the columns it asks for, and whoever writes the mapping is told what there is. Method: a mapping
    // for one program beside the default; then a field and a fact that do not exist.
    let project = Project::sample();
    project.write(
        "templates/claims/CORE.toml",
        "[[column]]\nheader = 'Bestellnummer'\nfield = 'order'\n[[column]]\nheader = 'Betrag'\nfield = 'amount'\n[[column]]\nheader = 'Art'\ntext = '=Rebate'\n",
    );
    let tree = project.build();
    let own = tree.read("claims/core-missing-rebate-usd.csv");
    assert_eq!(own, "\u{feff}Bestellnummer,Betrag,Art\r\nORD-4018,720.00,\"'=Rebate\"\r\n");
    assert!(tree.read("claims/grow-tier-mismatch-usd.csv").starts_with("\u{feff}Claim,Item,Order ID,"));
    project.write("templates/claims/CORE.toml", "[[column]]\nheader = 'A'\nfield = 'amuont'\n");
    project
        .run(&["build"])
        .code(2)
        .says("templates/claims/CORE.toml")
        .says("`amuont`, which is no field; the fields are account,");
    project.remove("templates/claims/CORE.toml");
    project.write("content/claims/letter.md", "+++\nsubject = 'x'\ntext = 'Dear {{ vendor }}'\n+++\n");
    project
        .run(&["build"])
        .code(2)
        .says("content/claims/letter.md`, line 3, text names `vendor`")
        .says("the facts are amount, before,");
    project.write("content/claims/letter.md", "+++\nsubject = 'x'\ntext = 'By {{ deadline }}'\n+++\n");
    project.run(&["build"]).code(2).says("a fact that is not known here is printed");
}

#[test]
fn a_letter_names_rule_and_last_day_where_they_are_known() {
    // Goal: document, clause and the nearest last day stand in letter and file. Method: the same with a rule that has them.
    let project = Project::sample();
    let programs = project.read("input/reference/programs.csv");
    let (header, rows) = programs.split_once('\n').unwrap();
    let rows: Vec<String> = rows
        .lines()
        .map(|row| {
            row.to_owned() + if row.starts_with("CORE,") { ",90,Partner terms 2026,4.2" } else { ",,," }
        })
        .collect();
    let header = header.trim_end();
    assert!(!header.contains("dispute_days"));
    project.write(
        "input/reference/programs.csv",
        format!("{header},dispute_days,source_document,source_clause\n{}\n", rows.join("\n")),
    );
    let tree = project.build();
    let letter = tree.read("claims/core-missing-rebate-usd.txt");
    assert!(letter.contains("Basis: Partner terms 2026, clause 4.2.\nLast day to claim: "), "{letter}");
    let rows = tree.rows("claims/core-missing-rebate-usd.csv");
    assert_eq!((rows[0]["Document"].as_str(), rows[0]["Clause"].as_str()), ("Partner terms 2026", "4.2"));
    let deadlines = tree.rows("deadlines.csv");
    let own = deadlines.iter().find(|row| row.values().any(|cell| cell == "ORD-4018")).unwrap();
    assert!(own.values().any(|cell| *cell == rows[0]["Last day to claim"]), "{own:?}");
}

#[test]
fn nothing_to_claim_is_said() {
    // Goal: an empty page says why it is empty and what to do. Method: the clean base, which has no open case.
    let project = Project::base();
    let tree = project.build();
    let text = tree.text("claims.html");
    assert!(text.contains(
        "Nothing can be claimed in this snapshot: no open case has an amount that we may be owed."
    ));
    assert!(
        text.contains("There is nothing to claim.")
            && text.contains("Write what you claim into reference/claims.csv")
    );
    assert!(files(&tree).is_empty());
}

#[test]
fn the_readme_lists_every_field_of_a_claim_file() {
    // Goal: whoever writes a mapping finds its fields without breaking a build. Method: the list in the README against the
    // fields that there are.
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let list = readme.split_once("the fields are:\n\n").unwrap().1.split_once("\n\n").unwrap().0;
    let mut listed: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    listed.sort_unstable();
    let mut all: Vec<&str> = tieout::content::claims::Field::ALL.iter().map(|(name, _)| *name).collect();
    all.sort_unstable();
    assert_eq!(listed, all);
}

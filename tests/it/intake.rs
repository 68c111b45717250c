//! What lies in a snapshot folder and would count twice, not at all, or from the wrong column.

use super::formats::gzip;
use super::sources::{POLICY, POLICY_HEADER, lines, with_lines};
use super::support::{Project, Seen};

const NAME: &str = "202605_FY27_CORE_1";

/// Rows of ten orders.
fn ten() -> String {
    (1..=10).map(|n| format!("O-{n},V-1,{n}00.00,{}.00,CALCULATED\n", n * 8)).collect()
}

fn codes(seen: &Seen<'_>, code: &str) -> Vec<String> {
    seen.problems(code).iter().map(|p| p.file.clone()).collect()
}

/// Lines of 2026-05 whose amounts are in cents from the second extract on.
fn in_cents_since(second: &str) -> Project {
    let rows = |cents: bool| -> String {
        let amount = |n: u32| if cents { format!("{}", n * 800) } else { format!("{}.00", n * 8) };
        (1..=10).map(|n| format!("O-{n},V-1,{n}00.00,{},CALCULATED\n", amount(n))).collect()
    };
    let files = [
        (format!("2026-06-01/{NAME}.csv"), format!("{POLICY_HEADER}{}", rows(false))),
        (format!("2026-06-18/{NAME}.csv"), format!("{POLICY_HEADER}{}", rows(true))),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = with_lines(&format!("{POLICY}{second}"), &files);
    let orders = project.read("input/2026-06-18/orders.csv");
    project.write("input/2026-06-01/orders.csv", orders);
    project
}

#[test]
fn an_export_that_changes_is_read_otherwise_from_that_snapshot_on() {
    // Goal: a changed unit is answered without changing what an earlier extract says. Method: amounts in cents from the second
    // extract on; the answer that is proposed is taken over, and both snapshots have the same amounts and no alarm.
    let unit = in_cents_since("");
    let help = unit.reconcile(|seen| seen.problems("unit-changed")[0].help.clone());
    let column = "calculated_amount = { from = \"Amount\", unit = \"hundredth\" }";
    assert!(help.contains("since = \"2026-06-18\"") && help.contains(column), "{help}");

    let again = POLICY.replace("calculated_amount = \"Amount\"", column);
    let second =
        format!("[[source]]\nname = \"vendor\"\nkind = \"rebate_lines\"\nsince = \"2026-06-18\"\n{again}");
    let project = in_cents_since(&second);
    let at = |snapshot: Option<&str>| {
        project.reconcile_at(snapshot, |seen| (lines(seen), codes(seen, "unit-changed")))
    };
    let (now, alarms) = at(None);
    assert_eq!(alarms, Vec::<String>::new());
    assert!(now.contains(&"O-3 CORE 2026-05 24.00 calculated".to_owned()), "{now:?}");
    assert_eq!(at(Some("2026-06-01")).0, now);

    // Two that begin with the same snapshot are a mistake, and so is a day that is none.
    for wrong in [second.replace("since = \"2026-06-18\"\n", ""), second.replace("06-18", "06-31")] {
        let (result, _) = in_cents_since(&wrong).try_build();
        assert!(result.is_err(), "{wrong}");
    }
}

#[test]
fn a_canonical_file_can_change_its_unit_too() {
    // Goal: a source of the name of a canonical file goes on with it, so that a change of that file can be said and no month
    // counts twice. Method: the base's lines in an older folder, and in cents in the newer one.
    let project = Project::base();
    let text = project.read("input/2026-06-18/rebate_lines.csv");
    project.write("input/2026-06-01/rebate_lines.csv", &text).remove("input/2026-06-18/control_totals.csv");
    let before = project.reconcile(lines);
    let cents = text.replace(",80.00,", ",8000,").replace(",160.00,", ",16000,");
    project.write("input/2026-06-18/rebate_lines.csv", cents);
    let header = text.lines().next().expect("a header");
    let column = |name: &str| match name {
        "calculated_amount" | "paid_amount" => {
            format!("{name} = {{ from = \"{name}\", unit = \"hundredth\" }}\n")
        }
        _ => format!("{name} = \"{name}\"\n"),
    };
    let columns: String = header.split(',').map(column).collect();
    project.write(
        "tieout.toml",
        format!(
            "[[source]]\nkind = \"rebate_lines\"\nfiles = \"rebate_lines.csv\"\nsince = \"2026-06-18\"\n[source.columns]\n{columns}"
        ),
    );
    project.reconcile(|seen| {
        assert_eq!(lines(seen), before);
        assert_eq!(codes(seen, "month-in-two-extracts"), Vec::<String>::new());
    });
}

#[test]
fn a_row_that_cannot_be_read_takes_no_month_away() {
    // Goal: a newer extract restates the months of its records, not of a row that is set aside. Method: the newer extract has
    // May and one row with the month April and no amount that can be read; April stays what the older one says.
    let project = Project::base();
    let text = project.read("input/2026-06-18/rebate_lines.csv");
    project.write("input/2026-06-01/rebate_lines.csv", &text).remove("input/2026-06-18/control_totals.csv");
    let before = project.reconcile(lines);
    let newer =
        text.replace("L-3,CORE,B-0,O-3,", "L-9,CORE,B-0,O-9,").replace("80.00,USD,PAID", "eighty,USD,PAID");
    project.write("input/2026-06-18/rebate_lines.csv", newer);
    project.reconcile(|seen| {
        assert_eq!(lines(seen), before);
        assert_eq!(seen.reconciled.snapshot.quarantined.len(), 1);
    });
}

#[test]
fn an_older_file_of_which_no_row_can_be_read_stays_in_the_list() {
    // Goal: rows that no newer file can have replaced, because nobody can say of which month they are, stay set aside.
    // Method: an older extract whose months are all written in another way, and a newer one with its own month; then the same
    // where the newer one has the lines.
    let text = Project::base().read("input/2026-06-18/rebate_lines.csv");
    let aside = |older: &str| {
        let project = Project::base();
        project
            .write("input/2026-06-01/rebate_lines.csv", older)
            .remove("input/2026-06-18/control_totals.csv");
        project.reconcile(|seen| {
            let snapshot = &seen.reconciled.snapshot;
            (snapshot.quarantined.len(), snapshot.replaced.len())
        })
    };
    let rows = text.lines().count() - 1;
    let unreadable = text.replace(",2026-05,", ",May,").replace(",2026-04,", ",April,");
    let others = unreadable.replace("\nL-", "\nM-");
    assert_eq!(aside(&others), (rows, 0), "{others}");
    assert_eq!(aside(&unreadable), (0, 0), "a newer file gives every line");
}

#[test]
fn the_rows_of_one_extract_in_two_files_count_once() {
    // Goal: rows without ids that are there in two files are one extract, however the files are written; files that share
    // most of their rows are named. Method: the file with other line ends, packed, with other amounts of digits, and one with
    // half of its rows and others.
    let columns = POLICY.replace("{uid}.csv", "{uid}_{part}.*");
    let text = format!("{POLICY_HEADER}{}", ten());
    let file = |part: u32, end: &str| format!("2026-06-18/{NAME}_{part}.{end}");
    let project =
        with_lines(&columns, &[(&file(1, "csv"), &text), (&file(2, "csv"), &text.replace('\n', "\r\n"))]);
    project.write(&format!("input/{}", file(3, "csv.gz")), gzip(text.as_bytes()));
    project.write(&format!("input/{}", file(4, "csv")), text.replace(".00,", ".0,").replace(',', ";"));
    project.reconcile(|seen| {
        let copies = [file(2, "csv"), file(3, "csv.gz"), file(4, "csv")];
        assert_eq!(codes(seen, "file-given-twice"), copies);
        assert_eq!(lines(seen).len(), 10);
    });

    let half: String = ten().lines().skip(2).map(|row| format!("{row}\n")).collect();
    let half = format!("{POLICY_HEADER}{half}O-11,V-1,100.00,8.00,CALCULATED\n");
    with_lines(&columns, &[(&file(1, "csv"), &text), (&file(2, "csv"), &half)]).reconcile(|seen| {
        let said = seen.problems("rows-in-two-files");
        assert_eq!(said.len(), 1);
        assert!(said[0].message.starts_with("8 of the 9 rows"), "{}", said[0].message);
        assert_eq!(lines(seen).len(), 19, "nothing is taken away where it may be money");
    });
}

#[test]
fn files_that_differ_where_nothing_is_read_are_two() {
    // Goal: two files whose rows are equal in the columns that are read are not taken for one where another column tells them
    // apart. Method: two invoices of one row each, with their numbers in a column that is not mapped, and the file twice.
    let columns = POLICY.replace("{uid}.csv", "{uid}_{part}.csv");
    let invoice = |number: &str| {
        format!("Invoice,{POLICY_HEADER}").replace("State\n", "State,Sent\n")
            + &format!("{number},O-1,V-1,1000.00,80.00,CALCULATED,1.50\n")
    };
    let read = |second: &str| {
        let [one, two] = [1, 2].map(|part| format!("2026-06-18/{NAME}_{part}.csv"));
        with_lines(&columns, &[(&one, &invoice("I-1")), (&two, second)]).reconcile(|seen| {
            let said = seen.problems("rows-in-two-files");
            (
                lines(seen).len(),
                codes(seen, "file-given-twice").len(),
                said.first().map(|p| p.message.clone()),
            )
        })
    };
    let (count, left_out, said) = read(&invoice("I-2"));
    assert_eq!((count, left_out), (2, 0));
    assert!(said.unwrap().ends_with("something else in `INVOICE`: all count in both"));
    assert_eq!(read(&invoice("I-1").replace(",1.50", ",1.5").replace('\n', "\r\n")), (1, 1, None));
}

#[test]
fn a_second_table_in_a_file_stops_the_run() {
    // Goal: what stands below another header is not read by the first one. Method: a second table with its columns in another
    // order; the same header again is no second table, and a word of the header in a cell neither.
    let path = format!("2026-06-18/{NAME}.csv");
    let first = format!("{POLICY_HEADER}{}", ten());
    let turned = format!("{first}Account,Order,Amount,Base,State\nV-1,O-11,8.00,100.00,CALCULATED\n");
    let (result, problems) = with_lines(POLICY, &[(&path, &turned)]).try_build();
    let again: Vec<_> = problems.iter().filter(|p| p.code == "header-again").map(|p| p.line).collect();
    assert!(result.is_err() && again == [12], "{problems:#?}");
    // Written in capitals, it is a header all the same.
    let shouted = turned.replace("Account,Order,Amount,Base,State", "ACCOUNT,ORDER,AMOUNT,BASE,STATE");
    let (result, problems) = with_lines(POLICY, &[(&path, &shouted)]).try_build();
    assert!(result.is_err() && problems.iter().any(|p| p.code == "header-again"), "{problems:#?}");

    let same = format!(
        "{first}{POLICY_HEADER}{}O-11,V-1,100.00,8.00,CALCULATED\nOrder,V-1,100.00,8.00,CALCULATED\n",
        POLICY_HEADER.to_uppercase()
    );
    with_lines(POLICY, &[(&path, &same)]).reconcile(|seen| assert_eq!(lines(seen).len(), 12));
}

#[test]
fn records_above_the_header_are_named() {
    // Goal: rows above the header are not read, and where they look like records that is said. Method: two records above the
    // header; a preamble and a header of two lines say nothing.
    let path = format!("2026-06-18/{NAME}.csv");
    let named = |above: &str| {
        let text = format!("{above}{POLICY_HEADER}{}", ten());
        with_lines(POLICY, &[(&path, &text)]).reconcile(|seen| seen.problems("rows-above-the-header").len())
    };
    assert_eq!(named("O-11,V-1,100.00,8.00,CALCULATED\nO-12,V-1,100.00,8.00,CALCULATED\n"), 1);
    assert_eq!(named("Commission,,,,\nMay 2026,,,,\n"), 0);
    assert_eq!(named("what,who,how much,of it,and\n"), 0);
}

#[test]
fn a_total_in_the_middle_is_named_too() {
    // Goal: a record that is the sum of all others is named wherever it stands. Method: such a row in the middle of ten.
    let path = format!("2026-06-18/{NAME}.csv");
    let text =
        format!("{POLICY_HEADER}{}", ten()).replace("O-6,", "O-99,V-1,5500.00,440.00,CALCULATED\nO-6,");
    with_lines(POLICY, &[(&path, &text)]).reconcile(|seen| {
        let said: Vec<_> =
            seen.problems("row-like-a-total").iter().map(|p| (p.line, p.value.clone())).collect();
        assert_eq!(said, [(7, "440.00".to_owned())]);
    });
}

#[test]
fn files_of_months_that_replace_each_other_are_named() {
    // Goal: a source whose newest files stand for all loses the month of a file with another month in its name, and says so.
    // Method: orders month by month under a star, under {period}, and with the day of the export in the name.
    let orders = |names: [&str; 2], files: &str| {
        let project = Project::base();
        let text = project.read("input/2026-06-18/orders.csv");
        let columns: String = text
            .lines()
            .next()
            .expect("a header")
            .split(',')
            .map(|name| format!("{name} = \"{name}\"\n"))
            .collect();
        project.remove("input/2026-06-18/orders.csv");
        for (folder, name) in ["2026-06-01", "2026-06-18"].iter().zip(names) {
            project.write(&format!("input/{folder}/{name}"), &text);
        }
        project.write(
            "tieout.toml",
            format!("[[source]]\nname = \"erp\"\nkind = \"orders\"\nfiles = \"{files}\"\n[source.columns]\n{columns}"),
        );
        project.reconcile(|seen| codes(seen, "file-replaces-another-month"))
    };
    assert_eq!(orders(["o_2026-04.csv", "o_2026-05.csv"], "o_*.csv"), ["2026-06-18/o_2026-05.csv"]);
    assert_eq!(orders(["o_2026-04.csv", "o_2026-05.csv"], "o_{period}.csv"), Vec::<String>::new());
    assert_eq!(orders(["o_20260601.csv", "o_20260618.csv"], "o_*.csv"), Vec::<String>::new());
}

#[test]
fn the_first_extract_of_a_source_names_its_unknown_statuses() {
    // Goal: a new user whose words no map knows is told which they are, because their lines are in no total. Method: a first
    // extract with two such words; the line that is proposed is taken over, and one is left.
    let path = format!("2026-06-18/{NAME}.csv");
    let text = format!("{POLICY_HEADER}{}", ten()).replace("80.00,CALCULATED", "80.00,Frozen");
    let text = text.replace("72.00,CALCULATED", "72.00,Odd");
    let said = |columns: &str| {
        with_lines(columns, &[(&path, &text)]).reconcile(|seen| {
            let said = seen.problems("status-without-meaning");
            said.iter().map(|p| (p.message.clone(), p.help.clone())).collect::<Vec<_>>()
        })
    };
    let [(message, help)] = &said(POLICY)[..] else { panic!("{:?}", said(POLICY)) };
    assert!(message.ends_with("`FROZEN`, `ODD`"), "{message}");
    assert!(help.contains("`\"FROZEN\" = \"Under Review\"`") && help.contains("[source.statuses]"), "{help}");
    let answered = format!("{POLICY}\"FROZEN\" = \"Under Review\"\n");
    let left = said(&answered);
    assert!(left.len() == 1 && left[0].0.ends_with("total: `ODD`"), "{left:?}");
    assert_eq!(said(&format!("{answered}\"ODD\" = \"Paid\"\n")), []);
}

#[test]
fn a_total_that_waits_for_rows_set_aside_says_so() {
    // Goal: a declared total that does not tie because rows could not be read leads to these rows, not back to the vendor.
    // Method: the base's total with one amount that is no number; then a total that is simply another one.
    let project = Project::base();
    project.change_file("input/2026-06-18/rebate_lines.csv", ",80.00,USD,PAID", ",eighty,USD,PAID");
    project.change_file("input/2026-06-18/rebate_lines.csv", "2026-04,1000.00", "2026-04,thousand");
    let said = |project: &Project| {
        project.reconcile(|seen| {
            let problem = seen.problems("control-total-difference")[0].clone();
            (problem.message, problem.help)
        })
    };
    let (message, help) = said(&project);
    assert!(message.ends_with("1 row is set aside whose amount cannot be read"), "{message}");
    assert!(help.starts_with("correct the rows that are set aside first"), "{help}");
    let other = Project::base();
    other.change_file("input/2026-06-18/control_totals.csv", "320.00", "330.00");
    assert!(said(&other).1.starts_with("ask for the file again"));
}

#[test]
fn a_record_of_json_on_one_line_has_a_place() {
    // Goal: evidence names the record, also where all of them share the only line of a file. Method: an answer as APIs send it,
    // with an empty record and one that cannot be read; the same with a line for each record.
    let columns = POLICY.replace(".csv", ".json");
    let record = |n: u32, amount: &str| {
        format!(
            "{{\"Order\":\"O-{n}\",\"Account\":\"V-1\",\"Base\":\"100.00\",\"Amount\":\"{amount}\",\"State\":\"CALCULATED\"}}"
        )
    };
    let records = [record(1, "8.00"), "{}".to_owned(), record(2, "eight"), record(3, "8.00")];
    let line = |separator: &str| {
        let text = format!("[{}]", records.join(separator));
        with_lines(&columns, &[(&format!("2026-06-18/{NAME}.json"), &text)]).reconcile(|seen| {
            seen.reconciled
                .snapshot
                .quarantined
                .iter()
                .map(|row| seen.loaded.files.line(row.source))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(line(","), [3], "the third record");
    assert_eq!(line(",\n"), [3], "the third line");
    assert_eq!(line(",\n\n"), [5]);
}

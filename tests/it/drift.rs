//! What a system changes in its export without a word is named when the file comes in, with the line that answers it.

use tieout::diagnostic::Diagnostic;

use super::support::{Project, Seen};

const SOURCE: &str = r#"
[[source]]
name = "vendor"
kind = "rebate_lines"
files = "lines.csv"
[source.columns]
line_id = "Line"
program_id = { value = "CORE" }
order_ref = "Order"
account_ref = "Account"
sku_ref = { value = "srv" }
period = { value = "2026-05" }
region = "Region"
base_amount = "Base"
rate = { value = "0.08" }
calculated_amount = "Amount"
currency = { value = "USD" }
status = "State"
status_date = { from = "Since", dates = "%d/%m/%Y" }
"#;

const HEADER: &str = "Line,Order,Account,Region,Base,Amount,State,Since\n";

/// Twenty lines; `row` makes each of its number, account, base and day.
fn lines(row: impl Fn(u32, &str, u32, u32) -> String) -> String {
    (1..=20).map(|n| row(n, &format!("55694142541388{:02}", 10 + n * 3), 100 * n, 1 + n % 11)).collect()
}

fn usual(n: u32, account: &str, base: u32, day: u32) -> String {
    format!(
        "L-{n},O-{n},{account},{},{base}.00,{}.00,CALCULATED,{day:02}/06/2026\n",
        ["eu-1", "us-1"][n as usize % 2],
        base / 100 * 8
    )
}

fn project(config: &str, after: &str) -> Project {
    let project = Project::base();
    project.remove("input/2026-06-18/rebate_lines.csv").remove("input/2026-06-18/control_totals.csv");
    project.write("tieout.toml", config);
    project.write("input/2026-06-12/lines.csv", format!("{HEADER}{}", lines(usual)));
    project.write("input/2026-06-18/lines.csv", after);
    project
}

const CODES: [&str; 9] = [
    "column-emptied",
    "column-gone",
    "column-renamed",
    "day-and-month-swapped",
    "ids-cut-to-15-digits",
    "rows-fewer",
    "sign-changed",
    "status-new",
    "unit-changed",
];

fn drift<'s>(seen: &'s Seen<'_>) -> Vec<&'s Diagnostic> {
    seen.shown.diagnostics.iter().filter(|d| CODES.contains(&d.code)).collect()
}

/// What is said of a file that comes after the usual one: each code with its field.
fn said(after: &str) -> Vec<String> {
    project(SOURCE, after).reconcile(|seen| {
        drift(seen).iter().map(|d| format!("{} {}", d.code, d.field).trim_end().to_owned()).collect()
    })
}

#[test]
fn what_changes_in_every_file_is_not_drift() {
    // Goal: no alarm where nothing changed in the shape: later statuses, other amounts, some new and some missing lines.
    // Method: the usual file again, and one of the month after its usual changes; the sample's own three snapshots.
    assert_eq!(said(&format!("{HEADER}{}", lines(usual))), Vec::<String>::new());
    let next = lines(|n, account, base, day| {
        if n == 7 {
            return String::new();
        }
        usual(n, account, base + 300, day + 1)
            .replace("CALCULATED", if n % 2 == 0 { "APPROVED" } else { "REVIEW" })
    });
    assert_eq!(said(&format!("{HEADER}{next}")), Vec::<String>::new());
    Project::sample().reconcile(|seen| assert!(drift(seen).is_empty(), "{:#?}", drift(seen)));
}

#[test]
fn a_changed_export_is_named_with_the_line_that_answers_it() {
    // Goal: each change of formats, traps 1, 6, 7, 9 and 10 is found, and nothing else with it. Method: the usual file with
    // one change; the line that is proposed is taken over, and the warning is gone.
    let all = |change: &dyn Fn(u32, &str, u32, u32) -> String| format!("{HEADER}{}", lines(change));
    let renamed = all(&usual).replace("Region", "Region Name");
    assert_eq!(said(&renamed), ["column-renamed region"]);
    let gone = all(&|n, account, base, day| {
        usual(n, account, base, day).replace(",eu-1,", ",").replace(",us-1,", ",")
    });
    assert_eq!(said(&gone.replace("Region,", "")), ["column-gone region"]);
    let emptied = all(&|n, account, base, day| {
        usual(n, account, base, day).replace(",eu-1,", ",,").replace(",us-1,", ",,")
    });
    assert_eq!(said(&emptied), ["column-emptied region"]);
    let swapped = all(&|n, account, base, day| {
        usual(n, account, base, day).replace(&format!("{day:02}/06/2026"), &format!("06/{day:02}/2026"))
    });
    assert_eq!(said(&swapped), ["day-and-month-swapped status_date"]);
    let cut = all(&|n, account, base, day| usual(n, &format!("{}0", &account[..15]), base, day));
    assert_eq!(said(&cut), ["ids-cut-to-15-digits account_ref"]);
    let few: String = all(&usual).lines().take(11).map(|line| format!("{line}\n")).collect();
    assert_eq!(said(&few), ["rows-fewer"]);
    let negative = all(&|n, account, base, day| {
        usual(n, account, base, day)
            .replace(&format!(",{}.00,C", base / 100 * 8), &format!(",-{}.00,C", base / 100 * 8))
    });
    assert_eq!(said(&negative), ["sign-changed calculated_amount"]);
    let cents = all(&|n, account, base, day| {
        usual(n, account, base, day)
            .replace(&format!(",{}.00,C", base / 100 * 8), &format!(",{},C", base * 8))
    });
    assert_eq!(said(&cents), ["unit-changed calculated_amount"]);
    let other = all(&|n, account, base, day| {
        usual(n, account, base, day).replace("CALCULATED", if n < 3 { "Frozen" } else { "CALCULATED" })
    });
    assert_eq!(said(&other), ["status-new status"]);

    // The lines that are proposed for two of them.
    let answered = SOURCE.replace("region = \"Region\"", "region = [\"Region\", \"Region Name\"]");
    project(SOURCE, &renamed).reconcile(|seen| {
        assert!(drift(seen)[0].help.contains("region = [\"Region\", \"Region Name\"]"), "{:?}", drift(seen));
    });
    project(&answered, &renamed).reconcile(|seen| assert!(drift(seen).is_empty(), "{:#?}", drift(seen)));
    let answered = format!("{SOURCE}[source.statuses]\n\"FROZEN\" = \"Under Review\"\n");
    project(SOURCE, &other).reconcile(|seen| {
        assert!(drift(seen)[0].help.contains("`\"FROZEN\" = \"Under Review\"`"), "{:?}", drift(seen));
    });
    project(&answered, &other).reconcile(|seen| assert!(drift(seen).is_empty(), "{:#?}", drift(seen)));
}

#[test]
fn a_file_of_a_new_month_is_held_against_the_month_before() {
    // Goal: where each file has its own month, a change of the export is found as well, and a smaller month is none. Method:
    // May and June of one policy in two folders: June as it should be with half of the rows, in cents, with a new status, with a
    // renamed column; and in cents under another policy, whose amounts are its own.
    let config = SOURCE
        .replace("files = \"lines.csv\"", "files = \"{period}_{policy}_{uid}.csv\"")
        .replace("{ value = \"CORE\" }", "{ part = \"policy\" }")
        .replace("{ value = \"2026-05\" }", "{ part = \"period\" }");
    let said = |name: &str, june: &dyn Fn(u32, &str, u32, u32) -> String, header: &str| {
        let project = project(&config, "");
        project.remove("input/2026-06-12/lines.csv").remove("input/2026-06-18/lines.csv");
        project.write("input/2026-06-12/202605_CORE_17.csv", format!("{HEADER}{}", lines(usual)));
        project.write(&format!("input/2026-06-18/{name}"), format!("{header}{}", lines(june)));
        project.reconcile(|seen| {
            let said: Vec<_> = drift(seen).iter().map(|d| format!("{} {}", d.code, d.field)).collect();
            said
        })
    };
    let half =
        |n, account: &str, base, day| if n % 2 == 0 { usual(n, account, base, day) } else { String::new() };
    let cents = |n: u32, account: &str, base: u32, day: u32| {
        usual(n, account, base, day)
            .replace(&format!(",{}.00,C", base / 100 * 8), &format!(",{},C", base * 8))
    };
    let frozen = |n: u32, account: &str, base: u32, day: u32| {
        usual(n, account, base, day).replace("CALCULATED", if n < 3 { "Frozen" } else { "CALCULATED" })
    };
    let june = "202606_CORE_17.csv";
    assert_eq!(said(june, &half, HEADER), Vec::<String>::new());
    assert_eq!(said(june, &cents, HEADER), ["unit-changed calculated_amount"]);
    assert_eq!(said(june, &frozen, HEADER), ["status-new status"]);
    assert_eq!(said(june, &usual, &HEADER.replace("Region", "Region Name")), ["column-renamed region"]);
    assert_eq!(said("202606_OTHER_17.csv", &cents, HEADER), Vec::<String>::new());
}

#[test]
fn a_renamed_required_column_comes_with_its_line() {
    // Goal: a column that must be there and was renamed stops the run with the line that answers it. Method: `Order` becomes
    // `Order No.`; the line is taken over, and the file is read.
    let renamed = format!("{HEADER}{}", lines(usual)).replace("Order,", "Order No.,");
    let (result, problems) = project(SOURCE, &renamed).try_build();
    assert!(result.is_err());
    let [problem] = &problems.iter().filter(|p| p.code == "column-missing").collect::<Vec<_>>()[..] else {
        panic!("{problems:#?}")
    };
    assert!(problem.help.contains("`order_ref = [\"Order\", \"Order No.\"]`"), "{}", problem.help);
    let answered = SOURCE.replace("order_ref = \"Order\"", "order_ref = [\"Order\", \"Order No.\"]");
    project(&answered, &renamed).reconcile(|seen| assert!(drift(seen).is_empty(), "{:#?}", drift(seen)));
}

#[test]
fn a_renamed_column_is_not_taken_for_one_that_cannot_be_it() {
    // Goal: the line that is proposed reads what was read before: of new headers, one that is known for the column, and never words
    // where ids are. Method: `Order` becomes `Auftragsnummer` beside an `Order Name`, which is nearer by its letters; then a
    // header that nobody knows beside the same.
    let row = |n, account: &str, base, day| {
        usual(n, account, base, day).replace(&format!("O-{n},"), &format!("O-{n},Order of May,"))
    };
    let help = |header: &str| {
        let text = format!("{}{}", HEADER.replace("Order", header), lines(row));
        let (_, problems) = project(SOURCE, &text).try_build();
        problems.into_iter().find(|p| p.code == "column-missing").map(|p| p.help).unwrap_or_default()
    };
    let known = help("Auftragsnummer,Order Name");
    assert!(known.contains("`order_ref = [\"Order\", \"Auftragsnummer\"]`"), "{known}");
    let unknown = help("Nr,Order Name");
    assert!(unknown.starts_with("add the header"), "{unknown}");
}

#[test]
fn a_file_that_is_still_being_written_stops_the_run() {
    // Goal: nothing half published (reliability F7): names that programs give to unfinished files are known. Method: a part
    // of a download in the snapshot folder; the lock of a spreadsheet program only warns.
    let usual = format!("{HEADER}{}", lines(usual));
    let project = project(SOURCE, &usual);
    project.write("input/2026-06-18/.~lock.lines.csv#", "me");
    assert_eq!(project.reconcile(|seen| seen.problems("file-unfinished").len()), 1);
    project.write("input/2026-06-18/lines_2.csv.part", "Line,Order\nL-9");
    let (result, problems) = project.try_build();
    assert!(result.is_err());
    let files: Vec<_> =
        problems.iter().filter(|p| p.code == "file-unfinished").map(|p| p.file.as_str()).collect();
    assert!(files.contains(&"2026-06-18/lines_2.csv.part"), "{files:?}");
}

//! The close pack: the same figures in workbook, page and CSV, sealed once and for ever, and late changes beside it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};

use super::recalculate::recalculated;
use super::support::{Project, Row, rows, sample, tests, text_of};

/// What the sample must close with, derived by hand: key and value.
fn expected() -> BTreeMap<String, String> {
    let file = tests().join("sites/worked-example/expected/totals.csv");
    let kept = ["control.", "rollforward.", "aging.", "subsequent.", "bridge."];
    rows(&fs::read_to_string(file).unwrap())
        .into_iter()
        .map(|mut row| (row.remove("key").unwrap(), row.remove("value").unwrap()))
        .filter(|(key, _)| kept.iter().any(|first| key.starts_with(first)))
        .collect()
}

/// Where a figure stands: the sheet, what the cells of its row say by the labels of their columns, the column of the figure.
struct Place<'k> {
    sheet: &'static str,
    row: Vec<(&'static str, &'k str)>,
    column: &'static str,
}

/// The place of a key of the expected file in the workbook; and the words with which its row begins on the page.
fn place(key: &str) -> (Place<'_>, String) {
    let parts: Vec<&str> = key.split('.').collect();
    let [area, first, name] = parts[..3] else { panic!("{key}") };
    let balance = |code: &'static str, words: &str| {
        let row = vec![("Row", code), ("Currency", first), ("Program", "All programs")];
        (Place { sheet: "04 Roll-forward", row, column: "Amount" }, words.to_owned())
    };
    let lead = |column| {
        let row = vec![("Currency", first), ("Program", "")];
        (Place { sheet: "03 Lead", row, column }, "Total".to_owned())
    };
    let later = |column| {
        let row = vec![("Currency", first), ("Id", "")];
        (Place { sheet: "11 Subsequent events", row, column }, format!("Total {first}"))
    };
    let bridge = |kind, words: &str| {
        let row = vec![("Statement", "A"), ("Item", ""), ("Kind", kind), ("Currency", first)];
        (Place { sheet: "05 Reconciliation", row, column: "Effect" }, words.to_owned())
    };
    match (area, name) {
        ("rollforward", "opening_2026-04-30") => balance("opening", "Opening balance, 30 Apr 2026"),
        ("rollforward", "restated_prior") => balance("prior-period-changes", "Prior-period changes"),
        ("rollforward", "earned_2026-05") => balance("earned", "Earned in May 2026"),
        ("rollforward", "adjustments_in_period") => lead("Adjustments"),
        ("rollforward", "receipts_in_period") => lead("Received"),
        ("rollforward", "closing_2026-05-31") => balance("closing", "Closing balance, 31 May 2026"),
        ("rollforward", "closing_from_detail") => balance("closing-per-detail", "Closing per detail"),
        ("aging", bucket) => {
            let row = vec![("Currency", first), ("Program", "All programs"), ("Age in days", bucket)];
            (Place { sheet: "06 Aging", row, column: "Amount" }, bucket.to_owned())
        }
        ("subsequent", "adjustments") => later("Adjustment"),
        ("subsequent", "receipts_cash") => later("Received"),
        ("subsequent", "receipts_lines") => later("Sum of lines"),
        ("subsequent", "unapplied_difference") => later("Not applied"),
        ("bridge", "own_expected_2026-05") => bridge("own-expected", "Own expected"),
        ("bridge", "vendor_calculated_2026-05") => bridge("vendor-calculated", "Vendor calculated"),
        ("bridge", "difference") => bridge("difference", "Difference"),
        ("bridge", "by") => bridge(parts[3], &title(parts[3])),
        ("control", currency) if parts[3] == "parsed" => {
            let row = vec![("Part", "snapshot"), ("Received", first), ("Currency", currency)];
            let place = Place { sheet: "17 Sources", row, column: "Loaded amount" };
            (place, format!("{first} {currency}"))
        }
        ("control", currency) => {
            let row = vec![("Part", "amounts"), ("Received", ""), ("Currency", currency)];
            let place = Place { sheet: "17 Sources", row, column: "Declared" };
            (place, format!("{first}/rebate_lines.csv {currency}"))
        }
        _ => panic!("no place for {key}"),
    }
}

/// The title of a kind, from its content file.
fn title(kind: &str) -> String {
    let text =
        fs::read_to_string(super::support::repository().join(format!("content/discrepancies/{kind}.md")));
    let text = text.unwrap();
    let line = text.lines().find(|line| line.starts_with("title = ")).unwrap();
    line.trim_start_matches("title = ").trim_matches('"').to_owned()
}

type Book = Xlsx<std::io::BufReader<fs::File>>;

/// The cells of the rows of a sheet that are below its header, by the label of their column.
fn table(book: &mut Book, sheet: &str) -> Vec<BTreeMap<String, Data>> {
    let range = book.worksheet_range(sheet).unwrap();
    let mut all = range.rows();
    let is_header = |row: &&[Data]| row.iter().filter(|cell| !matches!(cell, Data::Empty)).count() > 2;
    // Above the header are pairs of names and values, two cells wide.
    let header = all.by_ref().find(|row| is_header(row) && row[0] != Data::Empty).unwrap();
    let header: Vec<String> = header.iter().map(ToString::to_string).collect();
    all.map(|row| header.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}

/// The number of a cell as a plain decimal with the digits of the expected text.
fn decimal(cell: &Data, like: &str) -> String {
    let digits = like.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    cell.as_f64().map_or_else(|| format!("{cell:?}"), |number| format!("{number:.digits$}"))
}

/// An amount as a page writes it.
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
    fraction.map_or_else(|| format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
}

#[test]
fn every_figure_is_the_same_in_workbook_page_and_csv() {
    // Goal: all figures that were derived by hand stand in the workbook, on the page and in the CSV file of the pack, equal.
    // Method: each key of the expected file is looked up by the words of its row: in the workbook with another reader than
    // the writer's crate, on the page in a row that begins with its words, in csv/figures.csv by its key.
    let sample = sample();
    let tree = &sample.tree;
    let expected = expected();
    assert!(expected.len() > 40, "{}", expected.len());
    let mut book: Book = open_workbook(tree.root.join("close/2026-05/close-2026-05.xlsx")).unwrap();
    let sheets: Vec<String> = book.sheet_names();
    assert_eq!(sheets.len(), 22, "{sheets:?}");
    let mut tables: BTreeMap<&str, Vec<BTreeMap<String, Data>>> = BTreeMap::new();
    let page = tree.read("close/2026-05.html");
    let lines: Vec<String> = page.split("<tr").map(|row| text_of(&format!("<tr{row}"))).collect();
    let csv: BTreeMap<String, String> = tree
        .rows("close/2026-05/csv/figures.csv")
        .into_iter()
        .map(|mut row| (row.remove("key").unwrap(), row.remove("value").unwrap()))
        .collect();
    let mut wrong = Vec::new();
    for (key, value) in &expected {
        if csv.get(key) != Some(value) {
            wrong.push(format!("csv: {key} is {:?}, expected {value}", csv.get(key)));
        }
        let (Place { sheet, row, column }, words) = place(key);
        let table = tables.entry(sheet).or_insert_with(|| table(&mut book, sheet));
        let is_row = |cells: &&BTreeMap<String, Data>| {
            row.iter().all(|(label, text)| {
                cells.get(*label).is_some_and(|cell| cell.as_string().unwrap_or_default() == **text)
            })
        };
        let found: Vec<String> =
            table.iter().filter(is_row).map(|cells| decimal(&cells[column], value)).collect();
        if found.as_slice() != [value.clone()] {
            wrong.push(format!("workbook: {key} on {sheet} is {found:?}, expected {value}"));
        }
        let amount = shown(value);
        let is_shown =
            |line: &&String| line.starts_with(&words) && line.split(' ').any(|word| word == amount);
        if !lines.iter().any(|line| is_shown(&line)) {
            wrong.push(format!("page: no row `{words} … {amount}` for {key}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_reader_finds_ids_as_text_and_dates_as_dates() {
    // Goal: a spreadsheet keeps what the extracts say. Method: calamine on the lines of the sample: ids are strings, dates
    // are dates, amounts numbers; the totals are formulas.
    let sample = sample();
    let path = sample.tree.root.join("close/2026-05/close-2026-05.xlsx");
    let mut book: Book = open_workbook(&path).unwrap();
    let lines = table(&mut book, "07 Lines");
    let of_line: Vec<_> = lines.iter().filter(|row| row["Line"].to_string().starts_with("L-")).collect();
    assert!(of_line.len() > 40, "{}", of_line.len());
    for row in of_line {
        for id in ["Line", "Order", "Program"] {
            assert!(matches!(row[id], Data::String(_)), "{id}: {:?}", row[id]);
        }
        assert!(matches!(row["First snapshot"], Data::DateTime(_)), "{:?}", row["First snapshot"]);
        assert!(matches!(row["Open"], Data::Float(_) | Data::Int(_)), "{:?}", row["Open"]);
    }
    let formulas = book.worksheet_formula("07 Lines").unwrap();
    let sums = formulas.used_cells().filter(|(_, _, text)| text.contains("SUMIFS")).count();
    assert!(sums >= 10, "{sums} sums on sheet 07");
}

#[test]
fn libre_office_calculates_the_packs_of_the_sample_to_the_same_values() {
    // Goal: whoever opens the workbook and calculates it anew sees no other value and no error. Method: both packs of the
    // sample through LibreOffice with recalculation forced, every cell before and after.
    let sample = sample();
    for month in ["2026-04", "2026-05"] {
        let path = sample.tree.root.join(format!("close/{month}/close-{month}.xlsx"));
        let Some(again) = recalculated(&path) else { return };
        assert!(again.formulas > 50, "{month}: {} formulas", again.formulas);
        assert_eq!(again.differences, Vec::<String>::new(), "{month}");
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_command_and_the_site_make_one_pack() {
    // Goal: `tieout close` and `tieout build` give the same bytes, also for a month that was closed with an older snapshot,
    // and SHA256SUMS covers them. Method: both months of the sample, file by file.
    let project = Project::sample();
    project.run(&["build", "-q"]).code(0);
    for month in ["2026-04", "2026-05"] {
        let run = project.run(&["close", month]).code(0);
        assert!(run.stdout.contains(&format!("CP-{month}-")), "{}", run.stdout);
        let own = files(&project.path(&format!("close/{month}")));
        let of_site = files(&project.path(&format!("site/internal/close/{month}")));
        assert_eq!(own.keys().collect::<Vec<_>>(), of_site.keys().collect::<Vec<_>>());
        for (path, bytes) in &own {
            assert!(of_site[path] == *bytes, "{month}: {path} differs");
        }
        assert_eq!(
            own["close-pack.html"],
            fs::read(project.path(&format!("site/internal/close/{month}.html"))).unwrap()
        );
        let sums = String::from_utf8(own["SHA256SUMS"].clone()).unwrap();
        assert_eq!(sums.lines().count() + 1, own.len());
        for line in sums.lines() {
            let (sha256, path) = line.split_once("  ").unwrap();
            assert_eq!(super::support::sha256(&own[path]), sha256, "{path}");
        }
    }
}

/// Seals a month and gives what was printed.
fn seal(project: &Project, month: &str, more: &[&str]) -> String {
    let mut arguments = vec!["close", month, "--seal"];
    arguments.extend(more);
    project.run(&arguments).code(0).stdout
}

#[test]
fn a_sealed_pack_is_copied_and_never_made_again() {
    // Goal: once sealed, a pack does not change; later knowledge makes an addendum. Method: April is sealed, then a rule
    // that it was computed with changes and a template too: every byte of the pack stays, the addendum moves.
    let project = Project::sample();
    let said = seal(&project, "2026-04", &[]);
    assert!(said.contains("signoffs.csv"), "{said}");
    let sealed = files(&project.path("input/closes/2026-04"));
    let programs = project.read("input/reference/programs.csv");
    project.write("input/reference/programs.csv", programs.replace("Partner Core", "Partner Kern"));
    project.write("tieout.toml", "organization = \"Another\"\n");
    project.run(&["build", "-q"]).code(0);
    assert_eq!(files(&project.path("site/internal/close/2026-04")), sealed);
    let tree = project.tree();
    let addendum = tree.text("close/2026-04.addendum.html");
    for words in ["Re-measured: base 12,500.00 → 11,000.00", "What was reported stays as it was", "sealed"]
    {
        assert!(addendum.contains(words), "`{words}` is not in\n{addendum}");
    }
    // The pack of May names its parent and holds its opening against what was sealed.
    let facts: serde_json::Value = serde_json::from_str(&tree.read("close/2026-05/pack.json")).unwrap();
    let manifest = super::support::sha256(&sealed["manifest.json"]);
    assert_eq!(facts["parent"][1].as_str().unwrap(), manifest);
    let checks = tree.rows("close/2026-05/csv/02-checks.csv");
    let opening: Vec<&Row> = checks.iter().filter(|row| row["check_id"] == "C-04").collect();
    assert!(!opening.is_empty());
    for row in opening {
        assert_eq!(row["result"], "pass", "{row:?}");
    }
    let usd = checks.iter().find(|row| row["check_id"] == "C-04" && row["currency"] == "USD").unwrap();
    assert_eq!(usd["expected"], "7678.76");
    // The rules are not those it was computed with: a note says so.
    let notes = project.run(&["check", "-v"]).code(0).stderr;
    assert!(notes.contains("reference/programs.csv` is not what pack CP-2026-04-"), "{notes}");
}

#[test]
fn a_sealed_pack_is_verified_after_its_month_is_closed() {
    // Goal: the steps that close a month, and what changes in later years, do not break the proof of what was reported.
    // Method: April is sealed and signed, May is sealed, closed with the row that is proposed and signed; then a rate, the
    // recorded claims and the configuration change and a later copy of the rules is kept. Both packs verify byte for byte; a
    // rule that is altered in the pack itself does not.
    let project = Project::sample();
    project.write("tieout.toml", "organization = \"Meridian Cloud\"\n");
    let sign = |rows: &str| {
        project.write("input/reference/signoffs.csv", format!("period,pack,role,name,signed_on\n{rows}"));
    };
    let manifest = |month: &str| {
        super::support::sha256(project.read(&format!("input/closes/{month}/manifest.json")).as_bytes())
    };
    seal(&project, "2026-04", &[]);
    let april = format!("2026-04,{},preparer,Ana Ruiz,2026-05-09\n", manifest("2026-04"));
    sign(&april);
    let said = seal(&project, "2026-05", &[]);
    let proposed = "2026-05,2026-05-01,2026-05-31,2026-06-10,2026-06-18,2026-06-18";
    assert!(said.contains(proposed), "the day of the vendor stays in the row: {said}");
    project.change_file(
        "input/reference/periods.csv",
        "2026-05,2026-05-01,2026-05-31,2026-06-10,,",
        proposed,
    );
    sign(&format!("{april}2026-05,{},preparer,Ana Ruiz,2026-06-19\n", manifest("2026-05")));
    let rates = project.read("input/reference/program_rates.csv");
    project.write("input/2026-06-18/reference/program_rates.csv", rates.replace("0.08", "0.07"));
    project.write("input/reference/program_rates.csv", rates.replace("0.08", "0.09"));
    project.change_file("input/reference/claims.csv", "T-48214", "T-48215");
    project.write("tieout.toml", "organization = \"Another\"\n");
    let said = project.run(&["check"]).code(0).stderr;
    assert!(!said.contains("signoff-unknown-pack"), "{said}");
    sign(&format!("{april}2026-05,{},reviewer,Jo Ng,2026-06-19\n", manifest("2026-04")));
    project.run(&["check"]).code(0).says("signoff-unknown-pack");
    for folder in ["input/closes/2026-04", "input/closes/2026-05"] {
        let run = project.run(&["verify", folder]);
        assert_eq!(run.code, 0, "{folder}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("the same, byte for byte"), "{folder}: {}", run.stdout);
    }
    let run = project.run(&["close", "2026-05"]).code(0);
    assert!(run.stdout.contains("input/closes/2026-05 is the pack that counts"), "{}", run.stdout);
    project.write("input/closes/2026-05/reference/program_rates.csv", rates.replace("0.08", "0.09"));
    let run = project.run(&["verify", "input/closes/2026-05"]).code(10);
    for words in ["reference/program_rates.csv is altered", "DOES NOT AGREE"] {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }
}

#[test]
fn what_a_sealed_pack_cites_cannot_be_touched_unnoticed() {
    // Goal: deleting or altering an extract that a sealed pack cites, or the pack itself, is found by check and stops a build,
    // and the way out works. Method: each of them on a sealed April, then put back.
    let project = Project::sample();
    seal(&project, "2026-04", &[]);
    project.run(&["check", "-q"]).code(0);
    let extract = "input/2026-05-08/rebate_lines.csv";
    let kept = project.read(extract);
    project.write(extract, kept.replacen("2540.00", "2541.00", 1));
    project
        .run(&["check"])
        .code(3)
        .says("2026-05-08/rebate_lines.csv` is not the file that the sealed pack CP-2026-04-");
    let refused = project.run(&["build", "-q"]).code(3);
    assert!(!project.path("site").exists(), "nothing is published: {}", refused.stderr);
    project.remove(extract);
    project.run(&["check"]).code(3).says("is gone, and the sealed pack CP-2026-04-");
    project.write(extract, &kept);
    project.run(&["check", "-q"]).code(0);
    let page = "input/closes/2026-04/csv/04-roll-forward.csv";
    let kept = project.read(page);
    project.write(page, kept.replacen("7198.76", "7199.76", 1));
    project.run(&["check"]).code(3).says("closes/2026-04/csv/04-roll-forward.csv` is changed");
    project.write(page, &kept);
    project.write("input/closes/2026-04/extra.txt", "x");
    project.run(&["check"]).code(3).says("extra.txt` is not of this site");
    project.remove("input/closes/2026-04/extra.txt");
    project.run(&["check", "-q"]).code(0);
}

#[test]
fn a_pack_is_corrected_by_another_one_that_names_it() {
    // Goal: packs are write-once; a corrected one names its predecessor and the reason, and people sign what they saw.
    // Method: a second seal is refused without a reason; with one, both packs are published and the list tells them apart;
    // the newer one is signed by two people, and a signature of one person for both roles reviews nothing.
    let project = Project::sample();
    seal(&project, "2026-04", &[]);
    let first = super::support::sha256(project.read("input/closes/2026-04/manifest.json").as_bytes());
    project.run(&["close", "2026-04", "--seal"]).code(2).says("a sealed pack never changes");
    seal(&project, "2026-04", &["--reason", "the rate of one program was wrong"]);
    let facts: serde_json::Value =
        serde_json::from_str(&project.read("input/closes/2026-04.2/pack.json")).unwrap();
    assert_eq!(facts["replaces"][1].as_str().unwrap(), first);
    assert_eq!(facts["reason"].as_str().unwrap(), "the rate of one program was wrong");
    let second = super::support::sha256(project.read("input/closes/2026-04.2/manifest.json").as_bytes());
    let sign = |rows: &str| {
        project.write("input/reference/signoffs.csv", format!("period,pack,role,name,signed_on\n{rows}"));
        project.build().text("close/index.html")
    };
    let list = sign(&format!(
        "2026-04,{second},preparer,Ana Ruiz,2026-05-09\n2026-04,{second},reviewer,Ana Ruiz,2026-05-09\n"
    ));
    assert!(
        list.contains("re-opened: a later pack corrects it")
            || list.contains("Re-opened: a later pack corrects it"),
        "{list}"
    );
    assert!(list.contains("Prepared (Ana Ruiz, 9 May 2026)"), "{list}");
    let list = sign(&format!(
        "2026-04,{second},preparer,Ana Ruiz,2026-05-09\n2026-04,{second},reviewer,Bo Lin,2026-05-10\n"
    ));
    assert!(list.contains("Reviewed (Bo Lin, 10 May 2026; prepared by Ana Ruiz, 9 May 2026)"), "{list}");
    let tree = project.tree();
    assert!(tree.has("close/2026-04/close-pack.html") && tree.has("close/2026-04.2/close-pack.html"));
    assert_eq!(tree.read("close/2026-04.html"), tree.read("close/2026-04.2/close-pack.html"));
}

#[test]
fn a_month_without_anything_to_close_says_so() {
    // Goal: the error names what can be closed. Method: a month in the future, one that goes on, a word that is no month.
    let project = Project::sample();
    for month in ["2027-01", "2026-06"] {
        project.run(&["close", month]).code(2).says("there is nothing to close").says("2026-05");
    }
    project.run(&["close", "May"]).code(2).says("is not a month; write it like 2026-05");
    assert!(!project.path("close").exists());
}

#[test]
fn a_ledger_that_does_not_agree_makes_the_pack_fail() {
    // Goal: statement B is never plugged: an unexplained difference fails its check, a journal that explains it passes, and
    // the pack is not sealed without a reason. Method: one cent in the ledger; then the journal that is not posted yet.
    let project = Project::sample();
    project.change_file("input/reference/ledger.csv", "35957.84", "35957.85");
    let run = project.run(&["close", "2026-05"]).code(10);
    assert!(run.stdout.contains("C-15 fail (USD)"), "{}", run.stdout);
    project.run(&["close", "2026-05", "--seal"]).code(2).says("1 of ").says("checks fail");
    let header = "journal_id,journal_date,currency,amount,kind,text\n";
    project.write(
        "input/reference/journals.csv",
        format!("{header}J-1,2026-05-30,USD,0.01,ledger-only,rounding\n"),
    );
    project.run(&["close", "2026-05"]).code(0);
    let items = rows(&project.read("close/2026-05/csv/05-reconciliation.csv"));
    let of_b: Vec<&Row> = items.iter().filter(|row| row["statement"] == "B").collect();
    assert_eq!(of_b.len(), 1);
    assert_eq!((of_b[0]["kind"].as_str(), of_b[0]["amount"].as_str()), ("ledger-only", "-0.01"));
    // The checks of the statements show what is explained, not that nothing is left.
    let checks = rows(&project.read("close/2026-05/csv/02-checks.csv"));
    for (id, amount) in [("C-08", "-2991.00"), ("C-15", "-0.01")] {
        let check = checks.iter().find(|row| row["check_id"] == id && row["currency"] == "USD").unwrap();
        assert_eq!((check["value"].as_str(), check["expected"].as_str()), (amount, amount), "{id}");
    }
}

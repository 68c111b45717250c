//! What bad, odd and partial input gets: never a guess, never a silent drop (contract, sections 2, 3 and 8).

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fs;

use tieout::diagnostic::Severity;

use super::support::{Project, Seen, assert_same, sample};

const ORDERS: &str = "input/2026-06-18/orders.csv";
const LINES: &str = "input/2026-06-18/rebate_lines.csv";

/// The cells of the first row of the base's lines that tests replace.
const AMOUNT: &str = ",0.08,80.00,USD,CALCULATED";

/// Every file: rows = loaded + merged + quarantined + blank (I-1).
fn rows_are_conserved(seen: &Seen<'_>) {
    for used in seen.reconciled.snapshot.uses.iter().chain(&seen.loaded.reference_uses) {
        assert!(used.counts.is_conserved(), "{}: {:?}", seen.loaded.files.get(used.file).path(), used.counts);
    }
}

/// The one problem that is an error: code, physical line, column, field.
fn error(seen: &Seen<'_>) -> (&'static str, u32, u32, String) {
    let errors: Vec<_> = seen.shown.diagnostics.iter().filter(|d| d.severity >= Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(!errors[0].message.is_empty() && !errors[0].help.is_empty());
    (errors[0].code, errors[0].line, errors[0].column, errors[0].field.clone())
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    // Goal: files of Excel, old Macs and mixtures read alike, with the line that an editor shows (reliability R3).
    // Method: rewrite every file of the sample in five ways; the cases stay the same and the bad cell is in line 10.
    let expected = Project::sample().reconcile(|seen| seen.not_clean());
    let mixed = |text: &str| -> String {
        text.split_inclusive('\n')
            .zip(0..)
            .map(|(l, n)| if n % 2 == 0 { l.replace('\n', "\r\n") } else { l.to_owned() })
            .collect()
    };
    type Rewrite<'a> = (&'a str, &'a dyn Fn(&str) -> String);
    let rewrites: [Rewrite<'_>; 6] = [
        ("BOM", &|text| format!("\u{feff}{text}")),
        ("CRLF", &|text| text.replace('\n', "\r\n")),
        ("BOM and CRLF", &|text| format!("\u{feff}{}", text.replace('\n', "\r\n"))),
        ("CR", &|text| text.replace('\n', "\r")),
        ("mixed", &mixed),
        ("no last line end", &|text| text.trim_end().to_owned()),
    ];
    for (name, rewrite) in rewrites {
        let project = Project::sample();
        for entry in walkdir::WalkDir::new(project.path("input")) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = fs::read_to_string(entry.path()).unwrap();
                fs::write(entry.path(), rewrite(&text)).unwrap();
            }
        }
        project.reconcile(|seen| {
            assert_eq!(seen.not_clean(), expected, "{name}");
            assert_eq!(error(seen), ("amount-letter", 10, 13, "calculated_amount".to_owned()), "{name}");
            rows_are_conserved(seen);
        });
    }
}

#[test]
fn a_quoted_line_break_counts_as_a_line() {
    // Goal: the line of a problem is the one an editor shows, also below a cell of several lines. Method: a note of three
    // lines before a bad cell, with LF, CRLF and CR.
    for end in ["\n", "\r\n", "\r"] {
        let text = format!(
            "payout_id,note,paid_date,currency,amount{end}P-1,\"one{end}two \"\"quoted\"\",{end}three\",2026-06-01,USD,80.00{end}P-2,,2026-02-30,USD,1.00{end}"
        );
        let project = Project::base();
        project.write("input/2026-06-18/payouts.csv", text);
        project.reconcile(|seen| {
            assert_eq!(error(seen), ("date-impossible", 5, 3, "paid_date".to_owned()), "{end:?}");
            assert_eq!(seen.counts("2026-06-18/payouts.csv"), [2, 1, 0, 1, 0], "{end:?}");
            assert_eq!(seen.not_clean(), ["row 2026-06-18/payouts.csv:5: row-quarantined"]);
        });
    }
}

/// The sample with the columns of its newest snapshot in reverse order, and each header passed through a function.
fn reversed(rename: impl Fn(&str) -> String) -> Project {
    let project = Project::sample();
    for entry in walkdir::WalkDir::new(project.path("input/2026-06-18")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(entry.path()).unwrap();
            let records: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap()).collect();
            let mut writer = csv::Writer::from_path(entry.path()).unwrap();
            for (number, record) in records.iter().enumerate() {
                let cell = |cell: &str| if number == 0 { rename(cell) } else { cell.to_owned() };
                writer.write_record(record.iter().rev().map(cell)).unwrap();
            }
        }
    }
    project
}

#[test]
fn columns_are_found_by_name() {
    // Goal: any order of columns. Method: reverse the columns of every file of a snapshot; the data files do not change.
    let (expected, project) = (sample(), reversed(str::to_owned));
    project.build();
    for file in ["cases", "totals", "lines", "orders"] {
        let path = format!("data/{file}.csv");
        assert_same(&path, &project.tree().read(&path), &expected.tree.read(&path));
    }
}

#[test]
fn the_case_of_a_header_changes_nothing() {
    // Goal: a header in capitals is the same column, and its records are the same records: no new record version.
    // Method: as before, with headers in capitals in the newest snapshot only.
    let (expected, project) = (sample(), reversed(str::to_uppercase));
    project.build();
    for file in ["cases", "totals", "lines", "orders"] {
        let path = format!("data/{file}.csv");
        assert_same(&path, &project.tree().read(&path), &expected.tree.read(&path));
    }
}

#[test]
fn unknown_columns_are_kept_as_evidence() {
    // Goal: nothing that was received is lost (contract, section 3). Method: two columns of our own in the orders; a note
    // names them, no answer changes, and the order's page shows name and value as text.
    let project = Project::base();
    let text = project.read(ORDERS);
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line},,")).collect();
    lines[0] = text.lines().next().unwrap().to_owned() + ",Sales Rep,note";
    lines[1] = text.lines().nth(1).unwrap().to_owned() + ",\"Doe, J\",<b>bold</b>";
    project.write(ORDERS, lines.join("\n"));
    let tree = project.build();
    let page = tree.main("order/o1.html");
    for words in ["Sales Rep", "Doe, J", "&lt;b&gt;bold&lt;"] {
        assert!(page.contains(words), "`{words}` is not on the page");
    }
    project.reconcile(|seen| {
        let notes = seen.problems("columns-unknown");
        assert!(
            notes.len() == 1
                && notes[0].severity == Severity::Note
                && notes[0].message.contains("`Sales Rep`")
        );
        assert_eq!(seen.not_clean(), Vec::<String>::new());
    });
}

#[test]
fn blank_rows_are_counted_and_not_read() {
    // Goal: rows in = loaded + merged + quarantined + blank (I-1). Method: lines without a byte in the middle and at the
    // end, rows of commas, rows of blanks, and a row given twice, which the vendor's own total counts twice.
    let project = Project::base();
    let text = project.read(LINES);
    let rows: Vec<&str> = text.lines().collect();
    let commas = ",".repeat(17);
    let blanks = " ,".repeat(17) + "\"\"";
    project.change_file("input/2026-06-18/control_totals.csv", "3,USD,320.00", "4,USD,400.00");
    project.write(
        LINES,
        format!(
            "{}\n\n{}\n{commas}\n{}\n{}\n{blanks}\n{}\n\n\n",
            rows[0], rows[1], rows[2], rows[3], rows[1]
        ),
    );
    project.reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/rebate_lines.csv"), [9, 3, 1, 0, 5]);
        assert_eq!(seen.codes(), Vec::<&str>::new());
        rows_are_conserved(seen);
    });
    let blank = seen_row(&project.run(&["check", "--format", "json"]).code(0).json());
    assert_eq!(blank, [3, 1, 0, 5]);
}

/// Loaded, merged, quarantined, blank of the lines in the output of `check`.
fn seen_row(document: &serde_json::Value) -> [u64; 4] {
    let files = document["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["path"] == "2026-06-18/rebate_lines.csv").unwrap();
    ["rows_loaded", "rows_merged", "rows_quarantined", "rows_blank"].map(|key| file[key].as_u64().unwrap())
}

#[test]
fn a_row_of_another_width_is_set_aside_and_never_shifted() {
    // Goal: an unquoted comma does not move an amount into another column (reliability R4). Method: one field too many in
    // the middle, one at the end, and a row cut short; nothing of such a row is used, not even its ids.
    for (from, to) in [
        ("L-1,CORE,B-1,O-1,", "L-1,CORE,Initech, Inc.,O-1,"),
        (
            "L-1,CORE,B-1,O-1,V-1,srv,compute,2026-05,1000.00,0.08,80.00,USD",
            "L-1,CORE,B-1,O-1,V-1,srv,compute,2026-05,1000.00,0.08,1,080.00,USD",
        ),
        ("L-1,CORE,B-1,O-1,V-1,srv,compute", "L-1,CORE,B-1,O-1,V-1,srv"),
    ] {
        let project = Project::base();
        project.change_file(LINES, from, to);
        project.reconcile(|seen| {
            assert_eq!(error(seen).0, "wrong-field-count");
            assert_eq!(seen.counts("2026-06-18/rebate_lines.csv"), [3, 2, 0, 1, 0]);
            let row = &seen.reconciled.snapshot.quarantined[0];
            assert!(row.amount.is_none() && row.order.is_none() && row.batch.is_none(), "{row:?}");
            assert_eq!(
                seen.not_clean(),
                ["order O-1: missing-rebate", "row 2026-06-18/rebate_lines.csv:2: row-quarantined"]
            );
        });
        let tree = project.build();
        assert!(tree.text("quarantine.html").contains(to), "the text as received is on the page");
    }
}

/// Lays one value into a cell of the base; it must set the row aside with this code, or with none be used.
fn cell(path: &str, from: &str, to: &str, place: (u32, &str), code: &str) {
    let project = Project::base();
    project.change_file(path, from, to);
    project.reconcile(|seen| {
        let relative = path.trim_start_matches("input/");
        rows_are_conserved(seen);
        if code.is_empty() {
            assert_eq!(seen.counts(relative), [3, 3, 0, 0, 0], "`{to}` is a good value");
            assert_eq!(seen.codes(), Vec::<&str>::new(), "`{to}`");
            return;
        }
        assert_eq!(error(seen), (code_of(seen, code), 2, place.0, place.1.to_owned()), "`{to}`");
        assert_eq!(seen.counts(relative), [3, 2, 0, 1, 0], "`{to}`");
        let row = format!("row {relative}:2: row-quarantined");
        assert!(seen.not_clean().contains(&row), "`{to}`: {:?}", seen.not_clean());
    });
}

fn code_of(seen: &Seen<'_>, expected: &str) -> &'static str {
    let found = seen.shown.diagnostics.iter().map(|d| d.code).find(|code| *code == expected);
    found.unwrap_or_else(|| panic!("expected {expected}, found {:?}", seen.codes()))
}

#[test]
fn an_amount_that_cannot_be_read_exactly_sets_the_row_aside() {
    // Goal: no amount is guessed, rounded or read in another notation (reliability 1, promise 1; R6). Method: each value
    // in the calculated amount of a line; the code says what is wrong, the place is exact, and good values stay good.
    for (value, code) in [
        ("8O.00", "amount-letter"),
        ("\"1.234,50\"", "amount-decimal-comma"),
        ("\"1,234.50\"", "amount-thousands-mark"),
        ("1e3", "amount-exponent"),
        ("1_000", "amount-thousands-mark"),
        ("12345678901234567890123456789", "amount-too-large"),
        ("79228162514264337593543950335", "amount-too-large"),
        ("40.005", "amount-too-precise"),
        ("N/A", "amount-placeholder"),
        ("-", "amount-placeholder"),
        ("NaN", "amount-not-finite"),
        ("(80.00)", "amount-parentheses"),
        ("$80.00", "amount-currency"),
        ("80.00 USD", "amount-currency"),
        ("\u{2212}80.00", "amount-sign"),
        ("\u{ff18}0.00", "amount-foreign-digit"),
        ("80.", "amount-not-a-number"),
        ("#REF!", "spreadsheet-error"),
        ("80.00", ""),
        (" 80.0 ", ""),
        ("+80", ""),
        ("80.000", ""),
    ] {
        if value != "80.00" {
            cell(LINES, AMOUNT, &format!(",0.08,{value},USD,CALCULATED"), (11, "calculated_amount"), code);
        }
    }
}

#[test]
fn a_date_that_is_not_a_day_sets_the_row_aside() {
    // Goal: no day is guessed from another notation (reliability R7). Method: each value as the date of an order.
    for (value, code) in [
        ("46152", "date-excel-serial"),
        ("46152.5", "date-excel-serial"),
        ("2026-02-30", "date-impossible"),
        ("2026-5-3", "date-not-iso"),
        ("12/05/2026", "date-not-iso"),
        ("20260512", "date-not-iso"),
        ("2026-05-12T00:00:00", "date-time-of-day"),
        ("0000-00-00", "date-placeholder"),
        ("", "cell-empty"),
        (" 2026-05-12 ", ""),
    ] {
        let row = "O-1,R-1,A-1,,INV-1,2026-05-15,";
        cell(ORDERS, &format!("{row}2026-05-12"), &format!("{row}{value}"), (7, "order_date"), code);
    }
    for (value, code) in [
        ("2026-13", "period-impossible"),
        ("46152", "period-excel-serial"),
        ("2026-05-01", "period-is-a-date"),
        ("May-26", "period-not-iso"),
    ] {
        cell(
            LINES,
            "L-1,CORE,B-1,O-1,V-1,srv,compute,2026-05",
            &format!("L-1,CORE,B-1,O-1,V-1,srv,compute,{value}"),
            (8, "period"),
            code,
        );
    }
}

#[test]
fn a_currency_is_a_code_of_iso_4217() {
    // Goal: an amount without a certain currency is in no total (reliability R9). Method: each value as an order's.
    for (value, code) in [
        ("usd", "currency-lower-case"),
        ("XXQ", "currency-unknown"),
        ("US", "currency-invalid"),
        ("$", "currency-invalid"),
        ("", "cell-empty"),
    ] {
        let row = "2026-01-01,,";
        let text = format!("{row}USD,1000.00,0.00,active\nO-2");
        cell(ORDERS, &text, &format!("{row}{value},1000.00,0.00,active\nO-2"), (15, "currency"), code);
    }
}

#[test]
fn an_id_is_text_and_look_alikes_are_not_joined() {
    // Goal: no line is joined to an order by look, none is lost for its spelling (domain 2.1; reliability R8, T20).
    // Method: each value as the order reference of a line: set aside, or used and matched to O-1, or used and orphan.
    for (value, code) in [
        ("\u{41e}RD-1", "id-mixed-scripts"),
        ("1.23E+15", "id-scientific"),
        ("#N/A", "spreadsheet-error"),
        ("O-\u{fffd}1", "id-replacement-character"),
        ("O-1\u{202e}", "id-bidi-control"),
        ("NULL", "id-placeholder"),
        ("---", "id-no-letter-or-digit"),
        ("", "cell-empty"),
        ("o 1", ""),
        ("O__1", ""),
        ("\u{ff2f}\u{ff0d}\u{ff11}", ""),
        ("O-1\u{a0}", ""),
    ] {
        cell(LINES, "B-1,O-1,V-1", &format!("B-1,{value},V-1"), (4, "order_ref"), code);
    }
    for (value, is_matched) in
        [("O\u{200b}-1", true), ("O-\u{ad}1", true), ("\u{41e}-1", false), ("O-01", false)]
    {
        let project = Project::base();
        project.change_file(LINES, "B-1,O-1,V-1", &format!("B-1,{value},V-1"));
        project.reconcile(|seen| {
            assert_eq!(seen.not_clean().is_empty(), is_matched, "{value}: {:?}", seen.not_clean());
            if is_matched {
                let warnings = seen.problems("id-invisible-characters");
                assert!(
                    warnings.len() == 1 && warnings[0].severity == Severity::Warning && warnings[0].line == 2
                );
                assert!(warnings[0].value.contains("\\u{"), "the hidden character is spelled out");
            }
        });
    }
}

#[test]
fn every_problem_of_a_row_and_of_a_file_is_reported_at_once() {
    // Goal: one run is enough to repair a file. Method: three bad cells in one row and one in another file.
    let project = Project::base();
    project.change_file(
        LINES,
        "2026-05,1000.00,0.08,80.00,USD,CALCULATED",
        "2026-13,1000.00,x,8O.00,usd,CALCULATED",
    );
    project.change_file("input/2026-06-18/payouts.csv", "2026-06-01", "1.6.2026");
    project.reconcile(|seen| {
        assert_eq!(
            seen.codes(),
            [
                "amount-letter",
                "control-total-difference",
                "currency-lower-case",
                "date-not-iso",
                "period-impossible"
            ],
            "all in one run"
        );
        assert_eq!(
            seen.counts("2026-06-18/rebate_lines.csv"),
            [3, 2, 0, 1, 0],
            "one row, however many problems"
        );
    });
}

#[test]
fn a_file_of_a_header_only_holds_no_rows() {
    // Goal: no rows is a fact, not an error, but never unnoticed where a whole extract is empty (reliability R12).
    // Method: header-only payouts, then header-only lines and orders, which must come with a warning.
    let project = Project::base();
    let header = |path: &str| project.read(path).lines().next().unwrap().to_owned() + "\n";
    project.write("input/2026-06-18/sources.csv", header("input/2026-06-18/sources.csv"));
    project.reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/sources.csv"), [0; 5]);
        assert_eq!(seen.not_clean(), Vec::<String>::new());
    });
    project.write(LINES, header(LINES));
    project.reconcile(|seen| assert_eq!(seen.counts("2026-06-18/rebate_lines.csv"), [0; 5]));
    project.build();
    project.reconcile(|seen| {
        let of_file = |d: &&tieout::diagnostic::Diagnostic| d.file.ends_with("rebate_lines.csv");
        let loud = seen.shown.diagnostics.iter().filter(of_file).any(|d| d.severity >= Severity::Warning);
        assert!(loud, "an extract of the vendor without a single line is worth a warning");
    });
}

#[test]
fn a_key_given_twice_with_other_content_sets_the_later_row_aside() {
    // Goal: neither of two contradicting rows is added to the other (domain 2.3). Method: a line, an order and a payout
    // given again with another amount, and identical ones with blanks around, which merge.
    let project = Project::base();
    project.append(
        LINES,
        "L-1,CORE,B-1,O-1,V-1,srv,compute,2026-05,1000.00,0.08,90.00,USD,CALCULATED,,2026-06-10,,,\n",
    );
    project.append(
        "input/2026-06-18/payouts.csv",
        "P-1,2026-06-01,USD,80.00, transfer ,BK-1\nP-1,2026-06-01,USD,81.00,transfer,BK-1\n",
    );
    let order = project.read(ORDERS).lines().nth(1).unwrap().replace("1000.00", "1001.00");
    project.append(ORDERS, &format!("{order}\n"));
    project.reconcile(|seen| {
        let problems: Vec<(String, u32)> =
            seen.problems("conflicting-duplicate").iter().map(|d| (d.file.clone(), d.line)).collect();
        let expected = [("orders", 5), ("payouts", 4), ("rebate_lines", 5)]
            .map(|(f, l)| (format!("2026-06-18/{f}.csv"), l));
        assert_eq!(problems, expected);
        assert_eq!(seen.counts("2026-06-18/rebate_lines.csv"), [4, 3, 0, 1, 0]);
        assert_eq!(seen.counts("2026-06-18/orders.csv"), [4, 3, 0, 1, 0]);
        assert_eq!(seen.counts("2026-06-18/payouts.csv"), [3, 1, 1, 1, 0]);
        let rows: Vec<String> = seen.not_clean();
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert!(rows.iter().all(|row| row.ends_with("row-quarantined")), "{rows:?}");
        let line = &seen.data(tieout::report::data::DataFile::Lines)[0];
        assert_eq!((line["line_id"].as_str(), line["calculated"].as_str()), ("L-1", "80.00"));
    });
}

#[test]
fn a_missing_file_carries_forward_with_its_date() {
    // Goal: a snapshot without an extract rests on the newest earlier one, and the site says so (contract, section 2).
    // Method: a newer folder that holds lines only.
    let project = Project::base();
    fs::create_dir_all(project.path("input/2026-06-19")).unwrap();
    fs::copy(project.path(LINES), project.path("input/2026-06-19/rebate_lines.csv")).unwrap();
    let tree = project.build();
    let page = tree.text("snapshot/2026-06-19.html");
    let carried = |file: &str| {
        let row = page
            .split("2026-06-1")
            .find(|part| part.contains(file))
            .unwrap_or_else(|| panic!("no {file}: {page}"));
        row.contains("carried forward from 18 Jun 2026")
    };
    assert!(carried("8/orders.csv") && carried("8/payouts.csv"), "{page}");
    assert!(!carried("9/rebate_lines.csv"), "{page}");
    project.reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/orders.csv"), [3, 3, 0, 0, 0]);
        assert_eq!(seen.not_clean(), Vec::<String>::new());
    });
}

#[test]
fn lines_are_restated_by_period() {
    // Goal: a line of a covered period that is absent now is gone, a period that does not occur keeps its last lines, and
    // the past stays as it was (contract, section 2). Method: a newer file with one line of May, in another amount, of a
    // base with two lines of May and one of April.
    let project = Project::base();
    let header = project.read(LINES).lines().next().unwrap().to_owned();
    let line = project.read(LINES).lines().nth(1).unwrap().replace(",80.00,", ",90.00,");
    project.write("input/2026-06-19/rebate_lines.csv", format!("{header}\n{line}\n"));
    let amounts = |seen: &Seen<'_>| -> Vec<String> {
        seen.data(tieout::report::data::DataFile::Lines)
            .iter()
            .map(|r| format!("{} {}", r["line_id"], r["calculated"]))
            .collect()
    };
    project.reconcile(|seen| {
        assert_eq!(amounts(seen), ["L-1 90.00", "L-3 80.00"]);
        assert_eq!(seen.not_clean(), ["line L-1: vendor-arithmetic", "order O-2: line-vanished"]);
        rows_are_conserved(seen);
    });
    project.reconcile_at(Some("2026-06-18"), |seen| {
        assert_eq!(amounts(seen), ["L-1 80.00", "L-2 160.00", "L-3 80.00"])
    });
}

#[test]
fn a_line_that_moves_to_another_period_is_not_in_both() {
    // Goal: a line is once in the books, whatever its period was before. Method: a newer file that has a line of April in May
    // and no other line of April, so that April is not restated; the build runs all its internal checks.
    let project = Project::base();
    let header = project.read(LINES).lines().next().unwrap().to_owned();
    let rows = project.read(LINES);
    let of_april = rows.lines().find(|row| row.contains(",2026-04,")).unwrap();
    let id = of_april.split(',').next().unwrap();
    let moved = of_april.replace(",2026-04,", ",2026-05,");
    project.write("input/2026-06-19/rebate_lines.csv", format!("{header}\n{moved}\n"));
    project.reconcile(|seen| {
        let lines = seen.data(tieout::report::data::DataFile::Lines);
        let periods: Vec<&str> =
            lines.iter().filter(|r| r["line_id"] == id).map(|r| r["period_vendor"].as_str()).collect();
        assert_eq!(periods, ["2026-05"]);
        rows_are_conserved(seen);
    });
}

#[test]
fn what_a_newer_file_restates_is_not_missing_from_the_control_total() {
    // Goal: a vendor's declared total ties to the file it speaks of, also when a newer file has replaced part of it (I-4).
    // Method: the case of the test before; the older file's declared 320.00 was fully read, so nothing is unexplained.
    let project = Project::base();
    let header = project.read(LINES).lines().next().unwrap().to_owned();
    let line = project.read(LINES).lines().nth(1).unwrap().to_owned();
    project.write("input/2026-06-19/rebate_lines.csv", format!("{header}\n{line}\n"));
    let check = project.run(&["check"]).code(0);
    let ties: Vec<&str> = check.stderr.lines().filter(|line| line.starts_with("tie-out")).collect();
    assert!(ties.iter().all(|line| line.ends_with("difference 0.00")), "{ties:?}");
}

#[test]
fn a_control_total_that_does_not_tie_is_loud() {
    // Goal: a file that was cut cannot pass unnoticed (I-4; reliability F7). Method: declare 20.00 more than there is; the
    // difference stands in `check` and on the page, and it is a problem with a severity, not only a figure.
    let project = Project::base();
    project.change_file("input/2026-06-18/control_totals.csv", "320.00", "340.00");
    let check = project.run(&["check", "--format", "json"]).code(0).json();
    let files = check["files"].as_array().unwrap();
    let lines = files.iter().find(|file| file["path"] == "2026-06-18/rebate_lines.csv").unwrap();
    assert_eq!(lines["difference"]["USD"], "20.00");
    let page = project.build().text("quarantine.html");
    assert!(page.contains("20.00") && !page.contains("Every control total ties"), "{page}");
    let is_told = check["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .any(|d| d["severity"] == "error" || d["severity"] == "warning");
    assert!(is_told, "no problem is reported");
}

#[test]
fn a_delta_source_adds_to_what_came_before() {
    // Goal: `[[source]] mode = "delta"` adds and replaces by key, and drops nothing. Method: the same newer file as delta,
    // and a newer file with one new order.
    let project = Project::base();
    project.write("tieout.toml", "[[source]]\nkind = \"rebate_lines\"\nmode = \"delta\"\n[[source]]\nkind = \"orders\"\nmode = \"delta\"\n");
    let header = project.read(LINES).lines().next().unwrap().to_owned();
    let line = project.read(LINES).lines().nth(1).unwrap().replace(",80.00,", ",90.00,");
    project.write("input/2026-06-19/rebate_lines.csv", format!("{header}\n{line}\n"));
    let orders = project.read(ORDERS);
    let order = orders.lines().nth(1).unwrap().replace("O-1,", "O-7,").replace("INV-1", "INV-7");
    project.write("input/2026-06-19/orders.csv", format!("{}\n{order}\n", orders.lines().next().unwrap()));
    project.reconcile(|seen| {
        let lines = seen.data(tieout::report::data::DataFile::Lines);
        let amounts: Vec<&str> = lines.iter().map(|row| row["calculated"].as_str()).collect();
        assert_eq!(amounts, ["90.00", "160.00", "80.00"]);
        assert_eq!(seen.reconciled.snapshot.records.orders.len(), 4);
        assert_eq!(seen.not_clean(), ["line L-1: vendor-arithmetic", "order O-7: missing-rebate"]);
        rows_are_conserved(seen);
    });
}

#[test]
fn contradicting_reference_rows_stop_the_run() {
    // Goal: no answer rests on a coin toss between two definitions (contract, section 8). Method: a second meaning for a
    // status, a reason, a program, a period; then for a product and an account on the same days.
    for (file, row) in [
        ("status_map", "PAID,Rejected,Rejected,,"),
        ("status_map", " paid ,Approved,Approved,,"),
        ("reason_map", "FEE,refund,,Another text"),
        (
            "programs",
            "CORE,Other,,intl,USD,2026-01-01,2026-12-31,standard,,flat,none,,invoice_date,order_date,net,half_up,line",
        ),
        ("periods", "2026-05,2026-05-01,2026-05-30,2026-06-10,,"),
        ("skus", "SERVER,srv,storage,2026-01-01,2026-12-31"),
        ("accounts", "A-1,V-7,C-7,Another Customer,eu-1,2026-01-01,2026-12-31"),
        // The vendor's id of A-1 in another spelling would be given to another customer.
        ("accounts", "A-7,V1,C-7,Another Customer,eu-1,2026-01-01,2026-12-31"),
    ] {
        let project = Project::base();
        project.append(&format!("input/reference/{file}.csv"), &format!("{row}\n"));
        let run = project.run(&["build"]);
        assert_eq!(run.code, 3, "{file}: `{row}` contradicts another row\n{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("fatal[reference-contradiction]: reference/{file}.csv, line ")),
            "{}",
            run.stderr
        );
        assert!(!project.path("site").exists());
    }
    let project = Project::base();
    project.append("input/reference/status_map.csv", "PAID,Paid,Paid,4,\n");
    // One account written in two ways, and two of ours that are one at the vendor, are no contradiction.
    project.append("input/reference/accounts.csv", "A-1,V1,C-1,First Customer,eu-1,2027-01-01,\n");
    project.append("input/reference/accounts.csv", "A-8,V-1,C-1,First Customer,eu-1,2026-01-01,\n");
    project.run(&["check"]).code(0);
}

#[test]
fn two_ids_of_one_canonical_form_are_kept_apart() {
    // Goal: two orders that differ only in spelling are two orders (domain 2.1, rule 4; contract, section 5). Method: O-9
    // and O9, each with a line; each has its own page, and their shared address lists both.
    let project = Project::base();
    let row = |id: &str, amount: &str| {
        let text = project.read(ORDERS);
        text.lines()
            .nth(1)
            .unwrap()
            .replace("O-1,", &format!("{id},"))
            .replace("INV-1", &format!("INV-{id}"))
            .replace("1000.00", amount)
    };
    let (first, second) = (row("O-9", "500.00"), row("O9", "600.00"));
    project.append(ORDERS, &format!("{first}\n{second}\n"));
    let line = |id: &str, order: &str, base: &str, amount: &str| {
        format!(
            "{id},CORE,B-1,{order},V-1,srv,compute,2026-05,{base},0.08,{amount},USD,CALCULATED,,2026-06-10,,,\n"
        )
    };
    project.append(LINES, &(line("L-8", "O-9", "500.00", "40.00") + &line("L-9", "O9", "600.00", "48.00")));
    project.reconcile(|seen| {
        let warnings = seen.problems("normalization-collision");
        assert_eq!(warnings.len(), 2, "one per spelling");
        assert!(
            warnings.iter().all(|d| d.severity == Severity::Warning && d.message.contains("`O-9` and `O9`"))
        );
        assert_eq!(seen.not_clean(), Vec::<String>::new(), "each line found its own order");
    });
    let tree = project.build();
    let pages: Vec<String> = tree
        .rows("data/orders.csv")
        .into_iter()
        .filter(|r| r["order_id"].contains('9'))
        .map(|r| r["page"].clone())
        .collect();
    assert_eq!(pages.len(), 2);
    assert_ne!(pages[0], pages[1]);
    let shared = tree.read("order/o9.html");
    for (page, amount) in pages.iter().zip(["40.00", "48.00"]) {
        assert!(tree.text(page).contains(amount), "{page}");
        assert!(shared.contains(page.trim_start_matches("order/")), "the shared page links {page}");
    }
    for id in ["O-9", "O9"] {
        let told = project.run(&["explain", id]).code(0).stdout;
        assert!(told.contains(&format!("order {id} ")), "{id}: {told}");
    }
}

#[test]
fn a_third_spelling_of_two_colliding_ids_is_matched_to_neither() {
    // Goal: no guess between two orders. Method: a line that names `o 9`, where O-9 and O9 are both orders.
    let project = Project::base();
    let text = project.read(ORDERS);
    let row = |id: &str| {
        text.lines().nth(1).unwrap().replace("O-1,", &format!("{id},")).replace("INV-1", &format!("INV-{id}"))
    };
    project.append(ORDERS, &format!("{}\n{}\n", row("O-9"), row("O9")));
    project.append(
        LINES,
        "L-8,CORE,B-1,o 9,V-1,srv,compute,2026-05,1000.00,0.08,80.00,USD,CALCULATED,,2026-06-10,,,\n",
    );
    project.reconcile(|seen| {
        assert_eq!(
            seen.not_clean(),
            ["line L-8: orphan-rebate", "order O-9: missing-rebate", "order O9: missing-rebate"]
        );
    });
}

#[test]
fn the_order_of_a_row_set_aside_is_told_so() {
    // Goal: an order whose row cannot be read carries the case `row-quarantined`, and its rebate is not called foreign
    // (contract, section 8). Method: a bad date in the row of an order that a line names.
    let project = Project::base();
    project.change_file(ORDERS, "INV-1,2026-05-15,2026-05-12", "INV-1,2026-05-15,2026-02-30");
    project.reconcile(|seen| {
        let found = seen.not_clean();
        assert!(found.contains(&"row 2026-06-18/orders.csv:2: row-quarantined".to_owned()), "{found:?}");
        assert!(
            !found.contains(&"line L-1: orphan-rebate".to_owned()),
            "the order is ours, its row is damaged: {found:?}"
        );
    });
}

#[test]
fn odd_names_in_the_input_folder_are_said_and_not_read() {
    // Goal: a file that is not read is never silently ignored, and nothing outside the folder is published
    // (reliability T8). Method: a misspelled file, a folder that is no snapshot, a link out of the folder.
    let project = Project::base();
    project.write("input/2026-06-18/order.csv", "x\n");
    project.write("input/june/orders.csv", "x\n");
    project.write("input/2026-06-18/Orders.CSV.bak", "x\n");
    project.reconcile(|seen| {
        let files: Vec<&str> = seen.problems("file-not-used").iter().map(|d| d.file.as_str()).collect();
        assert_eq!(files, ["2026-06-18/Orders.CSV.bak", "2026-06-18/order.csv"]);
        assert_eq!(seen.problems("not-a-snapshot").len(), 1);
    });
    project.write("secret.csv", "payout_id,paid_date,currency,amount\nSECRET-1,2026-06-01,USD,1.00\n");
    project.remove("input/2026-06-18/payouts.csv");
    std::os::unix::fs::symlink("../../secret.csv", project.path("input/2026-06-18/payouts.csv")).unwrap();
    let run = project.run(&["build"]);
    let is_published = || {
        project.tree().paths().iter().any(|path| {
            project.tree().root.join(path).is_file()
                && fs::read(project.tree().root.join(path)).unwrap().windows(8).any(|w| w == b"SECRET-1")
        })
    };
    assert!(run.code == 3 || !is_published(), "{run:?}");
}

//! The program as a person or a job runs it: exit codes, channels, JSON, help.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::Value;

use tieout::reconcile::causes::{Cause, FixRow};

use super::support::{Project, Run, repository};

/// The five commands of this version, with what a run of each needs.
const COMMANDS: [&str; 5] = ["build", "check", "diff", "explain", "serve"];

/// The sample with one of its files changed.
fn sample_with(path: &str, from: &str, to: &str) -> Project {
    let project = Project::sample();
    project.change_file(path, from, to);
    project
}

/// Nothing for programs was printed, and an error with a next action for people.
fn is_error_for_people(run: &Run) {
    assert_eq!(run.stdout, "", "errors belong on stderr");
    assert!(run.stderr.starts_with("error") || run.stderr.contains("\nerror"), "{}", run.stderr);
    assert!(run.stderr.contains("help: "), "no next action in\n{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn a_build_ends_with_0_and_says_where_to_look() {
    // Goal: exit 0, nothing on stdout, a summary of rows, money and cases and the place of the site on stderr. Method:
    // build the sample with defaults only.
    let project = Project::sample();
    let run = project.run(&["build"]).code(0);
    assert_eq!(run.stdout, "");
    for words in [
        "rows     126 read = 124 loaded + 1 merged + 1 set aside + 0 blank",
        "May 2026 total rebate",
        "cases",
        "2  row-quarantined",
        "site/internal/index.html",
        "2026-06-18/rebate_lines.csv, line 10, column 13 (calculated_amount): `4O0.00`",
    ] {
        assert!(run.stderr.contains(words), "`{words}` is not in\n{}", run.stderr);
    }
    assert!(project.path("site/internal/index.html").is_file());
    assert!(!run.stderr.contains('\u{1b}'), "no colors or cursor movements in a pipe");
    let quiet = project.run(&["build", "-q"]).code(0);
    assert!(!quiet.stderr.contains("rows  ") && quiet.stderr.contains("amount-letter"), "{}", quiet.stderr);
    // Nothing has changed, and the second one says so.
    assert!(project.run(&["build"]).code(0).stderr.contains("as it was"));
    let verbose = project.run(&["build", "--verbose", "--no-cache"]).code(0);
    assert!(verbose.stderr.contains("reconcile") && verbose.stderr.contains(" ms"), "{}", verbose.stderr);
}

#[test]
fn check_and_explain_write_nothing() {
    // Goal: the commands that look leave the folder as it is, but for the record of an answer. Method: names in the folder before
    // and after.
    let project = Project::sample();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(project.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let check = project.run(&["check"]).code(0);
    assert_eq!(check.stdout, "", "what people read is on stderr");
    assert_eq!(names(), before);
    let explain = project.run(&["explain", "ORD-2001"]).code(0);
    assert!(
        explain.stdout.contains("CAN-9001") && explain.stdout.contains("order/ord2001.html"),
        "{}",
        explain.stdout
    );
    let added: Vec<_> = names().into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(added, ["audit.jsonl"]);
}

#[test]
fn explain_finds_any_spelling_of_an_order_line_account_or_batch() {
    // Goal: whatever a person has at hand leads to the answer. Method: spellings of four kinds of ids; one that does not
    // exist is a usage error that names what begins alike.
    let project = Project::sample();
    for (id, words) in [
        ("ORD-2001", "line L-2001 of order ORD-2001"),
        ("ord 2001", "line L-2001 of order ORD-2001"),
        (" oRd/20.01 ", "line L-2001 of order ORD-2001"),
        ("l_2001", "line L-2001"),
        ("SG-2605-XYZ", "batch SG-2605-XYZ"),
        ("ACC-2001", "account ACC-2001"),
        ("ORD-4001", "ORD-4001"),
    ] {
        let run = project.run(&["explain", id]).code(0);
        assert!(run.stdout.contains(words), "{id}: {}", run.stdout);
        for audience in ["sales:", "finance:", "support:", "customer:", "next:", "page:"] {
            assert!(run.stdout.contains(audience), "{id}: {audience} in {}", run.stdout);
        }
    }
    let unknown = project.run(&["explain", "ORD-2999"]).code(2);
    is_error_for_people(&unknown);
    assert!(
        unknown.stderr.contains("`ORD-2999`") && unknown.stderr.contains("2026-06-18"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn usage_errors_end_with_2() {
    // Goal: a wrong call is told from a wrong input. Method: bad options and values, each named in the message.
    let project = Project::sample();
    for (arguments, words) in [
        (&["build", "--no-such-option"][..], "--no-such-option"),
        (&["rebuild"], "rebuild"),
        (&[], "Usage"),
        (&["build", "--fail-on", "severe"], "info, low, medium, high, critical"),
        (&["build", "--format", "xml"], "xml"),
        (&["build", "--jobs", "many"], "many"),
        (&["build", "--snapshot", "yesterday"], "2026-06-17"),
        (&["build", "--snapshot", "2026-13-01"], "2026-13-01"),
        (&["build", "--snapshot", "2026-06-19"], "2026-05-08, 2026-06-17, 2026-06-18"),
        (&["check", "--snapshot", "2026-06-19"], "2026-05-08, 2026-06-17, 2026-06-18"),
        (&["check", "input/2026-06-18/orders.csv", "--kind", "invoices"], "rebate_lines"),
        (&["explain"], "<ID>"),
    ] {
        let run = project.run(arguments).code(2).says(words);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    assert!(!project.path("site").exists(), "nothing is published");
}

#[test]
fn a_broken_configuration_ends_with_2_and_names_the_file() {
    // Goal: who edits the configuration sees the file and the place. Method: a key that does not exist, broken TOML, an
    // unknown source, bytes that are not text.
    for (text, words) in [
        (&b"organisation = \"x\"\n"[..], "organisation"),
        (b"organization = \n", "line 1"),
        (b"[[source]]\nkind = \"invoices\"\n", "invoices"),
        (b"[[source]]\nkind = \"orders\"\nmode = \"partial\"\n", "partial"),
        (b"\xff\xfe", "UTF-8"),
    ] {
        let project = Project::sample();
        project.write("tieout.toml", text);
        for command in [&["build"][..], &["check"], &["explain", "ORD-2001"]] {
            let run = project.run(command).code(2).says("tieout.toml").says(words);
            is_error_for_people(&run);
        }
        assert!(!project.path("site").exists());
    }
}

#[test]
fn a_broken_template_or_content_ends_with_2_and_names_the_file() {
    // Goal: editors of templates and content see their file and the reason, all of them at once, and the old site stays.
    // Method: break a template and two content files of a project that was built before.
    let project = Project::sample();
    let before = project.build().digest();
    let page = fs::read_to_string(repository().join("templates/page.html")).unwrap();
    project.write("templates/page.html", page + "{% if %}");
    let run = project.run(&["build"]).code(2).says("page.html");
    is_error_for_people(&run);
    fs::remove_dir_all(project.path("templates")).unwrap();

    project.write("content/statuses/paid.md", "no front matter");
    project.write("content/reasons/fee.md", "+++\ncode = \"fee\"\n");
    project.write("content/discrepancies/no-such-kind.md", "+++\n+++\n");
    let run =
        project.run(&["build"]).code(2).says("statuses/paid.md").says("reasons/fee.md").says("no-such-kind");
    is_error_for_people(&run);
    fs::remove_dir_all(project.path("content")).unwrap();

    let article = fs::read_to_string(repository().join("content/statuses/paid.md")).unwrap();
    project.write("content/statuses/paid.md", article + "\n[nowhere](../kb/kb-no-such-article.html)\n");
    project.run(&["build"]).code(2).says("kb-no-such-article");
    assert_eq!(project.tree().digest(), before, "the last good site stays");
    assert!(!project.path(".stage-site").exists());
}

#[test]
fn a_reason_or_status_without_a_page_ends_with_2() {
    // Goal: no code is shown without its words. Method: a reason code whose canonical reason has no page.
    let project = sample_with("input/reference/reason_map.csv", "FEE,fee,", "FEE,brand-new-reason,");
    is_error_for_people(&project.run(&["build"]).code(2).says("brand-new-reason").says("content/reasons/"));
    assert!(!project.path("site").exists());
}

#[test]
fn missing_input_ends_with_3() {
    // Goal: a wrong path is not an empty report. Method: no input folder, an empty one, one without a snapshot.
    let project = Project::empty();
    is_error_for_people(&project.run(&["build"]).code(3).says("`input` does not exist"));
    fs::create_dir(project.path("input")).unwrap();
    is_error_for_people(&project.run(&["build"]).code(3).says("no snapshot"));
    project.write("input/reference/skus.csv", "sku,category\n");
    is_error_for_people(&project.run(&["check"]).code(3).says("no snapshot"));
    is_error_for_people(&project.run(&["build", "--input", "elsewhere"]).code(3).says("elsewhere"));
    is_error_for_people(
        &project.run(&["check", "input/nothing.csv", "--kind", "orders"]).code(3).says("nothing.csv"),
    );
    assert!(!project.path("site").exists());
}

#[test]
fn unusable_files_are_all_named_in_one_run() {
    // Goal: exit 3 with file, line and what was found, for every broken file at once, and the old site stays. Method:
    // break four files of a built project in four ways.
    let project = Project::sample();
    let before = project.build().digest();
    project.change_file("input/2026-06-18/orders.csv", "order_id,", "order_number,");
    project.change_file("input/2026-06-18/adjustments.csv", "ADJ-2,L-4038", "ADJ-2,\"L-4038");
    project.change_file("input/2026-06-18/payouts.csv", "payout_id,paid_date", "payout_id,amount");
    project.write("input/reference/skus.csv", b"sku,category\nA\xff,compute\n");
    for command in ["build", "check"] {
        let run = project.run(&[command]).code(3);
        is_error_for_people(&run);
        for words in [
            "fatal[column-missing]: 2026-06-18/orders.csv",
            "no column `order_id`; it has `order_number`, `reseller_id`",
            "2026-06-18/adjustments.csv, line 3, column 2",
            "fatal[column-given-twice]: 2026-06-18/payouts.csv",
            "`paid_date`",
            "reference/skus.csv, line 2",
            "nothing is published",
        ] {
            assert!(run.stderr.contains(words), "`{words}` is not in\n{}", run.stderr);
        }
    }
    assert_eq!(project.tree().digest(), before, "the last good site stays");
}

#[test]
fn an_unclosed_quote_names_the_line_where_it_opened() {
    // Goal: the person opens the right line, not the end of the file. Method: open a quote in the fifth line of a file of
    // CRLF lines and never close it; text after a closing quote likewise.
    let project = Project::sample();
    let path = "input/2026-06-18/rebate_lines.csv";
    let text = project.read(path).replace('\n', "\r\n");
    project.write(path, text.replace("SG-2605-B,ORD-1004", "SG-2605-B,\"ORD-1004"));
    let run = project.run(&["check"]).code(3);
    is_error_for_people(&run);
    assert!(run.stderr.contains("rebate_lines.csv, line 5, column 5"), "{}", run.stderr);
    project.write(path, text.replace("SG-2605-B,ORD-1004", "SG-2605-B,\"ORD\"-1004"));
    let run = project.run(&["check"]).code(3);
    assert!(run.stderr.contains("rebate_lines.csv, line 5, column 5"), "{}", run.stderr);
}

#[test]
fn a_target_with_foreign_files_ends_with_4() {
    // Goal: nobody's files are deleted (reliability T9). Method: publish into a folder that holds a file of somebody, and
    // onto a file.
    let project = Project::sample();
    project.write("site/notes.txt", "mine");
    is_error_for_people(&project.run(&["build"]).code(4).says("site"));
    assert_eq!(project.read("site/notes.txt"), "mine");
    assert!(!project.path("site/internal").exists());
    project.write("taken", "a file");
    is_error_for_people(&project.run(&["build", "--output", "taken"]).code(4).says("taken"));
    is_error_for_people(&project.run(&["build", "--output", "input"]).code(4).says("input"));
    assert_eq!(project.read("taken"), "a file");
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn a_read_only_target_ends_with_4() {
    // Goal: refused with the reason, and the old site stays (reliability F4). Method: take the right to write from the
    // folder that holds the site. The superuser may write everywhere, so there is nothing to test for it.
    let project = Project::sample();
    if fs::metadata(project.path("")).unwrap().uid() == 0 {
        eprintln!("skipped: this user (uid 0) can write into a read-only folder");
        return;
    }
    fs::create_dir(project.path("shelf")).unwrap();
    fs::set_permissions(project.path("shelf"), fs::Permissions::from_mode(0o555)).unwrap();
    let run = project.run(&["build", "--output", "shelf/site"]).code(4).says("shelf");
    is_error_for_people(&run);
    fs::set_permissions(project.path("shelf"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_dir(project.path("shelf")).unwrap().count(), 0);
}

#[test]
fn fail_on_ends_with_10_after_a_good_build() {
    // Goal: a gate for automation that still publishes. Method: severities above, at and below the worst finding of the
    // sample and of a clean input.
    let project = Project::sample();
    for (severity, code) in [("info", 10), ("medium", 10), ("high", 10), ("critical", 10)] {
        project.run(&["check", "--fail-on", severity]).code(code);
    }
    project.run(&["check", "--fail-on", "critical", "--snapshot", "2026-05-08"]).code(0);
    let run = project.run(&["build", "--fail-on", "high"]).code(10);
    assert_eq!(run.stdout, "");
    assert!(project.path("site/internal/index.html").is_file(), "done, with findings");
    Project::base().run(&["check", "--fail-on", "info"]).code(0);

    // What is missing of the input has no finding, and weighs as one: the vendor declares a row more than the file has.
    let cut = Project::base();
    cut.change_file("input/2026-06-18/control_totals.csv", "3,USD,320.00", "4,USD,400.00");
    cut.run(&["check", "--fail-on", "high"]).code(10).says("80.00 is unexplained");
    cut.run(&["check", "--fail-on", "critical"]).code(0);
}

#[test]
fn json_is_one_document_with_a_schema() {
    // Goal: programs can rely on the output (contract, section 4). Method: parse what each command prints, and compare
    // what it says with the sample.
    let project = Project::sample();
    let build = project.run(&["build", "--format", "json"]).code(0);
    assert_eq!(build.stderr, "", "nothing for people");
    let built = build.json();
    assert_eq!((&built["schema"], &built["snapshot"]), (&Value::from(1), &Value::from("2026-06-18")));
    assert_eq!(built["rows"]["read"], 126);
    assert_eq!(built["cases"]["row-quarantined"], 2);
    assert!(
        built["files"].as_u64().unwrap() > 500 && built["open"].as_str().unwrap().ends_with("index.html")
    );

    let check = project.run(&["check", "--format", "json"]).code(0);
    assert_eq!(check.stderr, "");
    let check = check.json();
    assert_eq!((&check["schema"], &check["snapshot"]), (&Value::from(1), &Value::from("2026-06-18")));
    for file in check["files"].as_array().unwrap() {
        for key in [
            "path",
            "kind",
            "sha256",
            "rows_loaded",
            "rows_merged",
            "rows_quarantined",
            "rows_blank",
            "totals",
            "declared",
            "difference",
        ] {
            assert!(!file[key].is_null(), "{key} is not in {file}");
        }
        assert!(file["rows"].is_null(), "only with --rows");
    }
    let problem = &check["diagnostics"][0];
    let place = ["severity", "code", "file", "field", "value"].map(|key| problem[key].as_str().unwrap());
    assert_eq!(
        place,
        ["error", "amount-letter", "2026-06-18/rebate_lines.csv", "calculated_amount", "4O0.00"]
    );
    assert_eq!((&problem["line"], &problem["column"]), (&Value::from(10), &Value::from(13)));
    assert!(problem["message"].is_string() && problem["help"].is_string());
    assert_eq!(check["cases"]["missing-rebate"], 1);
    assert!(check["cases"]["clean"].is_null(), "kinds only");

    let explain = project.run(&["explain", "ORD-2001", "--format", "json"]).code(0).json();
    assert_eq!(explain["schema"], 1);
    for key in
        ["subject", "headline", "amount", "sales", "finance", "support", "customer", "next_step", "page"]
    {
        assert!(explain["answers"][0][key].is_string(), "{key}");
    }

    for (arguments, code) in [
        (&["build", "--format", "json", "--snapshot", "2026-06-19"][..], 2),
        (&["explain", "nothing", "--format", "json"], 2),
        (&["check", "--format", "json", "--input", "nowhere"], 3),
    ] {
        let error = project.run(arguments).code(code).json();
        assert_eq!(error["schema"], 1, "{arguments:?}");
        assert_eq!(error["exit_code"], code, "{arguments:?}");
        assert!(error["error"].is_string() && error["help"].is_string(), "{error}");
    }
}

#[test]
fn json_of_unusable_input_still_lists_the_problems() {
    // Goal: a gate can say why it is closed. Method: a missing column; stdout is one document, and the one of `check`
    // holds the diagnostic.
    let project = sample_with("input/2026-06-18/orders.csv", "order_id,", "order_number,");
    let build = project.run(&["build", "--format", "json"]).code(3).json();
    assert_eq!((&build["schema"], &build["exit_code"]), (&Value::from(1), &Value::from(3)));
    let check = project.run(&["check", "--format", "json"]).code(3).json();
    let problems = check["diagnostics"].as_array().unwrap();
    assert!(
        problems.iter().any(|d| d["code"] == "column-missing" && d["field"] == "order_id"),
        "{problems:#?}"
    );
}

#[test]
fn check_reads_a_single_file() {
    // Goal: who repairs an export tests it alone. Method: one file under its own name, under another with `--kind`, and a
    // broken one.
    let project = Project::sample();
    let lines = "input/2026-06-18/rebate_lines.csv";
    let run = project.run(&["check", lines]).code(0);
    run.says("49 read = 48 loaded + 0 merged + 1 set aside + 0 blank");
    fs::copy(project.path("input/2026-06-18/orders.csv"), project.path("export from billing.txt")).unwrap();
    project
        .run(&["check", "export from billing.txt", "--kind", "orders"])
        .code(0)
        .says("60 read = 59 loaded + 1 merged");
    project.run(&["check", "export from billing.txt"]).code(2).says("--kind");
    project.run(&["check", lines, "--kind", "orders"]).code(3).says("no column `order_id`");
    let document = project.run(&["check", lines, "--format", "json"]).code(0).json();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["files"][0]["rows_quarantined"], 1);
    assert_eq!(document["diagnostics"][0]["line"], 10);
}

#[test]
fn check_shows_the_rows_as_they_were_understood() {
    // Goal: nothing between the file and the answer is hidden. Method: `--rows` on a file with other column order and an
    // unknown column; each row has its line and its text by canonical column.
    let project = Project::empty();
    project.write(
        "payouts.csv",
        "amount,bank,PAYOUT_ID,paid_date,currency\n10.00,north,P-1,2026-05-28,USD\n\n\"20.00\",south,P-2,2026-05-29,EUR\n",
    );
    let document = project.run(&["check", "payouts.csv", "--rows", "--format", "json"]).code(0).json();
    let rows = document["files"][0]["rows"].as_array().unwrap();
    let cells = |row: &Value| {
        ["payout_id", "amount", "currency"].map(|c| row["cells"][c].as_str().unwrap().to_owned())
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["line"], cells(&rows[0])),
        (&Value::from(2), ["P-1", "10.00", "USD"].map(str::to_owned))
    );
    assert_eq!(
        (&rows[1]["line"], cells(&rows[1])),
        (&Value::from(4), ["P-2", "20.00", "EUR"].map(str::to_owned))
    );
    let whole = Project::sample().run(&["check", "--rows", "--format", "json"]).code(0).json();
    for file in whole["files"].as_array().unwrap() {
        assert!(file["rows"].is_array(), "{}", file["path"]);
    }
}

#[test]
fn a_snapshot_can_be_chosen() {
    // Goal: any day that was kept can be shown again. Method: `check`, `explain` and `build` of the day before.
    let project = Project::sample();
    let check = project.run(&["check", "--snapshot", "2026-06-17", "--format", "json"]).code(0).json();
    assert_eq!(check["snapshot"], "2026-06-17");
    let explain = project.run(&["explain", "ORD-1003", "--snapshot", "2026-06-17"]).code(0);
    assert!(explain.stdout.to_lowercase().contains("in calculation"), "{}", explain.stdout);
    project.run(&["build", "--snapshot", "2026-06-17"]).code(0);
    assert!(project.tree().text("campaign/spring-growth.html").contains("12,000.00"));
    assert!(!project.tree().has("snapshot/2026-06-18.html"), "what came later is not known yet");
}

#[test]
fn every_command_has_help_with_an_example() {
    // Goal: `--help` is enough to begin. Method: exit 0, on stdout, with an example that starts with the command.
    let project = Project::empty();
    for command in COMMANDS {
        let run = project.run(&[command, "--help"]).code(0);
        assert_eq!(run.stderr, "");
        let example =
            run.stdout.split("Example").nth(1).unwrap_or_else(|| panic!("{command} has no example"));
        assert!(example.contains(&format!("tieout {command}")), "{example}");
        for option in [
            "--input",
            "--content",
            "--templates",
            "--config",
            "--output",
            "--snapshot",
            "--format",
            "--fail-on",
            "--jobs",
            "--quiet",
            "--verbose",
        ] {
            assert!(run.stdout.contains(option), "{command} --help does not name {option}");
        }
    }
    let all = project.run(&["--help"]).code(0);
    for command in COMMANDS {
        assert!(all.stdout.contains(&format!("tieout {command}")), "{command}");
    }
    assert!(all.stdout.contains("Exit codes:"));
    let version = project.run(&["--version"]).code(0);
    assert_eq!(version.stdout.trim(), format!("tieout {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn hostile_text_cannot_move_the_cursor() {
    // Goal: a cell cannot forge or hide a message in the terminal (reliability T19). Method: escape sequences and
    // direction marks in a value and in a header that are then reported.
    let project = Project::base();
    project.change_file(
        "input/2026-06-18/orders.csv",
        "1000.00,0.00,active\nO-2",
        "1\u{1b}[2K\u{202e}0,0.00,active\nO-2",
    );
    project.change_file("input/2026-06-18/payouts.csv", "form,", "f\u{1b}]0;x\u{7}orm,");
    let run = project.run(&["check", "-v"]);
    assert!(run.stderr.contains("orders.csv, line 2"), "{}", run.stderr);
    let is_hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!run.stderr.contains(is_hidden), "{:?}", run.stderr);
}

/// What `check --with-fix` says of one file with rows to try, from its first line on.
fn tried(project: &Project, name: &str, text: &str) -> Vec<String> {
    project.write(name, text);
    let run = project.run(&["check", "--with-fix", name]).code(0);
    assert_eq!(run.stdout, "", "what people read is on stderr");
    run.stderr.lines().skip_while(|line| !line.starts_with("fix ")).map(str::to_owned).collect()
}

#[test]
fn a_fix_says_what_it_would_change() {
    // Goal: before a person writes a row into the master data, the program says what it clears, to the cent. Method: three
    // rows for the worked example; the file is known by its name, or by its header where the name says nothing.
    let project = Project::sample();
    assert_eq!(
        tried(&project, "aliases.csv", "own_id,vendor_id,kind\nORD-4006,ORD-4060,order\n"),
        [
            "fix      1 row of aliases.csv tried as reference/aliases.csv; nothing is written",
            "cases    55 → 53 to explain",
            "              2 → 0  near-miss-identifier",
            "clears   line L-4006: near-miss-identifier",
            "clears   order ORD-4006: near-miss-identifier, $320.00 at-risk",
            "stake    at-risk: $2,016.00 → $1,696.00 (−$320.00)",
        ]
    );
    assert_eq!(
        tried(&project, "to try.csv", "canonical,RAW_STATUS\nIn Calculation,proc_9\n"),
        [
            "fix      1 row of to try.csv tried as reference/status_map.csv; nothing is written",
            "cases    55 → 54 to explain",
            "              1 → 0  unknown-status",
            "clears   line L-4003: unknown-status, $240.00 at-risk",
            "stake    at-risk: $2,016.00 → $1,776.00 (−$240.00)",
        ]
    );
    assert_eq!(
        tried(&project, "accounts.csv", "account_id,vendor_account_id\nACC-909,5123000000000909\n"),
        [
            "fix      1 row of accounts.csv tried as reference/accounts.csv; nothing is written",
            "cases    55 → 55 to explain",
            "              1 → 0  account-unmapped",
            "              1 → 2  missing-rebate",
            "changes  order ORD-4009: account-unmapped, $480.00 blocked → missing-rebate, $480.00 receivable",
            "stake    receivable: $2,774.00 → $3,254.00 (+$480.00)",
            "stake    blocked: $2,120.00 → $1,640.00 (−$480.00)",
        ]
    );
    assert_eq!(
        tried(&project, "nobody.csv", "own_id,vendor_id,kind\nORD-1,ORD-2,order\n")[1..],
        ["         no case would change"]
    );
    let lower = project
        .read("input/reference/program_rates.csv")
        .replace("CORE,network,0,,0.04", "CORE,network,0,,0.03");
    let rows = tried(&project, "program_rates.csv", &lower);
    assert!(rows[0].starts_with("fix      17 rows of program_rates.csv"), "{rows:?}");
    assert!(!project.path("site").exists() && !project.path("input/reference/aliases.csv").exists());
}

#[test]
fn a_fix_is_part_of_the_one_json_document() {
    // Goal: a program can try a row, too. Method: two files at once, every part of the document; the rest is as without.
    let project = Project::sample();
    project.write("aliases.csv", "own_id,vendor_id,kind\nORD-4006,ORD-4060,order\n");
    project.write("more.csv", "account_id,vendor_account_id\nACC-909,5123000000000909\n");
    let plain = project.run(&["check", "--format", "json"]).code(0).json();
    let arguments = ["check", "--format", "json", "--with-fix", "aliases.csv", "--with-fix", "more.csv"];
    let mut json = project.run(&arguments).code(0).json();
    let fix = json.as_object_mut().unwrap().remove("fix").unwrap();
    assert_eq!(json, plain);
    let files: Vec<&str> =
        fix["files"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
    assert_eq!(files, ["aliases", "accounts"]);
    assert_eq!(fix["files"][0]["rows_loaded"], 1);
    assert_eq!(fix["cases"]["near-miss-identifier"], serde_json::json!({"before": 2, "after": 0}));
    assert_eq!(fix["cases"]["cap-breach"], serde_json::json!({"before": 1, "after": 1}));
    assert_eq!(
        fix["cleared"][1],
        serde_json::json!({
            "subject_type": "order", "subject_id": "ORD-4006", "kind": "near-miss-identifier",
            "direction": "at-risk", "currency": "USD", "at_stake": "320.00",
        })
    );
    assert_eq!(
        fix["changed"][0],
        serde_json::json!({
            "subject_type": "order", "subject_id": "ORD-4009",
            "before_kind": "account-unmapped", "before_direction": "blocked", "before_currency": "USD", "before_at_stake": "480.00",
            "after_kind": "missing-rebate", "after_direction": "receivable", "after_currency": "USD", "after_at_stake": "480.00",
        })
    );
    assert_eq!(fix["new"], serde_json::json!([]));
    let at_risk = serde_json::json!({"currency": "USD", "direction": "at-risk", "before": "2016.00", "after": "1696.00"});
    assert!(fix["at_stake"].as_array().unwrap().contains(&at_risk), "{}", fix["at_stake"]);
}

#[test]
fn a_fix_that_cannot_be_used_says_why() {
    // Goal: a file to try is read as strictly as any other. Method: no kind, no file, bad cells beside good ones, no good
    // row, no column, rows that contradict each other or leave a gap, a reason without a page, options that do not go
    // together.
    let project = Project::sample();
    let try_it = |name: &str, text: &str| {
        project.write(name, text);
        project.run(&["check", "--with-fix", name])
    };
    for (name, text) in [
        ("orders.csv", "order_id\nO-1\n"),
        ("x.csv", "a,b\n1,2\n"),
        ("x.csv", "reseller_id,program_id,account_id,region\nR,P,A,eu\n"),
        ("x.csv", ""),
        ("x.csv", "account_id\n\"1\n"),
    ] {
        let run =
            try_it(name, text).code(2).says(name).says("aliases.csv, accounts.csv, skus.csv, status_map.csv");
        is_error_for_people(&run);
    }
    is_error_for_people(&project.run(&["check", "--with-fix", "none.csv"]).code(3).says("none.csv"));
    let columns = "account_id,valid_from,valid_to\n";
    let run =
        try_it("accounts.csv", &format!("{columns}ACC-909,2026-13-01,tomorrow\nACC-909,,\n,,\n")).code(0);
    for words in [
        "accounts.csv, line 2, column 2 (valid_from)",
        "accounts.csv, line 2, column 3 (valid_to)",
        "fix      1 row of",
    ] {
        assert!(run.stderr.contains(words), "`{words}` is not in\n{}", run.stderr);
    }
    let run = try_it("accounts.csv", &format!("{columns}ACC-909,2026-13-01,\n")).code(3);
    assert!(!run.stderr.contains("clears"), "{}", run.stderr);
    is_error_for_people(&run.says("fatal[fix-without-rows]: accounts.csv").says("line 2, column 2"));
    try_it("accounts.csv", "vendor_account_id\nV-1\n").code(3).says("account_id");
    try_it("accounts.csv", &format!("{columns}ACC-909,,\nACC-909,2026-05-01,\n")).code(3).says(
        "fatal[reference-contradiction]: accounts.csv, line 3: account `ACC909` is already defined on line 2",
    );
    try_it("program_rates.csv", "program_id,category,tier_from,tier_to,rate\nMIG,compute,10000,,0.10\n")
        .code(3)
        .says("fatal[tier-gap]: program_rates.csv, line 2: the first tier of program `MIG`");
    try_it("reason_map.csv", "raw_reason,canonical_reason,plain_text\nX,no-such-page,Nothing\n")
        .code(2)
        .says("no-such-page");
    let json = project.run(&["check", "--format", "json", "--with-fix", "program_rates.csv"]).code(3).json();
    assert!(json["fix"].is_null());
    assert!(json["diagnostics"].as_array().unwrap().iter().any(|d| d["code"] == "tier-gap"));
    project
        .run(&["check", "input/2026-06-18/orders.csv", "--with-fix", "accounts.csv"])
        .code(2)
        .says("--with-fix");
    let help = project.run(&["check", "--help"]).code(0);
    assert!(help.stdout.contains("tieout check --with-fix aliases.csv"), "{}", help.stdout);
}

#[test]
fn every_row_that_is_suggested_can_be_tried() {
    // Goal: what a page suggests as a fix is a file that `--with-fix` takes once the blanks are filled, and it moves a case.
    // Method: each suggestion of the sample, one value per blank column.
    let project = Project::sample();
    let rows: Vec<(String, String, Vec<String>)> = project.reconcile(|seen| {
        let fill = |column: &str| match column {
            "canonical" => "Calculated",
            "canonical_reason" => "fee",
            "approved_on" => "2026-06-18",
            "category" => "compute",
            "vendor_account_id" => "5123000000000909",
            _ => "to be said",
        };
        let row = |fix: &FixRow| {
            let header: Vec<&str> = fix.cells.iter().map(|(name, _)| *name).collect();
            let cells: Vec<String> = fix
                .cells
                .iter()
                .map(
                    |(name, text)| {
                        if fix.to_fill.contains(name) { fill(name).to_owned() } else { text.clone() }
                    },
                )
                .collect();
            format!("{}\n{}\n", header.join(","), cells.join(","))
        };
        let subjects = |cause: &Cause| cause.orders.iter().map(ToString::to_string).collect();
        let causes = seen.reconciled.causes();
        causes
            .iter()
            .filter_map(|c| Some((c.fix.as_ref()?.file.name().to_owned(), row(c.fix.as_ref()?), subjects(c))))
            .collect()
    });
    let kinds: std::collections::BTreeSet<&str> = rows.iter().map(|(kind, _, _)| kind.as_str()).collect();
    assert!(kinds.len() >= 5, "{kinds:?}");
    for (kind, text, orders) in rows {
        project.write("try.csv", &text);
        let run = project.run(&["check", "-q", "--format", "json", "--with-fix", "try.csv"]);
        assert_eq!(run.code, 0, "{text}{}{}", run.stdout, run.stderr);
        let fix = &run.json()["fix"];
        assert_eq!(fix["files"][0]["kind"], kind.as_str(), "{text}");
        assert_eq!(fix["files"][0]["rows_loaded"], 1, "{text}");
        let moved = fix["cleared"].as_array().unwrap().len() + fix["changed"].as_array().unwrap().len();
        assert!(moved > 0, "{text} moves nothing of {orders:?}");
    }
}

#[test]
fn problems_that_repeat_are_told_once_with_their_lines() {
    // Goal: thirty cells with one fault are one thing to do, not thirty messages; none is lost, and `-v` lists them all.
    // Method: thirty lines with a day that cannot be read and one with another fault.
    let project = Project::base();
    let path = "input/2026-06-18/rebate_lines.csv";
    for number in 10..40 {
        project.append(path, &format!("L-{number},CORE,B-1,O-1,V-1,srv,compute,2026-05,1.00,0.08,0.08,USD,CALCULATED,,31.05.2026,,,\n"));
    }
    project.append(
        path,
        "L-99,CORE,B-1,O-1,V-1,srv,compute,2026-05,1.00,0.08,O.08,USD,CALCULATED,,2026-05-31,,,\n",
    );
    let run = project.run(&["check"]);
    let said = &run.stderr;
    assert_eq!(said.matches("(status_date)").count(), 1, "{said}");
    assert!(
        said.contains("the same on lines 6, 7, 8, 9, 10, 11, 12, 13 and 21 more; -v lists all"),
        "{said}"
    );
    assert!(said.contains("line 35, column 11 (calculated_amount)"), "{said}");
    let all = project.run(&["check", "-v"]);
    assert_eq!(all.stderr.matches("(status_date)").count(), 30, "{}", all.stderr);
}

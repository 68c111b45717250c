//! What was known when: the bridge between snapshots, our own changes told apart, and links that stay.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use tieout::history::journal::RecordKey;
use tieout::history::{Scope, State};
use tieout::reconcile::{Finding, Kind};
use tieout::report::identities::check_identities;

use super::engine_world::{bytes, make};
use super::support::config;
use super::support::{Project, sample};

/// The bridge of a currency in the JSON of `tieout diff`.
fn currency<'v>(document: &'v Value, code: &str) -> &'v Value {
    let all = document["currencies"].as_array().unwrap_or_else(|| panic!("no currencies in {document}"));
    all.iter().find(|c| c["currency"] == code).unwrap_or_else(|| panic!("no {code} in {document}"))
}

/// (order, class, effect on the total) of every change of a currency.
fn changes(document: &Value, code: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned();
    let list = currency(document, code)["changes"].as_array().unwrap_or_else(|| panic!("no changes"));
    list.iter().map(|c| (text(&c["order"]), text(&c["class"]), text(&c["effect"]["total_rebate"]))).collect()
}

fn triple(order: &str, class: &str, amount: &str) -> (String, String, String) {
    (order.to_owned(), class.to_owned(), amount.to_owned())
}

#[test]
fn it_was_12000_yesterday_and_here_is_what_changed() {
    // Goal: the figures and the sentence of the brief (A-123, domain 5.6). Method: `tieout diff` in words and as JSON, and
    // the page of the pair, for Spring Growth in May 2026.
    let project = Project::sample();
    let run = ["diff", "2026-06-17", "2026-06-18", "--program", "spring", "--period", "2026-05"];
    let told = project.run(&run).code(0).stdout;
    let sentence = "Correct: the total rebate was $12,000.00 yesterday, 17 Jun 2026, and here's what changed. It is \
                    $18,420.00 on 18 Jun 2026, +$6,420.00.";
    for words in [
        sentence,
        "+4200.00  ORD-1001 (L-1001) newly calculated",
        "+1900.00  ORD-1003 (L-1003) newly calculated",
        "+320.00  ORD-1002 (L-1002) re-measured: base 27,800.00 → 31,000.00",
        "0.00  not explained",
    ] {
        assert!(told.contains(words), "`{words}` is not in\n{told}");
    }
    let document = project.run(&[&run[..], &["--format", "json"]].concat()).code(0).json();
    let expected = [
        triple("ORD-1001", "newly-calculated", "4200.00"),
        triple("ORD-1003", "newly-calculated", "1900.00"),
        triple("ORD-1002", "re-measured", "320.00"),
    ];
    assert_eq!(changes(&document, "USD"), expected);
    let bridge = currency(&document, "USD");
    assert_eq!(bridge["opening"]["total_rebate"], "12000.00");
    assert_eq!(bridge["closing"]["total_rebate"], "18420.00");
    for (measure, amount) in bridge["remainder"].as_object().unwrap_or_else(|| panic!("no remainder")) {
        assert_eq!(amount, "0.00", "{measure}");
    }
    // The campaign is the same scope under another name, in any capitals.
    let campaign = [
        "diff",
        "2026-06-17",
        "2026-06-18",
        "--campaign",
        "spring growth",
        "--period",
        "2026-05",
        "--format",
        "json",
    ];
    assert_eq!(changes(&project.run(&campaign).code(0).json(), "USD"), expected);
    // The other way round is the same bridge, and said so.
    let backwards = project.run(&["diff", "2026-06-18", "2026-06-17", "--program", "SPRING"]).code(0);
    assert!(backwards.stderr.contains("goes from 2026-06-17 to 2026-06-18"), "{}", backwards.stderr);
    assert!(backwards.stdout.contains("+4200.00"), "{}", backwards.stdout);
    // A scope without lines says what to do, and a snapshot that is not there which ones are.
    let none = project.run(&["diff", "2026-06-17", "2026-06-18", "--program", "NONE"]).code(0);
    assert!(none.stdout.contains("check the spelling"), "{}", none.stdout);
    project.run(&["diff", "2026-06-16", "2026-06-18"]).code(2).says("the snapshots are 2026-05-08");
    let rows = project.run(&["diff", "2026-05-08", "2026-06-18", "--csv"]).code(0).stdout;
    assert!(rows.contains("ORD-4051,L-4051,CORE,2026-04,USD,re-measured"), "{rows}");
}

/// The sample with one more snapshot in which nothing came in, the status map of before kept with the snapshot of before,
/// and a row for a code of the vendor in the current one.
fn with_new_status_map() -> Project {
    let project = Project::sample();
    let before = project.read("input/reference/status_map.csv");
    project.write("input/2026-06-18/reference/status_map.csv", before);
    project.append("input/reference/status_map.csv", "PROC_9,Calculated,Calculated,2,30\n");
    project.write("input/2026-06-19/adjustments.csv", project.read("input/2026-06-18/adjustments.csv"));
    project
}

#[test]
fn what_our_own_mapping_changes_is_no_news_of_the_vendor() {
    // Goal: a row of the status map brings 240.00 into the total, and the bridge says that it was us (item 2 of the
    // classes). Method: the map of before is kept with the snapshot of before; the next snapshot has the same extracts.
    let project = with_new_status_map();
    let run = ["diff", "2026-06-18", "2026-06-19"];
    let document = project.run(&[&run[..], &["--format", "json"]].concat()).code(0).json();
    assert_eq!(changes(&document, "USD"), [triple("ORD-4003", "own-mapping-or-rules", "240.00")]);
    assert_eq!(document["only_own_mapping_or_rules"], true);
    let told = project.run(&run).code(0).stdout;
    assert!(told.contains("the extracts are the same; only our own mapping or rules changed"), "{told}");
    assert!(told.contains("Unknown / Error → Calculated"), "{told}");
    // Over a snapshot that brought news as well, the two are told apart.
    let document =
        project.run(&["diff", "2026-06-17", "2026-06-19", "--period", "2026-05", "--format", "json"]);
    let found = changes(&document.code(0).json(), "USD");
    assert!(found.contains(&triple("ORD-4003", "own-mapping-or-rules", "240.00")), "{found:?}");
    assert!(found.contains(&triple("ORD-1001", "newly-calculated", "4200.00")), "{found:?}");
    let tree = project.build();
    let page = tree.text("changes/2026-06-18-to-2026-06-19.html");
    assert!(page.contains("only our own configuration or reference data changed"), "{page}");
}

#[test]
fn an_older_snapshot_is_read_under_the_rules_it_was_read_under_then() {
    // Goal: a kept map makes an old figure stay what it was (I-27). Method: the total of the snapshot before the map
    // changed, in the bridge that starts there, is that of the untouched sample.
    let document = |project: &Project, to: &str| {
        project.run(&["diff", "2026-06-17", to, "--format", "json"]).code(0).json()
    };
    let untouched = document(&Project::sample(), "2026-06-18");
    let kept = document(&with_new_status_map(), "2026-06-18");
    assert_eq!(untouched, kept);
}

#[test]
fn a_kept_reference_file_is_read_as_strictly_as_the_current_one() {
    // Goal: a bad row in a kept file is named with its path. Method: a period that is no month in the kept copy.
    let project = Project::sample();
    project
        .write("input/2026-06-17/reference/periods.csv", "period,start,end\n2026-4X,2026-04-01,2026-04-30\n");
    let run = project.run(&["check"]);
    assert!(run.stderr.contains("2026-06-17/reference/periods.csv, line 2"), "{}", run.stderr);
    // What is no reference file has no place there.
    project.write("input/2026-06-17/reference/orders.csv", "order_id\n");
    let run = project.run(&["check", "-v"]);
    assert!(
        run.stderr.contains("`2026-06-17/reference/orders.csv` is not a file that tieout reads here"),
        "{}",
        run.stderr
    );
}

/// The sample as it was before a snapshot came, and the trees before and after it came.
fn before_and_after() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let project = Project::sample();
    let kept = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let (folder, away) = (project.path("input/2026-06-18"), kept.path().join("2026-06-18"));
    std::fs::rename(&folder, &away).unwrap_or_else(|e| panic!("{e}"));
    let before = project.build().digest();
    std::fs::rename(&away, &folder).unwrap_or_else(|e| panic!("{e}"));
    (before, project.build().digest())
}

#[test]
fn a_new_snapshot_rewrites_nothing_of_an_older_close_and_takes_no_address_away() {
    // Goal: I-28, and an address, once published, stays (contract, section 5). Method: the sample without and with its
    // newest snapshot, byte for byte for what was closed, by name for everything else.
    let (before, after) = before_and_after();
    let is_pack = |path: &str| path == "close/2026-04.html" || path.starts_with("close/2026-04/");
    let closed: Vec<_> = before.iter().filter(|(path, _)| is_pack(path)).collect();
    assert!(closed.len() >= 25, "the pack of April: {closed:?}");
    for (path, digest) in closed {
        assert_eq!(after.get(path), Some(digest), "{path}");
    }
    let lost: Vec<_> =
        before.keys().filter(|path| path.ends_with(".html") && !after.contains_key(*path)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(after.contains_key("changes/2026-06-17-to-2026-06-18.html"));
}

#[test]
fn an_archived_snapshot_is_read_again_to_the_same_bytes() {
    // Goal: I-27: what was known then is found again at any time. Method: the site of the snapshot of 17 June, built before
    // and after another one arrived: every byte of it, the manifest included.
    let project = Project::sample();
    let build = |project: &Project| {
        project.run(&["build", "-q", "--snapshot", "2026-06-17"]).code(0);
        project.tree().digest()
    };
    let before = build(&project);
    project.write("input/2026-06-30/orders.csv", project.read("input/2026-06-18/orders.csv"));
    project.append("input/2026-06-18/cancellations.csv", "CAN-1,ORD-2001,2026-06-18,1.00,USD,cancel\n");
    assert_eq!(build(&project), before);
}

#[test]
fn a_closed_period_keeps_what_was_reported_and_lists_what_changed_since() {
    // Goal: item 4: nothing of a closed period changes silently. Method: April was closed at 7,198.76 on 8 May; its pack says
    // so for ever, the page of the period and the addendum list each later change to the cent.
    let tree = &sample().tree;
    let closed = tree.text("close/2026-04.html");
    assert!(closed.contains("Total rebate 12 7,198.76") || closed.contains("7,198.76"), "{closed}");
    assert!(!closed.contains("18 Jun 2026"), "a pack speaks of its own snapshot alone: {closed}");
    let late = tree.text("close/2026-04.addendum.html");
    assert!(late.contains("Re-measured: base 12,500.00 → 11,000.00"), "{late}");
    let now = tree.text("period/2026-04.html");
    for words in [
        "Correct: the total rebate for April 2026 as closed was $7,198.76 on 8 May 2026, and here's what changed. It is \
         $6,564.16 on 18 Jun 2026, −$634.60.",
        "Re-measured: base 12,500.00 → 11,000.00",
        "1 line restates it.",
    ] {
        assert!(now.contains(words), "`{words}` is not in\n{now}");
    }
    let rows = tree.rows("period/2026-04.since-close.csv");
    let cents = |row: &BTreeMap<String, String>| -> i64 {
        let text = row["Total rebate"].replace('.', "");
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    };
    assert_eq!(rows.iter().map(cents).sum::<i64>(), 656_416 - 719_876);
    assert!(tree.text("close/2026-05.html").contains("draft until it is sealed"), "May is not closed");
}

#[test]
fn the_timeline_of_an_order_tells_every_change_with_its_snapshot() {
    // Goal: item 1 and 8: first seen, every changed field with the snapshot that brought it, cases opened and cleared, and an
    // address for the record as it was. Method: the order of the brief whose base changed, and one whose line went.
    let tree = &sample().tree;
    let text = tree.text("order/ord1002.html");
    for words in [
        "base amount 27800.00 → 31000.00, calculated amount 2780.00 → 3100.00, status date 2026-06-10 → 2026-06-18",
        "Line L-1002 first seen: Calculated since 10 Jun 2026, $2,780.00",
        "First seen in our order extract",
        "cleared: Vendor period not final yet ($3,100.00)",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let html = tree.read("order/ord1002.html");
    for version in ["id=\"v1\"", "id=\"v2\"", "id=\"v3\""] {
        assert!(html.contains(version), "{version}");
    }
    assert!(html.contains("order/ord1002.html#v3"), "the ticket cites the record as it is now");
    let gone = tree.text("order/ord4050.html");
    assert!(gone.contains("Line L-4050 not in the extract any more"), "{gone}");
    // A scope offers its page as known earlier, where it differs.
    let campaign = tree.rows("campaign/spring-growth.known.usd.csv");
    let known: Vec<_> =
        campaign.iter().map(|r| (r["Snapshot"].as_str(), r["Total rebate"].as_str())).collect();
    assert_eq!(known, [("2026-06-18", "18420.00"), ("2026-06-17", "12000.00")]);
}

#[test]
fn an_order_that_left_the_extracts_keeps_its_page() {
    // Goal: an address, once published, stays, and says what became of the record. Method: the newest snapshot without one
    // order and its line, and without a batch.
    let project = Project::sample();
    for file in ["orders.csv", "rebate_lines.csv"] {
        let path = format!("input/2026-06-18/{file}");
        let text = project.read(&path);
        let kept: Vec<&str> = text.lines().filter(|line| !line.contains("4029")).collect();
        assert!(kept.len() + 1 == text.lines().count(), "one row of {file}");
        project.write(&path, kept.join("\n") + "\n");
    }
    let tree = project.build();
    let page = tree.text("order/ord4029.html");
    assert!(
        page.contains("is not in the extracts any more. It was last seen in the snapshot of 17 Jun 2026"),
        "{page}"
    );
    assert!(page.contains("Line L-4029 not in the extract any more"), "{page}");
    assert!(tree.has("batch/mig2605.html") && tree.has("account/acc4029.html"), "scopes that are empty now");
    let bridge = tree.text("changes/2026-06-17-to-2026-06-18.html");
    assert!(bridge.contains("ORD-4029"), "{bridge}");
}

/// Every period of a made-up project closed with its first snapshot.
fn close_all(project: &Project) {
    let text = project.read("input/reference/periods.csv");
    project.write("input/reference/periods.csv", text.replace(",,\n", ",2026-06-01,2026-06-01\n"));
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn a_snapshot_that_says_the_same_changes_nothing(made in bytes(6, 9)) {
        // Goal: I-16 and I-29 on whole projects. Method: made-up projects of one or two snapshots, and their newest snapshot
        // once more on the next day: no fact, no changed cell and no difference of a line comes of it, every identity holds,
        // bridges without a remainder among them.
        let project = make(&made).project();
        let count = |project: &Project| {
            project.reconcile(|seen| {
                check_identities(seen.report).unwrap_or_else(|e| panic!("{e}"));
                let history = seen.shown.history;
                (history.facts.fact_count(), history.journal.event_count())
            })
        };
        let once = count(&project);
        for file in ["orders", "rebate_lines", "adjustments", "cancellations", "payouts"] {
            let text = project.read(&format!("input/2026-06-18/{file}.csv"));
            project.write(&format!("input/2026-06-19/{file}.csv"), text);
        }
        prop_assert_eq!(count(&project), once);
        project.reconcile(|seen| {
            let newest = seen.shown.history.newest();
            let bridges = seen.report.differences(newest - 1, newest, &Scope::default());
            prop_assert!(bridges.iter().all(|bridge| bridge.changes.is_empty()));
            Ok(())
        })?;
    }

    #[test]
    fn a_line_of_a_closed_period_differs_if_and_only_if_a_case_says_so(made in bytes(6, 9)) {
        // Goal: I-31, line by line. Method: every period closed with the first of two made-up snapshots; each line that
        // counts in the same closed period at both ends has a restatement exactly where its calculated amounts differ, and
        // its difference is that of the facts.
        let project = make(&made).project();
        close_all(&project);
        project.reconcile(|seen| {
            let (reconciled, history) = (seen.reconciled, seen.shown.history);
            let newest = history.newest();
            for (number, line) in (0_u32..).zip(&reconciled.snapshot.records.lines) {
                let track = history.facts.number(line.id).unwrap_or_else(|| panic!("{} has no fact", line.id));
                let (Some(was), Some(is)) = (history.facts.at(track, 0), history.facts.at(track, newest)) else { continue };
                let is_same = newest > 0
                    && was.place.period == is.place.period
                    && was.place.currency == is.place.currency
                    && was.bucket().is_in_total()
                    && is.bucket().is_in_total();
                if is_same {
                    // No amount is an amount of nothing here.
                    let minor = |state: &State<'_>| state.calculated().map_or(0, |m| m.minor());
                    let differs = minor(&was) != minor(&is);
                    // The case may also speak of a line of the order that was closed and is gone.
                    let is_own = |f: &&Finding| f.facts.get("variant").is_none_or(|v| !v.starts_with("line removed"));
                    let findings = &reconciled.line_case(number).findings;
                    let mut restated = findings.iter().filter(|f| f.kind == Kind::ClosedPeriodRestatement);
                    prop_assert_eq!(restated.any(|f| is_own(&f)), differs, "{}", line.id);
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn the_order_of_folders_on_disk_does_not_matter() {
    // Goal: history follows the as-of dates and nothing else. Method: the sample's folders written newest first into a new
    // project, which gives other places and times on disk; every byte of the site.
    let whole = Project::sample();
    let project = Project::empty();
    for folder in ["metrics", "2026-06-18", "2026-06-17", "reference", "2026-05-08"] {
        let from = whole.path(&format!("input/{folder}"));
        let mut files: Vec<_> =
            std::fs::read_dir(from).into_iter().flatten().flatten().map(|e| e.file_name()).collect();
        files.sort();
        for file in files.iter().rev() {
            let path = format!("input/{folder}/{}", file.to_string_lossy());
            project.write(&path, whole.read(&path));
        }
    }
    assert_eq!(project.build().digest(), sample().tree.digest());
}

#[test]
fn a_record_that_comes_back_is_not_new() {
    // Goal: gone and back are two events of one record, and its history goes on. Method: a line missing in the middle of
    // three snapshots.
    let project = Project::sample();
    let text = project.read("input/2026-06-17/rebate_lines.csv");
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("L-4035,")).collect();
    project.write("input/2026-06-17/rebate_lines.csv", without.join("\n") + "\n");
    project.change_file(
        "input/2026-06-17/rebate_lines.csv",
        "L-4034,R-100,CORE,CORE-2604,ORD-4034,5123000000004034,ecs.c7,compute,ap-southeast-1,2026-04",
        "L-4034,R-100,CORE,CORE-2604,ORD-4034,5123000000004034,ecs.c7,compute,ap-southeast-1,2026-03",
    );
    project.reconcile(|seen| {
        let history = seen.shown.history;
        let id = seen
            .reconciled
            .snapshot
            .records
            .lines
            .iter()
            .find(|line| line.id.raw() == "L-4035")
            .map(|l| l.id);
        let id = id.unwrap_or_else(|| panic!("no line"));
        let track = history.facts.number(id).unwrap_or_else(|| panic!("no fact"));
        assert_eq!(history.facts.first_seen(track), 0);
        let there: Vec<bool> = (0..3).map(|at| history.facts.at(track, at).is_some()).collect();
        assert_eq!(there, [true, false, true]);
        assert_eq!(history.journal.first_seen(RecordKey::Line(id)), Some(0));
        assert_eq!(history.journal.of(RecordKey::Line(id)).len(), 2, "gone, and back");
        assert!(!history.journal.is_gone(RecordKey::Line(id)));
    });
}

//! The success metrics of `health.html`, from files that are given and from our own snapshots.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::{Project, Row, Tree, repository, text_of};

const EXPORT: &str = "health.metrics.csv";
const LIVE: &str = "[metrics]\ngo_live = \"2026-05-01\"\n";

/// The sample, live since the first of May.
fn sample() -> Project {
    let project = Project::sample();
    project.write("tieout.toml", LIVE);
    project
}

/// The row of a measure whose days start on one, else the only one.
fn figure(tree: &Tree, measure: &str, from: &str) -> Row {
    let all = tree.rows(EXPORT);
    let mut found: Vec<Row> = all
        .iter()
        .filter(|row| row["Measure"] == measure && (from.is_empty() || row["From"] == from))
        .cloned()
        .collect();
    assert_eq!(found.len(), 1, "{measure} from {from}: {found:?} in {all:#?}");
    found.remove(0)
}

/// `counted of: figure (from to)`.
fn said(row: &Row) -> String {
    let of = |name: &str| row[name].clone();
    format!(
        "{} {}: {} ({} {})",
        of("Counted"),
        of("Of"),
        of("Figure"),
        of("Interval from"),
        of("Interval to")
    )
}

#[test]
fn the_figures_are_those_of_the_worked_example() {
    // Goal: each metric has the value of domain 6. Method: by hand from input/metrics, with 18 Jun 2026 as today and
    // 1 May as go-live.
    // M1: 4 + 4 tickets of March and April for 400 + 420 active lines, 3 of May for 450: 1 − (3 / 450) / (8 / 820) =
    //     1 − 2460 / 3600 = 31.7 %. June goes on. 3 of 11 lie between 6.02 % and 60.97 % (Clopper and Pearson), so the ratio is
    //     between 0.1167 and 2.8466.
    // M2: days of March and April 6 6 10 12 14 18 18 20: half are done by 12. Since: 2 3 4 6 and one open for 6; 4/5, 3/5, 2/5
    //     wait after 2, 3 and 4 days, so 4. Log-log bands at 2, 3, 4: the lower one is below 1/2 from day 2 on (0.20), the upper
    //     one never reaches it before all but the open one are done (day 6: 0.20, up to 0.58).
    // M3: escalated are T-02, T-03, T-05, T-07 of eight, then T-13 of five. Closed are all but T-13; T-01 comes back as T-08
    //     (43 days), T-06 as T-13 (58 days): 2 of 12. Closed by 20 Mar is T-01 alone.
    // M4: week 24 (8 to 14 June) has rina, marco and sam, so 3 of 5 teams; a robot, a 404 and a style sheet do not count. Week
    //     25 has sam.
    // M5: 30 days: 200 + 100 + 300 = 600 of 10,000 + 10,400 + 5,300 = 25,700; −200 + 100 − 300 = −400. 7 days: 10 + 0 + 40.
    let project = sample();
    let tree = project.build();
    let of = |measure: &str, from: &str| said(&figure(&tree, measure, from));
    assert_eq!(of("Reduction of tickets per 100 active lines", ""), "3 450: 31.7 (-184.7 88.3)");
    assert_eq!(of("Tickets per 100 active lines before go-live", ""), "8 820: 0.976 (0.421 1.922)");
    assert_eq!(of("Tickets per 100 active lines", "2026-05-01"), "3 450: 0.667 (0.138 1.948)");
    assert_eq!(figure(&tree, "Tickets per 100 active lines", "2026-06-01")["Note"], "The month goes on.");
    assert_eq!(of("Half of the tickets closed within, before go-live", ""), "8 8: 12 (6 18)");
    assert_eq!(of("Half of the tickets closed within, since go-live", ""), "4 5: 4 (2 )");
    assert_eq!(of("Tickets that are escalated, before go-live", ""), "4 8: 50.0 (15.8 84.3)");
    assert_eq!(of("Tickets that are escalated, since go-live", ""), "1 5: 20.0 (0.6 71.7)");
    assert_eq!(of("Resolved and back within 90 days", "2026-03-16"), "2 12: 16.7 (2.1 48.5)");
    let old = "Resolved and back within 90 days, of those resolved at least 90 days ago";
    assert_eq!(of(old, ""), "1 1: 100.0 (2.5 100.0)");
    assert_eq!(figure(&tree, old, "")["To"], "2026-03-20");
    assert_eq!(of("Teams that use the site in a week", "2026-06-08"), "3 5: 60.0 (14.7 94.8)");
    assert_eq!(of("Teams that use the site in a week", "2026-06-15"), "1 5: 20.0 (0.6 71.7)");
    assert_eq!(
        of("Snapshots against final totals (WAPE), 30 days before, USD", ""),
        "600.00 25700.00: 2.33 ( )"
    );
    assert_eq!(of("Bias of snapshots, 30 days before, USD", ""), "-400.00 25700.00: -1.56 ( )");
    assert_eq!(
        of("Snapshots against final totals (WAPE), 7 days before, USD", ""),
        "50.00 25700.00: 0.19 ( )"
    );
    assert_eq!(of("Bias of snapshots, 7 days before, USD", ""), "-50.00 25700.00: -0.19 ( )");
    assert_eq!(figure(&tree, "Amounts between snapshots that nothing explains", "")["Figure"], "0");
    let page = tree.text("health.html");
    for words in [
        "That is 31.7% fewer; 95% interval: from 184.7% more to 88.3% fewer. The interval holds “as before”, so the difference \
         proves nothing.",
        "are closed within 4 days (95% interval 2 days or more; 5 tickets, 4 of them closed). Before (4 Mar 2026 to 30 Apr 2026) \
         it was 12 days (95% interval 6 to 18 days; 8 tickets, 8 of them closed). The interval shares days with the one before \
         go-live, so the difference proves nothing. Fewer than 6 are done, so the median proves nothing.",
        "2 of 12 came back within 90 days: 16.7% (95% interval 2.1% to 48.5%). 11 of them were resolved less than 90 days ago",
        "3 of 5 teams used the site: 60.0% (95% interval 14.7% to 94.8%). In the week that goes on, so far: 1 of 5 teams",
        // Domain 5.3: the median of the fourteen lines, where the naive one is 21.5.
        "half of the lines are paid within 25 days of approval (95% interval 15 to 34 days; 14 lines, 10 of them paid",
        "Single errors from 0.96% to 5.66%.",
        "metrics/access.log 8 5 3 1 a redirect or an error; 1 by a program; 1 not a page",
    ] {
        assert!(page.contains(words), "{words}\nis not in\n{page}");
    }
}

#[test]
fn nobody_is_named() {
    // Goal: no user name and no address enters the tree, whatever page, file or message. Method: the sample's users with names
    // that are no words, lines and rows that cannot be read and hold them, a user that is listed twice; then every file of the
    // tree, and what the terminal says.
    let project = sample();
    let users = ["rina", "marco", "sam", "tom", "ines"];
    let made_up = |text: String| {
        users.iter().fold(text, |text, user| text.replace(user, &format!("qzjxkv{user}qzjxkv")))
    };
    let log = made_up(project.read("input/metrics/access.log"));
    project.write("input/metrics/access.log", format!("{log}10.0.0.5 - qzjxkvrinaqzjxkv broken\n"));
    let list = made_up(project.read("input/metrics/users.csv"));
    let long = "x".repeat(300);
    let more = format!(
        "qzjxkvrinaqzjxkv,finance\nqzjxkvtomqzjxkv\nqzjxkv{long}samqzjxkv,support\nqzjxkvines qzjxkv,\n"
    );
    project.write("input/metrics/users.csv", list + &more);
    // Without a header the first row is a person.
    project.write("input/metrics/access-2.log", "10.0.0.6 qzjxkvtomqzjxkv\n");
    let tree = project.build();
    let run = project.run(&["check"]);
    let mut texts: Vec<(String, String)> = tree
        .paths()
        .into_iter()
        // Compressed: two letters stand in it by chance. The CSV files of a pack hold the same.
        .filter(|path| !path.ends_with(".xlsx"))
        .map(|path| {
            (path.clone(), String::from_utf8_lossy(&fs::read(tree.root.join(&path)).unwrap()).into_owned())
        })
        .collect();
    texts.push(("stderr".to_owned(), run.stderr));
    for (path, text) in &texts {
        for word in ["qzjxkv", "10.0.0.", "66.249.1.1", "Googlebot", "Mozilla"] {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
    let page = tree.text("health.html");
    let words = "metrics/users.csv 9 5 4 3 cannot be read; 1 repeats an earlier row";
    assert!(page.contains(words), "{words}\nis not in\n{page}");
    project.write("input/metrics/users.csv", "qzjxkvrinaqzjxkv,sales\n");
    assert!(!project.run(&["check"]).says("there is no column `user`, `team`").stderr.contains("qzjxkv"));
}

#[test]
fn what_cannot_be_read_is_counted_and_named() {
    // Goal: nothing is left out silently, and nothing here stops a build. Method: each kind of wrong cell once, in every file;
    // each warning has its line, column and field, and the counts of the page add up.
    let project = sample();
    project.append("input/metrics/tickets.csv", "T-14,12 May,,,,,,,\nT-01,2026-05-01,,,,,,,\nT-15,2026-05-09,2026-05-08,,,,,,\nT-16,2026-05-09,,,,,,maybe,\nT-17,2026-05-09\n");
    project.append("input/metrics/active_lines.csv", "2026-13,5\n2026-05,9\n2026-07,many\n");
    project.append(
        "input/metrics/snapshot_vs_final.csv",
        "CORE,2026-04,DOLLAR,30,1,1\nCORE,2026-04,USD,30,1.234,1\n",
    );
    project.append("input/metrics/approved_to_paid.csv", "K15,10,\nK01,3,1\n");
    project.append("input/metrics/access.log", "not a line of a log\n");
    project.write("input/metrics/notes.txt", "x");
    project.write("input/metrics/tickets.csv.gz", b"\x1F\x8Bbroken");
    let (result, problems) = project.try_build();
    result.unwrap();
    let mut found: Vec<String> = problems
        .iter()
        .filter(|d| d.file.starts_with("metrics/"))
        .map(|d| format!("{}:{}:{} {} {}", &d.file[8..], d.line, d.column, d.field, d.code))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "access.log:9:0  metrics-log-line",
            "active_lines.csv:6:1 month period-impossible",
            "active_lines.csv:7:1 month metrics-row-twice",
            "active_lines.csv:8:2 active_lines metrics-cell",
            "approved_to_paid.csv:16:3 event metrics-cell",
            "approved_to_paid.csv:17:1 line_id metrics-row-twice",
            "notes.txt:0:0  file-not-used",
            "snapshot_vs_final.csv:8:3 currency metrics-cell",
            "snapshot_vs_final.csv:9:5 snapshot_total metrics-cell",
            "tickets.csv.gz:0:0  metrics-file-unreadable",
            "tickets.csv:15:2 opened date-not-iso",
            "tickets.csv:16:1 ticket_id metrics-row-twice",
            "tickets.csv:17:3 closed metrics-cell",
            "tickets.csv:18:8 escalated metrics-cell",
            "tickets.csv:19:0  metrics-row-fields",
        ]
    );
    let tree = project.tree();
    assert_eq!(said(&figure(&tree, "Tickets that are escalated, since go-live", "")), "1 5: 20.0 (0.6 71.7)");
    let page = tree.text("health.html");
    for words in [
        "metrics/tickets.csv 18 13 5 4 cannot be read; 1 repeats an earlier row",
        "metrics/tickets.csv.gz 0 0 0 the file is not used: the warnings say why",
        "metrics/access.log 9 5 4",
    ] {
        assert!(page.contains(words), "{words}\nis not in\n{page}");
    }
}

#[test]
fn now_is_the_day_of_the_snapshot() {
    // Goal: an older snapshot shows what was known then. Method: 8 May 2026: T-09 is open since 6 May, T-08 was closed that
    // day, nobody had looked at the site; 17 June: as the 18th, but T-13 is open for 5 days.
    let project = sample();
    for (snapshot, since, closed, adoption) in [
        ("2026-05-08", "0 1: 2 ( )", "8 8: 12 (6 18)", ""),
        ("2026-06-17", "4 5: 4 (2 )", "8 8: 12 (6 18)", "3 5: 60.0 (14.7 94.8)"),
    ] {
        project.run(&["build", "--snapshot", snapshot]).code(0);
        let tree = project.tree();
        let now = figure(&tree, "Half of the tickets closed within, since go-live", "");
        if snapshot == "2026-05-08" {
            assert_eq!(
                (now["Counted"].as_str(), now["Of"].as_str(), now["Figure"].as_str()),
                ("0", "1", ""),
                "{since}"
            );
            assert!(
                tree.text("health.html")
                    .contains("4 tickets were opened later than this snapshot and left out.")
            );
        } else {
            assert_eq!(said(&now), since);
        }
        assert_eq!(said(&figure(&tree, "Half of the tickets closed within, before go-live", "")), closed);
        let week = figure(
            &tree,
            "Teams that use the site in a week",
            if adoption.is_empty() { "" } else { "2026-06-08" },
        );
        if adoption.is_empty() {
            assert_eq!(week["Note"], "Not measurable: needs a log line that is dated up to now.");
        } else {
            assert_eq!(said(&week), adoption);
        }
    }
}

#[test]
fn without_files_each_metric_says_what_it_needs() {
    // Goal: no guess and no empty space. Method: the sample without the folder; then with logs that name nobody, with users
    // alone, and without go-live.
    let project = Project::sample();
    fs::remove_dir_all(project.path("input/metrics")).unwrap();
    let tree = project.build();
    let page = tree.text("health.html");
    for needs in [
        "Not measurable: needs input/metrics/tickets.csv.",
        "Not measurable: needs input/metrics/access.log, the log of the web server.",
        "No file was given.",
        "that needs go_live in [metrics] of tieout.toml",
    ] {
        assert!(page.contains(needs), "{needs}\nis not in\n{page}");
    }
    let codes: Vec<String> =
        tree.rows(EXPORT).into_iter().map(|mut row| row.remove("Code").unwrap()).collect();
    for code in ["M1", "M2", "M3", "M4", "M5", "M6"] {
        assert!(codes.iter().any(|found| found == code), "{code} has no row: {codes:?}");
    }
    let project = sample();
    let log = project.read("input/metrics/access.log");
    let nameless = ["rina", "marco", "sam", "tom"]
        .iter()
        .fold(log.clone(), |log, user| log.replace(&format!("- {user} ["), "- - ["));
    project.write("input/metrics/access.log", nameless).write("tieout.toml", "");
    let page = project.build().text("health.html");
    for needs in [
        "Not measurable: needs user names in the access log: an address or a browser is not a team",
        "Reduction: not measurable: needs go_live in [metrics] of tieout.toml.",
        "Half of the tickets opened (4 Mar 2026 to 18 Jun 2026) are closed within",
    ] {
        assert!(page.contains(needs), "{needs}\nis not in\n{page}");
    }
    project.write("input/metrics/access.log", log).remove("input/metrics/users.csv");
    assert!(project.build().text("health.html").contains("Not measurable: needs input/metrics/users.csv"));
}

#[test]
fn order_packing_and_copies_of_files_change_nothing() {
    // Goal: the figures follow from what is in the files. Method: rows and lines in reverse, the log split into a packed older
    // part and a newer one, and that part a second time; all figures as before.
    let plain = {
        let project = sample();
        project.build().read(EXPORT)
    };
    let project = sample();
    for name in
        ["tickets.csv", "users.csv", "active_lines.csv", "snapshot_vs_final.csv", "approved_to_paid.csv"]
    {
        let path = format!("input/metrics/{name}");
        let text = project.read(&path);
        let (header, rows) = text.split_once('\n').unwrap();
        let reversed: Vec<&str> = rows.lines().rev().collect();
        project.write(&path, format!("{header}\n{}\n", reversed.join("\n")));
    }
    let log = project.read("input/metrics/access.log");
    let lines: Vec<&str> = log.lines().collect();
    project.write("input/metrics/access.log", lines[4..].join("\n"));
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(lines[..4].join("\n").as_bytes()).unwrap();
    project.write("input/metrics/access.log.1.gz", packed.finish().unwrap());
    project.write("input/metrics/access.log.2", lines[..4].join("\n"));
    let (result, problems) = project.try_build();
    result.unwrap();
    assert!(problems.iter().any(|d| d.code == "metrics-file-twice" && d.file == "metrics/access.log.2"));
    assert_eq!(project.tree().read(EXPORT), plain);
}

#[test]
fn an_export_that_ends_early_is_not_taken_for_silence() {
    // Goal: a month that the tickets do not reach is no success. Method: the tickets of March and April alone, the last of which
    // was closed on 8 May; May has none, and the page says why that may be. A second file of tickets is not read on top.
    let project = sample();
    let tickets = project.read("input/metrics/tickets.csv");
    let old: Vec<&str> = tickets.lines().take(9).collect();
    project.write("input/metrics/tickets.csv", old.join("\n"));
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(tickets.as_bytes()).unwrap();
    project.write("input/metrics/tickets.csv.gz", packed.finish().unwrap());
    let (result, problems) = project.try_build();
    result.unwrap();
    assert!(problems.iter().any(|d| d.code == "metrics-file-twice" && d.file == "metrics/tickets.csv.gz"));
    let row = figure(&project.tree(), "Reduction of tickets per 100 active lines", "");
    assert_eq!((row["Counted"].as_str(), row["Figure"].as_str()), ("0", "100.0"));
    let note = "The last day that the tickets tell of is 8 May 2026: the month may not be complete.";
    assert!(row["Note"].starts_with(note), "{row:?}");
    let page = project.tree().text("health.html");
    assert!(page.contains("The tickets tell of 4 Mar 2026 to 8 May 2026: a day outside"), "{page}");
}

#[test]
fn verify_holds_the_site_against_these_files_too() {
    // Goal: figures of the metrics can be made again, and other files are noticed. Method: verify a site as built, then with a
    // ticket that was closed on another day.
    let project = sample();
    project.run(&["build"]).code(0);
    assert!(project.read("site/internal/manifest.json").contains("\"path\":\"metrics/tickets.csv\""));
    project.run(&["verify", "site"]).code(0);
    project.change_file(
        "input/metrics/tickets.csv",
        "T-12,2026-06-08,2026-06-10",
        "T-12,2026-06-08,2026-06-11",
    );
    let run = project.run(&["verify", "site"]).code(10);
    assert!((run.stderr + &run.stdout).contains("metrics/tickets.csv"));
}

/// Four snapshots of a small project, told as orders and lines; what is not named is as in `tests/discrepancies/_base`.
fn own(odd: [bool; 2]) -> Project {
    let project = Project::base();
    let orders = project.read("input/2026-06-18/orders.csv");
    let order = |id: &str, invoiced: &str| {
        format!(
            "{id},R-1,A-1,,INV-{id},{invoiced},{invoiced},SERVER,eu-1,intl,prepay,standard,2026-01-01,,USD,500.00,0.00,active\n"
        )
    };
    let late = order("O-4", "2026-05-20") + &order("O-5", "2026-05-21") + &order("O-8", "2026-04-11");
    let header = "line_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,period,base_amount,rate,calculated_amount,currency,status,status_date\n";
    let line = |id: &str, order: &str, period: &str, amount: &str, status: &str| {
        format!("{id},CORE,B-{period},{order},V-1,srv,compute,{period},,,{amount},USD,{status},\n")
    };
    let of = |two: &str, four: Option<(&str, &str)>, eight: Option<&str>| {
        let mut text = header.to_owned();
        text += &line("L-1", "O-1", "2026-05", "80.00", "CALCULATED");
        text += &line("L-2", "O-2", "2026-05", two, "CALCULATED");
        text += &line("L-3", "O-3", "2026-04", "80.00", "PAID");
        text +=
            &four.map_or_else(String::new, |(amount, status)| line("L-4", "O-4", "2026-05", amount, status));
        text + &eight.map_or_else(String::new, |status| line("L-8", "O-8", "2026-04", "40.00", status))
    };
    let word = |is_odd: bool| Some(if is_odd { "ODD" } else { "APPROVED" });
    for (day, orders, lines) in [
        ("2026-05-20", orders.clone(), of("150.00", None, None)),
        ("2026-06-01", orders.clone() + &late, of("150.00", None, word(odd[0]))),
        ("2026-06-09", orders.clone() + &late, of("160.00", Some(("30.00", "REVIEW")), word(false))),
        ("2026-06-18", orders.clone() + &late, of("160.00", Some(("40.00", "CALCULATED")), word(odd[1]))),
    ] {
        project.write(&format!("input/{day}/orders.csv"), orders);
        project.write(&format!("input/{day}/rebate_lines.csv"), lines);
    }
    project.remove("input/2026-06-18/control_totals.csv");
    project.change_file(
        "input/reference/periods.csv",
        "2026-05-01,2026-05-31,2026-06-10,,",
        "2026-05-01,2026-05-31,2026-06-10,2026-06-18,2026-06-18",
    );
    project
}

#[test]
fn our_own_snapshots_speak_where_no_file_does() {
    // Goal: active lines, final totals, missing rebates and recurrences come from the snapshots. Method: by hand.
    // Active at the end of May (20 May): L-1, L-2. In June (18 June): L-1, L-2, L-4, L-8. One ticket in each month.
    // Missing: O-4 and O-5 are without a line from 1 June on. O-4 has one under review on 9 June, which is not confirmed, and
    // one that is calculated on the 18th: 17 days. O-5 is open for 17 days: half are done by 17. The other orders of 1 June
    // have their line at once.
    // May is closed with 18 June: 80 + 160 + 40 = 280. The newest snapshot 7 to 14 days older is that of 9 June: 80 + 160 +
    // 30 = 270. None is 30 to 37 days older. 10 / 280 = 3.57 %.
    let project = own([true, true]);
    project.write("input/metrics/tickets.csv", "ticket_id,opened\nT-1,2026-05-04\nT-2,2026-06-04\n");
    let tree = project.build();
    let of = |measure: &str, from: &str| said(&figure(&tree, measure, from));
    assert_eq!(of("Tickets per 100 active lines", "2026-05-01"), "1 2: 50.000 (1.300 278.600)");
    assert_eq!(of("Tickets per 100 active lines", "2026-06-01"), "1 4: 25.000 (0.650 139.300)");
    assert_eq!(of("Half of the missing rebates confirmed within", ""), "1 2: 17 (17 )");
    assert_eq!(of("Snapshots against final totals (WAPE), 7 days before, USD", ""), "10.00 280.00: 3.57 ( )");
    assert_eq!(of("Bias of snapshots, 7 days before, USD", ""), "-10.00 280.00: -3.57 ( )");
    // A word that no map knows goes and comes back, goes for good, or was never there.
    let back = |odd| {
        let project = own(odd);
        let tree = project.build();
        let row = figure(&tree, "Resolved and back within 90 days", "2026-06-09");
        assert_eq!(row["Source"], "our own snapshots");
        (row["Counted"].parse::<i32>().unwrap(), row["Of"].parse::<i32>().unwrap())
    };
    let (twice, once) = (back([true, true]), back([true, false]));
    assert_eq!((twice.0 - once.0, twice.1 - once.1), (1, 0), "{twice:?} {once:?}");
}

#[test]
fn a_file_that_is_given_comes_before_our_own_snapshots() {
    // Goal: it is clear which of two sources holds. Method: the project of the test above with other numbers in files.
    let project = own([false, false]);
    project.write("input/metrics/tickets.csv", "ticket_id,opened\nT-1,2026-05-04\n");
    project.write("input/metrics/active_lines.csv", "month,active_lines\n2026-05,7\n");
    let totals =
        "program,period,currency,horizon_days,snapshot_total,final_total\nCORE,2026-05,USD,7,50.00,100.00\n";
    project.write("input/metrics/snapshot_vs_final.csv", totals);
    let tree = project.build();
    let lines = figure(&tree, "Tickets per 100 active lines", "2026-05-01");
    assert_eq!((lines["Of"].as_str(), lines["Source"].as_str()), ("7", "metrics/active_lines.csv"));
    let wape = figure(&tree, "Snapshots against final totals (WAPE), 7 days before, USD", "");
    assert_eq!(
        (wape["Figure"].as_str(), wape["Source"].as_str()),
        ("50.00", "metrics/snapshot_vs_final.csv")
    );
    let page = tree.text("health.html");
    assert!(page.contains("Active lines are those of metrics/active_lines.csv. A file that is given comes before our own snapshots."));
    assert!(page.contains("Left out, because the number of active lines is not known: June 2026."));
}

#[test]
fn an_article_is_held_against_the_tickets_before_and_after() {
    // Goal: M6 counts tickets of the kind, its cases and who had read the article. Method: by hand; the article is published on
    // 5 June. Before (6 April to 4 June): two tickets, and the snapshot of 1 June shows one case: 200 per 100. After, up to 18
    // June: one ticket and one case: 100 per 100; its team saw the article on the 6th, another team did after its own.
    let project = own([true, true]);
    let path = "content/kb/kb-unknown-status.md";
    let article = fs::read_to_string(repository().join(path)).unwrap();
    project.write(path, article.replacen("\nreviewed = ", "\npublished = \"2026-06-05\"\nreviewed = ", 1));
    project.write(
        "input/metrics/tickets.csv",
        "ticket_id,opened,requester_team,code\nT-1,2026-05-04,sales,unknown-status\nT-2,2026-06-04,sales,unknown-status\n\
         T-3,2026-06-10,sales,unknown-status\nT-4,2026-06-11,sales,short-paid\n",
    );
    project.write("input/metrics/users.csv", "user,team\nann,sales\nbob,finance\n");
    let view = |user: &str, day: &str| {
        format!(
            "192.0.2.7 - {user} [{day}/Jun/2026:09:00:00 +0000] \"GET /internal/kb/kb-unknown-status.html HTTP/1.1\" 200 1 \"-\" \"Mozilla/5.0\"\n"
        )
    };
    project.write("input/metrics/access.log", view("ann", "06") + &view("bob", "12"));
    let tree = project.build();
    let title = "Vendor status not in the status map";
    let measured: Vec<Row> = tree.rows(EXPORT).into_iter().filter(|row| row["Code"] == "M6").collect();
    let of = |words: &str| {
        let found = measured.iter().find(|row| row["Measure"].starts_with(words));
        found.unwrap_or_else(|| panic!("{words} is not in {measured:#?} ({title})"))
    };
    assert_eq!(said(of("Tickets per 100 cases, 60 days before")), "2 1: 200.000 (24.300 722.500)");
    assert_eq!(said(of("Tickets per 100 cases, 60 days after")), "1 1: 100.000 (2.600 557.200)");
    assert_eq!(of("Tickets per 100 cases, 60 days after")["Note"], "The 60 days go on.");
    let page = tree.text("health.html");
    assert!(page.contains("Measurable: 1 of 1 article and kind."), "{page}");
    assert!(page.contains("5 Jun 2026 200.000 2 tickets for 1 case; 95% interval 24.300 to 722.500 100.000 1 ticket for 1 case; 95% interval 2.600 to 557.200 2 1"), "{page}");
    project.write(path, article.replacen("\nreviewed = ", "\npublished = \"last week\"\nreviewed = ", 1));
    assert!(project.run(&["build"]).code(2).stderr.contains("published"));
}

#[test]
fn the_first_line_says_how_much_is_measured_and_how_sound_it_is() {
    // Goal: the page answers in its first line. Method: the sample, whose overview and checks are counted on the page itself; a
    // project without any file for the metrics.
    let lead = |page: &str| {
        let start = page.find("<p class=\"lead\"").expect("a lead");
        text_of(&page[start..start + page[start..].find("</p>").expect("its end")]).trim().to_owned()
    };
    let (project, bare) = (Project::sample(), Project::base());
    let tree = project.build();
    let table = tree.text_of_id("health.html", "metrics");
    let not = table.matches("Not measurable").count();
    let said = lead(&tree.read("health.html"));
    let (measured, of) = said.split_once(" of ").expect("a share");
    let of = of.split_once(' ').expect("a number").0;
    assert_eq!(measured.parse::<usize>().unwrap() + not, of.parse::<usize>().unwrap(), "{said}");
    let open = tree.text_of_id("health.html", "sound");
    let open = open.split(" things to look at").next().unwrap().rsplit(' ').next().unwrap();
    assert!(said.ends_with(&format!("{open} things that they rest on want a look.")), "{said}");
    assert!(lead(&bare.build().read("health.html")).contains("each other one says what it needs"));
}

//! The same input gives the same bytes, and the order of rows, files, columns and threads decides nothing (I-26, I-33).

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use tieout::ingest::{self, columns::FileKind};
use tieout::model::money::MoneyByCurrency;
use tieout::model::record::{Line, Order, Records};
use tieout::model::reference::AliasKind;
use tieout::normalize::{self, Snapshot, Snapshots};
use tieout::reconcile::{self, Materiality, Pass, Past, Subject};

use super::support::{Project, Row, Tree, assert_same, text_of};

/// A number sequence of our own, so that a failing order can be made again.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.next(last + 1));
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    // Goal: whoever builds, wherever and however, publishes the same bytes (reliability F8, F9). Method: the program on
    // copies of the sample: again, over an older site, with one and two threads, another locale, time zone, home,
    // working folder, an almost empty environment; every file of both checksum lists is equal.
    type Change = fn(&mut std::process::Command);
    let runs: [(&str, Change); 7] = [
        ("plain", |_| {}),
        ("again", |_| {}),
        ("one thread", |c| {
            c.args(["--jobs", "1"]);
        }),
        ("two threads", |c| {
            c.args(["--jobs", "2"]);
        }),
        ("locale and zone", |c| {
            c.env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Pacific/Kiritimati");
        }),
        ("home", |c| {
            c.env("HOME", "/nonexistent").env("USER", "somebody-else").env("SOURCE_DATE_EPOCH", "1");
        }),
        ("empty environment", |c| {
            c.env_clear();
        }),
    ];
    let mut expected: Option<(BTreeMap<String, String>, String)> = None;
    let again = Project::sample();
    for (name, change) in runs {
        let fresh = Project::sample();
        let place = if name == "plain" || name == "again" { &again } else { &fresh };
        let mut command = place.command();
        command.arg("build");
        change(&mut command);
        assert!(command.output().unwrap().status.success(), "{name}");
        let found = (place.tree().digest(), place.read("site/SHA256SUMS"));
        match &expected {
            None => expected = Some(found),
            Some((tree, sums)) => {
                let differing: Vec<_> =
                    found.0.iter().filter(|(path, hash)| tree.get(*path) != Some(hash)).collect();
                assert!(differing.is_empty() && found.0.len() == tree.len(), "{name}: {differing:?}");
                assert_same(name, &found.1, sums);
            }
        }
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = again.command();
    command
        .current_dir(elsewhere.path())
        .arg("build")
        .arg("--input")
        .arg(again.path("input"))
        .arg("--output")
        .arg("out");
    assert!(command.output().unwrap().status.success());
    let tree = Tree { root: elsewhere.path().join("out/internal") };
    assert_eq!(Some(tree.digest()), expected.map(|(tree, _)| tree), "another working folder");
}

#[test]
fn the_site_holds_no_trace_of_the_machine() {
    // Goal: no path, user, host or clock in what is published (reliability T18). Method: look for this project's folder,
    // for the user's name and for today's date in every file.
    let project = Project::sample();
    let tree = project.build();
    let folder = project.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    let today = today();
    for path in tree.paths() {
        let text = String::from_utf8_lossy(&fs::read(tree.root.join(&path)).unwrap()).into_owned();
        assert!(!text.contains(&folder), "{path} holds {folder}");
        assert!(!text.contains(&today), "{path} holds {today}");
    }
}

/// Today as `2027-01-31`, by the calendar of `date`.
fn today() -> String {
    let output = std::process::Command::new("date").arg("+%Y-%m-%d").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Shuffles the rows of every file of an input, each header staying first.
fn shuffle_files(project: &Project, sequence: &mut Sequence) {
    for entry in walkdir::WalkDir::new(project.path("input")).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let text = fs::read_to_string(entry.path()).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            sequence.shuffle(&mut lines[1..]);
            fs::write(entry.path(), lines.join("\n") + "\n").unwrap();
        }
    }
}

/// A text without what is a fact about the files rather than about their content: physical lines and checksums.
///
/// Masked are: 64 and 12 hex digits (checksums of files, rows and the record set), `file.csv:7`, `file.csv, row 7`, `file.csv, line 7`, `file.csv line 7`,
/// `file-csv-7` in anchors, and numbers in cells of a column `Row` or `Line`. All else, above all every order of rows,
/// links and words, must be equal.
fn masked(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let bytes = html.as_bytes();
    let mut at = 0;
    let is_word = |b: u8| b.is_ascii_alphanumeric();
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|b| is_word(**b)).count();
        if end == at {
            let c = html[at..].chars().next().unwrap();
            text.push(c);
            at += c.len_utf8();
            continue;
        }
        let word = &html[at..end];
        let is_hex = word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_number = word.bytes().all(|b| b.is_ascii_digit());
        let is_place = [
            ".csv:",
            "-csv-",
            ".csv, row ",
            ".csv, line ",
            ".csv line ",
            "data-l=\"Row\" class=\"n\">",
            "data-l=\"Line\" class=\"n\">",
        ]
        .iter()
        .any(|mark| text.ends_with(mark));
        if is_hex && (word.len() == 64 || word.len() == 12) && !is_number {
            text.push('#');
        } else if is_number && is_place {
            text.push('?');
        } else {
            text.push_str(word);
        }
        at = end;
    }
    text
}

/// A page without the checksum of its style sheet and without the sizes of the files of a pack, which name lines.
fn unstyled(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("'sha256-") {
        let end = at + 8 + rest[at + 8..].find('\'').unwrap();
        text.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    text.push_str(rest);
    let ends = [".xlsx</bdi>", ".csv</bdi>", ".json</bdi>", "close-pack.html</bdi>"];
    let is_kept =
        |part: &&str| !(part.contains("/close/2026-0") && ends.iter().any(|end| part.contains(end)));
    text.split("<tr>").filter(is_kept).collect::<Vec<_>>().join("<tr>")
}

/// Columns of data files that are places or checksums.
const PLACES: [&str; 9] =
    ["source_line", "line", "Line", "SHA-256", "Record", "Row", "Bytes", "sha256", "evidence"];

/// The rows of a CSV file without places.
fn placeless(text: &str) -> Vec<Row> {
    let mut rows = super::support::rows(text);
    for row in &mut rows {
        row.retain(|column, _| !PLACES.contains(&column.as_str()));
        for value in row.values_mut() {
            *value = masked(value);
        }
    }
    rows
}

/// Files whose content is checksums of other files.
const CHECKSUMS: [&str; 2] = ["SHA256SUMS", "manifest.json"];

#[test]
fn shuffled_rows_give_the_same_site() {
    // Goal: the order in which an export happens to write its rows decides nothing, not even an order on a page. Method:
    // shuffle all rows of all files of the sample, twice; every file of the tree is the same once places (lines and
    // checksums, which are facts about the input files) are masked.
    let original = super::support::sample();
    let paths = original.tree.paths();
    for seed in [1, 20_260_618] {
        let project = Project::sample();
        shuffle_files(&project, &mut Sequence(seed));
        let tree = project.build();
        assert_eq!(tree.paths(), paths, "the same files");
        let is_of_checksums = |path: &&String| {
            // A workbook holds what the CSV files of its pack hold; the style of a document names the pack's checksum.
            CHECKSUMS.iter().any(|name| path.ends_with(name)) || path.ends_with(".xlsx")
        };
        for path in paths.iter().filter(|path| !is_of_checksums(path)) {
            let (found, expected) = (tree.read(path), original.tree.read(path));
            if found == expected {
                continue;
            }
            if path.ends_with(".csv") {
                let (found, expected) = (placeless(&found), placeless(&expected));
                let differing = found.iter().zip(&expected).find(|(a, b)| a != b);
                assert!(found == expected, "{path}, shuffle {seed}: {differing:#?}");
            } else {
                let split = |html: &str| masked(&unstyled(html)).replace("</", "\n</");
                assert_same(&format!("{path}, shuffle {seed}"), &split(&found), &split(&expected));
            }
        }
    }
}

#[test]
fn masking_leaves_everything_but_places() {
    // Goal: the comparison above can fail. Method: what must be masked, and near misses that must not.
    let hash = "0123456789abcdef".repeat(4);
    assert_eq!(masked(&format!("<code>{hash}</code>")), "<code>#</code>");
    assert_eq!(
        masked("2026-06-18/orders.csv:12 or orders.csv, line 7"),
        "2026-06-18/orders.csv:? or orders.csv, line ?"
    );
    assert_eq!(masked("$1,900.00 of 12 orders, L-1003"), "$1,900.00 of 12 orders, L-1003");
    assert_eq!(masked("deadbeef 123456789012"), "deadbeef 123456789012");
    assert_eq!(text_of("<td>a</td><td>b</td>"), "a b");
}

// ---- Properties over small made-up inputs, at library level ----

/// One made-up order.
#[derive(Debug, Clone)]
struct MadeOrder {
    id: u8,
    account: u8,
    month: u8,
    net: u32,
    has_invoice: bool,
    shares_invoice: bool,
    subscription: Option<u8>,
    is_copied: bool,
    currency: u8,
}

/// One made-up rebate line.
#[derive(Debug, Clone)]
struct MadeLine {
    refers_to: u8,
    id: u8,
    account: u8,
    month: u8,
    amount: u32,
    damage: u8,
    status: u8,
    spelling: u8,
    currency: u8,
}

/// Few accounts, so that several orders share one; 0 is in no map.
fn made_account() -> impl Strategy<Value = u8> {
    prop_oneof![1 => Just(0_u8), 7 => Just(1_u8), 2 => Just(2_u8), 1 => Just(3_u8)]
}

fn made_order() -> impl Strategy<Value = MadeOrder> {
    let flags = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::weighted(0.8, 0..2_u8),
        proptest::bool::weighted(0.15),
    );
    (0..8_u8, made_account(), 4..7_u8, 1..900_000_u32, flags, 0..8_u8).prop_map(
        |(id, account, month, net, (has_invoice, shares_invoice, subscription, is_copied), currency)| {
            MadeOrder {
                id,
                account,
                month,
                net,
                has_invoice,
                shares_invoice,
                subscription,
                is_copied,
                currency,
            }
        },
    )
}

fn made_line() -> impl Strategy<Value = MadeLine> {
    (0..5_u8, 0..8_u8, made_account(), 4..7_u8, 0..99_999_u32, 0..12_u8, 0..6_u8, 0..4_u8, 0..8_u8).prop_map(
        |(refers_to, id, account, month, amount, damage, status, spelling, currency)| MadeLine {
            refers_to,
            id,
            account,
            month,
            amount,
            damage,
            status,
            spelling,
            currency,
        },
    )
}

fn currency(number: u8) -> &'static str {
    if number == 0 { "EUR" } else { "USD" }
}

fn amount(minor: u32) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// The files of a made-up snapshot over the reference data of the base, with aliases of orders and accounts.
struct Made {
    orders: Vec<String>,
    lines: Vec<String>,
    /// Amounts of all lines that can be read, per currency, in minor units.
    readable: BTreeMap<&'static str, i128>,
}

const ORDERS_HEADER: &str = "order_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,site,\
                             billing_model,contract_type,currency,net_amount";
const LINES_HEADER: &str = "line_id,program_id,order_ref,account_ref,sku_ref,period,base_amount,rate,calculated_amount,currency,status,status_date";
const ALIASES: &str = "own_id,vendor_id,kind\nO-1,VENDOR-7,order\nA-3,V-1,account\n";

fn make(orders: &[MadeOrder], lines: &[MadeLine]) -> Made {
    let mut made = Made { orders: Vec::new(), lines: Vec::new(), readable: BTreeMap::new() };
    let mut seen = BTreeSet::new();
    for order in orders.iter().filter(|order| seen.insert(order.id)) {
        let invoice = match (order.has_invoice, order.shares_invoice) {
            (false, _) => String::new(),
            (true, true) => format!("INV-S{}", order.account),
            (true, false) => format!("INV-{}", order.id),
        };
        let subscription = order.subscription.map_or(String::new(), |s| format!("SUB-{s}"));
        let row = format!(
            "O-{},A-{},{subscription},{invoice},2026-{:02}-20,2026-{:02}-10,SERVER,eu-1,intl,prepay,standard,{},{}",
            order.id,
            order.account,
            order.month,
            order.month,
            currency(order.currency),
            amount(order.net)
        );
        made.orders.push(row.clone());
        if order.is_copied {
            made.orders.push(row);
        }
    }
    for (number, line) in lines.iter().enumerate() {
        let (id, account) = (line.id, line.account);
        let reference = match line.refers_to {
            0 | 1 => ["O-", "o ", "O", "o_"][usize::from(line.spelling)].to_owned() + &id.to_string(),
            2 => format!("INV-S{account}"),
            3 => format!("SUB-{}", id % 2),
            _ if id < 4 => "vendor 7".to_owned(),
            _ => format!("INV-{id}"),
        };
        let status =
            ["PENDING", "CALCULATED", "REVIEW", "APPROVED", "REJECTED", "PROC_9"][usize::from(line.status)];
        let text = match line.damage {
            0 => "8O.00".to_owned(),
            1 => "1e3".to_owned(),
            _ => amount(line.amount),
        };
        if line.damage > 1 {
            *made.readable.entry(currency(line.currency)).or_default() += i128::from(line.amount);
        }
        made.lines.push(format!(
            "L-{number},CORE,{reference},V-{account},srv,2026-{:02},{},0.08,{text},{},{status},2026-06-10",
            line.month,
            amount(line.amount.saturating_mul(12)),
            currency(line.currency),
        ));
    }
    made
}

/// Reads and reconciles made-up files without any folder of a site.
fn with_snapshot<T>(made: &Made, look: impl FnOnce(&Snapshot, &reconcile::Reconciled<'_>) -> T) -> T {
    let project = Project::base();
    let text = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
    project.write("input/2026-06-18/orders.csv", text(ORDERS_HEADER, &made.orders));
    project.write("input/2026-06-18/rebate_lines.csv", text(LINES_HEADER, &made.lines));
    project.write("input/reference/aliases.csv", ALIASES);
    let ((files, input), _) = ingest::read_all(&project.path("input")).unwrap();
    let ((reference, _, _), _) = normalize::reference(&files, &input, input.snapshots().next_back().unwrap());
    let delta = BTreeSet::new();
    let as_of = input.snapshots().next().unwrap();
    let (snapshot, _) = Snapshots::new(&files, &input, &delta).at(as_of, &reference);
    look(&snapshot, &reconcile::reconcile(&snapshot, &reference, &Past::default(), &Materiality::new()))
}

/// The cases in words, without the places of rows.
fn in_words(snapshot: &Snapshot, reconciled: &reconcile::Reconciled<'_>) -> Vec<String> {
    let records = &snapshot.records;
    let mut words: Vec<String> = reconciled
        .cases
        .iter()
        .map(|case| {
            let subject = match case.subject {
                Subject::Line(n) => format!("line {}", records.lines[n as usize].id),
                Subject::Order(n) => format!("order {}", records.orders[n as usize].id),
                Subject::Row(n) => format!("row of {:?}", snapshot.quarantined[n as usize].line),
                other @ (Subject::Payout(_) | Subject::Feed(_) | Subject::Adjustment(_)) => {
                    format!("{other:?}")
                }
            };
            let findings: Vec<_> = case
                .findings
                .iter()
                .map(|f| (f.kind.code(), f.direction.label(), f.amount.map(|m| m.to_string())))
                .collect();
            format!("{subject}: {:?} {:?} {findings:?}", case.orders, case.period)
        })
        .collect();
    words.sort();
    words
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_money_are_conserved(
        orders in proptest::collection::vec(made_order(), 0..16),
        lines in proptest::collection::vec(made_line(), 1..14),
    ) {
        // Goal: nothing is lost and nothing counted twice (I-1, I-2, I-4, I-15). Method: made-up orders and lines with
        // copies and damage; counts of every file; calculated amounts loaded = readable amounts of the file, less those of
        // rows set aside; every line in one case, every order matched or in one case; shares sum to their line.
        let made = make(&orders, &lines);
        with_snapshot(&made, |snapshot, reconciled| {
            for used in &snapshot.uses {
                prop_assert!(used.counts.is_conserved());
            }
            let [of_orders, of_lines] = [FileKind::Orders, FileKind::RebateLines].map(|kind| {
                snapshot.quarantined.iter().filter(|q| q.kind == kind).count()
            });
            prop_assert_eq!(snapshot.records.lines.len() + of_lines, made.lines.len());
            let copies: usize = snapshot.records.orders.iter().map(|o| o.origin.copies.len()).sum();
            prop_assert_eq!(snapshot.records.orders.len() + copies + of_orders, made.orders.len());

            let mut loaded = MoneyByCurrency::default();
            loaded.extend(snapshot.records.lines.iter().filter_map(|l| l.amount_calculated));
            for row in snapshot.quarantined.iter().filter(|q| q.amount.is_some() && !q.is_amount_implied) {
                loaded.add(row.amount.unwrap());
            }
            for (code, minor) in &made.readable {
                let sum = loaded.iter().find(|m| m.currency().code() == *code).map_or(0, |m| m.minor());
                prop_assert_eq!(sum, *minor, "{}", code);
            }

            let count = |wanted: Subject| reconciled.cases.iter().filter(|c| c.subject == wanted).count();
            for number in 0..snapshot.records.lines.len() {
                let number = u32::try_from(number).unwrap();
                prop_assert_eq!(count(Subject::Line(number)), 1);
                let found = reconciled.matching.of_line(number);
                if let Some(whole) = snapshot.records.lines[number as usize].amount_calculated && !found.shares.is_empty() {
                    let parts: i128 = found.shares.iter().map(|s| s.amount_calculated.unwrap().minor()).sum();
                    prop_assert_eq!(parts, whole.minor());
                }
            }
            for number in 0..snapshot.records.orders.len() {
                let number = u32::try_from(number).unwrap();
                let is_matched = !reconciled.matching.of_order(number).is_empty();
                prop_assert_eq!(count(Subject::Order(number)), usize::from(!is_matched));
            }
            for case in &reconciled.cases {
                prop_assert!(case.findings.windows(2).all(|pair| pair[0].kind.rank() < pair[1].kind.rank()));
                prop_assert!(case.findings.iter().all(|f| f.amount.is_none_or(|m| !m.is_negative())));
            }
            Ok(())
        })?;
    }

    #[test]
    fn shuffling_rows_changes_no_case(
        orders in proptest::collection::vec(made_order(), 1..16),
        lines in proptest::collection::vec(made_line(), 1..14),
        seed in any::<u64>(),
    ) {
        // Goal: matching and explaining do not depend on the order of rows (I-33). Method: the same rows in another order.
        let made = make(&orders, &lines);
        let before = with_snapshot(&made, in_words);
        let mut sequence = Sequence(seed);
        let mut shuffled = Made { orders: made.orders.clone(), lines: made.lines.clone(), readable: BTreeMap::new() };
        sequence.shuffle(&mut shuffled.orders);
        sequence.shuffle(&mut shuffled.lines);
        prop_assert_eq!(with_snapshot(&shuffled, in_words), before);
    }

    #[test]
    fn the_matcher_agrees_with_all_pairs(
        orders in proptest::collection::vec(made_order(), 0..16),
        lines in proptest::collection::vec(made_line(), 1..14),
    ) {
        // Goal: the indexed matcher finds what the rules say (domain 2.2, passes 0, 1, 2 and 5). Method: an oracle written
        // differently on purpose: every line against every order, pass by pass, on plain texts.
        let made = make(&orders, &lines);
        let all = with_snapshot(&made, |snapshot, reconciled| {
            (0..snapshot.records.lines.len()).map(|number| {
                let found = reconciled.matching.of_line(u32::try_from(number).unwrap());
                let ids: Vec<String> = found.shares.iter().map(|s| snapshot.records.orders[s.order as usize].id.to_string()).collect();
                let line = &snapshot.records.lines[number];
                (line.id.to_string(), (found.pass, ids), oracle(line, &snapshot.records, &reconciled.rules.reference.aliases))
            }).collect::<Vec<_>>()
        });
        for (line, found, expected) in all {
            prop_assert_eq!(found, expected, "{}", line);
        }
    }
}

#[test]
fn the_made_up_inputs_reach_every_pass() {
    // Goal: the properties above are not empty. Method: inputs of a fixed sequence; lines of each pass, lines of none,
    // lines over several orders, and lines where the period decides between orders of one subscription all occur often.
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let inputs =
        (proptest::collection::vec(made_order(), 0..16), proptest::collection::vec(made_line(), 1..14));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..64 {
        let (orders, lines) = inputs.new_tree(&mut runner).unwrap().current();
        with_snapshot(&make(&orders, &lines), |snapshot, reconciled| {
            for (number, line) in (0..).zip(&snapshot.records.lines) {
                let found = reconciled.matching.of_line(number);
                let mut count = |what: &str| *counts.entry(what.to_owned()).or_default() += 1;
                count(found.pass.map_or("no order", Pass::label));
                if found.shares.len() > 1 {
                    count("several orders");
                }
                let reference = folded(line.order_ref.raw());
                let named = snapshot.records.orders.iter().filter(|order| {
                    let subscription = order.subscription.map(|s| folded(s.raw()));
                    let own = folded(order.account.raw()).replace('A', "V");
                    subscription == Some(reference.clone())
                        && line.account_ref.is_some_and(|a| folded(a.raw()) == own)
                });
                if found.pass == Some(Pass::Subscription) && named.count() > found.shares.len() {
                    count("chosen by period");
                }
            }
        });
    }
    for what in [
        "confirmed alias",
        "order ID",
        "invoice ID and account",
        "subscription ID and account",
        "no order",
        "several orders",
        "chosen by period",
    ] {
        assert!(counts.get(what).is_some_and(|count| *count >= 8), "{what}: {counts:?}");
    }
}

/// An id as the rules fold it, for the plain ASCII ids of these tests.
fn folded(id: &str) -> String {
    id.to_uppercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}

/// What the rules say about one line: the pass, and the orders in the order of their ids.
fn oracle(
    line: &Line,
    records: &Records,
    aliases: &[tieout::model::reference::Alias],
) -> (Option<Pass>, Vec<String>) {
    let reference = folded(line.order_ref.raw());
    let account = line.account_ref.map(|a| folded(a.raw()));
    let is_alias = |kind: AliasKind, own: &str, vendor: &str| {
        aliases.iter().any(|a| a.kind == kind && folded(&a.own) == folded(own) && folded(&a.vendor) == vendor)
    };
    // The accounts map of the base: A-1 is V-1, A-2 is V-2, A-3 is V-3; A-0 is not in it. An alias counts for a known one.
    let is_mapped = |order: &Order, theirs: &str| {
        let own = folded(order.account.raw());
        let mapped = ["A1", "A2", "A3"].contains(&own.as_str());
        mapped
            && (own.replace('A', "V") == theirs || is_alias(AliasKind::Account, order.account.raw(), theirs))
    };
    let same_account = |order: &Order| account.as_deref().is_some_and(|theirs| is_mapped(order, theirs));
    let in_period =
        |order: &Order| order.invoice_date.unwrap().to_string().starts_with(&line.period.to_string());
    let names = |of: &[&Order]| of.iter().map(|o| o.id.to_string()).collect::<Vec<_>>();
    type Holds<'h> = Box<dyn Fn(&Order) -> bool + 'h>;
    let passes: [(Pass, Holds<'_>, bool); 4] = [
        (Pass::Alias, Box::new(|o| is_alias(AliasKind::Order, o.id.raw(), &reference)), false),
        (Pass::OrderId, Box::new(|o| folded(o.id.raw()) == reference), false),
        (
            Pass::Invoice,
            Box::new(|o| o.invoice.is_some_and(|i| folded(i.raw()) == reference) && same_account(o)),
            true,
        ),
        (
            Pass::Subscription,
            Box::new(|o| o.subscription.is_some_and(|s| folded(s.raw()) == reference) && same_account(o)),
            true,
        ),
    ];
    for (pass, holds, prefers_period) in &passes {
        let mut found: Vec<&Order> = Vec::new();
        for order in &records.orders {
            if holds(order) {
                found.push(order);
            }
        }
        if *prefers_period && found.iter().any(|o| in_period(o)) {
            found.retain(|o| in_period(o));
        }
        if !found.is_empty() {
            found.sort_by_key(|o| folded(o.id.raw()));
            return (Some(*pass), names(&found));
        }
    }
    (None, Vec::new())
}

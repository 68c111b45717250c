//! Close packs of made-up projects: random lines, snapshots that disagree, closes, journals, ledgers, payouts and
//! adjustments. Whatever a vendor sends, a pack can be made, and what only the program could get wrong is right.

use proptest::prelude::*;

use tieout::pipeline::customers;
use tieout::pipeline::pack::Packed;

use super::engine_files::{Files, write};
use super::engine_world::{Line, World, amount, bytes, make};
use super::support::Project;
use super::support::config;

/// What a check says that can only fail through the program itself.
const BUG: &str = "this is a bug of the program";

fn pick<T: Copy>(byte: u8, choices: &[T]) -> T {
    choices[usize::from(byte) % choices.len()]
}

/// An amount of minor units, sometimes more than a spreadsheet or a float can hold.
fn minor(b: &[u8; 8]) -> i128 {
    let plain = i128::from(b[6]) * 37 - i128::from(b[7]) * 11;
    match b[5] % 16 {
        15 => plain * 1_000_000_000_000_007 + 1,
        14 => 0,
        _ => plain,
    }
}

/// Lines as another snapshot knew them: gone, moved, in other currencies, statuses and programs.
fn other(lines: &[Line], more: &[[u8; 8]]) -> Vec<Line> {
    let mut all = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let b = more[number % more.len()];
        let line = line.clone();
        all.push(match b[1] % 10 {
            0 | 1 => continue,
            2 => {
                Line { period: pick(b[2], &["2026-03", "2026-04", "2026-05", "2026-06"]).to_owned(), ..line }
            }
            3 => Line { currency: pick(b[2], &["USD", "EUR", "JPY"]), ..line },
            4 => {
                Line { status: pick(b[2], &["PAID", "CALCULATED", "REJECTED", "PROC_9", "PENDING"]), ..line }
            }
            5 => Line { program: pick(b[2], &["FLAT", "STEP", "XTRA", "WHAT"]), ..line },
            6 => Line { calculated: Some(minor(&b)), ..line },
            7 => Line { calculated: None, paid: Some(minor(&b)), payout: "P-1", ..line },
            8 => Line { id: format!("{}-ELSE", line.id), ..line },
            _ => line,
        });
    }
    all
}

/// The files of a world with books around it.
fn files(world: &World, more: &[[u8; 8]]) -> Files {
    let first = more[0];
    let mut world = world.clone();
    let early = other(&world.lines, more);
    if first[2] % 2 == 1 {
        world.before = Some(other(world.before.as_deref().unwrap_or(&world.lines), &more[more.len() / 2..]));
    }
    if first[3] % 4 == 3 {
        world.lines = other(&world.lines, more);
    }
    let mut files = world.files();
    if first[4] % 2 == 1 {
        let as_first = World { before: Some(early), ..world.clone() }.files();
        for name in ["orders", "rebate_lines"] {
            files.insert(
                format!("2026-05-08/{name}.csv"),
                as_first[&format!("2026-06-01/{name}.csv")].clone(),
            );
        }
    }
    let closes = ["", "2026-05-08", "2026-06-01", "2026-06-18", "2026-05-01"];
    let closed = |byte: u8| {
        let with = pick(byte, &closes);
        if with.is_empty() { ",".to_owned() } else { format!("{with},{with}") }
    };
    let june = pick(
        first[1],
        &[
            "2026-06,2026-06-01,2026-06-30,2026-07-10,,",
            "2026-06,2026-06-01,2026-06-30,2026-07-10,2026-06-18,2026-06-18",
            "2026-06,2026-05-29,2026-06-14,,,",
            "2026-06,2026-06-30,2026-06-01,2026-07-10,,",
            "",
        ],
    );
    files.insert(
        "reference/periods.csv".into(),
        (
            "period,start,end,vendor_final_date,closed_on,close_snapshot".into(),
            vec![
                format!("2026-03,2026-03-01,2026-03-31,2026-04-07,{}", closed(first[5])),
                format!("2026-04,2026-04-01,2026-04-30,2026-05-07,{}", closed(first[6])),
                format!("2026-05,2026-05-01,2026-05-31,2026-06-10,{}", closed(first[7])),
                june.into(),
            ],
        ),
    );
    let day = |byte: u8| {
        pick(
            byte,
            &[
                "2026-03-31",
                "2026-04-30",
                "2026-05-01",
                "2026-05-31",
                "2026-06-01",
                "2026-06-18",
                "2026-07-01",
            ],
        )
    };
    let mut rows: [Vec<String>; 5] = std::array::from_fn(|_| Vec::new());
    for (number, b) in more.iter().enumerate() {
        let currency = pick(b[1], &["USD", "USD", "EUR", "JPY", "KWD"]);
        let amount = match currency {
            "KWD" => format!("{}", minor(b)),
            _ => amount(minor(b), currency),
        };
        let line = match b[2] % 8 {
            6 => "L-000-ELSE".to_owned(),
            7 => "NOWHERE".to_owned(),
            5 => String::new(),
            _ => format!("L-{:03}", usize::from(b[2]) % world.lines.len().max(1)),
        };
        let program = pick(b[3], &["", "", "FLAT", "STEP", "WHAT"]);
        match b[0] % 5 {
            0 => {
                let kind = pick(b[3], &["", "write-off", "manual", "ledger-only"]);
                let entered = pick(b[4] / 7, &["", "", "2026-05-08", "2026-06-02", "2026-06-19"]);
                rows[0].push(format!(
                    "J-{number},{},{currency},{amount},{kind},{line},{program},{},{entered}",
                    day(b[4]),
                    pick(b[5], &["", day(b[6])])
                ));
            }
            1 => rows[1].push(format!(
                "{},{currency},{amount},1200,{program}",
                pick(b[4], &["2026-03", "2026-04", "2026-05", "2026-06"])
            )),
            2 => {
                let period = pick(b[5], &["", "2026-04", "2026-05", "2026-06"]);
                let reason = pick(b[6], &["", "REFUND", "FEE", "ELIGIBILITY", "WHAT"]);
                let reference = pick(b[7], &["", "P-1", "P-2", "CAN-1"]);
                rows[2].push(format!(
                    "X-{number},{line},{amount},{currency},{reason},{reference},{},{program},{period}",
                    day(b[4])
                ));
            }
            3 => rows[3].push(format!(
                "P-{},{},{currency},{amount},{},BK",
                b[2] % 4,
                day(b[4]),
                pick(b[3], &["transfer", "credit", "coupon", ""])
            )),
            _ => rows[4].push(format!(
                "{},{},USD,{},{}",
                day(b[4]),
                pick(b[1], &["EUR", "JPY", "KWD"]),
                pick(b[5], &["1.1", "0.0067", "3.25", "123456.789"]),
                pick(b[6], &["closing", "average", "transaction"])
            )),
        }
    }
    let [journals, ledger, adjustments, mut payouts, fx] = rows;
    let mut put = |path: &str, header: &str, rows: Vec<String>| {
        files.insert(path.to_owned(), (header.to_owned(), rows));
    };
    put(
        "reference/journals.csv",
        "journal_id,journal_date,currency,amount,kind,line_id,program_id,posted_on,entered_on",
        journals,
    );
    put("reference/ledger.csv", "period,currency,balance,account,program_id", ledger);
    put("reference/fx.csv", "date,from,to,rate,kind", fx);
    if !adjustments.is_empty() {
        put(
            "2026-06-18/adjustments.csv",
            "adjustment_id,line_id,amount,currency,reason_code,reference,adjustment_date,program_id,period",
            adjustments,
        );
    }
    payouts.push("P-7,2026-06-01,USD,80.00,transfer,BK-1".into());
    put("2026-06-18/payouts.csv", "payout_id,paid_date,currency,amount,form,bank_ref", payouts);
    files
}

/// The checks of a pack that the program itself got wrong.
fn bugs(packed: &Packed) -> Vec<&(String, String)> {
    packed.unsettled.iter().filter(|(_, words)| words.starts_with("fail") && words.contains(BUG)).collect()
}

/// Makes the pack of a month; `None` where there is nothing to close.
fn packed(project: &Project, month: &str, snapshot: Option<&str>) -> Option<Packed> {
    match project.try_pack(month, snapshot) {
        Ok(packed) => Some(packed),
        Err(tieout::error::Error::Usage { .. }) => None,
        Err(error) => panic!("{month} at {snapshot:?}: {error}"),
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn a_pack_of_anything_can_be_made_and_holds_no_bug(
        made in bytes(6, 9),
        more in proptest::collection::vec(proptest::array::uniform8(any::<u8>()), 1..14),
    ) {
        // Goal: no input makes a pack whose formulas differ from their values, whose identities break, or in which a check
        // fails that only the program could get wrong (I-5, I-7, I-8, I-9, I-16). Method: made-up lines, snapshots that
        // disagree, closes with any snapshot, journals, ledgers, payouts and adjustments of any line, program, month and
        // currency; the packs of three months as known then and now.
        let world = make(&made);
        let project = write(&files(&world, &more));
        let delta = if more[0][0] % 8 == 7 { "[[source]]\nkind = \"rebate_lines\"\nmode = \"delta\"\n" } else { "" };
        project.write("tieout.toml", format!("functional_currency = \"USD\"\n{delta}"));
        for month in ["2026-04", "2026-05", "2026-06"] {
            for snapshot in [None, Some("2026-06-18")].into_iter().take(if month == "2026-06" { 1 } else { 2 }) {
                if let Some(packed) = packed(&project, month, snapshot) {
                    let bugs = bugs(&packed);
                    prop_assert!(bugs.is_empty(), "{} at {:?}: {:#?}", month, snapshot, bugs);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_site_of_anything_can_be_built(
        made in bytes(6, 9),
        more in proptest::collection::vec(proptest::array::uniform8(any::<u8>()), 1..14),
    ) {
        // Goal: the same for a whole site: all its identities hold, every link leads somewhere, and the closed months have
        // their packs. Method: builds of such projects.
        let project = write(&files(&make(&made), &more));
        let (result, problems) = project.try_build();
        if let Err(error) = result {
            panic!("{error}\n{}", super::support::in_words(&problems));
        }
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn customers_of_anything_have_our_sums_and_nothing_else(
        made in bytes(6, 9),
        more in proptest::collection::vec(proptest::array::uniform8(any::<u8>()), 1..14),
    ) {
        // Goal: whatever the input, a customer's sums are ours and the scan raises no false alarm (I-22, I-23). Method: the
        // trees of such projects, with each least number of lines; making them checks both and fails where one does not hold.
        let project = write(&files(&make(&made), &more));
        for least in 1..4 {
            project.write(
                "tieout.toml",
                format!("[customers]\nkey_env = \"{}\"\nmin_purchases = {least}\n", super::support::SECRET),
            );
            let trees = project.reconcile(|seen| {
                customers::make(seen.report, seen.loaded, &project.options(), &|_| Ok(()))
            });
            prop_assert!(trees.is_ok(), "{least}: {:?}", trees.err());
        }
    }
}

#[test]
fn a_month_can_have_nothing_but_an_adjustment() {
    // Goal: cases of an adjustment name its month, and link to the page of the month only where there is one. Method: the
    // smallest project in which there is none.
    let more = [[0, 0, 128, 0, 0, 0, 0, 0], [207, 30, 86, 0, 0, 13, 0, 0]];
    let project = write(&files(&make(&(vec![[0; 16]], vec![[0; 20]])), &more));
    let tree = project.build();
    let page = tree.read("discrepancy/unsupported-adjustment.html");
    assert!(page.contains("April 2026") && !tree.has("period/2026-04.html"), "{page}");
}

#[test]
fn a_row_that_a_newer_file_replaces_is_listed_where_its_file_is() {
    // Goal: rows set aside by file are rows set aside, listed (C-13), and nothing is asked of a row that a newer file
    // replaces. Method: a newer extract gives May again; the older one, which alone gives April, has rows of April, of May and
    // of no month that could not be read, and one of a line that the newer one has.
    let project = Project::base();
    let newer = project.read("input/2026-06-18/rebate_lines.csv");
    let (newer, april) = newer.split_at(newer.find("L-3").expect("the line of April"));
    let header = newer.lines().next().expect("a header");
    let row = |line: &str, month: &str, amount: &str| {
        format!(
            "{line},CORE,B-0,O-3,V-1,srv,compute,{month},1000.00,0.08,{amount},USD,APPROVED,,2026-05-01,,,"
        )
    };
    let older = [
        row("OLD-1", "2026-04", "eighty"),
        row("OLD-2", "2026-05", "eighty"),
        row("OLD-3", "May", "80.00"),
        row("L-1", "May", "80.00"),
    ];
    project.write("input/2026-05-08/rebate_lines.csv", format!("{header}\n{april}{}\n", older.join("\n")));
    project.write("input/2026-06-18/rebate_lines.csv", newer).remove("input/2026-06-18/control_totals.csv");
    project.reconcile(|seen| {
        let names = |rows: &[tieout::normalize::Quarantined]| -> Vec<_> {
            rows.iter().filter_map(|row| row.line.map(|line| line.raw().to_owned())).collect()
        };
        assert_eq!(names(&seen.reconciled.snapshot.quarantined), ["OLD-1", "OLD-3"]);
        assert_eq!(names(&seen.reconciled.snapshot.replaced), ["OLD-2", "L-1"]);
    });
    let packed = project.try_pack("2026-05", None).expect("a pack");
    assert!(bugs(&packed).is_empty(), "{:#?}", packed.unsettled);
    let tree = project.build();
    let rows = tree.text_of_id("quarantine.html", "rows");
    assert_eq!(rows.matches("nothing: a newer file gives this month or line").count(), 2, "{rows}");
}

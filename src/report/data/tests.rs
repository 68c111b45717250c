//! Every file of the sample worked out by hand, promises to readers of the files, and figures that disagree.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::identities::check_identities;
use super::super::{SnapshotFacts, Sources};
use super::totals::totals;
use super::*;
use crate::content::Content;
use crate::content::claims::ClaimFiles;
use crate::explain::Sentences;
use crate::history::History;
use crate::ingest;
use crate::metrics::Given;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::normalize::{self, Snapshots};
use crate::reconcile::figures::Totals;
use crate::reconcile::layers::Layers;
use crate::reconcile::rollforward::{Movement, Statement};
use crate::reconcile::{self, Materiality, Past, Reconciled};

/// Reads an input folder whole, lets a test spoil what was reconciled, and shows it the report.
fn with_report(input: &Path, spoil: impl FnOnce(&mut Reconciled<'_>), test: impl FnOnce(&mut Report<'_>)) {
    let ((files, input), mut diagnostics) = ingest::read_all(input).unwrap();
    let ((reference, reference_quarantined, reference_uses), _) =
        normalize::reference(&files, &input, input.snapshots().next_back().unwrap());
    let delta = BTreeSet::new();
    let mut reader = Snapshots::new(&files, &input, &delta);
    let (mut history, mut past, none) = (History::default(), Past::default(), Materiality::new());
    let mut facts = Vec::new();
    let mut shown = None;
    let newest = input.snapshots().last();
    for as_of in input.snapshots() {
        let (snapshot, found) = reader.at(as_of, &reference);
        diagnostics.extend(found);
        let reconciled = reconcile::reconcile(&snapshot, &reference, &past, &none);
        history.fold(&files, &reconciled);
        let mut totals = Totals::default();
        for (line, figures) in snapshot.records.lines.iter().zip(&reconciled.lines) {
            totals.add(line, figures);
        }
        facts.push(SnapshotFacts {
            as_of,
            uses: snapshot.uses.clone(),
            totals,
            counts: (0, 0, 0),
            record_set: String::new(),
            sources: Vec::new(),
        });
        let next = (Some(as_of) != newest).then(|| past.with(&reconciled));
        drop(reconciled);
        past = next.unwrap_or(past);
        shown = Some(snapshot);
    }
    let snapshot = shown.unwrap();
    let mut reconciled = reconcile::reconcile(&snapshot, &reference, &past, &none);
    spoil(&mut reconciled);
    let content = Content::read(&crate::embedded::content(Path::new("no such folder")).unwrap()).unwrap();
    let sentences = Sentences::new(&content).unwrap();
    let sources = Sources {
        files: &files,
        input: &input,
        content: &content,
        sentences: &sentences,
        history: &history,
        diagnostics: &diagnostics,
        reference_uses: &reference_uses,
        reference_quarantined: &reference_quarantined,
        snapshots: &facts,
        prose: &|markdown| Ok(markdown.to_owned()),
        claim_files: &ClaimFiles::default(),
        organization: "",
        time_zone: "UTC",
        functional_currency: None,
        metrics: &Given::default(),
        base_url: "",
        version: "0",
    };
    test(&mut Report::new(&reconciled, sources));
}

fn sample() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/input"))
}

/// A folder with one snapshot and no reference data but the status map and the accounts.
fn small(orders: &str, lines: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let files = [
        (
            "2026-06-18/orders.csv",
            format!("order_id,order_line,account_id,order_date,sku,currency,net_amount\n{orders}"),
        ),
        (
            "2026-06-18/rebate_lines.csv",
            format!("line_id,program_id,order_ref,period,calculated_amount,currency,status\n{lines}"),
        ),
        ("reference/status_map.csv", "raw_status,canonical\nPAID,Paid\nREJECTED,Rejected\n".to_owned()),
        (
            "reference/accounts.csv",
            "account_id,customer_id,customer_name\nA-1,C-1,\"Acme, Inc.\"\nA-2,C-2,Beta\n".to_owned(),
        ),
    ];
    for (path, text) in files {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    home
}

fn rows(file: DataFile, report: &Report<'_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    file.for_each_row(report, &mut |fields| rows.push(fields.map(str::to_owned).collect()));
    rows
}

/// The fields of some columns, joined by commas.
fn columns(file: DataFile, report: &Report<'_>, names: &str) -> Vec<String> {
    let header = file.header();
    let places: Vec<usize> =
        names.split(',').map(|name| header.iter().position(|column| *column == name).unwrap()).collect();
    let pick =
        |row: &Vec<String>| places.iter().map(|place| row[*place].as_str()).collect::<Vec<_>>().join(",");
    rows(file, report).iter().map(pick).collect()
}

fn unspoiled(_: &mut Reconciled<'_>) {}

#[test]
fn the_sample_data_gives_every_file_in_order_and_holds_every_identity() {
    with_report(sample(), unspoiled, |report| {
        check_identities(report).unwrap();
        for file in DataFile::ALL {
            let (header, rows) = (file.header(), rows(file, report));
            let is_fixes = matches!(file, DataFile::Fixes(_));
            assert!(is_fixes || !rows.is_empty(), "{file:?}");
            assert!(rows.iter().all(|row| row.len() == header.len()), "{file:?}");
            assert_eq!(header.iter().collect::<BTreeSet<_>>().len(), header.len(), "{file:?}");
            // Causes and the rows that clear them are ranked by money.
            if !is_fixes && file != DataFile::Diagnostics && file != DataFile::Causes {
                let keys = [(DataFile::Cases, 2), (DataFile::Bridge, 3)]
                    .iter()
                    .find(|(f, _)| *f == file)
                    .map_or(1, |(_, n)| *n);
                assert!(rows.is_sorted_by(|a, b| a[..keys] < b[..keys]), "{file:?}: sorted, each key once");
            }
        }
    });
}

#[test]
fn the_first_columns_of_cases_are_a_promise() {
    let promised =
        "subject_type,subject_id,order_id,period,currency,primary,secondary,direction,at_stake".split(',');
    assert!(DataFile::Cases.header().into_iter().zip(promised).all(|(name, promised)| name == promised));
}

#[test]
fn cases_of_every_subject_are_written() {
    with_report(sample(), unspoiled, |report| {
        let names =
            "subject_type,subject_id,order_id,period,currency,primary,secondary,direction,at_stake,page";
        let cases = columns(DataFile::Cases, report, names);
        for expected in [
            "line,L-1002,ORD-1002,2026-05,USD,clean,,none,0.00,order/ord1002.html",
            "line,L-1003,ORD-1003,2026-05,USD,invoice-confirmation-delay,manual-review,timing,1900.00,order/ord1003.html",
            "line,L-6002,ORD-6002,2026-05,JPY,clean,,none,0,order/ord6002.html",
            "line,L-6004,ORD-6004;ORD-6005,2026-05,USD,clean,,none,0.00,order/ord6004.html",
            "order,ORD-4001,ORD-4001,2026-05,USD,row-quarantined,,at-risk,400.00,order/ord4001.html",
            "payout,PO-5003,,,USD,payout-batch-mismatch,,receivable,35.00,payout/po5003.html",
            "row,2026-06-18/rebate_lines.csv:10,ORD-4001,2026-05,USD,row-quarantined,,at-risk,0.00,quarantine.html",
            "source,vendor-rebates-cn,,,,source-stale,,none,0.00,",
        ] {
            assert!(cases.iter().any(|case| case == expected), "{expected}");
        }
        let lines =
            columns(DataFile::Lines, report, "line_id,order_ids,calculated,net,paid,bucket,match_rule");
        assert!(lines.contains(&"L-2001,ORD-2001,2540.00,2230.00,2230.00,Paid,order ID".to_owned()));
        let orders =
            columns(DataFile::Orders, report, "order_id,customer,line_ids,calculated,primary,at_stake");
        assert!(orders.iter().any(|row| row.starts_with("ORD-6004,") && row.contains(",L-6004,160.00,")));
        assert!(
            orders
                .iter()
                .any(|row| row.starts_with("ORD-4001,") && row.ends_with(",,,row-quarantined,400.00"))
        );
    });
}

#[test]
fn totals_are_those_worked_out_by_hand() {
    with_report(sample(), unspoiled, |report| {
        let totals = totals(report);
        for (key, value) in [
            ("control.2026-06-18.USD.parsed", "40297.84"),
            ("control.2026-06-18.USD.declared", "40697.84"),
            ("control.2026-06-18.JPY.parsed", "61728"),
            ("control.2026-06-17.USD.parsed", "34261.84"),
            ("control.2026-05-08.USD.parsed", "7678.76"),
            ("rows.orders.read", "60"),
            ("rows.orders.unique", "59"),
            ("rows.lines.read", "49"),
            ("rows.lines.good", "48"),
            ("stake.USD.explained", "469.61"),
            ("bucket.SPRING.2026-05.USD.Calculated", "9200.00"),
            ("bucket.SPRING.2026-05.USD.Approved", "6050.00"),
            ("bucket.SPRING.2026-05.USD.Paid", "3170.00"),
            ("bucket.SPRING.2026-05.USD.Pending", "0.00"),
        ] {
            assert_eq!(totals.get(key).map(String::as_str), Some(value), "{key}");
        }
    });
}

#[test]
fn a_program_that_is_called_all_or_spelled_twice_keeps_keys_apart() {
    let home = small(
        "",
        "1,all,X-1,2026-05,1.00,USD,PAID\n2,Core,X-2,2026-05,2.00,USD,PAID\n3,CORE,X-3,2026-05,4.00,USD,PAID\n",
    );
    with_report(home.path(), unspoiled, |report| {
        check_identities(report).unwrap();
        let totals = totals(report);
        assert_eq!(totals["bucket.all.2026-05.USD.Paid"], "7.00");
        assert_eq!(totals["bucket.ALL.2026-05.USD.Paid"], "1.00");
        assert_eq!(totals["bucket.CORE.2026-05.USD.Paid"], "6.00");
        assert!(!totals.contains_key("bucket.Core.2026-05.USD.Paid"));
    });
}

#[test]
fn ids_stay_as_received_and_rows_of_one_order_stay_apart() {
    let home = small(
        "=1+1,2,A-1,2026-05-04,S,USD,10.00\n=1+1,1,A-2,2026-05-04,S,USD,30.00\n000123,,A-9,2026-05-04,S,JPY,5\n",
        "\"L,1\",P,=1+1,2026-05,1.01,USD,PAID\n0L,P,000123,2026-05,7.00,USD,REJECTED\n",
    );
    with_report(home.path(), unspoiled, |report| {
        check_identities(report).unwrap();
        assert_eq!(
            columns(DataFile::Orders, report, "order_id,order_line,customer,line_ids,calculated,net_amount"),
            ["000123,,,0L,,5", "=1+1,1,Beta,L,1,0.76,30.00", "=1+1,2,Acme, Inc.,L,1,0.25,10.00"],
        );
        assert_eq!(
            columns(DataFile::Lines, report, "line_id,order_ids,customer,net,currency,bucket"),
            ["0L,000123,,,USD,Rejected", "L,1,=1+1,Beta;Acme, Inc.,1.01,USD,Paid"],
        );
    });
}

#[test]
fn figures_that_disagree_stop_the_run() {
    let problem = |spoil: fn(&mut Reconciled<'_>)| {
        let mut message = String::new();
        with_report(sample(), spoil, |report| message = check_identities(report).unwrap_err().to_string());
        message
    };
    let net = problem(|reconciled| {
        let first = &mut reconciled.lines[0];
        first.net = first.net.map(|net| Money::from_minor(net.minor() + 1, net.currency()));
    });
    assert_eq!(
        net,
        "internal check failed: USD: the total is 39415.25, but calculated 40057.84 and adjustments -642.60 are 39415.24"
    );
    let lost = problem(|reconciled| {
        reconciled.cases.pop();
        reconciled.cases.remove(0);
    });
    assert_eq!(lost, "internal check failed: 48 lines have 47 cases");
}

#[test]
fn a_claim_of_more_than_is_at_stake_stops_the_run() {
    // Goal: no claim goes out whose sum is not what the cases say. Method: one item, and one claim that is open, by a cent.
    let problem = |spoil: fn(&mut Report<'_>)| {
        let mut message = String::new();
        with_report(sample(), unspoiled, |report| {
            spoil(report);
            message = check_identities(report).unwrap_err().to_string();
        });
        message
    };
    let item = problem(|report| {
        let item = &mut report.claims.groups[0].items[0];
        item.amount = Money::from_minor(item.amount.minor() + 1, item.amount.currency());
    });
    assert_eq!(
        item,
        "internal check failed: USD: 2774.00 can be claimed; claimed and open 20.00, in claims 2754.01"
    );
    let open = problem(|report| {
        let open = &mut report.claims.followed.iter_mut().find(|f| !f.open.is_zero()).unwrap().open;
        *open = Money::from_minor(open.minor() - 1, open.currency());
    });
    assert!(open.contains("claimed and open 19.99, in claims 2754.00"), "{open}");
}

#[test]
fn a_balance_that_does_not_foot_stops_the_run() {
    // Goal: no statement, age or posted period that contradicts another is published. Method: one figure of each is
    // moved by a cent.
    let problem = |spoil: fn(&mut Report<'_>)| {
        let mut message = String::new();
        with_report(sample(), unspoiled, |report| {
            spoil(report);
            message = check_identities(report).unwrap_err().to_string();
        });
        message
    };
    fn statement<'r>(report: &'r mut Report<'_>) -> &'r mut Statement {
        let month = report.default_month();
        let rolled = report.rollforwards.get_mut(&month).unwrap();
        rolled.statements.get_mut(&Currency::parse("USD").unwrap()).unwrap()
    }
    let row = problem(|report| {
        let rows = statement(report).programs.values_mut().next().unwrap();
        rows.get_mut(&Movement::Earned).unwrap().this_month += 1;
    });
    assert_eq!(
        row,
        "internal check failed: roll-forward of 2026-05 in USD: opening and movements are 35957.85, the open items 35957.84"
    );
    let both = problem(|report| {
        let statement = statement(report);
        let (program, rows) = statement.programs.iter_mut().next().unwrap();
        rows.get_mut(&Movement::Earned).unwrap().this_month += 1;
        let of_program = statement.aging.programs.get_mut(program).unwrap();
        for band in [&mut statement.aging.bands[0], &mut of_program[0]] {
            band.amount = Money::from_minor(band.amount.minor() + 1, band.amount.currency());
        }
    });
    assert_eq!(
        both,
        "internal check failed: roll-forward of 2026-05 in USD: closing 35957.85, by the records 35957.84"
    );
    let program = problem(|report| {
        let (_, of_program) = statement(report).aging.programs.pop_last().unwrap();
        statement(report).aging.programs.insert(None, of_program);
    });
    assert_eq!(
        program,
        "internal check failed: roll-forward of 2026-05 in USD: program SPRING closes with 18420.00, its open items 0.00"
    );
    let layers = problem(|report| report.layers = Layers::default());
    assert_eq!(
        layers,
        "internal check failed: roll-forward of 2026-03 in USD: closing 480.00, its layers hold 0.00"
    );
    let dated = problem(|report| {
        let rows = statement(report).programs.values_mut().next().unwrap();
        let earned = rows.remove(&Movement::Earned).unwrap();
        rows.insert(Movement::LateLines, earned);
    });
    assert!(dated.contains("in USD: LateLines is ") && dated.ends_with("by date 0.00"), "{dated}");
    let posted = problem(|report| {
        let matrix = report.posted.get_mut(&Currency::parse("USD").unwrap()).unwrap();
        let cell = matrix.cells.remove(&(Month::new(2026, 3).unwrap(), None)).unwrap();
        matrix.cells.insert((Month::new(2026, 2).unwrap(), None), cell);
    });
    assert_eq!(
        posted,
        "internal check failed: 2026-03 in USD: total 480.00 and paid 0.00, by posted period 0.00 and 0.00"
    );
}

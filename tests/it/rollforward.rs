//! The roll-forward of a month with everything that can happen to a closed period, worked out by hand; and earned against
//! posted periods.

use std::collections::BTreeMap;

use super::support::{Project, Row, Tree};

const LINES: &str = "line_id,program_id,order_ref,period,calculated_amount,currency,status,paid_amount,payout_id,period_processed\n";
const ADJUSTMENTS: &str =
    "adjustment_id,line_id,amount,currency,reason_code,reference,adjustment_date,program_id,period\n";
const PAYOUTS: &str = "payout_id,paid_date,currency,amount,form\n";

/// April as it was closed on 8 May, and what is known of it and of May on 18 June.
pub(crate) fn project() -> Project {
    let project = Project::base();
    for file in ["adjustments", "cancellations", "control_totals", "payouts", "rebate_lines"] {
        project.remove(&format!("input/2026-06-18/{file}.csv"));
    }
    project.change_file(
        "input/reference/periods.csv",
        "2026-05-07,2026-05-08,\n",
        "2026-05-07,2026-05-08,2026-05-08\n",
    );
    // Before the close a line had another amount: not this, but the close is what the month opens with.
    project.write(
        "input/2026-05-01/rebate_lines.csv",
        format!("{LINES}L-1,P,O-1,2026-04,999.00,USD,CALCULATED,,,\n"),
    );
    project.write(
        "input/2026-05-08/rebate_lines.csv",
        format!(
            "{LINES}L-1,P,O-1,2026-04,100.00,USD,CALCULATED,,,\n\
             L-2,P,O-2,2026-04,50.00,USD,CALCULATED,,,\n\
             L-3,P,O-3,2026-04,200.00,USD,APPROVED,,,\n\
             L-4,Q,O-4,2026-03,70.00,USD,APPROVED,,,\n\
             L-5,P,O-5,2026-04,,USD,PENDING,,,\n\
             L-6,P,O-6,2026-04,40.00,USD,CALCULATED,,,\n\
             L-7,P,O-7,2026-04,60.00,USD,CALCULATED,,,\n\
             L-8,Q,O-8,2026-04,80.00,USD,PAID,80.00,PO-9,\n\
             L-11,P,O-11,2026-04,25.00,USD,PAID,25.00,PO-0,\n"
        ),
    );
    project.write(
        "input/2026-05-08/adjustments.csv",
        format!("{ADJUSTMENTS}A-0,L-3,-5.00,USD,REFUND,,2026-04-29,,\n"),
    );
    project.write("input/2026-05-08/payouts.csv", format!("{PAYOUTS}PO-0,2026-04-28,USD,25.00,transfer\n"));
    project.write(
        "input/2026-06-18/rebate_lines.csv",
        format!(
            "{LINES}L-1,P,O-1,2026-04,90.00,USD,CALCULATED,,,\n\
             L-3,P,O-3,2026-04,200.00,USD,PAID,185.00,PO-1,\n\
             L-4,Q,O-4,2026-03,70.00,USD,PAID,68.00,PO-2,\n\
             L-5,P,O-5,2026-04,30.00,USD,CALCULATED,,,\n\
             L-6,P,O-6,2026-04,40.00,USD,REJECTED,,,\n\
             L-7,P,O-7,2026-05,65.00,USD,CALCULATED,,,\n\
             L-8,Q,O-8,2026-04,80.00,USD,PAID,80.00,PO-9,\n\
             L-9,P,O-9,2026-04,15.00,USD,CALCULATED,,,\n\
             L-10,Q,O-10,2026-05,300.00,USD,PAID,293.00,PO-3,\n\
             L-11,P,O-11,2026-04,25.00,USD,PAID,25.00,PO-0,\n\
             L-12,P,O-12,2026-06,500.00,USD,CALCULATED,,,\n\
             L-13,Q,O-13,2026-05,120.00,USD,CALCULATED,,,2026-06\n\
             L-14,P,O-14,2026-05,20.00,USD,ODD,20.00,PO-8,\n"
        ),
    );
    project.write(
        "input/2026-06-18/adjustments.csv",
        format!(
            "{ADJUSTMENTS}A-0,L-3,-5.00,USD,REFUND,,2026-04-29,,\n\
             A-1,L-3,-10.00,USD,REFUND,,2026-05-10,,\n\
             A-2,L-4,-2.00,USD,ELIGIBILITY,PN-1,2026-05-12,,\n\
             A-3,,33.00,USD,,,2026-05-15,Q,2026-04\n\
             A-4,,-3.00,USD,FEE,PO-1,2026-05-20,,\n\
             A-5,L-1,-1.00,USD,REFUND,,2026-04-15,,\n\
             A-6,L-10,-7.00,USD,REFUND,CAN-1,2026-06-10,,\n\
             A-7,L-13,-4.00,USD,REFUND,CAN-2,2026-06-12,,\n\
             A-8,L-12,-9.00,USD,FEE,,2026-06-05,,\n"
        ),
    );
    project.write(
        "input/2026-06-18/payouts.csv",
        format!(
            "{PAYOUTS}PO-0,2026-04-28,USD,25.00,transfer\n\
             PO-1,2026-05-20,USD,182.00,coupon\n\
             PO-2,2026-05-25,USD,68.00,Credit note\n\
             PO-3,2026-06-15,USD,290.00,transfer\n"
        ),
    );
    project.write(
        "input/2026-06-18/cancellations.csv",
        "cancellation_id,order_id,cancel_date,refund_amount,currency\n\
         CAN-1,O-10,2026-05-31,100.00,USD\nCAN-2,O-13,2026-06-02,100.00,USD\n",
    );
    project
}

/// The values of the keys of a group for USD, without the group and the currency.
pub(crate) fn keys(tree: &Tree, group: &str) -> BTreeMap<String, String> {
    let start = format!("{group}.USD.");
    let rows = tree.rows("data/totals.csv").into_iter();
    rows.filter_map(|row| Some((row["key"].strip_prefix(&start)?.to_owned(), row["value"].clone()))).collect()
}

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The rows of a table's file: first cell and one column.
pub(crate) fn column(tree: &Tree, path: &str, name: &str) -> Vec<(String, String)> {
    let text = tree.read(path);
    let first = text.trim_start_matches('\u{feff}').split(',').next().unwrap_or_default().to_owned();
    tree.rows(path).into_iter().map(|row: Row| (row[&first].clone(), row[name].clone())).collect()
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn a_closed_month_is_rolled_forward_row_by_row() {
    // Goal: each change stands in its row and the closing is the detail. Method: L-1 restated (−10.00), L-5 calculated
    // since (+30.00), L-6 rejected (−40.00), L-7 moved to May (−60.00, +65.00), L-2 gone, L-9 late, A-5 backdated, A-3
    // without a line in program Q and April, A-4 netted in the coupon payout, PO-9 without a record, June left out.
    let project = project();
    let tree = project.build();
    let expected = [
        ("opening_2026-04-30", "595.00"),
        ("restated_prior", "-80.00"),
        ("late_lines", "15.00"),
        ("earned_2026-05", "485.00"),
        ("removed_lines", "-50.00"),
        ("backdated_adjustments", "-1.00"),
        ("adjustments_in_period", "18.00"),
        ("receipts_in_period", "-250.00"),
        ("closing_2026-05-31", "732.00"),
        ("closing_from_detail", "732.00"),
    ];
    assert_eq!(keys(&tree, "rollforward"), map(&expected));
    let rows = [
        ("Opening balance, 30 Apr 2026", "595.00"),
        ("Prior-period changes", "-80.00"),
        ("Late lines", "15.00"),
        ("Earned in May 2026", "485.00"),
        ("Removed lines", "-50.00"),
        ("Backdated adjustments", "-1.00"),
        ("Adjustments: refunds", "-10.00"),
        ("Adjustments: eligibility", "-2.00"),
        ("Adjustments: fees", "-3.00"),
        ("Adjustments: other or no reason", "33.00"),
        ("Received: cash", "0.00"),
        ("Received: credit notes", "-68.00"),
        ("Received: coupons", "-182.00"),
        ("Closing balance, 31 May 2026", "732.00"),
        ("Closing per detail", "732.00"),
        ("Check", "0.00"),
    ];
    assert_eq!(column(&tree, "period/2026-05.roll-forward.usd.csv", "Total"), pairs(&rows));
    let page = tree.text("period/2026-05.html");
    for words in [
        "From 30 Apr 2026 as known at 8 May 2026 to 31 May 2026 as known at 18 Jun 2026.",
        "as closed, known at 8 May 2026 unpaid when April was closed",
        "Ties out. Closing per detail 732.00, difference 0.00 USD",
    ] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    // The program of the lump sum is Q; what was netted in a payout names none and is nothing in the end.
    let programs = [("No program named", "0.00"), ("P", "199.00"), ("Q", "533.00")];
    assert_eq!(column(&tree, "period/2026-05.roll-forward-programs.usd.csv", "Closing"), pairs(&programs));
}

#[test]
fn what_is_open_has_its_age_and_what_came_later_its_class() {
    // Goal: I-8 and the proposals of domain 1.6. Method: the same project. May 485.00 = 65 + 300 + 120, April 247.00 = 89 + 30 +
    // 80 + 15 + 33; A-6 names a cancellation of 31 May, A-7 one of 2 June, A-8 is of a June line; PO-3 paid 293.00
    // by its line and 290.00 in money.
    let project = project();
    let tree = project.build();
    assert_eq!(keys(&tree, "aging"), map(&[("0-30", "485.00"), ("31-60", "247.00")]));
    let expected = [
        ("adjustments", "-11.00"),
        ("receipts_cash", "290.00"),
        ("receipts_lines", "293.00"),
        ("unapplied_difference", "3.00"),
    ];
    assert_eq!(keys(&tree, "subsequent"), map(&expected));
    let classes = column(&tree, "period/2026-05.after-the-end-adjustments.csv", "Proposed class");
    assert_eq!(classes, pairs(&[("A-6", "Adjusting"), ("A-7", "Non-adjusting")]));
    let sums = column(&tree, "period/2026-05.after-the-end.usd.csv", "Amount");
    for row in [("Proposed as adjusting", "-7.00"), ("Settled", "293.00"), ("Still open of it", "428.00")] {
        assert!(sums.contains(&(row.0.to_owned(), row.1.to_owned())), "{row:?}: {sums:?}");
    }
    let oldest = column(&tree, "period/2026-05.unpaid-by-age.usd.csv", "Oldest");
    assert_eq!(oldest[1], ("31–60 days".to_owned(), "L-1".to_owned()));
    assert!(tree.text("period/2026-05.html").contains("cancelled on 31 May 2026"));
}

#[test]
fn the_page_of_a_closed_month_says_what_became_of_its_close() {
    // Goal: both dates, and no page from "latest" alone. Method: April closed with 595.00 = 475 − 5 + 80 + 70 − 25; known
    // now: 90 + 200 + 70 + 30 + 80 + 15 + 25 − 5 − 1 − 25 = 479.00. March has no close before it.
    let project = project();
    let tree = project.build();
    let april = tree.text("period/2026-04.html");
    for words in [
        "April 2026 was closed with $595.00 at 8 May 2026; as known at 18 Jun 2026 it is $479.00, $116.00 less.",
        "The change is a movement of May 2026.",
        "March was never closed; opening recomputed as known on 18 Jun 2026",
        "no earlier close to compare with",
    ] {
        assert!(april.contains(words), "`{words}` is not on the page:\n{april}");
    }
    let june = tree.text("period/2026-06.html");
    assert!(!june.contains("Opening balance"), "a month that goes on has no closing balance");
}

#[test]
fn without_a_close_the_opening_is_recomputed_and_says_so() {
    // Goal: domain 1.2 without a pack of the month before, in each of the ways in which there is none. Method: the row of
    // April in periods.csv says less, or names a snapshot that is not there; the opening is then April as known now.
    let row = "2026-05-07,2026-05-08,2026-05-08\n";
    for (changed, words) in [
        ("2026-05-07,,\n", "April was never closed; opening recomputed as known on 18 Jun 2026"),
        (
            "2026-05-07,2026-05-08,\n",
            "April was closed on 8 May 2026, but periods.csv names no close_snapshot; opening recomputed as known on 18 \
             Jun 2026",
        ),
        (
            "2026-05-07,2026-05-08,2026-05-09\n",
            "April was closed with snapshot 2026-05-09, whose books are not at hand; opening recomputed as known on 18 Jun \
             2026",
        ),
        (
            "2026-05-07,2026-07-08,2026-07-08\n",
            "April is closed with the later snapshot of 8 Jul 2026; opening recomputed as known on 18 Jun 2026",
        ),
        ("2026-05-07,2026-06-18,2026-06-18\n", "April is closed with this snapshot, 18 Jun 2026"),
    ] {
        let project = project();
        project.change_file("input/reference/periods.csv", row, changed);
        let tree = project.build();
        let page = tree.text("period/2026-05.html");
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
        let keys = keys(&tree, "rollforward");
        assert_eq!(
            (keys["opening_2026-04-30"].as_str(), keys["restated_prior"].as_str()),
            ("479.00", "0.00")
        );
        assert_eq!(keys["closing_2026-05-31"], "732.00");
        for key in ["late_lines", "removed_lines", "backdated_adjustments", "backdated_receipts"] {
            assert!(!keys.contains_key(key), "{key}");
        }
    }
}

#[test]
fn earned_months_and_posted_months_are_one_money() {
    // Goal: both dates of every line. Method: L-13 processed in June and not paid, L-10 paid by a payout of June, L-3 and
    // L-4 in May, L-11 in April; L-8 and L-14 are paid without a payout record and wait, L-14 in a status that is in no total. Net amounts, by hand.
    let project = project();
    let tree = project.build();
    let matrix = "period/posted.by-earned.usd.csv";
    let of = |name: &str| column(&tree, matrix, name).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!(of("Earned period"), ["June 2026", "May 2026", "April 2026", "March 2026"]);
    assert_eq!(of("April 2026"), ["0.00", "0.00", "25.00", "0.00"]);
    assert_eq!(of("May 2026"), ["0.00", "0.00", "185.00", "68.00"]);
    assert_eq!(of("June 2026"), ["0.00", "409.00", "0.00", "0.00"]);
    assert_eq!(of("Not posted yet"), ["491.00", "65.00", "214.00", "0.00"]);
    assert_eq!(of("Total"), ["491.00", "474.00", "424.00", "68.00"]);
    // Rows are the monthly series, columns the posted one.
    let series = column(&tree, "period/index.usd.csv", "Total rebate");
    let months: Vec<&(String, String)> = series.iter().filter(|(_, total)| total != "0.00").collect();
    assert_eq!(months.iter().map(|m| m.1.as_str()).collect::<Vec<_>>(), of("Total"));
    let posted = column(&tree, "period/posted.usd.csv", "Total rebate");
    let expected = [
        ("Not posted yet", "770.00"),
        ("June 2026", "409.00"),
        ("May 2026", "253.00"),
        ("April 2026", "25.00"),
    ];
    assert_eq!(posted, pairs(&expected));
    let paid = column(&tree, "period/posted.usd.csv", "Paid so far");
    assert_eq!(
        paid.iter().map(|p| p.1.as_str()).collect::<Vec<_>>(),
        ["100.00", "293.00", "253.00", "25.00"]
    );
    let page = tree.text("period/2026-05.html");
    for words in [
        "Earned in May 2026: $409.00 posted in June 2026, $65.00 not posted yet.",
        "Posted in May 2026: $68.00 earned in March 2026, $185.00 earned in April 2026.",
    ] {
        assert!(page.contains(words), "`{words}` is not on the page:\n{page}");
    }
    assert!(
        tree.main("period/index.html").contains("period/posted.html\"")
            || tree.main("period/index.html").contains("\"posted.html\"")
    );
    let lines = tree.rows("data/lines.csv");
    let line = |id: &str| lines.iter().find(|row| row["line_id"] == id).unwrap()["period_posted"].clone();
    assert_eq!([line("L-13"), line("L-10"), line("L-8")], ["2026-06", "2026-06", ""]);
}

#[test]
fn a_processed_period_that_is_no_month_sets_its_row_aside() {
    // Goal: the optional column is read as strictly as `period`. Method: month 13 in both.
    let project = project();
    project.change_file("input/2026-06-18/rebate_lines.csv", "CALCULATED,,,2026-06", "CALCULATED,,,2026-13");
    project.change_file("input/2026-06-18/rebate_lines.csv", "O-9,2026-04", "O-9,2026-13");
    project.reconcile(|seen| {
        let aside = &seen.reconciled.snapshot.quarantined;
        let problems: Vec<_> = aside.iter().flat_map(|row| &row.problems).collect();
        let fields: Vec<&str> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["period", "period_processed"]);
        assert_eq!(problems[0].code, problems[1].code);
    });
}

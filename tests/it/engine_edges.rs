//! Edge cases of the written rules, each as the smallest input that shows it: a second row, an order over two lines, a
//! status in between, an amount at the limit.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use tieout::reconcile::{Case, Kind, Reconciled, Subject};

use super::engine_cost as cost;
use super::engine_files::{Files, read, write};
use super::engine_world::{Line, Order, World};

fn order(id: &str) -> Order {
    Order {
        id: id.into(),
        account: "A-1",
        invoice: format!("INV-{id}"),
        invoiced: "2026-05-20".into(),
        ordered: "2026-05-10".into(),
        sku: "SERVER",
        contract: "standard",
        currency: "USD",
        net: 100_000,
        status: "active",
        ..Order::default()
    }
}

fn line(id: &str, reference: &str) -> Line {
    Line {
        id: id.into(),
        program: "FLAT",
        reference: reference.into(),
        account: "V-1".into(),
        category: "compute",
        period: "2026-05".into(),
        base: Some(100_000),
        rate: Some(800),
        calculated: Some(8000),
        currency: "USD",
        status: "CALCULATED",
        ..Line::default()
    }
}

fn world(orders: Vec<Order>, lines: Vec<Line>) -> World {
    World { orders, lines, ..World::default() }
}

/// Every case that is not clean: `L-1: kind amount direction, kind …`.
fn cases(reconciled: &Reconciled<'_>) -> Vec<String> {
    let records = &reconciled.snapshot.records;
    let mut all = Vec::new();
    for case in reconciled.cases.iter().filter(|c| c.primary().is_some()) {
        let id = match case.subject {
            Subject::Line(n) => records.lines[n as usize].id.raw(),
            Subject::Order(n) => records.orders[n as usize].id.raw(),
            Subject::Adjustment(_) => "adjustment",
            Subject::Row(_) => "row",
            Subject::Payout(_) | Subject::Feed(_) => continue,
        };
        let amount = |m: Option<_>| m.map_or(String::new(), |m: tieout::model::money::Money| m.to_string());
        let findings = case
            .findings
            .iter()
            .map(|f| format!("{} {} {}", f.kind.code(), amount(f.amount), f.direction.label()));
        all.push(format!("{id}: {}", findings.collect::<Vec<_>>().join(", ")));
    }
    all
}

fn add_column(files: &mut Files, path: &str, name: &str, value: impl Fn(&str) -> &'static str) {
    let (header, rows) = files.get_mut(path).unwrap();
    header.push_str(&format!(",{name}"));
    rows.iter_mut().for_each(|row| row.push_str(&format!(",{}", value(row))));
}

/// May closes with the earlier snapshot.
fn close_may(files: &mut Files) {
    let (_, rows) = files.get_mut("reference/periods.csv").unwrap();
    rows[1] = "2026-05,2026-05-01,2026-05-31,2026-06-01,2026-06-02,2026-06-01".into();
}

fn two_rows(id: &str) -> Vec<Order> {
    vec![Order { line: "1".into(), ..order(id) }, Order { line: "2".into(), sku: "DISK", ..order(id) }]
}

#[test]
fn a_refund_lowers_the_base_of_an_order_once() {
    // Goal: base = basis − refunds of the period (domain 3.3, step 1). Method: an order of two rows, one refund of 100.00.
    let mut files = World {
        cancellations: vec![("CAN-1".into(), "O-1".into(), 10_000, "USD")],
        ..world(two_rows("O-1"), vec![])
    }
    .files();
    add_column(&mut files, "reference/programs.csv", "refunds", |_| "deduct_in_period");
    let base = read(&write(&files), |_, r| {
        r.entitlements.of_order(0)[0].base.unwrap().minor()
            + r.entitlements.of_order(1)[0].base.unwrap().minor()
    });
    assert_eq!(base, 190_000);
}

#[test]
fn a_refund_is_due_once_per_order() {
    // Goal: due = refund × rate − taken, once per order (catalogue, `cancellation-without-clawback`). Method: an order of
    // two rows with a line each, a refund of 100.00 at 8 %, which the vendor took back in full.
    let lines = vec![
        Line { sku: "srv", ..line("L-1", "O-1") },
        Line {
            sku: "dsk",
            category: "storage",
            rate: Some(500),
            calculated: Some(5000),
            ..line("L-2", "O-1")
        },
    ];
    let world = World {
        cancellations: vec![("CAN-1".into(), "O-1".into(), 10_000, "USD")],
        adjustments: vec![("ADJ-1".into(), "L-1".into(), -8_00, "USD", "REFUND", "CAN-1".into())],
        ..world(two_rows("O-1"), lines)
    };
    world.reconcile(|_, r| assert_eq!(cases(r), ["L-1: refund-adjustment 8.00 explained"]));
}

#[test]
fn a_refund_of_an_order_with_rows_is_due_once_on_one_line() {
    // Goal: as above. Method: one line over both rows of an order; the refund of 100.00 was taken back at 8 %.
    let rows: Vec<Order> = two_rows("O-1").into_iter().map(|o| Order { sku: "SERVER", ..o }).collect();
    let world = World {
        cancellations: vec![("CAN-1".into(), "O-1".into(), 10_000, "USD")],
        adjustments: vec![("ADJ-1".into(), "L-1".into(), -8_00, "USD", "REFUND", "CAN-1".into())],
        ..world(rows, vec![Line { base: Some(200_000), calculated: Some(16_000), ..line("L-1", "O-1") }])
    };
    world.reconcile(|_, r| assert_eq!(cases(r), ["L-1: refund-adjustment 8.00 explained"]));
}

#[test]
fn a_void_order_is_in_no_volume() {
    // Goal: the volume is of eligible orders (domain 3.3, step 3). Method: 1,000.00 of an active order and 9,000.00 of a
    // cancelled one in a program that pays from 5,000.00.
    let orders = vec![
        Order { campaign: "Volume", ..order("O-1") },
        Order { campaign: "Volume", net: 900_000, status: "cancelled", ..order("O-2") },
    ];
    world(orders, vec![]).reconcile(|_, r| assert_eq!(r.orders[0].expected.unwrap().to_string(), "0.00"));
}

#[test]
fn a_void_order_has_nothing_at_stake() {
    // Goal: a cancelled order is owed nothing, so that nothing of it is blocked. Method: a cancelled order without region,
    // invoice or account.
    let void = Order { status: "cancelled", account: "A-9", invoice: String::new(), ..order("O-1") };
    world(vec![void], vec![]).reconcile(|_, r| {
        let stakes =
            r.cases.iter().filter(|c| matches!(c.subject, Subject::Order(_))).filter_map(Case::at_stake);
        assert_eq!(stakes.map(|m| m.minor()).sum::<i128>(), 0, "{:?}", cases(r));
    });
}

#[test]
fn a_vanished_line_of_any_order_of_a_consolidated_line_is_reported() {
    // Goal: a line that is gone is reported (catalogue, `line-vanished`). Method: O-1 and O-2 share a subscription line in
    // FLAT; the line of O-2 alone in STEP is gone.
    let orders = ["O-1", "O-2"].map(|id| Order { subscription: "SUB-1".into(), ..order(id) }).to_vec();
    let shared = Line { base: Some(200_000), calculated: Some(16_000), ..line("L-1", "SUB-1") };
    let gone = |of: &str| Line { program: "STEP", ..line("L-2", of) };
    for of in ["O-1", "O-2"] {
        let world = World {
            before: Some(vec![shared.clone(), gone(of)]),
            ..world(orders.clone(), vec![shared.clone()])
        };
        world.reconcile(|_, r| {
            assert!(cases(r).iter().any(|c| c.contains("line-vanished")), "{of}: {:?}", cases(r))
        });
    }
}

#[test]
fn a_paid_line_that_is_rejected_fell_back() {
    // Goal: from Paid there is no way back, also not to Rejected (domain 5.2). Method: the two snapshots of one line.
    let then = Line {
        status: "PAID",
        approved: "2026-05-30",
        paid: Some(8000),
        payout: "P-1",
        ..line("L-1", "O-1")
    };
    let now = Line { status: "REJECTED", ..then.clone() };
    let world = World { before: Some(vec![then]), ..world(vec![order("O-1")], vec![now]) };
    world.reconcile(|_, r| {
        assert!(cases(r).iter().any(|c| c.contains("status-regression")), "{:?}", cases(r))
    });
}

#[test]
fn an_unknown_status_in_between_hides_no_regression() {
    // Goal: unknown is transparent: the last known state counts (domain 5.2). Method: Approved, unknown, Calculated.
    let at = |status| Line { status, ..line("L-1", "O-1") };
    let mut files =
        World { before: Some(vec![at("PROC_9")]), ..world(vec![order("O-1")], vec![at("CALCULATED")]) }
            .files();
    let first = World { before: Some(vec![at("APPROVED")]), ..world(vec![order("O-1")], vec![]) }.files();
    files.insert("2026-05-31/rebate_lines.csv".into(), first["2026-06-01/rebate_lines.csv"].clone());
    files.insert("2026-05-31/orders.csv".into(), first["2026-06-01/orders.csv"].clone());
    read(&write(&files), |_, r| {
        assert!(cases(r).iter().any(|c| c.contains("status-regression")), "{:?}", cases(r));
    });
}

#[test]
fn a_line_removed_from_a_closed_period_is_a_restatement_beside_its_siblings() {
    // Goal: an amount of a closed period differs exactly when a restatement says so (I-31). Method: two lines of one order,
    // program and period at close, one of them gone.
    let lines = vec![
        Line { base: Some(60_000), calculated: Some(4800), ..line("L-1", "O-1") },
        Line { base: Some(40_000), calculated: Some(3200), ..line("L-2", "O-1") },
    ];
    let mut files =
        World { before: Some(lines.clone()), ..world(vec![order("O-1")], lines[..1].to_vec()) }.files();
    close_may(&mut files);
    read(&write(&files), |_, r| {
        assert!(cases(r).iter().any(|c| c.contains("closed-period-restatement")), "{:?}", cases(r));
    });
}

#[test]
fn a_line_moved_out_of_a_closed_period_is_a_restatement() {
    // Goal: as above (I-31). Method: the same line id, in May at close and in June now.
    let then = line("L-1", "O-1");
    let now = Line { period: "2026-06".into(), ..then.clone() };
    let other = line("L-2", "O-2");
    let mut files = World {
        before: Some(vec![then, other.clone()]),
        ..world(vec![order("O-1"), order("O-2")], vec![now, other])
    }
    .files();
    close_may(&mut files);
    read(&write(&files), |_, r| {
        assert!(cases(r).iter().any(|c| c.contains("closed-period-restatement")), "{:?}", cases(r));
    });
}

#[test]
fn a_claim_is_not_filed_beside_a_restatement() {
    // Goal: missing-rebate never stands beside another cause (I-19). Method: the only line of an order of a closed period
    // is gone.
    let other = line("L-2", "O-2");
    let mut files = World {
        before: Some(vec![line("L-1", "O-1"), other.clone()]),
        ..world(vec![order("O-1"), order("O-2")], vec![other])
    }
    .files();
    close_may(&mut files);
    read(&write(&files), |_, r| {
        assert!(!cases(r).iter().any(|c| c.contains("missing-rebate")), "{:?}", cases(r));
    });
}

#[test]
fn the_id_of_an_order_set_aside_is_no_near_miss() {
    // Goal: never suggest an id that is a known order (catalogue, `near-miss-identifier`, trap). Method: ORD-20 cannot be
    // read, the vendor's line names it; ORD-21 beside it has no line.
    let mut files = world(vec![order("ORD-20"), order("ORD-21")], vec![line("L-1", "ORD-20")]).files();
    let rows = &mut files.get_mut("2026-06-18/orders.csv").unwrap().1;
    rows[0] = rows[0].replace("1000.00", "1O00.00");
    read(&write(&files), |_, r| {
        assert!(!cases(r).iter().any(|c| c.contains("near-miss")), "{:?}", cases(r));
    });
}

#[test]
fn amounts_within_the_limit_are_split_without_overflow() {
    // Goal: never a panic (contract, section 8). Method: amounts that are accepted, split over two rows.
    let rows: Vec<Order> = two_rows("O-1")
        .into_iter()
        .map(|o| Order { sku: "SERVER", net: 90_000_000_000_000_000_000, ..o })
        .collect();
    let whole = Line {
        base: Some(80_000_000_000_000_000_001),
        calculated: Some(70_000_000_000_000_000_001),
        ..line("L-1", "O-1")
    };
    world(rows, vec![whole]).reconcile(|_, r| {
        let sum: i128 =
            r.matching.of_line(0).shares.iter().map(|s| s.amount_calculated.unwrap().minor()).sum();
        assert_eq!(sum, 70_000_000_000_000_000_001);
    });
}

#[test]
fn a_line_over_many_orders_is_rounded_once() {
    // Goal: base × the rule's own rate is no rate mismatch (catalogue, `rate-mismatch`). Method: one subscription line over
    // ten orders of 33.33 at 8 %: 26.66, where the orders one by one give 26.70.
    let orders = (10..20)
        .map(|n| Order { subscription: "SUB-1".into(), net: 3333, ..order(&format!("O-{n}")) })
        .collect();
    let whole = Line { base: Some(33_330), calculated: Some(2666), ..line("L-1", "SUB-1") };
    world(orders, vec![whole])
        .reconcile(|_, r| assert_eq!(cases(r), ["L-1: rounding-difference 0.04 explained"]));
}

#[test]
fn another_category_at_the_same_rate_is_said() {
    // Goal: `l.category != category(o.sku)` is a category mismatch, of 0.00 where both pay alike. Method: XTRA pays 12.5 % for both.
    let order = Order { campaign: "Extra", ..order("O-1") };
    let line = Line {
        program: "XTRA",
        category: "storage",
        rate: Some(1250),
        calculated: Some(12_500),
        ..line("L-1", "O-1")
    };
    world(vec![order], vec![line]).reconcile(|_, r| {
        assert!(cases(r).iter().any(|c| c.contains("category-mismatch")), "{:?}", cases(r))
    });
}

#[test]
fn an_order_that_earns_elsewhere_takes_no_room_under_a_cap() {
    // Goal: the cap of a period is for what the program pays (domain 3.3, step 5). Method: O-1 declares CAP and has its
    // line in FLAT; O-2 alone earns in CAP, 40.00 of 50.00.
    let mut first = order("O-1");
    first.campaign = "Cap";
    let second = Order { campaign: "Cap", net: 32_000, ..order("O-2") };
    let mut files = world(vec![first, second], vec![line("L-1", "O-1")]).files();
    add_column(&mut files, "reference/programs.csv", "cap_scope", |row| {
        if row.starts_with("CAP") { "period" } else { "" }
    });
    add_column(&mut files, "reference/programs.csv", "cap_amount", |row| {
        if row.starts_with("CAP") { "50.00" } else { "" }
    });
    read(&write(&files), |_, r| assert_eq!(r.orders[1].expected.unwrap().to_string(), "40.00"));
}

#[test]
fn a_paid_line_without_a_calculated_amount_is_over_paid() {
    // Goal: the residual of a paid line is 0 or named (I-11). Method: paid 80.00, nothing calculated.
    let line = Line {
        calculated: None,
        status: "PAID",
        approved: "2026-06-01",
        paid: Some(8000),
        payout: "P-1",
        ..line("L-1", "O-1")
    };
    world(vec![order("O-1")], vec![line])
        .reconcile(|_, r| assert!(cases(r).iter().any(|c| c.contains("over-paid")), "{:?}", cases(r)));
}

#[test]
fn a_frozen_line_is_one_by_its_canonical_reason() {
    // Goal: `canonical reason = frozen` (catalogue, `earning-frozen`). Method: a reason row without `implies`.
    let mut files =
        world(vec![order("O-1")], vec![Line { status: "APPROVED", ..line("L-1", "O-1") }]).files();
    files.get_mut("reference/reason_map.csv").unwrap().1.push("HELD,frozen,,Frozen".into());
    add_column(&mut files, "2026-06-18/rebate_lines.csv", "reason_code", |_| "HELD");
    read(&write(&files), |_, r| {
        assert!(cases(r).iter().any(|c| c.contains("earning-frozen")), "{:?}", cases(r));
    });
}

#[test]
fn only_the_part_of_an_ineligible_order_is_exposed() {
    // Goal: the amount at stake of a condition is that of the order that fails it. Method: a subscription line of 160.00
    // over two orders, of which one has a contract that the program does not accept.
    let mut orders = ["O-1", "O-2"].map(|id| Order { subscription: "SUB-1".into(), ..order(id) }).to_vec();
    orders[1].contract = "other";
    let shared = Line { base: Some(200_000), calculated: Some(16_000), ..line("L-1", "SUB-1") };
    world(orders, vec![shared])
        .reconcile(|_, r| assert_eq!(cases(r), ["L-1: contract-ineligible 80.00 exposure"]));
}

#[test]
fn a_rejected_line_is_not_the_original_of_its_successor() {
    // Goal: what a vendor rejects and reports again is one claim, not a duplicate to withdraw. Method: L-1 rejected, L-2 the
    // same and calculated.
    let lines = vec![Line { status: "REJECTED", ..line("L-1", "O-1") }, line("L-2", "O-1")];
    world(vec![order("O-1")], lines)
        .reconcile(|_, r| assert!(!cases(r).iter().any(|c| c.contains("duplicate-line")), "{:?}", cases(r)));
}

#[test]
fn an_order_with_an_unknown_campaign_is_not_silent() {
    // Goal: nobody asks in vain why an order earns nothing. Method: a campaign tag that no program has, also in other
    // capitals than the program's.
    for campaign in ["Nowhere", "volume"] {
        let order = Order { campaign, net: 900_000, ..order("O-1") };
        world(vec![order], vec![]).reconcile(|_, r| assert!(!cases(r).is_empty(), "{campaign}"));
    }
}

#[test]
fn a_stale_feed_stops_the_clock() {
    // Goal: items do not age while their source is stale (catalogue, `source-stale`, trap). Method: a line pending since 10 June
    // for at most 3 days, the feed last received on 11 June.
    let mut files =
        world(vec![order("O-1")], vec![Line { status: "CALCULATED", ..line("L-1", "O-1") }]).files();
    let rows = &mut files.get_mut("reference/status_map.csv").unwrap().1;
    rows[2] = "CALCULATED,Calculated,Calculated,2,3".into();
    files.insert(
        "2026-06-18/sources.csv".into(),
        (
            "source_id,kind,site,expected_by,last_as_of,state,error_code".into(),
            vec!["vendor,rebates,,2026-06-15,2026-06-11,failed,E".into()],
        ),
    );
    read(&write(&files), |_, r| {
        assert!(!cases(r).iter().any(|c| c.contains("pending-overdue")), "{:?}", cases(r));
    });
}

#[test]
fn two_rates_for_one_tier_are_refused() {
    // Goal: a rate file with overlaps is refused, not read one way (domain 3.3). Method: two rates of one category; the
    // expected amount must not simply be one of them without a word.
    let mut files = world(vec![order("O-1")], vec![]).files();
    let codes = |files: &Files| write(files).reconcile(|seen| seen.codes());
    let before = codes(&files);
    files.get_mut("reference/program_rates.csv").unwrap().1.push("FLAT,compute,0,,0.1000".into());
    assert_ne!(codes(&files), before);
}

#[test]
fn below_the_first_paying_band_is_below_threshold() {
    // Goal: a tiered program that pays nothing yet says so (catalogue, `below-threshold`). Method: a marginal program whose
    // first band pays 0 %.
    let mut files = world(vec![Order { campaign: "Step", net: 50_000, ..order("O-1") }], vec![]).files();
    let rows = &mut files.get_mut("reference/program_rates.csv").unwrap().1;
    let row = rows.iter_mut().find(|row| row.starts_with("STEP,compute,0,")).unwrap();
    *row = "STEP,compute,0,1000,0".into();
    read(&write(&files), |_, r| {
        assert!(cases(r).iter().any(|c| c.contains(Kind::BelowThreshold.code())), "{:?}", cases(r));
    });
}

#[test]
fn rows_of_one_order_are_not_compared_with_every_near_line() {
    // Goal: the cost grows with the records. Method: n usage rows of one order, and n lines under one id beside it.
    let rows = |n: usize| (0..n).map(|i| Order { line: i.to_string(), ..cost::order(7) }).collect();
    let all = |n: usize| cost::files(rows(n), (0..n).map(|i| cost::line(i, "ORD-2605-00007X")).collect());
    cost::assert_not_square("rows and lines of near ids", all, 60);
}

#[test]
fn refunds_of_one_order_are_not_looked_up_line_by_line() {
    // Goal: as above. Method: n lines of one order by its invoice, each with a refund of the same cancellation.
    let all = |n: usize| {
        let refund =
            |i: usize| (format!("ADJ-{i}"), format!("L-{i:05}"), -1, "USD", "REFUND", "CAN-1".to_owned());
        World {
            orders: vec![cost::order(7)],
            lines: (0..n).map(|i| cost::line(i, "INV-00007")).collect(),
            adjustments: (0..n).map(refund).collect(),
            cancellations: vec![("CAN-1".into(), "ORD-2605-00007".into(), 10_000, "USD")],
            ..World::default()
        }
        .files()
    };
    cost::assert_not_square("refunds", all, 800);
}

#[test]
fn lines_without_a_rate_are_not_compared_with_each_other() {
    // Goal: as above. Method: n lines of one order, none of them with a rate.
    let all = |n: usize| {
        let lines = (0..n).map(|i| Line { rate: None, ..cost::line(i, "ORD-2605-00007") }).collect();
        cost::files(vec![cost::order(7)], lines)
    };
    cost::assert_not_square("lines without a rate", all, 2000);
}

#[test]
fn new_ids_of_a_closed_period_are_not_compared_with_each_other() {
    // Goal: as above. Method: the n lines of one order of a closed period, all with new ids.
    let all = |n: usize| {
        let lines = |prefix: &'static str| {
            (0..n).map(move |i| Line { id: format!("{prefix}{i:05}"), ..cost::line(i, "ORD-2605-00007") })
        };
        let mut files = World {
            orders: vec![cost::order(7)],
            before: Some(lines("A").collect()),
            lines: lines("B").collect(),
            ..World::default()
        }
        .files();
        close_may(&mut files);
        files
    };
    cost::assert_not_square("new ids", all, 400);
}

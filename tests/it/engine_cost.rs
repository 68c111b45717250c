//! The cost of reconciling grows with the records and not with their square. Measured in CPU time of the one thread that
//! reconciles, so that a busy machine decides nothing, and compared within one run: four times the records may cost nine
//! times as much, where a square would cost sixteen.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;
use std::fs;

use tieout::ingest;
use tieout::normalize::{self, Snapshots};
use tieout::reconcile::{self, Materiality, Past};

use super::engine_files::{Files, write};
use super::engine_world::{Line, Order, World};

/// Nanoseconds that this thread has run.
fn cpu() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// What reconciling the newest snapshot of some files costs, in CPU nanoseconds.
fn cost(files: &Files) -> u64 {
    let project = write(files);
    let ((files, input), _) = ingest::read_all(&project.path("input")).unwrap();
    let ((reference, _, _), _) = normalize::reference(&files, &input, input.snapshots().next_back().unwrap());
    let (delta, materiality) = (BTreeSet::new(), Materiality::new());
    let mut snapshots = Snapshots::new(&files, &input, &delta);
    let (mut past, mut spent) = (Past::default(), 0);
    for as_of in input.snapshots() {
        let (snapshot, _) = snapshots.at(as_of, &reference);
        let start = cpu();
        let reconciled = reconcile::reconcile(&snapshot, &reference, &past, &materiality);
        spent = cpu() - start;
        past = past.with(&reconciled);
    }
    spent
}

/// Requires that four times the records cost less than nine times as much.
pub(crate) fn assert_not_square(name: &str, files: impl Fn(usize) -> Files, records: usize) {
    let small = (0..3).map(|_| cost(&files(records))).min().unwrap();
    let large = cost(&files(4 * records));
    assert!(large < 9 * small, "{name}: {records} cost {small} ns, {} cost {large} ns", 4 * records);
}

pub(crate) fn order(number: usize) -> Order {
    Order {
        id: format!("ORD-2605-{number:05}"),
        account: "A-1",
        invoice: format!("INV-{number:05}"),
        invoiced: "2026-05-20".into(),
        ordered: "2026-05-10".into(),
        sku: "SERVER",
        contract: "standard",
        currency: "USD",
        net: 100_000 + i128::try_from(number).unwrap(),
        status: "active",
        ..Order::default()
    }
}

pub(crate) fn line(number: usize, reference: &str) -> Line {
    Line {
        id: format!("L-{number:05}"),
        program: "FLAT",
        reference: reference.into(),
        account: "V-1".into(),
        category: "compute",
        period: "2026-05".into(),
        base: Some(100_000 + i128::try_from(number).unwrap()),
        rate: Some(800),
        calculated: Some(8000),
        currency: "USD",
        status: "CALCULATED",
        ..Line::default()
    }
}

pub(crate) fn files(orders: Vec<Order>, lines: Vec<Line>) -> Files {
    World { orders, lines, ..World::default() }.files()
}

#[test]
fn an_order_with_many_lines_costs_its_lines() {
    // Goal: usage lines of one blanket order are not compared with each other. Method: 800 and 3,200 lines of one order.
    let all = |n: usize| files(vec![order(1)], (0..n).map(|i| line(i, "ORD-2605-00001")).collect());
    assert_not_square("lines of one order", all, 800);
}

#[test]
fn a_line_over_many_orders_costs_its_orders() {
    // Goal: a consolidated line is split in one pass. Method: one subscription line over 800 and 3,200 orders.
    let of = |number| Order { subscription: "SUB-1".into(), ..order(number) };
    let all = |n: usize| files((0..n).map(of).collect(), vec![line(0, "SUB-1")]);
    assert_not_square("orders of one line", all, 800);
}

#[test]
fn near_ids_cost_their_neighbors() {
    // Goal: unmatched records of one account are looked up, not compared with each other. Method: 250 and 1,000 orders and as
    // many lines, each with one extra character in its id; ids spread so that both sizes are equally dense.
    let all = |n: usize| {
        let number = |i: usize| i * 97 % 99_991;
        let lines = (0..n).map(|i| line(i, &format!("ORD-2605-{:05}X", number(i)))).collect();
        files((0..n).map(|i| order(number(i))).collect(), lines)
    };
    assert_not_square("near ids", all, 250);
}

#[test]
fn volumes_and_caps_cost_their_orders() {
    // Goal: tier volumes and batches are added up once. Method: 800 and 3,200 orders of one account in a program with a
    // volume of the quarter.
    let all = |n: usize| {
        files((0..n).map(|i| Order { campaign: "Volume", ..order(i) }).collect(), vec![line(0, "NOTHING")])
    };
    assert_not_square("volume of an account", all, 800);
}

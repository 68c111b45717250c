//! The engine against its oracle: matching, suggestions, and which cases there are.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tieout::model::status::Status;
use tieout::reconcile::suggest::Likeness;
use tieout::reconcile::{Kind, Pass, Subject};

use super::engine::{has, index};
use super::engine_oracle::{Oracle, matched, near_pairs};
use super::engine_world::{bytes, make, own_period, rank};
use super::support::config;

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn every_record_has_one_case_with_one_primary(made in bytes(7, 12)) {
        // Goal: cases are a partition of lines and orders, amounts at stake of the money, and a kind that suppresses
        // another is never beside it (I-2, I-14, I-18). Method: count subjects; sums over cases, kinds and directions.
        let world = make(&made);
        world.reconcile(|_, reconciled| {
            let count = |wanted: Subject| reconciled.cases.iter().filter(|c| c.subject == wanted).count();
            for number in 0..world.lines.len() {
                prop_assert_eq!(count(Subject::Line(index(number))), 1);
            }
            for row in 0..world.orders.len() {
                let is_matched = !reconciled.matching.of_order(index(row)).is_empty();
                prop_assert_eq!(count(Subject::Order(index(row))), usize::from(!is_matched));
            }
            let mut sums: [BTreeMap<String, i128>; 3] = Default::default();
            for case in &reconciled.cases {
                let kinds: Vec<Kind> = case.findings.iter().map(|f| f.kind).collect();
                prop_assert!(kinds.windows(2).all(|pair| pair[0].rank() < pair[1].rank()), "{:?}", kinds);
                for (place, kind) in kinds.iter().enumerate() {
                    prop_assert!(kinds[..place].iter().all(|k| !k.suppresses().contains(kind)), "{:?}", kinds);
                }
                prop_assert!(case.findings.iter().all(|f| f.amount.is_none_or(|m| !m.is_negative())));
                let Some(stake) = case.at_stake() else { continue };
                prop_assert!(case.primary().is_some() || stake.is_zero(), "a clean case has nothing at stake");
                let primary = case.primary().map_or("clean", |f| f.kind.code());
                let (currency, minor) = (stake.currency(), stake.minor());
                for (sums, key) in sums.iter_mut().zip([
                    format!("{currency}"),
                    format!("{currency} {primary}"),
                    format!("{currency} {}", case.direction().label()),
                ]) {
                    *sums.entry(key).or_default() += minor;
                }
            }
            let [over_cases, over_kinds, over_directions] = sums;
            for (currency, sum) in over_cases {
                let of = |sums: &BTreeMap<String, i128>| -> i128 {
                    sums.iter().filter(|(key, _)| key.starts_with(&currency)).map(|(_, minor)| minor).sum()
                };
                prop_assert_eq!((of(&over_kinds), of(&over_directions)), (sum, sum));
            }
            Ok(())
        })?;
    }

    #[test]
    fn missing_rebate_is_what_is_left(made in bytes(9, 6)) {
        // Goal: a claim is filed only where everything else was checked (I-19). Method: on every case of an order: no
        // other cause beside it, the period final, the order not void, and the oracle expects money; and the other way
        // round, an order that should earn, is mapped and matched by nothing is never silent.
        let world = make(&made);
        let oracle = Oracle::new(&world);
        world.reconcile(|_, reconciled| {
            for case in &reconciled.cases {
                let Subject::Order(n) = case.subject else { continue };
                let order = &world.orders[n as usize];
                let place = oracle.claims.iter().position(|c| c.row == n as usize);
                let worth = place.map(|place| oracle.worths[place]).unwrap_or_default();
                let is_due = worth.expected.is_some_and(|e| e > 0) && order.status == "active";
                if has(case, Kind::MissingRebate) {
                    prop_assert_eq!(case.findings.len(), 1, "{}", &order.id);
                    prop_assert!(is_due && worth.is_eligible, "{}", &order.id);
                    prop_assert!(["2026-04", "2026-05"].contains(&own_period(order).as_str()), "{}", &order.id);
                    prop_assert!(order.account != "A-9" && !order.invoice.is_empty(), "{}", &order.id);
                    prop_assert_eq!(case.at_stake().map(|m| m.minor()), worth.expected);
                } else if is_due {
                    prop_assert!(!case.findings.is_empty(), "{} is silent", &order.id);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn matching_and_suggestions_agree_with_all_pairs(made in bytes(13, 13)) {
        // Goal: the indexed matcher and the variants of near ids find what the written rules say, ambiguity included
        // (domain 2.2, catalogue `near-miss-identifier`). Method: every line against every order row, by a distance and
        // comparisons of the test's own.
        let world = make(&made);
        let oracle = Oracle::new(&world);
        let pairs = near_pairs(&world, &oracle.matches);
        world.reconcile(|_, reconciled| {
            for (number, (pass, rows)) in oracle.matches.iter().enumerate() {
                let found = reconciled.matching.of_line(index(number));
                let found_rows: Vec<usize> = found.shares.iter().map(|s| s.order as usize).collect();
                prop_assert_eq!((found.pass.map(Pass::label), &found_rows), (*pass, rows), "{}", &world.lines[number].id);
                prop_assert_eq!(reconciled.repeated.contains_key(&index(number)), oracle.flags[number].is_some());
            }
            let mut found: Vec<(usize, usize)> = Vec::new();
            for (row, suggestion) in reconciled.suggestions.orders().filter(|(_, s)| s.likeness == Likeness::NearId) {
                for line in &suggestion.candidates {
                    found.push((row as usize, *line as usize));
                }
                let of_row: Vec<&(usize, usize)> = pairs.iter().filter(|p| p.0 == row as usize).collect();
                let is_unique = of_row.len() == 1 && pairs.iter().filter(|p| p.1 == of_row[0].1).count() == 1;
                prop_assert_eq!(suggestion.is_unique, is_unique, "{}", &world.orders[row as usize].id);
            }
            prop_assert_eq!(&found, &pairs);
            // Whatever is suggested stays unmatched on both sides.
            for (row, line) in found {
                prop_assert!(reconciled.matching.of_order(index(row)).is_empty());
                prop_assert!(reconciled.matching.of_line(index(line)).shares.is_empty());
                prop_assert!(reconciled.lines[line].expected.is_none());
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_paid_line_is_settled_or_says_why_not(made in bytes(5, 12)) {
        // Goal: calculated + adjustments − paid is 0 or a settlement kind names the gap (I-11), within one minor unit as
        // rounding. Method: the residual from the rows of lines and adjustments.
        let world = make(&made);
        world.reconcile(|snapshot, reconciled| {
            for (number, line) in world.lines.iter().enumerate().filter(|(_, l)| l.status == "PAID") {
                let Some(calculated) = line.calculated else { continue };
                prop_assert_eq!(snapshot.records.lines[number].status, Status::Paid);
                let adjusted: i128 = world.adjustments.iter().filter(|a| a.1 == line.id).map(|a| a.2).sum();
                let residual = calculated + adjusted - line.paid.unwrap();
                let case = reconciled.line_case(index(number));
                let kinds = [Kind::ShortPaid, Kind::OverPaid].map(|kind| has(case, kind));
                prop_assert_eq!(kinds, [residual > 1, residual < -1], "{}: {}", &line.id, residual);
                let net = reconciled.lines[number].net.unwrap().minor();
                prop_assert_eq!(net, calculated + adjusted, "{}", &line.id);
                if residual.abs() == 1 {
                    prop_assert!(has(case, Kind::RoundingDifference), "{}", &line.id);
                }
                for finding in case.findings.iter().filter(|f| [Kind::ShortPaid, Kind::OverPaid].contains(&f.kind)) {
                    prop_assert_eq!(finding.amount.unwrap().minor(), residual.abs());
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn history_kinds_say_what_the_files_say(made in bytes(5, 10)) {
        // Goal: a status that fell and a line that is gone are reported, and nothing else as one (domain 5.2). Method: the
        // rows of both snapshots side by side; a line that is gone while its order keeps one of the same program and
        // period is replaced.
        let world = make(&made);
        let Some(before) = &world.before else { return Ok(()) };
        world.reconcile(|_, reconciled| {
            for (number, line) in world.lines.iter().enumerate() {
                let then = before.iter().find(|l| l.id == line.id);
                let ranks = then.and_then(|l| rank(l.status)).zip(rank(line.status));
                // What was paid and is rejected fell furthest, although a rejection is no step of the way.
                let is_taken_back = then.is_some_and(|l| l.status == "PAID") && line.status == "REJECTED";
                let fell = is_taken_back || ranks.is_some_and(|(then, now)| now < then);
                let case = reconciled.line_case(index(number));
                prop_assert_eq!(has(case, Kind::StatusRegression), fell, "{}", &line.id);
            }
            let matches = |line| matched(&world, line).1;
            let mut expected: BTreeSet<&str> = BTreeSet::new();
            for gone in before.iter().filter(|l| world.lines.iter().all(|now| now.id != l.id)) {
                let Some(row) = matches(gone).first().copied() else { continue };
                let id = &world.orders[row].id;
                let is_replaced = world.lines.iter().any(|now| {
                    (now.program, &now.period) == (gone.program, &gone.period)
                        && matches(now).iter().any(|row| &world.orders[*row].id == id)
                });
                // One that took money back is no loss.
                if !is_replaced && gone.calculated.is_none_or(|c| c >= 0) {
                    expected.insert(id);
                }
            }
            let vanished = reconciled.cases.iter().filter(|c| has(c, Kind::LineVanished));
            let of: BTreeSet<&str> = vanished.flat_map(|c| c.orders.iter().map(|o| o.raw())).collect();
            prop_assert!(expected.is_subset(&of), "{:?} vanished, {:?} reported", expected, of);
            prop_assert!(of.is_empty() || !expected.is_empty(), "{:?} reported", of);
            Ok(())
        })?;
    }
}

//! Lines of files without order ids: matched by what they say, level by level, and never by a guess.

use proptest::prelude::*;
use tieout::reconcile::Pass;
use tieout::report::data::DataFile;

use super::support::{Project, Seen, config};

const SOURCE: &str = r#"
[[source]]
name = "bill"
kind = "rebate_lines"
files = "bill.csv"
[source.columns]
program_id = { value = "CORE" }
account_ref = "Account"
sku_ref = "Product"
subscription_ref = "Instance"
period = { value = "2026-05" }
base_amount = "Base"
rate = { value = "0.08" }
calculated_amount = "Amount"
currency = { value = "USD" }
status = { value = "CALCULATED" }
"#;

/// Orders as `id account instance net`, of May.
fn orders(rows: &[(&str, &str, &str, &str)]) -> String {
    let header = "order_id,reseller_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,site,\
        billing_model,contract_type,contract_activation_date,campaign,currency,net_amount,voucher_amount,order_status\n";
    let row = |(id, account, instance, net): &(&str, &str, &str, &str)| {
        format!(
            "{id},R-1,{account},{instance},INV-{id},2026-05-15,2026-05-12,SERVER,eu-1,intl,prepay,standard,2026-01-01,,USD,{net},0.00,active\n"
        )
    };
    header.to_owned() + &rows.iter().map(row).collect::<String>()
}

fn project(own: &[(&str, &str, &str, &str)], bill: &str) -> Project {
    let project = Project::base();
    for name in ["rebate_lines", "control_totals", "payouts"] {
        project.remove(&format!("input/2026-06-18/{name}.csv"));
    }
    project.write("tieout.toml", SOURCE);
    project.write("input/2026-06-18/orders.csv", orders(own));
    project.write("input/2026-06-18/bill.csv", bill);
    project
}

/// `base calculated: orders (pass)` of every line, sorted.
fn matched(seen: &Seen<'_>) -> Vec<String> {
    let rows = seen.data(DataFile::Lines);
    let line = |row: &super::support::Row| {
        format!("{} {}: {} ({})", row["base_vendor"], row["calculated"], row["order_ids"], row["match_rule"])
    };
    let mut all: Vec<String> = rows.iter().map(line).collect();
    all.sort();
    all
}

#[test]
fn equal_lines_without_ids_are_matched_as_a_multiset() {
    // Goal: trap 10: a bill whose rows repeat one key is matched one to one by base, equal rows each to an order of their
    // own; none is a duplicate, and no cent is lost. Method: three orders of one product, two of them equal.
    let own = [("O-1", "A-1", "", "500.00"), ("O-2", "A-1", "", "500.00"), ("O-3", "A-1", "", "700.00")];
    let bill = "Account,Product,Instance,Base,Amount\nV-1,srv,,700.00,56.00\nV-1,srv,,500.00,40.00\nV-1,srv,,500.00,40.00\n";
    project(&own, bill).reconcile(|seen| {
        assert_eq!(
            matched(seen),
            [
                "500.00 40.00: O-1 (account, product and month)",
                "500.00 40.00: O-2 (account, product and month)",
                "700.00 56.00: O-3 (account, product and month)"
            ]
        );
        assert_eq!(seen.not_clean(), Vec::<String>::new());
    });
}

#[test]
fn of_equal_orders_a_line_is_for_one_that_can_earn() {
    // Goal: an order that no rule lets earn does not take the line of one that does. Method: two orders of one base, the first
    // under a contract that the program does not take; once with each order in front.
    for (first, second) in [("O-1", "O-2"), ("O-2", "O-1")] {
        let own = [(first, "A-1", "", "500.00"), (second, "A-1", "", "500.00")];
        let bill = "Account,Product,Instance,Base,Amount\nV-1,srv,,500.00,40.00\n";
        let project = project(&own, bill);
        let row =
            format!("{first},R-1,A-1,,INV-{first},2026-05-15,2026-05-12,SERVER,eu-1,intl,prepay,standard");
        project.change_file("input/2026-06-18/orders.csv", &row, &row.replace("standard", "promo"));
        project.reconcile(|seen| {
            assert_eq!(matched(seen), [format!("500.00 40.00: {second} (account, product and month)")]);
        });
    }
}

#[test]
fn the_instance_comes_before_the_product() {
    // Goal: a record that both sides name decides before anything that they only share. Method: two orders of one product
    // and equal bases, each with its instance; the lines name them the other way round.
    let own = [("O-1", "A-1", "i-1", "500.00"), ("O-2", "A-1", "i-2", "500.00")];
    let bill = "Account,Product,Instance,Base,Amount\nV-1,srv,i-2,500.00,40.00\nV-1,srv,i-1,500.00,41.00\n";
    project(&own, bill).reconcile(|seen| {
        assert_eq!(
            matched(seen),
            [
                "500.00 40.00: O-2 (account, product and instance)",
                "500.00 41.00: O-1 (account, product and instance)"
            ]
        );
    });
}

#[test]
fn an_instance_that_our_orders_do_not_have_is_no_obstacle() {
    // Goal: a bill with instances is matched by product where our orders know none, and never with an order of another
    // instance. Method: an order without an instance, then one with another.
    let bill = "Account,Product,Instance,Base,Amount\nV-1,srv,i-1,500.00,40.00\n";
    project(&[("O-1", "A-1", "", "500.00")], bill)
        .reconcile(|seen| assert_eq!(matched(seen), ["500.00 40.00: O-1 (account, product and month)"]));
    project(&[("O-1", "A-1", "i-2", "500.00")], bill)
        .reconcile(|seen| assert_eq!(matched(seen), ["500.00 40.00:  ()"]));
}

#[test]
fn a_monthly_total_is_split_over_the_orders_of_the_account() {
    // Goal: a source that says account and month only is reconciled at that level, each order with its part, to the cent.
    // Method: one line for three orders of 333.33, 333.33 and 333.34; another account has orders too.
    let own = [
        ("O-1", "A-1", "", "333.33"),
        ("O-2", "A-1", "", "333.33"),
        ("O-3", "A-1", "", "333.34"),
        ("O-4", "A-2", "", "900.00"),
    ];
    let bill = "Account,Product,Instance,Base,Amount\nV-1,,,1000.00,80.00\n";
    project(&own, bill).reconcile(|seen| {
        assert_eq!(matched(seen), ["1000.00 80.00: O-1;O-2;O-3 (account and month)"]);
        let parts: Vec<String> = seen
            .data(DataFile::Orders)
            .iter()
            .map(|row| format!("{} {}", row["order_id"], row["calculated"]))
            .collect();
        assert_eq!(parts, ["O-1 26.67", "O-2 26.66", "O-3 26.67", "O-4 "], "80.00 in all");
    });
}

#[test]
fn several_on_both_sides_are_not_guessed() {
    // Goal: where several lines and several orders say the same and no base is equal, none is chosen, the amounts stay
    // where they are, and the page says why. Method: two of each.
    let own = [("O-1", "A-1", "", "100.00"), ("O-2", "A-1", "", "200.00")];
    let bill = "Account,Product,Instance,Base,Amount\nV-1,srv,,140.00,11.20\nV-1,srv,,160.00,12.80\n";
    let project = project(&own, bill);
    project.reconcile(|seen| {
        assert_eq!(matched(seen), ["140.00 11.20:  ()", "160.00 12.80:  ()"]);
        let kinds = seen.not_clean();
        assert_eq!(kinds.iter().filter(|case| case.ends_with(": orphan-rebate")).count(), 2, "{kinds:?}");
    });
    let tree = project.build();
    let page = tree
        .paths()
        .into_iter()
        .find(|path| path.starts_with("order/unnamedorder"))
        .expect("a page of the group");
    let text = tree.text(&page);
    assert!(
        text.contains("2 lines and 2 orders say the same") || text.contains("2 lines, 2 orders"),
        "{text}"
    );
}

#[test]
fn a_line_that_names_an_order_is_never_matched_loosely() {
    // Goal: a wrong order id stays a finding; the levels are for files without order ids. Method: the same line, its file
    // with an order column that names an order which is not ours.
    let own = [("O-1", "A-1", "", "500.00")];
    let bill = "Order,Account,Product,Instance,Base,Amount\nX-77,V-1,srv,,500.00,40.00\n";
    let project = project(&own, bill);
    project.write("tieout.toml", SOURCE.replace("account_ref =", "order_ref = \"Order\"\naccount_ref ="));
    project.reconcile(|seen| assert_eq!(matched(seen), ["500.00 40.00:  ()"]));
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn no_order_is_taken_twice_and_no_cent_is_lost(
        own in proptest::collection::vec((0..3_usize, 0..3_usize, 1..5_u32), 0..9),
        bill in proptest::collection::vec((0..3_usize, 0..2_usize, 0..3_usize, 1..5_u32), 0..9),
        seed in any::<u64>(),
    ) {
        // Goal: whatever the two sides are, every line's parts add up to it, an order is in one line of a level unless
        // several lines have one order, matches agree in account, and the order of rows changes nothing. Method: small
        // worlds with many equal records, read in two orders.
        let (accounts, theirs, instances) = (["A-1", "A-2", "A-3"], ["V-1", "V-2", "V-3"], ["", "i-1", "i-2"]);
        let ids: Vec<String> = (0..own.len()).map(|n| format!("O-{}", n + 1)).collect();
        let nets: Vec<String> = own.iter().map(|(_, _, net)| format!("{net}00.00")).collect();
        let mut rows: Vec<(&str, &str, &str, &str)> = own
            .iter()
            .enumerate()
            .map(|(n, (account, instance, _))| (ids[n].as_str(), accounts[*account], instances[*instance], nets[n].as_str()))
            .collect();
        let mut lines: Vec<String> = bill
            .iter()
            .map(|(account, product, instance, base)| {
                format!("{},{},{},{base}00.00,{}.00\n", theirs[*account], ["srv", ""][*product], instances[*instance], base * 8)
            })
            .collect();
        let header = "Account,Product,Instance,Base,Amount\n";
        let said = |rows: &[(&str, &str, &str, &str)], lines: &[String]| {
            project(rows, &format!("{header}{}", lines.concat())).reconcile(|seen| {
                let records = &seen.reconciled.snapshot.records;
                for (number, line) in records.lines.iter().enumerate() {
                    let found = seen.reconciled.matching.of_line(u32::try_from(number).unwrap());
                    let parts: i128 = found.shares.iter().filter_map(|s| s.amount_calculated).map(|m| m.minor()).sum();
                    assert!(found.shares.is_empty() || parts == line.amount_calculated.unwrap().minor());
                    for share in &found.shares {
                        let order = &records.orders[share.order as usize];
                        assert_eq!(order.account.raw().replace('A', "V"), line.account_ref.unwrap().raw());
                        let beside = seen.reconciled.matching.of_order(share.order);
                        let is_alone = beside.len() == 1 || found.shares.len() == 1;
                        assert!(is_alone, "{beside:?} share an order of several");
                        assert!(matches!(found.pass, Some(Pass::Instance | Pass::Product | Pass::Month)));
                    }
                }
                matched(seen)
            })
        };
        let first = said(&rows, &lines);
        let turn = usize::try_from(seed % 7).unwrap();
        rows.reverse();
        let middle = turn.min(lines.len());
        lines.rotate_left(middle);
        prop_assert_eq!(first, said(&rows, &lines));
    }
}

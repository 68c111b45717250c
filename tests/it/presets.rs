//! The presets of vendors: each reads an extract of the documented shape, to the cent, and says what it cannot know. The
//! extracts are made up; `tests/fixtures/presets/` has one folder per preset, and its workbooks are the least package of parts.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tieout::diagnostic::Severity;
use tieout::ingest::mapping::header_key;
use tieout::ingest::mapping::presets::PRESETS;
use tieout::normalize::controls::{ControlCheck, control_totals};
use tieout::report::data::DataFile;

use super::support::{Project, Seen, repository, tests};

fn fixture(preset: &str) -> PathBuf {
    tests().join("fixtures/presets").join(preset)
}

fn settings(preset: &str) -> String {
    fs::read_to_string(fixture(preset).join("tieout.toml")).unwrap()
}

/// The made-up extract of a preset, the least reference data, and what its page says to write into `tieout.toml`.
fn project(preset: &str) -> Project {
    let project = Project::empty();
    for entry in fs::read_dir(fixture("reference")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        project.write(&format!("input/reference/{name}"), fs::read(path).unwrap());
    }
    project.overlay(&fixture(preset).join("input"));
    project.write("tieout.toml", settings(preset));
    project
}

fn page(preset: &str) -> String {
    let path = repository().join(format!("docs/presets/{preset}.md"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn checks(seen: &Seen<'_>) -> Vec<ControlCheck> {
    control_totals(&seen.loaded.files, seen.reconciled.snapshot)
}

/// `loaded merged rounded verdict` of every declared total.
fn ties(seen: &Seen<'_>) -> Vec<String> {
    let said =
        |c: &ControlCheck| format!("{} {} {} {} {}", c.currency, c.loaded, c.merged, c.rounded, c.verdict());
    checks(seen).iter().map(said).collect()
}

/// Columns of every row of a data file, sorted.
fn columns(seen: &Seen<'_>, file: DataFile, names: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = seen
        .data(file)
        .iter()
        .map(|row| names.iter().map(|name| row[*name].as_str()).collect::<Vec<_>>().join(" | "))
        .collect();
    all.sort();
    all
}

/// The problems that stop a run, as `code: message; help`.
fn fatal(project: &Project) -> Vec<String> {
    let (result, problems) = project.try_build();
    assert!(result.is_err(), "the run goes on");
    let fatal = problems.iter().filter(|d| d.severity == Severity::Fatal);
    fatal.map(|d| format!("{} {}: {}; {}", d.code, d.field, d.message, d.help)).collect()
}

#[test]
fn every_preset_has_a_fixture_a_page_and_a_place_in_the_readme() {
    // Goal: a preset is proven, explained and found. Method: the list of presets against the folders of fixtures and pages, and
    // the README; each page shows exactly the settings that its fixture is read with.
    let names: BTreeSet<&str> = PRESETS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.len(), PRESETS.len(), "a name is there twice");
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for (name, title, text) in PRESETS {
        assert!(!title.is_empty() && text.starts_with("# "), "{name} says what it reads");
        let page = page(name);
        assert!(page.contains(&format!("`{name}`")), "the page of {name} does not name it");
        assert!(
            page.contains(&format!("```toml\n{}```", settings(name))),
            "{name}: the page shows other settings"
        );
        for heading in
            ["## Get the file", "## Set in tieout.toml", "## Known", "## Assumed", "## Not possible"]
        {
            assert!(page.contains(heading), "the page of {name} has no `{heading}`");
        }
        let link = format!("[{name}](docs/presets/{name}.md)");
        assert!(readme.contains(&link), "the README does not list {link}");
    }
    let folders = fs::read_dir(tests().join("fixtures/presets")).unwrap();
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let expected = names.iter().map(|name| (*name).to_owned()).chain(["reference".to_owned()]).collect();
    assert_eq!(folders, expected);
}

#[test]
fn every_fixture_loads_whole_and_ties_to_its_declared_totals() {
    // Goal: a preset reads all rows of an extract of its shape, and their sum is the declared one to the cent. Method: every
    // fixture; no row set aside, no warning, each file by its preset and with a total that ties.
    for (name, ..) in PRESETS {
        project(name).reconcile(|seen| {
            let aside: Vec<_> =
                seen.reconciled.snapshot.quarantined.iter().flat_map(|q| &q.problems).collect();
            assert!(aside.is_empty(), "{name}: {aside:#?}");
            let odd = seen.shown.diagnostics.iter().filter(|d| d.severity > Severity::Note);
            let odd: Vec<_> = odd.map(|d| format!("{} {}", d.code, d.message)).collect();
            assert!(odd.is_empty(), "{name}: {odd:#?}");
            let checks = checks(seen);
            for check in &checks {
                assert_eq!(check.verdict(), "ties", "{name}: {check:#?}");
            }
            let mapped = seen.loaded.files.iter().filter(|(_, file)| file.mapping().is_some());
            let mut paths = BTreeSet::new();
            for (_, file) in mapped {
                assert_eq!(file.source(), *name);
                assert!(
                    checks.iter().any(|check| check.file == file.path()),
                    "{name}: {} has no total",
                    file.path()
                );
                paths.insert(file.path().to_owned());
            }
            assert!(!paths.is_empty(), "{name} reads nothing");
        });
    }
}

#[test]
fn every_header_of_a_preset_is_in_its_fixture_or_on_its_page() {
    // Goal: no preset looks for a column that nobody has documented. Method: every header that it names, against the headers of
    // its fixture and the words in back-ticks on its page.
    for (name, ..) in PRESETS {
        let page = page(name);
        project(name).reconcile(|seen| {
            for (_, file) in seen.loaded.files.iter() {
                for header in file.mapping().iter().flat_map(|mapping| mapping.names()) {
                    let is_there = seen.loaded.files.iter().any(|(_, other)| {
                        other.mapping().is_some()
                            && other.header().iter().any(|found| header_key(found) == header_key(header))
                    });
                    assert!(is_there || page.contains(&format!("`{header}`")), "{name}: `{header}`");
                }
            }
        });
    }
}

/// Kind and amount of every case that is not clean, sorted.
fn cases(seen: &Seen<'_>) -> Vec<String> {
    columns(seen, DataFile::Cases, &["primary", "at_stake"])
        .into_iter()
        .filter(|case| !case.starts_with("clean"))
        .collect()
}

/// The columns of orders that the tests of bills and order lists look at.
const ORDER: [&str; 7] =
    ["account_id", "order_date", "period", "sku", "region", "billing_model", "net_amount"];

#[test]
fn the_bill_of_a_reseller_is_read_row_by_row() {
    // Goal: formats 1.4: every row of the bill is a purchase of the customer in `Linked User ID`, TABs and masked names
    // notwithstanding; equal rows are all money; `NA` is a region; refunds are negative. Method: the fixture, row by row.
    project("alibaba-intl-reseller-bill").reconcile(|seen| {
        let [a, b, c] = ["5000000000001014", "5000000000002020", "5000000000003033"];
        assert_eq!(
            columns(seen, DataFile::Orders, &ORDER),
            [
                // 100.120456 less 5.006173 is 95.114283, so 95.11.
                format!("{a} | 2026-05-01 | 2026-05 | ecs_intl | Japan (Tokyo) | Pay-As-You-Go | 95.11"),
                format!("{a} | 2026-05-01 | 2026-05 | sls_intl | ap-northeast-2 | Pay-As-You-Go | 10.50"),
                format!("{a} | 2026-05-01 | 2026-05 | sls_intl | ap-northeast-2 | Pay-As-You-Go | 10.50"),
                format!("{b} | 2026-05-01 | 2026-05 | cdn_intl | NA | Pay-As-You-Go | 7.25"),
                format!("{b} | 2026-05-01 | 2026-05 | ecs_intl | AP1 | Pay-As-You-Go | 1.90"),
                format!("{b} | 2026-05-01 | 2026-05 | ecs_intl | AP1 | Pay-As-You-Go | 3.10"),
                // 240 less 13.632, 5.68 %, is 226.368, so 226.37.
                format!("{b} | 2026-05-14 | 2026-05 | vm_intl | EU | Subscription | 226.37"),
                format!("{b} | 2026-05-22 | 2026-05 | vm_intl | EU | Subscription | -24.00"),
                format!("{c} | 2026-05-01 | 2026-05 | oss_intl | EU | Pay-As-You-Go | 0.00"),
                format!("{c} | 2026-05-20 | 2026-05 | sgcmjj00000001 |  | Subscription | 30.00"),
                // 12 less a coupon of 2: the coupon is not taken off again.
                format!("{c} | 2026-05-21 | 2026-05 | vm_intl | MEAA | Subscription | 10.00"),
                format!("{c} | 2026-05-23 | 2026-05 | vm_intl | MEAA | Subscription | 0.00"),
            ]
        );
        // 95.114283 + 2 × 10.5 + 7.254001 + 3.1 + 1.9 + 226.368 + 30 + 10 − 24 = 370.736284, so 370.74 is declared; the rows
        // add up to 95.11 + 21.00 + 7.25 + 5.00 + 226.37 + 30.00 + 10.00 − 24.00 = 370.73.
        assert_eq!(ties(seen), ["USD 370.73 0.00 0.01 ties"]);
        let ids: BTreeSet<String> = columns(seen, DataFile::Orders, &["order_id"]).into_iter().collect();
        assert_eq!(ids.len(), 12, "every row has an id of its own");
        // Nothing came for them, and the month is final: each expected amount is missing; the network and the marketplace earn none.
        assert_eq!(
            cases(seen),
            [
                "missing-rebate | 0.19",
                "missing-rebate | 0.31",
                "missing-rebate | 0.53",
                "missing-rebate | 0.53",
                "missing-rebate | 1.00",
                "missing-rebate | 22.64",
                "missing-rebate | 9.51",
                "sku-not-eligible | 0.00",
                "sku-not-eligible | 0.00",
            ]
        );
        let orders = &seen.reconciled.snapshot.records.orders;
        assert!(orders.iter().all(|o| o.reseller.unwrap().raw() == "5000000000000017"));
        assert!(orders.iter().any(|o| o.subscription.is_some_and(|s| s.raw() == "700000000001")));
        assert!(orders.iter().all(|o| o.amount_voucher.is_none()));
        // 10 % of compute: 9.51, 0.31, 0.19, 22.64, −2.40, 1.00 and 0.00; 5 % of storage: 0.525 twice and 0.00; no rate for the
        // network and the marketplace.
        let expected = columns(seen, DataFile::Orders, &["expected"]);
        assert_eq!(
            expected,
            [
                "-2.40", "0.00", "0.00", "0.00", "0.00", "0.19", "0.31", "0.53", "0.53", "1.00", "22.64",
                "9.51"
            ]
        );
    });
}

#[test]
fn the_bill_of_end_users_has_the_customer_in_its_first_id() {
    // Goal: formats 1.4 and trap 10: in the sibling file `User ID` is the customer. Method: the fixture; its total.
    project("alibaba-intl-enduser-bill").reconcile(|seen| {
        assert_eq!(
            columns(seen, DataFile::Orders, &["account_id", "sku", "net_amount"]),
            [
                "5000000000001014 | ecs_intl | 100.12",
                // 11.025 is half a cent: to the even one.
                "5000000000001014 | sls_intl | 11.02",
                "5000000000001014 | sls_intl | 11.02",
                "5000000000002020 | cdn_intl | 7.62",
                "5000000000002020 | vm_intl | -24.00",
                "5000000000002020 | vm_intl | 240.00",
                "5000000000003033 | vm_intl | 0.00",
            ]
        );
        // 100.120456 + 2 × 11.025 + 7.616701 + 240 − 24 + 0 = 345.787157, so 345.79; the rows add up to 345.78.
        assert_eq!(ties(seen), ["USD 345.78 0.00 0.01 ties"]);
    });
}

#[test]
fn orders_of_customers_have_statuses_as_the_answer_means_them() {
    // Goal: formats 1.2: in the answer of GetCustomerOrderList 2 is paid and 3 canceled; an unpaid order is no purchase; a
    // refund is a cancellation, whatever its sign; times are those of the declared zone. Method: the fixture.
    project("alibaba-agency-customer-orders").reconcile(|seen| {
        let names = ["order_id", "order_date", "sku", "net_amount", "currency", "expected"];
        assert_eq!(
            columns(seen, DataFile::Orders, &names),
            [
                "236400000000011 | 2026-05-04 | ecs | 29137.00 | CNY | 2913.70",
                // 120.50 at 0.9 is 108.45, less a coupon of 8.45 is 100.00.
                "236400000000012 | 2026-05-05 | slb | 100.00 | CNY | 10.00",
                // Canceled: kept, and void.
                "236400000000013 | 2026-05-06 | ecs | 50.00 | CNY | 0.00",
                // 8.250000000000004, the noise of a float; paid on 1 June.
                "236400000000017 | 2026-05-31 | slb | 8.25 | CNY | 0.83",
            ]
        );
        let missing = ["missing-rebate | 0.83", "missing-rebate | 10.00", "missing-rebate | 2913.70"];
        assert_eq!(cases(seen), missing, "nothing is missing for a canceled order");
        // 29,137.00 + 100.00 + 50.00 + 8.25
        assert_eq!(ties(seen), ["CNY 29295.25 0.00 0.00 ties"]);
        let records = &seen.reconciled.snapshot.records;
        let refunds: Vec<_> = records
            .cancellations
            .iter()
            .map(|c| format!("{} {} {}", c.id.raw(), c.date, c.amount_refund))
            .collect();
        assert_eq!(refunds, ["236400000000015 2026-05-20 30.00", "236400000000016 2026-05-21 0.00"]);
        let void: Vec<_> = records.orders.iter().filter(|o| o.is_void()).map(|o| o.id.raw()).collect();
        assert_eq!(void, ["236400000000013"]);
        let of = |id: &str| records.orders.iter().find(|o| o.id.raw() == id).unwrap();
        assert_eq!(of("236400000000017").payment_date.unwrap().to_string(), "2026-06-01");
        assert_eq!(of("236400000000012").amount_list.unwrap().to_string(), "120.50");
        assert_eq!(of("236400000000012").customer_class.unwrap().as_str(), "C类");
    });
}

#[test]
fn orders_below_partners_have_the_other_statuses() {
    // Goal: formats 1.2: in the answer of GetSubPartnerOrderList 3 is paid and 2 deprecated; the partner stands for the
    // customer whom the answer does not name. Method: the fixture.
    project("alibaba-agency-subpartner-orders").reconcile(|seen| {
        let records = &seen.reconciled.snapshot.records;
        let said: Vec<_> = records
            .orders
            .iter()
            .map(|o| format!("{} {} {} {}", o.id.raw(), o.account.raw(), o.status.unwrap(), o.amount_net))
            .collect();
        assert_eq!(
            said,
            [
                "13595001 5000000000007011 paid 900.00",
                "13595002 5000000000007011 void 400.00",
                "13595003 5000000000007011 paid -15.50",
            ]
        );
        // 900.00 + 400.00 − 15.50
        assert_eq!(ties(seen), ["CNY 1284.50 0.00 0.00 ties"]);
        let refunds: Vec<_> = records.cancellations.iter().map(|c| c.amount_refund.to_string()).collect();
        assert_eq!(refunds, ["200.00"], "a refund that is written without a sign is one, too");
    });
}

#[test]
fn orders_of_international_customers_keep_undocumented_statuses() {
    // Goal: formats 1.2: GetCustomerOrders has statuses that nobody documents, so they stay as they are; the method of payment
    // stays text. Method: the fixture.
    project("alibaba-intl-customer-orders").reconcile(|seen| {
        let names = ["order_id", "account_id", "sku", "net_amount", "expected"];
        assert_eq!(
            columns(seen, DataFile::Orders, &names),
            [
                "500500000000021 | 5000000000001014 | vm_intl | 3.92 | 0.39",
                // 11.115 is half a cent: to the even one; 5 % of it is 0.556.
                "500500000000022 | 5000000000001014 | snapshot | 11.12 | 0.56",
            ]
        );
        assert_eq!(ties(seen), ["USD 15.04 0.00 0.00 ties"], "3.92 + 11.115 = 15.035, to the even cent");
        let records = &seen.reconciled.snapshot.records;
        assert_eq!(records.cancellations[0].amount_refund.to_string(), "1.20");
        assert!(records.orders.iter().all(|o| o.status.unwrap() == "4" && !o.is_void()));
        let files = &seen.loaded.files;
        let evidence = files.cells(records.orders[0].origin.source);
        assert!(evidence.contains(&("PaymentMethod".to_owned(), "3:32".to_owned())), "{evidence:?}");
    });
}

#[test]
fn order_lists_without_a_currency_ask_for_it() {
    // Goal: formats 1.2: the answers have no currency, and none is invented; the message says what to write. Method: the
    // settings of each fixture without their currency.
    for preset in
        ["alibaba-agency-customer-orders", "alibaba-agency-subpartner-orders", "alibaba-intl-customer-orders"]
    {
        let project = project(preset);
        project.write("tieout.toml", format!("[[source]]\npreset = \"{preset}\"\n"));
        let said = fatal(&project);
        assert!(
            !said.is_empty() && said.iter().all(|d| d.starts_with("column-missing currency: ")),
            "{said:#?}"
        );
        assert!(
            said[0].contains("or `currency = { value = \"…\" }` where it is the same in every row"),
            "{said:#?}"
        );
    }
}

#[test]
fn a_commission_detail_has_month_and_policy_from_its_name() {
    // Goal: formats 1.1 and 1.3: one workbook per policy and month, whose name says both; a title above, a total below, which
    // must tie; deductions in a positive column of their own change nothing. Method: the fixture of two policies.
    project("alibaba-commission-detail").reconcile(|seen| {
        assert_eq!(
            columns(
                seen,
                DataFile::Lines,
                &["program", "period_vendor", "base_vendor", "rate_vendor", "calculated", "status"]
            ),
            [
                "ACQUIRE | 2026-05 | -40.00 | 0.15 | -6.00 | approved",
                "ACQUIRE | 2026-05 | 1000.00 | 0.15 | 150.00 | paid",
                // 200.50 × 15 % = 30.075, half a cent: to the even one.
                "ACQUIRE | 2026-05 | 200.50 | 0.15 | 30.08 | approved",
                "EXPAND | 2026-05 | 80.00 | 0.1 | 8.00 | approved",
            ]
        );
        // 150 + 30.075 − 6 = 174.075 in the row 合计, so 174.08; the other policy is declared beside it.
        assert_eq!(ties(seen), ["USD 174.08 0.00 0.00 ties", "USD 8.00 0.00 0.00 ties"]);
        let lines = &seen.reconciled.snapshot.records.lines;
        assert!(lines.iter().all(|line| line.invoice_ref.unwrap().raw().starts_with("KP-000")));
        assert!(
            lines.iter().all(|line| line.account_ref.unwrap().raw().len() == 16),
            "ids keep their digits"
        );
    });
}

#[test]
fn an_earning_of_microsoft_counts_once_in_both_layouts() {
    // Goal: formats 2.1 to 2.5: earnings of both layouts under one source; an earning that is printed on three transactions
    // counts once; currencies stay apart; an adjustment stands in the month it applies to and has no order by design.
    // Method: the fixture, with statuses as 6.3 places them.
    project("microsoft-earnings").reconcile(|seen| {
        let records = &seen.reconciled.snapshot.records;
        let said: Vec<_> = records
            .lines
            .iter()
            .map(|l| {
                let base = l.amount_base.map_or_else(String::new, |m| m.to_string());
                let calculated = l.amount_calculated.unwrap();
                [
                    l.id.raw(),
                    &l.period.to_string(),
                    l.order_ref.raw(),
                    &base,
                    &calculated.to_string(),
                    l.currency.code(),
                    l.status.code(),
                ]
                .join(" | ")
            })
            .collect();
        assert_eq!(
            said,
            [
                // 400 + 350 + 250 at 8 %, printed three times.
                "EARN-0001 | 2026-05 | SUB-MADE-1 | 1000.00 | 80.00 | USD | paid",
                // 500.0625 × 8 % = 40.005, half a cent: to the even one.
                "EARN-0002 | 2026-05 | SUB-MADE-2 | 500.06 | 40.00 | USD | under_review",
                "EARN-0003 | 2026-05 | SUB-MADE-2 | -100.00 | -8.00 | USD | calculated",
                // Sent back by the bank: still owed.
                "EARN-0004 | 2026-05 | SUB-MADE-3 | 200.00 | 16.00 | EUR | approved",
                // Applied to January, paid in June: no order by design, so its own id.
                "EARN-0101 | 2026-01 | EARN-0101 |  | 12.50 | USD | paid",
                "EARN-0102 | 2026-05 | 566890604832730001 | 125.00 | 10.00 | USD | approved",
                "EARN-0103 | 2026-05 | 566890604832730001 | 75.00 | 6.00 | USD | approved",
            ]
        );
        // The column of the first file adds up to 3 × 80 + 40.005 − 8 = 272.005 USD, of which 160.00 is one earning again.
        assert_eq!(
            ties(seen),
            ["EUR 16.00 0.00 0.00 ties", "USD 112.00 160.00 0.00 ties", "USD 28.50 0.00 0.00 ties"]
        );
        assert_eq!(seen.counts("2026-06-18/microsoft-earnings-2020.csv"), [6, 4, 2, 0, 0]);
        let by_design: Vec<_> =
            records.lines.iter().filter(|l| l.has_no_order_by_design()).map(|l| l.id.raw()).collect();
        assert_eq!(by_design, ["EARN-0101"]);
        let paid: Vec<_> = records
            .lines
            .iter()
            .filter_map(|l| Some(format!("{} {}", l.payout?.raw(), l.amount_paid?)))
            .collect();
        assert_eq!(paid, ["PAY-1001 80.00", "PAY-1002 12.50"]);
        assert!(records.lines.iter().any(|l| l.sku_ref.is_some_and(|s| s.raw() == "006G")));
    });
}

#[test]
fn payments_of_microsoft_are_received_when_they_were_sent() {
    // Goal: formats 2.2 and 2.3: what arrives is the total after withholding, with sales tax; what failed or is on its way is
    // not received. Method: the fixture in both layouts; a rejected and a running payment are information.
    project("microsoft-payments").reconcile(|seen| {
        let payouts = &seen.reconciled.snapshot.records.payouts;
        let said: Vec<_> = payouts
            .iter()
            .map(|p| {
                format!("{} {} {} {} {}", p.id.raw(), p.date, p.amount, p.amount.currency(), p.form.unwrap())
            })
            .collect();
        assert_eq!(
            said,
            [
                "0017 2026-05-15 30.00 EUR bank transfer",
                // 80.00 − 4.00 withheld + 15.20 sales tax
                "PAY-1001 2026-06-15 91.20 USD bank transfer",
                "PAY-1002 2026-06-15 12.50 USD credit note",
            ]
        );
        assert_eq!(ties(seen), ["EUR 30.00 0.00 0.00 ties", "USD 103.70 0.00 0.00 ties"]);
        let files = &seen.loaded.files;
        let beside: Vec<_> =
            files.iter().filter(|(_, f)| f.mapping().is_some()).map(|(_, f)| f.rows_beside().1).collect();
        assert_eq!(beside, [0, 2], "two rows for information");
    });
}

#[test]
fn a_payment_over_two_programs_is_named_and_not_added() {
    // Goal: the export has a row per program; where two share a payment, nothing is added or dropped in silence. Method: a
    // second row of a payment for another program: set aside with its reason, and the declared total does not tie.
    let project = project("microsoft-payments");
    let path = "input/2026-06-18/microsoft-payments.csv";
    project.append(
        path,
        "0001001,MPN ID,Made Up Reseller,Sample Marketplace,5,5,0,0,0,5,USD,bank transfer,PAY-1001,Sent,,6/15/2026 0:00\n",
    );
    project.reconcile(|seen| {
        assert_eq!(seen.problems("conflicting-duplicate").len(), 1);
        assert_eq!(seen.counts("2026-06-18/microsoft-payments.csv"), [3, 2, 0, 1, 0]);
        assert!(ties(seen).contains(&"USD 103.70 0.00 0.00 rows differ".to_owned()), "{:?}", ties(seen));
    });
}

#[test]
fn incentives_of_huawei_have_their_ladder_and_eight_decimals() {
    // Goal: formats 3.1: states in either language, amounts of eight decimals, negative incentives, a reason for what is
    // frozen. Method: the fixture; the columns of amount, currency and status come from the project.
    project("huawei-incentives").reconcile(|seen| {
        assert_eq!(
            columns(
                seen,
                DataFile::Lines,
                &["line_id", "base_vendor", "rate_vendor", "calculated", "status", "reason_raw"]
            ),
            [
                // 1001.54320975 × 8 % = 80.12345678
                "HWB-0001 | 1001.54 | 0.08 | 80.12 | paid | ",
                "HWB-0002 | 500.00 | 0.08 | 40.00 | calculated | ",
                "HWB-0003 | -200.00 | 0.08 | -16.00 | in_calculation | ",
                "HWB-0004 | 318.75 | 0.08 | 25.50 | under_review | FROZEN_UNPAID_BILL",
            ]
        );
        // 80.12345678 + 40 − 16 + 25.5 = 129.62345678
        assert_eq!(ties(seen), ["USD 129.62 0.00 0.00 ties"]);
    });
    let project = project("huawei-incentives");
    project.write("tieout.toml", "[[source]]\npreset = \"huawei-incentives\"\n");
    let said = fatal(&project);
    let fields: Vec<_> = said.iter().map(|d| d.split([' ', ':']).nth(1).unwrap()).collect();
    assert_eq!(fields, ["calculated_amount", "currency", "status"], "what is not documented is asked for");
}

#[test]
fn rebates_of_tencent_are_fen_of_whole_months() {
    // Goal: formats 3.2: integers in fen, numbers as strings, a signed amount, flags as statuses and reasons; a month has no
    // order by design. Method: the fixture.
    project("tencent-rebates").reconcile(|seen| {
        assert_eq!(
            columns(
                seen,
                DataFile::Lines,
                &["period_vendor", "base_vendor", "calculated", "currency", "status", "reason_raw"]
            ),
            [
                "2026-03 | 6250.00 | 500.00 | CNY | pending_data | NO_CONTRACT",
                "2026-04 | -1543.13 | -123.45 | CNY | pending_data | HAS_OVERDUE_BILL",
                "2026-05 | 154320.88 | 12345.67 | CNY | calculated | ",
            ]
        );
        // 1,234,567 − 12,345 + 50,000 fen
        assert_eq!(ties(seen), ["CNY 12722.22 0.00 0.00 ties"]);
        assert!(seen.reconciled.snapshot.records.lines.iter().all(|line| line.has_no_order_by_design()));
        assert!(!seen.not_clean().iter().any(|case| case.contains("orphan")), "{:?}", seen.not_clean());
    });
}

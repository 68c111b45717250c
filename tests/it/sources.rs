//! Files as people have them, read by `[[source]]` of `tieout.toml`: the same answers as from canonical files, and every
//! row, total and odd value accounted for.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;

use tieout::report::data::DataFile;

use super::support::{Project, Row, Seen};

/// The sample, its orders and lines as another system writes them: other headers in another order, semicolons, a decimal
/// comma, cents, days with times of Shanghai, rows above the header and a total below, rows from the last to the first.
const DISGUISE: &str = r#"
[[source]]
name = "bills"
kind = "orders"
files = "bills_{period}_{part}.csv"
delimiter = ";"
decimal = ","
thousands = "."
strip = "$"
dates = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]
zone = "Asia/Shanghai"
empty = "NULL"
[source.columns]
order_id = "Order No."
reseller_id = { from = "Partner", suffix = " Ltd." }
account_id = { join = ["Account group", "Account number"], with = "-" }
subscription_id = "subscription_id"
invoice_id = "Invoice"
invoice_date = "Invoiced on"
order_date = "Ordered at"
sku = "Commodity"
region = "Zone"
site = { from = "Site", values = { "International" = "intl" } }
billing_model = "billing_model"
contract_type = "contract_type"
contract_activation_date = "contract_activation_date"
campaign = "campaign"
currency = "Cur"
net_amount = "Amount due"
voucher_amount = { from = "Coupon", sign = "drop" }
order_status = "order_status"

[[source]]
name = "commission"
kind = "rebate_lines"
files = "commission_*.csv"
delimiter = "|"
unit = "hundredth"
[source.columns]
line_id = { from = ["Line", "LineId"], prefix = "No. " }
reseller_id = "Reseller"
program_id = "Policy"
batch_id = "Batch"
order_ref = "Order"
account_ref = "Account"
sku_ref = "Code"
category = "Category"
region = { from = "Region", or = "Region 2" }
period = "Month"
base_amount = "Base"
rate = "Rate"
calculated_amount = "Commission"
currency = "Currency"
status = "State"
reason_code = "Reason"
status_date = "State day"
approved_date = "Approval day"
paid_amount = "Paid"
payout_id = "Payout"
[[source.rows]]
column = "Line"
starts = "Sum"
role = "control"
"#;

/// The rows of a file as maps from its columns.
fn table(text: &str) -> (Vec<String>, Vec<Row>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| {
        header.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect::<BTreeMap<_, _>>()
    });
    (header.clone(), rows.collect())
}

/// The header of a column, and how its cell is made of a row.
type Field<'a> = (&'a str, &'a dyn Fn(&Row) -> String);

/// Writes rows.
fn written(delimiter: u8, columns: &[Field<'_>], rows: &[Row]) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name)).unwrap();
    for row in rows {
        writer.write_record(columns.iter().map(|(_, cell)| cell(row))).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// `-1234567.5` as `-$1.234.567,50`.
fn european(amount: &str) -> String {
    if amount.is_empty() {
        return String::new();
    }
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let groups: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
    let comma = if fraction.is_empty() { "" } else { "," };
    format!("{sign}${}{comma}{fraction}", groups.join("."))
}

/// `12.5` as `1250`; what is no amount stays as it is.
fn cents(amount: &str) -> String {
    match rust_decimal::Decimal::from_str_exact(amount) {
        Ok(amount) => (amount * rust_decimal::Decimal::ONE_HUNDRED).normalize().to_string(),
        Err(_) => amount.to_owned(),
    }
}

/// `2026-05-31` as `31/05/2026`, or with a time of that day.
fn day(text: &str, time: &str) -> String {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() == 3 { format!("{}/{}/{}{time}", parts[2], parts[1], parts[0]) } else { text.to_owned() }
}

fn disguised_orders(text: &str) -> String {
    let (_, mut rows) = table(text);
    rows.reverse();
    let as_is = |name: &'static str| move |row: &Row| row[name].clone();
    let account =
        |from: usize| move |row: &Row| row["account_id"].splitn(2, '-').nth(from).unwrap_or("").to_owned();
    let (subscription, model) = (as_is("subscription_id"), as_is("billing_model"));
    let (contract, active) = (as_is("contract_type"), |row: &Row| day(&row["contract_activation_date"], ""));
    let (campaign, status) = (as_is("campaign"), as_is("order_status"));
    let columns: &[Field<'_>] = &[
        ("Amount due", &|row| european(&row["net_amount"])),
        ("Cur", &as_is("currency")),
        ("Coupon", &|row| european(&row["voucher_amount"])),
        ("Note", &|row| format!("for {}; see \"terms\"", row["order_id"])),
        ("Partner", &|row| format!("{} Ltd.", row["reseller_id"])),
        ("ORDER NO", &as_is("order_id")),
        ("Account group", &account(0)),
        ("Account number", &account(1)),
        ("Invoice", &as_is("invoice_id")),
        // Seven in the morning in Shanghai is the evening before in UTC, where the project counts its days.
        ("Invoiced on", &|row| day(&row["invoice_date"], " 12:30")),
        ("Ordered at", &|row| day(&row["order_date"], " 23:59")),
        ("Commodity", &as_is("sku")),
        ("Zone", &|row| if row["region"].is_empty() { "NULL".to_owned() } else { row["region"].clone() }),
        ("Site", &|row| if row["site"] == "intl" { "INTERNATIONAL".to_owned() } else { row["site"].clone() }),
        ("order_status", &status),
        ("campaign", &campaign),
        ("contract_activation_date", &active),
        ("contract_type", &contract),
        ("billing_model", &model),
        ("subscription_id", &subscription),
    ];
    format!("Bill of all orders\nmade;;2026\n\n{}", written(b';', columns, &rows))
}

fn disguised_lines(text: &str) -> String {
    let (_, mut rows) = table(text);
    rows.reverse();
    let as_is = |name: &'static str| move |row: &Row| row[name].clone();
    let columns: &[Field<'_>] = &[
        ("Region", &|row| if row["line_id"].ends_with('1') { String::new() } else { row["region"].clone() }),
        ("Region 2", &as_is("region")),
        ("Line", &|row| format!("No. {}", row["line_id"])),
        ("Policy", &as_is("program_id")),
        ("Batch", &as_is("batch_id")),
        ("Reseller", &as_is("reseller_id")),
        ("Order", &as_is("order_ref")),
        ("Account", &|row| format!("{}\t", row["account_ref"])),
        ("Code", &as_is("sku_ref")),
        ("Category", &as_is("category")),
        ("Month", &|row| row["period"].replace('-', "")),
        ("Base", &|row| cents(&row["base_amount"])),
        ("Rate", &as_is("rate")),
        ("Commission", &|row| cents(&row["calculated_amount"])),
        ("Currency", &as_is("currency")),
        ("State", &as_is("status")),
        ("Reason", &as_is("reason_code")),
        ("State day", &as_is("status_date")),
        ("Approval day", &as_is("approved_date")),
        ("Paid", &|row| cents(&row["paid_amount"])),
        ("Payout", &as_is("payout_id")),
    ];
    written(b'|', columns, &rows)
}

/// The sample in disguise.
fn disguised() -> Project {
    let project = Project::sample();
    project.write("tieout.toml", DISGUISE);
    for folder in ["2026-05-08", "2026-06-17", "2026-06-18"] {
        let at = |name: &str| format!("input/{folder}/{name}");
        let orders = disguised_orders(&project.read(&at("orders.csv")));
        project.remove(&at("orders.csv")).write(&at("bills_202606_01.csv"), orders);
        let lines = disguised_lines(&project.read(&at("rebate_lines.csv")));
        project.remove(&at("rebate_lines.csv")).write(&at("commission_all.csv"), lines);
        let totals =
            project.read(&at("control_totals.csv")).replace("rebate_lines.csv", "commission_all.csv");
        project.write(&at("control_totals.csv"), totals);
    }
    project
}

/// What the site says, but for where it stands in which file.
fn said(seen: &Seen<'_>) -> String {
    let mut all = String::new();
    let files = [DataFile::Cases, DataFile::Totals, DataFile::Lines, DataFile::Orders, DataFile::Bridge];
    for file in files.into_iter().chain([DataFile::Causes]) {
        for mut row in seen.data(file) {
            row.remove("source_file");
            row.remove("source_line");
            if row.get("subject_type").is_some_and(|kind| kind == "row") {
                row.remove("subject_id");
                row.remove("page");
            }
            let row = format!("{row:?}\n");
            all.push_str(
                &row.replace("commission_all.csv", "rebate_lines.csv")
                    .replace("bills_202606_01.csv", "orders.csv"),
            );
        }
    }
    all
}

#[test]
fn a_mapping_column_order_and_row_order_change_nothing() {
    // Goal: the answers do not depend on how a system writes its export (formats 6). Method: the whole sample, its
    // two large kinds of files disguised in every way at once, against the canonical files: all cases, totals, lines,
    // orders, bridges and causes.
    let expected = Project::sample().reconcile(said);
    let found = disguised().reconcile(|seen| {
        let ties = tieout::normalize::controls::control_totals(&seen.loaded.files, seen.reconciled.snapshot);
        assert!(!ties.is_empty() && ties.iter().all(|check| check.is_explained()), "{ties:#?}");
        said(seen)
    });
    super::support::assert_same("what is said", &found, &expected);
}

#[test]
fn the_disguised_sample_makes_a_whole_site_and_packs() {
    // Goal: pages, exports, packs and evidence work on mapped files, and `verify` makes the same figures of them again.
    // Method: both commands over the disguised sample; the page of an order names its files and an unmapped column.
    let project = disguised();
    project.run(&["build"]).code(0);
    project.run(&["verify"]).code(0);
    let page = project.read("site/internal/order/ord2001.html");
    assert!(
        page.contains("commission_all.csv") && page.contains("bills_202606_01.csv"),
        "evidence names the files"
    );
    assert!(
        page.contains("see &quot;terms&quot;") || page.contains("see \"terms\""),
        "an unmapped column is evidence"
    );
}

/// A project over the clean base whose lines come from one source.
pub(crate) fn with_lines(columns: &str, files: &[(&str, &str)]) -> Project {
    let project = Project::base();
    project.remove("input/2026-06-18/rebate_lines.csv").remove("input/2026-06-18/control_totals.csv");
    project
        .write("tieout.toml", format!("[[source]]\nname = \"vendor\"\nkind = \"rebate_lines\"\n{columns}"));
    for (path, text) in files {
        project.write(&format!("input/{path}"), text);
    }
    project
}

/// Columns of a vendor that names its policy and month in the file name.
pub(crate) const POLICY: &str = r#"
files = "{period}_FY{year}_{policy}_{uid}.csv"
[source.columns]
program_id = { part = "policy" }
period = { part = "period" }
order_ref = "Order"
account_ref = "Account"
sku_ref = { value = "srv" }
base_amount = "Base"
rate = { value = "0.08" }
calculated_amount = "Amount"
currency = { value = "USD" }
status = "State"
[source.statuses]
"ok to pay" = "Approved"
"#;

pub(crate) const POLICY_HEADER: &str = "Order,Account,Base,Amount,State\n";

/// `id order period calculated status` of every line.
pub(crate) fn lines(seen: &Seen<'_>) -> Vec<String> {
    let rows = seen.data(DataFile::Lines);
    let mut all: Vec<String> = rows
        .iter()
        .map(|row| {
            let of = |name: &str| row[name].clone();
            [of("order_ids"), of("program"), of("period_vendor"), of("calculated"), of("status")].join(" ")
        })
        .collect();
    all.sort();
    all
}

#[test]
fn program_and_month_come_from_the_file_name() {
    // Goal: what only the name of a file says fills columns; another policy or month stands beside it, and a newer file of
    // the same one replaces it (formats 1.1; trap 10). Method: two policies, then one of them again in a later folder.
    let files = [
        ("2026-06-01/202605_FY27_CORE_1.csv", format!("{POLICY_HEADER}O-1,V-1,1000.00,80.00,CALCULATED\n")),
        ("2026-06-01/202605_FY27_GROW_1.csv", format!("{POLICY_HEADER}O-2,V-2,2000.00,160.00,CALCULATED\n")),
        ("2026-06-18/202605_FY27_CORE_1.csv", format!("{POLICY_HEADER}O-1,V-1,1000.00,80.00,Ok to  pay\n")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    with_lines(POLICY, &files).reconcile(|seen| {
        assert_eq!(lines(seen), ["O-1 CORE 2026-05 80.00 approved", "O-2 GROW 2026-05 160.00 calculated"]);
    });
}

#[test]
fn equal_rows_of_a_source_without_ids_are_all_money() {
    // Goal: a source without line ids can have equal rows that are both money; none is dropped, and each keeps its id when
    // the order of the rows changes (formats 1.4: 10 keys in 499 rows). Method: three rows, two of them equal, both orders.
    let ids = |rows: &[&str]| {
        let text = format!("{POLICY_HEADER}{}", rows.concat());
        with_lines(POLICY, &[("2026-06-18/202605_FY27_CORE_1.csv", &text)]).reconcile(|seen| {
            assert_eq!(seen.counts("2026-06-18/202605_FY27_CORE_1.csv"), [3, 3, 0, 0, 0]);
            let rows = seen.data(DataFile::Lines);
            let mut ids: Vec<_> =
                rows.iter().map(|r| format!("{} {}", r["line_id"], r["calculated"])).collect();
            ids.sort();
            ids
        })
    };
    let [a, b] = ["O-1,V-1,500.00,40.00,CALCULATED\n", "O-2,V-2,10.00,0.80,CALCULATED\n"];
    let found = ids(&[a, a, b]);
    assert_eq!(found, ids(&[b, a, a]));
    assert_eq!(found.iter().filter(|id| id.ends_with(" 40.00")).count(), 2, "{found:?}");
}

#[test]
fn a_column_more_changes_no_derived_id() {
    // Goal: rows of one key keep their numbers when the export gets another column, so nothing seems to vanish. Method: five
    // rows of one order with different amounts, without and with a column of notes.
    let ids = |note: bool| {
        let rows: String = (1..=5)
            .map(|n| {
                let note = if note { format!(",note {}", 9 - n) } else { String::new() };
                format!("O-1,V-1,{n}00.00,{}.00,CALCULATED{note}\n", 8 * n)
            })
            .collect();
        let header = if note { "Order,Account,Base,Amount,State,Note\n" } else { POLICY_HEADER };
        let text = format!("{header}{rows}");
        with_lines(POLICY, &[("2026-06-18/202605_FY27_CORE_1.csv", &text)]).reconcile(|seen| {
            let rows = seen.data(DataFile::Lines);
            rows.iter().map(|r| format!("{} {}", r["line_id"], r["calculated"])).collect::<Vec<_>>()
        })
    };
    let without = ids(false);
    assert_eq!(without.len(), 5);
    assert_eq!(without, ids(true));
}

#[test]
fn one_earning_on_many_rows_counts_once() {
    // Goal: trap 4: an earning that is printed on every transaction counts once, its transactions' bases add up, and all
    // rows are evidence; a row that says another amount of it is set aside; the order of the rows changes nothing. Method: two earnings on
    // four rows, and the rows the other way round.
    let columns =
        POLICY.replace("[source.columns]", "grain = \"Earning\"\n[source.columns]\nline_id = \"Earning\"");
    let text = "Earning,Order,Account,Base,Amount,State\n\
        E-1,O-1,V-1,400.00,80.00,CALCULATED\n\
        E-1,O-1,V-1,600.00,80.00,CALCULATED\n\
        E-2,O-2,V-2,2000.00,160.00,CALCULATED\n\
        E-2,O-2,V-2,0.00,161.00,CALCULATED\n";
    let turned: Vec<&str> = text.lines().skip(1).collect();
    let turned = format!(
        "{}\n{}\n",
        text.lines().next().unwrap(),
        turned.into_iter().rev().collect::<Vec<_>>().join("\n")
    );
    for text in [text, &turned] {
        one_earning(&columns, text);
    }
}

#[test]
fn all_rows_of_an_earning_that_is_set_aside_are() {
    // Goal: every cent of a file is loaded, merged or set aside, also where an earning on several rows is not counted because
    // another one has its line id. Method: two earnings of one line id, the second on three rows; the amounts are added up here.
    let columns =
        POLICY.replace("[source.columns]", "grain = \"Earning\"\n[source.columns]\nline_id = \"Line\"");
    let text = "Line,Earning,Order,Account,Base,Amount,State\n\
        L-1,E-1,O-1,V-1,400.00,80.00,CALCULATED\n\
        L-1,E-2,O-2,V-2,100.00,7.00,CALCULATED\n\
        L-1,E-2,O-2,V-2,200.00,7.00,CALCULATED\n\
        L-1,E-2,O-2,V-2,300.00,7.00,CALCULATED\n";
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let usd = tieout::model::money::Currency::parse("USD").expect("a currency");
    with_lines(&columns, &[(path, text)]).reconcile(|seen| {
        assert_eq!(seen.counts(path), [4, 1, 0, 3, 0]);
        let lines: Vec<u32> = seen.problems("conflicting-duplicate").iter().map(|p| p.line).collect();
        assert_eq!(lines.len(), 3);
        let uses = &seen.reconciled.snapshot.uses;
        let used = uses.iter().find(|used| seen.loaded.files.get(used.file).path() == path).unwrap();
        let sum = [&used.loaded, &used.merged, &used.quarantined].map(|part| part.get(usd).minor());
        assert_eq!(sum, [8000, 0, 2100]);
    });
}

fn one_earning(columns: &str, text: &str) {
    with_lines(columns, &[("2026-06-18/202605_FY27_CORE_1.csv", text)]).reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/202605_FY27_CORE_1.csv"), [4, 2, 1, 1, 0]);
        assert_eq!(seen.problems("earning-not-the-same").len(), 1);
        let rows = seen.data(DataFile::Lines);
        assert_eq!(
            rows.iter().map(|r| r["base_vendor"].as_str()).collect::<Vec<_>>(),
            ["1000.00", "2000.00"]
        );
    });
}

#[test]
fn a_total_in_the_file_is_a_control_total() {
    // Goal: trap 3: rows above the header, a repeated header and a total are no records; the total is what the file must
    // add up to. Method: a file with all of them, then the same with a row lost.
    let text = "Report of May\n\nOrder,Account,Base,Amount,State\nO-1,V-1,1000.00,80.00,CALCULATED\n\
        Order,Account,Base,Amount,State\nO-2,V-2,2000.00,160.00,CALCULATED\nTotal:,,,240.00,\n";
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let verdicts = |text: &str| {
        with_lines(POLICY, &[(path, text)]).reconcile(|seen| {
            let checks =
                tieout::normalize::controls::control_totals(&seen.loaded.files, seen.reconciled.snapshot);
            let verdicts: Vec<_> = checks.iter().map(|c| format!("{} {}", c.declared, c.verdict())).collect();
            (verdicts, seen.counts(path)[1])
        })
    };
    assert_eq!(verdicts(text), (vec!["240.00 ties".to_owned()], 2));
    let lost = text.replace("O-2,V-2,2000.00,160.00,CALCULATED\n", "");
    assert_eq!(verdicts(&lost), (vec!["240.00 unexplained".to_owned()], 1));
}

#[test]
fn digits_beyond_the_currency_are_rounded_where_the_source_says_so() {
    // Goal: trap 9: amounts with more digits than the currency are refused, or rounded by the declared rule with the rest
    // of the sum shown; the declared total ties to the cent. Method: three thirds of a cent.
    let text = "Order,Account,Base,Amount,State\nO-1,V-1,1000.00,26.666666,CALCULATED\n\
        O-1,V-1,0.00,26.666667,CALCULATED\nO-1,V-1,0.00,26.666667,CALCULATED\nTotal,,,80.00,\n";
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    with_lines(POLICY, &[(path, text)]).reconcile(|seen| {
        assert_eq!(seen.problems("amount-too-precise").len(), 3);
    });
    let rounding = POLICY.replace("[source.columns]", "round = \"half-even\"\n[source.columns]");
    with_lines(&rounding, &[(path, text)]).reconcile(|seen| {
        let checks =
            tieout::normalize::controls::control_totals(&seen.loaded.files, seen.reconciled.snapshot);
        let [check] = &checks[..] else { panic!("{checks:#?}") };
        assert_eq!(
            (check.loaded.to_string(), check.rounded.to_string(), check.verdict()),
            ("80.01".to_owned(), "-0.01".to_owned(), "ties")
        );
    });
}

#[test]
fn pieces_and_copies_of_files_are_noticed() {
    // Goal: reliability: a missing piece of a split extract and a file that is there twice are named, and no money counts
    // twice. Method: parts 1 and 3, and part 1 again under another name.
    let columns = POLICY.replace("{uid}", "{uid}_{part}");
    let row = |order: &str| format!("{POLICY_HEADER}{order},V-1,1000.00,80.00,CALCULATED\n");
    let files = [
        ("2026-06-18/202605_FY27_CORE_1_01.csv", row("O-1")),
        ("2026-06-18/202605_FY27_CORE_1_03.csv", row("O-2")),
        ("2026-06-18/202605_FY27_CORE_2_01.csv", row("O-1")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    with_lines(&columns, &files).reconcile(|seen| {
        assert_eq!(lines(seen).len(), 2);
        let missing = seen.problems("file-part-missing");
        assert_eq!(missing.len(), 1);
        assert!(missing[0].message.contains("part 3 is here and part 2 is not"), "{}", missing[0].message);
        let twice = seen.problems("file-given-twice");
        assert_eq!(twice.len(), 1);
        assert!(twice[0].message.contains("202605_FY27_CORE_1_01.csv"), "{}", twice[0].message);
    });
}

#[test]
fn a_cell_written_otherwise_than_declared_sets_its_row_aside() {
    // Goal: traps 8 and 9: nothing is guessed; the row is set aside with the line, the column as the file calls it, and what
    // the source says. Method: a day and an amount of another convention, an unknown status, a missing column.
    let columns = POLICY
        .replace("[source.columns]", "decimal = \",\"\ndelimiter = \";\"\n[source.columns]\nstatus_date = { from = \"On\", dates = \"%d.%m.%Y\" }");
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let text = "Order;Account;Base;Amount;State;On\nO-1;V-1;1000,00;80,00;CALCULATED;31.05.2026\n\
        O-2;V-2;2000.00;160,00;CALCULATED;05/31/2026\nO-2;V-2;2000,00;160,00;Strange;31.05.2026\n";
    with_lines(&columns, &[(path, text)]).reconcile(|seen| {
        assert_eq!(seen.counts(path), [3, 2, 0, 1, 0]);
        let found: Vec<_> = ["amount-decimal-comma", "date-not-as-declared"]
            .iter()
            .flat_map(|code| seen.problems(code))
            .map(|d| format!("{} {}:{} {}", d.code, d.line, d.column, d.field))
            .collect();
        assert_eq!(found, ["amount-decimal-comma 3:3 Base", "date-not-as-declared 3:6 On"]);
        assert!(
            lines(seen).contains(&"O-2 CORE 2026-05 160.00 unknown_error".to_owned()),
            "{:?}",
            lines(seen)
        );
    });
    let without = text.replace(";Amount;", ";Betrag;").replace("Order;", "Auftrag;");
    let (result, problems) = with_lines(&columns, &[(path, &without)]).try_build();
    assert!(result.is_err());
    let fatal: Vec<_> = problems.iter().filter(|d| d.code == "column-missing").collect();
    let fields: Vec<_> = fatal.iter().map(|d| d.field.as_str()).collect();
    assert_eq!(fields, ["calculated_amount", "order_ref"], "all in one run: {problems:#?}");
    let message = &fatal[1].message;
    assert!(message.contains("looks for `Order`") && message.contains("has `Auftrag`"), "{message}");
}

#[test]
fn the_line_that_reads_an_amount_is_proposed() {
    // Goal: an amount that is refused as it stands comes with what reads it, and the same text pasted reads it (trap 9). Method:
    // amounts with a currency sign, thousands and parentheses; each answer is taken over in turn, until all is read.
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let text = "Order,Account,Base,Amount,State\nO-1,V-1,\"$1,000.00\",$80.00,CALCULATED\n\
        O-2,V-2,\"($2,000.00)\",-$160.00,CALCULATED\n";
    let helps = |config: &str| {
        with_lines(config, &[(path, text)]).reconcile(|seen| {
            let codes = ["amount-currency", "amount-parentheses", "amount-thousands-mark"];
            let all = codes.iter().flat_map(|code| seen.problems(code));
            all.map(|d| d.help.clone()).collect::<Vec<_>>()
        })
    };
    let said = helps(POLICY);
    assert!(
        said.iter().any(|help| help.contains("`strip = [\"$\"]` and `thousands = \",\"` below the name of")),
        "{said:#?}"
    );
    let marks = POLICY.replace("[source.columns]", "strip = [\"$\"]\nthousands = \",\"\n[source.columns]");
    let said = helps(&marks);
    let line = "base_amount = { from = \"Base\", sign = \"parentheses\" }";
    assert!(matches!(&said[..], [help] if help.contains(&format!("write `{line}` under"))), "{said:#?}");
    let read = marks.replace("base_amount = \"Base\"", line);
    assert_eq!(helps(&read), Vec::<String>::new());
    with_lines(&read, &[(path, text)]).reconcile(|seen| {
        let bases: Vec<_> = seen.data(DataFile::Lines).iter().map(|row| row["base_vendor"].clone()).collect();
        assert_eq!(bases, ["1000.00", "-2000.00"]);
    });
}

#[test]
fn two_sources_share_a_file_by_the_role_of_its_rows() {
    // Goal: rows for information count in nothing, and rows of another kind go to the source that takes them; no row is in
    // both. Method: one file with lines, adjustments and information.
    let columns = POLICY.to_owned()
        + "[[source.rows]]\ncolumn = \"State\"\nis = \"ADJUSTED\"\nrole = \"other\"\n\
           [[source.rows]]\ncolumn = \"State\"\nis = \"INFO\"\nrole = \"information\"\n\
           [[source]]\nname = \"corrections\"\nkind = \"adjustments\"\nfiles = \"{period}_FY{year}_{policy}_{uid}.csv\"\n\
           [source.columns]\nadjustment_id = \"Order\"\nadjustment_date = { value = \"2026-06-15\" }\n\
           amount = { from = \"Amount\", sign = \"negate\" }\ncurrency = { value = \"USD\" }\n\
           [[source.rows]]\ncolumn = \"State\"\nis_not = \"ADJUSTED\"\nrole = \"other\"\n";
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let text = format!(
        "{POLICY_HEADER}O-1,V-1,1000.00,80.00,CALCULATED\nADJ-9,,,5.00,Adjusted\nO-1,V-1,1000.00,99.00,info\n"
    );
    with_lines(&columns, &[(path, &text)]).reconcile(|seen| {
        assert_eq!(lines(seen), ["O-1 CORE 2026-05 80.00 calculated"]);
        let adjustments = &seen.reconciled.snapshot.records.adjustments;
        assert_eq!(adjustments.len(), 1);
        assert_eq!(adjustments[0].amount.to_string(), "-5.00");
    });
}

#[test]
fn what_no_map_knows_stands_on_one_page() {
    // Goal: words without a meaning, records without a row and columns that nothing reads are on the page of mapping gaps,
    // with their money and the row to add (formats 6.3). Method: a source with an unknown status and reason, an account that
    // is not in the map, and a column of notes.
    let columns = POLICY.replace("status =", "reason_code = \"Why\"\nstatus =");
    let text = "Order,Account,Base,Amount,State,Why,Remark\nO-1,V-1,1000.00,80.00,Strange,Because,x\n\
        O-2,V-2,2000.00,160.00,CALCULATED,,y\n";
    let project = with_lines(&columns, &[("2026-06-18/202605_FY27_CORE_1.csv", text)]);
    project.change_file("input/2026-06-18/orders.csv", "O-2,R-1,A-2", "O-2,R-1,A-77");
    let tree = project.build();
    let page = tree.text("mapping.html");
    for words in [
        "2 words without a meaning and 1 record without a row in our reference files. Each comes with the row to add.",
        "1 file has columns that no answer uses",
        "Strange status vendor 1 USD 80.00 Strange,<canonical>,<bucket>,,,vendor",
        "Because reason vendor 1 USD 80.00 Because,<canonical_reason>,,<plain_text>,vendor",
        "A-77",
        "Remark",
    ] {
        assert!(page.contains(words), "`{words}` is not in\n{page}");
    }
    let unread: Vec<_> = tree
        .rows("mapping.columns.csv")
        .into_iter()
        .filter(|row| !row["Kept as evidence"].is_empty())
        .collect();
    assert_eq!(unread.len(), 1, "{unread:?}");

    // What no column says makes something impossible (A-054); what one of them says does not.
    let unknown = |tree: &super::support::Tree| -> Vec<String> {
        let rows = tree.rows("mapping.unknown.csv");
        rows.iter().map(|row| format!("{} {}", row["File"], row["Column that none has"])).collect()
    };
    let all = unknown(&tree);
    for row in ["rebate_lines line_id", "rebate_lines payout_id", "rebate_lines status_date"] {
        assert!(all.iter().any(|found| found == row), "{row} is not in {all:?}");
    }
    assert!(all.iter().all(|row| !row.ends_with("reason_code") && !row.starts_with("payouts")), "{all:?}");
    let payouts = project.remove("input/2026-06-18/payouts.csv").build();
    assert!(unknown(&payouts).contains(&"payouts the whole file".to_owned()));
    let words = payouts.text_of_id("mapping.html", "unknown");
    assert!(words.contains("Whether money that is called paid arrived is not known"), "{words}");
}

#[test]
fn an_export_that_is_imported_is_the_same_table() {
    // Goal: what a spreadsheet of ours holds comes back unchanged: ids, amounts, rates, months, days, words (round trip).
    // Method: sheet Lines of the close pack, as CSV and in the workbook, read as a source; every exported cell against the
    // record that it became.
    const SOURCE: &str = r#"
[[source]]
kind = "rebate_lines"
files = "lines.*"
table = "07*"
[source.columns]
line_id = ["line_id", "Line"]
order_ref = ["order_id", "Order"]
account_ref = ["account", "Account (vendor)"]
program_id = "program"
batch_id = "batch"
period = ["period_vendor", "Period (vendor)"]
sku_ref = ["sku", "SKU (vendor)"]
category = ["category", "Category (vendor)"]
base_amount = ["base_vendor", "Base (vendor)"]
rate = ["rate_vendor", "Rate (vendor)"]
calculated_amount = "calculated"
paid_amount = ["paid", "Paid (vendor)"]
currency = "currency"
status = "status"
status_date = "status_since"
"#;
    let sample = super::support::sample();
    let tree = &sample.tree;
    let text = tree.read("close/2026-05/csv/07-lines.csv");
    let (_, exported) = table(text.trim_start_matches('\u{feff}'));
    assert!(exported.len() > 30);
    let workbook = std::fs::read(tree.root.join("close/2026-05/close-2026-05.xlsx")).unwrap();
    for (name, bytes) in [("lines.csv", text.into_bytes()), ("lines.xlsx", workbook)] {
        let project = Project::sample();
        project.remove("input/2026-06-18/rebate_lines.csv").write("tieout.toml", SOURCE);
        project.write(&format!("input/2026-06-18/{name}"), bytes);
        project.reconcile(|seen| {
            let aside = &seen.reconciled.snapshot.quarantined;
            let of_file = |row: &&tieout::normalize::Quarantined| {
                seen.loaded.files.path(row.source).starts_with("2026-06-18/lines.")
            };
            assert_eq!(aside.iter().filter(of_file).count(), 0, "{name}: {aside:#?}");
            let records = &seen.reconciled.snapshot.records.lines;
            let read: BTreeMap<&str, _> = records
                .iter()
                .filter(|line| seen.loaded.files.path(line.origin.source).starts_with("2026-06-18/lines."))
                .map(|line| (line.id.raw(), line))
                .collect();
            assert_eq!(read.len(), exported.len(), "{name}");
            for row in &exported {
                let line = read[row["line_id"].as_str()];
                let id = |id: Option<&str>| id.unwrap_or_default().to_owned();
                let found = [
                    ("order_id", line.order_ref.raw().to_owned()),
                    ("account", id(line.account_ref.map(|id| id.raw()))),
                    ("program", line.program.raw().to_owned()),
                    ("batch", id(line.batch.map(|id| id.raw()))),
                    ("period_vendor", line.period.to_string()),
                    ("sku", id(line.sku_ref.map(|id| id.raw()))),
                    ("category", id(line.category.as_ref().map(|word| word.as_str()))),
                    ("base_vendor", line.amount_base.map(|m| m.to_string()).unwrap_or_default()),
                    ("calculated", line.amount_calculated.map(|m| m.to_string()).unwrap_or_default()),
                    ("paid", line.amount_paid.map(|m| m.to_string()).unwrap_or_default()),
                    ("rate_vendor", line.rate.map(|rate| rate.normalize().to_string()).unwrap_or_default()),
                    ("currency", line.currency.code().to_owned()),
                    ("status", line.status_raw.to_string()),
                    ("status_since", line.status_date.map(|day| day.to_string()).unwrap_or_default()),
                ];
                for (column, text) in found {
                    assert_eq!(text, row[column], "{name}: {column} of {}", row["line_id"]);
                }
            }
        });
    }
}

/// Two policies of one month, each numbering its rows.
const NUMBERED: &str = "Order,Account,Base,Amount,State,No\n";

#[test]
fn a_row_counter_that_is_taken_for_an_id_loses_nothing_silently() {
    // Goal: an id that two extracts give to different records is a conflict with both places, never a replacement; without
    // ids, extracts beside each other have keys of their own. Method: two policies whose rows are numbered from 1, with the
    // number as line id and without it; the same in a later folder for another month.
    let files = [
        ("2026-06-18/202605_FY27_CORE_1.csv", format!("{NUMBERED}O-1,V-1,1000.00,80.00,CALCULATED,1\n")),
        ("2026-06-18/202605_FY27_GROW_1.csv", format!("{NUMBERED}O-2,V-2,2000.00,50.00,CALCULATED,1\n")),
        ("2026-06-01/202604_FY27_CORE_1.csv", format!("{NUMBERED}O-3,V-1,1000.00,70.00,CALCULATED,1\n")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let numbered = POLICY.replace("order_ref =", "line_id = \"No\"\norder_ref =");
    with_lines(&numbered, &files).reconcile(|seen| {
        assert_eq!(lines(seen), ["O-1 CORE 2026-05 80.00 calculated"]);
        assert_eq!(seen.problems("conflicting-duplicate").len(), 2);
        assert_eq!(seen.counts("2026-06-18/202605_FY27_GROW_1.csv"), [1, 0, 0, 1, 0]);
        assert_eq!(seen.counts("2026-06-01/202604_FY27_CORE_1.csv"), [1, 0, 0, 1, 0]);
    });
    with_lines(POLICY, &files).reconcile(|seen| assert_eq!(lines(seen).len(), 3, "{:?}", lines(seen)));
}

#[test]
fn two_sources_of_one_kind_do_not_read_one_file() {
    // Goal: a block that is in the configuration twice counts no money twice. Method: the same source under two names, then
    // both with a rule that shares the rows.
    let text = format!("{POLICY_HEADER}O-1,V-1,1000.00,80.00,CALCULATED\n");
    let twice = |rule: &str| {
        let first = POLICY.to_owned() + rule;
        format!("{first}\n[[source]]\nname = \"again\"\nkind = \"rebate_lines\"\n{POLICY}{rule}")
    };
    let (result, problems) =
        with_lines(&twice(""), &[("2026-06-18/202605_FY27_CORE_1.csv", &text)]).try_build();
    assert!(result.is_err() && problems.iter().any(|p| p.code == "file-read-twice"), "{problems:#?}");
    let rule = "[[source.rows]]\ncolumn = \"State\"\nis = \"x\"\nrole = \"other\"\n";
    let (result, problems) =
        with_lines(&twice(rule), &[("2026-06-18/202605_FY27_CORE_1.csv", &text)]).try_build();
    assert!(result.is_ok() || problems.iter().all(|p| p.code != "file-read-twice"), "{problems:#?}");
}

#[test]
fn what_would_count_twice_or_too_much_is_said() {
    // Goal: a rule whose column is gone stops the run; a total that nothing says is one, a month that an older extract of
    // another name gives as well, and several sheets are named. Method: each of them.
    let rule = "[[source.rows]]\ncolumn = \"Type\"\nis = \"Estimate\"\nrole = \"information\"\n";
    let path = "2026-06-18/202605_FY27_CORE_1.csv";
    let text = format!("{POLICY_HEADER}O-1,V-1,1000.00,80.00,CALCULATED\n");
    let (result, problems) = with_lines(&format!("{POLICY}{rule}"), &[(path, &text)]).try_build();
    assert!(
        result.is_err() && problems.iter().any(|p| p.code == "column-missing" && p.field == "Type"),
        "{problems:#?}"
    );

    let total = format!(
        "{POLICY_HEADER}O-1,V-1,1000.00,80.00,CALCULATED\nO-2,V-2,2000.00,160.00,CALCULATED\nAll,V-2,3000.00,240.00,CALCULATED\n"
    );
    with_lines(POLICY, &[(path, &total)]).reconcile(|seen| {
        let said: Vec<_> =
            seen.problems("row-like-a-total").iter().map(|p| (p.line, p.value.as_str())).collect();
        assert_eq!(said, [(4, "240.00")]);
    });

    let project = with_lines(POLICY, &[(path, &text)]);
    project.write(
        "input/2026-06-17/rebate_lines.csv",
        "line_id,program_id,order_ref,period,calculated_amount,currency,status\nL-1,CORE,O-1,2026-05,80.00,USD,CALCULATED\n",
    );
    project.reconcile(|seen| {
        let said: Vec<_> = seen.problems("month-in-two-extracts").iter().map(|p| p.file.as_str()).collect();
        assert_eq!(said, ["2026-06-17/rebate_lines.csv"]);
    });
}

//! `tieout map`: what an unknown file is, and a `[[source]]` that reads it, without a guess.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;
use serde_json::Value;

use tieout::ingest::mapping::presets::PRESETS;

use super::support::{Project, Row, repository, rows};

/// The columns of a reseller's monthly bill, in the order of the documentation.
const BILL: &str = "Consume Time,Billing Cycle,User ID,Linked User ID,Linked User Name,Linked User Account,Bill Source,Order Type,\
                    Charge Type,Billing Type,Product Code,Product Name,Instance ID,Instance Name,Instance Configuration,\
                    Instance Tag,Region,Original Cost,SPN Deducted Price,SPN ID,Discount,Discount(%),Coupon Deduct,\
                    Pretax Cost(Before Round Down Discount),Currency";

/// A bill as it is received: a byte-order mark, TABs behind ids, masked names, `NA` as a region, six decimals, no order id.
fn bill() -> Vec<u8> {
    let mut text = format!("\u{feff}{BILL}\n");
    for number in 0..20 {
        let region = ["NA", "Japan (Tokyo)", "", "EU"][number % 4];
        let (kind, cost) = if number == 7 { ("Refund", "-1.25") } else { ("Consume", "12.345678") };
        text.push_str(&format!(
            "2025-12-01 0:00,202512,1415740779475837\t,55694142541388{number:02}\t,ab_cd****,ab_cd@e******,Enduser,Pay-As-You-Go,\
             Pay-As-You-Go,{kind},ecs_intl,ECS,i-{number:04},,,,{region},{cost},0,,0,0%,0,{cost},USD\n"
        ));
    }
    text.into_bytes()
}

/// The only table that was looked at, as data.
fn looked(project: &Project, arguments: &[&str]) -> Value {
    let mut all = vec!["map", "--format", "json"];
    all.extend(arguments);
    let document = project.run(&all).code(0).json();
    assert_eq!(document["tables"].as_array().unwrap().len(), 1, "{document:#}");
    document["tables"][0].clone()
}

/// Canonical column and header of everything that a table is read for.
fn mapped(table: &Value) -> BTreeMap<String, String> {
    let columns = table["proposal"]["columns"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    columns.iter().map(|column| (text(&column["column"]), text(&column["from"]))).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Appends what `map` prints to the configuration, as a shell does.
fn append(project: &Project, arguments: &[&str]) -> String {
    let mut all = vec!["map", "--quiet"];
    all.extend(arguments);
    let run = project.run(&all).code(0);
    assert_eq!(run.stderr, "", "quiet is quiet");
    let before = std::fs::read_to_string(project.path("tieout.toml")).unwrap_or_default();
    project.write("tieout.toml", before + &run.stdout);
    run.stdout
}

/// The rows of a file as `check` understood them, by kind.
fn understood(project: &Project, kind: &str) -> Vec<Row> {
    let document = project.run(&["check", "--format", "json", "--rows"]).code(0).json();
    let file = document["files"].as_array().unwrap().iter().find(|file| file["kind"] == kind).unwrap();
    let row = |row: &Value| -> Row {
        let cells = row["cells"].as_object().unwrap_or_else(|| row.as_object().unwrap());
        cells.iter().filter_map(|(name, cell)| Some((name.clone(), cell.as_str()?.to_owned()))).collect()
    };
    file["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn canonical_files_map_to_themselves() {
    // Goal: what is canonical is known as such, column by column, and its block would change nothing. Method: every extract
    // of the sample; its columns by their own names, and the whole input checked through the blocks.
    let project = Project::sample();
    for kind in
        ["orders", "rebate_lines", "cancellations", "adjustments", "payouts", "control_totals", "sources"]
    {
        let path = format!("input/2026-06-18/{kind}.csv");
        let table = looked(&project, &[&path]);
        assert_eq!(table["proposal"]["kind"], kind);
        assert_eq!(table["proposal"]["canonical"], true, "{kind}");
        let mapped = mapped(&table);
        assert!(mapped.iter().all(|(column, header)| column == header), "{mapped:?}");
        assert_eq!(mapped.len(), table["columns"].as_array().unwrap().len(), "{kind}: {mapped:?}");
        assert_eq!(table["proposal"]["evidence"].as_array().unwrap().len(), 0);
    }
    let plain = understood(&project, "rebate_lines");
    append(&project, &["input/2026-06-18/rebate_lines.csv"]);
    assert_eq!(understood(&project, "rebate_lines"), plain);
}

#[test]
fn a_resellers_bill_is_known_with_its_traps() {
    // Goal: the bill of formats 1.4 is mapped, and each of its traps is said. Method: its columns with made-up rows; the
    // proposal against the table of section 6.2; then the run reads it by the preset that it fits.
    let project = Project::base();
    project.write("input/2026-06-18/bill_202512.csv", bill());
    let table = looked(&project, &["input/2026-06-18/bill_202512.csv"]);
    let proposal = &table["proposal"];
    assert_eq!((&proposal["kind"], &table["records"]), (&"orders".into(), &20.into()));
    let mapped = mapped(&table);
    for (column, header) in [
        ("account_id", "Linked User ID"),
        ("reseller_id", "User ID"),
        ("order_date", "Consume Time"),
        ("sku", "Product Code"),
        ("billing_model", "Charge Type"),
        ("region", "Region"),
        ("net_amount", "Pretax Cost(Before Round Down Discount)"),
        ("list_amount", "Original Cost"),
    ] {
        assert_eq!(mapped.get(column).map(String::as_str), Some(header), "{column}");
    }
    assert_eq!(mapped.get("voucher_amount"), None, "the pretax cost is after the coupon already");
    assert_eq!(table["columns"][3]["trailing_tabs"], 20);
    for (number, what, part) in
        [(0, "days", 20), (1, "months", 20), (3, "ids", 20), (8, "amounts", 0), (24, "currencies", 20)]
    {
        let share = &table["columns"][number]["values"][what];
        assert_eq!((&share["part"], &share["of"]), (&part.into(), &20.into()), "{number} {what}");
    }
    assert_eq!(texts(&proposal["files"]), ["bill_{period}.csv"]);
    let missing: Vec<&str> =
        proposal["missing"].as_array().unwrap().iter().map(|m| m["without"].as_str().unwrap()).collect();
    assert!(missing.contains(
        &"no order ID: lines are matched by account, product and instance, then by account and month"
    ));
    let doubts = texts(&proposal["doubts"]).join("\n");
    assert!(doubts.contains("19 amounts have more digits than the currency"), "{doubts}");
    assert!(doubts.contains("times are there without a time zone"), "{doubts}");
    assert!(!doubts.contains("NA"), "a region is a region: {doubts}");
    let net = proposal["columns"].as_array().unwrap().iter().find(|c| c["column"] == "net_amount").unwrap();
    assert!(texts(&net["notes"]).contains(&"1 amount below zero"));

    // The preset knows the columns, days and rounding; the proposal above is what is known without it.
    let block = append(&project, &["input/2026-06-18/bill_202512.csv"]);
    let open: Vec<&str> = block.lines().filter(|line| line.contains("# ?")).collect();
    assert!(
        block.contains("preset = \"alibaba-intl-reseller-bill\"\n")
            && open.iter().all(|l| l.starts_with("# ")),
        "{block}"
    );
    project.run(&["check"]).code(0);
    project.reconcile(|seen| {
        assert_eq!(seen.counts("2026-06-18/bill_202512.csv"), [20, 20, 0, 0, 0]);
        let bills =
            seen.reconciled.snapshot.records.orders.iter().filter(|o| o.account.raw().starts_with("5569"));
        assert!(bills.clone().all(|order| !order.account.raw().contains('\t')) && bills.count() == 20);
    });
}

/// Orders of the base project as a Chinese system writes them: GB18030, semicolons, a decimal comma, days first.
fn in_chinese(orders: &[Row], has_late_days: bool) -> Vec<u8> {
    let day = |text: &str| text.split('-').rev().collect::<Vec<_>>().join("/");
    let mut text =
        "订单列表;;;;;;;;\n订单号;客户账号;下单时间;产品代码;币种;应付金额;代金券抵扣;发票号;开票日期\n"
            .to_owned();
    for row in orders {
        let invoiced = if has_late_days { day(&row["invoice_date"]) } else { String::new() };
        text.push_str(&format!(
            "{};{};{};{};{};{};{};{};{invoiced}\n",
            row["order_id"],
            row["account_id"],
            day(&row["order_date"]),
            row["sku"],
            row["currency"],
            row["net_amount"].replace('.', ","),
            row["voucher_amount"].replace('.', ","),
            row["invoice_id"],
        ));
    }
    text.push_str("合计;;;;;4000,00;;;\n");
    encoding_rs::GB18030.encode(&text).0.into_owned()
}

#[test]
fn a_block_that_is_appended_gives_the_same_orders() {
    // Goal: `tieout map FILE >> tieout.toml` is enough where nothing is unsure. Method: the orders of a project in other words,
    // marks and encoding; what `check` understands of them against what it understands of the canonical file.
    let project = Project::base();
    let path = "input/2026-06-18/orders.csv";
    let canonical = understood(&project, "orders");
    let orders = rows(&project.read(path));
    project.remove(path).write("input/2026-06-18/订单202606.csv", in_chinese(&orders, true));
    let table = looked(&project, &["input/2026-06-18/订单202606.csv", "--encoding", "gb18030"]);
    assert_eq!(
        (&table["header_row"], &table["records"], &table["rows_of_totals"]),
        (&2.into(), &3.into(), &1.into())
    );
    assert!(texts(&table["detected"]).join(" ").contains("delimiter ;"));
    assert_eq!(texts(&table["proposal"]["doubts"]), Vec::<&str>::new());
    let decided = table["proposal"]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["column"] == "order_date")
        .unwrap();
    assert!(
        texts(&decided["notes"]).contains(&"day and month could be exchanged here, but not in `开票日期`")
    );
    let block = append(&project, &["input/2026-06-18/订单202606.csv", "--encoding", "gb18030"]);
    assert!(
        block.contains("encoding = \"gb18030\"\n")
            && block.contains("decimal = \",\"\n")
            && block.contains("dates = [\"%d/%m/%Y\"]\n"),
        "{block}"
    );
    let read = understood(&project, "orders");
    assert_eq!(read.len(), canonical.len());
    for (read, canonical) in read.iter().zip(&canonical) {
        for column in
            ["order_id", "account_id", "order_date", "invoice_date", "sku", "currency", "invoice_id"]
        {
            assert_eq!(read.get(column), canonical.get(column), "{column}");
        }
        let amount = |row: &Row, column: &str| rust_decimal::Decimal::from_str_exact(&row[column]).unwrap();
        for column in ["net_amount", "voucher_amount"] {
            assert_eq!(amount(read, column), amount(canonical, column), "{column}");
        }
    }
}

#[test]
fn days_with_two_readings_are_not_read() {
    // Goal: 04/05 is not taken for May or April by chance (formats 8, trap 7 of dates). Method: orders whose days are all 12
    // or less; both readings are said, neither is in the block, the rows are set aside; a choice by a person reads them, and
    // another month with a late day decides as well.
    let project = Project::base();
    let path = "input/2026-06-18/orders.csv";
    let orders = rows(&project.read(path));
    project.remove(path).write("input/2026-06-18/orders_a.csv", in_chinese(&orders, false));
    let document = looked(&project, &["input/2026-06-18/orders_a.csv", "--encoding", "gb18030"]);
    let doubts = texts(&document["proposal"]["doubts"]).join("\n");
    assert!(doubts.contains("day and month of `下单时间` could be exchanged"), "{doubts}");
    assert_eq!(texts(&document["proposal"]["choices"]), ["dates = [\"%d/%m/%Y\"]", "dates = [\"%m/%d/%Y\"]"]);
    let block = append(&project, &["input/2026-06-18/orders_a.csv", "--encoding", "gb18030"]);
    assert!(!block.lines().any(|line| line.starts_with("dates")), "{block}");
    project.run(&["check"]).code(0).says("day and month may be swapped");
    project.reconcile(|seen| assert_eq!(seen.counts("2026-06-18/orders_a.csv"), [3, 0, 0, 3, 0]));
    project.write("tieout.toml", block.replacen("# dates =", "dates =", 1));
    project.reconcile(|seen| assert_eq!(seen.counts("2026-06-18/orders_a.csv"), [3, 3, 0, 0, 0]));

    project.write("late.csv", in_chinese(&orders, true));
    let both = project
        .run(&[
            "map",
            "--format",
            "json",
            "input/2026-06-18/orders_a.csv",
            "late.csv",
            "--encoding",
            "gb18030",
        ])
        .code(0)
        .json();
    assert_eq!(both["tables"].as_array().unwrap().len(), 1, "one source of two files");
    assert_eq!(texts(&both["tables"][0]["proposal"]["doubts"]), Vec::<&str>::new());
}

#[test]
fn a_commission_file_says_what_it_lacks() {
    // Goal: what a file without order, status and currency makes impossible is said in a line each, and its name gives
    // program and period. Method: a workbook called as documented (formats 1.1), with a cover; what is missing; the run goes
    // on with its rows set aside, and reads them once a person fills the gaps.
    let project = Project::base();
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Cover").unwrap().write(0, 0, "Commission").unwrap();
    let sheet = book.add_worksheet().set_name("明细").unwrap();
    for (column, name) in (0..).zip(["客户UID", "产品代码", "评级业绩", "佣金比例", "佣金金额", "备注"])
    {
        sheet.write(0, column, name).unwrap();
    }
    for (line, [account, amount]) in (1..).zip([["V-1", "80.00"], ["V-2", "160.04"]]) {
        for (column, cell) in (0..).zip([account, "srv", "1000.50", "0.08", amount, ""]) {
            sheet.write(line, column, cell).unwrap();
        }
    }
    let name = "input/2026-06-18/202605_FY27_CORE_4397912340.xlsx";
    project.remove("input/2026-06-18/rebate_lines.csv").write(name, book.save_to_buffer().unwrap());
    project.write("input/2026-06-18/control_totals.csv", "file,rows,currency,declared_calculated_total\n");
    let document = project.run(&["map", "--format", "json", name]).code(0).json();
    let tables = document["tables"].as_array().unwrap();
    let table = tables.iter().find(|table| table["sheet"] == "明细").unwrap();
    assert!(tables.iter().all(|t| t["sheet"] == "明细" || t["proposal"].is_null()), "a cover is no source");
    let proposal = &table["proposal"];
    assert_eq!((&proposal["kind"], &proposal["parts"]["period"]), (&"rebate_lines".into(), &"period".into()));
    assert_eq!(proposal["parts"]["program_id"], "program");
    let required: BTreeMap<&str, &str> = proposal["missing"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|missing| missing["required"] == true)
        .map(|missing| (missing["column"].as_str().unwrap(), missing["without"].as_str().unwrap()))
        .collect();
    assert!(required["status"].starts_with("no status: what is pending, approved or paid is not known"));
    assert!(required["currency"].starts_with("no currency: "));
    let said = project.run(&["map", name]).code(0);
    assert!(said.stderr.contains("no status date: how long a line waits is not known"), "{}", said.stderr);
    let block = append(&project, &[name]);
    project.run(&["check"]).code(0);
    let filled = block
        .replace("currency = { value = \"\" }", "currency = { value = \"USD\" }")
        .replace("status = { value = \"\" }", "status = { value = \"CALCULATED\" }")
        .replace("order_ref = { value = \"\" }", "order_ref = { value = \"O-1\" }");
    assert_ne!(filled, block);
    project.write("tieout.toml", filled);
    project.reconcile(|seen| {
        let lines = &seen.reconciled.snapshot.records.lines;
        let seen: Vec<_> = lines.iter().map(|l| (l.program.raw(), l.period.to_string())).collect();
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|(program, period)| *program == "CORE" && period == "2026-05"), "{seen:?}");
    });
}

#[test]
fn statuses_signs_and_damaged_ids_are_said() {
    // Goal: words get a meaning only where one is documented, and damage is seen. Method: an earnings file with a word of two
    // meanings, cents by name, ids from a spreadsheet, a subtotal in the middle, amounts with a sign.
    let project = Project::empty();
    let mut text = "earningId,programName,OrderId,customerTenantId,earningDate,earningAmount (cents),transactionCurrency,paymentStatus\n".to_owned();
    for number in 0..12 {
        let status = ["Sent", "Upcoming", "Unprocessed"][number % 3];
        let account = if number == 3 {
            "5.56942E+15".to_owned()
        } else {
            format!("55694142541388{number}0").chars().take(15).chain(['0']).collect()
        };
        text.push_str(&format!(
            "E-{number},Azure,ORD{number},{account},2026-05-{:02},{},USD,{status}\n",
            number + 10,
            100 + number
        ));
        if number == 5 {
            text.push_str("Subtotal,,,,,615,,\n");
        }
    }
    project.write("earnings.csv", text);
    let table = looked(&project, &["earnings.csv"]);
    let proposal = &table["proposal"];
    assert_eq!(proposal["kind"], "rebate_lines");
    let meaning: BTreeMap<&str, &Value> = proposal["statuses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|status| (status["word"].as_str().unwrap(), &status["status"]))
        .collect();
    assert_eq!((meaning["Sent"], meaning["Unprocessed"]), (&"Paid".into(), &"Calculated".into()));
    assert!(meaning["Upcoming"].is_null(), "it has two documented meanings");
    let column =
        |name: &str| proposal["columns"].as_array().unwrap().iter().find(|c| c["column"] == name).unwrap();
    let account = texts(&column("account_ref")["doubts"]).join("\n");
    assert!(account.contains("turned 1 id into numbers"), "{account}");
    assert!(account.contains("every long id ends in 0"), "{account}");
    assert!(texts(&column("period")["doubts"])[0].contains("the month that each is in"));
    assert_eq!(table["rows_of_subtotals"], 1);
    let block = project.run(&["map", "-q", "earnings.csv"]).stdout;
    for line in [
        "calculated_amount = { from = \"earningAmount (cents)\", unit = \"hundredth\" }",
        "\"Sent\" = \"Paid\"",
        "# \"Upcoming\" = \"\"",
        "is = \"Subtotal\"",
        "role = \"information\"",
    ] {
        assert!(block.lines().any(|found| found.starts_with(line)), "{line}: {block}");
    }
}

#[test]
fn a_known_name_with_other_values_is_not_believed() {
    // Goal: names alone decide nothing (formats 8, trap 10). Method: columns called like a rate and the order date that hold
    // words.
    let project = Project::empty();
    project.write(
        "commission.csv",
        "Order,Program,Month,Commission,Rate,Currency,Status,Status date\nO-1,P,2026-05,5.00,high,USD,Paid,soon\nO-2,P,2026-05,6.00,low,USD,Paid,later\n",
    );
    let table = looked(&project, &["commission.csv"]);
    assert!(!mapped(&table).contains_key("rate"));
    let why: Vec<&str> = table["proposal"]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["doubt"].as_str())
        .collect();
    assert!(
        why.iter().any(|why| why.starts_with("`Rate` could be rate, but 2 of 2 cells not read")),
        "{why:?}"
    );
    project.write(
        "usage.csv",
        "Order ID,Account,Date,SKU,Currency,Amount\nO-1,A,soon,S,USD,5\nO-2,A,later,S,USD,6\n",
    );
    let table = looked(&project, &["usage.csv", "--kind", "orders"]);
    let why: Vec<&str> = table["proposal"]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["doubt"].as_str())
        .collect();
    assert_eq!(why, ["`Date` could be order_date, but its values are no days"]);
}

#[test]
fn what_cannot_be_read_is_said_by_the_reader() {
    // Goal: a broken file gets the reader's own problem with its place, and wrong words on the command line their list.
    // Method: an unclosed quote, bytes that are no text, a kind and a preset that do not exist, no file.
    let project = Project::empty();
    project.write("broken.csv", "order_id,sku\nO-1,\"a\nO-2,b\n");
    let run = project.run(&["map", "broken.csv"]).code(3).says("broken.csv, line 2");
    assert_eq!(run.stdout, "", "nothing to append");
    let document = project.run(&["map", "broken.csv", "--format", "json"]).code(3).json();
    assert_eq!(document["diagnostics"][0]["line"], 2);
    project.write("strange.csv", "Alfa,Beta\n1,x\n2,y\n");
    assert_eq!(project.run(&["map", "strange.csv"]).code(0).says("say what it is with --kind").stdout, "");
    let block = project.run(&["map", "strange.csv", "--kind", "payouts"]).code(0).stdout;
    assert!(
        block.contains("paid_date = { value = \"\" }  # ?")
            && block.contains("# evidence only: `Alfa`, `Beta`"),
        "{block}"
    );
    project.write("empty.csv", "");
    project.run(&["map", "empty.csv"]).code(3).says("the file is empty: it has no header");
    project.write("fine.csv", "order_id,sku\nO-1,b\n");
    project.run(&["map", "fine.csv", "--kind", "accounts"]).code(2).says("these are orders, cancellations");
    project.run(&["map", "fine.csv", "--preset", "nobody"]).code(2).says("there is no preset `nobody`");
    project.run(&["map"]).code(2);
    project.run(&["map", "absent.csv"]).code(3).says("absent.csv");
}

#[test]
fn a_file_that_is_read_gets_no_second_block() {
    // Goal: a command that is typed twice does not count money twice, and says where the file is read. Method: the block of
    // a file appended twice behind other lines; the line that is named is that of its source. A file of another name gets a
    // block whose name is free, and another kind of the same file is still proposed.
    let project = Project::from_dir(&repository().join("tests/discrepancies/_base"));
    project.write("b.csv", bill());
    project.write("tieout.toml", "organization = \"Example\"\n# [[source]]\n\n");
    append(&project, &["b.csv"]);
    let config = project.read("tieout.toml");
    let line = 1 + config.lines().position(|line| line == "[[source]]").unwrap();
    let second = project.run(&["map", "b.csv"]).code(0);
    let second = second.says(&format!("b.csv is read already by the source `b` (tieout.toml, line {line})"));
    assert_eq!(second.says("To have it proposed anew, remove that block").stdout, "");
    assert_eq!(project.run(&["map", "-q", "b.csv"]).code(0).says("is read already").stdout, "");
    let table = looked(&project, &["b.csv"]);
    assert_eq!((&table["read_by"]["source"], &table["read_by"]["line"]), (&"b".into(), &line.into()));
    project.run(&["check"]).code(0);
    let other = project.run(&["map", "b.csv", "--kind", "rebate_lines"]).code(0);
    assert!(other.stdout.contains("kind = \"rebate_lines\""), "{}", other.stdout);
    project.write("b.txt", bill());
    let block = append(&project, &["b.txt"]);
    assert!(block.contains("name = \"b-2\""), "{block}");
    project.run(&["check"]).code(0);
    assert!(project.run(&["map", "--help"]).stdout.contains("tieout map commission.csv >> tieout.toml"));
}

/// Takes the comments away from a block that `map` leaves to a person, from the line that begins with `from` on.
fn taken(block: &str, from: &str) -> String {
    let at = block.find(from).unwrap_or_else(|| panic!("no {from}: {block}"));
    let rest = block[at..]
        .lines()
        .map(|line| if line.starts_with("# ?") { line } else { line.trim_start_matches("# ") });
    block[..at].to_owned()
        + &rest.map(|line| line.trim_start_matches('#')).collect::<Vec<_>>().join("\n")
        + "\n"
}

#[test]
fn rows_that_add_others_up_are_known_by_their_sum() {
    // Goal: a total in a column of types is no record and checks the file, while a name stays a name (formats 8, trap 3).
    // Method: lines with subtotals and a total whose word stands in the status; what `check` reads through the block, and
    // that it finds the total wrong once a cent is changed; a product called `Total` whose amount is no sum.
    let project = Project::base();
    let lines = rows(&project.read("input/2026-06-18/rebate_lines.csv"));
    let header = "Line,Policy,Order No,UID,Month,Commission,Currency,State\n";
    let text = |total: &str| {
        let mut text = header.to_owned();
        let (mut all, mut part) = (rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
        for (number, row) in lines.iter().enumerate() {
            let amount = rust_decimal::Decimal::from_str_exact(&row["calculated_amount"]).unwrap();
            (all, part) = (all + amount, part + amount);
            let [order, account, period] = ["order_ref", "account_ref", "period"].map(|name| &row[name]);
            text.push_str(&format!("{number},CORE,{order},{account},{period},{amount},USD,CALCULATED\n"));
            if number == 0 {
                text.push_str(&format!(",,,,,{part},USD,小计\n"));
                part = rust_decimal::Decimal::ZERO;
            }
        }
        let all = if total.is_empty() { all.to_string() } else { total.to_owned() };
        text + &format!(",,,,,{part},USD,小计\n,,,,,{all},USD,TOTAL\n")
    };
    assert!(lines.len() > 1, "two parts");
    project.remove("input/2026-06-18/rebate_lines.csv").write("input/2026-06-18/commission.csv", text(""));
    project.write("input/2026-06-18/control_totals.csv", "file,rows,currency,declared_calculated_total\n");
    let table = looked(&project, &["input/2026-06-18/commission.csv"]);
    assert_eq!(
        (&table["records"], &table["rows_of_totals"], &table["rows_of_subtotals"]),
        (&lines.len().into(), &1.into(), &2.into())
    );
    let statuses = table["proposal"]["statuses"].as_array().unwrap();
    assert_eq!(statuses.len(), 1, "a total is no status: {statuses:?}");
    let block = append(&project, &["input/2026-06-18/commission.csv"]);
    assert!(
        block.contains("is = \"TOTAL\"\nrole = \"control\"")
            && block.contains("is = \"小计\"\nrole = \"information\""),
        "{block}"
    );
    let document = project.run(&["check", "--format", "json"]).code(0).json();
    let of_file = |document: &Value| {
        let files = document["files"].as_array().unwrap();
        files.iter().find(|f| f["path"].as_str().unwrap().ends_with("commission.csv")).unwrap()["difference"]
            .clone()
    };
    assert_eq!(of_file(&document)["USD"], "0.00", "{document:#}");
    project.write("input/2026-06-18/commission.csv", text("1.00"));
    let document = project.run(&["check", "--format", "json"]).json();
    assert_ne!(of_file(&document)["USD"], "0.00");
    let table = looked(&project, &["input/2026-06-18/commission.csv"]);
    let rule = &table["proposal"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["is"][0] == "TOTAL")
        .unwrap()
        .clone();
    assert_eq!(rule["sure"], false, "no sum, no certainty");

    project.write(
        "orders.csv",
        "Order ID,Account,Order date,Product,Currency,Net\nO-1,A,2026-05-01,Total,USD,5\nO-2,A,2026-05-02,Basic,USD,6\nO-3,A,2026-05-03,Basic,USD,7\n",
    );
    let table = looked(&project, &["orders.csv"]);
    assert_eq!((&table["records"], &table["rows_of_totals"]), (&3.into(), &0.into()));
    assert!(!project.run(&["map", "-q", "orders.csv"]).stdout.lines().any(|line| line.starts_with("role")));
}

#[test]
fn no_rule_that_is_written_takes_a_record_along() {
    // Goal: a rule without `?` leaves every record in. Method: headings of groups that say what the records below them say, and
    // a customer called `Total`; with the block appended, every order is read.
    let header = "Product,Customer,Order ID,Account,Order date,Currency,Net";
    let heading = "Elastic Compute Service,,,,,,";
    let order = |number: u32, customer: &str| {
        format!("Elastic Compute Service,{customer},O-{number},A-{number},2026-05-0{number},USD,{number}.50")
    };
    let in_front = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        [&[cells[1], cells[0]], &cells[2..]].concat().join(",")
    };
    let rows: Vec<String> = (1..9).map(|n| order(n, if n == 2 { "Total" } else { "Some" })).collect();
    let grouped = format!("{header}\n{heading}\n{}\n", rows.join("\n"));
    let customers: Vec<String> =
        [header].into_iter().chain(rows.iter().map(String::as_str)).map(in_front).collect();
    for text in [grouped, customers.join("\n") + "\n"] {
        let project = Project::base();
        project.remove("input/2026-06-18/orders.csv").write("input/2026-06-18/bill.csv", &text);
        append(&project, &["input/2026-06-18/bill.csv"]);
        let document = project.run(&["check", "--format", "json"]).json();
        let file =
            document["files"].as_array().unwrap().iter().find(|file| file["kind"] == "orders").unwrap();
        assert_eq!(file["rows_loaded"], 8, "{text}\n{}\n{file:#}", project.read("tieout.toml"));
    }
}

#[test]
fn hundredths_are_proposed_with_a_question_where_only_a_name_says_so() {
    // Goal: no amount is read a hundred times too small without a question. Method: the short name that one vendor documents
    // for hundredths, over whole numbers and over amounts with a fraction; a name that says cents over both.
    let project = Project::base();
    let column = |name: &str, amount: &str| {
        let text = format!(
            "Line,Policy,Order No,UID,Month,{name},Currency,State\nL-1,CORE,O-1,V-1,2026-05,{amount},USD,PAID\n"
        );
        project.write("commission.csv", text);
        let block = project.run(&["map", "-q", "commission.csv"]).code(0).stdout;
        let line = block.lines().find(|line| line.starts_with("calculated_amount"));
        let line = line.unwrap_or_else(|| panic!("{block}"));
        (line.contains("hundredth"), line.contains("# ?"))
    };
    assert_eq!(column("Amt", "8000"), (true, true));
    assert_eq!(column("Amt", "80.00"), (false, false));
    assert!(column("Commission (cents)", "8000").0);
    assert_eq!(column("Commission (cents)", "80.00"), (true, true));
}

#[test]
fn refunds_among_orders_are_left_to_a_person() {
    // Goal: what a refund row is, is asked with both answers written out (formats 8, traps 7 and 8). Method: orders of which
    // some are refunds; the block as it stands reads all of them as orders; with its comments taken away the refunds are
    // cancellations without a sign, and no row is in both.
    let project = Project::base();
    let mut text = "Order No,Account,Order Time,Product Code,Currency,Amount,Order Type\n".to_owned();
    for row in rows(&project.read("input/2026-06-18/orders.csv")) {
        let [order, account, day, sku, net] =
            ["order_id", "account_id", "order_date", "sku", "net_amount"].map(|name| &row[name]);
        text.push_str(&format!("{order},{account},{day},{sku},USD,{net},BUY\n"));
        if order == "O-1" {
            text.push_str(&format!("{order}-R,{account},2026-06-01,{sku},USD,-5.00,REFUND\n"));
        }
    }
    project.remove("input/2026-06-18/orders.csv").write("input/2026-06-18/sales.csv", text);
    let _ = std::fs::remove_file(project.path("input/2026-06-18/cancellations.csv"));
    let table = looked(&project, &["input/2026-06-18/sales.csv", "--kind", "orders"]);
    let rule = &table["proposal"]["rows"][0];
    assert_eq!((&rule["is"][0], &rule["rows"], &rule["sure"]), (&"REFUND".into(), &1.into(), &false.into()));
    let said = project.run(&["map", "input/2026-06-18/sales.csv", "--kind", "orders"]).code(0);
    let said =
        said.says("1 row with \"REFUND\" in `Order Type` (1 below zero): as it stands, they are orders");
    said.says("where they are cancellations, take this rule and the source below");
    let block = append(&project, &["input/2026-06-18/sales.csv", "--kind", "orders"]);
    let all = table["records"].as_u64().unwrap();
    project.reconcile(|seen| assert_eq!(seen.reconciled.snapshot.records.orders.len() as u64, all));
    project.write("tieout.toml", taken(&block, "# [[source.rows]]"));
    project.reconcile(|seen| {
        let records = &seen.reconciled.snapshot.records;
        assert_eq!(records.orders.len() as u64, all - 1);
        let [refund] = &records.cancellations[..] else { panic!("{:?}", records.cancellations) };
        assert_eq!((refund.order.raw(), refund.amount_refund.to_string()), ("O-1-R", "5.00".to_owned()));
    });
}

/// Lines of one program, whose rates are written in some way, with what the rate makes of the base.
fn rated(header: &str, rates: &[(&str, &str)]) -> String {
    let mut text = format!("Line,Policy,Order No,UID,Month,Base,{header},Commission,Currency,State\n");
    for (number, (rate, amount)) in rates.iter().enumerate() {
        text.push_str(&format!("L-{number},CORE,O-1,V-1,2026-05,200.00,{rate},{amount},USD,CALCULATED\n"));
    }
    text
}

#[test]
fn rates_in_percent_are_known_by_their_evidence() {
    // Goal: a rate of 15 percent is one in the run, however it is written, and what has two readings is not taken (formats
    // 8.9). Method: the same rates with a sign, by the amounts, by their name; then fractions; then small ones that may be
    // either, which are read once a person chooses. What `check` reads is the rate itself.
    let project = Project::base();
    project.remove("input/2026-06-18/rebate_lines.csv");
    project.write("input/2026-06-18/control_totals.csv", "file,rows,currency,declared_calculated_total\n");
    let path = "input/2026-06-18/commission.csv";
    for (header, rates, evidence) in [
        ("Rate", [("15%", "30.00"), ("8%", "16.00")], "in percent: every value has a %"),
        (
            "Rate",
            [("15", "30.00"), ("0.5", "1.00")],
            "in percent: base times rate is the amount so in 2 of 2 rows",
        ),
        ("Commission Rate (%)", [("15.00", ""), ("0.5", "")], "in percent: its name says so"),
        ("Rate", [("15", ""), ("8.00", "")], "in percent: its values are 8.00 to 15"),
        (
            "Rate",
            [("0.15", "30.00"), ("0.08", "16.00")],
            "base times rate is the amount as it stands in 2 of 2 rows",
        ),
        (
            "Rate (%)",
            [("0.15", "30.00"), ("0.08", "16.00")],
            "base times rate is the amount as it stands in 2 of 2 rows",
        ),
    ] {
        project.write(path, rated(header, &rates).replace(",,USD", ",7.77,USD")).write("tieout.toml", "");
        let table = looked(&project, &[path]);
        let column = table["proposal"]["columns"].as_array().unwrap().iter().find(|c| c["column"] == "rate");
        let notes = texts(&column.unwrap_or_else(|| panic!("{header} {rates:?}: {table:#}"))["notes"]);
        assert!(notes.contains(&evidence), "{header} {rates:?}: {notes:?}");
        append(&project, &[path]);
        let read: Vec<rust_decimal::Decimal> =
            understood(&project, "rebate_lines").iter().map(|row| row["rate"].parse().unwrap()).collect();
        let expected = rates.map(|(rate, _)| {
            let number: rust_decimal::Decimal = rate.trim_end_matches('%').parse().unwrap();
            if evidence.starts_with("in percent") {
                number / rust_decimal::Decimal::ONE_HUNDRED
            } else {
                number
            }
        });
        assert_eq!(read, expected, "{header} {rates:?}");
    }
    for (header, rates) in [
        ("Rate", [("0.5", ""), ("15", "")]),
        ("Rate", [("8%", ""), ("0.08", "")]),
        ("Rate %", [("0.15", ""), ("0.5", "")]),
    ] {
        project.write(path, rated(header, &rates).replace(",,USD", ",7.77,USD")).write("tieout.toml", "");
        assert!(!mapped(&looked(&project, &[path])).contains_key("rate"), "{header} {rates:?}");
        let block = append(&project, &[path]);
        assert!(!block.lines().any(|line| line.starts_with("rate")), "{block}");
        assert!(block.contains("until one is chosen, it is not read"), "{block}");
        let choices: Vec<&str> = block.lines().filter(|line| line.starts_with("# rate = ")).collect();
        assert_eq!(choices.len(), 2, "{block}");
        project.write("tieout.toml", block.replace(choices[1], choices[1].trim_start_matches("# ")));
        let read: Vec<rust_decimal::Decimal> =
            understood(&project, "rebate_lines").iter().map(|row| row["rate"].parse().unwrap()).collect();
        let percent = |rate: &str| {
            rate.trim_end_matches('%').parse::<rust_decimal::Decimal>().unwrap()
                / rust_decimal::Decimal::ONE_HUNDRED
        };
        assert_eq!(read, rates.map(|(rate, _)| percent(rate)), "{header}");
    }
}

#[test]
fn what_was_found_out_of_a_file_is_written_down() {
    // Goal: next month's file is read as this one was, also where it shows less of how it is laid out (formats 8, trap 2).
    // Method: orders in GB18030 with semicolons and enough words to tell; the block names both with the evidence; a file of one
    // row and one name, which has several readings and alone would be refused, is read through it. A plain file gets no such line.
    let project = Project::base();
    let path = "input/2026-06-18/orders.csv";
    let orders = rows(&project.read(path));
    let text = |orders: &[Row], names: &[&str]| {
        let mut text = "Order No;Account;Order Time;Product Code;Currency;Net;Remark\n".to_owned();
        for (row, name) in orders.iter().zip(names) {
            let [order, account, day, sku, net] =
                ["order_id", "account_id", "order_date", "sku", "net_amount"].map(|name| &row[name]);
            text.push_str(&format!("{order};{account};{day};{sku};USD;{net};{name}\n"));
        }
        encoding_rs::GB18030.encode(&text).0.into_owned()
    };
    let names = ["云服务器 续费 客户", "对象存储 新购 客户", "数据库 升级 订单 已经开票"];
    project.remove(path).write("input/2026-06-18/销售202606.csv", text(&orders, &names));
    let block = append(&project, &["input/2026-06-18/销售202606.csv", "--kind", "orders"]);
    let line = |key: &str| {
        block.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {block}"))
    };
    let encoding = line("encoding = \"gb18030\"  # found out: ");
    assert!(
        encoding.contains("its words beyond ASCII") && encoding.ends_with("the next file may not show it")
    );
    line("delimiter = \";\"  # found out: 4 of 4 records have 7 fields; ");
    project.remove("input/2026-06-18/销售202606.csv");
    project.write("input/2026-06-18/销售202607.csv", text(&orders[..1], &["杭州云端科技"]));
    project.run(&["map", "input/2026-06-18/销售202607.csv"]).code(3).says("too little to tell what it is");
    project.reconcile(|seen| assert_eq!(seen.counts("2026-06-18/销售202607.csv"), [1, 1, 0, 0, 0]));

    project.write(
        "plain.csv",
        "Order No,Account,Order Time,Product Code,Currency,Net\nO-1,A,2026-05-01,srv,USD,5.00\n",
    );
    let plain = project.run(&["map", "-q", "plain.csv"]).code(0).stdout;
    assert!(!plain.contains("found out"), "{plain}");
}

#[test]
fn a_file_that_fits_a_preset_gets_it() {
    // Goal: a preset knows more than guesses, so the vendor's file gets it without being asked (formats 1 to 3). Method: the
    // made-up extract of every preset through `map`; it fits its own and no other, and where the project of the extract needs no
    // further word, the block gives the same rows as that project's own configuration. Extracts of two layouts get one source.
    let fixtures = repository().join("tests/fixtures/presets");
    for (preset, ..) in PRESETS {
        let project = Project::empty();
        project.overlay(&fixtures.join(preset).join("input"));
        let folder = project.path("input/2026-06-18");
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| format!("input/2026-06-18/{}", entry.unwrap().file_name().to_str().unwrap()))
            .filter(|name| !name.contains("control_totals"))
            .collect();
        names.sort();
        let mut arguments = vec!["map", "--format", "json"];
        arguments.extend(names.iter().map(String::as_str));
        let document = project.run(&arguments).code(0).json();
        let tables = document["tables"].as_array().unwrap();
        let found: Vec<&Value> = tables.iter().map(|table| &table["preset"]["name"]).collect();
        assert!(!found.is_empty() && found.iter().all(|name| *name == preset), "{preset}: {found:?}");
        let block = document["toml"].as_str().unwrap();
        assert_eq!(block.matches("[[source]]").count(), 1, "{preset}: {block}");
        if ["alibaba-intl-reseller-bill", "microsoft-earnings", "microsoft-payments"].contains(preset) {
            for entry in std::fs::read_dir(fixtures.join("reference")).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                project.write(&format!("input/reference/{name}"), std::fs::read(path).unwrap());
            }
            let kind = tables[0]["proposal"]["kind"].as_str().unwrap();
            project.write("tieout.toml", std::fs::read(fixtures.join(preset).join("tieout.toml")).unwrap());
            let mut expected = understood(&project, kind);
            project.write("tieout.toml", block);
            let found = understood(&project, kind);
            // That project adds columns to the preset, which the block has as comments where all its files have them.
            assert!(!expected[0].contains_key("rate") || block.contains("# rate = "), "{preset}: {block}");
            let added = ["rate", "paid_amount"].into_iter().filter(|name| !found[0].contains_key(*name));
            for name in added {
                expected.iter_mut().for_each(|row| drop(row.remove(name)));
            }
            assert_eq!(found, expected, "{preset}");
        }
    }
    // Our own files are nobody's preset.
    let table = looked(&Project::sample(), &["input/2026-06-18/rebate_lines.csv"]);
    assert!(table["preset"].is_null(), "{}", table["preset"]);
}

#[test]
fn words_that_a_preset_does_not_know_are_asked_for() {
    // Goal: a preset of a file whose words nobody has published does not leave them unsaid: each unknown status is a line to
    // confirm. Method: the commission workbook; a status that is known by its word, and one that is not.
    let project = Project::empty();
    let path = "alibaba-commission-detail/input/2026-06-18/202605_FY27_ACQUIRE_5000000017.xlsx";
    let bytes = std::fs::read(repository().join("tests/fixtures/presets").join(path)).unwrap();
    project.write("202605_FY27_ACQUIRE_5000000017.xlsx", bytes);
    let run = project.run(&["map", "202605_FY27_ACQUIRE_5000000017.xlsx"]).code(0);
    let run = run.says("status                 ? `已付款` is not in the preset; perhaps Paid");
    let block = run.stdout.split_once("[source.statuses]").unwrap().1;
    assert!(block.contains("\"已付款\" = \"Paid\"\n"), "{block}");
    assert!(block.contains("# \"待开票\" = \"\"  # ? not known"), "{block}");
}

#[test]
fn an_amount_in_parentheses_is_proposed_as_below_zero() {
    // Goal: what an ERP writes as (1,050.50) is no row that is lost: the proposal reads it, and says so. Method: sales with two
    // refunds in parentheses; the block is taken as it is printed, and no cell is left unread.
    let project = Project::empty();
    let rows: String = (0..10)
        .map(|n| match n {
            4 | 9 => format!("SO-{n},2026-05-1{n},V-1,srv,Refund,USD,\"($1,05{n}.50)\"\n"),
            _ => format!("SO-{n},2026-05-1{n},V-1,srv,Sale,USD,\"$1,05{n}.50\"\n"),
        })
        .collect();
    project
        .write("sales.csv", format!("Order No,Order Date,Kunde,SKU,Type,Currency,Extended Amount\n{rows}"));
    let run = project.run(&["map", "sales.csv"]).code(0);
    let run = run.says("2 rows with \"Refund\" in `Type` (2 below zero)");
    assert!(!run.stderr.contains("not read"), "{}", run.stderr);
    assert!(
        run.stdout.contains("net_amount = { from = \"Extended Amount\", sign = \"parentheses\" }  # ? "),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("account_id = \"Kunde\"\n"), "{}", run.stdout);
}

#[test]
fn a_preset_says_what_of_it_is_there() {
    // Goal: whoever names a preset hears column by column what the file has, what is impossible without the rest, what is not
    // used, and whether it is such a file at all. Method: payments of one vendor under the right preset with a column taken
    // away, and under two wrong ones; incentives, whose amount the preset leaves to the project.
    let project = Project::empty();
    let fixture =
        |name: &str| std::fs::read_to_string(repository().join("tests/fixtures/presets").join(name)).unwrap();
    let payments = fixture("microsoft-payments/input/2026-06-18/microsoft-payments.csv");
    project.write("payments.csv", payments.replace("paymentMethod", "means"));
    let run = project.run(&["map", "payments.csv", "--preset", "microsoft-payments"]).code(0);
    let said = run
        .says("the preset microsoft-payments (Microsoft Partner Center: payments): 4 of 5 columns are there");
    let said = said.says("payout_id              `paymentID`: every value once, such as ");
    let said = said.says("form                   missing: `paymentMethod`; no form: ");
    assert!(
        said.stderr
            .lines()
            .any(|l| l.contains("evidence only") && l.contains("`means`") && !l.contains("`paymentStatus`"))
    );
    assert!(!said.stderr.contains("hardly"), "{}", said.stderr);
    assert!(said.stdout.contains("files = [\"payments.csv\"]"), "{}", said.stdout);

    let run = project.run(&["map", "payments.csv", "--preset", "microsoft-earnings"]).code(0);
    let run = run.says("it has no `earningId`, by which rows are one record");
    let run = run.says("calculated_amount      missing: `earningAmount`; no calculated amount: there is no rebate to reconcile  (required");
    run.says("this is hardly a file of that preset")
        .says("the preset microsoft-payments fits better: 4 of 5 columns are there");
    project.write("other.csv", "Order No,Account,Date,SKU,Currency,Net\nO-1,A,2026-05-01,srv,USD,5.00\n");
    project.run(&["map", "other.csv", "--preset", "microsoft-earnings"]).code(0).says("no other preset fits");

    let incentives = fixture("huawei-incentives/input/2026-06-18/huawei-incentives_202605.csv");
    project.write("huawei-incentives.csv", incentives);
    let run = project.run(&["map", "huawei-incentives.csv"]).code(0);
    let run = run.says("? not in the preset; \"Incentive Amount\" by its name and values");
    assert!(
        run.stdout.contains("calculated_amount = \"Incentive Amount\"  # ? not in the preset"),
        "{}",
        run.stdout
    );
}

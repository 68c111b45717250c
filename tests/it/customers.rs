//! Trees of customers: their sums are ours, and nothing else is in them.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;

use rust_decimal::Decimal;
use tieout::audience::scan::{Own, Secrets, Visit};
use tieout::audience::values;
use tieout::error::Error;
use tieout::pipeline::customers;
use tieout::report::data::DataFile;

use crate::support::{Project, Row, SECRET, Tree, sha256};

/// The amounts of a customer's file by currency and months: by stage and altogether, and their day.
type Sums = BTreeMap<(String, String), ([String; 4], String)>;

fn configured(project: &Project, more: &str) {
    project.write("tieout.toml", format!("[customers]\nkey_env = \"{SECRET}\"\n{more}"));
}

/// The sample with pages for customers.
fn sample(more: &str) -> Project {
    let project = Project::sample();
    configured(&project, more);
    project
}

/// The folder of each customer.
fn folders(tree: &Tree) -> BTreeMap<String, String> {
    let rows = tree.rows("data/trees.csv");
    let customers = rows.iter().filter(|row| row["audience"] == "customer");
    customers.map(|row| (row["customer_id"].clone(), row["folder"].clone())).collect()
}

fn sums(file: &[Row]) -> Sums {
    file.iter()
        .map(|row| {
            let amounts = ["In progress", "Confirmed", "Completed", "Total"].map(|name| row[name].clone());
            ((row["Currency"].clone(), row["Month"].clone()), (amounts, row["As of"].clone()))
        })
        .collect()
}

/// The months that a row of a file is of: `May 2026` or `March 2026 to April 2026`.
fn months(words: &str) -> (String, String) {
    let month = |words: &str| {
        let (name, year) = words.split_once(' ').unwrap();
        let names = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        format!("{year}-{:02}", names.iter().position(|known| *known == name).unwrap() + 1)
    };
    match words.split_once(" to ") {
        Some((from, to)) => (month(from), month(to)),
        None => (month(words), month(words)),
    }
}

/// What our own export of lines says of a customer: by bucket and altogether.
fn ours(lines: &[Row], customer: &str, currency: &str, (from, to): &(String, String)) -> [Decimal; 4] {
    let mut sums = [Decimal::ZERO; 4];
    for line in lines.iter().filter(|l| l["customer_id"] == customer && l["currency"] == currency) {
        let is_here = (from.as_str()..=to.as_str()).contains(&line["period_vendor"].as_str());
        let stage = ["Calculated", "Approved", "Paid"].iter().position(|bucket| line["bucket"] == *bucket);
        if let (true, Some(stage), Ok(net)) = (is_here, stage, line["net"].parse::<Decimal>()) {
            sums[stage] += net;
            sums[3] += net;
        }
    }
    sums
}

#[test]
fn sums_are_those_of_our_own_tree_at_the_day_that_they_name() {
    // Goal: a customer is told what we are told (domain I-22). Method: every amount of every customer's file against our
    // export of lines, added up anew, of the snapshot that stands beside it; once with the least number of lines and once
    // without, where every amount has to be of the newest snapshot and every customer's sum complete.
    for (more, is_complete) in [("", false), ("min_purchases = 1\n", true)] {
        let project = sample(more);
        let tree = project.build();
        let mut at: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        let mut compared = 0;
        for (customer, folder) in folders(&tree) {
            let file = Tree { root: project.path(&format!("site/{folder}")) }.rows("rebates.csv");
            for ((currency, words), (amounts, as_of)) in sums(&file) {
                let lines = at
                    .entry(as_of.clone())
                    .or_insert_with(|| project.reconcile_at(Some(&as_of), |seen| seen.data(DataFile::Lines)));
                let expected = ours(lines, &customer, &currency, &months(&words));
                for (told, expected) in amounts.iter().zip(expected).filter(|(told, _)| !told.is_empty()) {
                    // Stages may be of an earlier day than their sum; then they add up to it as well.
                    let is_sum = told == &amounts[3] || is_complete;
                    assert!(
                        !is_sum || told.parse() == Ok(expected),
                        "{customer}, {words}: {told} is not {expected}"
                    );
                    compared += 1;
                }
                let stages: Vec<Decimal> = amounts[..3].iter().filter_map(|text| text.parse().ok()).collect();
                assert!(stages.is_empty() || Ok(stages.iter().sum()) == amounts[3].parse::<Decimal>());
                assert!(!is_complete || as_of == "2026-06-18");
            }
            if is_complete {
                let all: BTreeSet<String> = sums(&file).into_keys().map(|(currency, _)| currency).collect();
                let lines = &at["2026-06-18"];
                let with_amount =
                    |l: &&Row| l["customer_id"] == customer && l["net"].parse::<Decimal>().is_ok();
                let counted = |l: &&Row| ["Calculated", "Approved", "Paid"].contains(&l["bucket"].as_str());
                let wanted: BTreeSet<String> =
                    lines.iter().filter(with_amount).filter(counted).map(|l| l["currency"].clone()).collect();
                assert_eq!(all, wanted, "{customer}");
            }
        }
        assert!(compared >= if is_complete { 28 } else { 6 }, "only {compared} amounts were compared");
    }
}

#[test]
fn one_changed_line_moves_no_amount_of_a_customer() {
    // Goal: yesterday's page and today's do not give one line. Method: from 17 to 18 June one line of CUST-04 went from
    // approved to paid and one of CUST-01 got an amount; the pages of both days are compared, as someone who keeps them
    // would.
    let project = sample("");
    let file = |customer: &str| {
        let folder = folders(&project.build())[customer].clone();
        let of = |snapshot: &str| {
            let run = project
                .command()
                .args(["build", "-q", "--snapshot", snapshot, "--output", "other"])
                .env(SECRET, "a secret of tests, 32 bytes long")
                .output()
                .unwrap();
            assert!(run.status.success(), "{run:?}");
            sums(&Tree { root: project.path(&format!("other/{folder}")) }.rows("rebates.csv"))
        };
        (of("2026-06-17"), of("2026-06-18"))
    };
    let (before, after) = file("CUST-04");
    let may = &("USD".to_owned(), "May 2026".to_owned());
    assert_eq!(before[may].0, after[may].0, "the line that was paid does not come forward");
    assert_eq!(after[may].1, "2026-06-17");
    // Where a sum did move, the lines behind it say that enough of them did.
    let at = |snapshot: &str| project.reconcile_at(Some(snapshot), |seen| seen.data(DataFile::Lines));
    let (old, new) = (at("2026-06-17"), at("2026-06-18"));
    let (before, after) = file("CUST-01");
    assert!(before[may].0[3] == "12000.00" && after[may].0[3] == "18420.00", "{before:?} {after:?}");
    let amount = |lines: &[Row], id: &str| {
        let line = lines.iter().find(|l| l["line_id"] == id);
        line.filter(|l| ["Calculated", "Approved", "Paid"].contains(&l["bucket"].as_str()))
            .map(|l| l["net"].clone())
    };
    let of_customer = new.iter().filter(|l| l["customer_id"] == "CUST-01" && l["period_vendor"] == "2026-05");
    let moved = of_customer.filter(|l| amount(&old, &l["line_id"]) != amount(&new, &l["line_id"])).count();
    assert!(moved >= 3, "{moved} lines");
}

#[test]
fn a_tree_stands_alone_and_its_name_follows_from_the_secret() {
    // Goal: a customer's tree leads nowhere else, and nobody finds it by its id (domain I-24, reliability T2). Method: every
    // address and every script of its files; the name under another secret; the file of the secret in its wrong forms.
    let project = sample("contact = \"Rina Patel\"\n");
    let tree = project.build();
    let named = folders(&tree);
    assert_eq!(named.len(), 5);
    for folder in named.values() {
        let root = project.path(&format!("site/{folder}"));
        let customer = Tree { root };
        assert_eq!(
            customer.paths(),
            ["404.html", "SHA256SUMS", "index.html", "manifest.json", "rebates.csv"]
        );
        let page = customer.read("index.html");
        let links: Vec<&str> =
            page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(links.iter().all(|link| link.starts_with('#') || *link == "rebates.csv"), "{links:?}");
        for forbidden in ["<script", "src=", "http:", "https:", "internal", "../"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.contains("Rina Patel"));
        let missing = customer.read("404.html");
        let leads_here = missing.split("href=\"").skip(1).all(|rest| rest.starts_with("#main\""));
        assert!(leads_here && missing.contains("no page at this address") && !missing.contains("<data"));
        let manifest = customer.read("manifest.json");
        assert!(manifest.contains("\"inputs\": []") && manifest.contains("\"configuration_sha256\": \"\""));
        assert!(manifest.contains("\"audience\": \"customer\""));
    }
    assert!(tree.read("customer/cust01.html").contains(&format!("{}/index.html", named["CUST-01"])));
    let internal = fs::read_to_string(project.path("site/internal/about.html")).unwrap();
    assert!(named.values().all(|folder| !internal.contains(folder)));
    let write = |text: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        project
            .write("customers.key", text)
            .write("tieout.toml", "[customers]\nkey_file = \"customers.key\"\n");
        fs::set_permissions(project.path("customers.key"), fs::Permissions::from_mode(mode)).unwrap();
    };
    write("another secret, long enough\n", 0o600);
    let others = folders(&project.build());
    assert!(named.iter().all(|(customer, folder)| others[customer] != *folder));
    let refused = |text: &str| {
        let Err(Error::Usage { message, help }) = project.try_build().0 else { panic!("{text}") };
        assert!(message.contains(text) && help.contains("openssl rand"), "{message}");
    };
    write("another secret, long enough\n", 0o644);
    refused("can be read by other users");
    write("too short", 0o600);
    refused("9 bytes");
    project.remove("customers.key");
    refused("no such file");
    project.write("tieout.toml", "[customers]\nkey_env = \"NOT_THERE\"\n");
    refused("NOT_THERE");
    project.write("tieout.toml", "[customers]\nmin_purchases = 0\n");
    assert!(matches!(project.try_build().0, Err(Error::Usage { .. })));
}

#[test]
fn a_value_in_any_channel_of_a_tree_stops_the_build() {
    // Goal: whatever way a value takes into a customer's tree, nothing is published and the value is named. Method: one leak
    // at a time, in the template's attributes, comments, styles, scripts and hashes, in the words of the page and so in the
    // file, in a sentence for customers, and another customer's name.
    let template = fs::read_to_string(crate::support::repository().join("templates/customer.html")).unwrap();
    let words = fs::read_to_string(crate::support::repository().join("content/customer/page.md")).unwrap();
    let sentence = "content/discrepancies/sku-unmapped.md";
    let kind = fs::read_to_string(crate::support::repository().join(sentence)).unwrap();
    let page = |markup: &str| {
        (
            "templates/customer.html",
            template.replace("</main>\n{%- endif", &format!("{markup}</main>\n{{%- endif")),
        )
    };
    let hash = sha256(b"ACC-1001");
    let leaks = [
        (page("<p title=\"ORD-1001\"></p>"), "order ID"),
        (page("<!-- l 1001 -->"), "line ID"),
        (page("<p data-x='{\"sku\":\"ecs%2Ec7\"}'></p>"), "SKU"),
        (page("<script>window.index=[\"SPR\\u0049NG\"]</script>"), "program"),
        (page("<p>5123-0000-0000-1001</p>"), "account ID"),
        (page("<i>c-acc_1001</i>"), "account ID"),
        (page("<p>U0ctMjYwNS1YWVo=</p>"), "batch"),
        (page("<b>PO</b><b>-5001</b>"), "payout"),
        (page("<p>at 10 %</p>"), "rate"),
        (page(&format!("<img alt='' src='data:,{hash}'>")), "account ID"),
        (page(&format!("<p id='c{}'></p>", &hash[..12])), "account ID"),
        (
            ("content/customer/page.md", words.replace("currency = \"Currency\"", "currency = \"INV-1001\"")),
            "invoice ID",
        ),
        (
            ("content/customer/page.md", words.replace("skip = \"Skip", "skip = \"Blue Harbor: skip")),
            "customer",
        ),
        (
            (sentence, kind.replace("customer = \"We are", "customer = \"For Spring Growth we are")),
            "campaign",
        ),
    ];
    for ((path, text), expected) in leaks {
        let project = sample("");
        project.write(path, &text);
        let Err(Error::Leak { what }) = project.try_build().0 else {
            panic!("{expected} in {path} is not found")
        };
        let is_named = what.contains(&format!("holds the {expected} `"))
            // The same text may be the value of several kinds.
            || (expected == "campaign" && what.contains("spring growth"));
        assert!(is_named && what.contains("customer/"), "{expected}: {what}");
        assert!(!project.path("site").exists(), "nothing is published");
    }
    let program = sample("");
    program.write("templates/customer.html", page("<i>ORD-1001</i>").1);
    let run =
        program.command().args(["build"]).env(SECRET, "a secret of tests, 32 bytes long").output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("order ID `ORD1001`") && said.contains("the last good site stays"), "{said}");
}

/// What may not be seen, for the channels that the pages of today do not have.
fn secrets(visit: &mut Visit<'_>) {
    visit("order ID", "ORD-1001");
    visit("customer", "Blue Harbor");
}

#[test]
fn names_of_files_workbooks_and_images_are_looked_through() {
    // Goal: the channels that a later version may add are looked through today. Method: a name of a file; a data file of a
    // script and the index of a search; a workbook with a
    // value in its author, in a cell, in a comment of the archive and in the name of a part; an image with packed text.
    let all = Secrets::new(&secrets, b"");
    let kinds = |path: &str, bytes: &[u8]| -> BTreeSet<&'static str> {
        all.look(&Own::default(), path, bytes).hits.into_iter().map(|hit| hit.kind).collect()
    };
    assert_eq!(kinds("data/ord-1001.js", b""), ["order ID"].into());
    let shard = |text: &str| format!("tieout.take(\"query/data/index.js\",{{\"texts\":[\"{text}\"]}});");
    assert_eq!(kinds("query/data/index.js", shard("ord\\u002d1001").as_bytes()), ["order ID"].into());
    assert_eq!(kinds("query/data/index.js", shard("BLUE HARBOR").as_bytes()), ["customer"].into());
    assert_eq!(kinds("query/data/index.js", shard("ORD-1002").as_bytes()), BTreeSet::new());
    let workbook = |author: &str, cell: &str| {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_author(author));
        workbook.add_worksheet().write_string(0, 0, cell).unwrap();
        workbook.save_to_buffer().unwrap()
    };
    assert_eq!(kinds("x.xlsx", &workbook("blue harbor", "a")), ["customer"].into());
    assert_eq!(kinds("x.xlsx", &workbook("a", "ORD-1001")), ["order ID"].into());
    assert_eq!(kinds("x.xlsx", &workbook("a", "b")), BTreeSet::new());
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("ORD-1001.txt", zip::write::SimpleFileOptions::default()).unwrap();
    assert_eq!(kinds("x.zip", archive.finish().unwrap().get_ref()), ["order ID"].into());
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, b"made for Blue Harbor").unwrap();
    let mut chunk = b"Comment\0\0".to_vec();
    chunk.extend(packed.finish().unwrap());
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    image.extend(u32::try_from(chunk.len()).unwrap().to_be_bytes());
    image.extend(b"zTXt");
    image.extend(&chunk);
    image.extend([0; 4]);
    assert_eq!(kinds("x.png", &image), ["customer"].into());
}

#[test]
fn what_is_looked_for_is_everything_that_the_input_names() {
    // Goal: no value of the input is forgotten. Method: every id, name and code of the columns of the sample's files that
    // may not be seen is among the values, read from the files themselves.
    let project = Project::sample();
    let mut known: BTreeSet<String> = BTreeSet::new();
    project.reconcile(|seen| values::each(seen.report, &mut |_, text| known.extend([text.to_owned()])));
    let columns: BTreeSet<&str> = [
        "order_id",
        "account_id",
        "vendor_account_id",
        "customer_id",
        "customer_name",
        "reseller_id",
        "subscription_id",
        "invoice_id",
        "sku",
        "vendor_sku",
        "line_id",
        "program_id",
        "name",
        "campaign",
        "batch_id",
        "order_ref",
        "account_ref",
        "sku_ref",
        "payout_id",
        "bank_ref",
        "adjustment_id",
        "cancellation_id",
    ]
    .into();
    let mut asked = 0;
    for file in walkdir::WalkDir::new(project.path("input")).sort_by_file_name() {
        let file = file.unwrap();
        let path = file.path().to_string_lossy().into_owned();
        if !path.ends_with(".csv") || path.contains("metrics") || path.contains("2026-05-08/orders") {
            continue;
        }
        for row in crate::support::rows(&fs::read_to_string(file.path()).unwrap()) {
            for (column, text) in
                row.iter().filter(|(column, text)| columns.contains(column.as_str()) && !text.is_empty())
            {
                if column == "name" && !path.ends_with("programs.csv") {
                    continue;
                }
                assert!(known.contains(text), "{column} `{text}` of {path}");
                asked += 1;
            }
        }
    }
    assert!(asked > 800, "only {asked} values were asked for");
}

#[test]
fn verify_finds_a_changed_a_missing_and_an_added_tree() {
    // Goal: a customer's page is verified as every other (contract, verify). Method: an amount that is changed together with
    // its checksums; a tree that is removed; one that is added. Unchanged, everything agrees.
    let project = sample("min_purchases = 1\n");
    let folder = folders(&project.build())["CUST-01"].clone();
    let verify = || {
        let mut command = project.command();
        let run = command.args(["verify"]).env(SECRET, "a secret of tests, 32 bytes long").output().unwrap();
        let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (run.status.code().unwrap(), said.concat())
    };
    let (code, said) = verify();
    assert_eq!(code, 0, "{said}");
    let page = project.path(&format!("site/{folder}/index.html"));
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("18,420.00", "18,421.00")).unwrap();
    let (code, said) = verify();
    assert!(code == 10 && said.contains(&folder), "{code}: {said}");
    fs::write(&page, text).unwrap();
    fs::remove_dir_all(project.path(&format!("site/{folder}"))).unwrap();
    assert_eq!(verify().0, 10);
}

/// So many orders of 40 customers over a year, with lines in every status, as two snapshots a month apart.
fn synthetic(project: &Project, orders: usize) {
    let statuses = ["CALCULATED", "APPROVED", "PAID", "PENDING", "REJECTED"];
    let mut accounts =
        String::from("account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to\n");
    for n in 0..40 {
        writeln!(accounts, "AC{n:04},98{n:010},KD{n:03},Client {n:03} Ltd,eu-1,,").unwrap();
    }
    project.write("input/reference/accounts.csv", accounts);
    project.write(
        "input/reference/skus.csv",
        "sku,vendor_sku,category,valid_from,valid_to\nVM-1,vm.1,compute,,\n",
    );
    project.write(
        "input/reference/status_map.csv",
        "raw_status,canonical,bucket,rank,limit_days\nCALCULATED,calculated,Calculated,2,30\nAPPROVED,approved,Approved,3,30\n\
         PAID,paid,Paid,4,\nPENDING,pending_data,Pending,0,14\nREJECTED,rejected,Rejected,,\n",
    );
    for (snapshot, step) in [("2026-01-15", 0), ("2026-02-15", 1)] {
        let mut own = String::from("order_id,account_id,order_date,sku,currency,net_amount\n");
        let mut lines = String::from(
            "line_id,program_id,order_ref,account_ref,sku_ref,period,base_amount,calculated_amount,currency,status\n",
        );
        for n in 0..orders {
            // A fixed mixture: numbers without a pattern of their own.
            let mixed = n.wrapping_mul(2_654_435_761) >> 7;
            let (month, currency) = (1 + mixed % 12, if mixed % 5 == 0 { "EUR" } else { "USD" });
            let account = mixed / 60 % 40;
            let status = statuses[(mixed / 17 + step * usize::from(mixed % 7 == 0)) % 5];
            let (whole, cents) = (mixed % 4_000, mixed % 100);
            writeln!(own, "SO{n:06},AC{account:04},2025-{month:02}-10,VM-1,{currency},{whole}0.{cents:02}")
                .unwrap();
            writeln!(
                lines,
                "LN{n:06},PROG-A,SO{n:06},98{account:010},vm.1,2025-{month:02},{whole}0.00,{whole}.{cents:02},{currency},{status}"
            )
            .unwrap();
        }
        project.write(&format!("input/{snapshot}/orders.csv"), own);
        project.write(&format!("input/{snapshot}/rebate_lines.csv"), lines);
    }
}

#[test]
fn the_trees_of_ten_thousand_orders_have_our_sums_and_nothing_else() {
    // Goal: at size, sums are ours and nothing is found. Method: 10,000 orders of 40 customers in two snapshots; every sum of
    // every tree against our export of lines at its day; the build looks through every tree itself.
    let project = Project::empty();
    synthetic(&project, 10_000);
    for (more, least) in [("", 500), ("min_purchases = 1\n", 40 * 24)] {
        configured(&project, more);
        let made: Mutex<BTreeMap<String, Vec<Row>>> = Mutex::default();
        let (trees, lines) = project.reconcile(|seen| {
            let put = |tree: &tieout::pipeline::MadeTree<'_>| {
                let site = tieout::site::Site::in_memory();
                (tree.make)(&site)?;
                let file = site.bytes("rebates.csv").unwrap();
                let rows = crate::support::rows(std::str::from_utf8(&file).unwrap());
                made.lock().unwrap().insert(tree.folder.to_owned(), rows);
                Ok(())
            };
            let trees = customers::make(seen.report, seen.loaded, &project.options(), &put).unwrap();
            (trees, seen.data(DataFile::Lines))
        });
        let mut at = BTreeMap::from([("2026-02-15".to_owned(), lines)]);
        assert_eq!(trees.trees.len(), 40);
        let mut compared = 0;
        for tree in &trees.trees {
            let file = made.lock().unwrap()[&tree.folder].clone();
            for ((currency, words), (amounts, as_of)) in sums(&file) {
                let lines = at
                    .entry(as_of.clone())
                    .or_insert_with(|| project.reconcile_at(Some(&as_of), |seen| seen.data(DataFile::Lines)));
                let expected = ours(lines, &tree.customer, &currency, &months(&words));
                assert_eq!(amounts[3].parse(), Ok(expected[3]), "{}, {words}", tree.customer);
                compared += 1;
            }
        }
        assert!(compared >= least, "only {compared} sums were compared");
        let proof = trees.proof.unwrap();
        assert!(proof.values["order ID"] >= 10_000 && proof.values["line ID"] >= 10_000, "{proof:?}");
    }
}

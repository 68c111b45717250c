//! `tieout init`: a project that works from its first minute, and nothing that is overwritten.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::support::{Project, repository, rows};

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// What a vendor sends and what our own system exports, as they are: a commission file without canonical names, orders in
/// semicolons, payouts that are canonical, a document that is none of these.
fn downloads(project: &Project) {
    project
        .write(
            "downloads/commission_202605.csv",
            "Policy,Order,UID,Product Code,Base,Rate,Commission,Currency,State,Since\n\
             CORE,O-1,V-1,srv,1000.00,0.08,80.00,USD,Confirmed,2026-06-10\n\
             CORE,O-2,V-2,srv,2000.00,0.08,160.00,USD,Parked,2026-06-11\n\
             Total,,,,3000.00,,240.00,USD,,\n",
        )
        .write(
            "downloads/sales/orders may.csv",
            "Auftragsnummer;Kundennummer;Auftragsdatum;Artikelnummer;Währung;Nettobetrag\n\
             O-1;A-1;12.05.2026;SERVER;USD;1.000,00\n\
             O-2;A-2;31.05.2026;SERVER;USD;2.000,00\n",
        )
        .write(
            "downloads/payouts.csv",
            "payout_id,paid_date,currency,amount,form,bank_ref\nP-1,2026-06-01,USD,80.00,transfer,BK-1\n",
        )
        .write(
            "downloads/skus.csv",
            "sku,vendor_sku,category,valid_from,valid_to\nSERVER,srv,compute,2026-01-01,2026-12-31\n",
        )
        .write("downloads/letter.pdf", b"%PDF-1.4 \x00\x01".as_slice())
        .write("downloads/.DS_Store", b"\x00".as_slice());
}

#[test]
fn a_new_project_builds_anywhere() {
    // Goal: `tieout init && tieout build` works in an empty folder (contract, section 4). Method: the sample inside the
    // program is the sample of this repository, byte for byte; the project builds; the help shows how.
    let project = Project::empty();
    let made = project.run(&["init"]).code(0);
    assert!(made.stdout.contains("tieout build"), "{}", made.stdout);
    assert_eq!(files(&project.path("input")), files(&repository().join("input")));
    project.run(&["build", "--quiet"]).code(0);
    assert!(project.path("site/internal/index.html").is_file());
    assert!(project.run(&["init", "--help"]).stdout.contains("tieout init my-rebates --from downloads"));
}

#[test]
fn files_as_they_came_become_a_project() {
    // Goal: from a folder of downloads to answers without a mapping written by hand. Method: files in three shapes; they are
    // copied as they are, each has its source, `check` reads them all, and their rows are orders and lines.
    let project = Project::empty();
    downloads(&project);
    let said = project.run(&["init", "mine", "--from", "downloads"]).code(0);
    let said = said
        .says("as of 2026-06-11: the newest day that the files state, by `Since` of commission_202605.csv");
    let said = said
        .says("letter.pdf: copied, and no source is proposed")
        .says("payouts.csv: payouts, 1 record; canonical");
    said.says("no cancellations: refunds are known only from the vendor");
    let (given, kept) = (files(&project.path("downloads")), files(&project.path("mine/input/2026-06-11")));
    let expected: Vec<&str> =
        vec!["commission_202605.csv", "letter.pdf", "payouts.csv", "sales/orders may.csv"];
    assert_eq!(
        kept.keys().map(String::as_str).collect::<Vec<_>>(),
        expected,
        "as received, without what is hidden"
    );
    assert!(kept.iter().all(|(name, bytes)| given[name] == *bytes));
    assert_eq!(
        files(&project.path("mine/input/reference"))["skus.csv"],
        given["skus.csv"],
        "our own stays our own"
    );
    let config = project.read("mine/tieout.toml");
    assert_eq!(config.matches("[[source]]").count(), 2, "a canonical file needs none: {config}");

    let check = project
        .command()
        .current_dir(project.path("mine"))
        .args(["check", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(0), "{check:?}");
    let document: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let loaded = |kind: &str| {
        let file = document["files"].as_array().unwrap().iter().find(|file| file["kind"] == kind).unwrap();
        (file["rows_loaded"].as_u64().unwrap(), file["rows_quarantined"].as_u64().unwrap())
    };
    assert_eq!((loaded("orders"), loaded("rebate_lines"), loaded("payouts")), ((2, 0), (2, 0), (1, 0)));
    assert_eq!((loaded("accounts"), loaded("programs"), loaded("periods")), ((4, 0), (1, 0), (1, 0)));
    let cases = document["cases"].as_object().unwrap();
    assert!(cases.contains_key("unknown-status"), "`Parked` is nobody's word: {cases:?}");
    assert!(!cases.contains_key("orphan-rebate"), "the orders are found: {cases:?}");
}

#[test]
fn reference_files_hold_what_the_extracts_say_and_blanks() {
    // Goal: a person fills in blanks instead of copying ids. Method: rows that the extracts of a project say, by hand; nothing
    // that they do not say is there.
    let project = Project::empty();
    downloads(&project);
    project.remove("downloads/skus.csv");
    project.run(&["init", "mine", "--from", "downloads", "--as-of", "2026-06-18"]).code(0);
    assert!(project.path("mine/input/2026-06-18").is_dir());
    let read = |name: &str| rows(&project.read(&format!("mine/input/reference/{name}.csv")));
    let filled = |name: &str| -> Vec<String> {
        let cells = |row: BTreeMap<String, String>| {
            let filled: Vec<String> = row
                .into_iter()
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            filled.join(" ")
        };
        read(name).into_iter().map(cells).collect()
    };
    assert_eq!(
        filled("accounts"),
        [
            "account_id=A-1",
            "account_id=A-2",
            "account_id=V-1 vendor_account_id=V-1",
            "account_id=V-2 vendor_account_id=V-2"
        ]
    );
    assert_eq!(filled("skus"), ["sku=SERVER", "sku=srv vendor_sku=srv"]);
    assert_eq!(filled("programs"), ["currency=USD name=CORE program_id=CORE"]);
    assert_eq!(filled("periods"), ["end=2026-05-31 period=2026-05 start=2026-05-01"]);
    assert_eq!(filled("status_map"), Vec::<String>::new(), "the words stand with their source");
    assert!(project.read("mine/input/reference/program_rates.csv").starts_with("program_id,category,"));
}

#[test]
fn nothing_is_overwritten_and_no_day_is_guessed() {
    // Goal: a command typed twice costs nothing, and the clock is no source (contract, section 1). Method: each refusal with
    // its exit code; the files before and after.
    let project = Project::empty();
    downloads(&project);
    project.run(&["init", "mine", "--from", "downloads"]).code(0);
    let before = files(&project.path("mine"));
    for arguments in [
        &["init", "mine", "--from", "downloads"][..],
        &["init", "mine"],
        &["init", "mine", "--empty", "--as-of", "2026-06-18"],
    ] {
        project.run(arguments).code(2).says("exists already; nothing was written");
    }
    assert_eq!(files(&project.path("mine")), before);
    project.write("only/tieout.toml", "");
    project.run(&["init", "only"]).code(2).says("`only/tieout.toml` exists already");
    assert!(!project.path("only/input").exists());

    project.write("undated/orders.csv", "order_id,account_id,order_date,sku,currency,net_amount\n");
    project.run(&["init", "new", "--from", "undated"]).code(2).says("say it with --as-of");
    assert!(!project.path("new").exists(), "nothing was made");
    fs::create_dir(project.path("bare")).unwrap();
    project.run(&["init", "new", "--from", "bare"]).code(2).says("holds no extract");
    project.run(&["init", "new", "--from", "absent"]).code(2).says("is not a folder");
    project.run(&["init", "new", "--empty"]).code(2).says("--as-of");
    project.run(&["init", "new", "--as-of", "2026-06-18"]).code(2).says("the sample has its own days");
}

#[test]
fn a_project_of_headers_is_checked_and_built() {
    // Goal: whoever starts from nothing has files to fill in that the program accepts. Method: headers as the list of columns
    // has them; check and build without a row.
    let project = Project::empty();
    project.run(&["init", "--empty", "--as-of", "2026-06-18"]).code(0);
    assert!(project.read("input/2026-06-18/rebate_lines.csv").starts_with("line_id,reseller_id,program_id,"));
    project.run(&["check"]).code(0).says("0 to explain");
    project.run(&["build", "--quiet"]).code(0);
}

#[test]
fn the_result_is_data_as_well() {
    // Goal: a script can start a project. Method: the JSON document names what was written and what comes next; the same
    // command gives the same bytes.
    let project = Project::empty();
    downloads(&project);
    let document = project.run(&["init", "a", "--from", "downloads", "--format", "json"]).code(0).json();
    assert_eq!((&document["schema"], &document["snapshots"][0]), (&1.into(), &"2026-06-11".into()));
    let listed = document["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().to_owned());
    let written = files(&project.path("a"));
    let mut listed: Vec<String> = listed.collect();
    listed.sort();
    assert_eq!(listed, written.keys().cloned().collect::<Vec<_>>());
    assert!(document["next"].as_array().unwrap().contains(&"tieout check".into()));
    project.run(&["init", "b", "--from", "downloads"]).code(0);
    assert_eq!(files(&project.path("b")), written);
}

/// Files as people have them: months in an archive, a text of Windows in UTF-16, JSON lines, a header of two lines with days
/// that have two readings, totals and subtotals in a column of types, a note below.
fn ugly(project: &Project) {
    let month = |month: &str| {
        let mut text =
            "Auftragsnummer;Kundennummer;Auftragsdatum;Artikelnummer;Währung;Nettobetrag\n".to_owned();
        for day in 1..=3 {
            text.push_str(&format!("{month}-{day};K-1;1{day}.{}.2026;A-100;EUR;1.{day}00,50\n", &month[4..]));
        }
        text
    };
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["202604", "202605"] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("auftraege_{name}.csv"), options).unwrap();
        std::io::Write::write_all(&mut archive, month(name).as_bytes()).unwrap();
    }
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    project
        .write("ugly/auftraege.zip", archive.finish().unwrap().into_inner())
        .write(
            "ugly/provision.csv",
            "Programm;Bestellnummer;Kundennummer;Monat;Bemessungsgrundlage;Satz (%);Provision;Währung;Status\n\
             P-1;202604-1;K-1;04/2026;1.100,50;10;110,05;EUR;Approved\nP-1;;;04/2026;;;110,05;EUR;Zwischensumme\n\
             P-1;202605-1;K-1;05/2026;1.100,50;10;110,05;EUR;Approved\nP-1;202605-2;K-1;05/2026;1.200,50;10;120,05;EUR;Approved\n\
             P-1;;;05/2026;;;230,10;EUR;Zwischensumme\nP-1;202605-3;K-1;05/2026;;;-5,00;EUR;Approved\n;;;;;;335,15;EUR;Total\n\
             Vorläufige Werte ohne Gewähr;;;;;;;;\n",
        )
        .write(
            "ugly/credits.txt",
            wide("Refund ID\tOrder No\tRefund Date\tRefund Amount\tCurrency\nR-1\t202605-3\t28.05.2026\t-50,25\tEUR\n"),
        )
        .write(
            "ugly/commission of partners.csv",
            "Report of May,,,,,,,\nCustomer,,Sale,,,Commission,,\nUID,Name,Order,Date,SKU,Rate,Amount,Currency\n\
             K-1,Acme,202605-1,01/05/2026,A-100,0.1,110.05,EUR\nK-1,Acme,202605-2,02/05/2026,A-100,0.1,120.05,EUR\n",
        )
        .write(
            "ugly/payouts.jsonl",
            "{\"paymentId\":\"PAY-1\",\"paymentDate\":\"2026-05-15T10:00:00Z\",\"Total Payment\":\"110.05\",\"Currency\":\"EUR\"}\n",
        );
}

#[test]
fn ugly_files_become_a_site() {
    // Goal: a new user gets from files as they came to a site by filling what is asked for, and hears what is left.
    // Method: files in the shapes of formats 1 to 8; the blanks filled as the block says; the site is built, every row is read
    // once, the totals of the files tie, and only what was asked for is set aside before.
    let project = Project::empty();
    ugly(&project);
    let said = project.run(&["init", "mine", "--from", "ugly"]).code(0);
    let said = said
        .says("the lines are of May 2026, which is not over on that day, so the site shows the month before");
    let said = said.says(
        "auftraege.zip # auftraege_202604.csv: orders, 6 records; the source `auftraege`, with 0 points",
    );
    said.says("commission of partners.csv: rebate_lines, 2 records");
    let config = project.read("mine/tieout.toml");
    assert!(
        config.contains("table = \"auftraege_*.csv\""),
        "the archive of next month has other members: {config}"
    );
    let run = |arguments: &[&str]| {
        let run = project.command().current_dir(project.path("mine")).args(arguments).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        run.stdout
    };
    let files = || -> BTreeMap<String, (u64, u64)> {
        let document: serde_json::Value =
            serde_json::from_slice(&run(&["check", "--format", "json"])).unwrap();
        let files = document["files"].as_array().unwrap();
        let difference =
            |file: &serde_json::Value| file["difference"].as_object().cloned().unwrap_or_default();
        assert!(files.iter().flat_map(difference).all(|(_, amount)| amount == "0.00"), "{files:#?}");
        let count = |file: &serde_json::Value, name: &str| file[name].as_u64().unwrap();
        let row = |file: &serde_json::Value| {
            let name = file["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (name, (count(file, "rows_loaded"), count(file, "rows_quarantined")))
        };
        files.iter().map(row).collect()
    };
    let before = files();
    assert_eq!(before["provision.csv"], (4, 0), "{before:?}");
    assert_eq!((before["credits.txt"], before["payouts.jsonl"]), ((1, 0), (1, 0)), "{before:?}");
    assert_eq!((before["commission of partners.csv"], before["skus.csv"]), ((0, 2), (0, 1)), "{before:?}");

    let config = config
        .replace("program_id = { value = \"\" }", "program_id = { value = \"P-2\" }")
        .replace("period = { value = \"\" }", "period = { value = \"2026-05\" }")
        .replace("status = { value = \"\" }", "status = { value = \"Paid\" }")
        .replace("# [source.statuses]", "[source.statuses]")
        .replace("# \"Paid\" = \"Paid\"", "\"Paid\" = \"Paid\"");
    project.write("mine/tieout.toml", config);
    let path = "mine/input/reference/skus.csv";
    let skus = project.read(path);
    assert_eq!(skus.matches("A-100,A-100,,").count(), 1, "{skus}");
    project.write(path, skus.replace("A-100,A-100,,", "A-100,A-100,compute,"));
    let after = files();
    assert!(after.values().all(|(_, set_aside)| *set_aside == 0), "{after:?}");
    assert_eq!(after["commission of partners.csv"], (2, 0));
    run(&["build", "--quiet"]);
    assert!(project.path("mine/site/internal/index.html").is_file());
}

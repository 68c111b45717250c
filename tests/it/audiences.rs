//! Trees of internal audiences: the columns of their policy, our sums, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use rust_decimal::Decimal;
use tieout::error::Error;

use crate::support::{Project, Row, Tree, repository, rows, sha256};

/// A policy that the sample's input can follow.
const SALES: &str = "[[audience]]\nname = \"sales\"\ntitle = \"Sales team\"\n\
                     tables = [\"months\", \"customers\", \"accounts\", \"programs\", \"campaigns\"]\n\
                     columns = [\"month\", \"customer-name\", \"customer\", \"account\", \"order\", \"program\", \"campaign\", \
                     \"status\", \"calculated\", \"adjustments\", \"total\"]\n\
                     answers = [\"customer\"]\n";

fn sample(policy: &str) -> Project {
    let project = Project::sample();
    project.write("tieout.toml", policy);
    project
}

/// The files of a table's groups by their names, without the list.
fn groups(tree: &Tree, folder: &str) -> BTreeMap<String, Vec<Row>> {
    let of_folder = |path: &String| {
        let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".csv")?;
        (name != "index").then(|| (name.to_owned(), tree.rows(path)))
    };
    tree.paths().iter().filter_map(of_folder).collect()
}

fn tree_of(project: &Project, name: &str) -> Tree {
    Tree { root: project.path(&format!("site/{name}")) }
}

fn totals<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    currency: &str,
    total: &str,
) -> BTreeMap<String, Decimal> {
    let mut totals: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows {
        if let Ok(amount) = row[total].parse::<Decimal>() {
            *totals.entry(row[currency].clone()).or_default() += amount;
        }
    }
    totals.retain(|_, total| !total.is_zero());
    totals
}

#[test]
fn every_table_has_every_row_once_and_our_totals() {
    // Goal: what an audience adds up is what we add up (domain I-22, I-12). Method: the files of each table against our export
    // of lines, added up anew, and against each other; the columns are those of the policy in its order.
    let project = sample(SALES);
    let ours = project.build();
    let lines = ours.rows("data/lines.csv");
    let is_counted = |line: &&Row| ["Calculated", "Approved", "Paid"].contains(&line["bucket"].as_str());
    let wanted = totals(lines.iter().filter(is_counted), "currency", "net");
    assert!(wanted["USD"] > Decimal::ZERO);
    let sales = tree_of(&project, "sales");
    let mut orders_of_table = BTreeSet::new();
    for folder in ["month", "customer", "account", "program", "campaign"] {
        let groups = groups(&sales, folder);
        assert!(groups.len() > 2, "{folder}");
        let all: Vec<&Row> = groups.values().flatten().collect();
        assert_eq!(totals(all.iter().copied(), "Currency", "Total"), wanted.clone(), "{folder}");
        let mut orders: Vec<String> = all.iter().map(|row| row["Order"].clone()).collect();
        orders.sort();
        assert!(orders.len() > lines.len(), "orders without a line are rows as well");
        orders_of_table.insert(orders);
        // The list says the same as the groups.
        let list = sales.rows(&format!("{folder}/index.csv"));
        assert_eq!(totals(&list, "Currency", "Total"), wanted, "{folder}");
        assert_eq!(list.iter().map(|row| row["Rows"].parse::<usize>().unwrap()).sum::<usize>(), all.len());
    }
    assert_eq!(orders_of_table.len(), 1, "each table has the same rows");
    let file = sales.read("month/2026-05.csv");
    let header = "Month,Customer name,Customer,Account,Order,Program,Campaign,Status,Currency,Calculated,Adjustments,Total,For \
                  the customer";
    assert_eq!(file.trim_start_matches('\u{feff}').lines().next(), Some(header));
    let scenario = groups(&sales, "campaign").remove("spring-growth").unwrap();
    let lead = sales.text("campaign/spring-growth.html");
    assert!(lead.contains("$18,420.00 total rebate as of 18 Jun 2026, in 6 rows."), "{lead}");
    let may = scenario.iter().filter(|row| row["Month"] == "2026-05");
    assert_eq!(totals(may, "Currency", "Total")["USD"], "18420.00".parse::<Decimal>().unwrap());
}

#[test]
fn what_no_column_shows_is_nowhere_and_no_link_leads_out() {
    // Goal: the tree has what its policy names and stands alone (domain I-24). Method: all of its text is searched for the line
    // ids, batches, payouts and product codes of our exports, which no column shows, and for the customer names and orders that
    // columns show; links and lists name files of the tree alone.
    let project = sample(SALES);
    let ours = project.build();
    let sales = tree_of(&project, "sales");
    let all: String = sales.paths().iter().map(|path| format!("{path}\n{}\n", sales.read(path))).collect();
    let lines = ours.rows("data/lines.csv");
    let mut asked = 0;
    for line in &lines {
        for column in ["line_id", "batch"] {
            let value = &line[column];
            if value.len() > 4 {
                assert!(!all.contains(value.as_str()), "{column} {value}");
                asked += 1;
            }
        }
    }
    assert!(asked > 60, "only {asked} values were asked for");
    let orders = ours.rows("data/orders.csv");
    assert!(orders.iter().all(|order| all.contains(&order["order_id"])));
    assert!(all.contains("Northwind Retail"));
    for path in sales.paths().iter().filter(|path| path.ends_with(".html")) {
        let html = sales.read(path);
        let up = path.matches('/').count();
        assert!(!html.contains(&"../".repeat(up + 1)), "{path} leads out of the tree");
        assert!(!html.contains("internal") && !html.contains("order/"), "{path}");
        assert!(path == "404.html" || html.contains("For Sales team"), "{path} does not say for whom it is");
    }
    let manifest: serde_json::Value = serde_json::from_str(&sales.read("manifest.json")).unwrap();
    assert_eq!((&manifest["audience"], &manifest["inputs"]), (&"sales".into(), &serde_json::json!([])));
    let folders: Vec<String> = ours.rows("data/trees.csv").iter().map(|row| row["folder"].clone()).collect();
    assert_eq!(folders, ["internal", "sales"]);
    let proof = ours.main("audiences.html");
    assert!(proof.contains("Sales team") && proof.contains("sales/index.html"), "{proof}");
}

#[test]
fn a_value_that_no_column_shows_stops_the_build() {
    // Goal: whatever way a value takes into such a tree, nothing is published and kind, value and file are named. Method: one
    // leak at a time: answers that say more than the columns, and a template with a value in markup, comment, script escape,
    // base64 and as a hash.
    let template = fs::read_to_string(repository().join("templates/base.html")).unwrap();
    let page = |markup: &str| template.replace("</footer>", &format!("{markup}</footer>"));
    let hash = sha256(b"PO-5001");
    let leaks = [
        (page("<p title=\"l 1001\"></p>"), "line ID"),
        (page("<!-- PO-5001 -->"), "payout"),
        (page("<p data-x='{\"sku\":\"ecs%2Ec7\"}'></p>"), "SKU"),
        (page("<p data-x='INV\\u002d1001'></p>"), "invoice ID"),
        (page("<p>U0ctMjYwNS1YWVo=</p>"), "batch"),
        (page("<b>at</b> 10 %"), "rate"),
        (page(&format!("<p id='c{}'></p>", &hash[..12])), "payout"),
    ];
    for (text, expected) in leaks {
        let project = sample(SALES);
        project.write("templates/base.html", &text);
        let Err(Error::Leak { what }) = project.try_build().0 else { panic!("{expected} is not found") };
        assert!(
            what.contains(&format!("holds the {expected} `")) && what.contains("`sales/"),
            "{expected}: {what}"
        );
        assert!(!project.path("site").exists(), "nothing is published");
    }
    let answers = SALES.replace("answers = [\"customer\"]", "answers = [\"finance\"]");
    let Err(Error::Leak { what }) = sample(&answers).try_build().0 else { panic!("answers name batches") };
    assert!(what.contains("holds the SKU `") && what.contains("holds the batch `"), "{what}");
    // What answers may name is said by kind; then it is no leak.
    let mentions = "mentions = [\"SKU\", \"batch\", \"cancellation\", \"cap\", \"input file\", \"invoice ID\", \"line ID\", \"payout\", \
                    \"rate\", \"reason\", \"reason code\", \"region\", \"source\", \"subscription ID\", \"tier\", \"value of a row \
                    set aside\", \"vendor's status\"]\n";
    sample(&format!("{answers}{mentions}")).build();
}

#[test]
fn a_policy_that_cannot_be_followed_is_refused() {
    // Goal: a mistake is told before anything is written, with what can be written instead. Method: one mistake at a time.
    for (from, to, said) in [
        ("\"sales\"", "\"internal\"", "a name that no tree can have"),
        ("\"sales\"", "\"Sales EU\"", "a name that no tree can have"),
        ("\"order\", ", "\"order\", \"order\", ", "names a value twice"),
        ("\"order\", ", "\"orders\", ", "unknown variant `orders`"),
        ("\"campaign\", ", "", "the table `campaigns` without its column"),
        ("answers =", "mentions = [\"SKUs\"]\nanswers =", "mentions `SKUs`"),
        ("title =", "tittle =", "unknown field `tittle`"),
        (
            "[[audience]]",
            "[[audience]]\nname = \"a\"\ntables = []\ncolumns = [\"month\"]\n[[audience]]",
            "names no tables",
        ),
    ] {
        let text = SALES.replacen(from, to, 1);
        assert_ne!(text, SALES);
        let project = sample(&text);
        match project.try_build().0 {
            Err(Error::Usage { message, .. }) => assert!(message.contains(said), "{said}: {message}"),
            other => panic!("{said}: {other:?}", other = other.map(|_| ())),
        }
        assert!(!project.path("site").exists());
    }
    assert!(
        matches!(sample(&[SALES, SALES].concat()).try_build().0, Err(Error::Usage { .. })),
        "two of one name"
    );
}

#[test]
fn no_reason_code_stands_without_its_meaning() {
    // Goal: a code is paired with what it means (requirement A-157). Method: the code of the line that waits for its invoice, with
    // the words of the reason map.
    let project = sample(
        "[[audience]]\nname = \"ops\"\ntables = [\"months\"]\ncolumns = [\"month\", \"order\", \"reason-code\"]\n",
    );
    project.build();
    let text = tree_of(&project, "ops").text("month/2026-05.html");
    let lines = project.tree().rows("data/lines.csv");
    let code = &lines.iter().find(|line| line["order_ids"] == "ORD-1003").unwrap()["reason_raw"];
    assert!(
        !code.is_empty() && text.contains(&format!("{code} Invoice confirmation pending")),
        "{code}: {text}"
    );
}

#[test]
fn without_its_column_the_status_is_nowhere_not_even_in_sums() {
    // Goal: sums are made of the columns as rows are. Method: a policy without the status, and one without amounts.
    for (columns, gone) in [
        ("\"month\", \"order\", \"total\"", ["Approved", "Under Review", "No rebate line"]),
        ("\"month\", \"order\", \"status\"", ["18,420.00", "18420.00", "USD"]),
    ] {
        let project =
            sample(&format!("[[audience]]\nname = \"ops\"\ntables = [\"months\"]\ncolumns = [{columns}]\n"));
        project.build();
        let ops = tree_of(&project, "ops");
        let is_shown =
            |path: &&String| path.ends_with(".html") || path.ends_with(".csv") || path.contains("/data/");
        for path in ops.paths().iter().filter(is_shown) {
            let text = if path.ends_with(".html") { ops.text(path) } else { ops.read(path) };
            assert!(gone.iter().all(|word| !text.contains(word)), "{path}: {text}");
        }
        let page = ops.text("month/2026-05.html");
        assert!(page.contains("ORD-1001") && !page.contains("There are no rows"), "{page}");
    }
}

#[test]
fn verify_finds_a_changed_and_a_missing_tree_of_an_audience() {
    // Goal: such a tree is verified as every other. Method: unchanged everything agrees; an amount is changed; the tree is
    // removed.
    let project = sample(SALES);
    project.build();
    project.run(&["verify"]).code(0);
    let page = project.path("site/sales/program/spring.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("18,420.00", "18,421.00")).unwrap();
    let run = project.run(&["verify"]).code(10);
    assert!(run.stdout.contains("sales/program/spring.html"), "{}", run.stdout);
    fs::remove_dir_all(project.path("site/sales")).unwrap();
    assert!(project.run(&["verify"]).code(10).stdout.contains("sales"));
}

#[test]
fn many_rows_are_several_pages_and_one_file() {
    // Goal: a group of any size can be read, and nothing of it is lost. Method: 600 lines of one month; the rows of its pages
    // are those of its file, in its order.
    let project = Project::base();
    let mut own = project.read("input/2026-06-18/orders.csv");
    let mut lines = project.read("input/2026-06-18/rebate_lines.csv");
    let find = |text: &str, start: &str| text.lines().find(|row| row.starts_with(start)).unwrap().to_owned();
    let (order, line) = (find(&own, "O-3,"), find(&lines, "L-3,"));
    for n in 0..600 {
        writeln!(own, "{}", order.replacen("O-3", &format!("XN{n:05}"), 1)).unwrap();
        let line = line.replacen("L-3", &format!("XL{n:05}"), 1).replace("O-3", &format!("XN{n:05}"));
        writeln!(lines, "{line}").unwrap();
    }
    project.write("input/2026-06-18/orders.csv", own).write("input/2026-06-18/rebate_lines.csv", lines);
    project.remove("input/2026-06-18/control_totals.csv");
    project.write(
        "tieout.toml",
        "[[audience]]\nname = \"ops\"\ntables = [\"months\"]\ncolumns = [\"month\", \"order\", \"status\"]\n",
    );
    project.build();
    let ops = tree_of(&project, "ops");
    let (month, file) = groups(&ops, "month").into_iter().max_by_key(|(_, rows)| rows.len()).unwrap();
    let wanted: Vec<String> = file.iter().map(|row| row["Order"].clone()).collect();
    assert!(wanted.len() > 600);
    let pages = ["", ".2", ".3"].map(|part| ops.read(&format!("month/{month}{part}.html")));
    let mut shown = Vec::new();
    for page in &pages {
        let table = page.split("id=\"rows-caption\"").nth(1).unwrap();
        let cells =
            table.split("<code").skip(1).map(|cell| cell.split(['>', '<']).nth(1).unwrap().to_owned());
        shown.extend(cells);
        shown.retain(|text| wanted.contains(text));
    }
    assert!(shown == wanted, "{} rows are shown and {} are wanted", shown.len(), wanted.len());
    assert!(pages[0].contains(": 1 to 250 of ") && pages[0].contains(&format!("{month}.2.html")));
    assert_eq!(rows(&ops.read("month/index.csv")).len(), groups(&ops, "month").len());
}

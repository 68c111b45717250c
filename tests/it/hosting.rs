//! `tieout hosting`: rules for servers.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tieout::publish::Staging;
use tieout::publish::manifest::{Check, Facts};

use super::support::{Project, Tree};

const A: &str = "customer/a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const B: &str = "customer/b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";

const PAGE: &str = r#"<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'"></head><body>"#;

/// Publishes trees: folder, path, text. Every tree gets the two pages that rules are made of.
fn publish(target: &Path, files: &[(&str, &str, &str)]) {
    let staging = Staging::open(target, None).unwrap();
    let mut trees: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (tree, path, text) in files {
        trees.entry(*tree).or_default().push((*path, *text));
    }
    for (folder, files) in trees {
        let site = staging.tree(folder).unwrap();
        for page in ["index.html", "404.html"] {
            if files.iter().all(|(path, _)| *path != page) {
                site.add(page, PAGE.as_bytes()).unwrap();
            }
        }
        for (path, text) in files {
            site.add(path, text.as_bytes()).unwrap();
        }
        let facts = Facts { audience: folder.to_owned(), ..Facts::default() };
        staging.seal(folder, site, &facts).unwrap();
    }
    staging.publish(&Facts::default(), Check::Hashes).unwrap();
}

/// A project with a site of four trees, customers with names that mean something to somebody.
fn project() -> Project {
    let project = Project::empty();
    let trees = format!(
        "audience,customer_id,folder\ninternal,,internal\nsales,,sales\ncustomer,CUST-1,{A}\ncustomer,'=C \"2\",{B}\n"
    )
    .replace("'=C \"2\"", "\"'=C \"\"2\"\"\"");
    publish(
        &project.path("site"),
        &[
            ("internal", "data/trees.csv", &trees),
            ("sales", "x.csv", "x"),
            (A, "x.csv", "a"),
            (B, "x.csv", "b"),
        ],
    );
    project
}

const LOGINS: &str = "login,audience,customer_id\nana@example.com,customer,CUST-1\nbob,customer,\"=C \"\"2\"\"\"\nida,internal,\nsue,sales,\nsue,internal,\n";

#[test]
fn every_server_gets_its_files_and_the_same_again() {
    // Goal: files are a function of site and logins, in the folder of the server, and a second run changes nothing. Method: all
    // servers, twice; JSON says what was written; an edited file of ours is refused, one of the person's stays.
    let project = project();
    project.write("logins.csv", LOGINS);
    project.write("uids.csv", "login,audience,customer_id\n200000000000000001,customer,CUST-1\n");
    let servers = ["nginx", "caddy", "apache", "s3-cloudfront", "oss", "azure", "pages"];
    for server in servers {
        let logins = if server == "oss" { "uids.csv" } else { "logins.csv" };
        let run = || project.run(&["hosting", server, "--logins", logins, "--format", "json"]).code(0).json();
        let first = run();
        assert_eq!(first["folder"], format!("hosting/{server}"));
        let written = first["written"].as_array().unwrap();
        assert!(!written.is_empty() && first["same"].as_array().unwrap().is_empty());
        let digest = Tree { root: project.path(&format!("hosting/{server}")) }.digest();
        let second = run();
        assert_eq!(second["same"], first["written"]);
        assert_eq!(digest, Tree { root: project.path(&format!("hosting/{server}")) }.digest());
        assert_eq!(digest.len(), written.len() + 1);
    }
    project.append("hosting/nginx/site.conf", "# mine\n");
    let run = project.run(&["hosting", "nginx"]).code(0).says("site.conf is yours and stays as you have it");
    assert_eq!(run.stdout.trim(), "hosting/nginx");
    project.append("hosting/nginx/http.conf", "# mine\n");
    project.run(&["hosting", "nginx"]).code(4).says("http.conf was changed by hand");
    assert!(project.read("hosting/nginx/http.conf").ends_with("# mine\n"));
    project.run(&["hosting", "caddy", "--output", "site"]).code(4).says("it is in the site");
    assert!(!project.path("site/caddy").exists());
}

#[test]
fn what_the_site_does_not_have_is_one_error_with_every_line() {
    // Goal: no rule is made of a wrong row, and one run tells all of them. Method: rows for an unknown audience and customer
    // among right ones, for every server that takes logins; nothing is written.
    let project = project();
    project.write(
        "logins.csv",
        format!("{LOGINS}eve,customer,CUST-9\nkim,finance,\n\"x\ny\",internal,\nana@example.com,sales,\n"),
    );
    for server in ["nginx", "caddy", "apache", "s3-cloudfront", "oss", "azure"] {
        let run = project.run(&["hosting", server]).code(2);
        for part in [
            "line 7: the site has no tree for the customer `CUST-9`",
            "line 8: the site has no audience `finance`; it has internal, sales",
            "line 9: the login `x\\ny` holds a character that cannot be seen",
            "line 11: the login `ana@example.com` of a customer has another row in line 2",
        ] {
            assert!(run.stderr.contains(part), "{server}: `{part}` is not in\n{}", run.stderr);
        }
        assert_eq!(run.stderr.matches("error").count(), 1, "{}", run.stderr);
    }
    assert!(!project.path("hosting").exists());
    project.write("logins.csv", LOGINS);
    project.run(&["hosting", "oss"]).code(2).says("a login is the number (UID) of a RAM user");
    project.run(&["hosting", "nginx", "--logins", "none.csv"]).code(3).says("none.csv");
    project.run(&["hosting", "nginx", "--site", "input"]).code(2).says("holds no site of tieout");
    project.run(&["hosting", "nginx", "--site", "site/internal"]).code(2).says("is one tree");
}

#[test]
fn a_site_that_would_tell_customers_of_each_other_gets_no_rules() {
    // Goal: a list of customers in a customer's tree, two customers in a folder, a folder without an owner or rules that do not hold for all stop here.
    // Method: one site for each.
    let project = Project::empty();
    let head = "audience,customer_id,folder\ninternal,,internal\n";
    let says = |trees: &str, extra: &[(&str, &str, &str)], part: &str| {
        let _ = fs::remove_dir_all(project.path("site"));
        let mut files = vec![("internal", "data/trees.csv", trees), (A, "x.csv", "a")];
        files.extend(extra);
        publish(&project.path("site"), &files);
        project.write("logins.csv", "login,audience,customer_id\n");
        project.run(&["hosting", "nginx"]).code(2).says(part);
    };
    let own = format!("{head}customer,C-1,{A}\n");
    says(&own, &[(A, "data/trees.csv", head)], "would tell a customer who the others are");
    says(head, &[], "does not say whose the folder");
    says(&format!("{own}customer,C-2,{A}\n"), &[], "has two owners");
    says(&format!("{own}customer,C-1,{B}\n"), &[(B, "x.csv", "b")], "gives a customer two folders");
    says(&format!("{own}customer,C-2,{B}\n"), &[], "which the site does not have");
    says(&format!("{head}customer,,{A}\n"), &[], "names none");
    let other = PAGE.replace("style-src 'self'", "style-src *");
    let two = format!("{own}customer,C-2,{B}\n");
    says(&two, &[(B, "index.html", &other)], "state different policies");
}

#[test]
fn logins_are_data_in_every_syntax() {
    // Goal: whatever a login looks like, it stands in each file as itself and opens nothing. Method: logins made of what servers,
    // shells and JSON give a meaning to; the lines that are no rule of a login are the same with and without them, and JSON
    // parses to the very texts.
    let project = project();
    let hostile = [
        "\"; allow all; #",
        "${HOME}",
        "{$HOME}",
        "x\\",
        "a}\n",
        "~.*",
        ".*",
        "(?!)|.",
        "default",
        "*",
        "</Directory>",
        "%{ENV}x",
        "@@MAY@@",
        "`id`",
        "$(id)",
        "../internal",
        "m#x#",
        "' or '1'='1",
        "{{x}}",
        "王 é",
    ];
    let row = |login: &str| format!("\"{}\",customer,CUST-1\n", login.trim_end().replace('"', "\"\""));
    let with: String = hostile.iter().map(|login| row(login)).collect();
    project.write("logins.csv", format!("{LOGINS}{with}"));
    project.write("plain.csv", LOGINS);
    for (server, file, is_rule) in [
        ("nginx", "http.conf", "\"~^"),
        ("caddy", "tieout.caddy", "\"~^"),
        ("apache", "tieout.conf", "%{REMOTE_USER}"),
    ] {
        project.run(&["hosting", server]).code(0);
        project.run(&["hosting", server, "--logins", "plain.csv", "--output", "plain"]).code(0);
        let others = |folder: &str| -> Vec<String> {
            let text = project.read(&format!("{folder}/{server}/{file}"));
            let is_of_login =
                |line: &&str| line.contains(is_rule) || line.contains(&format!("/{A}/index.html"));
            text.lines().filter(|line| !is_of_login(line)).map(str::to_owned).collect()
        };
        assert_eq!(others("hosting"), others("plain"), "{server}");
        let text = project.read(&format!("hosting/{server}/{file}"));
        for raw in ["allow all", "${HOME}", "{$HOME}", "</Directory>\"", "%{ENV", "$(id)"] {
            assert!(!text.contains(raw), "{server} holds {raw}");
        }
    }
    project.run(&["hosting", "s3-cloudfront"]).code(0);
    let store: serde_json::Value =
        serde_json::from_str(&project.read("hosting/s3-cloudfront/logins.json")).unwrap();
    let keys: Vec<&str> =
        store["data"].as_array().unwrap().iter().map(|pair| pair["key"].as_str().unwrap()).collect();
    project.run(&["hosting", "azure"]).code(0);
    let roles: BTreeMap<String, Vec<String>> =
        serde_json::from_str(&project.read("hosting/azure/api/GetRoles/roles.json")).unwrap();
    for login in hostile.map(str::trim_end) {
        assert!(keys.contains(&format!("may {login}").as_str()), "{login}");
        assert_eq!(
            roles[&login.to_lowercase()],
            ["tieout_customer_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"],
            "{login}"
        );
    }
    assert_eq!(roles["sue"], ["tieout_internal", "tieout_sales"]);
}

#[test]
fn what_a_store_cannot_hold_is_refused_in_words() {
    // Goal: no file is written that its store would refuse on upload. Method: 200 customers for Azure's 20 KB.
    let project = Project::empty();
    let mut trees = "audience,customer_id,folder\ninternal,,internal\n".to_owned();
    let folders: Vec<String> = (0..200).map(|n| format!("customer/{n:032x}")).collect();
    for (n, folder) in folders.iter().enumerate() {
        trees.push_str(&format!("customer,C-{n},{folder}\n"));
    }
    let mut files: Vec<(&str, &str, &str)> =
        folders.iter().map(|folder| (folder.as_str(), "x.csv", "x")).collect();
    files.push(("internal", "data/trees.csv", &trees));
    publish(&project.path("site"), &files);
    project.write("logins.csv", "login,audience,customer_id\n");
    project.run(&["hosting", "azure"]).code(2).says("and Azure takes 20 KB");
    project.run(&["hosting", "nginx"]).code(0).says("no login reaches customer/00");
}

#[test]
fn templates_of_hosting_can_be_edited_and_lose_no_rule() {
    // Goal: the texts are files like the other templates; one that drops its rules is refused. Method: an edited text, and one
    // without a mark.
    let project = project();
    project.write("logins.csv", LOGINS);
    let text =
        fs::read_to_string(super::support::repository().join("templates/hosting/nginx/server.conf")).unwrap();
    project.write("templates/hosting/nginx/server.conf", format!("# ours\n{text}"));
    project.run(&["hosting", "nginx"]).code(0);
    assert!(project.read("hosting/nginx/server.conf").starts_with("# ours\n"));
    project.write("templates/hosting/nginx/server.conf", text.replace("@@HEADERS@@", ""));
    project.run(&["hosting", "nginx"]).code(2).says("has no mark `@@HEADERS@@`, so its rules would be lost");
}

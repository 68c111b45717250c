//! `tieout hosting`: rules for servers, and what to upload. Real servers run them in `tests/hosting`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tieout::publish::Staging;
use tieout::publish::manifest::{Check, Facts};

use super::support::{Project, Tree};

const A: &str = "customer/a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const B: &str = "customer/b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";
const C: &str = "customer/c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3";

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
    // parses to the very texts. Real servers read these files in tests/hosting.
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

/// Follows the lists: copies in the order of the steps, and deletes at the end.
fn apply(project: &Project, live: &str, new: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    // All lists first: they speak of the old manifest, which an upload replaces.
    let list = |step: &str| -> Vec<String> {
        let run = project.run(&["hosting", "changed", live, "--site", new, "--list", step]).code(0);
        run.stdout.lines().map(str::to_owned).collect()
    };
    let lists = ["data", "pages", "index", "manifest", "delete"].map(|step| (step, list(step)));
    for (step, paths) in lists {
        counts.insert(step.to_owned(), paths.len());
        for path in paths {
            let target = project.path(live).join(&path);
            if step == "delete" {
                fs::remove_file(target).unwrap();
            } else {
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::copy(project.path(new).join(&path), target).unwrap();
            }
        }
    }
    counts
}

fn digest(project: &Project, folder: &str) -> BTreeMap<String, String> {
    Tree { root: project.path(folder) }.digest()
}

#[test]
fn the_lists_make_the_new_site_of_a_copy_of_the_old_one() {
    // Goal: nothing is missing, nothing stays, and what did not change is not sent. Method: the sample at two snapshots; then
    // trees that change, stay, come and go. The lists are followed on a copy; every byte is compared.
    let project = Project::sample();
    project.run(&["build", "--output", "live", "--snapshot", "2026-06-17"]).code(0);
    project.run(&["build", "--output", "site"]).code(0);
    let counts = apply(&project, "live", "site");
    assert_eq!(digest(&project, "live"), digest(&project, "site"));
    let all = digest(&project, "site").len();
    let sent: usize = counts.iter().filter(|(step, _)| *step != "delete").map(|(_, count)| count).sum();
    assert!(sent > 0 && sent < all, "{sent} of {all}");
    let again =
        project.run(&["hosting", "changed", "live/manifest.json"]).code(0).says("0 to upload, 0 to delete");
    assert!(again.stdout.is_empty());

    let project = Project::empty();
    let page = |text: &str| format!("{PAGE}{text}");
    let (one, two) = (page("1"), page("2"));
    publish(
        &project.path("live"),
        &[
            ("internal", "index.html", &one),
            ("internal", "order/a.html", &one),
            ("internal", "order/gone.html", &one),
            ("internal", "order/index.html", &one),
            ("internal", "data/x.csv", "1"),
            ("sales", "x.csv", "same"),
            (A, "x.csv", "1"),
            (B, "x.csv", "b"),
        ],
    );
    publish(
        &project.path("site"),
        &[
            ("internal", "index.html", &two),
            ("internal", "order/a.html", &two),
            ("internal", "order/new.html", &two),
            ("internal", "order/index.html", &two),
            ("internal", "data/x.csv", "2"),
            ("internal", "assets/s-1.css", "s"),
            ("sales", "x.csv", "same"),
            (A, "x.csv", "2"),
            (C, "x.csv", "c"),
        ],
    );
    let document = project.run(&["hosting", "changed", "live", "--format", "json"]).code(0).json();
    let tree = |folder: &str| {
        let trees = document["trees"].as_array().unwrap();
        trees.iter().find(|tree| tree["folder"] == folder).map(|tree| tree["steps"].clone())
    };
    let internal = tree("internal").unwrap();
    assert_eq!(internal["data"], serde_json::json!(["internal/assets/s-1.css", "internal/data/x.csv"]));
    assert_eq!(internal["pages"], serde_json::json!(["internal/order/a.html", "internal/order/new.html"]));
    assert_eq!(internal["index"], serde_json::json!(["internal/index.html", "internal/order/index.html"]));
    assert_eq!(internal["manifest"], serde_json::json!(["internal/SHA256SUMS", "internal/manifest.json"]));
    assert_eq!(internal["delete"], serde_json::json!(["internal/order/gone.html"]));
    assert!(tree("sales").is_none(), "nothing of it changed");
    assert_eq!(
        tree(B).unwrap()["delete"].as_array().unwrap().len(),
        5,
        "all of a customer that left, its lists too"
    );
    assert_eq!(document["trees"].as_array().unwrap().last().unwrap()["folder"], "", "the top goes last");

    // In words: uploads before deletes, the list at the top after all others.
    let lines: Vec<String> =
        project.run(&["hosting", "changed", "live"]).code(0).stdout.lines().map(str::to_owned).collect();
    let first_delete = lines.iter().position(|line| line.starts_with("delete ")).unwrap();
    assert!(lines[first_delete..].iter().all(|line| line.starts_with("delete ")));
    assert_eq!(lines[first_delete - 1], "upload manifest.json");

    // Of a tree alone, and with the lists of old trees only where they changed.
    let alone = project
        .run(&["hosting", "changed", "live/internal", "--site", "site/internal", "--list", "delete"])
        .code(0);
    assert_eq!(alone.stdout, "order/gone.html\n");
    fs::remove_file(project.path("live/sales/manifest.json")).unwrap();
    project.run(&["hosting", "changed", "live"]).code(0);
    fs::copy(project.path("site/sales/manifest.json"), project.path("live/sales/manifest.json")).unwrap();

    apply(&project, "live", "site");
    assert_eq!(digest(&project, "live"), digest(&project, "site"));
}

#[test]
fn manifests_that_do_not_belong_together_are_refused() {
    // Goal: nothing is deleted by a list that is not of what is live. Method: a missing manifest of a changed tree, one of another
    // site, a tree against a site, no manifest at all, and one with a path that leads out.
    let project = Project::empty();
    publish(&project.path("live"), &[("internal", "x.csv", "1"), (A, "x.csv", "1")]);
    publish(&project.path("site"), &[("internal", "x.csv", "2"), (A, "x.csv", "1")]);
    project.run(&["hosting", "changed", "live/internal"]).code(2).says("not both sites or both trees");
    project.run(&["hosting", "changed", "nowhere"]).code(2).says("has no manifest.json of tieout");
    let path = project.path("live/internal/manifest.json");
    let kept = fs::read(&path).unwrap();
    fs::copy(project.path("site/internal/manifest.json"), &path).unwrap();
    project.run(&["hosting", "changed", "live"]).code(2).says("is not the one that the manifest above names");
    fs::remove_file(&path).unwrap();
    project
        .run(&["hosting", "changed", "live"])
        .code(2)
        .says("is missing, so the old files of this tree are not known");
    let out = String::from_utf8(kept).unwrap().replace("x.csv", "../../x.csv");
    fs::write(&path, out).unwrap();
    project.run(&["hosting", "changed", "live"]).code(4).says("unsafe path");
    project
        .run(&["hosting", "changed", "live", "--list", "all"])
        .code(2)
        .says("is not one of data, pages, index");
}

//! The knowledge base keeps itself complete: what has no article is named, and a repeated cause becomes one.

use super::support::Project;

/// The base with four more orders of one account that no map has.
fn repeated() -> Project {
    let project = Project::base();
    let orders = project.read("input/2026-06-18/orders.csv");
    let first = orders.lines().nth(1).expect("an order");
    let id = first.split(',').next().expect("an id");
    let account = first.split(',').nth(2).expect("an account");
    let more: String = (1..=4)
        .map(|n| {
            let row = first.replace(id, &format!("N-{n}"));
            format!("{}\n", row.replace(&format!(",{account},"), ",A-909,"))
        })
        .collect();
    project.append("input/2026-06-18/orders.csv", &more);
    project
}

const CAUSE: &str = "account-unmapped account A-909";

#[test]
fn a_repeated_cause_becomes_an_article_that_its_cases_link_to() {
    // Goal: a cause that comes again and again and has no article is named, on the page too; `kb new` begins one with its cases,
    // money, steps and the row to add, and after the next build the pages of these cases lead to it first.
    // Method: four orders of one unmapped account; coverage, the draft, a build with it, coverage again.
    let project = repeated();
    let before = project.run(&["kb", "coverage", "--format", "json"]).code(0).json();
    assert_eq!(before["causes_without_article"][0]["cause"], CAUSE);
    assert_eq!(before["causes_without_article"][0]["cases"], 4);
    let tree = project.build();
    let listed = tree.text_of_id("kb/index.html", "repeated");
    assert!(listed.contains("Account A-909") && listed.contains("tieout kb new"), "{listed}");

    let run = project.run(&["kb", "new", CAUSE]).code(0);
    let path = "content/kb/kb-account-unmapped-account-a-909.md";
    assert_eq!(run.stdout.trim(), path);
    let draft = project.read(path);
    for part in
        ["4 cases with account A-909 in the snapshot of 18 Jun 2026", "N-1, N-2, N-3 and 1 more", "A-909,"]
    {
        assert!(draft.contains(part), "`{part}` is not in\n{draft}");
    }

    let tree = project.build();
    let order = tree.main("order/n1.html");
    let own = order.find("kb-account-unmapped-account-a-909").expect("a link to the new article");
    assert!(
        order.find("kb-account-mapping").is_some_and(|general| own < general),
        "the closer one comes first"
    );
    let article = tree.text("kb/kb-account-unmapped-account-a-909.html");
    assert!(article.contains("Helps with 4 cases now") && article.contains("Account A-909"), "{article}");
    assert!(!tree.read("kb/index.html").contains("id=\"repeated\""), "it has an article now");
    let after = project.run(&["kb", "coverage", "--format", "json"]).code(0).json();
    assert_eq!(after["causes_without_article"].as_array().map(Vec::len), Some(0));

    project.run(&["kb", "new", CAUSE]).code(2).says("there is an article");
    project.run(&["kb", "new", CAUSE, "--id", "KB 1"]).code(2).says("is not an id of an article");
    assert_eq!(project.read(path), draft, "nothing that exists is written over");
}

#[test]
fn a_cause_that_is_none_is_refused_with_those_that_are() {
    // Goal: a wrong name leads to the right one, and an article for a cause that cannot be is found when the content is read.
    // Method: an unknown cause; an article whose cause names no kind.
    let project = repeated();
    project.run(&["kb", "new", "account-unmapped account X"]).code(2).says(CAUSE);
    project.run(&["kb", "new", CAUSE]).code(0);
    project.change_file(
        "content/kb/kb-account-unmapped-account-a-909.md",
        "[\"account-unmapped ",
        "[\"account-lost ",
    );
    project.run(&["kb", "coverage"]).code(2).says("`account-lost` is no kind");
}

#[test]
fn an_article_wants_to_be_read_again_after_half_a_year() {
    // Goal: stale articles are named with who acts, counted to the snapshot and not to the clock. Method: an article reviewed
    // 180 and 181 days before the snapshot, and one whose date is none.
    let project = Project::base();
    let article =
        std::fs::read_to_string(super::support::repository().join("content/kb/kb-caps.md")).unwrap();
    let reviewed = article.lines().find(|line| line.starts_with("reviewed")).expect("a date").to_owned();
    let stale = |date: &str| {
        project.write("content/kb/kb-caps.md", article.replace(&reviewed, &format!("reviewed = \"{date}\"")));
        project.run(&["kb", "stale"]).code(0).stdout
    };
    assert!(stale("2025-12-20").starts_with("every article was reviewed within 180 days"));
    assert!(stale("2025-12-19").contains("kb-caps  reviewed 2025-12-19, 181 days before the snapshot"));
    assert!(stale("soon").contains("`soon` is no date"));
}

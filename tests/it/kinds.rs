//! Every kind of discrepancy has the smallest input that yields exactly it, a page, and an article.
//!
//! `tests/discrepancies/_base` is clean; a kind's folder holds only the files that differ from it.

use std::collections::BTreeSet;
use std::fs;

use tieout::reconcile::Kind;
use tieout::report::data::DataFile;

use super::support::{Project, repository, tests};

/// Kinds that show on two records at once: the row or feed, and the order that waits for it.
const PAIRS: &[(Kind, [&str; 2])] = &[
    (Kind::RowQuarantined, ["order O-1", "row 2026-06-18/rebate_lines.csv:2"]),
    (Kind::SourceStale, ["order O-9", "source vendor"]),
];

fn project(kind: Kind) -> Project {
    let project = Project::base();
    project.overlay(&tests().join("discrepancies").join(kind.code()));
    project
}

#[test]
fn the_base_is_clean() {
    // Goal: a finding of a fixture comes from what the fixture changes. Method: the base alone has no finding, no
    // problem, and its control total ties.
    Project::base().reconcile(|seen| {
        assert_eq!(seen.not_clean(), Vec::<String>::new());
        assert_eq!(seen.codes(), Vec::<&str>::new());
        assert_eq!(seen.reconciled.cases.len(), 6, "three lines, one payout, two sources");
        let totals = seen.data(DataFile::Totals);
        let control =
            |key: &str| totals.iter().find(|row| row["key"].ends_with(key)).map(|row| row["value"].as_str());
        assert_eq!((control("USD.parsed"), control("USD.declared")), (Some("320.00"), Some("320.00")));
    });
}

#[test]
fn a_kinds_fixture_yields_exactly_that_kind() {
    // Goal: each kind can occur, alone. Method: lay the fixture of each kind of the closed list over the base; it is the
    // primary explanation of one case, or of its pair, nothing secondary holds, and every other case is clean.
    let mut wrong = Vec::new();
    for kind in Kind::ALL {
        let code = kind.code();
        project(*kind).reconcile(|seen| {
            let found = seen.not_clean();
            let is_expected = match PAIRS.iter().find(|(pair, _)| pair == kind) {
                Some((_, subjects)) => found == subjects.map(|subject| format!("{subject}: {code}")),
                None => found.len() == 1 && found[0].ends_with(&format!(": {code}")),
            };
            let is_alone = seen.reconciled.cases.iter().all(|case| case.findings.len() <= 1);
            if !is_expected || !is_alone {
                wrong.push(format!("{code}: {found:?}, alone: {is_alone}"));
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn fixtures_are_those_of_the_closed_list_and_change_something() {
    // Goal: no kind without a fixture, no fixture left over, none that repeats the base. Method: compare folder names
    // with the list, and every file of a fixture with the base's.
    let folder = tests().join("discrepancies");
    let names: BTreeSet<String> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let mut expected: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.code().to_owned()).collect();
    expected.insert("_base".to_owned());
    assert_eq!(names, expected);
    for kind in Kind::ALL {
        let own = folder.join(kind.code());
        let mut files = 0;
        for entry in walkdir::WalkDir::new(&own) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                files += 1;
                let base = folder.join("_base").join(entry.path().strip_prefix(&own).unwrap());
                let is_new = fs::read(&base).is_ok_and(|base| base != fs::read(entry.path()).unwrap());
                assert!(
                    is_new,
                    "{} must replace a file of the base with another content",
                    entry.path().display()
                );
            }
        }
        assert!(
            (1..=4).contains(&files),
            "{}: a fixture is the smallest input, not {files} files",
            kind.code()
        );
    }
}

#[test]
fn a_kind_has_a_page_and_an_article() {
    // Goal: whoever meets a kind is told what to do (I-20). Method: each kind has its content page with a text for
    // sales, finance and support, a fix and evidence, names an article that exists, and its page of a built site links
    // the article; the case links the kind's page.
    let content =
        tieout::content::Content::read(&tieout::embedded::content(&repository().join("content")).unwrap())
            .unwrap();
    let tree = project(Kind::ShortPaid);
    let tree_of = tree.build();
    for kind in Kind::ALL {
        let code = kind.code();
        assert!(
            repository().join(format!("content/discrepancies/{code}.md")).is_file(),
            "{code} has no content page"
        );
        let page = content.kind(*kind);
        assert_eq!(page.code, code);
        assert!(!page.title.is_empty() && !page.definition.is_empty() && !page.rule.is_empty(), "{code}");
        for (audience, text) in ["sales", "finance", "support"].iter().zip(page.explain.texts()) {
            let is_left_to_the_status = *kind == Kind::DuplicateOrder && *audience != "finance";
            assert!(is_left_to_the_status || !text.trim().is_empty(), "{code} says nothing to {audience}");
        }
        assert!(!page.fix.is_empty(), "{code} has no fix");
        assert!(!page.evidence.is_empty(), "{code} names no evidence");
        assert!(!page.kb.is_empty(), "{code} links no article");
        let html = tree_of.read(&format!("discrepancy/{code}.html"));
        for article in &page.kb {
            assert!(content.articles.contains_key(article), "{code} links `{article}`, which does not exist");
            assert!(
                html.contains(&format!("kb/{article}.html")),
                "the page of {code} does not link {article}"
            );
            assert!(tree_of.has(&format!("kb/{article}.html")));
        }
    }
    assert!(
        tree_of.main("order/o3.html").contains("discrepancy/short-paid.html"),
        "the case does not link its kind"
    );
    let index = tree_of.read("kb/index.html");
    for article in content.articles.keys() {
        let is_linked = content.kinds.iter().any(|kind| kind.kb.contains(article));
        assert!(is_linked || index.contains(&format!("{article}.html")), "nothing links `{article}`");
    }
}

#[test]
fn removing_the_cause_removes_the_finding() {
    // Goal: doing what the page says clears the case (I-21). Method: correct the one cell that causes each of four kinds
    // in four links of the chain; the case is clean or explained by a later link.
    let ranks = |found: &[String]| -> Vec<u16> {
        found.iter().map(|f| Kind::parse(f.rsplit(": ").next().unwrap()).unwrap().rank()).collect()
    };
    let cures = [
        (
            Kind::AccountUnmapped,
            "input/2026-06-18/orders.csv",
            "A-9",
            "A-1",
            &["order O-9: missing-rebate"][..],
        ),
        (Kind::RowQuarantined, "input/2026-06-18/rebate_lines.csv", "8O.00", "80.00", &[]),
        (Kind::UnknownStatus, "input/2026-06-18/rebate_lines.csv", "PROC_9", "CALCULATED", &[]),
        (Kind::PayoutBatchMismatch, "input/2026-06-18/payouts.csv", "70.00", "80.00", &[]),
    ];
    for (kind, path, cause, cure, left) in cures {
        let project = project(kind);
        let before = project.reconcile(|seen| seen.not_clean());
        project.change_file(path, cause, cure);
        let after = project.reconcile(|seen| seen.not_clean());
        assert_eq!(after, left, "{}", kind.code());
        assert!(ranks(&after).iter().all(|rank| ranks(&before).iter().all(|b| b < rank)));
    }
}

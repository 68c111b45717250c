//! Every kind of discrepancy has the smallest input that yields exactly it, the correction that clears it, a page, and
//! an article.
//!
//! `tests/discrepancies/_base` is clean; a kind's folder holds only the files that differ from it, and
//! `tests/discrepancies/_cures/<kind>` only those that differ again once its cause is corrected.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tieout::reconcile::{Finding, Kind};
use tieout::report::data::DataFile;

use super::support::{Project, Seen, repository, tests};

/// Kinds that show on two records at once: the row, line or feed, and the order that waits for it.
const PAIRS: &[(&str, [&str; 2])] = &[
    ("row-quarantined", ["order O-1", "row 2026-06-18/rebate_lines.csv:2"]),
    ("source-stale", ["order O-9", "source vendor"]),
    ("near-miss-identifier", ["line L-9", "order O-9047"]),
];

/// What holds once the cause of a kind is corrected, always of a later link of the chain. A kind that is not listed
/// leaves nothing: every case is clean.
const LEFT: &[(&str, &str)] = &[
    // The order is known and eligible now, and still has no line: a claim.
    ("source-stale", "order O-9: missing-rebate"),
    ("account-unmapped", "order O-9: missing-rebate"),
    ("sku-unmapped", "order O-9: missing-rebate"),
    ("region-missing", "order O-9: missing-rebate"),
    ("billing-unconfirmed", "order O-9: missing-rebate"),
    ("window-missed", "order O-9: missing-rebate"),
    ("contract-ineligible", "order O-9: missing-rebate"),
    ("enrollment-missing", "order O-9: missing-rebate"),
    ("sku-not-eligible", "order O-9: missing-rebate"),
    ("below-threshold", "order O-9: missing-rebate"),
    ("order-outside-period", "order O-9: awaiting-vendor-data"),
    ("awaiting-vendor-data", "order O-9: missing-rebate"),
    // The deduction stays and is supported now, or supported by another reason.
    ("clawback-without-cancellation", "line L-1: refund-adjustment"),
    ("unsupported-adjustment", "line L-1: eligibility-adjustment"),
    ("cancellation-without-clawback", "line L-1: refund-adjustment"),
    ("eligibility-adjustment", "line L-3: fee-allocation"),
    ("refund-adjustment", "line L-3: fee-allocation"),
];

/// Kinds that only hold beside another one: a period in which the order does not count yet is not final either.
const BESIDE: &[(&str, &str)] = &[("order-outside-period", "awaiting-vendor-data")];

/// Kinds whose fixture also breaks the vendor's control total, sets a row aside or has a word that no map knows; no other
/// fixture has a problem.
const PROBLEMS: &[(&str, &str)] = &[
    ("row-quarantined", "amount-letter"),
    ("unknown-status", "status-without-meaning"),
    ("orphan-rebate", "control-total-difference"),
    ("contract-activation-late", "control-total-difference"),
    ("pending-overdue", "control-total-difference"),
];

fn folder() -> PathBuf {
    tests().join("discrepancies")
}

fn project(kind: Kind) -> Project {
    let project = Project::base();
    project.overlay(&folder().join(kind.code()));
    project
}

/// The files of an overlay, relative to it, sorted.
fn files(overlay: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(overlay).sort_by_file_name().into_iter().map(|e| e.unwrap());
    let files = entries.filter(|e| e.file_type().is_file());
    files.map(|e| e.path().strip_prefix(overlay).unwrap().to_owned()).collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

/// The text of a file in the last of some overlays that holds it.
fn text(overlays: &[&Path], file: &Path) -> Option<String> {
    overlays.iter().rev().find_map(|overlay| fs::read_to_string(overlay.join(file)).ok())
}

/// How many rows only the first of two texts has, and how many only the second; no text is one without rows. `None`
/// where the columns differ.
fn rows_apart(before: Option<&str>, after: Option<&str>) -> Option<(usize, usize)> {
    let after = after?;
    let header = after.lines().next()?;
    let (mut before, mut after): (Vec<&str>, Vec<&str>) =
        (before.unwrap_or(header).lines().collect(), after.lines().collect());
    if before.first() != after.first() {
        return None;
    }
    before.retain(|row| match after.iter().position(|other| other == row) {
        Some(place) => {
            after.remove(place);
            false
        }
        None => true,
    });
    Some((before.len(), after.len()))
}

/// What the tables say of a kind.
fn listed<'a>(table: &'a [(&str, &str)], kind: Kind) -> Vec<&'a str> {
    table.iter().filter(|(code, _)| *code == kind.code()).map(|(_, text)| *text).collect()
}

/// Every kind that holds for any case, primary or not.
fn kinds_of(seen: &Seen<'_>) -> Vec<Kind> {
    seen.reconciled.cases.iter().flat_map(|case| &case.findings).map(|finding| finding.kind).collect()
}

/// Looks at every kind, collects what is wrong, and names every kind of which something is, also one whose look panics.
fn look_at_every_kind(look: impl Fn(Kind, &mut Vec<String>)) {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let mut wrong = Vec::new();
        if catch_unwind(AssertUnwindSafe(|| look(*kind, &mut wrong))).is_err() {
            wrong.push("panicked, see above".to_owned());
        }
        all.extend(wrong.into_iter().map(|text| format!("{}: {text}", kind.code())));
    }
    assert!(all.is_empty(), "{all:#?}");
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
    // primary explanation of one case, or of its pair, nothing secondary holds, every other case is clean, and the
    // vendor's control total ties unless the kind is about it.
    look_at_every_kind(|kind, wrong| {
        let code = kind.code();
        project(kind).reconcile(|seen| {
            let found = seen.not_clean();
            let is_expected = match PAIRS.iter().find(|(pair, _)| *pair == code) {
                Some((_, subjects)) => found == subjects.map(|subject| format!("{subject}: {code}")),
                None => found.len() == 1 && found[0].ends_with(&format!(": {code}")),
            };
            let beside = listed(BESIDE, kind);
            let is_known = |f: &Finding| f.kind == kind || beside.contains(&f.kind.code());
            let is_alone =
                seen.reconciled.cases.iter().all(|case| {
                    case.findings.len() <= 1 + beside.len() && case.findings.iter().all(is_known)
                });
            if !is_expected || !is_alone {
                let kinds: Vec<&str> = kinds_of(seen).iter().map(|kind| kind.code()).collect();
                wrong.push(format!("{found:?}, all kinds that hold: {kinds:?}"));
            }
            if seen.codes() != listed(PROBLEMS, kind) {
                wrong.push(format!("problems {:?}, not {:?}", seen.codes(), listed(PROBLEMS, kind)));
            }
        });
    });
}

#[test]
fn fixtures_and_cures_are_those_of_the_closed_list_and_change_something() {
    // Goal: no kind without a fixture and a cure, none left over, none that repeats what it is laid over. Method: compare
    // folder names and the tables above with the list, and every file of a fixture with the base's: it has another
    // content, or the base has no such file.
    let codes: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.code().to_owned()).collect();
    let fixtures = codes.iter().cloned().chain(["_base", "_cures"].map(str::to_owned)).collect();
    for (place, expected) in [(folder(), &fixtures), (folder().join("_cures"), &codes)] {
        let found = names(&place);
        let apart: Vec<&String> = found.symmetric_difference(expected).collect();
        assert!(apart.is_empty(), "missing or left over in {}: {apart:?}", place.display());
    }
    let pairs = PAIRS.iter().map(|(code, _)| code);
    for code in pairs.chain(LEFT.iter().chain(PROBLEMS).map(|(code, _)| code)) {
        assert!(Kind::parse(code).is_some(), "`{code}` of a table of this file is no kind");
    }
    look_at_every_kind(|kind, wrong| {
        let [base, own] = ["_base", kind.code()].map(|name| folder().join(name));
        let files = files(&own);
        for file in files.iter().filter(|file| text(&[&own], file) == text(&[&base], file)) {
            wrong.push(format!("{} must differ from the file of the base", file.display()));
        }
        if !(1..=4).contains(&files.len()) {
            wrong.push(format!("a fixture is the smallest input, not {} files", files.len()));
        }
    });
}

#[test]
fn a_cure_is_the_smallest_change() {
    // Goal: a cure corrects the cause and nothing else. Method: it changes, adds or removes one row of one file; a second
    // file follows only where one correction shows in two extracts, such as a line and the control total over it.
    look_at_every_kind(|kind, wrong| {
        let code = kind.code();
        let [base, own, cure] = ["_base", code, &format!("_cures/{code}")].map(|name| folder().join(name));
        let files = files(&cure);
        if !(1..=2).contains(&files.len()) {
            wrong.push(format!("a cure changes one file or two, not {}", files.len()));
        }
        for file in &files {
            let [before, after] = [&[&*base, &*own][..], &[&*cure]].map(|all| text(all, file));
            let apart = rows_apart(before.as_deref(), after.as_deref());
            if !matches!(apart, Some((0, 1) | (1, 0) | (1, 1))) {
                wrong.push(format!("{} must change by one row, not {apart:?}", file.display()));
            }
        }
    });
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
    assert_eq!(Kind::ALL.len(), 51, "the closed list of the catalogue");
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
            assert!(tree_of.has(&format!("kb/{article}.html")), "{code} links {article}, which has no page");
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
    // Goal: doing what the page says clears the case (I-21). Method: lay the cure of each kind over its fixture; every
    // case is clean, or a later link of the chain holds as the table says, never the kind itself or an earlier one, not
    // even as a secondary.
    look_at_every_kind(|kind, wrong| {
        let code = kind.code();
        let project = project(kind);
        let before = project.reconcile(|seen| seen.not_clean());
        if !before.iter().any(|found| found.ends_with(&format!(": {code}"))) {
            wrong.push(format!("there is nothing to cure in {before:?}"));
        }
        project.overlay(&folder().join("_cures").join(code));
        project.reconcile(|seen| {
            let (after, left) = (seen.not_clean(), listed(LEFT, kind));
            if after != left {
                wrong.push(format!("its cure leaves {after:?}, not {left:?}"));
            }
            for earlier in kinds_of(seen).iter().filter(|found| found.rank() <= kind.rank()) {
                wrong.push(format!("its cure leaves {}, which is no later link", earlier.code()));
            }
            for problem in seen.codes().iter().filter(|problem| !listed(PROBLEMS, kind).contains(problem)) {
                wrong.push(format!("its cure brings the problem {problem}"));
            }
        });
    });
}

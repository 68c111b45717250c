//! The golden site of the sample: a manifest that notices any change, and a few pieces that show a person what changed.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it -- golden` rewrites `tests/sites/sample/expected/`; the diff is read before it is
//! committed, and the commit says which amounts moved and why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tieout::render::assets;

use super::support::{Project, Tree, assert_same, in_words, sample, sha256, tests};

/// Pages whose `<main>` is kept whole: one order, the overview, one month.
const PAGES: [&str; 3] = ["index.html", "order/ord2001.html", "period/2026-05.html"];

/// Lists of checksums of the other files: they change whenever any of those does.
const CHECKSUMS: [&str; 2] = ["SHA256SUMS", "manifest.json"];

fn folder() -> PathBuf {
    tests().join("sites/sample/expected")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// A text without what changes with every release or restyling and says nothing about the answers: the program's version
/// and the fingerprints in the names of style sheet and script.
fn stable(text: &str) -> String {
    let mut stable = text.replace(&format!("tieout {}", env!("CARGO_PKG_VERSION")), "tieout (version)");
    for asset in assets::all().files {
        let (name, fingerprint) = asset.path.rsplit_once('-').expect("a name and a fingerprint");
        let (_, extension) = fingerprint.split_once('.').expect("an extension");
        stable = stable.replace(&asset.path, &format!("{name}-#.{extension}"));
    }
    stable
}

/// `sha256  path` of every file, by path. Style sheet, script, workbooks and lists of checksums are listed without one.
fn manifest(tree: &Tree) -> String {
    let line = |path: &String| {
        let name = stable(path);
        // A workbook holds what the CSV files beside it hold.
        let is_listed_only = name.starts_with("assets/")
            || name.ends_with(".xlsx")
            || CHECKSUMS.iter().any(|checksums| name.ends_with(checksums));
        let hash = if is_listed_only { "-".repeat(64) } else { sha256(stable(&tree.read(path)).as_bytes()) };
        format!("{hash}  {name}\n")
    };
    tree.paths().iter().map(line).collect()
}

/// What the tree must be, by the name of the file that keeps it.
fn golden() -> BTreeMap<String, String> {
    let sample = sample();
    let mut files: BTreeMap<String, String> = PAGES
        .into_iter()
        .map(|page| (page.replace('/', "-"), stable(&sample.tree.main(page)).replace("><", ">\n<") + "\n"))
        .collect();
    files.insert("manifest.txt".to_owned(), manifest(&sample.tree));
    let problems = Project::sample().reconcile(|seen| in_words(seen.shown.diagnostics));
    files.insert("diagnostics.txt".to_owned(), problems);
    files
}

/// How two manifests differ, for a person.
fn changes(found: &str, expected: &str) -> String {
    let list = |text: &str| -> BTreeMap<String, String> {
        text.lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(hash, path)| (path.to_owned(), hash.to_owned()))
            .collect()
    };
    let (found, expected) = (list(found), list(expected));
    let only = |here: &BTreeMap<String, String>, there: &BTreeMap<String, String>| -> Vec<String> {
        here.keys().filter(|path| !there.contains_key(*path)).cloned().collect()
    };
    let changed: Vec<&String> = found
        .iter()
        .filter(|(path, hash)| expected.get(*path).is_some_and(|e| e != *hash))
        .map(|(path, _)| path)
        .collect();
    let few = |what: &str, paths: &[String]| match paths.len() {
        0 => String::new(),
        count => format!(
            "{count} {what}: {}{}\n",
            paths[..count.min(12)].join(", "),
            if count > 12 { ", …" } else { "" }
        ),
    };
    let changed: Vec<String> = changed.into_iter().cloned().collect();
    few("new", &only(&found, &expected)) + &few("gone", &only(&expected, &found)) + &few("changed", &changed)
}

#[test]
fn the_sample_site_is_the_golden_one() {
    // Goal: no page changes unnoticed, and a person sees what changed. Method: every file of the tree by its checksum,
    // three pages and the problems by their text, against what is kept; files that are kept and not made any more fail.
    let golden = golden();
    if is_update() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).unwrap();
        for (name, text) in &golden {
            fs::write(folder().join(name), text).unwrap();
        }
    }
    let kept = |name: &str| fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let how = "UPDATE_GOLDEN=1 cargo test --test it -- golden rewrites it; read the diff";
    for (name, text) in &golden {
        if name != "manifest.txt" {
            assert_same(&format!("tests/sites/sample/expected/{name} ({how})"), text, &kept(name));
        }
    }
    let differences = changes(&golden["manifest.txt"], &kept("manifest.txt"));
    assert!(differences.is_empty(), "the sample site is another one ({how}):\n{differences}");
    assert_same("manifest.txt", &golden["manifest.txt"], &kept("manifest.txt"));

    let mut names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, golden.keys().cloned().collect::<Vec<_>>(), "left over");
}

#[test]
fn every_page_is_small_and_asks_for_nothing_outside() {
    // Goal: an ordinary page stays below 60 KB with its style sheet, and no page loads anything from elsewhere (issue,
    // "What it must show"). Method: sizes of the order pages plus the style sheet, and sources in every page.
    let tree = &sample().tree;
    let size = |path: &str| fs::metadata(tree.root.join(path)).unwrap().len();
    let paths = tree.paths();
    let css: u64 = paths.iter().filter(|path| path.ends_with(".css")).map(|path| size(path)).sum();
    assert!(css > 0);
    for path in paths.iter().filter(|path| path.ends_with(".html")) {
        if path.starts_with("order/") {
            assert!(size(path) + css < 60_000, "{path}: {} + {css} bytes", size(path));
        }
        let html = tree.read(path);
        for attribute in ["src=\"http", "src=\"//", "url(http", "@import", "<iframe", "srcset=\"http"] {
            assert!(!html.contains(attribute), "{path} holds `{attribute}`");
        }
        for link in html.split("<link ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            assert!(!link.contains("href=\"http"), "{path}: {link}");
        }
        assert!(html.contains("default-src 'none'"), "{path} has no policy");
    }
}

#[test]
fn every_link_leads_to_a_file_of_the_tree() {
    // Goal: the tree works from disk and from any sub-folder: links are relative, with the file name written out, and
    // none is dead (contract, section 5; I-24). Method: every `href` and `src` of every page.
    let tree = &sample().tree;
    let mut count = 0;
    for path in tree.paths().iter().filter(|path| path.ends_with(".html")) {
        let html = tree.read(path);
        for attribute in ["href=\"", "src=\"", "action=\""] {
            for target in html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let file = target.split(['#', '?']).next().unwrap();
                let is_inside = !target.starts_with("data:")
                    && !target.starts_with("mailto:")
                    && !target.starts_with("https://");
                assert!(!target.starts_with('/'), "{path}: `{target}` is not relative");
                if is_inside && !file.is_empty() {
                    count += 1;
                    let place = tree.root.join(Path::new(path).parent().unwrap()).join(file);
                    assert!(place.is_file(), "{path}: `{target}` leads nowhere");
                    let real = place.canonicalize().unwrap();
                    assert!(
                        real.starts_with(tree.root.canonicalize().unwrap()),
                        "{path}: `{target}` leaves the tree"
                    );
                }
            }
        }
    }
    assert!(count > 5_000, "links were found: {count}");
}

#[test]
fn the_tables_of_a_page_are_files_too() {
    // Goal: every CSV file that the tree holds is linked from a page and can be read (contract, section 6). Method: the
    // files of the tree against the links of all pages, except `data/`, which the page about the build lists.
    let tree = &sample().tree;
    let pages: String = tree.paths().iter().filter(|p| p.ends_with(".html")).map(|p| tree.read(p)).collect();
    for path in tree.paths().iter().filter(|path| path.ends_with(".csv")) {
        let name = path.rsplit('/').next().unwrap();
        assert!(pages.contains(&format!("{name}\"")), "no page links {path}");
        let rows = tree.rows(path);
        // The sample has no problem of its data, and no rule that gives a deadline.
        // A sheet of a pack without a row is a header.
        let is_sheet = path.starts_with("close/") && path.contains("/csv/");
        let may_be_empty = path.ends_with("diagnostics.csv") || path == "deadlines.csv" || is_sheet;
        assert!(!rows.is_empty() || may_be_empty, "{path} is empty");
    }
}

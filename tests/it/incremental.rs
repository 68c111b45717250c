//! Builds after the first: what is the same is neither made, written nor touched, and the site is that of a full build.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use tieout::pipeline::{Cache, Options, Outcome, Silent};

use crate::support::{Project, SECRET, Tree};

/// A build as the command does it, with what it keeps.
fn build(project: &Project) -> Outcome {
    let cache = Cache::Write(project.path("kept"));
    let options = Options { cache, ..project.options() };
    tieout::pipeline::build(&options, &Silent, &mut Vec::new()).unwrap()
}

/// The files of the site with their content and when they changed last, and every folder.
fn state(project: &Project) -> (BTreeMap<String, (String, SystemTime)>, BTreeSet<String>) {
    let site = Tree { root: project.path("site") };
    let digest = site.digest();
    let changed = |path: &String| fs::metadata(site.root.join(path)).unwrap().modified().unwrap();
    let files = digest.iter().map(|(path, sum)| (path.clone(), (sum.clone(), changed(path)))).collect();
    let folders = walkdir::WalkDir::new(&site.root).into_iter().map(Result::unwrap);
    let folders = folders.filter(|entry| entry.file_type().is_dir());
    (
        files,
        folders.map(|entry| entry.path().strip_prefix(&site.root).unwrap().display().to_string()).collect(),
    )
}

/// The site of the same project, made where nothing was before and nothing is kept.
fn anew(project: &Project) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let other = Project::empty();
    for name in ["input", "content", "tieout.toml"] {
        copy(&project.path(name), &other.path(name));
    }
    let options = Options { cache: Cache::Off, ..other.options() };
    tieout::pipeline::build(&options, &Silent, &mut Vec::new()).unwrap();
    let (files, folders) = state(&other);
    (files.into_iter().map(|(path, (sum, _))| (path, sum)).collect(), folders)
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().filter_map(Result::ok) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), if entry.path() == from { to.to_owned() } else { target }).unwrap();
        }
    }
}

const AUDIENCE: &str =
    "[[audience]]\nname = \"ops\"\ntables = [\"months\"]\ncolumns = [\"month\", \"order\"]\n";

#[test]
fn each_build_of_a_row_is_that_of_a_full_build_and_equal_files_keep_their_time() {
    // Goal: a site that is brought up to date is byte for byte the one of a full build, without a folder too many, and what
    // copies it by time and size copies what changed. Method: a row of changes, some taken back, one that removes a tree and one
    // that brings it back; after each, files and folders against a build where nothing was before. A file that the site before
    // had with this content has its time, and a file with other content has another one.
    let project = Project::sample();
    project.write("tieout.toml", AUDIENCE);
    let lines = project.read("input/2026-06-18/rebate_lines.csv");
    let other = lines.replace("4200.00", "4201.00");
    assert_ne!(lines, other);
    let article = "content/kb/kb-approval-evidence.md";
    let words = fs::read_to_string(crate::support::repository().join(article)).unwrap();
    let steps: [(&str, String); 7] = [
        ("input/2026-06-18/rebate_lines.csv", other.clone()),
        ("input/2026-06-18/rebate_lines.csv", lines.clone()),
        (article, format!("{words}\nMore words.\n")),
        ("tieout.toml", String::new()),
        ("input/2026-06-18/rebate_lines.csv", other),
        ("tieout.toml", AUDIENCE.to_owned()),
        ("input/2026-06-18/rebate_lines.csv", lines),
    ];
    assert!(!build(&project).published.is_unchanged);
    let (mut before, _) = state(&project);
    for (path, text) in steps {
        project.write(path, text);
        assert!(!build(&project).published.is_unchanged);
        let (now, folders) = state(&project);
        let sums: BTreeMap<String, String> =
            now.iter().map(|(path, (sum, _))| (path.clone(), sum.clone())).collect();
        let (wanted, wanted_folders) = anew(&project);
        assert_eq!(sums, wanted, "{path}");
        assert_eq!(folders, wanted_folders, "{path}");
        let (mut same, mut differ) = (0, 0);
        for (file, (sum, changed)) in &now {
            match before.get(file) {
                Some((was, when)) if was == sum => {
                    assert_eq!(changed, when, "{path}: {file} is the same");
                    same += 1;
                }
                Some((_, when)) => {
                    assert!(changed > when, "{path}: {file} is another one");
                    differ += 1;
                }
                None => {}
            }
        }
        assert!(same > 20 && differ > 0, "{path}: {same} are the same, {differ} differ");
        before = now;
    }
}

#[test]
fn a_build_of_the_same_makes_nothing_and_says_the_same() {
    // Goal: where nothing changed, nothing is done, and what is printed and its exit code are as before. Method: twice the same;
    // then each of what a site rests on changes once, and what somebody changed in the site itself is made good.
    let project = Project::sample();
    project.write("tieout.toml", format!("[customers]\nkey_env = \"{SECRET}\"\n"));
    let first = build(&project);
    let (files, _) = state(&project);
    let again = build(&project);
    assert!(again.published.is_unchanged && !first.published.is_unchanged);
    assert_eq!(format!("{:?}", first.summary), format!("{:?}", again.summary));
    assert_eq!(
        (first.published.files, first.published.bytes),
        (again.published.files, again.published.bytes)
    );
    assert_eq!(first.published.manifest_sha256, again.published.manifest_sha256);
    assert_eq!(state(&project).0, files, "not touched");
    // Somebody else's file is none of our business.
    project.write("site/internal/CNAME", "example.com");
    assert!(build(&project).published.is_unchanged);
    for path in ["site/internal/order/ord1001.html", "site/SHA256SUMS", "site/internal/data/lines.csv"] {
        let was = project.read(path);
        project.write(path, format!("{was} "));
        assert!(!build(&project).published.is_unchanged, "{path}");
        assert_eq!(project.read(path), was);
        project.remove(path);
        assert!(!build(&project).published.is_unchanged, "{path}");
        assert_eq!(project.read(path), was);
        assert!(build(&project).published.is_unchanged);
    }
    for (path, text) in [
        ("input/2026-06-18/note.txt", "x"),
        ("content/kb/own.md", "+++\ntitle = \"Own\"\nsummary = \"An article.\"\n+++\nText.\n"),
        ("templates/404.html", "<!doctype html><title>x</title><style>a{}</style>"),
        ("tieout.toml", "organization = \"Other\"\n"),
    ] {
        project.write(path, text);
        let result = {
            let cache = Cache::Write(project.path("kept"));
            tieout::pipeline::build(&Options { cache, ..project.options() }, &Silent, &mut Vec::new())
        };
        assert!(result.is_err() || !result.unwrap().published.is_unchanged, "{path}");
        project.remove(path);
    }
    // What is kept can be deleted, and damaged.
    build(&project);
    assert!(build(&project).published.is_unchanged);
    for kept in fs::read_dir(project.path("kept")).unwrap() {
        fs::write(kept.unwrap().path(), "damaged").unwrap();
    }
    assert!(!build(&project).published.is_unchanged);
    fs::remove_dir_all(project.path("kept")).unwrap();
    assert!(!build(&project).published.is_unchanged);
    assert!(build(&project).published.is_unchanged);
    // Without it, everything is made.
    let options = Options { cache: Cache::Off, ..project.options() };
    assert!(!tieout::pipeline::build(&options, &Silent, &mut Vec::new()).unwrap().published.is_unchanged);
}

//! Builds that are killed: the site is all old or all new, nothing of anybody is lost, and the next build works.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Project, Tree};

/// How often a build is killed.
const KILLS: u32 = 240;
/// In so many places of a build.
const PLACES: u32 = 60;

/// The files of a site by their checksums, with those of somebody else.
fn files(root: &Path) -> BTreeMap<String, String> {
    Tree { root: root.to_owned() }.digest()
}

#[test]
fn a_build_that_is_killed_leaves_the_old_site_or_the_new_one() {
    // Goal: I1 to I4 and I6 of the fault model, with the real signal. Method: two inputs take turns; each build of the program is
    // killed (SIGKILL) a little later than the one before, 240 times over the length of a build and a bit. After each kill the
    // site is exactly that of one input, with the files of somebody else in it; `verify` of the checksums is part of that. Now
    // and then a build is left to its end: it makes the site of its input, and nothing is left beside it.
    let project = Project::base();
    let inputs = ["A-1,,INV-1", "A-1,,INV-9"].map(|invoice| {
        let orders = project.read("input/2026-06-18/orders.csv");
        assert!(orders.contains("A-1,,INV-1"), "{orders}");
        orders.replacen("A-1,,INV-1", invoice, 1)
    });
    let own = ["CNAME", "internal/own/notes.txt"];
    let start = |which: usize| {
        project.write("input/2026-06-18/orders.csv", &inputs[which]);
        let mut command = project.command();
        command.args(["build", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let site = project.path("site");
    let mut wanted: Vec<BTreeMap<String, String>> = Vec::new();
    let mut length = Duration::ZERO;
    for which in [0, 1] {
        let begun = Instant::now();
        assert!(start(which).wait().unwrap().success());
        length = length.max(begun.elapsed());
        if which == 0 {
            for path in own {
                project.write(&format!("site/{path}"), "mine");
            }
        }
    }
    for which in [0, 1] {
        assert!(start(which).wait().unwrap().success());
        wanted.push(files(&site));
    }
    assert_ne!(wanted[0], wanted[1]);
    assert!(wanted.iter().all(|files| own.iter().all(|path| files.contains_key(*path))));
    let (mut early, mut late, mut unfinished) = (0, 0, 0);
    let mut live = 1;
    for kill in 0..KILLS {
        let next = 1 - live;
        let mut child = start(next);
        // From the first moment to after the end.
        std::thread::sleep(length * (kill % PLACES) * 11 / (PLACES * 10));
        child.kill().unwrap();
        child.wait().unwrap();
        if site.exists() {
            let now = files(&site);
            let which = wanted.iter().position(|wanted| *wanted == now);
            let which = which.unwrap_or_else(|| panic!("kill {kill}: neither the old site nor the new one"));
            if which == next {
                late += 1;
                live = next;
            } else {
                early += 1;
            }
        } else {
            // Only where folders cannot be exchanged, between two renames; the next build ends it.
            unfinished += 1;
        }
        if kill % 20 == 19 {
            let next = 1 - live;
            assert!(start(next).wait().unwrap().success(), "kill {kill}: the next build works");
            assert_eq!(files(&site), wanted[next], "kill {kill}");
            live = next;
            let around = fs::read_dir(project.path("")).unwrap();
            let around: BTreeSet<String> =
                around.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            let left = around
                .iter()
                .filter(|name| name.contains("site") && *name != "site" && *name != ".prev-site");
            assert_eq!(left.collect::<Vec<_>>(), [""; 0], "kill {kill}");
        }
    }
    assert!(early > KILLS / 4, "{early} before the site went live, {late} after, {unfinished} in between");
}

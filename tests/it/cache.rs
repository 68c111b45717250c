//! What a build keeps of earlier snapshots: it saves their cost and never changes a byte.

use std::collections::BTreeMap;
use std::fs;

use super::support::Project;

type Digest = BTreeMap<String, String>;

/// Builds with what is kept, and says how many snapshots were read for it.
fn build(project: &Project, arguments: &[&str]) -> (Digest, usize) {
    // What is kept of the site itself would answer before any state is asked for; tests/it/incremental.rs is about that.
    for path in files_of(project).into_iter().filter(|path| !is_state(path)) {
        fs::remove_file(path).unwrap_or_else(|e| panic!("{e}"));
    }
    let run = project.run(&[&["build", "-v"], arguments].concat()).code(0);
    let read = run.stderr.lines().filter(|line| line.trim_start().starts_with("normalize ")).count();
    (project.tree().digest(), read)
}

/// Builds everything anew.
fn anew(project: &Project, arguments: &[&str]) -> Digest {
    build(project, &[&["--no-cache"], arguments].concat()).0
}

fn is_state(path: &std::path::Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("history-"))
}

fn kept(project: &Project) -> Vec<std::path::PathBuf> {
    files_of(project).into_iter().filter(|path| is_state(path)).collect()
}

fn files_of(project: &Project) -> Vec<std::path::PathBuf> {
    let Ok(folder) = fs::read_dir(project.path(".tieout")) else { return Vec::new() };
    let mut files: Vec<_> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

#[test]
fn a_new_snapshot_costs_itself_and_the_bytes_stay_the_same() {
    // Goal: with the cache, adding a snapshot reads that snapshot, and the output is that of a build without one (contract,
    // section 1). Method: the sample, then the same again, then one snapshot more, then an older one; the number of
    // snapshots read, and every byte.
    let project = Project::sample();
    let whole = anew(&project, &[]);
    assert!(kept(&project).is_empty(), "a build without the cache keeps nothing");
    assert_eq!(build(&project, &[]), (whole.clone(), 3), "nothing is kept yet");
    assert_eq!(
        kept(&project).len(),
        2,
        "the state before the shown snapshot, and with it: {:?}",
        kept(&project)
    );
    assert_eq!(build(&project, &[]), (whole, 1));
    for file in ["orders.csv", "rebate_lines.csv", "adjustments.csv", "payouts.csv"] {
        let text = project.read(&format!("input/2026-06-18/{file}"));
        project.write(&format!("input/2026-06-19/{file}"), text.replace("REVIEW", "APPROVED"));
    }
    let (found, read) = build(&project, &[]);
    assert_eq!(read, 1, "only the new one");
    assert_eq!(found, anew(&project, &[]));
    assert_eq!(kept(&project).len(), 2, "older states go: {:?}", kept(&project));
    let older = ["--snapshot", "2026-06-17"];
    assert_eq!(build(&project, &older).0, anew(&project, &older));
}

#[test]
fn a_state_is_used_only_for_the_very_same_input() {
    // Goal: nothing of an input that changed is taken from what is kept. Method: an old extract, a reference file, the
    // configuration and a kept reference file are changed one after the other; every byte against a build without a cache.
    let project = Project::sample();
    build(&project, &[]);
    type Change = (&'static str, fn(&Project));
    let changes: [Change; 4] = [
        ("an old extract", |p| {
            p.change_file("input/2026-05-08/rebate_lines.csv", "6000.00,0.08,480.00", "6100.00,0.08,488.00");
        }),
        ("a reference file", |p| {
            p.append("input/reference/status_map.csv", "PROC_9,Calculated,Calculated,2,30\n");
        }),
        ("the configuration", |p| {
            p.write("tieout.toml", "[materiality]\nUSD = \"100.00\"\n");
        }),
        ("a kept reference file", |p| {
            let text =
                p.read("input/reference/status_map.csv").replace("PROC_9,Calculated,Calculated,2,30\n", "");
            p.write("input/2026-05-08/reference/status_map.csv", text);
        }),
    ];
    for (what, change) in changes {
        change(&project);
        let (found, read) = build(&project, &[]);
        assert!(read >= 3, "{what}: {read} snapshots read");
        assert_eq!(found, anew(&project, &[]), "{what}");
    }
}

#[test]
fn a_damaged_state_is_no_state() {
    // Goal: a file cut short, or with one bit turned, changes nothing, stops nothing, and is replaced. Method: both, at
    // several places; the build after that reads one snapshot again.
    let project = Project::sample();
    let (whole, _) = build(&project, &[]);
    let states: Vec<(std::path::PathBuf, Vec<u8>)> =
        kept(&project).into_iter().map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect();
    let spoil = |harm: &dyn Fn(&[u8]) -> Vec<u8>| {
        for (path, bytes) in &states {
            fs::write(path, harm(bytes)).unwrap_or_else(|e| panic!("{e}"));
        }
        let (found, read) = build(&project, &[]);
        assert_eq!(read, 3, "a damaged state was used");
        assert_eq!(found, whole);
        assert_eq!(build(&project, &[]), (whole.clone(), 1), "a damaged state is written anew");
    };
    for part in [0, 4, 20, 60] {
        spoil(&|bytes| bytes[..bytes.len() * part / 100].to_vec());
    }
    for place in [0, 9, 41, 1000] {
        spoil(&|bytes| {
            let mut bytes = bytes.to_vec();
            bytes[place] ^= 1;
            bytes
        });
    }
}

#[test]
fn commands_that_look_use_what_is_kept_and_write_nothing() {
    // Goal: `check`, `explain` and `diff` say the same with and without it, and leave it alone. Method: their output, and the
    // names and bytes of the kept files.
    let project = Project::sample();
    build(&project, &[]);
    let before: Vec<_> = kept(&project).into_iter().map(|path| (fs::read(&path).ok(), path)).collect();
    for command in [
        &["check", "--format", "json"][..],
        &["explain", "ORD-1002", "--format", "json"],
        &["diff", "2026-05-08", "2026-06-18", "--format", "json"],
    ] {
        let with = project.run(command).code(0).stdout;
        let without = project.run(&[command, &["--no-cache"]].concat()).code(0).stdout;
        assert_eq!(with, without, "{command:?}");
    }
    let after: Vec<_> = kept(&project).into_iter().map(|path| (fs::read(&path).ok(), path)).collect();
    assert!(before == after, "the kept files changed");
}

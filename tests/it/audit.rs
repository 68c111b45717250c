//! The audit log: what each command leaves, and that no site depends on it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{Project, sha256};

const LOG: &str = "audit.jsonl";
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The records of a project, each read as any program would.
fn records(project: &Project) -> Vec<Value> {
    project.read(LOG).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last record.
fn last(project: &Project) -> Value {
    records(project).pop().expect("a record")
}

#[test]
fn every_command_leaves_a_record_of_what_came_out() {
    // Goal: who, which scope, when, which version (A-133 to A-136), on by default (A-196). Method: one run of each command; the
    // checksums are made here from what lies in the folder and what was printed, the chain is computed here from the lines
    // alone, as docs/audit.md says it can be.
    let project = Project::sample();
    let mut printed = Vec::new();
    let mut run = |arguments: &[&str], code: i32| {
        let run = project.run(arguments).code(code);
        printed.push(sha256(run.stdout.as_bytes()));
        run
    };
    let built = run(&["build", "--as", "Marco"], 0);
    run(&["query", "--last", "90"], 0);
    run(&["query", "campaign=Spring+Growth&from=2026-05&to=2026-05", "--format", "csv"], 0);
    run(&["explain", "ord 2001", "--dossier"], 0);
    run(&["diff", "2026-06-18", "2026-06-17", "--program", "core", "--csv"], 0);
    run(&["close", "2026-05"], 0);
    run(&["verify"], 0);
    let manifest = sha256(project.read("site/manifest.json").as_bytes());
    let pack = sha256(project.read("close/2026-05/manifest.json").as_bytes());
    let expected = [
        ("build", "{}", "site", &manifest),
        ("query", r#"{"scope":"from=2026-03-21&to=2026-06-18"}"#, "printed", &printed[1]),
        (
            "query",
            r#"{"format":"csv","scope":"from=2026-05-01&to=2026-05-31&campaign=Spring+Growth"}"#,
            "printed",
            &printed[2],
        ),
        ("explain", r#"{"dossier":"yes","id":"ORD2001"}"#, "printed", &printed[3]),
        (
            "diff",
            r#"{"format":"csv","from":"2026-06-17","scope":"program=CORE","to":"2026-06-18"}"#,
            "printed",
            &printed[4],
        ),
        ("close", r#"{"month":"2026-05"}"#, "pack", &pack),
        ("verify", &format!(r#"{{"manifest":"{manifest}"}}"#), "printed", &printed[6]),
    ];
    let all = records(&project);
    assert_eq!(all.len(), expected.len());
    let main = project.read("site/internal/index.html");
    for (number, (record, (command, arguments, made, sum))) in all.iter().zip(expected).enumerate() {
        assert_eq!(record["seq"], number + 1);
        assert_eq!(record["command"], command);
        assert_eq!(record["arguments"].to_string(), *arguments, "{command}");
        assert_eq!(
            (&record["made"], &record["sha256"]),
            (&Value::from(made), &Value::from(sum.as_str())),
            "{command}"
        );
        assert_eq!((&record["outcome"], &record["exit"]), (&Value::from("done"), &Value::from(0)));
        assert_eq!(record["declared"], if number == 0 { "Marco" } else { "" });
        assert_eq!(record["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(record["snapshot"], "2026-06-18");
        let record_set = record["record_set"].as_str().unwrap();
        assert!(command == "verify" || (record_set.len() == 12 && main.contains(record_set)), "{record_set}");
        let time = record["time"].as_str().unwrap();
        assert!(time.len() == 20 && time.ends_with('Z') && time.as_bytes()[10] == b'T', "{time}");
    }
    let mut previous = ZEROS.to_owned();
    for line in project.read(LOG).lines() {
        let (hashed, hash) = line.split_once(",\"hash\":\"").unwrap();
        assert!(hashed.contains(&format!("\"previous\":\"{previous}\"")));
        previous = sha256(hashed.as_bytes());
        assert_eq!(hash, format!("{previous}\"}}"));
    }
    // The head is printed by a build, and by any command that is asked to say more.
    let head = records(&project)[0]["hash"].as_str().unwrap().to_owned();
    built.says(&format!("audit    record 1, head {head}"));
    let verbose = project.run(&["explain", "ORD-2001", "-v"]).code(0);
    assert!(verbose.stderr.contains(last(&project)["hash"].as_str().unwrap()), "{}", verbose.stderr);
    let json = project.run(&["build", "--format", "json"]).code(0).json();
    assert_eq!(
        (&json["audit"]["record"], &json["audit"]["head"]),
        (&Value::from(9), &last(&project)["hash"])
    );
    assert_eq!(json["manifest_sha256"], manifest);
}

#[test]
fn a_run_that_fails_is_recorded_without_data() {
    // Goal: an attempt is not lost, and nothing of what it did not make is claimed. Method: input that cannot be used, a key
    // that does not exist, a target that is somebody's, another build; each by its outcome and exit code.
    let fails = |project: &Project, code: i32, outcome: &str| {
        project.run(&["build"]).code(code);
        let record = last(project);
        assert_eq!((&record["outcome"], &record["exit"]), (&Value::from(outcome), &Value::from(code)));
        for empty in ["snapshot", "record_set", "sha256"] {
            assert_eq!(record[empty], "", "{outcome}");
        }
        assert_eq!(record["made"], "nothing");
    };
    let project = Project::sample();
    project.write("input/2026-06-18/orders.csv", "nothing,of,the,kind\n");
    fails(&project, 3, "input");
    project.write("tieout.toml", "organisation = \"x\"\n");
    fails(&project, 2, "usage");
    let project = Project::sample();
    project.write("site/mine.txt", "mine");
    fails(&project, 4, "publish");
    let project = Project::sample();
    let lock = fs::File::create(project.path(".tieout-site.lock")).unwrap();
    lock.lock().unwrap();
    fails(&project, 5, "busy");
    drop(lock);
    // Of a configuration that cannot be read nobody knows where the log is.
    let broken = Project::sample();
    broken.write("tieout.toml", "organization = \n");
    broken.run(&["build"]).code(2).says("warning: this is not recorded in the audit log");
    assert!(!broken.path(LOG).exists());
}

#[test]
fn a_site_does_not_depend_on_the_log() {
    // Goal: same input, same bytes (contract 1). Method: the sample built with the log, with a log that was tampered with, with
    // one that cannot be written, and without; every file is the same, but for the checksum of the configuration that says off.
    let project = Project::sample();
    project.run(&["build"]).code(0);
    let with = project.tree().digest();
    project.write(LOG, "nothing of the kind\n");
    project.run(&["build"]).code(0).says("the end of the audit log was altered");
    assert_eq!(project.tree().digest(), with);
    fs::remove_file(project.path(LOG)).unwrap();
    fs::create_dir(project.path(LOG)).unwrap();
    project.run(&["build"]).code(4);
    assert_eq!(project.tree().digest(), with);
    let off = Project::sample();
    off.write("tieout.toml", "[audit]\nenabled = false\n");
    off.run(&["build"]).code(0).says("audit    off");
    assert!(!off.path(LOG).exists());
    let differ = |digest: &BTreeMap<String, String>| -> Vec<String> {
        digest
            .iter()
            .filter(|(path, sum)| with.get(*path) != Some(*sum))
            .map(|(path, _)| path.clone())
            .collect()
    };
    let without = off.tree().digest();
    assert_eq!(without.len(), with.len());
    // Packs and the tree state the checksum of the configuration; the log has no other trace.
    let plain = Project::sample();
    plain.write("tieout.toml", "# nothing is said\n");
    plain.run(&["build"]).code(0);
    assert_eq!(differ(&without), differ(&plain.tree().digest()));
}

#[test]
fn what_cannot_be_recorded_is_published_and_said() {
    // Goal: nobody takes an unrecorded site for a recorded one, and a question is answered whatever the folder is like. Method: a
    // folder in the place of the log; builds and packs end with 4 and say so, in JSON too, and the site is there and whole;
    // query, explain, diff and verify answer with a warning.
    let project = Project::sample();
    fs::create_dir(project.path(LOG)).unwrap();
    let run = project.run(&["build"]).code(4).says("the site is published, but this build is not recorded");
    assert!(run.stderr.contains("audit    NOT RECORDED") && run.stderr.contains("help: "), "{}", run.stderr);
    project.run(&["verify"]).code(0).says("warning: this is not recorded in the audit log");
    let json = project.run(&["build", "--format", "json"]).code(4);
    assert_eq!(json.json()["audit"], Value::Null);
    project.run(&["close", "2026-05"]).code(4).says("the pack is written, but it is not recorded");
    project.run(&["verify", "close/2026-05"]).code(0);
    for arguments in [&["query"][..], &["explain", "ORD-2001"], &["diff", "2026-06-17", "2026-06-18"]] {
        let run = project.run(arguments).code(0).says("warning: this is not recorded in the audit log");
        assert!(!run.stdout.is_empty());
    }
    // A build that fails says why it failed.
    project.run(&["build", "--snapshot", "2026-06-19"]).code(2).says("there is no snapshot");
}

#[test]
fn the_log_lies_where_the_configuration_says_and_never_in_the_site() {
    // Goal: a log on a disk of its own is possible; one that would be handed out, or read as input, is not. Method: another
    // file, another folder of the configuration, and files in each folder that is published or read.
    let project = Project::sample();
    fs::create_dir(project.path("kept")).unwrap();
    project.write("tieout.toml", "[audit]\nfile = \"kept/runs.jsonl\"\n");
    project.run(&["build"]).code(0);
    assert_eq!(project.read("kept/runs.jsonl").lines().count(), 1);
    assert!(!project.path(LOG).exists());
    fs::create_dir(project.path("there")).unwrap();
    project.run(&["query", "--config", "there/tieout.toml"]).code(0);
    assert_eq!(project.read("there/audit.jsonl").lines().count(), 1);
    for inside in [
        "site/audit.jsonl",
        "site/internal/x",
        "input/audit.jsonl",
        "./kept/../input/a",
        "content/a",
        "templates/a",
    ] {
        project.write("tieout.toml", format!("[audit]\nfile = \"{inside}\"\n"));
        project.run(&["build"]).code(2).says("would lie inside");
        assert!(!project.path(inside).exists());
    }
    project.write("tieout.toml", "[audit]\nenable = false\n");
    project.run(&["build"]).code(2).says("enable");
}

#[test]
fn commands_at_the_same_time_do_not_interleave() {
    // Goal: each record is whole and has a number of its own. Method: eight runs at once.
    let project = Project::sample();
    let mut children: Vec<_> = (0..8)
        .map(|_| project.command().args(["explain", "ORD-2001"]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let numbers: Vec<u64> = records(&project).iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
}

#[test]
fn a_server_records_each_site_that_is_another_one() {
    // Goal: what `serve` publishes is known, and saving a file ten times is not ten records. Method: start it, save the same
    // bytes until it has built again, then save another configuration; the records are the two sites.
    let project = Project::sample();
    let mut child = project
        .command()
        .args(["serve", "--port", "0"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let told = Arc::new(Mutex::new(String::new()));
    let (stderr, hears) = (child.stderr.take().unwrap(), Arc::clone(&told));
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            *hears.lock().unwrap() += &(line + "\n");
        }
    });
    let says = |words: &str| told.lock().unwrap().contains(words);
    // A save may come before the server looks, so it is done again; a server that does nothing is ended.
    let until = |save: &dyn Fn(), is_done: &dyn Fn() -> bool| {
        let deadline = Instant::now() + Duration::from_secs(180);
        while !is_done() && Instant::now() < deadline {
            save();
            std::thread::sleep(Duration::from_millis(400));
        }
    };
    until(&|| {}, &|| says("serving"));
    let orders = project.read("input/2026-06-18/orders.csv");
    let save = || {
        project.write("input/2026-06-18/orders.csv", &orders);
    };
    until(&save, &|| says("rebuilt"));
    let again = records(&project);
    project.write("tieout.toml", "organization = \"Example\"\n");
    let is_known = || {
        let all = records(&project);
        all.len() >= 2
            && all.last().unwrap()["sha256"] == sha256(project.read("site/manifest.json").as_bytes())
    };
    until(&save, &is_known);
    let is_last_known = is_known();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(says("rebuilt") && is_last_known, "{}\n{}", told.lock().unwrap(), project.read(LOG));
    assert_eq!(again.len(), 1);
    let all = records(&project);
    assert!(all.iter().all(|record| record["command"] == "serve" && record["made"] == "site"));
}

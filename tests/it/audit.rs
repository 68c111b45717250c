//! The audit log: what each command leaves, that no change of it goes unnoticed, what it cannot prove, and that no site depends
//! on it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tieout::audit::chain::check;
use tieout::audit::{self, Made, Moment, Record};

use super::support::{Project, Run, repository, rows, sample, sha256, text_of};

const LOG: &str = "audit.jsonl";
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The fields of a record, in their order; `torn` is there only after a line that was cut.
const FIELDS: [&str; 16] = [
    "schema",
    "seq",
    "previous",
    "time",
    "command",
    "arguments",
    "declared",
    "user",
    "uid",
    "snapshot",
    "record_set",
    "made",
    "sha256",
    "outcome",
    "exit",
    "version",
];

/// The records of a project, each read as any program would.
fn records(project: &Project) -> Vec<Value> {
    project.read(LOG).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last record.
fn last(project: &Project) -> Value {
    records(project).pop().expect("a record")
}

/// Names in the folder of a project.
fn names(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.path("")).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A sample with a log of nine records of all commands, with findings, failures and all kinds of fields.
fn used() -> Project {
    let project = Project::sample();
    project.run(&["build", "--as", "Marco"]).code(0);
    project.run(&["query", "--last", "90", "--as", "Rina \"R.\" \u{5f20}\u{4f1f}"]).code(0);
    project.run(&["query", "--program", "CORE", "--format", "csv"]).code(0);
    project.run(&["explain", "ORD-2001"]).code(0);
    project.run(&["explain", "ORD-2999"]).code(2);
    project.run(&["diff", "2026-06-17", "2026-06-18", "--program", "CORE"]).code(0);
    project.run(&["close", "2026-05"]).code(0);
    project.run(&["verify"]).code(0);
    project.run(&["build", "--fail-on", "info"]).code(10);
    project
}

/// Writes a log and checks it; the code and the line that is named.
fn verified(project: &Project, text: impl AsRef<[u8]>, more: &[&str]) -> (i32, Value) {
    project.write("tampered.jsonl", text);
    let run = project.run(&[&["audit", "verify", "tampered.jsonl", "--format", "json"], more].concat());
    (run.code, run.json())
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
fn commands_that_only_look_at_files_leave_none() {
    // Goal: the log holds what matters, and no folder gets one that is no project. Method: names in the folder after each
    // command that needs no record, and after a build and a query where there is nothing.
    let project = Project::sample();
    let before = names(&project);
    project.run(&["check"]).code(0);
    project.run(&["kb", "coverage"]).code(0);
    project.run(&["map", "input/2026-06-18/orders.csv"]);
    project.run(&["audit", "verify"]).code(3).says("there is no audit log");
    project.run(&["query", "--no-such-option"]).code(2);
    assert_eq!(names(&project), before);
    let nowhere = Project::empty();
    nowhere.run(&["build"]).code(3);
    nowhere.run(&["query"]).code(3);
    assert!(!nowhere.path(LOG).exists());
    nowhere.run(&["init"]).code(0);
    assert!(!nowhere.path(LOG).exists());
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
    project.run(&["audit", "verify"]).code(0);
    // Of a configuration that cannot be read nobody knows where the log is.
    let broken = Project::sample();
    broken.write("tieout.toml", "organization = \n");
    broken.run(&["build"]).code(2).says("warning: this is not recorded in the audit log");
    assert!(!broken.path(LOG).exists());
}

#[test]
fn nothing_of_the_machine_is_in_the_log() {
    // Goal: no path, no name of a host, no secret (reliability T18), and nobody can put a line break or a trick of the terminal
    // into it. Method: paths in every option that takes one, hostile names and ids; the log is searched for the folder, the
    // host and what was in the environment.
    let project = Project::sample();
    let folder = project.path("");
    let folder = folder.to_str().unwrap().trim_end_matches('/').to_owned();
    let input = format!("{folder}/input");
    let output = format!("{folder}/elsewhere");
    let run = |arguments: &[&str]| {
        let mut command = project.command();
        command.env("TIEOUT_SECRET", "hunter22").env("TIEOUT_ACTOR", "Sam");
        Run::new(command.args(arguments).output().unwrap())
    };
    run(&["build", "--input", &input, "--output", &output]).code(0);
    run(&["verify", &output, "--input", &input]).code(0);
    run(&["explain", "/etc/passwd\n\u{1b}[31m"]).code(2);
    run(&["query", &format!("{folder}/query.html?order=ORD-2001")]).code(0);
    run(&["query", &folder]).code(2);
    let log = project.read(LOG);
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let temporary = folder.rsplit('/').next().unwrap();
    for secret in [folder.as_str(), temporary, "/etc", "hunter22", "elsewhere"] {
        assert!(!log.contains(secret), "`{secret}` is in\n{log}");
    }
    assert!(host.trim().is_empty() || !log.contains(&format!("\"{}\"", host.trim())), "{log}");
    assert_eq!(log.lines().count(), 5);
    assert!(!log.contains('\u{1b}') && records(&project).iter().all(|record| record["declared"] == "Sam"));
    let shown = project.run(&["audit", "show"]).code(0);
    assert!(!shown.stdout.contains('\u{1b}'), "{}", shown.stdout);
    for name in ["x".repeat(81), "a\u{202e}b".to_owned(), "a\nb".to_owned()] {
        project.run(&["query", "--as", &name]).code(2).says("a name has at most 80 characters");
        let mut command = project.command();
        command.env("TIEOUT_ACTOR", &name);
        Run::new(command.arg("query").output().unwrap()).code(2).says("TIEOUT_ACTOR");
    }
}

/// Another byte of its class: a digit for a digit, a letter for a letter of its case, else another mark.
fn other(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        b'"' => b'\'',
        _ => b'"',
    }
}

#[test]
fn every_byte_of_every_record_is_held() {
    // Goal: no record can be changed alone, in any field or byte (reliability T16). Method: a log of nine records of all
    // commands; each field of each record changed by the program, and each byte of the file exchanged for one of its class, for
    // a blank, for a line end, doubled and left out. Every one is refused, with the line where it is.
    let project = used();
    let log = project.read(LOG);
    assert_eq!(verified(&project, &log, &[]).0, 0);
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 9);
    let commands: std::collections::BTreeSet<String> =
        records(&project).iter().map(|record| record["command"].as_str().unwrap().to_owned()).collect();
    assert_eq!(commands.len(), 6, "{commands:?}");
    for (at, line) in lines.iter().enumerate() {
        for field in FIELDS {
            let start = line.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field} in {line}"));
            let value = start + field.len() + 3;
            let mut bytes = line.as_bytes().to_vec();
            // The first byte of a text or an object opens it; an empty one gets a letter.
            match (bytes[value], bytes[value + 1]) {
                (b'"' | b'{', b'"' | b'}') => bytes.insert(value + 1, b'x'),
                (b'"' | b'{', _) => bytes[value + 1] = other(bytes[value + 1]),
                _ => bytes[value] = other(bytes[value]),
            }
            let mut changed: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
            changed[at] = &bytes;
            let (code, said) = verified(&project, [changed.join(&b'\n'), b"\n".to_vec()].concat(), &[]);
            assert_eq!((code, &said["problem"]["line"]), (10, &Value::from(at + 1)), "{field}: {said}");
            assert_eq!(said["problem"]["what"], "altered", "{field}: {said}");
        }
    }
    let bytes = log.as_bytes();
    let mut line = 1;
    // What follows the next line changes nothing of what is found first.
    let end = |line: usize| lines.iter().take(line + 1).map(|line| line.len() + 1).sum::<usize>();
    for at in 0..bytes.len() {
        let bytes = &bytes[..end(line)];
        let with = |piece: &[u8]| [&bytes[..at], piece, &bytes[at + 1..]].concat();
        for piece in [&[other(bytes[at])][..], b" ", b"\n", b"\0", b"\xff", &[bytes[at]; 2], b""] {
            let changed = with(piece);
            if changed == bytes {
                continue;
            }
            let found = check(&changed, None).problem;
            let found = found.unwrap_or_else(|| panic!("byte {at} for {piece:?} is not noticed"));
            assert!(found.line == line || found.line == line + 1, "byte {at}, line {line}: {found:?}");
        }
        line += usize::from(bytes[at] == b'\n');
    }
}

#[test]
fn records_cannot_be_removed_moved_repeated_or_put_in() {
    // Goal: order and completeness are held as well (reliability T16). Method: for each of nine records: removed, exchanged
    // with each other one, repeated at each place, another project's put in, cut at half; a whole line that is put in; each is
    // refused with the line where the file parts. The last record alone can go without a trace, and the program says so.
    let project = used();
    let log = project.read(LOG);
    let lines: Vec<&str> = log.lines().collect();
    let stranger = Project::sample();
    stranger.run(&["query"]).code(0);
    let foreign = stranger.read(LOG);
    let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let refused = |lines: &[&str], line: usize, what: &[&str]| {
        let (code, said) = verified(&project, text(lines), &[]);
        let problem = &said["problem"];
        assert!(code == 10 && what.contains(&problem["what"].as_str().unwrap_or("")), "{line}: {said}");
        assert_eq!(problem["line"], line, "{said}");
    };
    for at in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(at);
        if at + 1 < lines.len() {
            refused(&removed, at + 1, &["removed"]);
        } else {
            let (code, said) = verified(&project, text(&removed), &[]);
            assert_eq!(code, 0);
            assert!(said["limits"].as_str().unwrap().contains("cut off at the end leave no trace"), "{said}");
        }
        let mut put_in = lines.clone();
        put_in.insert(at, foreign.trim_end());
        refused(&put_in, if at == 0 { 1 } else { at + 1 }, &["inserted", "altered"]);
        let mut cut = lines.clone();
        cut[at] = &lines[at][..lines[at].len() / 2];
        refused(&cut, at + 1, &["altered"]);
        for to in 0..lines.len() {
            let mut repeated = lines.clone();
            repeated.insert(to, lines[at]);
            // The second of the two is the one too many, also where that is the one that was there.
            refused(
                &repeated,
                if to <= at { if to == at { at + 2 } else { to + 1 } } else { to + 1 },
                &["repeated", "moved"],
            );
            if to > at {
                let mut swapped = lines.clone();
                swapped.swap(at, to);
                refused(&swapped, at + 1, &["moved"]);
            }
        }
    }
    // The file that ends within its last line.
    let (code, said) = verified(&project, &log[..log.len() - 30], &[]);
    assert_eq!((code, &said["problem"]["what"], &said["problem"]["line"]), (10, &"cut".into(), &9.into()));
    let (code, said) = verified(&project, log.trim_end(), &[]);
    assert_eq!((code, &said["problem"]["what"]), (10, &"cut".into()));
}

/// A record of a log with one word exchanged, and everything from there on hashed again, up to a record.
fn hashed_again(log: &str, from: usize, to: usize, word: (&str, &str)) -> String {
    let mut previous = String::new();
    let mut all = String::new();
    for (at, line) in log.lines().enumerate() {
        let (hashed, hash) = line.split_once(",\"hash\":\"").unwrap();
        let mut hashed = hashed.to_owned();
        if at == from {
            assert!(hashed.contains(word.0));
            hashed = hashed.replacen(word.0, word.1, 1);
        } else if at > from && at <= to {
            let start = hashed.find("\"previous\":\"").unwrap() + "\"previous\":\"".len();
            hashed.replace_range(start..start + 64, &previous);
        }
        previous = if at >= from && at <= to {
            sha256(hashed.as_bytes())
        } else {
            hash.trim_end_matches("\"}").to_owned()
        };
        all += &format!("{hashed},\"hash\":\"{previous}\"}}\n");
    }
    all
}

#[test]
fn what_is_hashed_again_is_found_by_its_successor_or_by_a_kept_head() {
    // Goal: the limits of a chain without a key are known, said, and made good by a head that is kept elsewhere (reliability
    // T17). Method: each record altered and hashed again alone is found; with everything after it hashed again it is found with
    // a head alone, as is an end that was cut off at each record; the output says so in each case.
    let project = used();
    let log = project.read(LOG);
    let head = last(&project)["hash"].as_str().unwrap().to_owned();
    let count = log.lines().count();
    for at in 0..count {
        let word = ("\"schema\":1,", "\"schema\":1, ");
        let alone = hashed_again(&log, at, at, word);
        let all = hashed_again(&log, at, count, word);
        if at + 1 < count {
            let (code, said) = verified(&project, &alone, &[]);
            assert_eq!((code, &said["problem"]["line"]), (10, &Value::from(at + 1)), "{said}");
        }
        let cut: String = log.lines().take(at).map(|line| format!("{line}\n")).collect();
        for unnoticed in [&all, &cut] {
            let (code, said) = verified(&project, unnoticed, &[]);
            assert_eq!(code, 0, "{said}");
            assert!(said["limits"].as_str().unwrap().contains("whoever can write the whole file"));
            let (code, said) = verified(&project, unnoticed, &["--head", &head]);
            assert_eq!((code, &said["problem"]["what"]), (10, &"head".into()), "{said}");
        }
    }
    // A head that was kept earlier still fits, and says what came later.
    let early = records(&project)[3]["hash"].as_str().unwrap().to_owned();
    let said = project.run(&["audit", "verify", "--head", &early.to_uppercase()]).code(0);
    assert!(said.stdout.contains("it is record 4; 5 later ones follow it"), "{}", said.stdout);
    assert!(said.stdout.contains("whoever can write the whole file"), "{}", said.stdout);
    let said = project.run(&["audit", "verify"]).code(0);
    assert!(said.stdout.contains("an end that was cut off cannot be noticed"), "{}", said.stdout);
    project.run(&["audit", "verify", "--head", &head[..12]]).code(2).says("64 digits");
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
    project.run(&["audit", "verify"]).code(0);
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
fn a_cut_line_stays_and_the_next_record_notes_it() {
    // Goal: after a power failure the log goes on, and nothing that was written is taken away (reliability F11). Method: half a
    // record at the end; the check names it, the next command says it once, and from then on it is accounted for by a hash:
    // without the cut line, or with another one, the log is refused.
    let project = Project::sample();
    project.run(&["query"]).code(0);
    let whole = project.read(LOG);
    let half = &whole[..100];
    project.append(LOG, half);
    project.run(&["audit", "verify"]).code(10);
    project.run(&["query"]).code(0).says("record 2 notes it");
    project.run(&["query"]).code(0);
    let log = project.read(LOG);
    assert!(log.starts_with(&format!("{whole}{half}\n")));
    let torn: Value = serde_json::from_str(log.lines().nth(2).unwrap()).unwrap();
    assert_eq!(
        (&torn["torn"]["bytes"], &torn["torn"]["sha256"]),
        (&100.into(), &sha256(half.as_bytes()).into())
    );
    let said = project.run(&["audit", "verify"]).code(0);
    assert!(said.stdout.contains("line 2 was cut"), "{}", said.stdout);
    for changed in
        [log.replacen(&format!("{half}\n"), "", 1), log.replacen(&format!("{half}\n"), "half\n", 1)]
    {
        assert_eq!(verified(&project, changed, &[]).0, 10);
    }
}

#[test]
fn a_clock_that_goes_back_is_told() {
    // Goal: order is by number and never by clock (reliability F8). Method: a last record of the year 2999; the next command
    // warns and is recorded after it, and the check notes it and is content.
    let project = Project::sample();
    let future = Record::new(Moment::parse("2999-01-01T00:00:00Z").unwrap(), "query");
    audit::append(&project.path(LOG), future).unwrap();
    project.run(&["query"]).code(0).says("is behind the last record");
    assert_eq!(last(&project)["seq"], 2);
    let said = project.run(&["audit", "verify"]).code(0);
    assert!(said.stdout.contains("the clock went back"), "{}", said.stdout);
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
    project.run(&["audit", "verify"]).code(0);
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
    project.run(&["audit", "verify"]).code(0);
}

#[test]
fn the_records_are_shown_as_a_table() {
    // Goal: who ran which scope when, and which version came out, without reading JSON. Method: the last three records for
    // people, as CSV and as JSON; a declared name that a spreadsheet would run as a formula; a log that is not whole is shown
    // with a warning and exit 10.
    let project = used();
    project.run(&["query", "--region", "EU", "--as", "=1+1"]);
    let people = project.run(&["audit", "show", "--last", "3"]).code(0).stdout;
    assert!(people.contains("build    findings") && people.contains("3 of 10 records, head "), "{people}");
    assert!(people.contains("scope=from=2026-05-01&to=2026-05-31&region=EU"), "{people}");
    let csv = project.run(&["audit", "show", "--last", "3", "--format", "csv"]).code(0).stdout;
    let csv = rows(&csv);
    assert_eq!(csv.iter().map(|row| row["Record"].as_str()).collect::<Vec<_>>(), ["8", "9", "10"]);
    assert_eq!((csv[2]["Declared"].as_str(), csv[2]["Snapshot"].as_str()), ("'=1+1", "2026-06-18"));
    let json = project.run(&["audit", "show", "--format", "json"]).code(0).json();
    assert_eq!(
        (json["records"].as_array().unwrap().len(), &json["records"][0]["declared"]),
        (10, &"Marco".into())
    );
    let log = project.read(LOG);
    project.write(LOG, log.replacen("Marco", "Macro", 1));
    project.run(&["audit", "show"]).code(10).says("the audit log is not whole; line 1");
}

/// A line of an access log in the combined format.
fn view(user: &str, time: &str, request: &str, status: u16) -> String {
    format!("192.0.2.7 - {user} [{time}] \"{request}\" {status} 512 \"-\" \"Mozilla/5.0\"\n")
}

/// A project whose log has three sites of known times, and an access log around them.
fn viewed() -> Project {
    let project = Project::sample();
    let site = |time: &str, snapshot: &str, sum: char, is_named: bool| {
        let mut record = Record::new(Moment::parse(time).unwrap(), "build");
        (record.made, record.snapshot, record.sha256) =
            (Made::Site, snapshot.to_owned(), sum.to_string().repeat(64));
        if is_named {
            record.arguments.insert("output".to_owned(), "named".to_owned());
        }
        audit::append(&project.path(LOG), record).unwrap();
    };
    site("2026-06-17T06:00:00Z", "2026-06-17", 'a', false);
    site("2026-06-17T12:00:00Z", "2026-06-17", 'b', true);
    site("2026-06-18T06:00:00Z", "2026-06-18", 'c', false);
    // A question is no site.
    audit::append(&project.path(LOG), Record::new(Moment::parse("2026-06-18T07:00:00Z").unwrap(), "query"))
        .unwrap();
    let page = "GET /rebates/internal/order/ord2001.html HTTP/1.1";
    let log = [
        view("rina", "17/Jun/2026:05:59:59 +0000", page, 200),
        // 14:00 in Shanghai is 06:00 in UTC.
        view("Rina", "17/Jun/2026:14:00:00 +0800", page, 200),
        view("stranger", "18/Jun/2026:05:59:59 +0000", page, 304),
        view(
            "-",
            "18/Jun/2026:06:00:01 +0000",
            "GET /rebates/internal/query.html?from=2026-05-01&to=2026-05-31 HTTP/1.1",
            200,
        ),
        view("rina", "18/Jun/2026:06:30:00 +0000", "GET /rebates/internal/order/xord2001.html HTTP/1.1", 200),
        view("rina", "18/Jun/2026:06:31:00 +0000", page, 404),
        view("rina", "18/Jun/2026:06:32:00 +0000", "GET /rebates/internal/assets/site.css HTTP/1.1", 200),
        "no line of this kind\n".to_owned(),
        view("rina", "18/Jun/2026:08:00:00 +0000", page, 200),
    ];
    project.write("input/metrics/users.csv", "user,team\nrina,sales\nsam,support\n");
    project.write("access.log", log.concat());
    project
}

#[test]
fn each_view_is_told_with_the_version_that_was_live() {
    // Goal: which record version a user saw (A-136), from the one source that knows (T-11). Method: views one second before, at
    // and after the sites of a log with known times, in two zones; by hand: before the first site nothing is known, then a, then c;
    // the site in another folder is left out, and asked for with --output it is the only one.
    let project = viewed();
    let before = names(&project);
    let run = project.run(&["audit", "views", "--log", "access.log", "--format", "csv"]).code(0);
    let told: Vec<[String; 5]> = rows(&run.stdout)
        .iter()
        .map(|row| ["Time", "Team", "Page", "Snapshot", "Manifest"].map(|name| row[name].clone()))
        .collect();
    let order = "rebates/internal/order/ord2001.html";
    let (a, c) = ("a".repeat(64), "c".repeat(64));
    let expected = [
        ["2026-06-17T05:59:59Z", "sales", order, "not known", "not known"],
        ["2026-06-17T06:00:00Z", "sales", order, "2026-06-17", &a],
        ["2026-06-18T05:59:59Z", "not in users.csv", order, "2026-06-17", &a],
        ["2026-06-18T06:00:01Z", "no user name", "rebates/internal/query.html", "2026-06-18", &c],
        ["2026-06-18T06:30:00Z", "sales", "rebates/internal/order/xord2001.html", "2026-06-18", &c],
        ["2026-06-18T08:00:00Z", "sales", order, "2026-06-18", &c],
    ];
    assert_eq!(told, expected.map(|row| row.map(str::to_owned)));
    assert_eq!(rows(&run.stdout)[3]["Scope"], "from=2026-05-01&to=2026-05-31");
    assert!(run.stderr.contains("9 lines, 6 views"), "{}", run.stderr);
    assert!(
        !format!("{}{}", run.stdout, run.stderr).to_lowercase().contains("rina"),
        "names are not printed unasked"
    );
    let of_page = ["audit", "views", "--log", "access.log", "--page", "order/ord2001.html"];
    let run = project.run(&of_page).code(0);
    assert!(run.stdout.contains("4 views") && run.stdout.contains("version not known"), "{}", run.stdout);
    let run = project
        .run(&[&of_page[..], &["--user", "RINA", "--names", "--format", "json"]].concat())
        .code(0)
        .json();
    let users: Vec<&str> =
        run["views"].as_array().unwrap().iter().map(|row| row["user"].as_str().unwrap()).collect();
    assert_eq!(users, ["rina", "Rina", "rina"]);
    let named = project.run(&[&of_page[..], &["--output", "elsewhere", "--format", "csv"]].concat()).code(0);
    let manifests: Vec<String> = rows(&named.stdout).iter().map(|row| row["Manifest"].clone()).collect();
    let b = "b".repeat(64);
    assert_eq!(manifests, ["not known", "not known", &b, &b]);
    assert_eq!(names(&project), before, "nothing of an access log is written");
    assert_eq!(project.read(LOG).lines().count(), 4);
}

#[test]
fn access_logs_come_packed_and_short() {
    // Goal: logs as servers keep them. Method: the same log with gzip gives the same rows; the common format without agent and
    // referrer is read; a log that is not there is an error.
    let project = viewed();
    let plain = project.run(&["audit", "views", "--log", "access.log", "--format", "csv"]).code(0).stdout;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(project.read("access.log").as_bytes()).unwrap();
    project.write("access.log.1.gz", packed.finish().unwrap());
    let again =
        project.run(&["audit", "views", "--log", "access.log.1.gz", "--format", "csv"]).code(0).stdout;
    assert_eq!(plain, again);
    let short = project.read("access.log").replace(" \"-\" \"Mozilla/5.0\"", "");
    project.write("common.log", short);
    let common = project.run(&["audit", "views", "--log", "common.log", "--format", "csv"]).code(0).stdout;
    assert_eq!(plain, common);
    project.run(&["audit", "views", "--log", "none.log"]).code(3);
    // A log of records that is not whole is no basis: the rows come with exit 10.
    let log = project.read(LOG);
    project.write(LOG, log.replacen("2026-06-17\"", "2026-06-16\"", 1));
    project.run(&["audit", "views", "--log", "access.log"]).code(10).says("the audit log is not whole");
}

#[test]
fn the_about_page_says_what_is_recorded_and_what_is_not() {
    // Goal: the site does not pretend to log what it cannot (design 10, T-11). Method: the words of the section; no record, no
    // time of a run and no account is on the page.
    let page = &sample().tree.text("about.html");
    let section = page.split("Who ran and saw what").nth(2).unwrap_or_else(|| panic!("{page}"));
    for words in [
        "build, query, close, verify, explain, diff Who, when, which scope, which snapshot and record set",
        "audit.jsonl beside tieout.toml, outside of this site",
        "A page is opened Not recorded by this page The access log of the web server",
        "A query in the browser Not recorded by this page",
        "from a copy of this folder, or again by the browser alone Not known Nowhere",
        "tieout audit verify",
        "it cannot notice an end that was cut off, nor a log that was written anew",
    ] {
        assert!(section.contains(words), "`{words}` is not in\n{section}");
    }
    let project = used();
    let about = text_of(&project.read("site/internal/about.html"));
    assert!(!about.contains("Marco") && !about.contains("Rina"));
    assert!(!about.contains(records(&project)[0]["hash"].as_str().unwrap()));
}

#[test]
fn the_documentation_names_the_fields_and_the_limits() {
    // Goal: an auditor can check the log without this program. Method: docs/audit.md names every field and outcome, and its
    // command for a hash gives the hash of a real line.
    let docs = fs::read_to_string(repository().join("docs/audit.md")).unwrap();
    for field in FIELDS.iter().chain(&["torn", "hash"]) {
        assert!(docs.contains(&format!("| `{field}` |")), "{field}");
    }
    for outcome in ["done", "findings", "bug", "usage", "input", "publish", "busy"] {
        assert!(docs.contains(&format!("`{outcome}`")), "{outcome}");
    }
    let command = docs.lines().find(|line| line.starts_with("sed -n")).unwrap();
    let project = Project::sample();
    project.run(&["query"]).code(0);
    project.run(&["query"]).code(0);
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(command)
        .current_dir(project.path(""))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        printed.split_whitespace().next(),
        records(&project)[1]["hash"].as_str(),
        "{command}: {printed}"
    );
}

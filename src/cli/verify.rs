//! `tieout verify`: whether a site is what its checksums say and what its input gives.

use std::path::Path;

use serde_json::{Value, json};

use super::{Format, Shared, print};
use crate::error::{Error, exit};
use crate::model::money::grouped;
use crate::pipeline::{self, MadeAgain, Skipped, Verified};
use crate::verify::{About, Difference, Mode, What};

/// Examples of the command, for its help.
pub(super) const EXAMPLES: &str = "Examples:
  tieout verify                          the folder site, from input, content and templates here
  tieout verify site/internal            one tree of it
  tieout verify close/2026-05            a close pack, sealed or not
  tieout verify old-site --input kept/input --format json

First every file against manifest.json and SHA256SUMS, then everything made again from the input of the manifest's
snapshot and compared byte by byte; nothing is changed. Exit 10 when anything does not agree.";

/// Differences that are printed before the rest is only counted.
const PRINTED: usize = 50;

/// What no check of this kind can show (reliability T17).
const LIMITS: [&str; 3] = [
    "This shows that the files follow from this input under this program, and that nothing was changed since.",
    "It does not show who made them, nor that the input is what the vendor sent: whoever can replace site, input",
    "and program together can make them agree. Compare the manifest's checksum with one that was kept elsewhere.",
];

/// Verifies a folder.
pub(super) fn run(path: Option<&Path>, shared: &Shared) -> Result<u8, Error> {
    let site = shared.site();
    let path = path.unwrap_or(&site);
    let progress = shared.progress();
    let verified = pipeline::verify(&shared.options(), path, &*progress)?;
    drop(progress);
    shared.trail.shows(&verified.manifest.snapshot, "");
    shared.trail.argument("manifest", verified.manifest_sha256.clone());
    if shared.format == Format::Json {
        print::result(&document(path, &verified).to_string());
    } else {
        print::result(in_words(path, &verified).trim_end());
    }
    Ok(if verified.agrees() { exit::DONE } else { exit::FINDINGS })
}

fn count(number: usize) -> String {
    grouped(&number.to_string())
}

fn of(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", count(number)) }
}

/// The result for people.
fn in_words(path: &Path, verified: &Verified) -> String {
    let mut out = String::new();
    let mut line = |name: &str, words: &str| {
        out.push_str(format!("{name:<11} {words}").trim_end());
        out.push('\n');
    };
    let manifest = &verified.manifest;
    line("verified", &format!("{}, snapshot {}", path.display(), manifest.snapshot));
    line("manifest", &verified.manifest_sha256);
    let sums = &verified.sums;
    let files = format!("{}, {} bytes", of(sums.files, "file", "files"), grouped(&sums.bytes.to_string()));
    match sums.faults.len() {
        0 => line("checksums", &format!("{files}: every file is the one that was published")),
        faults => {
            line("checksums", &format!("{files}: {} wrong", of(faults, "file is", "files are")));
            for (path, fault) in sums.faults.iter().take(PRINTED) {
                line("", &format!("{path} {}", fault.in_words()));
            }
            if faults > PRINTED {
                line("", &format!("… and {} more; --format json names all", count(faults - PRINTED)));
            }
        }
    }
    match verified.inputs.len() {
        0 => line("input", &format!("{}: all as they were", of(manifest.inputs.len(), "file", "files"))),
        changed => {
            line("input", &format!("{} not what the manifest cites:", of(changed, "file is", "files are")));
            for (path, what) in &verified.inputs {
                line("", &format!("{path} is {what}"));
            }
            line("", "figures cannot be made again from other input; what differs below may come from that");
        }
    }
    match &verified.made {
        Err(skipped) => line("made again", &format!("nothing: {}", skipped.0)),
        Ok(made) => made_in_words(&mut line, verified, made),
    }
    line("result", verdict(verified));
    LIMITS.iter().for_each(|words| line("", words));
    out
}

fn made_in_words(line: &mut impl FnMut(&str, &str), verified: &Verified, made: &MadeAgain) {
    let counts = &made.counts;
    let figures = format!(
        "{} on {}, {} in {}",
        of(counts.amounts, "amount", "amounts"),
        of(counts.pages, "page", "pages"),
        of(counts.numbers, "number", "numbers"),
        of(counts.tables, "CSV file or workbook", "CSV files and workbooks"),
    );
    let wrong = made.differences.iter().filter(|d| d.what != What::Words).count();
    match made.mode {
        Mode::Bytes => {
            let bytes = grouped(&counts.bytes.to_string());
            let words =
                if made.differences.is_empty() { "the same, byte for byte" } else { "not all the same" };
            line("made again", &format!("{}, {bytes} bytes: {words}", of(counts.files, "file", "files")));
        }
        Mode::Figures => line(
            "made again",
            &format!(
                "with another version of {} than the folder was made with: words may differ, so only figures are compared, \
                 and data files of scripts are not",
                verified.others.join(", ")
            ),
        ),
    }
    for (name, result) in &made.sealed {
        match result {
            Ok(()) => line("sealed", &format!("close/{name}: made again from what it cites")),
            Err(skipped) => line("sealed", &format!("close/{name}: NOT made again, {}", skipped.0)),
        }
    }
    line("figures", &format!("{figures}: {}", if wrong == 0 { "all agree" } else { "not all agree" }));
    for difference in made.differences.iter().take(PRINTED) {
        for words in difference_in_words(difference) {
            line("", &words);
        }
    }
    if made.differences.len() > PRINTED {
        let more = count(made.differences.len() - PRINTED);
        line("", &format!("… and {more} more differences; --format json names all"));
    }
}

fn verdict(verified: &Verified) -> &'static str {
    match &verified.made {
        Err(_) => "NOT VERIFIED: nothing could be made again",
        Ok(made) if verified.agrees() && made.mode == Mode::Figures => {
            "words differ or may differ, all figures agree"
        }
        Ok(_) if verified.agrees() => "everything agrees",
        Ok(_) => "DOES NOT AGREE",
    }
}

/// A difference in one or two lines.
fn difference_in_words(difference: &Difference) -> Vec<String> {
    let path = &difference.path;
    match difference.what {
        What::Missing => vec![format!("{path} is missing")],
        What::Extra => vec![format!("{path} is there, and nothing makes it")],
        What::Figure | What::Words => {
            let kind = if difference.what == What::Figure { " (figure)" } else { "" };
            let mut lines = vec![format!("{path}, {}{kind}", difference.place)];
            let about = difference.about.as_ref().filter(|_| difference.what == What::Figure);
            let about = about.map(about_in_words).unwrap_or_default();
            lines.push(format!(
                "  is {} and should be {}{about}",
                shown(&difference.found),
                shown(&difference.expected)
            ));
            lines
        }
    }
}

fn about_in_words(about: &About) -> String {
    format!("; measure {}, scope {}, snapshot {}", about.measure, about.scope, about.snapshot)
}

/// A piece of a file in a line: without its line breaks.
fn shown(text: &str) -> String {
    format!("`{}`", text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"))
}

/// The result for programs.
fn document(path: &Path, verified: &Verified) -> Value {
    let made = match &verified.made {
        Err(skipped) => json!({"skipped": skipped.0}),
        Ok(made) => json!({
            "compared": match made.mode { Mode::Bytes => "bytes", Mode::Figures => "figures" },
            "files": made.counts.files,
            "bytes": made.counts.bytes,
            "pages": made.counts.pages,
            "amounts": made.counts.amounts,
            "tables": made.counts.tables,
            "numbers": made.counts.numbers,
            "differences": made.differences.iter().map(difference_json).collect::<Vec<_>>(),
            "sealed": made.sealed.iter().map(sealed_json).collect::<Vec<_>>(),
        }),
    };
    let faults = verified.sums.faults.iter();
    json!({
        "schema": 1,
        "path": path.display().to_string(),
        "snapshot": verified.manifest.snapshot,
        "audience": verified.manifest.audience,
        "manifest_sha256": verified.manifest_sha256,
        "agrees": verified.agrees(),
        "result": verdict(verified),
        "limits": LIMITS.join(" "),
        "checksums": {
            "files": verified.sums.files,
            "bytes": verified.sums.bytes,
            "faults": faults.map(|(path, fault)| json!({"path": path, "fault": fault.code()})).collect::<Vec<_>>(),
        },
        "input": {
            "files": verified.manifest.inputs.len(),
            "differences": verified.inputs.iter().map(|(path, what)| json!({"path": path, "what": what})).collect::<Vec<_>>(),
        },
        "other_versions": verified.others,
        "made_again": made,
    })
}

fn sealed_json((name, result): &(String, Result<(), Skipped>)) -> Value {
    json!({"pack": name, "skipped": result.as_ref().err().map(|skipped| &skipped.0)})
}

fn difference_json(difference: &Difference) -> Value {
    let mut value = json!({"path": difference.path, "what": difference.what.code()});
    let Some(object) = value.as_object_mut() else { return value };
    if matches!(difference.what, What::Figure | What::Words) {
        object.insert("place".to_owned(), json!(difference.place));
        object.insert("found".to_owned(), json!(difference.found));
        object.insert("expected".to_owned(), json!(difference.expected));
    }
    if let Some(about) = &difference.about {
        object.insert("measure".to_owned(), json!(about.measure));
        object.insert("scope".to_owned(), json!(about.scope));
        object.insert("snapshot".to_owned(), json!(about.snapshot));
    }
    value
}

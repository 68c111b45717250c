//! A workbook calculated anew by LibreOffice, and every cell that is another one afterwards.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use calamine::{Data, Reader, Xlsx};

/// Set by `.ci/run` to `required`: then a missing LibreOffice fails.
const REQUIRED: &str = "TIEOUT_SOFFICE";
/// How long LibreOffice may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Tells LibreOffice to calculate a workbook that another program wrote whenever it opens it; its own default is never.
const ALWAYS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// What came of calculating a workbook anew.
pub(crate) struct Recalculated {
    /// How many cells have a formula.
    pub(crate) formulas: usize,
    /// Each cell that has another value or lost its formula, and each error value, by its place.
    pub(crate) differences: Vec<String>,
}

/// Calculates a workbook anew, in a fresh profile. Nothing when LibreOffice is not installed and not required; says so.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn recalculated(workbook: &Path) -> Option<Recalculated> {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(profile.join("user/registrymodifications.xcu"), ALWAYS).unwrap();
    fs::copy(workbook, folder.path().join("before.xlsx")).unwrap();
    let started = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args([
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            "after",
            "before.xlsx",
        ])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(
                std::env::var(REQUIRED).as_deref() != Ok("required"),
                "`soffice` is not installed: apt-get install --no-install-recommends libreoffice-calc"
            );
            eprintln!("skipped: the workbook is not calculated anew, because `soffice` is not installed");
            return None;
        }
        Err(error) => panic!("soffice: {error}"),
    };
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("soffice takes longer than {LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = Cells::of(workbook);
    let after = Cells::of(&folder.path().join("after/before.xlsx"));
    Some(Recalculated { formulas: before.formulas.len(), differences: before.differences(&after) })
}

/// The cells of a workbook, by sheet and place; empty ones left out.
struct Cells {
    values: BTreeMap<(String, u32, u32), Data>,
    formulas: BTreeMap<(String, u32, u32), String>,
}

impl Cells {
    fn of(path: &Path) -> Cells {
        let mut workbook: Xlsx<_> = calamine::open_workbook(path).unwrap();
        let (mut values, mut formulas) = (BTreeMap::new(), BTreeMap::new());
        for sheet in workbook.sheet_names() {
            let range = workbook.worksheet_range(&sheet).unwrap();
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                values.insert((sheet.clone(), top + row as u32, left + column as u32), value.clone());
            }
            let range = workbook.worksheet_formula(&sheet).unwrap();
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, formula) in range.used_cells().filter(|(_, _, formula)| !formula.is_empty()) {
                formulas.insert((sheet.clone(), top + row as u32, left + column as u32), formula.clone());
            }
        }
        Cells { values, formulas }
    }

    fn differences(&self, after: &Cells) -> Vec<String> {
        let mut found = Vec::new();
        let places =
            self.values.keys().chain(after.values.keys().filter(|at| !self.values.contains_key(*at)));
        for at in places {
            let (before, after) = (said(self.values.get(at)), said(after.values.get(at)));
            if before != after || before.starts_with("error") {
                let (sheet, row, column) = at;
                let formula = self.formulas.get(at).map_or("", String::as_str);
                found.push(format!(
                    "{sheet}, row {}, column {}: {before}, then {after} {formula}",
                    row + 1,
                    column + 1
                ));
            }
        }
        let lost = self.formulas.keys().filter(|at| !after.formulas.contains_key(*at));
        found.extend(lost.map(|(sheet, row, _)| format!("{sheet}, row {}: the formula is lost", row + 1)));
        found
    }
}

/// The type and the value of a cell; numbers in full.
fn said(value: Option<&Data>) -> String {
    match value {
        None | Some(Data::Empty) => "nothing".to_owned(),
        Some(Data::String(text)) => format!("text {text:?}"),
        Some(Data::Float(number)) => format!("number {number}"),
        Some(Data::DateTime(moment)) => format!("date {}", moment.as_f64()),
        Some(Data::Error(error)) => format!("error {error}"),
        Some(other) => format!("other {other:?}"),
    }
}

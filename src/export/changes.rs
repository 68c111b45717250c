//! The data of `changes/index.html` as script files, which a page opened from disk can load under a policy that allows
//! nothing but scripts of its own folder.
//!
//! Shape of a file: one call of `tieout.take` with its address and a JSON object: `schema`, `set`, `texts`, then one list
//! of rows for each table. An amount that a binary number of the browser cannot hold is written as text.

use rayon::prelude::*;

use crate::error::Error;
use crate::report::Report;
use crate::report::changes::data::{DataScript, Grid};
use crate::site::Site;

/// The version of the shape of the files.
const SCHEMA: u32 = 1;

/// The largest whole number that a browser reads exactly.
const LARGEST_EXACT: u128 = (1 << 53) - 1;

/// Adds every file of `changes/data/` to a site.
///
/// # Errors
/// [`Error::Publish`] when a file cannot be written, [`Error::Identity`] when its path is taken.
pub fn files(report: &Report<'_>, site: &Site) -> Result<(), Error> {
    report.change_data().into_par_iter().try_for_each(|part| {
        let scripts = report.change_scripts(part);
        scripts.iter().try_for_each(|file| site.add(&file.path, script(file).as_bytes()))
    })
}

/// The text of a file.
fn script(file: &DataScript) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str("tieout.take(");
    push_text(&mut out, &file.path);
    out.push_str(&format!(",{{\"schema\":{SCHEMA},\"set\":"));
    push_text(&mut out, &file.set);
    out.push_str(",\n\"texts\":[");
    for (number, text) in file.texts.iter().enumerate() {
        out.push_str(if number == 0 { "" } else { "," });
        push_text(&mut out, text);
    }
    out.push(']');
    for (name, grid) in &file.grids {
        out.push_str(",\n");
        push_text(&mut out, name);
        out.push_str(":[");
        push_rows(&mut out, grid);
        out.push(']');
    }
    out.push_str("});\n");
    out
}

fn push_rows(out: &mut String, grid: &Grid) {
    for (number, row) in grid.cells.chunks(grid.width.max(1)).enumerate() {
        out.push_str(if number == 0 { "\n[" } else { ",\n[" });
        for (column, cell) in row.iter().enumerate() {
            out.push_str(if column == 0 { "" } else { "," });
            match *cell {
                Grid::NONE => out.push_str("null"),
                number if number.unsigned_abs() <= LARGEST_EXACT => out.push_str(&number.to_string()),
                number => push_text(out, &number.to_string()),
            }
        }
        out.push(']');
    }
}

/// A text as a JSON string that also stands in a script: nothing in it ends a script element, opens a comment or ends a
/// line.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '<' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(texts: Vec<String>, cells: Vec<i128>) -> DataScript {
        let grid = Grid { width: 2, cells };
        DataScript {
            path: "changes/data/x.js".to_owned(),
            set: "abc".to_owned(),
            texts,
            grids: vec![("rows", grid)],
        }
    }

    /// The JSON object of a file.
    fn object(text: &str) -> serde_json::Value {
        let json = text.strip_prefix("tieout.take(\"changes/data/x.js\",").unwrap();
        serde_json::from_str(json.strip_suffix(");\n").unwrap()).unwrap()
    }

    #[test]
    fn numbers_beyond_what_a_browser_holds_are_text() {
        // Goal: no amount is rounded on its way. Method: around 2^53 on both sides, the largest, and none.
        let edge = 9_007_199_254_740_991;
        let written = script(&file(vec![], vec![edge, edge + 1, -edge, -edge - 1, Grid::NONE, i128::MAX]));
        let rows = "[[9007199254740991,\"9007199254740992\"],[-9007199254740991,\"-9007199254740992\"],\
                    [null,\"170141183460469231731687303715884105727\"]]";
        assert_eq!(object(&written)["rows"], serde_json::from_str::<serde_json::Value>(rows).unwrap());
        assert_eq!(object(&script(&file(vec![], vec![])))["rows"], serde_json::json!([]));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_and_none_leaves_the_script(
            texts in prop::collection::vec("\\PC*|[\"\\\\</!>\u{0}-\u{1f}\u{7f}\u{2028}\u{2029}script-]*", 1..6),
        ) {
            // Goal: text of an extract is data wherever it stands. Method: any text, and text of the characters that mean
            // something in a script; the list comes back as it was, and nothing that ends an element, a comment or a line
            // is left.
            let written = script(&file(texts.clone(), vec![]));
            prop_assert_eq!(&object(&written)["texts"], &serde_json::json!(texts));
            prop_assert!(!written.contains('<'));
            let ends_a_line = ['\u{2028}', '\u{2029}', '\r', '\0'];
            prop_assert!(!written.contains(ends_a_line));
        }
    }
}

//! Data files as script text, which a page opened from disk can load under a policy that allows nothing but scripts of its
//! own folder.
//!
//! Shape of a file: one call of `tieout.take` with its address and a JSON object: `schema`, `set`, `texts`, then one list
//! of rows for each table. An amount that a binary number of the browser cannot hold is written as text.

use sha2::{Digest, Sha256};

use crate::report::script::{DataScript, Grid};

/// The version of the shape of the files.
const SCHEMA: u32 = 1;

/// The largest whole number that a browser reads exactly.
const LARGEST_EXACT: u128 = (1 << 53) - 1;

/// The text of a file and the name of its set.
pub(super) struct Script {
    /// The script.
    pub(super) text: String,
    /// The name.
    pub(super) set: String,
}

/// Makes the script of a file.
pub(super) fn script(file: &DataScript) -> Script {
    let body = body(file);
    let set = if file.set.is_empty() { checksum(&body) } else { file.set.clone() };
    let mut text = String::with_capacity(body.len() + 128);
    text.push_str("tieout.take(");
    push_text(&mut text, &file.path);
    text.push_str(&format!(",{{\"schema\":{SCHEMA},\"set\":"));
    push_text(&mut text, &set);
    text.push_str(&body);
    Script { text, set }
}

/// The first 8 hex digits of SHA-256.
fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// What comes after the name of the set.
fn body(file: &DataScript) -> String {
    let mut out = String::with_capacity(1024);
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

    fn text(file: &DataScript) -> String {
        script(file).text
    }

    #[test]
    fn a_file_without_a_name_is_named_by_its_content() {
        // Goal: a file whose content stays keeps its bytes, and another content has another name. Method: two files that
        // differ in one number, one of them twice.
        let named = |cells| script(&DataScript { set: String::new(), ..file(vec![], cells) });
        assert_eq!(named(vec![1, 2]).text, named(vec![1, 2]).text);
        assert_ne!(named(vec![1, 2]).set, named(vec![1, 3]).set);
        assert_eq!(object(&named(vec![1, 2]).text)["set"], named(vec![1, 2]).set);
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
        let written = text(&file(vec![], vec![edge, edge + 1, -edge, -edge - 1, Grid::NONE, i128::MAX]));
        let rows = "[[9007199254740991,\"9007199254740992\"],[-9007199254740991,\"-9007199254740992\"],\
                    [null,\"170141183460469231731687303715884105727\"]]";
        assert_eq!(object(&written)["rows"], serde_json::from_str::<serde_json::Value>(rows).unwrap());
        assert_eq!(object(&text(&file(vec![], vec![])))["rows"], serde_json::json!([]));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_and_none_leaves_the_script(
            texts in prop::collection::vec("\\PC*|[\"\\\\</!>\u{0}-\u{1f}\u{7f}\u{2028}\u{2029}script-]*", 1..6),
        ) {
            // Goal: text of an extract is data wherever it stands. Method: any text, and text of the characters that mean
            // something in a script; the list comes back as it was, and nothing that ends an element, a comment or a line
            // is left.
            let written = text(&file(texts.clone(), vec![]));
            prop_assert_eq!(&object(&written)["texts"], &serde_json::json!(texts));
            prop_assert!(!written.contains('<'));
            let ends_a_line = ['\u{2028}', '\u{2029}', '\r', '\0'];
            prop_assert!(!written.contains(ends_a_line));
        }
    }
}

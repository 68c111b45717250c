//! How the text of a file was found to be laid out, where the next file could be found to be laid out otherwise.
//!
//! Read from what `format` says it found out; a test holds the two together, file by file.

/// What stands around a field unless something else does.
const QUOTE: &str = "quote ";
/// Encodings that show themselves, in a mark or in every byte.
const CERTAIN: [&str; 2] = ["byte-order mark", "its bytes are valid"];

/// What was found out, each with its evidence in words; nothing where a file states it itself or is laid out as canonical
/// files are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The encoding, by its label.
    pub(super) encoding: Option<(String, String)>,
    /// The delimiter, as one character.
    pub(super) delimiter: Option<(String, String)>,
    /// The quote, as one character.
    pub(super) quote: Option<(String, String)>,
}

impl Layout {
    /// Of a table, by what was found out of it and the byte between its fields.
    pub(super) fn of(detected: &[String], delimiter: u8) -> Layout {
        let mut layout = Layout::default();
        for said in detected {
            let (what, why) = said.split_once(" (").unwrap_or((said, ""));
            let why = why.trim_end_matches(')');
            if let Some(name) = what.strip_prefix("encoding ") {
                let is_certain = CERTAIN.iter().any(|certain| why.starts_with(certain));
                layout.encoding = (!is_certain).then(|| (name.to_lowercase(), why.to_owned()));
            } else if what.starts_with("delimiter ") {
                let is_stated = why.is_empty() || why.contains("sep=") || why.starts_with("nothing parts");
                let is_plain = delimiter == b',' && is_even(why);
                let mark = char::from(delimiter).to_string();
                layout.delimiter = (!is_stated && !is_plain).then(|| (mark, why.to_owned()));
            } else if let Some(mark) = said.strip_prefix(QUOTE) {
                layout.quote = Some((mark.to_owned(), "fields stand in it".to_owned()));
            }
        }
        layout
    }

    /// Keeps what is so in another file as well.
    pub(super) fn merge(&mut self, other: &Layout) {
        for (own, other) in [
            (&mut self.encoding, &other.encoding),
            (&mut self.delimiter, &other.delimiter),
            (&mut self.quote, &other.quote),
        ] {
            if own.as_ref().map(|own| &own.0) != other.as_ref().map(|other| &other.0) {
                *own = None;
            }
        }
    }
}

/// Whether all records that were looked at have one width: `20 of 20 records have 6 fields`.
fn is_even(why: &str) -> bool {
    let mut numbers = why.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty());
    numbers.next() == numbers.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::format::{self, Declared};

    fn layout(bytes: &[u8]) -> (Option<String>, Option<String>, Option<String>) {
        let sheets = format::open("a.csv", bytes.to_vec(), &Declared::default()).unwrap();
        let layout = Layout::of(&sheets[0].detected, sheets[0].delimiter);
        let value = |of: Option<(String, String)>| of.map(|(value, why)| format!("{value}: {why}"));
        (value(layout.encoding), value(layout.delimiter), value(layout.quote))
    }

    #[test]
    fn what_the_next_file_may_not_show_is_kept() {
        // Goal: a file is read next month as it was read this month (formats 8, trap 2). Method: files of each layout through the
        // code that opens them; what states itself is not repeated.
        let rows = "Order,Name,Net\nO-1,Anna,5.00\nO-2,Bert,6.00\n";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(layout(rows.as_bytes()), (None, None, None));
        assert_eq!(layout(format!("\u{feff}{rows}").as_bytes()), (None, None, None));
        assert_eq!(
            layout(rows.replace(',', ";").as_bytes()),
            (None, some(";: 3 of 3 records have 3 fields"), None)
        );
        assert_eq!(
            layout(rows.replace(',', "\t").as_bytes()),
            (None, some("\t: 3 of 3 records have 3 fields"), None)
        );
        assert_eq!(layout(format!("sep=;\n{}", rows.replace(',', ";")).as_bytes()), (None, None, None));
        let uneven = format!("Orders of May\n{rows}");
        assert_eq!(layout(uneven.as_bytes()), (None, some(",: 3 of 4 records have 3 fields"), None));
        let quoted = "Order,Name,Net\n'O-1','An, na','5.00'\n'O-2','Be, rt','6.00'\n";
        assert_eq!(layout(quoted.as_bytes()).2, some("': fields stand in it"));
        let wide: Vec<u8> = rows.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(layout(&wide), (some("utf-16le: every second byte is zero"), None, None));
        assert_eq!(layout(&[&b"\xFF\xFE"[..], &wide].concat()), (None, None, None));
        assert_eq!(layout(b"{\"Orders\": [{\"Order\": \"O-1\", \"Net\": \"5.00\"}]}"), (None, None, None));
    }
}

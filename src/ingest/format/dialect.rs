//! Finds out what parts the fields of a text file, and says on what evidence.
//!
//! The choice is `csv-nose`'s; it looks at the beginning of the file. Only what tables are really parted by is taken from it:
//! words of a text are parted by blanks and dates by slashes, too. Not its job: whether the file is well-formed. That is for
//! `scan`, under the marks that were found.

use std::collections::BTreeMap;
use std::ops::Range;

use csv_nose::{Quote, SampleSize, Sniffer};

use super::{Declared, Problem};
use crate::ingest::scan::{self, Marks};

/// What may part fields without being declared; the first one is taken where nothing does.
const DELIMITERS: [u8; 6] = [b',', b';', b'\t', b'|', b'^', b'~'];
const QUOTE: u8 = b'"';
/// How much is looked at: some hundred records of any width.
const SAMPLE_BYTES: usize = 64 << 10;
/// How many records are looked at to choose.
const SAMPLE_RECORDS: usize = 100;

/// How a text file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Delimiter and quote.
    pub marks: Marks,
    /// What was found rather than declared, in words.
    pub detected: Vec<String>,
    /// The bytes of Excel's first line `sep=;`, without its line end: no part of the table.
    pub sep: Option<Range<usize>>,
}

/// Finds the marks of a text; what is declared is taken as it is.
///
/// Shape: works on bytes, so that a text with broken ones has marks too.
///
/// # Errors
/// `dialect-impossible` when what is declared cannot be: not ASCII, a line end, or delimiter and quote the same.
pub fn detect(text: &[u8], declared: &Declared) -> Result<Dialect, Vec<Problem>> {
    let start = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let (stated, sep) = sep_line(text, start).unzip();
    let sample = sample(&text[sep.as_ref().map_or(start, |line: &Range<usize>| line.end)..]);
    let marks = choice(sample, declared.delimiter.or(stated), declared.quote)
        .ok_or_else(|| vec![impossible(declared)])?;
    let mut detected = Vec::new();
    let delimiter = word(marks.delimiter());
    match (declared.delimiter, stated) {
        (None, None) => detected.push(format!("delimiter {delimiter}{}", evidence(sample, marks))),
        (None, Some(_)) => {
            detected.push(format!("delimiter {delimiter} (the first line says `sep={delimiter}`)"))
        }
        (Some(_), Some(_)) => detected.push("first line `sep=` left out".to_owned()),
        (Some(_), None) => {}
    }
    if declared.quote.is_none() && marks.quote() != QUOTE {
        detected.push(format!("quote {}", char::from(marks.quote())));
    }
    Ok(Dialect { marks, detected, sep })
}

/// The beginning of a text, up to a line end where there is one.
fn sample(text: &[u8]) -> &[u8] {
    let Some(sample) = text.get(..SAMPLE_BYTES) else { return text };
    sample.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(sample, |end| &sample[..=end])
}

/// What is declared, and for the rest what looks most like a table.
fn choice(sample: &[u8], delimiter: Option<u8>, quote: Option<u8>) -> Option<Marks> {
    let mut sniffer = Sniffer::new();
    sniffer.sample_size(SampleSize::Records(SAMPLE_RECORDS));
    delimiter.map(|byte| sniffer.delimiter(byte));
    quote.map(|byte| sniffer.quote(Quote::Some(byte)));
    let is_open = delimiter.is_none() || quote.is_none();
    let sniffed = is_open.then(|| sniffer.sniff_bytes(sample).ok()).flatten().map(|found| found.dialect);
    let likely = sniffed.as_ref().map(|dialect| dialect.delimiter).filter(|byte| DELIMITERS.contains(byte));
    let delimiter = delimiter.or(likely).unwrap_or(DELIMITERS[0]);
    let other = sniffed.map(|dialect| dialect.quote).and_then(|quote| match quote {
        Quote::Some(byte) if byte != QUOTE => Marks::new(delimiter, byte),
        Quote::Some(_) | Quote::None => None,
    });
    // An apostrophe in front of a name is no quote: as one it would never be closed.
    let other = other.filter(|marks| quote.is_none() && scan::scan(sample, *marks).is_ok());
    other.or_else(|| Marks::new(delimiter, quote.unwrap_or(QUOTE)))
}

/// How many records have the width that most have.
fn evidence(sample: &[u8], marks: Marks) -> String {
    let Some((scan, text)) = scan::scan(sample, marks).ok().zip(str::from_utf8(sample).ok()) else {
        return String::new();
    };
    let mut decoder = scan.decoder(text);
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for record in 0..scan.len().min(SAMPLE_RECORDS) {
        *widths.entry(decoder.row(record).map_or(0, |row| row.len())).or_default() += 1;
    }
    match widths.into_iter().max_by_key(|(width, count)| (*count, *width)) {
        None => String::new(),
        Some((1, _)) => " (nothing parts the lines: one column)".to_owned(),
        Some((width, count)) => {
            let of = scan.len().min(SAMPLE_RECORDS);
            let first = if of < scan.len() || sample.len() >= SAMPLE_BYTES { "first " } else { "" };
            let (s, have) = (if of == 1 { "" } else { "s" }, if count == 1 { "has" } else { "have" });
            format!(" ({count} of {first}{of} record{s} {have} {width} fields)")
        }
    }
}

fn impossible(declared: &Declared) -> Problem {
    let shown = |byte: Option<u8>, default: &str| byte.map_or(default.to_owned(), word);
    Problem {
        code: "dialect-impossible",
        sheet: String::new(),
        line: 0,
        column: 0,
        value: String::new(),
        message: format!(
            "delimiter `{}` and quote `{}` cannot be told apart, or one of them is no ASCII character",
            shown(declared.delimiter, "detected"),
            shown(declared.quote, "\""),
        ),
        help: "declare a delimiter and a quote that are two different ASCII characters".to_owned(),
    }
}

/// A byte as people call it.
fn word(byte: u8) -> String {
    match byte {
        b'\t' => "tab".to_owned(),
        b' ' => "space".to_owned(),
        byte if byte.is_ascii_graphic() => char::from(byte).to_string(),
        byte => format!("byte 0x{byte:02X}"),
    }
}

/// The delimiter that the first line states the way Excel does, and where that line is.
fn sep_line(text: &[u8], start: usize) -> Option<(u8, Range<usize>)> {
    let rest = text.get(start..)?;
    let line = rest.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let inner = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (key, value) = inner.split_at_checked(4)?;
    let &[byte] = value else { return None };
    let is_stated = key.eq_ignore_ascii_case(b"sep=") && Marks::new(byte, QUOTE).is_some();
    is_stated.then(|| (byte, start..start + line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> (char, char) {
        let dialect = detect(text.as_bytes(), &Declared::default()).unwrap();
        (char::from(dialect.marks.delimiter()), char::from(dialect.marks.quote()))
    }

    /// Goal: the delimiter is the one that parts the table, whatever cells, preambles and totals hold.
    /// Method: one small table for each way in which another delimiter occurs as often or more often.
    #[test]
    fn the_delimiter_parts_the_table_and_not_its_cells() {
        for (why, text, delimiter) in [
            ("plain", "id,name,amount\n1,Acme,2.00\n2,Umbra,3.00\n", ','),
            ("trap 9: decimal commas", "id;price;paid\n1;1,50;2,00\n2;3,10;4,00\n3;5,00;6,75\n", ';'),
            ("thousands in a semicolon table", "id;paid\n1;\"1,234,567,00\"\n2;\"2,345,678,00\"\n", ';'),
            ("tabs", "id\tname\n1\tAcme, Inc.\n2\tUmbra, Ltd.\n", '\t'),
            ("pipes", "id|name|note\n1|Acme|a,b\n2|Umbra|c,d\n", '|'),
            ("trap 1: a tab behind each id", "User ID,Linked,Cost\n1\t,2\t,3\n4\t,5\t,6\n7\t,8\t,9\n", ','),
            ("a list in each cell", "id,tags\n1,a;b;c;d\n2,e;f;g;h\n3,i;j;k;l\n", ','),
            (
                "trap 3: a preamble and a total",
                "Report; May\nBy: me; you\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\nTotal; 12\n",
                ',',
            ),
            ("one ragged row of six", "a,b,c\n1,2,3\n4,5,6\n7,8\n9,10,11\n12,13,14\n15,16,17\n", ','),
            (
                "quoted delimiters of another kind",
                "\"a;x\",\"b\"\n\"1;2;3;4\",\"5\"\n\"6;7;8;9\",\"0\"\n",
                ',',
            ),
            ("words", "name of the customer\nAcme Inc\nFoo Bar\nUmbra Ltd\n", ','),
            ("dates", "day\n1/2/2026\n2/2/2026\n3/2/2026\n", ','),
            ("a header alone", "id;name;amount\n", ';'),
            ("one column", "id\n1\n2\n", ','),
            ("nothing", "", ','),
        ] {
            assert_eq!(found(text), (delimiter, '"'), "{why}");
        }
    }

    /// Goal: `'` is a quote only where the file is written with it.
    /// Method: files with it around fields, with and without a delimiter inside, and with it as an apostrophe.
    #[test]
    fn an_apostrophe_is_a_quote_only_where_fields_are_written_in_it() {
        assert_eq!(found("'id','name'\n'1','Acme, Inc.'\n'2','O''Brien'\n"), (',', '\''));
        assert_eq!(found("'id','name'\n'1','Acme'\n'2','Umbra'\n"), (',', '\''));
        assert_eq!(found("id,city\n1,'s-Hertogenbosch\n2,O'Brien\n3,'t Gooi\n"), (',', '"'));
        assert_eq!(found("id,name\n1,\"it's, well, 'so'\"\n2,'a'\n"), (',', '"'));
    }

    /// Goal: what was found is said with its evidence, and what is declared is taken and not spoken of.
    /// Method: the words for each of the ways to know.
    #[test]
    fn what_was_found_is_said() {
        let said = |text: &str, declared: &Declared| detect(text.as_bytes(), declared).unwrap().detected;
        let none = Declared::default();
        assert_eq!(said("a;b\n1;2\nTotal\n", &none), ["delimiter ; (2 of 3 records have 2 fields)"]);
        assert_eq!(said("x\n", &none), ["delimiter , (nothing parts the lines: one column)"]);
        assert_eq!(said("sep=;\na;b\n", &none), ["delimiter ; (the first line says `sep=;`)"]);
        assert_eq!(
            said("'a'|'b'\n'c'|'d'\n", &none),
            ["delimiter | (2 of 2 records have 2 fields)", "quote '"]
        );
        assert_eq!(
            said(&"a\tb\n".repeat(101), &none),
            ["delimiter tab (100 of first 100 records have 2 fields)"]
        );
        let declared = Declared { delimiter: Some(b'#'), quote: Some(b'\''), ..Declared::default() };
        assert_eq!(said("a#b\n", &declared), [""; 0]);
        assert_eq!(said("sep=#\na#b\n", &declared), ["first line `sep=` left out"]);
        assert_eq!(detect(b"a#b\n", &declared).unwrap().marks, Marks::new(b'#', b'\'').unwrap());
    }

    /// Goal: marks that cannot be are refused. Method: the same twice, a line end, a byte beyond ASCII, NUL.
    #[test]
    fn impossible_marks_are_refused() {
        for (delimiter, quote) in [(b'"', b'"'), (b'\n', b'"'), (0xE9, b'"'), (b',', 0)] {
            let declared = Declared { delimiter: Some(delimiter), quote: Some(quote), ..Declared::default() };
            assert_eq!(detect(b"a,b\n", &declared).unwrap_err()[0].code, "dialect-impossible");
        }
    }

    proptest! {
        /// Goal: no bytes make it panic. Method: bytes that matter to it, in any order.
        #[test]
        fn any_bytes_have_marks(text in proptest::collection::vec(prop_oneof![
            Just(b','), Just(b';'), Just(b'"'), Just(b'\''), Just(b'\n'), Just(b'\r'), any::<u8>()
        ], 0..300)) {
            prop_assert!(detect(&text, &Declared::default()).is_ok());
        }
    }
}

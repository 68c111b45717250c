//! CSV in two forms: tables for people, who open them in a spreadsheet, and data files for programs.
//!
//! A table carries the text guard (reliability T6), because a spreadsheet takes text that starts like a formula for a
//! formula. A data file carries none: its ids come back byte for byte, and its readers are programs (contract,
//! section 6).

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use unicode_normalization::UnicodeNormalization;

use crate::report::Report;
use crate::report::data::DataFile;
use crate::report::pack::sheet::Sheet;
use crate::report::table::Table;

/// What tells a spreadsheet that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table as a file for people: a clean table that imports, so its caption and its rows of totals are left out.
///
/// Shape: the labels of the columns, then one row per row of the body, each as wide as the header. UTF-8 with a byte
/// order mark, CRLF (design 11). Text that could run as a formula starts with an apostrophe and is quoted; plain
/// numbers are never touched. A control character other than tab and line break is spelled out as `\u{1b}`.
pub fn table(table: &Table) -> Vec<u8> {
    report(&[], table)
}

/// The same below rows of facts, such as scope and control total, and an empty row.
pub fn report(facts: &[(String, String)], table: &Table) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 * (table.rows.len() + 1));
    bytes.extend_from_slice(BYTE_ORDER_MARK);
    for (name, value) in facts {
        bytes.extend_from_slice(format!("{},{}\r\n", cell(name), cell(value)).as_bytes());
    }
    if !facts.is_empty() {
        bytes.extend_from_slice(b"\r\n");
    }
    let mut writer = guarded(bytes);
    write_row(&mut writer, table.columns.iter().map(|column| cell(&column.label)));
    for row in &table.rows {
        let value =
            |column: usize| row.cells.get(column).map_or(Cow::Borrowed(""), |found| cell(found.value()));
        write_row(&mut writer, (0..table.columns.len()).map(value));
    }
    finish(writer)
}

/// A sheet of the close pack as a file for people: the keys of the columns and the rows of the table, without totals, so that
/// a program reads it as well. Amounts are plain decimals, dates `2026-05-31`.
pub fn sheet(sheet: &Sheet) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 * (sheet.rows.len() + 1) * sheet.columns.len());
    bytes.extend_from_slice(BYTE_ORDER_MARK);
    let mut writer = guarded(bytes);
    write_row(&mut writer, sheet.columns.iter().map(|column| column.key));
    for row in &sheet.rows {
        write_row(&mut writer, row.iter().map(|value| cell(&value.csv()).into_owned()));
    }
    finish(writer)
}

/// For cells that are guarded and quoted already. Quoting by hand: the crate quotes either everything or what it must, and
/// a guarded cell has to be quoted although nothing in it asks for that.
fn guarded(bytes: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new().quote_style(QuoteStyle::Never).terminator(Terminator::CRLF).from_writer(bytes)
}

/// One file of `data/`, for programs.
pub fn data(file: DataFile, report: &Report<'_>) -> Vec<u8> {
    records(file.header(), |visit| file.for_each_row(report, visit))
}

/// Totals by their keys, for programs.
pub fn figures(totals: impl IntoIterator<Item = (String, String)>) -> Vec<u8> {
    records(["key", "value"], |visit| {
        for (key, value) in totals {
            visit(&mut [key.as_str(), value.as_str()].into_iter());
        }
    })
}

/// Rows for programs: every field comes back as it was.
///
/// Shape: UTF-8 without a byte order mark, LF, quotes only where a field needs them, no text guard. `for_each_row` hands
/// each row to the function it is given; a row is as wide as the header.
pub fn records<'r, R: IntoIterator<Item = &'r str>>(
    header: R,
    for_each_row: impl FnOnce(&mut dyn FnMut(&mut dyn Iterator<Item = &str>)),
) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
    write_row(&mut writer, header);
    for_each_row(&mut |fields| write_row(&mut writer, fields));
    finish(writer)
}

fn write_row<T: AsRef<str>>(writer: &mut Writer<Vec<u8>>, fields: impl IntoIterator<Item = T>) {
    for field in fields {
        writer.write_field(field.as_ref()).expect("memory takes every byte");
    }
    writer.write_record(None::<&[u8]>).expect("every row is as wide as the header");
}

fn finish(writer: Writer<Vec<u8>>) -> Vec<u8> {
    writer.into_inner().expect("memory takes every byte")
}

/// A value as one cell of a table: readable, guarded and quoted where it has to be.
fn cell(value: &str) -> Cow<'_, str> {
    let shown = visible(value);
    let is_guarded = needs_guard(value);
    let needs_quotes = |c| matches!(c, '"' | ',' | '\n' | '\r');
    if !is_guarded && !shown.contains(needs_quotes) {
        return shown;
    }
    let guard = if is_guarded { "'" } else { "" };
    Cow::Owned(format!("\"{guard}{}\"", shown.replace('"', "\"\"")))
}

/// Spells out control characters other than tab and line break: hidden in a cell, they make two values look alike.
pub(super) fn visible(value: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if !value.contains(is_hidden) {
        return Cow::Borrowed(value);
    }
    let mut shown = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        if is_hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Whether a spreadsheet may take the value for a formula.
///
/// Source: reliability T6 and section 2: the first character that can be seen decides, in its compatibility form, so
/// that blanks, zero-width and full-width characters in front or instead change nothing.
pub(super) fn needs_guard(value: &str) -> bool {
    if is_plain_number(value) {
        return false;
    }
    if value.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    // Each character by itself: next to an accent, `=` would compose to `≠` and hide.
    let mut folded = value.chars().flat_map(|c| std::iter::once(c).nfkc());
    folded.find(|c| !is_invisible(*c)).is_some_and(|first| matches!(first, '=' | '+' | '-' | '@'))
}

/// A minus or none, digits, and at most one point between them.
fn is_plain_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Blanks, control characters, and what Unicode draws as nothing (default-ignorable characters and blank letters).
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::money::{Currency, Money};
    use crate::report::table::{Cell, Column, Row};
    use proptest::prelude::*;

    fn table_of(values: &[&str]) -> Table {
        Table {
            columns: vec![Column::text("Value"), Column::text("Next")],
            rows: values
                .iter()
                .map(|v| Row { cells: vec![Cell::text(*v), Cell::text("end")], ..Row::default() })
                .collect(),
            foot: vec![Row { cells: vec![Cell::text("All"), Cell::empty()], ..Row::default() }],
            ..Table::default()
        }
    }

    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The first column of a table after writing and reading.
    fn returned(values: &[&str]) -> Vec<String> {
        let bytes = table(&table_of(values));
        let rows = read(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap());
        assert!(rows.iter().skip(1).all(|row| row[1] == "end"));
        rows.into_iter().skip(1).map(|mut row| row.remove(0)).collect()
    }

    #[test]
    fn text_that_could_run_as_a_formula_is_guarded_and_quoted() {
        let hostile = [
            "=1+1",
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "-",
            "=",
            "+49 30 1234",
            "-2+3+cmd|' /C calc'!A0",
            "=HYPERLINK(\"http://example.test\",\"x\")",
            "=1,2",
            "  =1+1",
            "\u{a0}=1+1",
            "\u{2003}=1+1",
            "\u{3000}@A1",
            "\u{200b}=1+1",
            "\u{200e}=1+1",
            "\u{feff}=1+1",
            "\u{2060}\u{200d} +1",
            "\u{ad}=1",
            "\u{3164}=1",
            "\u{ff1d}1+1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}A1",
            "\u{fe66}1+1",
            "\u{207a}1",
            "=\u{338}1+1",
            "\t=1+1",
            "\ttext",
            "\rtext",
            "\ntext",
            "\r\n=1",
            "-1.2.3",
            "-1e5",
            "-1,000.00",
            "- 5",
            " -5",
            "-5 ",
            "-.5",
            "-5.",
            "+5",
            "-5%",
        ];
        for value in hostile {
            let bytes = table(&table_of(&[value]));
            let quoted = format!("\r\n\"'{}\",end\r\n", value.replace('"', "\"\""));
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.ends_with(&quoted), "{value:?}: {text:?}");
            assert_eq!(returned(&[value]), [format!("'{value}")]);
        }
        // A control character in front is spelled out, so the guard is all that can stand before the sign.
        for (value, shown) in
            [("\u{1}=1", "'\\u{1}=1"), ("\u{1b}\0@A1", "'\\u{1b}\\u{0}@A1"), ("\u{9f}-x", "'\\u{9f}-x")]
        {
            assert_eq!(returned(&[value]), [shown]);
        }
    }

    #[test]
    fn plain_numbers_and_ordinary_text_stay_as_they_are() {
        let plain = [
            "",
            "0",
            "000123",
            "-5",
            "-310.00",
            "12.50",
            "1000000000000000000.00",
            "-0.05",
            "5123000000001001",
            "ORD-1001",
            "a=b",
            "2026-05-31",
            "100%",
            "Acme, Inc.",
            "\"quoted\"",
            "two\nlines",
            "two\r\nlines",
            "订单-0091",
            "'quoted'",
            "\u{2212}310.00",
            "≠",
            "12E5",
            "#REF",
            " ORD",
            "\u{301}",
            "\u{200b}",
            "  ",
        ];
        assert_eq!(returned(&plain), plain);
        let amounts = table(&table_of(&["-310.00", "12.50"]));
        assert!(amounts.ends_with(b"\r\n-310.00,end\r\n12.50,end\r\n"));
    }

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(returned(&["a\0b\u{7f}c\u{85}"]), ["a\\u{0}b\\u{7f}c\\u{85}"]);
        assert_eq!(returned(&["a\tb\nc"]), ["a\tb\nc"]);
    }

    #[test]
    fn a_table_is_its_labels_and_body_with_plain_values() {
        let minus = Money::from_minor(-254_000, Currency::parse("USD").unwrap());
        let mut table_of_two = table_of(&["ORD-1001"]);
        table_of_two.rows.push(Row { cells: vec![Cell::money(minus)], ..Row::default() });
        table_of_two
            .rows
            .push(Row { cells: vec![Cell::money_or_none(None), Cell::count(1_000)], ..Row::default() });
        let expected = "\u{feff}Value,Next\r\nORD-1001,end\r\n-2540.00,\r\n,1000\r\n";
        assert_eq!(String::from_utf8(table(&table_of_two)).unwrap(), expected);
        assert_eq!(
            table(&Table { columns: vec![Column::text("A")], ..Table::default() }),
            "\u{feff}A\r\n".as_bytes()
        );
    }

    #[test]
    fn a_row_that_is_empty_keeps_its_place() {
        let one = Table {
            columns: vec![Column::text("A")],
            rows: vec![Row { cells: vec![Cell::empty()], ..Row::default() }, Row::default()],
            ..Table::default()
        };
        assert_eq!(read(&table(&one)).len(), 3);
    }

    #[test]
    fn data_files_carry_fields_unchanged() {
        let bytes = records(["a", "b"], |visit| {
            visit(&mut ["=1+1", "\tx"].into_iter());
            visit(&mut ["a,\"b\"", "\u{feff}line\nbreak"].into_iter());
        });
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "a,b\n=1+1,\tx\n\"a,\"\"b\"\"\",\"\u{feff}line\nbreak\"\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(values in prop::collection::vec("\\PC*|[=+@\\-\"',;\r\n\t a-z0-9.]*", 1..8)) {
            let fields: Vec<&str> = values.iter().map(String::as_str).collect();
            let bytes = records(fields.iter().copied(), |visit| visit(&mut fields.iter().copied()));
            let mut again = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            for row in again.records() {
                let row = row.unwrap();
                prop_assert_eq!(row.iter().collect::<Vec<_>>(), fields.clone());
            }
            let unguarded: Vec<String> =
                returned(&fields).into_iter().zip(&fields).map(|(found, value)| {
                    if needs_guard(value) { found.strip_prefix('\'').unwrap().to_owned() } else { found }
                }).collect();
            let shown: Vec<String> = fields.iter().map(|value| visible(value).into_owned()).collect();
            prop_assert_eq!(unguarded, shown);
        }
    }
}

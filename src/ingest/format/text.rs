//! A text file as a table: decoded, its marks found, and written anew in the standard way where it is not.
//!
//! Its invariant: a text in the standard way is taken over byte for byte and refused, where it is broken, by the scan that
//! reads it; any other is read by the same scan here. So what is refused does not depend on how a file is laid out.

use std::borrow::Cow;

use super::dialect::{self, Dialect};
use super::encoding::{self, Decoded, told};
use super::typed::Typed;
use super::{Declared, Problem, Sheet};
use crate::ingest::scan::{self, Row, Scan};

const BOM: char = '\u{FEFF}';
/// What ends a text file of DOS.
const CONTROL_Z: char = '\u{1A}';

/// Reads a text file.
///
/// Shape: one sheet without a name. `rows` is none where the lines of `text` are those of the file. Where it is written anew
/// (a quote other than `"`, cells like `="00123"`) it holds the physical line where each record starts, and rows without any
/// text are left out. Excel's first line `sep=;` becomes an empty line, so that lines keep their number.
/// Source: formats, traps 1 and 2.
///
/// # Errors
/// Those of [`encoding::decode`] and [`dialect::detect`], and `not-text`. Those of [`scan::scan`] where bytes are not UTF-8
/// although they should be, and where the text is written anew; a text that is taken over is refused by whoever scans it.
pub fn read(bytes: Vec<u8>, declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    if let Some(found) = scan::refuse_binary(&bytes) {
        return Err(told(vec![found]));
    }
    let Decoded { mut text, detected } = encoding::decode(bytes, declared)?;
    let mut detected: Vec<String> = detected.into_iter().collect();
    if text.ends_with(CONTROL_Z) {
        text.pop();
        detected.push("the closing Ctrl-Z of DOS left out".to_owned());
    }
    let Dialect { marks, detected: layout, sep } = dialect::detect(text.as_bytes(), declared)?;
    detected.extend(layout);
    if let Some(line) = sep {
        text.drain(line);
    }
    let is_standard = marks.quote() == b'"';
    if !is_standard || text.contains("=\"") {
        let scan = scan::scan(text.as_bytes(), marks);
        let forced = scan.as_ref().map_or(0, |scan| forced_cells(scan, &text));
        if !is_standard || forced > 0 {
            let scan = scan.map_err(told)?;
            if forced > 0 {
                let (cells, are) = if forced == 1 { ("cell", "is") } else { ("cells", "are") };
                detected.push(format!("{forced} {cells} written as =\"…\" {are} the text inside"));
            }
            return Ok(vec![written_anew(&scan, &text, marks.delimiter(), detected)]);
        }
    }
    let delimiter = marks.delimiter();
    Ok(vec![Sheet {
        name: String::new(),
        text,
        delimiter,
        rows: None,
        left: 0,
        typed: Typed::default(),
        detected,
        declared_rows: None,
    }])
}

/// The text inside a cell that is a formula of one text, `="00123"`: what exports write to keep spreadsheets from reading
/// ids as numbers.
fn forced(cell: &str) -> Option<Cow<'_, str>> {
    let inner = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    if !inner.contains('"') {
        return Some(Cow::Borrowed(inner));
    }
    let is_one_text = inner.split("\"\"").all(|part| !part.contains('"'));
    is_one_text.then(|| Cow::Owned(inner.replace("\"\"", "\"")))
}

fn forced_cells(scan: &Scan, text: &str) -> usize {
    let mut decoder = scan.decoder(text);
    let count = |row: Row<'_>| row.iter().filter(|cell| forced(cell).is_some()).count();
    (0..scan.len()).filter_map(|index| decoder.row(index).map(count)).sum()
}

fn written_anew(scan: &Scan, text: &str, delimiter: u8, detected: Vec<String>) -> Sheet {
    // Only a file whose quote is another one can be parted by `"`.
    let delimiter = if delimiter == b'"' { b',' } else { delimiter };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_writer(Vec::with_capacity(text.len()));
    let (mut rows, mut decoder) = (Vec::new(), scan.decoder(text));
    for index in 0..scan.len() {
        let Some(row) = decoder.row(index).filter(|row| !row.is_blank()) else { continue };
        let written = writer.write_record(row.iter().map(|cell| match forced(cell) {
            Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
            Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
            None => Cow::Borrowed(cell.as_bytes()),
        }));
        assert!(written.is_ok(), "bug: writing to memory fails");
        rows.push(row.line());
    }
    let Some(mut text) = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        unreachable!("bug: cells of UTF-8 text are not")
    };
    if text.starts_with(BOM) {
        // The first cell begins with one: the scan takes the first of two for the mark of the file.
        text.insert(0, BOM);
    }
    Sheet {
        name: String::new(),
        text,
        delimiter,
        rows: Some(rows),
        left: 0,
        typed: Typed::default(),
        detected,
        declared_rows: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet(text: &[u8], declared: &Declared) -> Sheet {
        let mut sheets = read(text.to_vec(), declared).unwrap();
        assert_eq!(sheets.len(), 1);
        sheets.remove(0)
    }

    fn cells(sheet: &Sheet) -> Vec<Vec<String>> {
        let scan =
            scan::scan(sheet.text.as_bytes(), scan::Marks::new(sheet.delimiter, b'"').unwrap()).unwrap();
        let mut decoder = scan.decoder(&sheet.text);
        (0..scan.len()).map(|at| decoder.row(at).unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// Goal: a file in the standard way is taken over without a copy. Method: the text lies where the bytes lay.
    #[test]
    fn a_standard_file_is_taken_over_as_it_is() {
        let bytes = b"id,name,amount\r\nORD-1,\"Acme, Inc.\",10.00\r\n\r\nORD-2,,0\r\n".to_vec();
        let (at, copy) = (bytes.as_ptr(), bytes.clone());
        let sheet = read(bytes, &Declared::default()).unwrap().remove(0);
        assert_eq!((sheet.text.as_ptr(), sheet.text.as_bytes()), (at, copy.as_slice()));
        assert_eq!((sheet.delimiter, sheet.rows, sheet.left), (b',', None, 0));
        let said = ["encoding UTF-8 (its bytes are valid)", "delimiter , (3 of 3 records have 3 fields)"];
        assert_eq!(sheet.detected, said);
    }

    /// Goal: whatever a file is written in, the cells are the same.
    /// Method: one table with a comma, a quote and a line break in a cell, in each encoding, delimiter and quote.
    #[test]
    fn the_cells_do_not_depend_on_how_a_file_is_written() {
        let expected =
            [["id", "name", "amount"], ["1", "Acme, \"the\"\nfirst; | one's", "1,50"], ["2", "Zoë", "-2,00"]];
        for (delimiter, quote) in
            [(b',', b'"'), (b';', b'"'), (b'\t', b'"'), (b'|', b'"'), (b';', b'\''), (b'#', b'\'')]
        {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(delimiter)
                .quote(quote)
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            for row in expected {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let declared = Declared { delimiter: (delimiter == b'#').then_some(b'#'), ..Declared::default() };
            let utf16 =
                |mark: &str| format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            let written: [Vec<u8>; 4] =
                [text.clone().into(), format!("\u{FEFF}{text}").into(), utf16(""), utf16("\u{FEFF}")];
            for bytes in written {
                let sheet = sheet(&bytes, &declared);
                assert_eq!(cells(&sheet), expected, "{:?}", sheet.detected);
                assert_eq!(sheet.rows, (quote == b'\'').then(|| vec![1, 2, 4]));
            }
        }
    }

    /// Goal: traps 1 and 2: ids that a spreadsheet would damage stay as they are, forced with `="…"` or followed by a tab.
    /// Method: GBK tab-separated text named `.xls`, and a comma-separated bill with a tab behind each UID.
    #[test]
    fn ids_stay_text() {
        let text = "订单号\t客户\t金额\n=\"00123\"\t=\"5569414254138836\"\t1.50\n=\"4,5\"\t=\"a\"\"b\"\t2\n";
        let bytes = encoding_rs::GBK.encode(text).0;
        let declared = Declared { encoding: Some("gbk".to_owned()), ..Declared::default() };
        let sheet1 = sheet(&bytes, &declared);
        let expected =
            [["订单号", "客户", "金额"], ["00123", "5569414254138836", "1.50"], ["4,5", "a\"b", "2"]];
        assert_eq!(cells(&sheet1), expected);
        assert_eq!(sheet1.detected[1], "4 cells written as =\"…\" are the text inside");
        assert_eq!(sheet1.rows, Some(vec![1, 2, 3]));

        let bill = b"User ID,Linked User ID,Cost\n5569414254138836\t,1415740779475837\t,1\n";
        assert_eq!(cells(&sheet(bill, &Declared::default()))[1][0], "5569414254138836\t");
    }

    /// Goal: traps 3 and 8: rows that are no data, ragged ones and the texts `NULL` and `NA` are there as they stand.
    #[test]
    fn every_row_and_text_is_kept() {
        let text = "Report of May\n\nid,region,paid\n1,NA,NULL\n2,,\n3,eu\nTotals,,10\n";
        let sheet = sheet(text.as_bytes(), &Declared::default());
        assert_eq!(sheet.text, text);
        let widths: Vec<usize> = cells(&sheet).iter().map(Vec::len).collect();
        assert_eq!(widths, [1, 3, 3, 3, 2, 3]);
    }

    /// Goal: trap 9: a decimal comma does not part a semicolon table. Method: amounts as written, signs and groups too.
    #[test]
    fn decimal_commas_stay_in_their_cells() {
        let text = "id;amount;rate\n1;\"+31070,11\";0,5\n2;1.234,50;10,0\n3;-7,00;0,0808\n";
        assert_eq!(cells(&sheet(text.as_bytes(), &Declared::default()))[1], ["1", "+31070,11", "0,5"]);
    }

    /// Goal: Excel's first line and the end mark of DOS are no data, lines keep their numbers, and it is said.
    #[test]
    fn marks_of_programs_are_left_out() {
        let found = sheet(b"sep=|\r\na|b\r\n1|2\r\n\x1A", &Declared::default());
        assert_eq!((&*found.text, found.delimiter), ("\r\na|b\r\n1|2\r\n", b'|'));
        let said = ["the closing Ctrl-Z of DOS left out", "delimiter | (the first line says `sep=|`)"];
        assert_eq!(found.detected[1..], said);
    }

    /// Goal: what a scan refuses stays refused, in a text that is written anew here, with its line in the file.
    /// Method: an unclosed quote, text behind one and a NUL under the quote `'`, and files that are no text.
    #[test]
    fn what_is_broken_is_refused() {
        let declared = Declared { quote: Some(b'\''), ..Declared::default() };
        for (text, code, line) in [
            (&b"a,b\n1,'2\n"[..], "quote-unclosed", 2),
            (b"a,b\n1,2\n'3'x,4\n", "text-after-quote", 3),
            (b"a,b\n1,\0\n", "nul-byte", 2),
            (b"PK\x03\x04", "not-text", 1),
            (b"%PDF-1.4", "not-text", 1),
        ] {
            let problems = read(text.to_vec(), &declared).unwrap_err();
            assert_eq!((problems[0].code, problems[0].line), (code, line), "{problems:?}");
        }
    }

    proptest! {
        /// Goal: no bytes make it panic, and what is written anew reads back as a table of as many rows as are said.
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(prop_oneof![
                Just(b','), Just(b';'), Just(b'"'), Just(b'\''), Just(b'='), Just(b'\n'), Just(b'\r'), any::<u8>()
            ], 0..200),
            quote in prop_oneof![Just(None), Just(Some(b'\''))],
            delimiter in prop_oneof![Just(None), Just(Some(b'"')), Just(Some(b';'))],
        ) {
            let declared = Declared { quote, delimiter, ..Declared::default() };
            if let Ok(sheets) = read(bytes, &declared) && let Some(rows) = &sheets[0].rows {
                prop_assert_eq!(cells(&sheets[0]).len(), rows.len());
            }
        }

        /// Goal: a table in the quote `'` comes out cell by cell. Method: any cells, a byte-order mark among them.
        #[test]
        fn cells_written_anew_are_the_cells(rows in proptest::collection::vec(
            proptest::collection::vec("[a,;'\"\n\r\u{FEFF} é]{0,5}", 2), 1..6
        )) {
            let mut writer = csv::WriterBuilder::new().quote(b'\'').from_writer(b"\xEF\xBB\xBF".to_vec());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let declared = Declared { quote: Some(b'\''), delimiter: Some(b','), ..Declared::default() };
            let found = sheet(&writer.into_inner().unwrap(), &declared);
            let is_blank = |row: &Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
            let expected: Vec<_> = rows.into_iter().filter(|row| !is_blank(row)).collect();
            prop_assert_eq!(cells(&found), expected);
        }
    }
}

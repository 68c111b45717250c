//! One table in every format that people have it in: the same lines, whatever it is packed, encoded and laid out in.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::io::Write as _;

use rust_xlsxwriter::{Format, Workbook};
use tieout::ingest::format::{self, Declared};
use tieout::report::data::DataFile;

use super::support::{Project, Seen};

const SOURCE: &str = r#"
[[source]]
name = "vendor"
kind = "rebate_lines"
files = "lines.*"
[source.columns]
line_id = "Line"
program_id = { value = "CORE" }
order_ref = "Order"
account_ref = "Account"
sku_ref = { value = "srv" }
period = { value = "2026-05" }
base_amount = "Base"
rate = { value = "0.08" }
calculated_amount = "Commission"
currency = "Currency"
status = "状态"
reason_code = "Note"
status_date = "Since"
"#;

const HEADER: [&str; 9] =
    ["Line", "Order", "Account", "Base", "Commission", "Currency", "状态", "Since", "Note"];
const ROWS: [[&str; 9]; 2] = [
    [
        "0017",
        "O-1",
        "5569414254138836",
        "1000",
        "80",
        "USD",
        "CALCULATED",
        "2026-06-10",
        "客户, \"一\" 的账单未付，佣金冻结",
    ],
    [
        "0018",
        "O-2",
        "V-2",
        "2000.5",
        "160.04",
        "USD",
        "APPROVED",
        "2026-06-11",
        "合同未归档；产品不计业绩，等待税务发票",
    ],
];

/// Delimited text, quoted where it must be.
pub(crate) fn text(delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(HEADER).unwrap();
    for row in ROWS {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, is_lossy) = encoding_rs::GB18030.encode(text);
    assert!(!is_lossy);
    bytes.into_owned()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook: a cover, then the table below two rows, its amounts numbers and its days days.
pub(crate) fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Cover").unwrap().write(0, 0, "Commission of May").unwrap();
    let sheet = book.add_worksheet().set_name("Detail").unwrap();
    sheet.write(0, 1, "Commission detail").unwrap();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, name) in (1..).zip(HEADER) {
        sheet.write(2, column, name).unwrap();
    }
    for (line, row) in (3..).zip(ROWS) {
        for (column, cell) in (1..).zip(row) {
            match HEADER[usize::from(column) - 1] {
                "Base" | "Commission" => sheet.write(line, column, cell.parse::<f64>().unwrap()),
                "Since" => {
                    let date = rust_xlsxwriter::ExcelDateTime::parse_from_str(cell).unwrap();
                    sheet.write_with_format(line, column, &date, &day)
                }
                _ => sheet.write(line, column, cell),
            }
            .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// An answer of an interface: an envelope, numbers as numbers.
pub(crate) fn json() -> String {
    let records: Vec<String> = ROWS
        .iter()
        .map(|row| {
            let cell = |(name, cell): (&str, &&str)| match name {
                "Base" | "Commission" => format!("\"{name}\": {cell}"),
                _ => format!("\"{name}\": {}", serde_json::Value::from(*cell)),
            };
            let cells: Vec<String> = HEADER.into_iter().zip(row).map(cell).collect();
            format!("{{{}}}", cells.join(", "))
        })
        .collect();
    format!("{{\"Code\": \"200\", \"Data\": {{\"TotalCount\": 2, \"List\": [{}]}}}}", records.join(",\n"))
}

pub(crate) fn json_lines() -> String {
    let lines = ROWS.iter().map(|row| {
        let record: serde_json::Map<String, serde_json::Value> =
            HEADER.into_iter().map(str::to_owned).zip(row.iter().map(|cell| (*cell).into())).collect();
        serde_json::Value::Object(record).to_string() + "\n"
    });
    lines.collect()
}

fn with_lines(name: &str, bytes: &[u8], more: &str) -> Project {
    let project = Project::base();
    project.remove("input/2026-06-18/rebate_lines.csv").remove("input/2026-06-18/control_totals.csv");
    project.write("tieout.toml", SOURCE.replace("[source.columns]", &format!("{more}[source.columns]")));
    project.write(&format!("input/2026-06-18/{name}"), bytes);
    project
}

/// What the lines say.
fn said(seen: &Seen<'_>) -> Vec<String> {
    let columns = [
        "line_id",
        "order_ids",
        "account_ref",
        "base_vendor",
        "calculated",
        "status",
        "status_since",
        "reason_raw",
    ];
    seen.data(DataFile::Lines)
        .iter()
        .map(|row| columns.map(|column| row[column].as_str()).join(" | "))
        .collect()
}

#[test]
fn one_table_reads_alike_in_every_format() {
    // Goal: the format of a file changes nothing: ids keep their digits and zeros, amounts their value, days their day,
    // Chinese its characters (formats, traps 1 and 2; round trip of an export). Method: the same two lines in every format.
    let expected = [
        "0017 | O-1 | 5569414254138836 | 1000.00 | 80.00 | calculated | 2026-06-10 | 客户, \"一\" 的账单未付，佣金冻结",
        "0018 | O-2 | V-2 | 2000.50 | 160.04 | approved | 2026-06-11 | 合同未归档；产品不计业绩，等待税务发票",
    ];
    let plain = text(b',');
    let members = zip(&[("a/lines.csv", plain.as_bytes())]);
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("lines.csv", plain.clone().into_bytes(), ""),
        ("lines.csv", text(b';').into_bytes(), ""),
        ("lines.txt", text(b'\t').into_bytes(), ""),
        ("lines.csv", format!("\u{feff}{}", text(b'|').replace('\n', "\r\n")).into_bytes(), ""),
        ("lines.csv", utf16(&text(b'\t')), ""),
        ("lines.xls", gb18030(&text(b'\t')), "encoding = \"gb18030\"\n"),
        ("lines.csv.gz", gzip(plain.as_bytes()), ""),
        ("lines.zip", members, ""),
        ("lines.xlsx", workbook(), "table = \"Detail\"\n"),
        ("lines.xlsx", gzip(&workbook()), "table = \"Detail\"\n"),
        ("lines.json", json().into_bytes(), ""),
        ("lines.jsonl", json_lines().into_bytes(), ""),
        ("lines.bin", json().into_bytes(), "table = \"Data.List\"\n"),
    ];
    for (name, bytes, more) in cases {
        with_lines(name, &bytes, more).reconcile(|seen| {
            assert_eq!(said(seen), expected, "{name} {more}");
            let quarantined = &seen.reconciled.snapshot.quarantined;
            assert!(quarantined.is_empty(), "{name}: {quarantined:?}");
        });
    }
}

#[test]
fn the_evidence_of_a_workbook_is_its_sheet_and_row() {
    // Goal: a row of a workbook is found again: the file, the sheet and the row as the spreadsheet counts them. Method: the
    // table begins in row 3 of its sheet; its first record is row 4.
    with_lines("lines.xlsx", &workbook(), "table = \"Detail\"\n").reconcile(|seen| {
        let rows = seen.data(DataFile::Lines);
        assert_eq!(rows[0]["source_line"], "4");
        assert_eq!(rows[0]["source_file"], "2026-06-18/lines.xlsx");
    });
}

#[test]
fn files_that_cannot_be_read_stop_the_run_with_their_reasons() {
    // Goal: what is broken, too large or no table at all is named with the file, and nothing is published. Method: a file of
    // each kind; the codes of the fatal problems.
    let bomb = gzip(&vec![b'a'; 300 << 20]);
    let cut = gzip(text(b',').as_bytes());
    let wide = format!("{}\n", (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(","));
    let long = format!("{}{}\n", text(b','), "x".repeat((1 << 20) + 1));
    let rows = "<row><c t=\"str\"><v>x</v></c></row>".repeat(1 << 20);
    let sheet = format!("<?xml version=\"1.0\"?><worksheet><sheetData>{rows}</sheetData></worksheet>");
    let inflating = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let cases: [(&str, &[u8], &str); 8] = [
        ("lines.csv", wide.as_bytes(), "too-many-columns"),
        ("lines.csv", long.as_bytes(), "field-too-long"),
        ("lines.xlsx", &inflating, "workbook-too-large"),
        ("lines.csv.gz", &bomb, "archive-too-large"),
        ("lines.csv.gz", &cut[..cut.len() / 2], "archive-truncated"),
        ("lines.xlsx", &workbook()[..900], "archive-truncated"),
        ("lines.json", b"{\"Code\": \"Forbidden\", \"Message\": \"no permission\"}", "error-answer"),
        ("lines.csv", b"\x00\x01\x02\x03binary\x00\x00", "nul-byte"),
    ];
    for (name, bytes, code) in cases {
        let project = with_lines(name, bytes, "");
        let (result, problems) = project.try_build();
        assert!(result.is_err(), "{name}");
        let codes: Vec<_> = problems.iter().map(|p| format!("{} {}", p.file, p.code)).collect();
        assert!(codes.contains(&format!("2026-06-18/{name} {code}")), "{name}: {codes:?}");
        assert!(!project.path("site/internal").exists());
    }
}

#[test]
fn pages_of_one_answer_are_counted_together() {
    // Goal: every page says how many records all pages have; all of them there is no warning, and one missing is one. Method: an
    // answer of two records as two pages, then without the second.
    let page = |number: usize| {
        let of_page = json();
        let records: Vec<&str> = of_page.split_once('[').unwrap().1.split(",\n").collect();
        let record = records[number].trim_end_matches("]}}");
        format!("{{\"Code\": \"200\", \"Data\": {{\"TotalCount\": 2, \"List\": [{record}]}}}}")
    };
    let project = with_lines("lines.1.json", page(0).as_bytes(), "table = \"Data.List\"\n");
    let missing = |project: &Project| {
        project.reconcile(|seen| {
            let all = seen.problems("records-missing");
            (said(seen).len(), all.iter().map(|p| p.message.clone()).collect::<Vec<_>>())
        })
    };
    let alone = "the file says that there are 2 records, and holds 1".to_owned();
    assert_eq!(missing(&project), (1, vec![alone]));
    project.write("input/2026-06-18/lines.2.json", page(1));
    assert_eq!(missing(&project), (2, Vec::new()));
}

#[test]
fn an_empty_list_changes_nothing_and_is_said() {
    // Goal: an answer without records, as a wrong window gives it, neither stops the run nor empties what was known.
    // Method: two lines, then an empty list in a later folder.
    let project = with_lines("lines.json", json().as_bytes(), "table = \"Data.List\"\n");
    project.write(
        "input/2026-06-19/lines.json",
        "{\"Code\": \"200\", \"Data\": {\"TotalCount\": 0, \"List\": []}}",
    );
    project.reconcile(|seen| {
        assert_eq!(seen.reconciled.as_of().to_string(), "2026-06-19");
        assert_eq!(said(seen).len(), 2);
        let said: Vec<_> = seen.problems("file-without-records").iter().map(|p| p.file.as_str()).collect();
        assert_eq!(said, ["2026-06-19/lines.json"]);
    });
}

/// The lines of `typed.fods` as a workbook; its amounts and days are numbers and days in the first line, texts in the second.
fn typed_workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, name) in (0..).zip(HEADER) {
        sheet.write(0, column, name).unwrap();
    }
    let since = rust_xlsxwriter::ExcelDateTime::parse_from_str("2026-06-10").unwrap();
    sheet.write_row(1, 0, ["0017", "O-1", "5569414254138836"]).unwrap();
    sheet.write_row(1, 3, [1000.125, 80.0]).unwrap();
    sheet.write_row(1, 5, ["USD", "CALCULATED"]).unwrap();
    sheet.write_with_format(1, 7, &since, &day).unwrap();
    sheet.write(1, 8, "typed").unwrap();
    let text = ["0018", "O-2", "V-2", "2.000,125", "160,04", "USD", "APPROVED", "11/06/2026", "text"];
    sheet.write_row(2, 0, text).unwrap();
    book.save_to_buffer().unwrap()
}

/// The same as Parquet, where a column is of one type: the base a double, the day a date, the commission a text.
fn typed_parquet() -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
    let columns = HEADER.map(|name| match name {
        "Base" => "required double Base;".to_owned(),
        "Since" => "required int32 Since (DATE);".to_owned(),
        _ => format!("required binary {name} (UTF8);"),
    });
    let schema = format!("message lines {{ {} }}", columns.concat());
    let schema = std::sync::Arc::new(parquet::schema::parser::parse_message_type(&schema).unwrap());
    let properties = std::sync::Arc::default();
    let mut writer =
        parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let first = ["0017", "O-1", "5569414254138836", "", "80", "USD", "CALCULATED", "", "typed"];
    let second = ["0018", "O-2", "V-2", "", "160,04", "USD", "APPROVED", "", "text"];
    for (name, (first, second)) in HEADER.into_iter().zip(first.into_iter().zip(second)) {
        let mut column = group.next_column().unwrap().unwrap();
        match name {
            "Base" => column.typed::<DoubleType>().write_batch(&[1000.125, 2000.125], None, None),
            "Since" => column.typed::<Int32Type>().write_batch(&[20_614, 20_615], None, None),
            _ => {
                let cells = [ByteArray::from(first), ByteArray::from(second)];
                column.typed::<ByteArrayType>().write_batch(&cells, None, None)
            }
        }
        .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn marks_and_dates_of_texts_are_not_held_against_numbers_and_days() {
    // Goal: money: 1000.125 that is a number in the file is no million under `thousands = "."`, and a day that is a day is not
    // refused because texts have slashes; texts of the same column keep what is declared. Method: in every format that has
    // types one line of numbers and one of texts; amounts have a third digit, so that the point looks like a mark of groups,
    // and are rounded as declared; scientific notation, in which no amount is exact, stays refused.
    let expected = [
        "0017 | O-1 | 5569414254138836 | 1000.12 | 80.00 | calculated | 2026-06-10 | typed",
        "0018 | O-2 | V-2 | 2000.12 | 160.04 | approved | 2026-06-11 | text",
    ];
    let json = |base: &str| {
        let first = format!(
            "{{\"Line\":\"0017\",\"Order\":\"O-1\",\"Account\":\"5569414254138836\",\"Base\":{base},\"Commission\":80,\
             \"Currency\":\"USD\",\"状态\":\"CALCULATED\",\"Since\":\"10/06/2026\",\"Note\":\"typed\"}}"
        );
        let second = "{\"Line\":\"0018\",\"Order\":\"O-2\",\"Account\":\"V-2\",\"Base\":\"2.000,125\",\
            \"Commission\":\"160,04\",\"Currency\":\"USD\",\"状态\":\"APPROVED\",\"Since\":\"11/06/2026\",\"Note\":\"text\"}";
        format!("[{first},\n{second}]").into_bytes()
    };
    let fixture =
        |name: &str| std::fs::read(super::support::tests().join("fixtures/formats").join(name)).unwrap();
    let european = "decimal = \",\"\nthousands = \".\"\ndates = \"%d/%m/%Y\"\nround = \"half-even\"\n";
    let cases = [
        ("lines.json", json("1000.125")),
        ("lines.xlsx", typed_workbook()),
        ("lines.ods", fixture("typed.ods")),
        ("lines.xls", fixture("typed.xls")),
        ("lines.parquet", typed_parquet()),
    ];
    for (name, bytes) in cases {
        with_lines(name, &bytes, european).reconcile(|seen| {
            assert_eq!(said(seen), expected, "{name}");
            let quarantined = &seen.reconciled.snapshot.quarantined;
            assert!(quarantined.is_empty(), "{name}: {quarantined:?}");
        });
    }
    for base in ["1E3", "1.5e-2"] {
        with_lines("lines.json", &json(base), european).reconcile(|seen| {
            assert_eq!(said(seen), expected[1..], "{base}");
            assert_eq!(seen.problems("amount-exponent").len(), 1, "{base}");
        });
    }
    // Marks the other way round: a text has groups, a number never.
    let american = "thousands = \",\"\nunit = \"hundredth\"\ndates = \"%d/%m/%Y\"\n";
    let text = String::from_utf8(json("100012"))
        .unwrap()
        .replace("2.000,125", "200,012")
        .replace("160,04", "16,004");
    let text = text.replace(":80,", ":8000,");
    with_lines("lines.json", text.as_bytes(), american).reconcile(|seen| assert_eq!(said(seen), expected));
}

#[test]
fn what_lies_deep_in_itself_ends_with_words() {
    // Goal: no file overflows the stack: whatever lies in itself a hundred thousand times is a problem with words, or is not
    // looked into. Method: JSON, the parts of workbooks and archives, each nested so deep.
    const DEEP: usize = 100_000;
    let around =
        |start: &str, inner: &str, end: &str| [&start.repeat(DEEP), inner, &end.repeat(DEEP)].concat();
    let codes = |bytes: Vec<u8>| match format::open("lines", bytes, &Declared::default()) {
        Ok(sheets) => sheets.iter().map(|sheet| format!("{} bytes", sheet.text.len().min(100))).collect(),
        Err(problems) => problems.into_iter().map(|problem| problem.code.to_owned()).collect::<Vec<_>>(),
    };
    assert_eq!(codes(around("[", "", "]").into_bytes()), ["record-not-an-object"]);
    assert_eq!(codes(around("[", "", "").into_bytes()), ["json-cut-off"]);
    assert_eq!(codes(around("{\"a\":", "1", "}").into_bytes()), ["too-deep"]);
    assert_eq!(codes(around("{\"a\":[", "1", "]}").into_bytes()), ["100 bytes"], "a list is a cell");
    assert_eq!(codes(format!("[{{\"x\":{}}}]", around("{\"a\":", "1", "}")).into_bytes()), ["too-deep"]);
    let book = |name: &str, part: &str| {
        let plain = typed_workbook();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(plain)).unwrap();
        let mut members = Vec::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let (own, mut bytes) = (file.name().unwrap().into_owned(), Vec::new());
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            let bytes = if own == name { part.as_bytes().to_vec() } else { bytes };
            members.push((own, bytes));
        }
        let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (&**name, &**bytes)).collect();
        zip(&members)
    };
    for tag in ["x", "row", "c", "is", "v", "sheetData"] {
        let nested = around(&format!("<{tag}>"), "1", &format!("</{tag}>"));
        let sheet = format!("<worksheet><sheetData><row><c>{nested}</c></row></sheetData></worksheet>");
        assert_eq!(codes(book("xl/worksheets/sheet1.xml", &sheet)).len(), 1, "{tag}");
    }
    for (name, tag) in [
        ("xl/sharedStrings.xml", "si"),
        ("xl/sharedStrings.xml", "r"),
        ("xl/styles.xml", "xf"),
        ("xl/workbook.xml", "sheets"),
        ("[Content_Types].xml", "Types"),
    ] {
        let nested = around(&format!("<{tag}>"), "1", &format!("</{tag}>"));
        assert_eq!(codes(book(name, &nested)).len(), 1, "{name}");
    }
    for tag in
        ["table:table", "table:table-row", "table:table-cell", "text:p", "text:span", "office:annotation"]
    {
        let nested = around(&format!("<{tag}>"), "1", &format!("</{tag}>"));
        let content = format!(
            "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"a\"><table:table-row>\
             <table:table-cell office:value-type=\"string\">{nested}</table:table-cell></table:table-row></table:table>\
             </office:spreadsheet></office:body></office:document-content>"
        );
        let kind = b"application/vnd.oasis.opendocument.spreadsheet";
        let bytes = zip(&[("mimetype", &kind[..]), ("content.xml", content.as_bytes())]);
        assert_eq!(codes(bytes).len(), 1, "{tag}");
    }
    let mut packed = zip(&[("lines.csv", text(b',').as_bytes())]);
    for _ in 0..50 {
        packed = zip(&[("inner.zip", &packed)]);
    }
    assert_eq!(codes(packed), ["archive-nested"]);
}

//! Workbooks made by `rust_xlsxwriter` and LibreOffice, and files that mean harm.

use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

const ODS: &[u8] = include_bytes!("../../../../tests/fixtures/formats/close.ods");
const XLS: &[u8] = include_bytes!("../../../../tests/fixtures/formats/close.xls");

/// An XLSX with one sheet.
fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("May").unwrap());
    book.save_to_buffer().unwrap()
}

/// The same package with parts changed; a part that is not there is added.
fn repacked(bytes: &[u8], name: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let own = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if own == name {
            let text = String::from_utf8(content).unwrap();
            content = change.take().unwrap()(text).into_bytes();
        }
        new.start_file(own, SimpleFileOptions::default()).unwrap();
        new.write_all(&content).unwrap();
    }
    if let Some(change) = change {
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(change(String::new()).as_bytes()).unwrap();
    }
    new.finish().unwrap().into_inner()
}

/// The XML of the only sheet, in a package that is otherwise sound.
fn with_rows(rows: &str) -> Vec<u8> {
    repacked(&xlsx(|_| {}), "xl/worksheets/sheet1.xml", |xml| {
        assert!(xml.contains("<sheetData/>"), "{xml}");
        xml.replace("<sheetData/>", &format!("<sheetData>{rows}</sheetData>"))
    })
}

fn named(table: &str) -> Declared {
    Declared { table: Some(table.to_owned()), ..Declared::default() }
}

fn sheets(bytes: &[u8]) -> Vec<Sheet> {
    read("file.xlsx", bytes, &Declared::default()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn only(bytes: &[u8]) -> Sheet {
    let mut all = sheets(bytes);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn problem(bytes: &[u8]) -> Problem {
    let mut problems = read("file.xlsx", bytes, &Declared::default()).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

fn code(bytes: &[u8]) -> &'static str {
    problem(bytes).code
}

#[test]
fn cells_come_out_as_a_spreadsheet_shows_them() {
    // Goal: ids stay ids, amounts are the decimals people see, and damaged ids are visible. Method: a sheet with one cell of
    // each kind, as a spreadsheet shows it; blank rows above, between and to the left.
    let bytes = xlsx(|sheet| {
        let cell = |sheet: &mut Worksheet, row, text: &str| {
            sheet.write(row, 2, text).unwrap();
        };
        cell(sheet, 3, "00421");
        cell(sheet, 4, "5569414254138836\t");
        cell(sheet, 5, "阿里, \"云\"\nb");
        for (row, number) in [
            (7, 5_569_414_254_138_836.0),
            (8, 1_234.560_000_000_000_1),
            (9, 0.1 + 0.2),
            (10, -1250.5),
            (11, 999_999_999_999_999.0),
            (12, 1e-40),
            (13, 0.000_001),
        ] {
            sheet.write(row, 2, number).unwrap();
        }
        sheet.write(14, 2, true).unwrap();
        sheet.merge_range(15, 2, 16, 3, "merged", &Format::new()).unwrap();
        sheet.write(17, 3, "right").unwrap();
        sheet.write(18, 2, Formula::new("=1+1").set_result("2")).unwrap();
    });
    let sheet = only(&bytes);
    let expected = "00421,\n5569414254138836\t,\n\"阿里, \"\"云\"\"\nb\",\n5.56941425413884E+15,\n1234.56,\n0.3,\n-1250.5,\n\
                    999999999999999,\n1E-40,\n0.000001,\ntrue,\nmerged,\n,right\n2,\n";
    assert_eq!(sheet.text, expected);
    assert_eq!(sheet.rows.as_deref(), Some(&[4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19][..]));
    assert_eq!((sheet.left, sheet.delimiter, sheet.name.as_str()), (2, b',', "May"));
    assert_eq!(
        sheet.detected,
        [
            "XLSX workbook",
            "3 numbers shortened to 15 significant digits, as a spreadsheet shows them (first in C9)",
            "1 number of more than 15 digits before the point, whose end a spreadsheet does not keep (first in C8)",
        ]
    );
    assert_eq!(
        read("close.csv", &bytes, &Declared::default()).unwrap()[0].detected[0],
        "XLSX workbook, whatever its name says"
    );
}

#[test]
fn a_value_in_pieces_is_refused() {
    // Goal: money: a value that would be read in part, or as another, stops the file. Method: numbers, numbers of shared texts and
    // texts with comments, sections, references and elements in them, and two values in one cell; what a spreadsheet program
    // can write stays readable.
    let cell = |of: &str, value: &str| with_rows(&format!("<row r=\"1\"><c r=\"A1\"{of}>{value}</c></row>"));
    for (of, value) in [
        ("", "<v>1<!-- x -->2</v>"),
        ("", "<v>&#49;2</v>"),
        ("", "<v>12&#51;</v>"),
        (" t=\"n\"", "<v><![CDATA[12]]></v>"),
        ("", "<v>1<x/>2</v>"),
        ("", "<v>1<?x y?>2</v>"),
        ("", "<v>1</v><v>2</v>"),
        (" t=\"s\"", "<v>-1</v>"),
        (" t=\"s\"", "<v>0.5</v>"),
        (" t=\"str\"", "<v>80<![CDATA[,125]]></v>"),
        (" t=\"str\"", "<v>80<x>,125</x></v>"),
    ] {
        let problem = problem(&cell(of, value));
        assert_eq!(problem.code, "workbook-broken", "{of} {value}");
        assert!(problem.message.contains("in pieces"), "{}", problem.message);
    }
    for (of, value, text) in [
        ("", "<f>6*2</f><v>12</v>", "12\n"),
        ("", "<v/>", ""),
        (" t=\"str\"", "<f>A&amp;B</f><v>R&amp;D<!-- x -->&#49;</v>", "R&D1\n"),
        (" t=\"inlineStr\"", "<is><t><![CDATA[a<b]]>&amp;c</t></is>", "a<b&c\n"),
    ] {
        let found = read("file.xlsx", &cell(of, value), &Declared::default());
        let found = found.map_or(String::new(), |mut sheets| sheets.remove(0).text);
        assert_eq!(found, text, "{of} {value}");
    }
    let section = repacked(ODS, "content.xml", |xml| xml.replacen("<text:p>", "<text:p><![CDATA[1]]>", 1));
    assert_eq!(code(&section), "workbook-broken");
}

#[test]
fn a_cell_of_ods_that_only_shows_a_text_is_refused() {
    // Goal: no amount is left out without a word. Method: a cell that shows 5 and has no value, under each type; notes and
    // drawings at cells without a value are none of it.
    let with = |cell: &str| {
        repacked(ODS, "content.xml", |_| {
            format!(
                "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"a\"><table:table-row>\
                 <table:table-cell office:value-type=\"string\"><text:p>h</text:p></table:table-cell>{cell}\
                 </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
            )
        })
    };
    for of in ["", " office:value-type=\"float\"", " office:value-type=\"date\" office:value=\"5\""] {
        let cell =
            format!("<table:table-cell{of}><text:p><text:span>5</text:span></text:p></table:table-cell>");
        assert!(problem(&with(&cell)).message.ends_with("a cell shows a text and has no value"), "{of}");
    }
    for inside in [
        "<office:annotation><text:p>note</text:p></office:annotation>",
        "<draw:frame><draw:text-box><text:p>5</text:p></draw:text-box></draw:frame><text:p> </text:p>",
    ] {
        let cell = format!("<table:table-cell>{inside}</table:table-cell>");
        assert_eq!(only(&with(&cell)).text, "h\n", "{inside}");
    }
    let cell = "<table:table-cell office:value-type=\"float\" office:value=\"5\"><text:p>5,00</text:p></table:table-cell>";
    assert_eq!(only(&with(cell)).text, "h,5\n");
}

#[test]
fn days_follow_the_calendar_of_the_workbook() {
    // Goal: no date is four years off. Method: days and times by the writer's own dates in the calendar of 1900, the same
    // serial numbers said to be of 1904; a number that is no day stays a number.
    let bytes = xlsx(|sheet| {
        for (row, (serial, format)) in [
            (46_173.0, "yyyy-mm-dd"),
            (46_173.586_805_555_555, "yyyy-mm-dd hh:mm"),
            (0.147_222_222_222_222_2, "hh:mm"),
            (1.5, "[h]:mm"),
            (60.0, "d/m/yyyy"),
            (-3.0, "yyyy-mm-dd"),
            (46_173.0, "0.00"),
        ]
        .into_iter()
        .enumerate()
        {
            sheet
                .write_with_format(
                    u32::try_from(row).unwrap(),
                    0,
                    serial,
                    &Format::new().set_num_format(format),
                )
                .unwrap();
        }
        let day = ExcelDateTime::from_ymd(2026, 5, 31).unwrap();
        sheet.write_with_format(7, 0, &day, &Format::new().set_num_format("d mmm yyyy")).unwrap();
    });
    let of_1900 = "2026-05-31\n2026-05-31 14:05:00\n03:32:00\n36:00:00\n1900-02-29\n-3\n46173\n2026-05-31\n";
    assert_eq!(only(&bytes).text, of_1900);
    let bytes =
        repacked(&bytes, "xl/workbook.xml", |xml| xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" "));
    let of_1904 = "2030-06-01\n2030-06-01 14:05:00\n03:32:00\n36:00:00\n1904-03-01\n-3\n46173\n2030-06-01\n";
    assert_eq!(only(&bytes).text, of_1904);
    assert_eq!(only(&bytes).detected, ["XLSX workbook", "days counted from 1904"]);
}

#[test]
fn errors_and_formulas_without_a_result_are_told() {
    // Goal: what is no value is not taken for one. Method: XML as Excel and openpyxl write it.
    let rows = "<row r=\"2\"><c r=\"B2\" t=\"e\"><v>#N/A</v></c><c r=\"C2\"><f>A1*2</f></c><c r=\"D2\"><f>A1</f><v></v></c>\
                <c r=\"E2\" t=\"str\"><f>\"\"</f><v></v></c><c r=\"F2\" t=\"inlineStr\"><is><t>a</t></is></c><c r=\"G2\" s=\"0\"/></row>";
    let sheet = only(&with_rows(rows));
    assert_eq!(sheet.text, "#N/A,#UNCALCULATED!,#UNCALCULATED!,,a\n");
    assert_eq!(sheet.detected[1], "2 formulas whose results are not in the file (first in C2)");
}

#[test]
fn sheets_are_chosen_by_name() {
    // Goal: the right sheet is read, and a hidden one never by chance. Method: four sheets, one hidden and one empty.
    let mut book = Workbook::new();
    for name in ["May", "June", "Rates", "Empty"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        if name != "Empty" {
            sheet.write(0, 0, name).unwrap();
        }
        sheet.set_hidden(name == "Rates");
    }
    let bytes = book.save_to_buffer().unwrap();
    let names = |declared: &Declared| -> Vec<String> {
        read("a.xlsx", &bytes, declared).unwrap().into_iter().map(|sheet| sheet.name).collect()
    };
    assert_eq!(names(&Declared::default()), ["May", "June"]);
    assert!(sheets(&bytes)[0].detected.contains(&"hidden sheets left out: `Rates` (hidden)".to_owned()));
    assert_eq!(names(&named("june")), ["June"]);
    assert_eq!(names(&named("*")), ["May", "June"]);
    assert_eq!(names(&named("J*e")), ["June"]);
    assert_eq!(names(&named("Rates")), ["Rates"]);
    let none = &read("a.xlsx", &bytes, &named("July")).unwrap_err()[0];
    assert_eq!(none.code, "workbook-no-sheet");
    assert_eq!(
        none.message,
        "the workbook has no sheet `July`; it has `May`, `June`, `Rates` (hidden), `Empty`"
    );
    assert_eq!(read("a.xlsx", &bytes, &named("Empty")).unwrap_err()[0].code, "workbook-empty");
}

#[test]
fn ods_and_xls_read_like_xlsx() {
    // Goal: a format changes nothing. Method: one table by hand, saved by LibreOffice as both; of a number of 16 digits and an
    // amount with noise, the table says what a spreadsheet shows.
    let table = "order,uid,amount,day,paid,method,renewed,check\n\
                 00421,5.56941425413884E+15,1234.56,2026-05-31,2026-05-31 14:05:00,03:32:00,true,#N/A\n\
                 \"阿里云, \"\"中国\"\" a\nb\",,-0.5,1900-03-01,,,false,2469.12\n";
    for (bytes, name) in [(ODS, "close.ods"), (XLS, "close.xls")] {
        let all = read(name, bytes, &Declared::default()).unwrap();
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(all[0].text, table, "{name}");
        assert_eq!((all[0].rows.as_deref(), all[0].left), (Some(&[3, 7, 8][..]), 1), "{name}");
        // LibreOffice writes fifteen digits into ODS, and doubles as they are into XLS.
        let noise = "2 numbers shortened to 15 significant digits, as a spreadsheet shows them (first in D7)";
        let told = [
            &format!("{} workbook", name[6..].to_uppercase()),
            "hidden sheets left out: `Rates` (hidden)",
            noise,
            "1 number of more than 15 digits before the point, whose end a spreadsheet does not keep (first in C7)",
        ];
        let expected: Vec<&str> =
            told.into_iter().filter(|told| *told != noise || name.ends_with("xls")).collect();
        assert_eq!(all[0].detected, expected);
        assert_eq!(read(name, bytes, &named("Rates")).unwrap()[0].text, "rate\n0.07\n", "{name}");
    }
}

#[test]
fn what_a_file_is_follows_from_its_bytes() {
    // Goal: text that is called `.xls` can go to the reader of text, everything else is refused with the way out. Method: the
    // first bytes of each kind.
    let page = b"\xef\xbb\xbf\r\n<HTML><body><table><tr><td>1</td></tr></table>";
    let single = b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
    for (bytes, kind, refused) in [
        (xlsx(|_| {}).as_slice(), Some(Kind::Xlsx), "workbook-empty"),
        (ODS, Some(Kind::Ods), ""),
        (XLS, Some(Kind::Xls), ""),
        (page, Some(Kind::Markup), "workbook-markup"),
        (single, Some(Kind::Markup), "workbook-markup"),
        (b"\x09\x08\x08\x00\x00\x00\x10\x00", Some(Kind::Old), "workbook-too-old"),
        (b"order,amount\n1,2\n", None, "workbook-not-one"),
        (b"=\"001\"\t2\n", None, "workbook-not-one"),
        (b"<?xml version=\"1.0\"?><orders/>", None, "workbook-not-one"),
        (b"", None, "workbook-not-one"),
    ] {
        assert_eq!(looks_like(bytes), kind);
        let code =
            read("a.xls", bytes, &Declared::default()).map_or_else(|problems| problems[0].code, |_| "");
        assert_eq!(code, refused, "{kind:?}");
    }
    let binary = repacked(&xlsx(|_| {}), "xl/workbook.bin", |_| "x".to_owned());
    assert_eq!((looks_like(&binary), code(&binary)), (Some(Kind::Xlsb), "workbook-binary"));
    let archive = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert_eq!(looks_like(&archive), None, "an archive of other files");
}

#[test]
fn a_password_and_a_missing_end_are_named() {
    // Goal: the reader knows what to do. Method: the package of an encrypted XLSX, an XLS that begins with a password, an
    // encrypted ODS; files cut at each tenth of their length.
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap().write_all(&[7; 5_000]).unwrap();
    assert_eq!(code(&file.into_inner().into_inner()), "workbook-encrypted");
    assert_eq!(code(&xls(&[(0x002F, &[0, 0, 1, 2])], &[])), "workbook-encrypted");
    let locked = repacked(ODS, "META-INF/manifest.xml", |xml| {
        xml.replacen(
            "<manifest:file-entry",
            "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry><manifest:file-entry",
            1,
        )
    });
    assert_eq!(code(&locked), "workbook-encrypted");
    let bytes = xlsx(|sheet| {
        sheet.write(0, 0, "order").unwrap();
    });
    for whole in [bytes.as_slice(), ODS, XLS] {
        for tenth in 1..10 {
            let cut = &whole[..whole.len() * tenth / 10];
            let problem = problem(cut);
            assert_eq!(problem.code, "workbook-broken", "{tenth}: {problem:?}");
            assert!(problem.message.starts_with("the workbook cannot be read: "), "{problem:?}");
        }
    }
    let unclosed = repacked(ODS, "content.xml", |xml| {
        let at = xml.rfind("<table:table-row").unwrap();
        xml[..at].to_owned()
    });
    assert_eq!(code(&unclosed), "workbook-broken", "calamine would wait for the end of the table");
}

#[test]
fn a_sheet_is_as_large_as_its_cells() {
    // Goal: what a file claims is not believed (T11). Method: a claim of all cells there can be, which changes nothing; columns
    // that pad every row; cells that are out of order or nowhere.
    let bytes = xlsx(|sheet| {
        sheet.write(0, 0, "order").unwrap();
    });
    let claimed = repacked(&bytes, "xl/worksheets/sheet1.xml", |xml| {
        assert!(xml.contains("<dimension ref=\"A1\"/>"));
        xml.replace("<dimension ref=\"A1\"/>", "<dimension ref=\"A1:XFD1048576\"/>")
    });
    assert_eq!(only(&claimed).text, "order\n");
    let wide: String = (0..10_001).map(|_| "<c><v>1</v></c>").collect();
    let problem = problem(&with_rows(&format!("<row r=\"1\">{wide}</row>")));
    assert_eq!((problem.code, problem.line, problem.column), ("sheet-too-wide", 1, 4_097));
    assert_eq!(problem.message, "the cells reach from column A to FAO, more than 4096 columns");
    let cell = |place: &str| format!("<row><c r=\"{place}\"><v>1</v></c></row>");
    for (second, expected) in [
        ("A5", "cell-misplaced"),
        ("A4", "cell-misplaced"),
        ("XFE6", "cell-misplaced"),
        ("A1048577", "cell-misplaced"),
    ] {
        assert_eq!(code(&with_rows(&(cell("A5") + &cell(second)))), expected, "{second}");
    }
    assert_eq!(only(&with_rows(&(cell("B5") + &cell("A1048576")))).text, ",1\n1,\n");
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    // Goal: memory stays bounded whatever a file says (T11). Method: one of each thing that `calamine` would believe.
    let repeated = with_rows(&"<row><c><v>1</v></c></row>".repeat(2_000_000));
    assert_eq!((code(&repeated), repeated.len() < 1_000_000), ("workbook-too-large", true));
    let strings = |stated: &str| {
        repacked(&xlsx(|_| {}), "xl/sharedStrings.xml", |_| {
            format!("<sst uniqueCount=\"{stated}\"><si><t>a</t></si></sst>")
        })
    };
    assert_eq!(code(&strings("1")), "workbook-empty");
    assert_eq!(code(&strings("4000000000")), "workbook-too-large");
    let styles = repacked(&xlsx(|_| {}), "xl/styles.xml", |xml| xml.replace("Calibri", &"x".repeat(5_000)));
    assert_eq!(code(&styles), "workbook-too-large");
    let ods = |from: &str, to: &str| {
        repacked(ODS, "content.xml", |xml| {
            assert!(xml.contains(from));
            xml.replacen(from, to, 1)
        })
    };
    let cell = "<table:table-cell office:value-type=\"string\" calcext:value-type=\"string\"><text:p>";
    assert_eq!(
        code(&ods(cell, &cell.replace("office:", "table:number-columns-repeated=\"10000\" office:"))),
        "sheet-too-wide"
    );
    assert_eq!(code(&ods("rows-repeated=\"3\"", "rows-repeated=\"1000000000\"")), "workbook-too-many-cells");
    assert_eq!(code(&ods(cell, &format!("{cell}<text:s text:c=\"4000000000\"/>"))), "workbook-too-much-text");
    assert_eq!(code(&ods("rows-repeated=\"3\"", "rows-repeated=\"-1\"")), "workbook-broken");
    let long = ods("00421", "0042");
    assert_eq!(
        sheets(&long)[0].text.lines().nth(1).unwrap().split(',').next(),
        Some("0042"),
        "else all is well"
    );
    // A directory that says less than there is: the size of the sheet in the last entry of the directory.
    let mut lying = with_rows(&"<row/>".repeat(10_000));
    let entry = memchr::memmem::rfind(&lying, b"xl/worksheets/sheet1.xml").unwrap() - 46;
    lying[entry + 24..entry + 28].copy_from_slice(&100_u32.to_le_bytes());
    let lie = problem(&lying);
    assert!(lie.message.contains("larger than its declared"), "{lie:?}");
    // One digit of an amount turned over on the way: only the checksum knows.
    let mut flipped = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let sound = with_rows("<row><c><v>1234567</v></c></row>");
    let mut zip = ZipArchive::new(Cursor::new(&sound)).unwrap();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        flipped.start_file(part.name().unwrap().into_owned(), stored).unwrap();
        std::io::copy(&mut part, &mut flipped).unwrap();
    }
    let mut flipped = flipped.finish().unwrap().into_inner();
    assert_eq!(only(&flipped).text, "1234567\n");
    let at = memchr::memmem::find(&flipped, b"1234567").unwrap();
    flipped[at] = b'9';
    assert!(problem(&flipped).message.contains("checksum"), "{:?}", problem(&flipped));
}

/// An XLS of the records of the workbook and of one sheet; each has its number and its data.
fn xls(workbook: &[(u16, &[u8])], sheet: &[(u16, &[u8])]) -> Vec<u8> {
    let begin: (u16, &[u8]) = (0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let write = |records: &[(u16, &[u8])]| -> Vec<u8> {
        let one = |(kind, data): &(u16, &[u8])| {
            let length = u16::try_from(data.len()).unwrap();
            [&kind.to_le_bytes(), &length.to_le_bytes(), *data].concat()
        };
        records.iter().flat_map(one).collect()
    };
    let mut tab = [0, 0, 0, 0, 0, 0, 3, 0, b'M', b'a', b'y'];
    let globals = |tab: &[u8]| write(&[&[begin], workbook, &[(0x0085, tab), (0x000A, &[])]].concat());
    let start = u32::try_from(globals(&tab).len()).unwrap();
    tab[..4].copy_from_slice(&start.to_le_bytes());
    let stream = [globals(&tab), write(&[&[begin], sheet, &[(0x000A, &[])]].concat())].concat();
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_xls_is_looked_at_record_by_record() {
    // Goal: the same for the format that states the most (T11). Method: sound records beside ones that claim too much.
    let number = |row: u16, column: u16| {
        [&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &1.5_f64.to_le_bytes()].concat()
    };
    let (first, last) = (number(0, 0), number(65_535, 255));
    let sheet = xls(&[], &[(0x0203, &first), (0x0203, &number(1, 1))]);
    assert_eq!(only(&sheet).text, "1.5,\n,1.5\n");
    // The size of a sheet, which calamine makes room for: four thousand million rows of 255 columns.
    let claim = [0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 0, 0, 0];
    assert_eq!(only(&xls(&[], &[(0x0200, &claim), (0x0203, &first)])).text, "1.5\n");
    assert_eq!(code(&xls(&[], &[(0x0203, &first), (0x0203, &last)])), "workbook-too-many-cells");
    // A text of 65,535 characters that is not there.
    assert_eq!(code(&xls(&[], &[(0x0204, &[0, 0, 0, 0, 0, 0, 255, 255, 0, b'a'])])), "workbook-broken");
    // Shared texts, one of which goes on in a second record; then so many cells with the long one that they fill the memory.
    let long = [&[2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, b'a', 0x40, 0x9C, 0][..], &[b'b'; 8_000]].concat();
    let rest = [&[0][..], &[b'c'; 8_000], &[0], &[b'd'; 24_000]].concat();
    let strings: [(u16, &[u8]); 3] = [(0x00FC, &long), (0x003C, &rest[..8_001]), (0x003C, &rest[8_001..])];
    let shared = |row: u16, index: u8| [&row.to_le_bytes()[..], &[0, 0, 0, 0, index, 0, 0, 0]].concat();
    let two = only(&xls(&strings, &[(0x00FD, &shared(0, 0)), (0x00FD, &shared(1, 1))]));
    assert_eq!((two.text.len(), &two.text[..6]), (2 + 40_001, "a\nbbbb"));
    let many: Vec<Vec<u8>> = (0..3_000).map(|row| shared(row, 1)).collect();
    let many: Vec<(u16, &[u8])> = many.iter().map(|data| (0x00FD, data.as_slice())).collect();
    assert_eq!(code(&xls(&strings, &many)), "workbook-too-much-text");
    // Formulas are read for their results only: the formula itself is nonsense; and one has a text that is not there.
    let formula = |row: u16, result: &[u8]| {
        [&row.to_le_bytes()[..], &[0, 0, 0, 0], result, &[0; 6], &[3, 0, 0xFF, 0xFF, 0xFF]].concat()
    };
    let (known, unknown) = (formula(0, &2.5_f64.to_le_bytes()), formula(1, &[0, 0, 0, 0, 0, 0, 255, 255]));
    let formulas = only(&xls(&[], &[(0x0006, &known), (0x0006, &unknown)]));
    assert_eq!(formulas.text, "2.5\n#UNCALCULATED!\n");
    let blank = records::checked(&xls(&[], &[(0x0006, &known)])).unwrap();
    assert!(memchr::memmem::find(&blank, &[3, 0, 0xFF, 0xFF, 0xFF]).is_none(), "calamine would write it out");
    // A ring of sectors, in which calamine would go round until memory ends: the table says that each is followed by itself.
    let mut ring = XLS.to_vec();
    let table = 512 + 512 * usize::try_from(u32::from_le_bytes(ring[76..80].try_into().unwrap())).unwrap();
    let directory = u32::from_le_bytes(ring[48..52].try_into().unwrap());
    let entry = table + 4 * usize::try_from(directory).unwrap();
    ring[entry..entry + 4].copy_from_slice(&directory.to_le_bytes());
    assert_eq!(code(&ring), "workbook-broken");
}

#[test]
fn a_panic_is_a_problem_of_the_file() {
    // Goal: no file ends the run. Method: work that panics; and one that does not.
    assert_eq!(caught(|| 7), Ok(7));
    assert_eq!(
        caught(|| -> u8 { panic!("attempt to {}", "overflow") }),
        Err("attempt to overflow".to_owned())
    );
    // A row number that does not fit into 32 bits, on which calamine stops where arithmetic is checked.
    let rows = "<row r=\"1\"><c r=\"A99999999999\"><v>1</v></c></row>";
    assert!(["workbook-broken", "cell-misplaced"].contains(&code(&with_rows(rows))));
}

fn small() -> Vec<u8> {
    xlsx(|sheet| {
        sheet.write(0, 0, "order").unwrap();
        sheet.write(1, 0, 12.5).unwrap();
        sheet.write_with_format(1, 1, 46_173.5, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
        sheet.write(2, 0, Formula::new("=A2*2").set_result("25")).unwrap();
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_damage_stops_a_run(which in 0..3_usize, hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        // Goal: hostile bytes do not stop a run (T11). Method: any bytes of a small workbook of each format changed; sheets or
        // problems come back.
        let mut bytes = vec![small(), ODS.to_vec(), XLS.to_vec()].swap_remove(which);
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(problems) = read("a.xlsx", &bytes, &Declared::default()) {
            prop_assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.help.is_empty()));
        }
    }

    #[test]
    fn no_xml_stops_a_run(which in 0..5_usize, hits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~]{0,3}"), 1..4)) {
        // Goal: the same behind the checksums. Method: pieces of the XML of a part replaced, and the parts packed anew.
        let part = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "content.xml"][which];
        let whole = if part == "content.xml" { ODS.to_vec() } else { small() };
        let bytes = repacked(&whole, part, |mut xml| {
            for (at, piece) in hits {
                let at = at.index(xml.len());
                if let Some(end) = xml.get(at..).and_then(|rest| rest.char_indices().nth(piece.len().max(1)))
                    .map(|(length, _)| at + length)
                {
                    xml.replace_range(at..end, &piece);
                }
            }
            xml
        });
        let _ = read("a.xlsx", &bytes, &Declared::default());
    }

    #[test]
    fn fifteen_digits_are_exact(units in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=12) {
        // Goal: no amount changes. Method: any decimal of up to fifteen digits through a double, against another crate.
        let decimal = rust_decimal::Decimal::new(units, scale);
        let expected = if decimal.is_zero() { "0".to_owned() } else { decimal.normalize().to_string() };
        prop_assert_eq!(value::decimal(decimal.to_string().parse().unwrap()), (expected, value::Loss::None));
    }

    #[test]
    fn doubles_keep_fifteen_digits(number in any::<f64>()) {
        // Goal: what is cut is noise behind the fifteenth digit. Method: any double; what comes out reads as the same fifteen
        // digits, by the formatting of the standard library.
        let (text, _) = value::decimal(number);
        prop_assert!(text.len() < 60, "{}", text);
        if number.is_finite() && number != 0.0 {
            let short: f64 = text.parse().unwrap();
            prop_assert!(short.is_infinite() || format!("{number:.14e}") == format!("{short:.14e}"), "{} {}", number, text);
        }
    }
}

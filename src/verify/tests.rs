use super::*;

fn differences(path: &str, found: &str, expected: &str) -> Vec<(String, What, String, String)> {
    let all = compare(path, found.as_bytes(), expected.as_bytes(), Mode::Bytes);
    all.into_iter().map(|d| (d.place, d.what, d.found, d.expected)).collect()
}

const PAGE: &str = "<!doctype html>\n<main data-scope=\"period=2026-05\" data-snapshot=\"2026-06-18\">\
    <p class=\"lead\" data-measure=\"lead\">Total is <data value=\"2230.00 USD\">$2,230.00</data> of <data value=\"9.00 USD\">$9.00</data></p>\n\
    <table><caption id=\"status-caption\">C</caption><thead><tr><th scope=\"col\">A</th>\
    <th scope=\"col\" data-measure=\"total\" data-snapshot=\"2026-05-08\">B</th></tr></thead>\
    <tbody><tr><th scope=\"row\"><b>Paid</b></th><td class=\"n\"><data value=\"5.00 USD\">5.00</data></td></tr></tbody></table></main>";

#[test]
fn an_amount_of_a_page_is_named_with_what_it_is_about() {
    // Goal: line, figure before and after, measure, scope and snapshot. Method: the amount of a sentence and one of a cell, in
    // what is shown, in its value and in both.
    let found = PAGE.replace(">5.00<", ">6.00<");
    let all = compare("a.html", found.as_bytes(), PAGE.as_bytes(), Mode::Bytes);
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!((one.what, one.found.as_str(), one.expected.as_str()), (What::Figure, "6.00", "5.00"));
    assert!(
        one.place.starts_with("line 3, column ") && one.place.ends_with(", table status, row Paid"),
        "{}",
        one.place
    );
    let about = one.about.as_ref().unwrap();
    assert_eq!((&*about.measure, &*about.scope, &*about.snapshot), ("total", "period=2026-05", "2026-05-08"));

    let lead = |found: String| {
        let all = compare("a.html", found.as_bytes(), PAGE.as_bytes(), Mode::Bytes);
        assert_eq!(all.len(), 1, "{all:?}");
        let about = all[0].about.as_ref().unwrap();
        assert_eq!((&*about.measure, &*about.snapshot), ("lead", "2026-06-18"));
        (all[0].found.clone(), all[0].expected.clone())
    };
    let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(lead(PAGE.replace("$2,230.00", "$2,231.00")), both("$2,231.00", "$2,230.00"));
    assert_eq!(
        lead(PAGE.replace("2230.00", "2231.00")),
        both("$2,230.00 (2231.00 USD)", "$2,230.00 (2230.00 USD)")
    );
    let changed = PAGE.replace("2230.00", "2231.00").replace("2,230.00", "2,231.00");
    assert_eq!(lead(changed), both("$2,231.00 (2231.00 USD)", "$2,230.00 (2230.00 USD)"));
}

#[test]
fn words_and_markup_of_a_page_are_differences_too() {
    // Goal: no byte of a page can be changed unseen. Method: every single byte of a page replaced, a part taken out, and one
    // put in; each gives at least one difference of that file.
    for at in 0..PAGE.len() {
        let mut found = PAGE.as_bytes().to_vec();
        found[at] = if found[at] == b'x' { b'y' } else { b'x' };
        assert!(!compare("a.html", &found, PAGE.as_bytes(), Mode::Bytes).is_empty(), "byte {at}");
    }
    let found = PAGE.replace(" of <data value=\"9.00 USD\">$9.00</data>", "");
    let all = differences("a.html", &found, PAGE);
    assert!(
        all.iter().any(|(place, what, found, expected)| {
            place == "taken out"
                && *what == What::Figure
                && found == "no such figure"
                && expected == "$9.00 (9.00 USD)"
        }),
        "{all:?}"
    );
    assert!(
        all.iter()
            .any(|(place, what, ..)| place.contains("markup was added or taken out") && *what == What::Words)
    );
}

#[test]
fn figures_alone_do_not_care_for_words() {
    // Goal: another wording is no difference of figures, another figure is, also one that only looks right. Method: sentences
    // turned around, a header renamed, then one amount each.
    let figures = |found: &str| compare("a.html", found.as_bytes(), PAGE.as_bytes(), Mode::Figures);
    let other = PAGE
        .replace("Total is <data value=\"2230.00 USD\">$2,230.00</data> of <data value=\"9.00 USD\">$9.00</data>",
            "Of <data value=\"9.00 USD\">$9.00</data>, <i>a part</i> (<data value=\"2230.00 USD\">2,230.00 USD</data>)")
        .replace("<b>Paid</b>", "Settled").replace("\">B<", "\">Amount<");
    assert_eq!(figures(&other), []);
    let cell = figures(&other.replace("\"5.00 USD\">5.00", "\"6.00 USD\">6.00"));
    assert_eq!(cell.len(), 1);
    assert_eq!((cell[0].found.as_str(), cell[0].expected.as_str()), ("6.00 (6.00 USD)", "5.00 (5.00 USD)"));
    assert_eq!(
        figures(&other.replace(">5.00<", ">6.00<")).len(),
        1,
        "the value is right and what is shown is not"
    );
    assert_eq!(figures(&other.replace("data-measure=\"total\"", "data-measure=\"paid\"")).len(), 2);

    let csv = |found: &str, expected: &str| {
        compare("a.csv", found.as_bytes(), expected.as_bytes(), Mode::Figures).len()
    };
    assert_eq!(csv("Key,Amount\nA,1.00\n", "Schlüssel,Betrag\nB,1.00\n"), 0);
    assert_eq!(csv("Key,Amount\nA,1.01\n", "Schlüssel,Betrag\nB,1.00\n"), 1);
    assert_eq!(compare("a.js", b"1", b"2", Mode::Figures), []);
}

#[test]
fn a_cell_of_a_csv_file_is_named_by_row_key_and_column() {
    // Goal: whoever reads the message finds the cell in a spreadsheet. Method: a number, a word, a row too many, one too few,
    // and what no cell shows.
    let expected = "\u{feff}Order,Amount\r\nO-1,5.00\r\nO-2,7.00\r\n";
    assert_eq!(
        differences("a.csv", &expected.replace("7.00", "7.10"), expected),
        [("row 3 (O-2), column Amount".to_owned(), What::Figure, "7.10".to_owned(), "7.00".to_owned(),)]
    );
    assert_eq!(
        differences("a.csv", &expected.replace("O-2", "O-3"), expected),
        [("row 3 (O-2), column Order".to_owned(), What::Words, "O-3".to_owned(), "O-2".to_owned(),)]
    );
    let more = expected.replace("O-2,", "O-9,1.00\r\nO-2,");
    assert_eq!(
        differences("a.csv", &more, expected),
        [("row 3 (O-9)".to_owned(), What::Figure, "O-9,1.00".to_owned(), "no such row".to_owned(),)]
    );
    assert_eq!(differences("a.csv", expected, &more)[0].2, "no such row");
    let quoted = differences("a.csv", &expected.replace("O-2", "\"O-2\""), expected);
    assert_eq!((quoted.len(), quoted[0].0.as_str()), (1, "line 3, byte 28"));
}

#[test]
fn other_files_are_named_by_line() {
    // Goal: script data, calendars and lists say where. Method: a line changed, one added, and bytes that are no text.
    let expected = "tieout.take(\"a\",{\n[1,2],\n[3,4]\n});\n";
    assert_eq!(
        differences("query/data/a.js", &expected.replace("[3,4]", "[3,5]"), expected),
        [("line 3".to_owned(), What::Words, "[3,5]".to_owned(), "[3,4]".to_owned(),)]
    );
    let more = differences("a.ics", &expected.replace("[3,4]", "[9,9],\n[3,4]"), expected);
    assert_eq!((more.len(), more[0].0.as_str()), (1, "from line 3: 1 lines are there, 0 should be"));
    let bytes = compare("a.png", &[0xff, 1, 2], &[0xff, 1, 3], Mode::Bytes);
    assert_eq!(
        (bytes[0].place.as_str(), bytes[0].found.as_str(), bytes[0].expected.as_str()),
        ("line 1, byte 3", "\\x02", "\\x03")
    );
    let long = format!("{}1{}", "a".repeat(100), "b".repeat(100));
    let all = differences("a.txt", &long.replace('1', "2"), &long);
    assert_eq!(all[0].2, format!("…{}2{}…", "a".repeat(24), "b".repeat(39)));
}

/// A workbook of one sheet with one row of cells, each a number, stored without compression.
fn workbook(cells: &[(&str, &str)]) -> Vec<u8> {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let cells: String = cells.iter().map(|(at, value)| format!("<c r=\"{at}\"><v>{value}</v></c>")).collect();
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r\" Type=\"{DOCUMENT}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{DOCUMENT}\"><sheets><sheet name=\"03 Layers\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"s\" Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData><row r=\"4\">{cells}</row></sheetData></worksheet>"
            ),
        ),
    ];
    let (mut file, mut index) = (Vec::new(), Vec::new());
    for (name, text) in &parts {
        let text = format!("{HEAD}{text}");
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        let start = u32::try_from(file.len()).unwrap().to_le_bytes();
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        fields.extend(crc32fast::hash(text.as_bytes()).to_le_bytes());
        fields.extend([size, size].concat());
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([0, 0]);
        file.extend([b"PK\x03\x04", &fields[..], name.as_bytes(), text.as_bytes()].concat());
        index.extend([b"PK\x01\x02\x14\0", &fields[..], &[0; 10], &start, name.as_bytes()].concat());
    }
    let count = [u8::try_from(parts.len()).unwrap(), 0];
    let (start, size) = (u32::try_from(file.len()).unwrap(), u32::try_from(index.len()).unwrap());
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]]
        .concat();
    [file, index, end].concat()
}

#[test]
fn a_cell_of_a_workbook_is_named_by_sheet_and_place() {
    // Goal: a workbook is compared as a spreadsheet reads it. Method: one cell changed, one more, and only the package.
    let expected = workbook(&[("A4", "1"), ("AB4", "2230.5")]);
    assert_eq!(counts("a.xlsx", &expected).numbers, 2);
    let all = compare("a.xlsx", &workbook(&[("A4", "1"), ("AB4", "2231.5")]), &expected, Mode::Bytes);
    let words: Vec<_> = all.iter().map(|d| (&*d.place, d.what, &*d.found, &*d.expected)).collect();
    assert_eq!(words, [("sheet 03 Layers, cell AB4", What::Figure, "2231.5", "2230.5")]);
    let all =
        compare("a.xlsx", &workbook(&[("A4", "1"), ("B4", "7"), ("AB4", "2230.5")]), &expected, Mode::Bytes);
    assert_eq!((&*all[0].place, &*all[0].expected), ("sheet 03 Layers, cell B4", "no such cell"));
    let mut package = expected.clone();
    package[10] = 1;
    let all = compare("a.xlsx", &package, &expected, Mode::Bytes);
    assert_eq!((all.len(), all[0].what), (1, What::Words));
    assert!(!compare("a.xlsx", b"no workbook", &expected, Mode::Bytes).is_empty());
}

#[test]
fn a_folder_is_compared_file_by_file() {
    // Goal: a changed, a missing and an extra file are named, in their order, and everything is counted. Method: a folder of
    // four files against four that should be there.
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("order/a.html", &PAGE.replace(">5.00<", ">6.00<"));
    write("data/lines.csv", "id,amount\nL-1,5.00\n");
    write("same.txt", "same");
    write("own.html", "<p>mine</p>");
    let comparison = Comparison::new(folder.path().to_owned(), Mode::Bytes);
    let files = [
        ("same.txt", "same"),
        ("order/a.html", PAGE),
        ("gone.txt", "gone"),
        ("data/lines.csv", "id,amount\nL-1,5.00\n"),
    ];
    assert!(!comparison.has_differences());
    comparison.take_all(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))).unwrap();
    assert!(comparison.has_differences());
    let (counts, all) = comparison.finish().unwrap();
    let named: Vec<_> = all.iter().map(|d| (&*d.path, d.what.code())).collect();
    assert_eq!(named, [("gone.txt", "missing"), ("order/a.html", "figure"), ("own.html", "extra")]);
    let bytes = files.iter().map(|(_, text)| text.len() as u64).sum();
    assert_eq!(counts, Counts { files: 4, bytes, pages: 1, amounts: 3, tables: 1, numbers: 1 });
}

#[test]
fn figures_of_json_and_formulas_of_a_workbook_are_compared_where_words_may_differ() {
    // Goal: a closing balance in `pack.json`, or a formula whose value is left as it was, is not changed unseen by naming
    // another version in the manifest. Method: each of them, with other words around; the same figures with other words.
    let json = r#"{"schema": 1, "id": "CP-1", "closing": [["USD", "35957.84"], ["JPY", "61728"]], "checks": [38, 0]}"#;
    let of = |found: &str| compare("pack.json", found.as_bytes(), json.as_bytes(), Mode::Figures);
    assert!(of(&json.replace("CP-1", "CP-2").replace("\"schema\": 1", "\"schema\": 2")).is_empty());
    let all = of(&json.replace("35957.84", "35957.85"));
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (one.what, &*one.place, &*one.found, &*one.expected),
        (What::Figure, "closing[][]", "35957.85", "35957.84")
    );
    assert_eq!(of(&json.replace("38, 0", "38")).len(), 1);
    assert_eq!(of("{").len(), 1);
    let expected = workbook(&[("A4", "1"), ("A5", "3</v></c><c r=\"B5\"><f>A4+2</f><v>3")]);
    let found = workbook(&[("A4", "1"), ("A5", "3</v></c><c r=\"B5\"><f>A4+9</f><v>3")]);
    let all = compare("a.xlsx", &found, &expected, Mode::Figures);
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&*one.place, &*one.found), ("sheet 03 Layers, formula of cell B5", "=A4+9"));
    assert_eq!(one.expected, "=A4+2");
}

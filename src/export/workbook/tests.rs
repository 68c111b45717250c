//! Made sheets, written and read back with `calamine`, which is not our own reader.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::*;
use crate::model::money::{Currency, Money};
use crate::model::time::{AsOf, Month};
use crate::report::pack::sheet::{At, Column, Formula, Place, Sheets, Verdict};

fn money(minor: i128, code: &str) -> Value {
    Value::Amount(Money::from_minor(minor, Currency::parse(code).unwrap()))
}

fn column(key: &'static str, label: &'static str, kind: Kind) -> Column {
    Column { key, label, kind, meaning: "" }
}

fn pack(sheets: Vec<Sheet>) -> Pack {
    let month = Month::new(2026, 5).unwrap();
    let head = Head {
        id: "CP-2026-05-1439d6fd45fe".to_owned(),
        fingerprint: "1439d6fd45fe".repeat(6)[..64].to_owned(),
        organization: "=Example & Sons".to_owned(),
        period: month.period(),
        known: AsOf::parse("2026-06-18").unwrap(),
        ..Head::made(month)
    };
    Pack { head, sheets: Sheets(sheets), closing: Vec::new() }
}

/// Lines in three currencies, with what is hard to write: long ids, text that looks like a formula, a long amount.
fn lines() -> Sheet {
    let day = NaiveDate::from_ymd_opt(2026, 5, 31).unwrap();
    let row = |id: &'static str, text: &'static str, code: &'static str, minor: i128| {
        vec![
            Value::id(id),
            Value::text(text),
            Value::text(code),
            money(minor, code),
            Value::Date(day),
            Value::Month(Month::new(2026, 5).unwrap()),
            Value::Rate(Decimal::new(825, 4)),
            Value::Count(1_203),
        ]
    };
    let mut sheet = Sheet {
        number: 7,
        name: "Lines",
        purpose: "Which lines make up the balance?",
        notes: vec!["One row for each line.".to_owned()],
        columns: vec![
            column("line_id", "Line", Kind::Id),
            column("text", "Customer", Kind::Text),
            column("currency", "Currency", Kind::Text),
            column("open", "Open", Kind::Amount),
            column("date", "Date", Kind::Date),
            column("month", "Month", Kind::Month),
            column("rate", "Rate", Kind::Rate),
            column("orders", "Orders", Kind::Count),
        ],
        rows: vec![
            row("123456789012345678", "=1+1", "USD", 254_000),
            row("000123", "@SUM(A1)", "USD", -31_000),
            row("-5", "北京云客户 𠮷", "JPY", 1_203),
            row("L-4", "<r><t>x</t></r>", "KWD", -1_234_567),
            row("L-5", "a\u{1b}b_x0041_\tc", "EUR", 12_345_678_901_234_567),
            row("2026-05", "+1 \"quoted\"", "EUR", 0),
        ],
        empty: "No line is open.",
        ..Sheet::default()
    };
    sheet.rows[5][4] = Value::Date(NaiveDate::from_ymd_opt(1899, 1, 5).unwrap());
    sheet.rows[5][3] = Value::Empty;
    sheet.add_totals(&["open"]);
    sheet
}

/// Checks over the lines, on a sheet of their own.
fn checks() -> Sheet {
    let total = |row| At { sheet: 7, row: Place::Total(row), key: "open" };
    let of = |row: usize, key| At { sheet: 2, row: Place::Row(row), key };
    let sum = |only: Vec<(&'static str, &str)>, value| {
        let only = only.into_iter().map(|(key, word)| (key, word.to_owned())).collect();
        Value::formula(Formula::Sum { sheet: 7, key: "open", only }, value)
    };
    let count = |only: Vec<(&'static str, &str)>, value| {
        let only = only.into_iter().map(|(key, word)| (key, word.to_owned())).collect();
        Value::formula(Formula::Count { sheet: 7, only }, Value::Count(value))
    };
    let is_zero =
        |row| Value::formula(Formula::IsZero(of(row, "value")), Value::Verdict(Verdict::of(usd(0))));
    fn usd(minor: i128) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }
    let rows = vec![
        ("usd", Value::formula(Formula::Add(vec![(false, total(3))]), Value::Amount(usd(223_000))), None),
        ("none", Value::formula(Formula::difference(total(3), total(3)), Value::Amount(usd(0))), Some(1)),
        ("id", sum(vec![("line_id", "000123"), ("currency", "USD")], Value::Amount(usd(-31_000))), None),
        ("lines", count(vec![("currency", "USD")], 2), None),
        ("all", count(Vec::new(), 6), None),
        ("month", count(vec![("month", "2026-05")], 6), None),
        ("long", sum(vec![("currency", "EUR")], money(12_345_678_901_234_567, "EUR")), None),
        ("from long", Value::formula(Formula::Add(vec![(true, total(0))]), money(-1, "EUR")), None),
    ];
    let row = |(name, value, check): (&'static str, Value, Option<usize>)| {
        vec![Value::text(name), value, check.map_or(Value::Empty, is_zero), Value::text("07 Lines")]
    };
    Sheet {
        number: 2,
        name: "Checks",
        purpose: "Does it tie?",
        columns: vec![
            column("check", "Check", Kind::Text),
            column("value", "Value", Kind::Amount),
            column("result", "Result", Kind::Verdict),
            column("sheet", "check", Kind::Text),
        ],
        rows: rows.into_iter().map(row).collect(),
        ..Sheet::default()
    }
}

fn read(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

/// The cells of a sheet from A1 on, as `calamine` says them.
fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let range = read(bytes).worksheet_range(sheet).unwrap();
    assert_eq!(range.start(), Some((0, 0)));
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The formula of every cell that has one, by its place.
fn formulas(bytes: &[u8], sheet: &str) -> Vec<((usize, usize), String)> {
    let range = read(bytes).worksheet_formula(sheet).unwrap();
    let (top, left) = range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
    let all = range.used_cells().map(|(row, column, formula)| ((row + top, column + left), formula.clone()));
    all.filter(|(_, formula)| !formula.is_empty()).collect()
}

fn text(value: &str) -> Data {
    Data::String(value.to_owned())
}

/// One part of the file; empty when there is none.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    if let Ok(mut file) = archive.by_name(name) {
        file.read_to_string(&mut text).unwrap();
    }
    text
}

// Goal: every kind of value is a cell of its type. Method: a sheet with ids, hostile text, amounts of 0, 2 and 3 digits and one
// that is too long, read back cell by cell; the expectations are written by hand.
#[test]
fn cells_have_the_type_of_their_value() {
    let bytes = workbook(&pack(vec![lines()])).unwrap();
    let found = cells(&bytes, "07 Lines");
    let header = found.iter().position(|row| row[0] == text("Line")).unwrap();
    let rows = &found[header + 1..];
    let ids: Vec<&Data> = rows[..6].iter().map(|row| &row[0]).collect();
    assert_eq!(ids, ["123456789012345678", "000123", "-5", "L-4", "L-5", "2026-05"].map(text).each_ref());
    let texts: Vec<&Data> = rows[..6].iter().map(|row| &row[1]).collect();
    let expected =
        ["=1+1", "@SUM(A1)", "北京云客户 𠮷", "<r><t>x</t></r>", "a\\u{1b}b_x0041_\tc", "+1 \"quoted\""];
    assert_eq!(texts, expected.map(text).each_ref());
    let amounts: Vec<&Data> = rows[..6].iter().map(|row| &row[3]).collect();
    let number = Data::Float;
    let expected = [
        number(2540.0),
        number(-310.0),
        number(1203.0),
        number(-1234.567),
        text("123456789012345.67"),
        Data::Empty,
    ];
    assert_eq!(amounts, expected.each_ref());
    let Data::DateTime(date) = &rows[0][4] else { panic!("{:?}", rows[0][4]) };
    assert_eq!(date.to_ymd_hms_milli(), (2026, 5, 31, 0, 0, 0, 0));
    assert_eq!(rows[5][4], text("1899-01-05"), "a day that a workbook cannot count");
    assert_eq!(rows[0][5..], [text("2026-05"), number(0.0825), number(1203.0)]);
    // Totals: below an empty row, by currency; the one that needs a long amount is text.
    assert!(rows[6].iter().all(|cell| *cell == Data::Empty));
    let totals: Vec<[&Data; 3]> = rows[7..].iter().map(|row| [&row[0], &row[2], &row[3]]).collect();
    let total = |code: &str, value| [text(&format!("Total {code}")), text(code), value];
    let expected = [
        total("EUR", text("123456789012345.67")),
        total("JPY", number(1203.0)),
        total("KWD", number(-1234.567)),
        total("USD", number(2230.0)),
    ];
    assert_eq!(totals, expected.iter().map(|row| row.each_ref()).collect::<Vec<_>>());
    let notes: Vec<String> = found[9..header].iter().map(|row| row[0].to_string()).collect();
    let expected = [
        "2 numbers have more than 15 digits and stand here as text, because a spreadsheet would round them.",
        "1 total or check stands here as a value, because a spreadsheet cannot calculate it exactly from these cells.",
        "One row for each line.",
        "",
    ];
    assert_eq!(notes, expected);
}

// Goal: the formats of numbers are those of the currency, text as received stays text when somebody edits it, and a long text is
// wrapped in a row that is high enough. Method: the style sheet and the cells as markup.
#[test]
fn formats_are_those_of_the_currency() {
    let mut sheet = lines();
    sheet.rows[3][1] = Value::text("many words ".repeat(12));
    let bytes = workbook(&pack(vec![sheet])).unwrap();
    let styles = part(&bytes, "xl/styles.xml");
    for format in ["#,##0.000", "yyyy\\-mm\\-dd", "0.0##############"] {
        assert!(styles.contains(&format!("formatCode=\"{format}\"")), "{format} in {styles}");
    }
    // Built-in ones: 3 `#,##0`, 4 `#,##0.00`, 49 `@`.
    let cell_styles: Vec<&str> = styles.split("<cellXfs").nth(1).unwrap().split("<xf ").skip(1).collect();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    let style_of = |at: &str| {
        let cell = sheet.split(&format!("<c r=\"{at}\" s=\"")).nth(1).unwrap_or_else(|| panic!("no {at}"));
        cell_styles[cell.split('"').next().unwrap().parse::<usize>().unwrap()]
    };
    // The header is in row 14.
    for (at, format) in [("A15", 49), ("D15", 4), ("D16", 4), ("D17", 3), ("H15", 3), ("A16", 49)] {
        assert!(style_of(at).starts_with(&format!("numFmtId=\"{format}\"")), "{at}: {}", style_of(at));
    }
    for at in ["B15", "B16", "B5"] {
        assert!(style_of(at).contains("quotePrefix=\"1\""), "{at}: {}", style_of(at));
    }
    assert!(!style_of("B17").contains("quotePrefix"));
    assert!(style_of("B18").contains("wrapText=\"1\""));
    assert!(sheet.contains("<row r=\"18\" spans=\"1:8\" ht=\"45\" customHeight=\"1\">"), "{sheet}");
    let formulas = sheet.matches("<f>").count();
    assert_eq!(formulas, 3, "no text is a formula: {sheet}");
}

// Goal: totals and checks are live, over exactly the rows of the table, and their cached values are those computed. Method: the
// formulas of two sheets, written by hand.
#[test]
fn formulas_are_live_and_name_exact_ranges() {
    let bytes = workbook(&pack(vec![checks(), lines()])).unwrap();
    let found: Vec<String> = formulas(&bytes, "07 Lines").into_iter().map(|(_, formula)| formula).collect();
    let expected = [
        "ROUND(SUMIFS($D$15:$D$20,$C$15:$C$20,\"JPY\"),0)",
        "ROUND(SUMIFS($D$15:$D$20,$C$15:$C$20,\"KWD\"),3)",
        "ROUND(SUMIFS($D$15:$D$20,$C$15:$C$20,\"USD\"),2)",
    ];
    assert_eq!(found, expected);
    let found = formulas(&bytes, "02 Checks");
    let header = cells(&bytes, "02 Checks").iter().position(|row| row[0] == text("Check")).unwrap();
    let expected = [
        ((1, 1), "ROUND('07 Lines'!D25,2)"),
        ((2, 1), "ROUND('07 Lines'!D25-'07 Lines'!D25,2)"),
        ((2, 2), "IF(B15=0,\"pass\",\"fail\")"),
        (
            (3, 1),
            "ROUND(SUMPRODUCT(--EXACT('07 Lines'!$A$15:$A$20,\"000123\"),--EXACT('07 Lines'!$C$15:$C$20,\"USD\"),\
             '07 Lines'!$D$15:$D$20),2)",
        ),
        ((4, 1), "COUNTIFS('07 Lines'!$C$15:$C$20,\"USD\")"),
        ((5, 1), "ROWS('07 Lines'!$A$15:$A$20)"),
        ((6, 1), "SUMPRODUCT(--EXACT('07 Lines'!$F$15:$F$20,\"2026-05\"))"),
    ];
    let expected = expected.map(|((row, column), formula)| ((row + header, column), formula.to_owned()));
    assert_eq!(found, expected);
    let values: Vec<Data> =
        cells(&bytes, "02 Checks")[header + 1..].iter().map(|row| row[1].clone()).collect();
    let expected = [2230.0, 0.0, -310.0, 2.0, 6.0, 6.0].map(Data::Float);
    assert_eq!(values[..6], expected);
    // What a spreadsheet would round is text, and what needs it a value.
    assert_eq!(values[6..], [text("123456789012345.67"), Data::Float(-0.01)]);
    assert_eq!(cells(&bytes, "02 Checks")[header + 2][2], text("pass"));
}

// Goal: a sheet without rows says so and is no table; a column name that comes twice is told apart; the cover leads to the
// sheets; nothing else is a link. Method: an empty sheet, the two labels `Check` and `check`, an index.
#[test]
fn empty_sheets_headers_and_the_index() {
    let mut empty = lines();
    empty.rows.clear();
    empty.totals = vec![vec![Value::formula(Formula::Count { sheet: 7, only: Vec::new() }, Value::Count(0))]];
    let cover = Sheet {
        number: 1,
        name: "Cover",
        columns: vec![column("sheet", "Sheet", Kind::Text)],
        rows: vec![vec![Value::text("07 Lines")], vec![Value::text("https://example.test/")]],
        ..Sheet::default()
    };
    let bytes = workbook(&pack(vec![cover, checks(), empty])).unwrap();
    let found = cells(&bytes, "07 Lines");
    assert_eq!(found[12][0], text("No line is open."));
    assert_eq!(formulas(&bytes, "07 Lines"), [((14, 0), "ROWS($A$13:$A$13)-1".to_owned())]);
    assert_eq!(part(&bytes, "xl/worksheets/_rels/sheet3.xml.rels"), "", "no table");
    let table = part(&bytes, "xl/tables/table2.xml");
    assert!(table.contains("displayName=\"Checks_02\"") && table.contains("name=\"check (2)\""), "{table}");
    assert!(table.contains("<autoFilter"));
    let cover = part(&bytes, "xl/worksheets/sheet1.xml");
    let link =
        "<hyperlinks><hyperlink ref=\"A12\" location=\"'07 Lines'!A1\" display=\"07 Lines\"/></hyperlinks>";
    assert!(cover.contains(link), "{cover}");
    let relations = part(&bytes, "xl/worksheets/_rels/sheet1.xml.rels");
    assert!(!relations.contains("External"), "{relations}");
}

// Goal: printed pages say what they are of, and the header stays in sight and on every page. Method: the markup of a sheet.
#[test]
fn pages_name_the_pack() {
    let bytes = workbook(&pack(vec![lines()])).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    for markup in [
        "<pane ySplit=\"14\" topLeftCell=\"A15\" activePane=\"bottomLeft\" state=\"frozen\"/>",
        "<pageSetUpPr fitToPage=\"1\"/>",
        "<pageSetup paperSize=\"9\" fitToHeight=\"0\" orientation=\"landscape\"",
        "<oddHeader>&amp;LCP-2026-05-1439d6fd45fe&amp;CMay 2026&amp;RKnown as of 18 Jun 2026</oddHeader>",
        "<ignoredError sqref=\"A15:H20\" numberStoredAsText=\"1\"/>",
        "<oddFooter>&amp;L07 Lines&amp;RPage &amp;P of &amp;N</oddFooter>",
    ] {
        assert!(sheet.contains(markup), "{markup} in {sheet}");
    }
    let book = part(&bytes, "xl/workbook.xml");
    assert!(book.contains("'07 Lines'!$14:$14</definedName>"), "{book}");
    assert!(book.contains("fullCalcOnLoad=\"1\""), "{book}");
    let properties = part(&bytes, "docProps/core.xml");
    for said in ["Close pack CP-2026-05-1439d6fd45fe", ">2026-05<", "tieout 0.1.0", "2026-06-18T00:00:00Z"] {
        assert!(properties.contains(said), "{said} in {properties}");
    }
    assert_eq!(properties.matches("T00:00:00Z").count(), 2, "made and changed: {properties}");
}

// Goal: equal packs are equal files. Method: written twice, and in other threads at the same time.
#[test]
fn the_same_pack_is_the_same_bytes() {
    let pack = pack(vec![checks(), lines()]);
    let first = workbook(&pack).unwrap();
    assert_eq!(first, workbook(&pack).unwrap());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| workbook(&pack).unwrap())).collect();
        assert!(all.into_iter().all(|other| other.join().unwrap() == first));
    });
}

// Goal: rows beyond what a sheet holds, texts beyond what a cell holds and sums beyond what floating point adds up exactly are
// said, and nothing pretends to be live. Method: a sheet that holds 30 rows; one text of 40,000 characters; amounts whose
// rounding could reach a cent.
#[test]
fn limits_of_a_workbook_are_said() {
    let mut many = lines();
    many.rows.extend((0..40).map(|_| many.rows[0].clone()).collect::<Vec<_>>());
    many.rows[0][1] = Value::text("x".repeat(40_000));
    many.notes = (0..9).map(|number| format!("Note {number}.")).collect();
    many.totals.clear();
    many.add_totals(&["open"]);
    let whole = cells(&workbook(&pack(vec![many.clone()])).unwrap(), "07 Lines");
    assert!(whole.len() > 60);
    let bytes = workbook_of(&pack(vec![many.clone()]), 46).unwrap();
    let found = cells(&bytes, "07 Lines");
    assert!(found.len() <= 46, "{}", found.len());
    assert_eq!(formulas(&bytes, "07 Lines"), []);
    let words: Vec<String> = found.iter().map(|row| row[0].to_string()).collect();
    assert_eq!(
        words[9],
        "The table has 46 rows, more than a sheet holds; the first 11 rows are here. The file csv/07-lines.csv has all of them."
    );
    assert!(words[11].starts_with("1 text is longer than a cell holds and cut."), "{words:?}");
    assert!(words[12].starts_with("4 totals and checks stand here as a value"), "{words:?}");
    assert_eq!(words.last().unwrap(), "Note 8.", "notes without room above stand below");
    let big = |count: i128| {
        let mut sheet = lines();
        sheet.rows = vec![sheet.rows[0].clone(); 1_000];
        for row in &mut sheet.rows {
            row[3] = money((1 << 52) / 1_000_000 + count, "USD");
        }
        sheet.totals.clear();
        sheet.add_totals(&["open"]);
        formulas(&workbook(&pack(vec![sheet])).unwrap(), "07 Lines").len()
    };
    assert_eq!((big(0), big(1)), (1, 0));
}

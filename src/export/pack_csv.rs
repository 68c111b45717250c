//! The sheets of a close pack as CSV files, and what their rows add up to, for the manifest.

use crate::report::pack::Pack;
use crate::report::pack::sheet::{ControlTotal, Sheet};

/// What a file of a sheet holds, to be checked by whoever gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFacts {
    /// `csv/04-roll-forward.csv`, in the folder of the pack.
    pub path: String,
    /// Rows below the header.
    pub rows: usize,
    /// The sum of each column of amounts in each currency, by column, then by currency.
    pub totals: Vec<ControlTotal>,
}

/// The files of all sheets: path in the folder of the pack, and bytes.
///
/// Shape: the keys of the columns, then the rows of the table; totals are no rows. UTF-8 with a byte order mark, CRLF, the
/// text guard of [`super::csv::table`]; ids and plain decimals are never touched.
pub fn sheets(pack: &Pack) -> Vec<(String, Vec<u8>)> {
    pack.sheets.0.iter().map(|sheet| (path(sheet), super::csv::sheet(sheet))).collect()
}

/// What each of these files holds, in the same order.
pub fn facts(pack: &Pack) -> Vec<SheetFacts> {
    let facts = |sheet: &Sheet| SheetFacts {
        path: path(sheet),
        rows: sheet.rows.len(),
        totals: sheet.control_totals(),
    };
    pack.sheets.0.iter().map(facts).collect()
}

fn path(sheet: &Sheet) -> String {
    format!("csv/{}.csv", sheet.file())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::*;
    use crate::model::money::{Currency, Money};
    use crate::model::time::Month;
    use crate::report::pack::Head;
    use crate::report::pack::sheet::{Column, Kind, Sheets, Value, Verdict};

    fn money(minor: i128, code: &str) -> Money {
        Money::from_minor(minor, Currency::parse(code).unwrap())
    }

    /// A sheet with every kind of value, hostile text, and an empty one.
    fn pack() -> Pack {
        let month = Month::new(2026, 5).unwrap();
        let column = |key, kind| Column { key, label: "Label", kind, meaning: "" };
        let columns = vec![
            column("line_id", Kind::Id),
            column("text", Kind::Text),
            column("currency", Kind::Text),
            column("open", Kind::Amount),
            column("date", Kind::Date),
            column("month", Kind::Month),
            column("rate", Kind::Rate),
            column("orders", Kind::Count),
            column("result", Kind::Verdict),
        ];
        let row = |id: &'static str, text: &'static str, open: Option<Money>| {
            vec![
                Value::id(id),
                Value::text(text),
                Value::or_empty(open, |open| Value::text(open.currency().code())),
                Value::or_empty(open, Value::Amount),
                Value::Date(NaiveDate::from_ymd_opt(2026, 5, 31).unwrap()),
                Value::Month(month),
                Value::Rate(Decimal::new(800, 4)),
                Value::Count(1_203),
                Value::Verdict(Verdict::Fail),
            ]
        };
        let mut lines = Sheet {
            number: 7,
            name: "Lines",
            columns: columns.clone(),
            rows: vec![
                row("000123", "=1+1, \"x\"", Some(money(-31_000, "USD"))),
                row("-5", "a\u{1b}b", Some(money(12_345_678_901_234_567, "USD"))),
                row("123456789012345678", "云", Some(money(-1, "KWD"))),
                row("L-4", "", None),
            ],
            ..Sheet::default()
        };
        lines.add_totals(&["open"]);
        let empty = Sheet {
            number: 18,
            name: "Set aside",
            columns,
            empty: "No row is set aside.",
            ..Sheet::default()
        };
        Pack { head: Head::made(month), sheets: Sheets(vec![lines, empty]), closing: Vec::new() }
    }

    // Goal: the files hold the rows as a program reads them and as a spreadsheet may open them: keys, digits of ids and amounts,
    // guarded text, no totals. Method: every kind of value, written by hand as text.
    #[test]
    fn rows_are_plain_and_guarded() {
        let files = sheets(&pack());
        let header = "line_id,text,currency,open,date,month,rate,orders,result\r\n";
        let rest = "2026-05-31,2026-05,0.08,1203,fail\r\n";
        let expected = [
            "\u{feff}",
            header,
            &format!("000123,\"'=1+1, \"\"x\"\"\",USD,-310.00,{rest}"),
            &format!("-5,a\\u{{1b}}b,USD,123456789012345.67,{rest}"),
            &format!("123456789012345678,云,KWD,-0.001,{rest}"),
            &format!("L-4,,,,{rest}"),
        ];
        let text = |number: usize| std::str::from_utf8(&files[number].1).unwrap();
        assert_eq!(text(0), expected.concat());
        assert_eq!(text(1), format!("\u{feff}{header}"));
        assert_eq!([&files[0].0, &files[1].0], ["csv/07-lines.csv", "csv/18-set-aside.csv"]);
    }

    // Goal: what the manifest says of a file is what its rows add up to. Method: two currencies and a row without amount.
    #[test]
    fn facts_are_those_of_the_rows() {
        let found = facts(&pack());
        let total = |amounts, sum| ControlTotal { key: "open", amounts, sum };
        let totals = vec![total(1, money(-1, "KWD")), total(2, money(12_345_678_901_203_567, "USD"))];
        let expected = [
            SheetFacts { path: "csv/07-lines.csv".to_owned(), rows: 4, totals },
            SheetFacts { path: "csv/18-set-aside.csv".to_owned(), rows: 0, totals: Vec::new() },
        ];
        assert_eq!(found, expected);
    }
}

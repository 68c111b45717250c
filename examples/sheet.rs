//! Prints the cells of a workbook as JSON: `cargo run --example sheet -- FILE.xlsx`.
//!
//! Shape: `{"Lines": [[cell, …], …], …}`, a row per row from the first one on; a cell is `null`, `{"text": "…"}`,
//! `{"number": …}`, `{"date": "2026-05-31"}`, or `{"other": "…"}` for what our workbooks do not have, such as a formula. The
//! browser tests read with it what pages write, `tests/browser/export.test.mjs`, because it is not our own reader.

use std::error::Error;

use calamine::{Data, Range, Reader, Xlsx};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: sheet FILE.xlsx")?;
    let mut workbook: Xlsx<_> = calamine::open_workbook(path)?;
    let mut sheets = Map::new();
    for name in workbook.sheet_names() {
        let cells = workbook.worksheet_range(&name)?;
        let formulas = workbook.worksheet_formula(&name)?;
        let rows = (0..=cells.end().map_or(0, |(row, _)| row)).map(|row| read(&cells, &formulas, row));
        sheets.insert(name, rows.collect());
    }
    serde_json::to_writer(std::io::stdout().lock(), &sheets)?;
    Ok(())
}

fn read(cells: &Range<Data>, formulas: &Range<String>, row: u32) -> Value {
    let columns = 0..=cells.end().map_or(0, |(_, column)| column);
    let value = |column| {
        let formula = formulas.get_value((row, column)).filter(|formula| !formula.is_empty());
        if let Some(formula) = formula {
            return json!({ "other": format!("formula {formula}") });
        }
        match cells.get_value((row, column)) {
            None | Some(Data::Empty) => Value::Null,
            Some(Data::String(text)) => json!({ "text": text }),
            Some(Data::Float(number)) => json!({ "number": number }),
            Some(Data::Int(number)) => json!({ "number": number }),
            Some(Data::DateTime(moment)) if moment.is_datetime() => {
                let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
                if (hour, minute, second, milli) == (0, 0, 0, 0) {
                    json!({ "date": format!("{year:04}-{month:02}-{day:02}") })
                } else {
                    json!({ "other": format!("moment {moment}") })
                }
            }
            Some(other) => json!({ "other": other.to_string() }),
        }
    };
    columns.map(value).collect()
}

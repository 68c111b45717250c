//! Formulas as a spreadsheet reads them, written only where it calculates exactly what was computed.
//!
//! A spreadsheet adds up in binary floating point and rounds at the end. With `n` numbers of together `s` minor units the
//! error of a sum stays below half a unit as long as `n · s` is below 2^52; beyond that the value is written instead.

use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell};

use super::plan::{Place, Plan};
use super::text::{is_too_long, shown};
use crate::report::pack::sheet::{At, Formula, Kind, Place as Row, Sheet, Value};

/// Terms times minor units up to which a sum is exact after rounding.
const EXACT: i128 = 1 << 52;
/// Characters of a text within a formula.
const MOST_TEXT: usize = 255;
/// Characters of a formula.
const MOST_FORMULA: usize = 8_192;

/// The text of a formula on a sheet; nothing when the cell has to hold the value itself.
pub(super) fn written(plan: &Plan<'_>, on: u8, formula: &Formula, said: &Value) -> Option<String> {
    if is_too_long(said) {
        return None;
    }
    let digits = said.amount().map_or(0, |amount| amount.currency().digits());
    let text = match formula {
        Formula::Sum { sheet, key, only } => {
            let rows = Rows::of(plan, on, *sheet, only)?;
            let column = rows.sheet.column(key)?;
            is_exact(rows.matching().map(|row| &row[column]))?;
            format!("ROUND({},{digits})", rows.sum(column))
        }
        Formula::Count { sheet, only } => Rows::of(plan, on, *sheet, only)?.count(),
        Formula::Add(cells) => {
            is_exact(cells.iter().map(|(_, at)| value(plan, *at)).collect::<Option<Vec<_>>>()?.into_iter())?;
            let mut sum = String::new();
            for (is_less, at) in cells {
                let sign = match (*is_less, sum.is_empty()) {
                    (true, _) => "-",
                    (false, true) => "",
                    (false, false) => "+",
                };
                sum.push_str(sign);
                sum.push_str(&cell(plan, on, *at)?);
            }
            format!("ROUND({},{digits})", if sum.is_empty() { "0" } else { &sum })
        }
        Formula::IsZero(at) => {
            is_exact(std::iter::once(value(plan, *at)?))?;
            format!("IF({}=0,\"pass\",\"fail\")", cell(plan, on, *at)?)
        }
    };
    (text.chars().count() < MOST_FORMULA).then_some(text)
}

/// Whether a spreadsheet adds up these cells to the last minor unit.
fn is_exact<'v>(cells: impl Iterator<Item = &'v Value>) -> Option<()> {
    let (mut terms, mut size) = (0_i128, 0_i128);
    for cell in cells {
        let minor = match cell.plain() {
            Value::Empty => continue,
            Value::Amount(amount) => amount.minor(),
            Value::Count(count) => i128::from(*count),
            // A formula over anything else is a bug, which `Sheets::disagreements` names.
            Value::Text(_)
            | Value::Id(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Rate(_)
            | Value::Verdict(_)
            | Value::Formula(..) => return None,
        };
        if is_too_long(cell) {
            return None;
        }
        terms += 1;
        size = size.saturating_add(minor.saturating_abs());
    }
    (terms.saturating_mul(size) < EXACT).then_some(())
}

/// The value of a cell that is written.
fn value<'p>(plan: &Plan<'p>, at: At) -> Option<&'p Value> {
    let (sheet, place) = plan.sheet(at.sheet)?;
    let is_written = match at.row {
        Row::Row(number) => number < place.kept,
        Row::Total(_) => true,
    };
    sheet.value(at.row, at.key).filter(|_| is_written)
}

/// `'04 Roll-forward'!D27`, or `D27` on the same sheet.
fn cell(plan: &Plan<'_>, on: u8, at: At) -> Option<String> {
    let (sheet, place) = plan.sheet(at.sheet)?;
    let row = match at.row {
        Row::Row(number) => place.first_row() + u32::try_from(number).ok()?,
        Row::Total(number) => place.first_total() + u32::try_from(number).ok()?,
    };
    let column = u16::try_from(sheet.column(at.key)?).ok()?;
    Some(format!("{}{}", prefix(on, at.sheet, place), row_col_to_cell(row, column)))
}

fn prefix(on: u8, of: u8, place: &Place) -> String {
    if on == of { String::new() } else { format!("'{}'!", place.title.replace('\'', "''")) }
}

/// The rows of a sheet for which some columns hold some words.
struct Rows<'p, 'f> {
    sheet: &'p Sheet,
    place: &'f Place,
    /// In front of a range: nothing on the same sheet.
    prefix: String,
    /// Columns and their words.
    only: Vec<(usize, &'f str)>,
}

impl<'p, 'f> Rows<'p, 'f> {
    /// Nothing when a condition cannot be said in a spreadsheet, or when not all rows are written.
    fn of(
        plan: &'f Plan<'p>,
        on: u8,
        number: u8,
        only: &'f [(&'static str, String)],
    ) -> Option<Rows<'p, 'f>> {
        let (sheet, place) = plan.sheet(number)?;
        let conditions: Option<Vec<(usize, &str)>> =
            only.iter().map(|(key, word)| Some((sheet.column(key)?, word.as_str()))).collect();
        let is_text = |(column, word): &(usize, &str)| {
            let is_same = match sheet.columns[*column].kind {
                Kind::Text | Kind::Id | Kind::Month | Kind::Verdict => true,
                // In a cell they are numbers, which look otherwise than in the CSV file.
                Kind::Amount | Kind::Count | Kind::Date | Kind::Rate => false,
            };
            is_same && word.chars().count() <= MOST_TEXT && shown(word) == *word
        };
        let only = conditions.filter(|all| all.iter().all(is_text))?;
        let is_whole = place.kept == sheet.rows.len();
        is_whole.then(|| Rows { sheet, place, prefix: prefix(on, number, place), only })
    }

    fn matching(&self) -> impl Iterator<Item = &'p Vec<Value>> {
        let holds = |row: &&Vec<Value>| self.only.iter().all(|(column, word)| is(&row[*column], word));
        self.sheet.rows.iter().filter(holds)
    }

    /// `'07 Lines'!$T$14:$T$62`.
    fn range(&self, column: usize) -> String {
        let name = column_number_to_name(column as u16);
        let (first, last) = (self.place.first_row() + 1, self.place.last_row() + 1);
        format!("{}${name}${first}:${name}${last}", self.prefix)
    }

    fn sum(&self, column: usize) -> String {
        let range = self.range(column);
        if self.only.is_empty() {
            format!("SUM({range})")
        } else if self.are_plain() {
            format!("SUMIFS({range},{})", self.criteria())
        } else {
            format!("SUMPRODUCT({},{range})", self.comparisons())
        }
    }

    fn count(&self) -> String {
        if self.only.is_empty() {
            // In the place of the first row of an empty table stands a sentence.
            let sentence = if self.sheet.rows.is_empty() { "-1" } else { "" };
            return format!("ROWS({}){sentence}", self.range(0));
        }
        if self.are_plain() {
            format!("COUNTIFS({})", self.criteria())
        } else {
            format!("SUMPRODUCT({})", self.comparisons())
        }
    }

    /// Whether a spreadsheet takes the words for nothing but words, and no row for another that differs in case.
    fn are_plain(&self) -> bool {
        self.only.iter().all(|(column, word)| {
            let is_only =
                || self.sheet.rows.iter().all(|row| is(&row[*column], word) || !is_like(&row[*column], word));
            is_plain(word) && is_only()
        })
    }

    fn criteria(&self) -> String {
        let all = self.only.iter().map(|(column, word)| format!("{},\"{word}\"", self.range(*column)));
        all.collect::<Vec<_>>().join(",")
    }

    fn comparisons(&self) -> String {
        let all = self.only.iter().map(|(column, word)| {
            format!("--EXACT({},\"{}\")", self.range(*column), word.replace('"', "\"\""))
        });
        all.collect::<Vec<_>>().join(",")
    }
}

/// Whether a cell holds a word.
fn is(value: &Value, word: &str) -> bool {
    value.as_text().map_or_else(|| value.csv() == word, |text| text == word)
}

/// The same without regard to case, as conditions of a spreadsheet compare.
fn is_like(value: &Value, word: &str) -> bool {
    let folded = |text: &str| text.to_lowercase() == word.to_lowercase();
    value.as_text().map_or_else(|| folded(&value.csv()), folded)
}

/// Letters with hyphens or blanks between them. A condition with digits may be a number or a date to a spreadsheet
/// (`2026-05`, `MAR-1`), one with signs an operator or a pattern, and `TRUE` is a truth value.
fn is_plain(word: &str) -> bool {
    let parts = || word.split(['-', ' ']);
    let is_letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    parts().all(is_letters) && !["true", "false"].contains(&word.to_lowercase().as_str())
}

//! The workbook of a close pack (domain 1.11): a worksheet per sheet, typed cells, live totals, ready to print.
//!
//! Nothing is rounded: a number beyond the 15 digits that a spreadsheet keeps is text, and a formula that would need it is
//! written as its value; the sheet says both. Text as received is never a formula, whatever it starts with. The same
//! pack is the same bytes: the only date in the file is that of the snapshot.

mod formula;
mod looks;
mod plan;
mod text;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, IgnoreError, Table, TableColumn, TableStyle, Url,
    Workbook, Worksheet, XlsxError,
};

use crate::error::Error;
use crate::report::pack::sheet::{Column, Kind, Sheet, Value};
use crate::report::pack::{Head, Pack};
use looks::{Looks, Set};
use plan::{MOST_ROWS, Plan};
use text::shown;

/// A4, in the numbers of the file format.
const PAPER_A4: u8 = 9;
/// The narrowest and the widest column, in characters; longer text is wrapped.
const WIDTHS: (usize, usize) = (8, 48);
/// Room in the first two columns for what stands above the table.
const HEAD_WIDTHS: [usize; 2] = [16, 12];
/// The height of a line of text, in points, and lines of a row at most: a row is at most 409 points high.
const LINE_HEIGHT: u32 = 15;
const MOST_LINES: usize = 27;
/// Room for the button of the filter beside a header.
const BUTTON: usize = 3;

/// The workbook of a pack, as the bytes of a file.
///
/// Shape: a worksheet per sheet, named by its title; above the table what names the pack and what has to be known, below it
/// the totals. Ids are text, amounts numbers with the digits of their currency, dates dates, totals formulas with their
/// values. No macros, links out, hidden sheets or merged cells.
///
/// # Errors
/// [`Error::Identity`] when a sheet has something that no workbook can hold, such as two sheets of one name.
pub fn workbook(pack: &Pack) -> Result<Vec<u8>, Error> {
    workbook_of(pack, MOST_ROWS)
}

fn workbook_of(pack: &Pack, most_rows: usize) -> Result<Vec<u8>, Error> {
    write(pack, most_rows)
        .map_err(|error| Error::Identity(format!("the workbook cannot be written: {error}")))
}

fn write(pack: &Pack, most_rows: usize) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&pack.head)?);
    let plan = Plan::of(pack, most_rows);
    let looks = Looks::new();
    for sheet in &pack.sheets.0 {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet.title())?;
        Writer { pack, plan: &plan, looks: &looks, sheet, worksheet }.write()?;
    }
    workbook.save_to_buffer()
}

/// What the file says of itself. The snapshot's day stands for the moment of writing, so that equal packs are equal files.
fn properties(head: &Head) -> Result<DocProperties, XlsxError> {
    let day = ExcelDateTime::parse_from_str(&head.known.date().format("%Y-%m-%d").to_string())?;
    Ok(DocProperties::new()
        .set_title(format!("Close pack {}", head.id))
        .set_subject(head.month.to_string())
        .set_author(format!("tieout {}", head.version))
        .set_creation_datetime(&day))
}

/// Writes one sheet.
struct Writer<'a> {
    pack: &'a Pack,
    plan: &'a Plan<'a>,
    looks: &'a Looks,
    sheet: &'a Sheet,
    worksheet: &'a mut Worksheet,
}

impl Writer<'_> {
    fn write(&mut self) -> Result<(), XlsxError> {
        let place = self.plan.place(self.sheet.number);
        let kept = &self.sheet.rows[..place.kept];
        let widths = self.widths(kept);
        self.head()?;
        self.header(place.header, kept.len())?;
        for (number, row) in (place.first_row()..).zip(kept) {
            self.row(number, row, &self.looks.body, &widths)?;
        }
        if kept.is_empty() {
            self.text(place.first_row(), 0, self.sheet.empty, &self.looks.note)?;
        }
        for (number, row) in (place.first_total()..).zip(&self.sheet.totals) {
            let is_first = number == place.first_total();
            let set = if is_first { &self.looks.first_total } else { &self.looks.total };
            self.row(number, row, set, &widths)?;
        }
        for (number, note) in (place.notes_below()..).zip(&place.below) {
            self.text(number, 0, note, &self.looks.note)?;
        }
        self.page(place.header)
    }

    /// What the sheet answers and what names the pack, a pair of cells for each, and the notes.
    fn head(&mut self) -> Result<(), XlsxError> {
        let Head { id, fingerprint, organization, month, period, known, version, .. } = &self.pack.head;
        let organization = if organization.is_empty() { "not given" } else { organization };
        let end = period.last_day().format("%Y-%m-%d").to_string();
        self.text(0, 0, &self.sheet.title(), &self.looks.title)?;
        self.text(1, 0, self.sheet.purpose, &self.looks.note)?;
        let pairs = [
            ("Pack", id.as_str()),
            ("Fingerprint", fingerprint),
            ("Organization", organization),
            ("Period", &month.in_words()),
            ("Effective date", &end),
            ("Known as of", &known.in_words()),
            ("Made with", &format!("tieout {version}")),
        ];
        for (row, (label, value)) in (2..).zip(pairs) {
            self.text(row, 0, label, &self.looks.label)?;
            if label == "Effective date" {
                self.date(row, 1, value, [&self.looks.day, &self.looks.note])?;
            } else {
                self.text(row, 1, value, &self.looks.note)?;
            }
        }
        let notes = &self.plan.place(self.sheet.number).above;
        for (row, note) in (plan::FIRST_NOTE..).zip(notes) {
            self.text(row, 0, note, &self.looks.note)?;
        }
        Ok(())
    }

    /// The header row, which stays in sight; a table with filters where there are rows.
    fn header(&mut self, header: u32, rows: usize) -> Result<(), XlsxError> {
        let labels = self.labels();
        let all = self.looks;
        let look =
            |column: &Column| if is_number(column.kind) { &all.header_of_numbers } else { &all.header };
        let looks: Vec<&Format> = self.sheet.columns.iter().map(look).collect();
        for ((column, label), look) in (0..).zip(&labels).zip(&looks) {
            self.worksheet.write_string_with_format(header, column, label, look)?;
        }
        self.worksheet.set_freeze_panes(header + 1, 0)?;
        let (Some(last_row), Some(last_column)) =
            (header.checked_add(rows as u32).filter(|_| rows > 0), (labels.len() as u16).checked_sub(1))
        else {
            return Ok(());
        };
        let columns: Vec<TableColumn> = labels
            .iter()
            .zip(looks)
            .map(|(label, look)| TableColumn::new().set_header(label).set_header_format(look))
            .collect();
        let table = Table::new()
            .set_name(table_name(self.sheet))
            .set_columns(&columns)
            .set_style(TableStyle::Light1)
            .set_banded_rows(false);
        self.worksheet.add_table(header, 0, last_row, last_column, &table)?;
        // Ids that look like numbers are meant: Excel would mark each of them as a mistake.
        let (first, kind) = (header + 1, IgnoreError::NumberStoredAsText);
        self.worksheet.ignore_error_range(first, 0, last_row, last_column, kind)?;
        Ok(())
    }

    /// The headers, each once: a table takes no two columns of one name.
    fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::with_capacity(self.sheet.columns.len());
        for column in &self.sheet.columns {
            let is_taken =
                |label: &str| labels.iter().any(|taken| taken.to_lowercase() == label.to_lowercase());
            let others = (2..).map(|number| format!("{} ({number})", column.label));
            let label = std::iter::once(column.label.to_owned()).chain(others).find(|label| !is_taken(label));
            labels.extend(label);
        }
        labels
    }

    fn row(&mut self, row: u32, values: &[Value], set: &Set, widths: &[usize]) -> Result<(), XlsxError> {
        let wrapped = values.iter().zip(widths).filter(|(_, width)| **width > WIDTHS.1);
        let lines =
            wrapped.map(|(value, _)| value.as_text().map_or(1, |text| text::lines_in(text, WIDTHS.1))).max();
        if let Some(lines) = lines.filter(|lines| *lines > 1) {
            // A row that says no height is one line high in LibreOffice.
            self.worksheet.set_row_height(row, LINE_HEIGHT * lines.min(MOST_LINES) as u32)?;
        }
        for (column, value) in (0..).zip(values) {
            let is_wide = widths[usize::from(column)] > WIDTHS.1;
            if let Value::Formula(both) = value
                && let (formula, said) = &**both
                && let Some(formula) = self.plan.formula(self.sheet.number, formula, said)
            {
                let result = text::decimal(said).unwrap_or_else(|| said.csv());
                let formula = Formula::new(formula).set_result(result);
                let look = set.of_number(said).unwrap_or(&set.text);
                self.worksheet.write_formula_with_format(row, column, formula, look)?;
            } else {
                self.value(row, column, value, set, is_wide)?;
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        row: u32,
        column: u16,
        value: &Value,
        set: &Set,
        is_wide: bool,
    ) -> Result<(), XlsxError> {
        if let (Some(number), Some(look)) = (text::number(value), set.of_number(value)) {
            self.worksheet.write_number_with_format(row, column, number, look)?;
            return Ok(());
        }
        match value {
            Value::Empty => set.blank.iter().try_for_each(|look| {
                self.worksheet.write_blank(row, column, look)?;
                Ok(())
            }),
            Value::Date(date) => {
                self.date(row, column, &date.format("%Y-%m-%d").to_string(), [&set.date, &set.text])
            }
            Value::Text(text) if self.is_index() && self.is_title(text) => {
                let to = Url::new(format!("internal:'{text}'!A1")).set_text(text.as_ref());
                self.worksheet.write_url_with_format(row, column, to, &self.looks.link)?;
                Ok(())
            }
            Value::Text(text) => self.text(row, column, text, if is_wide { &set.wrapped } else { &set.text }),
            Value::Id(text) => self.text(row, column, text, &set.id),
            Value::Month(_) | Value::Verdict(_) => self.text(row, column, &value.csv(), &set.text),
            // Numbers with more digits than a spreadsheet keeps.
            Value::Amount(_) | Value::Count(_) | Value::Rate(_) => {
                self.text(row, column, &value.csv(), &set.digits)
            }
            Value::Formula(both) => self.value(row, column, &both.1, set, is_wide),
        }
    }

    /// A typed text cell, never a formula. One that starts like a formula stays text when somebody edits it.
    fn text(&mut self, row: u32, column: u16, value: &str, look: &Format) -> Result<(), XlsxError> {
        let value = shown(value);
        let guarded;
        let look = if super::csv::needs_guard(&value) {
            guarded = look.clone().set_num_format_index(looks::TEXT).set_quote_prefix();
            &guarded
        } else {
            look
        };
        if text::is_taken_for_markup(&value) {
            let plain = Format::default();
            self.worksheet.write_rich_string_with_format(row, column, &[(&plain, &*value)], look)?;
        } else {
            self.worksheet.write_string_with_format(row, column, value, look)?;
        }
        Ok(())
    }

    /// A day as a date; as text where a workbook cannot count it (before March 1900 spreadsheets disagree by a day).
    fn date(&mut self, row: u32, column: u16, day: &str, looks: [&Format; 2]) -> Result<(), XlsxError> {
        let [look, look_of_text] = looks;
        let date = (day.len() == 10 && day >= "1900-03-01").then(|| ExcelDateTime::parse_from_str(day));
        match date {
            Some(Ok(date)) => {
                self.worksheet.write_datetime_with_format(row, column, &date, look)?;
                Ok(())
            }
            Some(Err(_)) | None => self.text(row, column, day, look_of_text),
        }
    }

    /// Whether this sheet leads to the others.
    fn is_index(&self) -> bool {
        self.sheet.number == 1
    }

    fn is_title(&self, text: &str) -> bool {
        self.pack.sheets.0.iter().any(|sheet| sheet.title() == text)
    }

    /// The room that each column asks for, in characters, and sets it within bounds.
    fn widths(&mut self, kept: &[Vec<Value>]) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::with_capacity(self.sheet.columns.len());
        for (at, column) in self.sheet.columns.iter().enumerate() {
            let values = kept.iter().chain(&self.sheet.totals).filter_map(|row| row.get(at));
            let least = HEAD_WIDTHS.get(at).copied().unwrap_or(WIDTHS.0);
            let label = (text::width(column.label) + BUTTON).min(WIDTHS.1 / 2);
            let content = values.map(|value| text::room(value, column.kind)).max().unwrap_or(0) + 1;
            widths.push(content.max(label).max(least));
        }
        let all = widths.iter().copied().chain(HEAD_WIDTHS.into_iter().skip(widths.len()));
        for (column, width) in (0..).zip(all) {
            // The crate reports only a column that is not there; a sheet has far fewer than 16,384.
            let _ = self.worksheet.set_column_width(column, width.min(WIDTHS.1) as u32);
        }
        widths
    }

    /// How the sheet is printed: landscape A4, one page wide, the header row on every page.
    fn page(&mut self, header: u32) -> Result<(), XlsxError> {
        let Head { id, month, known, .. } = &self.pack.head;
        let plain = |text: &str| text.replace('&', "&&");
        let period = month.in_words();
        self.worksheet
            .set_landscape()
            .set_paper_size(PAPER_A4)
            .set_print_fit_to_pages(1, 0)
            .set_header(format!("&L{}&C{period}&RKnown as of {}", plain(id), known.in_words()))
            .set_footer(format!("&L{}&RPage &P of &N", plain(&self.sheet.title())))
            .set_repeat_rows(header, header)?;
        Ok(())
    }
}

/// `Roll_forward_04`: a name that no cell has, and no other table.
fn table_name(sheet: &Sheet) -> String {
    let name = sheet.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("{name}_{:02}", sheet.number)
}

/// Whether the cells of a column are numbers, which stand on the right.
fn is_number(kind: Kind) -> bool {
    match kind {
        Kind::Amount | Kind::Count | Kind::Rate => true,
        Kind::Text | Kind::Id | Kind::Date | Kind::Month | Kind::Verdict => false,
    }
}

#[cfg(test)]
mod tests;

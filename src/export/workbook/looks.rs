//! How the cells of a workbook look.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

use crate::report::pack::sheet::Value;

/// Numbers of formats that every spreadsheet has: `#,##0`, `#,##0.00`, and `@` for text.
const WHOLE: u8 = 3;
const TWO_DIGITS: u8 = 4;
pub(super) const TEXT: u8 = 49;
/// Digits behind the point of the currencies there are: at most four.
const MOST_DIGITS: usize = 4;

/// Every look of a workbook.
pub(super) struct Looks {
    /// The title of a sheet.
    pub(super) title: Format,
    /// A sentence above or below the table.
    pub(super) note: Format,
    /// What a value above the table is.
    pub(super) label: Format,
    /// The day above the table.
    pub(super) day: Format,
    /// The header row, above text and above numbers.
    pub(super) header: Format,
    pub(super) header_of_numbers: Format,
    /// A cell that leads to another sheet.
    pub(super) link: Format,
    /// The rows of the table.
    pub(super) body: Set,
    /// The first row of totals, and the others.
    pub(super) first_total: Set,
    pub(super) total: Set,
}

/// The looks of the cells of a row.
pub(super) struct Set {
    pub(super) text: Format,
    /// Text that is wrapped.
    pub(super) wrapped: Format,
    pub(super) id: Format,
    /// A number with more digits than a spreadsheet keeps, which is text.
    pub(super) digits: Format,
    pub(super) date: Format,
    count: Format,
    rate: Format,
    /// By the digits of the currency.
    amounts: Vec<Format>,
    /// An empty cell, where it has to look like its neighbors.
    pub(super) blank: Option<Format>,
}

impl Looks {
    pub(super) fn new() -> Looks {
        let body = Format::new().set_align(FormatAlign::Top);
        let total = body.clone().set_bold();
        let first_total = total.clone().set_border_top(FormatBorder::Thin);
        let header = body
            .clone()
            .set_bold()
            .set_text_wrap()
            .set_background_color("#ECEFF1")
            .set_border_bottom(FormatBorder::Thin);
        Looks {
            title: Format::new().set_bold().set_font_size(14),
            note: Format::new(),
            label: Format::new().set_font_color("#47505A"),
            day: day(Format::new()).set_align(FormatAlign::Left),
            header_of_numbers: right(header.clone()),
            header,
            link: body
                .clone()
                .set_font_color("#0B57A4")
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
            body: Set::new(&body, None),
            first_total: Set::new(&first_total, Some(first_total.clone())),
            total: Set::new(&total, None),
        }
    }
}

impl Set {
    fn new(base: &Format, blank: Option<Format>) -> Set {
        let number = right(base.clone());
        let of = |format: &str| number.clone().set_num_format(format);
        let built_in = |format: u8| number.clone().set_num_format_index(format);
        let amount = |digits: usize| match digits {
            0 => built_in(WHOLE),
            2 => built_in(TWO_DIGITS),
            digits => of(&format!("#,##0.{}", "0".repeat(digits))),
        };
        Set {
            text: base.clone(),
            wrapped: base.clone().set_text_wrap(),
            id: base.clone().set_num_format_index(TEXT),
            digits: built_in(TEXT),
            date: day(base.clone()),
            count: built_in(WHOLE),
            rate: of("0.0##############"),
            amounts: (0..=MOST_DIGITS).map(amount).collect(),
            blank,
        }
    }

    /// The look of a number; nothing for what is no number.
    pub(super) fn of_number(&self, value: &Value) -> Option<&Format> {
        match value {
            Value::Amount(amount) => self.amounts.get(amount.currency().digits() as usize),
            Value::Count(_) => Some(&self.count),
            Value::Rate(_) => Some(&self.rate),
            Value::Formula(both) => self.of_number(&both.1),
            Value::Empty
            | Value::Text(_)
            | Value::Id(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Verdict(_) => None,
        }
    }
}

/// On the right, with room to the text of the next column.
fn right(look: Format) -> Format {
    look.set_align(FormatAlign::Right).set_indent(1)
}

fn day(look: Format) -> Format {
    look.set_num_format("yyyy\\-mm\\-dd")
}

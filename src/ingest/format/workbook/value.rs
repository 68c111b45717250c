//! The value of a cell as text.
//!
//! Not its job: where the cell stands. Its invariant: a number has the digits that a spreadsheet shows and keeps, or is in
//! scientific notation, from which neither an amount nor an id can be read.

use std::borrow::Cow;

use calamine::{DataType, ExcelDateTime};

/// Digits behind the first of a number that has 15: a spreadsheet shows no more, and every double keeps them.
const REST: usize = 14;
/// Powers of ten that are written out. From 10^15 on the last digits are not in the file; no amount or rate is that small.
const WRITTEN: std::ops::Range<i32> = -30..15;
/// The serial number of the day behind the last one a spreadsheet knows, 31 December 9999.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;

/// What happened to a number on its way to text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nothing: the text is the number.
    None,
    /// Digits behind the fifteenth were cut, and they were part of the number.
    Shortened,
    /// More than fifteen digits before the point, or no number at all: its last digits cannot be trusted.
    TooLong,
}

/// A cell's value; empty where it has none.
pub(super) fn text(value: &impl DataType) -> (Cow<'_, str>, Loss) {
    if let Some(text) = value.get_string() {
        return (Cow::Borrowed(text), Loss::None);
    }
    if let Some(number) = value.get_float() {
        let (text, loss) = decimal(number);
        return (Cow::Owned(text), loss);
    }
    if let Some(serial) = value.get_datetime() {
        let (text, loss) = moment(serial);
        return (Cow::Owned(text), loss);
    }
    // Whole numbers of XLS, which have 30 bits.
    let plain = value
        .get_int()
        .map(|number| number.to_string())
        .or_else(|| value.get_bool().map(|is| is.to_string()))
        .or_else(|| value.get_error().map(ToString::to_string))
        .or_else(|| value.get_datetime_iso().map(day))
        .or_else(|| value.get_duration_iso().map(|text| duration(text).unwrap_or_else(|| text.to_owned())));
    (Cow::Owned(plain.unwrap_or_default()), Loss::None)
}

/// Whether a cell holds a number or a day rather than text; formulas that give one, too.
pub(super) fn is_typed(value: &impl DataType) -> bool {
    value.is_float() || value.is_int() || value.is_datetime() || value.is_datetime_iso()
}

/// The shortest plain decimal of a number, as people see it in a spreadsheet.
///
/// A workbook stores a double, usually with 17 digits, and shows 15 of them: `0.1+0.2` lies in the file as
/// `0.30000000000000004` and stands in the cell as `0.3`. What finance means is what the cell shows, and no amount has more
/// than fifteen digits, so a fraction is cut there. That is said unless the shorter text is the very same double, as with
/// `1.1000000000000001`, Excel's way to write 1.1. A whole number is another matter: it may be an id, and one of more than
/// fifteen digits has lost its end when it was typed or opened (`5569414254138836` becomes `5569414254138830`; formats,
/// trap 1). It comes out as `5.56941425413883E+15`, which neither an id nor an amount can be read from.
pub(super) fn decimal(number: f64) -> (String, Loss) {
    let written = format!("{number:.REST$e}");
    let Some((mantissa, exponent)) = written.split_once('e') else {
        return (written.to_uppercase(), Loss::TooLong);
    };
    let exponent: i32 = exponent.parse().unwrap_or(i32::MAX);
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let all: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = all.trim_end_matches('0');
    if digits.is_empty() {
        return ("0".to_owned(), Loss::None);
    }
    let (whole, fraction) = match usize::try_from(exponent) {
        _ if !WRITTEN.contains(&exponent) => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let (direction, power) = (if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
            let loss = if exponent < 0 { Loss::Shortened } else { Loss::TooLong };
            return (format!("{sign}{first}{point}{rest}E{direction}{power:02}"), loss);
        }
        Ok(power) => (all[..=power].to_owned(), digits.get(power + 1..).unwrap_or_default().to_owned()),
        Err(_) => {
            let zeros = usize::try_from(exponent.unsigned_abs() - 1).unwrap_or(0);
            ("0".to_owned(), format!("{}{digits}", "0".repeat(zeros)))
        }
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let short = format!("{sign}{whole}{point}{fraction}");
    let is_same = short.parse().is_ok_and(|parsed: f64| parsed.to_bits() == number.to_bits());
    (short, if is_same { Loss::None } else { Loss::Shortened })
}

/// A day, a moment or a time that is stored as a number of days. A number that is no day of a spreadsheet stays a number.
fn moment(serial: ExcelDateTime) -> (String, Loss) {
    let number = serial.as_f64();
    if !DAYS.contains(&number) {
        return decimal(number);
    }
    if let Some(span) = serial.as_duration()
        && serial.is_duration()
    {
        let milliseconds = span.num_milliseconds();
        let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
        return (time(seconds / 3_600, seconds / 60 % 60, seconds % 60, rest), Loss::None);
    }
    // In the calendar of the workbook, 29 February 1900 of Excel too, which is refused where a day is read.
    let (year, month, day, hour, minute, second, millisecond) = serial.to_ymd_hms_milli();
    let time = time(hour.into(), minute.into(), second.into(), millisecond.into());
    let day = format!("{year:04}-{month:02}-{day:02}");
    let text = match time.as_str() {
        // Less than a day is a time of day without a day.
        _ if number < 1.0 => time,
        "00:00:00" => day,
        _ => format!("{day} {time}"),
    };
    (text, Loss::None)
}

fn time(hours: i64, minutes: i64, seconds: i64, milliseconds: i64) -> String {
    let whole = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if milliseconds == 0 { whole } else { format!("{whole}.{milliseconds:03}") }
}

/// `2026-05-31T14:05:00` of ODS, with a space; without a time where it is midnight.
fn day(text: &str) -> String {
    match text.split_once('T') {
        Some((day, time)) if time.chars().all(|c| "0:.".contains(c)) => day.to_owned(),
        Some((day, time)) => format!("{day} {time}"),
        None => text.to_owned(),
    }
}

/// `PT14H05M00.000000000S` of ODS as `14:05:00`.
fn duration(text: &str) -> Option<String> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if ![hours, minutes, whole, fraction].into_iter().all(is_number) {
        return None;
    }
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hours:0>2}:{minutes:0>2}:{whole:0>2}{point}{fraction}"))
}

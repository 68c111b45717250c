//! Turns the text of one cell into a value, or says what is wrong with it and what to do.
//!
//! Its job: one strict grammar each for amounts, dates, periods, booleans, currency codes and ids, and the
//! canonical form of an id. Not its job: which column has which grammar, what an empty cell means, whether a
//! currency or an order exists.
//! Invariant: a value comes back only if the text has exactly one reading; nothing is rounded, repaired or
//! guessed.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::{UnicodeNormalization, is_nfkc};
use unicode_script::{Script, UnicodeScript};

use crate::diagnostic::{is_ignorable, visible};

/// The longest id, in characters.
pub const MAX_ID_CHARACTERS: usize = 200;
/// The first year a date or period may have; earlier ones are database defaults (1899, 1900, 1970).
pub const MIN_YEAR: i32 = 1990;
/// The last year a date or period may have; later ones stand for "no end" (9999).
pub const MAX_YEAR: i32 = 2199;

/// What is wrong with the value of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Kebab-case code, stable, such as `amount-decimal-comma`.
    pub code: &'static str,
    /// The violated fact with the value in back-ticks, a lowercase fragment without full stop.
    pub message: String,
    /// The next action.
    pub help: String,
}

impl CellError {
    /// A problem of one cell.
    pub fn new(code: &'static str, message: String, help: &str) -> Self {
        CellError { code, message, help: help.to_owned() }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CellError {}

/// The text in back-ticks, made [`visible`].
pub fn shown(text: &str) -> String {
    format!("`{}`", visible(text))
}

// Amounts.

const PLAIN_AMOUNT: &str = "export it as plain digits with a point as the decimal mark, such as -1234.50";

/// Reads an amount or a rate.
///
/// Accepts ASCII digits with an optional `-` or `+` in front and at most one point with a digit behind it
/// (`12`, `-12.50`, `+.5`), blanks around it trimmed. The scale is kept (`1.10` has two digits); a negative
/// zero loses its sign.
/// Units: whatever the column says; the text carries none.
/// Source: `spec/reliability.md` R6. Exact up to 28 digits behind the point and 96 bits; what does not fit is
/// refused.
///
/// # Errors
/// - `amount-empty`, `amount-placeholder` (`-`, `N/A`), `spreadsheet-error` (`#REF!`), `amount-not-finite`
/// - `amount-decimal-comma`, `amount-thousands-mark`, `amount-ambiguous-comma`, `amount-exponent`
/// - `amount-parentheses`, `amount-percent`, `amount-currency`, `amount-sign`
/// - `amount-foreign-digit`, `amount-letter`, `amount-blank-inside`, `amount-not-a-number`: the character is
///   named
/// - `amount-too-precise`: exact storage has no room for it
pub fn decimal(text: &str) -> Result<Decimal, CellError> {
    let trimmed = trim(text);
    if let Some(amount) = short_decimal(trimmed.as_bytes()) {
        return Ok(amount);
    }
    if !is_plain_decimal(trimmed.as_bytes()) {
        return Err(explain_amount(trimmed));
    }
    // `from_str_exact` refuses what it cannot hold; `from_str` would round it.
    let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
    let Ok(mut amount) = Decimal::from_str_exact(unsigned) else {
        let message = format!("{} has more digits than an amount can hold exactly", shown(trimmed));
        let help =
            "export it with at most 28 digits; a float's noise behind the cents is not part of the amount";
        return Err(CellError::new("amount-too-precise", message, help));
    };
    if amount.is_zero() {
        amount.set_sign_positive(true);
    }
    Ok(amount)
}

/// The same for up to 18 digits, which fit in an `i64`: nearly all amounts, at a third of the time.
fn short_decimal(text: &[u8]) -> Option<Decimal> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.len() > 18 || !digits.last()?.is_ascii_digit() {
        return None;
    }
    let mut units = 0_i64;
    let mut point = None;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => units = units * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(index),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |point| digits.len() - point - 1);
    Some(Decimal::new(if is_negative { -units } else { units }, u32::try_from(scale).ok()?))
}

fn is_plain_decimal(text: &[u8]) -> bool {
    let digits = match text {
        [b'-' | b'+', digits @ ..] => digits,
        digits => digits,
    };
    let (mut points, mut last_is_digit) = (0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => last_is_digit = true,
            b'.' => {
                points += 1;
                last_is_digit = false;
            }
            _ => return false,
        }
    }
    points <= 1 && last_is_digit
}

fn explain_amount(text: &str) -> CellError {
    let not = |code, why: &str, help: &str| {
        CellError::new(code, format!("{} is not a decimal amount: {why}", shown(text)), help)
    };
    if text.is_empty() {
        let help = "fill in the amount; write 0.00 where nothing was charged or earned";
        return CellError::new("amount-empty", "the amount is empty".to_owned(), help);
    }
    if let Some(error) = spreadsheet_error(text) {
        return error;
    }
    if is_placeholder(text) {
        let help = "export the amount itself; write 0.00 where it is zero";
        return not("amount-placeholder", "it is a placeholder", help);
    }
    let bare = text.trim_start_matches(['-', '+']);
    if ["nan", "inf", "infinity", "∞"].iter().any(|word| bare.eq_ignore_ascii_case(word)) {
        let help = "find the division by zero or missing input in the system that made it, and export again";
        return not("amount-not-finite", "it is a calculation without a result", help);
    }
    if let Some(error) = explain_marks(text) {
        return error;
    }
    if text.contains('(') && text.contains(')') {
        let why = "it has parentheses instead of a minus sign";
        return not("amount-parentheses", why, "export negative amounts with a leading -, such as -12.50");
    }
    if text.contains(['%', '‰', '％']) {
        let why = "it is a percentage";
        return not("amount-percent", why, "export the plain number: a rate of 5 percent is 0.05");
    }
    if let Some(symbol) = text.chars().find(|&character| is_currency_symbol(character)) {
        let why = format!("it carries the currency symbol {symbol}");
        return not("amount-currency", &why, "export the amount alone; the currency has a column of its own");
    }
    if let Some(code) = currency_code_beside(text) {
        let why = format!("it carries the currency code {code}");
        return not("amount-currency", &why, "export the amount alone; the currency has a column of its own");
    }
    if let Some(error) = explain_signs(text) {
        return error;
    }
    if text.strip_suffix('.').is_some_and(|digits| is_plain_decimal(digits.as_bytes())) {
        return not(
            "amount-not-a-number",
            "nothing follows the point, so digits may be cut off",
            PLAIN_AMOUNT,
        );
    }
    let Some((position, character)) = text.chars().enumerate().find(|&(_, c)| !matches!(c, '0'..='9' | '.'))
    else {
        let why = if text == "." { "it has no digit" } else { "it has more than one point" };
        return not("amount-not-a-number", why, PLAIN_AMOUNT);
    };
    // A sign in front is fine; the first character that is not belongs to the message.
    let (position, character) = match character {
        '-' | '+' if position == 0 => {
            let mut rest = text.chars().enumerate().skip(1);
            rest.find(|&(_, c)| !matches!(c, '0'..='9' | '.')).unwrap_or((0, character))
        }
        _ => (position, character),
    };
    if position == 0 && matches!(character, '-' | '+') {
        let why = if bare.chars().filter(|&c| c == '.').count() > 1 {
            "it has more than one point"
        } else if bare.ends_with('.') && bare.len() > 1 {
            "nothing follows the point, so digits may be cut off"
        } else {
            "it has no digit"
        };
        return not("amount-not-a-number", why, PLAIN_AMOUNT);
    }
    let place = format!("the {} character is", ordinal(position + 1));
    if character.is_alphabetic() {
        let why = format!("{place} the letter {}", spelled(character));
        return not("amount-letter", &why, "correct the digit in the system that made it, and export again");
    }
    if character.is_numeric() {
        let why = format!("{place} {}, a digit outside 0-9", spelled(character));
        return not("amount-foreign-digit", &why, PLAIN_AMOUNT);
    }
    if character.is_whitespace() || is_ignorable(character) {
        let why = format!("{place} {}", spelled(character));
        return not("amount-blank-inside", &why, PLAIN_AMOUNT);
    }
    not("amount-not-a-number", &format!("{place} {}", spelled(character)), PLAIN_AMOUNT)
}

/// Numbers that are written well, only not our way: exponent, comma, thousands marks.
fn explain_marks(text: &str) -> Option<CellError> {
    let not = |code, why: &str, help: &str| {
        Some(CellError::new(code, format!("{} is not a decimal amount: {why}", shown(text)), help))
    };
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some((mantissa, _)) = split_exponent(unsigned)
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    {
        let why = "it has an exponent, so a spreadsheet has damaged it and digits may be lost";
        let help = "export it again from the system that made it, without opening the file in a spreadsheet";
        return not("amount-exponent", why, help);
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let groups_of_three = |marks: &[char], digits: &str| {
        let mut groups = digits.split(marks);
        let first = groups.next().unwrap_or("");
        let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
        let mut count = 0;
        (1..=3).contains(&first.len())
            && is_digits(first)
            && groups.all(|group| {
                count += 1;
                group.len() == 3 && is_digits(group)
            })
            && count > 0
    };
    let only = |allowed: &[char]| unsigned.chars().all(|c| c.is_ascii_digit() || allowed.contains(&c));
    let without_marks = "export it without thousands marks and with a point as the decimal mark";
    let with_point = "export it with a point as the decimal mark";
    if only(&['.', ',']) && unsigned.contains(',') {
        let comma = unsigned.rfind(',');
        let commas = unsigned.matches(',').count();
        return match unsigned.rfind('.') {
            Some(point) if Some(point) > comma => {
                not("amount-thousands-mark", "it has commas as thousands marks", without_marks)
            }
            Some(_) => {
                let help = "export it with a point as the decimal mark and without thousands marks";
                not("amount-decimal-comma", "it has a comma as the decimal mark", help)
            }
            None if commas > 1 => {
                not("amount-thousands-mark", "it has commas as thousands marks", without_marks)
            }
            None if groups_of_three(&[','], unsigned) => {
                let why = "the comma may be a decimal mark or a thousands mark";
                let help = "export it with a point as the decimal mark and without thousands marks";
                not("amount-ambiguous-comma", why, help)
            }
            None => not("amount-decimal-comma", "it has a comma as the decimal mark", with_point),
        };
    }
    if only(&['.']) && unsigned.matches('.').count() > 1 && groups_of_three(&['.'], unsigned) {
        return not("amount-thousands-mark", "it has points as thousands marks", without_marks);
    }
    let marks = [' ', '\'', '’', '_', '\u{a0}', '\u{202f}', '\u{2009}', '\u{2007}', '٬'];
    if let Some(mark) = unsigned.chars().find(|c| marks.contains(c)) {
        let end = unsigned.rfind(['.', ',']).unwrap_or(unsigned.len());
        if groups_of_three(&marks, &unsigned[..end]) {
            let why = format!("it has {} as the thousands mark", spelled(mark));
            return not("amount-thousands-mark", &why, without_marks);
        }
    }
    None
}

fn explain_signs(text: &str) -> Option<CellError> {
    let not = |why: &str| {
        let message = format!("{} is not a decimal amount: {why}", shown(text));
        Some(CellError::new(
            "amount-sign",
            message,
            "export the sign as one - in front of the digits, such as -12.50",
        ))
    };
    if let Some(front) = text.strip_suffix(['-', '+'])
        && is_plain_decimal(front.trim_end().as_bytes())
    {
        return not("the sign stands at the end");
    }
    let first = text.chars().next()?;
    if first != '-' && is_dash(first) && is_plain_decimal(trim(&text[first.len_utf8()..]).as_bytes()) {
        return not(&format!("its minus sign is {}", spelled(first)));
    }
    let bare = text.strip_prefix(['-', '+'])?;
    if is_plain_decimal(trim(bare).as_bytes()) {
        let more =
            if bare.starts_with([' ', '\t']) { "a blank follows the sign" } else { "it has two signs" };
        return not(more);
    }
    None
}

/// Splits `1.2E+3` into mantissa and exponent (with its sign).
fn split_exponent(text: &str) -> Option<(&str, &str)> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (mantissa.starts_with(|c: char| c.is_ascii_digit()) && is_number(digits)).then_some((mantissa, exponent))
}

/// The code in `USD 12.50`, `USD12.50` or `12.50 USD`; not in `1OOO`, where letters stand for digits.
fn currency_code_beside(text: &str) -> Option<&str> {
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (front, amount) = text.split_at_checked(3)?;
    if is_code(front) && amount.bytes().any(|byte| byte.is_ascii_digit()) {
        return Some(front);
    }
    let (amount, back) = text.split_at_checked(text.len() - 3)?;
    (is_code(back) && amount.ends_with([' ', '\t', '\u{a0}'])).then_some(back)
}

fn is_currency_symbol(character: char) -> bool {
    const RARE: [char; 18] = [
        '֏', '؋', '߾', '߿', '৲', '৳', '৻', '૱', '௹', '฿', '៛', '\u{a838}', '﷼', '﹩', '＄', '￠', '￡', '￥',
    ];
    matches!(character, '$' | '¢'..='¥' | '\u{20a0}'..='\u{20cf}' | '￦') || RARE.contains(&character)
}

// Dates and periods.

/// Reads a calendar day, exactly `YYYY-MM-DD`, blanks around it trimmed.
///
/// Units: a day without a time zone; whose day it is, the column says. Years 1990 to 2199.
/// Source: `spec/reliability.md` R7, `spec/contract.md` section 3.
///
/// # Errors
/// - `date-empty`, `date-placeholder`, `spreadsheet-error`
/// - `date-excel-serial` (`45413`), `date-time-of-day`, `date-not-iso` (slashes, day first, month names, no
///   hyphens)
/// - `date-no-day` (`2026-05`), `date-impossible` (`2026-02-30`), `date-out-of-range` (`1900-01-01`,
///   `9999-12-31`)
pub fn date(text: &str) -> Result<NaiveDate, CellError> {
    let trimmed = trim(text);
    let Some((year, month, day)) = year_month_day(trimmed.as_bytes()) else {
        return Err(explain_date(trimmed, "date"));
    };
    if trimmed.starts_with("0000-00") {
        return Err(explain_date(trimmed, "date"));
    }
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(out_of_range("date", trimmed, year));
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| impossible_day(trimmed, year, month, day))
}

/// Reads a month, exactly `YYYY-MM`, blanks around it trimmed, as year and month (1 to 12).
///
/// Units: a calendar month; in which time zone it begins, the program says. Years 1990 to 2199.
/// Source: `spec/contract.md` section 3.
///
/// # Errors
/// - `period-empty`, `period-placeholder`, `spreadsheet-error`
/// - `period-excel-serial`, `period-is-a-date` (`2026-05-01`), `period-not-iso` (`05/2026`, `May 2026`,
///   `202605`)
/// - `period-impossible` (`2026-13`), `period-out-of-range`
pub fn period(text: &str) -> Result<(i32, u32), CellError> {
    let trimmed = trim(text);
    let Some((year, month)) = year_month(trimmed.as_bytes()) else {
        return Err(explain_date(trimmed, "period"));
    };
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(out_of_range("period", trimmed, year));
    }
    if !(1..=12).contains(&month) {
        let message = format!("{} is not a month: there is no month {month:02}", shown(trimmed));
        return Err(CellError::new(
            "period-impossible",
            message,
            "correct the month; periods are written YYYY-MM",
        ));
    }
    Ok((year, month))
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn year_month(text: &[u8]) -> Option<(i32, u32)> {
    match text {
        [year @ .., b'-', tens, ones] if year.len() == 4 => {
            Some((i32::try_from(digits(year)?).ok()?, digits(&[*tens, *ones])?))
        }
        _ => None,
    }
}

fn year_month_day(text: &[u8]) -> Option<(i32, u32, u32)> {
    match text {
        [month @ .., b'-', tens, ones] => {
            let (year, month) = year_month(month)?;
            Some((year, month, digits(&[*tens, *ones])?))
        }
        _ => None,
    }
}

fn out_of_range(what: &str, text: &str, year: i32) -> CellError {
    let code = if what == "date" { "date-out-of-range" } else { "period-out-of-range" };
    let message = format!("{} is outside {MIN_YEAR} to {MAX_YEAR}", shown(text));
    let help = if year > MAX_YEAR {
        "leave the cell empty where there is no end, or correct the year"
    } else {
        "leave the cell empty where it is not known, or correct the year"
    };
    CellError::new(code, message, help)
}

fn impossible_day(text: &str, year: i32, month: u32, day: u32) -> CellError {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let last = (28..=31).rev().find(|&last| NaiveDate::from_ymd_opt(year, month, last).is_some());
    let name = month.checked_sub(1).and_then(|index| NAMES.get(index as usize));
    let why = match (name, last) {
        (Some(name), Some(last)) if day > 0 => format!("{name} {year} has {last} days"),
        (Some(_), Some(_)) => "there is no day 00".to_owned(),
        (Some(_), None) | (None, Some(_)) | (None, None) => format!("there is no month {month:02}"),
    };
    let help = "correct the day in the system that made it; dates are written year-month-day";
    CellError::new("date-impossible", format!("{} is not a calendar day: {why}", shown(text)), help)
}

fn explain_date(text: &str, what: &'static str) -> CellError {
    let is_date = what == "date";
    let form = if is_date { "YYYY-MM-DD" } else { "YYYY-MM" };
    let as_form = if is_date {
        "export dates as YYYY-MM-DD, such as 2026-05-31"
    } else {
        "export periods as YYYY-MM, such as 2026-05"
    };
    let not = |code: [&'static str; 2], why: &str, help: &str| {
        let message = format!("{} is not a {what} in the form {form}: {why}", shown(text));
        CellError::new(code[usize::from(!is_date)], message, help)
    };
    const NOT_ISO: [&str; 2] = ["date-not-iso", "period-not-iso"];
    let bytes = text.as_bytes();
    if text.is_empty() {
        let code = if is_date { "date-empty" } else { "period-empty" };
        return CellError::new(code, format!("the {what} is empty"), as_form);
    }
    if let Some(error) = spreadsheet_error(text) {
        return error;
    }
    if is_placeholder(text) || text.starts_with("0000-00") {
        let code = ["date-placeholder", "period-placeholder"];
        return not(code, "it is a placeholder", "leave the cell empty where it is not known");
    }
    if let Some((position, character)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
        let why = format!("the {} character is {}", ordinal(position + 1), spelled(character));
        return not(NOT_ISO, &why, as_form);
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole).as_bytes();
    let fraction_is_digits = digits_only(&bytes[whole.len().min(bytes.len())..], b'.');
    if whole.len() == 5 && digits_only(whole, b'0') && fraction_is_digits {
        let why = "it is the day number of a spreadsheet";
        let help = if is_date {
            "format the column as YYYY-MM-DD in the spreadsheet, or export again from the system that made it"
        } else {
            "format the column as YYYY-MM in the spreadsheet, or export again from the system that made it"
        };
        return not(["date-excel-serial", "period-excel-serial"], why, help);
    }
    if let Some((day, rest)) = text.split_at_checked(10)
        && year_month_day(day.as_bytes()).is_some()
    {
        if is_date && rest.starts_with(['T', 't', ' ']) {
            let help = "export the day alone, in the time zone the program counts in";
            return not(["date-time-of-day", "period-not-iso"], "it carries a time of day", help);
        }
        if !is_date && (rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
            let why = "it is a date";
            return not(
                ["date-not-iso", "period-is-a-date"],
                why,
                "export the month the rebate was earned in, such as 2026-05",
            );
        }
    }
    if is_date && year_month(bytes).is_some() {
        return not(
            ["date-no-day", "period-not-iso"],
            "it has no day",
            "export the whole date, such as 2026-05-31",
        );
    }
    if digits_only(bytes, b'0') && matches!(bytes.len(), 6 | 8) {
        return not(NOT_ISO, "it has no hyphens", as_form);
    }
    if text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return not(NOT_ISO, "it has letters", as_form);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let are_numbers = parts.iter().all(|part| !part.is_empty() && digits_only(part.as_bytes(), b'0'));
    let separator = match text.bytes().find(|byte| !byte.is_ascii_digit()) {
        Some(b'/') => "slashes",
        Some(b'.') => "points",
        Some(_) | None => "hyphens",
    };
    match parts.as_slice() {
        [first, _, last] if are_numbers && first.len() <= 2 && last.len() == 4 => {
            let why = format!(
                "it does not begin with the year and has {separator}, so day and month may be swapped"
            );
            not(
                NOT_ISO,
                if separator == "hyphens" {
                    "it does not begin with the year, so day and month may be swapped"
                } else {
                    &why
                },
                as_form,
            )
        }
        [first, _, last] if are_numbers && first.len() <= 2 && last.len() <= 2 => {
            not(NOT_ISO, "the year has two digits, so its parts may be swapped", as_form)
        }
        [first, last] if are_numbers && first.len() <= 2 && last.len() == 4 => {
            not(NOT_ISO, "it does not begin with the year", as_form)
        }
        [first, ..] if are_numbers && first.len() == 4 && separator != "hyphens" => {
            not(NOT_ISO, &format!("it has {separator}"), as_form)
        }
        [first, rest @ ..] if are_numbers && first.len() == 4 && rest.iter().any(|part| part.len() == 1) => {
            not(NOT_ISO, "month and day need two digits each", as_form)
        }
        _ => not(NOT_ISO, "it does not have that form", as_form),
    }
}

/// Whether all bytes are digits, the byte `or` allowed too.
fn digits_only(text: &[u8], or: u8) -> bool {
    text.iter().all(|&byte| byte.is_ascii_digit() || byte == or)
}

// Booleans and currencies.

/// Reads `true` or `false`, blanks around it trimmed.
///
/// # Errors
/// - `boolean-empty`, `spreadsheet-error`, `boolean-invalid` (`TRUE`, `yes`, `1`)
pub fn boolean(text: &str) -> Result<bool, CellError> {
    let trimmed = trim(text);
    let help = "write true or false in lower case";
    match trimmed {
        "true" => Ok(true),
        "false" => Ok(false),
        "" => Err(CellError::new("boolean-empty", "the cell is empty".to_owned(), help)),
        _ => Err(spreadsheet_error(trimmed).unwrap_or_else(|| {
            CellError::new("boolean-invalid", format!("{} is neither true nor false", shown(trimmed)), help)
        })),
    }
}

/// Reads a currency code: three ASCII capital letters, blanks around it trimmed. Whether ISO 4217 lists it is
/// not checked here.
///
/// # Errors
/// - `currency-empty`, `spreadsheet-error`, `currency-lower-case` (`usd`), `currency-invalid` (`US$`, `€`,
///   `840`)
pub fn currency(text: &str) -> Result<&str, CellError> {
    let trimmed = trim(text);
    if trimmed.len() == 3 && trimmed.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(trimmed);
    }
    let help = "write the ISO 4217 code in capital letters, such as USD";
    if trimmed.is_empty() {
        return Err(CellError::new("currency-empty", "the currency is empty".to_owned(), help));
    }
    if let Some(error) = spreadsheet_error(trimmed) {
        return Err(error);
    }
    if trimmed.len() == 3 && trimmed.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let message = format!("{} is not a currency code: it has lower-case letters", shown(trimmed));
        let help = format!("write it in capital letters: {}", trimmed.to_ascii_uppercase());
        return Err(CellError::new("currency-lower-case", message, &help));
    }
    let message = format!("{} is not a currency code of three capital letters", shown(trimmed));
    Err(CellError::new("currency-invalid", message, help))
}

// Ids.

/// Checks that the text can be an id: that it names one thing and still says what was written in the source
/// system.
///
/// Source: `spec/reliability.md` R8 and T20, `spec/domain.md` 2.1. Zero-width characters are not an error:
/// they are left out of the canonical form, and [`has_invisible`] finds them for the warning.
///
/// # Errors
/// - `id-empty`, `id-no-letter-or-digit` (`-`, `***`), `id-too-long`, `id-placeholder` (`N/A`, `null`)
/// - `id-scientific` (`1.23E+15`; `12E5` is an id), `spreadsheet-error` (`#N/A`)
/// - `id-replacement-character` (U+FFFD), `id-bidi-control`, `id-mixed-scripts` (Latin with Cyrillic or
///   Greek)
pub fn id(text: &str) -> Result<(), CellError> {
    let trimmed = trim(text);
    if is_plain_id(trimmed.as_bytes()) {
        return Ok(());
    }
    let not = |code, why: &str, help: &str| {
        Err(CellError::new(code, format!("{} is not a usable id: {why}", shown(trimmed)), help))
    };
    let from_source =
        "export it again from the system that made it, as text, without opening the file in a spreadsheet";
    if trimmed.is_empty() {
        return Err(CellError::new("id-empty", "the id is empty".to_owned(), "fill in the id"));
    }
    let length = trimmed.chars().count();
    if length > MAX_ID_CHARACTERS {
        let why = format!("it has {length} characters, more than {MAX_ID_CHARACTERS}");
        return not("id-too-long", &why, "look for a missing quote or a shifted column in this row");
    }
    if let Some(error) = spreadsheet_error(trimmed) {
        return Err(error);
    }
    for (index, character) in trimmed.chars().enumerate() {
        let place = format!("the {} character is {}", ordinal(index + 1), spelled(character));
        if character == char::REPLACEMENT_CHARACTER {
            let why = format!("{place}, so the original character is lost");
            return not("id-replacement-character", &why, from_source);
        }
        if is_bidi_control(character) {
            let why = format!("{place}, which changes the order in which it is read");
            return not("id-bidi-control", &why, "remove the character where the id was typed or pasted");
        }
    }
    let compatible: Cow<'_, str> = if trimmed.is_ascii() {
        Cow::Borrowed(trimmed)
    } else {
        Cow::Owned(trimmed.nfkc().filter(|&character| !is_ignorable(character)).collect())
    };
    if is_scientific(trim(&compatible)) {
        let why = "a spreadsheet has turned it into a number, and digits are lost";
        return not("id-scientific", why, from_source);
    }
    if is_missing_word(&compatible) {
        return not("id-placeholder", "it is a placeholder", "fill in the id, or leave the cell empty");
    }
    if let Some(why) = mixed_scripts(&compatible) {
        return not(
            "id-mixed-scripts",
            &why,
            "type the id again in one alphabet; these letters only look alike",
        );
    }
    if !canonical(trimmed).chars().any(char::is_alphanumeric) {
        return not(
            "id-no-letter-or-digit",
            "it holds no letter or digit",
            "fill in the id, or leave the cell empty",
        );
    }
    Ok(())
}

/// Letters, digits and inner separators only, and nothing that could be a number or a placeholder: most ids.
fn is_plain_id(text: &[u8]) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            let character = byte as u8;
            plain[byte] =
                character.is_ascii_alphanumeric() || matches!(character, b'-' | b'_' | b'.' | b' ' | b'/');
            byte += 1;
        }
        plain
    };
    let may_be_more = match text.first() {
        Some(b'0'..=b'9') => text.iter().any(|byte| matches!(byte, b'e' | b'E')),
        Some(b'n' | b'N' | b'u' | b'U') => text.len() <= 9,
        Some(b'a'..=b'z' | b'A'..=b'Z') => false,
        Some(_) | None => true,
    };
    !may_be_more && text.len() <= MAX_ID_CHARACTERS && text.iter().all(|&byte| PLAIN[usize::from(byte)])
}

/// Words that stand for "no id" and would join every row that has them.
fn is_missing_word(text: &str) -> bool {
    ["n/a", "null", "(null)", "(blank)", "undefined"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a spreadsheet wrote it: a fraction or a signed exponent. `12E5` and `12E-5` may well be ids.
fn is_scientific(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some((mantissa, exponent)) = split_exponent(unsigned) else { return false };
    let fraction = mantissa.split_once(['.', ',']).map(|(_, fraction)| fraction);
    let whole_is_digits = digits_only(mantissa.split(['.', ',']).next().unwrap_or("").as_bytes(), b'0');
    match fraction {
        Some(fraction) => whole_is_digits && digits_only(fraction.as_bytes(), b'0'),
        None => whole_is_digits && exponent.starts_with('+'),
    }
}

/// Names the first two letters of different alphabets among Latin, Cyrillic and Greek.
fn mixed_scripts(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let look_alike = [Script::Latin, Script::Cyrillic, Script::Greek];
    let script_of = |character: char| Some(character.script()).filter(|script| look_alike.contains(script));
    let mut letters = text.chars().filter_map(|character| Some((character, script_of(character)?)));
    let (first, script) = letters.next()?;
    let (other, other_script) = letters.find(|&(_, other)| other != script)?;
    let code_point = |character: char| u32::from(character);
    Some(format!(
        "it mixes {} ({first}, U+{:04X}) with {} ({other}, U+{:04X})",
        script.full_name(),
        code_point(first),
        other_script.full_name(),
        code_point(other)
    ))
}

/// The canonical form of an id: the spelling by which ids are compared, linked and searched.
///
/// NFKC, without zero-width and control characters, in upper case (Unicode, no locale), without white space,
/// hyphens and dashes, underscores, slashes and dots; leading zeros stay. Pages show the id as it was
/// received.
/// Shape: borrowed if nothing changes; `canonical(canonical(x)) == canonical(x)`; may be empty (`-`), which
/// [`id`] refuses.
/// Source: `spec/domain.md` 2.1.
pub fn canonical(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let mut buffer = String::with_capacity(text.len());
    canonical_into(text, &mut buffer);
    if buffer == text { Cow::Borrowed(text) } else { Cow::Owned(buffer) }
}

/// Writes the canonical form over `buffer`, for loops that look up many ids without an allocation each.
pub fn canonical_into(text: &str, buffer: &mut String) {
    buffer.clear();
    if text.is_ascii() {
        for chunk in text.as_bytes().chunks(64) {
            let mut folded = [0; 64];
            let mut length = 0;
            for &byte in chunk {
                let kept = FOLDED[usize::from(byte)];
                folded[length] = kept;
                length += usize::from(kept != 0);
            }
            buffer.push_str(str::from_utf8(&folded[..length]).unwrap_or_default());
        }
        return;
    }
    fold(text, buffer);
    // One pass is not always enough: leaving out a hyphen can bring a letter and an accent together, and the
    // upper case of ΐ decomposes. Every single character and every pair with an accent settles in two
    // (tested).
    for _ in 0..8 {
        let mut again = String::with_capacity(buffer.len());
        fold(buffer, &mut again);
        if again == *buffer {
            break;
        }
        *buffer = again;
    }
}

fn fold(text: &str, out: &mut String) {
    let mut push = |character: char| {
        if !is_left_out(character) {
            out.extend(character.to_uppercase().filter(|&upper| !is_left_out(upper)));
        }
    };
    if is_nfkc(text) { text.chars().for_each(&mut push) } else { text.nfkc().for_each(&mut push) }
}

/// The upper case of each ASCII byte, 0 for those that are left out.
const FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if !is_left_out_ascii(byte as u8) {
            folded[byte] = (byte as u8).to_ascii_uppercase();
        }
        byte += 1;
    }
    folded
};

const fn is_left_out_ascii(byte: u8) -> bool {
    byte.is_ascii_control() || matches!(byte, b' ' | b'-' | b'_' | b'/' | b'.')
}

fn is_left_out(character: char) -> bool {
    if character.is_ascii() {
        return u8::try_from(character).is_ok_and(is_left_out_ascii);
    }
    character.is_whitespace()
        || is_dash(character)
        || is_ignorable(character)
        || matches!(character, '‿' | '⁀' | '⁔')
}

/// Whether the text holds characters that nobody sees and that the canonical form leaves out: zero-width and
/// control characters, no-break and other unusual blanks. Ordinary blanks, tabs and line ends around the text
/// do not count.
pub fn has_invisible(text: &str) -> bool {
    trim(text).chars().any(|c| is_ignorable(c) || (!c.is_ascii() && c.is_whitespace()))
}

// Shared.

fn trim(text: &str) -> &str {
    text.trim_ascii()
}

/// Hyphens, dashes and minus signs: general category Pd, and signs that look the same.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10ead}'
                | '\u{2d7}'
    )
}

fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The error of a formula, or a column that was too narrow to print (`####`).
fn spreadsheet_error(text: &str) -> Option<CellError> {
    const ERRORS: [&str; 16] = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#CONNECT!",
        "#BUSY!",
        "#GETTING_DATA",
        "#ERROR!",
    ];
    let is_narrow = text.len() >= 2 && text.bytes().all(|byte| byte == b'#');
    if !is_narrow && !ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error)) {
        return None;
    }
    let message = if is_narrow {
        format!("{} is what a spreadsheet shows when a column is too narrow, not a value", shown(text))
    } else {
        format!("{} is the error of a spreadsheet formula, not a value", shown(text))
    };
    let help = "correct it in the spreadsheet, or export again from the system that made it";
    Some(CellError::new("spreadsheet-error", message, help))
}

/// What people type for "nothing" in a column of amounts or dates.
fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "n/a",
        "na",
        "n.a.",
        "n/d",
        "null",
        "(null)",
        "none",
        "nil",
        "(blank)",
        "undefined",
        "tbd",
        "tba",
        "unknown",
        "?",
    ];
    text.chars().all(is_dash) || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The character, and its code point where the shape alone does not tell (`the letter О (U+041E)`).
fn spelled(character: char) -> String {
    match character {
        ' ' => "a blank".to_owned(),
        '\t' => "a tab".to_owned(),
        '!'..='~' if character.is_ascii_alphanumeric() => character.to_string(),
        '!'..='~' => format!("`{character}`"),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        '\u{202f}' => "a narrow no-break space (U+202F)".to_owned(),
        _ if is_ignorable(character) || character.is_whitespace() => {
            format!("the invisible character U+{:04X}", u32::from(character))
        }
        _ => format!("{character} (U+{:04X})", u32::from(character)),
    }
}

/// 1st, 2nd, 3rd, 4th, 11th, 21st.
fn ordinal(number: usize) -> String {
    let suffix = match (number % 10, number % 100) {
        (1, hundred) if hundred != 11 => "st",
        (2, hundred) if hundred != 12 => "nd",
        (3, hundred) if hundred != 13 => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The value as text, or the code of the error. Every error keeps the rules for texts.
    fn outcome<T: fmt::Display>(result: Result<T, CellError>) -> String {
        match result {
            Ok(value) => value.to_string(),
            Err(error) => {
                let first = error.message.chars().next().unwrap();
                assert!(!first.is_uppercase(), "{}", error.message);
                assert!(!error.message.ends_with('.') && !error.help.ends_with('.'), "{}", error.message);
                assert!(!error.help.is_empty() && error.message != error.help);
                assert!(
                    !error.message.chars().any(|c| c.is_control() || is_bidi_control(c)),
                    "{}",
                    error.message
                );
                format!("!{}", error.code)
            }
        }
    }

    fn check(read: impl Fn(&str) -> String, table: &[(&str, &str)]) {
        for (text, expected) in table {
            assert_eq!(read(text), *expected, "input {text:?}");
        }
    }

    fn check_amounts(table: &[(&str, &str)]) {
        check(|text| outcome(decimal(text)), table);
    }

    #[test]
    fn amounts_that_have_one_reading() {
        check_amounts(&[
            ("0", "0"),
            ("12", "12"),
            ("-12.50", "-12.50"),
            ("+12.50", "12.50"),
            ("1.10", "1.10"),
            ("007.5", "7.5"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("-0.00", "0.00"),
            ("-0", "0"),
            ("-0.00000000000000000000", "0.00000000000000000000"),
            (" \t12.50 ", "12.50"),
            ("40.005", "40.005"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("79228162514264337593543950336", "!amount-too-precise"),
            ("-79228162514264337593543950335", "-79228162514264337593543950335"),
            ("-79228162514264337593543950336", "!amount-too-precise"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("0.00000000000000000000000000001", "!amount-too-precise"),
            ("7.9228162514264337593543950335", "7.9228162514264337593543950335"),
            ("7.9228162514264337593543950336", "!amount-too-precise"),
            ("1.00000000000000000000000000000", "!amount-too-precise"),
        ]);
    }

    #[test]
    fn amounts_that_are_refused() {
        check_amounts(&[
            ("", "!amount-empty"),
            ("  ", "!amount-empty"),
            ("-", "!amount-placeholder"),
            ("--", "!amount-placeholder"),
            ("–", "!amount-placeholder"),
            ("N/A", "!amount-placeholder"),
            ("n/a", "!amount-placeholder"),
            ("null", "!amount-placeholder"),
            ("#REF!", "!spreadsheet-error"),
            ("#N/A", "!spreadsheet-error"),
            ("#DIV/0!", "!spreadsheet-error"),
            ("#value!", "!spreadsheet-error"),
            ("#####", "!spreadsheet-error"),
            ("#1", "!amount-not-a-number"),
            ("NaN", "!amount-not-finite"),
            ("inf", "!amount-not-finite"),
            ("-Infinity", "!amount-not-finite"),
            ("∞", "!amount-not-finite"),
            ("info", "!amount-letter"),
            ("4O0.00", "!amount-letter"),
            ("40О.00", "!amount-letter"),
            ("1l", "!amount-letter"),
            ("1OOO", "!amount-letter"),
            ("12USD", "!amount-letter"),
            ("USD12", "!amount-currency"),
            ("12,5", "!amount-decimal-comma"),
            ("-12,50", "!amount-decimal-comma"),
            ("1.234,50", "!amount-decimal-comma"),
            ("0,1234", "!amount-decimal-comma"),
            ("1,234", "!amount-ambiguous-comma"),
            ("1,234.50", "!amount-thousands-mark"),
            ("1,234,567", "!amount-thousands-mark"),
            ("1.234.567", "!amount-thousands-mark"),
            ("1.234.56", "!amount-not-a-number"),
            ("1 234.50", "!amount-thousands-mark"),
            ("1\u{a0}234,50", "!amount-thousands-mark"),
            ("1\u{202f}234.50", "!amount-thousands-mark"),
            ("1'234.50", "!amount-thousands-mark"),
            ("1_000", "!amount-thousands-mark"),
            ("1_00", "!amount-not-a-number"),
            ("1 2", "!amount-blank-inside"),
            ("12\u{a0}", "!amount-blank-inside"),
            ("\u{feff}12", "!amount-blank-inside"),
            ("1\u{200b}2", "!amount-blank-inside"),
            ("12\n3", "!amount-blank-inside"),
            ("1.2E+3", "!amount-exponent"),
            ("1e3", "!amount-exponent"),
            ("-9.09495E-13", "!amount-exponent"),
            ("1,2E3", "!amount-exponent"),
            ("1e", "!amount-letter"),
            ("(12.50)", "!amount-parentheses"),
            ("($12.50)", "!amount-parentheses"),
            ("5%", "!amount-percent"),
            ("5 %", "!amount-percent"),
            ("$12.50", "!amount-currency"),
            ("12.50€", "!amount-currency"),
            ("£68,486.66", "!amount-currency"),
            ("￥100", "!amount-currency"),
            ("USD 12.50", "!amount-currency"),
            ("12.50 EUR", "!amount-currency"),
            ("12.50-", "!amount-sign"),
            ("- 12.50", "!amount-sign"),
            ("--12", "!amount-sign"),
            ("+-12", "!amount-sign"),
            ("\u{2212}12", "!amount-sign"),
            ("１２", "!amount-foreign-digit"),
            ("1２", "!amount-foreign-digit"),
            ("٣", "!amount-foreign-digit"),
            ("½", "!amount-foreign-digit"),
            (".", "!amount-not-a-number"),
            ("-.", "!amount-not-a-number"),
            ("+", "!amount-not-a-number"),
            ("5.", "!amount-not-a-number"),
            ("-5.", "!amount-not-a-number"),
            ("1.2.3", "!amount-not-a-number"),
            ("-1.2.3", "!amount-not-a-number"),
            ("..", "!amount-not-a-number"),
            ("2026-05-01", "!amount-not-a-number"),
            ("'12", "!amount-not-a-number"),
            ("=1+1", "!amount-not-a-number"),
            ("0x10", "!amount-letter"),
            ("1\0", "!amount-blank-inside"),
        ]);
    }

    #[test]
    fn amount_messages_say_what_and_where() {
        let message = |text: &str| decimal(text).unwrap_err().message;
        assert_eq!(message("4O0.00"), "`4O0.00` is not a decimal amount: the 2nd character is the letter O");
        assert_eq!(
            message("-4О0"),
            "`-4О0` is not a decimal amount: the 3rd character is the letter О (U+041E)"
        );
        assert_eq!(
            message("１2"),
            "`１2` is not a decimal amount: the 1st character is １ (U+FF11), a digit outside 0-9"
        );
        assert_eq!(
            message("1.234,50"),
            "`1.234,50` is not a decimal amount: it has a comma as the decimal mark"
        );
        assert!(decimal("12,5").unwrap_err().help.contains("export it with a point as the decimal mark"));
        assert!(decimal("1.234,50").unwrap_err().help.contains("export it with a point as the decimal mark"));
        assert!(message("1.2E+3").contains("a spreadsheet has damaged it"));
        assert_eq!(message("1 2"), "`1 2` is not a decimal amount: the 2nd character is a blank");
        assert_eq!(message("1;2"), "`1;2` is not a decimal amount: the 2nd character is `;`");
        assert_eq!(
            message("5."),
            "`5.` is not a decimal amount: nothing follows the point, so digits may be cut off"
        );
        assert_eq!(message("-1.2.3"), "`-1.2.3` is not a decimal amount: it has more than one point");
        assert!(message("\u{202e}12").starts_with("`\\u{202e}12`"));
        assert!(message("1\u{a0}2").contains("a no-break space (U+00A0)"));
        assert!(message("12 USD").contains("USD"));
    }

    #[test]
    fn dates() {
        check(
            |text| outcome(date(text)),
            &[
                ("2026-05-31", "2026-05-31"),
                (" 2026-05-31 ", "2026-05-31"),
                ("2024-02-29", "2024-02-29"),
                ("2026-02-29", "!date-impossible"),
                ("2100-02-29", "!date-impossible"),
                ("2026-04-31", "!date-impossible"),
                ("2026-13-01", "!date-impossible"),
                ("2026-00-01", "!date-impossible"),
                ("2026-01-00", "!date-impossible"),
                ("1990-01-01", "1990-01-01"),
                ("1989-12-31", "!date-out-of-range"),
                ("2199-12-31", "2199-12-31"),
                ("2200-01-01", "!date-out-of-range"),
                ("9999-12-31", "!date-out-of-range"),
                ("", "!date-empty"),
                ("N/A", "!date-placeholder"),
                ("0000-00-00", "!date-placeholder"),
                ("#VALUE!", "!spreadsheet-error"),
                ("45413", "!date-excel-serial"),
                ("45413.5", "!date-excel-serial"),
                ("4541", "!date-not-iso"),
                ("45413x", "!date-not-iso"),
                ("20260531", "!date-not-iso"),
                ("2026/05/31", "!date-not-iso"),
                ("05/06/2026", "!date-not-iso"),
                ("31.05.2026", "!date-not-iso"),
                ("31-05-2026", "!date-not-iso"),
                ("31-05-26", "!date-not-iso"),
                ("08//01/2019", "!date-not-iso"),
                ("09-Mar-11", "!date-not-iso"),
                ("2026-5-1", "!date-not-iso"),
                ("2026-05", "!date-no-day"),
                ("2026-05-31T10:00:00Z", "!date-time-of-day"),
                ("2026-05-31 00:00", "!date-time-of-day"),
                ("2026-05-311", "!date-not-iso"),
                ("2026-05-31Z", "!date-not-iso"),
                ("-2026-05-31", "!date-not-iso"),
                ("+026-05-31", "!date-not-iso"),
                ("2026\u{2011}05\u{2011}31", "!date-not-iso"),
                ("２026-05-31", "!date-not-iso"),
                ("2026-05-3１", "!date-not-iso"),
                ("2026-05-31\0", "!date-not-iso"),
            ],
        );
        let message = |text: &str| date(text).unwrap_err().message;
        assert!(message("2026-02-30").contains("February 2026 has 28 days"));
        assert!(message("2026-13-30").contains("there is no month 13"));
        assert!(message("45413").contains("day number of a spreadsheet"));
        assert!(message("05/06/2026").contains("slashes, so day and month may be swapped"));
        assert!(message("2026/05/31").ends_with("it has slashes"));
        assert!(message("2026\u{2011}05-31").contains("the 5th character is ‑ (U+2011)"));
    }

    #[test]
    fn periods() {
        check(
            |text| outcome(period(text).map(|(year, month)| format!("{year}/{month}"))),
            &[
                ("2026-05", "2026/5"),
                (" 2026-12", "2026/12"),
                ("2026-01", "2026/1"),
                ("2026-00", "!period-impossible"),
                ("2026-13", "!period-impossible"),
                ("1990-01", "1990/1"),
                ("1989-12", "!period-out-of-range"),
                ("2199-12", "2199/12"),
                ("2200-01", "!period-out-of-range"),
                ("", "!period-empty"),
                ("-", "!period-placeholder"),
                ("#REF!", "!spreadsheet-error"),
                ("2026-05-01", "!period-is-a-date"),
                ("2026-05-01T00:00:00", "!period-is-a-date"),
                ("202605", "!period-not-iso"),
                ("05/2026", "!period-not-iso"),
                ("2026/05", "!period-not-iso"),
                ("2026-5", "!period-not-iso"),
                ("2026-Q2", "!period-not-iso"),
                ("May 2026", "!period-not-iso"),
                ("46143", "!period-excel-serial"),
                ("2026-05 ~", "!period-not-iso"),
            ],
        );
    }

    #[test]
    fn booleans_and_currencies() {
        check(
            |text| outcome(boolean(text)),
            &[
                ("true", "true"),
                (" false ", "false"),
                ("TRUE", "!boolean-invalid"),
                ("1", "!boolean-invalid"),
                ("yes", "!boolean-invalid"),
                ("", "!boolean-empty"),
                ("#N/A", "!spreadsheet-error"),
            ],
        );
        check(
            |text| outcome(currency(text)),
            &[
                ("USD", "USD"),
                (" EUR\t", "EUR"),
                ("usd", "!currency-lower-case"),
                ("USd", "!currency-lower-case"),
                ("US", "!currency-invalid"),
                ("USDT", "!currency-invalid"),
                ("US$", "!currency-invalid"),
                ("€", "!currency-invalid"),
                ("840", "!currency-invalid"),
                ("ＵＳＤ", "!currency-invalid"),
                ("", "!currency-empty"),
                ("#REF!", "!spreadsheet-error"),
            ],
        );
        assert_eq!(currency("usd").unwrap_err().help, "write it in capital letters: USD");
    }

    #[test]
    fn ids() {
        let long = "x".repeat(MAX_ID_CHARACTERS);
        let longer = "x".repeat(MAX_ID_CHARACTERS + 1);
        let (long_wide, longer_wide) = ("é".repeat(MAX_ID_CHARACTERS), "é".repeat(MAX_ID_CHARACTERS + 1));
        check(
            |text| outcome(id(text).map(|()| "ok")),
            &[
                ("ORD-1001", "ok"),
                ("000123", "ok"),
                ("12E5", "ok"),
                ("12E-5", "ok"),
                ("1E+15", "!id-scientific"),
                ("1.23E+15", "!id-scientific"),
                ("1.23e15", "!id-scientific"),
                ("1.23456789012346E+018", "!id-scientific"),
                ("1,23E+15", "!id-scientific"),
                ("-1.23E+15", "!id-scientific"),
                ("１.23E+15", "!id-scientific"),
                ("1.23E+\u{200b}15", "!id-scientific"),
                ("1.23E+15X", "ok"),
                ("1.2.3E4", "ok"),
                ("A1.23E+15", "ok"),
                ("", "!id-empty"),
                (" ", "!id-empty"),
                ("-", "!id-no-letter-or-digit"),
                ("./_ -", "!id-no-letter-or-digit"),
                ("***", "!id-no-letter-or-digit"),
                ("\u{200b}", "!id-no-letter-or-digit"),
                ("-1", "ok"),
                ("#N/A", "!spreadsheet-error"),
                ("#REF!", "!spreadsheet-error"),
                ("#12", "ok"),
                ("N/A", "!id-placeholder"),
                ("NULL", "!id-placeholder"),
                ("NA", "ok"),
                ("NULL1", "ok"),
                ("ORD\u{fffd}1", "!id-replacement-character"),
                ("ORD-\u{202e}1001", "!id-bidi-control"),
                ("ORD-1001\u{200f}", "!id-bidi-control"),
                ("ORD\u{200b}1", "ok"),
                ("OR\u{a0}D", "ok"),
                ("ОRD-1", "!id-mixed-scripts"),
                ("ORD-\u{391}", "!id-mixed-scripts"),
                ("ЗАКАЗ-1", "ok"),
                ("ΑΒΓ-1", "ok"),
                ("ЗΑ", "!id-mixed-scripts"),
                ("订单-1a", "ok"),
                ("Größe", "ok"),
                ("ＯＲＤ１", "ok"),
                (&long, "ok"),
                (&longer, "!id-too-long"),
                (&long_wide, "ok"),
                (&longer_wide, "!id-too-long"),
                (&format!(" {long} "), "ok"),
            ],
        );
        let message = |text: &str| id(text).unwrap_err().message;
        assert_eq!(
            message("ОRD-1"),
            "`ОRD-1` is not a usable id: it mixes Cyrillic (О, U+041E) with Latin (R, U+0052)"
        );
        assert!(message("A\u{202e}1").starts_with(
            "`A\\u{202e}1` is not a usable id: the 2nd character is the invisible character U+202E"
        ));
        assert!(message("-").ends_with("it holds no letter or digit"));
    }

    #[test]
    fn canonical_forms() {
        check(
            |text| canonical(text).into_owned(),
            &[
                ("ORD1001", "ORD1001"),
                ("ORD-1001", "ORD1001"),
                (" ord 1001\t", "ORD1001"),
                ("ab_12/3.4", "AB1234"),
                ("000123", "000123"),
                ("ＯＲＤ－１", "ORD1"),
                ("ORD\u{2011}1\u{2013}2\u{2212}3", "ORD123"),
                ("ORD\u{a0}1\u{3000}2\u{202f}", "ORD12"),
                ("\u{feff}O\u{200b}R\u{ad}D\u{2060}", "ORD"),
                ("a\\b", "A\\B"),
                ("straße", "STRASSE"),
                ("ıi", "II"),
                ("ﬁ", "FI"),
                ("Ⅻ", "XII"),
                ("e\u{301}", "É"),
                ("e-\u{301}", "É"),
                ("é", "É"),
                ("заказ", "ЗАКАЗ"),
                ("-", ""),
                ("", ""),
                ("O", "O"),
                ("О", "О"),
            ],
        );
        assert!(matches!(canonical("ORD1001"), Cow::Borrowed(_)));
        assert!(matches!(canonical("订单1"), Cow::Borrowed(_)));
        assert!(matches!(canonical("ord1"), Cow::Owned(_)));
    }

    #[test]
    fn canonical_settles_for_each_character_and_accent() {
        let accents =
            ['\u{300}', '\u{301}', '\u{308}', '\u{30a}', '\u{327}', '\u{345}', '\u{3099}', '\u{5b0}'];
        let mut most = 0;
        let mut settle = |text: &str| {
            let (mut now, mut next) = (String::new(), String::new());
            fold(text, &mut now);
            for pass in 1.. {
                next.clear();
                fold(&now, &mut next);
                if next == now {
                    most = most.max(pass);
                    break;
                }
                std::mem::swap(&mut now, &mut next);
            }
            assert_eq!(canonical(&now), now);
        };
        for character in '\0'..=char::MAX {
            settle(character.encode_utf8(&mut [0; 4]));
            if character < '\u{3100}' {
                for accent in accents {
                    settle(&format!("{character}{accent}"));
                    settle(&format!("{character}-{accent}"));
                    settle(&format!("{accent}{character}"));
                }
            }
        }
        assert!(most <= 3, "{most} passes");
    }

    #[test]
    fn invisible_characters_are_found() {
        for (text, expected) in [
            ("ORD-1001", false),
            (" ORD 1001\t\r\n", false),
            ("заказ", false),
            ("ORD\u{a0}1", true),
            ("ORD1\u{a0}", true),
            ("\u{feff}ORD", true),
            ("O\u{200d}R", true),
            ("O\tR", true),
            ("O\u{3000}R", true),
            ("O\u{2011}R", false),
        ] {
            assert_eq!(has_invisible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn values_are_shown_safely() {
        assert_eq!(shown("a\u{202e}b\u{1b}[0m\u{9b}\u{7f}\n"), "`a\\u{202e}b\\u{1b}[0m\\u{9b}\\u{7f}\\u{a}`");
        assert_eq!(shown("a\u{200b}\u{a0}名 é"), "`a\\u{200b}\\u{a0}名 é`");
        assert_eq!(visible(&"x".repeat(80)), "x".repeat(80));
        assert_eq!(visible(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
        for (number, text) in [
            (1, "1st"),
            (2, "2nd"),
            (3, "3rd"),
            (4, "4th"),
            (11, "11th"),
            (12, "12th"),
            (113, "113th"),
            (21, "21st"),
        ] {
            assert_eq!(ordinal(number), text);
        }
    }

    fn near_numbers() -> impl Strategy<Value = String> {
        "[0-9]{0,4}[-+.,eE ()%$'_/:T#A\u{a0}１-]{0,3}[0-9]{0,4}[-.,]?[0-9]{0,3}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn canonical_is_idempotent(text in any::<String>()) {
            let once = canonical(&text).into_owned();
            prop_assert_eq!(canonical(&once), once.as_str());
            prop_assert!(matches!(canonical(&once), Cow::Borrowed(_)));
            let mut buffer = "left over".to_owned();
            canonical_into(&text, &mut buffer);
            prop_assert_eq!(buffer, once);
        }

        #[test]
        fn the_ascii_path_agrees_with_the_general_one(text in "[ -~\t\r\n]{0,20}") {
            let mut general = String::new();
            fold(&text, &mut general);
            prop_assert_eq!(canonical(&text), general);
        }

        /// Goal: nothing panics, all texts keep the rules, and an accepted amount prints back as its own
        /// digits.
        #[test]
        fn any_cell_is_read_or_refused(text in prop_oneof![any::<String>(), near_numbers()]) {
            let amount = outcome(decimal(&text));
            if let Ok(value) = decimal(&text) {
                let digits = |text: &str| text.trim_ascii().trim_matches(['0', '-', '+']).to_owned();
                let bare = text.trim_ascii().trim_start_matches(['-', '+']);
                prop_assert_eq!(digits(bare), digits(&amount));
                prop_assert_eq!(value.is_sign_negative(), text.contains('-') && !value.is_zero());
            }
            if let Ok(day) = date(&text) {
                prop_assert_eq!(day.to_string(), text.trim());
            }
            outcome(period(&text).map(|(year, month)| format!("{year}-{month}")));
            outcome(boolean(&text));
            outcome(currency(&text));
            if outcome(id(&text).map(|()| "ok")) == "ok" {
                prop_assert!(!canonical(&text).is_empty());
            }
            has_invisible(&text);
        }

        /// Goal: the short cut for amounts gives what `from_str_exact` gives, scale and all.
        #[test]
        fn short_amounts_equal_the_exact_reading(text in "-?[0-9]{0,12}[.]?[0-9]{1,9}") {
            let mut exact = Decimal::from_str_exact(&text).unwrap();
            if exact.is_zero() {
                exact.set_sign_positive(true);
            }
            prop_assert_eq!(decimal(&text).unwrap().serialize(), exact.serialize());
        }

        /// Goal: the short cut for plain ids accepts nothing that the long way refuses.
        #[test]
        fn plain_ids_pass_the_long_way_too(text in "[0-9a-eA-E/._ -]{1,9}|[nN][/uU]?[aAlL]{1,2}") {
            if is_plain_id(text.as_bytes()) {
                prop_assert!(!is_scientific(&text) && !is_missing_word(&text));
                prop_assert!(spreadsheet_error(&text).is_none());
                prop_assert!(canonical(&text).chars().any(char::is_alphanumeric));
            }
        }
    }
}

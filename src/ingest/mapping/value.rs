//! Cells as sources write them, in the spelling of the canonical files: amounts, days and months.
//!
//! Only the spelling changes. What comes out is read by `grammar` like every other cell, so nothing gets past its checks;
//! what cannot be turned exactly is refused here.

use std::borrow::Cow;

use chrono::format::{Parsed, StrftimeItems, parse};
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::spec::{Column, Sign, Spec, Unit};
use crate::ingest::grammar::{self, CellError, shown};

/// How days and moments come out of files that have them as such.
const ISO: [&str; 2] = ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f"];

/// How the amounts of a source are written.
#[derive(Debug, Clone)]
pub struct Numbers {
    decimal: char,
    thousands: Option<char>,
    strip: Vec<String>,
    unit: Unit,
    sign: Sign,
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers { decimal: '.', thousands: None, strip: Vec::new(), unit: Unit::Major, sign: Sign::AsWritten }
    }
}

impl Numbers {
    /// With what is written for a source.
    pub(super) fn with(self, spec: &Spec) -> Result<Numbers, String> {
        let strip = if spec.strip.0.is_empty() { self.strip } else { spec.strip.0.clone() };
        let numbers = Numbers { strip, unit: spec.unit.unwrap_or(self.unit), ..self };
        numbers.with_marks(spec.decimal.as_deref(), spec.thousands.as_deref())
    }

    /// With what is written for one column.
    pub(super) fn of_column(&self, column: &Column) -> Result<Numbers, String> {
        let unit = column.unit.unwrap_or(self.unit);
        let sign = column.sign.unwrap_or(self.sign);
        let numbers = Numbers { unit, sign, ..self.clone() };
        numbers.with_marks(column.decimal.as_deref(), column.thousands.as_deref())
    }

    fn with_marks(mut self, decimal: Option<&str>, thousands: Option<&str>) -> Result<Numbers, String> {
        let mark = |name: &str, text: &str| {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(mark), None) if !mark.is_ascii_alphanumeric() && !"+-".contains(mark) => Ok(mark),
                _ => Err(format!("{name} = \"{text}\" is not one mark, such as \",\"")),
            }
        };
        if let Some(text) = decimal {
            self.decimal = mark("decimal", text)?;
        }
        if let Some(text) = thousands {
            self.thousands = Some(mark("thousands", text)?);
        }
        if self.thousands == Some(self.decimal) {
            return Err(format!("`{}` is both the decimal mark and the thousands mark", self.decimal));
        }
        Ok(self)
    }

    /// Whether texts are taken as they are.
    fn is_plain(&self) -> bool {
        self.decimal == '.'
            && self.thousands.is_none()
            && self.strip.is_empty()
            && self.unit == Unit::Major
            && self.sign == Sign::AsWritten
    }

    /// An amount in the canonical spelling: plain digits, a point, `-` in front.
    ///
    /// # Errors
    /// Those of [`grammar::decimal`], and `amount-thousands-mark` where groups are not of three digits.
    pub fn amount<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        if self.is_plain() || text.trim().is_empty() {
            return Ok(Cow::Borrowed(text));
        }
        let mut number = self.stripped(text.trim());
        let inner = number.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(str::trim);
        if let Some(inner) = inner.filter(|_| matches!(self.sign, Sign::Parentheses | Sign::Drop)) {
            let inner = self.stripped(inner);
            // `(-12.50)` says two things; it is refused like every text that is no number.
            if inner.starts_with(|first: char| !"+-(".contains(first)) {
                number = format!("-{inner}");
            }
        }
        if let Some(mark) = self.thousands {
            number = without_groups(&number, mark, self.decimal).ok_or_else(|| {
                CellError::new(
                    "amount-thousands-mark",
                    format!("{} has `{mark}` elsewhere than between groups of three digits", shown(text)),
                    "write the groups as the source says it does, or correct `thousands` of the source in tieout.toml",
                )
            })?;
        }
        if self.decimal != '.' {
            if number.contains('.') {
                return Err(CellError::new(
                    "amount-decimal-comma",
                    format!(
                        "{} has a point, and the decimal mark of this source is `{}`",
                        shown(text),
                        self.decimal
                    ),
                    "correct `decimal` or `thousands` of the source in tieout.toml",
                ));
            }
            number = number.replace(self.decimal, ".");
        }
        if self.unit == Unit::Major && matches!(self.sign, Sign::AsWritten | Sign::Parentheses) {
            return Ok(Cow::Owned(number));
        }
        let mut value = grammar::decimal(&number)?;
        let shift = match self.unit {
            Unit::Major => 0,
            Unit::Hundredth => 2,
            Unit::Thousandth => 3,
        };
        value = Decimal::try_from_i128_with_scale(value.mantissa(), value.scale() + shift).map_err(|_| {
            CellError::new(
                "amount-too-precise",
                format!("{} has too many digits behind the point", shown(text)),
                "export the amount with fewer digits",
            )
        })?;
        let value = match self.sign {
            Sign::AsWritten | Sign::Parentheses => value,
            Sign::Negate => -value,
            Sign::Drop => value.abs(),
        };
        Ok(Cow::Owned(if value.is_zero() { value.abs().to_string() } else { value.to_string() }))
    }

    /// As [`amount`](Numbers::amount), of a number that the file has as one: it has a point and no other marks, whatever
    /// is declared for the texts of the source. Its unit and sign are those of the source.
    ///
    /// # Errors
    /// Those of [`grammar::decimal`].
    pub fn typed_amount<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        Numbers { unit: self.unit, sign: self.sign, ..Numbers::default() }.amount(text)
    }

    /// What of a source would read a text that is no amount as it stands, as lines of its `[[source]]`: what stands beside the
    /// number, and its marks where only one reading fits. Nothing where the source says something of its marks already.
    pub fn answer(&self, text: &str) -> Vec<String> {
        if self.decimal != '.' || self.thousands.is_some() {
            return Vec::new();
        }
        let is_own = |c: char| c.is_ascii_digit() || "+-.,'() \u{a0}\u{202f}\t".contains(c);
        let beside: String = text.chars().filter(|c| !is_own(*c)).collect();
        let mut lines = Vec::new();
        if !beside.is_empty() && !self.strip.contains(&beside) {
            let signs: Vec<&String> = self.strip.iter().chain([&beside]).collect();
            lines.push(format!("strip = {signs:?}"));
        }
        match (text.rfind(','), text.rfind('.')) {
            (Some(comma), Some(point)) if comma < point => lines.push("thousands = \",\"".to_owned()),
            (Some(_), Some(_)) => {
                lines.extend(["decimal = \",\"", "thousands = \".\""].map(str::to_owned));
            }
            (Some(_), None) if text.matches(',').count() > 1 => lines.push("thousands = \",\"".to_owned()),
            (Some(comma), None) => {
                let digits = text[comma..].chars().filter(char::is_ascii_digit).count();
                lines.extend((digits != 3).then(|| "decimal = \",\"".to_owned()));
            }
            (None, _) => {}
        }
        lines
    }

    /// The same with parentheses for a minus.
    pub(super) fn with_parentheses(self) -> Numbers {
        Numbers { sign: Sign::Parentheses, ..self }
    }

    /// Whether parentheses are no minus yet.
    pub fn is_without_parentheses(&self) -> bool {
        self.sign == Sign::AsWritten
    }

    /// The text without the declared signs beside it, and without the blanks between.
    fn stripped(&self, text: &str) -> String {
        let (minus, mut rest) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest.trim_start()),
            None => ("", text),
        };
        for sign in &self.strip {
            rest = rest.strip_prefix(sign.as_str()).unwrap_or(rest).trim_start();
            rest = rest.strip_suffix(sign.as_str()).unwrap_or(rest).trim_end();
        }
        format!("{minus}{rest}")
    }
}

/// The number without its thousands marks, where these stand between groups of three digits in front of the decimal mark.
fn without_groups(number: &str, mark: char, decimal: char) -> Option<String> {
    let (whole, fraction) = match number.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    if fraction.is_some_and(|fraction| fraction.contains(mark)) {
        return None;
    }
    let (sign, digits) = match whole.strip_prefix(['-', '+']) {
        Some(digits) => (&whole[..1], digits),
        None => ("", whole),
    };
    let mut groups = digits.split(mark);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    if !rest.is_empty()
        && (first.is_empty()
            || first.len() > 3
            || first.starts_with('0')
            || rest.iter().any(|group| group.len() != 3))
    {
        return None;
    }
    let fraction = fraction.map_or_else(String::new, |fraction| format!("{decimal}{fraction}"));
    Some(format!("{sign}{first}{}{fraction}", rest.concat()))
}

/// A time zone, by its name or by its distance from UTC.
#[derive(Debug, Clone, Copy)]
enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

impl Zone {
    fn parse(text: &str) -> Result<Zone, String> {
        let text = text.trim();
        let offset = text.strip_prefix("UTC").filter(|rest| !rest.is_empty()).unwrap_or(text);
        if let Some(offset) = fixed(offset) {
            return Ok(Zone::Fixed(offset));
        }
        text.parse().map(Zone::Named).map_err(|_| {
            format!(
                "`{text}` is not a time zone; write a name such as Asia/Shanghai or an offset such as +08:00"
            )
        })
    }

    /// The day in the zone of the project on which this zone's clock shows a time.
    fn day(self, time: NaiveDateTime, project: Zone) -> Option<NaiveDate> {
        let offset = match self {
            Zone::Fixed(offset) => offset,
            // Where a clock is set back an hour comes twice: the first of the two. Where it is set forward, none.
            Zone::Named(zone) => zone.offset_from_local_datetime(&time).earliest()?.fix(),
        };
        let utc = time.checked_sub_offset(offset)?;
        let there = match project {
            Zone::Fixed(offset) => offset,
            Zone::Named(zone) => zone.offset_from_utc_datetime(&utc).fix(),
        };
        Some(utc.checked_add_offset(there)?.date())
    }
}

/// `+08:00`, `+8`, `-0330`, `Z`.
fn fixed(text: &str) -> Option<FixedOffset> {
    if text == "Z" {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 4) => digits.split_at(2),
        (None, _) => (digits, "0"),
    };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i32>().ok())?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let in_range = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    in_range.then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)))?
}

/// How the days and months of a source are written, and in which zones they are.
#[derive(Debug, Clone)]
pub struct Dates {
    formats: Vec<String>,
    /// The zone of times without one; nothing: their day is taken as it is written.
    zone: Option<Zone>,
    /// The zone in which the project counts days.
    project: Zone,
    /// Whether a month stands for its first day: the column says itself how its months are written.
    is_month_a_day: bool,
}

impl Dates {
    /// As the canonical files write them, in the time zone of the project.
    pub(super) fn new(time_zone: &str) -> Result<Dates, String> {
        Ok(Dates { formats: Vec::new(), zone: None, project: Zone::parse(time_zone)?, is_month_a_day: false })
    }

    /// With what is written for a source.
    pub(super) fn with(self, spec: &Spec) -> Result<Dates, String> {
        self.replaced(&spec.dates.0, spec.zone.as_deref())
    }

    /// With what is written for one column.
    pub(super) fn of_column(&self, column: &Column) -> Result<Dates, String> {
        let dates = self.clone().replaced(&column.dates.0, column.zone.as_deref())?;
        Ok(Dates { is_month_a_day: !column.dates.0.is_empty(), ..dates })
    }

    fn replaced(mut self, formats: &[String], zone: Option<&str>) -> Result<Dates, String> {
        for format in formats {
            let is_known = StrftimeItems::new(format).all(|item| item != chrono::format::Item::Error);
            let has_hour_only =
                ["%H", "%I", "%k", "%l"].iter().any(|hour| format.contains(hour)) && !format.contains("%M");
            if format.contains("%Z") || has_hour_only {
                return Err(format!(
                    "`{format}` has a time that is not known exactly: write minutes too, and the zone as `zone` or `%z`"
                ));
            }
            if !is_known || !format.contains('%') {
                return Err(format!("`{format}` is not a date format, such as %Y-%m-%d or %d/%m/%Y %H:%M"));
            }
        }
        if !formats.is_empty() {
            self.formats = formats.to_vec();
        }
        if let Some(zone) = zone {
            self.zone = Some(Zone::parse(zone)?);
        }
        Ok(self)
    }

    /// A day as `YYYY-MM-DD`, in the time zone of the project. Where a format of the column itself has a month and no day,
    /// such as `%Y%m` of a billing cycle, it is the first of the month.
    ///
    /// # Errors
    /// `date-not-as-declared` where no format fits the whole text; `date-no-such-time` for an hour that a change of clocks
    /// leaves out.
    pub fn day<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        let trimmed = text.trim();
        if self.formats.is_empty() {
            return undeclared(text).map_or(Ok(Cow::Borrowed(text)), Err);
        }
        if trimmed.is_empty() {
            return Ok(Cow::Borrowed(text));
        }
        let parsed = self.parsed(trimmed).ok_or_else(|| self.refused(text, "date-not-as-declared"))?;
        Ok(Cow::Owned(self.in_project(&parsed, text)?.format("%Y-%m-%d").to_string()))
    }

    /// As [`day`](Dates::day), of a cell that may be a day in the file itself: whatever is declared for texts, it comes out
    /// in ISO 8601 and is taken as such, its time in the declared zone. A number is none and is read as its digits.
    ///
    /// # Errors
    /// As [`day`](Dates::day).
    pub fn typed_day<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        if self.formats.is_empty() && self.zone.is_none() {
            return self.day(text);
        }
        match parsed_as(&ISO, text.trim()) {
            Some(parsed) => Ok(Cow::Owned(self.in_project(&parsed, text)?.format("%Y-%m-%d").to_string())),
            None => self.day(text),
        }
    }

    /// As [`month`](Dates::month), of a cell that may be a day in the file itself.
    ///
    /// # Errors
    /// As [`month`](Dates::month).
    pub fn typed_month<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        match parsed_as(&ISO, text.trim()).and_then(|parsed| parsed.to_naive_date().ok()) {
            Some(day) => Ok(Cow::Owned(day.format("%Y-%m").to_string())),
            None => self.month(text),
        }
    }

    /// A month as `YYYY-MM`; of a day, the month that it is in.
    ///
    /// # Errors
    /// As [`day`](Dates::day), `period-not-as-declared`.
    pub fn month<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, CellError> {
        let trimmed = text.trim();
        if trimmed.is_empty() || grammar::period(trimmed).is_ok() {
            return Ok(Cow::Borrowed(text));
        }
        // `202605` and `2026_05` are months in every source; nothing else has this shape.
        let digits: String = trimmed.chars().filter(|c| !"-_/".contains(*c)).collect();
        if digits.len() == 6
            && digits.bytes().all(|b| b.is_ascii_digit())
            && trimmed.len() <= 7
            && trimmed[..4] == digits[..4]
        {
            return Ok(Cow::Owned(format!("{}-{}", &digits[..4], &digits[4..])));
        }
        let parsed = self.parsed(trimmed).ok_or_else(|| self.refused(text, "period-not-as-declared"))?;
        if let (true, Some(year), Some(month)) = (is_month_only(&parsed), parsed.year(), parsed.month()) {
            return Ok(Cow::Owned(format!("{year:04}-{month:02}")));
        }
        // A month is the one that is written: at midnight of its first day another zone has the month before.
        let day = parsed.to_naive_date().map_err(|_| self.refused(text, "period-not-as-declared"))?;
        Ok(Cow::Owned(day.format("%Y-%m").to_string()))
    }

    fn parsed(&self, text: &str) -> Option<Parsed> {
        parsed_as(&self.formats, text)
    }

    fn in_project(&self, parsed: &Parsed, text: &str) -> Result<NaiveDate, CellError> {
        let first = match (parsed.year(), parsed.month()) {
            (Some(year), Some(month)) if self.is_month_a_day && is_month_only(parsed) => {
                NaiveDate::from_ymd_opt(year, month, 1)
            }
            _ => None,
        };
        let date = first.or_else(|| parsed.to_naive_date().ok());
        let date = date.ok_or_else(|| self.refused(text, "date-not-as-declared"))?;
        let zone = match parsed.to_fixed_offset() {
            Ok(offset) => Some(Zone::Fixed(offset)),
            Err(_) => self.zone,
        };
        let (Some(zone), Ok(time)) = (zone, parsed.to_naive_time()) else { return Ok(date) };
        zone.day(date.and_time(time), self.project).ok_or_else(|| {
            CellError::new(
                "date-no-such-time",
                format!("{} is in an hour that the clocks of its time zone leave out", shown(text)),
                "correct `zone` of the source in tieout.toml",
            )
        })
    }

    fn refused(&self, text: &str, code: &'static str) -> CellError {
        let formats: Vec<String> = self.formats.iter().map(|format| format!("`{format}`")).collect();
        let message = if formats.is_empty() {
            format!("{} is not a month written YYYY-MM or YYYYMM", shown(text))
        } else {
            format!("{} is not written as {}", shown(text), formats.join(" or "))
        };
        CellError::new(
            code,
            message,
            "add the format to `dates` of the source in tieout.toml, or correct the value",
        )
    }
}

/// Why a text is no day as the canonical files write it, where a format of the source would make it one.
fn undeclared(text: &str) -> Option<CellError> {
    let error = grammar::date(text).err().filter(|_| !text.trim().is_empty())?;
    let help = match error.code {
        "date-not-iso" => {
            "write how the source writes its days in its [[source]] of tieout.toml, such as dates = \"%d/%m/%Y\"; \
             `tieout map FILE` proposes it"
        }
        "date-time-of-day" => {
            "write how the source writes its times in its [[source]] of tieout.toml, such as dates = \"%Y-%m-%d %H:%M:%S\", \
             and the zone they are in, such as zone = \"UTC\""
        }
        _ => return None,
    };
    Some(CellError { help: help.to_owned(), ..error })
}

/// What the first format that fits makes of a text.
fn parsed_as(formats: &[impl AsRef<str>], text: &str) -> Option<Parsed> {
    formats.iter().find_map(|format| {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, StrftimeItems::new(format.as_ref())).is_ok().then_some(parsed)
    })
}

fn is_month_only(parsed: &Parsed) -> bool {
    parsed.day().is_none() && parsed.ordinal().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::mapping::spec::Names;

    fn numbers(spec: &Spec) -> Numbers {
        Numbers::default().with(spec).unwrap()
    }

    fn european() -> Spec {
        Spec {
            decimal: Some(",".to_owned()),
            thousands: Some(".".to_owned()),
            strip: Names(vec!["€".to_owned()]),
            ..Spec::default()
        }
    }

    fn dates(formats: &[&str], zone: &str) -> Dates {
        let spec = Spec {
            dates: Names(formats.iter().map(|f| (*f).to_owned()).collect()),
            zone: Some(zone.to_owned()),
            ..Spec::default()
        };
        Dates::new("UTC+8").unwrap().with(&spec).unwrap()
    }

    #[test]
    fn an_amount_of_another_convention_is_the_same_amount() {
        // Goal: trap 9: marks, signs and currency signs beside an amount are read as declared. Method: how amounts stand in
        // real files; what is not written so is refused or left to the grammar, which refuses it.
        let read = |text: &str| numbers(&european()).amount(text).map(Cow::into_owned).map_err(|e| e.code);
        assert_eq!(read("1.234.567,89").unwrap(), "1234567.89");
        assert_eq!(read("-€ 0,50").unwrap(), "-0.50");
        assert_eq!(read("12 €").unwrap(), "12");
        assert_eq!(read("12.34"), Err("amount-thousands-mark"), "a group has three digits");
        assert_eq!(read("1,234.5"), Err("amount-thousands-mark"));
        let only_comma = Spec { decimal: Some(",".to_owned()), ..Spec::default() };
        assert_eq!(numbers(&only_comma).amount("1.5").unwrap_err().code, "amount-decimal-comma");
        assert_eq!(read("").unwrap(), "");
    }

    #[test]
    fn minor_units_and_signs_are_exact() {
        // Goal: trap 9: fen and cents become amounts without a float; deductions in a positive column are negative.
        let of = |unit, sign| Numbers { unit, sign, ..Numbers::default() };
        let read = |numbers: Numbers, text: &str| numbers.amount(text).unwrap().into_owned();
        assert_eq!(read(of(Unit::Hundredth, Sign::AsWritten), "1250"), "12.50");
        assert_eq!(read(of(Unit::Hundredth, Sign::AsWritten), "-5"), "-0.05");
        assert_eq!(read(of(Unit::Thousandth, Sign::AsWritten), "1"), "0.001");
        assert_eq!(read(of(Unit::Major, Sign::Negate), "12.50"), "-12.50");
        assert_eq!(read(of(Unit::Major, Sign::Negate), "0.00"), "0.00");
        assert_eq!(read(of(Unit::Major, Sign::Drop), "-3"), "3");
        assert_eq!(read(of(Unit::Major, Sign::Parentheses), "(12.50)"), "-12.50");
        assert_eq!(read(of(Unit::Major, Sign::Parentheses), "12.50"), "12.50");
        assert_eq!(read(of(Unit::Hundredth, Sign::Parentheses), "( 1250 )"), "-12.50");
        assert_eq!(read(of(Unit::Major, Sign::Parentheses), "(-3)"), "(-3)");
        assert!(of(Unit::Hundredth, Sign::AsWritten).amount("12,50").is_err());
    }

    #[test]
    fn a_time_is_on_the_day_of_the_project() {
        // Goal: trap 6: a time of another zone counts on the day that the project's clock shows then. Method: both sides of
        // midnight, a change of clocks, an offset in the text, a day without a time, which never moves.
        let day = |zone: &str, text: &str| {
            dates(&["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M", "%d/%m/%Y"], zone).day(text).map(Cow::into_owned)
        };
        assert_eq!(day("UTC", "2026-05-31 15:59").unwrap(), "2026-05-31");
        assert_eq!(day("UTC", "2026-05-31 16:00").unwrap(), "2026-06-01");
        assert_eq!(day("America/New_York", "2026-05-31 12:30").unwrap(), "2026-06-01");
        assert_eq!(day("Asia/Shanghai", "2026-05-31 23:59").unwrap(), "2026-05-31");
        assert_eq!(
            day("UTC", "2026-05-31T23:00:00+0800").unwrap(),
            "2026-05-31",
            "an offset in the text counts"
        );
        assert_eq!(day("America/New_York", "31/05/2026").unwrap(), "2026-05-31");
        assert_eq!(day("America/New_York", "2026-03-08 02:30").unwrap_err().code, "date-no-such-time");
        assert_eq!(day("UTC", "05/31/2026").unwrap_err().code, "date-not-as-declared");
        assert!(day("UTC", "31/02/2026").is_err() && day("UTC", "31/05/2026 x").is_err());
    }

    #[test]
    fn a_month_is_read_in_every_usual_spelling() {
        // Goal: months of names and cells: digits in any usual spelling, a declared format, a day in the month.
        let month = |text: &str| dates(&["%b-%Y", "%d/%m/%Y"], "UTC").month(text).map(Cow::into_owned);
        for text in ["2026-05", "202605", "2026_05", "2026/05", "May-2026", "31/05/2026"] {
            assert_eq!(month(text).unwrap(), "2026-05", "{text}");
        }
        for text in ["20260", "May", "26-05", "2026-5-1", "５月"] {
            assert!(month(text).is_err() || month(text).unwrap() == text, "{text}");
        }
    }

    #[test]
    fn a_day_without_a_declared_format_names_what_to_declare() {
        // Goal: the way out of a day that is not ISO is a line of the source, since nobody rewrites a vendor's file. Method:
        // days and a time without formats; what no format would cure keeps the words of the grammar.
        let day = |text: &str| Dates::new("UTC").unwrap().day(text).map(Cow::into_owned);
        for (text, code, line) in [
            ("31/05/2026", "date-not-iso", "dates = \"%d/%m/%Y\""),
            ("20260531", "date-not-iso", "dates = \"%d/%m/%Y\""),
            ("2026-05-31 14:05:00", "date-time-of-day", "zone = \"UTC\""),
        ] {
            let error = day(text).unwrap_err();
            assert_eq!((error.code, error.help.contains(line)), (code, true), "{text}: {}", error.help);
        }
        for text in ["2026-05-31", "", " ", "N/A", "2026-02-31", "46173"] {
            assert_eq!(day(text).unwrap(), text, "left to the grammar");
        }
    }

    #[test]
    fn a_day_of_the_file_itself_needs_no_format() {
        // Goal: a cell that is a day is not held against the formats of texts; its time counts in the declared zone, and a
        // number such as 20260531 is still read by its format. Method: what workbooks and Parquet give, beside both.
        let of = |formats: &[&str], text: &str| {
            dates(formats, "UTC").typed_day(text).map(Cow::into_owned).map_err(|error| error.code)
        };
        assert_eq!(of(&["%d/%m/%Y"], "2026-05-04").unwrap(), "2026-05-04");
        assert_eq!(of(&["%d/%m/%Y"], "2026-05-31 15:59:59.5").unwrap(), "2026-05-31");
        assert_eq!(of(&["%d/%m/%Y"], "2026-05-31 16:00:00").unwrap(), "2026-06-01", "the zone counts");
        assert_eq!(of(&["%Y%m%d"], "20260531").unwrap(), "2026-05-31");
        assert_eq!(of(&["%d/%m/%Y"], "46173"), Err("date-not-as-declared"));
        assert_eq!(of(&["%d/%m/%Y"], "1900-02-29"), Err("date-not-as-declared"), "a day that never was");
        let month = |text: &str| dates(&["%d/%m/%Y"], "UTC").typed_month(text).map(Cow::into_owned);
        assert_eq!(month("2026-05-31 23:00:00").unwrap(), "2026-05", "a month is the one that is written");
        assert_eq!(month("202605").unwrap(), "2026-05");
    }

    #[test]
    fn a_billing_cycle_is_a_day_only_where_its_column_says_so() {
        // Goal: a bill that is dated by its month alone has a day, and no other date is guessed. Method: formats of months in a
        // column of its own, among those of days, and for the whole source.
        let of = |formats: &[&str]| {
            let column = Column {
                dates: Names(formats.iter().map(|f| (*f).to_owned()).collect()),
                ..Column::default()
            };
            dates(&["%Y%m"], "UTC").of_column(&column).unwrap()
        };
        let day =
            |formats: &[&str], text: &str| of(formats).day(text).map(Cow::into_owned).map_err(|e| e.code);
        assert_eq!(day(&["%Y%m"], "202605").unwrap(), "2026-05-01");
        assert_eq!(day(&["%Y-%m-%d %H:%M", "%Y-%m"], "2026-05").unwrap(), "2026-05-01");
        assert_eq!(day(&["%Y-%m-%d %H:%M", "%Y-%m"], "2026-05-12 0:00").unwrap(), "2026-05-12");
        assert_eq!(day(&["%Y%m"], "2026-05"), Err("date-not-as-declared"));
        assert_eq!(day(&["%Y%m"], "202613"), Err("date-not-as-declared"));
        assert_eq!(day(&["%Y"], "2026"), Err("date-not-as-declared"));
        assert_eq!(day(&[], "202605"), Err("date-not-as-declared"), "the source speaks of its months");
    }

    #[test]
    fn a_convention_that_contradicts_itself_is_refused() {
        let wrong = |spec: Spec| Numbers::default().with(&spec).is_err();
        assert!(wrong(Spec { decimal: Some(",".into()), thousands: Some(",".into()), ..Spec::default() }));
        assert!(wrong(Spec { decimal: Some("ab".into()), ..Spec::default() }));
        assert!(wrong(Spec { thousands: Some("1".into()), ..Spec::default() }));
        assert!(Zone::parse("Atlantis").is_err() && Zone::parse("+25:00").is_err());
        assert!(Zone::parse("UTC+8").is_ok() && Zone::parse("-03:30").is_ok() && Zone::parse("Z").is_ok());
    }

    proptest! {
        #[test]
        fn any_amount_survives_another_convention(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            // Goal: nothing is lost between conventions. Method: any amount, written with groups and a comma.
            let plain = Decimal::new(minor, 2).to_string();
            let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |d| ("-", d));
            let (whole, cents) = digits.split_once('.').unwrap();
            let groups: Vec<&str> =
                whole.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
            let text = format!("{sign}{},{cents} €", groups.join("."));
            prop_assert_eq!(numbers(&european()).amount(&text).unwrap(), plain);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            // Goal: no text stops the program.
            let _ = numbers(&european()).amount(&text);
            let zone = dates(&["%d/%m/%Y %H:%M", "%Y%m%d"], "Asia/Shanghai");
            let _ = (zone.day(&text), zone.month(&text));
        }
    }
}

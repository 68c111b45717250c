//! The values of a Parquet column as the text of cells.
//!
//! Its job: one value, by the type of its column. Not its job: which column, which row.
//! Invariant: a whole number, a decimal and a text are exact; a value that has no exact text gets one that no id, amount
//! or date can be read from.

use chrono::{DateTime, NaiveDate};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::Result as Decoded;
use parquet::schema::types::ColumnDescriptor;

use super::{Problem, problem};
use crate::ingest::scan::MAX_FIELD_BYTES;

/// The most digits behind the point of a decimal: those of 256 bits.
const MAX_SCALE: u32 = 76;
/// How many significant digits a decimal keeps as a double, and as a float of 32 bits.
const DOUBLE_DIGITS: usize = 15;
const FLOAT_DIGITS: usize = 6;
/// 1 January 1970 as a Julian day, from which INT96 counts.
const JULIAN_EPOCH: i128 = 2_440_588;
const NANOSECONDS_OF_DAY: i128 = 86_400_000_000_000;

/// How the values of a column are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As they are: booleans, signed numbers, text.
    Plain,
    Unsigned,
    /// Digits behind the point.
    Decimal(u32),
    /// Days since 1970.
    Date,
    /// Since midnight, and since 1970: parts of a second with so many digits.
    Time(u32),
    Instant(u32),
}

/// How a column is meant; `None` for types without a text that people use.
pub(super) fn kind(column: &ColumnDescriptor) -> Option<Kind> {
    use {ConvertedType as C, LogicalType as L, Type as T};
    let physical = column.physical_type();
    match (physical, column.logical_type_ref(), column.converted_type()) {
        (T::INT96, _, _) => Some(Kind::Instant(9)),
        (_, Some(L::Decimal(_)), _) | (_, None, C::DECIMAL) => {
            u32::try_from(column.type_scale()).ok().filter(|scale| *scale <= MAX_SCALE).map(Kind::Decimal)
        }
        (_, Some(L::Date), _) | (_, None, C::DATE) => Some(Kind::Date),
        (_, Some(L::Time(time)), _) => Some(Kind::Time(digits(time.unit))),
        (_, Some(L::Timestamp(time)), _) => Some(Kind::Instant(digits(time.unit))),
        (_, None, C::TIME_MILLIS) => Some(Kind::Time(3)),
        (_, None, C::TIME_MICROS) => Some(Kind::Time(6)),
        (_, None, C::TIMESTAMP_MILLIS) => Some(Kind::Instant(3)),
        (_, None, C::TIMESTAMP_MICROS) => Some(Kind::Instant(6)),
        (_, Some(L::Integer(number)), _) if !number.is_signed => Some(Kind::Unsigned),
        (_, None, C::UINT_8 | C::UINT_16 | C::UINT_32 | C::UINT_64) => Some(Kind::Unsigned),
        // Old writers say nothing of text; whether it is some shows in its bytes.
        (T::BYTE_ARRAY, Some(L::String | L::Enum | L::Json), _)
        | (T::BYTE_ARRAY, None, C::NONE | C::UTF8 | C::ENUM | C::JSON) => Some(Kind::Plain),
        (T::BYTE_ARRAY | T::FIXED_LEN_BYTE_ARRAY, _, _) => None,
        (_, None | Some(L::Integer(_) | L::Unknown), _) => Some(Kind::Plain),
        _ => None,
    }
}

/// Whether the values of a column are numbers or days rather than text.
pub(super) fn is_typed(column: &ColumnDescriptor, kind: Kind) -> bool {
    kind != Kind::Plain || !matches!(column.physical_type(), Type::BYTE_ARRAY | Type::BOOLEAN)
}

fn digits(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::MILLIS => 3,
        TimeUnit::MICROS => 6,
        TimeUnit::NANOS => 9,
    }
}

/// Whether a column says that its times are UTC.
pub(super) fn is_utc(column: &ColumnDescriptor) -> bool {
    let converted = [ConvertedType::TIMESTAMP_MILLIS, ConvertedType::TIMESTAMP_MICROS];
    match column.logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => time.is_adjusted_to_u_t_c,
        Some(_) => false,
        None => converted.contains(&column.converted_type()),
    }
}

/// A cell, or what is wrong with it.
pub(super) type Cell = Result<String, Box<Problem>>;

/// Up to `rows` cells of a column; a null is an empty one.
pub(super) fn read(reader: &mut ColumnReader, kind: Kind, level: i16, rows: usize) -> Decoded<Vec<Cell>> {
    let exact = |value: i128| Ok(whole(kind, value));
    let is_unsigned = kind == Kind::Unsigned;
    match reader {
        ColumnReader::BoolColumnReader(reader) => values(reader, level, rows, |value| Ok(value.to_string())),
        ColumnReader::Int32ColumnReader(reader) => values(reader, level, rows, |value| {
            exact(if is_unsigned { value.cast_unsigned().into() } else { (*value).into() })
        }),
        ColumnReader::Int64ColumnReader(reader) => values(reader, level, rows, |value| {
            exact(if is_unsigned { value.cast_unsigned().into() } else { (*value).into() })
        }),
        ColumnReader::Int96ColumnReader(reader) => values(reader, level, rows, |value| {
            let [low, high, day] = [0, 1, 2].map(|at| i128::from(value.data()[at]));
            exact((day - JULIAN_EPOCH) * NANOSECONDS_OF_DAY + (high << 32 | low))
        }),
        ColumnReader::FloatColumnReader(reader) => {
            values(reader, level, rows, |value| Ok(float(&format!("{value:e}"), FLOAT_DIGITS)))
        }
        ColumnReader::DoubleColumnReader(reader) => {
            values(reader, level, rows, |value| Ok(float(&format!("{value:e}"), DOUBLE_DIGITS)))
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            values(reader, level, rows, |value| bytes(kind, value.data()))
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            values(reader, level, rows, |value| bytes(kind, value.data()))
        }
    }
}

fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    level: i16,
    rows: usize,
    cell: impl Fn(&T::T) -> Cell,
) -> Decoded<Vec<Cell>> {
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    if level == 0 {
        return Ok(values.iter().map(cell).collect());
    }
    let mut values = values.iter();
    let of = |found: &i16| match *found == level {
        true => values.next().map_or(Ok(String::new()), &cell),
        false => Ok(String::new()),
    };
    Ok(levels.iter().map(of).collect())
}

fn whole(kind: Kind, value: i128) -> String {
    match kind {
        Kind::Plain | Kind::Unsigned => value.to_string(),
        Kind::Decimal(scale) => decimal(value, scale as usize),
        Kind::Date => i32::try_from(value)
            .ok()
            .and_then(NaiveDate::from_epoch_days)
            .map_or_else(|| format!("{value} days since 1970-01-01"), |date| date.to_string()),
        Kind::Time(digits) => moment(value, digits, "%H:%M:%S"),
        Kind::Instant(digits) => moment(value, digits, "%Y-%m-%d %H:%M:%S"),
    }
}

/// The shortest plain decimal of a number of units.
fn decimal(units: i128, scale: usize) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// A moment with as many digits of its second as there are.
fn moment(value: i128, digits: u32, pattern: &str) -> String {
    let unit = 10_i128.pow(digits);
    let seconds = i64::try_from(value.div_euclid(unit)).ok();
    let Some(moment) = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else {
        return format!("{} seconds since 1970-01-01", decimal(value, digits as usize));
    };
    let fraction = decimal(value.rem_euclid(unit), digits as usize);
    format!("{}{}", moment.format(pattern), fraction.trim_start_matches('0'))
}

/// The shortest text of a binary number in scientific notation, written out where it can be exact: neither of more
/// significant digits than such a number keeps, nor of a whole part that is longer, as ids have.
fn float(scientific: &str, limit: usize) -> String {
    // Neither NaN nor infinity has an exponent.
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return "#NUM!".to_owned() };
    let (digits, sign) = (mantissa.replace(['-', '.'], ""), if mantissa.starts_with('-') { "-" } else { "" });
    let is_exact = |exponent: &i32| digits.len() <= limit && exponent.unsigned_abs() < limit as u32;
    let Some(exponent) = exponent.parse::<i32>().ok().filter(is_exact) else {
        return format!("{mantissa}E{}{exponent}", if exponent.starts_with('-') { "" } else { "+" });
    };
    let plain = match usize::try_from(exponent) {
        Ok(exponent) if digits.len() <= exponent + 1 => format!("{digits:0<width$}", width = exponent + 1),
        Ok(exponent) => format!("{}.{}", &digits[..=exponent], &digits[exponent + 1..]),
        Err(_) => format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    };
    if digits == "0" { plain } else { format!("{sign}{plain}") }
}

fn bytes(kind: Kind, value: &[u8]) -> Cell {
    let wrong = |code, message, help| Err(Box::new(problem(code, message, help)));
    if let Kind::Decimal(scale) = kind {
        return match big_endian(value) {
            Some(units) => Ok(decimal(units, scale as usize)),
            None => wrong(
                "decimal-too-large",
                format!("the number has {} bytes; 1 to 16 are exact", value.len()),
                "export the column with at most 38 digits, or as text",
            ),
        };
    }
    match std::str::from_utf8(value) {
        Ok(_) if value.len() > MAX_FIELD_BYTES => wrong(
            "field-too-long",
            format!("the value has {} bytes; at most {MAX_FIELD_BYTES} fit in a cell", value.len()),
            "leave this column out of the export",
        ),
        Ok(text) if text.contains('\0') => wrong(
            "nul-byte",
            "the value holds the character NUL".to_owned(),
            "export it again from the system that made it; NUL is never part of a text",
        ),
        Ok(text) => Ok(text.to_owned()),
        Err(_) => wrong(
            "text-not-utf8",
            "the value is no text in UTF-8".to_owned(),
            "export the column as text in UTF-8",
        ),
    }
}

/// A number in two's complement, if 128 bits hold it.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let fill = if bytes.first()? & 0x80 == 0 { 0 } else { 0xFF };
    let (more, rest) = bytes.split_at(bytes.len().saturating_sub(16));
    let mut all = [fill; 16];
    all[16 - rest.len()..].copy_from_slice(rest);
    let number = i128::from_be_bytes(all);
    (more.iter().all(|byte| *byte == fill) && (number < 0) == (fill != 0)).then_some(number)
}

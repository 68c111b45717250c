//! One row, cell by cell: every reader of a typed value notes its problem and goes on, so that a row reports
//! everything that is wrong with it at once.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use ustr::Ustr;

use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::{FileKind, orders, rebate_lines};
use crate::ingest::grammar::{self, CellError};
use crate::ingest::{Extract, Row};
use crate::model::id::Id;
use crate::model::money::{Currency, Money, MoneyError, RoundMode};
use crate::model::record::{Origin, SourceRef};
use crate::model::signoff::PACK_DIGITS;
use crate::model::status::Status;
use crate::model::time::{AsOf, Month};

use super::Quarantined;

/// The most days that a rule may count: ten years.
const DAYS_MAX: u32 = 3660;
/// The digits of a rate of exchange, as a number: so many fit an exact product with every amount.
const RATE_MAX: i128 = 100_000_000_000_000_000;

/// The cells of one row and the problems found in them.
pub struct Cells<'a> {
    extract: &'a Extract,
    source: SourceRef,
    row: Row<'a>,
    problems: Vec<Diagnostic>,
    rounded: Option<(Currency, Decimal)>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(extract: &'a Extract, file: u32, row: Row<'a>) -> Cells<'a> {
        let source = SourceRef { file, record: row.record() };
        Cells { extract, source, row, problems: Vec::new(), rounded: None }
    }

    /// Whether the row has as many fields as the header; else that is its problem.
    pub(crate) fn has_expected_width(&mut self) -> bool {
        let (expected, found) = (self.extract.header().len(), self.row.len());
        if expected == found {
            return true;
        }
        self.problems.push(Diagnostic {
            line: self.row.line(),
            column: u32::try_from(expected.min(found)).unwrap_or(0) + 1,
            ..Diagnostic::of_file(
                Severity::Error,
                "wrong-field-count",
                self.extract.path(),
                format!("the row has {found} fields, the header has {expected}"),
                "this row is left out of the totals; put quotes around a value that holds a comma, or add the missing fields",
            )
        });
        false
    }

    pub(crate) fn is_unusable(&self) -> bool {
        self.problems.iter().any(|p| p.severity >= Severity::Error)
    }

    /// What the amount that is added up for control totals has more than its rounded value.
    pub(crate) fn rounded(&self) -> Option<(Currency, Decimal)> {
        self.rounded
    }

    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems
    }

    /// The row as one set aside, with what of it can still be read.
    pub(crate) fn into_quarantined(mut self) -> Quarantined {
        let problems = std::mem::take(&mut self.problems);
        let kind = self.extract.kind();
        let mut row = Quarantined {
            kind,
            source: self.source,
            order: None,
            line: None,
            batch: None,
            period: None,
            currency: None,
            amount: None,
            is_amount_implied: false,
            problems,
        };
        // A row of another width may have its values in other columns: nothing of it is taken.
        if self.extract.header().len() != self.row.len() {
            return row;
        }
        if kind == FileKind::RebateLines {
            row.order = self.id(rebate_lines::ORDER_REF);
            row.line = self.id(rebate_lines::LINE_ID);
            row.batch = self.id(rebate_lines::BATCH_ID);
            row.period = self.month(rebate_lines::PERIOD);
            row.currency = self.currency(rebate_lines::CURRENCY);
            row.amount = self.money(rebate_lines::CALCULATED_AMOUNT, row.currency);
            if row.amount.is_none() {
                let base = self.money(rebate_lines::BASE_AMOUNT, row.currency);
                let rate = self.decimal(rebate_lines::RATE);
                row.amount = base.zip(rate).and_then(|(base, rate)| base.times(rate, RoundMode::HalfUp));
                row.is_amount_implied = row.amount.is_some();
            }
        } else if kind == FileKind::Orders {
            row.order = self.id(orders::ORDER_ID);
            row.currency = self.currency(orders::CURRENCY);
        }
        row
    }

    /// Where the row is and what it holds.
    pub fn origin(&self) -> Origin {
        let mut hash = Sha256::new();
        for (name, position) in self.extract.digest_order() {
            let text = self.row.get(*position).trim();
            if !text.is_empty() {
                hash.update(name.as_bytes());
                hash.update([0x1f]);
                hash.update(text.as_bytes());
                hash.update([0x1e]);
            }
        }
        let mut digest = [0_u8; 16];
        digest.copy_from_slice(&hash.finalize()[..16]);
        Origin { source: self.source, copies: Vec::new(), digest: u128::from_be_bytes(digest) }
    }

    /// The source that the file comes from; empty for a canonical file.
    pub(crate) fn source(&self) -> &str {
        self.extract.source()
    }

    /// What the source says itself of a raw status, canonical.
    pub(crate) fn mapped_status(&self, raw: &str) -> Option<Status> {
        self.extract.mapping()?.statuses.get(raw).copied()
    }

    /// Whether the source has no such column, and what it would say is derived from the others.
    pub(crate) fn is_derived(&self, column: usize) -> bool {
        !self.extract.has(column)
            && self.extract.mapping().is_some_and(|mapping| mapping.can_do_without(column))
    }

    /// The text of a cell as the file has it.
    fn raw(&self, column: usize) -> Cow<'_, str> {
        self.extract.as_written(&self.row, column)
    }

    fn note(&mut self, column: usize, severity: Severity, error: &CellError) {
        let (position, field) = self.extract.column_of(column);
        let answer = self.extract.mapping().and_then(|mapping| {
            let name = self.extract.kind().columns()[column].name;
            mapping.reading(column)?.answer(error, &self.raw(column), (&mapping.name, name, field))
        });
        let next = answer.as_ref().unwrap_or(&error.help);
        let help = match severity {
            Severity::Error => format!("this row is left out of the totals; {next}"),
            Severity::Note | Severity::Warning | Severity::Fatal => error.help.to_string(),
        };
        self.problems.push(Diagnostic {
            file: self.extract.path().to_owned(),
            line: self.row.line(),
            column: position,
            code: error.code,
            severity,
            field: field.to_owned(),
            value: visible(&self.raw(column)),
            message: error.message.clone(),
            help,
        });
    }

    fn typed<T>(&mut self, column: usize, read: impl Fn(&str) -> Result<T, CellError>) -> Option<T> {
        let read = |text: Cow<'_, str>| match text.trim() {
            "" => Ok(None),
            text => read(text).map(Some),
        };
        match self.extract.cell(&self.row, column).and_then(read) {
            Ok(value) => value,
            Err(error) => {
                self.note(column, Severity::Error, &error);
                None
            }
        }
    }

    /// Notes that the value of a cell cannot be what its row says.
    pub fn refuse(&mut self, column: usize, code: &'static str, message: &str, help: &'static str) {
        self.note(column, Severity::Error, &CellError::new(code, message.to_owned(), help));
    }

    /// Notes that a cell must not be empty when it is; passes the value on.
    pub fn required<T>(&mut self, column: usize, value: Option<T>) -> Option<T> {
        let is_empty = || self.extract.cell(&self.row, column).is_ok_and(|text| text.trim().is_empty());
        if value.is_none() && is_empty() {
            let name = self.extract.kind().columns()[column].name;
            let is_constant = self.extract.mapping().is_some() && self.extract.column_of(column).0 == 0;
            let help = if is_constant {
                "give it a value under [source.columns] of its source in tieout.toml"
            } else if self.extract.kind().is_reference() {
                "fill it in; this file is your own"
            } else {
                "fill it in the source and export again"
            };
            let error = CellError::new("cell-empty", format!("`{name}` is empty"), help);
            self.note(column, Severity::Error, &error);
        }
        value
    }

    /// Text as it is, without surrounding blanks.
    pub fn text(&mut self, column: usize) -> Option<Ustr> {
        self.typed(column, |text| Ok(Ustr::from(text)))
    }

    /// An identifier.
    pub fn id<K>(&mut self, column: usize) -> Option<Id<K>> {
        let id = self.typed(column, |text| {
            grammar::id(text)?;
            Ok(Id::new(&grammar::canonical(text), text))
        })?;
        if !id.raw().is_ascii() && grammar::has_invisible(id.raw()) {
            let error = CellError::new(
                "id-invisible-characters",
                format!("`{}` holds characters that cannot be seen", visible(id.raw())),
                "they are ignored when ids are compared; remove them in the source",
            );
            self.note(column, Severity::Warning, &error);
        }
        Some(id)
    }

    /// A date.
    pub fn date(&mut self, column: usize) -> Option<NaiveDate> {
        self.typed(column, grammar::date)
    }

    /// A month.
    pub fn month(&mut self, column: usize) -> Option<Month> {
        self.typed(column, |text| {
            let (year, month) = grammar::period(text)?;
            Month::new(year, month).ok_or_else(|| {
                CellError::new(
                    "period-not-a-month",
                    format!("`{}` is not a month", visible(text)),
                    "write it as YYYY-MM, for example 2026-05",
                )
            })
        })
    }

    /// The name of a snapshot.
    pub fn snapshot(&mut self, column: usize) -> Option<AsOf> {
        self.typed(column, |text| {
            AsOf::parse(text).ok_or_else(|| {
                CellError::new(
                    "snapshot-not-a-name",
                    format!("`{}` is not the name of a snapshot", visible(text)),
                    "write it as its folder is named, for example 2026-06-17",
                )
            })
        })
    }

    /// A decimal number, such as a rate.
    pub fn decimal(&mut self, column: usize) -> Option<Decimal> {
        self.typed(column, grammar::decimal)
    }

    /// A rate of exchange: above zero, with no more digits than an exact product with an amount takes.
    pub fn rate_of_exchange(&mut self, column: usize) -> Option<Decimal> {
        let rate = self.decimal(column)?.normalize();
        let error = if rate <= Decimal::ZERO {
            CellError::new(
                "rate-not-positive",
                format!("a rate of exchange of {rate} is not above zero"),
                "write what one unit of `from` is worth in `to`",
            )
        } else if rate.mantissa() > RATE_MAX {
            CellError::new(
                "rate-too-precise",
                format!("{rate} has more digits than the 17 that are computed with exactly"),
                "write the rate as it was published",
            )
        } else {
            return Some(rate);
        };
        self.note(column, Severity::Error, &error);
        None
    }

    /// SHA-256 in hex digits, or the first of them; in lower case.
    pub fn checksum(&mut self, column: usize) -> Option<Ustr> {
        self.typed(column, |text| {
            let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_checksum = is_hex && (PACK_DIGITS..=64).contains(&text.len());
            is_checksum.then(|| Ustr::from(&text.to_ascii_lowercase())).ok_or_else(|| {
                CellError::new(
                    "checksum-not-hex",
                    format!("`{}` is not a SHA-256 in hex digits", visible(text)),
                    "write the checksum that `sha256sum manifest.json` prints, or its first 12 digits at least",
                )
            })
        })
    }

    /// Notes something about a cell that is used as it is.
    pub fn warn(&mut self, column: usize, code: &'static str, message: String, help: &str) {
        self.note(column, Severity::Warning, &CellError::new(code, message, help));
    }

    /// A whole number, zero or more.
    pub fn count(&mut self, column: usize) -> Option<u64> {
        self.typed(column, |text| {
            let is_whole = text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
            is_whole.then(|| text.parse().ok()).flatten().ok_or_else(|| {
                CellError::new(
                    "number-not-whole",
                    format!("`{}` is not a whole number", visible(text)),
                    "write it in digits only",
                )
            })
        })
    }

    /// A number of days, at most ten years: what is beyond is a slip of the keys, and would lead out of the calendar.
    pub fn days(&mut self, column: usize) -> Option<u32> {
        let count = self.count(column)?;
        let days = u32::try_from(count).ok().filter(|days| *days <= DAYS_MAX);
        if days.is_none() {
            let error = CellError::new(
                "days-too-many",
                format!("{count} days are more than {DAYS_MAX}"),
                "write the number of days that the contract gives",
            );
            self.note(column, Severity::Error, &error);
        }
        days
    }

    /// A currency.
    pub fn currency(&mut self, column: usize) -> Option<Currency> {
        self.typed(column, |text| {
            grammar::currency(text)?;
            Currency::parse(text).ok_or_else(|| {
                CellError::new(
                    "currency-unknown",
                    format!("`{}` is not a currency of ISO 4217", visible(text)),
                    "write its three-letter code, for example USD",
                )
            })
        })
    }

    /// An amount of a currency; nothing when the currency is not known.
    pub fn money(&mut self, column: usize, currency: Option<Currency>) -> Option<Money> {
        let number = self.decimal(column)?;
        let currency = currency?;
        match Money::from_decimal(number, currency) {
            Ok(amount) => Some(amount),
            Err(MoneyError::TooPrecise) if self.extract.round().is_some() => {
                let (amount, rest) = Money::rounded(number, currency, self.extract.round()?)?;
                if self.extract.kind().total_column() == Some(column) {
                    self.rounded = Some((currency, rest));
                }
                Some(amount)
            }
            Err(MoneyError::TooPrecise) => {
                let error = CellError::new(
                    "amount-too-precise",
                    format!("`{number}` has more decimals than {currency} has ({})", currency.digits()),
                    "export the amount with the digits of its currency, or declare `round` for its source in tieout.toml; nothing is rounded here",
                );
                self.note(column, Severity::Error, &error);
                None
            }
            Err(MoneyError::TooLarge | MoneyError::CurrencyMismatch) => {
                let error = CellError::new(
                    "amount-too-large",
                    format!("`{number}` is beyond what an amount can be"),
                    "check the value in the source",
                );
                self.note(column, Severity::Error, &error);
                None
            }
        }
    }

    /// One of a closed list of words, in any case.
    pub fn choice<T: Copy>(&mut self, column: usize, choices: &[(&'static str, T)]) -> Option<T> {
        self.typed(column, |text| {
            choices
                .iter()
                .find(|(word, _)| text.eq_ignore_ascii_case(word))
                .map(|(_, value)| *value)
                .ok_or_else(|| {
                    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                    CellError::new(
                        "value-unknown",
                        format!("`{}` is not one of {}", visible(text), words.join(", ")),
                        "use one of these words",
                    )
                })
        })
    }
}

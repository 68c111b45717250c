//! One CSV file, written field by field.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};

use crate::at;
use crate::catalog::Currency;
use crate::programs::Program;

/// One CSV file being written. No value here needs quoting.
pub(crate) struct Csv {
    path: PathBuf,
    out: BufWriter<File>,
    row: Vec<u8>,
    pub(crate) rows: u64,
}

impl Csv {
    pub(crate) fn create(folder: &Path, name: &str, header: &str) -> io::Result<Self> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(|error| at(&path, &error))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        writeln!(out, "{header}").map_err(|error| at(&path, &error))?;
        Ok(Self { path, out, row: Vec::with_capacity(512), rows: 0 })
    }

    /// Ends a field whose bytes have been pushed.
    fn next(&mut self) -> &mut Self {
        self.row.push(b',');
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains([',', '"', '\n']), "{text} needs quoting");
        self.row.extend_from_slice(text.as_bytes());
        self.next()
    }

    pub(crate) fn texts(&mut self, texts: &[&str]) -> &mut Self {
        for text in texts {
            self.text(text);
        }
        self
    }

    /// Several fields written out with their commas.
    pub(crate) fn fields(&mut self, fields: &str) -> &mut Self {
        self.row.extend_from_slice(fields.as_bytes());
        self.next()
    }

    pub(crate) fn blank(&mut self) -> &mut Self {
        self.next()
    }

    fn push_digits(&mut self, mut value: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut from = digits.len();
        while value > 0 || digits.len() - from < width.max(1) {
            from -= 1;
            digits[from] = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.row.extend_from_slice(&digits[from..]);
    }

    pub(crate) fn count(&mut self, value: u64) -> &mut Self {
        self.push_digits(value, 1);
        self.next()
    }

    pub(crate) fn id(&mut self, prefix: &str, number: u64, width: usize) -> &mut Self {
        self.row.extend_from_slice(prefix.as_bytes());
        self.push_digits(number, width);
        self.next()
    }

    pub(crate) fn money(&mut self, minor: i64, currency: &Currency) -> &mut Self {
        if minor < 0 {
            self.row.push(b'-');
        }
        let (whole, unit) = (minor.unsigned_abs(), 10_u64.pow(currency.digits));
        self.push_digits(whole / unit, 1);
        if currency.digits > 0 {
            self.row.push(b'.');
            self.push_digits(whole % unit, currency.digits as usize);
        }
        self.next()
    }

    /// The amount with its last whole zero typed as the letter.
    pub(crate) fn misread_money(&mut self, minor: i64, currency: &Currency) -> &mut Self {
        let start = self.row.len();
        self.money(minor, currency);
        let amount = &mut self.row[start..];
        let whole = amount.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(amount.len());
        if let Some(zero) = amount[..whole].iter().rposition(|byte| *byte == b'0') {
            amount[zero] = b'O';
        }
        self
    }

    /// A rate in hundredths of a percent, with at least two decimals.
    pub(crate) fn rate(&mut self, rate: i64) -> &mut Self {
        let rate = rate.unsigned_abs();
        self.push_digits(rate / 10_000, 1);
        self.row.push(b'.');
        match rate % 10_000 {
            part if part.is_multiple_of(100) => self.push_digits(part / 100, 2),
            part if part.is_multiple_of(10) => self.push_digits(part / 10, 3),
            part => self.push_digits(part, 4),
        }
        self.next()
    }

    pub(crate) fn month(&mut self, date: NaiveDate) -> &mut Self {
        self.push_digits(u64::from(date.year().unsigned_abs()), 4);
        self.row.push(b'-');
        self.push_digits(u64::from(date.month()), 2);
        self.next()
    }

    pub(crate) fn date(&mut self, date: NaiveDate) -> &mut Self {
        self.month(date).row.pop();
        self.row.push(b'-');
        self.push_digits(u64::from(date.day()), 2);
        self.next()
    }

    pub(crate) fn maybe_date(&mut self, date: Option<NaiveDate>) -> &mut Self {
        match date {
            Some(date) => self.date(date),
            None => self.blank(),
        }
    }

    /// `CORE-2605-001`, or with `PO-` before it the payout of that batch.
    pub(crate) fn batch(
        &mut self,
        before: &str,
        program: &Program,
        month: NaiveDate,
        batch: u64,
    ) -> &mut Self {
        self.row.extend_from_slice(before.as_bytes());
        self.row.extend_from_slice(program.batch_prefix.as_bytes());
        self.row.push(b'-');
        self.push_digits(u64::from(month.year().unsigned_abs()) % 100, 2);
        self.push_digits(u64::from(month.month()), 2);
        self.row.push(b'-');
        self.push_digits(batch + 1, 3);
        self.next()
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.row.pop();
        self.row.push(b'\n');
        self.out.write_all(&self.row).map_err(|error| at(&self.path, &error))?;
        self.row.clear();
        self.rows += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<(PathBuf, u64)> {
        self.out.flush().map_err(|error| at(&self.path, &error))?;
        Ok((self.path, self.rows))
    }
}

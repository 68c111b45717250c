//! What is wrong with the data: the run goes on, and all of it is reported in one run.
//!
//! A diagnostic always names its place: file, physical line, column, field and value (contract, section 6).

use std::fmt::Write as _;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Odd, and used all the same.
    Warning,
    /// A row is left out of every total.
    Error,
    /// A file cannot be used; nothing is published.
    Fatal,
}

impl Severity {
    /// The word in data files.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, relative to the input folder: `2026-06-18/orders.csv`. First in order, so that sorting groups by file.
    pub file: String,
    /// The physical line; 0 when the problem is the whole file's.
    pub line: u32,
    /// The 1-based field; 0 when the problem is the whole row's.
    pub column: u32,
    /// A stable name, such as `amount-not-a-number`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The column's name, or empty.
    pub field: String,
    /// The value as it was read, cut and made visible.
    pub value: String,
    /// The violated fact.
    pub message: String,
    /// The next action.
    pub help: String,
}

impl Diagnostic {
    /// The problem of a whole file.
    pub fn of_file(
        severity: Severity,
        code: &'static str,
        file: &str,
        message: String,
        help: &str,
    ) -> Diagnostic {
        Diagnostic {
            file: file.to_owned(),
            line: 0,
            column: 0,
            code,
            severity,
            field: String::new(),
            value: String::new(),
            message,
            help: help.to_owned(),
        }
    }

    /// The two lines that a person reads: severity, code, place and message, then the help.
    pub fn in_words(&self) -> String {
        let mut text = format!("{}[{}]: {}", self.severity.label(), self.code, self.file);
        if self.line > 0 {
            let _ = write!(text, ", line {}", self.line);
        }
        if self.column > 0 {
            let _ = write!(text, ", column {}", self.column);
        }
        if !self.field.is_empty() {
            let _ = write!(text, " ({})", self.field);
        }
        let _ = write!(text, ": {}\n  help: {}", self.message, self.help);
        text
    }
}

/// All problems of a run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Keeps the findings of a stage and hands back its value.
    pub fn absorb<T>(&mut self, (value, findings): (T, Vec<Diagnostic>)) -> T {
        self.0.extend(findings);
        value
    }

    /// How many are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity == severity).count()
    }

    /// All of them by file, line and column, whatever order they were found in.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Makes foreign text safe to print: control and direction characters are spelled out, long text is cut.
///
/// Units: at most 80 characters of the text are kept. Source: reliability T19.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(96));
    for (count, c) in text.chars().enumerate() {
        if count == 80 {
            shown.push('…');
            break;
        }
        let hidden = c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if hidden {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_spelled_out_and_long_text_is_cut() {
        assert_eq!(visible("a\u{202e}b\u{1b}[31m"), "a\\u{202e}b\\u{1b}[31m");
        assert_eq!(visible(&"x".repeat(81)).chars().count(), 81);
        assert_eq!(visible("订单-0091"), "订单-0091");
    }
}

//! What is wrong with the data: the run goes on, and all of it is reported in one run.
//!
//! A diagnostic always names its place: file, physical line, column, field and value (contract, section 6).

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::Write as _;
use ustr::Ustr;

use crate::mark;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
            Severity::Note => mark!("note"),
            Severity::Warning => mark!("warning"),
            Severity::Error => mark!("error"),
            Severity::Fatal => mark!("fatal"),
        }
    }
}

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

// By hand, because the derived one would borrow the code from what is read.
impl<'de> Deserialize<'de> for Diagnostic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type Fields = (String, u32, u32, Ustr, Severity, String, String, String, String);
        let (file, line, column, code, severity, field, value, message, help) =
            Fields::deserialize(deserializer)?;
        Ok(Diagnostic { file, line, column, code: code.as_str(), severity, field, value, message, help })
    }
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

    /// Leaves out those of a code: of something that the run does not rest on.
    pub fn leave_out(&mut self, code: &str) {
        self.0.retain(|d| d.code != code);
    }

    /// All of them by file, line and column, whatever order they were found in.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// How much of a value is shown.
const SHOWN_CHARACTERS: usize = 80;

/// The text as it can be printed anywhere: cut at 80 characters, with control, bidi and zero-width characters
/// and unusual blanks written as `\u{202e}`. Source: reliability T19.
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len().min(4 * SHOWN_CHARACTERS));
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CHARACTERS {
            visible.push('…');
            break;
        }
        if is_ignorable(character) || (character != ' ' && character.is_whitespace()) {
            visible.extend(character.escape_unicode());
        } else {
            visible.push(character);
        }
    }
    visible
}

/// Control characters, and characters without a width or a shape of their own (Unicode: default ignorable).
pub fn is_ignorable(character: char) -> bool {
    const SINGLE: [char; 10] = [
        '\u{ad}', '\u{34f}', '\u{61c}', '\u{17b4}', '\u{17b5}', '\u{2800}', '\u{3164}', '\u{feff}',
        '\u{ffa0}', '\u{115f}',
    ];
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let in_a_range = matches!(character,
        '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    in_a_range || character.is_control() || SINGLE.contains(&character)
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

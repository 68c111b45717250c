//! The language of a site: messages in other words than those in the code.
//!
//! The English text in the code is the key, as with gettext: English needs no file, and code stays readable. A catalog
//! (`content/messages/zh.toml`) holds a translation for each text and how dates are written. What it lacks is said in
//! English, and `tieout check` lists it.
//!
//! [`say!`](crate::say) says a text or a sentence with values; [`mark!`](crate::mark) marks a text in a table of
//! constants, which [`label`] says where it is shown. Headers of columns are marked by their constructors, because a CSV
//! file keeps the English ones. The texts of templates and scripts are messages too.
//!
//! The language is that of the thread, for as long as [`Language::within`] runs; work that is handed to other threads takes
//! it along. So one process can make the trees of several languages, and tests do not disturb each other.

mod catalog;

use std::cell::Cell;
use std::fmt::{Display, Write};

use catalog::{Catalog, Dates};
pub use catalog::{Fault, Language, known};

thread_local! {
    static SPOKEN: Cell<Option<&'static Catalog>> = const { Cell::new(None) };
}

/// Says a text, or a sentence with named values, in the language of the thread.
///
/// `say!("Not explained")` is a `&'static str`; `say!("{rows} of {total} rows are read", rows, total = all.len())` is a
/// `String`. Each value has a name, so that a translation can put it elsewhere.
#[macro_export]
macro_rules! say {
    ($text:literal) => {
        $crate::language::text($text)
    };
    ($text:literal $(, $name:ident $(= $value:expr)?)+ $(,)?) => {
        match $crate::language::sentence($text) {
            None => ::std::format!($text $(, $name = $crate::say!(@ $name $($value)?))+),
            Some(sentence) => $crate::language::filled(
                sentence,
                &[$((::std::stringify!($name), &$crate::say!(@ $name $($value)?) as &dyn ::std::fmt::Display)),+],
            ),
        }
    };
    (@ $name:ident) => { $name };
    (@ $name:ident $value:expr) => { $value };
}

/// Marks a text that [`language::label`](crate::language::label) says later, where a constant is needed.
#[macro_export]
macro_rules! mark {
    ($text:literal) => {
        $text
    };
}

/// A text of the program in the language of the thread.
pub fn text(english: &'static str) -> &'static str {
    sentence(english).unwrap_or(english)
}

/// A text that was marked, in the language of the thread; what is no message stays as it is.
pub fn label(english: &str) -> &str {
    sentence(english).unwrap_or(english)
}

/// The translation of a text, its placeholders not filled; `None` in English, and where there is none.
pub fn sentence(english: &str) -> Option<&'static str> {
    SPOKEN.get()?.message(english)
}

/// A translation with its values: `{name}` is the value of that name.
pub fn filled(sentence: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    for piece in catalog::pieces(sentence) {
        match piece {
            catalog::Piece::Text(text) => out.push_str(text),
            catalog::Piece::Value(name) => {
                if let Some((_, value)) = values.iter().find(|(own, _)| *own == name) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{value}");
                }
            }
        }
    }
    out
}

/// The names of the values of a sentence, in their order.
pub fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    catalog::pieces(sentence).filter_map(|piece| match piece {
        catalog::Piece::Value(name) => Some(name),
        catalog::Piece::Text(_) => None,
    })
}

/// `1 row`, `1,203 rows`; `count` is grouped already. The message is that of the plural, `{count} rows`.
pub fn counted(count: &str, one: &str, many: &str) -> String {
    let sentence = SPOKEN.get().and_then(|catalog| catalog.counted(many));
    match sentence {
        Some(sentence) => filled(sentence, &[("count", &count)]),
        None => format!("{count} {}", if count == "1" { one } else { many }),
    }
}

/// How the language of the thread writes dates; `None` in English.
pub(crate) fn dates() -> Option<&'static Dates> {
    SPOKEN.get().map(Catalog::dates)
}

/// Which forms of dates there are, and the values of each.
pub(crate) enum Date {
    /// `12 Jun 2026`: year, month, day.
    Day,
    /// `May 2026`: year, month.
    Month,
    /// `May`: month.
    MonthName,
    /// `12 Jun`: month, day.
    ShortDay,
    /// `1–31 May 2026`: year, month, first, last.
    Days,
    /// `12 May 2026 to 3 Jun 2026`: from, to.
    Span,
    /// `12 Jun 2026, 06:00 UTC`: day, time.
    Moment,
}

#[cfg(test)]
mod tests;

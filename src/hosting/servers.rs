//! Web servers on a machine of one's own: the same rules in the words of nginx, Caddy and Apache.

pub(super) mod apache;
pub(super) mod caddy;
pub(super) mod nginx;

use crate::error::Error;

use super::fill::fill;
use super::{ServerFile, Texts};

/// Lines, indented, without a line break at the end.
fn lines(indent: &str, lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = lines.into_iter().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// A file that is ours to write anew.
fn ours(texts: &Texts, text: &str, path: &str, values: &[(&str, &str)]) -> Result<ServerFile, Error> {
    Ok(ServerFile { path: path.to_owned(), text: fill(texts, text, values)?, is_yours: false })
}

/// A file that a person completes.
fn yours(texts: &Texts, text: &str, path: &str) -> Result<ServerFile, Error> {
    Ok(ServerFile { path: path.to_owned(), text: fill(texts, text, &[])?, is_yours: true })
}

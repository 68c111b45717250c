//! Stores that others run: what each can be told of the same rules, and in plain words what it cannot do.

pub(super) mod azure;
pub(super) mod cloudfront;
pub(super) mod oss;
pub(super) mod pages;

use serde_json::Value;

use crate::error::Error;

use super::fill::fill;
use super::{ServerFile, Texts};

/// A JSON document, for people to read.
fn json(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A file of JSON that is ours to write anew.
fn data(path: &str, value: &Value) -> ServerFile {
    ServerFile { path: path.to_owned(), text: json(value), is_yours: false }
}

/// A filled text that is ours to write anew.
fn text(texts: &Texts, from: &str, path: &str, values: &[(&str, &str)]) -> Result<ServerFile, Error> {
    Ok(ServerFile { path: path.to_owned(), text: fill(texts, from, values)?, is_yours: false })
}

//! JSON files: their figures, where words may differ.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Difference, What, is_number};

/// The version of a format is no figure.
const SCHEMA: &str = "schema";

/// The figures of a document by their place: names, with `[]` for any member of a list. Figures of one place are a list.
type Figures = BTreeMap<String, Vec<String>>;

fn collect(value: &Value, place: &str, figures: &mut Figures) {
    let mut put = |text: String| figures.entry(place.to_owned()).or_default().push(text);
    match value {
        Value::Number(number) => put(number.to_string()),
        Value::String(text) if is_number(text) => put(text.clone()),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
        Value::Array(members) => {
            members.iter().for_each(|member| collect(member, &format!("{place}[]"), figures))
        }
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != SCHEMA) {
                let dot = if place.is_empty() { "" } else { "." };
                collect(member, &format!("{place}{dot}{name}"), figures);
            }
        }
    }
}

fn figures(text: &str) -> Option<Figures> {
    let mut all = Figures::new();
    collect(&serde_json::from_str(text).ok()?, "", &mut all);
    Some(all)
}

/// The figures that are not the same; nothing where what should be there is no JSON.
pub(super) fn compare(found: &str, expected: &str) -> Vec<Difference> {
    let Some(expected) = figures(expected) else { return Vec::new() };
    let Some(mut found) = figures(found) else {
        let words = ("no JSON".to_owned(), "JSON".to_owned());
        return vec![Difference::new(0, "the document".to_owned(), What::Words, words.0, words.1)];
    };
    let mut differences = Vec::new();
    let mut tell = |place: &str, a: &[String], b: &[String]| {
        for at in 0..a.len().max(b.len()) {
            let words =
                |list: &[String]| list.get(at).cloned().unwrap_or_else(|| "no such figure".to_owned());
            if a.get(at) != b.get(at) {
                let order = differences.len();
                differences.push(Difference::new(order, place.to_owned(), What::Figure, words(a), words(b)));
            }
        }
    };
    for (place, expected) in &expected {
        tell(place, &found.remove(place).unwrap_or_default(), expected);
    }
    for (place, more) in &found {
        tell(place, more, &[]);
    }
    differences
}

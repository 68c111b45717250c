//! Fills the marks of a text, `@@NAME@@`, once: what is filled in is never looked at again.

use crate::error::Error;

use super::Texts;

const MARK: &str = "@@";

/// The text of `path` with its marks filled.
///
/// # Errors
/// [`Error::Content`]: the text is not there, has a mark that is not known, or lacks one, so that rules would be lost.
pub(super) fn fill(texts: &Texts, path: &str, values: &[(&str, &str)]) -> Result<String, Error> {
    let wrong = |what: String| Error::Content { problems: vec![format!("`hosting/{path}` {what}")] };
    let text = texts.get(path).ok_or_else(|| wrong("is missing".to_owned()))?;
    let mut out = String::with_capacity(text.len());
    let mut used = vec![false; values.len()];
    // Every second part is the name of a mark.
    for (number, part) in text.split(MARK).enumerate() {
        if number % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let Some(at) = values.iter().position(|(name, _)| *name == part) else {
            return Err(wrong(format!("has the mark `{}`, which nothing fills", part.escape_debug())));
        };
        used[at] = true;
        out.push_str(values[at].1);
    }
    if let Some(at) = used.iter().position(|used| !used) {
        return Err(wrong(format!("has no mark `{MARK}{}{MARK}`, so its rules would be lost", values[at].0)));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_filled_once_and_none_is_forgotten() {
        // Goal: a value is data, and an edited text cannot lose a rule. Method: a value that looks like a mark; an unknown
        // mark; a mark that is missing.
        let texts = Texts::from([("a".to_owned(), "x @@ONE@@ @@TWO@@ y".to_owned())]);
        let filled = fill(&texts, "a", &[("ONE", "@@TWO@@"), ("TWO", "2")]).unwrap();
        assert_eq!(filled, "x @@TWO@@ 2 y");
        let says = |values: &[(&str, &str)]| fill(&texts, "a", values).unwrap_err().to_string();
        assert!(says(&[("ONE", "1")]).contains("the mark `TWO`"));
        assert!(says(&[("ONE", "1"), ("TWO", "2"), ("THREE", "3")]).contains("no mark `@@THREE@@`"));
        assert!(fill(&texts, "b", &[]).is_err());
    }
}

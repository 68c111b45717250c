//! The style sheet and the scripts of the site, under names that change with their content.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::language::Language;

/// A file to publish as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its address from the root of the tree: `assets/site-0a1b2c3d.css`.
    pub path: String,
    /// Its content.
    pub bytes: &'static [u8],
}

/// What pages load. A browser may keep these files for good: other content means another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The address of the style sheet.
    pub css: String,
    /// The address of the script.
    pub js: String,
    /// The addresses of the scripts of single pages, by name.
    pub scripts: BTreeMap<&'static str, String>,
    /// The files to publish, all of those included.
    pub files: Vec<Asset>,
}

/// The scripts of single pages by the name that a page calls them, A-Z. A script may use what those before it on its page
/// have made.
/// The script of the query of an internal audience, which the tree of all our people has not.
const AUDIENCE: &str = "audience";
const SCRIPTS: &[(&str, &[u8])] = &[
    (AUDIENCE, include_bytes!("assets/audience.js")),
    ("compare", include_bytes!("assets/compare.js")),
    ("kit", include_bytes!("assets/kit.js")),
    ("query", include_bytes!("assets/query.js")),
    ("query-data", include_bytes!("assets/query-data.js")),
    ("query-export", include_bytes!("assets/query-export.js")),
    ("query-find", include_bytes!("assets/query-find.js")),
    ("query-found", include_bytes!("assets/query-found.js")),
    ("query-ids", include_bytes!("assets/query-ids.js")),
    ("query-pasted", include_bytes!("assets/query-pasted.js")),
    ("query-scope", include_bytes!("assets/query-scope.js")),
    ("query-view", include_bytes!("assets/query-view.js")),
];

/// The style sheet of every page.
pub(super) const STYLE: &str = concat!(include_str!("assets/base.css"), include_str!("assets/site.css"));

/// The style of a customer's page: the same ground, and the few parts that it has.
pub(super) const CUSTOMER_STYLE: &str =
    concat!(include_str!("assets/base.css"), include_str!("assets/customer.css"));

impl Assets {
    /// The files of the tree of all our people.
    pub fn of_internal(&self) -> impl Iterator<Item = &Asset> {
        let other = self.scripts.get(AUDIENCE);
        self.files.iter().filter(move |file| other != Some(&file.path))
    }

    /// The files of the tree of an internal audience.
    pub fn of_audience(&self) -> impl Iterator<Item = &Asset> {
        let scripts = [AUDIENCE, "kit"].map(|name| self.scripts.get(name));
        let is_own =
            move |path: &String| [&self.css, &self.js].contains(&path) || scripts.contains(&Some(path));
        self.files.iter().filter(move |file| is_own(&file.path))
    }
}

/// The files built into the program.
pub fn all() -> Assets {
    let css = fingerprinted("site", "css", STYLE.as_bytes());
    let js = fingerprinted("site", "js", include_bytes!("assets/site.js"));
    let (css_path, js_path) = (css.path.clone(), js.path.clone());
    let (mut scripts, mut files) = (BTreeMap::new(), vec![css, js]);
    for (name, bytes) in SCRIPTS {
        let asset = fingerprinted(name, "js", bytes);
        scripts.insert(*name, asset.path.clone());
        files.push(asset);
    }
    Assets { css: css_path, js: js_path, scripts, files }
}

/// The messages that scripts say in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messages {
    /// Its address from the root of the tree: `assets/messages-0a1b2c3d.js`.
    pub path: String,
    /// The script.
    pub text: String,
}

/// The messages of the scripts as a script, which a page opened from disk can load and its policy allows; `None` in
/// English, which stands in the scripts.
pub fn messages(language: Language) -> Option<Messages> {
    if language.is_english() {
        return None;
    }
    let mut text = "window.tieoutMessages = {".to_owned();
    push_object(&mut text, "dates", language.date_forms());
    push_object(&mut text, "texts", language.messages_of(|place| place.ends_with(".js")));
    text.push_str("};\n");
    let path = named("messages", "js", text.as_bytes());
    Some(Messages { path, text })
}

/// A property whose value has a text for each name.
fn push_object(out: &mut String, name: &str, texts: impl IntoIterator<Item = (&'static str, &'static str)>) {
    out.push_str(name);
    out.push_str(": {\n");
    for (key, text) in texts {
        push_literal(out, key);
        out.push_str(": ");
        push_literal(out, text);
        out.push_str(",\n");
    }
    out.push_str("},\n");
}

/// A text as a script spells it.
fn push_literal(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            // The end of a line, and of a script in a page.
            '\n' | '\r' | '<' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

fn fingerprinted(name: &str, extension: &str, bytes: &'static [u8]) -> Asset {
    Asset { path: named(name, extension, bytes), bytes }
}

/// The address of a file with a name that changes with its content.
fn named(name: &str, extension: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut path = format!("assets/{name}-");
    for byte in digest.iter().take(4) {
        // Writing to a string cannot fail.
        let _ = write!(path, "{byte:02x}");
    }
    path.push('.');
    path.push_str(extension);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_made_of_the_content() {
        assert_eq!(fingerprinted("site", "css", b"abc").path, "assets/site-ba7816bf.css");
        assert_ne!(fingerprinted("site", "css", b"abd").path, fingerprinted("site", "css", b"abc").path);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere_and_no_clock_is_read() {
        let assets = all();
        assert_eq!(assets.files.len(), 2 + SCRIPTS.len());
        assert_eq!(assets.scripts.len(), SCRIPTS.len(), "each name once");
        for asset in &assets.files {
            // The names of the vocabularies of a workbook look like addresses; nobody goes there.
            let vocabulary = "http://schemas.openxmlformats.org/";
            let text = std::str::from_utf8(asset.bytes).unwrap().replace(vocabulary, "");
            for forbidden in ["@import", "url(", "http:", "https:", "eval(", "innerHTML", "new Date"] {
                assert!(!text.contains(forbidden), "{} holds {forbidden}", asset.path);
            }
        }
    }
}

//! The defaults inside the binary: content and templates, which files on disk override one by one, and the sample input.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::{fs, hosting, render};

include!(concat!(env!("OUT_DIR"), "/content.rs"));
include!(concat!(env!("OUT_DIR"), "/sample.rs"));

/// The sample input, by path below the input folder, such as `2026-06-18/orders.csv`.
pub fn sample() -> &'static [(&'static str, &'static str)] {
    SAMPLE
}

/// Content by path, such as `statuses/paid.md`: the defaults, overridden by the files of a folder.
///
/// # Errors
/// [`Error::Read`] when a file cannot be read, [`Error::Content`] when one is not UTF-8.
pub fn content(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    overlay(CONTENT, folder, "md")
}

/// The content that is built in, whatever lies on disk.
pub fn default_content() -> BTreeMap<String, String> {
    CONTENT.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The messages of a language, each text with its path: the embedded ones, then those of the file
/// `messages/<language>.toml` in a folder, which override single messages. Both may be missing.
///
/// # Errors
/// As [`content`].
pub fn messages(folder: &Path, language: &str) -> Result<Vec<(String, String)>, Error> {
    let name = format!("{language}.toml");
    let path = |origin: &str| format!("{origin}content/messages/{name}");
    let embedded = CATALOGS.iter().filter(|(own, _)| *own == name);
    let mut texts: Vec<(String, String)> =
        embedded.map(|(_, text)| (path("embedded "), (*text).to_owned())).collect();
    let own = overlay(&[], &folder.join("messages"), "toml")?.remove(&name);
    // The repository's own folder is what was embedded.
    texts.extend(own.filter(|own| texts.iter().all(|(_, text)| text != own)).map(|own| (path(""), own)));
    Ok(texts)
}

/// The codes of the languages whose messages are embedded.
pub fn languages() -> impl Iterator<Item = &'static str> {
    CATALOGS.iter().filter_map(|(name, _)| name.strip_suffix(".toml"))
}

/// Templates by name, such as `page.html`: the defaults, overridden by the files of a folder.
///
/// # Errors
/// As [`content`].
pub fn templates(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    Ok(overlay(render::DEFAULT_TEMPLATES, folder, "html")?.into_iter().collect())
}

/// The columns of claim files by file name, such as `default.toml`; `folder` is that of the templates.
///
/// # Errors
/// As [`content`].
pub fn claim_files(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let defaults = [("default.toml", include_str!("../templates/claims/default.toml"))];
    overlay(&defaults, &folder.join("claims"), "toml")
}

/// The texts of configuration for web servers, by path such as `nginx/http.conf`; `folder` is that of the templates.
///
/// # Errors
/// As [`content`].
pub fn hosting_texts(folder: &Path) -> Result<hosting::Texts, Error> {
    let folder = folder.join("hosting");
    let mut texts = hosting::Texts::new();
    for (path, text) in hosting::DEFAULT_TEXTS {
        let file = folder.join(path);
        let text = if fs::kind(&file)? == Some(fs::Kind::File) {
            String::from_utf8(fs::read_within(&folder, Path::new(path))?).map_err(|_| Error::Content {
                problems: vec![format!("`{}` is not UTF-8 text", file.display())],
            })?
        } else {
            (*text).to_owned()
        };
        texts.insert((*path).to_owned(), text);
    }
    Ok(texts)
}

fn overlay(
    defaults: &[(&str, &str)],
    folder: &Path,
    extension: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let mut files: BTreeMap<String, String> =
        defaults.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    if fs::kind(folder)? != Some(fs::Kind::Folder) {
        return Ok(files);
    }
    for found in fs::list(folder)? {
        if found.kind != fs::Kind::File || found.path.extension().is_none_or(|e| e != extension) {
            continue;
        }
        let path = found.path.to_string_lossy().replace('\\', "/");
        let text = String::from_utf8(fs::read_within(folder, &found.path)?).map_err(|_| Error::Content {
            problems: vec![format!("`{}` is not UTF-8 text", folder.join(&found.path).display())],
        })?;
        files.insert(path, text);
    }
    Ok(files)
}

//! `Site`: the sink that every finished file of one tree goes through.
//!
//! It refuses unsafe and repeated paths, writes each file at once (a million pages never sit in memory), and keeps
//! its size and SHA-256 for the manifest. It knows nothing about rebates, nor about publishing: it fills a folder
//! that somebody else puts in place. Invariant: after [`Site::finish`], each internal link of each page has a file.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::fs;

/// The longest name that common file systems take, in bytes.
const SEGMENT_LENGTH_MAX: usize = 255;

/// One file of a finished tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the root of the tree, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the bytes, as 64 hexadecimal digits in lower case.
    pub sha256: String,
}

/// The sink for one tree; shared by all threads that render.
#[derive(Debug)]
pub struct Site {
    sink: Sink,
    /// By path in lower case, so that no two files are one on a Windows share.
    files: Mutex<HashMap<Box<str>, Added>>,
    folders: RwLock<HashSet<Box<str>>>,
    /// One part per thread, so that noting the links of a page waits for nobody.
    links: Box<[Mutex<Links>]>,
}

#[derive(Debug)]
enum Sink {
    Folder(PathBuf),
    Over(PathBuf, Arc<dyn Ground>),
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
    Taker(Taker),
}

/// A folder that is not empty before a site is written into it.
pub trait Ground: std::fmt::Debug + Send + Sync {
    /// Makes a folder, where it is not there yet.
    ///
    /// # Errors
    /// [`Error::Publish`]: it cannot be made.
    fn folder(&self, path: &Path) -> Result<(), Error>;

    /// Puts bytes into a file, whatever was there.
    ///
    /// # Errors
    /// [`Error::Publish`]: they cannot be written.
    fn file(&self, path: &Path, bytes: &[u8], sha256: &[u8; 32]) -> Result<(), Error>;
}

/// Takes the finished files instead of a folder.
struct Taker(Box<Take>);

/// Gets the path and the bytes of each file.
type Take = dyn Fn(&str, &[u8]) -> Result<(), Error> + Send + Sync;

impl std::fmt::Debug for Taker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Taker")
    }
}

#[derive(Debug)]
struct Added {
    /// The path as given, where it differs from its lower-case form.
    path: Option<Box<str>>,
    size: u64,
    sha256: [u8; 32],
}

/// Folder of the page → link as written → the first page, in byte order, that has it. Thousands of pages in a folder
/// share their links, so each is resolved once, when the site is finished.
type Links = HashMap<Box<str>, HashMap<Box<str>, Arc<str>>>;

impl Site {
    /// A site written into `root`, a folder that exists.
    pub fn in_folder(root: PathBuf) -> Self {
        Self::new(Sink::Folder(root))
    }

    /// A site written into a folder that may hold what is the same already.
    pub fn over(root: PathBuf, ground: Arc<dyn Ground>) -> Self {
        Self::new(Sink::Over(root, ground))
    }

    /// A site held in memory, for tests and previews.
    pub fn in_memory() -> Self {
        Self::new(Sink::Memory(Mutex::default()))
    }

    /// A site that is written nowhere: `take` gets each file as soon as it is made, from several threads.
    pub fn handing_out(take: impl Fn(&str, &[u8]) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self::new(Sink::Taker(Taker(Box::new(take))))
    }

    fn new(sink: Sink) -> Self {
        let links = (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Self { sink, files: Mutex::default(), folders: RwLock::default(), links }
    }

    /// Takes one finished file.
    ///
    /// # Errors
    /// [`Error::Identity`]: the path is unsafe or taken, also in other case, or a page is not UTF-8.
    /// [`Error::Publish`]: the file cannot be written.
    pub fn add(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        check_path(path)
            .map_err(|why| Error::Identity(format!("the site refuses the path `{path}`: {why}")))?;
        let sha256: [u8; 32] = Sha256::digest(bytes).into();
        let added = Added {
            path: path.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| path.into()),
            size: bytes.len() as u64,
            sha256,
        };
        let key = path.to_ascii_lowercase().into_boxed_str();
        if self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(key, added).is_some() {
            return Err(Error::Identity(format!("two files of the site have the path `{path}`")));
        }
        let folder = path.rfind('/').map_or("", |slash| &path[..slash]);
        match &self.sink {
            Sink::Folder(root) => {
                self.ensure_folder(folder)?;
                fs::write_new(&root.join(path), bytes)?;
            }
            Sink::Over(root, ground) => {
                self.ensure_folder(folder)?;
                ground.file(&root.join(path), bytes, &sha256)?;
            }
            Sink::Memory(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                files.insert(path.to_owned(), bytes.to_owned());
            }
            Sink::Taker(Taker(take)) => take(path, bytes)?,
        }
        if path.ends_with(".html") {
            let html = str::from_utf8(bytes)
                .map_err(|_| Error::Identity(format!("the page `{path}` is not valid UTF-8")))?;
            self.note_links(path, folder, html);
        }
        Ok(())
    }

    /// The bytes of a file of a site in memory; `None` for any other.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        match &self.sink {
            Sink::Folder(_) | Sink::Over(..) | Sink::Taker(_) => None,
            Sink::Memory(files) => files.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned(),
        }
    }

    /// What was added so far, sorted by the bytes of the path.
    pub fn entries(&self) -> Vec<Entry> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries: Vec<Entry> = files
            .iter()
            .map(|(key, added)| Entry {
                path: added.path.as_deref().unwrap_or(key).to_owned(),
                size: added.size,
                sha256: hex(&added.sha256),
            })
            .collect();
        entries.sort_unstable_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        entries
    }

    /// Checks that every internal link has a file, then lists the files, sorted by the bytes of the path.
    ///
    /// # Errors
    /// [`Error::Content`]: at least one link is dead; all of them are named, each with one page that has it.
    pub fn finish(&self) -> Result<Vec<Entry>, Error> {
        let entries = self.entries();
        let paths: HashSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
        // The least page is named, so the sentences depend neither on threads nor on the order of a hash map.
        let mut dead: BTreeMap<String, Arc<str>> = BTreeMap::new();
        for links in &self.links {
            let links = links.lock().unwrap_or_else(PoisonError::into_inner);
            links.iter().for_each(|(folder, links)| {
                links.iter().for_each(|(link, page)| {
                    if let Some(target) =
                        resolve(folder, link).filter(|target| !paths.contains(target.as_str()))
                    {
                        let first = dead.entry(target).or_insert_with(|| Arc::clone(page));
                        if page < first {
                            *first = Arc::clone(page);
                        }
                    }
                });
            });
        }
        if dead.is_empty() {
            return Ok(entries);
        }
        let dead: BTreeSet<(Arc<str>, String)> =
            dead.into_iter().map(|(target, page)| (page, target)).collect();
        let sentence = |(page, target)| format!("page `{page}` links to `{target}`, which no page has");
        Err(Error::Content { problems: dead.into_iter().map(sentence).collect() })
    }

    fn ensure_folder(&self, folder: &str) -> Result<(), Error> {
        let (root, ground) = match &self.sink {
            Sink::Folder(root) => (root, None),
            Sink::Over(root, ground) => (root, Some(ground)),
            Sink::Memory(_) | Sink::Taker(_) => return Ok(()),
        };
        if folder.is_empty() || self.folders.read().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            return Ok(());
        }
        // Held while creating, so that nobody writes into a folder that is only about to exist.
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        let ends = folder.match_indices('/').map(|(slash, _)| slash).chain([folder.len()]);
        for folder in ends.map(|end| &folder[..end]) {
            if !folders.contains(folder) {
                let path = root.join(folder);
                ground.map_or_else(|| fs::create_folder(&path), |ground| ground.folder(&path))?;
                folders.insert(folder.into());
            }
        }
        Ok(())
    }

    fn note_links(&self, page: &str, folder: &str, html: &str) {
        // The last part is for threads that are not rayon's.
        let part = rayon::current_thread_index().unwrap_or(usize::MAX).min(self.links.len() - 1);
        let mut links = self.links[part].lock().unwrap_or_else(PoisonError::into_inner);
        if !links.contains_key(folder) {
            links.insert(folder.into(), HashMap::new());
        }
        let Some(known) = links.get_mut(folder) else { return };
        let mut name: Option<Arc<str>> = None;
        let mut name = || Arc::clone(name.get_or_insert_with(|| page.into()));
        scan(html, |link| match known.get_mut(link) {
            Some(first) if **first <= *page => {}
            Some(first) => *first = name(),
            None => drop(known.insert(link.into(), name())),
        });
    }
}

/// Why a path cannot be in a site, if so: only plain names that mean the same on every system and in every URL.
///
/// # Errors
/// The reason, as the end of a sentence.
pub fn check_path(path: &str) -> Result<(), &'static str> {
    for segment in path.split('/') {
        match segment.as_bytes() {
            [] => return Err("a part of it is empty"),
            [b'.', ..] => return Err("a part of it starts with a point"),
            [.., b'.'] => return Err("a part of it ends with a point"),
            bytes if bytes.len() > SEGMENT_LENGTH_MAX => return Err("a part of it is longer than 255 bytes"),
            bytes => {
                if !bytes
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
                {
                    return Err("it has other characters than letters, digits, `-`, `_` and `.`");
                }
            }
        }
    }
    Ok(())
}

/// 64 digits for 32 bytes.
pub(crate) fn hex(bytes: &[u8; 32]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Calls `each` with every double-quoted `href`, `src` and `action`.
fn scan<'a>(html: &'a str, mut each: impl FnMut(&'a str)) {
    /// Small enough to be looked at byte by byte after a hit, large enough for vector instructions before it.
    const BLOCK: usize = 64;
    let bytes = html.as_bytes();
    let mut start = 0;
    while start + 2 < bytes.len() {
        let end = (start + BLOCK).min(bytes.len() - 2);
        let here = bytes[start..end].iter().zip(&bytes[start + 1..]).zip(&bytes[start + 2..]);
        // Without a branch per byte: 20 KB take 4 microseconds instead of 13.
        let is_hit = here.fold(false, |hit, ((name, equals), quote)| {
            hit | ((*name == b'f') | (*name == b'c') | (*name == b'n')) & (*equals == b'=') & (*quote == b'"')
        });
        if is_hit {
            for at in (start..end).filter(|&at| bytes[at + 1] == b'=' && bytes[at + 2] == b'"') {
                let before = &bytes[..=at];
                let name =
                    ["href", "src", "action"].into_iter().find(|name| before.ends_with(name.as_bytes()));
                // `data-href` is another attribute.
                let is_link = name.is_some_and(|name| {
                    before[..before.len() - name.len()].last().is_some_and(u8::is_ascii_whitespace)
                });
                if is_link && let Some((value, _)) = html[at + 3..].split_once('"') {
                    each(value);
                }
            }
        }
        start = end;
    }
}

/// The path in the tree that `link` means on a page in `folder`; `None` when it leads to a website, a mail or the page
/// itself. One that leaves the tree comes back as it is written, which is no path of any file.
fn resolve(folder: &str, link: &str) -> Option<String> {
    // Template engines write the slash of a value as an entity.
    let link = link.replace("&#x2F;", "/").replace("&#x2f;", "/").replace("&amp;", "&");
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let scheme = path.split_once(':').map_or("", |(scheme, _)| scheme);
    if path.is_empty() || scheme.bytes().any(|byte| byte.is_ascii_alphabetic()) && !scheme.contains('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if path.starts_with('/') {
        return Some(link);
    }
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.is_empty() => return Some(link),
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str) -> Vec<&str> {
        let mut found = Vec::new();
        scan(html, |link| found.push(link));
        found
    }

    #[test]
    fn scan_finds_links_and_nothing_else() {
        // Goal: every link counts, look-alikes do not. Method: one line of HTML per case.
        assert_eq!(
            links(r#"<a class="x" href="a.html">A</a> <img src="b.svg"><form action="c.html">"#),
            ["a.html", "b.svg", "c.html"]
        );
        assert_eq!(links("<a\nhref=\"a.html\">"), ["a.html"]);
        assert_eq!(links(r#"<a data-href="a.html" hrefs="b" href='c' xsrc="d" href=e href="#), [""; 0]);
        assert_eq!(links(r#"<p title="1 = 2"> href="never closed"#), [""; 0]);
    }

    #[test]
    fn scan_finds_a_link_wherever_it_starts() {
        // Goal: no link is lost between two blocks, nor at the end. Method: one link after 0 to 200 other bytes.
        for before in 0..200 {
            for after in 0..3 {
                let html = format!("{} href=\"\u{e4}.html\"{}", "f".repeat(before), " ".repeat(after));
                assert_eq!(links(&html), ["\u{e4}.html"], "{before} {after}");
            }
        }
    }

    #[test]
    fn resolve_follows_the_rules_of_relative_links() {
        // Goal: a link means what a browser makes of it. Method: table of folder, link, path.
        let cases = [
            ("", "a.html", Some("a.html")),
            ("order", "a.html", Some("order/a.html")),
            ("order", "./a.html", Some("order/a.html")),
            ("order", "../assets/app.css", Some("assets/app.css")),
            ("order", "..&#x2F;assets&#x2f;app.css", Some("assets/app.css")),
            ("a/b", "../../c.html?x=1&amp;y=2#top", Some("c.html")),
            ("", "a.html#b:c", Some("a.html")),
            ("", "#top", None),
            ("", "?page=2", None),
            ("", "", None),
            ("", "https://example.com/x", None),
            ("", "mailto:a@example.com", None),
            ("", "data:image/png;base64,AA", None),
            ("", "../x.html", Some("../x.html")),
            ("a", "/x.html", Some("/x.html")),
            ("a", "//host/x.html", Some("//host/x.html")),
            ("a", "../", Some("")),
        ];
        for (folder, link, expected) in cases {
            assert_eq!(resolve(folder, link).as_deref(), expected, "{folder} {link}");
        }
    }

    #[test]
    fn first_page_is_named_whatever_the_order() {
        // Goal: messages do not depend on threads. Method: the same pages in two orders.
        let page = br#"<a href="gone.html">"#;
        let message = |pages: [&str; 3]| {
            let site = Site::in_memory();
            pages.iter().for_each(|path| site.add(path, page).unwrap());
            site.finish().unwrap_err().to_string()
        };
        let expected = "page `a.html` links to `gone.html`, which no page has\n  \
                        page `x/c.html` links to `x/gone.html`, which no page has";
        assert_eq!(message(["a.html", "b.html", "x/c.html"]), expected);
        assert_eq!(message(["x/c.html", "b.html", "a.html"]), expected);
    }
}

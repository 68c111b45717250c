//! A catalog: read, checked against the messages of the program, and kept for good.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Display};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::{Date, SPOKEN, filled, placeholders};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// Every message of the program, each once: its English text and the files that say it, with spaces between them.
pub fn known() -> &'static [(&'static str, &'static str)] {
    MESSAGES
}

/// A language: English, or one with a catalog.
#[derive(Clone, Copy, Default)]
pub struct Language(Option<&'static Catalog>);

/// What is wrong with a catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A message without a translation.
    Missing {
        /// The English text.
        key: String,
        /// The files that say it.
        place: String,
    },
    /// A key that is no message of the program.
    Unknown {
        /// The key.
        key: String,
    },
    /// A translation whose placeholders are not those of the English text. Unlike the others, it stops a build.
    Placeholders {
        /// The English text.
        key: String,
        /// The placeholders of one of the two alone.
        names: Vec<String>,
    },
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing { key, place } => write!(f, "nothing for {key:?} ({place})"),
            Fault::Unknown { key } => write!(f, "{key:?} is no message of tieout"),
            Fault::Placeholders { key, names } => {
                write!(f, "{key:?}: the placeholders {{{}}} are not in both texts", names.join("}, {"))
            }
        }
    }
}

/// The messages of a language.
pub(super) struct Catalog {
    code: String,
    lang: String,
    dates: Dates,
    messages: HashMap<String, String>,
    /// The messages of [`counted`](super::counted) by their plural.
    counts: HashMap<String, String>,
}

/// How dates are written; each form has placeholders of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Dates {
    day: String,
    month: String,
    month_name: String,
    short_day: String,
    days: String,
    span: String,
    moment: String,
}

/// A file of messages.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The value of `lang` on every page.
    lang: Option<String>,
    dates: Option<Dates>,
    #[serde(default)]
    messages: BTreeMap<String, String>,
}

impl Catalog {
    pub(super) fn message(&self, english: &str) -> Option<&str> {
        self.messages.get(english).map(String::as_str)
    }

    pub(super) fn counted(&self, many: &str) -> Option<&str> {
        self.counts.get(many).map(String::as_str)
    }

    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }
}

impl Dates {
    fn forms(&self) -> [(&str, &str, &[&str]); 7] {
        [
            ("day", &self.day, &["year", "month", "day"]),
            ("month", &self.month, &["year", "month"]),
            ("month_name", &self.month_name, &["month"]),
            ("short_day", &self.short_day, &["month", "day"]),
            ("days", &self.days, &["year", "month", "first", "last"]),
            ("span", &self.span, &["from", "to"]),
            ("moment", &self.moment, &["day", "time"]),
        ]
    }

    /// A date in a form.
    pub(crate) fn write(&self, form: Date, values: &[(&str, &dyn Display)]) -> String {
        let form = match form {
            Date::Day => &self.day,
            Date::Month => &self.month,
            Date::MonthName => &self.month_name,
            Date::ShortDay => &self.short_day,
            Date::Days => &self.days,
            Date::Span => &self.span,
            Date::Moment => &self.moment,
        };
        filled(form, values)
    }
}

/// Catalogs by what they were read from: `serve` reads an unchanged one again and again.
static KEPT: Mutex<BTreeMap<String, &'static Catalog>> = Mutex::new(BTreeMap::new());

impl Language {
    /// English, which needs no catalog.
    pub const ENGLISH: Language = Language(None);

    /// Reads a language from the texts of its catalog, each with its path; a later one overrides single messages.
    ///
    /// Shape: the language, and what `tieout check` says of its catalog.
    ///
    /// # Errors
    /// One sentence for each text that cannot be read, each form of a date that is missing, and each translation whose
    /// placeholders differ from those of the English text.
    pub fn read(code: &str, texts: &[(String, String)]) -> Result<(Language, Vec<Fault>), Vec<String>> {
        let mut file = File::default();
        let mut problems = Vec::new();
        let mut origin: BTreeMap<String, &str> = BTreeMap::new();
        for (path, text) in texts {
            match toml::from_str::<File>(text.strip_prefix('\u{feff}').unwrap_or(text)) {
                Ok(read) => {
                    file.lang = read.lang.or(file.lang);
                    file.dates = read.dates.or(file.dates);
                    origin.extend(read.messages.keys().map(|key| (key.clone(), path.as_str())));
                    file.messages.extend(read.messages);
                }
                Err(error) => problems.push(format!("`{path}`: {}", error.to_string().trim())),
            }
        }
        let dates = file.dates.unwrap_or_default();
        let path = texts.first().map_or("", |(path, _)| path.as_str());
        for (name, form, wanted) in dates.forms() {
            if names(form) != wanted.iter().copied().collect() {
                let wanted = wanted.join("}, {");
                problems.push(format!("`{path}`: `{name}` of `[dates]` needs the placeholders {{{wanted}}}"));
            }
        }
        let faults = faults(&file.messages);
        for fault in &faults {
            if let Fault::Placeholders { key, .. } = fault {
                problems.push(format!("`{}`: {fault}", origin.get(key).copied().unwrap_or(path)));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let count =
            |(key, text): (&String, &String)| Some((key.strip_prefix("{count} ")?.to_owned(), text.clone()));
        let catalog = Catalog {
            code: code.to_owned(),
            lang: file.lang.unwrap_or_else(|| code.to_owned()),
            dates,
            counts: file.messages.iter().filter_map(count).collect(),
            messages: file.messages.into_iter().collect(),
        };
        let mut origin = code.to_owned();
        for part in texts.iter().flat_map(|(path, text)| [path, text]) {
            origin.push('\n');
            origin.push_str(part);
        }
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog: &'static Catalog = kept.entry(origin).or_insert_with(|| Box::leak(Box::new(catalog)));
        Ok((Language(Some(catalog)), faults))
    }

    /// The language of the thread.
    pub fn spoken() -> Language {
        Language(SPOKEN.get())
    }

    /// Its code in the configuration: `en`, `zh`.
    pub fn code(self) -> &'static str {
        self.0.map_or("en", |catalog| &catalog.code)
    }

    /// Its name in pages: `en`, `zh-Hans`.
    pub fn lang(self) -> &'static str {
        self.0.map_or("en", |catalog| &catalog.lang)
    }

    /// Whether it is the language of the code.
    pub fn is_english(self) -> bool {
        self.0.is_none()
    }

    /// The messages of some files of the program that have a translation, by their English text.
    pub fn messages_of(self, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<&'static str, &'static str> {
        let Some(catalog) = self.0 else { return BTreeMap::new() };
        let wanted = known().iter().filter(|(_, places)| places.split(' ').any(&is_wanted));
        wanted.filter_map(|(key, _)| Some((*key, catalog.message(key)?))).collect()
    }

    /// The forms of its dates by name, as `[dates]` has them; none in English.
    pub fn date_forms(self) -> Vec<(&'static str, &'static str)> {
        let forms = self.0.map(|catalog| catalog.dates.forms());
        forms.into_iter().flatten().map(|(name, form, _)| (name, form)).collect()
    }

    /// Speaks this language for as long as something runs.
    pub fn within<T>(self, run: impl FnOnce() -> T) -> T {
        struct Before(Option<&'static Catalog>);
        impl Drop for Before {
            fn drop(&mut self) {
                SPOKEN.set(self.0);
            }
        }
        let _before = Before(SPOKEN.replace(self.0));
        run()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

fn faults(messages: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (key, place) in known() {
        match messages.get(*key) {
            None => faults.push(Fault::Missing { key: (*key).to_owned(), place: (*place).to_owned() }),
            Some(text) => {
                let (own, theirs) = (names(key), names(text));
                let differing: Vec<String> =
                    own.symmetric_difference(&theirs).map(|name| (*name).to_owned()).collect();
                if !differing.is_empty() {
                    faults.push(Fault::Placeholders { key: (*key).to_owned(), names: differing });
                }
            }
        }
    }
    let keys: BTreeSet<&str> = known().iter().map(|(key, _)| *key).collect();
    let unknown = messages.keys().filter(|key| !keys.contains(key.as_str()));
    faults.extend(unknown.map(|key| Fault::Unknown { key: key.clone() }));
    faults
}

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Words.
    Text(&'t str),
    /// The name of a value.
    Value(&'t str),
}

/// A sentence in parts, as `format!` reads it: `{{` and `}}` are braces.
pub(super) fn pieces(sentence: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sentence;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = rest.find(['{', '}']).unwrap_or(rest.len());
        if at > 0 {
            let (text, after) = rest.split_at(at);
            rest = after;
            return Some(Piece::Text(text));
        }
        if rest.starts_with("{{") || rest.starts_with("}}") {
            let (brace, after) = (&rest[..1], &rest[2..]);
            rest = after;
            return Some(Piece::Text(brace));
        }
        match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, after)) => {
                rest = after;
                Some(Piece::Value(name))
            }
            None => Some(Piece::Text(std::mem::take(&mut rest))),
        }
    })
}

/// The names of the values of a sentence.
fn names(sentence: &str) -> BTreeSet<&str> {
    placeholders(sentence).collect()
}

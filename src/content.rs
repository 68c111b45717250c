//! The words of the site: statuses, reasons, discrepancy kinds and articles, as people in finance and support edit them.
//!
//! Files on disk override the embedded defaults one by one. A status, reason or kind without its page, a page that
//! nothing knows, and a link that points nowhere are all reported at once, and nothing is built.

pub mod claims;
pub mod customer;

use std::collections::{BTreeMap, BTreeSet};

use customer::CustomerPage;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::model::reference::Reference;
use crate::model::status::Status;
use crate::model::time::AsOf;
use crate::reconcile::kinds::Kind;

/// A page of `content/statuses/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusPage {
    /// `pending_data`, …
    pub code: String,
    /// The label of the brief.
    pub label: String,
    /// The definition of the brief.
    pub definition: String,
    /// Expected next step.
    pub next_step: String,
    /// Typical timeline, as configured.
    pub timeline: String,
    /// Common causes.
    pub causes: Vec<Cause>,
    /// Articles.
    pub kb: Vec<String>,
    /// Sentence templates per audience, for a line that has no other explanation.
    pub explain: Explain,
    /// The page below its front matter, Markdown.
    #[serde(skip)]
    pub body: String,
}

/// A common cause and the article that helps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// In plain words.
    pub text: String,
    /// The article.
    pub kb: String,
}

/// A page of `content/reasons/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonPage {
    /// The canonical reason.
    pub code: String,
    /// In plain words.
    pub label: String,
    /// What it means.
    pub meaning: String,
    /// What to do next.
    pub next_step: String,
    /// When it updates.
    pub expected: String,
    /// Whether something can be done: `yes`, `no` or `unknown` (requirements, trap T-7).
    pub recoverable: String,
    /// What eligibility still requires, for "eligibility requires …".
    pub condition: Option<String>,
    /// What to send.
    pub documents: Vec<String>,
    /// The recommended fix, a sentence template.
    pub fix: Option<String>,
    /// Articles.
    pub kb: Vec<String>,
    /// The page below its front matter, Markdown.
    #[serde(skip)]
    pub body: String,
}

/// A page of `content/discrepancies/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindPage {
    /// The kind.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it means.
    pub definition: String,
    /// How it is detected, in plain words.
    pub rule: String,
    /// What is easily got wrong.
    pub trap: String,
    /// Sentence templates per audience.
    pub explain: Explain,
    /// Steps, sentence templates.
    pub fix: Vec<String>,
    /// What to attach.
    pub evidence: Vec<String>,
    /// What a claim asks the vendor to review, in words that blame nobody; a general one where nothing is given.
    pub claim: Option<String>,
    /// Articles.
    pub kb: Vec<String>,
    /// The page below its front matter, Markdown.
    #[serde(skip)]
    pub body: String,
}

/// One sentence template per audience; an empty one says nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// State, amount if certain, next date.
    pub sales: String,
    /// Batch, orders, condition, amounts with signs.
    pub finance: String,
    /// What is missing, what to confirm.
    pub support: String,
    /// Neutral; empty: the case is not shown to the customer.
    pub customer: String,
}

impl KindPage {
    /// What a claim asks the vendor to review: `the rate of the rebate`.
    pub fn claimed(&self) -> &str {
        self.claim.as_deref().unwrap_or("the amount of the rebate")
    }
}

impl ArticlePage {
    /// Who keeps it up to date, where somebody is named.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty())
    }
}

impl Explain {
    /// The templates in the order of [`Audience::ALL`](crate::explain::Audience::ALL).
    pub fn texts(&self) -> [&str; 4] {
        [&self.sales, &self.finance, &self.support, &self.customer]
    }
}

/// An article of `content/kb/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArticlePage {
    /// Its stable id and address.
    pub id: String,
    /// What a person would search for.
    pub title: String,
    /// The short answer.
    pub summary: String,
    /// Who acts.
    pub who: String,
    /// Who keeps the article up to date.
    pub owner: Option<String>,
    /// More words to find it by.
    pub keywords: Vec<String>,
    /// When it was last reviewed, `YYYY-MM-DD`.
    pub reviewed: String,
    /// The causes it was written for, each the code of a discrepancy and what its cases share:
    /// `account-unmapped account ACC-909`.
    #[serde(default)]
    pub causes: Vec<String>,
    /// When people could first read it, `YYYY-MM-DD`; what is asked before and after is compared (domain 6, M6).
    pub published: Option<String>,
    /// The article, Markdown.
    #[serde(skip)]
    pub body: String,
}

/// `content/claims/letter.md`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterPage {
    /// The subject, a sentence template.
    pub subject: String,
    /// The letter, a sentence template.
    pub text: String,
}

/// All content.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Status pages, in the order of [`Status::ALL`].
    pub statuses: Vec<StatusPage>,
    /// Reason pages by canonical reason.
    pub reasons: BTreeMap<String, ReasonPage>,
    /// Kind pages, in the order of [`Kind::ALL`].
    pub kinds: Vec<KindPage>,
    /// Articles by id.
    pub articles: BTreeMap<String, ArticlePage>,
    /// The letter of a claim.
    pub letter: LetterPage,
    /// The page that a customer sees.
    pub customer: CustomerPage,
    lines: BTreeMap<String, usize>,
}

impl Content {
    /// The physical line of a text in front matter, by its file and key, such as `statuses/paid.md explain.sales` or
    /// `discrepancies/short-paid.md fix 2`; 1 where nothing is known of it.
    pub fn line(&self, place: &str) -> usize {
        self.lines.get(place).copied().unwrap_or(1)
    }

    /// The page of a status.
    pub fn status(&self, status: Status) -> &StatusPage {
        &self.statuses[status as usize]
    }

    /// The page of a kind.
    pub fn kind(&self, kind: Kind) -> &KindPage {
        &self.kinds[kind as usize]
    }

    /// The texts of a language: each file of `zh/` in place of the English one of the same path.
    ///
    /// Shape: the texts, and the paths that have no translation, A-Z; none for a language without such a folder, as English
    /// is.
    ///
    /// # Errors
    /// [`Error::Content`]: every translation of a file that does not exist.
    pub fn in_language(
        files: &BTreeMap<String, String>,
        language: &str,
    ) -> Result<(BTreeMap<String, String>, Vec<String>), Error> {
        let is_translation = |path: &str| path.split_once('/').is_some_and(|(_, rest)| rest.contains('/'));
        let (translations, mut texts): (BTreeMap<_, _>, BTreeMap<_, _>) = files
            .iter()
            .map(|(path, text)| (path.clone(), text.clone()))
            .partition(|(path, _)| is_translation(path));
        let mut untranslated: BTreeSet<String> = texts.keys().cloned().collect();
        let mut problems = Vec::new();
        let mut is_known = false;
        for (path, text) in translations {
            let Some(own) = path.strip_prefix(language).and_then(|rest| rest.strip_prefix('/')) else {
                continue;
            };
            is_known = true;
            if untranslated.remove(own) {
                texts.insert(own.to_owned(), text);
            } else {
                problems
                    .push(format!("`content/{path}` translates no file of `content/`; rename or remove it"));
            }
        }
        if problems.is_empty() {
            let untranslated = untranslated.into_iter().filter(|_| is_known).collect();
            Ok((texts, untranslated))
        } else {
            Err(Error::Content { problems })
        }
    }

    /// Reads content from texts by path, such as `statuses/paid.md`.
    ///
    /// # Errors
    /// [`Error::Content`]: every unreadable file, every status or kind without a page, every page that nothing
    /// knows, and every article that is named and does not exist.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Content, Error> {
        let mut reader = Reader { files, problems: Vec::new(), lines: BTreeMap::new() };
        let mut content = Content::default();
        let mut statuses: BTreeMap<String, StatusPage> =
            reader.folder("statuses", |p: &mut StatusPage, body| p.body = body);
        let mut kinds: BTreeMap<String, KindPage> =
            reader.folder("discrepancies", |p: &mut KindPage, body| p.body = body);
        content.reasons = reader.folder("reasons", |p: &mut ReasonPage, body| p.body = body);
        content.articles = reader.folder("kb", |p: &mut ArticlePage, body| p.body = body);
        let mut letters: BTreeMap<String, LetterPage> = reader.folder("claims", |_, _| {});
        match letters.remove("letter") {
            Some(letter) => content.letter = letter,
            None => reader.say("a claim has no letter; write `content/claims/letter.md`".to_owned()),
        }
        let mut customers: BTreeMap<String, CustomerPage> = reader.folder("customer", |_, _| {});
        match customers.remove("page") {
            Some(page) => {
                page.problem()
                    .into_iter()
                    .for_each(|problem| reader.say(format!("`content/customer/page.md`: {problem}")));
                content.customer = page;
            }
            None => reader.say("customers have no page; write `content/customer/page.md`".to_owned()),
        }
        for status in Status::ALL {
            match statuses.remove(status.slug()) {
                Some(page) => content.statuses.push(page),
                None => reader.say(format!(
                    "status `{}` has no page; write `content/statuses/{}.md`",
                    status.label(),
                    status.slug()
                )),
            }
        }
        for kind in Kind::ALL {
            match kinds.remove(kind.code()) {
                Some(page) => content.kinds.push(page),
                None => reader.say(format!(
                    "discrepancy kind `{0}` has no page; write `content/discrepancies/{0}.md`",
                    kind.code()
                )),
            }
        }
        let unknown_statuses = statuses.keys().map(|n| ("statuses", n));
        let unknown_kinds = kinds.keys().map(|n| ("discrepancies", n));
        let others = letters.keys().map(|n| ("claims", n)).chain(customers.keys().map(|n| ("customer", n)));
        for (folder, name) in unknown_statuses.chain(unknown_kinds).chain(others) {
            reader.say(format!(
                "`content/{folder}/{name}.md` is about nothing that tieout knows; rename or remove it"
            ));
        }
        reader.check_codes(&content);
        reader.check_articles(&content);
        content.lines = std::mem::take(&mut reader.lines);
        if reader.problems.is_empty() {
            Ok(content)
        } else {
            Err(Error::Content { problems: reader.problems })
        }
    }

    /// Checks that every canonical reason of the reason map has a page and every implied kind exists.
    ///
    /// # Errors
    /// [`Error::Content`], one sentence per problem.
    pub fn check_reference(&self, reference: &Reference) -> Result<(), Error> {
        let mut problems: BTreeSet<String> = BTreeSet::new();
        for row in &reference.reasons {
            if !self.reasons.contains_key(row.reason.as_str()) {
                problems.insert(format!(
                    "reason `{0}` of `reason_map.csv` has no page; write `content/reasons/{0}.md`",
                    row.reason
                ));
            }
            if let Some(code) = row.implies.filter(|code| Kind::parse(code).is_none()) {
                problems.insert(format!(
                    "`reason_map.csv` says that `{}` implies `{code}`, which is no discrepancy kind",
                    row.raw
                ));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::Content { problems: problems.into_iter().collect() })
        }
    }
}

struct Reader<'a> {
    files: &'a BTreeMap<String, String>,
    problems: Vec<String>,
    lines: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn say(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn folder<P: DeserializeOwned>(
        &mut self,
        folder: &str,
        set_body: impl Fn(&mut P, String),
    ) -> BTreeMap<String, P> {
        let mut pages = BTreeMap::new();
        for (path, text) in self.files {
            let Some(name) = path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')) else { continue };
            let Some(name) = name.strip_suffix(".md") else { continue };
            match parse::<P>(text) {
                Ok((mut page, body)) => {
                    self.lines.extend(text_lines(text).map(|(key, line)| (format!("{path} {key}"), line)));
                    set_body(&mut page, body);
                    pages.insert(name.to_owned(), page);
                }
                Err(problem) => self.problems.push(format!("`content/{path}`: {problem}")),
            }
        }
        pages
    }

    fn check_codes(&mut self, content: &Content) {
        let mut wrong = Vec::new();
        for (status, page) in Status::ALL.iter().zip(&content.statuses) {
            if page.code != status.code() {
                wrong.push(format!("`content/statuses/{}.md` says code = `{}`", status.slug(), page.code));
            }
        }
        for (name, code) in content.reasons.iter().map(|(n, p)| (n, &p.code)) {
            if name != code {
                wrong
                    .push(format!("`content/reasons/{name}.md` says code = `{code}`; the two must be equal"));
            }
        }
        for page in content.kinds.iter().filter(|p| Kind::parse(&p.code).is_none()) {
            wrong.push(format!(
                "a page of `content/discrepancies/` says code = `{}`, which is no kind",
                page.code
            ));
        }
        for (name, page) in content.articles.iter().filter(|(name, page)| **name != page.id) {
            wrong.push(format!("`content/kb/{name}.md` says id = `{}`; the two must be equal", page.id));
        }
        self.problems.extend(wrong);
    }

    fn check_articles(&mut self, content: &Content) {
        let mut named: Vec<(String, &str)> = Vec::new();
        for page in &content.statuses {
            let place = format!("status `{}`", page.label);
            named.extend(page.kb.iter().map(|id| (place.clone(), id.as_str())));
            named.extend(page.causes.iter().map(|c| (place.clone(), c.kb.as_str())));
        }
        for (code, page) in &content.reasons {
            named.extend(page.kb.iter().map(|id| (format!("reason `{code}`"), id.as_str())));
        }
        for page in &content.kinds {
            named.extend(page.kb.iter().map(|id| (format!("kind `{}`", page.code), id.as_str())));
            if page.kb.is_empty() {
                self.problems.push(format!("kind `{}` names no article", page.code));
            }
        }
        for (id, day) in content.articles.iter().filter_map(|(id, a)| Some((id, a.published.as_deref()?))) {
            if AsOf::parse(day).is_none_or(|day| day.minute().is_some()) {
                self.problems.push(format!(
                    "`content/kb/{id}.md` says published = \"{day}\", which is no day; write it as YYYY-MM-DD"
                ));
            }
        }
        let used: BTreeSet<&str> = named.iter().map(|(_, id)| *id).collect();
        for (place, id) in &named {
            if !content.articles.contains_key(*id) {
                self.problems.push(format!(
                    "{place} names the article `{id}`, which does not exist; write `content/kb/{id}.md`"
                ));
            }
        }
        for (id, article) in &content.articles {
            for cause in &article.causes {
                let code = cause.split_once(' ').map_or(cause.as_str(), |(code, _)| code);
                if Kind::parse(code).is_none() {
                    self.problems.push(format!(
                        "`content/kb/{id}.md` is for the cause `{cause}`, and `{code}` is no kind; write the code of a \
                         discrepancy and what its cases share, as `tieout kb coverage` prints it"
                    ));
                }
            }
            if article.causes.is_empty() && !used.contains(id.as_str()) {
                self.problems.push(format!(
                    "nothing links to the article `content/kb/{id}.md`; name it in a status, reason or kind, or name in it the \
                     `causes` it is for"
                ));
            }
        }
    }
}

/// Splits a page into its front matter (TOML between two lines of `+++`) and its body.
fn parse<P: DeserializeOwned>(text: &str) -> Result<(P, String), String> {
    let text = unified(text);
    let (front, body) = halves(&text)?;
    let page = toml::from_str(front).map_err(|error| {
        let place = error.span().map_or_else(String::new, |s| format!(" (line {})", line_at(front, s.start)));
        error.message().to_owned() + &place
    })?;
    Ok((page, body.trim().to_owned()))
}

fn unified(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
}

fn halves(text: &str) -> Result<(&str, &str), &'static str> {
    let rest = text.strip_prefix("+++\n").ok_or("the first line must be `+++`")?;
    rest.split_once("\n+++\n")
        .or_else(|| Some((rest.strip_suffix("\n+++")?, "")))
        .ok_or("the front matter is not closed by a line `+++`")
}

/// The physical line of a place in the front matter, which starts on line 2.
fn line_at(front: &str, place: usize) -> usize {
    front.get(..place).unwrap_or("").matches('\n').count() + 2
}

/// The key of every text of the front matter with its line: `explain.sales`, `fix 2`.
fn text_lines(text: &str) -> impl Iterator<Item = (String, usize)> {
    fn walk(
        front: &str,
        key: String,
        value: &toml::Spanned<toml::de::DeValue<'_>>,
        out: &mut Vec<(String, usize)>,
    ) {
        out.push((key.clone(), line_at(front, value.span().start)));
        match value.get_ref() {
            toml::de::DeValue::Table(table) => {
                for (name, value) in table {
                    walk(front, format!("{key}.{}", name.get_ref()), value, out);
                }
            }
            toml::de::DeValue::Array(items) => {
                for (number, value) in items.iter().enumerate() {
                    walk(front, format!("{key} {}", number + 1), value, out);
                }
            }
            toml::de::DeValue::String(_)
            | toml::de::DeValue::Integer(_)
            | toml::de::DeValue::Float(_)
            | toml::de::DeValue::Boolean(_)
            | toml::de::DeValue::Datetime(_) => {}
        }
    }
    let text = unified(text);
    let mut lines = Vec::new();
    if let Ok((front, _)) = halves(&text)
        && let Ok(table) = toml::de::DeTable::parse(front)
    {
        for (name, value) in table.get_ref() {
            walk(front, name.get_ref().to_string(), value, &mut lines);
        }
    }
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_problems_name_their_line() {
        let text = "+++\ncode = \"frozen\"\nlabel = 7\n+++\nbody";
        let problem = parse::<ReasonPage>(text).unwrap_err();
        assert!(problem.contains("(line 3)"), "{problem}");
        assert!(parse::<ReasonPage>("no front matter").unwrap_err().contains("first line"));
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let Err(Error::Content { problems }) = Content::read(&BTreeMap::new()) else { panic!("must fail") };
        assert_eq!(problems.len(), Status::ALL.len() + Kind::ALL.len() + 2);
        assert!(problems.iter().any(|p| p.contains("content/claims/letter.md")));
        assert!(problems.iter().any(|p| p.contains("content/statuses/paid.md")));
    }
}

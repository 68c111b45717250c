//! What the articles of the knowledge base are good for now, and what has none.

mod draft;
mod past;
mod related;
mod told;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Report;
use crate::content::ArticlePage;
use crate::history::{SnapshotNumber, Stay};
use crate::model::money::MoneyByCurrency;
use crate::model::status::Status;
use crate::model::time::AsOf;
use crate::reconcile::Case;
use crate::reconcile::causes::Cause;
use crate::reconcile::kinds::Kind;
use crate::reconcile::matching::numbered;

pub use draft::{Draft, Heading};
pub(super) use past::Traces;
pub use past::{ArticlePast, TOLD};
pub use related::{RELATED, RULE, related};
pub use told::Told;

/// Cases of one cause from which it is a repeated one, and worth an article of its own.
pub const REPEATED: usize = 3;
/// Days after which an article wants to be read again.
pub const REVIEW_DAYS: i64 = 180;

/// An article and what it helps with in this snapshot.
#[derive(Debug)]
pub struct ArticleUse<'r> {
    /// The article.
    pub article: &'r ArticlePage,
    /// The kinds whose page names it, with their cases.
    pub kinds: Vec<(Kind, usize)>,
    /// The causes that it is for, as far as they have cases.
    pub causes: Vec<&'r Cause>,
    /// Cases of these kinds and causes, each counted once.
    pub cases: usize,
    /// What is at stake in them.
    pub at_stake: MoneyByCurrency,
    /// Days since its last review, at the as-of date; nothing where its date is none.
    pub days: Option<i64>,
}

impl ArticleUse<'_> {
    /// Whether it wants to be read again.
    pub fn is_stale(&self) -> bool {
        self.days.is_none_or(|days| days > REVIEW_DAYS)
    }
}

/// A word of the vendor or of ours that leads to no article.
#[derive(Debug)]
pub struct Uncovered {
    /// `status` or `reason`.
    pub what: &'static str,
    /// Its code.
    pub code: String,
    /// What it is called.
    pub label: String,
    /// Lines that have it now.
    pub lines: usize,
}

/// How a cause is named in the front matter of an article: the code of its kind, and what its cases share.
pub fn name_of(cause: &Cause) -> String {
    name(cause.kind, &cause.root)
}

/// The command that begins an article for a cause, as a shell takes it.
pub fn begin_with(cause: &Cause) -> String {
    format!("tieout kb new '{}'", name_of(cause).replace('\'', "'\\''"))
}

fn name(kind: Kind, root: &str) -> String {
    format!("{} {root}", kind.code()).trim_end().to_owned()
}

/// The code of the kind and what the cases share, of a cause as the front matter names it.
fn names_of(cause: &str) -> (&str, &str) {
    cause.split_once(' ').unwrap_or((cause, ""))
}

impl Report<'_> {
    /// The kinds whose page names an article.
    fn kinds_of(&self, article: &ArticlePage) -> Vec<Kind> {
        let names = |kind: &Kind| self.sources.content.kind(*kind).kb.contains(&article.id);
        Kind::ALL.iter().copied().filter(names).collect()
    }

    /// How a case that an article is for was cleared in a snapshot.
    pub fn tell_cleared(&self, at: SnapshotNumber, stay: Stay) -> Told {
        told::told(self, at, stay)
    }

    /// What an article helps with.
    pub fn article_use<'r>(&'r self, article: &'r ArticlePage) -> ArticleUse<'r> {
        let kinds: Vec<(Kind, usize)> =
            self.kinds_of(article).into_iter().map(|kind| (kind, self.cases_of(kind).count())).collect();
        let is_for = |cause: &&Cause| article.causes.contains(&name_of(cause));
        let causes: Vec<&Cause> = self.causes.iter().filter(is_for).collect();
        let of_kinds: BTreeSet<Kind> = kinds.iter().map(|(kind, _)| *kind).collect();
        let of_causes: BTreeSet<u32> = causes.iter().flat_map(|cause| &cause.cases).copied().collect();
        let (mut cases, mut at_stake) = (0, MoneyByCurrency::default());
        for (number, case) in numbered(&self.reconciled.cases) {
            let is_of_kind = case.primary().is_some_and(|finding| of_kinds.contains(&finding.kind));
            if is_of_kind || of_causes.contains(&number) {
                cases += 1;
                at_stake.extend(case.at_stake());
            }
        }
        let reviewed = NaiveDate::parse_from_str(&article.reviewed, "%Y-%m-%d").ok();
        let days = reviewed.map(|day| (self.reconciled.as_of().date() - day).num_days());
        ArticleUse { article, kinds, causes, cases, at_stake, days }
    }

    /// Every article with what it helps with, those with most cases first.
    pub fn article_uses(&self) -> Vec<ArticleUse<'_>> {
        let articles = self.sources.content.articles.values();
        let mut all: Vec<ArticleUse<'_>> = articles.map(|article| self.article_use(article)).collect();
        all.sort_by(|a, b| b.cases.cmp(&a.cases).then_with(|| a.article.title.cmp(&b.article.title)));
        all
    }

    /// The articles that were written for the cause of a case.
    pub(super) fn articles_of_case(&self, case: &Case) -> Vec<&ArticlePage> {
        let Some(finding) = case.primary() else { return Vec::new() };
        let name = name(finding.kind, &self.reconciled.root(case));
        let articles = self.sources.content.articles.values();
        articles.filter(|article| article.causes.contains(&name)).collect()
    }

    /// The repeated causes that no article is for, those with most cases first.
    pub fn causes_without_article(&self) -> Vec<&Cause> {
        let is_named = |cause: &Cause| {
            let name = name_of(cause);
            self.sources.content.articles.values().any(|article| article.causes.contains(&name))
        };
        let mut all: Vec<&Cause> = self
            .causes
            .iter()
            .filter(|cause| cause.cases.len() >= REPEATED && !cause.root.is_empty() && !is_named(cause))
            .collect();
        all.sort_by_key(|cause| std::cmp::Reverse(cause.cases.len()));
        all
    }

    /// The first and the last snapshot that show a cause.
    pub fn seen(&self, cause: &Cause) -> Option<(AsOf, AsOf)> {
        let history = self.sources.history;
        let stays = history.roots.of(cause.kind, &cause.root);
        let last = match stays.last()?.1 {
            Some(end) => end.saturating_sub(1),
            None => history.newest(),
        };
        Some((history.as_of(stays.first()?.0), history.as_of(last)))
    }

    /// The statuses and reasons whose page leads to no article, those with most lines first.
    pub fn words_without_article(&self) -> Vec<Uncovered> {
        let content = self.sources.content;
        let lines = &self.reconciled.snapshot.records.lines;
        let statuses = Status::ALL.into_iter().filter(|status| {
            let page = content.status(*status);
            page.kb.is_empty() && page.causes.is_empty()
        });
        let statuses = statuses.map(|status| Uncovered {
            what: "status",
            code: status.slug().to_owned(),
            label: status.label().to_owned(),
            lines: lines.iter().filter(|line| line.status == status).count(),
        });
        let reasons = content.reasons.values().filter(|page| page.kb.is_empty());
        let reasons = reasons.map(|page| Uncovered {
            what: "reason",
            code: page.code.clone(),
            label: page.label.clone(),
            lines: lines
                .iter()
                .filter(|line| {
                    self.reconciled
                        .reason(line.reason_key)
                        .is_some_and(|row| row.reason == page.code.as_str())
                })
                .count(),
        });
        let mut all: Vec<Uncovered> = statuses.chain(reasons).collect();
        all.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.code.cmp(&b.code)));
        all
    }
}

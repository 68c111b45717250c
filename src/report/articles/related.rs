//! Which articles go together.

use std::collections::BTreeSet;

use crate::content::{ArticlePage, Content};
use crate::mark;

/// Articles that another one leads to.
pub const RELATED: usize = 5;

/// The rule, as pages say it with [`label`](crate::language::label).
pub const RULE: &str = mark!(
    "Named by the same statuses, reasons or discrepancies, or one links to the other; most in common first."
);

/// The articles that have most in common with one: each status, reason or discrepancy whose page names both counts once, and
/// so does a link from one to the other. At most [`RELATED`], those with most in common first, then by title.
pub fn related<'c>(content: &'c Content, article: &ArticlePage) -> Vec<&'c ArticlePage> {
    let named = namings(content);
    let in_common = |other: &ArticlePage| {
        let together =
            named.iter().filter(|ids| [&article.id, &other.id].iter().all(|id| ids.contains(id.as_str())));
        together.count() + usize::from(links_to(article, other) || links_to(other, article))
    };
    let mut all: Vec<(usize, &ArticlePage)> = content
        .articles
        .values()
        .filter(|other| other.id != article.id)
        .map(|other| (in_common(other), other))
        .filter(|(count, _)| *count > 0)
        .collect();
    all.sort_by(|(count, a), (more, b)| {
        more.cmp(count).then_with(|| (&a.title, &a.id).cmp(&(&b.title, &b.id)))
    });
    all.into_iter().take(RELATED).map(|(_, other)| other).collect()
}

/// The articles that each status, reason and discrepancy names.
fn namings(content: &Content) -> Vec<BTreeSet<&str>> {
    let statuses = content.statuses.iter().map(|page| {
        page.kb.iter().chain(page.causes.iter().map(|cause| &cause.kb)).map(String::as_str).collect()
    });
    let reasons = content.reasons.values().map(|page| page.kb.iter().map(String::as_str).collect());
    let kinds = content.kinds.iter().map(|page| page.kb.iter().map(String::as_str).collect());
    statuses.chain(reasons).chain(kinds).collect()
}

/// Whether the text of an article has a link to another one: `](kb-caps.html)`, with or without a place behind it.
fn links_to(article: &ArticlePage, other: &ArticlePage) -> bool {
    let page = format!("{}.html", other.id);
    article.body.match_indices(&page).any(|(at, _)| {
        let before = &article.body[..at];
        before.ends_with("](") || before.ends_with("](../kb/") || before.ends_with("](./")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn content() -> Content {
        Content::read(&crate::embedded::content(Path::new("no such folder")).unwrap()).unwrap()
    }

    #[test]
    fn related_articles_follow_the_rule() {
        // Goal: at most five, never the article itself, each with something in common, most first; a link counts from either end,
        // and one to an id that only begins alike does not. Method: every built-in article, counted in another way; then a link
        // that is written into one of two articles that no page names together.
        let mut content = content();
        let mut pairs = 0;
        for article in content.articles.values() {
            let found = related(&content, article);
            assert!(found.len() <= RELATED && found.iter().all(|other| other.id != article.id));
            pairs += found.len();
        }
        assert!(pairs > content.articles.len(), "{pairs}");
        let is_related = |content: &Content, a: &str, b: &str| {
            related(content, &content.articles[a]).iter().any(|other| other.id == b)
        };
        let (a, b) = ("kb-caps", "kb-calendar");
        assert!(!is_related(&content, a, b) && !is_related(&content, b, a));
        let body = content.articles[a].body.clone();
        content.articles.get_mut(a).unwrap().body = format!("{body} [x](old-kb-calendar.html)");
        assert!(!is_related(&content, a, b));
        content.articles.get_mut(a).unwrap().body = format!("{body} [x](kb-calendar.html#steps)");
        assert!(links_to(&content.articles[a], &content.articles[b]));
        let places: Vec<bool> = [(a, b), (b, a)].iter().map(|(a, b)| is_related(&content, a, b)).collect();
        let fits = |id: &str| related(&content, &content.articles[id]).len() < RELATED;
        assert!(places[0] || !fits(a), "a link from it counts");
        assert!(places[1] || !fits(b), "a link to it counts");
        assert!(places[0] || places[1]);
    }
}

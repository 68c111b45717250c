//! The knowledge base: articles of common fixes, and what each helps with now.

use chrono::NaiveDate;

use super::super::lists::count_of;
use super::super::page::{Article, Block, Link, Page, Text};
use super::super::{Made, Report};
use super::{article_path, body, from_overview, head, panel, paragraph, section};
use crate::content::ArticlePage;
use crate::error::Error;
use crate::model::time::date_in_words;
use crate::reconcile::kinds::Kind;

/// The kinds whose page names an article, with their cases now.
fn helps_with(report: &Report<'_>, id: &str) -> Vec<(Kind, usize)> {
    let names = |kind: Kind| report.sources.content.kind(kind).kb.iter().any(|other| other == id);
    Kind::ALL
        .iter()
        .copied()
        .filter(|k| names(*k))
        .map(|kind| (kind, report.cases_of(kind).count()))
        .collect()
}

fn cases_now(report: &Report<'_>, id: &str) -> usize {
    helps_with(report, id).into_iter().map(|(_, count)| count).sum()
}

/// `kb/index.html`: all articles, those that help most cases first.
pub(in crate::report) fn articles(report: &Report<'_>) -> Made {
    let lead = "Common fixes. Each article says how to recognize the problem, what to do, what to attach and who acts.";
    let mut page: Page =
        head("kb/index.html", "kb", from_overview(), "Knowledge base", vec![Text::plain(lead)]);
    let mut articles: Vec<(usize, &ArticlePage)> =
        report.sources.content.articles.values().map(|a| (cases_now(report, &a.id), a)).collect();
    articles.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.title.cmp(&b.1.title)));
    page.facts = vec![
        vec![Text::plain(count_of(articles.len(), "article", "articles"))],
        vec![Text::link("Every reason code in plain words", "reason/index.html")],
        vec![Text::link("Every discrepancy", "discrepancy/index.html")],
        vec![Text::plain(format!("Snapshot {}", report.reconciled.as_of().in_words()))],
    ];
    let entries = articles.into_iter().map(|(count, article)| entry(report, article, count)).collect();
    page.main = vec![section(
        "articles",
        "Articles, most cases now first",
        vec![Block::Articles { articles: entries }],
    )];
    page.into()
}

fn entry(report: &Report<'_>, article: &ArticlePage, count: usize) -> Article {
    Article {
        link: Link::to(article.title.clone(), article_path(&article.id)),
        summary: format!(
            "{} {} acts · {} now · reviewed {}",
            article.summary,
            article.who,
            count_of(count, "case", "cases"),
            reviewed(article)
        ),
        keywords: keywords(report, article),
    }
}

/// What an article is found by besides its title: its own words, and the codes that lead to it.
fn keywords(report: &Report<'_>, article: &ArticlePage) -> String {
    let mut words: Vec<&str> = article.keywords.iter().map(String::as_str).collect();
    words.push(&article.id);
    let content = report.sources.content;
    for (code, reason) in content.reasons.iter().filter(|(_, reason)| reason.kb.contains(&article.id)) {
        words.extend([code.as_str(), reason.label.as_str()]);
        let rows = report.reconciled.rules.reference.reasons.iter().filter(|row| row.reason == code.as_str());
        words.extend(rows.map(|row| row.raw.as_str()));
    }
    for (kind, _) in helps_with(report, &article.id) {
        words.extend([kind.code(), content.kind(kind).title.as_str()]);
    }
    words.join(" ")
}

/// The review date in words, or as it is written when it is no date.
fn reviewed(article: &ArticlePage) -> String {
    NaiveDate::parse_from_str(&article.reviewed, "%Y-%m-%d")
        .map_or_else(|_| article.reviewed.clone(), date_in_words)
}

/// `kb/<id>.html`.
///
/// # Errors
/// [`Error::Content`] when its text cannot be shown.
pub(in crate::report) fn article(report: &Report<'_>, id: &str) -> Result<Made, Error> {
    let Some(content) = report.sources.content.articles.get(id) else { return Ok(Made::default()) };
    let path = article_path(id);
    let address = public_address(report.sources.base_url, &path);
    let mut page = head(
        path,
        "kb",
        Link::to("Knowledge base", "kb/index.html"),
        &content.title,
        vec![Text::plain(content.summary.clone())],
    );
    page.kind = "article";
    page.ticket = format!("{} · reviewed {} · {address}", content.title, reviewed(content));
    page.facts = vec![
        vec![Text::plain(format!("{} acts", content.who))],
        vec![Text::plain(format!("Last reviewed {}", reviewed(content)))],
        vec![Text::plain(format!("Helps with {} now", count_of(cases_now(report, id), "case", "cases")))],
    ];
    page.main = body(report, &format!("kb/{id}.md"), &content.body)?;
    page.side = vec![affected(report, id)];
    page.side_more = linking(report, id);
    page.side_more.push(panel(
        "Permanent address",
        vec![
            Block::CopyBox { id: "address".to_owned(), text: address },
            paragraph("This address does not change when the title does."),
        ],
    ));
    Ok(page.into())
}

/// Where a page is reached from outside; without a known site, its place in the tree.
fn public_address(base_url: &str, path: &str) -> String {
    if base_url.is_empty() { path.to_owned() } else { format!("{}/{path}", base_url.trim_end_matches('/')) }
}

fn affected(report: &Report<'_>, id: &str) -> Block {
    let items: Vec<Vec<Text>> = helps_with(report, id)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| {
            let title = report.sources.content.kind(kind).title.clone();
            vec![
                Text::link(title, format!("discrepancy/{}.html#cases", kind.code())),
                Text::plain(format!(": {}", count_of(count, "case", "cases"))),
            ]
        })
        .collect();
    let blocks = if items.is_empty() {
        vec![paragraph("No case needs this article in this snapshot.")]
    } else {
        vec![Block::List { ordered: false, items }]
    };
    panel("Cases affected now", blocks)
}

/// The pages that name an article: statuses, reasons and discrepancies.
fn linking(report: &Report<'_>, id: &str) -> Vec<Block> {
    let content = report.sources.content;
    let statuses = content
        .statuses
        .iter()
        .zip(crate::model::status::Status::ALL)
        .filter(|(page, _)| page.kb.iter().chain(page.causes.iter().map(|c| &c.kb)).any(|other| other == id))
        .map(|(page, status)| (format!("Status {}", page.label), format!("status/{}.html", status.slug())));
    let reasons = content
        .reasons
        .iter()
        .filter(|(_, page)| page.kb.iter().any(|other| other == id))
        .map(|(code, page)| (format!("Reason: {}", page.label), format!("reason/{code}.html")));
    let kinds = helps_with(report, id).into_iter().map(|(kind, _)| {
        (format!("Discrepancy: {}", content.kind(kind).title), format!("discrepancy/{}.html", kind.code()))
    });
    let items: Vec<Vec<Text>> =
        statuses.chain(reasons).chain(kinds).map(|(text, href)| vec![Text::link(text, href)]).collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![panel("Pages that link here", vec![Block::List { ordered: false, items }])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_slash_between_its_parts() {
        assert_eq!(public_address("", "kb/a.html"), "kb/a.html");
        assert_eq!(public_address("https://x.example/r/", "kb/a.html"), "https://x.example/r/kb/a.html");
        assert_eq!(public_address("https://x.example", "kb/a.html"), "https://x.example/kb/a.html");
    }
}

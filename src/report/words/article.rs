//! The knowledge base: articles of common fixes, and what each helps with now.

mod past;
mod repeated;

use chrono::NaiveDate;

use super::super::articles::{self, ArticleUse};
use super::super::causes;
use super::super::lists::count_of;
use super::super::page::{Article, Block, Link, Page, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report};
use super::{amounts, article_path, body, from_overview, head, panel, paragraph, section};
use crate::content::ArticlePage;
use crate::error::Error;
use crate::language::label;
use crate::model::time::date_in_words;
use crate::say;

pub(in crate::report) use repeated::repeated;

/// `kb/index.html`: all articles, those that help most cases first.
pub(in crate::report) fn articles(report: &Report<'_>) -> Made {
    let lead = say!(
        "Common fixes. Each article says how to recognize the problem, what to do, what to attach and who acts."
    );
    let mut page: Page =
        head("kb/index.html", "kb", from_overview(), say!("Knowledge base"), vec![Text::plain(lead)]);
    let articles = report.article_uses();
    page.facts = vec![
        vec![Text::plain(count_of(articles.len(), "article", "articles"))],
        vec![Text::link(say!("Every reason code in plain words"), "reason/index.html")],
        vec![Text::link(say!("Every discrepancy"), "discrepancy/index.html")],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    let entries = articles.iter().map(|used| entry(report, used)).collect();
    page.main = vec![section(
        "articles",
        say!("Articles, most cases now first"),
        vec![Block::Articles { articles: entries }],
    )];
    let repeated = repeated(report);
    if repeated.rows.is_empty() {
        return page.into();
    }
    page.facts.push(vec![Text::link(say!("Repeated causes without an article"), "kb/index.html#repeated")]);
    page.main.push(section(
        "repeated",
        say!("Repeated causes without an article"),
        vec![
            paragraph(say!(
                "`tieout kb new` begins an article for one of them, with its cases and what is known of it."
            )),
            Block::Table(repeated),
        ],
    ));
    page.into()
}

fn entry(report: &Report<'_>, used: &ArticleUse<'_>) -> Article {
    let article = used.article;
    let overdue = if used.is_stale() { say!(", review overdue") } else { "" };
    let owner = article.owner().map_or_else(String::new, |owner| say!(", kept up to date by {owner}", owner));
    Article {
        link: Link::to(article.title.clone(), article_path(&article.id)),
        summary: say!(
            "{summary} {who} acts · {cases} now · reviewed {article}{owner}{overdue}",
            summary = article.summary,
            who = article.who,
            cases = count_of(used.cases, "case", "cases"),
            article = reviewed(article),
            owner,
            overdue
        ),
        keywords: keywords(report, used),
    }
}

/// What an article is found by besides its title: its own words, and the codes that lead to it.
fn keywords(report: &Report<'_>, used: &ArticleUse<'_>) -> String {
    let article = used.article;
    let mut words: Vec<&str> = article.keywords.iter().map(String::as_str).collect();
    words.push(&article.id);
    let content = report.sources.content;
    for (code, reason) in content.reasons.iter().filter(|(_, reason)| reason.kb.contains(&article.id)) {
        words.extend([code.as_str(), reason.label.as_str()]);
        let rows = report.reconciled.rules.reference.reasons.iter().filter(|row| row.reason == code.as_str());
        words.extend(rows.map(|row| row.raw.as_str()));
    }
    words.extend(article.causes.iter().map(String::as_str));
    for (kind, _) in &used.kinds {
        words.extend([kind.code(), content.kind(*kind).title.as_str()]);
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
    let (used, past) = (report.article_use(content), report.article_past(content));
    let path = article_path(id);
    let address = public_address(report.sources.base_url, &path);
    let cases = format!("{path}#cases");
    let mut page = head(
        path,
        "kb",
        Link::to(say!("Knowledge base"), "kb/index.html"),
        &content.title,
        vec![Text::plain(content.summary.clone())],
    );
    page.kind = say!("article");
    page.ticket = say!(
        "{title} · reviewed {content} · {address}",
        title = content.title,
        content = reviewed(content),
        address
    );
    page.facts = vec![
        vec![Text::plain(say!("{who} acts", who = content.who))],
        vec![Text::plain(match content.owner() {
            Some(owner) => say!(
                "Last reviewed {content}, kept up to date by {owner}",
                content = reviewed(content),
                owner
            ),
            None => say!("Last reviewed {content}", content = reviewed(content)),
        })],
        vec![Text::link(
            say!("Helps with {cases} now", cases = count_of(used.cases, "case", "cases")),
            cases,
        )],
    ];
    page.facts.extend(past::facts(report, &past));
    page.main = body(report, &format!("kb/{id}.md"), &content.body)?;
    page.main.push(section("cases", say!("Cases affected now"), vec![Block::Table(affected(report, &used))]));
    page.main.extend(past::sections(report, content, &past));
    page.side_more = related(report, content).into_iter().collect();
    page.side_more.extend(linking(report, &used));
    page.side_more.push(panel(
        say!("Permanent address"),
        vec![
            Block::CopyBox { id: "address".to_owned(), text: address },
            paragraph(say!("This address does not change when the title does.")),
        ],
    ));
    Ok(page.into())
}

/// Where a page is reached from outside; without a known site, its place in the tree.
fn public_address(base_url: &str, path: &str) -> String {
    if base_url.is_empty() { path.to_owned() } else { format!("{}/{path}", base_url.trim_end_matches('/')) }
}

fn affected(report: &Report<'_>, used: &ArticleUse<'_>) -> Table {
    let of_causes = used.causes.iter().map(|cause| {
        let (name, place) = (causes::name(report, cause), causes::place(report, cause));
        (name, place, cause.cases.len(), cause.at_stake.clone())
    });
    let of_kinds = used.kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| {
        let title = report.sources.content.kind(*kind).title.clone();
        let sums = super::at_stake(report.cases_of(*kind));
        (title, format!("discrepancy/{}.html#cases", kind.code()), *count, sums)
    });
    let rows = of_causes.chain(of_kinds).map(|(name, place, count, sums)| Row {
        cells: vec![Cell::link(name, place), Cell::count(count), amounts(&sums)],
        ..Row::default()
    });
    Table {
        id: "cases-list".to_owned(),
        caption: say!("Each with its cases of this snapshot, and what is at stake in them.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("What it helps with"),
            Column::number("Cases"),
            Column::money("At stake", "at-stake"),
        ],
        rows: rows.collect(),
        empty: say!("No case needs this article in this snapshot.").to_owned(),
        ..Table::default()
    }
}

/// The articles that go together with one.
fn related(report: &Report<'_>, article: &ArticlePage) -> Option<Block> {
    let all = articles::related(report.sources.content, article);
    let items: Vec<Vec<Text>> =
        all.iter().map(|other| vec![Text::link(other.title.clone(), article_path(&other.id))]).collect();
    let rule = Block::Paragraph { text: vec![Text::quiet(label(articles::RULE))] };
    (!items.is_empty())
        .then(|| panel(say!("Related articles"), vec![Block::List { ordered: false, items }, rule]))
}

/// The pages that name an article: statuses, reasons and discrepancies.
fn linking(report: &Report<'_>, used: &ArticleUse<'_>) -> Vec<Block> {
    let (content, id) = (report.sources.content, &used.article.id);
    let statuses = content
        .statuses
        .iter()
        .zip(crate::model::status::Status::ALL)
        .filter(|(page, _)| page.kb.iter().chain(page.causes.iter().map(|c| &c.kb)).any(|other| other == id))
        .map(|(page, status)| {
            (say!("Status {page}", page = page.label), format!("status/{}.html", status.slug()))
        });
    let reasons = content
        .reasons
        .iter()
        .filter(|(_, page)| page.kb.iter().any(|other| other == id))
        .map(|(code, page)| (say!("Reason: {page}", page = page.label), format!("reason/{code}.html")));
    let kinds = used.kinds.iter().map(|(kind, _)| {
        (
            say!("Discrepancy: {title}", title = content.kind(*kind).title),
            format!("discrepancy/{}.html", kind.code()),
        )
    });
    let items: Vec<Vec<Text>> =
        statuses.chain(reasons).chain(kinds).map(|(text, href)| vec![Text::link(text, href)]).collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![panel(say!("Pages that link here"), vec![Block::List { ordered: false, items }])]
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

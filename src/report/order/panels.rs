//! The side column of an order page: what to do, articles that help, and the record version.

use super::Subject;
use crate::error::Error;
use crate::language::label;
use crate::reconcile::Case;
use crate::report::Report;
use crate::report::lists;
use crate::report::page::{Block, Definition, Text};
use crate::{mark, say};

/// What stands above the words to send.
pub(in crate::report) const TEXT_TO_SEND: &str = mark!("Text to send");
/// The heading of the panel of articles.
pub(in crate::report) const KNOWLEDGE: &str = mark!("Knowledge base");
/// The heading of the panel of the record version.
pub(in crate::report) const RECORD: &str = mark!("This record");

/// What to do: the recommended fix, its steps, what to send and words to send it with; or nothing to do.
pub(super) fn action_panel(
    report: &Report<'_>,
    case: &Case,
    headline: Option<u32>,
    name: &str,
) -> Result<Block, Error> {
    let panel = |heading: &str, tone, blocks| Block::Panel { heading: heading.to_owned(), tone, blocks };
    let Some(finding) = case.primary() else {
        let words = headline.map_or(say!("Nothing to do."), |l| {
            report.sources.content.status(report.line(l).status).next_step.as_str()
        });
        return Ok(panel(
            say!("Nothing to do"),
            "ok",
            vec![Block::Paragraph { text: vec![Text::plain(words)] }],
        ));
    };
    let mut facts = report.facts(case);
    facts.extend(&finding.facts);
    let fix = lists::recommended_fix(report, case);
    let steps = report.sources.sentences.fixes(finding.kind, &facts)?;
    let mut blocks = Vec::new();
    if let Some(fix) = &fix {
        blocks.push(Block::Paragraph { text: vec![Text::strong(fix.clone())] });
    }
    let steps: Vec<Vec<Text>> = steps
        .into_iter()
        .filter(|s| {
            fix.as_ref().is_none_or(|f| f.trim_end_matches(['.', '。']) != s.trim_end_matches(['.', '。']))
        })
        .map(|s| vec![Text::plain(s)])
        .collect();
    if !steps.is_empty() {
        blocks.push(Block::List { ordered: true, items: steps });
    }
    let reason = headline.and_then(|l| report.reconciled.reason(report.line(l).reason_key));
    let page = report.sources.content.kind(finding.kind);
    let documents = reason
        .and_then(|r| report.sources.content.reasons.get(r.reason.as_str()))
        .map(|r| &r.documents)
        .filter(|d| !d.is_empty())
        .unwrap_or(&page.evidence);
    blocks.push(Block::Paragraph { text: vec![Text::strong(say!("Attach"))] });
    blocks.push(Block::List {
        ordered: false,
        items: documents.iter().map(|d| vec![Text::plain(d.clone())]).collect(),
    });
    // What was written for this very cause comes first.
    let mut articles = report.articles_of_case(case);
    let of_kind = page.kb.iter().filter_map(|id| report.sources.content.articles.get(id));
    for article in of_kind {
        if !articles.iter().any(|other| other.id == article.id) {
            articles.push(article);
        }
    }
    let articles: Vec<Vec<Text>> = articles
        .into_iter()
        .map(|article| vec![Text::link(article.title.clone(), format!("kb/{}.html", article.id))])
        .collect();
    blocks.push(Block::List { ordered: false, items: articles });
    blocks.push(Block::Paragraph { text: vec![Text::strong(label(TEXT_TO_SEND))] });
    let text = say!(
        "{name}: {explain}",
        name,
        explain = lists::answer(report, case, crate::explain::Audience::Support)?
    );
    blocks.push(Block::CopyBox { id: "ready-text".to_owned(), text });
    let is_explained = matches!(
        finding.direction,
        crate::reconcile::Direction::Explained | crate::reconcile::Direction::None
    );
    let heading = if fix.is_some() { say!("Recommended fix") } else { say!("Recommended actions") };
    Ok(panel(heading, if is_explained { "ok" } else { "flag" }, blocks))
}

/// Articles that help, and what the status means.
pub(super) fn knowledge(report: &Report<'_>, case: &Case, headline: Option<u32>) -> Block {
    let mut items = Vec::new();
    for finding in &case.findings {
        let page = report.sources.content.kind(finding.kind);
        items.push(vec![Text::link(page.title.clone(), format!("discrepancy/{}.html", finding.kind.code()))]);
    }
    if let Some(line) = headline.map(|l| report.line(l)) {
        items.push(vec![Text::link(
            say!("What {status} means", status = line.status.words()),
            format!("status/{}.html", line.status.slug()),
        )]);
    }
    items.push(vec![Text::link(say!("All articles"), "kb/index.html")]);
    Block::Panel {
        heading: label(KNOWLEDGE).to_owned(),
        tone: "",
        blocks: vec![Block::List { ordered: false, items }],
    }
}

/// The record version, so that a ticket can cite exactly what was seen.
pub(super) fn record(subject: &Subject<'_>) -> Block {
    let report = subject.report;
    let version = report.sources.history.versions.get(subject.order.id);
    let as_of = report.reconciled.as_of();
    let mut rows = Vec::new();
    if let Some(version) = version {
        let number =
            say!("v{version}, since {since}", version = version.number, since = version.since.in_words());
        rows.push(Definition { name: say!("Version").to_owned(), value: vec![Text::plain(number)] });
        rows.push(Definition {
            name: say!("Fingerprint").to_owned(),
            value: vec![Text::code(version.fingerprint())],
        });
        rows.push(Definition {
            name: say!("First seen").to_owned(),
            value: vec![Text::plain(version.first_seen.in_words())],
        });
    }
    let link = Text::link(as_of.to_string(), format!("snapshot/{as_of}.html"));
    rows.push(Definition { name: say!("Snapshot").to_owned(), value: vec![link] });
    Block::Panel { heading: label(RECORD).to_owned(), tone: "", blocks: vec![Block::Definitions { rows }] }
}

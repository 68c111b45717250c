//! `query.html`: the form that asks for a scope, what is found by id or word, and without JavaScript, links to everything.

use crate::history::Scope;
use crate::model::status::Status;
use crate::model::time::Month;
use crate::reconcile::Kind;
use crate::report::lists::LISTED;
use crate::report::page::{Block, Choice, Field, Link, Preset, Role, Text};
use crate::report::scopes::{ScopeKey, ScopeKind};
use crate::report::words::{head, section};
use crate::report::{Made, Report, address};
use crate::say;

use super::scope::{CLEAN, NO_LINE, Query};
use super::spans::Span;

/// The page's address.
pub(in crate::report) const PAGE: &str = "query.html";

/// The page.
pub(in crate::report) fn page(report: &Report<'_>) -> Made {
    let mut page = head(PAGE, "query", Link::to(say!("Overview"), "index.html"), say!("Query"), Vec::new());
    page.description = say!(
        "Any scope of rebates, by dates, campaign, customer, order and more: the sum first, then the lines"
    )
    .to_owned();
    page.scripts = &[
        "kit",
        "query-scope",
        "query-ids",
        "query-data",
        "query-export",
        "query-pasted",
        "query-find",
        "query-found",
        "query-view",
        "query",
    ];
    page.top = vec![
        Block::Find,
        Block::Query { presets: presets(report), fields: fields(report), statuses: statuses() },
    ];
    page.main = vec![browse(report)];
    page.into()
}

/// The link of a page to the query of its own scope, on the newest snapshot there is.
pub(in crate::report) fn refresh(query: &Query) -> Vec<Text> {
    vec![
        Text::link(say!("Query Refresh"), format!("{PAGE}?{query}")),
        Text::quiet(say!(" the same scope, line by line")),
    ]
}

/// The query of a scope page: all that counts there, in all periods.
pub(in crate::report) fn of_scope(report: &Report<'_>, key: &ScopeKey) -> Query {
    let id = Some(key.id);
    let lines = match key.kind {
        ScopeKind::Program => Scope { program: id, ..Scope::default() },
        ScopeKind::Campaign => Scope { campaign: id, ..Scope::default() },
        ScopeKind::Account => Scope { account: id, ..Scope::default() },
        ScopeKind::Customer => Scope { customer: id, ..Scope::default() },
        ScopeKind::Batch => Scope { batch: id, ..Scope::default() },
        ScopeKind::Payout => Scope { payout: id, ..Scope::default() },
    };
    Query { lines, ..Query::of_range(report.query_all()) }
}

/// The query of a period.
pub(in crate::report) fn of_month(report: &Report<'_>, month: Month) -> Query {
    let period = report.reconciled.rules.reference.period(month);
    Query::of_range((period.start, period.last_day()))
}

fn presets(report: &Report<'_>) -> Vec<Preset> {
    let preset = |span: Span| {
        let (from, to) = report.query_span(span);
        Preset {
            value: span.name(),
            text: span.label(),
            from: from.to_string(),
            to: to.to_string(),
            is_chosen: span == Span::Month,
        }
    };
    Span::ALL.map(preset).into()
}

fn any() -> Choice {
    Choice { value: String::new(), text: say!("Any").to_owned(), is_chosen: true }
}

fn choice(value: impl Into<String>, text: impl Into<String>) -> Choice {
    Choice { value: value.into(), text: text.into(), is_chosen: false }
}

fn fields(report: &Report<'_>) -> Vec<Field> {
    let of_kind = |kind| report.scopes.of_kind(kind);
    let mut programs = vec![any()];
    programs.extend(of_kind(ScopeKind::Program).filter(|(key, _)| !key.id.is_empty()).map(
        |(key, members)| {
            let name = match members.name.as_str() {
                name if name == key.id.as_str() || name.is_empty() => key.id.to_string(),
                name => say!("{name} ({id})", name, id = key.id),
            };
            choice(key.id.as_str(), name)
        },
    ));
    let mut campaigns = vec![any()];
    for (key, _) in of_kind(ScopeKind::Campaign) {
        // One campaign, whatever the capitals.
        if !campaigns.iter().any(|other| other.value.eq_ignore_ascii_case(&key.id)) {
            campaigns.push(choice(key.id.as_str(), key.id.as_str()));
        }
    }
    let kinds = report.kinds_that_occur();
    let mut explained = vec![any(), choice(CLEAN, say!("Nothing to explain"))];
    explained.extend(
        kinds.into_iter().map(|kind| choice(kind.code(), report.sources.content.kind(kind).title.clone())),
    );
    let field = |name, label, choices| Field { name, label, hint: "", choices };
    let typed = |name, label, hint| Field { name, label, hint, choices: Vec::new() };
    vec![
        field("campaign", say!("Campaign"), campaigns),
        field("program", say!("Program"), programs),
        typed("customer", say!("Customer"), say!("ID or name")),
        typed("account", say!("Account ID"), say!("any spelling")),
        typed("order", say!("Order ID"), say!("any spelling")),
        typed("category", say!("Product category"), ""),
        typed("region", say!("Region"), ""),
        typed("batch", say!("Batch ID"), ""),
        typed("payout", say!("Payout ID"), ""),
        field("kind", say!("Discrepancy"), explained),
        typed("currency", say!("Currency"), say!("such as USD")),
    ]
}

fn statuses() -> Vec<Choice> {
    let mut all: Vec<Choice> = Status::ALL.map(|status| choice(status.slug(), status.words())).into();
    all.push(choice(NO_LINE, say!("No rebate line")));
    all
}

/// Fixed links, which are the whole page without JavaScript.
fn browse(report: &Report<'_>) -> Block {
    let months: Vec<Month> = report.scopes.months().rev().take(12).collect();
    let mut periods: Vec<Link> =
        months.into_iter().map(|month| Link::to(month.in_words(), address::of_month(month))).collect();
    periods.push(Link::to(say!("All periods"), "period/index.html"));
    let scopes = |kind: ScopeKind| {
        let named = |(key, members): (&ScopeKey, &crate::report::scopes::Members)| {
            let name = if members.name.is_empty() { key.id.as_str() } else { &members.name };
            Link::to(name, report.scopes.path(key))
        };
        let mut links: Vec<Link> = report.scopes.of_kind(kind).take(LISTED / 4).map(named).collect();
        links.push(Link::to(
            say!("All {kind}", kind = kind.words().1.to_lowercase()),
            format!("{}/index.html", kind.folder()),
        ));
        links
    };
    let role = |heading: &str, links| Role { heading: heading.to_owned(), question: String::new(), links };
    let statuses =
        Status::ALL.map(|status| Link::to(status.words(), format!("status/{}.html", status.slug())));
    let roles = vec![
        role(say!("Period"), periods),
        role(say!("Campaign"), scopes(ScopeKind::Campaign)),
        role(say!("Program"), scopes(ScopeKind::Program)),
        role(say!("Customer"), scopes(ScopeKind::Customer)),
        role(say!("Status"), statuses.into()),
        role(
            say!("Order"),
            vec![
                Link::to(say!("All orders"), "order/index.html"),
                Link::to(say!("Discrepancies"), "discrepancy/index.html"),
                Link::to(say!("Every line, as a file"), "data/lines.csv"),
            ],
        ),
    ];
    let help = vec![
        Text::plain(say!(
            "To open one order by its address, write its ID in lower case without spaces, hyphens, slashes and dots, with "
        )),
        Text::code("order/"),
        Text::plain(say!(" before it and ")),
        Text::code(".html"),
        Text::plain(say!(" behind it. In a terminal, ")),
        Text::code("tieout query"),
        Text::plain(say!(" answers the same questions.")),
    ];
    section(
        "browse",
        say!("Browse without a query"),
        vec![Block::Roles { roles }, Block::Paragraph { text: help }],
    )
}

impl Report<'_> {
    /// The kinds that are the primary explanation of a line or order.
    fn kinds_that_occur(&self) -> Vec<Kind> {
        let is_row = |kind: &Kind| {
            use crate::reconcile::Subject;
            self.cases_of(*kind).any(|case| matches!(case.subject, Subject::Line(_) | Subject::Order(_)))
        };
        Kind::ALL.iter().copied().filter(is_row).collect()
    }
}

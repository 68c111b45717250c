//! The page of an order: what to tell, and how to prove it (design 4.4).

mod checks;
pub(super) mod gone;
mod panels;
mod proof;
mod sections;
mod timeline;
pub(super) mod unknown;
mod waterfall;

pub(super) use panels::{KNOWLEDGE, RECORD, TEXT_TO_SEND};
pub(super) use proof::CHAIN;

use super::lists::{self, count_of};
use super::page::{Answer, Block, Link, Page, StatusPill, Text};
use super::scopes::ScopeKey;
use super::table::Table;
use super::{Made, Report, address, claims, deadlines, times};
use crate::error::Error;
use crate::explain::Audience;
use crate::ingest::grammar;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::Order;
use crate::model::status::{Bucket, Status};
use crate::model::time::date_in_words;
use crate::reconcile::Case;
use crate::say;

/// Everything about one order, looked up once.
pub(super) struct Subject<'r> {
    pub(super) report: &'r Report<'r>,
    /// The order rows.
    pub(super) rows: Vec<u32>,
    /// The first row: the facts that all rows of an order share.
    pub(super) order: &'r Order,
    /// The lines that name any of them.
    pub(super) lines: Vec<u32>,
    /// The case that speaks for the order: the one whose primary explanation ranks lowest.
    pub(super) case: &'r Case,
    /// The line of that case.
    pub(super) headline: Option<u32>,
}

impl<'r> Subject<'r> {
    fn new(report: &'r Report<'r>, start: u32, end: u32) -> Option<Subject<'r>> {
        let rows: Vec<u32> = (start..end).collect();
        let mut lines: Vec<u32> =
            rows.iter().flat_map(|row| report.reconciled.matching.of_order(*row).iter().copied()).collect();
        lines.sort_unstable();
        lines.dedup();
        let of_lines = lines.iter().map(|line| (report.reconciled.line_case(*line), Some(*line)));
        let of_rows = rows.iter().filter_map(|row| Some((report.reconciled.order_case(*row)?, None)));
        let (case, headline) = of_lines.chain(of_rows).min_by_key(|(case, line)| {
            (case.primary().map_or(u16::MAX, |f| f.kind.rank()), line.is_none(), *line)
        })?;
        Some(Subject { report, order: report.order(start), rows, lines, case, headline })
    }

    /// The cases of its lines and of its rows that no line names.
    fn cases(&self) -> impl Iterator<Item = &'r Case> {
        let reconciled = self.report.reconciled;
        let of_lines = self.lines.iter().map(|line| reconciled.line_case(*line));
        of_lines.chain(self.rows.iter().filter_map(|row| reconciled.order_case(*row)))
    }

    /// The parts of the calculated amounts that fall on this order, per currency.
    pub(super) fn calculated(&self) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        for line in &self.lines {
            let shares = &self.report.reconciled.matching.of_line(*line).shares;
            sums.extend(
                shares.iter().filter(|s| self.rows.contains(&s.order)).filter_map(|s| s.amount_calculated),
            );
        }
        sums
    }

    /// Whether a line also belongs to other orders.
    pub(super) fn is_shared(&self, line: u32) -> bool {
        self.report.reconciled.matching.of_line(line).shares.iter().any(|s| !self.rows.contains(&s.order))
    }

    /// The net amount of the order's lines, per currency: parts of shared lines, else calculated plus adjustments.
    pub(super) fn net(&self) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        for line in &self.lines {
            if self.is_shared(*line) {
                let shares = &self.report.reconciled.matching.of_line(*line).shares;
                sums.extend(
                    shares
                        .iter()
                        .filter(|s| self.rows.contains(&s.order))
                        .filter_map(|s| s.amount_calculated),
                );
            } else {
                sums.extend(self.report.figures(*line).net);
            }
        }
        sums
    }
}

/// The page.
pub(super) fn page(report: &Report<'_>, start: u32, end: u32) -> Result<Made, Error> {
    let Some(subject) = Subject::new(report, start, end) else {
        let id = report.order(start).id;
        return Err(Error::Identity(format!("order `{id}` has neither a line nor a case")));
    };
    let id = subject.order.id;
    let status = subject.headline.map(|line| report.line(line).status);
    let amounts = amount_words(&subject);
    let answers = answers_of(report, subject.case)?;
    let mut main = Vec::new();
    if subject.lines.is_empty() {
        main.extend(sections::no_line(&subject));
    }
    main.extend(sections::amounts(&subject));
    main.extend(waterfall::section(&subject));
    if !subject.lines.is_empty() {
        main.extend(sections::no_line(&subject));
    }
    main.push(sections::why(&subject)?);
    main.extend(times::when_section(report, &subject.lines));
    main.extend(sections::lines(&subject));
    main.push(sections::mapping(&subject));
    main.push(sections::periods(&subject));
    main.push(timeline::section(report, &timeline::Record::of(&subject)));
    main.push(sections::evidence(&subject));
    let title = match status {
        Some(status) => say!("{id}: {status}", id, status = status.words()),
        None => say!("{id}: no rebate line yet", id),
    };
    let lead = if status.is_some() {
        Vec::new()
    } else {
        vec![Text::strong(lists::why(report, subject.case)), Text::plain(say!("."))]
    };
    // Without a line, the proof holds these checks and more.
    let mut side_more = Vec::new();
    if !subject.lines.is_empty() {
        side_more.push(checks::panel(&subject));
    }
    side_more.push(panels::knowledge(report, subject.case, subject.headline));
    side_more.push(panels::record(&subject));
    Ok(Page {
        path: report.order_path(id),
        title,
        description: answers.first().map_or_else(String::new, |a| a.text.clone()),
        nav: "",
        crumbs: vec![Link::to(say!("Orders"), "order/index.html"), Link::here(id.raw())],
        heading: id.raw().to_owned(),
        kind: say!("order"),
        ticket: ticket(&subject, status, &amounts),
        status: status.map(|status| StatusPill {
            slug: status.slug(),
            label: status.words().to_owned(),
            amount: pill_amount(status, &amounts),
        }),
        lead,
        facts: facts(&subject),
        top: vec![Block::Answers { answers }],
        main,
        side: vec![panels::action_panel(report, subject.case, subject.headline, id.raw())?],
        side_more,
        ..Page::default()
    }
    .into())
}

/// The order's amount for a sentence; empty where the vendor has not calculated any.
fn amount_words(subject: &Subject<'_>) -> String {
    let is_paid = subject.lines.iter().all(|l| subject.report.line(*l).status == Status::Paid);
    let mut paid = MoneyByCurrency::default();
    paid.extend(subject.lines.iter().filter_map(|l| subject.report.line(*l).amount_paid));
    let sums = if is_paid && !paid.is_empty() { paid } else { subject.net() };
    sums.iter().map(Money::in_words).collect::<Vec<_>>().join(say!(" and "))
}

fn pill_amount(status: Status, amount: &str) -> String {
    if amount.is_empty() {
        return match status {
            Status::Rejected => say!("nothing is accrued").to_owned(),
            Status::PendingData
            | Status::InCalculation
            | Status::Calculated
            | Status::UnderReview
            | Status::Approved
            | Status::Paid
            | Status::Unknown => say!("no amount yet").to_owned(),
        };
    }
    let word = match status {
        Status::PendingData | Status::InCalculation => say!("expected"),
        Status::Calculated | Status::UnderReview => say!("calculated"),
        Status::Approved => say!("approved"),
        Status::Paid => say!("paid"),
        Status::Rejected => say!("not counted"),
        Status::Unknown => say!("reported, not in the total"),
    };
    say!("{amount} {word}", amount, word)
}

/// One sentence per audience.
fn answers_of(report: &Report<'_>, case: &Case) -> Result<Vec<Answer>, Error> {
    [
        (Audience::Sales, say!("For sales"), "answer-sales"),
        (Audience::Finance, say!("For finance"), "answer-finance"),
        (Audience::Support, say!("For support"), "answer-support"),
    ]
    .into_iter()
    .map(|(audience, label, id)| {
        Ok(Answer { audience: label, id, text: lists::answer(report, case, audience)? })
    })
    .collect()
}

fn ticket(subject: &Subject<'_>, status: Option<Status>, amount: &str) -> String {
    let report = subject.report;
    let id = subject.order.id;
    let path = report.order_path(id);
    let version = report.sources.history.versions.get(id).map_or(1, |v| v.number);
    // The address leads to the record as it is cited, also after it changed.
    let address = match report.sources.base_url {
        "" => format!("{path}#v{version}"),
        base => format!("{}/{path}#v{version}", base.trim_end_matches('/')),
    };
    let calculated: Vec<String> = subject.calculated().iter().map(Money::in_words).collect();
    let detail = if calculated.is_empty() {
        String::new()
    } else {
        say!(" (calculated {calculated})", calculated = calculated.join(say!(" and ")))
    };
    let status = status.map_or(say!("No rebate line yet"), Status::words);
    let amount = if amount.is_empty() { say!("no amount yet") } else { amount };
    say!(
        "{id} · {status} · {amount}{detail} · snapshot {as_of}, record v{version} · {address}",
        id,
        status,
        amount,
        detail,
        as_of = report.reconciled.as_of(),
        version,
        address
    )
}

fn facts(subject: &Subject<'_>) -> Vec<Vec<Text>> {
    let (report, order) = (subject.report, subject.order);
    let account = ScopeKey::account(order.account);
    let account_link = Text::link(order.account.raw(), report.scopes.path(&account));
    let mut facts = vec![match (
        report.scopes.customer_name(report.reconciled, order),
        report.scopes.customer_key(report.reconciled, order),
    ) {
        (Some(name), Some(key)) => {
            vec![
                Text::link(name.as_str(), report.scopes.path(&key)),
                Text::plain(say!(" (")),
                account_link,
                Text::plain(")"),
            ]
        }
        _ => vec![Text::plain(say!("Account ")), account_link],
    }];
    let program = match subject.headline {
        Some(line) => {
            let line = report.line(line);
            Some((
                line.program,
                report.reconciled.rules.program(line.program).map_or(line.program.raw(), |p| p.name.as_str()),
            ))
        }
        None => report.reconciled.rules.declared_program(order).map(|p| (p.id, p.name.as_str())),
    };
    if let Some((id, name)) = program {
        facts.push(vec![Text::link(name, report.scopes.path(&ScopeKey::program(id)))]);
    }
    if let Some(month) = subject.case.period {
        facts.push(vec![report.month(month)]);
    }
    if let Some(batch) = subject.headline.and_then(|line| report.line(line).batch) {
        facts.push(vec![
            Text::plain(say!("Batch ")),
            Text::link(batch.raw(), report.scopes.path(&ScopeKey::batch(batch))),
        ]);
    }
    if let Some(line) = subject.headline.map(|line| report.line(line))
        && let Some(since) = line.status_date
    {
        facts.push(vec![Text::plain(say!(
            "{status} since {since}",
            status = line.status.words(),
            since = date_in_words(since)
        ))]);
    }
    facts.extend(deadlines::fact(report, subject.cases()));
    let lines = subject.lines.iter().map(|line| report.line(*line).id.key());
    facts.extend(claims::fact(report, std::iter::once(order.id.key()).chain(lines), subject.cases()));
    facts
}

/// `order/index.html`: how to find an order, and the months to browse.
pub(super) fn index(report: &Report<'_>) -> Made {
    let count = report.order_ranges().count();
    let lead = say!(
        "{count} in this snapshot. Type an order ID above in any spelling: capital letters, spaces, hyphens, underscores, slashes and dots do not matter.",
        count = count_of(count, "order", "orders")
    );
    let months = report
        .scopes
        .months()
        .rev()
        .filter(|month| report.period_order_parts(*month) > 0)
        .map(|month| {
            vec![Text::link(
                say!("Orders of {month}", month = month.in_words()),
                super::period::orders_path(month, 0),
            )]
        })
        .collect();
    let how = vec![
        vec![
            Text::plain(say!("ORD-2001, ord 2001 and ORD2001 all lead to ")),
            Text::code("order/ord2001.html"),
            Text::plain(say!(".")),
        ],
        vec![
            Text::plain(say!(
                "An ID that no page has: check the spelling, then look in the month of its invoice, then in "
            )),
            Text::link(say!("rows set aside"), "quarantine.html"),
            Text::plain(say!(".")),
        ],
        vec![
            Text::plain(say!("All orders with their amounts: ")),
            Text::link("data/orders.csv", "data/orders.csv"),
            Text::plain(say!(".")),
        ],
    ];
    let section = |id: &str, heading: &str, items| Block::Section {
        id: id.to_owned(),
        heading: heading.to_owned(),
        actions: Vec::new(),
        blocks: vec![Block::List { ordered: false, items }],
    };
    Page {
        path: "order/index.html".to_owned(),
        title: say!("Orders").to_owned(),
        description: lead.clone(),
        crumbs: vec![Link::to(say!("Overview"), "index.html"), Link::here(say!("Orders"))],
        heading: say!("Orders").to_owned(),
        lead: vec![Text::plain(lead)],
        main: vec![
            section("how", say!("How to find an order"), how),
            section("months", say!("Browse by month"), months),
        ],
        ..Page::default()
    }
    .into()
}

/// A short page for orders whose ids differ only in spelling.
pub(super) fn disambiguation(report: &Report<'_>, folded: &str) -> Made {
    let mut items: Vec<Vec<Text>> = report
        .order_ranges()
        .map(|(start, _)| report.order(start).id)
        .filter(|id| grammar::canonical(id.raw()) == folded)
        .map(|id| vec![Text::link(id.raw(), report.order_path(id))])
        .collect();
    items.dedup();
    let lead = say!("These order IDs differ only in spelling and are kept apart; choose the one you mean.")
        .to_owned();
    Page {
        path: format!("order/{}.html", address::of_id(folded)),
        title: say!("Orders with one address").to_owned(),
        description: lead.clone(),
        crumbs: vec![Link::to(say!("Orders"), "order/index.html"), Link::here(say!("Choose"))],
        heading: say!("Which order do you mean?").to_owned(),
        lead: vec![Text::plain(lead)],
        main: vec![Block::List { ordered: false, items }],
        ..Page::default()
    }
    .into()
}

/// A table of this page: it has no CSV file of its own, its rows are in `data/lines.csv` and `data/orders.csv`.
fn table(id: &str, caption: String, layout: &'static str) -> Table {
    Table { id: id.to_owned(), caption, layout, ..Table::default() }
}

/// Whether a line's bucket holds an approved amount.
fn is_approved(bucket: Bucket) -> bool {
    match bucket {
        Bucket::Approved | Bucket::Paid => true,
        Bucket::Pending | Bucket::Calculated | Bucket::Rejected | Bucket::Unknown => false,
    }
}

//! Months: does this month reconcile, and what is in it?

use std::collections::{BTreeMap, BTreeSet};

use super::lists::{self, capitalized, count_of};
use super::overview::{month_tables, scope_cell};
use super::page::{Block, Link, Page, Text};
use super::scopes::{Members, ScopeKey, money_row, money_table, trimmed};
use super::table::{Cell, Column, Row, Table};
use super::{Made, Report, address, bridge, close, deadlines, earlier, posted, query, rollforward};
use crate::error::Error;
use crate::language::label;
use crate::model::time::{Month, date_in_words};
use crate::{mark, say};
use ustr::Ustr;

/// Orders on one page of a month's list.
const ORDERS_PER_PART: usize = 500;

/// The address of a part of a month's list of orders.
pub(super) fn orders_path(month: Month, part: usize) -> String {
    if part == 0 {
        format!("period/{month}.orders.html")
    } else {
        format!("period/{month}.orders-{}.html", part + 1)
    }
}

impl Report<'_> {
    /// Into how many pages the list of a month's orders is cut.
    pub(super) fn period_order_parts(&self, month: Month) -> usize {
        self.orders_of(month).len().div_ceil(ORDERS_PER_PART)
    }

    /// The order rows that earn in a month by our own books.
    fn orders_of(&self, month: Month) -> &[u32] {
        self.scopes.orders_of_month(month)
    }
}

/// `period/index.html`.
pub(super) fn index(report: &Report<'_>) -> Made {
    let tables = month_tables(report, usize::MAX);
    let lead = say!(
        "{months} with orders or rebate lines. Each month opens into its status, programs, customers and orders.",
        months = count_of(report.scopes.months().count(), "month", "months")
    );
    let mut exports = Vec::new();
    let mut actions =
        vec![Link::to(say!("By posted period"), posted::PATH), Link::to(say!("Close packs"), close::INDEX)];
    let mut blocks = Vec::new();
    for (currency, table) in tables {
        let path = format!("period/index.{}.csv", currency.code().to_lowercase());
        actions.push(Link::to(say!("{currency} CSV", currency), path.clone()));
        exports.push((path, table.clone()));
        blocks.push(Block::Table(trimmed(table)));
    }
    let without_lines: Vec<Vec<Text>> = report
        .scopes
        .months()
        .filter(|m| report.scopes.period(*m).is_some_and(|members| members.lines.is_empty()))
        .map(|m| vec![Text::link(m.in_words(), address::of_month(m))])
        .collect();
    if !without_lines.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("Months with orders and no rebate line yet:"))],
        });
        blocks.push(Block::List { ordered: false, items: without_lines });
    }
    let page = Page {
        path: "period/index.html".to_owned(),
        title: say!("Periods").to_owned(),
        description: lead.clone(),
        nav: "periods",
        crumbs: vec![Link::to(say!("Overview"), "index.html"), Link::here(say!("Periods"))],
        heading: say!("Periods").to_owned(),
        lead: vec![Text::plain(lead)],
        main: vec![Block::Section {
            id: "all".to_owned(),
            heading: say!("All periods").to_owned(),
            actions,
            blocks,
        }],
        ..Page::default()
    };
    Made { page, exports }
}

/// The page of a month.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(super) fn page(report: &Report<'_>, month: Month) -> Result<Made, Error> {
    let empty = Members::default();
    let members = report.scopes.period(month).unwrap_or(&empty);
    let totals = report.totals(&members.lines);
    let path = address::of_month(month);
    let name = path.strip_suffix(".html").unwrap_or(&path).to_owned();
    let lead = lists::total_sentence(&totals, &say!("Total rebate for {month}", month = month.in_words()));
    let mut exports = Vec::new();
    let (status, files) = lists::status_section(report, &totals, &name);
    exports.extend(files);
    let mut main = vec![status];
    main.extend(bridge::section(report, month));
    let (sections, files) = rollforward::sections(report, month, &name);
    main.extend(sections);
    exports.extend(files);
    main.extend(posted::section_of(report, month));
    if let Some((block, files)) = close::addendum(report, month, &name) {
        main.push(block);
        exports.extend(files);
    }
    for (id, heading, groups) in groupings(report, &members.lines) {
        main.push(breakdown(report, &name, id, heading, &groups, &mut exports));
    }
    if !members.orders.is_empty() {
        let cases: Vec<_> = members.orders.iter().filter_map(|n| report.reconciled.order_case(*n)).collect();
        let file = format!("{name}.orders-without-line.csv");
        let caption = say!(
            "{cases} without a rebate line, by our own period, and why.",
            cases = count_of(cases.len(), "order", "orders")
        );
        exports
            .push((file.clone(), lists::case_table(report, "missing", String::new(), &cases, usize::MAX)?));
        main.push(Block::Section {
            id: "orders-without-line".to_owned(),
            heading: say!("Orders without a rebate").to_owned(),
            actions: vec![Link::to(say!("Orders CSV"), file)],
            blocks: vec![Block::Table(lists::case_table(report, "missing", caption, &cases, lists::LISTED)?)],
        });
    }
    let asked = Some(("period", &*month.to_string()));
    let (known, files) = earlier::section(report, &earlier::of_period(report, month), &name, asked);
    main.extend(known);
    exports.extend(files);
    let (blocks, files, mut actions) = lists::line_tables(report, &members.lines, &name);
    exports.extend(files);
    if report.period_order_parts(month) > 0 {
        actions.push(Link::to(say!("Every order of the month, A–Z"), orders_path(month, 0)));
    }
    if !blocks.is_empty() || !actions.is_empty() {
        main.push(Block::Section {
            id: "lines".to_owned(),
            heading: say!("Lines").to_owned(),
            actions,
            blocks,
        });
    }
    let top = Report::main_currency(&totals)
        .and_then(|c| totals.get(c))
        .map(|sums| vec![lists::flow(sums)])
        .unwrap_or_default();
    let page = Page {
        title: month.in_words(),
        description: lists::plain(&lead),
        nav: "periods",
        crumbs: vec![Link::to(say!("Periods"), "period/index.html"), Link::here(month.in_words())],
        heading: month.in_words(),
        periods: report.month_tabs(Some(month)),
        lead,
        facts: facts(report, month, members),
        top,
        main,
        path,
        ..Page::default()
    };
    Ok(Made { page, exports })
}

fn facts(report: &Report<'_>, month: Month, members: &Members) -> Vec<Vec<Text>> {
    let as_of = report.reconciled.as_of().date();
    let reference = report.reconciled.rules.reference;
    let row = reference.period_row(month);
    let state = match row.and_then(|r| r.closed_on) {
        Some(closed) if closed <= as_of => say!("Closed on {closed}", closed = date_in_words(closed)),
        Some(_) | None if reference.period(month).contains(as_of) => say!("In progress").to_owned(),
        Some(_) | None => say!("Open").to_owned(),
    };
    let mut state = vec![Text::strong(state)];
    if close::pack_of(report, month).is_some() {
        state.extend([Text::plain(" · "), Text::link(say!("close pack"), close::path(month))]);
    }
    let mut facts = vec![state, vec![Text::plain(lists::period_words(report, month))]];
    if let Some(date) = row.and_then(|r| r.vendor_final) {
        let word = if date <= as_of { say!("since") } else { say!("from") };
        facts.push(vec![Text::plain(say!(
            "Vendor's figures final {word} {date}",
            word,
            date = date_in_words(date)
        ))]);
    }
    facts.extend(deadlines::of_members(report, members));
    facts.push(vec![Text::plain(say!("As known at {as_of}", as_of = report.reconciled.as_of().in_words()))]);
    facts.push(query::refresh(&query::of_month(report, month)));
    facts
}

type Grouping = BTreeMap<(String, String), (Cell, Vec<u32>)>;

/// The lines of a month by program, campaign, customer, category and region.
fn groupings(report: &Report<'_>, lines: &[u32]) -> Vec<(&'static str, &'static str, Grouping)> {
    let mut programs = Grouping::new();
    let mut campaigns = Grouping::new();
    let mut customers = Grouping::new();
    let mut categories = Grouping::new();
    let mut regions = Grouping::new();
    let put = |groups: &mut Grouping, id: &str, cell: Cell, line: u32| {
        groups.entry((cell.text.clone(), id.to_owned())).or_insert_with(|| (cell, Vec::new())).1.push(line);
    };
    for number in lines {
        let line = report.line(*number);
        let key = ScopeKey::program(line.program);
        put(&mut programs, &key.id, scope_cell(report, &key), *number);
        let campaign = report.reconciled.campaign(*number);
        let cell = campaign.map_or_else(
            || Cell::text(say!("No campaign")),
            |tag| scope_cell(report, &ScopeKey::campaign(tag)),
        );
        put(&mut campaigns, "", cell, *number);
        let order = report.reconciled.matching.of_line(*number).shares.first().map(|s| report.order(s.order));
        let customer = order.and_then(|o| report.scopes.customer_key(report.reconciled, o));
        let cell =
            customer.map_or_else(|| Cell::text(say!("Customer not known")), |key| scope_cell(report, &key));
        put(&mut customers, customer.as_ref().map_or("", |k| k.id.as_str()), cell, *number);
        let text = |value: Option<Ustr>, none: &str| {
            Cell::text(value.map_or_else(|| none.to_owned(), |v| v.to_string()))
        };
        put(&mut categories, "", text(line.category, say!("Category not given")), *number);
        put(&mut regions, "", text(line.region, say!("Region not given")), *number);
    }
    vec![
        ("programs", mark!("By program"), programs),
        ("campaigns", mark!("By campaign"), campaigns),
        ("customers", mark!("By customer"), customers),
        ("categories", mark!("By category"), categories),
        ("regions", mark!("By region"), regions),
    ]
}

fn breakdown(
    report: &Report<'_>,
    name: &str,
    id: &str,
    heading: &str,
    groups: &Grouping,
    exports: &mut Vec<(String, Table)>,
) -> Block {
    let subject = capitalized(heading.trim_start_matches("By "));
    let all: Vec<u32> = groups.values().flat_map(|(_, lines)| lines.iter().copied()).collect();
    let totals = report.totals(&all);
    let mut blocks = Vec::new();
    let mut actions = Vec::new();
    for (currency, sums) in totals.by_weight() {
        let code = currency.code();
        let mut table = money_table(
            &format!("{id}-{}", code.to_lowercase()),
            String::new(),
            heading.trim_start_matches("By "),
        );
        table.columns[0].label.clone_from(&subject);
        for (cell, lines) in groups.values() {
            if let Some(sums) = report.totals(lines).get(currency) {
                table.rows.push(money_row("", cell.clone(), sums));
            }
        }
        table.foot.push(money_row("tot", Cell::text(say!("Total")), sums));
        let path = format!("{name}.{id}.{}.csv", code.to_lowercase());
        actions.push(Link::to(say!("{code} CSV", code), path.clone()));
        exports.push((path, table.clone()));
        let count = table.rows.len();
        table.rows.truncate(lists::LISTED);
        table.caption = if count > lists::LISTED {
            say!(
                "{subject}: the first {shown} of {count}, A–Z. Amounts in {code}; the file holds all of them.",
                subject = label(&subject),
                shown = lists::LISTED,
                count,
                code
            )
        } else {
            say!("{subject}, A–Z. Amounts in {code}.", subject = label(&subject), code)
        };
        blocks.push(Block::Table(trimmed(table)));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("There are no rebate lines in this month."))],
        });
    }
    Block::Section { id: id.to_owned(), heading: label(heading).to_owned(), actions, blocks }
}

/// Every order of a month, A–Z, in parts: works without a script.
pub(super) fn orders(report: &Report<'_>, month: Month, part: usize) -> Made {
    let all = report.orders_of(month);
    let parts = report.period_order_parts(month);
    let mut table = Table {
        id: "orders".to_owned(),
        caption: say!(
            "{all} that earn in {month} by our own books, A–Z.",
            all = count_of(all.len(), "order row", "order rows"),
            month = month.in_words()
        ),
        layout: "cards",
        columns: vec![
            Column::text("Order"),
            Column::text("Customer"),
            Column::date("Invoice date"),
            Column::text("Status"),
            Column::text("Currency"),
            Column::money("Net amount", "net-amount"),
        ],
        ..Table::default()
    };
    let row = |number: &u32| {
        let order = report.order(*number);
        let lines = report.reconciled.matching.of_order(*number);
        let statuses: BTreeSet<_> = lines.iter().map(|l| report.line(*l).status).collect();
        let status = match statuses.iter().next() {
            Some(status) => Cell::status(*status),
            None => Cell::text(say!("No rebate line")),
        };
        Row {
            cells: vec![
                Cell::link(order.id.raw(), report.order_path(order.id)),
                report
                    .scopes
                    .customer_name(report.reconciled, order)
                    .map_or_else(Cell::empty, |n| Cell::text(n.as_str())),
                Cell::date(order.invoice_date),
                status,
                Cell::text(order.amount_net.currency().code()),
                Cell::money(order.amount_net),
            ],
            ..Row::default()
        }
    };
    table.rows = all.iter().skip(part * ORDERS_PER_PART).take(ORDERS_PER_PART).map(row).collect();
    let mut exports = Vec::new();
    let file = format!("period/{month}.orders.csv");
    if part == 0 {
        exports.push((file.clone(), Table { rows: all.iter().map(row).collect(), ..table.clone() }));
    }
    let mut actions = vec![Link::to(say!("Orders CSV"), file)];
    if part > 0 {
        actions.push(Link::to(say!("Previous page"), orders_path(month, part - 1)));
    }
    if part + 1 < parts {
        actions.push(Link::to(say!("Next page"), orders_path(month, part + 1)));
    }
    let heading = say!("Orders of {month}", month = month.in_words());
    let lead = if parts > 1 {
        say!("Page {part} of {parts}.", part = part + 1, parts)
    } else {
        say!("All on one page.").to_owned()
    };
    let page = Page {
        path: orders_path(month, part),
        title: if part == 0 {
            heading.clone()
        } else {
            say!("{heading}, page {part}", heading, part = part + 1)
        },
        description: say!("{heading}: {lead}", heading, lead),
        nav: "periods",
        crumbs: vec![
            Link::to(say!("Periods"), "period/index.html"),
            Link::to(month.in_words(), address::of_month(month)),
            Link::here(say!("Orders")),
        ],
        heading: heading.clone(),
        lead: vec![Text::plain(lead)],
        main: vec![Block::Section {
            id: "orders".to_owned(),
            heading: "A–Z".to_owned(),
            actions,
            blocks: vec![Block::Table(table)],
        }],
        ..Page::default()
    };
    Made { page, exports }
}

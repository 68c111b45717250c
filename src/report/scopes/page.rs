//! The page of a scope: first its total, then the measures side by side, what was found, and every line.

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Page, Text};
use super::super::table::Table;
use super::super::words::{paragraph, section};
use super::super::{Made, Report, changes::compare, earlier};
use super::facts::facts;
use super::tables::{by_period, compared, findings, trimmed};
use super::{Members, ScopeKey, ScopeKind, batch_sentence, program};
use crate::error::Error;
use crate::say;

/// The page of a scope: headline, status now, measures, findings, by period, orders without a rebate, lines.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(in crate::report) fn page(report: &Report<'_>, key: &ScopeKey) -> Result<Made, Error> {
    let empty = Members::default();
    let members = report.scopes.members(key).unwrap_or(&empty);
    let path = report.scopes.path(key);
    let name = path.strip_suffix(".html").unwrap_or(&path);
    let totals = report.totals(&members.lines);
    let (one, many) = key.kind.words();
    let lead = lead(report, key, members);
    let (status, mut exports) = lists::status_section(report, &totals, name);
    let mut main = vec![status];
    main.push(compared(report, members));
    if key.kind == ScopeKind::Program {
        let (sections, files) = program::sections(report, key, members, name);
        main.extend(sections);
        exports.extend(files);
    }
    if !members.lines.is_empty() || !members.orders.is_empty() {
        let (section, files) = findings(report, members, name);
        main.push(section);
        exports.extend(files);
    }
    let periods = by_period(report, members);
    if !periods.is_empty() {
        main.push(periods_section(&periods, name));
    }
    exports.extend(
        periods.into_iter().enumerate().map(|(n, t)| (format!("{name}.periods{}.csv", suffix(n)), t)),
    );
    if !members.orders.is_empty() {
        let (section, file) = missing(report, members, name)?;
        main.push(section);
        exports.push(file);
    }
    let asked = compare::of_scope(key);
    let asked = asked.as_ref().map(|(name, id)| (*name, id.as_str()));
    let (known, files) = earlier::section(report, &earlier::of_scope(report, key), name, asked);
    main.extend(known);
    exports.extend(files);
    let (lines, files, links) = lists::line_tables(report, &members.lines, name);
    exports.extend(files);
    if !lines.is_empty() {
        main.push(Block::Section {
            id: "lines".to_owned(),
            heading: say!("Lines").to_owned(),
            actions: links,
            blocks: lines,
        });
    }
    main.extend(own_page(report, key));
    let page = Page {
        title: format!("{} · {one}", members.name),
        description: lists::plain(&lead),
        nav: if key.kind == ScopeKind::Program { "programs" } else { "" },
        crumbs: vec![
            Link::to(many, format!("{}/index.html", key.kind.folder())),
            Link::here(members.name.clone()),
        ],
        heading: members.name.clone(),
        kind: one,
        lead,
        facts: facts(report, key, members),
        top: Report::main_currency(&totals)
            .and_then(|c| totals.get(c))
            .filter(|_| key.kind != ScopeKind::Payout)
            .map(|sums| vec![lists::flow(sums)])
            .unwrap_or_default(),
        main,
        path,
        ..Page::default()
    };
    Ok(Made { page, exports })
}

/// Where the customer's own page is, for whoever sends the customer there.
fn own_page(report: &Report<'_>, key: &ScopeKey) -> Option<Block> {
    let tree = Some(key).filter(|key| key.kind == ScopeKind::Customer);
    let tree = report.trees.of_customer(tree?.id)?;
    let address = format!("{}/index.html", tree.folder);
    Some(section(
        "own-page",
        say!("The customer's own page"),
        vec![
            Block::CopyBox { id: "own-page-address".to_owned(), text: address },
            paragraph(say!(
                "In the folder of the site. It shows sums and why something takes time, and nothing else."
            )),
        ],
    ))
}

fn lead(report: &Report<'_>, key: &ScopeKey, members: &Members) -> Vec<Text> {
    let totals = report.totals(&members.lines);
    let mut lead = match batch_sentence(report, key, members) {
        Some(sentence) => vec![Text::plain(sentence)],
        None => lists::total_sentence(
            &totals,
            &say!("Total rebate for {members}, all periods,", members = members.name),
        ),
    };
    match members.orders.len() {
        0 => {}
        1 => lead.push(Text::plain(say!(" 1 order has no rebate line yet."))),
        n => lead.push(Text::plain(say!(
            " {orders} have no rebate line yet.",
            orders = count_of(n, "order", "orders")
        ))),
    }
    lead
}

fn periods_section(periods: &[Table], name: &str) -> Block {
    let link = |n| Link::to(say!("Periods CSV"), format!("{name}.periods{}.csv", suffix(n)));
    Block::Section {
        id: "periods".to_owned(),
        heading: say!("By period").to_owned(),
        actions: (0..periods.len()).map(link).collect(),
        blocks: periods.iter().cloned().map(trimmed).map(Block::Table).collect(),
    }
}

fn missing(report: &Report<'_>, members: &Members, name: &str) -> Result<(Block, (String, Table)), Error> {
    let cases: Vec<_> = members.orders.iter().filter_map(|n| report.reconciled.order_case(*n)).collect();
    let caption =
        say!("{cases} without a rebate line, and why.", cases = count_of(cases.len(), "order", "orders"));
    let shown = lists::case_table(report, "missing", caption, &cases, lists::LISTED)?;
    let all = lists::case_table(report, "missing", String::new(), &cases, usize::MAX)?;
    let file = format!("{name}.orders-without-line.csv");
    let section = Block::Section {
        id: "orders-without-line".to_owned(),
        heading: say!("Orders without a rebate").to_owned(),
        actions: vec![Link::to(say!("Orders CSV"), file.clone())],
        blocks: vec![Block::Table(shown)],
    };
    Ok((section, (file, all)))
}

fn suffix(number: usize) -> String {
    if number == 0 { String::new() } else { format!("-{}", number + 1) }
}

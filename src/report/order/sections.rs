//! The sections of an order page: amounts, reasons, lines, mapping, boundaries, evidence, what to do.

use std::collections::BTreeSet;

use super::proof::{self, Of};
use super::{Subject, is_approved, table, waterfall};
use crate::diagnostic::visible;
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::model::record::{Adjustment, Line, Origin, SourceRef};
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::reconcile::{Case, Step, Verdict};
use crate::report::Report;
use crate::report::lists::{self, capitalized, count_of, segments};
use crate::report::page::{Block, Definition, Link, Segment, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};

pub(super) fn section(id: &str, heading: &str, blocks: Vec<Block>) -> Block {
    Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions: Vec::new(), blocks }
}

/// Of the order row without a line that matters most: why, the proof, what its amount would be, and what comes closest.
/// An order with lines may have such a row too.
pub(super) fn no_line(subject: &Subject<'_>) -> Vec<Block> {
    let report = subject.report;
    let without = subject.rows.iter().filter_map(|row| Some((*row, report.reconciled.order_case(*row)?)));
    let rank = |(row, case): &(u32, &Case)| (case.primary().map_or(u16::MAX, |f| f.kind.rank()), *row);
    let Some((row, case)) = without.min_by_key(rank) else { return Vec::new() };
    let mut blocks = Vec::new();
    if let Some(finding) = case.primary() {
        let page = report.sources.content.kind(finding.kind);
        let mut text = vec![Text::plain(page.definition.clone())];
        if let Some(amount) = case.at_stake().filter(|m| !m.is_zero()) {
            text.push(Text::plain(" At stake: "));
            text.push(Text::strong(amount.in_words()));
            text.push(Text::plain(format!(" ({}).", finding.direction.in_words().to_lowercase())));
        }
        blocks.push(Block::Paragraph { text });
    }
    let proof = report.reconciled.prove_order(row, case);
    let (proved, below) = proof::blocks(report, &proof, Of::Order(row));
    blocks.extend(proved);
    let heading = if subject.lines.is_empty() {
        "Why there is no rebate line".to_owned()
    } else {
        format!("Why there is no rebate line for {}", report.order(row).sku)
    };
    let mut sections = vec![section("no-line", &heading, blocks)];
    sections.extend(below);
    sections
}

fn step_row(step: &Step) -> Row {
    let result = match &step.verdict {
        Verdict::Matched => "matched".to_owned(),
        Verdict::NoRecord => "no record has this key".to_owned(),
        Verdict::DeadAlias { to } => format!("an alias leads to {to}, which no record has"),
        Verdict::OtherAccount { record, ours, theirs } => {
            format!("{record} has this key, but its account is {ours}, the line's is {theirs}")
        }
        Verdict::NotTested { file, column } => format!("cannot be tested: needs {column} in {file}"),
        Verdict::NotNeeded => "not needed".to_owned(),
    };
    Row {
        cells: vec![
            Cell::text(capitalized(step.pass.label())),
            Cell::code(step.key.clone()),
            Cell::text(result),
        ],
        ..Row::default()
    }
}

/// From calculated through each adjustment to paid.
pub(super) fn amounts(subject: &Subject<'_>) -> Vec<Block> {
    let currencies: BTreeSet<Currency> =
        subject.lines.iter().map(|l| subject.report.line(*l).currency).collect();
    let tables: Vec<Block> = currencies.into_iter().map(|c| Block::Table(amount_table(subject, c))).collect();
    if tables.is_empty() { tables } else { vec![section("amounts", "Amounts", tables)] }
}

fn amount_table(subject: &Subject<'_>, currency: Currency) -> Table {
    let report = subject.report;
    let lines: Vec<u32> =
        subject.lines.iter().copied().filter(|l| report.line(*l).currency == currency).collect();
    let zero = Money::zero(currency);
    let calculated = subject.calculated().get(currency);
    let has_amount = lines.iter().any(|l| report.line(*l).amount_calculated.is_some());
    let paid = lists::sum_of(&lines, currency, |l| report.line(l).amount_paid);
    let approved: Vec<u32> = lines.iter().copied().filter(|l| is_approved(report.line(*l).bucket)).collect();
    let approved_sum = lists::sum_of(&approved, currency, |l| report.figures(l).net);
    let net = subject.net().get(currency);
    let expected = expected(subject, &lines, currency);
    let amounts_of_bars = [calculated, paid, net, expected.as_ref().copied().unwrap_or(zero)];
    let whole = amounts_of_bars.into_iter().max_by_key(|m| m.minor()).unwrap_or(zero);
    let mut amounts = table(
        &format!("amounts-{}", currency.code().to_lowercase()),
        format!("From calculated to paid. Amounts in {currency}."),
        "cards",
    );
    amounts.columns = vec![
        Column::text("Step"),
        Column::text("Chart").minor(),
        Column::text("Reason and record"),
        Column::number("Amount"),
    ];
    let step = |style, name: &str, bar: Vec<Segment>, why: Cell, amount: Cell| Row {
        style,
        id: String::new(),
        cells: vec![Cell::text(name), Cell { bar, ..Cell::default() }, why, amount],
    };
    let bar = |amount: Money, fill| segments(&[(amount, fill)], whole);
    amounts.rows.push(match expected {
        Ok(amount) => step(
            "ind",
            "Eligible",
            bar(amount, "elig"),
            Cell::text("expected by our own computation, see below"),
            Cell::money(amount),
        ),
        Err(why) => step(
            "ind",
            "Eligible",
            Vec::new(),
            Cell::text(why),
            Cell { none: Some("not recomputed"), ..Cell::default() },
        ),
    });
    let shown = |amount: Money| if has_amount { Cell::money(amount) } else { Cell::money_or_none(None) };
    amounts.rows.push(step(
        "sub",
        "Calculated rebate",
        bar(calculated, "calc"),
        calculated_words(subject, &lines),
        shown(calculated),
    ));
    let mut running = calculated;
    for line in &lines {
        for adjustment in report.reconciled.adjustments(report.line(*line).id) {
            if let Ok(next) = running.checked_add(adjustment.amount) {
                let (low, high) =
                    if next.minor() < running.minor() { (next, running) } else { (running, next) };
                let width = high.checked_sub(low).unwrap_or(zero);
                let segment = segments(&[(low, "none"), (width, "review")], whole)
                    .into_iter()
                    .filter(|s| s.fill != "none")
                    .collect();
                let mut row = step(
                    "ind",
                    "Adjustment",
                    segment,
                    adjustment_words(subject, adjustment),
                    Cell::money(adjustment.amount),
                );
                row.id = format!("adjustment-{}", crate::report::address::of_id(adjustment.id.canonical()));
                amounts.rows.push(row);
                running = next;
            }
        }
    }
    if !approved.is_empty() {
        amounts.rows.push(step(
            "sub",
            "Approved",
            bar(approved_sum, "appr"),
            batch_words(subject, &lines),
            Cell::money(approved_sum),
        ));
    }
    let unexplained = settled_difference(subject, &lines, currency);
    if !unexplained.is_zero() {
        let why = subject
            .case
            .primary()
            .map_or(String::new(), |f| report.sources.content.kind(f.kind).title.clone());
        let cell = match subject.case.primary() {
            Some(f) => Cell::link(why, format!("discrepancy/{}.html", f.kind.code())),
            None => Cell::text(why),
        };
        amounts.rows.push(step(
            "ind",
            "Difference, not in any adjustment",
            Vec::new(),
            cell,
            Cell::money(unexplained),
        ));
    }
    let is_paid = lines.iter().any(|l| report.line(*l).status == Status::Paid);
    amounts.rows.push(step(
        "tot",
        "Paid rebate",
        bar(paid, "paid"),
        payout_words(subject, &lines),
        if is_paid || !paid.is_zero() {
            Cell::money(paid)
        } else {
            Cell { none: Some("not paid yet"), ..Cell::default() }
        },
    ));
    without_empty_chart(amounts)
}

/// What we expect for this order's part of the lines; else why not, of the first line that is not recomputed.
fn expected(subject: &Subject<'_>, lines: &[u32], currency: Currency) -> Result<Money, String> {
    let reconciled = subject.report.reconciled;
    let mut sum = Money::zero(currency);
    for line in lines {
        let shares = &reconciled.matching.of_line(*line).shares;
        let parts = shares.iter().zip(reconciled.expected_parts(*line));
        for (_, part) in parts.filter(|(share, _)| subject.rows.contains(&share.order)) {
            let next = part.and_then(|part| sum.checked_add(part).ok());
            sum = next.filter(|_| subject.report.figures(*line).expected.is_some()).ok_or_else(|| {
                let why = waterfall::not_recomputed(subject.report, *line);
                if lines.len() > 1 { format!("Line {}: {why}", subject.report.line(*line).id) } else { why }
            })?;
        }
    }
    Ok(sum)
}

/// A chart without a single bar says nothing.
fn without_empty_chart(mut table: Table) -> Table {
    if table.rows.iter().all(|row| row.cells[1].bar.is_empty()) {
        table.columns.remove(1);
        for row in &mut table.rows {
            row.cells.remove(1);
        }
    }
    table
}

/// Paid less net over the paid lines: what no adjustment explains.
fn settled_difference(subject: &Subject<'_>, lines: &[u32], currency: Currency) -> Money {
    let of_line = |l: u32| {
        let line = subject.report.line(l);
        let net = subject.report.figures(l).net.filter(|_| line.status == Status::Paid)?;
        line.amount_paid.unwrap_or(Money::zero(currency)).checked_sub(net).ok()
    };
    lists::sum_of(lines, currency, of_line)
}

fn calculated_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    let report = subject.report;
    if let [only] = lines {
        let line = report.line(*only);
        if subject.is_shared(*only) {
            let whole = line.amount_calculated.map_or_else(String::new, Money::in_words);
            return Cell::text(format!(
                "this order's part of line {}, {whole} over several orders by eligible base",
                line.id
            ));
        }
        if let (Some(base), Some(rate)) = (line.amount_base, line.rate) {
            return Cell::text(format!("{} × {}", base.in_words(), percent(rate)));
        }
        return Cell::text(format!("line {}", line.id));
    }
    Cell::text(format!("{}, see below", count_of(lines.len(), "line", "lines")))
}

/// A rate in percent, exact: `8%`, `7.5%`.
fn percent(rate: rust_decimal::Decimal) -> String {
    let hundred = rust_decimal::Decimal::ONE_HUNDRED;
    rate.checked_mul(hundred).map_or_else(|| rate.to_string(), |p| format!("{}%", p.normalize()))
}

fn adjustment_words(subject: &Subject<'_>, adjustment: &Adjustment) -> Cell {
    let report = subject.report;
    let reason = report.reconciled.reason(adjustment.reason_raw);
    let date = date_in_words(adjustment.date);
    let words = reason.map_or("No reason given", |r| r.plain_text.as_str());
    let record = adjustment.reference.and_then(|id| report.reconciled.cancellation(id));
    match (record, adjustment.reference) {
        (Some(record), _) => {
            let refund = record.amount_refund.in_words();
            Cell {
                href: Some(format!(
                    "{}#cancellation-{}",
                    report.order_path(subject.order.id),
                    crate::report::address::of_id(record.id.canonical())
                )),
                ..Cell::text(format!("Cancellation refund. Cancellation record {}", record.id))
            }
            .with_note(format!(
                "{}, {refund} refunded. Adjustment {}, {date}.",
                date_in_words(record.date),
                adjustment.id
            ))
        }
        (None, Some(reference)) => Cell::text(words)
            .with_note(format!("Reference {reference}. Adjustment {}, {date}.", adjustment.id)),
        (None, None) => {
            Cell::text(words).with_note(format!("No reference. Adjustment {}, {date}.", adjustment.id))
        }
    }
}

fn batch_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    match lines.first().and_then(|l| subject.report.line(*l).batch) {
        Some(batch) => {
            Cell::link(format!("Batch {batch}"), subject.report.scopes.path(&ScopeKey::batch(batch)))
        }
        None => Cell::empty(),
    }
}

fn payout_words(subject: &Subject<'_>, lines: &[u32]) -> Cell {
    let report = subject.report;
    let Some(id) = lines.iter().find_map(|l| report.line(*l).payout) else {
        return Cell::text("Payout not reported yet");
    };
    let path = report.scopes.path(&ScopeKey::payout(id));
    match report.reconciled.payout(id) {
        Some(payout) => Cell::link(format!("Payout {id}"), path).with_note(date_in_words(payout.date)),
        None => Cell::link(format!("Payout {id}"), path).with_note("no payout record received"),
    }
}

/// Reason codes with what they mean and what to do next.
pub(super) fn why(subject: &Subject<'_>) -> Result<Block, Error> {
    let report = subject.report;
    let mut rows = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut push = |means: Cell, next: Cell| {
        if seen.insert(means.text.clone()) {
            rows.push(Row { cells: vec![means, next], ..Row::default() });
        }
    };
    for number in &subject.lines {
        let line = report.line(*number);
        let page = report.sources.content.status(line.status);
        push(
            Cell::link(
                format!("{}: {}", line.status, page.definition),
                format!("status/{}.html", line.status.slug()),
            )
            .with_note(line.status_raw.as_str()),
            Cell::text(format!("{} {}", page.next_step, page.timeline)),
        );
        if let Some(reason) = report.reconciled.reason(line.reason_raw) {
            let page = report.sources.content.reasons.get(reason.reason.as_str());
            let expected = page.map_or("", |p| p.expected.as_str());
            let next = lists::recommended_fix(report, report.reconciled.line_case(*number)).map_or_else(
                || format!("{} {expected}", page.map_or("", |p| p.next_step.as_str())),
                |fix| format!("Recommended fix: {fix}"),
            );
            push(
                Cell::link(reason.plain_text.as_str(), format!("reason/{}.html", reason.reason))
                    .with_note(line.reason_raw.map_or(String::new(), |r| r.to_string())),
                Cell::text(next.trim()),
            );
        } else if let Some(raw) = line.reason_raw {
            push(
                Cell::text("The vendor gives a reason that is not in the reason map yet")
                    .with_note(raw.as_str()),
                Cell::text("Ask the vendor what it means and add a row to reference/reason_map.csv."),
            );
        }
        for adjustment in report.reconciled.adjustments(line.id) {
            if let Some(reason) = report.reconciled.reason(adjustment.reason_raw) {
                let page = report.sources.content.reasons.get(reason.reason.as_str());
                push(
                    Cell::link(reason.plain_text.as_str(), format!("reason/{}.html", reason.reason))
                        .with_note(reason.raw.as_str()),
                    Cell::text(page.map_or("", |p| p.next_step.as_str())),
                );
            }
        }
    }
    let mut facts = report.facts(subject.case);
    for finding in &subject.case.findings {
        facts.extend(&finding.facts);
        let page = report.sources.content.kind(finding.kind);
        let fixes = report.sources.sentences.fixes(finding.kind, &facts)?;
        let next = fixes.first().map_or("Nothing to do.", String::as_str).to_owned();
        push(
            Cell::link(page.title.clone(), format!("discrepancy/{}.html", finding.kind.code()))
                .with_note(finding.kind.code()),
            Cell::text(next),
        );
    }
    let mut reasons =
        table("reasons", "In plain words; the vendor's or our own code below each.".to_owned(), "cards");
    reasons.columns = vec![Column::text("What it means"), Column::text("What to do next")];
    reasons.rows = rows;
    let heading = if subject.lines.is_empty() { "What it means" } else { "Why it has this status" };
    Ok(section("why", heading, vec![Block::Table(reasons)]))
}

/// The rebate lines of the order, one table per currency.
pub(super) fn lines(subject: &Subject<'_>) -> Vec<Block> {
    let report = subject.report;
    let currencies: BTreeSet<Currency> = subject.lines.iter().map(|l| report.line(*l).currency).collect();
    let mut blocks = Vec::new();
    for currency in currencies {
        let lines: Vec<u32> =
            subject.lines.iter().copied().filter(|l| report.line(*l).currency == currency).collect();
        let mut list = table(
            &format!("order-lines-{}", currency.code().to_lowercase()),
            format!("In {currency}"),
            "cards",
        );
        list.columns = vec![
            Column::text("Line"),
            Column::text("Status"),
            Column::text("SKU"),
            Column::text("Category"),
            Column::number("Calculated"),
            Column::number("Adjustments"),
            Column::number("Paid"),
            Column::number("Rebate"),
        ];
        list.rows = lines.iter().map(|l| line_row(subject, *l)).collect();
        if lines.len() > 1 {
            let sum =
                |amount: &dyn Fn(u32) -> Option<Money>| Cell::money(lists::sum_of(&lines, currency, amount));
            list.foot.push(Row {
                style: "tot",
                id: String::new(),
                cells: vec![
                    Cell::text("Total"),
                    Cell::empty(),
                    Cell::empty(),
                    Cell::empty(),
                    sum(&|l| report.line(l).amount_calculated),
                    sum(&|l| Some(report.figures(l).adjustments)),
                    sum(&|l| report.line(l).amount_paid),
                    sum(&|l| report.figures(l).net),
                ],
            });
        }
        blocks.push(Block::Table(list));
    }
    if blocks.is_empty() { blocks } else { vec![section("lines", "Rebate lines on this order", blocks)] }
}

fn line_row(subject: &Subject<'_>, number: u32) -> Row {
    let (line, figures) = (subject.report.line(number), subject.report.figures(number));
    let adjustments = if figures.adjustments.is_zero() {
        Cell::money_or_none(None)
    } else {
        Cell::money(figures.adjustments)
    };
    Row {
        id: format!("line-{}", crate::report::address::of_id(line.id.canonical())),
        cells: vec![
            Cell::text(line.id.raw()),
            Cell::status(line.status),
            line.sku_ref.map_or_else(Cell::empty, |s| Cell::code(s.raw())),
            line.category.map_or_else(Cell::empty, |c| Cell::text(c.as_str())),
            Cell::money_or_none(line.amount_calculated),
            adjustments,
            Cell::money_or_none(line.amount_paid),
            Cell::money_or_none(figures.net),
        ],
        ..Row::default()
    }
}

/// How our order was tied to the vendor's line, field by field.
pub(super) fn mapping(subject: &Subject<'_>) -> Block {
    let (report, order) = (subject.report, subject.order);
    let rules = &report.reconciled.rules;
    let line: Option<&Line> = subject.headline.map(|l| report.line(l));
    let account = rules.account(order.account, order.order_date).found();
    let sku = rules.sku(order.sku, order.order_date).found();
    let place = |origin: &Origin| {
        format!(
            "{}, row {}",
            report.sources.files.path(origin.source),
            report.sources.files.line(origin.source)
        )
    };
    let theirs = |value: Option<String>| {
        value.map_or(Cell { none: Some("not in the extract"), ..Cell::default() }, Cell::code)
    };
    let row = |name: &str, ours: Cell, theirs: Cell, used: Cell| Row {
        cells: vec![Cell::text(name), ours, theirs, used],
        ..Row::default()
    };
    let pass = subject.headline.and_then(|l| report.reconciled.matching.of_line(l).pass);
    let mut mapped = table("mapping", "How our order was matched to the rebate extract".to_owned(), "cards");
    mapped.columns = vec![
        Column::text("Field"),
        Column::text("In our orders"),
        Column::text("In the extract"),
        Column::text("Used as"),
    ];
    mapped.rows = vec![
        row(
            "Order ID",
            Cell::code(order.id.raw()),
            theirs(line.map(|l| l.order_ref.raw().to_owned())),
            match pass {
                Some(pass) => {
                    Cell::code(order.id.canonical()).with_note(format!("matched by {}", pass.label()))
                }
                None => Cell::code(order.id.canonical()).with_note("no line matched"),
            },
        ),
        row(
            "Account ID",
            Cell::code(order.account.raw()),
            theirs(line.and_then(|l| l.account_ref).map(|a| a.raw().to_owned())),
            match account {
                Some(account) => Cell::text(
                    account.vendor.map_or_else(|| "no vendor account".to_owned(), |v| v.raw().to_owned()),
                )
                .with_note(place(&account.origin)),
                None => Cell::link("account mapping not found", "kb/kb-account-mapping.html"),
            },
        ),
        row(
            "SKU and category",
            Cell::code(order.sku.raw()),
            theirs(line.and_then(|l| {
                Some(format!(
                    "{}{}",
                    l.sku_ref?.raw(),
                    l.category.map_or(String::new(), |c| format!(" ({c})"))
                ))
            })),
            match sku {
                Some(sku) => Cell::text(sku.category.as_str()).with_note(place(&sku.origin)),
                None => Cell::link("product mapping not found", "kb/kb-sku-mapping.html"),
            },
        ),
        row(
            "Region",
            order.region.map_or(Cell { none: Some("region code missing"), ..Cell::default() }, |r| {
                Cell::code(r.as_str())
            }),
            theirs(line.and_then(|l| l.region).map(|r| r.to_string())),
            match (order.region, account.and_then(|a| a.region)) {
                (Some(region), _) => Cell::text(region.as_str()).with_note("of the order"),
                (None, Some(region)) => Cell::text(region.as_str()).with_note("of the account"),
                (None, None) => Cell::link("region code missing", "kb/kb-region-codes.html"),
            },
        ),
        program_row(subject, line),
    ];
    let mut blocks = vec![Block::Table(mapped)];
    if let Some(number) = subject.headline
        && pass.is_none_or(|p| p != crate::reconcile::Pass::OrderId)
    {
        let mut tried =
            table("tried", "What was tried to find the order, in this order.".to_owned(), "cards");
        tried.columns = vec![Column::text("Step"), Column::text("Key"), Column::text("Result")];
        tried.rows = report.reconciled.trace_line(number).iter().map(step_row).collect();
        blocks.push(Block::Table(tried));
    }
    section("mapping", "Mapping used", blocks)
}

fn program_row(subject: &Subject<'_>, line: Option<&Line>) -> Row {
    let rules = &subject.report.reconciled.rules;
    let declared = rules.declared_program(subject.order);
    let used = line.map_or(declared, |l| rules.program(l.program));
    let contract =
        subject.order.contract_type.map_or("contract type not given".to_owned(), |c| format!("contract {c}"));
    Row {
        cells: vec![
            Cell::text("Program and contract"),
            match subject.order.campaign {
                Some(campaign) => Cell::text(campaign.as_str()).with_note(contract),
                None => Cell::text(declared.map_or("no program", |p| p.name.as_str())).with_note(contract),
            },
            line.map_or(Cell { none: Some("not in the extract"), ..Cell::default() }, |l| {
                Cell::code(l.program.raw())
            }),
            match used {
                Some(program) => Cell::link(
                    program.name.as_str(),
                    subject.report.scopes.path(&ScopeKey::program(program.id)),
                ),
                None => Cell::text("no rule in force: not recomputed"),
            },
        ],
        ..Row::default()
    }
}

/// The boundaries that decide where the order counts.
pub(super) fn periods(subject: &Subject<'_>) -> Block {
    let (report, order) = (subject.report, subject.order);
    let rules = &report.reconciled.rules;
    let definition =
        |name: &str, value: String| Definition { name: name.to_owned(), value: vec![Text::plain(value)] };
    let own = report.reconciled.orders[subject.rows[0] as usize].period;
    let mut rows = vec![definition("Our period", lists::period_words(report, own))];
    for line in subject.headline.iter().map(|l| report.line(*l)) {
        let same = if line.period == own { "the same" } else { "another one" };
        rows.push(definition("Vendor's period", format!("{} ({same})", line.period.in_words())));
    }
    rows.push(definition("Order date", date_in_words(order.order_date)));
    rows.push(definition(
        "Invoice date",
        order
            .invoice_date
            .map_or_else(|| "not invoiced yet; the period is provisional".to_owned(), date_in_words),
    ));
    let program = subject
        .headline
        .map_or_else(|| rules.declared_program(order), |l| rules.program(report.line(l).program));
    if let Some(program) = program
        && let (Some(from), Some(to)) = (program.valid.from, program.valid.to)
    {
        let date = crate::rules::Rules::basis_date(order, program.window_basis);
        let inside = if program.valid.contains(date) { "inside" } else { "outside" };
        rows.push(definition(
            "Program window",
            format!("{} to {}: {inside}", date_in_words(from), date_in_words(to)),
        ));
    }
    if let Some(date) = rules.reference.period_row(own).and_then(|r| r.vendor_final) {
        rows.push(definition("Vendor's figures final", date_in_words(date)));
    }
    section("periods", "Period boundaries", vec![Block::Definitions { rows }])
}

/// Where every value came from: file, physical line and checksum of the row.
pub(super) fn evidence(subject: &Subject<'_>) -> Block {
    let report = subject.report;
    let files = report.sources.files;
    let mut rows = Vec::new();
    let mut push = |what: String, id: String, source: SourceRef, note: Option<String>| {
        let first = Cell { note, ..Cell::text(what) };
        rows.push(Row {
            id,
            cells: vec![
                first,
                Cell::code(files.path(source)),
                Cell::text(files.line(source).to_string()),
                Cell::code(&files.row_sha256(source)[..12]),
            ],
            ..Row::default()
        });
    };
    let extra = |source: SourceRef| {
        let cells = files.get(source.file).unknown_cells(source.record);
        let words: Vec<String> = cells
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(n, v)| format!("{}: {}", visible(n), visible(v)))
            .collect();
        (!words.is_empty()).then(|| words.join(", "))
    };
    for row in &subject.rows {
        let order = report.order(*row);
        let name = order.line.map_or_else(|| "Order".to_owned(), |l| format!("Order line {l}"));
        push(name.clone(), String::new(), order.origin.source, extra(order.origin.source));
        for copy in &order.origin.copies {
            push(format!("{name}, identical row merged"), String::new(), *copy, None);
        }
    }
    for number in &subject.lines {
        let line = report.line(*number);
        push(
            format!("Rebate line {}", line.id),
            String::new(),
            line.origin.source,
            extra(line.origin.source),
        );
        for copy in &line.origin.copies {
            push(format!("Rebate line {}, identical row merged", line.id), String::new(), *copy, None);
        }
        for adjustment in report.reconciled.adjustments(line.id) {
            push(format!("Adjustment {}", adjustment.id), String::new(), adjustment.origin.source, None);
        }
        if let Some(payout) = line.payout.and_then(|id| report.reconciled.payout(id)) {
            push(format!("Payout {}", payout.id), String::new(), payout.origin.source, None);
        }
    }
    for record in report.reconciled.cancellations(subject.order.id) {
        let id = format!("cancellation-{}", crate::report::address::of_id(record.id.canonical()));
        push(format!("Cancellation {}", record.id), id, record.origin.source, None);
    }
    if let Some(account) =
        report.reconciled.rules.account(subject.order.account, subject.order.order_date).found()
    {
        push("Accounts map".to_owned(), String::new(), account.origin.source, None);
    }
    if let Some(sku) = report.reconciled.rules.sku(subject.order.sku, subject.order.order_date).found() {
        push("SKU map".to_owned(), String::new(), sku.origin.source, None);
    }
    evidence_section(rows)
}

/// Where the rows of lines without an order came from.
pub(super) fn evidence_of(report: &Report<'_>, lines: impl Iterator<Item = u32>) -> Block {
    let files = report.sources.files;
    let row = |number: u32| {
        let line = report.line(number);
        let source = line.origin.source;
        Row {
            cells: vec![
                Cell::text(format!("Rebate line {}", line.id)),
                Cell::code(files.path(source)),
                Cell::text(files.line(source).to_string()),
                Cell::code(&files.row_sha256(source)[..12]),
            ],
            ..Row::default()
        }
    };
    evidence_section(lines.map(row).collect())
}

fn evidence_section(rows: Vec<Row>) -> Block {
    let caption = "Where each value came from. Row 1 is the header. Checksums are the first 12 digits of SHA-256 of the source row.";
    let mut list = table("evidence", caption.to_owned(), "cards");
    list.columns = vec![
        Column::text("What"),
        Column::text("Source file"),
        Column::number("Row"),
        Column::text("Row checksum"),
    ];
    list.rows = rows;
    Block::Section {
        id: "evidence".to_owned(),
        heading: "Evidence".to_owned(),
        actions: vec![Link::to("All sources", "about.html#sources")],
        blocks: vec![Block::Table(list)],
    }
}

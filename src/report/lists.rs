//! Parts that several pages share: sentences of totals, the status breakdown, lists of lines and orders, and the facts
//! that sentences are filled with.

use std::collections::BTreeMap;

use super::page::{Block, FlowStep, Link, Segment, Text};
use super::table::{Cell, Column, Row, Table};
use super::{Report, address};
use crate::error::Error;
use crate::explain::{Audience, Facts};
use crate::model::money::{Currency, Money, grouped};
use crate::model::reference::Method;
use crate::model::status::{Bucket, Status};
use crate::model::time::{Month, date_in_words};
use crate::reconcile::figures::{CurrencyTotals, Totals};
use crate::reconcile::kinds::Direction;
use crate::reconcile::{Case, Raise, Subject};

/// Rows that a page lists before it points to the file that holds all of them.
pub(crate) const LISTED: usize = 100;

/// `1 line`, `1,203 lines`.
pub(crate) fn count_of(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(&count.to_string())) }
}

/// The words with a capital letter first.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The sentence of a scope, one per currency: "Total rebate is … : … calculated …, … approved …, … paid".
pub(crate) fn total_sentence(totals: &Totals, subject: &str) -> Vec<Text> {
    if totals.is_empty() {
        return vec![Text::plain(format!("{subject} has no rebate lines in this snapshot."))];
    }
    let by_weight = totals.by_weight();
    let mut words = Vec::new();
    for (_, sums) in by_weight.iter().take(1) {
        let (_, calculated) = sums.bucket(Bucket::Calculated);
        words.push(Text::plain(format!("{subject} is ")));
        words.push(Text::strong(sums.total().in_words()));
        words.push(Text::plain(": "));
        words.push(Text::strong(calculated.in_words()));
        let review = sums.under_review.1;
        words.push(Text::plain(if sums.under_review.0 > 0 {
            format!(" calculated and waiting for approval ({} of it under review), ", review.in_words())
        } else {
            " calculated and waiting for approval, ".to_owned()
        }));
        words.push(Text::strong(sums.bucket(Bucket::Approved).1.in_words()));
        words.push(Text::plain(" approved and due with the next billing cycle, "));
        words.push(Text::strong(sums.bucket(Bucket::Paid).1.in_words()));
        words.push(Text::plain(" paid."));
    }
    // Currencies are never added: each has its own total and its own table below.
    for (number, (_, sums)) in by_weight.iter().skip(1).enumerate() {
        words.push(Text::plain(if number == 0 { " In other currencies: " } else { ", " }));
        words.push(Text::strong(sums.total().in_words()));
    }
    if by_weight.len() > 1 {
        words.push(Text::plain("."));
    }
    words
}

/// Plain text of words, for descriptions and tickets.
pub(crate) fn plain(words: &[Text]) -> String {
    words.iter().map(|t| t.text.as_str()).collect()
}

/// A share of a whole in percent with two decimals, as text; integers only, so that it prints the same everywhere.
fn percent(part: i128, whole: i128) -> (String, i128) {
    if whole <= 0 {
        return ("0.00".to_owned(), 0);
    }
    let hundredths = (part.max(0).min(whole) * 10_000 + whole / 2) / whole;
    (format!("{}.{:02}", hundredths / 100, hundredths % 100), hundredths)
}

/// Segments beside each other, in percent of a whole.
pub(crate) fn segments(parts: &[(Money, &'static str)], whole: Money) -> Vec<Segment> {
    let mut x = 0;
    let mut bar = Vec::new();
    for (amount, fill) in parts {
        let (width, hundredths) = percent(amount.minor(), whole.minor());
        if hundredths > 0 {
            bar.push(Segment { x: format!("{}.{:02}", x / 100, x % 100), width, fill });
            x += hundredths;
        }
    }
    bar
}

/// The buckets of the headline total as segments, under review apart.
pub(crate) fn total_segments(sums: &CurrencyTotals, whole: Money) -> Vec<Segment> {
    let (_, calculated) = sums.bucket(Bucket::Calculated);
    let review = sums.under_review.1;
    let rest = calculated.checked_sub(review).unwrap_or(calculated);
    segments(
        &[
            (rest, "calc"),
            (review, "review"),
            (sums.bucket(Bucket::Approved).1, "appr"),
            (sums.bucket(Bucket::Paid).1, "paid"),
        ],
        whole,
    )
}

/// The four measures: eligible, calculated, approved and paid so far.
pub(crate) fn flow(sums: &CurrencyTotals) -> Block {
    let calculated = sums.calculated;
    let approved = sums.sum(&[Bucket::Approved, Bucket::Paid]);
    let paid = sums.paid;
    let whole =
        [sums.expected, calculated, approved, paid].into_iter().max_by_key(|m| m.minor()).unwrap_or(paid);
    let step = |label: &str, amount: Money, fill, notes: Vec<Text>| {
        let words = amount.in_words();
        let (text, cents) = match words.rsplit_once('.') {
            Some((text, cents)) if cents.bytes().take(2).all(|b| b.is_ascii_digit()) => {
                (text.to_owned(), format!(".{cents}"))
            }
            Some(_) | None => (words, String::new()),
        };
        let (width, _) = percent(amount.minor(), whole.minor());
        let bar = Segment { x: "0.00".to_owned(), width, fill };
        FlowStep { label: label.to_owned(), whole: text, cents, bar, notes }
    };
    let expected_note = if sums.not_recomputed > 0 {
        format!("{} not recomputed", count_of(sums.not_recomputed, "line", "lines"))
    } else {
        "our own computation, by program rules".to_owned()
    };
    let waiting = |bucket: Bucket, words: &str| {
        let (count, amount) = sums.bucket(bucket);
        Text::plain(if count == 0 {
            format!("nothing {words}")
        } else {
            format!("{} {words}", amount.in_words())
        })
    };
    let (pending, _) = sums.bucket(Bucket::Pending);
    Block::Flow {
        steps: vec![
            step("Eligible", sums.expected, "elig", vec![Text::plain(expected_note)]),
            step(
                "Calculated so far",
                calculated,
                "calc",
                vec![Text::plain(format!("{} not calculated yet", count_of(pending, "line", "lines")))],
            ),
            step("Approved so far", approved, "appr", vec![waiting(Bucket::Calculated, "awaiting approval")]),
            step("Paid so far", paid, "paid", vec![waiting(Bucket::Approved, "awaiting payment")]),
        ],
    }
}

/// The status breakdown of one currency: it adds up to the headline total, and lists beside it what is not in it.
pub(crate) fn status_table(
    report: &Report<'_>,
    id: &str,
    currency: Currency,
    sums: &CurrencyTotals,
) -> Table {
    let total = sums.total();
    let share = |amount: Money| {
        let (_, hundredths) = percent(amount.minor(), total.minor());
        let tenths = (hundredths + 5) / 10;
        Cell::text(format!("{}.{}%", tenths / 10, tenths % 10))
    };
    let expect = |status: Status| Cell::text(report.sources.content.status(status).timeline.clone());
    let mut table = Table {
        id: id.to_owned(),
        caption: format!("Each line is counted once, where it is now. Amounts in {currency}."),
        layout: "tight",
        columns: vec![
            Column::text("Status"),
            Column::number("Lines"),
            Column::number("Amount"),
            Column::number("Share").minor(),
            Column::text("What to expect").minor(),
        ],
        ..Table::default()
    };
    let row = |style, status: Status, count: usize, amount: Money, share: Cell| Row {
        style,
        id: String::new(),
        cells: vec![Cell::status(status), Cell::count(count), Cell::money(amount), share, expect(status)],
    };
    for (bucket, status) in [
        (Bucket::Calculated, Status::Calculated),
        (Bucket::Approved, Status::Approved),
        (Bucket::Paid, Status::Paid),
    ] {
        let (count, amount) = sums.bucket(bucket);
        table.rows.push(row("", status, count, amount, share(amount)));
        if bucket == Bucket::Calculated && sums.under_review.0 > 0 {
            let (count, amount) = sums.under_review;
            let mut of_which = row("ind", Status::UnderReview, count, amount, share(amount));
            of_which.cells[0].text = "of which Under Review".to_owned();
            table.rows.push(of_which);
        }
    }
    table.foot.push(Row {
        style: "tot",
        id: String::new(),
        cells: vec![
            Cell::text("Total rebate"),
            Cell::count(sums.total_lines()),
            Cell::money(total),
            share(total),
            Cell::text(if sums.adjustments.is_zero() {
                "Calculated + Approved + Paid".to_owned()
            } else {
                format!("After adjustments of {}", sums.adjustments.in_words())
            }),
        ],
    });
    table
}

/// What is listed beside the total: no amount yet, rejected, not recognized.
pub(crate) fn outside_table(
    report: &Report<'_>,
    id: &str,
    currency: Currency,
    sums: &CurrencyTotals,
) -> Option<Table> {
    let statuses = [Status::PendingData, Status::InCalculation, Status::Rejected, Status::Unknown];
    if statuses.iter().all(|s| sums.status(*s).0 == 0) {
        return None;
    }
    let mut table = Table {
        id: id.to_owned(),
        caption: format!("Not in the total. Amounts in {currency} where the vendor gives one."),
        layout: "tight",
        columns: vec![
            Column::text("Status"),
            Column::number("Lines"),
            Column::number("Amount"),
            Column::text("What to expect").minor(),
        ],
        ..Table::default()
    };
    for status in statuses {
        let (count, amount) = sums.status(status);
        if count > 0 {
            let amount = if status == Status::Unknown {
                Cell::money(amount)
            } else {
                Cell { none: Some("not in the total"), ..Cell::default() }
            };
            table.rows.push(Row {
                cells: vec![
                    Cell::status(status),
                    Cell::count(count),
                    amount,
                    Cell::text(report.sources.content.status(status).timeline.clone()),
                ],
                ..Row::default()
            });
        }
    }
    Some(table)
}

/// The breakdown of every currency of a scope, as one section, with the file of each.
pub(crate) fn status_section(
    report: &Report<'_>,
    totals: &Totals,
    name: &str,
) -> (Block, Vec<(String, Table)>) {
    let mut blocks = Vec::new();
    let mut actions = Vec::new();
    let mut exports = Vec::new();
    for (currency, sums) in totals.by_weight() {
        let code = currency.code().to_lowercase();
        blocks.push(Block::Bar { segments: total_segments(sums, sums.total()) });
        let table = status_table(report, &format!("status-{code}"), currency, sums);
        let mut file = table.clone();
        blocks.push(Block::Table(table));
        if let Some(outside) = outside_table(report, &format!("outside-{code}"), currency, sums) {
            // One file for both: what is not in the total has no share of it.
            file.rows.extend(outside.rows.iter().cloned().map(|mut row| {
                row.cells.insert(3, Cell::empty());
                row
            }));
            blocks.push(Block::Table(outside));
        }
        let path = format!("{name}.status.{code}.csv");
        actions.push(Link::to(format!("{currency} CSV"), path.clone()));
        exports.push((path, file));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain("There are no rebate lines here in this snapshot.")],
        });
    }
    let heading = "Status now".to_owned();
    (Block::Section { id: "status-now".to_owned(), heading, actions, blocks }, exports)
}

/// Why a line or order is as it is, in plain words: the vendor's reason, else the primary explanation, else the status.
pub(crate) fn why(report: &Report<'_>, case: &Case) -> String {
    if let Subject::Line(number) = case.subject
        && let Some(reason) = report.reconciled.reason(report.line(number).reason_raw)
    {
        return reason.plain_text.to_string();
    }
    match (case.primary(), case.subject) {
        // A kind without an amount, such as a row given twice, is no reason for a status.
        (Some(finding), _) if finding.direction != Direction::None => {
            report.sources.content.kind(finding.kind).title.clone()
        }
        (_, Subject::Line(number)) => {
            report.sources.content.status(report.line(number).status).definition.clone()
        }
        (Some(finding), _) => report.sources.content.kind(finding.kind).title.clone(),
        (None, _) => "Nothing to explain".to_owned(),
    }
}

/// The next step of a case: the first fix of its primary explanation, else the step of the status.
pub(crate) fn next_step(report: &Report<'_>, case: &Case) -> Result<String, Error> {
    if let Some(finding) = case.primary() {
        if let Some(fix) = recommended_fix(report, case) {
            return Ok(fix);
        }
        let mut facts = report.facts(case);
        facts.extend(&finding.facts);
        if let Some(fix) = report.sources.sentences.fixes(finding.kind, &facts)?.into_iter().next() {
            return Ok(fix);
        }
    }
    Ok(match case.subject {
        Subject::Line(number) => report.sources.content.status(report.line(number).status).next_step.clone(),
        Subject::Order(_)
        | Subject::Payout(_)
        | Subject::Feed(_)
        | Subject::Row(_)
        | Subject::Adjustment(_) => "Nothing to do.".to_owned(),
    })
}

/// The fix that the reason of a line recommends, such as "Confirm if product should be enrolled under …".
pub(crate) fn recommended_fix(report: &Report<'_>, case: &Case) -> Option<String> {
    let Subject::Line(number) = case.subject else { return None };
    let reason = report.reconciled.reason(report.line(number).reason_raw)?;
    let mut facts = report.facts(case);
    for finding in &case.findings {
        facts.extend(&finding.facts);
    }
    Some(report.sources.sentences.reason_fix(&reason.reason, &facts)).filter(|fix| !fix.is_empty())
}

/// The sentence of a case for an audience: of its primary explanation, else of its status.
pub(crate) fn answer(report: &Report<'_>, case: &Case, audience: Audience) -> Result<String, Error> {
    let mut facts = report.facts(case);
    if let Some(finding) = case.primary() {
        facts.extend(&finding.facts);
        let text = report.sources.sentences.explain(finding.kind, audience, &facts)?;
        if !text.is_empty() || audience == Audience::Customer {
            return Ok(text);
        }
    }
    match case.subject {
        Subject::Line(number) => {
            report.sources.sentences.explain_status(report.line(number).status, audience, &facts)
        }
        Subject::Order(_)
        | Subject::Payout(_)
        | Subject::Feed(_)
        | Subject::Row(_)
        | Subject::Adjustment(_) => Ok("There is nothing to explain or to do.".to_owned()),
    }
}

/// The facts of a case's subject.
pub(crate) fn facts(report: &Report<'_>, case: &Case) -> Facts {
    let mut facts = Facts::default();
    facts.set("order", join(case.orders.iter().map(|id| id.raw())));
    if let Some(month) = case.period {
        facts.set("period", month.in_words());
        facts.set("month", month.name());
    }
    match case.subject {
        Subject::Line(number) => line_facts(report, number, &mut facts),
        Subject::Order(number) => order_facts(report, number, &mut facts),
        Subject::Payout(number) => {
            let payout = &report.reconciled.snapshot.records.payouts[number as usize];
            facts.set("payout", payout.id.raw().to_owned());
            facts.set("date", date_in_words(payout.date));
        }
        Subject::Feed(number) => {
            facts.set("source", report.reconciled.snapshot.records.feeds[number as usize].id.to_string());
        }
        Subject::Row(number) => {
            let row = &report.reconciled.snapshot.quarantined[number as usize];
            facts.set("line", row.line.map(|id| id.raw().to_owned()));
            facts.set("batch", row.batch.map(|id| id.raw().to_owned()));
            facts.set("amount", row.amount.map(Money::in_words));
        }
        Subject::Adjustment(number) => {
            let adjustment = &report.reconciled.snapshot.records.adjustments[number as usize];
            facts.set("line", adjustment.line.map(|id| id.raw().to_owned()));
            facts.set("adjustment", adjustment.amount.in_words());
            facts.set("program", adjustment.program.map(|id| id.raw().to_owned()));
        }
    }
    if let Some(amount) = case.at_stake() {
        facts.set("diff", amount.in_words());
    }
    facts
}

fn line_facts(report: &Report<'_>, number: u32, facts: &mut Facts) {
    let (line, figures) = (report.line(number), report.figures(number));
    let program = report.reconciled.rules.program(line.program);
    let name = program.map_or_else(|| line.program.raw().to_owned(), |p| p.name.to_string());
    facts.set("line", line.id.raw().to_owned());
    facts.set("batch", line.batch.map(|id| id.raw().to_owned()));
    facts.set("payout", line.payout.map(|id| id.raw().to_owned()));
    facts.set("program", name.clone());
    facts.set(
        "campaign",
        report.scopes.campaign_of(report.reconciled, number).map_or(name, |c| c.to_string()),
    );
    facts.set("status", line.status.label().to_owned());
    facts.set("state", super::scopes::state_words(line.status));
    facts.set("status_since", line.status_date.map(date_in_words));
    facts.set("amount", line.amount_calculated.map(Money::in_words));
    facts.set("net", figures.net.map(Money::in_words));
    facts.set("expected", figures.expected.map(Money::in_words));
    facts.set("paid", line.amount_paid.map(Money::in_words));
    facts.set("adjustment", (!figures.adjustments.is_zero()).then(|| figures.adjustments.in_words()));
    facts.set("category", line.category.map(|c| c.to_string()));
    facts.set("region", line.region.map(|r| r.to_string()));
    facts.set("sku", line.sku_ref.map(|s| s.raw().to_owned()));
    facts.set("account", line.account_ref.map(|a| a.raw().to_owned()));
    let reason = report.reconciled.reason(line.reason_raw);
    facts.set("reason", reason.map(|r| r.plain_text.trim_end_matches('.').to_owned()));
    facts.set("condition", condition(report, number));
    if let Some(share) = report.reconciled.matching.of_line(number).shares.first() {
        let order = report.order(share.order);
        facts.set("customer", report.scopes.customer_name(report.reconciled, order).map(|n| n.to_string()));
    }
    if let Some(batch) = line.batch {
        facts.set("orders", report.scopes.batch_orders(batch));
    }
}

/// What still has to be confirmed before a line becomes payable, for "eligibility requires …".
pub(crate) fn condition(report: &Report<'_>, number: u32) -> Option<String> {
    let reason = report.reconciled.reason(report.line(number).reason_raw)?;
    report.sources.content.reasons.get(reason.reason.as_str())?.condition.clone()
}

fn order_facts(report: &Report<'_>, number: u32, facts: &mut Facts) {
    let order = report.order(number);
    let figures = &report.reconciled.orders[number as usize];
    let program = report.reconciled.rules.declared_program(order);
    facts.set("order", order.id.raw().to_owned());
    facts.set("account", order.account.raw().to_owned());
    facts.set("customer", report.scopes.customer_name(report.reconciled, order).map(|n| n.to_string()));
    facts.set("program", program.map(|p| p.name.to_string()));
    facts.set("campaign", order.campaign.map(|c| c.to_string()));
    facts.set("sku", order.sku.raw().to_owned());
    facts.set("region", order.region.map(|r| r.to_string()));
    facts.set("category", report.reconciled.rules.category(order).map(|c| c.to_string()));
    facts.set("expected", figures.potential.map(Money::in_words));
    facts.set("date", date_in_words(order.order_date));
    facts.set("status", Status::PendingData.label().to_owned());
}

/// `A, B, C`, or `A, B, C and 4 more` beyond three.
pub(crate) fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.len() > 4 {
        format!("{} and {} more", names[..3].join(", "), names.len() - 3)
    } else {
        names.join(", ")
    }
}

/// Columns of the list of lines.
fn line_columns() -> Vec<Column> {
    vec![
        Column::text("Order"),
        Column::text("Line").minor(),
        Column::text("Customer"),
        Column::text("Program").minor(),
        Column::text("Status"),
        Column::text("Why"),
        Column::number("Eligible"),
        Column::number("Calculated").minor(),
        Column::number("Adjustments").minor(),
        Column::number("Paid").minor(),
        Column::number("Rebate"),
    ]
}

/// One line as a row of a list: it leads to its order, or to its batch where no order is known.
fn line_row(report: &Report<'_>, number: u32) -> Row {
    let (line, figures) = (report.line(number), report.figures(number));
    let case = report.reconciled.line_case(number);
    let share = report.reconciled.matching.of_line(number).shares.first();
    let order = share.map(|s| report.order(s.order));
    let program = report.reconciled.rules.program(line.program);
    let subject = match order {
        Some(order) => Cell::link(order.id.raw(), report.order_path(order.id)),
        None => Cell::link(line.order_ref.raw(), report.line_path(number)).with_note("no order of ours"),
    };
    Row {
        cells: vec![
            subject,
            Cell::code(line.id.raw()),
            order
                .and_then(|o| report.scopes.customer_name(report.reconciled, o))
                .map_or_else(Cell::empty, |name| Cell::text(name.as_str())),
            Cell::link(
                program.map_or(line.program.raw(), |p| p.name.as_str()),
                report.scopes.path(&super::scopes::ScopeKey::program(line.program)),
            ),
            Cell::status(line.status),
            Cell::text(why(report, case)),
            figures.expected.map_or(Cell { none: Some("not recomputed"), ..Cell::default() }, Cell::money),
            Cell::money_or_none(line.amount_calculated),
            if figures.adjustments.is_zero() {
                Cell::money_or_none(None)
            } else {
                Cell::money(figures.adjustments)
            },
            Cell::money_or_none(line.amount_paid),
            Cell::money_or_none(figures.net),
        ],
        ..Row::default()
    }
}

/// The lines of a scope as tables, one per currency: on the page the largest, in the file all of them.
pub(crate) fn line_tables(
    report: &Report<'_>,
    lines: &[u32],
    name: &str,
) -> (Vec<Block>, Vec<(String, Table)>, Vec<Link>) {
    let mut blocks = Vec::new();
    let mut exports = Vec::new();
    let mut links = Vec::new();
    let totals = report.totals(lines);
    let several = totals.iter().count() > 1;
    for (currency, sums) in totals.by_weight() {
        let mut of_currency: Vec<u32> =
            lines.iter().copied().filter(|n| report.line(*n).currency == currency).collect();
        of_currency.sort_by_key(|n| {
            (std::cmp::Reverse(report.figures(*n).net.map_or(0, |m| m.abs().minor())), report.line(*n).id)
        });
        let code = currency.code();
        let foot = Row {
            style: "tot",
            id: String::new(),
            cells: vec![
                Cell::text(count_of(of_currency.len(), "line", "lines")),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::money(sum_of(&of_currency, currency, |n| report.figures(n).expected)),
                Cell::money(sums.calculated_all),
                Cell::money(sum_of(&of_currency, currency, |n| Some(report.figures(n).adjustments))),
                Cell::money(sums.paid),
                Cell::money(sum_of(&of_currency, currency, |n| report.figures(n).net)),
            ],
        };
        let table = |rows: Vec<Row>, caption: String| Table {
            id: format!("lines-{}", code.to_lowercase()),
            caption,
            layout: "cards",
            sortable: true,
            columns: line_columns(),
            rows,
            foot: vec![foot.clone()],
            empty: String::new(),
        };
        let shown: Vec<Row> = of_currency.iter().take(LISTED).map(|n| line_row(report, *n)).collect();
        let caption = if of_currency.len() > shown.len() {
            format!(
                "The {} largest of {}, amounts in {code}. The file holds all of them.",
                shown.len(),
                count_of(of_currency.len(), "line", "lines")
            )
        } else {
            format!("{}, largest first. Amounts in {code}.", count_of(of_currency.len(), "line", "lines"))
        };
        blocks.push(Block::Table(table(shown, caption)));
        blocks.extend(not_recomputed(report, &of_currency));
        let all: Vec<Row> = of_currency.iter().map(|n| line_row(report, *n)).collect();
        let path = if several {
            format!("{name}.lines.{}.csv", code.to_lowercase())
        } else {
            format!("{name}.lines.csv")
        };
        links.push(Link::to(
            if several { format!("Lines {code} CSV") } else { "Lines CSV".to_owned() },
            path.clone(),
        ));
        exports.push((path, table(all, String::new())));
    }
    (blocks, exports, links)
}

/// The lines that no rule computes, counted by reason and named; nothing where every line is recomputed.
pub(crate) fn not_recomputed(report: &Report<'_>, lines: &[u32]) -> Option<Block> {
    let mut reasons: BTreeMap<&'static str, Vec<u32>> = BTreeMap::new();
    for number in lines.iter().filter(|n| report.figures(**n).expected.is_none()) {
        let line = report.line(*number);
        let program = report.reconciled.rules.program(line.program);
        let reason = if program.is_none() {
            "no rule is entered for the program"
        } else if program.is_some_and(|p| p.method == Method::LumpSum) || line.has_no_order_by_design() {
            "lump sum or bonus, which stands for no order"
        } else if report.reconciled.matching.of_line(*number).shares.is_empty() {
            "no order of ours belongs to it"
        } else {
            "our orders do not say enough, or are in another currency"
        };
        reasons.entry(reason).or_default().push(*number);
    }
    let count: usize = reasons.values().map(Vec::len).sum();
    if count == 0 {
        return None;
    }
    let mut text = vec![Text::strong(format!("{} not recomputed", count_of(count, "line", "lines")))];
    for (number, (reason, mut lines)) in reasons.into_iter().enumerate() {
        lines.sort_by_key(|n| report.line(*n).id);
        let names = join(lines.iter().map(|n| report.line(*n).id.raw()));
        text.push(Text::plain(format!("{}{reason} ({names})", if number == 0 { ": " } else { "; " })));
    }
    text.push(Text::plain(". Eligible leaves them out; it is never guessed."));
    Some(Block::Paragraph { text })
}

pub(crate) fn sum_of(lines: &[u32], currency: Currency, amount: impl Fn(u32) -> Option<Money>) -> Money {
    lines
        .iter()
        .filter_map(|n| amount(*n))
        .fold(Money::zero(currency), |sum, amount| sum.checked_add(amount).unwrap_or(sum))
}

/// Cases as a table: what it is about, why, the next step and the amount at stake, largest first.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(crate) fn case_table(
    report: &Report<'_>,
    id: &str,
    caption: String,
    cases: &[&Case],
    limit: usize,
) -> Result<Table, Error> {
    let mut table = Table {
        id: id.to_owned(),
        caption,
        layout: "cards",
        sortable: true,
        columns: vec![
            Column::text("Order"),
            Column::text("Severity"),
            Column::text("Status"),
            Column::text("Why"),
            Column::text("Next step"),
            Column::text("Customer").minor(),
            Column::date("Period"),
            Column::text("Currency"),
            Column::number("At stake"),
        ],
        empty: "No such case in this snapshot.".to_owned(),
        ..Table::default()
    };
    for case in cases.iter().take(limit) {
        table.rows.push(case_row(report, case)?);
    }
    Ok(table)
}

/// What a case is about, as a cell that leads to its page: its first order, else its payout or the rows set aside.
pub(crate) fn subject_cell(report: &Report<'_>, case: &Case) -> Cell {
    let (_, id) = report.subject(case);
    let name = case.orders.first().map_or(id, |order| order.raw().to_owned());
    let known = case.orders.first().filter(|order| !report.reconciled.matching.rows(**order).is_empty());
    match (known, case.subject) {
        (Some(order), _) => Cell::link(name, report.order_path(*order)),
        (None, Subject::Row(_)) => Cell::link(name, "quarantine.html"),
        (None, Subject::Payout(number)) => {
            let payout = report.reconciled.snapshot.records.payouts[number as usize].id;
            Cell::link(name, report.scopes.path(&super::scopes::ScopeKey::payout(payout)))
        }
        (None, Subject::Line(number)) => {
            let name = report.line(number).order_ref.raw();
            Cell::link(name, report.line_path(number)).with_note("no order of ours")
        }
        (None, Subject::Order(_) | Subject::Feed(_) | Subject::Adjustment(_)) => Cell::text(name),
    }
}

/// How bad a case is, and why it weighs more than its kind where it does.
fn severity_cell(report: &Report<'_>, case: &Case) -> Cell {
    let Some(severity) = report.reconciled.severity(case) else { return Cell::empty() };
    let label = capitalized(severity.label());
    let raises: Vec<&str> = report.reconciled.raises(case).into_iter().map(Raise::in_words).collect();
    if raises.is_empty() {
        return Cell::text(label);
    }
    let why = format!("raised: {}", raises.join(", "));
    Cell { csv: Some(format!("{label} ({why})")), ..Cell::text(label).with_note(why) }
}

fn case_row(report: &Report<'_>, case: &Case) -> Result<Row, Error> {
    let status = match case.subject {
        Subject::Line(number) => Cell::status(report.line(number).status),
        Subject::Order(_) => Cell::text("No rebate line"),
        Subject::Payout(_) => Cell::text("Payout"),
        Subject::Feed(_) => Cell::text("Source"),
        Subject::Row(_) => Cell::text("Row set aside"),
        Subject::Adjustment(_) => Cell::text("Adjustment"),
    };
    let why_cell = match case.primary() {
        Some(finding) => Cell::link(
            report.sources.content.kind(finding.kind).title.clone(),
            format!("discrepancy/{}.html", finding.kind.code()),
        ),
        None => Cell::text(why(report, case)),
    };
    let facts = report.facts(case);
    Ok(Row {
        cells: vec![
            subject_cell(report, case),
            severity_cell(report, case),
            status,
            why_cell,
            Cell::text(next_step(report, case)?),
            Cell::text(facts.get("customer").unwrap_or_default()),
            case.period.map_or_else(Cell::empty, |m| Cell::link(m.in_words(), address::of_month(m))),
            Cell::text(case.currency.map_or("", Currency::code)),
            Cell::money_or_none(case.at_stake()),
        ],
        ..Row::default()
    })
}

/// Cases that need someone to act, the largest amount first; explained ones and notes are left out.
pub(crate) fn attention<'r>(report: &'r Report<'_>, filter: impl Fn(&Case) -> bool) -> Vec<&'r Case> {
    let mut cases: Vec<&Case> = report
        .reconciled
        .cases
        .iter()
        .filter(|c| !matches!(c.direction(), Direction::Explained | Direction::None | Direction::Potential))
        .filter(|c| c.at_stake().is_some_and(|m| !m.is_zero()))
        .filter(|c| filter(c))
        .collect();
    cases.sort_by_cached_key(|case| {
        (
            std::cmp::Reverse(report.reconciled.severity(case)),
            std::cmp::Reverse(case.at_stake().map_or(0, |m| m.minor())),
            case.subject,
        )
    });
    cases
}

/// The days of a period, with the zone in which they end.
pub(crate) fn period_words(report: &Report<'_>, month: Month) -> String {
    let period = report.reconciled.rules.reference.period(month);
    format!("{}, days end at 24:00 {}", period.in_words(), report.sources.time_zone)
}

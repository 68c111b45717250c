//! The sections of an order page: amounts, reasons, lines, mapping, boundaries, evidence, what to do.

mod amounts;
mod evidence;
mod lines;
mod mapping;

pub(super) use amounts::amounts;
pub(super) use evidence::{evidence, evidence_of};
pub(super) use lines::lines;
pub(super) use mapping::{mapping, periods};

use std::collections::BTreeSet;

use super::proof::{self, Of};
use super::{Subject, table};
use crate::error::Error;
use crate::reconcile::Case;
use crate::report::lists;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row};
use crate::say;

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
            text.push(Text::plain(say!(" At stake: ")));
            text.push(Text::strong(amount.in_words()));
            text.push(Text::plain(say!(
                " ({direction}).",
                direction = finding.direction.in_words().to_lowercase()
            )));
        }
        blocks.push(Block::Paragraph { text });
    }
    let proof = report.reconciled.prove_order(row, case);
    let (proved, below) = proof::blocks(report, &proof, Of::Order(row));
    blocks.extend(proved);
    let heading = if subject.lines.is_empty() {
        say!("Why there is no rebate line").to_owned()
    } else {
        say!("Why there is no rebate line for {sku}", sku = report.order(row).sku)
    };
    let mut sections = vec![section("no-line", &heading, blocks)];
    sections.extend(below);
    sections
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
                say!("{status}: {definition}", status = line.status.words(), definition = page.definition),
                format!("status/{}.html", line.status.slug()),
            )
            .with_note(line.status_raw.as_str()),
            Cell::text(say!("{first} {then}", first = page.next_step, then = page.timeline)),
        );
        if let Some(reason) = report.reconciled.reason(line.reason_key) {
            let page = report.sources.content.reasons.get(reason.reason.as_str());
            let expected = page.map_or("", |p| p.expected.as_str());
            let next = lists::recommended_fix(report, report.reconciled.line_case(*number)).map_or_else(
                || say!("{first} {then}", first = page.map_or("", |p| p.next_step.as_str()), then = expected),
                |fix| say!("Recommended fix: {fix}", fix),
            );
            push(
                Cell::link(report.plain_reason(reason), format!("reason/{}.html", reason.reason))
                    .with_note(line.reason_raw.map_or(String::new(), |r| r.to_string())),
                Cell::text(next.trim()),
            );
        } else if let Some(raw) = line.reason_raw {
            push(
                Cell::text(say!("The vendor gives a reason that is not in the reason map yet"))
                    .with_note(raw.as_str()),
                Cell::text(say!("Ask the vendor what it means and add a row to reference/reason_map.csv.")),
            );
        }
        for adjustment in report.reconciled.adjustments(line.id) {
            if let Some(reason) = report.reconciled.reason(adjustment.reason_key) {
                let page = report.sources.content.reasons.get(reason.reason.as_str());
                push(
                    Cell::link(report.plain_reason(reason), format!("reason/{}.html", reason.reason))
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
        let next = fixes.first().map_or(say!("Nothing to do."), String::as_str).to_owned();
        push(
            Cell::link(page.title.clone(), format!("discrepancy/{}.html", finding.kind.code()))
                .with_note(finding.kind.code()),
            Cell::text(next),
        );
    }
    let mut reasons = table(
        "reasons",
        say!("In plain words; the vendor's or our own code below each.").to_owned(),
        "cards",
    );
    reasons.columns = vec![Column::text("What it means"), Column::text("What to do next")];
    reasons.rows = rows;
    let heading =
        if subject.lines.is_empty() { say!("What it means") } else { say!("Why it has this status") };
    Ok(section("why", heading, vec![Block::Table(reasons)]))
}

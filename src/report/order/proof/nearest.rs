//! The record of the other side that comes closest, field by field.

use super::Of;
use crate::model::record::{Line, Order};
use crate::reconcile::proof::Proof;
use crate::reconcile::suggest::Likeness;
use crate::report::Report;
use crate::report::order::table;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row};
use crate::rules::Rules;
use crate::say;

/// Candidates that are listed.
const LISTED: usize = 12;

/// The section; `None` where nothing is near.
pub(super) fn section(report: &Report<'_>, proof: &Proof, of: Of) -> Option<Block> {
    let nearest = proof.nearest?;
    let (order_number, line_number) = match of {
        Of::Order(order) => (order, nearest),
        Of::Line(line) => (nearest, line),
    };
    let (order, line) = (report.order(order_number), report.line(line_number));
    let facts = report.reconciled.side_by_side(order_number, line_number);
    let agreeing = facts.iter().filter(|f| f.agrees() == Some(true)).count();
    let mut compared = table(
        "nearest-fields",
        say!("Field by field. Marks, not colors, say what is equal.").to_owned(),
        "cards",
    );
    compared.columns = vec![
        Column::text("Field"),
        Column::text("Ours"),
        Column::text("The vendor's"),
        Column::text("Compared"),
    ];
    let mut push = |name: &str, [ours, theirs]: [Option<String>; 2], agrees: Option<bool>| {
        let cell = |value: Option<String>| {
            value.map_or(Cell { none: Some(say!("not known")), ..Cell::default() }, Cell::text)
        };
        let mark = match agrees {
            Some(true) => Cell { icon: Some("ok"), ..Cell::text(say!("Equal")) },
            Some(false) => Cell { icon: Some("bad"), ..Cell::text(say!("Different")) },
            None => Cell { icon: Some("unknown"), ..Cell::text(say!("Not known")) },
        };
        compared
            .rows
            .push(Row { cells: vec![Cell::text(name), cell(ours), cell(theirs), mark], ..Row::default() });
    };
    let ids = [Some(order.id.raw().to_owned()), Some(line.order_ref.raw().to_owned())];
    push(say!("Order ID"), ids, Some(order.id.canonical() == line.order_ref.canonical()));
    for fact in &facts {
        let agrees = fact.agrees();
        let (name, values) = words(report, order, line, fact.name);
        let raw = || [fact.ours.clone(), fact.theirs.clone()];
        push(name, values.unwrap_or_else(raw), agrees);
    }
    let mut blocks = vec![
        Block::Paragraph { text: lead(report, proof, of, nearest, (agreeing, facts.len())) },
        Block::Table(compared),
    ];
    if proof.candidates.len() > 1 {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!(
                "Several records would do, so none is chosen and no money moves. A person has to decide:"
            ))],
        });
        let item = |n: &u32| vec![link(report, of, *n)];
        let items = proof.candidates.iter().take(LISTED).map(item).collect();
        blocks.push(Block::List { ordered: false, items });
    }
    Some(Block::Section {
        id: "nearest".to_owned(),
        heading: say!("The record that comes closest").to_owned(),
        actions: Vec::new(),
        blocks,
    })
}

/// Name and values of a fact for a person; `None` for the values where the plain ones do.
fn words(
    report: &Report<'_>,
    order: &Order,
    line: &Line,
    name: &'static str,
) -> (&'static str, Option<[Option<String>; 2]>) {
    let rules = &report.reconciled.rules;
    let program = rules.program(line.program);
    match name {
        "account" => {
            let account = rules.account(order.account, order.order_date).found().and_then(|a| a.vendor);
            let raw = [account, line.account_ref].map(|a| a.map(|a| a.raw().to_owned()));
            (say!("Vendor account"), Some(raw))
        }
        "category" => (say!("Product category"), None),
        "period" => {
            let own = rules.own_period(order, program);
            (say!("Period"), Some([own, line.period].map(|m| Some(m.in_words()))))
        }
        "base" => {
            let own = Rules::base(order, program.map(|p| p.base_basis).unwrap_or_default());
            (say!("Base"), Some([own, line.amount_base].map(|m| m.map(|m| m.in_words()))))
        }
        "currency" => (say!("Currency"), None),
        other => (other, None),
    }
}

fn link(report: &Report<'_>, of: Of, nearest: u32) -> Text {
    match of {
        Of::Order(_) => {
            let line = report.line(nearest);
            Text::link(
                say!("{id} for {order_ref}", id = line.id, order_ref = line.order_ref),
                report.line_path(nearest),
            )
        }
        Of::Line(_) => {
            let order = report.order(nearest);
            Text::link(order.id.raw(), report.order_path(order.id))
        }
    }
}

fn lead(
    report: &Report<'_>,
    proof: &Proof,
    of: Of,
    nearest: u32,
    (agreeing, all): (usize, usize),
) -> Vec<Text> {
    let what = match of {
        Of::Order(_) => say!("Of the vendor's lines without an order, "),
        Of::Line(_) => say!("Of our orders without a line, "),
    };
    let conclusion = match (proof.likeness, proof.candidates.len()) {
        (Some(_), 2..) => say!("It is one of several that would do."),
        (Some(Likeness::NearId | Likeness::SameFacts), _) => {
            say!("Probably the same sale. Until a person confirms it, totals treat the two as apart.")
        }
        (None, _) => say!("Probably another sale: more differs than an ID."),
    };
    vec![
        Text::plain(what),
        link(report, of, nearest),
        Text::plain(say!(
            " comes closest: {agreeing} of {all} facts are equal. {conclusion}",
            agreeing,
            all,
            conclusion
        )),
    ]
}

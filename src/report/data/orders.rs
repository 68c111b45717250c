//! The file of our order rows: each with what we expect, the lines that name it and what explains it.

use super::{customer_id, customer_name, primary, put, put_all};
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::Program;
use crate::reconcile::kinds::Direction;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Finding, OrderFigures};
use crate::report::Report;

/// An order row and what was found for it.
pub(super) struct OrderRow<'r, 'a> {
    report: &'r Report<'a>,
    order: &'a Order,
    figures: &'a OrderFigures,
    program: Option<&'a Program>,
    number: u32,
    lines: &'a [u32],
    /// Its own case, which it has when no line names it.
    case: Option<&'r Case>,
    /// What explains it: of its own case, else the first of its lines' in the causal chain.
    finding: Option<&'r Finding>,
}

type OrderColumn = (&'static str, fn(&OrderRow<'_, '_>, &mut String));

pub(super) const ORDERS: &[OrderColumn] = &[
    ("order_id", |r, out| out.push_str(r.order.id.raw())),
    ("order_line", |r, out| put_all(out, r.order.line)),
    ("reseller_id", |r, out| put_all(out, r.order.reseller)),
    ("customer_id", |r, out| put_all(out, customer_id(r.report, r.order))),
    ("customer", |r, out| put_all(out, customer_name(r.report, r.number))),
    ("account_id", |r, out| out.push_str(r.order.account.raw())),
    ("invoice_id", |r, out| put_all(out, r.order.invoice)),
    ("invoice_date", |r, out| put_all(out, r.order.invoice_date)),
    ("order_date", |r, out| put(out, r.order.order_date)),
    ("period", |r, out| put(out, r.figures.period)),
    ("sku", |r, out| out.push_str(r.order.sku.raw())),
    ("category", |r, out| put_all(out, r.report.reconciled.rules.category(r.order))),
    ("region", |r, out| put_all(out, r.order.region)),
    ("site", |r, out| put_all(out, r.order.site)),
    ("billing_model", |r, out| put_all(out, r.order.billing_model)),
    ("contract_type", |r, out| put_all(out, r.order.contract_type)),
    ("campaign", |r, out| put_all(out, r.order.campaign)),
    // The program it declares.
    ("program", |r, out| put_all(out, r.program.map(|p| p.id))),
    ("currency", |r, out| out.push_str(r.order.amount_net.currency().code())),
    ("net_amount", |r, out| put(out, r.order.amount_net)),
    ("base", |r, out| put_all(out, r.figures.base)),
    ("expected", |r, out| put_all(out, r.figures.expected)),
    ("line_ids", |r, out| put_all(out, r.lines.iter().map(|n| r.report.line(*n).id))),
    // The vendor's amounts for it in its own currency.
    ("calculated", |r, out| put_all(out, r.calculated())),
    ("primary", |r, out| out.push_str(primary(r.finding))),
    ("direction", |r, out| out.push_str(r.finding.map_or(Direction::None, |f| f.direction).label())),
    // Empty where the amount is counted on its lines.
    ("at_stake", |r, out| put_all(out, r.case.and_then(Case::at_stake))),
    ("record_version", |r, out| {
        put_all(out, r.report.sources.history.versions.get(r.order.id).map(|v| v.number))
    }),
    ("source_file", |r, out| out.push_str(r.report.sources.files.path(r.order.origin.source))),
    ("source_line", |r, out| put(out, r.report.sources.files.line(r.order.origin.source))),
    ("page", |r, out| out.push_str(&r.report.order_path(r.order.id))),
];

impl OrderRow<'_, '_> {
    fn calculated(&self) -> Option<Money> {
        let currency = self.order.amount_net.currency();
        let parts = self.lines.iter().flat_map(|line| {
            let shares = self.report.reconciled.matching.of_line(*line).shares.iter();
            shares.filter(|share| share.order == self.number).filter_map(|share| share.amount_calculated)
        });
        let of_currency = parts.filter(|amount| amount.currency() == currency).map(Money::minor);
        of_currency.reduce(|sum, minor| sum + minor).map(|minor| Money::from_minor(minor, currency))
    }
}

pub(super) fn orders<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = OrderRow<'r, 'a>> {
    let mut sorted: Vec<(&'static str, u32)> = numbered(&report.reconciled.snapshot.records.orders)
        .map(|(number, order)| (order.id.raw(), number))
        .collect();
    // Rows of one order stay in the order of their lines.
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, number)| {
        let order = report.order(number);
        let lines = report.reconciled.matching.of_order(number);
        let case = report.reconciled.order_case(number);
        let of_lines = || {
            let primaries = lines.iter().filter_map(|n| report.reconciled.line_case(*n).primary());
            primaries.min_by_key(|f| f.kind.rank())
        };
        OrderRow {
            report,
            order,
            figures: &report.reconciled.orders[number as usize],
            program: report.reconciled.rules.declared_program(order),
            number,
            lines,
            case,
            finding: case.map_or_else(of_lines, Case::primary),
        }
    })
}

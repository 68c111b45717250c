//! The evidence of a claim: every row of both sides that its cases rest on, with file, line, checksums and the values that
//! matter.

use std::collections::BTreeSet;

use super::Group;
use crate::ingest::columns::FileKind;
use crate::model::record::SourceRef;
use crate::reconcile::Subject;
use crate::reconcile::matching::numbered;
use crate::report::Report;
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// The rows that prove a claim, in the order of its file.
pub(super) fn file(report: &Report<'_>, group: &Group) -> Table {
    let columns = vec![
        Column::text("Item"),
        Column::text("Record"),
        Column::text("Source file"),
        Column::number("Row"),
        Column::text("Row SHA-256"),
        Column::text("File SHA-256"),
        Column::text("Values"),
    ];
    let mut rows = Vec::new();
    for item in &group.items {
        let case = report.case(item);
        let (_, name) = report.subject(case);
        let mut seen = BTreeSet::new();
        for (record, source) in sources(report, case.subject) {
            if seen.insert(source) {
                rows.push(row(report, &name, record, source));
            }
        }
    }
    Table { columns, rows, ..Table::default() }
}

fn row(report: &Report<'_>, item: &str, record: String, source: SourceRef) -> Row {
    let files = report.sources.files;
    let file = files.get(source.file);
    let matters = columns(file.kind());
    let values: Vec<String> = files
        .cells(source)
        .into_iter()
        .filter(|(name, value)| matters.contains(&name.as_str()) && !value.trim().is_empty())
        .map(|(name, value)| format!("{name}={}", value.trim()))
        .collect();
    let cells = vec![
        Cell::code(item),
        Cell::text(record),
        Cell::code(file.path()),
        Cell::text(files.line(source).to_string()),
        Cell::code(files.row_sha256(source)),
        Cell::code(file.sha256()),
        Cell::text(values.join(say!("; "))),
    ];
    Row { cells, ..Row::default() }
}

/// The records of a case: ours, then the vendor's, then those that settle or explain it.
fn sources(report: &Report<'_>, subject: Subject) -> Vec<(String, SourceRef)> {
    let records = &report.reconciled.snapshot.records;
    let mut all = Vec::new();
    match subject {
        Subject::Line(number) => {
            let shares = &report.reconciled.matching.of_line(number).shares;
            shares.iter().for_each(|share| of_order(report, share.order, &mut all));
            of_line(report, number, &mut all);
        }
        Subject::Order(number) => of_order(report, number, &mut all),
        Subject::Payout(number) => {
            let payout = &records.payouts[number as usize];
            all.push((say!("Payout {id}", id = payout.id), payout.origin.source));
            for (number, line) in numbered(&records.lines) {
                if line.payout == Some(payout.id) {
                    of_line(report, number, &mut all);
                }
            }
        }
        Subject::Adjustment(number) => {
            let adjustment = &records.adjustments[number as usize];
            all.push((say!("Adjustment {id}", id = adjustment.id), adjustment.origin.source));
        }
        Subject::Feed(_) | Subject::Row(_) => {}
    }
    all
}

fn of_order(report: &Report<'_>, number: u32, all: &mut Vec<(String, SourceRef)>) {
    let order = report.order(number);
    let rules = &report.reconciled.rules;
    all.push((say!("Order {id}", id = order.id), order.origin.source));
    for record in report.reconciled.cancellations(order.id) {
        all.push((say!("Cancellation {id}", id = record.id), record.origin.source));
    }
    if let Some(account) = rules.account(order.account, order.order_date).found() {
        all.push((say!("Account map").to_owned(), account.origin.source));
    }
    if let Some(sku) = rules.sku(order.sku, order.order_date).found() {
        all.push((say!("SKU map").to_owned(), sku.origin.source));
    }
}

fn of_line(report: &Report<'_>, number: u32, all: &mut Vec<(String, SourceRef)>) {
    let line = report.line(number);
    all.push((say!("Rebate line {id}", id = line.id), line.origin.source));
    for adjustment in report.reconciled.adjustments(line.id) {
        all.push((say!("Adjustment {id}", id = adjustment.id), adjustment.origin.source));
    }
    if let Some(payout) = line.payout.and_then(|id| report.reconciled.payout(id)) {
        all.push((say!("Payout {id}", id = payout.id), payout.origin.source));
    }
}

/// The columns of a file that say what a claim is about; names of customers and remarks of ours are no business of the
/// vendor.
fn columns(kind: FileKind) -> &'static [&'static str] {
    match kind {
        FileKind::Orders => &[
            "order_id",
            "order_line",
            "account_id",
            "subscription_id",
            "invoice_id",
            "invoice_date",
            "order_date",
            "sku",
            "region",
            "billing_model",
            "contract_type",
            "contract_activation_date",
            "campaign",
            "currency",
            "net_amount",
            "voucher_amount",
            "quantity",
        ],
        FileKind::Cancellations => {
            &["cancellation_id", "order_id", "cancel_date", "refund_amount", "currency"]
        }
        FileKind::RebateLines => &[
            "line_id",
            "program_id",
            "batch_id",
            "order_ref",
            "account_ref",
            "sku_ref",
            "category",
            "region",
            "period",
            "base_amount",
            "rate",
            "calculated_amount",
            "currency",
            "status",
            "reason_code",
            "status_date",
            "approved_date",
            "paid_amount",
            "payout_id",
        ],
        FileKind::Adjustments => {
            &["adjustment_id", "line_id", "amount", "currency", "reason_code", "reference", "adjustment_date"]
        }
        FileKind::Payouts => &["payout_id", "paid_date", "currency", "amount", "form"],
        FileKind::Accounts => &["account_id", "vendor_account_id", "region", "valid_from", "valid_to"],
        FileKind::Skus => &["sku", "vendor_sku", "category", "valid_from", "valid_to"],
        FileKind::ControlTotals
        | FileKind::Sources
        | FileKind::Programs
        | FileKind::ProgramRates
        | FileKind::Enrollments
        | FileKind::Periods
        | FileKind::StatusMap
        | FileKind::ReasonMap
        | FileKind::Aliases
        | FileKind::Fx
        | FileKind::Journals
        | FileKind::Ledger
        | FileKind::Signoffs
        | FileKind::Claims => &[],
    }
}

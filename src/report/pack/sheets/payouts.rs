//! Sheets 09 and 10: adjustments, and payouts against the lines that they paid (I-13).

use std::collections::HashMap;

use super::super::close::Close;
use super::super::sheet::{self, At, Column, Formula, Place, Sheet, Value, Verdict};
use super::balance::dates;
use super::{CURRENCY, amount, code, column, joined};
use crate::model::id::PayoutId;
use crate::model::ledger::JournalType;
use crate::model::money::Money;
use crate::reconcile::rollforward::{Form, Item, Part, journal_owner, netted_in, received};
use crate::reconcile::{Kind, Subject};

const ADJUSTMENTS: &[Column] = &[
    column("adjustment_id", "Adjustment", sheet::Kind::Id, "The vendor's id, as received."),
    column("line_id", "Line", sheet::Kind::Id, "The line that it adjusts; empty for a lump sum."),
    column("order_id", "Order", sheet::Kind::Id, "Our order of the line."),
    column("amount", "Amount", sheet::Kind::Amount, "Signed as the vendor gives it."),
    CURRENCY,
    column("reason_raw", "Reason", sheet::Kind::Text, "The vendor's code."),
    column("reason", "In plain words", sheet::Kind::Text, "What the code stands for, by the reason map."),
    column("reference", "Reference", sheet::Kind::Id, "What the vendor names as its cause."),
    column(
        "cancellation",
        "Cancellation",
        sheet::Kind::Id,
        "Our cancellation that it names, where we have it.",
    ),
    column("date", "Date", sheet::Kind::Date, "The day from which it counts."),
    column("period", "Period", sheet::Kind::Month, "The period of its line, else the one it names."),
    column("supported", "Supported", sheet::Kind::Text, "Whether a record of ours supports it: yes or no."),
    column(
        "open",
        "Open",
        sheet::Kind::Amount,
        "What is open of it by itself: of a lump sum, or of an adjustment in another currency than its line.",
    ),
    column(
        "record",
        "Record",
        sheet::Kind::Text,
        "adjustment: of the vendor; journal: our own write-off or manual journal.",
    ),
];

/// 09: every adjustment of the periods up to the end of the month.
pub(in super::super) fn adjustments(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let reconciled = report.reconciled;
    let mut open: HashMap<_, i128> = HashMap::new();
    for entry in
        close.books.entries().iter().filter(|e| close.rolled.to.counts(e) && close.is_beside_lines(e))
    {
        let id = match (entry.part, entry.item) {
            (Part::Adjusted(id, _), _) => id,
            (Part::Received(_), Item::Lump(id)) => id,
            (Part::Recognized | Part::Received(_) | Part::Journal(_), _) => continue,
        };
        *open.entry(id).or_default() += entry.amount.minor();
    }
    let mut sheet = Sheet {
        number: 9,
        name: "Adjustments",
        purpose: "Every adjustment of this month and before, with its reason and what supports it.",
        notes: vec![dates(close)],
        columns: ADJUSTMENTS.to_vec(),
        empty: "The vendor made no adjustment.",
        ..Sheet::default()
    };
    for adjustment in &reconciled.snapshot.records.adjustments {
        let number = adjustment.line.and_then(|id| reconciled.line_number(id));
        let period = number.map(|number| report.line(number).period).or(adjustment.period);
        let counts_in = period.unwrap_or_else(|| reconciled.rules.reference.month_of(adjustment.date));
        if counts_in > close.month {
            continue;
        }
        let orders =
            number.map(|number| joined(reconciled.line_case(number).orders.iter().map(|id| id.raw())));
        let cancellation = adjustment.reference.and_then(|id| reconciled.cancellation(id));
        let plain = reconciled.reason(adjustment.reason_key).map(|row| row.plain_text.as_str());
        let currency = adjustment.amount.currency();
        let doubts = [Kind::UnsupportedAdjustment, Kind::ClawbackWithoutCancellation];
        let is_doubted = number.is_some_and(|number| {
            reconciled.line_case(number).findings.iter().any(|finding| doubts.contains(&finding.kind))
        });
        let is_supported = cancellation.is_some() || (plain.is_some() && !is_doubted);
        sheet.rows.push(vec![
            Value::id(adjustment.id.raw()),
            Value::or_empty(adjustment.line, |id| Value::id(id.raw())),
            Value::or_empty(orders, Value::id),
            Value::Amount(adjustment.amount),
            code(currency),
            Value::or_empty(adjustment.reason_raw, |raw| Value::text(raw.as_str())),
            Value::or_empty(plain, Value::text),
            Value::or_empty(adjustment.reference, |id| Value::id(id.raw())),
            Value::or_empty(cancellation, |record| Value::id(record.id.raw())),
            Value::Date(adjustment.date),
            Value::or_empty(period, Value::Month),
            Value::text(if is_supported { "yes" } else { "no" }),
            amount(open.get(&adjustment.id).copied().unwrap_or(0), currency),
            Value::text("adjustment"),
        ]);
    }
    journals(close, &mut sheet);
    sheet.rows.sort_by_key(|row| (row[13].csv(), row[0].csv()));
    sheet.add_totals(&["amount", "open"]);
    sheet
}

/// Our own journals up to the end of the month, as rows beside the adjustments.
fn journals(close: &Close<'_, '_>, sheet: &mut Sheet) {
    let report = close.report;
    let reconciled = report.reconciled;
    for journal in reconciled.journals().filter(|journal| journal.is_ours()) {
        let (item, _, period) = journal_owner(reconciled, journal);
        if !close.rolled.to.reaches(period, Some(journal.date)) {
            continue;
        }
        let currency = journal.amount.currency();
        let of_line = match item {
            Item::Line(id) => {
                reconciled.line_number(id).filter(|number| report.line(*number).currency == currency)
            }
            Item::Lump(_) | Item::Journal(_) => None,
        };
        let orders =
            of_line.map(|number| joined(reconciled.line_case(number).orders.iter().map(|id| id.raw())));
        let open = if of_line.is_some() { 0 } else { journal.amount.minor() };
        let words = journal.text.map_or("our own journal", |text| text.as_str());
        sheet.rows.push(vec![
            Value::id(journal.id.raw()),
            Value::or_empty(journal.line, |id| Value::id(id.raw())),
            Value::or_empty(orders, Value::id),
            Value::Amount(journal.amount),
            code(currency),
            Value::text(match journal.kind {
                JournalType::WriteOff => "write-off",
                JournalType::Manual => "manual",
                JournalType::LedgerOnly => "ledger-only",
            }),
            Value::text(words),
            Value::Empty,
            Value::Empty,
            Value::Date(journal.date),
            Value::Month(period),
            Value::text(if journal.entered_by.is_some() { "yes" } else { "no" }),
            amount(open, currency),
            Value::text("journal"),
        ]);
    }
}

const PAYOUTS: &[Column] = &[
    column("payout_id", "Payout", sheet::Kind::Id, "The payout, as received."),
    column("date", "Date", sheet::Kind::Date, "The day on which it was paid."),
    column("form", "Form", sheet::Kind::Text, "Cash, credit note, coupon, or not known."),
    CURRENCY,
    column("amount", "Amount", sheet::Kind::Amount, "What the payout record says was received."),
    column("lines_sum", "Sum of lines", sheet::Kind::Amount, "What the lines say was paid with it."),
    column(
        "netted",
        "Netted",
        sheet::Kind::Amount,
        "Adjustments that name the payout and no line: fees, taxes.",
    ),
    column(
        "difference",
        "Difference",
        sheet::Kind::Amount,
        "Lines and netted less the amount; zero where the payout ties.",
    ),
    column("bank_ref", "Bank reference", sheet::Kind::Id, "The reference on the bank statement."),
    column("lines", "Lines", sheet::Kind::Count, "How many lines name it."),
    column("case", "Case", sheet::Kind::Text, "What explains a difference."),
    column(
        "explained",
        "Explained",
        sheet::Kind::Amount,
        "The part of the difference that a case stands for.",
    ),
    column("unexplained", "Unexplained", sheet::Kind::Amount, "Difference less explained; must be zero."),
    column(
        "result",
        "Result",
        sheet::Kind::Verdict,
        "Whether lines and bank agree, or a case stands for the whole gap.",
    ),
];

/// 10: statement C: every payout of the month and after it, against its lines.
pub(in super::super) fn payouts(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let reconciled = report.reconciled;
    let records = &reconciled.snapshot.records;
    let mut applied: HashMap<PayoutId, (i128, usize, i128)> = HashMap::new();
    for line in &records.lines {
        let Some((payout, paid)) = received(reconciled, line) else { continue };
        if paid.currency() == payout.amount.currency() {
            let sums = applied.entry(payout.id).or_default();
            sums.0 += paid.minor();
            sums.1 += 1;
        }
    }
    for adjustment in &records.adjustments {
        if let Some(payout) = netted_in(reconciled, adjustment) {
            applied.entry(payout.id).or_default().2 += adjustment.amount.minor();
        }
    }
    let cases: HashMap<PayoutId, (&str, i128)> = reconciled
        .cases
        .iter()
        .filter_map(|case| match case.subject {
            Subject::Payout(number) => {
                let gap = case.at_stake().map_or(0, Money::minor);
                Some((records.payouts[number as usize].id, (case.primary()?.kind.code(), gap)))
            }
            Subject::Line(_)
            | Subject::Order(_)
            | Subject::Feed(_)
            | Subject::Row(_)
            | Subject::Adjustment(_) => None,
        })
        .collect();
    let mut sheet = Sheet {
        number: 10,
        name: "Payouts",
        purpose: "Statement C: what was received, against what the lines say was paid.",
        notes: vec![format!("{} Payouts after the end of the month are subsequent receipts.", dates(close))],
        columns: PAYOUTS.to_vec(),
        empty: "No payout was received from the beginning of this month on.",
        ..Sheet::default()
    };
    let mut all: Vec<_> = records.payouts.iter().filter(|payout| payout.date > close.opening_day()).collect();
    all.sort_by_key(|payout| (payout.date, payout.id.raw()));
    for payout in all {
        let currency = payout.amount.currency();
        let (lines, count, netted) = applied.get(&payout.id).copied().unwrap_or_default();
        let difference = lines + netted - payout.amount.minor();
        let at = |key| At { sheet: 10, row: Place::Row(sheet.rows.len()), key };
        let gap = Formula::Add(vec![(false, at("lines_sum")), (false, at("netted")), (true, at("amount"))]);
        let case = cases.get(&payout.id).copied();
        let explained = case.filter(|(_, gap)| *gap == difference.abs()).map_or(0, |_| difference);
        let left = Formula::difference(at("difference"), at("explained"));
        let verdict = Verdict::of(Money::from_minor(difference - explained, currency));
        let row = vec![
            Value::id(payout.id.raw()),
            Value::Date(payout.date),
            Value::text(form_words(Form::of(payout))),
            code(currency),
            Value::Amount(payout.amount),
            amount(lines, currency),
            amount(netted, currency),
            Value::formula(gap, amount(difference, currency)),
            Value::or_empty(payout.bank_ref, |text| Value::id(text.as_str())),
            Value::count(count),
            Value::or_empty(case, |(kind, _)| Value::text(kind)),
            amount(explained, currency),
            Value::formula(left, amount(difference - explained, currency)),
            Value::formula(Formula::IsZero(at("unexplained")), Value::Verdict(verdict)),
        ];
        sheet.rows.push(row);
    }
    sheet.add_totals(&["amount", "lines_sum", "netted", "difference", "explained", "unexplained"]);
    sheet
}

pub(super) fn form_words(form: Form) -> &'static str {
    match form {
        Form::Cash => "cash",
        Form::Credit => "credit note",
        Form::Coupon => "coupon",
        Form::Other => "not known",
    }
}

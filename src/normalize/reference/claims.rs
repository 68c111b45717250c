//! The rows of `claims.csv`: what was claimed from the vendor, and what it answered.

use ustr::Ustr;

use crate::ingest::columns::claims as c;
use crate::ingest::grammar;
use crate::model::id::OrderId;
use crate::model::reference::{ClaimAnswer, Claimed};
use crate::normalize::cells::Cells;

/// A claim. Its amount is above zero, what was granted is not below, and no answer comes before its claim.
pub(super) fn claimed(cells: &mut Cells<'_>) -> Option<Claimed> {
    let (id, kind) = (cells.text(c::CLAIM_ID), cells.text(c::KIND));
    let (id, kind) = (cells.required(c::CLAIM_ID, id), cells.required(c::KIND, kind));
    // An order's or a line's: both are read alike.
    let subject: Option<OrderId> = cells.id(c::SUBJECT);
    let subject = cells.required(c::SUBJECT, subject);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    let claimed_on = cells.date(c::CLAIMED_ON);
    let claimed_on = cells.required(c::CLAIMED_ON, claimed_on);
    let answered_on = cells.date(c::ANSWERED_ON);
    let answered_amount = cells.money(c::ANSWERED_AMOUNT, currency);
    let answer = cells.choice(c::ANSWER, &ClaimAnswer::ALL);
    if amount.is_some_and(|amount| amount.minor() <= 0) {
        cells.refuse(
            c::AMOUNT,
            "amount-not-positive",
            "a claim is for an amount above zero",
            "write what was claimed without a sign; take the row out if nothing was",
        );
    }
    if answered_amount.is_some_and(|amount| amount.is_negative()) {
        cells.refuse(
            c::ANSWERED_AMOUNT,
            "amount-negative",
            "a granted amount is never below zero",
            "write what the vendor granted, 0 for nothing, or leave it empty",
        );
    }
    if answered_on.zip(claimed_on).is_some_and(|(answered, claimed)| answered < claimed) {
        cells.refuse(
            c::ANSWERED_ON,
            "answer-before-claim",
            "the answer is dated before the claim",
            "check both days, written like 2026-06-17",
        );
    }
    let subject = subject?.raw();
    Some(Claimed {
        reference: cells.text(c::REFERENCE),
        note: cells.text(c::NOTE),
        origin: cells.origin(),
        id: id?,
        subject: Ustr::from(subject),
        subject_key: Ustr::from(&grammar::canonical(subject)),
        kind: kind?,
        amount: amount?,
        claimed_on: claimed_on?,
        answered_on,
        answer,
        answered_amount,
    })
}

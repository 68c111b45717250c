//! What our own accounting adds: rates of exchange, journals, balances of the general ledger and sign-offs.

use crate::diagnostic::{Diagnostic, Severity};
use crate::ingest::Files;
use crate::ingest::columns::{fx as fx_columns, journals, ledger, signoffs};
use crate::model::ledger::{FxRate, Journal, JournalType, LedgerBalance, RateKind};
use crate::model::reference::Reference;
use crate::model::signoff::{Role, Signoff};
use crate::normalize::cells::Cells;

pub(super) fn fx(cells: &mut Cells<'_>) -> Option<FxRate> {
    use fx_columns as c;
    let (date, rate) = (cells.date(c::DATE), cells.rate_of_exchange(c::RATE));
    let (from, to) = (cells.currency(c::FROM), cells.currency(c::TO));
    let date = cells.required(c::DATE, date);
    let (from, to) = (cells.required(c::FROM, from), cells.required(c::TO, to));
    let rate = cells.required(c::RATE, rate);
    let kind = cells.choice(c::KIND, &RateKind::ALL.map(|kind| (kind.code(), kind)));
    Some(FxRate {
        source: cells.text(c::SOURCE),
        origin: cells.origin(),
        date: date?,
        from: from?,
        to: to?,
        rate: rate?,
        kind,
    })
}

pub(super) fn journal(cells: &mut Cells<'_>) -> Option<Journal> {
    use journals as c;
    let (id, date) = (cells.id(c::JOURNAL_ID), cells.date(c::JOURNAL_DATE));
    let (id, date) = (cells.required(c::JOURNAL_ID, id), cells.required(c::JOURNAL_DATE, date));
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    let kind = cells.choice(c::KIND, &JournalType::ALL).unwrap_or_default();
    if kind == JournalType::WriteOff && amount.is_some_and(|amount| amount.minor() > 0) {
        cells.warn(
            c::AMOUNT,
            "journal-raises",
            "a write-off above zero adds to what is owed to us".to_owned(),
            "write an amount that takes off with a minus sign; a write-off that is reversed is right as it is",
        );
    }
    Some(Journal {
        kind,
        line: cells.id(c::LINE_ID),
        program: cells.id(c::PROGRAM_ID),
        posted_on: cells.date(c::POSTED_ON),
        text: cells.text(c::TEXT),
        entered_by: cells.text(c::ENTERED_BY),
        entered_on: cells.date(c::ENTERED_ON),
        origin: cells.origin(),
        id: id?,
        date: date?,
        amount: amount?,
    })
}

pub(super) fn ledger_balance(cells: &mut Cells<'_>) -> Option<LedgerBalance> {
    use ledger as c;
    let period = cells.month(c::PERIOD);
    let period = cells.required(c::PERIOD, period);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let balance = cells.money(c::BALANCE, currency);
    let balance = cells.required(c::BALANCE, balance);
    Some(LedgerBalance {
        account: cells.text(c::ACCOUNT),
        program: cells.id(c::PROGRAM_ID),
        source: cells.text(c::SOURCE),
        origin: cells.origin(),
        period: period?,
        balance: balance?,
    })
}

pub(super) fn signoff(cells: &mut Cells<'_>) -> Option<Signoff> {
    use signoffs as c;
    let (period, pack) = (cells.month(c::PERIOD), cells.checksum(c::PACK));
    let (period, pack) = (cells.required(c::PERIOD, period), cells.required(c::PACK, pack));
    let (role, name) = (cells.text(c::ROLE), cells.text(c::NAME));
    let (role_raw, name) = (cells.required(c::ROLE, role), cells.required(c::NAME, name));
    let signed_on = cells.date(c::SIGNED_ON);
    let signed_on = cells.required(c::SIGNED_ON, signed_on);
    let role = role_raw.and_then(|raw| Role::ALL.into_iter().find(|r| raw.eq_ignore_ascii_case(r.code())));
    if let (Some(raw), None) = (role_raw, role) {
        cells.warn(
            c::ROLE,
            "signoff-role",
            format!("`{raw}` is no role in which a close pack is signed; the row signs nothing"),
            "write preparer, reviewer or second-reviewer",
        );
    }
    Some(Signoff {
        statement: cells.text(c::STATEMENT),
        origin: cells.origin(),
        period: period?,
        pack: pack?,
        role,
        role_raw: role_raw?,
        name: name?,
        signed_on: signed_on?,
    })
}

/// Packs that one person signed twice: whoever prepared a pack does not review it, and a second reviewer is another person
/// than the first (domain 1.10).
pub(super) fn problems(files: &Files, reference: &Reference) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (place, later) in reference.signoffs.iter().enumerate() {
        let Some(role) = later.role else { continue };
        // Sorted by role: an earlier row of the pack has an earlier role or the same.
        let same = reference.signoffs[..place].iter().find(|earlier| {
            earlier.role.is_some_and(|earlier| earlier < role)
                && earlier.has_same_pack(later)
                && earlier.person() == later.person()
        });
        let Some(earlier) = same else { continue };
        problems.push(Diagnostic {
            line: files.line(later.origin.source),
            ..Diagnostic::of_file(
                Severity::Warning,
                "signoff-same-person",
                files.path(later.origin.source),
                format!(
                    "{} signed the pack {} of {} as {} and as {}",
                    later.name,
                    later.pack,
                    later.period,
                    earlier.role.unwrap_or(role).code(),
                    role.code()
                ),
                "let another person review the pack and sign it",
            )
        });
    }
    problems
}

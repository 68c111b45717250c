//! How far a line has come on a day.

use chrono::{Days, NaiveDate};

use crate::NEWEST;
use crate::claim::Times;
use crate::kinds::Kind;
use crate::sale::Sale;

/// A line as one snapshot shows it.
pub(crate) struct State {
    pub(crate) status: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) since: NaiveDate,
    pub(crate) has_amount: bool,
    pub(crate) approved: Option<NaiveDate>,
    pub(crate) is_paid: bool,
}

/// The stage of a line on a day; nothing before the vendor first shows it.
pub(crate) fn state(sale: &Sale, times: &Times, as_of: NaiveDate) -> Option<State> {
    let reached = |since: NaiveDate| since <= as_of;
    let open = |status, reason, since, has_amount| State {
        status,
        reason,
        since,
        has_amount,
        approved: None,
        is_paid: false,
    };
    if !reached(times.pending) {
        return None;
    }
    let is_calculated = reached(times.calculated);
    let reviewed = times.calculated + Days::new(1);
    match sale.kind {
        Some(Kind::UnknownStatus) if is_calculated => {
            let status = ["PROC_9", "ON HOLD", "SETTLE-WAIT"][(sale.index % 3) as usize];
            return Some(open(status, "", times.calculated, true));
        }
        Some(Kind::Unreadable) if is_calculated => {
            return Some(open("CALCULATED", "", times.calculated, true));
        }
        Some(Kind::DocumentsMissing) if reached(reviewed) => {
            return Some(open("REVIEW", "DOC_MISSING", reviewed, true));
        }
        Some(Kind::InvoicePending) if sale.index.is_multiple_of(2) => {
            return Some(open("PENDING", "INV_PENDING", times.pending, false));
        }
        Some(Kind::InvoicePending) if reached(reviewed) => {
            return Some(open("REVIEW", "INV_PENDING", reviewed, true));
        }
        Some(Kind::Overdue) if reached(times.calculating) => {
            return Some(open("CALCULATING", "", times.calculating, false));
        }
        // It went back on the newest day from what the snapshot before shows.
        Some(Kind::WentBack) if as_of == NEWEST => return Some(open("CALCULATED", "", NEWEST, true)),
        Some(Kind::Vanished) if as_of == NEWEST => return None,
        Some(_) | None => {}
    }
    let is_unapproved = sale.kind == Some(Kind::PaidUnapproved);
    let approved = Some(times.approved).filter(|_| !is_unapproved);
    Some(if reached(times.paid) {
        State { approved, is_paid: true, ..open("PAID", "", times.paid, true) }
    } else if reached(times.approved) && !is_unapproved {
        State { approved, ..open("APPROVED", "", times.approved, true) }
    } else if let Some(since) = times.reviewed.filter(|since| reached(*since)) {
        open("REVIEW", "", since, true)
    } else if is_calculated {
        open("CALCULATED", "", times.calculated, true)
    } else if reached(times.calculating) {
        open("CALCULATING", "", times.calculating, false)
    } else {
        open("PENDING", "", times.pending, false)
    })
}

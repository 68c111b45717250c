//! M3, fewer escalations and recurrences: escalated tickets of all tickets, and resolved roots that come back within 90 days.

use chrono::{Days, NaiveDate};

use super::resolution::{opened, root};
use super::{Basis, Measured, Needs, Share, Source, Span};
use crate::model::time::Month;
use crate::say;

/// Days within which a root that comes back counts.
pub const WITHIN: u64 = 90;

/// A share of some window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The days.
    pub span: Span,
    /// The share.
    pub share: Share,
}

/// Escalated tickets.
#[derive(Debug)]
pub struct Escalation {
    /// Tickets opened before the site went live.
    pub before: Measured<Part>,
    /// Tickets opened since; all of them where nobody said when that was.
    pub now: Measured<Part>,
    /// By the month in which they were opened.
    pub months: Vec<Part>,
    /// Tickets of which nobody said whether they were escalated.
    pub unknown: usize,
}

/// Measures escalations.
///
/// # Errors
/// What it needs: tickets that say whether they were escalated.
pub fn escalation(basis: &Basis<'_>) -> Measured<Escalation> {
    let tickets = basis.tickets().filter(|tickets| !tickets.is_empty());
    let tickets = tickets.ok_or_else(|| Needs::new("input/metrics/tickets.csv"))?;
    let unknown = tickets.iter().filter(|ticket| ticket.escalated.is_none()).count();
    if unknown == tickets.len() {
        return Err(Needs::new(say!("the column escalated in input/metrics/tickets.csv")));
    }
    let (first, today) = (tickets.first().map_or(basis.today(), |ticket| ticket.opened), basis.today());
    let part = |span: Span| {
        let known = || opened(&tickets, span).filter_map(|ticket| ticket.escalated);
        Some(Part { span, share: Share::new(known().filter(|is| *is).count(), known().count())? })
    };
    let (before, now) = match basis.given.go_live {
        Some(day) => (
            day.pred_opt()
                .and_then(|to| part(Span { from: first, to }))
                .ok_or_else(|| Needs::new(say!("a ticket that was opened before go-live"))),
            part(Span { from: day, to: today })
                .ok_or_else(|| Needs::new(say!("a ticket that was opened since go-live"))),
        ),
        None => (
            Err(Needs::new(say!("go_live in [metrics] of tieout.toml"))),
            part(Span { from: first, to: today }).ok_or_else(|| Needs::new(say!("a ticket"))),
        ),
    };
    let mut months = Vec::new();
    let mut month = Month::of(first);
    while month <= Month::of(today) {
        months.extend(part(Span { from: month.first_day(), to: month.period().last_day().min(today) }));
        month = month.next();
    }
    Ok(Escalation { before, now, months, unknown })
}

/// Resolved roots that came back.
#[derive(Debug)]
pub struct Recurrence {
    /// Of everything that was resolved by now.
    pub all: Share,
    /// Of what was resolved so long ago that it can no longer come back in time; `None` where there is none.
    pub mature: Option<Part>,
    /// By the month in which they were resolved.
    pub months: Vec<Part>,
    /// The days on which they were resolved.
    pub span: Span,
    /// Whether tickets say it or our own snapshots.
    pub source: Source,
    /// Closed tickets without a code or a root key.
    pub without_root: usize,
}

/// Something that was resolved on a day, and whether it came back in time.
struct Resolved {
    on: NaiveDate,
    is_back: bool,
}

/// Measures recurrences: from tickets where there are some that name their root, else from cases over snapshots.
///
/// # Errors
/// What it needs: something that was resolved.
pub fn recurrence(basis: &Basis<'_>) -> Measured<Recurrence> {
    let tickets = basis.tickets().unwrap_or_default();
    let (resolved, source, without_root) = if tickets.iter().any(|ticket| root(ticket).is_some()) {
        let without =
            tickets.iter().filter(|ticket| ticket.closed.is_some() && root(ticket).is_none()).count();
        (of_tickets(&tickets), Source::Given("metrics/tickets.csv"), without)
    } else {
        (of_cases(basis), Source::Own, 0)
    };
    let needs = || {
        Needs::new(say!(
            "a closed ticket with code and root_key, or a discrepancy that a later snapshot shows no more"
        ))
    };
    let first = resolved.iter().map(|one| one.on).min().ok_or_else(needs)?;
    let today = basis.today();
    let share = |span: Span| {
        let within = || resolved.iter().filter(move |one| span.contains(one.on));
        Share::new(within().filter(|one| one.is_back).count(), within().count())
    };
    let span = Span { from: first, to: today };
    let mature = today.checked_sub_days(Days::new(WITHIN)).and_then(|to| {
        let span = Span { from: first, to };
        share(span).map(|share| Part { span, share })
    });
    let mut months = Vec::new();
    let mut month = Month::of(first);
    while month <= Month::of(today) {
        let span = Span { from: month.first_day(), to: month.period().last_day().min(today) };
        months.extend(share(span).map(|share| Part { span, share }));
        month = month.next();
    }
    Ok(Recurrence { all: share(span).ok_or_else(needs)?, mature, months, span, source, without_root })
}

fn is_in_time(from: NaiveDate, back: NaiveDate) -> bool {
    let days = back.signed_duration_since(from).num_days();
    (0..=WITHIN.cast_signed()).contains(&days)
}

/// A ticket is resolved when it is closed; it is back with the next one of the same code and root.
fn of_tickets(tickets: &[super::Ticket]) -> Vec<Resolved> {
    let resolved = |ticket: &super::Ticket| {
        let (on, of) = (ticket.closed?, root(ticket)?);
        let is_next = |other: &&super::Ticket| {
            root(other) == Some(of) && (other.opened, other.id) > (ticket.opened, ticket.id)
        };
        let is_back = tickets.iter().filter(is_next).any(|other| is_in_time(on, other.opened));
        Some(Resolved { on, is_back })
    };
    tickets.iter().filter_map(resolved).collect()
}

/// A root of cases is resolved in the first snapshot that shows none of them.
fn of_cases(basis: &Basis<'_>) -> Vec<Resolved> {
    let day = |number| basis.history.as_of(number).date();
    let mut all = Vec::new();
    for (_, _, stays) in basis.history.roots.iter() {
        for (number, (_, end)) in stays.iter().enumerate() {
            if let Some(on) = end.map(day) {
                let is_back = stays.get(number + 1).is_some_and(|(from, _)| is_in_time(on, day(*from)));
                all.push(Resolved { on, is_back });
            }
        }
    }
    all
}

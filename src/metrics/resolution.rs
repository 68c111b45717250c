//! M2, faster resolution: how long half of the tickets take until they are closed, and how long an order without a rebate line
//! takes until its rebate has a confirmed status.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ustr::Ustr;

use super::{Basis, Between, Measured, Needs, Span, Ticket};
use crate::history::survival::{Outcome, Sample};
use crate::history::{History, SnapshotNumber, State};
use crate::model::id::OrderId;
use crate::model::status::Status;
use crate::model::time::Month;
use crate::reconcile::{CaseName, Kind};
use crate::say;

/// How long things of one window take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// When they began.
    pub span: Span,
    /// How long they take.
    pub between: Between,
}

/// M2 of tickets.
#[derive(Debug)]
pub struct Tickets {
    /// Tickets opened before the site went live.
    pub before: Measured<Lasting>,
    /// Tickets opened since; all of them where nobody said when that was.
    pub now: Measured<Lasting>,
    /// By the month in which they were opened.
    pub months: Vec<Lasting>,
}

/// Measures tickets.
///
/// # Errors
/// What it needs: tickets.
pub fn of_tickets(basis: &Basis<'_>) -> Measured<Tickets> {
    let tickets = basis.tickets().filter(|tickets| !tickets.is_empty());
    let tickets = tickets.ok_or_else(|| Needs::new("input/metrics/tickets.csv"))?;
    let (first, today) = (tickets.first().map_or(basis.today(), |ticket| ticket.opened), basis.today());
    let lasting = |span: Span| {
        let mut sample = Sample::default();
        for ticket in tickets.iter().filter(|ticket| span.contains(ticket.opened)) {
            add(&mut sample, ticket, today);
        }
        Between::new(&sample).map(|between| Lasting { span, between })
    };
    let (before, now) = match basis.given.go_live {
        Some(day) => (
            day.pred_opt()
                .and_then(|to| lasting(Span { from: first, to }))
                .ok_or_else(|| Needs::new(say!("a ticket that was opened before go-live"))),
            lasting(Span { from: day, to: today })
                .ok_or_else(|| Needs::new(say!("a ticket that was opened since go-live"))),
        ),
        None => (
            Err(Needs::new(say!("go_live in [metrics] of tieout.toml"))),
            lasting(Span { from: first, to: today }).ok_or_else(|| Needs::new(say!("a ticket"))),
        ),
    };
    let mut months = Vec::new();
    let mut month = Month::of(first);
    while month <= Month::of(today) {
        months.extend(lasting(Span { from: month.first_day(), to: month.period().last_day().min(today) }));
        month = month.next();
    }
    Ok(Tickets { before, now, months })
}

fn add(sample: &mut Sample, ticket: &Ticket, today: NaiveDate) {
    let end = ticket.closed.unwrap_or(today);
    let days = u32::try_from(end.signed_duration_since(ticket.opened).num_days()).unwrap_or(0);
    sample.add(None, days, if ticket.closed.is_some() { Outcome::Left } else { Outcome::Open });
}

/// M2 of orders.
#[derive(Debug)]
pub struct Orders {
    /// All of them.
    pub all: Between,
    /// By the kind that their case first had.
    pub kinds: Vec<(Kind, Between)>,
    /// When their cases began.
    pub span: Span,
    /// Orders whose case was there in the first snapshot: since when is not known.
    pub excluded: u64,
}

/// Measures orders, from the first snapshot that shows one without a line to the first one in which a line of it is
/// Calculated, Approved, Paid, or Rejected with a reason.
///
/// A case that goes without such a line ends there as not decided.
///
/// # Errors
/// What it needs: orders whose case began in a snapshot.
pub fn of_orders(basis: &Basis<'_>) -> Measured<Orders> {
    let history = basis.history;
    let mut lines: BTreeMap<OrderId, Vec<u32>> = BTreeMap::new();
    for (line, place) in history.facts.places() {
        lines.entry(place.order.unwrap_or(place.order_ref)).or_default().push(line);
    }
    let (mut all, mut kinds) = (Sample::default(), BTreeMap::<Kind, Sample>::new());
    let (mut excluded, mut first) = (0, None::<NaiveDate>);
    for (name, events) in history.cases.iter() {
        let CaseName::Order(order) = name else { continue };
        let Some((begun, kind)) = events.iter().find_map(|(at, open)| Some((*at, (*open)?.0))) else {
            continue;
        };
        if begun == 0 {
            excluded += 1;
            continue;
        }
        let confirmed = lines
            .get(&order)
            .into_iter()
            .flatten()
            .filter_map(|l| confirmed(history, *l, order, begun))
            .min();
        let gone = events.iter().rev().find(|(_, open)| open.is_none()).map(|(at, _)| *at);
        let is_open = events.last().is_some_and(|(_, open)| open.is_some());
        let (end, outcome) = match (confirmed, gone.filter(|_| !is_open)) {
            (Some(at), _) => (at, Outcome::Left),
            (None, Some(at)) => (at, Outcome::Open),
            (None, None) => (history.newest(), Outcome::Open),
        };
        let day = |number: SnapshotNumber| history.as_of(number).date();
        let days = u32::try_from(day(end).signed_duration_since(day(begun)).num_days()).unwrap_or(0);
        all.add(None, days, outcome);
        kinds.entry(kind).or_default().add(None, days, outcome);
        first = Some(first.map_or(day(begun), |first| first.min(day(begun))));
    }
    let needs =
        || Needs::new(say!("an order whose rebate is first missing in a snapshot that has one before it"));
    let (all, from) = Between::new(&all).zip(first).ok_or_else(needs)?;
    let kinds = kinds.into_iter().filter_map(|(kind, sample)| Some((kind, Between::new(&sample)?))).collect();
    Ok(Orders { all, kinds, span: Span { from, to: basis.today() }, excluded })
}

/// The first snapshot from one on in which a line of an order has a confirmed status.
fn confirmed(history: &History, line: u32, order: OrderId, from: SnapshotNumber) -> Option<SnapshotNumber> {
    let is_confirmed = |state: &State<'_>| {
        let is_its = state.place.order.unwrap_or(state.place.order_ref) == order;
        is_its
            && match state.status() {
                Status::Calculated | Status::Approved | Status::Paid => true,
                Status::Rejected => state.reason().is_some(),
                Status::PendingData | Status::InCalculation | Status::UnderReview | Status::Unknown => false,
            }
    };
    if history.facts.at(line, from).as_ref().is_some_and(is_confirmed) {
        return Some(from);
    }
    // Newest first: the last one that is kept is the oldest.
    let later = history.facts.of_line(line).take_while(|(at, ..)| *at > from);
    later.filter(|(_, _, state)| state.as_ref().is_some_and(is_confirmed)).map(|(at, ..)| at).last()
}

/// Days from Approved to Paid, where a file gives them.
pub fn approved_to_paid(basis: &Basis<'_>) -> Option<Between> {
    Between::new(basis.given.paid.as_ref()?)
}

/// Tickets that were opened in a window.
pub(super) fn opened(tickets: &[Ticket], span: Span) -> impl Iterator<Item = &Ticket> {
    tickets.iter().filter(move |ticket| span.contains(ticket.opened))
}

/// The words that tickets and rows name a thing by, when both are there.
pub(super) fn root(ticket: &Ticket) -> Option<(Ustr, Ustr)> {
    ticket.code.zip(ticket.root)
}

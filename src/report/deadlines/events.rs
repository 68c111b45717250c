//! Deadlines as events of a calendar: one each on a quiet day, one per program on a busy one.

use std::collections::{BTreeMap, HashMap};

use super::words::silence;
use super::{PAGE, program_name, sums, tables};
use crate::model::id::ProgramId;
use crate::model::time::date_in_words;
use crate::reconcile::Deadline;
use crate::reconcile::deadlines::About;
use crate::report::calendar::{Calendar, Event};
use crate::report::lists::{capitalized, count_of, join};
use crate::report::words::amounts_in_words;
use crate::report::{Report, address};
use crate::say;

/// The address of the calendar file.
pub(in crate::report) const CALENDAR: &str = "deadlines.ics";

/// Deadlines on a day up to which each is an event of its own.
const FEW: usize = 3;
/// Events beyond which a day is one event, and beyond which later days are left out.
const EVENTS_MAX: usize = 300;
/// Subjects that an event of several names.
const NAMED: usize = 10;

impl Report<'_> {
    /// The address of the calendar file and what is in it: every deadline ahead.
    ///
    /// A day with up to three deadlines has an event for each, a busier one an event per program, with count and money.
    /// Where that would be more than 300 events, a day is one event, and what comes after the first 300 days is left out.
    pub fn calendar(&self) -> (&'static str, Calendar) {
        let days: Vec<&[Deadline]> = self.deadlines.ahead.chunk_by(|a, b| a.date == b.date).collect();
        let mut events: Vec<Event> = days.iter().flat_map(|of_day| of_day_events(self, of_day)).collect();
        if events.len() > EVENTS_MAX {
            let all = |of_day: &&[Deadline]| of_several(self, Group::All, &of_day.iter().collect::<Vec<_>>());
            events = days.iter().take(EVENTS_MAX).map(all).collect();
        }
        number_alike(&mut events);
        let left_out = if events.len() < days.len() {
            say!(" The first {events} days; {PAGE} has all.", events = events.len(), PAGE)
        } else {
            String::new()
        };
        let as_of = self.reconciled.as_of();
        let calendar = Calendar {
            name: say!("Rebate deadlines").to_owned(),
            description: say!(
                "Last days to confirm, dispute or claim rebates, as known at {as_of}.{left_out}",
                as_of = as_of.in_words(),
                left_out
            ),
            stamp: as_of.in_utc(),
            revision: self.sources.snapshots.iter().filter(|s| s.as_of < as_of).count(),
            events,
        };
        (CALENDAR, calendar)
    }
}

fn of_day_events(report: &Report<'_>, of_day: &[Deadline]) -> Vec<Event> {
    if of_day.len() <= FEW {
        return of_day.iter().map(|deadline| of_one(report, deadline)).collect();
    }
    let mut programs: BTreeMap<Option<ProgramId>, Vec<&Deadline>> = BTreeMap::new();
    for deadline in of_day {
        programs.entry(deadline.program).or_default().push(deadline);
    }
    let event = |(program, deadlines): (Option<ProgramId>, Vec<&Deadline>)| match deadlines[..] {
        [deadline] => of_one(report, deadline),
        [] | [_, _, ..] => of_several(report, Group::Program(program), &deadlines),
    };
    programs.into_iter().map(event).collect()
}

/// What a deadline is about, for people: its orders; where it has none, its line.
fn name(report: &Report<'_>, deadline: &Deadline) -> String {
    let case = report.reconciled.case_of(deadline);
    let orders = case.map_or(String::new(), |case| join(case.orders.iter().map(|id| id.raw())));
    match deadline.about {
        About::Line(number) if orders.is_empty() => say!("line {id}", id = report.line(number).id),
        About::Line(_) | About::Order(_) => orders,
    }
}

/// What makes a deadline itself in every snapshot: the slug of its id, and a checksum over all that tells it apart.
fn identity(report: &Report<'_>, deadline: &Deadline) -> String {
    let (slug, text) = match deadline.about {
        About::Order(number) => {
            let order = report.order(number);
            let row = order.line.map_or(String::new(), |line| line.to_string());
            (
                address::of_id(order.id.canonical()),
                say!(
                    "order {order} {place} {account}",
                    order = order.id.raw(),
                    place = row,
                    account = order.sku.raw()
                ),
            )
        }
        About::Line(number) => {
            let id = report.line(number).id;
            (address::of_id(id.canonical()), say!("line {line}", line = id.raw()))
        }
    };
    format!("{}-{slug}-{}", deadline.action.code(), address::checksum(&text))
}

/// The full address of a page; `None` where the site's is not known.
fn url(report: &Report<'_>, path: &str) -> Option<String> {
    let base = report.sources.base_url;
    (!base.is_empty()).then(|| format!("{}/{path}", base.trim_end_matches('/')))
}

/// Where to look and how fresh it is: the last lines of every event.
fn closing(report: &Report<'_>, path: &str) -> [String; 2] {
    let place = url(report, path).unwrap_or_else(|| path.to_owned());
    [say!("Page: {place}", place), say!("As known at {as_of}.", as_of = report.reconciled.as_of().in_words())]
}

/// The money of a deadline, behind its name: `, $80.00`, `, $80.00 ($12.00 at stake)`.
fn money(deadline: &Deadline) -> String {
    match (deadline.confirmed, deadline.at_stake) {
        (Some(confirmed), Some(at_stake)) => {
            say!(
                ", {confirmed} ({at_stake} at stake)",
                confirmed = confirmed.in_words(),
                at_stake = at_stake.in_words()
            )
        }
        (Some(amount), None) | (None, Some(amount)) => say!(", {amount}", amount = amount.in_words()),
        (None, None) => String::new(),
    }
}

fn of_one(report: &Report<'_>, deadline: &Deadline) -> Event {
    let path = match deadline.about {
        About::Order(number) => report.order_path(report.order(number).id),
        About::Line(number) => report.line_path(number),
    };
    let program = deadline.program.map_or(say!("No program").to_owned(), |id| program_name(report, id));
    let mut lines = vec![say!("{program}, {deadline}.", program, deadline = deadline.period.in_words())];
    if let About::Line(number) = deadline.about {
        lines.push(say!("Line {id}.", id = report.line(number).id));
    }
    lines.push(say!("If nothing is done: {deadline}", deadline = silence(deadline)));
    lines.push(say!("The day comes from {basis}.", basis = deadline.basis.in_words()));
    lines.extend(closing(report, &path));
    Event {
        uid: format!("{deadline}@tieout", deadline = identity(report, deadline)),
        date: deadline.date,
        summary: say!(
            "{action} {name}{amount}",
            action = deadline.action.label(),
            name = name(report, deadline),
            amount = money(deadline)
        ),
        description: lines.join("\n"),
        url: url(report, &path),
    }
}

/// What the deadlines of one event share besides their day.
#[derive(Clone, Copy)]
enum Group {
    /// A program; `None` for orders that declare none.
    Program(Option<ProgramId>),
    /// Nothing: all of a day.
    All,
}

/// An event for several deadlines of a day.
fn of_several(report: &Report<'_>, group: Group, deadlines: &[&Deadline]) -> Event {
    let day = deadlines.first().map(|d| d.date).unwrap_or_default();
    let [confirmed, at_stake] = sums(deadlines.iter().copied()).map(|sums| amounts_in_words(&sums));
    let (title, uid) = match group {
        Group::Program(Some(id)) => {
            let slug = address::of_id(id.canonical());
            (program_name(report, id), format!("{day}-{slug}-{}", address::checksum(id.raw())))
        }
        Group::Program(None) => (say!("No program").to_owned(), format!("{day}-no-program")),
        Group::All => (say!("Rebates").to_owned(), format!("{day}-all")),
    };
    let mut summary =
        say!("{title}: {deadlines}", title, deadlines = tables::counts(deadlines.iter().copied()));
    if !confirmed.is_empty() {
        summary.push_str(&say!("; silence confirms {confirmed}", confirmed));
    }
    if !at_stake.is_empty() {
        summary.push_str(&say!("; {at_stake} at stake", at_stake));
    }
    let mut lines: Vec<String> = deadlines
        .iter()
        .take(NAMED)
        .map(|deadline| {
            let action = deadline.action.label().to_lowercase();
            say!(
                "{deadline}: {action}{deadline_2}",
                deadline = capitalized(&name(report, deadline)),
                action,
                deadline_2 = money(deadline)
            )
        })
        .collect();
    if deadlines.len() > NAMED {
        lines.push(say!("and {deadlines}.", deadlines = count_of(deadlines.len() - NAMED, "more", "more")));
    }
    lines.push(say!("Last day: {day}.", day = date_in_words(day)));
    lines.extend(closing(report, PAGE));
    Event {
        uid: format!("{uid}@tieout"),
        date: day,
        summary,
        description: lines.join("\n"),
        url: url(report, PAGE),
    }
}

/// Tells events apart that share everything an identity is made of, such as two rows of one order for one product.
fn number_alike(events: &mut [Event]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for event in events {
        let count = seen.entry(event.uid.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            event.uid = format!("{count}-{}", event.uid);
        }
    }
}

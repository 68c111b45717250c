//! M6, what articles do: tickets of a kind for each hundred of its cases, in the 60 days before and after the article that
//! helps was first published.

use chrono::{Days, NaiveDate};
use ustr::Ustr;

use super::inquiries::Rate;
use super::{Basis, Measured, Needs, Span};
use crate::history::SnapshotNumber;
use crate::reconcile::Kind;
use crate::say;

/// Days before and after that are compared.
pub const DAYS: u64 = 60;

/// Days before a ticket in which a view of the article counts as one before it.
pub const VIEWED_WITHIN: u64 = 30;

/// An article and a kind that it helps with.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    /// The article.
    pub id: &'a str,
    /// The kind.
    pub kind: Kind,
    /// The day on which it was first published.
    pub on: NaiveDate,
}

/// What an article does for a kind.
#[derive(Debug)]
pub struct Effect {
    /// The article.
    pub article: Ustr,
    /// The kind.
    pub kind: Kind,
    /// The day on which it was first published.
    pub on: NaiveDate,
    /// The 60 days before.
    pub before: Measured<Rate>,
    /// The 60 days from then on, or as many of them as are over.
    pub after: Measured<Rate>,
    /// Whether all of them are over.
    pub is_over: bool,
    /// Views of the article since; nothing without logs.
    pub views: Option<u64>,
    /// Tickets of the kind since whose team saw the article in the 30 days before; nothing without logs.
    pub viewed_first: Option<u64>,
}

/// Measures every article of which somebody says when it was first published.
///
/// # Errors
/// What it needs: tickets, and such an article.
pub fn measure(basis: &Basis<'_>, published: &[Published<'_>]) -> Measured<Vec<Effect>> {
    let tickets = basis.tickets().filter(|tickets| !tickets.is_empty());
    let tickets = tickets.ok_or_else(|| Needs::new("input/metrics/tickets.csv"))?;
    let today = basis.today();
    let known: Vec<&Published<'_>> = published.iter().filter(|article| article.on <= today).collect();
    if known.is_empty() {
        return Err(Needs::new(say!(
            "published = \"YYYY-MM-DD\" in the front matter of an article in content/kb"
        )));
    }
    let effect = |article: &&Published<'_>| {
        let of_kind = |span: Span| {
            let code = Ustr::from(article.kind.code());
            tickets.iter().filter(move |t| t.code == Some(code) && span.contains(t.opened))
        };
        let rate = |span: Span| {
            let lines = cases(basis, article.kind, span)
                .ok_or_else(|| Needs(say!("a snapshot from {span}", span = span.in_words())))?;
            if lines == 0 {
                return Err(Needs(say!("a case of this kind from {span}", span = span.in_words())));
            }
            Ok(Rate { span, tickets: of_kind(span).count() as u64, lines })
        };
        let all = Span::starting(article.on, DAYS);
        let after = Span { to: all.to.min(today), ..all };
        let (id, since) = (Ustr::from(article.id), Span { from: article.on, to: today });
        let log = basis.given.log.as_ref().filter(|log| log.names_users);
        let views = log.map(|log| {
            let of = log.views.iter().filter(|((day, _, page), _)| *page == Some(id) && since.contains(*day));
            of.map(|(_, count)| count).sum()
        });
        let viewed_first = log.map(|log| {
            let has_seen = |ticket: &&super::Ticket| {
                let from = ticket.opened.checked_sub_days(Days::new(VIEWED_WITHIN)).unwrap_or(ticket.opened);
                let span = Span { from, to: ticket.opened };
                log.views.keys().any(|(day, team, page)| {
                    *page == Some(id) && Some(*team) == ticket.requester_team && span.contains(*day)
                })
            };
            of_kind(since).filter(has_seen).count() as u64
        });
        Effect {
            article: id,
            kind: article.kind,
            on: article.on,
            before: rate(Span::before(article.on, DAYS)),
            after: rate(after),
            is_over: all.to <= today,
            views,
            viewed_first,
        }
    };
    Ok(known.iter().map(effect).collect())
}

/// Cases of a kind that any snapshot of a window shows, each once; `None` where the window has no snapshot.
fn cases(basis: &Basis<'_>, kind: Kind, span: Span) -> Option<u64> {
    let snapshots: Vec<SnapshotNumber> = (0..)
        .zip(basis.history.snapshots())
        .filter(|(_, as_of)| span.contains(as_of.date()))
        .map(|(number, _)| number)
        .collect();
    let (first, last) = (*snapshots.first()?, *snapshots.last()?);
    let is_of_kind = |events: &[(SnapshotNumber, crate::history::cases::Open)]| {
        events.iter().enumerate().any(|(place, (from, open))| {
            // What an event says holds up to the next one.
            let until = events.get(place + 1).map_or(SnapshotNumber::MAX, |(next, _)| next.saturating_sub(1));
            open.is_some_and(|(of, _)| of == kind) && *from <= last && until >= first
        })
    };
    Some(basis.history.cases.iter().filter(|(_, events)| is_of_kind(events)).count() as u64)
}

//! M1, fewer inquiries: tickets that were opened in a month for each hundred lines that were active at its end, and how that
//! compares with the months before the site went live.

use std::collections::BTreeMap;

use super::{Basis, Measured, Needs, Ratio, Source, Span, own};
use crate::history::poisson;
use crate::model::time::Month;
use crate::say;

/// Tickets of some months and the lines that were active in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The months.
    pub span: Span,
    /// Tickets opened.
    pub tickets: u64,
    /// Active lines, added up over the months.
    pub lines: u64,
}

impl Rate {
    /// Tickets for each line; `None` where no line was active.
    pub fn ratio(self) -> Option<Ratio> {
        Ratio::new(self.tickets.into(), self.lines.into())
    }

    /// The interval of 95 % (Garwood).
    pub fn interval(self) -> Option<(Ratio, Ratio)> {
        let (from, to) = poisson::interval(self.tickets);
        let of = |thousandths: u64| Ratio::new(thousandths.into(), 1000 * i128::from(self.lines));
        Some((of(from)?, of(to)?))
    }
}

/// How much less is asked than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduction {
    /// The months before the site went live, together.
    pub before: Rate,
    /// The newest month that is over.
    pub now: Rate,
    /// 1 − now / before; negative where more is asked.
    pub reduction: Ratio,
    /// The lower end of its interval of 95 %; none where it has no end.
    pub from: Option<Ratio>,
    /// The upper end.
    pub to: Ratio,
}

impl Reduction {
    /// Whether the interval leaves no room for "as before".
    pub fn is_beyond_chance(&self) -> bool {
        let zero = Ratio::new(0, 1);
        let is_fewer = self.from.zip(zero).is_some_and(|(from, zero)| zero.is_below(from));
        is_fewer || zero.is_some_and(|zero| self.to.is_below(zero))
    }
}

/// M1.
#[derive(Debug)]
pub struct Inquiries {
    /// Every month from that of the first ticket on; the last one may still go on.
    pub months: Vec<(Rate, bool)>,
    /// Months with tickets and without a number of active lines.
    pub without_lines: Vec<Month>,
    /// Where the numbers of active lines come from.
    pub source: Source,
    /// The comparison.
    pub reduction: Measured<Reduction>,
}

/// Measures it.
///
/// # Errors
/// What it needs: tickets, and lines that were active in one of their months.
pub fn measure(basis: &Basis<'_>) -> Measured<Inquiries> {
    let tickets = basis.tickets().ok_or_else(|| Needs::new("input/metrics/tickets.csv"))?;
    let first = tickets.first().map(|ticket| Month::of(ticket.opened));
    let first = first
        .ok_or_else(|| Needs::new(say!("a ticket that was opened by now in input/metrics/tickets.csv")))?;
    let (active, source) = active(basis);
    let this = Month::of(basis.today());
    let (mut months, mut without_lines) = (Vec::new(), Vec::new());
    let mut month = first;
    while month <= this {
        let span = Span { from: month.first_day(), to: month.period().last_day().min(basis.today()) };
        let opened = tickets.iter().filter(|ticket| span.contains(ticket.opened)).count() as u64;
        match active.get(&month) {
            Some(lines) if *lines > 0 => {
                let is_over = month.period().last_day() <= basis.today();
                months.push((Rate { span, tickets: opened, lines: *lines }, is_over));
            }
            Some(_) | None => without_lines.push(month),
        }
        month = month.next();
    }
    if months.is_empty() {
        return Err(Needs::new(say!(
            "input/metrics/active_lines.csv, or a snapshot in one of the months in which tickets were opened"
        )));
    }
    let reduction = compare(basis, &months);
    Ok(Inquiries { months, without_lines, source, reduction })
}

/// The lines that are active at the end of each month, and who says so: the file, else our own snapshots.
fn active(basis: &Basis<'_>) -> (BTreeMap<Month, u64>, Source) {
    match &basis.given.active {
        Some(given) => (given.clone(), Source::Given("metrics/active_lines.csv")),
        None => (own::active(basis.history), Source::Own),
    }
}

fn compare(basis: &Basis<'_>, months: &[(Rate, bool)]) -> Measured<Reduction> {
    let go_live =
        basis.given.go_live.ok_or_else(|| Needs::new(say!("go_live in [metrics] of tieout.toml")))?;
    let mut before = months.iter().map(|(rate, _)| *rate).filter(|rate| rate.span.to < go_live);
    let first = before
        .next()
        .ok_or_else(|| Needs::new(say!("a month with tickets and active lines before go-live")))?;
    // A month in which the site went live is neither before nor after.
    let before = before.fold(first, |sum, rate| Rate {
        span: Span { from: sum.span.from, to: rate.span.to },
        tickets: sum.tickets + rate.tickets,
        lines: sum.lines + rate.lines,
    });
    let now = months.iter().rev().find(|(rate, is_over)| *is_over && rate.span.from >= go_live);
    let (now, _) = *now.ok_or_else(|| Needs::new(say!("a month after go-live that is over")))?;
    let relation =
        |part: u128, whole: u128| Ratio::new(i128::try_from(part).ok()?, i128::try_from(whole).ok()?);
    let (lowest, highest) = poisson::ratio(now.tickets, now.lines, before.tickets, before.lines);
    let reduction = Ratio::new(
        i128::from(now.tickets) * i128::from(before.lines),
        i128::from(now.lines) * i128::from(before.tickets),
    );
    let reduction = reduction.ok_or_else(|| Needs::new(say!("a ticket before go-live")))?.rest();
    let to = relation(lowest.0, lowest.1).map_or(reduction, Ratio::rest);
    let from = highest.and_then(|(part, whole)| relation(part, whole)).map(Ratio::rest);
    Ok(Reduction { before, now, reduction, from, to })
}

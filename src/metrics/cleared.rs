//! How long cases take until they are cleared: from the first snapshot that shows a case to the first one that shows nothing
//! to be explained of it any more.

use chrono::NaiveDate;

use super::{Between, Measured, Needs, Span};
use crate::history::survival::{MEDIAN_FROM, Outcome, Sample};
use crate::history::{End, History, SnapshotNumber, Stay};
use crate::say;

/// How long some cases take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    /// How long they take. What is open goes on for as long as it was followed; so does what became something else, which ends
    /// undecided.
    pub between: Between,
    /// When they were opened.
    pub span: Span,
    /// Cases that the first snapshot shows already: since when is not known, so they are left out.
    pub excluded: u64,
    /// Cases that became something else.
    pub became: u64,
}

/// Measures the stays of cases.
///
/// # Errors
/// What it needs: so many cleared cases that a median has an interval ([`MEDIAN_FROM`]).
pub fn of_cases(history: &History, stays: &[Stay]) -> Measured<Cleared> {
    let day = |number: SnapshotNumber| history.as_of(number).date();
    let (mut sample, mut excluded, mut became) = (Sample::default(), 0, 0);
    let mut first: Option<NaiveDate> = None;
    for stay in stays {
        if stay.opened == 0 {
            excluded += 1;
            continue;
        }
        let (end, outcome) = match stay.end {
            End::Open => (history.newest(), Outcome::Open),
            End::Cleared(at) => (at, Outcome::Left),
            End::Became(at, _) => {
                became += 1;
                (at, Outcome::Open)
            }
        };
        let days = day(end).signed_duration_since(day(stay.opened)).num_days();
        sample.add(None, u32::try_from(days).unwrap_or(0), outcome);
        first = Some(first.map_or(day(stay.opened), |first| first.min(day(stay.opened))));
    }
    let between = Between::new(&sample).zip(first);
    let done = between.map_or(0, |(between, _)| between.done);
    let needs = || {
        let least = MEDIAN_FROM;
        Needs(if done == 1 {
            say!(
                "{least} cases that were opened after the first snapshot and cleared by now; there is 1",
                least
            )
        } else {
            say!(
                "{least} cases that were opened after the first snapshot and cleared by now; there are {done}",
                least,
                done
            )
        })
    };
    let (between, from) = between.filter(|(between, _)| between.done >= MEDIAN_FROM).ok_or_else(needs)?;
    let span = Span { from, to: day(history.newest()) };
    Ok(Cleared { between, span, excluded, became })
}

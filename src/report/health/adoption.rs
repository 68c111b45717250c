//! M4 on the page: teams that use the site, week by week.

use super::figure::{Figure, Metric, Value, trend_table};
use super::recurrence::with_interval;
use super::{Part, formula, not_measurable};
use crate::language::label;
use crate::metrics::Basis;
use crate::metrics::adoption::{Week, measure};
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Adoption;
const FORMULA: &str = mark!(
    "Teams with at least one page view in an ISO week (Monday to Sunday, days as the log writes them) / all teams of users.csv. A \
     view is a GET of a page that was answered with 200 or 304, by a user whom users.csv lists, and not by a program. Every team \
     is counted, so the interval (Clopper and Pearson) says what other weeks of the same habit may show."
);
const MEASURE: &str = mark!("Teams that use the site in a week");
const LOG: &str = mark!("the access logs");
/// Weeks that the page lists; the file has all of them.
const LISTED: usize = 26;

pub(super) fn part(basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    let found = match measure(basis) {
        Ok(found) => found,
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(MEASURE), "").noting(not_measurable(&needs)).headline());
            part.blocks = vec![paragraph(not_measurable(&needs)), formula(label(FORMULA))];
            return part;
        }
    };
    let mut text = Vec::new();
    match found.newest_over() {
        Some(week) => {
            text.push(Text::plain(say!(
                "In the newest full week of the log ({span}), ",
                span = week.span.in_words()
            )));
            text.push(Text::strong(teams(week)));
            text.push(Text::plain(say!(" used the site: {teams}.", teams = with_interval(week.teams))));
        }
        None => {
            let needs = say!("Not measurable: needs a week of the log that is over.");
            part.figures.push(Figure::new(METRIC, label(MEASURE), label(LOG)).noting(needs).headline());
            text.push(Text::plain(needs));
        }
    }
    if let Some(week) = found.current() {
        text.push(Text::plain(say!(
            " In the week that goes on, so far: {week}, {teams}.",
            week = teams(week),
            teams = with_interval(week.teams)
        )));
    }
    text.push(Text::plain(say!(" The log has lines of {lines}.", lines = found.lines.in_words())));
    if found.ahead > 0 {
        let ahead = usize::try_from(found.ahead).unwrap_or(usize::MAX);
        let left = count_of(ahead, "view is", "views are");
        text.push(Text::plain(say!(" {left} dated later than this snapshot and left out.", left)));
    }
    part.blocks.push(Block::Paragraph { text });
    let newest = found.newest_over();
    let weeks: Vec<Figure> = found
        .weeks
        .iter()
        .map(|week| Figure { is_headline: newest == Some(*week), ..figure(*week) })
        .collect();
    let start = weeks.len().saturating_sub(LISTED);
    let caption = if start > 0 {
        say!(
            "Share of teams that use the site, by week: the last {LISTED}; the file has all of them.",
            LISTED
        )
    } else {
        say!("Share of teams that use the site, by week.").to_owned()
    };
    part.blocks.push(Block::Table(trend_table("m4-list", &caption, &weeks[start..])));
    part.figures.extend(weeks);
    part.blocks.push(formula(label(FORMULA)));
    part
}

/// `3 of 5 teams`.
fn teams(week: Week) -> String {
    say!("{counted} of {all} teams", counted = week.teams.counted, all = week.teams.of)
}

fn figure(week: Week) -> Figure {
    let views = count_of(usize::try_from(week.views).unwrap_or(usize::MAX), "page view", "page views");
    let (year, number) = week.number;
    let going = if week.is_over { "" } else { say!("; it goes on") };
    Figure::new(METRIC, label(MEASURE), label(LOG))
        .of_span(week.span)
        .valued(Value::share(week.teams))
        .resting_on(week.teams.counted, week.teams.of, say!("{week}, {views}", week = teams(week), views))
        .noting(say!("Week {number} of {year}{going}", number, year, going))
}

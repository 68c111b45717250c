//! M4 on the page: teams that use the site, week by week.

use super::figure::{Figure, Metric, Value, trend_table};
use super::recurrence::with_interval;
use super::{Part, formula, not_measurable};
use crate::metrics::Basis;
use crate::metrics::adoption::{Week, measure};
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::words::paragraph;

const METRIC: Metric = Metric::Adoption;
const FORMULA: &str = "Teams with at least one page view in an ISO week (Monday to Sunday, days as the log writes them) / all teams of users.csv. A \
     view is a GET of a page that was answered with 200 or 304, by a user whom users.csv lists, and not by a program. Every team \
     is counted, so the interval (Clopper and Pearson) says what other weeks of the same habit may show.";
const MEASURE: &str = "Teams that use the site in a week";
const LOG: &str = "the access logs";
/// Weeks that the page lists; the file has all of them.
const LISTED: usize = 26;

pub(super) fn part(basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    let found = match measure(basis) {
        Ok(found) => found,
        Err(needs) => {
            part.figures.push(Figure::new(METRIC, MEASURE, "").noting(not_measurable(&needs)).headline());
            part.blocks = vec![paragraph(not_measurable(&needs)), formula(FORMULA)];
            return part;
        }
    };
    let mut text = Vec::new();
    match found.newest_over() {
        Some(week) => {
            text.push(Text::plain(format!(
                "In the newest full week of the log ({}), ",
                week.span.in_words()
            )));
            text.push(Text::strong(teams(week)));
            text.push(Text::plain(format!(" used the site: {}.", with_interval(week.teams))));
        }
        None => {
            let needs = "Not measurable: needs a week of the log that is over.";
            part.figures.push(Figure::new(METRIC, MEASURE, LOG).noting(needs).headline());
            text.push(Text::plain(needs));
        }
    }
    if let Some(week) = found.current() {
        text.push(Text::plain(format!(
            " In the week that goes on, so far: {}, {}.",
            teams(week),
            with_interval(week.teams)
        )));
    }
    text.push(Text::plain(format!(" The log has lines of {}.", found.lines.in_words())));
    if found.ahead > 0 {
        let ahead = usize::try_from(found.ahead).unwrap_or(usize::MAX);
        let left = count_of(ahead, "view is", "views are");
        text.push(Text::plain(format!(" {left} dated later than this snapshot and left out.")));
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
        format!("Share of teams that use the site, by week: the last {LISTED}; the file has all of them.")
    } else {
        "Share of teams that use the site, by week.".to_owned()
    };
    part.blocks.push(Block::Table(trend_table("m4-list", &caption, &weeks[start..])));
    part.figures.extend(weeks);
    part.blocks.push(formula(FORMULA));
    part
}

/// `3 of 5 teams`.
fn teams(week: Week) -> String {
    format!("{} of {} teams", week.teams.counted, week.teams.of)
}

fn figure(week: Week) -> Figure {
    let views = count_of(usize::try_from(week.views).unwrap_or(usize::MAX), "page view", "page views");
    let (year, number) = week.number;
    let going = if week.is_over { "" } else { "; it goes on" };
    Figure::new(METRIC, MEASURE, LOG)
        .of_span(week.span)
        .valued(Value::share(week.teams))
        .resting_on(week.teams.counted, week.teams.of, format!("{}, {views}", teams(week)))
        .noting(format!("Week {number} of {year}{going}"))
}

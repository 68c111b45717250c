//! M6 on the page: what is asked before and after an article was published.

use super::figure::{Figure, Metric, Value, tickets};
use super::{Part, formula, not_measurable};
use crate::language::label;
use crate::metrics::articles::{Effect, Published, VIEWED_WITHIN, measure};
use crate::metrics::inquiries::Rate;
use crate::metrics::{Basis, Measured};
use crate::model::time::AsOf;
use crate::reconcile::kinds::Kind;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::Block;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Articles;
const FORMULA: &str = mark!(
    "Tickets whose code is a kind / cases of that kind that any snapshot of the same days shows × 100, in the 60 days before and \
     the 60 days from the day on which an article for the kind was first published (published in its front matter). Each interval is that \
     of a Poisson count. Other things change too, so a difference does not show that the article is why."
);
const BEFORE: &str = mark!("Tickets per 100 cases, 60 days before");
const AFTER: &str = mark!("Tickets per 100 cases, 60 days after");

pub(super) fn part(report: &Report<'_>, basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    let found = match measure(basis, &published(report)) {
        Ok(found) => found,
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(AFTER), "").noting(not_measurable(&needs)).headline());
            part.blocks = vec![paragraph(not_measurable(&needs)), formula(label(FORMULA))];
            return part;
        }
    };
    let measured = found.iter().filter(|effect| effect.before.is_ok() && effect.after.is_ok()).count();
    let rests = say!(
        "{measured} of {found}",
        measured,
        found = count_of(found.len(), "article and kind", "articles and kinds")
    );
    let headline =
        Figure::new(METRIC, say!("Articles with tickets and cases before and after"), "metrics/tickets.csv");
    let headline = headline.resting_on(measured as u64, found.len() as u64, rests.clone());
    part.figures.push(headline.valued(Value::count(measured)).headline());
    part.blocks.push(paragraph(say!("Measurable: {rests}.", rests)));
    let mut table = Table {
        id: "m6-list".to_owned(),
        caption: say!(
            "Tickets per 100 cases of a kind before and after its article was published. Saw it first: tickets since whose team \
             had opened the article in the {VIEWED_WITHIN} days before.",
            VIEWED_WITHIN
        ),
        layout: "cards",
        columns: vec![
            Column::text("Article"),
            Column::text("Kind"),
            Column::date("Published"),
            Column::text("60 days before"),
            Column::text("60 days after"),
            Column::number("Views since"),
            Column::number("Saw it first"),
        ],
        ..Table::default()
    };
    for effect in &found {
        table.rows.push(row(report, effect));
        let going = if effect.is_over { "" } else { say!("The 60 days go on.") };
        let kind = report.sources.content.kind(effect.kind).title.clone();
        part.figures.push(figure(&format!("{}: {kind}", label(BEFORE)), &effect.before));
        part.figures.push(figure(&format!("{}: {kind}", label(AFTER)), &effect.after));
        if let Some(figure) = part.figures.last_mut().filter(|figure| figure.value.is_some()) {
            going.clone_into(&mut figure.note);
        }
    }
    part.blocks.push(Block::Table(table));
    part.blocks.push(formula(label(FORMULA)));
    part
}

/// Articles of which somebody says when they were published, with each kind that names them.
fn published<'a>(report: &'a Report<'_>) -> Vec<Published<'a>> {
    let content = report.sources.content;
    let mut all = Vec::new();
    for article in content.articles.values() {
        let day = article.published.as_deref().and_then(AsOf::parse).map(AsOf::date);
        let kinds = Kind::ALL.iter().filter(|kind| content.kind(**kind).kb.contains(&article.id));
        all.extend(
            day.into_iter()
                .flat_map(|on| kinds.clone().map(move |kind| Published { id: &article.id, kind: *kind, on })),
        );
    }
    all
}

fn figure(measure: &str, rate: &Measured<Rate>) -> Figure {
    let figure = Figure::new(METRIC, measure, "metrics/tickets.csv");
    match rate {
        Ok(rate) => {
            let figure = figure.of_span(rate.span).resting_on(rate.tickets, rate.lines, rests_on(*rate));
            match rate.ratio() {
                Some(ratio) => figure.valued(Value::per_hundred(ratio, rate.interval())),
                None => figure,
            }
        }
        Err(needs) => figure.noting(not_measurable(needs)),
    }
}

fn rests_on(rate: Rate) -> String {
    let cases = count_of(usize::try_from(rate.lines).unwrap_or(usize::MAX), "case", "cases");
    say!("{tickets} for {cases}", tickets = tickets(rate.tickets), cases)
}

fn rate_cell(rate: &Measured<Rate>) -> Cell {
    match rate {
        Ok(rate) => {
            let value = rate.ratio().map_or_else(String::new, crate::metrics::Ratio::per_hundred);
            let interval = rate.interval().map_or_else(String::new, |(from, to)| {
                say!("; 95% interval {low} to {high}", low = from.per_hundred(), high = to.per_hundred())
            });
            Cell::text(value).with_note(format!("{}{interval}", rests_on(*rate)))
        }
        Err(needs) => Cell { none: Some(say!("not measurable")), ..Cell::default() }
            .with_note(say!("needs {needs}", needs = needs.0)),
    }
}

fn row(report: &Report<'_>, effect: &Effect) -> Row {
    let content = report.sources.content;
    let title = content.articles.get(effect.article.as_str()).map_or("", |article| article.title.as_str());
    let count = |n: Option<u64>| match n {
        Some(n) => Cell::count(usize::try_from(n).unwrap_or(usize::MAX)),
        None => Cell { none: Some(say!("needs an access log with user names")), ..Cell::default() },
    };
    let kind = content.kind(effect.kind);
    Row {
        cells: vec![
            Cell::link(title, format!("kb/{}.html", effect.article)),
            Cell::link(kind.title.clone(), format!("discrepancy/{}.html", kind.code)),
            Cell::date(Some(effect.on)),
            rate_cell(&effect.before),
            rate_cell(&effect.after),
            count(effect.views),
            count(effect.viewed_first),
        ],
        ..Row::default()
    }
}

//! `health.html`: whether the site does what it is for, and whether what it says holds.

mod accuracy;
mod adoption;
mod articles;
mod figure;
mod given;
mod inquiries;
mod recurrence;
mod resolution;
mod sound;

pub(super) use figure::median_words;

use super::articles::REPEATED;
use super::lists::count_of;
use super::page::{Block, Link, Text};
use super::words::{from_overview, head, section};
use super::{Made, Report, times, words};
use crate::metrics::Needs;
use crate::say;
use figure::{Figure, Metric, all_table, headline_table};

/// The file with every figure.
const EXPORT: &str = "health.metrics.csv";

/// What the page says of one metric.
struct Part {
    metric: Metric,
    figures: Vec<Figure>,
    blocks: Vec<Block>,
}

/// `health.html`.
pub(super) fn page(report: &Report<'_>) -> Made {
    let mut page = head("health.html", "health", from_overview(), say!("Health"), Vec::new());
    let snapshots = report.sources.history.snapshots().len();
    page.facts = vec![
        vec![Text::link(say!("Success metrics"), "health.html#metrics")],
        vec![Text::link(say!("How long things take"), "health.html#times")],
        vec![Text::link(say!("Payment dates that were shown"), "health.html#dates")],
        vec![Text::link(say!("What the figures rest on"), "health.html#sound")],
        vec![Text::link(say!("Repeated causes without an article"), "health.html#repeated")],
        vec![Text::plain(count_of(snapshots, "snapshot", "snapshots"))],
    ];
    let basis = report.basis();
    let parts = [
        inquiries::part(report, &basis),
        resolution::part(report, &basis),
        recurrence::part(&basis),
        adoption::part(&basis),
        accuracy::part(report, &basis),
        articles::part(report, &basis),
    ];
    let all: Vec<&Figure> = parts.iter().flat_map(|part| &part.figures).collect();
    let (open, sound) = sound::blocks(report);
    page.lead = vec![Text::plain(lead(&all, open))];
    let export = all_table(&all);
    let mut blocks = vec![Block::Table(headline_table(&all))];
    blocks.extend(given::blocks(report, &basis));
    page.main.push(Block::Section {
        id: "metrics".to_owned(),
        heading: say!("Success metrics").to_owned(),
        actions: vec![Link::to(say!("Metrics CSV"), EXPORT)],
        blocks,
    });
    for part in parts {
        page.main.push(section(part.metric.id(), part.metric.heading(), part.blocks));
    }
    page.main.push(section("repeated", say!("Repeated causes without an article"), repeated(report)));
    page.main.push(section("times", say!("How long things take"), resolution::times(&basis)));
    page.main.push(section("dates", say!("Payment dates that were shown"), times::dates(report)));
    page.main.push(section("sound", say!("What the figures rest on"), sound));
    Made { page, exports: vec![(EXPORT.to_owned(), export)] }
}

/// What comes again and again and that nobody wrote down how to resolve, with the way to do so.
fn repeated(report: &Report<'_>) -> Vec<Block> {
    let table = words::repeated(report);
    if table.rows.is_empty() {
        return vec![words::paragraph(say!(
            "Every cause with {repeated} cases and more has an article.",
            repeated = REPEATED
        ))];
    }
    let text = vec![
        Text::plain(say!(
            "An article spares the next ticket. The command begins one with the cases and what is known of them; "
        )),
        Text::link(say!("Knowledge base"), "kb/index.html"),
        Text::plain(say!(" holds those that are there.")),
    ];
    vec![Block::Paragraph { text }, Block::Table(table)]
}

/// How much is measured, and how many of the things that it rests on are `open`.
fn lead(all: &[&Figure], open: usize) -> String {
    let headline = || all.iter().filter(|figure| figure.is_headline);
    let (of, measured) = (headline().count(), headline().filter(|figure| figure.value.is_some()).count());
    let measured = if measured == of {
        say!("All {all} figures of success are measured.", all = of)
    } else {
        say!(
            "{measured} of {all} figures of success are measured; each other one says what it needs.",
            measured,
            all = of
        )
    };
    let sound = match open {
        0 => say!("Everything that they rest on is sound.").to_owned(),
        1 => say!("1 thing that they rest on wants a look.").to_owned(),
        n => say!("{count} things that they rest on want a look.", count = n),
    };
    say!("{first} {then}", first = measured, then = sound)
}

/// `Not measurable: needs …`.
fn not_measurable(needs: &Needs) -> String {
    say!("Not measurable: needs {needs}.", needs = needs.0)
}

/// What a metric counts, in quiet words.
fn formula(text: &str) -> Block {
    Block::Paragraph { text: vec![Text::quiet(text)] }
}

//! Writes a page with charts that are hard to draw into a folder: `cargo run --example charts -- FOLDER`.
//!
//! Many positions and one, gaps, nothing but zeros, amounts below zero, amounts of all sizes, lines that touch. The
//! browser tests look at it, `tests/browser/chart.test.mjs`, and so can a person.

use std::error::Error;
use std::fs;
use std::path::Path;

use tieout::model::money::{Currency, Money};
use tieout::model::time::{AsOf, Month};
use tieout::render::{DEFAULT_TEMPLATES, Renderer, SiteFacts, assets};
use tieout::report::chart::{Chart, Position, Series};
use tieout::report::page::{Block, Page};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: charts FOLDER")?;
    let folder = Path::new(&folder);
    let assets = assets::all();
    for asset in &assets.files {
        let path = folder.join(&asset.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, asset.bytes)?;
    }
    let facts = SiteFacts {
        organization: "Charts".to_owned(),
        snapshot: "2026-06-18".to_owned(),
        as_of: "18 Jun 2026".to_owned(),
        version: "0".to_owned(),
        record_set: "0".repeat(64),
        lang: "en".to_owned(),
        css: assets.css,
        js: assets.js,
        messages: String::new(),
        query: String::new(),
        audience: None,
        scripts: assets.scripts,
    };
    let templates: Vec<(String, String)> =
        DEFAULT_TEMPLATES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let page = Page {
        path: "index.html".to_owned(),
        title: "Charts".to_owned(),
        heading: "Charts".to_owned(),
        main: charts().into_iter().map(section).collect(),
        ..Page::default()
    };
    fs::write(folder.join("index.html"), Renderer::new(&templates, &facts)?.page(&page)?)?;
    Ok(())
}

fn section(chart: Chart) -> Block {
    Block::Section {
        id: format!("section-{}", chart.id),
        heading: chart.id.clone(),
        actions: Vec::new(),
        blocks: vec![Block::Chart(Box::new(chart))],
    }
}

fn charts() -> Vec<Chart> {
    let year =
        |amount: fn(usize) -> i128| by_status(12, move |at, part| Some(amount(at) * [3, 1, 4, 9][part]));
    let mut charts = vec![
        stacked("year", months(12), by_status(12, growing)),
        stacked("quarter", months(4), by_status(4, growing)),
        stacked("one-month", months(1), by_status(1, growing)),
        stacked("snapshots-36", snapshots(36), by_status(36, growing)),
        stacked("snapshots-60", snapshots(60), by_status(60, growing)),
        stacked(
            "gaps",
            months(12),
            by_status(12, |at, part| (at % 3 > 0).then(|| growing(at, part)).flatten()),
        ),
        stacked(
            "below-zero",
            months(12),
            by_status(12, |at, part| Some([90_000, 20_000, -35_000, -60_000][part] * (1 + (at % 4) as i128))),
        ),
        stacked("all-below-zero", months(12), by_status(12, |at, part| Some(-(growing(at, part)?)))),
        stacked("zeros", months(12), by_status(12, |_, _| Some(0))),
        stacked("large", months(12), year(|at| 8_000_000_000_000_000 + 900_000_000_000_000 * at as i128)),
        stacked("cents", months(12), year(|at| at as i128 % 5)),
        stacked("nothing", months(12), by_status(12, |_, _| None)),
        Chart::stacked(
            "counts",
            "Open cases by snapshot",
            "Snapshot",
            snapshots(12),
            vec![Series::new("Cases", "elig", (0..12).map(|at| Some(3 + (at * 7) % 5)))],
        ),
    ];
    charts.extend([
        lines("maturing", snapshots(36), maturing(6, 36)),
        lines("maturing-12", snapshots(14), maturing(12, 14)),
        lines("maturing-20", snapshots(60), maturing(20, 60)),
        lines("uneven", days(&["2026-05-08", "2026-06-17", "2026-06-18"]), maturing(3, 3)),
        lines("one-snapshot", snapshots(1), maturing(3, 1)),
        lines(
            "lines-with-gaps",
            snapshots(12),
            vec![
                series("April 2026", "quiet", 12, |at| {
                    (at != 4 && at != 9).then_some(4_000_000 + 9_000 * at as i128)
                }),
                series("May 2026", "ink", 12, |at| {
                    (at > 2 && at < 9).then_some(-800_000 + 300_000 * at as i128)
                })
                .open(),
            ],
        ),
    ]);
    charts
}

fn stacked(id: &str, positions: Vec<Position>, series: Vec<Series>) -> Chart {
    let last = positions.len() - 1;
    let positions = positions.into_iter().enumerate();
    let positions = positions.map(|(at, p)| if at == last { p.open("in progress") } else { p }).collect();
    Chart::stacked(id, &format!("Total rebate by status, {id}"), "Date", positions, series)
}

fn lines(id: &str, positions: Vec<Position>, series: Vec<Series>) -> Chart {
    Chart::lines(id, &format!("Total rebate of each earned month, {id}"), "Snapshot", positions, series)
}

/// Minor units that grow with some ups and downs, with most of the late ones calculated and of the early ones paid.
fn growing(at: usize, part: usize) -> Option<i128> {
    let total = 2_400_000 + 190_000 * (at as i128) + [0, 310_000, -120_000, 505_000][at % 4];
    let parts: [i128; 4] = if at % 12 < 7 { [0, 0, 5, 95] } else { [40, 12, 28, 20] };
    Some(total * parts[part] / 100)
}

fn by_status(count: usize, amount: impl Fn(usize, usize) -> Option<i128> + Copy) -> Vec<Series> {
    [
        ("Calculated, not under review", "calc"),
        ("Under Review", "review"),
        ("Approved", "appr"),
        ("Paid", "paid"),
    ]
    .into_iter()
    .enumerate()
    .map(|(part, (name, fill))| series(name, fill, count, move |at| amount(at, part)))
    .collect()
}

/// Months that appear one after the other and settle within a few snapshots; the newest one is the one to look at.
fn maturing(count: usize, snapshots: usize) -> Vec<Series> {
    let names = months(count);
    let each = names.into_iter().enumerate().map(|(number, month)| {
        let from = number * snapshots / (count + 1);
        let fill = if number + 1 == count { "ink" } else { "quiet" };
        let level = 2_000_000 + 37_000 * ((number * 29) % 17) as i128;
        series(&month.name, fill, snapshots, move |at| {
            let age = at.checked_sub(from)?;
            Some(level - level / (2 + age as i128))
        })
        .final_from(from + 1 + snapshots / 4)
    });
    each.collect()
}

fn series(name: &str, fill: &'static str, count: usize, minor: impl Fn(usize) -> Option<i128>) -> Series {
    let dollar = Currency::parse("USD");
    let amounts = (0..count).map(|at| Some(Money::from_minor(minor(at)?, dollar?)));
    Series::new(name, fill, amounts)
}

fn months(count: usize) -> Vec<Position> {
    let last = Month::new(2026, 6);
    let mut months: Vec<Position> = std::iter::successors(last, |month| Some(month.previous()))
        .take(count)
        .map(Position::month)
        .collect();
    months.reverse();
    months
}

fn snapshots(count: usize) -> Vec<Position> {
    let last = AsOf::parse("2026-06-18").map(AsOf::date);
    let all = std::iter::successors(last, |day| day.pred_opt());
    let mut days: Vec<Position> = all.take(count).map(Position::day).collect();
    days.reverse();
    days
}

fn days(names: &[&str]) -> Vec<Position> {
    names.iter().filter_map(|name| AsOf::parse(name)).map(Position::snapshot).collect()
}

//! The query page at size: what a browser loads and how long it takes from the address to the answer (performance, P8).
//!
//! Makes `--orders` orders over twelve months, builds the query's data and page from them and nothing else, and opens them in
//! headless Chromium from a plain server on this machine, several times each: the last full month, one campaign of it, that
//! campaign for a year, and an order by its id. Node.js and Chromium are what the browser tests need; without them the data
//! is built and measured, and the browser is left out with a note.
//!
//! `--input FOLDER` takes a data set that is there, `--site FOLDER` (a new one) keeps what was built.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::float_arithmetic, reason = "times and ratios, never money")]

mod shared;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use shared::{Outcome, high_water, orders, synthesize_months};
use tieout::pipeline::{self, Cache, Options, Silent, Timings};
use tieout::report::PageKey;
use tieout::site::Site;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let orders = orders(&arguments, 100_000)?;
    let folder = tempfile::tempdir()?;
    let named = |name: &str| {
        let place = arguments.iter().position(|a| a == name)?;
        arguments.get(place + 1).map(PathBuf::from)
    };
    let site = named("--site").unwrap_or_else(|| folder.path().join("site"));
    let input = match named("--input") {
        Some(input) => input,
        None => {
            let input = folder.path().join("input");
            synthesize_months(orders, 12, &input)?;
            input
        }
    };
    let order = build(&input, &site)?;
    let peak = high_water(std::process::id());
    println!("peak memory {:.0} MiB", peak as f64 / 1024.0);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/query.mjs");
    match Command::new("node").arg(script).arg(&site).arg(order).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the browser could not be measured; see above".into()),
        Err(_) => {
            println!("without Node.js nothing is opened: install it, and Chromium, to measure the page");
            Ok(())
        }
    }
}

/// Builds the data and the page of the query, and the page of one order; the id of that order.
fn build(input: &Path, folder: &Path) -> Outcome<String> {
    std::fs::create_dir_all(folder)?;
    let nowhere = input.join("none");
    let options = Options {
        input: input.to_owned(),
        content: nowhere.clone(),
        templates: nowhere.clone(),
        config: nowhere.clone(),
        output: folder.to_owned(),
        snapshot: None,
        cache: Cache::Off,
        home: None,
        environment: |_| None,
    };
    let mut timings = Timings::default();
    let mut loaded = pipeline::load(&options, &mut timings, &Silent)?;
    let mut known = pipeline::know(&mut loaded, &mut timings, &Silent);
    let shown = pipeline::shown(&loaded, &mut known);
    let report = pipeline::report(&loaded, &shown);
    let site = Site::in_folder(folder.to_owned());
    let start = Instant::now();
    let set = tieout::export::query::files(&report, &site)?;
    let took = start.elapsed();
    let order = report.plan().into_iter().find(|key| matches!(key, PageKey::Order(..)));
    let plan: Vec<PageKey> = order.into_iter().chain([PageKey::Query]).collect();
    pipeline::pages(&report, &options, &loaded, (&site, set, &plan), &Silent)?;
    let data: Vec<_> = site.entries().into_iter().filter(|e| e.path.starts_with("query/data/")).collect();
    let bytes: u64 = data.iter().map(|entry| entry.size).sum();
    println!(
        "{} rows: query data in {:.2} s, {} files, {:.1} MiB",
        report.query_rows().len(),
        took.as_secs_f64(),
        data.len(),
        bytes as f64 / 1024.0 / 1024.0
    );
    let orders = &report.reconciled.snapshot.records.orders;
    Ok(orders.first().map(|order| order.id.raw().to_owned()).unwrap_or_default())
}

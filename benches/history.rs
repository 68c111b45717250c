//! `cargo bench --bench history [-- --orders N]`: 36 monthly snapshots folded into one history, with and without what is
//! kept of earlier ones; writes no site.
//!
//! Prints time, bytes read and peak memory of half of the snapshots and of all of them, and what one snapshot more costs
//! beside the newest snapshot alone. Every run is a process of its own. Nothing is judged here: figures are printed, a
//! person reads them.

mod shared;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use shared::{Outcome, Stages, high_water, orders, stages_of, synthesize_monthly};
use tieout::pipeline::{self, Cache, Options, Silent, Timings};

/// How many snapshots, a month apart.
const SNAPSHOTS: usize = 36;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|a| a == "--one") {
        let cache = arguments.get(place + 2).map(PathBuf::from);
        return one(Path::new(&arguments[place + 1]), cache);
    }
    let orders = orders(&arguments, 100_000)?;
    let folder = tempfile::tempdir()?;
    let all = folder.path().join("all");
    synthesize_monthly(orders, SNAPSHOTS, &all)?;
    let mut snapshots: Vec<String> = Vec::new();
    for entry in fs::read_dir(&all)? {
        snapshots.push(entry?.file_name().to_string_lossy().into_owned());
    }
    snapshots.retain(|name| name != "reference");
    snapshots.sort();
    let part = |name: &str, chosen: &[String]| -> Outcome<PathBuf> {
        let to = folder.path().join(name);
        for folder in chosen.iter().map(String::as_str).chain(["reference"]) {
            fs::create_dir_all(to.join(folder))?;
            for entry in fs::read_dir(all.join(folder))? {
                let entry = entry?;
                fs::hard_link(entry.path(), to.join(folder).join(entry.file_name()))?;
            }
        }
        Ok(to)
    };
    let (half, before, newest) = (
        part("half", &snapshots[..SNAPSHOTS / 2])?,
        part("before", &snapshots[..SNAPSHOTS - 1])?,
        part("newest", &snapshots[SNAPSHOTS - 1..])?,
    );
    let cache = folder.path().join("cache");
    let runs = [
        ("the newest snapshot alone", run(&newest, None)?),
        ("18 snapshots", run(&half, None)?),
        ("36 snapshots", run(&all, None)?),
        ("35 snapshots, kept", run(&before, Some(&cache))?),
        ("36 snapshots, 35 of them kept", run(&all, Some(&cache))?),
        ("36 snapshots, again", run(&all, Some(&cache))?),
    ];
    report(orders, &runs);
    Ok(())
}

/// Runs this program once more for one folder, and gives back what it printed.
fn run(input: &Path, cache: Option<&Path>) -> Outcome<String> {
    let mut command = Command::new(std::env::current_exe()?);
    let run = command.arg("--one").arg(input).args(cache).output()?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned().into());
    }
    Ok(String::from_utf8(run.stdout)?)
}

/// One run, whose figures go to the process that started it.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#[expect(clippy::float_arithmetic, reason = "times, never money")]
fn one(input: &Path, cache: Option<PathBuf>) -> Outcome<()> {
    let nowhere = input.join("none");
    let options = Options {
        input: input.to_owned(),
        content: nowhere.clone(),
        templates: nowhere.clone(),
        config: nowhere.clone(),
        output: nowhere,
        snapshot: None,
        cache: cache.map_or(Cache::Off, Cache::Write),
        home: None,
        environment: |_| None,
    };
    let start = Instant::now();
    let mut timings = Timings::default();
    let mut loaded = pipeline::load(&options, &mut timings, &Silent)?;
    let mut known = pipeline::know(&mut loaded, &mut timings, &Silent);
    let began = Instant::now();
    let shown = pipeline::shown(&loaded, &mut known);
    timings.0.push(("shown", began.elapsed()));
    for (stage, time) in &timings.0 {
        println!("{stage} {:.1} ms", time.as_secs_f64() * 1_000.0);
    }
    println!("total {:.1} ms", start.elapsed().as_secs_f64() * 1_000.0);
    let bytes: usize = loaded.files.iter().map(|(_, file)| file.size()).sum();
    let facts = &shown.history.facts;
    println!(
        "figures {} {} {} {}",
        bytes >> 20,
        facts.len(),
        facts.fact_count(),
        high_water(std::process::id()) >> 10
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#[expect(clippy::float_arithmetic, reason = "times, never money")]
fn report(orders: usize, runs: &[(&str, String)]) {
    println!("{orders} orders in {SNAPSHOTS} monthly snapshots; times in ms\n");
    println!(
        "{:<30} {:>8} {:>8} {:>9} {:>9} {:>8} {:>9} {:>7} {:>9} {:>9} {:>9}",
        "",
        "read",
        "recall",
        "normalize",
        "history",
        "shown",
        "total",
        "MiB in",
        "lines",
        "facts",
        "peak MiB"
    );
    let time = |stages: &Stages, name: &str| {
        stages.iter().find(|(stage, _)| stage == name).map_or(0.0, |(_, time)| *time)
    };
    let mut totals = Vec::new();
    for (name, log) in runs {
        let stages = stages_of(log);
        let figures: Vec<f64> = log
            .lines()
            .find_map(|line| line.strip_prefix("figures "))
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter_map(|figure| figure.parse().ok())
            .collect();
        let [bytes, lines, facts, peak] = figures[..] else { continue };
        println!(
            "{name:<30} {:>8.0} {:>8.0} {:>9.0} {:>9.0} {:>8.0} {:>9.0} {bytes:>7.0} {lines:>9.0} {facts:>9.0} {peak:>9.0}",
            time(&stages, "read"),
            time(&stages, "recall"),
            time(&stages, "normalize"),
            time(&stages, "history"),
            time(&stages, "shown"),
            time(&stages, "total"),
        );
        totals.push((time(&stages, "total"), bytes, peak, time(&stages, "read"), time(&stages, "history")));
    }
    let [alone, half, all, _, added, again] = totals[..] else { return };
    println!();
    println!("time per MiB read, grown from 18 to 36 snapshots: {:.2}", all.0 / all.1 / (half.0 / half.1));
    println!("peak per MiB read, grown from 18 to 36 snapshots: {:.2}", all.2 / all.1 / (half.2 / half.1));
    println!(
        "history ÷ reading and normalizing of 36 snapshots: see the table; history ÷ read: {:.2}",
        all.4 / all.3
    );
    println!("adding the newest to 35 kept ones ÷ the newest alone: {:.2}", added.0 / alone.0);
    println!("adding the newest to 35 kept ones ÷ all 36 anew: {:.3}", added.0 / all.0);
    println!("nothing new ÷ all 36 anew: {:.3}", again.0 / all.0);
}

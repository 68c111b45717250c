//! `cargo bench --bench reconcile [-- --orders N]`: reads and reconciles a data set of two snapshots, and writes nothing.
//!
//! Prints the time of each stage, how the time per order grows from a tenth and from half of the orders to all of them,
//! and the peak memory of each run; every run is a process of its own. A tenth may still fit the processor's caches, so
//! the growth from half tells what an algorithm does, the growth from a tenth what the machine does. Nothing is judged
//! here: figures are printed, a person reads them.

mod shared;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use shared::{Outcome, high_water, orders, print_stages, stages_of, synthesize};
use tieout::pipeline::{self, Cache, Options, Silent, Timings};
use tieout::report::identities::check_identities;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|a| a == "--one") {
        return one(Path::new(&arguments[place + 1]));
    }
    let orders = orders(&arguments, 1_000_000)?;
    let folder = tempfile::tempdir()?;
    let mut runs = Vec::new();
    for size in [orders / 10, orders / 2, orders] {
        let input = folder.path().join(format!("input-{size}"));
        synthesize(size, 2, &input)?;
        let run = Command::new(std::env::current_exe()?).arg("--one").arg(&input).output()?;
        if !run.status.success() {
            return Err(String::from_utf8_lossy(&run.stderr).into_owned().into());
        }
        runs.push(String::from_utf8(run.stdout)?);
    }
    report(orders, &runs)
}

/// One run, whose figures go to the process that started it.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#[expect(clippy::float_arithmetic, reason = "times, never money")]
fn one(input: &Path) -> Outcome<()> {
    let nowhere = input.join("none");
    let options = Options {
        input: input.to_owned(),
        content: nowhere.clone(),
        templates: nowhere.clone(),
        config: nowhere.clone(),
        output: nowhere,
        snapshot: None,
        cache: Cache::Off,
        home: None,
        environment: |_| None,
    };
    let start = Instant::now();
    let mut timings = Timings::default();
    let mut loaded = pipeline::load(&options, &mut timings, &Silent)?;
    let mut known = pipeline::know(&mut loaded, &mut timings, &Silent);
    let began = Instant::now();
    let shown = pipeline::shown(&loaded, &mut known);
    timings.0.push(("reconcile", began.elapsed()));
    let began = Instant::now();
    let report = pipeline::report(&loaded, &shown);
    timings.0.push(("arrange", began.elapsed()));
    let began = Instant::now();
    check_identities(&report)?;
    timings.0.push(("identities", began.elapsed()));
    for (stage, time) in &timings.0 {
        println!("{stage} {:.1} ms", time.as_secs_f64() * 1_000.0);
    }
    let records = &shown.reconciled.snapshot.records;
    println!("total {:.2} s", start.elapsed().as_secs_f64());
    println!("lines = {}", records.lines.len());
    println!("cases = {}", shown.reconciled.cases.len());
    println!("peak = {}", high_water(std::process::id()) >> 10);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn report(orders: usize, runs: &[String]) -> Outcome<()> {
    let [tenth, half, all] = runs else { return Err("three runs".into()) };
    let figure = |log: &str, name: &str| -> Outcome<String> {
        let line = log.lines().find_map(|l| l.strip_prefix(&format!("{name} = ")));
        Ok(line.ok_or_else(|| format!("no `{name}`"))?.to_owned())
    };
    println!(
        "{orders} orders, {} lines, {} cases, two snapshots\n",
        figure(all, "lines")?,
        figure(all, "cases")?
    );
    for (size, run) in [(orders / 10, tenth), (orders / 2, half)] {
        print_stages((size, &stages_of(run)), (orders, &stages_of(all)));
        println!();
    }
    for (size, run) in [(orders / 10, tenth), (orders / 2, half), (orders, all)] {
        println!("peak memory at {size:>9} orders: {:>6} MiB", figure(run, "peak")?);
    }
    Ok(())
}

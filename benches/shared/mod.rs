//! What the benchmarks have in common: the data set, the memory of a process, the table of stages.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::float_arithmetic, reason = "times and ratios, never money")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a benchmark gives back.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Stages in the order of the run, with their milliseconds.
pub(crate) type Stages = Vec<(String, f64)>;

/// The number after `--orders`.
#[allow(dead_code, reason = "not every benchmark is about orders")]
pub(crate) fn orders(arguments: &[String], default: usize) -> Outcome<usize> {
    match arguments.iter().position(|a| a == "--orders") {
        Some(place) => Ok(arguments.get(place + 1).ok_or("--orders needs a number")?.parse()?),
        None => Ok(default),
    }
}

/// Makes a data set of snapshots a day apart.
#[allow(dead_code, reason = "each benchmark has its own shape of data")]
pub(crate) fn synthesize(orders: usize, snapshots: usize, input: &Path) -> Outcome<()> {
    make(orders, snapshots, input, &[])
}

/// Makes a data set of as many months as snapshots, which are a month apart.
#[allow(dead_code, reason = "each benchmark has its own shape of data")]
pub(crate) fn synthesize_monthly(orders: usize, snapshots: usize, input: &Path) -> Outcome<()> {
    make(orders, snapshots, input, &["--every", "month", "--months", &snapshots.to_string()])
}

/// Makes a data set of one snapshot with so many months of orders.
#[allow(dead_code, reason = "each benchmark has its own shape of data")]
pub(crate) fn synthesize_months(orders: usize, months: usize, input: &Path) -> Outcome<()> {
    make(orders, 1, input, &["--months", &months.to_string()])
}

fn make(orders: usize, snapshots: usize, input: &Path, more: &[&str]) -> Outcome<()> {
    let made = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--example", "synthesize", "--"])
        .args(["--orders", &orders.to_string(), "--snapshots", &snapshots.to_string(), "--out"])
        .arg(input)
        .args(more)
        .stderr(Stdio::null())
        .status()?;
    if made.success() { Ok(()) } else { Err("the data set could not be made".into()) }
}

/// The most memory the process has held so far, as the kernel counts it.
pub(crate) fn high_water(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Reads the stage times of a log; a stage that runs once per snapshot is added up.
#[allow(dead_code, reason = "not every benchmark reads a log")]
pub(crate) fn stages_of(log: &str) -> Stages {
    let mut order: Vec<String> = Vec::new();
    let mut times: BTreeMap<String, f64> = BTreeMap::new();
    for line in log.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [stage, number, unit @ ("ms" | "s")] = words[..] else { continue };
        let Ok(number) = number.parse::<f64>() else { continue };
        if !times.contains_key(stage) {
            order.push(stage.to_owned());
        }
        *times.entry(stage.to_owned()).or_default() += if unit == "s" { number * 1_000.0 } else { number };
    }
    order.into_iter().map(|stage| (stage.clone(), times[&stage])).collect()
}

/// The table of stages of two sizes, and how the time per order grows from one to the other.
#[allow(dead_code, reason = "each benchmark prints its own table")]
pub(crate) fn print_stages((fewer, small): (usize, &Stages), (orders, large): (usize, &Stages)) {
    println!(
        "{:<12} {:>12} {:>12} {:>26}",
        "stage",
        format!("{fewer} ms"),
        format!("{orders} ms"),
        "time per order, grown by"
    );
    for (stage, time) in large {
        let before = small.iter().find(|(name, _)| name == stage).map_or(0.0, |(_, time)| *time);
        // Below ten milliseconds the ratio is noise.
        let growth = if before < 10.0 {
            "-".to_owned()
        } else {
            format!("{:.2}", time / before / (orders as f64 / fewer as f64))
        };
        println!("{stage:<12} {before:>12.1} {time:>12.1} {growth:>26}");
    }
}

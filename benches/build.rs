//! `cargo bench [-- --orders N]`: stage times of a full build, its ratio to merely writing the same files, its peak
//! memory, and how each stage grows from a tenth of the orders to all of them.
//!
//! The floor is the identical tree, byte for byte, written by two threads into new files, from memory, in the same run;
//! so the ratio does not depend on the machine. Nothing is judged here: figures are printed, a person reads them.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One build, as seen from outside.
struct Run {
    wall: Duration,
    peak_kib: u64,
    /// Stages in the order of the run, with their milliseconds.
    stages: Vec<(String, f64)>,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let orders: usize = match arguments.iter().position(|a| a == "--orders") {
        Some(place) => arguments.get(place + 1).ok_or("--orders needs a number")?.parse()?,
        None => 100_000,
    };
    let folder = tempfile::tempdir()?;
    let small = build(folder.path(), orders / 10)?;
    let large = build(folder.path(), orders)?;
    let tree = folder.path().join(format!("site-{orders}")).join("internal");
    let (files, bytes, floor) = write_floor(&tree, &folder.path().join("floor"))?;
    report(orders, &small, &large, files, bytes, floor)
}

/// Makes a data set and builds it once.
fn build(folder: &Path, orders: usize) -> Outcome<Run> {
    let input = folder.join(format!("input-{orders}"));
    let made = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--release",
            "--example",
            "synthesize",
            "--",
            "--orders",
            &orders.to_string(),
            "--out",
        ])
        .arg(&input)
        .stderr(Stdio::null())
        .status()?;
    if !made.success() {
        return Err("the data set could not be made".into());
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["build", "-v", "--input"])
        .arg(&input)
        .arg("--output")
        .arg(folder.join(format!("site-{orders}")))
        .stderr(Stdio::piped())
        .spawn()?;
    let start = Instant::now();
    let mut stderr = child.stderr.take().ok_or("no stderr")?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kib = peak_kib.max(high_water(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    };
    let wall = start.elapsed();
    let text = reader.join().map_err(|_| "stderr could not be read")??;
    if !status.success() {
        return Err(format!("the build failed: {}", text.lines().last().unwrap_or("")).into());
    }
    Ok(Run { wall, peak_kib, stages: stages(&text) })
}

/// The most memory the process has held so far, as the kernel counts it.
fn high_water(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Reads the stage times of `build -v`; a stage that runs once per snapshot is added up.
#[expect(clippy::float_arithmetic, reason = "times, never money")]
fn stages(log: &str) -> Vec<(String, f64)> {
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

/// Writes the same bytes into the same files with two threads, nothing rendered.
fn write_floor(tree: &Path, target: &Path) -> Outcome<(usize, u64, Duration)> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for entry in walkdir::WalkDir::new(tree).sort_by_file_name() {
        let entry = entry?;
        let path = target.join(entry.path().strip_prefix(tree)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&path)?;
        } else {
            files.push((path, std::fs::read(entry.path())?));
        }
    }
    let bytes = files.iter().map(|(_, content)| content.len() as u64).sum();
    let start = Instant::now();
    let (one, other) = files.split_at(files.len() / 2);
    let write = |part: &[(PathBuf, Vec<u8>)]| {
        part.iter().try_for_each(|(path, content)| std::fs::File::create_new(path)?.write_all(content))
    };
    let (first, second) = rayon::join(|| write(one), || write(other));
    first.and(second)?;
    Ok((files.len(), bytes, start.elapsed()))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#[expect(clippy::float_arithmetic, reason = "times and ratios, never money")]
fn report(orders: usize, small: &Run, large: &Run, files: usize, bytes: u64, floor: Duration) -> Outcome<()> {
    println!("{orders} orders, {files} files, {} MiB\n", bytes >> 20);
    println!(
        "{:<12} {:>12} {:>12} {:>26}",
        "stage",
        format!("{} ms", orders / 10),
        format!("{orders} ms"),
        "time per order, grown by"
    );
    for (stage, time) in &large.stages {
        let before = small.stages.iter().find(|(name, _)| name == stage).map_or(0.0, |(_, time)| *time);
        // Below ten milliseconds the ratio is noise.
        let growth = if before < 10.0 { "-".to_owned() } else { format!("{:.2}", time / before / 10.0) };
        println!("{stage:<12} {before:>12.1} {time:>12.1} {growth:>26}");
    }
    println!("\nbuild                     {:.2} s", large.wall.as_secs_f64());
    println!("raw write of the same     {:.2} s  (two threads, from memory)", floor.as_secs_f64());
    println!("build / raw write         {:.2}", large.wall.as_secs_f64() / floor.as_secs_f64());
    println!("peak memory               {} MiB", large.peak_kib >> 10);
    println!("peak memory at a tenth    {} MiB", small.peak_kib >> 10);
    Ok(())
}

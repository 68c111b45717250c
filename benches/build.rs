//! `cargo bench [-- --orders N]`: stage times of a full build, its ratio to merely writing the same files, its peak
//! memory, and how each stage grows from a tenth of the orders to all of them.
//!
//! The floor is the identical tree, byte for byte, written by two threads into new files, from memory, in the same run;
//! so the ratio does not depend on the machine. Nothing is judged here: figures are printed, a person reads them.

mod shared;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use shared::{Outcome, Stages, high_water, print_stages, stages_of, synthesize};

/// One build, as seen from outside.
struct Run {
    wall: Duration,
    peak_kib: u64,
    stages: Stages,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let orders = shared::orders(&arguments, 100_000)?;
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
    synthesize(orders, 1, &input)?;
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
    Ok(Run { wall, peak_kib, stages: stages_of(&text) })
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
    print_stages((orders / 10, &small.stages), (orders, &large.stages));
    println!("\nbuild                     {:.2} s", large.wall.as_secs_f64());
    println!("raw write of the same     {:.2} s  (two threads, from memory)", floor.as_secs_f64());
    println!("build / raw write         {:.2}", large.wall.as_secs_f64() / floor.as_secs_f64());
    println!("peak memory               {} MiB", large.peak_kib >> 10);
    println!("peak memory at a tenth    {} MiB", small.peak_kib >> 10);
    Ok(())
}

//! Writes a realistic input folder of any size: the measuring stick for speed, memory and growth.
//!
//! Every row is a pure function of the seed and the row's index, so the same arguments give the same bytes on any
//! machine, and nothing but small tables (where the exceptions sit, the growth volumes, the payout sums) is kept in memory.
//! Ninety-seven orders in a hundred are clean; the rest carry one exception each, spread evenly over
//! [`Kind::ALL`](kinds::Kind::ALL). With one snapshot, orders whose exception needs an earlier one are clean, too.
//!
//! Dates follow one life cycle per batch ([`Times`](claim::Times)): a snapshot shows the stage that a line had reached
//! on its day, so older snapshots are the same story read earlier. Amounts are integers in minor units throughout.

#![expect(clippy::print_stderr, reason = "a program run by hand: its summary goes to the terminal")]

mod accounts;
mod catalog;
mod chance;
mod claim;
mod csv;
mod kinds;
mod programs;
mod reference;
mod rows;
mod sale;
mod settlement;
mod snapshot;
mod state;
mod world;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{Days, Months, NaiveDate};
use clap::{Parser, ValueEnum};

use reference::write_reference;
use snapshot::write_snapshot;
use world::World;

/// The day of the newest snapshot. The last full month before it is the default scope of every page.
const NEWEST: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 18).expect("a calendar date");
/// About how many lines the vendor puts in one batch, and so behind one payout.
const LINES_PER_BATCH: u64 = 500;
/// A month is closed this many days after its end: by then every line of it has been calculated.
const CLOSE_AFTER: u64 = 25;

#[derive(Parser)]
#[command(
    about = "Write an input folder of any size for tieout: orders, rebate lines, payouts and the rest",
    after_help = "Example:\n  cargo run --release --example synthesize -- --orders 100000 --out /tmp/tieout-100k --snapshots 3\n  \
                  tieout build --input /tmp/tieout-100k\n\nThe same arguments always write the same bytes."
)]
struct Args {
    /// How many orders, each with a distinct id
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    orders: u64,
    /// Folder to write: new, or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Another seed gives another data set of the same shape
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many snapshots, the newest on 2026-06-18
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=366))]
    snapshots: u32,
    /// How far apart the snapshots are
    #[arg(long, value_enum, default_value_t = Every::Day)]
    every: Every,
    /// How many months of orders, the last one being 2026-05
    #[arg(long, value_name = "M", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=60))]
    months: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Every {
    Day,
    Month,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> io::Result<()> {
    claim_folder(&args.out)?;
    let snapshots: Vec<NaiveDate> = (0..args.snapshots)
        .rev()
        .map(|back| match args.every {
            Every::Day => NEWEST - Days::new(u64::from(back)),
            Every::Month => NEWEST - Months::new(back),
        })
        .collect();
    let before = snapshots.iter().rev().nth(1).copied();
    let world = World::new(args.seed, args.orders, args.months as usize, before);
    let mut written = write_reference(&world, &snapshots, &args.out.join("reference"))?;
    for &as_of in &snapshots {
        written.extend(write_snapshot(&world, as_of, &args.out.join(as_of.to_string()))?);
    }
    for (path, rows) in written {
        let path = path.strip_prefix(&args.out).unwrap_or(&path);
        eprintln!("{rows:>10} rows  {}", path.display());
    }
    for (kind, orders) in world.exceptions_by_kind() {
        eprintln!("{orders:>10} orders  {}", kind.name());
    }
    Ok(())
}

/// Makes the folder, or takes it over when it is empty: never mixes with what is there.
fn claim_folder(out: &Path) -> io::Result<()> {
    match fs::read_dir(out) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => {
                let message = format!("{} exists and is not empty; name a new folder", out.display());
                Err(io::Error::new(ErrorKind::AlreadyExists, message))
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(out).map_err(|e| at(out, &e)),
        Err(error) => Err(at(out, &error)),
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

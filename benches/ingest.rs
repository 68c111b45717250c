//! Reading one large text file: plain `csv` reading of every field, a canonical file, and the same file through a mapping.
//!
//! `cargo bench --bench ingest [-- --mb N]`, 1,024 by default. Each way runs in a process of its own, so that the peak of its
//! memory is its own; the ratio is to plain `csv` in the same run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::float_arithmetic, reason = "times and ratios, never money")]

mod shared;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use shared::{Outcome, high_water};
use tieout::config::Config;
use tieout::ingest;

const FOLDER: &str = "2026-06-18";
const MAPPING: &str = r#"
[[source]]
kind = "rebate_lines"
files = "mapped.csv"
decimal = ","
delimiter = ";"
dates = "%d/%m/%Y"
[source.columns]
line_id = "Line No."
program_id = "Policy"
order_ref = "Order"
account_ref = "Account"
sku_ref = "Product"
period = "Month"
base_amount = "Base"
rate = { value = "0.08" }
calculated_amount = "Commission"
currency = { value = "USD" }
status = "State"
status_date = "Since"
"#;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let place = arguments.iter().position(|a| a == name)?;
        arguments.get(place + 1).cloned()
    };
    if let (Some(way), Some(folder)) = (after("--way"), after("--in")) {
        return read(&way, Path::new(&folder));
    }
    let megabytes: usize = after("--mb").map_or(Ok(1_024), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let (canonical, mapped) = (folder.path().join("canonical"), folder.path().join("mapped"));
    write(&canonical.join(FOLDER), "rebate_lines.csv", megabytes, false)?;
    write(&mapped.join(FOLDER), "mapped.csv", megabytes, true)?;
    println!("{:<34} {:>8} {:>8} {:>14} {:>10}", "one file", "s", "MB/s", "of plain csv", "peak MiB");
    let mut plain = None;
    for (name, way, folder) in [
        ("plain csv, every field", "csv", &canonical),
        ("canonical: shape and places", "read", &canonical),
        ("canonical: every cell too", "cells", &canonical),
        ("mapped: shape and places", "read", &mapped),
        ("mapped: every cell too", "cells", &mapped),
    ] {
        let program = std::env::current_exe()?;
        let output = Command::new(program).args(["--way", way, "--in"]).arg(folder).output()?;
        let text = String::from_utf8(output.stdout)?;
        let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [seconds, megabytes, peak] = figures[..] else {
            return Err(format!("{name}: {text}{}", String::from_utf8_lossy(&output.stderr)).into());
        };
        let plain = *plain.get_or_insert(seconds);
        println!(
            "{name:<34} {seconds:>8.2} {:>8.0} {:>14.2} {:>10.0}",
            megabytes / seconds,
            seconds / plain,
            peak / 1024.0
        );
    }
    Ok(())
}

/// Reads a file in one way and prints seconds, megabytes and the peak of memory.
fn read(way: &str, folder: &Path) -> Outcome<()> {
    let start = Instant::now();
    let (bytes, cells) = match way {
        "csv" => {
            let path = folder.join(FOLDER).join("rebate_lines.csv");
            let bytes = std::fs::metadata(&path)?.len();
            let mut reader = csv::ReaderBuilder::new().from_reader(File::open(path)?);
            let (mut record, mut cells) = (csv::ByteRecord::new(), 0_u64);
            while reader.read_byte_record(&mut record)? {
                cells += record.iter().map(|cell| cell.len() as u64).sum::<u64>();
            }
            (bytes, cells)
        }
        way => {
            let found = ingest::find(folder, Config::parse(MAPPING)?.mappings()?)?;
            let ((files, _), problems) = found.read(&|_| false);
            let (_, extract) = files.iter().next().ok_or_else(|| format!("{problems:?}"))?;
            let mut cells = 0_u64;
            if way == "cells" {
                let (counts, _) = tieout::normalize::single(extract);
                cells = counts.loaded as u64;
            }
            (extract.size() as u64, cells)
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    std::hint::black_box(cells);
    println!("{seconds} {} {}", bytes as f64 / 1e6, high_water(std::process::id()));
    Ok(())
}

fn write(folder: &Path, name: &str, megabytes: usize, is_mapped: bool) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = BufWriter::new(File::create(folder.join(name))?);
    let mut written = 0;
    let header = if is_mapped {
        "Line No.;Policy;Order;Account;Product;Month;Base;Commission;State;Since;Note\n"
    } else {
        "line_id,program_id,order_ref,account_ref,sku_ref,period,base_amount,rate,calculated_amount,currency,status,status_date,note\n"
    };
    file.write_all(header.as_bytes())?;
    for number in 0_u64.. {
        let (base, cents) = (number % 90_000 + 100, number % 100);
        let (account, day) = (5_123_000_000_000_000 + number % 40_000, number % 28 + 1);
        let row = if is_mapped {
            format!(
                "L-{number:09};CORE;ORD-{number:09};{account};ecs.c7;202605;{base},{cents:02};{},{cents:02};CALCULATED;{day:02}/06/2026;as received\n",
                base / 12
            )
        } else {
            format!(
                "L-{number:09},CORE,ORD-{number:09},{account},ecs.c7,2026-05,{base}.{cents:02},0.08,{}.{cents:02},USD,CALCULATED,2026-06-{day:02},as received\n",
                base / 12
            )
        };
        written += row.len();
        file.write_all(row.as_bytes())?;
        if written >= megabytes << 20 {
            break;
        }
    }
    file.flush()?;
    Ok(())
}

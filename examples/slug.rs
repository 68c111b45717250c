//! Prints the address of every id on standard input: one JSON string a line in, one slug a line out.
//!
//! The browser tests hold `src/render/assets/site.js` against it, which computes the same a second time:
//! `tests/browser/slug.test.mjs`.

use std::error::Error;
use std::io::{self, BufRead, Write};

use tieout::report::address;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let id: String = serde_json::from_str(&line?)?;
        writeln!(out, "{}", address::of_raw_id(&id))?;
    }
    out.flush()?;
    Ok(())
}

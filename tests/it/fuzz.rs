//! Damaged and made-up input for everything that reads bytes of others: no panic, no hang, nothing that contradicts itself.
//!
//! `PROPTEST_CASES=20000 cargo test --release --test it -- fuzz` runs so many cases of each target instead of two thousand.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;
use tieout::config::Config;
use tieout::ingest::format::{self, Declared};
use tieout::ingest::{grammar, scan};

use super::formats::{gb18030, gzip, json, json_lines, text, utf16, workbook, zip};
use super::support::{config, tests};

/// A file of every format, whole.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let fixture = |name: &str| fs::read(tests().join("fixtures/formats").join(name)).unwrap();
    let plain = text(b',');
    vec![
        plain.clone().into_bytes(),
        text(b';').replace('"', "'").into_bytes(),
        utf16(&text(b'\t')),
        gb18030(&text(b'|')),
        gzip(plain.as_bytes()),
        zip(&[("a.csv", plain.as_bytes()), ("b/c.json", json().as_bytes())]),
        workbook(),
        json().into_bytes(),
        json_lines().into_bytes(),
        fixture("close.ods"),
        fixture("close.xls"),
        fixture("pyarrow-zstd.parquet"),
    ]
});

/// One change: where, what, with which byte.
type Edit = (u16, u8, u8);

/// A file with some bytes changed, put in, taken out, repeated or cut off.
fn damaged(seed: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (place, what, byte) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = usize::from(*place) * bytes.len() / (usize::from(u16::MAX) + 1);
        match what % 6 {
            0 => bytes[at] = *byte,
            1 => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.insert(at, *byte),
            3 => _ = bytes.drain(at..(at + usize::from(*byte)).min(bytes.len())),
            4 => {
                let again = bytes[at..(at + usize::from(*byte)).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 0..10)
}

/// Reads a file whatever it is; each table that comes out is one.
fn opened(bytes: Vec<u8>, declared: &Declared) {
    match format::open("2026-06-18/x", bytes, declared) {
        Ok(sheets) => {
            for sheet in sheets {
                if let Ok(found) = scan::scan(sheet.text.as_bytes(), sheet.marks()) {
                    let mut decoder = found.decoder(&sheet.text);
                    for index in 0..found.len() {
                        assert!(decoder.row(index).is_some_and(|row| row.len() > 0));
                    }
                    if let Some(rows) = &sheet.rows {
                        assert_eq!(rows.len(), found.len(), "a place for each row of {}", sheet.name);
                        assert!(rows.windows(2).all(|pair| pair[0] <= pair[1]), "rows in their order");
                    }
                }
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem:?}");
                let told = problem.diagnostic("2026-06-18/x");
                assert!(!told.message.chars().any(|c| c.is_control()), "{told:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn damaged_files_of_every_format(seed in any::<prop::sample::Index>(), edits in edits()) {
        // Goal: reliability, promise 10, over all formats and packings. Method: whole files with random damage.
        opened(damaged(seed.get::<Vec<u8>>(&SEEDS), &edits), &Declared::default());
    }

    #[test]
    fn made_up_text_in_any_encoding_and_layout(
        start in prop::sample::select(vec!["", "\u{feff}", "sep=;\n", "a,b\n", "{", "[", "<?xml", "PK"]),
        body in prop_oneof![
            "[a-z0-9;,|\t\"'\n\r. -]{0,300}".prop_map(String::into_bytes),
            "\\PC{0,80}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..300),
        ],
        encoding in prop::option::of(prop::sample::select(vec!["utf-8", "gb18030", "windows-1252", "utf-16le", "shift_jis", "nonsense"])),
        marks in prop::option::of((prop::sample::select(vec![b';', b'\t', b'|', b',']), prop::sample::select(vec![b'"', b'\'']))),
    ) {
        // Goal: decoding and the detection of layouts end well for any bytes, declared or not. Method: made-up starts and
        // bodies under any declaration.
        let declared = Declared {
            encoding: encoding.map(str::to_owned),
            delimiter: marks.map(|(delimiter, _)| delimiter),
            quote: marks.map(|(_, quote)| quote),
            table: None,
        };
        opened([start.as_bytes(), &body].concat(), &declared);
    }

    #[test]
    fn made_up_amounts_days_and_ids(text in prop_oneof![
        "[-+ ]?[0-9.,' ]{0,24}( ?(USD|€|%|CR))?",
        "[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}[ T]?[0-9:]{0,8}Z?",
        "\\PC{0,40}",
        "[=+@\t ]{0,2}[0-9A-Za-z._/\\-\u{200b}\u{202e}]{0,40}",
    ]) {
        // Goal: a cell is read exactly or refused with words, and what is canonical stays so. Method: texts that look like
        // amounts, days and ids, and any others, through the grammar and through a mapping of another convention.
        if let Ok(number) = grammar::decimal(&text) {
            prop_assert_eq!(grammar::decimal(&number.to_string()), Ok(number));
        }
        if let Ok(day) = grammar::date(&text) {
            prop_assert_eq!(grammar::date(&day.to_string()), Ok(day));
        }
        let _ = (grammar::period(&text), grammar::currency(&text), grammar::id(&text));
        let canonical = grammar::canonical(&text).into_owned();
        prop_assert_eq!(grammar::canonical(&canonical).into_owned(), canonical);
        let mapping = MAPPING.as_ref();
        for column in 0..mapping.kind.columns().len() {
            if let Some(reading) = mapping.reading(column) {
                let _ = reading.spelled(text.as_str().into());
            }
        }
    }
}

static MAPPING: LazyLock<Box<tieout::ingest::mapping::Mapping>> = LazyLock::new(|| {
    let text = "[[source]]\nkind = \"rebate_lines\"\nfiles = \"{period}_{x}.csv\"\ndecimal = \",\"\nthousands = \".\"\n\
        strip = \"€\"\nunit = \"hundredth\"\ndates = [\"%d/%m/%Y %H:%M:%S\", \"%Y%m%d\", \"%b %Y\"]\nzone = \"Europe/Berlin\"\n\
        [source.columns]\nstatus_date = \"a\"\nperiod = \"b\"\nbase_amount = \"c\"\nline_id = { from = \"d\", prefix = \"No.\" }\n\
        paid_amount = { from = \"e\", sign = \"negate\", unit = \"thousandth\" }\nstatus = { from = \"f\", values = { \"A b\" = \"C\" } }\n";
    let mut all = Config::parse(text).unwrap().mappings().unwrap();
    Box::new(all.remove(0))
});

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn made_up_configurations(
        keys in prop::collection::btree_map(
            prop::sample::select(vec!["files", "encoding", "delimiter", "quote", "decimal", "thousands", "zone", "dates", "grain", "empty", "unit", "round", "mode", "table", "preset", "name"]),
            prop_oneof!["\\PC{0,20}", "[{}*a-z_%./-]{0,30}", Just("hundredth".to_owned()), Just("half-up".to_owned())],
            0..6,
        ),
    ) {
        // Goal: a configuration that cannot be is refused with words. Method: made-up values under every key of a source.
        let keys: BTreeMap<_, _> = keys;
        let lines: Vec<String> =
            keys.iter().map(|(key, value)| format!("{key} = {}\n", serde_json::Value::from(value.as_str()))).collect();
        let text = format!("[[source]]\nkind = \"orders\"\n{}", lines.concat());
        if let Ok(config) = Config::parse(&text) {
            match config.mappings() {
                Ok(mappings) => mappings.iter().for_each(|mapping| _ = mapping.takes("bill_202605_1.csv")),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}

//! Made-up extracts of a mapped source, damaged at random: whatever a vendor sends, no row is lost and none counts twice.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::sources::{POLICY, with_lines};
use super::support::{Project, Seen, config};

const BUG: &str = "this is a bug of the program";
const HEADER: [&str; 8] = ["Earning", "Order", "Account", "Base", "Amount", "State", "Month", "Note"];

fn pick<T: Copy>(byte: u8, choices: &[T]) -> T {
    choices[usize::from(byte) % choices.len()]
}

/// One row: of a few orders, earnings and months, so that they meet; sometimes with a cell that cannot be read, too few
/// cells, or what stands between records.
fn row(b: &[u8; 16]) -> String {
    let amount = format!("{}.{:02}", b[0] % 5, b[1] % 3);
    let cells = [
        format!("E-{}", b[2] % 4),
        format!("O-{}", b[3] % 5),
        pick(b[4], &["V-1", "V-1", "V-2", "", "#N/A"]).to_owned(),
        pick(b[5], &["100.00", "200", "", "1e3"]).to_owned(),
        pick(b[6], &[&*amount, &*amount, &*amount, &*amount, "", "eighty", "-1.00", "0.005"]).to_owned(),
        pick(b[7], &["CALCULATED", "PAID", "PROC_9", "REJECTED", ""]).to_owned(),
        pick(b[8], &["2026-05", "2026-05", "2026-04", "2026-06", "May", ""]).to_owned(),
        pick(b[9], &["", "n", "m"]).to_owned(),
    ];
    match b[10] % 24 {
        0 => String::new(),
        1 => ",,,,,,,".to_owned(),
        2 => HEADER.join(","),
        3 => format!("Total,,,,{amount},,,"),
        4 => cells[..5].join(","),
        5 => format!("{},x", cells.join(",")),
        6 => "for information only,,,,,,,".to_owned(),
        7 => HEADER.join(",").to_uppercase(),
        _ => cells.join(","),
    }
}

/// A source with or without ids, grain and rules, of extracts in two folders and two pieces each.
fn columns(byte: u8) -> String {
    let mut keys = String::new();
    if byte & 1 == 1 {
        keys.push_str("round = \"half-up\"\n");
    }
    if byte & 2 == 2 {
        keys.push_str("grain = \"Earning\"\n");
    }
    let mut columns = POLICY
        .replace("{uid}.csv", "{uid}_{part}.csv")
        .replace("{period}_", "v_")
        .replace("{ part = \"period\" }", "\"Month\"");
    if byte & 4 == 4 {
        columns = columns.replace("[source.columns]", "[source.columns]\nline_id = \"Earning\"");
    }
    if byte & 16 == 16 {
        columns = columns.replace("line_id = \"Earning\"", "line_id = \"Order\"");
    }
    if byte & 8 == 8 {
        columns.push_str(
            "[[source.rows]]\ncolumn = \"Earning\"\nstarts = \"for information\"\nrole = \"information\"\n",
        );
    }
    columns.replacen("[source.columns]", &format!("{keys}[source.columns]"), 1)
}

fn project(settings: u8, files: &[(String, Vec<String>)]) -> Project {
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|(path, rows)| (path.clone(), format!("{}\n{}\n", HEADER.join(","), rows.join("\n"))))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (&**path, &**text)).collect();
    let project = with_lines(&columns(settings), &texts);
    let orders = project.read("input/2026-06-18/orders.csv");
    project.write("input/2026-06-01/orders.csv", orders);
    project
}

/// What a row that is a record has as its amount, in cents where it can be read, by the file that it is in.
fn sums(seen: &Seen<'_>) -> BTreeMap<String, [i128; 2]> {
    let usd = tieout::model::money::Currency::parse("USD").expect("a currency");
    let mut sums = BTreeMap::new();
    for used in &seen.reconciled.snapshot.uses {
        let of = |part: &tieout::model::money::MoneyByCurrency| part.get(usd).minor();
        let path = seen.loaded.files.get(used.file).path().to_owned();
        sums.insert(path, [of(&used.loaded), of(&used.merged) + of(&used.quarantined)]);
    }
    sums
}

/// The amount of a record in cents, where it can be read: a row that has not as many cells as the header has none.
fn cents(row: &str) -> Option<i128> {
    let cells: Vec<&str> = row.split(',').collect();
    let (whole, fraction) = cells.get(4).filter(|_| cells.len() == HEADER.len())?.split_once('.')?;
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    (fraction.len() == 2).then_some(number)
}

/// Whether a line of a file is blank, in the shape of a header, a total near the end, or for information.
fn beside(rows: &[String], at: usize, settings: u8) -> bool {
    let row = &rows[at];
    row.eq_ignore_ascii_case(&HEADER.join(","))
        || (row.starts_with("Total") && at + 5 >= rows.iter().filter(|row| !row.is_empty()).count())
        || (settings & 8 == 8 && row.starts_with("for information"))
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn every_row_of_a_mapped_source_is_in_one_place(
        made in proptest::collection::vec(proptest::array::uniform16(any::<u8>()), 1..24),
        settings in any::<u8>(),
    ) {
        // Goal: rows = loaded + merged + set aside + blank for every file of a mapped source, whatever is in it; every amount
        // of a file that can be read is in one of the three; the order of rows and the numbers of pieces change no total where
        // no two rows contradict each other; and a pack holds no bug (I-1, C-11 to C-13). Method: rows of few ids and months
        // over two folders and two pieces, damaged at random; the amounts are added up here from the text.
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for b in &made {
            let (folder, part) = (pick(b[11], &["2026-06-01", "2026-06-18"]), b[12] % 2 + 1);
            files.entry(format!("{folder}/v_FY27_CORE_1_{part}.csv")).or_default().push(row(b));
        }
        let files: Vec<(String, Vec<String>)> = files.into_iter().collect();
        let told = project(settings, &files);
        let (sums, lines) = told.reconcile(|seen| {
            for used in &seen.reconciled.snapshot.uses {
                let path = seen.loaded.files.get(used.file).path().to_owned();
                prop_assert!(used.counts.is_conserved(), "{} {:?}", path, used.counts);
                if let Some((_, rows)) = files.iter().find(|(name, _)| *name == path) {
                    let aside = (0..rows.len()).filter(|at| !rows[*at].is_empty());
                    let full: Vec<String> = aside.map(|at| rows[at].clone()).collect();
                    let beside = (0..full.len()).filter(|at| beside(&full, *at, settings)).count();
                    let blank = rows.len() - full.len();
                    prop_assert_eq!(used.counts.rows + beside, full.len() + blank, "{}", path);
                    if settings & 1 == 0 {
                        let records = (0..full.len()).filter(|at| !self::beside(&full, *at, settings));
                        let all: i128 = records.filter_map(|at| cents(&full[at])).sum();
                        // Of a row without an amount its base and rate tell one, which is not in the text.
                        let aside = seen.reconciled.snapshot.quarantined.iter().chain(&seen.reconciled.snapshot.replaced);
                        let implied = aside.filter(|row| row.is_amount_implied && row.source.file == used.file);
                        let implied: i128 = implied.filter_map(|row| row.amount).map(|amount| amount.minor()).sum();
                        let told = sums(seen)[&path].iter().sum::<i128>() - implied;
                        prop_assert_eq!(told, all, "{} {:#?}", path, full);
                    }
                }
            }
            let mut lines: Vec<(String, String, String)> = seen
                .data(tieout::report::data::DataFile::Lines)
                .iter()
                .map(|r| (r["order_ids"].clone(), r["period_vendor"].clone(), r["calculated"].clone()))
                .collect();
            lines.sort();
            Ok((sums(seen), lines))
        })?;
        let contradicts = told.reconcile(|seen| {
            !seen.problems("conflicting-duplicate").is_empty()
        });
        let turned: Vec<(String, Vec<String>)> = files
            .iter()
            .map(|(path, rows)| {
                // Rows stay where they are when a total is among them: where it stands decides what it is.
                let is_fixed = rows.iter().any(|row| row.starts_with("Total"));
                (path.clone(), if is_fixed { rows.clone() } else { rows.iter().rev().cloned().collect() })
            })
            .collect();
        if !contradicts {
            let again = project(settings, &turned).reconcile(|seen| {
                let mut lines: Vec<_> = seen
                    .data(tieout::report::data::DataFile::Lines)
                    .iter()
                    .map(|r| (r["order_ids"].clone(), r["period_vendor"].clone(), r["calculated"].clone()))
                    .collect();
                lines.sort();
                (self::sums(seen), lines)
            });
            prop_assert_eq!(&again, &(sums, lines));
        }
        for month in ["2026-04", "2026-05"] {
            match told.try_pack(month, None) {
                Ok(packed) => {
                    let is_bug = |words: &str| words.starts_with("fail") && words.contains(BUG);
                    let bugs: Vec<_> = packed.unsettled.iter().filter(|(_, words)| is_bug(words)).collect();
                    prop_assert!(bugs.is_empty(), "{}: {:#?}", month, bugs);
                }
                Err(tieout::error::Error::Usage { .. }) => {}
                Err(error) => panic!("{month}: {error}"),
            }
        }
    }
}

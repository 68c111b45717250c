//! Rate tables that are refused, and those that are not; every problem of the rules in one run.

use tieout::diagnostic::Severity;

use super::support::Project;

/// The sample with a rate file of its own, and what is found in the reference data: severity, code, line, message.
fn found(rates: &str) -> Vec<(Severity, &'static str, u32, String)> {
    let project = Project::sample();
    project.write("input/reference/program_rates.csv", rates);
    project.reconcile(|seen| {
        let found = seen.shown.diagnostics.iter().filter(|d| d.file.starts_with("reference/"));
        found.map(|d| (d.severity, d.code, d.line, format!("{}\n{}", d.message, d.help))).collect()
    })
}

const HEADER: &str = "program_id,category,tier_from,tier_to,rate,sku,valid_from,valid_to\n";
/// Programs of the sample that need tiers, with tiers that are in order.
const COMPLETE: &str = "GROW,compute,0,,0.01,,,\nMIG,compute,0,,0.05,,,\n";

#[test]
fn a_rate_table_with_a_gap_or_an_overlap_is_refused() {
    // Goal: a volume without a rate, or with two, would be a guess; both rows are named with their edges (domain 3.3).
    // Method: one broken table each, in storage where no order earns, with every word that a person needs.
    for (name, rows, code, line, words) in [
        (
            "gap",
            "MIG,storage,0,100,0.01,,,\nMIG,storage,200,,0.02,,,\n",
            "tier-gap",
            5,
            &[
                "line 4 starts at 0 and ends at 100",
                "line 5 starts at 200",
                "leave a gap",
                "`MIG`",
                "storage",
                "`tier_from` of line 5",
            ][..],
        ),
        (
            "gap, upper row first",
            "MIG,storage,200,,0.02,,,\nMIG,storage,0,100,0.01,,,\n",
            "tier-gap",
            5,
            &["line 5 starts at 0 and ends at 100", "line 4 starts at 200"],
        ),
        (
            "overlap",
            "MIG,storage,0,300,0.01,,,\nMIG,storage,200,,0.02,,,\n",
            "tier-overlap",
            5,
            &["line 4 starts at 0 and ends at 300", "line 5 starts at 200"],
        ),
        (
            "overlap of an open tier",
            "MIG,storage,0,,0.01,,,\nMIG,storage,200,,0.02,,,\n",
            "tier-overlap",
            5,
            &["line 4 starts at 0 and has no end", "line 5 starts at 200"],
        ),
        (
            "the same start",
            "MIG,storage,0,,0.01,,,\nMIG,storage,0,,0.02,,,\n",
            "tier-overlap",
            5,
            &["line 4 ", "line 5 "],
        ),
        (
            "nothing from 0",
            "MIG,storage,50,,0.01,,,\n",
            "tier-gap",
            4,
            &["does not start at 0: the one on line 4 starts at 50 and has no end", "add a row from 0 to 50"],
        ),
        (
            "nothing from 0, retroactive",
            "GROW,storage,50,,0.01,,,\n",
            "tier-gap",
            4,
            &["add a row from 0 to 50"],
        ),
        ("below 0", "MIG,storage,-50,,0.01,,,\n", "tier-gap", 4, &["start it at 0"]),
        (
            "an end",
            "MIG,storage,0,50,0.01,,,\n",
            "tier-gap",
            4,
            &["line 4 starts at 0 and ends at 50", "leave its `tier_to` empty, or add a row from 50"],
        ),
        ("empty tier", "MIG,storage,0,0,0.01,,,\n", "tier-empty", 4, &["starts at 0 and ends at 0"]),
        (
            "backward tier",
            "MIG,storage,0,100,0.01,,,\nMIG,storage,100,50,0.01,,,\nMIG,storage,100,,0.02,,,\n",
            "tier-empty",
            5,
            &["starts at 100 and ends at 50"],
        ),
        (
            "too precise",
            "MIG,storage,0,0.001,0.01,,,\nMIG,storage,0.001,,0.01,,,\n",
            "tier-too-precise",
            4,
            &["`0.001` is no amount of USD"],
        ),
        (
            "two rates",
            "CORE,storage,0,,0.05,,,\nCORE,storage,0,,0.06,,,\n",
            "tier-overlap",
            5,
            &[
                "0.05 on line 4, which starts at 0 and has no end",
                "0.06 on line 5",
                "`flat` knows no tiers",
                "marginal",
            ],
        ),
        (
            "tiers of a flat program",
            "CORE,storage,0,100,0.05,,,\nCORE,storage,100,,0.06,,,\n",
            "tier-overlap",
            5,
            &["line 4, which starts at 0 and ends at 100", "line 5, which starts at 100 and has no end"],
        ),
        (
            "two rates on some days",
            "CORE,storage,0,,0.05,,2026-01-01,2026-06-30\nCORE,storage,0,,0.06,,2026-06-30,\n",
            "tier-overlap",
            5,
            &["from 2026-06-30 on"],
        ),
        (
            "a gap on some days",
            "MIG,storage,0,100,0.01,,,2026-06-30\nMIG,storage,0,200,0.01,,2026-07-01,\nMIG,storage,100,,0.02,,,\n",
            "tier-overlap",
            6,
            &["line 5 starts at 0 and ends at 200", "line 6 starts at 100", "from 2026-07-01 on"],
        ),
        (
            "a tier that ceases",
            "MIG,storage,0,100,0.01,,,2026-06-30\nMIG,storage,100,,0.02,,,\n",
            "tier-gap",
            5,
            &["from 2026-07-01 on", "line 5 starts at 100", "add a row from 0 to 100"],
        ),
        (
            "a gap that is closed for a month",
            "MIG,storage,0,100,0.01,,,\nMIG,storage,200,,0.02,,,\nMIG,storage,100,200,0.01,,2026-02-01,2026-02-28\n",
            "tier-gap",
            5,
            &["line 4 starts at 0 and ends at 100", "line 5 starts at 200"],
        ),
        (
            "of a product",
            "MIG,storage,0,,0.01,,,\nMIG,storage,50,,0.02,OSS-STD,,\n",
            "tier-gap",
            5,
            &["product OSS-STD", "add a row from 0 to 50"],
        ),
    ] {
        let found = found(&format!("{HEADER}{COMPLETE}{rows}"));
        let fatal: Vec<_> = found.iter().filter(|f| f.0 == Severity::Fatal).collect();
        assert!(fatal.len() == 1 || name == "too precise", "{name}: {found:#?}");
        assert_eq!((fatal[0].1, fatal[0].2), (code, line), "{name}: {found:#?}");
        for word in words {
            assert!(fatal[0].3.contains(word), "{name}: `{word}` is not in {}", fatal[0].3);
        }
    }
}

#[test]
fn a_rate_table_in_order_is_accepted() {
    // Goal: what domain 3.3 allows is not refused. Method: tiers in any order of rows, tables that follow each other in
    // time, a product with its own table, one row twice, a table of a lump sum, days without any rate.
    for rows in [
        "MIG,storage,100,,0.02,,,\nMIG,storage,0,100,0.01,,,\n",
        "MIG,storage,,100.0,0.02,,,\nMIG,storage,100,,0.01,,,\n",
        "MIG,storage,0,100,0.01,,,2026-06-30\nMIG,storage,100,,0.02,,,2026-06-30\nMIG,storage,0,,0.03,,2026-07-01,\n",
        "MIG,storage,0,,0.01,,2026-01-01,2026-01-31\nMIG,storage,0,,0.02,,2026-03-01,\n",
        "MIG,storage,0,,0.01,,,\nMIG,storage,0,9,0.02,OSS-STD,,\nMIG,storage,9,,0.03,OSS-STD,,\n",
        "CORE,storage,0,,0.05,,,2026-06-30\nCORE,storage,0,,0.06,,2026-07-01,\n",
        "CORE,storage,0,,0.05,,,\nCORE,storage,0,,0.09,OSS-STD,,\n",
        "CORE,storage,0,,0.05,,,\nCORE,storage,0,,0.05,,,\n",
        "MIG,storage,0,,0.01,,2026-02-01,2026-01-01\n",
    ] {
        assert_eq!(found(&format!("{HEADER}{COMPLETE}{rows}")), [], "{rows}");
    }
    let project = Project::sample();
    project.append("input/reference/program_rates.csv", "MIG,compute,0,10000,0.05\n");
    project.reconcile(|seen| {
        assert_eq!(seen.counts("reference/program_rates.csv"), [18, 17, 1, 0, 0], "a row twice is merged");
        let expected = Project::sample().reconcile(|seen| seen.not_clean());
        assert_eq!(seen.not_clean(), expected, "a band is paid once");
    });
}

#[test]
fn every_problem_of_the_rules_is_told_in_one_run() {
    // Goal: who writes rules corrects them in one go, and nothing is published before. Method: broken tables of two
    // programs, rates of unknown programs, a negative rate, a growth program without a baseline, tiers without rates.
    let project = Project::sample();
    let rates = format!(
        "{HEADER}CORE,compute,0,,0.08,,,\nCORE,compute,0,,0.09,,,\nMIG,compute,10,,-0.05,,,\nNOPE,compute,0,,0.05,,,\nNOPE,storage,0,,0.05,,,\nGAIN,compute,0,10,0.05,,,\nGAIN,compute,20,30,0.05,,,\n"
    );
    project.write("input/reference/program_rates.csv", rates);
    project
        .append("input/reference/programs.csv", "GAIN,Gain,Gain,intl,USD,,,,,growth,account_quarter,,,,,,\n");
    let run = project.run(&["build", "-v"]).code(3);
    for words in [
        "fatal[tier-overlap]: reference/program_rates.csv, line 3: program `CORE`, category compute has two rates",
        "fatal[tier-gap]: reference/program_rates.csv, line 4: the first tier of program `MIG`",
        "fatal[tier-gap]: reference/program_rates.csv, line 8: the tiers of program `GAIN`, category compute leave a gap: the one on line 7 starts at 0 and ends at 10, the one on line 8 starts at 20 and ends at 30",
        "fatal[tier-gap]: reference/program_rates.csv, line 8: the last tier of program `GAIN`",
        "warning[rate-negative]: reference/program_rates.csv, line 4 (rate)",
        "warning[rate-without-program]: reference/program_rates.csv, line 5: program `NOPE` is not in programs.csv; its 2 rates",
        "warning[growth-without-baseline]: reference/programs.csv, line 10: program `GAIN`",
        "warning[program-without-rates]: reference/programs.csv, line 5: program `GROW`",
        "4 problem(s) make the input unusable",
    ] {
        assert!(run.stderr.contains(words), "`{words}` is not in\n{}", run.stderr);
    }
    assert!(!project.path("site").exists());
}

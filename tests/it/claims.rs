//! Claims: what can be claimed from the vendor, as files to send, and what became of what was claimed.

use super::support::Project;

const HEADER: &str =
    "claim_id,subject,kind,currency,amount,claimed_on,reference,answered_on,answer,answered_amount,note\n";

fn with_claims(rows: &str) -> Project {
    let project = Project::sample();
    project.write("input/reference/claims.csv", format!("{HEADER}{rows}"));
    project
}

#[test]
fn rows_of_claims_are_read_strictly() {
    // Goal: what was claimed is never guessed; a row with a bad cell is set aside with every reason. Method: one row of each
    // fault, one of several, a good row twice, and two rows of one claim with other words.
    let faults = [
        ("C-1,L-4041,short-paid,USD,,2026-06-17,,,,,", vec!["cell-empty"]),
        ("C-2,L-4041,short-paid,USD,0,2026-06-17,,,,,", vec!["amount-not-positive"]),
        ("C-3,L-4041,short-paid,USD,-5.00,2026-06-17,,,,,", vec!["amount-not-positive"]),
        ("C-4,L-4041,short-paid,USD,1.005,2026-06-17,,,,,", vec!["amount-too-precise"]),
        ("C-5,L-4041,short-paid,USD,5.00,2026-06-17,,,perhaps,,", vec!["value-unknown"]),
        ("C-6,L-4041,short-paid,USD,5.00,2026-06-17,,2026-06-16,,,", vec!["answer-before-claim"]),
        ("C-7,L-4041,short-paid,USD,5.00,2026-06-17,,,partly,-1.00,", vec!["amount-negative"]),
        ("C-8,,short-paid,USX,5.00,17.6.2026,,,,,", vec!["cell-empty", "currency-unknown", "date-not-iso"]),
    ];
    for (row, codes) in faults {
        with_claims(&format!("{row}\n")).reconcile(|seen| {
            let place = "reference/claims.csv";
            assert_eq!(seen.counts(place), [1, 0, 0, 1, 0], "{row}");
            let mut found: Vec<&str> =
                seen.shown.diagnostics.iter().filter(|d| d.file == place).map(|d| d.code).collect();
            found.sort_unstable();
            assert_eq!(found, codes, "{row}");
            assert!(seen.loaded.reference.claims.is_empty());
        });
    }
    let row = "C-1,L-4041,short-paid,USD,5.00,2026-06-17,T-1,2026-06-18,Accepted,5.00,paid soon\n";
    with_claims(&row.repeat(2)).reconcile(|seen| {
        assert_eq!(
            seen.counts("reference/claims.csv"),
            [2, 1, 1, 0, 0],
            "a row that is there twice is one claim"
        );
        assert_eq!(seen.loaded.reference.claims[0].amount.to_string(), "5.00");
    });
    let twice = with_claims(&format!("{row}{}", row.replace("5.00", "6.00")));
    let (result, problems) = twice.try_build();
    assert!(result.is_err());
    assert!(
        problems.iter().any(|p| p.code == "reference-contradiction" && p.message.contains("claim `C-1`"))
    );
}

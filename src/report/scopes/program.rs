//! The sections of a program's page that only it has: the rule in force, its rates, and a computed example.

use std::collections::BTreeSet;

use super::super::Report;
use super::super::page::{Block, Link, Text};
use super::super::table::Table;
use super::super::words::{panel, paragraph, section};
use super::{Members, ScopeKey, example, rule};
use crate::model::id::ProgramId;
use crate::model::time::Month;
use crate::reconcile::bridge::BridgeRow;
use crate::say;

/// The rule, its rates and an example; for a program that no rule file knows, what is missing and what to add.
pub(super) fn sections(
    report: &Report<'_>,
    key: &ScopeKey,
    members: &Members,
    name: &str,
) -> (Vec<Block>, Vec<(String, Table)>) {
    let reference = report.reconciled.rules.reference;
    let Some(program) = reference.programs.iter().find(|p| p.id.canonical() == key.id) else {
        return (gap(report, members).into_iter().collect(), Vec::new());
    };
    let rates = rule::rates(report, program);
    let file = format!("{name}.rates.csv");
    let rule = Block::Section {
        id: "rule".to_owned(),
        heading: say!("The rule in force").to_owned(),
        actions: vec![Link::to(say!("Rates CSV"), file.clone())],
        blocks: vec![
            Block::Definitions { rows: rule::definitions(report, program) },
            Block::Table(rates.clone()),
        ],
    };
    let mut sections = vec![rule];
    sections.extend(example::section(report, program, members));
    (sections, vec![(file, rates)])
}

/// What is said of a program without a rule: its amounts are shown as the vendor gives them, never guessed.
fn gap(report: &Report<'_>, members: &Members) -> Option<Block> {
    let program: ProgramId = report.line(*members.lines.first()?).program;
    let months: BTreeSet<Month> = members.lines.iter().map(|n| report.line(*n).period).collect();
    let currencies: BTreeSet<String> =
        members.lines.iter().map(|n| report.line(*n).currency.to_string()).collect();
    let categories: BTreeSet<String> =
        members.lines.iter().filter_map(|n| Some(report.line(*n).category?.to_string())).collect();
    let mut words = vec![
        Text::strong(say!("Not recomputed.")),
        Text::plain(say!(
            " The extract has lines of program {program}, and reference/programs.csv has no row for it. We show \
             what the vendor calculated; our own amount stays blank and is never guessed. In the comparison of own \
             expected with vendor calculated its lines have a row of their own, “{rule_gap_title}”: ",
            program,
            rule_gap_title = super::super::bridge::rule_gap_title()
        )),
    ];
    let with_row = months.into_iter().rev().filter(|month| {
        let mut bridges = report.bridges.iter().filter(|((m, _), _)| m == month);
        bridges.any(|(_, bridge)| bridge.rows.contains_key(&BridgeRow::RuleGap))
    });
    for (number, month) in with_row.take(12).enumerate() {
        words.extend((number > 0).then(|| Text::plain(say!(", "))));
        words.push(Text::link(month.in_words(), super::super::bridge::path(month)));
    }
    words.push(Text::plain(say!(".")));
    let (currencies, categories): (Vec<_>, Vec<_>) =
        (currencies.into_iter().collect(), categories.into_iter().take(50).collect());
    let [programs, rates] = rule::to_add(program, &currencies, &categories);
    let copy = |id: &str, text: String| Block::CopyBox { id: id.to_owned(), text };
    Some(section(
        "rule",
        say!("The rule in force"),
        vec![
            Block::Paragraph { text: words },
            panel(
                say!("What to add"),
                vec![
                    paragraph(say!(
                        "Ask for the program terms, and add one row to reference/programs.csv and one per \
                         category and tier to reference/program_rates.csv. Fill in what stands in angle brackets; \
                         then build again."
                    )),
                    copy("add-program", programs),
                    copy("add-rates", rates),
                ],
            ),
        ],
    ))
}

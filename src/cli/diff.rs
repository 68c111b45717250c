//! `tieout diff A B`: the money bridge between two snapshots, for any scope.

use serde_json::{Map, Value, json};

use super::scope::ScopeArgs;
use super::{Format, Shared, ask, print};
use crate::error::{Error, exit};
use crate::export;
use crate::history::changes::Difference;
use crate::history::{Measures, Scope, SnapshotNumber};
use crate::model::time::AsOf;
use crate::pipeline;
use crate::report::Report;
use crate::report::changes::{MEASURES, correct, file, is_only_own};

/// Runs the command.
pub(super) fn run(a: AsOf, b: AsOf, scope: &ScopeArgs, is_csv: bool, shared: &Shared) -> Result<u8, Error> {
    let to = a.max(b);
    let options = pipeline::Options { snapshot: Some(to), ..shared.options() };
    ask(&options, shared, |report| compare(report, (a, b), &scope.scope(), is_csv, shared))
}

fn compare(
    report: &Report<'_>,
    (a, b): (AsOf, AsOf),
    scope: &Scope,
    is_csv: bool,
    shared: &Shared,
) -> Result<u8, Error> {
    let (from, to) = (a.min(b), a.max(b));
    let span = (number(report, from)?, number(report, to)?);
    let bridges = report.differences(span.0, span.1, scope);
    if a > b && shared.format == Format::Human {
        print::say(&format!("note: {a} is newer than {b}; this goes from {b} to {a}"));
    }
    if is_csv || shared.format == Format::Csv {
        print::result(String::from_utf8_lossy(&export::csv::table(&file(report, &bridges))).trim_end());
        return Ok(exit::DONE);
    }
    match shared.format {
        Format::Json => print::result(&document(report, &bridges, scope, (from, to)).to_string()),
        Format::Human | Format::Csv => tell(report, &bridges, scope, (from, to)),
    }
    Ok(exit::DONE)
}

fn number(report: &Report<'_>, as_of: AsOf) -> Result<SnapshotNumber, Error> {
    let history = report.sources.history;
    history.number(as_of).ok_or_else(|| Error::Usage {
        message: format!("there is no snapshot `{as_of}`"),
        help: format!(
            "the snapshots are {}",
            history.snapshots().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    })
}

fn tell(report: &Report<'_>, bridges: &[Difference<'_>], scope: &Scope, (from, to): (AsOf, AsOf)) {
    print::result(&format!("{from} to {to}: {scope}"));
    if bridges.is_empty() {
        print::result(
            "no line of either snapshot is in this scope; leave a part of it out, or check the spelling",
        );
        return;
    }
    if is_only_own(report, bridges, from, to) {
        print::result("the extracts are the same; only our own mapping or rules changed");
    }
    for bridge in bridges {
        print::result("");
        print::result(&correct("the total rebate", bridge, from, to));
        let width = bridge.changes.iter().map(|change| amount(bridge, change.effect.total).len()).max();
        let width = width.unwrap_or(0).max(14);
        print::result(&format!("  {:>width$}  {from}", bridge.money(bridge.opening.total).to_string()));
        for change in &bridge.changes {
            let Some(told) = report.tell_change(change) else { continue };
            print::result(&format!(
                "  {:>width$}  {} ({}) {}: {}{}",
                amount(bridge, change.effect.total),
                told.order,
                told.line,
                change.class.label().to_lowercase(),
                told.sentence,
                beside(bridge, &change.effect),
            ));
        }
        print::result(&format!("  {:>width$}  {to}", bridge.money(bridge.closing.total).to_string()));
        print::result(&format!(
            "  {:>width$}  not explained",
            bridge.money(bridge.remainder().total).to_string()
        ));
    }
}

/// `+4200.00`; a dash where the total does not move.
fn amount(bridge: &Difference<'_>, minor: i128) -> String {
    match minor {
        0 => "-".to_owned(),
        1.. => format!("+{}", bridge.money(minor)),
        _ => bridge.money(minor).to_string(),
    }
}

/// The measures beside the total that move on their own: ` [paid so far +240.00]`.
fn beside(bridge: &Difference<'_>, effect: &Measures) -> String {
    let parts: Vec<String> = MEASURES
        .iter()
        .filter(|(name, of)| {
            matches!(*name, "Eligible" | "Approved so far" | "Paid so far") && of(effect) != 0
        })
        .map(|(name, of)| format!("{} {}", name.to_lowercase(), amount(bridge, of(effect))))
        .collect();
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) }
}

fn document(
    report: &Report<'_>,
    bridges: &[Difference<'_>],
    scope: &Scope,
    (from, to): (AsOf, AsOf),
) -> Value {
    let measures = |bridge: &Difference<'_>, measures: &Measures| -> Value {
        let pairs = MEASURES.iter().map(|(name, of)| {
            (name.to_lowercase().replace(' ', "_"), json!(bridge.money(of(measures)).to_string()))
        });
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    let currencies: Vec<Value> = bridges
        .iter()
        .map(|bridge| {
            let changes: Vec<Value> = bridge
                .changes
                .iter()
                .filter_map(|change| {
                    let told = report.tell_change(change)?;
                    Some(json!({
                        "class": change.class.code(),
                        "order": told.order,
                        "line": told.line,
                        "program": told.program,
                        "period": told.period.to_string(),
                        "status_before": told.statuses[0],
                        "status_after": told.statuses[1],
                        "sentence": told.sentence,
                        "page": told.page,
                        "effect": measures(bridge, &change.effect),
                    }))
                })
                .collect();
            json!({
                "currency": bridge.currency.code(),
                "sentence": correct("the total rebate", bridge, from, to),
                "opening": measures(bridge, &bridge.opening),
                "closing": measures(bridge, &bridge.closing),
                "remainder": measures(bridge, &bridge.remainder()),
                "changes": changes,
            })
        })
        .collect();
    let scope: Map<String, Value> =
        scope.parts().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    json!({
        "schema": 1,
        "from": from.to_string(),
        "to": to.to_string(),
        "scope": scope,
        "only_own_mapping_or_rules": is_only_own(report, bridges, from, to),
        "currencies": currencies,
    })
}

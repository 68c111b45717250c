//! `tieout diff A B`: the money bridge between two snapshots, for any scope.

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Format, Shared, print};
use crate::error::{Error, exit};
use crate::export;
use crate::history::changes::Difference;
use crate::history::{Measures, Scope, SnapshotNumber};
use crate::ingest::grammar;
use crate::model::money::Currency;
use crate::model::time::{AsOf, Month};
use crate::pipeline::{self, Timings};
use crate::report::Report;
use crate::report::changes::{MEASURES, correct, file, is_only_own};

/// Which lines are compared; all of them when nothing is given. Ids in any spelling.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScopeArgs {
    /// The earned period, such as 2026-05.
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Option<Month>,
    /// The program ID.
    #[arg(long, value_name = "ID")]
    program: Option<String>,
    /// The campaign tag, such as 'Spring Growth'.
    #[arg(long, value_name = "TAG")]
    campaign: Option<String>,
    /// The customer ID.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Our account ID.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The order ID.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// The batch ID.
    #[arg(long, value_name = "ID")]
    batch: Option<String>,
    /// The payout ID.
    #[arg(long, value_name = "ID")]
    payout: Option<String>,
    /// The vendor's category.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// The vendor's region.
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// The currency, such as USD.
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<Currency>,
}

fn month(text: &str) -> Result<Month, String> {
    let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
    let month = parts.and_then(|(year, month)| Month::new(year.parse().ok()?, month.parse().ok()?));
    month.ok_or_else(|| format!("`{text}` is not a month; write it like 2026-05"))
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| format!("`{text}` is not the code of a currency; write it like USD"))
}

impl ScopeArgs {
    fn scope(&self) -> Scope {
        let id = |id: &Option<String>| Scope::part(&grammar::canonical(id.as_ref()?));
        let text = |text: &Option<String>| Scope::part(text.as_ref()?);
        Scope {
            period: self.period,
            program: id(&self.program),
            campaign: text(&self.campaign),
            customer: id(&self.customer),
            account: id(&self.account),
            order: id(&self.order),
            batch: id(&self.batch),
            payout: id(&self.payout),
            category: text(&self.category),
            region: text(&self.region),
            currency: self.currency,
        }
    }
}

/// Runs the command.
pub(super) fn run(a: AsOf, b: AsOf, scope: &ScopeArgs, is_csv: bool, shared: &Shared) -> Result<u8, Error> {
    let (from, to) = (a.min(b), a.max(b));
    let progress = shared.progress();
    let mut timings = Timings::default();
    let options = pipeline::Options { snapshot: Some(to), ..shared.options() };
    let mut loaded = pipeline::load(&options, &mut timings, &*progress)?;
    let mut known = pipeline::know(&mut loaded, &mut timings, &*progress);
    pipeline::stop_on_fatal(&known.diagnostics)
        .inspect_err(|_| print::problems(&known.diagnostics, shared))?;
    let shown = pipeline::shown(&loaded, &mut known);
    let report = pipeline::report(&loaded, &shown);
    drop(progress);
    let scope = scope.scope();
    let span = (number(&report, from)?, number(&report, to)?);
    let bridges = report.differences(span.0, span.1, &scope);
    if a > b && shared.format == Format::Human {
        print::say(&format!("note: {a} is newer than {b}; this goes from {b} to {a}"));
    }
    if is_csv {
        print::result(String::from_utf8_lossy(&export::csv::table(&file(&report, &bridges))).trim_end());
        return Ok(exit::DONE);
    }
    match shared.format {
        Format::Json => print::result(&document(&report, &bridges, &scope, (from, to)).to_string()),
        Format::Human => tell(&report, &bridges, &scope, (from, to)),
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

//! `tieout query --receipt CODE`: what a figure was in its snapshot, recomputed from the extracts, and what it is now.

use serde_json::json;

use crate::cli::{Format, Shared, ask, print};
use crate::error::{Error, exit};
use crate::model::money::Money;
use crate::model::time::AsOf;
use crate::pipeline::Options;
use crate::report::query::Receipt;
use crate::report::query::scope::Query;

/// Runs the command.
pub(super) fn run(code: &str, shared: &Shared) -> Result<u8, Error> {
    if shared.format == Format::Csv {
        return Err(Error::Usage {
            message: "`--format csv` is for the rows of a scope, and a receipt has none".to_owned(),
            help: "use `--format json`, or ask for its scope".to_owned(),
        });
    }
    let receipt = Receipt::read(code).map_err(|problem| Error::Usage {
        message: format!("the receipt {problem}"),
        help: problem.help().to_owned(),
    })?;
    shared.trail.argument("receipt", receipt.code());
    let query = Query::of_receipt(&receipt).map_err(|message| Error::Usage {
        message: format!("the receipt cannot be used: {message}"),
        help: "read it with the version of tieout that wrote it".to_owned(),
    })?;
    shared.trail.argument("scope", query.to_string());
    let (now_at, now) = value(&receipt, &query, shared, None)?;
    let then = if now_at == receipt.snapshot {
        now
    } else {
        value(&receipt, &query, shared, Some(receipt.snapshot))?.1
    };
    let agrees = then == receipt.value;
    if shared.format == Format::Json {
        let amount = |money: Money| json!({"amount": money.to_string(), "currency": money.currency().code()});
        let document = json!({
            "schema": 1,
            "measure": receipt.measure.label(),
            "scope": query.to_string(),
            "snapshot": receipt.snapshot.to_string(),
            "stated": amount(receipt.value),
            "recomputed": amount(then),
            "agrees": agrees,
            "newest_snapshot": now_at.to_string(),
            "now": amount(now),
        });
        print::result(&document.to_string());
    } else {
        print::result(&format!("figure    {} of {query}", receipt.measure.label()));
        print::result(&format!("stated    {} in snapshot {}", receipt.value.in_words(), receipt.snapshot));
        print::result(&if agrees {
            "then      agrees with the extracts of that snapshot".to_owned()
        } else {
            format!(
                "then      does not agree: the extracts of that snapshot give {}; the receipt was made of other data, or altered",
                then.in_words()
            )
        });
        if now_at != receipt.snapshot {
            let change = match then.checked_sub(now) {
                Ok(difference) if difference.is_zero() => "the same".to_owned(),
                _ => format!("what changed: tieout diff {} {now_at}", receipt.snapshot),
            };
            print::result(&format!("now       {} in snapshot {now_at}, {change}", now.in_words()));
        }
    }
    Ok(if agrees { exit::DONE } else { exit::FINDINGS })
}

/// The figure in a snapshot, and which snapshot that is.
fn value(
    receipt: &Receipt,
    query: &Query,
    shared: &Shared,
    at: Option<AsOf>,
) -> Result<(AsOf, Money), Error> {
    let options = shared.options();
    let options = Options { snapshot: at.or(options.snapshot), ..options };
    let value = ask(&options, shared, |report| {
        let answer = report.query(query);
        let value = report.query_receipt(query, &answer, receipt.measure, receipt.value.currency()).value;
        Ok((report.reconciled.as_of(), value))
    });
    match (value, at) {
        (Err(Error::Usage { message, help }), Some(_)) => Err(Error::Usage {
            message: format!("{message}, from which the receipt was made: its figure cannot be recomputed"),
            help: format!("put the extracts of that day back into the input folder; {help}"),
        }),
        (value, _) => value,
    }
}

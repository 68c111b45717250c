//! `tieout explain ID`: the answer for one order, line, account or batch, in four audiences' words, or as a file for a
//! ticket.

use serde_json::json;

use super::{Format, Shared, ask, ask_with, print};
use crate::error::{Error, exit};
use crate::explain::Audience;
use crate::ingest::grammar;
use crate::model::money::Money;
use crate::pipeline;
use crate::reconcile::Deadline;
use crate::report::{Report, Told};

/// Runs the command.
pub(super) fn run(id: &str, shared: &Shared) -> Result<u8, Error> {
    ask(&shared.options(), shared, |report| explain(id, report, shared))
}

fn explain(id: &str, report: &Report<'_>, shared: &Shared) -> Result<u8, Error> {
    let reconciled = report.reconciled;
    let told = report.tell(id)?;
    if told.is_empty() {
        return Err(unknown(id, report));
    }
    if shared.format == Format::Json {
        let answers: Vec<_> = told.iter().map(told_json).collect();
        print::result(
            &json!({"schema": 1, "snapshot": reconciled.as_of().to_string(), "answers": answers}).to_string(),
        );
        return Ok(exit::DONE);
    }
    for (number, told) in told.iter().enumerate() {
        if number > 0 {
            print::result("");
        }
        print::result(&format!("{}  {}  {}", told.subject, told.headline, told.amount));
        for (audience, sentence) in Audience::ALL.iter().zip(&told.answers) {
            let sentence = if sentence.is_empty() { "(nothing is shown to this audience)" } else { sentence };
            print::result(&format!("  {:<9} {sentence}", format!("{}:", audience.name())));
        }
        print::result(&format!("  {:<9} {}", "next:", told.next_step));
        for deadline in &told.deadlines {
            print::result(&format!(
                "  {:<9} {} ({})",
                "deadline:",
                deadline.in_words(),
                deadline.basis.in_words()
            ));
        }
        if !told.when.is_empty() {
            print::result(&format!("  {:<9} {}", "when:", told.when));
        }
        print::result(&format!("  {:<9} {}", "page:", told.page));
    }
    Ok(exit::DONE)
}

/// Prints the dossier.
pub(super) fn dossier(id: &str, shared: &Shared) -> Result<u8, Error> {
    if shared.format == Format::Json {
        return Err(Error::Usage {
            message: "a dossier is one HTML file and has no `--format json`".to_owned(),
            help: "leave out `--dossier` for the answers as JSON".to_owned(),
        });
    }
    let options = shared.options();
    // A page, so in the language of the site.
    let html = ask_with(pipeline::load_site, &options, shared, |report, loaded| {
        pipeline::dossier(report, &options, loaded, id)?.ok_or_else(|| unknown(id, report))
    })?;
    print::result(html.trim_end());
    Ok(exit::DONE)
}

fn unknown(id: &str, report: &Report<'_>) -> Error {
    Error::Usage {
        message: format!(
            "no order, line, account or batch of snapshot {} has the ID `{id}`",
            report.reconciled.as_of()
        ),
        help: nearest(report, id),
    }
}

fn told_json(told: &Told) -> serde_json::Value {
    json!({
        "subject": told.subject,
        "headline": told.headline,
        "amount": told.amount,
        "sales": told.answers[0],
        "finance": told.answers[1],
        "support": told.answers[2],
        "customer": told.answers[3],
        "next_step": told.next_step,
        "deadlines": told.deadlines.iter().map(deadline_json).collect::<Vec<_>>(),
        "when": told.when,
        "page": told.page,
    })
}

fn deadline_json(deadline: &Deadline) -> serde_json::Value {
    let amount = |amount: Option<Money>| {
        amount.map(|m| json!({"amount": m.to_string(), "currency": m.currency().code()}))
    };
    json!({
        "action": deadline.action.code(),
        "date": deadline.date.to_string(),
        "days_left": deadline.days_left,
        "silence_confirms": amount(deadline.confirmed),
        "at_stake": amount(deadline.at_stake),
        "basis": deadline.basis.in_words(),
    })
}

fn nearest(report: &Report<'_>, id: &str) -> String {
    let start: String = grammar::canonical(id).chars().take(4).collect();
    let near: Vec<&str> = report
        .reconciled
        .snapshot
        .records
        .orders
        .iter()
        .filter(|o| o.id.canonical().starts_with(&start))
        .take(5)
        .map(|o| o.id.raw())
        .collect();
    if near.is_empty() {
        "check the spelling; an ID may be written with or without hyphens and spaces, in any case".to_owned()
    } else {
        format!("check the spelling; IDs that begin alike are {}", near.join(", "))
    }
}

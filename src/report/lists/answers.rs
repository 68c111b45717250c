//! What to say of a case: why it is as it is, the next step, the fix that its reason recommends, and the answer to an
//! audience.

use crate::error::Error;
use crate::explain::Audience;
use crate::reconcile::kinds::Direction;
use crate::reconcile::{Case, Subject};
use crate::report::Report;
use crate::say;

/// Why a line or order is as it is, in plain words: the vendor's reason, else the primary explanation, else the status.
pub(crate) fn why(report: &Report<'_>, case: &Case) -> String {
    if let Subject::Line(number) = case.subject
        && let Some(reason) = report.reconciled.reason(report.line(number).reason_key)
    {
        return report.plain_reason(reason).to_owned();
    }
    match (case.primary(), case.subject) {
        // A kind without an amount, such as a row given twice, is no reason for a status.
        (Some(finding), _) if finding.direction != Direction::None => {
            report.sources.content.kind(finding.kind).title.clone()
        }
        (_, Subject::Line(number)) => {
            report.sources.content.status(report.line(number).status).definition.clone()
        }
        (Some(finding), _) => report.sources.content.kind(finding.kind).title.clone(),
        (None, _) => say!("Nothing to explain").to_owned(),
    }
}

/// The next step of a case: the first fix of its primary explanation, else the step of the status.
pub(crate) fn next_step(report: &Report<'_>, case: &Case) -> Result<String, Error> {
    if let Some(finding) = case.primary() {
        if let Some(fix) = recommended_fix(report, case) {
            return Ok(fix);
        }
        let mut facts = report.facts(case);
        facts.extend(&finding.facts);
        if let Some(fix) = report.sources.sentences.fixes(finding.kind, &facts)?.into_iter().next() {
            return Ok(fix);
        }
    }
    Ok(match case.subject {
        Subject::Line(number) => report.sources.content.status(report.line(number).status).next_step.clone(),
        Subject::Order(_)
        | Subject::Payout(_)
        | Subject::Feed(_)
        | Subject::Row(_)
        | Subject::Adjustment(_) => say!("Nothing to do.").to_owned(),
    })
}

/// The fix that the reason of a line recommends, such as "Confirm if product should be enrolled under …".
pub(crate) fn recommended_fix(report: &Report<'_>, case: &Case) -> Option<String> {
    let Subject::Line(number) = case.subject else { return None };
    let reason = report.reconciled.reason(report.line(number).reason_key)?;
    let mut facts = report.facts(case);
    for finding in &case.findings {
        facts.extend(&finding.facts);
    }
    Some(report.sources.sentences.reason_fix(&reason.reason, &facts)).filter(|fix| !fix.is_empty())
}

/// The sentence of a case for an audience: of its primary explanation, else of its status.
pub(crate) fn answer(report: &Report<'_>, case: &Case, audience: Audience) -> Result<String, Error> {
    let mut facts = report.facts(case);
    if let Some(finding) = case.primary() {
        facts.extend(&finding.facts);
        let text = report.sources.sentences.explain(finding.kind, audience, &facts)?;
        if !text.is_empty() || audience == Audience::Customer {
            return Ok(text);
        }
    }
    match case.subject {
        Subject::Line(number) => {
            report.sources.sentences.explain_status(report.line(number).status, audience, &facts)
        }
        Subject::Order(_)
        | Subject::Payout(_)
        | Subject::Feed(_)
        | Subject::Row(_)
        | Subject::Adjustment(_) => Ok(say!("There is nothing to explain or to do.").to_owned()),
    }
}

//! The data checks of an order: each with its result in words, never a bare code.

use super::Subject;
use crate::model::record::Order;
use crate::reconcile::kinds::Kind;
use crate::report::page::{Block, Check, Text};
use crate::rules::{Ineligible, Lookup, Rules};

/// The panel with all checks.
pub(super) fn panel(subject: &Subject<'_>) -> Block {
    let checks = all(subject);
    let missing = checks.iter().filter(|c| c.result != "ok").count();
    let summary = match missing {
        0 => "Nothing is missing.".to_owned(),
        1 => "One thing needs attention.".to_owned(),
        more => format!("{more} things need attention."),
    };
    Block::Panel {
        heading: "Data checks".to_owned(),
        tone: "",
        blocks: vec![Block::Checks { summary, checks }],
    }
}

fn check(is_ok: bool, ok: &str, bad: &str, article: &str) -> Check {
    if is_ok {
        Check { result: "ok", text: vec![Text::plain(ok)] }
    } else {
        Check { result: "bad", text: vec![Text::link(bad, format!("kb/{article}.html"))] }
    }
}

fn all(subject: &Subject<'_>) -> Vec<Check> {
    let (report, order) = (subject.report, subject.order);
    let rules = &report.reconciled.rules;
    let is_readable = !subject.case.findings.iter().any(|f| f.kind == Kind::RowQuarantined);
    let has_line = !subject.lines.is_empty();
    vec![
        check(
            is_readable,
            "Every row is readable",
            "A vendor row for this order could not be read",
            "kb-quarantined-rows",
        ),
        check(has_line, "Rebate line found", "No rebate line names this order yet", "kb-missing-rebate"),
        account(rules, order),
        check(rules.region(order).is_some(), "Region code present", "Region code missing", "kb-region-codes"),
        check(
            rules.category(order).is_some(),
            "SKU matched to a category",
            "Product mapping not found",
            "kb-sku-mapping",
        ),
        eligibility(subject),
        contract(order),
        check(
            order.invoice.is_some() && order.billing_model.is_some(),
            "Invoice and billing model confirmed",
            "Billing terms not confirmed yet",
            "kb-billing-confirmation",
        ),
    ]
}

fn account(rules: &Rules<'_>, order: &Order) -> Check {
    match rules.account(order.account, order.order_date) {
        Lookup::Found(_) => check(true, "Account mapping found", "", ""),
        Lookup::NotOnThatDay(_) => {
            check(false, "", "Account mapping exists, but not on the order date", "kb-account-mapping")
        }
        Lookup::Missing => check(false, "", "Account mapping not found", "kb-account-mapping"),
    }
}

fn eligibility(subject: &Subject<'_>) -> Check {
    let rules = &subject.report.reconciled.rules;
    let program = match subject.headline {
        Some(line) => rules.program(subject.report.line(line).program),
        None => rules.declared_program(subject.order),
    };
    let Some(program) = program else {
        return Check {
            result: "unknown",
            text: vec![Text::plain("Eligibility cannot be tested: the program has no rule in programs.csv")],
        };
    };
    match rules.ineligible(subject.order, program).first() {
        None => check(true, "Eligible under the program", "", ""),
        Some(Ineligible::Window { .. }) => {
            check(false, "", "Order date is outside the program's window", "kb-eligibility-windows")
        }
        Some(Ineligible::Contract) => {
            check(false, "", "Contract type is not in the program", "kb-contract-types")
        }
        Some(Ineligible::Enrollment { .. }) => {
            check(false, "", "No enrollment on the order date", "kb-enrollment")
        }
        Some(Ineligible::Category { .. }) => {
            check(false, "", "SKU is not eligible for the program", "kb-sku-eligibility")
        }
        Some(Ineligible::BillingModel) => {
            check(false, "", "Billing model is not in the program", "kb-contract-types")
        }
        Some(Ineligible::Reseller) => check(false, "", "Program is for other resellers", "kb-contract-types"),
        Some(Ineligible::Region { .. }) => {
            check(false, "", "Region is not in the program", "kb-contract-types")
        }
        Some(Ineligible::CustomerClass) => {
            check(false, "", "Customer class is not in the program", "kb-contract-types")
        }
        Some(Ineligible::Threshold { .. }) => check(false, "", "Tier threshold not reached", "kb-tiers"),
    }
}

fn contract(order: &Order) -> Check {
    match order.contract_active_from {
        None => Check {
            result: "unknown",
            text: vec![Text::plain("Contract activation cannot be tested: the extract has no date")],
        },
        Some(from) => check(
            from <= order.order_date,
            "Contract active on the order date",
            "Contract became active after the order",
            "kb-contract-activation",
        ),
    }
}

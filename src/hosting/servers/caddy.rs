//! Caddy: the same tables as nginx, asked in a fixed order (`route`) after the login.

use crate::error::Error;

use super::super::rules::{self, Rules, exactly};
use super::super::{Plan, ServerFile, Texts};
use super::{lines, ours, yours};

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let pattern = |pattern: &str| quoted(&format!("~{pattern}"));
    let mut trees: Vec<String> =
        Rules::hidden().iter().map(|hidden| format!("{} \"\"", pattern(hidden))).collect();
    for tree in plan.trees.iter().filter(|tree| !tree.is_customer()) {
        trees.push(format!("{} {}", pattern(&format!("^/{}(?:/|$)", tree.folder)), quoted(&tree.folder)));
    }
    if plan.trees.iter().any(super::super::Tree::is_customer) {
        trees.push(format!("{} \"${{1}}\"", pattern(&format!("^/({})(?:/|$)", rules::CUSTOMERS))));
    }
    let may = plan.grants.iter().flat_map(|grant| {
        let who = exactly(&grant.login);
        grant.folders.iter().map(move |folder| format!("{} 1", quoted(&format!("~^{folder}={who}$"))))
    });
    let home = plan.grants.iter().filter_map(|grant| {
        let who = pattern(&format!("^{}$", exactly(&grant.login)));
        grant.folders.first().map(|folder| format!("{who} {}", quoted(folder)))
    });
    let policies =
        rules.policies.iter().map(|rule| format!("{} {}", pattern(&rule.pattern), quoted(&rule.value)));
    let types = rules::TYPES
        .iter()
        .map(|(end, media)| format!("{} {}", pattern(&format!("\\.{end}$")), quoted(media)));
    let headers = rules::HEADERS.iter().map(|(name, value)| format!("{name} {}", quoted(value)));
    let rest = ours(
        texts,
        "caddy/tieout.caddy",
        "tieout.caddy",
        &[
            ("TREES", &lines("\t\t", trees)),
            ("MAY", &lines("\t\t", may)),
            ("HOME", &lines("\t\t", home)),
            ("POLICIES", &lines("\t\t", policies)),
            ("POLICY", &quoted(&rules.policy)),
            ("POLICY_OF_ERRORS", &quoted(&rules.policy_of_errors)),
            ("FOR_GOOD_PATHS", &quoted(&format!("~{}", rules.for_good))),
            ("FOR_GOOD", &quoted(rules::FOR_GOOD)),
            ("ASK_AGAIN", &quoted(rules::ASK_AGAIN)),
            ("NEVER", &quoted(rules::NEVER)),
            ("TYPES", &lines("\t\t", types)),
            ("TYPE_OF_THE_REST", &quoted(rules::TYPE_OF_THE_REST)),
            ("HEADERS", &lines("\t\t", headers)),
        ],
    )?;
    Ok(vec![
        yours(texts, "caddy/Caddyfile", "Caddyfile")?,
        ours(texts, "caddy/README.md", "README.md", &[])?,
        yours(texts, "caddy/login.caddy", "login.caddy")?,
        rest,
    ])
}

/// A text between double quotes, in which only the quote itself is escaped.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

//! nginx: tables (`map`) for who may read what, named locations so that they are asked after the password was.

use crate::error::Error;

use super::super::rules::{self, Rules, exactly};
use super::super::{Plan, ServerFile, Texts};
use super::{lines, ours, yours};

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let mut trees: Vec<String> =
        Rules::hidden().iter().map(|pattern| format!("{} \"\";", quoted(&format!("~{pattern}")))).collect();
    for tree in plan.trees.iter().filter(|tree| !tree.is_customer()) {
        trees.push(format!("{} {};", quoted(&format!("~^/{}(?:/|$)", tree.folder)), quoted(&tree.folder)));
    }
    if plan.trees.iter().any(super::super::Tree::is_customer) {
        let pattern = format!("~^/(?<tieout_customer>{})(?:/|$)", rules::CUSTOMERS);
        trees.push(format!("{} $tieout_customer;", quoted(&pattern)));
    }
    // Patterns, because the strings of a map do not tell Ana from ana.
    let may = plan.grants.iter().flat_map(|grant| {
        let who = exactly(&grant.login);
        grant.folders.iter().map(move |folder| format!("{} 1;", quoted(&format!("~^{folder}={who}\\z"))))
    });
    let home = plan.grants.iter().filter_map(|grant| {
        let who = quoted(&format!("~^{}\\z", exactly(&grant.login)));
        grant.folders.first().map(|folder| format!("{who} {};", quoted(folder)))
    });
    let policies = rules
        .policies
        .iter()
        .map(|rule| format!("{} {};", quoted(&format!("~{}", rule.pattern)), quoted(&rule.value)));
    let is_good = "(?:200|206|304)";
    let caches = [
        format!(
            "{} {};",
            quoted(&format!("~^{is_good}:{}", rules.for_good.trim_start_matches('^'))),
            quoted(rules::FOR_GOOD)
        ),
        format!("{} {};", quoted(&format!("~^{is_good}:")), quoted(rules::ASK_AGAIN)),
    ];
    let http = ours(
        texts,
        "nginx/http.conf",
        "http.conf",
        &[
            ("TREES", &lines("    ", trees)),
            ("MAY", &lines("    ", may)),
            ("HOME", &lines("    ", home)),
            ("POLICIES", &lines("    ", policies)),
            ("POLICY", &quoted(&rules.policy)),
            ("POLICY_OF_ERRORS", &quoted(&rules.policy_of_errors)),
            ("CACHES", &lines("    ", caches)),
            ("NEVER", &quoted(rules::NEVER)),
        ],
    )?;
    let headers =
        rules::HEADERS.iter().map(|(name, value)| format!("add_header {name} {} always;", quoted(value)));
    let bare = |media: &str| media.split(';').next().unwrap_or_default().to_owned();
    let types = rules::TYPES.iter().map(|(end, media)| format!("{} {end};", bare(media)));
    let texts_types: Vec<String> = rules::TYPES
        .iter()
        .filter(|(_, media)| media.contains("charset"))
        .map(|(_, media)| bare(media))
        .collect();
    let server = ours(
        texts,
        "nginx/server.conf",
        "server.conf",
        &[
            ("HEADERS", &lines("", headers)),
            ("TYPES", &lines("    ", types)),
            // text/html is in it anyway, and nginx complains of a second one.
            (
                "TEXTS",
                &texts_types
                    .iter()
                    .filter(|media| *media != "text/html")
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            ("TYPE_OF_THE_REST", &bare(rules::TYPE_OF_THE_REST)),
        ],
    )?;
    Ok(vec![
        ours(texts, "nginx/README.md", "README.md", &[])?,
        http,
        yours(texts, "nginx/login.conf", "login.conf")?,
        server,
        yours(texts, "nginx/site.conf", "site.conf")?,
    ])
}

/// A text between double quotes. A backslash stays one before everything but a quote, another backslash and t, r, n; patterns
/// never have one before these.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_ends_where_it_should() {
        // Goal: no value leaves its quotes. Method: a quote, and the escapes that patterns have.
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
        assert_eq!(quoted(&exactly("a\"; b\\")), "\"a\\x22\\x3b\\x20b\\x5c\"");
        assert_eq!(quoted(&exactly("a.n")), "\"a\\.n\"");
    }
}

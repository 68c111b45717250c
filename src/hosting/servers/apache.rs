//! Apache: a section for each tree, in which only its logins pass.

use crate::error::Error;

use super::super::rules::{self, Rules, exactly};
use super::super::{Plan, ServerFile, Texts};
use super::{lines, ours, yours};

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let mut sections = Vec::new();
    for tree in &plan.trees {
        let folder = &tree.folder;
        let logins = plan.grants.iter().filter(|grant| grant.folders.contains(folder));
        sections.push(format!("<Directory \"${{TIEOUT_SITE}}/{folder}\">"));
        sections.push(format!("    ErrorDocument 404 /{folder}/404.html"));
        sections.extend(only(logins.map(|grant| exactly(&grant.login))));
        sections.push("</Directory>".to_owned());
    }
    let home = plan.grants.iter().filter_map(|grant| {
        let folder = grant.folders.first()?;
        let who = exactly(&grant.login);
        Some(format!("RewriteCond %{{REMOTE_USER}} \"^{who}$\"\n    RewriteRule \"^$\" \"/{folder}/index.html\" [R=302,L]"))
    });
    let anywhere = only(plan.grants.iter().map(|grant| exactly(&grant.login)));
    let nobody = lines("", only([]));
    let policies = rules.policies.iter().rev().map(|rule| {
        // The last one that matches holds, so the first rule comes last.
        format!(
            "Header always set Content-Security-Policy \"{}\" \"expr=%{{REQUEST_URI}} =~ m#{}#\"",
            rule.value, rule.pattern
        )
    });
    let headers = rules::HEADERS.iter().map(|(name, value)| format!("Header always set {name} \"{value}\""));
    let types = rules::TYPES.iter().map(|(end, media)| format!("AddType \"{media}\" .{end}"));
    let is_good = "%{REQUEST_STATUS} in {'200', '206', '304'}";
    let caches = [
        format!("Header always set Cache-Control \"{}\"", rules::NEVER),
        format!("Header always set Cache-Control \"{}\" \"expr={is_good}\"", rules::ASK_AGAIN),
        format!(
            "Header always set Cache-Control \"{}\" \"expr={is_good} && %{{REQUEST_URI}} =~ m#{}#\"",
            rules::FOR_GOOD,
            rules.for_good
        ),
    ];
    let rest = ours(
        texts,
        "apache/tieout.conf",
        "tieout.conf",
        &[
            ("TREES", &lines("", sections)),
            ("HOME", &lines("    ", home)),
            ("LOGINS", &lines("", anywhere)),
            ("NOBODY", &nobody),
            ("HEADERS", &lines("    ", headers)),
            ("POLICY", &format!("\"{}\"", rules.policy)),
            ("POLICIES", &lines("    ", policies)),
            ("POLICY_OF_ERRORS", &format!("\"{}\"", rules.policy_of_errors)),
            ("CACHES", &lines("    ", caches)),
            ("TYPES", &lines("    ", types)),
            ("TYPE_OF_THE_REST", &format!("\"{}\"", rules::TYPE_OF_THE_REST)),
        ],
    )?;
    Ok(vec![
        ours(texts, "apache/README.md", "README.md", &[])?,
        yours(texts, "apache/site.conf", "site.conf")?,
        rest,
    ])
}

/// Lets these logins in and no other: who gives none is asked for it, and another one is refused.
///
/// A plain `Require expr` would ask another login again and again, since Apache takes a user in an expression that does not
/// hold for one that is missing. So the others are named.
fn only(logins: impl IntoIterator<Item = String>) -> [String; 6] {
    let logins: Vec<String> = logins.into_iter().collect();
    // Without any, a pattern that nothing matches.
    let logins = if logins.is_empty() { "(?!)".to_owned() } else { logins.join("|") };
    [
        "    <RequireAll>".to_owned(),
        "        Require valid-user".to_owned(),
        "        <RequireNone>".to_owned(),
        format!("            Require expr -n %{{REMOTE_USER}} && !(%{{REMOTE_USER}} =~ m#^(?:{logins})$#)"),
        "        </RequireNone>".to_owned(),
        "    </RequireAll>".to_owned(),
    ]
}

//! Alibaba Cloud OSS: which RAM user reads which folder, and the headers of a CDN in front.

use serde_json::{Value, json};

use crate::error::Error;

use super::super::rules::{self, Rules};
use super::super::trees::shown;
use super::super::{Plan, ServerFile, Texts};
use super::{data, text};

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    // A policy knows users by their number; a name would be taken for nobody, or by `*` for everybody.
    let is_number = |login: &str| login.len() >= 5 && login.bytes().all(|byte| byte.is_ascii_digit());
    let wrong: Vec<String> = plan
        .grants
        .iter()
        .filter(|grant| !is_number(&grant.login))
        .map(|grant| format!("`{}`", shown(&grant.login)))
        .collect();
    if !wrong.is_empty() {
        return Err(Error::Usage {
            message: format!("for OSS a login is the number (UID) of a RAM user, and these are none: {}", wrong.join(", ")),
            help: "write the UIDs into a list of their own and name it with --logins, or put nginx or Caddy in front".to_owned(),
        });
    }
    Ok(vec![
        text(texts, "oss/README.md", "README.md", &[])?,
        data("bucket-policy.json", &bucket_policy(plan)),
        data("cdn-functions.json", &cdn_functions(rules)),
    ])
}

fn bucket_policy(plan: &Plan) -> Value {
    let resource = |path: &str| format!("acs:oss:*:*:YOUR-BUCKET/{path}");
    let mut statements = Vec::new();
    for tree in &plan.trees {
        let folder = &tree.folder;
        let users: Vec<&str> = plan
            .grants
            .iter()
            .filter(|grant| grant.folders.contains(folder))
            .map(|grant| grant.login.as_str())
            .collect();
        // An empty list means everybody.
        if users.is_empty() {
            continue;
        }
        statements.push(json!({
            "Effect": "Allow",
            "Action": ["oss:GetObject"],
            "Principal": users,
            "Resource": [resource(&format!("{folder}/*"))]
        }));
        statements.push(json!({
            "Effect": "Allow",
            "Action": ["oss:ListObjects"],
            "Principal": users,
            "Resource": ["acs:oss:*:*:YOUR-BUCKET"],
            "Condition": {"StringLike": {"oss:Prefix": [format!("{folder}/*")]}}
        }));
    }
    let hidden = [resource("customer/*/trees.csv"), resource("manifest.json"), resource("SHA256SUMS")];
    statements
        .push(json!({"Effect": "Deny", "Action": ["oss:GetObject"], "Principal": ["*"], "Resource": hidden}));
    json!({"Version": "1", "Statement": statements})
}

/// The value of `Functions` of BatchSetCdnDomainConfig.
fn cdn_functions(rules: &Rules) -> Value {
    let function = |name: &str, arguments: &[(&str, &str)]| {
        let arguments: Vec<Value> =
            arguments.iter().map(|(name, value)| json!({"argName": name, "argValue": value})).collect();
        json!({"functionName": name, "functionArgs": arguments})
    };
    let header = |name: &str, value: &str| function("set_resp_header", &[("key", name), ("value", value)]);
    let mut functions = vec![header("Content-Security-Policy", &rules.policy_of_all)];
    functions.extend(rules::HEADERS.iter().map(|(name, value)| header(name, value)));
    functions.push(header("Cache-Control", rules::ASK_AGAIN));
    Value::from(functions)
}

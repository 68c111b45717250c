//! Azure Static Web Apps: a role for each tree, routes that want it, and the function that says which roles a reader has.

use serde_json::{Map, Value, json};

use crate::error::Error;

use super::super::rules::{self, Rules};
use super::super::{Plan, ServerFile, Texts, Tree};
use super::{data, text};

/// What Azure takes: bytes of the configuration, and files of the app.
const CONFIG_BYTES_MAX: usize = 20 * 1024;
const FILES_MAX: usize = 15_000;

/// The role of a route that nobody has.
const NOBODY: &str = "tieout_nobody";

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let mut config = data("staticwebapp.config.json", &config(plan, rules));
    if config.text.len() > CONFIG_BYTES_MAX {
        // Without line breaks and blanks.
        config.text = self::config(plan, rules).to_string();
    }
    let refuse = |message: String| {
        let help = "put customers into apps of their own, or use nginx, caddy or apache".to_owned();
        Err(Error::Usage { message, help })
    };
    if config.text.len() > CONFIG_BYTES_MAX {
        let (trees, bytes) = (plan.trees.len(), config.text.len());
        return refuse(format!("the rules of {trees} trees have {bytes} bytes, and Azure takes 20 KB"));
    }
    let files: usize = plan.trees.iter().map(|tree| tree.files).sum();
    if files > FILES_MAX {
        return refuse(format!("the site has {files} files, and Azure takes {FILES_MAX}"));
    }
    let roles: Map<String, Value> = plan
        .grants
        .iter()
        .map(|grant| {
            // Names of accounts do not tell Ana from ana; the list has no two that differ in that alone.
            let roles: Vec<String> = grant.folders.iter().map(|folder| role(folder)).collect();
            (grant.login.to_lowercase(), json!(roles))
        })
        .collect();
    let bindings = json!({
        "bindings": [
            {"authLevel": "anonymous", "type": "httpTrigger", "direction": "in", "name": "req", "methods": ["post"]},
            {"type": "http", "direction": "out", "name": "res"}
        ]
    });
    Ok(vec![
        text(texts, "azure/README.md", "README.md", &[])?,
        data("api/GetRoles/function.json", &bindings),
        text(texts, "azure/GetRoles.js", "api/GetRoles/index.js", &[])?,
        data("api/GetRoles/roles.json", &Value::from(roles)),
        data("api/host.json", &json!({"version": "2.0"})),
        config,
    ])
}

/// A role has letters, digits and underscores; folders have `-` and `/` besides, which become two different runs of them.
fn role(folder: &str) -> String {
    format!("tieout_{}", folder.replace('-', "__").replace('/', "_"))
}

fn config(plan: &Plan, rules: &Rules) -> Value {
    let mut routes = vec![json!({"route": "/.auth/*", "allowedRoles": ["anonymous"]})];
    for tree in &plan.trees {
        routes.extend(of_tree(tree));
    }
    routes.push(json!({"route": "/*", "allowedRoles": [NOBODY]}));
    let mut headers = Map::new();
    headers.insert("Content-Security-Policy".to_owned(), json!(rules.policy_of_all));
    headers.insert("Cache-Control".to_owned(), json!(rules::ASK_AGAIN));
    headers.extend(rules::HEADERS.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    let types: Map<String, Value> =
        rules::TYPES.iter().map(|(end, media)| (format!(".{end}"), json!(media))).collect();
    json!({
        "auth": {
            "rolesSource": "/api/GetRoles",
            "identityProviders": {
                "azureActiveDirectory": {
                    "registration": {
                        "openIdIssuer": "https://login.microsoftonline.com/YOUR-TENANT/v2.0",
                        "clientIdSettingName": "AZURE_CLIENT_ID",
                        "clientSecretSettingName": "AZURE_CLIENT_SECRET"
                    }
                }
            }
        },
        "routes": routes,
        "responseOverrides": {"401": {"statusCode": 302, "redirect": "/.auth/login/aad"}},
        "globalHeaders": headers,
        "mimeTypes": types
    })
}

/// The first route that matches holds, with its roles, so each names them.
fn of_tree(tree: &Tree) -> Vec<Value> {
    let (folder, role) = (&tree.folder, role(&tree.folder));
    vec![
        json!({
            "route": format!("/{folder}/assets/*"),
            "allowedRoles": [role],
            "headers": {"Cache-Control": rules::FOR_GOOD}
        }),
        json!({"route": format!("/{folder}/*"), "allowedRoles": [role], "methods": ["GET", "HEAD"]}),
    ]
}

//! S3 behind CloudFront: a private bucket, a function that asks who it is, and one that adds what the bucket does not say.
//!
//! A function may have 10 KB, so who may read what is not in it but in a key-value store: `may LOGIN` names the trees.

use serde_json::{Value, json};

use crate::error::Error;

use super::super::rules::{self, Rules};
use super::super::{Plan, ServerFile, Texts};
use super::{data, text};

/// What a function, and a file of a key-value store, may have.
const FUNCTION_BYTES_MAX: usize = 10 * 1024;
const VALUE_CHARS_MAX: usize = 1024;

pub(in super::super) fn files(plan: &Plan, rules: &Rules, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let pairs: Vec<Value> = plan
        .grants
        .iter()
        .map(|grant| json!({"key": format!("may {}", grant.login), "value": grant.folders.join(" ")}))
        .collect();
    if let Some(grant) = plan.grants.iter().find(|grant| grant.folders.join(" ").len() > VALUE_CHARS_MAX) {
        return Err(Error::Usage {
            message: format!(
                "the login `{}` has more trees than a value of CloudFront's store holds",
                grant.login
            ),
            help: "give it fewer, or use nginx, caddy or apache".to_owned(),
        });
    }
    let script = |value: &Value| value.to_string();
    let headers: Value =
        rules::HEADERS.iter().map(|(name, value)| json!([name.to_lowercase(), value])).collect();
    let request = text(
        texts,
        "s3-cloudfront/request.js",
        "request.js",
        &[("HEADERS", &script(&headers)), ("POLICY_OF_ERRORS", &script(&json!(rules.policy_of_errors)))],
    )?;
    let policies: Value = rules.policies.iter().map(|rule| json!([rule.pattern, rule.value])).collect();
    let types: Value = rules::TYPES
        .iter()
        .map(|(end, media)| ((*end).to_owned(), json!(media)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let response = text(
        texts,
        "s3-cloudfront/response.js",
        "response.js",
        &[
            ("HEADERS", &script(&headers)),
            ("POLICIES", &script(&policies)),
            ("POLICY", &script(&json!(rules.policy))),
            ("FOR_GOOD_PATHS", &script(&json!(rules.for_good))),
            ("FOR_GOOD", &script(&json!(rules::FOR_GOOD))),
            ("ASK_AGAIN", &script(&json!(rules::ASK_AGAIN))),
            ("TYPES", &script(&types)),
            ("TYPE_OF_THE_REST", &script(&json!(rules::TYPE_OF_THE_REST))),
        ],
    )?;
    for function in [&request, &response] {
        if function.text.len() > FUNCTION_BYTES_MAX {
            return Err(Error::Usage {
                message: format!(
                    "{} has {} bytes, and CloudFront takes 10 KB",
                    function.path,
                    function.text.len()
                ),
                help: "shorten templates/hosting/s3-cloudfront, or use nginx, caddy or apache".to_owned(),
            });
        }
    }
    Ok(vec![
        text(texts, "s3-cloudfront/README.md", "README.md", &[])?,
        data("bucket-policy.json", &bucket_policy(plan)),
        data("headers-policy.json", &headers_policy(rules)),
        data("logins.json", &json!({"data": pairs})),
        request,
        response,
    ])
}

/// Only this distribution reads the bucket, and nobody without TLS.
fn bucket_policy(plan: &Plan) -> Value {
    let mut tops: Vec<&str> = plan.trees.iter().filter_map(|tree| tree.folder.split('/').next()).collect();
    tops.dedup();
    let resources: Vec<String> = tops.iter().map(|top| format!("arn:aws:s3:::YOUR-BUCKET/{top}/*")).collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyTheDistribution",
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": resources,
                "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::YOUR-ACCOUNT:distribution/YOUR-DISTRIBUTION"}}
            },
            {
                "Sid": "NeverWithoutTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::YOUR-BUCKET", "arn:aws:s3:::YOUR-BUCKET/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}
            }
        ]
    })
}

/// Headers also where no function runs, as on errors of the bucket. The function's policy, which is per page, stands.
fn headers_policy(rules: &Rules) -> Value {
    let with_field = ["X-Content-Type-Options", "Referrer-Policy"];
    let custom: Vec<Value> = rules::HEADERS
        .iter()
        .filter(|(name, _)| !with_field.contains(name))
        .map(|(name, value)| json!({"Header": name, "Value": value, "Override": true}))
        .collect();
    json!({
        "Name": "tieout",
        "Comment": "Made by tieout hosting s3-cloudfront",
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"Override": false, "ContentSecurityPolicy": rules.policy_of_all},
            "ContentTypeOptions": {"Override": true},
            "ReferrerPolicy": {"Override": true, "ReferrerPolicy": "no-referrer"}
        },
        "CustomHeadersConfig": {"Quantity": custom.len(), "Items": custom}
    })
}

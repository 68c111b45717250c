//! Who may read which tree: the rows of `logins.csv`, checked against the site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::Error;
use crate::fs;

use super::trees::{CUSTOMER, Tree, shown};

const HEADER: [&str; 3] = ["login", "audience", "customer_id"];
/// Longer names are no names; key-value stores take 512 bytes.
const LOGIN_BYTES_MAX: usize = 200;

/// What a login reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The name that the server's own login, or the one in front of it, gives the reader.
    pub login: String,
    /// Folders of trees, sorted; a customer's login has exactly one.
    pub folders: Vec<String>,
}

/// Reads the list. It says who, and never with which password.
///
/// # Errors
/// [`Error::Usage`] with every row that cannot be used, each with its line; [`Error::Read`].
pub(super) fn read(path: &Path, trees: &[Tree]) -> Result<Vec<Grant>, Error> {
    let refuse = |problems: &[String]| Error::Usage {
        message: format!("`{}` cannot be used:\n  {}", path.display(), problems.join("\n  ")),
        help: format!(
            "correct the lines; the file has the columns {}, and the trees of the site are in internal/data/trees.csv",
            HEADER.join(",")
        ),
    };
    let bytes = fs::read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refuse(&["it is not UTF-8".to_owned()]))?;
    parse(text, trees).map_err(|problems| refuse(&problems))
}

/// One row that names something the site has.
struct Row {
    line: u64,
    folder: String,
    is_customer: bool,
}

fn parse(text: &str, trees: &[Tree]) -> Result<Vec<Grant>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => return Err(vec![error.to_string()]),
    };
    if header != HEADER {
        return Err(vec![format!("line 1: the columns are `{}`", shown(&header.join(",")))]);
    }
    let mut problems = Vec::new();
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    // Servers differ in whether they tell Ana from ana.
    let mut spellings: BTreeMap<String, (String, u64)> = BTreeMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != HEADER.len() {
            problems.push(format!("line {line}: it has {} cells instead of {}", record.len(), HEADER.len()));
            continue;
        }
        let (login, audience, customer) = (&record[0], &record[1], &record[2]);
        if let Err(why) = check_login(login) {
            problems.push(format!("line {line}: the login `{}` {why}", shown(login)));
            continue;
        }
        let (spelling, first) =
            spellings.entry(login.to_lowercase()).or_insert_with(|| (login.to_owned(), line));
        if spelling != login {
            problems.push(format!(
                "line {line}: the login `{}` is `{}` of line {first} in other case",
                shown(login),
                shown(spelling)
            ));
            continue;
        }
        match folder_of(audience, customer, trees) {
            Ok(tree) => rows.entry(login.to_owned()).or_default().push(Row {
                line,
                folder: tree.folder.clone(),
                is_customer: tree.is_customer(),
            }),
            Err(why) => problems.push(format!("line {line}: {why}")),
        }
    }
    for (login, rows) in &rows {
        if let Some(row) = rows.iter().find(|row| row.is_customer)
            && let Some(other) = rows.iter().find(|other| other.line != row.line)
        {
            problems.push(format!(
                "line {}: the login `{}` of a customer has another row in line {}; a customer's login reaches one folder, so give \
                 the other a login of its own",
                row.line.max(other.line),
                shown(login),
                row.line.min(other.line)
            ));
        }
        let mut seen = BTreeSet::new();
        for row in rows.iter().filter(|row| !row.is_customer) {
            if !seen.insert(&row.folder) {
                problems.push(format!(
                    "line {}: the login `{}` has this row already",
                    row.line,
                    shown(login)
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(rows.into_iter().map(|(login, rows)| grant(login, rows)).collect())
    } else {
        // In the order of the file.
        problems.sort_by_key(|problem| {
            let number = problem.strip_prefix("line ").and_then(|rest| rest.split(':').next());
            number.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
        });
        Err(problems)
    }
}

fn grant(login: String, rows: Vec<Row>) -> Grant {
    let folders: BTreeSet<String> = rows.into_iter().map(|row| row.folder).collect();
    Grant { login, folders: folders.into_iter().collect() }
}

/// Why a login is none, if so, as the end of a sentence. Everything else is data, whatever it looks like.
fn check_login(login: &str) -> Result<(), String> {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if login.is_empty() {
        Err("is empty".to_owned())
    } else if login.len() > LOGIN_BYTES_MAX {
        Err(format!("is longer than {LOGIN_BYTES_MAX} bytes"))
    } else if login.contains(is_hidden) {
        Err("holds a character that cannot be seen".to_owned())
    } else if login.contains(':') {
        Err("holds a colon, which ends the name in HTTP".to_owned())
    } else if login.trim() != login {
        Err("begins or ends with a blank".to_owned())
    } else {
        Ok(())
    }
}

fn folder_of<'t>(audience: &str, customer: &str, trees: &'t [Tree]) -> Result<&'t Tree, String> {
    if audience == CUSTOMER {
        if customer.is_empty() {
            return Err("the audience is `customer`, and customer_id is empty".to_owned());
        }
        let found = trees.iter().find(|tree| tree.customer.as_deref() == Some(customer));
        return found.ok_or_else(|| format!("the site has no tree for the customer `{}`", shown(customer)));
    }
    if !customer.is_empty() {
        return Err(format!(
            "the audience `{}` is internal, and customer_id is `{}`; leave it empty, or write the audience customer",
            shown(audience),
            shown(customer)
        ));
    }
    let found = trees.iter().find(|tree| !tree.is_customer() && tree.audience == audience);
    found.ok_or_else(|| {
        let known: Vec<&str> =
            trees.iter().filter(|tree| !tree.is_customer()).map(|tree| tree.audience.as_str()).collect();
        format!("the site has no audience `{}`; it has {}", shown(audience), known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trees() -> Vec<Tree> {
        let tree = |folder: &str, audience: &str, customer: Option<&str>| Tree {
            folder: folder.to_owned(),
            audience: audience.to_owned(),
            customer: customer.map(str::to_owned),
            policy: String::new(),
            policy_of_missing: String::new(),
            files: 0,
        };
        vec![
            tree("customer/0123456789abcdef0123456789abcdef", "customer", Some("C-1")),
            tree("internal", "internal", None),
            tree("sales", "sales", None),
        ]
    }

    #[test]
    fn each_login_reaches_what_its_rows_say() {
        // Goal: internal logins may have several trees, a customer's has its own. Method: rows in any order.
        let text = "login,audience,customer_id\nbob,sales,\nana,customer,C-1\nbob,internal,\n";
        let grants = parse(text, &trees()).unwrap();
        let expected =
            [("ana", vec!["customer/0123456789abcdef0123456789abcdef"]), ("bob", vec!["internal", "sales"])];
        let found: Vec<(&str, Vec<&str>)> = grants
            .iter()
            .map(|grant| (grant.login.as_str(), grant.folders.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_row_that_cannot_be_used_is_named_with_its_line() {
        // Goal: one run tells everything that is wrong. Method: one row for each rule, all in one file.
        let text = "login,audience,customer_id\nana,customer,C-1\nana,internal,\nx,customer,C-9\ny,finance,\nz,customer,\n\
            w,internal,C-1\n\"a\nb\",internal,\nc:d,internal,\n,internal,\n e,internal,\nf,internal\ng,internal,\ng,internal,\n\
            G,internal,\n\u{202e}h,internal,\n";
        let problems = parse(text, &trees()).unwrap_err();
        let expected = [
            "line 3: the login `ana` of a customer has another row in line 2",
            "line 4: the site has no tree for the customer `C-9`",
            "line 5: the site has no audience `finance`; it has internal, sales",
            "line 6: the audience is `customer`, and customer_id is empty",
            "line 7: the audience `internal` is internal, and customer_id is `C-1`",
            "line 8: the login `a\\nb` holds a character that cannot be seen",
            "line 10: the login `c:d` holds a colon",
            "line 11: the login `` is empty",
            "line 12: the login ` e` begins or ends with a blank",
            "line 13: it has 2 cells instead of 3",
            "line 15: the login `g` has this row already",
            "line 16: the login `G` is `g` of line 14 in other case",
            "line 17: the login `\\u{202e}h` holds a character that cannot be seen",
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}\n{expected}");
        }
        assert!(parse("user,audience,customer_id\n", &trees()).unwrap_err()[0].contains("the columns are"));
    }
}

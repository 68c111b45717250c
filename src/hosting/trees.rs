//! The trees of a finished site: their folders, whose they are, and the policy that their pages state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::Error;
use crate::fs;
use crate::publish::manifest;

use super::rules::policy_of;

/// The audience of the trees that have a customer.
pub(super) const CUSTOMER: &str = "customer";
/// In an internal tree: which folder is whose (contract, section 6).
const TREES: &str = "data/trees.csv";
/// Digits in the name of a customer's folder.
const KEY_DIGITS: usize = 32;

/// One tree of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Below the site: `internal`, `sales` or `customer/` and 32 hexadecimal digits.
    pub folder: String,
    /// For whom it is: `customer`, or the name of an internal audience.
    pub audience: String,
    /// The customer, of a customer's tree.
    pub customer: Option<String>,
    /// The Content-Security-Policy of its pages.
    pub policy: String,
    /// The Content-Security-Policy of its `404.html`.
    pub policy_of_missing: String,
    /// How many files it has, itself and its manifest included.
    pub files: usize,
}

impl Tree {
    /// Whether it is a customer's.
    pub fn is_customer(&self) -> bool {
        self.customer.is_some()
    }
}

/// Reads the trees of a site, sorted by folder.
///
/// # Errors
/// [`Error::Usage`]: there is no site, or its lists of trees do not agree. [`Error::Content`]: a page has no policy.
pub(super) fn read(site: &Path) -> Result<Vec<Tree>, Error> {
    let help = "build the site first, or name its folder with --site".to_owned();
    let Some(top) = manifest::read(site)? else {
        let message = format!("`{}` holds no site of tieout", site.display());
        return Err(Error::Usage { message, help });
    };
    if top.trees.is_empty() {
        let message = format!("`{}` is one tree, and a server needs the folder above it", site.display());
        return Err(Error::Usage { message, help });
    }
    let owners = owners(site, &top.trees)?;
    let mut problems = Vec::new();
    for folder in owners.keys().filter(|folder| !top.trees.contains(folder)) {
        problems.push(format!("{TREES} names the folder `{}`, which the site does not have", shown(folder)));
    }
    let mut trees = Vec::new();
    for folder in &top.trees {
        let Some((audience, customer)) = owners.get(folder) else {
            problems.push(format!("{TREES} does not say whose the folder `{}` is", shown(folder)));
            continue;
        };
        if let Err(why) = check(folder, audience, customer.as_deref()) {
            problems.push(format!("the folder `{}`: {why}", shown(folder)));
            continue;
        }
        trees.push((folder.clone(), audience.clone(), customer.clone()));
    }
    if !problems.is_empty() {
        let message =
            format!("the trees of `{}` are not clear:\n  {}", site.display(), problems.join("\n  "));
        return Err(Error::Usage { message, help: "build the site again".to_owned() });
    }
    let mut found = Vec::new();
    for (folder, audience, customer) in trees {
        let policy = policy_of_page(site, &folder, "index.html")?;
        let policy_of_missing = policy_of_page(site, &folder, "404.html")?;
        let files = manifest::read(&site.join(&folder))?.map_or(0, |manifest| manifest.files.len() + 2);
        found.push(Tree { folder, audience, customer, policy, policy_of_missing, files });
    }
    found.sort_by(|a, b| a.folder.cmp(&b.folder));
    // One rule holds for the folders of all customers.
    let mut customers = found.iter().filter(|tree| tree.is_customer());
    if let Some(first) = customers.next()
        && let Some(other) = customers
            .find(|tree| (&tree.policy, &tree.policy_of_missing) != (&first.policy, &first.policy_of_missing))
    {
        return Err(Error::Usage {
            message: format!(
                "the pages of `{}` and `{}` state different policies",
                first.folder, other.folder
            ),
            help: "build all customers' trees with the same templates".to_owned(),
        });
    }
    Ok(found)
}

/// The policy that a page states.
fn policy_of_page(site: &Path, folder: &str, page: &str) -> Result<String, Error> {
    let path = site.join(folder).join(page);
    let html = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    policy_of(&html).ok_or_else(|| Error::Content {
        problems: vec![format!(
            "`{}` has no Content-Security-Policy that a header could repeat",
            path.display()
        )],
    })
}

/// Folder → audience and customer, as the internal tree says.
type Owners = BTreeMap<String, (String, Option<String>)>;

fn owners(site: &Path, folders: &[String]) -> Result<Owners, Error> {
    let mut owners = Owners::new();
    for folder in folders {
        let path = site.join(folder).join(TREES);
        if fs::kind(&path)? != Some(fs::Kind::File) {
            continue;
        }
        if folder.starts_with("customer/") {
            let message = format!("`{}` would tell a customer who the others are", path.display());
            return Err(Error::Usage {
                message,
                help: "build the site again; publish nothing of it".to_owned(),
            });
        }
        let bytes = fs::read(&path)?;
        let unreadable = |why: String| Error::Usage {
            message: format!("`{}` cannot be read: {why}", path.display()),
            help: "build the site again".to_owned(),
        };
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        for record in reader.deserialize() {
            let (audience, customer, folder): (String, String, String) =
                record.map_err(|error| unreadable(error.to_string()))?;
            let customer = unguarded(&customer);
            let customer = (!customer.is_empty()).then(|| customer.to_owned());
            let new = (audience, customer);
            if let Some(old) = owners.get(&folder)
                && *old != new
            {
                return Err(unreadable(format!("the folder `{}` has two owners", shown(&folder))));
            }
            owners.insert(folder, new);
        }
    }
    let customers: Vec<&str> = owners.values().filter_map(|(_, customer)| customer.as_deref()).collect();
    let distinct: BTreeSet<&str> = customers.iter().copied().collect();
    if distinct.len() != customers.len() {
        let message = format!("{TREES} gives a customer two folders");
        return Err(Error::Usage { message, help: "build the site again".to_owned() });
    }
    Ok(owners)
}

/// A cell without the mark in front that keeps a spreadsheet from taking it for a formula.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => rest,
        Some(_) | None => cell,
    }
}

/// Why the folder cannot be one of that audience, if so. Only these shapes reach a configuration unescaped.
fn check(folder: &str, audience: &str, customer: Option<&str>) -> Result<(), &'static str> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let key = folder.strip_prefix("customer/");
    match (audience == CUSTOMER, customer) {
        (true, None) => Err("a tree for a customer names none"),
        (false, Some(_)) => Err("it is internal and names a customer"),
        (true, Some(_)) => {
            let is_key = |key: &str| {
                key.len() == KEY_DIGITS
                    && key.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            };
            if key.is_some_and(is_key) {
                Ok(())
            } else {
                Err("a customer's folder is `customer/` and 32 hexadecimal digits in lower case")
            }
        }
        (false, None) if folder == CUSTOMER || !is_name(folder) => {
            Err("an internal folder is one name of lower-case letters, digits and -")
        }
        (false, None) => Ok(()),
    }
}

/// A value as a message shows it.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let cut: String = text.chars().take(SHOWN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", cut.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_shapes_of_folders_reach_a_configuration() {
        // Goal: a folder can be written into any syntax. Method: each shape, and names that would not stay one.
        let key = "0123456789abcdef0123456789abcdef";
        assert!(check("internal", "internal", None).is_ok());
        assert!(check("sales-eu", "sales", None).is_ok());
        assert!(check(&format!("customer/{key}"), "customer", Some("C")).is_ok());
        for folder in ["", "customer", "a b", "a\"b", "a/b", "..", "A", "a.b", "a;b"] {
            assert!(check(folder, "internal", None).is_err(), "{folder}");
        }
        for folder in
            [key.to_owned(), format!("customer/{}", &key[1..]), format!("customer/{}", key.to_uppercase())]
        {
            assert!(check(&folder, "customer", Some("C")).is_err(), "{folder}");
        }
        assert!(check(&format!("customer/{key}"), "customer", None).is_err());
        assert!(check("internal", "internal", Some("C")).is_err());
    }
}

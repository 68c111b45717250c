//! Which files of a snapshot folder a source is about, and what their names say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// What a file name says: the name of a part and its text.
pub type Parts = BTreeMap<String, String>;

/// The part of a name that counts the pieces of one extract; the other parts tell extracts apart.
pub const PIECE: &str = "part";

/// The names of the files of a source.
#[derive(Debug, Clone)]
pub struct FileNames(Vec<Regex>);

impl FileNames {
    /// Reads patterns such as `bills/{period}_FY{fiscal_year}_{program}_{uid}.xlsx`.
    ///
    /// `*` is any text of one folder or file name, `{name}` too, and what it stands for can fill a column. `{period}` is a
    /// month in digits (`202605`, `2026-05`, `2026_05`), `{part}` the number of a piece of a split file. Letters are equal
    /// in either case.
    ///
    /// # Errors
    /// What is wrong with a pattern, in words.
    pub fn new(patterns: &[String]) -> Result<FileNames, String> {
        patterns.iter().map(|pattern| compile(pattern)).collect::<Result<_, _>>().map(FileNames)
    }

    /// What the path, relative to the snapshot folder, says; nothing where no pattern fits.
    pub fn matches(&self, path: &str) -> Option<Parts> {
        self.0.iter().find_map(|pattern| {
            let found = pattern.captures(path)?;
            let named = pattern.capture_names().flatten();
            Some(
                named
                    .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())))
                    .collect(),
            )
        })
    }
}

static MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("(?:^|[^0-9])(20[0-9]{2}[-_]?(?:0[1-9]|1[0-2]))(?:$|[^0-9_-]|[-_](?:$|[^0-9]))").ok()
});

/// A month in the path of a file, and no day behind it.
pub fn month_in(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    Some(MONTH.as_ref()?.captures(name)?.get(1)?.as_str())
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let mut regex = String::from("^");
    let mut rest = pattern;
    while let Some(at) = rest.find(['*', '{']) {
        regex.push_str(&regex::escape(&rest[..at]));
        if rest[at..].starts_with('*') {
            regex.push_str("[^/]*");
            rest = &rest[at + 1..];
            continue;
        }
        let end = rest[at..].find('}').map(|offset| at + offset);
        let end = end.ok_or_else(|| format!("files: `{pattern}` has a `{{` without `}}`"))?;
        let name = &rest[at + 1..end];
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_name {
            return Err(format!(
                "files: `{{{name}}}` in `{pattern}` is not a name of small letters, digits and _"
            ));
        }
        let text = match name {
            "period" => "[0-9]{4}[-_]?[0-9]{2}",
            PIECE => "[0-9]+",
            _ => "[^/]+?",
        };
        regex.push_str(&format!("(?<{name}>{text})"));
        rest = &rest[end + 1..];
    }
    regex.push_str(&regex::escape(rest));
    regex.push('$');
    RegexBuilder::new(&regex)
        .case_insensitive(true)
        .build()
        .map_err(|_| format!("files: `{pattern}` names a part twice, or is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pattern: &str, path: &str) -> Option<String> {
        let names = FileNames::new(&[pattern.to_owned()]).unwrap();
        let parts = names.matches(path)?;
        Some(parts.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_name_says_period_policy_and_account() {
        // Goal: what only the name of a file says is found (formats 1.1). Method: the documented name, a look-alike.
        let pattern = "{period}_FY{fiscal_year}_{program}_{uid}.xlsx";
        assert_eq!(
            parts(pattern, "202606_FY27_TEST_4397912340.xlsx").unwrap(),
            "fiscal_year=27 period=202606 program=TEST uid=4397912340"
        );
        // A policy with the separator in it: the account is what stands behind the last one.
        assert!(
            parts(pattern, "202606_FY27_NEW_LOGO_4397912340.xlsx").unwrap().ends_with("uid=LOGO_4397912340")
        );
        assert_eq!(
            parts(pattern, "2026-06_FY27_A_1.XLSX").unwrap(),
            "fiscal_year=27 period=2026-06 program=A uid=1"
        );
        assert_eq!(parts(pattern, "summary.xlsx"), None);
        assert_eq!(parts("*.csv", "a/b.csv"), None, "a star stays in its folder");
        assert_eq!(parts("a.csv", "axcsv"), None, "a point is a point");
        assert_eq!(parts("bill_{part}.csv", "bill_0012.csv").unwrap(), "part=0012");
    }

    #[test]
    fn a_month_in_a_name_is_no_day() {
        // Goal: a file of a month is told from one of a day. Method: names with months, days, numbers of other things.
        for (name, month) in [
            ("orders_2026-05.csv", Some("2026-05")),
            ("2026-06-18/202605.csv", Some("202605")),
            ("bill-2026_05-final.xlsx", Some("2026_05")),
            ("orders-2026-05-18.csv", None),
            ("orders_20260518.csv", None),
            ("2026-06-18/orders.csv", None),
            ("orders_2026-13.csv", None),
            ("order1202605.csv", None),
        ] {
            assert_eq!(month_in(name), month, "{name}");
        }
    }

    #[test]
    fn a_broken_pattern_is_refused() {
        for pattern in ["{", "a{b", "{Period}.csv", "{a}{a}.csv", "{}.csv", "{1}.csv"] {
            assert!(FileNames::new(&[pattern.to_owned()]).is_err(), "{pattern}");
        }
    }
}

//! How the files of a source are called from now on: what changes from month to month in the name of one file.

use std::collections::BTreeSet;

use crate::ingest::columns::FileKind;
use crate::ingest::grammar;
use crate::ingest::mapping::files::FileNames;

/// A piece of a name: digits, or what is between them.
fn pieces(name: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut was_digit = None;
    for (at, character) in name.char_indices() {
        let is_digit = character.is_ascii_digit();
        if was_digit.is_some_and(|was| was != is_digit) {
            pieces.push(&name[start..at]);
            start = at;
        }
        was_digit = Some(is_digit);
    }
    pieces.push(&name[start..]);
    pieces
}

fn is_month(year: &str, month: &str) -> bool {
    year.len() == 4 && month.len() == 2 && grammar::period(&format!("{year}-{month}")).is_ok()
}

/// The day that a text of digits or digits with `-` or `_` is, as `YYYY-MM-DD`.
fn day(year: &str, month: &str, day: &str) -> Option<String> {
    let day = format!("{year}-{month}-{day}");
    grammar::date(&day).ok().map(|_| day)
}

fn is_between(text: &str) -> bool {
    text == "-" || text == "_"
}

/// Days that the name of a file states, as `YYYY-MM-DD`.
pub(super) fn days(name: &str) -> Vec<String> {
    let pieces = pieces(name);
    let mut days = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if piece.len() == 8 && piece.bytes().all(|b| b.is_ascii_digit()) {
            days.extend(day(&piece[..4], &piece[4..6], &piece[6..]));
        }
        if let [year, one, month, two, of_month, ..] = &pieces[at..]
            && is_between(one)
            && is_between(two)
        {
            days.extend(day(year, month, of_month));
        }
    }
    days
}

/// The pattern of the names of some files of one source; several where they have no common one, and the names themselves
/// where a pattern would take another file as well.
pub(super) fn patterns(names: &[&str], others: &[&str]) -> Vec<String> {
    let each: BTreeSet<String> = names.iter().map(|name| pattern(name, false)).collect();
    let mut found = each.clone();
    if each.len() > 1 {
        let numbered: BTreeSet<String> = names.iter().map(|name| pattern(name, true)).collect();
        found = if numbered.len() == 1 { numbered } else { each };
    }
    let found: Vec<String> = found.into_iter().collect();
    let takes_another =
        FileNames::new(&found).is_ok_and(|of| others.iter().any(|other| of.matches(other).is_some()));
    if takes_another {
        return names.iter().map(|name| name.replace(['{', '}'], "*")).collect();
    }
    found
}

/// A pattern of several members of an archive: what they have in common at both ends.
pub(super) fn member(names: &[String]) -> String {
    let Some(first) = names.first() else { return String::new() };
    let common = |of: fn(&str, &str) -> usize| names.iter().map(|name| of(first, name)).min().unwrap_or(0);
    let front = common(|one, two| {
        one.char_indices()
            .zip(two.chars())
            .take_while(|((_, a), b)| a == b)
            .map(|((at, a), _)| at + a.len_utf8())
            .last()
            .unwrap_or(0)
    });
    let back = common(|one, two| {
        one.chars().rev().zip(two.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    });
    let least = names.iter().map(String::len).min().unwrap_or(0);
    let back = back.min(least.saturating_sub(front));
    // Digits that agree by chance are not what the members are called by.
    let front = first[..front].trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{front}*{}", &first[first.len() - back..].trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Where the extension of a name begins, such as `.csv.gz`: the first point behind which every piece begins with a letter.
fn extension_at(name: &str) -> usize {
    let is_extension = |at: &usize| {
        name[at + 1..].split('.').all(|piece| piece.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    name.match_indices('.').map(|(at, _)| at).find(is_extension).unwrap_or(name.len())
}

/// The pattern of one name; `has_parts` where the last number of it counts pieces.
fn pattern(name: &str, has_parts: bool) -> String {
    let (stem, extension) = name.split_at(extension_at(name));
    let pieces = pieces(stem);
    let mut texts: Vec<String> = Vec::new();
    // The place of the last number that is left as it is.
    let mut number = None;
    let once = |texts: &[String], part: &str| {
        if texts.iter().any(|t| t == part) { "*".to_owned() } else { part.to_owned() }
    };
    let mut at = 0;
    while at < pieces.len() {
        let piece = pieces[at];
        let is_number = piece.bytes().all(|b| b.is_ascii_digit()) && !piece.is_empty();
        let next = |offset: usize| pieces.get(at + offset).copied().unwrap_or("");
        let before = texts.last().map_or("", String::as_str).to_lowercase();
        let (text, used) = if !is_number {
            (piece.replace(['{', '}'], "*"), 1)
        } else if is_between(next(1)) && is_between(next(3)) && day(piece, next(2), next(4)).is_some() {
            ("*".to_owned(), 5)
        } else if is_between(next(1)) && is_month(piece, next(2)) {
            (once(&texts, "{period}"), 3)
        } else if piece.len() == 8 && day(&piece[..4], &piece[4..6], &piece[6..]).is_some() {
            ("*".to_owned(), 1)
        } else if piece.len() == 6 && is_month(&piece[..4], &piece[4..]) {
            (once(&texts, "{period}"), 1)
        } else if piece.len() == 2 && before.ends_with("fy") {
            (once(&texts, "{fiscal_year}"), 1)
        } else if piece.len() >= 9 {
            (once(&texts, "{uid}"), 1)
        } else if before.trim_end_matches(['_', '-', ' ']).ends_with("part") {
            (once(&texts, "{part}"), 1)
        } else {
            number = Some(texts.len());
            (piece.to_owned(), 1)
        };
        texts.push(text);
        at += used;
    }
    if has_parts
        && let Some(place) = number
        && !texts.iter().any(|t| t == "{part}")
    {
        texts[place] = "{part}".to_owned();
    }
    let stem = texts.concat();
    // The documented names of commission files have the policy between the fiscal year and the account (formats 1.1).
    let (front, back) = ("{period}_FY{fiscal_year}_", "_{uid}");
    let stem = match stem.strip_prefix(front).and_then(|rest| rest.strip_suffix(back)) {
        Some(policy) if !policy.is_empty() => format!("{front}{{program}}{back}"),
        _ => stem,
    };
    let extension = extension.replace(['{', '}'], "*");
    // A pattern that says nothing would take every file.
    if label(&stem).is_empty() && !stem.contains("{period}") && !stem.contains("{uid}") {
        return name.replace(['{', '}'], "*");
    }
    format!("{stem}{extension}")
}

/// What a pattern says beside its parts, as one word.
fn label(pattern: &str) -> String {
    let mut words = String::new();
    let mut is_inside = false;
    for character in pattern.chars() {
        match character {
            '{' => is_inside = true,
            '}' => is_inside = false,
            _ if is_inside => continue,
            c if c.is_alphanumeric() => words.extend(c.to_lowercase()),
            _ if words.ends_with('-') || words.is_empty() => {}
            _ => words.push('-'),
        }
    }
    words.trim_end_matches('-').to_owned()
}

/// A name for a source that no other one of its kind has.
pub(super) fn source(pattern: &str, sheet: &str, kind: FileKind, taken: &BTreeSet<String>) -> String {
    let stem = pattern.rsplit('/').next().unwrap_or(pattern).split('.').next().unwrap_or(pattern);
    // A member of an archive is called by its name without the extension.
    let sheet = sheet.split('#').next().unwrap_or(sheet);
    let sheet = sheet.rsplit_once('.').map_or(sheet, |(name, _)| name);
    let words = [label(stem), label(sheet)];
    let mut words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    words.dedup();
    let name = if words.is_empty() { kind.name().to_owned() } else { words.join("-") };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_month_to_month_becomes_a_part() {
        // Goal: the file of the next month is taken by the source of this one (formats 1.1, 1.4, 3.1). Method: documented
        // names and their patterns; each pattern takes its own file.
        for (name, expected) in [
            ("202606_FY27_TEST_4397912340.xlsx", "{period}_FY{fiscal_year}_{program}_{uid}.xlsx"),
            ("202606_FY27_NEW_LOGO_4397912340.xlsx", "{period}_FY{fiscal_year}_{program}_{uid}.xlsx"),
            ("customerBill_202605.csv", "customerBill_{period}.csv"),
            ("bills_2026-05_part_3.csv.gz", "bills_{period}_part_{part}.csv.gz"),
            ("earnings 2026-06-18.csv", "earnings *.csv"),
            ("export_20260618.csv", "export_*.csv"),
            ("佣金202605.xlsx", "佣金{period}.xlsx"),
            ("lines.csv", "lines.csv"),
            ("bills.202605.csv", "bills.{period}.csv"),
            ("bills.", "bills."),
            ("20260618.csv", "20260618.csv"),
            ("a{b}.csv", "a*b*.csv"),
        ] {
            assert_eq!(pattern(name, false), expected, "{name}");
            assert!(FileNames::new(&[expected.to_owned()]).unwrap().matches(name).is_some(), "{name}");
        }
        assert_eq!(patterns(&["bill_1.csv", "bill_2.csv"], &[]), ["bill_{part}.csv"]);
        assert_eq!(patterns(&["a_202605.csv", "a_202606.csv"], &[]), ["a_{period}.csv"]);
        assert_eq!(patterns(&["a.csv", "b.csv"], &[]), ["a.csv", "b.csv"]);
        // Another file that the pattern would take keeps the source to its own.
        assert_eq!(patterns(&["export_20260618.csv"], &["export_lines.csv"]), ["export_20260618.csv"]);
        let members = ["a/订单_202604.csv".to_owned(), "a/订单_202605.csv".to_owned()];
        assert_eq!(member(&members), "a/订单_*.csv");
        assert_eq!(member(&["a.csv".to_owned(), "aa.csv".to_owned()]), "a*.csv");
        assert_eq!(days("earnings 2026-06-18 to 20260619.csv"), ["2026-06-18", "2026-06-19"]);
    }

    #[test]
    fn sources_have_names_of_their_own() {
        // Goal: what is appended does not clash with what is there. Method: a name that is taken, one without letters.
        let taken = BTreeSet::from(["bills".to_owned()]);
        assert_eq!(source("Bills_{period}.csv", "", FileKind::Orders, &taken), "bills-2");
        assert_eq!(source("{period}.csv", "", FileKind::Orders, &taken), "orders");
        assert_eq!(source("{period}.xlsx", "明细", FileKind::RebateLines, &taken), "明细");
    }
}

//! A proposal as text for `tieout.toml`.

use super::table::Table;
use super::{Chosen, Marked, Proposal};
use crate::diagnostic::is_ignorable;
use crate::ingest::columns::FileKind;
use crate::ingest::mapping::spec::{Column, Role, Rows, Sign, Spec, Unit};

/// A text on one line, so that it can be a comment: what is no character to see is spelled out.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_ignorable(character) || "\u{2028}\u{2029}".contains(character) {
            line.extend(character.escape_unicode());
        } else {
            line.push(character);
        }
    }
    line
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Texts as TOML writes a list, without the brackets.
pub(super) fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

fn one_or_many(texts: &[String]) -> String {
    match texts {
        [one] => quoted(one),
        many => format!("[{}]", list(many)),
    }
}

/// The keys that say how the text of a file is laid out and how its amounts are written.
pub(super) fn layout(spec: &Spec, found_out: &[(&'static str, String)]) -> Vec<String> {
    let why = |key: &str| {
        let found = found_out.iter().find(|(known, _)| *known == key);
        found.map_or(String::new(), |(_, why)| {
            format!("  # found out: {}; the next file may not show it", one_line(why))
        })
    };
    let mut lines = Vec::new();
    for (name, value) in [
        ("encoding", &spec.encoding),
        ("delimiter", &spec.delimiter),
        ("quote", &spec.quote),
        ("table", &spec.table),
        ("decimal", &spec.decimal),
        ("thousands", &spec.thousands),
    ] {
        lines.extend(value.iter().map(|text| format!("{name} = {}{}", quoted(text), why(name))));
    }
    for (name, texts) in [("strip", &spec.strip.0), ("empty", &spec.empty.0)] {
        if !texts.is_empty() {
            lines.push(format!("{name} = [{}]", list(texts)));
        }
    }
    lines
}

/// The keys of a source up to its columns.
fn head(spec: &Spec, found_out: &[(&'static str, String)]) -> Vec<String> {
    let mut lines = vec![
        "[[source]]".to_owned(),
        format!("name = {}", quoted(&spec.name)),
        format!("kind = {}", quoted(&spec.kind)),
        format!("files = {}", one_or_many(&spec.files.0)),
    ];
    lines.extend(layout(spec, found_out));
    if !spec.dates.0.is_empty() {
        lines.push(format!("dates = [{}]", list(&spec.dates.0)));
    }
    lines
}

/// A rule for rows.
fn rule(rule: &Rows) -> Vec<String> {
    let mut lines = vec!["[[source.rows]]".to_owned(), format!("column = {}", one_or_many(&rule.column.0))];
    for (name, words) in [("is", &rule.is.0), ("is_not", &rule.is_not.0), ("starts", &rule.starts.0)] {
        if !words.is_empty() {
            lines.push(format!("{name} = {}", one_or_many(words)));
        }
    }
    let role = match rule.role {
        Role::Data => "data",
        Role::Control => "control",
        Role::Information => "information",
        Role::Other => "other",
    };
    lines.push(format!("role = {}", quoted(role)));
    lines
}

/// Rules for rows: those that are sure, and those that a person may take, as comments.
fn marked(marked: &Marked) -> Vec<String> {
    let sign = if marked.is_sure { "#" } else { "# ?" };
    let mut lines = vec![String::new()];
    lines.extend(marked.why.iter().map(|why| format!("{sign} {}", one_line(why))));
    if marked.is_sure {
        lines.extend(rule(&marked.rule));
        return lines;
    }
    let mut left = rule(&marked.rule);
    if let Some(other) = &marked.other {
        left.push(String::new());
        left.extend(head(other, &[]));
        left.push("[source.columns]".to_owned());
        let is_blank = |column: &Column| column.value.as_deref() == Some("");
        left.extend(other.columns.iter().map(|(name, form)| {
            let open = if is_blank(&form.0) { "  # ? fill it in" } else { "" };
            format!("{name} = {}{open}", reading(&form.0))
        }));
        left.extend(other.rows.iter().flat_map(rule));
    }
    lines.extend(left.iter().map(|line| format!("# {line}").trim_end().to_owned()));
    lines
}

/// The block.
pub(super) fn block(proposal: &Proposal, table: &Table) -> String {
    let spec = &proposal.spec;
    let mut lines = vec![format!(
        "# {}: a proposal of `tieout map`; confirm what is marked with ?",
        one_line(&spec.name)
    )];
    if proposal.is_canonical {
        lines.push("# The file is canonical already: it is read without this source.".to_owned());
    }
    lines.extend(head(spec, &proposal.found_out));
    lines.extend(proposal.doubts.iter().map(|doubt| format!("# ? {}", one_line(doubt))));
    lines.extend(proposal.choices.iter().flat_map(|choice| choice.lines()).map(|line| format!("# {line}")));
    lines.push(String::new());
    lines.push("[source.columns]".to_owned());
    for column in proposal.kind.columns() {
        let Some(form) = spec.columns.get(column.name) else { continue };
        let chosen =
            proposal.columns.iter().find(|chosen| proposal.kind.columns()[chosen.column].name == column.name);
        let comment = match chosen {
            Some(chosen) => comment(chosen),
            None => proposal
                .missing
                .iter()
                .find(|missing| proposal.kind.columns()[missing.column].name == column.name)
                .map_or(String::new(), |missing| format!("  # ? {}", missing.without)),
        };
        lines.push(format!("{} = {}{comment}", column.name, reading(&form.0)));
    }
    let evidence: Vec<String> =
        proposal.evidence.iter().map(|(at, _)| format!("`{}`", one_line(&table.header[*at]))).collect();
    if !evidence.is_empty() {
        lines.push(format!("# evidence only: {}", evidence.join(", ")));
    }
    lines.extend(
        proposal
            .evidence
            .iter()
            .filter_map(|(_, why)| why.as_ref())
            .map(|why| format!("# ? {}", one_line(why))),
    );
    lines.extend(proposal.column_choices.iter().map(|choice| format!("# {}", one_line(choice))));
    if !proposal.statuses.is_empty() {
        lines.push(String::new());
        lines.push("[source.statuses]  # ? what the words mean; status_map.csv comes first".to_owned());
        for (word, _, status) in &proposal.statuses {
            match status {
                Some(status) => lines.push(format!("{} = {}", quoted(word), quoted(status.label()))),
                None => lines.push(format!("# {} = \"\"  # ? not known", quoted(word))),
            }
        }
    }
    let has_blank =
        |name: &str| spec.columns.get(name).is_some_and(|form| form.0.value.as_deref() == Some(""));
    if proposal.kind == FileKind::RebateLines && has_blank("status") {
        lines.push(String::new());
        lines.push("# ? what the word that you give for status means, such as".to_owned());
        lines.extend(["# [source.statuses]", "# \"Paid\" = \"Paid\""].map(str::to_owned));
    }
    lines.extend(proposal.marked.iter().flat_map(marked));
    lines.join("\n") + "\n"
}

fn comment(chosen: &Chosen) -> String {
    if chosen.doubts.is_empty() {
        return String::new();
    }
    format!("  # ? {}", one_line(&chosen.doubts.join("; ")))
}

/// How a column is read, as a value.
pub(super) fn reading(column: &Column) -> String {
    if let Some(value) = &column.value {
        return format!("{{ value = {} }}", quoted(value));
    }
    if let Some(part) = &column.part {
        return format!("{{ part = {} }}", quoted(part));
    }
    let mut more = Vec::new();
    if let Some(sign) = column.sign {
        let word = match sign {
            Sign::AsWritten => "as-written",
            Sign::Negate => "negate",
            Sign::Parentheses => "parentheses",
            Sign::Drop => "drop",
        };
        more.push(format!("sign = {}", quoted(word)));
    }
    if let Some(unit) = column.unit {
        let word = match unit {
            Unit::Major => "major",
            Unit::Hundredth => "hundredth",
            Unit::Thousandth => "thousandth",
        };
        more.push(format!("unit = {}", quoted(word)));
    }
    if !column.suffix.0.is_empty() {
        more.push(format!("suffix = {}", one_or_many(&column.suffix.0)));
    }
    for (name, mark) in [("decimal", &column.decimal), ("thousands", &column.thousands)] {
        more.extend(mark.iter().map(|mark| format!("{name} = {}", quoted(mark))));
    }
    if !column.dates.0.is_empty() {
        more.push(format!("dates = [{}]", list(&column.dates.0)));
    }
    if more.is_empty() {
        return one_or_many(&column.from.0);
    }
    format!("{{ from = {}, {} }}", one_or_many(&column.from.0), more.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_toml_reads_them() {
        // Goal: whatever a header holds, the block parses. Method: hostile texts through the parser of the configuration's
        // language, by a document of one key.
        for text in
            ["a\"b", "a\\b", "tab\there", "line\nend", "\u{7f}\u{1}", "订单号/账单号", "#", "'", "=[]"]
        {
            let document = format!("key = {}", quoted(text));
            let read: std::collections::BTreeMap<String, String> = toml::from_str(&document).unwrap();
            assert_eq!(read["key"], text, "{document}");
        }
    }
}

//! What `tieout map` found out, for people and as data.

use serde_json::{Map, Value, json};

use super::shipped::Fit;
use crate::cli::print;
use crate::diagnostic::visible;
use crate::ingest::columns::{Column, Value as Holds};
use crate::ingest::mapping::propose::{self, Look, Proposal, Seen, Share, Table, counted, one_line};

/// How many statuses are listed.
const STATUSES: usize = 40;

/// Says what a table is and how each column is read: by a preset where one fits or `is_asked` for, then by names and values.
pub(super) fn say(seen: &Seen, fit: Option<&Fit>, is_asked: bool) {
    let table = &seen.table;
    let sheet = if table.sheet.is_empty() { String::new() } else { format!(" # {}", visible(&table.sheet)) };
    print::say(&format!("{}{sheet}", seen.files.join(", ")));
    let format = if table.detected.is_empty() {
        "UTF-8, comma, as the canonical files are".to_owned()
    } else {
        table.detected.join(", ")
    };
    print::say(&format!("  read as {format}"));
    print::say(&format!("  row {} is the header: {}", table.header_row, table.why));
    print::say(&format!("  {}{}", counted(table.records, "record"), beside(table)));
    if let Some(fit) = fit {
        fit.say(seen);
        // A preset knows more than names and values, unless the file is another one.
        if !is_asked || !fit.doubt(seen) {
            return print::say("");
        }
        print::say("  what names and values say without it:");
    }
    let Some(proposal) = &seen.proposal else {
        print::say(
            "  no source is proposed: fewer than two of its columns are known; say what it is with --kind",
        );
        return;
    };
    let canonical = if proposal.is_canonical { "; it is canonical and read without a source" } else { "" };
    print::say(&format!("  it gives {}{canonical}", proposal.kind.name()));
    columns(proposal, table);
    evidence(proposal, table);
    statuses(proposal);
    for marked in &proposal.marked {
        let sign = if marked.is_sure { "" } else { "? " };
        for why in &marked.why {
            print::say(&format!("    {:<22} {sign}{}", "rows", one_line(why)));
        }
    }
    for doubt in &proposal.doubts {
        print::say(&format!("  ? {}", one_line(doubt)));
    }
    if !proposal.missing.is_empty() {
        print::say("  what is not there, and what that makes impossible:");
    }
    for missing in &proposal.missing {
        let need = if missing.is_required { "  (required: fill it in)" } else { "" };
        print::say(&format!("    {}{need}", missing.without));
    }
    print::say("");
}

/// Rows that are no records.
fn beside(table: &Table) -> String {
    let rows = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", counted(count, "row")));
    let parts: Vec<String> = [
        rows(table.above, "above the header"),
        rows(table.repeated, "repeating it"),
        rows(table.totals(), "declaring totals"),
        rows(table.subtotals(), "with subtotals"),
        rows(table.notes.0, "with one filled cell"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) }
}

fn columns(proposal: &Proposal, table: &Table) {
    for chosen in &proposal.columns {
        let column = &proposal.kind.columns()[chosen.column];
        let name = column.name;
        let look = &table.looks[chosen.at];
        print::say(&format!(
            "    {name:<22} `{}`: {}; {}{}{}",
            visible(&table.header[chosen.at]),
            chosen.by.in_words(),
            values(look),
            share(look, column),
            chosen.notes.iter().map(|note| format!("; {}", one_line(note))).collect::<String>()
        ));
        for doubt in &chosen.doubts {
            print::say(&format!("    {:<22} ? {}", "", one_line(doubt)));
        }
    }
    for (name, form) in &proposal.spec.columns {
        if let Some(part) = &form.0.part {
            print::say(&format!("    {name:<22} from the name of the file: {{{part}}}"));
        }
    }
}

/// How many cells are what the column holds; nothing for words.
fn share(look: &Look, column: &Column) -> String {
    let what = match column.value() {
        _ if column.name == "currency" => "currencies",
        Holds::Text => return String::new(),
        Holds::Amount | Holds::Number => "amounts",
        Holds::Day => "days",
        Holds::Month => "months",
        Holds::Id => "ids",
    };
    let shares = propose::shares(look);
    let found = shares.iter().find(|(name, share)| *name == what && share.of > 0);
    found.map_or(String::new(), |(_, share)| format!("; {} of {} are {what}", share.part, share.of))
}

pub(super) fn values(look: &Look) -> String {
    let (distinct, is_more) = look.distinct();
    let count = match distinct {
        0 => return "empty".to_owned(),
        1 => "1 value".to_owned(),
        _ if look.is_unique() => "every value once".to_owned(),
        _ => format!("{}{distinct} different values", if is_more { "more than " } else { "" }),
    };
    format!(
        "{count}, such as {}",
        look.examples().iter().map(|text| visible(text)).collect::<Vec<_>>().join(", ")
    )
}

fn evidence(proposal: &Proposal, table: &Table) {
    let names: Vec<String> =
        proposal.evidence.iter().map(|(at, _)| format!("`{}`", visible(&table.header[*at]))).collect();
    if !names.is_empty() {
        print::say(&format!("    {:<22} {}", "evidence only", names.join(", ")));
    }
    for why in proposal.evidence.iter().filter_map(|(_, why)| why.as_ref()) {
        print::say(&format!("    {:<22} ? {}", "", one_line(why)));
    }
}

fn statuses(proposal: &Proposal) {
    for (word, count, status) in proposal.statuses.iter().take(STATUSES) {
        let meaning = status.map_or("? not known".to_owned(), |status| format!("perhaps {}", status.label()));
        print::say(&format!(
            "    {:<22} `{}` ({}): {meaning}",
            "status",
            visible(word),
            counted(*count, "row")
        ));
    }
}

/// The same as data.
pub(super) fn json(seen: &Seen) -> Value {
    let table = &seen.table;
    let columns: Vec<Value> =
        table.header.iter().zip(&table.looks).map(|(name, look)| column(name, look)).collect();
    json!({
        "files": seen.files,
        "sheet": table.sheet,
        "detected": table.detected,
        "header_row": table.header_row,
        "header_why": table.why,
        "records": table.records,
        "rows_above": table.above,
        "rows_repeated": table.repeated,
        "rows_of_totals": table.totals(),
        "rows_of_subtotals": table.subtotals(),
        "rows_of_notes": table.notes.0,
        "columns": columns,
        "proposal": seen.proposal.as_ref().map(|proposal| of_proposal(proposal, table)),
    })
}

fn column(name: &str, look: &Look) -> Value {
    let share = |share: Share| json!({"part": share.part, "of": share.of});
    json!({
        "name": name,
        "filled": share(look.filled()),
        "distinct": look.distinct().0,
        "is_sampled": look.distinct().1,
        "examples": look.examples(),
        "values": propose::shares(look).map(|(what, of)| (what.to_owned(), share(of))).into_iter().collect::<Map<_, _>>(),
        "trailing_tabs": look.trailing_tabs(),
        "scientific": look.scientific().part,
        "cut_off": look.is_cut_off(),
    })
}

fn of_proposal(proposal: &Proposal, table: &Table) -> Value {
    let name = |column: usize| proposal.kind.columns()[column].name;
    let chosen: Vec<Value> = proposal
        .columns
        .iter()
        .map(|chosen| {
            json!({
                "column": name(chosen.column),
                "from": table.header[chosen.at],
                "by": chosen.by.in_words(),
                "notes": chosen.notes,
                "doubts": chosen.doubts,
            })
        })
        .collect();
    let parts: Map<String, Value> = proposal
        .spec
        .columns
        .iter()
        .filter_map(|(name, form)| Some((name.clone(), json!(form.0.part.as_ref()?))))
        .collect();
    let evidence: Vec<Value> =
        proposal.evidence.iter().map(|(at, why)| json!({"from": table.header[*at], "doubt": why})).collect();
    let missing: Vec<Value> = proposal
        .missing
        .iter()
        .map(|m| json!({"column": name(m.column), "required": m.is_required, "without": m.without}))
        .collect();
    let statuses: Vec<Value> = proposal
        .statuses
        .iter()
        .map(|(word, rows, status)| json!({"word": word, "rows": rows, "status": status.map(|s| s.label())}))
        .collect();
    let marked: Vec<Value> = proposal
        .marked
        .iter()
        .map(|m| json!({"column": m.rule.column.0, "is": m.rule.is.0, "rows": m.rows, "sure": m.is_sure, "why": m.why}))
        .collect();
    json!({
        "kind": proposal.kind.name(),
        "name": proposal.spec.name,
        "files": proposal.spec.files.0,
        "canonical": proposal.is_canonical,
        "columns": chosen,
        "parts": parts,
        "evidence": evidence,
        "missing": missing,
        "statuses": statuses,
        "rows": marked,
        "doubts": proposal.doubts,
        "choices": proposal.choices,
        "column_choices": proposal.column_choices,
    })
}

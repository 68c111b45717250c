//! Ids that differ only in how they are written.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::Files;
use crate::model::id::Id;
use crate::model::record::{Origin, Records};

/// Two raw ids of one side with one canonical form are told apart by their raw text (domain 2.1, rule 4).
pub(super) fn tell_apart(files: &Files, records: &mut Records) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    let orders = collisions(files, &mut said, "order", records.orders.iter().map(|o| (o.id, &o.origin)));
    for order in &mut records.orders {
        apart(&mut order.id, &orders);
    }
    for line in &mut records.lines {
        apart(&mut line.order_ref, &orders);
    }
    for cancellation in &mut records.cancellations {
        apart(&mut cancellation.order, &orders);
    }
    let lines = collisions(files, &mut said, "rebate line", records.lines.iter().map(|l| (l.id, &l.origin)));
    for line in &mut records.lines {
        apart(&mut line.id, &lines);
    }
    for adjustment in &mut records.adjustments {
        if let Some(line) = &mut adjustment.line {
            apart(line, &lines);
        }
    }
    said
}

fn collisions<'b, K: 'b>(
    files: &Files,
    said: &mut Vec<Diagnostic>,
    what: &str,
    ids: impl Iterator<Item = (Id<K>, &'b Origin)>,
) -> HashSet<&'static str> {
    let mut spellings: BTreeMap<&'static str, BTreeMap<&'static str, &Origin>> = BTreeMap::new();
    let mut first: HashMap<&'static str, (&'static str, &Origin)> = HashMap::new();
    for (id, origin) in ids {
        let (raw, known) = *first.entry(id.canonical()).or_insert((id.raw(), origin));
        if raw != id.raw() {
            let all = spellings.entry(id.canonical()).or_default();
            all.insert(raw, known);
            all.insert(id.raw(), origin);
        }
    }
    for raws in spellings.values() {
        let names: Vec<String> = raws.keys().map(|raw| format!("`{}`", visible(raw))).collect();
        for origin in raws.values() {
            said.push(Diagnostic {
                line: files.line(origin.source),
                ..Diagnostic::of_file(
                    Severity::Warning,
                    "normalization-collision",
                    files.path(origin.source),
                    format!(
                        "{what} ids {} differ only in spelling; they are kept apart by their exact text",
                        names.join(" and ")
                    ),
                    "if they are one, write them the same way in the source",
                )
            });
        }
    }
    spellings.into_keys().collect()
}

fn apart<K>(id: &mut Id<K>, collisions: &HashSet<&'static str>) {
    if collisions.contains(id.canonical()) {
        *id = id.by_raw();
    }
}

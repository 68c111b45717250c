//! Rows that are no ordinary records, as rules of the source: written where the sums say what they are, and left to a person
//! where only a word does.

use std::collections::BTreeMap;

use super::aside::Turn;
use super::assign::{self, By, Kinds};
use super::table::Table;
use super::{Proposal, counted, numbers, write};
use crate::ingest::columns::{FileKind, Value, adjustments, cancellations, orders, rebate_lines};
use crate::ingest::mapping::spec::{Column, ColumnForm, Names, Role, Rows, Sign, Spec};

/// Rows with a word of their own, and the rule for them.
#[derive(Debug, Clone)]
pub struct Marked {
    /// How many rows.
    pub rows: u64,
    /// The rule.
    pub rule: Rows,
    /// Why, or what a person has to decide; one sentence each.
    pub why: Vec<String>,
    /// Whether the rule is written; else it is there to be taken, as comments.
    pub is_sure: bool,
    /// The other source that would take the rows.
    pub other: Option<Spec>,
}

/// Columns of the other kind that are filled by those of this one, where the file has none of their own.
type Taken = &'static [(usize, usize)];

const AS_CANCELLATIONS: Taken = &[
    (cancellations::CANCELLATION_ID, orders::ORDER_ID),
    (cancellations::ORDER_ID, orders::ORDER_ID),
    (cancellations::CANCEL_DATE, orders::ORDER_DATE),
    (cancellations::REFUND_AMOUNT, orders::NET_AMOUNT),
    (cancellations::CURRENCY, orders::CURRENCY),
];

const AS_ADJUSTMENTS: Taken = &[
    (adjustments::ADJUSTMENT_ID, rebate_lines::LINE_ID),
    (adjustments::AMOUNT, rebate_lines::CALCULATED_AMOUNT),
    (adjustments::CURRENCY, rebate_lines::CURRENCY),
    (adjustments::REASON_CODE, rebate_lines::REASON_CODE),
    (adjustments::REFERENCE, rebate_lines::ORDER_REF),
    (adjustments::ADJUSTMENT_DATE, rebate_lines::STATUS_DATE),
    (adjustments::PROGRAM_ID, rebate_lines::PROGRAM_ID),
    (adjustments::PERIOD, rebate_lines::PERIOD),
];

/// Adds the rules for rows that add others up, and for those that take something back.
pub(super) fn mark(proposal: &mut Proposal, table: &Table, kinds: &[Kinds]) {
    totals(proposal, table);
    turns(proposal, table, kinds);
    notes(proposal, table);
    proposal.spec.rows =
        proposal.marked.iter().filter(|marked| marked.is_sure).map(|marked| marked.rule.clone()).collect();
}

/// Whether a text reads as a sentence and not as an id, so that no record will begin with it.
fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    // Chinese does not part words.
    let signs = text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
    !numbers::is_number(text) && (words > 2 || signs > 3)
}

/// Rows with one filled cell: a note has no amount, so it is no record of any kind.
fn notes(proposal: &mut Proposal, table: &Table) {
    let mut left = table.notes.0;
    for (row, column, text) in &table.notes.1 {
        let header = &table.header[*column];
        if header.is_empty() || !is_sentence(text) {
            continue;
        }
        left -= 1;
        let is_known = |marked: &Marked| {
            marked.rule.column.0.contains(header) && marked.rule.is.0.iter().any(|known| known == text)
        };
        if proposal.marked.iter().any(is_known) {
            continue;
        }
        // A heading of a group says what its records say, and a rule for it would take them along.
        let look = &table.looks[*column];
        let is_like = |(value, _): &(&str, u64)| value.to_uppercase() == text.to_uppercase();
        if look.distinct().1 || look.values().iter().any(is_like) {
            left += 1;
            continue;
        }
        proposal.marked.push(Marked {
            rows: 1,
            rule: rule(header, std::slice::from_ref(text), Role::Information),
            why: vec![format!("a note in row {row}: nothing but this text is in it")],
            is_sure: true,
            other: None,
        });
    }
    if left > 0 {
        let rows: Vec<String> = table.notes.1.iter().map(|(row, ..)| row.to_string()).collect();
        proposal.doubts.push(format!(
            "{} with one filled cell (row {}): where they are notes, add a [[source.rows]] with role = \"information\"",
            counted(table.notes.0, "row"),
            rows.join(", ")
        ));
    }
}

fn rule(header: &str, words: &[String], role: Role) -> Rows {
    Rows {
        column: Names(vec![header.to_owned()]),
        is: Names(words.to_vec()),
        is_not: Names::default(),
        starts: Names::default(),
        role,
    }
}

fn totals(proposal: &mut Proposal, table: &Table) {
    // A total is read from the column of amounts of the kind, so another column shows nothing.
    let amount = proposal.kind.total_column();
    let amount = proposal.columns.iter().find(|chosen| Some(chosen.column) == amount).map(|chosen| chosen.at);
    for declared in &table.declared {
        let header = &table.header[declared.column];
        let begins =
            format!("{} with {} in `{header}`", counted(declared.rows, "row"), write::quoted(&declared.word));
        let of = declared.sum_of.map(|column| format!("`{}`", table.header[column])).unwrap_or_default();
        let (role, why) = match declared.role {
            Some(Role::Control) if declared.sum_of == amount => (
                Role::Control,
                format!("{begins}: {of} is the sum of the records, so the file checks itself"),
            ),
            Some(Role::Control) => {
                (Role::Information, format!("{begins}: {of} is the sum of the records, which is no record"))
            }
            Some(_) if declared.sum_of.is_some() => {
                (Role::Information, format!("{begins}: together they are the sum of the records in {of}"))
            }
            Some(_) if declared.is_among => {
                (Role::Information, format!("{begins}: the total is the sum of the records without them"))
            }
            Some(_) => (
                Role::Information,
                format!("{begins}: left out as subtotals, though they are no sum that was found"),
            ),
            None => (
                Role::Control,
                format!(
                    "{begins}: records as they stand, for no column shows their sum; where they are totals, take this rule"
                ),
            ),
        };
        proposal.marked.push(Marked {
            rows: declared.rows,
            rule: rule(header, std::slice::from_ref(&declared.word), role),
            why: vec![why],
            is_sure: declared.is_sure(),
            other: None,
        });
    }
}

/// The column that tells rows apart which take something back: the one with most of them, and no canonical column whose words
/// mean something else.
fn turn<'t>(proposal: &Proposal, table: &'t Table) -> Option<(&'t Turn, Vec<&'t Turn>)> {
    let types: &[usize] = if proposal.kind == FileKind::Orders {
        &[orders::ORDER_STATUS, orders::BILLING_MODEL]
    } else {
        &[rebate_lines::LINE_TYPE]
    };
    let is_type = |turn: &&Turn| {
        let chosen = proposal.columns.iter().find(|chosen| chosen.at == turn.column);
        chosen.is_none_or(|chosen| types.contains(&chosen.column))
    };
    let mut turns: Vec<&Turn> = table.turns.iter().filter(is_type).filter(|turn| turn.rows > 0).collect();
    turns.sort_by_key(|turn| (std::cmp::Reverse(turn.rows), turn.column));
    let first = (!turns.is_empty()).then(|| turns.remove(0))?;
    Some((first, turns))
}

fn turns(proposal: &mut Proposal, table: &Table, kinds: &[Kinds]) {
    let kind = if proposal.kind == FileKind::Orders {
        FileKind::Cancellations
    } else if proposal.kind == FileKind::RebateLines {
        FileKind::Adjustments
    } else {
        return;
    };
    let Some((turn, others)) = turn(proposal, table) else { return };
    let amount = proposal.kind.total_column();
    let amount = proposal.columns.iter().find(|chosen| Some(chosen.column) == amount);
    let (below, above) = amount.map_or((0, 0), |amount| (turn.below[amount.at], turn.above[amount.at]));
    let header = &table.header[turn.column];
    let what = if proposal.kind == FileKind::Orders { "orders" } else { "lines" };
    let signs = [
        (below, "below zero"),
        (above, "above"),
        (turn.rows.saturating_sub(below + above), "zero, empty or not read"),
    ];
    let signs: Vec<String> =
        signs.iter().filter(|(count, _)| *count > 0).map(|(count, sign)| format!("{count} {sign}")).collect();
    let signs = if amount.is_none() { String::new() } else { format!(" ({})", signs.join(", ")) };
    let mut why = vec![format!(
        "{} with {} in `{header}`{signs}: as it stands, they are {what} with the sign that they have",
        counted(turn.rows, "row"),
        write::list(&turn.words)
    )];
    if above > 0 {
        let effect = if proposal.kind == FileKind::Orders { "the sales" } else { "the rebate" };
        why.push(format!(
            "what is above zero adds to {effect}, which is wrong where it takes something back"
        ));
    }
    why.push(format!(
        "where they are {}, take this rule and the source below, which reads the same file",
        kind.name()
    ));
    if table.totals() > 0 {
        why.push(format!(
            "the total of the file is then one of {what} and {} together, and is not tied out",
            kind.name()
        ));
    }
    for other in others {
        let name = &table.header[other.column];
        why.push(format!(
            "`{name}` has such rows as well: {} with {}",
            other.rows,
            write::list(&other.words)
        ));
    }
    let other = other(proposal, kind, table, kinds, turn, (below, above));
    let is_own =
        other.columns.get("order_id").is_some_and(|form| other.columns.get("cancellation_id") == Some(form));
    if kind == FileKind::Cancellations && is_own {
        why.push("no column names the order that is taken back: where the order ID is the refund's own, no order is found".to_owned());
    }
    proposal.marked.push(Marked {
        rows: turn.rows,
        rule: rule(header, &turn.words, Role::Other),
        why,
        is_sure: false,
        other: Some(other),
    });
}

/// The source of the other kind that takes those rows.
fn other(
    proposal: &Proposal,
    kind: FileKind,
    table: &Table,
    kinds: &[Kinds],
    turn: &Turn,
    (below, above): (u64, u64),
) -> Spec {
    let of_file = assign::assign(kind, table, kinds);
    let taken = if kind == FileKind::Cancellations { AS_CANCELLATIONS } else { AS_ADJUSTMENTS };
    let own = &proposal.spec;
    let mut columns = BTreeMap::new();
    for (number, column) in kind.columns().iter().enumerate() {
        let from = taken.iter().find(|(to, _)| *to == number).map(|(_, from)| *from);
        let form = from.and_then(|from| own.columns.get(proposal.kind.columns()[from].name)).cloned();
        let named = of_file.guesses.iter().find(|guess| {
            guess.column == number && matches!(guess.by, By::Name | By::Synonym) && guess.at != turn.column
        });
        let named = named.map(|guess| {
            ColumnForm(Column { from: Names(vec![table.header[guess.at].clone()]), ..Column::default() })
        });
        // Amounts keep their unit, and ids of their own come before those of the orders.
        let form = if column.value() == Value::Amount { form.or(named) } else { named.or(form) };
        let blank = ColumnForm(Column { value: Some(String::new()), ..Column::default() });
        let Some(mut form) = form.or_else(|| column.required.then_some(blank)) else { continue };
        if kind.total_column() == Some(number) {
            form.0.sign = if kind == FileKind::Cancellations {
                (below > 0).then_some(Sign::Drop)
            } else {
                (below == 0 && above > 0).then_some(Sign::Negate)
            };
        }
        columns.insert(column.name.to_owned(), form);
    }
    if kind == FileKind::Cancellations {
        let form = Column { from: Names(vec![table.header[turn.column].clone()]), ..Column::default() };
        columns.insert("kind".to_owned(), ColumnForm(form));
    }
    let rows = Rows {
        is: Names::default(),
        is_not: Names(turn.words.clone()),
        ..rule(&table.header[turn.column], &[], Role::Other)
    };
    Spec {
        name: format!("{}-{}", own.name, kind.name()),
        kind: kind.name().to_owned(),
        columns,
        rows: vec![rows],
        statuses: BTreeMap::new(),
        ..own.clone()
    }
}

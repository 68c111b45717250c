//! How the columns that were found are spelled: their headers, marks, days, units and signs, as a source writes them.

use super::assign::Kinds;
use super::dates::{self, Days};
use super::numbers::Amounts;
use super::table::Table;
use super::{Look, Proposal, counted, rates};
use crate::ingest::columns::{FileKind, Value, adjustments, cancellations, orders, rebate_lines};
use crate::ingest::mapping::header_key;
use crate::ingest::mapping::spec::{Column, ColumnForm, Names, Sign, Unit};
use crate::ingest::mapping::synonyms::{CENTS, IN_CENTS, STATUS_WORDS};
use crate::model::money::Currency;

/// Texts that people write where there is nothing. `NA` is none of them: it is a region.
const EMPTY: &[&str] = &["NULL", "null", "(null)", "\\N", "None", "N/A", "n/a", "-", "--", "—"];
/// From this many amounts on, all of them whole is worth a word.
const ENOUGH_AMOUNTS: u64 = 5;
/// More words than this are no statuses.
const MOST_STATUSES: usize = 40;
/// Digits behind the point of most currencies.
const DIGITS: u32 = 2;

/// Writes the spelling of every column into the source.
pub(super) fn spell(proposal: &mut Proposal, table: &Table, kinds: &[Kinds]) {
    for chosen in &proposal.columns {
        let name = proposal.kind.columns()[chosen.column].name.to_owned();
        let from = Names(vec![table.header[chosen.at].clone()]);
        proposal.spec.columns.insert(name, ColumnForm(Column { from, ..Column::default() }));
    }
    amounts(proposal, table);
    rates::spell(proposal, table);
    days(proposal, table, kinds);
    empty(proposal, table);
    parts(proposal);
    statuses(proposal, table);
}

fn of_value<'p>(proposal: &'p Proposal, value: Value) -> impl Iterator<Item = usize> + 'p {
    let columns = proposal.kind.columns();
    let positions = proposal.columns.iter().enumerate();
    positions.filter(move |(_, chosen)| columns[chosen.column].value() == value).map(|(position, _)| position)
}

fn form(proposal: &mut Proposal, position: usize) -> Option<&mut Column> {
    let name = proposal.kind.columns()[proposal.columns[position].column].name;
    proposal.spec.columns.get_mut(name).map(|form| &mut form.0)
}

fn amounts(proposal: &mut Proposal, table: &Table) {
    let places: Vec<usize> = of_value(proposal, Value::Amount).collect();
    let looks: Vec<&Look> = places.iter().map(|place| &table.looks[proposal.columns[*place].at]).collect();
    if looks.is_empty() {
        return;
    }
    let all = Amounts::of(&looks);
    proposal.spec.decimal = all.decimal.clone();
    proposal.spec.thousands = all.thousands.clone();
    proposal.spec.strip = Names(all.strip.clone());
    if let Some(or) = &all.or {
        proposal
            .doubts
            .push(format!("amounts have two readings: {or}; until one is chosen, their rows are set aside"));
        // A point is the decimal mark without being said.
        let choice = |marks: &str| marks.replace("decimal = \".\" with ", "").replace(" with ", "\n");
        proposal.choices.extend(or.split(", or ").map(choice));
    }
    let mut is_whole = all.read.part >= ENOUGH_AMOUNTS && all.is_whole;
    for (place, look) in places.into_iter().zip(looks) {
        let amounts = Amounts::of(&[look]);
        let (column, at) = (proposal.columns[place].column, proposal.columns[place].at);
        if amounts.negative > 0 {
            proposal.columns[place].notes.push(format!("{} below zero", counted(amounts.negative, "amount")));
        }
        let is_said = is_said_in_cents(&table.header[at]);
        // Where a vendor documents a plain name as hundredths, they are whole numbers; in another file it may be any amount.
        if is_said || (amounts.is_whole && is_documented_in_cents(&table.header[at])) {
            is_whole = false;
            let (note, doubt) = match (is_said, amounts.is_whole) {
                (true, true) => ("its name says that it counts hundredths", None),
                (true, false) => (
                    "its name says that it counts hundredths",
                    Some("some of its amounts have a fraction; where it counts whole units, take `unit` out"),
                ),
                (false, _) => (
                    "a vendor that is known counts hundredths under this name",
                    Some("where this one counts whole units, take `unit` out"),
                ),
            };
            proposal.columns[place].notes.push(note.to_owned());
            proposal.columns[place].doubts.extend(doubt.map(str::to_owned));
            if let Some(form) = form(proposal, place) {
                form.unit = Some(Unit::Hundredth);
            }
        }
        sign(proposal, place, column, &amounts, !table.turns.is_empty());
    }
    if is_whole {
        proposal.doubts.push(
            "no amount has a fraction; where they count cents or fen, write unit = \"hundredth\"".to_owned(),
        );
        proposal.choices.push("unit = \"hundredth\"".to_owned());
    }
    fractions(proposal, table);
}

/// Amounts with more digits than their currency has: their rows are set aside unless the source says how to round.
fn fractions(proposal: &mut Proposal, table: &Table) {
    let currency = proposal.columns.iter().find(|c| proposal.kind.columns()[c.column].name == "currency");
    let digits = currency
        .and_then(|chosen| {
            table.looks[chosen.at]
                .values()
                .iter()
                .filter_map(|(code, _)| Some(Currency::parse(code)?.digits()))
                .max()
        })
        .unwrap_or(DIGITS);
    let mark = proposal.spec.decimal.clone().unwrap_or_else(|| ".".to_owned());
    let is_long = |text: &str| {
        let fraction = text.rsplit_once(mark.as_str()).map_or("", |(_, fraction)| fraction);
        let fraction = fraction.trim_end_matches(|c: char| !c.is_ascii_digit()).trim_end_matches('0');
        fraction.len() > usize::try_from(digits).unwrap_or(usize::MAX) && !fraction.contains([' ', ','])
    };
    let long: u64 = of_value(proposal, Value::Amount)
        .filter(|place| proposal.columns[*place].column == proposal.kind.total_column().unwrap_or(usize::MAX))
        .map(|place| table.looks[proposal.columns[place].at].share(is_long).part)
        .sum();
    if long > 0 {
        proposal.doubts.push(format!(
            "{} more digits than the currency; until round is chosen, their rows are set aside",
            if long == 1 { "1 amount has".to_owned() } else { format!("{long} amounts have") }
        ));
        proposal.choices.push("round = \"half-up\"".to_owned());
    }
}

fn is_documented_in_cents(header: &str) -> bool {
    let key = header_key(header);
    IN_CENTS.iter().any(|name| header_key(name) == key)
}

fn is_said_in_cents(header: &str) -> bool {
    let mut words = header.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.any(|word| CENTS.contains(&word.as_str()))
}

/// Signs where the canonical file has another convention; `has_types` where words tell the rows below zero apart, which is
/// said with these words.
fn sign(proposal: &mut Proposal, place: usize, column: usize, amounts: &Amounts, has_types: bool) {
    let kind = proposal.kind;
    let is_positive_here = (kind == FileKind::Cancellations && column == cancellations::REFUND_AMOUNT)
        || (kind == FileKind::Orders && column == orders::VOUCHER_AMOUNT);
    if is_positive_here && amounts.negative > 0 && amounts.negative == amounts.read.part {
        proposal.columns[place]
            .notes
            .push("all are below zero, and the canonical file has them without a sign".to_owned());
        if let Some(form) = form(proposal, place) {
            form.sign = Some(Sign::Drop);
        }
    }
    if (kind, column) == (FileKind::Adjustments, adjustments::AMOUNT)
        && amounts.negative == 0
        && amounts.read.part > 0
    {
        let doubt = "no amount is below zero; where they are deductions, add sign = \"negate\"";
        proposal.columns[place].doubts.push(doubt.to_owned());
    }
    if (kind, column) == (FileKind::Orders, orders::NET_AMOUNT) && amounts.negative > 0 && !has_types {
        let doubt =
            "where the amounts below zero are refunds, they are cancellations: say so with [[source.rows]]";
        proposal.columns[place].doubts.push(doubt.to_owned());
    }
}

fn days(proposal: &mut Proposal, table: &Table, kinds: &[Kinds]) {
    let places: Vec<(usize, bool)> = of_value(proposal, Value::Day)
        .map(|place| (place, false))
        .chain(of_value(proposal, Value::Month).map(|place| (place, true)))
        .collect();
    let mut found: Vec<(usize, Days)> = Vec::new();
    for (place, is_month) in places {
        let at = proposal.columns[place].at;
        let days = if is_month && kinds[at].months.is_most() {
            let (read, formats) = dates::months(&table.looks[at]);
            Days { formats, read, ..Days::default() }
        } else {
            let mut days = kinds[at].days.clone();
            if is_month && days.read.part > 0 {
                let column = proposal.kind.columns()[proposal.columns[place].column].name;
                proposal.columns[place]
                    .doubts
                    .push(format!("its days give the {column}: the month that each is in"));
            } else if days.formats == ["%Y-%m-%d"] {
                days.formats.clear();
            }
            days
        };
        found.push((place, days));
    }
    // One reading of one column decides the others of the same file, as one program wrote them all.
    let sure: Vec<(usize, Days)> = found.iter().filter(|(_, days)| days.swapped.is_none()).cloned().collect();
    for (place, days) in &mut found {
        let Some(other) = days.swapped.clone() else { continue };
        let swapped = Days { formats: other.clone(), swapped: None, ..days.clone() };
        let of_first = sure.iter().find(|(_, known)| known.conflicts(&swapped) && !known.conflicts(days));
        let of_second = sure.iter().find(|(_, known)| known.conflicts(days) && !known.conflicts(&swapped));
        let at = |decider: usize| table.header[proposal.columns[decider].at].clone();
        let name = table.header[proposal.columns[*place].at].clone();
        match (of_first, of_second) {
            (Some((decider, _)), None) => {
                let note = format!("day and month could be exchanged here, but not in `{}`", at(*decider));
                proposal.columns[*place].notes.push(note);
                days.swapped = None;
            }
            (None, Some((decider, _))) => {
                let note = format!("day and month could be exchanged here, but not in `{}`", at(*decider));
                proposal.columns[*place].notes.push(note);
                *days = swapped;
            }
            (None, None) | (Some(_), Some(_)) => {
                let (one, two) = (days.formats.join(" "), other.join(" "));
                proposal.doubts.push(format!(
                    "day and month of `{name}` could be exchanged: every day is 12 or less, so {one} and {two} both read all of \
                     them; until one is chosen, they are not read"
                ));
                for formats in [&days.formats, &other] {
                    let choice = format!("dates = [{}]", super::write::list(formats));
                    if !proposal.choices.contains(&choice) {
                        proposal.choices.push(choice);
                    }
                }
                days.formats.clear();
            }
        }
    }
    if found.iter().any(|(_, days)| days.has_times && !days.formats.iter().all(|format| format == "%+")) {
        proposal.choices.push("zone = \"Asia/Shanghai\"".to_owned());
        proposal.doubts.push(
            "times are there without a time zone: their days are taken as written; where the clock is not the project's, \
             write zone"
                .to_owned(),
        );
    }
    written(proposal, &found);
}

/// Writes the formats once for the source, or for each column where two of them contradict each other.
fn written(proposal: &mut Proposal, found: &[(usize, Days)]) {
    for (place, days) in found.iter().filter(|(_, days)| !days.formats.is_empty()) {
        proposal.columns[*place].notes.push(format!("written {}", days.formats.join(" or ")));
    }
    let is_one = found.iter().all(|(_, days)| found.iter().all(|(_, other)| !days.conflicts(other)));
    let mut all: Vec<String> = Vec::new();
    for format in found.iter().flat_map(|(_, days)| &days.formats) {
        if !all.contains(format) {
            all.push(format.clone());
        }
    }
    // Columns in the canonical spelling need their format as well, once the source has another.
    let is_plain = |days: &Days| days.formats.is_empty() && days.read.part > 0 && days.swapped.is_none();
    if is_one {
        let needs_plain = found.iter().any(|(place, days)| {
            is_plain(days) && proposal.kind.columns()[proposal.columns[*place].column].value() == Value::Day
        });
        if !all.is_empty() && needs_plain && !all.iter().any(|format| format == "%Y-%m-%d") {
            all.insert(0, "%Y-%m-%d".to_owned());
        }
        proposal.spec.dates = Names(all);
        return;
    }
    for (place, days) in found {
        if let Some(form) = form(proposal, *place) {
            form.dates = Names(days.formats.clone());
        }
    }
}

/// Texts that stand for nothing, where they are among amounts or days; not where a column of words has them too.
fn empty(proposal: &mut Proposal, table: &Table) {
    let columns = proposal.kind.columns();
    let has = |place: usize, text: &str| {
        table.looks[proposal.columns[place].at].values().iter().any(|(value, _)| *value == text)
    };
    let mut found = Vec::new();
    for text in EMPTY {
        let is_among = |value| of_value(proposal, value).any(|place| has(place, text));
        if is_among(Value::Amount) || is_among(Value::Day) || is_among(Value::Number) {
            found.push((*text).to_owned());
        }
    }
    if proposal.columns.iter().any(|chosen| {
        matches!(columns[chosen.column].value(), Value::Amount | Value::Day)
            && table.looks[chosen.at].values().iter().any(|(value, _)| *value == "NA")
    }) {
        proposal.doubts.push(
            "`NA` stands among amounts or days; it is also a region, so it is not taken for an empty cell"
                .to_owned(),
        );
    }
    if !found.is_empty() {
        proposal.doubts.push(format!("{} taken for an empty cell", super::write::list(&found)));
    }
    proposal.spec.empty = Names(found);
}

/// What the name of the file says, where no column does.
fn parts(proposal: &mut Proposal) {
    if proposal.kind != FileKind::RebateLines {
        return;
    }
    let has =
        |part: &str| proposal.spec.files.0.iter().all(|pattern| pattern.contains(&format!("{{{part}}}")));
    for (column, part) in [(rebate_lines::PERIOD, "period"), (rebate_lines::PROGRAM_ID, "program")] {
        let name = proposal.kind.columns()[column].name;
        if !proposal.spec.columns.contains_key(name) && has(part) {
            let form = Column { part: Some(part.to_owned()), ..Column::default() };
            proposal.spec.columns.insert(name.to_owned(), ColumnForm(form));
        }
    }
}

fn statuses(proposal: &mut Proposal, table: &Table) {
    if proposal.kind != FileKind::RebateLines {
        return;
    }
    let Some(chosen) = proposal.columns.iter().find(|chosen| chosen.column == rebate_lines::STATUS) else {
        return;
    };
    let values = table.looks[chosen.at].values();
    if values.len() > MOST_STATUSES {
        let doubt = format!("it has {} different values, more than statuses there can be", values.len());
        if let Some(chosen) = proposal.columns.iter_mut().find(|chosen| chosen.column == rebate_lines::STATUS)
        {
            chosen.doubts.push(doubt);
        }
        return;
    }
    let word = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
    for (text, count) in values {
        let known =
            STATUS_WORDS.iter().find(|(_, words)| words.iter().any(|known| word(known) == word(text)));
        let status = known.map(|(status, _)| *status);
        if let Some(status) = status {
            proposal.spec.statuses.insert(text.to_owned(), status.label().to_owned());
        }
        proposal.statuses.push((text.to_owned(), count, status));
    }
}

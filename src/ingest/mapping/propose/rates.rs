//! Whether rates are fractions of one or percent, by their signs, by the amounts that they make, and by how large they are.

use rust_decimal::Decimal;

use super::look::Look;
use super::numbers::{Amounts, Reader};
use super::table::Table;
use super::{Proposal, write};
use crate::ingest::columns::{FileKind, rebate_lines};
use crate::ingest::mapping::header_key;
use crate::ingest::mapping::spec::{Column, ColumnForm, Names, Unit};
use crate::ingest::mapping::synonyms::PERCENT;

/// The signs that stand behind a rate in percent.
const SIGNS: [&str; 2] = ["%", "％"];
/// Fewer rows than this show nothing of how amounts are made.
const ENOUGH_ROWS: usize = 2;

/// What a column of rates is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rates {
    /// Fractions of one: `0.15`; with the evidence where it is more than their size.
    Fractions(Option<String>),
    /// Percent: `15`; with the evidence, and what is left to confirm.
    Percent(String, Option<&'static str>),
    /// Either, with the reason.
    Open(String),
}

/// The name of a column without what says that it is in percent; nothing where nothing does.
pub(super) fn without_percent(header: &str) -> Option<String> {
    let plain: String = header.chars().filter(|c| !"%％()（）[]".contains(*c)).collect();
    let has_sign = SIGNS.iter().any(|sign| header.contains(sign));
    let key = header_key(&plain).into_owned();
    let word = PERCENT.iter().find_map(|word| key.strip_suffix(word)).filter(|rest| !rest.is_empty());
    match word {
        Some(rest) => Some(rest.to_owned()),
        None => has_sign.then_some(key),
    }
}

/// Writes how rates are read; where both readings are possible, the column is left out with both of them as comments.
pub(super) fn spell(proposal: &mut Proposal, table: &Table) {
    let is_rate =
        |c: &super::Chosen| (proposal.kind, c.column) == (FileKind::RebateLines, rebate_lines::RATE);
    let Some(place) = proposal.columns.iter().position(is_rate) else { return };
    let at = proposal.columns[place].at;
    let header = &table.header[at];
    let values: Vec<(&str, u64)> = table.looks[at].values();
    let signs: Vec<&str> =
        SIGNS.into_iter().filter(|sign| values.iter().any(|(text, _)| text.ends_with(sign))).collect();
    let mut bare = Look::default();
    values.iter().for_each(|(text, _)| bare.see(without_sign(text)));
    let Some((marks, reader)) = marks(&bare, proposal) else { return };
    let form = |unit: Option<Unit>| {
        let is_comma = marks.decimal.is_some() || marks.thousands.is_some();
        Column {
            from: Names(vec![header.clone()]),
            suffix: Names(signs.iter().map(|sign| (*sign).to_owned()).collect()),
            unit: unit.or_else(|| is_comma.then_some(Unit::Major)),
            decimal: marks.decimal.clone(),
            thousands: marks.thousands.clone(),
            ..Column::default()
        }
    };
    let [fractions, percent] = [None, Some(Unit::Hundredth)].map(|unit| ColumnForm(form(unit)));
    let name = proposal.kind.columns()[rebate_lines::RATE].name;
    let form = match rates(header, &values, &reader, &made(proposal, table, at, &reader)) {
        Rates::Fractions(why) => {
            proposal.columns[place].notes.extend(why);
            fractions
        }
        Rates::Percent(why, doubt) => {
            proposal.columns[place].notes.push(format!("in percent: {why}"));
            proposal.columns[place].doubts.extend(doubt.map(str::to_owned));
            percent
        }
        Rates::Open(why) => {
            proposal.columns.remove(place);
            proposal.spec.columns.remove(name);
            proposal.evidence.push((
                at,
                Some(format!("`{header}` could be {name}, but {why}; until one is chosen, it is not read")),
            ));
            for (form, what) in
                [(fractions, "fractions: 0.15 is 15 percent"), (percent, "percent: 15 is 15 percent")]
            {
                proposal.column_choices.push(format!("{name} = {}  # {what}", write::reading(&form.0)));
            }
            return;
        }
    };
    proposal.spec.columns.insert(name.to_owned(), form);
}

fn without_sign(text: &str) -> &str {
    SIGNS.iter().find_map(|sign| text.strip_suffix(sign)).unwrap_or(text).trim()
}

/// The marks of rates; those of the amounts where rates alone have two readings. Nothing where some are no numbers.
fn marks(bare: &Look, proposal: &Proposal) -> Option<(Amounts, Reader)> {
    let own = Amounts::of(&[bare]);
    let amounts = if own.or.is_some() {
        Amounts { decimal: proposal.spec.decimal.clone(), thousands: proposal.spec.thousands.clone(), ..own }
    } else {
        own
    };
    let amounts = Amounts { strip: Vec::new(), ..amounts };
    let reader = amounts.reader()?;
    let is_read = bare.values().iter().all(|(text, _)| reader.read(text).is_some());
    (is_read && bare.filled().part > 0).then_some((amounts, reader))
}

/// Of the rows that tell the two readings apart, how many have the amount that a fraction makes of the base, and how many the
/// one that percent makes.
struct Made {
    rows: usize,
    by_fraction: usize,
    by_percent: usize,
}

fn made(proposal: &Proposal, table: &Table, rate: usize, reader: &Reader) -> Made {
    let mut made = Made { rows: 0, by_fraction: 0, by_percent: 0 };
    let place =
        |column| proposal.columns.iter().find(|chosen| chosen.column == column).map(|chosen| chosen.at);
    let (Some(base), Some(amount)) =
        (place(rebate_lines::BASE_AMOUNT), place(rebate_lines::CALCULATED_AMOUNT))
    else {
        return made;
    };
    let of_source = Amounts {
        decimal: proposal.spec.decimal.clone(),
        thousands: proposal.spec.thousands.clone(),
        strip: proposal.spec.strip.0.clone(),
        ..Amounts::default()
    };
    let Some(amounts) = of_source.reader() else { return made };
    for row in &table.sample {
        let cell = |at: usize| row.get(at).map_or("", String::as_str);
        let numbers =
            (amounts.read(cell(base)), reader.read(without_sign(cell(rate))), amounts.read(cell(amount)));
        let (Some(base), Some(rate), Some(amount)) = numbers else { continue };
        let Some(fraction) = base.checked_mul(rate) else { continue };
        let percent = fraction * Decimal::new(1, 2);
        // Half a unit of the last digit that the amount has, and never finer than half a cent.
        let near = Decimal::new(1, amount.scale().min(2));
        if (fraction - percent).abs() <= near + near {
            continue;
        }
        made.rows += 1;
        made.by_fraction += usize::from((fraction - amount).abs() <= near);
        made.by_percent += usize::from((percent - amount).abs() <= near);
    }
    made
}

fn rates(header: &str, values: &[(&str, u64)], reader: &Reader, made: &Made) -> Rates {
    let number = |text: &str| reader.read(without_sign(text)).map(|number| number.abs());
    let has_sign = |text: &str| SIGNS.iter().any(|sign| text.ends_with(sign));
    // Nothing is nothing in both readings.
    let filled: Vec<(&str, Decimal)> = values
        .iter()
        .filter_map(|(text, _)| Some((*text, number(text)?)))
        .filter(|(_, number)| !number.is_zero())
        .collect();
    let with_sign = filled.iter().filter(|(text, _)| has_sign(text)).count();
    let is_most = |part: usize| made.rows >= ENOUGH_ROWS && part * 10 >= made.rows * 9;
    let of = |part: usize| format!("{part} of {} rows", made.rows);
    if with_sign > 0 && with_sign < filled.len() {
        return Rates::Open("some of its values have a % and some have not".to_owned());
    }
    if with_sign > 0 {
        return if is_most(made.by_fraction) {
            let how = of(made.by_fraction);
            Rates::Open(format!(
                "its values have a %, while base times rate is the amount as a fraction in {how}"
            ))
        } else {
            Rates::Percent("every value has a %".to_owned(), None)
        };
    }
    if is_most(made.by_percent) {
        return Rates::Percent(format!("base times rate is the amount so in {}", of(made.by_percent)), None);
    }
    if is_most(made.by_fraction) {
        let how = of(made.by_fraction);
        return Rates::Fractions(Some(format!("base times rate is the amount as it stands in {how}")));
    }
    let is_said = without_percent(header).is_some();
    let (least, most) = (filled.iter().map(|f| f.1).min(), filled.iter().map(|f| f.1).max());
    let (Some(least), Some(most)) = (least, most) else { return Rates::Fractions(None) };
    let range = if least == most {
        format!("every value is {least}")
    } else {
        format!("its values are {least} to {most}")
    };
    match (is_said, most > Decimal::ONE, least < Decimal::ONE) {
        (true, true, _) => Rates::Percent("its name says so".to_owned(), None),
        (true, false, _) => {
            Rates::Open(format!("its name says percent, and {range}, which may be fractions"))
        }
        (false, true, false) => Rates::Percent(
            range,
            Some(
                "as fractions its rates would be more than the base; where they are amounts per unit, leave unit out",
            ),
        ),
        (false, true, true) => {
            Rates::Open(format!("{range}: the small ones may be fractions, the large ones percent"))
        }
        (false, false, true) if most < Decimal::ONE => Rates::Fractions(None),
        (false, false, _) => Rates::Open(format!("{range}: 1 may be all of the base or a hundredth of it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, values: &[&str]) -> Rates {
        let mut look = Look::default();
        values.iter().for_each(|text| look.see(without_sign(text)));
        let reader = Amounts::of(&[&look]).reader().unwrap();
        let values: Vec<(&str, u64)> = values.iter().map(|text| (*text, 1)).collect();
        rates(header, &values, &reader, &Made { rows: 0, by_fraction: 0, by_percent: 0 })
    }

    #[test]
    fn percent_is_taken_where_a_fraction_cannot_be() {
        // Goal: 15 is read as 15 percent and 0.15 stays; where both can be, neither is taken. Method: columns of each kind, with
        // and without a sign and a name that says it (formats 1.4, 8.9).
        for values in [&["15", "8"][..], &["15.00", "0"], &["15%", "0.5%"], &["5,68%", "12 %"], &["1", "2"]] {
            assert!(matches!(of("Rate", values), Rates::Percent(..)), "{values:?}");
        }
        assert!(matches!(of("Rate (%)", &["0.5", "15"]), Rates::Percent(_, None)));
        for values in [&["0.15", "0.08"][..], &["0", "0.5"], &["0"]] {
            assert_eq!(of("Rate", values), Rates::Fractions(None), "{values:?}");
        }
        for (header, values) in [
            ("Rate", &["0.5", "15"][..]),
            ("Rate", &["8%", "0.08"]),
            ("Rate %", &["0.15"]),
            ("Rate", &["1"]),
            ("Rate", &["0.5", "1"]),
        ] {
            assert!(matches!(of(header, values), Rates::Open(_)), "{header} {values:?}");
        }
    }

    #[test]
    fn a_name_in_percent_is_the_name_without_it() {
        // Goal: `Rate (%)` is a rate. Method: spellings of vendors, and names that say nothing of the kind.
        for (name, key) in [
            ("Rate (%)", "RATE"),
            ("佣金比例（％）", "佣金比例"),
            ("Commission Rate in Percent", "COMMISSIONRATE"),
            ("Rate %", "RATE"),
        ] {
            assert_eq!(without_percent(name).as_deref(), Some(key), "{name}");
        }
        assert_eq!((without_percent("Rate"), without_percent("Percent")), (None, None));
    }
}

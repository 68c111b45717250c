//! How the days and months of a column are written: which formats read all of them, and whether another reading does too.

use super::look::{Look, Share};
use crate::ingest::grammar;
use crate::ingest::mapping::spec::{Names, Spec};
use crate::ingest::mapping::value::Dates;

/// What stands first where day and month are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The year, or the month has a name: one reading.
    Sure,
    DayFirst,
    MonthFirst,
}

/// Formats of days, in the order in which they are tried.
const DAYS: &[(&str, Order)] = &[
    ("%Y-%m-%d", Order::Sure),
    ("%Y-%m-%d %H:%M:%S", Order::Sure),
    ("%Y-%m-%d %H:%M", Order::Sure),
    ("%Y-%m-%dT%H:%M:%S", Order::Sure),
    ("%+", Order::Sure),
    ("%Y/%m/%d", Order::Sure),
    ("%Y/%m/%d %H:%M:%S", Order::Sure),
    ("%Y/%m/%d %H:%M", Order::Sure),
    ("%Y/%m/%d %p %H:%M:%S", Order::Sure),
    ("%Y/%m/%d %p %I:%M:%S", Order::Sure),
    ("%Y.%m.%d", Order::Sure),
    ("%Y%m%d", Order::Sure),
    ("%Y年%m月%d日", Order::Sure),
    ("%Y年%m月%d日 %H:%M:%S", Order::Sure),
    ("%d %b %Y", Order::Sure),
    ("%d-%b-%Y", Order::Sure),
    ("%b %d, %Y", Order::Sure),
    ("%d/%m/%Y", Order::DayFirst),
    ("%d/%m/%Y %H:%M:%S", Order::DayFirst),
    ("%d/%m/%Y %H:%M", Order::DayFirst),
    ("%d.%m.%Y", Order::DayFirst),
    ("%d.%m.%Y %H:%M:%S", Order::DayFirst),
    ("%d.%m.%Y %H:%M", Order::DayFirst),
    ("%d-%m-%Y", Order::DayFirst),
    ("%d-%m-%Y %H:%M", Order::DayFirst),
    ("%d/%m/%y", Order::DayFirst),
    ("%m/%d/%Y", Order::MonthFirst),
    ("%m/%d/%Y %H:%M:%S", Order::MonthFirst),
    ("%m/%d/%Y %H:%M", Order::MonthFirst),
    ("%m/%d/%Y %I:%M:%S %p", Order::MonthFirst),
    ("%m/%d/%Y %I:%M %p", Order::MonthFirst),
    ("%m-%d-%Y", Order::MonthFirst),
    ("%m-%d-%Y %H:%M", Order::MonthFirst),
    ("%m/%d/%y", Order::MonthFirst),
];

/// Formats of months that need one: `2026-05`, `202605` and `2026/05` do not.
const MONTHS: &[&str] = &["%Y年%m月", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%m.%Y"];

/// After this many different values without a day, a column holds none.
const ENOUGH_VALUES: usize = 500;

/// How the days of a column are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Days {
    /// The formats, first fit; empty where the canonical spelling is used.
    pub formats: Vec<String>,
    /// The other reading, where every day can be read with day and month exchanged and some days differ by it.
    pub swapped: Option<Vec<String>>,
    /// Cells that are read.
    pub read: Share,
    /// Whether times are there whose time zone is not.
    pub has_times: bool,
}

impl Days {
    /// Finds the formats of a column.
    pub(super) fn of(look: &Look) -> Days {
        let [day_first, month_first] = [Order::DayFirst, Order::MonthFirst].map(|order| reading(look, order));
        let (first, second) = if month_first.read.part > day_first.read.part {
            (month_first, day_first)
        } else {
            (day_first, month_first)
        };
        let is_swappable = second.read == first.read && differs(look, &first.formats, &second.formats);
        Days { swapped: is_swappable.then_some(second.formats), ..first }
    }

    /// Whether two columns cannot have one list of formats: what one reads day first, the other reads month first.
    pub(super) fn conflicts(&self, other: &Days) -> bool {
        let has = |days: &Days, wanted: Order| {
            DAYS.iter().any(|(format, order)| *order == wanted && days.formats.iter().any(|f| f == format))
        };
        [(Order::DayFirst, Order::MonthFirst), (Order::MonthFirst, Order::DayFirst)]
            .into_iter()
            .any(|(one, two)| has(self, one) && has(other, two))
    }
}

/// The formats of one order that a column uses, and how much of it they read.
fn reading(look: &Look, order: Order) -> Days {
    let formats: Vec<(&str, Dates)> = DAYS
        .iter()
        .filter(|(_, of)| *of == Order::Sure || *of == order)
        .filter_map(|(format, _)| Some((*format, dates(&[format])?)))
        .collect();
    let mut used = vec![false; formats.len()];
    let mut days = Days { read: look.share(|_| false), ..Days::default() };
    for (number, (text, count)) in look.values().into_iter().enumerate() {
        if number == ENOUGH_VALUES && days.read.part == 0 {
            break;
        }
        if !could_be(text) {
            continue;
        }
        if let Some(at) = formats.iter().position(|(_, dates)| day(dates, text).is_some()) {
            days.read.part += count;
            used[at] = true;
        }
    }
    let used = |at: &usize| used[*at];
    days.formats = (0..formats.len()).filter(used).map(|at| formats[at].0.to_owned()).collect();
    days.has_times = days.formats.iter().any(|format| format.contains("%H") || format.contains("%I"));
    days
}

/// Whether two lists of formats read any value as different days.
fn differs(look: &Look, one: &[String], two: &[String]) -> bool {
    let list = |formats: &[String]| dates(&formats.iter().map(String::as_str).collect::<Vec<_>>());
    let (Some(one), Some(two)) = (list(one), list(two)) else { return false };
    look.values().iter().any(|(text, _)| could_be(text) && day(&one, text) != day(&two, text))
}

/// A cheap look at what no format reads.
fn could_be(text: &str) -> bool {
    (6..=40).contains(&text.len()) && text.bytes().filter(u8::is_ascii_digit).count() >= 3
}

fn dates(formats: &[&str]) -> Option<Dates> {
    let formats = Names(formats.iter().map(|format| (*format).to_owned()).collect());
    Dates::new("UTC").ok()?.with(&Spec { dates: formats, ..Spec::default() }).ok()
}

fn day(dates: &Dates, text: &str) -> Option<String> {
    let day = dates.day(text).ok()?;
    grammar::date(&day).ok().map(|_| day.into_owned())
}

/// Cells that are months, and the format they need.
pub(super) fn months(look: &Look) -> (Share, Vec<String>) {
    let without = dates(&[]);
    let is_month = |dates: &Option<Dates>, text: &str| {
        dates.as_ref().and_then(|d| d.month(text).ok()).is_some_and(|month| grammar::period(&month).is_ok())
    };
    let plain = look.share(|text| is_month(&without, text));
    if plain.is_most() {
        return (plain, Vec::new());
    }
    for format in MONTHS {
        let with = dates(&[format]);
        let read = look.share(|text| is_month(&with, text));
        if read.is_most() {
            return (read, vec![(*format).to_owned()]);
        }
    }
    (plain, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(cells: &[&str]) -> Days {
        let mut look = Look::default();
        cells.iter().for_each(|cell| look.see(cell));
        Days::of(&look)
    }

    #[test]
    fn formats_are_found_by_all_days() {
        // Goal: a format is proposed only where every day is read by it, and a second reading is never silent. Method:
        // spellings of formats 1 to 8; one day beyond 12 decides; without one both readings are given.
        assert_eq!(days(&["2026-05-04", "2026-05-31"]).formats, ["%Y-%m-%d"]);
        assert_eq!(days(&["2025-12-01 0:00"]).formats, ["%Y-%m-%d %H:%M"]);
        assert_eq!(days(&["2017-06-08T09:41:30Z"]).formats, ["%+"]);
        assert_eq!(days(&["2018/12/17 PM 17:16:01"]).formats, ["%Y/%m/%d %p %H:%M:%S"]);
        assert_eq!(days(&["2018/11/06 PM 6:00:00"]).formats, ["%Y/%m/%d %p %I:%M:%S"]);
        assert_eq!(days(&["2/28/2019 23:59", "2/1/2019 0:00"]).formats, ["%m/%d/%Y %H:%M"]);
        let clear = days(&["04/05/2026", "31/05/2026 08:00"]);
        assert_eq!((clear.formats.len(), clear.swapped.clone(), clear.read.is_all()), (2, None, true));
        assert_eq!(clear.formats, ["%d/%m/%Y", "%d/%m/%Y %H:%M"]);
        let unclear = days(&["04/05/2026", "11/05/2026"]);
        assert_eq!(unclear.formats, ["%d/%m/%Y"]);
        assert_eq!(unclear.swapped, Some(vec!["%m/%d/%Y".to_owned()]));
        assert_eq!(days(&["05/05/2026"]).swapped, None, "one day either way");
        assert!(days(&["n/a", "4711", "1234567"]).formats.is_empty());
        assert!(clear.conflicts(&days(&["05/31/2026"])) && !clear.conflicts(&days(&["2026-05-31"])));
    }

    #[test]
    fn months_are_found() {
        // Goal: a billing cycle is a month in every spelling of formats 1.6. Method: each of them, and what is none.
        let of = |cells: &[&str]| {
            let mut look = Look::default();
            cells.iter().for_each(|cell| look.see(cell));
            months(&look)
        };
        assert_eq!(of(&["202512"]).1, Vec::<String>::new());
        assert!(of(&["202512", "2026-01"]).0.is_all());
        assert_eq!(of(&["2026年5月"]).1, ["%Y年%m月"]);
        assert_eq!(of(&["May 2026"]).1, ["%b %Y"]);
        assert!(!of(&["31/05/2026"]).0.is_most(), "a day is no month");
        assert!(!of(&["FY26", "ORD-202512"]).0.is_most());
    }
}

//! `content/customer/page.md`: every word of the page that a customer sees, and how it writes days and months.

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};
use serde::{Deserialize, Serialize};

use crate::model::time::Month;

/// The texts of a customer's page.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerPage {
    /// Title and heading.
    pub title: String,
    /// `Prepared for {name}`.
    pub prepared: String,
    /// `Prepared for {name} by {organization}`.
    pub prepared_by: String,
    /// `Information as of {date}`.
    pub as_of: String,
    /// The link to the content, for keyboards.
    pub skip: String,
    /// Below the heading.
    pub lead: String,
    /// The same where there is no rebate at all.
    pub nothing: String,
    /// The heading of the amounts.
    pub months: String,
    /// The caption of their table, with `{currency}`.
    pub months_caption: String,
    /// The column of months.
    pub month: String,
    /// The column of currencies in the file.
    pub currency: String,
    /// Several months: `{from} to {to}`.
    pub span: String,
    /// The sum.
    pub total: String,
    /// The column of the day of an amount.
    pub updated: String,
    /// All stages together, where they are not told apart.
    pub stages_label: String,
    /// In their place.
    pub not_split: String,
    /// Why amounts may be of an earlier day, with `{least}`.
    pub split_note: String,
    /// Months of which no amount is shown, with `{months}` and `{least}`.
    pub withheld: String,
    /// The heading of the explanations.
    pub why: String,
    /// The same where nothing waits.
    pub nothing_waits: String,
    /// The heading of the stages.
    pub stages: String,
    /// The column of their names.
    pub stage: String,
    /// The column of what they mean.
    pub meaning: String,
    /// The column of when they end.
    pub expected: String,
    /// The heading above whom to ask.
    pub questions: String,
    /// Whom to ask, with `{contact}`.
    pub contact: String,
    /// The same where the configuration names nobody.
    pub no_contact: String,
    /// The link to the CSV file.
    pub file: String,
    /// Where there is no page at an address.
    pub missing: String,
    /// At the foot.
    pub foot: String,
    /// How a day is written.
    pub date_format: String,
    /// How a month is written.
    pub month_format: String,
    /// Calculated and not approved.
    pub in_progress: Stage,
    /// Approved.
    pub confirmed: Stage,
    /// Paid.
    pub completed: Stage,
}

/// A stage in a customer's words.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its name.
    pub label: String,
    /// What it means.
    pub meaning: String,
    /// When it usually ends.
    pub expected: String,
}

impl CustomerPage {
    /// What is wrong with its formats, if something is.
    pub fn problem(&self) -> Option<String> {
        let wrong = |format: &str| {
            format.is_empty() || StrftimeItems::new(format).any(|item| matches!(item, Item::Error))
        };
        let formats = [("date_format", &self.date_format), ("month_format", &self.month_format)];
        let (key, format) = formats.into_iter().find(|(_, format)| wrong(format))?;
        Some(format!("{key} = \"{format}\" is no way to write a day; write it like \"%-d %b %Y\""))
    }

    /// A day as the page writes it.
    pub fn date(&self, day: NaiveDate) -> String {
        day.format(&self.date_format).to_string()
    }

    /// A month, or the first and the last of several.
    pub fn months(&self, (from, to): (Month, Month)) -> String {
        let month = |month: Month| month.first_day().format(&self.month_format).to_string();
        if from == to { month(from) } else { fill(&self.span, &[("from", &month(from)), ("to", &month(to))]) }
    }

    /// The stages in their order.
    pub fn all_stages(&self) -> [&Stage; 3] {
        [&self.in_progress, &self.confirmed, &self.completed]
    }
}

/// A text with its places filled in: `{name}` by the value of that name. A value is never read as a place.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let place = after
            .split_once('}')
            .and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        match place {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_read_as_a_place() {
        let values = [("name", "{date}"), ("date", "12 Jun")];
        assert_eq!(fill("For {name} on {date}, {unknown} {", &values), "For {date} on 12 Jun, {unknown} {");
    }

    #[test]
    fn days_and_months_are_written_as_the_file_says() {
        // Goal: each language writes its days its own way, and a wrong format is said. Method: an English and a Chinese one,
        // one month and several, and a format that is none.
        let of = |date: &str, month: &str, span: &str| CustomerPage {
            date_format: date.to_owned(),
            month_format: month.to_owned(),
            span: span.to_owned(),
            ..CustomerPage::default()
        };
        let day = NaiveDate::from_ymd_opt(2026, 6, 2).unwrap();
        let may = Month::new(2026, 5).unwrap();
        let english = of("%-d %b %Y", "%B %Y", "{from} to {to}");
        assert_eq!(
            (english.date(day).as_str(), english.months((may, may)).as_str()),
            ("2 Jun 2026", "May 2026")
        );
        assert_eq!(english.months((may, may.next())), "May 2026 to June 2026");
        let chinese = of("%Y年%-m月%-d日", "%Y年%-m月", "{from}至{to}");
        assert_eq!(
            (chinese.date(day), chinese.months((may, may.next()))),
            ("2026年6月2日".to_owned(), "2026年5月至2026年6月".to_owned())
        );
        assert_eq!(english.problem(), None);
        assert!(of("%Q", "%B", "").problem().unwrap().contains("date_format"));
        assert!(of("%Y", "", "").problem().unwrap().contains("month_format"));
    }
}

//! One figure of a metric, for the tables of the page and for the file: what it measures, of which days, on how many things it
//! rests and how sure it is.

use chrono::NaiveDate;

use crate::metrics::{Between, Ratio, Share, Span};
use crate::model::money::{Currency, grouped};
use crate::report::lists::count_of;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::times::{days_words, interval_words};
use crate::{mark, say};

/// The metrics, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    Inquiries,
    Resolution,
    Recurrence,
    Adoption,
    Accuracy,
    Articles,
}

impl Metric {
    /// Its number, which is its anchor too.
    pub(super) fn id(self) -> &'static str {
        match self {
            Metric::Inquiries => "m1",
            Metric::Resolution => "m2",
            Metric::Recurrence => "m3",
            Metric::Adoption => "m4",
            Metric::Accuracy => "m5",
            Metric::Articles => "m6",
        }
    }

    /// Its number in the file: `M1`.
    fn code(self) -> String {
        self.id().to_uppercase()
    }

    pub(super) fn heading(self) -> &'static str {
        match self {
            Metric::Inquiries => say!("Fewer inquiries"),
            Metric::Resolution => say!("Faster resolution"),
            Metric::Recurrence => say!("Fewer escalations and recurrences"),
            Metric::Adoption => say!("Adoption"),
            Metric::Accuracy => say!("Accuracy and consistency"),
            Metric::Articles => say!("What articles do"),
        }
    }
}

/// A figure with its interval, as people and as spreadsheets read it.
#[derive(Debug, Clone, Default)]
pub(super) struct Value {
    words: String,
    plain: String,
    unit: &'static str,
    interval: String,
    from: String,
    to: String,
}

impl Value {
    /// `40.0%`, with the interval of the share.
    pub(super) fn share(share: Share) -> Value {
        let (from, to) = share.ends();
        Value::percent(share.ratio(), 1).between(Some(from), Some(to), |end| end.percent_in_words(1), 1)
    }

    /// A percentage without an interval.
    pub(super) fn percent(ratio: Ratio, decimals: u32) -> Value {
        Value {
            words: ratio.percent_in_words(decimals),
            plain: ratio.percent(decimals),
            unit: "percent",
            ..Value::default()
        }
    }

    /// `0.667`, tickets for each hundred lines.
    pub(super) fn per_hundred(ratio: Ratio, interval: Option<(Ratio, Ratio)>) -> Value {
        let value = Value {
            words: ratio.per_hundred(),
            plain: ratio.per_hundred(),
            unit: say!("per 100"),
            ..Value::default()
        };
        match interval {
            Some((from, to)) => value.between(Some(from), Some(to), Ratio::per_hundred, 3),
            None => value,
        }
    }

    /// The same with the ends of its interval; one that is missing is open.
    pub(super) fn between(
        self,
        from: Option<Ratio>,
        to: Option<Ratio>,
        words: impl Fn(Ratio) -> String,
        decimals: u32,
    ) -> Value {
        let interval = match (from, to) {
            (Some(from), Some(to)) => say!("{from} to {to}", from = words(from), to = words(to)),
            (Some(from), None) => say!("{from} or more", from = words(from)),
            (None, Some(to)) => say!("{to} or less", to = words(to)),
            (None, None) => String::new(),
        };
        let plain = |end: Option<Ratio>| end.map_or_else(String::new, |end| end.percent(decimals));
        Value { interval, from: plain(from), to: plain(to), ..self }
    }

    /// `4 days`, or how long they were followed at least.
    pub(super) fn median(between: Between) -> Value {
        let plain = |day: Option<u32>| day.map_or_else(String::new, |day| day.to_string());
        Value {
            words: median_words(between),
            plain: plain(between.median),
            unit: "days",
            interval: interval_words(between.interval),
            from: plain(between.interval.from),
            to: plain(between.interval.to),
        }
    }

    /// A count, which is what it is.
    pub(super) fn count(count: usize) -> Value {
        let plain = count.to_string();
        Value { words: grouped(&plain), plain, unit: "count", ..Value::default() }
    }
}

/// `4 days`, or that half of them are not done yet.
pub(in crate::report) fn median_words(between: Between) -> String {
    between
        .median
        .map_or_else(|| say!("not reached in {longest}", longest = days_words(between.longest)), days_words)
}

/// A figure, or what it needs.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) metric: Metric,
    /// What it measures: `Tickets per 100 active lines`.
    pub(super) measure: String,
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
    /// How many are so, of how many, as data; amounts where there is a currency.
    pub(super) counted: String,
    pub(super) of: String,
    pub(super) currency: Option<Currency>,
    /// What the figure rests on, in words: `3 tickets, 450 active lines`.
    pub(super) rests_on: String,
    /// Nothing where it cannot be measured.
    pub(super) value: Option<Value>,
    /// Where the data comes from.
    pub(super) source: &'static str,
    /// What it needs, or what to keep in mind.
    pub(super) note: String,
    /// Whether it stands in the overview of the metrics.
    pub(super) is_headline: bool,
}

impl Figure {
    pub(super) fn new(metric: Metric, measure: impl Into<String>, source: &'static str) -> Figure {
        Figure {
            metric,
            measure: measure.into(),
            days: None,
            counted: String::new(),
            of: String::new(),
            currency: None,
            rests_on: String::new(),
            value: None,
            source,
            note: String::new(),
            is_headline: false,
        }
    }

    pub(super) fn of_span(self, span: Span) -> Figure {
        Figure { days: Some((span.from, span.to)), ..self }
    }

    pub(super) fn resting_on(self, counted: u64, of: u64, words: impl Into<String>) -> Figure {
        Figure { counted: counted.to_string(), of: of.to_string(), rests_on: words.into(), ..self }
    }

    pub(super) fn valued(self, value: Value) -> Figure {
        Figure { value: Some(value), ..self }
    }

    pub(super) fn noting(self, note: impl Into<String>) -> Figure {
        Figure { note: note.into(), ..self }
    }

    pub(super) fn headline(self) -> Figure {
        Figure { is_headline: true, ..self }
    }

    fn days_words(&self) -> String {
        self.days.map_or_else(String::new, |(from, to)| Span { from, to }.in_words())
    }

    fn interval_cell(&self) -> Cell {
        match self.value.as_ref().map(|value| value.interval.as_str()) {
            Some("") | None => Cell { none: Some(say!("no interval")), ..Cell::default() },
            Some(interval) => Cell::text(interval),
        }
    }

    fn value_cell(&self) -> Cell {
        match &self.value {
            Some(value) => Cell::text(value.words.clone()),
            None => Cell { none: Some(say!("not measurable")), ..Cell::default() },
        }
    }
}

/// The overview: the headline figures of all metrics.
pub(super) fn headline_table(figures: &[&Figure]) -> Table {
    let mut table = Table {
        id: "metrics-list".to_owned(),
        caption: say!("Each figure with the days that it looks at, what it rests on, and its interval of 95%: where the interval is \
                  wide, the figure proves little. Each metric has its own section below.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Metric"),
            Column::text("Measure"),
            Column::text("Figure"),
            Column::text("95% interval"),
            Column::text("Rests on"),
            Column::text("Days"),
            Column::text("Note"),
        ],
        ..Table::default()
    };
    for figure in figures.iter().filter(|figure| figure.is_headline) {
        let anchor = format!("health.html#{}", figure.metric.id());
        table.rows.push(Row {
            cells: vec![
                Cell::link(figure.metric.heading(), anchor),
                Cell::text(figure.measure.clone()),
                figure.value_cell(),
                figure.interval_cell(),
                Cell::text(figure.rests_on.clone()),
                Cell::text(figure.days_words()),
                Cell::text(figure.note.clone()),
            ],
            ..Row::default()
        });
    }
    table
}

/// The figures of one metric over time.
pub(super) fn trend_table(id: &str, caption: &str, figures: &[Figure]) -> Table {
    let has_notes = figures.iter().any(|figure| !figure.note.is_empty());
    let mut columns = vec![
        Column::text("Days"),
        Column::text("Figure"),
        Column::text("95% interval"),
        Column::text("Rests on"),
    ];
    if has_notes {
        columns.push(Column::text("Note"));
    }
    let row = |figure: &Figure| {
        let mut cells = vec![
            Cell::text(figure.days_words()),
            figure.value_cell(),
            figure.interval_cell(),
            Cell::text(figure.rests_on.clone()),
        ];
        if has_notes {
            cells.push(Cell::text(figure.note.clone()));
        }
        Row { cells, ..Row::default() }
    };
    Table {
        id: id.to_owned(),
        caption: caption.to_owned(),
        layout: "cards",
        columns,
        rows: figures.iter().map(row).collect(),
        ..Table::default()
    }
}

/// Every figure, for the file.
pub(super) fn all_table(figures: &[&Figure]) -> Table {
    let labels = [
        mark!("Code"),
        mark!("Metric"),
        mark!("Measure"),
        mark!("From"),
        mark!("To"),
        mark!("Counted"),
        mark!("Of"),
        mark!("Currency"),
        mark!("Figure"),
        mark!("Unit"),
        mark!("Interval from"),
        mark!("Interval to"),
        mark!("Rests on"),
        mark!("Source"),
        mark!("Note"),
    ];
    let row = |figure: &&Figure| {
        let value = figure.value.clone().unwrap_or_default();
        let day = |day: Option<NaiveDate>| Cell::date(day).value().to_owned();
        let texts = [
            figure.metric.code(),
            figure.metric.heading().to_owned(),
            figure.measure.clone(),
            day(figure.days.map(|(from, _)| from)),
            day(figure.days.map(|(_, to)| to)),
            figure.counted.clone(),
            figure.of.clone(),
            figure.currency.map_or_else(String::new, |currency| currency.code().to_owned()),
            value.plain,
            value.unit.to_owned(),
            value.from,
            value.to,
            figure.rests_on.clone(),
            figure.source.to_owned(),
            figure.note.clone(),
        ];
        Row { cells: texts.into_iter().map(Cell::text).collect(), ..Row::default() }
    };
    Table {
        id: "metrics-all".to_owned(),
        caption: say!("Every figure of the success metrics.").to_owned(),
        layout: "wide",
        columns: labels.into_iter().map(Column::text).collect(),
        rows: figures.iter().map(row).collect(),
        ..Table::default()
    }
}

/// `8 tickets`.
pub(super) fn tickets(n: u64) -> String {
    count_of(usize::try_from(n).unwrap_or(usize::MAX), "ticket", "tickets")
}

/// `4 of 8 tickets`.
pub(super) fn of_tickets(share: Share) -> String {
    say!("{counted} of {all}", counted = share.counted, all = tickets(share.of))
}

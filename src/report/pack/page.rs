//! The printed page of a pack: one self-contained document with what a reader signs for. Every figure of it is a cell of a
//! sheet.

use super::sheet::{Column, Kind, Sheet, Value, Verdict};
use super::{Pack, checks};
use crate::model::money::{Currency, Money, grouped};
use crate::model::status::Bucket;
use crate::model::time::date_in_words;
use crate::reconcile::figures::CurrencyTotals;
use crate::report::lists::count_of;
use crate::report::page::{Block, Definition, Page, Text};
use crate::report::table::{self, Cell, Row, Table};
use crate::report::{Report, page};

/// Reconciling items on the page; the workbook and its CSV file have all of them.
const ITEMS: usize = 200;

/// The printed page of a pack and what it repeats on every sheet of paper.
#[derive(Debug, Clone)]
pub struct Document {
    /// The page.
    pub page: Page,
    /// `Close pack CP-2026-05-…`.
    pub name: String,
    /// What every printed page repeats beside the name.
    pub running: Vec<String>,
    /// The facts in its head.
    pub facts: Vec<Definition>,
}

/// A column of a view: the key in the sheet, the label on the page.
type View<'v> = &'v [(&'v str, &'v str)];

impl Pack {
    /// The page, made of the sheets; `report` is the one the pack was made of.
    pub fn document(&self, report: &Report<'_>) -> Document {
        let head = &self.head;
        let fact = |name: &str, value: Text| Definition { name: name.to_owned(), value: vec![value] };
        let facts = vec![
            fact("Document", Text::plain(format!("{}, {}", head.id, head.state.in_words()))),
            fact("Snapshot", Text::plain(format!("{}, {}", head.known, head.known.in_words()))),
            fact(
                "Period",
                Text::plain(format!("{}, days end at 24:00 {}", head.period.in_words(), head.time_zone)),
            ),
            fact("Effective date", Text::plain(date_in_words(head.effective()))),
            fact("Predecessor", Text::plain(head.parent_words())),
            fact("Fingerprint", Text::code(head.fingerprint.clone())),
        ];
        let mut page = Page {
            path: format!("close/{}.html", head.month),
            title: format!("Close pack, {}", head.month.in_words()),
            scope: format!("period={}", head.month),
            description: format!(
                "Close pack of {}, as known at {}.",
                head.month.in_words(),
                head.known.in_words()
            ),
            heading: format!("Close pack, {}", head.month.in_words()),
            frame: Some(page::Frame {
                snapshot: head.known.to_string(),
                as_of: head.known.in_words(),
                record_set: head.record_set.clone(),
            }),
            top: vec![self.verdict()],
            ..Page::default()
        };
        page.main = self.sections(report);
        Document {
            page,
            name: format!("Close pack {}", head.id),
            running: vec![head.month.in_words(), format!("snapshot {}", head.known)],
            facts,
        }
    }

    /// The result of all checks in one sentence.
    fn verdict(&self) -> Block {
        let (all, failed, open) = self.results();
        let closing: Vec<String> = self.closing.iter().map(|amount| amount.in_words()).collect();
        let closing = format!(
            " Closing balance {}.",
            if closing.is_empty() { "nothing".to_owned() } else { closing.join(" and ") }
        );
        let items = self.sheets.get(5).map_or(0, |sheet| sheet.rows.len());
        let items = format!(
            " {} listed with what to do next.",
            count_of(items, "reconciling item is", "reconciling items are")
        );
        let (tone, first) = match (failed, open) {
            (0, 0) => ("ok", format!("All {all} checks agree.")),
            (0, open) => (
                "ok",
                format!(
                    "{} of {all} checks agree, none fails; {} for a person.",
                    all - open,
                    if open == 1 { "1 is left".to_owned() } else { format!("{open} are left") }
                ),
            ),
            (1, _) => ("bad", format!("1 of {all} checks does not agree.")),
            (failed, _) => ("bad", format!("{failed} of {all} checks do not agree.")),
        };
        Block::Note { tone, text: vec![Text::strong(first), Text::plain(format!("{items}{closing}"))] }
    }

    fn sections(&self, report: &Report<'_>) -> Vec<Block> {
        let mut sections = Vec::new();
        let mut add = |id: &str, heading: &str, blocks: Vec<Block>| {
            if !blocks.is_empty() {
                sections.push(Block::Section {
                    id: id.to_owned(),
                    heading: heading.to_owned(),
                    actions: Vec::new(),
                    blocks,
                });
            }
        };
        add("cash", "From orders to cash", self.cash(report));
        add("checks", "Tie-out", self.checks());
        add("roll-forward", "Roll-forward of unpaid rebates", self.roll_forward());
        add("aging", "Unpaid balance by age", self.aging());
        add("reconciliation", "Reconciling items", self.reconciliation());
        add("later", "After the end of the month", self.later());
        add("prior", "Prior-period changes", self.prior());
        add("fx", "In the currency of the books", self.fx());
        add("sources", "Sources and checksums", self.sources());
        add("sign-off", "Sign-off", self.sign_off());
        add("verify", "How to verify", self.how_to_verify());
        sections
    }

    /// What became of the month's lines on the way from our orders to money.
    fn cash(&self, report: &Report<'_>) -> Vec<Block> {
        let month = self.head.month;
        let none = crate::report::scopes::Members::default();
        let members = report.scopes.period(month).unwrap_or(&none);
        let totals = report.totals(&members.lines);
        let by_weight = totals.by_weight();
        let Some((main, _)) = by_weight.first().copied() else { return Vec::new() };
        let steps: Vec<Vec<Step>> = by_weight
            .iter()
            .map(|(currency, sums)| {
                let bridge = report.bridges.get(&(month, *currency));
                cash_steps(bridge.map_or(Money::zero(*currency), |bridge| bridge.own_expected), sums)
            })
            .collect();
        let mut table = Table {
            id: "cash-steps".to_owned(),
            caption: format!("Each step less what has not passed it; lines in {main}."),
            layout: "tight",
            columns: vec![table::Column::text("Step"), table::Column::number("Lines").minor()],
            ..Table::default()
        };
        for (currency, _) in &by_weight {
            let column = table::Column::money(currency.code(), "step");
            table.columns.push(if *currency == main { column } else { column.minor() });
        }
        for (number, step) in steps[0].iter().enumerate() {
            let mut cells = vec![Cell::text(step.words), step.lines.map_or_else(Cell::empty, Cell::count)];
            cells.extend(steps.iter().map(|steps| Cell::money(steps[number].amount)));
            table.rows.push(Row { style: step.style, cells, ..Row::default() });
        }
        if let Some(last) = table.rows.pop() {
            table.foot.push(last);
        }
        vec![Block::Table(table)]
    }

    /// The currencies of a sheet's rows or totals, in the order of the closing balances.
    fn currencies(&self, sheet: &Sheet) -> Vec<Currency> {
        let Some(column) = sheet.column("currency") else { return Vec::new() };
        let mut all: Vec<Currency> = Vec::new();
        for row in sheet.rows.iter().chain(&sheet.totals) {
            if let Some(currency) = Currency::parse(&row[column].csv())
                && !all.contains(&currency)
            {
                all.push(currency);
            }
        }
        let place = |currency: &Currency| {
            self.closing.iter().position(|amount| amount.currency() == *currency).unwrap_or(usize::MAX)
        };
        all.sort_by_key(|currency| (place(currency), *currency));
        all
    }

    fn checks(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(checks::NUMBER) else { return Vec::new() };
        let view: View<'_> = &[
            ("description", "What must agree"),
            ("currency", "Currency"),
            ("value", "Figure"),
            ("expected", "Must equal"),
            ("difference", "Difference"),
            ("result", "Result"),
        ];
        let currencies = self.currencies(sheet);
        let mut rows: Vec<&Vec<Value>> = sheet.rows.iter().collect();
        let place = |row: &Vec<Value>| {
            let code = row[2].csv();
            currencies.iter().position(|currency| currency.code() == code).unwrap_or(usize::MAX)
        };
        rows.sort_by_key(|row| (row[0].csv(), place(row)));
        let notes: Vec<String> = rows.iter().map(|row| row[8].csv()).collect();
        let mut table = view_of(sheet, "checks-table", view, rows);
        for (row, note) in table.rows.iter_mut().zip(notes).filter(|(_, note)| !note.is_empty()) {
            row.cells[0].note = Some(note);
        }
        table.caption =
            "Two figures for each check, computed in two ways. The difference must be zero.".to_owned();
        vec![Block::Table(table)]
    }

    fn roll_forward(&self) -> Vec<Block> {
        let (Some(sheet), Some(lead)) = (self.sheets.get(4), self.sheets.get(3)) else { return Vec::new() };
        let mut blocks: Vec<Block> = sheet
            .notes
            .iter()
            .map(|note| Block::Paragraph { text: vec![Text::plain(note.clone())] })
            .collect();
        for currency in self.currencies(sheet) {
            let all = of_currency(sheet, &sheet.totals, currency);
            let (layers, rows): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|row| row[0].csv().starts_with("layer"));
            let code = currency.code().to_lowercase();
            let view: View<'_> = &[("movement", "Movement"), ("records", "Records"), ("amount", "Amount")];
            let mut table = view_of(sheet, &format!("roll-forward-{code}"), view, rows.clone());
            table.caption = format!("All programs. Amounts in {currency}.");
            for (row, values) in table.rows.iter_mut().zip(rows) {
                row.style = match values[0].csv().as_str() {
                    "opening" | "closing" => "sub",
                    "closing-per-detail" | "check" => "",
                    _ => "ind",
                };
            }
            blocks.push(Block::Table(table));
            let view: View<'_> =
                &[("movement", "Layer"), ("records", "Records"), ("amount", "In the balance")];
            let mut table = view_of(sheet, &format!("layers-{code}"), view, layers);
            table.caption = format!("What the closing balance is made of. Amounts in {currency}.");
            blocks.push(Block::Table(table));
            let view: View<'_> = &[
                ("program", "Program"),
                ("opening", "Opening"),
                ("earlier_periods", "Earlier periods"),
                ("earned", "Earned"),
                ("adjustments", "Adjustments"),
                ("received", "Received"),
                ("closing", "Closing"),
            ];
            let id = format!("lead-{}", currency.code().to_lowercase());
            let mut by_program = view_of(lead, &id, view, of_currency(lead, &lead.rows, currency));
            by_program.caption = format!("By program. Amounts in {currency}.");
            by_program.foot = view_of(lead, "", view, of_currency(lead, &lead.totals, currency)).rows;
            for row in &mut by_program.foot {
                row.style = "tot";
                row.cells[0] = Cell::text("Total");
            }
            blocks.push(Block::Table(by_program));
        }
        blocks
    }

    fn aging(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(6) else { return Vec::new() };
        let view: View<'_> = &[
            ("bucket", "Age in days"),
            ("lines", "Open items"),
            ("amount", "Amount"),
            ("percent", "% of total"),
        ];
        let mut blocks = Vec::new();
        for currency in self.currencies(sheet) {
            let rows = of_currency(sheet, &sheet.totals, currency);
            let mut table = view_of(sheet, &format!("aging-{}", currency.code().to_lowercase()), view, rows);
            table.caption = format!("Days from the end of the earning period. Amounts in {currency}.");
            if let Some(mut last) = table.rows.pop() {
                last.style = "tot";
                last.cells[0] = Cell::text("Closing balance, unpaid");
                table.foot.push(last);
            }
            blocks.push(Block::Table(table));
        }
        blocks
    }

    fn reconciliation(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(5) else { return Vec::new() };
        let mut blocks = Vec::new();
        for currency in self.currencies(sheet) {
            let rows = of_currency(sheet, &sheet.totals, currency);
            let (own, ledger): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row[0].csv() == "A");
            let code = currency.code().to_lowercase();
            let caption =
                format!("The effects of all items add up to the difference. Amounts in {currency}.");
            let label = "From own expected to vendor calculated";
            blocks.extend(statement(sheet, &format!("bridge-{code}"), label, caption, own));
            let caption = format!("This sub-ledger and the general ledger. Amounts in {currency}.");
            let label = "Agreement with the ledger";
            blocks.extend(statement(sheet, &format!("ledger-{code}"), label, caption, ledger));
        }
        let view: View<'_> = &[
            ("item", "Item"),
            ("title", "Why"),
            ("next_step", "Next step"),
            ("age_days", "Days"),
            ("currency", "Currency"),
            ("amount", "Effect"),
            ("at_stake", "At stake"),
        ];
        let mut rows: Vec<&Vec<Value>> = sheet.rows.iter().collect();
        let weight = |row: &&Vec<Value>| {
            let of = |column: usize| row[column].amount().map_or(0, |amount| amount.minor().unsigned_abs());
            std::cmp::Reverse(of(8).max(of(9)))
        };
        let all = rows.len();
        if all > ITEMS {
            rows.sort_by_key(weight);
            rows.truncate(ITEMS);
        }
        let mut items = view_of(sheet, "items", view, rows.clone());
        for (cells, row) in items.rows.iter_mut().map(|row| &mut row.cells).zip(rows) {
            let (item, order) = (row[1].csv(), row[2].csv());
            cells[0].note = Some(order).filter(|order| !order.is_empty() && *order != item);
            // In brackets and with a label: on paper a note is told from the sentence before it by words alone.
            cells[1].note = Some(format!("({})", row[6].csv()));
            cells[2].note =
                Some(row[12].csv()).filter(|owner| !owner.is_empty()).map(|owner| format!("Owner: {owner}"));
        }
        items.layout = "wide";
        items.caption = if all > ITEMS {
            format!(
                "The {ITEMS} largest of {} items; sheet 05 and its CSV file have all of them.",
                grouped(&all.to_string())
            )
        } else {
            format!("{}, by cause.", count_of(all, "item", "items"))
        };
        blocks.push(Block::Table(items));
        blocks
    }

    fn later(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(11) else { return Vec::new() };
        let view: View<'_> = &[
            ("event", "Event"),
            ("id", "Id"),
            ("date", "Date"),
            ("line_id", "Line"),
            ("currency", "Currency"),
            ("adjustment", "Adjustment"),
            ("received", "Received"),
            ("lines_sum", "Sum of lines"),
            ("unapplied", "Not applied"),
            ("class", "Proposed class"),
        ];
        self.with_totals(sheet, "later-table", view)
    }

    fn prior(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(12) else { return Vec::new() };
        let view: View<'_> = &[
            ("line_id", "Line"),
            ("period", "Period"),
            ("currency", "Currency"),
            ("at_close", "At the close"),
            ("now", "Now"),
            ("change", "Change"),
            ("class", "What moved"),
            ("cause", "Cause"),
            ("proposal", "Proposal"),
        ];
        self.with_totals(sheet, "prior-table", view)
    }

    /// Nothing where no functional currency is configured.
    fn fx(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(16).filter(|sheet| !sheet.rows.is_empty()) else {
            return Vec::new();
        };
        let view: View<'_> = &[
            ("movement", "Movement"),
            ("currency", "Currency"),
            ("amount", "Amount"),
            ("rate", "Rate"),
            ("rate_date", "Rate date"),
            ("source", "Source"),
            ("functional", "In the currency of the books"),
            ("missing", "Missing in fx.csv"),
        ];
        self.with_totals(sheet, "fx-table", view)
    }

    /// A whole sheet with its totals; its first rows where it is long.
    fn with_totals(&self, sheet: &Sheet, id: &str, view: View<'_>) -> Vec<Block> {
        let mut blocks: Vec<Block> = sheet
            .notes
            .iter()
            .map(|note| Block::Paragraph { text: vec![Text::plain(note.clone())] })
            .collect();
        let mut listed = view_of(sheet, id, view, sheet.rows.iter().take(ITEMS).collect());
        listed.caption = if sheet.rows.len() > ITEMS {
            format!("The first {ITEMS} of {}; the workbook has all of them.", sheet.rows.len())
        } else {
            sheet.purpose.to_owned()
        };
        listed.empty = sheet.empty.to_owned();
        listed.foot = view_of(sheet, "", view, sheet.totals.iter().collect()).rows;
        for row in &mut listed.foot {
            row.style = "sub";
        }
        blocks.push(Block::Table(listed));
        blocks
    }

    fn sources(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(17) else { return Vec::new() };
        let of_part = |part: &str| sheet.rows.iter().filter(|row| row[0].csv() == part).collect::<Vec<_>>();
        let view: View<'_> = &[
            ("file", "File"),
            ("rows_read", "Rows read"),
            ("merged", "Merged"),
            ("set_aside", "Set aside"),
            ("loaded", "Loaded"),
            ("result", "Result"),
        ];
        let mut files = view_of(sheet, "files", view, of_part("rows"));
        for (row, values) in files.rows.iter_mut().zip(of_part("rows")) {
            row.cells[0].note = Some(values[4].csv());
        }
        files.caption =
            "Every row is header, blank, merged, set aside or loaded. SHA-256 of the whole file.".to_owned();
        let view: View<'_> = &[
            ("file", "File"),
            ("currency", "Currency"),
            ("declared", "Declared"),
            ("amount_loaded", "Loaded"),
            ("amount_merged", "Merged"),
            ("amount_set_aside", "Set aside"),
            ("difference", "Difference"),
            ("result", "Result"),
        ];
        let mut controls = view_of(sheet, "controls", view, of_part("amounts"));
        controls.caption = "What the vendor declares for a file, against what was read from it.".to_owned();
        controls.empty = "The vendor declared no control total.".to_owned();
        let view: View<'_> =
            &[("received", "Snapshot"), ("currency", "Currency"), ("amount_loaded", "Calculated")];
        let mut snapshots = view_of(sheet, "snapshots", view, of_part("snapshot"));
        snapshots.caption = "What the lines of each snapshot's own file add up to.".to_owned();
        let mut blocks = vec![Block::Table(files), Block::Table(controls), Block::Table(snapshots)];
        let earlier = of_part("earlier").len();
        if earlier > 0 {
            let files = count_of(earlier, "file", "files");
            let words = format!(
                "{files} of earlier snapshots tell what was known then; sheet 17 lists them with their checksums."
            );
            blocks.push(Block::Paragraph { text: vec![Text::plain(words)] });
        }
        if let Some(aside) = self.sheets.get(18).filter(|sheet| !sheet.rows.is_empty()) {
            let view: View<'_> = &[
                ("file", "File"),
                ("line", "Line"),
                ("field", "Field"),
                ("reason", "Why"),
                ("order_id", "Order"),
                ("currency", "Currency"),
                ("amount", "Amount"),
            ];
            let mut table = view_of(aside, "aside", view, aside.rows.iter().take(ITEMS).collect());
            table.layout = "cards";
            table.caption = aside.purpose.to_owned();
            blocks.push(Block::Table(table));
        }
        blocks
    }

    fn sign_off(&self) -> Vec<Block> {
        let Some(sheet) = self.sheets.get(21) else { return Vec::new() };
        let signatures = sheet.rows.iter().filter(|row| row[0].csv() == "signature");
        let mut table = Table {
            id: "sign-off-table".to_owned(),
            caption: "Sign after looking at the tie-out, the reconciling items and the changes.".to_owned(),
            layout: "sign",
            columns: ["Role", "Name", "Signature", "Date"].into_iter().map(table::Column::text).collect(),
            ..Table::default()
        };
        for row in signatures {
            let cells = vec![Cell::text(row[1].csv()), Cell::empty(), Cell::empty(), Cell::empty()];
            table.rows.push(Row { cells, ..Row::default() });
        }
        let assertions = sheet.rows.iter().filter(|row| row[0].csv() == "assertion");
        let rows = assertions
            .map(|row| Definition { name: row[1].csv(), value: vec![Text::plain(row[4].csv())] })
            .collect();
        vec![Block::Table(table), Block::Definitions { rows }]
    }

    fn how_to_verify(&self) -> Vec<Block> {
        let step = |words: &str, command: &str, more: &str| {
            vec![Text::plain(words), Text::code(command), Text::plain(more)]
        };
        vec![Block::List {
            ordered: true,
            items: vec![
                step("Checksums: ", "sha256sum -c SHA256SUMS", " in the folder of the pack."),
                step("Figures: ", "tieout verify FOLDER", " computes every figure again from the extracts."),
                step("The same pack: ", &self.head.command, " gives the same bytes from the same inputs."),
            ],
        }]
    }
}

/// A step from our orders to money.
struct Step {
    style: &'static str,
    words: &'static str,
    lines: Option<usize>,
    amount: Money,
}

/// The steps of one currency, each less what has not passed it.
fn cash_steps(own: Money, sums: &CurrencyTotals) -> Vec<Step> {
    let currency = own.currency();
    let step =
        |style, words, lines, minor| Step { style, words, lines, amount: Money::from_minor(minor, currency) };
    let minor = |amount: Money| amount.minor();
    let (review, calculated) = (sums.under_review, sums.bucket(Bucket::Calculated));
    let (approved, paid) = (sums.bucket(Bucket::Approved), sums.bucket(Bucket::Paid));
    let waiting = minor(calculated.1) - minor(review.1);
    vec![
        step("sub", "Expected by our orders", None, minor(own)),
        step("ind", "Reconciling items", None, minor(sums.calculated_all) - minor(own)),
        step("sub", "Vendor calculated", Some(sums.lines), minor(sums.calculated_all)),
        step(
            "ind",
            "Rejected or in an unknown status",
            None,
            minor(sums.calculated) - minor(sums.calculated_all),
        ),
        step("ind", "Adjustments", None, minor(sums.adjustments)),
        step("sub", "Total rebate", Some(sums.total_lines()), minor(sums.total())),
        step("ind", "Under review", Some(review.0), -minor(review.1)),
        step("ind", "Awaiting approval", Some(calculated.0 - review.0), -waiting),
        step("sub", "Approved so far", Some(approved.0 + paid.0), minor(approved.1) + minor(paid.1)),
        step("ind", "Awaiting payment", Some(approved.0), -minor(approved.1)),
        step("tot", "Paid so far", Some(paid.0), minor(paid.1)),
    ]
}

/// The totals of a statement of one currency; nothing where it has none.
fn statement(sheet: &Sheet, id: &str, label: &str, caption: String, rows: Vec<&Vec<Value>>) -> Option<Block> {
    if rows.is_empty() {
        return None;
    }
    let mut table = view_of(sheet, id, &[("title", label), ("amount", "Amount")], rows.clone());
    table.caption = caption;
    for (row, values) in table.rows.iter_mut().zip(rows) {
        row.style = match values[3].csv().as_str() {
            "vendor-calculated" | "own-expected" | "difference" | "unexplained" => "sub",
            "sub-ledger" | "ledger" | "ledger-difference" | "ledger-unexplained" => "sub",
            _ => "ind",
        };
    }
    Some(Block::Table(table))
}

/// The rows of a currency.
fn of_currency<'s>(sheet: &Sheet, rows: &'s [Vec<Value>], currency: Currency) -> Vec<&'s Vec<Value>> {
    let Some(column) = sheet.column("currency") else { return Vec::new() };
    rows.iter().filter(|row| row[column].csv() == currency.code()).collect()
}

/// Some columns of some rows of a sheet as a table of the page.
fn view_of(sheet: &Sheet, id: &str, view: View<'_>, rows: Vec<&Vec<Value>>) -> Table {
    let columns: Vec<(usize, &str)> =
        view.iter().filter_map(|(key, label)| Some((sheet.column(key)?, *label))).collect();
    let kinds = columns.iter().map(|(column, label)| {
        let Column { kind, key, .. } = sheet.columns[*column];
        match kind {
            Kind::Amount => table::Column::money(label, key.replace('_', "-")),
            Kind::Count | Kind::Rate => table::Column::number(label),
            // A share is text in a workbook, where nothing is computed from it.
            Kind::Text if key == "percent" => table::Column::number(label),
            Kind::Date => table::Column::date(label),
            Kind::Text | Kind::Id | Kind::Month | Kind::Verdict => table::Column::text(label),
        }
    });
    Table {
        id: id.to_owned(),
        // More columns than a phone is wide scroll in a box of their own.
        layout: if columns.len() > 4 { "wide" } else { "tight" },
        columns: kinds.collect(),
        rows: rows
            .into_iter()
            .map(|row| Row {
                cells: columns.iter().map(|(column, _)| cell(&row[*column])).collect(),
                ..Row::default()
            })
            .collect(),
        empty: sheet.empty.to_owned(),
        ..Table::default()
    }
}

fn cell(value: &Value) -> Cell {
    match value.plain() {
        Value::Empty | Value::Formula(..) => Cell::empty(),
        Value::Text(text) => Cell::text(text.clone()),
        Value::Id(text) => Cell::code(text.clone()),
        Value::Amount(amount) => Cell::money(*amount),
        Value::Count(count) => {
            let plain = count.to_string();
            Cell { text: grouped(&plain), csv: Some(plain), ..Cell::default() }
        }
        Value::Date(date) => Cell::date(Some(*date)),
        Value::Month(month) => Cell::text(month.in_words()),
        Value::Rate(rate) => Cell::text(rate.normalize().to_string()),
        Value::Verdict(verdict) => match verdict {
            Verdict::Pass => Cell { icon: Some("ok"), ..Cell::text("Agrees") },
            Verdict::Fail => Cell { icon: Some("bad"), ..Cell::text("Does not agree") },
            Verdict::Open => Cell { icon: Some("unknown"), ..Cell::text("Open") },
        },
    }
}

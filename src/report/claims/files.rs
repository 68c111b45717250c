//! The file of a claim: the cases of its group in the columns that the vendor wants.

use super::{Group, Item};
use crate::content::claims::{Column as Mapped, Field, Source};
use crate::ingest::grammar;
use crate::model::money::Money;
use crate::model::record::{Line, Order, Payout};
use crate::model::reference::Program;
use crate::reconcile::Subject;
use crate::report::Report;
use crate::report::lists::capitalized;
use crate::report::table::{Cell, Column, Row, Table};

/// The file of a claim.
pub(super) fn file(report: &Report<'_>, group: &Group) -> Table {
    let is_of_program = |name: &str| {
        group.program.is_some_and(|id| id.raw() == name || id.canonical() == grammar::canonical(name))
    };
    let columns = report.sources.claim_files.of(is_of_program);
    let rows = group.items.iter().map(|item| row(report, group, item, columns)).collect();
    Table { columns: columns.iter().map(header).collect(), rows, ..Table::default() }
}

fn header(column: &Mapped) -> Column {
    let Source::Field(field) = &column.source else { return Column::text(&column.header) };
    let measure = match field {
        Field::Adjustments => "adjustments",
        Field::Amount => "not-claimed",
        Field::Base => "base",
        Field::Calculated => "calculated",
        Field::ClaimedBefore => "claimed-open",
        Field::Expected => "eligible",
        Field::Paid => "paid",
        Field::Stake => "at-stake",
        Field::VendorBase => "vendor-base",
        Field::InvoiceDate | Field::LastDay => return Column::date(&column.header),
        Field::Account
        | Field::Batch
        | Field::Category
        | Field::Claim
        | Field::Clause
        | Field::Currency
        | Field::Customer
        | Field::Document
        | Field::Invoice
        | Field::Kind
        | Field::Line
        | Field::Order
        | Field::OrderLine
        | Field::Payout
        | Field::Period
        | Field::Program
        | Field::ProgramName
        | Field::Rate
        | Field::Reason
        | Field::Region
        | Field::Sku
        | Field::Snapshot
        | Field::Status
        | Field::Subject
        | Field::Subscription
        | Field::VendorAccount
        | Field::VendorSku => return Column::text(&column.header),
    };
    Column::money(&column.header, measure)
}

fn row(report: &Report<'_>, group: &Group, item: &Item, columns: &[Mapped]) -> Row {
    let records = About::new(report, group, item);
    let cell = |column: &Mapped| match &column.source {
        Source::Field(field) => records.cell(*field),
        Source::Text(text) => Cell::text(text.as_str()),
    };
    Row { cells: columns.iter().map(cell).collect(), ..Row::default() }
}

/// The records that a case is about, looked up once.
struct About<'r, 'a> {
    report: &'r Report<'a>,
    group: &'r Group,
    item: &'r Item,
    line: Option<u32>,
    order: Option<u32>,
    payout: Option<&'a Payout>,
    program: Option<&'a Program>,
}

impl<'r, 'a> About<'r, 'a> {
    fn new(report: &'r Report<'a>, group: &'r Group, item: &'r Item) -> About<'r, 'a> {
        let reconciled = report.reconciled;
        let (line, order, payout) = match report.case(item).subject {
            Subject::Line(n) => {
                (Some(n), reconciled.matching.of_line(n).shares.first().map(|s| s.order), None)
            }
            Subject::Order(n) => (None, Some(n), None),
            Subject::Payout(n) => (None, None, Some(&reconciled.snapshot.records.payouts[n as usize])),
            Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => (None, None, None),
        };
        let payout = payout.or_else(|| reconciled.payout(report.line(line?).payout?));
        let program = group.program.and_then(|id| reconciled.rules.program(id));
        About { report, group, item, line, order, payout, program }
    }

    fn line(&self) -> Option<&'a Line> {
        self.line.map(|number| self.report.line(number))
    }

    fn order(&self) -> Option<&'a Order> {
        self.order.map(|number| self.report.order(number))
    }

    fn cell(&self, field: Field) -> Cell {
        let (report, reconciled) = (self.report, self.report.reconciled);
        let rules = &reconciled.rules;
        let text = |text: Option<&str>| text.map_or_else(Cell::empty, Cell::text);
        let code = |id: Option<&str>| id.map_or_else(Cell::empty, Cell::code);
        let money = |amount: Option<Money>| amount.map_or_else(Cell::empty, Cell::money);
        let (line, order) = (self.line(), self.order());
        let figures = self.line.map(|number| report.figures(number));
        let of_order = self.order.filter(|_| line.is_none()).map(|n| &reconciled.orders[n as usize]);
        let account = order.and_then(|o| rules.account(o.account, o.order_date).found());
        let sku = order.and_then(|o| rules.sku(o.sku, o.order_date).found());
        let source = self.program.map(|program| &program.source);
        match field {
            Field::Account => code(order.map(|o| o.account.raw())),
            Field::Adjustments => money(figures.map(|f| f.adjustments)),
            Field::Amount => Cell::money(self.item.amount),
            Field::Base => money(match of_order {
                Some(own) => own.base,
                None => figures.and_then(|f| f.base_own),
            }),
            Field::Batch => code(line.and_then(|l| l.batch).map(|batch| batch.raw())),
            Field::Calculated => money(line.and_then(|l| l.amount_calculated)),
            Field::Category => text(line.and_then(|l| l.category).map(|c| c.as_str())),
            Field::Claim => Cell::text(self.group.name()),
            Field::ClaimedBefore => Cell::money(self.item.before),
            Field::Clause => text(source.and_then(|s| s.clause).map(|c| c.as_str())),
            Field::Currency => Cell::text(self.group.currency.code()),
            Field::Customer => match self.order {
                Some(number) => {
                    let name = report.scopes.customer_name(reconciled, report.order(number));
                    text(name.map(|name| name.as_str()))
                }
                None => Cell::empty(),
            },
            Field::Document => text(source.and_then(|s| s.document).map(|d| d.as_str())),
            Field::Expected => money(match of_order {
                Some(own) => own.expected,
                None => figures.and_then(|f| f.expected),
            }),
            Field::Invoice => code(order.and_then(|o| o.invoice).map(|id| id.raw())),
            Field::InvoiceDate => match order.and_then(|o| o.invoice_date) {
                Some(day) => Cell::date(Some(day)),
                None => Cell::empty(),
            },
            Field::Kind => Cell::text(self.group.kind.code()),
            Field::LastDay => match report.last_day(self.item) {
                Some(deadline) => Cell::date(Some(deadline.date)),
                None => Cell::empty(),
            },
            Field::Line => code(line.map(|l| l.id.raw())),
            Field::Order => code(order.map(|o| o.id.raw()).or_else(|| line.map(|l| l.order_ref.raw()))),
            Field::OrderLine => text(order.and_then(|o| o.line).map(|l| l.as_str())),
            Field::Paid => match self.line {
                Some(_) => money(line.and_then(|l| l.amount_paid)),
                None => money(self.payout.map(|p| p.amount)),
            },
            Field::Payout => code(self.payout.map(|p| p.id.raw())),
            Field::Period => match report.case(self.item).period {
                Some(month) => Cell::text(month.to_string()),
                None => Cell::empty(),
            },
            Field::Program => code(self.group.program.map(|id| id.raw())),
            Field::ProgramName => text(self.program.map(|p| p.name.as_str())),
            Field::Rate => match line.and_then(|l| l.rate) {
                Some(rate) => Cell::text(rate.normalize().to_string()),
                None => Cell::empty(),
            },
            Field::Reason => Cell::text(capitalized(report.sources.content.kind(self.group.kind).claimed())),
            Field::Region => {
                text(order.and_then(|o| o.region).or(line.and_then(|l| l.region)).map(|r| r.as_str()))
            }
            Field::Sku => code(order.map(|o| o.sku.raw())),
            Field::Snapshot => Cell::text(reconciled.as_of().to_string()),
            Field::Stake => money(report.case(self.item).at_stake()),
            Field::Status => text(line.map(|l| l.status_raw.as_str())),
            Field::Subject => Cell::code(report.subject(report.case(self.item)).1),
            Field::Subscription => code(order.and_then(|o| o.subscription).map(|id| id.raw())),
            Field::VendorAccount => {
                let own = account.and_then(|a| a.vendor);
                code(line.and_then(|l| l.account_ref).or(own).map(|id| id.raw()))
            }
            Field::VendorBase => money(line.and_then(|l| l.amount_base)),
            Field::VendorSku => {
                let own = sku.and_then(|s| s.vendor);
                code(line.and_then(|l| l.sku_ref).or(own).map(|id| id.raw()))
            }
        }
    }
}

//! What the vendor declares, pays and delivers: control totals, payouts, feeds.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::catalog::CURRENCIES;
use crate::claim::Claim;
use crate::csv::Csv;
use crate::sale::Sale;
use crate::world::World;

/// A batch is paid on one day, in one payout per currency: paid day, program, month, batch, currency.
type Payout = (NaiveDate, usize, usize, u64, usize);

/// What the vendor declares and pays, summed while the lines are written.
#[derive(Default)]
pub(crate) struct Books {
    declared: [Option<i64>; CURRENCIES.len()],
    payouts: BTreeMap<Payout, i64>,
}

impl Books {
    pub(crate) fn declare(&mut self, currency: usize, calculated: i64) {
        *self.declared[currency].get_or_insert(0) += calculated;
    }

    pub(crate) fn pay(&mut self, day: NaiveDate, sale: &Sale, claim: &Claim) {
        let payout = (day, sale.program, claim.month, claim.batch, claim.currency);
        *self.payouts.entry(payout).or_insert(0) += claim.paid;
    }
}

/// What stands before the batch in the id of a payout; the program's own currency needs no mark.
pub(crate) fn payout_prefix(is_own_currency: bool) -> &'static str {
    if is_own_currency { "PO-" } else { "PO-FX-" }
}

pub(crate) fn write_payouts(world: &World, books: &Books, folder: &Path) -> io::Result<Csv> {
    let mut payouts =
        Csv::create(folder, "payouts.csv", "payout_id,paid_date,currency,amount,form,bank_ref")?;
    for (&(paid, program, month, batch, currency), &amount) in &books.payouts {
        let program = &world.programs[program];
        let is_own = currency == program.currency;
        let currency = &CURRENCIES[currency];
        payouts
            .batch(payout_prefix(is_own), program, world.months[month], batch)
            .date(paid)
            .text(currency.code)
            .money(amount, currency)
            .text(if batch % 12 == 11 { "credit" } else { "transfer" })
            .batch(if is_own { "BK-" } else { "BK-FX-" }, program, world.months[month], batch)
            .end()?;
    }
    Ok(payouts)
}

pub(crate) fn write_control_totals(books: &Books, rows: u64, folder: &Path) -> io::Result<Csv> {
    let mut controls =
        Csv::create(folder, "control_totals.csv", "file,rows,currency,declared_calculated_total")?;
    for (currency, declared) in CURRENCIES.iter().zip(books.declared) {
        if let Some(declared) = declared {
            controls
                .text("rebate_lines.csv")
                .count(rows)
                .text(currency.code)
                .money(declared, currency)
                .end()?;
        }
    }
    Ok(controls)
}

pub(crate) fn write_sources(as_of: NaiveDate, folder: &Path) -> io::Result<Csv> {
    let mut sources =
        Csv::create(folder, "sources.csv", "source_id,kind,site,expected_by,last_as_of,state,error_code")?;
    // The vendor delivers by the 12th.
    let months_back = Months::new(u32::from(as_of.day() < 12));
    let due = as_of - Days::new(u64::from(as_of.day0())) - months_back + Days::new(11);
    for (source, kind, site, due) in [
        ("own-orders", "orders", "", as_of),
        ("vendor-rebates-intl", "rebates", "intl", due),
        ("vendor-payouts-intl", "payouts", "intl", due),
        ("vendor-rebates-cn", "rebates", "cn", due),
        ("vendor-payouts-cn", "payouts", "cn", due),
    ] {
        sources.texts(&[source, kind, site]).date(due).date(as_of).texts(&["ok", ""]).end()?;
    }
    Ok(sources)
}

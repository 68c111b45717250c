//! The rows of one sale: the order, the vendor's lines, adjustments and cancellations.

use std::io;

use chrono::{Days, NaiveDate};

use crate::accounts::{account_number, vendor_account};
use crate::catalog::{CATEGORIES, CURRENCIES, Currency, REGIONS, SKUS, UNMAPPED_SKUS};
use crate::chance::{Rng, Topic};
use crate::claim::Claim;
use crate::csv::Csv;
use crate::kinds::Kind;
use crate::sale::Sale;
use crate::settlement::{Books, payout_prefix};
use crate::state::{State, state};
use crate::world::World;

fn currency_of(world: &World, sale: &Sale) -> &'static Currency {
    &CURRENCIES[world.programs[sale.program].currency]
}

pub(crate) fn cancelled_on(sale: &Sale, month_end: NaiveDate) -> NaiveDate {
    month_end + Days::new(1 + sale.index % 6)
}

pub(crate) fn write_order(orders: &mut Csv, world: &World, sale: &Sale, refunded: bool) -> io::Result<()> {
    let program = &world.programs[sale.program];
    let region = &REGIONS[sale.region];
    let currency = currency_of(world, sale);
    let number = sale.index + 1;
    let billed = sale.kind != Some(Kind::BillingBlank);

    orders.id("ORD-", number, 7).text(sale.reseller);
    match sale.kind {
        // A few unknown accounts with several orders each: one mapping row clears many cases.
        Some(Kind::AccountUnmapped) => {
            orders.id("ACC-99", sale.index * 7 % (world.accounts as u64 / 100 + 1), 5)
        }
        Some(_) | None => orders.id("ACC-", account_number(sale.account), 6),
    };
    if sale.prepaid {
        orders.blank();
    } else {
        orders.id("SUB-", account_number(sale.account), 6);
    }
    if billed {
        orders.id("INV-", number, 7).date(sale.invoiced);
    } else {
        orders.blank().blank();
    }
    orders
        .date(sale.ordered)
        .text(match sale.kind {
            Some(Kind::SkuUnmapped) => UNMAPPED_SKUS[(sale.index % UNMAPPED_SKUS.len() as u64) as usize],
            Some(_) | None => SKUS[sale.sku].0,
        })
        .text(if sale.kind == Some(Kind::RegionBlank) { "" } else { region.name })
        .text(region.site)
        .text(match (billed, sale.prepaid) {
            (false, _) => "",
            (true, true) => "prepay",
            (true, false) => "payg",
        })
        .text(sale.contract_type)
        .date(world.programs[0].from)
        .text(&program.campaign)
        .text(currency.code)
        .money(sale.net, currency)
        .money(sale.voucher, currency)
        .text(if refunded { "partially_refunded" } else { "active" })
        .end()
}

/// `id_start` is what stands before the number in the id of the line.
pub(crate) fn write_line(
    lines: &mut Csv,
    id_start: &str,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    state: &State,
    books: &mut Books,
) -> io::Result<()> {
    let number = sale.index + 1;
    lines.id(id_start, number, 7);
    write_claim_start(lines, world, sale, claim);
    // The vendor spells one order id in three ways.
    let prefix = match Rng::new(world.seed, Topic::Line, !sale.index).below(100) {
        // A letter too many: one edit away from the order, and the id of no other.
        _ if sale.kind == Some(Kind::NearMiss) => "ORD-O",
        0..84 => "ORD-",
        84..92 => "ord ",
        _ => "ORD",
    };
    // Nobody has an account of the other range.
    let range = if sale.kind == Some(Kind::AccountMismatch) { "5177" } else { "5123" };
    lines.id(prefix, number, 7).id(range, vendor_account(sale.account), 12);
    write_claim_terms(lines, world, sale, claim);
    write_amount(lines, sale, claim, state.has_amount, books);
    lines.text(state.status).text(state.reason).date(state.since).maybe_date(state.approved);
    let currency = &CURRENCIES[claim.currency];
    if !state.is_paid {
        lines.blank().blank();
    } else if sale.kind == Some(Kind::PayoutMissing) {
        lines.money(claim.paid, currency).id("PO-7", number, 7);
    } else {
        books.pay(state.since, sale, claim);
        let program = &world.programs[sale.program];
        let before = payout_prefix(claim.currency == program.currency);
        lines.money(claim.paid, currency).batch(before, program, world.months[claim.month], claim.batch);
    }
    lines.end()
}

/// What the vendor claims a second time, under an id that comes after the first.
pub(crate) fn write_second(
    lines: &mut Csv,
    world: &World,
    second: &Sale,
    as_of: NaiveDate,
    books: &mut Books,
) -> io::Result<()> {
    let claim = world.claim(second);
    let Some(state) = state(second, &claim.times, as_of) else { return Ok(()) };
    write_line(lines, "L-D", world, second, &claim, &state, books)
}

/// A second line, like the sale's own, for an order and an account that nobody here knows; it is never settled.
pub(crate) fn write_orphan(
    lines: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    as_of: NaiveDate,
    books: &mut Books,
) -> io::Result<()> {
    let is_calculated = claim.times.calculated <= as_of;
    lines.id("L-9", sale.index + 1, 8);
    write_claim_start(lines, world, sale, claim);
    lines.id("ORD-V", sale.index + 1, 9).id("5188", vendor_account(sale.account), 12);
    write_claim_terms(lines, world, sale, claim);
    write_amount(lines, sale, claim, is_calculated, books);
    let (status, since) =
        if is_calculated { ("CALCULATED", claim.times.calculated) } else { ("PENDING", claim.times.pending) };
    lines.text(status).blank().date(since).blank().blank().blank().end()
}

fn write_claim_start(lines: &mut Csv, world: &World, sale: &Sale, claim: &Claim) {
    let program = &world.programs[sale.program];
    lines.text(sale.reseller).text(&program.id).batch("", program, world.months[claim.month], claim.batch);
}

fn write_claim_terms(lines: &mut Csv, world: &World, sale: &Sale, claim: &Claim) {
    lines
        .text(SKUS[sale.sku].1)
        .text(CATEGORIES[claim.category])
        .text(REGIONS[claim.region].name)
        .month(world.months[claim.month])
        .money(claim.base, &CURRENCIES[claim.currency])
        .rate(claim.rate);
}

fn write_amount(lines: &mut Csv, sale: &Sale, claim: &Claim, has_amount: bool, books: &mut Books) {
    let currency = &CURRENCIES[claim.currency];
    // The vendor's own total knows the amount that cannot be read here.
    books.declare(claim.currency, if has_amount { claim.calculated } else { 0 });
    match sale.kind {
        Some(Kind::Unreadable) if has_amount => lines.misread_money(claim.calculated, currency),
        Some(_) | None if has_amount => lines.money(claim.calculated, currency),
        Some(_) | None => lines.blank(),
    };
    lines.text(currency.code);
}

pub(crate) fn write_cancellation(
    cancellations: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
) -> io::Result<()> {
    let currency = currency_of(world, sale);
    cancellations
        .id("CAN-", sale.index + 1, 7)
        .id("ORD-", sale.index + 1, 7)
        .date(cancelled_on(sale, claim.times.month_end))
        .money(claim.refund, currency)
        .text(currency.code)
        .text("partial-refund")
        .end()
}

pub(crate) fn write_adjustment(
    adjustments: &mut Csv,
    world: &World,
    sale: &Sale,
    claim: &Claim,
    as_of: NaiveDate,
) -> io::Result<()> {
    let times = &claim.times;
    let (reason, on) = match sale.kind {
        Some(Kind::Refund) => ("REFUND", times.calculated + Days::new(2)),
        Some(Kind::Eligibility) => ("ELIGIBILITY", times.approved),
        Some(Kind::Fee) => ("FEE", times.paid),
        Some(_) | None => ("", times.paid),
    };
    if on > as_of {
        return Ok(());
    }
    let currency = currency_of(world, sale);
    adjustments
        .id("ADJ-", sale.index + 1, 7)
        .id("L-", sale.index + 1, 7)
        .money(claim.adjustment, currency)
        .text(currency.code)
        .text(reason);
    match sale.kind {
        Some(Kind::Refund) => adjustments.id("CAN-", sale.index + 1, 7),
        Some(Kind::Eligibility) => adjustments.id("PN-", sale.index + 1, 7),
        Some(Kind::Fee) => adjustments.text("BANK-1PCT"),
        Some(_) | None => adjustments.blank(),
    };
    adjustments.date(on).end()
}

//! Reference data: accounts, products, programs, periods and maps.

use std::fs;
use std::io;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::accounts::{account_number, lacks_region, region_of, vendor_account};
use crate::catalog::{CATEGORIES, CURRENCIES, SKUS};
use crate::csv::Csv;
use crate::programs::{ENTERPRISE, validity};
use crate::snapshot::Written;
use crate::world::World;
use crate::{CLOSE_AFTER, NEWEST, at};

pub(crate) fn write_reference(world: &World, snapshots: &[NaiveDate], folder: &Path) -> io::Result<Written> {
    fs::create_dir(folder).map_err(|error| at(folder, &error))?;
    let (from, to) = validity(world.months[0]);

    let mut accounts = Csv::create(
        folder,
        "accounts.csv",
        "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
    )?;
    for account in 0..world.accounts {
        let customer = account * world.customers / world.accounts;
        let region = if lacks_region(account) { "" } else { region_of(account).name };
        accounts
            .id("ACC-", account_number(account), 6)
            .id("5123", vendor_account(account), 12)
            .id("CUST-", customer as u64 + 1, 5)
            .text(&customer_name(customer))
            .text(region)
            .date(from)
            .date(to)
            .end()?;
    }

    let mut skus = Csv::create(folder, "skus.csv", "sku,vendor_sku,category,valid_from,valid_to")?;
    for (sku, vendor_sku, category) in SKUS {
        skus.texts(&[sku, vendor_sku, CATEGORIES[category]]).date(from).date(to).end()?;
    }

    let mut programs = Csv::create(
        folder,
        "programs.csv",
        "program_id,name,campaign,site,currency,valid_from,valid_to,contract_types,exclusive_group,tier_mode,tier_scope,\
         cap_per_order,period_basis,window_basis,base_basis,round_mode,round_level,confirm_days,dispute_days",
    )?;
    let mut rates = Csv::create(folder, "program_rates.csv", "program_id,category,tier_from,tier_to,rate")?;
    let mut enrollments =
        Csv::create(folder, "enrollments.csv", "reseller_id,program_id,tier,valid_from,valid_to")?;
    for (at, program) in world.programs.iter().enumerate() {
        programs
            .texts(&[&program.id, &program.name, &program.campaign, program.site])
            .text(CURRENCIES[program.currency].code)
            .date(program.from)
            .date(program.to)
            .texts(&[program.contract_types, program.exclusive_group, program.tier.0, program.tier.1, ""])
            .texts(&["invoice_date", "order_date", "net_less_voucher", "half_up", "line"]);
        for days in program.days {
            if days > 0 {
                programs.count(days)
            } else {
                programs.blank()
            };
        }
        programs.end()?;
        for (category, tiers) in program.rates {
            for (at, (tier_from, rate)) in tiers.iter().enumerate() {
                rates.texts(&[&program.id, CATEGORIES[*category]]).count(tier_from.unsigned_abs());
                match tiers.get(at + 1) {
                    Some((next, _)) => rates.count(next.unsigned_abs()),
                    None => rates.blank(),
                };
                rates.rate(*rate).end()?;
            }
        }
        let resellers: &[&str] = if at == ENTERPRISE { &["R-200"] } else { &["R-100", "R-200", "R-300"] };
        let tier = if at == ENTERPRISE { "enterprise" } else { "standard" };
        for reseller in resellers {
            enrollments.texts(&[reseller, &program.id, tier]).date(from).date(to).end()?;
        }
    }

    let mut periods =
        Csv::create(folder, "periods.csv", "period,start,end,vendor_final_date,closed_on,close_snapshot")?;
    let mut fx = Csv::create(folder, "fx.csv", "date,from,to,rate,kind,source")?;
    for month in 0..world.months.len() {
        let end = world.end(month);
        let closes = end + Days::new(CLOSE_AFTER);
        let soon_enough = closes..closes + Days::new(36);
        let kept = snapshots.iter().copied().find(|day| soon_enough.contains(day) && *day < NEWEST);
        periods
            .month(end)
            .date(world.months[month])
            .date(end)
            .date(end + Days::new(10))
            .maybe_date(kept.or(Some(closes)).filter(|day| *day < NEWEST))
            .maybe_date(kept)
            .end()?;
        for currency in CURRENCIES.iter().filter(|currency| !currency.closing_rate.is_empty() && end < NEWEST)
        {
            fx.date(end)
                .texts(&[currency.code, "USD", currency.closing_rate, "closing", "illustrative"])
                .end()?;
        }
    }

    let mut statuses = Csv::create(folder, "status_map.csv", "raw_status,canonical,bucket,rank,limit_days")?;
    for row in [
        "PENDING,Pending Data,Pending,0,14",
        "CALCULATING,In Calculation,Pending,1,14",
        "CALCULATED,Calculated,Calculated,2,30",
        "REVIEW,Under Review,Calculated,2,21",
        "APPROVED,Approved,Approved,3,30",
        "PAID,Paid,Paid,4,",
        "REJECTED,Rejected,Rejected,,",
    ] {
        statuses.fields(row).end()?;
    }

    let mut reasons =
        Csv::create(folder, "reason_map.csv", "raw_reason,canonical_reason,implies,plain_text")?;
    for row in [
        "INV_PENDING,invoice-confirmation,invoice-confirmation-delay,Invoice confirmation pending",
        "DOC_MISSING,documents,manual-review,Supporting documents missing",
        "CONTRACT_NOT_ACTIVE,contract-activation,contract-activation-late,Contract not active yet",
        "FROZEN_UNPAID_BILL,frozen,earning-frozen,Earning frozen until the billing cycle is paid",
        "SKU_TIER,sku-tier,sku-not-eligible,SKU not eligible for current rebate program tier.",
        "REFUND,refund,,Refund or cancellation",
        "ELIGIBILITY,eligibility,,Eligibility changed after reconciliation",
        "FEE,fee,,Fee or tax allocated to the payout",
    ] {
        reasons.fields(row).end()?;
    }

    let mut written = Vec::new();
    for file in [accounts, skus, programs, rates, enrollments, periods, statuses, reasons, fx] {
        written.push(file.finish()?);
    }
    Ok(written)
}

/// An invented name, different for every customer: the parts are read off a number that a step coprime to their product
/// spreads over all combinations.
fn customer_name(customer: usize) -> String {
    const FIRST: &str = "Amber Birch Cobalt Dune Ember Fern Granite Hazel Indigo Juniper Kestrel Lark Maple Nimbus Ochre \
                         Pebble Quartz Rowan Saffron Tidal Umber Violet Willow Yarrow Zephyr Alder Basalt Cedar Drift \
                         Elm Flint Glacier";
    const SECOND: &str = "Anchor Bay Bridge Canyon Crest Delta Field Forge Gate Grove Harbor Haven Hill Junction Key \
                          Lantern Meadow Mill Orchard Peak Pier Point Quay Ridge River Road Shore Spring Summit Tower \
                          Vale Wharf";
    const TRADE: &str =
        "Retail Logistics Foods Energy Health Media Games Travel Textiles Insurance Robotics Studios";
    let [first, second, trade] = [FIRST, SECOND, TRADE].map(|words| words.split(' ').collect::<Vec<_>>());
    let all = first.len() * second.len() * trade.len();
    let spread = (customer % all) * 7_919 % all;
    let name = format!(
        "{} {} {}",
        first[spread % first.len()],
        second[spread / first.len() % second.len()],
        trade[spread / first.len() / second.len()],
    );
    match customer / all {
        0 => name,
        round => format!("{name} {}", round + 1),
    }
}

//! One snapshot: every sale that our side knows by then, and what the vendor has said about it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::at;
use crate::csv::Csv;
use crate::kinds::Kind;
use crate::rows::{
    cancelled_on, write_adjustment, write_cancellation, write_line, write_order, write_orphan, write_second,
};
use crate::settlement::{Books, write_control_totals, write_payouts, write_sources};
use crate::state::state;
use crate::world::World;

/// Files and how many rows each has.
pub(crate) type Written = Vec<(PathBuf, u64)>;

pub(crate) fn write_snapshot(world: &World, as_of: NaiveDate, folder: &Path) -> io::Result<Written> {
    fs::create_dir(folder).map_err(|error| at(folder, &error))?;
    let mut orders = Csv::create(
        folder,
        "orders.csv",
        "order_id,reseller_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,site,billing_model,\
         contract_type,contract_activation_date,campaign,currency,net_amount,voucher_amount,order_status",
    )?;
    let mut lines = Csv::create(
        folder,
        "rebate_lines.csv",
        "line_id,reseller_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,region,period,base_amount,rate,\
         calculated_amount,currency,status,reason_code,status_date,approved_date,paid_amount,payout_id",
    )?;
    let mut adjustments = Csv::create(
        folder,
        "adjustments.csv",
        "adjustment_id,line_id,amount,currency,reason_code,reference,adjustment_date",
    )?;
    let mut cancellations = Csv::create(
        folder,
        "cancellations.csv",
        "cancellation_id,order_id,cancel_date,refund_amount,currency,kind",
    )?;
    let mut books = Books::default();

    for sale in world.sales() {
        if sale.invoiced > as_of {
            continue;
        }
        let refunded =
            sale.kind.is_some_and(Kind::is_refunded) && cancelled_on(&sale, world.end(sale.month)) <= as_of;
        write_order(&mut orders, world, &sale, refunded)?;
        if sale.kind == Some(Kind::DuplicateOrder) {
            write_order(&mut orders, world, &sale, refunded)?;
        }
        if sale.kind.is_some_and(|kind| !kind.has_line()) {
            continue;
        }
        let claim = world.claim(&sale);
        if refunded {
            write_cancellation(&mut cancellations, world, &sale, &claim)?;
        }
        let Some(state) = state(&sale, &claim.times, as_of) else { continue };
        write_line(&mut lines, "L-", world, &sale, &claim, &state, &mut books)?;
        if let Some(second) = sale.second() {
            write_second(&mut lines, world, &second, as_of, &mut books)?;
        }
        if sale.kind == Some(Kind::Orphan) {
            write_orphan(&mut lines, world, &sale, &claim, as_of, &mut books)?;
        }
        if claim.adjustment != 0 {
            write_adjustment(&mut adjustments, world, &sale, &claim, as_of)?;
        }
    }

    let payouts = write_payouts(world, &books, folder)?;
    let controls = write_control_totals(&books, lines.rows, folder)?;
    let sources = write_sources(as_of, folder)?;
    let mut written = Vec::new();
    for file in [orders, lines, adjustments, cancellations, payouts, controls, sources] {
        written.push(file.finish()?);
    }
    Ok(written)
}

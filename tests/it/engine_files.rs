//! The files of a made-up project: reference data of a few programs, the extracts of one or two snapshots, and the shortest
//! way through the library that reads and reconciles them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};

use tieout::ingest;
use tieout::normalize::{self, Snapshot, Snapshots};
use tieout::reconcile::{self, Materiality, Past, Reconciled};

use super::engine_world::{Line, Order, PROGRAMS, SKUS, World, amount};
use super::support::Project;

fn known(minor: Option<i128>, currency: &str) -> String {
    minor.map_or(String::new(), |minor| amount(minor, currency))
}

/// The files below `input/`, each as a header and its rows.
pub(crate) type Files = BTreeMap<String, (String, Vec<String>)>;

impl World {
    pub(crate) fn files(&self) -> Files {
        let mut files = reference();
        let mut put = |path: &str, header: &str, rows: Vec<String>| {
            files.insert(path.to_owned(), (header.to_owned(), rows));
        };
        let order = |o: &Order| {
            let (net, voucher) = (amount(o.net, o.currency), amount(o.voucher, o.currency));
            format!(
                "{},{},R-1,{},{},{},{},{},{},eu-1,intl,prepay,{},{},{},{net},{voucher},{}",
                o.id,
                o.line,
                o.account,
                o.subscription,
                o.invoice,
                o.invoiced,
                o.ordered,
                o.sku,
                o.contract,
                o.campaign,
                o.currency,
                o.status
            )
        };
        let line = |l: &Line| {
            let rate = l.rate.map_or(String::new(), |r| format!("0.{r:04}"));
            format!(
                "{},{},{},{},{},{},{},{},{},{rate},{},{},{},2026-06-10,{},{},{}",
                l.id,
                l.program,
                l.batch,
                l.reference,
                l.account,
                l.sku,
                l.category,
                l.period,
                known(l.base, l.currency),
                known(l.calculated, l.currency),
                l.currency,
                l.status,
                l.approved,
                known(l.paid, l.currency),
                l.payout
            )
        };
        let (orders_header, lines_header) = (
            "order_id,order_line,reseller_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,\
             site,billing_model,contract_type,campaign,currency,net_amount,voucher_amount,order_status",
            "line_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,period,base_amount,rate,\
             calculated_amount,currency,status,status_date,approved_date,paid_amount,payout_id",
        );
        if let Some(before) = &self.before {
            put("2026-06-01/orders.csv", orders_header, self.orders.iter().map(order).collect());
            put("2026-06-01/rebate_lines.csv", lines_header, before.iter().map(line).collect());
        }
        put("2026-06-18/orders.csv", orders_header, self.orders.iter().map(order).collect());
        put("2026-06-18/rebate_lines.csv", lines_header, self.lines.iter().map(line).collect());
        put(
            "2026-06-18/adjustments.csv",
            "adjustment_id,line_id,amount,currency,reason_code,reference,adjustment_date",
            self.adjustments
                .iter()
                .map(|(id, line, minor, currency, reason, reference)| {
                    format!(
                        "{id},{line},{},{currency},{reason},{reference},2026-06-09",
                        amount(*minor, currency)
                    )
                })
                .collect(),
        );
        put(
            "2026-06-18/cancellations.csv",
            "cancellation_id,order_id,cancel_date,refund_amount,currency,kind",
            self.cancellations
                .iter()
                .map(|(id, order, minor, currency)| {
                    format!("{id},{order},2026-05-25,{},{currency},cancel", amount(*minor, currency))
                })
                .collect(),
        );
        put(
            "2026-06-18/payouts.csv",
            "payout_id,paid_date,currency,amount,form,bank_ref",
            vec![
                "P-1,2026-06-01,USD,80.00,transfer,BK-1".into(),
                "P-2,2026-06-02,EUR,9.00,transfer,BK-2".into(),
            ],
        );
        put(
            "reference/aliases.csv",
            "own_id,vendor_id,kind",
            self.aliases.iter().map(|(own, vendor)| format!("{own},{vendor},order")).collect(),
        );
        files
    }

    pub(crate) fn project(&self) -> Project {
        write(&self.files())
    }

    /// Reads and reconciles the newest snapshot, the earlier one folded into its past.
    pub(crate) fn reconcile<T>(&self, look: impl FnOnce(&Snapshot, &Reconciled<'_>) -> T) -> T {
        read(&self.project(), look)
    }
}

/// The reference data of all made-up projects.
fn reference() -> Files {
    let of = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
    let mut files = Files::new();
    let mut put = |name: &str, header: &str, rows: Vec<String>| {
        files.insert(format!("reference/{name}.csv"), (header.to_owned(), rows));
    };
    put(
        "accounts",
        "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
        of(&["A-1,V-1,C-1,First,eu-1,,", "A-2,V-2,C-2,Second,eu-1,,", "A-3,V-3,C-2,Second,eu-1,,"]),
    );
    let skus = SKUS.iter().map(|(sku, vendor, category)| format!("{sku},{vendor},{category},,"));
    put("skus", "sku,vendor_sku,category,valid_from,valid_to", skus.collect());
    put(
        "periods",
        "period,start,end,vendor_final_date,closed_on,close_snapshot",
        of(&[
            "2026-04,2026-04-01,2026-04-30,2026-05-07,,",
            "2026-05,2026-05-01,2026-05-31,2026-06-10,,",
            "2026-06,2026-06-01,2026-06-30,2026-07-10,,",
            "2026-07,2026-07-01,2026-07-31,2026-08-10,,",
        ]),
    );
    let programs = PROGRAMS.iter().map(|p| {
        let cap = known(p.cap, p.currency);
        format!(
            "{},{},{},intl,{},{},2026-12-31,standard,{},{},{},{cap},invoice_date,order_date,net_less_voucher,{},{}",
            p.id, p.id, p.campaign, p.currency, p.from, p.group, p.method, p.scope, p.mode, p.level
        )
    });
    put(
        "programs",
        "program_id,name,campaign,site,currency,valid_from,valid_to,contract_types,exclusive_group,tier_mode,tier_scope,\
         cap_per_order,period_basis,window_basis,base_basis,round_mode,round_level",
        programs.collect(),
    );
    let rates = PROGRAMS.iter().flat_map(|p| {
        p.rates.iter().map(|(category, from, to, rate)| {
            let to = to.map_or(String::new(), |to| to.to_string());
            format!("{},{category},{from},{to},0.{rate:04}", p.id)
        })
    });
    put("program_rates", "program_id,category,tier_from,tier_to,rate", rates.collect());
    put(
        "status_map",
        "raw_status,canonical,bucket,rank,limit_days",
        of(&[
            "PENDING,Pending Data,Pending,0,14",
            "CALCULATING,In Calculation,Pending,1,14",
            "CALCULATED,Calculated,Calculated,2,30",
            "REVIEW,Under Review,Calculated,2,21",
            "APPROVED,Approved,Approved,3,30",
            "PAID,Paid,Paid,4,",
            "REJECTED,Rejected,Rejected,,",
        ]),
    );
    put(
        "reason_map",
        "raw_reason,canonical_reason,implies,plain_text",
        of(&["REFUND,refund,,Refund", "ELIGIBILITY,eligibility,,Eligibility changed", "FEE,fee,,Fee"]),
    );
    files
}

/// A project of files.
pub(crate) fn write(files: &Files) -> Project {
    let project = Project::empty();
    for (path, (header, rows)) in files {
        project.write(&format!("input/{path}"), format!("{header}\n{}\n", rows.join("\n")));
    }
    project
}

/// Reads and reconciles every snapshot of a project, and looks at the newest.
pub(crate) fn read<T>(project: &Project, look: impl FnOnce(&Snapshot, &Reconciled<'_>) -> T) -> T {
    let ((files, input), _) = ingest::read_all(&project.path("input")).unwrap();
    let ((reference, _, _), _) = normalize::reference(&files, &input, input.snapshots().next_back().unwrap());
    let (delta, materiality) = (BTreeSet::new(), Materiality::new());
    let mut snapshots = Snapshots::new(&files, &input, &delta);
    let dates: Vec<_> = input.snapshots().collect();
    let mut past = Past::default();
    for as_of in &dates[..dates.len() - 1] {
        let (snapshot, _) = snapshots.at(*as_of, &reference);
        past = past.with(&reconcile::reconcile(&snapshot, &reference, &past, &materiality));
    }
    let (snapshot, _) = snapshots.at(*dates.last().unwrap(), &reference);
    look(&snapshot, &reconcile::reconcile(&snapshot, &reference, &past, &materiality))
}

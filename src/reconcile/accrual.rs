//! What could be accrued although no line says so: orders of ours that earn by our own rules and that no line of the vendor
//! names (domain 1.1, layer L0). A close keeps them, so that a later one can be held against the estimate (domain 1.6).

use serde::{Deserialize, Serialize};

use super::Reconciled;
use super::matching::numbered;
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::Money;
use crate::model::time::Month;

/// One order's own expected rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accrual {
    /// The order.
    pub order: OrderId,
    /// Its line, where an order has several.
    pub line: Option<ustr::Ustr>,
    /// The program that it declares.
    pub program: Option<ProgramId>,
    /// The month in which it counts by our books.
    pub period: Month,
    /// What our rules give; never zero.
    pub amount: Money,
}

/// The candidates of the periods up to a month, as known at the snapshot, in the order of the orders.
pub fn candidates(reconciled: &Reconciled<'_>, up_to: Month) -> Vec<Accrual> {
    numbered(&reconciled.orders)
        .filter(|(number, figures)| figures.period <= up_to && reconciled.order_case(*number).is_some())
        .filter_map(|(number, figures)| {
            let amount = figures.expected.filter(|amount| !amount.is_zero())?;
            let order = &reconciled.snapshot.records.orders[number as usize];
            let program = reconciled.rules.declared_program(order).map(|program| program.id);
            Some(Accrual { order: order.id, line: order.line, program, period: figures.period, amount })
        })
        .collect()
}

//! The checks of our own maps and of the conditions of a program.

use ustr::Ustr;

use super::{Check, Outcome, Question, Value, check, id_or_nothing, pass_if, untested};
use crate::model::record::Order;
use crate::model::reference::{Program, Validity};
use crate::reconcile::Reconciled;
use crate::rules::{Entitlement, Ineligible, Lookup, Rules};

impl Reconciled<'_> {
    /// What our own maps say of an order.
    pub fn mapping_checks(&self, order: &Order) -> Vec<Check> {
        let rules = &self.rules;
        let (account, outcome) = match rules.account(order.account, order.order_date) {
            Lookup::Found(row) => match row.vendor {
                Some(vendor) => (Value::Id(vendor.raw().to_owned()), Outcome::Pass),
                None => (Value::Nothing, untested("reference/accounts.csv", "vendor_account_id")),
            },
            Lookup::NotOnThatDay(row) => (Value::Days(row.valid), Outcome::Fail),
            Lookup::Missing => (Value::Nothing, Outcome::Fail),
        };
        let account = check(Question::Account, Value::Id(order.account.raw().to_owned()), account, outcome);
        let (sku, outcome) = match rules.sku(order.sku, order.order_date) {
            Lookup::Found(row) => (Value::Text(row.category.to_string()), Outcome::Pass),
            Lookup::NotOnThatDay(row) => (Value::Days(row.valid), Outcome::Fail),
            Lookup::Missing => (Value::Nothing, Outcome::Fail),
        };
        let sku = check(Question::Sku, Value::Id(order.sku.raw().to_owned()), sku, outcome);
        let region = rules.region(order);
        let region_check = check(
            Question::Region,
            id_or_nothing(region.map(|r| r.to_string())),
            Value::Nothing,
            pass_if(region.is_some() || !self.needs_region(order)),
        );
        let empty: Vec<&'static str> =
            [(order.invoice.is_none(), "invoice_id"), (order.billing_model.is_none(), "billing_model")]
                .into_iter()
                .filter_map(|(is_empty, column)| is_empty.then_some(column))
                .collect();
        let outcome = pass_if(empty.is_empty());
        let billing = match order.invoice.filter(|_| empty.is_empty()) {
            Some(invoice) => {
                let model = order.billing_model.map_or("", |m| m.as_str());
                Value::Text(format!("{}, {model}", invoice.raw()))
            }
            None => Value::Empty(empty),
        };
        vec![account, sku, region_check, check(Question::Billing, billing, Value::Nothing, outcome)]
    }

    /// The conditions of a program for an order row; where no program applies, only that question is asked.
    pub fn eligibility_checks(&self, number: u32, program: Option<&Program>) -> Vec<Check> {
        let order = &self.snapshot.records.orders[number as usize];
        let campaign = order.campaign.map_or(Value::Nothing, |c| Value::Text(c.to_string()));
        let Some(program) = program else {
            let outcome = untested("reference/programs.csv", "campaign");
            return vec![check(Question::Program, campaign, Value::Nothing, outcome)];
        };
        let name = Value::Text(program.name.to_string());
        let mut checks = vec![check(Question::Program, campaign, name, Outcome::Pass)];
        let entitlement = self.entitlements.get(number, program.id);
        let failures = match entitlement {
            Some(entitlement) => entitlement.failures.clone(),
            None => self.rules.ineligible(order, program),
        };
        let fails = |is: fn(&Ineligible) -> bool| failures.iter().any(is);
        checks.push(check(
            Question::Window,
            Value::Day(Rules::basis_date(order, program.window_basis)),
            Value::Days(program.valid),
            pass_if(!fails(|f| matches!(f, Ineligible::Window { .. }))),
        ));
        let mut listed = |question, list: &[Ustr], own: Option<Ustr>, is_broken, column| {
            let outcome = match (is_broken, own) {
                (true, _) => Outcome::Fail,
                (false, None) if !list.is_empty() => untested("orders.csv", column),
                (false, _) => Outcome::Pass,
            };
            let ours = own.map_or(Value::Nothing, |o| Value::Text(o.to_string()));
            checks.push(check(question, ours, Value::OneOf(list.to_vec()), outcome));
        };
        let is = |f: &Ineligible| matches!(f, Ineligible::Contract);
        listed(
            Question::Contract,
            &program.contract_types,
            order.contract_type,
            failures.iter().any(is),
            "contract_type",
        );
        let is_broken = fails(|f| matches!(f, Ineligible::BillingModel));
        let models = &program.billing_models;
        listed(Question::BillingModel, models, order.billing_model, is_broken, "billing_model");
        let resellers: Vec<Ustr> = program.resellers.iter().map(|r| Ustr::from(r.raw())).collect();
        let reseller = order.reseller.map(|r| Ustr::from(r.raw()));
        let is_broken = fails(|f| matches!(f, Ineligible::Reseller));
        listed(Question::Reseller, &resellers, reseller, is_broken, "reseller_id");
        let is_broken = fails(|f| matches!(f, Ineligible::Region { .. }));
        listed(Question::ProgramRegion, &program.regions, self.rules.region(order), is_broken, "region");
        let is_broken = fails(|f| matches!(f, Ineligible::CustomerClass));
        let classes = &program.customer_classes;
        listed(Question::CustomerClass, classes, order.customer_class, is_broken, "customer_class");
        checks.push(self.enrollment(order, program, &failures));
        checks.push(self.category(order, program, entitlement, &failures));
        checks.push(self.threshold(order, program, entitlement, &failures));
        checks
    }

    fn enrollment(&self, order: &Order, program: &Program, failures: &[Ineligible]) -> Check {
        let failed = failures.iter().find_map(|f| match f {
            Ineligible::Enrollment { ended } => Some(*ended),
            Ineligible::Window { .. }
            | Ineligible::Contract
            | Ineligible::BillingModel
            | Ineligible::Reseller
            | Ineligible::Region { .. }
            | Ineligible::CustomerClass
            | Ineligible::Category { .. }
            | Ineligible::Threshold { .. } => None,
        });
        let Some(reseller) = order.reseller else {
            let outcome = match program.requires_enrollment {
                Some(false) => Outcome::Pass,
                Some(true) | None => untested("orders.csv", "reseller_id"),
            };
            return check(Question::Enrollment, Value::Nothing, Value::Nothing, outcome);
        };
        let ours = Value::Id(reseller.raw().to_owned());
        if let Some(ended) = failed {
            let theirs =
                ended.map_or(Value::Nothing, |to| Value::Days(Validity { from: None, to: Some(to) }));
            return check(Question::Enrollment, ours, theirs, Outcome::Fail);
        }
        // Sorted by reseller and program.
        let all = &self.rules.reference.enrollments;
        let start = all.partition_point(|e| (e.reseller, e.program) < (reseller, program.id));
        let of_both = all[start..].iter().take_while(|e| (e.reseller, e.program) == (reseller, program.id));
        let row = of_both.into_iter().find(|e| e.valid.contains(order.order_date));
        let theirs = row.map_or(Value::Nothing, |e| Value::Days(e.valid));
        check(Question::Enrollment, ours, theirs, Outcome::Pass)
    }

    fn category(
        &self,
        order: &Order,
        program: &Program,
        entitlement: Option<&Entitlement<'_>>,
        failures: &[Ineligible],
    ) -> Check {
        let Some(category) = self.rules.category(order) else {
            let outcome = untested("reference/skus.csv", "category");
            return check(Question::Category, Value::Nothing, Value::Nothing, outcome);
        };
        let ours = Value::Text(category.to_string());
        if failures.iter().any(|f| matches!(f, Ineligible::Category { .. })) {
            return check(Question::Category, ours, Value::Nothing, Outcome::Fail);
        }
        let rate = entitlement.and_then(|e| e.rate(&self.rules, order, category));
        let theirs = rate.map_or_else(|| Value::Text(program.method.code().to_owned()), Value::Rate);
        check(Question::Category, ours, theirs, Outcome::Pass)
    }

    fn threshold(
        &self,
        order: &Order,
        program: &Program,
        entitlement: Option<&Entitlement<'_>>,
        failures: &[Ineligible],
    ) -> Check {
        for failure in failures {
            if let Ineligible::Threshold { volume, short, .. } = failure {
                let needed = volume.checked_add(*short).unwrap_or(*short);
                return check(
                    Question::Threshold,
                    Value::Money(*volume),
                    Value::Money(needed),
                    Outcome::Fail,
                );
            }
        }
        let is_tiered = program.method.is_tiered() || program.threshold_min.is_some();
        let volume = entitlement.and_then(Entitlement::volume).filter(|_| is_tiered);
        let outcome = match (is_tiered, self.rules.category(order)) {
            (true, None) => untested("reference/skus.csv", "category"),
            (_, _) => Outcome::Pass,
        };
        check(Question::Threshold, volume.map_or(Value::Nothing, Value::Money), Value::Nothing, outcome)
    }
}

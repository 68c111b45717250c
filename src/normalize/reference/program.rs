//! Program rules and their rates (domain 3.2).

use rust_decimal::Decimal;
use ustr::Ustr;

use super::validity;
use crate::ingest::columns::{program_rates, programs};
use crate::model::id::{Id, ResellerId};
use crate::model::money::{Currency, RoundMode};
use crate::model::reference::{
    BaseBasis, Baseline, Cap, CapOn, CapScope, DateBasis, Growth, Method, Program, ProgramRate, Refunds,
    RoundLevel, RuleSource, ScopeOwner, ScopeWindow, Stacking, TierScope,
};
use crate::normalize::cells::Cells;

const DATES: &[(&str, DateBasis)] = &[
    ("invoice_date", DateBasis::Invoice),
    ("order_date", DateBasis::Order),
    ("usage_date", DateBasis::Usage),
    ("payment_date", DateBasis::Payment),
];

const BASES: &[(&str, BaseBasis)] = &[
    ("list", BaseBasis::List),
    ("net", BaseBasis::Net),
    ("net_less_voucher", BaseBasis::NetLessVoucher),
    ("net_less_voucher_and_tax", BaseBasis::NetLessVoucherAndTax),
    ("paid_only", BaseBasis::PaidOnly),
];

const MODES: &[(&str, RoundMode)] =
    &[("half_up", RoundMode::HalfUp), ("half_even", RoundMode::HalfEven), ("down", RoundMode::Down)];

const LEVELS: &[(&str, RoundLevel)] = &[
    ("line", RoundLevel::Line),
    ("order", RoundLevel::Order),
    ("batch", RoundLevel::Batch),
    ("payout", RoundLevel::Payout),
];

const METHODS: &[(&str, Method)] = &[
    ("flat", Method::Flat),
    ("retroactive", Method::Retroactive),
    ("cumulative", Method::Retroactive),
    ("marginal", Method::Marginal),
    ("stepped", Method::Marginal),
    ("growth", Method::Growth),
    ("per_unit", Method::PerUnit),
    ("fixed", Method::Fixed),
    ("lump_sum", Method::LumpSum),
    ("none", Method::Flat),
];

const SCOPES: &[(&str, TierScope)] = {
    const fn scope(owner: ScopeOwner, window: ScopeWindow) -> TierScope {
        TierScope { owner, window }
    }
    use ScopeOwner::{Account, Customer, Order, Reseller};
    use ScopeWindow::{Month, Program, Quarter, Year};
    &[
        ("none", scope(Order, Program)),
        ("order", scope(Order, Program)),
        ("account_month", scope(Account, Month)),
        ("account_quarter", scope(Account, Quarter)),
        ("account_year", scope(Account, Year)),
        ("account_program", scope(Account, Program)),
        ("customer_month", scope(Customer, Month)),
        ("customer_quarter", scope(Customer, Quarter)),
        ("customer_year", scope(Customer, Year)),
        ("customer_program", scope(Customer, Program)),
        ("reseller_month", scope(Reseller, Month)),
        ("reseller_quarter", scope(Reseller, Quarter)),
        ("reseller_year", scope(Reseller, Year)),
        ("reseller_program", scope(Reseller, Program)),
    ]
};

const STACKINGS: &[(&str, Stacking)] =
    &[("exclude", Stacking::Exclude), ("reduce_base", Stacking::ReduceBase), ("stack", Stacking::Stack)];

const CAP_SCOPES: &[(&str, CapScope)] = &[
    ("order", CapScope::Order),
    ("account", CapScope::Account),
    ("period", CapScope::Period),
    ("program", CapScope::Program),
];

pub(super) fn program(cells: &mut Cells<'_>) -> Option<Program> {
    use programs as c;
    let id = cells.id(c::PROGRAM_ID);
    let id = cells.required(c::PROGRAM_ID, id);
    let name = cells.text(c::NAME);
    let name = cells.required(c::NAME, name);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let tier_mode = cells.choice(c::TIER_MODE, METHODS);
    let method = cells.choice(c::METHOD, METHODS).or(tier_mode).unwrap_or(Method::Flat);
    Some(Program {
        campaign: cells.text(c::CAMPAIGN),
        site: cells.text(c::SITE),
        valid: validity(cells, c::VALID_FROM, c::VALID_TO),
        contract_types: list(cells, c::CONTRACT_TYPES),
        billing_models: list(cells, c::BILLING_MODELS),
        regions: list(cells, c::REGIONS),
        resellers: list(cells, c::RESELLERS).iter().map(|text| reseller(text)).collect(),
        customer_classes: list(cells, c::CUSTOMER_CLASSES),
        requires_enrollment: cells.choice(c::REQUIRES_ENROLLMENT, &[("true", true), ("false", false)]),
        enrollment_tier: cells.text(c::ENROLLMENT_TIER),
        exclusive_group: cells.text(c::EXCLUSIVE_GROUP),
        stacking: cells.choice(c::STACKING, STACKINGS).unwrap_or_default(),
        priority: cells.count(c::PRIORITY).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        method,
        tier_scope: cells.choice(c::TIER_SCOPE, SCOPES).unwrap_or_default(),
        growth: growth(cells, currency),
        threshold_min: cells.money(c::THRESHOLD_MIN, currency),
        caps: caps(cells, currency),
        refunds: cells
            .choice(
                c::REFUNDS,
                &[
                    ("adjust_when_refunded", Refunds::AdjustWhenRefunded),
                    ("deduct_in_period", Refunds::DeductInPeriod),
                ],
            )
            .unwrap_or_default(),
        clawback_days: cells.count(c::CLAWBACK_DAYS).and_then(|n| u32::try_from(n).ok()),
        confirm_days: cells.days(c::CONFIRM_DAYS),
        dispute_days: cells.days(c::DISPUTE_DAYS),
        settlement_currency: cells.currency(c::SETTLEMENT_CURRENCY),
        period_basis: cells.choice(c::PERIOD_BASIS, DATES).unwrap_or_default(),
        window_basis: cells.choice(c::WINDOW_BASIS, DATES).unwrap_or(DateBasis::Order),
        base_basis: cells.choice(c::BASE_BASIS, BASES).unwrap_or_default(),
        round_mode: cells.choice(c::ROUND_MODE, MODES).unwrap_or_default(),
        round_level: cells.choice(c::ROUND_LEVEL, LEVELS).unwrap_or_default(),
        source: RuleSource {
            document: cells.text(c::SOURCE_DOCUMENT),
            clause: cells.text(c::SOURCE_CLAUSE),
            entered_by: cells.text(c::ENTERED_BY),
            checked_by: cells.text(c::CHECKED_BY),
        },
        origin: cells.origin(),
        id: id?,
        name: name?,
        currency: currency?,
    })
}

/// Several words of one cell, separated by `;`.
fn list(cells: &mut Cells<'_>, column: usize) -> Vec<Ustr> {
    let text = cells.text(column);
    let words = text.as_ref().map_or("", Ustr::as_str).split(';').map(str::trim);
    words.filter(|word| !word.is_empty()).map(Ustr::from).collect()
}

fn reseller(text: &str) -> ResellerId {
    Id::new(&crate::ingest::grammar::canonical(text), text)
}

fn caps(cells: &mut Cells<'_>, currency: Option<Currency>) -> Vec<Cap> {
    use programs as c;
    let per_order = cells.money(c::CAP_PER_ORDER, currency);
    let scope = cells.choice(c::CAP_SCOPE, CAP_SCOPES).unwrap_or(CapScope::Order);
    let on = cells.choice(c::CAP_ON, &[("rebate", CapOn::Rebate), ("base", CapOn::Base)]).unwrap_or_default();
    let wide = cells.money(c::CAP_AMOUNT, currency);
    let per_order = per_order.map(|amount| Cap { scope: CapScope::Order, on: CapOn::Rebate, amount });
    per_order.into_iter().chain(wide.map(|amount| Cap { scope, on, amount })).collect()
}

/// `growth_baseline` is an amount, `previous_window` or `previous_year`.
fn growth(cells: &mut Cells<'_>, currency: Option<Currency>) -> Option<Growth> {
    use programs as c;
    let text = cells.text(c::GROWTH_BASELINE)?;
    let baseline = match text.to_ascii_lowercase().as_str() {
        "previous_window" => Baseline::PreviousWindow,
        "previous_year" => Baseline::PreviousYear,
        _ => Baseline::Amount(cells.money(c::GROWTH_BASELINE, currency)?),
    };
    let in_percent = cells.choice(c::GROWTH_MEASURE, &[("percent", true), ("amount", false)]).unwrap_or(true);
    let on_increment =
        cells.choice(c::GROWTH_PAYS_ON, &[("all", false), ("increment", true)]).unwrap_or(false);
    Some(Growth { baseline, in_percent, on_increment })
}

pub(super) fn program_rate(cells: &mut Cells<'_>) -> Option<ProgramRate> {
    use program_rates as c;
    let (program, category, rate) =
        (cells.id(c::PROGRAM_ID), cells.text(c::CATEGORY), cells.decimal(c::RATE));
    let program = cells.required(c::PROGRAM_ID, program);
    let category = cells.required(c::CATEGORY, category);
    let rate = cells.required(c::RATE, rate);
    Some(ProgramRate {
        sku: cells.id(c::SKU),
        tier_from: cells.decimal(c::TIER_FROM).unwrap_or(Decimal::ZERO),
        tier_to: cells.decimal(c::TIER_TO),
        valid: validity(cells, c::VALID_FROM, c::VALID_TO),
        origin: cells.origin(),
        program: program?,
        category: category?,
        rate: rate?,
    })
}

//! Made-up projects for the tests of the engine: a fixed set of programs, and orders and lines made of a few bytes each,
//! so that a failing one shrinks to something a person can read. A byte of 0 is the plain case.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::engine_oracle::{bands, tier};

/// A rebate program, as the reference files and the oracle know it. Rates are in ten-thousandths, tiers in major units.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) id: &'static str,
    pub(crate) campaign: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) from: &'static str,
    pub(crate) method: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) group: &'static str,
    /// Per order, in minor units.
    pub(crate) cap: Option<i128>,
    pub(crate) mode: &'static str,
    pub(crate) level: &'static str,
    /// Category, first and next major unit of the tier, rate.
    pub(crate) rates: &'static [(&'static str, i128, Option<i128>, i128)],
}

const FLAT: Program = Program {
    id: "FLAT",
    campaign: "",
    currency: "USD",
    from: "2026-01-01",
    method: "flat",
    scope: "none",
    group: "",
    cap: None,
    mode: "half_up",
    level: "line",
    rates: &[("compute", 0, None, 800), ("storage", 0, None, 500)],
};

pub(crate) const PROGRAMS: [Program; 7] = [
    FLAT,
    Program {
        id: "STEP",
        campaign: "Step",
        method: "marginal",
        scope: "order",
        rates: &[
            ("compute", 0, Some(1000), 200),
            ("compute", 1000, Some(5000), 500),
            ("compute", 5000, None, 1000),
            ("storage", 0, None, 400),
        ],
        ..FLAT
    },
    Program {
        id: "RETRO",
        campaign: "Volume",
        method: "retroactive",
        scope: "account_quarter",
        rates: &[
            ("compute", 0, Some(5000), 0),
            ("compute", 5000, Some(9000), 200),
            ("compute", 9000, None, 400),
            ("storage", 0, Some(4000), 100),
            ("storage", 4000, None, 300),
        ],
        ..FLAT
    },
    Program {
        id: "CAP",
        campaign: "Cap",
        from: "2026-05-01",
        group: "G",
        cap: Some(30_000),
        mode: "half_even",
        rates: &[("compute", 0, None, 1250), ("storage", 0, None, 2000)],
        ..FLAT
    },
    Program {
        id: "XTRA",
        campaign: "Extra",
        group: "G",
        mode: "half_even",
        rates: &[("compute", 0, None, 1250), ("storage", 0, None, 1250)],
        ..FLAT
    },
    Program {
        id: "BATCH",
        campaign: "Batch",
        currency: "EUR",
        level: "batch",
        rates: &[("compute", 0, None, 333), ("storage", 0, None, 777)],
        ..FLAT
    },
    Program {
        id: "YEN",
        currency: "JPY",
        mode: "down",
        rates: &[("compute", 0, None, 500), ("storage", 0, None, 300)],
        ..FLAT
    },
];

pub(crate) fn program(id: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|p| p.id == id)
}

/// Our SKU, the vendor's, the category; `GHOST` is in no map, `GUARD` has a rate nowhere.
pub(crate) const SKUS: [(&str, &str, &str); 3] =
    [("SERVER", "srv", "compute"), ("DISK", "dsk", "storage"), ("GUARD", "grd", "security")];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) line: String,
    pub(crate) account: &'static str,
    pub(crate) subscription: String,
    pub(crate) invoice: String,
    pub(crate) invoiced: String,
    pub(crate) ordered: String,
    pub(crate) sku: &'static str,
    pub(crate) contract: &'static str,
    pub(crate) campaign: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) net: i128,
    pub(crate) voucher: i128,
    pub(crate) status: &'static str,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) program: &'static str,
    pub(crate) batch: &'static str,
    pub(crate) reference: String,
    pub(crate) account: String,
    pub(crate) sku: &'static str,
    pub(crate) category: &'static str,
    pub(crate) period: String,
    pub(crate) base: Option<i128>,
    pub(crate) rate: Option<i128>,
    pub(crate) calculated: Option<i128>,
    pub(crate) currency: &'static str,
    pub(crate) status: &'static str,
    pub(crate) approved: &'static str,
    pub(crate) paid: Option<i128>,
    pub(crate) payout: &'static str,
}

/// Everything of one made-up project. Orders and lines are in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) orders: Vec<Order>,
    pub(crate) lines: Vec<Line>,
    /// The lines of an earlier snapshot.
    pub(crate) before: Option<Vec<Line>>,
    /// Id, line, amount, currency, reason and reference.
    pub(crate) adjustments: Vec<(String, String, i128, &'static str, &'static str, String)>,
    /// Id, order, refund and currency.
    pub(crate) cancellations: Vec<(String, String, i128, &'static str)>,
    /// Our order, the vendor's reference.
    pub(crate) aliases: Vec<(String, String)>,
}

/// The words of an amount of minor units.
pub(crate) fn amount(minor: i128, currency: &str) -> String {
    match currency {
        "JPY" => minor.to_string(),
        _ => format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100),
    }
}

pub(crate) type Bytes = (Vec<[u8; 16]>, Vec<[u8; 20]>);

/// Bytes of a few orders and lines.
pub(crate) fn bytes(orders: usize, lines: usize) -> impl Strategy<Value = Bytes> {
    let order = proptest::collection::vec(any::<u8>(), 16).prop_map(|v| <[u8; 16]>::try_from(v).unwrap());
    let line = proptest::collection::vec(any::<u8>(), 20).prop_map(|v| <[u8; 20]>::try_from(v).unwrap());
    (proptest::collection::vec(order, 1..orders), proptest::collection::vec(line, 1..lines))
}

fn pick<T: Copy>(byte: u8, choices: &[T]) -> T {
    choices[usize::from(byte) % choices.len()]
}

/// The id of an order: short ones within one edit of each other, and longer ones within two.
fn order_id(byte: u8) -> String {
    let number = byte / 4;
    match byte % 4 {
        0 | 1 => format!("ORD-{}", 10 + number % 13),
        2 => format!("ORDER-2605-{:02}", number % 23),
        _ => format!("ORD-1{}", pick(number, &["O", "I", "S", "00", "B", "8"])),
    }
}

fn orders(all: &[[u8; 16]]) -> Vec<Order> {
    let mut seen = BTreeSet::new();
    let mut orders = Vec::new();
    for b in all {
        let id = order_id(b[0]);
        if !seen.insert(id.clone()) {
            continue;
        }
        let month = pick(b[1], &[5, 5, 4, 6]);
        let campaign = pick(b[2], &["", "", "Step", "Volume", "Cap", "Extra", "Batch", "Nowhere"]);
        let currency = match (campaign, b[3] % 8) {
            ("Batch", 1..) | (_, 6) => "EUR",
            ("", 1) | (_, 7) => "JPY",
            _ => "USD",
        };
        let late = format!("2026-{:02}-03", month + 1);
        let invoiced = pick(b[4], &["on time", "on time", "on time", "late", ""]);
        let first = Order {
            account: pick(b[5], &["A-1", "A-1", "A-1", "A-2", "A-3", "A-9"]),
            subscription: pick(b[6], &["", "SUB-1", "SUB-2"]).to_owned(),
            invoice: match invoiced {
                "" => String::new(),
                _ if b[7] % 4 == 3 => "INV-7".to_owned(),
                _ => format!("INV-{id}"),
            },
            invoiced: match invoiced {
                "on time" => format!("2026-{month:02}-20"),
                "late" => late,
                _ => String::new(),
            },
            ordered: format!("2026-{month:02}-10"),
            contract: pick(b[8], &["standard", "standard", "standard", "standard", "other"]),
            campaign,
            currency,
            status: pick(b[9], &["active", "active", "active", "active", "active", "cancelled"]),
            id,
            ..Order::default()
        };
        let rows = pick(b[10], &[1, 1, 1, 2, 3]);
        for row in 0..rows {
            let skus: &[&str] =
                if currency == "USD" { &["SERVER", "DISK", "GUARD"] } else { &["SERVER", "DISK", "GHOST"] };
            let net = 1000 + i128::from(b[11 + row]) * 3713 + i128::from(b[14]) * 7 + i128::from(b[14] % 3);
            orders.push(Order {
                line: if rows > 1 { (row + 1).to_string() } else { String::new() },
                // Rows of an order share a product or have one each.
                sku: skus[(usize::from(b[13] / 2) % 7)
                    .div_ceil(3)
                    .saturating_sub(1)
                    .max(row * usize::from(b[13] % 2))
                    % 3],
                net,
                voucher: i128::from(pick(b[15], &[0, 0, 0, 1, 7])) * net / 20,
                // Volumes and batches must count void orders as the rule says; see `engine_bugs`.
                status: if ["Volume", "Batch"].contains(&campaign) { "active" } else { first.status },
                ..first.clone()
            });
        }
    }
    orders.sort_by_key(|o| (canonical(&o.id), o.line.clone()));
    orders
}

/// An id as the rules fold it; these ids are plain ASCII.
pub(crate) fn canonical(id: &str) -> String {
    id.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The month an order earns in: every program goes by the invoice date, else by the order date.
pub(crate) fn own_period(order: &Order) -> String {
    let date = if order.invoiced.is_empty() { &order.ordered } else { &order.invoiced };
    date[..7].to_owned()
}

pub(crate) fn base_of(order: &Order) -> i128 {
    order.net - order.voucher
}

pub(crate) fn category_of(order: &Order) -> Option<&'static str> {
    SKUS.iter().find(|(sku, _, _)| *sku == order.sku).map(|(_, _, category)| *category)
}

/// The program an order declares: by its campaign, else the default of its currency.
pub(crate) fn declared(order: &Order) -> Option<&'static Program> {
    PROGRAMS.iter().find(|p| p.campaign == order.campaign && p.currency == order.currency)
}

fn lines(all: &[[u8; 20]], orders: &[Order]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for b in all {
        let next = |lines: &[Line]| format!("L-{:03}", lines.len());
        match (b[0] % 10, lines.last().cloned()) {
            // The same claim again, and one that takes it back.
            (8, Some(last)) => lines.push(Line { id: next(&lines), ..last }),
            (9, Some(last)) if last.calculated.is_some_and(|c| c > 0) => lines.push(Line {
                id: next(&lines),
                base: last.base.filter(|_| b[1].is_multiple_of(2)).map(|base| -base).or(last.base),
                calculated: last.calculated.map(|c| -c),
                paid: None,
                status: "CALCULATED",
                ..last
            }),
            _ => {
                let line = line(b, next(&lines), &orders[usize::from(b[1]) % orders.len()], orders);
                lines.push(line);
            }
        }
    }
    lines
}

fn line(b: &[u8; 20], id: String, order: &Order, orders: &[Order]) -> Line {
    let other = pick(b[2], &["", "", "", "", "", "FLAT", "STEP", "RETRO", "XTRA", "CAP", "WHAT", "BATCH"]);
    let program = match (other, declared(order)) {
        ("", Some(program)) => program.id,
        ("", None) => "FLAT",
        (other, _) => other,
    };
    let names_product = b[3] % 3 == 2;
    let (reference, rows): (String, Vec<&Order>) = match b[4] % 12 {
        0..=5 => (order.id.clone(), orders.iter().filter(|o| o.id == order.id).collect()),
        6 => (order.id.to_lowercase().replace('-', " "), vec![order]),
        7 if !order.subscription.is_empty() => {
            let same = |o: &&Order| o.subscription == order.subscription && o.account == order.account;
            (order.subscription.clone(), orders.iter().filter(same).collect())
        }
        8 if !order.invoice.is_empty() => (order.invoice.clone(), vec![order]),
        // Ids that are one or two edits from a known one, or nothing like it.
        9 | 10 => (near(&order.id, b[5], b[6]), vec![order]),
        11 => ("VENDOR-77".to_owned(), vec![order]),
        _ => (order.id.clone(), vec![order]),
    };
    let rows: Vec<&Order> = rows.into_iter().filter(|o| !names_product || o.sku == order.sku).collect();
    let right_base: i128 = rows.iter().map(|o| base_of(o)).sum();
    let own_category = category_of(order).unwrap_or("compute");
    let wrong = b[7] % 14;
    let delta = [1, -1, 12, -1_00, 100_000][usize::from(b[8]) % 5];
    let category = if wrong == 3 { pick(b[8], &["storage", "compute", "network"]) } else { own_category };
    let base = if wrong == 4 { right_base + delta * 10 } else { right_base };
    let rule = self::program(program);
    let tiers: Vec<i128> =
        rule.map_or(vec![800], |p| p.rates.iter().filter(|r| r.0 == category).map(|r| r.3).collect());
    let rate = match (wrong, rule) {
        (5, _) => pick(b[8], &[450, 900, 1]),
        (6, _) => tiers.last().copied().unwrap_or(100),
        (_, Some(p)) => tier(p, category, base).unwrap_or(0),
        (_, None) => 800,
    };
    let mut calculated = match rule.filter(|p| p.method == "marginal" && wrong < 5) {
        Some(p) => bands(p, category, 0, base) / 10_000,
        None => (base * rate + 5000) / 10_000,
    };
    if let Some(cap) = rule.and_then(|p| p.cap).filter(|_| wrong != 7) {
        calculated = calculated.min(cap);
    }
    if wrong == 8 {
        calculated += delta;
    }
    let currency = match b[9] % 12 {
        11 if b[8].is_multiple_of(2) => "JPY",
        _ => order.currency,
    };
    let status = pick(
        b[10],
        &["CALCULATED", "PENDING", "REVIEW", "APPROVED", "PAID", "PAID", "PAID", "REJECTED", "PROC_9"],
    );
    let is_known = !(status == "PENDING" || wrong == 9 || status == "REJECTED" && b[8].is_multiple_of(2));
    let is_paid = status == "PAID";
    let has_rate = wrong != 10 && rule.is_none_or(|p| p.method != "marginal");
    Line {
        id,
        program,
        batch: pick(b[11], &["B-1", "B-1", "B-2", ""]),
        reference,
        account: match b[12] % 8 {
            7 => "V-2".to_owned(),
            6 => String::new(),
            _ => order.account.replace('A', "V"),
        },
        sku: if names_product { SKUS.iter().find(|s| s.0 == order.sku).map_or("", |s| s.1) } else { "" },
        category: if wrong == 11 { "" } else { category },
        period: match b[13] % 8 {
            7 => "2026-05".to_owned(),
            6 => "2026-04".to_owned(),
            _ => own_period(order),
        },
        base: (wrong != 12).then_some(base),
        rate: has_rate.then_some(rate),
        calculated: is_known.then_some(calculated),
        currency,
        status,
        approved: if is_paid && !b[14].is_multiple_of(3) { "2026-06-01" } else { "" },
        paid: is_paid.then_some(calculated + [0, 0, 1, -1, 2, -2, 50, -77][usize::from(b[15]) % 8]),
        payout: if is_paid { pick(b[16], &["P-1", "P-1", "P-2", "P-404", ""]) } else { "" },
    }
}

/// Another id: a character changed, two changed, two neighbors exchanged, or one more.
fn near(id: &str, how: u8, place: u8) -> String {
    let mut letters: Vec<char> = id.chars().collect();
    let last = letters.len() - 1;
    let at = last - usize::from(place % 3);
    match how % 5 {
        0 => letters[last] = char::from(b'0' + place % 10),
        1 => letters.swap(at, at - 1),
        2 => letters.insert(last, char::from(b'0' + place % 10)),
        3 => {
            letters[last] = char::from(b'0' + place % 10);
            letters[last - 1] = char::from(b'0' + place / 10 % 10);
        }
        _ => letters = id.replace('0', "O").chars().collect(),
    }
    letters.into_iter().collect()
}

/// A project made of bytes.
pub(crate) fn make(bytes: &Bytes) -> World {
    let orders = orders(&bytes.0);
    let lines = lines(&bytes.1, &orders);
    let mut world = World { aliases: vec![("ORD-11".into(), "VENDOR-77".into())], ..World::default() };
    for (b, line) in bytes.1.iter().zip(&lines) {
        let minor = i128::from(b[18]) * 13 + 1;
        let (reason, reference, minor) = match b[17] % 9 {
            4 => ("REFUND", format!("CAN-{}", b[18] % 4), -minor),
            5 => ("FEE", String::new(), -minor),
            6 => ("ELIGIBILITY", "E-1".to_owned(), -minor),
            7 => ("WHAT", String::new(), minor),
            8 => ("", String::new(), -minor),
            _ => continue,
        };
        let id = format!("ADJ-{}", world.adjustments.len());
        world.adjustments.push((id, line.id.clone(), minor, line.currency, reason, reference));
    }
    let ids: BTreeSet<&String> = orders.iter().map(|o| &o.id).collect();
    for (number, id) in ids.into_iter().enumerate().filter(|(number, _)| number % 3 == 1).take(4) {
        let order = orders.iter().find(|o| &o.id == id).unwrap();
        world.cancellations.push((format!("CAN-{number}"), id.clone(), order.net / 4, order.currency));
    }
    world.before = bytes.1.iter().any(|b| b[19] % 4 == 3).then(|| before(&bytes.1, &lines));
    World { orders, lines, ..world }
}

/// The lines as an earlier snapshot had them: most alike, some not there yet, in another status or of another amount.
fn before(bytes: &[[u8; 20]], lines: &[Line]) -> Vec<Line> {
    let mut all = Vec::new();
    for (b, line) in bytes.iter().zip(lines) {
        match b[19] % 8 {
            3 => {}
            5 => all.push(Line {
                status: pick(b[18], &["PAID", "APPROVED", "PENDING", "PROC_9", "REVIEW"]),
                ..line.clone()
            }),
            6 => all.push(Line { calculated: line.calculated.map(|c| c + 5), ..line.clone() }),
            7 => {
                all.push(line.clone());
                // A period that the newer file does not cover would keep its lines: another program, not another period.
                let program = match (b[18] % 2, line.program) {
                    (0, "FLAT") => "STEP",
                    (0, _) => "FLAT",
                    (_, program) => program,
                };
                all.push(Line { id: format!("{}-GONE", line.id), program, ..line.clone() });
            }
            _ => all.push(line.clone()),
        }
    }
    all
}

/// The rank of a status on the way to payment.
pub(crate) fn rank(status: &str) -> Option<u8> {
    ["PENDING", "CALCULATING", "CALCULATED", "APPROVED", "PAID"]
        .iter()
        .position(|s| *s == status.replace("REVIEW", "CALCULATED"))
        .map(|place| u8::try_from(place).unwrap())
}

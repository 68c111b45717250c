//! What the rules say about a made-up project, computed from its rows alone and in another way than the engine: whole
//! numbers and fractions of ten-thousandths instead of decimals, every pair instead of an index. Source: domain 2 and 3.

use std::collections::BTreeMap;

use super::engine_world::{
    Line, Order, PROGRAMS, Program, SKUS, World, amount, base_of, canonical, category_of, declared,
    own_period, program,
};

/// Ten-thousandths: the unit of rates, so that base × rate is a whole number.
const PARTS: i128 = 10_000;

/// `number / PARTS`, rounded by name.
pub(crate) fn rounded(number: i128, mode: &str) -> i128 {
    let (whole, rest) = (number.abs() / PARTS, number.abs() % PARTS);
    let up = match mode {
        "down" => false,
        "half_even" => rest * 2 > PARTS || (rest * 2 == PARTS && whole % 2 == 1),
        _ => rest * 2 >= PARTS,
    };
    number.signum() * (whole + i128::from(up))
}

/// The rate of the tier that an amount of minor units reaches.
pub(crate) fn tier(program: &Program, category: &str, minor: i128) -> Option<i128> {
    let unit = if program.currency == "JPY" { 1 } else { 100 };
    let reaches = |(name, from, to, _): &&(&str, i128, Option<i128>, i128)| {
        *name == category && from * unit <= minor && to.is_none_or(|to| minor < to * unit)
    };
    program.rates.iter().find(reaches).map(|rate| rate.3)
}

/// Each band of the volume from `before` to `before + base` at its own rate, cent by cent of each band.
pub(crate) fn bands(program: &Program, category: &str, before: i128, base: i128) -> i128 {
    let up_to = |volume: i128| -> i128 {
        let in_band = |(_, from, to, rate): &(&str, i128, Option<i128>, i128)| {
            let top = to.map_or(volume, |to| volume.min(to * 100));
            (top - from * 100).max(0) * rate
        };
        program.rates.iter().filter(|rate| rate.0 == category).map(in_band).sum()
    };
    up_to(before + base) - up_to(before)
}

/// How a line was matched, and its order rows.
pub(crate) type Match = (Option<&'static str>, Vec<usize>);

/// The matching of every line: pass by pass, every line against every order row (domain 2.2).
pub(crate) fn matches(world: &World) -> Vec<Match> {
    world.lines.iter().map(|line| matched(world, line)).collect()
}

fn vendor_account(order: &Order) -> Option<String> {
    (order.account != "A-9").then(|| order.account.replace('A', "V"))
}

/// The matching of one line.
pub(crate) fn matched(world: &World, line: &Line) -> Match {
    let reference = canonical(&line.reference);
    let is_same_account = |o: &Order| vendor_account(o).is_some_and(|v| v == line.account);
    let mut passes: Vec<(&'static str, Vec<usize>)> = Vec::new();
    for (pass, in_period) in [
        ("confirmed alias", false),
        ("order ID", false),
        ("invoice ID and account", true),
        ("subscription ID and account", true),
    ] {
        let mut found = Vec::new();
        for (number, order) in world.orders.iter().enumerate() {
            let holds = match pass {
                "confirmed alias" => world.aliases.iter().any(|(own, vendor)| {
                    canonical(own) == canonical(&order.id) && canonical(vendor) == reference
                }),
                "order ID" => canonical(&order.id) == reference,
                "invoice ID and account" => {
                    !order.invoice.is_empty()
                        && canonical(&order.invoice) == reference
                        && is_same_account(order)
                }
                _ => {
                    !order.subscription.is_empty()
                        && canonical(&order.subscription) == reference
                        && is_same_account(order)
                }
            };
            if holds {
                found.push(number);
            }
        }
        if in_period && found.iter().any(|n| own_period(&world.orders[*n]) == line.period) {
            found.retain(|n| own_period(&world.orders[*n]) == line.period);
        }
        passes.push((pass, found));
    }
    let Some((pass, mut found)) = passes.into_iter().find(|(_, found)| !found.is_empty()) else {
        return (None, Vec::new());
    };
    let ours = SKUS.iter().find(|s| s.1 == line.sku).map(|s| s.0);
    if ours.is_some_and(|sku| found.iter().any(|n| world.orders[*n].sku == sku)) {
        found.retain(|n| Some(world.orders[*n].sku) == ours);
    }
    (Some(pass), found)
}

/// Lines that repeat another claim: `D` for a duplicate, `S` for a second program of an exclusive group.
pub(crate) fn repeated(world: &World, matches: &[Match]) -> Vec<Option<char>> {
    let lines = &world.lines;
    let mut flags = vec![None; lines.len()];
    let same = |a: &Line, b: &Line| {
        let key = |l: &Line| {
            (
                l.program,
                l.period.clone(),
                canonical(&l.reference),
                l.sku,
                l.base.map(i128::abs),
                l.calculated.map(i128::abs),
                l.currency,
            )
        };
        key(a) == key(b)
    };
    let is_negative = |l: &Line| l.calculated.is_some_and(|c| c < 0);
    for (number, line) in lines.iter().enumerate() {
        // What was rejected claims nothing: neither an original nor a copy.
        let is_claim = |l: &Line| !is_negative(l) && l.status != "REJECTED";
        if !is_claim(line) || line.base.or(line.calculated).is_none() {
            continue;
        }
        let claims: Vec<usize> =
            (0..lines.len()).filter(|n| is_claim(&lines[*n]) && same(&lines[*n], line)).collect();
        let taken_back = lines.iter().filter(|l| is_negative(l) && same(l, line)).count();
        // The first is the original; each line that takes one back clears the next one.
        if claims.iter().position(|n| *n == number).is_some_and(|place| place > taken_back) {
            flags[number] = Some('D');
        }
    }
    for (row, order) in world.orders.iter().enumerate() {
        // A line over several orders is a claim for all of them, which one order does not take back.
        let of_row: Vec<usize> = (0..lines.len())
            .filter(|n| flags[*n].is_none() && matches[*n].1 == [row] && lines[*n].status != "REJECTED")
            .collect();
        let in_group = |n: &usize| program(lines[*n].program).is_some_and(|p| p.group == "G");
        let periods: Vec<&String> =
            of_row.iter().filter(|n| in_group(n)).map(|n| &lines[*n].period).collect();
        for period in periods {
            let of_period: Vec<usize> =
                of_row.iter().copied().filter(|n| in_group(n) && &lines[*n].period == period).collect();
            let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
            for n in &of_period {
                *sums.entry(lines[*n].program).or_default() += lines[*n].calculated.unwrap_or(0);
            }
            let tag = declared(order).filter(|_| !order.campaign.is_empty()).map(|p| p.id);
            let best = sums.iter().max_by(|a, b| {
                let weight = |(id, sum): (&&str, &i128)| (tag == Some(*id), *sum);
                weight(*a).cmp(&weight(*b)).then(b.0.cmp(a.0))
            });
            let stands = best.map(|(id, _)| *id);
            for n in of_period {
                if Some(lines[n].program) != stands {
                    flags[n] = Some('S');
                }
            }
        }
    }
    flags
}

/// An order row in a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) row: usize,
    pub(crate) program: &'static Program,
    /// Whether it earns; else it only counts in a volume.
    pub(crate) is_earning: bool,
    is_excluded: bool,
    batch: &'static str,
}

/// What one claim is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Worth {
    /// `None` where no rule computes it.
    pub(crate) expected: Option<i128>,
    pub(crate) is_eligible: bool,
    /// The volume before it and that of its whole scope.
    pub(crate) before: i128,
    pub(crate) volume: i128,
    /// What the cap leaves for it.
    pub(crate) room: Option<i128>,
}

/// The programs every order row earns in, or counts in: those of its lines, else the one it declares.
pub(crate) fn claims(world: &World, matches: &[Match], flags: &[Option<char>]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (row, order) in world.orders.iter().enumerate() {
        let of_row: Vec<usize> = (0..world.lines.len()).filter(|n| matches[*n].1.contains(&row)).collect();
        for rule in &PROGRAMS {
            let own: Vec<usize> = of_row
                .iter()
                .copied()
                .filter(|n| world.lines[*n].program == rule.id && flags[*n] != Some('D'))
                .collect();
            let is_declared = declared(order).is_some_and(|p| p.id == rule.id);
            let claim = Claim { row, program: rule, is_earning: true, is_excluded: false, batch: "" };
            if let Some(first) = own.first() {
                let is_excluded = own.iter().all(|n| flags[*n] == Some('S'));
                claims.push(Claim { is_excluded, batch: world.lines[*first].batch, ..claim });
            } else if of_row.is_empty() && order.status == "cancelled" {
                // A void order claims nothing, unless the vendor says otherwise.
            } else if is_declared && (of_row.is_empty() || !order.campaign.is_empty()) {
                claims.push(Claim { is_earning: of_row.is_empty(), ..claim });
            }
        }
    }
    claims
}

/// What every claim is worth, in the order of domain 3.3.
pub(crate) fn worths(world: &World, claims: &[Claim]) -> Vec<Worth> {
    let mut worths = vec![Worth::default(); claims.len()];
    for rule in &PROGRAMS {
        let base = |c: &Claim| base_of(&world.orders[c.row]);
        let date = |c: &Claim| {
            let order = &world.orders[c.row];
            if order.invoiced.is_empty() { order.ordered.clone() } else { order.invoiced.clone() }
        };
        let mut members: Vec<usize> = (0..claims.len())
            .filter(|n| {
                claims[*n].program.id == rule.id && world.orders[claims[*n].row].currency == rule.currency
            })
            .collect();
        members.sort_by_key(|n| (date(&claims[*n]), claims[*n].row));
        let qualifies = |c: &Claim| {
            let order = &world.orders[c.row];
            let has_rate =
                category_of(order).is_none_or(|category| rule.rates.iter().any(|r| r.0 == category));
            order.ordered.as_str() >= rule.from && order.contract == "standard" && has_rate && !c.is_excluded
        };
        let adds_volume = |c: &Claim| qualifies(c) && category_of(&world.orders[c.row]).is_some();
        let is_same_scope = |a: &Claim, b: &Claim| {
            let (a, b) = (&world.orders[a.row], &world.orders[b.row]);
            let quarter = |o: &Order| (own_period(o)[5..].parse::<u32>().unwrap_or(0) - 1) / 3;
            match rule.scope {
                "account_quarter" => a.account == b.account && quarter(a) == quarter(b),
                _ => a.id == b.id,
            }
        };
        for (place, n) in members.iter().enumerate() {
            let claim = &claims[*n];
            let sum = |others: &[usize]| -> i128 {
                let counted = others.iter().map(|o| &claims[*o]);
                counted.filter(|o| is_same_scope(o, claim) && adds_volume(o)).map(base).sum()
            };
            let (before, total) = (sum(&members[..place]), sum(&members));
            worths[*n] = match qualifies(claim) {
                true => Worth { is_eligible: true, before, volume: total, ..Worth::default() },
                false => Worth { before: total, volume: total + base(claim), ..Worth::default() },
            };
        }
        pay(world, claims, rule, &members, &mut worths);
    }
    worths
}

/// Amount, threshold, cap and rounding of the claims of one program, in processing order.
fn pay(world: &World, claims: &[Claim], rule: &Program, members: &[usize], worths: &mut [Worth]) {
    let mut taken: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    let mut batches: BTreeMap<(String, &str), Vec<(usize, i128)>> = BTreeMap::new();
    for n in members {
        let (claim, order) = (&claims[*n], &world.orders[claims[*n].row]);
        let Some(category) = category_of(order) else { continue };
        let worth = &mut worths[*n];
        let exact = match rule.method {
            "marginal" => bands(rule, category, worth.before, base_of(order)),
            "retroactive" => base_of(order) * tier(rule, category, worth.volume).unwrap_or(0),
            _ => base_of(order) * tier(rule, category, 0).unwrap_or(0),
        };
        // A tier that pays nothing is a condition that is not met.
        worth.is_eligible &= rule.method != "retroactive" || exact != 0;
        if !worth.is_eligible || !claim.is_earning {
            worth.expected = Some(0);
        } else if let Some(cap) = rule.cap {
            let (used, used_rounded) = taken.entry(&order.id).or_default();
            let kept = exact.min((cap * PARTS - *used).max(0));
            worth.room = Some((cap - *used_rounded).max(0));
            let paid = rounded(kept, rule.mode).min((cap - *used_rounded).max(0));
            (*used, *used_rounded) = (*used + kept, *used_rounded + paid);
            worth.expected = Some(paid);
        } else if rule.level == "batch" {
            let key =
                if claim.batch.is_empty() { (own_period(order), "") } else { (String::new(), claim.batch) };
            batches.entry(key).or_default().push((*n, exact));
        } else {
            worth.expected = Some(rounded(exact, rule.mode));
        }
    }
    // The sum is rounded; every part gets its whole units, and the largest remainders the units that are left.
    for parts in batches.values() {
        let total = rounded(parts.iter().map(|(_, exact)| exact).sum(), rule.mode);
        let mut left = total - parts.iter().map(|(_, exact)| exact.div_euclid(PARTS)).sum::<i128>();
        let mut order: Vec<&(usize, i128)> = parts.iter().collect();
        order.sort_by_key(|(n, exact)| (-exact.rem_euclid(PARTS), claims[*n].row));
        for (n, exact) in order {
            worths[*n].expected = Some(exact.div_euclid(PARTS) + i128::from(left > 0));
            left -= i128::from(left > 0);
        }
    }
}

/// Everything the rules say about a project.
pub(crate) struct Oracle {
    pub(crate) matches: Vec<Match>,
    pub(crate) flags: Vec<Option<char>>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) worths: Vec<Worth>,
}

impl Oracle {
    pub(crate) fn new(world: &World) -> Oracle {
        let matches = matches(world);
        let flags = repeated(world, &matches);
        let claims = claims(world, &matches, &flags);
        let worths = worths(world, &claims);
        Oracle { matches, flags, claims, worths }
    }

    /// The claim of a row in a program.
    pub(crate) fn worth(&self, row: usize, program: &str) -> Option<Worth> {
        let place = self.claims.iter().position(|c| c.row == row && c.program.id == program)?;
        Some(self.worths[place])
    }

    /// What each row should earn, by period and currency: our own end of the bridge.
    pub(crate) fn own_end(&self, world: &World) -> BTreeMap<(String, &'static str), i128> {
        let mut end = BTreeMap::new();
        for (claim, worth) in self.claims.iter().zip(&self.worths).filter(|(claim, _)| claim.is_earning) {
            let order = &world.orders[claim.row];
            // A void order earns nothing unless the vendor has a line for it.
            let is_void = order.status == "cancelled"
                && !self.matches.iter().any(|(_, rows)| rows.contains(&claim.row));
            if let Some(expected) = worth.expected.filter(|_| !is_void) {
                *end.entry((own_period(order), order.currency)).or_insert(0) += expected;
            }
        }
        end
    }
}

/// Optimal string alignment: the fewest insertions, deletions, substitutions and exchanges of neighbors, by recursion
/// over prefixes with a memory.
pub(crate) fn osa(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut known: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    fn of(a: &[char], b: &[char], known: &mut BTreeMap<(usize, usize), usize>) -> usize {
        let (m, n) = (a.len(), b.len());
        if m == 0 || n == 0 {
            return m.max(n);
        }
        if let Some(distance) = known.get(&(m, n)) {
            return *distance;
        }
        let mut best = of(&a[..m - 1], &b[..n - 1], known) + usize::from(a[m - 1] != b[n - 1]);
        best = best.min(of(&a[..m - 1], b, known) + 1).min(of(a, &b[..n - 1], known) + 1);
        if m > 1 && n > 1 && a[m - 1] == b[n - 2] && a[m - 2] == b[n - 1] {
            best = best.min(of(&a[..m - 2], &b[..n - 2], known) + 1);
        }
        known.insert((m, n), best);
        best
    }
    of(&a, &b, &mut known)
}

/// Near pairs of an unmatched row and an unmatched line: the rule of `near-miss-identifier` on every pair.
pub(crate) fn near_pairs(world: &World, matches: &[Match]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (row, order) in world.orders.iter().enumerate() {
        for (number, line) in world.lines.iter().enumerate() {
            let is_open = matches[number].1.is_empty() && !matches.iter().any(|m| m.1.contains(&row));
            let (ours, theirs) = (canonical(&order.id), canonical(&line.reference));
            let edits = if ours.len() <= 10 { 1 } else { 2 };
            let alike = |id: &str| -> String {
                id.chars()
                    .map(|c| match c {
                        'O' => '0',
                        'I' | 'L' => '1',
                        'S' => '5',
                        'B' => '8',
                        c => c,
                    })
                    .collect()
            };
            let is_near = ours != theirs && (osa(&ours, &theirs) <= edits || alike(&ours) == alike(&theirs));
            let is_same_account = vendor_account(order).is_some_and(|v| v == line.account);
            let facts = [
                is_same_account,
                !line.category.is_empty() && category_of(order) == Some(line.category),
                own_period(order) == line.period,
                // The amount as it is written: the currency is a fact of its own.
                line.base.is_some_and(|base| {
                    amount(base, line.currency) == amount(base_of(order), order.currency)
                }),
                order.currency == line.currency,
            ];
            if is_open && is_near && is_same_account && facts.iter().filter(|f| **f).count() >= 4 {
                pairs.push((row, number));
            }
        }
    }
    pairs
}

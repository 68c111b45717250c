//! Short facts under the first sentence of a scope's page.

use std::collections::BTreeSet;

use ustr::Ustr;

use super::super::lists::count_of;
use super::super::page::Text;
use super::super::{Report, deadlines, query};
use super::{Members, ScopeKey, ScopeKind};
use crate::model::id::{AccountId, ProgramId};
use crate::model::time::date_in_words;
use crate::say;

pub(super) fn facts(report: &Report<'_>, key: &ScopeKey, members: &Members) -> Vec<Vec<Text>> {
    let mut facts: Vec<Vec<Text>> = vec![vec![Text::plain(count_of(members.lines.len(), "line", "lines"))]];
    match key.kind {
        ScopeKind::Program => {
            if let Some(program) =
                report.reconciled.rules.reference.programs.iter().find(|p| p.id.canonical() == key.id)
            {
                facts.push(vec![Text::plain(say!("Program ID ")), Text::code(program.id.raw())]);
                facts.push(vec![Text::plain(say!("Currency {currency}", currency = program.currency))]);
                if let Some(tag) = program.campaign {
                    facts.push(vec![
                        Text::plain(say!("Campaign ")),
                        Text::link(tag.as_str(), report.scopes.path(&ScopeKey::campaign(tag))),
                    ]);
                }
                if let (Some(from), Some(to)) = (program.valid.from, program.valid.to) {
                    facts.push(vec![Text::plain(say!(
                        "Window {from} to {to}",
                        from = date_in_words(from),
                        to = date_in_words(to)
                    ))]);
                }
            } else {
                facts.push(vec![Text::plain(say!("No rule in force: amounts are not recomputed"))]);
            }
        }
        ScopeKind::Account => {
            let row = report.reconciled.rules.reference.accounts.iter().find(|a| a.id.canonical() == key.id);
            match row {
                Some(row) => {
                    if let Some(vendor) = row.vendor {
                        facts.push(vec![Text::plain(say!("At the vendor ")), Text::code(vendor.raw())]);
                    }
                    if let (Some(id), Some(name)) = (row.customer, row.customer_name) {
                        let key = ScopeKey { kind: ScopeKind::Customer, id: Ustr::from(id.canonical()) };
                        facts.push(vec![Text::link(name.as_str(), report.scopes.path(&key))]);
                    }
                }
                None => facts.push(vec![Text::link(
                    say!("Account mapping not found: add it to the accounts map"),
                    "kb/kb-account-mapping.html",
                )]),
            }
        }
        ScopeKind::Customer => {
            let accounts: BTreeSet<AccountId> = report
                .reconciled
                .rules
                .reference
                .accounts
                .iter()
                .filter(|a| a.customer.is_some_and(|c| c.canonical() == key.id))
                .map(|a| a.id)
                .collect();
            let mut words =
                vec![Text::plain(if accounts.len() == 1 { say!("Account ") } else { say!("Accounts ") })];
            for (n, account) in accounts.iter().take(8).enumerate() {
                if n > 0 {
                    words.push(Text::plain(say!(", ")));
                }
                let key = ScopeKey::account(*account);
                words.push(match report.scopes.members(&key) {
                    Some(_) => Text::link(account.raw(), report.scopes.path(&key)),
                    None => Text::plain(account.raw()),
                });
            }
            if accounts.len() > 8 {
                words.push(Text::plain(say!(" and {accounts} more", accounts = accounts.len() - 8)));
            }
            facts.push(words);
        }
        ScopeKind::Payout => {
            match report.reconciled.snapshot.records.payouts.iter().find(|p| p.id.canonical() == key.id) {
                Some(payout) => {
                    facts.push(vec![
                        Text::plain(say!("Received ")),
                        Text::strong(payout.amount.in_words()),
                        Text::plain(say!(" on {payout}", payout = date_in_words(payout.date))),
                    ]);
                    if let Some(form) = payout.form {
                        facts.push(vec![Text::plain(say!("Form {form}", form))]);
                    }
                    if let Some(bank) = payout.bank_ref {
                        facts.push(vec![Text::plain(say!("Bank reference ")), Text::code(bank.as_str())]);
                    }
                }
                None => facts.push(vec![Text::link(
                    say!("No payout record with this ID was received"),
                    "discrepancy/payout-missing.html",
                )]),
            }
        }
        ScopeKind::Batch | ScopeKind::Campaign => {
            let programs: BTreeSet<ProgramId> =
                members.lines.iter().map(|n| report.line(*n).program).collect();
            for program in programs {
                let name =
                    report.reconciled.rules.program(program).map_or(program.raw(), |p| p.name.as_str());
                facts.push(vec![
                    Text::plain(say!("Program ")),
                    Text::link(name, report.scopes.path(&ScopeKey::program(program))),
                ]);
            }
        }
    }
    if key.kind == ScopeKind::Program {
        facts.extend(deadlines::of_members(report, members));
    }
    facts.push(vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))]);
    facts.push(query::refresh(&query::of_scope(report, key)));
    facts
}

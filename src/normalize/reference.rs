//! The rows of `input/reference/`.

mod accounting;
mod claims;
mod program;
mod rates;

use std::collections::BTreeMap;
use std::hash::Hash;

use accounting::{fx, journal, ledger_balance, signoff};
use claims::claimed;
use program::{program, program_rate};
use ustr::Ustr;

use super::aside::set_aside;
use super::cells::Cells;
use super::extracts::FileUse;
use super::{Parsed, Quarantined, RowCounts, SEPARATOR, merge_duplicates, parse, word, word_of};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::{
    FileKind, accounts, aliases, enrollments, periods, reason_map, skus, status_map,
};
use crate::ingest::grammar;
use crate::ingest::{Extract, Files, Input};
use crate::model::id::Id;
use crate::model::record::{Origin, SourceRef};
use crate::model::reference::{
    Account, Alias, AliasKind, Enrollment, PeriodRow, ProgramRate, ReasonRow, Reference, Sku, StatusRow,
    Validity,
};
use crate::model::status::{Bucket, Status};
use crate::model::time::{AsOf, Period};

/// Reads the reference files that hold for a snapshot.
///
/// Shape: each list sorted by its key, so that the order of the rows does not matter. A missing file is an empty
/// list; the kinds that need it say so. Never fails: rows that cannot be read are set aside, and rows that contradict each
/// other, or leave a gap in the tiers of a program, are fatal problems.
pub fn reference(
    files: &Files,
    input: &Input,
    as_of: AsOf,
) -> ((Reference, Vec<Quarantined>, Vec<FileUse>), Vec<Diagnostic>) {
    let mut reader = Reader::new(files, |kind| input.reference_file(kind, as_of).into_iter().collect());
    let reference = reader.reference();
    reader.check(&reference);
    ((reference, reader.quarantined, reader.uses), reader.diagnostics)
}

/// Reads rows that somebody wants to try and puts them over the reference data ([`Reference::with`]).
///
/// `fixes` are indexes of reference files from beside the input folder. Shape: the tables with these rows, and what became
/// of the rows of each file. Never fails: the problems are those of the rows and of the tables as they then are; a file
/// without a row that can be used is a fatal one.
pub fn overlaid(
    files: &Files,
    reference: &Reference,
    fixes: &[u32],
) -> ((Reference, Vec<FileUse>), Vec<Diagnostic>) {
    let of_kind = |kind| fixes.iter().copied().filter(|file| files.get(*file).kind() == kind).collect();
    let mut reader = Reader::new(files, of_kind);
    let rows = reader.reference();
    for used in reader.uses.iter().filter(|used| used.counts.loaded == 0) {
        reader.diagnostics.push(Diagnostic::of_file(
            Severity::Fatal,
            "fix-without-rows",
            files.get(used.file).path(),
            "no row of the file can be used".to_owned(),
            "write at least one complete row below the header",
        ));
    }
    let reference = reference.with(rows);
    reader.check(&reference);
    ((reference, reader.uses), reader.diagnostics)
}

struct Reader<'a> {
    files: &'a Files,
    of_kind: BTreeMap<FileKind, Vec<u32>>,
    quarantined: Vec<Quarantined>,
    uses: Vec<FileUse>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn new(files: &'a Files, of_kind: impl Fn(FileKind) -> Vec<u32>) -> Reader<'a> {
        let of_kind = FileKind::ALL.iter().map(|kind| (*kind, of_kind(*kind))).collect();
        Reader { files, of_kind, quarantined: Vec::new(), uses: Vec::new(), diagnostics: Vec::new() }
    }

    fn reference(&mut self) -> Reference {
        Reference {
            accounts: self.rows(FileKind::Accounts, account),
            skus: self.rows(FileKind::Skus, sku),
            programs: self.rows(FileKind::Programs, program),
            rates: self.rates(),
            enrollments: self.rows(FileKind::Enrollments, enrollment),
            periods: self.rows(FileKind::Periods, period),
            statuses: self.rows(FileKind::StatusMap, status_row),
            reasons: self.rows(FileKind::ReasonMap, reason_row),
            aliases: self.rows(FileKind::Aliases, alias),
            fx: self.records(FileKind::Fx, fx, |r| (r.date, r.from, r.to, r.kind), |r| &mut r.origin),
            journals: self.records(FileKind::Journals, journal, |j| j.id, |j| &mut j.origin),
            ledger: self.records(
                FileKind::Ledger,
                ledger_balance,
                |b| (b.period, b.balance.currency(), b.account, b.program),
                |b| &mut b.origin,
            ),
            signoffs: self.records(FileKind::Signoffs, signoff, |s| s.origin.digest, |s| &mut s.origin),
            claims: self.records(FileKind::Claims, claimed, |c| c.id, |c| &mut c.origin),
        }
        .sorted()
    }

    fn rows<T: Send>(&mut self, kind: FileKind, read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync) -> Vec<T> {
        let mut all = Vec::new();
        for file in self.of_kind[&kind].clone() {
            all.extend(self.keep(file, parse(self.files.get(file), file, &read)));
        }
        all
    }

    /// Rows that count once however often they are there; a later row of a key that says something else is set aside.
    fn records<T: Send, K: Hash + Eq>(
        &mut self,
        kind: FileKind,
        read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync,
        key: impl Fn(&T) -> K,
        origin: impl Fn(&mut T) -> &mut Origin,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for file in self.of_kind[&kind].clone() {
            let extract = self.files.get(file);
            let mut parsed = parse(extract, file, &read);
            merge_duplicates(|_| extract, &mut parsed, &key, &origin, |_, o| set_aside(kind, o));
            all.extend(self.keep(file, parsed));
        }
        all
    }

    /// A row that is there twice is one rate: two bands of one tier would pay twice.
    fn rates(&mut self) -> Vec<ProgramRate> {
        self.records(FileKind::ProgramRates, program_rate, |r| r.origin.digest, |r| &mut r.origin)
    }

    fn keep<T>(&mut self, file: u32, parsed: Parsed<T>) -> Vec<T> {
        let Parsed { records, quarantined, warnings, counts, .. } = parsed;
        self.diagnostics.extend(warnings);
        self.diagnostics.extend(quarantined.iter().flat_map(|q| q.problems.iter().cloned()));
        self.quarantined.extend(quarantined);
        let counts = counts.get(&file).copied().unwrap_or_default();
        self.uses.push(FileUse::of_rows(file, counts));
        records
    }

    /// What rows say together.
    fn check(&mut self, reference: &Reference) {
        self.refuse_contradictions(reference);
        self.diagnostics.extend(rates::problems(self.files, reference));
        self.diagnostics.extend(accounting::problems(self.files, reference));
    }

    /// Two rows that give one key two meanings on one day make every answer that rests on them a guess.
    fn refuse_contradictions(&mut self, reference: &Reference) {
        let always = Validity::default();
        let shown = |key: &Ustr| key.replace(SEPARATOR, ": ");
        self.refuse("status", reference.statuses.iter().map(|r| (shown(&r.key), always, &r.origin)));
        self.refuse("reason", reference.reasons.iter().map(|r| (shown(&r.key), always, &r.origin)));
        self.refuse("period", reference.periods.iter().map(|r| (r.month.to_string(), always, &r.origin)));
        self.refuse(
            "program",
            reference.programs.iter().map(|r| (r.id.canonical().to_owned(), always, &r.origin)),
        );
        self.refuse(
            "account",
            reference.accounts.iter().map(|r| (r.id.canonical().to_owned(), r.valid, &r.origin)),
        );
        self.refuse_alike_accounts(&reference.accounts);
        self.refuse("SKU", reference.skus.iter().map(|r| (r.id.canonical().to_owned(), r.valid, &r.origin)));
    }

    /// Ids of the vendor are compared without their separators: two of them that differ in nothing else, and stand for two
    /// accounts, would give the money of one to the other.
    fn refuse_alike_accounts(&mut self, accounts: &[Account]) {
        let mut seen: BTreeMap<&str, &Account> = BTreeMap::new();
        for account in accounts {
            let Some(vendor) = account.vendor else { continue };
            let first = *seen.entry(vendor.canonical()).or_insert(account);
            let spelled = first.vendor.map_or("", Id::raw);
            if spelled == vendor.raw() || first.id == account.id {
                continue;
            }
            self.diagnostics.push(Diagnostic {
                line: self.files.line(account.origin.source),
                ..Diagnostic::of_file(
                    Severity::Fatal,
                    "reference-contradiction",
                    self.files.path(account.origin.source),
                    format!(
                        "vendor account `{}` differs only in spelling from `{}` on {}, and they stand for two accounts: their lines \
                         cannot be told apart",
                        visible(vendor.raw()),
                        visible(spelled),
                        place(self.files, first.origin.source, account.origin.source)
                    ),
                    "write the same id the same way; where they are two, map only the one that the vendor's files have, and ask \
                     the vendor for ids that differ in more than separators",
                )
            });
        }
    }

    /// Rows come sorted by key, then by the day from which they hold.
    fn refuse<'b>(&mut self, what: &str, rows: impl Iterator<Item = (String, Validity, &'b Origin)>) {
        let rows: Vec<(String, Validity, &Origin)> = rows.collect();
        for pair in rows.windows(2) {
            let ((key, valid, first), (other, later, second)) = (&pair[0], &pair[1]);
            if key != other || first.digest == second.digest || !valid.overlaps(*later) {
                continue;
            }
            let (a, b) = (first.source.min(second.source), first.source.max(second.source));
            self.diagnostics.push(Diagnostic {
                line: self.files.line(b),
                ..Diagnostic::of_file(
                    Severity::Fatal,
                    "reference-contradiction",
                    self.files.path(b),
                    format!(
                        "{what} `{key}` is already defined on {} with another meaning on the same days",
                        place(self.files, a, b)
                    ),
                    "keep one of the two rows, or give them days that do not overlap",
                )
            });
        }
    }
}

/// Where a row is, for a message about a row of the same or of another file.
fn place(files: &Files, source: SourceRef, beside: SourceRef) -> String {
    let line = files.line(source);
    if source.file == beside.file {
        format!("line {line}")
    } else {
        format!("line {line} of `{}`", files.path(source))
    }
}

/// The findings of one reference file alone.
pub(super) fn single(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    match extract.kind() {
        FileKind::Accounts => parse(extract, 0, account).into_findings(),
        FileKind::Skus => parse(extract, 0, sku).into_findings(),
        FileKind::Programs => parse(extract, 0, program).into_findings(),
        FileKind::ProgramRates => parse(extract, 0, program_rate).into_findings(),
        FileKind::Enrollments => parse(extract, 0, enrollment).into_findings(),
        FileKind::Periods => parse(extract, 0, period).into_findings(),
        FileKind::StatusMap => parse(extract, 0, status_row).into_findings(),
        FileKind::ReasonMap => parse(extract, 0, reason_row).into_findings(),
        FileKind::Aliases => parse(extract, 0, alias).into_findings(),
        FileKind::Fx => parse(extract, 0, fx).into_findings(),
        FileKind::Journals => parse(extract, 0, journal).into_findings(),
        FileKind::Ledger => parse(extract, 0, ledger_balance).into_findings(),
        FileKind::Signoffs => parse(extract, 0, signoff).into_findings(),
        FileKind::Claims => parse(extract, 0, claimed).into_findings(),
        FileKind::Orders
        | FileKind::Cancellations
        | FileKind::RebateLines
        | FileKind::Adjustments
        | FileKind::Payouts
        | FileKind::ControlTotals
        | FileKind::Sources => unreachable!("a snapshot file is read by the module of the extracts"),
    }
}

fn validity(cells: &mut Cells<'_>, from: usize, to: usize) -> Validity {
    Validity { from: cells.date(from), to: cells.date(to) }
}

fn account(cells: &mut Cells<'_>) -> Option<Account> {
    use accounts as c;
    let id = cells.id(c::ACCOUNT_ID);
    Some(Account {
        vendor: cells.id(c::VENDOR_ACCOUNT_ID),
        customer: cells.id(c::CUSTOMER_ID),
        customer_name: cells.text(c::CUSTOMER_NAME),
        region: cells.text(c::REGION),
        valid: validity(cells, c::VALID_FROM, c::VALID_TO),
        origin: cells.origin(),
        id: cells.required(c::ACCOUNT_ID, id)?,
    })
}

fn sku(cells: &mut Cells<'_>) -> Option<Sku> {
    use skus as c;
    let (id, category) = (cells.id(c::SKU), cells.text(c::CATEGORY));
    let (id, category) = (cells.required(c::SKU, id), cells.required(c::CATEGORY, category));
    Some(Sku {
        vendor: cells.id(c::VENDOR_SKU),
        valid: validity(cells, c::VALID_FROM, c::VALID_TO),
        origin: cells.origin(),
        id: id?,
        category: category?,
    })
}

fn enrollment(cells: &mut Cells<'_>) -> Option<Enrollment> {
    use enrollments as c;
    let (reseller, program) = (cells.id(c::RESELLER_ID), cells.id(c::PROGRAM_ID));
    let (reseller, program) =
        (cells.required(c::RESELLER_ID, reseller), cells.required(c::PROGRAM_ID, program));
    Some(Enrollment {
        tier: cells.text(c::TIER),
        valid: validity(cells, c::VALID_FROM, c::VALID_TO),
        origin: cells.origin(),
        reseller: reseller?,
        program: program?,
    })
}

fn period(cells: &mut Cells<'_>) -> Option<PeriodRow> {
    use periods as c;
    let (month, start, end) = (cells.month(c::PERIOD), cells.date(c::START), cells.date(c::END));
    let month = cells.required(c::PERIOD, month);
    let (start, end) = (cells.required(c::START, start), cells.required(c::END, end));
    Some(PeriodRow {
        vendor_final: cells.date(c::VENDOR_FINAL_DATE),
        closed_on: cells.date(c::CLOSED_ON),
        close_snapshot: cells.snapshot(c::CLOSE_SNAPSHOT),
        origin: cells.origin(),
        month: month?,
        // The file names the last day; a period excludes its end.
        period: Period { start: start?, end: end?.succ_opt()? },
    })
}

fn status_row(cells: &mut Cells<'_>) -> Option<StatusRow> {
    use status_map as c;
    let statuses = Status::ALL.map(|s| (s.label(), s));
    let buckets = Bucket::ALL.map(|b| (b.label(), b));
    let raw = cells.text(c::RAW_STATUS);
    let raw = cells.required(c::RAW_STATUS, raw);
    let status = cells.choice(c::CANONICAL, &statuses);
    let status = cells.required(c::CANONICAL, status);
    let bucket = cells.choice(c::BUCKET, &buckets);
    Some(StatusRow {
        rank: cells.count(c::RANK),
        limit_days: cells.count(c::LIMIT_DAYS).and_then(|n| u32::try_from(n).ok()),
        origin: cells.origin(),
        key: word_of(&cells.text(c::SOURCE).unwrap_or_default(), &raw?),
        raw: word(&raw?),
        status: status?,
        bucket: bucket.unwrap_or(status?.default_bucket()),
    })
}

fn reason_row(cells: &mut Cells<'_>) -> Option<ReasonRow> {
    use reason_map as c;
    let raw = cells.text(c::RAW_REASON);
    let raw = cells.required(c::RAW_REASON, raw);
    let reason = cells.text(c::CANONICAL_REASON);
    let reason = cells.required(c::CANONICAL_REASON, reason);
    let plain_text = cells.text(c::PLAIN_TEXT);
    let plain_text = cells.required(c::PLAIN_TEXT, plain_text);
    Some(ReasonRow {
        implies: cells.text(c::IMPLIES),
        origin: cells.origin(),
        key: word_of(&cells.text(c::SOURCE).unwrap_or_default(), &raw?),
        raw: word(&raw?),
        reason: reason?,
        plain_text: plain_text?,
    })
}

fn alias(cells: &mut Cells<'_>) -> Option<Alias> {
    use aliases as c;
    const KINDS: &[(&str, AliasKind)] =
        &[("order", AliasKind::Order), ("account", AliasKind::Account), ("sku", AliasKind::Sku)];
    let (own, vendor, kind) = (cells.text(c::OWN_ID), cells.text(c::VENDOR_ID), cells.choice(c::KIND, KINDS));
    let (own, vendor) = (cells.required(c::OWN_ID, own), cells.required(c::VENDOR_ID, vendor));
    let kind = cells.required(c::KIND, kind);
    Some(Alias {
        approved_by: cells.text(c::APPROVED_BY),
        approved_on: cells.date(c::APPROVED_ON),
        origin: cells.origin(),
        own: Ustr::from(&grammar::canonical(&own?)),
        vendor: Ustr::from(&grammar::canonical(&vendor?)),
        kind: kind?,
    })
}

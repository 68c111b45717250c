//! The records of a snapshot: which files speak for it (contract, section 2), read, merged and put in order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ustr::Ustr;

use super::cells::Cells;
use super::{Parsed, Quarantined, RowCounts, merge_duplicates, parse, word};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::columns::{
    FileKind, adjustments, cancellations, control_totals, orders, payouts, rebate_lines, sources,
};
use crate::ingest::{Extract, Files, Input};
use crate::model::id::{Id, LineId, OrderId};
use crate::model::money::MoneyByCurrency;
use crate::model::record::{
    Adjustment, Cancellation, ControlTotal, Feed, Line, Order, Origin, Payout, Records,
};
use crate::model::reference::Reference;
use crate::model::status::{Bucket, Status};
use crate::model::time::{AsOf, Month};

/// A file that a snapshot rests on, and what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUse {
    /// The file.
    pub file: u32,
    /// Its rows.
    pub counts: RowCounts,
    /// Of the vendor's lines: the calculated amounts of all loaded rows, also of those that a newer file replaced.
    pub loaded: MoneyByCurrency,
    /// The calculated amounts of the rows merged into a loaded one.
    pub merged: MoneyByCurrency,
    /// The amounts of the rows set aside, as far as they can be read.
    pub quarantined: MoneyByCurrency,
}

impl FileUse {
    /// The use of a file that holds no amounts to tie out.
    pub(super) fn of_rows(file: u32, counts: RowCounts) -> FileUse {
        let none = MoneyByCurrency::default;
        FileUse { file, counts, loaded: none(), merged: none(), quarantined: none() }
    }
}

/// Everything that was known at one snapshot.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Its as-of date.
    pub as_of: AsOf,
    /// The records.
    pub records: Records,
    /// Rows held out of every total.
    pub quarantined: Vec<Quarantined>,
    /// The files it rests on, of this folder and of earlier ones.
    pub uses: Vec<FileUse>,
    /// Up to which snapshot each file of the vendor's lines speaks for those it gave: its own, and in delta mode that of the
    /// newest one, which would have said what changed.
    pub line_files: BTreeMap<u32, AsOf>,
}

/// Makes the records of any snapshot of an input folder.
pub struct Snapshots<'a> {
    files: &'a Files,
    input: &'a Input,
    delta: &'a BTreeSet<FileKind>,
    statuses: HashMap<Ustr, (Status, Bucket)>,
    coverage: HashMap<u32, BTreeSet<Month>>,
}

impl<'a> Snapshots<'a> {
    /// `delta` names the kinds of files that add to what came before.
    pub fn new(files: &'a Files, input: &'a Input, delta: &'a BTreeSet<FileKind>) -> Snapshots<'a> {
        Snapshots { files, input, delta, statuses: HashMap::new(), coverage: HashMap::new() }
    }

    /// Takes over which periods occur in which files of rebate lines, so that a file that says nothing new is not read.
    pub fn with_coverage(mut self, coverage: &BTreeMap<String, BTreeSet<Month>>) -> Snapshots<'a> {
        let known = self.files.iter().filter_map(|(number, file)| Some((number, coverage.get(file.path())?)));
        self.coverage = known.map(|(number, months)| (number, months.clone())).collect();
        self
    }

    /// Which periods occur in which files of rebate lines, as far as they were read.
    pub fn coverage(&self) -> BTreeMap<String, BTreeSet<Month>> {
        let path = |number: &u32| self.files.get(*number).path().to_owned();
        self.coverage.iter().map(|(number, months)| (path(number), months.clone())).collect()
    }

    /// The records as known at a snapshot, with the problems of every file they rest on. The status map is that of
    /// `reference`.
    ///
    /// Shape: lists sorted by id, so that the order of rows and files does not matter. Source: contract, section 2: a
    /// missing kind carries forward; `rebate_lines.csv` restates the periods that occur in it, and a line is in one of them.
    pub fn at(&mut self, as_of: AsOf, reference: &Reference) -> (Snapshot, Vec<Diagnostic>) {
        let statuses = reference.statuses.iter();
        self.statuses = statuses.map(|row| (row.raw, (row.status, row.bucket))).collect();
        let mut reading = Reading {
            snapshots: self,
            as_of,
            quarantined: Vec::new(),
            uses: Vec::new(),
            line_files: BTreeMap::new(),
            diagnostics: Vec::new(),
        };
        let mut records = Records {
            orders: reading.orders(),
            lines: reading.lines(),
            cancellations: reading.keyed(
                FileKind::Cancellations,
                cancellation,
                |c| c.id,
                |c| &mut c.origin,
                |_, o| set_aside(FileKind::Cancellations, o),
            ),
            adjustments: reading.keyed(
                FileKind::Adjustments,
                adjustment,
                |a| a.id,
                |a| &mut a.origin,
                |_, o| set_aside(FileKind::Adjustments, o),
            ),
            payouts: reading.keyed(
                FileKind::Payouts,
                payout,
                |p| p.id,
                |p| &mut p.origin,
                |_, o| set_aside(FileKind::Payouts, o),
            ),
            feeds: reading.keyed(
                FileKind::Sources,
                feed,
                |f| f.id,
                |f| &mut f.origin,
                |_, o| set_aside(FileKind::Sources, o),
            ),
            control_totals: reading.control_totals(),
        };
        reading.tell_collisions_apart(&mut records);
        let Reading { quarantined, uses, line_files, diagnostics, .. } = reading;
        records.orders.sort_by_key(|o| (o.id, o.line));
        records.lines.sort_by_key(|l| l.id);
        records.cancellations.sort_by_key(|c| c.id);
        records.adjustments.sort_by_key(|a| a.id);
        records.payouts.sort_by_key(|p| p.id);
        records.feeds.sort_by_key(|f| f.id);
        (Snapshot { as_of, records, quarantined, uses, line_files }, diagnostics)
    }
}

struct Reading<'s, 'a> {
    snapshots: &'s mut Snapshots<'a>,
    as_of: AsOf,
    quarantined: Vec<Quarantined>,
    uses: Vec<FileUse>,
    line_files: BTreeMap<u32, AsOf>,
    diagnostics: Vec<Diagnostic>,
}

impl Reading<'_, '_> {
    /// Keeps the findings and the row counts of one file, and hands back its records.
    fn keep<T>(&mut self, file: u32, parsed: Parsed<T>) -> Vec<T> {
        let Parsed { records, quarantined, warnings, counts } = parsed;
        self.diagnostics.extend(warnings);
        self.diagnostics.extend(quarantined.iter().flat_map(|q| q.problems.iter().cloned()));
        self.quarantined.extend(quarantined);
        self.uses.push(FileUse::of_rows(file, counts));
        records
    }

    /// The files of a kind that speak for the snapshot: the newest one, or in delta mode all, newest first.
    fn files_of(&self, kind: FileKind) -> Vec<u32> {
        let newest_first = self.snapshots.input.files_up_to(kind, self.as_of);
        if self.snapshots.delta.contains(&kind) {
            newest_first
        } else {
            newest_first.into_iter().take(1).collect()
        }
    }

    fn keyed<T: Send, K: std::hash::Hash + Eq>(
        &mut self,
        kind: FileKind,
        read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync,
        key: impl Fn(&T) -> K,
        origin: impl Fn(&mut T) -> &mut Origin,
        aside: impl Fn(&T, &Origin) -> Quarantined,
    ) -> Vec<T> {
        let mut seen: HashSet<K> = HashSet::new();
        let mut all = Vec::new();
        for file in self.files_of(kind) {
            let mut parsed = parse(self.snapshots.files.get(file), file, &read);
            merge_duplicates(self.snapshots.files.get(file), &mut parsed, &key, &origin, &aside);
            let records = self.keep(file, parsed);
            let fresh: Vec<T> = records.into_iter().filter(|r| !seen.contains(&key(r))).collect();
            seen.extend(fresh.iter().map(&key));
            all.extend(fresh);
        }
        all
    }

    fn orders(&mut self) -> Vec<Order> {
        self.keyed(FileKind::Orders, order, order_key, |o| &mut o.origin, aside_order)
    }

    fn lines(&mut self) -> Vec<Line> {
        let is_delta = self.snapshots.delta.contains(&FileKind::RebateLines);
        let mut covered: BTreeSet<Month> = BTreeSet::new();
        let mut seen: HashSet<Ustr> = HashSet::new();
        let mut all: Vec<Line> = Vec::new();
        let mut newest = None;
        for file in self.snapshots.input.files_up_to(FileKind::RebateLines, self.as_of) {
            let own = self.snapshots.files.get(file).snapshot().unwrap_or(self.as_of);
            let until = *newest.get_or_insert(own);
            self.line_files.insert(file, if is_delta { until } else { own });
            let known = self.snapshots.coverage.get(&file);
            if !is_delta && known.is_some_and(|months| months.is_subset(&covered)) {
                continue;
            }
            let statuses = &self.snapshots.statuses;
            let mut parsed = parse(self.snapshots.files.get(file), file, |cells| line(cells, statuses));
            derive_line_ids(&mut parsed.records);
            merge_duplicates(
                self.snapshots.files.get(file),
                &mut parsed,
                |l| Ustr::from(l.id.raw()),
                |l| &mut l.origin,
                aside_line,
            );
            let months: BTreeSet<Month> = parsed
                .records
                .iter()
                .map(|l| l.period)
                .chain(parsed.quarantined.iter().filter_map(|q| q.period))
                .collect();
            let sums = line_sums(&parsed);
            let is_newest = all.is_empty() && covered.is_empty();
            if !is_delta && !is_newest {
                if months.is_subset(&covered) {
                    self.snapshots.coverage.insert(file, months);
                    continue;
                }
                parsed.quarantined.retain(|q| q.period.is_some_and(|month| !covered.contains(&month)));
            }
            let records = self.keep(file, parsed);
            if let Some(used) = self.uses.last_mut() {
                (used.loaded, used.merged, used.quarantined) = sums;
            }
            let fresh: Vec<Line> = records
                .into_iter()
                // A line that a newer file has in another period was moved: it is not in its old one as well.
                .filter(|l| {
                    !seen.contains(&Ustr::from(l.id.raw())) && (is_delta || !covered.contains(&l.period))
                })
                .collect();
            seen.extend(fresh.iter().map(|l| Ustr::from(l.id.raw())));
            all.extend(fresh);
            covered.extend(&months);
            self.snapshots.coverage.insert(file, months);
        }
        all
    }

    /// Declared totals speak of the files of their own folder only, so they do not carry forward.
    fn control_totals(&mut self) -> Vec<ControlTotal> {
        let folders: BTreeSet<AsOf> =
            self.uses.iter().filter_map(|u| self.snapshots.files.get(u.file).snapshot()).collect();
        let mut all = Vec::new();
        for file in self.snapshots.input.files_up_to(FileKind::ControlTotals, self.as_of) {
            if self.snapshots.files.get(file).snapshot().is_some_and(|s| folders.contains(&s)) {
                let parsed = parse(self.snapshots.files.get(file), file, control_total);
                all.extend(self.keep(file, parsed));
            }
        }
        all
    }

    /// Two raw ids of one side with one canonical form are told apart by their raw text (domain 2.1, rule 4).
    fn tell_collisions_apart(&mut self, records: &mut Records) {
        let orders = self.collisions("order", records.orders.iter().map(|o| (o.id, &o.origin)));
        for order in &mut records.orders {
            apart(&mut order.id, &orders);
        }
        for line in &mut records.lines {
            apart(&mut line.order_ref, &orders);
        }
        for cancellation in &mut records.cancellations {
            apart(&mut cancellation.order, &orders);
        }
        let lines = self.collisions("rebate line", records.lines.iter().map(|l| (l.id, &l.origin)));
        for line in &mut records.lines {
            apart(&mut line.id, &lines);
        }
        for adjustment in &mut records.adjustments {
            if let Some(line) = &mut adjustment.line {
                apart(line, &lines);
            }
        }
    }

    fn collisions<'b, K: 'b>(
        &mut self,
        what: &str,
        ids: impl Iterator<Item = (Id<K>, &'b Origin)>,
    ) -> HashSet<&'static str> {
        let mut spellings: BTreeMap<&'static str, BTreeMap<&'static str, &Origin>> = BTreeMap::new();
        let mut first: HashMap<&'static str, (&'static str, &Origin)> = HashMap::new();
        for (id, origin) in ids {
            let (raw, known) = *first.entry(id.canonical()).or_insert((id.raw(), origin));
            if raw != id.raw() {
                let all = spellings.entry(id.canonical()).or_default();
                all.insert(raw, known);
                all.insert(id.raw(), origin);
            }
        }
        for raws in spellings.values() {
            let names: Vec<String> = raws.keys().map(|raw| format!("`{}`", visible(raw))).collect();
            for origin in raws.values() {
                self.diagnostics.push(Diagnostic {
                    line: self.snapshots.files.line(origin.source),
                    ..Diagnostic::of_file(
                        Severity::Warning,
                        "normalization-collision",
                        self.snapshots.files.path(origin.source),
                        format!(
                            "{what} ids {} differ only in spelling; they are kept apart by their exact text",
                            names.join(" and ")
                        ),
                        "if they are one, write them the same way in the source",
                    )
                });
            }
        }
        spellings.into_keys().collect()
    }
}

fn apart<K>(id: &mut Id<K>, collisions: &HashSet<&'static str>) {
    if collisions.contains(id.canonical()) {
        *id = id.by_raw();
    }
}

/// The calculated amounts of a file of the vendor's lines: loaded, merged, set aside.
fn line_sums(parsed: &Parsed<Line>) -> (MoneyByCurrency, MoneyByCurrency, MoneyByCurrency) {
    let (mut loaded, mut merged, mut quarantined) = Default::default();
    for line in &parsed.records {
        MoneyByCurrency::extend(&mut loaded, line.amount_calculated);
        for _ in &line.origin.copies {
            MoneyByCurrency::extend(&mut merged, line.amount_calculated);
        }
    }
    MoneyByCurrency::extend(&mut quarantined, parsed.quarantined.iter().filter_map(|q| q.amount));
    (loaded, merged, quarantined)
}

fn order_key(order: &Order) -> (Ustr, Option<Ustr>) {
    (Ustr::from(order.id.raw()), order.line)
}

fn aside_order(order: &Order, origin: &Origin) -> Quarantined {
    let currency = Some(order.amount_net.currency());
    Quarantined { order: Some(order.id), currency, ..set_aside(FileKind::Orders, origin) }
}

fn aside_line(line: &Line, origin: &Origin) -> Quarantined {
    Quarantined {
        order: Some(line.order_ref),
        line: Some(line.id),
        batch: line.batch,
        period: Some(line.period),
        currency: Some(line.currency),
        amount: line.amount_calculated,
        ..set_aside(FileKind::RebateLines, origin)
    }
}

/// The findings of one snapshot file alone.
pub(super) fn single(extract: &Extract) -> (RowCounts, Vec<Diagnostic>) {
    let kind = extract.kind();
    match kind {
        FileKind::Orders => alone(extract, order, order_key, |o| &mut o.origin, aside_order),
        FileKind::RebateLines => {
            let mut parsed = parse(extract, 0, |cells| line(cells, &HashMap::new()));
            derive_line_ids(&mut parsed.records);
            merge_duplicates(extract, &mut parsed, |l| Ustr::from(l.id.raw()), |l| &mut l.origin, aside_line);
            parsed.into_findings()
        }
        FileKind::Cancellations => {
            alone(extract, cancellation, |c| c.id, |c| &mut c.origin, |_, o| set_aside(kind, o))
        }
        FileKind::Adjustments => {
            alone(extract, adjustment, |a| a.id, |a| &mut a.origin, |_, o| set_aside(kind, o))
        }
        FileKind::Payouts => alone(extract, payout, |p| p.id, |p| &mut p.origin, |_, o| set_aside(kind, o)),
        FileKind::Sources => alone(extract, feed, |f| f.id, |f| &mut f.origin, |_, o| set_aside(kind, o)),
        FileKind::ControlTotals => parse(extract, 0, control_total).into_findings(),
        FileKind::Accounts
        | FileKind::Skus
        | FileKind::Programs
        | FileKind::ProgramRates
        | FileKind::Enrollments
        | FileKind::Periods
        | FileKind::StatusMap
        | FileKind::ReasonMap
        | FileKind::Aliases
        | FileKind::Fx
        | FileKind::Journals
        | FileKind::Ledger
        | FileKind::Signoffs
        | FileKind::Claims => unreachable!("a reference file is read by the module of that name"),
    }
}

fn alone<T: Send, K: std::hash::Hash + Eq>(
    extract: &Extract,
    read: impl Fn(&mut Cells<'_>) -> Option<T> + Sync,
    key: impl Fn(&T) -> K,
    origin: impl Fn(&mut T) -> &mut Origin,
    aside: impl Fn(&T, &Origin) -> Quarantined,
) -> (RowCounts, Vec<Diagnostic>) {
    let mut parsed = parse(extract, 0, read);
    merge_duplicates(extract, &mut parsed, key, origin, aside);
    parsed.into_findings()
}

pub(super) fn set_aside(kind: FileKind, origin: &Origin) -> Quarantined {
    Quarantined {
        kind,
        source: origin.source,
        order: None,
        line: None,
        batch: None,
        period: None,
        currency: None,
        amount: None,
        is_amount_implied: false,
        problems: Vec::new(),
    }
}

/// Gives each line without an id one that stays the same while its amounts change: a digest of its business key, with
/// a number where several lines share it.
fn derive_line_ids(lines: &mut [Line]) {
    let mut nameless: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].id.raw().is_empty()).collect();
    let key = |l: &Line| {
        let mut hash = Sha256::new();
        for part in [
            l.program.canonical(),
            l.order_ref.canonical(),
            l.account_ref.map_or("", Id::canonical),
            l.sku_ref.map_or("", Id::canonical),
            l.line_type.as_ref().map_or("", Ustr::as_str),
            l.invoice_ref.map_or("", Id::canonical),
            &l.period.to_string(),
        ] {
            hash.update(part.as_bytes());
            hash.update([0x1f]);
        }
        let digest = hash.finalize();
        digest.iter().take(6).map(|byte| format!("{byte:02X}")).collect::<String>()
    };
    nameless.sort_by_cached_key(|i| (key(&lines[*i]), lines[*i].origin.digest));
    let mut previous: Option<(String, u128, u32)> = None;
    for i in nameless {
        let (name, digest) = (key(&lines[i]), lines[i].origin.digest);
        let number = match &previous {
            Some((last, last_digest, number)) if *last == name => number + u32::from(*last_digest != digest),
            Some(_) | None => 1,
        };
        let id = if number == 1 { format!("AUTO-{name}") } else { format!("AUTO-{name}-{number}") };
        lines[i].id = LineId::new(&id.replace('-', ""), &id);
        previous = Some((name, digest, number));
    }
}

fn order(cells: &mut Cells<'_>) -> Option<Order> {
    use orders as c;
    let id: Option<OrderId> = cells.id(c::ORDER_ID);
    let id = cells.required(c::ORDER_ID, id);
    let account = cells.id(c::ACCOUNT_ID);
    let account = cells.required(c::ACCOUNT_ID, account);
    let order_date = cells.date(c::ORDER_DATE);
    let order_date = cells.required(c::ORDER_DATE, order_date);
    let sku = cells.id(c::SKU);
    let sku = cells.required(c::SKU, sku);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let net = cells.money(c::NET_AMOUNT, currency);
    let net = cells.required(c::NET_AMOUNT, net);
    cells.date(c::USAGE_TO);
    Some(Order {
        line: cells.text(c::ORDER_LINE),
        reseller: cells.id(c::RESELLER_ID),
        customer: cells.id(c::CUSTOMER_ID),
        subscription: cells.id(c::SUBSCRIPTION_ID),
        invoice: cells.id(c::INVOICE_ID),
        invoice_date: cells.date(c::INVOICE_DATE),
        usage_from: cells.date(c::USAGE_FROM),
        payment_date: cells.date(c::PAYMENT_DATE),
        region: cells.text(c::REGION),
        site: cells.text(c::SITE),
        billing_model: cells.text(c::BILLING_MODEL),
        contract_type: cells.text(c::CONTRACT_TYPE),
        contract_active_from: cells.date(c::CONTRACT_ACTIVATION_DATE),
        campaign: cells.text(c::CAMPAIGN),
        amount_list: cells.money(c::LIST_AMOUNT, currency),
        amount_tax: cells.money(c::TAX, currency),
        amount_voucher: cells.money(c::VOUCHER_AMOUNT, currency),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        quantity: cells.decimal(c::QUANTITY),
        customer_class: cells.text(c::CUSTOMER_CLASS),
        status: cells.text(c::ORDER_STATUS),
        origin: cells.origin(),
        id: id?,
        account: account?,
        order_date: order_date?,
        sku: sku?,
        amount_net: net?,
    })
}

fn line(cells: &mut Cells<'_>, statuses: &HashMap<Ustr, (Status, Bucket)>) -> Option<Line> {
    use rebate_lines as c;
    let program = cells.id(c::PROGRAM_ID);
    let program = cells.required(c::PROGRAM_ID, program);
    let order_ref = cells.id(c::ORDER_REF);
    let order_ref = cells.required(c::ORDER_REF, order_ref);
    let period = cells.month(c::PERIOD);
    let period = cells.required(c::PERIOD, period);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let status_raw = cells.text(c::STATUS);
    let status_raw = cells.required(c::STATUS, status_raw);
    let (status, bucket) = status_raw
        .and_then(|raw| statuses.get(&word(&raw)).copied())
        .unwrap_or((Status::Unknown, Bucket::Unknown));
    Some(Line {
        id: cells.id(c::LINE_ID).unwrap_or_else(|| LineId::new("", "")),
        reseller: cells.id(c::RESELLER_ID),
        batch: cells.id(c::BATCH_ID),
        account_ref: cells.id(c::ACCOUNT_REF),
        sku_ref: cells.id(c::SKU_REF),
        category: cells.text(c::CATEGORY),
        region: cells.text(c::REGION),
        amount_base: cells.money(c::BASE_AMOUNT, currency),
        rate: cells.decimal(c::RATE),
        amount_calculated: cells.money(c::CALCULATED_AMOUNT, currency),
        status,
        bucket,
        reason_raw: cells.text(c::REASON_CODE),
        status_date: cells.date(c::STATUS_DATE),
        approved_date: cells.date(c::APPROVED_DATE),
        amount_paid: cells.money(c::PAID_AMOUNT, currency),
        payout: cells.id(c::PAYOUT_ID),
        invoice_ref: cells.id(c::INVOICE_REF),
        line_type: cells.text(c::LINE_TYPE),
        confirm_by: cells.date(c::CONFIRM_BY),
        expected_payment: cells.date(c::EXPECTED_PAYMENT_DATE),
        period_processed: cells.month(c::PERIOD_PROCESSED),
        origin: cells.origin(),
        program: program?,
        order_ref: order_ref?,
        period: period?,
        currency: currency?,
        status_raw: status_raw?,
    })
}

fn cancellation(cells: &mut Cells<'_>) -> Option<Cancellation> {
    use cancellations as c;
    let (id, order, date) = (cells.id(c::CANCELLATION_ID), cells.id(c::ORDER_ID), cells.date(c::CANCEL_DATE));
    let id = cells.required(c::CANCELLATION_ID, id);
    let order = cells.required(c::ORDER_ID, order);
    let date = cells.required(c::CANCEL_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let refund = cells.money(c::REFUND_AMOUNT, currency);
    let refund = cells.required(c::REFUND_AMOUNT, refund);
    Some(Cancellation {
        kind: cells.text(c::KIND),
        origin: cells.origin(),
        id: id?,
        order: order?,
        date: date?,
        amount_refund: refund?,
    })
}

fn adjustment(cells: &mut Cells<'_>) -> Option<Adjustment> {
    use adjustments as c;
    let (id, date) = (cells.id(c::ADJUSTMENT_ID), cells.date(c::ADJUSTMENT_DATE));
    let id = cells.required(c::ADJUSTMENT_ID, id);
    let date = cells.required(c::ADJUSTMENT_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    Some(Adjustment {
        line: cells.id(c::LINE_ID),
        program: cells.id(c::PROGRAM_ID),
        period: cells.month(c::PERIOD),
        reason_raw: cells.text(c::REASON_CODE),
        reference: cells.id(c::REFERENCE),
        origin: cells.origin(),
        id: id?,
        amount: amount?,
        date: date?,
    })
}

fn payout(cells: &mut Cells<'_>) -> Option<Payout> {
    use payouts as c;
    let (id, date) = (cells.id(c::PAYOUT_ID), cells.date(c::PAID_DATE));
    let id = cells.required(c::PAYOUT_ID, id);
    let date = cells.required(c::PAID_DATE, date);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let amount = cells.money(c::AMOUNT, currency);
    let amount = cells.required(c::AMOUNT, amount);
    Some(Payout {
        form: cells.text(c::FORM),
        bank_ref: cells.text(c::BANK_REF),
        origin: cells.origin(),
        id: id?,
        date: date?,
        amount: amount?,
    })
}

fn control_total(cells: &mut Cells<'_>) -> Option<ControlTotal> {
    use control_totals as c;
    let file = cells.text(c::FILE);
    let file = cells.required(c::FILE, file);
    let currency = cells.currency(c::CURRENCY);
    let currency = cells.required(c::CURRENCY, currency);
    let declared = cells.money(c::DECLARED, currency);
    let declared = cells.required(c::DECLARED, declared);
    Some(ControlTotal {
        rows: cells.count(c::ROWS),
        origin: cells.origin(),
        file: file?,
        declared: declared?,
    })
}

fn feed(cells: &mut Cells<'_>) -> Option<Feed> {
    use sources as c;
    let id = cells.text(c::SOURCE_ID);
    Some(Feed {
        kind: cells.text(c::KIND),
        site: cells.text(c::SITE),
        expected_by: cells.date(c::EXPECTED_BY),
        last_as_of: cells.date(c::LAST_AS_OF),
        state: cells.text(c::STATE),
        error_code: cells.text(c::ERROR_CODE),
        origin: cells.origin(),
        id: cells.required(c::SOURCE_ID, id)?,
    })
}

//! Ids of records whose source gives none.

use sha2::{Digest, Sha256};
use ustr::Ustr;

use crate::ingest::{Extract, Files};
use crate::model::id::{Id, LineId, OrderId};
use crate::model::money::Money;
use crate::model::record::{Line, Order, Origin, SourceRef};

/// Gives each record without an id one that stays the same while its amounts change: a digest of its business key, with a
/// number where several records share it.
///
/// Rows of one key and one content are one record of a canonical file, which is merged. A mapped source has no key of its
/// own, so there two rows that say the same are two records: taking one away would take away money.
fn derive_ids<T>(
    records: &mut [T],
    stream: impl Fn(u32) -> Option<Ustr>,
    key: impl Fn(&T) -> Option<String>,
    amounts: impl Fn(&T) -> Amounts,
    origin: impl Fn(&T) -> &Origin,
    name: impl Fn(&mut T, &str),
) {
    // By their amounts first: a column that is new or renamed changes every digest and no number.
    type Nameless = (String, Amounts, u128, SourceRef, usize);
    let mut nameless: Vec<Nameless> = records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| {
            let origin = origin(record);
            // Extracts beside each other, such as those of two months or policies, have keys of their own.
            let key = match (key(record)?, stream(origin.source.file)) {
                (key, Some(stream)) => digest_of(&[&stream, &key]),
                (key, None) => key,
            };
            Some((key, amounts(record), origin.digest, origin.source, index))
        })
        .collect();
    nameless.sort_unstable();
    let mut previous: Option<(&str, u128, u32)> = None;
    for (key, _, digest, source, index) in &nameless {
        let number = match previous {
            Some((last, of, number)) if last == key => {
                number + u32::from(of != *digest || stream(source.file).is_some())
            }
            Some(_) | None => 1,
        };
        let id = if number == 1 { format!("AUTO-{key}") } else { format!("AUTO-{key}-{number}") };
        name(&mut records[*index], &id);
        previous = Some((key, *digest, number));
    }
}

/// A short digest of the parts of a business key.
fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02X}")).collect()
}

/// [`derive_line_ids`] for the lines of one extract.
pub(super) fn name_lines_of(extract: &Extract, lines: &mut [Line]) {
    derive_ids(lines, |_| stream_of(extract), line_key, line_amounts, |l| &l.origin, name_line);
}

pub(super) fn derive_line_ids(files: &Files, lines: &mut [Line]) {
    derive_ids(lines, |file| stream_of(files.get(file)), line_key, line_amounts, |l| &l.origin, name_line);
}

/// Amounts of a record, in minor units.
type Amounts = [Option<i128>; 3];

fn line_amounts(line: &Line) -> Amounts {
    [line.amount_base, line.amount_calculated, line.amount_paid].map(|amount| amount.map(Money::minor))
}

/// The stream of a mapped extract, whose rows are all money.
fn stream_of(extract: &Extract) -> Option<Ustr> {
    extract.mapping().map(|_| extract.stream())
}

/// The business key of a line without an id.
fn line_key(line: &Line) -> Option<String> {
    line.id.raw().is_empty().then(|| {
        let subscription = line.subscription_ref.map(Id::canonical);
        let period = line.period.to_string();
        let mut parts = vec![
            line.program.canonical(),
            line.order_ref.canonical(),
            line.account_ref.map_or("", Id::canonical),
            line.sku_ref.map_or("", Id::canonical),
            line.line_type.as_ref().map_or("", Ustr::as_str),
            line.invoice_ref.map_or("", Id::canonical),
            &period,
        ];
        parts.extend(subscription);
        digest_of(&parts)
    })
}

fn name_line(line: &mut Line, id: &str) {
    line.id = LineId::new(&id.replace('-', ""), id);
}

pub(super) fn derive_order_ids(files: &Files, orders: &mut [Order]) {
    derive_ids(
        orders,
        |file| stream_of(files.get(file)),
        order_business_key,
        |o| [Some(o.amount_net), o.amount_list, o.amount_voucher].map(|amount| amount.map(Money::minor)),
        |o| &o.origin,
        |order, id| order.id = OrderId::new(&id.replace('-', ""), id),
    );
}

/// The business key of an order without an id: what a bill says of a purchase beside its amounts.
fn order_business_key(order: &Order) -> Option<String> {
    order.id.raw().is_empty().then(|| {
        digest_of(&[
            order.account.canonical(),
            order.sku.canonical(),
            order.subscription.map_or("", Id::canonical),
            order.region.as_ref().map_or("", Ustr::as_str),
            order.billing_model.as_ref().map_or("", Ustr::as_str),
            order.status.as_ref().map_or("", Ustr::as_str),
            order.amount_net.currency().code(),
            &order.order_date.to_string(),
            order.invoice.map_or("", Id::canonical),
        ])
    })
}

//! The totals of a scope at a glance: the sentence above its page, the segments of its bars and the four measures.

use super::count_of;
use crate::model::money::Money;
use crate::model::status::Bucket;
use crate::reconcile::figures::{CurrencyTotals, Totals};
use crate::report::chart::Series;
use crate::report::page::{Block, FlowStep, Segment, Text};
use crate::say;

/// The sentence of a scope, one per currency: "Total rebate is … : … calculated …, … approved …, … paid".
pub(crate) fn total_sentence(totals: &Totals, subject: &str) -> Vec<Text> {
    if totals.is_empty() {
        return vec![Text::plain(say!("{subject} has no rebate lines in this snapshot.", subject))];
    }
    let by_weight = totals.by_weight();
    let mut words = Vec::new();
    for (_, sums) in by_weight.iter().take(1) {
        let (_, calculated) = sums.bucket(Bucket::Calculated);
        words.push(Text::plain(say!("{subject} is ", subject)));
        words.push(Text::strong(sums.total().in_words()));
        words.push(Text::plain(say!(": ")));
        words.push(Text::strong(calculated.in_words()));
        let review = sums.under_review.1;
        words.push(Text::plain(if sums.under_review.0 > 0 {
            say!(
                " calculated and waiting for approval ({review} of it under review), ",
                review = review.in_words()
            )
        } else {
            say!(" calculated and waiting for approval, ").to_owned()
        }));
        words.push(Text::strong(sums.bucket(Bucket::Approved).1.in_words()));
        words.push(Text::plain(say!(" approved and due with the next billing cycle, ")));
        words.push(Text::strong(sums.bucket(Bucket::Paid).1.in_words()));
        words.push(Text::plain(say!(" paid.")));
    }
    // Currencies are never added: each has its own total and its own table below.
    for (number, (_, sums)) in by_weight.iter().skip(1).enumerate() {
        words.push(Text::plain(if number == 0 { say!(" In other currencies: ") } else { say!(", ") }));
        words.push(Text::strong(sums.total().in_words()));
    }
    if by_weight.len() > 1 {
        words.push(Text::plain(say!(".")));
    }
    words
}

/// A share of a whole in percent with two decimals, as text; integers only, so that it prints the same everywhere.
pub(super) fn percent(part: i128, whole: i128) -> (String, i128) {
    if whole <= 0 {
        return ("0.00".to_owned(), 0);
    }
    let hundredths = (part.max(0).min(whole) * 10_000 + whole / 2) / whole;
    (format!("{}.{:02}", hundredths / 100, hundredths % 100), hundredths)
}

/// Segments beside each other, in percent of a whole.
pub(crate) fn segments(parts: &[(Money, &'static str)], whole: Money) -> Vec<Segment> {
    let mut x = 0;
    let mut bar = Vec::new();
    for (amount, fill) in parts {
        let (width, hundredths) = percent(amount.minor(), whole.minor());
        if hundredths > 0 {
            bar.push(Segment { x: format!("{}.{:02}", x / 100, x % 100), width, fill });
            x += hundredths;
        }
    }
    bar
}

/// The headline total in four parts that add up to it, always in this order: calculated and not under review, under
/// review, approved, paid.
fn total_parts(sums: &CurrencyTotals) -> [(Money, &'static str); 4] {
    let (_, calculated) = sums.bucket(Bucket::Calculated);
    let review = sums.under_review.1;
    let rest = calculated.checked_sub(review).unwrap_or(calculated);
    [
        (rest, "calc"),
        (review, "review"),
        (sums.bucket(Bucket::Approved).1, "appr"),
        (sums.bucket(Bucket::Paid).1, "paid"),
    ]
}

/// The buckets of the headline total as segments, under review apart.
pub(crate) fn total_segments(sums: &CurrencyTotals, whole: Money) -> Vec<Segment> {
    segments(&total_parts(sums), whole)
}

/// The headline total by status over months or snapshots, for [`Chart::stacked`](crate::report::chart::Chart::stacked):
/// one entry per position, `None` where there is nothing to add up; all of one currency.
///
/// Where nothing is ever under review there are three series. Else the first one says that it is without what is under
/// review, because everywhere else "Calculated" holds it.
pub(crate) fn status_series(sums: &[Option<&CurrencyTotals>]) -> Vec<Series> {
    let has_review = sums.iter().flatten().any(|sums| sums.under_review.0 > 0);
    let parts: Vec<_> = sums.iter().map(|sums| sums.map(total_parts)).collect();
    let part = |name: &str, number: usize, fill| {
        Series::new(name, fill, parts.iter().map(|parts| parts.map(|parts| parts[number].0)))
    };
    let mut series = vec![if has_review {
        part(say!("Calculated, not under review"), 0, "calc")
    } else {
        part(say!("Calculated"), 0, "calc")
    }];
    series.extend(has_review.then(|| part(say!("Under Review"), 1, "review")));
    series.extend([part(say!("Approved"), 2, "appr"), part(say!("Paid"), 3, "paid")]);
    series
}

/// The four measures: eligible, calculated, approved and paid so far.
pub(crate) fn flow(sums: &CurrencyTotals) -> Block {
    let calculated = sums.calculated;
    let approved = sums.sum(&[Bucket::Approved, Bucket::Paid]);
    let paid = sums.paid;
    let whole =
        [sums.expected, calculated, approved, paid].into_iter().max_by_key(|m| m.minor()).unwrap_or(paid);
    let step = |label: &str, measure, amount: Money, fill, notes: Vec<Text>| {
        let words = amount.in_words();
        let (text, cents) = match words.rsplit_once('.') {
            Some((text, cents)) if cents.bytes().take(2).all(|b| b.is_ascii_digit()) => {
                (text.to_owned(), format!(".{cents}"))
            }
            Some(_) | None => (words, String::new()),
        };
        let (width, _) = percent(amount.minor(), whole.minor());
        let bar = Segment { x: "0.00".to_owned(), width, fill };
        let value = format!("{amount} {}", amount.currency());
        FlowStep { label: label.to_owned(), measure, value, whole: text, cents, bar, notes }
    };
    let expected_note = if sums.not_recomputed > 0 {
        say!(
            "{not_recomputed} not recomputed",
            not_recomputed = count_of(sums.not_recomputed, "line", "lines")
        )
    } else {
        say!("our own computation, by program rules").to_owned()
    };
    let waiting = |bucket: Bucket, words: &str| {
        let (count, amount) = sums.bucket(bucket);
        Text::plain(if count == 0 {
            say!("nothing {state}", state = words)
        } else {
            format!("{} {words}", amount.in_words())
        })
    };
    let (pending, _) = sums.bucket(Bucket::Pending);
    Block::Flow {
        steps: vec![
            step(say!("Eligible"), "eligible", sums.expected, "elig", vec![Text::plain(expected_note)]),
            step(
                say!("Calculated so far"),
                "calculated-so-far",
                calculated,
                "calc",
                vec![Text::plain(say!(
                    "{pending} not calculated yet",
                    pending = count_of(pending, "line", "lines")
                ))],
            ),
            step(
                say!("Approved so far"),
                "approved-so-far",
                approved,
                "appr",
                vec![waiting(Bucket::Calculated, say!("awaiting approval"))],
            ),
            step(
                say!("Paid so far"),
                "paid-so-far",
                paid,
                "paid",
                vec![waiting(Bucket::Approved, say!("awaiting payment"))],
            ),
        ],
    }
}

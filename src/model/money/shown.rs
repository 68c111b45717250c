//! Amounts in running text: what [`Money::in_words`](super::Money::in_words) and [`Money::grouped`](super::Money::grouped)
//! write, found again.
//!
//! An amount is a number with a currency's mark before it (`$2,540.00`), its code behind it (`61,728 JPY`), or, where the
//! currency stands elsewhere, exactly two decimals (`2,540.00`). A sign belongs to it when it touches it. Percentages,
//! dates, times, versions and the digits inside an identifier are none.

use super::Currency;

/// An amount in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The plain decimal, with the code of its currency where the text says it: `-310.00 USD`, `2540.00`.
    pub value: String,
}

/// The amounts of a text, in order.
pub fn amounts(text: &str) -> impl Iterator<Item = Shown> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let shown = next(text, from)?;
        from = shown.end;
        Some(shown)
    })
}

/// The first amount at or after a place.
fn next(text: &str, mut from: usize) -> Option<Shown> {
    let bytes = text.as_bytes();
    loop {
        let first = from + bytes[from..].iter().position(u8::is_ascii_digit)?;
        let rest = &bytes[first..];
        let run = rest.iter().position(|b| !matches!(b, b'0'..=b'9' | b',' | b'.')).unwrap_or(rest.len());
        // The stop or comma of the sentence.
        let run = rest[..run].iter().rposition(u8::is_ascii_digit).map_or(run, |last| last + 1);
        let end = first + run;
        if let Some(shown) = read(text, first, end) {
            return Some(shown);
        }
        from = end;
    }
}

/// The amount whose digits are there, if it is one.
fn read(text: &str, first: usize, end: usize) -> Option<Shown> {
    let digits = &text[first..end];
    // Most digits are those of ids and dates: these are left at once.
    let bytes = text.as_bytes();
    let is_part =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':' | b'#' | b'.' | b',');
    if first > 0 && is_part(&bytes[first - 1]) {
        return None;
    }
    let may_have_code =
        || bytes.get(end) == Some(&b' ') && bytes.get(end + 1).is_some_and(u8::is_ascii_uppercase);
    if !digits.contains('.') && !may_have_code() {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |(whole, rest)| (whole, rest));
    if !is_whole(whole) || fraction.bytes().any(|b| !b.is_ascii_digit()) {
        return None;
    }
    let before = &text[..first];
    let (before, mark) = if let Some(before) = before.strip_suffix('$') {
        (before, Some("USD"))
    } else if let Some(before) = before.strip_suffix('€') {
        (before, Some("EUR"))
    } else if let Some(before) = before.strip_suffix('£') {
        (before, Some("GBP"))
    } else {
        (before, None)
    };
    let (before, minus) = match (before.strip_suffix('\u{2212}'), before.strip_suffix('+')) {
        (Some(before), _) => (before, "-"),
        (None, Some(before)) => (before, ""),
        (None, None) => (before, ""),
    };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-' | '_' | '/' | ':' | '#');
    if before.chars().next_back().is_some_and(is_part) {
        return None;
    }
    let after = &text[end..];
    let mut following = after.chars();
    let (one, two) = (following.next(), following.next());
    let goes_on = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match one {
        Some('%' | '_') => return None,
        Some('-' | '/' | ':') if goes_on(two) => return None,
        Some(' ') if two == Some('%') => return None,
        _ if goes_on(one) => return None,
        Some(_) | None => {}
    }
    let code = match mark {
        Some(_) => None,
        None => code_of(after).filter(|currency| currency.digits() as usize == fraction.len()),
    };
    let (end, code) = match (mark, code) {
        (Some(mark), _) if fraction.len() == 2 => (end, mark),
        (None, Some(currency)) => (end + 1 + currency.code().len(), currency.code()),
        (None, None) if fraction.len() == 2 => (end, ""),
        (Some(_) | None, _) => return None,
    };
    let mut value = String::with_capacity(digits.len() + 5);
    value.push_str(minus);
    value.extend(digits.chars().filter(|c| *c != ','));
    if !code.is_empty() {
        value.push(' ');
        value.push_str(code);
    }
    Some(Shown { start: before.len(), end, value })
}

/// Digits in groups of three, or in one.
fn is_whole(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().map_or(0, str::len);
    let mut is_grouped = false;
    let all_three = groups.all(|group| {
        is_grouped = true;
        group.len() == 3
    });
    first > 0 && all_three && (!is_grouped || first <= 3)
}

/// The currency whose code stands behind an amount.
fn code_of(after: &str) -> Option<Currency> {
    let code = after.strip_prefix(' ')?;
    let (code, rest) = (code.get(..3)?, code.get(3..)?);
    let is_word = rest.chars().next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    if is_word || code.bytes().any(|b| !b.is_ascii_uppercase()) { None } else { Currency::parse(code) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{LARGEST_MAJOR, Money};
    use super::*;

    fn found(text: &str) -> Vec<(&str, String)> {
        amounts(text).map(|shown| (&text[shown.start..shown.end], shown.value)).collect()
    }

    #[test]
    fn amounts_are_found_and_look_alikes_are_not() {
        // Goal: an amount is told from every other number of our sentences. Method: a sentence of each kind.
        let pairs = |text: &'static str, expected: &[(&str, &str)]| {
            let expected: Vec<(&str, String)> = expected.iter().map(|(t, v)| (*t, (*v).to_owned())).collect();
            assert_eq!(found(text), expected, "{text}");
        };
        pairs("It is $2,540.00.", &[("$2,540.00", "2540.00 USD")]);
        pairs("(−$310.00, +$4,200.00)", &[("−$310.00", "-310.00 USD"), ("+$4,200.00", "4200.00 USD")]);
        pairs("€495.00 and 61,728 JPY", &[("€495.00", "495.00 EUR"), ("61,728 JPY", "61728 JPY")]);
        pairs(
            "is −2,991.00 USD; 5,000.00 CNY,",
            &[("−2,991.00 USD", "-2991.00 USD"), ("5,000.00 CNY", "5000.00 CNY")],
        );
        pairs("paid 1.234 KWD, 1.23 KWD", &[("1.234 KWD", "1.234 KWD"), ("1.23", "1.23")]);
        pairs("ours 10,000.00, the vendor's 9,000.00", &[("10,000.00", "10000.00"), ("9,000.00", "9000.00")]);
        pairs("Remainder 0.00: all; $240.00: one", &[("0.00", "0.00"), ("$240.00", "240.00 USD")]);
        pairs("empty → 275.00", &[("275.00", "275.00")]);
        pairs(
            "1,000.00 − 800.00 = 200.00",
            &[("1,000.00", "1000.00"), ("800.00", "800.00"), ("200.00", "200.00")],
        );
        for none in [
            "8.00% and 12.50 %",
            "2026-05-31 06:00",
            "tieout 0.1.0",
            "1.10.2",
            "CORE-12.50",
            "4O0.00",
            "3 CSV files",
            "12 SKU",
            "$0",
            "$31.8k",
            "61,728",
            "1,23.00",
            "12,345,6.00",
            ",000.00",
            "a/12.50",
            "0.085",
            "12 EURO",
            "L-4001",
            "1.00-2",
            "06.30:15",
            "5.00/a",
            "1234,567.00",
            "#5.00",
        ] {
            assert_eq!(found(none), [], "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_money_writes_is_found_again(
            minor in -LARGEST_MAJOR..LARGEST_MAJOR,
            code in prop::sample::select(vec!["USD", "EUR", "GBP", "CNY", "JPY", "KWD"]),
            before in prop::sample::select(vec!["", "It is ", "(", "= ", "„"]),
            after in prop::sample::select(vec!["", ".", ", or", ") ", "; ", " paid"]),
        ) {
            // Goal: no amount that the program writes escapes, and none is read as another. Method: any amount of currencies
            // with 0, 2 and 3 digits, with and without a mark, in sentences; bare ones where two digits make them amounts.
            let currency = Currency::parse(code).unwrap();
            let money = Money::from_minor(minor, currency);
            let words = money.in_words();
            let text = format!("{before}{words}{after}");
            prop_assert_eq!(found(&text), vec![(words.as_str(), format!("{money} {code}"))]);
            if currency.digits() == 2 {
                let words = money.grouped();
                let text = format!("{before}{words}{after}");
                prop_assert_eq!(found(&text), vec![(words.as_str(), money.to_string())]);
            }
        }

        #[test]
        fn any_text_is_read(text in "[-+$€£−0-9,.% :A-Zé]{0,40}") {
            // Goal: places lie between characters and in order. Method: any mixture of what amounts are made of.
            let mut last = 0;
            for shown in amounts(&text) {
                prop_assert!(last <= shown.start && shown.start < shown.end);
                prop_assert!(text.get(shown.start..shown.end).is_some());
                last = shown.end;
            }
        }
    }
}

//! Region codes: spelling and availability zones are no difference (catalogue, `region-mismatch`).

/// Whether two codes name one region: capitals, blanks, `_` for `-` and the letter of a zone do not count.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    canonical(one) == canonical(other)
}

fn canonical(code: &str) -> String {
    let code: String = code
        .trim()
        .chars()
        .map(|c| if c == '_' || c.is_whitespace() { '-' } else { c.to_ascii_lowercase() })
        .collect();
    // `ap-southeast-1a` and `cn-hangzhou-b` are zones of `ap-southeast-1` and `cn-hangzhou`.
    let without_letter = code.strip_suffix(|c: char| c.is_ascii_lowercase()).map(str::to_owned);
    match without_letter {
        Some(rest) if rest.ends_with(|c: char| c.is_ascii_digit()) && rest.contains('-') => rest,
        Some(rest) if rest.ends_with('-') => rest.trim_end_matches('-').to_owned(),
        Some(_) | None => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_its_region_and_a_neighbor_is_not() {
        for (one, other) in [
            ("ap-southeast-1", "AP-Southeast-1a"),
            ("cn-hangzhou", "cn-hangzhou-b"),
            ("eu_central_1", "eu-central-1"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in
            [("ap-southeast-1", "ap-southeast-2"), ("eu-1", "us-1"), ("cn-hangzhou", "cn-hangzho")]
        {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}

//! Times as people write them: `7d`, `12h`, `30m`, a date, a moment.

use std::time::Duration;

#[cfg(feature = "batch")]
use jiff::Timestamp;

/// A length of time: a whole number of days, hours, minutes or seconds.
pub(crate) fn length(text: &str) -> Option<Duration> {
    let seconds = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let (digits, seconds) = seconds?;
    let count: u64 = digits.parse().ok()?;
    // `+7` is a number to Rust, and no length to anybody.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    Some(Duration::from_secs(count.checked_mul(seconds)?)).filter(|_| plain)
}

/// A moment, the beginning of a date, or as long before `now` as [`length`] says; the error says what to give.
#[cfg(feature = "batch")]
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(ago) = length(text) {
        return now
            .checked_sub(ago)
            .map_err(|_| "longer ago than there are logs".to_owned());
    }
    let date = text.len() == "2026-02-04".len();
    let whole = if date { "T00:00:00Z" } else { "" };
    format!("{text}{whole}")
        .parse()
        .map_err(|_| "not a time; give 7d, 12h, 2026-02-04 or 2026-02-04T04:15:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        for (text, seconds) in [
            ("7d", 604_800),
            ("12h", 43_200),
            ("5m", 300),
            ("9s", 9),
            ("0d", 0),
        ] {
            assert_eq!(length(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in [
            "",
            "7",
            "d",
            "-1d",
            "+1d",
            "1.5h",
            "7 d",
            "7w",
            "18446744073709551615d",
        ] {
            assert_eq!(length(wrong), None, "{wrong}");
        }
    }

    #[cfg(feature = "batch")]
    #[test]
    fn moments_are_dates_times_or_lengths_before_now() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        for (text, expected) in [
            ("2026-02-04", "2026-02-04T00:00:00Z"),
            ("2026-02-04T04:15:00Z", "2026-02-04T04:15:00Z"),
            ("1d", "2026-02-28T12:00:00Z"),
            ("90m", "2026-03-01T10:30:00Z"),
        ] {
            assert_eq!(
                moment(text, now).map(|at| at.to_string()),
                Ok(expected.to_owned())
            );
        }
        for wrong in ["", "yesterday", "2026-02-30", "999999999d"] {
            moment(wrong, now).expect_err(wrong);
        }
    }
}

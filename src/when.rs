//! Times as people write them: `7d`, `12h`, `30m`, a date, a moment.

use std::time::Duration;

use jiff::Timestamp;

/// A moment as logs write it; in the one form that all records have, without the machinery for all others.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    usual(text.as_bytes()).or_else(|| text.parse().ok())
}

/// The moment of `2026-03-01T10:00:05.120Z`, with these signs and no others.
fn usual(text: &[u8]) -> Option<Timestamp> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        o0,
        o1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        m0,
        m1,
        b':',
        s0,
        s1,
        b'.',
        f0,
        f1,
        f2,
        b'Z',
    ] = *text
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        let value = digits
            .iter()
            .fold(0i64, |sum, digit| 10 * sum + i64::from(digit & 0xf));
        all.then_some(value)
    };
    let (year, month, day) = (
        number(&[y0, y1, y2, y3])?,
        number(&[o0, o1])?,
        number(&[d0, d1])?,
    );
    let (hour, minute) = (number(&[h0, h1])?, number(&[m0, m1])?);
    let (second, thousandth) = (number(&[s0, s1])?, number(&[f0, f1, f2])?);
    // The last days of months, and seconds that leap, are for who knows more.
    let is_usual = year > 0
        && (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_usual {
        return None;
    }
    // Days since 1970, of years that begin in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Timestamp::from_millisecond(seconds * 1_000 + thousandth).ok()
}

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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_usual_form_is_read_as_any_other(
            moment in -62_135_596_800_000i64..253_402_207_200_000,
            damage in prop::option::of((0usize..24, any::<u8>())),
        ) {
            let moment = Timestamp::from_millisecond(moment).expect("within the years that have four digits");
            let mut text = format!("{moment:.3}").into_bytes();
            if let Some((at, byte)) = damage {
                text[at] = byte & 0x7f;
            }
            let text = String::from_utf8(text).expect("ASCII");
            prop_assert_eq!(timestamp(&text), text.parse().ok(), "{}", text);
        }
    }

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

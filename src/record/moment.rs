//! The moments of a log: one form of all that there are, nearly always.

use jiff::Timestamp;

/// A moment as logs write it; in the one form that all records have, without the machinery for all others.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
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
}

//! When to ask again, and how long to wait before.

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The longest pause a registry can ask for.
const LONGEST: Duration = Duration::from_secs(60);

/// Whether the answer may be another one in a moment: too many requests, or a gateway that finds
/// nobody behind it.
pub(super) fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// The pause before another try, after `tries` of them failed: what the server asks for (RFC 9110,
/// section 10.2.3), else a time that doubles.
pub(super) fn pause(base: Duration, tries: u32, headers: Option<&HeaderMap>) -> Duration {
    let asked = headers.and_then(retry_after);
    asked.unwrap_or_else(|| jittered(base.saturating_mul(1 << tries.min(16)))).min(LONGEST)
}

/// Between half and one and a half of `time`, so that many clients do not come back all at once.
/// The hasher of the standard library is seeded at random: that is all the chance needed here.
fn jittered(time: Duration) -> Duration {
    let chance = RandomState::new().build_hasher().finish() % 1000;
    time.saturating_mul(500 + chance as u32) / 1000
}

/// `Retry-After` as seconds, or as a date against the server's own `Date`: so no clock of ours is
/// asked, and a wrong one does no harm.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = unix(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::from_secs(unix(text)?.saturating_sub(now)))
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7). The obsolete
/// forms are not read: the pause is then ours.
fn unix(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [day, month, year, time, "GMT"] = date.split_once(", ")?.1.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let [hours, minutes, seconds] = time.split(':').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?[..] else { return None };
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    if !(1970..10_000).contains(&year) || !(1..=31).contains(&day) || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    // Years begin in March here, so that the leap day is their last; 719,468 days lie before 1970.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn asked(retry_after: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        super::retry_after(&headers)
    }

    #[test]
    fn dates_are_seconds_since_1970() {
        // What `date -u -d "…" +%s` says.
        for (date, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
            ("Fri, 31 Dec 2100 23:59:59 GMT", 4_133_980_799),
        ] {
            assert_eq!(unix(date), Some(seconds), "{date}");
        }
        for date in ["", "Sun", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(unix(date), None, "{date}");
        }
    }

    #[test]
    fn the_server_says_how_long() {
        assert_eq!(asked("7", None), Some(Duration::from_secs(7)));
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", Some(now)), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:40:00 GMT", Some(now)), Some(Duration::ZERO));
        for (text, date) in [("-1", None), ("soon", None), ("Sun, 06 Nov 1994 08:50:07 GMT", None)] {
            assert_eq!(asked(text, date), None, "{text}");
        }
    }

    #[test]
    fn pauses_double_and_end() {
        let base = Duration::from_millis(100);
        for tries in 0..40 {
            let pause = pause(base, tries, None);
            let exact = base * (1 << tries.min(16));
            assert!(pause >= (exact / 2).min(LONGEST) && pause <= (exact * 3 / 2).min(LONGEST), "{tries}: {pause:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("99999999"));
        assert_eq!(super::pause(base, 0, Some(&headers)), LONGEST);
    }
}

//! Delays before retries.

use std::time::Duration;

use chrono::DateTime;
use entity::Timestamp;

/// First delay when the vendor names none. Doubles with each try.
const MIN_DELAY: Duration = Duration::from_secs(1);
/// Maximum delay without a request of the vendor.
const MAX_DELAY: Duration = Duration::from_mins(1);
/// Maximum delay that a vendor can request.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Delay before the next try, after `tries` failed ones. It doubles with each try. Half of it is random, so
/// that clients that failed together do not retry together.
pub fn backoff(tries: u32, random: [u8; 32]) -> Duration {
    let full = MIN_DELAY
        .saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
        .min(MAX_DELAY);
    let [one, two, ..] = random;
    let share = u32::from(u16::from_be_bytes([one, two]));
    full / 2 + full / 2 * share / u32::from(u16::MAX)
}

/// The delay that a `Retry-After` header requests, as seconds or as a date. At most one hour.
pub fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = if let Ok(seconds) = header.parse() {
        Duration::from_secs(seconds)
    } else {
        let at = DateTime::parse_from_rfc2822(header).ok()?.timestamp_millis();
        Duration::from_millis(u64::try_from(at.saturating_sub(now.0)).unwrap_or_default())
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_their_maximum() {
        let least = |tries| backoff(tries, [0; 32]).as_millis();
        let most = |tries| backoff(tries, [255; 32]).as_millis();
        assert_eq!(
            [least(1), least(2), least(3), least(40)],
            [500, 1_000, 2_000, 30_000]
        );
        assert_eq!(
            [most(1), most(2), most(3), most(40)],
            [1_000, 2_000, 4_000, 60_000]
        );
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Timestamp::parse("2026-01-01T12:00:00Z").expect("an instant");
        let seconds = |header| retry_after(header, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Thu, 01 Jan 2026 12:00:30 GMT"), Some(30));
        assert_eq!(seconds("Thu, 01 Jan 2026 11:00:00 GMT"), Some(0));
        assert_eq!(seconds("99999999999"), Some(3_600));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
    }
}

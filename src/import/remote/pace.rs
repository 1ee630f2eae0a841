//! Keeps within a vendor's rate limit, based on the headers of its responses.
//!
//! A rejected request costs an attempt and more time than a wait before it. The headers are
//! `X-RateLimit-Limit`, `-Remaining` and `-Reset`, in any case.

use std::{sync::Arc, time::Duration};

use entity::Timestamp;
use parking_lot::Mutex;
use reqwest::header::HeaderMap;

use crate::service::wording::plural;

/// Maximum wait. No documented window of a vendor is longer.
const MAX_DELAY: Duration = Duration::from_hours(1);
/// A smaller `-Reset` value is a number of seconds from now, not a time since 1970.
const SINCE_1970: u64 = 1_000_000_000;
/// A value from here on is in milliseconds since 1970.
const IN_MILLISECONDS: u64 = 1_000_000_000_000;

/// Requests of the rate limit that are left to other users of the same key or account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// A number of requests.
    Requests(u64),
    /// A percentage of the limit.
    Percent(u64),
}

impl Reserve {
    fn of(self, limit: Option<u64>) -> u64 {
        match self {
            Self::Requests(count) => count,
            Self::Percent(share) => (limit.unwrap_or_default().saturating_mul(share) / 100).max(1),
        }
    }
}

/// The rate limit in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    limit: Option<u64>,
    remaining: u64,
    reset: Timestamp,
}

impl RateLimitStatus {
    /// Reads the headers. `None` if the remaining requests or the reset time are missing.
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let told = number("x-ratelimit-reset")?;
        let milliseconds = match told {
            ..SINCE_1970 => told
                .saturating_mul(1_000)
                .saturating_add(u64::try_from(now.0).ok()?),
            SINCE_1970..IN_MILLISECONDS => told * 1_000,
            _ => told,
        };
        Some(Self {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining")?,
            reset: Timestamp(i64::try_from(milliseconds).ok()?),
        })
    }

    /// Time until the limit resets, at most one hour. `None` if it has reset already.
    pub fn until_more(&self, now: Timestamp) -> Option<Duration> {
        let milliseconds = u64::try_from(self.reset.0.saturating_sub(now.0)).ok()?;
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds).min(MAX_DELAY))
    }
}

/// The rate limit in the last response. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<Option<RateLimitStatus>>>);

impl Pace {
    /// Replaces the stored rate limit.
    pub fn note(&self, left: Option<RateLimitStatus>) {
        *self.0.lock() = left;
    }

    /// The wait before the next request, and its reason. Consumes the stored rate limit.
    pub fn wait(&self, reserve: Reserve, now: Timestamp) -> Option<(Duration, String)> {
        let left = self.0.lock().take()?;
        if left.remaining > reserve.of(left.limit) {
            return None;
        }
        let of = left.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
        let why = format!(
            "the vendor's rate limit allows {}{of} {} until {}",
            left.remaining,
            plural(left.limit.unwrap_or(left.remaining), "request", "requests"),
            left.reset.to_rfc3339()
        );
        Some((left.until_more(now)?, why))
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_268_800_000);

    fn rate_limit(limit: &str, remaining: &str, reset: &str) -> Option<RateLimitStatus> {
        let value = |text: &str| HeaderValue::from_str(text).expect("a value");
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit", value(limit));
        headers.insert("x-ratelimit-remaining", value(remaining));
        headers.insert("x-ratelimit-reset", value(reset));
        RateLimitStatus::read(&headers, NOW)
    }

    fn seconds(reserve: Reserve, limit: &str, remaining: &str, reset: &str) -> Option<u64> {
        let pace = Pace::default();
        pace.note(rate_limit(limit, remaining, reset));
        let wait = pace.wait(reserve, NOW).map(|(wait, _)| wait.as_secs());
        assert_eq!(pace.wait(reserve, NOW), None, "said once");
        wait
    }

    #[test]
    fn a_reserve_of_requests_stays_unused() {
        let one = Reserve::Requests(1);
        assert_eq!(seconds(one, "100", "2", "1767268830"), None);
        assert_eq!(seconds(one, "100", "1", "1767268830"), Some(30));
        assert_eq!(seconds(one, "100", "0", "1767268800"), None);
        assert_eq!(seconds(one, "100", "0", "1767000000"), None);
        let share = Reserve::Percent(20);
        assert_eq!(seconds(share, "1000", "201", "1767268830"), None);
        assert_eq!(seconds(share, "1000", "200", "1767268830"), Some(30));
        assert_eq!(seconds(share, "x", "1", "1767268830"), Some(30));
    }

    #[test]
    fn the_reset_time_is_read_in_every_form() {
        let one = Reserve::Requests(1);
        assert_eq!(seconds(one, "100", "0", "45"), Some(45));
        assert_eq!(seconds(one, "100", "0", "1767268801000"), Some(1));
        assert_eq!(seconds(one, "100", "0", "99999999999"), Some(3_600));
        assert_eq!(seconds(one, "100", "0", "18446744073709551615"), None);
        assert_eq!(seconds(one, "100", "0", "soon"), None);
        assert_eq!(seconds(one, "100", "-1", "45"), None);
    }
}

//! Checks that limits are consistent.

use super::Settings;

/// Highest accepted value of `batch_max`.
const BATCH_MAX: u32 = 10;
/// Highest accepted value of a timeout in milliseconds: ten minutes.
const TIME_MAX_MS: u64 = 600_000;
/// Lowest accepted value of `answer_bytes_max`: the memory that is reserved before the size of a response is
/// known.
const BYTES_LEAST: usize = 64 << 10;
/// Highest accepted value of `query_depth_max`: the depth to which functions that walk a document descend.
const DEPTH_MAX: u32 = 32;

/// Returns the sentence for the first setting that is too low. A row contains the name, whether the value is too low,
/// the lowest value, and a sentence that follows.
macro_rules! refuse_too_low {
    ($($name:ident: $is_too_low:expr, $least:expr $(, $advice:literal)?;)+) => {$(
        if $is_too_low {
            let name = stringify!($name);
            return Some(format!(concat!("{}: The value must be at least {}.", $(" ", $advice)?), name, $least));
        }
    )+};
}

impl Settings {
    /// The first invalid limit, as a sentence.
    pub(super) fn senseless_limit(&self) -> Option<String> {
        refuse_too_low! {
            database_connections: self.database_connections == 0, 1;
            database_connections_per_viewer: self.database_connections_per_viewer == 0, 1;
            page_size_max: self.page_size_max == 0, 1;
            query_tokens_max: self.query_tokens_max == 0, 1;
            query_selections_max: self.query_selections_max == 0, 1;
            query_values_max: self.query_values_max == 0, 1;
            query_depth_max: self.query_depth_max == 0, 1;
            query_root_fields_max: self.query_root_fields_max == 0, 1;
            query_cost_max: self.query_cost_max == 0, 1;
            errors_max: self.errors_max == 0, 1;
            rate_limit_size: self.rate_limit_size == 0, 1;
            connections_max: self.connections_max == Some(0), 1;
            sockets_per_viewer: self.sockets_per_viewer == 0, 1;
            operations_per_viewer: self.operations_per_viewer == 0, 1;
            answer_bytes_max: self.answer_bytes_max < BYTES_LEAST, BYTES_LEAST;
            bytes_per_viewer: self.bytes_per_viewer < self.answer_bytes_max, "answer_bytes_max";
            held_bytes_max: self.held_bytes_max < self.bytes_per_viewer, "bytes_per_viewer";
            bodies_bytes_max: self.bodies_bytes_max < self.body_bytes_max, "body_bytes_max";
            bodies_bytes_per_viewer: self.bodies_bytes_per_viewer < self.body_bytes_max, "body_bytes_max";
            filter_bytes_max: self.filter_bytes_max < self.message_bytes_max, "message_bytes_max";
            rate_limit_per_second: self.rate_limit_per_second == Some(0), 1, "Omit the setting for no limit.";
            change_log_days: self.change_log_days == Some(0), 1, "Omit the setting to keep the change log forever.";
            idempotency_key_hours: self.idempotency_key_hours == 0, 1;
            change_poll_ms: self.change_poll_ms == 0, 1;
            subscription_buffer: self.subscription_buffer == 0, 1;
        }
        let times = [
            ("statement_timeout_ms", self.statement_timeout_ms),
            ("request_timeout_ms", self.request_timeout_ms),
            ("header_timeout_ms", self.header_timeout_ms),
            ("keep_alive_timeout_ms", self.keep_alive_timeout_ms),
            ("body_timeout_ms", self.body_timeout_ms),
            ("write_timeout_ms", self.write_timeout_ms),
            ("ping_every_ms", self.ping_every_ms),
        ];
        if let Some((name, _)) = times.iter().find(|(_, time)| !(1..=TIME_MAX_MS).contains(time)) {
            return Some(format!(
                "{name}: The value must be from 1 to {TIME_MAX_MS} milliseconds."
            ));
        }
        if self.query_depth_max > DEPTH_MAX {
            return Some(format!("query_depth_max: The value must be at most {DEPTH_MAX}."));
        }
        if self.batch_max > BATCH_MAX {
            return Some(format!(
                "batch_max: The value must be at most {BATCH_MAX}. 0 disables batching."
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_limits_are_refused_by_name() {
        let settings = Settings::default;
        assert_eq!(settings().senseless_limit(), None);
        for (senseless, name) in [
            (
                Settings {
                    query_depth_max: 33,
                    ..settings()
                },
                "query_depth_max: The value must be at most 32",
            ),
            (
                Settings {
                    query_cost_max: 0,
                    ..settings()
                },
                "query_cost_max: The value must be at least 1",
            ),
            (
                Settings {
                    batch_max: 11,
                    ..settings()
                },
                "batch_max: The value must be at most 10",
            ),
            (
                Settings {
                    rate_limit_per_second: Some(0),
                    ..settings()
                },
                "rate_limit_per_second: The value must be at least 1",
            ),
        ] {
            let sentence = senseless.senseless_limit().expect("refused");
            assert!(sentence.starts_with(name), "{sentence}");
        }
    }
}

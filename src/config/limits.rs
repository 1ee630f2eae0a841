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

impl Settings {
    /// The first invalid limit, as a sentence.
    pub(super) fn senseless_limit(&self) -> Option<String> {
        let least = [
            ("page_size_max", self.page_size_max),
            ("query_tokens_max", self.query_tokens_max),
            ("query_selections_max", self.query_selections_max),
            ("query_values_max", self.query_values_max),
            ("query_depth_max", self.query_depth_max),
            ("query_root_fields_max", self.query_root_fields_max),
            ("query_cost_max", self.query_cost_max),
            ("errors_max", self.errors_max),
            ("rate_limit_size", self.rate_limit_size),
        ];
        if let Some((name, _)) = least.iter().find(|(_, value)| *value == 0) {
            return Some(format!("{name}: The value must be at least 1."));
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
        let counts = [
            ("connections_max", self.connections_max.unwrap_or(1)),
            ("sockets_per_viewer", self.sockets_per_viewer),
            ("operations_per_viewer", self.operations_per_viewer),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Some(format!("{name}: The value must be at least 1."));
        }
        if self.answer_bytes_max < BYTES_LEAST {
            return Some(format!(
                "answer_bytes_max: The value must be at least {BYTES_LEAST}."
            ));
        }
        if self.bytes_per_viewer < self.answer_bytes_max {
            return Some("bytes_per_viewer: The value must be at least answer_bytes_max.".to_owned());
        }
        if self.held_bytes_max < self.bytes_per_viewer {
            return Some("held_bytes_max: The value must be at least bytes_per_viewer.".to_owned());
        }
        if self.bodies_bytes_max < self.body_bytes_max {
            return Some("bodies_bytes_max: The value must be at least body_bytes_max.".to_owned());
        }
        if self.bodies_bytes_per_viewer < self.body_bytes_max {
            return Some("bodies_bytes_per_viewer: The value must be at least body_bytes_max.".to_owned());
        }
        if self.filter_bytes_max < self.message_bytes_max {
            return Some("filter_bytes_max: The value must be at least message_bytes_max.".to_owned());
        }
        if self.query_depth_max > DEPTH_MAX {
            return Some(format!("query_depth_max: The value must be at most {DEPTH_MAX}."));
        }
        if self.batch_max > BATCH_MAX {
            return Some(format!(
                "batch_max: The value must be at most {BATCH_MAX}. 0 disables batching."
            ));
        }
        if self.rate_limit_per_second == Some(0) {
            return Some(
                "rate_limit_per_second: The value must be at least 1. Omit the setting for no limit."
                    .to_owned(),
            );
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

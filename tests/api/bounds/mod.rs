//! Limits of one viewer on all transports: memory, processor time, connections.

mod answers;
mod waiting;

use deskgraph::config::Settings;

/// Limits that a test reaches quickly.
fn small(settings: &mut Settings) {
    settings.answer_bytes_max = 4 << 20;
    settings.bytes_per_viewer = 24 << 20;
    settings.body_bytes_max = 2 << 20;
}

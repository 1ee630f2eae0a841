//! One viewer can take no more than its share, on any transport: bytes, processor time, connections.

mod answers;
mod waiting;

use deskgraph::config::Settings;

/// Bounds that a test reaches quickly.
fn small(settings: &mut Settings) {
    settings.answer_bytes_max = 4 << 20;
    settings.bytes_per_viewer = 24 << 20;
    settings.body_bytes_max = 2 << 20;
}

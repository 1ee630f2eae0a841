//! Whether the node lives, and whether it can work. For load balancers.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use tokio::time::timeout;

use super::ServerState;

/// How long the database gets to answer: whoever asks gives up after a second.
const PATIENCE: Duration = Duration::from_millis(900);

/// The process runs.
pub async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The process runs, and the database answers at once and has the tables that this program knows.
pub async fn ready(State(state): State<Arc<ServerState>>) -> StatusCode {
    if state.stop.is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match timeout(PATIENCE, state.services.db.has_known_tables()).await {
        Ok(Ok(true)) => StatusCode::NO_CONTENT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

//! Liveness and readiness checks for load balancers.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use tokio::time::timeout;

use super::ServerState;

/// Timeout of the database. Load balancers usually give up after one second.
const TIMEOUT: Duration = Duration::from_millis(900);

/// Responds with 204 while the process runs.
pub async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Responds with 204 if the node is not stopping, and the database responds within the timeout and has the
/// tables that this version knows. Otherwise responds with 503.
pub async fn ready(State(state): State<Arc<ServerState>>) -> StatusCode {
    if state.stop.is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match timeout(TIMEOUT, state.services.db.has_known_tables()).await {
        Ok(Ok(true)) => StatusCode::NO_CONTENT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

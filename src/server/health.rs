//! Whether the node lives, and whether it can work. For load balancers.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::ServerState;

/// The process runs.
pub async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The process runs and the database answers.
pub async fn ready(State(state): State<Arc<ServerState>>) -> StatusCode {
    if state.stop.is_cancelled() || state.services.db.ping().await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::NO_CONTENT
}

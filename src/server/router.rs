//! Every route.

use axum::{Router, routing::get};

use super::{ExplorerPage, ServerState, explorer, graphql, health};

/// The routes of a node. Without a page there is no explorer.
pub fn router(state: ServerState, page: Option<ExplorerPage>) -> Router {
    let routes = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(state);
    match page {
        Some(page) => routes.merge(explorer::router(page)),
        None => routes,
    }
}

//! Every route.

use std::sync::Arc;

use axum::{Router, middleware, routing::get};

use super::{ExplorerPage, ServerState, explorer, graphql, health, linger::linger, origin, reply};

/// The routes of a node. Without a page there is no explorer.
pub fn router(state: Arc<ServerState>, page: Option<ExplorerPage>) -> Router {
    let api = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .method_not_allowed_fallback(graphql::other_method)
        .layer(middleware::from_fn_with_state(state.clone(), origin::check))
        .layer(origin::cors(&state.origins));
    let routes = Router::new()
        .merge(api)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(state.clone());
    let routes = match page {
        Some(page) => routes.merge(explorer::router(page)),
        None => routes,
    };
    // Around everything: any answer may come before the body was read.
    routes.layer(middleware::from_fn_with_state(state, linger))
}

/// For those who get no place: every request is refused.
pub fn crowded_router(state: Arc<ServerState>) -> Router {
    let routes = Router::new().fallback(reply::crowded).with_state(state.clone());
    routes.layer(middleware::from_fn_with_state(state, linger))
}

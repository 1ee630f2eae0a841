//! All routes.

use std::sync::Arc;

use axum::{
    Router,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS},
    },
    middleware,
    response::Response,
    routing::get,
};

use super::{ExplorerPage, ServerState, explorer, graphql, health, host, linger::linger, origin, reply};

/// The routes of a node. Without a page, the explorer is off.
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
    with_layers(routes, state)
}

/// Adds the layers that apply to all routes. A response may be sent before the body was read.
fn with_layers(routes: Router, state: Arc<ServerState>) -> Router {
    routes
        .layer(middleware::from_fn_with_state(state.clone(), host::check))
        .layer(middleware::from_fn_with_state(state, linger))
        .layer(middleware::map_response(guard))
}

/// Sets defaults for headers that a handler did not set: responses are not cached and their content type is
/// not sniffed.
async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        headers
            .entry(name)
            .or_insert_with(|| HeaderValue::from_static(value));
    }
    response
}

/// The routes for connections without a slot: every request is rejected.
pub fn crowded_router(state: Arc<ServerState>) -> Router {
    let routes = Router::new().fallback(reply::crowded).with_state(state.clone());
    with_layers(routes, state)
}

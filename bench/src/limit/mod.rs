//! The limit: a minimal server that returns the same data, as a lower bound of the cost.
//!
//! It consists of axum, handwritten SQL, and a direct conversion of rows to JSON. It has no GraphQL, no
//! authentication, no checks and no notifications. The path selects the query: `POST /q1`.

mod json;
mod postgres;
mod rows;
mod sqlite;
mod statements;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use serde::Deserialize;
use tokio::net::TcpListener;
use uuid::Uuid;

use self::{postgres::Postgres, sqlite::Sqlite};
use crate::failure::{Done, Failure};

/// Variables of a request. Each query uses some of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RequestVariables {
    id: Uuid,
    ids: Vec<Uuid>,
    status: i16,
    body: String,
    sender: String,
}

#[derive(Deserialize)]
struct Request {
    variables: RequestVariables,
}

enum Limit {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// Serves until the process ends. The database is `postgres://…` or `sqlite://FILE`.
pub async fn serve(address: &str, database_url: &str, connections: usize) -> Done {
    let limit = match database_url.strip_prefix("sqlite://") {
        Some(file) => Limit::Sqlite(Sqlite::open(file)?),
        None => Limit::Postgres(Postgres::connect(database_url, connections).await?),
    };
    let routes = Router::new()
        .route("/{question}", post(answer))
        .with_state(Arc::new(limit));
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        // Responses are small, so waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn answer(State(limit): State<Arc<Limit>>, Path(question): Path<String>, body: Bytes) -> Response {
    match tell(&limit, &question, &body).await {
        Ok(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response(),
    }
}

async fn tell(limit: &Limit, question: &str, body: &[u8]) -> Done<Vec<u8>> {
    let asked = serde_json::from_slice::<Request>(body)?.variables;
    match limit {
        Limit::Postgres(postgres) => postgres.answer(question, &asked).await,
        Limit::Sqlite(sqlite) => sqlite.answer(question, &asked),
    }
}

fn unknown(question: &str) -> Failure {
    Failure(format!("there is no query {question}"))
}

/// Returns a new id, larger than earlier ones, and the time in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "not the gateway: it has no clock of its own"
)]
fn fresh() -> (Uuid, i64) {
    let id = Uuid::now_v7();
    let now = id.get_timestamp().map_or((0, 0), |at| at.to_unix());
    (
        id,
        i64::try_from(now.0).unwrap_or(0) * 1_000 + i64::from(now.1 / 1_000_000),
    )
}

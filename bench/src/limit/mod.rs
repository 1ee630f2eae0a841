//! The limit: what a server could do that had nothing to do but answer these questions.
//!
//! Bare axum, hand-written SQL, rows turned to JSON one by one. It knows no GraphQL, asks nobody who they are, checks
//! nothing and tells no one of what it wrote. It is told which question by the path: `POST /q1`.

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

/// What a request asks with, as far as its question needs it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    id: Uuid,
    ids: Vec<Uuid>,
    status: i16,
    body: String,
    sender: String,
}

#[derive(Deserialize)]
struct Request {
    variables: Asked,
}

enum Limit {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// Serves until the process ends, over the database at an address: `postgres://…` or `sqlite://FILE`.
pub async fn serve(address: &str, database_url: &str, connections: usize) -> Done {
    let limit = match database_url.strip_prefix("sqlite://") {
        Some(file) => Limit::Sqlite(Sqlite::open(file)?),
        None => Limit::Postgres(Postgres::connect(database_url, connections).await?),
    };
    let routes = Router::new()
        .route("/{question}", post(answer))
        .with_state(Arc::new(limit));
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        // Answers are small: waiting to fill a packet only delays them.
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
    Failure(format!("there is no question {question}"))
}

/// An id for what is written now, larger than those before, and the instant in milliseconds.
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

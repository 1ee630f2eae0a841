//! Questions and mutations over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::{Done, Failure};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks nodes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A GraphQL response.
    Response(Value),
    /// Something else, with this status.
    Status(u16),
    /// Nothing came back: whether it was done is not known.
    Lost,
}

impl Client {
    /// One with connections of its own.
    pub fn new() -> Done<Self> {
        // The client is built with TLS, which asks for this before it is used or not.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().tls_certs_only([]).build()?;
        Ok(Self { http })
    }

    /// For requests of another form.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Sends an operation to a node, as somebody.
    pub async fn send(&self, address: &str, token: &str, query: &str, variables: &Value) -> Answer {
        let request = self
            .http
            .post(format!("http://{address}/graphql"))
            .timeout(PATIENCE)
            .bearer_auth(token)
            .json(&json!({ "query": query, "variables": variables }));
        let Ok(response) = request.send().await else {
            return Answer::Lost;
        };
        let status = response.status().as_u16();
        match response.json().await {
            Ok(body) => Answer::Response(body),
            Err(_) if status == 200 => Answer::Lost,
            Err(_) => Answer::Status(status),
        }
    }

    /// The data of an operation that must succeed.
    pub async fn ask(&self, address: &str, token: &str, query: &str, variables: &Value) -> Done<Value> {
        match self.send(address, token, query, variables).await {
            Answer::Response(mut body) if body.get("errors").is_none() => Ok(body["data"].take()),
            other => Err(Failure(format!("{query} was answered with {other:?}"))),
        }
    }
}

//! Queries and mutations over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::{Done, Failure};

/// Maximum time for a response.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An HTTP client for nodes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
}

/// Result of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A GraphQL response.
    Response(Value),
    /// A response without GraphQL, with this status.
    Status(u16),
    /// No response. The operation may have run.
    Lost,
}

impl Client {
    /// Creates a client with its own connection pool.
    pub fn new() -> Done<Self> {
        // The client is built with TLS, which requires a provider even if it is not used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().tls_certs_only([]).build()?;
        Ok(Self { http })
    }

    /// Returns the underlying client, for other kinds of requests.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Sends an operation to a node with a credential.
    pub async fn send(&self, address: &str, token: &str, query: &str, variables: &Value) -> Answer {
        let request = self
            .http
            .post(format!("http://{address}/graphql"))
            .timeout(TIMEOUT)
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

    /// Sends an operation and returns its data. Fails on any error.
    pub async fn ask(&self, address: &str, token: &str, query: &str, variables: &Value) -> Done<Value> {
        match self.send(address, token, query, variables).await {
            Answer::Response(mut body) if body.get("errors").is_none() => Ok(body["data"].take()),
            other => Err(Failure(format!("{query} was answered with {other:?}"))),
        }
    }
}

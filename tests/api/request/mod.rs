//! A request before it runs: its document, the values in it, and the shapes in which clients send it.

mod mistakes;

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// The errors of a request that is not run: no statement was made for it.
async fn refused(app: &TestApp, person: &Person, query: &str, variables: Value) -> Vec<Value> {
    app.statements.take();
    let answer = app.ask(person, query, variables).await;
    let statements = app.statements.take();
    assert!(statements.is_empty(), "{query}: {statements:?}");
    assert!(answer.body.get("data").is_none(), "{query}: {}", answer.body);
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}: {error}");
    }
    errors
}

/// No variables.
fn none() -> Value {
    json!({})
}

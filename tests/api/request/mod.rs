//! Checks before a request runs: its document, its values and its form.

mod documents;
mod mistakes;
mod objects;
mod shapes;
mod values;

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Returns the errors of a request that is refused. No SQL statement may run for it.
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

/// Returns the message of the only error of a request that is refused.
async fn why(app: &TestApp, person: &Person, query: &str, variables: Value) -> String {
    let errors = refused(app, person, query, variables).await;
    match errors.as_slice() {
        [error] => {
            let place = &error["locations"][0];
            assert!(
                place["line"].is_u64() && place["column"].is_u64(),
                "{query}: {error}"
            );
            error["message"].as_str().expect("a message").to_owned()
        }
        errors => panic!("{query}: {errors:?}"),
    }
}

/// No variables.
fn none() -> Value {
    json!({})
}

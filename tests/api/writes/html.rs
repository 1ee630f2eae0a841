//! HTML that is too expensive to sanitize, or too long: the message is stored without HTML.

use serde_json::{Value, json};

use super::message::input;
use crate::support::{Person, TestApp, on_each_database};

const ADD: &str = "mutation ($input: MessageAddInput!, $key: String) { messageAdd(input: $input, idempotencyKey: $key) { \
                   message { body bodyHtml } warnings { code message path } userErrors { code path } } }";
const CREATE: &str = "mutation ($input: TicketCreateInput!, $key: String) { ticketCreate(input: $input, idempotencyKey: $key) { \
                      message { body bodyHtml } warnings { code message path } userErrors { code path } } }";

/// Slightly more than a hundred thousand bytes, which would take seconds.
fn costly() -> String {
    "<ul><li>".repeat(13_000)
}

async fn written(app: &TestApp, person: &Person, document: &str, input: &Value, key: &str) -> Value {
    let variables = json!({ "input": input, "key": key });
    let data = app.ask(person, document, variables).await.data();
    let payload = data.as_object().and_then(|all| all.values().next());
    payload.expect("a payload").clone()
}

async fn refused_html_is_reported_and_the_text_stored(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    // Each bracket becomes an entity of four characters.
    let long = "< ".repeat(100_000);
    for (html, code) in [(costly(), "HTML_TOO_COSTLY"), (long, "HTML_TOO_LONG")] {
        let message = input(&ticket, &json!({ "bodyHtml": html }));
        let new =
            json!({ "subject": "Hi", "customerEmail": "ann@example.com", "body": "Hi", "bodyHtml": html });
        for (document, input) in [(ADD, &message), (CREATE, &new)] {
            let key = format!("{code} {}", document.len());
            let payload = written(&app, &admin, document, input, &key).await;
            assert_eq!(
                payload["message"],
                json!({ "body": input["body"], "bodyHtml": null })
            );
            assert_eq!(payload["userErrors"], json!([]));
            let warnings = payload["warnings"].as_array().expect("warnings");
            assert_eq!(warnings.len(), 1, "{payload}");
            assert_eq!(warnings[0]["code"], code);
            assert_eq!(warnings[0]["path"], json!(["input", "bodyHtml"]));
            let again = written(&app, &admin, document, input, &key).await;
            assert_eq!(again, payload, "a repeated request has the same answer");
        }
    }
    let plain = input(&ticket, &json!({ "bodyHtml": "<p>Hi</p>" }));
    let payload = written(&app, &admin, ADD, &plain, "plain").await;
    assert_eq!(payload["message"]["bodyHtml"], "<p>Hi</p>");
    assert_eq!(payload["warnings"], json!([]));
}

async fn html_for_an_invalid_target_is_not_cleaned(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let other = app.customer(workspace, "ben@example.com").await;
    let message = input(
        &ticket,
        &json!({ "bodyHtml": costly(), "senderEmail": "ben@example.com" }),
    );
    let thread = json!({
        "subject": "Hi", "customerEmail": "ben@example.com", "body": "Hi", "bodyHtml": costly(),
        "conversationId": ticket["conversation"]["id"],
    });
    for (document, input, path) in [
        (ADD, &message, json!(["input", "target", "ticketId"])),
        (CREATE, &thread, json!(["input", "conversationId"])),
    ] {
        app.statements.take();
        let payload = written(&app, &other, document, input, path.to_string().as_str()).await;
        let expected = json!([{ "code": "NOT_FOUND", "path": path }]);
        assert_eq!(payload["userErrors"], expected);
        let statements = app.statements.take();
        let began = statements.iter().any(|sql| sql.starts_with("BEGIN"));
        assert!(!began, "the mutation fails before a transaction: {statements:?}");
    }
}

on_each_database! {
    refused_html_is_reported_and_the_text_stored,
    html_for_an_invalid_target_is_not_cleaned,
}

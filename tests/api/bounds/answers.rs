//! Limits on the size of responses, counted while rows are read and JSON is written.

use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

/// A character that takes six bytes in JSON.
const COSTLY: &str = "\u{1}";

/// Creates a ticket with a number of messages of a given size.
async fn ticket_with(app: &TestApp, person: &Person, messages: usize, bytes: usize) -> Value {
    let text = COSTLY.repeat(bytes);
    let input = json!({ "subject": "Long", "customerEmail": "jane@example.com", "body": text });
    let made = app.ask(person, CREATE, json!({ "input": input })).await.data();
    let id = made["ticketCreate"]["ticket"]["id"].clone();
    for _ in 1..messages {
        let input = json!({ "target": { "ticketId": id }, "body": text, "senderEmail": "jane@example.com" });
        app.ask(person, ADD, json!({ "input": input })).await.data();
    }
    id
}

const CREATE: &str =
    "mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) { ticket { id } } }";
const ADD: &str = "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { message { id } } }";

fn aliases(field: &str, count: usize) -> String {
    (0..count).map(|n| format!("b{n}: {field} ")).collect()
}

/// Returns the only error of a response without data.
fn refused(answer: &Value) -> &Value {
    assert!(answer.get("data").is_none_or(Value::is_null), "{answer}");
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer}");
    &errors[0]["extensions"]
}

async fn responses_over_the_bound_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = ticket_with(&app, &admin, 4, 60_000).await;
    let messages = "messages(first: 30) { nodes {";
    let shapes = [
        // One text under many aliases.
        format!(
            "query ($id: ID!) {{ ticket(id: $id) {{ {messages} {} }} }} }} }}",
            aliases("body", 30)
        ),
        // The same with fields that the library resolves.
        format!(
            "query ($id: ID!) {{ ticket(id: $id) {{ {messages} {} id @include(if: true) }} }} }} }}",
            aliases("body", 30)
        ),
        // The same rows nested repeatedly.
        format!(
            "query ($id: ID!) {{ ticket(id: $id) {{ {messages} conversation {{ {messages} conversation {{ {messages} \
             body }} }} }} }} }} }} }} }} }} }}"
        ),
        // Several root fields, each within the limit.
        format!(
            "query ($id: ID!) {{ {} }}",
            (0..6)
                .map(|n| format!("t{n}: ticket(id: $id) {{ {messages} body }} }} }} "))
                .collect::<String>()
        ),
    ];
    for query in shapes {
        let body = json!({ "query": query, "variables": { "id": id } }).to_string();
        let response = app.post(Some(&admin.credential), &body).await;
        let answer: Value = response.json().await.expect("json");
        let extensions = refused(&answer);
        assert_eq!(extensions["code"], "ANSWER_TOO_LARGE", "{query}");
        assert_eq!(extensions["limit"], "answerBytes", "{query}");
        let figure = |name: &str| extensions[name].as_u64().expect("a figure");
        assert!(figure("found") > figure("max"), "{extensions}");
        assert_eq!(figure("max"), 4 << 20);
    }
    // A response within the limit succeeds, so the memory of the others was released.
    let query = format!("query ($id: ID!) {{ ticket(id: $id) {{ {messages} body }} }} }} }}");
    let data = app.ask(&admin, &query, json!({ "id": id })).await.data();
    assert_eq!(
        data["ticket"]["messages"]["nodes"].as_array().map(Vec::len),
        Some(4)
    );
}

async fn rows_that_are_read_count_towards_the_bound(app: TestApp) {
    let (_, admin) = app.admin().await;
    ticket_with(&app, &admin, 20, 250_000).await;
    // Five megabytes are read, but are not part of the response.
    let query = "{ tickets { nodes { messages(first: 50) { nodes { id body @skip(if: true) } } } } }";
    let body = json!({ "query": query }).to_string();
    let answer: Value = app
        .post(Some(&admin.credential), &body)
        .await
        .json()
        .await
        .expect("json");
    assert_eq!(refused(&answer)["code"], "ANSWER_TOO_LARGE");
}

async fn an_oversized_mutation_response_reports_the_commit(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = ticket_with(&app, &admin, 1, 200_000).await;
    let query = format!(
        "mutation ($input: MessageAddInput!) {{ messageAdd(input: $input) {{ message {{ {} }} }} }}",
        aliases("body", 30)
    );
    let input = json!({ "target": { "ticketId": id }, "body": COSTLY.repeat(200_000), "senderEmail": "jane@example.com" });
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    let response = app.post(Some(&admin.credential), &body).await;
    let answer: Value = response.json().await.expect("json");
    assert_eq!(refused(&answer)["code"], "ANSWER_TOO_LARGE");
    let message = answer["errors"][0]["message"].as_str().expect("a message");
    assert!(
        message.ends_with("Changes that a mutation made are not undone."),
        "{message}"
    );
    let count = "query ($id: ID!) { ticket(id: $id) { messages { totalCount } } }";
    let data = app.ask(&admin, count, json!({ "id": id })).await.data();
    assert_eq!(data["ticket"]["messages"]["totalCount"], 2);
}

on_each_database!(with crate::bounds::small;
    responses_over_the_bound_are_refused,
    rows_that_are_read_count_towards_the_bound,
    an_oversized_mutation_response_reports_the_commit,
);

//! A repeated request with the same idempotency key: it returns the same result and runs once.

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

fn mutations() -> Vec<String> {
    let schema = parse_schema(deskgraph::graphql::sdl()).expect("a schema");
    let fields = schema.definitions.into_iter().find_map(|one| match one {
        TypeSystemDefinition::Type(one) if one.node.name.node == "Mutation" => match one.node.kind {
            TypeKind::Object(object) => Some(object.fields),
            _ => None,
        },
        _ => None,
    });
    let fields = fields.expect("mutations").into_iter();
    fields.map(|field| field.node.name.node.to_string()).collect()
}

/// Returns the variables of a request for each mutation. Each tag gives different ones. New mutations must be added
/// here.
async fn sample(app: &TestApp, admin: &Person, mutation: &str, tag: &str) -> Value {
    let ticket = app.ticket(admin, &format!("{mutation}.{tag}@example.com")).await;
    let new = format!("new.{mutation}.{tag}@example.com");
    let name = format!("{mutation} {tag}");
    let customer = &ticket["customer"]["id"];
    match mutation {
        "customerUpsert" | "customerCreate" => json!({ "input": { "email": new, "name": name } }),
        "customerUpdate" => json!({ "id": customer, "input": { "name": name } }),
        "customerDelete" => json!({ "id": customer }),
        "ticketCreate" => json!({ "input": { "subject": name, "customerEmail": new, "body": "Please." } }),
        "ticketUpdate" => json!({ "id": ticket["id"], "input": { "status": "SOLVED" } }),
        "messageAdd" => json!({ "input": {
            "target": { "ticketId": ticket["id"] }, "body": "And?", "senderEmail": new,
        } }),
        "conversationCreate" => json!({ "input": { "customer": { "email": new } } }),
        "conversationUpdate" => json!({ "id": ticket["conversation"]["id"], "input": { "name": name } }),
        "agentCreate" => json!({ "input": { "name": name, "email": new } }),
        "agentUpdate" => json!({ "id": admin.id, "input": { "name": name } }),
        "teamCreate" | "queueCreate" => json!({ "input": { "name": name } }),
        "teamUpdate" | "queueUpdate" => {
            let noun = mutation.trim_end_matches("Update");
            let group = json!({ "input": { "name": "Group" } });
            let made = app.wrote(admin, &format!("{noun}Create"), group).await;
            json!({ "id": made[noun]["id"], "input": { "name": name } })
        }
        "apiKeyCreate" => json!({ "input": { "name": name, "grants": ["READ"] } }),
        "apiKeyRotate" | "apiKeyRevoke" => {
            let input = json!({ "input": { "name": name, "grants": ["READ"] } });
            json!({ "id": app.wrote(admin, "apiKeyCreate", input).await["apiKey"]["id"] })
        }
        other => panic!("{other} needs a request in `sample`"),
    }
}

fn with_key(variables: &Value, key: &str) -> Value {
    let mut variables = variables.clone();
    variables["idempotencyKey"] = json!(key);
    variables
}

/// Returns the statements that write, except for the idempotency key itself.
fn writes(statements: &[String]) -> Vec<&String> {
    let writes = |sql: &&String| {
        ["INSERT", "UPDATE", "DELETE"]
            .iter()
            .any(|verb| sql.starts_with(verb))
    };
    let of_the_key = |sql: &&String| sql.contains("idempotency_key");
    statements
        .iter()
        .filter(writes)
        .filter(|sql| !of_the_key(sql))
        .collect()
}

async fn repeated_mutations_return_the_result_without_running_again(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    for mutation in mutations() {
        let sample = sample(&app, &admin, &mutation, "first").await;
        let variables = with_key(&sample, &format!("key of {mutation}"));
        let first = app.attempt(&admin, &mutation, variables.clone()).await.body;
        assert_eq!(first["errors"], Value::Null, "{mutation}: {first}");
        assert_eq!(first["data"][&mutation]["userErrors"], json!([]), "{mutation}");
        let log = app.log(workspace).await;
        for node in [&app, &other] {
            node.statements.take();
            let again = node.attempt(&admin, &mutation, variables.clone()).await.body;
            assert_eq!(again, first, "{mutation}");
            let statements = node.statements.take();
            assert_eq!(writes(&statements), Vec::<&String>::new(), "{mutation}");
        }
        assert_eq!(app.log(workspace).await, log, "{mutation}");
    }
}

async fn a_repeated_request_can_select_other_fields(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
    let variables = json!({ "input": input, "key": "k" });
    let ask = async |selection: &str| {
        let query = format!(
            "mutation($input: TicketCreateInput!, $key: String) {{ \
             ticketCreate(input: $input, idempotencyKey: $key) {{ {selection} }} }}"
        );
        app.ask(&admin, &query, variables.clone())
            .await
            .at("/ticketCreate")
    };
    let first = ask("ticket { id } changeCursor").await;
    let again = ask("customerCreated message { body ticketId } ticket { customer { email } }").await;
    assert_eq!(
        again,
        json!({
            "customerCreated": true,
            "message": { "body": "Please.", "ticketId": first["ticket"]["id"] },
            "ticket": { "customer": { "email": "ann@example.com" } },
        })
    );
}

async fn a_repetition_can_spell_its_arguments_differently(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let customer = app.customer(workspace, "ann@example.com").await;
    let literal = format!(
        "mutation {{ customerUpdate(idempotencyKey: \"k\", id: \"{}\", input: {{ tags: [\"a\", \"b\"], name: \"Ann\", \
         priorityOverride: HIGH, company: null, customFields: {{ x: 1.5, y: {{ b: true, a: null }} }} }}) \
         {{ result changeCursor }} }}",
        customer.id
    );
    let first = app.ask(&admin, &literal, json!({})).await.at("/customerUpdate");
    assert_eq!(first["result"], "UPDATED");
    let query = "mutation($id: ID!, $key: String, $fields: JSONObject, $p: Priority, $none: String, $absent: String) { \
                 x: customerUpdate(input: { company: $none, priorityOverride: $p, customFields: $fields, name: \"Ann\", \
                 tags: [\"a\", \"b\"], phone: $absent }, id: $id, idempotencyKey: $key) { result changeCursor } }";
    let variables = json!({
        "id": customer.id, "key": "k", "p": "HIGH", "none": null,
        "fields": { "y": { "a": null, "b": true }, "x": 1.5 },
    });
    let again = app.ask(&admin, query, variables).await.at("/x");
    assert_eq!(again, first);
}

async fn each_mutation_of_a_document_has_its_key(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let query = "mutation { \
        a: customerCreate(input: { email: \"a@example.com\" }, idempotencyKey: \"a\") { customer { id } userErrors { code } } \
        b: customerCreate(input: { email: \"b@example.com\" }, idempotencyKey: \"b\") { customer { id } userErrors { code } } \
        again: customerCreate(input: { email: \"a@example.com\" }, idempotencyKey: \"a\") { customer { id } userErrors { code } } \
        other: customerCreate(input: { email: \"c@example.com\" }, idempotencyKey: \"a\") { customer { id } userErrors { code existingId } } \
    }";
    let first = app.ask(&admin, query, json!({})).await.data();
    assert_eq!(first["a"], first["again"]);
    assert_ne!(first["a"]["customer"]["id"], first["b"]["customer"]["id"]);
    let reused = json!([{ "code": "IDEMPOTENCY_KEY_REUSED", "existingId": first["a"]["customer"]["id"] }]);
    assert_eq!(first["other"], json!({ "customer": null, "userErrors": reused }));
    assert_eq!(app.ask(&admin, query, json!({})).await.data(), first);
    assert_eq!(app.log(workspace).await.len(), 2);
}

async fn a_key_takes_two_statements_and_its_repetition_one(app: TestApp) {
    let (_, admin) = app.admin().await;
    for mutation in mutations() {
        let without = sample(&app, &admin, &mutation, "without").await;
        let with = with_key(&sample(&app, &admin, &mutation, "with").await, &mutation);
        let mut counts = Vec::new();
        for variables in [without, with.clone(), with] {
            app.statements.take();
            app.wrote(&admin, &mutation, variables).await;
            counts.push(app.statements.take());
        }
        let of_keys = counts
            .iter()
            .map(|sql| sql.iter().filter(|sql| sql.contains("idempotency_key")).count());
        assert_eq!(of_keys.collect::<Vec<_>>(), [0, 2, 1], "{mutation}");
        let counts: Vec<usize> = counts.iter().map(Vec::len).collect();
        assert_eq!(counts[1], counts[0] + 2, "{mutation}");
        println!("{mutation}: {counts:?}");
    }
}

on_each_database!(
    repeated_mutations_return_the_result_without_running_again,
    a_repeated_request_can_select_other_fields,
    a_repetition_can_spell_its_arguments_differently,
    each_mutation_of_a_document_has_its_key,
    a_key_takes_two_statements_and_its_repetition_one,
);

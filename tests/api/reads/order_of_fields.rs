//! The form of a response: fields in document order, null for failed fields, and defaults for omitted variables.

use serde_json::{Value, json};

use super::{each, first_id};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

async fn admin_with_rows(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let rows = Rows {
        customers: vec![fill::customer("ann"), fill::customer("bob")],
        tickets: vec![fill::ticket("t", "ann")],
        messages: vec![fill::message("m", "t", "ann@example.com")],
    };
    app.fill(workspace, &rows).await;
    admin
}

/// Returns the text of the response.
async fn text(app: &TestApp, person: &Person, query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    let response = app.post(Some(&person.credential), &body).await;
    response.text().await.unwrap()
}

async fn responses_keep_the_order_of_the_document(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    // Fields without statements are ready before those with one statement, and these before those with two.
    for (query, expected) in [
        (
            "{ tickets { nodes { customer { tickets { nodes { subject } } email } subject workspace { name } source } } \
             viewer { kind } }",
            r#"{"tickets":{"nodes":[{"customer":{"tickets":{"nodes":[{"subject":"t"}]},"email":"ann@example.com"},"subject":"t","workspace":{"name":"Test"},"source":"email"}]},"viewer":{"kind":"AGENT"}}"#,
        ),
        (
            "{ viewer { workspaces { name } kind } a: tickets { totalCount nodes { source subject } } __typename }",
            r#"{"viewer":{"workspaces":[{"name":"Test"}],"kind":"AGENT"},"a":{"totalCount":1,"nodes":[{"source":"email","subject":"t"}]},"__typename":"Query"}"#,
        ),
        (
            "{ ...late viewer { kind } } fragment late on Query { tickets { nodes { ...messages subject } } } \
             fragment messages on Ticket { messages { nodes { sender { ... on Customer { email } __typename } bodyHtml body } } }",
            r#"{"tickets":{"nodes":[{"messages":{"nodes":[{"sender":{"email":"ann@example.com","__typename":"Customer"},"bodyHtml":"<b>m</b>","body":"m"}]},"subject":"t"}]},"viewer":{"kind":"AGENT"}}"#,
        ),
        // A repeated field is at its first position.
        (
            "{ tickets { nodes { subject customer { email } source subject customer { name } } } }",
            r#"{"tickets":{"nodes":[{"subject":"t","customer":{"email":"ann@example.com","name":null},"source":"email"}]}}"#,
        ),
        (
            "{ viewer { kind @skip(if: true) grants @include(if: false) agent { name } } }",
            r#"{"viewer":{"agent":{"name":"admin"}}}"#,
        ),
    ] {
        let expected = format!(r#"{{"data":{expected}}}"#);
        assert_eq!(text(&app, &admin, query).await, expected, "{query}");
    }
}

async fn a_failed_field_is_null_and_its_siblings_remain(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let query = r#"{ a: viewer { kind } b: customer(id: "nope") { id } c: customers { totalCount } d: node(id: "x") { id } }"#;
    let answer = app.ask(&admin, query, json!({})).await;
    assert_eq!(
        answer.body["data"],
        json!({ "a": { "kind": "AGENT" }, "b": null, "c": { "totalCount": 2 }, "d": null })
    );
    let errors = answer.body["errors"].as_array().unwrap();
    let mut paths: Vec<_> = errors.iter().map(|error| error["path"].to_string()).collect();
    paths.sort();
    assert_eq!(paths, [r#"["b"]"#, r#"["d"]"#]);
    for error in errors {
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(error["extensions"]["argument"], "id");
        assert!(error["locations"][0]["line"].is_u64());
    }
    assert!(
        text(&app, &admin, query).await.starts_with(
            r#"{"data":{"a":{"kind":"AGENT"},"b":null,"c":{"totalCount":2},"d":null},"errors":"#
        )
    );
}

async fn a_failed_non_null_field_makes_its_parent_null(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let ticket = first_id(&app, &admin, "tickets").await;
    let ask = async |query: &str| {
        let answer = app.ask(&admin, query, json!({ "id": ticket })).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT first", "{query}");
        let error = answer.body["errors"][0].clone();
        (answer.body["data"].clone(), error["path"].clone())
    };
    let around = "query($id: ID!) { viewer { kind } ticket(id: $id) { subject messages(first: -1) { totalCount } source } }";
    let (data, path) = ask(around).await;
    assert_eq!(data, json!({ "viewer": { "kind": "AGENT" }, "ticket": null }));
    assert_eq!(path, json!(["ticket", "messages"]));

    let among = "query($id: ID!) { viewer { kind } nodes(ids: [$id, $id]) { id ... on Ticket { messages(first: -1) { totalCount } } } }";
    let (data, _) = ask(among).await;
    assert_eq!(
        data,
        json!({ "viewer": { "kind": "AGENT" }, "nodes": [null, null] })
    );

    let everything = "query($id: ID!) { viewer { kind } ticket(id: $id) { id } customers { nodes { tickets(first: -1) { totalCount } } } }";
    let (data, _) = ask(everything).await;
    assert_eq!(data, Value::Null);
}

async fn a_cancelled_field_does_not_affect_other_loads(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let ticket = first_id(&app, &admin, "tickets").await;
    // The first field loads both keys and is cancelled when its sibling fails: before the statement, and possibly
    // while it runs.
    for given_up in [
        "customer { id } messages(first: -1) { totalCount }",
        "messages(first: -1) { totalCount } customer { id }",
        "customer { id } conversation { messages(first: -1) { totalCount } }",
        "conversation { messages(first: -1) { totalCount } } customer { id }",
        "workspace { id } customer { id } conversation { messages(first: -1) { totalCount } }",
    ] {
        let query = format!(
            "query($id: ID!) {{ a: ticket(id: $id) {{ {given_up} }} b: ticket(id: $id) {{ customer {{ email }} }} }}"
        );
        for _ in 0..10 {
            let answer = app.ask(&admin, &query, json!({ "id": ticket })).await;
            assert_eq!(answer.error(), "BAD_USER_INPUT first");
            let b = json!({ "customer": { "email": "ann@example.com" } });
            assert_eq!(answer.body["data"], json!({ "a": null, "b": b }), "{given_up}");
        }
    }
}

async fn an_absent_variable_is_not_null(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let id = first_id(&app, &admin, "customers").await;
    let update = "mutation($id: ID!, $name: String, $company: String) { customerUpdate(id: $id, input: {name: $name, company: $company}) \
                  { customer { name company } userErrors { code } } }";
    let customer = async |mut variables: Value| {
        variables["id"] = json!(id);
        let payload = app.ask(&admin, update, variables).await.at("/customerUpdate");
        assert_eq!(payload["userErrors"], json!([]));
        payload["customer"].clone()
    };
    let both = customer(json!({ "name": "Bob", "company": "Acme" })).await;
    assert_eq!(both, json!({ "name": "Bob", "company": "Acme" }));
    assert_eq!(customer(json!({})).await, both);
    assert_eq!(
        customer(json!({ "name": null })).await,
        json!({ "name": null, "company": "Acme" })
    );
}

async fn an_absent_variable_uses_the_default(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let emails = async |query: &str, variables: Value| {
        let nodes = app.ask(&admin, query, variables).await.at("/customers/nodes");
        each(&nodes, "email").join(" ")
    };
    let (ann, bob) = ("ann@example.com", "bob@example.com");
    let both = format!("{bob} {ann}");
    // An omitted argument has its own default.
    let query = "query($n: Int, $f: CustomerFilter, $o: [CustomerOrder!], $s: String, $w: ID) \
                 { customers(first: $n, filter: $f, orderBy: $o, search: $s, workspaceId: $w) { nodes { email } } }";
    assert_eq!(emails(query, json!({})).await, both);
    assert_eq!(
        emails(query, json!({ "n": null, "f": null, "o": null })).await,
        both
    );
    assert_eq!(emails(query, json!({ "n": 1 })).await, bob);
    assert_eq!(emails(query, json!({ "s": "ann" })).await, ann);
    // An omitted condition does not filter. It is not a condition on null.
    let query = "query($e: String, $v: Boolean) { customers(filter: {isVip: $v, email: {startsWith: \"\", eq: $e}}) { nodes { email } } }";
    assert_eq!(emails(query, json!({})).await, both);
    assert_eq!(emails(query, json!({ "e": ann })).await, ann);
    // The default of a variable.
    let query = "query($n: Int = 1) { customers(first: $n) { nodes { email } } }";
    assert_eq!(emails(query, json!({})).await, bob);
    assert_eq!(emails(query, json!({ "n": 2 })).await, both);
    assert_eq!(emails(query, json!({ "n": null })).await, both);
    // The default of an input field.
    let query = "query($d: OrderDirection! = ASC) { customers(orderBy: {field: EMAIL, direction: $d}) { nodes { email } } }";
    assert_eq!(emails(query, json!({})).await, format!("{ann} {bob}"));
    assert_eq!(emails(query, json!({ "d": "DESC" })).await, both);
}

on_each_database!(
    responses_keep_the_order_of_the_document,
    a_failed_field_is_null_and_its_siblings_remain,
    a_failed_non_null_field_makes_its_parent_null,
    a_cancelled_field_does_not_affect_other_loads,
    an_absent_variable_is_not_null,
    an_absent_variable_uses_the_default,
);

//! Requests that are not GraphQL, or that the schema rejects.

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp, on_each_database};

async fn assert_alive(app: &TestApp, person: &Person) {
    let answer = app.ask(person, "{ viewer { kind } }", json!({})).await;
    assert_eq!(answer.at("/viewer/kind"), "AGENT");
}

/// Checks that the body is rejected with this status.
async fn refused(app: &TestApp, person: &Person, body: &str, status: u16) -> Answer {
    let answer = Answer::read(app.post(Some(&person.credential), body).await).await;
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.error(), "BAD_USER_INPUT");
    assert_alive(app, person).await;
    answer
}

async fn a_malformed_request_body_is_refused_with_400(app: TestApp) {
    let (_, admin) = app.admin().await;
    for body in [
        "",
        " ",
        "{",
        "}",
        "nonsense",
        "null",
        "1",
        "\"{ viewer { kind } }\"",
        "{\"query\": }",
        "{\"query\": 1}",
        "{\"query\": null}",
        "{\"query\": [\"{ viewer { kind } }\"]}",
        "{\"query\": \"{ viewer { kind } }\", \"variables\": 1}",
        "{\"query\": \"{ viewer { kind } }\", \"variables\": \"{}\"}",
        "{\"query\": \"{ viewer { kind } }\", \"variables\": []}",
        "{\"query\": \"{ viewer { kind } }\", \"operationName\": 1}",
        "{\"query\": \"{ viewer { kind } }\"",
        "{\"query\": \"\\ud800\"}",
        "{ viewer { kind } }",
        "query=%7B%7D",
        &"[".repeat(10_000),
    ] {
        refused(&app, &admin, body, 400).await;
    }
}

async fn a_batch_is_refused_with_400(app: TestApp) {
    let (_, admin) = app.admin().await;
    for body in [
        "[]",
        r#"["{ viewer { kind } }"]"#,
        r#"[{"query":"{ viewer { kind } }"}]"#,
        r#" [{"query":"{ viewer { kind } }"},{"query":"{ viewer { kind } }"}]"#,
    ] {
        let answer = refused(&app, &admin, body, 400).await;
        assert!(
            answer.body["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("does not accept batches")
        );
    }
}

async fn a_body_over_a_mebibyte_is_refused_with_413(app: TestApp) {
    let (_, admin) = app.admin().await;
    let request = |size: usize| {
        let body = r#"{"query":"{ viewer { kind } }"}"#;
        body.to_owned() + &" ".repeat(size - body.len())
    };
    let largest = app.post(Some(&admin.credential), &request(1 << 20)).await;
    assert_eq!(Answer::read(largest).await.at("/viewer/kind"), "AGENT");
    // The response must also reach a client that is still sending.
    for size in [(1 << 20) + 1, 2 << 20, 16 << 20] {
        for _ in 0..4 {
            refused(&app, &admin, &request(size), 413).await;
        }
    }
}

async fn another_content_type_is_refused_with_415(app: TestApp) {
    let (_, admin) = app.admin().await;
    let send = async |content_type: Option<&str>| {
        let request = app
            .http()
            .post(format!("{}/graphql", app.url))
            .bearer_auth(&admin.credential)
            .body(r#"{"query":"{ viewer { kind } }"}"#);
        let request = match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        };
        Answer::read(request.send().await.unwrap()).await
    };
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json-patch"),
        Some("application"),
    ] {
        let answer = send(content_type).await;
        assert_eq!(answer.status, 415, "{content_type:?}");
        assert_eq!(answer.error(), "BAD_USER_INPUT");
    }
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
    ] {
        let answer = send(Some(content_type)).await;
        assert_eq!(answer.at("/viewer/kind"), "AGENT", "{content_type}");
    }
}

/// Sends a GET request with these parameters.
async fn get(app: &TestApp, person: &Person, parameters: &str) -> (Answer, Option<String>) {
    let request = app
        .http()
        .get(format!("{}/graphql?{parameters}", app.url))
        .bearer_auth(&person.credential);
    let response = request.send().await.unwrap();
    let allow = response
        .headers()
        .get("allow")
        .map(|value| value.to_str().unwrap().to_owned());
    (Answer::read(response).await, allow)
}

async fn get_runs_queries_and_refuses_mutations(app: TestApp) {
    let (_, admin) = app.admin().await;
    let (answer, _) = get(&app, &admin, "query=%7Bviewer%7Bkind%7D%7D").await;
    assert_eq!(answer.at("/viewer/kind"), "AGENT");
    let with_variables = "query=query+A(%24n%3AInt)%7Bcustomers(first%3A%24n)%7BtotalCount%7D%7D&variables=%7B%22n%22%3A5%7D&operationName=A";
    let (answer, _) = get(&app, &admin, with_variables).await;
    assert_eq!(answer.at("/customers/totalCount"), 0);

    let create = "customerUpsert(input%3A%7Bemail%3A%22a%40example.com%22%7D)%7BuserErrors%7Bcode%7D%7D";
    for parameters in [
        format!("query=mutation%7B{create}%7D"),
        format!("query=query+A%7Bviewer%7Bkind%7D%7D+mutation+B%7B{create}%7D&operationName=B"),
        format!("query=mutation+B%7B{create}%7D&operationName=B"),
        "query=subscription%7BmessageAdded%7Bid%7D%7D".to_owned(),
    ] {
        let (answer, allow) = get(&app, &admin, &parameters).await;
        assert_eq!(answer.status, 405, "{parameters}");
        assert_eq!(answer.error(), "BAD_USER_INPUT");
        assert_eq!(allow.as_deref(), Some("POST"));
    }
    let (answer, _) = get(&app, &admin, with_variables).await;
    assert_eq!(answer.at("/customers/totalCount"), 0, "nothing was written");

    for parameters in [
        "",
        "variables=%7B%7D",
        "query=%7Bviewer%7Bkind%7D%7D&variables=%5B%5D",
        "query=%7Bviewer%7Bkind%7D%7D&variables=1",
        "query=%7Bviewer%7Bkind%7D%7D&variables=%7B",
    ] {
        let (answer, _) = get(&app, &admin, parameters).await;
        assert_eq!(answer.status, 400, "{parameters}");
        assert_eq!(answer.error(), "BAD_USER_INPUT");
    }
    assert_alive(&app, &admin).await;
}

async fn invalid_documents_are_refused_with_a_code(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (query, variables) in [
        ("", json!({})),
        ("{", json!({})),
        ("{ }", json!({})),
        ("☃", json!({})),
        ("{ nope }", json!({})),
        ("{ viewer }", json!({})),
        ("{ viewer { nope } }", json!({})),
        ("{ viewer { kind { x } } }", json!({})),
        ("{ customers(nope: 1) { totalCount } }", json!({})),
        ("{ customer { id } }", json!({})),
        ("{ customer(id: null) { id } }", json!({})),
        ("{ ...a }", json!({})),
        (
            "query A { viewer { kind } } query B { viewer { kind } }",
            json!({}),
        ),
        (
            "query A { viewer { kind } } query A { viewer { kind } }",
            json!({}),
        ),
        ("{ viewer { kind @nope } }", json!({})),
        ("{ a: viewer { kind } a: customers { totalCount } }", json!({})),
        ("{ customers(orderBy: {field: NOPE}) { totalCount } }", json!({})),
        ("{ customers(orderBy: {}) { totalCount } }", json!({})),
        ("query($n: Int) { viewer { kind } }", json!({})),
        ("{ customers(first: $n) { totalCount } }", json!({})),
        (
            "query($n: Nope) { customers(first: $n) { totalCount } }",
            json!({ "n": 1 }),
        ),
        (
            "query($n: String) { customers(first: $n) { totalCount } }",
            json!({ "n": "1" }),
        ),
        (
            "query($n: Int) { customers(first: $n) { totalCount } }",
            json!({ "n": "1" }),
        ),
        (
            "query($n: Int) { customers(first: $n) { totalCount } }",
            json!({ "n": [] }),
        ),
        (
            "query($n: Int) { customers(first: $n) { totalCount } }",
            json!({ "n": 1.5 }),
        ),
        (
            "query($n: Int) { customers(first: $n) { totalCount } }",
            json!({ "n": 3_000_000_000_i64 }),
        ),
        ("query($id: ID!) { customer(id: $id) { id } }", json!({})),
        (
            "query($id: ID!) { customer(id: $id) { id } }",
            json!({ "id": null }),
        ),
        (
            "query($id: ID!) { customer(id: $id) { id } }",
            json!({ "id": {} }),
        ),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": [null] }),
        ),
    ] {
        let answer = app.ask(&admin, query, variables.clone()).await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(
            answer.error(),
            "BAD_USER_INPUT",
            "{query} {variables}: {}",
            answer.body
        );
        // An invalid variable is reported where it is used, and other fields may be answered.
        let error = &answer.body["errors"][0];
        if error["path"].is_null() {
            assert_eq!(answer.body["data"], Value::Null, "{query}");
        }
        assert_alive(&app, &admin).await;
    }
}

async fn excessive_documents_are_refused_before_any_statement(app: TestApp) {
    let (_, admin) = app.admin().await;
    let bomb: String = (0..60)
        .map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1))
        .collect();
    let bomb = format!("{bomb} fragment f60 on Query {{ viewer {{ kind }} }}");
    let aliases: String = (0..20_000)
        .map(|n| format!("a{n}: customers {{ totalCount }} "))
        .collect();
    let circle =
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a viewer { kind } }".to_owned();
    app.statements.take();
    for (document, code) in [
        (format!("{{ ...f0 }} {bomb}"), "QUERY_TOO_COSTLY"),
        (format!("{{ viewer {{ kind }} }} {bomb}"), "QUERY_TOO_COSTLY"),
        (format!("{{ {aliases} }}"), "QUERY_TOO_COSTLY"),
        (circle, "QUERY_TOO_DEEP"),
    ] {
        assert_eq!(app.ask(&admin, &document, json!({})).await.error(), code);
    }
    assert!(app.statements.take().is_empty());
}

on_each_database!(
    excessive_documents_are_refused_before_any_statement,
    a_malformed_request_body_is_refused_with_400,
    a_batch_is_refused_with_400,
    a_body_over_a_mebibyte_is_refused_with_413,
    another_content_type_is_refused_with_415,
    get_runs_queries_and_refuses_mutations,
    invalid_documents_are_refused_with_a_code,
);

//! Invalid filters: each error is reported with its path in the arguments.

use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

async fn admin_with_rows(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let rows = Rows {
        customers: vec![fill::customer("ann")],
        tickets: vec![fill::ticket("t", "ann")],
        ..Rows::default()
    };
    app.fill(workspace, &rows).await;
    admin
}

/// Checks that the filter `f` of a list is rejected for this reason.
async fn refused(app: &TestApp, person: &Person, list: &str, filter: &Value, reason: &str) {
    let (list, name) = match list {
        "customers" => ("customers(filter: $f) { nodes { id } }", "Customer"),
        "tickets" => ("tickets(filter: $f) { totalCount }", "Ticket"),
        "conversations" => ("conversations(filter: $f) { nodes { id } }", "Conversation"),
        _ => (
            "tickets { nodes { messages(filter: $f) { nodes { id } } } }",
            "Message",
        ),
    };
    let query = format!("query($f: {name}Filter) {{ {list} }}");
    let answer = app.ask(person, &query, json!({ "f": filter })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.error(), reason, "{filter}");
    let alive = app.ask(person, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(alive.at("/customers/totalCount"), 1);
}

fn nested(word: &str, depth: usize) -> Value {
    (0..depth).fold(json!({ "id": [] }), |inner, _| match word {
        "not" => json!({ "not": inner }),
        word => json!({ word: [inner] }),
    })
}

async fn conditions_nine_deep_are_refused(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    for list in ["customers", "tickets", "conversations"] {
        let path = format!("filter{}", ".not".repeat(9));
        let reason = format!("BAD_USER_INPUT {path}");
        refused(&app, &admin, list, &nested("not", 9), &reason).await;
        refused(&app, &admin, list, &nested("not", 40), &reason).await;
        for word in ["and", "or"] {
            let reason = format!("BAD_USER_INPUT filter{}.{word}", format!(".{word}.0").repeat(8));
            refused(&app, &admin, list, &nested(word, 9), &reason).await;
        }
        let eight = app
            .ask(
                &admin,
                "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }",
                json!({ "f": nested("and", 8) }),
            )
            .await;
        assert_eq!(eight.at("/customers/totalCount"), 0);
    }
    // The depth of a nested filter is added.
    let mut filter = json!({ "customer": nested("not", 5) });
    for _ in 0..4 {
        filter = json!({ "and": [filter] });
    }
    let reason = "BAD_USER_INPUT filter.and.0.and.0.and.0.and.0.customer.not.not.not.not.not";
    refused(&app, &admin, "tickets", &filter, reason).await;
}

async fn more_than_a_hundred_values_are_refused(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let texts = vec!["x"; 101];
    let customer = super::first_id(&app, &admin, "customers").await;
    let customers = vec![customer; 101];
    for (list, filter, place) in [
        ("customers", json!({ "email": { "in": texts } }), "email.in"),
        ("customers", json!({ "id": customers }), "id"),
        ("customers", json!({ "tags": { "hasAll": texts } }), "tags.hasAll"),
        ("customers", json!({ "tags": { "hasAny": texts } }), "tags.hasAny"),
        (
            "customers",
            json!({ "tags": { "hasNone": texts } }),
            "tags.hasNone",
        ),
        (
            "customers",
            json!({ "priorityOverride": vec!["LOW"; 101] }),
            "priorityOverride",
        ),
        ("customers", json!({ "or": vec![json!({}); 101] }), "or"),
        ("customers", json!({ "and": vec![json!({}); 101] }), "and"),
        ("tickets", json!({ "status": vec!["OPEN"; 101] }), "status"),
        ("tickets", json!({ "priority": vec!["LOW"; 101] }), "priority"),
        ("tickets", json!({ "customerId": customers }), "customerId"),
        ("tickets", json!({ "source": { "in": texts } }), "source.in"),
        (
            "tickets",
            json!({ "customer": { "name": { "in": texts } } }),
            "customer.name.in",
        ),
        (
            "conversations",
            json!({ "channel": { "in": texts } }),
            "channel.in",
        ),
        ("conversations", json!({ "status": vec!["OPEN"; 101] }), "status"),
        ("messages", json!({ "body": { "in": texts } }), "body.in"),
    ] {
        let reason = format!("BAD_USER_INPUT filter.{place}");
        refused(&app, &admin, list, &filter, &reason).await;
    }
    let query = "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }";
    let hundred = json!({ "f": { "not": { "email": { "in": vec!["x"; 100] } } } });
    assert_eq!(
        app.ask(&admin, query, hundred).await.at("/customers/totalCount"),
        1
    );
}

async fn long_texts_and_nul_are_refused(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    for text in ["ü".repeat(501), "a\0b".to_owned(), "\0".to_owned()] {
        for (list, filter, place) in [
            ("customers", json!({ "email": { "eq": text } }), "email.eq"),
            (
                "customers",
                json!({ "name": { "contains": text } }),
                "name.contains",
            ),
            (
                "customers",
                json!({ "company": { "startsWith": text } }),
                "company.startsWith",
            ),
            ("customers", json!({ "email": { "in": ["a", text] } }), "email.in"),
            (
                "customers",
                json!({ "tags": { "hasAny": ["a", text] } }),
                "tags.hasAny",
            ),
            (
                "tickets",
                json!({ "and": [{ "subject": { "contains": text } }] }),
                "and.0.subject.contains",
            ),
            ("tickets", json!({ "source": { "eq": text } }), "source.eq"),
            (
                "conversations",
                json!({ "customer": { "name": { "eq": text } } }),
                "customer.name.eq",
            ),
            (
                "messages",
                json!({ "senderEmail": { "eq": text } }),
                "senderEmail.eq",
            ),
        ] {
            let reason = format!("BAD_USER_INPUT filter.{place}");
            refused(&app, &admin, list, &filter, &reason).await;
        }
        for (query, argument) in [
            (
                "query($t: String!) { customers(search: $t) { nodes { id } } }",
                "search",
            ),
            (
                "query($t: String!) { customers(search: $t) { totalCount } }",
                "search",
            ),
            (
                "query($t: String!) { agents(search: $t) { nodes { id } } }",
                "search",
            ),
            (
                "query($t: String!) { customerByEmail(email: $t) { id } }",
                "email",
            ),
        ] {
            let answer = app.ask(&admin, query, json!({ "t": text })).await;
            assert_eq!(answer.error(), format!("BAD_USER_INPUT {argument}"));
        }
    }
    // A NUL escape in the document itself.
    let query = r#"{ customers(search: "\u0000") { nodes { id } } }"#;
    assert_eq!(
        app.ask(&admin, query, json!({})).await.error(),
        "BAD_USER_INPUT search"
    );
}

async fn a_pattern_has_at_most_128_characters(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let long = json!("ü".repeat(129));
    for (list, filter, place) in [
        (
            "messages",
            json!({ "body": { "contains": long } }),
            "body.contains",
        ),
        (
            "messages",
            json!({ "body": { "startsWith": long } }),
            "body.startsWith",
        ),
        (
            "tickets",
            json!({ "or": [{ "subject": { "contains": long } }] }),
            "or.0.subject.contains",
        ),
    ] {
        let reason = format!("BAD_USER_INPUT filter.{place}");
        refused(&app, &admin, list, &filter, &reason).await;
    }
    for list in ["customers", "agents"] {
        let query = format!("query($t: String!) {{ {list}(search: $t) {{ nodes {{ id }} }} }}");
        let answer = app.ask(&admin, &query, json!({ "t": long })).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT search");
        let message = answer.body["errors"][0]["message"].as_str().expect("a text");
        assert_eq!(message, "`search` is 129 characters long. The maximum is 128.");
    }
    let longest = json!({ "t": "ü".repeat(128) });
    let query = "query($t: String!) { customers(search: $t) { totalCount } }";
    assert_eq!(
        app.ask(&admin, query, longest).await.at("/customers/totalCount"),
        0
    );
}

async fn unknown_filter_fields_and_values_are_refused(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    for (list, filter) in [
        ("customers", json!({ "nope": 1 })),
        ("customers", json!({ "email": "ann@example.com" })),
        ("customers", json!({ "email": { "like": "x" } })),
        ("customers", json!({ "isVip": "yes" })),
        ("customers", json!({ "createdAt": { "gt": "yesterday" } })),
        ("customers", json!({ "createdAt": { "gt": 5 } })),
        ("customers", json!({ "createdAt": { "gt": "" } })),
        ("customers", json!({ "and": [null] })),
        ("customers", json!([])),
        ("customers", json!("x")),
        ("tickets", json!({ "status": ["NOPE"] })),
        ("tickets", json!({ "status": ["open"] })),
        ("tickets", json!({ "priority": [null] })),
        ("messages", json!({ "direction": 1 })),
    ] {
        refused(&app, &admin, list, &filter, "BAD_USER_INPUT").await;
    }
}

on_each_database!(
    conditions_nine_deep_are_refused,
    more_than_a_hundred_values_are_refused,
    long_texts_and_nul_are_refused,
    a_pattern_has_at_most_128_characters,
    unknown_filter_fields_and_values_are_refused,
);

//! Filters by custom fields.

use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

/// Creates an object for each set of fields. Returns their ids in the same order.
async fn make(app: &TestApp, admin: &Person, noun: &str, all: &[Value]) -> Vec<Value> {
    let mut ids = Vec::new();
    for (n, fields) in all.iter().enumerate() {
        let email = format!("c{n}@example.com");
        let (mutation, input) = if noun == "customer" {
            (
                "customerCreate",
                json!({ "email": email, "customFields": fields }),
            )
        } else {
            let input = json!({ "subject": "Help", "customerEmail": email, "body": "Please.", "customFields": fields });
            ("ticketCreate", input)
        };
        let made = app.wrote(admin, mutation, json!({ "input": input })).await;
        ids.push(made[noun]["id"].clone());
    }
    ids
}

async fn find(app: &TestApp, person: &Person, noun: &str, filter: &Value) -> crate::support::Answer {
    let kind = if noun == "customer" { "Customer" } else { "Ticket" };
    let query = format!(
        "query($filter: {kind}Filter) {{ found: {noun}s(filter: $filter, first: 100) \
         {{ totalCount nodes {{ id }} }} }}"
    );
    app.ask(person, &query, json!({ "filter": filter })).await
}

/// Returns the indexes of the objects that a condition matches.
async fn places(app: &TestApp, admin: &Person, noun: &str, ids: &[Value], conditions: &Value) -> Vec<usize> {
    let found = find(app, admin, noun, &json!({ "customFields": conditions }))
        .await
        .at("/found");
    let nodes = found["nodes"].as_array().expect("nodes");
    assert_eq!(found["totalCount"], nodes.len(), "{conditions}");
    let place = |node: &Value| ids.iter().position(|id| *id == node["id"]).expect("one of them");
    let mut places: Vec<usize> = nodes.iter().map(place).collect();
    places.sort_unstable();
    places
}

async fn each_kind_of_value_finds_only_its_matches(app: TestApp) {
    let (_, admin) = app.admin().await;
    let all = [
        json!({}),
        json!({ "k": "1" }),
        json!({ "k": 1 }),
        json!({ "k": true }),
        json!({ "k": [1, "a", { "y": 2, "x": null }] }),
        json!({ "k": { "b": [1], "a": "é" } }),
        json!({ "k": "true" }),
        json!({ "k": 1.5 }),
        json!({ "k": i64::MAX }),
        json!({ "k": "A" }),
        json!({ "k": "a", "other": "A" }),
        json!({ "other": { "k": 1 } }),
        json!({ "k": false }),
        json!({ "k": [] }),
        json!({ "k": {} }),
        json!({ "k": "" }),
        json!({ "k": 0 }),
        json!({ "k": "[]" }),
        json!({ "k": 1e300 }),
        json!({ "k": "null" }),
        json!({ "k": u64::MAX }),
    ];
    for noun in ["customer", "ticket"] {
        let ids = make(&app, &admin, noun, &all).await;
        for (value, expected) in [
            (json!("1"), vec![1]),
            (json!(1), vec![2]),
            (json!(1.0), vec![2]),
            (json!(true), vec![3]),
            (json!([1, "a", { "x": null, "y": 2 }]), vec![4]),
            (json!([1.0, "a", { "x": null, "y": 2.0 }]), vec![4]),
            (json!(["a", 1, { "x": null, "y": 2 }]), vec![]),
            (json!([1]), vec![]),
            (json!({ "a": "é", "b": [1] }), vec![5]),
            (json!({ "a": "é" }), vec![]),
            (json!("true"), vec![6]),
            (json!(1.5), vec![7]),
            (json!(i64::MAX), vec![8]),
            (json!("A"), vec![9]),
            (json!("a"), vec![10]),
            (json!(false), vec![12]),
            (json!([]), vec![13]),
            (json!({}), vec![14]),
            (json!(""), vec![15]),
            (json!(0), vec![16]),
            (json!(-0.0), vec![16]),
            (json!("[]"), vec![17]),
            (json!(1e300), vec![18]),
            (json!("null"), vec![19]),
            (json!("none"), vec![]),
            (json!(2), vec![]),
            (json!("%"), vec![]),
        ] {
            let conditions = json!([{ "key": "k", "eq": value }]);
            assert_eq!(
                places(&app, &admin, noun, &ids, &conditions).await,
                expected,
                "{noun} {value}"
            );
        }
        let rest: Vec<usize> = (0..ids.len()).filter(|n| ![0, 11].contains(n)).collect();
        for (conditions, expected) in [
            (json!([{ "key": "k", "exists": true }]), rest),
            (json!([{ "key": "k", "exists": false }]), vec![0, 11]),
            (
                json!([{ "key": "k", "exists": true }, { "key": "other", "exists": true }]),
                vec![10],
            ),
            (json!([{ "key": "k", "eq": "a", "exists": true }]), vec![10]),
            (json!([{ "key": "k", "eq": "a", "exists": false }]), vec![]),
            (
                json!([{ "key": "k", "eq": "a" }, { "key": "other", "eq": "A" }]),
                vec![10],
            ),
            (json!([{ "key": "other.k", "eq": 1 }]), vec![]),
            (json!([{ "key": "K", "exists": true }]), vec![]),
            (json!([]), (0..ids.len()).collect()),
        ] {
            let found = places(&app, &admin, noun, &ids, &conditions).await;
            assert_eq!(found, expected, "{noun} {conditions}");
        }
    }
}

async fn keys_are_plain_texts(app: TestApp) {
    let (_, admin) = app.admin().await;
    let keys = [
        "a.b",
        "$",
        "$.a",
        "$1",
        "?",
        "%",
        "_",
        "it's",
        "\"q\"",
        "a\\b",
        "[0]",
        "#",
        "ключ 😀",
        "'; DROP TABLE ticket; --",
        " padded ",
        "a b",
        "?1",
        ":name",
        "@x",
        "{}",
        "a\nb",
    ];
    let all: Vec<Value> = keys.iter().map(|key| json!({ *key: "here" })).collect();
    for noun in ["customer", "ticket"] {
        let ids = make(&app, &admin, noun, &all).await;
        for (n, key) in keys.iter().enumerate() {
            for condition in [
                json!({ "key": key, "exists": true }),
                json!({ "key": key, "eq": "here" }),
            ] {
                let found = places(&app, &admin, noun, &ids, &json!([condition])).await;
                assert_eq!(found, [n], "{noun} {condition}");
            }
            // The same for values.
            let none = places(&app, &admin, noun, &ids, &json!([{ "key": "a.b", "eq": key }])).await;
            assert_eq!(none, [0_usize; 0], "{noun} {key}");
        }
    }
}

async fn malformed_conditions_are_refused_by_path(app: TestApp) {
    let (_, admin) = app.admin().await;
    let deep = (0..17).fold(json!(1), |inner, _| json!([inner]));
    for (condition, expected) in [
        (
            json!({ "key": "k".repeat(65), "exists": true }),
            "filter.customFields.1.key",
        ),
        (
            json!({ "key": "\u{0}", "exists": true }),
            "filter.customFields.1.key",
        ),
        (json!({ "key": "k", "eq": "\u{0}" }), "filter.customFields.1.eq"),
        (json!({ "key": "k", "eq": null }), "filter.customFields.1.eq"),
        (
            json!({ "key": "k", "eq": { "\u{0}": 1 } }),
            "filter.customFields.1.eq",
        ),
        (json!({ "key": "k", "eq": deep }), "filter.customFields.1.eq"),
        (
            json!({ "key": "k", "eq": "x".repeat(501) }),
            "filter.customFields.1.eq",
        ),
    ] {
        let fine = json!({ "key": "k".repeat(64), "exists": true });
        for noun in ["customer", "ticket"] {
            let conditions = json!([fine, condition]);
            let answer = find(&app, &admin, noun, &json!({ "customFields": conditions })).await;
            assert_eq!(
                answer.error(),
                format!("BAD_USER_INPUT {expected}"),
                "{condition}"
            );
            let inner = json!({ "not": { "customFields": [condition] } });
            let answer = find(&app, &admin, noun, &inner).await;
            let expected = expected.replace("filter.customFields.1", "filter.not.customFields.0");
            assert_eq!(answer.error(), format!("BAD_USER_INPUT {expected}"));
        }
    }
    let many: Value = (0..101)
        .map(|n| json!({ "key": n.to_string(), "exists": true }))
        .collect();
    let answer = find(&app, &admin, "customer", &json!({ "customFields": many })).await;
    assert_eq!(answer.error(), "BAD_USER_INPUT filter.customFields");
    for wrong in [
        json!({ "customFields": [{ "eq": 1 }] }),
        json!({ "customFields": [{ "key": null }] }),
    ] {
        let answer = find(&app, &admin, "customer", &wrong).await;
        assert!(answer.error().starts_with("BAD_USER_INPUT"), "{}", answer.body);
    }
}

async fn a_field_of_a_customer_finds_its_tickets(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await;
    let input = json!({ "id": ann.id, "input": { "customFields": { "plan": "gold" } } });
    app.wrote(&admin, "customerUpdate", input).await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.ticket(&admin, "ben@example.com").await;
    let filter = json!({ "customer": { "customFields": [{ "key": "plan", "eq": "gold" }] } });
    let found = find(&app, &admin, "ticket", &filter).await.at("/found/nodes");
    assert_eq!(found, json!([{ "id": ticket["id"] }]));
    let rest = json!({ "not": filter });
    let rest = find(&app, &admin, "ticket", &rest).await.at("/found/totalCount");
    assert_eq!(rest, 1);
    // Viewers cannot filter by fields of objects that they do not see.
    let ben = app.customer(workspace, "ben@example.com").await;
    let found = find(&app, &ben, "ticket", &filter).await.at("/found/totalCount");
    assert_eq!(found, 0);
}

on_each_database!(
    each_kind_of_value_finds_only_its_matches,
    keys_are_plain_texts,
    malformed_conditions_are_refused_by_path,
    a_field_of_a_customer_finds_its_tickets,
);

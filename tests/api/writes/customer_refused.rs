//! Rejected input of customers, and the paths of the errors.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database};

async fn each_invalid_value_is_refused_by_path(app: TestApp) {
    let (_, admin) = app.admin().await;
    let tags = |count: usize| (0..count).map(|n| format!("tag {n}")).collect::<Vec<_>>();
    let long = |count: usize| "é".repeat(count);
    let cases: Vec<(Value, &[&str])> = vec![
        (json!({ "email": "" }), &["REQUIRED input.email"]),
        (json!({ "email": "nobody" }), &["INVALID input.email"]),
        (json!({ "email": "a b@example.com" }), &["INVALID input.email"]),
        (
            json!({ "email": "Ann <ann@example.com>" }),
            &["INVALID input.email"],
        ),
        (
            json!({ "email": format!("{}@example.com", "a".repeat(250)) }),
            &["TOO_LONG input.email"],
        ),
        (
            json!({ "email": "a@example.com", "timezone": "Mars/Olympus" }),
            &["INVALID input.timezone"],
        ),
        (
            json!({ "email": "a@example.com", "tags": tags(51) }),
            &["TOO_LONG input.tags"],
        ),
        (
            json!({ "email": "a@example.com", "tags": ["a", " "] }),
            &["REQUIRED input.tags.1"],
        ),
        (
            json!({ "email": "a@example.com", "tags": [long(65)] }),
            &["TOO_LONG input.tags.0"],
        ),
        (
            json!({ "email": "a@example.com", "name": long(301) }),
            &["TOO_LONG input.name"],
        ),
        (
            json!({ "email": "a@example.com", "phone": long(65) }),
            &["TOO_LONG input.phone"],
        ),
        (
            json!({ "email": "a@example.com", "company": long(301) }),
            &["TOO_LONG input.company"],
        ),
        (
            json!({ "email": "a@example.com", "jobTitle": long(301) }),
            &["TOO_LONG input.jobTitle"],
        ),
        (
            json!({ "email": "a@example.com", "location": long(301) }),
            &["TOO_LONG input.location"],
        ),
        (
            json!({ "email": "a@example.com", "internalNotes": long(20_001) }),
            &["TOO_LONG input.internalNotes"],
        ),
        (
            json!({ "email": "a@example.com", "salesforceContactId": long(256) }),
            &["TOO_LONG input.salesforceContactId"],
        ),
        (
            json!({ "email": "a@example.com", "hubspotContactId": long(256) }),
            &["TOO_LONG input.hubspotContactId"],
        ),
        (
            json!({ "email": "a@example.com", "hubspotCompanyId": long(256) }),
            &["TOO_LONG input.hubspotCompanyId"],
        ),
        (
            json!({ "email": "nobody", "timezone": "Mars/Olympus", "tags": [""] }),
            &[
                "INVALID input.email",
                "INVALID input.timezone",
                "REQUIRED input.tags.0",
            ],
        ),
    ];
    for (input, expected) in &cases {
        for mutation in ["customerCreate", "customerUpsert"] {
            let refused = app.write(&admin, mutation, json!({ "input": input })).await;
            assert_eq!(refused.errors(), *expected, "{mutation} {input}");
            assert_eq!(
                (&refused["customer"], &refused["changeCursor"]),
                (&Value::Null, &Value::Null)
            );
        }
    }
    let nameless = app
        .write(&admin, "customerCreate", json!({ "input": { "isVip": true } }))
        .await;
    assert_eq!(nameless.errors(), ["REQUIRED input.email"]);
    assert_eq!(customer_count(&app, &admin).await, 0);
}

async fn customer_count(app: &TestApp, person: &crate::support::Person) -> i64 {
    let count = app
        .ask(person, "{ customers { totalCount } }", json!({}))
        .await
        .at("/customers/totalCount");
    count.as_i64().expect("a number")
}

async fn values_of_maximum_length_are_accepted(app: TestApp) {
    let (_, admin) = app.admin().await;
    let long = |count: usize| "é".repeat(count);
    let tags: Vec<String> = (0..50).map(|n| format!("{n:064}")).collect();
    let input = json!({
        "email": format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60)), "name": long(300), "phone": long(64),
        "company": long(300), "jobTitle": long(300), "location": long(300), "tags": tags,
        "internalNotes": long(20_000), "salesforceContactId": long(255), "hubspotContactId": long(255),
        "hubspotCompanyId": long(255),
    });
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": input }))
        .await;
    for (field, value) in input.as_object().expect("fields") {
        assert_eq!(&made["customer"][field], value, "{field}");
    }
}

async fn a_nul_is_refused_in_every_text(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await.id;
    for field in [
        "email",
        "name",
        "phone",
        "company",
        "jobTitle",
        "location",
        "timezone",
        "internalNotes",
        "salesforceContactId",
        "hubspotContactId",
        "hubspotCompanyId",
    ] {
        let mut input = json!({ "email": "ben@example.com" });
        input[field] = json!("a\0b");
        let expected = format!("INVALID input.{field}");
        for (mutation, variables) in [
            ("customerCreate", json!({ "input": input })),
            ("customerUpsert", json!({ "input": input })),
            ("customerUpdate", json!({ "id": ann, "input": input })),
        ] {
            let refused = app.write(&admin, mutation, variables).await;
            assert!(
                refused.errors().contains(&expected),
                "{mutation}: {:?}",
                refused.errors()
            );
        }
    }
    let input = json!({ "email": "ben@example.com", "tags": ["fine", "\0"] });
    let refused = app
        .write(&admin, "customerUpsert", json!({ "input": input }))
        .await;
    assert_eq!(refused.errors(), ["INVALID input.tags.1"]);
}

/// The identifier is used in a lookup, so it is checked even if the input contains an address.
async fn an_invalid_identifier_is_refused_even_with_an_email(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (identifier, expected) in [
        (json!({ "email": "nobody" }), "INVALID identifier.email"),
        (json!({ "email": "a\0@example.com" }), "INVALID identifier.email"),
        (json!({ "email": "" }), "REQUIRED identifier.email"),
        (json!({ "externalId": "a\0b" }), "INVALID identifier.externalId"),
        (json!({ "externalId": " " }), "REQUIRED identifier.externalId"),
        (
            json!({ "externalId": "x".repeat(256) }),
            "TOO_LONG identifier.externalId",
        ),
        (
            json!({ "id": "tkt_7zzzzzzzzzzzzzzzzzzzzzzzzz" }),
            "INVALID identifier.id",
        ),
        (json!({ "id": "a\0b" }), "INVALID identifier.id"),
    ] {
        for input in [json!({ "name": "Ann" }), json!({ "email": "ann@example.com" })] {
            let variables = json!({ "identifier": identifier, "input": input });
            let refused = app.write(&admin, "customerUpsert", variables).await;
            assert_eq!(refused.errors(), [expected], "{identifier} {input}");
        }
    }
    assert_eq!(customer_count(&app, &admin).await, 0);
}

async fn an_update_of_an_unknown_id_is_not_found(app: TestApp) {
    let (_, admin) = app.admin().await;
    let nobody = entity::CustomerId(uuid::Uuid::max()).to_string();
    let refused = app
        .write(
            &admin,
            "customerUpdate",
            json!({ "id": nobody, "input": { "name": "X" } }),
        )
        .await;
    assert_eq!(refused.errors(), ["NOT_FOUND id"]);
    let refused = app
        .write(
            &admin,
            "customerUpdate",
            json!({ "id": "7", "input": { "name": "X" } }),
        )
        .await;
    assert_eq!(refused.errors(), ["INVALID id"]);
}

async fn notes_need_their_grant(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let program = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let input = json!({ "email": "ann@example.com", "internalNotes": "With care" });
    for mutation in ["customerUpsert", "customerCreate"] {
        let refused = app.write(&program, mutation, json!({ "input": input })).await;
        assert_eq!(refused.errors(), ["FORBIDDEN input.internalNotes"]);
    }
    let made = app
        .wrote(&admin, "customerUpsert", json!({ "input": input }))
        .await;
    let id = &made["customer"]["id"];
    for notes in [json!("Other"), Value::Null, json!("")] {
        let variables = json!({ "id": id, "input": { "internalNotes": notes } });
        let refused = app.write(&program, "customerUpdate", variables).await;
        assert_eq!(refused.errors(), ["FORBIDDEN input.internalNotes"]);
    }
    // A customer can write its other fields, and the notes stay.
    let changed = app
        .wrote(
            &program,
            "customerUpdate",
            json!({ "id": id, "input": { "name": "Ann" } }),
        )
        .await;
    assert_eq!(changed["customer"]["internalNotes"], Value::Null);
    let query = "query($id: ID!) { customer(id: $id) { name internalNotes } }";
    let customer = app.ask(&admin, query, json!({ "id": id })).await.at("/customer");
    assert_eq!(customer, json!({ "name": "Ann", "internalNotes": "With care" }));
}

on_each_database!(
    each_invalid_value_is_refused_by_path,
    values_of_maximum_length_are_accepted,
    a_nul_is_refused_in_every_text,
    an_invalid_identifier_is_refused_even_with_an_email,
    an_update_of_an_unknown_id_is_not_found,
    notes_need_their_grant,
);

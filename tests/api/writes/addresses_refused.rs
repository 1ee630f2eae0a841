//! Rejected addresses and telephone numbers, and the paths of the errors.

use serde_json::{Value, json};

use super::{customer, update};
use crate::support::{Person, TestApp, on_each_database};

fn addresses(count: usize) -> Value {
    (0..count)
        .map(|n| json!({ "email": format!("a{n}@example.com") }))
        .collect()
}

fn numbers(count: usize) -> Value {
    (0..count).map(|n| json!({ "phone": n.to_string() })).collect()
}

#[expect(clippy::too_many_lines, reason = "one table of mistakes")]
async fn each_invalid_entry_is_reported_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let long = "x".repeat(65);
    let before = customer(&app, &admin, json!({ "email": "ann@example.com", "phone": "0" })).await;
    let events = app.log(workspace).await.len();
    let (one, two) = (
        json!({ "email": "a@example.com" }),
        json!({ "email": "b@example.com" }),
    );
    let cases: Vec<(Value, &[&str])> = vec![
        (
            json!({ "email": "a@example.com", "emails": [two] }),
            &["INVALID input.emails"],
        ),
        (
            json!({ "email": null, "emails": [two] }),
            &["INVALID input.emails"],
        ),
        (
            json!({ "email": "a@example.com", "emails": null }),
            &["INVALID input.emails"],
        ),
        (
            json!({ "phone": "1", "phones": [{ "phone": "2" }] }),
            &["INVALID input.phones"],
        ),
        (
            json!({ "emails": [{ "email": "a@example.com", "isPrimary": true }, { "email": "b@example.com", "isPrimary": true }] }),
            &["INVALID input.emails.1.isPrimary"],
        ),
        (
            json!({ "phones": [{ "phone": "1", "isPrimary": true }, { "phone": "2" }, { "phone": "3", "isPrimary": true }] }),
            &["INVALID input.phones.2.isPrimary"],
        ),
        (
            json!({ "emails": [one, { "email": "A@Example.COM" }] }),
            &["INVALID input.emails.1.email"],
        ),
        (
            json!({ "emails": [{ "email": "ß@x.de" }, one, one] }),
            &["INVALID input.emails.2.email"],
        ),
        (
            json!({ "phones": [{ "phone": "1" }, { "phone": "1" }] }),
            &["INVALID input.phones.1.phone"],
        ),
        (
            json!({ "emails": [one, { "email": "nobody" }] }),
            &["INVALID input.emails.1.email"],
        ),
        (
            json!({ "emails": [{ "email": "" }] }),
            &["REQUIRED input.emails.0.email"],
        ),
        (
            json!({ "emails": [{ "email": format!("{}@example.com", "a".repeat(250)) }] }),
            &["TOO_LONG input.emails.0.email"],
        ),
        (
            json!({ "emails": [one, { "email": "b@example.com", "type": long }] }),
            &["TOO_LONG input.emails.1.type"],
        ),
        (
            json!({ "phones": [{ "phone": "1", "type": long }] }),
            &["TOO_LONG input.phones.0.type"],
        ),
        (
            json!({ "phones": [{ "phone": " " }] }),
            &["REQUIRED input.phones.0.phone"],
        ),
        (
            json!({ "phones": [{ "phone": long }] }),
            &["TOO_LONG input.phones.0.phone"],
        ),
        (
            json!({ "phones": [{ "phone": "1\u{0}" }] }),
            &["INVALID input.phones.0.phone"],
        ),
        (
            json!({ "emails": [{ "email": "a@example.com", "type": "\u{0}" }] }),
            &["INVALID input.emails.0.type"],
        ),
        (json!({ "emails": addresses(51) }), &["TOO_LONG input.emails"]),
        (json!({ "phones": numbers(51) }), &["TOO_LONG input.phones"]),
        (
            json!({ "emails": [{ "email": "x" }], "phones": [{ "phone": "" }] }),
            &["INVALID input.emails.0.email", "REQUIRED input.phones.0.phone"],
        ),
    ];
    for (input, expected) in &cases {
        for (mutation, variables) in [
            ("customerUpdate", json!({ "id": before["id"], "input": input })),
            ("customerCreate", json!({ "input": named(input) })),
            (
                "customerUpsert",
                json!({ "identifier": { "id": before["id"] }, "input": input }),
            ),
        ] {
            let refused = app.write(&admin, mutation, variables).await;
            assert_eq!(refused.errors(), *expected, "{mutation} {input}");
        }
    }
    assert_eq!(app.log(workspace).await.len(), events);
}

fn named(input: &Value) -> Value {
    let mut input = input.clone();
    input["name"] = json!("Ann");
    input
}

async fn the_number_of_addresses_is_bounded(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = customer(
        &app,
        &admin,
        json!({ "emails": addresses(50), "phones": numbers(50) }),
    )
    .await;
    assert_eq!(made["emails"].as_array().map(Vec::len), Some(50));
    for (input, expected) in [
        (json!({ "emails": addresses(51) }), "TOO_LONG input.emails"),
        (json!({ "phones": numbers(51) }), "TOO_LONG input.phones"),
    ] {
        let refused = update(&app, &admin, &made["id"], input).await;
        assert_eq!(refused.errors(), [expected]);
    }
    // Replacing an address does not increase their number.
    let input = json!({ "email": "more@example.com", "phone": "more" });
    let changed = update(&app, &admin, &made["id"], input).await;
    assert_eq!(changed["customer"]["email"], "more@example.com");
    assert_eq!(changed["customer"]["emails"].as_array().map(Vec::len), Some(50));
}

/// Checks that a write is rejected because a customer has the address.
async fn assert_taken(
    app: &TestApp,
    admin: &Person,
    mutation: &str,
    variables: Value,
    places: &[(&str, &Value)],
) {
    let whole = format!("{mutation} {variables}");
    let refused = app.write(admin, mutation, variables).await;
    let expected: Vec<String> = places
        .iter()
        .map(|(path, _)| format!("EMAIL_TAKEN {path}"))
        .collect();
    assert_eq!(refused.errors(), expected, "{whole}");
    for (index, (_, owner)) in places.iter().enumerate() {
        assert_eq!(refused["userErrors"][index]["existingId"], **owner, "{whole}");
    }
}

async fn addresses_of_other_customers_are_refused_in_every_input(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let emails =
        json!([{ "email": "ann@example.com", "isPrimary": true }, { "email": "ann@home.example.com" }]);
    let ann = customer(&app, &admin, json!({ "emails": emails })).await["id"].clone();
    let ben = customer(&app, &admin, json!({ "email": "ben@example.com" })).await["id"].clone();
    let events = app.log(workspace).await.len();
    for taken in ["ANN@example.com", "Ann@Home.example.com"] {
        let (single, list) = (
            json!({ "email": taken }),
            json!({ "emails": [{ "email": "new@example.com" }, { "email": taken }] }),
        );
        let both = json!({ "emails": [{ "email": taken }, { "email": "Ben@example.com" }] });
        for (input, places) in [
            (&single, vec![("input.email", &ann)]),
            (&list, vec![("input.emails.1.email", &ann)]),
            (
                &both,
                vec![("input.emails.0.email", &ann), ("input.emails.1.email", &ben)],
            ),
        ] {
            assert_taken(&app, &admin, "customerCreate", json!({ "input": input }), &places).await;
            for identifier in [
                json!({ "externalId": "new" }),
                json!({ "email": "new@example.org" }),
            ] {
                let variables = json!({ "identifier": identifier, "input": input });
                assert_taken(&app, &admin, "customerUpsert", variables, &places).await;
            }
            let places: Vec<_> = places.into_iter().filter(|(_, owner)| **owner != ben).collect();
            let variables = json!({ "id": ben, "input": input });
            assert_taken(&app, &admin, "customerUpdate", variables, &places).await;
            let variables = json!({ "identifier": { "id": ben }, "input": input });
            assert_taken(&app, &admin, "customerUpsert", variables, &places).await;
        }
    }
    assert_eq!(app.log(workspace).await.len(), events);
    // In another workspace, the addresses are free.
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    customer(&app, &stranger, json!({ "emails": emails })).await;
}

async fn a_released_address_can_be_used_again(app: TestApp) {
    let (_, admin) = app.admin().await;
    let emails =
        json!([{ "email": "a@example.com" }, { "email": "b@example.com" }, { "email": "c@example.com" }]);
    let ann = customer(&app, &admin, json!({ "emails": emails })).await["id"].clone();
    let ben = customer(&app, &admin, json!({ "email": "ben@example.com" })).await["id"].clone();
    update(&app, &admin, &ann, json!({ "email": null })).await;
    let taken = update(&app, &admin, &ben, json!({ "email": "A@example.com" })).await;
    assert_eq!(
        (taken.errors().len(), &taken["customer"]["email"]),
        (0, &json!("A@example.com"))
    );
    let both = json!({ "emails": [{ "email": "A@example.com" }, { "email": "ben@example.com" }] });
    assert!(update(&app, &admin, &ben, both).await.errors().is_empty());
    update(
        &app,
        &admin,
        &ann,
        json!({ "emails": [{ "email": "c@example.com" }] }),
    )
    .await;
    let new = customer(&app, &admin, json!({ "email": "B@example.com" })).await;
    // Two customers exchange addresses in two steps: until then, each has the address that the other one needs.
    let (first, second) = (
        json!({ "email": "ben@example.com" }),
        json!({ "email": "c@example.com" }),
    );
    for (id, input) in [(&ann, &first), (&ben, &second), (&new["id"], &first)] {
        let refused = update(&app, &admin, id, input.clone()).await;
        assert_eq!(refused.errors(), ["EMAIL_TAKEN input.email"]);
    }
    update(
        &app,
        &admin,
        &ann,
        json!({ "emails": [{ "email": "d@example.com" }] }),
    )
    .await;
    let given = json!({ "emails": [{ "email": "A@example.com" }, second] });
    assert!(update(&app, &admin, &ben, given).await.errors().is_empty());
    assert!(
        update(&app, &admin, &ann, json!({ "emails": [first] }))
            .await
            .errors()
            .is_empty()
    );
}

on_each_database!(
    each_invalid_entry_is_reported_by_path,
    the_number_of_addresses_is_bounded,
    addresses_of_other_customers_are_refused_in_every_input,
    a_released_address_can_be_used_again,
);

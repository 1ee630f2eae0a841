//! Addresses and telephone numbers of a customer: `email` and `emails` together form one list.

use serde_json::{Value, json};

use super::{customer, recorded, update};
use crate::support::{TestApp, on_each_database};

/// Returns an address in its output form: neither primary nor verified.
fn email(email: &str) -> Value {
    json!({ "email": email, "type": null, "isVerified": false, "isPrimary": false })
}

fn primary(mut entry: Value) -> Value {
    entry["isPrimary"] = json!(true);
    entry
}

/// Returns addresses in the form in which the change log stores them.
fn stored(addresses: &Value) -> Value {
    let text = addresses.to_string();
    let text = text
        .replace("isPrimary", "primary")
        .replace("isVerified", "verified");
    serde_json::from_str(&text).expect("JSON")
}

fn phone(phone: &str) -> Value {
    json!({ "phone": phone, "type": null, "isPrimary": false })
}

async fn one_address_becomes_a_list_of_one(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ann = customer(
        &app,
        &admin,
        json!({ "email": "ann@example.com", "phone": "+49 1" }),
    )
    .await;
    assert_eq!(ann["emails"], json!([primary(email("ann@example.com"))]));
    assert_eq!(ann["phones"], json!([primary(phone("+49 1"))]));
    let nobody = customer(&app, &admin, json!({ "name": "Nobody" })).await;
    assert_eq!(
        [&nobody["emails"], &nobody["phones"], &nobody["email"]],
        [&json!([]), &json!([]), &Value::Null]
    );
}

async fn a_list_is_returned_unchanged(app: TestApp) {
    let (_, admin) = app.admin().await;
    let emails = json!([
        { "email": "a@example.com", "type": "home", "isVerified": true, "isPrimary": false },
        { "email": "B@Example.com", "type": "work", "isVerified": false, "isPrimary": true },
        { "email": "ç@example.com", "type": null, "isVerified": true, "isPrimary": false },
    ]);
    let phones = json!([
        { "phone": "+49 (0)30 / 1", "type": null, "isPrimary": false },
        { "phone": "2", "type": "mobile", "isPrimary": true },
    ]);
    let ann = customer(&app, &admin, json!({ "emails": emails, "phones": phones })).await;
    assert_eq!([&ann["emails"], &ann["phones"]], [&emails, &phones]);
    assert_eq!([&ann["email"], &ann["phone"]], ["B@Example.com", "2"]);
    let query = "query($id: ID!) { customer(id: $id) { email phone emails { email type isVerified isPrimary } \
                 phones { phone type isPrimary } } }";
    let read = app
        .ask(&admin, query, json!({ "id": ann["id"] }))
        .await
        .at("/customer");
    assert_eq!(
        read,
        json!({ "email": "B@Example.com", "phone": "2", "emails": emails, "phones": phones })
    );
    // A blank type becomes null.
    let blank = json!([{ "email": "a@example.com", "type": " " }]);
    let ann = update(&app, &admin, &ann["id"], json!({ "emails": blank })).await;
    assert_eq!(ann["customer"]["emails"][0]["type"], Value::Null);
}

async fn the_primary_address_defaults_to_the_previous_or_first(app: TestApp) {
    let (_, admin) = app.admin().await;
    let list = |of: &[&str]| -> Value { of.iter().map(|one| json!({ "email": one })).collect() };
    let made = customer(
        &app,
        &admin,
        json!({ "emails": list(&["a@example.com", "b@example.com"]) }),
    )
    .await;
    assert_eq!(made["email"], "a@example.com");
    for (emails, expected) in [
        (list(&["b@example.com", "A@example.com"]), "A@example.com"),
        (list(&["c@example.com", "b@example.com"]), "c@example.com"),
        (list(&["b@example.com", "c@example.com"]), "c@example.com"),
    ] {
        let changed = update(&app, &admin, &made["id"], json!({ "emails": emails })).await;
        assert_eq!(changed["customer"]["email"], expected, "{emails}");
        let count = changed["customer"]["emails"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["isPrimary"] == true)
            .count();
        assert_eq!(count, 1);
    }
    let list = |of: &[&str]| -> Value { of.iter().map(|one| json!({ "phone": one })).collect() };
    let made = customer(
        &app,
        &admin,
        json!({ "name": "Ann", "phones": list(&["1", "2"]) }),
    )
    .await;
    assert_eq!(made["phone"], "1");
    let changed = update(&app, &admin, &made["id"], json!({ "phones": list(&["2", "1"]) })).await;
    assert_eq!(changed["customer"]["phone"], "1");
    let changed = update(&app, &admin, &made["id"], json!({ "phones": list(&["3", "2"]) })).await;
    assert_eq!(changed["customer"]["phone"], "3");
}

async fn email_replaces_only_the_primary_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = customer(&app, &admin, json!({ "email": "a@example.com", "phone": "1" })).await;
    let id = &made["id"];
    let moved = update(
        &app,
        &admin,
        id,
        json!({ "email": "b@example.com", "phone": "2" }),
    )
    .await;
    let list = json!([primary(email("b@example.com"))]);
    assert_eq!(moved["customer"]["emails"], list);
    assert_eq!(moved["customer"]["phones"], json!([primary(phone("2"))]));
    assert_eq!(
        recorded(&app, workspace).await,
        json!({
            "email": { "before": "a@example.com", "after": "b@example.com" },
            "emails": { "before": stored(&json!([primary(email("a@example.com"))])), "after": stored(&list) },
            "phone": { "before": "1", "after": "2" },
            "phones": stored(&json!({ "before": [primary(phone("1"))], "after": [primary(phone("2"))] })),
        })
    );

    // Only the case of the primary address changes.
    let spelled = update(&app, &admin, id, json!({ "email": "B@Example.com" })).await;
    assert_eq!(spelled["customer"]["email"], "B@Example.com");
    assert_eq!(
        recorded(&app, workspace).await["email"],
        json!({ "before": "b@example.com", "after": "B@Example.com" })
    );

    // The other addresses were set by `emails` and stay.
    let emails = json!([
        email("x@example.com"),
        primary(email("b@example.com")),
        email("y@example.com")
    ]);
    update(&app, &admin, id, json!({ "emails": emails })).await;
    let replaced = update(&app, &admin, id, json!({ "email": "c@example.com" })).await;
    let list = json!([
        email("x@example.com"),
        primary(email("c@example.com")),
        email("y@example.com")
    ]);
    assert_eq!(replaced["customer"]["emails"], list);
    // An existing address becomes the primary one.
    let moved = update(&app, &admin, id, json!({ "email": "Y@example.com" })).await;
    let list = json!([email("x@example.com"), primary(email("Y@example.com"))]);
    assert_eq!(moved["customer"]["emails"], list);
}

async fn a_replaced_address_is_released(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ann = customer(&app, &admin, json!({ "email": "old@example.com" })).await["id"].clone();
    let ticket = app.ticket(&admin, "old@example.com").await;
    update(&app, &admin, &ann, json!({ "email": "new@example.com" })).await;
    let query = "query($email: String!) { customerByEmail(email: $email) { id } }";
    let found = app
        .ask(&admin, query, json!({ "email": "old@example.com" }))
        .await;
    assert_eq!(found.at("/customerByEmail"), Value::Null);
    let input =
        json!({ "target": { "ticketId": ticket["id"] }, "body": "Hm.", "senderEmail": "old@example.com" });
    let added = app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
    assert_eq!(added["message"]["sender"], Value::Null);
    let ben = customer(&app, &admin, json!({ "email": "Old@example.com" })).await;
    assert_ne!(ben["id"], ann);
    // An upsert by the old address now finds the other customer.
    let input = json!({ "input": { "email": "old@example.com", "name": "Ben" } });
    let named = app.wrote(&admin, "customerUpsert", input).await;
    assert_eq!(named["customer"]["id"], ben["id"]);
    let taken = update(&app, &admin, &ann, json!({ "email": "old@example.com" })).await;
    assert_eq!(taken.errors(), ["EMAIL_TAKEN input.email"]);
}

async fn addresses_and_numbers_can_change_many_times(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ann = customer(&app, &admin, json!({ "email": "a@example.com" })).await["id"].clone();
    for count in 1..=60 {
        let input = json!({ "email": format!("a{count}@example.com"), "phone": format!("+{count}") });
        let changed = update(&app, &admin, &ann, input).await;
        assert!(changed.errors().is_empty(), "{count}: {:?}", changed.errors());
    }
    let query = "query($id: ID!) { customer(id: $id) { emails { email } phones { phone } } }";
    assert_eq!(
        app.ask(&admin, query, json!({ "id": ann })).await.at("/customer"),
        json!({ "emails": [{ "email": "a60@example.com" }], "phones": [{ "phone": "+60" }] })
    );
}

async fn null_removes_the_primary_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let emails = json!([
        email("a@example.com"),
        primary(email("b@example.com")),
        email("c@example.com")
    ]);
    let made = customer(&app, &admin, json!({ "emails": emails })).await;
    let id = &made["id"];
    let next = update(&app, &admin, id, json!({ "email": null })).await;
    let left = json!([primary(email("a@example.com")), email("c@example.com")]);
    assert_eq!(next["customer"]["emails"], left);
    assert_eq!(
        recorded(&app, workspace).await,
        json!({
            "email": { "before": "b@example.com", "after": "a@example.com" },
            "emails": { "before": stored(&emails), "after": stored(&left) },
        })
    );
    update(&app, &admin, id, json!({ "email": null })).await;
    let none = update(&app, &admin, id, json!({ "email": null })).await;
    assert_eq!(
        (&none["customer"]["email"], &none["customer"]["emails"]),
        (&Value::Null, &json!([]))
    );
    let none = update(&app, &admin, id, json!({ "email": null, "phone": null })).await;
    assert_eq!(none.position(), None);

    for cleared in [json!(null), json!([])] {
        let made = customer(
            &app,
            &admin,
            json!({ "emails": emails, "phones": [{ "phone": "1" }] }),
        )
        .await;
        let input = json!({ "emails": cleared, "phones": cleared });
        let none = update(&app, &admin, &made["id"], input).await;
        for (field, expected) in [
            ("email", Value::Null),
            ("emails", json!([])),
            ("phone", Value::Null),
            ("phones", json!([])),
        ] {
            assert_eq!(none["customer"][field], expected, "{cleared} {field}");
        }
    }
}

async fn a_list_replaces_addresses_and_keeps_verification(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let emails = json!([
        { "email": "a@example.com", "isVerified": true, "type": "home" }, { "email": "b@example.com" },
    ]);
    let made = customer(&app, &admin, json!({ "emails": emails })).await;
    let id = &made["id"];
    let emails = json!([{ "email": "A@EXAMPLE.com" }, { "email": "c@example.com", "isPrimary": true }]);
    let changed = update(&app, &admin, id, json!({ "emails": emails })).await;
    let after = json!([
        { "email": "A@EXAMPLE.com", "type": null, "isVerified": true, "isPrimary": false },
        primary(email("c@example.com")),
    ]);
    assert_eq!(changed["customer"]["emails"], after);
    assert_eq!(
        recorded(&app, workspace).await["emails"],
        stored(&json!({ "before": made["emails"], "after": after }))
    );
    // `email` keeps the verification too.
    let moved = update(&app, &admin, id, json!({ "email": "a@example.com" })).await;
    assert_eq!(moved["customer"]["emails"][0]["isVerified"], true);
    let unsure = json!([{ "email": "a@example.com", "isVerified": false }]);
    let unsure = update(&app, &admin, id, json!({ "emails": unsure })).await;
    assert_eq!(
        unsure["customer"]["emails"],
        json!([primary(email("a@example.com"))])
    );
    // The verification of a removed address is not remembered.
    let again = json!([{ "email": "c@example.com" }, { "email": "a@example.com", "isVerified": true }]);
    update(&app, &admin, id, json!({ "emails": again })).await;
    update(
        &app,
        &admin,
        id,
        json!({ "emails": [{ "email": "c@example.com" }] }),
    )
    .await;
    let again = json!([{ "email": "c@example.com" }, { "email": "a@example.com" }]);
    let again = update(&app, &admin, id, json!({ "emails": again })).await;
    assert_eq!(again["customer"]["emails"][1]["isVerified"], false);
}

async fn the_same_addresses_are_no_change(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let emails = json!([{ "email": "a@example.com" }, { "email": "b@example.com", "isVerified": true, "isPrimary": true }]);
    let phones = json!([{ "phone": "1" }, { "phone": "2", "isPrimary": true }]);
    let made = customer(&app, &admin, json!({ "emails": emails, "phones": phones })).await;
    let id = &made["id"];
    for input in [
        json!({ "emails": emails }),
        json!({ "emails": [{ "email": "a@example.com" }, { "email": "b@example.com" }] }),
        json!({ "email": "b@example.com", "phone": "2" }),
        json!({ "phones": phones }),
        json!({ "phones": [{ "phone": "1" }, { "phone": "2" }] }),
    ] {
        let same = update(&app, &admin, id, input.clone()).await;
        assert_eq!(
            (&same["result"], same.position()),
            (&json!("UNCHANGED"), None),
            "{input}"
        );
    }
    // An upsert by a secondary address does not change the primary one.
    for input in [
        json!({ "email": "A@example.com" }),
        json!({ "email": "B@EXAMPLE.com" }),
        json!({ "emails": emails }),
    ] {
        let same = app
            .wrote(&admin, "customerUpsert", json!({ "input": input }))
            .await;
        assert_eq!(
            (&same["result"], &same["customer"]["id"]),
            (&json!("UNCHANGED"), id),
            "{input}"
        );
    }
    assert_eq!(app.log(workspace).await.len(), 1);
    // A different order is a change.
    let turned = json!([{ "email": "b@example.com" }, { "email": "a@example.com" }]);
    let turned = update(&app, &admin, id, json!({ "emails": turned })).await;
    assert_eq!(
        (&turned["result"], &turned["customer"]["email"]),
        (&json!("UPDATED"), &json!("b@example.com"))
    );
}

on_each_database!(
    one_address_becomes_a_list_of_one,
    a_list_is_returned_unchanged,
    the_primary_address_defaults_to_the_previous_or_first,
    email_replaces_only_the_primary_address,
    a_replaced_address_is_released,
    addresses_and_numbers_can_change_many_times,
    null_removes_the_primary_address,
    a_list_replaces_addresses_and_keeps_verification,
    the_same_addresses_are_no_change,
);

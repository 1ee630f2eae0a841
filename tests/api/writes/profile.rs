//! Further fields of a customer: names, avatar, status, and the sentiment that an agent sets.

use serde_json::{Value, json};

use super::{customer, recorded, update};
use crate::support::{TestApp, on_each_database};

/// Text fields with their maximum lengths.
const LINES: [(&str, usize); 7] = [
    ("displayName", 300),
    ("firstName", 300),
    ("lastName", 300),
    ("username", 300),
    ("avatarUrl", 2_000),
    ("displayColor", 64),
    ("displayIcon", 64),
];

async fn a_new_customer_has_an_empty_profile(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (mutation, email) in [
        ("customerCreate", "a@example.com"),
        ("customerUpsert", "b@example.com"),
    ] {
        let made = app
            .wrote(&admin, mutation, json!({ "input": { "email": email } }))
            .await;
        let made = &made["customer"];
        for (field, _) in LINES.iter().filter(|(field, _)| *field != "displayName") {
            assert_eq!(made[*field], Value::Null, "{field}");
        }
        assert_eq!(
            [
                &made["status"],
                &made["sentiment"],
                &made["signedUpAt"],
                &made["customFields"]
            ],
            [&json!("ACTIVE"), &json!("NEUTRAL"), &Value::Null, &json!({})]
        );
    }
    let ticket = app.ticket(&admin, "c@example.com").await;
    let query = "query($id: ID!) { customer(id: $id) { status sentiment signedUpAt firstName emails { email isVerified isPrimary } } }";
    let read = app
        .ask(&admin, query, json!({ "id": ticket["customer"]["id"] }))
        .await;
    let emails = json!([{ "email": "c@example.com", "isVerified": false, "isPrimary": true }]);
    let expected = json!({ "status": "ACTIVE", "sentiment": "NEUTRAL", "signedUpAt": null, "firstName": null, "emails": emails });
    assert_eq!(read.at("/customer"), expected);
}

async fn each_profile_field_is_stored_recorded_bounded_and_cleared(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = customer(&app, &admin, json!({ "email": "ann@example.com" })).await;
    let id = &made["id"];
    for (field, max) in LINES {
        let longest = "é".repeat(max);
        let set = update(&app, &admin, id, json!({ field: longest })).await;
        assert_eq!(set["customer"][field], longest, "{field}");
        let before = Value::Null;
        assert_eq!(
            recorded(&app, workspace).await,
            json!({ field: { "before": before, "after": longest } })
        );
        let same = update(&app, &admin, id, json!({ field: longest })).await;
        assert_eq!(same.position(), None, "{field}");
        let kept = update(&app, &admin, id, json!({ "isVip": field.len() % 2 == 0 })).await;
        assert_eq!(kept["customer"][field], longest, "{field}");
        for (wrong, code) in [
            (format!("{longest}x"), "TOO_LONG"),
            ("a\u{0}b".to_owned(), "INVALID"),
        ] {
            let refused = update(&app, &admin, id, json!({ field: wrong })).await;
            assert_eq!(refused.errors(), [format!("{code} input.{field}")]);
        }
        for cleared in [Value::Null, json!("  ")] {
            update(&app, &admin, id, json!({ field: "x" })).await;
            let none = update(&app, &admin, id, json!({ field: cleared })).await;
            let expected = if field == "displayName" {
                json!("ann@example.com")
            } else {
                Value::Null
            };
            assert_eq!(none["customer"][field], expected, "{field} {cleared}");
        }
    }
    let input = json!({ "email": "b@example.com", "firstName": "Ben", "displayIcon": "🦆", "displayColor": "#aabbcc" });
    for mutation in ["customerUpsert", "customerUpsert", "customerUpdate"] {
        let variables = if mutation == "customerUpdate" {
            json!({ "id": id, "input": { "firstName": "Ben", "displayIcon": "🦆", "displayColor": "#aabbcc" } })
        } else {
            json!({ "input": input })
        };
        let made = app.wrote(&admin, mutation, variables).await;
        for field in ["firstName", "displayIcon", "displayColor"] {
            assert_eq!(made["customer"][field], input[field], "{mutation}");
        }
    }
}

async fn the_display_name_has_ordered_fallbacks(app: TestApp) {
    let (_, admin) = app.admin().await;
    let everything = json!({
        "displayName": "Annie", "name": "Ann Doe", "firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "externalId": "crm-7",
    });
    let made = customer(&app, &admin, everything).await;
    assert_eq!(made["displayName"], "Annie");
    for (field, expected) in [
        ("displayName", "Ann Doe"),
        ("name", "Ann Lee"),
        ("firstName", "Lee"),
        ("lastName", "ann@example.com"),
        ("email", "crm-7"),
        ("externalId", "Customer"),
    ] {
        let next = update(&app, &admin, &made["id"], json!({ field: null })).await;
        assert_eq!(next["customer"]["displayName"], expected, "without {field}");
    }
}

async fn status_and_sentiment_are_set_and_reset_by_null(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = customer(
        &app,
        &admin,
        json!({ "name": "Ann", "status": "INACTIVE", "sentiment": "ANGRY" }),
    )
    .await;
    assert_eq!([&made["status"], &made["sentiment"]], ["INACTIVE", "ANGRY"]);
    let id = &made["id"];
    for (field, values) in [
        ("status", vec!["ACTIVE", "INACTIVE"]),
        ("sentiment", vec!["HAPPY", "NEUTRAL", "FRUSTRATED", "ANGRY"]),
    ] {
        let mut before = made[field].clone();
        for value in values {
            let set = update(&app, &admin, id, json!({ field: value })).await;
            assert_eq!(set["customer"][field], value);
            let change = json!({ field: { "before": before, "after": value } });
            assert_eq!(recorded(&app, workspace).await, change);
            before = json!(value);
        }
    }
    let kept = update(&app, &admin, id, json!({ "name": "Anna" })).await;
    assert_eq!(
        [&kept["customer"]["status"], &kept["customer"]["sentiment"]],
        ["INACTIVE", "ANGRY"]
    );
    let reset = update(&app, &admin, id, json!({ "status": null, "sentiment": null })).await;
    assert_eq!(
        [&reset["customer"]["status"], &reset["customer"]["sentiment"]],
        ["ACTIVE", "NEUTRAL"]
    );
    let again = update(&app, &admin, id, json!({ "status": null, "sentiment": null })).await;
    assert_eq!(again.position(), None);
    for input in [
        json!({ "status": "GONE" }),
        json!({ "sentiment": "happy" }),
        json!({ "status": 1 }),
    ] {
        let answer = app
            .attempt(&admin, "customerUpdate", json!({ "id": id, "input": input }))
            .await;
        assert!(answer.error().starts_with("BAD_USER_INPUT"), "{}", answer.body);
    }
}

/// One value is set by agents, the other is computed from messages.
async fn set_and_computed_sentiment_are_independent(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = customer(
        &app,
        &admin,
        json!({ "email": "ann@example.com", "sentiment": "HAPPY" }),
    )
    .await;
    let moods = async || {
        let query = "query($id: ID!) { customer(id: $id) { sentiment overallSentiment version } }";
        app.ask(&admin, query, json!({ "id": made["id"] }))
            .await
            .at("/customer")
    };
    for n in 0..3 {
        let body = "This is terrible, awful and horrible. I hate it!";
        let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": body });
        app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
        let expected = json!({ "sentiment": "HAPPY", "overallSentiment": "NEGATIVE", "version": 1 });
        assert_eq!(moods().await, expected, "{n}");
    }
    update(&app, &admin, &made["id"], json!({ "sentiment": "FRUSTRATED" })).await;
    let expected = json!({ "sentiment": "FRUSTRATED", "overallSentiment": "NEGATIVE", "version": 2 });
    assert_eq!(moods().await, expected);
}

async fn the_sign_up_time_accepts_any_instant(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let at = "2019-02-28T23:59:59.999+01:00";
    let made = customer(&app, &admin, json!({ "name": "Ann", "signedUpAt": at })).await;
    assert_eq!(made["signedUpAt"], "2019-02-28T22:59:59.999Z");
    let id = &made["id"];
    let same = update(
        &app,
        &admin,
        id,
        json!({ "signedUpAt": "2019-02-28T22:59:59.999Z" }),
    )
    .await;
    assert_eq!(same.position(), None);
    // Times before 1970 and in the future are allowed, because imported data can contain them.
    for at in ["1969-12-31T23:59:59.000Z", "2199-01-01T00:00:00.000Z"] {
        let set = update(&app, &admin, id, json!({ "signedUpAt": at })).await;
        assert_eq!(set["customer"]["signedUpAt"], at);
    }
    let none = update(&app, &admin, id, json!({ "signedUpAt": null })).await;
    assert_eq!(none["customer"]["signedUpAt"], Value::Null);
    let change = json!({ "signedUpAt": { "before": "2199-01-01T00:00:00.000Z", "after": null } });
    assert_eq!(recorded(&app, workspace).await, change);
    for wrong in [
        json!("2019-02-30T00:00:00Z"),
        json!("yesterday"),
        json!(1_550_000_000),
        json!("2019-02-28"),
    ] {
        let input = json!({ "id": id, "input": { "signedUpAt": wrong } });
        let answer = app.attempt(&admin, "customerUpdate", input).await;
        assert!(
            answer.error().starts_with("BAD_USER_INPUT"),
            "{wrong} {}",
            answer.body
        );
    }
}

on_each_database!(
    a_new_customer_has_an_empty_profile,
    each_profile_field_is_stored_recorded_bounded_and_cleared,
    the_display_name_has_ordered_fallbacks,
    status_and_sentiment_are_set_and_reset_by_null,
    set_and_computed_sentiment_are_independent,
    the_sign_up_time_accepts_any_instant,
);

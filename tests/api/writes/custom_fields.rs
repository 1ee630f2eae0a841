//! Custom fields: merging, limits, exact values, and changes in the log.

use serde_json::{Value, json};

use super::recorded;
use crate::support::{Payload, Person, TestApp, on_each_database};

/// Each type with the mutation that updates it.
const NOUNS: [(&str, &str); 3] = [
    ("customer", "customerUpdate"),
    ("ticket", "ticketUpdate"),
    ("conversation", "conversationUpdate"),
];

/// Creates an object with these fields.
async fn make(app: &TestApp, admin: &Person, noun: &str, fields: &Value) -> Payload {
    let (mutation, input) = match noun {
        "customer" => ("customerCreate", json!({ "name": "Ann", "customFields": fields })),
        "ticket" => (
            "ticketCreate",
            json!({ "subject": "Help", "customerEmail": "a@example.com", "body": "Please.", "customFields": fields }),
        ),
        _ => (
            "conversationCreate",
            json!({ "customer": { "email": "a@example.com" }, "customFields": fields }),
        ),
    };
    app.write(admin, mutation, json!({ "input": input })).await
}

async fn change(
    app: &TestApp,
    admin: &Person,
    (noun, mutation): (&str, &str),
    id: &Value,
    fields: Value,
) -> Payload {
    let changed = app
        .write(
            admin,
            mutation,
            json!({ "id": id, "input": { "customFields": fields } }),
        )
        .await;
    assert!(changed[noun].is_object() || !changed.errors().is_empty());
    changed
}

async fn fields_are_merged_and_null_removes(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for noun in NOUNS {
        let none = make(&app, &admin, noun.0, &Value::Null).await;
        assert_eq!(none[noun.0]["customFields"], json!({}), "{noun:?}");
        let made = make(
            &app,
            &admin,
            noun.0,
            &json!({ "plan": "free", "seats": 3, "no": null }),
        )
        .await;
        let id = &made[noun.0]["id"];
        assert_eq!(
            made[noun.0]["customFields"],
            json!({ "plan": "free", "seats": 3 }),
            "{noun:?}"
        );

        app.clock_control.advance_ms(1_000);
        let input = json!({ "plan": null, "seats": 4, "vat": { "id": "x", "none": null }, "unknown": null });
        let changed = change(&app, &admin, noun, id, input).await;
        let expected = json!({ "seats": 4, "vat": { "id": "x", "none": null } });
        assert_eq!(changed[noun.0]["customFields"], expected, "{noun:?}");
        assert_eq!(changed[noun.0]["version"], 2);
        assert_ne!(changed[noun.0]["updatedAt"], made[noun.0]["updatedAt"]);
        assert_eq!(
            recorded(&app, workspace).await,
            json!({
                "customFields.plan": { "before": "free", "after": null },
                "customFields.seats": { "before": 3, "after": 4 },
                "customFields.vat": { "before": null, "after": { "id": "x", "none": null } },
            }),
            "{noun:?}"
        );
        for same in [
            json!({}),
            json!({ "seats": 4.0 }),
            json!({ "gone": null }),
            expected,
        ] {
            let same = change(&app, &admin, noun, id, same).await;
            assert_eq!(
                (same.position(), &same[noun.0]["version"]),
                (None, &json!(2)),
                "{noun:?}"
            );
        }
        // A nested value is replaced as a whole.
        let inner = change(&app, &admin, noun, id, json!({ "vat": { "country": "DE" } })).await;
        assert_eq!(inner[noun.0]["customFields"]["vat"], json!({ "country": "DE" }));
        let cleared = change(&app, &admin, noun, id, Value::Null).await;
        assert_eq!(cleared[noun.0]["customFields"], json!({}), "{noun:?}");
        assert_eq!(
            recorded(&app, workspace).await,
            json!({
                "customFields.seats": { "before": 4, "after": null },
                "customFields.vat": { "before": { "country": "DE" }, "after": null },
            })
        );
        let again = change(&app, &admin, noun, id, Value::Null).await;
        assert_eq!(again.position(), None, "{noun:?}");
    }
}

async fn an_upsert_merges_fields(app: TestApp) {
    let (_, admin) = app.admin().await;
    let upsert = async |fields: Value| {
        let input = json!({ "email": "ann@example.com", "customFields": fields });
        app.wrote(&admin, "customerUpsert", json!({ "input": input }))
            .await
    };
    upsert(json!({ "a": 1, "b": 2 })).await;
    let merged = upsert(json!({ "b": null, "c": [3] })).await;
    assert_eq!(merged["customer"]["customFields"], json!({ "a": 1, "c": [3] }));
    let same = upsert(json!({ "b": null, "c": [3.0] })).await;
    assert_eq!(same["result"], "UNCHANGED");
}

async fn every_value_is_returned_unchanged(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let fields = json!({
        "text": "Ümlaut 😀 \"quoted\" \\ \n\t \u{1} \u{2028}", "blank": "", "space": "  ",
        "zero": 0, "int": -7, "big": i64::MAX, "small": i64::MIN, "bigger": u64::MAX, "sure": 9_007_199_254_740_993_i64,
        "real": 0.1, "tiny": 5e-324, "huge": 1.797_693_134_862_315_7e308, "e": 1e300, "third": 1.0 / 3.0,
        "yes": true, "no": false, "list": [1, "two", null, [3.5, []], { "four": 4 }], "empty": [], "object": {},
        "nested": { "b": { "a": [null, { "z": "ö" }] }, "a": "first?" },
        "": "", "a.b": 1, "$x": 2, "it's": 3, "\"q\"": 4, "%_?$1": 5, "ключ 😀": 6, "a/b\\c": 7, "[0]": 8, "null": "null",
    });
    let mut fields = fields;
    fields.as_object_mut().expect("an object").remove("");
    let query = "query($id: ID!) { node(id: $id) { ... on Customer { customFields } ... on Ticket { customFields } \
                 ... on Conversation { customFields } } }";
    for noun in NOUNS {
        let made = make(&app, &admin, noun.0, &fields).await;
        assert_eq!(made[noun.0]["customFields"], fields, "{noun:?}");
        let id = &made[noun.0]["id"];
        let read = app.ask(&admin, query, json!({ "id": id })).await;
        assert_eq!(read.at("/node/customFields"), fields, "{noun:?}");
        // Writing the same values again changes nothing.
        let same = change(&app, &admin, noun, id, fields.clone()).await;
        assert_eq!((same.errors().len(), same.position()), (0, None), "{noun:?}");
        let all: serde_json::Map<String, Value> = fields
            .as_object()
            .expect("fields")
            .keys()
            .map(|key| (key.clone(), Value::Null))
            .collect();
        let none = change(&app, &admin, noun, id, all.into()).await;
        assert_eq!(none[noun.0]["customFields"], json!({}), "{noun:?}");
        let said = recorded(&app, workspace).await;
        for (key, value) in fields.as_object().expect("fields") {
            assert_eq!(
                said[format!("customFields.{key}")],
                json!({ "before": value, "after": null }),
                "{key}"
            );
        }
    }
}

async fn numbers_are_stored_by_value(app: TestApp) {
    let (_, admin) = app.admin().await;
    // As a literal in the document instead of a variable.
    let query = "mutation { customerCreate(input: { name: \"Ann\", customFields: \
                 { a: 1.0, b: 1e2, c: -0.0, d: [2.50, { e: 3.0 }], f: RED, g: null } }) \
                 { customer { customFields } userErrors { code } } }";
    let made = app.ask(&admin, query, json!({})).await;
    let fields = made.at("/customerCreate/customer/customFields");
    assert_eq!(
        fields.to_string(),
        json!({ "a": 1, "b": 100, "c": 0, "d": [2.5, { "e": 3 }], "f": "RED" }).to_string()
    );
}

fn nested(depth: usize) -> Value {
    (1..depth).fold(json!([]), |inner, n| {
        if n % 2 == 0 {
            json!([inner])
        } else {
            json!({ "in": inner })
        }
    })
}

async fn invalid_custom_fields_are_refused_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (key, longest) = ("k".repeat(65), "é".repeat(64));
    let at = |code: &str, key: &str| format!("{code} input.customFields.{key}");
    let root = |code: &str| format!("{code} input.customFields");
    for noun in NOUNS {
        let made = make(
            &app,
            &admin,
            noun.0,
            &json!({ longest.as_str(): 1, "deep": nested(16) }),
        )
        .await;
        assert!(made.errors().is_empty(), "{noun:?} {:?}", made.errors());
        let events = app.log(workspace).await.len();
        for (fields, expected) in [
            (json!({ key.as_str(): 1 }), at("TOO_LONG", &key)),
            (json!({ key.as_str(): null }), at("TOO_LONG", &key)),
            (json!({ "": 1 }), at("REQUIRED", "")),
            (json!({ " ": 1 }), at("REQUIRED", " ")),
            (json!({ "a\u{0}": 1 }), at("INVALID", "a\u{0}")),
            (json!({ "ok": 1, "a": "\u{0}" }), at("INVALID", "a")),
            (json!({ "a": [{ "b": "\u{0}" }] }), at("INVALID", "a")),
            (json!({ "a": { "\u{0}": 1 } }), at("INVALID", "a")),
            (json!({ "a": nested(17) }), at("INVALID", "a")),
            (json!({ "a": "x".repeat(70 << 10) }), root("TOO_LONG")),
            (json!({ "a": "é".repeat(33 << 10) }), root("TOO_LONG")),
        ] {
            let refused = make(&app, &admin, noun.0, &fields).await;
            assert_eq!(refused.errors(), [expected.as_str()], "{noun:?}");
            let refused = change(&app, &admin, noun, &made[noun.0]["id"], fields).await;
            assert_eq!(refused.errors(), [expected], "{noun:?}");
        }
        assert_eq!(app.log(workspace).await.len(), events);
    }
}

async fn repeated_updates_stay_within_the_size_limit(app: TestApp) {
    let (_, admin) = app.admin().await;
    let part = "x".repeat(20 << 10);
    for noun in NOUNS {
        let made = make(&app, &admin, noun.0, &json!({ "a": part })).await;
        let id = &made[noun.0]["id"];
        for key in ["b", "c"] {
            let grown = change(&app, &admin, noun, id, json!({ key: part })).await;
            assert!(grown.errors().is_empty(), "{noun:?} {key}");
        }
        let refused = change(&app, &admin, noun, id, json!({ "d": part })).await;
        assert_eq!(refused.errors(), ["TOO_LONG input.customFields"], "{noun:?}");
        // Removing other fields in the same update makes space.
        let moved = change(&app, &admin, noun, id, json!({ "a": null, "d": part })).await;
        assert!(moved.errors().is_empty(), "{noun:?}");
        let keys: Vec<_> = moved[noun.0]["customFields"]
            .as_object()
            .expect("fields")
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, ["b", "c", "d"]);
    }
}

async fn values_other_than_objects_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    for noun in NOUNS {
        let made = make(&app, &admin, noun.0, &json!({})).await;
        let id = &made[noun.0]["id"];
        for wrong in [json!([]), json!("{}"), json!(1), json!(true), json!([{ "a": 1 }])] {
            let variables = json!({ "id": id, "input": { "customFields": wrong } });
            let answer = app.attempt(&admin, noun.1, variables).await;
            assert!(
                answer.error().starts_with("BAD_USER_INPUT"),
                "{noun:?} {wrong} {}",
                answer.body
            );
        }
    }
}

on_each_database!(
    fields_are_merged_and_null_removes,
    an_upsert_merges_fields,
    every_value_is_returned_unchanged,
    numbers_are_stored_by_value,
    invalid_custom_fields_are_refused_by_path,
    repeated_updates_stay_within_the_size_limit,
    values_other_than_objects_are_refused,
);

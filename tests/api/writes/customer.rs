//! Creating and updating customers.

use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database, text};

async fn an_upsert_creates_keeps_or_updates(app: TestApp) {
    let (_, admin) = app.admin().await;
    let jane = json!({ "input": { "email": "jane@startup.io", "name": "Jane Doe", "tags": ["beta"] } });
    let made = app.wrote(&admin, "customerUpsert", jane.clone()).await;
    assert_eq!(made["result"], "CREATED");
    assert_eq!(made.position(), Some(1));
    assert_eq!(made["customer"]["version"], 1);

    app.clock_control.advance_ms(1_000);
    let same = app.wrote(&admin, "customerUpsert", jane).await;
    assert_eq!(same["result"], "UNCHANGED");
    assert_eq!(same["changeCursor"], Value::Null);
    assert_eq!(same["customer"], made["customer"]);

    let other = json!({ "input": { "email": "jane@startup.io", "company": "Startup.io" } });
    let changed = app.wrote(&admin, "customerUpsert", other).await;
    assert_eq!(changed["result"], "UPDATED");
    assert_eq!(changed.position(), Some(2));
    assert_eq!(changed["customer"]["version"], 2);
    assert_eq!(changed["customer"]["updatedAt"], "2026-01-01T12:00:01.000Z");
    assert_eq!(changed["customer"]["createdAt"], made["customer"]["createdAt"]);
    assert_eq!(changed["customer"]["name"], "Jane Doe");
}

async fn an_upsert_matches_emails_ignoring_ascii_case(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = app
        .wrote(
            &admin,
            "customerUpsert",
            json!({ "input": { "email": "Søren@Example.com" } }),
        )
        .await;
    let again = json!({ "input": { "email": "SøREN@EXAMPLE.COM", "name": "Søren" } });
    let again = app.wrote(&admin, "customerUpsert", again).await;
    assert_eq!(again["result"], "UPDATED");
    assert_eq!(again["customer"]["id"], made["customer"]["id"]);
}

async fn an_upsert_matches_by_each_identifier(app: TestApp) {
    let (_, admin) = app.admin().await;
    let by_external_id = json!({ "identifier": { "externalId": "crm-7" }, "input": { "name": "Jane" } });
    let made = app.wrote(&admin, "customerUpsert", by_external_id.clone()).await;
    assert_eq!(made["result"], "CREATED");
    assert_eq!(made["customer"]["externalId"], "crm-7");
    let again = app.wrote(&admin, "customerUpsert", by_external_id).await;
    assert_eq!(again["result"], "UNCHANGED");

    let id = &made["customer"]["id"];
    let by_id = json!({ "identifier": { "id": id }, "input": { "email": "jane@example.com" } });
    let by_id = app.wrote(&admin, "customerUpsert", by_id).await;
    assert_eq!(
        (&by_id["result"], &by_id["customer"]["id"]),
        (&json!("UPDATED"), id)
    );

    let by_email = json!({ "identifier": { "email": "JANE@example.com" }, "input": { "isVip": true } });
    let by_email = app.wrote(&admin, "customerUpsert", by_email).await;
    assert_eq!(
        (&by_email["result"], &by_email["customer"]["id"]),
        (&json!("UPDATED"), id)
    );
    assert_eq!(by_email["customer"]["email"], "jane@example.com");

    let unknown = json!({ "identifier": { "email": "new@example.com" }, "input": { "name": "New" } });
    let unknown = app.wrote(&admin, "customerUpsert", unknown).await;
    assert_eq!(unknown["result"], "CREATED");
    assert_eq!(unknown["customer"]["email"], "new@example.com");

    let nobody = entity::CustomerId(uuid::Uuid::max()).to_string();
    let nobody = json!({ "identifier": { "id": nobody }, "input": { "name": "Nobody" } });
    let nobody = app.write(&admin, "customerUpsert", nobody).await;
    assert_eq!(nobody.errors(), ["NOT_FOUND identifier.id"]);

    let nameless = app
        .write(&admin, "customerUpsert", json!({ "input": { "name": "Who?" } }))
        .await;
    assert_eq!(nameless.errors(), ["REQUIRED input.email"]);
}

fn everything() -> Value {
    json!({
        "name": "Jane \"J\" Doe 😀", "email": "jane@startup.io", "phone": "+1-555-0100", "company": "Startup.io",
        "jobTitle": "Head of Support", "location": "New York, NY", "timezone": "America/New_York", "isVip": true,
        "priorityOverride": "HIGH", "tags": ["beta-tester", "startup"], "internalNotes": "With care\nand tea",
        "salesforceContactId": "003ABC123", "hubspotContactId": "12345", "hubspotCompanyId": "678",
    })
}

fn assert_holds(customer: &Value, fields: &Value) {
    for (field, value) in fields.as_object().expect("fields") {
        assert_eq!(&customer[field], value, "{field}");
    }
}

async fn every_field_is_returned_unchanged(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": everything() }))
        .await;
    assert_eq!(made["result"], "CREATED");
    assert_holds(&made["customer"], &everything());
    let fields: Vec<_> = everything()
        .as_object()
        .expect("fields")
        .keys()
        .cloned()
        .collect();
    let query = format!(
        "query($id: ID!) {{ customer(id: $id) {{ {} }} }}",
        fields.join(" ")
    );
    let read = app
        .ask(&admin, &query, json!({ "id": made["customer"]["id"] }))
        .await
        .at("/customer");
    assert_holds(&read, &everything());

    let plain = app
        .wrote(
            &admin,
            "customerUpsert",
            json!({ "input": { "email": "b@startup.io" } }),
        )
        .await;
    let mut input = everything();
    input["email"] = json!("b@startup.io");
    let filled = json!({ "identifier": { "id": plain["customer"]["id"] }, "input": input });
    let filled = app.wrote(&admin, "customerUpsert", filled).await;
    assert_holds(&filled["customer"], &input);
}

async fn absent_fields_stay_and_null_clears(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": everything() }))
        .await;
    let id = &made["customer"]["id"];
    for mutation in ["customerUpsert", "customerUpdate"] {
        let whom = json!({ "id": id, "identifier": { "id": id }, "input": {} });
        let kept = app.wrote(&admin, mutation, variables_for(mutation, whom)).await;
        assert_eq!(kept["customer"], made["customer"], "{mutation}");
        assert_eq!(kept["changeCursor"], Value::Null, "{mutation}");
    }

    let input: Value = everything()
        .as_object()
        .expect("fields")
        .keys()
        .map(|field| (field.clone(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let cleared = app
        .wrote(&admin, "customerUpdate", json!({ "id": id, "input": input }))
        .await;
    let customer = &cleared["customer"];
    for field in input.as_object().expect("fields").keys() {
        let expected = match field.as_str() {
            "isVip" => json!(false),
            "tags" => json!([]),
            _ => Value::Null,
        };
        assert_eq!(customer[field], expected, "{field}");
    }
    assert_eq!(customer["displayName"], "Customer");
    assert_eq!(customer["version"], 2);
}

/// Keeps only the variables of a mutation.
fn variables_for(mutation: &str, mut variables: Value) -> Value {
    let other = if mutation == "customerUpsert" {
        "id"
    } else {
        "identifier"
    };
    variables.as_object_mut().expect("variables").remove(other);
    variables
}

async fn a_blank_text_clears_a_field(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": everything() }))
        .await;
    let input = json!({ "name": "", "company": "  ", "timezone": "", "internalNotes": "\n" });
    let variables = json!({ "id": made["customer"]["id"], "input": input });
    let cleared = app.wrote(&admin, "customerUpdate", variables).await;
    for field in ["name", "company", "timezone", "internalNotes"] {
        assert_eq!(cleared["customer"][field], Value::Null, "{field}");
    }
    assert_eq!(cleared["customer"]["displayName"], "jane@startup.io");
}

async fn a_taken_email_is_reported_with_its_owner(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await.id;
    let ben = app.customer(workspace, "ben@example.com").await.id;
    let email = json!({ "email": "ANN@example.com" });
    for (mutation, variables) in [
        ("customerCreate", json!({ "input": email })),
        ("customerUpdate", json!({ "id": ben, "input": email })),
        (
            "customerUpsert",
            json!({ "identifier": { "id": ben }, "input": email }),
        ),
        (
            "customerUpsert",
            json!({ "identifier": { "externalId": "new" }, "input": email }),
        ),
        (
            "customerUpsert",
            json!({ "identifier": { "email": "new@example.com" }, "input": email }),
        ),
    ] {
        let refused = app.write(&admin, mutation, variables).await;
        assert_eq!(refused.errors(), ["EMAIL_TAKEN input.email"], "{mutation}");
        assert_eq!(refused["userErrors"][0]["existingId"], ann, "{mutation}");
        assert_eq!(refused["customer"], Value::Null, "{mutation}");
    }
    // In another workspace, the same address is free.
    let other = app.workspace("Other").await;
    let stranger = app.admin_of(&[other]).await;
    app.wrote(&stranger, "customerCreate", json!({ "input": email }))
        .await;
}

async fn a_changed_email_is_found_and_the_previous_released(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await.id;
    let moved = json!({ "id": ann, "input": { "emails": [{ "email": "Ann@Example.org" }] } });
    let moved = app.wrote(&admin, "customerUpdate", moved).await;
    assert_eq!(moved["customer"]["email"], "Ann@Example.org");
    let query = "query($email: String!) { customerByEmail(email: $email) { id } }";
    let find = async |email: &str| {
        app.ask(&admin, query, json!({ "email": email }))
            .await
            .at("/customerByEmail")
    };
    assert_eq!(find("ann@example.com").await, Value::Null);
    assert_eq!(find("ANN@example.org").await["id"], ann);
    let input = json!({ "input": { "email": "ann@example.com" } });
    let next = app.wrote(&admin, "customerUpsert", input).await;
    assert_eq!(next["result"], "CREATED");
    assert_ne!(text(&next["customer"]["id"]), ann);
    // Changing the case of the own address does not conflict.
    let same = json!({ "id": ann, "input": { "email": "ann@EXAMPLE.org" } });
    app.wrote(&admin, "customerUpdate", same).await;
}

async fn a_write_with_two_workspaces_needs_one(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let admin = app.admin_of(&[one, two]).await;
    let input = json!({ "email": "ann@example.com" });
    for mutation in ["customerCreate", "customerUpsert"] {
        let refused = app.write(&admin, mutation, json!({ "input": input })).await;
        assert_eq!(refused.errors(), ["WORKSPACE_REQUIRED workspaceId"]);
        let variables =
            json!({ "workspaceId": entity::WorkspaceId(uuid::Uuid::max()).to_string(), "input": input });
        let unknown = app.write(&admin, mutation, variables).await;
        assert_eq!(unknown.errors(), ["NOT_FOUND workspaceId"]);
    }
    for workspace in [one, two] {
        let variables = json!({ "workspaceId": workspace.to_string(), "input": input });
        let made = app.wrote(&admin, "customerUpsert", variables).await;
        assert_eq!(made["result"], "CREATED");
        assert_eq!(made.position(), Some(1));
    }
}

on_each_database!(
    an_upsert_creates_keeps_or_updates,
    an_upsert_matches_emails_ignoring_ascii_case,
    an_upsert_matches_by_each_identifier,
    every_field_is_returned_unchanged,
    absent_fields_stay_and_null_clears,
    a_blank_text_clears_a_field,
    a_taken_email_is_reported_with_its_owner,
    a_changed_email_is_found_and_the_previous_released,
    a_write_with_two_workspaces_needs_one,
);

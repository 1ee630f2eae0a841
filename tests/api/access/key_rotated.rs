//! Rotation of API keys.

use deskgraph::auth::{Grant, jwt::TokenRole};
use serde_json::{Value, json};

use super::{
    accepted, asked,
    key_made::{DAY_MS, LIST, ROTATE, listed, make, mistakes, rotate},
    refused,
};
use crate::support::{Person, TestApp, on_each_database, text};

async fn a_rotated_key_stays_valid_during_the_overlap(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let input = json!({ "name": "Site", "grants": ["READ"], "expiresAt": "2026-06-01T00:00:00Z" });
    let old = make(&app, &admin, input).await;
    let id = &old["apiKey"]["id"];
    let new = rotate(&app, &admin, id, json!({})).await;
    assert_eq!(
        new["apiKey"],
        json!({
            "id": new["apiKey"]["id"], "prefix": text(&new["token"])[..10], "name": "Site", "grants": ["READ"],
            "workspaces": [{ "id": workspace.to_string() }], "expiresAt": "2026-06-01T00:00:00.000Z",
        })
    );
    assert_eq!(
        new["replaced"],
        json!({ "id": id, "expiresAt": "2026-01-02T12:00:00.000Z", "replacedBy": { "id": new["apiKey"]["id"] } })
    );
    let [old_token, new_token] = [&old, &new].map(|one| text(&one["token"]).to_owned());
    assert_ne!(old_token, new_token);
    app.clock_control.advance_ms(DAY_MS - 1);
    let admin = Person {
        credential: app.token(&admin.id, TokenRole::Admin, &[workspace]),
        ..admin
    };
    assert_eq!(asked(&app, &app.url, &old_token).await, accepted());
    assert_eq!(listed(&app, &admin, LIST).await.len(), 2);
    app.clock_control.advance_ms(1);
    assert_eq!(asked(&app, &app.url, &old_token).await, refused());
    assert_eq!(asked(&app, &app.url, &new_token).await, accepted());
    assert_eq!(listed(&app, &admin, LIST).await, [text(&new["apiKey"]["id"])]);

    // The old key ends at once, after a given time, or after the default. It never ends later than it would have.
    let id = &new["apiKey"]["id"];
    let at_once = rotate(
        &app,
        &admin,
        id,
        json!({ "overlapSeconds": 0, "expiresAt": null }),
    )
    .await;
    assert_eq!(at_once["apiKey"]["expiresAt"], Value::Null);
    assert_eq!(asked(&app, &app.url, &new_token).await, refused());
    assert_eq!(asked(&app, &app.url, text(&at_once["token"])).await, accepted());
    let short = json!({ "name": "Short", "grants": ["READ"], "expiresAt": "2026-01-02T12:00:01Z" });
    let short = make(&app, &admin, short).await;
    let longer = json!({ "overlapSeconds": 604_800, "expiresAt": "2027-01-01T00:00:00Z" });
    let longer = rotate(&app, &admin, &short["apiKey"]["id"], longer).await;
    assert_eq!(longer["replaced"]["expiresAt"], "2026-01-02T12:00:01.000Z");
    assert_eq!(longer["apiKey"]["expiresAt"], "2027-01-01T00:00:00.000Z");
}

async fn invalid_rotations_are_reported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let admin_key = app.api_key(&[workspace], &[Grant::Admin, Grant::Read]).await;
    let stronger = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let rotated = app.api_key(&[workspace], &[Grant::Read]).await;
    let revoked = app.api_key(&[workspace], &[Grant::Read]).await;
    let new = rotate(&app, &admin, &json!(rotated.id), json!({})).await;
    app.wrote(&admin, "apiKeyRevoke", json!({ "id": revoked.id }))
        .await;
    for (person, id, input, expected) in [
        (
            &admin,
            &stronger,
            json!({ "overlapSeconds": -1 }),
            "INVALID input.overlapSeconds",
        ),
        (
            &admin,
            &stronger,
            json!({ "overlapSeconds": 604_801 }),
            "INVALID input.overlapSeconds",
        ),
        (
            &admin,
            &stronger,
            json!({ "expiresAt": "2026-01-01T12:00:00Z" }),
            "INVALID input.expiresAt",
        ),
        (&admin, &rotated, json!({}), "INVALID id"),
        (&admin, &revoked, json!({}), "INVALID id"),
        // Otherwise the caller would receive a key with more grants than its own.
        (&admin_key, &stronger, json!({}), "FORBIDDEN id"),
    ] {
        let variables = json!({ "id": id.id, "input": input });
        assert_eq!(
            mistakes(&app, person, ROTATE, variables).await,
            [expected],
            "{input}"
        );
    }
    let again = app.ask(&admin, ROTATE, json!({ "id": rotated.id })).await;
    assert_eq!(
        again.at("/apiKeyRotate/userErrors/0/existingId"),
        new["apiKey"]["id"]
    );
    for id in ["nonsense", &admin.id] {
        let variables = json!({ "id": id });
        assert_eq!(mistakes(&app, &admin, ROTATE, variables).await, ["INVALID id"]);
    }
    // An admin key can revoke every key of its workspaces, including keys that it could not create.
    app.wrote(&admin_key, "apiKeyRevoke", json!({ "id": stronger.id }))
        .await;
    assert_eq!(asked(&app, &app.url, &stronger.credential).await, refused());
}

on_each_database!(
    a_rotated_key_stays_valid_during_the_overlap,
    invalid_rotations_are_reported,
);

//! Scope and lifetime of idempotency keys, and conflicts.

use deskgraph::{
    auth::{Grant, jwt::TokenRole},
    service::idempotency,
    store::idempotency::prune_unscoped,
};
use entity::Timestamp;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Payload, Person, TestApp, on_each_database, text};

const HOUR_MS: i64 = 60 * 60 * 1_000;

async fn create(app: &TestApp, person: &Person, email: &str, key: &str) -> Payload {
    let variables = json!({ "input": { "email": email }, "idempotencyKey": key });
    app.write(person, "customerCreate", variables).await
}

async fn other_arguments_or_another_mutation_are_refused(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let first = create(&app, &admin, "ann@example.com", "k").await;
    let id = &first["customer"]["id"];
    let other = create(&app, &admin, "bob@example.com", "k").await;
    let update = json!({ "id": id, "input": { "name": "Ann" }, "idempotencyKey": "k" });
    let update = app.write(&admin, "customerUpdate", update).await;
    let upsert = json!({ "input": { "email": "ann@example.com" }, "idempotencyKey": "k" });
    let upsert = app.write(&admin, "customerUpsert", upsert).await;
    let team = json!({ "input": { "name": "One" }, "idempotencyKey": "k" });
    let team = app.write(&admin, "teamCreate", team).await;
    for refused in [other, update, upsert, team] {
        assert_eq!(refused.errors(), ["IDEMPOTENCY_KEY_REUSED idempotencyKey"]);
        assert_eq!(refused["userErrors"][0]["existingId"], *id);
    }
    assert_eq!(app.log(workspace).await.len(), 1);
}

async fn a_refused_request_can_be_corrected_under_its_key(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    create(&app, &admin, "ann@example.com", "first").await;
    for (email, refused) in [
        ("ann@example.com", "EMAIL_TAKEN input.email"),
        ("nobody", "INVALID input.email"),
    ] {
        assert_eq!(create(&app, &admin, email, "k").await.errors(), [refused]);
    }
    let made = create(&app, &admin, "bob@example.com", "k").await;
    assert_eq!(made["customer"]["email"], "bob@example.com");
    assert_eq!(app.log(workspace).await.len(), 2);
}

async fn an_idempotency_key_belongs_to_its_caller(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let agent = app.agent(workspace, "Other").await;
    let program = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let ann = app.customer(workspace, "ann@example.com").await;
    let bob = app.customer(workspace, "bob@example.com").await;
    let ticket = async |person: &Person, email: &str| {
        let input = json!({ "subject": "Help", "customerEmail": email, "body": "Please." });
        let variables = json!({ "input": input, "idempotencyKey": "k" });
        app.wrote(person, "ticketCreate", variables).await["ticket"]["id"].clone()
    };
    let mut made = Vec::new();
    for person in [&admin, &agent, &program, &ann] {
        made.push(ticket(person, "ann@example.com").await);
    }
    made.push(ticket(&bob, "bob@example.com").await);
    for (n, id) in made.iter().enumerate() {
        assert!(!made[..n].contains(id), "{made:?}");
    }
    assert_eq!(ticket(&agent, "ann@example.com").await, made[1]);
    assert_eq!(ticket(&bob, "bob@example.com").await, made[4]);
}

async fn a_key_cannot_be_reused_in_another_workspace(app: TestApp) {
    let here = app.workspace("Here").await;
    let there = app.workspace("There").await;
    let program = app.api_key(&[here, there], &[Grant::Read, Grant::Write]).await;
    let ask = async |person: &Person, workspace: Value| {
        let input = json!({ "email": "ann@example.com" });
        let variables = json!({ "workspaceId": workspace, "input": input, "idempotencyKey": "k" });
        app.write(person, "customerCreate", variables).await
    };
    let made = ask(&program, json!(here.to_string())).await;
    let refused = ask(&program, json!(there.to_string())).await;
    assert_eq!(refused.errors(), ["IDEMPOTENCY_KEY_REUSED idempotencyKey"]);
    assert_eq!(refused["userErrors"][0]["existingId"], made["customer"]["id"]);

    // A viewer with different workspaces in two requests: the same key and arguments must not return the result of
    // the other workspace.
    let agent = app.admin_of(&[here]).await;
    let moved = Person {
        credential: app.token(&agent.id, TokenRole::Admin, &[there]),
        id: agent.id.clone(),
    };
    let here = create(&app, &agent, "bob@example.com", "k").await;
    assert!(here.errors().is_empty());
    let there = create(&app, &moved, "bob@example.com", "k").await;
    assert_eq!(there.errors(), ["IDEMPOTENCY_KEY_REUSED idempotencyKey"]);
    assert_eq!(there["userErrors"][0]["existingId"], Value::Null);
}

async fn a_key_is_valid_for_a_day_and_pruned(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let program = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let ticket = async || {
        let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
        let variables = json!({ "input": input, "idempotencyKey": "k" });
        text(&app.wrote(&program, "ticketCreate", variables).await["ticket"]["id"]).to_owned()
    };
    let forget = async || {
        idempotency::forget(&app.services.db, &app.services.clock, 24)
            .await
            .expect("forgotten")
    };
    let first = ticket().await;
    app.clock_control.advance_ms(24 * HOUR_MS);
    assert_eq!(forget().await, 0);
    assert_eq!(ticket().await, first);
    app.clock_control.advance_ms(1);
    let second = ticket().await;
    assert_ne!(
        second, first,
        "an expired key has no effect, whether it is removed or not"
    );
    app.clock_control.advance_ms(23 * HOUR_MS);
    assert_eq!(ticket().await, second, "the time starts at the new use");
    app.clock_control.advance_ms(2 * HOUR_MS);
    assert_eq!(forget().await, 1);
    assert_eq!(forget().await, 0);
    assert_ne!(ticket().await, second);
}

async fn many_old_keys_are_pruned_in_blocks(app: TestApp) {
    let db = &app.services.db;
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) \
         INSERT INTO idempotency_key (holder_kind, holder_id, \"key\", arguments, used_at) \
         SELECT 1, {}, 'k' || i, '', i FROM n",
        db.dialect().place(1)
    );
    let insert = Statement::from_sql_and_values(db.dialect().backend(), sql, [Uuid::from_u128(1).into()]);
    db.connection().execute_raw(insert).await.expect("inserted");
    let prune = async |before: i64| prune_unscoped(db, Timestamp(before)).await.expect("pruned");
    assert_eq!(prune(1).await, 0);
    assert_eq!(prune(5_001).await, 5_000, "a whole block");
    assert_eq!(prune(11_502).await, 6_501);
    assert_eq!(prune(i64::MAX).await, 499);
    assert_eq!(prune(i64::MAX).await, 0);
}

async fn the_form_of_a_key_is_checked(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let long = "k".repeat(256);
    for key in ["", &long, "a\nb", "a\0b", "\u{7f}"] {
        let refused = create(&app, &admin, "ann@example.com", key).await;
        assert_eq!(refused.errors(), ["INVALID idempotencyKey"], "{key:?}");
    }
    assert!(app.log(workspace).await.is_empty());
    for (n, key) in ["k", &long[1..], "ключ № 1 🔑", " "].iter().enumerate() {
        let made = create(&app, &admin, &format!("c{n}@example.com"), key).await;
        assert!(made.errors().is_empty(), "{key:?}");
    }
    let variables = json!({ "input": { "email": "n@example.com" }, "idempotencyKey": null });
    app.wrote(&admin, "customerCreate", variables.clone()).await;
    let again = app.write(&admin, "customerCreate", variables).await;
    assert_eq!(again.errors(), ["EMAIL_TAKEN input.email"], "null means no key");
}

async fn repetitions_about_deleted_objects_return_gone(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
    let variables = json!({ "input": input, "idempotencyKey": "k" });
    let made = app.wrote(&admin, "ticketCreate", variables.clone()).await;
    let delete = json!({ "id": made["ticket"]["customer"]["id"], "idempotencyKey": "delete" });
    let deleted = app.attempt(&admin, "customerDelete", delete.clone()).await.body;
    let log = app.log(workspace).await.len();
    let again = app.attempt(&admin, "ticketCreate", variables).await;
    assert_eq!(again.error(), "GONE idempotencyKey");
    // A repeated deletion returns the same result.
    assert_eq!(app.attempt(&admin, "customerDelete", delete).await.body, deleted);
    assert_eq!(app.log(workspace).await.len(), log);
}

async fn a_repetition_succeeds_when_its_input_became_invalid(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let until = "2026-01-01T12:10:00.000Z";
    let variables = json!({
        "id": ticket["conversation"]["id"], "idempotencyKey": "k",
        "input": { "status": "SNOOZED", "snoozedUntil": until },
    });
    let first = app
        .attempt(&admin, "conversationUpdate", variables.clone())
        .await
        .body;
    app.clock_control.advance_ms(HOUR_MS / 2);
    let again = app
        .attempt(&admin, "conversationUpdate", variables.clone())
        .await
        .body;
    assert_eq!(again, first);
    let mut other = variables;
    other["input"]["name"] = json!("Talk");
    let refused = app.write(&admin, "conversationUpdate", other).await;
    assert_eq!(refused.errors(), ["INVALID input.snoozedUntil"]);
}

async fn a_caller_without_permission_gets_no_stored_outcome(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let variables = json!({ "input": { "name": "One" }, "idempotencyKey": "k" });
    app.wrote(&admin, "teamCreate", variables.clone()).await;
    let lesser = Person {
        credential: app.token(&admin.id, TokenRole::Agent, &[workspace]),
        id: admin.id,
    };
    let refused = app.attempt(&lesser, "teamCreate", variables).await;
    assert_eq!(refused.error(), "FORBIDDEN");
}

on_each_database!(
    other_arguments_or_another_mutation_are_refused,
    a_refused_request_can_be_corrected_under_its_key,
    an_idempotency_key_belongs_to_its_caller,
    a_key_cannot_be_reused_in_another_workspace,
    a_key_is_valid_for_a_day_and_pruned,
    many_old_keys_are_pruned_in_blocks,
    the_form_of_a_key_is_checked,
    repetitions_about_deleted_objects_return_gone,
    a_repetition_succeeds_when_its_input_became_invalid,
    a_caller_without_permission_gets_no_stored_outcome,
);

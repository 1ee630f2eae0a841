//! Updates with the expected version in `ifVersion`.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Payload, TestApp, on_each_database};

const WRITERS: usize = 24;

/// Returns name, noun and a change for each type with a version.
fn changes() -> [(&'static str, &'static str, Value); 3] {
    [
        ("customerUpdate", "customer", json!({ "name": "Ann" })),
        ("ticketUpdate", "ticket", json!({ "subject": "Other" })),
        ("conversationUpdate", "conversation", json!({ "name": "Talk" })),
    ]
}

fn id_of<'a>(ticket: &'a Value, noun: &str) -> &'a Value {
    match noun {
        "ticket" => &ticket["id"],
        noun => &ticket[noun]["id"],
    }
}

async fn a_change_needs_the_current_version(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    for (mutation, noun, input) in changes() {
        let change = async |version: i32| {
            let variables = json!({ "id": id_of(&ticket, noun), "input": input, "ifVersion": version });
            app.write(&admin, mutation, variables).await
        };
        let changed = change(1).await;
        assert_eq!(changed[noun]["version"], 2, "{mutation}");
        let log = app.log(workspace).await;
        for version in [1, 3, 0, -1, i32::MAX] {
            let stale = change(version).await;
            assert_eq!(stale.errors(), ["STALE_VERSION ifVersion"], "{mutation}");
            assert_eq!(stale[noun], changed[noun], "{mutation}: the current object");
            assert_eq!(stale["changeCursor"], Value::Null);
        }
        // The expected version without a change.
        let same = change(2).await;
        assert_eq!(
            (&same[noun], &same["changeCursor"]),
            (&changed[noun], &Value::Null)
        );
        assert_eq!(app.log(workspace).await, log, "{mutation}");
    }
}

async fn a_deletion_needs_the_current_version(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let id = id_of(&ticket, "customer");
    let log = app.log(workspace).await;
    let stale = json!({ "id": id, "ifVersion": 2 });
    let stale = app.write(&admin, "customerDelete", stale).await;
    assert_eq!(stale.errors(), ["STALE_VERSION ifVersion"]);
    assert_eq!(stale["customer"], json!({ "id": id, "version": 1 }));
    assert_eq!(stale["deletedId"], Value::Null);
    assert_eq!(app.log(workspace).await, log);
    let deleted = json!({ "id": id, "ifVersion": 1 });
    let deleted = app.wrote(&admin, "customerDelete", deleted).await;
    assert_eq!((&deleted["deletedId"], &deleted["customer"]), (id, &Value::Null));
}

fn success_count(answers: &[Payload]) -> usize {
    answers.iter().filter(|one| one.errors().is_empty()).count()
}

async fn one_of_many_changes_at_a_version_succeeds(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let second = app.another().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    for (mutation, noun, input) in changes() {
        for version in [1, 2] {
            let log = app.log(workspace).await.len();
            let writes = (0..WRITERS).map(|n| {
                let (node, admin) = ([&app, &second][n % 2], &admin);
                let text = format!("Number {n} over {version}");
                let mut input = input.clone();
                input
                    .as_object_mut()
                    .expect("an object")
                    .values_mut()
                    .for_each(|value| *value = json!(text));
                let variables = json!({ "id": id_of(&ticket, noun), "input": input, "ifVersion": version });
                async move { node.write(admin, mutation, variables).await }
            });
            let answers = join_all(writes).await;
            assert_eq!(success_count(&answers), 1, "{mutation}");
            for answer in &answers {
                assert_eq!(answer[noun]["version"], version + 1, "{mutation}");
                assert_eq!(
                    answer[noun], answers[0][noun],
                    "all results contain the winning value"
                );
            }
            assert_eq!(app.log(workspace).await.len(), log + 1, "{mutation}");
        }
    }
}

async fn one_change_or_deletion_at_a_version_succeeds(app: TestApp) {
    let (_, admin) = app.admin().await;
    for round in 0..4 {
        let ticket = app.ticket(&admin, &format!("c{round}@example.com")).await;
        let id = id_of(&ticket, "customer");
        let writes = (0..WRITERS / 2).map(|n| {
            let (app, admin) = (&app, &admin);
            async move {
                if n % 2 == round % 2 {
                    let variables = json!({ "id": id, "ifVersion": 1 });
                    app.write(admin, "customerDelete", variables).await
                } else {
                    let input = json!({ "name": format!("Number {n}") });
                    let variables = json!({ "id": id, "ifVersion": 1, "input": input });
                    app.write(admin, "customerUpdate", variables).await
                }
            }
        });
        let answers = join_all(writes).await;
        assert_eq!(success_count(&answers), 1);
        for answer in answers.iter().filter(|one| !one.errors().is_empty()) {
            let expected = ["STALE_VERSION ifVersion", "NOT_FOUND id"];
            assert!(expected.contains(&answer.errors()[0].as_str()), "{answer:?}");
        }
    }
}

async fn a_version_check_takes_no_statement(app: TestApp) {
    let (_, admin) = app.admin().await;
    // Each of the following changes replaces the name.
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let variables = json!({ "id": id_of(&ticket, "customer"), "input": { "name": "Before" } });
    app.wrote(&admin, "customerUpdate", variables).await;
    for (mutation, noun, input) in changes() {
        let mut counts = Vec::new();
        for version in [Value::Null, json!(1)] {
            let ticket = app.ticket(&admin, "ann@example.com").await;
            let mut input = input.clone();
            if noun == "customer" {
                input["name"] = json!(format!("Name {version}"));
            }
            let version = if noun == "customer" && !version.is_null() {
                json!(3)
            } else {
                version
            };
            let variables = json!({ "id": id_of(&ticket, noun), "input": input, "ifVersion": version });
            app.statements.take();
            app.wrote(&admin, mutation, variables).await;
            counts.push(app.statements.take().len());
        }
        assert_eq!(counts[0], counts[1], "{mutation}");
    }
}

on_each_database!(
    a_change_needs_the_current_version,
    a_deletion_needs_the_current_version,
    one_of_many_changes_at_a_version_succeeds,
    one_change_or_deletion_at_a_version_succeeds,
    a_version_check_takes_no_statement,
);

//! Rejected assignments, and viewers who may not assign.

use serde_json::{Value, json};

use super::groups::{queue, team};
use crate::support::{TestApp, on_each_database};

#[expect(clippy::too_many_lines, reason = "one table of mistakes")]
async fn assignments_to_another_workspace_are_refused(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    // An admin of both workspaces: visible objects need not be of one workspace.
    let admin = app.admin_of(&[here, there]).await;
    let (local, stranger) = (app.agent(here, "Local").await, app.admin_of(&[there]).await);
    let one = app.admin_of(&[app.workspace("Third").await, here]).await;
    let mine = app.agent(here, "Ada").await.id;
    let theirs = app.agent(there, "Bob").await.id;
    let (their_team, their_queue) = (
        team(&app, &stranger, "T", &[]).await,
        queue(&app, &stranger, "Q").await,
    );
    let my_team = json!({ "workspaceId": here.to_string(), "input": { "name": "T" } });
    let my_team = app.wrote(&one, "teamCreate", my_team).await["team"]["id"].clone();
    let (nobody, no_team, no_queue) = (
        entity::AgentId(uuid::Uuid::max()).to_string(),
        entity::TeamId(uuid::Uuid::max()).to_string(),
        entity::QueueId(uuid::Uuid::max()).to_string(),
    );
    let ticket = app.ticket(&local, "ann@example.com").await;
    let thread = &ticket["conversation"]["id"];
    let events = app.log(here).await.len();
    let new = |field: &str, value: &Value| {
        let mut input = json!({
            "subject": "Help", "customerEmail": "new@example.com", "body": "Please.",
        });
        input[field] = value.clone();
        json!({ "workspaceId": here.to_string(), "input": input })
    };
    for person in [&admin, &local, &one] {
        for (field, value, code) in [
            ("assignedTo", json!(theirs), "NOT_FOUND"),
            ("assignedTo", json!(nobody), "NOT_FOUND"),
            ("assignedTo", my_team.clone(), "INVALID"),
            ("teamId", json!(their_team), "NOT_FOUND"),
            ("teamId", json!(no_team), "NOT_FOUND"),
            ("teamId", json!(mine), "INVALID"),
            ("queueId", json!(their_queue), "NOT_FOUND"),
            ("queueId", json!(no_queue), "NOT_FOUND"),
            ("queueId", my_team.clone(), "INVALID"),
            ("queueId", json!("nonsense"), "INVALID"),
        ] {
            let expected = [format!("{code} input.{field}")];
            let refused = app.write(person, "ticketCreate", new(field, &value)).await;
            assert_eq!(refused.errors(), expected, "ticketCreate {value}");
            let variables = json!({ "id": ticket["id"], "input": { "subject": "Other", field: value } });
            let refused = app.write(person, "ticketUpdate", variables).await;
            assert_eq!(refused.errors(), expected, "ticketUpdate {value}");
        }
        for (input, expected) in [
            (
                json!({ "assigneeIds": [mine, theirs] }),
                "NOT_FOUND input.assigneeIds.1",
            ),
            (
                json!({ "assigneeIds": [nobody] }),
                "NOT_FOUND input.assigneeIds.0",
            ),
            (
                json!({ "assigneeIds": [mine, my_team] }),
                "INVALID input.assigneeIds.1",
            ),
            (
                json!({ "teamIds": [my_team, their_team] }),
                "NOT_FOUND input.teamIds.1",
            ),
            (json!({ "teamIds": [mine] }), "INVALID input.teamIds.0"),
            (json!({ "queueId": their_queue }), "NOT_FOUND input.queueId"),
            (json!({ "queueId": my_team }), "INVALID input.queueId"),
            (
                json!({ "assigneeIds": vec![&mine; 101] }),
                "TOO_LONG input.assigneeIds",
            ),
            (
                json!({ "teamIds": vec![&my_team; 101] }),
                "TOO_LONG input.teamIds",
            ),
            (
                json!({ "tags": (0..51).map(|n| n.to_string()).collect::<Vec<_>>() }),
                "TOO_LONG input.tags",
            ),
            (json!({ "tags": ["a", " "] }), "REQUIRED input.tags.1"),
            (json!({ "tags": ["a", "x".repeat(65)] }), "TOO_LONG input.tags.1"),
        ] {
            let mut named = input.clone();
            named["name"] = json!("Other");
            let refused = app
                .write(
                    person,
                    "conversationUpdate",
                    json!({ "id": thread, "input": named }),
                )
                .await;
            assert_eq!(refused.errors(), [expected], "{input}");
        }
    }
    // The rejected mutations wrote nothing: no event, no customer, no list.
    assert_eq!(app.log(here).await.len(), events);
    let query =
        "query($id: ID!) { conversation(id: $id) { name assignees { id } teams { id } queue { id } tags } }";
    let seen = app
        .ask(&admin, query, json!({ "id": thread }))
        .await
        .at("/conversation");
    assert_eq!(
        seen,
        json!({ "name": "Help", "assignees": [], "teams": [], "queue": null, "tags": [] })
    );
    // Repeated ids count towards the limit. One hundred ids are accepted.
    let hundred = json!({ "id": thread, "input": { "assigneeIds": vec![&mine; 100] } });
    app.wrote(&local, "conversationUpdate", hundred).await;
}

async fn customers_cannot_set_assignments(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ada = app.agent(workspace, "Ada").await.id;
    let (team, queue) = (team(&app, &admin, "T", &[]).await, queue(&app, &admin, "Q").await);
    let ann = app.customer(workspace, "ann@example.com").await;
    let ticket = |extra: (&str, Value)| {
        let mut input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
        input[extra.0] = extra.1;
        json!({ "input": input })
    };
    for (field, value) in [
        ("assignedTo", json!(ada)),
        ("teamId", json!(team)),
        ("queueId", json!(queue)),
        ("customFields", json!({ "plan": "gold" })),
        ("customFields", json!({})),
        ("tags", json!(["vip"])),
        ("priority", json!("URGENT")),
        ("teamId", json!(entity::TeamId(uuid::Uuid::max()).to_string())),
    ] {
        let refused = app.write(&ann, "ticketCreate", ticket((field, value))).await;
        assert_eq!(refused.errors(), [format!("FORBIDDEN input.{field}")]);
    }
    for (field, value) in [
        ("tags", json!(["vip"])),
        ("externalId", json!("t-1")),
        ("customFields", json!({ "plan": "gold" })),
    ] {
        let input = json!({ "customer": { "id": ann.id }, field: value });
        let refused = app
            .write(&ann, "conversationCreate", json!({ "input": input }))
            .await;
        assert_eq!(refused.errors(), [format!("FORBIDDEN input.{field}")]);
    }
    let made = app.wrote(&ann, "ticketCreate", ticket(("tags", json!([])))).await;
    let thread = &made["ticket"]["conversation"]["id"];
    let update = json!({ "id": thread, "input": { "queueId": queue } });
    assert_eq!(
        app.attempt(&ann, "conversationUpdate", update).await.error(),
        "FORBIDDEN"
    );
    let delete = json!({ "id": ann.id });
    assert_eq!(
        app.attempt(&ann, "customerDelete", delete).await.error(),
        "FORBIDDEN"
    );
}

async fn a_snooze_time_must_be_in_the_future(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let thread = &ticket["conversation"]["id"];
    let events = app.log(workspace).await.len();
    // The clock is at noon.
    for (until, sleeps) in [
        ("2026-01-01T11:59:59.999Z", false),
        ("2026-01-01T12:00:00.000Z", false),
        ("2026-01-01T13:00:00.000+01:00", false),
        ("2026-01-01T12:00:00.001Z", true),
    ] {
        let input = json!({ "status": "SNOOZED", "snoozedUntil": until });
        let answer = app
            .write(
                &admin,
                "conversationUpdate",
                json!({ "id": thread, "input": input }),
            )
            .await;
        let expected: &[&str] = if sleeps {
            &[]
        } else {
            &["INVALID input.snoozedUntil"]
        };
        assert_eq!(answer.errors(), expected, "{until}");
    }
    assert_eq!(app.log(workspace).await.len(), events + 1);
    // The time passes, and changing other fields at the same time is not an error.
    app.clock_control.advance_ms(60_000);
    let tags = json!({ "id": thread, "input": { "tags": ["a"] } });
    let tagged = app.wrote(&admin, "conversationUpdate", tags).await;
    assert_eq!(tagged["conversation"]["snoozedUntil"], "2026-01-01T12:00:00.001Z");
}

on_each_database!(
    assignments_to_another_workspace_are_refused,
    customers_cannot_set_assignments,
    a_snooze_time_must_be_in_the_future,
);

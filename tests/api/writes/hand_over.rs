//! Assignments to an agent, several agents, a team or a queue, and tags.

use entity::WorkspaceId;
use serde_json::{Value, json};

use super::{
    groups::{ids, queue, team},
    recorded,
};
use crate::support::{Payload, Person, TestApp, on_each_database};

/// A ticket with its conversation, and agents, teams and queues.
pub(super) struct HandOverFixture {
    pub app: TestApp,
    pub workspace: WorkspaceId,
    pub admin: Person,
    pub ticket: Value,
    pub agents: Vec<String>,
    pub teams: Vec<String>,
    pub queues: Vec<String>,
}

impl HandOverFixture {
    pub async fn new(app: TestApp) -> Self {
        let (workspace, admin) = app.admin().await;
        let (mut agents, mut teams, mut queues) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["Ada", "Bob", "Cyd"] {
            agents.push(app.agent(workspace, name).await.id);
            teams.push(team(&app, &admin, name, &[]).await);
            queues.push(queue(&app, &admin, name).await);
        }
        let ticket = app.ticket(&admin, "ann@example.com").await;
        Self {
            app,
            workspace,
            admin,
            ticket,
            agents,
            teams,
            queues,
        }
    }

    /// Updates the ticket or the conversation. The change must cause one event with these fields, or none if there
    /// are no fields. Version and `updatedAt` change only with an event.
    async fn change(&self, thing: &str, input: Value, said: Value) -> Payload {
        let (app, admin) = (&self.app, &self.admin);
        let id = if thing == "ticket" {
            &self.ticket["id"]
        } else {
            &self.ticket["conversation"]["id"]
        };
        let query = "query($id: ID!) { node(id: $id) { ... on Ticket { version updatedAt } \
                     ... on Conversation { version updatedAt } } }";
        let before = app.ask(admin, query, json!({ "id": id })).await.at("/node");
        let events = app.log(self.workspace).await.len();
        app.clock_control.advance_ms(1_000);
        let mutation = format!("{thing}Update");
        let changed = app
            .wrote(admin, &mutation, json!({ "id": id, "input": input }))
            .await;
        let is_change = said != json!({});
        assert_eq!(
            app.log(self.workspace).await.len(),
            events + usize::from(is_change),
            "{input}"
        );
        let version = before["version"].as_u64().expect("a number") + u64::from(is_change);
        assert_eq!(changed[thing]["version"], version, "{input}");
        assert_eq!(
            changed[thing]["updatedAt"] != before["updatedAt"],
            is_change,
            "{input}"
        );
        assert_eq!(changed.position().is_some(), is_change, "{input}");
        if is_change {
            assert_eq!(recorded(app, self.workspace).await, said, "{input}");
        }
        changed
    }
}

async fn a_ticket_is_assigned_to_team_and_queue(app: TestApp) {
    let case = HandOverFixture::new(app).await;
    let ([one, two, ..], [first, second, ..]) = (&case.teams[..], &case.queues[..]) else {
        panic!("three of each")
    };
    let input = json!({ "teamId": one, "queueId": first });
    let said =
        json!({ "teamId": { "before": null, "after": one }, "queueId": { "before": null, "after": first } });
    let set = case.change("ticket", input.clone(), said).await;
    assert_eq!(
        [&set["ticket"]["team"]["id"], &set["ticket"]["queue"]["id"]],
        [one, first]
    );
    case.change("ticket", input, json!({})).await;
    case.change("ticket", json!({}), json!({})).await;
    let moved = case
        .change(
            "ticket",
            json!({ "teamId": two }),
            json!({ "teamId": { "before": one, "after": two } }),
        )
        .await;
    assert_eq!(
        [&moved["ticket"]["team"]["id"], &moved["ticket"]["queue"]["id"]],
        [two, first]
    );
    let said = json!({ "queueId": { "before": first, "after": second }, "status": { "before": "OPEN", "after": "PENDING" } });
    case.change("ticket", json!({ "queueId": second, "status": "PENDING" }), said)
        .await;
    let said =
        json!({ "teamId": { "before": two, "after": null }, "queueId": { "before": second, "after": null } });
    let none = case
        .change("ticket", json!({ "teamId": null, "queueId": null }), said)
        .await;
    assert_eq!(
        [&none["ticket"]["team"], &none["ticket"]["queue"]],
        [&Value::Null; 2]
    );
    case.change("ticket", json!({ "teamId": null, "queueId": null }), json!({}))
        .await;
}

async fn a_ticket_can_be_created_with_assignments(app: TestApp) {
    let case = HandOverFixture::new(app).await;
    let input = json!({
        "subject": "Help", "customerEmail": "ann@example.com", "body": "Please.", "assignedTo": case.agents[0],
        "teamId": case.teams[1], "queueId": case.queues[2], "customFields": { "plan": "gold" }, "tags": ["a"],
    });
    let made = case
        .app
        .wrote(&case.admin, "ticketCreate", json!({ "input": input }))
        .await;
    let ticket = &made["ticket"];
    assert_eq!(
        [
            &ticket["assignedTo"],
            &ticket["team"]["id"],
            &ticket["queue"]["id"]
        ],
        [&case.agents[0], &case.teams[1], &case.queues[2]]
    );
    assert_eq!(
        (&ticket["customFields"], &ticket["tags"]),
        (&json!({ "plan": "gold" }), &json!(["a"]))
    );
    // The conversation is not assigned together with the ticket.
    let query =
        "query($id: ID!) { conversation(id: $id) { queue { id } teams { id } assignees { id } tags } }";
    let thread = case
        .app
        .ask(&case.admin, query, json!({ "id": ticket["conversation"]["id"] }))
        .await;
    let expected = json!({ "queue": null, "teams": [], "assignees": [], "tags": [] });
    assert_eq!(thread.at("/conversation"), expected);
}

async fn a_conversation_keeps_the_order_of_its_assignees(app: TestApp) {
    let case = HandOverFixture::new(app).await;
    for (field, list, all) in [
        ("assigneeIds", "assignees", &case.agents),
        ("teamIds", "teams", &case.teams),
    ] {
        let mut before: Vec<&str> = Vec::new();
        for places in [
            vec![0],
            vec![1, 0],
            vec![0, 1],
            vec![2],
            vec![2, 0, 2, 1, 0],
            vec![0, 1, 2],
            vec![1, 2],
        ] {
            let given: Vec<&str> = places.iter().map(|n| all[*n].as_str()).collect();
            let mut after = given.clone();
            let mut seen = Vec::new();
            after.retain(|id| {
                !seen.contains(id) && {
                    seen.push(*id);
                    true
                }
            });
            let said = json!({ field: { "before": before, "after": after } });
            let changed = case.change("conversation", json!({ field: given }), said).await;
            assert_eq!(ids(&changed["conversation"][list]), after, "{places:?}");
            case.change("conversation", json!({ field: given }), json!({}))
                .await;
            before = after;
        }
        for cleared in [json!(null), json!([])] {
            let said = json!({ field: { "before": before, "after": [] } });
            let none = case.change("conversation", json!({ field: cleared }), said).await;
            assert_eq!(none["conversation"][list], json!([]));
            case.change("conversation", json!({ field: cleared }), json!({}))
                .await;
            let said = json!({ field: { "before": [], "after": before } });
            case.change("conversation", json!({ field: before }), said).await;
        }
    }
}

async fn all_changes_of_a_conversation_are_one_event(app: TestApp) {
    let case = HandOverFixture::new(app).await;
    let input = json!({
        "name": "Parcel", "status": "SNOOZED", "snoozedUntil": "2026-01-02T00:00:00.000Z", "tags": [" b ", "a", "b"],
        "assigneeIds": [case.agents[1]], "teamIds": [case.teams[0]], "queueId": case.queues[2], "customFields": { "k": 1 },
    });
    let change = |before: Value, after: Value| json!({ "before": before, "after": after });
    let said = json!({
        "name": change(json!("Help"), json!("Parcel")), "status": change(json!("OPEN"), json!("SNOOZED")),
        "snoozedUntil": change(json!(null), json!("2026-01-02T00:00:00.000Z")), "tags": change(json!([]), json!(["b", "a"])),
        "assigneeIds": change(json!([]), json!([case.agents[1]])), "teamIds": change(json!([]), json!([case.teams[0]])),
        "queueId": change(json!(null), json!(case.queues[2])), "customFields.k": change(json!(null), json!(1)),
    });
    let changed = case.change("conversation", input.clone(), said).await;
    let thread = &changed["conversation"];
    assert_eq!(
        (&thread["tags"], &thread["queue"]["id"]),
        (&json!(["b", "a"]), &json!(case.queues[2]))
    );
    case.change("conversation", input, json!({})).await;
    let cleared = json!({
        "tags": null, "queueId": null, "customFields": null, "name": null, "status": "OPEN", "snoozedUntil": null,
    });
    let said = json!({
        "status": change(json!("SNOOZED"), json!("OPEN")),
        "name": change(json!("Parcel"), json!(null)), "tags": change(json!(["b", "a"]), json!([])),
        "snoozedUntil": change(json!("2026-01-02T00:00:00.000Z"), json!(null)),
        "queueId": change(json!(case.queues[2]), json!(null)), "customFields.k": change(json!(1), json!(null)),
    });
    case.change("conversation", cleared.clone(), said).await;
    case.change("conversation", cleared, json!({})).await;
    // A new conversation has its tags from the start.
    let input = json!({ "customer": { "email": "ben@example.com" }, "tags": ["x", "y", "x"], "customFields": { "k": 2 } });
    let made = case
        .app
        .wrote(&case.admin, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(made["conversation"]["tags"], json!(["x", "y"]));
    assert_eq!(made["conversation"]["customFields"], json!({ "k": 2 }));
}

on_each_database!(
    a_ticket_is_assigned_to_team_and_queue,
    a_ticket_can_be_created_with_assignments,
    a_conversation_keeps_the_order_of_its_assignees,
    all_changes_of_a_conversation_are_one_event,
);

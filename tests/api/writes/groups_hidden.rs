//! Viewers who may not change agents, teams and queues, or who do not see them.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use super::groups::{ids, queue, team};
use crate::support::{Person, TestApp, on_each_database};

async fn only_admins_create_and_update_groups(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let agent = app.agent(workspace, "Ada").await;
    let team = team(&app, &admin, "Team", &[]).await;
    let queue = queue(&app, &admin, "Queue").await;
    let customer = app.customer(workspace, "ann@example.com").await;
    let all_but_admin = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    let key = app.api_key(&[workspace], &all_but_admin).await;
    let manager = app.api_key(&[workspace], &[Grant::Read, Grant::Admin]).await;
    let foreign = app.admin_of(&[app.workspace("Other").await]).await;
    let writes = |n: usize| {
        let email = format!("new{n}@example.com");
        [
            (
                "agentCreate",
                json!({ "input": { "name": "New", "email": email } }),
            ),
            (
                "agentUpdate",
                json!({ "id": agent.id, "input": { "role": "ADMIN" } }),
            ),
            ("teamCreate", json!({ "input": { "name": "New" } })),
            ("teamUpdate", json!({ "id": team, "input": { "name": "New" } })),
            ("queueCreate", json!({ "input": { "name": "New" } })),
            ("queueUpdate", json!({ "id": queue, "input": { "name": "New" } })),
        ]
    };
    let state =
        "{ agents { nodes { id role email } } teams { nodes { id name } } queues { nodes { id name } } }";
    let before = app.ask(&admin, state, json!({})).await.data();
    for person in [&agent, &customer, &key] {
        for (mutation, variables) in writes(0) {
            let answer = app.attempt(person, mutation, variables).await;
            assert_eq!(answer.error(), "FORBIDDEN", "{mutation}");
            assert_eq!(answer.body["data"], Value::Null);
        }
    }
    // An admin of another workspace does not find the objects.
    for (mutation, variables) in writes(0).into_iter().filter(|(name, _)| name.ends_with("Update")) {
        let refused = app.write(&foreign, mutation, variables).await;
        assert_eq!(refused.errors(), ["NOT_FOUND id"], "{mutation}");
    }
    assert_eq!(app.ask(&admin, state, json!({})).await.data(), before);
    for (n, person) in [&admin, &manager].into_iter().enumerate() {
        for (mutation, variables) in writes(n) {
            app.wrote(person, mutation, variables).await;
        }
    }
}

async fn groups_are_hidden_from_customers(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ada = app.agent(workspace, "Ada").await;
    let customer = app.customer(workspace, "ann@example.com").await;
    let team = team(&app, &admin, "Team", &[&ada.id]).await;
    let queue = queue(&app, &admin, "Queue").await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let handed = json!({ "assignedTo": ada.id, "teamId": team, "queueId": queue });
    app.wrote(
        &admin,
        "ticketUpdate",
        json!({ "id": ticket["id"], "input": handed }),
    )
    .await;
    let thread = &ticket["conversation"]["id"];
    let handed = json!({ "assigneeIds": [ada.id], "teamIds": [team], "queueId": queue });
    app.wrote(
        &admin,
        "conversationUpdate",
        json!({ "id": thread, "input": handed }),
    )
    .await;
    let query = "query($ticket: ID!, $thread: ID!, $agent: ID!, $in: ID!, $team: ID!, $queue: ID!) {
        ticket(id: $ticket) { team { id } queue { id } assignee { id teams { id } } }
        conversation(id: $thread) { teams { id } queue { id } assignees { id teams { id } } }
        agent(id: $agent) { teams { id } }
        workspace(id: $in) { teams { nodes { id } } queues { nodes { id } } agents { totalCount } }
        teams { nodes { id } } queues { nodes { id } }
        ofTeams: teams(workspaceId: $in) { nodes { id } } ofQueues: queues(workspaceId: $in) { nodes { id } }
        team: node(id: $team) { id } queue: node(id: $queue) { id } nodes(ids: [$team, $queue]) { id }
        byTeam: tickets(filter: { teamId: [$team] }) { totalCount }
    }";
    let variables = json!({
        "ticket": ticket["id"], "thread": thread, "agent": ada.id, "in": workspace.to_string(), "team": team, "queue": queue,
    });
    let seen = app.ask(&admin, query, variables.clone()).await.data();
    assert_eq!(
        (
            &seen["ticket"]["team"]["id"],
            &seen["conversation"]["queue"]["id"]
        ),
        (&json!(team), &json!(queue))
    );
    assert_eq!(
        (ids(&seen["teams"]["nodes"]), ids(&seen["ofQueues"]["nodes"])),
        (vec![team.as_str()], vec![queue.as_str()])
    );
    let mut seen = app.ask(&customer, query, variables).await.data();
    seen["byTeam"].take();
    let agent = json!({ "id": ada.id, "teams": [] });
    let none = json!({ "nodes": [] });
    assert_eq!(
        seen,
        json!({
            "ticket": { "team": null, "queue": null, "assignee": agent },
            "conversation": { "teams": [], "queue": null, "assignees": [agent] },
            "agent": { "teams": [] }, "workspace": { "teams": none, "queues": none, "agents": { "totalCount": 1 } },
            "teams": none, "queues": none, "ofTeams": none, "ofQueues": none, "team": null, "queue": null, "nodes": [null, null],
            "byTeam": null,
        })
    );
    assert_unguessable(&app, &customer, &team).await;
}

/// A filter must not reveal either whether a team has the customer's ticket.
async fn assert_unguessable(app: &TestApp, customer: &Person, team: &str) {
    let unknown = entity::TeamId(uuid::Uuid::max()).to_string();
    let query = "query($team: ID!) { tickets(filter: { teamId: [$team] }) { totalCount } }";
    let mut answers = Vec::new();
    for id in [team, &unknown] {
        answers.push(app.ask(customer, query, json!({ "team": id })).await.body);
    }
    assert_eq!(answers[0], answers[1]);
}

on_each_database!(
    only_admins_create_and_update_groups,
    groups_are_hidden_from_customers,
);

//! What is refused of agents, teams and queues; who may not; who does not see them.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use super::groups::{ids, queue, team};
use crate::support::{Person, TestApp, on_each_database};

async fn only_admins_make_and_change_them(app: TestApp) {
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
    let state = "{ agents { nodes { id role email } } teams { id name } queues { id name } }";
    let before = app.ask(&admin, state, json!({})).await.data();
    for person in [&agent, &customer, &key] {
        for (mutation, variables) in writes(0) {
            let answer = app.attempt(person, mutation, variables).await;
            assert_eq!(answer.error(), "FORBIDDEN", "{mutation}");
            assert_eq!(answer.body["data"], Value::Null);
        }
    }
    // Another workspace's admin finds nothing to change.
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

async fn each_wrong_value_is_refused_at_its_place(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.workspace("Other").await;
    let (here, there) = (app.agent(workspace, "Ada").await, app.agent(other, "Bob").await);
    let stranger = app.admin_of(&[other]).await;
    let (mine, theirs) = (
        team(&app, &admin, "T", &[]).await,
        team(&app, &stranger, "T", &[]).await,
    );
    let waiting = queue(&app, &admin, "Q").await;
    let nobody = entity::AgentId(uuid::Uuid::max()).to_string();
    let nothing = entity::TeamId(uuid::Uuid::max()).to_string();
    let (long, longest) = ("é".repeat(301), "é".repeat(300));
    let many: Vec<&str> = vec![&here.id; 101];
    let agent = |extra: Value| {
        let mut input = json!({ "name": "New", "email": "new@example.com" });
        for (field, value) in extra.as_object().expect("fields") {
            input[field] = value.clone();
        }
        json!({ "input": input })
    };
    let make = |input: Value| json!({ "input": input });
    let change = |id: &str, input: Value| json!({ "id": id, "input": input });
    for (mutation, variables, expected) in [
        (
            "agentCreate",
            agent(json!({ "name": " " })),
            "REQUIRED input.name",
        ),
        (
            "agentCreate",
            agent(json!({ "name": long })),
            "TOO_LONG input.name",
        ),
        (
            "agentCreate",
            agent(json!({ "name": "a\u{0}" })),
            "INVALID input.name",
        ),
        (
            "agentCreate",
            agent(json!({ "email": "nobody" })),
            "INVALID input.email",
        ),
        (
            "agentCreate",
            agent(json!({ "email": "" })),
            "REQUIRED input.email",
        ),
        (
            "agentCreate",
            agent(json!({ "teamIds": [mine, theirs] })),
            "NOT_FOUND input.teamIds.1",
        ),
        (
            "agentCreate",
            agent(json!({ "teamIds": [nothing] })),
            "NOT_FOUND input.teamIds.0",
        ),
        (
            "agentCreate",
            agent(json!({ "teamIds": [mine, waiting] })),
            "INVALID input.teamIds.1",
        ),
        (
            "agentCreate",
            agent(json!({ "workspaceId": other.to_string() })),
            "NOT_FOUND input.workspaceId",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "name": null })),
            "REQUIRED input.name",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "email": null })),
            "REQUIRED input.email",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "role": null })),
            "REQUIRED input.role",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "name": "" })),
            "REQUIRED input.name",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "email": "x" })),
            "INVALID input.email",
        ),
        (
            "agentUpdate",
            change(&here.id, json!({ "teamIds": [theirs] })),
            "NOT_FOUND input.teamIds.0",
        ),
        (
            "agentUpdate",
            change(&there.id, json!({ "name": "X" })),
            "NOT_FOUND id",
        ),
        (
            "agentUpdate",
            change(&nobody, json!({ "name": "X" })),
            "NOT_FOUND id",
        ),
        ("agentUpdate", change(&mine, json!({ "name": "X" })), "INVALID id"),
        ("teamCreate", make(json!({ "name": "" })), "REQUIRED input.name"),
        ("teamCreate", make(json!({ "name": long })), "TOO_LONG input.name"),
        (
            "teamCreate",
            make(json!({ "name": "X", "agentIds": [here.id, there.id] })),
            "NOT_FOUND input.agentIds.1",
        ),
        (
            "teamCreate",
            make(json!({ "name": "X", "agentIds": [nobody] })),
            "NOT_FOUND input.agentIds.0",
        ),
        (
            "teamCreate",
            make(json!({ "name": "X", "agentIds": [mine] })),
            "INVALID input.agentIds.0",
        ),
        (
            "teamCreate",
            make(json!({ "name": "X", "agentIds": many })),
            "TOO_LONG input.agentIds",
        ),
        (
            "teamUpdate",
            change(&mine, json!({ "name": null })),
            "REQUIRED input.name",
        ),
        (
            "teamUpdate",
            change(&mine, json!({ "name": long })),
            "TOO_LONG input.name",
        ),
        (
            "teamUpdate",
            change(&mine, json!({ "agentIds": [here.id, there.id] })),
            "NOT_FOUND input.agentIds.1",
        ),
        (
            "teamUpdate",
            change(&mine, json!({ "agentIds": many })),
            "TOO_LONG input.agentIds",
        ),
        (
            "teamUpdate",
            change(&theirs, json!({ "name": "X" })),
            "NOT_FOUND id",
        ),
        (
            "teamUpdate",
            change(&nothing, json!({ "name": "X" })),
            "NOT_FOUND id",
        ),
        (
            "teamUpdate",
            change(&waiting, json!({ "name": "X" })),
            "INVALID id",
        ),
        (
            "queueCreate",
            make(json!({ "name": "  " })),
            "REQUIRED input.name",
        ),
        (
            "queueCreate",
            make(json!({ "name": long })),
            "TOO_LONG input.name",
        ),
        (
            "queueCreate",
            make(json!({ "name": "X", "workspaceId": other.to_string() })),
            "NOT_FOUND input.workspaceId",
        ),
        (
            "queueUpdate",
            change(&waiting, json!({ "name": null })),
            "REQUIRED input.name",
        ),
        ("queueUpdate", change(&mine, json!({ "name": "X" })), "INVALID id"),
    ] {
        let refused = app.write(&admin, mutation, variables.clone()).await;
        assert_eq!(refused.errors(), [expected], "{mutation} {variables}");
    }
    for (mutation, thing) in [("teamCreate", "team"), ("queueCreate", "queue")] {
        let made = app
            .wrote(&admin, mutation, make(json!({ "name": longest })))
            .await;
        assert_eq!(made[thing]["name"], longest);
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Team { name agents { id } } } }";
    let untouched = app.ask(&admin, query, json!({ "id": mine })).await.at("/node");
    assert_eq!(untouched, json!({ "name": "T", "agents": [] }));
    let both = app.admin_of(&[app.workspace("Third").await, workspace]).await;
    for (mutation, variables) in [
        ("agentCreate", agent(json!({}))),
        ("teamCreate", make(json!({ "name": "X" }))),
        ("queueCreate", make(json!({ "name": "X" }))),
    ] {
        let refused = app.write(&both, mutation, variables).await;
        assert_eq!(
            refused.errors(),
            ["WORKSPACE_REQUIRED input.workspaceId"],
            "{mutation}"
        );
    }
}

async fn an_agents_taken_email_is_told_with_its_owner(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (ada, bob) = (
        app.agent(workspace, "Ada").await.id,
        app.agent(workspace, "Bob").await.id,
    );
    for (mutation, variables) in [
        (
            "agentCreate",
            json!({ "input": { "name": "X", "email": "ADA@agents.example.com" } }),
        ),
        (
            "agentUpdate",
            json!({ "id": bob, "input": { "email": "Ada@Agents.example.com" } }),
        ),
    ] {
        let refused = app.write(&admin, mutation, variables).await;
        assert_eq!(refused.errors(), ["EMAIL_TAKEN input.email"], "{mutation}");
        assert_eq!(refused["userErrors"][0]["existingId"], ada);
        assert_eq!(refused["agent"], Value::Null);
    }
    // Its own in other letters, a customer's, and another workspace's are free.
    let own = json!({ "id": ada, "input": { "email": "ADA@agents.example.com" } });
    assert_eq!(
        app.wrote(&admin, "agentUpdate", own).await["agent"]["email"],
        "ADA@agents.example.com"
    );
    app.customer(workspace, "ann@example.com").await;
    let customers = json!({ "id": bob, "input": { "email": "ann@example.com" } });
    app.wrote(&admin, "agentUpdate", customers).await;
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    let elsewhere = json!({ "input": { "name": "X", "email": "ada@agents.example.com" } });
    app.wrote(&stranger, "agentCreate", elsewhere).await;
}

async fn customers_see_none_of_it(app: TestApp) {
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
        workspace(id: $in) { teams { id } queues { id } agents { totalCount } }
        teams { id } queues { id } ofTeams: teams(workspaceId: $in) { id } ofQueues: queues(workspaceId: $in) { id }
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
        (ids(&seen["teams"]), ids(&seen["ofQueues"])),
        (vec![team.as_str()], vec![queue.as_str()])
    );
    let mut seen = app.ask(&customer, query, variables).await.data();
    seen["byTeam"].take();
    let agent = json!({ "id": ada.id, "teams": [] });
    assert_eq!(
        seen,
        json!({
            "ticket": { "team": null, "queue": null, "assignee": agent },
            "conversation": { "teams": [], "queue": null, "assignees": [agent] },
            "agent": { "teams": [] }, "workspace": { "teams": [], "queues": [], "agents": { "totalCount": 1 } },
            "teams": [], "queues": [], "ofTeams": [], "ofQueues": [], "team": null, "queue": null, "nodes": [null, null],
            "byTeam": null,
        })
    );
    assert_unguessable(&app, &customer, &team).await;
}

/// Whether a team has one's ticket is not to be learned from a filter either.
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
    only_admins_make_and_change_them,
    each_wrong_value_is_refused_at_its_place,
    an_agents_taken_email_is_told_with_its_owner,
    customers_see_none_of_it,
);

//! Rejected input of agents, teams and queues, and the paths of the errors.

use serde_json::{Value, json};

use super::groups::{queue, team};
use crate::support::{TestApp, on_each_database};

#[expect(clippy::too_many_lines, reason = "one table of mistakes")]
async fn each_invalid_value_is_refused_by_path(app: TestApp) {
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
    let within = |workspace: &str, input: Value| json!({ "workspaceId": workspace, "input": input });
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
            within(
                &other.to_string(),
                json!({ "name": "New", "email": "new@example.com" }),
            ),
            "NOT_FOUND workspaceId",
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
            within(&other.to_string(), json!({ "name": "X" })),
            "NOT_FOUND workspaceId",
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
        assert_eq!(refused.errors(), ["WORKSPACE_REQUIRED workspaceId"], "{mutation}");
    }
}

async fn a_taken_agent_email_is_reported_with_its_owner(app: TestApp) {
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
    // The own address with different case, the address of a customer, and an address of another workspace are free.
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

on_each_database!(
    each_invalid_value_is_refused_by_path,
    a_taken_agent_email_is_reported_with_its_owner,
);

//! Filters of agents, teams and queues.

use serde_json::json;

use super::{List, id_of};
use crate::support::{TestApp, on_each_database};

async fn each_condition_on_agents_matches_its_rows(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let admin = app.admin_of(&[workspace]).await;
    app.clock_control.advance_ms(60_000);
    let (mia, noor) = (
        app.agent(workspace, "Mía").await.id,
        app.agent(workspace, "Noor").await.id,
    );
    let team = json!({ "input": { "name": "Returns", "agentIds": [mia] } });
    let team = app.wrote(&admin, "teamCreate", team).await["team"]["id"].clone();
    let input = json!({ "id": noor, "input": { "isActive": false } });
    app.wrote(&admin, "agentUpdate", input).await;
    let list = List {
        app: &app,
        person: &admin,
        path: "agents",
        label: "name",
    };
    let query = "{ agents(first: 1) { nodes { createdAt } } }";
    let newest = app
        .ask(&admin, query, json!({}))
        .await
        .text("/agents/nodes/0/createdAt");
    let own = format!(r#"id: ["{mia}"]"#);
    let of_team = format!("teamId: [{team}]");
    let later = format!(r#"createdAt: {{gte: "{newest}"}}"#);
    let not_own = format!(r#"not: {{id: ["{mia}"]}}"#);
    let cases = [
        (own.as_str(), "Mía"),
        ("id: []", ""),
        (r#"email: {startsWith: "NOOR@"}"#, "Noor"),
        (r#"name: {eq: "MIA"}"#, "Mía"),
        ("role: [ADMIN]", "admin"),
        ("role: [AGENT]", "Mía Noor"),
        (of_team.as_str(), "Mía"),
        ("isActive: false", "Noor"),
        ("isActive: true", "Mía admin"),
        (later.as_str(), "Mía Noor"),
        ("and: [{role: [AGENT]}, {isActive: true}]", "Mía"),
        ("or: [{role: [ADMIN]}, {isActive: false}]", "Noor admin"),
        (not_own.as_str(), "Noor admin"),
    ];
    list.check("AgentFilter", &cases).await;
    assert_eq!(
        list.finds(r#"search: "agents.example", filter: {role: [AGENT], isActive: true}"#)
            .await,
        "Mía"
    );
}

async fn each_condition_on_teams_and_queues_matches_its_rows(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (list, noun) in [("teams", "Team"), ("queues", "Queue")] {
        for name in ["Returns", "second line", "Claims"] {
            let create = format!("{}Create", noun.to_lowercase());
            app.wrote(&admin, &create, json!({ "input": { "name": name } }))
                .await;
        }
        let list = List {
            app: &app,
            person: &admin,
            path: list,
            label: "name",
        };
        let own = format!(r#"id: ["{}"]"#, id_of(list, "Claims").await);
        let cases = [
            (own.as_str(), "Claims"),
            (r#"name: {eq: "RETURNS"}"#, "Returns"),
            (r#"name: {contains: " "}"#, "second line"),
            (
                r#"and: [{name: {contains: "s"}}, {name: {startsWith: "c"}}]"#,
                "Claims",
            ),
            (
                r#"or: [{name: {eq: "claims"}}, {name: {eq: "returns"}}]"#,
                "Claims Returns",
            ),
            (r#"not: {name: {contains: "c"}}"#, "Returns"),
        ];
        list.check(&format!("{noun}Filter"), &cases).await;
    }
}

on_each_database!(
    each_condition_on_agents_matches_its_rows,
    each_condition_on_teams_and_queues_matches_its_rows,
);

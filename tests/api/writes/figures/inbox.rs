//! The inbox of an agent after random writes, compared with one that is computed from the fields of all conversations.

use serde_json::{Value, json};

use super::{differences, writer::SeededRandom};
use crate::{
    reads::each,
    support::{Person, TestApp, on_each_database, text},
};

const CONVERSATIONS: u64 = 14;
const ALL: &str = "{ conversations(first: 100) { nodes {
    id status lastInboundAt lastOutboundAt assignees { id } teams { id } } } }";
const PAGE: &str = "query($agent: ID!, $page: Int, $after: String, $before: String, $last: Int, $direction: OrderDirection!) {
    conversations(filter: { inboxOf: $agent }, orderBy: { field: WAITING_SINCE, direction: $direction },
        first: $page, last: $last, after: $after, before: $before) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor hasPreviousPage startCursor } } }";

/// Sets the status, the agents and the teams of a conversation, or adds a message.
async fn step(
    app: &TestApp,
    admin: &Person,
    dice: &mut SeededRandom,
    ids: &[String],
    owners: [&[String]; 2],
) {
    app.clock_control
        .advance_ms(1 + i64::try_from(dice.below(3)).expect("small"));
    let id = dice.pick(ids).clone();
    let [agents, teams] = owners;
    let input = match dice.below(6) {
        0 => json!({ "status": dice.pick(&["OPEN", "OPEN", "DONE"]) }),
        1 => json!({ "assigneeIds": agents[..usize::try_from(dice.below(3)).expect("small")] }),
        2 => json!({ "teamIds": teams[..usize::try_from(dice.below(2)).expect("small")], "status": "OPEN" }),
        3 => json!({ "assigneeIds": [agents[1]], "teamIds": [], "status": dice.pick(&["OPEN", "DONE"]) }),
        _ => {
            let direction = *dice.pick(&["INBOUND", "INBOUND", "OUTBOUND"]);
            let input = json!({
                "target": { "conversationId": id }, "body": "And?", "senderEmail": "c@example.com",
                "direction": direction,
            });
            app.wrote(admin, "messageAdd", json!({ "input": input })).await;
            return;
        }
    };
    app.wrote(admin, "conversationUpdate", json!({ "id": id, "input": input }))
        .await;
}

/// Returns the ids in the inbox of an agent, the longest waiting customers first.
fn expected(rows: &Value, agent: &str, teams: &[String]) -> Vec<String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for row in rows.as_array().expect("a list") {
        let (agents, of_teams) = (each(&row["assignees"], "id"), each(&row["teams"], "id"));
        let is_free = agents.is_empty() && of_teams.is_empty();
        let is_owned = agents.iter().any(|id| id == agent) || of_teams.iter().any(|id| teams.contains(id));
        if row["status"] != "OPEN" || !(is_free || is_owned) {
            continue;
        }
        let at = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let (inbound, outbound) = (at("lastInboundAt"), at("lastOutboundAt"));
        let since = if inbound > outbound {
            inbound
        } else {
            "never".to_owned()
        };
        found.push((since, text(&row["id"]).to_owned()));
    }
    found.sort();
    found.into_iter().map(|(_, id)| id).collect()
}

/// Returns the inbox of an agent, read in pages of three.
async fn inbox(
    app: &TestApp,
    person: &Person,
    agent: &str,
    direction: &str,
    is_from_end: bool,
) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let variables = if is_from_end {
            json!({ "agent": agent, "last": 3, "before": cursor, "direction": direction })
        } else {
            json!({ "agent": agent, "page": 3, "after": cursor, "direction": direction })
        };
        let page = app.ask(person, PAGE, variables).await.at("/conversations");
        let mut ids = each(&page["nodes"], "id");
        let (more, next) = if is_from_end {
            ids.reverse();
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        all.extend(ids);
        if page["pageInfo"][more] == false {
            assert_eq!(page["totalCount"], all.len());
            return all;
        }
        cursor = page["pageInfo"][next].clone();
    }
}

async fn the_inbox_of_an_agent_equals_its_definition(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (ada, ben) = (
        app.agent(workspace, "ada").await,
        app.agent(workspace, "ben").await,
    );
    let team = json!({ "input": { "name": "Flights", "agentIds": [ada.id] } });
    let team = app.wrote(&admin, "teamCreate", team).await["team"]["id"].clone();
    let (agents, teams) = ([ada.id.clone(), ben.id.clone()], [text(&team).to_owned()]);
    let mut ids = Vec::new();
    for n in 0..CONVERSATIONS {
        let ticket = app.ticket(&admin, &format!("c{n}@example.com")).await;
        ids.push(text(&ticket["conversation"]["id"]).to_owned());
    }
    let mut dice = SeededRandom(3);
    for n in 0..240 {
        step(&app, &admin, &mut dice, &ids, [&agents, &teams]).await;
        if n % 40 < 39 {
            continue;
        }
        let rows = app.ask(&admin, ALL, json!({})).await.at("/conversations/nodes");
        for (agent, of) in [(&ada.id, &teams[..]), (&ben.id, &[])] {
            let mut wanted = expected(&rows, agent, of);
            assert_eq!(inbox(&app, &admin, agent, "ASC", false).await, wanted);
            wanted.reverse();
            assert_eq!(inbox(&app, &admin, agent, "ASC", true).await, wanted);
            assert_eq!(inbox(&app, &admin, agent, "DESC", false).await, wanted);
            let query = "query($agent: ID!) { conversations(first: 100, filter: { not: { not: { inboxOf: $agent } } }) {
                nodes { id } } }";
            let other = app.ask(&admin, query, json!({ "agent": agent })).await;
            let mut other = each(&other.at("/conversations/nodes"), "id");
            other.sort();
            wanted.sort();
            assert_eq!(other, wanted);
        }
        assert_eq!(differences(&app, false).await, Vec::<String>::new());
    }
}

async fn an_inbox_of_an_invisible_agent_is_empty(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let other = app.workspace("Other").await;
    let stranger = app.admin_of(&[other]).await;
    let ann = app.customer(workspace, "ann@example.com").await;
    for (person, agent, count) in [
        (&admin, &admin.id, 1),
        (&admin, &stranger.id, 0),
        (&stranger, &admin.id, 0),
        (&stranger, &stranger.id, 0),
        (&ann, &admin.id, 0),
    ] {
        for direction in ["ASC", "DESC"] {
            let found = inbox(&app, person, agent, direction, false).await;
            assert_eq!(found.len(), count, "{}", ticket["id"]);
        }
    }
}

on_each_database!(
    the_inbox_of_an_agent_equals_its_definition,
    an_inbox_of_an_invisible_agent_is_empty,
);

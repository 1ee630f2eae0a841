//! Concurrent writes of the same unique value on two nodes.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Payload, Person, TestApp, on_each_database};

const WRITERS: usize = 10;
const ROUNDS: usize = 4;

/// Runs mutations concurrently, alternating between the nodes.
async fn write_concurrently(nodes: [&TestApp; 2], person: &Person, writes: &[(&str, Value)]) -> Vec<Payload> {
    let writes = writes
        .iter()
        .enumerate()
        .map(|(n, (mutation, variables))| nodes[n % 2].write(person, mutation, variables.clone()));
    join_all(writes).await
}

/// Checks that one write succeeded, and each other one failed with one of these errors and the id of the first.
fn assert_one_wins(written: &[Payload], thing: &str, errors: &[&str]) {
    let (won, lost): (Vec<_>, Vec<_>) = written.iter().partition(|one| one.errors().is_empty());
    assert_eq!((won.len(), lost.len()), (1, WRITERS - 1));
    for one in lost {
        let expected = one.errors().len() == 1 && errors.contains(&one.errors()[0].as_str());
        assert!(expected, "{:?}", one.errors());
        assert_eq!(one["userErrors"][0]["existingId"], won[0][thing]["id"]);
    }
}

async fn one_of_many_concurrent_creations_gets_an_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    for round in 0..ROUNDS {
        let wanted = format!("wanted{round}@example.com");
        let writes: Vec<_> = (0..WRITERS)
            .map(|n| {
                let own = format!("own{round}.{n}@example.com");
                let input = match n % 3 {
                    0 => json!({ "email": wanted }),
                    1 => json!({ "emails": [{ "email": wanted }] }),
                    _ => json!({ "emails": [{ "email": own, "isPrimary": true }, { "email": wanted.to_uppercase() }] }),
                };
                ("customerCreate", json!({ "input": input }))
            })
            .collect();
        let written = write_concurrently([&app, &other], &admin, &writes).await;
        let errors = [
            "EMAIL_TAKEN input.email",
            "EMAIL_TAKEN input.emails.0.email",
            "EMAIL_TAKEN input.emails.1.email",
        ];
        assert_one_wins(&written, "customer", &errors);
    }
    assert_eq!(app.log(workspace).await.len(), ROUNDS);
}

async fn one_of_many_concurrent_updates_gets_an_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    let mut whom = Vec::new();
    for n in 0..WRITERS {
        whom.push(app.customer(workspace, &format!("c{n}@example.com")).await.id);
    }
    for round in 0..ROUNDS {
        let wanted = format!("wanted{round}@example.com");
        let writes: Vec<_> = whom
            .iter()
            .enumerate()
            .map(|(n, id)| {
                let own = format!("c{n}@example.com");
                let input = match n % 2 {
                    0 => json!({ "email": wanted }),
                    _ => json!({ "emails": [{ "email": own }, { "email": wanted }] }),
                };
                ("customerUpdate", json!({ "id": id, "input": input }))
            })
            .collect();
        let written = write_concurrently([&app, &other], &admin, &writes).await;
        let errors = ["EMAIL_TAKEN input.email", "EMAIL_TAKEN input.emails.1.email"];
        assert_one_wins(&written, "customer", &errors);
    }
}

async fn one_of_many_concurrent_writers_gets_an_external_id(app: TestApp) {
    let (_, admin) = app.admin().await;
    let other = app.another().await;
    for round in 0..ROUNDS {
        let writes: Vec<_> = (0..WRITERS)
            .map(|n| {
                let email = format!("c{round}.{n}@example.com");
                let input = json!({ "externalId": format!("crm-{round}"), "email": email });
                ("customerCreate", json!({ "input": input }))
            })
            .collect();
        let written = write_concurrently([&app, &other], &admin, &writes).await;
        assert_one_wins(&written, "customer", &["EXTERNAL_ID_TAKEN input.externalId"]);

        let writes: Vec<_> = (0..WRITERS)
            .map(|n| {
                let customer = json!({ "email": format!("c{round}.{n}@example.org") });
                let input = json!({ "externalId": format!("thread-{round}"), "customer": customer });
                ("conversationCreate", json!({ "input": input }))
            })
            .collect();
        let written = write_concurrently([&app, &other], &admin, &writes).await;
        assert_one_wins(&written, "conversation", &["EXTERNAL_ID_TAKEN input.externalId"]);
    }
}

async fn one_of_many_concurrent_writers_gets_an_agent_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    for round in 0..ROUNDS {
        let writes: Vec<_> = (0..WRITERS)
            .map(|n| {
                let email = format!("{}{round}@example.com", if n % 2 == 0 { "ada" } else { "ADA" });
                (
                    "agentCreate",
                    json!({ "input": { "name": format!("Ada {n}"), "email": email } }),
                )
            })
            .collect();
        let written = write_concurrently([&app, &other], &admin, &writes).await;
        assert_one_wins(&written, "agent", &["EMAIL_TAKEN input.email"]);
    }
    let mut whom = Vec::new();
    for n in 0..WRITERS {
        whom.push(app.agent(workspace, &format!("Bob {n}")).await.id);
    }
    let writes: Vec<_> = whom
        .iter()
        .map(|id| {
            (
                "agentUpdate",
                json!({ "id": id, "input": { "email": "bob@example.com" } }),
            )
        })
        .collect();
    let written = write_concurrently([&app, &other], &admin, &writes).await;
    assert_one_wins(&written, "agent", &["EMAIL_TAKEN input.email"]);
}

/// The pair is written from both of its sides.
async fn concurrent_membership_changes_from_both_sides_are_stored(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    let agent = app.agent(workspace, "Ada").await.id;
    for round in 0..ROUNDS {
        let team = app
            .wrote(
                &admin,
                "teamCreate",
                json!({ "input": { "name": round.to_string() } }),
            )
            .await;
        let team = &team["team"]["id"];
        let writes: Vec<_> = (0..WRITERS)
            .map(|n| match n % 4 {
                0 | 3 => (
                    "teamUpdate",
                    json!({ "id": team, "input": { "agentIds": [agent] } }),
                ),
                _ => (
                    "agentUpdate",
                    json!({ "id": agent, "input": { "teamIds": [team] } }),
                ),
            })
            .collect();
        for one in write_concurrently([&app, &other], &admin, &writes).await {
            assert!(one.errors().is_empty(), "{:?}", one.errors());
        }
        let query = "query($id: ID!) { agent(id: $id) { teams { id } } }";
        let teams = app.ask(&admin, query, json!({ "id": agent })).await;
        assert_eq!(teams.at("/agent/teams"), json!([{ "id": team }]));
    }
}

on_each_database!(
    one_of_many_concurrent_creations_gets_an_address,
    one_of_many_concurrent_updates_gets_an_address,
    one_of_many_concurrent_writers_gets_an_external_id,
    one_of_many_concurrent_writers_gets_an_agent_email,
    concurrent_membership_changes_from_both_sides_are_stored,
);

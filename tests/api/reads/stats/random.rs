//! Figures of random tickets, compared with a model.

use std::str::FromStr;

use chrono_tz::Tz;
use entity::{Timestamp, Word};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    document, model,
    tickets::{People, Ticket},
};
use crate::support::{TestApp, on_each_database};

const TICKETS: u128 = 5_000;
const QUERIES: usize = 120;
const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
];
const FIELDS: [&str; 9] = [
    "STATUS",
    "PRIORITY",
    "ASSIGNEE",
    "TEAM",
    "QUEUE",
    "CUSTOMER",
    "SOURCE",
    "RESOLUTION_TYPE",
    "TAG",
];
const PERIODS: [&str; 4] = ["HOUR", "DAY", "WEEK", "MONTH"];

/// Up to three different keys.
fn keys(rng: &mut Rng) -> Vec<Value> {
    let mut keys: Vec<Value> = Vec::new();
    for _ in 0..rng.usize(..4) {
        let key = match rng.usize(..6) {
            0 => json!({ "createdAt": PERIODS[rng.usize(..4)] }),
            1 => json!({ "resolvedAt": PERIODS[rng.usize(..4)] }),
            2 => json!({ "customField": "plan" }),
            _ => json!({ "field": FIELDS[rng.usize(..FIELDS.len())] }),
        };
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// A filter, and the tickets that meet it.
fn filtered<'a>(rng: &mut Rng, tickets: &'a [Ticket]) -> (Value, Vec<&'a Ticket>) {
    let one = &tickets[rng.usize(..tickets.len())];
    let all = tickets.iter();
    match rng.usize(..4) {
        0 => (
            json!({ "status": [one.status.word()] }),
            all.filter(|ticket| ticket.status == one.status).collect(),
        ),
        1 => (
            json!({ "createdAt": { "gte": Timestamp(one.created_at).to_rfc3339() } }),
            all.filter(|ticket| ticket.created_at >= one.created_at).collect(),
        ),
        2 => (
            json!({ "tags": { "hasAny": ["é"] }, "priority": [one.priority.word()] }),
            all.filter(|ticket| ticket.priority == one.priority && ticket.tags.iter().any(|tag| tag == "é"))
                .collect(),
        ),
        _ => (Value::Null, all.collect()),
    }
}

async fn figures_of_random_tickets_equal_the_model(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    let mut rng = Rng::with_seed(9);
    let tickets = people.fill(&app, &mut rng, TICKETS).await;
    let document = document();
    let mut truncated = 0;
    for _ in 0..QUERIES {
        let zone = ZONES[rng.usize(..ZONES.len())];
        let (filter, members) = filtered(&mut rng, &tickets);
        let keys = keys(&mut rng);
        let first = [1, 7, 100, 1000][rng.usize(..4)];
        let expected = model::stats(&members, &keys, Tz::from_str(zone).unwrap(), first);
        let variables = json!({ "filter": filter, "groupBy": keys, "timeZone": zone, "first": first });
        let found = app
            .ask(&admin, &document, variables.clone())
            .await
            .at("/ticketStats");
        for part in ["total", "isTruncated", "nodes"] {
            assert_eq!(found[part], expected[part], "{part} {variables}");
        }
        truncated += usize::from(found["isTruncated"] == true);
    }
    assert!(truncated > 10, "{truncated}");
}

async fn each_figure_is_the_same_alone(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    people.fill(&app, &mut Rng::with_seed(4), 200).await;
    let all = json!({ "groupBy": [{ "field": "ASSIGNEE" }] });
    let all = app.ask(&admin, &document(), all).await.at("/ticketStats");
    for figure in super::FIGURES.split_whitespace() {
        for part in ["nodes", "total"] {
            let query =
                format!("{{ ticketStats(groupBy: [{{ field: ASSIGNEE }}]) {{ {part} {{ {figure} }} }} }}");
            app.statements.take();
            let found = app.ask(&admin, &query, json!({})).await.at("/ticketStats");
            assert_eq!(app.statements.take().len(), 1, "{query}");
            let expected = match &all[part] {
                Value::Array(groups) => json!(
                    groups
                        .iter()
                        .map(|group| json!({ figure: group[figure] }))
                        .collect::<Vec<_>>()
                ),
                group => json!({ figure: group[figure] }),
            };
            assert_eq!(found[part], expected, "{query}");
        }
    }
}

on_each_database!(
    figures_of_random_tickets_equal_the_model,
    each_figure_is_the_same_alone
);

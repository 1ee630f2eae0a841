//! Filters by queue and team.

use serde_json::{Value, json};

use super::{groups::ids, hand_over::HandOverFixture};
use crate::support::{TestApp, on_each_database};

#[expect(clippy::too_many_lines, reason = "one set of rows, asked in every way")]
async fn tickets_and_conversations_are_found_by_queue_and_team(app: TestApp) {
    let case = HandOverFixture::new(app).await;
    let (app, admin) = (&case.app, &case.admin);
    let mut tickets = vec![case.ticket.clone()];
    for n in 0..3 {
        app.clock_control.advance_ms(1_000);
        tickets.push(app.ticket(admin, &format!("c{n}@example.com")).await);
    }
    for (n, ticket) in tickets.iter().enumerate().take(3) {
        let input = json!({ "teamId": case.teams[n / 2], "queueId": case.queues[n % 2] });
        app.wrote(
            admin,
            "ticketUpdate",
            json!({ "id": ticket["id"], "input": input }),
        )
        .await;
        let input = json!({ "queueId": case.queues[n / 2], "tags": [format!("t{}", n % 2), "all"] });
        let variables = json!({ "id": ticket["conversation"]["id"], "input": input });
        app.wrote(admin, "conversationUpdate", variables).await;
    }
    let place = |list: &Value, of: &str| -> Vec<usize> {
        let id = |ticket: &Value| {
            if of == "tickets" {
                ticket["id"].clone()
            } else {
                ticket["conversation"]["id"].clone()
            }
        };
        ids(list)
            .into_iter()
            .map(|found| {
                tickets
                    .iter()
                    .position(|one| id(one) == found)
                    .expect("one of them")
            })
            .collect()
    };
    let query = "query($id: ID!, $first: Int) { node(id: $id) { ... on Queue { \
                 tickets(first: $first) { totalCount nodes { id } pageInfo { hasNextPage } } \
                 conversations(first: $first) { totalCount nodes { id } pageInfo { hasNextPage } } } } }";
    for (n, waiting, threads) in [
        (0, vec![2, 0], vec![1, 0]),
        (1, vec![1], vec![2]),
        (2, vec![], vec![]),
    ] {
        let seen = app
            .ask(admin, query, json!({ "id": case.queues[n] }))
            .await
            .at("/node");
        for (of, expected) in [("tickets", waiting), ("conversations", threads)] {
            assert_eq!(place(&seen[of]["nodes"], of), expected, "{n} {of}");
            assert_eq!(seen[of]["totalCount"], expected.len());
        }
    }
    let page = app
        .ask(admin, query, json!({ "id": case.queues[0], "first": 1 }))
        .await
        .at("/node");
    assert_eq!(place(&page["tickets"]["nodes"], "tickets"), [2]);
    assert_eq!(page["tickets"]["pageInfo"]["hasNextPage"], true);

    let listed = async |of: &str, filter: Value| {
        let kind = if of == "tickets" { "Ticket" } else { "Conversation" };
        let query = format!(
            "query($filter: {kind}Filter) {{ {of}(filter: $filter) {{ totalCount nodes {{ id }} }} }}"
        );
        let seen = app
            .ask(admin, &query, json!({ "filter": filter }))
            .await
            .at(&format!("/{of}"));
        let places = place(&seen["nodes"], of);
        assert_eq!(seen["totalCount"], places.len());
        places
    };
    for (of, filter, expected) in [
        ("tickets", json!({ "teamId": [case.teams[0]] }), vec![1, 0]),
        (
            "tickets",
            json!({ "teamId": [case.teams[0], case.teams[1]] }),
            vec![2, 1, 0],
        ),
        (
            "tickets",
            json!({ "teamId": [case.teams[0]], "queueId": [case.queues[0]] }),
            vec![0],
        ),
        ("tickets", json!({ "queueId": [case.queues[2]] }), vec![]),
        ("tickets", json!({ "queueId": [] }), vec![]),
        (
            "tickets",
            json!({ "or": [{ "queueId": [case.queues[1]] }, { "teamId": [case.teams[1]] }] }),
            vec![2, 1],
        ),
        (
            "conversations",
            json!({ "tags": { "hasAll": ["all", "t0"] } }),
            vec![2, 0],
        ),
        (
            "conversations",
            json!({ "tags": { "hasAny": ["t1", "none"] } }),
            vec![1],
        ),
        (
            "conversations",
            json!({ "tags": { "hasNone": ["all"] } }),
            vec![3],
        ),
    ] {
        assert_eq!(listed(of, filter.clone()).await, expected, "{filter}");
    }
    // Objects without a queue do not match the negation of a filter by queue.
    let not = json!({ "not": { "queueId": [case.queues[0]] } });
    assert_eq!(listed("tickets", not).await, [3, 1]);
}

on_each_database!(tickets_and_conversations_are_found_by_queue_and_team);

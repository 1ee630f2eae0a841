//! The change log by query.

use serde_json::{Value, json};

use super::{HISTORY, history, names, pull, pull_all};
use crate::support::{TestApp, on_each_database};

async fn the_log_is_read_in_pages_of_any_size(app: TestApp) {
    let admin = history(&app).await;
    let whole = pull_all(&app, &admin, 100, Value::Null).await;
    assert_eq!(names(&whole), HISTORY);
    for size in [1, 2, 7, 15] {
        assert_eq!(pull_all(&app, &admin, size, Value::Null).await, whole, "{size}");
    }
    let last = &whole[14]["changeCursor"];
    let part = pull(&app, &admin, "after: $after", json!({ "after": last })).await;
    assert_eq!(
        part,
        json!({ "nodes": [], "changeCursor": last, "hasNextPage": false })
    );
}

async fn an_update_has_changed_fields_and_actor(app: TestApp) {
    let admin = history(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    let field = |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
    assert_eq!(
        log[4]["changedFields"],
        json!([
            field("internalNotes", Value::Null, json!("secret")),
            field("name", Value::Null, json!("Ann")),
        ])
    );
    let fields = log[5]["changedFields"].as_array().unwrap();
    assert!(fields.contains(&field("priority", json!("MEDIUM"), json!("HIGH"))));
    assert!(fields.contains(&field("customFields.order", Value::Null, json!(7))));
    assert_eq!(fields.len(), 3, "{fields:?}");
    let fields = log[6]["changedFields"].as_array().unwrap();
    assert!(fields.contains(&field("assigneeIds", json!([]), json!([admin.id]))));
    for change in &log {
        assert_eq!(change["actor"], json!({ "__typename": "Agent", "id": admin.id }));
        let (name, kind) = (change["name"].as_str().unwrap(), change["kind"].as_str().unwrap());
        let wire = format!("{}.{}", change["objectType"].as_str().unwrap(), kind).to_lowercase();
        assert_eq!(name, wire);
        if kind != "UPDATED" {
            assert_eq!(change["changedFields"], json!([]));
        }
    }
}

async fn the_node_is_current_or_null_after_deletion(app: TestApp) {
    let admin = history(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    for change in &log[..7] {
        assert_eq!(change["node"]["id"], change["objectId"], "{change}");
    }
    for change in &log[7..] {
        assert_eq!(change["node"], Value::Null, "{change}");
    }
}

async fn events_are_filtered_by_kind_type_and_object(app: TestApp) {
    let admin = history(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    let (ann, ticket, thread) = (&log[0]["objectId"], &log[2]["objectId"], &log[1]["objectId"]);
    for (filter, expected) in [
        (json!({ "kinds": ["DELETED"] }), vec![11, 12, 13, 14]),
        (
            json!({ "objectTypes": ["CUSTOMER"], "kinds": ["UPDATED"] }),
            vec![4],
        ),
        (json!({ "objectTypes": ["MESSAGE"] }), vec![3, 10, 11]),
        (json!({ "objectTypes": [] }), vec![]),
        (json!({ "customerId": ann }), vec![0, 1, 2, 3, 4, 5, 6]),
        (json!({ "ticketId": ticket }), vec![2, 3, 5]),
        (json!({ "conversationId": thread }), vec![1, 2, 3, 5, 6]),
        (
            json!({ "conversationId": thread, "kinds": ["UPDATED"] }),
            vec![5, 6],
        ),
        (
            json!({ "names": ["customer.updated", "message.*"] }),
            vec![3, 4, 10, 11],
        ),
        (json!({ "names": ["ticket.*"], "kinds": ["UPDATED"] }), vec![5]),
        (json!({ "names": [] }), vec![]),
        (
            json!({ "changedFields": ["CUSTOMER.name", "TICKET.customFields.order"] }),
            vec![4, 5],
        ),
        (json!({ "changedFields": ["CONVERSATION.assigneeIds"] }), vec![6]),
        (
            json!({ "changedFields": ["TICKET.name", "MESSAGE.body"] }),
            vec![],
        ),
        (json!({ "changedFields": [] }), vec![]),
        (
            json!({ "changedFields": ["CUSTOMER.name"], "names": ["ticket.updated"] }),
            vec![],
        ),
        (json!({}), (0..15).collect()),
    ] {
        let wanted: Vec<Value> = expected.into_iter().map(|at: usize| log[at].clone()).collect();
        for size in [1, 100] {
            assert_eq!(
                pull_all(&app, &admin, size, filter.clone()).await,
                wanted,
                "{filter}"
            );
        }
    }
}

async fn invalid_arguments_are_named(app: TestApp) {
    let admin = history(&app).await;
    let other = app.workspace("Other").await;
    let stranger = app.admin_of(&[other]).await;
    app.ticket(&stranger, "eve@example.com").await;
    let foreign = pull(&app, &stranger, "first: 1", json!({})).await["changeCursor"].clone();
    let own = pull(&app, &admin, "first: 100", json!({})).await["changeCursor"].clone();
    let mut future: deskgraph::events::ChangeCursor = own.as_str().unwrap().parse().unwrap();
    future.position += 1;
    for (arguments, variables, expected) in [
        (
            "after: $after",
            json!({ "after": foreign }),
            "BAD_USER_INPUT after",
        ),
        (
            "after: $after",
            json!({ "after": future.to_string() }),
            "CURSOR_EXPIRED after",
        ),
        ("after: $after", json!({ "after": "nonsense" }), "BAD_USER_INPUT"),
        ("first: -1", json!({}), "BAD_USER_INPUT first"),
        ("first: 101", json!({}), "BAD_USER_INPUT first"),
        (
            "filter: $filter",
            json!({ "filter": { "ticketId": "cust_1" } }),
            "BAD_USER_INPUT filter.ticketId",
        ),
        (
            "filter: $filter",
            json!({ "filter": { "names": ["ticket.*", "ticket"] } }),
            "BAD_USER_INPUT filter.names.1",
        ),
        (
            "filter: $filter",
            json!({ "filter": { "names": ["*"] } }),
            "BAD_USER_INPUT filter.names.0",
        ),
        (
            "filter: $filter",
            json!({ "filter": { "changedFields": ["ticket.status"] } }),
            "BAD_USER_INPUT filter.changedFields.0",
        ),
        (
            "filter: $filter",
            json!({ "filter": { "changedFields": ["TICKET"] } }),
            "BAD_USER_INPUT filter.changedFields.0",
        ),
        (
            "workspaceId: $workspaceId",
            json!({ "workspaceId": other.to_string() }),
            "BAD_USER_INPUT workspaceId",
        ),
    ] {
        let declared = match arguments {
            "after: $after" => "($after: ChangeCursor)",
            "filter: $filter" => "($filter: ChangeFilter)",
            "workspaceId: $workspaceId" => "($workspaceId: ID)",
            _ => "",
        };
        let query = format!("query {declared} {{ changes({arguments}) {{ changeCursor }} }}");
        let answer = app.ask(&admin, &query, variables).await;
        let extensions = &answer.body["errors"][0]["extensions"];
        let parts = [&extensions["code"], &extensions["argument"]];
        let parts: Vec<_> = parts.iter().filter_map(|part| part.as_str()).collect();
        assert_eq!(parts.join(" "), expected, "{arguments}: {}", answer.body);
    }
    let both = app.admin_of(&[app.workspace("Third").await, other]).await;
    let answer = app.ask(&both, "{ changes { changeCursor } }", json!({})).await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "WORKSPACE_REQUIRED"
    );
}

async fn a_page_takes_a_constant_number_of_statements(app: TestApp) {
    let admin = history(&app).await;
    let mut counts = Vec::new();
    for first in [1, 15] {
        app.statements.take();
        let query = format!(
            "{{ changes(first: {first}, filter: {{kinds: [CREATED, UPDATED], objectTypes: [CUSTOMER]}}) \
             {{ nodes {{ changeCursor node {{ id }} actor {{ __typename }} }} }} }}"
        );
        app.ask(&admin, &query, json!({})).await.data();
        counts.push(app.statements.take().len());
    }
    assert_eq!(counts[0], counts[1]);
}

on_each_database!(
    the_log_is_read_in_pages_of_any_size,
    an_update_has_changed_fields_and_actor,
    the_node_is_current_or_null_after_deletion,
    events_are_filtered_by_kind_type_and_object,
    invalid_arguments_are_named,
    a_page_takes_a_constant_number_of_statements,
);

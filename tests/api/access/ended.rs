//! Deactivated agents: their tokens and connections end, and their assignments stay.

use std::time::Duration;

use entity::WorkspaceId;
use serde_json::{Value, json};

use crate::support::{Person, SocketEvent, TestApp, on_each_database};

const CHANGES: &str = "subscription($after: ChangeCursor) { changes(after: $after) { name } }";

async fn set_active(app: &TestApp, admin: &Person, id: &str, is_active: bool) -> Vec<String> {
    let query = "mutation($id: ID!, $input: AgentUpdateInput!) { agentUpdate(id: $id, input: $input) { \
        agent { isActive } userErrors { code path } } }";
    let variables = json!({ "id": id, "input": { "isActive": is_active } });
    let answer = app.ask(admin, query, variables).await;
    let errors = answer.user_errors();
    if errors.is_empty() {
        assert_eq!(answer.at("/agentUpdate/agent/isActive"), is_active);
    }
    errors
}

async fn error_code(app: &TestApp, person: &Person) -> Value {
    let answer = app.ask(person, "{ viewer { kind } }", json!({})).await;
    answer.body["errors"][0]["extensions"]["code"].clone()
}

async fn admin_and_agent(app: &TestApp) -> (WorkspaceId, Person, Person) {
    let (workspace, admin) = app.admin().await;
    let bob = app.agent(workspace, "Bob").await;
    (workspace, admin, bob)
}

async fn deactivation_refuses_tokens_on_every_node_until_reactivation(app: TestApp) {
    let (_, admin, bob) = admin_and_agent(&app).await;
    let other = app.another().await;
    for node in [&app, &other] {
        assert_eq!(error_code(node, &bob).await, Value::Null);
    }
    assert!(set_active(&app, &admin, &bob.id, false).await.is_empty());
    assert_eq!(error_code(&app, &bob).await, "UNAUTHENTICATED");
    other.clock_control.advance_ms(1_000);
    assert_eq!(error_code(&other, &bob).await, "UNAUTHENTICATED");
    assert!(set_active(&app, &admin, &bob.id, true).await.is_empty());
    for node in [&app, &other] {
        assert_eq!(error_code(node, &bob).await, Value::Null);
    }
}

async fn deactivation_closes_only_connections_of_the_agent(app: TestApp) {
    let (workspace, admin, bob) = admin_and_agent(&app).await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let after = json!({ "after": start.to_string() });
    let mut sockets = Vec::new();
    for person in [&bob, &admin] {
        let mut socket = app.socket(person).await;
        socket.begin("1", CHANGES, &after).await;
        sockets.push(socket);
    }
    let request = json!({ "query": CHANGES, "variables": after });
    let mut events = app.stream(&bob, &request, &[]).await;
    assert!(set_active(&app, &admin, &bob.id, false).await.is_empty());
    // Much shorter than the lifetime of a token or the idle timeout of a connection.
    let ended = async {
        assert_eq!(sockets[0].receive().await, SocketEvent::Closed(Some(4403)));
        assert_eq!(events.next().await, None);
    };
    let in_time = tokio::time::timeout(Duration::from_mins(1), ended);
    in_time.await.expect("both end soon");
    app.ticket(&admin, "ann@example.com").await;
    assert_eq!(sockets[1].data("1").await["changes"]["name"], "customer.created");
    let mut again = app.unknown_socket().await;
    again.introduce(&bob.credential).await;
    assert_eq!(again.close_code().await, 4403);
}

async fn deactivated_agents_keep_assignments_and_get_no_new_ones(app: TestApp) {
    let (_, admin, bob) = admin_and_agent(&app).await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let thread = &ticket["conversation"]["id"];
    let given = json!({ "id": ticket["id"], "input": { "assignedTo": bob.id } });
    app.wrote(&admin, "ticketUpdate", given.clone()).await;
    let listed = json!({ "id": thread, "input": { "assigneeIds": [bob.id] } });
    app.wrote(&admin, "conversationUpdate", listed.clone()).await;
    assert!(set_active(&app, &admin, &bob.id, false).await.is_empty());

    let query = "query($id: ID!) { ticket(id: $id) { assignee { isActive } conversation { assignees { isActive } } } }";
    assert_eq!(
        app.ask(&admin, query, json!({ "id": ticket["id"] }))
            .await
            .at("/ticket"),
        json!({ "assignee": { "isActive": false }, "conversation": { "assignees": [{ "isActive": false }] } })
    );
    // Repeating an existing assignment succeeds. A new one is refused.
    app.wrote(&admin, "ticketUpdate", given).await;
    app.wrote(&admin, "conversationUpdate", listed).await;
    let both = json!({ "id": thread, "input": { "assigneeIds": [admin.id, bob.id] } });
    app.wrote(&admin, "conversationUpdate", both).await;

    let other = app.ticket(&admin, "ann@example.com").await;
    let given = json!({ "id": other["id"], "input": { "assignedTo": bob.id } });
    let refused = app.write(&admin, "ticketUpdate", given.clone()).await;
    assert_eq!(refused.errors(), ["AGENT_INACTIVE input.assignedTo"]);
    let listed = json!({ "id": other["conversation"]["id"], "input": { "assigneeIds": [admin.id, bob.id] } });
    let refused = app.write(&admin, "conversationUpdate", listed).await;
    assert_eq!(refused.errors(), ["AGENT_INACTIVE input.assigneeIds.1"]);
    let input = json!({
        "subject": "Help", "customerEmail": "ann@example.com", "body": "Please.", "assignedTo": bob.id,
    });
    let refused = app.write(&admin, "ticketCreate", json!({ "input": input })).await;
    assert_eq!(refused.errors(), ["AGENT_INACTIVE input.assignedTo"]);
    assert!(set_active(&app, &admin, &bob.id, true).await.is_empty());
    app.wrote(&admin, "ticketUpdate", given).await;
}

async fn a_follow_up_is_assigned_to_an_active_assignee(app: TestApp) {
    let (_, admin, bob) = admin_and_agent(&app).await;
    for is_active in [true, false] {
        let ticket = app.ticket(&admin, "ann@example.com").await["id"].clone();
        let input = json!({ "assignedTo": bob.id, "status": "CLOSED" });
        app.wrote(&admin, "ticketUpdate", json!({ "id": ticket, "input": input }))
            .await;
        set_active(&app, &admin, &bob.id, is_active).await;
        let query = "mutation($input: MessageAddInput!) { messageAdd(input: $input) { message { ticket { assignedTo } } } }";
        let input =
            json!({ "target": { "ticketId": ticket }, "body": "Hm.", "senderEmail": "ann@example.com" });
        let assigned = app.ask(&admin, query, json!({ "input": input })).await;
        let expected = is_active.then_some(&bob.id);
        assert_eq!(
            assigned.at("/messageAdd/message/ticket/assignedTo"),
            json!(expected)
        );
    }
}

async fn the_last_active_admin_cannot_be_removed(app: TestApp) {
    let (workspace, admin, bob) = admin_and_agent(&app).await;
    assert_eq!(
        set_active(&app, &admin, &admin.id, false).await,
        ["LAST_ADMIN input.isActive"]
    );
    let demoted = json!({ "id": admin.id, "input": { "role": "AGENT" } });
    let refused = app.write(&admin, "agentUpdate", demoted.clone()).await;
    assert_eq!(refused.errors(), ["LAST_ADMIN input.role"]);
    let cleared = json!({ "id": bob.id, "input": { "isActive": null } });
    let refused = app.write(&admin, "agentUpdate", cleared).await;
    assert_eq!(refused.errors(), ["REQUIRED input.isActive"]);
    // A second admin makes the change possible, unless that one is deactivated first.
    let second = json!({ "id": bob.id, "input": { "role": "ADMIN" } });
    app.wrote(&admin, "agentUpdate", second).await;
    assert!(set_active(&app, &admin, &bob.id, false).await.is_empty());
    assert_eq!(
        set_active(&app, &admin, &admin.id, false).await,
        ["LAST_ADMIN input.isActive"]
    );
    assert!(set_active(&app, &admin, &bob.id, true).await.is_empty());
    // Of two concurrent deactivations, one fails, because an admin must remain.
    let program = app.api_key(&[workspace], &deskgraph::auth::Grant::ALL).await;
    let (one, two) = tokio::join!(
        set_active(&app, &program, &admin.id, false),
        set_active(&app, &program, &bob.id, false)
    );
    assert_eq!([one.len(), two.len()].iter().sum::<usize>(), 1, "{one:?} {two:?}");
}

async fn only_admins_deactivate_agents(app: TestApp) {
    let (workspace, _, bob) = admin_and_agent(&app).await;
    let query = "mutation($id: ID!) { agentUpdate(id: $id, input: { isActive: false }) { agent { id } } }";
    let ann = app.customer(workspace, "ann@example.com").await;
    for person in [&bob, &ann] {
        let answer = app.ask(person, query, json!({ "id": bob.id })).await;
        assert_eq!(answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    let elsewhere = app.admin_of(&[app.workspace("Other").await]).await;
    assert_eq!(
        set_active(&app, &elsewhere, &bob.id, false).await,
        ["NOT_FOUND id"]
    );
}

async fn agents_are_filtered_by_is_active(app: TestApp) {
    let (_, admin, bob) = admin_and_agent(&app).await;
    set_active(&app, &admin, &bob.id, false).await;
    for (argument, expected) in [
        ("", json!([{ "id": bob.id }, { "id": admin.id }])),
        ("(filter: { isActive: true })", json!([{ "id": admin.id }])),
        (
            "(filter: { isActive: false }, first: 5)",
            json!([{ "id": bob.id }]),
        ),
    ] {
        let query = format!("{{ agents{argument} {{ nodes {{ id }} }} }}");
        let found = app.ask(&admin, &query, json!({})).await;
        assert_eq!(found.at("/agents/nodes"), expected, "{argument}");
    }
    let query = "{ agents(filter: { isActive: null }) { nodes { id } } }";
    assert_eq!(
        app.ask(&admin, query, json!({})).await.error(),
        "BAD_USER_INPUT filter.isActive"
    );
}

on_each_database!(
    deactivation_refuses_tokens_on_every_node_until_reactivation,
    deactivation_closes_only_connections_of_the_agent,
    deactivated_agents_keep_assignments_and_get_no_new_ones,
    a_follow_up_is_assigned_to_an_active_assignee,
    the_last_active_admin_cannot_be_removed,
    only_admins_deactivate_agents,
    agents_are_filtered_by_is_active,
);

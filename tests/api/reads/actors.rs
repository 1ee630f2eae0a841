//! The interface of actors and senders.

use deskgraph::auth::Grant;
use serde_json::json;

use crate::support::{TestApp, on_each_database};

async fn the_name_to_show_is_read_without_a_fragment(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let key = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let named = json!({ "id": ticket["customer"]["id"], "input": { "name": "Ann" } });
    app.wrote(&key, "customerUpdate", named).await;
    let noor = app.agent(workspace, "Noor").await;
    for (direction, sender) in [
        ("INBOUND", "ann@example.com"),
        ("OUTBOUND", "noor@agents.example.com"),
    ] {
        let target = json!({ "ticketId": ticket["id"] });
        let input =
            json!({ "target": target, "direction": direction, "senderEmail": sender, "body": direction });
        app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
    }
    let query =
        "{ tickets { nodes { messages(last: 2) { nodes { sender { __typename id displayName } } } } } }";
    let seen = app.ask(&admin, query, json!({})).await;
    let senders = seen.at("/tickets/nodes/0/messages/nodes");
    assert_eq!(
        senders[0]["sender"],
        json!({ "__typename": "Customer", "id": ticket["customer"]["id"], "displayName": "Ann" })
    );
    assert_eq!(
        senders[1]["sender"],
        json!({ "__typename": "Agent", "id": noor.id, "displayName": "Noor" })
    );
    let query = "{ changes(first: 100) { nodes { ... on EntityChange { name actor { __typename id displayName } } } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/changes/nodes");
    let by_key = json!({
        "name": "customer.updated", "actor": { "__typename": "ApiKey", "id": key.id, "displayName": "Test" },
    });
    assert!(seen.as_array().expect("changes").contains(&by_key), "{seen}");
}

on_each_database!(the_name_to_show_is_read_without_a_fragment);

//! Objects by id.

use entity::{AgentId, ConversationId, CustomerId, MessageId, TicketId, WorkspaceId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

/// The types, the root field that returns each, and an id that does not exist.
fn types() -> [(&'static str, &'static str, String); 6] {
    let nobody = Uuid::from_u128(5);
    [
        ("Workspace", "workspace", WorkspaceId(nobody).to_string()),
        ("Agent", "agent", AgentId(nobody).to_string()),
        ("Customer", "customer", CustomerId(nobody).to_string()),
        ("Ticket", "ticket", TicketId(nobody).to_string()),
        ("Conversation", "conversation", ConversationId(nobody).to_string()),
        ("Message", "message", MessageId(nobody).to_string()),
    ]
}

/// Creates a workspace with an object of each type. Returns their ids in the order of [`types`], and the admin.
async fn create_one_of_each(app: &TestApp, name: &str) -> (Vec<String>, Person) {
    let workspace = app.workspace(name).await;
    let admin = app.admin_of(&[workspace]).await;
    let rows = Rows {
        customers: vec![fill::customer("ann")],
        tickets: vec![fill::ticket("t", "ann")],
        messages: vec![fill::message("m", "t", "ann@example.com")],
    };
    app.fill(workspace, &rows).await;
    let query = "{ viewer { workspaces { id } agent { id } } tickets { nodes { \
                 id customer { id } conversation { id } messages { nodes { id } } } } }";
    let data = app.ask(&admin, query, json!({})).await.data();
    let ticket = "/tickets/nodes/0";
    let ids = [
        "/viewer/workspaces/0/id".to_owned(),
        "/viewer/agent/id".to_owned(),
        format!("{ticket}/customer/id"),
        format!("{ticket}/id"),
        format!("{ticket}/conversation/id"),
        format!("{ticket}/messages/nodes/0/id"),
    ];
    let id = |path: &String| data.pointer(path).unwrap().as_str().unwrap().to_owned();
    (ids.iter().map(id).collect(), admin)
}

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

async fn every_object_is_found_by_its_id(app: TestApp) {
    let (ids, admin) = create_one_of_each(&app, "Test").await;
    for ((name, field, _), id) in types().iter().zip(&ids) {
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ __typename id ... on {name} {{ again: id workspace: __typename }} }} \
             one: {field}(id: $id) {{ id }} }}"
        );
        let found = app.ask(&admin, &query, json!({ "id": id })).await.data();
        let node = json!({ "__typename": name, "id": id, "again": id, "workspace": name });
        assert_eq!(found, json!({ "node": node, "one": { "id": id } }));
    }
}

async fn nodes_are_returned_in_the_order_of_ids(app: TestApp) {
    let (mut ids, admin) = create_one_of_each(&app, "Test").await;
    ids.reverse();
    let unknown = CustomerId(Uuid::from_u128(5)).to_string();
    // A repeated id, with a nonexistent one in between.
    let asked = [
        &ids[0], &ids[3], &unknown, &ids[1], &ids[0], &ids[5], &ids[2], &ids[4],
    ];
    let found = app.ask(&admin, NODES, json!({ "ids": asked })).await.at("/nodes");
    let seen: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap_or("-"))
        .collect();
    let expected: Vec<&str> = asked
        .iter()
        .map(|id| if **id == unknown { "-" } else { id.as_str() })
        .collect();
    assert_eq!(seen, expected);
    let none = app.ask(&admin, NODES, json!({ "ids": [] })).await;
    assert_eq!(none.at("/nodes"), json!([]));
    let one = app.ask(&admin, NODES, json!({ "ids": ids[0] })).await;
    assert_eq!(one.at("/nodes/0/id"), json!(ids[0]));
}

async fn foreign_and_missing_objects_have_the_same_response(app: TestApp) {
    let (_, admin) = create_one_of_each(&app, "Test").await;
    let (foreign, _) = create_one_of_each(&app, "Other").await;
    for ((_, field, unknown), foreign) in types().iter().zip(&foreign) {
        for query in [
            "query($id: ID!) { node(id: $id) { id } }".to_owned(),
            "query($id: ID!) { nodes(ids: [$id]) { id } }".to_owned(),
            format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}"),
        ] {
            let ask = async |id: &str| {
                app.statements.take();
                let answer = app.ask(&admin, &query, json!({ "id": id })).await;
                (answer.status, answer.body.to_string(), app.statements.take())
            };
            let (mine, theirs) = (ask(unknown).await, ask(foreign).await);
            assert!(mine.1.contains("null") && !mine.1.contains("errors"), "{mine:?}");
            assert_eq!(mine, theirs);
            assert_eq!(mine.2.len(), 1, "{:?}", mine.2);
        }
    }
}

async fn an_id_of_another_type_is_refused(app: TestApp) {
    let (ids, admin) = create_one_of_each(&app, "Test").await;
    for ((_, field, _), own) in types().iter().zip(&ids) {
        for id in &ids {
            let query = format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}");
            let answer = app.ask(&admin, &query, json!({ "id": id })).await;
            if id == own {
                assert_eq!(answer.at(&format!("/{field}/id")), json!(id));
            } else {
                assert_eq!(answer.error(), "BAD_USER_INPUT id", "{field} {id}");
                assert_eq!(answer.body["data"], json!({ *field: null }));
            }
        }
    }
}

async fn malformed_ids_are_refused(app: TestApp) {
    let (ids, admin) = create_one_of_each(&app, "Test").await;
    let unknown = ids[2].replace("cust_", "whk_").replace("tkt_", "whk_");
    let upper = ids[2].to_uppercase();
    let long = format!("{}0", ids[2]);
    let nul = format!("{}\0", ids[2]);
    for id in [
        "",
        "_",
        "cust_",
        "cust",
        "42",
        "nobody_01h455vb4pex5vsknk084sn02q",
        "☃",
        "cust_☃",
        "'",
        &unknown,
        &upper,
        &long,
        &nul,
    ] {
        let one = app
            .ask(
                &admin,
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(one.error(), "BAD_USER_INPUT id", "{id:?}");
        assert_eq!(one.body["data"], json!({ "node": null }));
        let several = app.ask(&admin, NODES, json!({ "ids": [ids[0], id] })).await;
        assert_eq!(several.error(), "BAD_USER_INPUT ids.1", "{id:?}");
        assert_eq!(several.body["data"], Value::Null);
        let customer = "query($id: ID!) { customer(id: $id) { id } }";
        let customer = app.ask(&admin, customer, json!({ "id": id })).await;
        assert_eq!(customer.error(), "BAD_USER_INPUT id", "{id:?}");
    }
}

async fn at_most_a_hundred_nodes_are_requested_at_once(app: TestApp) {
    let (ids, admin) = create_one_of_each(&app, "Test").await;
    app.statements.take();
    let hundred = app.ask(&admin, NODES, json!({ "ids": vec![&ids[2]; 100] })).await;
    assert_eq!(hundred.at("/nodes/99/id"), json!(ids[2]));
    assert_eq!(app.statements.take().len(), 1);
    let more = app.ask(&admin, NODES, json!({ "ids": vec![&ids[2]; 101] })).await;
    assert_eq!(more.error(), "BAD_USER_INPUT ids");
    assert_eq!(app.statements.take().len(), 0);
}

async fn nodes_take_one_statement_for_each_type(app: TestApp) {
    let (ids, admin) = create_one_of_each(&app, "Test").await;
    let many: Vec<&String> = ids.iter().cycle().take(96).collect();
    for ids in [ids.iter().collect(), many] {
        app.statements.take();
        app.ask(&admin, NODES, json!({ "ids": ids })).await.data();
        assert_eq!(app.statements.take().len(), 6);
    }
}

on_each_database!(
    every_object_is_found_by_its_id,
    nodes_are_returned_in_the_order_of_ids,
    foreign_and_missing_objects_have_the_same_response,
    an_id_of_another_type_is_refused,
    malformed_ids_are_refused,
    at_most_a_hundred_nodes_are_requested_at_once,
    nodes_take_one_statement_for_each_type,
);

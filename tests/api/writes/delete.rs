//! Deleting a customer removes all of its data and no other data.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use super::{
    groups::{queue, team},
    update,
};
use crate::support::{Person, TestApp, on_each_database};

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";

/// A customer with two tickets, one with a message of an agent, and a separate conversation with a message.
pub(super) struct Case {
    pub customer: Value,
    pub tickets: Vec<Value>,
    pub conversations: Vec<Value>,
    pub messages: Vec<Value>,
}

impl Case {
    pub async fn new(app: &TestApp, admin: &Person, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let input = json!({
            "emails": [{ "email": email }, { "email": format!("{name}@home.example.com") }],
            "externalId": format!("crm-{name}"), "name": name,
        });
        let customer = super::customer(app, admin, input).await["id"].clone();
        let mut case = Self {
            customer,
            tickets: Vec::new(),
            conversations: Vec::new(),
            messages: Vec::new(),
        };
        for _ in 0..2 {
            let input = json!({ "subject": format!("Of {name}"), "customerEmail": email, "body": "Please." });
            let made = app.wrote(admin, "ticketCreate", json!({ "input": input })).await;
            case.tickets.push(made["ticket"]["id"].clone());
            case.conversations
                .push(made["ticket"]["conversation"]["id"].clone());
            case.messages.push(made["message"]["id"].clone());
        }
        let input = json!({ "customer": { "id": case.customer }, "externalId": format!("thread-{name}") });
        let made = app
            .wrote(admin, "conversationCreate", json!({ "input": input }))
            .await;
        case.conversations.push(made["conversation"]["id"].clone());
        for (target, direction, sender) in [
            (
                json!({ "ticketId": case.tickets[0] }),
                "OUTBOUND",
                "admin@agents.example.com",
            ),
            (
                json!({ "conversationId": case.conversations[2] }),
                "INBOUND",
                &*email,
            ),
        ] {
            let input =
                json!({ "target": target, "direction": direction, "body": "Hm.", "senderEmail": sender });
            let added = app.wrote(admin, "messageAdd", json!({ "input": input })).await;
            case.messages.push(added["message"]["id"].clone());
        }
        // Changes whose content is recorded in the change log.
        let (team, queue) = (team(app, admin, name, &[]).await, queue(app, admin, name).await);
        update(
            app,
            admin,
            &case.customer,
            json!({ "company": "Secret", "customFields": { "k": "secret" } }),
        )
        .await;
        let input = json!({ "subject": format!("Secret of {name}"), "status": "SOLVED", "teamId": team });
        app.wrote(
            admin,
            "ticketUpdate",
            json!({ "id": case.tickets[0], "input": input }),
        )
        .await;
        let input =
            json!({ "assigneeIds": [admin.id], "teamIds": [team], "queueId": queue, "name": "Secret" });
        app.wrote(
            admin,
            "conversationUpdate",
            json!({ "id": case.conversations[2], "input": input }),
        )
        .await;
        case
    }

    fn all(&self) -> Vec<&Value> {
        let rest = self
            .tickets
            .iter()
            .chain(&self.conversations)
            .chain(&self.messages);
        rest.chain([&self.customer]).collect()
    }
}

pub(super) async fn delete(app: &TestApp, person: &Person, id: &Value) -> crate::support::Payload {
    app.wrote(person, "customerDelete", json!({ "id": id })).await
}

async fn a_deletion_removes_only_objects_of_the_customer(app: TestApp) {
    let (_, admin) = app.admin().await;
    let (ann, ben) = (
        Case::new(&app, &admin, "ann").await,
        Case::new(&app, &admin, "ben").await,
    );
    let all = "{ customers { totalCount nodes { id } } tickets { totalCount nodes { id } } \
               conversations { totalCount nodes { id } } agents { nodes { tickets { totalCount } } } \
               queues { nodes { name tickets { totalCount } conversations { totalCount } } } \
               byEmail: customerByEmail(email: \"ann@example.com\") { id } \
               atHome: customerByEmail(email: \"ann@home.example.com\") { id } \
               byId: customerByExternalId(externalId: \"crm-ann\") { id } search: customers(search: \"ann\") { totalCount } }";
    let bens = "query($id: ID!) { customer(id: $id) { version totalTickets openTickets avgResolutionTime emails { email } \
                tickets { nodes { version messages { totalCount nodes { body } } } } messages { totalCount } \
                conversations { nodes { version assignees { id } teams { id } queue { id } } } } }";
    let before = app
        .ask(&admin, bens, json!({ "id": ben.customer }))
        .await
        .at("/customer");
    let gone = delete(&app, &admin, &ann.customer).await;
    assert_eq!(gone["deletedId"], ann.customer);
    assert_eq!(
        [
            &gone["deletedTickets"],
            &gone["deletedConversations"],
            &gone["deletedMessages"]
        ],
        [2, 3, 4]
    );
    let nodes = app
        .ask(&admin, NODES, json!({ "ids": ann.all() }))
        .await
        .at("/nodes");
    assert_eq!(
        nodes,
        json!([null, null, null, null, null, null, null, null, null, null])
    );
    let seen = app.ask(&admin, all, json!({})).await.data();
    assert_eq!(
        seen["customers"],
        json!({ "totalCount": 1, "nodes": [{ "id": ben.customer }] })
    );
    assert_eq!(
        (
            &seen["tickets"]["totalCount"],
            &seen["conversations"]["totalCount"]
        ),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        seen["queues"]["nodes"][0],
        json!({ "name": "ann", "tickets": { "totalCount": 0 }, "conversations": { "totalCount": 0 } })
    );
    assert_eq!(
        [&seen["byEmail"], &seen["atHome"], &seen["byId"]],
        [&Value::Null; 3]
    );
    assert_eq!(seen["search"]["totalCount"], 0);
    let after = app
        .ask(&admin, bens, json!({ "id": ben.customer }))
        .await
        .at("/customer");
    assert_eq!(after, before);
    let nodes = app
        .ask(&admin, NODES, json!({ "ids": ben.all() }))
        .await
        .at("/nodes");
    assert!(nodes.as_array().expect("nodes").iter().all(Value::is_object));

    // The address and the external id are free again, and a customer who uses them is new.
    let input = json!({ "email": "ANN@home.example.com", "externalId": "crm-ann" });
    let next = super::customer(&app, &admin, input).await;
    assert_ne!(next["id"], ann.customer);
    assert_eq!(
        (&next["totalTickets"], &next["overallSentiment"]),
        (&json!(0), &Value::Null)
    );
    let thread = json!({ "customer": { "id": next["id"] }, "externalId": "thread-ann" });
    app.wrote(&admin, "conversationCreate", json!({ "input": thread }))
        .await;
    // A customer without other data can be deleted too.
    let bare = super::customer(&app, &admin, json!({ "name": "Bare" })).await;
    let gone = delete(&app, &admin, &bare["id"]).await;
    assert_eq!(
        [
            &gone["deletedTickets"],
            &gone["deletedConversations"],
            &gone["deletedMessages"]
        ],
        [0, 0, 0]
    );
}

async fn missing_and_foreign_customers_are_not_deleted(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = Case::new(&app, &admin, "ann").await;
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    let me = app.customer(workspace, "ann@example.com").await;
    let reader = app
        .api_key(&[workspace], &[Grant::Read, Grant::CustomerNotes])
        .await;
    let log = app.log(workspace).await;
    let nobody = json!(entity::CustomerId(uuid::Uuid::max()).to_string());
    for (person, id, expected) in [
        (&admin, &nobody, "NOT_FOUND id"),
        (&admin, &ann.tickets[0], "INVALID id"),
        (&admin, &json!("nonsense"), "INVALID id"),
        (&stranger, &ann.customer, "NOT_FOUND id"),
    ] {
        let refused = app.write(person, "customerDelete", json!({ "id": id })).await;
        assert_eq!(refused.errors(), [expected]);
        for field in [
            "deletedId",
            "deletedTickets",
            "deletedConversations",
            "deletedMessages",
            "changeCursor",
        ] {
            assert_eq!(refused[field], Value::Null);
        }
    }
    for person in [&me, &reader] {
        let answer = app
            .attempt(person, "customerDelete", json!({ "id": ann.customer }))
            .await;
        assert_eq!(
            (answer.error().as_str(), &answer.body["data"]),
            ("FORBIDDEN", &Value::Null)
        );
    }
    assert_eq!(app.log(workspace).await, log);
    // Agents and keys with the grant `WRITE` may delete. A second deletion finds nothing.
    let agent = app.agent(workspace, "Ada").await;
    delete(&app, &agent, &ann.customer).await;
    let log = app.log(workspace).await;
    let again = app
        .write(&admin, "customerDelete", json!({ "id": ann.customer }))
        .await;
    assert_eq!(again.errors(), ["NOT_FOUND id"]);
    assert_eq!(app.log(workspace).await, log);
    let writer = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let ben = Case::new(&app, &admin, "ben").await;
    delete(&app, &writer, &ben.customer).await;
    // The token of a deleted customer is rejected.
    let answer = app
        .ask(
            &me,
            "{ viewer { customer { id } } customers { totalCount } }",
            json!({}),
        )
        .await;
    assert!(
        answer.body["data"]["viewer"]["customer"].is_null(),
        "{}",
        answer.body
    );
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
    let refused = app.attempt(&me, "ticketCreate", json!({ "input": input })).await;
    assert!(
        refused.body["data"]["ticketCreate"]["ticket"].is_null(),
        "{}",
        refused.body
    );
}

on_each_database!(
    a_deletion_removes_only_objects_of_the_customer,
    missing_and_foreign_customers_are_not_deleted,
);

//! Queries and mutations of customers with their own tokens.

use serde_json::{Value, json};

use super::Case;
use crate::support::{Person, TestApp, on_each_database};

async fn two_cases(app: &TestApp) -> (Case, Case) {
    let workspace = app.workspace("Test").await;
    let ann = Case::new(app, workspace, "Ada", "ann@example.com").await;
    let ben = Case::new(app, workspace, "Bob", "ben@example.com").await;
    (ann, ben)
}

async fn a_customer_reads_its_own_objects_without_notes(app: TestApp) {
    let (ann, _) = two_cases(&app).await;
    let query = "query($ticket: ID!, $customer: ID!, $agent: ID!, $conversation: ID!) {
        viewer { kind grants agent { id } customer { id internalNotes } workspaces { name } }
        customer(id: $customer) { id email internalNotes totalTickets tickets { totalCount } messages { totalCount } }
        byEmail: customerByEmail(email: \"ANN@example.com\") { id internalNotes }
        customers { totalCount nodes { id internalNotes tickets { totalCount } conversations { totalCount } } }
        tickets { totalCount nodes { id customer { id internalNotes } assignee { id } } }
        ticket(id: $ticket) { id messages { nodes { sender { __typename } customer { id internalNotes } } } }
        conversations { totalCount nodes { id } }
        conversation(id: $conversation) { id tickets { totalCount } messages { totalCount } }
        agents { totalCount nodes { id tickets { totalCount nodes { id } } } }
        agent(id: $agent) { id tickets { nodes { customer { id internalNotes } } } }
        node(id: $customer) { ... on Customer { id internalNotes } }
    }";
    let own = json!({
        "ticket": ann.ticket["id"], "customer": ann.customer.id, "agent": ann.agent.id,
        "conversation": ann.ticket["conversation"]["id"],
    });
    let (ticket, conversation) = (&ann.ticket["id"], &ann.ticket["conversation"]["id"]);
    let customer = json!({ "id": ann.customer.id, "internalNotes": null });
    let seen = app.ask(&ann.customer, query, own).await.data();
    let expected = json!({
        "viewer": {
            "kind": "CUSTOMER", "grants": ["READ", "WRITE"], "agent": null, "customer": customer,
            "workspaces": [{ "name": "Test" }],
        },
        "customer": {
            "id": ann.customer.id, "email": "ann@example.com", "internalNotes": null, "totalTickets": 1,
            "tickets": { "totalCount": 1 }, "messages": { "totalCount": 2 },
        },
        "byEmail": customer,
        "customers": { "totalCount": 1, "nodes": [{
            "id": ann.customer.id, "internalNotes": null, "tickets": { "totalCount": 1 },
            "conversations": { "totalCount": 1 },
        }] },
        "tickets": { "totalCount": 1, "nodes": [{ "id": ticket, "customer": customer, "assignee": { "id": ann.agent.id } }] },
        "ticket": { "id": ticket, "messages": { "nodes": [
            { "sender": { "__typename": "Customer" }, "customer": customer },
            { "sender": { "__typename": "Agent" }, "customer": customer },
        ] } },
        "conversations": { "totalCount": 1, "nodes": [{ "id": conversation }] },
        "conversation": { "id": conversation, "tickets": { "totalCount": 1 }, "messages": { "totalCount": 2 } },
        "agents": { "totalCount": 1, "nodes": [
            { "id": ann.agent.id, "tickets": { "totalCount": 1, "nodes": [{ "id": ticket }] } },
        ] },
        "agent": { "id": ann.agent.id, "tickets": { "nodes": [{ "customer": customer }] } },
        "node": customer,
    });
    for (field, value) in expected.as_object().expect("fields") {
        assert_eq!(&seen[field], value, "{field}");
    }
}

async fn no_filter_shows_objects_of_other_customers(app: TestApp) {
    let (ann, ben) = two_cases(&app).await;
    // The agent of one customer also has a ticket of the other, so that the agent's tickets belong to both.
    let both = json!({ "id": ben.ticket["id"], "input": { "assignedTo": ann.agent.id } });
    app.wrote(&ann.agent, "ticketUpdate", both).await;
    let theirs = json!({ "customer": ben.customer.id, "mine": ann.customer.id, "agent": ann.agent.id });
    for selection in [
        "tickets(filter: { not: { customerId: [$mine] } }) { totalCount nodes { id } }",
        "tickets(filter: { or: [{ customerId: [$customer] }, { customer: { id: [$customer] } }] }) { totalCount nodes { id } }",
        "tickets(filter: { customer: { not: { id: [$mine] } } }) { totalCount nodes { id } }",
        "tickets(filter: { customer: { email: { startsWith: \"ben\" } } }) { totalCount nodes { id } }",
        "tickets(filter: { assignedTo: [$agent], not: { customerId: [$mine] } }) { totalCount nodes { id } }",
        "conversations(filter: { not: { customerId: [$mine] } }) { totalCount nodes { id } }",
        "conversations(filter: { customer: { email: { contains: \"ben\" } } }) { totalCount nodes { id } }",
        "customers(filter: { not: { id: [$mine] } }) { totalCount nodes { id } }",
        "customers(search: \"ben\") { totalCount nodes { id } }",
        "agents(search: \"bob\") { totalCount nodes { id } }",
    ] {
        let variables = [
            ("$customer", "$customer: ID!"),
            ("$mine", "$mine: ID!"),
            ("$agent", "$agent: ID!"),
        ];
        let used: Vec<&str> = variables
            .iter()
            .filter(|(name, _)| selection.contains(name))
            .map(|(_, one)| *one)
            .collect();
        let head = if used.is_empty() {
            String::new()
        } else {
            format!("query({})", used.join(", "))
        };
        let seen = app
            .ask(
                &ann.customer,
                &format!("{head} {{ list: {selection} }}"),
                theirs.clone(),
            )
            .await
            .at("/list");
        assert_eq!(seen, json!({ "totalCount": 0, "nodes": [] }), "{selection}");
    }
    let query = "query($agent: ID!) { agent(id: $agent) { tickets { totalCount nodes { id } } } }";
    let tickets = app.ask(&ann.customer, query, theirs).await.at("/agent/tickets");
    assert_eq!(
        tickets,
        json!({ "totalCount": 1, "nodes": [{ "id": ann.ticket["id"] }] })
    );
}

async fn a_customer_sets_no_fields_of_agents(app: TestApp) {
    let (ann, _) = two_cases(&app).await;
    let me = &ann.customer;
    let ticket = |extra: Value| {
        merged(
            json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." }),
            &extra,
        )
    };
    for (extra, expected) in [
        (json!({ "priority": "URGENT" }), "FORBIDDEN input.priority"),
        (
            json!({ "assignedTo": ann.agent.id }),
            "FORBIDDEN input.assignedTo",
        ),
        (json!({ "tags": ["vip"] }), "FORBIDDEN input.tags"),
        (
            json!({ "teamId": entity::TeamId(uuid::Uuid::nil()).to_string() }),
            "FORBIDDEN input.teamId",
        ),
        (
            json!({ "queueId": entity::QueueId(uuid::Uuid::nil()).to_string() }),
            "FORBIDDEN input.queueId",
        ),
        (json!({ "customFields": {} }), "FORBIDDEN input.customFields"),
    ] {
        let refused = app.write(me, "ticketCreate", ticket(extra)).await;
        assert_eq!(refused.errors(), [expected]);
    }
    // An invalid value is refused for both reasons.
    let large = json!({ "customFields": { "plan": "x".repeat(70_000) } });
    let refused = app.write(me, "ticketCreate", ticket(large)).await;
    let errors = ["TOO_LONG input.customFields", "FORBIDDEN input.customFields"];
    assert_eq!(refused.errors(), errors);
    let conversation = |extra: Value| {
        merged(
            json!({ "customer": { "email": "ann@example.com" }, "channel": "chat" }),
            &extra,
        )
    };
    for (extra, expected) in [
        (json!({ "tags": ["vip"] }), "FORBIDDEN input.tags"),
        (json!({ "externalId": "c-9" }), "FORBIDDEN input.externalId"),
        (
            json!({ "customFields": { "a": 1 } }),
            "FORBIDDEN input.customFields",
        ),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": "2040-01-01T00:00:00Z" }),
            "FORBIDDEN input.snoozedUntil",
        ),
    ] {
        let refused = app.write(me, "conversationCreate", conversation(extra)).await;
        assert_eq!(refused.errors(), [expected]);
    }
}

async fn a_customer_writes_only_in_its_own_name(app: TestApp) {
    let (ann, ben) = two_cases(&app).await;
    let me = &ann.customer;
    let ticket = |extra: Value| {
        merged(
            json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." }),
            &extra,
        )
    };
    let made = app
        .wrote(
            me,
            "ticketCreate",
            ticket(json!({ "customerEmail": "ANN@example.com" })),
        )
        .await;
    assert_eq!(
        (&made["ticket"]["customer"]["id"], &made["customerCreated"]),
        (&json!(me.id), &json!(false))
    );
    assert_eq!(
        made["message"]["sender"],
        json!({ "__typename": "Customer", "id": me.id })
    );
    for (extra, expected) in [
        (
            json!({ "customerEmail": ben.email }),
            "FORBIDDEN input.customerEmail",
        ),
        (
            json!({ "customerEmail": "new@example.com" }),
            "FORBIDDEN input.customerEmail",
        ),
        (
            json!({ "conversationId": ben.ticket["conversation"]["id"] }),
            "NOT_FOUND input.conversationId",
        ),
    ] {
        let refused = app.write(me, "ticketCreate", ticket(extra)).await;
        assert_eq!(refused.errors(), [expected]);
    }

    let target = json!({ "ticketId": ann.ticket["id"] });
    let message = |extra: Value| {
        merged(
            json!({ "target": target, "body": "And?", "senderEmail": "ann@example.com" }),
            &extra,
        )
    };
    let added = app.wrote(me, "messageAdd", message(json!({}))).await;
    assert_eq!(
        added["message"]["sender"],
        json!({ "__typename": "Customer", "id": me.id })
    );
    for (extra, expected) in [
        (json!({ "senderEmail": ben.email }), "FORBIDDEN input.senderEmail"),
        (
            json!({ "senderEmail": "ada@agents.example.com" }),
            "FORBIDDEN input.senderEmail",
        ),
        (json!({ "direction": "OUTBOUND" }), "FORBIDDEN input.direction"),
        (
            json!({ "target": { "ticketId": ben.ticket["id"] } }),
            "NOT_FOUND input.target.ticketId",
        ),
    ] {
        let refused = app.write(me, "messageAdd", message(extra)).await;
        assert_eq!(refused.errors(), [expected]);
    }

    let conversation = |customer: Value| json!({ "input": { "customer": customer } });
    for own in [json!({ "id": me.id }), json!({ "email": "Ann@example.com" })] {
        let made = app.wrote(me, "conversationCreate", conversation(own)).await;
        assert_eq!(
            (&made["conversation"]["customer"]["id"], &made["customerCreated"]),
            (&json!(me.id), &json!(false))
        );
    }
    for other in [
        json!({ "id": ben.customer.id }),
        json!({ "email": ben.email }),
        json!({ "email": "new@example.com" }),
    ] {
        let refused = app.write(me, "conversationCreate", conversation(other)).await;
        assert_eq!(refused.errors(), ["NOT_FOUND input.customer"]);
    }
    assert_eq!(customers(&app, &ann.agent).await, 2);
}

fn merged(mut input: Value, extra: &Value) -> Value {
    for (field, value) in extra.as_object().expect("fields") {
        input[field] = value.clone();
    }
    json!({ "input": input })
}

async fn customers(app: &TestApp, person: &Person) -> i64 {
    let count = app
        .ask(person, "{ customers { totalCount } }", json!({}))
        .await
        .at("/customers/totalCount");
    count.as_i64().expect("a number")
}

async fn agent_mutations_are_forbidden_to_customers(app: TestApp) {
    let (ann, _) = two_cases(&app).await;
    let me = &ann.customer;
    for (mutation, variables) in [
        (
            "ticketUpdate",
            json!({ "id": ann.ticket["id"], "input": { "status": "SOLVED" } }),
        ),
        (
            "customerUpdate",
            json!({ "id": me.id, "input": { "name": "Ann" } }),
        ),
        (
            "customerUpsert",
            json!({ "input": { "email": "ann@example.com", "name": "Ann" } }),
        ),
        (
            "customerCreate",
            json!({ "input": { "email": "new@example.com" } }),
        ),
        (
            "conversationUpdate",
            json!({ "id": ann.ticket["conversation"]["id"], "input": { "status": "DONE" } }),
        ),
    ] {
        let answer = app.attempt(me, mutation, variables).await;
        assert_eq!(answer.error(), "FORBIDDEN", "{mutation}");
        assert_eq!(answer.body["data"], Value::Null, "{mutation}");
    }
}

async fn a_message_of_the_customer_reopens_its_ticket(app: TestApp) {
    let (ann, _) = two_cases(&app).await;
    let solve = json!({ "id": ann.ticket["id"], "input": { "status": "SOLVED" } });
    app.wrote(&ann.agent, "ticketUpdate", solve).await;
    let input = json!({ "target": { "ticketId": ann.ticket["id"] }, "body": "No!", "senderEmail": "ann@example.com" });
    let added = app
        .wrote(&ann.customer, "messageAdd", json!({ "input": input }))
        .await;
    assert_eq!(added["message"]["ticket"]["status"], "OPEN");
}

on_each_database!(
    a_customer_reads_its_own_objects_without_notes,
    no_filter_shows_objects_of_other_customers,
    a_customer_sets_no_fields_of_agents,
    a_customer_writes_only_in_its_own_name,
    agent_mutations_are_forbidden_to_customers,
    a_message_of_the_customer_reopens_its_ticket,
);

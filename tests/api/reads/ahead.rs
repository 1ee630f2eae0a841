//! Rows that are read together with the rows that point to them: the results equal those of separate reads, with
//! fewer statements.

use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

/// Creates a ticket for which all pointers are set.
async fn ticket(app: &TestApp) -> (Person, Person, Value) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let made = async |mutation: &str, thing: &str, name: &str| {
        let input = json!({ "workspaceId": workspace.to_string(), "input": { "name": name } });
        app.wrote(&admin, mutation, input).await[thing]["id"].clone()
    };
    let agent = "{ agents(first: 1) { nodes { id } } }";
    let input = json!({
        "teamId": made("teamCreate", "team", "Second line").await,
        "queueId": made("queueCreate", "queue", "Returns").await,
        "assignedTo": app.ask(&admin, agent, json!({})).await.at("/agents/nodes/0/id"),
    });
    app.wrote(
        &admin,
        "ticketUpdate",
        json!({ "id": ticket["id"], "input": input }),
    )
    .await;
    let ann = app.customer(workspace, "ann@example.com").await;
    (admin, ann, ticket["id"].clone())
}

const POINTED: [&str; 5] = [
    "customer { id email totalTickets }",
    "conversation { id name messageCount }",
    "assignee { id name }",
    "team { id name }",
    "queue { id name }",
];

async fn referenced_rows_are_read_with_their_parent(app: TestApp) {
    let (admin, ann, id) = ticket(&app).await;
    let ways = [
        ("query($id: ID!) { ticket(id: $id) { … } }", "/ticket"),
        (
            "query($id: ID!) { nodes(ids: [$id]) { ... on Ticket { … } } }",
            "/nodes/0",
        ),
        ("{ tickets(first: 5) { nodes { … } } }", "/tickets/nodes/0"),
    ];
    for person in [&admin, &ann] {
        for (way, path) in ways {
            let read = async |selection: &str| {
                let variables = if way.contains("$id") {
                    json!({ "id": id })
                } else {
                    json!({})
                };
                app.statements.take();
                let answer = app.ask(person, &way.replace('…', selection), variables).await;
                (answer.at(path), app.statements.take().len())
            };
            let (all, count) = read(&POINTED.join(" ")).await;
            // A customer sees neither teams nor queues. A row that was not read ahead is loaded, because it could
            // exist now.
            let others = if person.id == ann.id { 2 } else { 0 };
            assert_eq!(count, 1 + others, "{way}");
            for field in POINTED {
                let (alone, _) = read(field).await;
                let name = field.split(' ').next().expect("a name");
                assert_eq!(alone[name], all[name], "{name} of {way}");
                let is_hidden = others > 0 && ["team", "queue"].contains(&name);
                assert_eq!(alone[name].is_null(), is_hidden, "{name} of {way}");
            }
        }
    }
}

async fn mutations_do_not_prefetch_rows(app: TestApp) {
    let (admin, _, id) = ticket(&app).await;
    let customer = "query($id: ID!) { ticket(id: $id) { customer { id } } }";
    let customer = app.ask(&admin, customer, json!({ "id": id })).await;
    let customer = customer.at("/ticket/customer/id");
    let write = "message { ticket { customer { name } } }";
    let mutation = format!(
        "mutation($customer: ID!, $message: MessageAddInput!) {{ \
         before: messageAdd(input: $message) {{ {write} }} \
         customerUpdate(id: $customer, input: {{ name: \"New name\" }}) {{ userErrors {{ code }} }} \
         after: messageAdd(input: $message) {{ {write} }} }}"
    );
    let message = json!({
        "target": { "ticketId": id },
        "body": "Hello",
        "senderEmail": "ann@example.com",
        "direction": "INBOUND",
    });
    let variables = json!({ "customer": customer, "message": message });
    let answer = app.ask(&admin, &mutation, variables).await.data();
    let name = |field: &str| answer[field]["message"]["ticket"]["customer"]["name"].clone();
    assert_ne!(name("before"), "New name");
    assert_eq!(name("after"), "New name");
}

/// One selection occurs twice. Data from the first occurrence must not be used again for the second one.
async fn mutation_fragments_show_their_own_writes(app: TestApp) {
    let (admin, _, id) = ticket(&app).await;
    let mutation = "mutation($message: MessageAddInput!) {
        first: messageAdd(input: $message) { ...written }
        second: messageAdd(input: $message) { ...written }
    }
    fragment written on MessagePayload {
        message { ticket { messageCount customer { totalTickets } messages(first: 50) { nodes { id } } } }
    }";
    let message = json!({
        "target": { "ticketId": id },
        "body": "Hello",
        "senderEmail": "ann@example.com",
        "direction": "INBOUND",
    });
    let answer = app
        .ask(&admin, mutation, json!({ "message": message }))
        .await
        .data();
    let [first, second] = ["first", "second"].map(|field| {
        let ticket = &answer[field]["message"]["ticket"];
        let listed = ticket["messages"]["nodes"].as_array().map_or(0, Vec::len);
        assert_eq!(ticket["messageCount"], listed);
        listed
    });
    assert_eq!(first + 1, second);
}

on_each_database!(
    referenced_rows_are_read_with_their_parent,
    mutations_do_not_prefetch_rows,
    mutation_fragments_show_their_own_writes,
);

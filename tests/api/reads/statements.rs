//! The number of SQL statements depends on the document and not on the number of rows.
//!
//! Every field of every type is tested with one parent and with fifty. A field that returns objects needs a line in
//! [`SELECTIONS`]. The test fails if it is missing.

use std::collections::BTreeMap;

use deskgraph::{config::Settings, service::Patch};
use entity::message::Direction;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

const MANY: usize = 50;

/// The types, and a list of fifty objects of each, with a place for the field.
const LISTS: [(&str, &str); 8] = [
    ("Customer", "customers(first: N) { nodes { FIELD } }"),
    ("Ticket", "tickets(first: N) { nodes { FIELD } }"),
    ("Conversation", "conversations(first: N) { nodes { FIELD } }"),
    (
        "Message",
        "conversations(first: N) { nodes { messages(first: 1) { nodes { FIELD } } } }",
    ),
    ("Agent", "agents(first: N) { nodes { FIELD } }"),
    (
        "Workspace",
        "customers(first: N) { nodes { workspace { FIELD } } }",
    ),
    (
        "Team",
        "customers(first: N) { nodes { workspace { teams { nodes { FIELD } } } } }",
    ),
    (
        "Queue",
        "customers(first: N) { nodes { workspace { queues { nodes { FIELD } } } } }",
    ),
];

const LIST: &str = "(first: 3) { nodes { id } edges { cursor } pageInfo { hasNextPage } }";
const COUNT: &str = " { totalCount }";
const BOTH: &str = "(first: 3) { totalCount nodes { id } }";
const THING: &str = " { id }";

/// Selections of fields that return objects.
const SELECTIONS: [(&str, &[&str]); 43] = [
    ("Customer.emails", &[" { email }"]),
    ("Customer.phones", &[" { phone }"]),
    ("Customer.externalReferences", &[" { system id }"]),
    ("Ticket.externalReferences", &[" { system id }"]),
    ("Conversation.externalReferences", &[" { system id }"]),
    ("Message.externalReferences", &[" { system id }"]),
    ("Message.attachments", &[" { name }"]),
    ("Ticket.team", &[THING]),
    ("Ticket.queue", &[THING]),
    ("Conversation.assignees", &[THING]),
    ("Conversation.teams", &[THING]),
    ("Conversation.queue", &[THING]),
    ("Agent.teams", &[THING]),
    ("Workspace.agents", &[LIST, COUNT, BOTH]),
    ("Workspace.teams", &[LIST, COUNT, BOTH]),
    ("Workspace.queues", &[LIST, COUNT, BOTH]),
    ("Team.workspace", &[THING]),
    ("Team.agents", &[THING]),
    ("Queue.workspace", &[THING]),
    ("Queue.tickets", &[LIST, COUNT, BOTH]),
    ("Queue.conversations", &[LIST, COUNT, BOTH]),
    ("Customer.workspace", &[THING]),
    ("Customer.tickets", &[LIST, COUNT, BOTH]),
    ("Customer.conversations", &[LIST, COUNT, BOTH]),
    ("Customer.messages", &[LIST, COUNT, BOTH]),
    ("Ticket.workspace", &[THING]),
    ("Ticket.customer", &[THING]),
    ("Ticket.conversation", &[THING]),
    ("Ticket.assignee", &[THING]),
    ("Ticket.followUpOf", &[THING]),
    ("Ticket.followUps", &[LIST, COUNT, BOTH]),
    ("Ticket.messages", &[LIST, COUNT, BOTH]),
    ("Conversation.workspace", &[THING]),
    ("Conversation.customer", &[THING]),
    ("Conversation.tickets", &[LIST, COUNT, BOTH]),
    ("Conversation.messages", &[LIST, COUNT, BOTH]),
    ("Message.workspace", &[THING]),
    ("Message.customer", &[THING]),
    ("Message.conversation", &[THING]),
    ("Message.ticket", &[THING]),
    (
        "Message.sender",
        &[" { __typename ... on Agent { id } ... on Customer { email } }"],
    ),
    ("Agent.workspace", &[THING]),
    ("Agent.tickets", &[LIST, COUNT, BOTH]),
];

/// Creates fifty workspaces, each with an object of every type, and a viewer who sees all of them.
async fn create_fifty_of_each(app: &TestApp) -> Person {
    let mut workspaces = Vec::with_capacity(MANY);
    for i in 0..MANY {
        let workspace = app.workspace(&format!("{i}")).await;
        workspaces.push(workspace);
        let mut ticket = fill::ticket("t", "ann");
        ticket.assigned_to = Patch::Set("mia@agents.example.com".to_owned());
        let rows = Rows {
            customers: vec![fill::customer("ann")],
            tickets: vec![ticket],
            messages: vec![fill::message("m", "t", "ann@example.com")],
        };
        app.fill(workspace, &rows).await;
    }
    let admin = app.admin_of(&workspaces).await;
    let things = "{ tickets(first: 100) { nodes { id conversation { id } assignedTo workspace { id } } } }";
    let things = app.ask(&admin, things, json!({})).await.at("/tickets/nodes");
    for ticket in things.as_array().unwrap() {
        let (workspace, agent) = (&ticket["workspace"]["id"], &ticket["assignedTo"]);
        let team =
            json!({ "workspaceId": workspace, "input": { "name": "Second line", "agentIds": [agent] } });
        let team = app.wrote(&admin, "teamCreate", team).await["team"]["id"].clone();
        let queue = json!({ "workspaceId": workspace, "input": { "name": "Returns" } });
        let queue = app.wrote(&admin, "queueCreate", queue).await["queue"]["id"].clone();
        let input = json!({ "teamId": team, "queueId": queue });
        app.wrote(
            &admin,
            "ticketUpdate",
            json!({ "id": ticket["id"], "input": input }),
        )
        .await;
        let input = json!({ "assigneeIds": [agent], "teamIds": [team], "queueId": queue });
        let id = &ticket["conversation"]["id"];
        app.wrote(&admin, "conversationUpdate", json!({ "id": id, "input": input }))
            .await;
    }
    // Each ticket becomes its own follow-up, so that both directions return a ticket.
    let own = "UPDATE ticket SET follow_up_of_id = id";
    let connection = app.services.db.connection();
    connection.execute_unprepared(own).await.expect("a change");
    admin
}

/// Runs a document and returns the number of statements and the response.
async fn run(app: &TestApp, person: &Person, document: &str) -> (usize, Value) {
    app.statements.take();
    let data = app.ask(person, document, json!({})).await.data();
    (app.statements.take().len(), data)
}

/// Returns the number of non-empty values of a field.
fn non_empty_count(value: &Value, field: &str) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let here = usize::from(name == field && !value.is_null());
                here + non_empty_count(value, field)
            })
            .sum(),
        Value::Array(items) => items.iter().map(|item| non_empty_count(item, field)).sum(),
        _ => 0,
    }
}

/// Returns the fields of a type, and whether each returns objects.
async fn fields_of(app: &TestApp, person: &Person, name: &str) -> Vec<(String, bool)> {
    let kind = "{ kind ofType { kind ofType { kind ofType { kind } } } }";
    let query =
        format!("query($name: String!) {{ __type(name: $name) {{ fields {{ name type {kind} }} }} }}");
    let fields = app.ask(person, &query, json!({ "name": name })).await;
    let fields = fields.at("/__type/fields");
    let read = |field: &Value| {
        let mut inner = &field["type"];
        while !inner["ofType"].is_null() {
            inner = &inner["ofType"];
        }
        let things = ["OBJECT", "INTERFACE", "UNION"].contains(&inner["kind"].as_str().unwrap());
        (field["name"].as_str().unwrap().to_owned(), things)
    };
    fields.as_array().unwrap().iter().map(read).collect()
}

async fn the_number_of_parents_does_not_change_statement_counts(app: TestApp) {
    let admin = create_fifty_of_each(&app).await;
    let mut selections = BTreeMap::from(SELECTIONS);
    for (name, list) in LISTS {
        for (field, things) in fields_of(&app, &admin, name).await {
            let path = format!("{name}.{field}");
            let selected = selections.remove(path.as_str());
            assert_eq!(
                selected.is_some(),
                things,
                "{path} returns objects: add its selection to SELECTIONS"
            );
            for selection in selected.unwrap_or(&[""]) {
                let document = |first: usize| {
                    let document = list.replace("FIELD", &format!("x: {field}{selection}"));
                    format!(
                        "{{ {} }}",
                        document.replace("first: N", &format!("first: {first}"))
                    )
                };
                let (one, _) = run(&app, &admin, &document(1)).await;
                let (many, data) = run(&app, &admin, &document(MANY)).await;
                println!("{path}{selection} → {one}");
                assert_eq!(one, many, "{path}{selection}");
                if things {
                    assert_eq!(
                        non_empty_count(&data, "x"),
                        MANY,
                        "{path} must have a value for each parent"
                    );
                }
            }
        }
    }
    assert!(selections.is_empty(), "no such fields: {selections:?}");
}

/// Creates customers with several tickets each, with several messages each.
async fn three_levels(app: &TestApp, customers: usize) -> Person {
    let (workspace, admin) = app.admin().await;
    app.agent(workspace, "Mia").await;
    let mut rows = Rows::default();
    for customer in (0..customers).map(|i| format!("c{i}")) {
        for ticket in (0..4).map(|i| format!("{customer}t{i}")) {
            for i in 0..3 {
                let sender = fill::email_of(&customer);
                rows.messages
                    .push(fill::message(&format!("{ticket}m{i}"), &ticket, &sender));
            }
            rows.tickets.push(fill::ticket(&ticket, &customer));
        }
        rows.customers.push(fill::customer(&customer));
    }
    let mut answer = fill::message("answer", "c0t0", "mia@agents.example.com");
    answer.direction = Direction::Outbound;
    app.fill(workspace, &rows).await;
    let answer = Rows {
        messages: vec![answer],
        ..Rows::default()
    };
    app.fill(workspace, &answer).await;
    admin
}

async fn three_levels_of_lists_take_four_statements(app: TestApp) {
    let admin = three_levels(&app, 100).await;
    let document = |customers: usize, tickets: usize, messages: usize| {
        format!(
            "{{ customers(first: {customers}) {{ nodes {{ tickets(first: {tickets}) {{ nodes {{ \
             messages(first: {messages}, filter: {{direction: INBOUND}}) {{ nodes {{ sender {{ \
             __typename ... on Customer {{ email }} }} }} }} }} }} }} }} }}"
        )
    };
    for (customers, tickets, messages) in [(1, 1, 1), (1, 4, 3), (50, 1, 1), (50, 4, 3), (100, 4, 3)] {
        let (count, data) = run(&app, &admin, &document(customers, tickets, messages)).await;
        assert_eq!(count, 4, "{customers} {tickets} {messages}");
        assert_eq!(non_empty_count(&data, "sender"), customers * tickets * messages);
    }
}

async fn senders_take_one_statement_for_each_kind(app: TestApp) {
    let admin = three_levels(&app, 20).await;
    let senders = async |filter: &str| {
        let document = format!(
            "{{ tickets(first: 100) {{ nodes {{ messages(filter: {filter}) {{ nodes {{ sender {{ __typename }} }} }} }} }} }}"
        );
        run(&app, &admin, &document).await.0 - 2
    };
    assert_eq!(senders("{direction: INBOUND}").await, 1);
    assert_eq!(senders("{direction: OUTBOUND}").await, 1);
    assert_eq!(senders("{}").await, 2);
}

async fn a_repeated_object_is_read_once_for_each_level(app: TestApp) {
    let admin = three_levels(&app, 20).await;
    let document = "{ tickets(first: 80) { nodes { \
                    a: customer { id } b: customer { email } ... { customer { name workspace { id } } } \
                    workspace { name } conversation { id } } } }";
    let (count, _) = run(&app, &admin, document).await;
    // Tickets with their customers and conversations; the workspaces of both.
    assert_eq!(count, 2);
    let document = "{ customers(first: 20) { nodes { tickets(first: 4) { nodes { \
                    a: customer { id } b: customer { email } ... { customer { name workspace { id } } } \
                    workspace { name } conversation { id } } } } } }";
    let (count, _) = run(&app, &admin, document).await;
    // Customers; their tickets; the customers, workspaces and conversations of these; the workspaces of the
    // customers.
    assert_eq!(count, 6);
}

async fn aliases_with_different_arguments_take_one_statement_each(app: TestApp) {
    let admin = three_levels(&app, 50).await;
    for first in [1, 50] {
        let document = format!(
            "{{ customers(first: {first}) {{ nodes {{ a: tickets(first: 1) {{ nodes {{ id }} }} \
             b: tickets(first: 2) {{ nodes {{ id }} }} c: tickets(first: 1) {{ nodes {{ id }} }} \
             d: tickets(first: 9) {{ totalCount }} }} }} }}"
        );
        assert_eq!(run(&app, &admin, &document).await.0, 4);
    }
}

/// Fifty objects of everything in nested lists.
fn costly(settings: &mut Settings) {
    settings.query_cost_max = u32::MAX;
}

on_each_database!(
    with super::costly;
    the_number_of_parents_does_not_change_statement_counts,
    three_levels_of_lists_take_four_statements,
    senders_take_one_statement_for_each_kind,
    a_repeated_object_is_read_once_for_each_level,
    aliases_with_different_arguments_take_one_statement_each,
);

//! Filters of tickets.

use deskgraph::service::Patch;
use entity::{
    message::Direction,
    ticket::{Priority, Status},
};
use serde_json::json;

use super::{List, each, id_of};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// One ticket with values in all fields, one with few, and one in between. They are identified by subject.
async fn create_three_tickets(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    app.agent(workspace, "Mia").await;
    let mut ann = fill::customer("ann");
    ann.fields.is_vip = Patch::Set(true);
    ann.fields.name = Patch::Set("Søren".to_owned());
    let mut full = fill::ticket("Größe_100%", "ann");
    full.status = Some(Status::Solved);
    full.priority = Some(Priority::Urgent);
    "Widget".clone_into(&mut full.source);
    full.assigned_to = Patch::Set("mia@agents.example.com".to_owned());
    full.resolution_type = Patch::Set("Fixed".to_owned());
    full.tags = Patch::Set(vec!["a".to_owned(), "b".to_owned()]);
    full.created_at = Some(minute(1));
    full.updated_at = Some(minute(10));
    full.resolved_at = Some(minute(5));
    let mut little = fill::ticket("little", "bob");
    little.created_at = Some(minute(2));
    little.updated_at = Some(minute(20));
    let mut middle = fill::ticket("middle", "bob");
    middle.status = Some(Status::Pending);
    middle.priority = Some(Priority::Low);
    middle.tags = Patch::Set(vec!["b".to_owned()]);
    middle.created_at = Some(minute(3));
    middle.updated_at = Some(minute(30));
    let mut written = fill::message("m1", "middle", "bob@example.com");
    written.created_at = Some(minute(40));
    let mut reply = fill::message("m2", "little", "mia@agents.example.com");
    reply.direction = Direction::Outbound;
    reply.created_at = Some(minute(35));
    let rows = Rows {
        customers: vec![ann, fill::customer("bob")],
        tickets: vec![full, little, middle],
        messages: vec![written, reply],
    };
    app.fill(workspace, &rows).await;
    let team = app
        .wrote(
            &admin,
            "teamCreate",
            json!({ "input": { "name": "Second line" } }),
        )
        .await;
    let queue = app
        .wrote(&admin, "queueCreate", json!({ "input": { "name": "Returns" } }))
        .await;
    let input = json!({
        "teamId": team["team"]["id"],
        "queueId": queue["queue"]["id"],
        "customFields": { "order": 7 },
    });
    let ticket = id_of(list(app, &admin), FULL).await;
    // Makes the time of the last change known to the test.
    app.clock_control.advance_ms(10 * 60_000);
    app.wrote(&admin, "ticketUpdate", json!({ "id": ticket, "input": input }))
        .await;
    admin
}

const FULL: &str = "Größe_100%";

fn list<'a>(app: &'a TestApp, person: &'a Person) -> List<'a> {
    List {
        app,
        person,
        path: "tickets",
        label: "subject",
    }
}

/// Conditions on messages in both directions, and the matching tickets.
const DIRECTIONS: &[(&str, &str)] = &[
    ("lastInboundAt: {isNull: false}", "middle"),
    (r#"lastInboundAt: {lt: "2026-01-01T12:40:00Z"}"#, ""),
    (r#"lastOutboundAt: {lte: "2026-01-01T12:35:00Z"}"#, "little"),
    ("lastOutboundAt: {isNull: true}", "Größe_100% middle"),
    ("isAwaitingReply: true", "middle"),
    ("isAwaitingReply: false", "Größe_100% little"),
];

async fn every_condition_on_tickets_finds_its_matches(app: TestApp) {
    let admin = create_three_tickets(&app).await;
    let list = list(&app, &admin);
    let customers = List {
        path: "customers",
        label: "email",
        ..list
    };
    let agents = List {
        path: "agents",
        label: "name",
        ..list
    };
    let id = format!(r#"id: ["{}"]"#, id_of(list, "little").await);
    let customer = format!(r#"customerId: ["{}"]"#, id_of(customers, "bob@example.com").await);
    let mia = format!(r#"assignedTo: ["{}"]"#, id_of(agents, "Mia").await);
    let other = format!(r#"assignedTo: ["{}"]"#, id_of(agents, "admin").await);
    let first = app
        .ask(
            &admin,
            "{ teams { nodes { id } } queues { nodes { id } } }",
            json!({}),
        )
        .await
        .data();
    let team = format!("teamId: [{}]", first["teams"]["nodes"][0]["id"]);
    let queue = format!("queueId: [{}]", first["queues"]["nodes"][0]["id"]);
    let not_mia = format!("not: {{{mia}}}");
    let cases = [
        (id.as_str(), "little"),
        ("status: [OPEN]", "little"),
        ("status: [PENDING, SOLVED]", "Größe_100% middle"),
        ("status: [CLOSED]", ""),
        ("status: []", ""),
        ("priority: [LOW, URGENT]", "Größe_100% middle"),
        ("priority: [HIGH]", ""),
        (r#"subject: {contains: "GRÖSSE"}"#, ""),
        (r#"subject: {startsWith: "GRÖ"}"#, FULL),
        (r#"subject: {contains: "_1"}"#, FULL),
        (r#"subject: {in: ["LITTLE", "MIDDLE"]}"#, "little middle"),
        (customer.as_str(), "little middle"),
        ("customerId: []", ""),
        (r#"customerEmail: {eq: "ANN@Example.com"}"#, FULL),
        (r#"customerEmail: {contains: "b@e"}"#, "little middle"),
        (r#"customerEmail: {in: ["nobody@example.com"]}"#, ""),
        (mia.as_str(), FULL),
        (other.as_str(), ""),
        (not_mia.as_str(), "little middle"),
        (team.as_str(), FULL),
        ("teamId: []", ""),
        (queue.as_str(), FULL),
        (r#"customFields: [{key: "order", eq: 7}]"#, FULL),
        (
            r#"customFields: [{key: "order", exists: false}]"#,
            "little middle",
        ),
        ("isAssigned: true", FULL),
        ("isAssigned: false", "little middle"),
        (r#"source: {eq: "widget"}"#, FULL),
        (r#"source: {startsWith: "EM"}"#, "little middle"),
        (r#"source: {contains: "%"}"#, ""),
        (r#"resolutionType: {eq: "FIXED"}"#, FULL),
        ("resolutionType: {isNull: true}", "little middle"),
        ("resolutionType: {isNull: false}", FULL),
        (r#"not: {resolutionType: {eq: "fixed"}}"#, "little middle"),
        (
            r#"not: {resolutionType: {in: ["other"]}}"#,
            "Größe_100% little middle",
        ),
        (r#"tags: {hasAny: ["b"]}"#, "Größe_100% middle"),
        (r#"tags: {hasAll: ["a", "b"]}"#, FULL),
        (r#"tags: {hasNone: ["a"]}"#, "little middle"),
        (r#"createdAt: {gt: "2026-01-01T12:01:00Z"}"#, "little middle"),
        (r#"updatedAt: {lte: "2026-01-01T12:20:00Z"}"#, "Größe_100% little"),
        (r#"resolvedAt: {lt: "2026-01-01T12:06:00Z"}"#, FULL),
        (r#"resolvedAt: {gt: "2026-01-01T12:06:00Z"}"#, ""),
        ("resolvedAt: {isNull: true}", "little middle"),
        (
            r#"not: {resolvedAt: {gt: "2026-01-01T12:06:00Z"}}"#,
            "Größe_100% little middle",
        ),
        ("lastMessageAt: {isNull: false}", "little middle"),
        (r#"lastMessageAt: {gte: "2026-01-01T12:40:00Z"}"#, "middle"),
        ("customer: {isVip: true}", FULL),
        ("customer: {isVip: false}", "little middle"),
        ("customer: {name: {isNull: true}}", "little middle"),
        ("customer: {or: []}", ""),
        ("and: [{status: [OPEN, PENDING]}, {priority: [LOW]}]", "middle"),
        (
            r#"or: [{status: [OPEN]}, {customer: {name: {eq: "SØREN"}}}]"#,
            "Größe_100% little",
        ),
        ("not: {status: [OPEN]}", "Größe_100% middle"),
        ("not: {customer: {isVip: true}}", "little middle"),
    ];
    let cases: Vec<_> = cases.into_iter().chain(DIRECTIONS.iter().copied()).collect();
    list.check("TicketFilter", &cases).await;
}

async fn a_customer_condition_matches_only_visible_customers(app: TestApp) {
    let admin = create_three_tickets(&app).await;
    let other = app.workspace("Other").await;
    let rows = Rows {
        customers: vec![fill::customer("ann")],
        tickets: vec![fill::ticket("foreign", "ann")],
        messages: Vec::new(),
    };
    app.fill(other, &rows).await;
    let list = list(&app, &admin);
    let filter = r#"customer: {email: {eq: "ann@example.com"}}"#;
    assert_eq!(list.fitting(filter).await, FULL);
    let not = format!("not: {{{filter}}}");
    assert_eq!(list.fitting(&not).await, "little middle");
    // A filter with the id of an object in another workspace has the same result as with an unknown id.
    let stranger = app.admin_of(&[other]).await;
    let query = "{ customers { nodes { id } } }";
    let found = app.ask(&stranger, query, json!({})).await.at("/customers/nodes");
    let foreign = &each(&found, "id")[0];
    assert_eq!(list.fitting(&format!(r#"customerId: ["{foreign}"]"#)).await, "");
    assert_eq!(
        list.fitting(&format!(r#"customer: {{id: ["{foreign}"]}}"#)).await,
        ""
    );
}

on_each_database!(
    every_condition_on_tickets_finds_its_matches,
    a_customer_condition_matches_only_visible_customers,
);

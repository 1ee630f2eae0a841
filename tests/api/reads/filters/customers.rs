//! Filters of customers.

use deskgraph::service::Patch;
use entity::{
    customer::{Sentiment, Status},
    ticket::Priority,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Map, Value, json};

use super::{List, id_of};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// Ann has values in all fields, Bob in few, and Cid has neither an address nor a name. They are identified by job
/// title.
pub async fn three(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let mut ann = fill::customer("ann");
    ann.fields.name = Patch::Set("Søren Ünal".to_owned());
    ann.fields.company = Patch::Set("50% Off_Ltd".to_owned());
    ann.fields.is_vip = Patch::Set(true);
    ann.fields.priority_override = Patch::Set(Priority::High);
    ann.fields.status = Patch::Set(Status::Inactive);
    ann.fields.sentiment = Patch::Set(Sentiment::Angry);
    ann.fields.external_id = Patch::Set("CRM-1%".to_owned());
    ann.fields.custom_fields =
        fields(json!({ "plan": "Pro", "seats": 3, "trial": true, "a.b": [1, {"c": 2}] }));
    ann.fields.tags = Patch::Set(vec!["vip".to_owned(), "new".to_owned()]);
    let mut bob = fill::customer("bob");
    bob.fields.email = Patch::Set("Bob@Example.ORG".to_owned());
    bob.fields.name = Patch::Set("Bob \\ Co".to_owned());
    bob.fields.priority_override = Patch::Set(Priority::Low);
    bob.fields.sentiment = Patch::Set(Sentiment::Happy);
    bob.fields.custom_fields = fields(json!({ "plan": "free", "seats": 30.5, "it's \"$\"?": "x" }));
    bob.fields.tags = Patch::Set(vec!["new".to_owned(), "ünder \"q\"".to_owned()]);
    let mut cid = fill::customer("cid");
    cid.fields.email = Patch::Keep;
    cid.fields.company = Patch::Set("500 Off-Ltd".to_owned());
    let mut rows = Rows::default();
    for (mut row, label, made) in [(ann, "ann", 1), (bob, "bob", 2), (cid, "cid", 3)] {
        row.fields.job_title = Patch::Set(label.to_owned());
        row.created_at = Some(minute(made));
        row.updated_at = Some(minute(made * 10));
        rows.customers.push(row);
    }
    app.fill(workspace, &rows).await;
    admin
}

pub fn fields(fields: Value) -> Patch<Map<String, Value>> {
    let Value::Object(fields) = fields else {
        panic!("an object")
    };
    Patch::Set(fields)
}

/// Returns the list of these customers.
pub fn list<'a>(app: &'a TestApp, person: &'a Person) -> List<'a> {
    List {
        app,
        person,
        path: "customers",
        label: "jobTitle",
    }
}

/// Gives Ann figures, links to other systems and a second address.
async fn add_figures(app: &TestApp) {
    let ticket_at = minute(7).0;
    for sql in [
        format!(
            "UPDATE customer SET hubspot_contact_id = 'HC1', hubspot_company_id = 'HO1', salesforce_contact_id = 'SF1', \
             ticket_count = 3, open_ticket_count = 1, resolved_ticket_count = 2, resolution_ms_total = 3001, \
             last_ticket_at = {ticket_at}, recent_score_count = 10, recent_score_sum = 10000, newest_score_sum = 2500 \
             WHERE job_title = 'ann'"
        ),
        "INSERT INTO customer_address (workspace_id, email_key, customer_id) \
         SELECT workspace_id, 'second@example.net', id FROM customer WHERE job_title = 'ann'"
            .to_owned(),
    ] {
        let db = &app.services.db;
        let statement = Statement::from_string(db.dialect().backend(), sql);
        db.connection().execute_raw(statement).await.expect("done");
    }
}

/// Conditions on addresses, links to other systems and figures, and the matching customers.
const FIGURES: &[(&str, &str)] = &[
    (r#"anyEmail: {eq: "Second@example.net"}"#, "ann"),
    (r#"anyEmail: {startsWith: "bob@"}"#, "bob"),
    (r#"anyEmail: {contains: "@example."}"#, "ann bob"),
    (r#"anyEmail: {startsWith: "ann", contains: "net"}"#, ""),
    (
        r#"anyEmail: {in: ["second@example.net", "bob@example.org"]}"#,
        "ann bob",
    ),
    ("anyEmail: {isNull: true}", "cid"),
    ("anyEmail: {isNull: false}", "ann bob"),
    (r#"anyEmail: {isNull: true, contains: "n"}"#, ""),
    (r#"hubspotContactId: {eq: "hc1"}"#, "ann"),
    ("hubspotCompanyId: {isNull: true}", "bob cid"),
    (r#"salesforceContactId: {startsWith: "S"}"#, "ann"),
    (r#"lastTicketAt: {gte: "2026-01-01T12:07:00Z"}"#, "ann"),
    ("lastTicketAt: {isNull: true}", "bob cid"),
    ("totalTickets: {eq: 3}", "ann"),
    ("totalTickets: {gt: -1, lt: 3}", "bob cid"),
    ("totalTickets: {gte: 0, lte: 3}", "ann bob cid"),
    ("totalTickets: {isNull: true}", ""),
    ("openTickets: {gt: 0}", "ann"),
    ("openTickets: {lte: 0}", "bob cid"),
    ("avgResolutionTime: {eq: 2}", "ann"),
    ("avgResolutionTime: {isNull: true}", "bob cid"),
    ("not: {avgResolutionTime: {gt: 2}}", "ann bob cid"),
    ("overallSentiment: [POSITIVE, NEGATIVE]", "ann"),
    ("overallSentiment: [NEUTRAL]", ""),
    ("overallSentiment: []", ""),
    ("sentimentTrend: [DECLINING]", "ann"),
    ("not: {sentimentTrend: [DECLINING]}", "bob cid"),
];

async fn every_condition_on_customers_finds_its_matches(app: TestApp) {
    let admin = three(&app).await;
    add_figures(&app).await;
    let list = list(&app, &admin);
    let ann = id_of(list, "ann").await;
    let id = format!(r#"id: ["{ann}"]"#);
    let ids = format!(r#"id: ["{ann}", "{}"]"#, id_of(list, "cid").await);
    let cases = [
        (id.as_str(), "ann"),
        (ids.as_str(), "ann cid"),
        ("id: []", ""),
        (r#"email: {eq: "bob@EXAMPLE.org"}"#, "bob"),
        (r#"email: {eq: "bob@example"}"#, ""),
        (r#"email: {in: ["ANN@example.com", "nobody@example.com"]}"#, "ann"),
        ("email: {in: []}", ""),
        (r#"email: {contains: "EXAMPLE"}"#, "ann bob"),
        (r#"email: {startsWith: "B"}"#, "bob"),
        (r#"email: {startsWith: "ob"}"#, ""),
        ("email: {isNull: true}", "cid"),
        ("email: {isNull: false}", "ann bob"),
        (r#"name: {eq: "SØREN ünal"}"#, "ann"),
        (r#"name: {in: ["søren ÜNAL", "x"]}"#, "ann"),
        (r#"name: {contains: "EN Ü"}"#, "ann"),
        (r#"name: {startsWith: "SØ"}"#, "ann"),
        (r#"name: {contains: "\\"}"#, "bob"),
        (r#"name: {startsWith: "b", contains: "co"}"#, "bob"),
        (r#"name: {startsWith: "b", contains: "ø"}"#, ""),
        ("name: {isNull: true}", "cid"),
        (r#"company: {contains: "%"}"#, "ann"),
        (r#"company: {contains: "F_L"}"#, "ann"),
        (r#"company: {startsWith: "50%"}"#, "ann"),
        (r#"company: {startsWith: "50_"}"#, ""),
        (r#"company: {startsWith: "50"}"#, "ann cid"),
        (r#"company: {eq: "500 off-ltd"}"#, "cid"),
        ("company: {isNull: true}", "bob"),
        ("isVip: true", "ann"),
        ("isVip: false", "bob cid"),
        ("priorityOverride: [HIGH]", "ann"),
        ("priorityOverride: [LOW, HIGH]", "ann bob"),
        ("priorityOverride: [URGENT]", ""),
        ("priorityOverride: []", ""),
        (r#"tags: {hasAll: ["new", "vip"]}"#, "ann"),
        ("status: [INACTIVE]", "ann"),
        ("status: [ACTIVE]", "bob cid"),
        ("status: []", ""),
        ("sentiment: [ANGRY, NEUTRAL]", "ann cid"),
        ("sentiment: [FRUSTRATED]", ""),
        (r#"externalId: {eq: "crm-1%"}"#, "ann"),
        ("externalId: {isNull: true}", "bob cid"),
        (r#"externalId: {startsWith: "_"}"#, ""),
        (r#"customFields: [{key: "plan", eq: "Pro"}]"#, "ann"),
        (r#"customFields: [{key: "plan", eq: "pro"}]"#, ""),
        (r#"customFields: [{key: "plan", exists: true}]"#, "ann bob"),
        (r#"customFields: [{key: "plan", exists: false}]"#, "cid"),
        ("customFields: []", "ann bob cid"),
        (r#"customFields: [{key: "seats", eq: 3}]"#, "ann"),
        (r#"customFields: [{key: "seats", eq: 3.0}]"#, "ann"),
        (r#"customFields: [{key: "seats", eq: 30.5}]"#, "bob"),
        (r#"customFields: [{key: "seats", eq: "3"}]"#, ""),
        (r#"customFields: [{key: "trial", eq: true}]"#, "ann"),
        (r#"customFields: [{key: "trial", eq: false}]"#, ""),
        (r#"customFields: [{key: "a.b", eq: [1, {c: 2}]}]"#, "ann"),
        (r#"customFields: [{key: "a.b", eq: [1]}]"#, ""),
        (r#"customFields: [{key: "a", exists: true}]"#, ""),
        (r#"customFields: [{key: "it's \"$\"?", eq: "x"}]"#, "bob"),
        (
            r#"customFields: [{key: "plan", exists: true}, {key: "seats", eq: 3}]"#,
            "ann",
        ),
        (r#"createdAt: {gt: "2026-01-01T12:01:00Z"}"#, "bob cid"),
        (r#"createdAt: {gte: "2026-01-01T13:02:00+01:00"}"#, "bob cid"),
        (r#"createdAt: {lt: "2026-01-01T12:02:00Z"}"#, "ann"),
        (r#"createdAt: {lte: "2026-01-01T12:02:00Z"}"#, "ann bob"),
        (
            r#"createdAt: {gt: "2026-01-01T12:01:00Z", lt: "2026-01-01T12:03:00Z"}"#,
            "bob",
        ),
        ("createdAt: {isNull: true}", ""),
        (r#"updatedAt: {gte: "2026-01-01T12:30:00Z"}"#, "cid"),
        (r#"updatedAt: {gt: "2026-01-01T12:30:00Z"}"#, ""),
        ("and: [{isVip: false}, {email: {isNull: false}}]", "bob"),
        ("or: [{isVip: true}, {email: {isNull: true}}]", "ann cid"),
        ("not: {isVip: true}", "bob cid"),
    ];
    let cases: Vec<_> = cases.into_iter().chain(FIGURES.iter().copied()).collect();
    list.check("CustomerFilter", &cases).await;
}

async fn tags_are_compared_separately_and_by_case(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (condition, expected) in [
        (r#"hasAll: ["new"]"#, "ann bob"),
        (r#"hasAll: ["new", "vip"]"#, "ann"),
        (r#"hasAll: ["new", "other"]"#, ""),
        ("hasAll: []", "ann bob cid"),
        (r#"hasAny: ["vip", "other"]"#, "ann"),
        (r#"hasAny: ["vip", "new"]"#, "ann bob"),
        (r#"hasAny: ["other"]"#, ""),
        ("hasAny: []", ""),
        (r#"hasNone: ["vip"]"#, "bob cid"),
        (r#"hasNone: ["vip", "new"]"#, "cid"),
        ("hasNone: []", "ann bob cid"),
        (r#"hasAll: ["new"], hasNone: ["vip"]"#, "bob"),
        (r#"hasAny: ["New"]"#, ""),
        (r#"hasAny: ["ne", "%", "n_w"]"#, ""),
        (r#"hasAny: ["ünder \"q\""]"#, "bob"),
    ] {
        let filter = format!("tags: {{{condition}}}");
        assert_eq!(list.fitting(&filter).await, expected, "{condition}");
    }
}

on_each_database!(
    every_condition_on_customers_finds_its_matches,
    tags_are_compared_separately_and_by_case,
);

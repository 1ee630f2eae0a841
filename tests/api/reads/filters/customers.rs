//! Filters of customers.

use deskgraph::service::Patch;
use entity::{
    customer::{Sentiment, Status},
    ticket::Priority,
};
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

fn fields(fields: Value) -> Patch<Map<String, Value>> {
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

async fn every_condition_on_customers_finds_its_matches(app: TestApp) {
    let admin = three(&app).await;
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

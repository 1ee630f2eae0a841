//! Ranges of custom fields, and of values that are computed from columns, compared with a model.

use deskgraph::service::Patch;
use entity::Timestamp;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{
    List,
    customers::{fields, list, three},
};
use crate::support::{
    TestApp,
    fill::{self, Rows},
    on_each_database,
};

/// Values of a custom field: numbers, times, and texts and values that are neither.
fn values() -> Vec<Value> {
    vec![
        json!(1),
        json!(1.5),
        json!(-2),
        json!(10_000_000_000_i64),
        json!("1"),
        json!(true),
        json!([1]),
        json!("2026-01-31T12:00:00Z"),
        json!("2026-01-31T13:00:00.001+01:00"),
        json!("2026-01-31t11:59:59.9996z"),
        json!("2024-02-29T00:00:00-14:00"),
        json!("2026-02-29T00:00:00Z"),
        json!("2026-06-31T00:00:00Z"),
        json!("2026-13-01T00:00:00Z"),
        json!("2026-01-31T24:00:00Z"),
        json!("2026-01-31"),
        json!("12:00"),
        json!("yesterday"),
    ]
}

/// Whether a value meets a condition.
fn meets(value: &Value, operator: &str, bound: &Value) -> bool {
    let order = match (value, bound) {
        (Value::Number(value), Value::Number(bound)) => value.as_f64().partial_cmp(&bound.as_f64()),
        (Value::String(value), Value::String(bound)) => {
            let (value, bound) = (Timestamp::parse(value), Timestamp::parse(bound));
            value.zip(bound).map(|(value, bound)| value.cmp(&bound))
        }
        _ => None,
    };
    order.is_some_and(|order| match operator {
        "gt" => order.is_gt(),
        "gte" => order.is_ge(),
        "lt" => order.is_lt(),
        _ => order.is_le(),
    })
}

async fn ranges_of_custom_fields_match_values_of_their_kind(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mut rows = Rows::default();
    let labels: Vec<String> = (0..values().len()).map(|index| format!("c{index:02}")).collect();
    for (label, value) in labels.iter().zip(values()) {
        let mut row = fill::customer(label);
        row.fields.job_title = Patch::Set(label.clone());
        row.fields.custom_fields = fields(json!({ "v": value }));
        rows.customers.push(row);
    }
    app.fill(workspace, &rows).await;
    let list = list(&app, &admin);
    for bound in [
        json!(1),
        json!(1.5),
        json!(-2.5),
        json!("2026-01-31T12:00:00Z"),
        json!("2026-01-31T11:59:59.999Z"),
        json!("2024-02-29T14:00:00Z"),
    ] {
        for operator in ["gt", "gte", "lt", "lte"] {
            let filter = format!("customFields: [{{ key: \"v\", {operator}: {bound} }}]");
            let matching = labels.iter().zip(values());
            let matching = matching.filter(|(_, value)| meets(value, operator, &bound));
            let expected: Vec<_> = matching.map(|(label, _)| label.as_str()).collect();
            assert_eq!(list.fitting(&filter).await, expected.join(" "), "{filter}");
        }
    }
    for (condition, expected) in [
        ("gt: 1, lt: 2", "c01"),
        ("in: [1, \"1\", true]", "c00 c04 c05"),
        ("in: [1.0, 7]", "c00"),
        ("in: []", ""),
        ("in: [1, 1.5], lt: 1.5", "c00"),
    ] {
        let filter = format!("customFields: [{{ key: \"v\", {condition} }}]");
        assert_eq!(list.fitting(&filter).await, expected, "{filter}");
    }
    for (condition, path) in [
        ("gt: \"yesterday\"", "gt"),
        ("lte: true", "lte"),
        ("lt: [1]", "lt"),
    ] {
        let filter = format!("customFields: [{{ key: \"v\", {condition} }}]");
        let query = format!("{{ customers(filter: {{ {filter} }}) {{ totalCount }} }}");
        let error = app.ask(&admin, &query, json!({})).await.error();
        assert_eq!(error, format!("BAD_USER_INPUT filter.customFields.0.{path}"));
    }
}

async fn run(app: &TestApp, sql: &str) {
    let db = &app.services.db;
    let statement = Statement::from_string(db.dialect().backend(), sql);
    db.connection().execute_raw(statement).await.expect("done");
}

/// Checks that the list has the customers with one value of a field, for each of these values.
async fn agree(list: List<'_>, field: &str, cases: &[(&str, &str)]) {
    let query = format!("{{ customers {{ nodes {{ jobTitle {field} }} }} }}");
    let found = list.app.ask(list.person, &query, json!({})).await;
    let nodes = found.at("/customers/nodes");
    for (value, condition) in cases {
        let nodes = nodes.as_array().expect("nodes").iter();
        let with_value = nodes.filter(|node| node[field].to_string().trim_matches('"') == *value);
        let mut labels: Vec<_> = with_value
            .map(|node| node["jobTitle"].as_str().expect("a label"))
            .collect();
        labels.sort_unstable();
        let filter = format!("{field}: {condition}");
        assert_eq!(list.fitting(&filter).await, labels.join(" "), "{filter}");
    }
}

async fn filters_of_computed_values_agree_with_the_values(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (count, sum, newest) in [
        (0, 0, 0),
        (1, 500, 500),
        (1, 499, 499),
        (2, -999, -999),
        (2, -1000, -1000),
        (9, 9_000, 9_000),
        (10, 10_000, 6_250),
        (10, 10_000, 6_249),
        (10, 10_000, 3_750),
        (10, 10_000, 3_751),
    ] {
        run(
            &app,
            &format!(
                "UPDATE customer SET recent_score_count = {count}, recent_score_sum = {sum}, \
                 newest_score_sum = {newest} WHERE job_title = 'ann'"
            ),
        )
        .await;
        let values = ["POSITIVE", "NEUTRAL", "NEGATIVE"].map(|value| (value, format!("[{value}]")));
        let cases = values.each_ref().map(|(value, list)| (*value, list.as_str()));
        agree(list, "overallSentiment", &cases).await;
        let values = ["IMPROVING", "STABLE", "DECLINING"].map(|value| (value, format!("[{value}]")));
        let cases = values.each_ref().map(|(value, list)| (*value, list.as_str()));
        agree(list, "sentimentTrend", &cases).await;
    }
    for (count, milliseconds) in [
        (0, 0_i64),
        (1, 1_499),
        (1, 1_500),
        (3, 5_000),
        (2, 3_000_000_000_001),
    ] {
        run(
            &app,
            &format!(
                "UPDATE customer SET resolved_ticket_count = {count}, resolution_ms_total = {milliseconds} \
                 WHERE job_title = 'ann'"
            ),
        )
        .await;
        let values = ["1", "2", "1500000000"].map(|value| (value, format!("{{ eq: {value} }}")));
        let cases = values.each_ref().map(|(value, list)| (*value, list.as_str()));
        agree(list, "avgResolutionTime", &cases).await;
        agree(list, "avgResolutionTime", &[("null", "{ isNull: true }")]).await;
    }
}

on_each_database!(
    ranges_of_custom_fields_match_values_of_their_kind,
    filters_of_computed_values_agree_with_the_values,
);

//! The argument `orderBy`: its default, and the entries that it refuses.

use serde_json::{Value, json};

use super::each;
use crate::support::{TestApp, fill, on_each_database};

async fn null_an_empty_list_and_an_unsent_variable_have_the_effect_of_the_default(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mut rows = fill::Rows::default();
    for n in 0..3 {
        let mut customer = fill::customer(&format!("c{n}"));
        customer.created_at = Some(fill::minute(n));
        rows.customers.push(customer);
    }
    app.fill(workspace, &rows).await;
    let ids = async |query: &str, variables: Value| {
        let found = app.ask(&admin, query, variables).await;
        each(&found.at("/customers/nodes"), "id")
    };
    let newest_first = ids("{ customers { nodes { id } } }", json!({})).await;
    assert_eq!(newest_first.len(), 3);
    let query =
        "query($o: [CustomerOrder!], $n: Int) { customers(orderBy: $o, offset: $n) { nodes { id } } }";
    let default = json!([{ "field": "CREATED_AT", "direction": "DESC" }]);
    for variables in [
        json!({}),
        json!({ "o": null, "n": null }),
        json!({ "o": [] }),
        json!({ "o": default, "n": 0 }),
        json!({ "o": { "field": "CREATED_AT" } }),
    ] {
        assert_eq!(ids(query, variables.clone()).await, newest_first, "{variables}");
    }
    let oldest = json!({ "o": [{ "field": "CREATED_AT", "direction": "ASC" }] });
    let reversed: Vec<_> = newest_first.iter().rev().cloned().collect();
    assert_eq!(ids(query, oldest).await, reversed);
}

async fn other_pairs_are_refused_by_name(app: TestApp) {
    let (_, admin) = app.admin().await;
    let created = json!({ "field": "CREATED_AT" });
    let name = json!({ "field": "NAME" });
    for (entries, why) in [
        (
            json!([name, created]),
            "`orderBy` cannot sort by `NAME` and then by `CREATED_AT`.",
        ),
        (
            json!([created, created]),
            "`orderBy` cannot sort by `CREATED_AT` and then by `CREATED_AT`.",
        ),
        (
            json!([name, created, created]),
            "`orderBy` has 3 entries. The maximum is 2.",
        ),
    ] {
        let query = "query($o: [CustomerOrder!]) { customers(orderBy: $o) { totalCount } }";
        let answer = app.ask(&admin, query, json!({ "o": entries })).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT orderBy");
        assert_eq!(answer.body["errors"][0]["message"], why);
    }
}

on_each_database!(
    null_an_empty_list_and_an_unsent_variable_have_the_effect_of_the_default,
    other_pairs_are_refused_by_name,
);

//! The cache of prepared documents: later requests get the same results as the first one.

use deskgraph::{auth::Grant, config::Settings};
use serde_json::{Value, json};

use crate::{
    access::SampleWorkspace,
    fuzz::Maker,
    operations::{helpdesk, operations},
    support::{Person, TestApp, on_each_database},
};

/// Seed of the first random document.
const SEED: u64 = 77_260_101;

/// Values that no argument or only some arguments accept.
fn nasty() -> [Value; 12] {
    [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(9_007_199_254_740_993_u64),
        json!("text"),
        json!(""),
        json!([]),
        json!([null, 1]),
        json!({}),
        json!({ "id": null }),
        json!({ "no": { "such": ["field"] } }),
    ]
}

/// Returns the response to a request, byte for byte. The library processes fragments and input fields in no fixed
/// order, so for several errors of a document only the locations are included. The statements and rows of
/// `extensions.cost` are left out: which loads of two root fields become one statement depends on the time that the
/// statements take.
async fn answer(app: &TestApp, person: &Person, request: &Value) -> String {
    let response = app.post(Some(&person.credential), &request.to_string()).await;
    let status = response.status();
    let mut text = response.text().await.expect("a text");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    let cost = &read["extensions"]["cost"];
    if cost.is_object() {
        let measured = format!(
            ",\"statements\":{},\"rows\":{}}}",
            cost["statements"], cost["rows"]
        );
        let (start, end) = text.rsplit_once(&measured).expect("the cost at the end");
        text = format!("{start}}}{end}");
    }
    let errors = read["errors"].as_array().map_or(&[][..], Vec::as_slice);
    if errors.len() < 2 && !text.contains("unknown field") {
        return format!("{status} {text}");
    }
    let mut places: Vec<String> = errors
        .iter()
        .map(|error| {
            format!(
                "{} {} {}",
                error["extensions"]["code"], error["locations"], error["path"]
            )
        })
        .collect();
    places.sort();
    format!("{status} {} \"errors\" {places:?}", read["data"])
}

/// Sends a request twice to a node with the cache and once to a node without it. All responses must be equal.
async fn alike(nodes: &[TestApp; 2], person: &Person, request: &Value) -> String {
    let [keeping, plain] = nodes;
    let expected = answer(plain, person, request).await;
    for time in ["first", "second"] {
        let given = answer(keeping, person, request).await;
        assert_eq!(given, expected, "the {time} time: {request}");
    }
    expected
}

async fn two(app: TestApp) -> [TestApp; 2] {
    let plain = app
        .another_with(|settings: &mut Settings| settings.prepared_documents_bytes_max = 0)
        .await;
    [app, plain]
}

async fn variables_of_every_kind_are_answered_alike(app: TestApp) {
    let (admin, things) = helpdesk(&app).await;
    let nodes = two(app).await;
    let (mut good, mut refused) = (0, 0);
    for operation in operations() {
        let variables = operation.filled(&things);
        let mut cases = vec![variables.clone()];
        for name in variables.as_object().expect("variables").keys() {
            let mut without = variables.clone();
            without.as_object_mut().expect("variables").remove(name);
            cases.push(without);
            for value in nasty() {
                let mut with = variables.clone();
                with[name] = value.clone();
                cases.push(with);
                // One level deeper, where inputs have their fields.
                let inner = variables[name]
                    .as_object()
                    .and_then(|fields| fields.keys().next());
                if let Some(inner) = inner {
                    let mut with = variables.clone();
                    with[name][inner] = value;
                    cases.push(with);
                }
            }
        }
        for variables in cases {
            let request = json!({ "query": operation.text, "variables": variables });
            // A repeated write has a different result, so only rejected mutations are compared.
            let is_refused = || async { !answer(&nodes[1], &admin, &request).await.contains("\"data\":{") };
            if operation.is_query() || is_refused().await {
                let answer = alike(&nodes, &admin, &request).await;
                *(if answer.contains("\"errors\"") {
                    &mut refused
                } else {
                    &mut good
                }) += 1;
            }
        }
    }
    assert!(good > 50 && refused > 500, "{good} good, {refused} refused");
}

async fn documents_made_by_chance_are_answered_alike(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, "own", &|_| "own").await;
    let key = app.api_key(&[sample.workspace], &[Grant::Read]).await;
    let people = [sample.admin.clone(), sample.customer(&app), key];
    let in_a_file = app.settings.database_url.reveal().starts_with("sqlite");
    let nodes = two(app).await;
    let count = if in_a_file { 1_000 } else { 150 };
    for (seed, person) in (SEED..SEED + count).zip(people.iter().cycle()) {
        let request = Maker::new(seed, &schema, &sample.things).request();
        if request["query"]
            .as_str()
            .is_some_and(|query| query.starts_with("query"))
        {
            alike(&nodes, person, &request).await;
        }
    }
}

async fn what_only_some_variables_make_wrong_is_refused_for_these_alone(app: TestApp) {
    let (admin, _) = helpdesk(&app).await;
    let nodes = two(app).await;
    let with = |query: &str, variables: Value| json!({ "query": query, "variables": variables });
    // Requests are sent in this order: valid values first, so that invalid ones could wrongly use the cached result.
    for (query, good, bad) in [
        (
            "query ($n: Int) { tickets(first: $n) { totalCount } }",
            vec![json!({}), json!({ "n": 1 }), json!({ "n": null })],
            vec![json!({ "n": "1" }), json!({ "n": 1.5 }), json!({ "n": -1 })],
        ),
        // An argument that is present only if its variable is.
        (
            "query ($n: Int) { tickets(first: 1, nosuch: $n) { totalCount } }",
            vec![json!({})],
            vec![json!({ "n": 1 })],
        ),
        // An invalid literal next to a variable. It is checked only together with the variable.
        (
            "query ($id: ID) { changes(first: 1, filter: { kinds: [NOSUCH], customerId: $id }) { nodes { changeCursor } } }",
            vec![],
            vec![json!({}), json!({ "id": "1" }), json!({ "id": null })],
        ),
        (
            "query ($on: Boolean!) { viewer { kind @include(if: $on) __typename } }",
            vec![json!({ "on": true }), json!({ "on": false })],
            vec![
                json!({ "on": "true" }),
                json!({ "on": 1 }),
                json!({ "on": null }),
                json!({}),
            ],
        ),
        // Another operation in the document uses a variable that the executed one does not need.
        (
            "query A($id: ID) { changes(first: 1, filter: { customerId: $id }) { nodes { changeCursor } } } query B($id: ID!) { ticket(id: $id) { id } }",
            vec![json!({}), json!({ "id": null })],
            vec![json!({ "id": 1.5 })],
        ),
    ] {
        let named = query.starts_with("query A");
        let request = |variables: &Value| {
            let mut request = with(query, variables.clone());
            if named {
                request["operationName"] = json!("A");
            }
            request
        };
        for variables in &good {
            let _ = alike(&nodes, &admin, &request(variables)).await;
        }
        for variables in good.iter().chain(&bad).chain(&good) {
            alike(&nodes, &admin, &request(variables)).await;
        }
        for variables in &bad {
            let answer = alike(&nodes, &admin, &request(variables)).await;
            assert!(answer.contains("\"errors\""), "{query} {variables}: {answer}");
        }
    }
}

async fn an_operation_is_chosen_by_each_request(app: TestApp) {
    let (_, admin) = app.admin().await;
    let nodes = two(app).await;
    let query = "query A { viewer { kind } } query B { again: viewer { kind } }";
    for (name, told) in [
        (json!("A"), "{\"viewer\""),
        (json!("B"), "{\"again\""),
        (json!("C"), "no operation with the name"),
        (json!(null), "several operations"),
        (json!(""), "several operations"),
        (json!("A"), "{\"viewer\""),
    ] {
        let answer = alike(&nodes, &admin, &json!({ "query": query, "operationName": name })).await;
        assert!(answer.contains(told), "{name}: {answer}");
    }
    let unnamed = json!({ "query": "{ viewer { kind } }", "operationName": "A" });
    let answer = alike(&nodes, &admin, &unnamed).await;
    assert!(answer.contains("no operation with the name"), "{answer}");
}

async fn a_scalar_of_ours_is_read_where_its_field_is_run(app: TestApp) {
    let (admin, _) = helpdesk(&app).await;
    let nodes = two(app).await;
    for query in [
        "query ($v: DateTime) { tickets(first: 1, filter: { createdAt: { gt: $v } }) { totalCount } }",
        "query ($v: ChangeCursor) { changes(first: 1, after: $v) { nodes { changeCursor } } }",
        "query ($v: JSON) { customers(first: 1, filter: { customFields: [{ key: \"a\", eq: $v }] }) { totalCount } }",
    ] {
        for value in nasty() {
            alike(
                &nodes,
                &admin,
                &json!({ "query": query, "variables": { "v": value } }),
            )
            .await;
        }
    }
}

on_each_database!(
    variables_of_every_kind_are_answered_alike,
    documents_made_by_chance_are_answered_alike,
    what_only_some_variables_make_wrong_is_refused_for_these_alone,
    an_operation_is_chosen_by_each_request,
    a_scalar_of_ours_is_read_where_its_field_is_run,
);

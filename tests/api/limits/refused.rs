//! Requests that exceed a limit.

use serde_json::{Value, json};

use super::{everywhere, limit_of};
use crate::support::{Answer, TestApp, on_each_database};

/// Fragments that each spread the next one twice.
fn bomb(doublings: usize) -> String {
    let fragments: String = (0..doublings)
        .map(|n| format!("fragment f{n} on Query{{...f{0} ...f{0}}}", n + 1))
        .collect();
    format!("{fragments}fragment f{doublings} on Query{{__typename}}")
}

/// Returns operations that spread one fragment with invalid values.
fn repeated(operations: usize, values: usize) -> String {
    let queries: String = (0..operations).map(|n| format!("query a{n}{{...f}}")).collect();
    let values = "true ".repeat(values);
    format!("{queries}fragment f on Query{{tickets(filter:{{assignedTo:[{values}]}}){{totalCount}}}}")
}

async fn each_limit_is_reported_with_figure_and_bound_over_every_transport(app: TestApp) {
    let (_, admin) = app.admin().await;
    let deep = format!(
        "{{ viewer {{ workspaces {{ {} id {} }} }} }}",
        "teams { nodes { workspace { ".repeat(5),
        "} } }".repeat(5)
    );
    let aliases: String = (0..31).map(|n| format!("a{n}: kind ")).collect();
    let roots = "viewer { kind } ".repeat(21);
    let directives = "@skip(if: false) ".repeat(51);
    let tokens = "kind ".repeat(15_000);
    let lists = "{ customers(first: 100) { nodes { tickets(first: 100) { nodes { messages(first: 100) { nodes { id } } } } } } }";
    let teams = "{ teams(first: 100) { nodes { agents { teams { agents { id } } } } } }";
    let introspection = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    for (query, expected) in [
        (deep, json!(["QUERY_TOO_DEEP", "depth", 18, 15])),
        (
            format!("{{ viewer {{ {aliases} }} }}"),
            json!(["QUERY_TOO_COSTLY", "aliases", 31, 30]),
        ),
        (
            format!("{{ {roots} }}"),
            json!(["QUERY_TOO_COSTLY", "rootFields", 21, 20]),
        ),
        (
            format!("{{ viewer {{ kind {directives} }} }}"),
            json!(["QUERY_TOO_COSTLY", "directives", 51, 50]),
        ),
        (
            format!("{{ viewer {{ {tokens} }} }}"),
            json!(["QUERY_TOO_COSTLY", "tokens", 15_005, 15_000]),
        ),
        (
            format!("{{ viewer {{ {} }} }}", "kind ".repeat(10_000)),
            json!(["QUERY_TOO_COSTLY", "selections", 10_001, 10_000]),
        ),
        (
            repeated(1_250, 7_400),
            json!(["QUERY_TOO_COSTLY", "operations", 1_250, 50]),
        ),
        (
            repeated(50, 7_400),
            json!(["QUERY_TOO_COSTLY", "literals", 370_100, 30_000]),
        ),
        (
            lists.to_owned(),
            json!(["QUERY_TOO_COSTLY", "cost", 1_020_201, 50_000]),
        ),
        (
            teams.to_owned(),
            json!(["QUERY_TOO_COSTLY", "cost", 101_010_101, 50_000]),
        ),
        (
            "{ ...a } fragment a on Query { ...a }".to_owned(),
            json!(["QUERY_TOO_DEEP", "circle", null, null]),
        ),
    ] {
        app.statements.take();
        for error in everywhere(&app, &admin, &query).await {
            assert_eq!(limit_of(&error), expected);
        }
        let read: Vec<String> = app.statements.take();
        assert!(read.is_empty(), "{expected}: {read:?}");
    }
    for (query, limit) in [
        (format!("{{ ...f0 }} {}", bomb(60)), "selections"),
        (format!("{{ __typename }} {}", bomb(60)), "selections"),
        (format!("{{ ...f0 }} {}", bomb(500)), "levels"),
        (format!("{{ a(x: {}) }}", "[".repeat(50_000)), "brackets"),
        (introspection.to_owned(), "cost"),
    ] {
        for error in everywhere(&app, &admin, &query).await {
            assert_eq!(error["extensions"]["limit"], limit);
        }
    }
}

async fn a_subscription_is_refused_before_it_begins(app: TestApp) {
    let (_, admin) = app.admin().await;
    let inside = "customer { tickets(first: 100) { nodes { messages(first: 100) { nodes { conversation { messages(first: 100) { nodes { id } } } } } } } }";
    let query = format!("subscription {{ messageAdded {{ {inside} }} }}");
    let mut socket = app.socket(&admin).await;
    socket.begin("1", &query, &json!({})).await;
    assert_eq!(socket.refusal("1").await, "QUERY_TOO_COSTLY");
    let mut events = app.stream(&admin, &json!({ "query": query }), &[]).await;
    let error = events.next().await.expect("an event").json();
    assert_eq!(limit_of(&error["errors"][0])[1], "cost");
    // The connection continues.
    socket.begin("2", "{ viewer { kind } }", &json!({})).await;
    assert_eq!(socket.data("2").await["viewer"]["kind"], "AGENT");
}

/// Sends the introspection query of graphql-js 16, with types as deep as it follows them.
async fn introspection_queries_of_tools_are_within_all_limits(app: TestApp) {
    let (_, admin) = app.admin().await;
    let of_type = (0..9).fold("kind name".to_owned(), |inner, _| {
        format!("kind name ofType {{ {inner} }}")
    });
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} \
         subscriptionType {{ name kind }} types {{ ...FullType }} directives {{ name description isRepeatable \
         locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ name \
         description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated \
         deprecationReason }} inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ \
         ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated \
         deprecationReason }} \
         fragment TypeRef on __Type {{ {of_type} }}"
    );
    let answer = super::with_cost(&app, &admin, &query, json!({})).await;
    let cost = answer.body["extensions"]["cost"]["requested"].as_u64();
    assert!(cost.is_some_and(|cost| cost < 20_000), "{cost:?}");
    let description = answer.body["data"]["__schema"]["description"].clone();
    let types = answer.at("/__schema/types");
    assert!(types.as_array().is_some_and(|types| types.len() > 100));
    let renamed = app
        .ask(&admin, "{ a: __schema { b: description } }", json!({}))
        .await;
    for description in [description, renamed.at("/a/b")] {
        let text = description.as_str().unwrap_or_default();
        assert!(
            text.contains("helpdesk"),
            "not the description of this schema: {text}"
        );
    }
}

async fn every_mistake_of_every_operation_is_counted(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mutations: String = (0..50).map(|n| format!("mutation a{n}{{...f}}")).collect();
    let values = "$a ".repeat(500);
    let undefined = format!(
        "{mutations}fragment f on Mutation{{ticketCreate(input:{{subject:\"a\",body:\"a\",customerEmail:\"a\",\
         customFields:{{a:[{values}]}}}}){{ticket{{id}}}}}}"
    );
    for query in [repeated(50, 500), undefined] {
        let body = json!({ "query": query, "operationName": "a0" }).to_string();
        let answer = Answer::read(app.post(Some(&admin.credential), &body).await).await;
        assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(100));
        assert_eq!(answer.body["extensions"]["errorsLeftOut"], 24_900);
    }
}

async fn a_response_contains_at_most_a_hundred_errors(app: TestApp) {
    let (_, admin) = app.admin().await;
    let unknown: String = (0..150).map(|n| format!("nothing{n} ")).collect();
    let answer = app
        .ask(&admin, &format!("{{ viewer {{ {unknown} }} }}"), json!({}))
        .await;
    assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(100));
    assert_eq!(answer.body["extensions"]["errorsLeftOut"], 50);
    assert_eq!(answer.body["data"], Value::Null);
}

/// Documents as deep as the limit allows must not overflow the stack, which ends the process. The library resolves the
/// parts below an interface.
async fn the_deepest_documents_are_answered(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let round = ["customer", "tickets", "nodes"];
    let inner = [&round[..], &round, &["messages", "nodes"]].concat();
    for path in [
        [
            &["tickets", "nodes"],
            &inner[..],
            &["ticket", "customer", "tickets", "nodes", "id"],
        ]
        .concat(),
        [
            &["tickets", "nodes"],
            &inner[..],
            &["sender", "messages", "nodes", "ticket", "id"],
        ]
        .concat(),
        [&["node"], &round[..], &inner, &["ticket", "customer", "id"]].concat(),
    ] {
        assert_eq!(path.len(), 15, "{path:?}");
        let selected = path
            .iter()
            .rev()
            .fold(String::new(), |inner, field| match *field {
                "id" => "id".to_owned(),
                "node" => format!("node(id: {}) {{ ... on Ticket {{ {inner} }} }}", ticket["id"]),
                "sender" => format!("sender {{ ... on Customer {{ {inner} }} }}"),
                "tickets" | "messages" => format!("{field}(first: 1) {{ {inner} }}"),
                _ => format!("{field} {{ {inner} }}"),
            });
        let answer = app.ask(&admin, &format!("{{ {selected} }}"), json!({})).await;
        let place = format!("/{}", path.join("/")).replace("nodes", "nodes/0");
        assert!(answer.at(&place).is_string(), "{selected}");
    }
}

on_each_database!(
    the_deepest_documents_are_answered,
    each_limit_is_reported_with_figure_and_bound_over_every_transport,
    a_subscription_is_refused_before_it_begins,
    introspection_queries_of_tools_are_within_all_limits,
    every_mistake_of_every_operation_is_counted,
    a_response_contains_at_most_a_hundred_errors,
);

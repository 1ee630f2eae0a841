//! Compiled selections write the same bytes as the library.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_graphql::Variables;
use deskgraph::{
    auth::{Grant, Viewer},
    budget::Account,
    graphql::{
        self, Graph, IncomingRequest, RequestId,
        output::{Json, write_answer},
    },
    keyring::Keyring,
    request::Sent,
    service,
};
use serde_json::{Value, value::RawValue};

use super::document::Maker;
use crate::{
    access::SampleWorkspace,
    support::{Person, TestApp, on_each_database},
};

/// Seed of the first document. It increases by one for each further document.
const SEED: u64 = 77_000_000;
/// Number of documents for a file database. Each is sent twice.
const MANY: u64 = 2_000;
/// Number of documents for a server.
const SOME: u64 = 300;

/// Documents with combinations that the generator rarely creates.
const SHAPES: [&str; 19] = [
    "{ customers(first: 3) { nodes { name tickets(first: 2) { edges { cursor node { subject messages(last: 2) { nodes { body } pageInfo { hasPreviousPage startCursor } } } } } } } }",
    "{ customers(first: 3) { edges { node { tickets(first: 2) { nodes { customer { id email tickets(first: 1) { nodes { id } } } queue { name } team { id } assignee { name } } } } } } }",
    "{ tickets(first: 3) { nodes { a: messages(first: 1) { nodes { id } } b: messages(first: 1) { nodes { id } } c: messages(first: 2) { nodes { ticket { id } conversation { id name } } } } } }",
    "{ tickets(first: 3) { nodes { messages(first: 2) { __typename } customer { __typename } workspace { id } } } }",
    "{ tickets(first: 3) { nodes { messages(first: 2) { totalCount nodes { customer { name } } } } } }",
    "query($n: Int = 2, $order: [MessageOrder!]) { tickets(first: 3) { nodes { messages(first: $n, orderBy: $order, filter: { direction: INBOUND }) { nodes { ...m } } } } } fragment m on Message { direction ticket { ...t } } fragment t on Ticket { id messages(first: $n) { nodes { id } } }",
    "{ queues { nodes { tickets(first: 2) { nodes { id customer { id } } } conversations(first: 2) { nodes { id messages(first: 1) { nodes { id } } } } } } agents(first: 2) { nodes { tickets(first: -1) { nodes { id } } } } }",
    "{ tickets(first: 3) { nodes { __typename id t: subject t: subject ...f ... on Node { id } ... @include(if: true) { tags } } } } fragment f on Ticket { version customer { ...c } } fragment c on Customer { name internalNotes customFields }",
    "{ tickets(first: 3) { edges { c: cursor n: node { __typename id } } pageInfo { __typename endCursor hasNextPage } totalCount } }",
    "{ tickets(first: 3) { edges { node { id customer { id } } cursor } nodes { customer { email } customer { name } id } } }",
    "{ tickets(first: 3) { nodes { id subject @skip(if: true) status @include(if: false) } pageInfo { endCursor @skip(if: true) } } }",
    "{ tickets(first: 3) { nodes { messages(first: 1) { nodes { sender { __typename ... on Agent { id teams { name } role } ... on Customer { id email } } id body } } id } } }",
    "{ tickets(first: 3) { nodes { messages(first: 1, after: \"no\") { nodes { id } } id } } a: tickets(first: 1) { nodes { id } } }",
    "{ customers(first: 3) { nodes { id tickets(first: 2) { nodes { subject messages(first: 2, after: \"no\") { nodes { body } } } totalCount } } } }",
    "{ customers(first: 3) { nodes { emails { __typename email } phones { phone } avgResolutionTime overallSentiment sentimentTrend priorityOverride firstTicketAt signedUpAt isVip } } }",
    "{ viewer { __typename agent { id name role teams { id agents { id } } } customer { id } workspaces { id name createdAt teams { nodes { name } } } } }",
    "{ conversations(first: 2) { nodes { id assignees { id } queue { name } snoozedUntil tickets(first: 1) { nodes { id } pageInfo { startCursor } } } } }",
    "{ tickets(first: 2) { ...p } } fragment p on TicketConnection { ...p2 totalCount } fragment p2 on TicketConnection { nodes { ... on Ticket { id } ... { assignedTo source } } }",
    "{ apiKeys(first: 5) { nodes { id name prefix grants createdAt lastUsedAt expiresAt revokedAt replacedBy { id } } } }",
];

async fn viewer(app: &TestApp, person: &Person) -> Viewer {
    let keyring = Keyring::new(&app.settings, app.services.clock.clone()).expect("a keyring");
    let found = service::authenticate(&app.services, &Arc::new(keyring), &person.credential).await;
    found.expect("a viewer")
}

async fn response_of(graph: &Graph, sent: Sent, viewer: &Viewer) -> String {
    let incoming = IncomingRequest {
        request: graph.open(sent),
        viewer: viewer.clone(),
        id: RequestId("same".to_owned()),
        account: Account::unbounded(),
    };
    let answer = graphql::execute(graph, incoming).await;
    let mut json = Json::free();
    write_answer(&answer, false, &mut json);
    json.as_str().to_owned()
}

/// The parts of a response as text.
fn parts(answer: &str) -> BTreeMap<&str, &RawValue> {
    serde_json::from_str(answer).expect("JSON")
}

/// Returns the errors of a response as a set, because their order is not defined.
fn errors_of(answer: &BTreeMap<&str, &RawValue>) -> BTreeSet<String> {
    let errors = answer.get("errors").map_or("[]", |errors| errors.get());
    let errors: Vec<&RawValue> = serde_json::from_str(errors).expect("a list");
    errors.iter().map(|error| error.get().to_owned()).collect()
}

/// Compares both ways. Returns true if the response has data and no errors.
async fn assert_both_executors_agree(graph: &Graph, request: &Value, viewer: &Viewer) -> bool {
    let made = || {
        let query = request["query"].as_str().unwrap_or_default();
        let variables = Variables::from_json(request["variables"].clone());
        Sent {
            variables,
            operation_name: request["operationName"].as_str().map(str::to_owned),
            ..Sent::text(query)
        }
    };
    let here = response_of(graph, made(), viewer).await;
    let library = response_of(&graph.clone().without_compiled_selections(), made(), viewer).await;
    let (one, other) = (parts(&here), parts(&library));
    assert_eq!(one["data"].get(), other["data"].get(), "{request:#}");
    assert_eq!(errors_of(&one), errors_of(&other), "{request:#}\n{here}");
    !one.contains_key("errors")
}

async fn both_executors_return_the_same_response(app: TestApp) {
    let first = app.workspace("First").await;
    let described = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &described, "own", &|_| "own").await;
    let key = app.api_key(&[sample.workspace], &[Grant::Read]).await;
    let mut viewers = Vec::new();
    for person in [sample.admin.clone(), sample.customer(&app), key] {
        viewers.push(viewer(&app, &person).await);
    }
    let graph = graphql::build(app.services.clone(), &app.settings).expect("a schema");
    let mut whole = 0;
    for viewer in &viewers {
        for query in SHAPES {
            let request = serde_json::json!({ "query": query });
            whole += u64::from(assert_both_executors_agree(&graph, &request, viewer).await);
        }
    }
    assert!(whole > 20, "{whole} of the shapes without errors");
    let in_a_file = app.settings.database_url.reveal().starts_with("sqlite");
    let count = if in_a_file { MANY } else { SOME };
    let mut whole = 0;
    for (seed, viewer) in (SEED..SEED + count).zip(viewers.iter().cycle()) {
        let request = Maker::new(seed, &described, &sample.things).request();
        // A repeated mutation returns a different result.
        if request["query"]
            .as_str()
            .is_some_and(|query| query.contains("mutation"))
        {
            continue;
        }
        whole += u64::from(assert_both_executors_agree(&graph, &request, viewer).await);
    }
    assert!(whole > count / 10, "{whole} of {count} without errors");
}

on_each_database!(both_executors_return_the_same_response);

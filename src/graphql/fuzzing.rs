//! Entry points for fuzz tests: they decode arbitrary bytes and check invariants of the result.
//!
//! Not part of the public API. Each function panics if an invariant is violated. `fuzz/` and `tests/fuzz.rs` call them.

use std::{collections::BTreeSet, sync::OnceLock};

use async_graphql::{Response, Variables};
use entity::{WorkspaceId, agent, conversation, customer, message, ticket};
use uuid::Uuid;

use super::{
    RequestId, Schema,
    execute::{ResponseFinisher, refuse},
    listed::Listed,
    pagination::cursor,
    schema::{checks_only, gateway},
};
use crate::{
    auth::Viewer,
    config::Settings,
    events::ChangeCursor,
    request::{Admitted, Gateway, Refusal, Sent},
    store::{Order, SortKey},
};

/// The parts that need no services. Introspection is off, so that redaction is tested too.
struct Fixture {
    schema: Schema,
    /// The first gateway caches documents. The second one prepares the document of every request.
    gateways: [Gateway; 2],
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    let settings = |prepared_documents_bytes_max| Settings {
        introspection: false,
        prepared_documents_bytes_max,
        ..Settings::default()
    };
    let default = Settings::default().prepared_documents_bytes_max;
    FIXTURE.get_or_init(|| Fixture {
        schema: checks_only(&settings(default)),
        gateways: [default, 0].map(|bytes| match gateway(&settings(bytes), None) {
            Ok(gateway) => gateway,
            Err(error) => panic!("no gateway: {error}"),
        }),
    })
}

fn viewer() -> Viewer {
    Viewer::operator(WorkspaceId(Uuid::from_u128(1)))
}

/// Tests the computation of costs. The input is a document, a zero byte, and its variables as JSON.
///
/// # Panics
///
/// When the computation panics, returns different results for the same request, or returns a cost out of its bounds.
pub fn cost(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (document, variables) = text.split_once('\0').unwrap_or((&text, ""));
    let variables = Variables::from_json(serde_json::from_str(variables).unwrap_or_default());
    let [_, gateway] = &fixture().gateways;
    let measure = || {
        let opened = gateway.open(Sent {
            variables: variables.clone(),
            ..Sent::text(document)
        });
        match gateway.cost(&opened, 3) {
            Ok(cost) => Ok(cost),
            Err(Refusal::Excess(excess)) => Err(excess.message()),
            Err(refusal) => panic!("refused for another reason than a limit: {refusal:?}"),
        }
    };
    let first = measure();
    assert_eq!(first, measure(), "the second result differs");
    if let Ok(cost) = first {
        assert!(
            (1..=gateway.gate().bounds.cost).contains(&cost),
            "a cost of {cost}"
        );
    }
}

/// Tests the cursors of lists and of the change log. The input is the text of a cursor.
///
/// # Panics
///
/// When a decoder panics, or when an accepted cursor is not encoded as the same text.
pub fn cursors(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(cursor) = text.parse::<ChangeCursor>() {
        assert_eq!(cursor.to_string(), text);
    }
    in_list::<agent::Entity>(&text);
    in_list::<conversation::Entity>(&text);
    in_list::<customer::Entity>(&text);
    in_list::<message::Entity>(&text);
    in_list::<ticket::Entity>(&text);
}

/// The cursors of a list, in each of its orders.
fn in_list<N: Listed>(text: &str) {
    for &field in N::Sort::ALL {
        for descending in [false, true] {
            let order = Order { field, descending };
            if let Ok(place) = cursor::decode::<N>(text, order) {
                assert_eq!(cursor::encode::<N>(&place, order), text);
            }
        }
    }
}

/// Tests the processing of a request body up to the first field: reading, limits, validation, variables, the forms of a
/// document, the response.
///
/// # Panics
///
/// When a step panics, when a response contains an error without a code or with the code `INTERNAL`, or when the
/// response for a cached document differs from the one for a document that is not cached.
pub fn request(data: &[u8]) {
    let [cached, uncached] = &fixture().gateways;
    let Some(first) = response_of(cached, data) else {
        return;
    };
    for gateway in [cached, uncached] {
        let second = response_of(gateway, data).unwrap_or_default();
        assert_eq!(
            errors_of(&second),
            errors_of(&first),
            "the second response differs"
        );
    }
    for error in first["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str();
        assert!(code.is_some_and(|code| code != "INTERNAL"), "{error}");
    }
}

/// The locations and extensions of errors, as a set: the order of errors about unused variables is not defined.
fn errors_of(response: &serde_json::Value) -> BTreeSet<String> {
    let errors = response["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| format!("{} {}", error["locations"], error["extensions"]))
        .collect()
}

/// The response to the request in a body; none if the body contains no request.
fn response_of(gateway: &Gateway, data: &[u8]) -> Option<serde_json::Value> {
    let sent = serde_json::from_slice::<Sent>(data).ok()?;
    let id = RequestId("fuzz".to_owned());
    let priced = gateway.price(gateway.open(sent), &viewer());
    let response = match priced.and_then(|priced| gateway.admit(priced, &viewer())) {
        Ok(admitted) => run(&admitted, id),
        Err(refusal) => refuse(refusal, &id),
    };
    match serde_json::to_value(&response) {
        Ok(json) => Some(json),
        Err(error) => panic!("a response that cannot be serialized: {error}: {response:?}"),
    }
}

fn run(admitted: &Admitted, id: RequestId) -> Response {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime: {error}"),
    };
    let response = runtime.block_on(fixture().schema.execute(admitted.request()));
    ResponseFinisher::of(admitted, id).finish(response)
}

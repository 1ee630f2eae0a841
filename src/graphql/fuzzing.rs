//! Doors for tests that send rubbish: what decodes a stranger's bytes, and what must be true of it whatever they are.
//!
//! Not part of the library's contract. Each function panics when it finds something; `fuzz/` and `tests/fuzz.rs` call them.

use std::{collections::BTreeSet, sync::OnceLock};

use async_graphql::{Response, Variables};
use entity::{WorkspaceId, agent, conversation, customer, message, ticket};
use uuid::Uuid;

use super::{
    RequestId, Schema,
    execute::{Finishing, refuse},
    pagination::{Listed, cursor},
    schema::{gateway, rehearsal},
};
use crate::{
    auth::Viewer,
    config::Settings,
    events::ChangeCursor,
    request::{Admitted, Gateway, Refusal, Sent},
    store::{
        Order, agent::AgentSort, conversation::ConversationSort, customer::CustomerSort,
        message::MessageSort, ticket::TicketSort,
    },
};

/// Everything that needs no services; introspection is off, so that this is tried too.
struct Rehearsal {
    schema: Schema,
    /// The second keeps no documents: it prepares each request anew.
    gateways: [Gateway; 2],
}

fn rehearsed() -> &'static Rehearsal {
    static REHEARSAL: OnceLock<Rehearsal> = OnceLock::new();
    let settings = |prepared_documents_bytes_max| Settings {
        introspection: false,
        prepared_documents_bytes_max,
        ..Settings::default()
    };
    let default = Settings::default().prepared_documents_bytes_max;
    REHEARSAL.get_or_init(|| Rehearsal {
        schema: rehearsal(&settings(default)),
        gateways: [default, 0].map(|bytes| match gateway(&settings(bytes), None) {
            Ok(gateway) => gateway,
            Err(error) => panic!("no gateway: {error}"),
        }),
    })
}

fn viewer() -> Viewer {
    Viewer::operator(WorkspaceId(Uuid::from_u128(1)))
}

/// The walk that tells what a document may cost: a document, and behind a zero byte its variables as JSON.
///
/// # Panics
///
/// When the walk does, or when it tells of the same request twice and not the same, or of no cost.
pub fn cost(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (document, variables) = text.split_once('\0').unwrap_or((&text, ""));
    let variables = Variables::from_json(serde_json::from_str(variables).unwrap_or_default());
    let [_, gateway] = &rehearsed().gateways;
    let measure = || {
        let opened = gateway.open(Sent {
            variables: variables.clone(),
            ..Sent::text(document)
        });
        match gateway.cost(&opened, 3) {
            Ok(cost) => Ok(cost),
            Err(Refusal::Excess(excess)) => Err(excess.message()),
            Err(refusal) => panic!("refused for more than its limits: {refusal:?}"),
        }
    };
    let first = measure();
    assert_eq!(first, measure(), "not the same twice");
    if let Ok(cost) = first {
        assert!(
            (1..=gateway.gate().bounds.cost).contains(&cost),
            "a cost of {cost}"
        );
    }
}

/// The cursors of lists and of the change log: a text.
///
/// # Panics
///
/// When a decoder does, or when a cursor that is taken is not written again as the same text.
pub fn cursors(data: &[u8]) {
    use CustomerSort as By;
    use TicketSort as To;
    let text = String::from_utf8_lossy(data);
    if let Ok(cursor) = text.parse::<ChangeCursor>() {
        assert_eq!(cursor.to_string(), text);
    }
    for descending in [false, true] {
        for field in [
            By::CreatedAt,
            By::UpdatedAt,
            By::Name,
            By::Email,
            By::Company,
            By::LastTicketAt,
        ] {
            in_list::<customer::Entity>(&text, Order { field, descending });
        }
        for field in [
            To::CreatedAt,
            To::UpdatedAt,
            To::Priority,
            To::Status,
            To::LastMessageAt,
        ] {
            in_list::<ticket::Entity>(&text, Order { field, descending });
        }
        let field = ConversationSort::LastMessageAt;
        in_list::<conversation::Entity>(&text, Order { field, descending });
        let field = MessageSort::CreatedAt;
        in_list::<message::Entity>(&text, Order { field, descending });
        let field = AgentSort::CreatedAt;
        in_list::<agent::Entity>(&text, Order { field, descending });
    }
}

fn in_list<N: Listed>(text: &str, order: Order<N::Sort>)
where
    N::Sort: Copy,
{
    if let Ok(place) = cursor::decode::<N>(text, order) {
        assert_eq!(cursor::encode::<N>(&place, order), text);
    }
}

/// The way of a request from a body to the first field that would be run: read, limits, rules, values, the forms into which a
/// document is brought, the answer.
///
/// # Panics
///
/// When anything on the way does, when an answer holds an error without a code, or one that is our fault, or when a
/// document that is known is answered in another way than one that is not.
pub fn request(data: &[u8]) {
    let [known, unknown] = &rehearsed().gateways;
    let Some(written) = answer(known, data) else {
        return;
    };
    for gateway in [known, unknown] {
        let again = answer(gateway, data).unwrap_or_default();
        assert_eq!(faults(&again), faults(&written), "not the same twice");
    }
    for error in written["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str();
        assert!(code.is_some_and(|code| code != "INTERNAL"), "{error}");
    }
}

/// What is wrong, and where. Variables that are not used are found in no order.
fn faults(answer: &serde_json::Value) -> BTreeSet<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| format!("{} {}", error["locations"], error["extensions"]))
        .collect()
}

/// The answer to the request in a body; none when there is no request in it.
fn answer(gateway: &Gateway, data: &[u8]) -> Option<serde_json::Value> {
    let sent = serde_json::from_slice::<Sent>(data).ok()?;
    let id = RequestId("fuzz".to_owned());
    let priced = gateway.price(gateway.open(sent), &viewer());
    let answer = match priced.and_then(|priced| gateway.admit(priced, &viewer())) {
        Ok(admitted) => run(&admitted, id),
        Err(refusal) => refuse(refusal, &id),
    };
    match serde_json::to_value(&answer) {
        Ok(written) => Some(written),
        Err(error) => panic!("an answer that cannot be written: {error}: {answer:?}"),
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
    let answer = runtime.block_on(rehearsed().schema.execute(admitted.request()));
    Finishing::of(admitted, id).finish(answer)
}

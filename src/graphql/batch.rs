//! Several requests in one body.

use async_graphql::Response;

use super::{
    Schema,
    error::{Code, refusal},
    execute::{Asked, Refused, charge, prepare, refuse},
    limits::{self, Gate},
};
use crate::auth::Viewer;

/// Runs the requests of one body, one after the other. What they may cost counts as one.
pub async fn execute_batch(schema: &Schema, viewer: &Viewer, batch: Vec<Asked>) -> Vec<Response> {
    let prepared: Vec<_> = batch
        .into_iter()
        .map(|asked| prepare(schema, asked, None))
        .collect();
    let costs = prepared.iter().flatten().map(|ready| ready.cost);
    let cost = costs.fold(0, u64::saturating_add);
    let within = match schema.data::<Gate>() {
        Some(gate) => limits::check_cost(cost, &gate.bounds).map_err(|excess| refuse(&excess)),
        None => Ok(()),
    };
    let refused = within.and_then(|()| charge(schema, viewer, cost)).err();
    let mut responses = Vec::with_capacity(prepared.len());
    for one in prepared {
        responses.push(match (one, &refused) {
            (Err(refused), _) => *refused,
            (Ok(_), Some(refused)) => again(refused),
            (Ok(ready), None) => ready.run(schema).await,
        });
    }
    responses
}

/// Whether a batch of so many requests is taken; how it is refused otherwise.
pub fn check_batch(schema: &Schema, requests: usize) -> Result<(), Refused> {
    let Some(gate) = schema.data::<Gate>() else {
        return Ok(());
    };
    if gate.bounds.batch == 0 {
        return Err(Box::new(refusal(Code::BadUserInput, "Batches are not accepted.")));
    }
    if requests == 0 {
        return Err(Box::new(refusal(Code::BadUserInput, "The batch is empty.")));
    }
    limits::check_batch(requests, &gate.bounds).map_err(|excess| refuse(&excess))
}

/// Whether so much JSON is read, and all of its numbers kept; how it is refused otherwise.
pub fn check_values(schema: &Schema, json: &[u8]) -> Result<(), Refused> {
    if let Some(gate) = schema.data::<Gate>() {
        limits::check_values(json, &gate.bounds).map_err(|excess| refuse(&excess))?;
    }
    limits::check_numbers(json).map_err(|limits::TooLong { line, column }| {
        let message = format!(
            "The number at line {line} column {column} has more digits than are kept: send it as a string."
        );
        Box::new(refusal(Code::BadUserInput, &message))
    })
}

/// The same refusal for another request.
fn again(refused: &Response) -> Response {
    Response::from_errors(refused.errors.clone())
}

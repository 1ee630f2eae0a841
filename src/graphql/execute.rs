//! Runs requests for viewers.

use std::sync::Arc;

use async_graphql::{Response, Value};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture};

use super::{
    Graph, Schema,
    context::RequestCost,
    error::{finish, refused},
    loaders::Loaders,
    outcome,
    output::Selections,
};
use crate::{
    auth::Viewer,
    budget::Account,
    request::{Admitted, FieldErrors, Opened, Outline, Redaction, Refusal, complete},
    store::{caller, tally, tally::Tally},
};

/// The id of a request. Log entries about the request contain it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A request with its viewer, before the gateway has checked it.
#[derive(Debug)]
pub struct IncomingRequest {
    /// The request and its document.
    pub request: Opened,
    /// The viewer that sent the request.
    pub viewer: Viewer,
    /// The id of the request.
    pub id: RequestId,
    /// The account that is charged for the memory of the request.
    pub account: Arc<Account>,
}

/// A request that the gateway has admitted, with its viewer.
#[derive(Clone, Debug)]
pub struct ReadyRequest {
    /// The admitted request.
    pub admitted: Admitted,
    /// The viewer that sent the request.
    pub viewer: Viewer,
    /// The id of the request.
    pub id: RequestId,
    /// The account that is charged for the memory of the request.
    pub account: Arc<Account>,
}

/// The response to a request that was refused.
pub type Refused = Box<Response>;

/// Runs a query or a mutation.
pub async fn execute(graph: &Graph, incoming: IncomingRequest) -> Response {
    match admit(graph, incoming) {
        Ok(ready) => ready.run(graph).await,
        Err(refused) => *refused,
    }
}

/// Runs the requests of one body, one after another. Their total cost is taken from the quota at once.
pub async fn execute_batch(graph: &Graph, viewer: &Viewer, batch: Vec<IncomingRequest>) -> Vec<Response> {
    let gateway = graph.gateway();
    let (requests, callers): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|incoming| {
            let priced = gateway.price(incoming.request, &incoming.viewer);
            (priced, (incoming.viewer, incoming.id, incoming.account))
        })
        .unzip();
    let admitted = gateway.admit_all(requests, viewer);
    let mut responses = Vec::with_capacity(admitted.len());
    for (admitted, (viewer, id, account)) in admitted.into_iter().zip(callers) {
        responses.push(match admitted {
            Ok(admitted) => {
                let ready = ReadyRequest {
                    admitted,
                    viewer,
                    id,
                    account,
                };
                ready.run(graph).await
            }
            Err(refusal) => refuse(refusal, &id),
        });
    }
    responses
}

/// Checks a request with the gateway. An admitted request runs once, or for each event of a subscription.
pub fn admit(graph: &Graph, incoming: IncomingRequest) -> Result<ReadyRequest, Refused> {
    let IncomingRequest {
        request,
        viewer,
        id,
        account,
    } = incoming;
    let gateway = graph.gateway();
    let priced = gateway.price(request, &viewer);
    match priced.and_then(|priced| gateway.admit(priced, &viewer)) {
        Ok(admitted) => Ok(ReadyRequest {
            admitted,
            viewer,
            id,
            account,
        }),
        Err(refusal) => Err(Box::new(refuse(refusal, &id))),
    }
}

/// The response to a request that is refused.
pub fn refuse(refusal: Refusal, id: &RequestId) -> Response {
    let Refusal::Invalid(invalid) = refusal else {
        return refused(refusal);
    };
    let mut response = invalid.mistakes.response();
    invalid.redaction.apply(&mut response);
    let mut response = finish(response, &id.0);
    if invalid.reports_cost {
        report_cost(&mut response, invalid.cost, Tally::default());
    }
    response
}

fn report_cost(response: &mut Response, cost: u64, tally: Tally) {
    let cost = [
        ("requested", cost),
        ("statements", tally.statements),
        ("rows", tally.rows),
    ];
    let cost = cost.map(|(name, figure)| (async_graphql::Name::new(name), Value::from(figure)));
    let cost = Value::Object(cost.into_iter().collect());
    response.extensions.insert("cost".to_owned(), cost);
}

/// Finishes the responses to a request: their shape, and the redaction of errors.
pub struct ResponseFinisher {
    outline: Arc<Outline>,
    redaction: Redaction,
    id: RequestId,
}

impl ResponseFinisher {
    /// Creates the finisher of a request.
    pub fn of(admitted: &Admitted, id: RequestId) -> Self {
        Self {
            outline: admitted.outline.clone(),
            redaction: admitted.redaction.clone(),
            id,
        }
    }

    /// Finishes a response.
    pub fn finish(&self, mut response: Response) -> Response {
        complete(&mut response, &self.outline.shape);
        self.redaction.apply(&mut response);
        finish(response, &self.id.0)
    }
}

impl ReadyRequest {
    /// Runs a query or a mutation.
    async fn run(self, graph: &Graph) -> Response {
        let Self {
            admitted,
            viewer,
            id,
            account,
        } = self;
        let identity = viewer.identity;
        let (cost, reports_cost) = (admitted.cost, admitted.reports_cost);
        let finisher = ResponseFinisher::of(&admitted, id);
        let errors = FieldErrors::default();
        let request = request(graph, &admitted, viewer, None).data(errors.clone());
        let time = graph.gateway().gate().time;
        let running = outcome::of(time, &account, run(graph.schema(), request, errors));
        let running = caller::on_behalf_of(identity, running);
        if !reports_cost {
            return finisher.finish(running.await);
        }
        let (response, tally) = tally::counted(running).await;
        let mut response = finisher.finish(response);
        report_cost(&mut response, cost, tally);
        response
    }

    /// Runs one execution of a subscription, with loaders that subscriptions of the same scope share.
    pub fn stream<D: Send + Sync + 'static>(
        self,
        graph: &Graph,
        loaders: Arc<Loaders>,
        data: D,
    ) -> impl Stream<Item = Response> + Send + 'static + use<D> {
        let Self {
            admitted,
            viewer,
            id,
            account,
        } = self;
        let identity = viewer.identity;
        let errors = FieldErrors::default();
        let request = request(graph, &admitted, viewer, Some(loaders))
            .data(errors.clone())
            .data(data);
        let responses = graph.schema().execute_stream(request).map(move |mut response| {
            errors.move_to(&mut response);
            response
        });
        let responses = caller::stream_on_behalf_of(identity, outcome::of_stream(account, responses));
        let finisher = ResponseFinisher::of(&admitted, id);
        responses.map(move |response| finisher.finish(response))
    }
}

/// The request that the library runs.
fn request(
    graph: &Graph,
    admitted: &Admitted,
    viewer: Viewer,
    loaders: Option<Arc<Loaders>>,
) -> async_graphql::Request {
    let outline = &admitted.outline;
    let own = || {
        let asked = graph.sources().asked(outline);
        let loaders = Loaders::new(graph.services().db.clone(), viewer.scope(), asked);
        let is_single = outline.shape.fields.len() == 1;
        Arc::new(if is_single {
            loaders.of_single_root()
        } else {
            loaders
        })
    };
    let request = admitted.request().data(loaders.unwrap_or_else(own));
    // The library merges values, but output that is already serialized cannot be merged.
    let request = if !outline.merges && graph.compiles() {
        request.data(Selections::default())
    } else {
        request
    };
    request.data(viewer).data(RequestCost(admitted.cost))
}

/// Runs a request. The future is large, so it is boxed: otherwise every future that awaits it would be as large.
fn run(schema: &Schema, request: async_graphql::Request, errors: FieldErrors) -> BoxFuture<'_, Response> {
    let with_errors = async move {
        let mut response = schema.execute(request).await;
        errors.move_to(&mut response);
        response
    };
    with_errors.boxed()
}

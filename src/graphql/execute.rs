//! Runs requests for viewers.

use std::sync::Arc;

use async_graphql::{Response, Value};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture};

use super::{
    Graph, Schema,
    error::{finish, refused},
    loaders::Loaders,
    outcome,
    output::Selections,
};
use crate::{
    auth::Viewer,
    budget::Account,
    request::{Admitted, Opened, Outline, Redaction, Refusal, complete},
    store::{caller, tally, tally::Tally},
};

/// The id of a request, under which the log tells more.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A request, and who makes it.
#[derive(Debug)]
pub struct Asked {
    /// The request.
    pub request: Opened,
    /// Its viewer.
    pub viewer: Viewer,
    /// Its id.
    pub id: RequestId,
    /// The account that pays for the memory that it takes.
    pub account: Arc<Account>,
}

/// A request that may run, and who makes it.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The request.
    pub admitted: Admitted,
    /// Its viewer.
    pub viewer: Viewer,
    /// Its id.
    pub id: RequestId,
    /// The account that pays for the memory that it takes.
    pub account: Arc<Account>,
}

/// The cost of the request, for the field that reports it.
#[derive(Clone, Copy, Debug)]
pub struct Requested(pub u64);

/// The whole answer to a request that is not run.
pub type Refused = Box<Response>;

/// Runs a query or a mutation.
pub async fn execute(graph: &Graph, asked: Asked) -> Response {
    match admit(graph, asked) {
        Ok(ready) => ready.run(graph).await,
        Err(refused) => *refused,
    }
}

/// Runs the requests of one body, one after the other. Their cost counts as one.
pub async fn execute_batch(graph: &Graph, viewer: &Viewer, batch: Vec<Asked>) -> Vec<Response> {
    let gateway = graph.gateway();
    let (requests, callers): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|asked| {
            let priced = gateway.price(asked.request, &asked.viewer);
            (priced, (asked.viewer, asked.id, asked.account))
        })
        .unzip();
    let admitted = gateway.admit_all(requests, viewer);
    let mut responses = Vec::with_capacity(admitted.len());
    for (admitted, (viewer, id, account)) in admitted.into_iter().zip(callers) {
        responses.push(match admitted {
            Ok(admitted) => {
                let ready = Ready {
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

/// Lets a request through, to be run once or for each event of a subscription.
pub fn admit(graph: &Graph, asked: Asked) -> Result<Ready, Refused> {
    let Asked {
        request,
        viewer,
        id,
        account,
    } = asked;
    let gateway = graph.gateway();
    let priced = gateway.price(request, &viewer);
    match priced.and_then(|priced| gateway.admit(priced, &viewer)) {
        Ok(admitted) => Ok(Ready {
            admitted,
            viewer,
            id,
            account,
        }),
        Err(refusal) => Err(Box::new(refuse(refusal, &id))),
    }
}

/// The whole answer to a request that is not run.
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

/// What an answer goes through before it is sent.
pub struct Finishing {
    outline: Arc<Outline>,
    redaction: Redaction,
    id: RequestId,
}

impl Finishing {
    /// That of the answers to a request.
    pub fn of(admitted: &Admitted, id: RequestId) -> Self {
        Self {
            outline: admitted.outline.clone(),
            redaction: admitted.redaction.clone(),
            id,
        }
    }

    /// Completes an answer.
    pub fn finish(&self, mut response: Response) -> Response {
        complete(&mut response, &self.outline.shape);
        self.redaction.apply(&mut response);
        finish(response, &self.id.0)
    }
}

impl Ready {
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
        let finishing = Finishing::of(&admitted, id);
        let request = request(graph, &admitted, viewer, None);
        let time = graph.gateway().gate().time;
        let running = outcome::of(time, &account, run(graph.schema(), request));
        let running = caller::on_behalf_of(identity, running);
        if !reports_cost {
            return finishing.finish(running.await);
        }
        let (response, tally) = tally::counted(running).await;
        let mut response = finishing.finish(response);
        report_cost(&mut response, cost, tally);
        response
    }

    /// Runs one execution of a subscription, with loaders that others of the same scope share.
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
        let request = request(graph, &admitted, viewer, Some(loaders)).data(data);
        let answers = graph.schema().execute_stream(request);
        let answers = caller::stream_on_behalf_of(identity, outcome::of_stream(account, answers));
        let finishing = Finishing::of(&admitted, id);
        answers.map(move |response| finishing.finish(response))
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
    // The library merges values, and what is written already is none.
    let request = if !outline.merges && graph.compiles() {
        request.data(Selections::default())
    } else {
        request
    };
    request.data(viewer).data(Requested(admitted.cost))
}

/// Runs a request. In a box: it is large, and would be moved along with everything that waits for it.
fn run(schema: &Schema, request: async_graphql::Request) -> BoxFuture<'_, Response> {
    schema.execute(request).boxed()
}

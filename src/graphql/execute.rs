//! Runs a request for a viewer.

use std::{future::ready, sync::Arc, time::Duration};

use async_graphql::{
    Request, Response, Value,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};

use super::{
    Schema,
    columns::RowSelection,
    complete::{Outline, complete},
    disclosure::{Disclosure, Written},
    document,
    error::{Code, MissingRow, failure, finish, rate_limited, refusal, too_much},
    limits::{self, Excess, Gate},
    loaders::Loaders,
    outcome,
    output::Selections,
    persisted::Documents,
    prepared::{Prepared, Preparer, Read},
    single_root,
};
use crate::{
    auth::{Identity, Viewer, policy},
    budget::Account,
    service::Services,
    store::{caller, tally},
};

/// The id of a request, under which the log tells more.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A request, and who makes it.
#[derive(Debug)]
pub struct Asked {
    /// The document, its variables, the operation.
    pub request: Request,
    /// Whoever makes it.
    pub viewer: Viewer,
    /// Its id.
    pub id: RequestId,
    /// What pays for the memory that it takes.
    pub account: Arc<Account>,
}

/// What a request may cost, for those of its fields that tell.
#[derive(Clone, Copy, Debug)]
pub struct Requested(pub u64);

/// The whole answer to what is not run.
pub type Refused = Box<Response>;

/// Runs a query or a mutation.
pub async fn execute(schema: &Schema, asked: Asked) -> Response {
    let viewer = asked.viewer.clone();
    let ready = match prepare(schema, asked, None) {
        Ok(ready) => ready,
        Err(refused) => return *refused,
    };
    match charge(schema, &viewer, ready.cost) {
        Ok(()) => ready.run(schema).await,
        Err(refused) => *refused,
    }
}

/// Runs one execution of a subscription, which was admitted before, with loaders that others of the same scope may share.
pub fn execute_stream(
    schema: &Schema,
    asked: Asked,
    loaders: Option<Arc<Loaders>>,
) -> impl Stream<Item = Response> + Send + 'static + use<> {
    let who = asked.viewer.identity;
    match prepare(schema, asked, loaders) {
        Ok(ready) => {
            let (ending, account) = (ready.ending, ready.account);
            let answers = match ready.work {
                Work::Run(request) => schema.execute_stream(request),
                Work::Refuse(refused) => stream::iter([refused]).boxed(),
            };
            caller::stream_on_behalf_of(who, outcome::of_stream(account, answers))
                .map(move |response| ending.finish(response))
                .left_stream()
        }
        Err(refused) => stream::once(ready(*refused)).right_stream(),
    }
}

/// Whether somebody may begin a subscription, however often it is executed from then on. Answers with its document.
pub fn admit(schema: &Schema, asked: &mut Asked) -> Result<Option<Arc<Prepared>>, Refused> {
    let Looked { cost, document } = look(schema, &mut asked.request, &asked.viewer)?;
    charge(schema, &asked.viewer, cost)?;
    Ok(document.ok())
}

/// What a first look at a request tells.
struct Looked {
    /// What it may cost.
    cost: u64,
    /// A valid document, or what is wrong with it.
    document: Read,
}

/// Gives a request its document and tells what it may cost. First of all: everything after this walks the document, the
/// library more than once.
fn look(schema: &Schema, request: &mut Request, viewer: &Viewer) -> Result<Looked, Refused> {
    let documents = schema.data::<Documents>();
    let fresh = match documents {
        Some(documents) => documents.settle(request),
        None => Ok(None),
    };
    let fresh = fresh.map_err(|unsettled| Box::new(refusal(unsettled.code, &unsettled.message)))?;
    let (gate, preparer) = parts(schema)?;
    let prepared = match preparer.read(gate, request).map_err(|excess| refuse(&excess))? {
        Ok(prepared) => prepared,
        Err(mistakes) => {
            return Ok(Looked {
                cost: limits::LEAST,
                document: Err(mistakes),
            });
        }
    };
    let measured = limits::measure(gate, &prepared.document, request, viewer.workspaces.len());
    let cost = measured.map_err(|excess| refuse(&excess))?;
    if let Some(disclosure) = schema.data::<Disclosure>() {
        let permitted = disclosure.permit(&prepared.document);
        permitted.map_err(|reason| Box::new(refusal(Code::Forbidden, reason)))?;
    }
    let document = prepared.validate(&preparer.validator).map(|_| {
        if let (Some(documents), Some(fresh)) = (documents, fresh) {
            documents.remember(fresh, &request.query);
        }
        preparer.keep(&gate.types, &prepared);
        prepared.clone()
    });
    Ok(Looked { cost, document })
}

/// What every request goes through; a schema without it runs none.
fn parts(schema: &Schema) -> Result<(&Gate, &Preparer), Refused> {
    let parts = schema.data::<Gate>().zip(schema.data::<Preparer>());
    parts.ok_or_else(|| Box::new(failure(MissingRow("the limits of the schema"))))
}

/// Takes a cost out of what the viewer has left.
pub fn charge(schema: &Schema, viewer: &Viewer, cost: u64) -> Result<(), Refused> {
    match schema.data::<Gate>().and_then(|gate| gate.rate.as_ref()) {
        Some(rate) => rate
            .take(viewer.identity, cost)
            .map_err(|wait| Box::new(rate_limited(wait))),
        None => Ok(()),
    }
}

pub fn refuse(excess: &Excess) -> Refused {
    Box::new(too_much(excess))
}

/// A request that may be run, or is answered with what is wrong with it.
pub struct Ready {
    /// Who makes it.
    who: Identity,
    work: Work,
    /// What it may cost.
    pub cost: u64,
    /// It asks to be told what it costs.
    tells: bool,
    account: Arc<Account>,
    ending: Ending,
}

/// What is to be done for a request.
enum Work {
    Run(Request),
    Refuse(Response),
}

/// What an answer goes through before it is sent.
struct Ending {
    outline: Option<Arc<Outline>>,
    /// Kept where errors must name nothing else.
    written: Option<Written>,
    id: String,
    errors_max: u64,
}

impl Ending {
    fn finish(&self, mut response: Response) -> Response {
        if let Some(outline) = &self.outline {
            complete(&mut response, &outline.shape);
        }
        limits::cut_errors(&mut response, self.errors_max);
        if let Some(written) = &self.written {
            written.hide_others(&mut response.errors);
        }
        finish(response, &self.id)
    }
}

impl Ready {
    /// Runs it.
    pub async fn run(self, schema: &Schema) -> Response {
        let time = schema.data::<Gate>().map_or(Duration::MAX, |gate| gate.time);
        let running = outcome::of(time, &self.account, run(schema, self.work));
        let running = caller::on_behalf_of(self.who, running);
        if !self.tells {
            return self.ending.finish(running.await);
        }
        let (response, tally) = tally::counted(running).await;
        let cost = [
            ("requested", self.cost),
            ("statements", tally.statements),
            ("rows", tally.rows),
        ];
        let cost = cost.map(|(name, figure)| (async_graphql::Name::new(name), Value::from(figure)));
        let mut response = self.ending.finish(response);
        response
            .extensions
            .insert("cost".to_owned(), Value::Object(cost.into_iter().collect()));
        response
    }
}

/// Does what is to be done. In a box: it is large, and would be moved along with everything that waits for it.
fn run(schema: &Schema, work: Work) -> BoxFuture<'_, Response> {
    match work {
        Work::Run(request) => schema.execute(request).boxed(),
        Work::Refuse(refused) => ready(refused).boxed(),
    }
}

/// Makes a request ready to run, or says why it is not.
pub fn prepare(schema: &Schema, asked: Asked, loaders: Option<Arc<Loaders>>) -> Result<Ready, Refused> {
    let Asked {
        mut request,
        viewer,
        id,
        account,
    } = asked;
    policy::read(&viewer).map_err(|denied| Box::new(refusal(Code::Forbidden, denied.needs)))?;
    // An empty name is none.
    request.operation_name = request.operation_name.filter(|name| !name.is_empty());
    let Looked { cost, document } = look(schema, &mut request, &viewer)?;
    let written = schema
        .data::<Disclosure>()
        .and_then(|disclosure| disclosure.written(&request));
    let (gate, preparer) = parts(schema)?;
    let document = document.and_then(|prepared| {
        prepared.coerce(&preparer.validator, &mut request)?;
        Ok(prepared)
    });
    Preparer::forget(&mut request);
    let tells = request.extensions.get("cost") == Some(&Value::Boolean(true));
    let mut outline = None;
    if let Ok(prepared) = &document {
        outline = prepared.outline(&gate.types, request.operation_name.as_deref());
        bring_into_form(&mut request, prepared.document.clone())
            .map_err(|message| Box::new(refusal(Code::BadUserInput, message)))?;
    }
    let own = || {
        let services = schema.data::<Services>()?;
        let asked = outline
            .as_ref()
            .map_or(RowSelection::ALL, |outline| outline.asked);
        let loaders = Loaders::new(services.db.clone(), viewer.scope(), asked);
        let is_single = outline
            .as_ref()
            .is_some_and(|outline| outline.shape.fields.len() == 1);
        Some(Arc::new(if is_single {
            loaders.of_single_root()
        } else {
            loaders
        }))
    };
    let loaders = loaders.or_else(own);
    // The library merges values, and what is written already is none.
    let request = match &outline {
        Some(outline) if !outline.merges => request.data(Selections::default()),
        _ => request,
    };
    let request = match loaders {
        Some(loaders) => request.data(loaders),
        None => request,
    };
    let who = viewer.identity;
    let request = request.data(viewer).data(Requested(cost));
    Ok(Ready {
        who,
        work: match document {
            Ok(_) => Work::Run(request),
            Err(mistakes) => Work::Refuse(mistakes.response()),
        },
        cost,
        tells,
        account,
        ending: Ending {
            outline,
            written,
            id: id.0,
            errors_max: gate.bounds.errors,
        },
    })
}

/// Puts a document into a request in the form that is run, or says what is wrong with it.
fn bring_into_form(request: &mut Request, mut document: ExecutableDocument) -> Result<(), &'static str> {
    let name = request.operation_name.as_deref();
    single_root::settle(&mut document, name)?;
    if let Some(operation) = operation(&document, name) {
        let absent = document::absent(operation, &request.variables);
        document::drop_absent(&mut document, &absent);
    }
    request.set_parsed_query(document);
    Ok(())
}

/// What kind of operation a request asks for; none when it cannot be read.
pub fn kind(schema: &Schema, request: &mut Request) -> Option<OperationType> {
    let (gate, preparer) = (schema.data::<Gate>()?, schema.data::<Preparer>()?);
    if let Some(documents) = schema.data::<Documents>() {
        documents.find(request);
    }
    let prepared = preparer.read(gate, request).ok()?.ok()?;
    let name = request.operation_name.as_deref().filter(|name| !name.is_empty());
    operation(&prepared.document, name).map(|operation| operation.ty)
}

/// The operation of a document that is to be run.
pub fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(single), _) => Some(single),
        (DocumentOperations::Multiple(several), Some(name)) => several.get(name),
        // The only one is meant, whatever it is called.
        (DocumentOperations::Multiple(several), None) if several.len() == 1 => several.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    chosen.map(|operation| &operation.node)
}

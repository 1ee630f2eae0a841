//! Runs a request for a viewer.

use std::sync::Arc;

use async_graphql::{
    Request, Response,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use futures_util::{Stream, StreamExt, stream};

use super::{
    Schema,
    complete::{DEPTH_MAX, Excess, FIELDS_MAX, Shape, Types, complete},
    document,
    error::{Code, finish, refusal},
    loaders::Loaders,
    nesting, single_root,
};
use crate::{
    auth::{Viewer, policy},
    service::Services,
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
}

/// Runs a query or a mutation.
pub async fn execute(schema: &Schema, asked: Asked) -> Response {
    let id = asked.id.0.clone();
    match prepare(schema, asked, None) {
        Ok((request, shape)) => finished(schema.execute(request).await, shape.as_ref(), &id),
        Err(refused) => *refused,
    }
}

/// Runs one execution of a subscription, with loaders that others of the same scope may share.
pub fn execute_stream(
    schema: &Schema,
    asked: Asked,
    loaders: Option<Arc<Loaders>>,
) -> impl Stream<Item = Response> + Send + 'static + use<> {
    let id = asked.id.0.clone();
    match prepare(schema, asked, loaders) {
        Ok((request, shape)) => schema
            .execute_stream(request)
            .map(move |response| finished(response, shape.as_ref(), &id))
            .left_stream(),
        Err(refused) => stream::once(std::future::ready(*refused)).right_stream(),
    }
}

fn finished(mut response: Response, shape: Option<&Shape>, id: &str) -> Response {
    if let Some(shape) = shape {
        complete(&mut response, shape);
    }
    finish(response, id)
}

fn prepare(
    schema: &Schema,
    asked: Asked,
    loaders: Option<Arc<Loaders>>,
) -> Result<(Request, Option<Shape>), Box<Response>> {
    let Asked {
        mut request, viewer, ..
    } = asked;
    policy::read(&viewer).map_err(|denied| Box::new(refusal(Code::Forbidden, denied.needs)))?;
    if nesting::is_too_deep(&request.query) {
        return Err(Box::new(too_much(Excess::Depth)));
    }
    // An empty name is none.
    request.operation_name = request.operation_name.filter(|name| !name.is_empty());
    // First of all: everything after this walks the document, the library more than once.
    let shape = match schema.data::<Types>() {
        Some(types) => Shape::of(types, &mut request).map_err(|excess| Box::new(too_much(excess)))?,
        None => None,
    };
    single_root::settle(&mut request).map_err(|reason| Box::new(refusal(Code::BadUserInput, reason)))?;
    if let Some(name) = document::missing_variable(&mut request) {
        let message = format!("${name}: this variable must have a value.");
        return Err(Box::new(refusal(Code::BadUserInput, &message)));
    }
    document::drop_absent_variables(&mut request);
    let own = || {
        let services = schema.data::<Services>()?;
        Some(Arc::new(Loaders::new(services.db.clone(), viewer.scope())))
    };
    let loaders = loaders.or_else(own);
    let request = match loaders {
        Some(loaders) => request.data(loaders),
        None => request,
    };
    Ok((request.data(viewer), shape))
}

/// What kind of operation a request asks for; none when it cannot be read.
pub fn kind(request: &mut Request) -> Option<OperationType> {
    if nesting::is_too_deep(&request.query) {
        return None;
    }
    let name = request.operation_name.clone().filter(|name| !name.is_empty());
    let document = request.parsed_query().ok()?;
    operation(document, name.as_deref()).map(|operation| operation.ty)
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

fn too_much(excess: Excess) -> Response {
    match excess {
        Excess::Fields => {
            let message = format!("The document selects more than {FIELDS_MAX} fields.");
            refusal(Code::QueryTooCostly, &message)
        }
        Excess::Depth => {
            let message = format!("The document is more than {DEPTH_MAX} levels deep.");
            refusal(Code::QueryTooDeep, &message)
        }
    }
}

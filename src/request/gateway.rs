//! The gateway checks every request of every transport before it runs.
//!
//! Each stage is a type. [`Sent`] is the request as it arrived. [`Opened`] has its document: found by id or read, and
//! within the limits. [`Priced`] has its cost, and a valid document or its mistakes. The cost of [`Admitted`] was taken
//! from the quota, and its variables are coerced. The schema runs admitted requests only. A [`Gateway`] cannot be built
//! if one of its parts is missing.

use std::sync::Arc;

use async_graphql::{Request, Value, Variables, parser::types::OperationType};

use super::{
    complete::Outline,
    disclosure::{Disclosure, Redaction},
    documents::{Documents, Prepared, Read, root_variable},
    fields::Fields,
    limits::{self, Gate},
    persisted::{Fresh, Persisted},
    refusal::{Invalid, Refusal},
    sent::Sent,
    validation::{Checked, Mistakes},
};
use crate::auth::{Viewer, policy};

/// Decides which requests run.
#[derive(Debug)]
pub struct Gateway {
    gate: Gate,
    documents: Documents,
    persisted: Persisted,
    disclosure: Disclosure,
}

/// A request whose document was looked up and read.
#[derive(Debug)]
pub struct Opened {
    text: Arc<str>,
    operation: Option<String>,
    variables: Variables,
    reports_cost: bool,
    kind: Option<OperationType>,
    document: Result<Read, Refusal>,
    /// A document to remember by its hash once it is valid.
    fresh: Option<Fresh>,
}

/// A request that is within the limits.
#[derive(Debug)]
pub struct Priced {
    cost: u64,
    reports_cost: bool,
    operation: Option<String>,
    variables: Variables,
    redaction: Redaction,
    document: Result<Found, Arc<Mistakes>>,
}

/// A valid document.
#[derive(Debug)]
struct Found {
    text: Arc<str>,
    checked: Arc<Checked>,
    /// The selected operation, if the document contains it.
    operation: Option<usize>,
}

/// A request whose cost was taken from the quota. It runs once, or for each event of a subscription.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub cost: u64,
    pub reports_cost: bool,
    pub redaction: Redaction,
    pub outline: Arc<Outline>,
    /// The name of the operation to run.
    pub operation: Option<String>,
    /// The coerced variables.
    pub variables: Variables,
    /// The text of the document.
    pub text: Arc<str>,
    checked: Arc<Checked>,
}

impl Opened {
    /// The kind of operation; none when the document cannot be read.
    pub fn kind(&self) -> Option<OperationType> {
        self.kind
    }
}

impl Gateway {
    pub fn new(gate: Gate, documents: Documents, persisted: Persisted, disclosure: Disclosure) -> Self {
        Self {
            gate,
            documents,
            persisted,
            disclosure,
        }
    }

    pub fn fields(&self) -> &Fields {
        self.documents.validator.fields()
    }

    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Checks the JSON of a request before it is parsed.
    pub fn check_json(&self, json: &[u8]) -> Result<(), Refusal> {
        limits::check_values(json, &self.gate.bounds)?;
        limits::check_numbers(json).map_err(Refusal::TooLong)
    }

    /// Checks the number of requests in one body.
    pub fn check_batch(&self, requests: usize) -> Result<(), Refusal> {
        if self.gate.bounds.batch == 0 {
            return Err(Refusal::Malformed(
                "The server does not accept batches. Send one request in each body.".to_owned(),
            ));
        }
        if requests == 0 {
            return Err(Refusal::Malformed("The batch contains no request.".to_owned()));
        }
        Ok(limits::check_batch(requests, &self.gate.bounds)?)
    }

    /// Finds and reads the document of a request. [`Self::price`] reports its mistakes.
    pub fn open(&self, mut sent: Sent) -> Opened {
        let settled = self.persisted.settle(&mut sent);
        // The kind of operation is needed even if the document is refused.
        let read = self.documents.read(&self.gate.bounds, &sent.query);
        // An empty name means no name.
        let operation = sent.operation_name.filter(|name| !name.is_empty());
        let kind = match &read {
            Ok(Ok(document)) => {
                let operation = document.operation(operation.as_deref());
                operation.and_then(|operation| document.kind(operation))
            }
            _ => None,
        };
        let text = match &read {
            Ok(Ok(document)) => document.text.clone(),
            _ => sent.query.into(),
        };
        let (fresh, document) = match settled {
            Ok(fresh) => (fresh, read.map_err(Refusal::Excess)),
            Err(refusal) => (None, Err(refusal)),
        };
        Opened {
            text,
            reports_cost: sent.extensions.get("cost") == Some(&Value::Boolean(true)),
            operation,
            variables: sent.variables,
            kind,
            document,
            fresh,
        }
    }

    /// Applies the limits, and validates a document that was not validated before.
    pub fn price(&self, opened: Opened, viewer: &Viewer) -> Result<Priced, Refusal> {
        policy::read(viewer).map_err(|denied| Refusal::Forbidden(denied.needs))?;
        let cost = self.cost(&opened, viewer.workspaces.len())?;
        let (operation, variables) = (opened.operation, opened.variables);
        let document = match opened.document? {
            Ok(document) if !self.disclosure.permits(&document.survey) => {
                return Err(Refusal::Introspection);
            }
            Ok(document) => {
                let chosen = document.operation(operation.as_deref());
                self.valid(&document, chosen, opened.fresh)
            }
            Err(mistakes) => Err(mistakes),
        };
        let written = self
            .disclosure
            .written(opened.text, operation.as_deref(), &variables);
        Ok(Priced {
            cost,
            reports_cost: opened.reports_cost,
            operation,
            variables,
            redaction: Redaction::new(self.gate.bounds.errors, written),
            document,
        })
    }

    /// The cost of a request whose viewer has this number of tenants. A document with a syntax error has the lowest cost.
    pub fn cost(&self, opened: &Opened, tenants: usize) -> Result<u64, Refusal> {
        let Opened {
            document,
            operation,
            variables,
            ..
        } = opened;
        match document {
            Ok(Ok(document)) => {
                let chosen = document.operation(operation.as_deref());
                let cost = document
                    .survey
                    .cost(&self.gate.bounds, chosen, variables, tenants);
                Ok(cost?)
            }
            Ok(Err(_)) => Ok(limits::LEAST),
            Err(refusal) => Err(refusal.clone()),
        }
    }

    fn valid(
        &self,
        document: &Arc<Prepared>,
        operation: Option<usize>,
        fresh: Option<Fresh>,
    ) -> Result<Found, Arc<Mistakes>> {
        let checked = document.checked(&self.documents.validator)?;
        if let Some(fresh) = fresh {
            self.persisted.remember(fresh, &document.text);
        }
        self.documents.keep(document, checked);
        Ok(Found {
            text: document.text.clone(),
            checked: checked.clone(),
            operation,
        })
    }

    /// Takes the cost of a request from the quota of its viewer. An invalid request costs quota too.
    pub fn admit(&self, priced: Priced, viewer: &Viewer) -> Result<Admitted, Refusal> {
        self.pay(priced.cost, viewer)?;
        self.paid(priced)
    }

    /// Admits the requests of one body. Their total cost is taken from the quota at once: if the quota is too small,
    /// none of them is admitted.
    pub fn admit_all(
        &self,
        batch: Vec<Result<Priced, Refusal>>,
        viewer: &Viewer,
    ) -> Vec<Result<Admitted, Refusal>> {
        let costs = batch.iter().flatten().map(|priced| priced.cost);
        let cost = costs.fold(0, u64::saturating_add);
        let within = limits::check_cost(cost, &self.gate.bounds).map_err(Refusal::Excess);
        let paid = within.and_then(|()| self.pay(cost, viewer));
        let admitted = batch.into_iter().map(|priced| {
            let priced = priced?;
            paid.clone()?;
            self.paid(priced)
        });
        admitted.collect()
    }

    fn pay(&self, cost: u64, viewer: &Viewer) -> Result<(), Refusal> {
        match &self.gate.rate {
            Some(rate) => rate.take(viewer.identity, cost).map_err(Refusal::RateLimited),
            None => Ok(()),
        }
    }

    fn paid(&self, priced: Priced) -> Result<Admitted, Refusal> {
        let Priced {
            cost,
            reports_cost,
            operation,
            mut variables,
            redaction,
            document,
        } = priced;
        let invalid = |mistakes| {
            Refusal::Invalid(Invalid {
                mistakes,
                redaction: redaction.clone(),
                cost,
                reports_cost,
            })
        };
        let found = document.map_err(invalid)?;
        let Some(chosen) = found.checked.operation(found.operation) else {
            let message = if operation.is_some() {
                "The document has no operation with the name in `operationName`."
            } else {
                "The document has several operations. Select one with `operationName`."
            };
            return Err(Refusal::Malformed(message.to_owned()));
        };
        let coerced = self.documents.validator.coerce(&chosen.inputs, &mut variables);
        coerced.map_err(|mistakes| invalid(Arc::new(mistakes)))?;
        if let Some(reason) = chosen.refused {
            return Err(Refusal::Malformed(reason.to_owned()));
        }
        Ok(Admitted {
            cost,
            reports_cost,
            outline: chosen.outline.clone(),
            operation,
            variables,
            text: found.text,
            checked: found.checked,
            redaction,
        })
    }
}

impl Admitted {
    /// The variable that is the value of an argument of the only field.
    pub fn root_variable(&self, argument: &str) -> Option<String> {
        root_variable(&self.checked.run, self.operation.as_deref(), argument)
    }

    /// The request that the schema runs.
    pub fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation);
        request.set_parsed_query(self.checked.run.clone());
        request
    }
}

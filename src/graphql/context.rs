//! What a resolver may take from the request.

use std::sync::Arc;

use async_graphql::Context;

use super::{loaders::Loaders, pagination::Limits};
use crate::{auth::Viewer, request::Gateway, service::Services};

/// The window of a resolver on its request.
pub trait ContextExt {
    /// Whoever makes the request.
    fn viewer(&self) -> &Viewer;
    /// The use cases.
    fn services(&self) -> &Services;
    /// The loaders of the request.
    fn loaders(&self) -> &Loaders;
    /// What let the request through.
    fn gateway(&self) -> &Gateway;
    /// Bounds on lists.
    fn limits(&self) -> Limits;
    /// Any of these fields is asked for.
    fn asks_for(&self, fields: &[&str]) -> bool;
}

impl ContextExt for Context<'_> {
    fn viewer(&self) -> &Viewer {
        self.data_unchecked()
    }

    fn services(&self) -> &Services {
        self.data_unchecked()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked::<Arc<Loaders>>()
    }

    fn gateway(&self) -> &Gateway {
        self.data_unchecked::<Arc<Gateway>>()
    }

    fn limits(&self) -> Limits {
        *self.data_unchecked()
    }

    fn asks_for(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.look_ahead().field(field).exists())
    }
}

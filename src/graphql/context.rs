//! The values that a resolver reads from its request.

use std::sync::Arc;

use async_graphql::Context;

use super::loaders::Loaders;
use crate::{auth::Viewer, request::Gateway, service::Services};

/// Maximum values of the arguments of lists.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum of `first` and `last`.
    pub page_size_max: u32,
    /// Maximum of `offset`.
    pub offset_max: u64,
}

/// The cost of the request, which the field `rateLimit` reports.
#[derive(Clone, Copy, Debug)]
pub struct RequestCost(pub u64);

/// Access to the values of a request.
pub trait ContextExt {
    /// The viewer that sent the request.
    fn viewer(&self) -> &Viewer;
    /// The use cases.
    fn services(&self) -> &Services;
    /// The loaders of the request.
    fn loaders(&self) -> &Loaders;
    /// The gateway that admitted the request.
    fn gateway(&self) -> &Gateway;
    /// Bounds on lists.
    fn limits(&self) -> Limits;
    /// Whether the request selects any of these fields.
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

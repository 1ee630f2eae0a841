//! Whoever makes this request.

use async_graphql::{Context, Enum, Object};

use super::{
    agent::Agent,
    context::ContextExt,
    customer::Customer,
    error::{Result, from_store},
    loaders::{AgentById, CustomerById},
    output::Compiled,
    workspace::Workspace,
};
use crate::{auth, auth::Identity, store};

/// What kind of viewer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ViewerKind {
    /// A person who answers.
    Agent,
    /// A person who asks.
    Customer,
    /// A program.
    ApiKey,
}

/// Whoever makes this request.
pub struct Viewer(auth::Viewer);

/// Whoever makes this request.
#[Object]
impl Viewer {
    /// What kind of viewer it is.
    async fn kind(&self) -> ViewerKind {
        match self.0.identity {
            Identity::Agent(_) => ViewerKind::Agent,
            Identity::Customer(_) => ViewerKind::Customer,
            Identity::ApiKey(_) | Identity::Operator | Identity::System => ViewerKind::ApiKey,
        }
    }

    /// The agent, when it is one.
    async fn agent(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Agent>>> {
        let Identity::Agent(id) = self.0.identity else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent).map(Compiled))
    }

    /// The customer, when it is one.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Customer>>> {
        let Identity::Customer(id) = self.0.identity else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()
            .load(CustomerById(id))
            .await?
            .map(Customer)
            .map(Compiled))
    }

    /// The workspaces that it may see, oldest first.
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Workspace>>> {
        let rows = store::workspace::list(&ctx.services().db, &self.0.scope())
            .await
            .map_err(from_store)?;
        Ok(rows.into_iter().map(|row| Compiled(row.into())).collect())
    }

    /// What it may do: read, write, customer:notes, admin.
    async fn grants(&self) -> Vec<&'static str> {
        self.0.grants.names().collect()
    }
}

/// The part of the query root on the viewer.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whoever makes this request.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(ctx.viewer().clone())
    }
}

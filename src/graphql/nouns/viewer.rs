//! The caller of a request.

use async_graphql::{Context, Enum, Object};

use super::{agent::Agent, customer::Customer, workspace::Workspace};
use crate::{
    auth,
    auth::Identity,
    graphql::{
        context::ContextExt,
        error::{Result, from_store},
        loaders::{AgentById, CustomerById},
        output::{Compiled, enum_leaves},
    },
    store,
};

/// Kind of a viewer. The kind decides which objects of a workspace the viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ViewerKind {
    /// An agent with a token. Sees all objects of its workspaces; API keys are listed only with the grant
    /// `ADMIN`.
    Agent,
    /// A customer with a token. Sees its own tickets, conversations and messages, and the agents who deal with
    /// them.
    Customer,
    /// A program with an API key. Sees the objects of its workspaces; internal messages and internal notes
    /// require the grant `CUSTOMER_NOTES`.
    ApiKey,
}

/// A permission of a credential. The command line and the claims of tokens use the name in lower case that
/// each description gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "auth::Grant")]
pub enum Grant {
    /// Reads everything that the viewer's role and workspaces allow. Named `read`. Every request requires it.
    Read,
    /// Creates and changes customers, tickets, conversations and messages. Named `write`.
    Write,
    /// Reads and writes the internal notes of customers and internal messages. Named `customer:notes`.
    CustomerNotes,
    /// Manages agents, teams, queues and API keys. Named `admin`.
    Admin,
}

enum_leaves!(Grant of auth::Grant);

/// The caller: the agent, customer or API key to which the credential of the request belongs.
pub struct Viewer(auth::Viewer);

/// The caller: the agent, customer or API key to which the credential of the request belongs.
#[Object]
impl Viewer {
    /// Kind of the credential's owner.
    async fn kind(&self) -> ViewerKind {
        match self.0.identity {
            Identity::Agent(_) => ViewerKind::Agent,
            Identity::Customer(_) => ViewerKind::Customer,
            Identity::ApiKey(_) | Identity::Operator | Identity::System => ViewerKind::ApiKey,
        }
    }

    /// The agent, when `kind` is `AGENT`. Null for other kinds, and when the token names an agent that does not
    /// exist in the viewer's workspaces.
    async fn agent(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Agent>>> {
        let Identity::Agent(id) = self.0.identity else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent).map(Compiled))
    }

    /// The customer, when `kind` is `CUSTOMER`. Null for other kinds, and when the token names a customer that
    /// does not exist in the viewer's workspace.
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

    /// Workspaces to which the credential gives access, oldest first.
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Workspace>>> {
        let rows = store::workspace::list(&ctx.services().db, &self.0.scope())
            .await
            .map_err(from_store)?;
        Ok(rows.into_iter().map(|row| Compiled(row.into())).collect())
    }

    /// Permissions of the credential.
    async fn grants(&self) -> Vec<Grant> {
        self.0.grants.all().map(Into::into).collect()
    }
}

/// Fields of the query root for the viewer.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Returns the caller of this request.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(ctx.viewer().clone())
    }
}

//! Whoever makes this request.

use std::sync::Arc;

use entity::{AgentId, ApiKeyId, CustomerId, Timestamp, WorkspaceId, agent::Role, change::ActorKind};
use uuid::Uuid;

use super::{Grant, Grants};

/// Who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A person who answers.
    Agent(AgentId),
    /// A person who asks.
    Customer(CustomerId),
    /// A program.
    ApiKey(ApiKeyId),
    /// Whoever runs the command line beside the database.
    Operator,
    /// The gateway itself, when it does what was to be done at a moment.
    System,
}

impl Identity {
    /// As it is written beside what it did: its kind and its id. The operator and the gateway itself have none.
    pub fn actor(self) -> (ActorKind, Option<Uuid>) {
        match self {
            Self::Agent(id) => (ActorKind::Agent, Some(id.0)),
            Self::Customer(id) => (ActorKind::Customer, Some(id.0)),
            Self::ApiKey(id) => (ActorKind::ApiKey, Some(id.0)),
            Self::Operator => (ActorKind::Operator, None),
            Self::System => (ActorKind::System, None),
        }
    }
}

/// Whoever makes this request: who it is, where it may look, what it may do.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who it is.
    pub identity: Identity,
    /// The workspaces that it may see.
    pub workspaces: Arc<[WorkspaceId]>,
    /// What it may do there.
    pub grants: Grants,
    /// From when its credential no longer holds, where it ends by itself. Whoever stays connected is let go then.
    pub until: Option<Timestamp>,
}

impl Viewer {
    /// The same, until an instant.
    #[must_use]
    pub fn until(self, until: Option<Timestamp>) -> Self {
        Self { until, ..self }
    }

    /// An agent with the rights of its role.
    pub fn agent(id: AgentId, role: Role, workspaces: &[WorkspaceId]) -> Self {
        let manages = (role == Role::Admin).then_some(Grant::Admin);
        let grants = [Grant::Read, Grant::Write, Grant::CustomerNotes]
            .into_iter()
            .chain(manages)
            .collect();
        Self {
            identity: Identity::Agent(id),
            workspaces: workspaces.into(),
            grants,
            until: None,
        }
    }

    /// A customer: sees its own tickets, writes into them, never sees notes.
    pub fn customer(id: CustomerId, workspace: WorkspaceId) -> Self {
        let grants = [Grant::Read, Grant::Write].into_iter().collect();
        Self {
            identity: Identity::Customer(id),
            workspaces: [workspace].into(),
            grants,
            until: None,
        }
    }

    /// A program with a key.
    pub fn api_key(id: ApiKeyId, grants: Grants, workspaces: &[WorkspaceId]) -> Self {
        Self {
            identity: Identity::ApiKey(id),
            workspaces: workspaces.into(),
            grants,
            until: None,
        }
    }

    /// The operator at the command line, in one workspace.
    pub fn operator(workspace: WorkspaceId) -> Self {
        Self::operator_of(&[workspace])
    }

    /// The operator at the command line, in several.
    pub fn operator_of(workspaces: &[WorkspaceId]) -> Self {
        let grants = Grant::ALL.into_iter().collect();
        Self {
            identity: Identity::Operator,
            workspaces: workspaces.into(),
            grants,
            until: None,
        }
    }

    /// The gateway itself, in one workspace.
    pub fn system(workspace: WorkspaceId) -> Self {
        Self {
            identity: Identity::System,
            ..Self::operator(workspace)
        }
    }

    /// The rows that it sees.
    pub fn scope(&self) -> Scope {
        let customer = match self.identity {
            Identity::Customer(id) => Some(id),
            Identity::Agent(_) | Identity::ApiKey(_) | Identity::Operator | Identity::System => None,
        };
        Scope {
            workspaces: self.workspaces.clone(),
            customer,
            notes: customer.is_none() && self.grants.has(Grant::CustomerNotes),
        }
    }

    /// What it sees.
    pub fn sight(&self) -> Sight {
        Sight {
            scope: self.scope(),
            grants: self.grants,
        }
    }

    /// The customer who asks, when it is one.
    pub fn as_customer(&self) -> Option<CustomerId> {
        self.scope().customer
    }

    /// The workspace that a request without one means: the only one there is.
    pub fn only_workspace(&self) -> Option<WorkspaceId> {
        match *self.workspaces {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// All that decides what a viewer sees, whoever it is: two of one sight get the same answer to the same question, but
/// for what they are told of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    scope: Scope,
    grants: Grants,
}

/// The rows that a viewer sees: those of some workspaces and, for a customer, only its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The workspaces whose rows are seen.
    pub workspaces: Arc<[WorkspaceId]>,
    /// The only customer whose rows are seen; everyone's when absent.
    pub customer: Option<CustomerId>,
    /// Whether internal messages are seen.
    pub notes: bool,
}

impl Scope {
    /// Whether what concerns a customer of a workspace is in it.
    pub fn sees(&self, workspace: &WorkspaceId, customer: &CustomerId) -> bool {
        self.holds(*workspace) && self.customer.is_none_or(|own| own == *customer)
    }

    /// Whether a workspace is in it.
    pub fn holds(&self, workspace: WorkspaceId) -> bool {
        self.workspaces.contains(&workspace)
    }
}

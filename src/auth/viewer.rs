//! The caller of a request.

use std::sync::Arc;

use entity::{AgentId, ApiKeyId, CustomerId, Timestamp, WorkspaceId, agent::Role, change::ActorKind};
use uuid::Uuid;

use super::{Grant, Grants, policy};

/// Identity of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A person who answers customers.
    Agent(AgentId),
    /// A person who contacts support.
    Customer(CustomerId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// The person who runs the command line with access to the database.
    Operator,
    /// The gateway itself, when it runs scheduled work.
    System,
}

impl Identity {
    /// Kind and id of the actor, as stored with each change. The operator and the gateway itself have no id.
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

/// The caller of a request: its identity, its workspaces and its grants.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub identity: Identity,
    /// The workspaces that the caller sees.
    pub workspaces: Arc<[WorkspaceId]>,
    /// The actions that the caller may perform in them.
    pub grants: Grants,
    /// Time at which the credential expires, if it does. Open connections of the viewer are closed then.
    pub until: Option<Timestamp>,
}

impl Viewer {
    /// The same viewer with a different expiry time.
    #[must_use]
    pub fn until(self, until: Option<Timestamp>) -> Self {
        Self { until, ..self }
    }

    /// An agent with the grants of its role.
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

    /// A customer. It sees its own tickets, writes to them and never sees notes.
    pub fn customer(id: CustomerId, workspace: WorkspaceId) -> Self {
        let grants = [Grant::Read, Grant::Write].into_iter().collect();
        Self {
            identity: Identity::Customer(id),
            workspaces: [workspace].into(),
            grants,
            until: None,
        }
    }

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

    /// The operator at the command line, in several workspaces.
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

    /// The rows that the viewer sees.
    pub fn scope(&self) -> Scope {
        let customer = match self.identity {
            Identity::Customer(id) => Some(id),
            Identity::Agent(_) | Identity::ApiKey(_) | Identity::Operator | Identity::System => None,
        };
        Scope {
            workspaces: self.workspaces.clone(),
            customer,
            notes: policy::notes(self).is_ok(),
        }
    }

    /// Everything that determines the viewer's results.
    pub fn visibility(&self) -> Visibility {
        Visibility {
            scope: self.scope(),
            grants: self.grants,
        }
    }

    pub fn as_customer(&self) -> Option<CustomerId> {
        self.scope().customer
    }

    /// The workspace of a request that names none: the viewer's only one. `None` if it has several.
    pub fn only_workspace(&self) -> Option<WorkspaceId> {
        match *self.workspaces {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// Everything that determines the results of a viewer, except its identity. Two viewers with equal sights get
/// the same response to the same request, except for fields about the viewer itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Visibility {
    scope: Scope,
    grants: Grants,
}

/// The rows that a viewer sees: those of some workspaces and, for a customer, only its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The workspaces whose rows are visible.
    pub workspaces: Arc<[WorkspaceId]>,
    /// The only customer whose rows are visible. `None` for all customers.
    pub customer: Option<CustomerId>,
    /// Whether internal messages and the internal notes of customers are visible.
    pub notes: bool,
}

impl Scope {
    /// Whether data of a customer in a workspace is visible.
    pub fn sees(&self, workspace: &WorkspaceId, customer: &CustomerId) -> bool {
        self.holds(*workspace) && self.customer.is_none_or(|own| own == *customer)
    }

    /// Whether a row or an event of a customer in a workspace is visible. Messages can be internal, and so are the
    /// events about them.
    pub fn sees_part(&self, workspace: &WorkspaceId, customer: &CustomerId, is_internal: bool) -> bool {
        self.sees(workspace, customer) && (self.notes || !is_internal)
    }

    /// Whether the scope contains a workspace.
    pub fn holds(&self, workspace: WorkspaceId) -> bool {
        self.workspaces.contains(&workspace)
    }
}

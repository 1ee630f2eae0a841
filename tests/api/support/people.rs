//! Workspaces and viewers.

use deskgraph::{
    auth::{
        Grant, Viewer,
        jwt::{Issuer, TokenRole},
    },
    service::{
        self, Patch,
        agent::CreateAgent,
        api_key::CreateApiKey,
        customer::{CustomerFields, UpsertCustomer},
    },
};
use entity::{WorkspaceId, agent::Role};

use super::TestApp;

/// A viewer.
#[derive(Clone, Debug)]
pub struct Person {
    /// Token or API key.
    pub credential: String,
    /// The id of the agent, customer or key.
    pub id: String,
}

impl TestApp {
    pub async fn workspace(&self, name: &str) -> WorkspaceId {
        service::workspace::create(&self.services, name)
            .await
            .expect("a workspace")
            .id
    }

    /// Creates an admin with access to some workspaces. The agent belongs to the first.
    pub async fn admin_of(&self, workspaces: &[WorkspaceId]) -> Person {
        self.agent_with(workspaces, Role::Admin, "admin").await
    }

    pub async fn agent(&self, workspace: WorkspaceId, name: &str) -> Person {
        self.agent_with(&[workspace], Role::Agent, name).await
    }

    /// Creates a workspace and its admin, which most tests start with.
    pub async fn admin(&self) -> (WorkspaceId, Person) {
        let workspace = self.workspace("Test").await;
        (workspace, self.admin_of(&[workspace]).await)
    }

    async fn agent_with(&self, workspaces: &[WorkspaceId], role: Role, name: &str) -> Person {
        let email = format!("{}@agents.example.com", name.to_lowercase().replace(' ', "."));
        let input = CreateAgent {
            workspace: Some(workspaces[0]),
            name: name.to_owned(),
            email,
            role,
            teams: Vec::new(),
        };
        let operator = Viewer::operator(workspaces[0]);
        let id = service::agent::create(&self.services, &operator, input)
            .await
            .expect("an agent")
            .id
            .to_string();
        let role = if role == Role::Admin {
            TokenRole::Admin
        } else {
            TokenRole::Agent
        };
        Person {
            credential: self.token(&id, role, workspaces),
            id,
        }
    }

    /// Returns a customer of a workspace with a token. Creates the customer if necessary.
    pub async fn customer(&self, workspace: WorkspaceId, email: &str) -> Person {
        let input = UpsertCustomer {
            workspace: None,
            identifier: None,
            fields: CustomerFields {
                email: Patch::Set(email.to_owned()),
                ..CustomerFields::default()
            },
        };
        let made = service::customer::upsert(&self.services, &Viewer::operator(workspace), input).await;
        let id = made.expect("a customer").0.customer.id.to_string();
        Person {
            credential: self.token(&id, TokenRole::Customer, &[workspace]),
            id,
        }
    }

    pub async fn api_key(&self, workspaces: &[WorkspaceId], grants: &[Grant]) -> Person {
        self.key_called("Test", workspaces, grants).await
    }

    pub async fn key_called(&self, name: &str, workspaces: &[WorkspaceId], grants: &[Grant]) -> Person {
        let input = CreateApiKey {
            name: name.to_owned(),
            grants: grants.to_vec(),
            workspaces: Some(workspaces.to_vec()),
            expires_at: None,
        };
        let operator = Viewer::operator_of(workspaces);
        let made = service::api_key::create(&self.services, &operator, input)
            .await
            .expect("a key");
        Person {
            credential: made.token.expect("a token").reveal().to_owned(),
            id: made.opening.key.id.to_string(),
        }
    }

    /// Returns a token that is valid for an hour.
    pub fn token(&self, subject: &str, role: TokenRole, workspaces: &[WorkspaceId]) -> String {
        let issuer = Issuer::new(&self.settings).expect("an issuer");
        issuer
            .issue(subject, role, workspaces, self.services.clock.now(), 3600)
            .expect("a token")
    }
}

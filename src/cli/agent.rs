//! Creates agents.

use clap::{Subcommand, ValueEnum};
use entity::agent;

use super::{
    Done,
    connect::{services, workspace},
};
use crate::{
    auth::Viewer,
    config::Settings,
    service::{self, agent::CreateAgent},
};

/// Creates agents.
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Creates an agent and prints its id.
    #[command(
        after_help = "Example:\n  deskgraph agent create --name \"Ada Berg\" --email ada@example.com --role admin"
    )]
    Create {
        /// Full name of the agent.
        #[arg(long)]
        name: String,
        /// Email address of the agent. Must be unique among the agents of the workspace.
        #[arg(long)]
        email: String,
        /// Role of the agent.
        #[arg(long, value_enum, default_value = "agent")]
        role: Role,
        /// Id or name of the workspace [default: the only workspace].
        #[arg(long)]
        workspace: Option<String>,
    },
}

/// Role of an agent.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Reads and writes customers, conversations, tickets and messages.
    Agent,
    /// Has the rights of an agent, and manages agents, teams, queues and API keys.
    Admin,
}

impl Agent {
    pub async fn run(&self, settings: &Settings) -> Done {
        let Self::Create {
            name,
            email,
            role,
            workspace: named,
        } = self;
        let services = services(settings).await?;
        let workspace = workspace(&services, named.as_deref()).await?.id;
        let role = match role {
            Role::Agent => agent::Role::Agent,
            Role::Admin => agent::Role::Admin,
        };
        let input = CreateAgent {
            workspace: Some(workspace),
            name: name.clone(),
            email: email.clone(),
            role,
            teams: Vec::new(),
        };
        println!(
            "{}",
            service::agent::create(&services, &Viewer::operator(workspace), input)
                .await?
                .id
        );
        Ok(())
    }
}

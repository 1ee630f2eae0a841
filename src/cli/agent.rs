//! Makes agents.

use clap::{Subcommand, ValueEnum};
use entity::agent;

use super::{
    Done,
    connect::{explain, services, workspace},
};
use crate::{
    auth::Viewer,
    config::Settings,
    service::{self, agent::CreateAgent},
};

/// What to do with agents.
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Make an agent; prints its id.
    #[command(
        after_help = "Example:\n  deskgraph agent create --name \"Ada Berg\" --email ada@example.com --role admin"
    )]
    Create {
        /// Full name.
        #[arg(long)]
        name: String,
        /// Address; unique among the agents of the workspace.
        #[arg(long)]
        email: String,
        /// What the agent may do.
        #[arg(long, value_enum, default_value = "agent")]
        role: Role,
        /// Id or name of the workspace [default: the only one there is].
        #[arg(long)]
        workspace: Option<String>,
    },
}

/// What an agent may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Answers customers.
    Agent,
    /// Answers customers and manages.
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
                .await
                .map_err(explain)?
                .id
        );
        Ok(())
    }
}

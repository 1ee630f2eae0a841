//! Issues tokens.

use clap::{Args, Subcommand};
use entity::agent::Role;

use super::{
    Done, Failure,
    connect::{services_to_look, workspace},
};
use crate::{
    auth::{
        Viewer,
        jwt::{Issuer, TokenRole},
    },
    config::Settings,
    store::{self, customer::CustomerKey, filter::email_key},
};

/// Issues access tokens (JWT).
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Issues a token for an agent or a customer and prints it.
    #[command(after_help = "\
Examples:
  deskgraph token issue --agent ada@example.com
  deskgraph token issue --customer jane@example.com --minutes 15

Signs the token with jwt_secret, or with jwt_private_key_file if jwt_algorithm is RS256, ES256 or
EdDSA.")]
    Issue(Issue),
}

/// Arguments of `token issue`.
#[derive(Debug, Args)]
pub struct Issue {
    #[command(flatten)]
    subject: Subject,
    /// Minutes until the token expires, 1 to 525600.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(1..=525_600))]
    minutes: i64,
    /// Id or name of the workspace [default: the only workspace].
    #[arg(long)]
    workspace: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// Email address of the agent that the token identifies.
    #[arg(long, value_name = "EMAIL")]
    agent: Option<String>,
    /// Email address of the customer that the token identifies.
    #[arg(long, value_name = "EMAIL")]
    customer: Option<String>,
}

impl Token {
    pub async fn run(&self, settings: &Settings) -> Done {
        let Self::Issue(issue) = self;
        let issuer = Issuer::new(settings)?;
        let services = services_to_look(settings).await?;
        let workspace = workspace(&services, issue.workspace.as_deref()).await?;
        let connection = services.db.connection();
        let unknown = |who: &str, email: &str| {
            let name = &workspace.name;
            Failure(format!(
                "The workspace {name:?} has no {who} with the email address {email:?}."
            ))
        };
        let (subject, role) = match (&issue.subject.agent, &issue.subject.customer) {
            (Some(email), _) => {
                let found =
                    store::agent::find_by_email_unscoped(connection, workspace.id, &[email_key(email)])
                        .await?;
                let agent = found.first().ok_or_else(|| unknown("agent", email))?;
                if !agent.is_active {
                    return Err(Failure(format!(
                        "The agent {email:?} is not active in the workspace {:?}.",
                        workspace.name
                    )));
                }
                let role = if agent.role == Role::Admin {
                    TokenRole::Admin
                } else {
                    TokenRole::Agent
                };
                (agent.id.to_string(), role)
            }
            (None, email) => {
                let email = email.as_deref().unwrap_or_default();
                let scope = Viewer::operator(workspace.id).scope();
                let key = email_key(email);
                let found = store::customer::find(
                    connection,
                    &scope,
                    workspace.id,
                    CustomerKey::EmailKey(workspace.id, &key),
                )
                .await?;
                (
                    found.ok_or_else(|| unknown("customer", email))?.id.to_string(),
                    TokenRole::Customer,
                )
            }
        };
        let now = services.clock.now();
        println!(
            "{}",
            issuer.issue(&subject, role, &[workspace.id], now, issue.minutes * 60)?
        );
        Ok(())
    }
}

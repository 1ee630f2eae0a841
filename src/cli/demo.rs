//! Serves a small demo helpdesk.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use entity::{WorkspaceId, agent::Role};

use super::{
    Done, Failure,
    serve::{listen, until_stopped},
};
use crate::{
    app::App,
    auth::{
        Viewer,
        jwt::{Issuer, TokenRole},
    },
    clock::Clock,
    config::{Secret, Settings},
    import::{self, Input, KEVA},
    service::{self, Services, agent::CreateAgent, group::CreateGroup, import::Source},
    store,
};

const DATABASE: &str = "sqlite://deskgraph-demo.db";
const WORKSPACE: &str = "Demo helpdesk";
const AGENT: (&str, &str) = ("Demo Agent", "demo@deskgraph.example");
/// Lifetime of the demo's token in seconds: one day.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;
const FILES: &[(&str, &str)] = &[
    ("agents.ndjson", include_str!("../../demo/agents.ndjson")),
    ("customers.ndjson", include_str!("../../demo/customers.ndjson")),
    ("tickets.ndjson", include_str!("../../demo/tickets.ndjson")),
    ("messages.ndjson", include_str!("../../demo/messages.ndjson")),
];

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph demo
  deskgraph demo --listen 127.0.0.1:9000

Stores the data in deskgraph-demo.db in the current folder. Delete the file to start again. The
page of the explorer contains an admin token: listen on a loopback address only.")]
pub struct Demo {}

impl Demo {
    pub async fn run(&self, mut settings: Settings) -> Done {
        if settings.database_url == Settings::default().database_url {
            settings.database_url = Secret::new(DATABASE);
        }
        let clock = Clock::system();
        if settings.jwt_secret.is_none() {
            settings.jwt_secret = Some(Secret::new(URL_SAFE_NO_PAD.encode(clock.random())));
        }
        let app = App::build_to_serve(&settings, clock).await?;
        let listener = listen(&settings).await?;
        let workspace = seed(&app.services).await?;
        let agent = agent(&app.services, workspace).await?;
        let now = app.services.clock.now();
        let subject = agent.to_string();
        let token =
            Issuer::new(&settings)?.issue(&subject, TokenRole::Admin, &[workspace], now, TOKEN_SECONDS)?;
        greet(&format!("http://{}", listener.local_addr()?), &token);
        until_stopped(&app, listener, Some(token)).await
    }
}

/// The workspace of the demo. Creates it and imports the demo data if necessary.
async fn seed(services: &Services) -> Result<WorkspaceId, Failure> {
    let all = store::workspace::list_unscoped(&services.db).await?;
    let others = !all.is_empty();
    let workspace = match all.into_iter().find(|row| row.name == WORKSPACE) {
        Some(row) => row.id,
        // The demo must not mix its customers and its admin with real data.
        None if others => {
            let next = "Leave database_url unset to let the demo create its own file.";
            return Err(Failure(format!(
                "database_url: This database already contains a helpdesk. {next}"
            )));
        }
        None => service::workspace::create(services, WORKSPACE).await?.id,
    };
    let viewer = Viewer::operator(workspace);
    let source = Source {
        viewer: &viewer,
        workspace,
        system: KEVA.system,
        strict: false,
        prefer_source: false,
        revive: false,
    };
    // The import is idempotent: it keeps existing records and completes an interrupted first start.
    let report = import::run(services, &source, &KEVA, &Input::Embedded(FILES), &|_| {}).await?;
    if report.failed() > 0 {
        return Err(Failure(format!("The import of the demo data failed:\n{report}")));
    }
    Ok(workspace)
}

async fn agent(services: &Services, workspace: WorkspaceId) -> Result<entity::AgentId, Failure> {
    let (name, email) = AGENT;
    let connection = services.db.connection();
    let found = store::agent::find_by_email_unscoped(connection, workspace, &[email.to_owned()]).await?;
    if let Some(row) = found.first() {
        return Ok(row.id);
    }
    let input = CreateAgent {
        workspace: Some(workspace),
        name: name.to_owned(),
        email: email.to_owned(),
        role: Role::Admin,
        teams: Vec::new(),
    };
    let viewer = Viewer::operator(workspace);
    let agent = service::agent::create(services, &viewer, input).await?.id;
    // Gives the explorer a team and a queue for conversations.
    let group = |name: &str, agents| CreateGroup {
        workspace: Some(workspace),
        name: name.to_owned(),
        agents,
    };
    let (team, queue) = (group("First line", vec![agent]), group("Urgent", Vec::new()));
    service::group::create::<entity::team::Entity>(services, &viewer, team).await?;
    service::group::create::<entity::queue::Entity>(services, &viewer, queue).await?;
    Ok(agent)
}

fn greet(url: &str, token: &str) {
    println!(
        "\
Deskgraph is ready. Open {url} in a browser.

Token (role admin, valid for 24 hours):
{token}

Example query:
curl {url}/graphql -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\
  -d '{{\"query\":\"{{ tickets(first: 3, filter: {{status: OPEN}}) {{ totalCount nodes {{ subject priority customer {{ displayName openTickets }} }} }} }}\"}}'
"
    );
}

//! Shared by commands: connects to the database and selects the workspace.

use entity::{WorkspaceId, workspace::Model};

use super::Failure;
use crate::{
    app::App,
    clock::Clock,
    config::Settings,
    service::Services,
    store::{self, connect::missing_file},
};

/// Settings for a command that runs only one statement at a time, with its statement timeout in milliseconds.
pub fn one_connection(settings: &Settings, statement_timeout_ms: u64) -> Settings {
    Settings {
        database_connections: 1,
        statement_timeout_ms,
        ..settings.clone()
    }
}

/// Connects to the database of the settings and builds the services.
pub async fn services(settings: &Settings) -> Result<Services, Failure> {
    Ok(App::build(settings, Clock::system()).await?.services)
}

/// The same for a command that only reads. Creates no file and does not migrate the tables.
pub async fn services_to_look(settings: &Settings) -> Result<Services, Failure> {
    if let Some(file) = missing_file(settings.database_url.reveal()) {
        return Err(Failure(format!(
            "database_url: The file {} does not exist. Specify the database with --database-url, or create a new one with \
             deskgraph migrate.",
            file.display()
        )));
    }
    let settings = &Settings {
        migrate: false,
        ..settings.clone()
    };
    services(settings).await
}

/// The workspace with an id or a name. Without `named`, the only workspace.
pub async fn workspace(services: &Services, named: Option<&str>) -> Result<Model, Failure> {
    let all = store::workspace::list_unscoped(&services.db).await?;
    let hint = "List the workspaces with deskgraph workspace list, or create one with deskgraph workspace create NAME.";
    choose(all, named, hint)
}

/// The workspace with an id or a name. `None` without `named`.
pub async fn workspace_if_named(
    services: &Services,
    named: Option<&str>,
) -> Result<Option<WorkspaceId>, Failure> {
    match named {
        Some(_) => Ok(Some(workspace(services, named).await?.id)),
        None => Ok(None),
    }
}

/// Selects a workspace from a list by id or name. Without `named`, the only one in the list.
pub fn choose(all: Vec<Model>, named: Option<&str>, hint: &str) -> Result<Model, Failure> {
    let Some(named) = named else {
        let mut all = all.into_iter();
        return match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Failure(format!("No workspace is available. {hint}"))),
            (Some(_), Some(_)) => Err(Failure(format!(
                "More than one workspace is available. Select one with --workspace. {hint}"
            ))),
        };
    };
    let mut found = all
        .into_iter()
        .filter(|row| row.id.to_string() == named || row.name == named);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure(format!(
            "No workspace has the id or name {named:?}. {hint}"
        ))),
        (Some(_), Some(_)) => Err(Failure(format!(
            "More than one workspace has the name {named:?}. Specify the id. {hint}"
        ))),
    }
}

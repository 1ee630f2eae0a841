//! The shared environment: the same data in a PostgreSQL database and in a SQLite file.

use std::{path::PathBuf, sync::Arc};

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{
    Settings,
    helpdesk::{self, Size},
    sample::Sample,
};
use crate::{
    database::Database,
    failure::{Done, Trying},
    node::Gateway,
    postgres::Server,
    process,
};

/// Sixteen connections for each server, and some for direct access.
const CONNECTIONS: u32 = 200;
/// All data fits in memory, and no write waits for a checkpoint.
const SETTINGS: &[&str] = &[
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "checkpoint_timeout=60min",
];
/// Page size of Q6, which requests a thousand tickets.
const GATEWAY: [(&str, u32); 1] = [("PAGE_SIZE_MAX", 1_000)];
const AGENT: &str = "agent-0@desk.example.com";
const WORKSPACE: &str = "Side by side";

/// A database with the data, and a gateway for it.
pub struct Base {
    /// Commands of the gateway.
    pub gateway: Arc<Gateway>,
    /// Direct access to the database.
    pub database: Database,
    pub url: String,
    /// Token of an agent.
    pub token: String,
    /// Ids for requests.
    pub sample: Sample,
    /// Id of the first process of the database. `None` for SQLite.
    pub pid: Option<u32>,
}

/// The databases of the selected servers.
pub struct Stage {
    pub postgres: Option<Base>,
    pub sqlite: Option<Base>,
    /// Folder of log files.
    pub folder: TempDir,
    /// Version of the gateway.
    pub version: String,
    _server: Option<Arc<Server>>,
}

impl Stage {
    /// Generates the data and imports it with the gateway's own command.
    pub async fn build(settings: &Settings, on_postgres: bool, on_sqlite: bool) -> Done<Self> {
        let folder = tempfile::Builder::new()
            .prefix("deskgraph-side-by-side-")
            .tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let size = Size::of_scale(settings.scale);
        eprintln!(
            "generating {} customers, {} tickets and {} messages …",
            size.customers, size.tickets, size.messages
        );
        let into = data.clone();
        spawn_blocking(move || helpdesk::write(&into, size)).await??;
        let server = if on_postgres {
            Some(Arc::new(
                spawn_blocking(|| Server::start(CONNECTIONS, SETTINGS)).await??,
            ))
        } else {
            None
        };
        let mut stage = Self {
            postgres: None,
            sqlite: None,
            folder,
            version: String::new(),
            _server: server.clone(),
        };
        if let Some(server) = server {
            let (url, pid) = (server.url(), server.pid()?);
            let base = stage.base(settings, url, Some(pid), data.clone()).await?;
            base.database.run("VACUUM ANALYZE").await?;
            base.database.run("CHECKPOINT").await?;
            stage.postgres = Some(base);
        }
        if on_sqlite {
            let url = format!("sqlite://{}", stage.folder.path().join("helpdesk.db").display());
            stage.sqlite = Some(stage.base(settings, url, None, data).await?);
        }
        Ok(stage)
    }

    async fn base(
        &mut self,
        settings: &Settings,
        url: String,
        pid: Option<u32>,
        data: PathBuf,
    ) -> Done<Base> {
        let folder = self.folder.path().to_owned();
        let gateway = Arc::new(Gateway::new(&settings.binary, folder, &url, &GATEWAY)?);
        let what = if pid.is_some() { "PostgreSQL" } else { "SQLite" };
        eprintln!("importing into {what} (takes minutes at full scale) …");
        let commands = gateway.clone();
        let bring = move || {
            let version = commands.run(&["--version"])?;
            commands.run(&["migrate"])?;
            commands.run(&["workspace", "create", WORKSPACE])?;
            commands.run(&["import", "keva", &data.to_string_lossy()])?;
            let token = commands.run(&["token", "issue", "--agent", AGENT, "--minutes", "1440"])?;
            Done::Ok((version, token))
        };
        let (version, token) = spawn_blocking(bring)
            .await?
            .trying(format!("import the data into {what}"))?;
        self.version = version;
        let database = match url.strip_prefix("sqlite://") {
            Some(file) => Database::sqlite(file.as_ref()).await?,
            None => Database::postgres(&url).await?,
        };
        let sample = Sample::read(&database).await?;
        Ok(Base {
            gateway,
            database,
            url,
            token,
            sample,
            pid,
        })
    }
}

impl Base {
    /// Returns the processor time of the database. `None` for SQLite, which runs in the process of the server.
    pub fn processor_time(&self) -> Done<std::time::Duration> {
        self.pid
            .map_or(Ok(std::time::Duration::ZERO), process::processor_time_of_family)
    }

    /// Returns the number of messages.
    pub async fn messages(&self) -> Done<i64> {
        self.database.number("SELECT count(*) FROM message").await
    }
}

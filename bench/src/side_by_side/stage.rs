//! What all stand on: the same data, in one PostgreSQL and in a file.

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

/// For every subject's sixteen, and those who look on.
const CONNECTIONS: u32 = 200;
/// All of the data fit, and no write waits for a checkpoint.
const SETTINGS: &[&str] = &[
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "checkpoint_timeout=60min",
];
/// The largest page: one question asks for a thousand tickets at once.
const GATEWAY: [(&str, u32); 1] = [("PAGE_SIZE_MAX", 1_000)];
const AGENT: &str = "agent-0@desk.example.com";
const WORKSPACE: &str = "Side by side";

/// A database with the data in it, and the gateway over it.
pub struct Base {
    /// The gateway's commands over it.
    pub gateway: Arc<Gateway>,
    /// Looks into it.
    pub database: Database,
    /// Its address.
    pub url: String,
    /// Speaks for an agent.
    pub token: String,
    /// What is asked for.
    pub sample: Sample,
    /// The first process of the database, where it has any.
    pub pid: Option<u32>,
}

/// The bases that are needed.
pub struct Stage {
    /// On PostgreSQL.
    pub postgres: Option<Base>,
    /// In a file.
    pub sqlite: Option<Base>,
    /// Where logs go.
    pub folder: TempDir,
    /// What the gateway says of itself.
    pub version: String,
    _server: Option<Arc<Server>>,
}

impl Stage {
    /// Makes the data and brings them in, by the gateway's own import.
    pub async fn build(settings: &Settings, on_postgres: bool, on_sqlite: bool) -> Done<Self> {
        let folder = tempfile::Builder::new()
            .prefix("deskgraph-side-by-side-")
            .tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let size = Size::of_scale(settings.scale);
        eprintln!(
            "making {} customers, {} tickets and {} messages …",
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
        eprintln!("importing into {what}: minutes at full scale …");
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
            .trying(format!("bring the data into {what}"))?;
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
    /// Processor time of the database so far; none of one that runs in the server's own process.
    pub fn processor_time(&self) -> Done<std::time::Duration> {
        self.pid
            .map_or(Ok(std::time::Duration::ZERO), process::processor_time_of_family)
    }

    /// Messages that are there.
    pub async fn messages(&self) -> Done<i64> {
        self.database.number("SELECT count(*) FROM message").await
    }
}

//! A PostgreSQL database for each test, cloned from a migrated template.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use deskgraph::{
    config::{Secret, Settings},
    store::Db,
};
use deskgraph_bench::postgres::of_tests;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<()> = OnceCell::const_new();
static MADE: AtomicU32 = AtomicU32::new(0);
/// Databases of completed tests. The next test that creates a database drops them, because hundreds would fill a
/// small disk.
static DONE_WITH: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The database of a test.
pub struct Database {
    pub url: String,
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        done_with().push(std::mem::take(&mut self.name));
    }
}

fn done_with() -> std::sync::MutexGuard<'static, Vec<String>> {
    DONE_WITH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fresh, migrated database.
pub async fn postgres() -> Database {
    let server = server();
    let process = std::process::id();
    let template = format!("deskgraph_template_{process}");
    TEMPLATE
        .get_or_init(|| async {
            drop_leftovers(&server).await;
            run(&server, &format!("CREATE DATABASE {template}")).await;
            let db = open(&named(&server, &template)).await;
            db.migrate().await.expect("migrated");
            db.close().await.expect("closed");
        })
        .await;
    made(&server, &format!("TEMPLATE {template}")).await
}

/// A database with the tables and rows of a dump.
pub async fn postgres_from(dump: &str) -> Database {
    let server = server();
    let database = made(&server, "").await;
    run(&database.url, dump).await;
    database
}

/// Copies a database. This terminates its connections.
pub async fn copy_of(url: &str) -> Database {
    let server = server();
    let (_, name) = url.rsplit_once('/').expect("postgres://…/DATABASE");
    let_in(url, false).await;
    let copy = made(&server, &format!("TEMPLATE {name}")).await;
    let_in(url, true).await;
    copy
}

fn server() -> String {
    of_tests().unwrap_or_else(|failure| {
        panic!("{failure}; a test on PostgreSQL needs the attribute #[needs(postgres)]")
    })
}

/// Creates a database with the given options.
async fn made(server: &str, how: &str) -> Database {
    let ended = std::mem::take(&mut *done_with());
    for name in ended {
        // A failure does not fail this test. The next test tries again.
        if try_run(server, &drop_of(&name)).await.is_err() {
            done_with().push(name);
        }
    }
    let process = std::process::id();
    let name = format!("deskgraph_test_{process}_{}", MADE.fetch_add(1, Ordering::SeqCst));
    run(server, &format!("CREATE DATABASE {name} {how}")).await;
    let url = named(server, &name);
    Database { url, name }
}

/// Drops databases of processes that have ended.
async fn drop_leftovers(server: &str) {
    let db = open(server).await;
    let sql = "SELECT datname FROM pg_database WHERE datname ~ '^deskgraph_(test|template)_[0-9]+'";
    let list = Statement::from_string(db.connection().get_database_backend(), sql);
    let rows = db.connection().query_all_raw(list).await.expect("a list");
    for row in rows {
        let name: String = row.try_get_by_index(0).expect("a name");
        let process = name.split('_').nth(2).unwrap_or_default();
        let lives = Path::new("/proc").join(process).exists() || !Path::new("/proc").exists();
        if !lives {
            run(server, &drop_of(&name)).await;
        }
    }
    db.close().await.expect("closed");
}

fn drop_of(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

/// Allows connections to a database, or terminates them and rejects new ones.
pub async fn let_in(url: &str, open: bool) {
    let server = server();
    let (_, name) = url.rsplit_once('/').expect("postgres://…/DATABASE");
    run(
        &server,
        &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {open}"),
    )
    .await;
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    if !open {
        run(&server, &end).await;
    }
}

/// Creates a SQLite file from a dump.
pub async fn sqlite_from(url: &str, dump: &str) {
    run(url, dump).await;
}

async fn open(url: &str) -> Db {
    let settings = Settings {
        database_url: Secret::new(url),
        database_connections: 1,
        ..Settings::default()
    };
    Db::open(&settings).await.expect("the server can be reached")
}

/// Runs a statement over a separate connection. Panics if it fails.
pub async fn run(url: &str, statement: &str) {
    let done = try_run(url, statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn try_run(url: &str, statement: &str) -> Result<(), DbErr> {
    let db = open(url).await;
    let mut attempt = 0;
    let done = loop {
        match db.connection().execute_unprepared(statement).await {
            // Two tests may clone the template at the same time, and PostgreSQL rejects one of them.
            Err(error) if attempt < 50 && error.to_string().contains("being accessed") => {
                attempt += 1;
                tokio::task::yield_now().await;
            }
            done => break done.map(|_| ()),
        }
    };
    db.close().await.expect("closed");
    done
}

fn named(server: &str, database: &str) -> String {
    let (address, _) = server.rsplit_once('/').expect("postgres://…/DATABASE");
    format!("{address}/{database}")
}

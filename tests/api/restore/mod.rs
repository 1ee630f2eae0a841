//! Databases that are restored from a backup, copied or promoted, and which cursors stay valid.

mod agree;
mod backup;
mod cursors;
mod drill;
mod unnoticed;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use deskgraph::events::ChangeCursor;
use entity::WorkspaceId;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, database};

const WATCH: &str = "subscription ($after: ChangeCursor) { changes(after: $after) { name changeCursor } }";
const PULL: &str =
    "query ($after: ChangeCursor) { changes(after: $after, first: 100) { nodes { name } changeCursor } }";
static COPIES: AtomicU32 = AtomicU32::new(0);

/// A copy of a database at a point in time.
struct Copy {
    url: String,
    /// Dropped together with the copy.
    _database: Option<database::Database>,
}

/// Returns the path of the database file.
fn file_of(url: &str) -> PathBuf {
    url.strip_prefix("sqlite://").expect("a file").into()
}

/// Copies a database while a node uses it. For SQLite, only the main file is copied.
async fn copy(url: &str) -> Copy {
    if url.starts_with("postgres") {
        let copy = database::copy_of(url).await;
        return Copy {
            url: copy.url.clone(),
            _database: Some(copy),
        };
    }
    let number = COPIES.fetch_add(1, Ordering::SeqCst);
    let path = file_of(url).with_extension(format!("{number}.copy"));
    database::run(url, &format!("VACUUM INTO '{}'", path.display())).await;
    Copy {
        url: format!("sqlite://{}", path.display()),
        _database: None,
    }
}

async fn back_up(app: &TestApp) -> Copy {
    copy(app.settings.database_url.reveal()).await
}

/// Restores a backup and starts a node. Returns the node and the database.
async fn restored(app: &TestApp, backup: &Copy) -> (TestApp, Copy) {
    let copy = copy(&backup.url).await;
    let url = deskgraph::config::Secret::new(copy.url.clone());
    let node = app.another_with(|settings| settings.database_url = url).await;
    (node, copy)
}

/// Writes a ticket, which causes four events, and returns the cursor of the last one.
async fn write(app: &TestApp, person: &Person, name: &str) -> ChangeCursor {
    let input = json!({ "subject": "Help", "customerEmail": format!("{name}@example.com"), "body": name });
    let made = app.wrote(person, "ticketCreate", json!({ "input": input })).await;
    made["changeCursor"]
        .as_str()
        .expect("a cursor")
        .parse()
        .expect("a cursor")
}

/// Queries the changes behind a cursor. Returns their number, or the error code and the cursor to resume from.
async fn pull(app: &TestApp, person: &Person, after: impl ToString) -> Result<usize, (String, ChangeCursor)> {
    let answer = app.ask(person, PULL, json!({ "after": after.to_string() })).await;
    if answer.body.get("errors").is_none() {
        let nodes = answer.at("/changes/nodes");
        return Ok(nodes.as_array().expect("a list").len());
    }
    Err(code_and_cursor(&answer.body["errors"][0]))
}

/// Returns the code of an error and the cursor to resume from.
fn code_and_cursor(error: &Value) -> (String, ChangeCursor) {
    let text = |name: &str| {
        let value = error["extensions"][name].as_str();
        value.unwrap_or_else(|| panic!("no {name} in {error}")).to_owned()
    };
    (text("code"), text("changeCursor").parse().expect("a cursor"))
}

fn expired(at: ChangeCursor) -> Result<usize, (String, ChangeCursor)> {
    Err(("CURSOR_EXPIRED".to_owned(), at))
}

/// Runs statements in the database of a node, in one transaction.
async fn run(app: &TestApp, sql: &str) {
    let writing = app.services.db.begin().await.expect("a transaction");
    let done = writing.connection().execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    writing.commit().await.expect("committed");
}

/// Returns the positions and ids of the epochs of a workspace.
async fn epochs(app: &TestApp, workspace: WorkspaceId) -> Vec<(i64, i64)> {
    let db = &app.services.db;
    let place = db.dialect().place(1);
    let sql = format!("SELECT position, id FROM epoch WHERE workspace_id = {place} ORDER BY position");
    let statement = Statement::from_sql_and_values(db.dialect().backend(), sql, [workspace.into()]);
    let rows = db.connection().query_all_raw(statement).await.expect("rows");
    let number = |row: &sea_orm::QueryResult, at| row.try_get_by_index::<i64>(at).expect("a number");
    rows.iter().map(|row| (number(row, 0), number(row, 1))).collect()
}

/// Removes the stored identity of the file or server, so that a restore is not detected.
async fn forget_identity(copy: &Copy) {
    database::run(&copy.url, "DELETE FROM identity").await;
}

/// Starts a node with a copy that is not recognized as one.
async fn restored_unnoticed(app: &TestApp, backup: &Copy) -> (TestApp, Copy) {
    let copy = copy(&backup.url).await;
    forget_identity(&copy).await;
    let url = deskgraph::config::Secret::new(copy.url.clone());
    let node = app.another_with(|settings| settings.database_url = url).await;
    (node, copy)
}

fn is_postgres(app: &TestApp) -> bool {
    app.settings.database_url.reveal().starts_with("postgres")
}

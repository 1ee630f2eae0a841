//! PostgreSQL's LISTEN and NOTIFY: hints between nodes that a workspace's log has grown.
//!
//! Sent after the commit, outside the transaction: what NOTIFY does inside one is serialised over the whole server.

use entity::WorkspaceId;
use sea_orm::{
    ConnectionTrait, DbErr, Statement, Value,
    prelude::Uuid,
    sea_query::ArrayType,
    sqlx::{self, postgres::PgListener},
};

use super::{Db, StoreError, dialect::Dialect};

/// Where hints are sent.
const CHANNEL: &str = "deskgraph_change";

/// Hears the hints of all nodes over a connection of its own.
#[derive(Debug)]
pub struct Hints {
    listener: PgListener,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A node wrote into a workspace's log.
    Grown {
        /// Whose log.
        workspace: WorkspaceId,
        /// Which node wrote.
        node: String,
    },
    /// The connection was lost: anything may have been missed.
    Lost,
}

impl Hints {
    /// Begins to listen; none where the database is one process's own.
    pub async fn listen(db: &Db) -> Result<Option<Self>, StoreError> {
        if db.dialect() != Dialect::Postgres {
            return Ok(None);
        }
        let pool = db.connection().get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool)
            .await
            .map_err(|error| failed(&error))?;
        listener.listen(CHANNEL).await.map_err(|error| failed(&error))?;
        Ok(Some(Self { listener }))
    }

    /// The next hint. Comes back by itself after the connection was lost.
    pub async fn next(&mut self) -> Result<Hint, StoreError> {
        loop {
            let Some(heard) = self.listener.try_recv().await.map_err(|error| failed(&error))? else {
                return Ok(Hint::Lost);
            };
            // Whoever may connect to the database may send anything.
            if let Some((workspace, node)) = heard.payload().split_once('.')
                && let Ok(id) = workspace.parse::<Uuid>()
            {
                let (workspace, node) = (WorkspaceId(id), node.to_owned());
                return Ok(Hint::Grown { workspace, node });
            }
        }
    }
}

/// Tells all nodes that these logs have grown, in one statement.
pub async fn send(db: &Db, node: &str, workspaces: &[WorkspaceId]) -> Result<(), StoreError> {
    let ids = workspaces.iter().map(|id| Value::from(id.0)).collect();
    let statement = Statement::from_sql_and_values(
        db.dialect().backend(),
        "SELECT pg_notify($1, id::text || '.' || $2) FROM unnest($3::uuid[]) AS id",
        [
            Value::from(CHANNEL),
            Value::from(node),
            Value::Array(ArrayType::Uuid, Some(Box::new(ids))),
        ],
    );
    db.connection().execute_raw(statement).await?;
    Ok(())
}

fn failed(error: &sqlx::Error) -> StoreError {
    StoreError::Failed(DbErr::Custom(error.to_string()))
}

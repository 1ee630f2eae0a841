//! Hints between nodes that the change log of a workspace has grown, sent with LISTEN and NOTIFY of
//! PostgreSQL.
//!
//! Hints are sent after the commit, outside the transaction, because NOTIFY inside a transaction serializes
//! commits across the whole server.

use std::fmt;

use entity::WorkspaceId;
use sea_orm::{
    ConnectionTrait, DbErr, Statement, Value,
    prelude::Uuid,
    sea_query::ArrayType,
    sqlx::{self, postgres::PgListener},
};

use super::{Db, StoreError, change::LogPosition};

const CHANNEL: &str = "deskgraph_change";

/// Hint that the change log of a workspace has grown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub workspace: WorkspaceId,
    /// Id of the node that wrote.
    pub node: String,
    /// Newest place of the log, if the sender states it.
    pub newest: Option<LogPosition>,
}

impl Hint {
    /// Parses a hint. `None` for any other text.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let id = parts.next()?.parse::<Uuid>().ok()?;
        let node = parts.next()?.to_owned();
        let mut number = || parts.next()?.parse::<i64>().ok().filter(|number| *number >= 0);
        let newest = number().zip(number());
        Some(Self {
            workspace: WorkspaceId(id),
            node,
            newest: newest.map(|(position, epoch)| LogPosition { position, epoch }),
        })
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.workspace.0, self.node)?;
        match self.newest {
            Some(LogPosition { position, epoch }) => write!(f, ".{position}.{epoch}"),
            None => Ok(()),
        }
    }
}

/// Receives the hints of all nodes over a connection of its own.
#[derive(Debug)]
pub struct Hints {
    listener: PgListener,
}

impl Hints {
    /// Starts to listen. `None` if only one process uses the database or a pooler prevents LISTEN.
    pub async fn listen(db: &Db) -> Result<Option<Self>, StoreError> {
        let listener = db.connection().listener().await;
        let Some(mut listener) = listener.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        listener.listen(CHANNEL).await.map_err(|error| failed(&error))?;
        Ok(Some(Self { listener }))
    }

    /// Waits for the next hint. Returns `None` after the connection was lost, in which case hints can be
    /// missing. The connection is restored automatically.
    pub async fn next(&mut self) -> Result<Option<Hint>, StoreError> {
        loop {
            let Some(heard) = self.listener.try_recv().await.map_err(|error| failed(&error))? else {
                return Ok(None);
            };
            // Any client of the database can send notifications on this channel.
            if let Some(hint) = Hint::read(heard.payload()) {
                return Ok(Some(hint));
            }
        }
    }
}

/// Notifies all nodes in one statement that these change logs have grown.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_hints_are_read_back_unchanged() {
        let workspace = WorkspaceId(Uuid::from_u128(7));
        let node = "0123abc".to_owned();
        let hint = |newest| Hint {
            workspace,
            node: node.clone(),
            newest,
        };
        let text = "00000000-0000-0000-0000-000000000007.0123abc";
        assert_eq!(hint(None).to_string(), text);
        assert_eq!(Hint::read(text), Some(hint(None)));
        let place = LogPosition {
            position: 42,
            epoch: i64::MAX,
        };
        let text = format!("{text}.42.{}", i64::MAX);
        assert_eq!(hint(Some(place)).to_string(), text);
        assert_eq!(Hint::read(&text), Some(hint(Some(place))));
        for odd in ["x.1", "-1.2", "5"] {
            let text = format!("{}.{odd}", hint(None));
            assert_eq!(Hint::read(&text), Some(hint(None)), "{text}");
        }
    }

    #[test]
    fn malformed_hints_are_not_read() {
        let id = Uuid::max();
        for text in [
            "",
            ".",
            "node",
            "7.node",
            &id.to_string(),
            &format!("{id} .node"),
            &format!(" {id}.node"),
        ] {
            assert_eq!(Hint::read(text), None, "{text:?}");
        }
    }
}

//! Rows that hold the results of mutations by idempotency key.

use entity::{
    Timestamp,
    change::ActorKind,
    idempotency_key::{Column, Entity, Model},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value, prelude::Uuid, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{Db, StoreError, connect::WriteTransaction};

/// Maximum number of keys that one transaction deletes.
const BLOCK: u64 = 5_000;

/// Idempotency key with its holder. Keys of different holders never collide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Kind of the credential holder that sent the key.
    pub holder_kind: ActorKind,
    /// Id of the credential holder that sent the key.
    pub holder_id: Uuid,
    /// Idempotency key as the caller sent it.
    pub key: String,
}

/// Stored result of a mutation: enough to read the same objects again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredOutcome {
    /// Workspace of the mutation.
    pub workspace: String,
    /// Object that was created, changed or deleted.
    pub thing: String,
    /// First message of a created ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// API key that a rotation replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_created: Option<bool>,
    /// Outcome of an upsert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Numbers of deleted tickets, conversations and messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<[usize; 3]>,
    /// Ignored input: the code of each warning and the path of the argument.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<(String, Vec<String>)>,
    /// Cursor in the change log. `None` if nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Result stored under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedRequest {
    /// Digest of the mutation and its arguments.
    pub arguments: String,
    pub kept: StoredOutcome,
}

/// Reserves a key until the transaction ends, or returns the result that is stored under it.
///
/// A transaction with the same key waits for the first one to commit or roll back. A key that was used before
/// `since` counts as unused.
pub async fn claim(
    writing: &WriteTransaction,
    key: &Key,
    arguments: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<Option<CompletedRequest>, StoreError> {
    let dialect = writing.dialect();
    let [kind, holder, name, arguments_place, now_place, since_place] =
        std::array::from_fn(|n| dialect.place(n + 1));
    // For a valid key, the update changes nothing. Its purpose is to wait for the row and return it in one
    // statement.
    let unless_old = |column: &str, new: &str| {
        format!("{column} = CASE WHEN kept.used_at < {since_place} THEN {new} ELSE kept.{column} END")
    };
    let sql = format!(
        "INSERT INTO idempotency_key AS kept (holder_kind, holder_id, \"key\", arguments, used_at) \
         VALUES ({kind}, {holder}, {name}, {arguments_place}, {now_place}) \
         ON CONFLICT (holder_kind, holder_id, \"key\") DO UPDATE SET {}, {}, {} RETURNING arguments, outcome",
        unless_old("arguments", "excluded.arguments"),
        unless_old("outcome", "NULL"),
        unless_old("used_at", "excluded.used_at"),
    );
    let values = [
        Value::from(key.holder_kind.to_value()),
        Value::from(key.holder_id),
        Value::from(key.key.clone()),
        Value::from(arguments),
        Value::from(now.0),
        Value::from(since.0),
    ];
    let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
    let row = writing.connection().query_one_raw(statement).await?;
    let missing = || DbErr::RecordNotFound("idempotency_key".to_owned());
    let row = row.ok_or_else(missing)?;
    done(row.try_get("", "arguments")?, row.try_get("", "outcome")?)
}

/// Stores the result under a key that this transaction has reserved.
pub async fn keep(writing: &WriteTransaction, key: &Key, kept: &StoredOutcome) -> Result<(), StoreError> {
    let outcome = serde_json::to_string(kept).map_err(|error| DbErr::Json(error.to_string()))?;
    Entity::update_many()
        .col_expr(Column::Outcome, Expr::value(outcome))
        .filter(Column::HolderKind.eq(key.holder_kind))
        .filter(Column::HolderId.eq(key.holder_id))
        .filter(Column::Key.eq(key.key.as_str()))
        .exec(writing.connection())
        .await?;
    Ok(())
}

/// Returns the result stored under a key since an instant.
pub async fn find(db: &Db, key: &Key, since: Timestamp) -> Result<Option<CompletedRequest>, StoreError> {
    let id = (key.holder_kind, key.holder_id, key.key.clone());
    let row: Option<Model> = Entity::find_by_id(id)
        .filter(Column::UsedAt.gte(since))
        .one(db.connection())
        .await?;
    match row {
        Some(row) => done(row.arguments, row.outcome),
        None => Ok(None),
    }
}

fn done(arguments: String, outcome: Option<String>) -> Result<Option<CompletedRequest>, StoreError> {
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    let kept = serde_json::from_str(&outcome).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(Some(CompletedRequest { arguments, kept }))
}

/// Deletes keys that were used before an instant, oldest first, and returns their number.
pub async fn prune_unscoped(db: &Db, before: Timestamp) -> Result<u64, StoreError> {
    let mut count = 0;
    loop {
        // Time of the last key of a full block. `None` if less than a block remains.
        let last: Option<Timestamp> = Entity::find()
            .select_only()
            .column(Column::UsedAt)
            .filter(Column::UsedAt.lt(before))
            .order_by_asc(Column::UsedAt)
            .offset(BLOCK - 1)
            .limit(1)
            .into_tuple()
            .one(db.connection())
            .await?;
        let old = last.map_or_else(|| Column::UsedAt.lt(before), |last| Column::UsedAt.lte(last));
        let writing = db.begin_alone().await?;
        let gone = Entity::delete_many().filter(old);
        count += gone.exec(writing.connection()).await?.rows_affected;
        writing.commit().await?;
        if last.is_none() {
            return Ok(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoredOutcome;

    #[test]
    fn stored_results_keep_their_form() {
        let full = r#"{"workspace":"w","thing":"t","message":"m","replaced":"r","customer_created":true,"result":"created","counts":[1,2,3],"warnings":[["HTML_TOO_LONG",["input","bodyHtml"]]],"cursor":"c"}"#;
        for text in [r#"{"workspace":"w","thing":"t"}"#, full] {
            let kept: StoredOutcome = serde_json::from_str(text).expect("a stored result");
            assert_eq!(serde_json::to_string(&kept).expect("a text"), text);
        }
    }
}

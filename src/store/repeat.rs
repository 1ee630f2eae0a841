//! Rows that say what was done under a caller's key.

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

use super::{Db, StoreError, connect::Writing};

/// Keys given up in one transaction.
const BLOCK: u64 = 5_000;

/// A key, and whose it is: nobody meets the keys of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Who gave it, by kind.
    pub holder_kind: ActorKind,
    /// Who gave it.
    pub holder_id: Uuid,
    /// As it was given.
    pub key: String,
}

/// What is kept of what a mutation did: enough to read the same things again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The workspace in which it was done.
    pub workspace: String,
    /// What was made, changed or deleted.
    pub thing: String,
    /// The first message of a ticket that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The key in whose place a new one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
    /// Whether the customer was made for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_created: Option<bool>,
    /// What an upsert did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// How many tickets, conversations and messages were deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<[usize; 3]>,
    /// What was left out: the code of each warning, and the argument that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<(String, Vec<String>)>,
    /// Where the change log stood; none when nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What was done under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// A digest of what was asked for.
    pub arguments: String,
    /// What came of it.
    pub kept: Kept,
}

/// Takes a key until the transaction ends, or answers what was done under it.
///
/// Whoever comes with the same key waits here for the first: for its commit, or for its end without one. A key that was
/// given before `since` is as good as new.
pub async fn claim(
    writing: &Writing,
    key: &Key,
    arguments: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<Option<Done>, StoreError> {
    let dialect = writing.dialect();
    let [kind, holder, name, arguments_place, now_place, since_place] =
        std::array::from_fn(|n| dialect.place(n + 1));
    // It changes nothing that holds still: what it is for is to wait for the row and to answer it, in one statement.
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

/// Writes what was done under a key that this transaction holds.
pub async fn keep(writing: &Writing, key: &Key, kept: &Kept) -> Result<(), StoreError> {
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

/// What was done under a key since an instant.
pub async fn find(db: &Db, key: &Key, since: Timestamp) -> Result<Option<Done>, StoreError> {
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

fn done(arguments: String, outcome: Option<String>) -> Result<Option<Done>, StoreError> {
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    let kept = serde_json::from_str(&outcome).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(Some(Done { arguments, kept }))
}

/// Gives up keys that were given before an instant, the oldest first, and answers how many.
pub async fn prune_unscoped(db: &Db, before: Timestamp) -> Result<u64, StoreError> {
    let mut count = 0;
    loop {
        // The last of a block, if there is more than one of them.
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

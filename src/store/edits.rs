//! Edits of objects by people and programs, according to the change log.

use std::collections::{HashMap, HashSet};

use entity::change::{ActorKind, Column, Entity, Name};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, UnionType},
};

use super::{StoreError, connect::WriteTransaction, tally};

/// Events that change fields.
const UPDATES: [Name; 3] = [
    Name::CustomerUpdated,
    Name::TicketUpdated,
    Name::ConversationUpdated,
];

/// Edits of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Number of updates in the log, by any actor.
    pub updates: i64,
    /// Names of the fields that actors other than the operator and the gateway changed. Changes by imports
    /// and commands of the operator do not count.
    pub fields: HashSet<String>,
}

impl Edits {
    /// Whether a field of an object at this version was edited. If the log no longer has all updates of the
    /// object, every field counts as edited.
    pub fn changed(&self, version: i32, field: &str) -> bool {
        self.updates < i64::from(version) - 1 || self.fields.contains(field)
    }
}

/// Returns the edits of these objects. Objects without an update in the log are absent.
pub async fn find_many_unscoped(
    writing: &WriteTransaction,
    objects: &[Uuid],
) -> Result<HashMap<Uuid, Edits>, StoreError> {
    if objects.is_empty() {
        return Ok(HashMap::new());
    }
    let dialect = writing.dialect();
    let of_these = || {
        Condition::all()
            .add(dialect.is_among(Column::ObjectId, objects))
            .add(Column::Name.is_in(UPDATES))
    };
    let counts = Entity::find()
        .select_only()
        .column(Column::ObjectId)
        .expr_as(Expr::value(None::<String>), "field")
        .expr_as(Expr::col((Entity, Column::Position)).count(), "updates")
        .filter(of_these())
        .group_by(Column::ObjectId);
    let (keys, alias, key) = dialect.keys_of(Column::Fields);
    let mut names = Entity::find()
        .select_only()
        .column(Column::ObjectId)
        .expr_as(key, "field")
        .expr_as(Expr::value(0_i64), "updates")
        .filter(of_these())
        // Changes by imports and by the passing of time are not edits.
        .filter(Column::ActorKind.is_not_in([ActorKind::Operator, ActorKind::System]))
        .distinct()
        .into_query();
    names.from_function(keys, alias);
    let mut select = counts.into_query();
    select.union(UnionType::All, names);
    let rows = writing
        .connection()
        .query_all_raw(dialect.backend().build(&select))
        .await?;
    let mut found: HashMap<Uuid, Edits> = HashMap::new();
    for row in tally::rows(rows) {
        let edits = found.entry(row.try_get("", "object_id")?).or_default();
        match row.try_get::<Option<String>>("", "field")? {
            Some(field) => {
                edits.fields.insert(field);
            }
            None => edits.updates = row.try_get("", "updates")?,
        }
    }
    Ok(found)
}

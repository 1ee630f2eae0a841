//! Rows of teams and queues: named things of a workspace, few of them, listed whole.

use entity::{QueueId, TeamId, queue, team};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Iterable, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, LockType},
};

use super::{Noun, SortValue, StoreError, connect::Writing, dialect::Dialect, scope};
use crate::auth::Scope;

pub use super::write::{insert_many, update};

/// By what teams and queues are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupSort {
    /// When made.
    CreatedAt,
}

/// Whose teams and queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupParent {
    /// A workspace's.
    Workspace,
}

/// A team or a queue.
pub trait Group: Noun<Filter = (), Sort = GroupSort, Parent = GroupParent> {}

macro_rules! group {
    ($noun:ident, $id:ident) => {
        impl Noun for $noun::Entity {
            type Row = $noun::Model;
            type Id = $id;
            type Filter = ();
            type Sort = GroupSort;
            type Parent = GroupParent;

            fn columns() -> Vec<$noun::Column> {
                $noun::Column::iter().collect()
            }

            fn id_column() -> $noun::Column {
                $noun::Column::Id
            }

            fn workspace_column() -> $noun::Column {
                $noun::Column::WorkspaceId
            }

            fn parent_column(GroupParent::Workspace: GroupParent) -> $noun::Column {
                $noun::Column::WorkspaceId
            }

            fn sort_expression(GroupSort::CreatedAt: GroupSort) -> Expr {
                Expr::col(($noun::Entity, $noun::Column::CreatedAt))
            }

            fn within(scope: &Scope) -> Condition {
                scope::$noun(scope)
            }

            fn fitting((): &(), _: &Scope, _: Dialect) -> Condition {
                Condition::all()
            }

            fn sort_value(row: &$noun::Model, GroupSort::CreatedAt: GroupSort) -> SortValue {
                SortValue::Number(row.created_at.0)
            }

            fn id(row: &$noun::Model) -> $id {
                row.id
            }

            fn parent_of(row: &$noun::Model, GroupParent::Workspace: GroupParent) -> Option<Uuid> {
                Some(row.workspace_id.0)
            }
        }

        impl Group for $noun::Entity {}
    };
}

group!(team, TeamId);
group!(queue, QueueId);

/// A team or a queue of the scope, held against other writers until the transaction ends.
pub async fn find_to_change<G: Group<Row = <G as EntityTrait>::Model>>(
    writing: &Writing,
    scope: &Scope,
    id: G::Id,
) -> Result<Option<G::Row>, StoreError> {
    let select = G::find()
        .filter(G::within(scope))
        .filter(G::id_column().eq(Into::<Uuid>::into(id)))
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
}

/// How many of them a workspace has.
pub async fn count_unscoped<G: Group>(
    writing: &Writing,
    workspace: entity::WorkspaceId,
) -> Result<u64, StoreError> {
    let ids: Vec<Uuid> = G::find()
        .select_only()
        .column(G::id_column())
        .filter(G::workspace_column().eq(workspace))
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(ids.len() as u64)
}

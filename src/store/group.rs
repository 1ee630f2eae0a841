//! Rows of teams and queues: named groups of a workspace. A workspace has a bounded number of both.

use entity::{Fields, QueueId, TeamId, Timestamp, WorkspaceId, external_reference::Kind, queue, team};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, prelude::Uuid,
};

use super::{
    Filtered, Noun, StoreError,
    connect::WriteTransaction,
    dialect::Dialect,
    filter::{TextColumn::Plain, TextFilter, conditions, one_of, text},
    noun::noun,
    sort::sorts,
};
use crate::auth::Scope;

pub use super::write::{insert_many, update};

sorts!(
    GroupSort of team::Model, queue::Model => {
        CreatedAt = 0 by created_at,
    }
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupParent {
    Workspace,
}

/// Team or queue.
pub trait Group:
    Noun<
        Row = <Self as EntityTrait>::Model,
        Model: Fields<Id = <Self as Noun>::Id> + IntoActiveModel<<Self as EntityTrait>::ActiveModel>,
        Sort = GroupSort,
        Parent = GroupParent,
    >
{
    /// Name of the type in messages.
    const NOUN: &'static str;
    /// Kind in references to other systems.
    const KIND: Kind;

    fn new(id: Uuid, workspace: WorkspaceId, name: &str, created_at: Timestamp) -> Self::Row;
    fn renamed(row: Self::Row, name: &str) -> Self::Row;
    fn name_of(row: &Self::Row) -> &str;
    fn workspace_of(row: &Self::Row) -> WorkspaceId;
}

macro_rules! group {
    ($(#[$about:meta])* $filter:ident, $noun:ident, $id:ident, $kind:ident) => {
        conditions! {
            $(#[$about])*
            $filter with logic {
                id: Vec<$id> => one_of($noun::Column::Id),
                name: TextFilter => text(Plain($noun::Column::Name)),
            }
        }

        noun!(@of $noun: $noun::Model, $id, GroupSort, |row| GroupParent {
            Workspace = WorkspaceId => Some(row.workspace_id()?.0)
        });

        impl Filtered for $noun::Entity {
            type Filter = $filter;

            fn fitting(filter: &$filter, scope: &Scope, dialect: Dialect) -> Condition {
                filter.fitting(scope, dialect)
            }
        }

        impl Group for $noun::Entity {
            const NOUN: &'static str = stringify!($noun);
            const KIND: Kind = Kind::$kind;

            fn new(id: Uuid, workspace_id: WorkspaceId, name: &str, created_at: Timestamp) -> $noun::Model {
                $noun::Model {
                    id: $id(id),
                    workspace_id,
                    name: name.to_owned(),
                    created_at,
                }
            }

            fn renamed(row: $noun::Model, name: &str) -> $noun::Model {
                $noun::Model {
                    name: name.to_owned(),
                    ..row
                }
            }

            fn name_of(row: &$noun::Model) -> &str {
                &row.name
            }

            fn workspace_of(row: &$noun::Model) -> WorkspaceId {
                row.workspace_id
            }
        }
    };
}

group!(
    /// Filter for teams. All conditions must hold.
    TeamFilter, team, TeamId, Team
);
group!(
    /// Filter for queues. All conditions must hold.
    QueueFilter, queue, QueueId, Queue
);

pub async fn count_unscoped<G: Group>(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
) -> Result<usize, StoreError> {
    let ids: Vec<Uuid> = G::find()
        .select_only()
        .column(G::id_column())
        .filter(G::workspace_column().eq(workspace))
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(ids.len())
}

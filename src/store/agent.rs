//! Rows of agents.

use entity::{
    AgentId, TeamId, WorkspaceId,
    agent::{Column, Entity, Model, Role},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, LockType},
};

use super::{
    Db, StoreError,
    connect::WriteTransaction,
    dialect::Dialect,
    filter::{self, TextColumn, TextFilter, TimeFilter, conditions, equals, of_staff, one_of, text, time},
    link::{self, AgentsOfTeam},
    noun::{Filtered, noun},
    scope,
    sort::sorts,
};
use crate::auth::Scope;

pub use super::write::{insert_many, update};

conditions! {
    /// Filter for agents. All conditions must hold.
    AgentFilter with logic {
        /// Name or address contains this text.
        search: String => |text: &String, _, dialect| is_found(text, dialect),
        id: Vec<AgentId> => one_of(Column::Id),
        email: TextFilter => text(TextColumn::EmailKey(Column::EmailKey)),
        name: TextFilter => text(TextColumn::Name(Column::NameKey)),
        role: Vec<Role> => one_of(Column::Role),
        team_id: Vec<TeamId> => of_staff(link::is_member_of::<AgentsOfTeam, TeamId>()),
        is_active: bool => equals(Column::IsActive),
        created_at: TimeFilter => time(Column::CreatedAt),
    }
}

/// Condition: the name or the address contains a text.
fn is_found(text: &str, dialect: Dialect) -> Condition {
    Condition::any()
        .add(TextColumn::Name(Column::NameKey).contains(text, dialect))
        .add(TextColumn::EmailKey(Column::EmailKey).contains(text, dialect))
}

sorts!(
    AgentSort of Model => {
        CreatedAt = 0 by created_at,
    }
);

noun!(agent: Model, AgentId, AgentSort, |row| AgentParent {
    Workspace = WorkspaceId => Some(row.workspace_id()?.0),
});

impl Filtered for Entity {
    type Filter = AgentFilter;

    fn fitting(filter: &AgentFilter, scope: &Scope, dialect: Dialect) -> Condition {
        filter.fitting(scope, dialect)
    }
}

pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    id: AgentId,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id)
        .filter(scope::agent(scope))
        .one(connection)
        .await?)
}

/// Returns the agents of a workspace that have these folded addresses.
pub async fn find_by_email_unscoped(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    keys: &[String],
) -> Result<Vec<Model>, StoreError> {
    let agents = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(filter::is_in(
            Expr::col((Entity, Column::EmailKey)),
            keys.iter().cloned(),
        ));
    Ok(agents.all(connection).await?)
}

/// Returns those of these agents that are inactive.
pub async fn inactive_unscoped(db: &Db, ids: &[AgentId]) -> Result<Vec<AgentId>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let select = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::IsActive.eq(false))
        .filter(db.dialect().is_among(Column::Id, &ids));
    Ok(select.into_tuple().all(db.connection()).await?)
}

pub async fn is_active_unscoped(writing: &WriteTransaction, id: AgentId) -> Result<bool, StoreError> {
    let select = Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .filter(Column::IsActive.eq(true));
    let found: Option<AgentId> = select.into_tuple().one(writing.connection()).await?;
    Ok(found.is_some())
}

/// Locks the active admins of a workspace until the transaction ends and returns them. All callers lock in
/// one order, so that two of them cannot deadlock.
pub async fn hold_admins_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
) -> Result<Vec<AgentId>, StoreError> {
    let select = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Role.eq(Role::Admin))
        .filter(Column::IsActive.eq(true))
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(select.into_tuple().all(writing.connection()).await?)
}

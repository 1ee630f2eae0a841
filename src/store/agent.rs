//! Rows of agents.

use entity::{
    AgentId, WorkspaceId,
    agent::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, prelude::Uuid,
    sea_query::Expr,
};

use super::{
    Noun, SortValue, StoreError,
    customer::NoParent,
    dialect::Dialect,
    filter::{self, TextColumn},
    scope,
};
use crate::auth::Scope;

pub use super::write::insert_many;

/// Which agents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AgentFilter {
    /// This stands in the name or the address.
    pub search: Option<String>,
}

/// By what agents are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentSort {
    /// When made.
    CreatedAt,
}

impl Noun for Entity {
    type Row = Model;
    type Id = AgentId;
    type Filter = AgentFilter;
    type Sort = AgentSort;
    type Parent = NoParent;

    fn columns() -> Vec<Column> {
        Column::iter().collect()
    }

    fn id_column() -> Column {
        Column::Id
    }

    fn workspace_column() -> Column {
        Column::WorkspaceId
    }

    fn parent_column(parent: NoParent) -> Column {
        match parent {}
    }

    fn sort_expression(sort: AgentSort) -> Expr {
        match sort {
            AgentSort::CreatedAt => Expr::col((Entity, Column::CreatedAt)),
        }
    }

    fn within(scope: &Scope) -> Condition {
        scope::agent(scope)
    }

    fn fitting(filter: &AgentFilter, _: &Scope, dialect: Dialect) -> Condition {
        Condition::all().add_option(filter.search.as_ref().map(|text| {
            Condition::any()
                .add(TextColumn::Folded(Column::NameKey).contains(text, dialect))
                .add(TextColumn::Folded(Column::EmailKey).contains(text, dialect))
        }))
    }

    fn sort_value(row: &Model, sort: AgentSort) -> SortValue {
        match sort {
            AgentSort::CreatedAt => SortValue::Number(row.created_at.0),
        }
    }

    fn id(row: &Model) -> AgentId {
        row.id
    }

    fn parent_of(_: &Model, parent: NoParent) -> Option<Uuid> {
        match parent {}
    }
}

/// An agent of the scope.
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

/// The agents of a workspace with these addresses, folded.
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

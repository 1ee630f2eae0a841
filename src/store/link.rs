//! Membership lists: agents in teams, and agents and teams assigned to conversations.
//!
//! All lists use one mechanism: a [`Link`] names the table of the list and its two columns.

use std::{collections::HashMap, fmt::Debug, hash::Hash};

use entity::{agent, conversation_agent, conversation_team, team, team_agent};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::{
    Columns, Db, Noun, StoreError, columns::Cells, connect::WriteTransaction, dialect::Dialect, filter,
    inbox, select, tally,
};
use crate::auth::Scope;

/// Positions are small numbers. A member that is added from the other side of the list gets a position after
/// all of them.
const BEHIND: i16 = 10_000;

/// List of members of an owner.
pub trait Link: Copy + Debug + Eq + Hash + Send + Sync + 'static {
    /// Table of the pairs.
    type Table: EntityTrait;
    type Member: Noun;

    const OWNER: <Self::Table as EntityTrait>::Column;
    const MEMBER: <Self::Table as EntityTrait>::Column;
    const PLACE: <Self::Table as EntityTrait>::Column;
    /// Whether positions belong to the list of this owner. If not, the link is the reverse side of the pairs.
    const ORDERED: bool;
    /// Whether the owner is a conversation, which is in the inboxes of its members.
    const HAS_INBOX: bool;
}

macro_rules! link {
    ($(#[$doc:meta])* $name:ident, $table:ident, $owner:ident, $member:ident, $noun:ident, $ordered:literal, $inbox:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {}

        impl Link for $name {
            type Table = $table::Entity;
            type Member = $noun::Entity;
            const OWNER: $table::Column = $table::Column::$owner;
            const MEMBER: $table::Column = $table::Column::$member;
            const PLACE: $table::Column = $table::Column::Place;
            const ORDERED: bool = $ordered;
            const HAS_INBOX: bool = $inbox;
        }
    };
}

link!(AgentsOfTeam, team_agent, TeamId, AgentId, agent, true, false);
link!(TeamsOfAgent, team_agent, AgentId, TeamId, team, false, false);
link!(
    /// Agents assigned to a conversation.
    AgentsOfConversation, conversation_agent, ConversationId, AgentId, agent, true, true
);
link!(
    /// Teams assigned to a conversation.
    TeamsOfConversation, conversation_team, ConversationId, TeamId, team, true, true
);

/// Condition: the row is a member of one of these owners.
pub fn is_member_of<L: Link, T: Clone + Into<Uuid>>() -> impl Fn(&Vec<T>, &Scope, Dialect) -> Expr {
    let member = <L::Member as Noun>::id_column();
    move |owners, _, _| {
        is_linked::<L, T>(
            Expr::col((member.entity_name(), member)),
            L::MEMBER,
            L::OWNER,
            owners,
        )
    }
}

/// Condition: the row, whose id is in `owner`, has one of these members.
pub fn has_member<L: Link, T: Clone + Into<Uuid>>(
    owner: impl ColumnTrait,
) -> impl Fn(&Vec<T>, &Scope, Dialect) -> Expr {
    move |members, _, _| {
        is_linked::<L, T>(
            Expr::col((owner.entity_name(), owner)),
            L::OWNER,
            L::MEMBER,
            members,
        )
    }
}

/// Condition: a row of the table of pairs connects `row`, whose id is in one column, with one of the ids in the other.
fn is_linked<L: Link, T: Clone + Into<Uuid>>(
    row: Expr,
    own: <L::Table as EntityTrait>::Column,
    other: <L::Table as EntityTrait>::Column,
    ids: &[T],
) -> Expr {
    let mut linked = SelectStatement::new();
    linked
        .expr(column::<L>(own))
        .from(Alias::new(own.entity_name().to_string()))
        .and_where(filter::is_in(
            column::<L>(other),
            ids.iter().cloned().map(Into::<Uuid>::into),
        ));
    row.in_subquery(linked)
}

/// Returns the members of each of these owners that the scope can see, in order. Owners without members are
/// absent.
pub async fn members<L: Link>(
    db: &Db,
    scope: &Scope,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, Vec<<L::Member as Noun>::Row>>, StoreError> {
    let mut select = select::rows::<L::Member>(Columns::ALL);
    let member = <L::Member as Noun>::id_column();
    select
        .cond_where(L::Member::within(scope))
        .expr_as(column::<L>(L::OWNER), Alias::new("owner"))
        .inner_join(
            Alias::new(L::MEMBER.entity_name().to_string()),
            column::<L>(L::MEMBER).eq(Expr::col((member.entity_name(), member))),
        )
        .and_where(db.dialect().is_among(L::OWNER, owners));
    in_order::<L>(&mut select);
    let rows = db
        .connection()
        .query_all_raw(db.dialect().backend().build(&select))
        .await?;
    let mut found: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in &tally::rows(rows) {
        let member = L::Member::read_whole(&mut Cells::of(row, Columns::ALL))?;
        found.entry(row.try_get("", "owner")?).or_default().push(member);
    }
    Ok(found)
}

/// Returns the ids of the members of an owner, in order.
pub async fn ids<L: Link>(writing: &WriteTransaction, owner: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut lists = lists::<L>(writing, &[owner]).await?;
    Ok(lists.remove(&owner).unwrap_or_default())
}

/// The ids of the members of each of these owners, in their order. Owners without members are absent.
pub async fn lists<L: Link>(
    writing: &WriteTransaction,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>, StoreError> {
    let mut lists: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    if owners.is_empty() {
        return Ok(lists);
    }
    let mut select = SelectStatement::new();
    select
        .expr(column::<L>(L::OWNER))
        .expr(column::<L>(L::MEMBER))
        .from(Alias::new(L::OWNER.entity_name().to_string()))
        .and_where(writing.dialect().is_among(L::OWNER, owners));
    in_order::<L>(&mut select);
    let rows = writing
        .connection()
        .query_all_raw(writing.dialect().backend().build(&select))
        .await?;
    for row in &rows {
        let owner = row.try_get("", L::OWNER.as_str())?;
        let member = row.try_get("", L::MEMBER.as_str())?;
        lists.entry(owner).or_default().push(member);
    }
    Ok(lists)
}

pub async fn replace<L: Link>(
    writing: &WriteTransaction,
    owner: Uuid,
    before: &[Uuid],
    after: &[Uuid],
) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    // On the reverse side, a member that remains keeps its position.
    let stays = |id: &Uuid| !L::ORDERED && before.contains(id) && after.contains(id);
    let gone: Vec<Uuid> = before.iter().copied().filter(|id| !stays(id)).collect();
    let added = after.iter().copied().enumerate().filter(|(_, id)| !stays(id));
    remove::<L>(writing, owner, &gone).await?;
    let pairs = added.map(|(index, id)| (owner, id, place::<L>(index)));
    insert::<L>(writing, pairs).await?;
    if L::HAS_INBOX {
        inbox::replace(writing, &[owner]).await?;
    }
    Ok(())
}

/// Inserts pairs of owner and member with their positions.
pub async fn insert<L: Link>(
    writing: &WriteTransaction,
    pairs: impl IntoIterator<Item = (Uuid, Uuid, i16)>,
) -> Result<(), StoreError> {
    let mut insert = Query::insert();
    insert
        .into_table(Alias::new(L::OWNER.entity_name().to_string()))
        .columns([L::OWNER.as_str(), L::MEMBER.as_str(), L::PLACE.as_str()].map(Alias::new));
    let mut any = false;
    for (owner, member, place) in pairs {
        any = true;
        insert.values_panic([owner.into(), member.into(), place.into()]);
    }
    if any {
        execute(writing, |dialect| dialect.backend().build(&insert)).await?;
    }
    Ok(())
}

/// Counts the members of each of these owners.
pub async fn counts<L: Link>(
    writing: &WriteTransaction,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let mut select = SelectStatement::new();
    select
        .expr_as(column::<L>(L::OWNER), Alias::new("owner"))
        .expr_as(column::<L>(L::MEMBER).count(), Alias::new("n"))
        .from(Alias::new(L::OWNER.entity_name().to_string()))
        .and_where(writing.dialect().is_among(L::OWNER, owners))
        .add_group_by([column::<L>(L::OWNER)]);
    let rows = writing
        .connection()
        .query_all_raw(writing.dialect().backend().build(&select))
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "owner")?, row.try_get("", "n")?)))
        .collect()
}

async fn remove<L: Link>(
    writing: &WriteTransaction,
    owner: Uuid,
    members: &[Uuid],
) -> Result<(), StoreError> {
    if members.is_empty() {
        return Ok(());
    }
    let mut delete = Query::delete();
    delete
        .from_table(Alias::new(L::OWNER.entity_name().to_string()))
        .and_where(column::<L>(L::OWNER).eq(owner))
        .and_where(writing.dialect().is_among(L::MEMBER, members));
    execute(writing, |dialect| dialect.backend().build(&delete)).await
}

async fn execute(
    writing: &WriteTransaction,
    build: impl FnOnce(Dialect) -> sea_orm::Statement,
) -> Result<(), StoreError> {
    let statement = build(writing.dialect());
    writing.connection().execute_raw(statement).await?;
    Ok(())
}

fn column<L: Link>(column: <L::Table as EntityTrait>::Column) -> Expr {
    Expr::col((column.entity_name(), column))
}

fn in_order<L: Link>(select: &mut SelectStatement) {
    select
        .order_by((L::PLACE.entity_name(), L::PLACE), Order::Asc)
        .order_by((L::MEMBER.entity_name(), L::MEMBER), Order::Asc);
}

fn place<L: Link>(index: usize) -> i16 {
    if L::ORDERED {
        i16::try_from(index).unwrap_or(i16::MAX)
    } else {
        BEHIND
    }
}

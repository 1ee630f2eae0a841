//! Writes a workspace exactly as it was in another database, with the same ids, instants, versions and
//! positions. The copy writes no events of its own.
//!
//! Each transaction that writes a block also stores the progress, so that an interrupted copy continues from
//! there and no other copy writes into the same workspace.

use std::collections::BTreeMap;

use entity::{
    AgentId, Timestamp, WorkspaceId, agent, change, conversation, customer, erased, external_reference,
    message, queue, sync_place, team, ticket, workspace,
};
use uuid::Uuid;

use super::{Error, Services};
use crate::{
    events::ChangeCursor,
    store::{
        self,
        connect::WriteTransaction,
        link::{self, AgentsOfConversation, AgentsOfTeam, Link, TeamsOfConversation},
    },
};

/// System and resource under which a copy stores its progress.
const SYSTEM: &str = store::sync_place::COPY.0;
const RESOURCE: &str = store::sync_place::COPY.1;

/// Rows that are written together. Referenced rows are in the same block or an earlier one.
#[derive(Debug, Default)]
pub struct Block {
    pub agents: Vec<agent::Model>,
    pub teams: Vec<(team::Model, Vec<AgentId>)>,
    pub queues: Vec<queue::Model>,
    pub customers: Vec<customer::Model>,
    /// Conversations with their agents and teams.
    pub conversations: Vec<(conversation::Model, [Vec<Uuid>; 2])>,
    pub tickets: Vec<ticket::Model>,
    pub messages: Vec<message::Model>,
    pub references: Vec<external_reference::Model>,
    pub erased: Vec<erased::Model>,
    pub changes: Vec<change::Model>,
}

/// State of a workspace relative to a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// The workspace does not exist yet.
    New,
    /// The copy of this name was interrupted after this number of lines.
    CutOff(u64),
    /// The workspace was written by another program or by a complete copy.
    Taken,
}

pub async fn copy_state(services: &Services, workspace: WorkspaceId, name: &str) -> Result<CopyState, Error> {
    if store::workspace::find_unscoped(&services.db, workspace)
        .await?
        .is_none()
    {
        return Ok(CopyState::New);
    }
    let places = store::sync_place::list_unscoped(&services.db, workspace, SYSTEM).await?;
    let place = places.iter().find(|row| row.resource == RESOURCE);
    let noted = place.and_then(|row| row.place.rsplit_once(' '));
    Ok(match noted {
        Some((noted, lines)) if noted == name => lines.parse().map_or(CopyState::Taken, CopyState::CutOff),
        _ => CopyState::Taken,
    })
}

/// Creates an empty workspace and the key of its erasure marks, if there is one.
pub async fn begin(
    services: &Services,
    name: &str,
    row: workspace::Model,
    key: Option<Vec<u8>>,
) -> Result<(), Error> {
    let writing = services.db.begin_alone().await?;
    let id = row.id;
    store::workspace::insert(&writing, row).await?;
    if let Some(key) = key {
        store::erased::key_or(&writing, id, key).await?;
    }
    note(services, &writing, id, name, 0).await?;
    Ok(writing.commit().await?)
}

/// Writes a block. The copy continues after this number of lines.
pub async fn write(
    services: &Services,
    workspace: WorkspaceId,
    name: &str,
    block: Block,
    lines: u64,
) -> Result<(), Error> {
    let writing = services.db.begin_alone().await?;
    store::agent::insert_many(&writing, block.agents).await?;
    let (teams, of_teams): (Vec<_>, Vec<_>) = block
        .teams
        .into_iter()
        .map(|(row, agents)| {
            let id = row.id.0;
            (row, (id, agents.into_iter().map(|id| id.0).collect()))
        })
        .unzip();
    store::copy::insert_many(&writing, teams).await?;
    list::<AgentsOfTeam>(&writing, of_teams).await?;
    store::copy::insert_many(&writing, block.queues).await?;
    store::customer::insert_many(&writing, block.customers).await?;
    let (mut conversations, mut agents, mut teams) = (Vec::new(), Vec::new(), Vec::new());
    for (row, [of_agents, of_teams]) in block.conversations {
        agents.push((row.id.0, of_agents));
        teams.push((row.id.0, of_teams));
        conversations.push(row);
    }
    store::conversation::insert_many(&writing, conversations).await?;
    list::<AgentsOfConversation>(&writing, agents).await?;
    let ids: Vec<Uuid> = teams.iter().map(|(id, _)| *id).collect();
    list::<TeamsOfConversation>(&writing, teams).await?;
    store::inbox::replace(&writing, &ids).await?;
    store::ticket::insert_many(&writing, block.tickets).await?;
    store::message::insert_many(&writing, block.messages).await?;
    store::external_reference::insert_many(&writing, block.references).await?;
    store::erased::put(&writing, block.erased).await?;
    store::copy::insert_many(&writing, block.changes).await?;
    note(services, &writing, workspace, name, lines).await?;
    Ok(writing.commit().await?)
}

/// Continues the change log after its newest position. From now on, the workspace is a regular one. A new
/// epoch begins, because the log can also continue in the original database. Cursors up to this position
/// remain valid.
pub async fn finish(services: &Services, newest: ChangeCursor) -> Result<(), Error> {
    let (workspace, epoch) = (newest.workspace, newest.epoch);
    let (next, now) = (store::epoch::new_id(&services.clock), services.clock.now());
    let writing = services.db.begin_alone().await?;
    store::copy::set_place(&writing, workspace, newest.position, epoch).await?;
    store::epoch::restore(&writing, workspace, now).await?;
    store::epoch::begin(&writing, workspace, epoch, next, now).await?;
    store::sync_place::clear(&writing, workspace, SYSTEM).await?;
    writing.commit().await?;
    Ok(services.db.analyze().await?)
}

/// Counts the rows of each type, under the names that exports use.
pub async fn counts(
    services: &Services,
    workspace: WorkspaceId,
) -> Result<BTreeMap<&'static str, u64>, Error> {
    let db = &services.db;
    Ok([
        (
            "Agent",
            store::copy::count_unscoped::<agent::Entity>(db, workspace).await?,
        ),
        (
            "Team",
            store::copy::count_unscoped::<team::Entity>(db, workspace).await?,
        ),
        (
            "Queue",
            store::copy::count_unscoped::<queue::Entity>(db, workspace).await?,
        ),
        (
            "Customer",
            store::copy::count_unscoped::<customer::Entity>(db, workspace).await?,
        ),
        (
            "Conversation",
            store::copy::count_unscoped::<conversation::Entity>(db, workspace).await?,
        ),
        (
            "Ticket",
            store::copy::count_unscoped::<ticket::Entity>(db, workspace).await?,
        ),
        (
            "Message",
            store::copy::count_unscoped::<message::Entity>(db, workspace).await?,
        ),
        ("Erased", store::copy::count_marks_unscoped(db, workspace).await?),
        (
            "Change",
            store::copy::count_changes_unscoped(db, workspace).await?,
        ),
    ]
    .into())
}

async fn list<L: Link>(writing: &WriteTransaction, lists: Vec<(Uuid, Vec<Uuid>)>) -> Result<(), Error> {
    let pairs = lists.into_iter().flat_map(|(owner, members)| {
        let place = |index: usize| i16::try_from(index).unwrap_or(i16::MAX);
        let pair = move |(index, member)| (owner, member, place(index));
        members.into_iter().enumerate().map(pair)
    });
    let pairs: Vec<_> = pairs.collect();
    for pairs in pairs.chunks(PAIRS) {
        link::insert::<L>(writing, pairs.iter().copied()).await?;
    }
    Ok(())
}

/// Maximum number of pairs that one statement writes. It keeps the statement below the parameter limit of
/// `SQLite`.
const PAIRS: usize = 10_000;

async fn note(
    services: &Services,
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    name: &str,
    lines: u64,
) -> Result<(), Error> {
    let now: Timestamp = services.clock.now();
    let row = sync_place::Model {
        workspace_id: workspace,
        system: SYSTEM.to_owned(),
        resource: RESOURCE.to_owned(),
        place: format!("{name} {lines}"),
        started_at: now,
        updated_at: now,
    };
    Ok(store::sync_place::put(writing, row).await?)
}

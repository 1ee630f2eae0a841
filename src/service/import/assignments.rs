//! Import of the agents, teams and queue of conversations. Unknown ones are created.

use std::collections::{BTreeSet, HashMap};

use entity::{AgentId, ConversationId, QueueId, TeamId, conversation::Model, queue, team};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Source, assignees, conversation_fields::ImportConversation, groups, memory::Field, references::References,
};
use crate::{
    events::{FieldChanges, Recorded},
    service::{Error, Patch, Services, Transaction, UserError, exist::once_each, group::full},
    store::link::{self, AgentsOfConversation, Link, TeamsOfConversation},
};

/// Agents, teams and queues to which a batch of conversations refers, and the membership lists of these
/// conversations.
#[derive(Default)]
pub(super) struct Assignments {
    agents: HashMap<String, AgentId>,
    teams: HashMap<String, Uuid>,
    queues: HashMap<String, Uuid>,
    lists: HashMap<ConversationId, [List; 2]>,
}

/// Membership list of a conversation, as stored and as it will be written.
#[derive(Clone, Default)]
struct List {
    before: Vec<Uuid>,
    after: Vec<Uuid>,
}

impl List {
    fn of(ids: Vec<Uuid>) -> Self {
        Self {
            before: ids.clone(),
            after: ids,
        }
    }
}

/// Ids to which rows refer.
struct AssigneeNames {
    agents: Vec<String>,
    teams: Vec<String>,
    queues: Vec<String>,
}

impl AssigneeNames {
    fn of(rows: &[&ImportConversation]) -> Self {
        let lists = |list: fn(&ImportConversation) -> &Patch<Vec<String>>| {
            rows.iter()
                .filter_map(|row| list(row).as_set())
                .flatten()
                .cloned()
                .collect()
        };
        Self {
            agents: lists(|row| &row.agents),
            teams: lists(|row| &row.teams),
            queues: rows
                .iter()
                .filter_map(|row| row.queue.as_set().cloned())
                .collect(),
        }
    }
}

impl Assignments {
    /// Reads the assignments to which rows refer. `known` are the conversations that already exist.
    pub(super) async fn read(
        services: &Services,
        transaction: &Transaction<'_>,
        source: &Source<'_>,
        rows: &[&ImportConversation],
        references: &References<'_>,
    ) -> Result<Self, Error> {
        let assigned = rows
            .iter()
            .filter(|row| row.agents.is_given() || row.teams.is_given());
        let there: BTreeSet<Uuid> = assigned
            .filter_map(|row| references.get(&row.external_id))
            .collect();
        let there: Vec<Uuid> = there.into_iter().collect();
        let writing = transaction.writing();
        let mut agents = link::lists::<AgentsOfConversation>(writing, &there).await?;
        let mut teams = link::lists::<TeamsOfConversation>(writing, &there).await?;
        let lists = there.into_iter().map(|id| {
            let lists = [agents.remove(&id), teams.remove(&id)];
            let lists = lists.map(|ids| List::of(ids.unwrap_or_default()));
            (ConversationId(id), lists)
        });
        let lists = lists.collect();
        let named = AssigneeNames::of(rows);
        let agents = named.agents.iter().map(String::as_str).collect::<Vec<_>>();
        let agents = assignees::find_or_make(services, transaction, source, agents).await?;
        let teams = groups::find_or_make::<team::Entity>(services, transaction, source, named.teams);
        let teams = teams.await?;
        let queues = groups::find_or_make::<queue::Entity>(services, transaction, source, named.queues);
        let queues = queues.await?;
        Ok(Self {
            agents,
            teams,
            queues,
            lists,
        })
    }

    pub(super) fn queue(&self, row: &ImportConversation) -> Result<Patch<QueueId>, UserError> {
        Ok(match &row.queue {
            Patch::Set(name) => {
                let id = self.queues.get(name);
                Patch::Set(QueueId(*id.ok_or_else(|| full::<queue::Entity>(&["queue"]))?))
            }
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        })
    }

    fn teams_of(&self, row: &ImportConversation) -> Result<Option<Vec<Uuid>>, UserError> {
        Ok(match &row.teams {
            Patch::Set(names) => {
                let ids: Option<Vec<Uuid>> = names.iter().map(|name| self.teams.get(name).copied()).collect();
                Some(ids.ok_or_else(|| full::<team::Entity>(&["assignedTeams"]))?)
            }
            Patch::Clear => Some(Vec::new()),
            Patch::Keep => None,
        })
    }

    fn agents_of(&self, row: &ImportConversation) -> Option<Vec<Uuid>> {
        match &row.agents {
            Patch::Set(names) => {
                let known = names.iter().filter_map(|name| self.agents.get(name));
                Some(known.map(|id| id.0).collect())
            }
            Patch::Clear => Some(Vec::new()),
            Patch::Keep => None,
        }
    }

    /// Returns the membership lists that a row sets, with the stored and the reported members.
    pub(super) fn told_of(&self, row: &ImportConversation, id: ConversationId) -> Vec<Field> {
        let [agents, teams] = self.lists.get(&id).cloned().unwrap_or_default();
        let told_agents = self.agents_of(row);
        let told_teams = self.teams_of(row).ok().flatten();
        let agents = told_agents.map(|told| {
            let [here, told] = [agents.after, once_each(told)].map(|ids| each(ids, AgentId));
            Field::new("assigneeIds", here, told)
        });
        let teams = told_teams.map(|told| {
            let [here, told] = [teams.after, once_each(told)].map(|ids| each(ids, TeamId));
            Field::new("teamIds", here, told)
        });
        agents.into_iter().chain(teams).collect()
    }

    /// Assigns a conversation as the row sets it and records the changes.
    pub(super) fn apply(
        &mut self,
        conversation: &mut Model,
        row: &ImportConversation,
        changes: &mut FieldChanges,
    ) -> Result<(), UserError> {
        let queue = self.queue(row)?;
        let (agents, teams) = (self.agents_of(row), self.teams_of(row)?);
        let queue = queue.over(&conversation.queue_id);
        changes.set("queueId", &mut conversation.queue_id, queue);
        if agents.is_none() && teams.is_none() {
            return Ok(());
        }
        let [listed_agents, listed_teams] = self.lists.entry(conversation.id).or_default();
        if let Some(ids) = agents {
            let mut before: Vec<AgentId> = listed_agents.after.iter().copied().map(AgentId).collect();
            listed_agents.after = once_each(ids);
            let after = listed_agents.after.iter().copied().map(AgentId).collect();
            changes.set("assigneeIds", &mut before, after);
        }
        if let Some(ids) = teams {
            let mut before: Vec<TeamId> = listed_teams.after.iter().copied().map(TeamId).collect();
            listed_teams.after = once_each(ids);
            let after = listed_teams.after.iter().copied().map(TeamId).collect();
            changes.set("teamIds", &mut before, after);
        }
        Ok(())
    }

    /// Writes the membership lists. The conversations must exist by now.
    pub(super) async fn write(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        // One order for all, so that two writers cannot deadlock.
        let mut lists: Vec<_> = self.lists.iter().collect();
        lists.sort_by_key(|(id, _)| id.0);
        for (id, [agents, teams]) in lists {
            replace::<AgentsOfConversation>(transaction, *id, agents).await?;
            replace::<TeamsOfConversation>(transaction, *id, teams).await?;
        }
        Ok(())
    }
}

fn each<I: Recorded>(ids: Vec<Uuid>, id: fn(Uuid) -> I) -> Value {
    ids.into_iter().map(id).collect::<Vec<I>>().recorded()
}

async fn replace<L: Link>(
    transaction: &Transaction<'_>,
    id: ConversationId,
    list: &List,
) -> Result<(), Error> {
    Ok(link::replace::<L>(transaction.writing(), id.0, &list.before, &list.after).await?)
}

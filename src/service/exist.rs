//! Whether the things that an input points to are there, in the workspace that it is about.

use std::{collections::HashSet, hash::Hash};

use entity::{AgentId, WorkspaceId, agent};
use uuid::Uuid;

use super::{Error, Services, Transaction, UserError, UserErrorCode, validate::Checks};
use crate::{
    auth::{Scope, Viewer},
    store::{Columns, Noun, list},
};

/// Most agents or teams in one list.
pub const LIST_MAX: usize = 100;

/// What an input points to.
#[derive(Clone, Debug)]
pub struct Wanted<'a, I> {
    ids: Vec<I>,
    noun: &'a str,
    path: &'a [&'a str],
    is_list: bool,
}

impl<'a, I: Copy> Wanted<'a, I> {
    /// One thing, or none.
    pub fn one(id: Option<I>, noun: &'a str, path: &'a [&'a str]) -> Self {
        Self {
            ids: id.into_iter().collect(),
            noun,
            path,
            is_list: false,
        }
    }

    /// Each of a list: a mistake is told with its index.
    pub fn listed(ids: &[I], noun: &'a str, path: &'a [&'a str]) -> Self {
        Self {
            ids: ids.to_vec(),
            noun,
            path,
            is_list: true,
        }
    }

    /// Tells which of them are at fault.
    fn refuse(
        &self,
        is_at_fault: impl Fn(I) -> bool,
        code: UserErrorCode,
        message: &str,
    ) -> Result<(), Error> {
        let mut checks = Checks::default();
        for (index, _) in self.ids.iter().enumerate().filter(|(_, id)| is_at_fault(**id)) {
            let index = index.to_string();
            let index = self.is_list.then_some(index.as_str());
            let path: Vec<&str> = self.path.iter().copied().chain(index).collect();
            checks.add(UserError::new(code, message, &path));
        }
        checks.finish()
    }
}

/// A list as it was given, each once; too long a one is a mistake.
pub fn listed<I: Copy + Eq + Hash>(checks: &mut Checks, ids: Vec<I>, path: &[&str]) -> Vec<I> {
    if ids.len() > LIST_MAX {
        let message = format!("There are {} ids; {LIST_MAX} are allowed.", ids.len());
        checks.add(UserError::new(UserErrorCode::TooLong, message, path));
        return Vec::new();
    }
    once_each(ids)
}

/// A list without its repetitions.
pub fn once_each<I: Copy + Eq + Hash>(ids: Vec<I>) -> Vec<I> {
    let mut seen = HashSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Whether the viewer sees a thing, asked outside a transaction.
pub async fn is_seen<N: Noun>(services: &Services, viewer: &Viewer, id: N::Id) -> Result<bool, Error> {
    let found = list::find_many::<N>(&services.db, &viewer.scope(), &[id.into()], Columns::ID).await?;
    Ok(!found.is_empty())
}

/// Refuses what is not there, or in another workspace.
pub async fn require<N: Noun>(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: Wanted<'_, N::Id>,
) -> Result<(), Error> {
    found::<N>(transaction, viewer, workspace, &wanted).await?;
    Ok(())
}

/// Refuses agents who are not there, and those who no longer work and are given something that they do not have.
pub async fn require_active(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: Wanted<'_, AgentId>,
    has_it: impl Fn(AgentId) -> bool,
) -> Result<(), Error> {
    let found = found::<agent::Entity>(transaction, viewer, workspace, &wanted).await?;
    let inactive: HashSet<AgentId> = found
        .iter()
        .filter(|agent| !agent.is_active)
        .map(|agent| agent.id)
        .collect();
    let message = "This agent no longer works here.";
    let is_at_fault = |id| inactive.contains(&id) && !has_it(id);
    wanted.refuse(is_at_fault, UserErrorCode::AgentInactive, message)
}

/// The rows of what an input points to; refuses what is not there, or in another workspace.
async fn found<N: Noun>(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: &Wanted<'_, N::Id>,
) -> Result<Vec<N::Row>, Error> {
    if wanted.ids.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope {
        workspaces: [workspace].into(),
        ..viewer.scope()
    };
    let ids: Vec<Uuid> = wanted.ids.iter().map(|id| (*id).into()).collect();
    let found = list::find_many_within::<N>(transaction.writing(), &scope, &ids).await?;
    let there: HashSet<N::Id> = found.iter().map(N::id).collect();
    let message = format!("There is no such {}.", wanted.noun);
    wanted.refuse(|id| !there.contains(&id), UserErrorCode::NotFound, &message)?;
    Ok(found)
}

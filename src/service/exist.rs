//! Checks that the objects that an input refers to exist in the workspace of the input.

use std::{collections::HashSet, hash::Hash};

use entity::{AgentId, Fields, WorkspaceId, agent};
use uuid::Uuid;

use super::{Error, Services, Transaction, UserError, UserErrorCode, validate::Checks, wording};
use crate::{
    auth::{Scope, Viewer},
    store::{Noun, list},
};

/// Maximum number of agents or teams in one list.
pub const LIST_MAX: usize = 100;

#[derive(Clone, Debug)]
pub struct InputReferences<'a, I> {
    ids: Vec<I>,
    noun: &'a str,
    path: &'a [&'a str],
    is_list: bool,
}

impl<'a, I: Copy> InputReferences<'a, I> {
    /// References at most one object.
    pub fn one(id: Option<I>, noun: &'a str, path: &'a [&'a str]) -> Self {
        Self {
            ids: id.into_iter().collect(),
            noun,
            path,
            is_list: false,
        }
    }

    /// References each object of a list. Errors include the index.
    pub fn listed(ids: &[I], noun: &'a str, path: &'a [&'a str]) -> Self {
        Self {
            ids: ids.to_vec(),
            noun,
            path,
            is_list: true,
        }
    }

    /// Returns errors for the references that fail a condition.
    fn refuse(
        &self,
        is_at_fault: impl Fn(I) -> bool,
        error: impl Fn(&[&str]) -> UserError,
    ) -> Result<(), Error> {
        let mut checks = Checks::default();
        for (index, _) in self.ids.iter().enumerate().filter(|(_, id)| is_at_fault(**id)) {
            let index = index.to_string();
            let index = self.is_list.then_some(index.as_str());
            let path: Vec<&str> = self.path.iter().copied().chain(index).collect();
            checks.add(error(&path));
        }
        checks.finish()
    }
}

/// Removes repeated entries from a list. A list that is too long is an error.
pub fn listed<I: Copy + Eq + Hash>(checks: &mut Checks, ids: Vec<I>, path: &[&str]) -> Vec<I> {
    if ids.len() > LIST_MAX {
        let why = wording::too_many(ids.len(), "entries", LIST_MAX);
        checks.add(UserError::of(UserErrorCode::TooLong, &why, path));
        return Vec::new();
    }
    once_each(ids)
}

/// Removes repeated entries from a list.
pub fn once_each<I: Copy + Eq + Hash>(ids: Vec<I>) -> Vec<I> {
    let mut seen = HashSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Whether an object is visible to the viewer, outside a transaction.
pub async fn is_seen<N: Noun>(services: &Services, viewer: &Viewer, id: N::Id) -> Result<bool, Error> {
    let found = list::held::<N>(&services.db, &viewer.scope(), [id]).await?;
    Ok(!found.is_empty())
}

/// Rejects references to objects that do not exist or are in another workspace.
pub async fn require<N: Noun>(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: InputReferences<'_, N::Id>,
) -> Result<(), Error> {
    found::<N>(transaction, viewer, workspace, &wanted).await?;
    Ok(())
}

/// Rejects agents that do not exist, and inactive agents that would newly get an assignment.
pub async fn require_active(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: InputReferences<'_, AgentId>,
    has_it: impl Fn(AgentId) -> bool,
) -> Result<(), Error> {
    let found = found::<agent::Entity>(transaction, viewer, workspace, &wanted).await?;
    let inactive: HashSet<AgentId> = found
        .iter()
        .filter(|agent| !agent.is_active)
        .map(|agent| agent.id)
        .collect();
    let message = "This agent is inactive (`isActive` is false) and cannot be assigned.";
    let is_at_fault = |id| inactive.contains(&id) && !has_it(id);
    wanted.refuse(is_at_fault, |path| {
        UserError::new(UserErrorCode::AgentInactive, message, path)
    })
}

/// Returns the referenced rows. Rejects references to objects that do not exist or are in another workspace.
async fn found<N: Noun>(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    wanted: &InputReferences<'_, N::Id>,
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
    let there: HashSet<N::Id> = found.iter().map(Fields::id).collect();
    let missing = |path: &[&str]| UserError::no_such_here(wanted.noun, path);
    wanted.refuse(|id| !there.contains(&id), missing)?;
    Ok(found)
}

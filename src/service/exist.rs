//! Whether the things that an input points to are there, in the workspace that it is about.

use std::{collections::HashSet, hash::Hash};

use entity::WorkspaceId;
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
    if wanted.ids.is_empty() {
        return Ok(());
    }
    let scope = Scope {
        workspaces: [workspace].into(),
        ..viewer.scope()
    };
    let ids: Vec<Uuid> = wanted.ids.iter().map(|id| (*id).into()).collect();
    let found = list::find_many_within::<N>(transaction.writing(), &scope, &ids).await?;
    let found: HashSet<N::Id> = found.iter().map(N::id).collect();
    let mut checks = Checks::default();
    for (index, _) in wanted
        .ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !found.contains(id))
    {
        let index = index.to_string();
        let index = wanted.is_list.then_some(index.as_str());
        let path: Vec<&str> = wanted.path.iter().copied().chain(index).collect();
        checks.add(UserError::not_found(
            &format!("There is no such {}.", wanted.noun),
            &path,
        ));
    }
    checks.finish()
}

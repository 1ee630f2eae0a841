//! Import of teams and queues. They are settings, not helpdesk data, so the import writes no events.

use std::{
    collections::{BTreeSet, HashMap},
    marker::PhantomData,
};

use uuid::Uuid;

use super::{Outcome, Source, memory::Field, mistakes, references::References};
use crate::{
    service::{
        Error, Services, Transaction,
        group::{GROUPS_MAX, full},
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
    },
    store::{
        group::{Group, count_unscoped, insert_many, update},
        hold::find_to_change,
    },
};

/// Team or queue of another system.
#[derive(Clone, Debug)]
pub struct ImportGroup<G> {
    /// Id in the other system.
    pub external_id: String,
    pub name: String,
    pub group: PhantomData<G>,
}

pub(super) async fn once<G: Group>(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportGroup<G>],
) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let mut groups = Groups::<G>::read(services, &transaction, source, ids).await?;
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut checks = Checks::default();
        checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
        checks.required(&row.name, LINE_MAX, &["name"]);
        if let Err(failed) = mistakes(checks) {
            outcomes.push(failed);
            continue;
        }
        let known = groups.references.get(&row.external_id);
        outcomes.push(match known {
            Some(id) => groups.rename(id, row).await?,
            None => match groups.make(&row.external_id, &row.name).await? {
                Some(_) => {
                    groups
                        .references
                        .note(&row.external_id, &told(&row.name, &row.name));
                    Outcome::Created
                }
                None => Outcome::Failed(vec![full::<G>(&["id"])]),
            },
        });
    }
    groups.write().await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

/// Name field with its stored and its reported value.
fn told(here: &str, told: &str) -> [Field; 1] {
    [Field::new("name", here.into(), told.into())]
}

/// Teams or queues to which a batch refers.
pub(super) struct Groups<'a, G> {
    services: &'a Services,
    transaction: &'a Transaction<'a>,
    source: &'a Source<'a>,
    references: References<'a>,
    count: usize,
    group: PhantomData<G>,
}

impl<'a, G: Group> Groups<'a, G> {
    pub(super) async fn read(
        services: &'a Services,
        transaction: &'a Transaction<'a>,
        source: &'a Source<'a>,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        Ok(Self {
            services,
            transaction,
            source,
            references: References::read(transaction, source, G::KIND, ids).await?,
            count: count_unscoped::<G>(transaction.writing(), source.workspace).await?,
            group: PhantomData,
        })
    }

    /// Creates a group. Returns `None` if the workspace has too many.
    async fn make(&mut self, external_id: &str, name: &str) -> Result<Option<Uuid>, Error> {
        if self.count >= GROUPS_MAX {
            return Ok(None);
        }
        let clock = &self.services.clock;
        let id: Uuid = clock.id();
        let row = G::new(id, self.source.workspace, name, clock.now());
        insert_many(self.transaction.writing(), vec![row]).await?;
        self.count += 1;
        self.references.point(external_id, id);
        Ok(Some(id))
    }

    /// Renames a group as reported, unless it was renamed here.
    async fn rename(&mut self, id: Uuid, row: &ImportGroup<G>) -> Result<Outcome, Error> {
        let (writing, scope) = (self.transaction.writing(), self.source.viewer.scope());
        let Some(group) = find_to_change::<G>(writing, &scope, id.into()).await? else {
            return Ok(Outcome::Unchanged);
        };
        let (external_id, here) = (&row.external_id, G::name_of(&group));
        // Groups have no events and no version. A name that the source has not reported before counts as a
        // local edit, unless it is the id as a placeholder.
        let is_first = self.references.lacks(external_id, ["name"]) && here != external_id;
        let version = if is_first { 2 } else { 1 };
        let standing = self
            .references
            .take(external_id, id, version, &told(here, &row.name));
        if here == row.name || !standing.is_empty() {
            return Ok(Outcome::Unchanged.beside(standing));
        }
        update(writing, G::renamed(group, &row.name)).await?;
        Ok(Outcome::Updated)
    }

    async fn write(self) -> Result<(), Error> {
        self.references.write(self.transaction).await
    }
}

/// Returns the local ids of teams or queues. An unknown one is created with its id as the name, until its
/// name is imported. Ids beyond the maximum number are absent.
pub(super) async fn find_or_make<G: Group>(
    services: &Services,
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Uuid>, Error> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut groups = Groups::<G>::read(services, transaction, source, ids.iter().cloned()).await?;
    for id in &ids {
        if groups.references.get(id).is_none() && groups.make(id, id).await?.is_none() {
            break;
        }
    }
    let known = |id: String| groups.references.get(&id).map(|object| (id, object));
    let known = ids.into_iter().filter_map(known).collect();
    groups.write().await?;
    Ok(known)
}

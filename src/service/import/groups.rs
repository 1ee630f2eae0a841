//! Teams and queues of another system. They are settings, not helpdesk data: they write no events.

use std::collections::{BTreeSet, HashMap};

use entity::{external_reference::Kind, queue, team};
use uuid::Uuid;

use super::{BATCH_TRIES, Outcome, Source, mistakes};
use crate::{
    service::{
        Error, Services, Transaction, UserError, UserErrorCode,
        group::GROUPS_MAX,
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
    },
    store::{
        self,
        group::{Group, count_unscoped},
    },
};

/// A team or a queue of another system.
#[derive(Clone, Debug)]
pub struct ImportGroup {
    /// Its id there.
    pub external_id: String,
    /// What people call it.
    pub name: String,
}

/// Brings teams in.
pub async fn teams(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportGroup],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || {
        once::<team::Entity>(services, source, Kind::Team, rows)
    })
    .await
}

/// Brings queues in.
pub async fn queues(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportGroup],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || {
        once::<queue::Entity>(services, source, Kind::Queue, rows)
    })
    .await
}

async fn once<G: Group>(
    services: &Services,
    source: &Source<'_>,
    kind: Kind,
    rows: &[ImportGroup],
) -> Result<Vec<Outcome>, Error>
where
    G::Id: From<Uuid>,
    G::Row: Clone,
{
    let transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let mut groups = Groups::<G>::read(services, &transaction, source, kind, ids).await?;
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut checks = Checks::default();
        checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
        checks.required(&row.name, LINE_MAX, &["name"]);
        if let Err(failed) = mistakes(checks) {
            outcomes.push(failed);
            continue;
        }
        let known = groups.known.get(&row.external_id).copied();
        outcomes.push(match known {
            Some(id) => rename::<G>(&transaction, source, id, &row.name).await?,
            None => match groups.make(&row.external_id, &row.name).await? {
                Some(_) => Outcome::Created,
                None => Outcome::Failed(vec![too_many::<G>(&["id"])]),
            },
        });
    }
    groups.write().await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

async fn rename<G: Group>(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    id: Uuid,
    name: &str,
) -> Result<Outcome, Error>
where
    G::Id: From<Uuid>,
    G::Row: Clone,
{
    let writing = transaction.writing();
    let Some(row) = G::find_to_change(writing, &source.viewer.scope(), id.into()).await? else {
        return Ok(Outcome::Unchanged);
    };
    if G::name_of(&row) == name {
        return Ok(Outcome::Unchanged);
    }
    G::change(writing, G::renamed(row, name)).await?;
    Ok(Outcome::Updated)
}

/// The teams or the queues that a batch names.
pub(super) struct Groups<'a, G> {
    services: &'a Services,
    transaction: &'a Transaction<'a>,
    source: &'a Source<'a>,
    kind: Kind,
    /// What their ids there are called here.
    pub(super) known: HashMap<String, Uuid>,
    count: usize,
    references: Vec<entity::external_reference::Model>,
    group: std::marker::PhantomData<G>,
}

impl<'a, G: Group> Groups<'a, G> {
    pub(super) async fn read(
        services: &'a Services,
        transaction: &'a Transaction<'a>,
        source: &'a Source<'a>,
        kind: Kind,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        Ok(Self {
            services,
            transaction,
            source,
            kind,
            known: source.known(transaction, kind, ids).await?,
            count: count_unscoped::<G>(transaction.writing(), source.workspace).await?,
            references: Vec::new(),
            group: std::marker::PhantomData,
        })
    }

    /// Makes one; none when there are too many.
    async fn make(&mut self, external_id: &str, name: &str) -> Result<Option<Uuid>, Error> {
        if self.count >= GROUPS_MAX {
            return Ok(None);
        }
        let clock = &self.services.clock;
        let id: Uuid = clock.id();
        let row = G::new(id, self.source.workspace, name, clock.now());
        G::add(self.transaction.writing(), row).await?;
        self.count += 1;
        self.references
            .push(self.source.reference(self.kind, external_id, id));
        self.known.insert(external_id.to_owned(), id);
        Ok(Some(id))
    }

    async fn write(self) -> Result<(), Error> {
        let writing = self.transaction.writing();
        Ok(store::external_reference::insert_many(writing, self.references).await?)
    }
}

/// What the ids of teams or queues are called here. One that is not known yet is made, called by its id until its name
/// comes in; those behind too many are absent.
pub(super) async fn find_or_make<G: Group>(
    services: &Services,
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    kind: Kind,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Uuid>, Error> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut groups = Groups::<G>::read(services, transaction, source, kind, ids.iter().cloned()).await?;
    for id in &ids {
        if !groups.known.contains_key(id) && groups.make(id, id).await?.is_none() {
            break;
        }
    }
    let known = groups.known.clone();
    groups.write().await?;
    Ok(known)
}

pub(super) fn too_many<G: Group>(path: &[&str]) -> UserError {
    let message = format!("A workspace has at most {GROUPS_MAX} {}s.", G::NOUN);
    UserError::new(UserErrorCode::Invalid, message, path)
}

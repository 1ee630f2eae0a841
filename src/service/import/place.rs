//! How far a sync came. What it notes is nothing that happened to helpdesk data, so that there are no events.

use entity::{Timestamp, external_reference::Kind, sync_place::Model};

use super::{BATCH_TRIES, Source};
use crate::{
    service::{Error, Services, Transaction, transaction::with_tries},
    store,
};

/// Ids of another system that are read at a time.
const IDS: u64 = 500;

/// The places that a sync that was cut off left.
pub async fn places(services: &Services, source: &Source<'_>) -> Result<Vec<Model>, Error> {
    Ok(store::sync_place::list_unscoped(&services.db, source.workspace, source.system).await?)
}

/// Notes how far a resource came: what was written before is durable, so that another run goes on from here.
pub async fn note_place(
    services: &Services,
    source: &Source<'_>,
    resource: &str,
    place: &str,
    started_at: Timestamp,
) -> Result<(), Error> {
    let row = Model {
        workspace_id: source.workspace,
        system: source.system.to_owned(),
        resource: resource.to_owned(),
        place: place.to_owned(),
        started_at,
        updated_at: services.clock.now(),
    };
    with_tries(services, BATCH_TRIES, || async {
        let transaction = Transaction::begin_alone(services).await?;
        store::sync_place::put(transaction.writing(), row.clone()).await?;
        transaction.commit_rows(source.viewer).await
    })
    .await
}

/// Forgets how far it came: the next run begins at the beginning.
pub async fn forget_places(services: &Services, source: &Source<'_>) -> Result<(), Error> {
    with_tries(services, BATCH_TRIES, || async {
        let transaction = Transaction::begin_alone(services).await?;
        store::sync_place::clear(transaction.writing(), source.workspace, source.system).await?;
        transaction.commit_rows(source.viewer).await
    })
    .await
}

/// The ids of tickets in the other system, in order, behind one of them.
pub async fn tickets_behind(
    services: &Services,
    source: &Source<'_>,
    last: &str,
) -> Result<Vec<String>, Error> {
    let (workspace, system) = (source.workspace, source.system);
    let found =
        store::external_reference::list_behind(&services.db, workspace, system, Kind::Ticket, last, IDS);
    Ok(found.await?)
}

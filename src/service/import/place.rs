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

/// A ticket whose messages were read: its id in the other system, and as what it was told then.
pub type Read = (String, Option<String>);

/// Notes how far a resource came, and the ticket whose messages were read with it: what was written before is durable, so that
/// another run goes on from here.
pub async fn note_place(
    services: &Services,
    source: &Source<'_>,
    resource: &str,
    place: &str,
    started_at: Timestamp,
    read: Option<&Read>,
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
        if let Some((ticket, told)) = read {
            store::external_reference::note_read(
                transaction.writing(),
                source.of(Kind::Ticket),
                ticket,
                told.as_deref(),
            )
            .await?;
        }
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

/// Tickets in the other system, in the order of their ids there, behind one of them. Those whose messages were read since they
/// were last told otherwise are among them only if all are wanted.
pub async fn tickets_behind(
    services: &Services,
    source: &Source<'_>,
    last: &str,
    all: bool,
) -> Result<Vec<Read>, Error> {
    let found = store::external_reference::list_behind(&services.db, source.of(Kind::Ticket), last, all, IDS);
    Ok(found.await?)
}

/// Notes as what tickets are told; none where that does not say whether they have new messages.
pub async fn note_told(services: &Services, source: &Source<'_>, told: &[Read]) -> Result<(), Error> {
    if told.is_empty() {
        return Ok(());
    }
    with_tries(services, BATCH_TRIES, || async {
        let transaction = Transaction::begin_alone(services).await?;
        store::external_reference::note_told(transaction.writing(), source.of(Kind::Ticket), told).await?;
        transaction.commit_rows(source.viewer).await
    })
    .await
}

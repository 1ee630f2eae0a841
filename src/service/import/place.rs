//! Progress of a sync. Progress is not helpdesk data, so it writes no events.

use entity::{Timestamp, external_reference::Kind, sync_place::Model};

use super::{BATCH_TRIES, Source};
use crate::{
    service::{Error, Services, Transaction, transaction::with_tries},
    store,
};

/// Maximum number of ids of another system in one read.
const IDS: u64 = 500;

/// Returns the positions at which an interrupted sync stopped.
pub async fn places(services: &Services, source: &Source<'_>) -> Result<Vec<Model>, Error> {
    Ok(store::sync_place::list_unscoped(&services.db, source.workspace, source.system).await?)
}

/// Ticket whose messages were read: its id in the other system, and the state in which the system reported it
/// then.
pub type ReadTicket = (String, Option<String>);

/// Stores the progress of a resource, and the ticket whose messages were read with it. All rows before it are
/// durable, so that another run continues from here.
pub async fn note_place(
    services: &Services,
    source: &Source<'_>,
    resource: &str,
    place: &str,
    started_at: Timestamp,
    read: Option<&ReadTicket>,
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

/// Deletes the progress. The next run starts from the beginning.
pub async fn forget_places(services: &Services, source: &Source<'_>) -> Result<(), Error> {
    with_tries(services, BATCH_TRIES, || async {
        let transaction = Transaction::begin_alone(services).await?;
        store::sync_place::clear(transaction.writing(), source.workspace, source.system).await?;
        transaction.commit_rows(source.viewer).await
    })
    .await
}

/// Returns tickets of the other system after `last`, in the order of their ids there. Unless `all` is set,
/// tickets whose reported state has not changed since their messages were read are left out.
pub async fn tickets_behind(
    services: &Services,
    source: &Source<'_>,
    last: &str,
    all: bool,
) -> Result<Vec<ReadTicket>, Error> {
    let found = store::external_reference::list_behind(&services.db, source.of(Kind::Ticket), last, all, IDS);
    Ok(found.await?)
}

/// Stores the reported states of tickets. The state is `None` if it does not show whether the ticket has new
/// messages.
pub async fn note_ticket_versions(
    services: &Services,
    source: &Source<'_>,
    told: &[ReadTicket],
) -> Result<(), Error> {
    if told.is_empty() {
        return Ok(());
    }
    with_tries(services, BATCH_TRIES, || async {
        let transaction = Transaction::begin_alone(services).await?;
        store::external_reference::note_states(transaction.writing(), source.of(Kind::Ticket), told).await?;
        transaction.commit_rows(source.viewer).await
    })
    .await
}

//! Begins a conversation; an unknown address makes the customer.

use entity::{
    CustomerId, Timestamp, WorkspaceId,
    conversation::{Model, Status},
};

use super::Written;
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError,
        customer::{CustomerIdentifier, find_or_make},
        transaction::with_retries,
        validate::{Checks, LINE_MAX, WORD_MAX},
        workspace_of,
    },
    store::conversation as store,
};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CreateConversation {
    /// Where; the viewer's only workspace when absent.
    pub workspace: Option<WorkspaceId>,
    /// With whom.
    pub customer: CustomerIdentifier,
    /// Short name.
    pub name: Option<String>,
    /// How the customer writes.
    pub channel: String,
    /// Where it stands.
    pub status: Status,
}

/// Begins the conversation.
pub async fn create(
    services: &Services,
    viewer: &Viewer,
    input: CreateConversation,
) -> Result<Written, Error> {
    policy::write(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["input", "workspaceId"])?;
    let mut checks = Checks::default();
    input.customer.check(&mut checks, &["input", "customer"]);
    checks.required(&input.channel, WORD_MAX, &["input", "channel"]);
    let name = checks.line(input.name.clone().into(), LINE_MAX, &["input", "name"]);
    checks.finish()?;
    with_retries(|| once(services, viewer, workspace, &input, &name)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    input: &CreateConversation,
    name: &Patch<String>,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let missing = || UserError::not_found("There is no such customer.", &["input", "customer"]);
    let (customer, customer_created) = match &input.customer {
        CustomerIdentifier::Email(email) if viewer.as_customer().is_none() => {
            find_or_make(services, &mut transaction, viewer, workspace, email, None).await?
        }
        identifier => (
            identifier
                .find(&transaction, viewer, Some(workspace))
                .await?
                .ok_or_else(missing)?,
            false,
        ),
    };
    let now = services.clock.now();
    let mut row = open(
        services,
        workspace,
        customer.id,
        name.clone().over(&None),
        &input.channel,
        now,
    );
    row.status = input.status;
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::conversation_created(&row));
    let cursor = transaction.commit(viewer).await?;
    Ok(Written {
        conversation: row,
        customer_created,
        cursor,
    })
}

/// A conversation without messages.
pub fn open(
    services: &Services,
    workspace: WorkspaceId,
    customer: CustomerId,
    name: Option<String>,
    channel: &str,
    created_at: Timestamp,
) -> Model {
    Model {
        id: services.clock.id(),
        workspace_id: workspace,
        customer_id: customer,
        name,
        channel: channel.to_owned(),
        status: Status::Open,
        snoozed_until: None,
        message_count: 0,
        last_message_at: None,
        created_at,
        updated_at: created_at,
        version: 1,
    }
}

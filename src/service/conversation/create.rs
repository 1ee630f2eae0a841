//! Creates conversations. An unknown email address creates the customer.

use entity::{
    CustomFields, CustomerId, Timestamp, WorkspaceId,
    conversation::{Model, Status},
};

use super::{
    ConversationFields, Written,
    snooze::{check_time, no_time, not_snoozed, tell_if_snoozed},
};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Services, Transaction, UserError,
        custom_fields::merged,
        customer::{CustomerIdentifier, find_or_make},
        transaction::with_retries,
        validate::{Checks, WORD_MAX},
        workspace_of,
    },
    store::conversation as store,
};

/// Path of errors in custom fields.
const FIELDS: [&str; 2] = ["input", "customFields"];

#[derive(Clone, Debug)]
pub struct CreateConversation {
    /// Workspace of the conversation. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    pub customer: CustomerIdentifier,
    /// Channel through which the customer writes.
    pub channel: String,
    /// Initial status.
    pub status: Status,
    /// The other fields. Customers can set only the name.
    pub fields: ConversationFields,
}

pub async fn create(
    services: &Services,
    viewer: &Viewer,
    mut input: CreateConversation,
) -> Result<Written, Error> {
    policy::write(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    input.customer.check(&mut checks, &["input", "customer"]);
    checks.required(&input.channel, WORD_MAX, &["input", "channel"]);
    let given: Vec<_> = input.fields.given().collect();
    input.fields = input.fields.checked(&mut checks);
    let until = input.fields.snoozed_until.as_set().copied();
    if viewer.as_customer().is_some() {
        for field in given.iter().filter(|field| *field != "name") {
            checks.add(UserError::not_for_customers(&["input", field]));
        }
    }
    check_time(services, until, &mut checks);
    match (input.status, until) {
        (Status::Snoozed, None) => checks.add(no_time()),
        (Status::Open | Status::Done, Some(_)) => checks.add(not_snoozed()),
        _ => {}
    }
    checks.finish()?;
    // Refused before anything is read.
    merged(
        &CustomFields::default(),
        input.fields.custom_fields.clone(),
        &FIELDS,
    )?;
    with_retries(services, || once(services, viewer, workspace, &input)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    input: &CreateConversation,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let missing = || {
        let message = "This customer does not exist in this workspace.";
        UserError::not_found(message, &["input", "customer"])
    };
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
    let mut row = open(services, workspace, customer.id, None, &input.channel, now);
    row.status = input.status;
    row.snoozed_until = input.fields.snoozed_until.as_set().copied();
    input.fields.write(&mut row, "input")?;
    if let Some(id) = &row.external_id {
        let other = store::find_by_external_id(transaction.writing(), &viewer.scope(), workspace, id).await?;
        if let Some(other) = other {
            return Err(
                UserError::external_id_taken("conversation", &other, &["input", "externalId"]).into(),
            );
        }
    }
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::conversation_created(&row));
    let written = |cursor| Written {
        conversation: row,
        customer_created,
        cursor,
    };
    let written = transaction.commit(viewer, written).await?;
    tell_if_snoozed(services, &written.conversation);
    Ok(written)
}

/// Builds a conversation without messages.
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
        created_at,
        updated_at: created_at,
        version: 1,
        ..Model::default()
    }
}

//! Creates conversations. An unknown email address creates the customer.

use entity::{
    CustomFields, CustomerId, Tags, Timestamp, WorkspaceId,
    conversation::{Model, Status},
};

use serde_json::{Map, Value};

use super::{
    Written,
    snooze::{check_time, no_time, not_snoozed, tell_if_snoozed},
};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError,
        custom_fields::merged,
        customer::{CustomerIdentifier, find_or_make},
        transaction::with_retries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, WORD_MAX},
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
    pub name: Option<String>,
    /// Channel through which the customer writes.
    pub channel: String,
    /// Initial status.
    pub status: Status,
    /// Time when a snoozed conversation opens again.
    pub snoozed_until: Option<Timestamp>,
    pub tags: Vec<String>,
    /// Id in the caller's system.
    pub external_id: Option<String>,
    pub custom_fields: Patch<Map<String, Value>>,
}

/// Validated input in its stored form.
struct NormalizedInput {
    name: Option<String>,
    tags: Tags,
    external_id: Option<String>,
    custom_fields: CustomFields,
}

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
    let tags = checks.tags(input.tags.clone(), &["input", "tags"]);
    let external_id = input.external_id.clone().into();
    let external_id = checks.line(external_id, EXTERNAL_ID_MAX, &["input", "externalId"]);
    let custom_fields = checks.custom_fields(input.custom_fields.clone(), &FIELDS);
    if viewer.as_customer().is_some() {
        let agents_only = [
            ("snoozedUntil", input.snoozed_until.is_some()),
            ("tags", !input.tags.is_empty()),
            ("externalId", input.external_id.is_some()),
            ("customFields", input.custom_fields.is_given()),
        ];
        for (field, _) in agents_only.into_iter().filter(|(_, given)| *given) {
            checks.add(UserError::not_for_customers(&["input", field]));
        }
    }
    check_time(services, input.snoozed_until, &mut checks);
    match (input.status, input.snoozed_until) {
        (Status::Snoozed, None) => checks.add(no_time()),
        (Status::Open | Status::Done, Some(_)) => checks.add(not_snoozed()),
        _ => {}
    }
    checks.finish()?;
    let given = NormalizedInput {
        name: name.over(&None),
        tags,
        external_id: external_id.over(&None),
        custom_fields: merged(&CustomFields::default(), custom_fields, &FIELDS)?,
    };
    with_retries(services, || once(services, viewer, workspace, &input, &given)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    input: &CreateConversation,
    given: &NormalizedInput,
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
    let mut row = open(
        services,
        workspace,
        customer.id,
        given.name.clone(),
        &input.channel,
        now,
    );
    row.status = input.status;
    row.snoozed_until = input.snoozed_until;
    row.tags = given.tags.clone();
    row.external_id.clone_from(&given.external_id);
    row.custom_fields = given.custom_fields.clone();
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
        status: Status::Open,
        snoozed_until: None,
        queue_id: None,
        tags: Tags::default(),
        custom_fields: CustomFields::default(),
        external_id: None,
        message_count: 0,
        last_message_at: None,
        created_at,
        updated_at: created_at,
        version: 1,
    }
}

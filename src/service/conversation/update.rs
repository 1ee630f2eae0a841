//! Changes fields of a conversation.

use entity::{ConversationId, Timestamp, conversation::Status};

use super::Written;
use crate::{
    auth::{Viewer, policy},
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
    },
    store::conversation as store,
};

/// What a caller says of a conversation, field by field.
#[derive(Clone, Debug, Default)]
pub struct ConversationFields {
    /// Short name.
    pub name: Patch<String>,
    /// Where it stands.
    pub status: Patch<Status>,
    /// Until when it sleeps.
    pub snoozed_until: Patch<Timestamp>,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct UpdateConversation {
    /// Which.
    pub id: ConversationId,
    /// What.
    pub fields: ConversationFields,
}

/// Changes the conversation.
pub async fn update(
    services: &Services,
    viewer: &Viewer,
    input: UpdateConversation,
) -> Result<Written, Error> {
    policy::work(viewer)?;
    let mut checks = Checks::default();
    let name = checks.line(input.fields.name.clone(), LINE_MAX, &["input", "name"]);
    if input.fields.status == Patch::Clear {
        checks.add(UserError::new(
            UserErrorCode::Required,
            "The status cannot be cleared.",
            &["input", "status"],
        ));
    }
    if input
        .fields
        .snoozed_until
        .as_set()
        .is_some_and(|until| *until <= services.clock.now())
    {
        let message = "A conversation can only sleep until a moment in the future.";
        checks.add(UserError::new(
            UserErrorCode::Invalid,
            message,
            &["input", "snoozedUntil"],
        ));
    }
    checks.finish()?;
    let fields = ConversationFields { name, ..input.fields };
    with_retries(|| once(services, viewer, input.id, &fields)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    id: ConversationId,
    fields: &ConversationFields,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let found = store::find_to_change(transaction.writing(), &viewer.scope(), id).await?;
    let mut row = found.ok_or_else(|| UserError::not_found("There is no such conversation.", &["id"]))?;
    let mut changes = FieldChanges::default();
    let name = fields.name.clone().over(&row.name);
    changes.set("name", &mut row.name, name);
    let status = fields.status.clone().over_required(&row.status, row.status);
    let until = fields.snoozed_until.clone().over(&row.snoozed_until);
    // Only a sleeping conversation wakes up: a moment without the status is a mistake, an old moment goes with it.
    let until = match (status, &fields.snoozed_until) {
        (Status::Snoozed, _) => until,
        (_, Patch::Set(_)) => {
            let message = "Only a conversation that is SNOOZED sleeps until a moment.";
            return Err(UserError::new(UserErrorCode::Invalid, message, &["input", "snoozedUntil"]).into());
        }
        _ => None,
    };
    changes.set("status", &mut row.status, status);
    changes.set("snoozedUntil", &mut row.snoozed_until, until);
    if !changes.is_empty() {
        row.updated_at = services.clock.now();
        row.version += 1;
        store::update(transaction.writing(), row.clone()).await?;
        transaction.record(NewEvent::conversation_updated(&row, changes));
    }
    let cursor = transaction.commit(viewer).await?;
    Ok(Written {
        conversation: row,
        customer_created: false,
        cursor,
    })
}

//! The change log in the API.

mod filter;
mod noun;
mod query;
mod subscription;

use async_graphql::{Context, Enum, ID, Interface, Object, SimpleObject};
use entity::{
    AgentId, ApiKeyId, ConversationId, CustomerId, MessageId, TicketId, Word, change,
    change::{ActorKind, Model},
};

use noun::{ConversationChange, CustomerChange, TicketChange};
pub use query::ChangeQuery;
pub use subscription::ChangeSubscription;

use super::{
    actor::Actor, agent::Agent, api_key::ApiKey, conversation::Conversation, customer::Customer,
    message::Message, node::Node, ticket::Ticket,
};
use crate::{
    auth::policy,
    events::{Event, SharedEvent},
    graphql::{
        context::ContextExt,
        error::Result,
        loaders::{AgentById, ApiKeyById, ConversationById, CustomerById, MessageById, TicketById},
        scalars::{ChangeCursor, DateTime, JsonValue},
    },
};

/// Kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::Kind")]
pub enum ChangeKind {
    /// The object was created.
    Created,
    /// Fields of the object changed; `changedFields` lists them. New messages and computed figures alone cause
    /// no update.
    Updated,
    /// The object was deleted.
    Deleted,
}

/// Type of the object that a change belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::Object")]
pub enum ObjectType {
    /// The object is a customer.
    Customer,
    /// The object is a conversation.
    Conversation,
    /// The object is a ticket.
    Ticket,
    /// The object is a message.
    Message,
}

/// The change of one field in an update.
#[derive(Clone, Debug, SimpleObject)]
pub struct FieldChange {
    /// Name of the field in the schema. `customFields.KEY` for one custom field. Assignments are `assignedTo`,
    /// `assigneeIds`, `teamId`, `teamIds` and `queueId`, with ids as values.
    field: String,
    /// Value before the change, in the form in which the schema returns it. Null when the field had no value.
    before: Option<JsonValue>,
    /// Value after the change, in the form in which the schema returns it. Null when the field has no value.
    after: Option<JsonValue>,
}

/// An event of the change log. `Change` covers objects of every type; the other types contain the changed object in
/// a field of its own.
#[derive(Interface)]
#[graphql(
    field(
        name = "change_cursor",
        ty = "ChangeCursor",
        desc = "Position of the event in the change log of the workspace. Pass it as `after` to continue after this\n\
                event."
    ),
    field(
        name = "name",
        ty = "&'static str",
        desc = "Name of the event: the type of the changed object, a dot, and `created`, `updated` or `deleted`."
    ),
    field(
        name = "kind",
        ty = "ChangeKind",
        desc = "Kind of the change: created, updated or deleted."
    ),
    field(
        name = "changed_fields",
        ty = "Vec<FieldChange>",
        desc = "Fields that an update changed, with their values before and after. Fields that the viewer does not see\n\
                are left out. Empty for a creation or a deletion, and after the customer to whom the event belongs was\n\
                deleted."
    ),
    field(
        name = "actor",
        ty = "Option<Actor>",
        desc = "Agent, customer or API key that made the change. Null for commands and imports of the operator, for\n\
                changes by the gateway itself, and when the actor was deleted or the viewer does not see it."
    ),
    field(
        name = "at",
        ty = "DateTime",
        desc = "Time when the event was written, in UTC."
    )
)]
pub enum EntityChange {
    /// An event of an object of any type.
    Change(Change),
    /// An event of a customer.
    Customer(CustomerChange),
    /// An event of a ticket.
    Ticket(TicketChange),
    /// An event of a conversation.
    Conversation(ConversationChange),
}

/// An event of the change log: the creation, update or deletion of a customer, ticket, conversation or message.
/// A customer receives only events of its own objects. Events of internal messages require the grant
/// `CUSTOMER_NOTES`.
#[derive(Clone)]
pub struct Change(pub SharedEvent);

/// An event of the change log: the creation, update or deletion of a customer, ticket, conversation or message.
/// A customer receives only events of its own objects. Events of internal messages require the grant
/// `CUSTOMER_NOTES`.
#[Object]
impl Change {
    /// Position of the event in the change log of the workspace. Pass it as `after` to continue after this
    /// event.
    pub async fn change_cursor(&self) -> ChangeCursor {
        cursor(&self.0)
    }

    /// Name of the event: `customer.created`, `customer.updated`, `customer.deleted`, `ticket.created`,
    /// `ticket.updated`, `ticket.deleted`, `conversation.created`, `conversation.updated`,
    /// `conversation.deleted`, `message.created` or `message.deleted`.
    pub async fn name(&self) -> &'static str {
        self.0.name.word()
    }

    /// Kind of the change: created, updated or deleted.
    pub async fn kind(&self) -> ChangeKind {
        self.0.name.parts().1.into()
    }

    /// Type of the object that changed.
    async fn object_type(&self) -> ObjectType {
        self.0.name.parts().0.into()
    }

    /// Id of the object that changed, also after its deletion.
    async fn object_id(&self) -> ID {
        let id = self.0.object_id;
        match self.0.name.parts().0 {
            change::Object::Customer => CustomerId(id).into(),
            change::Object::Ticket => TicketId(id).into(),
            change::Object::Conversation => ConversationId(id).into(),
            change::Object::Message => MessageId(id).into(),
        }
    }

    /// Fields that an update changed, with their values before and after. Fields that the viewer does not see
    /// are left out. Empty for a creation or a deletion, and after the customer to whom the event belongs was
    /// deleted.
    pub async fn changed_fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
        changed_fields(ctx, &self.0)
    }

    /// The object as it is now, which can be later than the event. Null when it was deleted or the viewer does
    /// not see it.
    async fn node(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let (id, loaders) = (self.0.object_id, ctx.loaders());
        Ok(match self.0.name.parts().0 {
            change::Object::Customer => {
                let row = loaders.load(CustomerById(CustomerId(id))).await?;
                row.map(|row| Node::Customer(Customer(row)))
            }
            change::Object::Ticket => {
                let row = loaders.load(TicketById(TicketId(id))).await?;
                row.map(|row| Node::Ticket(Ticket(row)))
            }
            change::Object::Conversation => {
                let row = loaders.load(ConversationById(ConversationId(id))).await?;
                row.map(|row| Node::Conversation(Conversation(row)))
            }
            change::Object::Message => {
                let row = loaders.load(MessageById(MessageId(id))).await?;
                row.map(|row| {
                    let place = (self.0.name == change::Name::MessageCreated).then(|| self.0.place());
                    Node::Message(Message::at(row, place))
                })
            }
        })
    }

    /// Agent, customer or API key that made the change. Null for commands and imports of the operator, for
    /// changes by the gateway itself, and when the actor was deleted or the viewer does not see it.
    pub async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        actor(ctx, &self.0).await
    }

    /// Time when the event was written, in UTC.
    pub async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// Returns the position of an event in its log.
fn cursor(event: &Event) -> ChangeCursor {
    ChangeCursor(event.cursor())
}

/// Returns the field changes of an event that the viewer sees.
fn changed_fields(ctx: &Context<'_>, event: &Model) -> Vec<FieldChange> {
    let fields = event.fields.as_ref().and_then(serde_json::Value::as_object);
    let seen = fields
        .into_iter()
        .flatten()
        .filter(|(field, _)| policy::see_change(ctx.viewer(), field).is_ok());
    let value = |change: &serde_json::Value, side: &str| {
        let value = change.get(side).filter(|value| !value.is_null());
        value.cloned().map(JsonValue)
    };
    seen.map(|(field, change)| FieldChange {
        field: field.clone(),
        before: value(change, "before"),
        after: value(change, "after"),
    })
    .collect()
}

/// Returns the actor of an event, if the viewer sees it.
async fn actor(ctx: &Context<'_>, event: &Model) -> Result<Option<Actor>> {
    let Some(id) = event.actor_id else {
        return Ok(None);
    };
    let loaders = ctx.loaders();
    Ok(match event.actor_kind {
        ActorKind::Agent => {
            let row = loaders.load(AgentById(AgentId(id))).await?;
            row.map(|row| Actor::Agent(Agent(row)))
        }
        ActorKind::Customer => {
            let row = loaders.load(CustomerById(CustomerId(id))).await?;
            row.map(|row| Actor::Customer(Customer(row)))
        }
        ActorKind::ApiKey => {
            let row = loaders.load(ApiKeyById(ApiKeyId(id))).await?;
            row.map(|row| Actor::ApiKey(ApiKey(row)))
        }
        ActorKind::Operator | ActorKind::System => None,
    })
}

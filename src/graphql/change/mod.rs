//! The change log, as clients see it.

mod filter;
mod noun;
mod query;
mod subscription;

use async_graphql::{Context, Enum, ID, Object, SimpleObject, Union};
use entity::{
    AgentId, ApiKeyId, ConversationId, CustomerId, MessageId, TicketId, change,
    change::{ActorKind, Model},
};

pub use query::ChangeQuery;
pub use subscription::ChangeSubscription;

use super::{
    agent::Agent,
    api_key::ApiKey,
    context::ContextExt,
    conversation::Conversation,
    customer::Customer,
    error::Result,
    loaders::{AgentById, ApiKeyById, ConversationById, CustomerById, MessageById, TicketById},
    message::Message,
    node::Node,
    scalars::{ChangeCursor, DateTime, JsonValue},
    ticket::Ticket,
};
use crate::{
    auth::policy,
    events::{Event, SharedEvent},
};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::Kind")]
pub enum ChangeKind {
    /// Something was made.
    Created,
    /// Fields of something changed.
    Updated,
    /// Something was deleted.
    Deleted,
}

/// What kind of thing a change happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::Object")]
pub enum ObjectType {
    /// A customer.
    Customer,
    /// A ticket.
    Ticket,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
}

/// What an update did to one field.
#[derive(Clone, Debug, SimpleObject)]
pub struct FieldChange {
    /// The field's name in the schema; `customFields.KEY` for one of the team's own, `assigneeIds`, `teamIds`, `teamId`
    /// and `queueId` for who has it.
    field: String,
    /// Its value before, as the schema writes it.
    before: Option<JsonValue>,
    /// Its value after.
    after: Option<JsonValue>,
}

/// Who made a change.
#[derive(Union)]
pub enum Actor {
    /// A person who answers.
    Agent(Agent),
    /// A person who asks.
    Customer(Customer),
    /// A program.
    ApiKey(ApiKey),
}

/// Something that happened to a customer, a ticket, a conversation or a message.
#[derive(Clone)]
pub struct Change(pub SharedEvent);

/// Something that happened to a customer, a ticket, a conversation or a message.
#[Object]
impl Change {
    /// Its place in the workspace's change log: give it as `after` to go on from here.
    async fn cursor(&self) -> ChangeCursor {
        cursor(&self.0)
    }

    /// customer.created, customer.updated, customer.deleted, ticket.created, ticket.updated, ticket.deleted,
    /// conversation.created, conversation.updated, conversation.deleted, message.created, message.deleted.
    async fn name(&self) -> &'static str {
        self.0.name.wire()
    }

    /// What kind of change it is.
    async fn kind(&self) -> ChangeKind {
        self.0.name.parts().1.into()
    }

    /// What kind of thing it happened to.
    async fn object_type(&self) -> ObjectType {
        self.0.name.parts().0.into()
    }

    /// The id of that thing.
    async fn object_id(&self) -> ID {
        let id = self.0.object_id;
        match self.0.name.parts().0 {
            change::Object::Customer => CustomerId(id).into(),
            change::Object::Ticket => TicketId(id).into(),
            change::Object::Conversation => ConversationId(id).into(),
            change::Object::Message => MessageId(id).into(),
        }
    }

    /// Names and values, before and after, of what an update changed; without those that the viewer may not see. Empty
    /// for what was made or deleted, and for things of a customer who was deleted since.
    async fn changed_fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
        changed_fields(ctx, &self.0)
    }

    /// The thing as it is now; null when it is gone or not visible.
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

    /// Who made it; null when it was the operator or the gateway itself, when it is gone, or is not visible.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        actor(ctx, &self.0).await
    }

    /// When it was written.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

/// The place of an event in its log.
fn cursor(event: &Event) -> ChangeCursor {
    ChangeCursor(event.cursor())
}

/// What an event says of fields, as far as the viewer may see them.
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

/// Who caused an event, when the viewer may see them.
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

//! Changes of one kind of thing: a change with the thing itself in the place of a node.

use async_graphql::{Context, ID, Object};
use entity::{ConversationId, CustomerId, TicketId};

use super::{Actor, ChangeKind, FieldChange, actor, changed_fields, cursor};
use crate::{
    events::SharedEvent,
    graphql::{
        context::ContextExt,
        conversation::Conversation,
        customer::Customer,
        error::Result,
        loaders::{ConversationById, CustomerById, TicketById},
        scalars::{ChangeCursor, DateTime},
        ticket::Ticket,
    },
};

macro_rules! change_of {
    (
        $(#[$doc:meta])* $name:ident,
        $(#[$id_doc:meta])* $id:ident: $id_type:ident,
        $(#[$thing_doc:meta])* $thing:ident: $thing_type:ident by $question:ident
    ) => {
        $(#[$doc])*
        pub struct $name(pub SharedEvent);

        $(#[$doc])*
        #[Object]
        impl $name {
            /// Its place in the workspace's change log: give it as `after` to go on from here.
            async fn cursor(&self) -> ChangeCursor {
                cursor(&self.0)
            }

            /// What happened: the noun, a dot, and created, updated or deleted.
            async fn name(&self) -> &'static str {
                self.0.name.wire()
            }

            /// What kind of change it is.
            async fn kind(&self) -> ChangeKind {
                self.0.name.parts().1.into()
            }

            $(#[$id_doc])*
            async fn $id(&self) -> ID {
                $id_type(self.0.object_id).into()
            }

            $(#[$thing_doc])*
            async fn $thing(&self, ctx: &Context<'_>) -> Result<Option<$thing_type>> {
                let row = ctx.loaders().load($question($id_type(self.0.object_id))).await?;
                Ok(row.map($thing_type))
            }

            /// Names and values, before and after, of what an update changed; without those that the viewer may not
            /// see.
            async fn changed_fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
                changed_fields(ctx, &self.0)
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
    };
}

change_of!(
    /// Something that happened to a ticket.
    TicketChange,
    /// The id of the ticket.
    ticket_id: TicketId,
    /// The ticket as it is now; null when it is gone.
    ticket: Ticket by TicketById
);
change_of!(
    /// Something that happened to a conversation.
    ConversationChange,
    /// The id of the conversation.
    conversation_id: ConversationId,
    /// The conversation as it is now; null when it is gone.
    conversation: Conversation by ConversationById
);
change_of!(
    /// Something that happened to a customer.
    CustomerChange,
    /// The id of the customer.
    customer_id: CustomerId,
    /// The customer as it is now; null when it is gone.
    customer: Customer by CustomerById
);

//! Changes of one object type: a change with a typed object in place of `node`.

use async_graphql::{Context, ID, Object};
use entity::{ConversationId, CustomerId, TicketId, Word};

use super::{ChangeKind, FieldChange, actor, changed_fields, cursor};
use crate::{
    events::SharedEvent,
    graphql::{
        context::ContextExt,
        error::Result,
        loaders::{ConversationById, CustomerById, TicketById},
        nouns::{actor::Actor, conversation::Conversation, customer::Customer, ticket::Ticket},
        scalars::{ChangeCursor, DateTime},
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
            /// Position of the event in the change log of the workspace. Pass it as `after` to continue after
            /// this event.
            pub async fn change_cursor(&self) -> ChangeCursor {
                cursor(&self.0)
            }

            /// Name of the event: the type of the changed object, a dot, and `created`, `updated` or
            /// `deleted`.
            pub async fn name(&self) -> &'static str {
                self.0.name.word()
            }

            /// Kind of the change: created, updated or deleted.
            pub async fn kind(&self) -> ChangeKind {
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

            /// Fields that an update changed, with their values before and after. Fields that the viewer does
            /// not see are left out. Empty for a creation or a deletion, and after the customer to whom the
            /// event belongs was deleted.
            pub async fn changed_fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
                changed_fields(ctx, &self.0)
            }

            /// Agent, customer or API key that made the change. Null for commands and imports of the operator,
            /// for changes by the gateway itself, and when the actor was deleted or the viewer does not see it.
            pub async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
                actor(ctx, &self.0).await
            }

            /// Time when the event was written, in UTC.
            pub async fn at(&self) -> DateTime {
                self.0.at.into()
            }
        }
    };
}

change_of!(
    /// An event of the change log: the creation, update or deletion of a ticket.
    TicketChange,
    /// Id of the ticket, also after its deletion.
    ticket_id: TicketId,
    /// The ticket as it is now, which can be later than the event. Null when it was deleted.
    ticket: Ticket by TicketById
);
change_of!(
    /// An event of the change log: the creation, update or deletion of a conversation.
    ConversationChange,
    /// Id of the conversation, also after its deletion.
    conversation_id: ConversationId,
    /// The conversation as it is now, which can be later than the event. Null when it was deleted.
    conversation: Conversation by ConversationById
);
change_of!(
    /// An event of the change log: the creation, update or deletion of a customer.
    CustomerChange,
    /// Id of the customer, also after its deletion.
    customer_id: CustomerId,
    /// The customer as it is now, which can be later than the event. Null when it was deleted.
    customer: Customer by CustomerById
);

//! Which changes.

use async_graphql::{ID, InputObject};
use entity::change::Name;

use super::{ChangeKind, ObjectType};
use crate::{
    graphql::{
        error::Result,
        filters::{self, Place},
        id,
    },
    store::change as store,
};

/// Which changes. Conditions in one object hold all at once.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ChangeFilter {
    /// What it happened to: one of these.
    object_types: Option<Vec<ObjectType>>,
    /// What kind of change it is: one of these.
    kinds: Option<Vec<ChangeKind>>,
    /// Those that concern this customer: the customer itself, its tickets, conversations and messages.
    customer_id: Option<ID>,
    /// Those that concern this ticket: the ticket itself and its messages.
    ticket_id: Option<ID>,
    /// Those that concern this conversation: the conversation itself, its tickets and its messages.
    conversation_id: Option<ID>,
}

impl ChangeFilter {
    /// As the store takes it.
    pub fn read(self) -> Result<store::ChangeFilter> {
        let place = Place::argument("filter");
        let types = filters::values(self.object_types, &place.field("objectTypes"))?;
        let kinds = filters::values(self.kinds, &place.field("kinds"))?;
        let fits = |name: &Name| {
            let (object, kind) = name.parts();
            types.as_ref().is_none_or(|types| types.contains(&object.into()))
                && kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind.into()))
        };
        let names =
            (types.is_some() || kinds.is_some()).then(|| Name::ALL.into_iter().filter(fits).collect());
        Ok(store::ChangeFilter {
            names,
            customer: id::optional("filter.customerId", self.customer_id.as_ref())?,
            ticket: id::optional("filter.ticketId", self.ticket_id.as_ref())?,
            conversation: id::optional("filter.conversationId", self.conversation_id.as_ref())?,
        })
    }
}

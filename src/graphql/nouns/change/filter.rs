//! Filter of changes.

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{Word, change::Name};

use super::{ChangeKind, ObjectType};
use crate::{
    graphql::{
        error::Result,
        filters::{ArgumentPath, any_of, given, id},
    },
    store::change as store,
};

/// Conditions on changes. A change must meet all of them. Null in place of a condition is refused.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ChangeFilter {
    /// Changes of objects of these types. An empty list matches no change.
    object_types: MaybeUndefined<Vec<ObjectType>>,
    /// Changes of these kinds. An empty list matches no change.
    kinds: MaybeUndefined<Vec<ChangeKind>>,
    /// Changes of this customer and of its tickets, conversations and messages.
    customer_id: MaybeUndefined<ID>,
    /// Changes of this ticket and of its messages.
    ticket_id: MaybeUndefined<ID>,
    /// Changes of this conversation and of its tickets and messages.
    conversation_id: MaybeUndefined<ID>,
}

impl ChangeFilter {
    /// Converts the filter into the form of the store.
    pub fn read(self) -> Result<store::ChangeFilter> {
        let place = &ArgumentPath::argument("filter");
        let types: Option<Vec<ObjectType>> = given(self.object_types, place, "objectTypes", any_of)?;
        let kinds: Option<Vec<ChangeKind>> = given(self.kinds, place, "kinds", any_of)?;
        let fits = |name: &Name| {
            let (object, kind) = name.parts();
            types.as_ref().is_none_or(|types| types.contains(&object.into()))
                && kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind.into()))
        };
        let names =
            (types.is_some() || kinds.is_some()).then(|| Name::ALL.iter().copied().filter(fits).collect());
        Ok(store::ChangeFilter {
            names,
            customer: given(self.customer_id, place, "customerId", id)?,
            ticket: given(self.ticket_id, place, "ticketId", id)?,
            conversation: given(self.conversation_id, place, "conversationId", id)?,
        })
    }
}

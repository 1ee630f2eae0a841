//! Filter of changes.

use async_graphql::{ID, InputObject, MaybeUndefined, resolver_utils::EnumType};
use entity::{Word, change::Name};

use super::{ChangeKind, ObjectType};
use crate::{
    auth::{Viewer, policy},
    graphql::{
        error::{Result, bad_input},
        filters::{ArgumentPath, any_of, given, id, texts},
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
    /// Changes with these names: `ticket.created`, or `ticket.*` for every change of tickets. Up to 100
    /// names. An empty list matches no change. An unknown name is refused with `BAD_USER_INPUT`.
    names: MaybeUndefined<Vec<String>>,
    /// Updates that changed at least one of these fields: the object type, a dot and the name in
    /// `FieldChange.field`, such as `TICKET.status` or `CUSTOMER.customFields.plan`. Up to 100 names.
    /// Creations and deletions do not match. An empty list matches no change. An unknown object type is
    /// refused with `BAD_USER_INPUT`.
    changed_fields: MaybeUndefined<Vec<String>>,
    /// Changes of this customer and of its tickets, conversations and messages.
    customer_id: MaybeUndefined<ID>,
    /// Changes of this ticket and of its messages.
    ticket_id: MaybeUndefined<ID>,
    /// Changes of this conversation and of its tickets and messages.
    conversation_id: MaybeUndefined<ID>,
}

impl ChangeFilter {
    /// Converts the filter into the form of the store. Fields that the viewer does not see match no change.
    pub fn read(self, viewer: &Viewer) -> Result<store::ChangeFilter> {
        let place = &ArgumentPath::argument("filter");
        let types: Option<Vec<ObjectType>> = given(self.object_types, place, "objectTypes", any_of)?;
        let kinds: Option<Vec<ChangeKind>> = given(self.kinds, place, "kinds", any_of)?;
        let listed: Option<Vec<Name>> = given(self.names, place, "names", names)?;
        let changed: Option<Vec<store::ChangedField>> =
            given(self.changed_fields, place, "changedFields", changed_fields)?;
        let is_seen = |changed: &store::ChangedField| policy::see_change(viewer, &changed.field).is_ok();
        let fits = |name: &Name| {
            let (object, kind) = name.parts();
            types.as_ref().is_none_or(|types| types.contains(&object.into()))
                && kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind.into()))
                && listed.as_ref().is_none_or(|listed| listed.contains(name))
        };
        let names = (types.is_some() || kinds.is_some() || listed.is_some())
            .then(|| Name::ALL.iter().copied().filter(fits).collect());
        Ok(store::ChangeFilter {
            names,
            changed: changed.map(|changed| changed.into_iter().filter(is_seen).collect()),
            customer: given(self.customer_id, place, "customerId", id)?,
            ticket: given(self.ticket_id, place, "ticketId", id)?,
            conversation: given(self.conversation_id, place, "conversationId", id)?,
        })
    }
}

/// Reads names of events. A name that ends with `.*` stands for all events of one type of object.
fn names(list: Vec<String>, place: &ArgumentPath) -> Result<Vec<Name>> {
    let mut names = Vec::new();
    for (index, text) in texts(list, place)?.iter().enumerate() {
        let before = names.len();
        names.extend(Name::ALL.iter().copied().filter(|name| {
            let word = name.word();
            let object = word.split_once('.').map(|(object, _)| object);
            word == text || object.is_some() && object == text.strip_suffix(".*")
        }));
        if names.len() == before {
            return Err(bad_input(
                place.field(&index.to_string()).path(),
                "is not the name of an event, such as `ticket.created` or `ticket.*`.",
            ));
        }
    }
    Ok(names)
}

/// Reads names of fields with the types of their objects.
fn changed_fields(list: Vec<String>, place: &ArgumentPath) -> Result<Vec<store::ChangedField>> {
    let read = |(index, text): (usize, String)| {
        let parts = text.split_once('.').filter(|(_, field)| !field.is_empty());
        let found = parts.and_then(|(object, field)| {
            let mut types = ObjectType::items().iter();
            let object = types.find(|item| item.name == object)?.value;
            Some(store::ChangedField {
                object: object.into(),
                field: field.to_owned(),
            })
        });
        found.ok_or_else(|| {
            bad_input(
                place.field(&index.to_string()).path(),
                "must be an object type, a dot and the name of a field, such as `TICKET.status`.",
            )
        })
    };
    texts(list, place)?.into_iter().enumerate().map(read).collect()
}

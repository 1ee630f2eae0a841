//! Fields that an object can tell by itself.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, Positioned, Result,
    parser::types::{Field, FragmentDefinition, SelectionSet},
    registry::Registry,
};
use futures_util::FutureExt;

use super::{
    json::Json,
    leaf::Leaf,
    relation::Relation,
    selection::{Selection, place},
};

/// Writes one field of an object as JSON. None when the object cannot tell it by itself after all. The context is that of
/// the object, not of the field: it tells who asks.
pub type Write<T> = Box<dyn Fn(&T, &Context<'_>, &mut Json) -> Option<()> + Send + Sync>;

/// An object with fields that nothing but itself is needed for.
pub trait PlainObject: ContainerType + Sized + 'static {
    /// How such a field is written; none for all others.
    fn plain(field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<Write<Self>>;

    /// How a field is read and written that shows other objects, of which everything can be told in this way.
    fn related(_: &Positioned<Field>, _: Compiling<'_>) -> Option<Box<dyn Relation<Self>>> {
        None
    }
}

/// What a selection is compiled with.
#[derive(Clone, Copy)]
pub struct Compiling<'a> {
    /// The request, in which the selection stands somewhere.
    pub ctx: &'a ContextSelectionSet<'a>,
    /// The places of selections in which something has to be asked.
    pub asking: &'a RefCell<HashSet<usize>>,
}

impl Compiling<'_> {
    /// The types of the schema.
    pub fn registry(&self) -> &Registry {
        &self.ctx.schema_env.registry
    }

    /// The fragments of the document.
    pub fn fragments(&self) -> &HashMap<Name, Positioned<FragmentDefinition>> {
        &self.ctx.query_env.fragments
    }

    /// Whether a field of a type may be null.
    pub fn is_nullable(&self, type_name: &str, field: &str) -> Option<bool> {
        let known = self.registry().types.get(type_name)?;
        Some(!known.field_by_name(field)?.ty.ends_with('!'))
    }

    /// A selection of an object inside another, when nothing of it has to be asked.
    pub fn inside<T: PlainObject>(&self, set: &Positioned<SelectionSet>) -> Option<Selection<T>> {
        let place = place(set);
        if self.asking.borrow().contains(&place) {
            return None;
        }
        let selection = Selection::compile(set, *self, false);
        if selection.is_none() {
            self.asking.borrow_mut().insert(place);
        }
        selection
    }
}

/// Writes what a resolver answers that waits for nothing.
pub fn leaf<L: Leaf>(resolved: impl Future<Output = Result<L>>, json: &mut Json) -> Option<()> {
    let value = resolved.now_or_never()?.ok()?;
    value.write(json);
    Some(())
}

/// Names the resolvers of an object that need nothing but the object and who asks, so that each is called without the
/// library. Of a noun, its relations are found where it tells them.
macro_rules! plain_fields {
    ($object:ty $(, of $noun:ty)?: $($resolver:ident),+ $(,)?) => {
        impl $crate::graphql::output::PlainObject for $object {
            fn plain(
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
                _: $crate::graphql::output::Compiling<'_>,
            ) -> Option<$crate::graphql::output::Write<Self>> {
                let name = field.node.name.node.as_str();
                $(if $crate::graphql::output::is_named(name, stringify!($resolver)) {
                    return Some(Box::new(|object: &Self, ctx: &async_graphql::Context<'_>, json: &mut $crate::graphql::output::Json| {
                        $crate::graphql::output::leaf(object.$resolver(ctx), json)
                    }));
                })+
                None
            }

            $(fn related(
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
                compiling: $crate::graphql::output::Compiling<'_>,
            ) -> Option<Box<dyn $crate::graphql::output::Relation<Self>>> {
                $crate::graphql::relations::of::<$noun>(field, compiling)
            })?
        }
    };
}

pub(in crate::graphql) use plain_fields;

/// Whether a field is the one that a resolver makes: `firstName` and `first_name`.
pub fn is_named(field: &str, resolver: &str) -> bool {
    let mut letters = resolver.chars();
    let mut camel = std::iter::from_fn(|| {
        let letter = letters.next()?;
        if letter == '_' {
            letters.next().map(|letter| letter.to_ascii_uppercase())
        } else {
            Some(letter)
        }
    });
    field.chars().all(|letter| camel.next() == Some(letter)) && camel.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_the_schema_names_them() {
        for (field, resolver) in [
            ("id", "id"),
            ("firstName", "first_name"),
            ("lastTicketAt", "last_ticket_at"),
        ] {
            assert!(is_named(field, resolver), "{field}");
        }
        for (field, resolver) in [
            ("id", "ids"),
            ("ids", "id"),
            ("first_name", "first_name"),
            ("", "a"),
        ] {
            assert!(!is_named(field, resolver), "{field}");
        }
    }
}

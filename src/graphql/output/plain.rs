//! Fields that are computed from the object alone.

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

/// Writes one field of an object as JSON. `None` if the library must resolve the field. The context is that of the
/// object and not of the field. It contains the viewer.
pub type Write<T> = Box<dyn Fn(&T, &Context<'_>, &mut Json) -> Option<()> + Send + Sync>;

/// An object with fields that are computed from the object and the viewer alone.
pub trait PlainObject: ContainerType + Sized + 'static {
    /// Returns the function that writes a field. `None` for fields that need more than the object.
    fn plain(field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<Write<Self>>;

    /// Returns the relation of a field that returns other objects, if their selections consist of plain fields and
    /// relations only.
    fn related(_: &Positioned<Field>, _: Compiling<'_>) -> Option<Box<dyn Relation<Self>>> {
        None
    }
}

/// The context in which a selection is compiled.
#[derive(Clone, Copy)]
pub struct Compiling<'a> {
    /// The context of the request.
    pub ctx: &'a ContextSelectionSet<'a>,
    /// Places of selections that need a resolver of the library.
    pub asking: &'a RefCell<HashSet<usize>>,
}

impl Compiling<'_> {
    /// Returns the types of the schema.
    pub fn registry(&self) -> &Registry {
        &self.ctx.schema_env.registry
    }

    /// Returns the fragments of the document.
    pub fn fragments(&self) -> &HashMap<Name, Positioned<FragmentDefinition>> {
        &self.ctx.query_env.fragments
    }

    /// Returns true if a field is nullable. `None` for an unknown field.
    pub fn is_nullable(&self, type_name: &str, field: &str) -> Option<bool> {
        let known = self.registry().types.get(type_name)?;
        Some(!known.field_by_name(field)?.ty.ends_with('!'))
    }

    /// Compiles the selection of a nested object. `None` if it needs a resolver of the library.
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

/// Writes the value of a resolver that does not wait. `None` if it waits or fails.
pub fn leaf<L: Leaf, E>(resolved: impl Future<Output = Result<L, E>>, json: &mut Json) -> Option<()> {
    let value = resolved.now_or_never()?.ok()?;
    value.write(json);
    Some(())
}

/// Lists the resolvers of an object that use only the object and the viewer, so that they are called without the
/// library. A function after the object compiles the fields that return other objects.
macro_rules! plain_fields {
    ($object:ty $(, $related:path)?: $($resolver:ident),+ $(,)?) => {
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
                $related(field, compiling)
            })?
        }
    };
}

pub(in crate::graphql) use plain_fields;

/// Returns true if a resolver belongs to a field, such as `first_name` to `firstName`.
pub fn is_named(field: &str, resolver: &str) -> bool {
    field.chars().eq(entity::word::camel_letters(resolver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolver_names_match_schema_fields_in_camel_case() {
        for (field, resolver) in [
            ("id", "id"),
            ("firstName", "first_name"),
            ("lastTicketAt", "last_ticket_at"),
            ("type", "r#type"),
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

//! Fields that return other objects, loaded for many objects at once.

use async_graphql::Context;
use futures_util::future::BoxFuture;

use super::{json::Json, leaf::write_list, plain::PlainObject, selection::Loaded, selection::Selection};
use crate::graphql::loaders::Loaders;

/// The loaded data of a field.
pub type Load<'a, 's, T> = BoxFuture<'a, Option<Box<dyn Shown<T> + 's>>>;

/// A field that returns other objects. Its data is loaded for all objects of a list before the first object is
/// written.
pub trait Relation<T>: Send + Sync {
    /// Loads the data for these objects. `None` if that failed: the library then repeats it and reports the error.
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a T], loaders: &'a Loaders) -> Load<'a, 's, T>;
}

/// The loaded data of a field, for all objects of the list.
pub trait Shown<T>: Send + Sync {
    /// Writes the field of one object. `None` if the library must resolve it.
    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Json) -> Option<()>;
}

/// Objects that are part of another object. They need no load of their own, but their relations do.
pub struct Parts<T, U> {
    inner: Selection<U>,
    parts: fn(&T) -> Vec<U>,
    is_list: bool,
}

impl<T, U: PlainObject> Parts<T, U> {
    /// Creates the relation for a list of parts.
    pub fn new(inner: Selection<U>, parts: fn(&T) -> Vec<U>) -> Self {
        Self {
            inner,
            parts,
            is_list: true,
        }
    }

    /// Creates the relation for a single part.
    pub fn only(inner: Selection<U>, part: fn(&T) -> Vec<U>) -> Self {
        Self {
            is_list: false,
            ..Self::new(inner, part)
        }
    }
}

impl<T: Sync, U: PlainObject + Send + Sync> Relation<T> for Parts<T, U> {
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a T], loaders: &'a Loaders) -> Load<'a, 's, T> {
        Box::pin(async move {
            // Without relations, the parts are created only when they are written.
            let loaded = if self.inner.has_relations() {
                let all: Vec<U> = objects.iter().flat_map(|object| (self.parts)(object)).collect();
                self.inner.load(&all.iter().collect::<Vec<_>>(), loaders).await?
            } else {
                self.inner.as_it_is()
            };
            let shown: Box<dyn Shown<T>> = Box::new(PartsShown {
                loaded,
                parts: self.parts,
                is_list: self.is_list,
            });
            Some(shown)
        })
    }
}

struct PartsShown<'a, T, U> {
    loaded: Loaded<'a, U>,
    parts: fn(&T) -> Vec<U>,
    is_list: bool,
}

impl<T: Sync, U: PlainObject + Send + Sync> Shown<T> for PartsShown<'_, T, U> {
    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Json) -> Option<()> {
        let parts = (self.parts)(object);
        if self.is_list {
            write_list(&parts, json, |part, json| self.loaded.write(part, ctx, json))
        } else {
            self.loaded.write(parts.first()?, ctx, json)
        }
    }
}

//! Fields that show other objects, read for many at once.

use async_graphql::Context;
use futures_util::future::BoxFuture;

use super::{json::Json, leaf::write_list, plain::PlainObject, selection::Loaded, selection::Selection};
use crate::graphql::loaders::Loaders;

/// What was read for a field, until it is written.
pub type Load<'a, 's, T> = BoxFuture<'a, Option<Box<dyn Shown<T> + 's>>>;

/// A field that shows other objects. What it needs is read for all objects of a list at once, before the first of them is
/// written.
pub trait Relation<T>: Send + Sync {
    /// Reads what is shown of these. None when that failed: the library will ask again, and tell why.
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a T], loaders: &'a Loaders) -> Load<'a, 's, T>;
}

/// What a field shows of the objects that it was read for.
pub trait Shown<T>: Send + Sync {
    /// Writes what one of them shows. None when the library must be asked after all.
    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Json) -> Option<()>;
}

/// Objects that an object has in it: nothing is read for themselves, but for what they show.
pub struct Parts<T, U> {
    inner: Selection<U>,
    parts: fn(&T) -> Vec<U>,
    is_list: bool,
}

impl<T, U: PlainObject> Parts<T, U> {
    /// A list of them.
    pub fn new(inner: Selection<U>, parts: fn(&T) -> Vec<U>) -> Self {
        Self {
            inner,
            parts,
            is_list: true,
        }
    }

    /// The only one.
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
            // Without any, the parts are not made before they are written.
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

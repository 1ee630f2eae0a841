//! Fields that show other objects, read for many at once.

use async_graphql::Context;
use futures_util::future::BoxFuture;

use super::{leaf::write_list, plain::PlainObject, selection::Selection};
use crate::graphql::loaders::Loaders;

/// A field that shows other objects. What it needs is read for all objects of a list at once, before the first of them is
/// written.
pub trait Relation<T>: Send + Sync {
    /// Reads what is shown of these. None when the library must be asked after all: it will tell why.
    fn load<'a>(&'a self, objects: &'a [&'a T], loaders: &'a Loaders) -> BoxFuture<'a, Option<()>>;

    /// Writes what was read for one of them. None when the library must be asked after all.
    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()>;
}

/// Objects that an object has in it: nothing is read for themselves, but for what they show.
pub struct Parts<T, U> {
    inner: Selection<U>,
    parts: fn(&T) -> Vec<U>,
}

impl<T, U: PlainObject> Parts<T, U> {
    /// A list of them.
    pub fn new(inner: Selection<U>, parts: fn(&T) -> Vec<U>) -> Self {
        Self { inner, parts }
    }
}

impl<T: Sync, U: PlainObject + Send + Sync> Relation<T> for Parts<T, U> {
    fn load<'a>(&'a self, objects: &'a [&'a T], loaders: &'a Loaders) -> BoxFuture<'a, Option<()>> {
        Box::pin(async move {
            if self.inner.has_relations() {
                let all: Vec<U> = objects.iter().flat_map(|object| (self.parts)(object)).collect();
                self.inner.load(&all.iter().collect::<Vec<_>>(), loaders).await?;
            }
            Some(())
        })
    }

    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        write_list(&(self.parts)(object), json, |part, json| {
            self.inner.write(part, ctx, json)
        })
    }
}

/// The same for an object that has one.
pub struct Part<T, U> {
    inner: Selection<U>,
    part: fn(&T) -> U,
}

impl<T, U: PlainObject> Part<T, U> {
    /// This one.
    pub fn new(inner: Selection<U>, part: fn(&T) -> U) -> Self {
        Self { inner, part }
    }
}

impl<T: Sync, U: PlainObject + Send + Sync> Relation<T> for Part<T, U> {
    fn load<'a>(&'a self, objects: &'a [&'a T], loaders: &'a Loaders) -> BoxFuture<'a, Option<()>> {
        Box::pin(async move {
            if self.inner.has_relations() {
                let all: Vec<U> = objects.iter().map(|object| (self.part)(object)).collect();
                self.inner.load(&all.iter().collect::<Vec<_>>(), loaders).await?;
            }
            Some(())
        })
    }

    fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        self.inner.write(&(self.part)(object), ctx, json)
    }
}

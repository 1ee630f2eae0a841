//! A selection, compiled: what is written for each field of an object, in the order of the document.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    Context, ContextSelectionSet, Name, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection as Selected, SelectionSet},
};
use futures_util::{
    FutureExt, StreamExt,
    stream::{FuturesOrdered, FuturesUnordered},
};

use super::{
    answer::write_value,
    leaf::Leaf,
    plain::{Compiling, PlainObject, Write},
    relation::Relation,
};
use crate::graphql::{context::ContextExt, loaders::Loaders};

/// The compiled selections of one request, by type and by the place of the selection in the document. The document lives
/// as long as the request, so a place means one selection.
#[derive(Debug, Default)]
pub struct Selections(Mutex<HashMap<(TypeId, usize), Compilation>>);

type Compilation = Option<Arc<dyn Any + Send + Sync>>;

/// In the data of a request: the library does everything. Shows that both ways lead to the same answer.
#[derive(Clone, Copy, Debug)]
pub struct LibraryAlone;

/// How an object of some type is written.
pub struct Selection<T> {
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    key: Name,
    /// The key as it is written, with its colon.
    label: Vec<u8>,
    value: Valued<T>,
}

enum Valued<T> {
    Plain(Write<T>),
    /// Others are read for it.
    Related(Box<dyn Relation<T>>, Asking),
    /// The library asks the resolver.
    Asked(Asking),
}

/// What the library is asked with.
struct Asking {
    field: Box<Positioned<Field>>,
    nullable: bool,
}

impl Selections {
    /// The selection that an object is asked for; none when it is for the library alone.
    pub fn of<T: PlainObject>(ctx: &ContextSelectionSet<'_>) -> Option<Arc<Selection<T>>> {
        let all = ctx.data_opt::<Self>()?;
        let place = (TypeId::of::<T>(), std::ptr::from_ref(ctx.item).addr());
        let mut all = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = || {
            if ctx.data_opt::<LibraryAlone>().is_some() {
                return None;
            }
            let selection = Selection::<T>::compile(ctx.item, Compiling(ctx))?;
            Some(Arc::new(selection) as Arc<dyn Any + Send + Sync>)
        };
        all.entry(place).or_insert_with(compile).clone()?.downcast().ok()
    }
}

impl<T: PlainObject> Selection<T> {
    /// Compiles a selection. None where the library would have to merge objects, or a directive has its say.
    pub fn compile(set: &Positioned<SelectionSet>, compiling: Compiling<'_>) -> Option<Self> {
        let mut selection = Self {
            entries: Vec::with_capacity(set.node.items.len()),
        };
        selection.add(&T::type_name(), &set.node, compiling)?;
        Some(selection)
    }

    fn add(&mut self, name: &str, set: &SelectionSet, compiling: Compiling<'_>) -> Option<()> {
        for selected in &set.items {
            let (condition, inner) = match &selected.node {
                Selected::Field(field) => {
                    self.add_field(name, field, compiling)?;
                    continue;
                }
                Selected::FragmentSpread(spread) => {
                    let fragment = compiling.fragments().get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
                Selected::InlineFragment(fragment) => (
                    fragment.node.type_condition.as_ref(),
                    &fragment.node.selection_set,
                ),
            };
            let applies = condition.is_none_or(|condition| {
                let on = condition.node.on.node.as_str();
                let interfaces = compiling.registry().implements.get(name);
                on == name || interfaces.is_some_and(|all| all.contains(on))
            });
            if applies {
                self.add(name, &inner.node, compiling)?;
            }
        }
        Some(())
    }

    fn add_field(&mut self, name: &str, field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<()> {
        if !field.node.directives.is_empty() {
            return None;
        }
        let key = &field.node.response_key().node;
        if self.entries.iter().any(|entry| entry.key == *key) {
            // The same value again; or an object whose selections become one.
            return field.node.selection_set.node.items.is_empty().then_some(());
        }
        let value = if field.node.name.node == "__typename" {
            let name = name.to_owned();
            Valued::Plain(Box::new(move |_, _, json| {
                name.write(json);
                Some(())
            }))
        } else if let Some(write) = T::plain(field, compiling) {
            Valued::Plain(write)
        } else {
            let asking = Asking {
                nullable: compiling.is_nullable(name, &field.node.name.node)?,
                field: Box::new(field.clone()),
            };
            match T::related(field, compiling) {
                Some(relation) => Valued::Related(relation, asking),
                None => Valued::Asked(asking),
            }
        };
        let mut label = Vec::with_capacity(key.len() + 3);
        key.as_str().write(&mut label);
        label.push(b':');
        let key = key.clone();
        self.entries.push(Entry { key, label, value });
        Some(())
    }

    /// The library has nothing to do.
    pub fn asks_nothing(&self) -> bool {
        let mut values = self.entries.iter().map(|entry| &entry.value);
        !values.any(|value| matches!(value, Valued::Asked(_)))
    }

    fn relations(&self) -> impl Iterator<Item = &dyn Relation<T>> {
        self.entries.iter().filter_map(|entry| match &entry.value {
            Valued::Related(relation, _) => Some(relation.as_ref()),
            Valued::Plain(_) | Valued::Asked(_) => None,
        })
    }

    /// Something has to be loaded.
    pub fn has_relations(&self) -> bool {
        self.relations().next().is_some()
    }

    /// Reads what these objects show of others. None when the library must be asked.
    pub async fn load(&self, objects: &[&T], loaders: &Loaders) -> Option<()> {
        let loading = self.relations().map(|relation| relation.load(objects, loaders));
        let mut loading: FuturesUnordered<_> = loading.collect();
        while let Some(loaded) = loading.next().await {
            loaded?;
        }
        Some(())
    }

    /// Writes an object of which nothing has to be asked, and of which everything was loaded.
    pub fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        self.write_with(object, ctx, json, |value, json| match value {
            Valued::Related(relation, _) => relation.write(object, ctx, json),
            Valued::Plain(_) | Valued::Asked(_) => None,
        })
    }

    /// Writes an object, in which somebody else writes what is not plain.
    fn write_with(
        &self,
        object: &T,
        ctx: &Context<'_>,
        json: &mut Vec<u8>,
        mut other: impl FnMut(&Valued<T>, &mut Vec<u8>) -> Option<()>,
    ) -> Option<()> {
        json.push(b'{');
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(&entry.label);
            match &entry.value {
                Valued::Plain(write) => write(object, ctx, json)?,
                value => other(value, json)?,
            }
        }
        json.push(b'}');
        Some(())
    }

    fn json(&self) -> Vec<u8> {
        Vec::with_capacity(self.entries.len() * 32)
    }

    /// The object as a value; none when a field turns out not to be plain.
    pub async fn resolve(
        &self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> Option<Value> {
        let own = ctx.with_field(field);
        if self.asks_nothing() {
            if self.has_relations() {
                self.load(&[object], own.loaders()).await?;
            }
            let mut json = self.json();
            self.write(object, &own, &mut json)?;
            return Some(Value::Binary(json.into()));
        }
        let asking = self.entries.iter().filter_map(|entry| match &entry.value {
            Valued::Plain(_) => None,
            Valued::Related(relation, asking) => {
                // What is not told by the relation is asked for.
                let shown = self::shown(object, relation.as_ref(), &own);
                Some(shown.then(|shown| asking.answer(object, shown, ctx)).boxed())
            }
            // Objects lie in one another without an end: each is a future of its own.
            Valued::Asked(asking) => Some(asking.answer(object, None, ctx).boxed()),
        });
        // One is polled when it is woken, and not along with others: loaders count turns.
        let asked: Vec<_> = asking.collect::<FuturesOrdered<_>>().collect().await;
        let mut is_closed = true;
        let mut values = Vec::with_capacity(asked.len());
        for (value, nullable) in asked {
            let value = value.map_err(|error| ctx.add_error(error)).ok();
            is_closed &= value.as_ref().is_some_and(|value| closed(value, nullable));
            values.push(value);
        }
        let errors = &ctx.query_env.errors;
        is_closed &= errors.lock().is_ok_and(|errors| errors.is_empty());
        let value = if is_closed {
            let mut json = self.json();
            let mut values = values.iter().flatten();
            self.write_with(object, &own, &mut json, |_, json| {
                write_value(values.next()?, json);
                Some(())
            })?;
            Value::Binary(json.into())
        } else {
            self.object(object, values, &own)?
        };
        Some(value)
    }

    /// The object as one that is still open: null may come over it, or something in it has to be put in order.
    fn object(&self, object: &T, asked: Vec<Option<Value>>, ctx: &Context<'_>) -> Option<Value> {
        let mut asked = asked.into_iter();
        let mut fields = IndexMap::with_capacity(self.entries.len());
        for entry in &self.entries {
            let value = match &entry.value {
                Valued::Plain(write) => {
                    let mut json = Vec::new();
                    write(object, ctx, &mut json)?;
                    Some(Value::Binary(json.into()))
                }
                Valued::Related(..) | Valued::Asked(_) => asked.next().flatten(),
            };
            // Like the library, without those that failed.
            if let Some(value) = value {
                fields.insert(entry.key.clone(), value);
            }
        }
        Some(Value::Object(fields))
    }
}

/// What a relation shows of one object.
async fn shown<T>(object: &T, relation: &dyn Relation<T>, ctx: &Context<'_>) -> Option<Value> {
    relation.load(&[object], ctx.loaders()).await?;
    let mut json = Vec::new();
    relation.write(object, ctx, &mut json)?;
    Some(Value::Binary(json.into()))
}

impl Asking {
    /// What is known, else what the resolver answers; and whether it may be null.
    async fn answer<T: PlainObject>(
        &self,
        object: &T,
        known: Option<Value>,
        ctx: &ContextSelectionSet<'_>,
    ) -> (ServerResult<Value>, bool) {
        let value = if let Some(value) = known {
            Ok(value)
        } else {
            let resolved = T::resolve_field(object, &ctx.with_field(&self.field)).await;
            resolved.map(Option::unwrap_or_default)
        };
        (value, self.nullable)
    }
}

/// Whether nothing is left to do for a value. Null where it is not allowed is an object of which every field was skipped.
fn closed(value: &Value, nullable: bool) -> bool {
    match value {
        Value::Null => nullable,
        Value::Object(_) => false,
        Value::List(items) => items.iter().all(|item| closed(item, false)),
        _ => true,
    }
}

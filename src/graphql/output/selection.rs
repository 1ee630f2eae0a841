//! A selection, compiled: what is written for each field of an object, in the order of the document.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    Context, ContextSelectionSet, Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection as Selected, SelectionSet},
};
use futures_util::{FutureExt, StreamExt, stream::FuturesOrdered};

use super::{
    answer::write_value,
    leaf::Leaf,
    plain::{Compiling, PlainObject, Write},
};

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
    /// The library asks the resolver.
    Asked {
        field: Box<Positioned<Field>>,
        nullable: bool,
    },
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
            let compiling = Compiling {
                registry: &ctx.schema_env.registry,
                fragments: &ctx.query_env.fragments,
            };
            let selection = Selection::<T>::compile(ctx.item, &compiling)?;
            Some(Arc::new(selection) as Arc<dyn Any + Send + Sync>)
        };
        all.entry(place).or_insert_with(compile).clone()?.downcast().ok()
    }
}

impl<T: PlainObject> Selection<T> {
    /// Compiles a selection. None where the library would have to merge objects, or a directive has its say.
    pub fn compile(set: &Positioned<SelectionSet>, compiling: &Compiling<'_>) -> Option<Self> {
        let mut selection = Self {
            entries: Vec::with_capacity(set.node.items.len()),
        };
        selection.add(&T::type_name(), &set.node, compiling)?;
        Some(selection)
    }

    fn add(&mut self, name: &str, set: &SelectionSet, compiling: &Compiling<'_>) -> Option<()> {
        for selected in &set.items {
            let (condition, inner) = match &selected.node {
                Selected::Field(field) => {
                    self.add_field(name, field, compiling)?;
                    continue;
                }
                Selected::FragmentSpread(spread) => {
                    let fragment = compiling.fragments.get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
                Selected::InlineFragment(fragment) => (
                    fragment.node.type_condition.as_ref(),
                    &fragment.node.selection_set,
                ),
            };
            let applies = condition.is_none_or(|condition| {
                let on = condition.node.on.node.as_str();
                let interfaces = compiling.registry.implements.get(name);
                on == name || interfaces.is_some_and(|all| all.contains(on))
            });
            if applies {
                self.add(name, &inner.node, compiling)?;
            }
        }
        Some(())
    }

    fn add_field(&mut self, name: &str, field: &Positioned<Field>, compiling: &Compiling<'_>) -> Option<()> {
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
            let known = compiling.registry.types.get(name)?;
            let known = known.field_by_name(&field.node.name.node)?;
            Valued::Asked {
                nullable: !known.ty.ends_with('!'),
                field: Box::new(field.clone()),
            }
        };
        let mut label = Vec::with_capacity(key.len() + 3);
        key.as_str().write(&mut label);
        label.push(b':');
        let key = key.clone();
        self.entries.push(Entry { key, label, value });
        Some(())
    }

    /// Nothing has to be asked.
    pub fn is_plain(&self) -> bool {
        let mut values = self.entries.iter().map(|entry| &entry.value);
        values.all(|value| matches!(value, Valued::Plain(_)))
    }

    /// Writes an object of which nothing has to be asked.
    pub fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        self.write_with(object, &mut std::iter::empty(), ctx, json)
    }

    /// Writes an object with the values that were asked for, in their order.
    fn write_with<'a>(
        &self,
        object: &T,
        asked: &mut impl Iterator<Item = &'a Value>,
        ctx: &Context<'_>,
        json: &mut Vec<u8>,
    ) -> Option<()> {
        json.push(b'{');
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(&entry.label);
            match &entry.value {
                Valued::Plain(write) => write(object, ctx, json)?,
                Valued::Asked { .. } => write_value(asked.next()?, json),
            }
        }
        json.push(b'}');
        Some(())
    }

    /// The object as a value; none when a field turns out not to be plain.
    pub async fn resolve(
        &self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> Option<Value> {
        let asking = self.entries.iter().filter_map(|entry| match &entry.value {
            Valued::Plain(_) => None,
            Valued::Asked { field, nullable } => {
                let asking = async move {
                    let ctx = ctx.with_field(field);
                    let value = T::resolve_field(object, &ctx).await;
                    (value.map(Option::unwrap_or_default), *nullable)
                };
                // Objects lie in one another without an end: each is a future of its own.
                Some(asking.boxed())
            }
        });
        // One is polled when it is woken, and not along with others: loaders count turns.
        let asked: Vec<_> = asking.collect::<FuturesOrdered<_>>().collect().await;
        let own = ctx.with_field(field);
        let mut is_closed = true;
        let mut values = Vec::with_capacity(asked.len());
        for (value, nullable) in asked {
            let value = value.map_err(|error| ctx.add_error(error)).ok();
            is_closed &= value.as_ref().is_some_and(|value| closed(value, nullable));
            values.push(value);
        }
        let errors = &ctx.query_env.errors;
        is_closed &= values.is_empty() || errors.lock().is_ok_and(|errors| errors.is_empty());
        let value = if is_closed {
            let mut json = Vec::with_capacity(self.entries.len() * 32);
            self.write_with(object, &mut values.iter().flatten(), &own, &mut json)?;
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
                Valued::Asked { .. } => asked.next().flatten(),
            };
            // Like the library, without those that failed.
            if let Some(value) = value {
                fields.insert(entry.key.clone(), value);
            }
        }
        Some(Value::Object(fields))
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

//! Compiled selections: for each field of an object, in document order, the way to write it.

use std::{
    any::{Any, TypeId},
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Context, ContextSelectionSet, Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection as Selected, SelectionSet},
};
use futures_util::{FutureExt, StreamExt, stream::FuturesOrdered};

use super::{
    answer::write_value,
    json::Json,
    leaf::Leaf,
    meter,
    plain::{Compiling, PlainObject, Write},
    relation::{Relation, Shown},
};
use crate::{
    graphql::{context::ContextExt, loaders::Loaders},
    request::FieldErrors,
};

/// The compiled selections of one request or subscription, by type and by the address of the selection set. The
/// document is not freed earlier, so an address identifies one selection set.
#[derive(Debug, Default)]
pub struct Selections {
    all: Mutex<Compilations>,
    /// Set when a load failed. The library then resolves all remaining objects, so that the failing load is not
    /// repeated at each level.
    gave_up: AtomicBool,
}

#[derive(Debug, Default)]
struct Compilations {
    compiled: HashMap<(TypeId, usize), Compilation>,
    /// Selection sets that need a resolver of the library. Remembered because nested selection sets are compiled
    /// several times.
    asking: RefCell<HashSet<usize>>,
}

type Compilation = Option<Arc<dyn Any + Send + Sync>>;

/// A compiled selection of one object type.
pub struct Selection<T> {
    entries: Vec<Entry<T>>,
    may_ask: bool,
}

struct Entry<T> {
    key: Name,
    /// The key as JSON, with a colon.
    label: Box<[u8]>,
    value: FieldSource<T>,
}

enum FieldSource<T> {
    Plain(Write<T>),
    /// Written from loaded data. If that fails, the library resolves the field, where it is allowed.
    Related(Box<dyn Relation<T>>, Option<LibraryField>),
    /// Resolved by the library.
    Library(LibraryField),
}

/// A field that the library resolves.
struct LibraryField {
    field: Box<Positioned<Field>>,
    nullable: bool,
}

impl Selections {
    /// Returns the compiled selection for an object. `None` if the library must resolve the object.
    pub fn of<T: PlainObject>(ctx: &ContextSelectionSet<'_>) -> Option<Arc<Selection<T>>> {
        let selections = ctx.data_opt::<Self>()?;
        if selections.gave_up.load(Ordering::Relaxed) {
            return None;
        }
        let place = (TypeId::of::<T>(), place(ctx.item));
        let mut all = selections.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Compilations { compiled, asking } = &mut *all;
        let compile = || {
            let selection = Selection::<T>::compile(ctx.item, Compiling { ctx, asking }, true)?;
            Some(Arc::new(selection) as Arc<dyn Any + Send + Sync>)
        };
        compiled
            .entry(place)
            .or_insert_with(compile)
            .clone()?
            .downcast()
            .ok()
    }
}

/// Returns the address of a selection set, which identifies it in its document.
pub fn place(set: &Positioned<SelectionSet>) -> usize {
    std::ptr::from_ref(set).addr()
}

impl<T: PlainObject> Selection<T> {
    /// Compiles a selection. `None` if the library is needed: for a field with directives, for two objects under one
    /// key, or, without `may_ask`, for a field with a resolver.
    pub fn compile(set: &Positioned<SelectionSet>, compiling: Compiling<'_>, may_ask: bool) -> Option<Self> {
        let mut selection = Self {
            entries: Vec::new(),
            may_ask,
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
            // A repeated scalar is written once. A repeated object would require merged selections.
            return field.node.selection_set.node.items.is_empty().then_some(());
        }
        let value = if field.node.name.node == "__typename" {
            let name = name.to_owned();
            FieldSource::Plain(Box::new(move |_, _, json| {
                name.write(json);
                Some(())
            }))
        } else if let Some(write) = T::plain(field, compiling) {
            FieldSource::Plain(write)
        } else {
            let related = T::related(field, compiling);
            if related.is_none() && !self.may_ask {
                return None;
            }
            let asking = if self.may_ask {
                Some(LibraryField {
                    nullable: compiling.is_nullable(name, &field.node.name.node)?,
                    field: Box::new(field.clone()),
                })
            } else {
                None
            };
            match related {
                Some(relation) => FieldSource::Related(relation, asking),
                None => FieldSource::Library(asking?),
            }
        };
        let mut label = Json::free();
        key.as_str().write(&mut label);
        label.push(b':');
        let label = label.as_bytes().into();
        let key = key.clone();
        self.entries.push(Entry { key, label, value });
        Some(())
    }

    fn asks_nothing(&self) -> bool {
        let mut values = self.entries.iter().map(|entry| &entry.value);
        !values.any(|value| matches!(value, FieldSource::Library(_)))
    }

    fn relations(&self) -> impl Iterator<Item = &dyn Relation<T>> {
        self.entries.iter().filter_map(|entry| match &entry.value {
            FieldSource::Related(relation, _) => Some(relation.as_ref()),
            FieldSource::Plain(_) | FieldSource::Library(_) => None,
        })
    }

    /// Returns true if the selection loads data.
    pub fn has_relations(&self) -> bool {
        self.relations().next().is_some()
    }

    /// Returns the selection without loaded data. Only for selections without relations.
    pub fn as_it_is(&self) -> Loaded<'_, T> {
        Loaded {
            selection: self,
            shown: Vec::new(),
        }
    }

    /// Loads the relations of these objects. `None` if a load failed.
    pub async fn load<'a>(&'a self, objects: &[&T], loaders: &Loaders) -> Option<Loaded<'a, T>> {
        if !self.has_relations() {
            return Some(self.as_it_is());
        }
        let loading = self.relations().map(|relation| relation.load(objects, loaders));
        let loading: FuturesOrdered<_> = loading.collect();
        let shown: Vec<_> = loading.collect().await;
        Some(Loaded {
            selection: self,
            shown: shown.into_iter().collect::<Option<_>>()?,
        })
    }

    /// Writes an object. `other` writes the fields that are not plain.
    fn write_with(
        &self,
        object: &T,
        ctx: &Context<'_>,
        json: &mut Json,
        mut other: impl FnMut(&mut Json) -> Option<()>,
    ) -> Option<()> {
        json.push(b'{');
        if json.is_over() {
            return None;
        }
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(&entry.label);
            match &entry.value {
                FieldSource::Plain(write) => write(object, ctx, json)?,
                FieldSource::Related(..) | FieldSource::Library(_) => other(json)?,
            }
        }
        json.push(b'}');
        Some(())
    }

    fn json(&self) -> Json {
        let mut json = Json::new();
        json.reserve(self.entries.len() * 32);
        json
    }

    /// Resolves an object. `None` if the library must resolve it.
    pub async fn resolve(
        &self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> Option<Value> {
        let own = ctx.with_field(field);
        if self.asks_nothing() {
            let loaded = if self.has_relations() {
                let loaded = self.load(&[object], own.loaders()).await;
                loaded.or_else(|| give_up(&own))?
            } else {
                self.as_it_is()
            };
            let mut json = self.json();
            loaded.write(object, &own, &mut json)?;
            return Some(json.into_value());
        }
        let errors = ctx.data_opt::<FieldErrors>()?;
        let asking = self.entries.iter().filter_map(|entry| match &entry.value {
            FieldSource::Plain(_) => None,
            FieldSource::Related(relation, asking) => {
                let shown = self::shown(object, relation.as_ref(), &own);
                let asking = asking.as_ref()?;
                Some(
                    shown
                        .then(|shown| asking.answer(object, shown, ctx, errors))
                        .boxed(),
                )
            }
            // Boxed, because the future is recursive: objects contain objects.
            FieldSource::Library(asking) => Some(asking.answer(object, None, ctx, errors).boxed()),
        });
        // `FuturesOrdered` polls a future only when it was woken. Loaders count yields, so additional polls would
        // split batches.
        let asked: Vec<_> = asking.collect::<FuturesOrdered<_>>().collect().await;
        let mut is_closed = true;
        let mut values = Vec::with_capacity(asked.len());
        for (value, nullable) in asked {
            is_closed &= closed(&value, nullable);
            values.push(value);
        }
        is_closed &= errors.is_empty();
        let value = if is_closed {
            let mut json = self.json();
            let mut values = values.iter();
            self.write_with(object, &own, &mut json, |json| {
                write_value(values.next()?, json);
                Some(())
            })?;
            json.into_value()
        } else {
            self.object(object, values, &own)?
        };
        Some(value)
    }

    /// Returns an object that is not final: null may propagate into it, or a nested value needs further processing.
    fn object(&self, object: &T, asked: Vec<Value>, ctx: &Context<'_>) -> Option<Value> {
        let mut asked = asked.into_iter();
        let mut fields = IndexMap::with_capacity(self.entries.len());
        for entry in &self.entries {
            let value = match &entry.value {
                FieldSource::Plain(write) => {
                    let mut json = Json::new();
                    write(object, ctx, &mut json)?;
                    Some(json.into_value())
                }
                FieldSource::Related(..) | FieldSource::Library(_) => asked.next(),
            };
            fields.insert(entry.key.clone(), value?);
        }
        Some(Value::Object(fields))
    }
}

/// A selection with the loaded data of its relations.
pub struct Loaded<'a, T> {
    selection: &'a Selection<T>,
    /// In the order of the relations.
    shown: Vec<Box<dyn Shown<T> + 'a>>,
}

impl<T: PlainObject> Loaded<'_, T> {
    /// Writes one of the objects. `None` if the library must resolve it.
    pub fn write(&self, object: &T, ctx: &Context<'_>, json: &mut Json) -> Option<()> {
        let mut shown = self.shown.iter();
        self.selection.write_with(object, ctx, json, |json| {
            let shown = shown.next()?;
            shown.write(object, ctx, json)
        })
    }
}

/// Loads and writes a relation of one object.
async fn shown<T>(object: &T, relation: &dyn Relation<T>, ctx: &Context<'_>) -> Option<Value> {
    let objects = [object];
    let shown = relation.load(&objects, ctx.loaders()).await;
    let shown = shown.or_else(|| give_up(ctx))?;
    let mut json = Json::new();
    shown.write(object, ctx, &mut json)?;
    // The value waits for other fields, so unused capacity is freed.
    json.shrink_to_fit();
    Some(json.into_value())
}

/// Makes the library resolve the rest of the request.
fn give_up<N>(ctx: &Context<'_>) -> Option<N> {
    if let Some(selections) = ctx.data_opt::<Selections>() {
        selections.gave_up.store(true, Ordering::Relaxed);
    }
    None
}

impl LibraryField {
    /// Returns the known value or that of the resolver, and whether the field is nullable.
    async fn answer<T: PlainObject>(
        &self,
        object: &T,
        known: Option<Value>,
        ctx: &ContextSelectionSet<'_>,
        errors: &FieldErrors,
    ) -> (Value, bool) {
        let value = if let Some(value) = known {
            value
        } else {
            let resolved = T::resolve_field(object, &ctx.with_field(&self.field)).await;
            meter::charge(&resolved);
            errors.catch(resolved).unwrap_or_default()
        };
        (value, self.nullable)
    }
}

/// Returns true if a value needs no further processing.
fn closed(value: &Value, nullable: bool) -> bool {
    match value {
        Value::Null => nullable,
        Value::Object(_) => false,
        Value::List(items) => items.iter().all(|item| closed(item, false)),
        _ => true,
    }
}

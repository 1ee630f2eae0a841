//! Loads and writes objects by their compiled selection.

use std::sync::atomic::Ordering;

use async_graphql::{
    Context, ContextSelectionSet, Positioned, Value, indexmap::IndexMap, parser::types::Field,
};
use futures_util::{FutureExt, StreamExt, stream::FuturesOrdered};

use super::{FieldSource, LibraryField, Selection, Selections};
use crate::{
    graphql::{
        context::ContextExt,
        loaders::Loaders,
        output::{
            answer::write_value,
            json::Json,
            meter,
            plain::PlainObject,
            relation::{Relation, Shown},
        },
    },
    request::FieldErrors,
};

impl<T: PlainObject> Selection<T> {
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

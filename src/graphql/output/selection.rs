//! Compiled selections: for each field of an object, in document order, the way to write it.

mod resolve;

use std::{
    any::{Any, TypeId},
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    ContextSelectionSet, Name, Positioned,
    parser::types::{Field, Selection as Selected, SelectionSet},
};
use parking_lot::Mutex;

pub use resolve::Loaded;

use super::{
    json::Json,
    leaf::Leaf,
    plain::{Compiling, PlainObject, Write},
    relation::Relation,
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
        let mut all = selections.all.lock();
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
}

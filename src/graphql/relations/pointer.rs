//! The row to which a column points.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Context, Positioned, parser::types::Field};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::{
    graphql::{
        loaders::{Loaders, Reader, Target},
        output::{Compiling, Leaf, Relation, Selection},
        pagination::Listed,
    },
    store::{Beside, beside::Pointed},
};

/// A field of `N` that shows the row to which a column points.
pub struct Pointer<N: Listed> {
    /// The field.
    pub field: &'static str,
    column: N::Column,
    id: fn(&N::Row) -> Option<Uuid>,
    beside: fn(N::Column, &Reader) -> Box<dyn Beside<N> + '_>,
    relation: Compile<N>,
}

type Compile<N> =
    fn(&Pointer<N>, &Positioned<Field>, Compiling<'_>) -> Option<Box<dyn Relation<<N as Listed>::Node>>>;

impl<N: Listed> Pointer<N>
where
    N::Column: Send + Sync,
{
    /// To a row of `M`, whose id a row of `N` tells so.
    pub const fn to<M: Target>(
        field: &'static str,
        column: N::Column,
        id: fn(&N::Row) -> Option<Uuid>,
    ) -> Self {
        Self {
            field,
            column,
            id,
            beside: beside::<N, M>,
            relation: relation::<N, M>,
        }
    }
}

impl<N: Listed> Pointer<N> {
    /// The name of the column.
    pub fn column(&self) -> &'static str {
        N::field(self.column)
    }

    /// What is read for it along with a row of `N`.
    pub fn beside<'a>(&self, reader: &'a Reader) -> Box<dyn Beside<N> + 'a> {
        (self.beside)(self.column, reader)
    }

    /// How it is told without the library.
    pub fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>> {
        (self.relation)(self, field, compiling)
    }
}

fn beside<N: Listed, M: Target>(column: N::Column, reader: &Reader) -> Box<dyn Beside<N> + '_>
where
    N::Column: Send + Sync,
{
    Box::new(Pointed {
        column,
        columns: reader.columns::<M>(),
        found: M::found(&reader.ahead),
    })
}

fn relation<N: Listed, M: Target>(
    pointer: &Pointer<N>,
    field: &Positioned<Field>,
    compiling: Compiling<'_>,
) -> Option<Box<dyn Relation<N::Node>>> {
    Some(Box::new(Row::<N, M> {
        id: pointer.id,
        is_nullable: compiling.is_nullable(N::NAME, pointer.field)?,
        inner: compiling.inside(&field.node.selection_set)?,
        loaded: Mutex::default(),
    }))
}

/// None for a row that is not seen.
type Loaded<M> = HashMap<Uuid, Option<Arc<<M as crate::store::Noun>::Row>>>;

/// The field as an operation asks for it.
struct Row<N: Listed, M: Target> {
    id: fn(&N::Row) -> Option<Uuid>,
    is_nullable: bool,
    inner: Selection<M::Node>,
    loaded: Mutex<Loaded<M>>,
}

impl<N: Listed, M: Target> Relation<N::Node> for Row<N, M> {
    fn load<'a>(&'a self, objects: &'a [&'a N::Node], loaders: &'a Loaders) -> BoxFuture<'a, Option<()>> {
        Box::pin(async move {
            let ids: HashSet<Uuid> = objects
                .iter()
                .filter_map(|object| (self.id)((*object).as_ref()))
                .collect();
            let questions = ids.iter().map(|id| M::ById::from((*id).into())).collect();
            let mut found = loaders.load_many::<M::ById>(questions).await.ok()?;
            let rows: Loaded<M> = ids
                .into_iter()
                .map(|id| (id, found.remove(&M::ById::from(id.into()))))
                .collect();
            if self.inner.has_relations() {
                let nodes: Vec<M::Node> = rows.values().flatten().cloned().map(Into::into).collect();
                self.inner
                    .load(&nodes.iter().collect::<Vec<_>>(), loaders)
                    .await?;
            }
            // What was loaded before may have been written since.
            self.loaded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(rows);
            Some(())
        })
    }

    fn write(&self, object: &N::Node, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        let found = match (self.id)(object.as_ref()) {
            Some(id) => {
                let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
                loaded.get(&id)?.clone()
            }
            None => None,
        };
        match found {
            Some(row) => self.inner.write(&row.into(), ctx, json),
            None if self.is_nullable => {
                None::<bool>.write(json);
                Some(())
            }
            None => None,
        }
    }
}

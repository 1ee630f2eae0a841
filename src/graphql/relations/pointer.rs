//! Fields that return the row whose id is in a column.

use std::{
    any::TypeId,
    collections::{HashMap, HashSet},
};

use async_graphql::{Context, Positioned, parser::types::Field};
use entity::{NotRead, PartialRow};

use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, gone},
        listed::{Listed, Pointer},
        loaders::{Loaders, Reader},
        output::{Compiled, Compiling, Json, Leaf, Load, Loaded, Relation, Selection, Shown},
    },
    store::{JoinedRow, Noun, joined::PointerJoin},
};

/// A field of `N` that returns a row of `M`. Its resolver calls [`find`](Self::find) or [`get`](Self::get).
pub struct PointerTo<N: Listed, M: Listed> {
    field: &'static str,
    column: N::Column,
    id: IdOf<N, M>,
}

/// Returns the id of the row of `M` to which a row of `N` points.
type IdOf<N, M> = fn(&PartialRow<<N as Noun>::Row>) -> Result<Option<<M as Noun>::Id>, NotRead>;

impl<N: Listed, M: Listed> PointerTo<N, M> {
    /// Creates the field. `id` returns the value of the column.
    pub const fn new(field: &'static str, column: N::Column, id: IdOf<N, M>) -> Self {
        Self { field, column, id }
    }

    /// Loads the row for a nullable field. `None` if the column is null or the viewer does not see the row.
    pub async fn find(
        &self,
        ctx: &Context<'_>,
        row: &PartialRow<N::Row>,
    ) -> Result<Option<Compiled<M::Node>>> {
        let Some(id) = (self.id)(row)? else {
            return Ok(None);
        };
        let found = ctx.loaders().load(M::ById::from(id)).await?;
        Ok(found.map(|row| Compiled(row.into())))
    }

    /// Loads the row for a field that is not nullable. Error if the row is gone.
    pub async fn get(&self, ctx: &Context<'_>, row: &PartialRow<N::Row>) -> Result<Compiled<M::Node>> {
        let found = self.find(ctx, row).await?;
        found.ok_or_else(|| gone(&M::NAME.to_lowercase()))
    }
}

impl<N: Listed, M: Listed> Pointer<N> for PointerTo<N, M>
where
    N::Column: Send + Sync,
{
    fn field(&self) -> &'static str {
        self.field
    }

    fn column(&self) -> &'static str {
        N::field(self.column)
    }

    fn beside<'a>(&self, reader: &'a Reader) -> Option<Box<dyn JoinedRow<N> + 'a>> {
        if TypeId::of::<N>() == TypeId::of::<M>() {
            return None;
        }
        Some(Box::new(PointerJoin {
            column: self.column,
            columns: reader.columns::<M>(),
            found: M::found(&reader.prefetched),
        }))
    }

    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>> {
        Some(Box::new(Row::<N, M> {
            id: self.id,
            is_nullable: compiling.is_nullable(N::NAME, self.field)?,
            inner: compiling.inside(&field.node.selection_set)?,
        }))
    }
}

/// The compiled field.
struct Row<N: Listed, M: Listed> {
    id: IdOf<N, M>,
    is_nullable: bool,
    inner: Selection<M::Node>,
}

impl<N: Listed, M: Listed> Relation<N::Node> for Row<N, M> {
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a N::Node], loaders: &'a Loaders) -> Load<'a, 's, N::Node> {
        Box::pin(async move {
            let pointers = objects.iter().map(|object| (self.id)((*object).as_ref()));
            let ids: HashSet<M::Id> = pointers
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()
                .ok()?;
            let questions = ids.iter().map(|id| M::ById::from(*id)).collect();
            let mut found = loaders.load_many::<M::ById>(questions).await.ok()?;
            let nodes: HashMap<M::Id, M::Node> = ids
                .into_iter()
                .filter_map(|id| Some((id, found.remove(&M::ById::from(id))?.into())))
                .collect();
            let all: Vec<&M::Node> = nodes.values().collect();
            let loaded = self.inner.load(&all, loaders).await?;
            let shown: Box<dyn Shown<N::Node>> = Box::new(RowShown::<N, M> {
                id: self.id,
                is_nullable: self.is_nullable,
                loaded,
                nodes,
            });
            Some(shown)
        })
    }
}

struct RowShown<'a, N: Listed, M: Listed> {
    id: IdOf<N, M>,
    is_nullable: bool,
    loaded: Loaded<'a, M::Node>,
    nodes: HashMap<M::Id, M::Node>,
}

impl<N: Listed, M: Listed> Shown<N::Node> for RowShown<'_, N, M> {
    fn write(&self, object: &N::Node, ctx: &Context<'_>, json: &mut Json) -> Option<()> {
        // A row that the viewer does not see is null. If null is not allowed, the library reports that the row is
        // gone.
        match (self.id)(object.as_ref())
            .ok()?
            .and_then(|id| self.nodes.get(&id))
        {
            Some(node) => self.loaded.write(node, ctx, json),
            None if self.is_nullable => {
                None::<bool>.write(json);
                Some(())
            }
            None => None,
        }
    }
}

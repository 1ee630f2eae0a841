//! Fields that return the row whose id is in a column.

use std::collections::{HashMap, HashSet};

use async_graphql::{Context, Positioned, parser::types::Field};
use uuid::Uuid;

use crate::{
    graphql::{
        loaders::{Loaders, PointerTarget, Reader},
        output::{Compiling, Json, Leaf, Load, Loaded, Relation, Selection, Shown},
        pagination::Listed,
    },
    store::{JoinedRow, joined::PointerJoin},
};

/// A field of `N` that returns the row whose id is in a column.
pub struct Pointer<N: Listed> {
    /// Name of the field.
    pub field: &'static str,
    column: N::Column,
    id: fn(&N::Row) -> Option<Uuid>,
    beside: fn(N::Column, &Reader) -> Box<dyn JoinedRow<N> + '_>,
    relation: Compile<N>,
}

type Compile<N> =
    fn(&Pointer<N>, &Positioned<Field>, Compiling<'_>) -> Option<Box<dyn Relation<<N as Listed>::Node>>>;

impl<N: Listed> Pointer<N>
where
    N::Column: Send + Sync,
{
    /// Creates a field that returns a row of `M`. `id` returns its id from a row of `N`.
    pub const fn to<M: PointerTarget>(
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
    /// Returns the name of the column.
    pub fn column(&self) -> &'static str {
        N::field(self.column)
    }

    /// Returns the read of the row of `M` together with a row of `N`.
    pub fn beside<'a>(&self, reader: &'a Reader) -> Box<dyn JoinedRow<N> + 'a> {
        (self.beside)(self.column, reader)
    }

    /// Compiles the field. `None` if the library must resolve it.
    pub fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>> {
        (self.relation)(self, field, compiling)
    }
}

fn beside<N: Listed, M: PointerTarget>(column: N::Column, reader: &Reader) -> Box<dyn JoinedRow<N> + '_>
where
    N::Column: Send + Sync,
{
    Box::new(PointerJoin {
        column,
        columns: reader.columns::<M>(),
        found: M::found(&reader.prefetched),
    })
}

fn relation<N: Listed, M: PointerTarget>(
    pointer: &Pointer<N>,
    field: &Positioned<Field>,
    compiling: Compiling<'_>,
) -> Option<Box<dyn Relation<N::Node>>> {
    Some(Box::new(Row::<N, M> {
        id: pointer.id,
        is_nullable: compiling.is_nullable(N::NAME, pointer.field)?,
        inner: compiling.inside(&field.node.selection_set)?,
    }))
}

/// The compiled field.
struct Row<N: Listed, M: PointerTarget> {
    id: fn(&N::Row) -> Option<Uuid>,
    is_nullable: bool,
    inner: Selection<M::Node>,
}

impl<N: Listed, M: PointerTarget> Relation<N::Node> for Row<N, M> {
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a N::Node], loaders: &'a Loaders) -> Load<'a, 's, N::Node> {
        Box::pin(async move {
            let pointers = objects.iter().filter_map(|object| (self.id)((*object).as_ref()));
            let ids: HashSet<Uuid> = pointers.collect();
            let question = |id: Uuid| M::ById::from(id.into());
            let questions = ids.iter().map(|id| question(*id)).collect();
            let mut found = loaders.load_many::<M::ById>(questions).await.ok()?;
            let nodes: HashMap<Uuid, M::Node> = ids
                .into_iter()
                .filter_map(|id| Some((id, found.remove(&question(id))?.into())))
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

struct RowShown<'a, N: Listed, M: PointerTarget> {
    id: fn(&N::Row) -> Option<Uuid>,
    is_nullable: bool,
    loaded: Loaded<'a, M::Node>,
    nodes: HashMap<Uuid, M::Node>,
}

impl<N: Listed, M: PointerTarget> Shown<N::Node> for RowShown<'_, N, M> {
    fn write(&self, object: &N::Node, ctx: &Context<'_>, json: &mut Json) -> Option<()> {
        // A row that the viewer does not see is null. If null is not allowed, the library reports that the row is
        // gone.
        match (self.id)(object.as_ref()).and_then(|id| self.nodes.get(&id)) {
            Some(node) => self.loaded.write(node, ctx, json),
            None if self.is_nullable => {
                None::<bool>.write(json);
                Some(())
            }
            None => None,
        }
    }
}

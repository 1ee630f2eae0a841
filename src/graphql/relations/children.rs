//! Fields that return pages of rows that point to a row.

use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
    sync::Arc,
};

use async_graphql::{Context, Positioned, parser::types::Field};
use uuid::Uuid;

use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        listed::{ChildList, Listed},
        loaders::{self, Loaders},
        output::{Compiling, Json, Load, Loaded, Relation, Selection, Shown},
        pagination::{Arguments, Page, SHOWS_ROWS, query},
    },
    store::ListQuery,
};

/// A list of `M`.
pub struct Children<M: Listed> {
    field: &'static str,
    parent: M::Parent,
}

impl<M: Listed> Children<M> {
    /// Creates the list for a resolver and a type of parent.
    pub const fn of(field: &'static str, parent: M::Parent) -> Self {
        Self { field, parent }
    }

    /// Reads the arguments of the field.
    fn query(ctx: &Context<'_>) -> Result<ListQuery<M>> {
        query(ctx, None, Arguments::<M>::of_field(ctx)?)
    }
}

impl<N: Listed, M: Listed> ChildList<N> for Children<M> {
    fn field(&self) -> &'static str {
        self.field
    }

    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>> {
        let ctx = compiling.ctx.with_field(field);
        if !ctx.asks_for(&SHOWS_ROWS) {
            return None;
        }
        Some(Box::new(Pages::<N, M> {
            parent: self.parent,
            query: Arc::new(Self::query(&ctx).ok()?),
            page: compiling.inside(&field.node.selection_set)?,
            of: PhantomData,
        }))
    }
}

/// Declares the fields of a noun that return pages of rows that point to its row: an object with their resolvers,
/// which the noun includes with `#[graphql(flatten)]`, and [`Listed::CHILDREN`].
///
/// Each declaration contains the description of the field, the noun of the rows, which determines the arguments of the
/// field, and the column that points to the row.
///
/// ```text
/// children! {
///     CustomerChildren of entity::customer::Entity;
///
///     /// Tickets of the customer, newest first by default.
///     tickets: ticket where parent: TicketParent::Customer;
/// }
///
/// #[Object]
/// impl Customer {
///     #[graphql(flatten)]
///     async fn children(&self) -> CustomerChildren {
///         CustomerChildren(self.0.id().into())
///     }
/// }
/// ```
macro_rules! children {
    (
        $object:ident of $parent:ty;
        $($(#[$doc:meta])* $field:ident: $noun:ident where parent: $column:expr;)+
    ) => {
        $crate::graphql::relations::child_lists! {
            $object;
            $($(#[$doc])* $field: $noun where parent: $column;)+
        }

        impl $object {
            /// The declarations of the lists.
            pub const ALL: &'static [&'static dyn $crate::graphql::listed::ChildList<$parent>] = &[
                $(&$crate::graphql::relations::Children::<entity::$noun::Entity>::of(stringify!($field), $column),)+
            ];
        }
    };
}

pub(in crate::graphql) use children;

/// Declares only the object with the resolvers, for an object that is no noun.
macro_rules! child_lists {
    ($object:ident; $($(#[$doc:meta])* $field:ident: $noun:ident where parent: $column:expr;)+) => {
        /// The lists of rows that point to a row. Contains the id of the row.
        pub struct $object(pub uuid::Uuid);

        $crate::graphql::pagination::lists! {
            impl $object {
                $(
                    $(#[$doc])*
                    child $field(&self, ctx, list) of $noun {
                        $crate::graphql::pagination::children_of(ctx, $column, self.0, list).await
                    }
                )+
            }
        }
    };
}

pub(in crate::graphql) use child_lists;

/// The compiled field.
struct Pages<N, M: Listed> {
    parent: M::Parent,
    query: Arc<ListQuery<M>>,
    page: Selection<Page<M>>,
    of: PhantomData<fn(N)>,
}

impl<N: Listed, M: Listed> Relation<N::Node> for Pages<N, M> {
    fn load<'a, 's: 'a>(&'s self, objects: &'a [&'a N::Node], loaders: &'a Loaders) -> Load<'a, 's, N::Node> {
        Box::pin(async move {
            let ids: HashSet<Uuid> = objects.iter().map(|object| id::<N>(object)).collect();
            let question = |id| loaders::Children::<M>::new(self.parent, id, self.query.clone());
            let questions = ids.iter().map(|id| question(*id)).collect();
            let mut found = loaders.load_many(questions).await.ok()?;
            let pages: HashMap<Uuid, Page<M>> = ids
                .into_iter()
                .map(|id| {
                    let slice = found.remove(&question(id)).unwrap_or_default();
                    (id, Page::of_children(slice, self.parent, id, self.query.clone()))
                })
                .collect();
            let all: Vec<&Page<M>> = pages.values().collect();
            let loaded = self.page.load(&all, loaders).await?;
            let shown: Box<dyn Shown<N::Node>> = Box::new(PagesShown::<N, M> {
                loaded,
                pages,
                of: PhantomData,
            });
            Some(shown)
        })
    }
}

fn id<N: Listed>(node: &N::Node) -> Uuid {
    node.as_ref().id().into()
}

struct PagesShown<'a, N, M: Listed> {
    loaded: Loaded<'a, Page<M>>,
    pages: HashMap<Uuid, Page<M>>,
    of: PhantomData<fn(N)>,
}

impl<N: Listed, M: Listed> Shown<N::Node> for PagesShown<'_, N, M> {
    fn write(&self, object: &N::Node, ctx: &Context<'_>, json: &mut Json) -> Option<()> {
        self.loaded.write(self.pages.get(&id::<N>(object))?, ctx, json)
    }
}

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
        pagination::{ListArguments, Page, PageArguments, SHOWS_ROWS, query},
    },
    store::ListQuery,
};

/// A list of `M` with the arguments `A`.
pub struct Children<M: Listed, A> {
    field: &'static str,
    parent: M::Parent,
    arguments: PhantomData<fn(A)>,
}

impl<M: Listed, A> Children<M, A> {
    /// Creates the list for a resolver and a type of parent.
    pub const fn of(field: &'static str, parent: M::Parent) -> Self {
        Self {
            field,
            parent,
            arguments: PhantomData,
        }
    }
}

impl<M: Listed, A: ListArguments<M>> Children<M, A> {
    /// Reads the arguments of the field.
    fn query(ctx: &Context<'_>) -> Result<ListQuery<M>> {
        query(ctx, None, A::of_field(ctx)?, PageArguments::of_field(ctx)?)
    }
}

impl<N: Listed, M: Listed, A: ListArguments<M>> ChildList<N> for Children<M, A> {
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
/// Each declaration contains the description of the field, the arguments that it has, the noun of the rows, and the
/// column that points to the row. A field without `filter` and `order_by` returns all rows in the default order. The
/// names of the arguments are fixed, because compiled selections read them by these names.
///
/// ```text
/// children! {
///     CustomerChildren of entity::customer::Entity;
///
///     /// Tickets of the customer, newest first by default.
///     tickets(
///         filter: TicketFilter = "Conditions that the tickets meet. All tickets when omitted or null.",
///         order_by: TicketOrder = "Sort order. Default: `CREATED_AT` with `DESC`.",
///         [first, after, last, before],
///     ) -> entity::ticket::Entity where parent: TicketParent::Customer;
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
        $(
            $(#[$doc:meta])*
            $field:ident(
                $(
                    $filter:ident: $filter_type:ty = $filter_description:tt,
                    $order:ident: $order_type:ty = $order_description:tt,
                )?
                [$first:ident, $after:ident $(, $last:ident, $before:ident)?] $(,)?
            ) -> $noun:ty where parent: $column:expr;
        )+
    ) => {
        #[doc = concat!("The lists of [`", stringify!($parent), "`]. Contains the id of the row.")]
        pub struct $object(pub uuid::Uuid);

        impl $object {
            /// The declarations of the lists.
            pub const ALL: &'static [&'static dyn $crate::graphql::listed::ChildList<$parent>] = &[
                $(&$crate::graphql::relations::Children::<$noun, ($(Option<$filter_type>, Option<$order_type>)?)>::of(
                    stringify!($field),
                    $column,
                ),)+
            ];
        }

        $crate::graphql::pagination::lists! {
            impl $object {
                $(
                    $(#[$doc])*
                    async fn $field(
                        &self,
                        ctx: &Context<'_>,
                        $(
                            #[graphql(desc = $filter_description)]
                            $filter: Option<$filter_type>,
                            #[graphql(desc = $order_description)]
                            $order: Option<$order_type>,
                        )?
                        [$first, $after $(, $last, $before)?] as page,
                    ) -> Result<Connection<$noun>> {
                        $crate::graphql::pagination::children_of(ctx, $column, self.0, ($($filter, $order)?), page)
                            .await
                    }
                )+
            }
        }
    };
}

pub(in crate::graphql) use children;

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

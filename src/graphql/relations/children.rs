//! Pages of the rows that point to a row.

use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Context, Error, InputType, Positioned, ServerError, parser::types::Field};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::{
    graphql::{
        context::ContextExt,
        loaders::{self, Loaders},
        output::{Compiling, Relation, Selection},
        pagination::{FilterInput, Listed, OrderInput, Page, PageArguments, SHOWS_ROWS, query},
    },
    store::ListQuery,
};

/// A field of `N` that shows pages of its children.
pub trait ChildList<N: Listed>: Send + Sync {
    /// The field.
    fn field(&self) -> &'static str;

    /// How it is told without the library. None also where its arguments are not good: the library tells what is wrong.
    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>>;
}

/// A list of `M` that is narrowed by `F` and sorted by `O`, as far as the field takes these arguments.
pub struct Children<M: Listed, F, O> {
    field: &'static str,
    parent: M::Parent,
    arguments: PhantomData<fn(F, O)>,
}

impl<M: Listed, F, O> Children<M, F, O> {
    /// Those of such a parent.
    pub const fn of(field: &'static str, parent: M::Parent) -> Self {
        Self {
            field,
            parent,
            arguments: PhantomData,
        }
    }
}

impl<N, M, F, O> ChildList<N> for Children<M, F, O>
where
    N: Listed,
    M: Listed,
    F: FilterInput<M> + InputType,
    O: OrderInput<M> + InputType,
{
    fn field(&self) -> &'static str {
        self.field
    }

    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>> {
        let ctx = compiling.0.with_field(field);
        if !ctx.asks_for(&SHOWS_ROWS) {
            return None;
        }
        Some(Box::new(Pages::<N, M> {
            parent: self.parent,
            query: Arc::new(asked::<M, F, O>(&ctx).ok()?),
            page: compiling.inside(&field.node.selection_set)?,
            loaded: Mutex::default(),
            of: PhantomData,
        }))
    }
}

/// What the arguments of a field mean.
fn asked<M: Listed, F: FilterInput<M> + InputType, O: OrderInput<M> + InputType>(
    ctx: &Context<'_>,
) -> Result<ListQuery<M>, Error> {
    let page = PageArguments {
        first: argument(ctx, "first")?,
        after: argument(ctx, "after")?,
        last: argument(ctx, "last")?,
        before: argument(ctx, "before")?,
        offset: None,
    };
    let (filter, order) = (argument::<F>(ctx, "filter")?, argument::<O>(ctx, "orderBy")?);
    query(ctx, None, filter, order, page)
}

fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> Result<Option<T>, ServerError> {
    ctx.param_value(name, None).map(|(_, value)| value)
}

/// The field as an operation asks for it.
struct Pages<N, M: Listed> {
    parent: M::Parent,
    query: Arc<ListQuery<M>>,
    page: Selection<Page<M>>,
    loaded: Mutex<HashMap<Uuid, Arc<Page<M>>>>,
    of: PhantomData<fn(N)>,
}

impl<N: Listed, M: Listed> Relation<N::Node> for Pages<N, M> {
    fn load<'a>(&'a self, objects: &'a [&'a N::Node], loaders: &'a Loaders) -> BoxFuture<'a, Option<()>> {
        Box::pin(async move {
            let ids: HashSet<Uuid> = objects
                .iter()
                .map(|object| N::id((*object).as_ref()).into())
                .collect();
            let question = |id| loaders::Children::<M>::new(self.parent, id, self.query.clone());
            let questions = ids.iter().map(|id| question(*id)).collect();
            let mut found = loaders.load_many(questions).await.ok()?;
            let pages: Vec<(Uuid, Arc<Page<M>>)> = ids
                .into_iter()
                .map(|id| {
                    let slice = found.remove(&question(id)).unwrap_or_default();
                    let page = Page::of_children(slice, self.parent, id, self.query.clone());
                    (id, Arc::new(page))
                })
                .collect();
            let all: Vec<&Page<M>> = pages.iter().map(|(_, page)| page.as_ref()).collect();
            self.page.load(&all, loaders).await?;
            // What was loaded before may have been written since.
            self.loaded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(pages);
            Some(())
        })
    }

    fn write(&self, object: &N::Node, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        let id: Uuid = N::id(object.as_ref()).into();
        let page = {
            let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            loaded.get(&id)?.clone()
        };
        self.page.write(&page, ctx, json)
    }
}

//! A page of a list as a Relay connection.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Object, Positioned, SimpleObject, TypeName, parser::types::Field};
use entity::{NotRead, PartialRow};
use uuid::Uuid;

use super::{Arguments, cursor, query};
use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, from_store},
        listed::Listed,
        loaders::{ChildCount, Children},
        output::{Compiled, Compiling, Leaf, Parts, PlainObject, Relation, Write, leaf},
    },
    store::{ListPosition, ListQuery, Order, Slice, SortKey, list},
};

/// Position of a page in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// True when the list has items after this page. For a page that is read with `last`, true when `before` is
    /// given.
    has_next_page: bool,
    /// True when the list has items before this page. For a page that is read with `first`, true when `after`
    /// or an `offset` above 0 is given.
    has_previous_page: bool,
    /// Cursor of the first item of the page. Pass it as `before`, together with `last`, to read the previous
    /// page. Null when the page is empty.
    start_cursor: Option<String>,
    /// Cursor of the last item of the page. Pass it as `after` to read the next page. Null when the page is
    /// empty.
    end_cursor: Option<String>,
}

enum Counted<N: Listed> {
    List,
    Children(N::Parent, Uuid),
}

/// A page of a list.
pub type Connection<N> = Compiled<Page<N>>;

/// A page of a list before it is compiled into a response.
pub struct Page<N: Listed> {
    rows: Vec<PartialRow<N::Row>>,
    has_next: bool,
    has_previous: bool,
    query: Arc<ListQuery<N>>,
    counted: Counted<N>,
}

/// An item of a list with its cursor.
pub struct Edge<N: Listed> {
    row: PartialRow<N::Row>,
    order: Order<N::Sort>,
}

impl<N: Listed> TypeName for Page<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::NAME).into()
    }
}

impl<N: Listed> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::NAME).into()
    }
}

/// An item of a list with its cursor.
#[Object(name_type)]
impl<N: Listed> Edge<N> {
    /// Position of the item in the list. Pass it as `after` or `before` to read on from this item, with the
    /// same sort order.
    async fn cursor(&self) -> Result<String, NotRead> {
        place::<N>(&self.row, self.order)
    }

    /// Object at this position of the list.
    async fn node(&self) -> Compiled<N::Node> {
        Compiled(self.row.clone().into())
    }
}

/// A page of a list, as a Relay connection. The rows are read only when `edges`, `nodes` or `pageInfo` is
/// selected.
#[Object(name_type)]
impl<N: Listed> Page<N> {
    /// Items of the page, each with its cursor.
    async fn edges(&self) -> Vec<Compiled<Edge<N>>> {
        self.rows.iter().map(|row| Compiled(self.edge(row))).collect()
    }

    /// Items of the page without their cursors.
    async fn nodes(&self) -> Vec<Compiled<N::Node>> {
        let node = |row: &PartialRow<N::Row>| Compiled(row.clone().into());
        self.rows.iter().map(node).collect()
    }

    /// Position of the page in the list.
    async fn page_info(&self) -> Result<PageInfo, NotRead> {
        self.info()
    }

    /// Number of items on all pages of the list. The database counts them only when this field is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = match self.counted {
            Counted::List => list::count::<N>(&ctx.services().db, &ctx.viewer().scope(), &self.query)
                .await
                .map_err(from_store)?,
            Counted::Children(parent, id) => ctx
                .loaders()
                .load(ChildCount::<N>::new(parent, id, &self.query))
                .await?
                .unwrap_or(0),
        };
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

impl<N: Listed> Page<N> {
    fn of(slice: Slice<PartialRow<N::Row>>, query: Arc<ListQuery<N>>, counted: Counted<N>) -> Self {
        Self {
            rows: slice.rows,
            has_next: slice.has_next,
            has_previous: slice.has_previous,
            query,
            counted,
        }
    }

    /// Builds a page of the children of one object.
    pub fn of_children(
        slice: Slice<PartialRow<N::Row>>,
        parent: N::Parent,
        id: Uuid,
        query: Arc<ListQuery<N>>,
    ) -> Self {
        Self::of(slice, query, Counted::Children(parent, id))
    }

    fn edge(&self, row: &PartialRow<N::Row>) -> Edge<N> {
        Edge {
            row: row.clone(),
            order: self.query.order,
        }
    }

    fn info(&self) -> Result<PageInfo, NotRead> {
        let place = |row| place::<N>(row, self.query.order);
        Ok(PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.rows.first().map(place).transpose()?,
            end_cursor: self.rows.last().map(place).transpose()?,
        })
    }
}

impl<N: Listed> PlainObject for Edge<N> {
    fn plain(field: &Positioned<Field>, _: Compiling<'_>) -> Option<Write<Self>> {
        match field.node.name.node.as_str() {
            "cursor" => Some(Box::new(|edge: &Self, ctx, json| leaf(edge.cursor(ctx), json))),
            _ => None,
        }
    }

    fn related(field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<Box<dyn Relation<Self>>> {
        match field.node.name.node.as_str() {
            "node" => {
                let inner = compiling.inside::<N::Node>(&field.node.selection_set)?;
                Some(Box::new(Parts::only(inner, |edge: &Self| {
                    vec![edge.row.clone().into()]
                })))
            }
            _ => None,
        }
    }
}

/// The rows are loaded already, so a page is plain if the selection of its rows is.
impl<N: Listed> PlainObject for Page<N> {
    fn plain(field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<Write<Self>> {
        let set = &field.node.selection_set;
        match field.node.name.node.as_str() {
            "pageInfo" => {
                let info = compiling.inside::<PageInfo>(set)?;
                Some(Box::new(move |page: &Self, ctx, json| {
                    info.as_it_is().write(&page.info().ok()?, ctx, json)
                }))
            }
            _ => None,
        }
    }

    fn related(field: &Positioned<Field>, compiling: Compiling<'_>) -> Option<Box<dyn Relation<Self>>> {
        let set = &field.node.selection_set;
        match field.node.name.node.as_str() {
            "nodes" => {
                let inner = compiling.inside::<N::Node>(set)?;
                Some(Box::new(Parts::new(inner, |page: &Self| {
                    page.rows.iter().map(|row| row.clone().into()).collect()
                })))
            }
            "edges" => {
                let inner = compiling.inside::<Edge<N>>(set)?;
                Some(Box::new(Parts::new(inner, |page: &Self| {
                    page.rows.iter().map(|row| page.edge(row)).collect()
                })))
            }
            _ => None,
        }
    }
}

impl PlainObject for PageInfo {
    fn plain(field: &Positioned<Field>, _: Compiling<'_>) -> Option<Write<Self>> {
        fn of<L: Leaf + 'static>(part: fn(&PageInfo) -> &L) -> Write<PageInfo> {
            Box::new(move |info, _, json| {
                part(info).write(json);
                Some(())
            })
        }
        Some(match field.node.name.node.as_str() {
            "hasNextPage" => of(|info| &info.has_next_page),
            "hasPreviousPage" => of(|info| &info.has_previous_page),
            "startCursor" => of(|info| &info.start_cursor),
            "endCursor" => of(|info| &info.end_cursor),
            _ => return None,
        })
    }
}

fn place<N: Listed>(row: &PartialRow<N::Row>, order: Order<N::Sort>) -> Result<String, NotRead> {
    let place = ListPosition {
        value: order.field.value(row)?,
        id: row.id().into(),
    };
    Ok(cursor::encode::<N>(&place, order))
}

/// Fields that require the rows of a page. Without them, only the number of rows is read.
pub const SHOWS_ROWS: [&str; 3] = ["edges", "nodes", "pageInfo"];

/// Reads a page of a list of the viewer's workspaces.
pub async fn root<N: Listed>(ctx: &Context<'_>, query: ListQuery<N>) -> Result<Connection<N>> {
    let slice = if ctx.asks_for(&SHOWS_ROWS) {
        let reader = ctx.loaders().reader();
        let (columns, beside) = (reader.columns::<N>(), reader.beside::<N>());
        list::list::<N>(&reader.db, &reader.scope, &query, columns, &beside)
            .await
            .map_err(from_store)?
    } else {
        Slice::default()
    };
    Ok(Compiled(Page::of(slice, Arc::new(query), Counted::List)))
}

/// Reads a page of the children of one object.
pub async fn children_of<N: Listed>(
    ctx: &Context<'_>,
    parent: N::Parent,
    id: Uuid,
    arguments: Arguments<N>,
) -> Result<Connection<N>> {
    let query = Arc::new(query(ctx, None, arguments)?);
    let slice = if ctx.asks_for(&SHOWS_ROWS) {
        ctx.loaders()
            .load(Children::<N>::new(parent, id, query.clone()))
            .await?
    } else {
        None
    };
    let slice = slice.unwrap_or_default();
    Ok(Compiled(Page::of_children(slice, parent, id, query)))
}

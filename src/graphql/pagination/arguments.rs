//! first, after, last, before and offset: read, bounded and turned into a page.

use async_graphql::{Context, ID};

use super::{Listed, cursor};
use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, bad_input},
        filters::Place,
        id,
    },
    store::{self, ListQuery, Order, Page},
};

/// An input object that says which rows of a list fit.
pub trait FilterInput<N: Listed> {
    /// As the store takes it; what is wrong is told with its place.
    fn read(self, place: &Place) -> Result<N::Filter>;
}

/// An input object that says in which order a list is.
pub trait OrderInput<N: Listed> {
    /// The order when nobody says.
    const DEFAULT: Order<N::Sort>;

    /// As the store takes it.
    fn read(self) -> Order<N::Sort>;
}

/// What the arguments of a list mean.
pub fn query<N: Listed, O: OrderInput<N>>(
    ctx: &Context<'_>,
    workspace: Option<&ID>,
    filter: Option<impl FilterInput<N>>,
    order: Option<O>,
    page: PageArguments,
) -> Result<ListQuery<N>> {
    let order = order.map_or(O::DEFAULT, OrderInput::read);
    let filter = filter
        .map(|filter| filter.read(&Place::argument("filter")))
        .transpose()?;
    Ok(ListQuery::<N> {
        workspace: id::optional("workspaceId", workspace)?,
        filter: filter.unwrap_or_default(),
        order,
        page: page.read::<N>(ctx.limits(), order)?,
    })
}

/// How many rows a page has when nobody says.
pub const DEFAULT_SIZE: u32 = 20;

/// Bounds on lists.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest `first` and `last`.
    pub page_size_max: u32,
    /// Largest `offset`.
    pub offset_max: u64,
}

/// The arguments of a list, as they were sent.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// Size, from the beginning. A page of none tells how many there are, and whether there are any.
    pub first: Option<i32>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// Size, from the end.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
    /// Rows to pass over.
    pub offset: Option<i32>,
}

impl PageArguments {
    /// Of a list that is read from its beginning only.
    pub fn forward(first: Option<i32>, after: Option<String>) -> Self {
        Self {
            first,
            after,
            ..Self::default()
        }
    }

    /// How many rows they mean, of a list that is read from its beginning only.
    pub fn size(&self, limits: Limits) -> Result<u32> {
        self.first
            .map_or(Ok(DEFAULT_SIZE.min(limits.page_size_max)), |first| {
                size("first", first, limits)
            })
    }

    /// The page that they mean.
    pub fn read<N: Listed>(self, limits: Limits, order: Order<N::Sort>) -> Result<Page> {
        if self.first.is_some() && self.last.is_some() {
            return Err(bad_input("last", "first and last exclude each other."));
        }
        // Some clients send an empty text for no cursor.
        let sent = |cursor: Option<String>| cursor.filter(|cursor| !cursor.is_empty());
        let (after, before) = (sent(self.after), sent(self.before));
        let offset = offset(self.offset, limits)?;
        if offset > 0 && (self.last.is_some() || after.is_some() || before.is_some()) {
            return Err(bad_input("offset", "goes with first only."));
        }
        let from_end = self.last.is_some();
        let size = match (self.first, self.last) {
            (_, Some(last)) => size("last", last, limits)?,
            (Some(first), None) => size("first", first, limits)?,
            (None, None) => DEFAULT_SIZE.min(limits.page_size_max),
        };
        let place = |name: &str, text: Option<String>| -> Result<Option<store::Place>> {
            let read = |text: String| cursor::decode::<N>(&text, order).map_err(|why| bad_input(name, why));
            text.map(read).transpose()
        };
        Ok(Page {
            size,
            from_end,
            after: place("after", after)?,
            before: place("before", before)?,
            offset,
        })
    }
}

fn size(name: &str, asked: i32, limits: Limits) -> Result<u32> {
    let max = limits.page_size_max;
    u32::try_from(asked)
        .ok()
        .filter(|size| (0..=max).contains(size))
        .ok_or_else(|| bad_input(name, &format!("is {asked}; it must be between 0 and {max}.")))
}

fn offset(asked: Option<i32>, limits: Limits) -> Result<u64> {
    let asked = asked.unwrap_or(0);
    let max = limits.offset_max;
    u64::try_from(asked)
        .ok()
        .filter(|offset| *offset <= max)
        .ok_or_else(|| bad_input("offset", &format!("is {asked}; it must be between 0 and {max}.")))
}

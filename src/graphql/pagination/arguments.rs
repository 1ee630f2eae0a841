//! Reads and checks the arguments `first`, `after`, `last`, `before` and `offset`.

use async_graphql::{Context, ID, InputType, ServerResult};

use super::cursor;
use crate::{
    graphql::{
        context::{ContextExt, Limits},
        error::{Result, bad_input},
        filters::{ArgumentPath, FilterInput},
        id,
        listed::Listed,
    },
    service::wording,
    store::{self, ListQuery, Order, Page},
};

/// An input object with the sort order of a list.
pub trait OrderInput<N: Listed> {
    /// Converts it for the store.
    fn read(self) -> Order<N::Sort>;
}

/// The arguments of a list that restrict and sort it: a filter and an order, or neither.
pub trait ListArguments<N: Listed>: Sized {
    /// Reads them from the field of a request.
    fn of_field(ctx: &Context<'_>) -> ServerResult<Self>;

    /// Converts them for the store. An error names the path of the wrong value.
    fn read(self) -> Result<(N::Filter, Order<N::Sort>)>;
}

impl<N: Listed> ListArguments<N> for () {
    fn of_field(_: &Context<'_>) -> ServerResult<Self> {
        Ok(())
    }

    fn read(self) -> Result<(N::Filter, Order<N::Sort>)> {
        Ok((N::Filter::default(), N::DEFAULT_ORDER))
    }
}

impl<N, F, O> ListArguments<N> for (Option<F>, Option<O>)
where
    N: Listed,
    F: FilterInput<N> + InputType,
    O: OrderInput<N> + InputType,
{
    fn of_field(ctx: &Context<'_>) -> ServerResult<Self> {
        Ok((argument(ctx, "filter")?, argument(ctx, "orderBy")?))
    }

    fn read(self) -> Result<(N::Filter, Order<N::Sort>)> {
        let (filter, order) = self;
        let filter = filter
            .map(|filter| filter.read(&ArgumentPath::argument("filter")))
            .transpose()?;
        Ok((
            filter.unwrap_or_default(),
            order.map_or(N::DEFAULT_ORDER, OrderInput::read),
        ))
    }
}

fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<Option<T>> {
    ctx.param_value(name, None).map(|(_, value)| value)
}

/// Converts the arguments of a list into a query.
pub fn query<N: Listed>(
    ctx: &Context<'_>,
    workspace: Option<&ID>,
    arguments: impl ListArguments<N>,
    page: PageArguments,
) -> Result<ListQuery<N>> {
    let (filter, order) = arguments.read()?;
    Ok(ListQuery::<N> {
        workspace: id::optional("workspaceId", workspace)?,
        filter,
        order,
        page: page.read::<N>(ctx.limits(), order)?,
    })
}

/// Number of rows of a page when neither `first` nor `last` is given.
pub const DEFAULT_SIZE: u32 = 20;

/// The arguments of a list, as sent.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// Number of rows from the start of the list. 0 is allowed, for clients that read only `totalCount` and `pageInfo`.
    pub first: Option<i32>,
    /// The page starts after this cursor.
    pub after: Option<String>,
    /// Number of rows from the end of the list.
    pub last: Option<i32>,
    /// The page ends before this cursor.
    pub before: Option<String>,
    /// Number of rows to skip.
    pub offset: Option<i32>,
}

impl PageArguments {
    /// Reads them from the field of a request.
    pub fn of_field(ctx: &Context<'_>) -> ServerResult<Self> {
        let forward = Self::forward(argument(ctx, "first")?, argument(ctx, "after")?);
        Ok(forward.backward(argument(ctx, "last")?, argument(ctx, "before")?))
    }

    /// The arguments of a list that is read only from its start.
    pub fn forward(first: Option<i32>, after: Option<String>) -> Self {
        Self {
            first,
            after,
            ..Self::default()
        }
    }

    /// Adds those of a list that is also read from its end.
    #[must_use]
    pub fn backward(self, last: Option<i32>, before: Option<String>) -> Self {
        Self { last, before, ..self }
    }

    /// Adds the number of rows to skip.
    #[must_use]
    pub fn skip(self, offset: Option<i32>) -> Self {
        Self { offset, ..self }
    }

    /// Number of rows of a page in a list that is read only from its start.
    pub fn size(&self, limits: Limits) -> Result<u32> {
        self.first
            .map_or(Ok(DEFAULT_SIZE.min(limits.page_size_max)), |first| {
                size("first", first, limits)
            })
    }

    /// Checks the arguments and converts them into a page.
    pub fn read<N: Listed>(self, limits: Limits, order: Order<N::Sort>) -> Result<Page> {
        if self.first.is_some() && self.last.is_some() {
            return Err(bad_input("last", &wording::not_with("first")));
        }
        // Some clients send an empty text when they have no cursor.
        let sent = |cursor: Option<String>| cursor.filter(|cursor| !cursor.is_empty());
        let (after, before) = (sent(self.after), sent(self.before));
        let offset = offset(self.offset, limits)?;
        if offset > 0 && (self.last.is_some() || after.is_some() || before.is_some()) {
            return Err(bad_input(
                "offset",
                "cannot be combined with `after`, `before` or `last`.",
            ));
        }
        let from_end = self.last.is_some();
        let size = match (self.first, self.last) {
            (_, Some(last)) => size("last", last, limits)?,
            (Some(first), None) => size("first", first, limits)?,
            (None, None) => DEFAULT_SIZE.min(limits.page_size_max),
        };
        let place = |name: &str, text: Option<String>| -> Result<Option<store::ListPosition>> {
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
        .ok_or_else(|| bad_input(name, &wording::out_of_range(asked, max)))
}

fn offset(asked: Option<i32>, limits: Limits) -> Result<u64> {
    let asked = asked.unwrap_or(0);
    let max = limits.offset_max;
    u64::try_from(asked)
        .ok()
        .filter(|offset| *offset <= max)
        .ok_or_else(|| bad_input("offset", &wording::out_of_range(asked, max)))
}

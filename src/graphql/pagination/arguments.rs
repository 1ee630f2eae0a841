//! Reads and checks the arguments of lists: `filter`, `orderBy`, `first`, `after`, `last`, `before` and `offset`.

use std::borrow::Cow;

use async_graphql::{
    Context, ID, InputType, InputValueError, InputValueResult, ServerResult, Value, registry::Registry,
};

use super::cursor;
use crate::{
    graphql::{
        context::{ContextExt, Limits},
        error::{Result, bad_input},
        filters::{ArgumentPath, FilterInput},
        id,
        listed::Listed,
        order::OrderInput,
    },
    service::wording,
    store::{self, ListQuery, Order, Page},
};

/// The input object with the conditions of a list.
pub type FilterOf<N> = <N as Listed>::FilterInput;

/// Maximum number of entries of `orderBy`.
const ORDERS_MAX: usize = 2;

/// The argument `orderBy`: a list of sort keys. It is nullable, and null has the effect of the default.
pub struct OrderBy<N: Listed>(Option<Vec<N::OrderInput>>);

impl<N: Listed> Default for OrderBy<N> {
    fn default() -> Self {
        Self(None)
    }
}

impl<N: Listed> InputType for OrderBy<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Vec::<N::OrderInput>::type_name()
    }

    fn qualified_type_name() -> String {
        Option::<Vec<N::OrderInput>>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Option::<Vec<N::OrderInput>>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        Option::parse(value).map(Self).map_err(InputValueError::propagate)
    }

    /// The schema shows the default as a list.
    fn to_value(&self) -> Value {
        match &self.0 {
            Some(entries) => entries.to_value(),
            None => vec![N::OrderInput::default()].to_value(),
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N: Listed> OrderBy<N> {
    /// Converts it for the store.
    fn read(&self) -> Result<Order<N::Sort>> {
        match self.0.as_deref().unwrap_or_default() {
            [] => Ok(N::DEFAULT_ORDER),
            [one] => Ok(one.read()),
            [first, second] => {
                let why = format!(
                    "cannot sort by `{}` and then by `{}`.",
                    first.name(),
                    second.name()
                );
                Err(bad_input("orderBy", &why))
            }
            more => {
                let why = wording::too_many(more.len(), "entries", ORDERS_MAX);
                Err(bad_input("orderBy", &why))
            }
        }
    }
}

/// The arguments of a list that every list has, as sent.
pub struct Arguments<N: Listed> {
    /// Conditions on the rows.
    pub filter: Option<N::FilterInput>,
    /// Sort order.
    pub order_by: OrderBy<N>,
    /// The part of the list.
    pub page: PageArguments,
}

impl<N: Listed> Arguments<N> {
    /// Reads the arguments of a list without `offset` from the field of a request.
    pub fn of_field(ctx: &Context<'_>) -> ServerResult<Self> {
        Ok(Self {
            filter: argument(ctx, "filter")?,
            order_by: argument(ctx, "orderBy")?,
            page: PageArguments {
                first: argument(ctx, "first")?,
                after: argument(ctx, "after")?,
                last: argument(ctx, "last")?,
                before: argument(ctx, "before")?,
                offset: None,
            },
        })
    }
}

fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<T> {
    ctx.param_value(name, None).map(|(_, value)| value)
}

/// Converts the arguments of a list into a query. An error names the path of the wrong value.
pub fn query<N: Listed>(
    ctx: &Context<'_>,
    workspace: Option<&ID>,
    arguments: Arguments<N>,
) -> Result<ListQuery<N>> {
    let filter = arguments
        .filter
        .map(|filter| filter.read(&ArgumentPath::argument("filter")))
        .transpose()?;
    let order = arguments.order_by.read()?;
    Ok(ListQuery::<N> {
        workspace: id::optional("workspaceId", workspace)?,
        filter: filter.unwrap_or_default(),
        order,
        page: arguments.page.read::<N>(ctx.limits(), order)?,
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

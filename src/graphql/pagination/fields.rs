//! Declares fields that return pages of a list. The arguments of a page are described only here.

/// Implements resolvers of fields that return pages of a list, as an object of their own. The object with the other
/// fields includes it with `#[graphql(flatten)]`.
///
/// The resolvers are written as usual, except for the arguments that select a page. The last parameter lists those that
/// the field has: `first` and `after`, then `last` and `before`, then `offset`. The resolver receives them as
/// [`PageArguments`](super::PageArguments) in the named variable.
///
/// ```text
/// lists! {
///     impl TicketList {
///         /// Lists the tickets of the viewer's workspaces.
///         async fn tickets(
///             &self,
///             ctx: &Context<'_>,
///             #[graphql(desc = "Conditions that the tickets meet.")] filter: Option<TicketFilter>,
///             #[graphql(desc = "Sort order.")] order_by: Option<TicketOrder>,
///             [first, after, last, before, offset] as page,
///         ) -> Result<Connection<Entity>> {
///             root(ctx, query(ctx, None, (filter, order_by), page)?).await
///         }
///     }
/// }
/// ```
macro_rules! lists {
    (
        impl $object:ident {
            $(
                $(#[$doc:meta])*
                async fn $field:ident(
                    &$this:ident,
                    $ctx:ident: &Context<'_>,
                    $($(#[$attribute:meta])* $argument:ident: $type:ty,)*
                    [$first:ident, $after:ident $(, $last:ident, $before:ident $(, $offset:ident)?)?] as $page:ident,
                ) -> Result<Connection<$noun:ty>> $body:block
            )+
        }
    ) => {
        #[async_graphql::Object]
        impl $object {
            $(
                $(#[$doc])*
                #[expect(clippy::allow_attributes, reason = "some lists have few arguments")]
                #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
                async fn $field(
                    &$this,
                    $ctx: &async_graphql::Context<'_>,
                    $($(#[$attribute])* $argument: $type,)*
                    #[graphql(
                        desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted."
                    )]
                    $first: Option<i32>,
                    #[graphql(desc = "Cursor of an item. The page starts after that item.")]
                    $after: Option<String>,
                    $(
                        #[graphql(
                            desc = "Number of items from the end of the list: 0 to 100 by default. Cannot be \
                                    combined with `first`."
                        )]
                        $last: Option<i32>,
                        #[graphql(desc = "Cursor of an item. The page ends before that item.")]
                        $before: Option<String>,
                        $(
                            #[graphql(
                                desc = "Number of items to skip from the start of the list: 0 to 10000 by default. \
                                        Cannot be combined with `last`, `after` or `before`."
                            )]
                            $offset: Option<i32>,
                        )?
                    )?
                ) -> $crate::graphql::error::Result<$crate::graphql::pagination::Connection<$noun>> {
                    let $page = $crate::graphql::pagination::PageArguments::forward($first, $after)
                        $(.backward($last, $before)$(.skip($offset))?)?;
                    $body
                }
            )+
        }
    };
}

pub(in crate::graphql) use lists;

/// Declares the fields of a noun that return pages of rows that point to its row: an object with their resolvers,
/// which the noun includes with `#[graphql(flatten)]`, and [`Listed::CHILDREN`](super::Listed::CHILDREN).
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
///         CustomerChildren(self.0.id.into())
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
            pub const ALL: &'static [&'static dyn $crate::graphql::relations::ChildList<$parent>] = &[
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

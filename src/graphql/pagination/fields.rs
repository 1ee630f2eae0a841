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

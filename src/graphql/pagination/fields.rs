//! Declares fields that return pages of a list. The arguments of a list are described only here.

/// Implements resolvers of fields that return pages of a list, as an object of their own. The object with the other
/// fields includes it with `#[graphql(flatten)]`.
///
/// A declaration names the noun of the rows, which determines the types and the descriptions of the arguments
/// `filter` and `orderBy`, and the arguments that only this field has. `root` adds the argument `offset`. The body
/// receives the arguments of the list as [`Arguments`](super::Arguments) in the named variable.
///
/// ```text
/// lists! {
///     impl TicketList {
///         /// Lists the tickets of the viewer's workspaces.
///         root tickets(
///             &self, ctx, list,
///             #[graphql(desc = "Workspace whose tickets are listed.")] workspace_id: Option<ID>,
///         ) of ticket {
///             root(ctx, query(ctx, workspace_id.as_ref(), list)?).await
///         }
///     }
/// }
/// ```
macro_rules! lists {
    (impl $object:ident { $($fields:tt)* }) => {
        $crate::graphql::pagination::lists!(@next $object {} $($fields)*);
    };
    (@next $object:ident { $($done:tt)* }) => {
        #[async_graphql::Object]
        impl $object {
            $($done)*
        }
    };
    (
        @next $object:ident $done:tt
        $(#[$doc:meta])*
        $place:ident $field:ident($($head:tt)*) of $noun:ident $body:block
        $($rest:tt)*
    ) => {
        $crate::graphql::pagination::lists!(
            @$noun $object $done $place [$(#[$doc])* $field $noun $body] [$($head)*] $($rest)*
        );
    };

    (@ticket $($field:tt)*) => {
        $crate::graphql::pagination::lists!(
            @field
            "Conditions that the tickets meet. All tickets when omitted or null."
            "Sort order: one entry. A second entry is refused with `BAD_USER_INPUT`. An empty list or null has the effect of the default."
            $($field)*
        );
    };
    (@conversation $($field:tt)*) => {
        $crate::graphql::pagination::lists!(
            @field
            "Conditions that the conversations meet. All conversations when omitted or null."
            "Sort order: one entry. A second entry is refused with `BAD_USER_INPUT`. An empty list or null has the effect of the default."
            $($field)*
        );
    };
    (@customer $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the customers meet. All customers when omitted or null." $($field)*);
    };
    (@message $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the messages meet. All messages when omitted or null." $($field)*);
    };
    (@agent $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the agents meet. All agents when omitted or null." $($field)*);
    };
    (@team $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the teams meet. All teams when omitted or null." $($field)*);
    };
    (@queue $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the queues meet. All queues when omitted or null." $($field)*);
    };
    (@api_key $($field:tt)*) => {
        $crate::graphql::pagination::lists!(@single "Conditions that the keys meet. All keys when omitted or null." $($field)*);
    };
    // A list that can be sorted by one key only.
    (@single $filter:tt $($field:tt)*) => {
        $crate::graphql::pagination::lists!(
            @field
            $filter
            "Sort order: one entry. A second entry is refused with `BAD_USER_INPUT`. An empty list or null has the effect of the default."
            $($field)*
        );
    };

    (@field $filter:tt $order:tt $object:ident $done:tt root $field:tt $head:tt $($rest:tt)*) => {
        $crate::graphql::pagination::lists!(
            @resolver $filter $order $object $done $field $head
            [
                #[graphql(
                    desc = "Number of items to skip from the start of the list: 0 to 10000 by default. Cannot be \
                            combined with `last`, `after` or `before`.",
                    default_with = "Some(0)"
                )]
                offset: Option<i32>,
            ]
            $($rest)*
        );
    };
    (@field $filter:tt $order:tt $object:ident $done:tt child $field:tt $head:tt $($rest:tt)*) => {
        $crate::graphql::pagination::lists!(@resolver $filter $order $object $done $field $head [] $($rest)*);
    };
    (
        @resolver $filter:tt $order:tt $object:ident { $($done:tt)* }
        [$(#[$doc:meta])* $field:ident $noun:ident $body:block]
        [&$this:ident, $ctx:ident, $list:ident $(, $($extra:tt)*)?]
        [$($(#[$about:meta])* $offset:ident: $type:ty,)?]
        $($rest:tt)*
    ) => {
        $crate::graphql::pagination::lists!(
            @next $object {
                $($done)*

                $(#[$doc])*
                #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
                async fn $field(
                    &$this,
                    $ctx: &async_graphql::Context<'_>,
                    $($($extra)*)?
                    #[graphql(desc = $filter)] filter: Option<$crate::graphql::pagination::FilterOf<entity::$noun::Entity>>,
                    #[graphql(desc = $order, default)]
                    order_by: $crate::graphql::pagination::OrderBy<entity::$noun::Entity>,
                    #[graphql(
                        desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted."
                    )]
                    first: Option<i32>,
                    #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
                    #[graphql(
                        desc = "Number of items from the end of the list: 0 to 100 by default. Cannot be combined \
                                with `first`."
                    )]
                    last: Option<i32>,
                    #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
                    $($(#[$about])* $offset: $type,)?
                ) -> $crate::graphql::error::Result<
                    $crate::graphql::pagination::Connection<entity::$noun::Entity>,
                > {
                    let page = $crate::graphql::pagination::PageArguments {
                        first,
                        after,
                        last,
                        before,
                        ..Default::default()
                    };
                    $(let page = page.skip($offset);)?
                    let $list = $crate::graphql::pagination::Arguments {
                        filter,
                        order_by,
                        page,
                    };
                    $body
                }
            }
            $($rest)*
        );
    };
}

pub(in crate::graphql) use lists;

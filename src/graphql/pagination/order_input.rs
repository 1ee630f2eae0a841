//! Declares the input objects that sort lists.

/// Declares the input object with a sort key of a list, for the noun of its rows and the enum of its fields. The default
/// direction is that of the default order of the list.
macro_rules! order_input {
    ($(#[$about:meta])* $order:ident of $noun:ty, by $field:ident) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, async_graphql::InputObject)]
        pub struct $order {
            /// Field by which the list is sorted.
            field: $field,
            /// Direction of the sort order.
            #[graphql(default_with = "Self::default().direction")]
            direction: $crate::graphql::order::OrderDirection,
        }

        impl Default for $order {
            fn default() -> Self {
                let order = <$noun as $crate::graphql::listed::Listed>::DEFAULT_ORDER;
                Self {
                    field: order.field.into(),
                    direction: $crate::graphql::order::OrderDirection::of(order.descending),
                }
            }
        }

        impl $crate::graphql::order::OrderInput<$noun> for $order {
            fn read(&self) -> $crate::store::Order<<$noun as $crate::store::Noun>::Sort> {
                $crate::store::Order {
                    field: self.field.into(),
                    descending: self.direction == $crate::graphql::order::OrderDirection::Desc,
                }
            }

            fn name(&self) -> String {
                async_graphql::InputType::to_value(&self.field).to_string()
            }
        }
    };
}

pub(in crate::graphql) use order_input;

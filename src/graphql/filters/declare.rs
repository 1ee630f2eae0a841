//! Declaration of the filter of a noun.

/// Declares an input object with conditions, each with its meaning, its value and the function that reads the
/// value for the store. The filter in the store has the same names.
///
/// The file imports `InputObject`, `MaybeUndefined`, `Result`, and the module of the noun in the store as `store`.
///
/// `nesting (and, or, not)` adds filters inside the filter. `none` names the conditions of the store that no
/// argument sets.
macro_rules! filter_input {
    ($(#[$about:meta])* $filter:ident of $noun:ty $(, nesting ($and:ident, $or:ident, $not:ident))? {
        $($(#[$meaning:meta])* $field:ident: $type:ty => $read:ident $(if $kept:ident)?,)+
    } $(none: $($none:ident),+)?) => {
        $(#[$about])*
        #[derive(Clone, Debug, InputObject)]
        pub struct $filter {
            $(
                /// Matches when all of these filters match: up to 100 filters.
                $and: MaybeUndefined<Vec<$filter>>,
                /// Matches when at least one of these filters matches: up to 100 filters. An empty list matches nothing.
                $or: MaybeUndefined<Vec<$filter>>,
                /// Matches when this filter does not match.
                $not: MaybeUndefined<Box<$filter>>,
            )?
            $($(#[$meaning])* $field: MaybeUndefined<$type>,)+
        }

        impl $crate::graphql::filters::FilterInput<$noun> for $filter {
            fn read(self, place: &$crate::graphql::filters::ArgumentPath) -> Result<store::$filter> {
                use $crate::graphql::filters::given;
                Ok(store::$filter {
                    $(logic: $crate::graphql::filters::logic(self.$and, self.$or, self.$not, place)?,)?
                    $($field: given(self.$field, place, stringify!($field), $read)? $(.filter($kept))?,)+
                    $($($none: None,)+)?
                })
            }
        }
    };
}

pub(in crate::graphql) use filter_input;

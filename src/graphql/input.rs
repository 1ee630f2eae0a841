//! Input fields of updates: absent, null, or a value.

use async_graphql::MaybeUndefined;

use crate::service::Patch;

/// Absent is left alone and null clears.
pub fn patch<T, U>(field: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Patch<U> {
    match field {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(convert(value)),
    }
}

/// The same for a value that is taken as it is.
pub fn plain<T>(field: MaybeUndefined<T>) -> Patch<T> {
    patch(field, std::convert::identity)
}

//! Input fields of updates: omitted, null, or a value.

use async_graphql::MaybeUndefined;

use crate::service::Patch;

/// An omitted field keeps its value, and null clears it.
pub fn patch<T, U>(field: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Patch<U> {
    match field {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(convert(value)),
    }
}

/// The same for a value that needs no conversion.
pub fn plain<T>(field: MaybeUndefined<T>) -> Patch<T> {
    patch(field, std::convert::identity)
}

//! Input fields of mutations: omitted, null, or a value.

use async_graphql::{ID, MaybeUndefined};
use entity::{camel, id::IdError};

use crate::service::{Patch, UserError};

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

/// Field that can be omitted.
pub trait Optional<T> {
    /// Whether the field is omitted, null or a value.
    fn patch(self) -> Patch<T>;
}

impl<T> Optional<T> for MaybeUndefined<T> {
    fn patch(self) -> Patch<T> {
        plain(self)
    }
}

/// Null in a create is the same as an omitted field.
impl<T> Optional<T> for Option<T> {
    fn patch(self) -> Patch<T> {
        self.into()
    }
}

/// Reads a field. An error names its path. `name` is the name of the column.
pub fn read<T, U>(
    field: impl Optional<T>,
    name: &str,
    read: impl FnOnce(T, &[&str]) -> Result<U, UserError>,
) -> Result<Patch<U>, UserError> {
    Ok(match field.patch() {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => Patch::Set(read(value, &["input", &camel(name)])?),
    })
}

/// Reads a value that is stored as it was sent.
#[expect(clippy::unnecessary_wraps, reason = "same signature as the other readers")]
pub fn value<T: Into<U>, U>(value: T, _: &[&str]) -> Result<U, UserError> {
    Ok(value.into())
}

/// Reads a list of values that are stored as they were sent.
#[expect(clippy::unnecessary_wraps, reason = "same signature as the other readers")]
pub fn each<T: Into<U>, U>(list: Vec<T>, _: &[&str]) -> Result<Vec<U>, UserError> {
    Ok(list.into_iter().map(Into::into).collect())
}

/// Reads an id.
#[expect(
    clippy::needless_pass_by_value,
    reason = "same signature as the other readers"
)]
pub fn one_id<T: std::str::FromStr<Err = IdError>>(id: ID, path: &[&str]) -> Result<T, UserError> {
    super::id::input(path, &id)
}

/// Reads a list of ids.
#[expect(
    clippy::needless_pass_by_value,
    reason = "same signature as the other readers"
)]
pub fn id_list<T: std::str::FromStr<Err = IdError>>(
    ids: Vec<ID>,
    path: &[&str],
) -> Result<Vec<T>, UserError> {
    super::id::list(path, &ids)
}

/// Whether a list has entries. An empty list counts as omitted.
#[expect(clippy::ptr_arg, reason = "a filter of an option")]
pub fn non_empty<T>(list: &Vec<T>) -> bool {
    !list.is_empty()
}

/// Declares an input object. A field with a function that reads it becomes the field of the same name in the fields of
/// the service. The other fields are read by hand. The file imports `InputObject`.
macro_rules! input_object {
    ($(#[$about:meta])* $input:ident of $fields:path {
        $($(#[$meaning:meta])* $field:ident: $type:ty $(=> $read:ident $(if $kept:ident)?)?,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, InputObject)]
        pub struct $input {
            $($(#[$meaning])* $field: $type,)+
        }

        impl $input {
            /// Takes the fields of the service out of the input.
            pub fn fields(&mut self) -> std::result::Result<$fields, $crate::service::UserError> {
                let mut fields = <$fields>::default();
                $($(
                    let value = std::mem::take(&mut self.$field);
                    fields.$field = $crate::graphql::input::read(value, stringify!($field), $read)?
                        $(.filter($kept))?;
                )?)+
                Ok(fields)
            }
        }
    };
}

pub(in crate::graphql) use input_object;

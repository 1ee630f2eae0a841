//! Field of an input: unchanged, cleared or set.

/// Change of a field. A create changes the default of the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field remains unchanged.
    #[default]
    Keep,
    /// The field is cleared.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is cleared or set.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Leaves the field unchanged if the value is not accepted.
    #[must_use]
    pub fn filter(self, accepts: impl FnOnce(&T) -> bool) -> Self {
        match self {
            Self::Set(value) if !accepts(&value) => Self::Keep,
            other => other,
        }
    }

    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }

    /// Returns the value of the field after the update.
    pub fn over(self, before: &Option<T>) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Keep => before.clone(),
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Returns the value of a required field after the update. `cleared` is its value after a clear.
    pub fn over_required(self, before: &T, cleared: T) -> T
    where
        T: Clone,
    {
        match self {
            Self::Keep => before.clone(),
            Self::Clear => cleared,
            Self::Set(value) => value,
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// `None` leaves the field unchanged.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// Declares the fields that callers can write. A kind after the type defines how the field is written to the column of
/// the same name. Only `line` and `checked` also validate it. Fields without a kind are validated and written by hand.
///
/// - `nullable`: null clears the column.
/// - `line(max)`: a text with a maximum length. Null and a blank text clear the column.
/// - `checked(max)`: a text that is validated like `line`, and written by hand.
/// - `or(default)`: null sets the default.
/// - `tags`: null removes all tags.
/// - `custom`: custom fields, merged key by key.
///
/// With `told`, imports can read and leave out the fields by their names.
macro_rules! patches {
    ($(#[$about:meta])* $name:ident of $row:ident, told $fields:tt) => {
        $crate::service::patch::patches!($(#[$about])* $name of $row $fields);
        $crate::service::patch::patches!(@told $name $row $fields);
    };
    ($(#[$about:meta])* $name:ident of $row:ident {
        $($(#[$meaning:meta])* $field:ident: $type:ty $(=> $kind:ident $(($value:expr))?)?,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $($(#[$meaning])* pub $field: $crate::service::Patch<$type>,)+
        }

        impl $name {
            /// Names of the fields that are cleared or set.
            pub fn given(&self) -> impl Iterator<Item = String> {
                let given = [$((stringify!($field), self.$field.is_given())),+];
                given.into_iter().filter(|(_, given)| *given).map(|(field, _)| entity::camel(field))
            }

            /// Validates the lines. Reports errors at paths below `root`.
            fn check_lines(&mut self, checks: &mut $crate::service::validate::Checks, root: &str) {
                $($($crate::service::patch::patches!(
                    @check $kind [$($value)?] self.$field, $field, checks, root
                );)?)+
            }

            /// Writes the fields that have a kind into a row and returns those that changed. Fails with an
            /// error at a path below `root` if the row cannot hold them.
            pub(in crate::service) fn write(
                &self,
                row: &mut $row,
                root: &str,
            ) -> Result<$crate::events::FieldChanges, $crate::service::UserError> {
                let mut changes = $crate::events::FieldChanges::default();
                $($($crate::service::patch::patches!(
                    @write $kind [$($value)?] self.$field, row.$field, $field, changes, root
                );)?)+
                Ok(changes)
            }
        }
    };
    (@check line [$max:expr] $patch:expr, $field:ident, $checks:ident, $root:ident) => {
        $patch = $checks.line(std::mem::take(&mut $patch), $max, &[$root, &entity::camel(stringify!($field))])
    };
    (@check checked [$max:expr] $($rest:tt)+) => {
        $crate::service::patch::patches!(@check line [$max] $($rest)+)
    };
    (@check $kind:ident [$($value:expr)?] $patch:expr, $field:ident, $checks:ident, $root:ident) => {};
    (@write or [$default:expr] $patch:expr, $place:expr, $field:ident, $changes:ident, $root:ident) => {
        let value = $patch.clone().over_required(&$place, $default);
        $changes.set(stringify!($field), &mut $place, value)
    };
    (@write tags [] $patch:expr, $place:expr, $field:ident, $changes:ident, $root:ident) => {
        let tags = $patch.clone().over_required(&$place.0, Vec::new());
        $changes.set(stringify!($field), &mut $place, entity::Tags(tags))
    };
    (@write custom [] $patch:expr, $place:expr, $field:ident, $changes:ident, $root:ident) => {
        let path = [$root, &entity::camel(stringify!($field))];
        let fields = $crate::service::custom_fields::merged(&$place, $patch.clone(), &path)?;
        $changes.set_custom_fields(&mut $place, fields)
    };
    (@write checked [$max:expr] $($rest:tt)+) => {};
    (@write line [$max:expr] $($rest:tt)+) => {
        $crate::service::patch::patches!(@write nullable [] $($rest)+)
    };
    (@write nullable [] $patch:expr, $place:expr, $field:ident, $changes:ident, $root:ident) => {
        let value = $patch.clone().over(&$place);
        $changes.set(stringify!($field), &mut $place, value)
    };
    (@told $name:ident $row:ident {
        $($(#[$meaning:meta])* $field:ident: $type:ty $(=> $kind:ident $(($value:expr))?)?,)+
    }) => {
        impl $name {
            /// Returns the fields in this input, with their names in the change log and their values in a
            /// row.
            pub fn recorded(&self, row: &$row) -> Vec<(std::borrow::Cow<'static, str>, serde_json::Value)> {
                let mut fields = Vec::new();
                $($crate::service::patch::patches!(
                    @recorded $($kind)? => self.$field, row.$field, $field, fields
                );)+
                fields
            }

            /// Removes a field from the input, so that the stored value remains.
            pub fn keep(&mut self, name: &str) {
                $($crate::service::patch::patches!(@keep $($kind)? => self.$field, $field, name);)+
            }
        }
    };
    (@recorded custom => $patch:expr, $value:expr, $field:ident, $fields:ident) => {
        $fields.extend($crate::service::customer::own_recorded(&$patch, &$value.0))
    };
    (@recorded $($kind:ident)? => $patch:expr, $value:expr, $field:ident, $fields:ident) => {
        if $patch.is_given() {
            let value = $crate::events::Recorded::recorded(&$value);
            $fields.push((entity::camel(stringify!($field)).into(), value));
        }
    };
    (@keep custom => $patch:expr, $field:ident, $name:ident) => {
        $crate::service::customer::keep_own(&mut $patch, $name)
    };
    (@keep $($kind:ident)? => $patch:expr, $field:ident, $name:ident) => {
        if entity::camel(stringify!($field)) == $name {
            $patch = $crate::service::Patch::Keep;
        }
    };
}

pub(in crate::service) use patches;

//! A field of an update: left alone, cleared, or set.

/// What an update says of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// It is cleared.
    Clear,
    /// It gets this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Says something of the field.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// The value that is set.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The same patch with another value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }

    /// The field as it is after the update.
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

    /// The field as it is after the update, where it always has a value.
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
    /// Nothing given leaves the field alone.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

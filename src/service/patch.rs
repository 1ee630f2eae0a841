//! Field of an update: unchanged, cleared or set.

/// Change of a field in an update.
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

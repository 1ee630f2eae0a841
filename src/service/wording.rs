//! What a message says about a value: one pattern for each kind of mistake.
//!
//! Each text is a predicate. The caller puts the name of the value before it: `` `subject` `` and `is required.`

/// A value is missing, empty or blank.
pub const REQUIRED: &str = "is required and must not be blank.";
/// The caller sees several workspaces and named none.
pub const WORKSPACE_REQUIRED: &str = "is required because you have access to more than one workspace.";
/// A text contains the character that PostgreSQL cannot store.
pub const NUL: &str = "must not contain a NUL character.";
/// An entry of a list is equal to an earlier one.
pub const REPEATED: &str = "repeats an earlier entry of the list.";
/// A time is not in the future.
pub const PAST: &str = "must be in the future.";

/// A text is too long. `unit` is `characters` or `bytes`.
pub fn too_long(length: usize, unit: &str, max: usize) -> String {
    format!("is {length} {unit} long. The maximum is {max}.")
}

/// A list has too many entries, or a text too many words.
pub fn too_many(count: usize, entries: &str, max: usize) -> String {
    format!("has {count} {entries}. The maximum is {max}.")
}

/// A number is outside of its bounds.
pub fn out_of_range(value: impl std::fmt::Display, max: impl std::fmt::Display) -> String {
    format!("is {value}. It must be between 0 and {max}.")
}

/// Two arguments exclude each other.
pub fn not_with(other: &str) -> String {
    format!("cannot be combined with `{other}`. Send only one of them.")
}

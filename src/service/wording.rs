//! Patterns of messages about values, one for each kind of mistake, and the plural of nouns.
//!
//! Each pattern is a predicate. The caller puts the name of the value before it: `` `subject` `` and `is required.`

/// A value is missing, empty or blank.
pub const REQUIRED: &str = "is required and must not be blank.";
/// The caller has access to several workspaces and selected none.
pub const WORKSPACE_REQUIRED: &str = "is required because you have access to more than one workspace.";
/// A text contains the character that PostgreSQL cannot store.
pub const NUL: &str = "must not contain a NUL character.";
/// An entry of a list is equal to an earlier one.
pub const REPEATED: &str = "repeats an earlier entry of the list.";
/// A time is not in the future.
pub const PAST: &str = "must be in the future.";

/// A text is not the name of a time zone.
pub const TIME_ZONE: &str = "is not the name of an IANA time zone, such as `Europe/Berlin`.";

/// The form of a noun, or of a noun and its verb, after a number: `one` after 1, `many` after every other number.
pub fn plural<'a, N: Copy + PartialEq + From<u8>>(count: N, one: &'a str, many: &'a str) -> &'a str {
    if count == N::from(1) { one } else { many }
}

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
    not_between(value, 0, max)
}

/// A number is outside of its bounds, the lower of which is not 0.
pub fn not_between(
    value: impl std::fmt::Display,
    min: impl std::fmt::Display,
    max: impl std::fmt::Display,
) -> String {
    format!("is {value}. It must be between {min} and {max}.")
}

/// Two arguments exclude each other.
pub fn not_with(other: &str) -> String {
    format!("cannot be combined with `{other}`. Send only one of them.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_takes_the_singular() {
        let text = |count: u64| format!("{count} {}", plural(count, "line", "lines"));
        assert_eq!([0, 1, 2].map(text), ["0 lines", "1 line", "2 lines"]);
    }
}

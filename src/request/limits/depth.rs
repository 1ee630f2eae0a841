//! The depth of nested fields. `{ a { b } }` has a depth of two; fragments add nothing.
//!
//! A second, fixed bound applies to fields and fragments together: the recursion depth of every walk over the document.

use super::{Excess, Limit};

/// The bound of async-graphql.
pub const LEVELS_MAX: u64 = 32;
/// The bound of this walk. It is higher, so that a document with too many selections is refused for those.
const FOLLOWED_MAX: u64 = 64;

/// The depth of a selection set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depth {
    /// The depth of nested fields.
    pub fields: u64,
    /// The depth of nested fields and fragments.
    pub levels: u64,
}

impl Depth {
    /// Adds a field with the depth of its selection set.
    pub fn field(&mut self, inner: Self) {
        self.fields = self.fields.max(inner.fields + 1);
        self.levels = self.levels.max(inner.levels + 1);
    }

    pub fn fragment(&mut self, inner: Self) {
        self.fields = self.fields.max(inner.fields);
        self.levels = self.levels.max(inner.levels + 1);
    }

    pub fn check(self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::Levels, self.levels, LEVELS_MAX)?;
        Excess::over(Limit::Depth, self.fields, max)
    }

    /// Refuses a depth that the walk does not follow. The selection set is `outer` levels deep in the document.
    pub fn follow(self, outer: u64) -> Result<(), Excess> {
        let levels = outer + self.levels;
        if levels <= FOLLOWED_MAX {
            return Ok(());
        }
        Excess::over(Limit::Levels, levels, LEVELS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    #[test]
    fn only_fields_add_to_the_depth() {
        let bounds = |depth| Bounds {
            depth,
            ..Bounds::default()
        };
        for document in [
            "{ toy { toy { n } } }",
            "{ ... { toy { ... { toy { ...f } } } } } fragment f on Toy { n }",
            "{ n } query B { toy { toy { n } } }",
        ] {
            let document = document.replacen('{', "query A {", 1);
            assert!(toy::measure(&document, bounds(3)).is_ok(), "{document}");
            assert_eq!(toy::excess(&document, bounds(2)), (Limit::Depth, Some(3), 2));
        }
    }

    #[test]
    fn a_document_that_is_too_deep_for_the_library_is_refused() {
        for levels in [32, 63, 64, 100] {
            let document = format!("{{ {} n {} }}", "toy { ".repeat(levels), "}".repeat(levels));
            let (limit, found, max) = toy::excess(&document, Bounds::default());
            assert_eq!((limit, max), (Limit::Levels, LEVELS_MAX), "{levels}: {found:?}");
        }
        assert!(
            toy::measure("{ toy {", Bounds::default()).is_ok(),
            "a syntax error is not an excess"
        );
    }

    #[test]
    fn the_order_of_definition_of_nested_fragments_does_not_matter() {
        let chain = |length: usize| {
            let fragments: String = (0..length)
                .map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1))
                .collect();
            format!("{{ ...f0 }} {fragments} fragment f{length} on Query {{ n }}")
        };
        assert!(toy::measure(&chain(28), Bounds::default()).is_ok());
        for length in [40, 1_800] {
            let (limit, _, max) = toy::excess(&chain(length), Bounds::default());
            assert_eq!((limit, max), (Limit::Levels, LEVELS_MAX));
        }
    }

    #[test]
    fn fragments_in_a_circle_are_refused_by_name() {
        let document = "{ n } fragment a on Query { toy { ...b } } fragment b on Toy { ... { ...b } }";
        let excess = toy::measure(document, Bounds::default()).unwrap_err();
        assert_eq!(excess.message(), "The fragment b spreads itself.");
        let circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_eq!(toy::excess(circle, Bounds::default()), (Limit::Circle, None, 0));
    }
}

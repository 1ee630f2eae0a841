//! The number of root fields of an operation, with fragments expanded. Each of them can be a list or a write.

use super::{Excess, Limit};

/// The fields of a selection set, without nested ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct RootFields(u64);

impl RootFields {
    pub fn field(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    pub fn fragment(&mut self, inner: Self) {
        self.0 = self.0.saturating_add(inner.0);
    }

    pub fn check(self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::RootFields, self.0, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    #[test]
    fn only_fields_at_the_root_are_counted() {
        let bounds = Bounds {
            root_fields: 3,
            ..Bounds::default()
        };
        for document in [
            "{ a: n b: n c: n }",
            "{ toy { n m toy { n } parts { n m } } }",
            "query A { a: n b: n } query B { a: n b: n }",
        ] {
            assert!(toy::measure(document, bounds).is_ok(), "{document}");
        }
        for document in [
            "{ a: n b: n c: n d: n }",
            "{ a: n ...f ...f b: n } fragment f on Query { n }",
            "query A { n } mutation B { a: make { n } b: make { n } c: make { n } d: make { n } }",
        ] {
            assert_eq!(toy::excess(document, bounds), (Limit::RootFields, Some(4), 3));
        }
    }
}

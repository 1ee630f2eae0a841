//! The number of directives in the text of a document. Validation checks each of them, repeated and unknown ones too.

use super::{Excess, Limit};

/// The directives of a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Directives(u64);

impl Directives {
    /// Adds the directives of one node.
    pub fn add(&mut self, directives: usize) {
        let more = u64::try_from(directives).unwrap_or(u64::MAX);
        self.0 = self.0.saturating_add(more);
    }

    pub fn check(self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::Directives, self.0, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    #[test]
    fn directives_are_counted_in_every_position() {
        let document =
            "query($v: Int @a) @b { n @c @c ... @d { n } ...f @e } fragment f on Query @f { n @g }";
        let bounds = |directives| Bounds {
            directives,
            ..Bounds::default()
        };
        assert!(toy::measure(document, bounds(8)).is_ok());
        assert_eq!(toy::excess(document, bounds(7)), (Limit::Directives, Some(8), 7));
    }
}

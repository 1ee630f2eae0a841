//! The number of selections of a document: fields, inline fragments and spreads, with fragments expanded.
//!
//! A kilobyte of fragments that each spread the next one twice selects more than a server can process. Validation reads
//! the whole document, so operations that do not run and fragments that are not spread count too.

use super::{Excess, Limit};

/// The selections of a set. The sums saturate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selections(pub u64);

impl Selections {
    /// Adds a selection with its nested selections.
    pub fn add(&mut self, inner: Self) {
        self.0 = self.0.saturating_add(1).saturating_add(inner.0);
    }

    /// Adds the selections of another part of the document.
    pub fn join(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    pub fn check(self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::Selections, self.0, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    fn bomb(doublings: usize) -> String {
        let fragments: String = (0..doublings)
            .map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1))
            .collect();
        format!("{fragments} fragment f{doublings} on Query {{ n }}")
    }

    #[test]
    fn fragments_count_at_every_spread() {
        let bounds = |selections| Bounds {
            selections,
            ..Bounds::default()
        };
        // f2 has 1 selection, f1 has 4, f0 has 10, and the operation has 11.
        let document = format!("{{ ...f0 }} {}", bomb(2));
        assert!(toy::measure(&document, bounds(26)).is_ok());
        assert_eq!(
            toy::excess(&document, bounds(25)),
            (Limit::Selections, Some(26), 25)
        );
        let inline = "{ ... { n ... on Query { n } } }";
        assert!(toy::measure(inline, bounds(4)).is_ok());
        assert_eq!(toy::excess(inline, bounds(3)), (Limit::Selections, Some(4), 3));
    }

    #[test]
    fn exponential_fragments_are_refused_spread_or_not() {
        for query in ["{ ...f0 }", "{ n }"] {
            let (limit, found, _) = toy::excess(&format!("{query} {}", bomb(60)), Bounds::default());
            assert_eq!(limit, Limit::Selections);
            assert!(found > Some(1 << 60), "{found:?}");
        }
    }
}

//! Sets of columns.

/// Set of columns of a row, by index in [`Fields::FIELDS`](crate::Fields::FIELDS). Every set contains the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns(u64);

impl Columns {
    /// Checks the fields of a row at compile time.
    ///
    /// # Panics
    ///
    /// If there are too many fields for the bits of a set, or if the first field is not the id.
    pub const fn check(fields: &[&str]) {
        assert!(fields.len() < u64::BITS as usize, "each field needs a bit");
        assert!(is_same(fields[0].as_bytes(), b"id"), "the first field is the id");
    }

    /// All columns.
    pub const ALL: Self = Self(u64::MAX);
    /// Only the id, which is the first column of every row.
    pub const ID: Self = Self(1);

    /// The id and the columns with these names. A `const fn`, so that the set can be computed at compile time. It
    /// therefore uses no iterators.
    pub const fn named(fields: &[&str], names: &[&str]) -> Self {
        let (mut all, mut place) = (Self::ID.0, 0);
        while place < fields.len() {
            let mut name = 0;
            while name < names.len() {
                if is_same(fields[place].as_bytes(), names[name].as_bytes()) {
                    all |= 1 << place;
                }
                name += 1;
            }
            place += 1;
        }
        Self(all)
    }

    /// Union of both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Number of the first `fields` columns that are in the set.
    pub fn count(self, fields: usize) -> usize {
        (0..fields).filter(|place| self.has(*place)).count()
    }

    /// Whether the column at an index is in the set.
    pub fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let fields = ["id", "name", "email"];
        let some = Columns::named(&fields, &["email", "nowhere"]);
        assert_eq!([0, 1, 2].map(|place| some.has(place)), [true, false, true]);
        assert_eq!(some.and(Columns::named(&fields, &["name"])).count(3), 3);
        assert_eq!(Columns::named(&fields, &[]), Columns::ID);
        assert!((0..64).all(|place| Columns::ALL.has(place)));
    }
}

//! Values of each field of a record as a source last reported them, so that an import does not overwrite
//! local edits.
//!
//! It stores digests instead of values: 12 bytes for each field, in the row of the reference. If the stored
//! value of a field equals the last reported one, the field follows the source. Any other value is a local
//! edit and remains.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::store::edits::Edits;

/// Maximum number of fields of one record. If a source reports more, only the fields of its last report are
/// kept.
const FIELDS_MAX: usize = 2_000;
const TAG: usize = 4;
const DIGEST: usize = 8;

/// Field that the source reports: its stored value, and the value that it would have after the import.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: Cow<'static, str>,
    pub here: Value,
    pub told: Value,
}

impl Field {
    pub(super) fn new(name: &'static str, here: Value, told: Value) -> Self {
        Self {
            name: Cow::Borrowed(name),
            here,
            told,
        }
    }
}

/// Last reported values of the fields of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory(BTreeMap<[u8; TAG], [u8; DIGEST]>);

impl Memory {
    /// Decodes the stored form.
    pub(super) fn read(kept: Option<&[u8]>) -> Self {
        let entries = kept.unwrap_or_default().chunks_exact(TAG + DIGEST);
        Self(
            entries
                .filter_map(|entry| {
                    let (tag, digest) = entry.split_at(TAG);
                    Some((tag.try_into().ok()?, digest.try_into().ok()?))
                })
                .collect(),
        )
    }

    /// Encodes the stored form.
    pub(super) fn kept(&self) -> Option<Vec<u8>> {
        let bytes: Vec<u8> = self
            .0
            .iter()
            .flat_map(|(tag, digest)| tag.iter().chain(digest))
            .copied()
            .collect();
        (!bytes.is_empty()).then_some(bytes)
    }

    /// Whether the source has reported a field before.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.0.contains_key(&tag(name))
    }

    /// Whether a value equals the last reported one.
    pub(super) fn is(&self, name: &str, value: &Value) -> bool {
        self.0.get(&tag(name)) == Some(&digest(value))
    }

    /// Records the reported values. Returns whether any of them is new.
    pub(super) fn note(&mut self, fields: &[Field]) -> bool {
        let told: Vec<_> = fields
            .iter()
            .map(|field| (tag(&field.name), digest(&field.told)))
            .collect();
        let mut is_new = false;
        for (tag, digest) in &told {
            is_new |= self.0.insert(*tag, *digest) != Some(*digest);
        }
        if self.0.len() > FIELDS_MAX {
            self.0 = told.into_iter().collect();
        }
        is_new
    }

    /// Returns the fields whose stored values remain because they are local edits: they were changed since
    /// the source last reported them. For a field that the source reports for the first time, `edits` of the
    /// object at this version decide.
    pub(super) fn standing(&self, fields: &[Field], edits: &Edits, version: i32) -> Vec<String> {
        let stands = |field: &&Field| {
            field.here != field.told
                && if self.knows(&field.name) {
                    !self.is(&field.name, &field.here)
                } else {
                    edits.changed(version, &field.name)
                }
        };
        fields
            .iter()
            .filter(stands)
            .map(|field| field.name.to_string())
            .collect()
    }
}

fn tag(name: &str) -> [u8; TAG] {
    first(&Sha256::digest(name))
}

fn digest(value: &Value) -> [u8; DIGEST] {
    let mut hash = Sha256::new();
    feed(&mut hash, value);
    first(&hash.finalize())
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut first = [0; N];
    first.copy_from_slice(&bytes[..N]);
    first
}

/// Feeds a value into the hash in a canonical form, because databases store the keys of objects in different
/// orders.
fn feed(hash: &mut Sha256, value: &Value) {
    let mut part = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Null => part(0, &[]),
        Value::Bool(flag) => part(1, &[u8::from(*flag)]),
        Value::Number(number) => part(2, number.to_string().as_bytes()),
        Value::String(text) => part(3, text.as_bytes()),
        Value::Array(list) => {
            part(4, &list.len().to_be_bytes());
            for inner in list {
                feed(hash, inner);
            }
        }
        Value::Object(fields) => {
            part(5, &fields.len().to_be_bytes());
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            for (key, inner) in sorted {
                feed(hash, &Value::from(key.as_str()));
                feed(hash, inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &'static str, here: &str, told: &str) -> Field {
        Field::new(name, here.into(), told.into())
    }

    #[test]
    fn locally_changed_fields_are_not_overwritten() {
        let mut memory = Memory::default();
        assert!(memory.note(&[field("name", "", "Ann"), field("company", "", "Acme")]));
        let memory = Memory::read(memory.kept().as_deref());
        let told = [
            field("name", "Ann B.", "Ann"),
            field("company", "Acme", "Acme Inc"),
        ];
        assert_eq!(memory.standing(&told, &Edits::default(), 1), ["name"]);
        let told = [field("name", "Ann B.", "Anna"), field("company", "Acme", "Acme")];
        assert_eq!(memory.standing(&told, &Edits::default(), 1), ["name"]);
        assert!(
            memory
                .standing(&[field("name", "Ann B.", "Ann B.")], &Edits::default(), 1)
                .is_empty()
        );
    }

    #[test]
    fn repeated_values_are_not_recorded_again() {
        let mut memory = Memory::default();
        assert!(memory.note(&[field("name", "", "Ann")]));
        assert!(!memory.note(&[field("name", "x", "Ann")]));
        assert!(memory.note(&[field("name", "x", "Anna")]));
        assert_eq!(memory.kept().map(|bytes| bytes.len()), Some(TAG + DIGEST));
        assert_eq!(Memory::default().kept(), None);
    }

    #[test]
    fn the_number_of_recorded_fields_is_bounded() {
        let mut memory = Memory::default();
        for round in 0..10_u32 {
            let fields: Vec<Field> = (0..500)
                .map(|n| Field {
                    name: format!("customFields.{round}.{n}").into(),
                    here: Value::Null,
                    told: json!(n),
                })
                .collect();
            memory.note(&fields);
        }
        assert!(memory.0.len() <= FIELDS_MAX);
        assert!(memory.is("customFields.9.7", &json!(7)));
    }

    #[test]
    fn key_order_does_not_change_a_value() {
        assert_eq!(
            digest(&json!({ "a": 1, "b": [2] })),
            digest(&json!({ "b": [2], "a": 1 }))
        );
        for (one, other) in [
            (json!(1), json!("1")),
            (json!(["ab"]), json!(["a", "b"])),
            (json!(null), json!("")),
        ] {
            assert_ne!(digest(&one), digest(&other));
        }
    }
}

//! Groups faults by field and reason, so that a report has one line per kind of fault and not one per value.

use std::{collections::BTreeMap, fmt};

use super::Fault;
use crate::service::wording::plural;

/// Maximum number of kinds that are reported. Faults of further kinds are only counted.
const KINDS_MAX: usize = 200;
/// Maximum length of a reported field name in characters.
const NAME_MAX: usize = 200;

/// Faults and omitted values, grouped by field and reason.
#[derive(Clone, Debug, Default)]
pub struct FaultGroups {
    kinds: BTreeMap<(String, String), Kind>,
    others: u64,
}

/// The first fault of a kind, and the number of faults.
#[derive(Clone, Debug)]
struct Kind {
    example: Fault,
    count: u64,
}

impl FaultGroups {
    pub fn note(&mut self, fault: &Fault) {
        let key = (alike(&fault.field), alike(&fault.reason));
        if let Some(kind) = self.kinds.get_mut(&key) {
            kind.count += 1;
        } else if self.kinds.len() < KINDS_MAX {
            let example = fault.clone();
            self.kinds.insert(key, Kind { example, count: 1 });
        } else {
            self.others += 1;
        }
    }

    /// The first fault of each kind.
    pub fn examples(&mut self) -> impl Iterator<Item = &mut Fault> {
        self.kinds.values_mut().map(|kind| &mut kind.example)
    }

    /// Writes one line per kind, in the order of the file.
    pub fn write(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<_> = self.kinds.values().collect();
        kinds.sort_by_key(|kind| kind.example.line);
        for Kind { example, count } in kinds {
            let field = if example.field.is_empty() {
                "line"
            } else {
                &example.field
            };
            write!(f, "{name}:{}: {field}: {}", example.line, example.reason)?;
            match count {
                1 => writeln!(f)?,
                count => writeln!(f, " ({count} occurrences)")?,
            }
        }
        match self.others {
            0 => Ok(()),
            others => {
                let problems = plural(others, "problem", "problems");
                writeln!(f, "{name}: … and {others} other {problems}.")
            }
        }
    }
}

/// Removes the parts of a text that differ between faults of one kind: quoted values and numbers.
fn alike(text: &str) -> String {
    let mut alike = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(one) = letters.next() {
        match one {
            '"' => {
                while let Some(inside) = letters.next()
                    && inside != '"'
                {
                    if inside == '\\' {
                        letters.next();
                    }
                }
                alike.push('"');
            }
            '0'..='9' => {
                if !alike.ends_with('#') {
                    alike.push('#');
                }
            }
            other => alike.push(other),
        }
    }
    alike
}

/// Bounds an external name and replaces its control characters, so that it is safe to print in a terminal.
pub fn plain(name: &str) -> String {
    name.chars()
        .take(NAME_MAX)
        .map(|one| if one.is_control() { '\u{fffd}' } else { one })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn values_and_numbers_do_not_change_the_kind() {
        assert_eq!(alike(r#"is "a \" b" at 12"#), r#"is " at #"#);
        assert_eq!(alike("emails.17.email"), alike("emails.3.email"));
        assert_ne!(
            alike("The value is missing."),
            alike("The value is not a string.")
        );
    }
}

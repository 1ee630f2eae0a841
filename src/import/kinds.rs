//! Faults by field and reason, so that a report has a line for each kind of them and not for each value.

use std::{collections::BTreeMap, fmt};

use super::Fault;

/// Kinds that are told; the others are counted.
const KINDS_MAX: usize = 200;
/// Longest name of a field that is told, in characters.
const NAME_MAX: usize = 200;

/// Faults, and values that were left out, by field and reason.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    kinds: BTreeMap<(String, String), Kind>,
    others: u64,
}

/// The first fault of a kind, and how many there are.
#[derive(Clone, Debug)]
struct Kind {
    example: Fault,
    count: u64,
}

impl Kinds {
    /// Notes one more.
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

    /// One line for each kind, in the order of the file.
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
            others => writeln!(f, "{name}: … and {others} other problems."),
        }
    }
}

/// A text without what differs between faults of one kind: values in quotes, and numbers.
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

/// A name that comes from outside, in a form that a terminal takes for text.
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
    fn values_and_numbers_make_no_other_kind() {
        assert_eq!(alike(r#"is "a \" b" at 12"#), r#"is " at #"#);
        assert_eq!(alike("emails.17.email"), alike("emails.3.email"));
        assert_ne!(
            alike("The value is missing."),
            alike("The value is not a string.")
        );
    }
}

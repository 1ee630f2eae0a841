//! What became of every line.

use std::{collections::BTreeMap, fmt};

use crate::service::import::Outcome;

/// Faults that are kept in full for each file; the others are counted.
const FAULTS_KEPT: usize = 1_000;

/// A line that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: u64,
    /// The field; empty when it is the whole line.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// What became of the lines of one file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// The file's name.
    pub name: String,
    /// Lines that made something.
    pub created: u64,
    /// Lines that changed something.
    pub updated: u64,
    /// Lines that changed nothing.
    pub unchanged: u64,
    /// Lines that could not be used.
    pub failed: u64,
    /// Why: the first of them.
    pub faults: Vec<Fault>,
    /// Fields that have no place here, and on how many lines they stood.
    pub unknown_fields: BTreeMap<String, u64>,
}

impl FileReport {
    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.failed
    }

    /// Notes what became of a line.
    pub fn note(&mut self, line: u64, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Failed(errors) => {
                let faults = errors.into_iter().map(|error| {
                    let field: Vec<_> = error.path.into_iter().filter(|part| !part.is_empty()).collect();
                    (field.join("."), error.message)
                });
                self.fail(line, faults);
            }
        }
    }

    /// Notes a line that could not be used.
    pub fn fail(&mut self, line: u64, faults: impl IntoIterator<Item = (String, String)>) {
        self.failed += 1;
        for (field, reason) in faults {
            if self.faults.len() < FAULTS_KEPT {
                self.faults.push(Fault { line, field, reason });
            }
        }
    }
}

/// What became of the lines of all files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// File by file.
    pub files: Vec<FileReport>,
}

impl Report {
    /// How many lines could not be used.
    pub fn failed(&self) -> u64 {
        self.files.iter().map(|file| file.failed).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            for fault in &file.faults {
                let field = if fault.field.is_empty() {
                    "line"
                } else {
                    &fault.field
                };
                writeln!(f, "{}:{}: {field}: {}", file.name, fault.line, fault.reason)?;
            }
            let told = file
                .faults
                .iter()
                .map(|fault| fault.line)
                .collect::<std::collections::BTreeSet<_>>()
                .len();
            if file.failed > told as u64 {
                writeln!(
                    f,
                    "{}: … and {} more lines that failed",
                    file.name,
                    file.failed - told as u64
                )?;
            }
        }
        for file in &self.files {
            writeln!(
                f,
                "{:<18} {:>8} lines: {} created, {} updated, {} unchanged, {} failed",
                file.name,
                file.lines(),
                file.created,
                file.updated,
                file.unchanged,
                file.failed
            )?;
            for (field, count) in &file.unknown_fields {
                writeln!(
                    f,
                    "{:<18} {count:>8} lines: the field {field} has no place here and was left out",
                    ""
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_file_line_field_and_reason() {
        let mut file = FileReport {
            name: "tickets.ndjson".to_owned(),
            ..FileReport::default()
        };
        file.note(1, Outcome::Created);
        file.fail(17, [("subject".to_owned(), "is missing".to_owned())]);
        let text = Report { files: vec![file] }.to_string();
        assert!(text.starts_with("tickets.ndjson:17: subject: is missing\n"));
        assert!(text.contains("2 lines: 1 created, 0 updated, 0 unchanged, 1 failed"));
    }
}
